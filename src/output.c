// SPDX-License-Identifier: BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "scheme.h"

static bool ends_with(const char *name, const char *suffix)
{
	size_t size = strlen(name), length = strlen(suffix);

	return size > length && !strcmp(name + size - length, suffix);
}

enum output_format output_format(const struct input *input, const char *name,
				 enum output_format format)
{
	if (format != OUTPUT_AUTO)
		return format;
	if (name && ends_with(name, OUTPUT_IMAGE_SUFFIX))
		return OUTPUT_IMAGE;
	return input->kind == INPUT_IMAGE ? OUTPUT_IMAGE : OUTPUT_HEADER;
}

char *output_name(const struct input *input, const char *file, enum output_format format)
{
	static const char *const suffixes[] = {".bpf.o", ".o", ".lskel.h", ".h"};
	const bool to_image = output_format(input, NULL, format) == OUTPUT_IMAGE;
	size_t size = strlen(file);
	char *output;

	if (input->kind == (to_image ? INPUT_IMAGE : INPUT_LSKEL) || input->kind == INPUT_RAW)
		return strdup(file);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (ends_with(file, suffixes[i])) {
			size -= strlen(suffixes[i]);
			break;
		}
	}
	return asprintf(&output, "%.*s%s", (int)size, file,
			to_image ? OUTPUT_IMAGE_SUFFIX : ".lskel.h") < 0
		       ? NULL
		       : output;
}

/* The text of LSKEL, after a check that it parses to LSKEL. */
static int write_checked(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
			 struct err *err)
{
	_buf_ struct buf text = {0};
	int rc;

	rc = lskel_write(lskel, runtime, &text, err);
	if (!rc)
		rc = lskel_check(buf_view(&text), lskel, runtime, err);
	if (!rc)
		*ret = buf_take(&text);
	return rc;
}

int output_skeleton(struct input *input, enum lskel_runtime runtime, struct buf *ret,
		    struct err *err)
{
	int rc = 0;

	input->skel.sealed = input->lskel.sealed = loader_is_sealed(&input->loader);
	if (input->kind == INPUT_OBJECT) {
		rc = lskel_new(&input->skel, runtime, &input->image, &input->lskel, err);
		input->kind = rc ? INPUT_OBJECT : INPUT_LSKEL;
	}
	/* Like refuse_loss(): of an unknown loader, nobody could compare the names. */
	input->lskel.in_image = input->loader.known;
	input->lskel.big = input->loader.big;
	return rc ? rc : write_checked(&input->lskel, runtime, ret, err);
}

/* What of a header may be left out of an image. */
static int refuse_loss(const struct input *input, struct err *err)
{
	if (input->kind == INPUT_RAW)
		return err_set(err, -ENOTSUP, "raw input has no names for a signed image");
	if (input->kind == INPUT_LSKEL && !input->lskel.skel.name)
		return err_set(err, -ENOTSUP,
			       "the names in the header cannot be read: pass the object");
	if (input->kind != INPUT_IMAGE && !input->loader.known)
		return err_set(err, -ENOTSUP,
			       "a signed image needs a loader that is recognized: %s",
			       input->loader.why);
	if (input->has_unknown)
		return err_set(err, -ENOTSUP,
			       "the image has records that would be lost: use a newer "
			       "bpf-chainsign");
	return 0;
}

int output_image(struct input *input, struct buf *ret, struct err *err)
{
	const bool big = input->kind == INPUT_IMAGE ? input->big : input->loader.big;
	int rc = refuse_loss(input, err);

	return rc ?: image_file_write(input_image(input), input_skel(input), big, ret, NULL, err);
}

int output_unsigned(struct input *input, struct buf *ret, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc;

	if (input->kind != INPUT_LSKEL && input->kind != INPUT_IMAGE)
		return err_set(err, -EINVAL,
			       "only a light skeleton or a signed image can be stripped of its "
			       "signatures");
	if (input_is_signed(input)) {
		image_unsign(input_image(input));
		rc = input->kind == INPUT_IMAGE
			     ? output_image(input, &text, err)
			     : write_checked(&input->lskel, LSKEL_RUNTIME_LIBBPF, &text, err);
	} else {
		buf_add_view(&text, buf_view(&input->content));
		rc = buf_done(&text, err);
	}
	if (!rc)
		*ret = buf_take(&text);
	return rc;
}

char *output_signature_name(const char *output, enum scheme scheme)
{
	char *name;

	return asprintf(&name, "%s.%s.p7s", output, scheme_name(scheme)) < 0 ? NULL : name;
}

int output_signatures(const struct image *image, const char *output,
		      struct sign_signature *signatures, size_t nr, struct stage *stage,
		      struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		enum scheme scheme = signatures[i].scheme;
		char *name = output_signature_name(output, scheme);
		int rc;

		if (!name)
			return err_nomem(err);
		free(signatures[i].file);
		signatures[i].file = name;
		rc = stage_add(stage, name, buf_view(&image->sig[scheme]), err);
		if (!rc)
			rc = output_may_replace(name, err);
		if (rc)
			return rc;
	}
	return 0;
}
