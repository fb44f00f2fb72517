// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz.h"
#include "object/object_wire.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "key/key.h"
#include "loader/insn.h"

#define TRUSTED_MAX 16

void fuzz_failed(const char *file, int line, const char *what, const char *detail)
{
	fprintf(stderr, "%s:%d: does not hold: %s%s%s\n", file, line, what, *detail ? ": " : "",
		detail);
	abort();
}

bool fuzz_is_printable(struct view text, bool lines)
{
	for (size_t i = 0, size; i < text.size; i += size) {
		size = utf8_size(text.data + i, text.size - i);
		if (!size ||
		    (!utf8_printable(text.data + i, size) && !(lines && text.data[i] == '\n')))
			return false;
	}
	return true;
}

/* --- keys --- */

static struct buf trusted[TRUSTED_MAX + 1];

static int note_cert(void *arg, const struct key_cert *found, struct err *err)
{
	struct buf *cert = arg;

	buf_add_view(cert, found->der);
	return buf_done(cert, err);
}

const struct buf *fuzz_trusted(void)
{
	static const char *const names[] = {"rsa2048", "rsa4096", "p256",	"p384",
					    "noskid",  "expired", "wrongusage", "ca"};
	struct err err = {0};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names) && !trusted[i].size; i++) {
		const struct key_certs certs = {.cert = note_cert, .arg = &trusted[i]};

		snprintf(path, sizeof(path), "keys/test/%s.crt", names[i]);
		if (key_each_cert(path, &certs, &err)) {
			fprintf(stderr, "%s: %s: start me in the top folder of the tree\n", path,
				err.text);
			exit(2);
		}
	}
	return trusted;
}

const struct kv_config fuzz_all_algorithms = {
	.verification = true,
	.rsa = true,
	.ecdsa = true,
	.mldsa = true,
	.sha1 = true,
	.sha256 = true,
	.sha512 = true,
	.sha3 = true,
	.sm3 = true,
	.streebog = true,
};

struct kv_keyring *fuzz_keyring(enum kv_line line, const struct kv_config *config)
{
	struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	struct err err = {0};

	FUZZ_MUST(!kv_keyring_new(line, &keyring));
	if (config)
		kv_keyring_configure(keyring, config);
	for (const struct buf *cert = fuzz_trusted(); cert->size; cert++)
		FUZZ_MUST(!kv_keyring_add(keyring, buf_view(cert), &answer, &err) && !answer.code);
	return keyring;
}

/* --- images --- */

bool fuzz_image(struct view file, struct image *ret)
{
	_buf_ struct buf insns = {0}, data = {0};
	_image_ struct image image = {0};
	size_t size = get_u32(file, 0, false);
	struct view rest = view_sub(file, 4 + size, file.size - 4 - size);
	struct err err;

	if (file.size < 4 || size > file.size - 4)
		return false;
	buf_add_view(&insns, view_sub(file, 4, size));
	buf_add_view(&data, rest);
	if (image_set_insns(&image, &insns, &err) ||
	    image_add_map(&image, "__loader.map", &data, (uint32_t)rest.size, 1, &err))
		return false;
	*ret = image;
	image = (struct image){0};
	return true;
}

void fuzz_image_file(const struct image *image, struct buf *ret)
{
	uint8_t size[4];

	for (int i = 0; i < 4; i++)
		size[i] = (uint8_t)(image->insns.size >> 8 * i);
	buf_add(ret, size, sizeof(size));
	buf_add_view(ret, buf_view(&image->insns));
	buf_add_view(ret, buf_view(&image->maps[0].value));
}

void fuzz_wire_file(const struct image *image, const struct skel *skel, struct buf *ret)
{
	const uint64_t size = image->maps[0].value.size;

	buf_add(ret, &size, sizeof(size));
	buf_add_view(ret, buf_view(&image->maps[0].value));
	object_wire_encode(buf_view(&image->insns), skel, ret);
}
