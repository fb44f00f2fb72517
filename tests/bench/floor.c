// SPDX-License-Identifier: BSD-2-Clause
/*
 * floor - what no signer and no verifier can do without: floor KEY CERT FILE...
 *
 * For each signed header FILE: sha256 over the bytes that its signature covers, and one raw RSA
 * operation, with OpenSSL's EVP. Prints on one line: bytes that were digested, processor time in
 * microseconds to sign all of them, and to verify all of them.
 *
 * Writes FILE.content and FILE.p7s (what is signed, and the CMS message), for others to work on.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "lskel/lskel.h"
#include "scheme.h"

#define SIGNATURE_MAX 1024

/* One header: its content, and the raw signature over it. */
struct item {
	struct buf content;
	uint8_t signature[SIGNATURE_MAX];
	size_t size;
};

static long cpu(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int put(const char *file, const char *suffix, const struct buf *bytes, struct err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.%s", file, suffix);
	return file_replace(path, buf_view(bytes), err);
}

static int load(const char *file, struct item *item, struct err *err)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	int rc = file_read(file, FILE_SIZE_MAX, &text, err);

	if (!rc)
		rc = lskel_parse(buf_view(&text), &lskel, err);
	if (!rc)
		rc = scheme_content_copy(SCHEME_FOLDED, &lskel.image, &item->content, err);
	if (!rc)
		rc = put(file, "content", &item->content, err);
	return rc ? rc : put(file, "p7s", &lskel.image.sig_unnamed, err);
}

static int sign(EVP_PKEY_CTX *ctx, struct item *item)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size;

	item->size = sizeof(item->signature);
	return EVP_Digest(item->content.data, item->content.size, digest, &size, EVP_sha256(),
			  NULL) == 1 &&
	       EVP_PKEY_sign(ctx, item->signature, &item->size, digest, size) == 1;
}

static int verify(EVP_PKEY_CTX *ctx, struct item *item)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size;

	return EVP_Digest(item->content.data, item->content.size, digest, &size, EVP_sha256(),
			  NULL) == 1 &&
	       EVP_PKEY_verify(ctx, item->signature, item->size, digest, size) == 1;
}

/* Processor time of ONE over all ITEMS; -1 if it fails. */
static long each(int (*one)(EVP_PKEY_CTX *ctx, struct item *item), EVP_PKEY_CTX *ctx,
		 struct item *items, int nr)
{
	long start = cpu();

	for (int i = 0; i < nr; i++) {
		if (!one(ctx, &items[i]))
			return -1;
	}
	return cpu() - start;
}

/* A context that works on digests of sha256 with the key, or the certificate, in PATH. */
static EVP_PKEY_CTX *context(const char *path, int private)
{
	FILE *stream = fopen(path, "r");
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;

	if (stream && private)
		key = PEM_read_PrivateKey(stream, NULL, NULL, NULL);
	else if (stream)
		cert = PEM_read_X509(stream, NULL, NULL, NULL);
	if (cert)
		key = X509_get_pubkey(cert);
	if (key)
		ctx = EVP_PKEY_CTX_new(key, NULL);
	if (!ctx || (private ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1) {
		fprintf(stderr, "floor: %s: no key in it\n", path);
		exit(1);
	}
	EVP_PKEY_free(key);
	X509_free(cert);
	fclose(stream);
	return ctx;
}

int main(int argc, char **argv)
{
	int nr = argc - 3;
	struct item *items = nr > 0 ? calloc((size_t)nr, sizeof(*items)) : NULL;
	long sign_time, verify_time;
	size_t bytes = 0;
	struct err err;

	if (!items) {
		fprintf(stderr, "usage: floor KEY CERT FILE...\n");
		return 2;
	}
	for (int i = 0; i < nr; i++) {
		if (load(argv[3 + i], &items[i], &err)) {
			fprintf(stderr, "floor: %s: %s\n", argv[3 + i], err.text);
			return 1;
		}
		bytes += items[i].content.size;
	}
	sign_time = each(sign, context(argv[1], 1), items, nr);
	verify_time = each(verify, context(argv[2], 0), items, nr);
	if (sign_time < 0 || verify_time < 0)
		return 1;
	printf("%zu %ld %ld\n", bytes, sign_time, verify_time);
	return 0;
}
