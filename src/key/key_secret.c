// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/prompt.h"
#include "base/util.h"
#include "key/key.h"
#include "key/key_given.h"

/* How long to wait for a pipe, at whose other end a user may be typing; in seconds. */
#define PIPE_SECONDS 60

static const struct {
	const char *what;
	const char *variable;
	const char *file_variable;
	const char *missing;
} kinds[KEY_SECRET_NR] = {
	[KEY_PASSPHRASE] = {"passphrase", "BPF_CHAINSIGN_PASSPHRASE",
			    "BPF_CHAINSIGN_PASSPHRASE_FILE",
			    "the key is encrypted: set BPF_CHAINSIGN_PASSPHRASE or "
			    "BPF_CHAINSIGN_PASSPHRASE_FILE"},
	[KEY_PIN] = {"PIN", "BPF_CHAINSIGN_PIN", "BPF_CHAINSIGN_PIN_FILE",
		     "the token needs a PIN: set BPF_CHAINSIGN_PIN or BPF_CHAINSIGN_PIN_FILE, or "
		     "name a file in the URI's pin-source"},
};

/* A secret that was read from a file or typed. */
struct answer {
	enum key_secret kind;
	bool in_file;
	char where[256]; /* the file it was read from, or the key or token it was typed for */
	char text[KEY_SECRET_MAX];
};

/*
 * All secrets, in separate pages that are locked into memory, left out of core files, and zero in
 * child processes (madvise(2)).
 */
struct vault {
	bool in_environment[KEY_SECRET_NR];
	bool too_long[KEY_SECRET_NR];
	char environment[KEY_SECRET_NR][KEY_SECRET_MAX];
	struct answer answers[2 * KEY_SIGNERS_MAX];
	size_t nr_answers;
};

static struct vault *vault;

/* Forbid core files, and that other processes of the same user read this one's memory. */
static void forbid_core(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Move VARIABLE out of the environment, where /proc and every child would see it. */
static void take_variable(enum key_secret kind)
{
	char *value = getenv(kinds[kind].variable);
	size_t size;

	if (!value)
		return;
	size = strlen(value);
	vault->in_environment[kind] = true;
	vault->too_long[kind] = size >= KEY_SECRET_MAX;
	if (!vault->too_long[kind])
		memcpy(vault->environment[kind], value, size + 1);
	explicit_bzero(value, size);
	unsetenv(kinds[kind].variable);
}

void *key_secret_pages(size_t size, struct err *err)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) {
		err_nomem(err);
		return NULL;
	}
	/* These two may fail: a container may forbid locking memory. */
	mlock(pages, size);
	madvise(pages, size, MADV_DONTDUMP);
	if (!madvise(pages, size, MADV_WIPEONFORK) || !madvise(pages, size, MADV_DONTFORK))
		return pages;
	munmap(pages, size);
	err_set(err, -ENOTSUP,
		"this kernel cannot hide secrets from child processes: expected Linux 4.14 or later");
	return NULL;
}

void key_secret_unmap(void *pages, size_t size)
{
	if (!pages)
		return;
	explicit_bzero(pages, size);
	munmap(pages, size);
}

int key_secrets_begin(struct err *err)
{
	if (vault)
		return 0;
	forbid_core();
	vault = key_secret_pages(sizeof(*vault), err);
	if (!vault)
		return err->code;
	for (enum key_secret kind = 0; kind < KEY_SECRET_NR; kind++)
		take_variable(kind);
	return 0;
}

char *key_secret_copy(const char *secret)
{
	struct err ignored;
	char *copy = key_secret_pages(KEY_SECRET_MAX, &ignored);

	return copy ? strcpy(copy, secret) : NULL;
}

void key_secret_drop(char *copy)
{
	key_secret_unmap(copy, KEY_SECRET_MAX);
}

void key_secrets_end(void)
{
	key_given_end();
	key_secret_unmap(vault, sizeof(*vault));
	vault = NULL;
}

/* --- files, pipes and the terminal --- */

/* Open FILE for non-blocking reads, because nobody may ever write to a pipe. */
static int open_secret(const char *file, bool *ret_pipe, int *ret_fd, struct err *err)
{
	_cleanup_(os_close) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return os_error(err, "cannot open");
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(err, -EINVAL, "neither a file nor a pipe");
	*ret_pipe = S_ISFIFO(st.st_mode);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Read at most SIZE bytes of FD. Returns how many; 0: the end. */
static int read_some(int fd, char *text, size_t size, struct err *err)
{
	struct pollfd wait = {fd, POLLIN, 0};
	ssize_t got;

	do {
		int rc = poll(&wait, 1, PIPE_SECONDS * 1000);

		if (!rc)
			return err_set(err, -ETIMEDOUT,
				       "nothing was written to the pipe for %d seconds",
				       PIPE_SECONDS);
		got = rc < 0 ? rc : read(fd, text, size);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	return got < 0 ? err_set(err, -errno, "cannot read: %m") : (int)got;
}

/* An empty pipe means that the writing program has failed: it is not an empty passphrase. */
static int refuse_silence(struct err *err)
{
	return err_set(err, -ENOKEY, "the pipe is empty (a pipe can be read only once)");
}

/* What editors and shells of Windows put before the text. HAS_ZERO: a zero byte ends the line. */
static int skip_mark(char text[KEY_SECRET_MAX], bool has_zero, struct err *err)
{
	if (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))
		return err_set(err, -ENOKEY, "it is UTF-16: write it as UTF-8");
	if (has_zero)
		return err_set(err, -ENOKEY,
			       "it has a zero byte, as UTF-16 has: write it as UTF-8");
	if (!memcmp(text, "\xef\xbb\xbf", 3))
		memmove(text, text + 3, KEY_SECRET_MAX - 3);
	return 0;
}

static int read_line(const char *file, char text[KEY_SECRET_MAX], struct err *err)
{
	_cleanup_(os_close) int fd = -1;
	size_t size = 0, line = 0;
	bool is_pipe = false, has_zero;
	int rc;

	rc = open_secret(file, &is_pipe, &fd, err);
	if (rc)
		return rc;
	do {
		rc = read_some(fd, text + size, KEY_SECRET_MAX - size, err);
		size += rc > 0 ? (size_t)rc : 0;
		while (line < size && !strchr("\r\n", text[line]))
			line++;
	} while (rc > 0 && line == size && size < KEY_SECRET_MAX);
	if (!rc && !size)
		rc = is_pipe ? refuse_silence(err) : err_set(err, -ENOKEY, "the file is empty");
	if (rc >= 0 && line == KEY_SECRET_MAX)
		rc = err_set(err, -ENOKEY, "its first line is longer than %d bytes",
			     KEY_SECRET_MAX - 1);
	has_zero = line < size && !text[line];
	if (rc < 0)
		line = 0;
	explicit_bzero(text + line, KEY_SECRET_MAX - line);
	return rc < 0 ? rc : skip_mark(text, has_zero, err);
}

/* Whether a user can be asked. Not in CI, which may have terminals without a user. */
static bool is_attended(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !getenv("CI");
}

static int prompt(enum key_secret kind, const char *name, char text[KEY_SECRET_MAX],
		  struct err *err)
{
	char question[512], shown[400];
	int rc;

	err_escape(shown, sizeof(shown), name, strlen(name));
	snprintf(question, sizeof(question), "%s for %s: ", kinds[kind].what, shown);
	rc = prompt_hidden(question, text, KEY_SECRET_MAX, err);
	return rc == -ENOTTY ? err_set(err, -ENOKEY, "%s", kinds[kind].missing) : rc;
}

static int find_out(const struct answer *answer, char text[KEY_SECRET_MAX], struct err *err)
{
	const enum key_secret kind = answer->kind;
	int rc;

	if (answer->in_file) {
		rc = read_line(answer->where, text, err);
		return rc ? err_prefix(err, "cannot take the %s from %s", kinds[kind].what,
				       answer->where)
			  : 0;
	}
	if (is_attended())
		return prompt(kind, answer->where, text, err);
	return err_set(err, -ENOKEY, "%s", kinds[kind].missing);
}

static const char *known(enum key_secret kind, bool in_file, const char *where)
{
	for (size_t i = 0; i < vault->nr_answers; i++) {
		const struct answer *answer = &vault->answers[i];

		if (answer->kind == kind && answer->in_file == in_file &&
		    !strcmp(answer->where, where))
			return answer->text;
	}
	return NULL;
}

/* The secret of the file WHERE, or the one that is typed for the key or token WHERE. */
static int learn(enum key_secret kind, bool in_file, const char *where, const char **ret,
		 struct err *err)
{
	struct answer *answer = &vault->answers[vault->nr_answers];
	const char *answered = known(kind, in_file, where);
	int rc;

	if (answered) {
		*ret = answered;
		return 0;
	}
	if (vault->nr_answers == ARRAY_SIZE(vault->answers) ||
	    strlen(where) >= sizeof(answer->where))
		return err_set(err, -ENOKEY,
			       "too many passphrases and PINs, or the name of one's "
			       "file is too long");
	answer->kind = kind;
	answer->in_file = in_file;
	strcpy(answer->where, where);
	rc = find_out(answer, answer->text, err);
	if (rc)
		return rc;
	vault->nr_answers++;
	*ret = answer->text;
	return 0;
}

int key_secret(enum key_secret kind, const char *name, const char *file, const char **ret,
	       struct err *err)
{
	int rc;

	rc = key_secrets_begin(err);
	if (rc)
		return rc;
	if (!file && vault->in_environment[kind]) {
		if (vault->too_long[kind])
			return err_set(err, -ENOKEY, "%s: %s is longer than %d bytes", name,
				       kinds[kind].variable, KEY_SECRET_MAX - 1);
		if (!*vault->environment[kind])
			return err_set(err, -ENOKEY, "%s: %s is empty", name, kinds[kind].variable);
		*ret = vault->environment[kind];
		return 0;
	}
	file = file ?: getenv(kinds[kind].file_variable);
	if (file && !*file)
		return err_set(err, -ENOKEY, "%s: %s is empty", name, kinds[kind].file_variable);
	rc = learn(kind, file != NULL, file ?: name, ret, err);
	return rc ? err_prefix(err, "%s", name) : 0;
}
