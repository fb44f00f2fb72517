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
#include <termios.h>
#include <unistd.h>

#include "base/os.h"
#include "base/util.h"
#include "key/key.h"

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

int key_secrets_begin(struct err *err)
{
	void *pages;

	if (vault)
		return 0;
	forbid_core();
	pages = mmap(NULL, sizeof(*vault), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	if (pages == MAP_FAILED)
		return err_nomem(err);
	/* These two may fail: a container may forbid locking memory. */
	mlock(pages, sizeof(*vault));
	madvise(pages, sizeof(*vault), MADV_DONTDUMP);
	if (madvise(pages, sizeof(*vault), MADV_WIPEONFORK) &&
	    madvise(pages, sizeof(*vault), MADV_DONTFORK)) {
		munmap(pages, sizeof(*vault));
		return err_set(
			err, -ENOTSUP,
			"this kernel cannot hide secrets from child processes: expected Linux 4.14 or later");
	}
	vault = pages;
	for (enum key_secret kind = 0; kind < KEY_SECRET_NR; kind++)
		take_variable(kind);
	return 0;
}

void key_secrets_end(void)
{
	if (!vault)
		return;
	explicit_bzero(vault, sizeof(*vault));
	munmap(vault, sizeof(*vault));
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

static int read_line(const char *file, char text[KEY_SECRET_MAX], struct err *err)
{
	_cleanup_(os_close) int fd = -1;
	size_t size = 0, line = 0;
	bool is_pipe = false;
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
	if (!rc && !size && is_pipe)
		rc = refuse_silence(err);
	if (rc >= 0 && line == KEY_SECRET_MAX)
		rc = err_set(err, -ENOKEY, "its first line is longer than %d bytes",
			     KEY_SECRET_MAX - 1);
	if (rc < 0)
		line = 0;
	explicit_bzero(text + line, KEY_SECRET_MAX - line);
	return rc < 0 ? rc : 0;
}

/* Whether a user can be asked. Not in CI, which may have terminals without a user. */
static bool is_attended(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !getenv("CI");
}

/*
 * Read one line from TTY without echo. Ctrl-C ends the line instead of the program, which would
 * leave the terminal without echo.
 */
static int read_typed(int tty, char text[KEY_SECRET_MAX], struct err *err)
{
	struct termios before, quiet;
	ssize_t size;
	char last;

	if (tcgetattr(tty, &before))
		return err_set(err, -EIO, "cannot read from the terminal");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_lflag |= ICANON | ECHONL;
	quiet.c_cc[VEOL] = before.c_cc[VINTR];
	tcsetattr(tty, TCSAFLUSH, &quiet);
	size = read(tty, text, KEY_SECRET_MAX);
	tcsetattr(tty, TCSAFLUSH, &before);
	last = size > 0 ? text[size - 1] : '\0';
	if (size <= 0 || last != '\n') {
		explicit_bzero(text, KEY_SECRET_MAX);
		if (size == KEY_SECRET_MAX)
			return err_set(err, -ENOKEY, "more than %d bytes were typed",
				       KEY_SECRET_MAX - 2);
		return err_set(err, -ENOKEY, "nothing was typed");
	}
	text[size - 1] = '\0';
	return 0;
}

static int prompt(enum key_secret kind, const char *name, char text[KEY_SECRET_MAX],
		  struct err *err)
{
	char question[512], shown[400];
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int size, rc;

	if (tty < 0)
		return err_set(err, -ENOKEY, "%s", kinds[kind].missing);
	err_escape(shown, sizeof(shown), name, strlen(name));
	size = snprintf(question, sizeof(question), "%s for %s: ", kinds[kind].what, shown);
	rc = write(tty, question, (size_t)size) == size ? 0 : err_set(err, -EIO, "no terminal");
	if (!rc)
		rc = read_typed(tty, text, err);
	close(tty);
	return rc;
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
		*ret = vault->environment[kind];
		return 0;
	}
	file = file ?: getenv(kinds[kind].file_variable);
	rc = learn(kind, file != NULL, file ?: name, ret, err);
	return rc ? err_prefix(err, "%s", name) : 0;
}
