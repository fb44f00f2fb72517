/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.h - what a case is made of: the test keys, signatures of every shape, loads for each line.
 *
 * Does: sign with the keys of keys/test in the ways that a kernel may meet, and lay out the load
 * that each kernel line wants. Does not: know what a kernel answers.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "casefile.h"
#include "hash.h"
#include "image/image.h"

enum lab_key {
	KEY_RSA2048,
	KEY_RSA4096,
	KEY_P256,
	KEY_P384,
	KEY_UNRELATED,
	KEY_NOSKID,
	KEY_EXPIRED,
	KEY_WRONGUSAGE,
	KEY_CA,
	KEY_LEAF,
	KEY_INTERMEDIATE,
	KEY_DEEP,
	KEY_REVOKED,
	KEY_MLDSA44, /* these three only where OpenSSL has them */
	KEY_MLDSA65,
	KEY_MLDSA87,
	KEY_NR,
};
#define KEY_BIT(key) (1u << (key))

/* A key that is not there is all zero. */
struct lab_signer {
	struct evp_pkey_st *pkey;
	struct x509_st *cert;
	struct buf der; /* the certificate */
};

struct lab {
	struct lab_signer signers[KEY_NR];
};

#define _lab_ _cleanup_(lab_close)

/* Load the keys in DIR, which is keys/test; those for ML-DSA where OpenSSL knows it. */
int lab_open(const char *dir, struct lab *ret, struct err *err);
void lab_close(struct lab *lab);

bool lab_has(const struct lab *lab, enum lab_key key);
struct view lab_cert(const struct lab *lab, enum lab_key key);

/* How to sign. All zero: RSA-2048, SHA-256, as upstream's tools do. */
struct lab_sign {
	enum lab_key key;
	unsigned int also;  /* KEY_BIT of further signers */
	const char *digest; /* NULL: "sha256" */
	bool issuer;	    /* name the signer by issuer and serial number */
	bool certs;	    /* put the signers' certificates in */
	unsigned int extra; /* KEY_BIT of certificates to put in besides */
	bool attached;	    /* put the content in */
	bool attributes;    /* signed attributes: contentType, messageDigest, signingTime */
	bool smimecap;	    /* and S/MIME capabilities */
	bool unknown;	    /* and an attribute that nobody knows */
	bool pss;	    /* RSA-PSS */
};

int lab_sign(const struct lab *lab, const struct lab_sign *how, struct view content,
	     struct buf *ret, struct err *err);

/* The maps of a load. */
struct lab_maps {
	uint32_t nr; /* 0 stands for 1 unless .none */
	bool none;
	uint32_t size; /* of each; 0 stands for 64 bytes less 8 times its index */
	bool swapped;  /* load them in the other order */
	bool unpadded; /* chain: hash contents as they are; folded: sign them padded to 8 */
	bool not_frozen;
	bool not_exclusive;
	uint32_t type;	  /* 0: BPF_MAP_TYPE_ARRAY */
	uint32_t entries; /* 0: 1 */
	bool no_fd_array_cnt;
	bool same;	   /* all have the contents of the first */
	bool blank;	   /* contents are zeros, which are not in the case file */
	bool foreign_hash; /* exclusive to another program */
};

/* The scheme that kernels of LINE are for: "6.17" to "7.2", "7.3", "chain". */
enum scheme lab_scheme(const char *line);

/* A load on its way; what test borrows is owned here. */
struct lab_load {
	struct image image;
	struct load_case test;
	struct buf signature;
};

#define _lab_load_ _cleanup_(lab_load_free)

/* Program and maps, not yet signed, loaded as artefacts of SCHEME are. */
int lab_load_make(enum scheme scheme, const struct lab_maps *maps, struct lab_load *ret,
		  struct err *err);
void lab_load_free(struct lab_load *load);

#endif /* LAB_H */
