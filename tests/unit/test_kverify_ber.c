// SPDX-License-Identifier: BSD-2-Clause
/* The BER engine, with the quirks of the kernel's decoder. */
#include "kverify/ber.h"

#include "kvtest.h"

/* What was read: the content of every INTEGER, a letter for every other call. */
static char seen[256];
static size_t seen_size;

static int note(struct ber *ber)
{
	struct view value = ber_value(ber);

	memcpy(seen + seen_size, value.data, value.size);
	seen_size += value.size;
	return 0;
}

static int note_list(struct ber *ber)
{
	seen[seen_size++] = '(';
	note(ber);
	seen[seen_size++] = ')';
	return 0;
}

static int refuse(struct ber *ber)
{
	(void)ber;
	return -EINVAL;
}

static int decode(const struct ber_item *grammar, struct view data)
{
	seen_size = 0;
	memset(seen, 0, sizeof(seen));
	answer = (struct kv_answer){0};
	return ber_decode(grammar, data, "test", NULL, &answer);
}

static const struct ber_item integer[] = {
	BER_LEAF(0, BER_INTEGER, note),
	BER_LAST,
};
static const struct ber_item one[] = {
	BER_LIST(0, BER_SEQUENCE, integer, note_list),
	BER_LAST,
};
static const struct ber_item many[] = {
	BER_LIST(BER_OF, BER_SEQUENCE, integer, NULL),
	BER_LAST,
};
static const struct ber_item anything[] = {
	BER_WHATEVER(0, note),
	BER_LAST,
};
static const struct ber_item any_in_list[] = {
	BER_LIST(0, BER_SEQUENCE, anything, NULL),
	BER_LAST,
};

TEST(an_element_is_given_with_and_without_its_list)
{
	CHECK_INT(decode(one, BYTES("\x30\x03\x02\x01x")), 0);
	CHECK_STR(seen, "x(\x02\x01x)");
}

TEST(lengths_may_be_of_one_or_two_bytes_even_if_fewer_do)
{
	CHECK_INT(decode(one, BYTES("\x30\x81\x05\x02\x82\x00\x01x")), 0);
	CHECK_INT(decode(one, BYTES("\x30\x83\x00\x00\x03\x02\x01x")), -EBADMSG);
	CHECK_STR(answer.reason, "malformed test: length of more than two bytes at offset 1");
}

TEST(indefinite_lengths_are_read)
{
	CHECK_INT(decode(one, BYTES("\x30\x80\x02\x01x\0\0")), 0);
	CHECK_STR(seen, "x(\x02\x01x)");
	CHECK_INT(decode(many, BYTES("\x30\x80\x02\x01x\x02\x01y\0\0")), 0);
	CHECK_STR(seen, "xy");
	CHECK_INT(decode(one, BYTES("\x30\x80\x02\x01x\0\1")), -EBADMSG);
	CHECK_INT(decode(one, BYTES("\x30\x80\x02\x01x\0")), -EBADMSG);
	CHECK_INT(decode(one, BYTES("\x30\x80\x02\x01x")), -EBADMSG);
	CHECK_INT(decode(one, BYTES("\x30\x80\x02\x01x\x02\x01y\0\0")), -EBADMSG);
	/* The end of an outer list may be implied by an inner one's; it is not. */
	CHECK_INT(decode(one, BYTES("\x10\x80\x02\x01x\0\0")), -EBADMSG);
}

TEST(an_indefinite_element_of_any_kind_includes_its_end)
{
	CHECK_INT(decode(any_in_list, BYTES("\x30\x07\x30\x80\x02\x01x\0\0")), 0);
	CHECK_INT((long long)seen_size, 5);
	CHECK_INT(decode(any_in_list, BYTES("\x30\x0b\x30\x80\x31\x80\x02\x01x\0\0\0\0")), 0);
	CHECK_INT((long long)seen_size, 9);
	/* Long tags and lengths are only stepped over in there. */
	CHECK_INT(decode(any_in_list, BYTES("\x30\x0b\x30\x80\x1f\x81\x01\x83\0\0\1x\0\0")),
		  -EBADMSG);
	CHECK_INT(decode(any_in_list, BYTES("\x30\x0c\x30\x80\x1f\x81\x01\x83\0\0\1x\0\0")), 0);
	CHECK_INT(decode(any_in_list, BYTES("\x30\x06\x30\x80\x02\x80\0\0")), -EBADMSG);
	CHECK_INT(decode(any_in_list, BYTES("\x30\x06\x30\x80\x02\x01x\0")), -EBADMSG);
	CHECK_INT(decode(any_in_list, BYTES("\x30\x07\x30\x80\x02\x01x\0\1")), -EBADMSG);
	CHECK_STR(answer.reason, "malformed test: malformed end-of-contents bytes at offset 8");
}

TEST(a_primitive_tag_is_taken_for_a_list_but_not_the_other_way)
{
	CHECK_INT(decode(one, BYTES("\x10\x03\x02\x01x")), 0);
	CHECK_INT(decode(one, BYTES("\x30\x03\x22\x01x")), -EBADMSG);
	CHECK_STR(answer.reason, "malformed test: expected INTEGER at offset 2, found 22");
}

TEST(long_form_tags_are_refused)
{
	CHECK_INT(decode(any_in_list, BYTES("\x30\x04\x1f\x81\x01\x00")), -EBADMSG);
	CHECK_STR(answer.reason, "malformed test: long-form tag at offset 2");
}

TEST(bytes_behind_the_outermost_element_are_ignored)
{
	CHECK_INT(decode(one, BYTES("\x30\x03\x02\x01xgarbage")), 0);
}

TEST(a_list_is_filled_exactly)
{
	CHECK_INT(decode(one, BYTES("\x30\x04\x02\x01x\0")), -EBADMSG);
	CHECK_INT(decode(one, BYTES("\x30\x02\x02\x01x")), -EBADMSG);
	CHECK_INT(decode(many, BYTES("\x30\x00")), -EBADMSG);
	CHECK_INT(decode(many, BYTES("\x30\x06\x02\x01x\x02\x01y")), 0);
	CHECK_STR(seen, "xy");
}

TEST(more_than_65535_bytes_are_too_many)
{
	static uint8_t big[65536] = {0x30, 0x03, 0x02, 0x01, 'x'};

	CHECK_INT(decode(one, view_of(big, 65535)), 0);
	CHECK_INT(decode(one, view_of(big, 65536)), -EMSGSIZE);
}

TEST(what_an_action_says_comes_before_what_follows)
{
	static const struct ber_item inner[] = {
		BER_LEAF(0, BER_INTEGER, refuse),
		BER_LEAF(0, BER_INTEGER, NULL),
		BER_LAST,
	};
	static const struct ber_item grammar[] = {
		BER_LIST(0, BER_SEQUENCE, inner, NULL),
		BER_LAST,
	};

	CHECK_INT(decode(grammar, BYTES("\x30\x05\x02\x01x\xff\xff")), -EINVAL);
	CHECK_INT(decode(grammar, BYTES("\x30\x05\x02\x01x")), -EBADMSG);
}

static const struct ber_item choice[] = {
	BER_LEAF(0, BER_OID, NULL),
	BER_LEAF(BER_OPTIONAL, BER_INTEGER, note),
	BER_LEAF(BER_OR, BER_OCTET_STRING, note),
	BER_MUST_BE_CHOSEN,
	BER_LAST,
};
static const struct ber_item choice_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, choice, NULL),
	BER_LAST,
};

TEST(a_choice_takes_one_of_its_elements)
{
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x06\x06\x01o\x02\x01x")), 0);
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x06\x06\x01o\x04\x01x")), 0);
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x06\x06\x01o\x05\x01x")), -EBADMSG);
	CHECK_STR(answer.reason, "malformed test: none of the expected elements at offset 5");
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x09\x06\x01o\x02\x01x\x04\x01x")), -EBADMSG);
}

TEST(a_choice_at_the_end_of_a_list_may_be_empty)
{
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x03\x06\x01o")), 0);
	/* With an indefinite length there are bytes to look at. */
	CHECK_INT(decode(choice_grammar, BYTES("\x30\x80\x06\x01o\0\0")), -EBADMSG);
}

TEST(every_truncation_is_refused)
{
	struct view whole = BYTES("\x30\x80\x06\x01o\x02\x82\x00\x01x\0\0");

	CHECK_INT(decode(choice_grammar, whole), 0);
	for (size_t size = 0; size < whole.size; size++)
		CHECK_INT(decode(choice_grammar, view_sub(whole, 0, size)), -EBADMSG);
}

UNIT_MAIN
