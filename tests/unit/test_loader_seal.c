// SPDX-License-Identifier: BSD-2-Clause
/* Sealed forms: what is gone, what is there, and that there is one result for one object. */
#include <errno.h>
#include <linux/bpf.h>

#include "loader/insn.h"
#include "loader_sample.h"
#include "loader_text.h"

static struct err err;

static struct image seal(const struct image *image, enum loader_form form)
{
	struct image sealed = {0};

	if (sealed_copy(image, form, &sealed, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return sealed;
}

static bool same(const struct image *a, const struct image *b)
{
	return view_equal(buf_view(&a->insns), buf_view(&b->insns)) &&
	       view_equal(buf_view(&a->maps[0].value), buf_view(&b->maps[0].value));
}

static struct loader list(const struct image *image)
{
	struct loader loader = {0};

	CHECK_INT(read_known(image, &loader, &err), 0);
	return loader;
}

/* The listing as text from the maps on, without what sealing may change. */
static char *contents(const struct image *image)
{
	char *text = loader_text(image, &err);
	char *maps = text ? strchr(text, '\n') : NULL;
	char *copy = maps ? strdup(maps) : NULL;

	free(text);
	return copy;
}

static const enum loader_check checks[] = {
	[LOADER_FORM_PLAIN] = LOADER_CHECK_NONE,
	[LOADER_FORM_EXCL_HASH] = LOADER_CHECK_EXCL_HASH,
	[LOADER_FORM_HASH] = LOADER_CHECK_HASH,
};

TEST(a_sealed_loader_installs_the_same_and_asks_nobody)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples) * ARRAY_SIZE(checks); i++) {
		enum loader_form form = (enum loader_form)(i % ARRAY_SIZE(checks));
		_image_ struct image image = sample_image(samples[i / ARRAY_SIZE(checks)]);
		_image_ struct image sealed = seal(&image, form);
		_loader_ struct loader loader = list(&sealed);
		char *before = contents(&image), *after = contents(&sealed);

		CHECK_STR(after, before);
		CHECK(!loader.open_sizes && !loader.open_values);
		CHECK(!loader.old_kfunc && !loader.old_ksym);
		CHECK_INT(loader.check, checks[form]);
		CHECK_INT(loader_has_check(&sealed), form != LOADER_FORM_PLAIN);
		free(before);
		free(after);
	}
}

TEST(forms_lead_to_each_other_and_sealing_again_changes_nothing)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(checks) * ARRAY_SIZE(checks); i++) {
		_image_ struct image image = sample_image("externs");
		_image_ struct image one = seal(&image, (enum loader_form)(i / ARRAY_SIZE(checks)));
		_image_ struct image other = seal(&image,
						  (enum loader_form)(i % ARRAY_SIZE(checks)));
		_image_ struct image via = seal(&one, (enum loader_form)(i % ARRAY_SIZE(checks)));

		CHECK(same(&via, &other));
	}
}

static void swap_insns(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size / IMAGE_INSN_SIZE; i++)
		insn_put(data + i * 8, insn_get(view_of(data, size), i, false), true);
}

/* The numbers of an attribute that stand between the bytes FROM and TO. */
static void swap_words(uint8_t *attr, size_t from, size_t to)
{
	for (size_t i = from; i < to; i += 4)
		put_u32(attr + i, get_u32(view_of(attr + i, 4), 0, false), true);
}

/* Make of a little-endian loader without externs what libbpf generates for the other machine. */
static void swap_image(struct image *image)
{
	uint8_t *data = image->maps[0].value.data;
	_loader_ struct loader loader = list(image);
	size_t btf_end = (size_t)(loader.btf.data - data) + (loader.btf.size + 7) / 8 * 8;

	swap_words(data + btf_end, offsetof(union bpf_attr, btf_size),
		   offsetof(union bpf_attr, btf_size) + 4);
	for (size_t i = 0; i < loader.nr_maps; i++) {
		uint8_t *attr = data + loader.maps[i].max_entries_at -
				offsetof(union bpf_attr, max_entries);

		swap_words(attr, 0, offsetof(union bpf_attr, map_name));
		swap_words(attr, offsetof(union bpf_attr, map_ifindex),
			   offsetof(union bpf_attr, map_extra) + 8);
	}
	for (size_t i = 0; i < loader.nr_progs; i++) {
		const struct loader_prog *prog = &loader.progs[i];
		size_t relos = (size_t)(prog->core_relos.data - data);
		uint8_t *attr = data + relos + (prog->core_relos.size + 7) / 8 * 8;

		swap_insns(data + (prog->insns.data - data), prog->insns.size);
		swap_words(attr, 0, 8);
		swap_words(attr, offsetof(union bpf_attr, prog_flags),
			   offsetof(union bpf_attr, prog_name));
		swap_words(attr, offsetof(union bpf_attr, prog_ifindex), 140);
	}
	swap_insns(image->insns.data, image->insns.size);
}

TEST(loaders_for_big_endian_machines_are_sealed_alike)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical");
	_image_ struct image sealed = seal(&image, LOADER_FORM_EXCL_HASH);
	_image_ struct image big = {0};

	swap_image(&image);
	big = seal(&image, LOADER_FORM_EXCL_HASH);
	{
		_loader_ struct loader loader = list(&big);

		CHECK(loader.big);
		CHECK_INT(loader.check, LOADER_CHECK_EXCL_HASH);
		CHECK(loader_has_check(&big));
		CHECK_STR(loader.maps[0].name, "counts");
		CHECK_INT(loader.maps[0].max_entries, 1024);
		CHECK_INT(big.insns.size, sealed.insns.size);
	}
}

TEST(many_programs_for_big_endian_machines_are_sealed_alike)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(64);
	_image_ struct image sealed = seal(&image, LOADER_FORM_PLAIN), big = {0};

	swap_image(&image);
	big = seal(&image, LOADER_FORM_PLAIN);
	swap_image(&sealed);
	CHECK(same(&big, &sealed));
}

TEST(all_forms_share_their_data)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	_image_ struct image excl = seal(&image, LOADER_FORM_EXCL_HASH);

	CHECK(view_equal(buf_view(&plain.maps[0].value), buf_view(&excl.maps[0].value)));
	CHECK_STR(excl.maps[0].name, image.maps[0].name);
	/* 4 blocks of 7 instructions for the hash, 5 for exclusivity */
	CHECK_INT(excl.insns.size - plain.insns.size, 33 * IMAGE_INSN_SIZE);
}

TEST(every_override_is_as_long_as_it_should_be)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);

	/* 9 maps of 5 instructions each, 3 values of 10 */
	CHECK_INT(image.insns.size - plain.insns.size, (9 * 5 + 3 * 10) * IMAGE_INSN_SIZE);
}

TEST(data_that_does_not_have_the_embedded_hash_is_refused)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_image_ struct image excl = seal(&image, LOADER_FORM_EXCL_HASH);
	_image_ struct image again = {0};
	_loader_ struct loader loader = list(&excl);
	size_t value = (size_t)(loader.maps[6].value.data - excl.maps[0].value.data);

	CHECK_STR(loader.maps[6].name, "maps.rodata");
	excl.maps[0].value.data[value]++;
	CHECK_INT(sealed_copy(&excl, LOADER_FORM_PLAIN, &again, &err), -EBADMSG);
	CHECK(strstr(err.text, "comparing the hash of the map with that of the data"));
}

/* --- more than 32 programs --- */

/* The lowest and highest offset on the stack that IMAGE uses. */
static void stack_used(const struct image *image, int *ret_from, int *ret_to)
{
	*ret_from = 0;
	*ret_to = INT16_MIN;
	for (size_t i = 0; i < image->insns.size / IMAGE_INSN_SIZE; i++) {
		struct insn insn = insn_get(buf_view(&image->insns), i, false);

		if (insn.code != (BPF_LDX | BPF_MEM | BPF_W) || insn.src != BPF_REG_10)
			continue;
		*ret_from = insn.off < *ret_from ? insn.off : *ret_from;
		*ret_to = insn.off > *ret_to ? insn.off : *ret_to;
	}
}

/* Sealed, a loader of PROGS programs uses the stack FROM to TO, and closes its programs alone. */
static void check_many(unsigned int progs, int from, int to)
{
	_image_ struct image image = sample_many(progs);
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	_loader_ struct loader loader = list(&plain);
	_cleanup_(freep) char *before = contents(&image), *after = contents(&plain);
	int used_from, used_to;

	stack_used(&plain, &used_from, &used_to);
	CHECK_INT(used_from, from);
	CHECK_INT(used_to, to);
	CHECK_INT(insn_get(buf_view(&plain.insns), 2, false).imm, from);
	CHECK_INT(insn_get(buf_view(&plain.insns), 3, false).imm, -from);
	CHECK_INT(loader.nr_slots, progs);
	CHECK_INT(loader.wide_stack, progs > 32);
	CHECK(!loader_has_too_many_progs(&loader));
	CHECK_STR(after, before);
}

TEST(sealing_makes_room_for_120_programs)
{
	NEED_CLANG();
	check_many(32, -136, -4);
	check_many(33, -488, -488 + 8 + 32 * 4);
	check_many(64, -488, -488 + 8 + 63 * 4);
	check_many(120, -488, -4);
}

TEST(more_than_120_programs_are_refused_with_the_way_out)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(120), sealed = {0};
	_loader_ struct loader loader = list(&image);

	loader.nr_progs = 121;
	CHECK_INT(loader_seal(&loader, &image, &err), -ERANGE);
	CHECK(strstr(err.text, "loads 121 programs, but can hold at most 120"));
	CHECK(strstr(err.text, "--skip"));
	CHECK_INT(loader_make_form(&loader, LOADER_FORM_PLAIN, NULL, &sealed.insns, &err), -ERANGE);
	loader.nr_progs = 120;
	CHECK_INT(loader_seal(&loader, &image, &err), 0);
}

TEST(forms_of_many_programs_lead_to_each_other)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(64);
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);

	for (enum loader_form form = LOADER_FORM_PLAIN; form <= LOADER_FORM_HASH; form++) {
		_image_ struct image one = seal(&image, form), again = seal(&one, form);
		_image_ struct image back = seal(&one, LOADER_FORM_PLAIN);

		CHECK(same(&one, &again));
		CHECK(same(&back, &plain));
	}
}

TEST(what_is_said_of_a_sealed_loader_is_what_is_read_from_it)
{
	NEED_CLANG();
	for (unsigned int progs = 32; progs <= 33; progs++) {
		_image_ struct image image = sample_many(progs);
		_loader_ struct loader said = list(&image), read = {0};
		_cleanup_(freep) char *told = NULL, *seen = NULL;

		CHECK(loader_has_too_many_progs(&said));
		CHECK_INT(loader_seal(&said, &image, &err), 0);
		read = list(&image);
		told = text_of(&said);
		seen = text_of(&read);
		CHECK_STR(told, seen);
	}
}

/* A loader with a program that calls one kernel function CALLS times. */
static struct image long_image(unsigned int calls)
{
	char source[] = "/tmp/loader_calls.XXXXXX.c";
	_buf_ struct buf text = {0};
	struct image image = {0};

	buf_add_str(&text,
		    "extern void f(void) __attribute__((section(\".ksyms\")));\n"
		    "__attribute__((section(\"socket\"))) int prog(void *ctx) {\n");
	for (unsigned int i = 0; i < calls; i++)
		buf_add_str(&text, "f();\n");
	buf_add_str(&text,
		    "return 0; }\n"
		    "char l[] __attribute__((section(\"license\"))) = \"GPL\";\n");
	close(mkstemps(source, 2));
	CHECK_INT(file_replace(source, buf_view(&text), &err), 0);
	image = sample_compile(source, "calls");
	unlink(source);
	return image;
}

/* How far the longest jump to the cleanup code goes back. */
static int longest_jump(const struct image *image)
{
	int longest = 0;

	for (size_t i = 0; i < image->insns.size / IMAGE_INSN_SIZE; i++) {
		struct insn insn = insn_get(buf_view(&image->insns), i, false);

		if (insn.code == (BPF_JMP | BPF_JSLT | BPF_K) && -insn.off > longest)
			longest = -insn.off;
	}
	return longest;
}

TEST(a_check_for_which_jumps_do_not_reach_is_refused)
{
	NEED_CLANG();
	_image_ struct image two = long_image(2), three = long_image(3);
	int step = longest_jump(&three) - longest_jump(&two);
	_image_ struct image most = long_image(2 + (32768 - longest_jump(&two)) / step);
	_image_ struct image excl = {0};

	CHECK(32768 - longest_jump(&most) < step && step < 33);
	_image_ struct image plain = seal(&most, LOADER_FORM_PLAIN);
	CHECK_INT(longest_jump(&plain), longest_jump(&most));
	CHECK_INT(sealed_copy(&most, LOADER_FORM_EXCL_HASH, &excl, &err), -ERANGE);
	CHECK(!excl.insns.data);
}

/* The imm fields of the program's instruction that takes an address from kallsyms. */
static uint8_t *address_at(struct image *image, size_t slot)
{
	_loader_ struct loader loader = list(image);
	const struct loader_prog *prog = &loader.progs[1];
	size_t insns = (size_t)(prog->insns.data - image->maps[0].value.data);

	CHECK_INT(prog->externs[3].kind, LOADER_KSYM_ADDR);
	return image->maps[0].value.data + insns + (prog->externs[3].insn + slot) * 8 + 4;
}

TEST(kernel_addresses_are_zeroed)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("externs");
	_image_ struct image clean = seal(&image, LOADER_FORM_PLAIN);
	struct loader_finding findings[LOADER_FINDING_NR];
	bool found = false;
	size_t nr;

	memcpy(address_at(&image, 0), "\xf0\x38\x4d\x81", 4);
	memcpy(address_at(&image, 1), "\xff\xff\xff\xff", 4);
	{
		_image_ struct image sealed = seal(&image, LOADER_FORM_PLAIN);
		_loader_ struct loader loader = list(&image);

		CHECK(same(&sealed, &clean));
		nr = loader_findings(&loader, 0, LOADER_PROGS_UNKNOWN, findings);
		for (size_t i = 0; i < nr; i++)
			found |= findings[i].id == LOADER_KERNEL_ADDRESS;
		CHECK(found);
	}
}

TEST(values_are_changed_in_sealed_loaders)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	const uint8_t step[] = {9, 0, 0, 0};

	_loader_ struct loader edited = list(&plain);

	CHECK_INT(loader_set_value(&edited, &plain, 6, 0, view_of(step, 4), &err), 0);
	CHECK_INT(loader_set_size(&edited, &plain, 3, 1234, &err), 0);
	{
		_loader_ struct loader loader = list(&plain);
		_cleanup_(freep) char *as_edited = text_of(&edited);
		_cleanup_(freep) char *as_read = text_of(&loader);
		_image_ struct image excl = seal(&plain, LOADER_FORM_EXCL_HASH);
		_loader_ struct loader checked = list(&excl);

		CHECK_STR(as_edited, as_read);
		CHECK_STR(loader.maps[6].name, "maps.rodata");
		CHECK_INT(loader.maps[6].value.data[0], 9);
		CHECK_STR(loader.maps[3].name, "filter");
		CHECK_INT(loader.maps[3].max_entries, 1234);
		CHECK_INT(checked.maps[3].max_entries, 1234);
	}
}

TEST(values_that_cannot_be_changed_are_refused)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	_image_ struct image hash = seal(&image, LOADER_FORM_HASH);
	_image_ struct image same_as_before = seal(&image, LOADER_FORM_PLAIN);
	const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	_loader_ struct loader open = list(&image), checked = list(&hash), loader = list(&plain);

	CHECK_INT(loader_set_size(&open, &image, 3, 1234, &err), -EINVAL);
	CHECK_INT(loader_set_size(&checked, &hash, 3, 1234, &err), -EINVAL);
	CHECK_INT(loader_set_size(&loader, &plain, 9, 1234, &err), -EINVAL);
	CHECK_INT(loader_set_size(&loader, &plain, 6, 1234, &err), -EINVAL);
	CHECK_INT(loader_set_size(&loader, &plain, 3, 0, &err), -EINVAL);
	CHECK_INT(loader_set_value(&loader, &plain, 6, 0, view_of(bytes, 5), &err), -ERANGE);
	CHECK_INT(loader_set_value(&loader, &plain, 6, 5, view_of(bytes, 1), &err), -ERANGE);
	CHECK_INT(loader_set_value(&loader, &plain, 6, SIZE_MAX, view_of(bytes, 1), &err), -ERANGE);
	CHECK_INT(loader_set_value(&loader, &plain, 0, 0, view_of(bytes, 1), &err), -ERANGE);
	CHECK(same(&plain, &same_as_before));
}

/* --- findings --- */

#define BIT(id)	    (1u << (id))
#define ALL_SCHEMES (BIT(SCHEME_FOLDED) | BIT(SCHEME_CHAIN) | BIT(SCHEME_INSNS))

/* The findings of IMAGE as a set of bits. */
static unsigned int find(const struct image *image, unsigned int schemes, size_t progs)
{
	struct loader_finding findings[LOADER_FINDING_NR];
	_loader_ struct loader loader = list(image);
	size_t nr = loader_findings(&loader, schemes, progs, findings);
	unsigned int found = 0;

	for (size_t i = 0; i < nr; i++) {
		enum loader_finding_id id;

		CHECK_INT(loader_finding_from_name(findings[i].name, &id), 0);
		CHECK_INT(id, findings[i].id);
		CHECK(*findings[i].what && *findings[i].remedy);
		found |= BIT(id);
	}
	return found;
}

TEST(an_open_loader_is_found_and_a_sealed_one_is_fine)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical");
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	_image_ struct image excl = seal(&image, LOADER_FORM_EXCL_HASH);
	_image_ struct image hash = seal(&image, LOADER_FORM_HASH);
	const unsigned int none = 0, open = BIT(LOADER_OPEN_VALUES) | BIT(LOADER_OPEN_SIZES);

	CHECK_INT(find(&image, BIT(SCHEME_FOLDED), 2), open);
	CHECK_INT(find(&image, BIT(SCHEME_INSNS), 2), open | BIT(LOADER_DATA_UNCOVERED));
	CHECK_INT(find(&plain, BIT(SCHEME_FOLDED) | BIT(SCHEME_CHAIN), 2), none);
	CHECK_INT(find(&plain, BIT(SCHEME_INSNS), 2), BIT(LOADER_DATA_UNCOVERED));
	CHECK_INT(find(&excl, BIT(SCHEME_INSNS), 2), none);
	CHECK_INT(find(&excl, ALL_SCHEMES, 2), BIT(LOADER_CHECK_UNKNOWN_TO_KERNEL));
	CHECK_INT(find(&hash, BIT(SCHEME_INSNS), 2), BIT(LOADER_NOT_EXCLUSIVE));
}

TEST(what_the_build_host_left_is_found)
{
	NEED_CLANG();
	_image_ struct image externs = sample_image("externs"), maps = sample_image("maps");

	CHECK(find(&externs, 0, LOADER_PROGS_UNKNOWN) & BIT(LOADER_FIXED_CONFIG));
	CHECK(find(&maps, 0, LOADER_PROGS_UNKNOWN) & BIT(LOADER_HOST_CPUS));
}

TEST(libbpfs_loader_of_too_many_programs_is_found_and_a_sealed_one_is_fine)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(32);
	_image_ struct image plain = seal(&image, LOADER_FORM_PLAIN);
	_image_ struct image more = sample_many(64);
	_image_ struct image excl = seal(&more, LOADER_FORM_EXCL_HASH);

	CHECK(find(&image, 0, LOADER_PROGS_UNKNOWN) & BIT(LOADER_TOO_MANY_PROGS));
	CHECK(find(&more, 0, LOADER_PROGS_UNKNOWN) & BIT(LOADER_TOO_MANY_PROGS));
	CHECK_INT(find(&plain, 0, LOADER_PROGS_UNKNOWN), 0);
	CHECK_INT(find(&excl, 0, LOADER_PROGS_UNKNOWN), 0);
}

TEST(programs_that_are_not_loaded_are_found)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("optional");

	CHECK(find(&image, 0, 2) & BIT(LOADER_OPTIONAL_PROGS));
	CHECK(!(find(&image, 0, 1) & BIT(LOADER_OPTIONAL_PROGS)));
	CHECK(!(find(&image, 0, LOADER_PROGS_UNKNOWN) & BIT(LOADER_OPTIONAL_PROGS)));
}

TEST(sizes_that_kernels_refuse_are_found)
{
	static const struct {
		uint32_t type, max_entries;
		uint64_t extra;
		int id; /* of the finding; -1: none */
	} cases[] = {
		{27 /* ring buffer */, 0, 0, LOADER_RING_SIZE},
		{27, 4095, 0, LOADER_RING_SIZE},
		{27, 2048, 0, LOADER_RING_SIZE},
		{27, 3 * 65536, 0, LOADER_RING_SIZE},
		{27, 4096, 0, LOADER_SMALL_PAGES},
		{27, 32768, 0, LOADER_SMALL_PAGES},
		{27, 65536, 0, -1},
		{27, UINT32_C(1) << 31, 0, -1},
		{31 /* user ring buffer */, 12288, 0, LOADER_RING_SIZE},
		{31, 8192, 0, LOADER_SMALL_PAGES},
		{31, 131072, 0, -1},
		{33 /* arena */, 0, 0, LOADER_ARENA_SIZE},
		{33, 1, 0, -1},
		{33, 65536, 0, -1},
		{33, 65537, 0, LOADER_SMALL_PAGES},
		{33, 1048576, UINT64_C(1) << 44, LOADER_SMALL_PAGES},
		{33, 1048577, 0, LOADER_ARENA_SIZE},
		{33, UINT32_MAX, 0, LOADER_ARENA_SIZE},
		{33, 1, 0x100000800, LOADER_ARENA_SIZE},
		{33, 1, 0x1ffff0000, -1},
		{33, 1, 0x1fffff000, LOADER_SMALL_PAGES},
		{33, 2, 0x1fffff000, LOADER_ARENA_SIZE},
		{33, 1, 0xfffffffffffff000, LOADER_SMALL_PAGES},
		{33, 2, 0xfffffffffffff000, LOADER_ARENA_SIZE},
		{2 /* array */, 3, 0x800, -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct loader_map map = {
			.name = "sized",
			.type = cases[i].type,
			.max_entries = cases[i].max_entries,
			.extra = cases[i].extra,
		};
		const struct loader loader = {.known = true, .maps = &map, .nr_maps = 1};
		struct loader_finding list[LOADER_FINDING_NR];
		size_t nr = loader_findings(&loader, 0, LOADER_PROGS_UNKNOWN, list);
		bool found = false, other = false;

		for (size_t n = 0; n < nr; n++) {
			found |= (int)list[n].id == cases[i].id;
			other |= (int)list[n].id != cases[i].id &&
				 (list[n].id == LOADER_RING_SIZE ||
				  list[n].id == LOADER_ARENA_SIZE ||
				  list[n].id == LOADER_SMALL_PAGES);
		}
		if (!CHECK(found == (cases[i].id >= 0) && !other))
			printf("# case %zu: %u, %u\n", i, cases[i].type, cases[i].max_entries);
	}
}

/* What is said of the sizes of MAP, in a loader that is sealed or not. */
static unsigned int size_findings(struct loader_map *map, bool open_sizes)
{
	const struct loader loader = {
		.known = true, .maps = map, .nr_maps = 1, .open_sizes = open_sizes};
	struct loader_finding list[LOADER_FINDING_NR];
	size_t nr = loader_findings(&loader, 0, LOADER_PROGS_UNKNOWN, list);
	unsigned int set = 0;

	for (size_t n = 0; n < nr; n++)
		set |= BIT(list[n].id);
	return set & (BIT(LOADER_NO_MAX_ENTRIES) | BIT(LOADER_MAP_LAYOUT));
}

TEST(maps_without_the_sizes_of_their_type_are_found)
{
	enum { NONE = 0, ENTRIES = BIT(LOADER_NO_MAX_ENTRIES), LAYOUT = BIT(LOADER_MAP_LAYOUT) };
	static const struct {
		uint32_t type, key_size, value_size, max_entries;
		unsigned int found;
	} cases[] = {
		{BPF_MAP_TYPE_HASH, 1, 1, 1, NONE},
		{BPF_MAP_TYPE_HASH, 1, 1, 0, ENTRIES},
		{BPF_MAP_TYPE_HASH, 0, 1, 1, LAYOUT},
		{BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 0, 0, ENTRIES | LAYOUT},
		{BPF_MAP_TYPE_LRU_HASH, 4, 3, 1, NONE},
		{BPF_MAP_TYPE_PERCPU_HASH, 4, 3, 0, ENTRIES},
		{BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4, 1, NONE},
		{BPF_MAP_TYPE_HASH_OF_MAPS, 8, 8, 1, LAYOUT},
		{BPF_MAP_TYPE_ARRAY, 4, 1, 1, NONE},
		{BPF_MAP_TYPE_ARRAY, 4, 1, 0, ENTRIES},
		{BPF_MAP_TYPE_ARRAY, 8, 1, 1, LAYOUT},
		{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 0, 1, LAYOUT},
		{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 65536, 1, NONE},
		{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 65537, 1, LAYOUT},
		{BPF_MAP_TYPE_PERCPU_HASH, 4, 65537, 1, LAYOUT},
		{BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 65537, 1, LAYOUT},
		{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, NONE},
		{BPF_MAP_TYPE_PROG_ARRAY, 4, 8, 1, LAYOUT},
		{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0, ENTRIES},
		{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 0, 0, 1, LAYOUT},
		{BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 1, NONE},
		{BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 0, ENTRIES},
		{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 1, NONE},
		{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 16, 1, LAYOUT},
		{BPF_MAP_TYPE_STACK_TRACE, 4, 1016, 1, NONE},
		{BPF_MAP_TYPE_STACK_TRACE, 4, 1016, 0, ENTRIES},
		{BPF_MAP_TYPE_STACK_TRACE, 4, 0, 1, LAYOUT},
		{BPF_MAP_TYPE_STACK_TRACE, 4, 12, 1, LAYOUT},
		{BPF_MAP_TYPE_QUEUE, 0, 4, 1, NONE},
		{BPF_MAP_TYPE_QUEUE, 0, 4, 0, ENTRIES},
		{BPF_MAP_TYPE_STACK, 4, 4, 1, LAYOUT},
		{30 /* bloom filter */, 0, 4, 1, NONE},
		{30, 4, 4, 1, LAYOUT},
		{BPF_MAP_TYPE_DEVMAP, 4, 8, 1, NONE},
		{BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 0, ENTRIES},
		{BPF_MAP_TYPE_CPUMAP, 4, 2, 1, LAYOUT},
		{BPF_MAP_TYPE_XSKMAP, 4, 8, 1, LAYOUT},
		{BPF_MAP_TYPE_SOCKMAP, 4, 8, 1, NONE},
		{BPF_MAP_TYPE_SOCKHASH, 20, 4, 0, ENTRIES},
		{BPF_MAP_TYPE_SOCKHASH, 512, 8, 1, NONE},
		{BPF_MAP_TYPE_SOCKHASH, 513, 8, 1, LAYOUT},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 8, 1, 0, NONE},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 16, 65535, 0, NONE},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 4, 1, 0, LAYOUT},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 12, 1, 0, LAYOUT},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 24, 1, 0, LAYOUT},
		{BPF_MAP_TYPE_CGROUP_STORAGE, 8, 65536, 0, LAYOUT},
		{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 8, 1, 1, LAYOUT},
		{26 /* struct_ops */, 0, 0, 0, NONE},
		{27 /* ring buffer */, 0, 0, 0, NONE},
		{31 /* user ring buffer */, 0, 4, 4096, LAYOUT},
		{34 /* instructions */, 4, 16, 0, ENTRIES},
		{34, 4, 8, 1, LAYOUT},
		{1000 /* unknown */, 0, 0, 0, NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct loader_map map = {
			.type = cases[i].type,
			.key_size = cases[i].key_size,
			.value_size = cases[i].value_size,
			.max_entries = cases[i].max_entries,
		};
		struct loader_map outer = {
			.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
			.key_size = 4,
			.value_size = 4,
			.max_entries = 1,
			.inner = &map,
		};

		if (!CHECK_INT(size_findings(&map, false), cases[i].found) ||
		    !CHECK_INT(size_findings(&outer, false), cases[i].found) ||
		    !CHECK_INT(size_findings(&map, true), cases[i].found & LAYOUT) ||
		    !CHECK_INT(size_findings(&outer, true), cases[i].found))
			printf("# case %zu\n", i);
	}
}

/* Flags are BPF_F_NO_PREALLOC (1), BPF_F_NUMA_NODE (4) and BPF_F_MMAPABLE (1024). */
TEST(maps_without_the_flags_and_types_of_their_type_are_found)
{
	enum { NONE = 0, ENTRIES = BIT(LOADER_NO_MAX_ENTRIES), LAYOUT = BIT(LOADER_MAP_LAYOUT) };
	static const struct {
		uint32_t type, key_size, value_size, max_entries;
		unsigned int found;
		uint32_t flags, btf_key, btf_value;
	} cases[] = {
		{BPF_MAP_TYPE_LPM_TRIE, 8, 1, 0, ENTRIES, 1, 0, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 8, 1, 1, LAYOUT, 0, 0, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 4, 1, 1, LAYOUT, 1, 0, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 5, 1, 1, NONE, 1, 0, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 260, 1, 1, NONE, 5, 0, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 261, 1, 1, LAYOUT, 1, 0, 0},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 1, 0, NONE, 1, 1, 2},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 1, 1, LAYOUT, 1, 1, 2},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 1, 0, LAYOUT, 0, 1, 2},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 1, 0, LAYOUT, 1, 0, 2},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 1, 0, LAYOUT, 1, 1, 0},
		{BPF_MAP_TYPE_SK_STORAGE, 4, 65536, 0, LAYOUT, 1, 1, 2},
		{28 /* inode storage */, 4, 1, 0, NONE, 1, 1, 2},
		{29 /* task storage */, 4, 0, 0, LAYOUT, 1, 1, 2},
		{32 /* cgroup storage */, 4, 1, 0, NONE, 1, 1, 2},
		{33 /* arena */, 0, 0, 0, NONE, 1024, 0, 0},
		{33, 0, 0, 0, LAYOUT, 0, 0, 0},
		{35 /* resizable hash */, 65535, 8, 1, NONE, 1, 0, 0},
		{35, 65536, 8, 1, LAYOUT, 1, 0, 0},
		{35, 4, 8, 1, LAYOUT, 0, 0, 0},
		{35, 4, 8, 0, ENTRIES, 1, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct loader_map map = {
			.type = cases[i].type,
			.key_size = cases[i].key_size,
			.value_size = cases[i].value_size,
			.max_entries = cases[i].max_entries,
			.flags = cases[i].flags,
			.btf_key = cases[i].btf_key,
			.btf_value = cases[i].btf_value,
		};

		if (!CHECK_INT(size_findings(&map, false), cases[i].found))
			printf("# case %zu\n", i);
	}
}

TEST(only_known_findings_have_a_name)
{
	enum loader_finding_id id = LOADER_FINDING_NR;

	CHECK_INT(loader_finding_from_name("open-values", &id), 0);
	CHECK_INT(id, LOADER_OPEN_VALUES);
	CHECK_INT(loader_finding_from_name("no-such", &id), -ENOENT);
	CHECK_STR(loader_severity_name(LOADER_DANGER), "danger");
}

UNIT_MAIN
