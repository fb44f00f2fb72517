// SPDX-License-Identifier: BSD-2-Clause
/*
 * generate - a loader by the libbpf this is linked with: generate OBJECT NAME OUT [hash]
 *
 * Writes OUT.insns and OUT.data, and what libbpf itself says of the object's maps and programs to
 * OUT.view. "hash" is libbpf's gen_hash, what bpftool's -S asks for. Status 4 if libbpf cannot.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

#if !__GLIBC_PREREQ(2, 38)
/* Static libraries of newer Debians ask glibc 2.38 for these. */
long __isoc23_strtol(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}

unsigned long __isoc23_strtoul(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

unsigned long long __isoc23_strtoull(const char *text, char **end, int base)
{
	return strtoull(text, end, base);
}

int __isoc23_vsscanf(const char *text, const char *fmt, va_list args)
{
	return vsscanf(text, fmt, args);
}

int __isoc23_sscanf(const char *text, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = vsscanf(text, fmt, args);
	va_end(args);
	return rc;
}

int __isoc23_fscanf(FILE *file, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = vfscanf(file, fmt, args);
	va_end(args);
	return rc;
}
#endif

static int write_part(const char *out, const char *part, const void *data, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", out, part);
	file = fopen(path, "wb");
	if (!file)
		return 3;
	if (fwrite(data, 1, size, file) != size) {
		fclose(file);
		return 3;
	}
	return fclose(file) ? 3 : 0;
}

/* Subprograms have no section of their own. */
static bool is_loaded(const struct bpf_program *prog)
{
	return bpf_program__autoload(prog) && strcmp(bpf_program__section_name(prog), ".text");
}

/* Initial values are libbpf's until the object is loaded. */
static void view_values(FILE *out, struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		size_t size = 0;
		const void *value = (void *)bpf_map__initial_value(map, &size);

		view_value(out, bpf_map__name(map), value, bpf_map__is_internal(map) ? size : 0);
	}
}

static void view_rest(FILE *out, struct bpf_object *object)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		view_map(out, bpf_map__is_internal(map) ? "" : bpf_map__name(map),
			 bpf_map__type(map), bpf_map__key_size(map), bpf_map__value_size(map),
			 bpf_map__max_entries(map), bpf_map__map_flags(map));
	bpf_object__for_each_program(prog, object)
	{
		if (is_loaded(prog))
			view_prog(out, bpf_program__name(prog), bpf_program__type(prog),
				  bpf_program__expected_attach_type(prog),
				  bpf_program__insn_cnt(prog), bpf_program__flags(prog));
	}
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts);
	LIBBPF_OPTS(gen_loader_opts, gen);
	struct bpf_object *object;
	struct bpf_map *map;
	char path[4096];
	FILE *view;

	if (argc < 4)
		return 2;
#ifdef HAS_GEN_HASH
	gen.gen_hash = argc > 4;
#endif
	open_opts.object_name = argv[2];
	setenv("LIBBPF_BPF_TOKEN_PATH", "", 1);
	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s.view", argv[3]);
	object = bpf_object__open_file(argv[1], &open_opts);
	if (!object)
		return 4;
	view = fopen(path, "w");
	if (!view)
		return 3;
	bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, NULL);
	view_values(view, object);
	if (bpf_object__gen_loader(object, &gen) || bpf_object__load(object))
		return 4;
	view_rest(view, object);
	return fclose(view) || write_part(argv[3], "insns", gen.insns, gen.insns_sz) ||
			       write_part(argv[3], "data", gen.data, gen.data_sz)
		       ? 3
		       : 0;
}
