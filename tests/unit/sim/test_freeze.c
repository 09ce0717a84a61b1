/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that do not serve, what a limit ends in the middle, models that only talk, and a model
 * that is asked to plan: each a small world with a script of fates. */
#include "sim/play.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MINUTE = 60000, ENDS_MAX = 6 };

/* How the attempts of the first step's agent end, in order; what is not told is good. */
struct end {
    enum attempt_error error;
    const char *session;
    bool silent, idle; /* nothing of it is seen; it uses no tool and changes nothing */
    bool tools;
};

struct part {
    struct fate_source source;
    enum job_kind of; /* JOB_AGENT or JOB_PLANNER */
    struct end ends[ENDS_MAX];
    uint32_t limited; /* attempts before them that meet a rate limit */
};

static void draw(const struct fate_source *source, const struct errand *errand, uint32_t nth,
                 struct arena *arena, struct fate *ret)
{
    const struct part *s = (const struct part *)source;
    uint32_t at = errand->job.kind == JOB_PLANNER ? errand->job.attempt - 1u : nth;

    (void)arena;
    *ret = (struct fate){
        .runs_ms = MINUTE,
        .outcome = {.yes = true, .worked = true, .tool_calls = 1, .tokens = 10, .usd = -1}};
    if (errand->job.kind != s->of || errand->step)
        return;
    if (at < s->limited)
        ret->outcome =
            (struct outcome){.error = ERROR_RATE_LIMIT, .usd = -1, .retry_after_ms = 1000};
    if (at < s->limited || at - s->limited >= ENDS_MAX)
        return;
    at -= s->limited;
    const struct end *e = &s->ends[at];
    ret->idle = e->idle;
    ret->outcome.error = e->error;
    ret->outcome.message = e->error == ERROR_NONE ? NULL : "as told";
    ret->outcome.session = e->session;
    ret->outcome.worked = !e->silent;
    ret->outcome.tool_calls = e->error != ERROR_NONE || e->tools || !e->idle ? 1 : 0;
    if (e->silent)
        ret->outcome.tool_calls = 0;
}

struct seen {
    enum run_status status;
    enum end_status first, second; /* of the agents of the two steps */
    uint32_t attempts, continued, asked, wrong;
    int64_t second_ms, end_ms; /* when the second step's agent ended, and the run */
    bool noted;
};

static void look(void *context, const struct tree *t, const struct world *world)
{
    struct seen *seen = context;
    const struct work *w = t->orchs.at[0].work;

    (void)world;
    seen->status = t->status;
    seen->asked = t->planner.attempts;
    seen->wrong = t->planner.wrong;
    seen->noted = t->notes.count && strstr(t->notes.at[0], "did not plan");
    seen->end_ms = t->ended_ms;
    for (size_t i = 0; w && i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        if (w->nodes.at[a->node].step) {
            seen->second = a->status;
            seen->second_ms = a->ended_ms;
            continue;
        }
        seen->first = a->status;
        seen->attempts = a->attempts;
        for (const struct attempt *x = a->first_attempt; x; x = x->next)
            seen->continued += x->continues;
    }
}

static struct plan_step step_of(const char *id, const char *agent)
{
    struct plan_step step = {.id = id,
                             .title = id,
                             .role = "Fixer",
                             .prompt = "mend it",
                             .run = "",
                             .count = 1,
                             .level = 1,
                             .minutes = 1,
                             .for_each = {.source = ""}};

    step.settings = (struct plan_settings){
        .agent = agent, .model = "", .base_url = "", .retries = RETRIES_DEFAULT};
    return step;
}

static const struct plan_settings nothing_said = {.agent = "", .model = "", .base_url = ""};

static struct seen play_script(const struct part *script, const char *planner)
{
    struct plan_step steps[] = {step_of("a", "claude"), step_of("b", "codex")};
    struct plan_wave wave = {.title = ""};
    struct plan_subtask subtask = {.id = "s",
                                   .title = "s",
                                   .context = "",
                                   .mission = "",
                                   .setup = "",
                                   .settings = nothing_said,
                                   .steps = steps,
                                   .step_count = 2,
                                   .waves = &wave,
                                   .wave_count = 1,
                                   .for_each = {.source = ""}};
    struct plan plan = {.version = 1,
                        .task = "",
                        .setup = "",
                        .file = "",
                        .settings = nothing_said,
                        .subtasks = &subtask,
                        .subtask_count = 1};
    const struct sim_case scene = {
        .request = {.number = 1,
                    .plan = &plan,
                    .planned = !planner[0],
                    .planner = planner,
                    .in_repository = true,
                    .head = "h",
                    .branch = "",
                    .settings = {.slots = 4, .retry_min = 10, .pattern = PATTERN_WAVES}},
        .whole = &plan};
    struct seen seen = {0};
    struct play_options o = {.shape = {.seed = 1},
                             .scene = &scene,
                             .fates = &script->source,
                             .at_end = look,
                             .context = &seen};
    struct play_result r;

    play(&o, &r);
    cr_expect_null(r.broken, "%s: %s", r.broken, r.why);
    play_result_free(&r);
    return seen;
}

Test(freeze, what_follows_the_end_of_an_attempt)
{
    static const struct {
        const char *what;
        struct end ends[ENDS_MAX];
        enum end_status status;
        uint32_t attempts, continued;
    } cases[] = {
        {"good", {{.tools = true}}, END_DONE, 1, 0},
        {"a key that is refused costs no attempt",
         {{ERROR_AUTH}, {ERROR_AUTH}, {ERROR_AUTH}},
         END_DONE,
         4,
         0},
        {"nor does a quota", {{ERROR_QUOTA}, {ERROR_QUOTA}, {ERROR_CRASH}}, END_DONE, 4, 0},
        {"a limit in the middle is gone on from",
         {{ERROR_RATE_LIMIT, "s"}, {ERROR_RATE_LIMIT, "s"}},
         END_DONE,
         3,
         2},
        {"also when it is turned away again at once",
         {{ERROR_RATE_LIMIT, "s"}, {ERROR_RATE_LIMIT, "s", .silent = true}},
         END_DONE,
         3,
         2},
        {"even without a session",
         {{ERROR_QUOTA, "s"}, {ERROR_AUTH, .silent = true}, {ERROR_QUOTA, .silent = true}},
         END_DONE,
         4,
         3},
        {"a quota in the middle, too", {{ERROR_QUOTA, "s"}}, END_DONE, 2, 1},
        {"but not before it began", {{ERROR_RATE_LIMIT, "s", .silent = true}}, END_DONE, 2, 0},
        {"nor without a session", {{ERROR_RATE_LIMIT}}, END_DONE, 2, 0},
        {"nor after a crash", {{ERROR_CRASH, "s"}}, END_DONE, 2, 0},
        {"nothing was seen of it", {{.silent = true}}, END_UNVERIFIED, 1, 0},
        {"it only talked", {{.idle = true}}, END_UNVERIFIED, 1, 0},
        {"it used tools and found nothing to change",
         {{.idle = true, .tools = true}},
         END_DONE,
         1,
         0},
        {"what it did before a limit counts",
         {{ERROR_RATE_LIMIT, "s", .tools = true}, {.idle = true}},
         END_DONE,
         2,
         1},
        {"what it did before a crash does not",
         {{ERROR_CRASH, "s", .tools = true}, {.idle = true}},
         END_UNVERIFIED,
         2,
         0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct part script = {.source = {draw}, .of = JOB_AGENT};
        memcpy(script.ends, cases[i].ends, sizeof script.ends);
        struct seen seen = play_script(&script, "");
        cr_expect_eq(seen.first, cases[i].status, "%s: %s", cases[i].what,
                     end_status_name(seen.first));
        cr_expect_eq(seen.attempts, cases[i].attempts, "%s: %u attempts", cases[i].what,
                     seen.attempts);
        cr_expect_eq(seen.continued, cases[i].continued, "%s: %u go on", cases[i].what,
                     seen.continued);
        cr_expect_eq(seen.second, END_DONE, "%s: the other provider", cases[i].what);
    }
}

Test(freeze, a_model_plans_or_kelp_does)
{
    static const struct {
        const char *what;
        struct end ends[ENDS_MAX];
        uint32_t asked, wrong;
        bool noted; /* kelp planned */
    } cases[] = {
        {"a plan", {{.tools = true}}, 1, 0, false},
        {"wrong once", {{ERROR_MALFORMED}}, 2, 1, false},
        {"wrong twice", {{ERROR_MALFORMED}, {ERROR_MALFORMED}}, 2, 2, true},
        {"a crash", {{ERROR_CRASH}}, 1, 0, true},
        {"wrong, then it refuses", {{ERROR_MALFORMED}, {ERROR_REFUSED}}, 2, 1, true},
        {"rate limits do not count",
         {{ERROR_RATE_LIMIT}, {ERROR_MALFORMED}, {ERROR_RATE_LIMIT}},
         4,
         1,
         false},
        {"a key that is refused waits for a resume", {{ERROR_AUTH}, {ERROR_QUOTA}}, 3, 0, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct part script = {.source = {draw}, .of = JOB_PLANNER};
        memcpy(script.ends, cases[i].ends, sizeof script.ends);
        struct seen seen = play_script(&script, "claude");
        cr_expect_eq(seen.status, RUN_STATUS_DONE, "%s: %s", cases[i].what,
                     run_status_name(seen.status));
        cr_expect_eq(seen.asked, cases[i].asked, "%s: asked %u times", cases[i].what, seen.asked);
        cr_expect_eq(seen.wrong, cases[i].wrong, "%s: wrong %u times", cases[i].what, seen.wrong);
        cr_expect_eq(seen.noted, cases[i].noted, "%s", cases[i].what);
    }
}

/* A server that wants a second, for minutes: nothing bounds the attempts. */
Test(freeze, any_number_of_rate_limits_is_waited_for)
{
    const struct part script = {.source = {draw}, .of = JOB_AGENT, .limited = 300};
    struct seen seen = play_script(&script, "");

    cr_expect_eq(seen.first, END_DONE);
    cr_expect_eq(seen.attempts, 301);
}
