// SPDX-License-Identifier: BSD-2-Clause
/* A manifest is refused for every bit in which what is to be signed differs, and for its own. */
#include "twostep.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static char root[] = "/tmp/test_twostep.XXXXXX";

static const char *place(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

/* An image of three instructions and two maps. */
static void make_image(struct image *image)
{
	struct err err;

	buf_add(&image->insns, "insn 0..insn 1..insn 2..", 24);
	buf_add(&image->insns_checked, "insn 0..check...insn 1..insn 2..", 32);
	for (int i = 0; i < 2; i++) {
		_buf_ struct buf value = {0};

		buf_add_str(&value, i ? "contents" : "map");
		CHECK_INT(
			image_add_map(image, i ? "b" : "a", &value, (uint32_t)value.size, 1, &err),
			0);
	}
}

/* The step of IMAGE; until the next one. */
static struct twostep step_of(const struct image *image)
{
	static struct scheme_contents contents;

	scheme_begin(&contents, image);
	return (struct twostep){"x.lskel.h", "x_bpf", &contents, SCHEME_ALL, HASH_SHA256};
}

/* The request for IMAGE, as the folder "request"; left for the tests that follow. */
static void make_request(const struct image *image)
{
	_cleanup_(folder_end) struct folder folder = FOLDER_NONE;
	const struct twostep step = step_of(image);
	struct twostep_written written = {0};
	struct err err;

	CHECK(mkdtemp(root) != NULL);
	CHECK_INT(folder_begin(&folder, place("request"), &err), 0);
	CHECK_INT(twostep_request(&step, view_of(NULL, 0), &folder, &written, &err), 0);
	CHECK_INT(folder_publish(&folder, &err), 0);
	CHECK_INT(written.schemes, SCHEME_ALL);
	CHECK_INT(written.of[SCHEME_FOLDED].size, 24 + 3 + 8);
	CHECK_INT(written.of[SCHEME_CHAIN].size, 32);
	CHECK_INT(written.of[SCHEME_INSNS].size, 32);
}

static int compare(const struct image *image, char text[ERR_TEXT_MAX])
{
	const struct twostep step = step_of(image);
	char dir[256];
	struct err err = {0};
	int rc;

	snprintf(dir, sizeof(dir), "%s", place("request"));
	rc = twostep_compare(&step, dir, &err);
	snprintf(text, ERR_TEXT_MAX, "%s", err.text);
	return rc;
}

TEST(the_same_image_gives_the_same_manifest)
{
	_image_ struct image image = {0};
	char text[ERR_TEXT_MAX];

	make_image(&image);
	make_request(&image);
	CHECK_INT(compare(&image, text), 0);
}

/* Flip each bit of DATA in turn: every one is refused, by the member MEMBER. */
static void flip_all(struct image *image, struct buf *data, const char *member)
{
	char text[ERR_TEXT_MAX];

	for (size_t bit = 0; bit < 8 * data->size; bit++) {
		data->data[bit / 8] ^= 1u << bit % 8;
		CHECK_INT(compare(image, text), -ESTALE);
		if (!CHECK(strstr(text, member)))
			printf("# %s\n", text);
		data->data[bit / 8] ^= 1u << bit % 8;
	}
	CHECK_INT(compare(image, text), 0);
}

TEST(every_bit_that_is_signed_counts_and_is_named)
{
	_image_ struct image image = {0};

	make_image(&image);
	flip_all(&image, &image.insns, "\"insns_sha256\" of folded differs from what");
	flip_all(&image, &image.maps[0].value, "\"sha256\" of folded differs from what");
	flip_all(&image, &image.maps[1].value, "\"sha256\" of folded differs from what");
	flip_all(&image, &image.insns_checked, "\"insns_sha256\" of insns differs from what");
}

TEST(every_bit_of_the_manifest_counts)
{
	_image_ struct image image = {0};
	_buf_ struct buf manifest = {0};
	char text[ERR_TEXT_MAX], file[256];
	struct err err;

	make_image(&image);
	snprintf(file, sizeof(file), "%s", place("request/x.lskel.h.json"));
	CHECK_INT(file_read(file, 1 << 20, &manifest, &err), 0);
	for (size_t at = 0; at < manifest.size; at += 7) {
		manifest.data[at] ^= 1;
		CHECK_INT(file_replace(file, buf_view(&manifest), &err), 0);
		CHECK_INT(compare(&image, text), -ESTALE);
		manifest.data[at] ^= 1;
	}
	for (size_t size = 0; size < manifest.size; size += 31) {
		CHECK_INT(file_replace(file, view_of(manifest.data, size), &err), 0);
		CHECK_INT(compare(&image, text), -ESTALE);
	}
	CHECK_INT(file_replace(file, buf_view(&manifest), &err), 0);
	CHECK_INT(compare(&image, text), 0);
}

TEST(what_came_back_is_found)
{
	struct twostep_found found = {0};
	char dir[256];
	struct err err;

	snprintf(dir, sizeof(dir), "%s", place("request"));
	CHECK_INT(twostep_find(dir, "x.lskel.h", &found, &err), 0);
	CHECK(found.manifest && !found.messages && !found.signatures);
	CHECK_INT(file_replace(place("request/x.lskel.h.chain.sig"), view_lit("s"), &err), 0);
	CHECK_INT(file_replace(place("request/x.lskel.h.insns.p7s"), view_lit("p"), &err), 0);
	CHECK_INT(twostep_find(dir, "x.lskel.h", &found, &err), 0);
	CHECK_INT(found.signatures, SCHEME_BIT(SCHEME_CHAIN));
	CHECK_INT(found.messages, SCHEME_BIT(SCHEME_INSNS));
	CHECK_INT(twostep_find(dir, "y.lskel.h", &found, &err), 0);
	CHECK(!found.manifest && !found.messages && !found.signatures);
	CHECK_INT(file_replace(place("request/x.lskel.h.chain.p7s"), view_lit("p"), &err), 0);
	CHECK_INT(twostep_find(dir, "x.lskel.h", &found, &err), -EEXIST);
}

/* The last one: takes away what the others have made. */
TEST(nothing_else_is_left)
{
	static const char *const suffixes[] = {".json", ".chain.sig", ".chain.p7s", ".insns.p7s"};
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(name, sizeof(name), "request/x.lskel.h%s", suffixes[i]);
		CHECK_INT(unlink(place(name)), 0);
	}
	for (enum scheme scheme = 0; scheme <= SCHEME_INSNS; scheme++) {
		snprintf(name, sizeof(name), "request/x.lskel.h.%s.content", scheme_name(scheme));
		CHECK_INT(unlink(place(name)), 0);
		snprintf(name, sizeof(name), "request/x.lskel.h.%s.digest", scheme_name(scheme));
		CHECK_INT(unlink(place(name)), 0);
	}
	CHECK_INT(rmdir(place("request")), 0);
	CHECK_INT(rmdir(place("")), 0);
}

UNIT_MAIN
