// SPDX-License-Identifier: BSD-2-Clause
#include "twostep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/util.h"
#include "cms.h"
#include "crypto.h"

/* To be increased when a member is added, removed, or changes its meaning. */
#define MANIFEST_VERSION 1

/* The most bytes of a manifest, which has about 200 for each map and scheme. */
#define MANIFEST_MAX ((size_t)1 << 20)

/* NAME.SCHEME.SUFFIX, or NAME.SUFFIX for SCHEME_NR. */
static char *file_name(const char *name, enum scheme scheme, const char *suffix)
{
	const bool of_one = scheme != SCHEME_NR;
	char *file;

	return asprintf(&file, "%s%s%s.%s", name, of_one ? "." : "",
			of_one ? scheme_name(scheme) : "", suffix) < 0
		       ? NULL
		       : file;
}

char *twostep_file(const char *dir, const char *name, enum scheme scheme, const char *suffix)
{
	_cleanup_(freep) char *file = file_name(name, scheme, suffix);
	char *path;

	return !file || asprintf(&path, "%s/%s", dir, file) < 0 ? NULL : path;
}

/* --- the bytes to be signed --- */

/* The content of SCHEME, and its digest, which stay the step's. */
static int find_content(const struct twostep *step, enum scheme scheme, struct hash_input **ret,
			struct view *ret_digest, struct err *err)
{
	int rc = scheme_content(step->contents, scheme, ret, err);

	if (!rc && hash_input_digest(*ret, step->hash, ret_digest))
		rc = err_set(err, -ENOTSUP, "OpenSSL %s does not support %s", crypto_version(),
			     hash_name(step->hash));
	return rc;
}

/* --- the manifest --- */

static int json_maps(struct json *json, const struct image *image, struct err *err)
{
	int rc = 0;

	json_array(json, "maps");
	for (size_t i = 0; !rc && i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];

		json_object(json, NULL);
		json_text(json, "name", map->name);
		json_number(json, "value_size", map->value_size);
		json_number(json, "max_entries", map->max_entries);
		rc = hash_sha256_json(json, "sha256", buf_view(&map->value), err);
		json_object_end(json);
	}
	json_array_end(json);
	return rc;
}

static int json_scheme(struct json *json, const struct twostep *step, enum scheme scheme,
		       struct err *err)
{
	const struct image *image = step->contents->image;
	const struct buf *insns = image_insns(image, scheme);
	struct hash_input *content;
	struct view digest;
	int rc = find_content(step, scheme, &content, &digest, err);

	if (rc)
		return rc;
	json_object(json, scheme_name(scheme));
	json_number(json, "insns_size", (int64_t)insns->size);
	rc = hash_sha256_json(json, "insns_sha256", buf_view(insns), err);
	if (!rc)
		rc = json_maps(json, image, err);
	json_number(json, "content_size", (int64_t)hash_input_size(content));
	json_hex(json, "content_digest", digest);
	json_object_end(json);
	return rc;
}

static int make_manifest(const struct twostep *step, struct buf *ret, struct err *err)
{
	_buf_ struct buf text = {0};
	struct json json = {.out = &text};
	int rc = 0;

	json_object(&json, NULL);
	json_number(&json, "manifest_version", MANIFEST_VERSION);
	json_text(&json, "file", step->name);
	json_text(&json, "object", step->object);
	json_text(&json, "digest_algorithm", hash_name(step->hash));
	json_object(&json, "schemes");
	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (step->schemes & SCHEME_BIT(scheme))
			rc = json_scheme(&json, step, scheme, err);
	}
	json_object_end(&json);
	json_object_end(&json);
	if (!rc)
		rc = buf_done(&text, err);
	if (!rc)
		*ret = buf_take(&text);
	return rc;
}

/* --- the request --- */

static int add_file(struct folder *folder, const struct twostep *step, enum scheme scheme,
		    const char *suffix, struct view data, struct err *err)
{
	_cleanup_(freep) char *file = file_name(step->name, scheme, suffix);

	return file ? folder_add(folder, file, data, err) : err_nomem(err);
}

/* Add the attributes that the key of CERT signs instead of the content. */
static int add_attributes(struct folder *folder, const struct twostep *step, enum scheme scheme,
			  struct view cert, struct hash_input *content, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc = cms_to_be_signed(cert, step->hash, content, &bytes, err);

	return rc ? rc : add_file(folder, step, scheme, "attrs", buf_view(&bytes), err);
}

static int add_scheme(struct folder *folder, const struct twostep *step, enum scheme scheme,
		      struct view cert, struct twostep_written *written, struct err *err)
{
	_buf_ struct buf joined = {0};
	struct hash_input *content;
	struct view digest, bytes;
	int rc = find_content(step, scheme, &content, &digest, err);

	if (rc)
		return rc;
	bytes = hash_input_join(content, &joined);
	if (joined.failed)
		return err_nomem(err);
	written->of[scheme].size = bytes.size;
	written->of[scheme].attrs = cert.data != NULL;
	memcpy(written->of[scheme].digest, digest.data, digest.size);
	rc = add_file(folder, step, scheme, "content", bytes, err);
	if (!rc)
		rc = add_file(folder, step, scheme, "digest", digest, err);
	if (!rc && cert.data)
		rc = add_attributes(folder, step, scheme, cert, content, err);
	return rc;
}

int twostep_request(const struct twostep *step, struct view cert, struct folder *folder,
		    struct twostep_written *ret, struct err *err)
{
	struct twostep_written written = {.schemes = step->schemes, .hash = step->hash};
	_buf_ struct buf manifest = {0};
	int rc;

	rc = make_manifest(step, &manifest, err);
	if (!rc)
		rc = add_file(folder, step, SCHEME_NR, "json", buf_view(&manifest), err);
	if (rc == -EEXIST)
		return err_set(
			err, rc,
			"another input also becomes %s: prepare the two into different folders",
			step->name);
	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (step->schemes & SCHEME_BIT(scheme))
			rc = add_scheme(folder, step, scheme, cert, &written, err);
	}
	if (!rc)
		*ret = written;
	return rc;
}

/* --- the signatures --- */

static int is_there(const char *dir, const char *name, enum scheme scheme, const char *suffix,
		    bool *ret, struct err *err)
{
	_cleanup_(freep) char *file = twostep_file(dir, name, scheme, suffix);
	int rc;

	if (!file)
		return err_nomem(err);
	rc = folder_has(file, ret, err);
	return rc ? err_prefix(err, "%s", file) : 0;
}

static int find_scheme(const char *dir, const char *name, enum scheme scheme,
		       struct twostep_found *found, struct err *err)
{
	bool message = false, signature = false, first = false;
	int rc;

	rc = is_there(dir, name, scheme, "p7s", &message, err);
	if (!rc)
		rc = is_there(dir, name, scheme, "sig", &signature, err);
	if (!rc)
		rc = is_there(dir, name, scheme, "1.sig", &first, err);
	if (rc)
		return rc;
	if (message + signature + first > 1)
		return err_set(err, -EEXIST, "%s/%s.%s.%s and .%s both exist: remove one of them",
			       dir, name, scheme_name(scheme), message ? "p7s" : "sig",
			       message && signature ? "sig" : "1.sig");
	found->messages |= message ? SCHEME_BIT(scheme) : 0;
	found->signatures |= signature || first ? SCHEME_BIT(scheme) : 0;
	return 0;
}

int twostep_find(const char *dir, const char *name, struct twostep_found *ret, struct err *err)
{
	struct twostep_found found = {0};
	int rc = is_there(dir, name, SCHEME_NR, "json", &found.manifest, err);

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++)
		rc = find_scheme(dir, name, scheme, &found, err);
	if (!rc)
		*ret = found;
	return rc;
}

/*
 * Take the line at *TEXT, without leading spaces and the trailing comma; *TEXT moves to the next.
 */
static struct view next_line(struct view *text)
{
	const uint8_t *newline = text->size ? memchr(text->data, '\n', text->size) : NULL;
	size_t size = newline ? (size_t)(newline - text->data) : text->size;
	struct view line = view_sub(*text, 0, size);

	size += newline != NULL;
	*text = view_sub(*text, size, text->size - size);
	while (line.size && *line.data == ' ')
		line = view_sub(line, 1, line.size - 1);
	if (line.size && line.data[line.size - 1] == ',')
		line.size--;
	return line;
}

/* The key in a LINE of JSON; {NULL, 0}: no key. */
static struct view line_key(struct view line)
{
	const uint8_t *end = line.size > 1 && *line.data == '"'
				     ? memchr(line.data + 1, '"', line.size - 1)
				     : NULL;

	return end ? view_of(line.data + 1, (size_t)(end - line.data - 1)) : view_of(NULL, 0);
}

/* Where two manifests first differ. */
struct difference {
	struct view member;
	struct view scheme; /* the scheme it belongs to; {NULL, 0}: none */
};

static bool is_scheme(struct view key)
{
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (view_equal(key, view_str(scheme_name(scheme))))
			return true;
	}
	return false;
}

static struct difference find_difference(struct view ours, struct view theirs)
{
	struct difference at = {0};

	while (ours.size || theirs.size) {
		struct view a = next_line(&ours), b = next_line(&theirs);

		at.member = line_key(a).data ? line_key(a) : line_key(b);
		if (!view_equal(a, b)) {
			if (is_scheme(line_key(a)) || is_scheme(line_key(b)))
				at = (struct difference){.member = view_lit("schemes")};
			return at;
		}
		if (is_scheme(at.member))
			at.scheme = at.member;
	}
	return (struct difference){0}; /* they differ only in spaces and commas */
}

static int compare(struct view ours, struct view theirs, struct err *err)
{
	struct difference at;

	if (view_equal(ours, theirs))
		return 0;
	at = find_difference(ours, theirs);
	return err_set(
		err, -ESTALE,
		"\"%.*s\"%s%.*s differs from what --prepare wrote: the input or the options have changed since; run --prepare again",
		(int)at.member.size, (const char *)at.member.data ?: "",
		at.scheme.data ? " of " : "", (int)at.scheme.size,
		(const char *)at.scheme.data ?: "");
}

int twostep_compare(const struct twostep *step, const char *dir, struct err *err)
{
	_cleanup_(freep) char *file = twostep_file(dir, step->name, SCHEME_NR, "json");
	_buf_ struct buf ours = {0}, theirs = {0};
	int rc;

	if (!file)
		return err_nomem(err);
	rc = make_manifest(step, &ours, err);
	if (rc)
		return rc;
	rc = file_read(file, MANIFEST_MAX, &theirs, err);
	if (!rc)
		rc = compare(buf_view(&ours), buf_view(&theirs), err);
	return rc ? err_prefix(err, "%s", file) : 0;
}

/* Read NAME.SCHEME.SUFFIX in DIR. */
static int read_answer(const struct twostep *step, const char *dir, enum scheme scheme,
		       const char *suffix, struct buf *ret, struct err *err)
{
	_cleanup_(freep) char *file = twostep_file(dir, step->name, scheme, suffix);

	return file ? file_read(file, IMAGE_SIGNATURE_MAX, ret, err) : err_nomem(err);
}

int twostep_message(const struct twostep *step, const char *dir, enum scheme scheme,
		    struct buf *ret, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc = read_answer(step, dir, scheme, "p7s", &bytes, err);

	return rc ?: cms_decode(buf_view(&bytes), ret, err);
}

struct answers {
	struct buf list[KEY_SIGNERS_MAX];
};

static void free_answers(struct answers *answers)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers->list); i++)
		buf_free(&answers->list[i]);
}

int twostep_assemble(const struct twostep *step, const char *dir, enum scheme scheme,
		     const struct view *certs, size_t nr, struct buf *ret, struct err *err)
{
	_cleanup_(free_answers) struct answers answers = {0};
	struct cms_part parts[KEY_SIGNERS_MAX];
	struct hash_input *content;
	int rc = scheme_content(step->contents, scheme, &content, err);

	for (size_t i = 0; !rc && i < nr; i++) {
		char suffix[32];

		snprintf(suffix, sizeof(suffix), "%zu.sig", i + 1);
		rc = read_answer(step, dir, scheme, nr > 1 ? suffix : "sig", &answers.list[i], err);
		if (rc && nr > 1)
			err_prefix(err, "%s", suffix);
		parts[i] = (struct cms_part){certs[i], buf_view(&answers.list[i])};
	}
	return rc ?: cms_assemble(parts, nr, step->hash, content, ret, err);
}
