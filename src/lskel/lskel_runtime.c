// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which run-time part a header has. The parts themselves are runtime.h and runtime_0_2.h, as text
 * in form_pieces[].
 */
#include "lskel/lskel_form.h"

void form_runtime(struct form *form)
{
	unsigned int revision = form->load->revision;

	for (size_t i = 0; i < form_pieces_nr; i++) {
		if (revision >= form_pieces[i].since && revision <= form_pieces[i].until)
			form_put(form, form_pieces[i].text, "");
	}
}
