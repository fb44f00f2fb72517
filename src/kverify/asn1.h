/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asn1.h - BER as the kernel's decoder reads it, driven by a table.
 *
 * A grammar is an array of items. One short engine walks it over the bytes and calls the actions
 * on the way, so that of two faults in a message the one that the kernel meets first decides.
 *
 * Does: the decoder's limits and quirks (Linux 6.18 to 7.3, lib/asn1_decoder.c: asn1_ber_decoder):
 * at most 65,535 bytes; no long-form tags; lengths of at most two bytes; indefinite lengths; bytes
 * behind the outermost element are ignored; a primitive tag is taken for a constructed one.
 * Does not: copy anything; all results are views into the input.
 */
#ifndef KVERIFY_ASN1_H
#define KVERIFY_ASN1_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "kverify/kverify.h"

enum asn1_tag {
	ASN1_BOOLEAN = 0x01,
	ASN1_INTEGER = 0x02,
	ASN1_BIT_STRING = 0x03,
	ASN1_OCTET_STRING = 0x04,
	ASN1_OID = 0x06,
	ASN1_UTC_TIME = 0x17,
	ASN1_GENERALIZED_TIME = 0x18,
	ASN1_SEQUENCE = 0x30,
	ASN1_SET = 0x31,
};

#define ASN1_CONSTRUCTED 0x20
#define ASN1_CONTEXT(n)	 (0x80 | (n))
#define ASN1_EXPLICIT(n) (0x80 | ASN1_CONSTRUCTED | (n))

struct asn1;

/* Called for the element that was read last. 0 goes on; anything else ends the walk. */
typedef int asn1_action(struct asn1 *asn1);

enum asn1_kind {
	ASN1_END,     /* of the array */
	ASN1_ELEMENT, /* one element */
	ASN1_CHOSEN,  /* one of the alternatives before this must have been there */
	ASN1_CALL,    /* call the action, on whatever element was read last */
};

enum asn1_how {
	ASN1_ANY = 1 << 0,	/* any tag */
	ASN1_OPTIONAL = 1 << 1, /* may be absent */
	ASN1_OR = 1 << 2,	/* optional, and not looked for if something was read just before */
	ASN1_OF = 1 << 3,	/* the inner items repeat, at least once */
	ASN1_NAMED = 1 << 4,	/* counts as "read just before" when it ends; others do not */
};

struct asn1_item {
	uint8_t kind;
	uint8_t how;
	uint8_t tag;
	asn1_action *act; /* after the element, with all that is in it; may be NULL */
	const struct asn1_item *inner;
};

#define ASN1_LEAF(how, tag, act)                        \
	{                                               \
		ASN1_ELEMENT, (how), (tag), (act), NULL \
	}
#define ASN1_LIST(how, tag, inner, act)                    \
	{                                                  \
		ASN1_ELEMENT, (how), (tag), (act), (inner) \
	}
#define ASN1_WHATEVER(how, act)                                \
	{                                                      \
		ASN1_ELEMENT, (how) | ASN1_ANY, 0, (act), NULL \
	}
#define ASN1_MUST_BE_CHOSEN                   \
	{                                     \
		ASN1_CHOSEN, 0, 0, NULL, NULL \
	}
#define ASN1_JUST_CALL(act)                  \
	{                                    \
		ASN1_CALL, 0, 0, (act), NULL \
	}
#define ASN1_LAST                          \
	{                                  \
		ASN1_END, 0, 0, NULL, NULL \
	}

/* Where the walk is. Actions read ctx, answer and, through the functions below, the element. */
struct asn1 {
	void *ctx;
	struct kv_answer *answer; /* an action that refuses says why here */
	const char *what;	  /* what is read, for people: "PKCS#7 message" */

	/* private */
	struct view data;
	size_t at, end; /* the next byte, and the end of the list it is in */
	uint8_t tag, header;
	size_t start, size; /* content of the element that was read last */
	bool matched;	    /* an element, as far as a choice is concerned */
};

/*
 * Walk GRAMMAR over DATA. Returns 0, what an action returned, -EMSGSIZE for more than 65,535
 * bytes, or -EBADMSG; then answer->reason says where and why.
 */
int asn1_decode(const struct asn1_item *grammar, struct view data, const char *what, void *ctx,
		struct kv_answer *answer);

/* The element that was read last: identifier octet, content, and content with its header. */
uint8_t asn1_tag(const struct asn1 *asn1);
struct view asn1_value(const struct asn1 *asn1);
struct view asn1_whole(const struct asn1 *asn1);

#endif /* KVERIFY_ASN1_H */
