// SPDX-License-Identifier: BSD-2-Clause
/*
 * predict.c - how the attempts of load.c will end, by the tool's own verdict.
 *
 *	predict LINE HEADER FOLDER
 *
 * FOLDER has the certificates. Prints a line per attempt, as load.c does: "load ERRNO: NAME: as
 * SCHEME". LINE 6.17 is a kernel that knows no signatures.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attempts.h"
#include "base/file.h"
#include "base/util.h"
#include "input.h"
#include "verdict.h"

static void flip(const struct attempt *attempt, struct buf *part)
{
	if (part->size)
		part->data[attempt_offset(attempt, part->size)] ^= 1;
}

/* What the kernel is shown in this attempt, PLACE in the data; twice takes it back. */
static void tamper(const struct attempt *attempt, struct image *image, size_t place)
{
	if (attempt_is_data(attempt))
		image->maps[0].value.data[place] ^= 1;
	if (attempt->part == PART_INSNS) {
		flip(attempt, &image->insns);
		flip(attempt, &image->insns_checked);
	}
	if (attempt->part == PART_EXCL_HASH) {
		flip(attempt, &image->excl_hash);
		flip(attempt, &image->excl_hash_checked);
	}
	for (size_t i = 0; attempt->part == PART_SIGNATURE && i < SCHEME_NR; i++)
		flip(attempt, &image->sig[i]);
}

static int fill_keyring(struct kv_keyring *keyring, const char *folder, const char *cert,
			struct err *err)
{
	_buf_ struct buf der = {0}, path = {0};
	struct kv_answer answer = {0};
	int rc;

	if (!cert)
		return 0;
	buf_printf(&path, "%s/%s", folder, cert);
	if (!buf_cstr(&path))
		return err_nomem(err);
	rc = file_read((const char *)path.data, FILE_SIZE_MAX, &der, err);
	if (!rc)
		rc = kv_keyring_add(keyring, buf_view(&der), &answer, err);
	return rc;
}

/*
 * What becomes of a loader that checks its map itself, once its signature is accepted: the kernel's
 * verifier knows struct bpf_map.excl (7.2), or refuses to read it (6.18.15, 7.0); then the loader
 * looks at its map. A map that is not frozen has no hash to ask for, so nothing is loaded.
 */
static int run_checked(const struct attempt *attempt, enum kernel kernel)
{
	if (attempt->part == PART_NOT_FROZEN)
		return -EPERM;
	if (!kernel_rules(kernel)->has_excl)
		return -EACCES;
	return attempt_is_data(attempt) || attempt->part == PART_NOT_EXCLUSIVE ? -EINVAL : 0;
}

/* The answer to one signature, as the run-time part gets it. */
static int ask_way(const struct attempt *attempt, const struct image *image, enum scheme scheme,
		   enum kernel kernel, const struct kv_keyring *keyring, int *ret_code,
		   struct err *err)
{
	const struct verdict_assumptions assumptions = {
		.not_frozen = attempt->part == PART_NOT_FROZEN,
		.not_exclusive = attempt->part == PART_NOT_EXCLUSIVE,
	};
	struct scheme_contents contents;
	struct kv_answer answer = {0};
	int rc;

	scheme_begin(&contents, image);
	rc = verdict_ask(&(struct verdict_load){&contents, scheme, buf_view(&image->sig[scheme]),
						kernel, keyring, assumptions},
			 &answer, err);
	if (rc)
		return rc;
	*ret_code = answer.code;
	if (scheme == SCHEME_INSNS && (!answer.code || attempt->part == PART_NOT_FROZEN))
		*ret_code = run_checked(attempt, kernel);
	return 0;
}

/*
 * The embedded run-time part tries the signatures in this order (docs/run-time.md). What is loaded
 * decides; else the first answer that tells: not E2BIG, and not a kernel's answer to folded that
 * checks instructions alone.
 */
static int predict(const struct attempt *attempt, const struct image *image, enum kernel kernel,
		   const struct kv_keyring *keyring, int *ret_code, const char **ret_as,
		   struct err *err)
{
	static const enum scheme ways[] = {SCHEME_CHAIN, SCHEME_FOLDED, SCHEME_INSNS};
	int first = -E2BIG;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		bool tells = ways[i] != SCHEME_FOLDED || verdict_takes(kernel, SCHEME_FOLDED);
		int code, rc;

		rc = ask_way(attempt, image, ways[i], kernel, keyring, &code, err);
		if (rc)
			return rc;
		if (!code || (ways[i] == SCHEME_INSNS && code == -EINVAL &&
			      !kernel_rules(kernel)->folds_maps)) {
			first = code;
			*ret_as = scheme_name(ways[i]);
			break;
		}
		if (first == -E2BIG && tells)
			first = code;
	}
	*ret_code = first;
	return 0;
}

/* The errno that a reason begins with, or all of it. */
static const char *reason(int code, bool is_old)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{-EPERM, "EPERM"},     {-E2BIG, "E2BIG"},
		{-EACCES, "EACCES"},   {-EINVAL, "EINVAL"},
		{-EBADMSG, "EBADMSG"}, {-ENOKEY, "ENOKEY"},
		{-ENOPKG, "ENOPKG"},   {-EKEYREJECTED, "EKEYREJECTED"},
	};

	if (is_old)
		return "this kernel verifies no signatures";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	return "the kernel refused the loader, and errno says why";
}

static void print(const struct attempt *attempt, int code, const char *as, const char *why)
{
	printf("load %d: %s: as %s%s%s%s\n", code, attempt->name, code ? "nothing" : as,
	       *why ? ", " : "", why, code ? "" : ": counters right");
}

/* What follows from the answer CODE to the signatures; AS: the scheme that was accepted. */
static void conclude(const struct attempt *attempt, int code, const char *as, bool is_old)
{
	const char *why = code ? reason(code, is_old) : "";

	if (attempt->part == PART_SIZE) {
		print(attempt, -EPERM, "", "EPERM");
		return;
	}
	if (code && (attempt->mode == MODE_OBSERVE || (attempt->mode == MODE_IF_KNOWN && is_old))) {
		code = 0;
		as = "unsigned";
	}
	if (!code && attempt->part == PART_RODATA)
		print(attempt, -EPERM, "", "EPERM");
	else
		print(attempt, code, as, why);
}

static int predict_attempt(const struct attempt *attempt, struct image *image, enum kernel kernel,
			   const char *folder, struct err *err)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	const struct buf *data = &image->maps[0].value;
	const size_t place = attempt_place(attempt, data->data, data->size);
	int rc = kv_keyring_new(kernel_rules(kernel)->line, &keyring);
	const char *as = "";
	int code = 0;

	if (!rc)
		rc = fill_keyring(keyring, folder, attempt->cert, err);
	if (rc)
		return rc;
	tamper(attempt, image, place);
	rc = predict(attempt, image, kernel, keyring, &code, &as, err);
	tamper(attempt, image, place);
	if (!rc)
		conclude(attempt, code, as, false);
	return rc;
}

/* It makes no exclusive map; and where it is not asked to, it has no room for a signature. */
static void predict_old(const struct attempt *attempt)
{
	bool shown = attempt->part == PART_NOT_EXCLUSIVE;

	conclude(attempt, shown ? -E2BIG : -EINVAL, "", !shown);
}

int main(int argc, char **argv)
{
	_input_ struct input input = {0};
	struct err err = {0};
	kernel_set kernels = 0;
	int rc;

	if (argc != 4) {
		fprintf(stderr, "usage: predict LINE HEADER FOLDER\n");
		return 2;
	}
	for (size_t i = 0; !strcmp(argv[1], "6.17") && i < ARRAY_SIZE(attempts); i++)
		predict_old(&attempts[i]);
	if (!strcmp(argv[1], "6.17"))
		return 0;
	rc = kernel_parse(argv[1], &kernels, &err);
	if (!rc)
		rc = input_file(argv[2], NULL, NULL, NULL, &input, &err);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(attempts); i++)
		rc = predict_attempt(&attempts[i], input_image(&input),
				     (enum kernel)__builtin_ctz(kernels), argv[3], &err);
	if (rc)
		fprintf(stderr, "predict: %s\n", err.text);
	return rc ? 1 : 0;
}
