/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings read by tables of keys. Each level of a plan is a table of rows (key, reader, place
 * in the target struct, rule); fields_read walks a mapping, finds each key's row and calls its
 * reader. An unknown or repeated key, a wrong type or a value out of range is a fault with the
 * place of the offending node and a hint.
 */
#ifndef KELP_PLAN_FIELD_H
#define KELP_PLAN_FIELD_H

#include "plan/node.h"

#include <stdint.h>

struct reader {
    struct arena *arena; /* of everything that is read */
    const char *file;    /* as shown in faults */
    struct fault *fault;
    bool trusted; /* kelp wrote it: variables were checked, or are plain text of a task */
};

struct field;

/* Writes to `slot`, the field's place in the target. */
typedef int field_read(struct reader *r, const struct field *field, const struct node *value,
                       void *slot);

struct field {
    const char *key;
    field_read *read;
    size_t offset;
    const void *rule; /* what the reader asks for: a range, a list of words */
};

struct field_table {
    const char *what; /* "a subtask", for messages */
    const struct field *fields;
    size_t count;
    const struct field_table *also; /* further rows for the same target, or NULL */
    bool open;                      /* unknown keys are ignored */
};

/* Rules. */
struct field_range {
    double min, max;
};

struct field_word {
    const char *word;
    int value;
};

struct field_words {
    const struct field_word *words;
    size_t count;
};

int fields_read(struct reader *r, const struct node *map, const struct field_table *table,
                void *target) MUST_CHECK;

/* Readers of one value. The comment says what `slot` points to and what the rule is. */
field_read field_text;    /* const char *: any scalar that is not empty */
field_read field_name;    /* const char *: an id: letters, digits and _ . - */
field_read field_count;   /* unsigned: a whole number; struct field_range */
field_read field_int;     /* int: a whole number; struct field_range */
field_read field_int64;   /* int64_t: a whole number; struct field_range */
field_read field_number;  /* double, above min and up to max; struct field_range */
field_read field_choice;  /* enum or int: one of struct field_words */
field_read field_strings; /* struct strings: a list of texts, or one text */
field_read field_node;    /* const struct node *: as it is, read later */

/* The elements of a list as texts; `what` names the list in messages. */
int field_read_strings(struct reader *r, const char *what, const struct node *value,
                       struct strings *ret) MUST_CHECK;
int field_read_text(struct reader *r, const char *what, const struct node *value,
                    const char **ret) MUST_CHECK;
/* A list (possibly empty) or a fault. */
int field_need_list(struct reader *r, const char *what, const struct node *value) MUST_CHECK;

/* Fills the reader's fault (FAULT_PLAN) with the place of `at` and returns minus its code. */
int reader_fail(struct reader *r, const struct node *at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The hint for a word that is none of `words`: the nearest, else all of them; in the arena. */
const char *reader_suggest(struct reader *r, const char *word, const char *const *words,
                           size_t count);

#endif
