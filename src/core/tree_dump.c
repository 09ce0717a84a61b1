/* SPDX-License-Identifier: Apache-2.0 */
/* The whole tree as text, a line for each thing, for comparing trees byte by byte. */
#include "core/tree.h"

#include <inttypes.h>

static void dump_strings(struct text *out, const char *name, const struct strings *list)
{
    if (!list->count)
        return;
    text_printf(out, " %s=[", name);
    for (size_t i = 0; i < list->count; i++)
        text_printf(out, "%s%s", i ? "|" : "", list->at[i]);
    text_add(out, "]");
}

static void dump_metrics(struct text *out, const char *name, const struct metrics *list)
{
    for (size_t i = 0; i < list->count; i++)
        text_printf(out, " %s.%s=%.17g", name, list->at[i].name, list->at[i].value);
}

static void dump_attempts(struct text *out, const struct agent *a)
{
    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        text_printf(out,
                    "   attempt job=%u %" PRId64 "..%" PRId64 " %s exit=%d sig=%d cpu=%" PRId64
                    " rss=%" PRId64 " tok=%" PRId64 " usd=%.17g '%s'\n",
                    x->job, x->started_ms, x->ended_ms, attempt_error_name(x->error), x->exit_code,
                    x->signal, x->cpu_us, x->max_rss_kib, x->tokens, x->usd, x->message);
}

static void dump_result(struct text *out, const struct agent_result *r)
{
    if (!r)
        return;
    text_printf(out, "   result claim=%d '%s' findings=%u commit=%s %u/%u/+%u/-%u", (int)r->claim,
                r->summary, r->findings, r->commit, r->commits, r->files, r->insertions,
                r->deletions);
    dump_metrics(out, "m", &r->metrics);
    dump_strings(out, "follow_up", &r->follow_up);
    dump_strings(out, "scope", &r->out_of_scope);
    dump_strings(out, "conflicts", &r->conflicts);
    text_add(out, "\n");
}

static void dump_work(struct text *out, const struct work *w)
{
    for (size_t i = 0; i < w->nodes.count; i++) {
        const struct node *n = &w->nodes.at[i];
        text_printf(out,
                    "  node %zu unit=%u step=%u level=%u unmet=%u left=%u place=%d %d%d%d%d%d "
                    "tail=%.17g",
                    i, n->unit, n->step, n->level, n->unmet, n->agents_left, n->place, n->blocked,
                    n->failed, n->ended, n->uncounted, n->expanding, n->tail);
        dump_strings(out, "items", &n->items);
        text_add(out, "\n");
    }
    for (size_t i = 0; i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        text_printf(out,
                    "  agent %zu node=%u.%u items=%u+%u w%u i%u %s/%s place=%d n=%u slot=%d job=%u "
                    "%" PRId64 "..%" PRId64 " start=%s\n",
                    i, a->node, a->ordinal, a->item_first, a->item_count, a->wave, a->instance,
                    agent_state_name(a->state), end_status_name(a->status), a->place, a->attempts,
                    a->holds_slot, a->job, a->ready_ms, a->ended_ms, a->start_commit);
        dump_attempts(out, a);
        dump_result(out, a->result);
    }
    text_printf(out, "  work left=%u joining=%zu active=%d\n", w->nodes_left, w->joining.count,
                w->join_active);
}

static void dump_checks(struct text *out, const char *name, const struct check_result *c,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_printf(out, "  %s %u.%u '%s' exit=%d %s final=%d\n", name, c[i].unit, c[i].index,
                    c[i].run, c[i].exit_code, attempt_error_name(c[i].error), c[i].final);
}

static void dump_orch(struct text *out, const struct orch *o)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    text_printf(out,
                "orch %s %s %s/%s gen=%u stage=%u step=%u copy=%d%d%d changed=%d fetched=%d "
                "merged=%d discarded=%d users=%u cleanup=%u %" PRId64 "..%" PRId64
                " commit=%s %u/%u/+%u/-%u with=%u '%s'",
                id, orch_kind_name(o->kind), orch_state_name(o->state), end_status_name(o->status),
                o->generation, o->stage, o->step, o->copy_wanted, o->copy_ready, o->copy_failed,
                o->changed, o->fetched, o->merged, o->discarded, o->users, o->cleanup,
                o->started_ms, o->ended_ms, o->commit, o->commits, o->files, o->insertions,
                o->deletions, o->conflict_with, o->reason);
    dump_metrics(out, "before", &o->before);
    dump_metrics(out, "after", &o->after);
    dump_strings(out, "conflicts", &o->conflicts);
    text_add(out, "\n");
    dump_checks(out, "check", o->checks.at, o->checks.count);
    dump_checks(out, "undone", o->undone.at, o->undone.count);
    if (o->work)
        dump_work(out, o->work);
}

static void dump_merge(struct text *out, const struct merge_state *m)
{
    text_printf(out, "merge round=%u onto=%s commit=%s failed=%d %u.%u probing=%d", m->round,
                m->onto, m->commit, m->failed, m->failed_orch, m->failed_check, m->bisect != NULL);
    for (size_t i = 0; i < m->branches.count; i++)
        text_printf(out, " %u%s", m->branches.at[i], m->in.at[i] ? "" : "-");
    for (size_t i = 0; i < m->verify.count; i++)
        text_printf(out, " v%u.%u%s", m->verify.at[i].orch, m->verify.at[i].next,
                    m->verify.at[i].over ? "!" : "");
    text_add(out, "\n");
}

static void dump_run(struct text *out, const struct tree *t)
{
    text_printf(out,
                "run %u %s %s interrupt=%u final=%d over=%d refused=%d snapshot=%d running=%u "
                "agents=%u retries=%u out=%u phase_jobs=%u children=%u tok=%" PRId64 "-%" PRId64
                " usd=%.17g-%.17g/%d %" PRId64 "..%" PRId64 " idle=%" PRId64 " now=%" PRId64 "\n",
                t->request.number, run_phase_name(t->phase), run_status_name(t->status),
                t->interrupt, t->final, t->over_limit, t->refused, t->snapshot_ready, t->running,
                t->agents_total, t->retries_spent, t->outstanding, t->phase_jobs, t->children_left,
                t->tokens, t->tokens_before, t->usd, t->usd_before, t->usd_unknown, t->started_ms,
                t->ended_ms, t->idle_ms, t->now_ms);
    text_printf(out,
                "git base=%s backup=%s commit=%s dirty=%d landed=%d/%d %s@%s pushed=%d/%d %s "
                "'%s' '%s' asked=%d '%s'\n",
                t->base, t->backup, t->commit, t->dirty, t->landed, t->land_refused, t->landed_on,
                t->landed_head, t->pushed, t->push_refused, t->remote,
                t->land_reason ? t->land_reason : "", t->push_reason ? t->push_reason : "",
                t->land_asked, t->failure);
    text_printf(out, "slots limit=%zu before=%zu clean=%zu noted=%zu troubles=%zu\n",
                t->stepdown.limit, t->stepdown.before, t->stepdown.clean, t->stepdown.noted,
                t->stepdown.troubles);
    if (t->decision.rationale)
        text_printf(out, "decision %s '%s'\n", pattern_name(t->decision.pattern),
                    t->decision.rationale);
}

void tree_dump(const struct tree *t, struct text *out)
{
    dump_run(out, t);
    for (size_t i = 0; i < t->units.count; i++)
        text_printf(out, "unit %u '%s' '%s' %s '%s'\n", t->units.at[i].subtask, t->units.at[i].item,
                    t->units.at[i].title, end_status_name(t->units.at[i].status),
                    t->units.at[i].reason);
    for (size_t i = 0; i < t->orchs.count; i++)
        dump_orch(out, &t->orchs.at[i]);
    for (size_t i = 0; i < t->jobs.count; i++) {
        const struct job *j = &t->jobs.at[i];
        text_printf(
            out, "job %zu %s state=%u stop=%u attempt=%u orch=%u agent=%u index=%u %" PRId64 "\n",
            i, job_kind_name(j->kind), j->state, j->stop, j->attempt, j->orch, j->agent, j->index,
            j->started_ms);
    }
    for (size_t i = 0; i < t->timers.count; i++)
        text_printf(out, "timer %zu kind=%u over=%d at=%" PRId64 "\n", i, t->timers.at[i].kind,
                    t->timers.at[i].over, t->timers.at[i].at_ms);
    for (size_t i = 0; i < t->ready.count; i++)
        text_printf(out, "ready %u.%u %.17g\n", t->ready.at[i].orch, t->ready.at[i].agent,
                    t->ready.at[i].tail);
    if (t->merge)
        dump_merge(out, t->merge);
}
