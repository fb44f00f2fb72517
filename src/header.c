// SPDX-License-Identifier: BSD-2-Clause
#include "header.h"

#include <ctype.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "members.h"
#include "object/object.h"

/* The page sizes of build machines, to which libbpf and bpftool round up. */
static const size_t pages[] = {4096, 16384, 65536};

/*
 * The state of a comparison, with the first difference. LSKEL: the parsed header, or NULL for an
 * object.
 */
struct comparison {
	const struct skel *skel;
	const struct lskel *lskel;
	struct object_types *types; /* of the loader's BTF, while check_all() runs; or NULL */
	bool differs;
	struct err why;
};

static void differs_at(struct comparison *c, size_t at, const char *text)
{
	err_line(&c->why, -EBADMSG, c->lskel ? lskel_line(c->lskel, at) : 0, "%s", text);
	c->differs = true;
}

/* Note a difference at byte AT, with a message about the struct's OWN and the loader's OTHER. */
static void differs(struct comparison *c, size_t at, const char *before, const char *ident,
		    const char *between, const char *name, const char *after)
{
	char own[64], other[64], text[ERR_TEXT_MAX];

	err_escape(own, sizeof(own), ident, strlen(ident));
	err_escape(other, sizeof(other), name, strlen(name));
	snprintf(text, sizeof(text), "%s%s%s%s%s", before, own, between, other, after);
	differs_at(c, at, text);
}

/* Whether IDENT is NAME, or begins with it if NAME has the 15 characters of a kernel's name. */
static bool is_cut_name(const char *ident, const char *name)
{
	size_t size = strlen(name);

	return size == LOADER_NAME_SIZE - 1 ? !strncmp(ident, name, size) : !strcmp(ident, name);
}

/* Whether IDENT is NAME with underscores instead of characters that C names cannot have. */
static bool is_ident(struct view ident, struct view name)
{
	if (ident.size != name.size)
		return false;
	for (size_t i = 0; i < name.size; i++) {
		if (ident.data[i] != (isalnum(name.data[i]) ? name.data[i] : '_'))
			return false;
	}
	return true;
}

/*
 * The name of a section's map is "PREFIX.rodata.more", its identifier "rodata_more". The whole
 * name, without the prefix, comes from BTF if there is any.
 */
static bool is_map(const struct loader_map *map, const char *ident)
{
	const char *dot = strchr(map->name, '.');
	struct view own = view_str(ident), name = map->full_name;

	if (name.size)
		return is_ident(own, dot ? view_sub(name, 1, name.size - 1) : name);
	if (!dot)
		return is_cut_name(ident, map->name);
	name = view_str(dot + 1);
	if (strlen(map->name) == LOADER_NAME_SIZE - 1 && own.size > name.size)
		own.size = name.size;
	return is_ident(own, name);
}

/* The whole name of PROG comes from BTF if there is any. */
static bool is_prog(const struct loader_prog *prog, const char *ident)
{
	return prog->full_name.size ? view_equal(prog->full_name, view_str(ident))
				    : is_cut_name(ident, prog->name);
}

static bool is_value(const struct loader_map *map, struct view value)
{
	if (value.size != map->value_size)
		return false;
	if (map->has_value)
		return view_equal(value, map->value);
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i])
			return false;
	}
	return true;
}

/* Whether SIZE is the size of the mapping of MAP for some page size. */
static bool is_mmap_size(const struct loader_map *map, size_t size)
{
	uint64_t value = ((uint64_t)map->value_size + 7) / 8 * 8 * map->max_entries;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (size == (value + pages[i] - 1) / pages[i] * pages[i])
			return true;
	}
	return false;
}

/* Compare OWN, a typed section that user space sees through a pointer. */
static void check_section(struct comparison *c, const struct skel_map *own,
			  const struct loader_map *map)
{
	bool is_percpu = map->type == BPF_MAP_TYPE_PERCPU_ARRAY;

	if (!is_value(map, buf_view(&own->value)))
		differs(c, own->value_at,
			"an initial value in the header differs from the signed data: that of ",
			own->ident, " is not what the loader installs in map ", map->name, "");
	else if (!is_mmap_size(map, own->mmap_size))
		differs(c, own->value_at, "the size of the mapping for ", own->ident,
			" is not that of map ", map->name, "");
	else if (own->percpu != is_percpu || (!is_percpu && !(map->flags & BPF_F_MMAPABLE)) ||
		 (!is_percpu && own->read_only != !!(map->flags & BPF_F_RDONLY_PROG)))
		differs(c, own->at, "", own->ident, " is not mapped as the loader makes map ",
			map->name, "");
}

/* The next variable of the loader to compare with a member. */
struct var_walk {
	struct comparison *c;
	const struct skel_map *own;
	const struct object_values *vars;
	size_t at;
};

/* The loader's static variables are skipped, because the struct does not have them. */
static int check_member(struct view name, void *arg, _unused_ struct err *err)
{
	struct var_walk *walk = arg;
	char text[64];

	if (name.size > 5 && !memcmp(name.data, "__pad", 5))
		return 0;
	while (walk->at < walk->vars->nr &&
	       !is_ident(name, view_str(walk->vars->list[walk->at].name)))
		walk->at++;
	if (walk->at++ < walk->vars->nr)
		return 0;
	differs(walk->c, walk->own->at, "variable ",
		err_escape(text, sizeof(text), name.data, name.size), " is not one of section ",
		walk->own->ident, " of the loader, or not in its place");
	return -ECANCELED;
}

/* Check that the members of the struct are variables of the loader's BTF, in this order. */
static void check_vars(struct comparison *c, const struct skel_map *own,
		       const struct loader_map *map)
{
	_object_values_ struct object_values vars = {0};
	struct var_walk walk = {.c = c, .own = own, .vars = &vars};
	struct err ignored = {0};
	int rc;

	if (!c->types || !map->btf_value || !own->members.size)
		return;
	rc = object_values_read(c->types, map->btf_value, buf_view(&own->value), 0, &vars,
				&ignored);
	if (!rc)
		members_each(buf_view(&own->members), check_member, &walk, &ignored);
	else if (rc == -E2BIG)
		differs(c, own->at, "the variables of ", own->ident,
			" are too many to be compared with those of map ", map->name, "");
}

static void check_map(struct comparison *c, const struct skel_map *own,
		      const struct loader_map *map)
{
	if (!is_map(map, own->ident))
		differs(c, own->at, "skel->maps.", own->ident, " would be the loader's map ",
			map->name, "");
	else if (own->mapped)
		check_section(c, own, map);
	if (!c->differs && own->mapped)
		check_vars(c, own, map);
}

/* Attach types that an older linux/bpf.h may not have. */
enum { TRACE_KPROBE_MULTI = 42, LSM_CGROUP = 43, TRACE_KPROBE_SESSION = 56 };

/* Whether libbpf attaches a program for PROG's kind of probe in the way of ATTACH. */
static bool is_probe_attach(const struct loader_prog *prog, enum skel_attach attach)
{
	switch (prog->attach_type) {
	case 0:
		return attach == SKEL_ATTACH_KPROBE || attach == SKEL_ATTACH_KSYSCALL ||
		       attach == SKEL_ATTACH_UPROBE;
	case TRACE_KPROBE_MULTI:
	case TRACE_KPROBE_SESSION:
		return attach == SKEL_ATTACH_KPROBE_MULTI;
	default:
		return false;
	}
}

/*
 * Whether bpftool and this tool attach programs of PROG's type in the way of ATTACH.
 * SKEL_ATTACH_NONE: the name of the section, which the loader does not have, says nothing, or
 * bpftool does not know that way.
 */
static bool is_attach(const struct loader_prog *prog, enum skel_attach attach)
{
	switch (prog->type) {
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		return attach == SKEL_ATTACH_RAW_TRACEPOINT || attach == SKEL_ATTACH_NONE;
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return attach == SKEL_ATTACH_RAW_TRACEPOINT || attach == SKEL_ATTACH_RAW_WRITABLE ||
		       attach == SKEL_ATTACH_NONE || attach == SKEL_ATTACH_UNSUPPORTED;
	case BPF_PROG_TYPE_KPROBE:
		return attach == SKEL_ATTACH_NONE || attach == SKEL_ATTACH_UNSUPPORTED ||
		       is_probe_attach(prog, attach);
	case BPF_PROG_TYPE_TRACEPOINT:
		return attach == SKEL_ATTACH_TRACEPOINT || attach == SKEL_ATTACH_NONE ||
		       attach == SKEL_ATTACH_UNSUPPORTED;
	case BPF_PROG_TYPE_LSM:
		/* bpftool tries what the kernel refuses, libbpf does not. */
		if (prog->attach_type == LSM_CGROUP && attach == SKEL_ATTACH_NONE)
			return true;
		return attach == SKEL_ATTACH_TRACING;
	case BPF_PROG_TYPE_TRACING:
		return attach == (prog->attach_type == BPF_TRACE_ITER ? SKEL_ATTACH_ITER
								      : SKEL_ATTACH_TRACING);
	default:
		return attach == SKEL_ATTACH_NONE;
	}
}

static void check_prog(struct comparison *c, const struct skel_prog *own,
		       const struct loader_prog *prog)
{
	if (!is_prog(prog, own->ident))
		differs(c, own->at, "skel->progs.", own->ident, " would be the loader's program ",
			prog->name,
			": the names were changed, or an optional program (SEC(\"?...\")) precedes others; sign the object instead");
	else if (own->attach == SKEL_ATTACH_UNKNOWN)
		differs(c, own->at, "program ", own->ident, " is attached as section ", own->target,
			" says, which this bpf-chainsign does not know: use a newer one");
	else if (!is_attach(prog, own->attach))
		differs(c, own->at, "", own->ident,
			" is attached differently from the loader's program ", prog->name, "");
}

/* Where the struct's maps and programs end in the text of LSKEL, or NULL. */
static size_t struct_end(const struct lskel *lskel)
{
	return lskel ? (size_t)(lskel->head.data - lskel->source.data) + lskel->head.size : 0;
}

static void check_all(struct comparison *c, const struct loader *loader)
{
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	const struct skel *skel = c->skel;
	char text[128];
	struct err ignored;

	if (loader->btf.size && !object_types_read(loader->btf, loader->big, &types, &ignored))
		c->types = types;

	for (size_t i = 0; i < skel->nr_maps && i < loader->nr_maps; i++) {
		check_map(c, &skel->maps[i], &loader->maps[i]);
		if (c->differs)
			return;
	}
	for (size_t i = 0; i < skel->nr_progs && i < loader->nr_progs; i++) {
		check_prog(c, &skel->progs[i], &loader->progs[i]);
		if (c->differs)
			return;
	}
	/* The programs after the loader's are optional ones that are not loaded. */
	if (skel->nr_maps == loader->nr_maps && skel->nr_progs >= loader->nr_progs)
		return;
	snprintf(text, sizeof(text),
		 "the struct has %zu maps and %zu programs, but the loader has %zu and %zu",
		 skel->nr_maps, skel->nr_progs, loader->nr_maps, loader->nr_progs);
	differs_at(c, struct_end(c->lskel), text);
}

/* The programs of SKEL after those of LOADER are optional ones that it does not load. */
static void note_skipped(struct skel *skel, const struct loader *loader)
{
	for (size_t i = loader->nr_progs; i < skel->nr_progs; i++)
		skel->progs[i].skipped = true;
}

/* What the signed image in a header says, and the rest of the text does not. */
static void check_image(struct comparison *c, const struct loader *loader)
{
	const struct skel *skel = c->skel;
	size_t nr = 0;

	while (nr < skel->nr_progs && !skel->progs[nr].skipped)
		nr++;
	if (nr != loader->nr_progs)
		differs_at(c, struct_end(c->lskel),
			   "the signed image has other programs than the loader");
	else if (c->lskel->big != loader->big)
		differs_at(c, struct_end(c->lskel),
			   "the byte order of the signed image is not the loader's");
}

void header_check(struct lskel *lskel, const struct loader *loader)
{
	struct comparison c = {.skel = &lskel->skel, .lskel = lskel};

	if (lskel->text != LSKEL_TEXT_RENDERED || !loader->known)
		return;
	if (lskel->tells_sealed && lskel->sealed != loader_is_sealed(loader))
		differs_at(
			&c, struct_end(lskel),
			lskel->sealed
				? "the text is for a sealed loader, but this one takes values or "
				  "sizes from the program"
				: "the text is for a loader that takes values and sizes from the "
				  "program, but this one is sealed");
	else
		check_all(&c, loader);
	if (!c.differs && lskel->in_image)
		check_image(&c, loader);
	note_skipped(&lskel->skel, loader);
	if (!c.differs)
		return;
	lskel->text = LSKEL_TEXT_DIFFERS;
	lskel->text_why = c.why;
}

/* The contents of section OWN: what the loader puts into MAP. */
static int fill_section(struct skel_map *own, const struct loader_map *map, struct err *err)
{
	if (!map->has_value)
		return err_set(err, -EBADMSG, "the loader has no contents for section %s",
			       own->ident);
	buf_free(&own->value);
	buf_add_view(&own->value, map->value);
	own->mmap_size = skel_mmap_size(own->value.size);
	for (size_t i = 0; i < own->nr_vars; i++) {
		if (own->vars[i].size > own->value.size)
			return err_set(err, -EBADMSG, "variable '%s' is larger than its section",
				       own->vars[i].ident);
	}
	return buf_done(&own->value, err);
}

int header_fill_object(struct skel *skel, const struct loader *loader, struct err *err)
{
	struct comparison c = {.skel = skel};
	int rc = 0;

	if (!loader->known)
		return 0;
	for (size_t i = 0; !rc && i < skel->nr_maps && i < loader->nr_maps; i++)
		rc = skel->maps[i].mapped ? fill_section(&skel->maps[i], &loader->maps[i], err) : 0;
	if (rc)
		return rc;
	check_all(&c, loader);
	note_skipped(skel, loader);
	if (!c.differs)
		return 0;
	*err = c.why;
	return err_prefix(err,
			  "the loader and the skeleton that were generated for the object "
			  "disagree");
}

/* Section OWN of an image, which says how many bytes it has, gets its contents. */
static int fill_image_section(struct comparison *c, struct skel_map *own,
			      const struct loader_map *map)
{
	const size_t size = own->value.size;
	int rc = fill_section(own, map, &c->why);

	c->differs |= rc;
	if (!rc && own->value.size != size)
		differs(c, 0, "the size of section ", own->ident, " is not that of map ", map->name,
			"");
	return rc;
}

int header_check_image(struct skel *skel, const struct loader *loader, bool big, struct err *why,
		       struct err *err)
{
	struct comparison c = {.skel = skel};

	why->code = 0;
	for (size_t i = 0; !c.differs && i < skel->nr_maps && i < loader->nr_maps; i++) {
		if (skel->maps[i].mapped &&
		    fill_image_section(&c, &skel->maps[i], &loader->maps[i]) == -ENOMEM)
			return err_nomem(err);
	}
	if (!loader->known)
		return 0;
	if (!c.differs)
		check_all(&c, loader);
	if (!c.differs && skel->nr_progs > loader->nr_progs)
		differs(&c, 0, "program ", skel->progs[loader->nr_progs].ident,
			" is not one that the loader", " loads", "");
	if (!c.differs && big != loader->big)
		differs_at(&c, 0, "the byte order is not the loader's");
	if (c.differs)
		*why = c.why;
	return 0;
}

int header_refuse(const struct lskel *lskel, struct err *err)
{
	const struct err *why = &lskel->text_why;

	if (lskel->text == LSKEL_TEXT_RENDERED)
		return 0;
	return err_line(
		err, -EBADMSG, why->line,
		"%s; such changes are lost or not covered by a signature: keep your own code out "
		"of the header, and generate the header again",
		why->text);
}

/* The section that the text maps with other pages than the smallest; NULL: none. */
static const char *large_pages(const struct lskel *lskel)
{
	const struct skel *skel = &lskel->skel;

	for (size_t i = 0; i < skel->nr_maps; i++) {
		const struct skel_map *map = &skel->maps[i];

		if (map->mapped && map->mmap_size > skel_mmap_size(map->value.size))
			return map->ident;
	}
	return NULL;
}

bool header_find_pages(const struct lskel *lskel, struct loader_finding *ret)
{
	const char *section = large_pages(lskel);

	if (!section)
		return false;
	*ret = loader_finding(LOADER_LARGE_PAGES);
	err_escape(ret->where, sizeof(ret->where), section, strlen(section));
	return true;
}

bool header_find_pins(const struct skel *skel, struct loader_finding *ret)
{
	for (size_t i = 0; i < skel->nr_maps; i++) {
		const char *map = skel->maps[i].ident;

		if (!skel->maps[i].pinned)
			continue;
		*ret = loader_finding(LOADER_PINNED_MAP);
		err_escape(ret->where, sizeof(ret->where), map, strlen(map));
		return true;
	}
	return false;
}

/* Whether NAME__attach() of a text that IS_ALONE, or is one for libbpf, leaves PROG out. */
static bool is_left_out(const struct skel_prog *prog, const struct loader_prog *loader,
			bool is_alone, bool is_told)
{
	if (prog->skipped)
		return false;
	/* bpftool's text has nothing of probes and tracepoints. */
	if (!is_told && prog->attach == SKEL_ATTACH_NONE)
		return loader && (loader->type == BPF_PROG_TYPE_KPROBE ||
				  loader->type == BPF_PROG_TYPE_TRACEPOINT);
	return is_alone ? prog->attach == SKEL_ATTACH_UNSUPPORTED : prog->attach > SKEL_ATTACH_ITER;
}

/* Add NAME to a list in TEXT, or if it does not fit, "..." once. */
static void add_name(char *text, size_t size, const char *name)
{
	const size_t used = strlen(text);
	const char *comma = used ? ", " : "";

	if (used >= 3 && !strcmp(text + used - 3, "..."))
		return;
	/* room for ", ..." remains */
	if (used + strlen(comma) + strlen(name) + sizeof(", ...") > size)
		name = "...";
	snprintf(text + used, size - used, "%s%s", comma, name);
}

bool header_find_attach(const struct skel *skel, const struct lskel *lskel,
			const struct loader *loader, enum lskel_runtime runtime,
			struct loader_finding *ret)
{
	const bool is_alone = runtime == LSKEL_RUNTIME_EMBEDDED && (!lskel || lskel->is_alone);
	struct loader_finding finding = loader_finding(LOADER_NOT_ATTACHED);

	for (size_t i = 0; loader->known && i < skel->nr_progs; i++) {
		const struct loader_prog *own = i < loader->nr_progs ? &loader->progs[i] : NULL;

		if (is_left_out(&skel->progs[i], own, is_alone, !lskel || lskel->is_alone))
			add_name(finding.where, sizeof(finding.where), skel->progs[i].ident);
	}
	if (!*finding.where)
		return false;
	*ret = finding;
	return true;
}

size_t header_find(const struct lskel *lskel, struct loader_finding ret[HEADER_FINDING_NR])
{
	size_t nr = 0;

	if (lskel->text == LSKEL_TEXT_UNCHECKED) {
		ret[nr] = loader_finding(LOADER_TEXT_UNCHECKED);
		snprintf(ret[nr++].where, sizeof(ret->where), "from line %u on",
			 lskel->text_why.line);
	}
	nr += header_find_pages(lskel, &ret[nr]);
	return nr + header_find_pins(&lskel->skel, &ret[nr]);
}
