/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_parse.h - shared by the parts of the header parser. Private to lskel_*.c.
 *
 * A parse_ function consumes tokens. It returns 0, or a negative errno with the error filled in.
 */
#ifndef LSKEL_PARSE_H
#define LSKEL_PARSE_H

#include "lskel/lskel.h"
#include "lskel/lskel_token.h"

struct parser {
	struct lexer lexer;
	struct token token; /* the current token */
	bool no_directives; /* directives are not allowed here, because they could change the loader
			     */
	unsigned int nr_conds; /* how many #if are open */
	struct view guard;     /* the macro of the last #ifndef */
	char after[128];       /* the last complete declaration, for messages */
	struct lskel lskel;    /* the result so far; owned */
	size_t member[2];      /* start and end of keyring_id, or where to add it */
	size_t added[2];       /* the members of our own form; {0, 0}: none */
	size_t enforce[2];     /* what NAME__open() sets, or where to add it; {0, 0}: nowhere */
	size_t runtime[2];     /* this tool's run-time part; {0, 0}: none */
	unsigned int
		runtime_conds; /* how many #if are open in it; 0: its names are the skeleton's */
	size_t load[3];	       /* the load function: its start, after its brace, after the call */
	size_t name_size;      /* of lskel.name */
	struct skel names;     /* those of the signed image, if the header has one; owned */
	struct buf tokens;     /* all tokens so far: an array of struct form_token; owned */
};

/* Advance to the next token. Directives are handled and skipped. */
int parse_next(struct parser *p);

/*
 * Handle a directive. Conditions are counted, because only the include guard may contain the struct
 * and the load function. A directive that could change the load function is suspect. -EBADMSG:
 * malformed.
 */
int parse_directive(struct parser *p, struct token token);

/* Whether the current token is WORD; whether TOKEN is the skeleton's name followed by SUFFIX. */
bool parse_at(const struct parser *p, const char *word);
bool parse_is_name(const struct parser *p, struct token token, const char *suffix);

/* Skip the tokens WORDS, which are separated by blanks; they must follow. */
int parse_skip(struct parser *p, const char *words);

/* Go back to byte AT, whose tokens will be read again. */
void parse_again(struct parser *p, size_t at);

/* Whether the current token is a name of the run-time part: OWN, or in an old one NAME__SUFFIX. */
bool parse_is_runtime(const struct parser *p, const char *own, const char *suffix);

/* Report -ENOTSUP: the revision of the run-time part is too new. */
int parse_too_new(struct parser *p);

/* Skip to the brace that closes the current block. */
int parse_block(struct parser *p);

/*
 * Report -EBADMSG: WHAT is wrong at byte AT; the current token is not what was EXPECTED; the text
 * ends before MISSING.
 */
int parse_error(struct parser *p, size_t at, const char *what);
int parse_unexpected(struct parser *p, const char *expected);
int parse_truncated(struct parser *p, const char *missing);

/* Note that WHAT, at byte AT, makes the text differ from any rendering. Returns 0. */
int parse_suspect(struct parser *p, size_t at, const char *what);

/* Parse the load function, from after its opening brace to after the call that loads. */
int parse_load(struct parser *p);

/*
 * Compare the text with its renderings. Sets lskel.text, and text_why or skel. -ENOTSUP: the
 * revision of the run-time part is too new; -ENOMEM.
 */
int parse_text(struct parser *p);

/*
 * Whether INSNS, a positive multiple of 8 bytes, are a loader of libbpf 0.7 or older, which expects
 * another layout of its context than any skel_internal.h with signatures.
 */
bool lskel_is_old_layout(struct view insns);

#endif /* LSKEL_PARSE_H */
