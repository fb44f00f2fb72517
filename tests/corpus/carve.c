// SPDX-License-Identifier: BSD-2-Clause
/*
 * carve - copy the BPF ELF objects that are inside files: carve FOLDER FILE...
 *
 * Tools embed their BPF object whole (libbpf skeletons, Go's embed), so it can be found again by
 * its ELF header. A BPF object itself is the case where one starts at offset 0. Each is written to
 * FOLDER/NAME.bpf.o, NAME-2.bpf.o and so on, and its path is printed.
 */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

struct view {
	const unsigned char *data;
	size_t size;
};

static bool is_bpf_object(struct view at, Elf64_Ehdr *ret)
{
	if (at.size < sizeof(*ret))
		return false;
	memcpy(ret, at.data, sizeof(*ret));
	return !memcmp(ret->e_ident, ELFMAG, SELFMAG) && ret->e_ident[EI_CLASS] == ELFCLASS64 &&
	       ret->e_ident[EI_DATA] == ELFDATA2LSB && ret->e_type == ET_REL &&
	       ret->e_machine == EM_BPF && ret->e_shentsize == sizeof(Elf64_Shdr);
}

/* The end of the furthest thing the section headers speak of; 0 if it is not within AT. */
static size_t object_size(struct view at, const Elf64_Ehdr *header)
{
	uint64_t end = header->e_shoff + (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
	Elf64_Shdr section;

	if (header->e_shoff > at.size || end > at.size)
		return 0;
	for (unsigned i = 0; i < header->e_shnum; i++) {
		memcpy(&section, at.data + header->e_shoff + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_NOBITS)
			continue;
		if (section.sh_offset > at.size || section.sh_size > at.size - section.sh_offset)
			return 0;
		if (section.sh_offset + section.sh_size > end)
			end = section.sh_offset + section.sh_size;
	}
	return end;
}

/* The object's name in NAME: without folder, ".bpf.o" and the like; a digit cannot start it. */
static char *stem_of(const char *name)
{
	static const char *const endings[] = {".o", ".bpf"};
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
	char *stem;

	if (asprintf(&stem, "%s%s", isdigit((unsigned char)*last) ? "_" : "", last) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t size = strlen(stem), cut = strlen(endings[i]);

		if (size > cut && !strcmp(stem + size - cut, endings[i]))
			stem[size - cut] = '\0';
	}
	return stem;
}

static int write_object(const char *path, struct view object)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return -errno;
	if (fwrite(object.data, 1, object.size, file) != object.size) {
		fclose(file);
		return -EIO;
	}
	if (fclose(file))
		return -errno;
	puts(path);
	return 0;
}

static int carve(const char *folder, const char *name, struct view file)
{
	char *stem = stem_of(name);
	char path[4096], number[16] = "";
	Elf64_Ehdr header;
	unsigned found = 0;
	int err = 0;

	for (size_t at = 0; stem && !err && at < file.size; at++) {
		const unsigned char *next = memmem(file.data + at, file.size - at, ELFMAG, SELFMAG);
		struct view rest = {next, 0};

		if (!next)
			break;
		at = next - file.data;
		rest.size = file.size - at;
		if (!is_bpf_object(rest, &header))
			continue;
		rest.size = object_size(rest, &header);
		if (!rest.size)
			continue;
		if (++found > 1)
			snprintf(number, sizeof(number), "-%u", found);
		snprintf(path, sizeof(path), "%s/%s%s.bpf.o", folder, stem, number);
		err = write_object(path, rest);
		at += rest.size - 1;
	}
	free(stem);
	return err;
}

static int carve_file(const char *folder, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct view file = {NULL, 0};
	struct stat status;
	void *map;
	int err;

	if (fd < 0 || fstat(fd, &status)) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	file.size = status.st_size;
	map = file.size ? mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	file.data = map;
	err = carve(folder, name, file);
	if (map)
		munmap(map, file.size);
	return err;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: carve FOLDER FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		int err = carve_file(argv[1], argv[i]);

		if (err) {
			fprintf(stderr, "carve: %s: %s\n", argv[i], strerror(-err));
			status = 1;
		}
	}
	return status;
}
