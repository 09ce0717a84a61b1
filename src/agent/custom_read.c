/* SPDX-License-Identifier: Apache-2.0 */
/* How the output of a driver by configuration is read. */
#include "agent/custom_priv.h"
#include "agent/kelp_stream.h"
#include "agent/reading.h"

#include <ctype.h>
#include <string.h>

/* What is kept of plain output: its end is what it says at last. */
enum { TEXT_KEPT = 64 * 1024 };

static void begin(struct reading *r, const void *config)
{
    const struct custom *c = config;

    r->cumulative = c->cumulative;
}

static const struct custom *custom_of(const struct reading *r)
{
    return r->config;
}

/* The HTTP status that a message names, such as 503; 0: none. */
static int status_in(const char *message)
{
    for (const char *p = message; *p; p++) {
        size_t digits = strspn(p, "0123456789");
        if (digits == 3 && (*p == '4' || *p == '5') &&
            (p == message || !isalnum((unsigned char)p[-1])) && !isalpha((unsigned char)p[3]))
            return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
        p += digits ? digits - 1 : 0;
    }
    return 0;
}

static void fails(struct reading *r, enum attempt_error fixed, int status, const char *message)
{
    if (fixed != ERROR_NONE)
        reading_fails(r, fixed, message);
    else
        reading_fails_by(r, status ? status : status_in(message), message);
}

/* The values at the first of the places that has some. */
static size_t values_at(const struct custom_value *v, const json_t *event, const json_t **ret,
                        size_t most)
{
    size_t n = 0;

    for (size_t i = 0; n == 0 && i < v->count; i++)
        n = event_path_find(&v->at[i], event, ret, most);
    return n;
}

static const char *string_at(const struct custom_value *v, const json_t *event)
{
    const json_t *value;

    return values_at(v, event, &value, 1) ? json_string_value(value) : NULL;
}

static bool number_at(const struct custom_value *v, const json_t *event, double *ret)
{
    const json_t *value;

    if (!values_at(v, event, &value, 1) || !json_is_number(value))
        return false;
    *ret = json_number_value(value);
    return true;
}

static int64_t count_at(const struct custom_value *v, const json_t *event)
{
    const json_t *value = NULL;

    return values_at(v, event, &value, 1) ? reading_count(value, "") : 0;
}

static bool holds(const struct custom_condition *condition, const json_t *event)
{
    const json_t *found[EVENT_PATH_MATCHES_MAX];
    size_t n = event_path_find(&condition->path, event, found, COUNT_OF(found));

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < condition->words.count; k++)
            if (event_value_is(found[i], condition->words.at[k]))
                return true;
    return false;
}

static bool rule_holds(const struct custom_rule *rule, const json_t *event)
{
    for (size_t i = 0; i < rule->when.count; i++)
        if (!holds(&rule->when.at[i], event))
            return false;
    return true;
}

/* The texts of one message are one text. */
static void take_text(struct reading *r, const struct custom_rule *rule, const json_t *event)
{
    const json_t *found[EVENT_PATH_MATCHES_MAX];
    size_t n = values_at(&rule->text, event, found, COUNT_OF(found));
    const char *delta = string_at(&rule->delta, event);

    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(found[i]);
        if (text && *text && i == 0)
            reading_say(r, text);
        else if (text && *text)
            reading_say_more(r, text);
    }
    if (delta)
        reading_say_more(r, delta);
}

static void take_tools(struct reading *r, const struct custom_rule *rule, const json_t *event)
{
    const json_t *found[EVENT_PATH_MATCHES_MAX];
    size_t n = values_at(&rule->tool, event, found, COUNT_OF(found));

    for (size_t i = 0; i < n; i++)
        reading_does(r, json_string_value(found[i]), string_at(&rule->detail, event));
    r->tool_calls += (uint32_t)n;
    /* A refused call was counted when it was asked for. */
    n = values_at(&rule->denied, event, found, COUNT_OF(found));
    r->denied += (uint32_t)n;
    r->tool_calls -= n < r->tool_calls ? (uint32_t)n : r->tool_calls;
}

static void take_tokens(struct reading *r, const struct custom_rule *rule, const json_t *event)
{
    const struct custom *c = custom_of(r);
    struct token_counts counts = {.input = count_at(&rule->input, event),
                                  .cached = count_at(&rule->cached, event),
                                  .output = count_at(&rule->output, event),
                                  .reasoning = count_at(&rule->reasoning, event)};

    if (c->input_has_cached)
        counts.input -= counts.cached < counts.input ? counts.cached : counts.input;
    if (c->output_lacks_reasoning)
        counts.output += counts.reasoning;
    if (rule->total)
        r->used = counts;
    else
        tokens_add(&r->used, &counts);
}

static void take_usage(struct reading *r, const struct custom_rule *rule, const json_t *event)
{
    const json_t *any;
    double usd;

    if (values_at(&rule->input, event, &any, 1) || values_at(&rule->output, event, &any, 1))
        take_tokens(r, rule, event);
    if (number_at(&rule->usd, event, &usd)) {
        r->usd = rule->total ? -1 : r->usd;
        reading_costs(r, usd);
    }
    int64_t context = count_at(&rule->context, event), window = count_at(&rule->window, event);
    r->context_tokens = context ? context : r->context_tokens;
    r->context_window = window ? window : r->context_window;
}

static void take_errors(struct reading *r, const struct custom_rule *rule, const json_t *event)
{
    const json_t *found;
    const char *message = string_at(&rule->error, event);
    const char *waits = string_at(&rule->waits, event);
    int status = (int)count_at(&rule->status, event);

    if (message || rule->fails != ERROR_NONE)
        fails(r, rule->fails, status, message ? message : "it says that it failed");
    if (waits)
        reading_waits(r, status, waits, 0);
    if (values_at(&rule->answer, event, &found, 1)) {
        json_decref(r->answer);
        r->answer = json_deep_copy(found);
    }
    if (rule->final)
        r->final = true;
}

static void take_event(struct reading *r, const json_t *event)
{
    const struct custom *c = custom_of(r);

    for (size_t i = 0; i < c->rules.count; i++) {
        const struct custom_rule *rule = &c->rules.at[i];
        if (!rule_holds(rule, event))
            continue;
        reading_session(r, string_at(&rule->session, event));
        reading_set(&r->model, string_at(&rule->model, event));
        take_text(r, rule, event);
        take_tools(r, rule, event);
        take_usage(r, rule, event);
        take_errors(r, rule, event);
    }
}

/* Where the program gives the pattern's error away; NULL: nowhere. Plain output is a log, too. */
static const char *hit_of(const struct reading *r, const struct custom_pattern *p, const char *log)
{
    const char *text = text_get(&r->text);

    if (p->text)
        return text_starts(text, p->text) ? text : NULL;
    if (p->has)
        return strstr(text, p->has);
    const char *hit = strstr(log, p->log);
    return hit || custom_of(r)->output != CUSTOM_TEXT ? hit : strstr(text, p->log);
}

static void take_patterns(struct reading *r, const char *log)
{
    const struct custom *c = custom_of(r);

    for (size_t i = 0; i < c->patterns.count; i++) {
        const char *hit = hit_of(r, &c->patterns.at[i], log);
        if (hit)
            fails(r, c->patterns.at[i].error, 0, hit);
    }
}

/* An exit status that the file gives a meaning; false: it gives it none. */
static bool take_exit(struct reading *r, const struct reading_exit *exit)
{
    const struct custom *c = custom_of(r);
    AUTO_FREE char *status = text_format("exit status %d", exit->exit_code);

    for (size_t i = 0; i < c->exits.count; i++) {
        if (c->exits.at[i].code != exit->exit_code)
            continue;
        if (c->exits.at[i].error != ERROR_NONE)
            reading_fails(r, c->exits.at[i].error, status);
        return true;
    }
    return false;
}

static void end_events(struct reading *r, const struct reading_exit *exit)
{
    take_patterns(r, exit->stderr_tail);
    if (!take_exit(r, exit))
        reading_exits(r, exit);
}

const struct stream_reader custom_jsonl_reader = {
    .begin = begin, .event = take_event, .end = end_events};

static void take_line(struct reading *r, const char *line, size_t length)
{
    AUTO_FREE char *text = mem_string_n(line, length);

    if (r->text.length + length > TEXT_KEPT) {
        AUTO_FREE char *tail = mem_string(text_get(&r->text) + r->text.length / 2);
        const char *start = strchr(tail, '\n');
        reading_say(r, start ? start + 1 : "");
    }
    if (r->text.length)
        reading_say_more(r, "\n");
    reading_say_more(r, text);
    reading_does(r, text, NULL);
}

/* In plain output a line that happens to be JSON is a line. */
static void take_json_line(struct reading *r, const json_t *event)
{
    AUTO_FREE char *line = json_text(event, 0);

    take_line(r, line, strlen(line));
}

/* Plain output has no last word: the exit status is it. */
static void end_text(struct reading *r, const struct reading_exit *exit)
{
    AUTO_FREE char *status = text_format("exit status %d", exit->exit_code);
    const char *line = reading_last_line(exit->stderr_tail);

    r->final = exit->exit_code >= 0 && !exit->lost;
    take_patterns(r, exit->stderr_tail);
    if (!take_exit(r, exit) && exit->exit_code > 0)
        fails(r, ERROR_NONE, 0, *line ? line : status);
}

const struct stream_reader custom_text_reader = {
    .begin = begin, .event = take_json_line, .plain = take_line, .end = end_text};

/* Agents tell of their provider's errors in words, there too. */
static void end_kelp(struct reading *r, const struct reading_exit *exit)
{
    take_patterns(r, exit->stderr_tail);
    if (!take_exit(r, exit))
        kelp_reader.end(r, exit);
}

static void take_kelp(struct reading *r, const json_t *event)
{
    kelp_reader.event(r, event);
}

const struct stream_reader custom_kelp_reader = {.event = take_kelp, .end = end_kelp};
