// SPDX-License-Identifier: BSD-2-Clause
#include "key/pem.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"

#define BEGIN "-----BEGIN "
#define END   "-----END "
#define TAIL  "-----"

typedef int pem_call(void *arg, const struct pem_item *item, struct err *err);

/* --- DER --- */

#define SEQUENCE   0x30
#define INDEFINITE 0x80
#define LONG_TAG   0x1f
#define NESTED	   0x20

/* The identifier and the length at the beginning of DATA. */
struct header {
	uint8_t tag;
	bool indefinite;
	size_t size;	/* of the header itself */
	size_t content; /* of the content */
};

static bool read_header(struct view data, struct header *ret)
{
	size_t octets;

	if (data.size < 2 || (data.data[0] & LONG_TAG) == LONG_TAG)
		return false;
	*ret = (struct header){.tag = data.data[0], .size = 2, .content = data.data[1]};
	if (ret->content < INDEFINITE)
		return true;
	octets = ret->content - INDEFINITE;
	ret->indefinite = !octets;
	ret->content = 0;
	if (octets > 4 || data.size < 2 + octets)
		return false;
	for (; ret->size < 2 + octets; ret->size++)
		ret->content = ret->content << 8 | data.data[ret->size];
	return true;
}

/* The size of the element at the beginning of DATA; 0: no element, or one that is cut off. */
static size_t element_size(struct view data)
{
	struct header header;
	size_t at = 0, depth = 0;

	do {
		if (!read_header(view_sub(data, at, data.size - at), &header))
			return 0;
		at += header.size;
		if (header.indefinite) {
			if (!(header.tag & NESTED))
				return 0;
			depth++;
		} else if (!header.tag && !header.content && depth) {
			depth--;
		} else if (header.content > data.size - at) {
			return 0;
		}
		at += header.content;
	} while (depth);
	return at;
}

/* No text begins like this: the second byte is neither ASCII nor the first of a UTF-8 character. */
static bool is_der(struct view content)
{
	return content.size >= 2 && content.data[0] == SEQUENCE && content.data[1] >= INDEFINITE &&
	       content.data[1] < 0xc0;
}

static int each_der(struct view content, pem_call *call, void *arg, struct err *err)
{
	size_t at = 0;

	do {
		struct view rest = view_sub(content, at, content.size - at);
		size_t size = is_der(rest) ? element_size(rest) : 0;
		struct pem_item item = {.offset = at};
		int rc;

		if (!size && at)
			return err_at(
				err, -EBADMSG, at,
				"%zu bytes follow the certificate: expected another certificate "
				"in DER, or the end of the file",
				rest.size);
		item.der = view_head(rest, size ?: rest.size);
		item.alone = item.der.size == content.size;
		rc = call(arg, &item, err);
		if (rc)
			return rc;
		at += item.der.size;
	} while (at < content.size);
	return 0;
}

/* --- lines --- */

struct text {
	struct view rest; /* the text after this line */
	struct view line; /* without its end */
	unsigned int number;
	size_t run; /* characters in the present run of lines that are only base64, outside of
		       blocks */
};

static int bad_line(const struct text *text, struct err *err, const char *what)
{
	return err_line(err, -EBADMSG, text->number, "%s", what);
}

/* Refuse control characters but the tab, as in UTF-16, binary files, and lines that end with CR. */
static int check_characters(const struct text *text, struct err *err)
{
	for (size_t i = 0; i < text->line.size; i++) {
		uint8_t c = text->line.data[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return err_line(err, -EBADMSG, text->number,
					"byte 0x%02x in column %zu: expected DER, or PEM text "
					"whose lines end with LF or CR LF",
					c, i + 1);
	}
	if (text->number == 1 && text->line.size >= 3 &&
	    !memcmp(text->line.data, "\xef\xbb\xbf", 3))
		return bad_line(text, err,
				"the file begins with a byte order mark (ef bb bf): remove it");
	return 0;
}

/* Advance to the next line; false: the end of the text. */
static int next_line(struct text *text, bool *ret, struct err *err)
{
	const uint8_t *end;
	size_t size;

	*ret = text->rest.size > 0;
	if (!*ret)
		return 0;
	end = memchr(text->rest.data, '\n', text->rest.size);
	size = end ? (size_t)(end - text->rest.data) : text->rest.size;
	text->line = view_head(text->rest, size);
	text->rest = view_sub(text->rest, size + !!end, text->rest.size - size - !!end);
	if (end && size && text->line.data[size - 1] == '\r')
		text->line.size--;
	text->number++;
	return check_characters(text, err);
}

static bool starts_with(struct view line, const char *text)
{
	return line.size >= strlen(text) && !memcmp(line.data, text, strlen(text));
}

/*
 * A label consists of printable characters except the hyphen, and has no space at either end (RFC
 * 7468 3).
 */
static bool is_label(struct view label)
{
	if (!label.size || label.data[0] == ' ' || label.data[label.size - 1] == ' ')
		return false;
	for (size_t i = 0; i < label.size; i++) {
		if (label.data[i] < ' ' || label.data[i] > '~' || label.data[i] == '-')
			return false;
	}
	return true;
}

/* Whether LINE is HEAD, a label and five hyphens, and nothing else. */
static bool read_marker(struct view line, const char *head, struct view *ret_label)
{
	size_t around = strlen(head) + strlen(TAIL);
	struct view label;

	if (!starts_with(line, head) || line.size <= around ||
	    memcmp(line.data + line.size - strlen(TAIL), TAIL, strlen(TAIL)) != 0)
		return false;
	label = view_sub(line, strlen(head), line.size - around);
	if (!is_label(label))
		return false;
	*ret_label = label;
	return true;
}

/* --- base64 --- */

static int sextet(uint8_t c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

struct base64 {
	struct buf bytes;
	unsigned int bits, nr; /* the sextets of an incomplete group, and how many */
	unsigned int padding;
};

static void free_base64(struct base64 *base64)
{
	buf_free(&base64->bytes);
}

/* Decode a line of a block. False: not base64. */
static bool add_base64(struct base64 *base64, struct view line)
{
	for (size_t i = 0; i < line.size; i++) {
		int value = sextet(line.data[i]);

		if (line.data[i] == '=') {
			if (++base64->padding > 2)
				return false;
			continue;
		}
		if (value < 0 || base64->padding)
			return false;
		base64->bits = base64->bits << 6 | (unsigned int)value;
		if (++base64->nr < 4)
			continue;
		buf_add(&base64->bytes,
			(uint8_t[]){(uint8_t)(base64->bits >> 16), (uint8_t)(base64->bits >> 8),
				    (uint8_t)base64->bits},
			3);
		base64->bits = base64->nr = 0;
	}
	return line.size > 0;
}

/* Finish the last group, which must be padded with '=' and have no unused bits set. */
static bool end_base64(struct base64 *base64)
{
	if (!base64->nr)
		return !base64->padding;
	if (base64->nr + base64->padding != 4)
		return false;
	base64->bits <<= 6 * base64->padding;
	if (base64->bits & ((1u << 8 * base64->padding) - 1))
		return false;
	buf_add(&base64->bytes,
		(uint8_t[]){(uint8_t)(base64->bits >> 16), (uint8_t)(base64->bits >> 8)},
		3 - base64->padding);
	return true;
}

/* --- comments --- */

/*
 * A line of only base64 that is this long is taken for part of a block, unless it is hex (a
 * fingerprint).
 */
#define BASE64_LINE_MIN 40
/* So are this many characters within a line, as in YAML and XML, or in several short lines. */
#define BASE64_RUN_MIN	64
/* Shorter lines are words, and are not counted. */
#define BASE64_SHORT	8

/* The number of characters in LINE if it is only base64, perhaps quoted, and not hex; else 0. */
static size_t base64_size(struct view line)
{
	bool hex = true;
	size_t at = 0, size, begin;

	while (at < line.size && strchr(" \t#>;|*", line.data[at]))
		at++;
	for (size = line.size; size > at && strchr(" \t=", line.data[size - 1]);)
		size--;
	for (begin = at; at < size; at++) {
		if (sextet(line.data[at]) < 0)
			return 0;
		hex = hex && isxdigit(line.data[at]);
	}
	return hex ? 0 : size - begin;
}

static bool has_base64_word(struct view line)
{
	size_t size = 0;
	bool hex = true;

	for (size_t at = 0; at < line.size; at++) {
		bool inside = sextet(line.data[at]) >= 0;

		size = inside ? size + 1 : 0;
		hex = !inside || (hex && isxdigit(line.data[at]));
		if (size >= BASE64_RUN_MIN && !hex)
			return true;
	}
	return false;
}

static bool is_base64(struct text *text)
{
	size_t size = base64_size(text->line);

	text->run = size < BASE64_SHORT ? 0 : text->run + size;
	return size >= BASE64_LINE_MIN || text->run >= BASE64_RUN_MIN ||
	       has_base64_word(text->line);
}

/*
 * Copy the words of LINE in capitals, each after one space, to DST, which has ROOM bytes. Returns
 * the length of the longest run of hyphens.
 */
static size_t words_of(struct view line, char *dst, size_t room)
{
	size_t nr = 0, run = 0, longest = 0;
	bool inside = false;

	for (size_t i = 0; i < line.size; i++) {
		const uint8_t c = line.data[i];

		run = c == '-' ? run + 1 : 0;
		longest = run > longest ? run : longest;
		if (isalnum(c) && !inside && nr < room - 1)
			dst[nr++] = ' ';
		inside = isalnum(c);
		if (inside && nr < room - 1)
			dst[nr++] = (char)toupper(c);
	}
	dst[nr] = '\0';
	return longest;
}

static bool has_any(const char *text, const char *const *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (strstr(text, list[i]))
			return true;
	}
	return false;
}

/*
 * Whether LINE may be a damaged marker: it has three hyphens and a word of a marker, or four and
 * any word, or a phrase of a marker.
 */
static bool resembles_marker(struct view line)
{
	static const char *const words[] = {"BEGIN", "END", "CERT", "X509", "CRL", "KEY"};
	static const char *const phrases[] = {
		" BEGIN CERT",	  " BEGINCERT",	  " END CERT",	 " ENDCERT",
		" BEGIN TRUSTED", " END TRUSTED", " BEGIN X509", " END X509",
	};
	char text[256];
	size_t hyphens = words_of(line, text, sizeof(text));

	return (hyphens >= 4 && *text) ||
	       (hyphens >= 3 && has_any(text, words, ARRAY_SIZE(words))) ||
	       has_any(text, phrases, ARRAY_SIZE(phrases));
}

static int check_comment(struct text *text, struct err *err)
{
	struct view label;

	if (read_marker(text->line, END, &label))
		return bad_line(text, err, "the end of a block without its beginning");
	if (resembles_marker(text->line))
		return bad_line(text, err,
				"this line resembles the marker of a block: expected exactly "
				"-----BEGIN CERTIFICATE-----");
	if (is_base64(text))
		return bad_line(text, err,
				"base64 outside of a block: expected -----BEGIN "
				"CERTIFICATE----- before it");
	return 0;
}

/* --- blocks --- */

static enum pem_kind kind_of(struct view label)
{
	if (view_equal(label, view_lit("CERTIFICATE")) ||
	    view_equal(label, view_lit("X509 CERTIFICATE")))
		return PEM_CERTIFICATE;
	return view_equal(label, view_lit("TRUSTED CERTIFICATE")) ? PEM_TRUSTED : PEM_OTHER;
}

/* One line within the block of ITEM. */
static int read_line(const struct text *text, const struct pem_item *item, struct base64 *base64,
		     struct err *err)
{
	if (item->kind == PEM_OTHER) {
		if (resembles_marker(text->line))
			return bad_line(text, err,
					"this line resembles the end of the block: expected "
					"exactly -----END CERTIFICATE-----");
		return 0;
	}
	return add_base64(base64, text->line)
		       ? 0
		       : bad_line(text, err,
				  "the certificate's block is damaged: expected base64 or -----END "
				  "CERTIFICATE-----");
}

/* The bytes of a certificate's block are one certificate. */
static int check_block(const struct pem_item *item, struct err *err)
{
	size_t size = is_der(item->der) ? element_size(item->der) : 0;

	if (!size)
		return err_line(err, -EBADMSG, item->line,
				"the block is damaged: its %zu bytes are not a DER element",
				item->der.size);
	if (size != item->der.size && item->kind != PEM_TRUSTED)
		return err_line(err, -EBADMSG, item->line,
				"%zu bytes follow the certificate in its block: expected one "
				"certificate per block",
				item->der.size - size);
	return 0;
}

/* Read a block from the line after its first marker to its last. */
static int read_block(struct text *text, struct view label, pem_call *call, void *arg,
		      struct err *err)
{
	_cleanup_(free_base64) struct base64 base64 = {.nr = 0};
	struct pem_item item = {.kind = kind_of(label), .label = label, .line = text->number};
	struct view end;
	bool more;
	int rc;

	for (;;) {
		rc = next_line(text, &more, err);
		if (rc)
			return rc;
		if (!more)
			return err_line(err, -EBADMSG, item.line, "the block has no end marker");
		if (read_marker(text->line, END, &end))
			break;
		rc = read_line(text, &item, &base64, err);
		if (rc)
			return rc;
	}
	if (!view_equal(end, label))
		return bad_line(text, err,
				"the label at the end of the block differs from that at its "
				"beginning");
	if (item.kind == PEM_OTHER)
		return call(arg, &item, err);
	if (!end_base64(&base64))
		return bad_line(text, err,
				"the certificate's block is damaged: its base64 is cut off");
	rc = buf_done(&base64.bytes, err);
	item.der = buf_view(&base64.bytes);
	if (!rc)
		rc = check_block(&item, err);
	return rc ?: call(arg, &item, err);
}

static int each_block(struct view content, pem_call *call, void *arg, struct err *err)
{
	struct text text = {.rest = content};
	bool any = false, more;
	struct view label;
	int rc;

	for (;;) {
		rc = next_line(&text, &more, err);
		if (rc || !more)
			break;
		if (read_marker(text.line, BEGIN, &label)) {
			any = true;
			rc = read_block(&text, label, call, arg, err);
		} else {
			rc = check_comment(&text, err);
		}
		if (rc)
			break;
	}
	if (!rc && !any)
		return err_set(
			err, ERR_NO_CERT,
			"contains no certificate: expected PEM (-----BEGIN CERTIFICATE-----) or "
			"DER");
	return rc;
}

int pem_each(struct view content, pem_call *call, void *arg, struct err *err)
{
	if (!content.size)
		return err_set(err, ERR_NO_CERT, "contains no certificate: the file is empty");
	return is_der(content) ? each_der(content, call, arg, err)
			       : each_block(content, call, arg, err);
}
