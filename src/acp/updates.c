/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent says while it works: text, tool calls, usage. */
#include "acp/dialogue_priv.h"
#include "agent/reading.h"

#include <string.h>

static struct dialogue_call *find_call(struct dialogue *d, const char *id)
{
    for (size_t i = 0; i < d->calls.count; i++)
        if (strcmp(d->calls.at[i].id, id) == 0)
            return &d->calls.at[i];
    return NULL;
}

/* Agents name the tool in places of their own; every one has a kind. */
static const char *name_of(const json_t *call)
{
    static const char *const places[] = {"_meta.claudeCode.toolName", "_meta.toolName", "kind",
                                         "title"};

    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (*json_at_string(call, places[i], ""))
            return json_at_string(call, places[i], "");
    return "tool";
}

/* Of very many the oldest is forgotten; told of again, it counts as another. */
static void forget_oldest(struct dialogue *d)
{
    free(d->calls.at[0].id);
    d->calls.count--;
    memmove(d->calls.at, d->calls.at + 1, d->calls.count * sizeof *d->calls.at);
}

/* Some agents tell of a call only when they ask for permission, some only when it is over. */
static struct dialogue_call *know_call(struct dialogue *d, const json_t *call)
{
    const char *id = json_get_string(call, "toolCallId", "");
    struct dialogue_call *known = find_call(d, id);

    if (known)
        return known;
    dialogue_tell(d, json_pack("{s:s, s:s, s:s, s:s}", "type", "tool", "id", id, "name",
                               name_of(call), "detail", json_get_string(call, "title", "")));
    d->in_text = false;
    if (d->calls.count == DIALOGUE_CALLS_MAX)
        forget_oldest(d);
    vector_push(&d->calls, (struct dialogue_call){.id = mem_string(id)});
    return &d->calls.at[d->calls.count - 1];
}

static void end_call(struct dialogue *d, struct dialogue_call *call, bool ok, bool denied)
{
    json_t *event = json_pack("{s:s, s:s, s:b}", "type", "tool_result", "id", call->id, "ok", ok);

    if (denied)
        json_object_set_new(event, "denied", json_true());
    dialogue_tell(d, event);
    call->ended = true;
}

void dialogue_asked(struct dialogue *d, const json_t *call, bool refused)
{
    struct dialogue_call *known = know_call(d, call);

    if (refused && !known->ended)
        end_call(d, known, false, true);
}

static void take_call(struct dialogue *d, const json_t *update)
{
    struct dialogue_call *call = know_call(d, update);
    const char *status = json_get_string(update, "status", "");
    bool ok = strcmp(status, "completed") == 0;

    if (!call->ended && (ok || strcmp(status, "failed") == 0))
        end_call(d, call, ok, false);
}

/* Whether the input holds what came from the cache differs; the total tells. */
static struct token_counts read_counts(const json_t *usage)
{
    int64_t input = reading_count(usage, "inputTokens");
    int64_t output = reading_count(usage, "outputTokens");
    int64_t cached =
        reading_count(usage, "cachedReadTokens") + reading_count(usage, "cachedWriteTokens");
    int64_t thought = reading_count(usage, "thoughtTokens");
    int64_t total = reading_count(usage, "totalTokens");

    if (total && total < input + output + cached && cached <= input)
        input -= cached;
    return (struct token_counts){
        .input = input, .cached = cached, .output = output, .reasoning = thought};
}

static void take_message_usage(struct dialogue *d, const json_t *usage)
{
    struct token_counts counts = read_counts(usage);

    d->counted = true;
    tokens_add(&d->used, &counts);
    d->context = counts.input + counts.cached + counts.output;
}

static void take_text(struct dialogue *d, const json_t *update)
{
    const json_t *usage = json_at(update, "_meta.usage");
    const char *text = json_at_string(update, "content.text", "");

    if (usage)
        take_message_usage(d, usage);
    if (!*text)
        return;
    json_t *event = json_pack("{s:s, s:s}", "type", "text", "text", text);
    if (d->in_text)
        json_object_set_new(event, "delta", json_true());
    dialogue_tell(d, event);
    d->in_text = true;
}

static void take_usage(struct dialogue *d, const json_t *update)
{
    int64_t used = reading_count(update, "used"), window = reading_count(update, "size");
    double usd = json_at_number(update, "cost.amount", 0);

    d->context = used ? used : d->context;
    if (window && window != d->window) {
        d->window = window;
        dialogue_tell(d, json_pack("{s:s, s:i, s:s, s:I}", "type", "start", "version", 1, "session",
                                   d->session, "context_window", (json_int_t)window));
    }
    /* An agent that knows no price says 0. */
    if (usd > 0 && strcmp(json_at_string(update, "cost.currency", "USD"), "USD") == 0)
        d->usd = usd;
}

static const struct {
    const char *kind;
    void (*take)(struct dialogue *d, const json_t *update);
} kinds[] = {
    {"agent_message_chunk", take_text},
    {"tool_call", take_call},
    {"tool_call_update", take_call},
    {"usage_update", take_usage},
};

void dialogue_update(struct dialogue *d, const json_t *update)
{
    const char *kind = json_get_string(update, "sessionUpdate", "");

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            kinds[i].take(d, update);
}

/* Numbers that count from the session's beginning say nothing of this prompt where it is not the
 * first: unknown is better than wrong. */
static bool counts_this_prompt(const struct dialogue *d)
{
    enum dialogue_usage usage = d->options->usage;

    return usage == DIALOGUE_USAGE_PROMPT ||
           (usage == DIALOGUE_USAGE_SESSION && !*d->options->session);
}

static void take_answer_usage(struct dialogue *d, const json_t *result)
{
    const json_t *usage = json_object_get(result, "usage");
    const json_t *quota = json_at(result, "_meta.quota.token_count");
    struct token_counts counts = {0};

    if (d->counted)
        return;
    if (json_is_object(usage))
        counts = read_counts(usage);
    else if (json_is_object(quota))
        counts = (struct token_counts){.input = reading_count(quota, "input_tokens"),
                                       .output = reading_count(quota, "output_tokens")};
    if (counts_this_prompt(d))
        d->used = counts;
    if (d->options->usage == DIALOGUE_USAGE_LAST && !d->context)
        d->context = counts.input + counts.cached + counts.output;
}

void dialogue_count_all(struct dialogue *d, const json_t *result)
{
    take_answer_usage(d, result);
    json_t *event = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "type", "usage", "input",
                              (json_int_t)d->used.input, "cached", (json_int_t)d->used.cached,
                              "output", (json_int_t)d->used.output, "reasoning",
                              (json_int_t)d->used.reasoning, "context", (json_int_t)d->context);
    if (d->usd >= 0 && !*d->options->session)
        json_object_set_new(event, "usd", json_real(d->usd));
    dialogue_tell(d, event);
}
