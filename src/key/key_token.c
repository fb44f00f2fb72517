// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_token.h"

#include <errno.h>
#include <openssl/conf.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "key/key_engine.h"
#include "key/key_module.h"
#include "key/key_secret.h"
#include "key/key_uri.h"
#include "ossl.h"

struct key_token {
	unsigned int users;
	char *module; /* NULL: the system's default */
	char *again;  /* the PIN, for keys that want it for each signature; NULL: there are none */
	pthread_mutex_t lock;
	/* one of these two is set */
	OSSL_LIB_CTX *libctx; /* a separate context, so that the provider serves nothing else */
	struct engine_st *engine;
	OSSL_PROVIDER *provider, *base;
};

/* The open module, which all signers share. No lock: signers are loaded one after the other. */
static struct key_token *current;

/* How to log in to a token, and the result. */
struct login {
	const char *name; /* the token's name, for messages */
	const char *file; /* pin-source */
	int rc;		  /* if no PIN could be had: the error, described in *err */
	struct err *err;
	bool requested; /* the token asked for a PIN */
};

void key_token_lock(struct key_token *token)
{
	if (token)
		pthread_mutex_lock(&token->lock);
}

void key_token_unlock(struct key_token *token)
{
	if (token)
		pthread_mutex_unlock(&token->lock);
}

OSSL_LIB_CTX *key_token_libctx(const struct key_token *token)
{
	return token ? token->libctx : NULL;
}

/* --- opening the module --- */

static void close_token(struct key_token *token)
{
	if (token->engine)
		key_engine_close(token->engine);
	OSSL_PROVIDER_unload(token->provider);
	OSSL_PROVIDER_unload(token->base);
	OSSL_LIB_CTX_free(token->libctx);
	pthread_mutex_destroy(&token->lock);
	free(token->module);
	key_secret_drop(token->again);
	free(token);
}

void key_token_put(struct key_token *token)
{
	if (!token || --token->users)
		return;
	current = NULL;
	close_token(token);
}

/* Copy PIN for OpenSSL. Returns its size, or -1. */
static int put_pin(const char *pin, char *buf, int room)
{
	size_t size = strlen(pin);

	if (size > (size_t)room)
		return -1;
	memcpy(buf, pin, size);
	return (int)size;
}

/*
 * OpenSSL calls this for the PIN, with a struct login; or without one while a key signs, which gets
 * the PIN only if it wants it for each signature.
 */
static int give_pin(char *buf, int room, _unused_ int writing, void *arg)
{
	struct login *login = arg;
	const char *pin = NULL;

	if (!login)
		return current && current->again ? put_pin(current->again, buf, room) : -1;
	login->requested = true;
	login->rc = key_secret(KEY_PIN, login->name, login->file, &pin, login->err);
	return login->rc ? -1 : put_pin(pin, buf, room);
}

/*
 * The way to ask for a PIN. It is also OpenSSL's default: with its own, the provider and the engine
 * would ask at the terminal, even in CI. NULL: no memory.
 */
static UI_METHOD *pin_method(void)
{
	static UI_METHOD *method;

	if (!method)
		method = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
	if (method)
		UI_set_default_method(method);
	return method;
}

/* The provider is configured in OpenSSL's own file; this variable overrides the module. */
static bool open_provider(struct key_token *token)
{
	char *config = CONF_get1_default_config_file();

	if (token->module)
		setenv("PKCS11_PROVIDER_MODULE", token->module, 1);
	token->libctx = OSSL_LIB_CTX_new();
	if (token->libctx && config)
		OSSL_LIB_CTX_load_config(token->libctx, config);
	OPENSSL_free(config);
	ERR_clear_error();
	if (token->libctx) {
		token->base = OSSL_PROVIDER_load(token->libctx, "default");
		token->provider = OSSL_PROVIDER_load(token->libctx, "pkcs11");
	}
	if (token->provider)
		return true;
	OSSL_PROVIDER_unload(token->base);
	OSSL_LIB_CTX_free(token->libctx);
	token->base = NULL;
	token->libctx = NULL;
	return false;
}

static int open_way(struct key_token *token, struct err *err)
{
	const char *way = getenv("BPF_CHAINSIGN_PKCS11") ?: "";

	if (!pin_method())
		return err_nomem(err);
	if (strcmp(way, "engine") && open_provider(token))
		return 0;
	if (strcmp(way, "provider") && (token->engine = key_engine_open(token->module)))
		return 0;
	ERR_clear_error();
	return err_set(
		err, -ENOTSUP,
		"OpenSSL cannot use tokens: install its PKCS#11 provider (pkcs11-provider) or "
		"engine (libengine-pkcs11-openssl)");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Open the module of URI: MODULE, or the URI's own, or the system's. It is opened only once. */
static int get_token(const struct key_uri *uri, const char *module, struct key_token **ret,
		     struct err *err)
{
	struct key_token *token;
	int rc;

	if (uri->module)
		module = uri->module;
	rc = module ? key_module_check(module, err) : 0;
	if (rc)
		return rc;
	if (current && !same_text(module, current->module))
		return err_set(err, -ENOTSUP,
			       "all tokens of one run must use the same PKCS#11 "
			       "module");
	if (current) {
		current->users++;
		*ret = current;
		return 0;
	}
	token = calloc(1, sizeof(*token));
	if (!token || (module && !(token->module = strdup(module)))) {
		free(token);
		return err_nomem(err);
	}
	pthread_mutex_init(&token->lock, NULL);
	rc = open_way(token, err);
	if (rc) {
		close_token(token);
		return rc;
	}
	token->users = 1;
	*ret = current = token;
	return 0;
}

/* --- objects --- */

/* Ask the module itself for objects that match URI; false: it does not answer. */
static bool find_matches(const struct key_token *token, const struct key_uri *uri,
			 struct key_matches *ret)
{
	/* The same choice as the provider's and the engine's, without OpenSSL's configuration. */
	const char *module = token->module
				     ?: getenv(token->engine ? "PKCS11_MODULE_PATH"
							     : "PKCS11_PROVIDER_MODULE")
						?: "p11-kit-proxy.so";

	return key_module_match(module, uri, ret);
}

/*
 * Say why WHAT could not be loaded from URI, whose text is TEXT. Returns the error: NONE if it does
 * not exist.
 */
static int explain(const struct key_token *token, const char *text, const struct key_uri *uri,
		   const char *what, const struct login *login, int none, struct err *err)
{
	struct key_matches found;

	ERR_clear_error();
	if (login->rc)
		return login->rc;
	if (!find_matches(token, uri, &found))
		return err_set(err, none,
			       "%s: no such %s, or a wrong PIN; if p11-kit(8) does not list the "
			       "token, pass its module with --pkcs11-module",
			       text, what);
	if (!found.nr_tokens)
		return err_set(
			err, -ENOKEY,
			"%s: no such token%s; \"pkcs11-tool --list-token-slots\" lists the tokens of a --module",
			text,
			token->module ? ""
				      : " (or its module must be passed with --pkcs11-module)");
	if (found.locked)
		return err_set(err, -EACCES,
			       "%s: the PIN is locked after too many wrong attempts: unlock it "
			       "with the token's own tools",
			       text);
	if (login->requested && !found.logged_in)
		return err_set(err, -EACCES, "%s: the PIN is wrong", text);
	return err_set(
		err, none,
		"%s: the token contains no such %s; \"pkcs11-tool --login --list-objects\" lists its objects",
		text, what);
}

/* Load the first object of TYPE that matches URI through the provider; *ret_nr: how many match. */
static OSSL_STORE_INFO *load_object(struct key_token *token, const char *uri, int type,
				    struct login *login, size_t *ret_nr)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, token->libctx, "provider=pkcs11",
						   pin_method(), login, NULL, NULL, NULL);
	OSSL_STORE_INFO *found = NULL, *info;

	*ret_nr = 0;
	while (store && !OSSL_STORE_eof(store)) {
		info = OSSL_STORE_load(store);
		if (!info && OSSL_STORE_error(store))
			break;
		if (info && OSSL_STORE_INFO_get_type(info) == type && !(*ret_nr)++)
			found = info;
		else
			OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return found;
}

static int ambiguous(const char *uri, const char *what, size_t nr, struct err *err)
{
	return err_set(err, -ENOTUNIQ,
		       "%s: %zu %ss match: select one with object=, id=, token= or serial=", uri,
		       nr, what);
}

/* URI with a type, which the provider needs. */
static char *typed(const struct key_uri *uri, const char *type)
{
	char *text;

	return asprintf(&text, "%s%stype=%s", uri->path, strchr(uri->path, '=') ? ";" : "", type) <
			       0
		       ? NULL
		       : text;
}

/* What is loaded from a token. */
struct kind {
	const char *type; /* in a URI */
	int info;	  /* OSSL_STORE_INFO_... */
	const char *what; /* in messages */
	int missing;	  /* the error if there is none */
};

static const struct kind key_kind = {"private", OSSL_STORE_INFO_PKEY, "private key", -ENOKEY};
static const struct kind cert_kind = {"cert", OSSL_STORE_INFO_CERT, "certificate", ERR_NO_CERT};

/* The one object of KIND that URI names, into *ret; owned by the caller, also on failure. */
static int provider_object(struct key_token *token, const char *text, const struct key_uri *uri,
			   const struct kind *kind, struct login *login, OSSL_STORE_INFO **ret,
			   struct err *err)
{
	_cleanup_(freep) char *path = typed(uri, kind->type);
	size_t nr;
	int rc = 0;

	if (!path)
		return err_nomem(err);
	*ret = load_object(token, path, kind->info, login, &nr);
	if (nr > 1)
		rc = ambiguous(text, kind->what, nr, err);
	else if (!nr)
		rc = explain(token, text, uri, kind->what, login, kind->missing, err);
	ERR_clear_error();
	return rc;
}

static int provider_key(struct key_token *token, const char *text, const struct key_uri *uri,
			struct login *login, EVP_PKEY **ret, struct err *err)
{
	OSSL_STORE_INFO *info = NULL;
	int rc = provider_object(token, text, uri, &key_kind, login, &info, err);

	if (!rc)
		*ret = OSSL_STORE_INFO_get1_PKEY(info);
	OSSL_STORE_INFO_free(info);
	return rc;
}

static int provider_cert(struct key_token *token, const char *text, const struct key_uri *uri,
			 struct login *login, X509 **ret, struct err *err)
{
	OSSL_STORE_INFO *info = NULL;
	int rc = provider_object(token, text, uri, &cert_kind, login, &info, err);

	if (!rc)
		*ret = OSSL_STORE_INFO_get1_CERT(info);
	OSSL_STORE_INFO_free(info);
	return rc;
}

static int engine_key(struct key_token *token, const char *text, const struct key_uri *uri,
		      struct login *login, EVP_PKEY **ret, struct err *err)
{
	struct key_matches found;
	EVP_PKEY *pkey = key_engine_key(token->engine, uri->path, pin_method(), login);

	if (!pkey)
		return explain(token, text, uri, "private key", login, -ENOKEY, err);
	if (find_matches(token, uri, &found) && found.nr_keys > 1) {
		EVP_PKEY_free(pkey);
		return ambiguous(text, "private key", found.nr_keys, err);
	}
	*ret = pkey;
	return 0;
}

static int engine_cert(struct key_token *token, const char *text, const struct key_uri *uri,
		       struct login *login, X509 **ret, struct err *err)
{
	*ret = key_engine_cert(token->engine, uri->path, pin_method(), login);
	return *ret ? 0 : explain(token, text, uri, "certificate", login, ERR_NO_CERT, err);
}

/* If the key of URI wants its PIN for each signature, keep the PIN. */
static int keep_pin(struct key_token *token, const struct key_uri *uri, const struct login *login,
		    struct err *err)
{
	struct key_matches found;
	const char *pin;
	int rc;

	if (!find_matches(token, uri, &found) || !found.always)
		return 0;
	rc = key_secret(KEY_PIN, login->name, login->file, &pin, err);
	if (rc)
		return rc;
	if (token->again && strcmp(token->again, pin))
		return err_set(err, -ENOTSUP,
			       "%s: keys that want their PIN for each signature must have the same "
			       "PIN to sign together",
			       login->name);
	if (!token->again)
		token->again = key_secret_copy(pin);
	return token->again ? 0 : err_nomem(err);
}

typedef int load_key(struct key_token *token, const char *text, const struct key_uri *uri,
		     struct login *login, EVP_PKEY **ret, struct err *err);

/*
 * Several keys match URI: load the one that belongs to WANTED, by its label and id. None: *ret
 * stays NULL.
 */
static void choose_key(struct key_token *token, const struct key_uri *uri, const EVP_PKEY *wanted,
		       load_key *load, struct login *login, EVP_PKEY **ret)
{
	struct key_matches found;

	if (!find_matches(token, uri, &found))
		return;
	for (size_t i = 0; !*ret && i < found.nr_keys && i < KEY_NAMES_MAX; i++) {
		_cleanup_(key_uri_free) struct key_uri one = {0};
		EVP_PKEY *pkey = NULL;
		struct err ignored;

		if (key_uri_read(found.names[i].key, &one, &ignored) ||
		    load(token, found.names[i].key, &one, login, &pkey, &ignored))
			continue;
		if (EVP_PKEY_eq(pkey, wanted) == 1)
			*ret = pkey;
		else
			EVP_PKEY_free(pkey);
	}
	ERR_clear_error();
}

void key_token_failed(struct key_token *token)
{
	if (!token)
		return;
	key_secret_drop(token->again);
	token->again = NULL;
}

int key_token_key(const char *uri, const char *module, const EVP_PKEY *wanted,
		  struct key_token **ret_token, EVP_PKEY **ret_key, struct err *err)
{
	_cleanup_(key_token_put_p) struct key_token *token = NULL;
	_cleanup_(key_uri_free) struct key_uri parts = {0};
	struct login login = {.err = err};
	EVP_PKEY *pkey = NULL;
	load_key *load;
	int rc = key_uri_read(uri, &parts, err);

	if (rc)
		return rc;
	rc = get_token(&parts, module, &token, err);
	if (rc)
		return err_prefix(err, "%s", uri);
	login.name = parts.token ?: "the token";
	login.file = parts.pin_source;
	load = token->engine ? engine_key : provider_key;
	rc = load(token, uri, &parts, &login, &pkey, err);
	if (rc == -ENOTUNIQ && wanted) {
		choose_key(token, &parts, wanted, load, &login, &pkey);
		rc = pkey ? 0 : rc;
	}
	if (!rc)
		rc = keep_pin(token, &parts, &login, err);
	if (rc) {
		EVP_PKEY_free(pkey);
		return rc;
	}
	*ret_token = take_ptr(token);
	*ret_key = pkey;
	return 0;
}

/* Copy X509 into OpenSSL's default context, where it outlives the token's. */
static int copy_cert(const X509 *x509, X509 **ret, struct err *err)
{
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);
	const unsigned char *at = der;

	*ret = size > 0 ? d2i_X509(NULL, &at, size) : NULL;
	OPENSSL_free(der);
	return *ret ? 0 : ossl_error(err, -ENOMEM, "cannot read the token's certificate");
}

typedef int load_cert(struct key_token *token, const char *text, const struct key_uri *uri,
		      struct login *login, X509 **ret, struct err *err);

/*
 * Load the certificate that has the id of a private key that URI names. No such one: *ret stays
 * NULL.
 */
static void cert_by_id(struct key_token *token, const char *text, const struct key_uri *uri,
		       struct login *login, X509 **ret)
{
	load_cert *load = token->engine ? engine_cert : provider_cert;
	load_key *log_in = token->engine ? engine_key : provider_key;
	struct key_matches found;
	EVP_PKEY *pkey = NULL;
	struct err ignored;

	/* private keys are visible only after a login */
	log_in(token, text, uri, login, &pkey, &ignored);
	EVP_PKEY_free(pkey);
	if (login->rc || !find_matches(token, uri, &found))
		return;
	for (size_t i = 0; !*ret && i < found.nr_keys && i < KEY_NAMES_MAX; i++) {
		_cleanup_(key_uri_free) struct key_uri one = {0};

		if (*found.names[i].cert && !key_uri_read(found.names[i].cert, &one, &ignored) &&
		    load(token, found.names[i].cert, &one, login, ret, &ignored))
			*ret = NULL;
	}
	ERR_clear_error();
}

int key_token_cert(const char *uri, const char *module, bool of_key, X509 **ret, struct err *err)
{
	_cleanup_(key_token_put_p) struct key_token *token = NULL;
	_cleanup_(key_uri_free) struct key_uri parts = {0};
	_cleanup_(X509_free_p) X509 *x509 = NULL;
	struct login login = {.err = err};
	struct err other;
	int rc = key_uri_read(uri, &parts, err);

	if (rc)
		return rc;
	rc = get_token(&parts, module, &token, err);
	if (rc)
		return err_prefix(err, "%s", uri);
	login.name = parts.token ?: "the token";
	login.file = parts.pin_source;
	rc = (token->engine ? engine_cert : provider_cert)(token, uri, &parts, &login, &x509, err);
	if (rc == ERR_NO_CERT && of_key) {
		login.err = &other;
		cert_by_id(token, uri, &parts, &login, &x509);
		rc = x509 ? 0 : rc;
	}
	if (!rc)
		rc = copy_cert(x509, ret, err);
	return rc;
}
