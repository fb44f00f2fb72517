// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_choose.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object_section.h"
#include "object/object_type.h"

const char *object_choice_option(enum object_choice_kind kind)
{
	static const char *const options[OBJECT_CHOICE_NR] = {
		[OBJECT_LOAD] = "--load",
		[OBJECT_SKIP] = "--skip",
		[OBJECT_TYPE] = "--type",
		[OBJECT_TARGET] = "--attach-target",
	};

	return options[kind];
}

/* --- as bytes --- */

struct choice {
	enum object_choice_kind kind;
	const char *pattern, *value; /* "": none */
};

int object_choose_encode(const struct object_choice *choice, struct buf *ret, struct err *err)
{
	for (size_t i = 0; i < choice->nr; i++) {
		const struct object_choice_one *one = &choice->list[i];
		const bool has_value = one->kind == OBJECT_TYPE || one->kind == OBJECT_TARGET;
		const size_t size = has_value ? strcspn(one->text, "=") : strlen(one->text);

		buf_printf(ret, "%u%.*s", one->kind, (int)size, one->text);
		buf_add(ret, "", 1);
		buf_add_str(ret, one->text + size + (one->text[size] == '='));
		buf_add(ret, "", 1);
	}
	return buf_done(ret, err);
}

/* Take the next choice off *rest, which this program wrote. */
static bool next_choice(struct view *rest, struct choice *ret)
{
	const char *text = (const char *)rest->data, *end;

	if (!rest->size)
		return false;
	ret->kind = (enum object_choice_kind)(*text - '0');
	ret->pattern = text + 1;
	ret->value = ret->pattern + strlen(ret->pattern) + 1;
	end = ret->value + strlen(ret->value) + 1;
	*rest = view_of(end, rest->size - (size_t)(end - text));
	return true;
}

static bool matches(const struct choice *choice, const struct bpf_program *prog)
{
	return !fnmatch(choice->pattern, bpf_program__name(prog), 0);
}

/* The value that CHOICE has for PROG, of KIND; NULL: none. */
static const char *value_for(const struct bpf_program *prog, struct view choices,
			     enum object_choice_kind kind)
{
	const char *value = NULL;
	struct choice one;

	while (next_choice(&choices, &one)) {
		if (one.kind == kind && matches(&one, prog))
			value = one.value;
	}
	return value;
}

/* --- checks --- */

void object_choose_list(const struct bpf_object *object, struct buf *ret)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object)
	{
		buf_printf(ret, "%s%s", ret->size ? ", " : "", bpf_program__name(prog));
	}
}

static int refuse_unmatched(const struct bpf_object *object, const struct choice *choice,
			    struct err *err)
{
	_buf_ struct buf names = {0};
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object)
	{
		if (matches(choice, prog))
			return 0;
	}
	object_choose_list(object, &names);
	return names.failed ? err_nomem(err)
			    : err_set(err, -ENOENT, "%s %s matches no program: the object has %s",
				      object_choice_option(choice->kind), choice->pattern,
				      buf_cstr(&names));
}

/* Whether no program can have both. */
static bool contradict(const struct choice *a, const struct choice *b)
{
	const bool loads = a->kind <= OBJECT_SKIP && b->kind <= OBJECT_SKIP;

	return loads ? a->kind != b->kind : a->kind == b->kind && strcmp(a->value, b->value);
}

static int refuse_both(const struct bpf_object *object, const struct choice *a,
		       const struct choice *b, struct err *err)
{
	struct bpf_program *prog;

	if (!contradict(a, b))
		return 0;
	if (a->kind > b->kind)
		return refuse_both(object, b, a, err);
	bpf_object__for_each_program(prog, object)
	{
		if (matches(a, prog) && matches(b, prog))
			return err_set(
				err, -EINVAL, "%s %s%s%s and %s %s%s%s both match program %s",
				object_choice_option(a->kind), a->pattern, *a->value ? "=" : "",
				a->value, object_choice_option(b->kind), b->pattern,
				*b->value ? "=" : "", b->value, bpf_program__name(prog));
	}
	return 0;
}

static int check_choices(const struct bpf_object *object, struct view choices, struct err *err)
{
	struct view rest = choices;
	struct choice one, other;
	int rc = 0;

	while (!rc && next_choice(&rest, &one)) {
		struct view before = view_of(choices.data, choices.size - rest.size);

		rc = refuse_unmatched(object, &one, err);
		while (!rc && next_choice(&before, &other))
			rc = refuse_both(object, &other, &one, err);
	}
	return rc;
}

/* --- names of sections --- */

/* Names of functions and tracepoints in the kernel's BTF. */
static int check_target(const char *target, struct err *err)
{
	for (const char *at = target; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("_.$", *at))
			return err_set(err, -EINVAL, "'%s' is not the name of a function", target);
	}
	return *target ? 0 : err_set(err, -EINVAL, "expected PROG=FUNC");
}

/* Whether what a program of TYPE attaches to is in the name of its section. */
static bool is_in_name(enum bpf_prog_type type)
{
	return type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM ||
	       type == BPF_PROG_TYPE_EXT || type == BPF_PROG_TYPE_RAW_TRACEPOINT;
}

static int parse_type(const struct bpf_program *prog, const char *text, struct object_type *ret,
		      struct err *err)
{
	int rc = object_type_parse(text, ret, err);

	if (!rc && !ret->section_size && is_in_name(ret->type))
		rc = err_set(err, -EINVAL,
			     "this type needs the name of a section: fentry, fexit, fmod_ret, lsm, "
			     "tp_btf, iter or raw_tp");
	return rc ? err_prefix(err, "--type %s=%s", bpf_program__name(prog), text) : 0;
}

/*
 * A loader looks up the targets of these, and the skeleton names a raw tracepoint. Programs of
 * other types are attached at run time.
 */
static int check_has_target(const struct bpf_program *prog, enum bpf_prog_type type,
			    struct err *err)
{
	if (is_in_name(type))
		return 0;
	return err_set(err, -ENOTSUP,
		       "program %s in SEC(\"%s\") is none of fentry, fexit, fmod_ret, lsm, tp_btf, "
		       "iter, raw_tp: make it one with --type, or attach it at run time",
		       bpf_program__name(prog), bpf_program__section_name(prog));
}

/*
 * The name of PROG's section that CHOICES ask for. Its own, if they ask for nothing that a name has
 * to say.
 */
static int choose_section(const struct bpf_program *prog, struct view choices, struct buf *ret,
			  struct err *err)
{
	const char *text = value_for(prog, choices, OBJECT_TYPE);
	const char *target = value_for(prog, choices, OBJECT_TARGET);
	struct object_type type = {.type = bpf_program__type(prog)};
	struct view name = view_str(bpf_program__section_name(prog));
	const uint8_t *slash;
	int rc = text ? parse_type(prog, text, &type, err) : 0;

	if (rc)
		return rc;
	if (target && (check_target(target, err) || check_has_target(prog, type.type, err)))
		return err_prefix(err, "--attach-target %s=%s", bpf_program__name(prog), target);
	/* What a probe attaches to is for the skeleton. */
	if (type.section_size && (is_in_name(type.type) || memchr(text, '/', type.section_size)))
		name = view_of(text, type.section_size);
	slash = target ? memchr(name.data, '/', name.size) : NULL;
	buf_add_view(ret, slash ? view_of(name.data, (size_t)(slash - name.data)) : name);
	if (target)
		buf_printf(ret, "/%s", target);
	return buf_done(ret, err);
}

/* New names of sections, owned. */
struct renames {
	struct object_rename *list;
	size_t nr;
};

static void renames_free(struct renames *renames)
{
	for (size_t i = 0; i < renames->nr; i++)
		free((char *)renames->list[i].to);
	free(renames->list);
}

/* All programs of a section get the same name, or one of them would get another's type. */
static int add_rename(const struct bpf_program *prog, const char *name, struct renames *renames,
		      struct err *err)
{
	const char *own = bpf_program__section_name(prog);
	struct object_rename *longer;

	for (size_t i = 0; i < renames->nr; i++) {
		if (strcmp(renames->list[i].from, own))
			continue;
		if (!strcmp(renames->list[i].to, name))
			return 0;
		return err_set(err, -EINVAL,
			       "program %s shares SEC(\"%s\") with others, which would have to "
			       "be SEC(\"%s\") and SEC(\"%s\"): choose the same for all of them, "
			       "or give each a section of its own in the source",
			       bpf_program__name(prog), own, renames->list[i].to, name);
	}
	longer = reallocarray(renames->list, renames->nr + 1, sizeof(*longer));
	if (!longer)
		return err_nomem(err);
	renames->list = longer;
	longer[renames->nr] = (struct object_rename){own, strdup(name)};
	return longer[renames->nr++].to ? 0 : err_nomem(err);
}

/*
 * libbpf finds a section by its name, so two must not have the same. ('?' in front of one of them
 * makes them differ in the file, but not here.)
 */
static int refuse_twins(const struct renames *renames, struct err *err)
{
	for (size_t i = 0; i < renames->nr; i++) {
		for (size_t n = 0; n < i; n++) {
			if (!strcmp(renames->list[i].to, renames->list[n].to))
				return err_set(err, -EINVAL,
					       "the programs in SEC(\"%s\") and SEC(\"%s\") would "
					       "both be in SEC(\"%s\"): put them into one section "
					       "in the source",
					       renames->list[n].from, renames->list[i].from,
					       renames->list[i].to);
		}
	}
	return 0;
}

/* Drop the names that stay. */
static void drop_same(struct renames *renames)
{
	size_t nr = 0;

	for (size_t i = 0; i < renames->nr; i++) {
		if (strcmp(renames->list[i].from, renames->list[i].to))
			renames->list[nr++] = renames->list[i];
		else
			free((char *)renames->list[i].to);
	}
	renames->nr = nr;
}

int object_choose_names(const struct bpf_object *object, struct view choices, struct buf *elf,
			bool *ret_renamed, struct err *err)
{
	_cleanup_(renames_free) struct renames renames = {0};
	struct bpf_program *prog;
	int rc = check_choices(object, choices, err);

	if (rc)
		return rc;
	bpf_object__for_each_program(prog, object)
	{
		_buf_ struct buf name = {0};

		rc = choose_section(prog, choices, &name, err);
		if (!rc)
			rc = buf_cstr(&name) ? add_rename(prog, buf_cstr(&name), &renames, err)
					     : err_nomem(err);
		if (rc)
			return rc;
	}
	rc = refuse_twins(&renames, err);
	if (rc)
		return rc;
	drop_same(&renames);
	*ret_renamed = renames.nr;
	return renames.nr ? object_rename(elf, renames.list, renames.nr, err) : 0;
}

/* --- what libbpf has functions for --- */

/* A type that a name of a section has said is that of PROG already. */
static int set_type(struct bpf_program *prog, const char *text, struct err *err)
{
	struct object_type type;
	int rc = parse_type(prog, text, &type, err);

	if (rc)
		return rc;
	if (!is_in_name(type.type)) {
		/* a change of type makes libbpf forget the section's flags */
		bpf_program__set_type(prog, BPF_PROG_TYPE_UNSPEC);
		bpf_program__set_type(prog, type.type);
		bpf_program__set_flags(prog, type.flags);
	}
	if (!is_in_name(type.type) || type.has_attach)
		bpf_program__set_expected_attach_type(prog, type.attach);
	if (bpf_program__type(prog) == type.type)
		return 0;
	return err_set(err, -EINVAL, "libbpf cannot give program %s the type %s",
		       bpf_program__name(prog), text);
}

int object_choose(struct bpf_object *object, struct view choices, struct err *err)
{
	struct bpf_program *prog;
	int rc = 0;

	bpf_object__for_each_program(prog, object)
	{
		const char *type = value_for(prog, choices, OBJECT_TYPE);

		if (value_for(prog, choices, OBJECT_LOAD))
			rc = bpf_program__set_autoload(prog, true);
		if (!rc && value_for(prog, choices, OBJECT_SKIP))
			rc = bpf_program__set_autoload(prog, false);
		if (rc)
			return err_set(err, -EINVAL, "libbpf cannot choose program %s",
				       bpf_program__name(prog));
		if (type)
			rc = set_type(prog, type, err);
		if (rc)
			return rc;
	}
	return 0;
}
