/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime_elf.h - what a signed header brings along to attach uprobes to functions by name, if
 * there are any such programs.
 *
 * The text from the next #ifndef on goes into headers, behind those of runtime.h, whose rules it
 * follows, and runtime_perf.h.
 *
 * Does: find files as libbpf does, and functions in ELF files, which it does not trust. Does not:
 * look into archives, or know versions of symbols.
 */
#include "lskel/runtime_perf.h"

#ifndef BPF_CHAINSIGN_RT1_ELF_H
#define BPF_CHAINSIGN_RT1_ELF_H

/* For headers with programs for uprobes. */
#include <elf.h>
#include <sys/stat.h>

/* --- files --- */

/* Put the first file NAME that is in the folders of LIST, with colons between them, into PATH. */
static inline int bpf_chainsign_rt1_search(const char *list, const char *name, int mode, char *path,
					   size_t size)
{
	while (list && *list) {
		size_t own = strcspn(list, ":");

		if (own && own + strlen(name) + 2 <= size) {
			memcpy(path, list, own);
			path[own] = '/';
			memcpy(path + own + 1, name, strlen(name) + 1);
			if (!access(path, mode))
				return 0;
		}
		list += own + (list[own] == ':');
	}
	return -ENOENT;
}

/*
 * The file that NAME stands for: itself with a slash, a library if it ends with ".so" or has ".so."
 * in it, or else a program.
 */
static inline int bpf_chainsign_rt1_find_file(const char *name, char *path, size_t size)
{
#if defined(__x86_64__)
	const char *machine = "/lib/x86_64-linux-gnu";
#elif defined(__i386__)
	const char *machine = "/lib/i386-linux-gnu";
#elif defined(__s390x__)
	const char *machine = "/lib/s390x-linux-gnu";
#elif defined(__aarch64__)
	const char *machine = "/lib/aarch64-linux-gnu";
#elif defined(__arm__) && defined(__SOFTFP__)
	const char *machine = "/lib/arm-linux-gnueabi";
#elif defined(__arm__)
	const char *machine = "/lib/arm-linux-gnueabihf";
#elif defined(__powerpc64__)
	const char *machine = "/lib/powerpc64le-linux-gnu";
#elif defined(__riscv)
	const char *machine = "/lib/riscv64-linux-gnu";
#else
	const char *machine = "/lib";
#endif
	const char *dot = strstr(name, ".so");
	const int mode = dot && (!dot[3] || dot[3] == '.') ? R_OK : R_OK | X_OK;

	if (strchr(name, '/')) {
		if (strlen(name) >= size)
			return -ENAMETOOLONG;
		memcpy(path, name, strlen(name) + 1);
		return 0;
	}
	if (mode != R_OK)
		return bpf_chainsign_rt1_search(getenv("PATH"), name, mode, path, size) &&
				       bpf_chainsign_rt1_search("/usr/bin:/usr/sbin", name, mode,
								path, size)
			       ? -ENOENT
			       : 0;
	return bpf_chainsign_rt1_search(getenv("LD_LIBRARY_PATH"), name, mode, path, size) &&
			       bpf_chainsign_rt1_search("/usr/lib64:/usr/lib", name, mode, path,
							size) &&
			       bpf_chainsign_rt1_search(machine, name, mode, path, size)
		       ? -ENOENT
		       : 0;
}

/* --- functions --- */

/* A file in memory, which may be for 32 bits. */
struct bpf_chainsign_rt1_elf {
	const unsigned char *data;
	size_t size;
	bool is_32;
	Elf64_Ehdr head;
};

/* Whether the file has SIZE bytes at AT. */
static inline bool bpf_chainsign_rt1_elf_has(const struct bpf_chainsign_rt1_elf *elf, __u64 at,
					     __u64 size)
{
	return at <= elf->size && size <= elf->size - at;
}

/* Section number N: 0 or -errno. */
static inline int bpf_chainsign_rt1_elf_section(const struct bpf_chainsign_rt1_elf *elf, __u32 n,
						Elf64_Shdr *section)
{
	const size_t size = elf->is_32 ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr);
	const __u64 offset = elf->head.e_shoff, at = offset + n * (__u64)size;
	Elf32_Shdr small;

	if (n >= elf->head.e_shnum || at < offset || !bpf_chainsign_rt1_elf_has(elf, at, size))
		return -ENOEXEC;
	if (!elf->is_32) {
		memcpy(section, elf->data + at, size);
		return 0;
	}
	memcpy(&small, elf->data + at, size);
	memset(section, 0, sizeof(*section));
	section->sh_type = small.sh_type;
	section->sh_addr = small.sh_addr;
	section->sh_offset = small.sh_offset;
	section->sh_size = small.sh_size;
	section->sh_link = small.sh_link;
	return 0;
}

/* The symbol at AT, where there are enough bytes. */
static inline Elf64_Sym bpf_chainsign_rt1_elf_symbol(const struct bpf_chainsign_rt1_elf *elf,
						     __u64 at)
{
	Elf64_Sym symbol;
	Elf32_Sym small;

	if (!elf->is_32) {
		memcpy(&symbol, elf->data + at, sizeof(symbol));
		return symbol;
	}
	memcpy(&small, elf->data + at, sizeof(small));
	memset(&symbol, 0, sizeof(symbol));
	symbol.st_name = small.st_name;
	symbol.st_info = small.st_info;
	symbol.st_shndx = small.st_shndx;
	symbol.st_value = small.st_value;
	return symbol;
}

/* Where SYMBOL is in the file; 0: it is not there. */
static inline __u64 bpf_chainsign_rt1_elf_place(const struct bpf_chainsign_rt1_elf *elf,
						const Elf64_Sym *symbol)
{
	Elf64_Shdr section;

	if (!symbol->st_shndx || bpf_chainsign_rt1_elf_section(elf, symbol->st_shndx, &section) < 0)
		return 0;
	return symbol->st_value - section.sh_addr + section.sh_offset;
}

/* Whether SYMBOL is a function with that NAME, in the strings at AT. */
static inline bool bpf_chainsign_rt1_elf_is(const struct bpf_chainsign_rt1_elf *elf,
					    const Elf64_Sym *symbol, const Elf64_Shdr *strings,
					    const char *name)
{
	const size_t size = strlen(name) + 1;

	return (symbol->st_info & 0xf) == STT_FUNC && symbol->st_name < strings->sh_size &&
	       size <= strings->sh_size - symbol->st_name &&
	       !memcmp(elf->data + strings->sh_offset + symbol->st_name, name, size);
}

/*
 * Find function NAME in the symbols of TABLE: 0, with its place in *place, or -errno. Several
 * places are an error, unless all but one are weak.
 */
static inline int bpf_chainsign_rt1_elf_table(const struct bpf_chainsign_rt1_elf *elf,
					      const Elf64_Shdr *table, const char *name,
					      __u64 *place)
{
	const size_t size = elf->is_32 ? sizeof(Elf32_Sym) : sizeof(Elf64_Sym);
	bool is_weak = false;
	Elf64_Shdr strings;
	__u64 at, own;

	*place = 0;
	if (bpf_chainsign_rt1_elf_section(elf, table->sh_link, &strings) < 0 ||
	    !bpf_chainsign_rt1_elf_has(elf, strings.sh_offset, strings.sh_size) ||
	    !bpf_chainsign_rt1_elf_has(elf, table->sh_offset, table->sh_size))
		return -ENOEXEC;
	for (at = 0; at + size <= table->sh_size; at += size) {
		const Elf64_Sym symbol = bpf_chainsign_rt1_elf_symbol(elf, table->sh_offset + at);
		const bool weak = symbol.st_info >> 4 == STB_WEAK;

		if (!bpf_chainsign_rt1_elf_is(elf, &symbol, &strings, name))
			continue;
		own = bpf_chainsign_rt1_elf_place(elf, &symbol);
		if (!own || own == *place || (*place && weak))
			continue;
		if (*place && !is_weak)
			return -ENOTUNIQ;
		*place = own;
		is_weak = weak;
	}
	return *place ? 0 : -ENOENT;
}

/* Find function NAME, first among the symbols that the file exports. */
static inline int bpf_chainsign_rt1_elf_find(const struct bpf_chainsign_rt1_elf *elf,
					     const char *name, __u64 *place)
{
	static const __u32 types[] = {SHT_DYNSYM, SHT_SYMTAB};
	Elf64_Shdr section;
	int err = -ENOENT;
	unsigned int i;
	__u32 n;

	for (i = 0; i < 2; i++) {
		for (n = 0; err == -ENOENT && n < elf->head.e_shnum; n++) {
			if (bpf_chainsign_rt1_elf_section(elf, n, &section) < 0)
				return -ENOEXEC;
			if (section.sh_type == types[i])
				err = bpf_chainsign_rt1_elf_table(elf, &section, name, place);
		}
	}
	return err;
}

/* Read the head of the file: 0 or -errno. It must be of this machine's byte order. */
static inline int bpf_chainsign_rt1_elf_head(struct bpf_chainsign_rt1_elf *elf)
{
	const __u16 one = 1;
	const unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;
	Elf32_Ehdr small;

	if (elf->size < sizeof(elf->head) || memcmp(elf->data, ELFMAG, SELFMAG) ||
	    elf->data[EI_DATA] != order)
		return -ENOEXEC;
	elf->is_32 = elf->data[EI_CLASS] == ELFCLASS32;
	memcpy(&elf->head, elf->data, sizeof(elf->head));
	if (elf->is_32) {
		memcpy(&small, elf->data, sizeof(small));
		elf->head.e_shoff = small.e_shoff;
		elf->head.e_shnum = small.e_shnum;
	}
	return 0;
}

/* Where function NAME is in the file PATH: 0, with its offset in *place, or -errno. */
static inline int bpf_chainsign_rt1_elf_offset(const char *path, const char *name, __u64 *place)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct bpf_chainsign_rt1_elf elf;
	struct stat status;
	void *data;

	if (fd < 0)
		return -errno;
	memset(&elf, 0, sizeof(elf));
	if (fstat(fd, &status) < 0)
		err = -errno;
	else if (!S_ISREG(status.st_mode) || status.st_size <= 0)
		err = -ENOEXEC;
	else
		elf.size = (size_t)status.st_size;
	data = err ? MAP_FAILED : mmap(NULL, elf.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!err && data == MAP_FAILED)
		err = -errno;
	close(fd);
	if (err)
		return err;
	elf.data = (const unsigned char *)data;
	err = bpf_chainsign_rt1_elf_head(&elf);
	if (!err)
		err = bpf_chainsign_rt1_elf_find(&elf, name, place);
	munmap(data, elf.size);
	return err;
}

/* --- uprobes --- */

/* Attach a program at OFFSET of function FUNC, or at its return, in the file that NAME stands for.
 */
static inline int bpf_chainsign_rt1_attach_function(int prog_fd, bool is_return, int pid,
						    const char *name, const char *func,
						    __u64 offset)
{
	char path[4096];
	__u64 place = 0;
	int err = bpf_chainsign_rt1_find_file(name, path, sizeof(path));

	if (!err)
		err = bpf_chainsign_rt1_elf_offset(path, func, &place);
	return err ? err
		   : bpf_chainsign_rt1_attach_uprobe(prog_fd, is_return, pid, path, place + offset);
}

/* SECTION is "uprobe/FILE:FUNC+OFFSET" or "uretprobe/FILE:FUNC", for sleepable programs
 * "uprobe.s/...". */
static inline int bpf_chainsign_rt1_uprobe(const char *section, int prog_fd)
{
	const char *name = strchr(section, '/') + 1, *func = strchr(name, ':') + 1;
	const size_t file_size = (size_t)(func - name) - 1, func_size = strcspn(func, "+");
	char file[512], own[512];

	if (file_size >= sizeof(file) || func_size >= sizeof(own))
		return -ENAMETOOLONG;
	memcpy(file, name, file_size);
	file[file_size] = 0;
	memcpy(own, func, func_size);
	own[func_size] = 0;
	return bpf_chainsign_rt1_attach_function(prog_fd, section[1] == 'r', -1, file, own,
						 strtoull(func + func_size, NULL, 0));
}

#endif /* BPF_CHAINSIGN_RT1_ELF_H */
