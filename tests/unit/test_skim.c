// SPDX-License-Identifier: BSD-2-Clause
/* Whether a file could be a light skeleton: in any spelling, and no source that only speaks of it.
 */
#include "skim.h"

#include <string.h>

#include "base/util.h"
#include "unit.h"

/* As input_probe() asks, with TEXT in pieces of SIZE bytes. */
static bool found_in_pieces(struct view text, size_t size)
{
	struct skim skim = {.found = false};

	while (text.size) {
		struct view piece = view_head(text, size);

		skim_piece(&skim, piece);
		text = view_sub(text, piece.size, text.size - piece.size);
	}
	return skim.found;
}

static bool could_be(struct view text, bool is_c)
{
	return found_in_pieces(text, text.size ?: 1) && skim_text(text, is_c);
}

#define CTX "struct bpf_loader_ctx ctx;"

TEST(whatever_a_compiler_takes_for_one_is_found)
{
	static const struct view texts[] = {
		view_lit("struct x {\n\t" CTX "\n};\n"),
		view_lit("struct x { int more; " CTX " };"),
		view_lit("struct x{struct bpf_loader_ctx c,d;};"),
		view_lit("struct x { struct bpf_loader_ctx const a; };"),
		view_lit("struct x { struct bpf_loader_ctx __attribute__((aligned(8))) a; };"),
		view_lit("struct x { const struct bpf_loader_ctx a[1]; };"),
		view_lit("struct x { struct bpf_loader_ctx (a); };"),
		view_lit("struct x { struct /* \" ' */ bpf_loader_ctx\n// '\nctx // \n; };"),
		view_lit("struct x { struct bpf_loader\\\n_ctx ctx; };"),
		view_lit("struct x { struct bpf_\\ \t\r\nloader_ctx c\\\r\ntx; };"),
		view_lit("struct x { struct bpf_loader_?\?/\nctx ctx; };"),
		view_lit("?\?=define C struct bpf_loader_ctx\nstruct x { C ctx; };"),
		view_lit("struct x { struct bpf_loader_ctx a?\?(1?\?); };"),
		view_lit("struct bpf_loader_ctx a = ?\?< 0 ?\?>;"),
		view_lit("/* *\\\n/ " CTX " /* */"),
		view_lit("// a \\\n comment " CTX "\n" CTX),
		view_lit("\"a \\\" string\" " CTX),
		view_lit("'\"' " CTX " '\"'"),
		view_lit("'\\'' " CTX),
		view_lit("\"\\\\\" " CTX),
		view_lit("#if 0\nit's not ended\n#endif\n" CTX),
		view_lit("#pragma x \"\n" CTX),
		view_lit("#error \" /* \n" CTX "*/"),
		view_lit("int x = 1'000'000; " CTX),
		view_lit("int x = 0x1'f; " CTX " // '"),
		view_lit("const char *x = R\"(\")\" \"; " CTX " \")\";"),
		view_lit("typedef struct bpf_loader_ctx other; struct x { other ctx; };"),
		view_lit("#define C bpf_loader_ctx\nstruct x { struct C ctx; };"),
		view_lit("%: define C struct bpf_loader_ctx\nstruct x { C ctx; };"),
		view_lit("struct x { bpf_loader_ctx ctx; }; // C++"),
		view_lit("\xef\xbb\xbfstruct x { " CTX " };"),
		view_lit("\0\0 struct\0x { struct\0bpf_loader_ctx ctx; };"),
		view_lit(
			"#include <bpf/skel_internal.h>\nint G(x)\n{ return bpf_load_and_run(0); }"),
		view_lit("# /* */ include <bpf/skel_internal.h>\nint x__load(void);"),
		view_lit("struct x { struct bpf_chainsign_rt1_ctx ctx; };"),
		view_lit("struct x { struct bpf_chain\\\nsign_rt12_c\\\ntx ctx; };"),
		view_lit("#define C bpf_chainsign_rt1_ctx\nstruct x { struct C ctx; };"),
		view_lit("#ifndef BPF_CHAINSIGN_RT1_H\nstruct bpf_chainsign_rt1_ctx {\n__u32"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (size_t size = 1; size < 40; size++)
			CHECK(found_in_pieces(texts[i], size));
		if (!skim_text(texts[i], false) || !skim_text(texts[i], true))
			printf("# text %zu\n", i);
		CHECK(skim_text(texts[i], false) && skim_text(texts[i], true));
	}
}

TEST(c_that_names_the_run_time_part_and_loads_could_be_one)
{
	CHECK(could_be(view_lit("struct x { C ctx; }; int x__load(struct x *skel)"
				"{ return bpf_chainsign_rt1_load(0); }"),
		       true));
	CHECK(!could_be(view_lit("What bpf_chainsign_rt1_load() is to x__load().\n"), false));
}

TEST(utf_16_is_not_looked_into)
{
	static const char ascii[] = "struct x { " CTX " };";
	uint8_t wide[2 * sizeof(ascii) + 2] = {0xff, 0xfe};

	for (size_t i = 0; i < sizeof(ascii); i++)
		wide[2 * i + 2] = (uint8_t)ascii[i];
	CHECK(could_be(view_of(wide, sizeof(wide)), false));
	CHECK(could_be(view_of(wide + 3, sizeof(wide) - 3), false));
}

TEST(it_may_begin_anywhere)
{
	static uint8_t text[1 << 20];
	const size_t size = strlen(CTX);

	memset(text, ' ', sizeof(text));
	for (size_t at = sizeof(text) - 9000; at + size < sizeof(text); at += 997) {
		memcpy(text + at, CTX, size);
		CHECK(could_be(view_of(text, sizeof(text)), true));
		memset(text + at, ' ', size);
	}
	CHECK(!could_be(view_of(text, sizeof(text)), true));
}

TEST(what_only_speaks_of_it_is_not_one)
{
	static const struct view sources[] = {
		view_lit("struct bpf_loader_ctx;\n/* struct x { " CTX " */\n"),
		view_lit("const char *x = \"struct x { " CTX "\";"),
		view_lit("struct bpf_loader_ctx {\n\t__u32 sz;\n};"),
		view_lit(
			"int f(struct bpf_loader_ctx *ctx) { return sizeof(struct bpf_loader_ctx); }"),
		view_lit("offsetof(struct bpf_loader_ctx, sz);"),
		view_lit("// #define C bpf_loader_ctx"),
		view_lit("#include \"skel_internal.h\"\nint gen(void) { return load(); }"),
		view_lit(
			"int bpf_load_and_run(struct bpf_load_and_run_opts *opts); /* skel_internal */"),
		view_lit("struct bpf_loader_ctxt ctx; int my_bpf_loader_ctx;"),
		view_lit("struct bpf_chainsign_rt1_ctx;\n/* struct x { "
			 "struct bpf_chainsign_rt1_ctx ctx; */\n"),
		view_lit("int f(struct bpf_chainsign_rt1_map_desc *map) { return map->map_fd; }"),
		view_lit("int bpf_chainsign_rt1_load(struct bpf_chainsign_rt1_loader opts);"),
	};
	static const struct view prose[] = {
		view_lit("It's the struct bpf_loader_ctx that isn't there, as you'd see.\n"),
		view_lit("A `struct bpf_loader_ctx` (in bpf/skel_internal.h) is what's first.\n"),
		view_lit(
			"bpf_loader_ctx\ttools/lib/bpf/skel_internal.h\t/^struct bpf_loader_ctx {$/;\"\ts\n"),
		view_lit("What a struct bpf_loader_ctx is, and where it's from.\n"),
		view_lit("The bpf_loader_ctx structure, which x__load() fills.\n"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		CHECK(!could_be(sources[i], true) && !could_be(sources[i], false));
	for (size_t i = 0; i < ARRAY_SIZE(prose); i++)
		CHECK(!could_be(prose[i], false));
	CHECK(!could_be(view_lit(""), true));
}

TEST(names_of_c)
{
	CHECK(skim_is_c("x.lskel.h") && skim_is_c("a.b/X.H") && skim_is_c("x.cpp"));
	CHECK(!skim_is_c("README.md") && !skim_is_c("h") && !skim_is_c("x.h.orig"));
}

UNIT_MAIN
