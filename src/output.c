// SPDX-License-Identifier: BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "scheme.h"

char *output_name(const struct input *input, const char *file)
{
	static const char *const suffixes[] = {".bpf.o", ".o"};
	size_t size = strlen(file);
	char *output;

	if (input->kind != INPUT_OBJECT)
		return strdup(file);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (size > suffix && !strcmp(file + size - suffix, suffixes[i])) {
			size -= suffix;
			break;
		}
	}
	return asprintf(&output, "%.*s.lskel.h", (int)size, file) < 0 ? NULL : output;
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
	if (input->kind == INPUT_OBJECT)
		rc = lskel_new(&input->skel, runtime, &input->image, &input->lskel, err);
	return rc ? rc : write_checked(&input->lskel, runtime, ret, err);
}

int output_unsigned(struct input *input, struct buf *ret, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc;

	if (input->kind != INPUT_LSKEL)
		return err_set(err, -EINVAL,
			       "only a light skeleton can be stripped of its signatures");
	if (input->lskel.is_signed) {
		image_unsign(&input->lskel.image);
		rc = write_checked(&input->lskel, LSKEL_RUNTIME_EMBEDDED, &text, err);
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
		if (rc)
			return rc;
	}
	return 0;
}
