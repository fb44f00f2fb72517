// SPDX-License-Identifier: BSD-2-Clause
#include "compare_prog.h"

#include "base/util.h"

struct sides {
	const struct listing *old, *new;
};

/* --- instructions --- */

/* A place that an instruction refers to, by name: a map, a variable in it, and how far in that. */
struct place {
	struct view map, var;
	size_t offset;
};

/* The last variable of VALUES that begins at or before OFFSET of VALUE; NULL: none does. */
static const struct object_value *var_at(const struct object_values *values, struct view value,
					 size_t offset)
{
	size_t low = 0, high = values->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((size_t)(values->list[middle].bytes.data - value.data) <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &values->list[low - 1] : NULL;
}

static bool find_place(const struct listing *listing, const struct loader_prog *prog, size_t insn,
		       struct place *ret)
{
	const struct object_value *var;
	struct loader_ref ref;

	if (!loader_prog_ref(listing->loader, prog, insn, &ref) ||
	    ref.map >= listing->loader->nr_maps)
		return false;
	*ret = (struct place){
		.map = listing_map_name(&listing->loader->maps[ref.map]),
		.offset = ref.offset,
	};
	var = var_at(&listing->values[ref.map], listing->loader->maps[ref.map].value, ret->offset);
	if (!ref.has_offset || !var)
		return true;
	ret->var = view_str(var->name);
	ret->offset -= (size_t)(var->bytes.data - listing->loader->maps[ref.map].value.data);
	return true;
}

/* Whether instruction N and the slot after it load the same place by its names. */
static bool is_same_place(const struct sides *sides, const struct loader_prog *old,
			  const struct loader_prog *new, size_t n)
{
	const size_t at = n * IMAGE_INSN_SIZE, opcode = 4;
	struct place before, after;

	if (!view_equal(view_sub(old->insns, at, opcode), view_sub(new->insns, at, opcode)) ||
	    !view_equal(view_sub(old->insns, at + IMAGE_INSN_SIZE, opcode),
			view_sub(new->insns, at + IMAGE_INSN_SIZE, opcode)) ||
	    !find_place(sides->old, old, n, &before) || !find_place(sides->new, new, n, &after))
		return false;
	return view_equal(before.map, after.map) && view_equal(before.var, after.var) &&
	       before.offset == after.offset;
}

static bool are_same_insns(const struct sides *sides, const struct loader_prog *old,
			   const struct loader_prog *new)
{
	struct place ignored;

	if (old->insns.size != new->insns.size)
		return false;
	for (size_t i = 0; i < old->insns.size / IMAGE_INSN_SIZE; i++) {
		const size_t at = i * IMAGE_INSN_SIZE;
		bool is_ref = find_place(sides->old, old, i, &ignored);

		if (is_ref && !is_same_place(sides, old, new, i))
			return false;
		if (!is_ref && !view_equal(view_sub(old->insns, at, IMAGE_INSN_SIZE),
					   view_sub(new->insns, at, IMAGE_INSN_SIZE)))
			return false;
		i += is_ref;
	}
	return true;
}

/* --- relocations and externs, by their names --- */

/* Relocations that are told; more are counted. */
#define RELOS_MAX 8

/* The relocations of a program, as text, each once. */
struct relos {
	struct buf text;
	struct compare_keys keys; /* into TEXT */
};

static void relos_free(struct relos *relos)
{
	buf_free(&relos->text);
	compare_keys_free(&relos->keys);
}

/* "struct task_struct 0:12"; with the number of its instruction if EXACT. */
static void add_relo(struct buf *out, const struct listing *listing, struct loader_relo relo,
		     bool exact)
{
	object_type_name(listing->types, relo.type, out);
	buf_add_str(out, " ");
	object_string(listing->types, relo.access, out);
	if (relo.kind)
		buf_printf(out, " (kind %u)", relo.kind);
	if (exact)
		buf_printf(out, " in %u", relo.insn);
}

static void read_relos(struct comparer *c, const struct listing *listing,
		       const struct loader_prog *prog, bool exact, struct relos *ret)
{
	size_t nr = listing->types ? prog->nr_core_relos : 0, begin = 0;
	struct view rest;

	*ret = (struct relos){.text.failed = false};
	compare_keys_begin(c, nr, &ret->keys);
	for (size_t i = 0; i < nr; i++) {
		add_relo(&ret->text, listing, loader_prog_relo(listing->loader, prog, i), exact);
		buf_add_str(&ret->text, "\n");
	}
	c->failed |= ret->text.failed;
	rest = c->failed ? (struct view){NULL, 0} : buf_view(&ret->text);
	for (size_t at = 0; at < rest.size; at++) {
		if (rest.data[at] != '\n')
			continue;
		compare_keys_add(&ret->keys, view_sub(rest, begin, at - begin), 0, 0);
		begin = at + 1;
	}
	compare_keys_unique(&ret->keys);
}

/* Relocations that one side lacks. */
struct relo_texts {
	struct buf old, new;
	size_t nr_old, nr_new;
};

static void pair_relos(struct comparer *c, size_t old, size_t new, void *arg)
{
	struct relo_texts *texts = arg;
	struct buf *out = old == COMPARE_NONE ? &texts->new : &texts->old;
	size_t *nr = old == COMPARE_NONE ? &texts->nr_new : &texts->nr_old;

	if (old == new || (*nr)++ >= RELOS_MAX)
		return;
	buf_add_str(out, out->size ? ", " : "");
	buf_add_view(out, c->name);
}

static void count_more(struct buf *out, size_t nr, size_t max)
{
	if (nr > max)
		buf_printf(out, ", and %zu more", nr - max);
}

/* What is relocated: in each instruction if instructions are the SAME, else by the types alone. */
static void compare_relos(struct comparer *c, const struct sides *sides,
			  const struct loader_prog *old, const struct loader_prog *new, bool same)
{
	_cleanup_(relos_free) struct relos before, after;
	struct relo_texts texts = {.nr_old = 0};
	const struct view name = c->name;

	read_relos(c, sides->old, old, same, &before);
	read_relos(c, sides->new, new, same, &after);
	compare_pairs(c, &before.keys, &after.keys, pair_relos, &texts);
	c->name = name;
	count_more(&texts.old, texts.nr_old, RELOS_MAX);
	count_more(&texts.new, texts.nr_new, RELOS_MAX);
	compare_texts(c, "CO-RE relocations", &texts.old, &texts.new);
	compare_numbers(c, "number of CO-RE relocations", old->nr_core_relos, new->nr_core_relos);
}

static const char *extern_subject(const struct loader_extern *ext)
{
	return ext->kind == LOADER_KFUNC ? "kernel function" : "kernel symbol";
}

/* Which names the kernel fills in where: "5: bpf_task_acquire, 9: ..." */
static void add_externs(struct buf *out, const struct loader_prog *prog)
{
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		buf_printf(out, "%s%u: ", i ? ", " : "", ext->insn);
		buf_escape(out, ext->name);
		buf_add_str(out, ext->kind == LOADER_KSYM_ADDR ? " (address)" : "");
		buf_add_str(out, ext->weak ? " (weak)" : "");
	}
}

/* Places of instructions that are told; more are counted. */
#define PLACES_MAX 8

/* "12: counts, 20: step in .rodata" */
static void add_place(struct buf *out, size_t insn, const struct place *place)
{
	buf_printf(out, "%s%zu: ", out->size ? ", " : "", insn);
	if (place->var.size) {
		buf_escape(out, place->var);
		if (place->offset)
			buf_printf(out, " + %zu", place->offset);
		buf_add_str(out, " in ");
	}
	buf_escape(out, place->map);
	if (!place->var.size && place->offset)
		buf_printf(out, " + %zu", place->offset);
}

/* If instructions have the same bytes, but these stand for other maps or variables. */
static void compare_places(struct comparer *c, const struct sides *sides,
			   const struct loader_prog *old, const struct loader_prog *new)
{
	struct buf before = {0}, after = {0};
	size_t nr = 0;

	for (size_t i = 0; i < old->insns.size / IMAGE_INSN_SIZE; i++) {
		struct place was, is;

		if (!find_place(sides->old, old, i, &was) || !find_place(sides->new, new, i, &is))
			continue;
		if (!is_same_place(sides, old, new, i) && nr++ < PLACES_MAX) {
			add_place(&before, i, &was);
			add_place(&after, i, &is);
		}
		i++;
	}
	count_more(&before, nr, PLACES_MAX);
	count_more(&after, nr, PLACES_MAX);
	compare_texts(c, "maps and variables in its instructions", &before, &after);
}

/* If instructions are the same, but not what the kernel fills into them. */
static void compare_filled(struct comparer *c, const struct loader_prog *old,
			   const struct loader_prog *new)
{
	struct buf before = {0}, after = {0};

	add_externs(&before, old);
	add_externs(&after, new);
	compare_texts(c, "kernel names in its instructions", &before, &after);
}

/* --- programs --- */

static void add_funcs(struct buf *out, const struct listing *listing,
		      const struct loader_prog *prog)
{
	for (size_t i = 1; i < loader_prog_nr_funcs(prog) && listing->types; i++) {
		buf_add_str(out, i > 1 ? ", " : "");
		object_func_name(listing->types, loader_prog_func(listing->loader, prog, i).type,
				 out);
	}
}

static void compare_calls(struct comparer *c, const struct sides *sides,
			  const struct loader_prog *old, const struct loader_prog *new)
{
	struct buf before = {0}, after = {0};

	add_funcs(&before, sides->old, old);
	add_funcs(&after, sides->new, new);
	compare_texts(c, "functions that it calls", &before, &after);
}

static void compare_attach(struct comparer *c, const struct sides *sides, size_t old, size_t new)
{
	struct buf before = {0}, after = {0};

	listing_attach(sides->old, old, &before);
	listing_attach(sides->new, new, &after);
	compare_texts(c, "attachment", &before, &after);
}

static void compare_prog(struct comparer *c, const struct sides *sides, size_t i, size_t j)
{
	const struct loader_prog *old = &sides->old->loader->progs[i];
	const struct loader_prog *new = &sides->new->loader->progs[j];
	const bool same = are_same_insns(sides, old, new);

	compare_names(c, "type", NAMES_PROG_TYPE, old->type, new->type);
	compare_names(c, "attach type", NAMES_ATTACH_TYPE, old->attach_type, new->attach_type);
	compare_attach(c, sides, i, j);
	compare_flags(c, NAMES_PROG_FLAG, old->flags, new->flags);
	compare_numbers(c, "device", old->ifindex, new->ifindex);
	compare_views(c, "license", old->license, new->license);
	if (same)
		compare_filled(c, old, new);
	else if (view_equal(old->insns, new->insns))
		compare_places(c, sides, old, new);
	else
		compare_bytes(c, "instructions", "instructions", IMAGE_INSN_SIZE, old->insns,
			      new->insns);
	compare_calls(c, sides, old, new);
	compare_relos(c, sides, old, new, same);
}

/* "xdp, 33 instructions, sha256 ...; attached to ..." */
static void describe_prog(struct comparer *c, const struct listing *listing, size_t n,
			  enum compare_change change)
{
	const struct loader_prog *prog = &listing->loader->progs[n];
	struct buf text = {0};

	compare_add_name(&text, NAMES_PROG_TYPE, prog->type);
	buf_add_str(&text, ", attached to ");
	listing_attach(listing, n, &text);
	buf_add_str(&text, "; ");
	compare_digest(&text, "instructions", IMAGE_INSN_SIZE, prog->insns);
	compare_one(c, change, &text);
}

static void pair_progs(struct comparer *c, size_t old, size_t new, void *arg)
{
	const struct sides *sides = arg;

	if (old == COMPARE_NONE)
		describe_prog(c, sides->new, new, COMPARE_ADDED);
	else if (new == COMPARE_NONE)
		describe_prog(c, sides->old, old, COMPARE_REMOVED);
	else
		compare_prog(c, sides, old, new);
}

static void prog_keys(struct comparer *c, const struct loader *loader, struct compare_keys *ret)
{
	compare_keys_begin(c, loader->nr_progs, ret);
	for (size_t i = 0; i < loader->nr_progs; i++)
		compare_keys_add(ret, listing_prog_name(&loader->progs[i]), 0, i);
}

void compare_progs(struct comparer *c, const struct listing *old, const struct listing *new)
{
	_compare_keys_ struct compare_keys before, after;
	struct sides sides = {old, new};

	c->subject = "program";
	prog_keys(c, old->loader, &before);
	prog_keys(c, new->loader, &after);
	compare_pairs(c, &before, &after, pair_progs, &sides);
}

/* --- kernel functions and symbols --- */

/* The tag of an extern: its kind, and whether it may be missing. */
#define TAG_WEAK 1
static uint32_t extern_tag(const struct loader_extern *ext)
{
	return (uint32_t)ext->kind << 1 | (ext->weak ? TAG_WEAK : 0);
}

static void extern_keys(struct comparer *c, const struct loader *loader, struct compare_keys *ret)
{
	size_t nr = 0;

	for (size_t i = 0; i < loader->nr_progs; i++)
		nr += loader->progs[i].nr_externs;
	compare_keys_begin(c, nr, ret);
	for (size_t i = 0; i < loader->nr_progs; i++) {
		for (size_t j = 0; j < loader->progs[i].nr_externs; j++) {
			const struct loader_extern *ext = &loader->progs[i].externs[j];

			compare_keys_add(ret, ext->name, extern_tag(ext), extern_tag(ext));
		}
	}
	compare_keys_unique(ret);
}

static void pair_externs(struct comparer *c, size_t old, size_t new, _unused_ void *arg)
{
	const size_t tag = old == COMPARE_NONE ? new : old;
	const struct loader_extern ext = {.kind = (enum loader_extern_kind)(tag >> 1)};
	struct buf text = {0};

	if (old == new)
		return;
	c->subject = extern_subject(&ext);
	buf_add_str(&text, tag & TAG_WEAK ? "weak, it may be missing" : "required");
	compare_one(c, old == COMPARE_NONE ? COMPARE_ADDED : COMPARE_REMOVED, &text);
}

void compare_externs(struct comparer *c, const struct listing *old, const struct listing *new)
{
	_compare_keys_ struct compare_keys before, after;

	extern_keys(c, old->loader, &before);
	extern_keys(c, new->loader, &after);
	compare_pairs(c, &before, &after, pair_externs, NULL);
}
