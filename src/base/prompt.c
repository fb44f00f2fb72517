// SPDX-License-Identifier: BSD-2-Clause
#include "base/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/os.h"
#include "base/util.h"

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* For the signal handler: the terminal that has no echo, and how it was. */
static int asked;
static struct termios as_it_was;

/* The action of NUMBER is the default one again, which ends the process after this function. */
static void restore(int number)
{
	tcsetattr(asked, TCSAFLUSH, &as_it_was);
	if (write(asked, "\n", 1) == 1 || number)
		raise(number);
}

static void catch_signals(struct sigaction before[ARRAY_SIZE(signals)])
{
	const struct sigaction action = {.sa_handler = restore, .sa_flags = SA_RESETHAND};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static void release_signals(const struct sigaction before[ARRAY_SIZE(signals)])
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
}

/* Read a line of TTY with its newline. Returns its size, or 0 if there is none. */
static size_t read_line(int tty, char *text, size_t room)
{
	struct sigaction before[ARRAY_SIZE(signals)];
	struct termios quiet = as_it_was;
	ssize_t size;

	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ISIG | ICANON | ECHONL;
	/* A shell would give the stopped program its echo back. */
	quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
	asked = tty;
	catch_signals(before);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	size = read(tty, text, room);
	tcsetattr(tty, TCSAFLUSH, &as_it_was);
	release_signals(before);
	return size > 0 ? (size_t)size : 0;
}

int prompt_hidden(const char *question, char *text, size_t room, struct err *err)
{
	_cleanup_(os_close) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	size_t size;

	if (tty < 0 || tcgetattr(tty, &as_it_was))
		return err_set(err, -ENOTTY, "there is no terminal");
	if (os_write(tty, view_str(question), err))
		return err->code;
	size = read_line(tty, text, room);
	if (size && text[size - 1] == '\n') {
		text[size - 1] = '\0';
		return 0;
	}
	explicit_bzero(text, room);
	return size == room ? err_set(err, -ENOKEY, "more than %zu bytes were typed", room - 2)
			    : err_set(err, -ENOKEY, "nothing was typed");
}
