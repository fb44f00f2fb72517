/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.h - the kernels that check BPF signatures: which there are, and how they differ.
 *
 * A row stands for all releases from one version to the next row's. Fixes in stable releases split
 * a line in two, so 6.18.15 and 6.18.40 are different kernels here. What their PKCS#7 and X.509
 * code does is kverify/'s, by line; docs/KERNEL-RULES.md says where each column comes from.
 *
 * Does: rows, sets of them, versions as people write them.
 * Does not: judge anything.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kverify/kverify.h"

/* In the order of their versions. */
enum kernel {
	KERNEL_6_18,	/* 6.18.0 to 6.18.39 */
	KERNEL_6_18_40, /* 6.18.40 and later 6.18 */
	KERNEL_6_19,
	KERNEL_7_0,
	KERNEL_7_1,   /* 7.1.0 to 7.1.4 */
	KERNEL_7_1_5, /* 7.1.5 and later 7.1 */
	KERNEL_7_2,
	KERNEL_7_3,
	KERNEL_7_4,   /* and later, as far as known */
	KERNEL_CHAIN, /* 7.2 with the "BPF signature hash chains" patch set; no version */
	KERNEL_NR,
};

/* A set of kernels: bit (1u << enum kernel). */
typedef unsigned int kernel_set;
#define KERNEL_BIT(kernel) (1u << (kernel))
#define KERNEL_ALL	   (KERNEL_BIT(KERNEL_NR) - 1)

struct kernel_rules {
	const char *name;		  /* as --kernel takes it: "6.18.40", "chain" */
	const char *title;		  /* "Linux 6.18 before 6.18.40" */
	unsigned int major, minor, patch; /* its first release; 0.0.0: not a release */
	enum kv_line line;		  /* whose PKCS#7 and X.509 code it has */
	bool has_signature_maps; /* knows union bpf_attr.signature_maps: checks a hash chain */
	bool folds_maps;	 /* signed content goes on with the maps of fd_array */
	bool has_excl;		 /* struct bpf_map.excl is there for a loader to read */
	size_t signature_min;	 /* a smaller signature: EINVAL, in bytes */
	size_t signature_max;	 /* a larger one: EINVAL, in bytes */
};

/* The row of KERNEL; never NULL for a valid one. */
const struct kernel_rules *kernel_rules(enum kernel kernel);

/*
 * The kernels that TEXT means: "all", "chain", a version ("7.3", or as uname -r has it,
 * "6.18.40+deb13-amd64"), a range "A..B" of versions, or several of these with commas between them.
 * A version without a patch level is the whole line: "7.1" is what comes before 7.1.5 and what
 * comes after. -EINVAL: none of these, or a version that checks no signatures.
 */
int kernel_parse(const char *text, kernel_set *ret, struct err *err);

/* "Linux 6.18 from 6.18.40, 7.1.5 to 7.2", "Linux 7.3 and later", "hash-chain kernels". */
#define KERNEL_TEXT_MAX 160
const char *kernel_set_text(kernel_set set, char text[KERNEL_TEXT_MAX]);

#endif /* KERNEL_H */
