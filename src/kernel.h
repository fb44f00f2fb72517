/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.h - the kernels that check BPF signatures, and how they differ.
 *
 * A row of the table stands for all releases from one version up to the next row's. A fix in stable
 * releases splits a kernel line in two, so 6.18.15 and 6.18.40 are different kernels here. Their
 * PKCS#7 and X.509 rules, which depend on the line only, are in kverify/; docs/KERNEL-RULES.md has
 * the source of each column.
 *
 * Does: describe kernels, make sets of them, parse versions, and print sets.
 * Does not: judge signatures.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kverify/kverify.h"

/* The kernels, in the order of their versions. */
enum kernel {
	KERNEL_6_18,	/* 6.18.0 to 6.18.39 */
	KERNEL_6_18_40, /* 6.18.40 and later 6.18 */
	KERNEL_6_19,
	KERNEL_7_0,
	KERNEL_7_1,   /* 7.1.0 to 7.1.4 */
	KERNEL_7_1_5, /* 7.1.5 and later 7.1 */
	KERNEL_7_2,
	KERNEL_7_3,
	KERNEL_7_4,   /* and later, as far as known today */
	KERNEL_CHAIN, /* 7.2 with the "BPF signature hash chains" patch set; no version */
	KERNEL_NR,
};

/* A set of kernels: bit (1u << enum kernel). */
typedef unsigned int kernel_set;
#define KERNEL_BIT(kernel) (1u << (kernel))
#define KERNEL_ALL	   (KERNEL_BIT(KERNEL_NR) - 1)

static inline bool kernel_is_in(enum kernel kernel, kernel_set set)
{
	return set & KERNEL_BIT(kernel);
}

/* For each KERNEL of SET, in the order of their versions. */
#define for_each_kernel(kernel, set)                               \
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) \
		if (kernel_is_in(kernel, set))

struct kernel_rules {
	const char *name;		  /* as in --kernel=NAME: "6.18.40", "chain" */
	const char *title;		  /* "Linux 6.18 before 6.18.40" */
	unsigned int major, minor, patch; /* its first release; 0.0.0: not a release */
	enum kv_line line;		  /* decides the rules for PKCS#7 and X.509 */
	bool has_signature_maps; /* has union bpf_attr.signature_maps, so it checks hash chains */
	bool folds_maps;	 /* the signed content includes the maps of fd_array */
	bool has_excl;		 /* loaders can read struct bpf_map.excl */
	size_t signature_min;	 /* in bytes; smaller signatures: EINVAL */
	size_t signature_max;	 /* in bytes; larger signatures: EINVAL */
};

/* The row of KERNEL. Static; never NULL for a valid kernel. */
const struct kernel_rules *kernel_rules(enum kernel kernel);

/*
 * Parse the kernels in TEXT: "all", "chain", a version ("7.3", or as "uname -r" prints it,
 * "6.18.40+deb13-amd64"), a range "A..B" of versions, or several of these separated by commas. A
 * version without a patch level means the whole line: "7.1" means the kernels before and after
 * 7.1.5. -EINVAL: malformed, or a version that does not check signatures.
 */
int kernel_parse(const char *text, kernel_set *ret, struct err *err);

/*
 * Print SET into TEXT: "Linux 6.18 from 6.18.40, 7.1.5 to 7.2", "Linux 7.3 and later", "hash-chain
 * kernels".
 */
#define KERNEL_TEXT_MAX 160
const char *kernel_set_text(kernel_set set, char text[KERNEL_TEXT_MAX]);

#endif /* KERNEL_H */
