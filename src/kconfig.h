/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kconfig.h - the configuration of a kernel: which options have which values.
 *
 * Does: read a .config, or config.gz as kernels have it in /proc; find an option in it.
 * Does not: know what a value means (object.h does).
 *
 * The door to zlib, which libbpf needs as well.
 */
#ifndef KCONFIG_H
#define KCONFIG_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The most bytes of text. The largest of a distribution has 300 KB. */
#define KCONFIG_SIZE_MAX ((size_t)8 << 20)

struct kconfig_option {
	struct view name; /* "CONFIG_HZ" */
	struct view
		value; /* as in the file: 250, y, "text" with its quotes; empty: it is not set */
};

/* Owns the text, which the options are in. Zero-initialized, it has no option. */
struct kconfig {
	struct buf text;
	struct kconfig_option *list; /* sorted by name */
	size_t nr;
};

#define _kconfig_ _cleanup_(kconfig_free)

void kconfig_free(struct kconfig *config);

/*
 * Read FILE. Each of its lines is empty, a comment or CONFIG_NAME=VALUE; the comment "#
 * CONFIG_NAME is not set" counts as well (Linux 7.3, scripts/kconfig/confdata.c:
 * conf_read_simple). -EBADMSG: another line, a damaged config.gz, no
 * option at all, or an option with two values; -EFBIG: more than KCONFIG_SIZE_MAX bytes; -ENOMEM;
 * else as file_read(). The message does not name FILE.
 */
int kconfig_read(const char *file, struct kconfig *ret, struct err *err);

/*
 * Read the configuration of the running kernel from where libbpf looks for it (libbpf.c:
 * bpf_object__read_kconfig_file): /boot/config-RELEASE, else /proc/config.gz. The message names the
 * file.
 */
int kconfig_read_host(struct kconfig *ret, struct err *err);

/* The same for TEXT, which is copied. */
int kconfig_parse(struct view text, struct kconfig *ret, struct err *err);

/* The value of the option NAME ("CONFIG_HZ"), empty if it is not set; {NULL, 0}: there is none. */
struct view kconfig_find(const struct kconfig *config, const char *name);

#endif /* KCONFIG_H */
