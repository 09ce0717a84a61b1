/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with a model, in one form for all kinds of endpoints. The order of its messages is
 * USER, then for every turn of the model one MODEL message and, behind it, one TOOL message for
 * each of its calls, in their order. What breaks this pairing is refused by endpoints, so messages
 * are only dropped by turns (trim.h).
 */
#ifndef KELP_MODEL_CONVERSATION_H
#define KELP_MODEL_CONVERSATION_H

#include "base/json.h"
#include "base/vector.h"

enum message_role { MESSAGE_USER, MESSAGE_MODEL, MESSAGE_TOOL };

/* What a model wants to be done. Strings are owned. */
struct call {
    char *id; /* by which the result is matched; never empty */
    char *name;
    json_t *arguments; /* an object; NULL: what the model wrote is none */
    char *written;     /* what it wrote, where `arguments` is NULL */
};

/* Plain data; strings are owned and never NULL but where it is said. */
struct message {
    enum message_role role;
    char *text;
    json_t *thinking; /* MODEL: blocks that the endpoint wants back unchanged; NULL: none */
    VECTOR(struct call) calls; /* MODEL */
    char *call_id;             /* TOOL: the call that it answers; else NULL */
    bool failed;               /* TOOL */
};

struct conversation {
    VECTOR(struct message) messages;
};

/* Appends. `text` may hold broken UTF-8, which becomes U+FFFD. */
void conversation_add_user(struct conversation *c, const char *text);
void conversation_add_result(struct conversation *c, const char *call_id, const char *text,
                             bool failed);
/* Takes what `m` owns. */
void conversation_add(struct conversation *c, struct message *m);
/* Removes `count` messages from `first` on. */
void conversation_drop(struct conversation *c, size_t first, size_t count);
void conversation_free(struct conversation *c);

/* How much of it there is to send, about: bytes of text, calls and thinking. */
size_t message_bytes(const struct message *m);
size_t conversation_bytes(const struct conversation *c);

/* As a session file has it. New reference. */
json_t *conversation_json(const struct conversation *c);
/* FAULT_FORMAT where it is no conversation, or one whose calls and results do not match. */
int conversation_read(const json_t *list, struct conversation *ret, struct fault *f) MUST_CHECK;

void message_free(struct message *m);

#endif
