// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every single bit of a signed image, turned over: the image is refused, or its verdict or its
 * listing is another. In a signature alone a bit may say the same: kernels do not look at all of
 * them either, so that their answer stays the same.
 *
 * FLIP_STEP=N tries each Nth bit alone, for tools that take long.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "judge.h"
#include "loader_text.h"
#include "signed_sample.h"

enum told { REFUSED, VERDICT, LISTING, UNTOLD, TOLD_NR };

/* What is known about an image, as inspect and verify would say it. */
struct look {
	enum judge_outcome outcome;
	char *verdict, *listing; /* owned; NULL: refused */
};

static void look_free(struct look *look)
{
	free(look->verdict);
	free(look->listing);
}

#define _look_ _cleanup_(look_free)

/* All signatures are valid for somebody: a lost one is another verdict too. */
static void print_rows(FILE *out, const struct judge_rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct judge_row *row = &rows->list[i];

		fprintf(out, "%s %x %d %d %s\n", scheme_name(row->scheme), row->kernels,
			row->outcome, row->answer.code, row->answer.reason);
	}
}

static void print_skel(FILE *out, const struct skel *skel)
{
	fprintf(out, "name %s\n", skel->name);
	for (size_t i = 0; i < skel->nr_maps; i++) {
		const struct skel_map *map = &skel->maps[i];

		fprintf(out, "map %s %d %d %d %d %zu\n", map->ident, map->mapped, map->read_only,
			map->percpu, map->pinned, map->value.size);
	}
	for (size_t i = 0; i < skel->nr_progs; i++) {
		const struct skel_prog *prog = &skel->progs[i];

		fprintf(out, "program %s %d %s\n", prog->ident, prog->attach, prog->target ?: "");
	}
}

static char *judged(struct image *image, struct loader *loader, struct sample_trust *trust,
		    enum judge_outcome *outcome)
{
	const struct judge_question question = {.keyring = sample_keyring, .arg = trust};
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	struct subject subject;
	struct err err = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	subject_begin(&subject, image, loader);
	CHECK_INT(judge_image(&question, &subject, &rows, &err), 0);
	print_rows(out, &rows);
	fclose(out);
	*outcome = judge_outcome(&rows);
	return text;
}

static char *listed(const struct input *input)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print_loader(out, &input->loader);
	print_skel(out, &input->skel);
	fclose(out);
	return text;
}

/* Look at the image PATH, if it is one whose loader is known and has these names. */
static void look_at(const char *path, struct sample_trust *trust, struct look *ret)
{
	_input_ struct input input = {.big = false};
	struct err err = {0};

	if (input_file(path, NULL, NULL, NULL, &input, &err) || !input.loader.known ||
	    input_differs(&input))
		return;
	ret->listing = listed(&input);
	ret->verdict = judged(&input.image, &input.loader, trust, &ret->outcome);
}

static enum told tell(const struct look *old, const struct look *new)
{
	if (!new->verdict)
		return REFUSED;
	if (strcmp(old->verdict, new->verdict))
		return CHECK(new->outcome != JUDGE_VALID) ? VERDICT : UNTOLD;
	return strcmp(old->listing, new->listing) ? LISTING : UNTOLD;
}

/* The type of the record that byte number AT of an image is in; 0: before the first. */
#define RECORD_TYPES 34
static size_t type_at(const struct buf *bytes, size_t at)
{
	size_t type = 0;

	for (size_t i = 16; i <= at;) {
		const uint8_t *record = &bytes->data[i];
		size_t size = record[4] | (size_t)record[5] << 8 | (size_t)record[6] << 16;

		type = record[0];
		i += 8 + (size + 7) / 8 * 8;
	}
	return type;
}

/* Turn over each STEPth bit of BYTES, and count what becomes of it by the type of its record. */
static void flip_all(const struct buf *bytes, size_t step, size_t counts[RECORD_TYPES][TOLD_NR])
{
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	_look_ struct look old = {.verdict = NULL};
	int fd = memfd_create("image", MFD_CLOEXEC);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK_INT(write(fd, bytes->data, bytes->size), (ssize_t)bytes->size);
	look_at(path, &trust, &old);
	if (!CHECK(old.verdict && old.outcome == JUDGE_VALID))
		printf("# %s\n", old.verdict ?: "refused");
	for (size_t bit = 0; old.verdict && bit < 8 * bytes->size; bit += step) {
		_look_ struct look new = {.verdict = NULL};
		uint8_t byte = bytes->data[bit / 8] ^ (uint8_t)(1u << bit % 8);

		CHECK_INT(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
		look_at(path, &trust, &new);
		CHECK_INT(pwrite(fd, &bytes->data[bit / 8], 1, (off_t)(bit / 8)), 1);
		counts[type_at(bytes, bit / 8)][tell(&old, &new)]++;
	}
	close(fd);
}

TEST(every_bit_of_an_image_is_told)
{
	const scheme_set all = SCHEME_ALL | SCHEME_BIT(SCHEME_INSNS_HASH);
	const char *wanted = getenv("FLIP_STEP");
	const size_t step = wanted ? strtoul(wanted, NULL, 10) : 1;
	size_t counts[RECORD_TYPES][TOLD_NR] = {0}, tried = 0;
	struct err err = {0};
	_made_ struct made made = {.skel = {.name = NULL}};
	_buf_ struct buf bytes = {0};

	NEED_CLANG();
	made_of(&made, "tiny");
	sample_prepare(&made.sample, &(struct prepare_options){.also_hash = true});
	sample_sign(&made.sample, all, "rsa2048");
	made.skel.sealed = true;
	CHECK_INT(image_file_write(&made.sample.image, &made.skel, made.sample.loader.big, &bytes,
				   NULL, &err),
		  0);
	flip_all(&bytes, step, counts);
	for (size_t type = 0; type < RECORD_TYPES; type++) {
		const size_t *n = counts[type];
		const bool is_signature = type >= 16 && type < 20;

		if (!n[REFUSED] && !n[VERDICT])
			continue;
		printf("# type %zu: %zu refused, %zu another verdict, %zu another listing, %zu the same\n",
		       type, n[REFUSED], n[VERDICT], n[LISTING], n[UNTOLD]);
		CHECK(is_signature ? n[UNTOLD] <= n[VERDICT] / 10 + 1 : !n[UNTOLD]);
		tried += n[REFUSED] + n[VERDICT] + n[LISTING] + n[UNTOLD];
	}
	CHECK_INT((long long)tried, (long long)((8 * bytes.size + step - 1) / step));
}

UNIT_MAIN
