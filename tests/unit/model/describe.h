/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer came to, in one line: "text|stop|id name {arguments}|...", so that tables of
 * streams can be compared. */
#ifndef KELP_TESTS_DESCRIBE_H
#define KELP_TESTS_DESCRIBE_H

#include "model/api.h"

#include <criterion/criterion.h>
#include <string.h>

static inline void describe_calls(const struct message *m, struct text *out)
{
    for (size_t i = 0; i < m->calls.count; i++) {
        const struct call *call = &m->calls.at[i];
        AUTO_FREE char *arguments = call->arguments ? json_text(call->arguments, 0) : NULL;
        text_printf(out, "|%s %s %s", call->id, call->name, arguments ? arguments : call->written);
    }
}

/* Reads `events`, one JSON object a line, and says what they came to. */
static inline char *describe(const struct api *api, const char *events, bool whole)
{
    static const char *const stops[] = {"cut", "done", "calls", "length", "refused", "context"};
    struct answer a = {0};
    struct text out = {0};
    struct message m;

    for (const char *at = events; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        json_auto_t *event = json_loadb(at, strcspn(at, "\n"), 0, NULL);
        cr_assert_not_null(event, "no JSON: %s", at);
        (whole ? api->whole : api->event)(&a, event);
    }
    text_printf(&out, "%s|%s", text_get(&a.text), stops[a.stop]);
    if (a.error.length)
        text_printf(&out, "|error %s", text_get(&a.error));
    if (a.counted)
        text_printf(&out, "|%lld+%lld>%lld(%lld)", (long long)a.used.input,
                    (long long)a.used.cached, (long long)a.used.output,
                    (long long)a.used.reasoning);
    if (a.thinking) {
        AUTO_FREE char *thinking = json_text(a.thinking, 0);
        text_printf(&out, "|%s", thinking);
    }
    answer_take(&a, &m);
    describe_calls(&m, &out);
    message_free(&m);
    answer_free(&a);
    return text_take(&out);
}

#endif
