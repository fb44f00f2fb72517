// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every rule here is one of Linux 6.18 to 7.3, lib/asn1_decoder.c: asn1_ber_decoder(), or
 * asn1_find_indefinite_length() where it says so.
 *
 * The kernel also limits the depth to 10. The grammars of this room are not recursive and at most
 * nine levels deep, so neither that limit nor our recursion can be reached by an input.
 */
#include "kverify/asn1.h"

#include <errno.h>
#include <stdio.h>

#include "kverify/answer.h"

#define INPUT_MAX	     65535
#define LENGTH_BYTES	     2 /* of a long-form length */
#define INDEFINITE	     0x80
#define LONG_TAG	     0x1f
#define END_OF_CONTENTS	     0x00
/* Lengths in skipped indefinite elements may have as many bytes as fit the kernel's size_t - 1. */
#define SKIPPED_LENGTH_BYTES 7

static const char *tag_name(uint8_t tag)
{
	static const struct {
		uint8_t tag;
		const char *name;
	} names[] = {
		{ASN1_BOOLEAN, "BOOLEAN"},
		{ASN1_INTEGER, "INTEGER"},
		{ASN1_BIT_STRING, "BIT STRING"},
		{ASN1_OCTET_STRING, "OCTET STRING"},
		{ASN1_OID, "OBJECT IDENTIFIER"},
		{ASN1_UTC_TIME, "UTCTime"},
		{ASN1_GENERALIZED_TIME, "GeneralizedTime"},
		{ASN1_SEQUENCE, "SEQUENCE"},
		{ASN1_SET, "SET"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].tag == tag)
			return names[i].name;
	}
	return NULL;
}

static int bad(struct asn1 *asn1, size_t offset, const char *why)
{
	return kv_refuse(asn1->answer, -EBADMSG, "not a %s: %s at offset %zu", asn1->what, why,
			 offset);
}

static int bad_tag(struct asn1 *asn1, size_t offset, uint8_t want)
{
	const char *name = tag_name(want);
	char number[8];

	if (!name) {
		snprintf(number, sizeof(number), "[%u]", want & LONG_TAG);
		name = number;
	}
	return kv_refuse(asn1->answer, -EBADMSG, "not a %s: expected %s at offset %zu, found %02x",
			 asn1->what, name, offset, asn1->tag);
}

static size_t left(const struct asn1 *asn1)
{
	return asn1->end - asn1->at;
}

uint8_t asn1_tag(const struct asn1 *asn1)
{
	return asn1->tag;
}

struct view asn1_value(const struct asn1 *asn1)
{
	return view_of(asn1->data.data + asn1->start, asn1->size);
}

struct view asn1_whole(const struct asn1 *asn1)
{
	return view_of(asn1->data.data + asn1->start - asn1->header, asn1->size + asn1->header);
}

/* Read the length after a tag into asn1->size; *indefinite says that there is none. */
static int read_length(struct asn1 *asn1, bool *indefinite)
{
	size_t from = asn1->at, length = asn1->data.data[asn1->at++];

	*indefinite = length == INDEFINITE;
	if (*indefinite) {
		if (!(asn1->tag & ASN1_CONSTRUCTED))
			return bad(asn1, from, "indefinite length of a primitive element");
		if (left(asn1) < 2)
			return bad(asn1, from, "cut off");
		length = 0;
	} else if (length > INDEFINITE) {
		size_t bytes = length - INDEFINITE;

		if (bytes > LENGTH_BYTES)
			return bad(asn1, from, "length of more than two bytes");
		if (bytes > left(asn1))
			return bad(asn1, from, "cut off");
		asn1->header = (uint8_t)(asn1->header + bytes);
		for (length = 0; bytes; bytes--)
			length = length << 8 | asn1->data.data[asn1->at++];
	}
	if (length > left(asn1))
		return bad(asn1, from, "cut off: length beyond the end");
	asn1->size = length;
	return 0;
}

/*
 * One step through the content of an indefinite element that no item describes: *AT goes over an
 * element, into one of indefinite length (*level up), or over an end (*level down).
 * asn1_find_indefinite_length()
 */
static int skip_step(struct asn1 *asn1, size_t *at, unsigned int *level)
{
	const uint8_t *byte = asn1->data.data;
	size_t length, bytes, end = asn1->end;
	uint8_t tag;

	if (end - *at < 2)
		return bad(asn1, *at, "no end of an indefinite length");
	tag = byte[(*at)++];
	if (tag == END_OF_CONTENTS) {
		(*level)--;
		return byte[(*at)++] ? bad(asn1, *at - 1, "broken end of contents") : 0;
	}
	if ((tag & LONG_TAG) == LONG_TAG) {
		do {
			if (end - *at < 2)
				return bad(asn1, *at, "cut off");
		} while (byte[(*at)++] & 0x80);
	}
	length = byte[(*at)++];
	if (length == INDEFINITE) {
		(*level)++;
		return tag & ASN1_CONSTRUCTED
			       ? 0
			       : bad(asn1, *at - 1, "indefinite length of a primitive element");
	}
	if (length > INDEFINITE) {
		bytes = length - INDEFINITE;
		if (bytes > SKIPPED_LENGTH_BYTES || bytes > end - *at)
			return bad(asn1, *at - 1, "length too long");
		for (length = 0; bytes; bytes--)
			length = length << 8 | byte[(*at)++];
	}
	if (length > end - *at)
		return bad(asn1, *at, "cut off: length beyond the end");
	*at += length;
	return 0;
}

/* The content of an indefinite element goes up to and includes its end-of-contents bytes. */
static int skip_indefinite(struct asn1 *asn1)
{
	size_t at = asn1->at;
	unsigned int level = 1;

	while (level) {
		int ret = skip_step(asn1, &at, &level);

		if (ret)
			return ret;
	}
	asn1->size = at - asn1->at;
	return 0;
}

static int walk(struct asn1 *asn1, const struct asn1_item *item);

/* At the end of a round of inner items: is the list over? Then AT is behind it. */
static int list_over(struct asn1 *asn1, bool repeats, bool indefinite, bool *over)
{
	const uint8_t *byte = asn1->data.data;

	*over = true;
	if (!indefinite) {
		if (asn1->at < asn1->end && repeats)
			*over = false;
		else if (asn1->at != asn1->end)
			return bad(asn1, asn1->at, "more in a list than belongs there");
		return 0;
	}
	if (left(asn1) < 2)
		return bad(asn1, asn1->at, "no end of an indefinite length");
	if (byte[asn1->at] != END_OF_CONTENTS) {
		*over = false;
		return repeats ? 0 : bad(asn1, asn1->at, "no end of an indefinite length");
	}
	if (byte[asn1->at + 1])
		return bad(asn1, asn1->at, "broken end of contents");
	asn1->at += 2;
	return 0;
}

static int read_list(struct asn1 *asn1, const struct asn1_item *item, bool indefinite)
{
	size_t outer = asn1->end, start = asn1->start;
	uint8_t header = asn1->header;
	bool over = false;

	if (!indefinite)
		asn1->end = start + asn1->size;
	while (!over) {
		int ret = walk(asn1, item->inner);

		if (!ret)
			ret = list_over(asn1, item->how & ASN1_OF, indefinite, &over);
		if (ret)
			return ret;
	}
	asn1->end = outer;
	asn1->start = start;
	asn1->header = header;
	asn1->size = asn1->at - start - (indefinite ? 2 : 0);
	if (item->how & ASN1_NAMED)
		asn1->matched = true;
	return item->act ? item->act(asn1) : 0;
}

static int read_leaf(struct asn1 *asn1, const struct asn1_item *item, bool indefinite)
{
	int ret = indefinite ? skip_indefinite(asn1) : 0;

	if (!ret && item->act)
		ret = item->act(asn1);
	if (!ret)
		asn1->at += asn1->size;
	return ret;
}

static int read_element(struct asn1 *asn1, const struct asn1_item *item)
{
	bool optional = item->how & (ASN1_OPTIONAL | ASN1_OR), indefinite;
	uint8_t differs;
	int ret;

	/* Skipping keeps "matched" as it was: at the end of a list a choice may be empty. */
	if ((item->how & ASN1_OR && asn1->matched) || (optional && asn1->at == asn1->end))
		return 0;
	asn1->matched = false;
	asn1->header = 2;
	if (left(asn1) < 2)
		return bad(asn1, asn1->at, "cut off");
	asn1->tag = asn1->data.data[asn1->at++];
	if ((asn1->tag & LONG_TAG) == LONG_TAG)
		return bad(asn1, asn1->at - 1, "long-form tag");
	/* Only what is primitive by the grammar must be so in the data. */
	differs = (uint8_t)((item->tag ^ asn1->tag) & ~(item->tag & ASN1_CONSTRUCTED));
	if (!(item->how & ASN1_ANY) && differs) {
		asn1->at--;
		return optional ? 0 : bad_tag(asn1, asn1->at, item->tag);
	}
	asn1->matched = true;
	ret = read_length(asn1, &indefinite);
	if (ret)
		return ret;
	asn1->start = asn1->at;
	if (item->inner)
		return read_list(asn1, item, indefinite);
	return read_leaf(asn1, item, indefinite);
}

static int walk(struct asn1 *asn1, const struct asn1_item *item)
{
	for (; item->kind != ASN1_END; item++) {
		int ret = 0;

		if (item->kind == ASN1_ELEMENT)
			ret = read_element(asn1, item);
		else if (item->kind == ASN1_CALL)
			ret = item->act(asn1);
		else if (!asn1->matched)
			ret = bad(asn1, asn1->at, "none of the expected elements");
		if (ret)
			return ret;
	}
	return 0;
}

int asn1_decode(const struct asn1_item *grammar, struct view data, const char *what, void *ctx,
		struct kv_answer *answer)
{
	struct asn1 asn1 = {
		.ctx = ctx,
		.answer = answer,
		.what = what,
		.data = data,
		.end = data.size,
	};

	if (data.size > INPUT_MAX)
		return kv_refuse(answer, -EMSGSIZE, "%s of %zu bytes: the kernel reads at most %u",
				 what, data.size, INPUT_MAX);
	return walk(&asn1, grammar);
}
