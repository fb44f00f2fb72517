// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_type.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/util.h"
#include "object/object.h"

/* Newer than libbpf 0.8: NULL there, and then only names of sections are known. */
const char *libbpf_bpf_prog_type_str(enum bpf_prog_type type) __attribute__((weak));
const char *libbpf_bpf_attach_type_str(enum bpf_attach_type type) __attribute__((weak));

/* The most characters of a name, and how many of the nearest names are listed. */
#define NAME_SIZE_MAX 63
#define NEAREST	      3

/* --- the nearest names --- */

/* The names that are nearest to WANTED, each in a text of its own, the nearest first. */
struct nearest {
	struct view wanted;
	struct {
		char name[NAME_SIZE_MAX + 1];
		size_t distance;
	} list[NEAREST];
	size_t nr;
};

/* How many characters have to be changed, added or removed to make A of B (Levenshtein). */
static size_t distance(struct view a, struct view b)
{
	size_t row[NAME_SIZE_MAX + 1];

	for (size_t j = 0; j <= b.size; j++)
		row[j] = j;
	for (size_t i = 0; i < a.size; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.size; j++) {
			size_t best = corner + (a.data[i] != b.data[j]);

			corner = row[j + 1];
			best = corner + 1 < best ? corner + 1 : best;
			row[j + 1] = row[j] + 1 < best ? row[j] + 1 : best;
		}
	}
	return row[b.size];
}

static void consider(struct nearest *nearest, struct view name)
{
	size_t own, at = nearest->nr;

	if (!name.size || name.size > NAME_SIZE_MAX)
		return;
	own = distance(view_head(nearest->wanted, NAME_SIZE_MAX), name);
	for (size_t i = 0; i < nearest->nr; i++) {
		if (view_equal(view_str(nearest->list[i].name), name))
			return;
	}
	while (at && nearest->list[at - 1].distance > own)
		at--;
	if (at == NEAREST)
		return;
	nearest->nr += nearest->nr < NEAREST;
	memmove(&nearest->list[at + 1], &nearest->list[at],
		(nearest->nr - at - 1) * sizeof(*nearest->list));
	memcpy(nearest->list[at].name, name.data, name.size);
	nearest->list[at].name[name.size] = '\0';
	nearest->list[at].distance = own;
}

/* libbpf prints the names of sections that it knows when it is asked for one that it does not. */
static __thread struct nearest *sections;

__attribute__((format(printf, 2, 0))) static int
consider_sections(_unused_ enum libbpf_print_level level, const char *fmt, va_list args)
{
	_cleanup_(freep) char *text = NULL;
	char *at, *rest = NULL;

	if (vasprintf(&text, fmt, args) < 0) {
		text = NULL;
		return 0;
	}
	at = strstr(text, " names are:");
	if (!at)
		return 0;
	for (at = strtok_r(at + strlen(" names are:"), " \n", &rest); at;
	     at = strtok_r(NULL, " \n", &rest))
		consider(sections, view_of(at, strcspn(at, "+")));
	return 0;
}

static int unknown(const struct nearest *nearest, const char *what, struct err *err)
{
	_buf_ struct buf list = {0};

	for (size_t i = 0; i < nearest->nr; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", nearest->list[i].name);
	if (list.failed)
		return err_nomem(err);
	return err_set(err, -EINVAL, "'%.*s' is not a %s that libbpf %s knows%s%s",
		       (int)nearest->wanted.size, (const char *)nearest->wanted.data, what,
		       object_libbpf_version(), list.size ? ": the nearest are " : "",
		       list.size ? buf_cstr(&list) : "");
}

/* --- names --- */

/* Whether TEXT is NAME, in any case, or NAME behind PREFIX as in the kernel's headers. */
static bool is_name(struct view text, const char *prefix, const char *name)
{
	size_t size = strlen(prefix);
	const char *at = (const char *)text.data;

	if (text.size > size && !strncasecmp(at, prefix, size) && strncasecmp(name, prefix, size)) {
		at += size;
		text.size -= size;
	}
	return text.size == strlen(name) && !strncasecmp(at, name, text.size);
}

static const char *type_name(int type)
{
	return libbpf_bpf_prog_type_str ? libbpf_bpf_prog_type_str((enum bpf_prog_type)type) : NULL;
}

static const char *attach_name(int type)
{
	return libbpf_bpf_attach_type_str ? libbpf_bpf_attach_type_str((enum bpf_attach_type)type)
					  : NULL;
}

/* The number of the name TEXT, from FIRST on, or -1. */
static int find_name(struct nearest *nearest, const char *(*name_of)(int), int first,
		     const char *prefix)
{
	const char *name;

	for (int i = first; (name = name_of(i)); i++) {
		if (is_name(nearest->wanted, prefix, name))
			return i;
		consider(nearest, view_str(name));
	}
	return -1;
}

/* What libbpf derives from the name of a section beside types (section_defs of libbpf.c, 1.5). */
static uint32_t flags_of(const char *section)
{
	const size_t size = strcspn(section, "/");

	if (!strncmp(section, "xdp.frags", strlen("xdp.frags")))
		return BPF_F_XDP_HAS_FRAGS;
	if (!strcmp(section, "syscall") || (size > 2 && !memcmp(section + size - 2, ".s", 2)))
		return BPF_F_SLEEPABLE;
	return 0;
}

static bool parse_section(struct nearest *nearest, struct object_type *type)
{
	_cleanup_(freep) char *name = view_strdup(nearest->wanted);
	libbpf_print_fn_t before;
	int rc;

	if (!name)
		return false;
	sections = nearest;
	before = libbpf_set_print(consider_sections);
	rc = libbpf_prog_type_by_name(name, &type->type, &type->attach);
	libbpf_set_print(before);
	sections = NULL;
	if (rc)
		return false;
	type->section_size = nearest->wanted.size;
	type->flags = flags_of(name);
	return true;
}

static int parse_type(struct view text, struct object_type *type, struct err *err)
{
	struct nearest nearest = {.wanted = text};
	int found;

	if (parse_section(&nearest, type))
		return 0;
	found = find_name(&nearest, type_name, BPF_PROG_TYPE_UNSPEC + 1, "bpf_prog_type_");
	if (found < 0)
		return unknown(&nearest, "program type", err);
	type->type = (enum bpf_prog_type)found;
	return 0;
}

int object_type_parse(const char *text, struct object_type *ret, struct err *err)
{
	const size_t size = strcspn(text, ":");
	struct object_type type = {.has_attach = text[size] == ':'};
	struct nearest nearest = {.wanted = view_str(text + size + type.has_attach)};
	int rc = parse_type(view_of(text, size), &type, err);

	if (!rc && type.has_attach) {
		int found = find_name(&nearest, attach_name, 0, "bpf_");

		if (found < 0)
			return unknown(&nearest, "type of attaching", err);
		type.attach = (enum bpf_attach_type)found;
	}
	if (!rc)
		*ret = type;
	return rc;
}
