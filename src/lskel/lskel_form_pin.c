// SPDX-License-Identifier: BSD-2-Clause
/* The functions that pin maps, for those that ask for it (LIBBPF_PIN_BY_NAME). */
#include <string.h>

#include "lskel/lskel_form.h"

/* Whether function NAME__pin() comes next. */
static bool sees_pin(const struct form *form)
{
	struct view name = form_token(form, 3);
	size_t size = strlen(form->skel->name);

	return form_sees(form, 0, "static") && name.size > size &&
	       !memcmp(name.data, form->skel->name, size) &&
	       view_equal(view_sub(name, size, name.size - size), view_lit("__pin"));
}

/* Whether a row of MAP comes next: { "MAP", skel->maps.MAP */
static bool sees_row(const struct form *form, const struct skel_map *map)
{
	return !map->mapped && form_sees(form, 0, "{") && form_sees(form, 7, map->ident);
}

/* The function NAME__WHAT(); when reading, the rows of the FIRST say which maps are pinned. */
static void put_function(struct form *form, const char *what, bool first)
{
	form_put(form, "\nstatic inline int\n@__$(struct @ *skel, const char *dir)\n{\n", what);
	form_put(form, "\tconst struct %pin pins[] = {\n", "");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		struct skel_map *map = &form->skel->maps[i];

		map->pinned |= first && sees_row(form, map);
		if (!map->pinned)
			continue;
		form_put(form, "\t\t{\"$\", ", map->ident);
		form_put(form, "skel->maps.$.map_fd},\n", map->ident);
	}
	if (!skel_has_pins(form->skel))
		form_differs(form, "a map that is pinned");
	form_put(form, "\t};\n\n\treturn %maps_$(pins, sizeof(pins) / sizeof(pins[0]), dir);\n}\n",
		 what);
}

void form_pins(struct form *form)
{
	if (!form->style->is_alone || (form->out ? !skel_has_pins(form->skel) : !sees_pin(form)))
		return;
	put_function(form, "pin", true);
	put_function(form, "unpin", false);
}
