// SPDX-License-Identifier: BSD-2-Clause
/* What the name of a program's section says about where it attaches, as libbpf reads it. */
#include "skel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const struct row {
	const char *section;
	enum skel_attach attach;
} rows[] = {
	{"", SKEL_ATTACH_NONE},
	{"/", SKEL_ATTACH_NONE},
	{"kprobe", SKEL_ATTACH_NONE},
	{"kprobes/x", SKEL_ATTACH_NONE},
	{"xdp/x", SKEL_ATTACH_NONE},
	{"kprobe/do_exit", SKEL_ATTACH_KPROBE},
	{"kprobe/do_exit.part.0+0x1f", SKEL_ATTACH_KPROBE},
	{"kretprobe/do_exit", SKEL_ATTACH_KPROBE},
	{"kretprobe/do_exit+1", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/+1", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/a+", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/a+x", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/a+1+1", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/a\"b", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe/a/b", SKEL_ATTACH_UNSUPPORTED},
	{"ksyscall/nanosleep", SKEL_ATTACH_KSYSCALL},
	{"kretsyscall/nanosleep", SKEL_ATTACH_KSYSCALL},
	{"ksyscall/a.b", SKEL_ATTACH_UNSUPPORTED},
	{"tp/a/b", SKEL_ATTACH_TRACEPOINT},
	{"tracepoint/xhci-hcd/xhci_urb", SKEL_ATTACH_TRACEPOINT},
	{"tp/a", SKEL_ATTACH_UNSUPPORTED},
	{"tp/../b", SKEL_ATTACH_UNSUPPORTED},
	{"tp/a/b/c", SKEL_ATTACH_UNSUPPORTED},
	{"tp//b", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe//bin/bash:readline", SKEL_ATTACH_UPROBE},
	{"uprobe.s/libc.so.6:malloc+0x10", SKEL_ATTACH_UPROBE},
	{"uretprobe.s//proc/self/exe:a", SKEL_ATTACH_UPROBE},
	{"uretprobe//x:a+1", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe//bin/bash", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe//bin/bash:", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe/:a", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe//x.apk!/lib.so:a", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe//x:a@V_1", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe/a\\:b", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe/a\n:b", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe/a\xc3\xa4:b", SKEL_ATTACH_UNSUPPORTED},
	{"kprobe.multi/vfs_*", SKEL_ATTACH_KPROBE_MULTI},
	{"kretprobe.multi/?", SKEL_ATTACH_KPROBE_MULTI},
	{"kprobe.session/x", SKEL_ATTACH_KPROBE_MULTI},
	{"kprobe.multi/a b", SKEL_ATTACH_UNSUPPORTED},
	{"uprobe.multi//bin/bash:*", SKEL_ATTACH_UNSUPPORTED},
	{"usdt//bin/bash:a:b", SKEL_ATTACH_UNSUPPORTED},
	{"raw_tp.w/a", SKEL_ATTACH_RAW_WRITABLE},
	{"raw_tracepoint.w/a b", SKEL_ATTACH_UNSUPPORTED},
};

TEST(names_of_sections_say_how_and_where_a_program_attaches)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (!CHECK_INT(skel_section_attach(view_str(row->section)), row->attach))
			printf("# %s\n", row->section);
		for (enum skel_attach attach = SKEL_ATTACH_RAW_WRITABLE;
		     attach < SKEL_ATTACH_UNSUPPORTED; attach++)
			CHECK(skel_is_target(attach, row->section) == (attach == row->attach));
	}
}

TEST(a_section_that_is_not_known_is_no_target_of_an_object)
{
	CHECK(!skel_is_target(SKEL_ATTACH_UNKNOWN, NULL));
	CHECK(!skel_is_target(SKEL_ATTACH_UNKNOWN, "fprobe/x"));
	CHECK(skel_is_section(view_lit("fprobe/x !~")));
	CHECK(!skel_is_section(view_lit("")));
	CHECK(!skel_is_section(view_lit("a\"")));
	CHECK(!skel_is_section(view_lit("a\\")));
	CHECK(!skel_is_section(view_lit("a\x1f")));
	CHECK(!skel_is_section(view_lit("a\x7f")));
}

TEST(a_target_is_where_one_has_to_be)
{
	for (enum skel_attach attach = 0; attach < SKEL_ATTACH_UNKNOWN; attach++) {
		const bool has_target = attach == SKEL_ATTACH_RAW_TRACEPOINT ||
					(attach >= SKEL_ATTACH_RAW_WRITABLE &&
					 attach < SKEL_ATTACH_UNSUPPORTED);

		CHECK(skel_is_target(attach, NULL) == !has_target);
		CHECK(!skel_is_target(attach, ""));
		CHECK(!skel_is_target(attach, "\""));
	}
}

TEST(names_of_sections_have_a_limit)
{
	char section[600];

	for (size_t size = 500; size < 530; size++) {
		memset(section, 'a', size);
		memcpy(section, "kprobe/", strlen("kprobe/"));
		CHECK_INT(skel_section_attach(view_of(section, size)),
			  size <= 511 ? SKEL_ATTACH_KPROBE : SKEL_ATTACH_UNSUPPORTED);
		CHECK(skel_is_section(view_of(section, size)) == (size <= 511));
	}
}

UNIT_MAIN
