// SPDX-License-Identifier: BSD-2-Clause
/* A header that was written reads as what it was written of: any difference is found. */
#include <errno.h>
#include <stdlib.h>

#include "lskel/lskel.h"
#include "lskel_sample.h"
#include "unit.h"

static struct err err;

static void set(struct buf *buf, const char *bytes)
{
	buf_free(buf);
	if (bytes)
		buf_add_str(buf, bytes);
}

/* The sample with signatures of SCHEMES, and further forms of its instructions. */
static void make(struct lskel *ret, unsigned int schemes)
{
	static const char *const bytes[SCHEME_NR] = {"folded", "chain", "insns", "insns-hash"};

	*ret = (struct lskel){.name = NULL};
	CHECK_INT(lskel_parse(view_lit(sample_s3), ret, &err), 0);
	set(&ret->image.sig_unnamed, NULL);
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		set(&ret->image.sig[scheme], schemes & 1u << scheme ? bytes[scheme] : NULL);
	set(&ret->image.insns_checked, "checkedchecked..");
	set(&ret->image.insns_hash, "hash....");
}

#define ALL ((1u << SCHEME_NR) - 1)

/* What is said of the header that LSKEL gives, after FROM in it has become TO. */
static int check_changed(struct lskel *lskel, enum lskel_runtime runtime, const char *from,
			 const char *to)
{
	_buf_ struct buf text = {0}, changed = {0};
	const char *at;

	CHECK_INT(lskel_write(lskel, runtime, &text, &err), 0);
	at = strstr(buf_cstr(&text), from);
	if (!CHECK(at))
		return 0;
	buf_add(&changed, text.data, (size_t)(at - (const char *)text.data));
	buf_add_str(&changed, to);
	buf_add_str(&changed, at + strlen(from));
	return lskel_check(buf_view(&changed), lskel, runtime, &err);
}

TEST(each_part_of_our_own_form_is_compared)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	struct buf *const parts[] = {
		&lskel.image.insns,
		&lskel.image.insns_checked,
		&lskel.image.insns_hash,
		&lskel.image.sig[SCHEME_FOLDED],
		&lskel.image.sig[SCHEME_CHAIN],
		&lskel.image.sig[SCHEME_INSNS],
		&lskel.image.sig[SCHEME_INSNS_HASH],
	};

	make(&lskel, ALL);
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &text, &err), 0);
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(parts) + 1; i++) {
		struct buf *part = i < ARRAY_SIZE(parts) ? parts[i] : &lskel.image.maps[0].value;

		part->data[part->size - 1] ^= 1;
		if (!CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err),
			       -EBADMSG))
			printf("# part %zu\n", i);
		CHECK(*err.text && !err.line);
		part->data[part->size - 1] ^= 1;
		part->size--;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err),
			  -EBADMSG);
		part->size++;
	}
	lskel.name[0] ^= 1;
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), -EBADMSG);
	lskel.name[0] ^= 1;
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), 0);
}

TEST(a_form_counts_where_a_signature_is_over_it)
{
	static const struct {
		unsigned int schemes;
		bool has_checked, has_hash;
	} cases[] = {
		{1u << SCHEME_FOLDED, false, false},
		{1u << SCHEME_CHAIN | 1u << SCHEME_INSNS, true, false},
		{1u << SCHEME_INSNS | 1u << SCHEME_INSNS_HASH, true, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_lskel_ struct lskel lskel = {0};
		_buf_ struct buf text = {0};

		make(&lskel, cases[i].schemes);
		CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &text, &err), 0);
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), 0);
		lskel.image.insns_checked.data[0] ^= 1;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err),
			  cases[i].has_checked ? -EBADMSG : 0);
		lskel.image.insns_checked.data[0] ^= 1;
		lskel.image.insns_hash.data[0] ^= 1;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err),
			  cases[i].has_hash ? -EBADMSG : 0);
	}
}

TEST(a_signature_more_or_less_is_found)
{
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		_lskel_ struct lskel all = {0}, less = {0};
		_buf_ struct buf text = {0}, text_less = {0};

		if (scheme == SCHEME_INSNS) /* insns-hash is never without it */
			continue;
		make(&all, ALL);
		make(&less, ALL & ~(1u << scheme));
		CHECK_INT(lskel_write(&all, LSKEL_RUNTIME_EMBEDDED, &text, &err), 0);
		CHECK_INT(lskel_write(&less, LSKEL_RUNTIME_EMBEDDED, &text_less, &err), 0);
		CHECK_INT(lskel_check(buf_view(&text), &less, LSKEL_RUNTIME_EMBEDDED, &err),
			  -EBADMSG);
		CHECK_INT(lskel_check(buf_view(&text_less), &all, LSKEL_RUNTIME_EMBEDDED, &err),
			  -EBADMSG);
	}
}

TEST(libbpfs_form_has_one_signature_and_one_form)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	struct buf *const parts[] = {&lskel.image.sig[SCHEME_FOLDED], &lskel.image.insns};

	make(&lskel, 1u << SCHEME_FOLDED);
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_LIBBPF, &text, &err), 0);
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_LIBBPF, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i]->data[0] ^= 1;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_LIBBPF, &err),
			  -EBADMSG);
		parts[i]->data[0] ^= 1;
	}
	/* further forms are not in it */
	lskel.image.insns_checked.data[0] ^= 1;
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_LIBBPF, &err), 0);
}

TEST(libbpfs_form_keeps_a_signature_without_a_name)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	struct buf *const parts[] = {&lskel.image.sig_unnamed, &lskel.image.insns};

	make(&lskel, 0);
	set(&lskel.image.sig_unnamed, "unnamed");
	CHECK_INT(lskel_write(&lskel, LSKEL_RUNTIME_LIBBPF, &text, &err), 0);
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_LIBBPF, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i]->data[0] ^= 1;
		CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_LIBBPF, &err),
			  -EBADMSG);
		parts[i]->data[0] ^= 1;
	}
	/* as one of our own there is nothing unnamed, and here nothing else */
	CHECK_INT(lskel_check(buf_view(&text), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), 0);
}

TEST(a_text_that_is_no_rendering_is_refused_although_it_reads_the_same)
{
	_lskel_ struct lskel lskel = {0};

	make(&lskel, ALL);
	CHECK_INT(check_changed(&lskel, LSKEL_RUNTIME_EMBEDDED, "return ret < 0 ? ret : 0;",
				"return ret < 0 ? ret : 1;"),
		  -EBADMSG);
	CHECK(*err.text && err.line);
	/* what compilers take for the same is the same */
	CHECK_INT(check_changed(&lskel, LSKEL_RUNTIME_EMBEDDED, "return ret < 0 ? ret : 0;",
				"return ret<0?ret:0 /* x */ ;"),
		  0);
}

TEST(a_text_that_does_not_read_at_all_is_refused)
{
	_lskel_ struct lskel lskel = {0};

	make(&lskel, ALL);
	CHECK_INT(check_changed(&lskel, LSKEL_RUNTIME_EMBEDDED, "static inline struct tiny *",
				"static inline struct tiny * \""),
		  -EBADMSG);
	CHECK(*err.text && !err.line);
	CHECK_INT(lskel_check(view_lit(""), &lskel, LSKEL_RUNTIME_EMBEDDED, &err), -EBADMSG);
}

UNIT_MAIN
