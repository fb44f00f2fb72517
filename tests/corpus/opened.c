// SPDX-License-Identifier: BSD-2-Clause
/*
 * opened - what libbpf says of a BPF object that it has opened, not loaded: opened OBJECT NAME
 *
 * Prints for each map "map NAME TYPE KEY VALUE MAX FLAGS CONTENTS", for each program that would be
 * loaded "prog NAME TYPE INSTRUCTIONS". Types are numbers, CONTENTS hexadecimal digits or "-".
 * Status 4 if libbpf cannot open it.
 */
#include <bpf/libbpf.h>
#include <stdio.h>

static void print_map(struct bpf_map *map)
{
	size_t size = 0;
	const unsigned char *value = bpf_map__initial_value(map, &size);

	printf("map %s %u %u %u %u %u ", bpf_map__name(map), bpf_map__type(map),
	       bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map),
	       bpf_map__map_flags(map));
	for (size_t i = 0; value && i < size; i++)
		printf("%02x", value[i]);
	puts(value && size ? "" : "-");
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct bpf_program *prog;
	struct bpf_object *object;
	struct bpf_map *map;

	if (argc != 3)
		return 2;
	opts.object_name = argv[2];
	libbpf_set_print(NULL);
	object = bpf_object__open_file(argv[1], &opts);
	if (libbpf_get_error(object))
		return 4;
	bpf_object__for_each_map(map, object) print_map(map);
	bpf_object__for_each_program(prog, object)
	{
		if (bpf_program__autoload(prog))
			printf("prog %s %u %zu\n", bpf_program__name(prog), bpf_program__type(prog),
			       bpf_program__insn_cnt(prog));
	}
	bpf_object__close(object);
	return 0;
}
