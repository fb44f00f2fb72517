/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader.h - what is known of libbpf's loader programs (tools/lib/bpf/gen_loader.c).
 *
 * Does: recognise the in-loader check of libbpf 1.7.0 to Linux 7.2.
 * Does not: know file formats or signatures.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>

#include "image.h"

/*
 * Whether the loader compares its map's hash with one in its own instructions before it works
 * (libbpf 1.7.0 and Linux 7.2, gen_loader.c: emit_signature_match). Kernels from 7.3 on do not
 * compute that hash: such a loader fails there with EINVAL, whatever its signature.
 */
bool loader_has_check(const struct image *image);

#endif /* LOADER_H */
