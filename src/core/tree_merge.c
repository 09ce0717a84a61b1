/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the branches of the children to one result. Of those that are done, the largest set without
 * a conflict is merged, in the order of their IDs; all checks of what was merged run on the result.
 * When one fails, the branch that breaks it is found by bisection and left out: what is asked of
 * the bisection is whether the check passes with its own child's branch and a subset of the others.
 */
#include "core/tree_priv.h"

#include "core/mergeset.h"

static struct merge_state *fresh_state(struct tree *t)
{
    merge_free(t->merge);
    t->merge = MEM_NEW(struct merge_state);
    t->merge->onto = t->commit[0] ? t->commit : t->base;
    t->merge->commit = t->merge->onto;
    return t->merge;
}

void merge_free(struct merge_state *m)
{
    if (!m)
        return;
    vector_free(&m->branches);
    vector_free(&m->in);
    vector_free(&m->verify);
    vector_free(&m->suspects);
    vector_free(&m->kept);
    bisect_free(m->bisect);
    free(m);
}

bool merge_begin(struct tree *t)
{
    struct merge_state *m = fresh_state(t);

    for (uint32_t i = 1; i < t->orchs.count; i++) {
        struct orch *o = &t->orchs.at[i];
        if (o->kind != ORCH_CHILD || o->status != END_DONE || o->merged || !o->fetched)
            continue;
        o->conflict_with = ORCH_NONE;
        o->conflicts = (struct strings){0};
        vector_push(&m->branches, i);
        vector_push(&m->in, true);
    }
    if (m->branches.count < 2)
        return false;
    run_phase_job(t, (struct job){.kind = JOB_CONSOLIDATE, .agent = AGENT_NONE});
    return true;
}

static size_t branch_index(const struct merge_state *m, uint32_t orch)
{
    for (size_t i = 0; i < m->branches.count; i++)
        if (m->branches.at[i] == orch)
            return i;
    return SIZE_MAX;
}

static void leave_out(struct tree *t, size_t branch, uint32_t because, struct strings paths,
                      const char *reason)
{
    struct orch *o = &t->orchs.at[t->merge->branches.at[branch]];

    t->merge->in.at[branch] = false;
    o->conflict_with = because;
    o->conflicts = keep_strings(t, paths);
    o->reason = reason;
}

/* Each branch that is out is shown with the first one that is in and conflicts with it. */
static void explain_pairs(struct tree *t, const struct outcome *o)
{
    struct merge_state *m = t->merge;

    for (size_t p = 0; p < o->pair_count; p++) {
        size_t a = branch_index(m, o->pairs[p].a), b = branch_index(m, o->pairs[p].b);
        if (a == SIZE_MAX || b == SIZE_MAX || m->in.at[a] == m->in.at[b])
            continue;
        size_t out = m->in.at[a] ? b : a, in = m->in.at[a] ? a : b;
        struct orch *left = &t->orchs.at[m->branches.at[out]];
        char id[EXEC_ID_TEXT_MAX];
        if (left->conflict_with != ORCH_NONE)
            continue;
        exec_id_format(t->orchs.at[m->branches.at[in]].id, id);
        leave_out(t, out, m->branches.at[in], o->pairs[p].paths,
                  arena_format(&t->arena, "its branch conflicts with that of %s", id));
    }
}

void merge_consolidated(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct merge_state *m = t->merge;
    VECTOR(struct mergeset_pair) pairs = {0};

    (void)j;
    for (size_t p = 0; p < o->pair_count; p++) {
        size_t a = branch_index(m, o->pairs[p].a), b = branch_index(m, o->pairs[p].b);
        if (a != SIZE_MAX && b != SIZE_MAX)
            vector_push(&pairs, (struct mergeset_pair){a, b});
    }
    mergeset_choose(m->branches.count, pairs.at, pairs.count, m->in.at);
    vector_free(&pairs);
    explain_pairs(t, o);
}

static size_t branches_in(const struct merge_state *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->in.count; i++)
        n += m->in.at[i];
    return n;
}

static void start_round(struct tree *t)
{
    struct merge_state *m = t->merge;

    m->round++;
    m->failed = false;
    t->phase = RUN_MERGE;
    job_request(t, (struct job){.kind = JOB_MERGE, .agent = AGENT_NONE, .index = m->round});
}

bool merge_enter(struct tree *t)
{
    if (!branches_in(t->merge))
        return false;
    start_round(t);
    return true;
}

static void accept(struct tree *t)
{
    struct merge_state *m = t->merge;

    for (size_t i = 0; i < m->branches.count; i++)
        if (m->in.at[i])
            t->orchs.at[m->branches.at[i]].merged = true;
    t->commit = m->commit;
    run_enter(t, RUN_CLEANUP);
}

void merge_merged(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct merge_state *m = t->merge;

    if (j->index != m->round)
        return;
    if (o->error != ERROR_NONE) {
        t->failure = arena_format(&t->arena, "merge: %s",
                                  o->message ? o->message : attempt_error_name(o->error));
        run_enter(t, RUN_CLEANUP);
        return;
    }
    for (size_t i = 0; i < o->branch_count; i++) {
        size_t b = branch_index(m, o->branches[i].orch);
        if (b != SIZE_MAX && m->in.at[b] && !o->branches[i].merged)
            leave_out(t, b, ORCH_NONE, o->branches[i].paths,
                      "its branch conflicts with the result of the others");
    }
    m->commit = keep_string(t, o->commit);
    run_enter(t, RUN_VERIFY);
}

static size_t checks_of(const struct tree *t, const struct orch *o)
{
    return t->plan->subtasks[t->units.at[o->unit_first].subtask].success.count;
}

static void verify_start(struct tree *t, uint32_t orch, uint32_t first_check)
{
    vector_push(&t->merge->verify, (struct verify){.orch = orch, .next = first_check});
    job_request(t, (struct job){.kind = JOB_VERIFY_COPY,
                                .orch = orch,
                                .agent = AGENT_NONE,
                                .index = t->merge->round});
}

/* One branch on the base that it was checked on is the same tree again. */
static bool known_to_pass(const struct tree *t)
{
    return branches_in(t->merge) == 1 && t->merge->onto == t->base;
}

bool merge_verify(struct tree *t)
{
    struct merge_state *m = t->merge;

    m->verify.count = 0;
    if (!branches_in(m) && !m->bisect)
        return false;
    if (m->bisect) {
        verify_start(t, m->failed_orch, m->failed_check);
        return true;
    }
    for (uint32_t i = 1; i < t->orchs.count && !known_to_pass(t); i++) {
        const struct orch *o = &t->orchs.at[i];
        size_t b = branch_index(m, i);
        bool inside = o->merged || (b != SIZE_MAX && m->in.at[b]);
        if (o->kind == ORCH_CHILD && inside && checks_of(t, o))
            verify_start(t, i, 0);
    }
    if (m->verify.count)
        return true;
    accept(t);
    return true;
}

static void next_probe(struct tree *t);

/* Everybody but the child whose check failed is a suspect. */
static void begin_bisection(struct tree *t)
{
    struct merge_state *m = t->merge;

    m->suspects.count = m->kept.count = 0;
    for (uint32_t i = 0; i < m->branches.count; i++) {
        vector_push(&m->kept, m->in.at[i]);
        if (m->in.at[i] && m->branches.at[i] != m->failed_orch)
            vector_push(&m->suspects, i);
    }
    m->bisect = bisect_new(m->suspects.count);
    next_probe(t);
}

static const char *broken_by(struct tree *t, bool own)
{
    const struct orch *o = &t->orchs.at[t->merge->failed_orch];
    const struct plan_subtask *s = &t->plan->subtasks[t->units.at[o->unit_first].subtask];
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    if (t->merge->failed_setup)
        return arena_format(&t->arena, "%s of %s fails on the result",
                            own ? "the setup" : "with its branch the setup", id);
    return arena_format(&t->arena, "%s '%s' of %s fails on the result",
                        own ? "check" : "with its branch check",
                        s->success.at[t->merge->failed_check].run, id);
}

/* And not only the copy that it was to run in, or what prepares it. */
static bool check_has_failed(const struct tree *t)
{
    const struct orch *o = &t->orchs.at[t->merge->failed_orch];

    for (size_t i = 0; i < o->checks.count; i++) {
        const struct check_result *c = &o->checks.at[i];
        if (c->final && c->index == t->merge->failed_check && c->error != ERROR_NONE)
            return true;
    }
    return false;
}

/* It was merged before, and nobody new is to blame. That it is in doubt outlasts this attempt at a
 * result, and what waits to land does not land by itself. */
static void doubt_merged(struct tree *t)
{
    struct unit *u = &t->units.at[t->orchs.at[t->merge->failed_orch].unit_first];

    t->failure = broken_by(t, true);
    if (!check_has_failed(t))
        return;
    u->status = END_UNVERIFIED;
    u->reason = t->failure;
}

static void end_bisection(struct tree *t, const bool *good)
{
    struct merge_state *m = t->merge;
    bool own = bisect_state(m->bisect) == BISECT_BASE;
    size_t owner = branch_index(m, m->failed_orch);

    for (size_t i = 0; i < m->kept.count; i++)
        m->in.at[i] = m->kept.at[i];
    for (size_t i = 0; !own && i < m->suspects.count; i++)
        if (!good[i])
            leave_out(t, m->suspects.at[i], m->failed_orch, (struct strings){0},
                      broken_by(t, false));
    bisect_free(m->bisect);
    m->bisect = NULL;
    if (own && owner != SIZE_MAX)
        leave_out(t, owner, ORCH_NONE, (struct strings){0}, broken_by(t, true));
    else if (own)
        doubt_merged(t);
    if (branches_in(m) && !t->failure[0])
        start_round(t);
    else
        run_enter(t, RUN_CLEANUP);
}

static void next_probe(struct tree *t)
{
    struct merge_state *m = t->merge;
    size_t n = m->suspects.count;
    AUTO_FREE bool *subset = mem_zero(n * sizeof *subset);

    bisect_subset(m->bisect, subset);
    if (bisect_state(m->bisect) != BISECT_TEST) {
        end_bisection(t, subset);
        return;
    }
    for (size_t i = 0; i < n; i++)
        m->in.at[m->suspects.at[i]] = subset[i];
    start_round(t);
}

static void verify_over(struct tree *t)
{
    struct merge_state *m = t->merge;

    for (size_t i = 0; i < m->verify.count; i++)
        if (!m->verify.at[i].over)
            return;
    if (m->trouble) {
        t->failure = m->trouble;
        run_enter(t, RUN_CLEANUP);
    } else if (m->bisect) {
        bisect_answer(m->bisect, !m->failed);
        next_probe(t);
    } else if (m->failed) {
        begin_bisection(t);
    } else {
        accept(t);
    }
}

static struct verify *verify_of(struct merge_state *m, uint32_t orch)
{
    for (size_t i = 0; i < m->verify.count; i++)
        if (m->verify.at[i].orch == orch && !m->verify.at[i].over)
            return &m->verify.at[i];
    return NULL;
}

static void check_next(struct tree *t, struct verify *v)
{
    struct merge_state *m = t->merge;
    bool more =
        m->bisect ? v->next == m->failed_check : v->next < checks_of(t, &t->orchs.at[v->orch]);

    if (more && !m->failed) {
        job_request(t, (struct job){.kind = JOB_FINAL_CHECK,
                                    .orch = v->orch,
                                    .agent = AGENT_NONE,
                                    .index = v->next});
        return;
    }
    v->over = true;
    verify_over(t);
}

static void note_failed(struct merge_state *m, uint32_t orch, uint32_t check, bool setup)
{
    if (!m->failed && !m->bisect) {
        m->failed_orch = orch;
        m->failed_check = check;
        m->failed_setup = setup;
    }
    m->failed = true;
}

/* That there is no copy to check says nothing about any branch: the others end, and the run with
 * them. */
static void note_trouble(struct tree *t, const struct outcome *o)
{
    t->merge->failed = true;
    t->merge->trouble = arena_format(&t->arena, "cannot copy the result for its checks: %s",
                                     o->message ? o->message : attempt_error_name(o->error));
}

/* The clone of the result, and then what prepares it. */
void merge_copied(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct verify *v = t->merge ? verify_of(t->merge, j->orch) : NULL;
    const struct unit *u = &t->units.at[t->orchs.at[j->orch].unit_first];

    if (!v || j->index != t->merge->round)
        return;
    if (o->error != ERROR_NONE && j->kind == JOB_VERIFY_COPY)
        note_trouble(t, o);
    else if (o->error != ERROR_NONE)
        note_failed(t->merge, j->orch, v->next, true);
    else if (j->kind == JOB_VERIFY_COPY && t->plan->subtasks[u->subtask].setup[0]) {
        job_request(t, (struct job){.kind = JOB_VERIFY_SETUP,
                                    .orch = j->orch,
                                    .agent = AGENT_NONE,
                                    .index = j->index});
        return;
    }
    check_next(t, v);
}

void merge_checked(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct merge_state *m = t->merge;
    struct verify *v = m ? verify_of(m, j->orch) : NULL;

    if (!v || v->next != j->index)
        return;
    if (!m->bisect) {
        uint32_t unit;
        const struct plan_command *command = tree_job_command(t, j, &unit);
        vector_push(&t->orchs.at[j->orch].checks, (struct check_result){.unit = unit,
                                                                        .index = j->index,
                                                                        .run = command->run,
                                                                        .exit_code = o->exit_code,
                                                                        .error = o->error,
                                                                        .final = true});
    }
    if (o->error != ERROR_NONE)
        note_failed(m, j->orch, j->index, false);
    v->next++;
    check_next(t, v);
}
