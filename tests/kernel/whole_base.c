// SPDX-License-Identifier: BSD-2-Clause
#include "whole_base.h"

#include <errno.h>
#include <string.h>

#include "../sealed.h"
#include "base/util.h"
#include "hash.h"
#include "input.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "scheme.h"

const char *whole_form_name(enum whole_form form)
{
	static const char *const names[WHOLE_FORM_NR] = {
		[WHOLE_PLAIN] = "plain",
		[WHOLE_CHECKED] = "exclusive",
		[WHOLE_HASH] = "hash-only",
		[WHOLE_UNSEALED] = "unsealed",
	};

	return names[form];
}

int whole_base_open(const char *file, const char *name, struct whole_base *ret, struct err *err)
{
	static const enum loader_form forms[] = {
		[WHOLE_PLAIN] = LOADER_FORM_PLAIN,
		[WHOLE_CHECKED] = LOADER_FORM_EXCL_HASH,
		[WHOLE_HASH] = LOADER_FORM_HASH,
	};
	_input_ struct input input = {0};
	int rc = input_file(file, name, NULL, NULL, &input, err);

	if (!rc && input.kind != INPUT_OBJECT)
		rc = err_set(err, -EINVAL, "%s is not an object", file);
	for (size_t i = 0; !rc && i < WHOLE_UNSEALED; i++)
		rc = sealed_copy(&input.image, forms[i], &ret->forms[i], err);
	if (rc)
		return rc;
	ret->forms[WHOLE_UNSEALED] = input.image;
	input.image = (struct image){0};
	ret->skel = input.skel;
	input.skel = (struct skel){0};
	return 0;
}

void whole_base_close(struct whole_base *base)
{
	for (size_t i = 0; i < WHOLE_FORM_NR; i++)
		image_free(&base->forms[i]);
	skel_free(&base->skel);
}

int whole_image(const struct whole_parts *parts, struct image *ret, struct err *err)
{
	const struct view *list = parts->list;
	_buf_ struct buf code = {0}, value = {0};
	int rc;

	buf_add_view(&code, list[WHOLE_INSNS]);
	buf_add_view(&value, list[WHOLE_DATA]);
	rc = image_set_insns(ret, &code, err);
	if (!rc)
		rc = image_add_map(ret, "__loader.map", &value, (uint32_t)list[WHOLE_DATA].size, 1,
				   err);
	buf_add_view(&ret->insns_checked, list[WHOLE_INSNS_CHECKED]);
	buf_add_view(&ret->insns_hash, list[WHOLE_INSNS_HASH]);
	return rc ?: buf_done(&ret->insns_checked, err) ?: buf_done(&ret->insns_hash, err);
}

/* --- the header --- */

/* As the writer has bytes in a string literal. */
static void put_bytes(struct buf *out, struct view bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (i % 16 == 0 && i)
			buf_add_str(out, "\\\n");
		buf_printf(out, bytes.data[i] ? "\\x%02x" : "\\0", bytes.data[i]);
	}
}

/* Where TEXT has WHAT, at or behind AT; NULL: nowhere. */
static const uint8_t *find(struct view text, const uint8_t *at, const char *what)
{
	return memmem(at, text.size - (size_t)(at - text.data), what, strlen(what));
}

/* Let the line with WHAT have nothing in it, not even an end. */
static int drop_line(struct buf *text, const char *what, struct err *err)
{
	const uint8_t *at = find(buf_view(text), text->data, what), *end;
	size_t from;

	if (!at)
		return err_set(err, -ENOENT, "the header has no line '%s'", what);
	while (at > text->data && at[-1] != '\n')
		at--;
	end = memchr(at, '\n', text->size - (size_t)(at - text->data));
	from = (size_t)(end + 1 - text->data);
	memmove(text->data + (at - text->data), end + 1, text->size - from);
	text->size -= from - (size_t)(at - text->data);
	return 0;
}

/*
 * Let the array NAME of *TEXT hold BYTES instead; with data NULL there is no such array, and what
 * MEMBER of the load's options would have been set to is left out.
 */
static int replace_array(struct buf *text, const char *name, const char *member, struct view bytes,
			 struct err *err)
{
	_buf_ struct buf out = {0}, what = {0};
	const uint8_t *at, *start, *end;
	int rc;

	buf_printf(&what, "static const char %s[]", name);
	at = buf_cstr(&what) ? find(buf_view(text), text->data, (const char *)what.data) : NULL;
	start = at ? find(buf_view(text), at, "\"\\\n") : NULL;
	end = start ? find(buf_view(text), start, "\";\n") : NULL;
	if (!end)
		return err_set(err, -ENOENT, "the header has no array %s", name);
	if (bytes.data) {
		buf_add(&out, text->data, (size_t)(start - text->data));
		buf_add_str(&out, "\"\\\n");
		put_bytes(&out, bytes);
		buf_add(&out, end, text->size - (size_t)(end - text->data));
	} else {
		while (at > text->data && at[-1] != '\n')
			at--;
		end += strlen("\";\n");
		buf_add(&out, text->data, (size_t)(at - text->data));
		buf_add(&out, end, text->size - (size_t)(end - text->data));
	}
	rc = buf_done(&out, err);
	if (rc)
		return rc;
	buf_free(text);
	*text = buf_take(&out);
	for (int i = 0; !rc && !bytes.data && i < 2; i++) {
		what.size = 0;
		buf_printf(&what, "opts.%s%s = ", member, i ? "_sz" : "");
		rc = buf_cstr(&what) ? drop_line(text, (const char *)what.data, err)
				     : err_nomem(err);
	}
	return rc;
}

/* An exclusive hash that is not the sha256 of its instructions, which is what the writer wrote. */
static int put_hashes(struct buf *text, const struct whole_parts *parts, struct err *err)
{
	static const struct {
		enum whole_part insns, hash;
		const char *array, *member;
	} forms[] = {
		{WHOLE_INSNS, WHOLE_EXCL_HASH, "opts_excl_hash", "excl_prog_hash"},
		{WHOLE_INSNS_CHECKED, WHOLE_EXCL_HASH_CHECKED, "opts_excl_hash_checked",
		 "excl_prog_hash_checked"},
		{WHOLE_INSNS_HASH, WHOLE_EXCL_HASH_HASH, "opts_excl_hash_hash",
		 "excl_prog_hash_hash"},
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(forms); i++) {
		struct view insns = parts->list[forms[i].insns], hash = parts->list[forms[i].hash];
		uint8_t own[HASH_SHA256_SIZE];

		if (!insns.data)
			continue;
		rc = hash_sha256(insns, own);
		if (!rc && !view_equal(hash, view_of(own, sizeof(own))))
			rc = replace_array(text, forms[i].array, forms[i].member, hash, err);
	}
	return rc;
}

/* What the header says of initial values: those of the data, where the loader can be read. */
static void follow_values(const struct image *image, struct skel_map *maps, size_t nr)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};

	if (read_known(image, &loader, &err) || loader.nr_maps != nr)
		return;
	for (size_t i = 0; i < nr; i++) {
		struct view value = loader.maps[i].value;

		if (loader.maps[i].has_value && value.size == maps[i].value.size)
			memcpy(maps[i].value.data, value.data, value.size);
	}
}

/* The text of the header, and its image as the writer wants it. */
static int start(const struct whole_base *base, struct image *image, struct lskel *ret,
		 struct err *err)
{
	struct skel_map *maps = base->skel.maps;
	_buf_ struct buf kept = {0};
	uint8_t *at;
	int rc;

	for (size_t i = 0; i < base->skel.nr_maps; i++)
		buf_add_view(&kept, buf_view(&maps[i].value));
	rc = buf_done(&kept, err);
	if (rc)
		return rc;
	follow_values(image, maps, base->skel.nr_maps);
	rc = lskel_new(&base->skel, LSKEL_RUNTIME_EMBEDDED, image, ret, err);
	at = kept.data;
	for (size_t i = 0; i < base->skel.nr_maps; i++) {
		if (maps[i].value.size)
			memcpy(maps[i].value.data, at, maps[i].value.size);
		at += maps[i].value.size;
	}
	return rc;
}

static int add_signatures(const struct whole_parts *parts, struct image *image, struct err *err)
{
	static const struct {
		enum scheme scheme;
		enum whole_part part;
	} list[] = {
		{SCHEME_CHAIN, WHOLE_SIG_CHAIN},
		{SCHEME_FOLDED, WHOLE_SIG_FOLDED},
		{SCHEME_INSNS, WHOLE_SIG_INSNS},
		{SCHEME_INSNS_HASH, WHOLE_SIG_INSNS_HASH},
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct buf *sig = &image->sig[list[i].scheme];
		struct view bytes = parts->list[list[i].part];

		if (!bytes.data)
			continue;
		/* There, though it may be empty. */
		buf_reserve(sig, bytes.size ?: 1);
		buf_add_view(sig, bytes);
		if (buf_done(sig, err))
			return -ENOMEM;
	}
	return 0;
}

int whole_header(const struct whole_base *base, const struct whole_parts *parts, struct buf *ret,
		 struct err *err)
{
	_image_ struct image image = {0};
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	int rc = whole_image(parts, &image, err);

	if (!rc)
		rc = start(base, &image, &lskel, err);
	if (!rc)
		rc = add_signatures(parts, &lskel.image, err);
	if (!rc)
		rc = lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &text, err);
	if (!rc)
		rc = put_hashes(&text, parts, err);
	if (!rc)
		*ret = buf_take(&text);
	return rc;
}
