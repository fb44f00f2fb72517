/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_sign.h - shared by the two files of bpf-chainsign sign: cmd_sign.c parses the options,
 * cmd_sign_modes.c does the work.
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
#include "output.h"
#include "prepare.h"
#include "report/report.h"

/* What to do with each input. */
enum sign_mode {
	SIGN_HERE,     /* sign it with a key */
	SIGN_PREPARE,  /* write the bytes to be signed to a folder */
	SIGN_ATTACH,   /* read signatures from a folder */
	SIGN_STRIP,    /* remove its signatures */
	SIGN_UNSIGNED, /* write what signing would, without signatures */
	SIGN_CHECK,    /* no input: try the keys */
	SIGN_MODE_NR,
};

/* The validated command line. Texts are borrowed from argv and the environment. */
struct sign_options {
	struct shared_options shared;
	struct batch_options batch;
	enum sign_mode mode;
	const char *folder;			    /* of SIGN_PREPARE and SIGN_ATTACH */
	struct key_source signers[KEY_SIGNERS_MAX]; /* the n-th key with the n-th certificate; only
						       SIGN_HERE and SIGN_CHECK have keys */
	size_t nr_keys, nr_certs;
	const char *pkcs11_module;
	const char *hash;
	const char *output;
	const char *output_dir;
	const char *name;
	const char *format_name;
	const char *runtime;
	const char *insns_form;
	const char *kernel;
	const char *kconfig;
	const char *values; /* a file */
	enum output_format format;
	bool detached;
	bool allow_ambiguous;
	struct prepare_options preparation;
	struct object_choice choice; /* --load, --skip, --type, --attach-target */
	struct shared_deny deny;
	/* the values of the texts above */
	kernel_set kernels; /* 0: no --kernel */
	enum hash_alg hash_alg;
	enum lskel_runtime lskel_runtime;
};

/* Do what the options say with all inputs; results go to REPORT. */
enum cli_status sign_inputs(const struct sign_options *options, struct report_output *report);

#endif /* CMD_SIGN_H */
