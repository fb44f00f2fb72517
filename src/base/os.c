// SPDX-License-Identifier: BSD-2-Clause
#include "base/os.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

void os_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int os_error(struct err *err, const char *what)
{
	int code = errno;

	return err_set(err, -code, "%s: %s", what, strerror(code));
}

int os_write(int fd, struct view data, struct err *err)
{
	while (data.size) {
		ssize_t put = write(fd, data.data, data.size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return os_error(err, "cannot write");
		data = view_sub(data, (size_t)put, data.size - (size_t)put);
	}
	return 0;
}

static mode_t mask;

static void read_mask(void)
{
	mask = umask(0);
	umask(mask);
}

mode_t os_umask(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_mask);
	return mask;
}
