/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * foreign.h - what a file is that is neither a BPF object nor a light skeleton.
 *
 * Does: name the kinds of file that users take for one of these, with the way to one of these.
 * Does not: read ELF files (object/object.h does), or decide what a file is.
 */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "base/buf.h"
#include "base/err.h"

/* Explain why CONTENT, the whole of a file, is not an input. Returns -EBADMSG. */
int foreign_refuse(struct view content, struct err *err);

#endif /* FOREIGN_H */
