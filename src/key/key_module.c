// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define TOKENS_MAX 64

/*
 * --- the parts of PKCS#11 2.40 used here: its names in lower case, types and numbers from its
 * headers ---
 */

typedef unsigned long ck_ulong;

#define CKR_OK			0x0
#define CKR_ALREADY_INITIALIZED 0x191
#define CKF_SERIAL_SESSION	0x4
#define CKF_USER_PIN_LOCKED	0x40000
#define CKS_RO_USER_FUNCTIONS	1
#define CKS_RW_USER_FUNCTIONS	3
#define CKO_PRIVATE_KEY		3
#define CKA_CLASS		0x0
#define CKA_LABEL		0x3
#define CKA_ID			0x102
#define CKA_ALWAYS_AUTHENTICATE 0x202

struct ck_token_info {
	uint8_t label[32], manufacturer[32], model[16], serial[16]; /* padded with spaces */
	ck_ulong flags;
	ck_ulong counts[10];
	uint8_t versions[4], time[16];
};

struct ck_session_info {
	ck_ulong slot, state, flags, device_error;
};

struct ck_attribute {
	ck_ulong type;
	void *value;
	ck_ulong size;
};

struct ck_functions {
	uint8_t version[2];
	ck_ulong (*initialize)(void *args);
	ck_ulong (*finalize)(void *reserved);
	void (*get_info)(void), (*get_function_list)(void);
	ck_ulong (*get_slot_list)(uint8_t with_token, ck_ulong *slots, ck_ulong *nr);
	void (*get_slot_info)(void);
	ck_ulong (*get_token_info)(ck_ulong slot, struct ck_token_info *info);
	void (*get_mechanism_list)(void), (*get_mechanism_info)(void), (*init_token)(void);
	void (*init_pin)(void), (*set_pin)(void);
	ck_ulong (*open_session)(ck_ulong slot, ck_ulong flags, void *arg, void *notify,
				 ck_ulong *session);
	ck_ulong (*close_session)(ck_ulong session);
	void (*close_all_sessions)(void);
	ck_ulong (*get_session_info)(ck_ulong session, struct ck_session_info *info);
	void (*get_operation_state)(void), (*set_operation_state)(void), (*login)(void);
	void (*logout)(void), (*create_object)(void), (*copy_object)(void);
	void (*destroy_object)(void), (*get_object_size)(void);
	ck_ulong (*get_attribute_value)(ck_ulong session, ck_ulong object,
					struct ck_attribute *template, ck_ulong nr);
	void (*set_attribute_value)(void);
	ck_ulong (*find_objects_init)(ck_ulong session, struct ck_attribute *template, ck_ulong nr);
	ck_ulong (*find_objects)(ck_ulong session, ck_ulong *objects, ck_ulong max, ck_ulong *nr);
	ck_ulong (*find_objects_final)(ck_ulong session);
	/* more members follow, unused here */
};

static void close_library(void **library)
{
	if (*library)
		dlclose(*library);
}

typedef ck_ulong get_function_list(struct ck_functions **list);

/* Load MODULE. Its functions are valid as long as *LIBRARY is open; NULL: failed. */
static const struct ck_functions *open_library(const char *module, void **library)
{
	struct ck_functions *functions = NULL;
	get_function_list *get;

	*library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	if (!*library)
		return NULL;
	*(void **)&get = dlsym(*library, "C_GetFunctionList");
	return get && get(&functions) == CKR_OK ? functions : NULL;
}

int key_module_check(const char *module, struct err *err)
{
	_cleanup_(close_library) void *library = NULL;
	const char *why;

	if (open_library(module, &library))
		return 0;
	why = dlerror();
	return err_set(err, -ENOENT, "not a PKCS#11 module: %s", why ?: "C_GetFunctionList fails");
}

/* --- matching --- */

/* Whether FIELD, without its trailing spaces, holds TEXT; TEXT NULL: any field does. */
static bool is_field(const char *text, const uint8_t *field, size_t size)
{
	while (size && field[size - 1] == ' ')
		size--;
	return !text || (strlen(text) == size && !memcmp(text, field, size));
}

static bool is_token(const struct key_uri *uri, const struct ck_token_info *info)
{
	return is_field(uri->token, info->label, sizeof(info->label)) &&
	       is_field(uri->serial, info->serial, sizeof(info->serial)) &&
	       is_field(uri->model, info->model, sizeof(info->model)) &&
	       is_field(uri->manufacturer, info->manufacturer, sizeof(info->manufacturer));
}

/* Whether the private key OBJECT wants the PIN for each signature. */
static bool is_always(const struct ck_functions *functions, ck_ulong session, ck_ulong object)
{
	uint8_t value = 0;
	struct ck_attribute wanted = {CKA_ALWAYS_AUTHENTICATE, &value, sizeof(value)};

	return functions->get_attribute_value(session, object, &wanted, 1) == CKR_OK && value;
}

/* Append ";NAME=VALUE" to TEXT, which has room for SIZE bytes, as RFC 7512 writes it. */
static void add_attribute(char *text, size_t size, const char *name, const uint8_t *value,
			  size_t length)
{
	size_t at = strlen(text);

	at += (size_t)snprintf(text + at, size - at, "%s%s=", strchr(text, '=') ? ";" : "", name);
	for (size_t i = 0; i < length && at + 4 <= size; i++)
		at += (size_t)snprintf(text + at, size - at, "%%%02x", value[i]);
}

static size_t without_spaces(const uint8_t *field, size_t size)
{
	while (size && field[size - 1] == ' ')
		size--;
	return size;
}

static void name_key(const struct ck_functions *functions, ck_ulong session, ck_ulong object,
		     const struct ck_token_info *token, struct key_names *ret)
{
	uint8_t label[128], id[64];
	struct ck_attribute text = {CKA_LABEL, label, sizeof(label)},
			    number = {CKA_ID, id, sizeof(id)};

	if (functions->get_attribute_value(session, object, &text, 1) != CKR_OK)
		text.size = 0;
	if (functions->get_attribute_value(session, object, &number, 1) != CKR_OK)
		number.size = 0;
	strcpy(ret->cert, "pkcs11:");
	add_attribute(ret->cert, sizeof(ret->cert), "token", token->label,
		      without_spaces(token->label, sizeof(token->label)));
	add_attribute(ret->cert, sizeof(ret->cert), "serial", token->serial,
		      without_spaces(token->serial, sizeof(token->serial)));
	strcpy(ret->key, ret->cert);
	if (text.size)
		add_attribute(ret->key, sizeof(ret->key), "object", label, text.size);
	if (!number.size) {
		*ret->cert = '\0';
		return;
	}
	add_attribute(ret->key, sizeof(ret->key), "id", id, number.size);
	add_attribute(ret->cert, sizeof(ret->cert), "id", id, number.size);
}

/* Add to MATCHES the private keys that SESSION sees and that match URI, at most 16. */
static bool match_keys(const struct ck_functions *functions, ck_ulong session,
		       const struct key_uri *uri, const struct ck_token_info *token,
		       struct key_matches *matches)
{
	ck_ulong class = CKO_PRIVATE_KEY, objects[KEY_NAMES_MAX], found = 0;
	struct ck_attribute template[3] = {{CKA_CLASS, &class, sizeof(class)}};
	ck_ulong attributes = 1;
	bool done;

	if (uri->object)
		template[attributes++] = (struct ck_attribute){CKA_LABEL, uri->object,
							       strlen(uri->object)};
	if (uri->id.size)
		template[attributes++] = (struct ck_attribute){CKA_ID, uri->id.data, uri->id.size};
	if (functions->find_objects_init(session, template, attributes) != CKR_OK)
		return false;
	if (functions->find_objects(session, objects, ARRAY_SIZE(objects), &found) != CKR_OK)
		found = 0;
	done = functions->find_objects_final(session) == CKR_OK;
	for (ck_ulong i = 0; i < found; i++) {
		matches->always |= is_always(functions, session, objects[i]);
		if (matches->nr_keys < KEY_NAMES_MAX)
			name_key(functions, session, objects[i], token,
				 &matches->names[matches->nr_keys]);
		matches->nr_keys++;
	}
	return done;
}

static bool match_token(const struct ck_functions *functions, ck_ulong slot,
			const struct key_uri *uri, struct key_matches *matches)
{
	struct ck_session_info state = {0};
	struct ck_token_info info = {0};
	ck_ulong session;
	bool done;

	if (functions->get_token_info(slot, &info) != CKR_OK)
		return false;
	if (!is_token(uri, &info))
		return true;
	matches->nr_tokens++;
	matches->locked |= info.flags & CKF_USER_PIN_LOCKED;
	if (functions->open_session(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
		return false;
	done = functions->get_session_info(session, &state) == CKR_OK &&
	       match_keys(functions, session, uri, &info, matches);
	matches->logged_in &= state.state == CKS_RO_USER_FUNCTIONS ||
			      state.state == CKS_RW_USER_FUNCTIONS;
	functions->close_session(session);
	return done;
}

static bool match_tokens(const struct ck_functions *functions, const struct key_uri *uri,
			 struct key_matches *matches)
{
	ck_ulong slots[TOKENS_MAX], nr = TOKENS_MAX;

	if (functions->get_slot_list(1, slots, &nr) != CKR_OK)
		return false;
	for (ck_ulong i = 0; i < nr; i++) {
		if (!match_token(functions, slots[i], uri, matches))
			return false;
	}
	return true;
}

bool key_module_match(const char *module, const struct key_uri *uri, struct key_matches *ret)
{
	_cleanup_(close_library) void *library = NULL;
	const struct ck_functions *functions = open_library(module, &library);
	struct key_matches matches = {.logged_in = true};
	ck_ulong answer;
	bool done;

	if (!functions)
		return false;
	/* OpenSSL has mostly initialized it already; a login is shared by the whole process. */
	answer = functions->initialize(NULL);
	if (answer != CKR_OK && answer != CKR_ALREADY_INITIALIZED)
		return false;
	done = match_tokens(functions, uri, &matches);
	if (answer == CKR_OK)
		functions->finalize(NULL);
	if (done)
		*ret = matches;
	return done;
}
