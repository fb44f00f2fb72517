/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ber.h - BER as the kernel's decoder reads it, driven by a table.
 *
 * A grammar is an array of items. The engine matches it with the bytes and calls the actions in the
 * kernel's order, so that of two faults in a message the one that the kernel finds first decides.
 *
 * Does: the limits and quirks of the kernel's decoder (Linux 6.18 to 7.3, lib/asn1_decoder.c:
 * asn1_ber_decoder): at most 65,535 bytes; no long-form tags; lengths of at most two bytes;
 * indefinite lengths; bytes after the outermost element are ignored; a primitive tag is accepted
 * for a constructed element.
 * Does not: copy anything; all results are views into the input.
 */
#ifndef KVERIFY_BER_H
#define KVERIFY_BER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "kverify/kverify.h"

enum ber_tag {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_BIT_STRING = 0x03,
	BER_OCTET_STRING = 0x04,
	BER_OID = 0x06,
	BER_UTC_TIME = 0x17,
	BER_GENERALIZED_TIME = 0x18,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
};

#define BER_CONSTRUCTED 0x20
#define BER_CONTEXT(n)	(0x80 | (n))
#define BER_EXPLICIT(n) (0x80 | BER_CONSTRUCTED | (n))

struct ber;

/*
 * Called for the element that was read last. 0: go on; anything else ends the walk and is returned.
 */
typedef int ber_action(struct ber *ber);

enum ber_kind {
	BER_END,     /* the end of the array */
	BER_ELEMENT, /* one element */
	BER_CHOSEN,  /* one of the preceding alternatives must be present */
	BER_CALL,    /* call the action for the element that was read last */
};

enum ber_how {
	BER_ANY = 1 << 0,      /* any tag */
	BER_OPTIONAL = 1 << 1, /* may be absent */
	BER_OR = 1 << 2,       /* optional, and skipped if the alternative before it was present */
	BER_OF = 1 << 3,       /* the inner items repeat, at least once */
	BER_NAMED =
		1 << 4, /* when it ends, it counts as a present alternative; other lists do not */
};

struct ber_item {
	uint8_t kind;
	uint8_t how;
	uint8_t tag;
	ber_action *act; /* called after the element and its content; may be NULL */
	const struct ber_item *inner;
};

/* Versions of clang-format disagree about these lines. */
/* clang-format off */
#define BER_LEAF(how, tag, act) { BER_ELEMENT, (how), (tag), (act), NULL }
#define BER_LIST(how, tag, inner, act) { BER_ELEMENT, (how), (tag), (act), (inner) }
#define BER_WHATEVER(how, act) { BER_ELEMENT, (how) | BER_ANY, 0, (act), NULL }
#define BER_MUST_BE_CHOSEN { BER_CHOSEN, 0, 0, NULL, NULL }
#define BER_JUST_CALL(act) { BER_CALL, 0, 0, (act), NULL }
#define BER_LAST { BER_END, 0, 0, NULL, NULL }

/*
 * Define the grammar name[]: what is in a Name (RFC 5280 4.1.2.4; the same in the kernel's x509.asn1
 * and pkcs7.asn1). ON_TYPE and ON_VALUE are called for each attribute's type and value.
 */
#define BER_DEFINE_NAME(on_type, on_value)                            \
	static const struct ber_item name_attribute[] = {             \
		BER_LEAF(0, BER_OID, on_type),                        \
		BER_WHATEVER(0, on_value),                            \
		BER_LAST,                                             \
	};                                                            \
	static const struct ber_item name_set[] = {                   \
		BER_LIST(0, BER_SEQUENCE, name_attribute, NULL),      \
		BER_LAST,                                             \
	};                                                            \
	static const struct ber_item name[] = {                       \
		BER_LIST(BER_OF, BER_SET, name_set, NULL),            \
		BER_LAST,                                             \
	}
/* clang-format on */

/* The state of a walk. Actions use ctx, answer and, with the functions below, the element. */
struct ber {
	void *ctx;
	struct kv_answer *answer; /* where an action that refuses puts the reason */
	const char *what;	  /* what is read, for messages: "PKCS#7 message" */

	/* private */
	struct view data;
	size_t at, end; /* the next byte, and the end of the list that contains it */
	uint8_t tag, header;
	size_t start, size; /* content of the element that was read last */
	bool matched;	    /* an alternative of a choice was present */
};

/*
 * Match DATA with GRAMMAR. Returns 0; what an action returned; -EMSGSIZE: more than 65,535 bytes;
 * or -EBADMSG: no match; answer->reason says where and why.
 */
int ber_decode(const struct ber_item *grammar, struct view data, const char *what, void *ctx,
	       struct kv_answer *answer);

/* The element that was read last: identifier octet, content, and content with its header. */
uint8_t ber_tag(const struct ber *ber);
struct view ber_value(const struct ber *ber);
struct view ber_whole(const struct ber *ber);

#endif /* KVERIFY_BER_H */
