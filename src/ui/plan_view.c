/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/plan_view.h"

#include "base/escape.h"

#include <string.h>

enum { CHILDREN_SHOWN = 12, ROLES_SHOWN = 6 };

static void add_escaped(struct text *out, const char *s)
{
    escape_add_line(out, s, strlen(s));
}

static void add_criteria(const struct plan_view *v, struct text *out)
{
    const char *yes = v->symbols ? "\xE2\x9C\x93" : "yes";
    const char *no = v->symbols ? "\xE2\x9C\x97" : "no ";

    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        const struct criterion *c = &v->decision->criteria[i];
        text_printf(out, "  %s %-28s ", c->holds ? yes : no, c->name);
        add_escaped(out, c->why);
        text_add_char(out, '\n');
    }
}

struct role_count {
    const char *role;
    size_t agents;
};

/* "10 x Locator, Writer (I1)": agents of the same role side by side are counted. */
static void add_wave(const struct plan_view *v, const struct outline_wave *w, size_t index,
                     struct text *out)
{
    size_t shown = 0;

    (void)v;
    text_printf(out, "    Wave %zu%s", index + 1, w->title[0] ? " (" : "");
    if (w->title[0]) {
        add_escaped(out, w->title);
        text_add_char(out, ')');
    }
    text_add(out, ": ");
    for (size_t i = 0; i < w->agent_count; shown++) {
        size_t n = i + 1;
        while (n < w->agent_count && strcmp(w->agents[n].role, w->agents[i].role) == 0)
            n++;
        if (shown == ROLES_SHOWN) {
            text_printf(out, ", and %zu more", w->agent_count - i);
            break;
        }
        if (shown)
            text_add(out, ", ");
        if (n - i > 1)
            text_printf(out, "%zu x ", n - i);
        add_escaped(out, w->agents[i].role);
        if (n - i == 1)
            text_printf(out, " [I%u%s]", w->agents[i].instance,
                        w->agents[i].reused ? ", again" : "");
        i = n;
    }
    text_add_char(out, '\n');
}

static void add_outline(const struct plan_view *v, const struct outline *o, struct text *out)
{
    for (size_t i = 0; i < o->wave_count; i++)
        add_wave(v, &o->waves[i], i, out);
}

static void add_child(const struct plan_view *v, const struct fan_unit *u, size_t index,
                      struct text *out)
{
    const struct plan_subtask *s = &v->plan->subtasks[u->subtask];
    AUTO_ARENA arena = {0};
    struct outline outline;
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(exec_id_child(exec_id_root(v->number), (uint32_t)index + 1), id);
    outline_build(v->plan, u->subtask, &v->outline, &arena, &outline);
    text_printf(out, "  %s ", id);
    add_escaped(out, s->title);
    if (u->item) {
        text_add(out, " (");
        add_escaped(out, u->item);
        text_add_char(out, ')');
    }
    text_printf(out, ": %zu wave%s, %zu agent%s, %.4g min\n", outline.wave_count,
                outline.wave_count == 1 ? "" : "s", outline.agent_count,
                outline.agent_count == 1 ? "" : "s",
                estimate_subtask(v->plan, u->subtask, &v->outline.estimate));
    add_outline(v, &outline, out);
}

static void add_children(const struct plan_view *v, struct text *out)
{
    AUTO_ARENA arena = {0};
    size_t count;
    const struct fan_unit *units = fan_units(v->plan, v->outline.estimate.known, &arena, &count);
    char id[EXEC_ID_TEXT_MAX];

    for (size_t i = 0; i < count && i < CHILDREN_SHOWN; i++)
        add_child(v, &units[i], i, out);
    if (count > CHILDREN_SHOWN)
        text_printf(out, "  ... and %zu more children\n", count - CHILDREN_SHOWN);
    exec_id_format(exec_id_child(exec_id_root(v->number), (uint32_t)count + 1), id);
    text_printf(out, "  %s cleanup of the result\n", id);
}

void plan_view_text(const struct plan_view *v, struct text *out)
{
    const struct estimate *e = &v->decision->estimate;
    bool meta = v->decision->pattern == PATTERN_META;

    text_printf(out, "Decision: %s%s\n",
                meta ? "child orchestrators (meta)" : "specialised agents in waves (waves)",
                v->decision->forced ? ", as asked for" : "");
    add_criteria(v, out);
    text_add(out, "  ");
    add_escaped(out, v->decision->rationale);
    text_add_char(out, '\n');
    for (size_t i = 0; i < v->notes.count; i++) {
        text_add(out, "  ");
        add_escaped(out, v->notes.at[i]);
        text_add_char(out, '\n');
    }
    if (meta) {
        text_printf(out, "Wave 1: spawn %zu child orchestrators\n", e->children);
        add_children(v, out);
    } else {
        AUTO_ARENA arena = {0};
        struct outline outline;
        outline_build_root(v->plan, &v->outline, &arena, &outline);
        add_outline(v, &outline, out);
    }
    text_printf(out,
                "Estimate: %.4g min one after the other, %.4g in waves, %.4g with children: "
                "speedup %.3g%s\n",
                e->sequential_minutes, e->waves_minutes, e->meta_minutes, e->speedup,
                e->unknown ? " (a for_each is not counted yet)" : "");
}

static json_t *criteria_json(const struct decision *d)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CRITERION_COUNT; i++)
        json_array_append_new(list, json_pack("{s:s, s:b, s:o}", "name", d->criteria[i].name,
                                              "holds", d->criteria[i].holds, "why",
                                              json_text_or_null(d->criteria[i].why)));
    return list;
}

static const char *step_name(const struct plan_view *v, const struct outline_agent *a)
{
    return v->plan->subtasks[a->subtask].steps[a->step].id;
}

static json_t *waves_json(const struct plan_view *v, const struct outline *o)
{
    json_t *waves = json_array();

    for (size_t i = 0; i < o->wave_count; i++) {
        json_t *agents = json_array();
        for (size_t k = 0; k < o->waves[i].agent_count; k++) {
            const struct outline_agent *a = &o->waves[i].agents[k];
            char instance[16];
            (void)snprintf(instance, sizeof instance, "I%u", a->instance);
            json_array_append_new(
                agents, json_pack("{s:s, s:o, s:o, s:b, s:o}", "instance", instance, "role",
                                  json_text_or_null(a->role), "step",
                                  json_text_or_null(step_name(v, a)), "reused", a->reused, "items",
                                  a->items == FAN_UNKNOWN ? json_null()
                                                          : json_integer((json_int_t)a->items)));
        }
        json_array_append_new(waves,
                              json_pack("{s:i, s:o, s:o}", "index", (int)i + 1, "title",
                                        json_text_or_null(o->waves[i].title), "agents", agents));
    }
    return waves;
}

struct sums {
    size_t agents, pool, reused;
};

static json_t *subtask_json(const struct plan_view *v, const struct fan_unit *u, size_t index,
                            struct sums *sums)
{
    const struct plan_subtask *s = &v->plan->subtasks[u->subtask];
    AUTO_ARENA arena = {0};
    struct outline outline;
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(exec_id_child(exec_id_root(v->number), (uint32_t)index + 1), id);
    outline_build(v->plan, u->subtask, &v->outline, &arena, &outline);
    sums->agents += outline.agent_count;
    sums->pool += outline.pool;
    sums->reused += outline.reused;
    return json_pack("{s:o, s:o, s:o, s:I, s:f, s:o}", "exec_id",
                     v->decision->pattern == PATTERN_META ? json_string(id) : json_null(), "title",
                     json_text_or_null(s->title), "item", json_text_or_null(u->item), "steps",
                     (json_int_t)plan_subtask_steps(s), "minutes",
                     estimate_subtask(v->plan, u->subtask, &v->outline.estimate), "waves",
                     waves_json(v, &outline));
}

json_t *plan_view_json(const struct plan_view *v)
{
    const struct estimate *e = &v->decision->estimate;
    AUTO_ARENA arena = {0};
    struct outline root = {0};
    struct sums sums = {0};
    size_t count;
    const struct fan_unit *units = fan_units(v->plan, v->outline.estimate.known, &arena, &count);
    json_t *subtasks = json_array();
    bool meta = v->decision->pattern == PATTERN_META;

    for (size_t i = 0; i < count; i++)
        json_array_append_new(subtasks, subtask_json(v, &units[i], i, &sums));
    if (!meta) {
        outline_build_root(v->plan, &v->outline, &arena, &root);
        sums = (struct sums){root.agent_count, root.pool, root.reused};
    }
    return json_pack(
        "{s:i, s:o, s:{s:s, s:b, s:o, s:o}, s:o, s:o, s:{s:I, s:s, s:I, s:f}, s:{s:f, s:f, s:f, "
        "s:f, s:b}}",
        "version", 1, "task", json_text_or_null(v->plan->task), "decision", "pattern",
        pattern_name(v->decision->pattern), "forced", v->decision->forced, "rationale",
        json_text_or_null(v->decision->rationale), "criteria", criteria_json(v->decision),
        "subtasks", subtasks, "waves", waves_json(v, &root), "agents", "count",
        (json_int_t)(v->outline.agents ? v->outline.agents : sums.agents), "source",
        v->outline.agents ? "user" : "auto", "pool", (json_int_t)sums.pool, "reuse",
        sums.agents ? (double)sums.reused / (double)sums.agents : 0.0, "estimate",
        "sequential_minutes", e->sequential_minutes, "waves_minutes", e->waves_minutes,
        "meta_minutes", e->meta_minutes, "speedup", e->speedup, "unknown_counts", e->unknown);
}
