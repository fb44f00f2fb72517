// SPDX-License-Identifier: BSD-2-Clause
#include "foreign.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

#define COMPILE_BITCODE "compile without -emit-llvm and -flto, or run llc -march=bpf -filetype=obj"

static const struct kind {
	struct view beginning;
	const char *what, *remedy;
} kinds[] = {
	{view_lit("BC\xc0\xde"), "LLVM bitcode", COMPILE_BITCODE},
	{view_lit("\xde\xc0\x17\x0b"), "LLVM bitcode", COMPILE_BITCODE},
	{view_lit("; ModuleID"), "LLVM bitcode as text", COMPILE_BITCODE},
	{view_lit("!<arch>\n"), "an archive", "take the object out of it with ar x"},
	{view_lit("!<thin>\n"), "an archive", "pass the object that it names"},
	{view_lit("\x1f\x8b"), "compressed", "decompress it with gunzip"},
	{view_lit("\xfd"
		  "7zXZ"),
	 "compressed", "decompress it with unxz"},
	{view_lit("\x28\xb5\x2f\xfd"), "compressed", "decompress it with unzstd"},
};

/* Only ordinary skeletons have this struct, which libbpf reads. */
static bool is_ordinary_skeleton(struct view content)
{
	static const char word[] = "struct bpf_object_skeleton";

	return content.size && memmem(content.data, content.size, word, strlen(word));
}

int foreign_refuse(struct view content, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (view_equal(view_head(content, kind->beginning.size), kind->beginning))
			return err_set(err, -EBADMSG,
				       "is %s, expected a BPF object (ELF), a light skeleton or a "
				       "signed image: %s",
				       kind->what, kind->remedy);
	}
	if (is_ordinary_skeleton(content))
		return err_set(err, -EBADMSG,
			       "is an ordinary skeleton, which has no loader that can be signed: "
			       "pass the object, or make a light skeleton with bpftool gen "
			       "skeleton -L");
	return err_set(err, -EBADMSG,
		       "expected a BPF object (ELF), a light skeleton or a signed image%s",
		       content.size ? "" : ", but the file is empty");
}
