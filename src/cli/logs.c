/* SPDX-License-Identifier: Apache-2.0 */
/* kelp logs: what the attempts of a run printed, and with --follow what they print. */
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/stream_view.h"
#include "cli/tail.h"
#include "journal/runs.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { FOLLOW_MS = 200 };

struct choice {
    bool whole_run; /* all orchestrators */
    struct exec_id id;
    const char *agent; /* "w2.I1"; NULL: all */
    bool out, err, json, follow, raw;
};

/* What was shown of an attempt. */
struct seen {
    struct tail streams[2];
    struct stream_view *readable; /* of standard output; NULL: it is shown as it is */
    const struct redact *redact;  /* NULL: a command, which gets no keys */
    bool begun, over;
};

struct view {
    struct cli *cli;
    const struct loaded *l;
    const struct choice *c;
    struct arena arena;
    struct roster roster;
    VECTOR(struct seen) seen; /* [job] */
    uint32_t headed;          /* the job whose heading came last */
};

static struct seen *seen_of(struct view *v, uint32_t job)
{
    while (v->seen.count <= job)
        vector_push(&v->seen, (struct seen){.over = false});
    return &v->seen.at[job];
}

static const char *state_of(const struct attempt *x)
{
    if (!x->ended_ms)
        return "running";
    return x->error == ERROR_NONE ? "ended well" : attempt_error_name(x->error);
}

static void print_heading(struct view *v, const char *id, const char *label,
                          const struct attempt *x)
{
    v->headed = x->job;
    (void)fflush(v->cli->out); /* so that it stands above what it heads; output_finish reports it */
    output_line(v->cli->err, "== %s %s (%s)", id, label, state_of(x));
}

/* An agent that a model drives has the keys of its driver, and a stream that is not for people. */
static void begin_attempt(struct view *v, const struct plan_settings *driven, struct seen *seen)
{
    const struct roster_entry *e = driven ? roster_find(&v->roster, driven->agent) : NULL;

    seen->begun = true;
    if (!driven)
        return;
    struct redact *redact = ARENA_NEW(&v->arena, struct redact);
    struct strings secrets = drivers_secrets(e, driven, &v->arena);
    redact_init(redact, &secrets, &v->arena);
    seen->redact = redact;
    if (e && !v->c->raw)
        seen->readable = stream_view_new(e->driver, redact);
}

/* The next piece as it is to be shown; false: there is none. */
static bool next_piece(struct seen *seen, unsigned stream, const char *path, bool over,
                       struct text *shown)
{
    struct tail *t = &seen->streams[stream];
    uint64_t dropped = t->dropped;
    AUTO_TEXT bytes = {0};

    if (!seen->redact)
        return tail_next(t, path, over, shown);
    if (!tail_next_bytes(t, path, over, &bytes))
        return false;
    tail_add_gap(t, dropped, shown);
    if (seen->readable && stream == 0) {
        stream_view_feed(seen->readable, text_get(&bytes), bytes.length, shown);
        return true;
    }
    if (bytes.length)
        (void)redact_bytes(seen->redact, bytes.data, bytes.length);
    escape_add_block(shown, text_get(&bytes), bytes.length);
    return true;
}

/* To the end of what there is; the heading comes first, where the last one was another's. */
static void print_stream(struct view *v, const char *id, const char *label, const struct attempt *x,
                         unsigned stream)
{
    static const char *const names[] = {"stdout", "stderr"};
    AUTO_FREE char *path =
        text_format("%s/attempts/%s/%s.j%u/%s", v->l->dir, id, label, x->job, names[stream]);
    bool over = x->ended_ms > 0 || !v->c->follow;
    AUTO_TEXT shown = {0};
    char last = '\n';

    while (next_piece(&v->seen.at[x->job], stream, path, over, &shown)) {
        if (!shown.length)
            continue;
        if (v->headed != x->job)
            print_heading(v, id, label, x);
        (void)fwrite(shown.data, 1, shown.length, v->cli->out); /* output_finish reports it */
        last = shown.data[shown.length - 1];
        text_clear(&shown);
    }
    if (over && last != '\n')
        (void)fputc('\n', v->cli->out);
}

static void print_json(struct view *v, const char *id, const char *label, const struct attempt *x)
{
    AUTO_FREE char *dir = text_format("%s/attempts/%s/%s.j%u", v->l->dir, id, label, x->job);
    json_auto_t *line = json_pack("{s:s, s:s, s:i, s:i, s:s, s:o}", "exec_id", id, "attempt", label,
                                  "exit", x->exit_code, "signal", x->signal, "error",
                                  attempt_error_name(x->error), "folder", json_text_or_null(dir));

    if (x->ended_ms || !v->c->follow)
        output_json_line(v->cli, line);
}

/* `driven`: what holds for the program of a model; NULL: it is a command. */
static void print_attempt(struct view *v, const char *id, const char *label,
                          const struct plan_settings *driven, const struct attempt *x)
{
    struct seen *seen = seen_of(v, x->job);

    if (seen->over)
        return;
    if (!seen->begun)
        begin_attempt(v, driven, seen);
    if (v->c->json)
        print_json(v, id, label, x);
    else if (!v->c->follow)
        print_heading(v, id, label, x);
    if (v->c->out && !v->c->json)
        print_stream(v, id, label, x, 0);
    if (v->c->err && !v->c->json)
        print_stream(v, id, label, x, 1);
    seen->over = x->ended_ms > 0;
    if (v->c->follow && seen->over && !v->c->json)
        print_heading(v, id, label, x);
}

static void print_agent(struct view *v, const struct orch *o, const struct agent *a)
{
    const struct choice *c = v->c;
    char id[EXEC_ID_TEXT_MAX], name[16];
    unsigned n = 0;
    const struct plan_step *step = tree_agent_step(v->l->tree, o, a);
    const struct plan_settings *driven = plan_step_is_command(step) ? NULL : &step->settings;

    exec_id_format(o->id, id);
    tree_agent_name(a, name);
    AUTO_FREE char *short_label = text_format("w%u.%s", a->wave, name);
    if (c->agent && strcmp(c->agent, short_label) != 0 && strcmp(c->agent, name) != 0)
        return;
    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        AUTO_FREE char *label = text_format("%s.a%u", short_label, ++n);
        if (x->job != JOB_NONE)
            print_attempt(v, id, label, driven, x);
    }
}

static bool wanted(const struct choice *c, struct exec_id id)
{
    if (c->whole_run)
        return true;
    if (id.depth < c->id.depth)
        return false;
    id.depth = c->id.depth;
    return exec_id_same(c->id, id);
}

static void print_planner(struct view *v)
{
    const struct tree *t = v->l->tree;
    char id[EXEC_ID_TEXT_MAX];

    if (!t->planner.first_attempt || !v->c->whole_run ||
        (v->c->agent && strcmp(v->c->agent, "planner") != 0))
        return;
    struct plan_settings driven = t->plan->settings;
    driven.agent = t->request.planner;
    exec_id_format(t->orchs.at[0].id, id);
    for (const struct attempt *x = t->planner.first_attempt; x; x = x->next)
        if (x->job != JOB_NONE)
            print_attempt(v, id, "planner", &driven, x);
}

static void print_all(struct view *v)
{
    const struct tree *t = v->l->tree;

    print_planner(v);
    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        for (size_t a = 0; wanted(v->c, o->id) && o->work && a < o->work->agents.count; a++)
            print_agent(v, o, &o->work->agents.at[a]);
    }
}

/* Until the run has ended, nobody works on it any more, or nobody reads what is printed. */
static int follow(struct view *v, const struct session *s, struct loaded *l, struct fault *f)
{
    struct run_entry run = {0};

    for (;;) {
        int r = runs_look(s->root, l->number, &run, f);
        if (r == 0)
            r = loaded_follow(l, f);
        if (r < 0)
            return r;
        print_all(v);
        if (l->tree->phase == RUN_ENDED || fflush(v->cli->out) != 0)
            return EXIT_DONE;
        if (!run.engine) {
            output_line(v->cli->err, "no engine works on it; go on with: kelp resume ORG_%04u",
                        l->number);
            return EXIT_DONE;
        }
        (void)poll(NULL, 0, FOLLOW_MS);
    }
}

static void view_free(struct view *v)
{
    for (size_t i = 0; i < v->seen.count; i++)
        stream_view_free(v->seen.at[i].readable);
    vector_free(&v->seen);
    arena_free(&v->arena);
}

static int command_logs(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    struct choice c = {.agent = count > 1 ? words[1] : NULL,
                       .out = !option_flag(values, "stderr"),
                       .err = !option_flag(values, "stdout"),
                       .json = option_flag(values, "json"),
                       .follow = option_flag(values, "follow"),
                       .raw = option_flag(values, "raw")};
    struct view v = {.cli = cli, .l = &l, .c = &c, .headed = JOB_NONE};

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &c.id, f);
    if (r == 0)
        r = loaded_open(&s, c.id.root, &l, f);
    if (r == 0)
        r = drivers_load(&s, &v.arena, &v.roster, f);
    c.whole_run = c.id.depth == 0;
    if (r == 0 && c.follow)
        r = follow(&v, &s, &l, f);
    else if (r == 0)
        print_all(&v);
    view_free(&v);
    return r < 0 ? r : EXIT_DONE;
}

static const struct option_row rows[] = {
    {.name = "follow", .letter = 'f', .help = "go on printing what comes, until the run ends"},
    {.name = "stdout", .help = "only what was printed to standard output"},
    {.name = "stderr", .help = "only what was printed to standard error"},
    {.name = "raw",
     .help = "print the events of an agent's program as they are, not what they say"},
    {.name = "json", .help = "print one line for each attempt, with the folder of its files"},
};

const struct command_row command_logs_row = {
    .syntax = {.command = "logs",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[ID [AGENT]]",
               .words_max = 2},
    .help = "print what agents printed",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT,
    .run = command_logs,
};
