/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_sign.h - what the two files of bpf-chainsign sign share: cmd_sign.c reads the options,
 * cmd_sign_modes.c does what they ask for.
 */
#ifndef CMD_SIGN_H
#define CMD_SIGN_H

#include <stdbool.h>

#include "cmd_batch.h"
#include "cmd_shared.h"
#include "cms.h"
#include "hash.h"
#include "key/key.h"
#include "lskel/lskel.h"
#include "prepare.h"
#include "report/report.h"

/* What is done with each input. */
enum sign_mode {
	SIGN_HERE,    /* signed with a key */
	SIGN_PREPARE, /* what is to be signed goes into a folder */
	SIGN_ATTACH,  /* signatures come out of a folder */
	SIGN_STRIP,   /* signatures are taken out */
	SIGN_MODE_NR,
};

/* The command line, validated. Texts are borrowed from argv and the environment. */
struct sign_options {
	struct shared_options shared;
	struct batch_options batch;
	enum sign_mode mode;
	const char *folder;			    /* of SIGN_PREPARE and SIGN_ATTACH */
	struct key_source signers[KEY_SIGNERS_MAX]; /* the n-th key with the n-th certificate; no
						     * keys but for SIGN_HERE */
	size_t nr_keys, nr_certs;
	const char *pkcs11_module;
	const char *hash;
	const char *output;
	const char *name;
	const char *runtime;
	const char *insns_form;
	const char *kernel;
	bool detached;
	bool allow_ambiguous;
	struct prepare_options preparation;
	struct object_choice choice; /* --load, --skip */
	struct shared_deny deny;
	/* what the texts above mean */
	kernel_set kernels; /* 0: not given */
	enum hash_alg hash_alg;
	enum lskel_runtime lskel_runtime;
};

/* Sign all inputs, or what else the options ask for; results go to REPORT. */
enum cli_status sign_inputs(const struct sign_options *options, struct report_output *report);

#endif /* CMD_SIGN_H */
