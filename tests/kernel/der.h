/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * der.h - DER as a tree that can be bent and written again, also to what is no longer DER.
 *
 * Does: parse well-formed DER (also inside OCTET and BIT STRINGs), change nodes at random, encode.
 * Does not: parse anything malformed, or know what the bytes mean.
 */
#ifndef DER_H
#define DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define DER_NODES_MAX 1024

enum der_length {
	DER_MINIMAL,
	DER_PADDED,	/* one more length byte than needed */
	DER_INDEFINITE, /* with its end of contents */
	DER_UNENDED,	/* without */
};

struct der_node {
	uint8_t tag;
	uint8_t form;	     /* enum der_length */
	int8_t lie;	     /* added to the length that is written */
	bool parent;	     /* content is the children's, behind lead */
	struct view lead;    /* of a BIT STRING: its count of unused bits */
	struct view content; /* of a node that is no parent */
	uint16_t child;	     /* index of the first child and of the next sibling; 0: none */
	uint16_t next;
};

/* nodes[0] is not used. Content is borrowed from the input, or from bytes[]. */
struct der {
	struct der_node nodes[DER_NODES_MAX];
	uint16_t nr;
	uint16_t root;
	uint8_t bytes[1 << 15];
	size_t used;
};

/* Random numbers that depend on nothing but the seed. */
struct rng {
	uint64_t state;
};
uint32_t rng_below(struct rng *rng, uint32_t limit);

/* False if INPUT is not DER, or too much of it. */
bool der_parse(struct der *der, struct view input);

/* One random change to the tree: its parents' lengths will fit, unless the change is to a length.
 */
void der_mutate(struct der *der, struct rng *rng);

/* One random change to bytes, whatever they are. */
void der_mutate_bytes(struct buf *bytes, struct rng *rng);

enum der_how {
	DER_KEEP,
	DER_SET,   /* content is bytes */
	DER_TAG,   /* tag is bytes[0] */
	DER_FORM,  /* length is written as form */
	DER_DROP,  /* leave it out */
	DER_TWICE, /* write it twice */
	DER_ADD,   /* a new one behind it: bytes[0] is its tag, the others are its content */
};

/* A change to one node: PATH counts children from the root on, "-1" is the last: "1/0/-1". */
struct der_bend {
	const char *path;
	enum der_how how;
	const char *bytes;
	size_t size;
	enum der_length form;
};

/* False if there is no such node, or no room. */
bool der_bend(struct der *der, const struct der_bend *bend);

void der_encode(const struct der *der, struct buf *ret);

#endif /* DER_H */
