// SPDX-License-Identifier: BSD-2-Clause
/*
 * whole_make.c - random headers: loaders that are signed well, with something wrong about them.
 *
 *	whole_make KEYS SEED COUNT FOLDER NAME=OBJECT...
 *
 * Makes loaders of the objects, changes and signs them with the keys in the folder KEYS, and writes
 * to FOLDER:
 *
 *	cases		what the guest loads (whole.h)
 *	ID.lskel.h	the same as a header
 *	list		a line for each: ID, a tab, the certificates of its keyring ("-": none), a
 *tab, "changed" where what it installs was changed before it was signed, else "-", a tab, its
 *schemes, a tab, what it is
 *
 *	whole_make --cut CASES ID NEW
 *
 * Writes case ID of the file CASES alone to the file NEW: a reproducer. Case I of a seed depends on
 *SEED and I alone, but for the random numbers inside ECDSA signatures: it is reproduced from such a
 *copy.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sealed.h"
#include "base/file.h"
#include "base/util.h"
#include "der.h"
#include "hash.h"
#include "lab.h"
#include "loader/loader.h"
#include "scheme.h"
#include "whole_base.h"

#define BASES_MAX	 8
#define RING_MAX	 2
#define SIGNATURE_LARGE	 8192 /* more than that is too large for every kernel that is asked */
#define SIGNATURE_BEYOND 20000

struct bench {
	struct lab lab;
	struct whole_base bases[BASES_MAX];
	const char *names[BASES_MAX];
	uint32_t nr_bases;
};

/* --- a case that is being made --- */

struct made {
	const struct bench *bench;
	const struct whole_base *base;
	struct rng rng;
	struct buf part[WHOLE_PART_NR]; /* data NULL: absent */
	enum lab_key key;
	enum lab_key ring[RING_MAX];
	uint32_t nr_ring;
	scheme_set schemes;
	bool changed; /* what it installs, before it was signed */
	struct buf title;
};

static const enum whole_part sig_parts[SCHEME_NR] = {
	[SCHEME_CHAIN] = WHOLE_SIG_CHAIN,
	[SCHEME_FOLDED] = WHOLE_SIG_FOLDED,
	[SCHEME_INSNS] = WHOLE_SIG_INSNS,
	[SCHEME_INSNS_HASH] = WHOLE_SIG_INSNS_HASH,
};

static const char *const part_names[WHOLE_PART_NR] = {
	[WHOLE_DATA] = "data",
	[WHOLE_INSNS] = "insns",
	[WHOLE_INSNS_CHECKED] = "second insns",
	[WHOLE_INSNS_HASH] = "third insns",
	[WHOLE_EXCL_HASH] = "exclusive hash",
	[WHOLE_EXCL_HASH_CHECKED] = "second exclusive hash",
	[WHOLE_EXCL_HASH_HASH] = "third exclusive hash",
	[WHOLE_SIG_CHAIN] = "chain signature",
	[WHOLE_SIG_FOLDED] = "folded signature",
	[WHOLE_SIG_INSNS] = "insns signature",
	[WHOLE_SIG_INSNS_HASH] = "insns-hash signature",
};

static void made_free(struct made *made)
{
	for (size_t i = 0; i < WHOLE_PART_NR; i++)
		buf_free(&made->part[i]);
	buf_free(&made->title);
}

/* True CHANCE times in 100. */
static bool chance(struct made *made, uint32_t chance)
{
	return rng_below(&made->rng, 100) < chance;
}

/* An index of LIST, whose entries are weights that add up to 100. */
static size_t weighted(struct made *made, const uint8_t *list)
{
	uint32_t at = rng_below(&made->rng, 100);
	size_t i = 0;

	while (at >= list[i])
		at -= list[i++];
	return i;
}

/* BYTES, which may be none, as a part that is there. */
static void set_part(struct made *made, enum whole_part part, struct view bytes)
{
	struct buf new = {0};

	buf_space(&new, 0);
	buf_add_view(&new, bytes);
	made->title.failed |= new.failed;
	buf_free(&made->part[part]);
	made->part[part] = new;
}

static void drop_part(struct made *made, enum whole_part part)
{
	buf_free(&made->part[part]);
}

/* The places of instructions, and of the hashes that go with them. */
static const struct place {
	enum whole_part insns, hash;
} places[] = {
	{WHOLE_INSNS, WHOLE_EXCL_HASH},
	{WHOLE_INSNS_CHECKED, WHOLE_EXCL_HASH_CHECKED},
	{WHOLE_INSNS_HASH, WHOLE_EXCL_HASH_HASH},
};

static int set_hashes(struct made *made)
{
	uint8_t sha256[HASH_SHA256_SIZE];
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(places); i++) {
		if (!made->part[places[i].insns].data)
			continue;
		rc = hash_sha256(buf_view(&made->part[places[i].insns]), sha256);
		set_part(made, places[i].hash, view_of(sha256, sizeof(sha256)));
	}
	return rc;
}

/* One of the places that are taken. */
static const struct place *some_place(struct made *made)
{
	const struct place *place;

	do
		place = &places[rng_below(&made->rng, ARRAY_SIZE(places))];
	while (!made->part[place->insns].data);
	return place;
}

static struct whole_parts parts_of(const struct made *made)
{
	struct whole_parts parts;

	for (size_t i = 0; i < WHOLE_PART_NR; i++)
		parts.list[i] = buf_view(&made->part[i]);
	return parts;
}

/* Data and the first form alone, as an image. */
static int first_image(const struct made *made, struct image *ret, struct err *err)
{
	struct whole_parts parts = parts_of(made);

	parts.list[WHOLE_INSNS_CHECKED] = parts.list[WHOLE_INSNS_HASH] = (struct view){0};
	return whole_image(&parts, ret, err);
}

/* --- choices --- */

static void choose_keys(struct made *made)
{
	static const uint8_t kinds[] = {80, 6, 4, 6, 4};

	made->key = chance(made, 60) ? KEY_RSA2048 : KEY_P256;
	switch (weighted(made, kinds)) {
	case 0:
		made->ring[made->nr_ring++] = made->key;
		break;
	case 1:
		made->ring[made->nr_ring++] = KEY_UNRELATED;
		break;
	case 2:
		break;
	case 3:
		made->ring[made->nr_ring++] = KEY_UNRELATED;
		made->ring[made->nr_ring++] = made->key;
		break;
	default:
		made->ring[made->nr_ring++] = made->key == KEY_P256 ? KEY_RSA2048 : KEY_P256;
		break;
	}
}

/* The forms in their places; the second and the third may be empty (WHOLE_FORM_NR). */
static void choose_forms(struct made *made, enum whole_form forms[ARRAY_SIZE(places)])
{
	static const struct {
		enum whole_form first, second;
	} pairs[] = {
		{WHOLE_PLAIN, WHOLE_CHECKED},	{WHOLE_PLAIN, WHOLE_HASH},
		{WHOLE_PLAIN, WHOLE_FORM_NR},	{WHOLE_UNSEALED, WHOLE_FORM_NR},
		{WHOLE_CHECKED, WHOLE_FORM_NR}, {WHOLE_HASH, WHOLE_FORM_NR},
		{WHOLE_CHECKED, WHOLE_PLAIN},	{WHOLE_HASH, WHOLE_CHECKED},
		{WHOLE_PLAIN, WHOLE_PLAIN},
	};
	static const uint8_t weights[] = {45, 25, 6, 6, 5, 5, 3, 3, 2}, thirds[] = {8, 8, 84};
	size_t pair = weighted(made, weights), third = weighted(made, thirds);

	forms[0] = pairs[pair].first;
	forms[1] = forms[2] = WHOLE_FORM_NR;
	if (made->schemes & SCHEME_BIT(SCHEME_INSNS))
		forms[1] = pairs[pair].second;
	if (made->schemes & SCHEME_BIT(SCHEME_INSNS_HASH))
		forms[2] = (enum whole_form)third;
}

/* All schemes, or "all" of the command line, or any. */
static void choose_schemes(struct made *made)
{
	const scheme_set every = SCHEME_BIT(SCHEME_NR) - 1;
	static const uint8_t kinds[] = {30, 30, 40};

	switch (weighted(made, kinds)) {
	case 0:
		made->schemes = every;
		break;
	case 1:
		made->schemes = SCHEME_ALL;
		break;
	default:
		made->schemes = 1 + rng_below(&made->rng, every);
		break;
	}
}

static void choose(struct made *made)
{
	const struct bench *bench = made->bench;
	uint32_t base = rng_below(&made->rng, bench->nr_bases);
	enum whole_form forms[ARRAY_SIZE(places)];

	made->base = &bench->bases[base];
	choose_schemes(made);
	choose_keys(made);
	choose_forms(made, forms);
	buf_printf(&made->title, "%s", bench->names[base]);
	set_part(made, WHOLE_DATA, buf_view(&made->base->forms[forms[0]].maps[0].value));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (forms[i] == WHOLE_FORM_NR)
			continue;
		set_part(made, places[i].insns, buf_view(&made->base->forms[forms[i]].insns));
		buf_printf(&made->title, "%s%s", i ? "+" : " ", whole_form_name(forms[i]));
	}
}

/* --- changes --- */

static void flip_bit(struct made *made, enum whole_part part)
{
	struct buf *bytes = &made->part[part];
	uint32_t at = bytes->size ? rng_below(&made->rng, (uint32_t)bytes->size) : 0;
	uint32_t bit = rng_below(&made->rng, 8);

	if (!bytes->size)
		return;
	bytes->data[at] ^= 1u << bit;
	buf_printf(&made->title, ", bit %u of byte %u of %s flipped", bit, at, part_names[part]);
}

static void set_byte(struct made *made, enum whole_part part)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct buf *bytes = &made->part[part];
	uint32_t at = bytes->size ? rng_below(&made->rng, (uint32_t)bytes->size) : 0;
	uint8_t value = values[rng_below(&made->rng, ARRAY_SIZE(values))];

	if (!bytes->size)
		return;
	bytes->data[at] = value;
	buf_printf(&made->title, ", byte %u of %s is %u", at, part_names[part], value);
}

static void change_bytes(struct made *made, enum whole_part part)
{
	if (chance(made, 70))
		flip_bit(made, part);
	else
		set_byte(made, part);
}

/* Data one byte, or one element of its alignment, shorter or longer. */
static void resize_data(struct made *made)
{
	struct buf *data = &made->part[WHOLE_DATA];
	size_t by = chance(made, 50) ? 1 : 8;

	if (chance(made, 50) && data->size > by) {
		data->size -= by;
		buf_printf(&made->title, ", data %zu shorter", by);
		return;
	}
	made->title.failed |= !buf_space(data, by);
	buf_printf(&made->title, ", data %zu longer", by);
}

/* A piece of another loader in the place of PART. */
static void swap_part(struct made *made, enum whole_part part)
{
	const struct bench *bench = made->bench;
	uint32_t base = rng_below(&made->rng, bench->nr_bases);
	enum whole_form form = rng_below(&made->rng, WHOLE_FORM_NR);
	const struct image *image = &bench->bases[base].forms[form];

	set_part(made, part, buf_view(part == WHOLE_DATA ? &image->maps[0].value : &image->insns));
	buf_printf(&made->title, ", %s of %s %s", part_names[part], bench->names[base],
		   whole_form_name(form));
}

/* Two of the forms in each other's place. */
static void swap_forms(struct made *made)
{
	struct buf *one = &made->part[some_place(made)->insns];
	struct buf *other = &made->part[some_place(made)->insns];
	struct buf kept = *one;

	*one = *other;
	*other = kept;
	if (one != other)
		buf_printf(&made->title, ", forms in each other's place");
}

/* What is installed, by the rules of the format: a byte of an initial value, or a map's size. */
static void change_listing(struct made *made)
{
	struct buf *data = &made->part[WHOLE_DATA];
	_image_ struct image image = {0};
	_loader_ struct loader loader = {0};
	struct err err = {0};
	const struct loader_map *map;
	size_t at;

	if (first_image(made, &image, &err) || read_known(&image, &loader, &err) ||
	    !loader.nr_maps) {
		change_bytes(made, WHOLE_DATA);
		return;
	}
	map = &loader.maps[rng_below(&made->rng, (uint32_t)loader.nr_maps)];
	if (map->has_value && map->value.size) {
		at = (size_t)(map->value.data - image.maps[0].value.data) +
		     rng_below(&made->rng, (uint32_t)map->value.size);
		data->data[at] ^= 1 + rng_below(&made->rng, 255);
		buf_printf(&made->title, ", value of %s changed", map->name);
		return;
	}
	data->data[map->max_entries_at] = (uint8_t)(1 + rng_below(&made->rng, 64));
	buf_printf(&made->title, ", size of %s changed", map->name);
}

/* Second and third form again, with the hash of the data that there is now. */
static void check_again(struct made *made)
{
	_image_ struct image image = {0};
	struct err err = {0};

	if (first_image(made, &image, &err))
		return;
	for (size_t i = 1; i < ARRAY_SIZE(places); i++) {
		enum loader_form form = chance(made, i == 1 ? 70 : 10) ? LOADER_FORM_EXCL_HASH
								       : LOADER_FORM_HASH;
		_image_ struct image sealed = {0};

		if (!made->part[places[i].insns].data || sealed_copy(&image, form, &sealed, &err))
			continue;
		set_part(made, places[i].insns, buf_view(&sealed.insns));
		buf_printf(&made->title, ", %s made again", part_names[places[i].insns]);
	}
}

/* Change what is signed afterwards: with the right key behind it, the loader itself decides. */
static void change_before(struct made *made)
{
	static const uint8_t kinds[] = {20, 20, 30, 6, 8, 16};

	made->changed = true;
	switch (weighted(made, kinds)) {
	case 0:
		change_bytes(made, WHOLE_DATA);
		break;
	case 1:
		change_listing(made);
		break;
	case 2:
		change_bytes(made, some_place(made)->insns);
		break;
	case 3:
		resize_data(made);
		break;
	case 4:
		swap_part(made, WHOLE_DATA);
		break;
	default:
		swap_part(made, some_place(made)->insns);
		break;
	}
	if (chance(made, 50))
		check_again(made);
}

/* --- signatures --- */

/* Sign the content of SCHEME for the place of PLACE. */
static int sign(struct made *made, enum scheme scheme, enum scheme place, enum lab_key key,
		struct err *err)
{
	const struct lab_sign how = {.key = key};
	_buf_ struct buf content = {0}, signature = {0};
	const struct whole_parts parts = parts_of(made);
	_image_ struct image image = {0};
	int rc = whole_image(&parts, &image, err);

	if (!rc)
		rc = scheme_content_copy(scheme, &image, &content, err);
	if (!rc)
		rc = lab_sign(&made->bench->lab, &how, buf_view(&content), &signature, err);
	if (!rc)
		set_part(made, sig_parts[place], buf_view(&signature));
	return rc;
}

static int sign_all(struct made *made, struct err *err)
{
	for (enum scheme place = 0; place < SCHEME_NR; place++) {
		enum lab_key key = made->key;
		enum scheme scheme = place;
		int rc;

		if (!(made->schemes & SCHEME_BIT(place)))
			continue;
		if (chance(made, 3)) {
			key = KEY_UNRELATED;
			buf_printf(&made->title, ", %s by another key",
				   part_names[sig_parts[place]]);
		}
		if (chance(made, 3)) {
			scheme = rng_below(&made->rng, SCHEME_NR);
			if (scheme == SCHEME_INSNS_HASH && !made->part[WHOLE_INSNS_HASH].data)
				scheme = SCHEME_INSNS;
			buf_printf(&made->title, ", %s is one of %s", part_names[sig_parts[place]],
				   scheme_name(scheme));
		}
		rc = sign(made, scheme, place, key, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* One of the signatures that the case has. */
static enum whole_part some_signature(struct made *made)
{
	enum scheme scheme;

	do
		scheme = rng_below(&made->rng, SCHEME_NR);
	while (!(made->schemes & SCHEME_BIT(scheme)));
	return sig_parts[scheme];
}

static void change_signature(struct made *made)
{
	enum whole_part part = some_signature(made), other = some_signature(made);
	static const uint8_t kinds[] = {30, 20, 15, 20, 15};
	struct buf *sig = &made->part[part];
	size_t size;

	switch (weighted(made, kinds)) {
	case 0:
		change_bytes(made, part);
		return;
	case 1:
		sig->size = rng_below(&made->rng, (uint32_t)sig->size);
		buf_printf(&made->title, ", %s cut to %zu", part_names[part], sig->size);
		return;
	case 2:
		sig->size = 0;
		buf_printf(&made->title, ", %s empty", part_names[part]);
		return;
	case 3:
		size = chance(made, 30)
			       ? SIGNATURE_LARGE
			       : SIGNATURE_LARGE + 1 + rng_below(&made->rng, SIGNATURE_BEYOND);
		if (sig->size < size)
			made->title.failed |= !buf_space(sig, size - sig->size);
		buf_printf(&made->title, ", %s filled up to %zu", part_names[part], size);
		return;
	default:
		if (other == part)
			return;
		set_part(made, part, buf_view(&made->part[other]));
		buf_printf(&made->title, ", %s in the place of the %s", part_names[other],
			   part_names[part]);
		return;
	}
}

static void change_hash(struct made *made)
{
	enum whole_part part = some_place(made)->hash;
	static const uint8_t kinds[] = {35, 25, 20, 20};
	static const size_t sizes[] = {1, 20, 31, 33, 64};
	struct buf *hash = &made->part[part];
	size_t size;

	switch (weighted(made, kinds)) {
	case 0:
		flip_bit(made, part);
		return;
	case 1:
		size = sizes[rng_below(&made->rng, ARRAY_SIZE(sizes))];
		if (size > hash->size)
			made->title.failed |= !buf_space(hash, size - hash->size);
		hash->size = size;
		buf_printf(&made->title, ", %s of %zu bytes", part_names[part], size);
		return;
	case 2:
		hash->size = 0;
		buf_printf(&made->title, ", %s empty", part_names[part]);
		return;
	default:
		drop_part(made, part);
		buf_printf(&made->title, ", no %s", part_names[part]);
		return;
	}
}

/* Change what was signed, as somebody without the key does. */
static void change_after(struct made *made)
{
	static const uint8_t kinds[] = {22, 6, 6, 22, 4, 4, 18, 18};

	switch (weighted(made, kinds)) {
	case 0:
		change_bytes(made, WHOLE_DATA);
		break;
	case 1:
		resize_data(made);
		break;
	case 2:
		swap_part(made, WHOLE_DATA);
		break;
	case 3:
		change_bytes(made, some_place(made)->insns);
		break;
	case 4:
		swap_part(made, some_place(made)->insns);
		break;
	case 5:
		swap_forms(made);
		break;
	case 6:
		change_signature(made);
		break;
	default:
		change_hash(made);
		break;
	}
}

static int make_case(struct made *made, struct err *err)
{
	int rc;

	choose(made);
	if (chance(made, 35))
		change_before(made);
	rc = sign_all(made, err);
	if (!rc)
		rc = set_hashes(made);
	if (rc || !chance(made, 60))
		return rc;
	change_after(made);
	/* Whoever changes the instructions can make the hash fit. */
	if (chance(made, 20)) {
		buf_printf(&made->title, ", hashes fit");
		rc = set_hashes(made);
	}
	if (!rc && chance(made, 15))
		change_after(made);
	return rc ?: buf_done(&made->title, err);
}

/* --- what is written --- */

static void pad(struct buf *file)
{
	if (file->size % WHOLE_ALIGN)
		buf_space(file, WHOLE_ALIGN - file->size % WHOLE_ALIGN);
}

static void add_case(const struct made *made, uint32_t id, struct buf *file)
{
	struct whole_file start = {.magic = WHOLE_MAGIC};
	struct whole_case head = {
		.id = id,
		.nr_maps = (uint32_t)made->base->skel.nr_maps,
		.nr_progs = (uint32_t)made->base->skel.nr_progs,
		.nr_certs = made->nr_ring,
	};
	size_t offset;

	if (!file->size)
		buf_add(file, &start, sizeof(start));
	offset = file->size;
	for (size_t i = 0; i < WHOLE_PART_NR; i++)
		head.size[i] = made->part[i].data ? (uint32_t)made->part[i].size : WHOLE_ABSENT;
	buf_add(file, &head, sizeof(head));
	for (size_t i = 0; i < WHOLE_PART_NR; i++) {
		buf_add_view(file, buf_view(&made->part[i]));
		pad(file);
	}
	for (uint32_t i = 0; i < made->nr_ring; i++) {
		struct view cert = lab_cert(&made->bench->lab, made->ring[i]);
		uint32_t size = (uint32_t)cert.size;

		buf_add(file, &size, sizeof(size));
		buf_add_view(file, cert);
		pad(file);
	}
	if (file->failed)
		return;
	head.bytes = (uint32_t)(file->size - offset);
	memcpy(file->data + offset, &head, sizeof(head));
	memcpy(&start, file->data, sizeof(start));
	start.nr_cases++;
	memcpy(file->data, &start, sizeof(start));
}

static const char *key_name(enum lab_key key)
{
	switch (key) {
	case KEY_RSA2048:
		return "rsa2048";
	case KEY_P256:
		return "p256";
	default:
		return "unrelated";
	}
}

static void add_line(const struct made *made, uint32_t id, struct buf *list)
{
	const char *comma = "";

	buf_printf(list, "%u\t%s", id, made->nr_ring ? "" : "-");
	for (uint32_t i = 0; i < made->nr_ring; i++)
		buf_printf(list, "%s%s", i ? "," : "", key_name(made->ring[i]));
	buf_printf(list, "\t%s\t", made->changed ? "changed" : "-");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!(made->schemes & SCHEME_BIT(scheme)))
			continue;
		buf_printf(list, "%s%s", comma, scheme_name(scheme));
		comma = ",";
	}
	buf_printf(list, "\tby %s: ", key_name(made->key));
	buf_add_view(list, buf_view(&made->title));
	buf_add_str(list, "\n");
}

static int write_file(const char *folder, const char *name, struct view data, struct err *err)
{
	_buf_ struct buf path = {0};
	bool failed;
	FILE *file;

	buf_printf(&path, "%s/%s", folder, name);
	if (!buf_cstr(&path))
		return err_nomem(err);
	/* Thousands of them, for a moment: nothing waits for the disk. */
	file = fopen((const char *)path.data, "w");
	failed = !file || fwrite(data.data, 1, data.size, file) != data.size;
	if (file && fclose(file))
		failed = true;
	return failed ? err_set(err, -EIO, "cannot write %s", (const char *)path.data) : 0;
}

static int write_header(const struct made *made, uint32_t id, const char *folder, struct err *err)
{
	const struct whole_parts parts = parts_of(made);
	_buf_ struct buf text = {0};
	char name[32];
	int rc;

	rc = whole_header(made->base, &parts, &text, err);
	snprintf(name, sizeof(name), "%u.lskel.h", id);
	return rc ?: write_file(folder, name, buf_view(&text), err);
}

static int make_all(const struct bench *bench, uint64_t seed, uint32_t count, const char *folder,
		    struct err *err)
{
	_buf_ struct buf file = {0}, list = {0};
	int rc = 0;

	for (uint32_t id = 1; !rc && id <= count; id++) {
		_cleanup_(made_free) struct made made = {
			.bench = bench,
			.rng = {seed * 0x2545f4914f6cdd1dull + id},
		};

		rc = make_case(&made, err);
		if (!rc)
			rc = write_header(&made, id, folder, err);
		if (rc)
			return err_prefix(err, "case %u", id);
		add_case(&made, id, &file);
		add_line(&made, id, &list);
	}
	rc = buf_done(&file, err) ?: buf_done(&list, err);
	if (!rc)
		rc = write_file(folder, "cases", buf_view(&file), err);
	return rc ?: write_file(folder, "list", buf_view(&list), err);
}

/* --- one case out of many --- */

/* Case ID of FILE, as a file of its own. */
static int cut_case(struct view file, uint32_t id, struct buf *ret, struct err *err)
{
	struct whole_file start = {.magic = WHOLE_MAGIC, .nr_cases = 1};
	size_t at = sizeof(start);

	while (at + sizeof(struct whole_case) <= file.size) {
		struct whole_case head;

		memcpy(&head, file.data + at, sizeof(head));
		if (head.id == id && view_sub(file, at, head.bytes).data) {
			buf_add(ret, &start, sizeof(start));
			buf_add_view(ret, view_sub(file, at, head.bytes));
			return buf_done(ret, err);
		}
		at += head.bytes ?: file.size;
	}
	return err_set(err, -ENOENT, "no case %u", id);
}

static int cut(const char *path, uint32_t id, const char *new, struct err *err)
{
	_buf_ struct buf file = {0}, one = {0};
	int rc = file_read(path, FILE_SIZE_MAX, &file, err);

	if (!rc)
		rc = cut_case(buf_view(&file), id, &one, err);
	return rc ?: file_replace(new, buf_view(&one), err);
}

/* --- the command line --- */

static int open_bench(struct bench *bench, const char *keys, char **objects, int nr,
		      struct err *err)
{
	int rc = lab_open(keys, &bench->lab, err);

	for (int i = 0; !rc && i < nr && bench->nr_bases < BASES_MAX; i++) {
		char *equals = strchr(objects[i], '=');

		if (!equals)
			return err_set(err, -EINVAL, "'%s' is not NAME=OBJECT", objects[i]);
		*equals = '\0';
		bench->names[i] = objects[i];
		rc = whole_base_open(equals + 1, objects[i], &bench->bases[i], err);
		bench->nr_bases++;
	}
	return rc;
}

static void close_bench(struct bench *bench)
{
	for (uint32_t i = 0; i < bench->nr_bases; i++)
		whole_base_close(&bench->bases[i]);
	lab_close(&bench->lab);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct err err = {0};
	int rc;

	if (argc == 5 && !strcmp(argv[1], "--cut")) {
		rc = cut(argv[2], (uint32_t)strtoul(argv[3], NULL, 10), argv[4], &err);
	} else if (argc >= 6) {
		rc = open_bench(&bench, argv[1], argv + 5, argc - 5, &err);
		if (!rc)
			rc = make_all(&bench, strtoull(argv[2], NULL, 0),
				      (uint32_t)strtoul(argv[3], NULL, 0), argv[4], &err);
		close_bench(&bench);
	} else {
		fprintf(stderr,
			"usage: whole_make KEYS SEED COUNT FOLDER NAME=OBJECT... | "
			"whole_make --cut CASES ID NEW\n");
		return 2;
	}
	if (rc)
		fprintf(stderr, "whole_make: %s\n", err.text);
	return rc ? 1 : 0;
}
