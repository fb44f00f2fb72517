/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_module.h - a look into a PKCS#11 module, for key_token.c alone: why OpenSSL did not find what
 * a URI names. Neither its provider nor its engine tells a wrong PIN from a missing object, and the
 * engine takes the last of several keys without a word.
 *
 * Does: read (PKCS#11 2.40, which later versions keep). Does not: log in, sign, or change anything.
 */
#ifndef KEY_MODULE_H
#define KEY_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "key/key_uri.h"

/* -ENOENT: MODULE is not one, and why. */
int key_module_check(const char *module, struct err *err);

/* What there is of a URI. */
struct key_look {
	size_t nr_tokens;
	bool locked;	/* a token says that its PIN is */
	bool logged_in; /* to all of these tokens: private objects can be seen */
	size_t nr_keys; /* private keys */
};

/* Look for URI in MODULE, which OpenSSL has open. false: it cannot be said. */
bool key_module_look(const char *module, const struct key_uri *uri, struct key_look *ret);

#endif /* KEY_MODULE_H */
