// SPDX-License-Identifier: BSD-2-Clause
/*
 * boot_one.c - one signed skeleton for boot.c, compiled once for each: HEADER is its file, NAME its
 * name, CONTENT the file of what its signature covers, BTF_SIZE the size of the BTF in there.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include HEADER

#include "../kernel/sysbpf.h"
#include "boot.h"

#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b
#define TEXT(a)	    TEXT_(a)
#define TEXT_(a)    #a

__asm__(".pushsection .rodata\ncontent: .incbin \"" CONTENT "\"\ncontent_end:\n.popsection");
extern const uint8_t content[], content_end[];

/* The beginning of BTF for this machine: magic and version. */
static const uint8_t btf_begin[] = {0x9f, 0xeb, 1};

static int load_btf(void)
{
	const uint8_t *btf = memmem(content, (size_t)(content_end - content), btf_begin,
				    sizeof(btf_begin));
	union bpf_attr attr = {0};
	int fd;

	if (!BTF_SIZE)
		return BOOT_NO_BTF;
	if (!btf || content_end - btf < BTF_SIZE)
		return -ENODATA;
	attr.btf = address(btf);
	attr.btf_size = BTF_SIZE;
	fd = sys_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));
	return fd < 0 ? fd : close(fd);
}

/* The verifier's last words on the program that it refused last are on its last lines. */
static void print_end(const char *log)
{
	const char *at = log + strlen(log);

	for (int lines = 0; at > log && lines < 8; at--)
		lines += at[-1] == '\n';
	for (at += at > log; *at; at++)
		putchar(*at == '\n' ? ';' : *at);
}

static int load_with(int keyring, char *log, size_t size)
{
	struct NAME *skel = JOIN(NAME, __open)();
	int err;

	if (!skel)
		return -ENOMEM;
	skel->keyring_id = keyring;
	skel->ctx.log_level = log != NULL;
	skel->ctx.log_buf = address(log);
	skel->ctx.log_size = (__u32)size;
	err = JOIN(NAME, __load)(skel);
	JOIN(NAME, __destroy)(skel);
	return err;
}

static int load(int keyring)
{
	return load_with(keyring, NULL, 0);
}

static void explain(int keyring)
{
	const size_t size = 16 << 20;
	char *log = calloc(1, size);

	if (log && load_with(keyring, log, size))
		print_end(log);
	free(log);
}

extern const struct boot_object JOIN(NAME, _object);
const struct boot_object JOIN(NAME, _object) = {TEXT(NAME), load_btf, load, explain};
