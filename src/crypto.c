// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"

#include <errno.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>

#include "ossl.h"

DEFINE_CLEANUP(OPENSSL_INIT_SETTINGS *, OPENSSL_INIT_free)

int crypto_begin_plain(struct err *err)
{
	/* without modules and keys, nothing is left to do at the end: the process frees it all */
	const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT;

	if (OPENSSL_init_crypto(options, NULL) != 1)
		return ossl_error(err, -ENOTSUP, "cannot initialize OpenSSL");
	return 0;
}

int crypto_begin_configured(struct err *err)
{
	_cleanup_(OPENSSL_INIT_free_p) OPENSSL_INIT_SETTINGS *settings = OPENSSL_INIT_new();
	char *file = CONF_get1_default_config_file();
	int rc = 0;

	if (!settings || !file) {
		rc = err_nomem(err);
	} else {
		/* By default OpenSSL ignores a file that cannot be read. */
		OPENSSL_INIT_set_config_file_flags(settings, 0);
		if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, settings) != 1) {
			rc = ossl_error(err, -ENOTSUP, "cannot load OpenSSL's configuration");
			err_prefix(err, "%s", file);
		}
	}
	OPENSSL_free(file);
	return rc;
}

const char *crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
