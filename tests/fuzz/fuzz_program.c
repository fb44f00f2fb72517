// SPDX-License-Identifier: BSD-2-Clause
/*
 * Signed images in ELF files and archives: they are inside, and together no larger than the file;
 * put into another program, the same are found.
 */
#include <elf.h>
#include <string.h>

#include "fuzz.h"
#include "program/program.h"

static struct view bytes_of(struct view file, const struct program_image *image)
{
	return view_sub(file, (size_t)image->offset, image->size);
}

static void check(struct view file, const struct program *program)
{
	size_t sum = 0;

	FUZZ_MUST(program->nr <= PROGRAM_IMAGES_MAX);
	for (size_t i = 0; i < program->nr; i++) {
		const struct program_image *image = &program->list[i];

		FUZZ_MUST(image->size <= file.size && image->copies &&
			  image->copies <= file.size / image->size);
		sum += image->size * image->copies;
		FUZZ_MUST(bytes_of(file, image).data && image_file_is(bytes_of(file, image)));
		FUZZ_MUST(*image->name && fuzz_is_printable(view_str(image->name), false));
		for (size_t j = 0; j < i; j++)
			FUZZ_MUST(strcmp(program->list[j].name, image->name) != 0);
	}
	FUZZ_MUST(sum <= file.size);
}

/* A program without section headers that has the images of PROGRAM. */
static void put_program(struct view file, const struct program *program, struct buf *ret)
{
	Elf64_Ehdr head = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, 1},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = 1,
		.e_phoff = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	Elf64_Phdr segment = {.p_type = PT_LOAD, .p_offset = sizeof(head) + sizeof(segment)};

	for (size_t i = 0; i < program->nr; i++)
		segment.p_filesz += program->list[i].size;
	buf_add(ret, &head, sizeof(head));
	buf_add(ret, &segment, sizeof(segment));
	for (size_t i = 0; i < program->nr; i++)
		buf_add_view(ret, bytes_of(file, &program->list[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view file = view_of(data, size);
	_program_ struct program program = {.nr = 0}, again = {.nr = 0};
	_buf_ struct buf other = {0};
	struct err err = {0};
	int rc = program_find_in(file, &program, &err);

	FUZZ_MUST(rc == err.code && (!rc || fuzz_is_printable(view_str(err.text), false)));
	FUZZ_MUST((rc == ERR_NO_INPUT) == !program_begins(view_head(file, PROGRAM_HEAD_SIZE)));
	check(file, &program);
	if (!program.nr)
		return 0;
	put_program(file, &program, &other);
	FUZZ_MUST(!program_find_in(buf_view(&other), &again, &err) && again.nr == program.nr);
	for (size_t i = 0; i < again.nr; i++)
		FUZZ_MUST(view_equal(bytes_of(buf_view(&other), &again.list[i]),
				     bytes_of(file, &program.list[i])));
	return 0;
}
