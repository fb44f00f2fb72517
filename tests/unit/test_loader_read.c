// SPDX-License-Identifier: BSD-2-Clause
/* Loaders are recognised and listed; whatever is not quite one is refused, or listed as it is. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include "loader/insn.h"
#include "loader_sample.h"
#include "loader_text.h"

static struct err err;

static const struct loader_map *map_named(const struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->nr_maps; i++) {
		if (!strcmp(loader->maps[i].name, name))
			return &loader->maps[i];
	}
	printf("# no map %s\n", name);
	exit(1);
}

static bool view_is(struct view view, const char *text)
{
	return view_equal(view, view_str(text));
}

TEST(every_loader_of_the_installed_libbpf_is_recognised)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		_image_ struct image image = sample_image(samples[i]);
		_loader_ struct loader loader = {0};

		if (!CHECK_INT(read_known(&image, &loader, &err), 0))
			printf("# %s: %s\n", samples[i], err.text);
		CHECK_INT(loader.check, LOADER_CHECK_NONE);
	}
}

TEST(maps_are_listed_as_the_source_has_them)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_loader_ struct loader loader = {0};
	const struct loader_map *map;

	CHECK_INT(read_known(&image, &loader, &err), 0);
	CHECK_INT(loader.nr_maps, 9);
	map = map_named(&loader, "filter");
	CHECK_INT(map->type, BPF_MAP_TYPE_BLOOM_FILTER);
	CHECK_INT(map->value_size, 4);
	CHECK_INT(map->max_entries, 100);
	CHECK_INT(map->flags, BPF_F_NUMA_NODE);
	CHECK_INT(map->numa_node, 1);
	CHECK_INT(map->extra, 3);
	CHECK(!map->has_value && !map->frozen && !map->inner);
	CHECK(loader.open_sizes && loader.open_values);
}

TEST(maps_of_maps_are_listed_with_their_elements)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_loader_ struct loader loader = {0};
	const struct loader_map *map;

	CHECK_INT(read_known(&image, &loader, &err), 0);
	map = map_named(&loader, "array");
	CHECK_INT(map->type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	if (CHECK(map->inner)) {
		CHECK_INT(map->inner->max_entries, 4);
		CHECK_INT(map->inner->value_size, sizeof(long));
	}
	if (CHECK_INT(map->nr_slots, 2)) {
		CHECK_INT(map->slots[0].key, 0);
		CHECK_STR(loader.maps[map->slots[0].map].name, "first");
		CHECK_INT(map->slots[1].key, 2);
		CHECK_STR(loader.maps[map->slots[1].map].name, "second");
	}
	CHECK(map_named(&loader, "hash")->inner && !map_named(&loader, "hash")->nr_slots);
}

TEST(initial_contents_are_those_of_the_source)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_loader_ struct loader loader = {0};
	const struct loader_map *map;

	CHECK_INT(read_known(&image, &loader, &err), 0);
	map = map_named(&loader, "maps.rodata");
	CHECK(map->has_value && map->frozen);
	CHECK_INT(map->value.size, sizeof(int));
	CHECK_INT(get_u32(map->value, 0, loader.big), 7);
	map = map_named(&loader, "maps.data");
	CHECK(map->has_value && !map->frozen);
	CHECK_INT((long long)get_u64(map->value, 0, loader.big), 3);
	CHECK_INT(map_named(&loader, "maps.bss")->value.size, 4 * sizeof(long));
	CHECK(!map_named(&loader, "first")->has_value);
}

TEST(programs_are_listed_as_the_source_has_them)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	_loader_ struct loader loader = {0};
	const struct loader_prog *prog;

	CHECK_INT(read_known(&image, &loader, &err), 0);
	if (!CHECK_INT(loader.nr_progs, 2))
		return;
	CHECK_INT(loader.nr_slots, 3); /* and the subprogram */
	prog = &loader.progs[0];
	CHECK_STR(prog->name, "count");
	CHECK(view_is(prog->full_name, "count"));
	CHECK(view_is(prog->license, "GPL"));
	CHECK_INT(prog->type, BPF_PROG_TYPE_SOCKET_FILTER);
	CHECK_INT(prog->nr_func_info, 2);
	CHECK(!prog->target.size && !prog->nr_externs);
	CHECK(loader_prog_calls(prog, BPF_FUNC_map_lookup_elem));
	CHECK(loader_prog_calls(prog, BPF_FUNC_perf_event_output));
	CHECK(loader_prog_calls(prog, BPF_FUNC_map_peek_elem));
	CHECK(!loader_prog_calls(prog, BPF_FUNC_map_update_elem));
	CHECK(!loader_prog_calls(prog, UINT32_MAX));
	CHECK_STR(loader.progs[1].name, "pass");
	CHECK_INT(loader.progs[1].type, BPF_PROG_TYPE_CGROUP_SKB);
	CHECK_INT(loader.progs[1].attach_type, BPF_CGROUP_INET_EGRESS);
}

TEST(externs_and_targets_are_listed)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("externs");
	_loader_ struct loader loader = {0};
	const struct loader_prog *prog;

	CHECK_INT(read_known(&image, &loader, &err), 0);
	if (!CHECK_INT(loader.nr_progs, 2))
		return;
	prog = &loader.progs[0];
	CHECK(view_is(prog->full_name, "use_functions"));
	CHECK(view_is(prog->target, "do_nanosleep"));
	CHECK_INT(prog->target_kind, BTF_KIND_FUNC);
	if (CHECK_INT(prog->nr_externs, 4)) {
		CHECK_INT(prog->externs[0].kind, LOADER_KFUNC);
		CHECK(view_is(prog->externs[0].name, "bpf_task_acquire"));
		CHECK(!prog->externs[0].weak && !prog->externs[0].repeated);
		CHECK(view_is(prog->externs[1].name, "bpf_task_release"));
		CHECK(prog->externs[1].weak && prog->externs[3].repeated);
	}
	prog = &loader.progs[1];
	CHECK(view_is(prog->target, "btf_trace_sched_switch"));
	CHECK_INT(prog->target_kind, BTF_KIND_TYPEDEF);
	if (CHECK_INT(prog->nr_externs, 5)) {
		CHECK_INT(prog->externs[0].kind, LOADER_KSYM);
		CHECK_INT(prog->externs[0].btf_kind, BTF_KIND_VAR);
		CHECK(view_is(prog->externs[2].name, "no_such_variable"));
		CHECK(prog->externs[2].weak);
		CHECK_INT(prog->externs[3].kind, LOADER_KSYM_ADDR);
	}
}

/* --- what is not a loader --- */

/* Flip every bit of PART of IMAGE, whose listing is LISTED: each is refused or listed. */
static void flip_all(const struct image *image, struct buf *part, const char *listed)
{
	for (size_t bit = 0; bit < part->size * 8; bit++) {
		char *text;

		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		text = loader_text(image, &err);
		if (!CHECK(!text || strcmp(text, listed)))
			printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		free(text);
	}
}

TEST(no_flipped_bit_goes_unnoticed)
{
	NEED_CLANG();
	static const char *const names[] = {"tiny", "externs"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_image_ struct image image = sample_image(names[i]);
		char *listed = loader_text(&image, &err);

		if (CHECK(listed)) {
			flip_all(&image, &image.insns, listed);
			flip_all(&image, &image.maps[0].value, listed);
		}
		free(listed);
	}
}

/* The outcome for the first SIZE bytes of PART of IMAGE, in memory that ends there. */
static int read_cut(struct image *image, struct buf *part, size_t size)
{
	struct buf whole = *part, cut = {0};
	_loader_ struct loader loader = {0};
	int rc;

	buf_add(&cut, whole.data, size);
	*part = cut;
	rc = read_known(image, &loader, &err);
	*part = whole;
	buf_free(&cut);
	return rc;
}

TEST(nothing_may_be_missing_at_the_end)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("externs");

	for (size_t size = 0; size < image.insns.size; size += IMAGE_INSN_SIZE)
		CHECK_INT(read_cut(&image, &image.insns, size), -EBADMSG);
	for (size_t size = 0; size < image.maps[0].value.size; size++)
		CHECK_INT(read_cut(&image, &image.maps[0].value, size), -EBADMSG);
}

TEST(nothing_may_follow)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("tiny");
	_loader_ struct loader loader = {0};

	buf_space(&image.maps[0].value, 8);
	CHECK_INT(read_known(&image, &loader, &err), -EBADMSG);
	image.maps[0].value.size -= 8;
	buf_space(&image.insns, 8);
	CHECK_INT(read_known(&image, &loader, &err), -EBADMSG);
	image.insns.size -= 8;
	CHECK_INT(read_known(&image, &loader, &err), 0);
}

TEST(a_loader_has_one_map)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("tiny");
	_buf_ struct buf value = {0};
	_loader_ struct loader loader = {0};

	buf_add_str(&value, "12345678");
	CHECK_INT(image_add_map(&image, "more", &value, 8, 1, &err), 0);
	CHECK_INT(read_known(&image, &loader, &err), -EBADMSG);
	CHECK_STR(err.text, "unknown loader: has 2 maps, expected one of a single element");
}

TEST(what_does_not_fit_is_named)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("tiny");
	_loader_ struct loader loader = {0};

	image.insns.data[2 * IMAGE_INSN_SIZE + 4]++;
	CHECK_INT(read_known(&image, &loader, &err), -EBADMSG);
	CHECK_STR(err.text,
		  "unknown loader: instruction 2 (start): expected code 0x07 r1 r0 off 0 "
		  "imm -136, found code 0x07 r1 r0 off 0 imm -135");
}

/* --- more than 32 programs --- */

/* Whether INSN reads or writes the stack, at an offset of its own. */
static bool is_of_stack(struct insn insn)
{
	return (insn.code == (BPF_LDX | BPF_MEM | BPF_W) && insn.src == BPF_REG_10) ||
	       (insn.code == (BPF_STX | BPF_MEM | BPF_W) && insn.dst == BPF_REG_10);
}

/* Give IMAGE a stack of another size, in every place that says where the stack is. */
static void move_stack(struct image *image, int from, int to)
{
	for (size_t i = 0; i < image->insns.size / IMAGE_INSN_SIZE; i++) {
		struct insn insn = insn_get(buf_view(&image->insns), i, false);

		if (is_of_stack(insn))
			insn.off = (int16_t)(insn.off + from - to);
		if (i == 2 || i == 3)
			insn.imm = i == 2 ? -to : to;
		insn_put(image->insns.data + i * IMAGE_INSN_SIZE, insn, false);
	}
}

static struct image sealed_many(unsigned int progs)
{
	_image_ struct image image = sample_many(progs);
	struct image sealed = {0};

	if (sealed_copy(&image, LOADER_FORM_PLAIN, &sealed, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return sealed;
}

TEST(libbpfs_loader_of_many_programs_is_read_so_that_it_can_be_sealed)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(64);
	_loader_ struct loader loader = {0};

	CHECK_INT(read_known(&image, &loader, &err), 0);
	CHECK_INT(loader.nr_progs, 64);
	CHECK_INT(loader.nr_slots, 65); /* and the subprogram */
	CHECK(!loader.wide_stack);
	CHECK(loader_has_too_many_progs(&loader));
}

TEST(the_wide_stack_is_only_for_those_who_need_it)
{
	NEED_CLANG();
	_image_ struct image tiny = sample_image("tiny"), narrow = sealed_many(32);
	_image_ struct image open = sample_many(64), wide = sealed_many(64);
	_loader_ struct loader loader = {0};

	move_stack(&tiny, 136, 488);
	CHECK_INT(read_known(&tiny, &loader, &err), -EBADMSG);
	CHECK(strstr(err.text,
		     "a stack for 32 programs, or one for 33 to 120 that are all loaded"));
	move_stack(&narrow, 136, 488);
	CHECK_INT(read_known(&narrow, &loader, &err), -EBADMSG);
	/* it also closes the subprogram, which is never loaded */
	move_stack(&open, 136, 488);
	CHECK_INT(read_known(&open, &loader, &err), -EBADMSG);
	/* as libbpf would do it */
	move_stack(&wide, 488, 136);
	CHECK_INT(read_known(&wide, &loader, &err), 0);
	CHECK(loader_has_too_many_progs(&loader));
}

/* The loader that libbpf generates for ELF, even if object_build() would refuse it. */
static struct image generate(struct view elf)
{
	LIBBPF_OPTS(gen_loader_opts, gen);
	struct bpf_object *object = bpf_object__open_mem(elf.data, elf.size, NULL);
	_buf_ struct buf insns = {0}, data = {0};
	struct image image = {0};

	CHECK_INT(bpf_object__gen_loader(object, &gen), 0);
	CHECK_INT(bpf_object__load(object), 0);
	buf_add(&insns, gen.insns, gen.insns_sz);
	buf_add(&data, gen.data, gen.data_sz);
	CHECK_INT(image_set_insns(&image, &insns, &err), 0);
	CHECK_INT(image_add_map(&image, "__loader.map", &data, gen.data_sz, 1, &err), 0);
	bpf_object__close(object);
	return image;
}

/* A loader of NR programs that call no subprogram. */
static struct image alone(unsigned int nr)
{
	char source[] = "/tmp/loader_alone.XXXXXX.c";
	_buf_ struct buf text = {0}, elf = {0};

	for (unsigned int i = 0; i < nr; i++)
		buf_printf(
			&text,
			"__attribute__((section(\"socket\"))) int p%u(void *ctx) { return 0; }\n",
			i);
	buf_add_str(&text, "char l[] __attribute__((section(\"license\"))) = \"GPL\";\n");
	close(mkstemps(source, 2));
	CHECK_INT(file_replace(source, buf_view(&text), &err), 0);
	CHECK_INT(sample_object(source, &elf, &err), 0);
	unlink(source);
	return generate(buf_view(&elf));
}

TEST(the_wide_stack_has_room_for_33_to_120_programs)
{
	NEED_CLANG();
	for (unsigned int nr = 32; nr <= 121; nr += nr == 33 ? 87 : 1) {
		_image_ struct image image = alone(nr);
		_loader_ struct loader loader = {0};
		const bool fits = nr > 32 && nr <= 120;

		move_stack(&image, 136, 488);
		CHECK_INT(read_known(&image, &loader, &err), fits ? 0 : -EBADMSG);
		CHECK_INT(loader.wide_stack, fits);
	}
}

TEST(no_other_stack_is_known)
{
	NEED_CLANG();
	_image_ struct image wide = sealed_many(64);
	_loader_ struct loader loader = {0};

	for (int size = 264; size <= 520; size += 8) {
		if (size == 488)
			continue;
		move_stack(&wide, 488, size);
		CHECK_INT(read_known(&wide, &loader, &err), -EBADMSG);
		move_stack(&wide, size, 488);
	}
	CHECK_INT(read_known(&wide, &loader, &err), 0);
}

TEST(no_flipped_bit_of_the_stack_goes_unnoticed)
{
	NEED_CLANG();
	_image_ struct image image = sealed_many(33);
	_cleanup_(freep) char *listed = loader_text(&image, &err);

	CHECK(listed);
	for (size_t i = 0; i < image.insns.size / IMAGE_INSN_SIZE; i++) {
		struct buf insn = {.data = image.insns.data + i * IMAGE_INSN_SIZE,
				   .size = IMAGE_INSN_SIZE};

		if (i < 10 || is_of_stack(insn_get(buf_view(&image.insns), i, false)))
			flip_all(&image, &insn, listed);
	}
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* libbpf generates these calls where its log level is set, which bpftool 6 and earlier could do. */
TEST(a_debug_loader_is_called_so)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("tiny");
	_loader_ struct loader loader = {0};
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	size_t last = image.insns.size / 8 - 1;

	insn_put(image.insns.data + last * 8, insn_call(BPF_FUNC_trace_printk), big);
	CHECK_INT(loader_read(&image, &loader, &err), 0);
	CHECK(!loader.known && loader.explained);
	CHECK(strstr(loader.why, "is a debug loader, which prints each step"));
	/* any other call is a loader that nobody knows */
	loader_free(&loader);
	insn_put(image.insns.data + last * 8, insn_call(BPF_FUNC_ktime_get_ns), big);
	CHECK_INT(loader_read(&image, &loader, &err), 0);
	CHECK(!loader.known && !loader.explained);
	CHECK(strstr(loader.why, "unknown loader: "));
}

TEST(hostile_loaders_do_no_harm)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("maps");
	uint32_t state = 1;

	for (int round = 0; round < 20000; round++) {
		struct buf *part = round % 2 ? &image.insns : &image.maps[0].value;
		size_t at = next_random(&state) % (part->size - 8);
		_image_ struct image sealed = {0};
		uint8_t saved[8];

		memcpy(saved, part->data + at, 8);
		for (size_t i = 0; i <= next_random(&state) % 8; i++)
			part->data[at + i] = (uint8_t)next_random(&state);
		sealed_copy(&image, (enum loader_form)(round % 3), &sealed, &err);
		memcpy(part->data + at, saved, 8);
	}
	free(loader_text(&image, &err));
}

/* Instructions are cut off, or moved, where the number of programs is looked for. */
TEST(hostile_ends_do_no_harm)
{
	NEED_CLANG();
	_image_ struct image image = sealed_many(33);
	const size_t nr = image.insns.size / IMAGE_INSN_SIZE;
	struct insn load = insn_load(BPF_W, BPF_REG_0, BPF_REG_10, -480);
	_loader_ struct loader loader = {0};

	for (size_t i = nr; i-- > nr - 80;) {
		insn_put(image.insns.data + i * IMAGE_INSN_SIZE, load, false);
		CHECK_INT(read_known(&image, &loader, &err), -EBADMSG);
	}
	for (size_t i = 0; i < nr; i++)
		insn_put(image.insns.data + i * IMAGE_INSN_SIZE, load, false);
	for (size_t size = 0; size < 20; size++)
		CHECK_INT(read_cut(&image, &image.insns, size * IMAGE_INSN_SIZE), -EBADMSG);
}

UNIT_MAIN
