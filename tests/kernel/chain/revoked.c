// SPDX-License-Identifier: BSD-2-Clause
/*
 * revoked.c - a certificate on the revocation list in both ways, for this project's test kernel.
 *
 * The kernel's configuration has a test certificate revoked as a key. Here the hash of what it has
 * signed is listed as well, as firmware does it: only later, because a certificate whose hash is
 * listed is not taken, not even as a revoked key.
 */
#include <keys/system_keyring.h>
#include <linux/init.h>

/* Written by tests/kernel/chain-kernel. */
static const char hash[] =
#include "revoked_hash.h"
	;

/* certs/blacklist.c loads the keys of the list by late_initcall(). */
static int __init revoke_hash(void)
{
	return mark_hash_blacklisted((const u8 *)hash, sizeof(hash) - 1, BLACKLIST_HASH_X509_TBS);
}
late_initcall_sync(revoke_hash);
