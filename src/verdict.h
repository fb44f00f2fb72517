/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - what BPF_PROG_LOAD of a kernel would answer to an image and a signature.
 *
 * Does: the bytes that kernel line checks, its BPF-side rules (size of a signature, frozen and
 * exclusive maps, attributes it knows), then kverify/ for the signature itself.
 * Does not: run the BPF verifier, load anything, or print.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include "err.h"
#include "image.h"
#include "kverify/kverify.h"
#include "scheme.h"

/* How the loading program presents the maps; not in the file, so assumed as a run-time does it. */
struct verdict_facts {
	bool not_frozen;
	bool not_exclusive;
	bool no_fd_array_cnt; /* fd_array_cnt is 0 although there are maps */
};

/* The kernel line a scheme is made for: the newest one that takes it. */
enum kv_line verdict_line(enum scheme scheme);

/* Whether kernels of LINE check signatures of SCHEME: what a run-time would present to them. */
bool verdict_takes(enum kv_line line, enum scheme scheme);

/*
 * What an "accepted" of LINE takes for granted because it is the loading program's to do, not in
 * the file; one clause, for people.
 */
const char *verdict_assumption(enum kv_line line, enum scheme scheme);

/*
 * Ask the kernel of KEYRING's line LINE: IMAGE is loaded with SIGNATURE the way artefacts of
 * SCHEME are loaded (chain: signature_maps; folded: fd_array_cnt; insns: neither). FACTS may be
 * NULL. Returns 0 when there is an answer; otherwise as kv_verify().
 */
int verdict_ask(const struct image *image, enum scheme scheme, struct view signature,
		enum kv_line line, const struct kv_keyring *keyring,
		const struct verdict_facts *facts, struct kv_answer *answer, struct err *err);

/*
 * Who signed: kv_signers() over the bytes that LINE checks in such a load, whatever else it has
 * against it (maps, sizes, attributes). ANSWER is verdict_ask()'s to the same: what is accepted
 * with one signer is not verified twice. Errors as scheme_content() and kv_signers().
 */
int verdict_signers(const struct image *image, enum scheme scheme, struct view signature,
		    enum kv_line line, const struct kv_keyring *keyring,
		    const struct kv_answer *answer, struct kv_signers *ret, struct err *err);

#endif /* VERDICT_H */
