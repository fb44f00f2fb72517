// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text around the load function, as each generator words it: what is described comes out as
 * text, that text reads as what was described, and no other text does.
 */
#include <errno.h>
#include <stdlib.h>

#include "lskel/lskel.h"
#include "lskel_rendered.h"
#include "unit.h"

static struct err err;

/* TEXT with the first OLD from FROM on replaced by NEW. */
static void replace(const struct buf *text, const char *from, const char *old, const char *new,
		    struct buf *ret)
{
	_buf_ struct buf copy = {0};
	const char *begin, *at;

	buf_add_view(&copy, buf_view(text));
	begin = buf_cstr(&copy);
	at = strstr(begin, from);
	at = at ? strstr(at, old) : NULL;
	if (!CHECK(at))
		abort();
	buf_add(ret, begin, (size_t)(at - begin));
	buf_add_str(ret, new);
	buf_add_str(ret, at + strlen(old));
}

static void check_var(const struct skel_var *got, const struct skel_var *want)
{
	CHECK_STR(got->ident, want->ident);
	CHECK_INT(got->size, want->size);
}

static void check_map(const struct skel_map *got, const struct skel_map *want)
{
	CHECK_STR(got->ident, want->ident);
	CHECK(got->mapped == want->mapped);
	CHECK(got->read_only == want->read_only);
	CHECK(got->percpu == want->percpu);
	CHECK(got->pinned == want->pinned);
	CHECK_INT((long long)got->mmap_size, (long long)want->mmap_size);
	CHECK(view_equal(buf_view(&got->value), buf_view(&want->value)));
	CHECK(view_equal(buf_view(&got->members), buf_view(&want->members)));
	if (!CHECK_INT((long long)got->nr_vars, (long long)want->nr_vars))
		return;
	for (size_t i = 0; i < got->nr_vars; i++)
		check_var(&got->vars[i], &want->vars[i]);
}

static void check_prog(const struct skel_prog *got, const struct skel_prog *want)
{
	CHECK_STR(got->ident, want->ident);
	CHECK_INT(got->attach, want->attach);
	if (want->target)
		CHECK_STR(got->target, want->target);
	else
		CHECK(!got->target);
}

static void check_skel(const struct skel *got, const struct skel *want)
{
	CHECK_STR(got->name, want->name);
	if (!CHECK_INT((long long)got->nr_maps, (long long)want->nr_maps) ||
	    !CHECK_INT((long long)got->nr_progs, (long long)want->nr_progs))
		return;
	for (size_t i = 0; i < got->nr_maps; i++)
		check_map(&got->maps[i], &want->maps[i]);
	for (size_t i = 0; i < got->nr_progs; i++)
		check_prog(&got->progs[i], &want->progs[i]);
	CHECK_INT(got->pieces, want->pieces);
}

/* Parse TEXT; whether it is a rendering, or -errno. */
static int rendered(const struct buf *text, struct lskel *ret)
{
	int rc = lskel_parse(buf_view(text), ret, &err);

	if (rc)
		return rc;
	CHECK(ret->text == LSKEL_TEXT_RENDERED || *ret->text_why.text);
	return ret->text == LSKEL_TEXT_RENDERED;
}

static int is_rendered(const struct buf *text)
{
	_lskel_ struct lskel lskel = {0};

	return rendered(text, &lskel);
}

TEST(what_each_generator_writes_reads_as_what_was_described)
{
	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		_buf_ struct buf text = {0}, again = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(style);

		render(&skel, style, &text);
		if (!CHECK_INT(rendered(&text, &lskel), 1)) {
			printf("# style %u: line %u: %s%s\n", style, lskel.text_why.line, err.text,
			       lskel.text_why.text);
			continue;
		}
		CHECK_INT(lskel.style, style);
		check_skel(&lskel.skel, &skel);
		CHECK_INT(lskel_render(&lskel, &again, &err), 0);
		CHECK(view_equal(buf_view(&again), buf_view(&text)));
	}
}

TEST(what_is_not_loaded_is_not_attached)
{
	_buf_ struct buf text = {0};
	_lskel_ struct lskel lskel = {0};
	struct skel skel = describe(OWN);

	own_progs[4].skipped = true;
	render(&skel, OWN, &text);
	own_progs[4].skipped = false;
	CHECK_INT(rendered(&text, &lskel), 1);
	CHECK_INT(lskel.skel.progs[4].attach, SKEL_ATTACH_NONE);
	CHECK(!strstr(buf_cstr(&text), "kprobe/do_exit"));
}

TEST(a_program_attaches_to_a_target_of_its_kind_by_code_that_is_there)
{
	_buf_ struct buf text = {0}, other = {0}, kind = {0}, zero = {0}, why = {0}, none = {0};
	struct skel skel = describe(OWN);

	render(&skel, OWN, &text);
	CHECK(strstr(buf_cstr(&text), "rt1_uprobe(\"uprobe//a b/@$%\\?\\?/:main+1\", "));
	replace(&text, "rt1_kprobe(\"", "kprobe/do", "uprobe/do", &other);
	CHECK_INT(is_rendered(&other), 0);
	replace(&text, "= bpf_chainsign_rt1_kprobe(", "rt1_kprobe(", "rt1_ksyscall(", &kind);
	CHECK_INT(is_rendered(&kind), 0);
	replace(&text, "rt1_kprobe(\"", "do_exit", "do_\\0it", &zero);
	CHECK_INT(is_rendered(&zero), 0);
	replace(&text, "rt1_kprobe(\"", "do_exit", "do_fork", &why);
	CHECK_INT(is_rendered(&why), 0);
	skel.pieces &= ~SKEL_PIECE_BIT(SKEL_PIECE_ELF);
	render(&skel, OWN, &none);
	CHECK_INT(is_rendered(&none), 0);
}

TEST(maps_are_pinned_where_one_asks_for_it)
{
	_buf_ struct buf text = {0}, none = {0}, other = {0}, section = {0}, empty = {0};
	struct skel skel = describe(OWN);

	render(&skel, OWN, &text);
	CHECK(strstr(buf_cstr(&text), "BPF_CHAINSIGN_RT1_PIN_H"));
	CHECK(strstr(buf_cstr(&text), "{\"more\", skel->maps.more.map_fd}"));
	fixed_maps[3].pinned = false;
	render(&skel, OWN, &none);
	fixed_maps[3].pinned = true;
	CHECK_INT(is_rendered(&none), 1);
	CHECK(!strstr(buf_cstr(&none), "PIN_H"));
	CHECK(!strstr(buf_cstr(&none), "__pin("));
	/* The name of the file is that of the map, no section is pinned, and no table is empty. */
	replace(&text, "__pin(", "{\"more\"", "{\"counts\"", &other);
	CHECK_INT(is_rendered(&other), 0);
	replace(&text, "__pin(", "{\"more\", skel->maps.more.", "{\"data\", skel->maps.data.",
		&section);
	CHECK_INT(is_rendered(&section), 0);
	replace(&text, "__pin(", "{\"more\", skel->maps.more.map_fd},", "", &empty);
	CHECK_INT(is_rendered(&empty), 0);
}

TEST(a_header_has_the_parts_that_it_needs)
{
	_buf_ struct buf text = {0}, without = {0}, unneeded = {0}, changed = {0}, unknown = {0};
	struct skel skel = describe(OWN);
	const char *start, *end, *function;

	render(&skel, OWN, &text);
	start = strstr(buf_cstr(&text), "#ifndef BPF_CHAINSIGN_RT1_PIN_H");
	end = strstr(start, "struct tiny {");
	buf_add(&without, text.data, (size_t)(start - (char *)text.data));
	buf_add_str(&without, end);
	CHECK_INT(is_rendered(&without), 0);
	function = strstr(end, "\nstatic inline int\ntiny__pin(");
	buf_add(&unneeded, text.data, (size_t)(function - (char *)text.data));
	buf_add_str(&unneeded, strstr(function, "\n__attribute__((unused))"));
	CHECK_INT(is_rendered(&unneeded), 0);
	replace(&text, "RT1_PIN_H", "mkdir(dir, 0700)", "mkdir(dir, 0777)", &changed);
	CHECK_INT(is_rendered(&changed), 0);
	replace(&text, "#define BPF_CHAINSIGN_RT1_PIN_H", "PIN_H", "PEN_H", &unknown);
	CHECK_INT(is_rendered(&unknown), 0);
}

TEST(what_earlier_releases_signed_is_read_by_its_revision)
{
	for (unsigned int revision = 0; revision <= FORM_REVISION_0_2; revision++) {
		_buf_ struct buf text = {0}, again = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(OWN_LIBBPF);

		render_old(&skel, revision, &text);
		CHECK_INT(rendered(&text, &lskel), 1);
		CHECK_INT(lskel.style, OWN_LIBBPF);
		CHECK_INT(lskel.revision, revision);
		CHECK_INT(lskel.runtime, LSKEL_RUNTIME_EMBEDDED);
		CHECK(lskel.is_signed && !lskel.is_alone);
		check_skel(&lskel.skel, &skel);
		CHECK_INT(lskel_render(&lskel, &again, &err), 0);
		CHECK(view_equal(buf_view(&again), buf_view(&text)));
	}
}

TEST(a_revision_that_was_never_released_is_too_new)
{
	static const char *const revisions[] = {"0", "2", "01", "10", "11", "x", "-1", "\"1\""};

	for (size_t i = 0; i < ARRAY_SIZE(revisions); i++) {
		_buf_ struct buf text = {0}, changed = {0};
		struct skel skel = describe(OWN_LIBBPF);

		render_old(&skel, FORM_REVISION_0_2, &text);
		replace(&text, "tiny__loader_revision", "1", revisions[i], &changed);
		if (!CHECK_INT(is_rendered(&changed), -ENOTSUP))
			printf("# %s\n", revisions[i]);
	}
}

TEST(a_run_time_part_is_of_one_revision)
{
	_buf_ struct buf text = {0}, changed = {0}, none = {0};
	struct skel skel = describe(OWN_LIBBPF);

	render_old(&skel, FORM_REVISION_0_2, &text);
	replace(&text, "", "enum { tiny__loader_revision = 1 };", "", &none);
	CHECK_INT(is_rendered(&none), 0);
	render_old(&skel, 0, &changed);
	buf_free(&none);
	replace(&changed, "", "#include <stddef.h>",
		"enum { tiny__loader_revision = 1 };\n#include <stddef.h>", &none);
	CHECK_INT(is_rendered(&none), 0);
}

/* What a signature of bpftool's stands beside. */
TEST(a_signed_header_has_an_exclusive_hash)
{
	_buf_ struct buf text = {0}, part = {0}, without = {0};
	_lskel_ struct lskel lskel = {0};
	struct form_load load = {.is_signed = true};
	struct skel skel = describe(BPFTOOL_7_7);
	const char *array;

	render_load(&skel, BPFTOOL_7_7, &load, &text);
	CHECK_INT(is_rendered(&text), 1);
	replace(&text, "",
		"\topts.excl_prog_hash = (void *)opts_excl_hash;\n"
		"\topts.excl_prog_hash_sz = sizeof(opts_excl_hash) - 1;\n",
		"", &part);
	array = strstr(buf_cstr(&part), "\tstatic const char opts_excl_hash[]");
	if (!CHECK(array))
		return;
	buf_add(&without, part.data, (size_t)(array - (const char *)part.data));
	buf_add_str(&without, strstr(array, ";\n") + 2);
	CHECK_INT(rendered(&without, &lskel), 0);
	CHECK(lskel.is_signed && !lskel.image.excl_hash.data);
}

TEST(text_that_differs_from_the_start_is_told)
{
	_buf_ struct buf text = {0}, again = {0};
	_lskel_ struct lskel lskel = {0};

	buf_add_str(&text, "int first;\n");
	buf_add_str(&text, sample_s3);
	CHECK_INT(rendered(&text, &lskel), 0);
	CHECK_INT(lskel.text_why.code, -EBADMSG);
	CHECK_INT(lskel.text_why.line, 1);
	CHECK(strstr(lskel.text_why.text, "found int"));
	CHECK_INT(lskel_render(&lskel, &again, &err), -EINVAL);
	CHECK(!again.data);
}

/* For a compiler it is nothing, but what is signed again has to be bpftool's bytes. */
TEST(one_generator_leaves_a_blank_line_behind_the_arrays)
{
	for (unsigned int style = BPFTOOL_7_7; style <= BPFTOOL_7_3; style++) {
		_buf_ struct buf text = {0};
		struct skel skel = describe(style);

		render(&skel, style, &text);
		CHECK((strstr(buf_cstr(&text), ";\n\n\topts.ctx = ") != NULL) ==
		      (style == BPFTOOL_7_3));
	}
}

TEST(our_own_form_has_eight_bytes_for_long)
{
	_buf_ struct buf long_text = {0}, fixed_text = {0};
	struct skel longs = describe(OWN_LIBBPF), fixed = describe(OWN);

	fixed_maps[3].pinned = false; /* as in the other */
	longs.progs = fixed.progs;
	longs.nr_progs = fixed.nr_progs;
	longs.pieces = fixed.pieces;
	render(&longs, OWN, &long_text);
	render(&fixed, OWN, &fixed_text);
	fixed_maps[3].pinned = true;
	CHECK(view_equal(buf_view(&long_text), buf_view(&fixed_text)));
}

static bool says(const struct buf *text, const char *words)
{
	return memmem(text->data, text->size, words, strlen(words));
}

/* What a program cannot set is const, and the run-time part is told how many maps to look at. */
TEST(our_own_form_says_whether_the_loader_is_sealed)
{
	for (int sealed = 0; sealed < 2; sealed++) {
		_buf_ struct buf text = {0}, again = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(OWN);

		skel.sealed = sealed;
		render(&skel, OWN, &text);
		CHECK(says(&text, "const struct tiny__rodata {") == sealed);
		CHECK(says(&text, "*rodata; /* const: sign it with \"") == sealed);
		CHECK(says(&text, "\topts.nr_maps = 5;\n") == sealed);
		CHECK(!says(&text, "const struct tiny__data {"));
		CHECK(says(&text, "\tskel->enforce = 1;\n"));
		if (!CHECK_INT(rendered(&text, &lskel), 1))
			continue;
		CHECK(lskel.tells_sealed && lskel.sealed == sealed);
		check_skel(&lskel.skel, &skel);
		CHECK_INT(lskel_render(&lskel, &again, &err), 0);
		CHECK(view_equal(buf_view(&again), buf_view(&text)));
	}
}

/* Each change of what a sealed header does with maps and sections is one of the text. */
TEST(what_is_done_with_sections_is_part_of_the_text)
{
	static const char *const changes[][3] = {
		{"tiny__load(", "{1, PROT_READ, 4,", "{1, PROT_READ | PROT_WRITE, 4,"},
		{"tiny__load(", "{1, PROT_READ, 4,", "{1, 0, 4,"},
		{"tiny__load(", "{1, PROT_READ, 4,", "{2, PROT_READ, 4,"},
		{"tiny__load(", "{1, PROT_READ, 4,", "{1, PROT_READ, 8,"},
		{"tiny__load(", "4, skel->rodata", "4, skel->data"},
		{"tiny__load(", "opts.nr_sections = 3", "opts.nr_sections = 2"},
		{"tiny__load(", "opts.nr_maps = 5", "opts.nr_maps = 0"},
		{"tiny__load(", "\topts.nr_maps = 5;\n", ""},
		{"tiny__load(", "\topts.sections = sections;\n", ""},
		{"tiny__load(", "skel->enforce", "1"},
		{"tiny__load(", "&skel->why", "&skel->loaded_as"},
		{"tiny__open(", "skel->enforce = 1", "skel->enforce = 0"},
		{"tiny__open(", "\tskel->enforce = 1;\n", ""},
		{"struct tiny {", "const struct tiny__rodata", "struct tiny__rodata"},
		{"struct tiny {", " struct tiny__data", " const struct tiny__data"},
		{"struct tiny {", "\t__u32 enforce;\n", ""},
		{"struct tiny {", "\tconst char *why;\n", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_buf_ struct buf text = {0}, changed = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(OWN);

		skel.sealed = true;
		render(&skel, OWN, &text);
		replace(&text, changes[i][0], changes[i][1], changes[i][2], &changed);
		if (!CHECK(rendered(&changed, &lskel) != 1))
			printf("# %s\n", changes[i][2]);
	}
}

TEST(where_a_value_or_a_name_stands_is_noted)
{
	_buf_ struct buf text = {0};
	_lskel_ struct lskel lskel = {0};
	struct skel skel = describe(BPFTOOL_7_7);

	render(&skel, BPFTOOL_7_7, &text);
	if (!CHECK_INT(rendered(&text, &lskel), 1))
		return;
	for (size_t i = 0; i < lskel.skel.nr_maps; i++) {
		const struct skel_map *map = &lskel.skel.maps[i];

		CHECK(!memcmp(text.data + map->at, "struct bpf_map_desc ", 20));
		CHECK(!memcmp(text.data + map->at + 20, map->ident, strlen(map->ident)));
		CHECK(!map->mapped || !memcmp(text.data + map->value_at, "\"\\\n\\x07", 7));
	}
	for (size_t i = 0; i < lskel.skel.nr_progs; i++) {
		const struct skel_prog *prog = &lskel.skel.progs[i];

		CHECK(!memcmp(text.data + prog->at, "struct bpf_prog_desc ", 21));
		CHECK(!memcmp(text.data + prog->at + 21, prog->ident, strlen(prog->ident)));
	}
}

TEST(a_skeleton_without_maps_or_programs_has_fewer_lists)
{
	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		for (int what = 0; what < 4; what++) {
			_buf_ struct buf text = {0};
			_lskel_ struct lskel lskel = {0};
			struct skel skel = describe(style);

			skel.nr_maps = what & 1 ? skel.nr_maps : 0;
			skel.nr_progs = what & 2 ? skel.nr_progs : 0;
			render(&skel, style, &text);
			/* the parser itself wants a program's descriptor for the member after it */
			if (rendered(&text, &lskel) == 1)
				check_skel(&lskel.skel, &skel);
			else
				CHECK(!skel.nr_progs);
		}
	}
}

/* The members of rodata as they are read of a struct that is written like this. */
static void check_members(const char *body, const char *want)
{
	_buf_ struct buf text = {0}, changed = {0};
	_lskel_ struct lskel lskel = {0};
	struct skel skel = describe(BPFTOOL_7_7);

	render(&skel, BPFTOOL_7_7, &text);
	replace(&text, "struct tiny__rodata {", "\n" MEMBERS "\t}", body, &changed);
	if (!CHECK_INT(rendered(&changed, &lskel), 1)) {
		printf("# %s: %s\n", body, lskel.text_why.text);
		return;
	}
	if (!CHECK(view_equal(buf_view(&lskel.skel.maps[1].members), view_str(want))))
		printf("# %.*s\n", (int)lskel.skel.maps[1].members.size,
		       (const char *)lskel.skel.maps[1].members.data);
}

#define ONE "int step; char __pad0[4]; long steps[2];"

TEST(members_are_kept_as_they_are_written_without_the_lines_of_the_braces)
{
	check_members("\n" MEMBERS "\t}", MEMBERS);
	check_members("\n" MEMBERS "}", MEMBERS);
	check_members(" \t\n" MEMBERS "\t }", MEMBERS);
	check_members("\r\n\t\t" ONE "\r\n\t}", "\t\t" ONE "\n");
	check_members(ONE "}", ONE);
	check_members(" " ONE " }", " " ONE);
	check_members(" " ONE "\n\t}", " " ONE "\n");
	check_members("\n\n" ONE "}", "\n" ONE);
	check_members("/* { */" ONE "}", " " ONE);
	check_members(" /* { */\n" ONE "// }\n}", " " ONE);
	check_members("struct { int a; } step; long steps[2];}",
		      "struct { int a; } step; long steps[2];");
}

TEST(what_is_not_members_alone_is_no_rendering)
{
	static const char asserts[] = "expected an assertion for each member",
			  alone[] = "expected declarations of members alone";
	static const struct {
		const char *body, *why;
	} cases[] = {
		{ONE "int more;}", asserts},		   /* not asserted */
		{"int step; char __pad0[4];}", asserts},   /* asserted, not there */
		{"long steps[2]; int step;}", asserts},	   /* in another order */
		{ONE "; }", alone},			   /* no declaration */
		{ONE "} *more; struct tiny__other {", ""}, /* another struct */
		{"step; steps;}", alone},
		{ONE "int f(void) { return 0; }}", alone},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf text = {0}, changed = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(BPFTOOL_7_7);

		render(&skel, BPFTOOL_7_7, &text);
		replace(&text, "struct tiny__rodata {", "\n" MEMBERS "\t}", cases[i].body,
			&changed);
		CHECK(rendered(&changed, &lskel) != 1);
		if (!CHECK(strstr(lskel.text_why.text, cases[i].why)))
			printf("# %s: %s\n", cases[i].body, lskel.text_why.text);
	}
}

TEST(numbers_names_and_values_have_their_limits)
{
	static const struct {
		const char *old, *new;
	} changes[] = {
		/* what is mapped is whole pages, and not less than the value */
		{"initial_value, 4096", "initial_value, 4097"},
		{"initial_value, 4096", "initial_value, 04096"},
		{"initial_value, 4096", "initial_value, 0"},
		{"initial_value, 4096", "initial_value, 40960000000"},
		{"initial_value, 4096", "initial_value, -1"},
		{"initial_value, 4096", "initial_value, x"},
		{"== 4, ", "== 4u, "},
		{"== 4, ", "== 0x4, "},
		{"\"tp\"", "\"t p\""},
		{"\"tp\"", "\"\""},
		{"\"tp\"", "tp"},
		{"bpf_map_desc counts", "bpf_map_desc while"},
		{"bpf_map_desc counts", "bpf_map_desc 1"},
		{"\"\\\n\\x07\\0\\0\\0\"", "value"},
		{"PROT_READ,", "PROT_NONE,"},
		{"#ifdef __cplusplus", "#ifdef __cplusplus__"},
		{"#ifdef __cplusplus", "#ifdef \\\n__cplusplus"},
		{"#endif /* __TINY_SKEL_H__ */\n", "#endif /* __TINY_SKEL_H__ */\nint x;\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_buf_ struct buf text = {0}, changed = {0};
		struct skel skel = describe(BPFTOOL_7_7);

		render(&skel, BPFTOOL_7_7, &text);
		replace(&text, "", changes[i].old, changes[i].new, &changed);
		if (!CHECK(is_rendered(&changed) != 1))
			printf("# %s\n", changes[i].new);
	}
}

TEST(a_value_fills_what_is_mapped_at_most)
{
	for (size_t size = 4095; size <= 4097; size++) {
		_buf_ struct buf text = {0}, large = {0};
		struct skel_map one = {SECTION("rodata"), .read_only = true};
		struct skel skel = describe(BPFTOOL_7_7);

		buf_space(&large, size);
		memset(large.data, 1, size);
		one.value = large;
		skel.maps = &one;
		skel.nr_maps = 1;
		render(&skel, BPFTOOL_7_7, &text);
		CHECK_INT(is_rendered(&text), size <= 4096);
	}
}

TEST(what_differs_is_told_by_the_generator_that_it_fits_best)
{
	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		_buf_ struct buf text = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(style);
		unsigned int line = 1;

		render(&skel, style, &text);
		for (size_t i = 0; i < text.size; i++)
			line += text.data[i] == '\n';
		buf_add_str(&text, "int more;\n");
		CHECK_INT(rendered(&text, &lskel), 0);
		CHECK_INT(lskel.text_why.line, line);
		CHECK(strstr(lskel.text_why.text, "expected the end, found int"));
	}
}

/* --- what is written differently, and is the same --- */

TEST(our_includes_may_be_sorted)
{
	_buf_ struct buf text = {0}, sorted = {0}, other = {0};
	struct skel skel = describe(OWN_LIBBPF);

	render(&skel, OWN_LIBBPF, &text);
	replace(&text, "", "#include <errno.h>\n#include <bpf/skel_internal.h>\n",
		"#include <bpf/skel_internal.h>\n#include <errno.h>\n", &sorted);
	replace(&text, "", "#include <errno.h>\n#include <bpf/skel_internal.h>\n",
		"#include <bpf/skel_internal.h>\n#include <error.h>\n", &other);
	CHECK_INT(is_rendered(&sorted), 1);
	CHECK(is_rendered(&other) != 1);
}

/* TEXT without the function that asserts. */
static void drop_asserts(const struct buf *text, struct buf *ret)
{
	static const char begin[] = "__attribute__((unused)) static void\ntiny__assert",
			  end[] = "\n#endif /* __TINY_SKEL_H__ */";
	_buf_ struct buf copy = {0};
	const char *from, *to;

	buf_add_view(&copy, buf_view(text));
	from = strstr(buf_cstr(&copy), begin);
	to = from ? strstr(from, end) : NULL;
	if (!CHECK(to))
		abort();
	buf_add(ret, copy.data, (size_t)(from - (const char *)copy.data));
	buf_add_str(ret, to);
}

TEST(bpftool_asserts_nothing_of_an_object_without_btf)
{
	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		for (int has_members = 0; has_members < 2; has_members++) {
			_buf_ struct buf text = {0}, without = {0};
			struct skel_map one = {SECTION("rodata"), .read_only = true};
			struct skel skel = describe(style);

			if (!has_members)
				one.members = (struct buf){0}, one.nr_vars = 0;
			skel.maps = &one;
			skel.nr_maps = 1;
			render(&skel, style, &text);
			drop_asserts(&text, &without);
			CHECK_INT(is_rendered(&text), 1);
			CHECK_INT(is_rendered(&without) == 1, style > OWN_LIBBPF && !has_members);
		}
	}
}

TEST(directives_are_compared_by_their_words)
{
	static const char *const same[] = {
		"#ifdef  __cplusplus",	 "#ifdef __cplusplus /* x */", "#ifdef/**/__cplusplus",
		"#ifdef\t__cplusplus\t", "#ifdef __cplusplus // x",
	};
	static const char *const other[] = {
		"#ifdef __cplusplu",
		"#ifdef __cplusplus2",
		"#ifndef __cplusplus",
		"#ifdef __cplusplus x",
		"#ifdef",
		"# ifdef __cplusplu",
		"#ifdef __cplusplus <",
		"#ifdef __cplusplus /",
		"#ifdef __cplusplus / /",
	};

	for (size_t i = 0; i < ARRAY_SIZE(same) + ARRAY_SIZE(other); i++) {
		bool fits = i < ARRAY_SIZE(same);
		const char *word = fits ? same[i] : other[i - ARRAY_SIZE(same)];
		_buf_ struct buf text = {0}, changed = {0};
		struct skel skel = describe(BPFTOOL_7_7);

		render(&skel, BPFTOOL_7_7, &text);
		replace(&text, "tiny__assert(", "#ifdef __cplusplus", word, &changed);
		if (!CHECK_INT(is_rendered(&changed) == 1, fits))
			printf("# %s\n", word);
	}
}

TEST(a_name_in_angle_brackets_is_one_word)
{
	static const struct {
		const char *text;
		bool fits;
	} cases[] = {
		{"#include<bpf/skel_internal.h>", true},
		{"#include <bpf/skel_internal.h> ", true},
		{"#include < bpf/skel_internal.h>", false},
		{"#include <bpf/skel_internal.h >", false},
		{"#include <bpf /skel_internal.h>", false},
		{"#include <bpf/skel_internal.h", false},
		{"#include <bpf/skel_internal.h> <x>", false},
		{"#include <bpf/skel_internal.h> <x", false},
		{"#include <bpf/skel_internal.h> <", false},
		{"#include <skel_internal.h>", false},
		{"#include \"bpf/skel_internal.h\"", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf text = {0}, changed = {0};
		struct skel skel = describe(BPFTOOL_7_7);

		render(&skel, BPFTOOL_7_7, &text);
		replace(&text, "", "#include <bpf/skel_internal.h>", cases[i].text, &changed);
		if (!CHECK_INT(is_rendered(&changed), cases[i].fits))
			printf("# %s\n", cases[i].text);
	}
}

/* --- every token counts --- */

struct tokens {
	struct token *list;
	size_t nr;
};

static struct tokens tokenize(const struct buf *text)
{
	struct lexer lexer = {.text = buf_view(text), .err = &err};
	struct tokens tokens = {NULL, 0};
	struct token token;

	do {
		if (!CHECK_INT(lexer_next(&lexer, &token), 0))
			abort();
		tokens.list = reallocarray(tokens.list, tokens.nr + 1, sizeof(token));
		tokens.list[tokens.nr++] = token;
	} while (token.kind != TOKEN_END);
	buf_free(&lexer.scratch);
	tokens.nr--;
	return tokens;
}

/* Whether A and B are the same text but for blanks. */
static bool same_but_blanks(const struct buf *a, const struct buf *b)
{
	size_t at_a = 0, at_b = 0;

	for (;;) {
		while (at_a < a->size && strchr(" \t\n", a->data[at_a]))
			at_a++;
		while (at_b < b->size && strchr(" \t\n", b->data[at_b]))
			at_b++;
		if (at_a == a->size || at_b == b->size)
			return at_a == a->size && at_b == b->size;
		if (a->data[at_a++] != b->data[at_b++])
			return false;
	}
}

/* CHANGED is no rendering, or one of something else: it is what its description gives. */
static void check_changed(const struct buf *changed, const char *what, size_t token)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf again = {0};

	if (rendered(changed, &lskel) != 1)
		return;
	CHECK_INT(lskel_render(&lskel, &again, &err), 0);
	if (!CHECK(same_but_blanks(changed, &again)))
		printf("# token %zu %s\n", token, what);
}

static void change_tokens(unsigned int style)
{
	_buf_ struct buf text = {0};
	struct skel skel = describe(style);
	struct tokens tokens;

	render(&skel, style, &text);
	tokens = tokenize(&text);
	for (size_t i = 0; i < tokens.nr; i++) {
		const struct token *token = &tokens.list[i];
		size_t size = token->end - token->start;
		_buf_ struct buf without = {0}, twice = {0};

		buf_add(&without, text.data, token->start);
		buf_add(&without, text.data + token->end, text.size - token->end);
		check_changed(&without, "left out", i);
		buf_add(&twice, text.data, token->end);
		buf_add_str(&twice, "\n");
		buf_add(&twice, text.data + token->start, size);
		buf_add(&twice, text.data + token->end, text.size - token->end);
		/* a literal behind a literal is part of it */
		if (token->kind != TOKEN_STRING)
			check_changed(&twice, "twice", i);
	}
	free(tokens.list);
}

TEST(a_token_left_out_or_twice_is_no_rendering_of_the_same)
{
	change_tokens(OWN);
	change_tokens(OWN_LIBBPF);
	change_tokens(BPFTOOL_7_7);
	change_tokens(BPFTOOL_7_3);
	change_tokens(BPFTOOL_6_8);
}

/* What an error is told for, wherever it stands. */
static void insert_everywhere(const char *piece, int want, unsigned int style)
{
	_buf_ struct buf text = {0};
	struct skel skel = describe(style);
	struct tokens tokens;

	render(&skel, style, &text);
	tokens = tokenize(&text);
	for (size_t i = 0; i < tokens.nr; i++) {
		size_t at = tokens.list[i].start;
		_buf_ struct buf changed = {0};

		buf_add(&changed, text.data, at);
		buf_add_str(&changed, piece);
		buf_add(&changed, text.data + at, text.size - at);
		if (!CHECK_INT(is_rendered(&changed), want))
			printf("# style %u, token %zu\n", style, i);
	}
	free(tokens.list);
}

TEST(an_error_is_told_wherever_it_stands)
{
	static const char newer[] = "\n#ifndef BPF_CHAINSIGN_RT2_H\n#endif\n";

	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		insert_everywhere(newer, -ENOTSUP, style);
		insert_everywhere(" ` ", -EBADMSG, style);
	}
}

TEST(names_are_many_but_not_without_end)
{
	for (size_t nr = 4095; nr <= 4097; nr++) {
		struct skel_map *list = calloc(nr, sizeof(*list));
		_buf_ struct buf text = {0};
		_lskel_ struct lskel lskel = {0};
		struct skel skel = describe(BPFTOOL_7_7);

		for (size_t i = 0; i < nr; i++)
			list[i].ident = name;
		skel.maps = list;
		skel.nr_maps = nr;
		render(&skel, BPFTOOL_7_7, &text);
		CHECK_INT(rendered(&text, &lskel), nr <= 4096);
		CHECK(nr > 4096 || lskel.skel.nr_maps == nr);
		free(list);
	}
}

UNIT_MAIN
