// SPDX-License-Identifier: BSD-2-Clause
/* An image and its description, from a process that may have been taken over. */
#include "object/object_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define TEXT(text) ((char *)(text))

/* One of each kind; tests change it, and make_skel() makes it again. */
static struct skel_var some_vars[2];
static struct skel_map some_maps[2];
static struct skel_prog some_progs[2];
static struct skel some_skel;

/* The members of the section, owned by nobody. */
static void set_members(const char *text)
{
	some_maps[1].members = (struct buf){.data = (uint8_t *)text, .size = strlen(text)};
}

static void make_skel(void)
{
	some_vars[0] = (struct skel_var){.ident = TEXT("step"), .size = 4};
	some_vars[1] = (struct skel_var){.ident = TEXT("text"), .size = 12};
	some_maps[0] = (struct skel_map){.ident = TEXT("counts"), .pinned = true};
	some_maps[1] = (struct skel_map){
		.ident = TEXT("rodata"),
		.mapped = true,
		.read_only = true,
		.vars = some_vars,
		.nr_vars = ARRAY_SIZE(some_vars),
	};
	set_members("\t\tint step;\n\t\tchar __pad0[4];\n\t\tchar text[12];\n");
	some_progs[0] = (struct skel_prog){
		.ident = TEXT("on_exec"),
		.attach = SKEL_ATTACH_RAW_TRACEPOINT,
		.target = TEXT("sched_process_exec"),
	};
	some_progs[1] = (struct skel_prog){.ident = TEXT("on_packet")};
	some_skel = (struct skel){
		.maps = some_maps,
		.nr_maps = ARRAY_SIZE(some_maps),
		.progs = some_progs,
		.nr_progs = ARRAY_SIZE(some_progs),
	};
}

static const struct view some_insns = {(const uint8_t *)"insn 0..insn 1..", 16};

static void encode(struct buf *ret)
{
	object_wire_encode(some_insns, &some_skel, ret);
}

static void make_bytes(struct buf *ret)
{
	make_skel();
	encode(ret);
}

static int decode_into(struct view bytes, struct image *image, struct skel *skel, struct err *err)
{
	_buf_ struct buf data = {0};

	buf_add_str(&data, "contents");
	return object_wire_decode(bytes, &data, "sample", image, skel, err);
}

static int decode(struct view bytes)
{
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	struct err err;

	return decode_into(bytes, &image, &skel, &err);
}

/* What is said of the description as it is now; "": nothing, it is taken. Made again afterwards. */
static const char *said(void)
{
	static struct err err;
	_buf_ struct buf bytes = {0};
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	int rc;

	encode(&bytes);
	rc = decode_into(buf_view(&bytes), &image, &skel, &err);
	make_skel();
	CHECK(!rc || rc == -EBADMSG);
	return rc ? err.text : "";
}

TEST(what_goes_in_comes_out)
{
	_buf_ struct buf bytes = {0}, again = {0};
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	struct err err;

	make_bytes(&bytes);
	CHECK_INT(decode_into(buf_view(&bytes), &image, &skel, &err), 0);
	CHECK_STR(skel.name, "sample");
	CHECK(view_equal(buf_view(&image.maps[0].value), view_lit("contents")));
	CHECK_STR(image.maps[0].name, "__loader.map");
	CHECK(skel.maps[0].pinned && !skel.maps[1].pinned);
	CHECK_STR(skel.maps[1].vars[1].ident, "text");
	CHECK_STR(skel.progs[0].target, "sched_process_exec");
	CHECK(!skel.progs[1].target);
	object_wire_encode(buf_view(&image.insns), &skel, &again);
	CHECK(view_equal(buf_view(&bytes), buf_view(&again)));
}

TEST(the_data_stays_with_the_caller_if_the_rest_is_refused)
{
	_buf_ struct buf bytes = {0}, data = {0}, empty = {0};
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	struct err err;

	make_bytes(&bytes);
	buf_add_str(&data, "contents");
	CHECK_INT(object_wire_decode(view_of(bytes.data, bytes.size - 1), &data, "sample", &image,
				     &skel, &err),
		  -EBADMSG);
	CHECK(view_equal(buf_view(&data), view_lit("contents")));
	/* a loader without data has no map */
	CHECK_INT(object_wire_decode(buf_view(&bytes), &empty, "sample", &image, &skel, &err),
		  -EINVAL);
	CHECK_INT(object_wire_decode(buf_view(&bytes), &data, "sample", &image, &skel, &err), 0);
	CHECK(!data.size);
}

TEST(cut_anywhere_it_is_refused)
{
	_buf_ struct buf bytes = {0};

	make_bytes(&bytes);
	for (size_t size = 0; size < bytes.size; size++)
		CHECK_INT(decode(view_of(bytes.data, size)), -EBADMSG);
	buf_add(&bytes, "", 1);
	CHECK_INT(decode(buf_view(&bytes)), -EBADMSG);
}

TEST(names_are_names)
{
	static const char *const bad[] = {"",	     "int",	    "a b",   "a;",
					  "1a",	     "a\nb",	    "a-b",   "a(){}",
					  "__asm__", "caf\xc3\xa9", "a\\u0", "a/**/"};

	make_skel();
	CHECK_STR(said(), "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		some_maps[0].ident = TEXT(bad[i]);
		CHECK(strstr(said(), "map '"));
		some_progs[1].ident = TEXT(bad[i]);
		CHECK(strstr(said(), "program '"));
		some_vars[0].ident = TEXT(bad[i]);
		CHECK(strstr(said(), "variable '"));
	}
}

TEST(a_tracepoint_is_a_string_without_escapes)
{
	static const char *const bad[] = {"",	 "a b",	   "a;", "a\"", "a\\n",
					  "a\n", "a\?\?/", "%s", "a/*", "caf\xc3\xa9"};
	static const char *const good[] = {"int", "1a", "sched:sched_switch", "signal/x-y.1",
					   "__asm__"};
	char name[129];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		make_skel();
		some_progs[0].target = TEXT(bad[i]);
		CHECK(strstr(said(), "tracepoint '"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		make_skel();
		some_progs[0].target = TEXT(good[i]);
		CHECK_STR(said(), "");
	}
	memset(name, 'a', sizeof(name));
	name[128] = '\0';
	make_skel();
	some_progs[0].target = name;
	CHECK(strstr(said(), "is not up to 127 letters"));
	name[127] = '\0';
	CHECK_STR(said(), "");
}

TEST(names_are_not_there_twice)
{
	make_skel();
	some_maps[0].ident = TEXT("rodata");
	CHECK_STR(said(), "map 'rodata' is defined twice");
	some_progs[1].ident = TEXT("on_exec");
	CHECK_STR(said(), "program 'on_exec' is defined twice");
	set_members("int step; char text[12]; long step;");
	CHECK_STR(said(), "section rodata has a member that is not a variable");
}

TEST(members_are_declarations_with_the_variables)
{
	make_skel();
	set_members(
		"int step; char text[12]; }; __attribute__((constructor)) static void f(void) { "
		"} struct b { int y;");
	CHECK(strstr(said(), "section rodata: offset 25: unexpected '}'"));
	set_members("char text[12]; int step;");
	CHECK_STR(said(), "variable 'step' is not the member at its position");
	set_members("");
	CHECK_STR(said(), "variable 'step' is not the member at its position");
	some_vars[1].ident = TEXT("step");
	CHECK_STR(said(), "variable 'step' is not the member at its position");
}

TEST(maps_are_sections_of_variables_or_have_none)
{
	make_skel();
	some_maps[1].mapped = false;
	CHECK_STR(said(), "map 'rodata' has variables but is not a data section");
	some_maps[0].percpu = true;
	CHECK_STR(said(), "map 'counts' has variables but is not a data section");
	some_maps[1].pinned = true;
	CHECK_STR(said(), "section 'rodata' cannot be pinned");
	some_maps[1].ident = TEXT("ctx");
	CHECK_STR(said(), "section 'ctx' is not a data section");
	some_maps[1].ident = TEXT("data_fast");
	CHECK_STR(said(), "");
}

TEST(a_tracepoint_goes_with_its_way_of_attaching)
{
	make_skel();
	some_progs[0].target = NULL;
	CHECK_STR(said(),
		  "program 'on_exec' has a target but is of a kind without one, or the reverse");
	some_progs[1].target = TEXT("sched_switch");
	CHECK_STR(said(),
		  "program 'on_packet' has a target but is of a kind without one, or the reverse");
	some_progs[1].attach = SKEL_ATTACH_NR;
	CHECK_STR(said(), "the reply of the process that reads BPF objects is cut off");
}

TEST(numbers_of_programs_and_maps_have_limits)
{
	static struct skel_prog progs[OBJECT_PROGS_MAX + 1];
	static struct skel_map maps[IMAGE_MAPS_MAX + 1];
	static char names[OBJECT_PROGS_MAX + 1][16];

	make_skel();
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		snprintf(names[i], sizeof(names[i]), "name%zu", i);
		progs[i].ident = names[i];
		if (i < ARRAY_SIZE(maps))
			maps[i].ident = names[i];
	}
	some_skel.progs = progs;
	some_skel.nr_progs = OBJECT_PROGS_MAX;
	some_skel.maps = maps;
	some_skel.nr_maps = IMAGE_MAPS_MAX;
	CHECK_STR(said(), "");
	some_skel.progs = progs;
	some_skel.nr_progs = OBJECT_PROGS_MAX + 1;
	CHECK_STR(said(), "1025 programs, expected up to 1024");
	some_skel.nr_progs = 0;
	CHECK_STR(said(), "");
	some_skel.maps = maps;
	some_skel.nr_maps = IMAGE_MAPS_MAX + 1;
	CHECK_STR(said(), "65 maps, expected up to 64");
}

/* Whatever it says: no crash, no allocation that is larger than the bytes allow (sanitizers look).
 */
TEST(hostile_numbers_are_harmless)
{
	static const uint64_t numbers[] = {1, UINT32_MAX, INT64_MAX, UINT64_MAX};
	_buf_ struct buf bytes = {0};
	int refused = 0;

	make_bytes(&bytes);
	for (size_t at = 0; at + sizeof(uint64_t) <= bytes.size; at++) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			uint64_t before;

			memcpy(&before, bytes.data + at, sizeof(before));
			memcpy(bytes.data + at, &numbers[i], sizeof(before));
			refused += decode(buf_view(&bytes)) != 0;
			memcpy(bytes.data + at, &before, sizeof(before));
		}
	}
	CHECK(refused > 0);
}

UNIT_MAIN
