/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line, read by a table. One row is one option; the parser, `--help`, the
 * manual page and the shell completion are all made from these rows.
 */
#ifndef KELP_CLI_OPTIONS_H
#define KELP_CLI_OPTIONS_H

#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* takes no value */
    OPTION_TEXT,   /* any text but the empty one */
    OPTION_INT,    /* a whole number in [min, max] */
    OPTION_NUMBER, /* a decimal number in [min, max] */
    OPTION_CHOICE, /* one of `choices` */
};

/* Plain data. */
struct option_row {
    const char *name; /* long form, without the dashes */
    char letter;      /* short form; 0 for none */
    bool repeats;     /* may be given several times, see option_list */
    enum option_kind kind;
    const char *value;          /* what the help calls the value: "N", "FILE"; NULL for a flag */
    const char *const *choices; /* OPTION_CHOICE: ends with NULL */
    double min, max;            /* OPTION_INT and OPTION_NUMBER, both ends allowed */
    const char *unit;           /* "minutes"; NULL for none */
    const char *otherwise;      /* the value where none is given; NULL for none */
    const char *help;           /* one sentence, lower case, no full stop */
};

enum { OPTION_ROWS_MAX = 32, OPTION_WORDS_ANY = -1 };

/* Plain data: what a command takes. */
struct option_syntax {
    const char *command;           /* "run"; shown in messages */
    const struct option_row *rows; /* its own; option_common_rows are taken everywhere */
    size_t count;
    const char *words; /* "[TASK | FILE...]"; NULL if it takes none */
    int words_min;
    int words_max; /* OPTION_WORDS_ANY: no limit */
};

/* --help, --no-color, --directory: before the command's name and after it. */
extern const struct option_row option_common_rows[];
extern const size_t option_common_count;

struct option_values;

/* Reads words[0..count), which begin after the command's name. The values borrow the syntax and the
 * words. FAULT_USAGE names the wrong word and, where one is near, what was meant. */
int option_parse(const struct option_syntax *syntax, const char *const *words, size_t count,
                 struct option_values **ret_values, struct fault *f) MUST_CHECK;
/* Reads the common options that stand before the command's name. *ret_used is how many words they
 * took; the next one, if there is one, is the command. Their values go into `option_parse`d ones by
 * option_values_inherit. */
int option_parse_common(const char *const *words, size_t count, size_t *ret_used,
                        struct option_values **ret_values, struct fault *f) MUST_CHECK;
/* What `values` did not give itself it takes from `before`. */
void option_values_inherit(struct option_values *values, const struct option_values *before);
/* NULL is fine. */
void option_values_free(struct option_values *values);
void option_values_free_pointer(struct option_values **values);
#define AUTO_OPTIONS __attribute__((cleanup(option_values_free_pointer))) struct option_values

/* A name that the syntax lacks is a bug, not a fault; so is the wrong kind. */
bool option_flag(const struct option_values *values, const char *name);
/* OPTION_TEXT and OPTION_CHOICE: the last one given, else the row's `otherwise` (may be NULL). */
const char *option_text(const struct option_values *values, const char *name);
/* As above; 0 where nothing was given and the row has no `otherwise`. */
int64_t option_int(const struct option_values *values, const char *name);
double option_number(const struct option_values *values, const char *name);
/* All values of an option that repeats, in order; *ret_count may be 0. Borrowed. */
const char *const *option_list(const struct option_values *values, const char *name,
                               size_t *ret_count);
/* The words that are not options, in order; borrowed. */
const char *const *option_words(const struct option_values *values, size_t *ret_count);

#endif
