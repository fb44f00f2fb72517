/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_parse.h - what the two halves of the header parser share; for lskel_*.c alone.
 *
 * A parse_ function consumes tokens and returns 0 or a negative errno with the error filled in.
 */
#ifndef LSKEL_PARSE_H
#define LSKEL_PARSE_H

#include "lskel/lskel.h"
#include "lskel/lskel_token.h"

struct parser {
	struct lexer lexer;
	struct token token;    /* the one that is looked at */
	bool no_directives;    /* inside what the loader is made of */
	unsigned int nr_conds; /* #if that are open */
	struct view guard;     /* what the last #ifndef asks for */
	char after[128];       /* the last thing that was read whole, for messages */
	struct lskel lskel;    /* as far as it is known; owned */
	size_t member[2];      /* from, to: keyring_id, or where it belongs */
	size_t allow[2];       /* allow_unsigned; {0, 0}: none */
	size_t runtime[2];     /* this tool's run-time part; {0, 0}: none */
	size_t load[3];	       /* the load function: from, behind its brace, behind the call */
	size_t name_size;      /* of lskel.name */
	struct buf tokens;     /* all so far: an array of struct form_token; owned */
};

/* To the next token; directives are counted and passed over. */
int parse_next(struct parser *p);

/*
 * A directive: conditions are counted, since what matters stands in none but the include guard.
 * One that could change what the load function is for a compiler is suspect; -EBADMSG: no C.
 */
int parse_directive(struct parser *p, struct token token);

/* Whether the token is WORD; whether TOKEN is the skeleton's name with SUFFIX behind it. */
bool parse_at(const struct parser *p, const char *word);
bool parse_is_name(const struct parser *p, struct token token, const char *suffix);

/* Past the tokens WORDS (with blanks between them), which have to be there. */
int parse_skip(struct parser *p, const char *words);

/* The tokens from byte AT on are read again. */
void parse_again(struct parser *p, size_t at);

/* To the brace that closes the block the token is in. */
int parse_block(struct parser *p);

/* -EBADMSG: WHAT is wrong at byte AT; the token is not what was EXPECTED; or is there no more. */
int parse_error(struct parser *p, size_t at, const char *what);
int parse_unexpected(struct parser *p, const char *expected);
int parse_truncated(struct parser *p, const char *missing);

/* WHAT is at byte AT makes the text differ from what is rendered, whatever else it has; 0. */
int parse_suspect(struct parser *p, size_t at, const char *what);

/* The body of the load function, from behind its opening brace up to behind the call that loads. */
int parse_load(struct parser *p);

/*
 * Compare the text with what is rendered from it: lskel.text, and text_why or skel. -ENOTSUP: it is
 * of a later revision; -ENOMEM.
 */
int parse_text(struct parser *p);

/*
 * Whether INSNS are a loader of libbpf <= 0.7, which finds its context laid out in another way
 * than every skel_internal.h that knows signatures.
 */
bool lskel_is_old_layout(struct view insns);

#endif /* LSKEL_PARSE_H */
