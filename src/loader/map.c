// SPDX-License-Identifier: BSD-2-Clause
/*
 * Maps (gen_loader.c: bpf_gen__map_create, bpf_gen__map_update_elem, bpf_gen__populate_outer_map,
 * bpf_gen__map_freeze; in the order of libbpf.c: bpf_object__create_maps).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/btf.h"
#include "loader/walk.h"

#define CREATE_SIZE _attr_end(map_extra)
#define UPDATE_SIZE _attr_end(flags)
#define FREEZE_SIZE _attr_end(map_fd)

/* The size of an array's key with its padding. */
#define KEY_SIZE 4
#define KEY_ROOM 8

/* Older UAPI headers do not have it. */
#define F_ALL_CPUS 16

/* struct bpf_loader_ctx::flags: the context lies in kernel memory. */
#define SKEL_KERNEL 1

static bool is_map_of_maps(const struct loader_map *map)
{
	return map->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || map->type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* A loader does the same for every map. */
static void note_open(struct walk *w, bool *noted, bool open, bool first)
{
	if (!first && *noted != open)
		walk_fail(w, "the caller to set this either for all maps or for none");
	*noted = open;
}

/* --- creation --- */

static void read_attr(const struct walk *w, struct loader_map *map)
{
	struct view attr = view_sub(w->data, w->blob, CREATE_SIZE);

	map->type = get_u32(attr, offsetof(union bpf_attr, map_type), w->big);
	map->key_size = get_u32(attr, offsetof(union bpf_attr, key_size), w->big);
	map->value_size = get_u32(attr, offsetof(union bpf_attr, value_size), w->big);
	map->max_entries = get_u32(attr, offsetof(union bpf_attr, max_entries), w->big);
	map->flags = get_u32(attr, offsetof(union bpf_attr, map_flags), w->big);
	map->numa_node = get_u32(attr, offsetof(union bpf_attr, numa_node), w->big);
	map->ifindex = get_u32(attr, offsetof(union bpf_attr, map_ifindex), w->big);
	map->btf_key = get_u32(attr, offsetof(union bpf_attr, btf_key_type_id), w->big);
	map->btf_value = get_u32(attr, offsetof(union bpf_attr, btf_value_type_id), w->big);
	map->extra = get_u64(attr, offsetof(union bpf_attr, map_extra), w->big);
	walk_read_name(map->name,
		       view_sub(attr, offsetof(union bpf_attr, map_name), LOADER_NAME_SIZE));
}

/* The attributes must be those that libbpf writes for MAP, to the last byte. */
static size_t take_attr(struct walk *w, const struct loader_map *map)
{
	uint8_t attr[CREATE_SIZE] = {0};

	put_u32(attr + offsetof(union bpf_attr, map_type), map->type, w->big);
	put_u32(attr + offsetof(union bpf_attr, key_size), map->key_size, w->big);
	put_u32(attr + offsetof(union bpf_attr, value_size), map->value_size, w->big);
	put_u32(attr + offsetof(union bpf_attr, max_entries), map->max_entries, w->big);
	put_u32(attr + offsetof(union bpf_attr, map_flags), map->flags, w->big);
	put_u32(attr + offsetof(union bpf_attr, numa_node), map->numa_node, w->big);
	put_u32(attr + offsetof(union bpf_attr, map_ifindex), map->ifindex, w->big);
	put_u32(attr + offsetof(union bpf_attr, btf_key_type_id), map->btf_key, w->big);
	put_u32(attr + offsetof(union bpf_attr, btf_value_type_id), map->btf_value, w->big);
	put_u64(attr + offsetof(union bpf_attr, map_extra), map->extra, w->big);
	memcpy(attr + offsetof(union bpf_attr, map_name), map->name, LOADER_NAME_SIZE);
	return walk_take_bytes(w, attr, sizeof(attr));
}

/* if (context.maps[INDEX].max_entries) attr.max_entries = it */
static void walk_open_size(struct walk *w, size_t attr, size_t index)
{
	int from = CTX_MAPS + CTX_MAP_SIZE * (int)index + CTX_MAX_ENTRIES;
	bool open = walk_peek(w, 0).code == (BPF_LDX | BPF_MEM | BPF_W);

	note_open(w, &w->loader->open_sizes, open, !index);
	if (!open)
		return;
	w->mode = WALK_DROP;
	walk_want(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_6, from));
	walk_want(w, insn_jump_imm(BPF_JEQ, BPF_REG_0, 0, 3));
	walk_want_pointer(w, BPF_REG_1, attr + offsetof(union bpf_attr, max_entries));
	walk_want(w, insn_store(BPF_W, BPF_REG_1, 0, BPF_REG_0));
	w->mode = WALK_KEEP;
}

/*
 * The name that MAP, number INDEX, has in BTF, if the cut name agrees with it: that of a section
 * follows a piece of the object's name.
 */
static void find_full_name(const struct walk *w, struct loader_map *map, size_t index)
{
	const char *dot = strchr(map->name, '.'), *own = dot ?: map->name;
	struct view name = dot ? btf_section_name(w->loader->btf, map->btf_value, w->big)
			       : btf_map_name(w->loader->btf, index, w->big);
	size_t cut = strlen(own);

	if (name.size < cut || memcmp(name.data ?: (const uint8_t *)"", own, cut))
		return;
	if (name.size == cut || strlen(map->name) == LOADER_NAME_SIZE - 1)
		map->full_name = name;
}

/* Map number INDEX; or, if the next map is a map of maps, the inner map that describes its maps. */
static void walk_create(struct walk *w, struct loader_map *map, size_t index, bool is_inner)
{
	size_t attr;

	w->step = is_inner ? "creating an inner map" : "creating a map";
	attr = take_attr(w, map);
	map->max_entries_at = attr + offsetof(union bpf_attr, max_entries);
	if (map->btf_value) {
		if (!w->loader->btf.size)
			walk_fail_data(w, attr, "no type ids, because no BTF is loaded");
		walk_stack_to_blob(w, attr + offsetof(union bpf_attr, btf_fd), STACK_BTF);
	}
	if (is_map_of_maps(map))
		walk_stack_to_blob(w, attr + offsetof(union bpf_attr, inner_map_fd), STACK_INNER);
	if (!is_inner)
		walk_open_size(w, attr, index);
	walk_sys_bpf(w, BPF_MAP_CREATE, attr, CREATE_SIZE);
	walk_want_error_jump(w);
	if (is_inner) {
		walk_want_stack(w, insn_store(BPF_W, BPF_REG_10, STACK_INNER, BPF_REG_7));
		return;
	}
	walk_want_pointer(w, BPF_REG_1, index * 4);
	walk_want(w, insn_store(BPF_W, BPF_REG_1, 0, BPF_REG_7));
	if (is_map_of_maps(map))
		walk_close_stack(w, STACK_INNER);
}

/*
 * Whether the next map is an inner one: its file descriptor is kept on the stack, right after the
 * call that creates it, which is the first call from here on.
 */
static bool sees_inner(const struct walk *w)
{
	const size_t create_max = 32;

	for (size_t n = 0; n < create_max; n++) {
		if (insn_equal(walk_peek(w, n), insn_call(BPF_FUNC_sys_bpf)))
			return walk_sees_stack(
				w, n + 3, insn_store(BPF_W, BPF_REG_10, STACK_INNER, BPF_REG_7));
	}
	return false;
}

static void walk_inner(struct walk *w, struct loader_map *outer)
{
	struct loader_map *inner = calloc(1, sizeof(*inner));

	if (!inner) {
		walk_no_memory(w);
		return;
	}
	outer->inner = inner;
	read_attr(w, inner);
	w->step = "creating an inner map";
	if (is_map_of_maps(inner))
		walk_fail_data(w, w->blob, "a map that is not itself a map of maps");
	walk_create(w, inner, 0, true);
}

/* --- contents --- */

/* if (context.maps[INDEX].initial_value) copy it, from user or kernel memory, over the data's */
static void walk_open_value(struct walk *w, size_t value, size_t size, size_t index)
{
	int from = CTX_MAPS + CTX_MAP_SIZE * (int)index + CTX_VALUE;
	bool open = walk_peek(w, 0).code == (BPF_LDX | BPF_MEM | BPF_DW);
	bool first = true;

	for (size_t i = 0; i < index; i++)
		first = first && !w->loader->maps[i].has_value;
	note_open(w, &w->loader->open_values, open, first);
	if (!open)
		return;
	w->mode = WALK_DROP;
	walk_want(w, insn_load(BPF_DW, BPF_REG_3, BPF_REG_6, from));
	walk_want(w, insn_jump_imm(BPF_JEQ, BPF_REG_3, 0, 8));
	walk_want_pointer(w, BPF_REG_1, value);
	walk_want(w, insn_mov_imm(BPF_REG_2, (int32_t)size));
	walk_want(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_6, CTX_FLAGS));
	walk_want(w, insn_jump_imm(BPF_JSET, BPF_REG_0, SKEL_KERNEL, 2));
	walk_want(w, insn_call(BPF_FUNC_copy_from_user));
	walk_want(w, insn_jump_imm(BPF_JA, 0, 0, 1));
	walk_want(w, insn_call(BPF_FUNC_probe_read_kernel));
	w->mode = WALK_KEEP;
}

/* The value of element 0, of the size that the kernel reads. */
static void walk_value(struct walk *w, struct loader_map *map, size_t index)
{
	bool per_cpu = map->type == BPF_MAP_TYPE_PERCPU_ARRAY;
	uint8_t want[UPDATE_SIZE] = {0};
	size_t value = w->blob, key, attr;

	w->step = "setting a map's value";
	if (map->key_size != KEY_SIZE || (map->type != BPF_MAP_TYPE_ARRAY && !per_cpu))
		walk_fail(w, "a value only for an array");
	map->value = walk_take(w, map->value_size);
	key = walk_take_zeros(w, KEY_SIZE);
	walk_open_value(w, value, map->value_size, index);
	put_u64(want + offsetof(union bpf_attr, flags), per_cpu ? F_ALL_CPUS : 0, w->big);
	attr = walk_take_bytes(w, want, sizeof(want));
	walk_blob_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, map_fd), index * 4);
	walk_rel_store(w, attr + offsetof(union bpf_attr, key), key);
	walk_rel_store(w, attr + offsetof(union bpf_attr, value), value);
	walk_sys_bpf(w, BPF_MAP_UPDATE_ELEM, attr, UPDATE_SIZE);
	walk_want_error_jump(w);
	map->has_value = true;
}

static void walk_freeze(struct walk *w, struct loader_map *map, size_t index)
{
	size_t attr;

	w->step = "freezing a map";
	attr = walk_take_zeros(w, FREEZE_SIZE);
	walk_blob_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, map_fd), index * 4);
	walk_sys_bpf(w, BPF_MAP_FREEZE, attr, FREEZE_SIZE);
	walk_want_error_jump(w);
	map->frozen = true;
}

static void add_slot(struct walk *w, struct loader_map *map, struct loader_slot slot)
{
	struct loader_slot *slots;

	if (w->rc)
		return;
	slots = reallocarray(map->slots, map->nr_slots + 1, sizeof(*slots));
	if (!slots) {
		walk_no_memory(w);
		return;
	}
	map->slots = slots;
	slots[map->nr_slots++] = slot;
}

/* An element of a map of maps, from the array of file descriptors. */
static void walk_slot(struct walk *w, struct loader_map *map, size_t index)
{
	uint8_t want[UPDATE_SIZE] = {0};
	/* next: a copy of 6 slots, a pointer's store of 5, and the load of &fd_array[inner] */
	uint32_t inner = walk_peek_pointer(w, 6 + 5);
	size_t key = w->blob, attr;
	struct view bytes;

	w->step = "setting an element of a map of maps";
	if (map->key_size != KEY_SIZE || map->value_size != 4 || !is_map_of_maps(map))
		walk_fail(w, "an element of a map of maps with 4-byte keys");
	if (inner % 4 || inner / 4 >= index)
		walk_fail(w, "an inner map that was created before");
	bytes = walk_take(w, KEY_SIZE);
	attr = walk_take_bytes(w, want, sizeof(want));
	walk_blob_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, map_fd), index * 4);
	walk_rel_store(w, attr + offsetof(union bpf_attr, key), key);
	walk_rel_store(w, attr + offsetof(union bpf_attr, value), inner);
	walk_sys_bpf(w, BPF_MAP_UPDATE_ELEM, attr, UPDATE_SIZE);
	walk_want_error_jump(w);
	add_slot(w, map, (struct loader_slot){get_u32(bytes, 0, w->big), inner / 4});
}

/* The offset of the next attributes whose map_fd is set: it shows what precedes them. */
static bool sees_map_fd(const struct walk *w, size_t index, size_t *ret_gap)
{
	if (!walk_sees_pointer(w, 0, BPF_REG_2) || walk_peek_pointer(w, 0) != index * 4)
		return false;
	*ret_gap = walk_peek_pointer(w, 3) - w->blob;
	return true;
}

/* The attributes of a value follow the value and its key. */
static bool sees_value(const struct walk *w, size_t index)
{
	size_t gap = 0;

	return walk_peek(w, 0).code == (BPF_LDX | BPF_MEM | BPF_DW) ||
	       (sees_map_fd(w, index, &gap) && gap > KEY_ROOM);
}

/* The kernel's bpf_map_meta_alloc() gets a descriptor that is not a map's. */
static void refuse_without_inner(struct walk *w, const struct loader_map *map)
{
	char name[LOADER_NAME_SIZE * 4];

	if (w->rc)
		return;
	w->loader->explained = true;
	w->rc = err_set(w->err, -EBADMSG,
			"map %s is a map of maps that does not say what its maps look like, so "
			"every kernel refuses to create it: add __array(values, struct ...) to "
			"its definition",
			err_escape(name, sizeof(name), map->name, strlen(map->name)));
}

void walk_map(struct walk *w, size_t index)
{
	struct loader_map *map = &w->loader->maps[index];
	bool has_inner = sees_inner(w);
	size_t gap = 0;

	if (has_inner)
		walk_inner(w, map);
	if (w->rc)
		return;
	read_attr(w, map);
	w->step = "creating a map";
	if (!w->rc)
		find_full_name(w, map, index);
	if (is_map_of_maps(map) && !has_inner)
		refuse_without_inner(w, map);
	if (is_map_of_maps(map) != has_inner)
		walk_fail_data(w, w->blob, "a map of maps to follow the creation of an inner map");
	walk_create(w, map, index, false);
	if (sees_value(w, index))
		walk_value(w, map, index);
	if (map->has_value && sees_map_fd(w, index, &gap) && !gap)
		walk_freeze(w, map, index);
	while (!w->rc && sees_map_fd(w, index, &gap) && gap == KEY_ROOM)
		walk_slot(w, map, index);
}
