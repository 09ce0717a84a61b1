/* SPDX-License-Identifier: Apache-2.0 */
/* What models used: tokens, money, sessions and their context. A price that is not known is null
 * everywhere that it is part of, never 0; what is known of it is said beside it. */
#include "report/build_priv.h"

#include <string.h>

void usage_add(struct usage *u, const struct attempt *x)
{
    u->tokens += x->tokens;
    u->counts.input += x->counts.input;
    u->counts.cached += x->counts.cached;
    u->counts.output += x->counts.output;
    u->counts.reasoning += x->counts.reasoning;
    u->usd += x->usd > 0 ? x->usd : 0;
    u->unknown |= x->usd < 0 && x->tokens > 0;
}

void put_usage(json_t *object, const struct usage *u)
{
    json_t *counts = json_object();

    put_int(counts, "input", u->counts.input);
    put_int(counts, "cached", u->counts.cached);
    put_int(counts, "output", u->counts.output);
    put_int(counts, "reasoning", u->counts.reasoning);
    put_int(object, "tokens", u->tokens);
    json_object_set_new(object, "token_counts", counts);
    put_cost(object, "cost_usd", u->usd, u->unknown);
    put_cost(object, "cost_at_least_usd", u->usd, !u->unknown);
}

static struct driver_sums *driver_named(struct driver_list *list, const char *name)
{
    for (size_t i = 0; i < list->of.count; i++)
        if (strcmp(list->of.at[i].name, name) == 0)
            return &list->of.at[i];
    vector_push(&list->of, (struct driver_sums){.name = name});
    return &list->of.at[list->of.count - 1];
}

static void add_attempts(const struct build *b, struct driver_sums *d, const struct attempt *first)
{
    for (const struct attempt *x = first; x; x = x->next) {
        d->attempts++;
        d->busy_ms += build_attempt_ms(b, x);
        d->cpu_us += x->cpu_us;
        usage_add(&d->usage, x);
    }
}

void drivers_add_orch(const struct build *b, const struct orch *o, struct driver_list *list)
{
    const struct tree *t = b->t;

    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        struct driver_sums *d = driver_named(list, tree_agent_step(t, o, a)->settings.agent);
        d->agents++;
        add_attempts(b, d, a->first_attempt);
    }
    if (o->kind == ORCH_ROOT && t->planner.first_attempt)
        add_attempts(b, driver_named(list, t->request.planner), t->planner.first_attempt);
}

json_t *drivers_json(const struct driver_list *drivers)
{
    json_t *list = json_array();

    for (size_t i = 0; i < drivers->of.count; i++) {
        const struct driver_sums *d = &drivers->of.at[i];
        json_t *j = json_object();
        put_text(j, "driver", d->name);
        put_int(j, "agents", (int64_t)d->agents);
        put_int(j, "attempts", (int64_t)d->attempts);
        put_rounded(j, "busy_s", (double)d->busy_ms / 1000);
        put_rounded(j, "cpu_s", (double)d->cpu_us / 1e6);
        put_usage(j, &d->usage);
        json_array_append_new(list, j);
    }
    return list;
}

/* Attempts by how their session began. */
struct session_sums {
    size_t fresh, resumed, handed_over, continued;
};

static void add_sessions(struct session_sums *s, const struct attempt *first)
{
    for (const struct attempt *x = first; x; x = x->next) {
        if (!x->session[0])
            continue;
        s->continued += x->continues;
        s->resumed += x->session_way == SESSION_RESUMED && !x->continues;
        s->handed_over += x->session_way == SESSION_HANDOVER;
        s->fresh += x->session_way == SESSION_FRESH && !x->continues;
    }
}

static void put_session_sums(json_t *j, const struct session_sums *s)
{
    put_int(j, "fresh", (int64_t)s->fresh);
    put_int(j, "resumed", (int64_t)s->resumed);
    put_int(j, "handed_over", (int64_t)s->handed_over);
    put_int(j, "continued", (int64_t)s->continued);
}

json_t *sessions_json(const struct tree *t)
{
    struct session_sums s = {0};
    json_t *j = json_object();

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct work *w = t->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++)
            add_sessions(&s, w->agents.at[k].first_attempt);
    }
    put_session_sums(j, &s);
    return j;
}

/* An instance of the pool that a model drove. */
struct instance {
    const struct agent *last; /* that ended last, or runs */
    size_t agents;
    int64_t context_tokens, context_window; /* at its last request */
    struct session_sums sessions;
};

struct instance_list {
    VECTOR(struct instance) of;
};

/* Research has instances of its own. */
static struct instance *instance_of(struct instance_list *list, const struct agent *a)
{
    for (size_t i = 0; i < list->of.count; i++) {
        const struct agent *other = list->of.at[i].last;
        if (other->instance == a->instance && !other->wave == !a->wave)
            return &list->of.at[i];
    }
    vector_push(&list->of, (struct instance){.last = a});
    return &list->of.at[list->of.count - 1];
}

static bool later(const struct agent *a, const struct agent *than)
{
    int64_t end = a->ended_ms ? a->ended_ms : INT64_MAX;
    int64_t other = than->ended_ms ? than->ended_ms : INT64_MAX;

    return end > other;
}

static void note_agent(struct instance *n, const struct agent *a)
{
    n->agents++;
    add_sessions(&n->sessions, a->first_attempt);
    if (later(n->last, a))
        return;
    n->last = a;
    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        if (!x->context_tokens)
            continue;
        n->context_tokens = x->context_tokens;
        n->context_window = x->context_window;
    }
}

static json_t *instance_json(const struct tree *t, const struct orch *o, const struct instance *n)
{
    const struct plan_step *step = tree_agent_step(t, o, n->last);
    json_t *j = json_object();
    char name[16];

    tree_agent_name(n->last, name);
    put_text(j, "instance", name);
    put_text(j, "role", step->role);
    put_text(j, "driver", step->settings.agent);
    put_int(j, "agents", (int64_t)n->agents);
    put_session_sums(j, &n->sessions);
    json_object_set_new(j, "context_tokens",
                        n->context_tokens ? json_integer(n->context_tokens) : json_null());
    json_object_set_new(j, "context_window",
                        n->context_window ? json_integer(n->context_window) : json_null());
    if (n->context_tokens && n->context_window)
        put_rounded(j, "context_used", (double)n->context_tokens / (double)n->context_window);
    else
        json_object_set_new(j, "context_used", json_null());
    return j;
}

json_t *instances_json(const struct tree *t, const struct orch *o)
{
    struct instance_list list = {0};
    json_t *j = json_array();

    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        if (a->instance && !plan_step_is_command(tree_agent_step(t, o, a)))
            note_agent(instance_of(&list, a), a);
    }
    for (size_t i = 0; i < list.of.count; i++)
        json_array_append_new(j, instance_json(t, o, &list.of.at[i]));
    vector_free(&list.of);
    return j;
}
