/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_shared.h - the options every command has, and the inputs they name.
 *
 * Does: an argp child parser, the rule that an option is given once.
 * Does not: know what a command does.
 */
#ifndef CMD_SHARED_H
#define CMD_SHARED_H

#include <argp.h>
#include <stdbool.h>

#include "base/stage.h"
#include "input.h"
#include "report/report.h"
#include "scheme.h"

struct shared_options {
	scheme_set schemes; /* 0: not given */
	const char *insns;
	const char *maps[IMAGE_MAPS_MAX];
	size_t nr_maps;
	bool json, json_lines, quiet, verbose;
	char **files; /* borrowed, from argv or batch_find() */
	int nr_files;
	const char *const *outcome_names; /* for report_begin(); the command's */
};

/* To be the first child of a command's argp; its input is a struct shared_options. */
extern const struct argp shared_argp;

/* Keys of long options without a letter; a command's own begin at SHARED_KEY_END. */
enum {
	SHARED_KEY_INSNS = 0x100,
	SHARED_KEY_MAP,
	SHARED_KEY_JSON,
	SHARED_KEY_KEEP_GOING,
	SHARED_KEY_FAIL_FAST,
	SHARED_KEY_RECORD,
	SHARED_KEY_DENY,
	SHARED_KEY_END,
};

/* Store ARG for the option NAME, which may be given once: a second time is a usage error. */
void shared_once(struct argp_state *state, const char **slot, const char *arg, const char *name);

/* The value of OPTION is wrong, a usage error; or there is no memory, which is none. */
void shared_bad_value(struct argp_state *state, const char *option, const struct err *err);

/* Findings that --deny turns into refusals; zero-initialised is none. */
struct shared_deny {
	unsigned int ids;	/* bit 1u << enum loader_finding_id */
	bool dangers, warnings; /* all of these */
};

#define SHARED_DENY_HELP                                                                                 \
	"Refuse an input with finding ID (see inspect), with any finding that is a warning or a danger " \
	"(warning), or any that is a danger (danger); may be repeated"

/* Add ID of --deny=ID; what is none of these is a usage error. */
void shared_deny(struct shared_deny *deny, const char *id, struct argp_state *state);

/* Whether one of the NR findings in LIST is denied; the first fills *err. */
bool shared_denied(const struct shared_deny *deny, const struct loader_finding *list, size_t nr,
		   struct err *err);

/* Raw parts, which are read, are no place for an output. -ENOMEM. */
int shared_keep_parts(const struct shared_options *shared, struct places *places, struct err *err);

/* Number of inputs: the raw one, or the files. */
int shared_nr_inputs(const struct shared_options *shared);

/* Input I's name for reports. */
const char *shared_input_name(const struct shared_options *shared, int i);

/*
 * Read input I; NAME, CHOICE and DIGEST as for input_file(). On failure *err's message does not
 * name a FILE.
 */
int shared_read(const struct shared_options *shared, int i, const char *name,
		const struct object_choice *choice, struct input_digest *digest, struct input *ret,
		struct err *err);

/*
 * As shared_read(); the loader of an object is the one that sign makes of it by default, sealed and
 * in both forms. Errors also as prepare_image().
 */
int shared_read_signed(const struct shared_options *shared, int i, struct input_digest *digest,
		       struct input *ret, struct err *err);

/* Begin *ret, an output in the form that the options ask for; the caller ends it. */
void shared_report(const struct shared_options *shared, struct report_output *ret);

#endif /* CMD_SHARED_H */
