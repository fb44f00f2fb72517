// SPDX-License-Identifier: BSD-2-Clause
/*
 * Engines are deprecated in OpenSSL 3 and gone in OpenSSL 4, but Debian 12 has no provider for
 * tokens.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "key/key_engine.h"

#include <openssl/opensslconf.h>
#include <stddef.h>

#ifndef OPENSSL_NO_ENGINE
#include <dlfcn.h>
#include <openssl/engine.h>

/* Never unload libp11: it keeps its allocations in static variables, and would leak them. */
static void stay_loaded(const ENGINE *engine)
{
	ENGINE_LOAD_KEY_PTR function = ENGINE_get_load_privkey_function(engine);
	Dl_info info;

	if (function && dladdr((void *)function, &info))
		dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

ENGINE *key_engine_open(const char *module)
{
	ENGINE *engine;

	ENGINE_load_builtin_engines();
	engine = ENGINE_by_id("pkcs11");
	if (!engine)
		return NULL;
	stay_loaded(engine);
	/* By default it also prints messages to stderr. */
	ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 1);
	if ((!module || ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0)) &&
	    ENGINE_init(engine))
		return engine;
	ENGINE_free(engine);
	return NULL;
}

void key_engine_close(ENGINE *engine)
{
	ENGINE_finish(engine);
	ENGINE_free(engine);
}

/* Without these it would ask at the terminal for what it needs later. */
static void set_ui(ENGINE *engine, UI_METHOD *ui, void *arg)
{
	ENGINE_ctrl_cmd(engine, "SET_USER_INTERFACE", 0, ui, NULL, 1);
	ENGINE_ctrl_cmd(engine, "SET_CALLBACK_DATA", 0, arg, NULL, 1);
}

EVP_PKEY *key_engine_key(ENGINE *engine, const char *uri, UI_METHOD *ui, void *arg)
{
	EVP_PKEY *pkey;

	set_ui(engine, ui, arg);
	pkey = ENGINE_load_private_key(engine, uri, ui, arg);
	set_ui(engine, ui, NULL);
	return pkey;
}

X509 *key_engine_cert(ENGINE *engine, const char *uri, UI_METHOD *ui, void *arg)
{
	struct {
		const char *uri;
		X509 *cert;
	} request = {uri, NULL};

	set_ui(engine, ui, arg);
	if (!ENGINE_ctrl_cmd(engine, "LOAD_CERT_CTRL", 0, &request, NULL, 1))
		request.cert = NULL;
	set_ui(engine, ui, NULL);
	return request.cert;
}

#else

struct engine_st *key_engine_open(const char *module)
{
	(void)module;
	return NULL;
}

void key_engine_close(struct engine_st *engine)
{
	(void)engine;
}

EVP_PKEY *key_engine_key(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg)
{
	(void)engine, (void)uri, (void)ui, (void)arg;
	return NULL;
}

X509 *key_engine_cert(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg)
{
	(void)engine, (void)uri, (void)ui, (void)arg;
	return NULL;
}

#endif
