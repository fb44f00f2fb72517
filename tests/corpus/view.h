/* SPDX-License-Identifier: BSD-2-Clause */
/* view.h - maps and programs in lines of text: one form for what libbpf says and what we list. */
#ifndef VIEW_H
#define VIEW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * FNV-1a of an initial value; of nothing for a map without one, and for .kconfig, which libbpf
 * fills only while it loads.
 */
static inline void view_value(FILE *out, const char *name, const void *value, size_t size)
{
	const unsigned char *bytes = strstr(name, ".kconfig") ? NULL : value;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; bytes && i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	fprintf(out, "value %zu %016llx\n", bytes ? size : 0, (unsigned long long)hash);
}

static inline void view_map(FILE *out, const char *name, unsigned int type, unsigned int key_size,
			    unsigned int value_size, unsigned int max_entries, unsigned int flags)
{
	fprintf(out, "map %.15s %u %u %u %u %#x\n", name, type, key_size, value_size, max_entries,
		flags);
}

/* Two flags come from the name of the section, which libbpf looks at only while it loads. */
#define FLAGS_OF_SECTION (1u << 4 /* BPF_F_SLEEPABLE */ | 1u << 5 /* BPF_F_XDP_HAS_FRAGS */)

static inline void view_prog(FILE *out, const char *name, unsigned int type,
			     unsigned int attach_type, size_t nr_insns, unsigned int flags)
{
	fprintf(out, "prog %s %u %u %zu %#x\n", name, type, attach_type, nr_insns,
		flags & ~FLAGS_OF_SECTION);
}

#endif /* VIEW_H */
