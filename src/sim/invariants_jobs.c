/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, attempts and retries: what may happen once, and what may happen again. */
#include "sim/invariants_priv.h"

static bool no_breach(const struct sight *s, uint32_t job, struct text *why)
{
    char name[EXEC_ID_TEXT_MAX];

    if (job == JOB_NONE)
        return true;
    const struct job *j = &s->tree->jobs.at[job];
    text_printf(why, "job %u (%s of %s", job, job_kind_name((enum job_kind)j->kind),
                orch_text(s->tree, j->orch, name));
    if (j->agent != AGENT_NONE)
        text_printf(why, ", agent %u, attempt %u", j->agent, j->attempt);
    text_add(why, ")");
    return false;
}

bool jobs_keep_identity(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.changed, why);
}

bool jobs_asked_once(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.twice, why);
}

bool attempts_one_at_a_time(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.together, why);
}

bool attempts_not_after_success(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.again, why);
}

bool attempts_clean(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.unclean, why);
}

bool attempts_housed(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.homeless, why);
}

bool attempts_alone(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.crowded, why);
}

bool attempts_continue(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.forgetful, why);
}

bool sessions_exclusive(const struct sight *s, struct text *why)
{
    return no_breach(s, s->world->breaches.shared, why);
}

/* Only the job that the last event is about can have changed. */
static const struct world_job *event_job(const struct sight *s)
{
    bool about_job = s->event->kind == EVENT_JOB_STARTED || s->event->kind == EVENT_JOB_ENDED;

    return about_job ? world_job(s->world, s->event->job) : NULL;
}

bool jobs_start_once(const struct sight *s, struct text *why)
{
    const struct world_job *j = event_job(s);

    if (!j || j->starts <= 1)
        return true;
    enum job_way way = job_kind_way((enum job_kind)j->errand.job.kind);
    /* Git work and what happens inside the engine may be begun again; it is the same when done. */
    if (way == JOB_WAY_WORKER || way == JOB_WAY_INTERNAL)
        return true;
    text_printf(why, "job %u started %u times", s->event->job, j->starts);
    return false;
}

bool effects_once(const struct sight *s, struct text *why)
{
    const struct world_job *j = event_job(s);

    if (!j || j->effects <= 1 ||
        job_kind_way((enum job_kind)j->errand.job.kind) == JOB_WAY_INTERNAL)
        return true;
    text_printf(why, "job %u (%s) changed the repository %u times", s->event->job,
                job_kind_name((enum job_kind)j->errand.job.kind), j->effects);
    return false;
}

static bool sound(const struct sight *s, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_START:
    case COMMAND_STOP:
        return c->job < s->tree->jobs.count && s->tree->jobs.at[c->job].state != JOB_ENDED;
    case COMMAND_TIMER:
        return c->timer < s->tree->timers.count;
    case COMMAND_END:
        return s->tree->phase == RUN_ENDED;
    }
    return false;
}

bool commands_sound(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct command *c = &s->commands[i];
        if (sound(s, c))
            continue;
        text_printf(why, "command %d for job %u", (int)c->kind, c->job);
        return false;
    }
    return true;
}

static bool may_follow(enum attempt_error error, int retries)
{
    switch (error) {
    case ERROR_RATE_LIMIT:
    case ERROR_AUTH:
    case ERROR_QUOTA:
    case ERROR_TRANSIENT:
    case ERROR_TIMEOUT:
    case ERROR_CRASH:
    case ERROR_LIMIT:
    case ERROR_MALFORMED:
    case ERROR_CANCELLED:
        return true;
    case ERROR_FAILED:
    case ERROR_CONTEXT_FULL:
        return retries != RETRIES_DEFAULT;
    case ERROR_NONE:
    case ERROR_REFUSED:
    case ERROR_BLOCKED:
    case ATTEMPT_ERROR_COUNT:
        break;
    }
    return false;
}

/* The attempt before the last one; NULL if there is none. */
static const struct attempt *attempt_before(const struct agent *a)
{
    const struct attempt *x = a->first_attempt;

    while (x && x->next && x->next != a->last_attempt)
        x = x->next;
    return x && x->next ? x : NULL;
}

bool attempts_with_reason(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j || s->event->kind == EVENT_RESUMED)
            continue;
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct agent *a = &w->agents.at[j->agent];
        const struct attempt *before = attempt_before(a);
        int retries = meant_step(s, &w->nodes.at[a->node])->settings.retries;
        if (!before || may_follow(before->error, retries))
            continue;
        text_printf(why, "attempt %u follows '%s'", j->attempt, attempt_error_name(before->error));
        return false;
    }
    return true;
}

/* What a provider does not serve, and stops, cost no attempt. */
static uint32_t counted(const struct agent *a)
{
    uint32_t n = 0;

    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        n += x->error != ERROR_RATE_LIMIT && x->error != ERROR_AUTH && x->error != ERROR_QUOTA &&
             x->error != ERROR_CANCELLED;
    return n;
}

static uint32_t allowed(const struct plan_settings *set)
{
    if (set->retries == RETRIES_DEFAULT)
        return set->isolation == ISOLATION_NONE ? 1 : 2;
    return 1 + (uint32_t)set->retries;
}

static bool agents_within(const struct sight *s, const struct work *w, uint32_t *extra,
                          struct text *why)
{
    for (size_t i = 0; i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        uint32_t n = counted(a), most = allowed(&meant_step(s, &w->nodes.at[a->node])->settings);
        *extra += n > 1 ? n - 1 : 0;
        if (n <= most)
            continue;
        text_printf(why, "agent %zu had %u attempts of %u", i, n, most);
        return false;
    }
    return true;
}

/* A fan-out counts as one agent until it turns out to be empty. */
static uint32_t empty_fans(const struct work *w)
{
    uint32_t n = 0;

    for (size_t i = 0; i < w->nodes.count; i++)
        n += w->nodes.at[i].step != STEP_BARRIER && !w->nodes.at[i].agent_count;
    return n;
}

bool retries_bounded(const struct sight *s, struct text *why)
{
    const struct run_settings *set = &s->request->settings;
    uint32_t extra = 0, agents = s->tree->agents_total;

    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        if (w && !agents_within(s, w, &extra, why))
            return false;
        agents += w ? empty_fans(w) : 0;
    }
    double share = set->retry_share * agents;
    if (extra <= set->retry_min || extra <= share)
        return true;
    text_printf(why, "%u retries, where %u or %.1f were allowed", extra, set->retry_min, share);
    return false;
}

static bool same_work(const struct job *a, const struct job *b)
{
    return a->kind == b->kind && a->orch == b->orch && a->agent == b->agent &&
           a->attempt == b->attempt && a->index == b->index;
}

/* Kinds that belong to the run as a whole, or to a round of its consolidation, come again. */
static bool comes_again(enum job_kind kind)
{
    return kind == JOB_LAND || kind == JOB_PUSH || kind == JOB_DISCARD || kind == JOB_REPORT ||
           kind == JOB_CONSOLIDATE || kind == JOB_MERGE || kind == JOB_VERIFY_COPY ||
           kind == JOB_VERIFY_SETUP || kind == JOB_FINAL_CHECK;
}

/* Fan-outs of subtasks and those of the root's steps are both the root's. */
static bool other_phase(const struct sight *s, const struct job *earlier)
{
    return earlier->kind == JOB_EXPAND && earlier->orch == 0 && s->tree->phase != RUN_EXPAND;
}

static bool is_distinct(const struct sight *s, uint32_t job, struct text *why)
{
    const struct job *j = &s->tree->jobs.at[job];
    uint32_t generation = s->tree->orchs.at[tree_clone_owner(s->tree, j->orch)].generation;

    for (uint32_t i = 0; i < job && !comes_again((enum job_kind)j->kind); i++) {
        const struct job *other = &s->tree->jobs.at[i];
        const struct world_job *seen = world_job(s->world, i);
        if (!same_work(j, other) || other->stop == STOP_INTERRUPT || other_phase(s, other) ||
            !seen || !seen->asked_in || seen->errand.generation != generation)
            continue;
        text_printf(why, "job %u (%s) is job %u once more", job,
                    job_kind_name((enum job_kind)j->kind), i);
        return false;
    }
    return true;
}

bool jobs_distinct(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++)
        if (s->commands[i].kind == COMMAND_START && s->event->kind != EVENT_RESUMED &&
            !is_distinct(s, s->commands[i].job, why))
            return false;
    return true;
}

/* The least that a retry has to wait: half of the first backoff, or what the server said. */
static int64_t least_wait_ms(const struct sight *s, const struct attempt *before)
{
    const struct world_job *j = world_job(s->world, before->job);

    if (before->error == ERROR_TRANSIENT)
        return 5000;
    if (before->error == ERROR_RATE_LIMIT)
        return j && j->outcome->retry_after_ms ? j->outcome->retry_after_ms : 5000;
    return 0;
}

bool retries_wait(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j || s->event->kind == EVENT_RESUMED)
            continue;
        const struct agent *a = &s->tree->orchs.at[j->orch].work->agents.at[j->agent];
        const struct attempt *before = attempt_before(a);
        int64_t waited = before ? s->tree->now_ms - before->ended_ms : 0;
        if (!before || waited >= least_wait_ms(s, before))
            continue;
        text_printf(why, "attempt %u waited %lld ms after '%s'", j->attempt, (long long)waited,
                    attempt_error_name(before->error));
        return false;
    }
    return true;
}

/* How long a job's limit lets it run; 0: what the plan says is not all that counts. */
static int64_t limit_ms(const struct sight *s, const struct job *j)
{
    const struct timer *t = j->timer == TIMER_NONE ? NULL : &s->tree->timers.at[j->timer];

    return t && t->kind == TIMER_ATTEMPT_LIMIT ? t->at_ms - j->started_ms : 0;
}

/* A clock that was set while no engine lived can't be told from time that passed. */
bool limits_by_time_awake(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct command *c = &s->commands[i];
        const struct world_job *seen = c->kind == COMMAND_STOP ? world_job(s->world, c->job) : NULL;
        if (!seen || s->tree->jobs.at[c->job].stop != STOP_TIME_LIMIT ||
            seen->started_in != s->world->life)
            continue;
        int64_t awake_ms = s->world->now_ms - seen->started_ms;
        int64_t limit = limit_ms(s, &s->tree->jobs.at[c->job]);
        if (awake_ms >= limit)
            continue;
        text_printf(why, "job %u was stopped after %lld ms of %lld", c->job, (long long)awake_ms,
                    (long long)limit);
        return false;
    }
    return true;
}
