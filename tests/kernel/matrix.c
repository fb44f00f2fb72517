// SPDX-License-Identifier: BSD-2-Clause
/*
 * matrix.c - the hand-written cases: one row each, with the verdict that real kernels gave.
 *
 *	matrix LINE KEYS CASEFILE
 *
 * Writes the cases for kernels of LINE, made with the keys in the folder KEYS, and prints a line
 * for each: ID, a tab, the errnos of add_key, a tab, the errno of the load, a tab, what it is. The
 * errnos are written as the guest writes them (see case.h). A row that cannot be had: "skip", a
 * tab, why, two tabs, what it is. The rows are in matrix_*.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/util.h"
#include "matrix.h"
#include "scheme.h"

/* --- making cases --- */

static int content(const struct row *row, enum scheme scheme, const struct image *image,
		   struct buf *ret, struct err *err)
{
	uint8_t hash[2][HASH_SHA256_SIZE];
	int rc;

	switch (row->signs) {
	case SIGNS_INSNS:
		return scheme_content_copy(SCHEME_INSNS, image, ret, err);
	case SIGNS_FOLDED:
		return scheme_content_copy(SCHEME_FOLDED, image, ret, err);
	case SIGNS_CHAIN:
		return scheme_content_copy(SCHEME_CHAIN, image, ret, err);
	case SIGNS_OTHER:
		buf_add_str(ret, "other content");
		return 0;
	case SIGNS_ODD_SIZE:
		if (scheme == SCHEME_FOLDED) {
			rc = scheme_content_copy(SCHEME_FOLDED, image, ret, err);
			buf_space(ret, 8 - image->maps[0].value.size % 8);
			return rc;
		}
		if (hash_sha256(buf_view(&image->insns), hash[0]) ||
		    hash_sha256(buf_view(&image->maps[0].value), hash[1]))
			return err_nomem(err);
		buf_space(ret, HASH_SHA256_SIZE);
		return hash_sha256(view_of(hash, sizeof(hash)), ret->data);
	default:
		return scheme_content_copy(image->nr_maps ? scheme : SCHEME_INSNS, image, ret, err);
	}
}

/* Bend DER as BENDS say; the result need not be DER. */
static int bend(const struct der_bend *bends, struct buf *bytes, struct err *err)
{
	static struct der der;
	_buf_ struct buf bent = {0};

	if (!bends->how)
		return 0;
	if (!der_parse(&der, buf_view(bytes)))
		return err_set(err, -EBADMSG, "not DER");
	for (size_t i = 0; i < ROW_BENDS && bends[i].how; i++) {
		if (!der_bend(&der, &bends[i]))
			return err_set(err, -ENOENT, "no element %s", bends[i].path);
	}
	der_encode(&der, &bent);
	if (buf_done(&bent, err))
		return -ENOMEM;
	buf_free(bytes);
	*bytes = buf_take(&bent);
	return 0;
}

/* A case that is being made, and what it borrows. */
struct made {
	struct lab_load load;
	struct buf certs[KEY_NR];
};

static void made_free(struct made *made)
{
	lab_load_free(&made->load);
	for (size_t i = 0; i < KEY_NR; i++)
		buf_free(&made->certs[i]);
}

/* Put the row's certificates into the case. */
static int fill_ring(const struct lab *lab, const struct row *row, struct made *made,
		     struct err *err)
{
	unsigned int ring = row->ring ? row->ring : KEY_BIT(row->sign.key);
	struct load_case *test = &made->load.test;

	for (unsigned int i = 0; i < KEY_NR; i++) {
		struct buf *cert = &made->certs[i];
		int rc;

		if (!(ring & KEY_BIT(i)))
			continue;
		buf_add_view(cert, lab_cert(lab, i));
		rc = bend(row->cert_bends, cert, err);
		if (rc)
			return rc;
		if (row->edit_cert)
			row->edit_cert(cert);
		test->certs[test->nr_certs++] = buf_view(cert);
	}
	return 0;
}

static enum scheme row_scheme(const struct row *row, const char *line)
{
	switch (row->loaded) {
	case LOADED_AS_CHAIN:
		return SCHEME_CHAIN;
	case LOADED_AS_INSNS:
		return SCHEME_INSNS;
	case LOADED_AS_FOLDED:
		return SCHEME_FOLDED;
	default:
		return lab_scheme(line);
	}
}

static int sign_row(const struct lab *lab, const struct row *row, enum scheme scheme,
		    struct lab_load *load, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc = content(row, scheme, &load->image, &bytes, err);

	if (!rc)
		rc = lab_sign(lab, &row->sign, buf_view(&bytes), &load->signature, err);
	if (!rc)
		rc = bend(row->bends, &load->signature, err);
	if (!rc && row->edit)
		row->edit(&load->signature);
	load->test.signature = buf_view(&load->signature);
	return rc;
}

static int add_case(const struct lab *lab, const char *line, const struct row *row, uint32_t id,
		    struct buf *file, struct err *err)
{
	_cleanup_(made_free) struct made made = {0};
	struct load_case *test = &made.load.test;
	enum scheme scheme = row_scheme(row, line);
	struct lab_maps maps = row->maps;
	int rc;

	/* Maps cannot be exclusive or hashed before there were signatures. */
	if (!strcmp(line, "6.17"))
		maps.not_frozen = maps.not_exclusive = true;
	rc = lab_load_make(scheme, &maps, &made.load, err);
	if (!rc)
		rc = sign_row(lab, row, scheme, &made.load, err);
	if (!rc)
		rc = fill_ring(lab, row, &made, err);
	if (rc)
		return rc;
	if (row->present)
		row->present(&made.load);
	test->id = id;
	test->flags = row->unsigned_load ? CASE_UNSIGNED : 0;
	if (row->keyring)
		test->keyring = row->keyring == -1 ? 0 : row->keyring;
	casefile_add(file, test);
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

/* The line whose rows are those of LINE too, but for words that name it. */
static const char *like(const char *line)
{
	if (!strcmp(line, "6.19"))
		return "6.18";
	return !strcmp(line, "7.1") ? "7.0" : line;
}

/* Whether the word for LINE is among WORDS, and which errno it gives. */
static bool find_expected(const char *words, const char *line, int *ret)
{
	for (; *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " "), name = strlen(line);

		if (length > name && words[name] == '=' && !memcmp(words, line, name)) {
			*ret = errno_code(words + name + 1, length - name - 1);
			return true;
		}
		words += length;
	}
	return false;
}

/* The errno that WORDS gives for LINE: the word without a line, unless one is for it. */
static int expected(const char *words, const char *line)
{
	int code = 0;

	if (find_expected(words, line, &code) || find_expected(words, like(line), &code))
		return code;
	for (; *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");

		if (!memchr(words, '=', length))
			code = errno_code(words, length);
		words += length;
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
	return !row->lines || strstr(row->lines, like(line));
}

static bool has_keys(const struct lab *lab, const struct row *row)
{
	for (enum lab_key key = 0; key < KEY_NR; key++) {
		if ((key == row->sign.key || row->sign.also & KEY_BIT(key)) && !lab_has(lab, key))
			return false;
	}
	return true;
}

/* ROWS, with ids from *id on. */
static int write_rows(const struct lab *lab, const char *line, const struct row *rows, size_t nr,
		      uint32_t *id, struct buf *file, struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		const struct row *row = &rows[i];
		int rc;

		if (!is_for(row, line))
			continue;
		if (!has_keys(lab, row)) {
			printf("skip\tOpenSSL has no such key\t\t%s\n", row->name);
			continue;
		}
		rc = add_case(lab, line, row, ++*id, file, err);
		if (rc)
			return err_prefix(err, "%s", row->name);
		print_expected(row, *id, line);
	}
	return 0;
}

static int write_cases(const struct lab *lab, const char *line, struct buf *file, struct err *err)
{
	uint32_t id = 0;
	int rc = write_rows(lab, line, message_rows, nr_message_rows, &id, file, err);

	if (!rc)
		rc = write_rows(lab, line, cert_rows, nr_cert_rows, &id, file, err);
	if (!rc)
		rc = write_rows(lab, line, load_rows, nr_load_rows, &id, file, err);
	return rc;
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
