// SPDX-License-Identifier: BSD-2-Clause
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/*
 * Held while a temporary file is created, renamed or removed, so that the list is always correct.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct temporary *all;

#define UNIQUE_SIZE 6

/* The most attempts to find an unused name. */
#define TRIES 100

static struct temporary *temporary_new(int folder, const char *prefix)
{
	struct temporary *temporary;
	size_t size = strlen(prefix);

	temporary = malloc(sizeof(*temporary) + size + UNIQUE_SIZE + 1);
	if (temporary) {
		temporary->folder = folder;
		memcpy(temporary->name, prefix, size);
		memset(temporary->name + size, 'X', UNIQUE_SIZE);
		temporary->name[size + UNIQUE_SIZE] = '\0';
	}
	return temporary;
}

static void temporary_free(struct temporary *temporary)
{
	close(temporary->folder);
	free(temporary);
}

/* Choose the last characters of NAME; they need not be unpredictable. */
static void choose_name(char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static uint64_t state;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	state = (state + (uint64_t)now.tv_nsec + ((uint64_t)getpid() << 32)) *
			6364136223846793005U +
		1442695040888963407U;
	name += strlen(name) - UNIQUE_SIZE;
	for (uint64_t i = 0, left = state >> 20; i < UNIQUE_SIZE; i++) {
		name[i] = letters[left % (sizeof(letters) - 1)];
		left /= sizeof(letters) - 1;
	}
}

static int make_file(int folder, const char *name)
{
	return openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int make_folder(int folder, const char *name)
{
	int fd, code;

	if (mkdirat(folder, name, 0700) < 0)
		return -1;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	code = errno;
	if (fd < 0)
		unlinkat(folder, name, AT_REMOVEDIR);
	errno = code;
	return fd;
}

static int make(int (*how)(int folder, const char *name), int folder, const char *prefix,
		struct temporary **ret, struct err *err)
{
	struct temporary *temporary = temporary_new(folder, prefix);
	int fd = -1, code = EEXIST;

	if (!temporary)
		return err_nomem(err);
	pthread_mutex_lock(&lock);
	for (int i = 0; fd < 0 && code == EEXIST && i < TRIES; i++) {
		choose_name(temporary->name);
		fd = how(folder, temporary->name);
		code = errno;
	}
	if (fd >= 0) {
		temporary->next = all;
		all = temporary;
		*ret = temporary;
	}
	pthread_mutex_unlock(&lock);
	if (fd >= 0)
		return fd;
	free(temporary);
	return err_set(err, -code, "cannot create a temporary %s next to it: %s",
		       how == make_file ? "file" : "folder", strerror(code));
}

int temporary_file(int folder, const char *prefix, struct temporary **ret, struct err *err)
{
	return make(make_file, folder, prefix, ret, err);
}

int temporary_folder(int folder, const char *prefix, struct temporary **ret, struct err *err)
{
	return make(make_folder, folder, prefix, ret, err);
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

/* The caller holds the lock. */
static void forget(struct temporary *temporary)
{
	struct temporary **at = &all;

	while (*at != temporary)
		at = &(*at)->next;
	*at = temporary->next;
}

int temporary_place(struct temporary *temporary, const char *name)
{
	const struct temporary_move move = {temporary, name};
	size_t ignored;

	return temporary_place_all(&move, 1, NULL, &ignored);
}

/* --- all or none --- */

static int rename_in(int folder, const char *from, const char *to)
{
	return renameat(folder, from, folder, to) ? -errno : 0;
}

static bool is_folder(int folder, const char *name)
{
	struct stat st;

	return !fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/*
 * Keep the file in the place of MOVE under a second name, *ret; NULL: there is no file. If the file
 * system has hard links, the file also stays in its place.
 */
static int keep_old(const struct temporary_move *move, const char *prefix, struct temporary **ret)
{
	const int folder = move->temporary->folder;
	struct temporary *old = temporary_new(folder, prefix);
	int rc = -EEXIST;

	if (!old)
		return -ENOMEM;
	for (int i = 0; rc == -EEXIST && i < TRIES; i++) {
		choose_name(old->name);
		rc = linkat(folder, move->name, folder, old->name, 0) ? -errno : 0;
	}
	if (rc && rc != -ENOENT)
		rc = is_folder(folder, move->name) ? -EISDIR
						   : rename_in(folder, move->name, old->name);
	if (!rc)
		*ret = old;
	else
		free(old);
	return rc == -ENOENT ? 0 : rc;
}

/* Restore the place of MOVE: OLD, or no file. */
static void put_back(const struct temporary_move *move, const struct temporary *old, bool placed)
{
	const int folder = move->temporary->folder;

	/* rename() does nothing if both names are links to one file: the place still has it */
	if (old && !rename_in(folder, old->name, move->name))
		unlinkat(folder, old->name, 0);
	else if (placed)
		unlinkat(folder, move->name, 0);
}

static int place_kept(const struct temporary_move moves[], size_t nr, const char *prefix,
		      struct temporary *old[], size_t *ret_bad)
{
	size_t done;
	int rc = 0;

	for (done = 0; done < nr; done++) {
		const struct temporary_move *move = &moves[done];

		if (nr > 1)
			rc = keep_old(move, prefix, &old[done]);
		if (!rc)
			rc = rename_in(move->temporary->folder, move->temporary->name, move->name);
		if (rc)
			break;
	}
	if (!rc)
		return 0;
	*ret_bad = done;
	if (old[done])
		put_back(&moves[done], old[done], false);
	while (done--)
		put_back(&moves[done], old[done], true);
	return rc;
}

int temporary_place_all(const struct temporary_move moves[], size_t nr, const char *prefix,
			size_t *ret_bad)
{
	struct temporary **old = calloc(nr, sizeof(struct temporary *));
	int rc;

	if (!old && nr) {
		*ret_bad = 0;
		return -ENOMEM;
	}
	pthread_mutex_lock(&lock);
	rc = place_kept(moves, nr, prefix, old, ret_bad);
	for (size_t i = 0; i < nr; i++) {
		if (!rc && old[i])
			unlinkat(old[i]->folder, old[i]->name, 0);
		if (!rc)
			forget(moves[i].temporary);
		free(old[i]);
	}
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; !rc && i < nr; i++)
		temporary_free(moves[i].temporary);
	free(old);
	return rc;
}

static void remove_folder(const struct temporary *temporary)
{
	int fd = openat(temporary->folder, temporary->name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(fd, entry->d_name, 0); /* not "." and ".." */
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	unlinkat(temporary->folder, temporary->name, AT_REMOVEDIR);
}

static void remove_it(const struct temporary *temporary)
{
	if (unlinkat(temporary->folder, temporary->name, 0))
		remove_folder(temporary);
}

void temporary_remove(struct temporary *temporary)
{
	if (!temporary)
		return;
	pthread_mutex_lock(&lock);
	remove_it(temporary);
	forget(temporary);
	pthread_mutex_unlock(&lock);
	temporary_free(temporary);
}

/* --- signals --- */

static sigset_t guarded;

/* While the lock is held, no other thread creates or renames a file. */
static void *wait_for_signal(_unused_ void *arg)
{
	int number;

	if (sigwait(&guarded, &number))
		return NULL;
	pthread_mutex_lock(&lock);
	for (const struct temporary *it = all; it; it = it->next)
		remove_it(it);
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
