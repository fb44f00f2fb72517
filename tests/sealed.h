/* SPDX-License-Identifier: BSD-2-Clause */
/* sealed.h - for tests of several kinds: known loaders, and copies of them in another form. */
#ifndef TESTS_SEALED_H
#define TESTS_SEALED_H

#include <errno.h>

#include "loader/loader.h"

/* loader_read(), with -EBADMSG for a loader that is not known. */
static inline int read_known(const struct image *image, struct loader *ret, struct err *err)
{
	_loader_ struct loader loader = {0};
	int rc = loader_read(image, &loader, err);

	if (rc)
		return rc;
	if (!loader.known)
		return err_set(err, -EBADMSG, "%s", loader.why);
	*ret = loader;
	loader = (struct loader){0};
	return 0;
}

/* A copy of IMAGE's instructions and maps, without anything else. */
static inline int copy_image(const struct image *image, struct image *ret, struct err *err)
{
	_image_ struct image copy = {0};
	_buf_ struct buf insns = {0};
	int rc;

	buf_add_view(&insns, buf_view(&image->insns));
	rc = buf_done(&insns, err) ?: image_set_insns(&copy, &insns, err);
	for (size_t i = 0; !rc && i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];
		_buf_ struct buf value = {0};

		buf_add_view(&value, buf_view(&map->value));
		rc = buf_done(&value, err)
			     ?: image_add_map(&copy, map->name, &value, map->value_size,
					      map->max_entries, err);
	}
	if (rc)
		return rc;
	*ret = copy;
	copy = (struct image){0};
	return 0;
}

/* A copy of IMAGE, sealed, with FORM as its instructions. Errors as loader_make_form(). */
static inline int sealed_copy(const struct image *image, enum loader_form form, struct image *ret,
			      struct err *err)
{
	_loader_ struct loader loader = {0};
	_image_ struct image copy = {0};
	_buf_ struct buf insns = {0};
	uint8_t hash[HASH_SHA256_SIZE];
	int rc = copy_image(image, &copy, err) ?: read_known(&copy, &loader, err);

	if (!rc)
		rc = loader_seal(&loader, &copy, err);
	if (!rc)
		rc = hash_sha256(buf_view(&copy.maps[0].value), hash);
	if (!rc)
		rc = loader_make_form(&loader, form, hash, &insns, err);
	if (!rc)
		rc = image_set_insns(&copy, &insns, err);
	if (rc)
		return rc;
	*ret = copy;
	copy = (struct image){0};
	return 0;
}

#endif /* TESTS_SEALED_H */
