/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf-chainsign.h - libbpf's bpf_map__fd() and bpf_program__fd(), for signed headers as well.
 *
 *	#include <bpf/libbpf.h>
 *	#include "x.lskel.h"
 *	#include <bpf-chainsign.h>
 *
 * A program that has both can then call bpf_map__fd(skel->maps.events) whether skel is a plain
 * skeleton, whose members are pointers, or a signed one, whose members are structs with a
 * descriptor. Needs C11 or C++. See docs/adopt.md for what becomes of libbpf's other functions.
 */
#ifndef BPF_CHAINSIGN_H
#define BPF_CHAINSIGN_H

#include <bpf/libbpf.h>

#ifndef BPF_CHAINSIGN_RT1_H
#error "include a signed header before bpf-chainsign.h"
#endif

static inline int bpf_chainsign_rt1_map_fd(struct bpf_chainsign_rt1_map_desc map)
{
	return map.map_fd;
}

static inline int bpf_chainsign_rt1_prog_fd(struct bpf_chainsign_rt1_prog_desc prog)
{
	return prog.prog_fd;
}

#ifdef __cplusplus
static inline int bpf_map__fd(struct bpf_chainsign_rt1_map_desc map)
{
	return bpf_chainsign_rt1_map_fd(map);
}

static inline int bpf_program__fd(struct bpf_chainsign_rt1_prog_desc prog)
{
	return bpf_chainsign_rt1_prog_fd(prog);
}
#else
/* A macro is not expanded again in its own text, so libbpf's functions are still called. */
/* clang-format off */
#define bpf_map__fd(map) \
	_Generic((map), struct bpf_chainsign_rt1_map_desc: bpf_chainsign_rt1_map_fd, default: bpf_map__fd)(map)
#define bpf_program__fd(prog) \
	_Generic((prog), struct bpf_chainsign_rt1_prog_desc: bpf_chainsign_rt1_prog_fd, default: bpf_program__fd)(prog)
/* clang-format on */
#endif

#endif /* BPF_CHAINSIGN_H */
