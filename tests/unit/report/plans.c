/* SPDX-License-Identifier: Apache-2.0 */
#include "plans.h"

#include <string.h>

#define SETTINGS                                                                     \
    {                                                                                \
        .agent = "command", .model = "", .base_url = "", .retries = RETRIES_DEFAULT, \
        .stall_minutes = -1                                                          \
    }

#define STEP(name, number, of_role, command)                                                \
    {                                                                                       \
        .id = name, .title = "", .role = of_role, .prompt = "", .run = command, .count = 1, \
        .for_each = {.source = ""}, .level = number, .settings = SETTINGS                   \
    }

static struct plan_step bug_steps[] = {
    STEP("w1.1", 1, "Analyst", "./analyse"),
    STEP("w2.1", 2, "Developer", "./fix"),
    STEP("w3.1", 3, "Tester", "./test"),
};
static struct plan_wave bug_waves[] = {{"Analyse", 0}, {"Fix", 0}, {"Test", 0}};
static const struct plan_command bug_checks[] = {{"make -s check", {0}}};

static const struct plan_command bug_undo[] = {{"git checkout -- .", {0}}};

#define BUG(name, of_title)                                                                      \
    {                                                                                            \
        .id = name, .title = of_title, .context = "", .mission = "", .minutes = 15,              \
        .for_each = {.source = ""}, .explicit_waves = true, .waves = bug_waves, .wave_count = 3, \
        .steps = bug_steps, .step_count = 3, .success = {bug_checks, 1},                         \
        .on_failure = {bug_undo, 1}, .setup = "", .settings = SETTINGS                           \
    }

static struct plan_subtask bugs[] = {
    BUG("words", "Count the last word"),
    BUG("trim", "Trim a line of blanks | and nothing else"),
    BUG("csv", "Read a doubled quote as a quote"),
    BUG("leap", "Know the rule for centuries"),
};
static const struct plan_command root_cleanup[] = {{"rm -f *.tmp", {0}}};
static const struct plan bug_plan = {
    .version = 1,
    .task = "Fix 4 bugs in parallel",
    .file = "bugs.yaml",
    .subtasks = bugs,
    .subtask_count = 4,
    .cleanup = {root_cleanup, 1},
    .setup = "",
    .settings = SETTINGS,
};

enum { WORDS = 1, TRIM, CSV, LEAP };

static void tell_bug_agent(const struct tree *t, const struct job *j, struct arena *arena,
                           struct outcome *ret)
{
    const struct agent *a = &t->orchs.at[j->orch].work->agents.at[j->agent];

    ret->cpu_us = 250000;
    ret->max_rss_kib = 2048;
    if (a->wave == 1) {
        static const struct metric found[] = {{"bugs_found", 1}};
        ret->claim = CLAIM_OK;
        ret->summary = "the cause is in src/text.c:12";
        ret->metrics = (struct metrics){found, 1};
        ret->findings = 1;
    } else if (a->wave == 2 && j->orch == WORDS && a->attempts == 1) {
        ret->error = ERROR_CRASH;
        ret->exit_code = -1;
        ret->signal = 9;
        ret->message = "ended by signal 9 (Killed)";
    } else if (a->wave == 3 && j->orch == TRIM) {
        static const char *const todo[] = {"look at how make is called"};
        ret->error = ERROR_FAILED;
        ret->exit_code = 2;
        ret->message = "exit status 2: make: *** [check] Error 1";
        ret->follow_up.at = arena_copy(arena, todo, sizeof todo);
        ret->follow_up.count = 1;
    }
}

static void tell_settle(const struct tree *t, const struct job *j, struct outcome *ret)
{
    ret->commit = j->agent != AGENT_NONE ? "2222222222222222222222222222222222222222"
                                         : t->orchs.at[tree_clone_owner(t, j->orch)].commit;
    if (j->agent == AGENT_NONE || t->orchs.at[j->orch].work->agents.at[j->agent].wave != 2)
        return;
    ret->commits = 1;
    ret->files = 2;
    ret->insertions = 10;
    ret->deletions = 3;
    if (j->orch == LEAP) {
        static const char *outside[] = {"notes.txt"};
        ret->paths = (struct strings){outside, 1};
    }
}

static void tell_merge(const struct tree *t, const struct job *j, struct outcome *ret)
{
    static const char *paths[] = {"src/text.c", "src/text.h"};
    static const struct branch_pair pair = {WORDS, CSV, {paths, 2}};
    static const struct branch_outcome merged[] = {{WORDS, true, {0}}, {LEAP, true, {0}}};

    (void)t;
    ret->commit = "3333333333333333333333333333333333333333";
    if (j->kind == JOB_CONSOLIDATE) {
        ret->pairs = &pair;
        ret->pair_count = 1;
    } else {
        ret->branches = merged;
        ret->branch_count = 2;
    }
}

static const struct metric before[] = {{"bytes", 4096}, {"files", 12}};
static const struct metric after[] = {{"bytes", 4000}, {"files", 11}};

static void tell_repository(const struct tree *t, const struct job *j, struct outcome *ret)
{
    static const struct {
        const char *commit, *reference;
    } answers[JOB_KIND_COUNT] = {
        [JOB_BACKUP] = {"1111111111111111111111111111111111111111",
                        "4444444444444444444444444444444444444444"},
        [JOB_COPY] = {"1111111111111111111111111111111111111111", NULL},
        [JOB_LAND] = {"3333333333333333333333333333333333333333", "main"},
        [JOB_PUSH] = {NULL, "origin"},
    };

    (void)t;
    ret->yes = true;
    ret->commit = answers[j->kind].commit;
    ret->reference = answers[j->kind].reference;
}

static int64_t tell_bugs(const struct tree *t, const struct job *j, struct arena *arena,
                         struct outcome *ret)
{
    if (j->kind == JOB_AGENT) {
        tell_bug_agent(t, j, arena, ret);
        return 1000 + 500 * (int64_t)j->orch;
    }
    if (j->kind == JOB_SETTLE)
        tell_settle(t, j, ret);
    else if (j->kind == JOB_CONSOLIDATE || j->kind == JOB_MERGE)
        tell_merge(t, j, ret);
    else if (j->kind == JOB_MEASURE)
        ret->measures = (struct metrics){j->index ? after : before, 2};
    else
        tell_repository(t, j, ret);
    return 100;
}

const struct story story_partial = {.plan = &bug_plan, .teller = tell_bugs};
const struct story story_running = {.plan = &bug_plan, .teller = tell_bugs, .stop_ms = 4000};

static const size_t needs_schema[] = {0}, needs_both[] = {1, 2};
static struct plan_step feature_steps[] = {
    STEP("schema", 1, "Database", ""),
    STEP("server", 2, "Backend", ""),
    STEP("client", 2, "Frontend", ""),
    STEP("test", 3, "Tester", "make check"),
};
static struct plan_step research[] = {STEP("r1", 0, "Documentation locator", "./find-documents")};
static struct plan_wave no_waves[] = {{"", 0}, {"", 0}, {"", 0}};
static struct plan_subtask feature[] = {{
    .id = "login",
    .title = "Log in with a key",
    .context = "",
    .mission = "",
    .minutes = 30,
    .for_each = {.source = ""},
    .waves = no_waves,
    .wave_count = 3,
    .steps = feature_steps,
    .step_count = 4,
    .setup = "",
    .settings = SETTINGS,
}};
static const struct plan feature_plan = {
    .version = 1,
    .task = "Log in with a key instead of a password",
    .file = "",
    .research_given = true,
    .research = research,
    .research_count = 1,
    .subtasks = feature,
    .subtask_count = 1,
    .setup = "",
    .settings = SETTINGS,
};

static void __attribute__((constructor)) finish_feature(void)
{
    for (size_t i = 0; i < 3; i++) {
        feature_steps[i].prompt = "Do it";
        feature_steps[i].settings.agent = "claude";
    }
    feature_steps[1].needs = feature_steps[2].needs = needs_schema;
    feature_steps[1].need_count = feature_steps[2].need_count = 1;
    feature_steps[3].needs = needs_both;
    feature_steps[3].need_count = 2;
}

/* The agent of the second wave that has the first instance goes on with its session. */
static void tell_model(const struct agent *a, struct outcome *ret)
{
    bool again = a->wave == 2 && a->instance == 1;

    ret->counts = (struct token_counts){8000, 3000, 1000, 200};
    ret->model = "m-large";
    ret->session = a->instance == 1 ? "s-1" : "s-2";
    ret->session_way = again ? SESSION_RESUMED : SESSION_FRESH;
    ret->context_tokens = again ? 90000 : 45000;
    ret->context_window = 200000;
    ret->tool_calls = 4;
}

static int64_t tell_feature(const struct tree *t, const struct job *j, struct arena *arena,
                            struct outcome *ret)
{
    const struct agent *a =
        j->agent == AGENT_NONE ? NULL : &t->orchs.at[j->orch].work->agents.at[j->agent];

    if (j->kind == JOB_AGENT && a->wave) {
        ret->claim = CLAIM_OK;
        ret->summary = "done as asked";
        ret->tokens = a->wave == 3 ? 0 : 12000;
        ret->usd = a->wave == 2 ? -1 : 0.25;
        if (a->wave < 3)
            tell_model(a, ret);
        return 60000 * (int64_t)(a->wave + a->ordinal + j->agent);
    }
    if (j->kind == JOB_PUSH) {
        ret->error = ERROR_FAILED;
        ret->message = "the remote has commits that are not here (non-fast-forward)";
        ret->reference = "origin";
        return 900;
    }
    return tell_bugs(t, j, arena, ret);
}

const struct story story_waves = {.plan = &feature_plan, .teller = tell_feature};
