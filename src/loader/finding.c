// SPDX-License-Identifier: BSD-2-Clause
/* What is dangerous or surprising about a loader; see docs/loaders.md. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/btf.h"
#include "loader/loader.h"
#include "loader/size.h"
#include "loader/walk.h"

bool loader_has_too_many_progs(const struct loader *loader)
{
	return !loader->wide_stack && loader->nr_slots > LOADER_PROGS_NARROW;
}

#define HAS(schemes, scheme) (1u << (scheme) & (schemes))
#define HAS_INSNS(schemes)   (HAS(schemes, SCHEME_INSNS) || HAS(schemes, SCHEME_INSNS_HASH))

/* What the rules examine. */
struct judged {
	const struct loader *loader;
	unsigned int schemes;
	size_t progs;
};

/* Each rule returns whether it applies, and may set the name of a map or program. */
static bool open_values(const struct judged *s, const char **ret_where)
{
	if (!s->loader->open_values)
		return false;
	for (size_t i = 0; i < s->loader->nr_maps; i++) {
		if (s->loader->maps[i].has_value) {
			*ret_where = s->loader->maps[i].name;
			return true;
		}
	}
	return false;
}

static bool open_sizes(const struct judged *s, _unused_ const char **ret_where)
{
	return s->loader->open_sizes && s->loader->nr_maps;
}

static bool data_uncovered(const struct judged *s, _unused_ const char **ret_where)
{
	return HAS_INSNS(s->schemes) && s->loader->check == LOADER_CHECK_NONE;
}

static bool not_exclusive(const struct judged *s, _unused_ const char **ret_where)
{
	return HAS_INSNS(s->schemes) &&
	       (s->loader->check == LOADER_CHECK_HASH || s->loader->check == LOADER_CHECK_HASH_1_7);
}

static bool off_by_one(const struct judged *s, _unused_ const char **ret_where)
{
	return s->loader->check == LOADER_CHECK_HASH_1_7;
}

static bool check_unknown(const struct judged *s, _unused_ const char **ret_where)
{
	return HAS(s->schemes, SCHEME_FOLDED) && s->loader->check != LOADER_CHECK_NONE;
}

static bool old_externs(const struct judged *s, _unused_ const char **ret_where)
{
	return s->loader->old_kfunc || s->loader->old_ksym;
}

static bool too_many_progs(const struct judged *s, _unused_ const char **ret_where)
{
	return loader_has_too_many_progs(s->loader);
}

static bool optional_progs(const struct judged *s, _unused_ const char **ret_where)
{
	return s->progs != LOADER_PROGS_UNKNOWN && s->progs > s->loader->nr_progs;
}

/* Whether the instruction of EXT contains an address of the build host. */
static bool holds_address(const struct loader *loader, const struct loader_prog *prog,
			  const struct loader_extern *ext)
{
	return ext->kind == LOADER_KSYM_ADDR &&
	       (insn_get(prog->insns, ext->insn, loader->big).imm ||
		insn_get(prog->insns, (size_t)ext->insn + 1, loader->big).imm);
}

static bool kernel_address(const struct judged *s, const char **ret_where)
{
	for (size_t i = 0; i < s->loader->nr_progs; i++) {
		const struct loader_prog *prog = &s->loader->progs[i];

		for (size_t j = 0; j < prog->nr_externs; j++) {
			if (holds_address(s->loader, prog, &prog->externs[j])) {
				*ret_where = prog->name;
				return true;
			}
		}
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && !strcmp(text + size - end_size, end);
}

static bool fixed_config(const struct judged *s, const char **ret_where)
{
	for (size_t i = 0; i < s->loader->nr_maps; i++) {
		const struct loader_map *map = &s->loader->maps[i];

		if (map->frozen && ends_with(map->name, ".kconfig")) {
			*ret_where = map->name;
			return true;
		}
	}
	return false;
}

static bool no_such_helper(const struct judged *s, const char **ret_where)
{
	for (size_t i = 0; i < s->loader->nr_progs; i++) {
		if (s->loader->progs[i].no_helper) {
			*ret_where = s->loader->progs[i].name;
			return true;
		}
	}
	return false;
}

static bool btf_refused(const struct judged *s, const char **ret_where)
{
	struct view name;

	if (!s->loader->btf.size || !btf_is_refused(s->loader->btf, s->loader->big, &name))
		return false;
	*ret_where = name.data ? (const char *)name.data : "";
	return true;
}

/* Whether TEST is true of a map, or of what the maps in a map look like; *ret_where: its name. */
static bool any_map(const struct loader *loader, bool (*test)(const struct loader_map *map),
		    const char **ret_where)
{
	for (size_t i = 0; i < loader->nr_maps; i++) {
		const struct loader_map *map = &loader->maps[i];

		if (test(map) || (map->inner && test(map->inner))) {
			*ret_where = map->name;
			return true;
		}
	}
	return false;
}

static bool is_perf_event_array(const struct loader_map *map)
{
	return map->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

static bool host_cpus(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, is_perf_event_array, ret_where);
}

static bool is_bad_ring(const struct loader_map *map)
{
	return size_is_ring(map) && !size_fits_page(map, SIZE_PAGE_MIN);
}

static bool ring_size(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, is_bad_ring, ret_where);
}

static bool is_bad_arena(const struct loader_map *map)
{
	return !size_is_ring(map) && !size_fits_page(map, SIZE_PAGE_MIN);
}

static bool arena_size(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, is_bad_arena, ret_where);
}

static bool needs_small_pages(const struct loader_map *map)
{
	return size_fits_page(map, SIZE_PAGE_MIN) && !size_fits_page(map, SIZE_PAGE_MAX);
}

static bool small_pages(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, needs_small_pages, ret_where);
}

static bool has_bad_inner(const struct loader_map *map)
{
	return map->inner && size_has_no_entries(map->inner);
}

/* The sizes of an unsealed loader are its caller's (see open-sizes), but for maps in a map. */
static bool no_max_entries(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, s->loader->open_sizes ? has_bad_inner : size_has_no_entries,
		       ret_where);
}

static bool is_of_other_type(const struct loader_map *map)
{
	return !size_fits_type(map);
}

static bool map_layout(const struct judged *s, const char **ret_where)
{
	return any_map(s->loader, is_of_other_type, ret_where);
}

static const struct rule {
	const char *name;
	enum loader_severity severity;
	bool (*applies)(const struct judged *subject, const char **ret_where);
	const char *what;
	const char *remedy;
} rules[LOADER_FINDING_NR] = {
	[LOADER_OPEN_VALUES] =
		{
			"open-values",
			LOADER_DANGER,
			open_values,
			"whoever runs the loader can replace the initial values of maps, even of "
			"frozen ones, and the signature stays valid",
			"seal the loader",
		},
	[LOADER_OPEN_SIZES] =
		{
			"open-sizes",
			LOADER_DANGER,
			open_sizes,
			"whoever runs the loader can change max_entries of every map, and the "
			"signature stays valid",
			"seal the loader",
		},
	[LOADER_DATA_UNCOVERED] =
		{
			"data-uncovered",
			LOADER_DANGER,
			data_uncovered,
			"a signature of the scheme insns covers only the instructions, and these "
			"do not check the data: programs and maps can be replaced",
			"seal the loader, or sign with another scheme",
		},
	[LOADER_NOT_EXCLUSIVE] =
		{
			"not-exclusive",
			LOADER_DANGER,
			not_exclusive,
			"the loader checks the hash of its data, but not that nobody else can "
			"write to the data after that (CVE-2026-80675)",
			"seal the loader with the check of Linux 7.2",
		},
	[LOADER_OFF_BY_ONE] =
		{
			"off-by-one",
			LOADER_WARNING,
			off_by_one,
			"if its check fails, the loader jumps one instruction too far and closes "
			"a number that is not a file descriptor (a bug of libbpf 1.7.0)",
			"seal the loader",
		},
	[LOADER_CHECK_UNKNOWN_TO_KERNEL] =
		{
			"check-refused",
			LOADER_WARNING,
			check_unknown,
			"the loader reads the hash of its map, which Linux 7.3 and later do not "
			"compute, so it fails on these kernels",
			"seal the loader (the scheme folded needs no check)",
		},
	[LOADER_OLD_EXTERNS] =
		{
			"old-externs",
			LOADER_WARNING,
			old_externs,
			"the loader resolves kernel functions and symbols with code of libbpf 1.2 "
			"or older: a symbol that is used twice may count as missing, and "
			"descriptors of modules may be closed twice",
			"seal the loader",
		},
	[LOADER_TOO_MANY_PROGS] =
		{
			"too-many-programs",
			LOADER_DANGER,
			too_many_progs,
			"the loader was made for more than 32 programs and subprograms, but libbpf "
			"gives it a stack for 32, so every kernel refuses it",
			"seal the loader, which makes room for 120 programs",
		},
	[LOADER_OPTIONAL_PROGS] =
		{
			"optional-programs",
			LOADER_WARNING,
			optional_progs,
			"programs in optional sections (SEC(\"?...\")) are not loaded, and in the skeleton later programs take their places",
			"remove the \"?\" from the section's name, or remove the program",
		},
	[LOADER_KERNEL_ADDRESS] =
		{
			"kernel-address",
			LOADER_DANGER,
			kernel_address,
			"a program contains an address of the build host's kernel, which helps "
			"attackers and makes the build irreproducible",
			"seal the loader, or build without root",
		},
	[LOADER_FIXED_CONFIG] =
		{
			"fixed-config",
			LOADER_NOTE,
			fixed_config,
			"the loader has fixed values for options, version or features of the "
			"kernel (__kconfig): it does not ask the kernel that loads it",
			"load it on kernels that have these values",
		},
	[LOADER_HOST_CPUS] =
		{
			"host-cpus",
			LOADER_NOTE,
			host_cpus,
			"the size of a perf event array is fixed; if the program does not set it, "
			"it is 8192, enough for the CPUs of any machine, or in a header of bpftool "
			"the build host's number of CPUs",
			"set max_entries in the program, or with --max-entries",
		},
	[LOADER_BTF_REFUSED] =
		{
			"btf-refused",
			LOADER_DANGER,
			btf_refused,
			"every kernel refuses this BTF, and so the object: a name is not a C "
			"identifier, an integer has an unknown encoding, or the version is not 1",
			"rename the type, compile with clang, or compile without -g if the "
			"program needs no BTF",
		},
	[LOADER_RING_SIZE] =
		{
			"ring-buffer-size",
			LOADER_DANGER,
			ring_size,
			"the size of a ring buffer is not a power of two and a multiple of the "
			"page size, so every kernel refuses to create it",
			"set a size such as 4096, 8192 or 16384, in the program or with "
			"--max-entries",
		},
	[LOADER_NO_SUCH_HELPER] =
		{
			"no-such-helper",
			LOADER_WARNING,
			no_such_helper,
			"the program calls a number that no kernel has as a helper; a kernel "
			"refuses the program, unless it can see that this code never runs",
			"check that the program is complete: nobody can change it once it is "
			"signed",
		},
	[LOADER_ARENA_SIZE] =
		{
			"arena-size",
			LOADER_DANGER,
			arena_size,
			"an arena has no pages or more than 4 GiB, or its address (map_extra) is "
			"not that of a page or leads across a multiple of 4 GiB, so every kernel "
			"refuses to create it",
			"set max_entries to the number of pages, 1048576 at most, in the program "
			"or with --max-entries, and another map_extra",
		},
	[LOADER_SMALL_PAGES] =
		{
			"small-pages",
			LOADER_NOTE,
			small_pages,
			"the size of a ring buffer or arena does not fit pages of 64 KiB, so kernels "
			"with such pages (some for arm64 and ppc64le) refuse to create it",
			"for these kernels, set the size of a ring buffer to a multiple of 65536, "
			"or of an arena to 65536 pages at most",
		},
	[LOADER_NO_MAX_ENTRIES] =
		{
			"no-max-entries",
			LOADER_DANGER,
			no_max_entries,
			"a map has no max_entries, which its type needs, so every kernel refuses "
			"to create it; a program that is not signed sets it before it loads",
			"set it with --max-entries MAP=N, or in the program: there is no other way "
			"for the maps in a map",
		},
	[LOADER_MAP_LAYOUT] =
		{
			"map-layout",
			LOADER_DANGER,
			map_layout,
			"the size of keys or values is missing or is not one of the map's type, "
			"max_entries is set where the type has none, or BTF or a flag is missing "
			"that the type needs, so every kernel refuses to create the map",
			"declare them in the program: __type(key, ...) and __type(value, ...); for "
			"a stack trace __uint(key_size, 4) and __uint(value_size, 127 * 8); for "
			"storage and tries __uint(map_flags, BPF_F_NO_PREALLOC)",
		},
	[LOADER_UNKNOWN] =
		{
			"unknown-loader",
			LOADER_DANGER,
			NULL, /* not found by a rule: such a loader cannot be read */
			"the loader is not recognized as one of libbpf's, so it is not known what "
			"it installs or whether it works",
			"generate it with a libbpf from 0.8 to that of Linux 7.4",
		},
	[LOADER_TEXT_UNCHECKED] =
		{
			"text-unchecked",
			LOADER_WARNING,
			NULL, /* not found by a rule: it is about the header's text */
			"an old bpftool wrote the C text around the arrays; its text varies, so "
			"it was not checked",
			"review the text, or generate the header with a newer bpftool",
		},
	[LOADER_LARGE_PAGES] =
		{
			"large-pages",
			LOADER_WARNING,
			NULL, /* not found by a rule: it is about the header's text */
			"the header was made on a machine with larger pages than 4 KiB: where pages "
			"are smaller than there, the kernel does not map the section, and the "
			"header does not load",
			"sign the object, whose header fits pages of any size",
		},
	[LOADER_CHANGED] =
		{
			"changed",
			LOADER_DANGER,
			NULL, /* not found by a rule: the signatures show it */
			"the present signatures do not match this content: it was changed after "
			"it was signed",
			"generate the header again",
		},
	[LOADER_HOST_CONFIG] =
		{
			"host-config",
			LOADER_DANGER,
			NULL, /* not found by a rule: who gives the values knows which are given */
			"unless they are given, these values are those of the build host's kernel, "
			"and a program that uses them may do the wrong thing on another kernel",
			"sign the object with --set NAME=VALUE, or with --kconfig FILE for CONFIG_*",
		},
	[LOADER_PINNED_MAP] =
		{
			"pinned-map",
			LOADER_NOTE,
			NULL, /* not found by a rule: it is about what the object asked for */
			"libbpf would pin this map, or use the one that is pinned already; a loader "
			"always creates a new map, and pins nothing",
			"call NAME__pin(skel, NULL) after NAME__load(), or bpf_obj_pin() in a "
			"program with --runtime libbpf",
		},
	[LOADER_NOT_ATTACHED] =
		{
			"not-attached",
			LOADER_WARNING,
			NULL, /* not found by a rule: it is about the header's text */
			"NAME__attach() does not attach these programs: in headers of bpftool and for "
			"libbpf it skips probes and tracepoints and returns 0, in others it returns "
			"-EOPNOTSUPP for what only libbpf can attach, such as usdt",
			"sign the object instead of a header, without --runtime libbpf, or attach them "
			"by hand (docs/adopt.md)",
		},
	[LOADER_WRITABLE_IMAGE] =
		{
			"writable-image",
			LOADER_WARNING,
			NULL, /* not found by a rule: it is about the program around the image */
			"the program can write to its signed image, so what it loads need not be "
			"what was verified",
			"build it with a constant: a section .bpf_signed without the flag W",
		},
	[LOADER_SAME_NAME] =
		{
			"same-name",
			LOADER_WARNING,
			NULL, /* not found by a rule: it is about the program around the image */
			"the program has several different signed images of this name",
			"build it anew, so that all its parts have the same image, or sign with "
			"another --name",
		},
};

struct loader_finding loader_finding(enum loader_finding_id id)
{
	return (struct loader_finding){
		.id = id,
		.name = rules[id].name,
		.severity = rules[id].severity,
		.what = rules[id].what,
		.remedy = rules[id].remedy,
	};
}

size_t loader_findings(const struct loader *loader, unsigned int schemes, size_t progs,
		       struct loader_finding ret[LOADER_FINDING_NR])
{
	const struct judged subject = {loader, schemes, progs};
	size_t nr = 0;

	for (size_t id = 0; id < LOADER_FINDING_NR; id++) {
		const struct rule *rule = &rules[id];
		const char *where = "";

		if (!rule->applies || !rule->applies(&subject, &where))
			continue;
		ret[nr] = loader_finding((enum loader_finding_id)id);
		err_escape(ret[nr].where, sizeof(ret[nr].where), where, strlen(where));
		nr++;
	}
	return nr;
}

int loader_finding_from_name(const char *name, enum loader_finding_id *ret)
{
	for (size_t id = 0; id < LOADER_FINDING_NR; id++) {
		if (!strcmp(rules[id].name, name)) {
			*ret = (enum loader_finding_id)id;
			return 0;
		}
	}
	return -ENOENT;
}

const char *loader_severity_name(enum loader_severity severity)
{
	static const char *const names[] = {
		[LOADER_NOTE] = "note",
		[LOADER_WARNING] = "warning",
		[LOADER_DANGER] = "danger",
	};

	return names[severity];
}
