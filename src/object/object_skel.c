// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_skel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "members.h"

/*
 * Padding is computed as if no type were aligned to more than this, as on a 32-bit machine, where
 * the header may be compiled. On a 64-bit machine this only writes out padding that the compiler
 * would insert.
 */
#define MEMBER_ALIGN_MAX 4

/* An attach type that is newer than the linux/bpf.h of some hosts. */
#define LSM_CGROUP 43

/* How the names of sections with global variables begin. */
static const char *const sections[] = {".data", ".rodata", ".bss", ".percpu", ".kconfig"};

static char *identifier(const char *text)
{
	char *ident = strdup(text);

	for (char *at = ident; at && *at; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_')
			*at = '_';
	}
	return ident;
}

/* The member name for an internal map: "prog.rodata" and ".rodata" both give "rodata". */
static char *map_ident(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	if (!bpf_map__is_internal(map))
		return identifier(name);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const char *at = strstr(name, sections[i]);

		if (at)
			return identifier(at + 1);
	}
	return identifier(name);
}

static bool is_section(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!strncmp(name, sections[i], strlen(sections[i])))
			return true;
	}
	return false;
}

/*
 * Put the DATASEC type whose identifier is IDENT into *ret; without such a type *ret is unchanged.
 */
static int find_section(const struct btf *btf, const char *ident, const struct btf_type **ret,
			struct err *err)
{
	for (unsigned int id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		_cleanup_(freep) char *own = NULL;
		const char *name;

		if (!btf_is_datasec(type))
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		if (!name || !is_section(name))
			continue;
		own = identifier(name + 1);
		if (!own)
			return err_nomem(err);
		if (!strcmp(own, ident)) {
			*ret = type;
			return 0;
		}
	}
	return 0;
}

/* libbpf's BTF dumper writes here. */
__attribute__((format(printf, 2, 0))) static void dump_text(void *arg, const char *fmt,
							    va_list args)
{
	_cleanup_(freep) char *text = NULL;
	struct buf *buf = arg;

	if (vasprintf(&text, fmt, args) < 0) {
		text = NULL;
		buf->failed = true;
		return;
	}
	buf_add_str(buf, text);
}

struct section_writer {
	const struct btf *btf;
	struct btf_dump *dump;
	struct skel_map *map;
	bool keep_const; /* .kconfig keeps its qualifiers, other sections drop them */
	uint32_t end;	 /* where the last member ended */
	unsigned int pads;
};

/* Add padding up to variable VAR's offset, unless the compiler inserts exactly that much. */
static int add_padding(struct section_writer *writer, const struct btf_var_secinfo *var,
		       uint32_t type, const char *name, struct err *err)
{
	int align = btf__align_of(writer->btf, type);
	uint32_t natural;

	if (align <= 0 || writer->end > var->offset)
		return err_set(err, -EBADMSG, "the BTF of variable %s is inconsistent: offset %u",
			       name, var->offset);
	if (align > MEMBER_ALIGN_MAX)
		align = MEMBER_ALIGN_MAX;
	natural = (writer->end + (uint32_t)align - 1) / (uint32_t)align * (uint32_t)align;
	if (natural != var->offset)
		buf_printf(&writer->map->members, "\t\tchar __pad%u[%u];\n", writer->pads++,
			   var->offset - writer->end);
	return 0;
}

/*
 * SIZE is that of the type; a variable with a flexible array is larger. Negative: it has none in C.
 */
static int note_var(struct skel_map *map, const char *ident, int64_t size, struct err *err)
{
	struct skel_var *vars;
	char *copy;

	if (size < 0)
		return err_set(err, -ENOTSUP, "the type of variable %s has no size in C", ident);
	vars = reallocarray(map->vars, map->nr_vars + 1, sizeof(*vars));
	if (!vars)
		return err_nomem(err);
	map->vars = vars;
	copy = strdup(ident);
	if (!copy)
		return err_nomem(err);
	vars[map->nr_vars++] = (struct skel_var){.ident = copy, .size = (uint32_t)size};
	return 0;
}

static int add_member(struct section_writer *writer, const struct btf_var_secinfo *var,
		      struct err *err)
{
	const struct btf_type *type = btf__type_by_id(writer->btf, var->type);
	const char *name = type ? btf__name_by_offset(writer->btf, type->name_off) : NULL;
	_cleanup_(freep) char *ident = NULL;
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .indent_level = 2,
		    .strip_mods = !writer->keep_const);
	size_t start;
	int rc;

	if (!name || !btf_is_var(type))
		return err_set(err, -EBADMSG, "the BTF of a data section is inconsistent");
	if (btf_var(type)->linkage == BTF_VAR_STATIC)
		return 0; /* not for user space */
	rc = add_padding(writer, var, type->type, name, err);
	if (rc)
		return rc;
	ident = identifier(name);
	if (!ident)
		return err_nomem(err);
	opts.field_name = ident;
	buf_add_str(&writer->map->members, "\t\t");
	start = writer->map->members.size;
	rc = btf_dump__emit_type_decl(writer->dump, type->type, &opts);
	buf_add_str(&writer->map->members, ";\n");
	/* Names in BTF may be hostile, and this text will be compiled. */
	if (!rc)
		rc = members_check(view_sub(buf_view(&writer->map->members), start,
					    writer->map->members.size - start),
				   err);
	if (rc)
		return err_set(err, rc,
			       "cannot express the type of variable %s in C: rename types whose "
			       "names are not those of C, such as Map<u64>; kernels refuse them "
			       "also",
			       name);
	writer->end = var->offset + var->size;
	return note_var(writer->map, ident, btf__resolve_size(writer->btf, type->type), err);
}

DEFINE_CLEANUP(struct btf_dump *, btf_dump__free)

static int add_members(const struct btf *btf, const struct btf_type *section, struct skel_map *map,
		       struct err *err)
{
	_cleanup_(btf_dump__free_p) struct btf_dump *dump = NULL;
	struct section_writer writer = {
		.btf = btf,
		.map = map,
		.keep_const = !strcmp(map->ident, "kconfig"),
	};
	const struct btf_var_secinfo *vars = btf_var_secinfos(section);
	int rc;

	dump = btf_dump__new(btf, dump_text, &map->members, NULL);
	rc = (int)libbpf_get_error(dump);
	if (rc) {
		dump = NULL;
		return err_set(err, rc, "cannot read the BTF of section %s", map->ident);
	}
	writer.dump = dump;
	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		rc = add_member(&writer, &vars[i], err);
		if (rc)
			return rc;
	}
	return 0;
}

/* What user space sees of MAP, but its contents: if there is BTF, its members. */
static int describe_section(const struct btf *btf, const struct bpf_map *source,
			    struct skel_map *map, struct err *err)
{
	const struct btf_type *section = NULL;
	size_t size;
	int rc;

	if (!bpf_map__initial_value((struct bpf_map *)source, &size))
		return 0;
	map->mapped = true;
	map->percpu = bpf_map__type(source) == BPF_MAP_TYPE_PERCPU_ARRAY;
	map->read_only = bpf_map__map_flags(source) & BPF_F_RDONLY_PROG;
	rc = btf ? find_section(btf, map->ident, &section, err) : 0;
	if (rc)
		return rc;
	return section ? add_members(btf, section, map, err) : 0;
}

static bool is_mapped(const struct bpf_map *map)
{
	if (!bpf_map__is_internal(map))
		return false;
	return bpf_map__map_flags(map) & BPF_F_MMAPABLE ||
	       (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY && bpf_map__btf_value_type_id(map));
}

static int add_maps(struct bpf_object *object, uint64_t pinned, struct skel *skel, struct err *err)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *source;
	size_t nr = 0;
	int rc;

	bpf_object__for_each_map(source, object) nr++;
	skel->maps = calloc(nr ?: 1, sizeof(*skel->maps));
	if (!skel->maps)
		return err_nomem(err);
	bpf_object__for_each_map(source, object)
	{
		struct skel_map *map = &skel->maps[skel->nr_maps++];

		map->pinned = pinned & 1;
		pinned >>= 1;
		map->ident = map_ident(source);
		if (!map->ident)
			return err_nomem(err);
		rc = is_mapped(source) ? describe_section(btf, source, map, err) : 0;
		if (!rc)
			rc = buf_done(&map->members, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* As libbpf attaches by itself, by the type of PROG, and for some types by the name of its section.
 */
static enum skel_attach attach_way(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	switch ((int)bpf_program__type(prog)) {
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		/* SEC("raw_tp"): the tracepoint is not known */
		return strchr(section, '/') ? SKEL_ATTACH_RAW_TRACEPOINT : SKEL_ATTACH_NONE;
	case BPF_PROG_TYPE_LSM:
		if (bpf_program__expected_attach_type(prog) == LSM_CGROUP)
			return SKEL_ATTACH_NONE;
		return SKEL_ATTACH_TRACING;
	case BPF_PROG_TYPE_TRACING:
		return bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER
			       ? SKEL_ATTACH_ITER
			       : SKEL_ATTACH_TRACING;
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return skel_section_attach(view_str(section));
	default:
		return SKEL_ATTACH_NONE;
	}
}

/* What PROG needs, wherever it is attached at run time. */
static unsigned int pieces_for(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);
	unsigned int pieces = SKEL_PIECE_BIT(SKEL_PIECE_PERF);

	switch ((int)bpf_program__type(prog)) {
	case BPF_PROG_TYPE_KPROBE:
		if (strstr(section, ".multi"))
			return SKEL_PIECE_BIT(SKEL_PIECE_MULTI);
		if (*section == 'u')
			pieces |= SKEL_PIECE_BIT(SKEL_PIECE_ELF);
		return pieces;
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
		return pieces;
	default:
		return 0;
	}
}

static int add_prog(const struct bpf_program *source, struct skel *skel, struct err *err)
{
	const char *section = bpf_program__section_name(source);
	struct skel_prog *prog = &skel->progs[skel->nr_progs++];

	skel->pieces |= pieces_for(source);
	prog->ident = strdup(bpf_program__name(source));
	if (!prog->ident)
		return err_nomem(err);
	prog->attach = attach_way(source);
	skel->pieces |= skel_attach_pieces(prog->attach);
	if (prog->attach == SKEL_ATTACH_RAW_TRACEPOINT)
		prog->target = strdup(strchr(section, '/') + 1);
	else if (!skel_is_target(prog->attach, NULL))
		prog->target = strdup(section);
	else
		return 0;
	return prog->target ? 0 : err_nomem(err);
}

static int add_progs(struct bpf_object *object, struct skel *skel, struct err *err)
{
	struct bpf_program *prog;
	size_t nr = 0;
	int rc;

	bpf_object__for_each_program(prog, object) nr++;
	skel->progs = calloc(nr ?: 1, sizeof(*skel->progs));
	if (!skel->progs)
		return err_nomem(err);
	for (int loaded = 1; loaded >= 0; loaded--) {
		bpf_object__for_each_program(prog, object)
		{
			rc = bpf_program__autoload(prog) == loaded ? add_prog(prog, skel, err) : 0;
			if (rc)
				return rc;
		}
	}
	return 0;
}

int object_skel(struct bpf_object *object, const char *name, uint64_t pinned, struct skel *ret,
		struct err *err)
{
	_skel_ struct skel skel = {0};
	int rc;

	skel.name = strdup(name);
	if (!skel.name)
		return err_nomem(err);
	rc = add_maps(object, pinned, &skel, err);
	if (!rc)
		rc = add_progs(object, &skel, err);
	if (rc)
		return rc;
	*ret = skel;
	skel = (struct skel){0};
	return 0;
}
