/* SPDX-License-Identifier: BSD-2-Clause */
/* lskel_rendered.h - a skeleton with all that one can have, as the text of each generator. */
#ifndef LSKEL_RENDERED_H
#define LSKEL_RENDERED_H

#include "lskel/lskel_form.h"
#include "lskel_sample.h"
#include "unit.h"

/* Whose text it is: form_styles[]. */
enum { OWN, OWN_LIBBPF, BPFTOOL_7_7, BPFTOOL_7_3, BPFTOOL_6_8 };

static char name[] = "tiny";
static struct skel_prog progs[] = {
	{.ident = (char[]){"first"}, .attach = SKEL_ATTACH_TRACING},
	{.ident = (char[]){"second"},
	 .attach = SKEL_ATTACH_RAW_TRACEPOINT,
	 .target = (char[]){"tp"}},
	{.ident = (char[]){"third"}, .attach = SKEL_ATTACH_ITER},
	{.ident = (char[]){"fourth"}, .attach = SKEL_ATTACH_NONE},
};

/* The same as our own header has it, and all that only it can attach. */
static struct skel_prog own_progs[] = {
	{.ident = (char[]){"first"}, .attach = SKEL_ATTACH_TRACING},
	{.ident = (char[]){"second"},
	 .attach = SKEL_ATTACH_RAW_TRACEPOINT,
	 .target = (char[]){"tp"}},
	{.ident = (char[]){"third"}, .attach = SKEL_ATTACH_ITER},
	{.ident = (char[]){"fourth"}, .attach = SKEL_ATTACH_NONE},
	{.ident = (char[]){"fifth"},
	 .attach = SKEL_ATTACH_KPROBE,
	 .target = (char[]){"kprobe/do_exit+0x1"}},
	{.ident = (char[]){"sixth"},
	 .attach = SKEL_ATTACH_KSYSCALL,
	 .target = (char[]){"kretsyscall/read"}},
	{.ident = (char[]){"seventh"},
	 .attach = SKEL_ATTACH_TRACEPOINT,
	 .target = (char[]){"tp/sched/sched_switch"}},
	{.ident = (char[]){"eighth"},
	 .attach = SKEL_ATTACH_UPROBE,
	 .target = (char[]){"uprobe//a b/@$%?\?/:main+1"}},
	{.ident = (char[]){"ninth"},
	 .attach = SKEL_ATTACH_KPROBE_MULTI,
	 .target = (char[]){"kprobe.multi/vfs_??ad*"}},
	{.ident = (char[]){"tenth"}, .attach = SKEL_ATTACH_UNSUPPORTED},
};

#define MEMBERS "\t\tint step;\n\t\tchar __pad0[4];\n\t\tlong steps[2];\n"

static struct skel_var vars[] = {{.ident = (char[]){"step"}, .size = 4},
				 {.ident = (char[]){"steps"}, .size = 16}};
static uint8_t value[] = {7, 0, 0, 0};
static char members[] = MEMBERS;
static char fixed_members[] = "\t\tint step;\n\t\tchar __pad0[4];\n\t\tint64_t steps[2];\n";

#define SECTION_OF(name, text)                                                                     \
	.ident = (char[]){name}, .mapped = true, .mmap_size = 4096, .value = {value, 4, 4, false}, \
	.members = {(uint8_t *)(text), sizeof(text) - 1, sizeof(text), false}, .vars = vars,       \
	.nr_vars = ARRAY_SIZE(vars)
#define SECTION(name) SECTION_OF(name, members)

static struct skel_map maps[] =
	{
		{.ident = (char[]){"counts"}},
		{SECTION("rodata"), .read_only = true},
		{SECTION("data")},
		{.ident = (char[]){"more"}},
		{SECTION("percpu"), .percpu = true}, /* the last: not every generator knows them */
};

/* The same as our own header has it, which is also for 32 bits. */
static struct skel_map fixed_maps[ARRAY_SIZE(maps)] = {
	{.ident = (char[]){"counts"}},
	{SECTION_OF("rodata", fixed_members), .read_only = true},
	{SECTION_OF("data", fixed_members)},
	{.ident = (char[]){"more"}, .pinned = true},
	{SECTION_OF("percpu", fixed_members), .percpu = true},
};

/* What STYLE can say of all that. */
static inline struct skel describe(unsigned int style)
{
	return (struct skel){
		.name = name,
		.maps = style == OWN ? fixed_maps : maps,
		.nr_maps = ARRAY_SIZE(maps) - (style != OWN && !form_styles[style]->percpu),
		.progs = style == OWN ? own_progs : progs,
		.nr_progs = style == OWN ? ARRAY_SIZE(own_progs) : ARRAY_SIZE(progs),
		.pieces = style == OWN ? SKEL_PIECES_ALL : 0,
	};
}

/* What a signed header hands over: all that our own can. */
static inline void fill_blobs(struct form_load *load)
{
	static const uint8_t hash[32] = {1};
	const struct view insns = view_lit(SAMPLE_INSNS), excl_hash = view_of(hash, sizeof(hash));
	struct view *blobs = load->blobs;

	blobs[BLOB_DATA] = view_lit(SAMPLE_DATA);
	blobs[BLOB_INSNS] = insns;
	if (!load->is_signed)
		return;
	blobs[load->is_own ? BLOB_FOLDED : BLOB_SIGNATURE] = view_lit("folded");
	blobs[BLOB_EXCL_HASH] = excl_hash;
	if (!load->is_own || load->revision < FORM_REVISION)
		return;
	blobs[BLOB_CHAIN] = view_lit("chain");
	blobs[BLOB_SIG_INSNS] = view_lit("insns");
	blobs[BLOB_INSNS_CHECKED] = insns;
	blobs[BLOB_EXCL_HASH_CHECKED] = excl_hash;
	blobs[BLOB_SIG_INSNS_HASH] = view_lit("insns-hash");
	blobs[BLOB_INSNS_HASH] = insns;
	blobs[BLOB_EXCL_HASH_HASH] = excl_hash;
}

/* The header of SKEL in STYLE, with the sample's loader; signed if LOAD says so. */
static inline void render_load(struct skel *skel, unsigned int style, struct form_load *load,
			       struct buf *ret)
{
	struct form form = {.skel = skel, .style = form_styles[style], .load = load, .out = ret};

	fill_blobs(load);
	form_skeleton(&form);
	CHECK_INT(form.err.code, 0);
	form_free(&form);
}

static inline void render(struct skel *skel, unsigned int style, struct buf *ret)
{
	struct form_load load = {
		.is_own = style == OWN,
		.revision = FORM_REVISION,
		.is_signed = style == OWN,
		.in_literals = style == BPFTOOL_6_8,
	};

	render_load(skel, style, &load, ret);
}

/* The signed header of SKEL that an earlier release wrote, with REVISION of the run-time part. */
static inline void render_old(struct skel *skel, unsigned int revision, struct buf *ret)
{
	struct form_load load = {.is_own = true, .revision = revision, .is_signed = true};

	render_load(skel, OWN_LIBBPF, &load, ret);
}

#endif /* LSKEL_RENDERED_H */
