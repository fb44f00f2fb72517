// SPDX-License-Identifier: BSD-2-Clause
#include "object/object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "loader/loader.h"
#include "object/object_build.h"
#include "object/object_choose.h"
#include "object/object_host.h"
#include "object/object_refuse.h"
#include "object/object_size.h"
#include "object/object_skel.h"
#include "object/object_wire.h"

DEFINE_CLEANUP(struct bpf_object *, bpf_object__close)
DEFINE_CLEANUP(Elf *, elf_end)

bool object_is(struct view data)
{
	return data.size >= SELFMAG && !memcmp(data.data, ELFMAG, SELFMAG);
}

bool object_begins(struct view head)
{
	static const uint8_t little[] = {ET_REL, 0, EM_BPF, 0}, big[] = {0, ET_REL, 0, EM_BPF};
	struct view type = view_sub(head, offsetof(Elf64_Ehdr, e_type), sizeof(little));

	if (!object_is(head) || !type.data)
		return false;
	return view_equal(type, head.data[EI_DATA] == ELFDATA2MSB
					? view_of(big, sizeof(big))
					: view_of(little, sizeof(little)));
}

char *object_name(const char *file)
{
	_cleanup_(freep) char *copy = strdup(file);
	char *name;
	size_t size;

	if (!copy)
		return NULL;
	name = strdup(basename(copy));
	if (!name)
		return NULL;
	size = strlen(name);
	if (size > 2 && !strcmp(name + size - 2, ".o"))
		name[size - 2] = '\0';
	for (char *at = name; *at; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_')
			*at = '_';
	}
	return name;
}

/* --- what the ELF file says before libbpf sees it --- */

struct elf_summary {
	bool struct_ops;
	bool arena;
	bool jump_tables;
	bool legacy_maps;
	bool btf;
};

/*
 * "maps", and the names that other loaders than libbpf derived from it: "maps/events",
 * "lirc_mode2/maps".
 */
static bool is_legacy_maps(const char *name)
{
	const char *slash = strrchr(name, '/');

	return !strncmp(name, "maps/", strlen("maps/")) ||
	       !strcmp(slash ? slash + 1 : name, "maps");
}

static int read_section(Elf *elf, Elf_Scn *section, size_t names, struct elf_summary *summary)
{
	GElf_Shdr header;
	const char *name;

	if (!gelf_getshdr(section, &header))
		return -EBADMSG;
	name = elf_strptr(elf, names, header.sh_name);
	if (!name)
		return -EBADMSG;
	name += *name == '?';
	summary->struct_ops |= !strncmp(name, ".struct_ops", strlen(".struct_ops"));
	summary->arena |= !strcmp(name, ".addr_space.1");
	summary->jump_tables |= !strcmp(name, ".jumptables");
	summary->legacy_maps |= is_legacy_maps(name);
	summary->btf |= !strcmp(name, ".BTF");
	return 0;
}

static int elf_error(struct err *err)
{
	return err_set(err, -EBADMSG, "not a readable ELF file: %s", elf_errmsg(-1));
}

static int read_elf(struct view data, struct elf_summary *ret, struct err *err)
{
	_cleanup_(elf_end_p) Elf *elf = NULL;
	struct elf_summary summary = {0};
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return elf_error(err);
	/* libelf takes a char * but does not write to memory that it did not allocate itself. */
	elf = elf_memory((char *)data.data, data.size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &names))
		return elf_error(err);
	while ((section = elf_nextscn(elf, section))) {
		if (read_section(elf, section, names, &summary))
			return elf_error(err);
	}
	*ret = summary;
	return 0;
}

/* Refuse what libbpf's gen_loader gets wrong without reporting an error (docs/formats.md). */
static int refuse_by_elf(const struct elf_summary *summary, struct err *err)
{
	if (summary->struct_ops)
		return err_set(err, -ENOTSUP,
			       "uses struct_ops, which libbpf cannot put into a loader: load it "
			       "unsigned, with an ordinary skeleton");
	if (summary->arena)
		return err_set(err, -ENOTSUP,
			       "has global variables in an arena, which libbpf cannot put into a "
			       "loader: allocate them at run time instead");
	if (summary->jump_tables)
		return err_set(err, -ENOTSUP,
			       "has jump tables, which libbpf cannot put into a loader: compile "
			       "with -fno-jump-tables");
	if (summary->legacy_maps)
		return err_set(
			err, -ENOTSUP,
			"defines maps in the legacy section \"maps\": define them with BTF in SEC(\".maps\")");
	return 0;
}

/* --- libbpf's messages --- */

#define WARNINGS_MAX 400

/* libbpf's warnings since the last reset. Static, because its callback has no context argument. */
static __thread char warnings[WARNINGS_MAX];

__attribute__((format(printf, 2, 0))) static int note_warning(enum libbpf_print_level level,
							      const char *fmt, va_list args)
{
	size_t used = strlen(warnings);
	char line[256];
	char *text = line;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	if (!strncmp(text, "libbpf: ", 8))
		text += 8;
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, "failed to load object", strlen("failed to load object")))
		return 0; /* follows each failure, and gives no reason */
	if (*text && !strstr(warnings, text))
		snprintf(warnings + used, sizeof(warnings) - used, "%s%s", used ? "; " : "", text);
	return 0;
}

/* CODE is a negative errno, or one of libbpf's codes, which begin at LIBBPF_ERRNO__START. */
static int libbpf_failed(struct err *err, int code, const char *what)
{
	char reason[128];

	libbpf_strerror(code, reason, sizeof(reason));
	return err_set(err, code <= -__LIBBPF_ERRNO__START ? -EBADMSG : code,
		       "libbpf %s cannot %s: %s%s%s%s", object_libbpf_version(), what, warnings,
		       *warnings ? "; " : "", reason, object_remedy(warnings));
}

/*
 * Keep libbpf from using the host's BPF token and from printing: its warnings go into our messages.
 */
static void isolate_libbpf(void)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(note_warning);
	setenv("LIBBPF_BPF_TOKEN_PATH", "", 1);
	*warnings = '\0';
}

/* --- from object to loader --- */

/* KCONFIG may be NULL. */
static int open_with(struct view elf, const char *name, const char *kconfig,
		     struct bpf_object **ret, struct err *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name, .kconfig = kconfig);
	struct bpf_object *object = bpf_object__open_mem(elf.data, elf.size, &opts);
	int rc = (int)libbpf_get_error(object);

	if (rc)
		return libbpf_failed(err, rc, "read the object");
	*ret = object;
	return 0;
}

/* Which options of the kernel an object wants to know is known only once it is open. */
static int open_object(struct view elf, const char *name, struct bpf_object **ret, struct err *err)
{
	_cleanup_(bpf_object__close_p) struct bpf_object *object = NULL;
	_buf_ struct buf options = {0};
	int rc = open_with(elf, name, NULL, &object, err);

	if (rc)
		return rc;
	object_host_options(bpf_object__btf(object), &options);
	if (options.failed)
		return err_nomem(err);
	if (options.size)
		return open_with(elf, name, buf_cstr(&options), ret, err);
	*ret = take_ptr(object);
	return 0;
}

/*
 * Carry out CHOICE. If sections get other names, open *OBJECT again, because libbpf derives types
 * from names when it opens a file.
 */
static int choose(struct buf *elf, const char *name, struct view choice, struct bpf_object **object,
		  struct err *err)
{
	bool renamed = false;
	int rc;

	if (!choice.size)
		return 0;
	rc = object_choose_names(*object, choice, elf, &renamed, err);
	if (!rc && renamed) {
		bpf_object__close(take_ptr(*object));
		rc = open_object(buf_view(elf), name, object, err);
	}
	return rc ?: object_choose(*object, choice, err);
}

/* --- which programs are loaded --- */

static int refuse_empty(const struct bpf_object *object, struct err *err)
{
	_buf_ struct buf names = {0};

	object_choose_list(object, &names);
	if (names.failed)
		return err_nomem(err);
	if (!names.size)
		return object_refuse_empty(err);
	return err_set(err, -ENOTSUP,
		       "contains only programs that are not loaded: choose some "
		       "with --load=PROG from %s",
		       buf_cstr(&names));
}

/* Limits of a sealed loader, and of the skeleton around it, which has all programs. */
static int refuse_many(size_t loaded, size_t all, struct err *err)
{
	if (loaded > LOADER_PROGS_MAX)
		return err_set(err, -ENOTSUP,
			       "has %zu programs to load, but a loader can hold at most %d: skip "
			       "some with --skip=PROG, or split the object",
			       loaded, LOADER_PROGS_MAX);
	if (all > OBJECT_PROGS_MAX)
		return err_set(err, -ENOTSUP,
			       "has %zu programs, but a skeleton can hold at most %d: split the "
			       "object",
			       all, OBJECT_PROGS_MAX);
	return 0;
}

static int check_progs(struct bpf_object *object, struct err *err)
{
	struct bpf_program *prog;
	size_t loaded = 0, all = 0;
	int rc;

	bpf_object__for_each_program(prog, object)
	{
		rc = object_refuse_prog(prog, err);
		if (rc)
			return rc;
		loaded += bpf_program__autoload(prog);
		all++;
	}
	return loaded || (!all && bpf_object__next_map(object, NULL))
		       ? refuse_many(loaded, all, err)
		       : refuse_empty(object, err);
}

/*
 * Undo the pinning of maps, and note in *ret_pinned which they are (bit I: the I-th): a loader does
 * not pin, and libbpf would try to pin a placeholder on this host.
 */
static int prepare_maps(struct bpf_object *object, uint64_t *ret_pinned, bool *ret_prog_array,
			struct err *err)
{
	struct bpf_map *map;
	uint64_t bit = 1;
	int rc;

	*ret_pinned = 0;
	*ret_prog_array = false;
	bpf_object__for_each_map(map, object)
	{
		rc = object_refuse_map(map, err);
		if (rc)
			return rc;
		*ret_prog_array |= bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY;
		*ret_pinned |= bpf_map__pin_path(map) ? bit : 0;
		bit <<= 1; /* check_maps() */
		rc = bpf_map__set_pin_path(map, NULL);
		if (rc)
			return libbpf_failed(err, rc, "clear the pin path of a map");
	}
	return 0;
}

/* libbpf goes on without BTF that it cannot read; a loader without it installs less. */
static int check_btf(const struct bpf_object *object, const struct elf_summary *summary,
		     struct err *err)
{
	if (!summary->btf || bpf_object__btf(object))
		return 0;
	return err_set(
		err, -ENOTSUP,
		"has BTF that libbpf %s, which this program uses, cannot read (%s): use a newer "
		"libbpf, or an older compiler",
		object_libbpf_version(), *warnings ? warnings : "no reason given");
}

static int check_maps(const struct bpf_object *object, struct err *err)
{
	struct bpf_map *map;
	size_t nr = 0;

	bpf_object__for_each_map(map, object)
	{
		nr++;
	}
	if (nr <= OBJECT_MAPS_MAX)
		return 0;
	return err_set(
		err, -ENOTSUP,
		"has %zu maps, one for each section of global variables included, but a loader "
		"can hold at most %d: split the object",
		nr, OBJECT_MAPS_MAX);
}

static int load_failed(int code, bool prog_array, struct err *err)
{
	if (code == -ERANGE && !*warnings) /* with a warning: a .kconfig value that does not fit */
		return err_set(
			err, -ENOTSUP,
			"needs a loader of more than 32768 instructions, which its jumps cannot "
			"cross: split the object, or call fewer kernel functions");
	if (code == -ENOTSUP && prog_array)
		return err_set(err, -ENOTSUP,
			       "initializes a program array (.values), which libbpf cannot put "
			       "into a loader: fill it at run time instead");
	return libbpf_failed(err, code, "generate a loader");
}

static int generate(struct bpf_object *object, struct object_built *ret, struct err *err)
{
	LIBBPF_OPTS(gen_loader_opts, gen);
	struct object_sizes sizes;
	bool prog_array = false;
	int rc;

	rc = check_progs(object, err);
	if (!rc)
		rc = prepare_maps(object, &ret->pinned, &prog_array, err);
	if (rc)
		return rc;
	object_size_take(object, &sizes);
	rc = bpf_object__gen_loader(object, &gen);
	if (rc)
		return libbpf_failed(err, rc, "prepare a loader");
	rc = object_host_begin(object, err);
	if (rc)
		return rc;
	rc = bpf_object__load(object);
	object_host_end();
	if (rc)
		return load_failed(rc, prog_array, err);
	ret->insns = view_of(gen.insns, gen.insns_sz);
	ret->data = view_of(gen.data, gen.data_sz);
	return object_size_put(&sizes, ret->insns, ret->data, err);
}

void object_built_free(struct object_built *built)
{
	bpf_object__close(built->object);
	skel_free(&built->skel);
	*built = (struct object_built){0};
}

int object_build_here(struct buf *elf, const char *name, struct view choice,
		      struct object_built *ret, struct err *err)
{
	_object_built_ struct object_built built = {0};
	struct elf_summary summary = {0};
	int rc;

	isolate_libbpf();
	rc = object_refuse_file(buf_view(elf), err) ?: read_elf(buf_view(elf), &summary, err);
	if (!rc)
		rc = refuse_by_elf(&summary, err);
	if (!rc)
		rc = open_object(buf_view(elf), name, &built.object, err);
	if (!rc)
		rc = choose(elf, name, choice, &built.object, err);
	buf_free(elf);
	if (!rc)
		rc = check_btf(built.object, &summary, err) ?: check_maps(built.object, err);
	if (!rc)
		rc = generate(built.object, &built, err);
	if (!rc)
		rc = object_skel(built.object, name, built.pinned, &built.skel, err);
	if (rc)
		return rc;
	*ret = built;
	built = (struct object_built){0};
	return 0;
}

const char *object_libbpf_version(void)
{
	const char *version = libbpf_version_string();

	return version + (*version == 'v');
}
