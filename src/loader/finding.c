// SPDX-License-Identifier: BSD-2-Clause
/* What is dangerous or surprising in a loader that is signed; see docs/loaders.md. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/btf.h"
#include "loader/loader.h"
#include "loader/walk.h"

/* enum bpf_map_type, which an older linux/bpf.h does not have whole. */
#define MAP_TYPE_RINGBUF      27
#define MAP_TYPE_USER_RINGBUF 31

/* Descriptors follow the two that are always there, up to the end of the stack. */
_Static_assert(LOADER_PROGS_MAX == -STACK_PROGS / 4, "as struct loader_stack");

bool loader_has_too_many_progs(const struct loader *loader)
{
	return loader->nr_slots > LOADER_PROGS_MAX;
}

#define HAS(schemes, scheme) (1u << (scheme) & (schemes))
#define HAS_INSNS(schemes)   (HAS(schemes, SCHEME_INSNS) || HAS(schemes, SCHEME_INSNS_HASH))

/* What a rule judges. */
struct judged {
	const struct loader *loader;
	unsigned int schemes;
	size_t progs;
};

/* Each rule answers whether it applies, and may name a map or a program. */
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

/* Whether the build host has left an address where EXT's goes. */
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

static bool host_config(const struct judged *s, const char **ret_where)
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

static bool host_cpus(const struct judged *s, const char **ret_where)
{
	for (size_t i = 0; i < s->loader->nr_maps; i++) {
		if (s->loader->maps[i].type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
			*ret_where = s->loader->maps[i].name;
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

/* The smallest page there is; larger ones are multiples of it. */
#define PAGE_SIZE_MIN 4096

/* kernel/bpf/ringbuf.c: ringbuf_map_alloc() */
static bool ring_size(const struct judged *s, const char **ret_where)
{
	for (size_t i = 0; i < s->loader->nr_maps; i++) {
		const struct loader_map *map = &s->loader->maps[i];
		const uint32_t size = map->max_entries;

		if (map->type != MAP_TYPE_RINGBUF && map->type != MAP_TYPE_USER_RINGBUF)
			continue;
		if (!size || size & (size - 1) || size % PAGE_SIZE_MIN) {
			*ret_where = map->name;
			return true;
		}
	}
	return false;
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
			"whoever runs the loader can replace the initial values of maps, also of frozen "
			"ones, under a valid signature",
			"seal the loader",
		},
	[LOADER_OPEN_SIZES] =
		{
			"open-sizes",
			LOADER_DANGER,
			open_sizes,
			"whoever runs the loader can change max_entries of every map under a valid "
			"signature",
			"seal the loader",
		},
	[LOADER_DATA_UNCOVERED] =
		{
			"data-uncovered",
			LOADER_DANGER,
			data_uncovered,
			"a signature of the scheme insns covers the instructions alone, and these do not "
			"check the data: programs and maps can be replaced",
			"seal the loader, or sign for another scheme",
		},
	[LOADER_NOT_EXCLUSIVE] =
		{
			"not-exclusive",
			LOADER_DANGER,
			not_exclusive,
			"the loader checks the hash of its data but not that nobody else can write to it "
			"meanwhile (CVE-2026-80675)",
			"seal the loader with the check of Linux 7.2",
		},
	[LOADER_OFF_BY_ONE] =
		{
			"off-by-one",
			LOADER_WARNING,
			off_by_one,
			"where its check fails, the loader jumps one instruction too far and closes a "
			"number that is no file descriptor (libbpf 1.7.0)",
			"seal the loader",
		},
	[LOADER_CHECK_UNKNOWN_TO_KERNEL] =
		{
			"check-refused",
			LOADER_WARNING,
			check_unknown,
			"the loader reads the hash of its map, which Linux 7.3 and later do not compute: "
			"it fails there, whatever its signature",
			"seal the loader: the scheme folded needs no check",
		},
	[LOADER_OLD_EXTERNS] =
		{
			"old-externs",
			LOADER_WARNING,
			old_externs,
			"code of libbpf 1.2 or older resolves kernel functions and symbols: a "
			"symbol that is used twice may count as missing, and descriptors of "
			"modules may be closed twice",
			"seal the loader",
		},
	[LOADER_TOO_MANY_PROGS] =
		{
			"too-many-programs",
			LOADER_DANGER,
			too_many_progs,
			"more than 32 programs and subprograms: the loader writes beyond its stack, and no "
			"kernel takes it",
			"split the object, or inline subprograms",
		},
	[LOADER_OPTIONAL_PROGS] =
		{
			"optional-programs",
			LOADER_WARNING,
			optional_progs,
			"programs in optional sections (SEC(\"?...\")) are not loaded, and those behind "
			"them take their places in the skeleton",
			"give the section its name without \"?\", or leave the program out",
		},
	[LOADER_KERNEL_ADDRESS] =
		{
			"kernel-address",
			LOADER_DANGER,
			kernel_address,
			"an address of the build host's kernel stands in a program, where it helps an "
			"attacker and makes the build irreproducible",
			"seal the loader, or build without root",
		},
	[LOADER_HOST_CONFIG] =
		{
			"host-config",
			LOADER_WARNING,
			host_config,
			"the configuration and version of the kernel it was built on are fixed in the "
			"loader, not those of the kernel that loads it",
			"build on the kernel it is for, or set the values at signing",
		},
	[LOADER_HOST_CPUS] =
		{
			"host-cpus",
			LOADER_NOTE,
			host_cpus,
			"the size of a perf event array is fixed; where the program does not set it, it is "
			"the build host's number of CPUs",
			"set max_entries in the program or at signing",
		},
	[LOADER_BTF_REFUSED] =
		{
			"btf-refused",
			LOADER_DANGER,
			btf_refused,
			"no kernel accepts this BTF, so none loads the object: a name is not one of C, an "
			"integer has an encoding that kernels do not know, or the version is not 1",
			"rename the type, compile with clang, or without -g if the program needs no BTF",
		},
	[LOADER_RING_SIZE] =
		{
			"ring-buffer-size",
			LOADER_DANGER,
			ring_size,
			"the size of a ring buffer is not a power of two and a multiple of the page size, so "
			"that no kernel creates it",
			"give a size of 4096, 8192, 16384 and so on, in the program or with --max-entries",
		},
	[LOADER_UNKNOWN] =
		{
			"unknown-loader",
			LOADER_DANGER,
			NULL, /* it is not read */
			"the loader is not one that is known, so there is no telling what it installs or "
			"whether it would work",
			"generate it with a libbpf of 0.8 to Linux 7.4",
		},
	[LOADER_TEXT_UNCHECKED] =
		{
			"text-unchecked",
			LOADER_WARNING,
			NULL, /* it is not in the loader */
			"the text around the arrays is of an old bpftool whose text varies, so it is not "
			"compared with what it should be",
			"read it, or generate the header with a newer bpftool",
		},
	[LOADER_CHANGED] =
		{
			"changed",
			LOADER_DANGER,
			NULL, /* it takes the signatures to see it */
			"the signatures that are present are not over this content: it was changed after it "
			"was signed",
			"generate the header again",
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
