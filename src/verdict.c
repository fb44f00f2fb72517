// SPDX-License-Identifier: BSD-2-Clause
#include "verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define ENOTSUPP 524 /* of the kernel, not in errno.h */

kernel_set verdict_kernels(enum scheme scheme)
{
	kernel_set set = 0;

	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++)
		set |= verdict_takes(kernel, scheme) ? KERNEL_BIT(kernel) : 0;
	return set;
}

bool verdict_takes(enum kernel kernel, enum scheme scheme)
{
	const struct kernel_rules *rules = kernel_rules(kernel);

	switch (scheme) {
	case SCHEME_CHAIN:
		return rules->has_signature_maps;
	case SCHEME_FOLDED:
		return rules->folds_maps;
	default:
		return !rules->folds_maps && !rules->has_signature_maps;
	}
}

const char *verdict_assumption(enum kernel kernel, enum scheme scheme)
{
	const struct kernel_rules *rules = kernel_rules(kernel);

	if (rules->folds_maps && scheme == SCHEME_FOLDED)
		return "the loading program freezes the map, makes it exclusive to the loader, "
		       "and passes it in fd_array";
	if (rules->has_signature_maps && scheme == SCHEME_CHAIN)
		return "the loading program passes the map in fd_array and names it in "
		       "signature_maps; this kernel does not require a frozen or exclusive map";
	return "the loading program passes the map in fd_array, without fd_array_cnt, and lets "
	       "the kernel compute its hash";
}

/* The state of one load. */
struct load {
	const struct verdict_load *ask;
	const struct image *image;
	const struct kernel_rules *rules;
	bool signature_maps; /* attributes that the loading program sets */
	bool fd_array_cnt;
	bool not_exclusive;
	bool foreign_hash; /* the exclusive hash in the header is not that of these instructions */
	struct kv_answer *answer;
};

_printf_(3, 4) static bool refuse(const struct load *load, int code, const char *fmt, ...)
{
	va_list args;

	load->answer->code = code;
	va_start(args, fmt);
	vsnprintf(load->answer->reason, sizeof(load->answer->reason), fmt, args);
	va_end(args);
	return true;
}

/* kernel/bpf/syscall.c: bpf_check_uarg_tail_zero; attributes the kernel does not know come first */
static bool refused_by_attributes(const struct load *load)
{
	if (!load->signature_maps || load->rules->has_signature_maps)
		return false;
	return refuse(load, -E2BIG, "this kernel does not support hash chains (signature_maps)");
}

static bool is_too_large(const struct load *load)
{
	return load->ask->signature.size > load->rules->signature_max;
}

/* The first check of each kernel's bpf_prog_verify_signature. */
static bool refused_by_size(const struct load *load)
{
	if (is_too_large(load))
		return refuse(load, -EINVAL,
			      "the signature has %zu bytes: this kernel accepts up to %zu",
			      load->ask->signature.size, load->rules->signature_max);
	if (load->ask->signature.size < load->rules->signature_min)
		return refuse(load, -EINVAL, "the signature is empty");
	return false;
}

/*
 * The header's exclusive hash is used when the map is created: a wrong size is refused there
 * (kernel/bpf/syscall.c: map_create), a wrong value when the program binds the map
 * (kernel/bpf/verifier.c: check_map_prog_compatibility).
 */
static bool refused_by_hash_size(const struct load *load)
{
	const struct buf *hash = image_excl_hash(load->image, load->ask->scheme);

	if (!hash->data || hash->size == HASH_SHA256_SIZE)
		return false;
	return refuse(load, -EINVAL, "the exclusive hash has %zu bytes, expected %d", hash->size,
		      HASH_SHA256_SIZE);
}

static bool refused_by_binding(const struct load *load)
{
	if (!load->image->nr_maps || load->not_exclusive || !load->foreign_hash)
		return false;
	return refuse(load, -EACCES,
		      "the exclusive hash is not the sha256 of the instructions: the hash or the "
		      "instructions were changed");
}

/* Linux 7.3, kernel/bpf/verifier.c: bpf_prog_verify_signature, in its order. */
static bool refused_by_map(const struct load *load, const struct image_map *map)
{
	if (load->ask->assumptions.not_frozen)
		return refuse(load, -EPERM, "map %s is not frozen", map->name);
	if (load->not_exclusive)
		return refuse(load, -EPERM, "map %s is not exclusive to this loader", map->name);
	return false;
}

/*
 * As refused_by_map(), after that loop: array_map_direct_value_addr(). The preceding limit on the
 * total size (E2BIG) holds for every image (image.h: IMAGE_SIZE_MAX).
 */
static bool refused_by_elements(const struct load *load, const struct image_map *map)
{
	if (map->max_entries == 1)
		return false;
	return refuse(load, -ENOTSUPP, "map %s has %u elements: this kernel accepts 1", map->name,
		      map->max_entries);
}

static bool refused_by_maps(const struct load *load)
{
	for (size_t i = 0; i < load->image->nr_maps; i++) {
		if (refused_by_map(load, &load->image->maps[i]))
			return true;
	}
	for (size_t i = 0; i < load->image->nr_maps; i++) {
		if (refused_by_elements(load, &load->image->maps[i]))
			return true;
	}
	return false;
}

/*
 * The content over which the kernel verifies the signature: since 7.3 with the bound maps; before
 * that with the maps of the hash chain, if there is one; else only the instructions.
 */
static enum scheme covered(const struct load *load)
{
	if (load->rules->folds_maps)
		return load->fd_array_cnt ? SCHEME_FOLDED : SCHEME_INSNS;
	return load->signature_maps && load->rules->has_signature_maps && load->image->nr_maps
		       ? SCHEME_CHAIN
		       : SCHEME_INSNS;
}

static int build_content(const struct load *load, struct hash_input **ret, struct err *err)
{
	enum scheme covers = covered(load);

	if (covers != SCHEME_INSNS)
		return scheme_content(load->ask->contents, covers, ret, err);
	/* The instructions of the form that is loaded. */
	*ret = scheme_insns(load->ask->contents, load->ask->scheme);
	return 0;
}

/* The kernel's answer to the signature over that content. */
static int ask_kverify(const struct load *load, struct err *err)
{
	struct hash_input *content;
	int rc = build_content(load, &content, err);

	if (rc)
		return rc;
	rc = kv_verify(load->ask->keyring, content, load->ask->signature, load->answer, err);
	if (!rc && load->answer->code == -EKEYREJECTED &&
	    !verdict_takes(load->ask->kernel, load->ask->scheme))
		refuse(load, -EKEYREJECTED,
		       "this kernel verifies only the instructions, which a %s signature does not "
		       "cover",
		       scheme_name(load->ask->scheme));
	return rc;
}

/* Linux 7.3: maps are bound first, checked, and part of the content. */
static int ask_folding(const struct load *load, struct err *err)
{
	int rc;

	if (load->fd_array_cnt && refused_by_binding(load))
		return 0;
	if (refused_by_size(load) || (load->fd_array_cnt && refused_by_maps(load)))
		return 0;
	rc = ask_kverify(load, err);
	if (rc || load->answer->code || load->fd_array_cnt || !load->image->nr_maps)
		return rc;
	/* fd_array_get_map_idx(): a map that the signature does not cover */
	refuse(load, -EACCES, "this kernel requires a signature that covers the maps (folded)");
	return 0;
}

/* Linux 6.18 to 7.2, with or without the patch set: the signature first, then the maps. */
static int ask_unfolding(const struct load *load, struct err *err)
{
	int rc;

	if (refused_by_size(load))
		return 0;
	rc = ask_kverify(load, err);
	if (rc || load->answer->code || refused_by_binding(load))
		return rc;
	/* process_fd_array() compares before the program has been hashed */
	if (load->fd_array_cnt && load->image->nr_maps && !load->not_exclusive)
		refuse(load, -EACCES,
		       "this kernel accepts exclusive maps only without "
		       "fd_array_cnt");
	return 0;
}

static struct load make_load(const struct verdict_load *ask)
{
	return (struct load){
		.ask = ask,
		.image = ask->contents->image,
		.rules = kernel_rules(ask->kernel),
		.signature_maps = ask->scheme == SCHEME_CHAIN,
		.fd_array_cnt = ask->scheme == SCHEME_FOLDED && !ask->assumptions.no_fd_array_cnt,
		.not_exclusive = ask->assumptions.not_exclusive ||
				 !image_excl_hash(ask->contents->image, ask->scheme)->data,
	};
}

/* Compare the header's exclusive hash with the right one. */
static int compare_hash(struct load *load, struct err *err)
{
	const struct buf *given = image_excl_hash(load->image, load->ask->scheme);
	const uint8_t *own;
	int rc;

	if (!given->data)
		return 0;
	rc = scheme_excl_hash(load->ask->contents, load->ask->scheme, &own, err);
	if (!rc)
		load->foreign_hash = !view_equal(buf_view(given), view_of(own, HASH_SHA256_SIZE));
	return rc;
}

int verdict_ask(const struct verdict_load *ask, struct kv_answer *answer, struct err *err)
{
	struct kv_answer verdict = {.code = -EKEYREJECTED};
	struct load load = make_load(ask);
	int rc = compare_hash(&load, err);

	if (rc)
		return rc;
	if (kv_keyring_line(ask->keyring) != load.rules->line)
		return err_set(err, -EINVAL, "the keyring belongs to %s, but the kernel is %s",
			       kv_line_title(kv_keyring_line(ask->keyring)), load.rules->title);
	load.answer = &verdict;
	if (!refused_by_hash_size(&load) && !refused_by_attributes(&load))
		rc = load.rules->folds_maps ? ask_folding(&load, err) : ask_unfolding(&load, err);
	if (!rc)
		*answer = verdict;
	return rc;
}

/* --- after the signature --- */

/* A completely known loader runs, and its check, if any, is over its own data. */
static void set_known(const struct loader *loader, enum loader_check check,
		      struct verdict_loader *ret)
{
	*ret = (struct verdict_loader){
		.known = true,
		.begins = true,
		.runs = true,
		.checked = {.check = check, .fits = true},
		.too_many = loader_has_too_many_progs(loader),
	};
}

/* Only a form that results from sealing the first form installs what inspect lists. */
static int compare_form(struct subject *subject, enum scheme scheme, struct verdict_loader *ret,
			struct err *err)
{
	const struct buf *insns = image_insns(subject->image, scheme);
	enum loader_form form;
	const uint8_t *hash;
	int rc = scheme_map_hash(&subject->contents, 0, &hash, err);

	if (!rc)
		rc = loader_find_form(subject->loader, hash, buf_view(insns), &form, err);
	if (!rc)
		set_known(subject->loader, loader_form_check(form), ret);
	ret->too_many = false; /* sealing mends that */
	return rc;
}

/* What is known about the instructions of FORM, which are not known completely. */
static int read_parts(const struct image *form, struct verdict_loader *ret, struct err *err)
{
	int rc = loader_read_check(form, &ret->checked, err);

	ret->begins = !rc;
	if (rc && rc != -EBADMSG)
		return rc;
	rc = loader_reach(form, &ret->reach, err);
	ret->runs = !rc;
	return rc == -EBADMSG ? 0 : rc;
}

int verdict_read_form(struct subject *subject, enum scheme scheme, struct verdict_loader *ret,
		      struct err *err)
{
	const struct loader *loader = subject->loader;
	struct image form = *subject->image; /* borrows */
	int rc = 0;

	form.insns = *image_insns(subject->image, scheme);
	*ret = (struct verdict_loader){.known = false};
	if (!loader->known)
		snprintf(ret->why, sizeof(ret->why), "%s", loader->why);
	else if (form.insns.data == subject->image->insns.data)
		set_known(loader, loader->check, ret);
	else
		rc = compare_form(subject, scheme, ret, err);
	if (rc == -EBADMSG) {
		snprintf(ret->why, sizeof(ret->why), "%s", err->text);
		rc = 0;
	}
	return rc || ret->known ? rc : read_parts(&form, ret, err);
}

/*
 * The verifier's answer to instructions that a loader may have. It checks all pointers into the map
 * first; on kernels without struct bpf_map.excl the read hits a pointer to the map's operations
 * instead.
 */
static bool refused_by_verifier(const struct load *load, const struct verdict_loader *loader)
{
	const size_t size = load->image->nr_maps ? load->image->maps[0].value.size : 0;

	if (loader->reach.points >= size)
		return refuse(load, -EINVAL,
			      "the loader points to byte %llu of its data, which has only %zu "
			      "bytes",
			      (unsigned long long)loader->reach.points, size);
	if (loader->begins && loader->checked.check == LOADER_CHECK_EXCL_HASH &&
	    !load->rules->has_excl)
		return refuse(
			load, -EACCES,
			"the loader reads struct bpf_map.excl, which this kernel does not have");
	if (loader->reach.uses > size)
		return refuse(load, -EACCES,
			      "the loader uses %llu bytes of data, but there are "
			      "only %zu",
			      (unsigned long long)loader->reach.uses, size);
	if (loader->too_many)
		return refuse(load, -EACCES,
			      "the loader has more than %d programs and writes beyond its stack",
			      LOADER_PROGS_NARROW);
	return false;
}

/*
 * Whether the kernel has computed the hash of the map: it does at the request of the run-time part
 * (for insns), and for a hash chain.
 */
static bool has_hash(const struct load *load)
{
	enum scheme scheme = load->ask->scheme;

	if (load->rules->folds_maps || load->ask->assumptions.not_frozen)
		return false;
	return scheme == SCHEME_INSNS || scheme == SCHEME_INSNS_HASH ||
	       (scheme == SCHEME_CHAIN && load->rules->has_signature_maps);
}

/* gen_loader.c: emit_signature_match, as the loader runs. */
static bool refused_by_loader(const struct load *load, const struct verdict_loader *loader)
{
	if (loader->checked.check == LOADER_CHECK_NONE)
		return false;
	if (loader->checked.check == LOADER_CHECK_EXCL_HASH && load->not_exclusive)
		return refuse(load, -EINVAL,
			      "the loader's check fails: its map is not exclusive to it");
	if (!has_hash(load))
		return refuse(
			load, -EINVAL,
			"the loader's check fails: it compares the hash of its map, which this "
			"kernel has not computed");
	if (!loader->checked.fits)
		return refuse(load, -EINVAL,
			      "the loader's check fails: its data was changed after signing");
	return false;
}

/*
 * Linux 7.3 refuses an unbound map when it reaches the instruction; unknown instructions before it
 * may be refused first.
 */
static bool is_before_unbound_map(const struct load *load)
{
	return load->rules->folds_maps && !load->fd_array_cnt && load->image->nr_maps &&
	       load->answer->code == -EACCES;
}

static void cannot_tell(const struct load *load, const struct verdict_loader *loader,
			struct verdict_end *end)
{
	end->untold = true;
	end->refused = load->answer->code;
	load->answer->code = 0;
	snprintf(load->answer->reason, sizeof(load->answer->reason), "%.*s", KV_TEXT_MAX - 1,
		 loader->why);
}

void verdict_run(const struct verdict_load *ask, const struct verdict_loader *loader,
		 struct kv_answer *answer, struct verdict_end *ret)
{
	struct load load = make_load(ask);

	*ret = (struct verdict_end){.loaded = false};
	load.answer = answer;
	if (!loader->runs && (!answer->code || is_before_unbound_map(&load)))
		cannot_tell(&load, loader, ret);
	if (!loader->runs || answer->code || refused_by_verifier(&load, loader))
		return;
	ret->loaded = true;
	if (loader->begins && refused_by_loader(&load, loader))
		return;
	ret->uncovered = loader->begins && loader->checked.check == LOADER_CHECK_NONE &&
			 load.image->nr_maps && covered(&load) == SCHEME_INSNS;
	if (!loader->known)
		cannot_tell(&load, loader, ret);
}

int verdict_signers(const struct verdict_load *ask, const struct kv_answer *answer,
		    struct kv_signers *ret, struct err *err)
{
	const struct load load = make_load(ask);
	struct hash_input *content;
	int rc;

	if (is_too_large(&load))
		return 0;
	rc = build_content(&load, &content, err);
	/*
	 * A refusal may have another reason than the signature, but an acceptance is kv_verify()'s.
	 */
	return rc
		       ?: kv_signers(ask->keyring, content, ask->signature,
				     answer->code ? NULL : answer, ret, err);
}
