// SPDX-License-Identifier: BSD-2-Clause
/*
 * wrapper.c - a PKCS#11 module in front of $WRAPPED: a line in $WRAPPER_LOG for each login, each
 * mechanism that a signature is begun with and each digest that the module is asked for. With
 * $WRAPPER_LOCKED the token is locked; with $WRAPPER_CONTEXT_WRONG the PIN for a signature is
 * wrong.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Places in CK_FUNCTION_LIST (PKCS#11 2.40). */
enum { GET_TOKEN_INFO = 6, LOGIN = 18, DIGEST_INIT = 37, SIGN_INIT = 42, NR_FUNCTIONS = 68 };

#define CKR_PIN_INCORRECT    0xa0
#define CKR_PIN_LOCKED	     0xa4
#define CKU_CONTEXT_SPECIFIC 2
#define CKF_USER_PIN_LOCKED  0x40000

typedef unsigned long ck_ulong;

struct list {
	unsigned char version[2];
	void *functions[NR_FUNCTIONS];
};

static struct list *inner, outer;

static void note(const char *what, ck_ulong number)
{
	const char *name = getenv("WRAPPER_LOG");
	FILE *file = name ? fopen(name, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%s %lx\n", what, number);
	fclose(file);
}

static ck_ulong get_token_info(ck_ulong slot, unsigned char *info)
{
	__typeof__(get_token_info) *call = inner->functions[GET_TOKEN_INFO];
	ck_ulong rc = call(slot, info);

	if (!rc && getenv("WRAPPER_LOCKED"))
		*(ck_ulong *)(info + 96) |= CKF_USER_PIN_LOCKED;
	return rc;
}

static ck_ulong login(ck_ulong session, ck_ulong user, unsigned char *pin, ck_ulong size)
{
	__typeof__(login) *call = inner->functions[LOGIN];

	note("login", user);
	if (user == CKU_CONTEXT_SPECIFIC && getenv("WRAPPER_CONTEXT_WRONG"))
		return CKR_PIN_INCORRECT;
	return getenv("WRAPPER_LOCKED") ? CKR_PIN_LOCKED : call(session, user, pin, size);
}

static ck_ulong digest_init(ck_ulong session, ck_ulong *mechanism)
{
	__typeof__(digest_init) *call = inner->functions[DIGEST_INIT];

	note("digest", *mechanism);
	return call(session, mechanism);
}

static ck_ulong sign_init(ck_ulong session, ck_ulong *mechanism, ck_ulong key)
{
	__typeof__(sign_init) *call = inner->functions[SIGN_INIT];

	note("sign", *mechanism);
	return call(session, mechanism, key);
}

ck_ulong C_GetFunctionList(struct list **ret);
ck_ulong C_GetFunctionList(struct list **ret)
{
	void *library = dlopen(getenv("WRAPPED"), RTLD_NOW);
	__typeof__(C_GetFunctionList) *get = library ? dlsym(library, "C_GetFunctionList") : NULL;
	ck_ulong rc = get ? get(&inner) : 1;

	if (rc)
		return rc;
	outer = *inner;
	outer.functions[GET_TOKEN_INFO] = get_token_info;
	outer.functions[LOGIN] = login;
	outer.functions[DIGEST_INIT] = digest_init;
	outer.functions[SIGN_INIT] = sign_init;
	*ret = &outer;
	return 0;
}
