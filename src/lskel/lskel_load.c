// SPDX-License-Identifier: BSD-2-Clause
/* The load function: its arrays, the assignments to opts, and the call that loads. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_parse.h"
#include "lskel/lskel_text.h"

#define ARRAYS_MAX 16

/* static const char NAME[] = "..."; or, without a name, an assigned literal. */
struct array {
	struct view name;
	struct buf bytes;
	size_t at;
	bool is_used;
};

struct value {
	struct array *array; /* the bytes; NULL: not assigned */
	size_t at;
	bool has_size;
	uint64_t size;
	size_t size_at;
};

struct load {
	struct parser *p;
	struct array arrays[ARRAYS_MAX];
	size_t nr_arrays;
	struct value values[BLOB_NR];
	struct array *image;	/* the array that is the signed image, or NULL */
	struct image_file file; /* what it says */
	bool has_opts, has_err, has_ctx, has_keyring, is_own;
};

static void load_free(struct load *load)
{
	for (size_t i = 0; i < load->nr_arrays; i++)
		buf_free(&load->arrays[i].bytes);
	image_file_free(&load->file);
}

static struct view token_text(const struct load *load)
{
	return lexer_text(&load->p->lexer, load->p->token);
}

static int load_error(struct load *load, size_t at, const char *what)
{
	return parse_error(load->p, at, what);
}

static struct array *find_array(struct load *load, struct view name)
{
	for (size_t i = 0; i < load->nr_arrays; i++) {
		if (name.size && view_equal(load->arrays[i].name, name))
			return &load->arrays[i];
	}
	return NULL;
}

static int new_array(struct load *load, struct view name, struct array **ret)
{
	struct array *array = &load->arrays[load->nr_arrays];

	if (find_array(load, name))
		return load_error(load, load->p->token.start, "two arrays have this name");
	if (load->nr_arrays == ARRAYS_MAX)
		return load_error(load, load->p->token.start,
				  "the load function has too many arrays");
	*array = (struct array){.name = name, .at = load->p->token.start};
	load->nr_arrays++;
	*ret = array;
	return 0;
}

/* Skip BEFORE, and read the literals after it into SINK; *nr is how many. */
static int read_literals(struct load *load, const char *before, struct buf *sink, size_t *nr)
{
	struct parser *p = load->p;
	int rc;

	p->lexer.sink = sink;
	rc = parse_skip(p, before);
	for (*nr = 0; !rc && p->token.kind == TOKEN_STRING; ++*nr)
		rc = parse_next(p);
	p->lexer.sink = NULL;
	return rc;
}

/* __attribute__((__aligned__(8))), or with aligned. */
static int read_attribute(struct load *load)
{
	struct parser *p = load->p;
	int rc;

	if (!parse_at(p, "__attribute__"))
		return 0;
	rc = parse_skip(p, "__attribute__ ( (");
	if (!rc)
		rc = parse_skip(p, parse_at(p, "aligned") ? "aligned" : "__aligned__");
	return rc ? rc : parse_skip(p, "( 8 ) ) )");
}

/* The array was read: it is the signed image. */
static int read_image(struct load *load, struct array *array)
{
	const struct parser *p = load->p;
	struct err *err = p->lexer.err;
	int rc = image_file_parse(buf_view(&array->bytes), &load->file, err);

	if (!rc && load->file.size != array->bytes.size)
		rc = err_set(err, -EBADMSG, "%zu bytes follow the image",
			     array->bytes.size - load->file.size);
	/* What is not read would be lost when the header is written again. */
	if (!rc && load->file.has_unknown)
		rc = err_set(err, -ENOTSUP, "it has records of a later bpf-chainsign: use that");
	if (rc && rc != -ENOMEM) {
		err_prefix(err, LSKEL_IMAGE);
		err->line = lexer_line(&p->lexer, array->at);
	}
	array->is_used = true;
	load->image = array;
	buf_free(&array->bytes);
	return rc;
}

/* static const char NAME[] ATTRIBUTE = LITERAL; */
static int read_array(struct load *load)
{
	struct parser *p = load->p;
	struct array *array = NULL;
	struct view name;
	bool is_image;
	size_t nr;
	int rc;

	rc = parse_skip(p, "static const char");
	name = token_text(load);
	is_image = load->is_own && p->runtime_conds && parse_at(p, LSKEL_IMAGE);
	if (!rc && p->token.kind != TOKEN_IDENT)
		rc = parse_unexpected(p, "the name of an array");
	if (!rc)
		rc = new_array(load, name, &array);
	if (!rc)
		rc = parse_next(p);
	if (!rc)
		rc = parse_skip(p, "[ ]");
	if (!rc && is_image)
		rc = parse_skip(p,
				"__attribute__ ( ( __aligned__ ( 8 ) , __section__ ( "
				"\".bpf_signed\" ) , __used__ ) )");
	else if (!rc)
		rc = read_attribute(load);
	if (!rc)
		rc = read_literals(load, "=", &array->bytes, &nr);
	if (!rc && !nr)
		rc = parse_unexpected(p, "a string literal");
	if (!rc)
		rc = parse_skip(p, ";");
	if (!rc && is_image)
		rc = read_image(load, array);
	if (rc)
		return rc;
	snprintf(p->after, sizeof(p->after), "%.*s[]", (int)(name.size < 100 ? name.size : 100),
		 (const char *)name.data);
	return 0;
}

/* A decimal, octal or hexadecimal number, perhaps with suffixes. */
static int read_number(struct load *load, uint64_t *ret)
{
	struct view text = token_text(load);
	char digits[32], *end;

	if (load->p->token.kind != TOKEN_NUMBER || text.size >= sizeof(digits))
		return parse_unexpected(load->p, "a number");
	memcpy(digits, text.data, text.size);
	digits[text.size] = '\0';
	errno = 0;
	*ret = strtoull(digits, &end, 0);
	if (errno || end[strspn(end, "uUlL")])
		return parse_unexpected(load->p, "a number");
	return parse_next(load->p);
}

/* N, or sizeof(ARRAY) - 1 */
static int read_size(struct load *load, struct value *value)
{
	struct parser *p = load->p;
	struct array *array = NULL;
	int rc;

	if (value->has_size)
		return load_error(load, p->token.start, "this member is assigned twice");
	value->has_size = true;
	value->size_at = p->token.start;
	if (!parse_at(p, "sizeof"))
		return read_number(load, &value->size);
	rc = parse_skip(p, "sizeof (");
	if (rc)
		return rc;
	array = find_array(load, token_text(load));
	if (!array)
		return parse_unexpected(p, "the name of an array");
	value->size = array->bytes.size;
	rc = parse_next(p);
	return rc ? rc : parse_skip(p, ") - 1");
}

/* (void *)ARRAY, or (void *)LITERAL */
static int read_pointer(struct load *load, struct value *value)
{
	struct parser *p = load->p;
	_buf_ struct buf bytes = {0};
	struct array *array = NULL;
	size_t nr = 0;
	int rc;

	if (value->array)
		return load_error(load, p->token.start, "this member is assigned twice");
	value->at = p->token.start;
	rc = parse_skip(p, "( void *");
	if (!rc)
		rc = read_literals(load, ")", &bytes, &nr);
	if (rc)
		return rc;
	if (nr) {
		rc = new_array(load, (struct view){NULL, 0}, &array);
		if (rc)
			return rc;
		array->bytes = buf_take(&bytes);
		p->lskel.in_literals = true;
	} else {
		array = find_array(load, token_text(load));
		if (!array || array->is_used)
			return parse_unexpected(p, "an unused array");
		rc = parse_next(p);
	}
	array->is_used = true;
	value->array = array;
	return rc;
}

/* Skip to the semicolon that ends the current statement, which is compared later. */
static int skip_statement(struct load *load)
{
	struct parser *p = load->p;
	int rc = 0;

	while (!rc && !parse_at(p, ";")) {
		if (p->token.kind == TOKEN_END || p->token.kind == TOKEN_STRING)
			return parse_unexpected(p, ";");
		rc = parse_next(p);
	}
	return rc;
}

/* Whether BLOB comes from the signed image: then what the text says of it is compared later. */
static bool is_in_image(const struct load *load, enum form_blob blob)
{
	return load->image && form_image_part(blob) < IMAGE_PART_NR;
}

/* Read the value of opts.MEMBER, after the equals sign. */
static int read_blob_member(struct load *load, struct view member)
{
	for (enum form_blob blob = 0; blob < BLOB_NR; blob++) {
		size_t size = strlen(form_blobs[blob].member);

		if (!(load->is_own ? form_blobs[blob].is_own : form_blobs[blob].is_libbpf) ||
		    member.size < size || memcmp(member.data, form_blobs[blob].member, size))
			continue;
		if (is_in_image(load, blob))
			return skip_statement(load);
		if (member.size == size)
			return read_pointer(load, &load->values[blob]);
		if (view_equal(view_sub(member, size, member.size - size), view_lit("_sz")))
			return read_size(load, &load->values[blob]);
	}
	return parse_unexpected(load->p, "a known member of opts");
}

/* Whether our own run-time part has MEMBER, whose value says nothing about the image. */
static bool is_other_member(const struct load *load, struct view member)
{
	static const char *const now[] = {"enforce",  "loaded_as",   "why",
					  "sections", "nr_sections", "nr_maps"};

	if (!load->is_own)
		return false;
	if (!load->p->runtime_conds)
		return view_equal(member, view_lit("allow_unsigned"));
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		if (view_equal(member, view_str(now[i])))
			return true;
	}
	return false;
}

/* opts.MEMBER = VALUE; */
static int read_assignment(struct load *load)
{
	struct parser *p = load->p;
	struct view member;
	bool *seen = NULL;
	int rc;

	rc = parse_skip(p, "opts .");
	member = token_text(load);
	if (!rc && is_other_member(load, member)) {
		rc = skip_statement(load);
		return rc ? rc : parse_next(p);
	}
	if (view_equal(member, view_lit("ctx")))
		seen = &load->has_ctx;
	else if (view_equal(member, view_lit("keyring_id")))
		seen = &load->has_keyring;
	if (seen && *seen)
		return load_error(load, p->token.start, "this member is assigned twice");
	if (!rc)
		rc = parse_next(p);
	if (!rc)
		rc = parse_skip(p, "=");
	if (rc)
		return rc;
	if (!seen)
		rc = read_blob_member(load, member);
	else if (seen == &load->has_ctx)
		rc = parse_skip(p, load->is_own && p->runtime_conds
					   ? "( struct " LSKEL_RUNTIME_CTX " * ) skel"
					   : "( struct bpf_loader_ctx * ) skel");
	else
		rc = parse_skip(p, "skel -> keyring_id");
	if (seen)
		*seen = true;
	return rc ? rc : parse_skip(p, ";");
}

/* struct bpf_load_and_run_opts opts = {}; or this tool's own struct. */
static int read_opts(struct load *load)
{
	struct parser *p = load->p;
	int rc = parse_skip(p, "struct");

	if (rc)
		return rc;
	load->is_own = parse_is_runtime(p, LSKEL_RUNTIME_STRUCT, LSKEL_OLD_STRUCT);
	if (load->has_opts || (!load->is_own && !parse_at(p, "bpf_load_and_run_opts")))
		return parse_unexpected(p, "bpf_load_and_run_opts");
	load->has_opts = true;
	rc = parse_next(p);
	return rc ? rc : parse_skip(p, "opts = { } ;");
}

/* const struct ... sections[] = {...}; */
static int read_sections(struct load *load)
{
	struct parser *p = load->p;
	int rc = parse_skip(p, "const struct " LSKEL_RUNTIME_SECTION " sections [ ] = {");

	if (!rc)
		rc = skip_statement(load);
	return rc ? rc : parse_next(p);
}

/* err = bpf_load_and_run(&opts); or this tool's own function: up to the semicolon. */
static int read_call(struct load *load)
{
	struct parser *p = load->p;
	int rc = parse_skip(p, "err =");

	if (rc)
		return rc;
	if (load->is_own ? !parse_is_runtime(p, LSKEL_RUNTIME_CALL, LSKEL_OLD_CALL)
			 : !parse_at(p, "bpf_load_and_run"))
		return parse_unexpected(p, "the call that loads");
	rc = parse_next(p);
	if (!rc)
		rc = parse_skip(p, "( & opts )");
	return rc || parse_at(p, ";") ? rc : parse_unexpected(p, ";");
}

/* What is missing next, for messages. */
static const char *missing(struct load *load)
{
	static const enum form_blob order[] = {BLOB_DATA, BLOB_INSNS};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const char *name = form_blobs[order[i]].array;

		if (!load->values[order[i]].array && !find_array(load, view_str(name)))
			return order[i] == BLOB_DATA ? "opts_data[]" : "opts_insn[]";
	}
	return "the call that loads";
}

/* Read the statements up to the call that loads; then its semicolon is the current token. */
static int read_statements(struct load *load)
{
	struct parser *p = load->p;
	int rc = 0;

	while (!rc) {
		if (p->token.kind == TOKEN_END)
			return parse_truncated(p, missing(load));
		if (p->runtime_conds && parse_at(p, "__extension__"))
			rc = parse_next(p);
		if (rc)
			break;
		if (parse_at(p, "static"))
			rc = read_array(load);
		else if (parse_at(p, "struct"))
			rc = read_opts(load);
		else if (load->is_own && p->runtime_conds && parse_at(p, "const"))
			rc = read_sections(load);
		else if (parse_at(p, "int") && !load->has_err)
			rc = parse_skip(p, "int err ;"), load->has_err = true;
		else if (parse_at(p, "opts") && load->has_opts)
			rc = read_assignment(load);
		else if (parse_at(p, "err") && load->has_opts && load->has_err)
			return read_call(load);
		else
			rc = parse_unexpected(p, "a statement of the load function");
	}
	return rc;
}

/* Whether the header has BLOB. */
static bool has_blob(const struct load *load, enum form_blob blob)
{
	return is_in_image(load, blob) ? load->file.at[form_image_part(blob)]
				       : load->values[blob].array != NULL;
}

/* The checked or hash-only form needs its own signature and exclusive hash. */
static int check_form(struct load *load, enum form_blob insns, enum form_blob hash,
		      enum form_blob sig, const char *what)
{
	const struct value *values = load->values;

	if (!has_blob(load, insns) && !has_blob(load, hash))
		return 0;
	if (has_blob(load, insns) && has_blob(load, hash) && has_blob(load, sig))
		return 0;
	if (load->image)
		return load_error(load, load->image->at, what);
	return load_error(load, values[insns].array ? values[insns].at : values[hash].at, what);
}

static int check_forms(struct load *load)
{
	int rc = check_form(
		load, BLOB_INSNS_CHECKED, BLOB_EXCL_HASH_CHECKED, BLOB_SIG_INSNS,
		"opts.insns_checked, excl_prog_hash_checked and sig_insns: some of them are not assigned");

	if (!rc)
		rc = check_form(
			load, BLOB_INSNS_HASH, BLOB_EXCL_HASH_HASH, BLOB_SIG_INSNS_HASH,
			"opts.insns_hash, excl_prog_hash_hash and sig_insns_hash: some of them are not assigned");
	if (!rc && !load->image && load->values[BLOB_SIG_INSNS_HASH].array &&
	    !load->values[BLOB_INSNS_HASH].array)
		rc = load_error(load, load->values[BLOB_SIG_INSNS_HASH].at,
				"opts.sig_insns_hash is assigned, but opts.insns_hash is not");
	return rc;
}

/* Check that each value has its size, that all arrays are used, and that nothing is missing. */
static int check_values(struct load *load)
{
	for (enum form_blob blob = 0; blob < BLOB_NR; blob++) {
		struct value *value = &load->values[blob];

		if (is_in_image(load, blob) ||
		    (!value->array && !value->has_size && blob > BLOB_INSNS))
			continue;
		if (!value->array || !value->has_size)
			return err_line(load->p->lexer.err, -EBADMSG,
					lexer_line(&load->p->lexer, load->p->token.start),
					"opts.%s%s is not assigned", form_blobs[blob].member,
					value->array ? "_sz" : "");
		if (value->size != value->array->bytes.size)
			return err_line(load->p->lexer.err, -EBADMSG,
					lexer_line(&load->p->lexer, value->size_at),
					"opts.%s_sz is %ju, but opts.%s has %zu bytes",
					form_blobs[blob].member, (uintmax_t)value->size,
					form_blobs[blob].member, value->array->bytes.size);
	}
	for (size_t i = 0; i < load->nr_arrays; i++) {
		if (!load->arrays[i].is_used)
			return load_error(load, load->arrays[i].at,
					  "this array is not passed to the loader");
	}
	if (!load->has_ctx)
		return load_error(load, load->p->token.start, "opts.ctx is not assigned");
	return check_forms(load);
}

static struct buf take_value(struct load *load, enum form_blob blob)
{
	struct array *array = load->values[blob].array;

	return array ? buf_take(&array->bytes) : (struct buf){0};
}

/* A loader of libbpf 0.7 or older would read the maps' descriptions at wrong offsets. */
static int check_layout(struct load *load, enum form_blob blob, const struct buf *insns)
{
	const size_t at = load->image ? load->image->at : load->values[blob].at;

	if (!lskel_is_old_layout(buf_view(insns)))
		return 0;
	return err_line(load->p->lexer.err, -ENOTSUP, lexer_line(&load->p->lexer, at),
			"this loader was generated by libbpf 0.7 or older, and cannot be loaded "
			"by newer ones: generate the header again with bpftool 6.8 or newer");
}

/* An error of the image, with the line of BLOB. */
static int image_error(struct load *load, enum form_blob blob, int code)
{
	struct err *err = load->p->lexer.err;

	err->line = lexer_line(&load->p->lexer, load->values[blob].at);
	return err->code = code == -EINVAL ? -EBADMSG : code;
}

static int fill_map(struct load *load)
{
	struct buf data = take_value(load, BLOB_DATA);
	int rc = image_add_map(&load->p->lskel.image, "__loader.map", &data, (uint32_t)data.size, 1,
			       load->p->lexer.err);

	buf_free(&data);
	return rc ? image_error(load, BLOB_DATA, rc) : 0;
}

/* Move the instructions of BLOB into the image. */
static int fill_insns(struct load *load, enum form_blob blob, struct image *image)
{
	struct buf insns = take_value(load, blob);
	int rc = image_set_insns(image, &insns, load->p->lexer.err);

	buf_free(&insns);
	return rc ? image_error(load, blob, rc) : check_layout(load, blob, &image->insns);
}

/* The rules for the first form apply to the others as well. */
static int fill_form(struct load *load, enum form_blob blob, struct buf *insns)
{
	_image_ struct image other = {0};
	int rc;

	if (!load->values[blob].array)
		return 0;
	rc = fill_insns(load, blob, &other);
	if (!rc)
		*insns = buf_take(&other.insns);
	return rc;
}

static void fill_signatures(struct load *load)
{
	struct lskel *lskel = &load->p->lskel;
	struct image *image = &lskel->image;

	image->excl_hash = take_value(load, BLOB_EXCL_HASH);
	image->excl_hash_checked = take_value(load, BLOB_EXCL_HASH_CHECKED);
	image->excl_hash_hash = take_value(load, BLOB_EXCL_HASH_HASH);
	image->sig_unnamed = take_value(load, BLOB_SIGNATURE);
	image->sig[SCHEME_FOLDED] = take_value(load, BLOB_FOLDED);
	image->sig[SCHEME_CHAIN] = take_value(load, BLOB_CHAIN);
	image->sig[SCHEME_INSNS] = take_value(load, BLOB_SIG_INSNS);
	image->sig[SCHEME_INSNS_HASH] = take_value(load, BLOB_SIG_INSNS_HASH);
	lskel->is_signed = image->sig_unnamed.data;
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		lskel->is_signed |= image->sig[scheme].data != NULL;
}

/* The signed image has all, and the names; but the exclusive hashes are arrays. */
static int fill_signed(struct load *load)
{
	struct lskel *lskel = &load->p->lskel;
	struct image *image = &load->file.image;
	const struct buf *forms[] = {&image->insns, &image->insns_checked, &image->insns_hash};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(forms); i++) {
		if (forms[i]->data)
			rc = check_layout(load, BLOB_INSNS, forms[i]);
	}
	image->excl_hash = take_value(load, BLOB_EXCL_HASH);
	image->excl_hash_checked = take_value(load, BLOB_EXCL_HASH_CHECKED);
	image->excl_hash_hash = take_value(load, BLOB_EXCL_HASH_HASH);
	lskel->image = *image;
	*image = (struct image){0};
	load->p->names = load->file.skel;
	load->file.skel = (struct skel){0};
	memcpy(lskel->image_at, load->file.at, sizeof(lskel->image_at));
	lskel->in_image = true;
	lskel->big = load->file.big;
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		lskel->is_signed |= lskel->image.sig[scheme].data != NULL;
	return rc;
}

static int fill_image(struct load *load)
{
	int rc;

	if (load->image)
		return fill_signed(load);
	rc = fill_map(load);
	if (!rc)
		rc = fill_insns(load, BLOB_INSNS, &load->p->lskel.image);
	if (!rc)
		rc = fill_form(load, BLOB_INSNS_CHECKED, &load->p->lskel.image.insns_checked);
	if (!rc)
		rc = fill_form(load, BLOB_INSNS_HASH, &load->p->lskel.image.insns_hash);
	if (!rc)
		fill_signatures(load);
	return rc;
}

int parse_load(struct parser *p)
{
	struct load load = {.p = p};
	int rc;

	rc = read_statements(&load);
	if (!rc)
		rc = check_values(&load);
	if (!rc)
		rc = fill_image(&load);
	p->lskel.runtime = load.is_own ? LSKEL_RUNTIME_EMBEDDED : LSKEL_RUNTIME_LIBBPF;
	load_free(&load);
	return rc;
}
