// SPDX-License-Identifier: BSD-2-Clause
#include "skel.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/*
 * The unit of mmap sizes. Fixed, so that the header is the same on every build host; a kernel with
 * larger pages rounds up.
 */
#define MMAP_UNIT 4096

#define TRACEPOINT_SIZE_MAX 127

bool skel_is_tracepoint(struct view name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (!name.data[i] || !(isalnum(name.data[i]) || strchr("_.:/,+-@", name.data[i])))
			return false;
	}
	return name.size && name.size <= TRACEPOINT_SIZE_MAX;
}

/* --- names of sections --- */

#define SECTION_SIZE_MAX 511

bool skel_is_section(struct view name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] < ' ' || name.data[i] > '~' || strchr("\"\\", name.data[i]))
			return false;
	}
	return name.size && name.size <= SECTION_SIZE_MAX;
}

static bool is_alnum(uint8_t byte)
{
	return isalnum(byte) && byte < 0x80;
}

/* Whether TEXT is not empty, and all letters, digits, underscores and MORE. */
static bool is_word(struct view text, const char *more)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];

		if (!byte || !(is_alnum(byte) || byte == '_' || strchr(more, byte)))
			return false;
	}
	return text.size;
}

/* Take what precedes the first BYTE off *rest, and BYTE; if there is none, all. */
static struct view take_until(struct view *rest, uint8_t byte)
{
	const uint8_t *at = rest->size ? memchr(rest->data, byte, rest->size) : NULL;
	size_t size = at ? (size_t)(at - rest->data) : rest->size;
	struct view head = view_head(*rest, size);

	size += at != NULL;
	*rest = view_of(rest->data + size, rest->size - size);
	return head;
}

/* FUNC, or FUNC+OFFSET unless it is for a return. An offset is a number as C has it. */
static bool is_function(struct view text, const char *more, bool is_return)
{
	struct view func = take_until(&text, '+');
	const bool has_offset = func.data + func.size != text.data + text.size;

	if (!is_word(func, more) || (is_return && has_offset))
		return false;
	return !has_offset || (text.size <= 16 && is_word(text, "") && isdigit(text.data[0]));
}

static bool is_kprobe(struct view text, bool is_return)
{
	return is_function(text, ".", is_return);
}

static bool is_ksyscall(struct view text, _unused_ bool is_return)
{
	return is_word(text, "") && text.size <= 80;
}

/* FILE:FUNC+OFFSET. Files in archives ("!/") and versions of symbols are not for runtime_elf.h. */
static bool is_uprobe(struct view text, bool is_return)
{
	struct view file = take_until(&text, ':');

	for (size_t i = 0; i + 1 < file.size; i++) {
		if (file.data[i] == '!' && file.data[i + 1] == '/')
			return false;
	}
	return skel_is_section(file) && is_function(text, ".$:~-", is_return);
}

static bool is_pattern(struct view text, _unused_ bool is_return)
{
	return is_word(text, ".*?");
}

static bool is_event(struct view text, _unused_ bool is_return)
{
	return is_word(take_until(&text, '/'), "-") && is_word(text, "-") && text.size <= 100;
}

static bool is_raw(struct view text, _unused_ bool is_return)
{
	return skel_is_tracepoint(text);
}

/* What libbpf attaches by itself (section_defs of libbpf.c, 1.7), by what precedes the slash. */
static const struct section {
	const char *prefix;
	enum skel_attach attach;
	bool (*is_target)(struct view text, bool is_return);
} section_kinds[] = {
	{"raw_tp.w", SKEL_ATTACH_RAW_WRITABLE, is_raw},
	{"raw_tracepoint.w", SKEL_ATTACH_RAW_WRITABLE, is_raw},
	{"kprobe", SKEL_ATTACH_KPROBE, is_kprobe},
	{"kretprobe", SKEL_ATTACH_KPROBE, is_kprobe},
	{"ksyscall", SKEL_ATTACH_KSYSCALL, is_ksyscall},
	{"kretsyscall", SKEL_ATTACH_KSYSCALL, is_ksyscall},
	{"tp", SKEL_ATTACH_TRACEPOINT, is_event},
	{"tracepoint", SKEL_ATTACH_TRACEPOINT, is_event},
	{"uprobe", SKEL_ATTACH_UPROBE, is_uprobe},
	{"uretprobe", SKEL_ATTACH_UPROBE, is_uprobe},
	{"uprobe.s", SKEL_ATTACH_UPROBE, is_uprobe},
	{"uretprobe.s", SKEL_ATTACH_UPROBE, is_uprobe},
	{"kprobe.multi", SKEL_ATTACH_KPROBE_MULTI, is_pattern},
	{"kretprobe.multi", SKEL_ATTACH_KPROBE_MULTI, is_pattern},
	{"kprobe.session", SKEL_ATTACH_KPROBE_MULTI, is_pattern},
	{"uprobe.multi", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"uretprobe.multi", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"uprobe.session", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"uprobe.multi.s", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"uretprobe.multi.s", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"uprobe.session.s", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"usdt", SKEL_ATTACH_UNSUPPORTED, NULL},
	{"usdt.s", SKEL_ATTACH_UNSUPPORTED, NULL},
};

enum skel_attach skel_section_attach(struct view section)
{
	struct view rest = section, prefix = take_until(&rest, '/');

	if (prefix.size == section.size)
		return SKEL_ATTACH_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(section_kinds); i++) {
		const struct section *kind = &section_kinds[i];

		if (!view_equal(prefix, view_str(kind->prefix)))
			continue;
		/* "kret..." and "uret..." */
		return kind->is_target && section.size <= SECTION_SIZE_MAX &&
				       kind->is_target(rest, kind->prefix[1] == 'r')
			       ? kind->attach
			       : SKEL_ATTACH_UNSUPPORTED;
	}
	return SKEL_ATTACH_NONE;
}

bool skel_is_target(enum skel_attach attach, const char *target)
{
	switch (attach) {
	case SKEL_ATTACH_NONE:
	case SKEL_ATTACH_TRACING:
	case SKEL_ATTACH_ITER:
	case SKEL_ATTACH_UNSUPPORTED:
		return !target;
	case SKEL_ATTACH_RAW_TRACEPOINT:
		return target && skel_is_tracepoint(view_str(target));
	default:
		return target && skel_section_attach(view_str(target)) == attach;
	}
}

int skel_check_target(const struct skel_prog *prog, struct err *err)
{
	char text[64];

	if (skel_is_target(prog->attach, prog->target))
		return 0;
	if (!prog->target || skel_is_target(prog->attach, NULL))
		return err_set(
			err, -EBADMSG,
			"program '%s' has a target but is of a kind without one, or the reverse",
			prog->ident);
	err_escape(text, sizeof(text), prog->target, strlen(prog->target));
	if (prog->attach == SKEL_ATTACH_RAW_TRACEPOINT)
		return err_set(err, -EBADMSG,
			       "tracepoint '%s' is not up to 127 letters, digits and _.:/,+-@",
			       text);
	return err_set(err, -EBADMSG,
		       "program '%s' attaches to '%s', which is not a target of its kind",
		       prog->ident, text);
}

unsigned int skel_attach_pieces(enum skel_attach attach)
{
	switch (attach) {
	case SKEL_ATTACH_KPROBE:
	case SKEL_ATTACH_KSYSCALL:
	case SKEL_ATTACH_TRACEPOINT:
		return SKEL_PIECE_BIT(SKEL_PIECE_PERF);
	case SKEL_ATTACH_UPROBE:
		return SKEL_PIECE_BIT(SKEL_PIECE_PERF) | SKEL_PIECE_BIT(SKEL_PIECE_ELF);
	case SKEL_ATTACH_KPROBE_MULTI:
		return SKEL_PIECE_BIT(SKEL_PIECE_MULTI);
	default:
		return 0;
	}
}

size_t skel_mmap_size(size_t size)
{
	return (size + MMAP_UNIT - 1) / MMAP_UNIT * MMAP_UNIT;
}

bool skel_has_pins(const struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++) {
		if (skel->maps[i].pinned)
			return true;
	}
	return false;
}

static void skel_map_free(struct skel_map *map)
{
	free(map->ident);
	buf_free(&map->value);
	buf_free(&map->members);
	for (size_t i = 0; i < map->nr_vars; i++)
		free(map->vars[i].ident);
	free(map->vars);
}

void skel_free(struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++)
		skel_map_free(&skel->maps[i]);
	free(skel->maps);
	for (size_t i = 0; i < skel->nr_progs; i++) {
		free(skel->progs[i].ident);
		free(skel->progs[i].target);
	}
	free(skel->progs);
	free(skel->name);
	*skel = (struct skel){0};
}
