// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the tool reads in signed images: dump FILE... prints for each its name, and a line for each
 * field, or "refused". The text is that of tests/image/reader.py, which does not know this code.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "hash.h"
#include "image/image.h"

static int dump_bytes(const char *title, const struct buf *bytes)
{
	uint8_t hash[HASH_SHA256_SIZE];
	char hex[2 * HASH_SHA256_SIZE + 1];
	int rc;

	if (!bytes->data)
		return 0;
	rc = hash_sha256(buf_view(bytes), hash);
	if (!rc)
		printf("%s %zu %s\n", title, bytes->size, hex_string(hex, hash, sizeof(hash)));
	return rc;
}

static int map_kind(const struct skel_map *map)
{
	if (!map->mapped)
		return 0;
	if (map->percpu)
		return 5;
	if (map->read_only)
		return strcmp(map->ident, "kconfig") ? 1 : 4;
	return strncmp(map->ident, "bss", 3) ? 2 : 3;
}

static int way(enum skel_attach attach)
{
	switch (attach) {
	case SKEL_ATTACH_NONE:
		return 0;
	case SKEL_ATTACH_RAW_TRACEPOINT:
		return 1;
	case SKEL_ATTACH_TRACING:
		return 2;
	case SKEL_ATTACH_ITER:
		return 3;
	case SKEL_ATTACH_UNSUPPORTED:
		return 5;
	default:
		return 4;
	}
}

static int dump(const struct image_file *file)
{
	static const char *const signatures[SCHEME_NR] = {
		[SCHEME_FOLDED] = "sig-folded",
		[SCHEME_CHAIN] = "sig-chain",
		[SCHEME_INSNS] = "sig-insns",
		[SCHEME_INSNS_HASH] = "sig-insns-hash",
	};
	const struct image *image = &file->image;
	const struct skel *skel = &file->skel;
	int rc = 0;

	printf("order %s\nname %s\n", file->big ? "big" : "little", skel->name);
	rc |= dump_bytes("data", &image->maps[0].value);
	rc |= dump_bytes("insns", &image->insns);
	rc |= dump_bytes("insns-checked", &image->insns_checked);
	rc |= dump_bytes("insns-hash", &image->insns_hash);
	for (int i = 0; i < SCHEME_NR; i++)
		rc |= dump_bytes(signatures[i], &image->sig[i]);
	for (size_t i = 0; i < skel->nr_maps; i++)
		printf("map %d %zu %d %s\n", map_kind(&skel->maps[i]), skel->maps[i].value.size,
		       skel->maps[i].pinned, skel->maps[i].ident);
	for (size_t i = 0; i < skel->nr_progs; i++)
		printf("program %d %s %s\n", way(skel->progs[i].attach), skel->progs[i].ident,
		       skel->progs[i].target ? skel->progs[i].target : "");
	return rc;
}

static int dump_file(const char *path)
{
	_image_file_ struct image_file file = {.size = 0};
	_buf_ struct buf bytes = {0};
	struct err err = {0};
	int rc = file_read(path, FILE_SIZE_MAX, &bytes, &err);

	printf("file %s\n", path);
	if (rc)
		return rc;
	rc = image_file_parse(buf_view(&bytes), &file, &err);
	if (rc == -ENOMEM)
		return rc;
	if (!rc && file.size == bytes.size)
		return dump(&file);
	puts("refused");
	return 0;
}

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= dump_file(argv[i]);
	return bad ? 1 : 0;
}
