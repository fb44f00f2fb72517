// SPDX-License-Identifier: BSD-2-Clause
/*
 * values.c - what a program asks for before the load, against the stub: the argument says what.
 * Prints what load() returns, as what it was loaded, and why; UNSEALED: of a header that lets it.
 */
#include HEADER

static int is(const char *what, const char *argument)
{
	return !strcmp(what, argument);
}

int main(int argc, char **argv)
{
	struct typical *skel = typical__open();
	const char *what = argc > 1 ? argv[1] : "";
	int err, other = 5;

	if (!skel)
		return 1;
	/* What is signed is what the program saw first. */
	stub_signed = memcpy(malloc(4096), skel->rodata, sizeof(*skel->rodata));
	if (is(what, "data"))
		skel->data->total = 5;
	if (is(what, "bss"))
		skel->bss->seen = 6;
	if (is(what, "size"))
		skel->maps.counts.max_entries = 7;
	if (is(what, "value"))
		skel->maps.counts.initial_value = (__u64)(uintptr_t)&other;
	if (is(what, "other value"))
		skel->maps.data.initial_value = (__u64)(uintptr_t)&other;
	if (is(what, "no value"))
		skel->maps.data.initial_value = 0;
#ifdef UNSEALED
	if (is(what, "rodata"))
		skel->rodata->step = 8;
#else
	/* The compiler says nothing to this. */
	if (is(what, "rodata"))
		memcpy((void *)(uintptr_t)skel->rodata, &other, sizeof(other));
#endif
	err = typical__load(skel);
	printf("err %d, as %s, %s\n", err, skel->loaded_as ? skel->loaded_as : "nothing",
	       skel->why ? skel->why : "no reason");
	typical__destroy(skel);
	return 0;
}
