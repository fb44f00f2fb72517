/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prompt.h - ask the user at the terminal.
 *
 * Does: read a line without showing it, and leave the terminal as it was, even if a signal ends the
 * process meanwhile.
 * Does not: decide whether anybody can be asked.
 *
 * Threads: one at a time.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

#include "base/err.h"

/*
 * Write QUESTION to the controlling terminal, and read a line without echo into TEXT, ROOM bytes
 * with the NUL. Ctrl-C and the signals SIGHUP, SIGINT, SIGQUIT and SIGTERM end the process, unless
 * they are ignored; Ctrl-Z is a character like others. -ENOTTY: no terminal; -ENOKEY: the line is
 * too long, or was ended by Ctrl-D; -EIO. After an error TEXT is all zero.
 */
int prompt_hidden(const char *question, char *text, size_t room, struct err *err);

#endif /* PROMPT_H */
