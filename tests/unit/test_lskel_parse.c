// SPDX-License-Identifier: BSD-2-Clause
/* Headers in every shape, reformatted, broken, cut off at every byte, flipped at every bit. */
#include "lskel/lskel_parse.h"

#include <errno.h>
#include <stdlib.h>

#include "edge.h"
#include "lskel_sample.h"
#include "unit.h"

static struct err err;

/* Parse TEXT; 0 if its image is the sample's, -EXDEV if it is another one, or the parser's error.
 */
static int parse(struct view text)
{
	_lskel_ struct lskel lskel = {0};
	int rc;

	memset(&err, 0, sizeof(err));
	rc = lskel_parse(text, &lskel, &err);
	if (rc)
		return rc;
	if (lskel.image.nr_maps != 1 ||
	    !view_equal(buf_view(&lskel.image.insns), view_lit(SAMPLE_INSNS)) ||
	    !view_equal(buf_view(&lskel.image.maps[0].value), view_lit(SAMPLE_DATA)))
		return -EXDEV;
	return 0;
}

/* A copy of TEXT with the first OLD replaced by NEW; owned by the caller. */
static char *replace(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *copy = malloc(strlen(text) + strlen(new) + 1);

	if (!CHECK(at && copy))
		abort();
	sprintf(copy, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	return copy;
}

static int parse_with(const char *text, const char *old, const char *new)
{
	char *copy = replace(text, old, new);
	int rc = parse(view_str(copy));

	free(copy);
	return rc;
}

static int parse_body(const char *body)
{
	char *copy = malloc(strlen(body) + sizeof(sample_s3));
	int rc;

	sprintf(copy, "%s%s%s", SAMPLE_BEFORE, body, SAMPLE_TAIL);
	rc = parse(view_str(copy));
	free(copy);
	return rc;
}

TEST(every_shape_gives_the_same_image)
{
	CHECK_INT(parse(view_lit(sample_s1)), 0);
	CHECK_INT(parse(view_lit(sample_s2)), 0);
	CHECK_INT(parse(view_lit(sample_s3)), 0);
}

TEST(every_shape_is_a_rendering)
{
	static const char *const samples[] = {sample_s1, sample_s2, sample_s3};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		_lskel_ struct lskel lskel = {0};

		CHECK_INT(lskel_parse(view_str(samples[i]), &lskel, &err), 0);
		CHECK_INT(lskel.text, LSKEL_TEXT_RENDERED);
		CHECK(lskel.in_literals == (samples[i] == sample_s1));
	}
}

TEST(a_mixed_shape_is_fine)
{
	CHECK_INT(parse_with(sample_s2, "sizeof(opts_data) - 1", "8"), 0);
	CHECK_INT(parse_with(sample_s2, "sizeof(opts_data) - 1", "0x8uL"), 0);
	CHECK_INT(parse_with(sample_s1, "24", "030"), 0);
	CHECK_INT(parse_with(sample_s2, "__aligned__(8)", "aligned(8)"), 0);
	CHECK_INT(parse_with(sample_s2, " __attribute__((__aligned__(8)))", ""), 0);
}

TEST(a_signed_header_of_bpftool_keeps_its_scheme_to_itself)
{
	_lskel_ struct lskel lskel = {0};

	if (!CHECK_INT(lskel_parse(view_lit(sample_s3), &lskel, &err), 0))
		return;
	CHECK(view_equal(buf_view(&lskel.image.sig_unnamed), view_lit("\x30\x03\x02\x01\x05")));
	CHECK_INT((long long)lskel.image.excl_hash.size, 32);
	CHECK_STR(lskel.image.maps[0].name, "__loader.map");
	CHECK_INT(lskel.image.maps[0].max_entries, 1);
	CHECK_INT(lskel.image.maps[0].value_size, 8);
	CHECK_STR(lskel.name, "tiny");
	CHECK(lskel.is_signed && lskel.has_member && !lskel.crlf);
	CHECK_INT(lskel.runtime, LSKEL_RUNTIME_LIBBPF);
	CHECK(view_equal(lskel.head, view_lit(SAMPLE_TOP)));
	CHECK(view_equal(lskel.member, view_lit(SAMPLE_MEMBER)));
	CHECK(view_equal(lskel.mid, view_lit(SAMPLE_MID)));
	CHECK(view_equal(lskel.enforce, view_lit("\tskel->enforce = 1;\n")));
	CHECK(view_equal(lskel.rest, view_lit(SAMPLE_REST)));
	CHECK(view_equal(lskel.decl, view_lit(SAMPLE_DECL)));
	CHECK(view_equal(lskel.tail, view_lit(SAMPLE_TAIL)));
}

/* Literals that are assigned are the shape of bpftools that sign nothing. */
TEST(a_signed_header_with_assigned_literals_is_no_rendering)
{
	static const char body[] = SAMPLE_TOP SAMPLE_MEMBER SAMPLE_MID SAMPLE_REST SAMPLE_DECL
		SAMPLE_LOCALS SAMPLE_BLOBS
		"\topts.signature_sz = 5;\n\topts.signature = (void *)" SAMPLE_SIG_TEXT
		";\n\topts.excl_prog_hash_sz = 32;\n"
		"\topts.excl_prog_hash = (void *)" SAMPLE_HASH_TEXT
		";\n\topts.keyring_id = skel->keyring_id;\n" SAMPLE_CALL SAMPLE_TAIL;
	_lskel_ struct lskel lskel = {0};

	if (!CHECK_INT(lskel_parse(view_lit(body), &lskel, &err), 0))
		return;
	CHECK(lskel.is_signed && lskel.in_literals);
	CHECK_INT(lskel.text, LSKEL_TEXT_DIFFERS);
	CHECK_INT(lskel.text_why.code, -EBADMSG);
}

TEST(keyring_id_fits_in_as_the_struct_is_written)
{
	static const struct {
		const char *links;
		const char *member;
	} cases[] = {
		{"\t} links;\n", "\t__s32 keyring_id;\n"},
		{"    } links;\n", "    __s32 keyring_id;\n"},
		{"\t} links; /* fds */\n", " __s32 keyring_id;"},
		{"\t} links; int more;\n", " __s32 keyring_id;"},
		{"\t} links; int more; __s32 keyring_id;\n", " __s32 keyring_id;"},
		{"\t} links;\n  __s32  keyring_id ; \n", "  __s32  keyring_id ; \n"},
		{"\t} links;\n__s32 keyring_id;\n", "__s32 keyring_id;\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = replace(sample_s2, "\t} links;\n", cases[i].links);
		_lskel_ struct lskel lskel = {0};

		if (CHECK_INT(lskel_parse(view_str(text), &lskel, &err), 0))
			CHECK(view_equal(lskel.member, view_str(cases[i].member)));
		free(text);
	}
}

TEST(crlf_and_a_byte_order_mark_are_read)
{
	char *crlf = malloc(2 * sizeof(sample_s3) + 3);
	size_t size = 0;
	_lskel_ struct lskel lskel = {0};

	memcpy(crlf, "\xef\xbb\xbf", 3);
	size = 3;
	for (const char *in = sample_s3; *in; in++) {
		if (*in == '\n')
			crlf[size++] = '\r';
		crlf[size++] = *in;
	}
	CHECK_INT(parse(view_of(crlf, size)), 0);
	CHECK_INT(lskel_parse(view_of(crlf, size), &lskel, &err), 0);
	CHECK(lskel.crlf);
	CHECK(view_equal(lskel.member, view_lit("\t__s32 keyring_id;\r\n")));
	free(crlf);
}

/* The data literal in other words of C that mean the same, or something else. */
TEST(literals_follow_the_rules_of_c)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{"\"\\1\\0\\2\\0\\0\\0\\0\\0\"", 0},
		{"\"\\001\\000\\002\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\0\\x02\" \"\\0\\0\\0\" \"\\0\\0\"", 0},
		{"\"\\x01\\0\\x02\"\n\t/* more */ \"\\0\\0\\0\\0\\0\" // end\n", 0},
		{"\"\\x0\\\n1\\0\\x02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\\\\nx01\\0\\x02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\00\\x02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\\n\\\n\\0\\x02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\ \n\\0\\x02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\0\\\n1\\0\\x02\\0\\0\\0\\0\"", -EXDEV},
		{"\"\\x01\\0\\x002\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\0\\x\\\n02\\0\\0\\0\\0\\0\"", 0},
		{"\"\\x01\\0\\x02\\0\\0\\0\\08\"", -EXDEV},
		{"\"\\x01\\0\\x02\\0\\0\\0\\07\"", -EBADMSG},
		{"\"A\\0\\x02\\0\\0\\0\\0\\0\"", -EXDEV},
		{"\"~\\0\\x02\\0\\0\\0\\0\\0\"", -EXDEV},
		{"\"\x7f\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\x80\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\n\\t\\a\\b\\f\\v\\e\\\"\"", -EXDEV},
		{"\"\\x102\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\x01\\0\\x020\\0\\0\\0\\0\\0\"", -EXDEV},
		{"\"\\400\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\x01\\0\\x02\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\q\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\x\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\n\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"u8\"\\x01\\0\\x02\\0\\0\\0\\0\\0\"", -EBADMSG},
		{"\"\\x01\\0\\x02\\0\\0\\0\\0\\0\" X", -EBADMSG},
		{"opts_insn", -EBADMSG},
		/* digits behind an escape belong to it, whatever follows them */
		{"\"\\x01\\0\\x02\\0\\0\\0\\x00Ax\"", -EXDEV},
		{"\"\\x01\\0\\x02\\0\\0\\0\\01x\"", -EXDEV},
		{"\"\\x01\\0\\x02\\0\\0\\0\\x000\\0\"", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!CHECK_INT(parse_with(sample_s1, SAMPLE_DATA_TEXT, cases[i].text),
			       cases[i].want))
			printf("# %s: %s\n", cases[i].text, err.text);
	}
}

/* What changes nothing for a compiler. */
TEST(code_can_be_reformatted)
{
	CHECK_INT(parse_with(sample_s2, "struct bpf_load", "/* a { */ // b {\n struct bpf_load"),
		  0);
	CHECK_INT(parse_with(sample_s2, "opts.ctx = ", "opts\n.\nctx\t= \\\n "), 0);
	CHECK_INT(parse_with(sample_s2, "tiny__load(struct tiny *skel)\n{",
			     "tiny__load(struct tiny* skel) {"),
		  0);
	CHECK_INT(parse_with(sample_s2, "#ifndef", "#  ifndef"), 0);
	CHECK_INT(parse_with(sample_s2, "#endif /*", "#define A \\\n \"'{{{\"\n#endif /*"), 0);
	CHECK_INT(parse_with(sample_s2, "struct tiny {", "int x[] = {1, '}', 2}, y; struct tiny {"),
		  0);
	CHECK_INT(parse_with(sample_s2, "static inline int\ntiny__load",
			     "static inline int tiny__load(struct tiny *skel);\n"
			     "static inline int\ntiny__load"),
		  0);
}

/* Something in the guard of our own run-time part. */
#define RT1(text) "#ifndef BPF_CHAINSIGN_RT1_H\n" text "#endif\n"

/* What would be something else for a compiler, or for some of them. */
TEST(what_compilers_read_differently_is_refused)
{
	static const struct {
		const char *old, *new, *text;
	} cases[] = {
		{"opts.ctx", "?\?/\nopts.ctx", "a trigraph"},
		{"opts.ctx", "%:opts.ctx", "a digraph"},
		{"#define __TINY_SKEL_H__", "#define opts_insn opts_data",
		 "a macro other than the include guard is defined before the load function"},
		{"#define", "#define static\n#define",
		 "a macro other than the include guard is defined before the load function"},
		{"#ifndef", "# /* */ ifndef", "a preprocessor directive without a plain name"},
		{"#ifndef", "#if\\\nndef", "a backslash in the middle of a directive"},
		{"#ifndef", "#de\\\nfine A b\n#ifndef", "a backslash in the middle of a directive"},
		{"#ifndef", "#pragma \"\n#ifndef", "an unterminated literal in a directive"},
		{"#ifndef", "#pragma don't\n#ifndef", "an unterminated literal in a directive"},
		{"#ifndef", "#pragma \"\\\n\"\n#ifndef", "an unterminated literal in a directive"},
		{"#ifndef", "#if 1 < 2 // x\n#endif\n#ifndef",
		 "a directive with < before a literal or comment"},
		{"#ifndef", "#pragma < \"x\"\n#ifndef",
		 "a directive with < before a literal or comment"},
		{"#ifndef", "#pragma < 'x'\n#ifndef",
		 "a directive with < before a literal or comment"},
		{"#ifndef", "#pragma < \\\n\n#ifndef",
		 "a directive with < before a literal or comment"},
		{"#ifndef", "#pragma < /**/\n#ifndef",
		 "a directive with < before a literal or comment"},
		{"#include <bpf/skel_internal.h>", "#include <bpf//*skel_internal.h>",
		 "a directive with < before a literal or comment"},
		{"opts.ctx", "opts\\\n.ctx", "a backslash in the middle of code"},
		{"opts.ctx", "// x \r opts.ctx", "a carriage return without a newline"},
		{"\tint err;", "#if 1\n\tint err;\n#endif",
		 "a preprocessor directive inside the skeleton's struct or before the call that loads"},
		{"static inline int\ntiny__load", "#if 1\nstatic inline int\ntiny__load",
		 "the load function is inside an #if"},
		{"struct tiny {", "#else\nstruct tiny {",
		 "the include guard has an #else or #elif"},
		{"#include", "#if 1\n#define __TINY_SKEL_H__\n#endif\n#include",
		 "a macro other than the include guard is defined before the load function"},
		{"#include", "#define BPF_CHAINSIGN_RT1_H\n#include",
		 "a macro other than the include guard is defined before the load function"},
		{"#include", RT1("#define OTHER\n") "#include",
		 "a macro other than the include guard is defined before the load function"},
		{"#include", RT1("#if 1\n#define BPF_CHAINSIGN_RT1_H\n#endif\n") "#include",
		 "a macro other than the include guard is defined before the load function"},
		{"\tint err;", "\tint err;\n\tchar x = '\n",
		 "unexpected char: expected a statement of the load function"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = replace(sample_s2, cases[i].old, cases[i].new);
		_lskel_ struct lskel lskel = {0};
		int rc = lskel_parse(view_str(text), &lskel, &err);

		CHECK(rc == -EBADMSG || (!rc && lskel.text == LSKEL_TEXT_DIFFERS));
		CHECK_STR(rc ? err.text : lskel.text_why.text, cases[i].text);
		free(text);
	}
}

TEST(parts_have_an_order)
{
	static const char own[] = RT1("#define BPF_CHAINSIGN_RT1_H\n");
	static const char why[] = "the parts of the skeleton are in the wrong order";
	char text[200];

	/* for a header that needs libbpf: between the struct and the load function */
	snprintf(text, sizeof(text), "%s%s", own, SAMPLE_DECL);
	CHECK_INT(parse_with(sample_s2, SAMPLE_DECL, text), 0);
	snprintf(text, sizeof(text), "%s%s", own, "struct tiny {");
	CHECK_INT(parse_with(sample_s2, "struct tiny {", text), -EBADMSG);
	CHECK_STR(err.text, why);
	snprintf(text, sizeof(text), "%s%s", own, "#endif /*");
	CHECK_INT(parse_with(sample_s2, "#endif /*", text), -EBADMSG);
	CHECK_STR(err.text, why);
	snprintf(text, sizeof(text), "struct tiny__loader { int a; };\n%s", SAMPLE_DECL);
	CHECK_INT(parse_with(sample_s2, SAMPLE_DECL, text), -EBADMSG);
	CHECK_STR(err.text, why);
	/* for one that does not: before the struct */
	CHECK_INT(parse_with(sample_s2, "bpf_loader_ctx", "bpf_chainsign_rt1_ctx"), -EBADMSG);
	CHECK_STR(err.text, why);
	snprintf(text, sizeof(text), "%s%s", own, "struct tiny {\n\tstruct bpf_chainsign_rt1_ctx");
	CHECK_INT(parse_with(sample_s2, "struct tiny {\n\tstruct bpf_loader_ctx", text), 0);
	/* there is one */
	snprintf(text, sizeof(text), "%s%s%s", own, own, SAMPLE_DECL);
	CHECK_INT(parse_with(sample_s2, SAMPLE_DECL, text), -EBADMSG);
	CHECK_STR(err.text, "the header has two run-time parts");
	CHECK_INT(
		parse_with(sample_s2, "#include", "#ifndef BPF_CHAINSIGN_RT2_H\n#endif\n#include"),
		-ENOTSUP);
}

/* What is said of the text of a header that is all but a rendering. */
static int text_of(const char *text)
{
	_lskel_ struct lskel lskel = {0};

	if (!CHECK_INT(lskel_parse(view_str(text), &lskel, &err), 0))
		return -1;
	CHECK_INT(lskel.text_why.code, -EBADMSG);
	return (int)lskel.text;
}

/* Text of bpftools that do not sign varies; but in no other may anything be added. */
TEST(only_unsigned_literals_stay_unchecked)
{
	static const char own[] = SAMPLE_TOP SAMPLE_MID SAMPLE_REST RT1("") SAMPLE_DECL
		"struct bpf_chainsign_rt1_loader opts = {};\n\tint err;\n"
		"\topts.ctx = (struct bpf_chainsign_rt1_ctx *)skel;\n"
		"\topts.data_sz = 8;\n\topts.data = (void *)" SAMPLE_DATA_TEXT
		";\n"
		"\topts.insns_sz = 24;\n\topts.insns = (void *)" SAMPLE_INSN_TEXT
		";\n"
		"\terr = bpf_chainsign_rt1_load(&opts);" SAMPLE_TAIL;

	CHECK_INT(text_of(SAMPLE_BEFORE SAMPLE_S1 SAMPLE_TAIL "int more;\n"), LSKEL_TEXT_UNCHECKED);
	CHECK_INT(text_of(SAMPLE_BEFORE SAMPLE_S2 SAMPLE_TAIL "int more;\n"), LSKEL_TEXT_DIFFERS);
	CHECK_INT(text_of(own), LSKEL_TEXT_DIFFERS);
}

TEST(sizes_are_checked)
{
	CHECK_INT(parse_with(sample_s1, "= 24", "= 32"), -EBADMSG);
	CHECK_STR(err.text, "opts.insns_sz is 32, but opts.insns has 24 bytes");
	CHECK_INT(err.line, 81);
	CHECK_INT(parse_with(sample_s1, "opts.data_sz = 8", "opts.data_sz = 7"), -EBADMSG);
	CHECK_STR(err.text, "opts.data_sz is 7, but opts.data has 8 bytes");
	CHECK_INT(parse_with(sample_s2, "sizeof(opts_data) - 1", "sizeof(opts_insn) - 1"),
		  -EBADMSG);
	CHECK_STR(err.text, "opts.data_sz is 24, but opts.data has 8 bytes");
	CHECK_INT(parse_with(sample_s2, "sizeof(opts_data) - 1", "sizeof(opts_data)"), -EBADMSG);
}

TEST(every_statement_is_known_and_there_once)
{
	CHECK_INT(parse_with(sample_s3, "\topts.ctx", "\topts.flags = 0;\n\topts.ctx"), -EBADMSG);
	CHECK_INT(parse_with(sample_s3, "\topts.ctx",
			     "\topts.keyring_id = skel->keyring_id;\n\topts.ctx"),
		  -EBADMSG);
	CHECK_INT(
		parse_with(sample_s3, "\topts.ctx", "\topts.data = (void *)opts_data;\n\topts.ctx"),
		-EBADMSG);
	CHECK_INT(parse_with(sample_s1, "\topts.insns_sz = 24;",
			     "\topts.data = (void *)" SAMPLE_DATA_TEXT ";\n\topts.insns_sz = 24;"),
		  -EBADMSG);
	CHECK_INT(parse_with(sample_s1, "\topts.insns_sz = 24;",
			     "\topts.data_sz = 8;\n\topts.insns_sz = 24;"),
		  -EBADMSG);
	CHECK_INT(parse_with(sample_s3, "\topts.data = (void *)opts_data;\n", ""), -EBADMSG);
	CHECK_STR(err.text, "opts.data is not assigned");
	CHECK_INT(parse_with(sample_s3,
			     "\topts.data_sz = sizeof(opts_data) - 1;\n"
			     "\topts.data = (void *)opts_data;\n",
			     ""),
		  -EBADMSG);
	CHECK_STR(err.text, "opts.data is not assigned");
	CHECK_INT(parse_with(sample_s3,
			     "\topts.insns_sz = sizeof(opts_insn) - 1;\n"
			     "\topts.insns = (void *)opts_insn;\n",
			     ""),
		  -EBADMSG);
	CHECK_STR(err.text, "opts.insns is not assigned");
	CHECK_INT(parse_with(sample_s3, "\topts.signature = (void *)opts_sig;\n", ""), -EBADMSG);
	CHECK_INT(parse_with(sample_s3, "\topts.ctx = (struct bpf_loader_ctx *)skel;\n", ""),
		  -EBADMSG);
	CHECK_INT(parse_with(sample_s3, "= (void *)opts_sig", "= (void *)opts_data"), -EBADMSG);
	CHECK_INT(parse_with(sample_s3, "opts_excl_hash[]", "opts_sig[]"), -EBADMSG);
	CHECK_INT(parse_body(SAMPLE_LOCALS SAMPLE_BLOBS SAMPLE_BLOBS SAMPLE_CALL), -EBADMSG);
	CHECK_STR(err.text, "two arrays have this name");
	CHECK_INT(parse_body(SAMPLE_LOCALS SAMPLE_BLOBS
			     "\tmemset(&opts, 0, sizeof(opts));\n" SAMPLE_CALL),
		  -EBADMSG);
	CHECK_STR(err.text, "unexpected memset: expected a statement of the load function");
}

/* NR arrays that nobody uses, before literals that are assigned. */
static int parse_with_arrays(int nr, const char *rest)
{
	char body[4096] = SAMPLE_LOCALS;

	for (int i = 0; i < nr; i++)
		sprintf(body + strlen(body), "\tstatic const char a%d[] = \"x\";\n", i);
	strcat(body, rest);
	return parse_body(body);
}

TEST(arrays_are_many_but_not_without_end)
{
	const char *rest = strstr(SAMPLE_S1, "\n\topts.ctx");

	CHECK_INT(parse_with_arrays(0, rest), 0);
	for (int nr = 14; nr <= 17; nr++) {
		CHECK_INT(parse_with_arrays(nr, rest), -EBADMSG);
		/* each literal is one, too */
		CHECK_STR(err.text, nr == 14 ? "this array is not passed to the loader"
					     : "the load function has too many arrays");
	}
	CHECK_INT(parse_with_arrays(16, "\topts.data = (void *)a16;\n"), -EBADMSG);
	CHECK_STR(err.text, "unexpected a16: expected an unused array");
}

/* The sample with NAME for "tiny". */
static int parse_called(const char *name)
{
	_buf_ struct buf text = {0};
	const char *at = sample_s2, *next;

	for (; (next = strstr(at, "tiny")); at = next + strlen("tiny")) {
		buf_add(&text, at, (size_t)(next - at));
		buf_add_str(&text, name);
	}
	buf_add_str(&text, at);
	return parse(buf_view(&text));
}

TEST(a_skeleton_is_called_what_c_allows)
{
	static const char why[] =
		"the name of the skeleton's struct is not a C identifier, or too long";
	char name[513] = {0};

	CHECK_INT(parse_called("other"), 0);
	CHECK_INT(parse_called("while"), -EBADMSG);
	CHECK_STR(err.text, why);
	memset(name, 'x', 511);
	CHECK_INT(parse_called(name), 0);
	name[511] = 'x';
	CHECK_INT(parse_called(name), -EBADMSG);
	CHECK_STR(err.text, why);
}

TEST(what_is_declared_is_declared_once_and_before_it_is_used)
{
	static const char opts[] = "\tstruct bpf_load_and_run_opts opts = {};\n",
			  number[] = "\tint err;\n";
	char body[4096];

	CHECK_INT(parse_with(sample_s2, number, "\tint err;\n\tint err;\n"), -EBADMSG);
	CHECK_STR(err.text, "unexpected int: expected a statement of the load function");
	CHECK_INT(parse_with(sample_s2, number, ""), -EBADMSG);
	CHECK_STR(err.text, "unexpected err: expected a statement of the load function");
	CHECK_INT(parse_with(sample_s2, opts, ""), -EBADMSG);
	CHECK_STR(err.text, "unexpected opts: expected a statement of the load function");
	snprintf(body, sizeof(body), "%s%s", opts, opts);
	CHECK_INT(parse_with(sample_s2, opts, body), -EBADMSG);
	CHECK_STR(err.text, "unexpected bpf_load_and_run_opts: expected bpf_load_and_run_opts");
	/* in another order it is the same */
	snprintf(body, sizeof(body), "\n%s" SAMPLE_BLOBS "%s" SAMPLE_CALL, number, opts);
	CHECK_INT(parse_body(body), 0);
	CHECK_INT(parse_with(sample_s2, number, "\tmemset(0);\n\tint err;\n"), -EBADMSG);
	CHECK_STR(err.text, "unexpected memset: expected a statement of the load function");
}

TEST(one_file_is_one_skeleton)
{
	CHECK_INT(parse_with(sample_s2, "#endif /*",
			     SAMPLE_DECL SAMPLE_S2 "\n\treturn err;\n}\n#endif /*"),
		  -ENOTSUP);
	CHECK_STR(err.text, "tiny__load() is defined twice");
	CHECK_INT(parse_with(sample_s2, "#endif /*",
			     "struct other {\n\tstruct bpf_loader_ctx ctx;\n};\n#endif /*"),
		  -ENOTSUP);
	CHECK_STR(err.text, "the file has a second skeleton: put each into its own file");
}

TEST(sizes_of_images_are_those_of_kernels)
{
	CHECK_INT(parse_with(sample_s2, SAMPLE_INSN_TEXT, "\"\\x95\\0\\0\\0\\0\\0\\0\""), -EBADMSG);
	CHECK_INT(parse_with(sample_s2, SAMPLE_INSN_TEXT, "\"\""), -EBADMSG);
	CHECK_INT(parse_with(sample_s2, SAMPLE_DATA_TEXT, "\"\""), -EBADMSG);
}

TEST(a_header_without_its_end_names_what_is_missing)
{
	CHECK_INT(parse(view_lit(SAMPLE_TOP SAMPLE_MID SAMPLE_REST)), -EBADMSG);
	CHECK_STR(err.text,
		  "the load function is missing: the header ends after tiny__open() "
		  "(was bpftool interrupted? generate the header again)");
	CHECK_INT(parse(view_lit(SAMPLE_BEFORE SAMPLE_LOCALS)), -EBADMSG);
	CHECK_STR(err.text,
		  "opts_data[] is missing: the header ends after tiny__open() "
		  "(was bpftool interrupted? generate the header again)");
	CHECK_INT(parse(view_lit(
			  SAMPLE_BEFORE SAMPLE_LOCALS SAMPLE_ARRAY("opts_data", SAMPLE_DATA_TEXT))),
		  -EBADMSG);
	CHECK_STR(err.text,
		  "opts_insn[] is missing: the header ends after opts_data[] "
		  "(was bpftool interrupted? generate the header again)");
	CHECK_INT(parse(view_lit(SAMPLE_BEFORE SAMPLE_LOCALS SAMPLE_BLOBS)), -EBADMSG);
	CHECK_STR(err.text,
		  "the call that loads is missing: the header ends after opts_insn[] "
		  "(was bpftool interrupted? generate the header again)");
	CHECK_INT(parse(view_lit("")), -EBADMSG);
	CHECK_INT(parse(view_lit("int main(void) { return 0; }\n")), -EBADMSG);
	CHECK_STR(err.text,
		  "the skeleton's struct is missing: the header ends after main() "
		  "(was bpftool interrupted? generate the header again)");
}

/* Every cut is a failure, but for the end that is blank or a comment. */
static void truncate_all(const char *sample)
{
	size_t end = strlen(sample) - strlen(" /* __TINY_SKEL_H__ */\n");

	for (size_t size = 0; size < end; size++) {
		if (!CHECK(parse(at_edge(view_of(sample, size))) < 0)) {
			printf("# cut at %zu of %zu\n", size, end);
			return;
		}
	}
	CHECK_INT(parse(at_edge(view_of(sample, end))), 0);
}

TEST(a_header_cut_at_any_byte_is_refused)
{
	truncate_all(sample_s1);
	truncate_all(sample_s2);
	truncate_all(sample_s3);
}

/* What lies behind must not be read: it could end what is cut. */
TEST(text_that_ends_inside_something_is_refused)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"'", "an unterminated character constant"},
		{"'@", "an unterminated character constant"},
		{"'@\\", "an unterminated character constant"},
		{"/*", "the header ends inside a comment"},
		{"/* *", "the header ends inside a comment"},
		{"/* \\", "the header ends inside a comment"},
		{"#/*", "the header ends inside a comment"},
		{"#define A '", "an unterminated literal in a directive"},
		{"#define A \"\\", "an unterminated literal in a directive"},
		{"#define A <", NULL},
		{"#define A < /", NULL},
		{"#define A \\", "a backslash in the middle of a directive"},
		{"#define A \\ ", "a backslash in the middle of a directive"},
		{"#define A", NULL},
		{"#define ", NULL},
		{"#ifndef A", NULL},
		{"#ifndef", NULL},
		{"#i", NULL},
		{"# ", NULL},
		{"#", NULL},
		{"\\", "a backslash in the middle of code"},
		{" \\\t", "a backslash in the middle of code"},
		{"/", NULL},
		{"// \\", NULL},
		{"//", NULL},
		{"\r", "a carriage return without a newline"},
		{"x", NULL},
		{"1.", NULL},
		{"-", NULL},
		{"<", NULL},
		{"?\?", NULL},
		{"\xef\xbb", "a byte that C does not allow"},
		{"struct a {", NULL},
		{"struct a { struct bpf_loader_ctx ctx;", NULL},
		{"struct a { struct bpf_loader_ctx ctx;\n \t", NULL},
		{"struct a { struct bpf_loader_ctx ctx; int keyring_id;", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!CHECK_INT(parse(at_edge(view_str(cases[i].text))), -EBADMSG))
			printf("# %s\n", cases[i].text);
		if (cases[i].why)
			CHECK_STR(err.text, cases[i].why);
	}
}

/* The bytes of a header that are part of a blob's literal. */
static bool in_blob(const char *sample, size_t at)
{
	static const char *const blobs[] = {SAMPLE_INSN_TEXT, SAMPLE_DATA_TEXT};
	bool is_in = false;

	for (size_t i = 0; i < ARRAY_SIZE(blobs); i++) {
		size_t start = (size_t)(strstr(sample, blobs[i]) - sample);

		is_in |= at >= start && at < start + strlen(blobs[i]);
	}
	return is_in;
}

static void flip_all(const char *sample)
{
	size_t size = strlen(sample);
	char *copy = strdup(sample);
	int others = 0;

	for (size_t bit = 0; bit < 8 * size; bit++) {
		int rc;

		copy[bit / 8] ^= (char)(1 << bit % 8);
		rc = parse(view_of(copy, size));
		if (rc == -EXDEV) {
			others++;
			if (!CHECK(in_blob(sample, bit / 8)))
				printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
		}
		copy[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(others > 0);
	free(copy);
}

TEST(a_flipped_bit_outside_the_literals_never_changes_the_image)
{
	flip_all(sample_s1);
	flip_all(sample_s2);
	flip_all(sample_s3);
}

/* r6 = r1; r0 = *(u32 *)(r6 + OFFSET) or *(u64 *); exit: as \x escapes */
static int parse_access(const char *op, const char *regs, const char *offset, bool is_big)
{
	char text[256];

	snprintf(text, sizeof(text), "\"\\xbf\\x%s\\0\\0\\0\\0\\0\\0%s%s%s\\0\\0\\0\\0%s\"",
		 is_big ? "61" : "16", op, regs, offset, "\\x95\\0\\0\\0\\0\\0\\0\\0");
	return parse_with(sample_s2, SAMPLE_INSN_TEXT, text);
}

TEST(loaders_with_the_old_context_are_refused)
{
	/* map 0: max_entries at 24 + 8, initial_value at 24 + 0 */
	CHECK_INT(parse_access("\\x61", "\\x60", "\\x20\\0", false), -ENOTSUP);
	CHECK_INT(parse_access("\\x79", "\\x63", "\\x18\\0", false), -ENOTSUP);
	CHECK_INT(parse_access("\\x61", "\\x06", "\\0\\x20", true), -ENOTSUP);
	CHECK_STR(err.text,
		  "this loader was generated by libbpf 0.7 or older, and cannot be loaded "
		  "by newer ones: generate the header again with bpftool 6.8 or newer");
	/* map 2, now and since libbpf 0.8: at 24 + 32 + 4 and 24 + 32 + 8 */
	CHECK_INT(parse_access("\\x61", "\\x60", "\\x3c\\0", false), -EXDEV);
	CHECK_INT(parse_access("\\x79", "\\x63", "\\x40\\0", false), -EXDEV);
	CHECK_INT(parse_access("\\x61", "\\x06", "\\0\\x3c", true), -EXDEV);
	/* what does not begin as a loader does */
	CHECK_INT(parse_with(sample_s2, SAMPLE_INSN_TEXT,
			     "\"\\xbf\\x26\\0\\0\\0\\0\\0\\0\\x61\\x60\\x20\\0\\0\\0\\0\\0"
			     "\\x95\\0\\0\\0\\0\\0\\0\\0\""),
		  -EXDEV);
	/* log_level at 8, whatever the layout; another register */
	CHECK_INT(parse_access("\\x61", "\\x60", "\\x08\\0", false), -EXDEV);
	CHECK_INT(parse_access("\\x61", "\\x70", "\\x20\\0", false), -EXDEV);
}

TEST(instructions_are_not_read_past_their_end)
{
	CHECK(!lskel_is_old_layout(at_edge(view_lit(SAMPLE_INSNS))));
	/* half of an instruction of 16 bytes, the address of a map */
	CHECK(
		!lskel_is_old_layout(at_edge(view_lit("\xbf\x16\0\0\0\0\0\0"
						      "\x18\x61\0\0\0\0\0\0"))));
	/* its second half looks like an access, and is none */
	CHECK(
		!lskel_is_old_layout(at_edge(view_lit("\xbf\x16\0\0\0\0\0\0"
						      "\x18\x61\0\0\0\0\0\0"
						      "\x61\x60\x20\0\0\0\0\0"))));
	CHECK(
		lskel_is_old_layout(at_edge(view_lit("\xbf\x16\0\0\0\0\0\0"
						     "\xb7\0\0\0\0\0\0\0"
						     "\x61\x60\x20\0\0\0\0\0"))));
}

TEST(what_looks_like_a_skeleton_is_told_apart)
{
	CHECK(lskel_is(view_lit(sample_s1)));
	CHECK(lskel_is(view_lit("#include <bpf/skel_internal.h>\n")));
	CHECK(!lskel_is(view_lit("int main(void) { return 0; }\n")));
	CHECK(!lskel_is((struct view){NULL, 0}));
}

UNIT_MAIN
