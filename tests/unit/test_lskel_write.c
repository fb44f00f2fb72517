// SPDX-License-Identifier: BSD-2-Clause
/* Headers written: bpftool's bytes where it has the form, the same bytes again in every form. */
#include <errno.h>
#include <stdlib.h>

#include "edge.h"
#include "hash.h"
#include "lskel/lskel.h"
#include "lskel/lskel_text.h"
#include "lskel_sample.h"
#include "scheme.h"
#include "unit.h"

static struct err err;

static void set_sig(struct buf *sig, const char *bytes)
{
	buf_free(sig);
	if (!bytes)
		return;
	buf_reserve(sig, 1); /* also an empty one has data */
	buf_add_str(sig, bytes);
}

/* These signatures and no other; NULL: none. */
static void set_sigs(struct lskel *lskel, const char *chain, const char *folded)
{
	set_sig(&lskel->image.sig_unnamed, NULL);
	set_sig(&lskel->image.sig[SCHEME_CHAIN], chain);
	set_sig(&lskel->image.sig[SCHEME_FOLDED], folded);
	set_sig(&lskel->image.sig[SCHEME_INSNS], NULL);
}

/* TEXT with these signatures; owned by the caller; NULL if that failed. */
static char *sign(const char *text, const char *chain, const char *folded,
		  enum lskel_runtime runtime)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};

	if (!CHECK_INT(lskel_parse(view_str(text), &lskel, &err), 0)) {
		printf("# %u: %s\n", err.line, err.text);
		return NULL;
	}
	set_sigs(&lskel, chain, folded);
	if (!CHECK_INT(lskel_write(&lskel, runtime, &out, &err), 0))
		return NULL;
	return view_strdup(buf_view(&out));
}

/* TEXT with CRLF at the end of its lines; owned by the caller. */
static char *with_crlf(const char *text)
{
	char *copy = malloc(2 * strlen(text) + 1), *out = copy;

	for (; *text; text++) {
		if (*text == '\n')
			*out++ = '\r';
		*out++ = *text;
	}
	*out = '\0';
	return copy;
}

static void check_text(char *got, const char *want)
{
	CHECK_STR(got, want);
	free(got);
}

TEST(bytes_are_escaped_and_broken_into_lines_as_bpftool_does)
{
	_buf_ struct buf out = {0};
	uint8_t bytes[256 + 80] = {0};
	const char *line;

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	lskel_put_bytes(&out, view_of(bytes, sizeof(bytes)));
	line = buf_cstr(&out);
	CHECK(!strncmp(line, "\\0\\x01\\x02", 10));
	/* \0 and 19 of \xNN are 78 characters; 20 of \xNN would be 80, 39 of \0 are 78. */
	CHECK_INT((long long)strcspn(line, "\n"), 79);
	line += 80;
	CHECK(!strncmp(line, "\\x14", 4));
	CHECK_INT((long long)strcspn(line, "\n"), 77);
	line = strstr(line, "\\xff");
	CHECK_INT((long long)strlen(line), 4 + 80 * 2 + 2 * 2);
	line = strrchr(line, '\n');
	CHECK_INT((long long)strlen(line + 1) % 2, 0);
}

TEST(bpftools_signed_form_comes_out_as_it_went_in)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};

	CHECK_INT(lskel_parse(view_lit(sample_s3), &lskel, &err), 0);
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_LIBBPF, &out, &err), 0);
	CHECK_STR(buf_cstr(&out), sample_s3);
	set_sig(&lskel.image.sig[SCHEME_FOLDED], "\x30\x03\x02\x01\x05");
	buf_free(&out);
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_LIBBPF, &out, &err), 0);
	CHECK_STR(buf_cstr(&out), sample_s3);
}

TEST(an_unsigned_header_becomes_what_bpftool_would_have_signed)
{
	check_text(sign(sample_s2, NULL, "\x30\x03\x02\x01\x05", LSKEL_RUNTIME_LIBBPF), sample_s3);
	check_text(sign(sample_s1, NULL, "\x30\x03\x02\x01\x05", LSKEL_RUNTIME_LIBBPF), sample_s3);
}

TEST(without_signatures_it_is_the_unsigned_header_again)
{
	check_text(sign(sample_s3, NULL, NULL, LSKEL_RUNTIME_LIBBPF), sample_s2);
	check_text(sign(sample_s2, NULL, NULL, LSKEL_RUNTIME_LIBBPF), sample_s2);
	check_text(sign(sample_s1, NULL, NULL, LSKEL_RUNTIME_LIBBPF), sample_s2);
}

static void check_own(const char *text, const char *unsigned_text)
{
	char *once = sign(text, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	char *twice = sign(once, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	char *part = sign(once, NULL, "folded", LSKEL_RUNTIME_EMBEDDED);
	_lskel_ struct lskel lskel = {0};

	CHECK_STR(twice, once);
	CHECK_INT(lskel_parse(view_str(once), &lskel, &err), 0);
	CHECK(view_equal(buf_view(&lskel.image.sig[SCHEME_CHAIN]), view_lit("chain")));
	CHECK(view_equal(buf_view(&lskel.image.sig[SCHEME_FOLDED]), view_lit("folded")));
	CHECK(!lskel.image.sig_unnamed.data);
	CHECK_INT((long long)lskel.image.excl_hash.size, 32);
	CHECK_INT(lskel.runtime, LSKEL_RUNTIME_EMBEDDED);
	CHECK(lskel.is_signed);
	CHECK(part && !strstr(part, "opts_sig_chain"));
	check_text(sign(part, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), once);
	check_text(sign(once, NULL, NULL, LSKEL_RUNTIME_LIBBPF), unsigned_text);
	free(once);
	free(twice);
	free(part);
}

/* Every line of LESS is one of MORE, in this order. */
static bool is_part_of(const char *less, const char *more)
{
	while (*less) {
		size_t size = strcspn(less, "\n") + 1;

		while (*more && strncmp(more, less, size))
			more += strcspn(more, "\n") + 1;
		if (!*more)
			return false;
		less += size;
		more += size;
	}
	return true;
}

/* Without a key: what is there is what signing writes, and signing it gives the signed header. */
static void check_without_key(const char *text)
{
	char *plain = sign(text, NULL, NULL, LSKEL_RUNTIME_EMBEDDED);
	char *once = sign(text, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	_lskel_ struct lskel lskel = {0};

	CHECK(is_part_of(plain, once));
	CHECK_INT(lskel_parse(view_str(plain), &lskel, &err), 0);
	CHECK(!lskel.is_signed);
	CHECK_INT(lskel.runtime, LSKEL_RUNTIME_EMBEDDED);
	check_text(sign(plain, NULL, NULL, LSKEL_RUNTIME_EMBEDDED), plain);
	check_text(sign(once, NULL, NULL, LSKEL_RUNTIME_EMBEDDED), plain);
	check_text(sign(plain, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), once);
	free(plain);
	free(once);
}

TEST(our_own_form_never_nests_and_goes_away_again)
{
	check_own(sample_s1, sample_s2);
	check_own(sample_s2, sample_s2);
	check_own(sample_s3, sample_s2);
}

TEST(crlf_is_kept)
{
	char *s2 = with_crlf(sample_s2), *s3 = with_crlf(sample_s3);

	check_text(sign(s2, NULL, "\x30\x03\x02\x01\x05", LSKEL_RUNTIME_LIBBPF), s3);
	check_own(s2, s2);
	free(s2);
	free(s3);
}

TEST(everything_but_the_load_function_is_left_as_it_was)
{
	static const char before[] =
		"  /* { */ struct tiny {\n  struct bpf_loader_ctx  ctx ;\n"
		"  struct { int one_fd; } links; } ;\n";
	static const char between[] = "int mine ; // and this\n\n\n";
	static const char after[] = "  if(err<0) return err ;\n#ifdef X\n/* x */\n#endif\n}  \n\n";
	char text[4096], *once;

	snprintf(text, sizeof(text), "%s%s" SAMPLE_DECL SAMPLE_S1 "%s", before, between, after);
	once = sign(text, "c", "f", LSKEL_RUNTIME_EMBEDDED);
	CHECK(once &&
	      strstr(once,
		     "links; __s32 keyring_id; __u32 enforce; const char *loaded_as; const char *why; } ;\n"));
	CHECK(once && strstr(once, between));
	CHECK(once && !strcmp(once + strlen(once) - strlen(after), after));
	check_text(sign(once, "c", "f", LSKEL_RUNTIME_EMBEDDED), once ? once : "");
	free(once);
}

TEST(code_put_behind_our_own_part_is_kept)
{
	char *once = sign(sample_s2, "c", "f", LSKEL_RUNTIME_EMBEDDED), *at, *twice;
	char text[32768];

	at = strstr(once, SAMPLE_DECL);
	if (!CHECK(at))
		return;
	snprintf(text, sizeof(text), "%.*s#if 1\nint mine;\n#endif\n%s", (int)(at - once), once,
		 at);
	twice = sign(text, "c", "f", LSKEL_RUNTIME_EMBEDDED);
	CHECK_STR(twice, text);
	free(once);
	free(twice);
}

static int write_with(const char *chain, const char *folded, const char *insns,
		      enum lskel_runtime runtime)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};

	CHECK_INT(lskel_parse(view_lit(sample_s3), &lskel, &err), 0);
	set_sig(&lskel.image.sig[SCHEME_CHAIN], chain);
	set_sig(&lskel.image.sig[SCHEME_FOLDED], folded);
	set_sig(&lskel.image.sig[SCHEME_INSNS], insns);
	return lskel_write(&lskel, runtime, &out, &err);
}

TEST(a_runtime_that_cannot_load_by_a_signature_is_not_given_it)
{
	CHECK_INT(write_with("c", NULL, NULL, LSKEL_RUNTIME_LIBBPF), -EINVAL);
	CHECK_INT(write_with(NULL, "f", "i", LSKEL_RUNTIME_LIBBPF), -EINVAL);
	CHECK_INT(write_with(NULL, NULL, "i", LSKEL_RUNTIME_LIBBPF), -EINVAL);
	CHECK_INT(write_with(NULL, "f", NULL, LSKEL_RUNTIME_LIBBPF), 0);
	CHECK_INT(write_with("c", "f", "i", LSKEL_RUNTIME_EMBEDDED), 0);
	/* Only the one that bpftool wrote: for which scheme is not known. */
	CHECK_INT(write_with(NULL, NULL, NULL, LSKEL_RUNTIME_EMBEDDED), -EINVAL);
	CHECK_INT(write_with("c", NULL, NULL, LSKEL_RUNTIME_EMBEDDED), 0);
}

TEST(a_header_that_does_not_read_as_what_was_signed_is_refused)
{
	static const enum lskel_runtime runtimes[] = {LSKEL_RUNTIME_LIBBPF, LSKEL_RUNTIME_EMBEDDED};
	_lskel_ struct lskel lskel = {0};

	CHECK_INT(lskel_parse(view_lit(sample_s3), &lskel, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		struct buf *const parts[] = {&lskel.image.sig[SCHEME_FOLDED], &lskel.image.insns,
					     &lskel.image.maps[0].value};
		_buf_ struct buf text = {0};

		set_sig(&lskel.image.sig[SCHEME_FOLDED], "folded");
		CHECK_INT(lskel_write(&lskel, runtimes[i], &text, &err), 0);
		CHECK_INT(lskel_check(buf_view(&text), &lskel, runtimes[i], &err), 0);
		for (size_t n = 0; n < ARRAY_SIZE(parts); n++) {
			parts[n]->data[0] ^= 1;
			CHECK_INT(lskel_check(buf_view(&text), &lskel, runtimes[i], &err),
				  -EBADMSG);
			parts[n]->data[0] ^= 1;
		}
		text.size /= 2;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, runtimes[i], &err), -EBADMSG);
	}
}

/* "r0 = 0; exit" as the second form of the sample's loader. */
#define SECOND "\xb7\0\0\0\0\0\0\0\x95\0\0\0\0\0\0\0"

/* TEXT with an insns signature and maybe a second form besides both others. */
static char *sign_insns(const char *text, bool has_second, enum lskel_runtime runtime)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};
	bool is_own = runtime == LSKEL_RUNTIME_EMBEDDED;

	CHECK_INT(lskel_parse(view_str(text), &lskel, &err), 0);
	set_sigs(&lskel, is_own ? "chain" : NULL, is_own ? "folded" : NULL);
	set_sig(&lskel.image.sig[SCHEME_INSNS], "insns");
	buf_free(&lskel.image.insns_checked);
	if (has_second)
		buf_add(&lskel.image.insns_checked, SECOND, sizeof(SECOND) - 1);
	CHECK_INT(lskel_write(&lskel, runtime, &out, &err), 0);
	return view_strdup(buf_view(&out));
}

static void check_second(const char *text, bool has_second)
{
	char *once = sign_insns(text, has_second, LSKEL_RUNTIME_EMBEDDED);
	char *twice = sign_insns(once, has_second, LSKEL_RUNTIME_EMBEDDED);
	char *plain = sign(text, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	struct scheme_contents contents;
	const uint8_t *hash = NULL;
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};

	CHECK_STR(twice, once);
	CHECK(once && !strstr(once, "insn_checked[]") == !has_second);
	CHECK_INT(lskel_parse(view_str(once), &lskel, &err), 0);
	CHECK(lskel.is_signed);
	CHECK(view_equal(buf_view(&lskel.image.insns), view_lit(SAMPLE_INSNS)));
	CHECK(view_equal(buf_view(&lskel.image.sig[SCHEME_INSNS]), view_lit("insns")));
	CHECK(view_equal(buf_view(&lskel.image.sig[SCHEME_FOLDED]), view_lit("folded")));
	CHECK(view_equal(buf_view(image_insns(&lskel.image, SCHEME_INSNS)),
			 has_second ? view_lit(SECOND) : view_lit(SAMPLE_INSNS)));
	scheme_begin(&contents, &lskel.image);
	CHECK_INT(scheme_excl_hash(&contents, SCHEME_INSNS, &hash, &err), 0);
	CHECK(view_equal(buf_view(image_excl_hash(&lskel.image, SCHEME_INSNS)),
			 view_of(hash, HASH_SHA256_SIZE)));
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &out, &err), 0);
	CHECK_STR(buf_cstr(&out), once);
	/* Without that signature there is no second form. */
	check_text(sign(once, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), plain);
	free(once);
	free(twice);
	free(plain);
}

TEST(a_second_form_stands_beside_the_signature_that_is_over_it)
{
	check_second(sample_s1, true);
	check_second(sample_s2, true);
	check_second(sample_s3, true);
	check_second(sample_s2, false);
}

/* TEXT without the line that starts with START; whether that is malformed. */
static void check_without(const char *text, const char *start, const char *why)
{
	const char *at = strstr(text, start);
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf part = {0};

	if (!CHECK(at))
		return;
	buf_add(&part, text, (size_t)(at - text));
	buf_add_str(&part, strchr(at, '\n') + 1);
	CHECK_INT(lskel_parse(buf_view(&part), &lskel, &err), -EBADMSG);
	CHECK_STR(err.text, why);
}

TEST(a_second_form_is_there_whole_or_not_at_all)
{
	static const char *const lines[] = {
		"\topts.sig_insns = ",
		"\topts.sig_insns_sz = ",
		"\topts.insns_checked = ",
		"\topts.insns_checked_sz = ",
		"\topts.excl_prog_hash_checked = ",
		"\topts.excl_prog_hash_checked_sz = ",
	};
	char *text = sign_insns(sample_s2, true, LSKEL_RUNTIME_EMBEDDED), why[80];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(why, sizeof(why), "%.*s is not assigned", (int)strlen(lines[i]) - 4,
			 lines[i] + 1);
		check_without(text, lines[i], why);
	}
	free(text);
}

TEST(a_second_form_without_its_signature_or_hash_is_refused)
{
	static const char *const parts[] = {"sig_insns", "insns_checked", "excl_prog_hash_checked"};
	static const char *const arrays[] = {"opts_sig_insns", "opts_insn_checked",
					     "opts_excl_hash_checked"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *text = sign_insns(sample_s2, true, LSKEL_RUNTIME_EMBEDDED), line[80];
		char *from = strstr(text, arrays[i]), *to = strstr(from, "\";\n") + 3;
		_lskel_ struct lskel lskel = {0};

		/* The array, then both lines of assignments. */
		while (*from != '\n')
			from--;
		memmove(from + 1, to, strlen(to) + 1);
		snprintf(line, sizeof(line), "\topts.%s = ", parts[i]);
		from = strstr(text, line);
		to = strchr(strchr(from, '\n') + 1, '\n') + 1;
		memmove(from, to, strlen(to) + 1);
		CHECK_INT(lskel_parse(view_str(text), &lskel, &err), -EBADMSG);
		CHECK_STR(err.text,
			  "opts.insns_checked, excl_prog_hash_checked and sig_insns: some "
			  "of them are not assigned");
		free(text);
	}
}

TEST(a_second_form_keeps_the_rules_of_the_first)
{
	char *text = sign_insns(sample_s2, true, LSKEL_RUNTIME_EMBEDDED);
	char *at = strstr(strstr(text, "opts_insn_checked[]"), "\\x95\\0");
	_lskel_ struct lskel lskel = {0};

	memmove(at + 4, at + 6, strlen(at + 6) + 1);
	CHECK_INT(lskel_parse(view_str(text), &lskel, &err), -EBADMSG);
	CHECK_STR(err.text, "15 bytes of instructions, expected a positive multiple of 8");
	free(text);
}

/* sample_s3 with LINES for the keyring's; where they are. */
static size_t sample_with_members(const char *lines, char *text, size_t size)
{
	const char *at = strstr(sample_s3, SAMPLE_MEMBER);

	snprintf(text, size, "%.*s%s%s", (int)(at - sample_s3), sample_s3, lines,
		 at + strlen(SAMPLE_MEMBER));
	return (size_t)(at - sample_s3);
}

#define ADDED(indent, end)                                                     \
	indent "__u32 enforce;" end indent "const char *loaded_as;" end indent \
	       "const char *why;" end
#define OTHERS "\tconst char *loaded_as;\n\tconst char *why;\n"

/* The members of our form go and come. */
static void check_added(const char *lines, const char *want_own, const char *want_libbpf)
{
	char text[4096], *own, *again, *libbpf;
	size_t at = sample_with_members(lines, text, sizeof(text));

	own = sign(text, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	CHECK(own && !strncmp(own + at, want_own, strlen(want_own)));
	CHECK(own && strstr(own, "\topts.enforce = skel->enforce;\n"));
	again = sign(own, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	CHECK_STR(again, own);
	libbpf = sign(own, NULL, "folded", LSKEL_RUNTIME_LIBBPF);
	CHECK(libbpf && !strncmp(libbpf + at, want_libbpf, strlen(want_libbpf)));
	CHECK(libbpf && !strstr(libbpf, "enforce"));
	free(own);
	free(again);
	free(libbpf);
}

TEST(what_is_added_follows_keyring_id_in_our_own_form_alone)
{
	check_added("\t__s32 keyring_id;\n", "\t__s32 keyring_id;\n" ADDED("\t", "\n") "};",
		    "\t__s32 keyring_id;\n};");
	check_added("  __s32 keyring_id;\n", "  __s32 keyring_id;\n" ADDED("  ", "\n") "};",
		    "  __s32 keyring_id;\n};");
	check_added("\t__s32 keyring_id;\n\n  __u32  enforce ; \n" OTHERS,
		    "\t__s32 keyring_id;\n\n  __u32  enforce ; \n" OTHERS "};",
		    "\t__s32 keyring_id;\n\n};");
	check_added("\t__s32 keyring_id; /* a */\n\t__u32 enforce; /* b */\n" OTHERS,
		    "\t__s32 keyring_id; /* a */\n\t__u32 enforce; /* b */\n" OTHERS "};",
		    "\t__s32 keyring_id; /* a */\n};");
	check_added("\t__s32 keyring_id; /* a */\n",
		    "\t__s32 keyring_id;" ADDED(" ", "") " /* a */\n};",
		    "\t__s32 keyring_id; /* a */\n};");
}

TEST(what_is_added_before_keyring_id_is_refused)
{
	char *own = sign(sample_s2, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	char *at = strstr(own, SAMPLE_MEMBER);
	_lskel_ struct lskel lskel = {0};

	memcpy(at, "\t__u32 enforce;\n\t__s32 keyring_id;\n  ", 38);
	CHECK_INT(lskel_parse(view_str(own), &lskel, &err), -EBADMSG);
	CHECK_STR(err.text, "enforce must come after keyring_id");
	free(own);
}

TEST(a_member_that_is_there_twice_is_refused)
{
	static const char *const members[][2] = {
		{"\t__s32 keyring_id;\n\t__s32 keyring_id;\n", "keyring_id is declared twice"},
		{"\t__s32 keyring_id;\n\t__u32 enforce;\n\tint *enforce;\n",
		 "enforce is declared twice"},
		{"\t__s32 keyring_id;\n\t__u32 allow_unsigned;\n\tint enforce;\n",
		 "enforce is declared twice"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		_lskel_ struct lskel lskel = {0};
		char text[4096];

		sample_with_members(members[i][0], text, sizeof(text));
		CHECK_INT(lskel_parse(view_str(text), &lskel, &err), -EBADMSG);
		CHECK_STR(err.text, members[i][1]);
	}
}

TEST(a_second_run_time_part_is_refused)
{
	static const char *const seconds[][2] = {
		{"struct tiny__loader {\n\tint more;\n};\n", "the header has two run-time parts"},
		{"int tiny__loader_run(void)\n{\n}\n",
		 "the header has two ends of a run-time part"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		char *own = sign(sample_s2, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
		size_t at = (size_t)(strstr(own, "static inline int\ntiny__load(") - own);
		_lskel_ struct lskel lskel = {0};
		_buf_ struct buf text = {0};

		buf_add(&text, own, at);
		buf_add_str(&text, seconds[i][0]);
		buf_add_str(&text, own + at);
		CHECK_INT(lskel_parse(buf_view(&text), &lskel, &err), -EBADMSG);
		CHECK_STR(err.text, seconds[i][1]);
		free(own);
	}
}

TEST(the_program_alone_says_whether_signatures_are_enforced)
{
	char *own = sign(sample_s2, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	char *at = strstr(own, "skel->enforce;");
	_lskel_ struct lskel lskel = {0};

	memcpy(at, "0            ;", 14);
	CHECK_INT(lskel_parse(view_str(own), &lskel, &err), 0);
	CHECK_INT(lskel.text, LSKEL_TEXT_DIFFERS);
	free(own);
	/* libbpf's form does not know it. */
	at = strdup(sample_s3);
	memcpy(strstr(at, "opts.keyring_id"), "opts.enforce = 1;      ", 23);
	CHECK_INT(lskel_parse(view_str(at), &lskel, &err), -EBADMSG);
	free(at);
}

/* Zero, as bpftool's text leaves it, would load without a signature. */
TEST(a_header_that_does_not_set_enforce_is_no_rendering)
{
	static const char line[] = "\tskel->enforce = 1;\n";
	char *own = sign(sample_s2, "chain", "folded", LSKEL_RUNTIME_EMBEDDED);
	char *old = strdup(own), *at = strstr(old, line);
	_lskel_ struct lskel lskel = {0};

	memmove(at, at + strlen(line), strlen(at + strlen(line)) + 1);
	CHECK_INT(lskel_parse(view_str(old), &lskel, &err), 0);
	CHECK_INT(lskel.text, LSKEL_TEXT_DIFFERS);
	check_text(sign(old, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), own);
	free(old);
	free(own);
}

/* An empty signature is not the same as none. */
TEST(an_empty_signature_stays_one)
{
	char *once = sign(sample_s2, "", "f", LSKEL_RUNTIME_EMBEDDED);
	_lskel_ struct lskel lskel = {0};

	CHECK_INT(lskel_parse(view_str(once), &lskel, &err), 0);
	CHECK(lskel.image.sig[SCHEME_CHAIN].data && !lskel.image.sig[SCHEME_CHAIN].size);
	free(once);
}

TEST(our_own_form_cut_at_any_byte_is_refused)
{
	char *once = sign_insns(sample_s2, true, LSKEL_RUNTIME_EMBEDDED);
	size_t end = strlen(once) - strlen(" /* __TINY_SKEL_H__ */\n");

	for (size_t size = 0; size < end; size++) {
		_lskel_ struct lskel lskel = {0};

		if (!CHECK(lskel_parse(at_edge(view_of(once, size)), &lskel, &err) < 0))
			break;
	}
	free(once);
}

/* In a header of our own, with the literals aside, no bit changes what is signed or by what. */
TEST(a_flipped_bit_in_our_own_form_changes_literals_or_nothing)
{
	char *once = sign_insns(sample_s2, true, LSKEL_RUNTIME_EMBEDDED);
	size_t load = (size_t)(strstr(once, SAMPLE_DECL) - once);
	bool is_literal = false;

	for (size_t at = 0; at < strlen(once); at++) {
		is_literal ^= at > load && once[at] == '"';
		/* Elsewhere one bit of each byte will do. */
		for (int bit = at > load ? 0 : (int)at % 8; bit < 8 && !is_literal;
		     bit += at > load ? 1 : 8) {
			_lskel_ struct lskel lskel = {0};
			bool same;

			once[at] ^= (char)(1 << bit);
			same = lskel_parse(view_str(once), &lskel, &err) ||
			       (view_equal(buf_view(&lskel.image.insns), view_lit(SAMPLE_INSNS)) &&
				view_equal(buf_view(&lskel.image.maps[0].value),
					   view_lit(SAMPLE_DATA)) &&
				view_equal(buf_view(&lskel.image.sig[SCHEME_CHAIN]),
					   view_lit("chain")) &&
				view_equal(buf_view(&lskel.image.insns_checked),
					   view_lit(SECOND)) &&
				view_equal(buf_view(&lskel.image.sig[SCHEME_INSNS]),
					   view_lit("insns")) &&
				view_equal(buf_view(&lskel.image.sig[SCHEME_FOLDED]),
					   view_lit("folded")));
			once[at] ^= (char)(1 << bit);
			if (!CHECK(same))
				printf("# bit %d of byte %zu\n", bit, at);
		}
	}
	free(once);
}

/* --- a skeleton of one's own --- */

static struct skel_prog progs[] = {
	{.ident = (char[]){"first"}, .attach = SKEL_ATTACH_TRACING},
	{.ident = (char[]){"second"},
	 .attach = SKEL_ATTACH_RAW_TRACEPOINT,
	 .target = (char[]){"tp"}},
	{.ident = (char[]){"third"}, .attach = SKEL_ATTACH_ITER},
	{.ident = (char[]){"fourth"}, .attach = SKEL_ATTACH_NONE},
};
static struct skel_var vars[] = {{.ident = (char[]){"step"}, .size = 4}};
static uint8_t value[] = {7, 0, 0, 0};
static char members[] = "\t\tint step;\n";
static struct skel_map maps[] = {
	{.ident = (char[]){"counts"}},
	{
		.ident = (char[]){"rodata"},
		.mapped = true,
		.read_only = true,
		.mmap_size = 4096,
		.value = {value, 4, 4, false},
		.members = {(uint8_t *)members, sizeof(members) - 1, sizeof(members), false},
		.vars = vars,
		.nr_vars = 1,
	},
	{
		.ident = (char[]){"percpu"},
		.mapped = true,
		.percpu = true,
		.mmap_size = 4096,
		.value = {value, 4, 4, false},
	},
};

/* The text of a new skeleton called NAME, signed or not; owned by the caller; NULL: refused. */
static char *make(const char *name, bool is_signed)
{
	struct skel skel = {
		.name = (char *)name,
		.maps = maps,
		.nr_maps = ARRAY_SIZE(maps),
		.progs = progs,
		.nr_progs = ARRAY_SIZE(progs),
	};
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf data = {0}, insns = {0}, out = {0};
	struct image image = {0};

	buf_add(&data, SAMPLE_DATA, 8);
	buf_add(&insns, SAMPLE_INSNS, 24);
	CHECK_INT(image_add_map(&image, "__loader.map", &data, 8, 1, &err), 0);
	CHECK_INT(image_set_insns(&image, &insns, &err), 0);
	/* What is not signed is loaded by libbpf. */
	if (lskel_new(&skel, is_signed ? LSKEL_RUNTIME_EMBEDDED : LSKEL_RUNTIME_LIBBPF, &image,
		      &lskel, &err)) {
		image_free(&image);
		return NULL;
	}
	CHECK(!image.nr_maps);
	if (is_signed)
		set_sigs(&lskel, "chain", "folded");
	CHECK_INT(lskel_write(&lskel, is_signed ? LSKEL_RUNTIME_EMBEDDED : LSKEL_RUNTIME_LIBBPF,
			      &out, &err),
		  0);
	return view_strdup(buf_view(&out));
}

TEST(a_new_skeleton_has_every_name_of_bpftools)
{
	static const char *const names[] = {
		"struct thing {\n\tstruct bpf_chainsign_rt1_ctx ctx;\n\tstruct {\n"
		"\t\tstruct bpf_chainsign_rt1_map_desc counts;\n",
		"\t} maps;\n\tstruct {\n\t\tstruct bpf_chainsign_rt1_prog_desc first;\n",
		"\t} progs;\n\tstruct {\n\t\tint first_fd;\n",
		"\t} links;\n\t__s32 keyring_id;\n" ADDED(
			"\t",
			"\n") "\t__extension__ struct thing__rodata {\n\t\tint step;\n\t} *rodata;",
		"int\nthing__first__attach(struct thing *skel)\n",
		"fd = bpf_chainsign_rt1_raw_tracepoint_open(NULL, skel->progs.first.prog_fd);",
		"fd = bpf_chainsign_rt1_raw_tracepoint_open(\"tp\", skel->progs.second.prog_fd);",
		"fd = bpf_chainsign_rt1_link_create(skel->progs.third.prog_fd, 0, BPF_TRACE_ITER);",
		"int\nthing__attach(struct thing *skel)\n",
		"void\nthing__detach(struct thing *skel)\n",
		"void\nthing__destroy(struct thing *skel)\n",
		"struct thing *\nthing__open(void)\n",
		"int\nthing__load(struct thing *skel)\n",
		"struct thing *\nthing__open_and_load(void)\n",
		"thing__assert(struct thing *s __attribute__((unused)))",
		"sizeof(char[sizeof(s->rodata->step) == 4 ? 1 : -1]);",
		"\tskel->enforce = 1;\n",
		"\t\t{1, PROT_READ, 4, skel->rodata},\n",
		"\t\t{2, 0, 4, skel->percpu},\n",
	};
	char *text = make("thing", true);

	for (size_t i = 0; text && i < ARRAY_SIZE(names); i++) {
		if (!CHECK(strstr(text, names[i])))
			printf("# %s\n", names[i]);
	}
	free(text);
}

TEST(a_new_skeleton_is_read_back_and_signed_again_as_it_was)
{
	char *plain = make("thing", false), *text = make("thing", true);

	check_text(sign(text, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), text);
	check_text(sign(text, NULL, NULL, LSKEL_RUNTIME_LIBBPF), plain);
	check_text(sign(plain, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), text);
	free(plain);
	free(text);
}

TEST(a_header_without_a_key_is_the_signed_one_without_signatures)
{
	char *text = make("thing", true);

	check_without_key(sample_s1);
	check_without_key(sample_s2);
	check_without_key(sample_s3);
	check_without_key(text);
	free(text);
}

TEST(a_text_that_is_made_anew_has_the_line_ends_of_the_old_one)
{
	char *plain = make("thing", false), *text = make("thing", true);
	char *plain_crlf = with_crlf(plain), *crlf = with_crlf(text);

	check_text(sign(plain_crlf, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), crlf);
	check_text(sign(crlf, NULL, NULL, LSKEL_RUNTIME_LIBBPF), plain_crlf);
	check_text(sign(crlf, "chain", "folded", LSKEL_RUNTIME_EMBEDDED), crlf);
	free(plain);
	free(text);
	free(plain_crlf);
	free(crlf);
}

/* A skeleton in which NAME is called "a b", or "new". */
static void check_name(char **name, const char *what)
{
	char *kept = *name, want[80];

	*name = (char[]){"a b"};
	snprintf(want, sizeof(want), "%s 'a b' is not %s", what,
		 strcmp(what, "tracepoint") ? "a C identifier"
					    : "up to 127 letters, digits and _.:/,+-@");
	CHECK(!make("thing", true));
	CHECK_STR(err.text, want);
	CHECK(!make("thing", false));
	CHECK_STR(err.text, want);
	*name = (char[]){"new"};
	snprintf(want, sizeof(want), "%s 'new' is a keyword of C++", what);
	if (strcmp(what, "variable") && strcmp(what, "tracepoint")) {
		CHECK(!make("thing", true));
		CHECK(!strncmp(err.text, want, strlen(want)));
	}
	*name = kept;
}

TEST(a_skeleton_has_maps_or_a_program)
{
	struct skel skel = {.name = (char[]){"thing"}};
	_lskel_ struct lskel lskel = {0};
	struct image image = {0};

	CHECK_INT(lskel_new(&skel, LSKEL_RUNTIME_EMBEDDED, &image, &lskel, &err), -ENOTSUP);
	CHECK_STR(err.text, "contains neither maps nor a program to load");
	/* a wrong name is told first */
	skel.name[0] = '-';
	CHECK_INT(lskel_new(&skel, LSKEL_RUNTIME_EMBEDDED, &image, &lskel, &err), -EBADMSG);
}

TEST(every_name_has_to_be_one)
{
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++)
		check_name(&progs[i].ident, "program");
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		check_name(&maps[i].ident, "map");
	check_name(&progs[1].target, "tracepoint");
	check_name(&vars[0].ident, "variable");
}

TEST(names_that_are_more_than_names_are_refused)
{
	CHECK(!make("a b", true));
	CHECK_STR(err.text, "the object's name 'a b' is not a C identifier");
	CHECK(!make("1a", true));
	CHECK(!make("", true));
	progs[1].target[1] = '"';
	CHECK(!make("thing", true));
	CHECK_STR(err.text, "tracepoint 't\"' is not up to 127 letters, digits and _.:/,+-@");
	progs[1].target[1] = 'p';
	CHECK(!make("while", true));
	CHECK(!make("constexpr", true));
}

TEST(keywords_of_cpp_are_refused_where_our_own_text_has_them)
{
	char *kept = progs[0].ident, *libbpf;

	CHECK(!make("class", true));
	CHECK(strstr(err.text, "'class' is a keyword of C++") && strstr(err.text, "--name=NAME"));
	progs[0].ident = (char[]){"new"};
	CHECK(!make("thing", true));
	CHECK(strstr(err.text, "program 'new' is a keyword of C++"));
	libbpf = make("thing", false);
	CHECK(libbpf);
	free(libbpf);
	progs[0].ident = kept;
	memcpy(maps[1].members.data, "\t\tint this;\n", 12);
	CHECK(!make("thing", true));
	memcpy(maps[1].members.data, "\t\tint step;\n", 12);
}

UNIT_MAIN
