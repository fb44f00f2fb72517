// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_wire.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* --- out --- */

static void put_number(struct buf *out, uint64_t number)
{
	buf_add(out, &number, sizeof(number));
}

static void put_bytes(struct buf *out, struct view bytes)
{
	put_number(out, bytes.size);
	buf_add_view(out, bytes);
}

static void put_text(struct buf *out, const char *text)
{
	put_number(out, text != NULL);
	if (text)
		put_bytes(out, view_str(text));
}

static void put_skel_map(struct buf *out, const struct skel_map *map)
{
	put_text(out, map->ident);
	put_number(out, map->mapped);
	put_number(out, map->read_only);
	put_number(out, map->percpu);
	put_number(out, map->pinned);
	put_bytes(out, buf_view(&map->members));
	put_number(out, map->nr_vars);
	for (size_t i = 0; i < map->nr_vars; i++) {
		put_text(out, map->vars[i].ident);
		put_number(out, map->vars[i].size);
	}
}

void object_wire_encode(struct view insns, const struct skel *skel, struct buf *ret)
{
	put_bytes(ret, insns);
	put_number(ret, skel->nr_maps);
	for (size_t i = 0; i < skel->nr_maps; i++)
		put_skel_map(ret, &skel->maps[i]);
	put_number(ret, skel->pieces);
	put_number(ret, skel->nr_progs);
	for (size_t i = 0; i < skel->nr_progs; i++) {
		put_text(ret, skel->progs[i].ident);
		put_number(ret, skel->progs[i].attach);
		put_text(ret, skel->progs[i].target);
	}
}

/* --- in: the first failure sticks, and everything after it is zero --- */

struct reader {
	struct view rest;
	int rc;
};

static struct view get_view(struct reader *in, uint64_t size)
{
	struct view got = view_sub(in->rest, 0, size);

	if (in->rc || size > in->rest.size) {
		in->rc = in->rc ?: -EBADMSG;
		return (struct view){0};
	}
	in->rest = view_of(in->rest.data + size, in->rest.size - size);
	return got;
}

/* A number of at most MAX. */
static uint64_t get_number(struct reader *in, uint64_t max)
{
	struct view bytes = get_view(in, sizeof(uint64_t));
	uint64_t number = 0;

	if (!in->rc)
		memcpy(&number, bytes.data, sizeof(number));
	if (number <= max)
		return number;
	in->rc = -EBADMSG;
	return 0;
}

static struct buf get_bytes(struct reader *in)
{
	struct view bytes = get_view(in, get_number(in, SIZE_MAX));
	struct buf got = {0};

	buf_add_view(&got, bytes);
	if (got.failed)
		in->rc = -ENOMEM;
	return got;
}

static char *get_text(struct reader *in)
{
	struct view bytes;
	char *text;

	if (!get_number(in, 1))
		return NULL;
	bytes = get_view(in, get_number(in, SIZE_MAX));
	if (in->rc)
		return NULL;
	if (memchr(bytes.data, '\0', bytes.size)) {
		in->rc = -EBADMSG;
		return NULL;
	}
	text = view_strdup(bytes);
	if (!text)
		in->rc = -ENOMEM;
	return text;
}

/* A text that must not be absent. */
static char *get_name(struct reader *in)
{
	char *text = get_text(in);

	if (!text)
		in->rc = in->rc ?: -EBADMSG;
	return text;
}

/* Read a number, into *ret_nr, and allocate a zeroed list of that many elements of SIZE. */
static void *get_list(struct reader *in, size_t size, size_t *ret_nr)
{
	/* Each element takes at least as many bytes as a number, so the input bounds the memory. */
	size_t nr = get_number(in, in->rest.size / sizeof(uint64_t));
	void *list = nr ? calloc(nr, size) : NULL;

	if (nr && !list)
		in->rc = -ENOMEM;
	*ret_nr = list ? nr : 0;
	return list;
}

static void get_insns(struct reader *in, struct image *image, struct err *err)
{
	_buf_ struct buf insns = get_bytes(in);

	if (!in->rc)
		in->rc = image_set_insns(image, &insns, err);
}

static void get_skel_map(struct reader *in, struct skel_map *map)
{
	map->ident = get_name(in);
	map->mapped = get_number(in, 1);
	map->read_only = get_number(in, 1);
	map->percpu = get_number(in, 1);
	map->pinned = get_number(in, 1);
	map->members = get_bytes(in);
	map->vars = get_list(in, sizeof(*map->vars), &map->nr_vars);
	for (size_t i = 0; !in->rc && i < map->nr_vars; i++) {
		map->vars[i].ident = get_name(in);
		map->vars[i].size = get_number(in, UINT32_MAX);
	}
}

static void get_skel(struct reader *in, struct skel *skel)
{
	skel->maps = get_list(in, sizeof(*skel->maps), &skel->nr_maps);
	for (size_t i = 0; !in->rc && i < skel->nr_maps; i++)
		get_skel_map(in, &skel->maps[i]);
	skel->pieces = (unsigned int)get_number(in, SKEL_PIECES_ALL);
	skel->progs = get_list(in, sizeof(*skel->progs), &skel->nr_progs);
	for (size_t i = 0; !in->rc && i < skel->nr_progs; i++) {
		skel->progs[i].ident = get_name(in);
		skel->progs[i].attach = get_number(in, SKEL_ATTACH_NR - 1);
		skel->progs[i].target = get_text(in);
	}
}

int object_wire_decode(struct view wire, struct buf *data, const char *name,
		       struct image *ret_image, struct skel *ret_skel, struct err *err)
{
	struct reader in = {.rest = wire};
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};

	err_set(err, -EBADMSG, "the reply of the process that reads BPF objects is cut off");
	get_insns(&in, &image, err);
	skel.name = strdup(name);
	if (!skel.name)
		in.rc = -ENOMEM;
	get_skel(&in, &skel);
	if (in.rest.size)
		in.rc = in.rc ?: -EBADMSG;
	if (in.rc == -ENOMEM)
		return err_nomem(err);
	in.rc = in.rc ?: object_check(&skel, err);
	if (!in.rc)
		in.rc = image_add_map(&image, "__loader.map", data, (uint32_t)data->size, 1, err);
	if (in.rc)
		return in.rc;
	*ret_image = image;
	*ret_skel = skel;
	image = (struct image){0};
	skel = (struct skel){0};
	return 0;
}
