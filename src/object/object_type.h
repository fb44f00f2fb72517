/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_type.h - libbpf's names for types of programs and of attaching.
 *
 * Does: look up names, list the nearest. Does not: change programs.
 */
#ifndef OBJECT_TYPE_H
#define OBJECT_TYPE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "base/err.h"

struct object_type {
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	bool has_attach; /* the text has an attach type */
	uint32_t flags;	 /* of the program, that the name of the section stands for */
	/* the size of the name of a section that says TYPE, at the start of the text; 0: there is
	 * none */
	size_t section_size;
};

/*
 * Parse TEXT, TYPE[:ATTACH]. TYPE is what libbpf knows as the name of a section (SEC("xdp.frags")),
 * or the name of a type (sched_cls, BPF_PROG_TYPE_SCHED_CLS); ATTACH is the name of a way to attach
 * (cgroup_inet_ingress, BPF_CGROUP_INET_INGRESS). Changes libbpf's print function for the time of
 * the call. -EINVAL: unknown; the message has the nearest names; -ENOMEM.
 */
int object_type_parse(const char *text, struct object_type *ret, struct err *err);

#endif /* OBJECT_TYPE_H */
