/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_uri.h - PKCS#11 URIs (RFC 7512). Private to the key room.
 *
 * Does: parse the attributes that this program uses, and keep the text of those for OpenSSL.
 * Does not: use tokens.
 */
#ifndef KEY_URI_H
#define KEY_URI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* The attributes of a URI, decoded and owned; NULL or empty if absent. */
struct key_uri {
	char *path; /* the URI with only the attributes that select a token or an object, without
		       type */
	char *token, *serial, *model, *manufacturer;
	char *object;
	struct buf id;
	char *pin_source; /* a file name, without "file:" */
	char *module;	  /* module-path */
};

void key_uri_free(struct key_uri *uri);

/* Whether TEXT is a PKCS#11 URI rather than the name of a file. */
bool key_uri_is(const char *text);

/*
 * Parse TEXT, ignoring the attribute "type", because the caller knows the type. -EINVAL: not by RFC
 * 7512, an attribute that is repeated or unknown, a pin-source that is not a file, or a pin-value,
 * which would be visible on the command line. Messages do not repeat TEXT.
 */
int key_uri_read(const char *text, struct key_uri *ret, struct err *err);

#endif /* KEY_URI_H */
