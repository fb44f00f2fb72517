// SPDX-License-Identifier: BSD-2-Clause
/*
 * A header as another generator would have worded it: restyle HEADER [STYLE], the number of one in
 * src/lskel/lskel_form_style.c, with arrays; without one, as it was. "literals" behind it gives S1,
 * "0.1.0" and "0.2.0" the run-time part of that release.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "header.h"
#include "lskel/lskel.h"

int main(int argc, char **argv)
{
	_buf_ struct buf file = {0}, text = {0};
	_lskel_ struct lskel lskel = {0};
	_loader_ struct loader loader = {0};
	struct err err = {0};
	int rc = -1;

	if (argc >= 2)
		rc = file_read(argv[1], FILE_SIZE_MAX, &file, &err);
	if (!rc)
		rc = lskel_parse(buf_view(&file), &lskel, &err);
	if (!rc)
		rc = loader_read(&lskel.image, &loader, &err);
	if (!rc)
		header_check(&lskel, &loader);
	if (!rc && lskel.text != LSKEL_TEXT_RENDERED) {
		err = lskel.text_why;
		rc = err.code;
	}
	if (!rc && argc > 2)
		lskel.style = (unsigned int)strtoul(argv[2], NULL, 0);
	if (argc > 2)
		lskel.in_image = false;
	if (!rc && argc > 3)
		lskel.in_literals = !strcmp(argv[3], "literals");
	if (!rc && argc > 3 && !strncmp(argv[3], "0.", 2))
		lskel.revision = !strcmp(argv[3], "0.2.0");
	if (!rc)
		rc = lskel_render(&lskel, &text, &err);
	if (!rc && fwrite(text.data, 1, text.size, stdout) == text.size)
		return 0;
	fprintf(stderr, "restyle: line %u: %s\n", err.line, err.text);
	return 1;
}
