// SPDX-License-Identifier: BSD-2-Clause
#include "content.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "sysbpf.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* The value of the map that the program shares with us. */
struct room {
	uint32_t content_size;
	uint32_t signature_size;
	int32_t keyring;
	int32_t answer;
	uint8_t content[CONTENT_MAX];
	uint8_t signature[SIGNATURE_MAX];
};

/* In room.answer while the kernel has given none. */
#define NO_ANSWER 1

/* --- which functions the kernel has --- */

struct kfuncs {
	int32_t lookup, verify, put; /* their ids in the kernel's BTF */
};

/* The size of what follows struct btf_type of KIND, or -1 for a kind that is not known here. */
static long btf_rest(uint32_t kind, uint32_t nr)
{
	switch (kind) {
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return (long)(nr * sizeof(struct btf_member));
	case BTF_KIND_ENUM:
		return (long)(nr * sizeof(struct btf_enum));
	case BTF_KIND_ENUM64:
		return (long)(nr * 3 * sizeof(uint32_t));
	case BTF_KIND_FUNC_PROTO:
		return (long)(nr * sizeof(struct btf_param));
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return (long)(nr * sizeof(struct btf_var_secinfo));
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

static void note_function(const char *name, int32_t id, struct kfuncs *kfuncs)
{
	if (!strcmp(name, "bpf_lookup_user_key"))
		kfuncs->lookup = id;
	else if (!strcmp(name, "bpf_verify_pkcs7_signature"))
		kfuncs->verify = id;
	else if (!strcmp(name, "bpf_key_put"))
		kfuncs->put = id;
}

/* BTF is the kernel's own: it is believed to be well-formed. */
static int find_functions(const uint8_t *btf, struct kfuncs *kfuncs)
{
	const struct btf_header *header = (const void *)btf;
	const char *names = (const char *)btf + header->hdr_len + header->str_off;
	const uint8_t *at = btf + header->hdr_len + header->type_off;
	const uint8_t *end = at + header->type_len;

	for (int32_t id = 1; at < end; id++) {
		const struct btf_type *type = (const void *)at;
		long rest = btf_rest(BTF_INFO_KIND(type->info), BTF_INFO_VLEN(type->info));

		if (rest < 0)
			return -EOPNOTSUPP;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC)
			note_function(names + type->name_off, id, kfuncs);
		at += sizeof(*type) + (size_t)rest;
	}
	return 0;
}

static int read_functions(struct kfuncs *kfuncs)
{
	struct stat st;
	void *btf;
	int fd, err;

	mount("sysfs", "/sys", "sysfs", 0, NULL);
	fd = open(VMLINUX_BTF, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	btf = malloc((size_t)st.st_size);
	err = btf ? 0 : -ENOMEM;
	for (ssize_t got, size = 0; !err && size < st.st_size; size += got) {
		got = read(fd, (uint8_t *)btf + size, (size_t)(st.st_size - size));
		if (got <= 0)
			err = -EIO;
	}
	close(fd);
	if (!err)
		err = find_functions(btf, kfuncs);
	free(btf);
	if (!err && (!kfuncs->lookup || !kfuncs->verify || !kfuncs->put))
		return -ENOENT;
	return err;
}

/* --- the program --- */

/* clang-format off */
#define MOVE(to, from) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to, .src_reg = from }
#define MOVE_IMM(to, value) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, .imm = value }
#define ADD_IMM(to, value) \
	{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = to, .imm = (int32_t)(value) }
#define READ(to, from, field) \
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = to, .src_reg = from, \
	  .off = offsetof(struct room, field) }
#define WRITE(to, field, from) \
	{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = to, .src_reg = from, \
	  .off = offsetof(struct room, field) }
#define JUMP(op, reg, value, count) \
	{ .code = BPF_JMP | (op) | BPF_K, .dst_reg = reg, .imm = value, .off = count }
#define HELPER(id) { .code = BPF_JMP | BPF_CALL, .imm = id }
#define KFUNC(id) \
	{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = id }
#define RETURN MOVE_IMM(BPF_REG_0, 0), { .code = BPF_JMP | BPF_EXIT }

/* A dynptr at fp + OFFSET: over FIELD of the room that r6 points to, as SIZE says how much of it. */
#define DYNPTR(field, size, limit, offset) \
	READ(BPF_REG_2, BPF_REG_6, size), \
	JUMP(BPF_JLE, BPF_REG_2, limit, 2), RETURN, \
	MOVE(BPF_REG_1, BPF_REG_6), ADD_IMM(BPF_REG_1, offsetof(struct room, field)), \
	MOVE_IMM(BPF_REG_3, 0), \
	MOVE(BPF_REG_4, BPF_REG_10), ADD_IMM(BPF_REG_4, offset), \
	HELPER(BPF_FUNC_dynptr_from_mem)
/* clang-format on */

/* Ask what is in the room of MAP_FD. Returns the program's fd. */
static int load_program(const struct kfuncs *kfuncs, int map_fd)
{
	const struct bpf_insn insns[] = {
		/* r6 = the room: ld_imm64 is of two instructions */
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_6,
		 .src_reg = BPF_PSEUDO_MAP_VALUE,
		 .imm = map_fd},
		{0},
		DYNPTR(content, content_size, CONTENT_MAX, -16),
		DYNPTR(signature, signature_size, SIGNATURE_MAX, -32),
		/* r7 = the keyring */
		READ(BPF_REG_1, BPF_REG_6, keyring),
		MOVE_IMM(BPF_REG_2, 0),
		KFUNC(kfuncs->lookup),
		JUMP(BPF_JNE, BPF_REG_0, 0, 2),
		RETURN,
		MOVE(BPF_REG_7, BPF_REG_0),
		/* r8 = the answer */
		MOVE(BPF_REG_1, BPF_REG_10),
		ADD_IMM(BPF_REG_1, -16),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -32),
		MOVE(BPF_REG_3, BPF_REG_7),
		KFUNC(kfuncs->verify),
		MOVE(BPF_REG_8, BPF_REG_0),
		MOVE(BPF_REG_1, BPF_REG_7),
		KFUNC(kfuncs->put),
		WRITE(BPF_REG_6, answer, BPF_REG_8),
		RETURN,
	};
	static char log[1 << 16];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.insns = address(insns),
		.license = address("Dual BSD/GPL"),
		.prog_flags = BPF_F_SLEEPABLE,
		.log_level = 1,
		.log_size = sizeof(log),
		.log_buf = address(log),
	};
	int fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));

	if (fd < 0)
		printf("the program that asks is refused: %s\n", log);
	return fd;
}

/* --- the room --- */

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(struct room),
		.max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* What is made with the first question and kept. */
static struct room *room;
static int program = -1;

static int prepare(const char **step)
{
	struct kfuncs kfuncs = {0};
	int map, err;
	void *at;

	*step = "kfunc";
	err = read_functions(&kfuncs);
	if (err)
		return err;
	*step = "map_create";
	map = make_map();
	if (map < 0)
		return map;
	at = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (at == MAP_FAILED)
		return -errno;
	*step = "prog_load";
	program = load_program(&kfuncs, map);
	if (program < 0)
		return program;
	room = at;
	return 0;
}

int content_verify(const void *content, size_t content_size, const void *signature,
		   size_t signature_size, int keyring, int *ret, const char **step)
{
	union bpf_attr attr = {0};
	int err = room ? 0 : prepare(step);

	if (err)
		return err;
	*step = "size";
	if (content_size > CONTENT_MAX || signature_size > SIGNATURE_MAX)
		return -E2BIG;
	room->content_size = (uint32_t)content_size;
	room->signature_size = (uint32_t)signature_size;
	room->keyring = keyring;
	room->answer = NO_ANSWER;
	memcpy(room->content, content, content_size);
	memcpy(room->signature, signature, signature_size);
	*step = "prog_run";
	attr.test.prog_fd = (uint32_t)program;
	err = sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	if (!err && room->answer == NO_ANSWER)
		err = -ENODATA;
	if (!err)
		*ret = room->answer;
	return err;
}
