/* SPDX-License-Identifier: Apache-2.0 */
/* kelp logs: what the attempts of a run printed. */
#include "base/escape.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

#include <stdio.h>
#include <string.h>

enum { LOG_MAX_BYTES = 256 * 1024 * 1024 };

struct choice {
    bool whole_run; /* all orchestrators */
    struct exec_id id;
    const char *agent; /* "w2.I1"; NULL: all */
    bool out, err, json;
};

static void print_stream(struct cli *cli, const char *dir, const char *name)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_TEXT content = {0}, shown = {0};
    AUTO_FAULT f = {0};

    if (!os_exists(path))
        return;
    if (os_read_file(path, LOG_MAX_BYTES, &content, &f) < 0) {
        output_line(cli->err, "kelp logs: %s", f.message);
        return;
    }
    escape_add_block(&shown, text_get(&content), content.length);
    (void)fwrite(text_get(&shown), 1, shown.length, cli->out); /* output_finish reports it */
    if (shown.length && shown.data[shown.length - 1] != '\n')
        (void)fputc('\n', cli->out);
}

static void print_attempt(struct cli *cli, const struct loaded *l, const char *id,
                          const char *label, const struct attempt *x, const struct choice *c)
{
    AUTO_FREE char *dir = text_format("%s/attempts/%s/%s.j%u", l->dir, id, label, x->job);

    if (c->json) {
        json_auto_t *line =
            json_pack("{s:s, s:s, s:i, s:i, s:s, s:o}", "exec_id", id, "attempt", label, "exit",
                      x->exit_code, "signal", x->signal, "error", attempt_error_name(x->error),
                      "folder", json_text_or_null(dir));
        output_json_line(cli, line);
        return;
    }
    output_line(cli->err, "== %s %s (%s)", id, label,
                x->ended_ms ? (x->error == ERROR_NONE ? "ended well" : attempt_error_name(x->error))
                            : "running");
    if (c->out)
        print_stream(cli, dir, "stdout");
    if (c->err)
        print_stream(cli, dir, "stderr");
}

static void print_agent(struct cli *cli, const struct loaded *l, const struct orch *o,
                        const struct agent *a, const struct choice *c)
{
    char id[EXEC_ID_TEXT_MAX], name[16];
    unsigned n = 0;

    exec_id_format(o->id, id);
    tree_agent_name(a, name);
    AUTO_FREE char *short_label = text_format("w%u.%s", a->wave, name);
    if (c->agent && strcmp(c->agent, short_label) != 0 && strcmp(c->agent, name) != 0)
        return;
    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        AUTO_FREE char *label = text_format("%s.a%u", short_label, ++n);
        if (x->job != JOB_NONE)
            print_attempt(cli, l, id, label, x, c);
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

static int command_logs(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    struct choice c = {.agent = count > 1 ? words[1] : NULL,
                       .out = !option_flag(values, "stderr"),
                       .err = !option_flag(values, "stdout"),
                       .json = option_flag(values, "json")};

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &c.id, f);
    if (r == 0)
        r = loaded_open(&s, c.id.root, &l, f);
    if (r < 0)
        return r;
    c.whole_run = c.id.depth == 0;
    for (size_t i = 0; i < l.tree->orchs.count; i++) {
        const struct orch *o = &l.tree->orchs.at[i];
        for (size_t a = 0; wanted(&c, o->id) && o->work && a < o->work->agents.count; a++)
            print_agent(cli, &l, o, &o->work->agents.at[a], &c);
    }
    return EXIT_DONE;
}

static const struct option_row rows[] = {
    {.name = "stdout", .help = "only what was printed to standard output"},
    {.name = "stderr", .help = "only what was printed to standard error"},
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
