// SPDX-License-Identifier: BSD-2-Clause
/*
 * loader - recognise, list and seal a loader, for tests/corpus/loaders:
 *
 *	loader list INSNS DATA			print the listing
 *	loader plain|excl|hash INSNS DATA OUT	write the sealed form to OUT.insns and OUT.data
 *	loader view INSNS DATA			print it as libbpf would (view.h)
 *	loader flips INSNS DATA [STEP]		flip each STEPth bit; print those that nothing tells
 *
 * INSNS and DATA are files of raw bytes; DATA "-": INSNS is an object or a light skeleton.
 * Status 1: an unknown loader, or a flip that nothing tells; 3: nothing that could be tried.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/loader_text.h"
#include "base/file.h"
#include "input.h"
#include "view.h"

static int list(const struct image *image)
{
	struct err err = {0};
	char *text = loader_text(image, &err);

	fputs(text ?: err.text, stdout);
	if (!text)
		putchar('\n');
	free(text);
	return text ? 0 : 1;
}

/* Maps of data sections have names that libbpf does not tell. */
static const char *view_name(const struct loader_map *map)
{
	return map->has_value ? "" : map->name;
}

static int view(const struct image *image)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};

	if (read_known(image, &loader, &err))
		return 1;
	for (size_t i = 0; i < loader.nr_maps; i++)
		view_value(stdout, loader.maps[i].name, loader.maps[i].value.data,
			   loader.maps[i].value.size);
	for (size_t i = 0; i < loader.nr_maps; i++) {
		const struct loader_map *map = &loader.maps[i];

		view_map(stdout, view_name(map), map->type, map->key_size, map->value_size,
			 map->max_entries, map->flags);
	}
	for (size_t i = 0; i < loader.nr_progs; i++) {
		const struct loader_prog *prog = &loader.progs[i];
		char *name = view_strdup(prog->full_name);

		view_prog(stdout, name ?: "", prog->type, prog->attach_type,
			  prog->insns.size / IMAGE_INSN_SIZE, prog->flags);
		free(name);
	}
	return 0;
}

static int seal(const struct image *image, const char *form_name, const char *to)
{
	static const char *const forms[] = {"plain", "excl", "hash"};
	_image_ struct image sealed = {0};
	size_t form = 0;
	struct err err = {0};
	char path[4096];
	int rc;

	while (form < ARRAY_SIZE(forms) && strcmp(forms[form], form_name))
		form++;
	if (form == ARRAY_SIZE(forms))
		return 2;
	rc = sealed_copy(image, (enum loader_form)form, &sealed, &err);
	if (!rc) {
		snprintf(path, sizeof(path), "%s.insns", to);
		rc = file_replace(path, buf_view(&sealed.insns), &err);
	}
	if (!rc) {
		snprintf(path, sizeof(path), "%s.data", to);
		rc = file_replace(path, buf_view(&sealed.maps[0].value), &err);
	}
	if (rc)
		printf("%s\n", err.text);
	return rc ? 1 : 0;
}

/* Flip each STEPth bit of PART of IMAGE; counts[0]: refused, [1]: listed differently, [2]: neither.
 */
static void flip_part(const struct image *image, struct buf *part, const char *what,
		      const char *listed, size_t step, size_t counts[3])
{
	for (size_t bit = 0; bit < part->size * 8; bit += step) {
		struct err err = {0};
		char *text;
		int outcome;

		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		text = loader_text(image, &err);
		outcome = !text ? 0 : strcmp(text, listed) ? 1 : 2;
		counts[outcome]++;
		if (outcome == 2)
			printf("not told: %s byte %zu bit %zu\n", what, bit / 8, bit % 8);
		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		free(text);
	}
}

static int flips(struct image *image, size_t step)
{
	struct err err = {0};
	char *listed = loader_text(image, &err);
	size_t insns[3] = {0}, data[3] = {0};

	if (!listed || !step)
		return 3;
	flip_part(image, &image->insns, "insns", listed, step, insns);
	flip_part(image, &image->maps[0].value, "data", listed, step, data);
	printf("insns: %zu refused, %zu listed, %zu not told; data: %zu, %zu, %zu\n", insns[0],
	       insns[1], insns[2], data[0], data[1], data[2]);
	free(listed);
	return insns[2] + data[2] ? 1 : 0;
}

/* FILE (an object or a header), or INSNS DATA; NAME is the object's. Then ARGS. */
int main(int argc, char **argv)
{
	_input_ struct input input = {0};
	struct err err = {0};
	const char *data;
	int rc;

	if (argc < 4)
		return 2;
	data = argv[3];
	if (!strcmp(data, "-"))
		rc = input_file(argv[2], NULL, NULL, NULL, &input, &err);
	else
		rc = input_raw(argv[2], &data, 1, NULL, &input, &err);
	if (rc) {
		printf("%s\n", err.text);
		return 3;
	}
	if (!strcmp(argv[1], "list"))
		return list(input_image(&input));
	if (!strcmp(argv[1], "view"))
		return view(input_image(&input));
	if (!strcmp(argv[1], "flips"))
		return flips(input_image(&input), argc > 4 ? strtoul(argv[4], NULL, 0) : 1);
	if (argc == 5)
		return seal(input_image(&input), argv[1], argv[4]);
	return 2;
}
