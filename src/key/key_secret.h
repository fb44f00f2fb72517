/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_secret.h - passphrases and PINs, for the key room alone; key_secrets_begin() and
 * key_secrets_end() are in key.h.
 *
 * Does: take a secret from the environment, a file or the terminal, once, and keep it where neither
 * a core file nor a child process gets it.
 * Does not: know what it opens, or write it anywhere.
 */
#ifndef KEY_SECRET_H
#define KEY_SECRET_H

#include "base/err.h"

/* With the NUL behind it; longer ones are refused. */
#define KEY_SECRET_MAX 256

enum key_secret {
	KEY_PASSPHRASE, /* BPF_CHAINSIGN_PASSPHRASE, BPF_CHAINSIGN_PASSPHRASE_FILE */
	KEY_PIN,	/* BPF_CHAINSIGN_PIN, BPF_CHAINSIGN_PIN_FILE */
	KEY_SECRET_NR,
};

/*
 * The secret of KIND that opens NAME (a key file, a token): the first line of FILE if that is not
 * NULL; else what the environment holds or the first line of the file it names; else what somebody
 * types at the terminal. The same file is not read twice, nor is the same NAME asked for: a file
 * may be a pipe, which is not waited for longer than a minute. *ret is valid until
 * key_secrets_end(). -ENOKEY: there is none; -ETIMEDOUT; -EINVAL: no file and no pipe; errors of
 * files. Messages name NAME.
 */
int key_secret(enum key_secret kind, const char *name, const char *file, const char **ret,
	       struct err *err);

#endif /* KEY_SECRET_H */
