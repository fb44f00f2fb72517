// SPDX-License-Identifier: BSD-2-Clause
#include "base/utf8.h"

#include <string.h>

#include "base/util.h"

size_t utf8_size(const uint8_t *text, size_t size)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t wanted;

	if (!size)
		return 0;
	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	wanted = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		low = 0xa0;
	if (text[0] == 0xed)
		high = 0x9f;
	if (text[0] == 0xf0)
		low = 0x90;
	if (text[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < wanted; i++, low = 0x80, high = 0xbf) {
		if (i == size || text[i] < low || text[i] > high)
			return 0;
	}
	return wanted;
}

/* The number of the character of SIZE bytes at TEXT. */
static uint32_t number(const uint8_t *text, size_t size)
{
	uint32_t number = size == 1 ? text[0] : text[0] & (0x7fu >> size);

	for (size_t i = 1; i < size; i++)
		number = number << 6 | (text[i] & 0x3f);
	return number;
}

size_t utf8_printable(const uint8_t *text, size_t size)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x0, 0x1f},	  {0x7f, 0x9f},	      {0xad, 0xad},	  {0x34f, 0x34f},
		{0x61c, 0x61c},	  {0x70f, 0x70f},     {0x115f, 0x1160},	  {0x17b4, 0x17b5},
		{0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},	  {0x2060, 0x206f},
		{0x3164, 0x3164}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},	  {0xfff0, 0xfffb},
		{0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};
	const size_t own = utf8_size(text, size);
	const uint32_t character = own ? number(text, own) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (character >= hidden[i].first && character <= hidden[i].last)
			return 0;
	}
	return own;
}

void utf8_trim(char *text)
{
	const size_t size = strlen(text);
	size_t last = size;

	while (last && size - last < 4 && (text[last] & 0xc0) != 0xc0)
		last--;
	if ((text[last] & 0xc0) == 0xc0 && !utf8_size((uint8_t *)text + last, size - last))
		text[last] = '\0';
}
