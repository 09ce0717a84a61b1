/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"
#include "plans.h"

#include "base/os.h"
#include "report/report.h"
#include "report/view.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* The words of the decision are tested where they are made. */
static void make_decision_plain(json_t *report)
{
    json_t *decision = json_object_get(report, "decision"), *criterion;
    size_t i;

    cr_assert_gt(strlen(view_text(decision, "rationale")), 10);
    json_object_set_new(decision, "rationale", json_string("it is faster"));
    json_array_foreach (json_object_get(decision, "criteria"), i, criterion) {
        cr_assert_gt(strlen(view_text(criterion, "why")), 5);
        json_object_set_new(criterion, "why", json_string("it is so"));
    }
}

static json_t *told(const struct story *story, const struct report_facts *facts)
{
    AUTO_ARENA arena = {0};
    struct tree *t = story_tell(story, &arena);
    json_t *report = report_build(t, facts);

    tree_free(t);
    json_object_set_new(report, "kelp", json_string("0"));
    make_decision_plain(report);
    return report;
}

Test(build, tells_the_stories)
{
    static const struct {
        const struct story *story;
        const char *file;
    } cases[] = {
        {&story_partial, "partial.json"},
        {&story_waves, "waves.json"},
        {&story_running, "running.json"},
    };
    const struct report_facts facts = {.root = "/home/ada/textkit", .now_ms = 1795351108500};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *report = told(cases[i].story, &facts);
        AUTO_FREE char *text = report_json(report);
        golden_compare(cases[i].file, text);
    }
}

/* Every key that scripts rely on, by path; [] goes into each entry of a list that is not empty. */
static const char *const keys[] = {
    "version",
    "run",
    "status",
    "decision.pattern",
    "decision.criteria[].name",
    "decision.criteria[].holds",
    "decision.criteria[].why",
    "orchestrators[].exec_id",
    "orchestrators[].kind",
    "orchestrators[].depth",
    "orchestrators[].title",
    "orchestrators[].status",
    "orchestrators[].waves[].index",
    "orchestrators[].waves[].agents[].instance",
    "orchestrators[].waves[].agents[].role",
    "orchestrators[].waves[].agents[].status",
    "orchestrators[].waves[].agents[].summary",
    "orchestrators[].waves[].agents[].metrics",
    "orchestrators[].waves[].agents[].attempts[].n",
    "orchestrators[].waves[].agents[].attempts[].started_ms",
    "orchestrators[].waves[].agents[].attempts[].ended_ms",
    "orchestrators[].waves[].agents[].attempts[].exit",
    "orchestrators[].waves[].agents[].attempts[].error",
    "orchestrators[].checks[].run",
    "orchestrators[].checks[].exit",
    "orchestrators[].git.branch",
    "orchestrators[].git.commits",
    "orchestrators[].git.merged",
    "orchestrators[].git.conflicts",
    "timing.makespan_s",
    "timing.busy_s",
    "timing.sequential_s",
    "timing.critical_path_s",
    "timing.speedup",
    "timing.efficiency",
    "timing.overhead_s",
    "metrics",
    "tokens",
    "token_counts.input",
    "token_counts.cached",
    "token_counts.output",
    "token_counts.reasoning",
    "cost_usd",
    "cost_at_least_usd",
    "drivers[].driver",
    "drivers[].tokens",
    "drivers[].token_counts.input",
    "drivers[].cost_usd",
    "orchestrators[].tokens",
    "orchestrators[].cost_usd",
    "orchestrators[].drivers[].cost_usd",
    "orchestrators[].waves[].agents[].attempts[].session_way",
    "orchestrators[].waves[].agents[].attempts[].tool_calls",
    "agents.sessions.fresh",
    "agents.sessions.resumed",
    "agents.sessions.handed_over",
    "agents.sessions.continued",
    "planner",
    "providers",
    "git.base",
    "git.backup",
    "git.head",
    "git.pushed",
    "git.remote",
    "follow_up",
};

/* Visits the values at a path; returns how many there are. A missing key fails the test. */
static size_t visit(const json_t *value, const char *path, const char *whole)
{
    size_t length = strcspn(path, ".["), found = 0, i;
    AUTO_FREE char *key = mem_string_n(path, length);
    const json_t *next = json_object_get(value, key), *entry;

    cr_assert_not_null(next, "no '%s'", whole);
    if (!path[length])
        return 1;
    if (path[length] == '.')
        return visit(next, path + length + 1, whole);
    json_array_foreach (next, i, entry)
        found += visit(entry, path + length + strlen("[]."), whole);
    return found;
}

Test(build, has_the_keys_that_scripts_rely_on)
{
    json_auto_t *report = told(&story_partial, NULL);

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        cr_assert_gt(visit(report, keys[i], keys[i]), 0, "'%s' is nowhere", keys[i]);
}

Test(build, measures_times)
{
    json_auto_t *report = told(&story_partial, NULL);
    const json_t *timing = json_object_get(report, "timing");

    /* Children 1 to 4 have three attempts of 1.5, 2, 2.5 and 3 s each, and the first one more. */
    cr_assert_float_eq(json_get_number(timing, "busy_s", 0), 28.5, 1e-9);
    cr_assert_float_eq(json_get_number(timing, "sequential_s", 0), 27, 1e-9);
    cr_assert_float_eq(json_get_number(timing, "critical_path_s", 0), 9, 1e-9);
    double makespan = json_get_number(timing, "makespan_s", 0);
    cr_assert_float_eq(json_get_number(timing, "speedup", 0), 27 / makespan, 1e-3);
    cr_assert_float_eq(json_get_number(timing, "efficiency", 0), 9 / makespan, 1e-3);
    cr_assert_lt(json_get_number(timing, "overhead_s", 0), makespan - 9 + 1e-9);
}

Test(build, replays_what_a_barrier_costs)
{
    json_auto_t *report = told(&story_waves, NULL);
    const json_t *replay = json_object_get(report, "replay");

    /* 2, then 4 beside 5, then 7 minutes: nobody waits for a sibling of another level. */
    cr_assert_float_eq(json_get_number(replay, "with_barriers_s", 0), 14 * 60, 1e-9);
    cr_assert_float_eq(json_get_number(replay, "barrier_factor", 0), 1, 1e-9);
}

Test(build, an_unknown_price_is_null)
{
    json_auto_t *waves = told(&story_waves, NULL);
    json_auto_t *partial = told(&story_partial, NULL);

    cr_assert_eq(json_get_int(waves, "tokens", 0), 36000);
    cr_assert(json_is_null(json_object_get(waves, "cost_usd")));
    cr_assert_float_eq(json_get_number(partial, "cost_usd", -1), 0, 1e-9);
}

Test(build, a_retry_does_not_count_the_time_between)
{
    AUTO_ARENA arena = {0};
    struct tree *t = story_tell(&story_partial, &arena);
    int64_t hour = 3600 * 1000, first = t->ended_ms - t->started_ms;

    story_go_on(
        t, &story_partial, &arena,
        (struct event){.kind = EVENT_RETRY_REQUESTED, .at_ms = t->ended_ms + hour, .child = 2});
    json_auto_t *report = report_build(t, NULL);
    double makespan = json_get_number(json_object_get(report, "timing"), "makespan_s", 0);
    cr_assert_eq(t->idle_ms, hour);
    cr_assert_gt(makespan * 1000, (double)first);
    cr_assert_lt(makespan, 60);
    tree_free(t);
}

static json_t *find_step(const json_t *report, const char *command)
{
    json_t *step;
    size_t i;

    json_array_foreach (json_object_get(report, "follow_up"), i, step)
        if (strcmp(view_text(step, "command"), command) == 0)
            return step;
    return NULL;
}

Test(build, says_what_to_do_next)
{
    json_auto_t *partial = told(&story_partial, NULL);
    json_auto_t *waves = told(&story_waves, NULL);
    json_auto_t *running = told(&story_running, NULL);

    cr_assert_not_null(find_step(partial, "kelp retry ORG_4729.2"));
    cr_assert_not_null(find_step(partial, "git merge kelp/ORG_4729.3"));
    cr_assert_null(find_step(partial, "kelp retry ORG_4729.1"));
    cr_assert_null(find_step(partial, "kelp resume ORG_4729"));
    cr_assert_not_null(find_step(waves, "git push origin main"));
    cr_assert_not_null(find_step(running, "kelp resume ORG_4729"));
}

/* Result files as the engine keeps them, for the agents of story_partial. */
static void write_results(const char *dir)
{
    static const struct {
        const char *file, *text;
    } results[] = {
        {"ORG_4729.1-w1-a1.json",
         "{\"dimension\":\"text\",\"findings\":["
         "{\"id\":\"a\",\"severity\":\"low\",\"file\":\"a.c\",\"line\":3,\"title\":\"A\"},"
         "{\"id\":\"b\",\"severity\":\"high\",\"title\":\"B\"}]}"},
        /* It looked again at the same dimension: `a` did not hold. */
        {"ORG_4729.1-w2-a2.json",
         "{\"dimension\":\"text\",\"findings\":[{\"id\":\"b\",\"severity\":\"high\","
         "\"title\":\"B, confirmed\"}]}"},
        {"ORG_4729.2-w1-a1.json",
         "{\"findings\":[{\"title\":\"C\"},{\"id\":\"b\",\"title\":\"again\"},7]}"},
        {"ORG_4729.3-w1-a1.json", "{\"findings\":"},
    };
    AUTO_FAULT f = {0};
    AUTO_FREE char *folder = text_format("%s/context/results", dir);

    cr_assert_eq(os_make_dirs(folder, 0755, &f), 0);
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        AUTO_FREE char *path = os_path(folder, results[i].file);
        cr_assert_eq(os_write_file(path, results[i].text, strlen(results[i].text), 0644, &f), 0);
    }
}

Test(build, shows_the_findings_that_count)
{
    char dir[] = "/tmp/kelp-report-XXXXXX";
    AUTO_FAULT f = {0};

    cr_assert_not_null(mkdtemp(dir));
    write_results(dir);
    json_auto_t *report = told(&story_partial, &(struct report_facts){.run_dir = dir});
    cr_assert_eq(os_remove_tree(dir, &f), 0);
    const json_t *findings = json_object_get(report, "findings");
    static const struct {
        const char *title, *exec_id;
    } wanted[] = {{"B, confirmed", "ORG_4729.1"}, {"C", "ORG_4729.2"}};
    cr_assert_eq(json_array_size(findings), COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        const json_t *finding = json_array_get(findings, i);
        cr_assert_str_eq(view_text(finding, "title"), wanted[i].title);
        cr_assert_str_eq(view_text(finding, "exec_id"), wanted[i].exec_id);
    }
}
