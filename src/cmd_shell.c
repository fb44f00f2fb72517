// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_shell.h"

#include <string.h>

#include "base/similar.h"
#include "base/util.h"
#include "crypto.h"

/* The inputs of the child parsers, in their order. */
struct inputs {
	void *shared, *own, *batch;
};

/* A long option in a word of the command line. */
struct option_word {
	const char *name; /* after the "--" */
	size_t size;	  /* of NAME, without "=VALUE" */
	bool exists;	  /* it is an option, or the beginning of the name of one */
	bool valueless;	  /* it is an option, and the next word is not its value */
	struct similar similar;
};

/* Look for WORD among the options of ARGP and its children. */
static void look_up(struct option_word *word, const struct argp *argp)
{
	const struct argp_option *option = argp->options;

	for (; option && (option->name || option->key || option->doc); option++) {
		if (!option->name)
			continue;
		similar_try(&word->similar, option->name);
		if (strncmp(option->name, word->name, word->size) != 0)
			continue;
		word->exists = true;
		if (!option->name[word->size])
			word->valueless = !option->arg || option->flags & OPTION_ARG_OPTIONAL;
	}
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		look_up(word, child->argp);
}

static struct option_word read_word(const char *text, const struct argp *argp)
{
	/* argp's own */
	static const struct argp_option options[] = {{.name = "help", .key = '?'},
						     {.name = "usage", .key = 'u'},
						     {.name = "version", .key = 'V'},
						     {0}};
	const struct argp own = {.options = options};
	struct option_word word = {.name = text + 2, .size = strcspn(text + 2, "=")};

	word.similar.word = word.name;
	word.similar.size = word.size;
	look_up(&word, argp);
	look_up(&word, &own);
	word.valueless |= word.name[word.size] == '=';
	return word;
}

/*
 * End the program at a long option that does not exist, with the name of one that is similar, which
 * argp does not know. A word that may be the value of the one before is left to argp.
 */
static void check_words(struct argp_state *state)
{
	bool option = true; /* a word that begins with "--" is an option here */

	state->name = state->argv[0];
	for (int i = 1; i < state->argc && strcmp(state->argv[i], "--") != 0; i++) {
		const char *text = state->argv[i];
		struct option_word word = {0};

		if (!strncmp(text, "--", 2))
			word = read_word(text, state->root_argp);
		if (option && word.name && !word.exists && word.similar.best)
			argp_error(state, "unknown option '--%.*s': did you mean '--%s'?",
				   (int)word.size, word.name, word.similar.best);
		option = *text != '-' || word.valueless;
	}
}

static error_t parse(int key, _unused_ char *arg, struct argp_state *state)
{
	const struct inputs *inputs = state->input;

	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	check_words(state);
	state->child_inputs[0] = inputs->shared;
	state->child_inputs[1] = inputs->own;
	if (inputs->batch)
		state->child_inputs[2] = inputs->batch;
	return 0;
}

static void parse_all(const struct shell_command *command, int argc, char **argv,
		      struct inputs inputs)
{
	const struct argp own = {.options = command->options, .parser = command->parse};
	const struct argp_child children[] = {
		{&shared_argp, 0, NULL, 0},
		{&own, 0, NULL, 0},
		{inputs.batch ? &batch_argp : NULL, 0, NULL, 0},
		{0},
	};
	const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE...",
		.doc = command->doc,
		.children = children,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &inputs);
}

enum cli_status shell_run(const struct shell_command *command, int argc, char **argv, void *options,
			  struct shared_options *shared, struct batch_options *batch)
{
	struct report_output report;
	enum cli_status status = CLI_UNKNOWN;
	struct err err;

	parse_all(command, argc, argv, (struct inputs){shared, options, batch});
	shared_report(shared, &report);
	if ((batch && batch_find(batch, shared, &err)) ||
	    (shared->programs && shared_find_images(shared, &err)))
		report_failure(&report, &err);
	else
		status = command->run(options, &report);
	status = report_end(&report, status);
	shared_end(shared);
	if (batch)
		batch_end(batch);
	return status;
}

enum cli_status shell_each(const struct shared_options *shared, batch_work work, void *arg,
			   struct report_output *report)
{
	const struct batch batch = {.shared = shared, .report = report, .work = work, .arg = arg};
	struct err err;

	if (!crypto_begin_plain(&err))
		return batch_run(&batch);
	report_failure(report, &err);
	return CLI_UNKNOWN;
}
