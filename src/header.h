/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header.h - what the text of a header says about its loader, against the loader itself; and what
 * was made of an object, before there is a text.
 *
 * The struct of a skeleton names maps and programs, whose descriptors the loader fills in by their
 * number; NAME__open() holds the initial values of sections once more, which an unsealed loader is
 * given before the signed ones. No signature covers either of them.
 *
 * Does: compare names, values, sizes, protection, variables and ways to attach, in order.
 * Does not: read text or loaders, or judge a loader that is not known.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stdbool.h>

#include "base/err.h"
#include "loader/loader.h"
#include "lskel/lskel.h"

/*
 * Compare the text of LSKEL, if it is a rendering, with what LOADER installs, which was read of its
 * image. Where they disagree lskel->text becomes LSKEL_TEXT_DIFFERS, and text_why says where. A
 * loader that is not known changes nothing.
 */
void header_check(struct lskel *lskel, const struct loader *loader);

/*
 * The same for an object, of which SKEL and the image of LOADER were made: a process that read it,
 * and may have been taken over, says what they are. -EBADMSG: they disagree.
 */
int header_check_object(const struct skel *skel, const struct loader *loader, struct err *err);

/*
 * -EBADMSG, with the line and what to do: the text of LSKEL is not what is rendered, so it is not
 * to be signed; 0: it is.
 */
int header_refuse(const struct lskel *lskel, struct err *err);

/* Whether there is a finding on the text around the loader: that nobody has compared it. */
bool header_find(const struct lskel *lskel, struct loader_finding *ret);

#endif /* HEADER_H */
