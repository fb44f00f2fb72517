/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kvtest.h - ask the kernel rules.
 */
#ifndef KVTEST_H
#define KVTEST_H

#include <errno.h>
#include <stdio.h>

#include "../bytes.h"
#include "kvbuild.h"
#include "kverify/kverify.h"
#include "unit.h"

static const struct view content = {(const uint8_t *)"signed content", 14};
static const struct view tampered = {(const uint8_t *)"signed c0ntent", 14};

/* The last answer. */
static struct kv_answer answer;

/* The errno of KEYRING's kernel to a certificate, or -ENOTSUP. */
_unused_ static int add(struct kv_keyring *keyring, struct view der)
{
	struct err err = {0};
	int ret = kv_keyring_add(keyring, der, &answer, &err);

	return ret ? ret : answer.code;
}

_unused_ static int add_to_line(enum kv_line line, struct view der)
{
	struct kv_keyring *keyring = NULL;
	int ret;

	PKI_MUST(!kv_keyring_new(line, &keyring));
	ret = add(keyring, der);
	kv_keyring_free(keyring);
	return ret;
}

/* The same, for a certificate on which all lines agree. */
_unused_ static int add_to_all(struct view der)
{
	int first = add_to_line(0, der);

	for (enum kv_line line = 1; line < KV_LINE_NR; line++)
		CHECK_INT(add_to_line(line, der), first);
	return first;
}

/* The certificates to trust, as a list with an end. */
#define TRUST(...) ((struct view[]){__VA_ARGS__, {NULL, 0}})
#define NOBODY	   ((struct view[]){{NULL, 0}})

_unused_ static int ask_line(enum kv_line line, struct view data, struct view signature,
			     const struct view *trusted)
{
	struct kv_keyring *keyring = NULL;
	struct err err = {0};
	int ret;

	PKI_MUST(!kv_keyring_new(line, &keyring));
	for (; trusted->data; trusted++)
		add(keyring, *trusted);
	ret = kv_verify(keyring, INPUT_OF(data), signature, &answer, &err);
	kv_keyring_free(keyring);
	return ret ? ret : answer.code;
}

/* The answer on which all lines agree. */
_unused_ static int ask(struct view data, struct view signature, const struct view *trusted)
{
	int first = ask_line(0, data, signature, trusted);

	for (enum kv_line line = 1; line < KV_LINE_NR; line++)
		CHECK_INT(ask_line(line, data, signature, trusted), first);
	return first;
}

#endif /* KVTEST_H */
