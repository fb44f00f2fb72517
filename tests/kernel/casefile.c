// SPDX-License-Identifier: BSD-2-Clause
#include "casefile.h"

#include <errno.h>
#include <string.h>

static void pad(struct buf *file)
{
	if (file->size % CASE_ALIGN)
		buf_space(file, CASE_ALIGN - file->size % CASE_ALIGN);
}

static void add_part(struct buf *file, const void *data, size_t size)
{
	buf_add(file, data, size);
	pad(file);
}

static void add_cert(struct buf *file, struct view cert)
{
	uint32_t size = (uint32_t)cert.size;

	buf_add(file, &size, sizeof(size));
	buf_add_view(file, cert);
	pad(file);
}

void casefile_add(struct buf *file, const struct load_case *test)
{
	struct case_file start = {.magic = CASE_MAGIC};
	struct case_head head = {
		.id = test->id,
		.flags = test->flags,
		.keyring = test->keyring,
		.insns_size = (uint32_t)test->insns.size,
		.signature_size = (uint32_t)test->signature.size,
		.fd_array_cnt = test->fd_array_cnt,
		.nr_chain = test->nr_chain,
		.nr_maps = test->nr_maps,
		.nr_certs = test->nr_certs,
	};
	size_t offset;

	if (!file->size)
		buf_add(file, &start, sizeof(start));
	memcpy(head.excl_hash, test->excl_hash, sizeof(head.excl_hash));
	offset = file->size;
	add_part(file, &head, sizeof(head));
	add_part(file, test->insns.data, test->insns.size);
	add_part(file, test->signature.data, test->signature.size);
	add_part(file, test->chain, sizeof(test->chain[0]) * test->nr_chain);
	for (uint32_t i = 0; i < test->nr_maps; i++) {
		buf_add(file, &test->maps[i], sizeof(test->maps[i]));
		add_part(file, test->values[i].data, test->values[i].size);
	}
	for (uint32_t i = 0; i < test->nr_certs; i++)
		add_cert(file, test->certs[i]);
	if (file->failed)
		return;

	head.size = (uint32_t)(file->size - offset);
	memcpy(file->data + offset, &head, sizeof(head));
	memcpy(&start, file->data, sizeof(start));
	start.nr_cases++;
	memcpy(file->data, &start, sizeof(start));
}

/* SIZE bytes at *rest, which moves on by as much and the padding; {NULL, 0} if it is too short. */
static struct view take(struct view *rest, size_t size)
{
	struct view part = view_sub(*rest, 0, size);
	size_t whole = (size + CASE_ALIGN - 1) / CASE_ALIGN * CASE_ALIGN;

	*rest = view_sub(*rest, whole, rest->size - whole);
	return part;
}

static int bad(struct err *err, size_t offset)
{
	return err_at(err, -EBADMSG, offset, "not a case of a case file");
}

static int read_map(struct view *rest, struct load_case *test, uint32_t i)
{
	struct case_map *map = &test->maps[i];
	struct view part;
	uint64_t size;

	if (rest->size < sizeof(*map))
		return -EBADMSG;
	memcpy(map, rest->data, sizeof(*map));
	size = (uint64_t)map->value_size * map->nr_values;
	if (size > rest->size - sizeof(*map))
		return -EBADMSG;
	part = take(rest, sizeof(*map) + size);
	test->values[i] = view_sub(part, sizeof(*map), size);
	return 0;
}

static int read_cert(struct view *rest, struct load_case *test, uint32_t i)
{
	struct view part;
	uint32_t size;

	if (rest->size < sizeof(size))
		return -EBADMSG;
	memcpy(&size, rest->data, sizeof(size));
	if (size > rest->size - sizeof(size))
		return -EBADMSG;
	part = take(rest, sizeof(size) + size);
	test->certs[i] = view_sub(part, sizeof(size), size);
	return 0;
}

static int read_case(struct view rest, const struct case_head *head, struct load_case *ret)
{
	struct load_case test = {
		.id = head->id,
		.flags = head->flags,
		.keyring = head->keyring,
		.fd_array_cnt = head->fd_array_cnt,
		.nr_chain = head->nr_chain,
		.nr_maps = head->nr_maps,
		.nr_certs = head->nr_certs,
	};
	struct view chain;

	if (head->nr_chain > CASE_MAPS_MAX || head->nr_maps > CASE_MAPS_MAX ||
	    head->nr_certs > CASE_CERTS_MAX || head->insns_size > rest.size ||
	    head->signature_size > rest.size)
		return -EBADMSG;
	memcpy(test.excl_hash, head->excl_hash, sizeof(test.excl_hash));
	take(&rest, sizeof(*head));
	test.insns = take(&rest, head->insns_size);
	test.signature = take(&rest, head->signature_size);
	chain = take(&rest, sizeof(test.chain[0]) * head->nr_chain);
	if (head->nr_chain && !chain.data)
		return -EBADMSG;
	if (chain.size)
		memcpy(test.chain, chain.data, chain.size);
	for (uint32_t i = 0; i < test.nr_maps; i++)
		if (read_map(&rest, &test, i))
			return -EBADMSG;
	for (uint32_t i = 0; i < test.nr_certs; i++)
		if (read_cert(&rest, &test, i))
			return -EBADMSG;
	*ret = test;
	return 0;
}

int casefile_next(struct view file, size_t *offset, struct load_case *ret, struct err *err)
{
	struct case_file start;
	struct case_head head;
	struct view rest;

	if (!*offset) {
		if (file.size < sizeof(start))
			return bad(err, 0);
		memcpy(&start, file.data, sizeof(start));
		if (start.magic != CASE_MAGIC)
			return bad(err, 0);
		*offset = sizeof(start);
	}
	if (*offset == file.size)
		return -ENOENT;
	rest = view_sub(file, *offset, file.size - *offset);
	if (rest.size < sizeof(head))
		return bad(err, *offset);
	memcpy(&head, rest.data, sizeof(head));
	if (head.size < sizeof(head) || head.size > rest.size ||
	    read_case(view_sub(rest, 0, head.size), &head, ret))
		return bad(err, *offset);
	*offset += head.size;
	return 0;
}
