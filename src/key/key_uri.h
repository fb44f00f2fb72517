/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_uri.h - PKCS#11 URIs (RFC 7512), for the key room alone.
 *
 * Does: take apart what this program wants of one, and keep the rest as it is for OpenSSL.
 * Does not: know tokens.
 */
#ifndef KEY_URI_H
#define KEY_URI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* What URI names, decoded and owned; NULL or empty where it says nothing. */
struct key_uri {
	char *path; /* the URI again: the attributes that name token and object, without type */
	char *token, *serial, *model, *manufacturer;
	char *object;
	struct buf id;
	char *pin_source; /* a file, without file: */
	char *module;	  /* module-path */
};

void key_uri_free(struct key_uri *uri);

/* Whether TEXT is a PKCS#11 URI rather than the name of a file. */
bool key_uri_is(const char *text);

/*
 * Read TEXT. Its type does not matter: who asks knows what he wants. -EINVAL: not RFC 7512, an
 * attribute twice or one that is none of ours, a pin-source that is no file, or a pin-value: the
 * command line is no place for a PIN. Messages do not repeat TEXT.
 */
int key_uri_read(const char *text, struct key_uri *ret, struct err *err);

#endif /* KEY_URI_H */
