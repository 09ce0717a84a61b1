/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of endpoints: how a conversation becomes a request, and how the answer is read. One
 * const struct each; nothing here knows of the network.
 */
#ifndef KELP_MODEL_API_H
#define KELP_MODEL_API_H

#include "model/answer.h"

/* What an endpoint may not know; it is left out once the endpoint has refused it. */
enum api_feature {
    API_USAGE = 1 << 0,      /* to be asked for the number of tokens of a stream */
    API_FORMAT = 1 << 1,     /* to bind the answer to a schema */
    API_MAX_TOKENS = 1 << 2, /* to call the bound max_tokens */
};

/* What a request is made of; plain data, all borrowed. */
struct ask {
    const char *model;
    const char *instructions;
    const struct conversation *conversation;
    json_t *tools;         /* array of {name, description, parameters}; may be empty */
    json_t *schema;        /* of the answer; NULL: any text */
    int64_t answer_tokens; /* 0: the endpoint's own bound */
    unsigned without;      /* enum api_feature, or-ed */
};

struct api {
    const char *name;
    const char *path;         /* behind the base of the endpoint, its version left out */
    const char *key_header;   /* what stands before the key */
    const char *extra_header; /* NULL: none */
    json_t *(*request)(const struct ask *ask); /* new reference */
    /* One object of the stream. */
    void (*event)(struct answer *a, const json_t *event);
    /* The answer of an endpoint that does not stream. */
    void (*whole)(struct answer *a, const json_t *body);
    /* The feature of this request that an endpoint refuses with this message; 0: none. */
    unsigned (*refused_feature)(const struct ask *ask, const char *message);
};

extern const struct api api_chat;     /* OpenAI chat completions */
extern const struct api api_messages; /* Anthropic messages */

#endif
