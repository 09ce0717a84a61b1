/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole tree, a line for each thing and a name for each value: as text for people, and as a
 * number for comparing trees often. Both are one walk.
 */
#include "core/tree.h"

#include <inttypes.h>
#include <string.h>

struct dump {
    struct text *out; /* NULL: only the digest is wanted */
    uint64_t hash;
};

/* For a given hash each value leads to another one; what was mixed in is mixed up by finish(). */
static void mix(struct dump *d, uint64_t value)
{
    d->hash = ((d->hash << 23 | d->hash >> 41) ^ value) * 0x9e3779b97f4a7c15;
}

/* The finalizer of splitmix64. */
static uint64_t finish(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static void mix_string(struct dump *d, const char *s)
{
    size_t length = strlen(s);

    mix(d, length);
    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, s + i, length - i < sizeof word ? length - i : sizeof word);
        mix(d, word);
    }
}

static void line(struct dump *d, const char *what)
{
    mix(d, (unsigned char)what[0]);
    if (d->out)
        text_printf(d->out, "%s%s", d->out->length ? "\n" : "", what);
}

static void put(struct dump *d, const char *name, int64_t value)
{
    mix(d, (uint64_t)value);
    if (d->out)
        text_printf(d->out, " %s=%" PRId64, name, value);
}

static void put_real(struct dump *d, const char *name, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    mix(d, bits);
    if (d->out)
        text_printf(d->out, " %s=%.17g", name, value);
}

/* NULL is not "". */
static void put_word(struct dump *d, const char *name, const char *value)
{
    mix_string(d, value ? value : "\1");
    if (d->out)
        text_printf(d->out, value ? " %s='%s'" : " %s=-", name, value);
}

/* A name that follows from a number, which is what counts. */
static void put_name(struct dump *d, const char *name, const char *word, int number)
{
    mix(d, (uint64_t)number);
    if (d->out)
        text_printf(d->out, " %s=%s", name, word);
}

static void put_strings(struct dump *d, const char *name, const struct strings *list)
{
    mix(d, list->count);
    for (size_t i = 0; i < list->count; i++)
        put_word(d, name, list->at[i]);
}

static void put_numbers(struct dump *d, const char *name, const uint32_t *list, size_t count)
{
    mix(d, count);
    for (size_t i = 0; i < count; i++)
        put(d, name, list[i]);
}

static void put_metrics(struct dump *d, const char *name, const struct metrics *list)
{
    mix(d, list->count);
    for (size_t i = 0; i < list->count; i++) {
        put_word(d, name, list->at[i].name);
        put_real(d, "is", list->at[i].value);
    }
}

static void put_counts(struct dump *d, const struct token_counts *c)
{
    put(d, "input", c->input);
    put(d, "cached", c->cached);
    put(d, "output", c->output);
    put(d, "reasoning", c->reasoning);
}

static void dump_attempt(struct dump *d, const struct attempt *x)
{
    line(d, "   attempt");
    put(d, "job", x->job);
    put(d, "started", x->started_ms);
    put(d, "ended", x->ended_ms);
    put_name(d, "error", attempt_error_name(x->error), (int)x->error);
    put(d, "exit", x->exit_code);
    put(d, "signal", x->signal);
    put(d, "cpu", x->cpu_us);
    put(d, "rss", x->max_rss_kib);
    put(d, "tokens", x->tokens);
    put_counts(d, &x->counts);
    put_real(d, "usd", x->usd);
    put_word(d, "message", x->message);
    put_word(d, "model", x->model);
    put_word(d, "session", x->session);
    put(d, "way", x->session_way);
    put(d, "context", x->context_tokens);
    put(d, "window", x->context_window);
    put(d, "tools", x->tool_calls);
    put(d, "worked", x->worked);
    put(d, "continues", x->continues);
}

static void dump_result(struct dump *d, const struct agent_result *r)
{
    line(d, "   result");
    put(d, "claim", (int)r->claim);
    put_word(d, "summary", r->summary);
    put(d, "findings", r->findings);
    put_word(d, "commit", r->commit);
    put(d, "commits", r->commits);
    put(d, "files", r->files);
    put(d, "insertions", r->insertions);
    put(d, "deletions", r->deletions);
    put_metrics(d, "metric", &r->metrics);
    put_strings(d, "follow_up", &r->follow_up);
    put_strings(d, "scope", &r->out_of_scope);
    put_strings(d, "conflict", &r->conflicts);
}

static void dump_node(struct dump *d, const struct node *n)
{
    line(d, "  node");
    put(d, "unit", n->unit);
    put(d, "step", n->step);
    put(d, "level", n->level);
    put(d, "wave", n->wave);
    put(d, "unmet", n->unmet);
    put(d, "agents", n->agent_count);
    put(d, "left", n->agents_left);
    put(d, "batch", n->batch);
    put(d, "place", n->place);
    put(d, "blocked", n->blocked);
    put(d, "failed", n->failed);
    put(d, "ended", n->ended);
    put(d, "uncounted", n->uncounted);
    put(d, "expanding", n->expanding);
    put_real(d, "tail", n->tail);
    put_strings(d, "item", &n->items);
}

static void dump_agent(struct dump *d, const struct agent *a)
{
    line(d, "  agent");
    put(d, "node", a->node);
    put(d, "ordinal", a->ordinal);
    put(d, "items", a->item_count);
    put(d, "from", a->item_first);
    put(d, "wave", a->wave);
    put(d, "instance", a->instance);
    put(d, "reused", a->reused);
    put_name(d, "state", agent_state_name(a->state), a->state);
    put_name(d, "status", end_status_name(a->status), a->status);
    put(d, "place", a->place);
    put(d, "attempts", a->attempts);
    put(d, "slot", a->holds_slot);
    put(d, "prepared", a->prepared);
    put(d, "continues", a->continues);
    put(d, "job", a->job);
    put(d, "ready", a->ready_ms);
    put(d, "ended", a->ended_ms);
    put_word(d, "start", a->start_commit);
    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        dump_attempt(d, x);
    if (a->result)
        dump_result(d, a->result);
}

static void dump_work(struct dump *d, const struct work *w)
{
    for (size_t i = 0; i < w->nodes.count; i++)
        dump_node(d, &w->nodes.at[i]);
    for (size_t i = 0; i < w->agents.count; i++)
        dump_agent(d, &w->agents.at[i]);
    line(d, "  work");
    put(d, "left", w->nodes_left);
    put(d, "join", w->join_active);
    put_numbers(d, "joining", w->joining.at, w->joining.count);
    put_numbers(d, "unsettled", w->unsettled.at, w->unsettled.count);
    put_numbers(d, "released", w->released.at, w->released.count);
}

static void dump_checks(struct dump *d, const char *what, const struct check_result *c,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        line(d, what);
        put(d, "unit", c[i].unit);
        put(d, "index", c[i].index);
        put_word(d, "run", c[i].run);
        put(d, "exit", c[i].exit_code);
        put_name(d, "error", attempt_error_name(c[i].error), (int)c[i].error);
        put(d, "final", c[i].final);
    }
}

static void dump_progress(struct dump *d, const struct orch *o)
{
    put(d, "generation", o->generation);
    put(d, "stage", o->stage);
    put(d, "step", o->step);
    put(d, "copy_wanted", o->copy_wanted);
    put(d, "copy_ready", o->copy_ready);
    put(d, "copy_failed", o->copy_failed);
    put(d, "changed", o->changed);
    put(d, "unsettled", o->unsettled);
    put(d, "fetched", o->fetched);
    put(d, "merged", o->merged);
    put(d, "discarded", o->discarded);
    put(d, "users", o->users);
    put(d, "cleanup", o->cleanup);
    put(d, "started", o->started_ms);
    put(d, "ended", o->ended_ms);
}

static void dump_orch(struct dump *d, const struct orch *o)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    line(d, "orch");
    put_word(d, "id", id);
    put_name(d, "kind", orch_kind_name(o->kind), o->kind);
    put_name(d, "state", orch_state_name(o->state), o->state);
    put_name(d, "status", end_status_name(o->status), o->status);
    dump_progress(d, o);
    put_word(d, "commit", o->commit);
    put(d, "commits", o->commits);
    put(d, "files", o->files);
    put(d, "insertions", o->insertions);
    put(d, "deletions", o->deletions);
    put(d, "with", o->conflict_with);
    put_word(d, "reason", o->reason);
    put_metrics(d, "before", &o->before);
    put_metrics(d, "after", &o->after);
    put_strings(d, "conflict", &o->conflicts);
    dump_checks(d, "  check", o->checks.at, o->checks.count);
    dump_checks(d, "  undone", o->undone.at, o->undone.count);
    if (o->work)
        dump_work(d, o->work);
}

static void dump_merge(struct dump *d, const struct merge_state *m)
{
    line(d, "merge");
    put(d, "round", m->round);
    put_word(d, "onto", m->onto);
    put_word(d, "commit", m->commit);
    put(d, "failed", m->failed);
    put(d, "failed_orch", m->failed_orch);
    put(d, "failed_check", m->failed_check);
    put(d, "probing", m->bisect != NULL);
    for (size_t i = 0; i < m->branches.count; i++) {
        put(d, "branch", m->branches.at[i]);
        put(d, "in", m->in.at[i]);
    }
    for (size_t i = 0; i < m->verify.count; i++) {
        put(d, "verify", m->verify.at[i].orch);
        put(d, "next", m->verify.at[i].next);
        put(d, "over", m->verify.at[i].over);
    }
    put_numbers(d, "suspect", m->suspects.at, m->suspects.count);
}

static void dump_run(struct dump *d, const struct tree *t)
{
    line(d, "run");
    put(d, "number", t->request.number);
    put_name(d, "phase", run_phase_name(t->phase), (int)t->phase);
    put_name(d, "status", run_status_name(t->status), (int)t->status);
    put(d, "interrupt", t->interrupt);
    put(d, "final", t->final);
    put(d, "over_limit", t->over_limit);
    put(d, "late", t->late);
    put(d, "refused", t->refused);
    put(d, "stuck", t->stuck);
    put(d, "snapshot", t->snapshot_ready);
    put(d, "running", t->running);
    put(d, "agents", t->agents_total);
    put(d, "retries", t->retries_spent);
    put(d, "outstanding", t->outstanding);
    put(d, "phase_jobs", t->phase_jobs);
    put(d, "children_left", t->children_left);
    put(d, "tokens", t->tokens);
    put_counts(d, &t->counts);
    put_real(d, "usd", t->usd);
    put(d, "usd_unknown", t->usd_unknown);
    put(d, "started", t->started_ms);
    put(d, "ended", t->ended_ms);
    put(d, "idle", t->idle_ms);
    put(d, "now", t->now_ms);
    put(d, "requested", (int64_t)t->requested.count);
    put_word(d, "failure", t->failure);
    put_strings(d, "note", &t->notes);
}

static void dump_planner(struct dump *d, const struct tree *t)
{
    const struct planner *p = &t->planner;

    line(d, "planner");
    put(d, "attempts", p->attempts);
    put(d, "wrong", p->wrong);
    put(d, "waits", p->waits);
    put_word(d, "gave_up", p->gave_up);
    put_word(d, "trouble", t->plan_trouble);
    for (const struct attempt *x = p->first_attempt; x; x = x->next)
        dump_attempt(d, x);
}

static void dump_git(struct dump *d, const struct tree *t)
{
    line(d, "git");
    put_word(d, "base", t->base);
    put_word(d, "backup", t->backup);
    put_word(d, "commit", t->commit);
    put(d, "dirty", t->dirty);
    put(d, "asked", t->land_asked);
    put(d, "landed", t->landed);
    put(d, "land_refused", t->land_refused);
    put_word(d, "landed_on", t->landed_on);
    put_word(d, "landed_head", t->landed_head);
    put_word(d, "land_reason", t->land_reason);
    put_strings(d, "blocking", &t->land_blocking);
    put(d, "pushed", t->pushed);
    put(d, "push_refused", t->push_refused);
    put_word(d, "remote", t->remote);
    put_word(d, "push_reason", t->push_reason);
    put_word(d, "report_failure", t->report_failure);
}

static void dump_ready(struct dump *d, const char *what, const struct ready_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++) {
        line(d, what);
        put(d, "orch", heap->at[i].orch);
        put(d, "agent", heap->at[i].agent);
        put_real(d, "tail", heap->at[i].tail);
    }
}

static void dump_slots(struct dump *d, const struct tree *t)
{
    line(d, "slots");
    put(d, "limit", (int64_t)t->stepdown.limit);
    put(d, "before", (int64_t)t->stepdown.before);
    put(d, "clean", (int64_t)t->stepdown.clean);
    put(d, "noted", (int64_t)t->stepdown.noted);
    put(d, "troubles", (int64_t)t->stepdown.troubles);
    put(d, "admitted", t->admission.now.limit);
    put_name(d, "because", admission_cause_name(t->admission.now.cause),
             (int)t->admission.now.cause);
    put(d, "fewest", t->admission.lowest.limit);
    put(d, "bounded_since", t->admission.since_ms);
    put(d, "bounded", t->admission.bounded_ms);
    for (size_t i = 0; t->budget && i < (t->unit_accounts ? t->units.count : 0) + 1; i++) {
        const struct budget_account *a = budget_account(t->budget, i);
        line(d, "account");
        put(d, "tokens", a->spent.of[BUDGET_TOKENS]);
        put(d, "held", a->held.of[BUDGET_TOKENS]);
        put(d, "micro_usd", a->spent.of[BUDGET_MICRO_USD]);
        put(d, "held", a->held.of[BUDGET_MICRO_USD]);
    }
    dump_ready(d, "ready", &t->ready);
    for (size_t i = 0; i < t->providers.count; i++) {
        const struct provider *p = &t->providers.at[i];
        line(d, "provider");
        put_word(d, "name", p->name);
        put(d, "running", p->running);
        put(d, "pauses", p->pauses);
        put(d, "paused_until", p->paused_until_ms);
        put(d, "frozen", p->frozen);
        put_word(d, "trouble", p->trouble);
        put(d, "limit", (int64_t)p->rate.limit);
        put(d, "good", (int64_t)p->rate.good);
        dump_ready(d, "parked", &p->parked);
    }
}

static void dump_units(struct dump *d, const struct tree *t)
{
    for (size_t i = 0; i < t->units.count; i++) {
        const struct unit *u = &t->units.at[i];
        line(d, "unit");
        put(d, "subtask", u->subtask);
        put_word(d, "item", u->item);
        put_word(d, "title", u->title);
        put_name(d, "status", end_status_name(u->status), u->status);
        put_word(d, "reason", u->reason);
    }
}

static void dump_jobs(struct dump *d, const struct tree *t)
{
    for (size_t i = 0; i < t->jobs.count; i++) {
        const struct job *j = &t->jobs.at[i];
        line(d, "job");
        put(d, "id", (int64_t)i);
        put_name(d, "kind", job_kind_name(j->kind), j->kind);
        put(d, "state", j->state);
        put(d, "stop", j->stop);
        put(d, "attempt", j->attempt);
        put(d, "orch", j->orch);
        put(d, "agent", j->agent);
        put(d, "index", j->index);
        put(d, "started", j->started_ms);
    }
    for (size_t i = 0; i < t->timers.count; i++) {
        const struct timer *timer = &t->timers.at[i];
        line(d, "timer");
        put(d, "id", (int64_t)i);
        put(d, "kind", timer->kind);
        put(d, "over", timer->over);
        put(d, "at", timer->at_ms);
    }
}

static uint64_t dump(const struct tree *t, struct text *out)
{
    struct dump d = {.out = out};

    dump_run(&d, t);
    dump_planner(&d, t);
    dump_git(&d, t);
    dump_slots(&d, t);
    if (t->decision.rationale) {
        line(&d, "decision");
        put_name(&d, "pattern", pattern_name(t->decision.pattern), (int)t->decision.pattern);
        put_word(&d, "because", t->decision.rationale);
    }
    dump_units(&d, t);
    for (size_t i = 0; i < t->orchs.count; i++)
        dump_orch(&d, &t->orchs.at[i]);
    dump_jobs(&d, t);
    if (t->merge)
        dump_merge(&d, t->merge);
    return finish(d.hash);
}

void tree_dump(const struct tree *t, struct text *out)
{
    (void)dump(t, out);
    text_add_char(out, '\n');
}

uint64_t tree_digest(const struct tree *t)
{
    return dump(t, NULL);
}
