// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which run-time part a header has. The parts themselves are runtime*.h, as text in form_pieces[].
 */
#include "lskel/lskel_form.h"

void form_runtime(struct form *form)
{
	unsigned int revision = form->load->revision;

	for (size_t i = 0; i < form_pieces_nr; i++) {
		const struct form_piece *piece = &form_pieces[i];

		if (piece->part != FORM_PART_ALL || revision < piece->since ||
		    revision > piece->until)
			continue;
		if (revision == FORM_REVISION)
			form_put_verbatim(form, piece->text);
		else
			form_put(form, piece->text, "");
	}
}

/* The parts that the skeleton's functions call: bit 1u << enum form_part. */
static unsigned int needed(const struct skel *skel)
{
	const unsigned int pins = skel_has_pins(skel) ? 1u << FORM_PART_PIN : 0;

	return pins | skel->pieces << FORM_PART_PERF;
}

void form_parts(struct form *form)
{
	struct skel *skel = form->skel;

	if (form->out)
		form->parts = needed(skel);
	for (size_t i = 0; i < form_pieces_nr; i++) {
		const struct form_piece *piece = &form_pieces[i];

		if (piece->part == FORM_PART_ALL)
			continue;
		if (form_sees_directive(form, piece->text))
			form->parts |= 1u << piece->part;
		if (form->parts & 1u << piece->part)
			form_put_verbatim(form, piece->text);
	}
	/* Programs that are attached by hand need some, too. */
	if (form_reads(form))
		skel->pieces = form->parts >> FORM_PART_PERF;
}

void form_parts_check(struct form *form)
{
	if (form_reads(form) && form->parts != needed(form->skel))
		form_differs(form, "the parts of the run-time part that are needed");
}
