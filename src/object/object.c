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
#include "object/object_build.h"
#include "object/object_skel.h"
#include "object/object_wire.h"

/* Not in the UAPI headers of every distribution that is built on. */
#define MAP_TYPE_STRUCT_OPS 26
#define MAP_TYPE_ARENA	    33

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

struct elf_facts {
	size_t nr_funcs; /* programs as libbpf's loader counts them, subprograms of .text included
			  */
	bool struct_ops;
	bool arena;
	bool legacy_maps;
};

/* The functions that SYMTAB holds in sections of code. */
static int count_funcs(Elf *elf, Elf_Scn *symtab, struct elf_facts *facts)
{
	Elf_Data *data = elf_getdata(symtab, NULL);
	GElf_Shdr header;
	GElf_Sym symbol;

	if (!data)
		return -EBADMSG;
	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		Elf_Scn *section = elf_getscn(elf, symbol.st_shndx);

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_shndx || !section)
			continue;
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_PROGBITS &&
		    header.sh_flags & SHF_EXECINSTR)
			facts->nr_funcs++;
	}
	return 0;
}

/* "maps", and what loaders other than libbpf made of it: "maps/events", "lirc_mode2/maps". */
static bool is_legacy_maps(const char *name)
{
	const char *slash = strrchr(name, '/');

	return !strncmp(name, "maps/", strlen("maps/")) ||
	       !strcmp(slash ? slash + 1 : name, "maps");
}

static int read_section(Elf *elf, Elf_Scn *section, size_t names, struct elf_facts *facts)
{
	GElf_Shdr header;
	const char *name;

	if (!gelf_getshdr(section, &header))
		return -EBADMSG;
	name = elf_strptr(elf, names, header.sh_name);
	if (!name)
		return -EBADMSG;
	if (header.sh_type == SHT_SYMTAB)
		return count_funcs(elf, section, facts);
	name += *name == '?';
	facts->struct_ops |= !strncmp(name, ".struct_ops", strlen(".struct_ops"));
	facts->arena |= !strcmp(name, ".addr_space.1");
	facts->legacy_maps |= is_legacy_maps(name);
	return 0;
}

static int elf_error(struct err *err)
{
	return err_set(err, -EBADMSG, "not a readable ELF file: %s", elf_errmsg(-1));
}

static int read_elf(struct view data, struct elf_facts *ret, struct err *err)
{
	_cleanup_(elf_end_p) Elf *elf = NULL;
	struct elf_facts facts = {0};
	Elf_Scn *section = NULL;
	GElf_Ehdr header;
	size_t names;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return elf_error(err);
	/* libelf takes a char * but does not write to memory that it did not allocate itself. */
	elf = elf_memory((char *)data.data, data.size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return elf_error(err);
	if (header.e_type != ET_REL || header.e_machine != EM_BPF)
		return err_at(
			err, -EBADMSG, offsetof(Elf64_Ehdr, e_type),
			"not a BPF object: ELF type %u for machine %u, expected a relocatable "
			"file for machine %u (compile with clang -target bpf -c)",
			header.e_type, header.e_machine, EM_BPF);
	if (elf_getshdrstrndx(elf, &names))
		return elf_error(err);
	while ((section = elf_nextscn(elf, section))) {
		if (read_section(elf, section, names, &facts))
			return elf_error(err);
	}
	*ret = facts;
	return 0;
}

/* What gen_loader does wrong, without a word of its own (docs/formats.md). */
static int refuse_by_elf(const struct elf_facts *facts, struct err *err)
{
	if (facts->struct_ops)
		return err_set(
			err, -ENOTSUP,
			"has struct_ops, which libbpf cannot put into a loader: load it with "
			"a plain skeleton, unsigned");
	if (facts->arena)
		return err_set(err, -ENOTSUP,
			       "has global variables in an arena, which libbpf cannot put into a "
			       "loader: allocate them at run time");
	if (facts->legacy_maps)
		return err_set(err, -ENOTSUP,
			       "has maps in the old section \"maps\": define them with BTF in "
			       "SEC(\".maps\")");
	if (facts->nr_funcs > OBJECT_PROGS_MAX)
		return err_set(err, -ENOTSUP,
			       "has %zu programs and subprograms of .text; loaders work with up to "
			       "%d: split the object, or inline the subprograms",
			       facts->nr_funcs, OBJECT_PROGS_MAX);
	return 0;
}

/* --- libbpf's own words --- */

#define WORDS_MAX 400

/* What libbpf warned of since the last reset; libbpf's callback has no context argument. */
static __thread char words[WORDS_MAX];

__attribute__((format(printf, 2, 0))) static int note_words(enum libbpf_print_level level,
							    const char *fmt, va_list args)
{
	size_t used = strlen(words);
	char line[256];
	char *text = line;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	if (!strncmp(text, "libbpf: ", 8))
		text += 8;
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, "failed to load object", strlen("failed to load object")))
		return 0; /* always the last, never the reason */
	if (*text && !strstr(words, text))
		snprintf(words + used, sizeof(words) - used, "%s%s", used ? "; " : "", text);
	return 0;
}

/* CODE is an errno, or one of libbpf's own from LIBBPF_ERRNO__START on. */
static int libbpf_failed(struct err *err, int code, const char *what)
{
	char reason[128];

	libbpf_strerror(code, reason, sizeof(reason));
	return err_set(err, code <= -__LIBBPF_ERRNO__START ? -EBADMSG : code,
		       "libbpf cannot %s: %s%s%s", what, words, *words ? "; " : "", reason);
}

/* Nothing of the host in libbpf's work: no BPF token, its messages kept for our own. */
static void isolate_libbpf(void)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(note_words);
	setenv("LIBBPF_BPF_TOKEN_PATH", "", 1);
	*words = '\0';
}

/* --- from object to loader --- */

static int open_object(struct view elf, const char *name, struct bpf_object **ret, struct err *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	struct bpf_object *object = bpf_object__open_mem(elf.data, elf.size, &opts);
	int rc = (int)libbpf_get_error(object);

	if (rc)
		return libbpf_failed(err, rc, "read the object");
	*ret = object;
	return 0;
}

static int check_progs(struct bpf_object *object, struct err *err)
{
	struct bpf_program *prog;
	size_t loaded = 0;

	bpf_object__for_each_program(prog, object)
	{
		if (bpf_program__type(prog) == BPF_PROG_TYPE_EXT)
			return err_set(err, -ENOTSUP,
				       "program %s replaces another one (freplace), whose file "
				       "descriptor a loader cannot know: load it unsigned",
				       bpf_program__name(prog));
		loaded += bpf_program__autoload(prog);
	}
	if (!loaded)
		return err_set(err, -ENOTSUP, "has no program to load");
	return 0;
}

/*
 * Maps that libbpf would handle on the build host: pinning is undone (a loader does not pin; gen
 * mode would try to pin a placeholder), struct_ops and arenas are refused as in refuse_by_elf().
 */
static int prepare_maps(struct bpf_object *object, bool *ret_prog_array, struct err *err)
{
	struct bpf_map *map;
	size_t size;
	int rc;

	*ret_prog_array = false;
	bpf_object__for_each_map(map, object)
	{
		unsigned int type = bpf_map__type(map);

		if (type == MAP_TYPE_STRUCT_OPS ||
		    (type == MAP_TYPE_ARENA && bpf_map__initial_value(map, &size)))
			return err_set(
				err, -ENOTSUP,
				"map %s (struct_ops, or an arena with contents) cannot be put "
				"into a loader",
				bpf_map__name(map));
		*ret_prog_array |= type == BPF_MAP_TYPE_PROG_ARRAY;
		rc = bpf_map__set_pin_path(map, NULL);
		if (rc)
			return libbpf_failed(err, rc, "clear the pin path of a map");
	}
	return 0;
}

static int load_failed(int code, bool prog_array, struct err *err)
{
	if (code == -ENOTSUP && prog_array)
		return err_set(err, -ENOTSUP,
			       "has a program array with programs in it (.values), which libbpf "
			       "cannot put into a loader: fill it at run time");
	if (code == -ESRCH)
		return err_set(err, -ENOTSUP,
			       "%s: a typeless __ksym is looked up on the build host; declare it "
			       "with its type, or __weak",
			       *words ? words : "an extern symbol was not found");
	return libbpf_failed(err, code, "generate a loader");
}

/* The loader's bytes, copied: libbpf's die with OBJECT. */
static int copy_loader(const struct gen_loader_opts *gen, struct image *ret, struct err *err)
{
	_buf_ struct buf insns = {0}, data = {0};
	_image_ struct image image = {0};
	int rc;

	buf_add(&insns, gen->insns, gen->insns_sz);
	buf_add(&data, gen->data, gen->data_sz);
	rc = buf_done(&insns, err) ?: buf_done(&data, err);
	if (!rc)
		rc = image_set_insns(&image, &insns, err);
	if (!rc)
		rc = image_add_map(&image, "__loader.map", &data, gen->data_sz, 1, err);
	if (rc)
		return rc;
	*ret = image;
	image = (struct image){0};
	return 0;
}

static int generate(struct bpf_object *object, struct image *ret, struct err *err)
{
	LIBBPF_OPTS(gen_loader_opts, gen);
	bool prog_array = false;
	int rc;

	rc = check_progs(object, err);
	if (!rc)
		rc = prepare_maps(object, &prog_array, err);
	if (rc)
		return rc;
	rc = bpf_object__gen_loader(object, &gen);
	if (rc)
		return libbpf_failed(err, rc, "prepare a loader");
	rc = bpf_object__load(object);
	if (rc)
		return load_failed(rc, prog_array, err);
	return copy_loader(&gen, ret, err);
}

int object_build_here(struct view elf, const char *name, struct image *ret_image,
		      struct skel *ret_skel, struct err *err)
{
	_cleanup_(bpf_object__close_p) struct bpf_object *object = NULL;
	_image_ struct image image = {0};
	struct elf_facts facts = {0};
	int rc;

	isolate_libbpf();
	rc = read_elf(elf, &facts, err);
	if (!rc)
		rc = refuse_by_elf(&facts, err);
	if (!rc)
		rc = open_object(elf, name, &object, err);
	if (!rc)
		rc = generate(object, &image, err);
	if (!rc)
		rc = object_skel(object, name, ret_skel, err);
	if (rc)
		return rc;
	*ret_image = image;
	image = (struct image){0};
	return 0;
}

const char *object_libbpf_version(void)
{
	const char *version = libbpf_version_string();

	return version + (*version == 'v');
}
