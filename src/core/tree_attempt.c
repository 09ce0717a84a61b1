/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt that has ended was, and what follows it. */
#include "core/tree_priv.h"

/* What an attempt's error makes of an agent that has no attempt left. */
static const enum end_status final_status[ATTEMPT_ERROR_COUNT] = {
    [ERROR_NONE] = END_DONE,           [ERROR_RATE_LIMIT] = END_QUOTA,
    [ERROR_AUTH] = END_QUOTA,          [ERROR_QUOTA] = END_QUOTA,
    [ERROR_TRANSIENT] = END_FAILED,    [ERROR_REFUSED] = END_REFUSED,
    [ERROR_CONTEXT_FULL] = END_FAILED, [ERROR_TIMEOUT] = END_TIMEOUT,
    [ERROR_CRASH] = END_FAILED,        [ERROR_MALFORMED] = END_FAILED,
    [ERROR_CANCELLED] = END_CANCELLED, [ERROR_FAILED] = END_FAILED,
    [ERROR_BLOCKED] = END_BLOCKED,     [ERROR_LIMIT] = END_FAILED,
};

/* A stop that kelp asked for explains the end, unless the attempt was successful all the same. */
enum attempt_error attempt_was(const struct tree *t, const struct job *j, const struct outcome *o)
{
    if (o->error == ERROR_NONE) {
        if (o->claim == CLAIM_FAILED)
            return ERROR_FAILED;
        return o->claim == CLAIM_BLOCKED ? ERROR_BLOCKED : ERROR_NONE;
    }
    switch ((enum job_stop)j->stop) {
    case STOP_TIME_LIMIT:
    case STOP_STALLED:
    case STOP_OVERDRAWN:
        return ERROR_TIMEOUT;
    case STOP_CANCEL:
        return t->over_limit ? ERROR_TIMEOUT : ERROR_CANCELLED;
    case STOP_INTERRUPT:
        return ERROR_CANCELLED;
    case STOP_NO:
        break;
    }
    return o->error;
}

const char *attempt_message(const struct job *j, const struct outcome *o)
{
    switch ((enum job_stop)j->stop) {
    case STOP_TIME_LIMIT:
        return "stopped: its time limit was reached";
    case STOP_STALLED:
        return "stopped: it was silent for too long";
    case STOP_OVERDRAWN:
        return "stopped: it used more tokens than its limits leave";
    case STOP_CANCEL:
        return "stopped: the run was cancelled or reached a limit";
    case STOP_INTERRUPT:
        return "stopped: the run was interrupted";
    case STOP_NO:
        break;
    }
    return o->message ? o->message : "";
}

struct attempt *attempt_open(struct tree *t)
{
    struct attempt *x = ARENA_NEW(&t->arena, struct attempt);

    x->job = JOB_NONE;
    x->message = x->model = x->session = "";
    x->usd = -1;
    return x;
}

void attempt_record(struct tree *t, struct attempt *x, const struct job *j, const struct outcome *o,
                    enum attempt_error error)
{
    x->ended_ms = t->now_ms;
    x->error = error;
    x->exit_code = o->exit_code;
    x->signal = o->signal;
    x->cpu_us = o->cpu_us;
    x->max_rss_kib = o->max_rss_kib;
    x->tokens = o->tokens;
    x->counts = o->counts;
    x->usd = o->usd;
    x->model = keep_string(t, o->model);
    x->session = keep_string(t, o->session);
    x->session_way = o->session_way;
    x->context_tokens = o->context_tokens;
    x->context_window = o->context_window;
    x->tool_calls = o->tool_calls;
    x->worked = o->worked;
    x->message = keep_string(t, error == ERROR_NONE ? NULL : attempt_message(j, o));
    run_note_spent(t, o);
}

/* What it tells is a claim. Text shows that there was somebody; a tool or a change shows work. */
const char *attempt_doubt(const struct attempt *x, bool due, bool changed)
{
    if (!x->worked && !x->tool_calls)
        return "nothing of its work was observed";
    if (due && !changed && !x->tool_calls)
        return "it used no tool and changed nothing";
    return NULL;
}

bool attempt_was_unserved(enum attempt_error error)
{
    return error == ERROR_RATE_LIMIT || error == ERROR_AUTH || error == ERROR_QUOTA;
}

enum end_status attempt_final_status(enum attempt_error error)
{
    return final_status[error];
}

static uint64_t identity(const struct tree *t, uint32_t orch, uint32_t agent)
{
    return ((uint64_t)t->request.number << 40) ^ ((uint64_t)orch << 20) ^ ((uint64_t)agent << 4) ^
           t->orchs.at[orch].work->agents.at[agent].attempts;
}

static unsigned counted_attempts(const struct agent *a)
{
    unsigned n = 0;

    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        n += x->error != ERROR_CANCELLED && !attempt_was_unserved(x->error);
    return n;
}

struct retry_answer attempt_retry(struct tree *t, uint32_t orch, uint32_t agent,
                                  const struct outcome *o, enum attempt_error error)
{
    const struct orch *of = &t->orchs.at[orch];
    const struct agent *a = &of->work->agents.at[agent];
    const struct plan_settings *set = &tree_agent_step(t, of, a)->settings;
    size_t budget = retry_budget(t->agents_total, t->settings.retry_share, t->settings.retry_min);
    struct retry_answer answer;
    unsigned counted = counted_attempts(a);
    const struct provider *provider = provider_of(t, orch, agent);

    retry_decide(&(struct retry_input){.error = error,
                                       .attempt = counted ? counted : 1,
                                       .pauses = provider ? provider_pauses(provider) : 0,
                                       .retries = set->retries,
                                       .isolation = set->isolation,
                                       .budget_left = budget > t->retries_spent
                                                          ? budget - t->retries_spent
                                                          : 0,
                                       .retry_after_ms = o->retry_after_ms,
                                       .jitter = retry_jitter(identity(t, orch, agent))},
                 &answer);
    return answer;
}
