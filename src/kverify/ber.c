// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every rule here is from Linux 6.18 to 7.3, lib/asn1_decoder.c: asn1_ber_decoder() or, where
 * noted, asn1_find_indefinite_length().
 *
 * The kernel also limits the depth to 10. The grammars of this room are not recursive and at most
 * nine levels deep, so no input can reach that limit or make our recursion deep.
 */
#include "kverify/ber.h"

#include <errno.h>
#include <stdio.h>

#include "kverify/answer.h"

#define INPUT_MAX	     65535
#define LENGTH_BYTES	     2 /* the most bytes of a long-form length */
#define INDEFINITE	     0x80
#define LONG_TAG	     0x1f
#define END_OF_CONTENTS	     0x00
/*
 * The most bytes of a length within a skipped indefinite element: sizeof(size_t) - 1 in the kernel.
 */
#define SKIPPED_LENGTH_BYTES 7

static const char *tag_name(uint8_t tag)
{
	switch (tag) {
	case BER_BOOLEAN:
		return "BOOLEAN";
	case BER_INTEGER:
		return "INTEGER";
	case BER_BIT_STRING:
		return "BIT STRING";
	case BER_OCTET_STRING:
		return "OCTET STRING";
	case BER_OID:
		return "OBJECT IDENTIFIER";
	case BER_UTC_TIME:
		return "UTCTime";
	case BER_GENERALIZED_TIME:
		return "GeneralizedTime";
	case BER_SEQUENCE:
		return "SEQUENCE";
	case BER_SET:
		return "SET";
	}
	return NULL;
}

static int bad(struct ber *ber, size_t offset, const char *why)
{
	return kv_refuse(ber->answer, -EBADMSG, "malformed %s: %s at offset %zu", ber->what, why,
			 offset);
}

static int bad_tag(struct ber *ber, size_t offset, uint8_t want)
{
	const char *name = tag_name(want);
	char number[8];

	if (!name) {
		snprintf(number, sizeof(number), "[%d]", want & LONG_TAG);
		name = number;
	}
	return kv_refuse(ber->answer, -EBADMSG,
			 "malformed %s: expected %s at offset %zu, found %02x", ber->what, name,
			 offset, ber->tag);
}

static size_t left(const struct ber *ber)
{
	return ber->end - ber->at;
}

uint8_t ber_tag(const struct ber *ber)
{
	return ber->tag;
}

struct view ber_value(const struct ber *ber)
{
	return view_of(ber->data.data + ber->start, ber->size);
}

struct view ber_whole(const struct ber *ber)
{
	return view_of(ber->data.data + ber->start - ber->header, ber->size + ber->header);
}

/* Read the length after a tag into ber->size; *indefinite: the length is indefinite. */
static int read_length(struct ber *ber, bool *indefinite)
{
	size_t from = ber->at, length = ber->data.data[ber->at++];

	*indefinite = length == INDEFINITE;
	if (*indefinite) {
		if (!(ber->tag & BER_CONSTRUCTED))
			return bad(ber, from, "indefinite length of a primitive element");
		if (left(ber) < 2)
			return bad(ber, from, "cut off");
		length = 0;
	} else if (length > INDEFINITE) {
		size_t bytes = length - INDEFINITE;

		if (bytes > LENGTH_BYTES)
			return bad(ber, from, "length of more than two bytes");
		if (bytes > left(ber))
			return bad(ber, from, "cut off");
		ber->header = (uint8_t)(ber->header + bytes);
		for (length = 0; bytes; bytes--)
			length = length << 8 | ber->data.data[ber->at++];
	}
	if (length > left(ber))
		return bad(ber, from, "cut off: the length reaches beyond the end");
	ber->size = length;
	return 0;
}

/*
 * One step through the content of an indefinite element that no item describes. *AT moves past an
 * element, into one of indefinite length (*level is increased), or past an end (*level is
 * decreased). asn1_find_indefinite_length()
 */
static int skip_step(struct ber *ber, size_t *at, unsigned int *level)
{
	const uint8_t *byte = ber->data.data;
	size_t length, bytes, end = ber->end;
	uint8_t tag;

	if (end - *at < 2)
		return bad(ber, *at, "an element of indefinite length has no end");
	tag = byte[(*at)++];
	if (tag == END_OF_CONTENTS) {
		(*level)--;
		return byte[(*at)++] ? bad(ber, *at - 1, "malformed end-of-contents bytes") : 0;
	}
	if ((tag & LONG_TAG) == LONG_TAG) {
		do {
			if (end - *at < 2)
				return bad(ber, *at, "cut off");
		} while (byte[(*at)++] & 0x80);
	}
	length = byte[(*at)++];
	if (length == INDEFINITE) {
		(*level)++;
		return tag & BER_CONSTRUCTED
			       ? 0
			       : bad(ber, *at - 1, "indefinite length of a primitive element");
	}
	if (length > INDEFINITE) {
		bytes = length - INDEFINITE;
		if (bytes > SKIPPED_LENGTH_BYTES || bytes > end - *at)
			return bad(ber, *at - 1, "length too long");
		for (length = 0; bytes; bytes--)
			length = length << 8 | byte[(*at)++];
	}
	if (length > end - *at)
		return bad(ber, *at, "cut off: the length reaches beyond the end");
	*at += length;
	return 0;
}

/* The content of an indefinite element includes its end-of-contents bytes. */
static int skip_indefinite(struct ber *ber)
{
	size_t at = ber->at;
	unsigned int level = 1;

	while (level) {
		int ret = skip_step(ber, &at, &level);

		if (ret)
			return ret;
	}
	ber->size = at - ber->at;
	return 0;
}

static int walk(struct ber *ber, const struct ber_item *item);

/* After the inner items were read once: is this the end of the list? Then AT is moved past it. */
static int list_over(struct ber *ber, bool repeats, bool indefinite, bool *over)
{
	const uint8_t *byte = ber->data.data;

	*over = true;
	if (!indefinite) {
		if (ber->at < ber->end && repeats)
			*over = false;
		else if (ber->at != ber->end)
			return bad(ber, ber->at, "unexpected element in a list");
		return 0;
	}
	if (left(ber) < 2)
		return bad(ber, ber->at, "an element of indefinite length has no end");
	if (byte[ber->at] != END_OF_CONTENTS) {
		*over = false;
		return repeats ? 0
			       : bad(ber, ber->at, "an element of indefinite length has no end");
	}
	if (byte[ber->at + 1])
		return bad(ber, ber->at, "malformed end-of-contents bytes");
	ber->at += 2;
	return 0;
}

static int read_list(struct ber *ber, const struct ber_item *item, bool indefinite)
{
	size_t outer = ber->end, start = ber->start;
	uint8_t header = ber->header;
	bool over = false;

	if (!indefinite)
		ber->end = start + ber->size;
	while (!over) {
		int ret = walk(ber, item->inner);

		if (!ret)
			ret = list_over(ber, item->how & BER_OF, indefinite, &over);
		if (ret)
			return ret;
	}
	ber->end = outer;
	ber->start = start;
	ber->header = header;
	ber->size = ber->at - start - (indefinite ? 2 : 0);
	if (item->how & BER_NAMED)
		ber->matched = true;
	return item->act ? item->act(ber) : 0;
}

static int read_leaf(struct ber *ber, const struct ber_item *item, bool indefinite)
{
	int ret = indefinite ? skip_indefinite(ber) : 0;

	if (!ret && item->act)
		ret = item->act(ber);
	if (!ret)
		ber->at += ber->size;
	return ret;
}

static int read_element(struct ber *ber, const struct ber_item *item)
{
	bool optional = item->how & (BER_OPTIONAL | BER_OR), indefinite;
	uint8_t differs;
	int ret;

	/* Skipping does not change "matched", so a choice may be empty at the end of a list. */
	if ((item->how & BER_OR && ber->matched) || (optional && ber->at == ber->end))
		return 0;
	ber->matched = false;
	ber->header = 2;
	if (left(ber) < 2)
		return bad(ber, ber->at, "cut off");
	ber->tag = ber->data.data[ber->at++];
	if ((ber->tag & LONG_TAG) == LONG_TAG)
		return bad(ber, ber->at - 1, "long-form tag");
	/* A primitive tag matches a constructed item, but not the reverse. */
	differs = (uint8_t)((item->tag ^ ber->tag) & ~(item->tag & BER_CONSTRUCTED));
	if (!(item->how & BER_ANY) && differs) {
		ber->at--;
		return optional ? 0 : bad_tag(ber, ber->at, item->tag);
	}
	ber->matched = true;
	ret = read_length(ber, &indefinite);
	if (ret)
		return ret;
	ber->start = ber->at;
	if (item->inner)
		return read_list(ber, item, indefinite);
	return read_leaf(ber, item, indefinite);
}

static int walk(struct ber *ber, const struct ber_item *item)
{
	for (; item->kind != BER_END; item++) {
		int ret = 0;

		if (item->kind == BER_ELEMENT)
			ret = read_element(ber, item);
		else if (item->kind == BER_CALL)
			ret = item->act(ber);
		else if (!ber->matched)
			ret = bad(ber, ber->at, "none of the expected elements");
		if (ret)
			return ret;
	}
	return 0;
}

int ber_decode(const struct ber_item *grammar, struct view data, const char *what, void *ctx,
	       struct kv_answer *answer)
{
	struct ber ber = {
		.ctx = ctx,
		.answer = answer,
		.what = what,
		.data = data,
		.end = data.size,
	};

	if (data.size > INPUT_MAX)
		return kv_refuse(answer, -EMSGSIZE,
				 "the %s has %zu bytes, but the kernel reads "
				 "at most %u",
				 what, data.size, INPUT_MAX);
	return walk(&ber, grammar);
}
