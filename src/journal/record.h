/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain structs as JSON and back, exactly, by tables. A record lists the fields of a struct; a
 * field that holds its type's zero is left out. Strings may be any bytes: what is not valid UTF-8
 * is written as {"hex": "..."}. Numbers must be finite; one that is not reads back as 0.
 *
 * A field's type is taken from the struct itself (FIELD), so that a table can't disagree with it.
 */
#ifndef KELP_JOURNAL_RECORD_H
#define KELP_JOURNAL_RECORD_H

#include "base/json.h"
#include "core/event.h"

enum field_type {
    FIELD_BOOL,
    FIELD_INT32,
    FIELD_UINT32,
    FIELD_INT64,
    FIELD_UINT64, /* written as the int64_t of the same bits */
    FIELD_DOUBLE,
    FIELD_STRING,  /* left out when NULL */
    FIELD_TEXT,    /* never NULL; left out when "" */
    FIELD_STRINGS, /* struct strings */
    FIELD_METRICS, /* struct metrics, as [name, value] pairs: order and repeats count */
    FIELD_INDEXES, /* a pointer to size_t, and a count */
    FIELD_WORD,    /* an enum, by its word; the first word is its zero */
    FIELD_OBJECT,  /* a struct inside this one */
    FIELD_POINTER, /* a pointer to one struct, left out when NULL */
    FIELD_OBJECTS, /* a pointer to structs, and a count */
    FIELD_TYPE_COUNT
};

struct record;

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    size_t count_offset;         /* FIELD_INDEXES, FIELD_OBJECTS: of a size_t */
    const struct record *record; /* FIELD_OBJECT, FIELD_POINTER, FIELD_OBJECTS */
    const char *const *words;    /* FIELD_WORD */
    size_t word_count;
};

struct record {
    const struct field *fields;
    size_t count;
    size_t bytes; /* of the struct */
};

#define MEMBER(owner, member) (((const owner *)NULL)->member)
/* A field whose type says how it is written. `const char *` may be NULL. */
#define FIELD(owner, member)                                                                        \
    {                                                                                               \
        .name = #member, .offset = offsetof(owner, member),                                       \
        .type = _Generic(MEMBER(owner, member), bool: FIELD_BOOL, int32_t: FIELD_INT32,           \
                         uint32_t: FIELD_UINT32, int64_t: FIELD_INT64, uint64_t: FIELD_UINT64,    \
                         double: FIELD_DOUBLE, const char *: FIELD_STRING,                        \
                         struct strings: FIELD_STRINGS, struct metrics: FIELD_METRICS) \
    }
#define FIELD_OF_TEXT(owner, member)                                                          \
    {                                                                                         \
        .name = #member, .type = FIELD_TEXT,                                                  \
        .offset = offsetof(owner, member) + _Generic(MEMBER(owner, member), const char * : 0) \
    }
#define FIELD_OF_WORDS(owner, member, list)                                                    \
    {                                                                                          \
        .name = #member, .type = FIELD_WORD, .offset = offsetof(owner, member), .words = list, \
        .word_count = COUNT_OF(list)                                                           \
    }
#define FIELD_OF_INDEXES(owner, member, counter)                                                 \
    {                                                                                            \
        .name = #member, .type = FIELD_INDEXES,                                                  \
        .offset = offsetof(owner, member) + _Generic(MEMBER(owner, member), const size_t * : 0), \
        .count_offset = offsetof(owner, counter)                                                 \
    }
#define FIELD_OF_OBJECT(owner, member, of)                                                     \
    {                                                                                          \
        .name = #member, .type = FIELD_OBJECT, .offset = offsetof(owner, member), .record = of \
    }
#define FIELD_OF_POINTER(owner, member, of)                                                     \
    {                                                                                           \
        .name = #member, .type = FIELD_POINTER, .offset = offsetof(owner, member), .record = of \
    }
#define FIELD_OF_OBJECTS(owner, member, counter, of)                               \
    {                                                                              \
        .name = #member, .type = FIELD_OBJECTS, .offset = offsetof(owner, member), \
        .count_offset = offsetof(owner, counter), .record = of                     \
    }
#define RECORD(owner, list)                                             \
    {                                                                   \
        .fields = list, .count = COUNT_OF(list), .bytes = sizeof(owner) \
    }

/* New reference to an object; empty when every field holds its zero. */
json_t *event_record_write(const struct record *record, const void *from);

/*
 * Fills the zeroed struct `to`. Everything it points to lives in `arena`. A key that the table
 * does not have is FAULT_NEWER, a value of another type FAULT_CORRUPT; both name the field.
 */
int event_record_read(const struct record *record, const json_t *json, struct arena *arena,
                      void *to, struct fault *f) MUST_CHECK;

#endif
