// SPDX-License-Identifier: BSD-2-Clause
/*
 * What was made of an object, against its loader: the process that read it may have been taken
 * over, and says what both are.
 */
#include "header.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader_sample.h"
#include "prepare.h"

static struct image image;
static struct skel skel;

static void build(const char *name)
{
	char source[64];

	image_free(&image);
	skel_free(&skel);
	snprintf(source, sizeof(source), "tests/data/%s.bpf.c", name);
	image = sample_build(source, name, &skel);
}

/* What is wrong with them; "": nothing. */
static const char *wrong(void)
{
	_loader_ struct loader loader = {0};
	static struct err err;
	int rc;

	CHECK_INT(loader_read(&image, &loader, &err), 0);
	rc = header_fill_object(&skel, &loader, &err);
	CHECK(!rc || rc == -EBADMSG);
	return rc ? err.text : "";
}

/* The same where they disagree. */
static const char *said(void)
{
	const char *text = wrong();

	CHECK(!*text || strstr(text, "generated for the object disagree"));
	return text;
}

static void swap(void *a, void *b, size_t size)
{
	char bytes[sizeof(struct skel_map)];

	memcpy(bytes, a, size);
	memcpy(a, b, size);
	memcpy(b, bytes, size);
}

TEST(an_object_agrees_with_itself)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		build(samples[i]);
		if (!CHECK_STR(said(), ""))
			printf("# %s\n", samples[i]);
	}
	build("long_names");
	CHECK_STR(said(), "");
}

TEST(a_map_that_asks_for_a_pin_is_found)
{
	struct loader_finding finding;

	NEED_CLANG();
	build("pinned");
	CHECK(skel_has_pins(&skel));
	if (CHECK(header_find_pins(&skel, &finding))) {
		CHECK_INT(finding.id, LOADER_PINNED_MAP);
		CHECK_STR(finding.where, "pinned");
	}
	build("maps");
	CHECK(!skel_has_pins(&skel) && !header_find_pins(&skel, &finding));
}

TEST(names_are_those_of_the_loader)
{
	NEED_CLANG();
	build("long_names");
	swap(&skel.progs[0].ident, &skel.progs[1].ident, sizeof(char *));
	CHECK(strstr(said(), "skel->progs.my_long_program_beta would be the loader's program"));
	swap(&skel.progs[0].ident, &skel.progs[1].ident, sizeof(char *));
	/* The same in what kernels know of them. */
	swap(&skel.maps[0].ident, &skel.maps[1].ident, sizeof(char *));
	CHECK(strstr(said(), "skel->maps.my_long_counter_map_beta would be the loader's map"));
	swap(&skel.maps[0].ident, &skel.maps[1].ident, sizeof(char *));
	skel.maps[2].ident[17] = 'N';
	CHECK(strstr(said(), "skel->maps.another_long_map_Name would be the loader's map"));
	build("long_names");
	free(skel.maps[3].ident);
	skel.maps[3].ident = strdup("rodata_more");
	CHECK(strstr(said(), "skel->maps.rodata_more would be the loader's map"));
	build("typical");
	swap(&skel.maps[0].ident, &skel.maps[1].ident, sizeof(char *));
	CHECK(strstr(said(), "skel->maps."));
	build("typical");
	skel.maps[0].ident[0] = 'x';
	CHECK(strstr(said(), "skel->maps.xounts would be the loader's map counts"));
}

/* Sections are called rodata, data, bss; the other way round, too. */
TEST(sections_are_those_of_the_loader)
{
	NEED_CLANG();
	build("typical");
	for (size_t i = 0; i < skel.nr_maps; i++) {
		if (!skel.maps[i].mapped)
			continue;
		skel.maps[i].read_only = !skel.maps[i].read_only;
		CHECK(strstr(said(), "is not mapped as the loader makes map"));
		skel.maps[i].read_only = !skel.maps[i].read_only;
		skel.maps[i].percpu = true;
		CHECK(strstr(said(), "is not mapped as the loader makes map"));
		skel.maps[i].percpu = false;
	}
	CHECK_STR(said(), "");
}

static struct skel_map *first_section(void)
{
	size_t i = 0;

	while (!skel.maps[i].mapped)
		i++;
	return &skel.maps[i];
}

TEST(contents_of_sections_are_those_of_the_loader)
{
	struct skel_map *section;
	uint32_t size;

	NEED_CLANG();
	build("typical");
	section = first_section();
	CHECK(!section->value.size && !section->mmap_size);
	CHECK_STR(said(), "");
	CHECK(section->value.size && section->mmap_size == skel_mmap_size(section->value.size));
	size = section->vars[0].size;
	section->vars[0].size = (uint32_t)section->value.size + 1;
	CHECK(strstr(wrong(), "is larger than its section"));
	section->vars[0].size = size;
	/* a map that the loader leaves empty */
	skel.maps[0].mapped = true;
	CHECK(strstr(wrong(), "the loader has no contents for section"));
}

/* The members of the first section of variables become TEXT. */
static void set_members(const char *text)
{
	struct buf *members = &first_section()->members;

	buf_free(members);
	buf_add_str(members, text);
}

TEST(variables_are_those_of_the_loader_in_their_order)
{
	NEED_CLANG();
	build("long_names");
	set_members("int my_long_variable_alpha; char __pad0[4]; int my_long_variable_beta;");
	CHECK_STR(said(), "");
	set_members("int my_long_variable_beta;"); /* the other may be static */
	CHECK_STR(said(), "");
	set_members("int my_long_variable_beta; int my_long_variable_alpha;");
	CHECK(strstr(said(), "variable my_long_variable_alpha is not one of section rodata"));
	set_members("int my_long_variable_alpha; int my_long_variable_alpha;");
	CHECK(strstr(said(), "variable my_long_variable_alpha is not one of section rodata"));
	set_members("int my_long_variable_alpha; int my_long_variable;");
	CHECK(strstr(said(), "variable my_long_variable is not one of section rodata"));
}

/* Raw BTF with a section of 65535 variables, each with the longest name there is. */
static struct buf btf_of_long_names(uint32_t *ret_section)
{
	struct btf *btf = btf__new_empty();
	struct buf raw = {0};
	char name[512];
	uint32_t size = 0;
	const void *data;
	int var;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	var = btf__add_var(btf, name, BTF_VAR_GLOBAL_ALLOCATED,
			   btf__add_int(btf, "int", 4, BTF_INT_SIGNED));
	*ret_section = (uint32_t)btf__add_datasec(btf, ".rodata", 8);
	for (int i = 0; i < 65535; i++)
		btf__add_datasec_var_info(btf, var, 0, 0);
	data = btf__raw_data(btf, &size);
	buf_add(&raw, data, size);
	btf__free(btf);
	return raw;
}

TEST(variables_that_are_too_many_to_be_compared_are_not_accepted)
{
	_loader_ struct loader loader = {0};
	_buf_ struct buf raw = {0};
	struct err err;
	uint32_t section;

	NEED_CLANG();
	build("long_names");
	set_members("int my_long_variable_alpha; char __pad0[4]; int my_long_variable_beta;");
	CHECK_INT(loader_read(&image, &loader, &err), 0);
	raw = btf_of_long_names(&section);
	loader.btf = buf_view(&raw);
	loader.maps[first_section() - skel.maps].btf_value = section;
	CHECK_INT(header_fill_object(&skel, &loader, &err), -EBADMSG);
	CHECK(strstr(err.text, "are too many to be compared with those of map"));
}

TEST(numbers_and_ways_to_attach_are_those_of_the_loader)
{
	NEED_CLANG();
	build("typical");
	skel.nr_progs--;
	CHECK(strstr(said(), "the struct has 4 maps and 1 programs, but the loader has 4 and 2"));
	skel.nr_progs++;
	skel.nr_maps--;
	CHECK(strstr(said(), "the struct has 3 maps and 2 programs, but the loader has 4 and 2"));
	skel.nr_maps++;
	skel.progs[0].attach = SKEL_ATTACH_TRACING;
	CHECK(strstr(said(), "count_packets is attached differently"));
}

/* prepare_image() of the object, as its bytes are now. */
static int prepare(const struct prepare_options *options, struct err *err)
{
	_loader_ struct loader loader = {0};
	struct prepare_result result;
	struct subject subject;

	CHECK_INT(loader_read(&image, &loader, err), 0);
	subject_begin(&subject, &image, &loader);
	return prepare_image(&subject, &skel, LOADER_PROGS_UNKNOWN, options, &result, err);
}

TEST(an_object_whose_loader_is_not_known_is_not_signed)
{
	const struct prepare_options kept = {.no_seal = true, .allowed = ~0u}, sealed = {0};
	struct err err;

	NEED_CLANG();
	build("typical");
	CHECK_INT(prepare(&kept, &err), 0);
	image.insns.data[IMAGE_INSN_SIZE] ^= 1;
	CHECK_INT(prepare(&kept, &err), -EBADMSG);
	CHECK(strstr(err.text, "the loader generated for this object is not recognized"));
	CHECK_INT(prepare(&sealed, &err), -EBADMSG);
	CHECK(strstr(err.text, "cannot seal the loader"));
	image_free(&image);
	skel_free(&skel);
}

UNIT_MAIN
