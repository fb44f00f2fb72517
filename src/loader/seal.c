// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "hash.h"
#include "loader/walk.h"

/* Zero what the loader overwrites with addresses of the kernel it runs on. */
static void zero_addresses(const struct loader *loader, const uint8_t *old, struct buf *data)
{
	for (size_t i = 0; i < loader->nr_progs; i++) {
		const struct loader_prog *prog = &loader->progs[i];

		for (size_t j = 0; j < prog->nr_externs; j++) {
			const struct loader_extern *ext = &prog->externs[j];
			uint8_t *insn = data->data + (prog->insns.data - old) +
					(size_t)ext->insn * IMAGE_INSN_SIZE;

			if (ext->kind != LOADER_KSYM_ADDR)
				continue;
			memset(insn + 4, 0, sizeof(uint32_t));
			memset(insn + IMAGE_INSN_SIZE + 4, 0, sizeof(uint32_t));
		}
	}
}

static int seal_data(const struct image *image, struct buf *ret, struct err *err)
{
	const struct buf *old = &image->maps[0].value;
	_loader_ struct loader loader = {0};
	_buf_ struct buf data = {0};
	int rc = loader_read(image, &loader, err);

	if (rc)
		return rc;
	buf_add_view(&data, buf_view(old));
	rc = buf_done(&data, err);
	if (rc)
		return rc;
	zero_addresses(&loader, old->data, &data);
	*ret = buf_take(&data);
	return 0;
}

/* The walk over IMAGE, which loader_read() has gone before, with an output. */
static int seal_insns(const struct image *image, enum loader_form form, const uint8_t *hash,
		      struct buf *ret, struct err *err)
{
	_loader_ struct loader loader = {0};
	struct walk w;
	int rc = walk_begin(&w, image, &loader, err);

	if (rc)
		return rc;
	w.rewrite = true;
	w.form = form;
	w.hash = hash;
	walk_loader(&w);
	if (!w.rc)
		*ret = buf_take(&w.out);
	buf_free(&w.out);
	return w.rc;
}

int loader_seal(const struct image *image, enum loader_form form, struct image *ret,
		struct err *err)
{
	_buf_ struct buf data = {0}, insns = {0};
	_image_ struct image sealed = {0};
	uint8_t hash[HASH_SHA256_SIZE];
	uint32_t size;
	int rc;

	rc = seal_data(image, &data, err);
	if (rc)
		return rc;
	rc = hash_sha256(buf_view(&data), hash);
	if (rc)
		return err_set(err, rc, "cannot hash the data");
	size = (uint32_t)data.size;
	rc = seal_insns(image, form, hash, &insns, err);
	if (!rc)
		rc = image_set_insns(&sealed, &insns, err);
	if (!rc)
		rc = image_add_map(&sealed, image->maps[0].name, &data, size, 1, err);
	if (rc)
		return rc;
	*ret = sealed;
	sealed = (struct image){0};
	return 0;
}

int loader_find_form(const struct image *image, struct view insns, enum loader_form *ret,
		     struct err *err)
{
	static const enum loader_form forms[] = {LOADER_FORM_EXCL_HASH, LOADER_FORM_HASH};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_image_ struct image sealed = {0};
		int rc = loader_seal(image, forms[i], &sealed, err);

		if (rc)
			return rc;
		if (view_equal(buf_view(&sealed.insns), insns)) {
			*ret = forms[i];
			return 0;
		}
	}
	return err_set(
		err, -EBADMSG,
		"a form of the loader that checks its map is not what the first form gives when "
		"it is sealed: it may install something else");
}
