// SPDX-License-Identifier: BSD-2-Clause
/* What a program attaches to, in words. Numbers are those of Linux 7.3, which headers may lack. */
#include <linux/bpf.h>
#include <string.h>

#include "base/util.h"
#include "listing.h"

/* Attach types, as in names_table.h. */
enum {
	ANY = -1,
	TRACE_RAW_TP = 23,
	TRACE_FENTRY = 24,
	TRACE_FEXIT = 25,
	MODIFY_RETURN = 26,
	TRACE_ITER = 28,
	XDP_DEVMAP = 33,
	XDP_CPUMAP = 35,
	TRACE_KPROBE_MULTI = 42,
	LSM_CGROUP = 43,
	TRACE_UPROBE_MULTI = 48,
	TRACE_KPROBE_SESSION = 56,
	TRACE_UPROBE_SESSION = 57,
	TRACE_FSESSION = 58,
};

/* Program types after those of Linux 5.9. */
enum { TYPE_SYSCALL = 31, TYPE_NETFILTER = 32 };

/* Programs that the loader attaches by a name in the kernel's BTF. */
static const struct named {
	uint32_t type;
	int attach_type;
	const char *prefix; /* of that name */
	const char *place;  /* what the rest names */
} named[] = {
	{BPF_PROG_TYPE_TRACING, TRACE_RAW_TP, "btf_trace_", "the tracepoint"},
	{BPF_PROG_TYPE_TRACING, TRACE_FENTRY, "", "the entry of the kernel function"},
	{BPF_PROG_TYPE_TRACING, TRACE_FEXIT, "", "the return of the kernel function"},
	{BPF_PROG_TYPE_TRACING, TRACE_FSESSION, "",
	 "the entry and the return of the kernel function"},
	{BPF_PROG_TYPE_TRACING, MODIFY_RETURN, "", "the result of the kernel function"},
	{BPF_PROG_TYPE_TRACING, TRACE_ITER, "bpf_iter_", "the iterator over each"},
	{BPF_PROG_TYPE_LSM, LSM_CGROUP, "bpf_lsm_", "in a cgroup, the security hook"},
	{BPF_PROG_TYPE_LSM, ANY, "bpf_lsm_", "the security hook"},
};

/* Programs whose place the program chooses that loads them. */
static const struct chosen {
	uint32_t type;
	int attach_type;
	const char *place;
} chosen[] = {
	{BPF_PROG_TYPE_SOCKET_FILTER, ANY, "a socket"},
	{BPF_PROG_TYPE_KPROBE, TRACE_KPROBE_MULTI, "kernel functions, by a pattern"},
	{BPF_PROG_TYPE_KPROBE, TRACE_KPROBE_SESSION, "kernel functions, by a pattern"},
	{BPF_PROG_TYPE_KPROBE, TRACE_UPROBE_MULTI, "functions of a program, by a pattern"},
	{BPF_PROG_TYPE_KPROBE, TRACE_UPROBE_SESSION, "functions of a program, by a pattern"},
	{BPF_PROG_TYPE_KPROBE, ANY, "a function of the kernel or of a program"},
	{BPF_PROG_TYPE_SCHED_CLS, ANY, "a network interface (tc)"},
	{BPF_PROG_TYPE_SCHED_ACT, ANY, "an action of a network interface (tc)"},
	{BPF_PROG_TYPE_TRACEPOINT, ANY, "a tracepoint"},
	{BPF_PROG_TYPE_XDP, XDP_DEVMAP, "an element of a map of devices"},
	{BPF_PROG_TYPE_XDP, XDP_CPUMAP, "an element of a map of processors"},
	{BPF_PROG_TYPE_XDP, ANY, "a network interface"},
	{BPF_PROG_TYPE_PERF_EVENT, ANY, "a perf event"},
	{BPF_PROG_TYPE_CGROUP_SKB, ANY, "a cgroup"},
	{BPF_PROG_TYPE_CGROUP_SOCK, ANY, "a cgroup"},
	{BPF_PROG_TYPE_LWT_IN, ANY, "a route"},
	{BPF_PROG_TYPE_LWT_OUT, ANY, "a route"},
	{BPF_PROG_TYPE_LWT_XMIT, ANY, "a route"},
	{BPF_PROG_TYPE_LWT_SEG6LOCAL, ANY, "a route"},
	{BPF_PROG_TYPE_SOCK_OPS, ANY, "a cgroup"},
	{BPF_PROG_TYPE_SK_SKB, ANY, "a map of sockets"},
	{BPF_PROG_TYPE_CGROUP_DEVICE, ANY, "a cgroup"},
	{BPF_PROG_TYPE_SK_MSG, ANY, "a map of sockets"},
	{BPF_PROG_TYPE_RAW_TRACEPOINT, ANY, "a tracepoint"},
	{BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, ANY, "a tracepoint"},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ANY, "a cgroup"},
	{BPF_PROG_TYPE_LIRC_MODE2, ANY, "an infrared device"},
	{BPF_PROG_TYPE_SK_REUSEPORT, ANY, "a group of sockets that share a port"},
	{BPF_PROG_TYPE_FLOW_DISSECTOR, ANY, "a network namespace"},
	{BPF_PROG_TYPE_CGROUP_SYSCTL, ANY, "a cgroup"},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, ANY, "a cgroup"},
	{BPF_PROG_TYPE_SK_LOOKUP, ANY, "a network namespace"},
	{TYPE_NETFILTER, ANY, "a hook of netfilter"},
};

static bool is_row(uint32_t type, int attach_type, const struct loader_prog *prog)
{
	return type == prog->type &&
	       (attach_type == ANY || (uint32_t)attach_type == prog->attach_type);
}

/* The target that the loader looks up, without the prefix that only the kernel's BTF has. */
static void add_target(const struct loader_prog *prog, struct buf *out)
{
	struct view target = prog->target;
	const char *place = "the kernel's";

	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		size_t size = strlen(named[i].prefix);

		if (!is_row(named[i].type, named[i].attach_type, prog) ||
		    !view_equal(view_head(target, size), view_str(named[i].prefix)))
			continue;
		place = named[i].place;
		target = view_sub(target, size, target.size - size);
		break;
	}
	buf_printf(out, "%s ", place);
	buf_escape(out, target);
}

static void add_chosen(const struct loader_prog *prog, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(chosen); i++) {
		if (!is_row(chosen[i].type, chosen[i].attach_type, prog))
			continue;
		buf_printf(out, "%s that the loading program chooses", chosen[i].place);
		return;
	}
	buf_add_str(out, prog->type == TYPE_SYSCALL ? "nothing: the loading program runs it"
						    : "what the loading program chooses");
}

void listing_attach(const struct listing *listing, size_t n, struct buf *out)
{
	const struct loader_prog *prog = &listing->loader->progs[n];
	const struct skel_prog *skel = NULL;

	if (listing->skel && n < listing->skel->nr_progs)
		skel = &listing->skel->progs[n];
	if (prog->target.size) {
		add_target(prog, out);
	} else if (skel && skel->target) {
		/* The name of a section says what kind of place it is. */
		buf_add_str(out,
			    skel->attach == SKEL_ATTACH_RAW_TRACEPOINT ? "the tracepoint " : "");
		buf_escape(out, view_str(skel->target));
	} else {
		add_chosen(prog, out);
		return;
	}
	if (skel && skel->attach == SKEL_ATTACH_UNKNOWN)
		buf_add_str(out, ", a section that this bpf-chainsign does not know");
	else if (skel && skel->attach != SKEL_ATTACH_NONE)
		buf_add_str(out, ", by the skeleton's attach function");
}
