/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/write.h"

#include "base/size.h"
#include "plan/settings.h"

#include <math.h>
#include <string.h>

static void put(json_t *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object, key, value) < 0)
        bug("a plan with text that is not UTF-8 at '%s'", key);
}

static void put_text(json_t *object, const char *key, const char *text)
{
    if (*text)
        put(object, key, json_string(text));
}

/* Whole numbers without a fraction, so that 15 stays 15. */
static void put_number(json_t *object, const char *key, double number)
{
    bool whole = number == floor(number) && fabs(number) < 1e15;

    put(object, key, whole ? json_integer((json_int_t)number) : json_real(number));
}

static json_t *strings_json(const struct strings *strings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < strings->count; i++)
        (void)json_array_append_new(array, json_string(strings->at[i]));
    return array;
}

static json_t *commands_json(const struct plan_commands *commands)
{
    json_t *array = json_array();

    for (size_t i = 0; i < commands->count; i++)
        (void)json_array_append_new(array, json_pack("{s:s}", "run", commands->at[i].run));
    return array;
}

static void put_commands(json_t *object, const char *key, const struct plan_commands *commands)
{
    if (commands->count)
        put(object, key, commands_json(commands));
}

static void put_fan(json_t *object, const struct plan_fan *fan)
{
    static const char *const keys[] = {
        [FAN_LIST] = "items", [FAN_GLOB] = "glob", [FAN_COMMAND] = "run"};

    if (fan->kind == FAN_NONE)
        return;
    json_t *map = json_object();
    put(map, keys[fan->kind],
        fan->kind == FAN_LIST ? strings_json(&fan->items) : json_string(fan->source));
    put(map, "batch", fan->batch ? json_integer(fan->batch) : json_string("auto"));
    put(object, "for_each", map);
}

static json_t *number_json(int64_t number)
{
    return json_integer(number);
}

static json_t *size_json(int64_t bytes)
{
    AUTO_FREE char *text = size_text((uint64_t)bytes);

    return json_string(text);
}

static void put_most(json_t *map, const char *key, int64_t most, int64_t above,
                     json_t *(*as_json)(int64_t value))
{
    if (most != above)
        put(map, key, most == LIMIT_OFF ? json_string("off") : as_json(most));
}

static void put_limits(json_t *object, const struct plan_limits *limits,
                       const struct plan_limits *above)
{
    json_t *map = json_object();

    if (limits->minutes != above->minutes)
        put_number(map, "minutes", limits->minutes);
    if (limits->agent_minutes != above->agent_minutes)
        put_number(map, "agent_minutes", limits->agent_minutes);
    if (limits->usd != above->usd)
        put_number(map, "usd", limits->usd);
    if (limits->tokens != above->tokens)
        put(map, "tokens", json_integer(limits->tokens));
    put_most(map, "memory", limits->memory_bytes, above->memory_bytes, size_json);
    put_most(map, "processes", limits->processes, above->processes, number_json);
    put_most(map, "open_files", limits->open_files, above->open_files, number_json);
    put_most(map, "file_size", limits->file_bytes, above->file_bytes, size_json);
    if (json_object_size(map))
        put(object, "limits", map);
    else
        json_decref(map);
}

static bool same_strings(const struct strings *a, const struct strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return true;
}

static void put_sandbox(json_t *object, const struct plan_sandbox *sandbox,
                        const struct plan_sandbox *above)
{
    bool network = sandbox->network != above->network;
    bool hosts = !same_strings(&sandbox->hosts, &above->hosts);
    bool read = !same_strings(&sandbox->read, &above->read);
    bool write = !same_strings(&sandbox->write, &above->write);
    bool more = network || hosts || read || write;

    if (sandbox->off == above->off && !more)
        return;
    if (sandbox->off && !more) {
        put(object, "sandbox", json_string("off"));
        return;
    }
    json_t *map = json_object();
    if (network)
        put(map, "network", json_string(words_name(&network_words, (int)sandbox->network)));
    if (hosts)
        put(map, "hosts", strings_json(&sandbox->hosts));
    if (read)
        put(map, "read", strings_json(&sandbox->read));
    if (write)
        put(map, "write", strings_json(&sandbox->write));
    put(object, "sandbox", map);
}

static void put_settings(json_t *object, const struct plan_settings *s,
                         const struct plan_settings *above)
{
    if (strcmp(s->agent, above->agent) != 0)
        put_text(object, "agent", s->agent);
    if (strcmp(s->model, above->model) != 0)
        put_text(object, "model", s->model);
    if (strcmp(s->base_url, above->base_url) != 0)
        put_text(object, "base_url", s->base_url);
    if (s->isolation != above->isolation)
        put(object, "isolation", json_string(words_name(&isolation_words, (int)s->isolation)));
    if (s->schedule != above->schedule)
        put(object, "schedule", json_string(words_name(&schedule_words, (int)s->schedule)));
    if (s->retries != above->retries)
        put(object, "retries", json_integer(s->retries));
    if (s->stall_minutes != above->stall_minutes)
        put_number(object, "stall", s->stall_minutes);
    put_sandbox(object, &s->sandbox, &above->sandbox);
    put_limits(object, &s->limits, &above->limits);
}

static void put_needs(json_t *object, const struct plan_step *step, const struct plan_step *steps)
{
    json_t *needs = json_array();

    for (size_t i = 0; i < step->need_count; i++)
        (void)json_array_append_new(needs, json_string(steps[step->needs[i]].id));
    put(object, "needs", needs);
}

static json_t *step_json(const struct plan_step *step, const struct plan_step *steps,
                         const struct plan_settings *above)
{
    json_t *map = json_object();
    struct plan_settings settings = step->settings;

    if (plan_step_is_command(step))
        settings.agent = above->agent; /* `run` says it */
    put_text(map, "id", step->id);
    put_text(map, "title", step->title);
    put_text(map, "role", step->role);
    put_text(map, "prompt", step->prompt);
    put_text(map, "run", step->run);
    if (step->count != 1)
        put(map, "count", json_integer(step->count));
    put_fan(map, &step->for_each);
    if (step->minutes > 0)
        put_number(map, "minutes", step->minutes);
    if (step->need_count)
        put_needs(map, step, steps);
    if (step->writes_given)
        put(map, "writes", strings_json(&step->writes));
    put_settings(map, &settings, above);
    return map;
}

static json_t *steps_json(const struct plan_step *steps, size_t count,
                          const struct plan_settings *above)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, step_json(&steps[i], steps, above));
    return array;
}

static json_t *wave_json(const struct plan_subtask *subtask, size_t wave)
{
    json_t *map = json_object(), *agents = json_array();

    put_text(map, "title", subtask->waves[wave].title);
    if (subtask->waves[wave].allow_failures)
        put(map, "allow_failures", json_integer(subtask->waves[wave].allow_failures));
    for (size_t i = 0; i < subtask->step_count; i++)
        if (subtask->steps[i].level == wave + 1)
            (void)json_array_append_new(
                agents, step_json(&subtask->steps[i], subtask->steps, &subtask->settings));
    put(map, "agents", agents);
    return map;
}

static void put_work(json_t *map, const struct plan_subtask *subtask)
{
    if (!subtask->explicit_waves) {
        put(map, "steps", steps_json(subtask->steps, subtask->step_count, &subtask->settings));
        return;
    }
    json_t *waves = json_array();
    for (size_t i = 0; i < subtask->wave_count; i++)
        (void)json_array_append_new(waves, wave_json(subtask, i));
    put(map, "waves", waves);
}

static json_t *subtask_json(const struct plan *plan, const struct plan_subtask *subtask)
{
    json_t *map = json_object();

    put_text(map, "id", subtask->id);
    put_text(map, "title", subtask->title);
    put_text(map, "context", subtask->context);
    put_text(map, "mission", subtask->mission);
    if (subtask->criteria.count)
        put(map, "criteria", strings_json(&subtask->criteria));
    if (subtask->minutes > 0)
        put_number(map, "minutes", subtask->minutes);
    if (subtask->depends_count) {
        json_t *ids = json_array();
        for (size_t i = 0; i < subtask->depends_count; i++)
            (void)json_array_append_new(ids,
                                        json_string(plan->subtasks[subtask->depends_on[i]].id));
        put(map, "depends_on", ids);
    }
    if (subtask->writes_given)
        put(map, "writes", strings_json(&subtask->writes));
    put_fan(map, &subtask->for_each);
    if (strcmp(subtask->setup, plan->setup) != 0)
        put_text(map, "setup", subtask->setup);
    put_settings(map, &subtask->settings, &plan->settings);
    put_work(map, subtask);
    put_commands(map, "success", &subtask->success);
    put_commands(map, "on_failure", &subtask->on_failure);
    put_commands(map, "cleanup", &subtask->cleanup);
    return map;
}

json_t *plan_to_json(const struct plan *plan)
{
    const struct scope none = scope_default();
    json_t *map = json_object(), *subtasks = json_array();

    put(map, "version", json_integer(plan->version));
    put_text(map, "task", plan->task);
    if (plan->agents)
        put(map, "agents", json_integer(plan->agents));
    put_settings(map, &plan->settings, &none.settings);
    put_text(map, "setup", plan->setup);
    if (plan->land_given)
        put(map, "land", json_string(words_name(&land_words, (int)plan->land)));
    if (plan->push_given)
        put(map, "push", json_string(words_name(&push_words, (int)plan->push)));
    if (plan->environment.count)
        put(map, "environment", strings_json(&plan->environment));
    if (plan->research_given)
        put(map, "research", steps_json(plan->research, plan->research_count, &plan->settings));
    for (size_t i = 0; i < plan->subtask_count; i++)
        (void)json_array_append_new(subtasks, subtask_json(plan, &plan->subtasks[i]));
    put(map, "subtasks", subtasks);
    put_commands(map, "cleanup", &plan->cleanup);
    return map;
}
