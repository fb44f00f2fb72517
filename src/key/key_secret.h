/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_secret.h - passphrases and PINs. Private to the key room, but for key_secrets_begin() and
 * key_secrets_end(), which are declared in key.h.
 *
 * Does: get a secret from the environment, a file or the terminal, once, and keep it out of core
 * files and child processes.
 * Does not: use the secret, or write it anywhere.
 */
#ifndef KEY_SECRET_H
#define KEY_SECRET_H

#include <stddef.h>

#include "base/err.h"

/* The room for a secret with its NUL; longer ones are refused. */
#define KEY_SECRET_MAX 256

enum key_secret {
	KEY_PASSPHRASE, /* BPF_CHAINSIGN_PASSPHRASE, BPF_CHAINSIGN_PASSPHRASE_FILE */
	KEY_PIN,	/* BPF_CHAINSIGN_PIN, BPF_CHAINSIGN_PIN_FILE */
	KEY_SECRET_NR,
};

/*
 * Get the secret of KIND for NAME (a key file or a token): the first line of FILE if that is not
 * NULL; else the value of the environment variable, or the first line of the file that the other
 * variable names; else a line typed at the terminal. A file is read only once, because it may be a
 * pipe, and the user is asked only once for a NAME. *ret is valid until key_secrets_end(). -ENOKEY:
 * no secret; -ETIMEDOUT: a pipe stayed silent for a minute; -EINVAL: neither a file nor a pipe;
 * errors of files. Messages name NAME.
 */
int key_secret(enum key_secret kind, const char *name, const char *file, const char **ret,
	       struct err *err);

/*
 * Pages for SIZE bytes of secrets, all zero, which are locked into memory if that is possible, left
 * out of core files, and zero in child processes. NULL: the error is in *err. key_secret_unmap()
 * overwrites and frees them; NULL is allowed.
 */
void *key_secret_pages(size_t size, struct err *err);
void key_secret_unmap(void *pages, size_t size);

/*
 * Copy SECRET to a page that is protected like all secrets and outlives key_secrets_end(), for a
 * token that wants its PIN again. NULL: not possible. key_secret_drop() overwrites and frees it;
 * NULL is allowed.
 */
char *key_secret_copy(const char *secret);
void key_secret_drop(char *copy);

#endif /* KEY_SECRET_H */
