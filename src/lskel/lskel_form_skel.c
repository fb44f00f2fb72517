// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text around the load function: this tool's, which has the functions that programs written for
 * bpftool's skeletons use, and bpftool's own, as observed from 6.8 to 7.8. In the pieces of text, @
 * stands for the skeleton's name, $ for the current program, map or variable, and % for what the
 * names of the functions that are called begin with.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"
#include "members.h"

/* More than any object has that can be turned into a loader. */
#define ENTRIES_MAX 4096

/* What is said where a program writes to what is signed. */
#define SET "sign it with \"bpf-chainsign sign --set NAME=VALUE\""

/* The page sizes of build machines; mapped sizes are multiples of them. */
#define MMAP_UNIT 4096

/* --- lists, which reading fills --- */

/* A copy of NAME if FINE; NULL: the error is set. */
static char *copy_name(struct form *form, struct view name, bool fine)
{
	char *copy = NULL;

	if (!fine)
		form_differs(form, "a name");
	else if (!(copy = view_strdup(name)))
		err_nomem(&form->err);
	return copy;
}

static char *take_name(struct form *form, struct view name)
{
	return copy_name(form, name, members_is_name(name));
}

/* LIST, enlarged by one zeroed element after its NR elements. */
static bool grow(struct form *form, void **list, size_t nr, size_t size)
{
	void *more;

	if (nr == ENTRIES_MAX) {
		form_differs(form, "fewer names");
		return false;
	}
	/* Powers of two. */
	if (!(nr & (nr - 1))) {
		more = reallocarray(*list, nr ? 2 * nr : 1, size);
		if (!more) {
			err_nomem(&form->err);
			return false;
		}
		*list = more;
	}
	memset((char *)*list + nr * size, 0, size);
	return true;
}

/* Whether the struct has an I-th map; when reading, it is added to the list. */
static bool has_map(struct form *form, size_t i)
{
	struct skel *skel = form->skel;

	if (!form_sees(form, 1, form->style->map_desc))
		return form->out && i < skel->nr_maps;
	if (!grow(form, (void **)&skel->maps, i, sizeof(*skel->maps)))
		return false;
	skel->maps[i].at = form->tokens[form->at].start;
	skel->maps[i].ident = take_name(form, form_token(form, 2));
	skel->nr_maps += skel->maps[i].ident != NULL;
	return skel->maps[i].ident;
}

static bool has_prog(struct form *form, size_t i)
{
	struct skel *skel = form->skel;

	if (!form_sees(form, 1, form->style->prog_desc))
		return form->out && i < skel->nr_progs;
	if (!grow(form, (void **)&skel->progs, i, sizeof(*skel->progs)))
		return false;
	skel->progs[i].at = form->tokens[form->at].start;
	skel->progs[i].ident = take_name(form, form_token(form, 2));
	skel->nr_progs += skel->progs[i].ident != NULL;
	return skel->progs[i].ident;
}

/* Whether MAP has an I-th variable with an assertion; when reading, it is added to the list. */
static bool has_var(struct form *form, struct skel_map *map, size_t i)
{
	size_t at = form->style->is_alone ? 7 : 2;

	if (form->out)
		return i < map->nr_vars;
	/* _Static_assert(sizeof(s->MAP->VAR, or (void)sizeof(char[sizeof(s->MAP->VAR */
	if (!form_sees(form, at, "sizeof") || !form_sees(form, at + 4, map->ident))
		return false;
	if (!grow(form, (void **)&map->vars, i, sizeof(*map->vars)))
		return false;
	map->vars[i].ident = take_name(form, form_token(form, at + 6));
	map->nr_vars += map->vars[i].ident != NULL;
	return map->vars[i].ident;
}

void form_put_progs(struct form *form, const char *text)
{
	for (size_t i = 0; i < form->skel->nr_progs; i++)
		form_put(form, text, form->skel->progs[i].ident);
}

/* --- the struct --- */

/* Put the include guard's macro into GUARD. */
static const char *make_guard(struct form *form, struct buf *guard)
{
	const char *text;

	buf_add_str(guard, "__");
	for (const char *at = form->skel->name; *at; at++)
		buf_printf(guard, "%c", toupper((unsigned char)*at));
	buf_add_str(guard, "_SKEL_H__");
	text = buf_cstr(guard);
	if (!text)
		err_nomem(&form->err);
	return text ?: "";
}

static void put_desc(struct form *form, const char *type, const char *ident)
{
	form_put(form, "\t\tstruct $ ", type);
	form_put(form, "$;\n", ident);
}

static void put_lists(struct form *form)
{
	const struct form_style *style = form->style;

	form_put(form, "struct @ {\n\tstruct $ ctx;\n", style->ctx);
	if (form->out ? form->skel->nr_maps : form_sees(form, 3, style->map_desc)) {
		form_put(form, "\tstruct {\n", "");
		for (size_t i = 0; has_map(form, i); i++)
			put_desc(form, style->map_desc, form->skel->maps[i].ident);
		form_put(form, "\t} maps;\n", "");
	}
	if (form->out ? form->skel->nr_progs : form_sees(form, 3, style->prog_desc)) {
		form_put(form, "\tstruct {\n", "");
		for (size_t i = 0; has_prog(form, i); i++)
			put_desc(form, style->prog_desc, form->skel->progs[i].ident);
		form_put(form, "\t} progs;\n\tstruct {\n", "");
		form_put_progs(form, "\t\tint $_fd;\n");
		form_put(form, "\t} links;\n", "");
	}
	if (form->out)
		form->head_end = form->out->size;
	if (form_has_keyring(form->load))
		form_put(form, "\t" LSKEL_MEMBER "\n", "");
	if (form_is_current(form->load)) {
		for (size_t i = 0; i < lskel_added_nr; i++) {
			form_put(form, "\t", "");
			form_put(form, lskel_added[i], "");
			form_put(form, "\n", "");
		}
	} else if (form->load && form->load->is_own) {
		form_put(form, "\t" LSKEL_ALLOW "\n", "");
	}
}

/* The text between bytes START and END, which is blanks or a comment; comments are dropped. */
static void add_gap(struct form *form, struct buf *out, size_t start, size_t end)
{
	size_t size = out->size;

	for (size_t at = start; at < end; at++) {
		uint8_t byte = form->text.data[at];

		if (byte == ' ' || byte == '\t' || byte == '\n') {
			buf_add(out, &byte, 1);
		} else if (byte != '\r') {
			out->size = size;
			buf_add_str(out, " ");
			return;
		}
	}
}

/* Drop the rest of the opening brace's line, and what precedes the closing brace in its line. */
static void trim_lines(struct buf *members)
{
	const uint8_t *newline = memchr(members->data, '\n', members->size);
	size_t blank = 0;

	while (blank < members->size && strchr(" \t", members->data[blank]))
		blank++;
	while (members->size && strchr(" \t", members->data[members->size - 1]))
		members->size--;
	if (newline != members->data + blank || blank >= members->size)
		return;
	blank++;
	memmove(members->data, members->data + blank, members->size - blank);
	members->size -= blank;
}

/* The members of a section's struct, between its braces. */
static void take_members(struct form *form, struct skel_map *map)
{
	size_t end = form->at ? form->tokens[form->at - 1].end : 0, depth = 0;
	struct buf *members = &map->members;
	struct err why;

	while (form_reads(form) && (depth || !form_sees(form, 0, "}"))) {
		const struct form_token *token = &form->tokens[form->at];

		if (token->kind == TOKEN_END || members->size > MEMBERS_SIZE_MAX) {
			form_differs(form, "a member");
			return;
		}
		depth += form_sees(form, 0, "{");
		depth -= form_sees(form, 0, "}");
		add_gap(form, members, end, token->start);
		buf_add_view(members, form_token(form, 0));
		end = token->end;
		form->at++;
	}
	if (!form_reads(form))
		return;
	add_gap(form, members, end, form->tokens[form->at].start);
	if (members->failed)
		err_nomem(&form->err);
	else if (members_check(buf_view(members), &why))
		form_differs(form, "declarations of members alone");
	else if (members->size)
		trim_lines(members);
}

/* Whether the struct of section IDENT comes next. */
static bool sees_section(struct form *form, const char *ident)
{
	size_t name = strlen(form->skel->name), size = strlen(ident);
	size_t at = form->style->is_alone; /* after __extension__ */
	struct view text;

	at += form->style->is_alone && form_sees(form, at, "const");
	text = form_token(form, at + 1);
	return form_sees(form, at, "struct") && text.size == name + 2 + size &&
	       !memcmp(text.data, form->skel->name, name) && !memcmp(text.data + name, "__", 2) &&
	       !memcmp(text.data + name + 2, ident, size);
}

/* long has 8 bytes in BPF, but not wherever a header is compiled. */
static void put_members(struct form *form, const struct skel_map *map)
{
	if (form->style->is_alone)
		members_put_fixed(buf_view(&map->members), form->out);
	else
		buf_add_view(form->out, buf_view(&map->members));
}

/*
 * The beginning of a section's struct. Members may be of types that ISO C does not have. A program
 * cannot write what is signed: a compiler's error leads here, so the comment says what to do.
 */
static void put_struct(struct form *form, struct skel_map *map)
{
	if (form->out)
		map->is_const = form->skel->sealed && map->read_only && form->style->is_alone;
	else
		map->is_const = form->style->is_alone && form_sees(form, 1, "const");
	form_put(form, form->style->is_alone ? "\t__extension__ " : "\t", "");
	form_put(form, map->is_const ? "const struct @__$ {\n" : "struct @__$ {\n", map->ident);
}

static void put_sections(struct form *form)
{
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		struct skel_map *map = &form->skel->maps[i];

		if (!form->out)
			map->mapped = sees_section(form, map->ident);
		if (!map->mapped)
			continue;
		put_struct(form, map);
		if (form->out)
			put_members(form, map);
		else
			take_members(form, map);
		form_put(form, map->is_const ? "\t} *$; /* const: " SET " */\n" : "\t} *$;\n",
			 map->ident);
	}
	form_put(form, "};\n", "");
}

/* --- destroy --- */

/* Of a section: the bytes that are mapped, or those of its value, which the run-time part rounds up
 * to pages. */
static void put_size(struct form *form, const struct skel_map *map)
{
	form_put_number(form, form->style->is_alone ? map->value.size : map->mmap_size);
}

static void put_destroy(struct form *form)
{
	form_put(form, form->style->destroy, "");
	form_put(form,
		 "@__destroy(struct @ *skel)\n{\n\tif (!skel)\n\t\treturn;\n\t@__detach(skel);\n",
		 "");
	form_put_progs(form, "\t%closenz(skel->progs.$.prog_fd);\n");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		struct skel_map *map = &form->skel->maps[i];

		if (map->mapped) {
			form_put(form, form->style->destroy_section, map->ident);
			if (form_reads(form))
				map->mmap_size = (size_t)form_take_number(form);
			else
				put_size(form, map);
			form_put(form, ");\n", "");
		}
		form_put(form, "\t%closenz(skel->maps.$.map_fd);\n", map->ident);
	}
	form_put(form, form->style->destroy_end, "");
}

/* --- open and load --- */

/* The value of a section, which is shorter than the mapping. */
static void put_value(struct form *form, struct skel_map *map)
{
	size_t at = form->at;

	if (form->out) {
		form_put_bytes(form, buf_view(&map->value));
		return;
	}
	map->value_at = form->tokens[at].start;
	form_take_bytes(form, &map->value);
	if (!form_reads(form))
		return;
	if (form->style->is_alone
		    ? map->value.size == map->mmap_size
		    : map->value.size <= map->mmap_size && !(map->mmap_size % MMAP_UNIT)) {
		map->mmap_size = form->style->is_alone ? skel_mmap_size(map->value.size)
						       : map->mmap_size;
		return;
	}
	form->at = at;
	form_differs(form, "a value that fits into what is mapped");
}

/*
 * Before the load: the copy of a section that user space may read and, with an unsealed loader,
 * change.
 */
static void put_section_data(struct form *form, struct skel_map *map)
{
	const struct form_style *own = form->style;
	const char *tabs = own->has_literals ? "\t" : "\t\t";

	if (own->has_literals) {
		form_put(form, own->value, map->ident);
		put_value(form, map);
		form_put(form, ", ", "");
		form_put_number(form, map->mmap_size);
		form_put(form, ", ", "");
		form_put_number(form, map->value.size);
		form_put(form, ");\n", "");
	} else {
		form_put(form, "\t{\n\t\t$", own->is_alone ? "__extension__ " : "");
		form_put(form, "static const char data[] __attribute__((__aligned__(8))) = ", "");
		put_value(form, map);
		form_put(form, ";\n", "");
		form_put(form, own->value, map->ident);
		put_size(form, map);
		form_put(form, own->value_end, "");
	}
	form_put(form, tabs, "");
	form_put(form, "if (!skel->$)\n\t", map->ident);
	form_put(form, tabs, "");
	form_put(form, "goto cleanup;\n", "");
	form_put(form, tabs, "");
	form_put(form, own->initial_value, map->ident);
	if (!own->has_literals)
		form_put(form, "\t}\n", "");
}

static void put_open(struct form *form)
{
	const struct form_style *style = form->style;

	form_put(form, style->open_head, "");
	form_put(form, "@__open(void)\n{\n\tstruct @ *skel;\n\n", "");
	form_put(form, style->open, "");
	form_put(form, "\tskel->ctx.sz = ", "");
	form_put(form,
		 style->size_of_maps && !form->skel->nr_progs ? style->size_of_maps : style->size,
		 "");
	form_put(form, ";\n", "");
	if (form->out)
		form->open_end = form->out->size;
	if (form_is_current(form->load))
		form_put(form, "\t" LSKEL_ENFORCE "\n", "");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		if (form->skel->maps[i].mapped)
			put_section_data(form, &form->skel->maps[i]);
	}
	form_put(form, "\treturn skel;\ncleanup:\n\t@__destroy(skel);\n\treturn NULL;\n}\n\n", "");
}

/* After the load: map a section with the loader's contents. */
static void put_section_map(struct form *form, struct skel_map *map)
{
	const struct form_style *own = form->style;
	/* The table of sections was read before. */
	bool takes = form_reads(form) && !form_is_current(form->load);

	/* err = FUNCTION(, or if (FUNCTION( */
	if (takes)
		map->percpu = own->percpu && form_sees(form, 2, own->percpu_call);
	if (form_reads(form) && map->percpu && !own->percpu) {
		form_differs(form, "a section that is mapped");
		return;
	}
	if (map->percpu) {
		form_put(form, own->percpu, map->ident);
		put_size(form, map);
		form_put(form, own->percpu_end, map->ident);
		return;
	}
	form_put(form, own->finalize, map->ident);
	put_size(form, map);
	form_put(form, ", ", "");
	if (takes)
		form_take_protection(form, map);
	form_put(form, map->read_only ? "PROT_READ" : "PROT_READ | PROT_WRITE", "");
	form_put(form, own->map_fd, map->ident);
}

static void put_load(struct form *form)
{
	form_put(form, "static inline int\n@__load(struct @ *skel)\n{", "");
	if (form->out)
		form->decl_end = form->out->size;
	if (form->load)
		form_body(form);
	form_put(form, "\n\tif (err < 0)\n\t\treturn err;\n", "");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		if (form->skel->maps[i].mapped && form->style->finalize)
			put_section_map(form, &form->skel->maps[i]);
	}
	form_put(form, "\treturn 0;\n}\n\nstatic inline struct @ *\n@__open_and_load(void)\n{\n",
		 "");
	form_put(form, form->style->open_and_load, "");
}

/* --- assertions --- */

/* Check that the variables with assertions are the members of the section. */
struct assert_walk {
	const struct skel_map *map;
	size_t at;
};

static int compare_member(struct view name, void *arg, struct err *err)
{
	struct assert_walk *walk = arg;
	const struct skel_map *map = walk->map;

	if (walk->at < map->nr_vars && view_equal(name, view_str(map->vars[walk->at].ident)))
		walk->at++;
	else if (!members_is_padding(name))
		return err_set(err, -EBADMSG, "a member has no size assertion");
	return 0;
}

/* A statement that does not compile where VAR has another size. */
static void put_assert(struct form *form, const struct skel_map *map, struct skel_var *var)
{
	bool is_alone = form->style->is_alone;

	form_put(form,
		 is_alone ? "\t(void)sizeof(char[sizeof(s->$->" : "\t_Static_assert(sizeof(s->$->",
		 map->ident);
	form_put(form, "$) == ", var->ident);
	if (form_reads(form))
		var->size = (uint32_t)form_take_number(form);
	else
		form_put_number(form, var->size);
	if (is_alone)
		form_put(form, " ? 1 : -1]);\n", "");
	else
		form_put(form, ", \"unexpected size of '$'\");\n", var->ident);
}

static void put_map_asserts(struct form *form, struct skel_map *map)
{
	struct assert_walk walk = {.map = map};
	struct err why;

	for (size_t j = 0; has_var(form, map, j); j++)
		put_assert(form, map, &map->vars[j]);
	if (form_reads(form) &&
	    (members_each(buf_view(&map->members), compare_member, &walk, &why) ||
	     walk.at != map->nr_vars))
		form_differs(form, "an assertion for each member");
}

static bool has_members(const struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++) {
		if (skel->maps[i].members.size)
			return true;
	}
	return false;
}

static void put_asserts(struct form *form)
{
	/* bpftool writes none for an object without BTF, whose sections have no members either. */
	if (!form->style->has_asserts && !form_sees(form, 0, "__attribute__") && form_reads(form) &&
	    !has_members(form->skel))
		return;
	form_put(form,
		 "\n__attribute__((unused)) static void\n"
		 "@__assert(struct @ *s __attribute__((unused)))\n{\n",
		 "");
	if (!form->style->is_alone)
		form_put(form, "#ifdef __cplusplus\n#define _Static_assert static_assert\n#endif\n",
			 "");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		if (form->skel->maps[i].mapped)
			put_map_asserts(form, &form->skel->maps[i]);
	}
	if (!form->style->is_alone)
		form_put(form, "#ifdef __cplusplus\n#undef _Static_assert\n#endif\n", "");
	form_put(form, "}\n", "");
}

/* --- the whole text --- */

/* The run-time part, which no other header of that style has. */
static void put_first(struct form *form)
{
	if (form->load->is_own)
		form_runtime(form);
	else
		form_differs(form, "the run-time part");
}

void form_skeleton(struct form *form)
{
	_buf_ struct buf macro = {0};
	const char *guard = make_guard(form, &macro);

	if (form->style->sorted && form_sees(form, 2, "#include <bpf/skel_internal.h>"))
		form_put(form, form->style->sorted, guard);
	else
		form_put(form, form->style->top, guard);
	if (form->out)
		form->front_end = form->out->size;
	if (form->load && form->style->is_alone)
		put_first(form);
	if (form->style->is_alone)
		form_parts(form);
	put_lists(form);
	put_sections(form);
	form_attach(form);
	put_destroy(form);
	put_open(form);
	if (form->out)
		form->mid_end = form->out->size;
	if (form->load && form->load->is_own && !form->style->is_alone)
		form_runtime(form);
	put_load(form);
	form_pins(form);
	put_asserts(form);
	form_put(form, "\n#endif /* $ */\n", guard);
	if (form_reads(form) && form->tokens[form->at].kind != TOKEN_END)
		form_differs(form, "the end");
	form_parts_check(form);
}
