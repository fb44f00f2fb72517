/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_module.h - ask a PKCS#11 module itself why OpenSSL did not find the object of a URI: its
 * provider and its engine do not tell a wrong PIN from a missing object, and the engine silently
 * takes the last of several keys. For key_token.c only.
 *
 * Does: read (PKCS#11 2.40, with which later versions are compatible). Does not: log in, sign, or
 * change anything.
 */
#ifndef KEY_MODULE_H
#define KEY_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "key/key_uri.h"

/* Check that MODULE is a PKCS#11 module. -ENOENT: it is not; *err says why. */
int key_module_check(const char *module, struct err *err);

/* URIs of one private key, by what its token tells about it. */
struct key_names {
	char key[1024]; /* with label and id */
	char cert[512]; /* with the id alone, which its certificate should have; "": no id */
};

/* As many private keys are told apart. */
#define KEY_NAMES_MAX 16

/* What a module holds that matches a URI. */
struct key_matches {
	size_t nr_tokens;
	bool locked;	/* the PIN of one of the tokens is locked */
	bool logged_in; /* this process is, to all of these tokens, so that private objects are
			   visible */
	size_t nr_keys; /* private keys */
	struct key_names names[KEY_NAMES_MAX]; /* of the first of them */
	bool always;			       /* one of them wants the PIN for each signature */
};

/* Look for URI in MODULE, which OpenSSL uses already. false: the module does not answer. */
bool key_module_match(const char *module, const struct key_uri *uri, struct key_matches *ret);

#endif /* KEY_MODULE_H */
