// SPDX-License-Identifier: BSD-2-Clause
#include "matrix.h"

void be_empty(struct buf *buf)
{
	buf->size = 0;
}

void be_text(struct buf *buf)
{
	be_empty(buf);
	buf_add_str(buf, "not a signature");
}

void cut_one(struct buf *buf)
{
	buf->size--;
}

void cut_half(struct buf *buf)
{
	buf->size /= 2;
}

void add_zeros(struct buf *buf)
{
	buf_space(buf, 16);
}

static void grow_to(struct buf *buf, size_t size)
{
	buf_space(buf, size - buf->size);
}

void grow_to_limit(struct buf *buf)
{
	grow_to(buf, 8192);
}

void grow_over_limit(struct buf *buf)
{
	grow_to(buf, 8193);
}

void grow_to_decoder(struct buf *buf)
{
	grow_to(buf, 65535);
}

void grow_over_decoder(struct buf *buf)
{
	grow_to(buf, 65536);
}

void grow_over_key(struct buf *buf)
{
	grow_to(buf, 1 << 20);
}

void flip_last(struct buf *buf)
{
	buf->data[buf->size - 1] ^= 1;
}
