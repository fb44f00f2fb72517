// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "loader/walk.h"

/* Zero what the loader overwrites with addresses of the kernel it runs on. */
static void zero_addresses(const struct loader *loader, struct buf *data)
{
	for (size_t i = 0; i < loader->nr_progs; i++) {
		const struct loader_prog *prog = &loader->progs[i];

		for (size_t j = 0; j < prog->nr_externs; j++) {
			const struct loader_extern *ext = &prog->externs[j];
			size_t at = (size_t)(prog->insns.data - data->data) +
				    (size_t)ext->insn * IMAGE_INSN_SIZE;

			if (ext->kind != LOADER_KSYM_ADDR)
				continue;
			memset(data->data + at + 4, 0, sizeof(uint32_t));
			memset(data->data + at + IMAGE_INSN_SIZE + 4, 0, sizeof(uint32_t));
		}
	}
}

static int check_known(const struct loader *loader, struct err *err)
{
	if (!loader->known)
		return err_set(err, -EBADMSG, "%s", loader->why);
	if (loader->nr_progs > LOADER_PROGS_MAX)
		return err_set(err, -ERANGE,
			       "the loader loads %zu programs, but can hold at most %d: generate "
			       "it with fewer (sign --skip skips programs), or split the object",
			       loader->nr_progs, LOADER_PROGS_MAX);
	if (loader->code.too_far)
		return err_set(err, -ERANGE,
			       "the loader has %zu instructions, which are too many for its jumps",
			       loader->code.insns.size / IMAGE_INSN_SIZE);
	return 0;
}

bool loader_is_sealed(const struct loader *loader)
{
	return loader->known && !loader->open_sizes && !loader->open_values;
}

void loader_as_sealed(struct loader *loader, enum loader_check check)
{
	if (loader_has_too_many_progs(loader)) {
		loader->nr_slots = loader->nr_progs;
		loader->wide_stack = loader->nr_progs > LOADER_PROGS_NARROW;
	}
	loader->check = check;
	loader->open_sizes = loader->open_values = false;
	loader->old_kfunc = loader->old_ksym = false;
}

int loader_seal(struct loader *loader, struct image *image, struct err *err)
{
	_buf_ struct buf insns = {0};
	int rc = check_known(loader, err);

	if (rc)
		return rc;
	buf_add_view(&insns, buf_view(&loader->code.insns));
	rc = buf_done(&insns, err) ?: image_set_insns(image, &insns, err);
	if (rc)
		return rc;
	zero_addresses(loader, &image->maps[0].value);
	loader_as_sealed(loader, LOADER_CHECK_NONE);
	return 0;
}

/* Correct the jumps of INSNS, which moved by SIZE bytes, to the cleanup code, which did not. */
static int aim_jumps(const struct loader *loader, struct buf *insns, size_t size, struct err *err)
{
	const size_t first = (loader->code.check + size) / IMAGE_INSN_SIZE;

	for (size_t i = first; i < insns->size / IMAGE_INSN_SIZE; i++) {
		struct insn insn = insn_get(buf_view(insns), i, loader->big);
		bool calls = insn.code == (BPF_JMP | BPF_CALL);
		int off = insn.off - (int)(size / IMAGE_INSN_SIZE);

		if (BPF_CLASS(insn.code) != BPF_JMP || calls || insn.off >= 0)
			continue;
		if (off < INT16_MIN)
			return err_set(err, -ERANGE,
				       "the loader has %zu instructions, which are too many for "
				       "its jumps",
				       i);
		insn.off = (int16_t)off;
		insn_put(insns->data + i * IMAGE_INSN_SIZE, insn, loader->big);
	}
	return 0;
}

int loader_make_form(const struct loader *loader, enum loader_form form,
		     const uint8_t hash[HASH_SHA256_SIZE], struct buf *ret, struct err *err)
{
	const struct loader_code *code = &loader->code;
	struct walk w = {.big = loader->big, .cleanup = code->cleanup, .err = err};
	int rc = check_known(loader, err);

	if (rc)
		return rc;
	buf_add(&w.out, code->insns.data, code->check);
	if (form != LOADER_FORM_PLAIN)
		walk_write_check(&w, form, hash);
	rc = w.rc;
	if (!rc) {
		size_t size = w.out.size - code->check;

		buf_add(&w.out, code->insns.data + code->check, code->insns.size - code->check);
		rc = buf_done(&w.out, err) ?: aim_jumps(loader, &w.out, size, err);
	}
	if (!rc)
		*ret = buf_take(&w.out);
	buf_free(&w.out);
	return rc;
}

enum loader_check loader_form_check(enum loader_form form)
{
	static const enum loader_check checks[] = {
		[LOADER_FORM_PLAIN] = LOADER_CHECK_NONE,
		[LOADER_FORM_EXCL_HASH] = LOADER_CHECK_EXCL_HASH,
		[LOADER_FORM_HASH] = LOADER_CHECK_HASH,
	};

	return checks[form];
}

int loader_find_form(const struct loader *loader, const uint8_t hash[HASH_SHA256_SIZE],
		     struct view insns, enum loader_form *ret, struct err *err)
{
	static const enum loader_form forms[] = {LOADER_FORM_EXCL_HASH, LOADER_FORM_HASH};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_buf_ struct buf form = {0};
		int rc = loader_make_form(loader, forms[i], hash, &form, err);

		if (rc && rc != -ERANGE)
			return rc;
		if (!rc && view_equal(buf_view(&form), insns)) {
			*ret = forms[i];
			return 0;
		}
	}
	return err_set(
		err, -EBADMSG,
		"the loader's checked form does not result from sealing its first form, so it may "
		"install something else");
}
