// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole way from an ELF file to a loader, through libbpf and libelf. What crashes in there is
 * a finding about them.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../sealed.h"
#include "fuzz.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "object/object_build.h"

static void on_bpf(int signal _unused_)
{
	fuzz_failed(__FILE__, __LINE__, "a loader is made without a bpf() system call", "");
}

/* Any call of bpf() is a finding, and does not happen. */
int LLVMFuzzerInitialize(int *argc _unused_, char ***argv _unused_)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(filter), filter};

	signal(SIGSYS, on_bpf);
	FUZZ_MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	FUZZ_MUST(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_image_ struct image image = {0};
	_loader_ struct loader loader = {0};
	_object_built_ struct object_built built = {0};
	_buf_ struct buf elf = {0}, insns = {0}, contents = {0};
	struct err err = {0};
	int rc;

	buf_add(&elf, data, size);
	rc = object_build_here(&elf, "fuzz", (struct view){NULL, 0}, &built, &err);

	if (rc) {
		FUZZ_MUST(rc < 0 && rc == err.code && *err.text);
		FUZZ_MUST(fuzz_is_printable(view_str(err.text), false));
		return 0;
	}
	buf_add_view(&insns, built.insns);
	buf_add_view(&contents, built.data);
	if (image_set_insns(&image, &insns, &err) ||
	    image_add_map(&image, "__loader.map", &contents, (uint32_t)contents.size, 1, &err))
		return 0;
	read_known(&image, &loader, &err);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_in_place(data, size, max, seed);
}
