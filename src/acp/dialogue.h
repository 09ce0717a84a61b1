/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One prompt over the Agent Client Protocol (ACP, version 1), from the client's side: JSON-RPC
 * frames of the agent go in, frames for the agent and events of the kelp protocol come out. It
 * neither reads nor writes anything itself.
 *
 *     dialogue_begin -> dialogue_take(frame)* [-> dialogue_cancel] -> dialogue_free
 *
 * The conversation: initialize, session/new or session/load, session/set_mode, session/set_model,
 * session/prompt. Permissions are given or refused by the kind of the options, since their ids
 * differ between agents; files and terminals are not offered.
 */
#ifndef KELP_ACP_DIALOGUE_H
#define KELP_ACP_DIALOGUE_H

#include "base/json.h"
#include "base/text.h"
#include "base/vector.h"
#include "core/event.h"

/* Each is asked once, in this order; it is also the id of its request. */
#define DIALOGUE_STEPS(X)         \
    X(NONE, "")                   \
    X(INITIALIZE, "initialize")   \
    X(SESSION, "session/new")     \
    X(MODE, "session/set_mode")   \
    X(MODEL, "session/set_model") \
    X(PROMPT, "session/prompt")   \
    X(OVER, "")

enum dialogue_step {
#define DIALOGUE_STEP_ENUM(name, method) DIALOGUE_##name,
    DIALOGUE_STEPS(DIALOGUE_STEP_ENUM)
#undef DIALOGUE_STEP_ENUM
};

/* What the usage in the answer to a prompt counts: it differs between agents. */
enum dialogue_usage {
    DIALOGUE_USAGE_PROMPT,  /* this prompt */
    DIALOGUE_USAGE_LAST,    /* its last request only: says how full the context is */
    DIALOGUE_USAGE_SESSION, /* the session from its beginning */
};

/* Strings are borrowed, never NULL. */
struct dialogue_options {
    const char *cwd, *prompt;
    const char *session; /* to go on with; "": a new one */
    const char *mode;    /* of the session; id, name, or the last part of the id; "": the agent's */
    const char *model;   /* the same */
    bool any_model;      /* it takes models that it does not offer, by their ids */
    bool read_only;      /* permissions are refused */
    enum dialogue_usage usage;
};

enum {
    DIALOGUE_OUT_MAX = 16 * 1024 * 1024, /* bytes that wait for an agent to read them */
    DIALOGUE_CALLS_MAX = 4096,           /* calls of which it is known that they were told of */
};

/* A tool call that was told of. */
struct dialogue_call {
    char *id;
    bool ended;
};

/* Plain data; all but `out`, `events`, `step` and `failed` is its own affair. */
struct dialogue {
    const struct dialogue_options *options;
    enum dialogue_step step; /* that is waited for; OVER: nothing more is to come */
    bool failed;             /* when it is over */
    struct text out;         /* for the agent, lines; the caller takes them away */
    struct text events;      /* for kelp, lines; the same */
    char *session;
    json_t *modes, *models, *config; /* as the session has them; NULL */
    VECTOR(struct dialogue_call) calls;
    bool in_text; /* the last event was text: more of it belongs to the same message */
    bool cancelled;
    bool counted;             /* usage came with the messages */
    struct token_counts used; /* by then */
    int64_t context, window;
    double usd; /* of the session, as it says; below 0: it does not */
};

void dialogue_begin(struct dialogue *d, const struct dialogue_options *options);
/* A frame that makes no sense is passed over. */
void dialogue_take(struct dialogue *d, const json_t *frame);
/* The turn is to end: the agent is told where it is at work, else it is over at once. */
void dialogue_cancel(struct dialogue *d);
/* It did not answer in time. */
void dialogue_late(struct dialogue *d, const char *after);
const char *dialogue_method(enum dialogue_step step);
void dialogue_free(struct dialogue *d);
#define AUTO_DIALOGUE __attribute__((cleanup(dialogue_free))) struct dialogue

#endif
