// SPDX-License-Identifier: BSD-2-Clause
#include "kernel.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

/* KMALLOC_MAX_CACHE_SIZE on x86-64 with pages of 4 KiB. */
#define KMALLOC_SIGNATURE_MAX 8192
/* The limit that Linux 7.4 added; its PKCS#7 decoder accepts one byte less (EMSGSIZE). */
#define FIXED_SIGNATURE_MAX   65536

static const struct kernel_rules rows[KERNEL_NR] = {
	/* kernel/bpf/syscall.c: bpf_prog_verify_signature */
	[KERNEL_6_18] = {.name = "6.18",
			 .title = "Linux 6.18 before 6.18.40",
			 .major = 6,
			 .minor = 18,
			 .patch = 0,
			 .line = KV_LINUX_6_18,
			 .signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_6_18_40] = {.name = "6.18.40",
			    .title = "Linux 6.18 from 6.18.40",
			    .major = 6,
			    .minor = 18,
			    .patch = 40,
			    .line = KV_LINUX_6_18,
			    .has_excl = true,
			    .signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_6_19] = {.name = "6.19",
			 .title = "Linux 6.19",
			 .major = 6,
			 .minor = 19,
			 .patch = 0,
			 .line = KV_LINUX_6_18,
			 .signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_7_0] = {.name = "7.0",
			.title = "Linux 7.0",
			.major = 7,
			.minor = 0,
			.patch = 0,
			.line = KV_LINUX_7_0,
			.signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_7_1] = {.name = "7.1",
			.title = "Linux 7.1 before 7.1.5",
			.major = 7,
			.minor = 1,
			.patch = 0,
			.line = KV_LINUX_7_1,
			.signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_7_1_5] = {.name = "7.1.5",
			  .title = "Linux 7.1 from 7.1.5",
			  .major = 7,
			  .minor = 1,
			  .patch = 5,
			  .line = KV_LINUX_7_1,
			  .has_excl = true,
			  .signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_7_2] = {.name = "7.2",
			.title = "Linux 7.2",
			.major = 7,
			.minor = 2,
			.patch = 0,
			.line = KV_LINUX_7_2,
			.has_excl = true,
			.signature_max = KMALLOC_SIGNATURE_MAX},
	/* kernel/bpf/verifier.c: bpf_prog_verify_signature */
	[KERNEL_7_3] = {.name = "7.3",
			.title = "Linux 7.3",
			.major = 7,
			.minor = 3,
			.patch = 0,
			.line = KV_LINUX_7_3,
			.folds_maps = true,
			.signature_min = 1,
			.signature_max = KMALLOC_SIGNATURE_MAX},
	[KERNEL_7_4] = {.name = "7.4",
			.title = "Linux 7.4",
			.major = 7,
			.minor = 4,
			.patch = 0,
			.line = KV_LINUX_7_3,
			.folds_maps = true,
			.signature_min = 1,
			.signature_max = FIXED_SIGNATURE_MAX},
	/* the patch set's bpf_prog_verify_signature on top of 7.2 */
	[KERNEL_CHAIN] = {.name = "chain",
			  .title = "hash-chain kernel",
			  .line = KV_LINUX_CHAIN,
			  .has_signature_maps = true,
			  .has_excl = true,
			  .signature_max = KMALLOC_SIGNATURE_MAX},
};

#define RELEASES KERNEL_CHAIN /* rows before this one have versions */

const struct kernel_rules *kernel_rules(enum kernel kernel)
{
	return &rows[kernel];
}

/* --- versions --- */

/* Combine a version into one number; each part has at most four digits. */
static unsigned long long version_of(unsigned int major, unsigned int minor, unsigned int patch)
{
	return (major * 10000ull + minor) * 10000ull + patch;
}

/* The releases of a version or a range: all from FIRST to LAST. */
struct span {
	unsigned long long first, last;
};

/* A number of at most four digits; *TEXT is moved past them. */
static bool parse_number(const char **text, unsigned int *ret)
{
	const char *at = *text;

	for (*ret = 0; isdigit((unsigned char)*at) && at - *text < 4; at++)
		*ret = *ret * 10 + (unsigned int)(*at - '0');
	if (at == *text)
		return false;
	*text = at;
	return true;
}

/* MAJOR.MINOR[.PATCH] and the rest of what "uname -r" prints: 7.3.4+deb13-cloud-amd64, 7.2-rc1. */
static bool parse_version(const char *text, struct span *ret)
{
	unsigned int major, minor, patch;

	if (!parse_number(&text, &major) || *text++ != '.' || !parse_number(&text, &minor))
		return false;
	ret->first = version_of(major, minor, 0);
	ret->last = version_of(major, minor, 9999);
	if (*text == '.') {
		text++;
		if (!parse_number(&text, &patch))
			return false;
		ret->first = ret->last = version_of(major, minor, patch);
	}
	return !*text || strchr("-+~", *text);
}

static unsigned long long first_of(enum kernel kernel)
{
	return version_of(rows[kernel].major, rows[kernel].minor, rows[kernel].patch);
}

/* The kernels that the releases of SPAN belong to. */
static kernel_set rows_of(struct span span)
{
	kernel_set set = 0;

	for (enum kernel kernel = 0; kernel < RELEASES; kernel++) {
		unsigned long long next = kernel + 1 < RELEASES ? first_of(kernel + 1) : ULLONG_MAX;

		if (first_of(kernel) <= span.last && span.first < next)
			set |= KERNEL_BIT(kernel);
	}
	return set;
}

static int parse_releases(const char *text, kernel_set *ret, struct err *err)
{
	_cleanup_(freep) char *copy = strdup(text);
	struct span first, last;
	char *dots;

	if (!copy)
		return err_nomem(err);
	dots = strstr(copy, "..");
	if (dots)
		*dots = '\0';
	if (!parse_version(copy, &first) || !parse_version(dots ? dots + 2 : copy, &last))
		return err_set(err, -EINVAL,
			       "'%s' is not a kernel version: expected 7.3, 6.18.40, a range like "
			       "6.18.40..7.4, chain or all",
			       text);
	if (first.first > last.last)
		return err_set(err, -EINVAL, "'%s' is not a range: its end is before its beginning",
			       text);
	if (first.first < first_of(0))
		return err_set(err, -EINVAL,
			       "Linux %s does not check BPF signatures: expected 6.18 or later",
			       copy);
	*ret = rows_of((struct span){first.first, last.last});
	return 0;
}

static int parse_one(const char *text, kernel_set *ret, struct err *err)
{
	*ret = KERNEL_ALL;
	if (!strcmp(text, "all"))
		return 0;
	*ret = KERNEL_BIT(KERNEL_CHAIN);
	if (!strcmp(text, rows[KERNEL_CHAIN].name))
		return 0;
	return parse_releases(text, ret, err);
}

int kernel_parse(const char *text, kernel_set *ret, struct err *err)
{
	_cleanup_(freep) char *copy = strdup(text);
	kernel_set set = 0;
	char *at = copy;

	if (!copy)
		return err_nomem(err);
	while (at) {
		char *one = strsep(&at, ",");
		kernel_set part = 0;
		int rc = parse_one(one, &part, err);

		if (rc)
			return rc;
		set |= part;
	}
	*ret = set;
	return 0;
}

/* --- names for output --- */

/* A text that is built up in a buffer; what does not fit is cut off. */
struct text {
	char *at;
	size_t room;
};

_printf_(2, 3) static void add(struct text *text, const char *fmt, ...)
{
	va_list args;
	int size;

	va_start(args, fmt);
	size = vsnprintf(text->at, text->room, fmt, args);
	va_end(args);
	if (size < 0 || (size_t)size >= text->room)
		size = text->room ? (int)text->room - 1 : 0;
	text->at += size;
	text->room -= (size_t)size;
}

/* Whether KERNEL is the older part of a line that a fix split in two. */
static bool is_before_fix(enum kernel kernel)
{
	return kernel + 1 < RELEASES && rows[kernel + 1].patch;
}

/* Add a range of consecutive rows, without "Linux ". */
static void run_text(enum kernel first, enum kernel last, struct text *out)
{
	const struct kernel_rules *begin = &rows[first], *end = &rows[last];

	if (last + 1 == RELEASES && first != last) /* up to the newest */
		add(out, "%s and later", begin->name);
	else if (first == last)
		add(out, "%s", end->title + strlen("Linux "));
	else if (begin->major == end->major && begin->minor == end->minor)
		add(out, "%u.%u", end->major, end->minor);
	else if (is_before_fix(last))
		add(out, "%s to %u.%u.%u", begin->name, end->major, end->minor,
		    rows[last + 1].patch - 1);
	else
		add(out, "%s to %u.%u", begin->name, end->major, end->minor);
}

static void releases_text(kernel_set set, struct text *out)
{
	const char *before = "Linux ";

	for (enum kernel first = 0; first < RELEASES; first++) {
		enum kernel last = first;

		if (!(set & KERNEL_BIT(first)))
			continue;
		while (last + 1 < RELEASES && set & KERNEL_BIT(last + 1))
			last++;
		add(out, "%s", before);
		run_text(first, last, out);
		before = ", ";
		first = last;
	}
}

const char *kernel_set_text(kernel_set set, char text[KERNEL_TEXT_MAX])
{
	struct text out = {text, KERNEL_TEXT_MAX};

	*text = '\0';
	releases_text(set, &out);
	if (set & KERNEL_BIT(KERNEL_CHAIN))
		add(&out, "%shash-chain kernels", *text ? " and " : "");
	return text;
}
