/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * content.h - put content of any length to the guest's kernel, as no load of a program can.
 *
 * Does: call bpf_verify_pkcs7_signature() out of a BPF program that is assembled here, for the
 * kernel that runs. Does not: know what is in a signature. For the virtual machine alone.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stddef.h>

/* The longest content and signature, in bytes. */
#define CONTENT_MAX   ((size_t)8 << 20)
#define SIGNATURE_MAX ((size_t)1 << 20)

/*
 * What bpf_verify_pkcs7_signature() of Linux 6.18 and later (kernel/bpf/helpers.c) says to
 * SIGNATURE over CONTENT and the keyring of serial number KEYRING: 0 or its errno, in *ret. It is
 * verify_pkcs7_signature() with VERIFYING_BPF_SIGNATURE, as BPF_PROG_LOAD has it. Returns 0 when
 * there is an answer; else a negative errno, and *step names what was tried last: "kfunc" with
 * -ENOENT stands for a kernel that has no such function.
 */
int content_verify(const void *content, size_t content_size, const void *signature,
		   size_t signature_size, int keyring, int *ret, const char **step);

#endif /* CONTENT_H */
