// SPDX-License-Identifier: BSD-2-Clause
/* The load function, from after its opening brace to the call that loads. */
#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"

const struct form_blob_info form_blobs[BLOB_NR] = {
	[BLOB_DATA] = {"data", "opts_data", true, true},
	[BLOB_INSNS] = {"insns", "opts_insn", true, true},
	[BLOB_INSNS_CHECKED] = {"insns_checked", "opts_insn_checked", false, true},
	[BLOB_INSNS_HASH] = {"insns_hash", "opts_insn_hash", false, true},
	[BLOB_SIGNATURE] = {"signature", "opts_sig", true, false},
	[BLOB_CHAIN] = {"sig_chain", "opts_sig_chain", false, true},
	[BLOB_FOLDED] = {"sig_folded", "opts_sig_folded", false, true},
	[BLOB_SIG_INSNS] = {"sig_insns", "opts_sig_insns", false, true},
	[BLOB_SIG_INSNS_HASH] = {"sig_insns_hash", "opts_sig_insns_hash", false, true},
	[BLOB_EXCL_HASH] = {"excl_prog_hash", "opts_excl_hash", true, true},
	[BLOB_EXCL_HASH_CHECKED] = {"excl_prog_hash_checked", "opts_excl_hash_checked", false,
				    true},
	[BLOB_EXCL_HASH_HASH] = {"excl_prog_hash_hash", "opts_excl_hash_hash", false, true},
};

/* Arrays come in the order of enum form_blob. What is passed for signatures: */
static const enum form_blob handed[] = {
	BLOB_SIGNATURE,	     BLOB_CHAIN,	  BLOB_FOLDED,	      BLOB_SIG_INSNS,
	BLOB_SIG_INSNS_HASH, BLOB_EXCL_HASH,	  BLOB_INSNS_CHECKED, BLOB_EXCL_HASH_CHECKED,
	BLOB_INSNS_HASH,     BLOB_EXCL_HASH_HASH,
};

bool form_is_current(const struct form_load *load)
{
	return load && load->is_own && load->revision > FORM_REVISION_0_2;
}

bool form_has_keyring(const struct form_load *load)
{
	return form_is_current(load) || (load && load->is_signed);
}

/* What -Wpedantic says nothing to: long literals, and a struct that is zeroed by {}. */
static const char *extension(const struct form_load *load)
{
	return form_is_current(load) ? "__extension__ " : "";
}

enum image_part form_image_part(enum form_blob blob)
{
	static const enum image_part parts[BLOB_NR] = {
		[BLOB_DATA] = IMAGE_PART_DATA,
		[BLOB_INSNS] = IMAGE_PART_INSNS,
		[BLOB_INSNS_CHECKED] = IMAGE_PART_INSNS_CHECKED,
		[BLOB_INSNS_HASH] = IMAGE_PART_INSNS_HASH,
		[BLOB_SIGNATURE] = IMAGE_PART_NR,
		[BLOB_CHAIN] = IMAGE_PART_SIG + SCHEME_CHAIN,
		[BLOB_FOLDED] = IMAGE_PART_SIG + SCHEME_FOLDED,
		[BLOB_SIG_INSNS] = IMAGE_PART_SIG + SCHEME_INSNS,
		[BLOB_SIG_INSNS_HASH] = IMAGE_PART_SIG + SCHEME_INSNS_HASH,
		[BLOB_EXCL_HASH] = IMAGE_PART_NR,
		[BLOB_EXCL_HASH_CHECKED] = IMAGE_PART_NR,
		[BLOB_EXCL_HASH_HASH] = IMAGE_PART_NR,
	};

	return parts[blob];
}

void form_set_image(struct form_load *load, struct view image, const size_t at[IMAGE_PART_NR])
{
	load->image = image;
	for (enum form_blob blob = 0; blob < BLOB_NR; blob++) {
		const enum image_part part = form_image_part(blob);

		load->at[blob] = part < IMAGE_PART_NR ? at[part] : 0;
	}
}

/* The first blob of the image that begins at FROM or later; BLOB_NR: none does. */
static enum form_blob next_blob(const struct form_load *load, size_t from)
{
	enum form_blob next = BLOB_NR;

	for (enum form_blob blob = 0; blob < BLOB_NR; blob++) {
		if (load->at[blob] >= from && load->at[blob] &&
		    (next == BLOB_NR || load->at[blob] < load->at[next]))
			next = blob;
	}
	return next;
}

/* The literals of the image: one for each part, with a comment that names it, and what is between
 * them. */
static void put_parts(struct form *form)
{
	const struct form_load *load = form->load;
	size_t at = 0;

	while (at < load->image.size) {
		enum form_blob blob = next_blob(load, at);
		size_t end = blob < BLOB_NR ? load->at[blob] : load->image.size;

		form_put(form, "\n\t\t", "");
		form_put_bytes(form, view_sub(load->image, at, end - at));
		at = end;
		if (blob == BLOB_NR)
			continue;
		form_put(form, "\n\t\t/* $ */ ", form_blobs[blob].array);
		form_put_bytes(form, load->blobs[blob]);
		at += load->blobs[blob].size;
	}
}

/* The image, from which the arrays of other headers are taken. */
static void put_image(struct form *form)
{
	form_put(form, "\t__extension__ static const char " LSKEL_IMAGE "[]", "");
	form_put(form, "\n\t\t__attribute__((" LSKEL_IMAGE_ATTRIBUTES ")) =", "");
	if (form->out)
		put_parts(form);
	else
		form_take_bytes(form, NULL);
	form_put(form, ";\n", "");
}

static void put_arrays(struct form *form)
{
	if (form->load->at[BLOB_DATA])
		put_image(form);
	for (enum form_blob blob = 0; blob < BLOB_NR; blob++) {
		struct view bytes = form->load->blobs[blob];

		if (!bytes.data || form->load->at[blob])
			continue;
		form_put(form, "\t$", extension(form->load));
		form_put(form, "static const char $[] __attribute__((__aligned__(8))) = ",
			 form_blobs[blob].array);
		form_put_bytes(form, bytes);
		form_put(form, ";\n", "");
	}
}

/* opts.MEMBER and its size, from the image */
static void put_part(struct form *form, enum form_blob blob)
{
	form_put(form, "\topts.$ = (void *)(" LSKEL_IMAGE " + ", form_blobs[blob].member);
	form_put_number(form, form->load->at[blob]);
	form_put(form, ");\n\topts.$_sz = ", form_blobs[blob].member);
	form_put_number(form, form->load->blobs[blob].size);
	form_put(form, ";\n", "");
}

/* opts.MEMBER and its size, from the image or the array */
static void put_handed(struct form *form, enum form_blob blob)
{
	const char *array = form_blobs[blob].array;

	if (form->load->at[blob]) {
		put_part(form, blob);
		return;
	}
	form_put(form, "\topts.$", form_blobs[blob].member);
	form_put(form, " = (void *)$;\n", array);
	form_put(form, "\topts.$_sz", form_blobs[blob].member);
	form_put(form, " = sizeof($) - 1;\n", array);
}

/* --- what the run-time part does with sections --- */

void form_take_protection(struct form *form, struct skel_map *map)
{
	/* 0, PROT_READ, or PROT_READ | PROT_WRITE */
	map->percpu = form_sees(form, 0, "0");
	map->read_only = form_sees(form, 0, "PROT_READ") && !form_sees(form, 1, "|");
}

static void put_section(struct form *form, size_t i)
{
	struct skel_map *map = &form->skel->maps[i];

	form_put(form, "\t\t{", "");
	form_put_number(form, i);
	form_put(form, ", ", "");
	if (form_reads(form))
		form_take_protection(form, map);
	form_put(form,
		 map->percpu	  ? "0, "
		 : map->read_only ? "PROT_READ, "
				  : "PROT_READ | PROT_WRITE, ",
		 "");
	form_put_number(form, map->value.size);
	form_put(form, ", skel->$},\n", map->ident);
}

static size_t nr_sections(const struct form *form)
{
	size_t nr = 0;

	for (size_t i = 0; i < form->skel->nr_maps; i++)
		nr += form->skel->maps[i].mapped;
	return nr;
}

static void put_sections(struct form *form)
{
	if (!form_is_current(form->load) || !nr_sections(form))
		return;
	form_put(form, "\tconst struct " LSKEL_RUNTIME_SECTION " sections[] = {\n", "");
	for (size_t i = 0; i < form->skel->nr_maps; i++) {
		if (form->skel->maps[i].mapped)
			put_section(form, i);
	}
	form_put(form, "\t};\n", "");
}

/* The sections of a sealed loader that the program can only read are const, and no others. */
static void check_const(struct form *form)
{
	const struct skel *skel = form->skel;

	for (size_t i = 0; i < skel->nr_maps; i++) {
		const struct skel_map *map = &skel->maps[i];

		if (map->mapped &&
		    map->is_const != (skel->sealed && map->read_only && form->style->is_alone))
			form_differs(form, "another set of const sections");
	}
}

static void put_maps(struct form *form)
{
	struct skel *skel = form->skel;

	if (nr_sections(form)) {
		form_put(form, "\topts.sections = sections;\n\topts.nr_sections = ", "");
		form_put_number(form, nr_sections(form));
		form_put(form, ";\n", "");
	}
	if (form_reads(form))
		skel->sealed = form_sees(form, 2, "nr_maps");
	if (skel->sealed && skel->nr_maps) {
		form_put(form, "\topts.nr_maps = ", "");
		form_put_number(form, skel->nr_maps);
		form_put(form, ";\n", "");
	}
	if (form_reads(form))
		check_const(form);
}

static void put_signatures(struct form *form)
{
	const struct form_load *load = form->load;

	for (size_t i = 0; i < ARRAY_SIZE(handed); i++) {
		if (load->blobs[handed[i]].data)
			put_handed(form, handed[i]);
	}
	form_put(form, "\topts.keyring_id = skel->keyring_id;\n", "");
	if (form_is_current(load)) {
		form_put(form,
			 "\topts.enforce = skel->enforce;\n"
			 "\topts.loaded_as = &skel->loaded_as;\n"
			 "\topts.why = &skel->why;\n",
			 "");
		put_maps(form);
	} else if (load->is_own) {
		form_put(form, "\topts.allow_unsigned = skel->allow_unsigned;\n", "");
	}
}

static void put_literal(struct form *form, enum form_blob blob)
{
	struct view bytes = form->load->blobs[blob];

	form_put(form, "\topts.$_sz = ", form_blobs[blob].member);
	form_put_number(form, bytes.size);
	form_put(form, ";\n\topts.$ = (void *)", form_blobs[blob].member);
	form_put_bytes(form, bytes);
	form_put(form, ";\n", "");
}

/* Whose struct is filled, of what type its ctx is, and whose function loads. */
static const struct loads {
	const char *opts, *ctx, *call;
} by_libbpf = {"bpf_load_and_run_opts", "bpf_loader_ctx", "bpf_load_and_run"},
  by_0_2 = {"@" LSKEL_OLD_STRUCT, "bpf_loader_ctx", "@" LSKEL_OLD_CALL},
  by_own = {LSKEL_RUNTIME_STRUCT, LSKEL_RUNTIME_CTX, LSKEL_RUNTIME_CALL};

static const struct loads *loads(const struct form_load *load)
{
	if (!load->is_own)
		return &by_libbpf;
	return form_is_current(load) ? &by_own : &by_0_2;
}

static void put_ctx(struct form *form)
{
	form_put(form, "\topts.ctx = (struct $ *)skel;\n", loads(form->load)->ctx);
}

/* The data, and the instructions of the first form, which every header has. */
static void put_loader(struct form *form)
{
	if (form->load->at[BLOB_DATA]) {
		put_part(form, BLOB_DATA);
		put_part(form, BLOB_INSNS);
		form_put(form, "\n", "");
		return;
	}
	form_put(form,
		 "\topts.data_sz = sizeof(opts_data) - 1;\n"
		 "\topts.data = (void *)opts_data;\n"
		 "\topts.insns_sz = sizeof(opts_insn) - 1;\n"
		 "\topts.insns = (void *)opts_insn;\n\n",
		 "");
}

void form_body(struct form *form)
{
	const struct form_load *load = form->load;

	form_put(form, "\n\t$", extension(load));
	form_put(form, "struct ", "");
	form_put(form, loads(load)->opts, "");
	form_put(form, " opts = {};\n", "");
	put_sections(form);
	form_put(form, "\tint err;\n", "");
	if (load->in_literals) {
		form_put(form, "\n", "");
		put_ctx(form);
		put_literal(form, BLOB_DATA);
		put_literal(form, BLOB_INSNS);
	} else {
		put_arrays(form);
		if (form_has_keyring(load))
			put_signatures(form);
		else if (form->style && form->style->has_blank)
			form_put(form, "\n", "");
		put_ctx(form);
		put_loader(form);
	}
	form_put(form, "\terr = ", "");
	form_put(form, loads(load)->call, "");
	form_put(form, "(&opts);", "");
}
