// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_foreign.h"

#include <string.h>
#include <strings.h>

#include "base/util.h"

#define TWO_STEPS "sign in two steps (--prepare, --attach), as docs/two-step.md shows"

#define TPM                                                                                      \
	"a key that only a TPM can use: put it into a PKCS#11 token (tpm2-pkcs11) and pass its " \
	"pkcs11: URI, or " TWO_STEPS

#define COSIGN "a cosign key, which only cosign can decrypt: " TWO_STEPS

#define KEY_STORE \
	"a Java key store: convert it with \"keytool -importkeystore -deststoretype pkcs12\""

#define NO_PRIVATE "contains no private key, but "

/* Marks that stand at the beginning of a line, or of the file. */
static const struct {
	const char *mark, *what;
} contents[] = {
	{"-----BEGIN TSS2 ", TPM},
	{"-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----", COSIGN},
	{"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----", COSIGN},
	{"-----BEGIN OPENSSH PRIVATE KEY-----",
	 "an OpenSSH key: convert a copy with \"ssh-keygen -p -m PKCS8 -f COPY\""},
	{"-----BEGIN PGP PRIVATE KEY BLOCK-----", "an OpenPGP key: use a key in PEM or PKCS#12"},
	{"PuTTY-User-Key-File-",
	 "a PuTTY key: convert it with \"puttygen KEY -O private-openssh -o NEW\""},
	{"\xfe\xed\xfe\xed", KEY_STORE},
	{"\xce\xce\xce\xce", KEY_STORE},
	{"{\"kty\"", "a JSON Web Key: convert it to PEM"},
	{"-----BEGIN PUBLIC KEY-----", NO_PRIVATE "a public key: pass the private key"},
	{"-----BEGIN CERTIFICATE REQUEST-----",
	 NO_PRIVATE "a request for a certificate: pass the private key"},
	{"-----BEGIN CERTIFICATE-----", NO_PRIVATE "a certificate: pass the private key"},
};

static const struct {
	const char *prefix, *what;
} names[] = {
	{"awskms:", "a key in AWS KMS: " TWO_STEPS},
	{"arn:aws", "a key in AWS KMS: " TWO_STEPS},
	{"gcpkms:", "a key in Google Cloud KMS: " TWO_STEPS},
	{"projects/", "a key in Google Cloud KMS: " TWO_STEPS},
	{"azurekms:", "a key in Azure Key Vault: " TWO_STEPS},
	{"hashivault:", "a key in HashiCorp Vault: " TWO_STEPS},
	{"vault:", "a key in HashiCorp Vault: " TWO_STEPS},
	{"openbao:", "a key in OpenBao: " TWO_STEPS},
	{"kms:", "a key in a KMS: " TWO_STEPS},
	{"k8s:", "a secret of Kubernetes: write it to a file, or pass it as env:NAME or fd:N"},
	{"tpmkey:", TPM},
	{"tpm2:", TPM},
	{"handle:", TPM},
	{"engine:", "a key of an OpenSSL engine: pass the pkcs11: URI of the key"},
	{"org.openssl.engine:", "a key of an OpenSSL engine: pass the pkcs11: URI of the key"},
	{"env://", "not a name of a variable: write env:NAME"},
	{"file:", "not the name of a file: pass it without file:"},
	{"http:", "an address, which is not read: download it to a file"},
	{"https:", "an address, which is not read: download it to a file"},
};

static bool has_line(struct view content, const char *mark)
{
	const size_t size = strlen(mark);
	struct view rest = content;

	while (rest.size >= size) {
		const uint8_t *at = memmem(rest.data, rest.size, mark, size);

		if (!at)
			return false;
		if (at == content.data || at[-1] == '\n')
			return true;
		rest = view_of(at + 1, rest.size - (size_t)(at + 1 - rest.data));
	}
	return false;
}

const char *key_foreign_content(struct view content)
{
	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		if (has_line(content, contents[i].mark))
			return contents[i].what;
	}
	return NULL;
}

const char *key_foreign_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strncasecmp(name, names[i].prefix, strlen(names[i].prefix)))
			return names[i].what;
	}
	return NULL;
}
