/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h - what a user sets in a loader: values of variables, options of the kernel, sizes of
 * maps.
 *
 * Does: find what is meant by its name, parse the value by its type, put it into the loader and
 * into the skeleton.
 * Does not: seal the loader, which has to come before, or refuse a finding (prepare.h does).
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kconfig.h"
#include "loader/loader.h"
#include "skel.h"
#include "subject.h"
#include "values.h"

/* NAME=VALUE pairs as given, borrowed. */
struct settings_pairs {
	const char **list;
	size_t nr;
};

/* All is borrowed. Zero-initialized: nothing is set. */
struct settings {
	struct settings_pairs values;  /* VAR=VALUE */
	const struct values *file;     /* more of them; or NULL */
	const char *file_name;	       /* of the file that they are from, for messages */
	struct settings_pairs sizes;   /* MAP=N */
	const struct kconfig *kconfig; /* values for CONFIG_* that VALUES does not have; or NULL */
	bool host; /* options that have no value get that of the running kernel */
	/*
	 * The whole names of the loader's maps, in its order; NULL: only the loader's own are
	 * known, of 15 characters.
	 */
	const struct skel *names;
};

/* Whether there is nothing to set. */
bool settings_are_none(const struct settings *settings);

/*
 * Set all of SETTINGS in the image of SUBJECT, whose loader is sealed. SKEL describes an object's
 * skeleton, whose initial values are set with the loader's; NULL for a header, whose values cannot
 * be set (-ENOTSUP). -ENOENT, -EINVAL, -ERANGE, -ENOTSUP: a wrong value or size; -ENOMEM; else as
 * kconfig_read_host().
 */
int settings_apply(const struct settings *settings, struct subject *subject, struct skel *skel,
		   struct err *err);

/*
 * Whether the configuration of the running kernel is needed: SETTINGS allow it, and LOADER asks for
 * an option (CONFIG_*) that they give no value. -EBADMSG: damaged BTF; -ENOMEM.
 */
int settings_need_host(const struct settings *settings, const struct loader *loader, bool *ret,
		       struct err *err);

/*
 * The finding about the variables of LOADER for which libbpf would take the build host's values:
 * options and the version of the kernel that SETTINGS (NULL: none) give no value. Returns 1 if
 * there are some, 0 if not; -EBADMSG: damaged BTF; -ENOMEM.
 */
int settings_find_host(const struct settings *settings, const struct loader *loader,
		       struct loader_finding *ret, struct err *err);

#endif /* SETTINGS_H */
