/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a program said to what the tree is told. Programs count differently: some from the
 * beginning of their session, so that a resumed one tells again what its earlier attempts used.
 * What was used before is then taken off, and nothing is counted twice.
 */
#include "agent/reading.h"

#include <string.h>

enum { SUMMARY_MAX = 4000 };

/* Never below 0: a program that counts its session anew has told less than before. */
static int64_t beyond(int64_t now, int64_t before)
{
    return now > before ? now - before : 0;
}

static bool counted_anew(const struct token_counts *now, const struct token_counts *before)
{
    return now->input < before->input || now->cached < before->cached ||
           now->output < before->output;
}

static struct token_counts tokens_of(const struct reading *r, const struct session_use *before)
{
    const struct token_counts *then = &before->tokens;

    if (!r->cumulative || counted_anew(&r->used, then))
        return r->used;
    return (struct token_counts){
        .input = beyond(r->used.input, then->input),
        .cached = beyond(r->used.cached, then->cached),
        .output = beyond(r->used.output, then->output),
        .reasoning = beyond(r->used.reasoning, then->reasoning),
    };
}

static double usd_of(const struct reading *r, const struct session_use *before)
{
    if (r->usd < 0 || !(r->cumulative || r->cumulative_usd))
        return r->usd;
    if (before->usd < 0) /* what this attempt's share is cannot be known */
        return -1;
    return r->usd >= before->usd ? r->usd - before->usd : r->usd;
}

static const char *copy_text(struct arena *a, const struct text *t, size_t most)
{
    size_t length = t->length;

    if (length > most)
        length = text_utf8_valid(text_get(t), most);
    return length ? arena_string_n(a, text_get(t), length) : NULL;
}

void reading_outcome(const struct reading *r, const struct session_use *before, struct arena *a,
                     struct outcome *o)
{
    struct token_counts used = tokens_of(r, before);

    if (o->error == ERROR_NONE)
        o->error = r->error;
    if (!o->message || !*o->message)
        o->message = copy_text(a, &r->message, r->message.length);
    if (!o->message && r->denied)
        o->message = arena_format(a, "%u tool call%s refused for want of permission", r->denied,
                                  r->denied == 1 ? " was" : "s were");
    if (!o->summary || !*o->summary)
        o->summary = copy_text(a, &r->text, SUMMARY_MAX);
    o->worked |= r->spoke || r->tool_calls;
    o->counts = used;
    o->tokens = used.input + used.cached + used.output;
    o->usd = usd_of(r, before);
    o->retry_after_ms = r->retry_after_ms;
    o->model = r->model ? arena_string(a, r->model) : NULL;
    o->session = r->session ? arena_string(a, r->session) : NULL;
    o->context_tokens = r->context_tokens;
    o->context_window = r->context_window;
    o->tool_calls = r->tool_calls;
}
