/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `{{name}}` in prompts and commands. White space around the name is ignored. `{{{{` stands
 * for a plain `{{`; a `}}` that closes nothing is plain text, so that `{{{{.Names}}` gives
 * `{{.Names}}`.
 *
 * In a prompt a value is text. In a command it is one quoted word, wherever it stands: inside
 * quotes of the command they are closed before and opened again behind, so that "a {{x}}"
 * and 'a {{x}}' are safe too. Where no quoting can be sure to be safe (here-documents,
 * backquotes, arithmetic, ${...}, $'...', behind a backslash), it is an error that says what
 * to do. In a comment nothing is expanded. What a command itself evaluates again (eval, sh -c) is
 * the plan's own affair.
 */
#ifndef KELP_CORE_TEMPLATE_H
#define KELP_CORE_TEMPLATE_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Which names are allowed. A segment `*` of a name stands for any one segment: "steps.*.summary".
 * Right when zeroed: no name is. */
struct template_scope {
    const char *const *names;
    size_t count;
    /* Further names; NULL: none. */
    bool (*allows)(const void *context, const char *name);
    const void *context;
    bool command; /* also check that each stands where a command can have it */
};

struct template_values {
    /* The value of a name, borrowed until the next call; NULL: unknown. */
    const char *(*lookup)(void *context, const char *name);
    void *context;
    const char *const *names; /* for "did you mean"; may be NULL */
    size_t count;
    bool command; /* each value is one quoted word */
};

/* FAULT_PLAN: an unclosed `{{`, an empty or unknown name (hint: the nearest). The fault's place
 * has no file; line and column are within the text. */
int template_check(const char *text, const struct template_scope *scope,
                   struct fault *f) MUST_CHECK;
/* Appends to `out`; after a fault `out` is as it was. */
int template_expand(const char *text, const struct template_values *values, struct text *out,
                    struct fault *f) MUST_CHECK;
/* Is there a `{{name}}` (any name if NULL)? False for text that does not parse. */
bool template_uses(const char *text, const char *name);

#endif
