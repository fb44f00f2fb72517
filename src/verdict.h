/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - what a kernel answers to a load: BPF_PROG_LOAD alone, or all of it.
 *
 * Does: the bytes that a kernel checks, its BPF-side rules (size of a signature, frozen and
 * exclusive maps, attributes it knows), kverify/ for the signature itself; then what becomes of
 * the loader's own check; then which of several signatures a run-time gets in with.
 * Does not: run the BPF verifier over anything but that check, load anything, or print.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include "base/err.h"
#include "image.h"
#include "kernel.h"
#include "kverify/kverify.h"
#include "loader/loader.h"
#include "scheme.h"
#include "subject.h"

/* How the loading program presents the maps; not in the file, so assumed as a run-time does it. */
struct verdict_assumptions {
	bool not_frozen;
	bool not_exclusive;
	bool no_fd_array_cnt; /* fd_array_cnt is 0 although there are maps */
};

/* One load. All of it is borrowed. */
struct verdict_load {
	struct scheme_contents *contents; /* of the image */
	enum scheme scheme;    /* how it is loaded: chain with signature_maps, folded with
				  fd_array_cnt, insns with neither */
	struct view signature; /* taken to be one of SCHEME */
	enum kernel kernel;
	const struct kv_keyring *keyring; /* of the kernel's line */
	struct verdict_assumptions assumptions;
};

/* The kernels that artefacts of SCHEME are made for, whatever the form of the loader. */
kernel_set verdict_kernels(enum scheme scheme);

/* Whether KERNEL checks signatures of SCHEME: what a run-time would present to it. */
bool verdict_takes(enum kernel kernel, enum scheme scheme);

/*
 * What an acceptance takes for granted because it is the loading program's to do, not in the file;
 * one clause, for people.
 */
const char *verdict_assumption(enum kernel kernel, enum scheme scheme);

/*
 * What BPF_PROG_LOAD answers before it looks at the instructions; with an exclusive hash of a wrong
 * size, what BPF_MAP_CREATE does. A map without a hash is not exclusive. Returns 0 when there is an
 * answer; -EINVAL: the keyring is not one of the kernel's line; otherwise as kv_verify().
 */
int verdict_ask(const struct verdict_load *load, struct kv_answer *answer, struct err *err);

/* What is known of the form of the loader that a scheme is over. */
struct verdict_loader {
	bool known;  /* the whole of it is recognised */
	bool begins; /* its beginning is, up to CHECKED */
	bool runs;   /* its instructions are what libbpf writes, whatever the data holds: REACH */
	struct loader_reach reach;
	struct loader_checked checked;
	bool too_many;		/* more programs than its stack has room for */
	char why[ERR_TEXT_MAX]; /* it is not known */
};

/*
 * What is known of the form that SCHEME is over of SUBJECT's loader. A form that checks its map has
 * to be what the first form gives when it is sealed, or it is not known. -ENOMEM, -ENOTSUP.
 */
int verdict_read_form(struct subject *subject, enum scheme scheme, struct verdict_loader *ret,
		      struct err *err);

/* How a load ends. */
struct verdict_end {
	bool loaded;	/* BPF_PROG_LOAD takes the loader: the answer is that of its run */
	bool refused;	/* an untold load that fails in any case, only its errno is not known */
	bool untold;	/* the loader is not known: nobody can tell whether it would work */
	bool uncovered; /* it works, but neither the signature nor the loader says what it installs
			 */
};

/*
 * The rest of one load, ANSWER being verdict_ask()'s to it: where that is 0, what the verifier and
 * the loader's own check add. Where *ret is untold, answer->code is 0 and answer->reason says why.
 */
void verdict_run(const struct verdict_load *load, const struct verdict_loader *loader,
		 struct kv_answer *answer, struct verdict_end *ret);

/*
 * Who signed: kv_signers() over the bytes that the kernel checks in such a load, whatever else it
 * has against it (maps, sizes, attributes). ANSWER is verdict_ask()'s to the same: what is accepted
 * with one signer is not verified twice, and none are listed of a signature whose size was refused.
 * Errors as scheme_content() and kv_signers().
 */
int verdict_signers(const struct verdict_load *load, const struct kv_answer *answer,
		    struct kv_signers *ret, struct err *err);

#endif /* VERDICT_H */
