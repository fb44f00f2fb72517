// SPDX-License-Identifier: BSD-2-Clause
/* Other names for sections of an object that may be hostile. */
#include "object/object_section.h"

#include <errno.h>
#include <string.h>

#include "loader_sample.h"

static const struct object_rename list[] = {{"prog1", "fentry.s/wake_up_new_task"},
					    {"fentry", "fexit/vfs_read"}};

static struct buf copy_of(struct view elf)
{
	struct buf copy = {0};

	buf_add_view(&copy, elf);
	return copy;
}

static bool has(const struct buf *buf, const char *text, size_t size)
{
	return memmem(buf->data, buf->size, text, size);
}

TEST(new_names_are_in_both_tables_of_strings)
{
	_buf_ struct buf elf = {0};
	struct err err = {0};
	size_t before;

	NEED_CLANG();
	CHECK_INT(sample_object("tests/data/untold.bpf.c", &elf, &err), 0);
	before = elf.size;
	CHECK_INT(object_rename(&elf, list, ARRAY_SIZE(list), &err), 0);
	CHECK(elf.size > before);
	CHECK(has(&elf, "?fentry.s/wake_up_new_task\0?fexit/vfs_read", 43));
	elf.size = before;
	CHECK(!has(&elf, "wake_up_new_task", 16));
}

TEST(a_name_that_no_section_has_changes_no_section)
{
	static const struct object_rename none[] = {{"prog", "xdp"}};
	_buf_ struct buf elf = {0}, renamed = {0};
	struct err err = {0};

	NEED_CLANG();
	CHECK_INT(sample_object("tests/data/untold.bpf.c", &elf, &err), 0);
	renamed = copy_of(buf_view(&elf));
	CHECK_INT(object_rename(&renamed, none, 1, &err), 0);
	/* but for the places and sizes of two sections */
	for (size_t i = 0, changed = 0; i < elf.size; i++) {
		changed += elf.data[i] != renamed.data[i];
		CHECK(changed < 32);
	}
}

TEST(every_byte_of_the_file_may_be_wrong)
{
	static const uint8_t values[] = {0, 0x7f, 0xff};
	_buf_ struct buf elf = {0};
	struct err err = {0};

	NEED_CLANG();
	CHECK_INT(sample_object("tests/data/untold.bpf.c", &elf, &err), 0);
	for (size_t i = 0; i < elf.size * ARRAY_SIZE(values); i++) {
		_buf_ struct buf wrong = copy_of(buf_view(&elf));

		int rc;

		err = (struct err){0};
		wrong.data[i / ARRAY_SIZE(values)] = values[i % ARRAY_SIZE(values)];
		rc = object_rename(&wrong, list, ARRAY_SIZE(list), &err);
		CHECK_INT(rc, err.code);
	}
}

TEST(a_file_that_is_cut_off_is_refused)
{
	_buf_ struct buf elf = {0};
	struct err err = {0};

	NEED_CLANG();
	CHECK_INT(sample_object("tests/data/untold.bpf.c", &elf, &err), 0);
	for (size_t size = 0; size < elf.size; size += 7) {
		_buf_ struct buf cut = copy_of(view_of(elf.data, size));

		/* clang puts the table of sections at the end */
		CHECK_INT(object_rename(&cut, list, ARRAY_SIZE(list), &err), -EBADMSG);
	}
}

TEST(another_byte_order_is_refused)
{
	_buf_ struct buf elf = {0};
	struct err err = {0};

	NEED_CLANG();
	CHECK_INT(sample_object("tests/data/tiny.bpf.c -target bpfeb", &elf, &err), 0);
	CHECK_INT(object_rename(&elf, list, ARRAY_SIZE(list), &err), -ENOTSUP);
	CHECK(strstr(err.text, "byte order"));
}

UNIT_MAIN
