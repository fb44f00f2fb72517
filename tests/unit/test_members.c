// SPDX-License-Identifier: BSD-2-Clause
/* Declarations of a struct's members, and all that is not. */
#include "members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static int check(const char *text)
{
	struct err err = {0};
	int rc = members_check(view_str(text), &err);

	CHECK(!rc || (rc == -EBADMSG && err.code == rc && *err.text));
	return rc;
}

TEST(what_libbpf_writes_is_taken)
{
	static const char *const texts[] = {
		"",
		"\t\tint a;\n\t\tchar __pad0[4];\n\t\t__u64 counts[4][16];\n",
		"unsigned long long x;",
		"long unsigned int x; _Bool y; bool z; __int128 unsigned w; _Float16 h;",
		"const volatile int x; struct task_struct *t; union u u; enum kind k;",
		"const char *const *restrict names[3];",
		"struct { int a; struct { char b: 3; long: 61; }; union {} c; } x[2];",
		"struct {\n\tint a;\n} __attribute__((packed)) x;",
		"enum {\n\tA = 0,\n\tB = -1,\n\tC = 18446744073709551615ULL,\n\tD\n} x;",
		"enum { A = 1, } __attribute__((mode(byte))) x;",
		"enum { A = 1, } __attribute__((mode(word))) x;",
		"enum { A = 1, } __attribute__((mode(DI))) x;",
		"int64_t __attribute__((__aligned__(8))) x;",
		"int (*fn)(int, char *, ...); void (*none)(); int (*const volatile list[3])(void);",
		"int (*array)[3]; int (*(*get)(void))[4]; long (*(*f)(int (*)(void)))(struct s *s);",
		"struct node __attribute__((btf_type_tag(\"kptr\"))) *node;",
		"int flexible[];",
		"short int a; int unsigned short b; signed c; unsigned d; long int long e; signed char f;",
		"long double g; double _Complex h; long _Complex double i; float _Complex j; int : 3;",
		"int thread; int attribute; int label; __u32 __int; int class;",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!CHECK_INT(check(texts[i]), 0))
			printf("# %s\n", texts[i]);
	}
}

TEST(anything_else_is_refused)
{
	static const char *const texts[] = {
		/* out of the struct, and into it again */
		"int x; } *rodata; }; __attribute__((constructor)) static void f(void) { } struct b { struct { int y;",
		"int x; }",
		"} x;",
		/* what declares nothing, or has no such type */
		"int;",
		"step;",
		"struct s;",
		"enum e;",
		"enum { A };",
		"int int x;",
		"void void x;",
		"float _Bool x;",
		"long long long x;",
		"short long x;",
		"signed unsigned x;",
		"unsigned double x;",
		"long float x;",
		"long long double x;",
		"_Complex x;",
		"_Complex int x;",
		"unsigned void x;",
		"short char x;",
		"char int x;",
		/* functions, values, expressions */
		"int f(void);",
		"int f(void) { return 0; }",
		"int (f)(void);",
		"int x = 1;",
		"int x: 1 + 1;",
		"int x[sizeof(int)];",
		"int x[010];",
		"int x[A];",
		"int x[-1];",
		"int x: 1 = 2;",
		"int x[({ int y; 1; })];",
		"typeof(1) x;",
		"__typeof__(1) x;",
		"_Alignas(8) int x;",
		"_Atomic(int) x;",
		"_BitInt(8) x;",
		"enum { A = B } x;",
		"enum { A = 'a' } x;",
		"enum { } x;",
		"enum e { A } x;",
		"struct s { int a; } x;",
		/* attributes and directives */
		"int x __attribute__((cleanup(f)));",
		"int __attribute__((constructor)) x;",
		"struct { int a; } __attribute__((packed, cleanup(f))) x;",
		"struct { int a; } __attribute__((aligned(8))) x;",
		"enum { A } __attribute__((mode(SI))) x;",
		"int __attribute__((btf_type_tag(\"a\" \"b\"))) *x;",
		"int __attribute__((btf_type_tag(\"a\\\"\"))) *x;",
		"[[maybe_unused]] int x;",
		"int x asm(\"y\");",
		"#define int\n",
		"int x;\n#include \"/etc/passwd\"\n",
		"%:define int\n",
		"?\?=define int\n",
		"_Pragma(\"pack\") int x;",
		"_Static_assert(1); int x;",
		"__extension__ int x;",
		/* storage, types, comments, bytes */
		"static int x;",
		"extern int x;",
		"typedef int x;",
		"inline int x;",
		"int x /* comment */;",
		"int x; // comment\n",
		"int x; \\\n",
		"int x;\r\n",
		"int \x01x;",
		"int caf\xc3\xa9;",
		"int x$;",
		"int x, y;",
		"struct s int;",
		"int while;",
		"int __asm__;",
		"int 1x;",
		"int x y;",
		"x;;",
		";",
		"int x",
		"int",
		"int *",
		"struct",
		"struct {",
		"struct { int a; }",
		"int (*",
		"int (*x",
		"int (*x)(",
		"int (*x)(int",
		"int (*x)(int;",
		"int (*x)(int,)",
		"int (*x)(..., int);",
		"int (*x)(void)[3];",
		"int (*x)(void) { };",
		"int x[",
		"int x[1",
		"int x[123456789012345678901];",
		"int x:",
		"int x: y;",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!CHECK_INT(check(texts[i]), -EBADMSG))
			printf("# %s\n", texts[i]);
	}
	CHECK_INT(members_check(view_lit("int x;\0"), &(struct err){0}), -EBADMSG);
}

/* COUNT times BEFORE, "int x;", and COUNT times AFTER. */
static int check_nested(size_t count, const char *before, const char *inner, const char *after)
{
	_buf_ struct buf text = {0};

	for (size_t i = 0; i < count; i++)
		buf_add_str(&text, before);
	buf_add_str(&text, inner);
	for (size_t i = 0; i < count; i++)
		buf_add_str(&text, after);
	return check(buf_cstr(&text));
}

TEST(depth_and_size_are_bounded)
{
	CHECK_INT(check_nested(60, "struct {", "int x;", "} y;"), 0);
	CHECK_INT(check_nested(65, "struct {", "int x;", "} y;"), -EBADMSG);
	CHECK_INT(check_nested(1000000, "struct {", "", ""), -EBADMSG);
	CHECK_INT(check_nested(1000000, "int (*", "", ""), -EBADMSG);
	CHECK_INT(check_nested(100000, "int x(*)(", "", ""), -EBADMSG);
	CHECK_INT(check_nested(400000, "char x[1]; ", "", ""), -EBADMSG);
	CHECK_INT(check_nested(300000, "char x[1]; ", "", ""), 0);
}

static int note(struct view name, void *arg, struct err *err)
{
	struct buf *names = arg;

	if (view_equal(name, view_lit("stop")))
		return err_set(err, -ECANCELED, "stopped");
	buf_add_view(names, name);
	buf_add_str(names, " ");
	return 0;
}

TEST(outer_members_are_named)
{
	_buf_ struct buf names = {0};
	struct err err;

	CHECK_INT(members_each(view_lit("int a; struct { int b; } c; int (*d[2])(int e); int: 4; "
					"struct { int f; }; char *g[1];"),
			       note, &names, &err),
		  0);
	CHECK_STR(buf_cstr(&names), "a c d g ");
	CHECK_INT(members_each(view_lit("int stop;"), note, &names, &err), -ECANCELED);
}

/* TEXT becomes WANT, which stays as it is. */
static void check_fixed(const char *text, const char *want)
{
	_buf_ struct buf once = {0}, twice = {0};

	members_put_fixed(view_str(text), &once);
	CHECK_STR(buf_cstr(&once), want);
	members_put_fixed(buf_view(&once), &twice);
	CHECK_STR(buf_cstr(&twice), want);
	CHECK_INT(check(want), 0);
}

#define ALIGNED " __attribute__((__aligned__(8)))"

TEST(types_have_bpfs_size_on_32_bits_too)
{
	check_fixed("\t\tlong x;\n\t\tunsigned  long y[2];\n",
		    "\t\tint64_t x;\n\t\tuint64_t y[2];\n");
	check_fixed("const volatile long unsigned int x;", "const volatile uint64_t x;");
	check_fixed("signed long int *x; long (*f)(long, int);",
		    "int64_t *x; int64_t (*f)(int64_t, int);");
	check_fixed("long long x; unsigned long long y; double d;",
		    "long long x; unsigned long long y; double d;");
	check_fixed("long double x; longer y; int z; unsigned w; _Bool b; bool c;",
		    "long double x; longer y; int z; unsigned w; bool b; bool c;");
	check_fixed("struct { int a; long b; long long c; double d; int e; char *f; } x;",
		    "struct { int a; int64_t" ALIGNED " b; long long" ALIGNED " c; double" ALIGNED
		    " d; int e; char *f; } x;");
	check_fixed("union { int (*f)(long); struct { long a; } b; long double c; } x; long y;",
		    "union { int (*f)(int64_t); struct { int64_t" ALIGNED
		    " a; } b; long double c; } x; int64_t y;");
	check_fixed("enum { A = 1, } __attribute__((mode(word))) word; int mode; word x;",
		    "enum { A = 1, } __attribute__((mode(DI))) word; int mode; word x;");
	check_fixed("", "");
}

TEST(keywords_of_cpp_are_found)
{
	CHECK(view_equal(members_find_cpp(view_lit("int a; struct { int class; } b;")),
			 view_lit("class")));
	CHECK(view_equal(members_find_cpp(view_lit("xor_eq")), view_lit("xor_eq")));
	CHECK(!members_find_cpp(view_lit("int klass, news, this_; bool b;")).size);
	CHECK(!members_find_cpp(view_lit("")).size);
}

TEST(names)
{
	char longest[MEMBERS_NAME_MAX + 1];

	memset(longest, 'a', sizeof(longest));
	CHECK(members_is_name(view_of(longest, MEMBERS_NAME_MAX)));
	CHECK(!members_is_name(view_of(longest, sizeof(longest))));
	CHECK(members_is_name(view_lit("_x1")) && members_is_name(view_lit("thread")));
	CHECK(!members_is_name(view_lit("")) && !members_is_name(view_lit("1x")));
	CHECK(!members_is_name(view_lit("a-b")) && !members_is_name(view_lit("a\0")));
	CHECK(!members_is_name(view_lit("int")) && !members_is_name(view_lit("__asm")));
	CHECK(!members_is_name(view_lit("__attribute__")));
	CHECK(!members_is_name(view_lit("_Static_assert")));
}

UNIT_MAIN
