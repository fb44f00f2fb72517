// SPDX-License-Identifier: BSD-2-Clause
/*
 * matrix_loads.c - how a program is loaded: its keyring's id, its maps, and the scheme.
 */
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/util.h"
#include "matrix.h"

/* What BPF_MAP_TYPE_ARRAY folds into the content at most, with the instructions of one map. */
#define LARGEST_MAP ((1u << 24) - 1 - 4 * 8)

/* --- what is done to a load once it is signed --- */

static void list_twice(struct lab_load *load)
{
	load->test.nr_chain = 2;
	load->test.chain[1] = 0;
}

static void list_first_again(struct lab_load *load)
{
	load->test.chain[1] = 0;
}

static void list_one(struct lab_load *load)
{
	load->test.nr_chain = 1;
}

static void list_nothing(struct lab_load *load)
{
	load->test.chain[0] = load->test.nr_maps;
}

static void list_swapped(struct lab_load *load)
{
	load->test.chain[0] = 1;
	load->test.chain[1] = 0;
}

static void bind_one(struct lab_load *load)
{
	load->test.fd_array_cnt = 1;
}

static void bind_first_again(struct lab_load *load)
{
	load->test.maps[1].flags |= CASE_MAP_AGAIN;
}

static void thaw_second(struct lab_load *load)
{
	load->test.maps[1].flags &= ~(uint32_t)(CASE_MAP_FROZEN | CASE_MAP_HASHED);
}

static void share_second(struct lab_load *load)
{
	load->test.maps[1].flags &= ~(uint32_t)CASE_MAP_EXCLUSIVE;
}

/* A larger image cannot be made, and need not: its size is refused before its signature is seen. */
static void add_byte(struct lab_load *load)
{
	load->test.maps[0].value_size++;
}

/* One map that stands for both: its content is what the second link of the chain hashes. */
static void forge_chain(struct lab_load *load)
{
	static uint8_t content[2][HASH_SHA256_SIZE];
	const struct image_map *maps = load->image.maps;

	if (hash_array_map(buf_view(&maps[1].value), maps[1].value_size, 1, content[0]) ||
	    hash_array_map(buf_view(&maps[0].value), maps[0].value_size, 1, content[1]))
		abort();
	load->test.nr_chain = 1;
	load->test.maps[0].value_size = sizeof(content);
	load->test.values[0] = view_of(content, sizeof(content));
}

#define NO_FOLDING "6.17 6.18 7.0 7.2 chain"

const struct row load_rows[] = {
	/* 7.3 binds exclusive maps before it has hashed a program that is not signed */
	{"no signature", "0 7.3=EACCES", .unsigned_load = true},
	{"builtin trusted keys instead of the keyring", "ENOKEY", .keyring = -1},
	{"secondary trusted keys instead of the keyring", "ENOKEY", .keyring = 1},
	{"platform keys instead of the keyring", "ENOKEY", .keyring = 2},
	{"a keyring that does not exist", "EINVAL", .keyring = 0x7ffffff0},

	/* --- frozen and exclusive --- */
	{"map not frozen", "0 7.3=EPERM", .maps.not_frozen = true},
	{"map not exclusive", "0 7.3=EPERM", .maps.not_exclusive = true},
	{"map neither frozen nor exclusive", "0 7.3=EPERM",
	 .maps = {.not_frozen = true, .not_exclusive = true}},
	{"the second of two maps not frozen", "0 7.3=EPERM", .maps.nr = 2, .present = thaw_second},
	{"the second of two maps not exclusive", "0 7.3=EPERM", .maps.nr = 2,
	 .present = share_second},
	{"map not frozen, tampered with", "EKEYREJECTED 7.3=EPERM", .maps.not_frozen = true,
	 .signs = SIGNS_OTHER},
	{"map not frozen, empty signature", "EBADMSG 7.3=EINVAL", .maps.not_frozen = true,
	 .edit = be_empty},
	{"map exclusive to another program", "EACCES", .maps.foreign_hash = true},
	{"map exclusive to another program, tampered with", "EKEYREJECTED 7.3=EACCES",
	 .maps.foreign_hash = true, .signs = SIGNS_OTHER},
	{"map exclusive to another program, not frozen", "EACCES",
	 .maps = {.foreign_hash = true, .not_frozen = true}},
	{"map exclusive to another program, empty signature", "EBADMSG 7.3=EACCES",
	 .maps.foreign_hash = true, .edit = be_empty},
	{"map exclusive to another program, 8193 bytes of signature", "EINVAL 7.3=EACCES",
	 .maps.foreign_hash = true, .edit = grow_over_limit},

	/* --- which maps, and in which order --- */
	{"no maps", "0", .maps.none = true},
	{"two maps", "0", .maps.nr = 2},
	{"two maps swapped", "0 7.3=EKEYREJECTED chain=EKEYREJECTED",
	 .maps = {.nr = 2, .swapped = true}},
	{"two maps listed in the other order", "EKEYREJECTED", .lines = "chain", .maps.nr = 2,
	 .present = list_swapped},
	{"a map listed twice that was signed once", "EKEYREJECTED", .lines = "chain",
	 .present = list_twice},
	{"a map listed twice that was signed twice", "0", .lines = "chain",
	 .maps = {.nr = 2, .same = true}, .present = list_first_again},
	{"one map listed where two were signed", "EKEYREJECTED", .lines = "chain", .maps.nr = 2,
	 .present = list_one},
	{"an index of no map", "EBADF", .lines = "chain", .present = list_nothing},
	/* the flaw of the scheme: no difference between a link and a map of 64 bytes */
	{"a forged map of 64 bytes for the two that were signed", "0", .lines = "chain",
	 .maps.nr = 2, .present = forge_chain},
	{"one map bound where two were signed", "EKEYREJECTED", .lines = "7.3", .maps.nr = 2,
	 .present = bind_one},
	{"two maps of the same contents", "0", .maps = {.nr = 2, .same = true}},
	/* what is bound twice counts once */
	{"a map bound twice that was signed twice", "0 7.3=EKEYREJECTED", .lines = "7.3",
	 .maps = {.nr = 2, .same = true}, .present = bind_first_again},

	/* --- which kinds and sizes --- */
	{"odd map size", "0", .maps.size = 13},
	{"odd map size, folded with padding", "EKEYREJECTED", .lines = "7.3", .maps.size = 13,
	 .signs = SIGNS_ODD_SIZE},
	{"odd map size, hashed without padding", "EKEYREJECTED", .lines = "chain", .maps.size = 13,
	 .signs = SIGNS_ODD_SIZE},
	{"hash map", "0 7.3=EINVAL chain=EINVAL", .maps.type = BPF_MAP_TYPE_HASH},
	{"array map per processor", "0 7.3=EINVAL chain=EINVAL",
	 .maps.type = BPF_MAP_TYPE_PERCPU_ARRAY},
	{"hash map that is not frozen", "0 7.3=EINVAL chain=EINVAL",
	 .maps = {.type = BPF_MAP_TYPE_HASH, .not_frozen = true}},
	{"two elements", "0", .lines = NO_FOLDING, .maps = {.entries = 2, .size = 12}},
	{"two elements in a folded map", "524", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps = {.entries = 2, .size = 12}},
	{"two elements, not frozen, in a folded map", "EPERM", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps = {.entries = 2, .size = 12, .not_frozen = true}},
	{"instructions and map of 16 MiB less one byte", "0",
	 .maps = {.size = LARGEST_MAP, .blank = true}},
	/* a larger image is not even read by this tool */
	{"instructions and map of 16 MiB", "E2BIG", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps = {.size = LARGEST_MAP, .blank = true}, .present = add_byte},

	/* --- the scheme of another kernel --- */
	{"insns artefact with maps in fd_array", "EKEYREJECTED", .lines = "7.3",
	 .signs = SIGNS_INSNS},
	{"insns artefact, fd_array_cnt 0", "EACCES", .lines = "7.3", .signs = SIGNS_INSNS,
	 .maps.no_fd_array_cnt = true},
	{"insns artefact in a chain load", "EKEYREJECTED", .lines = "chain", .signs = SIGNS_INSNS},
	{"folded artefact", "EKEYREJECTED", .lines = "6.18 7.0 7.2 chain", .signs = SIGNS_FOLDED},
	{"chain artefact without signature_maps", "EKEYREJECTED", .lines = "6.18 7.0 7.2 7.3",
	 .signs = SIGNS_CHAIN},
	{"chain artefact, loaded as such", "E2BIG", .lines = "6.17 6.18 7.0 7.2 7.3",
	 .loaded = LOADED_AS_CHAIN},
	{"chain artefact, loaded as such, not a signature", "E2BIG", .lines = "6.18 7.0 7.2 7.3",
	 .loaded = LOADED_AS_CHAIN, .edit = be_text},
	{"folded artefact, loaded as such", "EKEYREJECTED", .lines = "6.18 7.0 7.2 chain",
	 .loaded = LOADED_AS_FOLDED},
	/* fd_array is bound before there is a hash of the program to compare with */
	{"insns artefact, fd_array_cnt 1", "EACCES", .lines = "6.18 7.0 7.2 chain",
	 .signs = SIGNS_INSNS, .loaded = LOADED_AS_FOLDED},
	{"insns artefact, fd_array_cnt 1, map not exclusive", "0", .lines = "6.18 7.0 7.2 chain",
	 .signs = SIGNS_INSNS, .loaded = LOADED_AS_FOLDED, .maps.not_exclusive = true},
	{"insns artefact, loaded as such", "0", .lines = "chain", .loaded = LOADED_AS_INSNS},
};

const size_t nr_load_rows = ARRAY_SIZE(load_rows);
