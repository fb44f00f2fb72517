// SPDX-License-Identifier: BSD-2-Clause
/* Every allocation fails once while headers are read and written: that is told, and no more. */
#include <errno.h>
#include <openssl/evp.h>

#include "failing.h"
#include "lskel/lskel.h"
#include "lskel_rendered.h"

WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void))

static struct err err;

/* What is done with a text. It returns 0 or a negative errno, with ERR filled. */
typedef int action_on(const struct buf *text);

/* Do ACTION with its first allocation failing, then its second, until there are no more. */
static void fail_each(action_on *action, const struct buf *text)
{
	size_t nr = 0;
	int rc;

	for (;; nr++) {
		err.code = 0;
		until_failure = nr;
		rc = action(text);
		if (until_failure != SIZE_MAX)
			break;
		if (!CHECK_INT(rc, -ENOMEM) || !CHECK_INT(err.code, -ENOMEM))
			printf("# allocation %zu\n", nr);
	}
	until_failure = SIZE_MAX;
	CHECK_INT(rc, 0);
	CHECK(nr > 4);
}

static int read_and_render(const struct buf *text)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf again = {0};
	int rc = lskel_parse(buf_view(text), &lskel, &err);

	if (!rc && lskel.text == LSKEL_TEXT_RENDERED)
		rc = lskel_render(&lskel, &again, &err);
	if (rc)
		CHECK(!again.data);
	return rc;
}

TEST(a_header_is_read_whole_or_not_at_all)
{
	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		_buf_ struct buf text = {0};
		struct skel skel = describe(style);

		render(&skel, style, &text);
		fail_each(read_and_render, &text);
	}
}

TEST(a_text_that_is_not_a_rendering_does_not_hide_the_failure)
{
	_buf_ struct buf text = {0};

	buf_add_str(&text, sample_s3);
	buf_add_str(&text, "int more;\n");
	fail_each(read_and_render, &text);
}

/* Write and check what TEXT has, with the signatures and forms that RUNTIME can have. */
static int write_and_check(const struct buf *text, enum lskel_runtime runtime)
{
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf out = {0};
	int rc = lskel_parse(buf_view(text), &lskel, &err);

	if (rc)
		return rc;
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		struct buf *sig = &lskel.image.sig[scheme];

		buf_free(sig);
		if (runtime == LSKEL_RUNTIME_EMBEDDED || scheme == SCHEME_FOLDED)
			buf_add_str(sig, "signature");
		rc = rc ?: buf_done(sig, &err);
	}
	buf_add(&lskel.image.insns_checked, SAMPLE_INSNS, sizeof(SAMPLE_INSNS) - 1);
	buf_add(&lskel.image.insns_hash, SAMPLE_INSNS, sizeof(SAMPLE_INSNS) - 1);
	rc = rc ?: buf_done(&lskel.image.insns_checked, &err);
	rc = rc ?: buf_done(&lskel.image.insns_hash, &err);
	rc = rc ?: lskel_write(&lskel, runtime, &out, &err);
	CHECK(!rc == !!out.data);
	return rc ?: lskel_check(buf_view(&out), &lskel, runtime, &err);
}

static int write_embedded(const struct buf *text)
{
	return write_and_check(text, LSKEL_RUNTIME_EMBEDDED);
}

static int write_libbpf(const struct buf *text)
{
	return write_and_check(text, LSKEL_RUNTIME_LIBBPF);
}

TEST(a_header_is_written_whole_or_not_at_all)
{
	static const unsigned int styles[] = {OWN, OWN_LIBBPF, BPFTOOL_7_7};

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
		_buf_ struct buf text = {0};
		struct skel skel = describe(styles[i]);

		render(&skel, styles[i], &text);
		fail_each(write_embedded, &text);
		fail_each(write_libbpf, &text);
	}
}

static int make_new(const struct buf *unused)
{
	_lskel_ struct lskel lskel = {0};
	_image_ struct image image = {0};
	struct skel skel = describe(OWN);

	(void)unused;
	return lskel_new(&skel, LSKEL_RUNTIME_EMBEDDED, &image, &lskel, &err);
}

TEST(a_header_is_made_whole_or_not_at_all)
{
	fail_each(make_new, NULL);
}

UNIT_MAIN
