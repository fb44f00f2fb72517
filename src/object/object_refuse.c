// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_refuse.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "object/object.h"

/* Newer than the UAPI headers of some distributions that we build on. */
#define MAP_TYPE_STRUCT_OPS 26
#define MAP_TYPE_ARENA	    33

/* --- the file --- */

static bool is_big(struct view elf)
{
	return elf.data[EI_DATA] == ELFDATA2MSB;
}

static uint16_t half(struct view elf, size_t offset)
{
	const uint8_t *at = elf.data + offset;

	return (uint16_t)(is_big(elf) ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

/* The names that a user knows from compilers and uname(1); others have a number only. */
static const char *machine_name(uint16_t machine)
{
	switch (machine) {
	case EM_386:
		return " (i386)";
	case EM_S390:
		return " (s390x)";
	case EM_ARM:
		return " (arm)";
	case EM_X86_64:
		return " (x86-64)";
	case EM_AARCH64:
		return " (arm64)";
	case EM_RISCV:
		return " (riscv)";
	default:
		return "";
	}
}

static int refuse_machine(uint16_t type, uint16_t machine, struct err *err)
{
	const char *name = machine_name(machine);

	if (type == ET_EXEC || type == ET_DYN)
		return err_set(
			err, -EBADMSG,
			"is a program or library for machine %u%s, expected a BPF object: sign "
			"the object (x.bpf.o) or skeleton that it is built from",
			machine, name);
	if (machine != EM_BPF)
		return err_set(
			err, -EBADMSG,
			"is an object or kernel module for machine %u%s, expected a BPF object: "
			"compile with clang -target bpf -c",
			machine, name);
	return err_set(
		err, -EBADMSG,
		"is an ELF file of type %u for BPF, expected a relocatable file: compile with clang "
		"-target bpf -c",
		type);
}

/* Whether the table of sections ends within the file. */
static bool is_whole(struct view elf)
{
	uint64_t table = 0, size = (uint64_t)half(elf, offsetof(Elf64_Ehdr, e_shnum)) *
				   half(elf, offsetof(Elf64_Ehdr, e_shentsize));
	const uint8_t *at = elf.data + offsetof(Elf64_Ehdr, e_shoff);

	for (size_t i = 0; i < sizeof(table); i++)
		table = table << 8 | at[is_big(elf) ? i : sizeof(table) - 1 - i];
	return table <= elf.size && size <= elf.size - table;
}

/* libbpf 1.5 is the first to read objects of the other byte order. */
static bool reads_both_orders(void)
{
	return libbpf_major_version() > 1 ||
	       (libbpf_major_version() == 1 && libbpf_minor_version() >= 5);
}

int object_refuse_file(struct view elf, struct err *err)
{
	const bool big_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint16_t type, machine;

	if (elf.size < sizeof(Elf64_Ehdr))
		return err_set(err, -EBADMSG,
			       "is an ELF file that is cut off after %zu bytes: compile or copy it "
			       "again",
			       elf.size);
	type = half(elf, offsetof(Elf64_Ehdr, e_type));
	machine = half(elf, offsetof(Elf64_Ehdr, e_machine));
	if (type != ET_REL || machine != EM_BPF)
		return refuse_machine(type, machine, err);
	if (!is_whole(elf))
		return err_set(
			err, -EBADMSG,
			"is a BPF object that is cut off after %zu bytes: compile or copy it "
			"again",
			elf.size);
	if (is_big(elf) != big_host && !reads_both_orders())
		return err_set(err, -ENOTSUP,
			       "is for %s-endian machines: built with libbpf %s, which reads "
			       "only this machine's byte order; it needs libbpf 1.5 or later",
			       is_big(elf) ? "big" : "little", object_libbpf_version());
	return 0;
}

/* --- programs --- */

/*
 * The sections that libbpf learned after 0.8 (libbpf.c: section_defs[]), and with which version; a
 * "+" stands for nothing, or for '/' and any text.
 */
static const struct known_section {
	const char *name;
	const char *version;
} known_sections[] = {
	{"lsm_cgroup+", "1.0"},
	{"ksyscall+", "1.0"},
	{"kretsyscall+", "1.0"},
	{"uprobe.s+", "1.0"},
	{"uretprobe.s+", "1.0"},
	{"struct_ops.s+", "1.2"},
	{"netfilter", "1.3"},
	{"netkit/peer", "1.3"},
	{"netkit/primary", "1.3"},
	{"tc/egress", "1.3"},
	{"tc/ingress", "1.3"},
	{"tcx/egress", "1.3"},
	{"tcx/ingress", "1.3"},
	{"cgroup/connect_unix", "1.3"},
	{"cgroup/getpeername_unix", "1.3"},
	{"cgroup/getsockname_unix", "1.3"},
	{"cgroup/recvmsg_unix", "1.3"},
	{"cgroup/sendmsg_unix", "1.3"},
	{"uprobe.multi+", "1.3"},
	{"uprobe.multi.s+", "1.3"},
	{"uretprobe.multi+", "1.3"},
	{"uretprobe.multi.s+", "1.3"},
	{"usdt.s+", "1.3"},
	{"sk_skb/verdict", "1.4"},
	{"kprobe.session+", "1.5"},
	{"uprobe.session+", "1.6"},
	{"uprobe.session.s+", "1.6"},
	{"fsession+", "1.7"},
	{"fsession.s+", "1.7"},
	{"fentry.multi+", "1.8"},
	{"fentry.multi.s+", "1.8"},
	{"fexit.multi+", "1.8"},
	{"fexit.multi.s+", "1.8"},
	{"fsession.multi+", "1.8"},
	{"fsession.multi.s+", "1.8"},
	{"raw_tp.s+", "1.8"},
	{"raw_tracepoint.s+", "1.8"},
	{"tp.s+", "1.8"},
	{"tp_btf.s+", "1.8"},
	{"tracepoint.s+", "1.8"},
};

static bool section_matches(const char *section, const char *name)
{
	size_t size = strcspn(name, "+");
	char next;

	if (strncmp(section, name, size))
		return false;
	next = section[size];
	return !next || (name[size] && next == '/');
}

/* The first libbpf that knows SECTION, or NULL. */
static const char *first_version(const char *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_sections); i++) {
		if (section_matches(section, known_sections[i].name))
			return known_sections[i].version;
	}
	return NULL;
}

int object_refuse_empty(struct err *err)
{
	return err_set(err, -ENOTSUP,
		       "contains neither maps nor a program to load: a program is a function with "
		       "SEC(\"...\")");
}

static int refuse_section(const struct bpf_program *prog, struct err *err)
{
	const char *name = bpf_program__name(prog), *section = bpf_program__section_name(prog);
	const char *version;

	section += *section == '?';
	version = first_version(section);
	if (!strcmp(section, ".text")) /* libbpf before 1.4 calls it a program, if it is alone */
		return object_refuse_empty(err);
	if (version)
		return err_set(err, -ENOTSUP,
			       "program %s: built with libbpf %s, which does not know SEC(\"%s\"): "
			       "use libbpf %s or later, or choose a type with --type %s=TYPE",
			       name, object_libbpf_version(), section, version, name);
	return err_set(
		err, -ENOTSUP,
		"program %s: built with libbpf %s, which does not know SEC(\"%s\"): correct "
		"the section's name, choose a type with --type %s=TYPE, or use a newer libbpf",
		name, object_libbpf_version(), section, name);
}

static int refuse_untargeted(const struct bpf_program *prog, struct err *err)
{
	return err_set(err, -ENOTSUP,
		       "program %s: SEC(\"%s\") names no function to attach to: choose it with "
		       "--attach-target %s=FUNC",
		       bpf_program__name(prog), bpf_program__section_name(prog),
		       bpf_program__name(prog));
}

int object_refuse_prog(const struct bpf_program *prog, struct err *err)
{
	const char *name = bpf_program__name(prog);

	if (!bpf_program__autoload(prog))
		return 0;
	switch ((int)bpf_program__type(prog)) {
	case BPF_PROG_TYPE_UNSPEC:
		return refuse_section(prog, err);
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_LSM:
		return strchr(bpf_program__section_name(prog), '/') ? 0
								    : refuse_untargeted(prog, err);
	case BPF_PROG_TYPE_EXT:
		return err_set(err, -ENOTSUP,
			       "program %s replaces another program (freplace), whose file "
			       "descriptor a loader cannot get: load it unsigned",
			       name);
	case BPF_PROG_TYPE_STRUCT_OPS:
		return err_set(err, -ENOTSUP,
			       "program %s is one of struct_ops, which libbpf cannot put into a "
			       "loader: load it unsigned, with an ordinary skeleton",
			       name);
	default:
		return 0;
	}
}

/* --- maps --- */

int object_refuse_map(const struct bpf_map *map, struct err *err)
{
	unsigned int type = bpf_map__type(map);
	const char *name = bpf_map__name(map);
	size_t size;

	if (type == MAP_TYPE_STRUCT_OPS)
		return err_set(
			err, -ENOTSUP,
			"map %s is one of struct_ops, which libbpf cannot put into a loader: "
			"load it unsigned, with an ordinary skeleton",
			name);
	if (type == MAP_TYPE_ARENA && bpf_map__initial_value((struct bpf_map *)map, &size))
		return err_set(err, -ENOTSUP,
			       "arena %s has contents, which libbpf cannot put into a loader: fill "
			       "it at run time instead",
			       name);
	if ((type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS) &&
	    !bpf_map__inner_map((struct bpf_map *)map))
		return err_set(err, -ENOTSUP,
			       "map %s is a map of maps that does not say what its maps look like, "
			       "so every kernel refuses to create it: add __array(values, struct "
			       "...) to its definition",
			       name);
	return 0;
}

/* --- what libbpf says --- */

const char *object_remedy(const char *warning)
{
	static const struct {
		const char *words, *remedy;
	} known[] = {
		{"invalid pinning value",
		 ": libbpf knows LIBBPF_PIN_NONE and LIBBPF_PIN_BY_NAME; remove what was written "
		 "for another library"},
		{"BTF is required", ": compile with -g"},
		{"failed to find BTF for extern",
		 ": compile with -g, and declare it with its type"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strstr(warning, known[i].words))
			return known[i].remedy;
	}
	return "";
}
