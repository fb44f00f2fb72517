// SPDX-License-Identifier: BSD-2-Clause
#include "compare.h"

#include "base/util.h"
#include "compare_map.h"
#include "compare_prog.h"

struct sides {
	const struct compare_side *old, *new;
};

/* --- findings --- */

static void add_finding(struct buf *out, const struct loader_finding *finding)
{
	buf_printf(out, "%s%s%s", loader_severity_name(finding->severity),
		   *finding->where ? " in " : "", finding->where);
}

static void pair_findings(struct comparer *c, size_t old, size_t new, void *arg)
{
	const struct sides *sides = arg;
	struct buf before = {0}, after = {0};

	if (old != COMPARE_NONE)
		add_finding(&before, &sides->old->listing->findings[old]);
	if (new != COMPARE_NONE)
		add_finding(&after, &sides->new->listing->findings[new]);
	if (old == COMPARE_NONE)
		compare_one(c, COMPARE_ADDED, &after);
	else if (new == COMPARE_NONE)
		compare_one(c, COMPARE_REMOVED, &before);
	else
		compare_texts(c, "place", &before, &after);
}

static void finding_keys(struct comparer *c, const struct listing *listing,
			 struct compare_keys *ret)
{
	compare_keys_begin(c, listing->nr_findings, ret);
	for (size_t i = 0; i < listing->nr_findings; i++)
		compare_keys_add(ret, view_str(listing->findings[i].name), 0, i);
}

static void compare_findings(struct comparer *c, struct sides *sides)
{
	_compare_keys_ struct compare_keys before, after;

	c->subject = "finding";
	finding_keys(c, sides->old->listing, &before);
	finding_keys(c, sides->new->listing, &after);
	compare_pairs(c, &before, &after, pair_findings, sides);
}

/* --- signatures --- */

/* "key 9a3f..., key 11bc..." */
static void add_signers(struct buf *out, const struct signers_entry *entry)
{
	if (!entry->signers.nr)
		buf_add_str(out, "not readable");
	for (size_t i = 0; i < entry->signers.nr; i++) {
		const struct kv_answer *answer = &entry->signers.list[i].answer;

		buf_printf(out, "%skey ", i ? ", " : "");
		buf_escape(out, view_str(*answer->key_id ? answer->key_id : answer->signer));
	}
}

/* Whether what the signatures cover is the same on both sides. */
static bool is_same_content(const struct sides *sides)
{
	const struct image *old = sides->old->image, *new = sides->new->image;

	return view_equal(buf_view(&old->insns), buf_view(&new->insns)) &&
	       view_equal(buf_view(&old->maps[0].value), buf_view(&new->maps[0].value));
}

static void pair_signatures(struct comparer *c, size_t old, size_t new, void *arg)
{
	const struct sides *sides = arg;
	struct buf before = {0}, after = {0};

	if (old != COMPARE_NONE)
		add_signers(&before, &sides->old->signers->list[old]);
	if (new != COMPARE_NONE)
		add_signers(&after, &sides->new->signers->list[new]);
	if (old == COMPARE_NONE) {
		compare_one(c, COMPARE_ADDED, &after);
	} else if (new == COMPARE_NONE) {
		compare_one(c, COMPARE_REMOVED, &before);
	} else {
		compare_texts(c, "signers", &before, &after);
		if (is_same_content(sides))
			compare_bytes(c, "message, for the same content", "bytes", 1,
				      sides->old->signers->list[old].message,
				      sides->new->signers->list[new].message);
	}
}

static void signature_keys(struct comparer *c, const struct signers *signers,
			   struct compare_keys *ret)
{
	compare_keys_begin(c, signers->nr, ret);
	for (size_t i = 0; i < signers->nr; i++)
		compare_keys_add(ret, view_str(signers->list[i].scheme), 0, i);
}

static void compare_signatures(struct comparer *c, struct sides *sides)
{
	_compare_keys_ struct compare_keys before, after;

	c->subject = "signature";
	signature_keys(c, sides->old->signers, &before);
	signature_keys(c, sides->new->signers, &after);
	compare_pairs(c, &before, &after, pair_signatures, sides);
}

/* --- the rest --- */

static struct view check_text(enum loader_check check)
{
	static const char *const texts[] = {
		[LOADER_CHECK_NONE] = "none",
		[LOADER_CHECK_HASH_1_7] = "the hash of its data, as libbpf 1.7.0",
		[LOADER_CHECK_HASH] = "the hash of its data",
		[LOADER_CHECK_EXCL_HASH] = "an exclusive map, and the hash of its data",
	};

	return view_str(texts[check]);
}

static void compare_loaders(struct comparer *c, const struct sides *sides)
{
	const struct listing *before = sides->old->listing, *after = sides->new->listing;
	const struct loader *old = before->loader, *new = after->loader;

	compare_bools(c, "host can replace sizes", old->open_sizes, new->open_sizes);
	compare_bools(c, "host can replace initial values", old->open_values, new->open_values);
	compare_bools(c, "big-endian", old->big, new->big);
	compare_views(c, "check", check_text(old->check), check_text(new->check));
	compare_views(c, "check of the form for insns", check_text(before->second),
		      check_text(after->second));
	compare_bytes(c, "BTF", "bytes", 1, old->btf, new->btf);
	compare_bytes(c, "its own instructions", "instructions", IMAGE_INSN_SIZE,
		      buf_view(&sides->old->image->insns), buf_view(&sides->new->image->insns));
	compare_bytes(c, "its data: programs, maps, values, BTF", "bytes", 1,
		      buf_view(&sides->old->image->maps[0].value),
		      buf_view(&sides->new->image->maps[0].value));
}

static void add_text(struct buf *out, const struct err *why)
{
	if (why)
		buf_printf(out, "line %u: %s", why->line, why->text);
	else
		buf_add_str(out, "as it is generated");
}

/* What surrounds the loader in a header. A version of the tool that is newer may write other text.
 */
static void compare_headers(struct comparer *c, const struct sides *sides)
{
	struct buf before = {0}, after = {0};

	if (!sides->old->header.data || !sides->new->header.data)
		return;
	compare_views(c, "name", sides->old->name, sides->new->name);
	add_text(&before, sides->old->listing->text_why);
	add_text(&after, sides->new->listing->text_why);
	compare_texts(c, "text", &before, &after);
	if (!c->rows.nr)
		compare_bytes(c, "text, around the same loader", "bytes", 1, sides->old->header,
			      sides->new->header);
}

int compare(const struct compare_side *old, const struct compare_side *new,
	    struct compare_rows *ret, struct err *err)
{
	struct sides sides = {old, new};
	struct comparer c = {.failed = false};

	compare_progs(&c, old->listing, new->listing);
	compare_externs(&c, old->listing, new->listing);
	compare_maps(&c, old->listing, new->listing);
	compare_findings(&c, &sides);
	compare_signatures(&c, &sides);
	c.name = (struct view){NULL, 0};
	c.subject = "loader";
	compare_loaders(&c, &sides);
	c.subject = "header";
	compare_headers(&c, &sides);
	if (c.failed) {
		compare_rows_free(&c.rows);
		return err_nomem(err);
	}
	*ret = c.rows;
	return 0;
}
