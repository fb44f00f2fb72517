// SPDX-License-Identifier: BSD-2-Clause
/* The output of the command chain. */
#include <stdio.h>

#include "report/report.h"
#include "report/report_text.h"

static void json_map(struct json *json, const struct image_map *map, const struct hash_link *link,
		     size_t n)
{
	json_object(json, NULL);
	json_number(json, "index", (int64_t)n);
	json_text(json, "name", map->name);
	json_number(json, "value_size", map->value_size);
	json_number(json, "max_entries", map->max_entries);
	json_number(json, "hashed_size",
		    (int64_t)hash_array_map_size(map->value_size, map->max_entries));
	json_hex(json, "sha256", view_of(link->map, HASH_SHA256_SIZE));
	json_hex(json, "h", view_of(link->h, HASH_SHA256_SIZE));
	json_object_end(json);
}

/* The first signer's key id, and all signers. */
static void json_chain_signers(struct json *json, const struct kv_signers *signers)
{
	json_text_or_null(json, "key_id", signers->nr ? signers->list[0].answer.key_id : NULL);
	json_array(json, "signers");
	for (size_t n = 0; n < signers->nr; n++) {
		json_object(json, NULL);
		report_who_json(json, &signers->list[n].answer);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_chain(struct json *json, const char *file, const struct image *image,
		       const struct scheme_chain *chain, const struct signers *signers)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_hex(json, "final", view_of(chain->final, HASH_SHA256_SIZE));
	json_object(json, "program");
	json_number(json, "instructions", (int64_t)(image->insns.size / IMAGE_INSN_SIZE));
	json_number(json, "size", (int64_t)image->insns.size);
	json_hex(json, "sha256", view_of(chain->program, HASH_SHA256_SIZE));
	json_object_end(json);
	json_array(json, "maps");
	for (size_t n = 0; n < image->nr_maps; n++)
		json_map(json, &image->maps[n], &chain->links[n], n);
	json_array_end(json);
	json_array(json, "signatures");
	for (size_t i = 0; i < signers->nr; i++) {
		json_object(json, NULL);
		json_text(json, "scheme", signers->list[i].scheme);
		json_chain_signers(json, &signers->list[i].signers);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}

/* Columns up to the digests: room for the tree, which grows by three characters a level. One map
 * leaves the digest within 80 columns. */
#define TREE_WIDTH(nr_maps) (9 + 3 * (int)(nr_maps))

/* A line of the tree up to its digest, with LABEL indented by INDENT columns. */
static void text_node(struct buf *text, size_t nr_maps, int indent, const char *label,
		      const uint8_t digest[HASH_SHA256_SIZE])
{
	buf_printf(text, "%*s%-*s ", indent, "", TREE_WIDTH(nr_maps) - indent, label);
	buf_hex(text, digest, HASH_SHA256_SIZE);
	buf_add_str(text, "  ");
}

/* h(N) and its parts; the last h is the hash of its map. */
static void text_link(struct buf *text, const struct image *image, const struct scheme_chain *chain,
		      size_t n)
{
	const struct image_map *map = &image->maps[n];
	bool last = n + 1 == image->nr_maps;
	int indent = 3 * (int)n;
	char label[32];

	snprintf(label, sizeof(label), "`- h(%zu)", n);
	text_node(text, image->nr_maps, indent, label, chain->links[n].h);
	if (last)
		buf_printf(text, "= map %zu\n", n);
	else
		buf_printf(text, "sha256(h(%zu) || map %zu)\n", n + 1, n);
	snprintf(label, sizeof(label), "%s- map %zu", last ? "`" : "|", n);
	text_node(text, image->nr_maps, indent + 3, label, chain->links[n].map);
	buf_escape(text, view_str(map->name));
	buf_printf(text, ": array, %u x %u bytes, hashed as %llu\n", map->max_entries,
		   map->value_size,
		   (unsigned long long)hash_array_map_size(map->value_size, map->max_entries));
}

/* "signature folded  by key 9a3f... and key 11bc..." */
static void text_chain_signers(struct buf *text, const struct signers_entry *signer)
{
	buf_printf(text, "signature %-7s by key", signer->scheme);
	if (!signer->signers.nr)
		buf_add_str(text, " (not readable)");
	for (size_t n = 0; n < signer->signers.nr; n++)
		buf_printf(text, "%s %s", n ? " and key" : "",
			   signer->signers.list[n].answer.key_id);
	buf_add_str(text, "\n");
}

static void text_chain(struct buf *text, const char *file, const struct image *image,
		       const struct scheme_chain *chain, const struct signers *signers)
{
	buf_escape(text, view_str(file));
	buf_add_str(text, "\n");
	text_node(text, image->nr_maps, 0, "final", chain->final);
	buf_add_str(text, "sha256(program || h(0))\n");
	text_node(text, image->nr_maps, 0, "|- program", chain->program);
	buf_printf(text, "%zu instructions, %zu bytes\n", image->insns.size / IMAGE_INSN_SIZE,
		   image->insns.size);
	for (size_t n = 0; n < image->nr_maps; n++)
		text_link(text, image, chain, n);
	if (!signers->nr)
		buf_add_str(text, "signatures: none\n");
	for (size_t i = 0; i < signers->nr; i++)
		text_chain_signers(text, &signers->list[i]);
}

void report_chain(struct report_part *part, const char *file, const struct image *image,
		  const struct scheme_chain *chain, const struct signers *signers)
{
	if (part->form.as_json)
		json_chain(&part->json, file, image, chain, signers);
	else if (!part->form.quiet)
		text_chain(&part->text, file, image, chain, signers);
}
