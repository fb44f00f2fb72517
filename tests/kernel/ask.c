// SPDX-License-Identifier: BSD-2-Clause
/*
 * ask.c - put a case file to the tool's own verdict instead of a kernel.
 *
 *	ask [--revoked=FILE] [--config=FILE] LINE CASEFILE [ID]
 *
 * The kernel has the certificates in FILE on its revocation list, and was built with the .config in
 * FILE; without: none, and as Debian builds it. Prints the lines that the
 *guest prints (see case.h), as a kernel of LINE would have it; "?" in place of an errno says that
 *it could not tell. With ID only that case, with the reasons.
 *
 *	ask --cut CASEFILE ID NEW
 *
 * Writes case ID alone to the case file NEW: a reproducer.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/util.h"
#include "casefile.h"
#include "image/image.h"
#include "key/key.h"
#include "kverify/kverify.h"
#include "verdict.h"

/* What the model of a load does not cover: "?" is printed. */
static bool is_beyond(const struct load_case *test)
{
	if (test->flags & CASE_UNSIGNED || test->keyring != CASE_KEYRING)
		return true;
	for (uint32_t i = 0; i < test->nr_maps; i++)
		if (test->maps[i].type != BPF_MAP_TYPE_ARRAY)
			return true;
	return false;
}

static enum scheme scheme_of(const struct load_case *test)
{
	if (test->nr_chain)
		return SCHEME_CHAIN;
	return test->fd_array_cnt ? SCHEME_FOLDED : SCHEME_INSNS;
}

static int add_map(struct image *image, const struct load_case *test, uint32_t i, struct err *err)
{
	const struct case_map *map = &test->maps[i];
	size_t size = (size_t)map->value_size * map->max_entries;
	_buf_ struct buf value = {0};

	buf_add_view(&value, test->values[i]);
	if (size > value.size)
		buf_space(&value, size - value.size);
	return image_add_map(image, "map", &value, map->value_size, map->max_entries, err);
}

/* The image as it is presented: in chain order, or in fd_array's. */
static int make_image(const struct load_case *test, struct image *ret, struct err *err)
{
	_buf_ struct buf insns = {0};
	uint32_t nr = test->nr_chain ? test->nr_chain : test->fd_array_cnt;
	int rc;

	if (!nr)
		nr = test->nr_maps;
	buf_add_view(&insns, test->insns);
	rc = image_set_insns(ret, &insns, err);
	for (uint32_t i = 0; !rc && i < nr; i++) {
		uint32_t index = test->nr_chain ? test->chain[i] : i;

		/* __add_used_map(): a map that is bound twice counts once */
		if (test->nr_chain || !(test->maps[index].flags & CASE_MAP_AGAIN))
			rc = add_map(ret, test, index, err);
	}
	if (!rc && test->nr_maps)
		buf_add(&ret->excl_hash, test->excl_hash, sizeof(test->excl_hash));
	return rc ?: buf_done(&ret->excl_hash, err);
}

static struct verdict_assumptions facts_of(const struct load_case *test)
{
	struct verdict_assumptions assumptions = {0};

	for (uint32_t i = 0; i < test->nr_maps; i++) {
		assumptions.not_frozen |= !(test->maps[i].flags & CASE_MAP_FROZEN);
		assumptions.not_exclusive |= !(test->maps[i].flags & CASE_MAP_EXCLUSIVE);
	}
	return assumptions;
}

static int ask_load(const struct load_case *test, enum kernel kernel,
		    const struct kv_keyring *keyring, struct kv_answer *answer, struct err *err)
{
	const struct verdict_assumptions assumptions = facts_of(test);
	struct hash_input insns = hash_input_of(test->insns);
	struct scheme_contents contents;
	_image_ struct image image = {0};
	int rc;

	if (test->flags & CASE_CONTENT)
		return kv_verify(keyring, &insns, test->signature, answer, err);
	rc = make_image(test, &image, err);
	if (rc)
		return rc;
	scheme_begin(&contents, &image);
	return verdict_ask(&(struct verdict_load){&contents, scheme_of(test), test->signature,
						  kernel, keyring, assumptions},
			   answer, err);
}

/* One errno, or "?" where RC says that there is no answer. */
static void print_code(int rc, int code)
{
	if (rc)
		printf("?");
	else
		printf("%d", code);
}

/* The kernel to be asked. */
struct asked {
	enum kernel kernel;
	const char *revoked; /* a file, or NULL */
	bool configured;
	struct kv_config config;
};

static int revoke(void *keyring, const struct key_cert *cert, struct err *err)
{
	return kv_keyring_revoke(keyring, cert->der, err);
}

static int new_keyring(const struct asked *kernel, struct kv_keyring **ret, struct err *err)
{
	int rc = kv_keyring_new(kernel_rules(kernel->kernel)->line, ret);
	const struct key_certs certs = {.cert = revoke, .arg = *ret};

	if (!rc && kernel->configured)
		kv_keyring_configure(*ret, &kernel->config);
	if (!rc && kernel->revoked)
		rc = key_each_cert(kernel->revoked, &certs, err);
	return rc;
}

static int ask(const struct load_case *test, const struct asked *kernel, bool reasons)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct kv_answer answer = {0};
	struct err err = {0};
	int rc = new_keyring(kernel, &keyring, &err);

	if (rc)
		return rc;
	printf("case %u certs %s", test->id, test->nr_certs ? "" : "-");
	for (uint32_t i = 0; i < test->nr_certs; i++) {
		answer = (struct kv_answer){0};
		rc = kv_keyring_add(keyring, test->certs[i], &answer, &err);
		printf("%s", i ? "," : "");
		print_code(rc, answer.code);
		if (reasons)
			printf("(%s)", rc ? err.text : answer.reason);
	}
	answer = (struct kv_answer){0};
	rc = is_beyond(test) ? -ENOTSUP : ask_load(test, kernel->kernel, keyring, &answer, &err);
	printf(" load ");
	print_code(rc, answer.code);
	if (reasons)
		printf(" %s", rc ? err.text : answer.reason);
	printf("\n");
	return rc == -ENOMEM ? rc : 0;
}

static int ask_all(struct view file, const struct asked *kernel, const char *only, struct err *err)
{
	struct load_case test;
	size_t offset = 0;
	int rc;

	while (!(rc = casefile_next(file, &offset, &test, err))) {
		if (only && test.id != (uint32_t)atoi(only))
			continue;
		rc = ask(&test, kernel, only);
		if (rc)
			return err_set(err, rc, "case %u cannot be asked", test.id);
	}
	return rc == -ENOENT ? 0 : rc;
}

static int read_config(const char *path, struct asked *kernel, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc = file_read(path, FILE_SIZE_MAX, &text, err);

	kernel->configured = true;
	return rc ?: kv_config_parse(buf_view(&text), &kernel->config, err);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: ask [--revoked=FILE] [--config=FILE] LINE CASEFILE [ID] | "
		"ask --cut CASEFILE ID NEW\n");
	return 2;
}

static int cut(struct view file, uint32_t id, const char *path, struct err *err)
{
	_buf_ struct buf one = {0};
	struct load_case test;
	size_t offset = 0;
	int rc;

	while (!(rc = casefile_next(file, &offset, &test, err))) {
		if (test.id == id) {
			casefile_add(&one, &test);
			return file_replace(path, buf_view(&one), err);
		}
	}
	return rc == -ENOENT ? err_set(err, rc, "no case %u", id) : rc;
}

static int report(int rc, const struct err *err)
{
	if (rc)
		fprintf(stderr, "ask: %s\n", err->text);
	return rc ? 1 : 0;
}

static int main_ask(int argc, char **argv, struct asked *kernel, struct err *err)
{
	_buf_ struct buf file = {0};
	kernel_set kernels = 0;
	int rc;

	if (argc != 2 && argc != 3)
		return usage();
	rc = kernel_parse(argv[0], &kernels, err);
	if (!rc)
		kernel->kernel = (enum kernel)__builtin_ctz(kernels);
	if (!rc)
		rc = file_read(argv[1], FILE_SIZE_MAX, &file, err);
	if (!rc)
		rc = ask_all(buf_view(&file), kernel, argv[2], err);
	return report(rc, err);
}

static int main_cut(int argc, char **argv, struct err *err)
{
	_buf_ struct buf file = {0};
	int rc;

	if (argc != 3)
		return usage();
	rc = file_read(argv[0], FILE_SIZE_MAX, &file, err);
	if (!rc)
		rc = cut(buf_view(&file), (uint32_t)atoi(argv[1]), argv[2], err);
	return report(rc, err);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"revoked", required_argument, NULL, 'r'},
		{"config", required_argument, NULL, 'c'},
		{"cut", no_argument, NULL, 'x'},
		{0},
	};
	struct asked kernel = {0};
	struct err err = {0};
	bool cuts = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			kernel.revoked = optarg;
		else if (option == 'x')
			cuts = true;
		else if (option != 'c')
			return usage();
		else if (read_config(optarg, &kernel, &err))
			return report(-1, &err);
	}
	if (cuts)
		return main_cut(argc - optind, argv + optind, &err);
	return main_ask(argc - optind, argv + optind, &kernel, &err);
}
