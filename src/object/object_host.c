// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_host.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/util.h"

#define SYMBOLS_FILE "/proc/kallsyms"
#define CPUS_FILE    "/sys/devices/system/cpu/possible"

#define TEXT_(number) #number
#define TEXT(number)  TEXT_(number)

/* libbpf.c: libbpf_kallsyms_parse() reads so many characters of a name. */
#define SYMBOL_SIZE_MAX 499

/* --- sections of externs --- */

static const struct btf_type *section_type(const struct btf *btf, const char *name)
{
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_DATASEC) : -1;

	return id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
}

/* Variable number I of SECTION, or NULL: it is a function. *ret_name: its name. */
static const struct btf_type *section_var(const struct btf *btf, const struct btf_type *section,
					  unsigned int i, const char **ret_name)
{
	const struct btf_type *type = btf__type_by_id(btf, btf_var_secinfos(section)[i].type);

	*ret_name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	return *ret_name && btf_is_var(type) ? type : NULL;
}

/* --- symbols --- */

/* Whether this thread is given the files below instead of the host's. */
static __thread bool answers;

/* The contents of SYMBOLS_FILE in this thread; none: the host's. */
static __thread struct buf symbols;

/* As a word on a line of SYMBOLS_FILE; libbpf finds no other in there. */
static bool is_symbol(const char *name)
{
	size_t size = 0;

	while (isgraph((unsigned char)name[size]))
		size++;
	return size && size <= SYMBOL_SIZE_MAX && !name[size];
}

int object_host_begin(const struct bpf_object *object, struct err *err)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section = section_type(btf, ".ksyms");
	_buf_ struct buf text = {0};
	const char *name;

	for (unsigned int i = 0; section && i < btf_vlen(section); i++) {
		if (section_var(btf, section, i, &name) && is_symbol(name))
			buf_printf(&text, "0 D %s\n", name);
	}
	if (text.failed)
		return err_nomem(err);
	object_host_end();
	symbols = buf_take(&text);
	answers = true;
	return 0;
}

void object_host_end(void)
{
	answers = false;
	buf_free(&symbols);
}

/*
 * These take the place of the C library's in the whole program, libbpf included: the linker
 * prefers what the program itself defines. libbpf has no other way to be given symbols or a number
 * of processors, and a container need not have the files.
 */
typedef FILE *fopen_function(const char *path, const char *mode);

static FILE *open_file(const char *function, const char *path, const char *mode)
{
	fopen_function *next;

	if (symbols.size && !strcmp(path, SYMBOLS_FILE))
		return fmemopen(symbols.data, symbols.size, "r");
	*(void **)&next = dlsym(RTLD_NEXT, function);
	if (!next) /* a C library that is linked statically */
		errno = ENOSYS;
	return next ? next(path, mode) : NULL;
}

#undef fopen
#undef fopen64

FILE *fopen(const char *path, const char *mode)
{
	return open_file("fopen", path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return open_file("fopen64", path, mode);
}

/* What is read from it is CPUS_FILE of a machine with OBJECT_CPUS_MAX processors. */
static int open_cpus(void)
{
	static const char text[] = "1-" TEXT(OBJECT_CPUS_MAX) "\n";
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	if (write(ends[1], text, sizeof(text) - 1) != sizeof(text) - 1) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static int open_descriptor(const char *path, int flags, va_list args)
{
	if (answers && !strcmp(path, CPUS_FILE))
		return open_cpus();
	return openat(AT_FDCWD, path, flags,
		      flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0);
}

#undef open
#undef open64

int open(const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = open_descriptor(path, flags, args);
	va_end(args);
	return fd;
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = open_descriptor(path, flags | O_LARGEFILE, args);
	va_end(args);
	return fd;
}

/* --- options of the kernel's configuration --- */

static bool is_letter(const char *text)
{
	return (*text == 'y' || *text == 'm' || *text == 'n') && !text[1];
}

/* Zero as the value of an option of type ID. */
static const char *zero_of(const struct btf *btf, uint32_t id)
{
	int plain = btf__resolve_type(btf, id);
	const struct btf_type *type = plain < 0 ? NULL : btf__type_by_id(btf, (uint32_t)plain);

	if (type && btf_is_array(type))
		return "\"\"";
	if (type &&
	    (btf_is_enum(type) || (btf_is_int(type) && btf_int_encoding(type) & BTF_INT_BOOL)))
		return "n";
	return "0";
}

void object_host_options(const struct btf *btf, struct buf *ret)
{
	const struct btf_type *section = section_type(btf, ".kconfig");
	const struct btf_type *type;
	const char *name;

	for (unsigned int i = 0; section && i < btf_vlen(section); i++) {
		type = section_var(btf, section, i, &name);
		if (type && !strncmp(name, "CONFIG_", strlen("CONFIG_")))
			buf_printf(ret, "%s=%s\n", name, zero_of(btf, type->type));
	}
}

/* "6.12.3" as the macro KERNEL_VERSION() of Linux counts it; NULL: no memory. */
static char *version_text(const char *text)
{
	unsigned int major, minor, patch = 0;
	int end = -1;
	char *number;

	if (sscanf(text, "%3u.%3u%n.%5u%n", &major, &minor, &end, &patch, &end) < 2 || text[end] ||
	    text[strspn(text, "0123456789.")] || major > UINT8_MAX || minor > UINT8_MAX)
		return strdup(text);
	patch = patch > UINT8_MAX ? UINT8_MAX : patch;
	return asprintf(&number, "%u", major << 16 | minor << 8 | patch) < 0 ? NULL : number;
}

/* Y, m or n for an option of TYPE, which is no array. */
static char *letter_text(const struct btf *btf, const struct btf_type *type, char letter)
{
	const char *name = btf__name_by_offset(btf, type->name_off);
	char number[8];

	if (btf_is_enum(type) && name && !strcmp(name, "libbpf_tristate"))
		return strdup(letter == 'y' ? "TRI_YES" : letter == 'm' ? "TRI_MODULE" : "TRI_NO");
	if (btf_is_int(type) && btf_int_encoding(type) & BTF_INT_BOOL && letter != 'm')
		return strdup(letter == 'y' ? "true" : "false");
	snprintf(number, sizeof(number), "%d", letter);
	return btf_is_int(type) && type->size == 1 ? strdup(number)
						   : strdup((char[]){letter, '\0'});
}

char *object_host_text(const struct btf *btf, const struct btf_type *type, const char *name,
		       const char *text)
{
	size_t size = strlen(text);

	if (!strcmp(name, "LINUX_KERNEL_VERSION"))
		return version_text(text);
	if (type && btf_is_array(type) && size > 1 && *text == '"' && text[size - 1] == '"')
		return view_strdup(view_of(text + 1, size - 2));
	if (type && !btf_is_array(type) && is_letter(text))
		return letter_text(btf, type, *text);
	return strdup(text);
}

bool object_host_has(const struct btf *btf, uint32_t section)
{
	const struct btf_type *type = section_type(btf, ".kconfig");

	return type && type == btf__type_by_id(btf, section);
}
