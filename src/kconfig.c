// SPDX-License-Identifier: BSD-2-Clause
#include "kconfig.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "base/util.h"

#define HOST_FILE "/proc/config.gz"

void kconfig_free(struct kconfig *config)
{
	buf_free(&config->text);
	free(config->list);
	*config = (struct kconfig){0};
}

/* --- config.gz --- */

/* inflateInit2(): the largest window, and a header of gzip (RFC 1952). */
#define GZIP_WINDOW (16 + MAX_WBITS)

/* How much is unpacked at a time. */
#define CHUNK_SIZE 65536

static bool is_gzip(struct view data)
{
	return data.size >= 2 && data.data[0] == 0x1f && data.data[1] == 0x8b;
}

/* All of STREAM's input must be one member of gzip. */
static int inflate_all(z_stream *stream, struct buf *ret, struct err *err)
{
	int rc;

	do {
		stream->next_out = buf_space(ret, CHUNK_SIZE);
		if (!stream->next_out)
			return err_nomem(err);
		stream->avail_out = CHUNK_SIZE;
		rc = inflate(stream, Z_NO_FLUSH);
		ret->size -= stream->avail_out;
		if (rc == Z_MEM_ERROR)
			return err_nomem(err);
		if (rc != Z_OK && rc != Z_STREAM_END)
			return err_set(err, -EBADMSG, "damaged: not what gzip can unpack");
		if (ret->size > KCONFIG_SIZE_MAX)
			return err_set(err, -EFBIG, "unpacked, it is larger than %zu MiB",
				       KCONFIG_SIZE_MAX >> 20);
	} while (rc != Z_STREAM_END);
	if (stream->avail_in)
		return err_set(err, -EBADMSG, "damaged: something follows the packed text");
	return buf_done(ret, err);
}

static int unpack(struct view packed, struct buf *ret, struct err *err)
{
	z_stream stream = {
		.next_in = (Bytef *)packed.data, /* zlib only reads from there */
		.avail_in = (uInt)packed.size,
	};
	int rc;

	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return err_nomem(err);
	rc = inflate_all(&stream, ret, err);
	inflateEnd(&stream);
	return rc;
}

/* --- lines --- */

static bool is_name(struct view name)
{
	const size_t prefix = strlen("CONFIG_");

	if (name.size <= prefix || memcmp(name.data, "CONFIG_", prefix))
		return false;
	for (size_t i = prefix; i < name.size; i++) {
		if (!isalnum(name.data[i]) && name.data[i] != '_')
			return false;
	}
	return true;
}

static bool is_value(struct view value)
{
	for (size_t i = 0; i < value.size; i++) {
		if (iscntrl(value.data[i]))
			return false;
	}
	return value.size;
}

/* "# CONFIG_NAME is not set"; other comments, and empty lines, have no name. */
static struct kconfig_option read_comment(struct view line)
{
	static const struct view begin = view_lit("# "), end = view_lit(" is not set");
	const size_t around = begin.size + end.size;
	struct kconfig_option option = {.value = view_lit("")};

	if (line.size <= around || !view_equal(view_head(line, begin.size), begin) ||
	    !view_equal(view_sub(line, line.size - end.size, end.size), end))
		return option;
	option.name = view_sub(line, begin.size, line.size - around);
	if (!is_name(option.name))
		option.name = (struct view){NULL, 0};
	return option;
}

static int read_line(struct view line, size_t number, struct kconfig_option *ret, struct err *err)
{
	const uint8_t *equals = line.size ? memchr(line.data, '=', line.size) : NULL;
	struct kconfig_option option;
	size_t size;

	if (!line.size || *line.data == '#') {
		*ret = read_comment(line);
		return 0;
	}
	size = equals ? (size_t)(equals - line.data) : 0;
	option.name = view_sub(line, 0, size);
	option.value = equals ? view_sub(line, size + 1, line.size - size - 1)
			      : (struct view){NULL, 0};
	if (!is_name(option.name) || !is_value(option.value))
		return err_set(err, -EBADMSG,
			       "line %zu: expected CONFIG_NAME=VALUE, a comment or nothing: is it "
			       "the .config of a kernel?",
			       number);
	*ret = option;
	return 0;
}

/* The line at *at, without its end; *at is set behind it. */
static struct view next_line(struct view text, size_t *at)
{
	const uint8_t *begin = text.data + *at;
	const uint8_t *newline = memchr(begin, '\n', text.size - *at);
	size_t size = newline ? (size_t)(newline - begin) : text.size - *at;

	*at += size + (newline != NULL);
	if (size && begin[size - 1] == '\r')
		size--;
	return view_of(begin, size);
}

static size_t count_lines(struct view text)
{
	size_t nr = 0;

	for (size_t at = 0; at < text.size; nr++)
		next_line(text, &at);
	return nr;
}

static int compare_names(struct view a, struct view b)
{
	size_t size = a.size < b.size ? a.size : b.size;

	return memcmp(a.data, b.data, size) ?: (a.size > b.size) - (a.size < b.size);
}

static int compare(const void *a, const void *b)
{
	const struct kconfig_option *one = a, *other = b;

	return compare_names(one->name, other->name);
}

/* Which of two values is meant, nobody can tell. */
static int refuse_twice(const struct kconfig *config, struct err *err)
{
	for (size_t i = 1; i < config->nr; i++) {
		const struct kconfig_option *one = &config->list[i - 1], *next = &config->list[i];

		if (!compare_names(one->name, next->name) && !view_equal(one->value, next->value))
			return err_set(err, -EBADMSG, "%.*s has two values", (int)one->name.size,
				       (const char *)one->name.data);
	}
	return 0;
}

static int read_lines(struct kconfig *config, struct err *err)
{
	const struct view text = buf_view(&config->text);
	size_t number = 1;

	config->list = calloc(count_lines(text) + 1, sizeof(*config->list));
	if (!config->list)
		return err_nomem(err);
	for (size_t at = 0; at < text.size; number++) {
		struct kconfig_option *option = &config->list[config->nr];
		int rc = read_line(next_line(text, &at), number, option, err);

		if (rc)
			return rc;
		config->nr += option->name.data != NULL;
	}
	if (!config->nr)
		return err_set(err, -EBADMSG,
			       "no option in it: expected the .config of a kernel, or config.gz");
	qsort(config->list, config->nr, sizeof(*config->list), compare);
	return refuse_twice(config, err);
}

int kconfig_parse(struct view text, struct kconfig *ret, struct err *err)
{
	_kconfig_ struct kconfig config = {0};
	int rc = 0;

	if (is_gzip(text))
		rc = unpack(text, &config.text, err);
	else
		buf_add_view(&config.text, text);
	if (!rc)
		rc = buf_done(&config.text, err);
	if (!rc)
		rc = read_lines(&config, err);
	if (rc)
		return rc;
	*ret = config;
	config = (struct kconfig){0};
	return 0;
}

int kconfig_read(const char *file, struct kconfig *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	int rc = file_read(file, KCONFIG_SIZE_MAX, &content, err);

	return rc ?: kconfig_parse(buf_view(&content), ret, err);
}

int kconfig_read_host(struct kconfig *ret, struct err *err)
{
	char file[sizeof(((struct utsname *)0)->release) + 16];
	const char *path = file;
	struct utsname host;

	uname(&host);
	snprintf(file, sizeof(file), "/boot/config-%s", host.release);
	if (access(file, F_OK))
		path = HOST_FILE;
	return kconfig_read(path, ret, err)
		       ? err_prefix(err, "the configuration of this kernel, %s", path)
		       : 0;
}

struct view kconfig_find(const struct kconfig *config, const char *name)
{
	const struct kconfig_option key = {.name = view_str(name)};
	const struct kconfig_option *found = NULL;

	if (config->nr)
		found = bsearch(&key, config->list, config->nr, sizeof(key), compare);
	return found ? found->value : (struct view){NULL, 0};
}
