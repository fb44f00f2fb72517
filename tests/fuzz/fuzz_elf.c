// SPDX-License-Identifier: BSD-2-Clause
/*
 * What object.c and object_section.c themselves read of an ELF file; libbpf is kept out by a
 * function of its name.
 */
#include <bpf/libbpf.h>
#include <errno.h>

#include "fuzz.h"
#include "object/object_build.h"
#include "object/object_section.h"

/* Instead of libbpf's. */
struct bpf_object *bpf_object__open_mem(const void *data _unused_, size_t size _unused_,
					const struct bpf_object_open_opts *opts _unused_)
{
	errno = ECANCELED;
	return NULL;
}

/*
 * Any file is renamed, or refused in words. So is the result, which need not be well-formed: the
 * table of sections may lie within what is renamed.
 */
static void rename_sections(struct view elf)
{
	static const struct object_rename list[] = {
		{"socket", "xdp"}, {"fentry", "fexit/x"}, {"xdp", "socket"}};
	_buf_ struct buf copy = {0};
	struct err err = {0};
	int rc = 0;

	buf_add_view(&copy, elf);
	for (int i = 0; !rc && i < 2; i++) {
		rc = object_rename(&copy, list, ARRAY_SIZE(list), &err);
		FUZZ_MUST(rc == err.code && !rc == !*err.text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_object_built_ struct object_built built = {0};
	_buf_ struct buf elf = {0};
	struct err err = {0};
	int rc;

	buf_add(&elf, data, size);
	rc = object_build_here(&elf, "fuzz", (struct view){NULL, 0}, &built, &err);
	FUZZ_MUST(rc < 0 && rc == err.code && *err.text);
	FUZZ_MUST(fuzz_is_printable(view_str(err.text), false));
	rename_sections(view_of(data, size));
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_in_place(data, size, max, seed);
}
