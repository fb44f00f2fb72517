// SPDX-License-Identifier: BSD-2-Clause
/* The signed image as a file; docs/image.md is the format. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "members.h"

#define MAGIC  \
	"\x89" \
	"BPFS\r\n\x1a"
#define MAGIC_SIZE     8
#define FORMAT_VERSION 1
#define HEAD_SIZE      16
#define RECORD_SIZE    8
#define SIZE_MAX_ALL   (64u << 20)
#define ALIGNMENT      8

#define NAME_CHARS_MAX 63
#define PROGS_MAX      1024

enum type {
	TYPE_NAME = 1,
	TYPE_DATA = 2,
	TYPE_INSNS = 3,
	TYPE_INSNS_CHECKED = 4,
	TYPE_INSNS_HASH = 5,
	TYPE_FOLDED = 16,
	TYPE_CHAIN = 17,
	TYPE_SIG_INSNS = 18,
	TYPE_SIG_INSNS_HASH = 19,
	TYPE_MAP = 32,
	TYPE_PROG = 33,
};
/* Types from here on may be passed over if they are not known. */
#define TYPE_OPTIONAL 0x80000000u

static const enum type type_of_scheme[SCHEME_NR] = {
	[SCHEME_FOLDED] = TYPE_FOLDED,
	[SCHEME_CHAIN] = TYPE_CHAIN,
	[SCHEME_INSNS] = TYPE_SIG_INSNS,
	[SCHEME_INSNS_HASH] = TYPE_SIG_INSNS_HASH,
};

/* What a map is for user space. */
enum kind {
	KIND_OTHER,
	KIND_RODATA,
	KIND_DATA,
	KIND_BSS,
	KIND_KCONFIG,
	KIND_PERCPU,
};

/* How a program is attached. */
enum way {
	WAY_NONE,
	WAY_RAW_TRACEPOINT,
	WAY_TRACING,
	WAY_ITER,
	WAY_SECTION,
	WAY_UNSUPPORTED,
};

static enum kind kind_of(const struct skel_map *map)
{
	if (!map->mapped)
		return KIND_OTHER;
	if (map->percpu)
		return KIND_PERCPU;
	if (map->read_only)
		return strcmp(map->ident, "kconfig") ? KIND_RODATA : KIND_KCONFIG;
	return strncmp(map->ident, "bss", 3) ? KIND_DATA : KIND_BSS;
}

static enum way way_of(enum skel_attach attach)
{
	switch (attach) {
	case SKEL_ATTACH_NONE:
		return WAY_NONE;
	case SKEL_ATTACH_RAW_TRACEPOINT:
		return WAY_RAW_TRACEPOINT;
	case SKEL_ATTACH_TRACING:
		return WAY_TRACING;
	case SKEL_ATTACH_ITER:
		return WAY_ITER;
	case SKEL_ATTACH_UNSUPPORTED:
		return WAY_UNSUPPORTED;
	default:
		return WAY_SECTION;
	}
}

bool image_file_is(struct view bytes)
{
	return view_equal(view_head(bytes, MAGIC_SIZE), view_lit(MAGIC));
}

void image_file_free(struct image_file *file)
{
	image_free(&file->image);
	skel_free(&file->skel);
	*file = (struct image_file){.size = 0};
}

/* --- write --- */

static void put_number(struct buf *out, bool big, uint32_t number)
{
	uint8_t bytes[4];

	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(number >> 8 * (big ? 3 - i : i));
	buf_add(out, bytes, sizeof(bytes));
}

/* A record of up to three parts. */
static void put_record(struct buf *out, bool big, enum type type, struct view a, struct view b,
		       struct view c)
{
	put_number(out, big, type);
	put_number(out, big, (uint32_t)(a.size + b.size + c.size));
	buf_add_view(out, a);
	buf_add_view(out, b);
	buf_add_view(out, c);
	buf_space(out, -out->size % ALIGNMENT);
}

/* TEXT with its NUL; NULL: nothing. */
static struct view string_view(const char *text)
{
	return text ? view_of(text, strlen(text) + 1) : view_lit("");
}

static void put_bytes(struct buf *out, bool big, enum type type, const struct buf *bytes)
{
	if (bytes->data)
		put_record(out, big, type, buf_view(bytes), view_lit(""), view_lit(""));
}

/* A record that begins with NR numbers. */
static void put_named(struct buf *out, bool big, enum type type, const uint32_t *list, size_t nr,
		      const char *name, const char *target)
{
	_buf_ struct buf numbers = {0};

	for (size_t i = 0; i < nr; i++)
		put_number(&numbers, big, list[i]);
	out->failed |= numbers.failed;
	put_record(out, big, type, buf_view(&numbers), string_view(name), string_view(target));
}

static void put_names(struct buf *out, bool big, const struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++) {
		const struct skel_map *map = &skel->maps[i];

		put_named(out, big, TYPE_MAP,
			  (uint32_t[]){kind_of(map), map->mapped ? (uint32_t)map->value.size : 0,
				       map->pinned},
			  3, map->ident, NULL);
	}
	for (size_t i = 0; i < skel->nr_progs; i++) {
		const struct skel_prog *prog = &skel->progs[i];

		if (!prog->skipped)
			put_named(out, big, TYPE_PROG,
				  (uint32_t[]){way_of(prog->attach),
					       (uint32_t)strlen(prog->ident) + 1},
				  2, prog->ident, prog->target);
	}
}

int image_file_write(const struct image *image, const struct skel *skel, bool big, struct buf *ret,
		     size_t at[IMAGE_PART_NR], struct err *err)
{
	_buf_ struct buf out = {0}, size = {0};
	_image_file_ struct image_file check = {.size = 0};
	int rc;

	buf_add_view(&out, view_lit(MAGIC));
	put_number(&out, big, FORMAT_VERSION);
	put_number(&out, big, 0); /* the size, below */
	put_record(&out, big, TYPE_NAME, string_view(skel->name), view_lit(""), view_lit(""));
	put_bytes(&out, big, TYPE_DATA, &image->maps[0].value);
	put_bytes(&out, big, TYPE_INSNS, &image->insns);
	if (image->sig[SCHEME_INSNS].data)
		put_bytes(&out, big, TYPE_INSNS_CHECKED, &image->insns_checked);
	if (image->sig[SCHEME_INSNS_HASH].data)
		put_bytes(&out, big, TYPE_INSNS_HASH, &image->insns_hash);
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		put_bytes(&out, big, type_of_scheme[scheme], &image->sig[scheme]);
	put_names(&out, big, skel);
	put_number(&size, big, (uint32_t)out.size);
	rc = buf_done(&out, err) ?: buf_done(&size, err);
	if (rc)
		return rc;
	memcpy(out.data + MAGIC_SIZE + 4, size.data, size.size);
	rc = image_file_parse(buf_view(&out), &check, err);
	if (rc)
		return rc;
	if (at)
		memcpy(at, check.at, sizeof(check.at));
	*ret = buf_take(&out);
	return 0;
}

/* --- read --- */

struct reader {
	struct view bytes; /* of the image */
	size_t size;	   /* of the image, by its head */
	bool big;
	size_t at;     /* of the record */
	uint32_t type; /* of the record; 0 after the last */
	struct view payload;
	struct image_file *file;
	struct err *err;
};

/* The number at OFFSET, which is inside BYTES. */
static uint32_t number_at(struct view bytes, bool big, size_t offset)
{
	uint32_t number = 0;

	for (size_t i = 0; i < 4; i++)
		number |= (uint32_t)bytes.data[offset + i] << 8 * (big ? 3 - i : i);
	return number;
}

static uint32_t number_of(const struct reader *r, size_t offset)
{
	return number_at(r->payload, r->big, offset);
}

/* An error about byte OFFSET of the payload. */
#define refuse(r, offset, ...) \
	err_at((r)->err, -EBADMSG, (r)->at + RECORD_SIZE + (offset), __VA_ARGS__)

/* Whether the NUL that ends BYTES is the only one, and something comes before it. */
static bool is_string(struct view bytes)
{
	return bytes.size >= 2 &&
	       memchr(bytes.data, '\0', bytes.size) == bytes.data + bytes.size - 1;
}

static int take_name(struct reader *r, size_t offset, struct view bytes, size_t max, char **ret)
{
	if (!is_string(bytes) || bytes.size > max + 1 ||
	    !members_is_identifier(view_head(bytes, bytes.size - 1)))
		return refuse(r, offset,
			      "expected an identifier of C of up to %zu characters and a NUL", max);
	*ret = view_strdup(view_head(bytes, bytes.size - 1));
	return *ret ? 0 : err_nomem(r->err);
}

/* The record's type and payload are set; r->type is 0 at the end. */
static int read_record(struct reader *r)
{
	const size_t next = r->at + (r->type ? RECORD_SIZE + r->payload.size : 0);
	const size_t padding = -next % ALIGNMENT, at = next + padding;
	const uint32_t before = r->type;
	struct view head = view_sub(r->bytes, at, RECORD_SIZE);
	uint32_t size;

	for (size_t i = next; i < at; i++) {
		if (r->bytes.data[i])
			return err_at(r->err, -EBADMSG, i, "expected zeros after a record");
	}
	r->at = at;
	r->type = 0;
	if (at == r->bytes.size)
		return 0;
	size = head.data ? number_at(head, r->big, 4) : 0;
	/* both are multiples of 8, so the padding is inside, too */
	if (!head.data || size > r->bytes.size - at - RECORD_SIZE)
		return err_at(r->err, -EBADMSG, at,
			      "a record of %u bytes is longer than the rest of the image", size);
	r->type = number_at(head, r->big, 0);
	r->payload = view_sub(r->bytes, at + RECORD_SIZE, size);
	if (r->type > before || (r->type == before && (before == TYPE_MAP || before == TYPE_PROG)))
		return 0;
	return err_at(r->err, -EBADMSG, at, "a record of type %u cannot follow one of type %u",
		      r->type, before);
}

/* The payload, which is PART, into RET. */
static int take_bytes(struct reader *r, size_t max, enum image_part part, struct buf *ret)
{
	if (!r->payload.size || r->payload.size > max)
		return refuse(r, 0, "a record of type %u has %zu bytes: expected 1 to %zu", r->type,
			      r->payload.size, max);
	r->file->at[part] = r->at + RECORD_SIZE;
	buf_add_view(ret, r->payload);
	return buf_done(ret, r->err);
}

static int take_data(struct reader *r)
{
	_buf_ struct buf value = {0};

	return take_bytes(r, IMAGE_SIZE_MAX, IMAGE_PART_DATA, &value)
		       ?: image_add_map(&r->file->image, "__loader.map", &value,
					(uint32_t)value.size, 1, r->err);
}

/* Instructions of a form, which is PART, with the limits of the first. */
static int take_insns(struct reader *r, enum image_part part, struct buf *ret)
{
	struct image *image = &r->file->image;
	_buf_ struct buf insns = {0}, first = buf_take(&image->insns);
	int rc = take_bytes(r, IMAGE_SIZE_MAX, part, &insns)
			 ?: image_set_insns(image, &insns, r->err);

	if (rc)
		return err_prefix(r->err, "offset %zu", r->at);
	if (ret == &image->insns)
		return 0;
	*ret = buf_take(&image->insns);
	image->insns = buf_take(&first);
	return 0;
}

/* --- names --- */

/* A short file must not ask for more memory than the longest. */
static size_t values_size(const struct skel *skel)
{
	size_t size = 0;

	for (size_t i = 0; i < skel->nr_maps; i++)
		size += skel->maps[i].value.size;
	return size;
}

static int take_map(struct reader *r)
{
	struct skel *skel = &r->file->skel;
	struct skel_map *map, *maps;
	uint32_t kind, size, pinned;
	int rc;

	if (r->payload.size < 12)
		return refuse(r, 0, "a map has %zu bytes: expected more than 12", r->payload.size);
	if (skel->nr_maps == IMAGE_MAPS_MAX)
		return refuse(r, 0, "more than %d maps", IMAGE_MAPS_MAX);
	maps = reallocarray(skel->maps, skel->nr_maps + 1, sizeof(*maps));
	if (!maps)
		return err_nomem(r->err);
	skel->maps = maps;
	map = &maps[skel->nr_maps];
	kind = number_of(r, 0);
	size = number_of(r, 4);
	pinned = number_of(r, 8);
	*map = (struct skel_map){
		.mapped = kind != KIND_OTHER,
		.read_only = kind == KIND_RODATA || kind == KIND_KCONFIG,
		.percpu = kind == KIND_PERCPU,
		.pinned = pinned,
		.mmap_size = skel_mmap_size(size),
	};
	rc = take_name(r, 12, view_sub(r->payload, 12, r->payload.size - 12), MEMBERS_NAME_MAX,
		       &map->ident);
	if (rc)
		return rc;
	skel->nr_maps++;
	if (kind_of(map) != kind)
		return refuse(r, 0, "map %s cannot be of kind %u", map->ident, kind);
	if (kind == KIND_OTHER ? size : !size || size > IMAGE_SIZE_MAX - values_size(skel))
		return refuse(r, 4,
			      "the variables of map %s cannot have %u bytes: expected at least 1, "
			      "at most %zu in all maps, and 0 where there are none",
			      map->ident, size, IMAGE_SIZE_MAX);
	if (pinned > 1)
		return refuse(r, 8, "expected 0 or 1 for whether map %s is pinned", map->ident);
	/* what they are is in the loader */
	buf_space(&map->value, size);
	return buf_done(&map->value, r->err);
}

/* A section that this tool does not know is in the format nevertheless: readers outlive tools. */
static enum skel_attach section_attach(const char *section)
{
	const enum skel_attach attach = skel_section_attach(view_str(section));

	if (way_of(attach) == WAY_SECTION)
		return attach;
	return skel_is_section(view_str(section)) ? SKEL_ATTACH_UNKNOWN : SKEL_ATTACH_NONE;
}

/* How PROG is attached: by WAY and its target. */
static int take_attach(struct reader *r, size_t offset, uint32_t way, struct skel_prog *prog)
{
	static const enum skel_attach attach[] = {
		[WAY_NONE] = SKEL_ATTACH_NONE,
		[WAY_RAW_TRACEPOINT] = SKEL_ATTACH_RAW_TRACEPOINT,
		[WAY_TRACING] = SKEL_ATTACH_TRACING,
		[WAY_ITER] = SKEL_ATTACH_ITER,
		[WAY_UNSUPPORTED] = SKEL_ATTACH_UNSUPPORTED,
	};
	struct view target = view_sub(r->payload, offset, r->payload.size - offset);

	if (target.size) {
		if (!is_string(target))
			return refuse(r, offset, "expected a string with a NUL");
		prog->target = view_strdup(view_head(target, target.size - 1));
		if (!prog->target)
			return err_nomem(r->err);
	}
	if (way == WAY_SECTION && prog->target)
		prog->attach = section_attach(prog->target);
	else if (way < ARRAY_SIZE(attach))
		prog->attach = attach[way];
	if (way_of(prog->attach) != way ||
	    (prog->attach != SKEL_ATTACH_UNKNOWN && !skel_is_target(prog->attach, prog->target)))
		return refuse(r, 0, "program %s cannot be attached by way %u to this target",
			      prog->ident, way);
	return 0;
}

static int take_prog(struct reader *r)
{
	struct skel *skel = &r->file->skel;
	struct skel_prog *prog, *progs;
	struct view name;
	int rc;

	name = r->payload.size < 8 ? (struct view){NULL, 0}
				   : view_sub(r->payload, 8, number_of(r, 4));
	if (!name.data)
		return refuse(r, 0, "the name of a program is longer than its record");
	if (skel->nr_progs == PROGS_MAX)
		return refuse(r, 0, "more than %d programs", PROGS_MAX);
	progs = reallocarray(skel->progs, skel->nr_progs + 1, sizeof(*progs));
	if (!progs)
		return err_nomem(r->err);
	skel->progs = progs;
	prog = &progs[skel->nr_progs];
	*prog = (struct skel_prog){.attach = SKEL_ATTACH_NONE};
	rc = take_name(r, 8, name, MEMBERS_NAME_MAX, &prog->ident);
	if (rc)
		return rc;
	skel->nr_progs++;
	return take_attach(r, 8 + name.size, number_of(r, 0), prog);
}

/* --- the whole --- */

static int take_record(struct reader *r)
{
	struct image *image = &r->file->image;

	switch (r->type) {
	case TYPE_NAME:
		return take_name(r, 0, r->payload, NAME_CHARS_MAX, &r->file->skel.name);
	case TYPE_DATA:
		return take_data(r);
	case TYPE_INSNS:
		return take_insns(r, IMAGE_PART_INSNS, &image->insns);
	case TYPE_INSNS_CHECKED:
		return take_insns(r, IMAGE_PART_INSNS_CHECKED, &image->insns_checked);
	case TYPE_INSNS_HASH:
		return take_insns(r, IMAGE_PART_INSNS_HASH, &image->insns_hash);
	case TYPE_MAP:
		return take_map(r);
	case TYPE_PROG:
		return take_prog(r);
	}
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (type_of_scheme[scheme] == r->type)
			return take_bytes(r, IMAGE_SIGNATURE_MAX, IMAGE_PART_SIG + scheme,
					  &image->sig[scheme]);
	}
	if (r->type < TYPE_OPTIONAL)
		return err_at(r->err, -EBADMSG, r->at,
			      "unknown type %u of a record: use a newer bpf-chainsign", r->type);
	r->file->has_unknown = true;
	return 0;
}

static int check_whole(const struct image_file *file, struct err *err)
{
	const struct image *image = &file->image;

	if (!file->skel.name || !image->nr_maps || !image->insns.data)
		return err_set(err, -EBADMSG, "an image must have a name, data and instructions");
	if ((image->insns_checked.data && !image->sig[SCHEME_INSNS].data) ||
	    !image->insns_hash.data != !image->sig[SCHEME_INSNS_HASH].data)
		return err_set(
			err, -EBADMSG,
			"a form of the instructions and its signature must be there together");
	return 0;
}

/* Up to the records; there are ROOM bytes for the image, and BYTES are all, or its first. */
static int read_head(struct view bytes, uint64_t room, struct reader *r)
{
	struct view head = view_sub(bytes, 0, HEAD_SIZE);
	uint32_t size;

	if (!image_file_is(bytes) || !head.data)
		return err_at(r->err, -EBADMSG, 0, "expected the first %d bytes of a signed image",
			      HEAD_SIZE);
	r->big = number_at(head, true, MAGIC_SIZE) == FORMAT_VERSION;
	if (!r->big && number_at(head, false, MAGIC_SIZE) != FORMAT_VERSION)
		return err_at(r->err, -EBADMSG, MAGIC_SIZE,
			      "version %u of signed images: use a newer bpf-chainsign",
			      number_at(head, false, MAGIC_SIZE));
	size = number_at(head, r->big, MAGIC_SIZE + 4);
	if (size < HEAD_SIZE || size > SIZE_MAX_ALL || size % ALIGNMENT || size > room)
		return err_at(r->err, -EBADMSG, MAGIC_SIZE + 4,
			      "the image has %u bytes by its head, the file has %llu: it was "
			      "truncated or damaged",
			      size, (unsigned long long)room);
	r->size = size;
	r->bytes = view_head(bytes, size);
	r->at = HEAD_SIZE;
	return 0;
}

int image_file_parse(struct view bytes, struct image_file *ret, struct err *err)
{
	_image_file_ struct image_file file = {.size = 0};
	struct reader r = {.file = &file, .err = err};
	int rc = read_head(bytes, bytes.size, &r);

	if (!rc)
		rc = read_record(&r);
	while (!rc && r.type)
		rc = take_record(&r) ?: read_record(&r);
	if (!rc)
		rc = check_whole(&file, err);
	if (rc)
		return rc;
	file.big = r.big;
	file.size = r.bytes.size;
	*ret = file;
	file = (struct image_file){.size = 0};
	return 0;
}

int image_file_head(struct view bytes, uint64_t room, struct image_file_head *ret, struct err *err)
{
	struct reader r = {.err = err};
	int rc = read_head(bytes, room, &r);
	uint32_t name = 0;
	struct view text;

	if (rc)
		return rc;
	/* the first record */
	r.payload = view_sub(bytes, HEAD_SIZE, RECORD_SIZE);
	if (r.payload.data && number_of(&r, 0) == TYPE_NAME)
		name = number_of(&r, 4);
	text = view_sub(bytes, HEAD_SIZE + RECORD_SIZE, name);
	if (!is_string(text) || HEAD_SIZE + RECORD_SIZE + name > r.size ||
	    name > NAME_CHARS_MAX + 1 || !members_is_name(view_head(text, text.size - 1)))
		return err_at(err, -EBADMSG, HEAD_SIZE, "expected the name of the image");
	*ret = (struct image_file_head){r.size, view_head(text, text.size - 1)};
	return 0;
}
