// SPDX-License-Identifier: BSD-2-Clause
/*
 * Values for variables and values of variables, by BTF: the input is a name and a text, each with
 * a NUL, and BTF. The BTF stands in for the sections' contents, too.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "object/object.h"

/* The text at *rest up to its NUL, and *rest behind it; NULL: there is no NUL. */
static const char *take_text(struct view *rest)
{
	const uint8_t *text = rest->data, *end = rest->size ? memchr(text, 0, rest->size) : NULL;

	if (!end)
		return NULL;
	*rest = view_of(end + 1, rest->size - (size_t)(end + 1 - text));
	return (const char *)text;
}

static void check_texts(const struct object_value *value)
{
	FUZZ_MUST(fuzz_is_printable(view_str(value->name), false));
	FUZZ_MUST(fuzz_is_printable(view_str(value->type), false));
	FUZZ_MUST(!value->text || fuzz_is_printable(view_str(value->text), false));
	FUZZ_MUST(!value->text || strlen(value->text) < 2 * OBJECT_TEXT_SHORT);
}

static void read_section(struct view btf, bool big, uint32_t section)
{
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	struct object_values values = {0};
	_buf_ struct buf name = {0};
	struct err err = {0};

	if (object_types_read(btf, big, &types, &err))
		return;
	object_type_name(types, section, &name);
	object_func_name(types, section, &name);
	FUZZ_MUST(fuzz_is_printable(buf_view(&name), false));
	if (object_values_read(types, section, btf, OBJECT_TEXT_SHORT, &values, &err))
		return;
	for (size_t i = 0; i < values.nr; i++)
		check_texts(&values.list[i]);
	object_values_free(&values);
}

static void read_values(struct view btf, uint32_t section)
{
	read_section(btf, false, section);
	read_section(btf, true, section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view btf = view_of(data, size);
	const char *name = take_text(&btf);
	const char *text = name ? take_text(&btf) : NULL;
	_object_vars_ struct object_vars vars = {0};
	struct object_var var = {0};
	struct err err = {0};
	uint32_t nr;

	if (!text)
		return 0;
	if (!object_vars_read(btf, &vars, &err) &&
	    !object_var_parse(&vars, name, text, &var, &err)) {
		FUZZ_MUST(!object_var_elements(&vars, name, &nr, &err));
		read_values(btf, var.section);
		buf_free(&var.value);
	} else {
		FUZZ_MUST(*err.text && fuzz_is_printable(view_str(err.text), false));
	}
	for (uint32_t section = 0; section < 16; section++)
		read_values(btf, section);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_in_place(data, size, max, seed);
}
