/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * analyzer.h - for scripts/lint analyzer. clang's analyzer sees one file at a time; here it is told
 * that what sets an error returns it, so that 0 means that all went well.
 */
#include "base/err.h"
#include "base/os.h"
#include "kverify/answer.h"

#define err_set(...)	(err_set(__VA_ARGS__) ?: -1)
#define err_at(...)	(err_at(__VA_ARGS__) ?: -1)
#define err_line(...)	(err_line(__VA_ARGS__) ?: -1)
#define err_nomem(err)	(err_nomem(err) ?: -1)
#define err_prefix(...) (err_prefix(__VA_ARGS__) ?: -1)
#define os_error(...)	(os_error(__VA_ARGS__) ?: -1)
#define kv_refuse(...)	(kv_refuse(__VA_ARGS__) ?: -1)
