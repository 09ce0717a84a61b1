/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/execute.h"

#include "base/os.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/event_line.h"
#include "cli/output.h"
#include "cli/summary.h"
#include "engine/engine.h"
#include "plan/history_file.h"
#include "plan/planner.h"
#include "plan/role.h"
#include "process/sandbox.h"
#include "report/report.h"
#include "ui/plan_view.h"
#include "ui/progress.h"
#include "ui/providers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct execution {
    struct cli *cli;
    const struct session *session;
    const char *run_dir;
    const struct execute_options *o;
    struct progress *progress;       /* NULL: none is shown */
    struct provider_watch providers; /* for lines of JSON */
};

/* How many findings the research has for each dimension; 0 if it looked for none of them. */
static int count_findings(const struct tree *t, unsigned *findings)
{
    const struct orch *root = &t->orchs.at[0];
    int known = 0;

    for (size_t i = 0; root->work && i < root->work->agents.count; i++) {
        const struct agent *a = &root->work->agents.at[i];
        enum dimension d;
        if (a->wave || !a->result || !dimension_match(tree_agent_step(t, root, a)->id, &d))
            continue;
        findings[d] += a->result->findings;
        known++;
    }
    return known;
}

static int make_plan(void *ctx, const struct tree *t, struct arena *arena, struct outcome *ret,
                     struct fault *f)
{
    const struct execution *x = ctx;
    unsigned findings[DIMENSION_COUNT] = {0};
    struct planner_context context = {.request = t->plan, .recipes = x->session->recipes};
    struct planner_result result;
    struct roles roles;
    struct task task;

    if (count_findings(t, findings))
        context.findings = findings;

    int r = task_parse(t->plan->task, arena, &task, f);
    if (r == 0)
        r = planner_plan(&task, &context, arena, &result, f);
    if (r == 0)
        r = roles_load(x->session->root, arena, &roles, f);
    if (r != 0)
        return r;
    roles_fill_models(&roles, result.plan);
    ret->plan = result.plan;
    ret->notes = result.notes;
    return 0;
}

static int confirm(void *ctx, const struct tree *t, struct fault *f)
{
    const struct execution *x = ctx;
    const struct fan_known known = {.subtasks = t->expanded};
    struct plan_view view = {.number = t->request.number,
                             .plan = t->plan,
                             .decision = &t->decision,
                             .notes = t->notes,
                             .symbols = x->cli->err_color,
                             .outline = {.agents = t->settings.slots_asked,
                                         .estimate = request_estimates(&t->request, &known)}};
    AUTO_TEXT shown = {0};

    if (x->o->yes && (x->o->quiet || x->o->json))
        return 1;
    if (x->progress)
        progress_clear(x->progress);
    plan_view_text(&view, &shown);
    (void)fputs(text_get(&shown), x->cli->err); /* the question below fails if this did */
    return output_confirm(x->cli, x->o->yes, "Proceed?", true, f);
}

/* For the estimates of later runs; a run whose history can't be kept has lost nothing else. */
static void keep_history(const struct execution *x, const struct tree *t)
{
    AUTO_FAULT f = {0};

    if (history_file_note(x->session->root, t, &f) < 0)
        output_line(x->cli->err, "kelp: durations are not kept for later runs: %s", f.message);
}

static int report(void *ctx, const struct tree *t, struct fault *f)
{
    const struct execution *x = ctx;

    keep_history(x, t);
    json_auto_t *made =
        report_build(t, &(struct report_facts){.run_dir = x->run_dir, .root = x->session->root});

    return report_write(x->run_dir, made, f);
}

static void tell_providers(struct execution *x, const struct tree *t, int64_t at_ms)
{
    for (size_t i = 0; i < t->providers.count; i++) {
        if (!provider_watch_changed(&x->providers, t, i))
            continue;
        json_auto_t *line = event_line_provider(t, i, at_ms);
        output_json_line(x->cli, line);
    }
}

static void on_event(void *ctx, const struct tree *t, const struct event *e)
{
    struct execution *x = ctx;

    if (x->o->json) {
        json_auto_t *line = event_line(t, e);
        output_json_line(x->cli, line);
        tell_providers(x, t, e->at_ms);
    }
    if (x->progress)
        progress_event(x->progress, t, e);
}

static void on_activity(void *ctx, const struct tree *t, uint32_t job, const struct activity *a)
{
    const struct execution *x = ctx;
    struct clock clock;

    clock_real_init(&clock);
    if (x->o->json) {
        json_auto_t *line = event_line_activity(t, job, a, clock_now_ms(&clock));
        output_json_line(x->cli, line);
    }
    if (x->progress)
        progress_activity(x->progress, t, job, a->text);
}

static void on_tick(void *ctx, const struct tree *t, int64_t now_ms)
{
    const struct execution *x = ctx;

    if (x->progress)
        progress_tick(x->progress, t, now_ms);
}

static struct progress *open_progress(const struct cli *cli, const struct execute_options *o)
{
    if (o->quiet || o->json)
        return NULL;
    return progress_new(
        &(struct progress_options){.stream = cli->err,
                                   .terminal = cli->err_color && isatty(fileno(cli->err)),
                                   .color = cli->err_color});
}

/* Of each stream of an attempt; beyond it the middle goes. */
enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024 };

static FILE *open_log(const char *run_dir)
{
    AUTO_FREE char *path = os_path(run_dir, "engine.log");

    return fopen(path, "ae");
}

static void say_interrupted(struct cli *cli, const struct engine *e)
{
    const struct tree *t = engine_tree(e);
    char id[EXEC_ID_TEXT_MAX];
    AUTO_TEXT why = {0};

    exec_id_format(t->orchs.at[0].id, id);
    if (engine_has_played(e)) {
        output_line(cli->err, "the recording ends here, before its run had ended");
    } else if (t->stuck) {
        providers_stuck_text(t, &why);
        output_line(cli->err, "%s", text_get(&why));
    } else {
        output_line(cli->err, "%s is interrupted; go on with: kelp resume %s", id, id);
    }
}

/* A run that is taken up needs its agents again, unless it is past their work. */
static int check_again(const struct tree *t, enum event_kind asked, const struct roster *roster,
                       struct fault *f)
{
    bool works = asked == EVENT_RETRY_REQUESTED ||
                 (asked == EVENT_RESUMED && t->plan && t->phase <= RUN_EXECUTE);

    works = works && !t->request.replay[0]; /* a replay needs none of them */
    return works ? drivers_check(roster, t->plan, t->phase > RUN_PLAN, f) : 0;
}

static struct engine_options options_of(struct execution *x, const struct config *config,
                                        struct log *log)
{
    const struct session *s = x->session;

    return (struct engine_options){.repo = s->root,
                                   .run_dir = x->run_dir,
                                   .worker = s->worker,
                                   .relay = s->relay,
                                   .recipes = s->recipes,
                                   .roster = x->o->roster,
                                   .config = config,
                                   .environ = (const char *const *)environ,
                                   .sandbox = sandbox_landlock_version() > 0,
                                   .contain = !x->o->no_contain,
                                   .output_max_bytes = OUTPUT_MAX_BYTES,
                                   .log = log,
                                   .hooks = {.ctx = x,
                                             .event = on_event,
                                             .activity = on_activity,
                                             .tick = x->progress ? on_tick : NULL,
                                             .planner = make_plan,
                                             .confirm = confirm,
                                             .report = report}};
}

/* The exit status, or a fault. */
static int drive(struct execution *x, const struct execute_target *target, struct engine *e,
                 struct fault *f)
{
    const struct tree *t = engine_tree(e);
    int r = 0;

    if (target->first->kind != EVENT_RUN_REQUESTED)
        r = check_again(t, target->first->kind, x->o->roster, f);
    if (r == 0) {
        engine_post(e, target->first);
        r = engine_run(e, f);
    }
    if (r < 0)
        return r;
    progress_free(x->progress);
    x->progress = NULL;
    if (t->phase == RUN_ENDED)
        summary_show(x->cli, t, x->run_dir, x->o->json);
    else
        say_interrupted(x->cli, e);
    return engine_has_played(e) ? EXIT_ENVIRONMENT : tree_exit_status(t);
}

int execute_run(struct cli *cli, const struct session *s, const struct execute_target *target,
                const struct execute_options *o, struct fault *f)
{
    struct execution x = {.cli = cli,
                          .session = s,
                          .run_dir = target->run_dir,
                          .o = o,
                          .progress = open_progress(cli, o)};
    AUTO_ARENA arena = {0};
    struct config config;
    struct clock clock;
    struct log log = {
        .stream = open_log(target->run_dir), .level = LOG_LEVEL_INFO, .clock = &clock};
    const struct engine_options options = options_of(&x, &config, &log);
    struct engine *e = NULL;

    /* A reader of the progress that goes away must not take the run with it. */
    (void)signal(SIGPIPE, SIG_IGN);
    clock_real_init(&clock);
    int r = config_read(NULL, &arena, &config, f);
    if (r == 0)
        r = engine_new(&options, target->journal, &e, f);
    if (r == 0)
        r = drive(&x, target, e, f);
    progress_free(x.progress);
    provider_watch_free(&x.providers);
    engine_free(e);
    if (log.stream)
        (void)fclose(log.stream); /* a log that can't be written is not worth a failure */
    return r;
}
