// SPDX-License-Identifier: BSD-2-Clause
#include "der.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define TAG_BIT_STRING	 0x03
#define TAG_OCTET_STRING 0x04
#define TAG_CONSTRUCTED	 0x20
#define ENCODED_MAX	 60000

/* splitmix64 */
static uint64_t rng_next(struct rng *rng)
{
	uint64_t x = rng->state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

uint32_t rng_below(struct rng *rng, uint32_t limit)
{
	return limit ? (uint32_t)(rng_next(rng) % limit) : 0;
}

/* --- parsing --- */

/* Header at *at of INPUT: its tag, and its content as a view; *at moves behind the content. */
static bool read_header(struct view input, size_t *at, uint8_t *tag, struct view *content)
{
	struct view head = view_sub(input, *at, 2);
	size_t length, bytes = 0;

	if (!head.data || (head.data[0] & 0x1f) == 0x1f)
		return false;
	*tag = head.data[0];
	length = head.data[1];
	*at += 2;
	if (length > 0x80) {
		bytes = length - 0x80;
		head = view_sub(input, *at, bytes);
		if (bytes > 3 || !head.data)
			return false;
		length = 0;
		for (size_t i = 0; i < bytes; i++)
			length = length << 8 | head.data[i];
		*at += bytes;
	} else if (length == 0x80) {
		return false;
	}
	if (length > input.size - *at)
		return false;
	*content = (struct view){input.data + *at, length};
	*at += length;
	return true;
}

static uint16_t new_node(struct der *der)
{
	if (der->nr == DER_NODES_MAX)
		return 0;
	der->nodes[der->nr] = (struct der_node){0};
	return der->nr++;
}

/* All of INPUT as a list of nodes: the index of the first, 0 if it is not that. */
static uint16_t parse_list(struct der *der, struct view input, int depth)
{
	uint16_t first = 0, last = 0;
	size_t at = 0;

	while (at < input.size) {
		uint16_t index = new_node(der);
		struct der_node *node = &der->nodes[index];
		struct view inside;

		if (!index || depth > 30 || !read_header(input, &at, &node->tag, &node->content))
			return 0;
		inside = node->content;
		if (node->tag == TAG_BIT_STRING && inside.size) {
			node->lead = view_sub(inside, 0, 1);
			inside = view_sub(inside, 1, inside.size - 1);
		}
		if (node->tag & TAG_CONSTRUCTED || node->tag == TAG_OCTET_STRING ||
		    node->tag == TAG_BIT_STRING) {
			uint16_t nr = der->nr;

			node->child = parse_list(der, inside, depth + 1);
			node->parent = node->child || (node->tag & TAG_CONSTRUCTED && !inside.size);
			if (!node->parent)
				der->nr = nr;
			if (!node->parent && node->tag & TAG_CONSTRUCTED)
				return 0;
		}
		if (last)
			der->nodes[last].next = index;
		else
			first = index;
		last = index;
	}
	return first;
}

bool der_parse(struct der *der, struct view input)
{
	der->nr = 1;
	der->used = 0;
	der->root = parse_list(der, input, 0);
	return der->root != 0;
}

/* --- encoding --- */

static void encode_list(const struct der *der, uint16_t index, struct buf *ret);

static void encode_length(size_t length, bool padded, struct buf *ret)
{
	uint8_t bytes[4];
	size_t nr = 0;

	for (size_t rest = length; rest; rest >>= 8)
		nr++;
	if (padded)
		nr++;
	if (length < 0x80 && !padded) {
		bytes[0] = (uint8_t)length;
		buf_add(ret, bytes, 1);
		return;
	}
	if (!nr)
		nr = 1;
	bytes[0] = (uint8_t)(0x80 + nr);
	buf_add(ret, bytes, 1);
	for (size_t i = nr; i--;) {
		bytes[0] = (uint8_t)(length >> 8 * i);
		buf_add(ret, bytes, 1);
	}
}

static void encode_node(const struct der *der, const struct der_node *node, struct buf *ret)
{
	_buf_ struct buf content = {0};
	size_t length;

	if (ret->size > ENCODED_MAX)
		return;
	if (node->parent) {
		buf_add_view(&content, node->lead);
		encode_list(der, node->child, &content);
	} else {
		buf_add_view(&content, node->content);
	}
	length = content.size + (size_t)node->lie;
	buf_add(ret, &node->tag, 1);
	if (node->form >= DER_INDEFINITE)
		buf_add(ret, "\x80", 1);
	else
		encode_length(length < 1u << 24 ? length : 0, node->form == DER_PADDED, ret);
	buf_add_view(ret, buf_view(&content));
	if (node->form == DER_INDEFINITE)
		buf_add(ret, "\0\0", 2);
	if (content.failed)
		ret->failed = true;
}

static void encode_list(const struct der *der, uint16_t index, struct buf *ret)
{
	for (; index; index = der->nodes[index].next)
		encode_node(der, &der->nodes[index], ret);
}

void der_encode(const struct der *der, struct buf *ret)
{
	encode_list(der, der->root, ret);
}

/* --- changing --- */

/* A copy of CONTENT with room for EXTRA bytes, which are random; NULL if there is no more. */
static uint8_t *own_bytes(struct der *der, struct view content, size_t extra, struct rng *rng)
{
	uint8_t *copy = der->bytes + der->used;
	size_t size = content.size + extra;

	if (size > sizeof(der->bytes) - der->used)
		return NULL;
	der->used += size;
	if (content.size)
		memcpy(copy, content.data, content.size);
	for (size_t i = content.size; i < size; i++)
		copy[i] = (uint8_t)rng_next(rng);
	return copy;
}

static void flip_content(struct der *der, struct der_node *node, struct rng *rng)
{
	uint8_t *copy = own_bytes(der, node->content, 0, rng);

	if (!copy || !node->content.size)
		return;
	copy[rng_below(rng, (uint32_t)node->content.size)] ^= (uint8_t)(1 << rng_below(rng, 8));
	node->content.data = copy;
}

static void resize_content(struct der *der, struct der_node *node, struct rng *rng)
{
	size_t extra = 1 + rng_below(rng, 4);
	uint8_t *copy;

	if (rng_below(rng, 2)) {
		node->content.size = rng_below(rng, (uint32_t)node->content.size + 1);
		return;
	}
	if (rng_below(rng, 16) == 0)
		extra = rng_below(rng, 300);
	copy = own_bytes(der, node->content, extra, rng);
	if (copy)
		node->content = view_of(copy, node->content.size + extra);
}

/* Values on the borders of what a parser of numbers and times distinguishes. */
static void set_content(struct der *der, struct der_node *node, struct rng *rng)
{
	static const char *const values[] = {
		"",
		"\x01",
		"\x03",
		"\x80",
		"\xff",
		"700101000000Z",
		"20200101000000Z",
		"20990230000000Z",
		"21001231235959Z",
		"500101000000Z",
		"491231235960Z",
	};
	const char *value = values[rng_below(rng, ARRAY_SIZE(values))];

	node->content = view_of(value, strlen(value));
	(void)der;
}

static void retag(struct der_node *node, struct rng *rng)
{
	static const uint8_t tags[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18,
				       0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xa3, 0x1f};

	if (rng_below(rng, 2))
		node->tag ^= (uint8_t)(1 << rng_below(rng, 8));
	else
		node->tag = tags[rng_below(rng, ARRAY_SIZE(tags))];
}

/* The link that leads to node INDEX: a child's, a sibling's or the root's. */
static uint16_t *link_to(struct der *der, uint16_t index)
{
	for (uint16_t i = 1; i < der->nr; i++) {
		if (der->nodes[i].next == index)
			return &der->nodes[i].next;
		if (der->nodes[i].child == index)
			return &der->nodes[i].child;
	}
	return &der->root;
}

/* Put a copy of node FROM (with the same children) before the one that LINK leads to. */
static void insert_copy(struct der *der, uint16_t *link, uint16_t from)
{
	uint16_t index = new_node(der);

	if (!index)
		return;
	der->nodes[index] = der->nodes[from];
	der->nodes[index].next = *link;
	*link = index;
}

static void swap_with_next(struct der *der, uint16_t *link)
{
	uint16_t first = *link, second = der->nodes[first].next;

	if (!second)
		return;
	der->nodes[first].next = der->nodes[second].next;
	der->nodes[second].next = first;
	*link = second;
}

/* Whether node INDEX is below node TOP, so that a copy of TOP must not be put there. */
static bool is_below(const struct der *der, uint16_t top, uint16_t index)
{
	for (uint16_t i = der->nodes[top].child; i; i = der->nodes[i].next)
		if (i == index || is_below(der, i, index))
			return true;
	return false;
}

/* Replace node INDEX by a copy of another one of this tree. */
static void graft(struct der *der, uint16_t index, struct rng *rng)
{
	uint16_t from = (uint16_t)(1 + rng_below(rng, der->nr - 1u));
	uint16_t next = der->nodes[index].next;

	if (from == index || is_below(der, from, index))
		return;
	der->nodes[index] = der->nodes[from];
	der->nodes[index].next = next;
}

void der_mutate(struct der *der, struct rng *rng)
{
	uint16_t index = (uint16_t)(1 + rng_below(rng, der->nr - 1u));
	struct der_node *node = &der->nodes[index];
	uint16_t *link = link_to(der, index);

	switch (rng_below(rng, 12)) {
	case 0:
		*link = node->next;
		break;
	case 1:
		insert_copy(der, link, index);
		break;
	case 2:
		swap_with_next(der, link);
		break;
	case 3:
		retag(node, rng);
		break;
	case 4:
		node->form = (uint8_t)(1 + rng_below(rng, 3));
		break;
	case 5:
		node->lie = (int8_t)(rng_below(rng, 9) - 4);
		break;
	case 6:
		graft(der, index, rng);
		break;
	case 7:
		resize_content(der, node, rng);
		break;
	case 8:
		set_content(der, node, rng);
		break;
	default:
		flip_content(der, node, rng);
	}
}

void der_mutate_bytes(struct buf *bytes, struct rng *rng)
{
	uint32_t size = (uint32_t)bytes->size;
	uint32_t at = rng_below(rng, size), some = 1 + rng_below(rng, 8);

	if (!size)
		return;
	switch (rng_below(rng, 6)) {
	case 0:
		bytes->size = at;
		break;
	case 1: /* insert */
		if (!buf_space(bytes, some))
			return;
		memmove(bytes->data + at + some, bytes->data + at, size - at);
		for (uint32_t i = 0; i < some; i++)
			bytes->data[at + i] = (uint8_t)rng_next(rng);
		break;
	case 2: /* delete */
		some = some < size - at ? some : size - at;
		memmove(bytes->data + at, bytes->data + at + some, size - at - some);
		bytes->size -= some;
		break;
	case 3:
		bytes->data[at] = (uint8_t)rng_next(rng);
		break;
	default:
		bytes->data[at] ^= (uint8_t)(1 << rng_below(rng, 8));
	}
}

/* --- a given change --- */

/* The link to child NR of those that *link begins; NULL if there are not as many. */
static uint16_t *nth(struct der *der, uint16_t *link, long nr)
{
	for (; *link; link = &der->nodes[*link].next)
		if (nr-- == 0 || (nr < -1 && !der->nodes[*link].next))
			return link;
	return NULL;
}

static uint16_t *find(struct der *der, const char *path)
{
	uint16_t *link = &der->root;

	while (link && *path) {
		char *end;

		link = nth(der, &der->nodes[*link].child, strtol(path, &end, 10));
		path = *end ? end + 1 : end;
	}
	return link;
}

bool der_bend(struct der *der, const struct der_bend *bend)
{
	uint16_t *link = find(der, bend->path);
	uint16_t added = 0;
	struct der_node *node;

	if (!link)
		return false;
	node = &der->nodes[*link];
	switch (bend->how) {
	case DER_SET:
		node->parent = false;
		node->content = view_of(bend->bytes, bend->size);
		break;
	case DER_TAG:
		node->tag = (uint8_t)bend->bytes[0];
		break;
	case DER_FORM:
		node->form = (uint8_t)bend->form;
		break;
	case DER_DROP:
		*link = node->next;
		break;
	case DER_TWICE:
		insert_copy(der, link, *link);
		break;
	case DER_ADD:
		added = new_node(der);
		der->nodes[added].tag = (uint8_t)bend->bytes[0];
		der->nodes[added].content = view_of(bend->bytes + 1, bend->size - 1);
		der->nodes[added].next = node->next;
		node->next = added;
		return added;
	default:
		return false;
	}
	return true;
}
