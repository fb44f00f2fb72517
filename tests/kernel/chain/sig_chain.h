/* SPDX-License-Identifier: BSD-2-Clause */
/* sig_chain.h - the one function of sig_chain.c, for kernel/bpf/syscall.c of the test kernel. */
#ifndef SIG_CHAIN_H
#define SIG_CHAIN_H

int bpf_sig_chain_verify(const struct bpf_prog *prog, const union bpf_attr *attr, bool is_kernel,
			 struct bpf_dynptr *insns, struct bpf_dynptr *signature,
			 struct bpf_key *key);

#endif /* SIG_CHAIN_H */
