/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - a kernel's answer to loading a signed loader: to BPF_PROG_LOAD, or to the whole load.
 *
 * Does: find the bytes that a kernel verifies; apply its BPF rules (size of a signature, frozen and
 * exclusive maps, known attributes), those of kverify/ for the signature itself, and the loader's
 * own check.
 * Does not: simulate the BPF verifier beyond the known parts of loaders, load anything, or print.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include "base/err.h"
#include "image/image.h"
#include "kernel.h"
#include "kverify/kverify.h"
#include "loader/loader.h"
#include "scheme.h"
#include "subject.h"

/*
 * How the loading program passes the maps. That is not in the file; the default is what the
 * run-time part does.
 */
struct verdict_assumptions {
	bool not_frozen;
	bool not_exclusive;
	bool no_fd_array_cnt; /* it leaves fd_array_cnt 0 although there are maps */
};

/* One load; all borrowed. */
struct verdict_load {
	struct scheme_contents *contents; /* of the image */
	enum scheme scheme;    /* also decides the attributes: chain has signature_maps, folded
				  fd_array_cnt, insns neither */
	struct view signature; /* assumed to be one of SCHEME */
	enum kernel kernel;
	const struct kv_keyring *keyring; /* of the kernel's line */
	struct verdict_assumptions assumptions;
};

/* The kernels that signatures of SCHEME are made for, whatever the form of the loader. */
kernel_set verdict_kernels(enum scheme scheme);

/* Whether KERNEL checks signatures of SCHEME. */
bool verdict_takes(enum kernel kernel, enum scheme scheme);

/*
 * What an acceptance assumes about the loading program, because it is not in the file; one clause.
 * Static.
 */
const char *verdict_assumption(enum kernel kernel, enum scheme scheme);

/*
 * The answer of BPF_PROG_LOAD before it verifies the instructions or, if the exclusive hash has a
 * wrong size, of BPF_MAP_CREATE. A map without an exclusive hash is not exclusive. Returns 0 if the
 * answer is known; -EINVAL: the keyring does not belong to the kernel's line; else as kv_verify().
 */
int verdict_ask(const struct verdict_load *load, struct kv_answer *answer, struct err *err);

/* What is known about the form of the loader that a scheme signs. */
struct verdict_loader {
	bool known;  /* it is recognized completely */
	bool begins; /* its beginning is recognized, up to the end of its check */
	bool runs;   /* its instructions are those of libbpf, whatever its data; see REACH */
	struct loader_reach reach;
	struct loader_checked checked;
	bool too_many;		/* it has more programs than its stack has room for */
	char why[ERR_TEXT_MAX]; /* why it is not known */
};

/*
 * Read the form of SUBJECT's loader that SCHEME signs. A checked or hash-only form is known only if
 * it results from sealing the first form. -ENOMEM, -ENOTSUP.
 */
int verdict_read_form(struct subject *subject, enum scheme scheme, struct verdict_loader *ret,
		      struct err *err);

/* The result of a load. */
struct verdict_end {
	bool loaded;	/* BPF_PROG_LOAD succeeds; the answer is that of running the loader */
	bool refused;	/* the load fails in any case, but the errno is not known (with UNTOLD) */
	bool untold;	/* the loader is not known, so neither is whether it works */
	bool uncovered; /* it works, but neither the signature nor the loader covers its data */
};

/*
 * The rest of a load after verdict_ask(), which gave ANSWER: if that is 0, the answers of the
 * verifier and of the loader's own check. If *ret is untold, answer->code is 0 and answer->reason
 * says why.
 */
void verdict_run(const struct verdict_load *load, const struct verdict_loader *loader,
		 struct kv_answer *answer, struct verdict_end *ret);

/*
 * List the signers: kv_signers() over the bytes that the kernel verifies in this load, regardless
 * of other reasons for refusing it (maps, sizes, attributes). ANSWER is that of verdict_ask() to
 * the same load: an accepted signature with one signer is not verified again, and a signature whose
 * size was refused has no list. Errors as scheme_content() and kv_signers().
 */
int verdict_signers(const struct verdict_load *load, const struct kv_answer *answer,
		    struct kv_signers *ret, struct err *err);

#endif /* VERDICT_H */
