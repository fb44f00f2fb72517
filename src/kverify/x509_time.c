// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/asymmetric_keys/x509_cert_parser.c: x509_decode_time() */
#include "kverify/x509.h"

#include <errno.h>

/* Read two digits at *TEXT as a number; -1: not digits. */
static int two_digits(const uint8_t **text)
{
	unsigned int tens = (unsigned int)(*text)[0] - '0', ones = (unsigned int)(*text)[1] - '0';

	*text += 2;
	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Years up to 2049 must be in UTCTime, later ones in GeneralizedTime; -1: not a year. */
static int read_year(uint8_t tag, const uint8_t **text)
{
	int high, low = two_digits(text);

	if (tag == BER_UTC_TIME)
		return low < 0 ? -1 : low + (low >= 50 ? 1900 : 2000);
	high = low;
	low = two_digits(text);
	return low < 0 || high * 100 + low < 2050 ? -1 : high * 100 + low;
}

int x509_read_time(struct ber *ber, time_t *ret)
{
	struct view value = ber_value(ber);
	const uint8_t *text = value.data;
	uint8_t tag = ber_tag(ber);
	int year, field[5]; /* month, day, hour, minute, second */
	/* 24:00:00 and leap seconds are accepted. */
	static const int limit[] = {12, 31, 24, 59, 60};

	if (!(tag == BER_UTC_TIME && value.size == 13) &&
	    !(tag == BER_GENERALIZED_TIME && value.size == 15))
		goto bad;
	year = read_year(tag, &text);
	for (int i = 0; i < 5; i++) {
		field[i] = two_digits(&text);
		if (field[i] < 0 || field[i] > limit[i])
			goto bad;
	}
	if (*text != 'Z' || year < 1970 || field[0] < 1 || field[1] < 1 ||
	    field[1] > days_in(year, field[0]))
		goto bad;
	*ret = timegm(&(struct tm){
		.tm_year = year - 1900,
		.tm_mon = field[0] - 1,
		.tm_mday = field[1],
		.tm_hour = field[2],
		.tm_min = field[3],
		.tm_sec = field[4],
	});
	return 0;
bad:
	return kv_refuse(
		ber->answer, -EBADMSG,
		"a time in the %s is malformed: expected YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ from "
		"2050 on",
		ber->what);
}
