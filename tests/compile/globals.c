// SPDX-License-Identifier: BSD-2-Clause
/*
 * globals.c - the variables of tests/data/globals.bpf.c are where the header says, on 32 and on 64
 * bits, before the load and after it. Against the stub; prints "right", or what is wrong.
 */
#include HEADER

static int is_right(const struct globals *skel)
{
	return skel->data->total == 1 && skel->data->totals[0] == 2 && skel->data->totals[2] == 0 &&
	       skel->data->before == 3 && skel->data->after == 4 && skel->data->wide == 5 &&
	       skel->data->flag && skel->data->last == 6 && skel->data->ratio > 0.4 &&
	       skel->data->pair.more == 7 && skel->data->pair.inner == 8 &&
	       skel->data->pair.half > 0.2 && skel->data->either.narrow == 9 &&
	       (int)skel->data->size == 1 && skel->rodata->limit == 10 && skel->bss->seen == 0 &&
	       skel->bss->many[sizeof(skel->bss->many) - 1] == 0;
}

int main(void)
{
	struct globals *skel = globals__open();

	if (!skel || !is_right(skel)) {
		printf("wrong before the load\n");
		return 1;
	}
	skel->bss->many[sizeof(skel->bss->many) - 1] = 1;
	skel->bss->many[sizeof(skel->bss->many) - 1] = 0;
	if (globals__load(skel) || globals__attach(skel) || !is_right(skel)) {
		printf("wrong after the load\n");
		return 1;
	}
	globals__destroy(skel);
	printf("right\n");
	return 0;
}
