// SPDX-License-Identifier: BSD-2-Clause
/*
 * The functions that attach and detach. In bpftool's text, and in ours for libbpf, programs of few
 * types are attached; in ours that needs nothing from libbpf, those that libbpf attaches by itself.
 */
#include <errno.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"

/* When reading: the literal that comes next becomes the target of PROG, which is attached as
 * ATTACH. */
static void take_target(struct form *form, struct skel_prog *prog)
{
	_buf_ struct buf bytes = {0};
	size_t at = form->at;

	form_take_bytes(form, &bytes);
	form->at = at;
	if (!form_reads(form))
		return;
	prog->target = view_strdup(buf_view(&bytes));
	if (!prog->target)
		err_nomem(&form->err);
	/* A byte of zero would end it early. */
	else if (strlen(prog->target) != bytes.size || !skel_is_target(prog->attach, prog->target))
		form_differs(form, "what a program attaches to");
}

/* --- bpftool's text, and ours for libbpf --- */

/* When reading: how PROG attaches. */
static void take_attach(struct form *form, struct skel_prog *prog)
{
	prog->attach = SKEL_ATTACH_NONE;
	if (form_sees_call(form, 0, "link_create"))
		prog->attach = SKEL_ATTACH_ITER;
	else if (form_sees_call(form, 0, "raw_tracepoint_open"))
		prog->attach = form_sees(form, 2, "NULL") ? SKEL_ATTACH_TRACING
							  : SKEL_ATTACH_RAW_TRACEPOINT;
}

/*
 * The expression that attaches PROG: a link's descriptor, or 0 if PROG cannot be attached
 * automatically.
 */
static void put_call(struct form *form, struct skel_prog *prog)
{
	if (form_reads(form))
		take_attach(form, prog);
	switch (prog->attach) {
	case SKEL_ATTACH_RAW_TRACEPOINT:
		form_put(form, "%raw_tracepoint_open(", "");
		if (form_reads(form))
			take_target(form, prog);
		form_put(form, "\"$\", prog_fd)", prog->target ?: "");
		break;
	case SKEL_ATTACH_TRACING:
		form_put(form, "%raw_tracepoint_open(NULL, prog_fd)", "");
		break;
	case SKEL_ATTACH_ITER:
		form_put(form, "%link_create(prog_fd, 0, BPF_TRACE_ITER)", "");
		break;
	default:
		form_put(form, form->style->no_attach, "");
		return;
	}
	form_put(form, ";", "");
}

/* The only use of an argument where there are maps alone. */
static void put_no_progs(struct form *form)
{
	if (form->style->is_own && !form->skel->nr_progs)
		form_put(form, "\t(void)skel;\n", "");
}

static void put_functions(struct form *form)
{
	for (size_t i = 0; i < form->skel->nr_progs; i++) {
		struct skel_prog *prog = &form->skel->progs[i];

		form_put(form,
			 "\nstatic inline int\n@__$__attach(struct @ *skel)\n{\n"
			 "\tint prog_fd = skel->progs.$.prog_fd;\n\tint fd = ",
			 prog->ident);
		put_call(form, prog);
		form_put(form, "\n\n\tif (fd > 0)\n\t\tskel->links.$_fd = fd;\n\treturn fd;\n}\n",
			 prog->ident);
	}
	form_put(form, "\nstatic inline int\n@__attach(struct @ *skel)\n{\n\tint ret = 0;\n\n", "");
	put_no_progs(form);
	form_put_progs(form, form->style->attach);
	form_put(form,
		 "\treturn ret < 0 ? ret : 0;\n}\n"
		 "\nstatic inline void\n@__detach(struct @ *skel)\n{\n",
		 "");
	put_no_progs(form);
	form_put_progs(form, "\t%closenz(skel->links.$_fd);\n");
	form_put(form, "}\n", "");
}

/* --- ours that needs nothing from libbpf --- */

/* The functions of the run-time part that take the name of a section. */
static const char *const calls[SKEL_ATTACH_NR] = {
	[SKEL_ATTACH_KPROBE] = "kprobe",
	[SKEL_ATTACH_KSYSCALL] = "ksyscall",
	[SKEL_ATTACH_TRACEPOINT] = "tracepoint",
	[SKEL_ATTACH_UPROBE] = "uprobe",
	[SKEL_ATTACH_KPROBE_MULTI] = "kprobe_multi",
};

/* TEXT as a literal in which no compiler sees a trigraph. */
static void put_quoted(struct form *form, const char *text)
{
	_buf_ struct buf literal = {0};

	buf_add_str(&literal, "\"");
	for (; *text; text++)
		buf_printf(&literal, "%s%c", *text == '?' ? "\\" : "", *text);
	buf_add_str(&literal, "\"");
	if (buf_cstr(&literal))
		form_put_verbatim(form, buf_cstr(&literal));
	else
		err_nomem(&form->err);
}

/* When reading: how PROG attaches, unless it does not. */
static void take_own(struct form *form, struct skel_prog *prog)
{
	take_attach(form, prog);
	if (form_sees(form, 0, "-"))
		prog->attach = SKEL_ATTACH_UNSUPPORTED;
	for (enum skel_attach attach = 0; attach < SKEL_ATTACH_NR; attach++) {
		if (calls[attach] && form_sees_call(form, 0, calls[attach]))
			prog->attach = attach;
	}
	if (prog->attach == SKEL_ATTACH_NONE)
		form_differs(form, "a function that attaches");
}

/* The tracepoint of PROG; in the name of a section, what follows the slash. */
static const char *tracepoint(const struct skel_prog *prog)
{
	const char *target = prog->target ?: "", *slash = strchr(target, '/');

	return prog->attach == SKEL_ATTACH_RAW_WRITABLE && slash ? slash + 1 : target;
}

static void put_own_call(struct form *form, struct skel_prog *prog)
{
	if (form_reads(form))
		take_own(form, prog);
	switch (prog->attach) {
	case SKEL_ATTACH_UNSUPPORTED:
		form_put(form, "-EOPNOTSUPP", "");
		return;
	case SKEL_ATTACH_ITER:
		form_put(form, "%link_create(skel->progs.$.prog_fd, 0, BPF_TRACE_ITER)",
			 prog->ident);
		return;
	case SKEL_ATTACH_RAW_TRACEPOINT:
	case SKEL_ATTACH_RAW_WRITABLE:
	case SKEL_ATTACH_TRACING:
		form_put(form, "%raw_tracepoint_open(", "");
		break;
	default:
		form_put(form, "%$(", calls[prog->attach] ?: "");
	}
	if (prog->attach == SKEL_ATTACH_TRACING) {
		form_put(form, "NULL", "");
	} else {
		if (form_reads(form))
			take_target(form, prog);
		put_quoted(form, tracepoint(prog));
	}
	form_put(form, ", skel->progs.$.prog_fd)", prog->ident);
}

/* The sentence about a failure, which names the program, and what it is attached to. */
static void put_why(struct form *form, const struct skel_prog *prog)
{
	const bool is_raw = prog->attach == SKEL_ATTACH_RAW_TRACEPOINT ||
			    prog->attach == SKEL_ATTACH_RAW_WRITABLE;
	_buf_ struct buf text = {0};

	buf_printf(&text, "program %s cannot be attached", prog->ident);
	if (is_raw)
		buf_printf(&text, " to raw_tp/%s", tracepoint(prog));
	else if (prog->target)
		buf_printf(&text, " to %s", prog->target);
	else if (prog->attach == SKEL_ATTACH_UNSUPPORTED)
		buf_add_str(&text, " by this header");
	if (!buf_cstr(&text))
		err_nomem(&form->err);
	put_quoted(form, buf_cstr(&text) ?: "");
}

/* A program that is attached by hand has a link nevertheless, so that it is detached. */
static void put_by_hand(struct form *form, const struct skel_prog *prog)
{
	form_put(form,
		 prog->skipped ? "\t/* It is not loaded. */\n"
			       : "\t/* It is attached by hand. */\n",
		 "");
	form_put(form, "\treturn skel->links.$_fd;\n}\n", prog->ident);
}

static void put_own_function(struct form *form, struct skel_prog *prog)
{
	form_put(form, "\nstatic inline int\n@__$__attach(struct @ *skel)\n{\n", prog->ident);
	if (form_sees(form, 0, "return") ||
	    (form->out && (prog->skipped || prog->attach == SKEL_ATTACH_NONE))) {
		put_by_hand(form, prog);
		return;
	}
	form_put(form, "\tint fd = skel->links.$_fd;\n\n\tif (fd <= 0)\n\t\tfd = ", prog->ident);
	put_own_call(form, prog);
	form_put(form, ";\n\tif (fd < 0)\n\t\tskel->why = ", "");
	put_why(form, prog);
	form_put(form, ";\n\telse\n\t\tskel->links.$_fd = fd;\n\treturn fd;\n}\n", prog->ident);
}

/* What a program calls to attach programs to places that it chooses, as it would call libbpf. */
static const char *const piece_functions[SKEL_PIECE_NR] = {
	[SKEL_PIECE_PERF] =
		"\nstatic inline int\n"
		"@__attach_kprobe(struct %prog_desc prog, bool retprobe, const char *func)\n{\n"
		"\treturn %attach_kprobe(prog.prog_fd, retprobe, func, 0);\n}\n"
		"\nstatic inline int\n"
		"@__attach_ksyscall(struct %prog_desc prog, bool retprobe, const char *name)\n{\n"
		"\treturn %attach_ksyscall(prog.prog_fd, retprobe, name);\n}\n"
		"\nstatic inline int\n"
		"@__attach_uprobe(struct %prog_desc prog, bool retprobe, int pid, const char *file, "
		"__u64 offset)\n{\n"
		"\treturn %attach_uprobe(prog.prog_fd, retprobe, pid, file, offset);\n}\n"
		"\nstatic inline int\n"
		"@__attach_tracepoint(struct %prog_desc prog, const char *category, const char *name)\n"
		"{\n\treturn %attach_tracepoint(prog.prog_fd, category, name);\n}\n"
		"\nstatic inline int\n"
		"@__attach_perf_event(struct %prog_desc prog, int perf_fd)\n{\n"
		"\treturn %perf_link(prog.prog_fd, perf_fd);\n}\n",
	[SKEL_PIECE_ELF] =
		"\nstatic inline int\n"
		"@__attach_function(struct %prog_desc prog, bool retprobe, int pid, const char *file, "
		"const char *func, __u64 offset)\n{\n"
		"\treturn %attach_function(prog.prog_fd, retprobe, pid, file, func, offset);\n}\n",
	[SKEL_PIECE_MULTI] =
		"\nstatic inline int\n"
		"@__attach_kprobe_multi(struct %prog_desc prog, bool retprobe, const char *pattern)\n{\n"
		"\treturn %attach_kprobe_multi(prog.prog_fd, retprobe, pattern);\n}\n",
};

static bool has_piece(const struct form *form, enum skel_piece piece)
{
	return form->skel->pieces & SKEL_PIECE_BIT(piece);
}

static void put_own_functions(struct form *form)
{
	unsigned int pieces = 0;

	for (size_t i = 0; i < form->skel->nr_progs; i++) {
		put_own_function(form, &form->skel->progs[i]);
		pieces |= skel_attach_pieces(form->skel->progs[i].attach);
	}
	if (form_reads(form) && pieces & ~form->skel->pieces)
		form_differs(form, "the pieces that programs attach with");
	form_put(form, "\nstatic inline void\n@__detach(struct @ *skel)\n{\n", "");
	put_no_progs(form);
	form_put_progs(form, "\t%detach(&skel->links.$_fd);\n");
	form_put(form, "}\n\nstatic inline int\n@__attach(struct @ *skel)\n{\n\tint err = 0;\n\n",
		 "");
	form_put_progs(form, "\tif (err >= 0)\n\t\terr = @__$__attach(skel);\n");
	form_put(
		form,
		"\tif (err >= 0)\n\t\treturn 0;\n\t@__detach(skel);\n\terrno = -err;\n\treturn err;\n}\n",
		"");
	for (enum skel_piece piece = 0; piece < SKEL_PIECE_NR; piece++) {
		if (has_piece(form, piece))
			form_put(form, piece_functions[piece], "");
	}
}

void form_attach(struct form *form)
{
	if (form->style->is_alone)
		put_own_functions(form);
	else
		put_functions(form);
}
