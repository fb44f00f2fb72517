// SPDX-License-Identifier: BSD-2-Clause
#include "key_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "cms.h"
#include "file.h"
#include "key.h"
#include "util.h"

/* The file of a secret has one line; some room for what an editor leaves behind it. */
#define SECRET_FILE_MAX 4096

static const struct {
	const char *what;
	const char *variable;
	const char *file_variable;
	const char *wanted;
} kinds[KEY_SECRET_NR] = {
	[KEY_PASSPHRASE] = {"passphrase", "BPF_CHAINSIGN_PASSPHRASE",
			    "BPF_CHAINSIGN_PASSPHRASE_FILE",
			    "the key is encrypted: give its passphrase in BPF_CHAINSIGN_PASSPHRASE "
			    "or BPF_CHAINSIGN_PASSPHRASE_FILE"},
	[KEY_PIN] = {"PIN", "BPF_CHAINSIGN_PIN", "BPF_CHAINSIGN_PIN_FILE",
		     "the token wants a PIN: give it in BPF_CHAINSIGN_PIN or "
		     "BPF_CHAINSIGN_PIN_FILE, or name its file in the URI's pin-source"},
};

/* One that was read from a file or typed. */
struct answer {
	enum key_secret kind;
	char name[256]; /* what it opens */
	char file[256]; /* where it comes from, or "" */
	char text[KEY_SECRET_MAX];
};

/*
 * All that is secret, in pages of their own: locked into memory, not in a core file, and empty in a
 * child process (madvise(2)).
 */
static struct vault {
	bool in_environment[KEY_SECRET_NR];
	bool too_long[KEY_SECRET_NR];
	char environment[KEY_SECRET_NR][KEY_SECRET_MAX];
	struct answer answers[2 * CMS_SIGNERS_MAX];
	size_t nr_answers;
} * vault;

/* No core file, and no look into this process by others of the same user. */
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
	/* Each is an addition, not a condition: a container may forbid locking. */
	mlock(pages, sizeof(*vault));
	madvise(pages, sizeof(*vault), MADV_DONTDUMP);
	if (madvise(pages, sizeof(*vault), MADV_WIPEONFORK) &&
	    madvise(pages, sizeof(*vault), MADV_DONTFORK)) {
		munmap(pages, sizeof(*vault));
		return err_set(err, -ENOTSUP, "this kernel cannot keep a secret from children");
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

/* --- where it comes from --- */

static int read_line(const char *file, char text[KEY_SECRET_MAX], struct err *err)
{
	_cleanup_(buf_wipe) struct buf content = {0};
	size_t size = 0;
	int rc;

	rc = file_read(file, SECRET_FILE_MAX, &content, err);
	if (rc)
		return rc;
	while (size < content.size && !strchr("\r\n", content.data[size]))
		size++;
	if (size >= KEY_SECRET_MAX)
		return err_set(err, -ENOKEY, "its first line has more than %d bytes",
			       KEY_SECRET_MAX - 1);
	memcpy(text, content.data, size);
	return 0;
}

/* Somebody sits there: never in CI, whatever terminals it makes up. */
static bool is_attended(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !getenv("CI");
}

/*
 * One line from TTY, not echoed. Ctrl-C ends the line, too, instead of the program, which would
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
		return err_set(err, -ENOKEY, "%s", kinds[kind].wanted);
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
	const char *file = *answer->file ? answer->file : getenv(kinds[kind].file_variable);
	int rc;

	if (file) {
		rc = read_line(file, text, err);
		return rc ? err_prefix(err, "cannot take the %s from %s", kinds[kind].what, file)
			  : 0;
	}
	if (is_attended())
		return prompt(kind, answer->name, text, err);
	return err_set(err, -ENOKEY, "%s", kinds[kind].wanted);
}

static const char *known(enum key_secret kind, const char *name, const char *file)
{
	for (size_t i = 0; i < vault->nr_answers; i++) {
		const struct answer *answer = &vault->answers[i];

		if (answer->kind == kind && !strcmp(answer->file, file) &&
		    !strcmp(answer->name, name))
			return answer->text;
	}
	return NULL;
}

int key_secret(enum key_secret kind, const char *name, const char *file, const char **ret,
	       struct err *err)
{
	const char *answered;
	struct answer *answer;
	int rc;

	rc = key_secrets_begin(err);
	if (rc)
		return rc;
	if (!file && vault->in_environment[kind]) {
		if (vault->too_long[kind])
			return err_set(err, -ENOKEY, "%s: %s has more than %d bytes", name,
				       kinds[kind].variable, KEY_SECRET_MAX - 1);
		*ret = vault->environment[kind];
		return 0;
	}
	answered = known(kind, name, file ?: "");
	if (answered) {
		*ret = answered;
		return 0;
	}
	answer = &vault->answers[vault->nr_answers];
	if (vault->nr_answers == ARRAY_SIZE(vault->answers) ||
	    strlen(name) >= sizeof(answer->name) || strlen(file ?: "") >= sizeof(answer->file))
		return err_set(err, -ENOKEY, "%s: too many secrets, or too long a name", name);
	answer->kind = kind;
	strcpy(answer->name, name);
	strcpy(answer->file, file ?: "");
	rc = find_out(answer, answer->text, err);
	if (rc)
		return err_prefix(err, "%s", name);
	vault->nr_answers++;
	*ret = answer->text;
	return 0;
}
