// SPDX-License-Identifier: BSD-2-Clause
/* The header for an object, with the text of lskel_form_skel.c. */
#include <errno.h>
#include <string.h>

#include "lskel/lskel.h"
#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"
#include "members.h"

/* Names come from an object, which may be hostile: they must not be other C code. */
static int check_ident(const char *what, const char *name, struct err *err)
{
	char text[64];

	if (members_is_name(view_str(name)))
		return 0;
	return err_set(err, -EBADMSG, "%s '%s' is not a C identifier", what,
		       err_escape(text, sizeof(text), name, strlen(name)));
}

static int check_idents(const struct skel *skel, struct err *err)
{
	int rc = check_ident("the object's name", skel->name, err);

	for (size_t i = 0; !rc && i < skel->nr_progs; i++) {
		rc = check_ident("program", skel->progs[i].ident, err);
		if (!rc)
			rc = skel_check_target(&skel->progs[i], err);
	}
	for (size_t i = 0; !rc && i < skel->nr_maps; i++) {
		rc = check_ident("map", skel->maps[i].ident, err);
		for (size_t j = 0; !rc && j < skel->maps[i].nr_vars; j++)
			rc = check_ident("variable", skel->maps[i].vars[j].ident, err);
	}
	if (!rc && !skel->nr_progs && !skel->nr_maps)
		rc = err_set(err, -ENOTSUP, "contains neither maps nor a program to load");
	return rc;
}

/* TEXT, a name or declarations, must not be of C++ alone: programs in C++ include the header, too.
 */
static int check_cpp(const char *what, struct view text, const char *remedy, struct err *err)
{
	struct view word = members_find_cpp(text);

	return word.size
		       ? err_set(err, -EBADMSG,
				 "%s '%.*s' is a keyword of C++, which would not compile the header: "
				 "%s, or sign with --runtime libbpf",
				 what, (int)word.size, (const char *)word.data, remedy)
		       : 0;
}

static int check_all_cpp(const struct skel *skel, struct err *err)
{
	static const char rename[] = "rename it";
	int rc = check_cpp("the object's name", view_str(skel->name),
			   "choose another one with --name=NAME", err);

	for (size_t i = 0; !rc && i < skel->nr_progs; i++)
		rc = check_cpp("program", view_str(skel->progs[i].ident), rename, err);
	for (size_t i = 0; !rc && i < skel->nr_maps; i++) {
		rc = check_cpp("map", view_str(skel->maps[i].ident), rename, err);
		if (!rc)
			rc = check_cpp("variable or type", buf_view(&skel->maps[i].members), rename,
				       err);
	}
	return rc;
}

int lskel_text(const struct skel *skel, bool is_alone, struct lskel *ret, struct err *err)
{
	struct lskel lskel = {
		.runtime = is_alone ? LSKEL_RUNTIME_EMBEDDED : LSKEL_RUNTIME_LIBBPF,
		.is_alone = is_alone,
		.text = LSKEL_TEXT_RENDERED,
		.style = is_alone ? FORM_STYLE_ALONE : FORM_STYLE_LIBBPF,
	};
	struct skel borrowed = *skel;
	struct form form = {
		.skel = &borrowed, .style = form_styles[lskel.style], .out = &lskel.own};
	struct view text;
	size_t front;

	form_skeleton(&form);
	buf_add_str(&lskel.own_member, "\t" LSKEL_MEMBER "\n");
	buf_add_str(&lskel.own_enforce, "\t" LSKEL_ENFORCE "\n");
	lskel.name = view_strdup(view_str(skel->name));
	if (lskel.own.failed || lskel.own_member.failed || lskel.own_enforce.failed ||
	    !lskel.name || form.err.code) {
		lskel_free(&lskel);
		return err_nomem(err);
	}
	text = buf_view(&lskel.own);
	front = is_alone ? form.front_end : 0;
	lskel.front = view_sub(text, 0, front);
	lskel.head = view_sub(text, front, form.head_end - front);
	lskel.member = buf_view(&lskel.own_member);
	lskel.mid = view_sub(text, form.head_end, form.open_end - form.head_end);
	lskel.enforce = buf_view(&lskel.own_enforce);
	lskel.rest = view_sub(text, form.open_end, form.mid_end - form.open_end);
	lskel.decl = view_sub(text, form.mid_end, form.decl_end - form.mid_end);
	lskel.tail = view_sub(text, form.decl_end, text.size - form.decl_end);
	*ret = lskel;
	return 0;
}

int lskel_new(const struct skel *skel, enum lskel_runtime runtime, struct image *image,
	      struct lskel *ret, struct err *err)
{
	int rc = check_idents(skel, err);

	if (!rc && runtime == LSKEL_RUNTIME_EMBEDDED)
		rc = check_all_cpp(skel, err);
	if (!rc)
		rc = lskel_text(skel, runtime == LSKEL_RUNTIME_EMBEDDED, ret, err);
	if (rc)
		return rc;
	ret->source_skel = skel;
	ret->sealed = skel->sealed;
	ret->image = *image;
	*image = (struct image){0};
	return 0;
}
