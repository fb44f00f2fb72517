// SPDX-License-Identifier: BSD-2-Clause
/*
 * matrix.c - the hand-written cases: one row each, with the verdict that real kernels gave.
 *
 *	matrix LINE KEYS CASEFILE
 *
 * Not here: ML-DSA, which OpenSSL has from 3.5 on.
 *
 * Writes the cases for kernels of LINE, made with the keys in the folder KEYS, and prints a line
 *for each: ID, a tab, the errnos of add_key, a tab, the errno of the load, a tab, what it is. The
 * errnos are written as the guest writes them (see case.h).
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "lab.h"
#include "scheme.h"
#include "util.h"

/* What is signed, where it is not what the load presents. */
enum signs {
	SIGNS_LOAD,
	SIGNS_OTHER, /* other content: the load has been tampered with */
	SIGNS_INSNS,
	SIGNS_FOLDED,
	SIGNS_CHAIN,
	SIGNS_ODD_SIZE, /* chain: hash without padding; folded: contents with padding */
};

#define RING_EMPTY (1u << KEY_NR)

/*
 * LOAD and CERTS say what each line answers: "EBADMSG 7.3=EINVAL", "0". A row of which LINES says
 * nothing is for all of them; certs NULL: all are taken.
 */
struct row {
	const char *name;
	const char *load;
	const char *certs;
	const char *lines;
	struct lab_sign sign;
	enum signs signs;
	struct lab_maps maps;
	unsigned int ring; /* KEY_BITs; 0: the signer's certificate */
	void (*edit)(struct buf *signature);
	void (*edit_cert)(struct buf *cert);
	void (*present)(struct lab_load *load); /* other maps than were signed */
	bool unsigned_load;
	int keyring; /* passed on where it is not 0; -1 stands for 0 */
};

/* --- what is done to a signature or certificate --- */

static void set_bytes(struct buf *buf, const void *data, size_t size)
{
	buf_free(buf);
	buf_add(buf, data, size);
}

static void be_empty(struct buf *buf)
{
	buf->size = 0;
}

static void be_text(struct buf *buf)
{
	set_bytes(buf, "not a signature", 15);
}

static void cut_one(struct buf *buf)
{
	buf->size--;
}

static void cut_half(struct buf *buf)
{
	buf->size /= 2;
}

static void add_zeros(struct buf *buf)
{
	buf_space(buf, 16);
}

static void grow_to(struct buf *buf, size_t size)
{
	buf_space(buf, size - buf->size);
}

static void grow_to_limit(struct buf *buf)
{
	grow_to(buf, 8192);
}

static void grow_over_limit(struct buf *buf)
{
	grow_to(buf, 8193);
}

static void grow_over_decoder(struct buf *buf)
{
	grow_to(buf, 65536);
}

static void flip_last(struct buf *buf)
{
	buf->data[buf->size - 1] ^= 1;
}

/* DER longer than 255 bytes starts 30 82 xx xx; the same with lengths of other forms. */
static void be_indefinite(struct buf *buf)
{
	_buf_ struct buf other = {0};

	buf_add(&other, "\x30\x80", 2);
	buf_add(&other, buf->data + 4, buf->size - 4);
	buf_add(&other, "\0\0", 2);
	set_bytes(buf, other.data, other.size);
}

static void be_unended(struct buf *buf)
{
	be_indefinite(buf);
	buf->size -= 2;
}

static void be_non_minimal(struct buf *buf)
{
	_buf_ struct buf other = {0};

	buf_add(&other, "\x30\x83\0", 3);
	buf_add(&other, buf->data + 2, buf->size - 2);
	set_bytes(buf, other.data, other.size);
}

static void retag(struct buf *buf)
{
	buf->data[0] = 0x31;
}

/* --- what is done to a load once it is signed --- */

static void list_twice(struct lab_load *load)
{
	load->test.nr_chain = 2;
	load->test.chain[1] = 0;
}

static void list_one(struct lab_load *load)
{
	load->test.nr_chain = 1;
}

static void list_nothing(struct lab_load *load)
{
	load->test.chain[0] = load->test.nr_maps;
}

static void bind_one(struct lab_load *load)
{
	load->test.fd_array_cnt = 1;
}

/* One map that stands for both: its content is what the second link of the chain hashes. */
static void forge_chain(struct lab_load *load)
{
	static uint8_t content[2][HASH_SHA256_SIZE];
	const struct image_map *maps = load->image.maps;

	if (hash_array_map(buf_view(&maps[1].value), maps[1].value_size, 1, content[0]) ||
	    hash_array_map(buf_view(&maps[0].value), maps[0].value_size, 1, content[1]))
		abort();
	load->test.nr_chain = 1;
	load->test.maps[0].value_size = sizeof(content);
	load->test.values[0] = view_of(content, sizeof(content));
}

/* --- the rows --- */

#define MAP_HASH BPF_MAP_TYPE_HASH

static const struct row rows[] = {
	{.name = "correct for the scheme", .load = "0"},
	/* 7.3 binds exclusive maps before it has hashed a program that is not signed */
	{"no signature", "0 7.3=EACCES", .unsigned_load = true},
	{"content tampered with", "EKEYREJECTED", .signs = SIGNS_OTHER},
	{"signer's certificate not in the keyring", "ENOKEY", .ring = KEY_BIT(KEY_UNRELATED)},
	{"empty keyring", "ENOKEY", .ring = RING_EMPTY},
	{"signer's certificate behind another one", "0",
	 .ring = KEY_BIT(KEY_UNRELATED) | KEY_BIT(KEY_RSA2048)},
	{"builtin trusted keys instead of the keyring", "ENOKEY", .keyring = -1},
	{"secondary trusted keys instead of the keyring", "ENOKEY", .keyring = 1},
	{"platform keys instead of the keyring", "ENOKEY", .keyring = 2},
	{"a keyring that does not exist", "EINVAL", .keyring = 0x7ffffff0},

	{"not ASN.1", "EBADMSG", .edit = be_text},
	{"truncated by one byte", "EBADMSG", .edit = cut_one},
	{"truncated to a half", "EBADMSG", .edit = cut_half},
	{"empty signature", "EBADMSG 7.3=EINVAL", .edit = be_empty},
	{"trailing bytes after the DER", "0", .edit = add_zeros},
	{"8192 bytes, filled up behind the DER", "0", .edit = grow_to_limit},
	{"8193 bytes, filled up behind the DER", "EINVAL", .edit = grow_over_limit},
	{"65536 bytes, filled up behind the DER", "EINVAL", .edit = grow_over_decoder},
	{"last bit of the signature flipped", "EKEYREJECTED", .edit = flip_last},
	{"indefinite length", "0", .edit = be_indefinite},
	{"indefinite length without its end", "EBADMSG", .edit = be_unended},
	{"length in three bytes", "EBADMSG", .edit = be_non_minimal},
	{"SET in place of SEQUENCE", "EBADMSG", .edit = retag},

	{"RSA-4096", "0", .sign.key = KEY_RSA4096},
	{"ECDSA P-256", "0", .sign.key = KEY_P256},
	{"ECDSA P-384", "0", .sign.key = KEY_P384},
	{"ECDSA P-256, tampered with", "EKEYREJECTED", .sign.key = KEY_P256, .signs = SIGNS_OTHER},
	{"ECDSA P-384 with SHA-384", "0", .sign = {.key = KEY_P384, .digest = "sha384"}},
	{"ECDSA P-256 with SHA-512", "0", .sign = {.key = KEY_P256, .digest = "sha512"}},
	{"RSA-PSS", "ENOPKG", .sign.pss = true},
	{"digest MD5", "ENOPKG", .sign.digest = "md5"},
	{"digest SHA-1", "0", .sign.digest = "sha1"},
	{"digest SHA-224", "0", .sign.digest = "sha224"},
	{"digest SHA-384", "0", .sign.digest = "sha384"},
	{"digest SHA-512", "0", .sign.digest = "sha512"},
	/* a module, not loaded, in Debian's 7.2 and 7.3 */
	{"digest SHA3-256", "0 7.2=ENOPKG 7.3=ENOPKG chain=ENOPKG", .sign.digest = "sha3-256"},

	{"signer by issuer and serial", "0", .sign.issuer = true},
	{"certificate without subjectKeyIdentifier", "0", .sign.key = KEY_NOSKID},
	{"certificate with keyEncipherment only", "0", .sign.key = KEY_WRONGUSAGE},
	{"certificate that has expired", "0", .sign.key = KEY_EXPIRED},
	{"leaf in the keyring", "0", .sign.key = KEY_LEAF},
	{"only the leaf's CA in the keyring", "ENOKEY", .sign.key = KEY_LEAF,
	 .ring = KEY_BIT(KEY_CA)},
	/* a certificate of the message is only found by issuer and serial: pkcs7_find_key() */
	{"leaf included, its CA in the keyring", "ENOKEY", .sign = {.key = KEY_LEAF, .certs = true},
	 .ring = KEY_BIT(KEY_CA)},
	{"leaf included, signer by issuer, its CA in the keyring", "0",
	 .sign = {.key = KEY_LEAF, .certs = true, .issuer = true}, .ring = KEY_BIT(KEY_CA)},
	{"leaf included, signer by issuer, its CA not in the keyring", "ENOKEY",
	 .sign = {.key = KEY_LEAF, .certs = true, .issuer = true}, .ring = KEY_BIT(KEY_UNRELATED)},
	{"leaf and CA included, signer by issuer, neither in the keyring", "ENOKEY",
	 .sign = {.key = KEY_LEAF, .certs = true, .issuer = true, .extra = KEY_BIT(KEY_CA)},
	 .ring = RING_EMPTY},
	{"leaf and CA included, signer by issuer, the CA in the keyring", "0",
	 .sign = {.key = KEY_LEAF, .certs = true, .issuer = true, .extra = KEY_BIT(KEY_CA)},
	 .ring = KEY_BIT(KEY_CA)},
	{"leaf and CA included, signer by issuer, tampered with", "EKEYREJECTED",
	 .signs = SIGNS_OTHER,
	 .sign = {.key = KEY_LEAF, .certs = true, .issuer = true, .extra = KEY_BIT(KEY_CA)},
	 .ring = KEY_BIT(KEY_CA)},

	{"certificates included", "0", .sign.certs = true},
	{"certificates included, signer by issuer", "0", .sign = {.certs = true, .issuer = true}},
	{"certificates included, tampered with", "EKEYREJECTED", .sign.certs = true,
	 .signs = SIGNS_OTHER},
	{"self-signed certificate included, not in the keyring", "ENOKEY", .sign.certs = true,
	 .ring = KEY_BIT(KEY_UNRELATED)},
	{"a foreign certificate included", "0", .sign.extra = KEY_BIT(KEY_UNRELATED)},
	{"content included", "EBADMSG", .sign.attached = true},
	{"signed attributes", "0", .sign.attributes = true},
	{"signed attributes, ECDSA P-256", "0", .sign = {.key = KEY_P256, .attributes = true}},
	{"signed attributes, tampered with", "EKEYREJECTED", .sign.attributes = true,
	 .signs = SIGNS_OTHER},
	{"signed attributes with S/MIME capabilities", "EKEYREJECTED",
	 .sign = {.attributes = true, .smimecap = true}},
	/* compared with a certificate of the message, hence found by issuer and serial, alone */
	{"signing time after the certificate's end", "0",
	 .sign = {.key = KEY_EXPIRED, .attributes = true}},
	{"signing time after the end of the certificate included", "0",
	 .sign = {.key = KEY_EXPIRED, .attributes = true, .certs = true}},
	{"signing time after the end of the certificate included, signer by issuer", "EKEYREJECTED",
	 .sign = {.key = KEY_EXPIRED, .attributes = true, .certs = true, .issuer = true}},
	{"expired certificate included, signer by issuer, no signing time", "0",
	 .sign = {.key = KEY_EXPIRED, .certs = true, .issuer = true}},

	{"two signers, both in the keyring", "0", .sign.also = KEY_BIT(KEY_P256),
	 .ring = KEY_BIT(KEY_RSA2048) | KEY_BIT(KEY_P256)},
	{"two signers, only the first in the keyring", "0", .sign.also = KEY_BIT(KEY_P256),
	 .ring = KEY_BIT(KEY_RSA2048)},
	{"two signers, only the second in the keyring", "0", .sign.also = KEY_BIT(KEY_P256),
	 .ring = KEY_BIT(KEY_P256)},
	{"two signers, neither in the keyring", "ENOKEY", .sign.also = KEY_BIT(KEY_P256),
	 .ring = KEY_BIT(KEY_UNRELATED)},
	{"two signers, tampered with", "EKEYREJECTED", .sign.also = KEY_BIT(KEY_P256),
	 .ring = KEY_BIT(KEY_P256), .signs = SIGNS_OTHER},

	{"map not frozen", "0 7.3=EPERM", .maps.not_frozen = true},
	{"map not exclusive", "0 7.3=EPERM", .maps.not_exclusive = true},
	{"map neither frozen nor exclusive", "0 7.3=EPERM",
	 .maps = {.not_frozen = true, .not_exclusive = true}},
	{"no maps", "0", .maps.none = true},
	{"two maps", "0", .maps.nr = 2},
	{"two maps swapped", "EKEYREJECTED", .lines = "7.3 chain",
	 .maps = {.nr = 2, .swapped = true}},
	{"a map listed twice that was signed once", "EKEYREJECTED", .lines = "chain",
	 .present = list_twice},
	{"one map listed where two were signed", "EKEYREJECTED", .lines = "chain", .maps.nr = 2,
	 .present = list_one},
	{"an index of no map", "EBADF", .lines = "chain", .present = list_nothing},
	/* the flaw of the scheme: no difference between a link and a map of 64 bytes */
	{"a forged map of 64 bytes for the two that were signed", "0", .lines = "chain",
	 .maps.nr = 2, .present = forge_chain},
	{"one map bound where two were signed", "EKEYREJECTED", .lines = "7.3", .maps.nr = 2,
	 .present = bind_one},
	{"odd map size", "0", .maps.size = 13},
	{"odd map size, folded with padding", "EKEYREJECTED", .lines = "7.3", .maps.size = 13,
	 .signs = SIGNS_ODD_SIZE},
	{"odd map size, hashed without padding", "EKEYREJECTED", .lines = "chain", .maps.size = 13,
	 .signs = SIGNS_ODD_SIZE},
	{"hash map in the chain", "EINVAL", .lines = "chain", .maps.type = MAP_HASH},
	{"hash map folded", "EINVAL", .lines = "7.3", .maps.type = MAP_HASH},
	{"two elements", "0", .lines = "6.17 6.18 7.0 7.2 chain",
	 .maps = {.entries = 2, .size = 12}},
	{"two elements in a folded map", "524", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps = {.entries = 2, .size = 12}},

	{"insns artefact with maps in fd_array", "EKEYREJECTED", .lines = "7.3",
	 .signs = SIGNS_INSNS},
	{"insns artefact, fd_array_cnt 0", "EACCES", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps.no_fd_array_cnt = true},
	{"insns artefact in a chain load", "EKEYREJECTED", .lines = "chain", .signs = SIGNS_INSNS},
	{"folded artefact", "EKEYREJECTED", .lines = "6.18 7.0 7.2 chain", .signs = SIGNS_FOLDED},
	{"chain artefact without signature_maps", "EKEYREJECTED", .lines = "6.18 7.0 7.2 7.3",
	 .signs = SIGNS_CHAIN},

	{"certificate with trailing bytes", "0", .edit_cert = add_zeros},
	{"certificate truncated", "ENOKEY", "EBADMSG", .edit_cert = cut_one},
	{"certificate empty", "ENOKEY", "EINVAL", .edit_cert = be_empty},
	{"certificate is text", "ENOKEY", "EBADMSG", .edit_cert = be_text},
	{"certificate's own signature flipped", "ENOKEY", "EINVAL", .edit_cert = flip_last},
	{"certificate of indefinite length", "0", .edit_cert = be_indefinite},
};

/* Loads that only some kernels know; SCHEME is how they are loaded. */
static const struct {
	struct row row;
	enum scheme scheme;
} foreign[] = {
	{{"chain artefact, loaded as such", "E2BIG", .lines = "6.17 6.18 7.0 7.2 7.3"},
	 SCHEME_CHAIN},
	{{"folded artefact, loaded as such", "EKEYREJECTED", .lines = "6.18 7.0 7.2 chain"},
	 SCHEME_FOLDED},
	{{"insns artefact, loaded as such", "0", .lines = "chain"}, SCHEME_INSNS},
};

/* --- making cases --- */

static int content(const struct row *row, enum scheme scheme, const struct image *image,
		   struct buf *ret, struct err *err)
{
	uint8_t hash[2][HASH_SHA256_SIZE];
	int rc;

	switch (row->signs) {
	case SIGNS_INSNS:
		return scheme_content(SCHEME_INSNS, image, ret, err);
	case SIGNS_FOLDED:
		return scheme_content(SCHEME_FOLDED, image, ret, err);
	case SIGNS_CHAIN:
		return scheme_content(SCHEME_CHAIN, image, ret, err);
	case SIGNS_OTHER:
		buf_add_str(ret, "other content");
		return 0;
	case SIGNS_ODD_SIZE:
		if (scheme == SCHEME_FOLDED) {
			rc = scheme_content(SCHEME_FOLDED, image, ret, err);
			buf_space(ret, 8 - image->maps[0].value.size % 8);
			return rc;
		}
		if (hash_sha256(buf_view(&image->insns), hash[0]) ||
		    hash_sha256(buf_view(&image->maps[0].value), hash[1]))
			return err_nomem(err);
		buf_space(ret, HASH_SHA256_SIZE);
		return hash_sha256(view_of(hash, sizeof(hash)), ret->data);
	default:
		return scheme_content(image->nr_maps ? scheme : SCHEME_INSNS, image, ret, err);
	}
}

/* Put the row's certificates into TEST; an edited one is kept in *edited. */
static void fill_ring(const struct lab *lab, const struct row *row, struct buf *edited,
		      struct load_case *test)
{
	unsigned int ring = row->ring ? row->ring : KEY_BIT(row->sign.key);

	for (unsigned int i = 0; i < KEY_NR; i++) {
		struct view cert = lab_cert(lab, i);

		if (!(ring & KEY_BIT(i)))
			continue;
		if (row->edit_cert) {
			buf_add_view(edited, cert);
			row->edit_cert(edited);
			cert = buf_view(edited);
		}
		test->certs[test->nr_certs++] = cert;
	}
}

static int add_case(const struct lab *lab, const char *line, const struct row *row,
		    enum scheme scheme, uint32_t id, struct buf *file, struct err *err)
{
	_buf_ struct buf bytes = {0}, edited = {0};
	_lab_load_ struct lab_load load = {0};
	struct lab_maps maps = row->maps;
	int rc;

	/* Maps cannot be exclusive or hashed before there were signatures. */
	if (!strcmp(line, "6.17"))
		maps.not_frozen = maps.not_exclusive = true;
	rc = lab_load_make(scheme, &maps, &load, err);
	if (!rc)
		rc = content(row, scheme, &load.image, &bytes, err);
	if (!rc)
		rc = lab_sign(lab, &row->sign, buf_view(&bytes), &load.signature, err);
	if (rc)
		return rc;
	if (row->edit)
		row->edit(&load.signature);
	if (row->present)
		row->present(&load);
	load.test.id = id;
	load.test.flags = row->unsigned_load ? CASE_UNSIGNED : 0;
	if (row->keyring)
		load.test.keyring = row->keyring == -1 ? 0 : row->keyring;
	load.test.signature = buf_view(&load.signature);
	fill_ring(lab, row, &edited, &load.test);
	casefile_add(file, &load.test);
	return buf_done(file, err);
}

/* --- what is expected --- */

static int errno_code(const char *name, size_t length)
{
	for (int code = 1; code < 200; code++) {
		const char *known = strerrorname_np(code);

		if (known && strlen(known) == length && !memcmp(known, name, length))
			return -code;
	}
	return -atoi(name);
}

/* The errno that WORDS gives for LINE: the word without a line, unless one is for it. */
static int expected(const char *words, const char *line)
{
	int code = 0;

	while (*words) {
		size_t length = strcspn(words, " ");
		const char *equals = memchr(words, '=', length);

		if (!equals)
			code = errno_code(words, length);
		else if (strlen(line) == (size_t)(equals - words) &&
			 !memcmp(words, line, strlen(line)))
			return errno_code(equals + 1, length - (size_t)(equals + 1 - words));
		words += length + strspn(words + length, " ");
	}
	return code;
}

static void print_expected(const struct row *row, uint32_t id, const char *line)
{
	unsigned int ring = row->ring ? row->ring : KEY_BIT(row->sign.key);
	int code = expected(row->load, line);
	const char *comma = "";

	/* What has no signatures refuses them all as attributes it does not know. */
	if (!strcmp(line, "6.17"))
		code = row->unsigned_load ? 0 : -E2BIG;
	printf("%u\t%s", id, ring == RING_EMPTY ? "-" : "");
	for (unsigned int i = 0; i < KEY_NR; i++) {
		if (!(ring & KEY_BIT(i)))
			continue;
		printf("%s%d", comma, row->certs ? expected(row->certs, line) : 0);
		comma = ",";
	}
	printf("\t%d\t%s\n", code, row->name);
}

static bool is_for(const struct row *row, const char *line)
{
	return !row->lines || strstr(row->lines, line);
}

static int write_cases(const struct lab *lab, const char *line, struct buf *file, struct err *err)
{
	uint32_t id = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) + ARRAY_SIZE(foreign); i++) {
		bool own = i < ARRAY_SIZE(rows);
		const struct row *row = own ? &rows[i] : &foreign[i - ARRAY_SIZE(rows)].row;
		enum scheme scheme = own ? lab_scheme(line) : foreign[i - ARRAY_SIZE(rows)].scheme;
		int rc;

		if (!is_for(row, line))
			continue;
		rc = add_case(lab, line, row, scheme, ++id, file, err);
		if (rc)
			return err_prefix(err, "%s", row->name);
		print_expected(row, id, line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	_buf_ struct buf file = {0};
	_lab_ struct lab lab = {0};
	struct err err = {0};

	if (argc != 4) {
		fprintf(stderr, "usage: matrix LINE KEYS CASEFILE\n");
		return 2;
	}
	if (lab_open(argv[2], &lab, &err) || write_cases(&lab, argv[1], &file, &err) ||
	    file_replace(argv[3], buf_view(&file), &err)) {
		fprintf(stderr, "matrix: %s\n", err.text);
		return 1;
	}
	return 0;
}
