/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_common.h - the options every command has, and the inputs they name.
 *
 * Does: an argp child parser, the rule that an option is given once.
 * Does not: know what a command does.
 */
#ifndef CMD_COMMON_H
#define CMD_COMMON_H

#include <argp.h>
#include <stdbool.h>

#include "base/stage.h"
#include "input.h"
#include "report/report.h"
#include "scheme.h"

struct common {
	scheme_set schemes; /* 0: not given */
	const char *insns;
	const char *maps[IMAGE_MAPS_MAX];
	size_t nr_maps;
	bool json, json_lines, quiet, verbose;
	char **files; /* borrowed, from argv or batch_find() */
	int nr_files;
	const char *const *words; /* for report_begin(); the command's */
};

/* To be the first child of a command's argp; its input is a struct common. */
extern const struct argp common_argp;

/* Keys of long options without a letter; a command's own begin at COMMON_KEY_END. */
enum {
	COMMON_KEY_INSNS = 0x100,
	COMMON_KEY_MAP,
	COMMON_KEY_JSON,
	COMMON_KEY_KEEP_GOING,
	COMMON_KEY_FAIL_FAST,
	COMMON_KEY_RECORD,
	COMMON_KEY_DENY,
	COMMON_KEY_END,
};

/* Store ARG for the option NAME, which may be given once: a second time is a usage error. */
void common_once(struct argp_state *state, const char **slot, const char *arg, const char *name);

/* The value of OPTION is wrong, a usage error; or there is no memory, which is none. */
void common_bad_value(struct argp_state *state, const char *option, const struct err *err);

/* Findings that --deny turns into refusals; zero-initialised is none. */
struct common_deny {
	unsigned int ids;	/* bit 1u << enum loader_finding_id */
	bool dangers, warnings; /* all of these */
};

#define COMMON_DENY_HELP                                                                                 \
	"Refuse an input with finding ID (see inspect), with any finding that is a warning or a danger " \
	"(warning), or any that is a danger (danger); may be repeated"

/* Add ID of --deny=ID; what is none of these is a usage error. */
void common_deny(struct common_deny *deny, const char *id, struct argp_state *state);

/* Whether one of the NR findings in LIST is denied; the first fills *err. */
bool common_denied(const struct common_deny *deny, const struct loader_finding *list, size_t nr,
		   struct err *err);

/* Raw parts, which are read, are no place for an output. -ENOMEM. */
int common_keep_parts(const struct common *common, struct places *places, struct err *err);

/* Number of inputs: the raw one, or the files. */
int common_nr_inputs(const struct common *common);

/* Input I's name for reports. */
const char *common_input_name(const struct common *common, int i);

/*
 * Read input I; NAME, CHOICE and DIGEST as for input_file(). On failure *err's message does not
 * name a FILE.
 */
int common_read(const struct common *common, int i, const char *name,
		const struct object_choice *choice, struct input_digest *digest, struct input *ret,
		struct err *err);

/*
 * As common_read(); the loader of an object is the one that sign makes of it by default, sealed and
 * in both forms. Errors also as prepare_image().
 */
int common_read_signed(const struct common *common, int i, struct input_digest *digest,
		       struct input *ret, struct err *err);

/* Begin *ret, an output in the form that the options ask for; the caller ends it. */
void common_report(const struct common *common, struct report_output *ret);

#endif /* CMD_COMMON_H */
