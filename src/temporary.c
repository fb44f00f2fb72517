// SPDX-License-Identifier: BSD-2-Clause
#include "temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* Held while one is made, renamed or removed, so that the list is always what there is. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct temporary *all;

static struct temporary *temporary_new(const char *prefix)
{
	static const char unique[] = "XXXXXX";
	size_t size = strlen(prefix);
	struct temporary *temporary = malloc(sizeof(*temporary) + size + sizeof(unique));

	if (temporary) {
		memcpy(temporary->name, prefix, size);
		memcpy(temporary->name + size, unique, sizeof(unique));
	}
	return temporary;
}

static int make_file(char *name)
{
	return mkostemp(name, O_CLOEXEC);
}

static int make_folder(char *name)
{
	return mkdtemp(name) ? 0 : -1;
}

static int make(int (*how)(char *name), const char *prefix, struct temporary **ret, struct err *err)
{
	struct temporary *temporary = temporary_new(prefix);
	int made, code;

	if (!temporary)
		return err_nomem(err);
	pthread_mutex_lock(&lock);
	made = how(temporary->name);
	code = errno;
	if (made >= 0) {
		temporary->next = all;
		all = temporary;
		*ret = temporary;
	}
	pthread_mutex_unlock(&lock);
	if (made >= 0)
		return made;
	free(temporary);
	return err_set(err, -code, "cannot create a temporary %s beside it: %s",
		       how == make_file ? "file" : "folder", strerror(code));
}

int temporary_file(const char *prefix, struct temporary **ret, struct err *err)
{
	return make(make_file, prefix, ret, err);
}

int temporary_folder(const char *prefix, struct temporary **ret, struct err *err)
{
	return make(make_folder, prefix, ret, err);
}

int temporary_within(int folder, const char *name)
{
	int fd;

	pthread_mutex_lock(&lock);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		fd = -errno;
	pthread_mutex_unlock(&lock);
	return fd;
}

/* With LOCK held. */
static void forget(struct temporary *temporary)
{
	struct temporary **at = &all;

	while (*at != temporary)
		at = &(*at)->next;
	*at = temporary->next;
}

int temporary_place(struct temporary *temporary, const char *target)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = rename(temporary->name, target) ? -errno : 0;
	if (!rc)
		forget(temporary);
	pthread_mutex_unlock(&lock);
	if (!rc)
		free(temporary);
	return rc;
}

static void remove_folder(const char *name)
{
	DIR *dir = opendir(name);
	const struct dirent *entry;
	int fd = dir ? dirfd(dir) : -1;

	while (fd >= 0 && (entry = readdir(dir)))
		unlinkat(fd, entry->d_name, 0); /* not "." and ".." */
	if (dir)
		closedir(dir);
	rmdir(name);
}

static void remove_it(const char *name)
{
	if (unlink(name))
		remove_folder(name);
}

void temporary_remove(struct temporary *temporary)
{
	if (!temporary)
		return;
	pthread_mutex_lock(&lock);
	remove_it(temporary->name);
	forget(temporary);
	pthread_mutex_unlock(&lock);
	free(temporary);
}

/* --- signals --- */

static sigset_t guarded;

/* Nothing more is made or renamed once the lock is taken. */
static void *wait_for_signal(_unused_ void *arg)
{
	int number;

	if (sigwait(&guarded, &number))
		return NULL;
	pthread_mutex_lock(&lock);
	for (const struct temporary *it = all; it; it = it->next)
		remove_it(it->name);
	pthread_sigmask(SIG_UNBLOCK, &guarded, NULL);
	raise(number); /* ends the process, with the status of this signal */
	_exit(128 + number);
}

static void guard(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction action;
	pthread_t thread;

	sigemptyset(&guarded);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!sigaction(numbers[i], NULL, &action) && action.sa_handler == SIG_DFL)
			sigaddset(&guarded, numbers[i]);
	}
	pthread_sigmask(SIG_BLOCK, &guarded, NULL);
	if (pthread_create(&thread, NULL, wait_for_signal, NULL))
		pthread_sigmask(SIG_UNBLOCK, &guarded, NULL);
	else
		pthread_detach(thread);
}

void temporary_guard(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, guard);
}
