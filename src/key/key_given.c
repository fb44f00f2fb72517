// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_given.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "key/key.h"
#include "key/key_secret.h"

#define ENV "env:"
#define FD  "fd:"

/* One that was read. */
struct given {
	const char *name; /* borrowed */
	uint8_t *bytes;	  /* pages of ROOM bytes */
	size_t size, room;
};

static struct given list[2 * KEY_SIGNERS_MAX];
static size_t nr;

bool key_given_is(const char *name)
{
	return !strncmp(name, ENV, strlen(ENV)) || !strncmp(name, FD, strlen(FD));
}

void key_given_end(void)
{
	for (size_t i = 0; i < nr; i++)
		key_secret_unmap(list[i].bytes, list[i].room);
	nr = 0;
}

static struct given *find(const char *name)
{
	for (size_t i = 0; i < nr; i++) {
		if (!strcmp(list[i].name, name))
			return &list[i];
	}
	return NULL;
}

static int refuse_size(size_t limit, struct err *err)
{
	return err_set(err, -EFBIG, "has more than the limit of %zu bytes", limit);
}

static int take_variable(const char *variable, size_t limit, struct given *given, struct err *err)
{
	char *value = getenv(variable);
	size_t size = value ? strlen(value) : 0;

	if (!value)
		return err_set(err, -ENOKEY, "this variable is not set");
	if (size > limit)
		return refuse_size(limit, err);
	given->room = size + 1;
	given->bytes = key_secret_pages(given->room, err);
	if (!given->bytes)
		return err->code;
	memcpy(given->bytes, value, size);
	given->size = size;
	explicit_bzero(value, size);
	unsetenv(variable);
	return 0;
}

static int read_all(int fd, size_t limit, struct given *given, struct err *err)
{
	ssize_t got;

	do {
		got = read(fd, given->bytes + given->size, given->room - given->size);
		given->size += got > 0 ? (size_t)got : 0;
	} while (given->size <= limit && (got > 0 || (got < 0 && errno == EINTR)));
	if (got < 0)
		return err_set(err, -errno, "cannot read: %s", strerror(errno));
	return given->size > limit ? refuse_size(limit, err) : 0;
}

static int take_descriptor(const char *number, size_t limit, struct given *given, struct err *err)
{
	char *end;
	long fd;
	int rc;

	errno = 0;
	fd = strtol(number, &end, 10);
	if (!isdigit((unsigned char)*number) || *end || errno || fd > INT32_MAX)
		return err_set(err, -EINVAL, "expected the number of a descriptor, as in fd:3");
	given->room = limit + 1;
	given->bytes = key_secret_pages(given->room, err);
	if (!given->bytes)
		return err->code;
	rc = read_all((int)fd, limit, given, err);
	if (!rc && fd > STDERR_FILENO)
		close((int)fd);
	return rc;
}

int key_given_take(const char *name, size_t limit, struct err *err)
{
	struct given given = {.name = name};
	int rc;

	if (find(name))
		return 0;
	if (nr == ARRAY_SIZE(list))
		return err_set(err, -ENOKEY,
			       "%s: too many keys and certificates of env: and fd:", name);
	rc = strncmp(name, ENV, strlen(ENV))
		     ? take_descriptor(name + strlen(FD), limit, &given, err)
		     : take_variable(name + strlen(ENV), limit, &given, err);
	if (!rc && !given.size)
		rc = err_set(err, -ENOKEY, "is empty");
	if (rc) {
		key_secret_unmap(given.bytes, given.room);
		return err_prefix(err, "%s", name);
	}
	list[nr++] = given;
	return 0;
}

int key_given_read(const char *name, size_t limit, struct buf *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	const struct given *given;
	int rc = key_given_take(name, limit, err);

	if (rc)
		return rc;
	given = find(name);
	buf_add(&content, given->bytes, given->size);
	rc = buf_done(&content, err);
	if (!rc)
		*ret = buf_take(&content);
	return rc;
}
