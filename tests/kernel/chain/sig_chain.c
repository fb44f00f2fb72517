// SPDX-License-Identifier: BSD-2-Clause
/*
 * sig_chain.c - signature hash chains over BPF maps, for the test kernel of this project.
 *
 * This file goes into kernel/bpf/ of a Linux 7.2 tree (tests/kernel/chain-kernel does that). It
 * gives BPF_PROG_LOAD the semantics of the patch set "BPF signature hash chains" (v2, 2025-09-29)
 * as far as a signature can tell: attr->signature_maps is an array of attr->signature_maps_size
 * indices into attr->fd_array, and the signature is over
 *	sha256(sha256(instructions) || h(0)), h(last) = map(last), h(n) = sha256(h(n+1) || map(n)).
 * As there, a map need be neither frozen nor exclusive, nor bound by the program; without entries
 * the signature is over the instructions.
 */
#include <crypto/sha2.h>
#include <linux/bpf.h>
#include <linux/bpfptr.h>
#include <linux/filter.h>
#include <linux/slab.h>

#include "sig_chain.h"

/* The hash of the map behind entry INDEX of fd_array. */
static int chain_map(const union bpf_attr *attr, bool is_kernel, u32 index, u8 *ret_hash)
{
	struct bpf_map *map;
	int fd, err;

	if (copy_from_bpfptr_offset(&fd, make_bpfptr(attr->fd_array, is_kernel),
				    (size_t)index * sizeof(fd), sizeof(fd)))
		return -EFAULT;
	map = bpf_map_get(fd);
	if (IS_ERR(map))
		return PTR_ERR(map);

	err = map->ops->map_get_hash ? map->ops->map_get_hash(map) : -EINVAL;
	if (!err)
		memcpy(ret_hash, map->sha, SHA256_DIGEST_SIZE);
	bpf_map_put(map);
	return err;
}

/* pair[] is h || map on each step, and program || h(0) on the last. */
static int chain_digest(const struct bpf_prog *prog, const union bpf_attr *attr, bool is_kernel,
			const u32 *index, u8 ret_digest[SHA256_DIGEST_SIZE])
{
	u8 pair[2][SHA256_DIGEST_SIZE];
	u32 n = attr->signature_maps_size;
	int err;

	err = chain_map(attr, is_kernel, index[--n], pair[0]);
	while (!err && n > 0) {
		err = chain_map(attr, is_kernel, index[--n], pair[1]);
		sha256(pair[0], sizeof(pair), ret_digest);
		memcpy(pair[0], ret_digest, SHA256_DIGEST_SIZE);
	}
	if (err)
		return err;

	memcpy(pair[1], pair[0], SHA256_DIGEST_SIZE);
	sha256((const u8 *)prog->insnsi, bpf_prog_insn_size(prog), pair[0]);
	sha256(pair[0], sizeof(pair), ret_digest);
	return 0;
}

/* In place of bpf_verify_pkcs7_signature(insns, signature, key) in bpf_prog_verify_signature(). */
int bpf_sig_chain_verify(const struct bpf_prog *prog, const union bpf_attr *attr, bool is_kernel,
			 struct bpf_dynptr *insns, struct bpf_dynptr *signature,
			 struct bpf_key *key)
{
	u8 digest[SHA256_DIGEST_SIZE];
	struct bpf_dynptr_kern ptr;
	u32 *index;
	int err;

	if (!attr->signature_maps_size)
		return bpf_verify_pkcs7_signature(insns, signature, key);

	index = kvmemdup_bpfptr(make_bpfptr(attr->signature_maps, is_kernel),
				(size_t)attr->signature_maps_size * sizeof(*index));
	if (IS_ERR(index))
		return PTR_ERR(index);
	err = chain_digest(prog, attr, is_kernel, index, digest);
	kvfree(index);
	if (err)
		return err;

	bpf_dynptr_init(&ptr, digest, BPF_DYNPTR_TYPE_LOCAL, 0, sizeof(digest));
	return bpf_verify_pkcs7_signature((struct bpf_dynptr *)&ptr, signature, key);
}
