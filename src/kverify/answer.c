// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* include/linux/errno.h: an errno that user space does not define */
#define KERNEL_ENOTSUPP 524

const char *kv_errno_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{0, "0"},
		{EPERM, "EPERM"},
		{ENOENT, "ENOENT"},
		{EINTR, "EINTR"},
		{EIO, "EIO"},
		{E2BIG, "E2BIG"},
		{EBADF, "EBADF"},
		{EAGAIN, "EAGAIN"},
		{ENOMEM, "ENOMEM"},
		{EACCES, "EACCES"},
		{EFAULT, "EFAULT"},
		{EBUSY, "EBUSY"},
		{EEXIST, "EEXIST"},
		{ENODEV, "ENODEV"},
		{ENOTDIR, "ENOTDIR"},
		{EINVAL, "EINVAL"},
		{EFBIG, "EFBIG"},
		{ENOSPC, "ENOSPC"},
		{ERANGE, "ERANGE"},
		{ENAMETOOLONG, "ENAMETOOLONG"},
		{ENOSYS, "ENOSYS"},
		{ENODATA, "ENODATA"},
		{ENOPKG, "ENOPKG"},
		{EBADMSG, "EBADMSG"},
		{EOVERFLOW, "EOVERFLOW"},
		{EMSGSIZE, "EMSGSIZE"},
		{EOPNOTSUPP, "EOPNOTSUPP"},
		{ETIMEDOUT, "ETIMEDOUT"},
		{EDQUOT, "EDQUOT"},
		{ENOKEY, "ENOKEY"},
		{EKEYEXPIRED, "EKEYEXPIRED"},
		{EKEYREVOKED, "EKEYREVOKED"},
		{EKEYREJECTED, "EKEYREJECTED"},
		{KERNEL_ENOTSUPP, "ENOTSUPP"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].code == -code)
			return names[i].name;
	}
	return "unknown errno";
}

int kv_refuse(struct kv_answer *answer, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(answer->reason, sizeof(answer->reason), fmt, args);
	va_end(args);
	utf8_trim(answer->reason);
	return code;
}

void kv_prefix(struct kv_answer *answer, const char *fmt, ...)
{
	char old[sizeof(answer->reason)];
	size_t at;
	va_list args;

	memcpy(old, answer->reason, sizeof(old));
	va_start(args, fmt);
	vsnprintf(answer->reason, sizeof(answer->reason), fmt, args);
	va_end(args);
	at = strlen(answer->reason);
	snprintf(answer->reason + at, sizeof(answer->reason) - at, ": %s", old);
	utf8_trim(answer->reason);
}

int kv_conclude(int ret, struct kv_answer *answer, struct err *err)
{
	if (ret == KV_NO_MEMORY)
		return err_nomem(err);
	if (ret == KV_CANNOT_TELL)
		return err_set(err, -ENOTSUP, "%s", answer->reason);
	answer->code = ret;
	return 0;
}
