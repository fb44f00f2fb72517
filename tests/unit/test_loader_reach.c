// SPDX-License-Identifier: BSD-2-Clause
/* What the verifier makes of a loader's instructions; real kernels agree, see tests/kernel/whole.
 */
#include <errno.h>
#include <linux/bpf.h>

#include "../sealed.h"
#include "loader/insn.h"
#include "loader/loader.h"
#include "loader_sample.h"

static struct err err;

static struct image seal(const struct image *image, enum loader_form form)
{
	struct image sealed = {0};

	if (sealed_copy(image, form, &sealed, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return sealed;
}

/* The whole of the data, but for the padding that it may end in. */
static void check_reach(const struct image *image)
{
	const size_t size = image->maps[0].value.size;
	struct loader_reach reach = {0};

	CHECK_INT(loader_reach(image, &reach, &err), 0);
	CHECK(reach.points < size);
	CHECK(reach.uses <= size && size - reach.uses < 8);
}

TEST(every_loader_is_known_and_reaches_all_of_its_data)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		_image_ struct image image = sample_image(samples[i]);

		check_reach(&image);
		for (enum loader_form form = 0; form <= LOADER_FORM_HASH; form++) {
			_image_ struct image sealed = seal(&image, form);

			check_reach(&sealed);
		}
	}
}

TEST(a_stack_reaches_no_further_than_its_size)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(64);
	_image_ struct image sealed = seal(&image, LOADER_FORM_EXCL_HASH);
	struct loader_reach reach;

	/* libbpf's goes on above the top of the stack */
	CHECK_INT(loader_reach(&image, &reach, &err), -EBADMSG);
	check_reach(&sealed);
	/* the first of the cleanup code, at the start of the stack and below */
	CHECK_INT(insn_get(buf_view(&sealed.insns), 7, false).off, -488);
	insn_put(sealed.insns.data + 7 * IMAGE_INSN_SIZE,
		 insn_load(BPF_W, BPF_REG_1, BPF_REG_10, -492), false);
	CHECK_INT(loader_reach(&sealed, &reach, &err), -EBADMSG);
}

TEST(the_data_may_be_anothers)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical"), other = sample_image("tiny");
	struct loader_reach reach = {0}, again = {0};
	struct buf value = other.maps[0].value;

	CHECK_INT(loader_reach(&image, &reach, &err), 0);
	other.maps[0].value = image.maps[0].value;
	image.maps[0].value = value;
	CHECK_INT(loader_reach(&image, &again, &err), 0);
	CHECK(reach.points == again.points && reach.uses == again.uses);
}

TEST(what_is_cut_off_is_unknown)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typed");
	const size_t size = image.insns.size;
	struct loader_reach reach;

	for (size_t cut = 8; cut < size; cut += 8) {
		image.insns.size = size - cut;
		CHECK_INT(loader_reach(&image, &reach, &err), -EBADMSG);
	}
	image.insns.size = size;
}

/* Put INSN at AT for a moment. */
static int with(struct image *image, size_t at, struct insn insn)
{
	uint8_t kept[8], *slot = image->insns.data + at * sizeof(kept);
	struct loader_reach reach;
	int rc;

	memcpy(kept, slot, sizeof(kept));
	insn_put(slot, insn, false);
	rc = loader_reach(image, &reach, &err);
	memcpy(slot, kept, sizeof(kept));
	return rc;
}

/* Where the instructions have INSN first. */
static size_t find(const struct image *image, struct insn insn)
{
	size_t at = 0;

	while (at * 8 < image->insns.size &&
	       !insn_equal(insn_get(buf_view(&image->insns), at, false), insn))
		at++;
	return at;
}

TEST(what_no_verifier_takes_is_unknown)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical");
	const size_t bpf = find(&image, insn_call(BPF_FUNC_sys_bpf));
	const size_t close = find(&image, insn_mov(BPF_REG_9, BPF_REG_1));

	/* the size of what a pointer points to */
	CHECK_INT(with(&image, bpf - 1, insn_mov_imm(BPF_REG_3, 0)), -EBADMSG);
	CHECK_INT(with(&image, bpf - 1, insn_mov_imm(BPF_REG_3, -1)), -EBADMSG);
	CHECK_INT(with(&image, bpf - 1, insn_mov_imm(BPF_REG_3, 8)), 0);
	/* a register that one of two ways leaves empty, or all */
	CHECK_INT(with(&image, close, insn_mov(BPF_REG_9, BPF_REG_9)), -EBADMSG);
	CHECK_INT(with(&image, close, insn_mov(BPF_REG_9, BPF_REG_5)), -EBADMSG);
	CHECK_INT(with(&image, close, insn_mov(BPF_REG_9, BPF_REG_10)), 0);
	CHECK_INT(with(&image, close, insn_mov(BPF_REG_10, BPF_REG_1)), -EBADMSG);
	/* the stack below what is zeroed, and a helper that no loader calls */
	CHECK_INT(with(&image, close, insn_load(BPF_W, BPF_REG_9, BPF_REG_10, -136)), 0);
	CHECK_INT(with(&image, close, insn_load(BPF_W, BPF_REG_9, BPF_REG_10, -140)), -EBADMSG);
	CHECK_INT(with(&image, bpf, insn_call(BPF_FUNC_trace_printk)), -EBADMSG);
	/* jumps to nowhere, and without the error that the cleanup code returns */
	CHECK_INT(with(&image, close, insn_jump_imm(BPF_JEQ, BPF_REG_1, 0, -30)), -EBADMSG);
	CHECK_INT(with(&image, close, insn_jump_imm(BPF_JEQ, BPF_REG_1, 0, 100)), -EBADMSG);
	CHECK_INT(with(&image, 0, insn_exit()), -EBADMSG);
	CHECK_INT(with(&image, 0, (struct insn){0}), -EBADMSG);
}

UNIT_MAIN
