// SPDX-License-Identifier: BSD-2-Clause
/* The listing of a loader as text. Everything in it comes from the file, and may be hostile. */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "hash.h"
#include "report/report_inspect.h"
#include "report/report_terminal.h"
#include "report/report_text.h"

/* How many bytes of contents are shown without --verbose: on separate lines, and after a name. */
#define SHORT_DUMP   64
#define SHORT_INLINE 16

#define DUMP_WIDTH 16

/* The column of names; longer ones move what follows. */
#define NAME_WIDTH 15

const char *report_number(enum names_table table, uint32_t number, char room[REPORT_NUMBER_ROOM])
{
	snprintf(room, REPORT_NUMBER_ROOM, "%u", number);
	return names_of(table, number) ?: room;
}

static const char *check_text(enum loader_check check)
{
	static const char *const texts[] = {
		[LOADER_CHECK_NONE] = "does not check its data (the kernel does)",
		[LOADER_CHECK_HASH_1_7] = "checks the hash of its data (as libbpf 1.7.0 does)",
		[LOADER_CHECK_HASH] = "checks the hash of its data",
		[LOADER_CHECK_EXCL_HASH] =
			"checks that its map is exclusive, and the hash of its "
			"data",
	};

	return texts[check];
}

static bool is_zero(struct view bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i])
			return false;
	}
	return true;
}

/*
 * Whether the bytes between the variables of VALUE, which a list of variables does not show, are
 * zero.
 */
static bool gaps_are_zero(struct view value, const struct object_values *vars)
{
	const uint8_t *at = value.data;

	for (size_t i = 0; i < vars->nr; i++) {
		struct view bytes = vars->list[i].bytes;

		if (!is_zero(view_of(at, (size_t)(bytes.data - at))))
			return false;
		at = bytes.data + bytes.size;
	}
	return is_zero(view_of(at, value.size - (size_t)(at - value.data)));
}

uint64_t report_count_relos(const struct loader *loader)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < loader->nr_progs; i++)
		nr += loader->progs[i].nr_core_relos;
	return nr;
}

/* --- text --- */

/* A list of items, separated by commas, after a label. */
struct items {
	struct buf *out;
	const char *label;
	size_t nr;
};

/* Begin the next item. */
static struct buf *next_item(struct items *items)
{
	if (items->nr++)
		buf_add_str(items->out, ", ");
	else
		buf_printf(items->out, "       %-8s ", items->label);
	return items->out;
}

static void end_items(const struct items *items)
{
	if (items->nr)
		buf_add_str(items->out, "\n");
}

static void text_flags(struct buf *out, enum names_table table, uint32_t flags)
{
	const char *between = "  flags ";

	for (uint32_t bit = 0; bit < 32; bit++) {
		const char *name = names_of(table, bit);

		if (!(flags & 1u << bit))
			continue;
		if (name)
			buf_printf(out, "%s%s", between, name);
		else
			buf_printf(out, "%s0x%x", between, 1u << bit);
		between = ",";
	}
}

/* NAME, padded to WIDTH columns. */
static void text_column(struct buf *out, struct view name, size_t width)
{
	size_t end = out->size + width;

	buf_escape(out, name);
	if (out->size < end)
		buf_printf(out, "%*s", (int)(end - out->size), "");
}

/* If the digest cannot be computed, OUT fails, so that nothing incomplete is printed. */
static void text_digest(const struct report_part *part, struct buf *out, struct view bytes)
{
	uint8_t sha256[HASH_SHA256_SIZE] = {0};

	if (hash_sha256(bytes, sha256))
		out->failed = true;
	buf_add_str(out, "sha256 ");
	if (part->form.verbose) {
		buf_hex(out, sha256, sizeof(sha256));
	} else {
		buf_hex(out, sha256, REPORT_SHORT_DIGITS / 2);
		buf_add_str(out, "...");
	}
}

/* In lines of 79 columns. */
static void text_dump(struct buf *out, struct view bytes)
{
	for (size_t at = 0; at < bytes.size; at += DUMP_WIDTH) {
		size_t nr = bytes.size - at < DUMP_WIDTH ? bytes.size - at : DUMP_WIDTH;

		buf_printf(out, "    %06zx ", at);
		for (size_t i = 0; i < DUMP_WIDTH; i++) {
			if (i < nr)
				buf_printf(out, " %02x", bytes.data[at + i]);
			else
				buf_add_str(out, "   ");
		}
		buf_add_str(out, "  |");
		for (size_t i = 0; i < nr; i++) {
			uint8_t c = bytes.data[at + i];

			buf_printf(out, "%c", c >= ' ' && c <= '~' ? c : '.');
		}
		buf_add_str(out, "|\n");
	}
}

static void text_contents(const struct report_part *part, struct buf *out, struct view value)
{
	size_t size = value.size;

	buf_printf(out, "       %zu bytes%s\n", size, is_zero(value) ? ", all zero" : ":");
	if (is_zero(value))
		return;
	if (!part->form.verbose && size > SHORT_DUMP)
		size = SHORT_DUMP;
	text_dump(out, view_of(value.data, size));
	if (size < value.size)
		buf_printf(out, "       ... and %zu more; --verbose shows them\n",
			   value.size - size);
}

/* A value as in C. What is left out of it is shown as bytes, or said to be. */
static void text_c_value(const struct report_part *part, struct buf *out,
			 const struct object_value *var)
{
	buf_printf(out, "       %s = %s", var->name, var->text);
	if (var->partial)
		buf_printf(out,
			   part->form.verbose ? "  (all of its %zu bytes:)"
					      : "  (not all of %zu bytes; see --verbose)",
			   var->bytes.size);
	buf_add_str(out, "\n");
	if (var->partial && part->form.verbose)
		text_dump(out, var->bytes);
}

static void text_variable(const struct report_part *part, struct buf *out,
			  const struct object_value *var)
{
	size_t size = var->bytes.size;

	if (var->text && strcmp(var->text, "{}") != 0) {
		text_c_value(part, out, var);
		return;
	}
	buf_printf(out, "       %s = %zu bytes", var->name, size);
	if (is_zero(var->bytes)) {
		buf_add_str(out, ", all zero\n");
		return;
	}
	buf_add_str(out, ":");
	if (part->form.verbose) {
		buf_add_str(out, "\n");
		text_dump(out, var->bytes);
		return;
	}
	for (size_t i = 0; i < size && i < SHORT_INLINE; i++)
		buf_printf(out, " %02x", var->bytes.data[i]);
	buf_add_str(out, size > SHORT_INLINE ? " ...\n" : "\n");
}

static void text_value(const struct report_part *part, struct buf *out, struct view value,
		       const struct object_values *vars)
{
	for (size_t i = 0; i < vars->nr; i++)
		text_variable(part, out, &vars->list[i]);
	if (!vars->nr || !gaps_are_zero(value, vars))
		text_contents(part, out, value);
}

/* "  LABEL SIZE (TYPE)" */
static void text_size(struct buf *out, const char *label, uint32_t size, struct buf *type)
{
	buf_printf(out, "  %s %u", label, size);
	if (type->size) {
		buf_add_str(out, " (");
		buf_add_view(out, buf_view(type));
		buf_add_str(out, ")");
	}
	out->failed |= type->failed;
}

static void text_attributes(struct buf *out, const struct listing *listing,
			    const struct loader_map *map)
{
	_buf_ struct buf key = {0}, value = {0};
	char type[REPORT_NUMBER_ROOM];

	listing_key_type(listing, map, &key);
	listing_value_type(listing, map, &value);
	text_column(out, listing_map_name(map), NAME_WIDTH);
	buf_printf(out, "  %-16s", report_number(NAMES_MAP_TYPE, map->type, type));
	text_size(out, "key", map->key_size, &key);
	text_size(out, "value", map->value_size, &value);
	buf_printf(out, "  max %u", map->max_entries);
	text_flags(out, NAMES_MAP_FLAG, map->flags);
	if (map->numa_node)
		buf_printf(out, "  NUMA node %u", map->numa_node);
	if (map->ifindex)
		buf_printf(out, "  device %u", map->ifindex);
	if (map->extra)
		buf_printf(out, "  extra %llu", (unsigned long long)map->extra);
	buf_add_str(out, map->frozen ? "  frozen\n" : "\n");
}

/* The kernel's name of a map or program, unless that is the WHOLE name. */
static void text_kernel_name(struct buf *out, struct view whole, const char name[LOADER_NAME_SIZE])
{
	struct view kernel = listing_kernel_name(name);

	if (view_equal(whole, kernel))
		return;
	buf_add_str(out, "       named    ");
	buf_escape(out, kernel);
	buf_add_str(out, " in the kernel\n");
}

/* What the program that runs the loader can change: before the map is loaded, and after. */
static void text_host(struct buf *out, const struct loader *loader, const struct loader_map *map)
{
	const struct listing_host host = listing_host(loader, map);
	const bool sets = host.sets_size || host.sets_value;

	buf_add_str(out, "       host     ");
	if (sets)
		buf_printf(out, "can replace its %s%s%s; ", host.sets_size ? "size" : "",
			   host.sets_size && host.sets_value ? " and " : "",
			   host.sets_value ? "initial value" : "");
	if (host.writes || sets)
		buf_printf(out, "%s write to it, once it is loaded\n",
			   host.writes ? "can" : "cannot");
	else
		buf_add_str(out, "cannot change it\n");
}

static void text_map(const struct report_part *part, struct buf *out, const struct listing *listing,
		     size_t n)
{
	const struct loader_map *map = &listing->loader->maps[n];

	buf_printf(out, "  %2zu  ", n);
	text_attributes(out, listing, map);
	text_kernel_name(out, listing_map_name(map), map->name);
	text_host(out, listing->loader, map);
	if (listing_is_pinned(listing, n))
		buf_add_str(out, "       pinned   by the skeleton's pin(), not by the loader\n");
	if (map->inner) {
		buf_add_str(out, "       of maps like ");
		text_attributes(out, listing, map->inner);
	}
	for (size_t i = 0; i < map->nr_slots; i++) {
		uint32_t slot = map->slots[i].map;

		buf_printf(out, "       [%u] = map %u (", map->slots[i].key, slot);
		buf_escape(out, listing_map_name(&listing->loader->maps[slot]));
		buf_add_str(out, ")\n");
	}
	if (map->has_value)
		text_value(part, out, map->value, &listing->values[n]);
}

static void text_uses(struct buf *out, const struct loader *loader, const struct loader_prog *prog)
{
	struct items maps = {.out = out, .label = "maps"};
	struct items helpers = {.out = out, .label = "helpers"};
	char number[REPORT_NUMBER_ROOM];

	for (size_t i = 0; i < loader->nr_maps; i++) {
		if (prog->maps & (uint64_t)1 << i)
			buf_escape(next_item(&maps), listing_map_name(&loader->maps[i]));
	}
	end_items(&maps);
	for (unsigned int i = 0; i < LOADER_HELPERS_MAX; i++) {
		if (loader_prog_calls(prog, i))
			buf_add_str(next_item(&helpers), report_number(NAMES_HELPER, i, number));
	}
	end_items(&helpers);
}

static void text_externs(struct buf *out, const struct loader_prog *prog, bool functions)
{
	struct items items = {.out = out, .label = functions ? "kfuncs" : "ksyms"};

	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		if (ext->repeated || (ext->kind == LOADER_KFUNC) != functions)
			continue;
		buf_escape(next_item(&items), ext->name);
		if (ext->kind == LOADER_KSYM_ADDR)
			buf_add_str(out, " (address)");
		if (ext->weak)
			buf_add_str(out, " (weak)");
	}
	end_items(&items);
}

/* The other records that a program is loaded with. */
static void text_records(const struct report_part *part, struct buf *out,
			 const struct loader_prog *prog)
{
	const struct {
		const char *name;
		uint32_t nr;
		struct view bytes;
	} records[] = {
		{"func_info", prog->nr_func_info, prog->func_info},
		{"line_info", prog->nr_line_info, prog->line_info},
		{"CO-RE", prog->nr_core_relos, prog->core_relos},
	};

	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		buf_printf(out, "       %-9s %u records, ", records[i].name, records[i].nr);
		text_digest(part, out, records[i].bytes);
		buf_add_str(out, "\n");
	}
}

/* The functions of a program, if there is more than the program itself. */
static void text_funcs(struct buf *out, const struct listing *listing,
		       const struct loader_prog *prog)
{
	struct items items = {.out = out, .label = "calls"};
	size_t nr = loader_prog_nr_funcs(prog);

	for (size_t i = 1; i < nr; i++) {
		struct loader_func func = loader_prog_func(listing->loader, prog, i);
		bool is_static = false;

		next_item(&items);
		if (listing->types)
			is_static = object_func_name(listing->types, func.type, out);
		else
			buf_add_str(out, "?");
		buf_printf(out, " (%s%u instructions)", is_static ? "static, " : "", func.insns);
	}
	if (prog->nr_func_info > LOADER_FUNCS_MAX)
		buf_printf(next_item(&items), "%zu more",
			   (size_t)prog->nr_func_info - LOADER_FUNCS_MAX);
	end_items(&items);
}

/* The type and target of a program. */
static void text_kind(struct buf *out, const struct loader_prog *prog)
{
	char number[REPORT_NUMBER_ROOM];

	buf_printf(out, "  %s", report_number(NAMES_PROG_TYPE, prog->type, number));
	if (prog->attach_type)
		buf_printf(out, " (%s)",
			   report_number(NAMES_ATTACH_TYPE, prog->attach_type, number));
	if (!prog->target.size)
		return;
	buf_add_str(out, " on ");
	buf_escape(out, prog->target);
}

static void text_attach(struct buf *out, const struct listing *listing, size_t n)
{
	buf_add_str(out, "       attach   ");
	listing_attach(listing, n, out);
	buf_add_str(out, "\n");
}

static void text_prog(const struct report_part *part, struct buf *out,
		      const struct listing *listing, size_t n)
{
	const struct loader *loader = listing->loader;
	const struct loader_prog *prog = &loader->progs[n];

	buf_printf(out, "  %2zu  ", n);
	text_column(out, listing_prog_name(prog), NAME_WIDTH);
	text_kind(out, prog);
	buf_printf(out, "  %zu instructions, ", prog->insns.size / IMAGE_INSN_SIZE);
	text_digest(part, out, prog->insns);
	text_flags(out, NAMES_PROG_FLAG, prog->flags);
	if (prog->ifindex)
		buf_printf(out, "  device %u", prog->ifindex);
	if (prog->nr_core_relos)
		buf_printf(out, "  %u CO-RE relocations", prog->nr_core_relos);
	buf_add_str(out, "  license ");
	buf_escape(out, prog->license);
	buf_add_str(out, "\n");
	text_kernel_name(out, listing_prog_name(prog), prog->name);
	text_attach(out, listing, n);
	text_funcs(out, listing, prog);
	text_uses(out, loader, prog);
	text_externs(out, prog, true);
	text_externs(out, prog, false);
	if (part->form.verbose)
		text_records(part, out, prog);
}

static void text_head(const struct report_part *part, struct buf *out,
		      const struct listing *listing)
{
	const struct loader *loader = listing->loader;
	const char *between = "left in the bytes: ";

	buf_printf(out, "loader      libbpf's, recognized completely; %s-endian\n",
		   loader->big ? "big" : "little");
	if (loader->wide_stack)
		buf_printf(out,
			   "            for more programs than libbpf has room for on the "
			   "stack: sealing moved them\n");
	buf_printf(out, "            %s; it %s\n",
		   loader_is_sealed(loader) ? "sealed: it installs what is listed here"
					    : "not sealed: whoever runs it can change what it "
					      "installs",
		   check_text(loader->check));
	if (listing->second)
		buf_printf(out, "            for the scheme insns, the same loader %s\n",
			   check_text(listing->second));
	buf_printf(out, "BTF         %zu bytes, %llu CO-RE relocations, ", loader->btf.size,
		   (unsigned long long)report_count_relos(loader));
	text_digest(part, out, loader->btf);
	buf_add_str(out, "\n");
	buf_add_str(out, "build host  ");
	for (size_t i = 0; i < listing->nr_findings; i++) {
		if (!report_is_of_host(&listing->findings[i]))
			continue;
		buf_printf(out, "%s%s", between, listing->findings[i].name);
		between = ", ";
	}
	buf_add_str(out, *between == ',' ? "\n" : "nothing of it found\n");
}

/* The severity in a column of 7. */
static void text_severity(const struct report_part *part, struct buf *out,
			  enum loader_severity severity)
{
	const char *name = loader_severity_name(severity);

	buf_add_str(out, "  ");
	report_paint(out, part->form.colored && severity != LOADER_NOTE,
		     severity == LOADER_DANGER ? REPORT_BAD : REPORT_UNSURE, name);
	buf_printf(out, "%*s  ", 7 - (int)strlen(name), "");
}

static void text_findings(const struct report_part *part, struct buf *out,
			  const struct listing *listing)
{
	buf_add_str(out, listing->nr_findings ? "findings\n" : "findings\n  none\n");
	for (size_t i = 0; i < listing->nr_findings; i++) {
		const struct loader_finding *finding = &listing->findings[i];

		text_severity(part, out, finding->severity);
		buf_printf(out, "%s%s%s\n           %s\n           remedy: %s\n", finding->name,
			   *finding->where ? " in " : "", finding->where, finding->what,
			   finding->remedy);
	}
}

static void text_listing(struct report_part *part, const char *file, const struct listing *listing)
{
	const struct loader *loader = listing->loader;
	struct buf *out = &part->text;

	buf_escape(out, view_str(file));
	buf_add_str(out, "\n");
	text_head(part, out, listing);
	buf_add_str(out, loader->nr_progs ? "programs\n" : "programs\n  none\n");
	for (size_t i = 0; i < loader->nr_progs; i++)
		text_prog(part, out, listing, i);
	buf_add_str(out, loader->nr_maps ? "maps\n" : "maps\n  none\n");
	for (size_t i = 0; i < loader->nr_maps; i++)
		text_map(part, out, listing, i);
	text_findings(part, out, listing);
}

static void warn_text(struct report_part *part, const char *file, const struct err *why)
{
	char text[ERR_TEXT_MAX + 32];

	snprintf(text, sizeof(text), "line %u: %s", why->line, why->text);
	report_warning(part, file, text);
}

void report_listing(struct report_part *part, const char *file, const struct listing *listing)
{
	if (listing->why)
		report_say_error(part, file, listing->why);
	if (part->form.as_json)
		report_listing_json(&part->json, file, listing);
	else if (!part->form.quiet)
		text_listing(part, file, listing);
	if (listing->text_why)
		warn_text(part, file, listing->text_why);
}
