/* SPDX-License-Identifier: BSD-2-Clause */
/* loader_sample.h - loaders made from tests/data/NAME.bpf.c by clang and the installed libbpf. */
#ifndef LOADER_SAMPLE_H
#define LOADER_SAMPLE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "object/object.h"
#include "unit.h"

/* Every object that a loader can be made of. */
static const char *const samples[] = {"tiny", "typed",	  "typical", "attach",	  "externs",
				      "maps", "optional", "pinned",  "only_maps", "relocated"};

/* Whether there is a clang that knows BPF; asked once. */
static inline bool sample_clang(void)
{
	static int status = -1;

	if (status < 0)
		status = system(
			"echo 'int x;' | clang -target bpf -x c -c -o /dev/null - 2>/dev/null");
	return !status;
}

#define NEED_CLANG()         \
	if (!sample_clang()) \
	SKIP("no clang for BPF")

/* Compile SOURCE into RET. */
static inline int sample_object(const char *source, struct buf *ret, struct err *err)
{
	char object[] = "/tmp/loader_sample.XXXXXX", command[512];
	int fd = mkstemp(object), rc;

	snprintf(command, sizeof(command),
		 "clang -O2 -g -target bpf -I/usr/include/$(cc -print-multiarch) -c %s -o %s",
		 source, object);
	rc = fd < 0 || system(command) ? err_set(err, -EIO, "clang failed")
				       : file_read(object, FILE_SIZE_MAX, ret, err);
	close(fd);
	unlink(object);
	return rc;
}

/*
 * Build the loader of SOURCE, which is compiled unless it was the last one, with NAME as the
 * object's; its skeleton to *ret_skel. Failure ends the program.
 */
static inline struct image sample_build(const char *source, const char *name, struct skel *ret_skel)
{
	static char last[128];
	static struct buf elf;
	_buf_ struct buf copy = {0};
	struct image image = {0};
	struct err err = {0};
	int rc = 0;

	if (strcmp(last, source)) {
		buf_free(&elf);
		snprintf(last, sizeof(last), "%s", source);
		rc = sample_object(source, &elf, &err);
	}
	buf_add_view(&copy, buf_view(&elf));
	if (rc || object_build(&copy, name, NULL, &image, ret_skel, &err)) {
		printf("Bail out! %s: %s\n", name, err.text);
		exit(1);
	}
	return image;
}

/* The loader alone. */
static inline struct image sample_compile(const char *source, const char *name)
{
	_skel_ struct skel skel = {0};

	return sample_build(source, name, &skel);
}

/* The same for tests/data/NAME.bpf.c. */
static inline struct image sample_image(const char *name)
{
	char source[128];

	snprintf(source, sizeof(source), "tests/data/%s.bpf.c", name);
	return sample_compile(source, name);
}

/* The same for tests/data/many.bpf.c with PROGS programs; its skeleton to *ret_skel. */
static inline struct image sample_build_many(unsigned int progs, struct skel *ret_skel)
{
	char source[] = "/tmp/loader_many.XXXXXX.c";
	_cleanup_(freep) char *top = getcwd(NULL, 0);
	_buf_ struct buf text = {0};
	struct image image = {0};
	struct err err = {0};

	buf_printf(&text, "#define PROGS %u\n#include \"%s/tests/data/many.bpf.c\"\n", progs, top);
	close(mkstemps(source, 2));
	if (file_replace(source, buf_view(&text), &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	image = sample_build(source, "many", ret_skel);
	unlink(source);
	return image;
}

static inline struct image sample_many(unsigned int progs)
{
	_skel_ struct skel skel = {0};

	return sample_build_many(progs, &skel);
}

#endif /* LOADER_SAMPLE_H */
