// SPDX-License-Identifier: BSD-2-Clause
#include "hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/util.h"

/* Elements of an array map are aligned to this many bytes (kernel/bpf/arraymap.c). */
#define ELEMENT_ALIGN 8

static const struct {
	const char *name;    /* in the kernel's crypto API */
	const char *openssl; /* in OpenSSL */
	size_t size;
} algorithms[HASH_NR] = {
	[HASH_SHA1] = {"sha1", "SHA1", 20},
	[HASH_SHA224] = {"sha224", "SHA224", 28},
	[HASH_SHA256] = {"sha256", "SHA256", 32},
	[HASH_SHA384] = {"sha384", "SHA384", 48},
	[HASH_SHA512] = {"sha512", "SHA512", 64},
	[HASH_SHA3_256] = {"sha3-256", "SHA3-256", 32},
	[HASH_SHA3_384] = {"sha3-384", "SHA3-384", 48},
	[HASH_SHA3_512] = {"sha3-512", "SHA3-512", 64},
};

DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(EVP_MD *, EVP_MD_free)

const char *hash_name(enum hash_alg alg)
{
	return algorithms[alg].name;
}

size_t hash_size(enum hash_alg alg)
{
	return algorithms[alg].size;
}

/* A new context for ALG; NULL: *ret_code is -ENOTSUP or -ENOMEM. */
static EVP_MD_CTX *digest_begin(enum hash_alg alg, int *ret_code)
{
	_cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *ctx = NULL;
	_cleanup_(EVP_MD_free_p) EVP_MD *md = NULL;

	*ret_code = -ENOTSUP;
	md = EVP_MD_fetch(NULL, algorithms[alg].openssl, NULL);
	if (!md)
		return NULL;
	*ret_code = -ENOMEM;
	ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex2(ctx, md, NULL))
		return NULL;
	*ret_code = 0;
	return take_ptr(ctx);
}

int hash_parts(enum hash_alg alg, const struct view *parts, size_t nr, uint8_t *ret)
{
	_cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *ctx = NULL;
	uint8_t digest[EVP_MAX_MD_SIZE];
	int code;

	ctx = digest_begin(alg, &code);
	if (!ctx)
		return code;
	for (size_t i = 0; i < nr; i++) {
		if (!EVP_DigestUpdate(ctx, parts[i].data, parts[i].size))
			return -ENOMEM;
	}
	if (!EVP_DigestFinal_ex(ctx, digest, NULL))
		return -ENOMEM;
	memcpy(ret, digest, algorithms[alg].size);
	return 0;
}

int hash_sha256(struct view data, uint8_t ret[HASH_SHA256_SIZE])
{
	return hash_parts(HASH_SHA256, &data, 1, ret);
}

int hash_sha256_err(struct view data, uint8_t ret[HASH_SHA256_SIZE], struct err *err)
{
	int rc = hash_sha256(data, ret);

	if (rc == -ENOMEM)
		return err_nomem(err);
	return rc ? err_set(err, rc, "OpenSSL does not support sha256") : 0;
}

int hash_sha256_json(struct json *json, const char *key, struct view bytes, struct err *err)
{
	uint8_t sha256[HASH_SHA256_SIZE];
	int rc = hash_sha256_err(bytes, sha256, err);

	if (!rc)
		json_hex(json, key, view_of(sha256, sizeof(sha256)));
	return rc;
}

struct hash_input hash_input_of(struct view part)
{
	return (struct hash_input){.parts = {part}, .nr = 1};
}

void hash_input_add(struct hash_input *input, struct view part)
{
	input->parts[input->nr++] = part;
}

size_t hash_input_size(const struct hash_input *input)
{
	size_t size = 0;

	for (size_t i = 0; i < input->nr; i++)
		size += input->parts[i].size;
	return size;
}

int hash_input_digest(struct hash_input *input, enum hash_alg alg, struct view *ret)
{
	struct hash_digest *digest = &input->digests[alg];
	int rc = 0;

	if (!digest->known)
		rc = hash_parts(alg, input->parts, input->nr, digest->bytes);
	if (rc)
		return rc;
	digest->known = true;
	*ret = view_of(digest->bytes, hash_size(alg));
	return 0;
}

struct view hash_input_join(const struct hash_input *input, struct buf *space)
{
	if (input->nr == 1)
		return input->parts[0];
	for (size_t i = 0; i < input->nr; i++)
		buf_add_view(space, input->parts[i]);
	return space->failed ? (struct view){NULL, 0} : buf_view(space);
}

static uint64_t element_size(uint32_t value_size)
{
	return ((uint64_t)value_size + ELEMENT_ALIGN - 1) / ELEMENT_ALIGN * ELEMENT_ALIGN;
}

uint64_t hash_array_map_size(uint32_t value_size, uint32_t max_entries)
{
	return element_size(value_size) * max_entries;
}

int hash_array_map(struct view value, uint32_t value_size, uint32_t max_entries,
		   uint8_t ret[HASH_SHA256_SIZE])
{
	static const uint8_t zeros[ELEMENT_ALIGN];
	_cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *ctx = NULL;
	size_t padding = (size_t)(element_size(value_size) - value_size);
	int code;

	if (!value.size || value.size != (uint64_t)value_size * max_entries)
		return -EINVAL;
	ctx = digest_begin(HASH_SHA256, &code);
	if (!ctx)
		return code;
	for (uint32_t i = 0; i < max_entries; i++) {
		if (!EVP_DigestUpdate(ctx, value.data + (size_t)i * value_size, value_size) ||
		    !EVP_DigestUpdate(ctx, zeros, padding))
			return -ENOMEM;
	}
	return EVP_DigestFinal_ex(ctx, ret, NULL) ? 0 : -ENOMEM;
}

/* sha256(a || b) */
static int digest_pair(const uint8_t a[HASH_SHA256_SIZE], const uint8_t b[HASH_SHA256_SIZE],
		       uint8_t ret[HASH_SHA256_SIZE])
{
	const struct view parts[] = {{a, HASH_SHA256_SIZE}, {b, HASH_SHA256_SIZE}};

	return hash_parts(HASH_SHA256, parts, ARRAY_SIZE(parts), ret);
}

int hash_chain(const uint8_t program[HASH_SHA256_SIZE], struct hash_link *links, size_t nr,
	       uint8_t ret[HASH_SHA256_SIZE])
{
	int rc;

	if (!nr)
		return -EINVAL;
	memcpy(links[nr - 1].h, links[nr - 1].map, HASH_SHA256_SIZE);
	for (size_t n = nr - 1; n-- > 0;) {
		rc = digest_pair(links[n + 1].h, links[n].map, links[n].h);
		if (rc)
			return rc;
	}
	return digest_pair(program, links[0].h, ret);
}
