// SPDX-License-Identifier: BSD-2-Clause
/*
 * seed.c - cut seeds for the fuzz targets out of BPF objects and headers.
 *
 *	seed FOLDER FILE...
 *
 * For each FILE, FOLDER/loader gets its loader as it is and in each sealed form, FOLDER/btf the
 * loader's BTF, and FOLDER/wire what the process that reads an object answers. FOLDER/lskel gets
 * small headers of each shape.
 */
#include <stdio.h>
#include <string.h>

#include "../sealed.h"
#include "../unit/lskel_sample.h"
#include "base/file.h"
#include "fuzz.h"
#include "input.h"
#include "loader/loader.h"
#include "object/object_wire.h"

static int write_seed(const char *folder, const char *kind, const char *name, int number,
		      struct view bytes)
{
	struct err err = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s-%d", folder, kind, name, number);
	if (!file_replace(path, bytes, &err))
		return 0;
	fprintf(stderr, "%s: %s\n", path, err.text);
	return 1;
}

static int write_image(const char *folder, const char *name, int number, const struct image *image)
{
	_buf_ struct buf file = {0};

	fuzz_image_file(image, &file);
	return file.failed || write_seed(folder, "loader", name, number, buf_view(&file));
}

static int cut(const char *folder, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	_loader_ struct loader loader = {0};
	_input_ struct input input = {0};
	_buf_ struct buf wire = {0};
	struct err err = {0};
	struct image *image;
	int bad;

	if (input_file(file, NULL, NULL, NULL, &input, &err) ||
	    read_known(image = input_image(&input), &loader, &err)) {
		fprintf(stderr, "%s: %s\n", file, err.text);
		return 1;
	}
	fuzz_wire_file(image, &input.skel, &wire);
	bad = input.kind == INPUT_OBJECT &&
	      (wire.failed || write_seed(folder, "wire", name, 0, buf_view(&wire)));
	bad |= write_seed(folder, "btf", name, 0, loader.btf);
	bad |= write_image(folder, name, 0, image);
	for (enum loader_form form = LOADER_FORM_PLAIN; form <= LOADER_FORM_HASH; form++) {
		_image_ struct image sealed = {0};

		bad |= sealed_copy(image, form, &sealed, &err) ||
		       write_image(folder, name, 1 + (int)form, &sealed);
	}
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: seed FOLDER FILE...\n");
		return 2;
	}
	bad |= write_seed(argv[1], "lskel", "sample", 1, view_str(sample_s1));
	bad |= write_seed(argv[1], "lskel", "sample", 2, view_str(sample_s2));
	bad |= write_seed(argv[1], "lskel", "sample", 3, view_str(sample_s3));
	for (int i = 2; i < argc && !bad; i++)
		bad |= cut(argv[1], argv[i]);
	return bad;
}
