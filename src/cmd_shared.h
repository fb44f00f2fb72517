/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_shared.h - the options that all commands share, and the inputs that they name.
 *
 * Does: parse these options (as a child of a command's argp), refuse an option that is repeated,
 * read inputs.
 * Does not: handle an input (the command does).
 */
#ifndef CMD_SHARED_H
#define CMD_SHARED_H

#include <argp.h>
#include <stdbool.h>

#include "base/stage.h"
#include "input.h"
#include "report/report.h"
#include "scheme.h"

/* What a name among the files stands for; zero-initialized: for the file of that name. */
struct shared_source {
	int origin;		    /* its number before programs were replaced by their images */
	char *file;		    /* a program; owned */
	char *name;		    /* "FILE#NAME"; owned */
	struct program_image image; /* in that program; owned */
	struct err *why;	    /* why it has none, or not all were found; owned */
};

struct shared_options {
	scheme_set schemes; /* 0: the default */
	const char *insns;
	const char *maps[IMAGE_MAPS_MAX];
	size_t nr_maps;
	bool json, json_lines, quiet, verbose;
	const char *color_name; /* of --color */
	enum report_color color;
	bool programs; /* the command reads signed images in programs */
	char **files;  /* borrowed, from argv or batch_find() */
	int nr_files;
	bool no_input;		       /* there need not be an input */
	struct shared_source *sources; /* of shared_find_images(), one for each of FILES; or NULL */
	const char *const *outcome_names; /* of the command, for report_begin() */
};

/* The first child parser for a command's argp; its input is a struct shared_options. */
extern const struct argp shared_argp;

/* Keys of options without a letter; a command's own begin at SHARED_KEY_END. */
enum {
	SHARED_KEY_INSNS = 0x100,
	SHARED_KEY_MAP,
	SHARED_KEY_JSON,
	SHARED_KEY_KEEP_GOING,
	SHARED_KEY_FAIL_FAST,
	SHARED_KEY_RECORD,
	SHARED_KEY_DENY,
	SHARED_KEY_COLOR,
	SHARED_KEY_END,
};

/* Store ARG for the option NAME; a second time is a usage error. */
void shared_once(struct argp_state *state, const char **slot, const char *arg, const char *name);

/*
 * End the program because of *ERR in the value of OPTION: with a usage error, or with CLI_UNKNOWN
 * if memory ran out.
 */
void shared_bad_value(struct argp_state *state, const char *option, const struct err *err);

/* The findings of --deny; zero-initialized, it has none. */
struct shared_deny {
	unsigned int ids;	/* bit 1u << enum loader_finding_id */
	bool dangers, warnings; /* all findings of this severity */
};

#define SHARED_DENY_HELP                                                                           \
	"Reject an input that has the finding ID (inspect lists them), any finding with severity " \
	"warning or danger (ID: warning), or any with severity danger (ID: danger); may be repeated"

/* Add ID of --deny=ID; an unknown ID is a usage error. */
void shared_deny(struct shared_deny *deny, const char *id, struct argp_state *state);

/* Whether one of the NR findings in LIST is denied; then *err describes the first. */
bool shared_denied(const struct shared_deny *deny, const struct loader_finding *list, size_t nr,
		   struct err *err);

/* Protect the files of raw input from being replaced by an output. -ENOMEM. */
int shared_keep_parts(const struct shared_options *shared, struct places *places, struct err *err);

/*
 * Replace each program among SHARED's files by the images in it, which are called FILE#NAME, and
 * each FILE#NAME, if there is no file of that name, by that image. A program without images stays:
 * reading it is ERR_NO_IMAGE. So does one in which not all could be found, after those that were,
 * and reading it is that error. -ENOMEM. shared_end() frees what SHARED has after this.
 */
int shared_find_images(struct shared_options *shared, struct err *err);
void shared_end(struct shared_options *shared);

/* The number of inputs: 1 for raw input, else that of the files. */
int shared_nr_inputs(const struct shared_options *shared);

/* The name of input I in reports; the file that is read for it; its number on the command line. */
const char *shared_input_name(const struct shared_options *shared, int i);
const char *shared_input_file(const struct shared_options *shared, int i);
int shared_origin(const struct shared_options *shared, int i);

/*
 * Read input I; NAME, CHOICE and DIGEST as for input_file(). On failure *err's message does not
 * name a FILE.
 */
int shared_read(const struct shared_options *shared, int i, const char *name,
		const struct object_choice *choice, struct input_digest *digest, struct input *ret,
		struct err *err);

/*
 * As shared_read(), but it may be an image in a program, and an object becomes the loader that sign
 * makes of it by default: sealed, with a checked form. Errors also as prepare_image(); without
 * JUDGE, no dangerous finding is an error.
 */
int shared_read_signed(const struct shared_options *shared, int i, bool judge,
		       struct input_digest *digest, struct input *ret, struct err *err);

/* Begin the output *ret, in the format that the options select; the caller ends it. */
void shared_report(const struct shared_options *shared, struct report_output *ret);

#endif /* CMD_SHARED_H */
