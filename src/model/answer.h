/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer of a model, put together from the pieces of its stream. A call is only handed over
 * when the whole answer is there: of one that was cut nothing is carried out.
 */
#ifndef KELP_MODEL_ANSWER_H
#define KELP_MODEL_ANSWER_H

#include "core/event.h"
#include "model/conversation.h"

/* Why the model stopped. */
enum answer_stop {
    STOP_NONE, /* it has not: the stream was cut */
    STOP_DONE,
    STOP_CALLS,   /* it wants tools to be run */
    STOP_LENGTH,  /* the bound on the answer's length */
    STOP_REFUSED, /* it will not, or a filter took the answer away */
    STOP_CONTEXT, /* the window is full */
};

/* A call in the making. */
struct part {
    int64_t index; /* by which the stream names it */
    char *id;      /* NULL: not told yet */
    struct text name, arguments;
    json_t *object; /* arguments that came as an object; NULL: they come as text */
};

/* Plain data; zeroed it is empty. */
struct answer {
    struct text text;
    json_t *thinking;       /* blocks to be given back; NULL */
    json_t *block;          /* the one of them that the stream is in; NULL */
    struct text block_text; /* what the stream adds to it */
    VECTOR(struct part) parts;
    enum answer_stop stop;
    bool refused;      /* it said so in words of its own; the stop follows */
    struct text error; /* that the stream told, in words of the endpoint; empty: none */
    char *model;       /* that answered; NULL: not told */
    bool counted;      /* the endpoint told how many tokens there were */
    struct token_counts used;
    size_t thought; /* bytes of reasoning that were seen */
    /* Told of new text as it comes, and now and then with NULL that the model thinks; may be
     * NULL. */
    void (*on_text)(void *context, const char *text);
    void *context;
};

/* For the readers of streams. */
void answer_say(struct answer *a, const char *text); /* NULL and "" are fine */
/* Reasoning that is not part of the text: only its length is kept. */
void answer_think(struct answer *a, const char *text);
enum { ANSWER_PARTS_MAX = 1024 };

/* The part of that index, made if there is none. An `id` that differs from the part's own makes a
 * new one: there are endpoints that number all calls 0. */
struct part *answer_part(struct answer *a, int64_t index, const char *id);
/* One more, whatever there is; beyond ANSWER_PARTS_MAX the answer fails and the last part is given.
 * Both may move the parts that are there. */
struct part *answer_new_part(struct answer *a, int64_t index);
/* The first error stays. */
void answer_fails(struct answer *a, const char *type, const char *message);
/* The error in an object of an endpoint, in any of the shapes there are; false if there is none. */
bool answer_read_error(struct answer *a, const json_t *body);
void answer_count(struct answer *a, const struct token_counts *used);

/* Text, thinking and calls as a message; the answer keeps its counts. Parts without a name are
 * none. Calls without an ID, or with one that was there, get one; arguments that are no JSON object
 * are kept as they were written. */
void answer_take(struct answer *a, struct message *ret);
void answer_free(struct answer *a);

#endif
