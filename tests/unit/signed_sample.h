/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signed_sample.h - loaders of tests/data, prepared and signed, and keyrings to judge them by.
 *
 * A failure here is one of the machine or of another room: it ends the program.
 */
#ifndef SIGNED_SAMPLE_H
#define SIGNED_SAMPLE_H

#include "header.h"
#include "key/key.h"
#include "loader_sample.h"
#include "prepare.h"
#include "sign.h"
#include "subject.h"

#define SAMPLE_MUST(call)                                                              \
	do {                                                                           \
		if (call) {                                                            \
			printf("Bail out! %s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
			       sample_err.text);                                       \
			exit(1);                                                       \
		}                                                                      \
	} while (0)

static struct err sample_err;

/* A subject and what it is of. Begin with sample_read(). */
struct sample {
	struct image image;
	struct loader loader;
	struct subject subject;
};

static inline void sample_free(struct sample *sample)
{
	loader_free(&sample->loader);
	image_free(&sample->image);
}

#define _sample_ _cleanup_(sample_free)

/* Read the loader again, after the image was changed. */
static inline void sample_again(struct sample *sample)
{
	loader_free(&sample->loader);
	sample->loader = (struct loader){.known = false};
	SAMPLE_MUST(loader_read(&sample->image, &sample->loader, &sample_err));
	subject_begin(&sample->subject, &sample->image, &sample->loader);
}

/* The loader of tests/data/NAME.bpf.c; each is compiled once. */
static inline void sample_read(struct sample *ret, const char *name)
{
	static struct {
		const char *name;
		struct image image;
	} made[4];
	size_t i = 0;
	_buf_ struct buf insns = {0}, value = {0};

	while (i + 1 < ARRAY_SIZE(made) && made[i].name && strcmp(made[i].name, name))
		i++;
	if (!made[i].name) {
		made[i].image = sample_image(name);
		made[i].name = name;
	}
	*ret = (struct sample){.loader = {.known = false}};
	buf_add_view(&insns, buf_view(&made[i].image.insns));
	buf_add_view(&value, buf_view(&made[i].image.maps[0].value));
	SAMPLE_MUST(image_set_insns(&ret->image, &insns, &sample_err));
	SAMPLE_MUST(image_add_map(&ret->image, "__loader.map", &value, (uint32_t)value.size, 1,
				  &sample_err));
	sample_again(ret);
}

/* An object's loader and skeleton. */
struct made {
	struct sample sample;
	struct skel skel;
};

static inline void made_free(struct made *made)
{
	sample_free(&made->sample);
	skel_free(&made->skel);
}

#define _made_ _cleanup_(made_free)

/* The same for tests/data/NAME.bpf.c. */
static inline void made_of(struct made *ret, const char *name)
{
	char source[64];

	snprintf(source, sizeof(source), "tests/data/%s.bpf.c", name);
	*ret = (struct made){.skel = {.name = NULL}};
	ret->sample.image = sample_build(source, name, &ret->skel);
	sample_again(&ret->sample);
	SAMPLE_MUST(header_fill_object(&ret->skel, &ret->sample.loader, &sample_err));
}

static inline void sample_prepare(struct sample *sample, const struct prepare_options *options)
{
	struct prepare_result result;

	SAMPLE_MUST(prepare_image(&sample->subject, NULL, LOADER_PROGS_UNKNOWN, options, &result,
				  &sample_err));
	subject_begin(&sample->subject, &sample->image, &sample->loader);
}

/* Signatures of SCHEMES by keys/test/KEY. */
static inline void sample_sign(struct sample *sample, scheme_set schemes, const char *key)
{
	char key_file[64], cert_file[64];
	const struct key_source source = {.key = key_file, .cert = cert_file};
	struct key_signer *signer = NULL;
	struct sign sign = {.nr_signers = 1, .hash = HASH_SHA256, .raw = true};
	struct sign_signature made[SCHEME_NR];
	size_t nr = 0;

	snprintf(key_file, sizeof(key_file), "keys/test/%s.key", key);
	snprintf(cert_file, sizeof(cert_file), "keys/test/%s.crt", key);
	SAMPLE_MUST(key_signer_load(&source, &signer, &sample_err));
	sign.signers[0] = signer;
	SAMPLE_MUST(sign_begin(&sign, &sample_err));
	SAMPLE_MUST(sign_image(&sign, &sample->subject, schemes, made, &nr, &sample_err));
	sign_end(&sign);
	key_signer_free(signer);
}

/* Every scheme, each over its own form: the sample NAME as a whole fleet would have it. */
static inline void sample_whole(struct sample *ret, const char *name)
{
	const scheme_set all = SCHEME_ALL | SCHEME_BIT(SCHEME_INSNS_HASH);

	sample_read(ret, name);
	sample_prepare(ret, &(struct prepare_options){.also_hash = true});
	sample_sign(ret, all, "rsa2048");
}

/* A keyring of each line with the certificates of keys/test that were trusted. */
struct sample_trust {
	struct kv_keyring *list[KV_LINE_NR];
	unsigned int asked; /* how often, of all lines */
	int fails;	    /* what asking ends with */
};

static inline int sample_add(void *keyring, const struct key_cert *cert, struct err *err)
{
	struct kv_answer answer;
	int rc = kv_keyring_add(keyring, cert->der, &answer, err);

	return rc ?: answer.code;
}

/* CONFIG may be NULL; KEY too: nobody is trusted. */
static inline void sample_trust(struct sample_trust *ret, enum kv_line line, const char *key,
				const struct kv_config *config)
{
	char file[64];

	kv_keyring_free(ret->list[line]);
	SAMPLE_MUST(kv_keyring_new(line, &ret->list[line]));
	if (config)
		kv_keyring_configure(ret->list[line], config);
	if (!key)
		return;
	snprintf(file, sizeof(file), "keys/test/%s.crt", key);
	SAMPLE_MUST(key_each_cert(file,
				  &(struct key_certs){.cert = sample_add, .arg = ret->list[line]},
				  &sample_err));
}

static inline void sample_trust_free(struct sample_trust *trust)
{
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		kv_keyring_free(trust->list[line]);
}

#define _sample_trust_ _cleanup_(sample_trust_free)

/* For struct judge_question: the keyring of LINE, which trusts the RSA-2048 test key by default. */
static inline int sample_keyring(void *arg, enum kv_line line, const struct kv_keyring **ret,
				 struct err *err)
{
	struct sample_trust *trust = arg;

	trust->asked++;
	if (trust->fails)
		return err_set(err, trust->fails, "no keyring");
	if (!trust->list[line])
		sample_trust(trust, line, "rsa2048", NULL);
	*ret = trust->list[line];
	return 0;
}

#endif /* SIGNED_SAMPLE_H */
