/* SPDX-License-Identifier: Apache-2.0 */
#include "record/outline.h"

#include <math.h>
#include <string.h>

#define COST_EXACT 1e-6 /* USD; what a report rounds to */

static void share(json_t *to, const char *key, const json_t *from)
{
    json_t *value = json_object_get(from, key);

    json_object_set(to, key, value ? value : json_null());
}

static json_t *shared(const json_t *from, const char *const *keys)
{
    json_t *to = json_object();

    for (size_t i = 0; keys[i]; i++)
        share(to, keys[i], from);
    return to;
}

/* One outline for each element of the array at `key`. */
static json_t *each_of(const json_t *object, const char *key, json_t *(*outline)(const json_t *))
{
    json_t *list = json_array(), *value;
    size_t i;

    json_array_foreach (json_object_get(object, key), i, value)
        json_array_append_new(list, outline(value));
    return list;
}

static bool is_cancelled(const json_t *attempt)
{
    return strcmp(json_get_string(attempt, "error", ""), "cancelled") == 0;
}

/* Interruptions are of one run and not of what is recorded. */
static json_t *attempts_of(const json_t *agent)
{
    json_t *list = json_array(), *attempt;
    size_t i;

    json_array_foreach (json_object_get(agent, "attempts"), i, attempt) {
        const char *error = json_get_string(attempt, "error", "ok");
        if (!is_cancelled(attempt))
            json_array_append_new(list, json_string(error));
    }
    return list;
}

/* Of the attempts that are recorded; a price that is not known once is not known in all. */
static void put_spent(json_t *to, const json_t *agent)
{
    const json_t *attempts = json_object_get(agent, "attempts");
    int64_t tokens = 0;
    double usd = 0;
    bool known = true;

    for (size_t i = 0; i < json_array_size(attempts); i++) {
        const json_t *attempt = json_array_get(attempts, i);
        if (is_cancelled(attempt))
            continue;
        tokens += json_get_int(attempt, "tokens", 0);
        usd += json_get_number(attempt, "cost_usd", 0);
        known &= !json_is_null(json_object_get(attempt, "cost_usd"));
    }
    json_object_set_new(to, "tokens", json_integer(tokens));
    json_object_set_new(to, "cost_usd", known ? json_real(usd) : json_null());
}

static json_t *agent_outline(const json_t *agent)
{
    static const char *const facts[] = {"role",  "step",   "driver",     "subtask",
                                        "state", "status", "item_count", NULL};
    json_t *to = shared(agent, facts);

    if (strcmp(json_get_string(agent, "driver", ""), "command") != 0) {
        share(to, "claim", agent);
        share(to, "summary", agent);
    }
    json_object_set_new(to, "attempts", attempts_of(agent));
    put_spent(to, agent);
    return to;
}

static json_t *wave_outline(const json_t *wave)
{
    static const char *const facts[] = {"index", "title", NULL};
    json_t *to = shared(wave, facts);

    json_object_set_new(to, "agents", each_of(wave, "agents", agent_outline));
    return to;
}

static json_t *check_outline(const json_t *check)
{
    static const char *const facts[] = {"run", "passed", "final", NULL};

    return shared(check, facts);
}

/* "ORG_1001.2" in one run is "ORG_1007.2" in the other. */
static json_t *id_below_root(const json_t *orch)
{
    const char *id = json_get_string(orch, "exec_id", "");
    const char *below = strchr(id, '.');

    return json_string(below ? below + 1 : "root");
}

static json_t *orch_outline(const json_t *orch)
{
    static const char *const facts[] = {"kind", "title", "item", "state", "status", NULL};
    json_t *to = shared(orch, facts);

    json_object_set_new(to, "id", id_below_root(orch));
    json_object_set_new(to, "waves", each_of(orch, "waves", wave_outline));
    json_object_set_new(to, "checks", each_of(orch, "checks", check_outline));
    json_object_set_new(to, "on_failure", each_of(orch, "on_failure", check_outline));
    json_object_set_new(to, "commands", each_of(orch, "commands", check_outline));
    return to;
}

static bool any_of(const json_t *object, const char *key, bool (*is)(const json_t *))
{
    const json_t *list = json_object_get(object, key);
    bool any = false;

    for (size_t i = 0; i < json_array_size(list) && !any; i++)
        any = is(json_array_get(list, i));
    return any;
}

static bool agent_was_interrupted(const json_t *agent)
{
    return any_of(agent, "attempts", is_cancelled);
}

static bool wave_was_interrupted(const json_t *wave)
{
    return any_of(wave, "agents", agent_was_interrupted);
}

/* It spent more in all than what is recorded of it. */
static bool spent_more(const json_t *orch)
{
    return json_get_int(orch, "retried", 0) > 0 || any_of(orch, "waves", wave_was_interrupted);
}

json_t *outline_of(const json_t *report, const char *result_tree)
{
    static const char *const facts[] = {"status", NULL};
    json_t *to = shared(report, facts);

    if (!any_of(report, "orchestrators", spent_more)) {
        share(to, "tokens", report);
        share(to, "cost_usd", report);
    }
    json_object_set_new(to, "pattern", json_string(json_at_string(report, "decision.pattern", "")));
    json_object_set_new(to, "tree", json_string(result_tree));
    json_object_set_new(to, "orchestrators", each_of(report, "orchestrators", orch_outline));
    return to;
}

struct comparison {
    struct text where;
    json_t *differences;
};

static void note(struct comparison *c, const json_t *recorded, const json_t *replayed)
{
    const json_t *none = json_null();

    json_array_append_new(c->differences, json_pack("{s:o, s:O, s:O}", "where",
                                                    json_text_or_null(text_get(&c->where)),
                                                    "recorded", recorded ? recorded : none,
                                                    "replayed", replayed ? replayed : none));
}

static void compare(struct comparison *c, const json_t *a, const json_t *b);

static void compare_objects(struct comparison *c, const json_t *a, const json_t *b)
{
    size_t length = c->where.length;
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)a, key, value) {
        text_printf(&c->where, "%s%s", length ? ": " : "", key);
        compare(c, value, json_object_get(b, key));
        text_cut(&c->where, length);
    }
}

static void compare_arrays(struct comparison *c, const json_t *a, const json_t *b)
{
    size_t most = json_array_size(a) > json_array_size(b) ? json_array_size(a) : json_array_size(b);
    size_t length = c->where.length;

    for (size_t i = 0; i < most; i++) {
        text_printf(&c->where, " %zu", i + 1);
        compare(c, json_array_get(a, i), json_array_get(b, i));
        text_cut(&c->where, length);
    }
}

static bool same_value(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) <= COST_EXACT;
    return json_equal(a, b);
}

static void compare(struct comparison *c, const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b))
        compare_objects(c, a, b);
    else if (json_is_array(a) && json_is_array(b))
        compare_arrays(c, a, b);
    else if (!a || !b || !same_value(a, b))
        note(c, a, b);
}

json_t *outline_compare(const json_t *recorded, const json_t *replayed)
{
    static const char *const totals[] = {"tokens", "cost_usd"};
    struct comparison c = {.differences = json_array()};
    json_auto_t *comparable = json_copy((json_t *)recorded);

    /* Not there where the replay, and it alone, was interrupted. */
    for (size_t i = 0; i < COUNT_OF(totals); i++)
        if (!json_object_get(replayed, totals[i]))
            (void)json_object_del(comparable, totals[i]); /* it need not be there either */
    compare(&c, comparable, replayed);
    text_free(&c.where);
    return c.differences;
}
