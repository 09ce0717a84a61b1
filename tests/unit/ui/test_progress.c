/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/progress.h"

#include "plan/yaml.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A run whose jobs end when the test says so, and the progress that is shown of it. */
struct show {
    struct arena arena;
    struct tree *tree;
    struct commands commands;
    struct progress *progress;
    FILE *stream;
    char *shown;
    size_t length;
    int64_t now_ms;
};

static const char plan[] =
    "version: 1\n"
    "task: two\n"
    "research: []\n"
    "subtasks:\n"
    "  - title: \"one \\e[31m\"\n"
    "    waves: [ { agents: [ { role: A, run: x }, { role: B, run: x } ] }, { agents: [ { role: C, "
    "run: x } ] } ]\n"
    "  - title: two\n"
    "    steps: [ { id: a, role: D, run: x } ]\n";

static const struct plan *read_plan(struct arena *a)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "plan.yaml");
    AUTO_FAULT f = {0};
    struct plan *p = NULL;

    cr_assert_eq(os_write_file(path, plan, strlen(plan), 0600, &f), 0, "%s", f.message);
    cr_assert_eq(plan_read_file(path, a, &p, &f), 0, "%s", f.message);
    return p;
}

static void post(struct show *s, const struct event *e)
{
    tree_apply(s->tree, e, &s->commands);
    progress_event(s->progress, s->tree, e);
}

static void begin(struct show *s, bool terminal)
{
    *s = (struct show){.tree = tree_new(), .now_ms = 10000};
    s->stream = open_memstream(&s->shown, &s->length);
    s->progress = progress_new(
        &(struct progress_options){.stream = s->stream, .terminal = terminal, .color = terminal});
    const struct run_request request = {.number = 4729,
                                        .plan = read_plan(&s->arena),
                                        .planned = true,
                                        .in_repository = true,
                                        .head = "1111111111111111111111111111111111111111",
                                        .branch = "main",
                                        .upstream = "",
                                        .remote = "",
                                        .settings = {.slots = 8, .pattern = PATTERN_META}};
    post(s, &(struct event){.kind = EVENT_RUN_REQUESTED, .at_ms = s->now_ms, .request = &request});
}

static void end(struct show *s)
{
    progress_free(s->progress);
    (void)fclose(s->stream);
    free(s->shown);
    tree_free(s->tree);
    vector_free(&s->commands.list);
    arena_free(&s->arena);
}

static void end_job(struct show *s, uint32_t job, struct outcome o)
{
    s->now_ms += 1000;
    post(s, &(struct event){.kind = EVENT_JOB_STARTED, .at_ms = s->now_ms, .job = job});
    s->now_ms += 1000;
    post(s,
         &(struct event){.kind = EVENT_JOB_ENDED, .at_ms = s->now_ms, .job = job, .outcome = &o});
}

static const struct outcome well = {
    .usd = -1, .worked = true, .yes = true, .commit = "2222222222222222222222222222222222222222"};

/* Everything that is asked for ends well, but agents of child 2, which fail, until nothing is left
 * or `stop` is asked for. */
static void play(struct show *s, enum job_kind stop)
{
    for (size_t i = 0; i < s->commands.list.count; i++) {
        struct command c = s->commands.list.at[i];
        if (c.kind != COMMAND_START || s->tree->jobs.at[c.job].state == JOB_ENDED)
            continue;
        const struct job *j = &s->tree->jobs.at[c.job];
        struct outcome o = well;
        if (j->kind == stop)
            continue;
        if (j->kind == JOB_AGENT && j->orch == 2) {
            o.error = ERROR_FAILED;
            o.exit_code = 3;
            o.message = "exit status 3: it \033[1mbroke\n";
        }
        end_job(s, c.job, o);
    }
}

static void expect_line(const struct show *s, const char *line)
{
    (void)fflush(s->stream);
    cr_expect_not_null(strstr(s->shown, line), "no '%s' in:\n%s", line, s->shown);
}

Test(progress, a_log_has_a_line_for_each_phase_and_end)
{
    struct show s;

    begin(&s, false);
    play(&s, JOB_KIND_COUNT);
    expect_line(&s, "] backup\n");
    expect_line(&s, "] execute: Wave 1: spawn 2 child orchestrators\n");
    expect_line(&s, "] ORG_4729.1 one \\x1b[31m: done\n");
    expect_line(&s, "] ORG_4729.2 two: failed: ");
    expect_line(&s, "it \\x1b[1mbroke");
    expect_line(&s, "] ended\n");
    cr_expect_null(strchr(s.shown, '\033'), "an escape came through:\n%s", s.shown);
    end(&s);
}

Test(progress, every_end_is_told_once)
{
    struct show s;
    unsigned told = 0;

    begin(&s, false);
    play(&s, JOB_KIND_COUNT);
    (void)fflush(s.stream);
    for (const char *at = s.shown; (at = strstr(at, "ORG_4729.1 one")); at++)
        told++;
    cr_expect_eq(told, 1, "%s", s.shown);
    end(&s);
}

Test(progress, an_interruption_says_what_it_means)
{
    struct show s;

    begin(&s, false);
    play(&s, JOB_AGENT);
    post(&s,
         &(struct event){.kind = EVENT_INTERRUPTED, .at_ms = s.now_ms, .level = INTERRUPT_DRAIN});
    expect_line(&s, "interrupted: nothing new starts, what runs may end\n");
    post(&s,
         &(struct event){.kind = EVENT_INTERRUPTED, .at_ms = s.now_ms, .level = INTERRUPT_STOP});
    expect_line(&s, "interrupted: what runs is stopped\n");
    end(&s);
}

Test(progress, a_terminal_shows_the_tree_and_takes_it_away)
{
    struct show s;

    begin(&s, true);
    play(&s, JOB_AGENT);
    progress_tick(s.progress, s.tree, s.now_ms + 5000);
    expect_line(&s, "ORG_4729 execute, ");
    expect_line(&s, "Depth: 0 / 2, 0 of 2 children ended, ");
    expect_line(&s, "ORG_4729.1 one \\x1b[31m: wave 1 of 2, 0 of 3 agents");
    expect_line(&s, "ORG_4729.2 two: wave 1 of 1, 0 of 1 agents");
    progress_clear(s.progress);
    expect_line(&s, "\033[3A\033[J");
    end(&s);
}

Test(progress, a_terminal_is_not_drawn_more_often_than_eyes_see)
{
    struct show s;

    begin(&s, true);
    play(&s, JOB_AGENT);
    progress_tick(s.progress, s.tree, s.now_ms + 5000);
    (void)fflush(s.stream);
    size_t before = s.length;
    progress_tick(s.progress, s.tree, s.now_ms + 5050);
    (void)fflush(s.stream);
    cr_expect_eq(s.length, before);
    progress_tick(s.progress, s.tree, s.now_ms + 5100);
    (void)fflush(s.stream);
    cr_expect_gt(s.length, before);
    end(&s);
}
