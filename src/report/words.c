/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include "base/clock.h"
#include "report/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ERRORS_TOLD = 5 };

const char *words_status(const char *status)
{
    if (!status[0])
        return "waiting";
    return strcmp(status, "partial") == 0 ? "partly done" : status;
}

void words_count(struct text *t, int64_t n, const char *one, const char *many)
{
    text_printf(t, "%" PRId64 " %s", n, n == 1 ? one : many);
}

void words_span(int64_t ms, char out[32])
{
    if (ms < 0)
        out[0] = '\0';
    else
        clock_format_span(ms, out);
}

void words_number(struct text *t, const json_t *number)
{
    if (json_is_integer(number))
        text_printf(t, "%" JSON_INTEGER_FORMAT, json_integer_value(number));
    else if (json_is_number(number))
        text_printf(t, "%.10g", json_number_value(number));
    else
        text_add(t, "unknown");
}

bool words_is_zero(const json_t *number)
{
    double value = json_number_value(number);

    return json_is_number(number) && !(value < 0) && !(value > 0);
}

void words_changes(struct text *t, int64_t commits, int64_t files, int64_t insertions,
                   int64_t deletions)
{
    if (!commits)
        return;
    words_count(t, commits, "commit", "commits");
    text_add(t, ", ");
    words_count(t, files, "file", "files");
    text_printf(t, ", +%" PRId64 " -%" PRId64, insertions, deletions);
}

void words_git(struct text *t, const json_t *git)
{
    words_changes(t, view_count(git, "commits"), view_count(git, "files"),
                  view_count(git, "insertions"), view_count(git, "deletions"));
}

void words_cost(struct text *t, const json_t *object)
{
    const json_t *cost = json_object_get(object, "cost_usd");

    if (json_is_number(cost))
        text_add_usd(t, json_number_value(cost));
    else
        text_add(t, "unknown");
    double least = json_get_number(object, "cost_at_least_usd", 0);
    if (!json_is_number(cost) && least > 0) {
        text_add(t, ", at least ");
        text_add_usd(t, least);
    }
}

void words_tokens(struct text *t, const json_t *object)
{
    const json_t *counts = json_object_get(object, "token_counts");
    int64_t input = view_count(counts, "input"), cached = view_count(counts, "cached");
    int64_t output = view_count(counts, "output"), reasoning = view_count(counts, "reasoning");

    text_printf(t, "%" PRId64, view_count(object, "tokens"));
    if (!input && !cached && !output)
        return;
    text_printf(t, " (%" PRId64 " input, %" PRId64 " cached, %" PRId64 " output", input, cached,
                output);
    if (reasoning)
        text_printf(t, ", of which %" PRId64 " reasoning", reasoning);
    text_add_char(t, ')');
}

void words_spent(struct text *t, const json_t *object)
{
    text_add(t, "tokens ");
    words_tokens(t, object);
    text_add(t, "; cost ");
    words_cost(t, object);
    if (!json_is_number(json_object_get(object, "cost_usd")))
        text_add(t, " (no price is known for some of them)");
}

/* "2 resumed, 1 handed over"; nothing but fresh ones is not worth a word. */
void words_sessions(struct text *t, const json_t *sessions)
{
    static const struct {
        const char *key, *what;
    } rows[] = {{"resumed", "resumed"},
                {"handed_over", "handed over to a new one"},
                {"continued", "continued after its provider had ended it"}};
    size_t before = t->length;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (view_count(sessions, rows[i].key))
            text_printf(t, "%s%" PRId64 " %s", t->length > before ? ", " : "",
                        view_count(sessions, rows[i].key), rows[i].what);
}

void words_instance(struct text *t, const json_t *instance)
{
    const json_t *used = json_object_get(instance, "context_used");
    AUTO_TEXT sessions = {0};

    text_printf(t, "%s, ", view_text(instance, "driver"));
    words_count(t, view_count(instance, "agents"), "agent", "agents");
    words_sessions(&sessions, instance);
    if (sessions.length)
        text_printf(t, ", sessions: %s", sessions.data);
    if (json_is_number(used))
        text_printf(t, ", %.0f %% of its context used (%" PRId64 " of %" PRId64 " tokens)",
                    json_number_value(used) * 100, view_count(instance, "context_tokens"),
                    view_count(instance, "context_window"));
    else if (view_count(instance, "context_tokens"))
        text_printf(t, ", %" PRId64 " tokens in its context",
                    view_count(instance, "context_tokens"));
}

/* "3 attempts (rate_limit, crash)": why all but the last were not enough. */
void words_attempts(struct text *t, const json_t *agent)
{
    const json_t *attempts = view_array(agent, "attempts");
    size_t count = json_array_size(attempts), told = 0;

    words_count(t, (int64_t)count, "attempt", "attempts");
    for (size_t i = 0; i + 1 < count; i++) {
        const char *error = view_text(json_array_get(attempts, i), "error");
        if (error[0] && told < ERRORS_TOLD)
            text_printf(t, "%s%s", told++ ? ", " : " (", error);
    }
    text_add(t, told ? ")" : "");
}

void words_estimate(struct text *t, const json_t *report)
{
    const json_t *estimate = json_object_get(json_object_get(report, "decision"), "estimate");

    if (!json_is_object(estimate))
        return;
    text_printf(t,
                "Estimated before the run: %.10g min one agent after the other, %.10g min in "
                "waves, %.10g min as children (%.10gx).",
                json_get_number(estimate, "sequential_minutes", 0),
                json_get_number(estimate, "waves_minutes", 0),
                json_get_number(estimate, "meta_minutes", 0),
                json_get_number(estimate, "speedup", 0));
}

static const struct {
    const char *key, *what;
} spans[] = {
    {"makespan_s", "From start to end"},
    {"busy_s", "In all attempts"},
    {"sequential_s", "The same agents one after the other"},
    {"critical_path_s", "Longest chain of agents that need each other"},
    {"overhead_s", "In which no agent ran (kelp, git, checks, waiting for you)"},
};
_Static_assert(COUNT_OF(spans) + 2 == WORDS_TIMES_MAX, "speedup and efficiency come behind them");

size_t words_times(const json_t *report, struct words_time ret[WORDS_TIMES_MAX])
{
    const json_t *timing = json_object_get(report, "timing");
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        if (!json_is_number(json_object_get(timing, spans[i].key)))
            continue;
        ret[n].what = spans[i].what;
        words_span(view_seconds_ms(timing, spans[i].key), ret[n++].value);
    }
    if (!json_is_number(json_object_get(timing, "speedup")))
        return n;
    ret[n].what = "Speedup";
    (void)snprintf(ret[n].value, sizeof ret[n].value, "%.2fx",
                   json_get_number(timing, "speedup", 0));
    n++;
    ret[n].what = "Efficiency";
    (void)snprintf(ret[n].value, sizeof ret[n].value, "%.0f %%",
                   json_get_number(timing, "efficiency", 0) * 100);
    return n + 1;
}

void words_barrier(struct text *t, const json_t *report)
{
    double factor = json_get_number(json_object_get(report, "replay"), "barrier_factor", 1);

    if (factor > 1.005)
        text_printf(t,
                    "Replayed with these durations, a barrier after each wave takes %.2f times as "
                    "long as starting each step when what it needs is there.",
                    factor);
}

static void how_it_ended(struct text *t, const json_t *attempt)
{
    const json_t *exit = json_object_get(attempt, "exit");
    int64_t signal = view_count(attempt, "signal");

    text_add(t, view_text(attempt, "error"));
    if (view_text(attempt, "message")[0])
        text_printf(t, ": %s", view_text(attempt, "message"));
    else if (signal)
        text_printf(t, ": signal %" PRId64, signal);
    else if (json_is_integer(exit) && json_integer_value(exit))
        text_printf(t, ": exit status %" JSON_INTEGER_FORMAT, json_integer_value(exit));
}

void words_trouble(struct text *t, const json_t *agent)
{
    const json_t *attempts = view_array(agent, "attempts");
    size_t count = json_array_size(attempts);
    const json_t *last = count ? json_array_get(attempts, count - 1) : NULL;

    if (strcmp(view_text(agent, "status"), "done") == 0 || !last)
        return;
    if (view_text(last, "error")[0])
        how_it_ended(t, last);
    else if (view_text(last, "message")[0])
        text_add(t, view_text(last, "message"));
}

void words_check(struct text *t, const json_t *check)
{
    if (json_get_bool(check, "passed", false))
        text_add(t, "passed");
    else
        text_printf(t, "failed (exit %" PRId64 ")", json_get_int(check, "exit", -1));
}

void words_undone(struct text *t, size_t commands, size_t passed)
{
    if (commands)
        text_printf(t, "on_failure ran: %zu of %zu commands passed", passed, commands);
}

static size_t delivered(const json_t *report, size_t *ret_count)
{
    const json_t *subtasks = view_array(report, "subtasks"), *s;
    size_t good = 0, i;

    json_array_foreach (subtasks, i, s)
        good += json_get_bool(s, "delivered", false);
    *ret_count = json_array_size(subtasks);
    return good;
}

static bool has_status(const json_t *report, const char *status)
{
    return strcmp(view_text(report, "status"), status) == 0;
}

static char *headline_ended(const json_t *report)
{
    size_t count, good = delivered(report, &count);

    if (json_get_bool(report, "declined", false))
        return mem_string("It was declined at the confirmation, and nothing was executed.");
    if (view_text(report, "failure")[0])
        return text_format("The run could not go on: %s.", view_text(report, "failure"));
    if (has_status(report, "cancelled"))
        return text_format("The run was cancelled; %zu of %zu subtasks were done before.", good,
                           count);
    if (count == 1)
        return mem_string(good ? "The subtask is done." : "The subtask is not done.");
    if (good == count)
        return text_format("All %zu subtasks are done.", count);
    if (!good)
        return text_format("None of the %zu subtasks is done.", count);
    return text_format("%zu of %zu subtasks are done; %zu %s not.", good, count, count - good,
                       count - good == 1 ? "is" : "are");
}

static char *headline(const json_t *report)
{
    if (!view_has_ended(report))
        return text_format("The run has not ended; it is in the phase '%s'.",
                           view_text(report, "phase"));
    return headline_ended(report);
}

static char *short_commit(const json_t *git, const char *key)
{
    return text_format("%.12s", view_text(git, key));
}

/* Where the work is now. */
static void add_place(struct text *t, const json_t *git)
{
    AUTO_FREE char *head = short_commit(git, "head");
    AUTO_FREE char *commit = short_commit(git, "commit");

    if (json_get_bool(git, "landed", false))
        text_printf(t, "The result is on %s (%s)", view_text(git, "landed_on"), head);
    else if (commit[0] && strcmp(view_text(git, "commit"), view_text(git, "base")) != 0)
        text_printf(t, "The result is on the branch %s (%s) and did not land: %s",
                    view_text(git, "branch"), commit,
                    json_get_string(git, "land_reason", "the run ended before"));
    else
        text_add(t, "No file of the repository was changed");
}

static void add_admission(struct text *t, const json_t *report)
{
    const json_t *admission = json_object_get(report, "admission");
    char span[32];

    if (!json_is_object(admission))
        return;
    words_span(view_count(admission, "bounded_ms"), span);
    text_printf(t, "%sFewer agents ran at once for %s (%s), at the fewest %lld.",
                t->length ? " " : "", span, view_text(admission, "why"),
                (long long)view_count(admission, "fewest"));
}

static char *result(const json_t *report)
{
    const json_t *git = json_object_get(report, "git");
    struct text t = {0};

    if (!view_text(git, "base")[0] || !view_has_ended(report))
        return mem_string("");
    add_place(&t, git);
    if (json_get_bool(git, "pushed", false))
        text_printf(&t, " and was pushed to %s", view_text(git, "remote"));
    else if (json_get_bool(git, "landed", false) && view_text(git, "push_reason")[0])
        text_printf(&t, "; it was not pushed: %s", view_text(git, "push_reason"));
    text_add_char(&t, '.');
    add_admission(&t, report);
    return text_take(&t);
}

void words_put_summary(json_t *report)
{
    AUTO_FREE char *head = headline(report);
    AUTO_FREE char *where = result(report);
    json_t *summary = json_object();

    json_object_set_new(summary, "headline", json_text_or_null(head));
    json_object_set_new(summary, "result", json_text_or_null(where));
    json_object_set_new(report, "summary", summary);
}
