// SPDX-License-Identifier: BSD-2-Clause
/* What a program attaches to, in words: by its type, by its target, and by its section. */
#include <linux/bpf.h>

#include "listing.h"
#include "skel.h"
#include "unit.h"

/* The words for PROG, and for SKEL, what its skeleton knows of it (NULL: nothing). */
static struct buf words(const struct loader_prog *prog, struct skel_prog *skel)
{
	struct loader_prog copy = *prog;
	const struct loader loader = {.known = true, .progs = &copy, .nr_progs = 1};
	const struct skel all = {.progs = skel, .nr_progs = 1};
	const struct listing listing = {.loader = &loader, .skel = skel ? &all : NULL};
	struct buf out = {0};

	listing_attach(&listing, 0, &out);
	buf_add(&out, "", 1);
	return out;
}

static void check(const struct loader_prog *prog, struct skel_prog *skel, const char *want)
{
	_buf_ struct buf out = words(prog, skel);

	CHECK_STR((const char *)out.data, want);
}

TEST(the_loading_program_chooses_a_place_of_the_type)
{
	check(&(struct loader_prog){.type = BPF_PROG_TYPE_SOCKET_FILTER}, NULL,
	      "a socket that the loading program chooses");
	check(&(struct loader_prog){.type = BPF_PROG_TYPE_KPROBE, .attach_type = 42}, NULL,
	      "kernel functions, by a pattern that the loading program chooses");
	check(&(struct loader_prog){.type = BPF_PROG_TYPE_KPROBE}, NULL,
	      "a function of the kernel or of a program that the loading program chooses");
	check(&(struct loader_prog){.type = BPF_PROG_TYPE_LIRC_MODE2}, NULL,
	      "an infrared device that the loading program chooses");
	check(&(struct loader_prog){.type = 31}, NULL, "nothing: the loading program runs it");
	check(&(struct loader_prog){.type = 1000}, NULL, "what the loading program chooses");
}

TEST(a_target_is_named_without_the_prefix_of_btf)
{
	struct loader_prog prog = {.type = BPF_PROG_TYPE_TRACING, .attach_type = 23};

	prog.target = view_str("btf_trace_sys_enter");
	check(&prog, NULL, "the tracepoint sys_enter");
	prog.attach_type = 24;
	prog.target = view_str("do_nanosleep");
	check(&prog, NULL, "the entry of the kernel function do_nanosleep");
	prog.type = BPF_PROG_TYPE_LSM;
	prog.attach_type = 27;
	prog.target = view_str("bpf_lsm_bpf");
	check(&prog, NULL, "the security hook bpf");
	prog.attach_type = 43;
	check(&prog, NULL, "in a cgroup, the security hook bpf");
}

TEST(a_section_says_where_the_skeleton_attaches)
{
	const struct loader_prog prog = {.type = BPF_PROG_TYPE_RAW_TRACEPOINT};
	char name[] = "sys_enter";
	struct skel_prog skel = {.target = name, .attach = SKEL_ATTACH_RAW_TRACEPOINT};

	check(&prog, &skel, "the tracepoint sys_enter, by the skeleton's attach function");
	skel.attach = SKEL_ATTACH_NONE;
	check(&prog, &skel, "sys_enter");
	skel.attach = SKEL_ATTACH_UNKNOWN;
	check(&prog, &skel, "sys_enter, a section that this bpf-chainsign does not know");
}

UNIT_MAIN
