// SPDX-License-Identifier: BSD-2-Clause
#include "ossl.h"

int ossl_error(struct err *err, int code, const char *what)
{
	unsigned long first = ERR_peek_error();
	const char *reason = first ? ERR_reason_error_string(first) : NULL;

	ERR_clear_error();
	return err_set(err, code, "%s: %s", what, reason ? reason : "OpenSSL gave no reason");
}
