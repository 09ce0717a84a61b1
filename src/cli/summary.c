/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/summary.h"

#include "base/cells.h"
#include "base/clock.h"
#include "base/os.h"
#include "base/escape.h"
#include "cli/output.h"
#include "ui/spent.h"

#include <string.h>

enum { SAYS_CELLS = 160 };

/* What the last agent of a unit that said something claims. */
static const char *last_words(const struct orch *o, uint32_t unit)
{
    for (size_t i = o->work ? o->work->agents.count : 0; i-- > 0;) {
        const struct agent *a = &o->work->agents.at[i];
        if (a->result && a->result->summary[0] && o->work->nodes.at[a->node].unit == unit)
            return a->result->summary;
    }
    return "";
}

static void print_claim(struct cli *cli, const struct orch *o, uint32_t unit)
{
    AUTO_FREE char *words = escape_line(last_words(o, unit));
    AUTO_TEXT cut = {0};

    (void)cells_add_cut(&cut, words, SAYS_CELLS);
    if (words[0])
        output_line(cli->out, "  says: %s", text_get(&cut));
}

static void print_child(struct cli *cli, const struct tree *t, const struct orch *o)
{
    char id[EXEC_ID_TEXT_MAX], span[32];
    const struct unit *u = &t->units.at[o->unit_first];
    const char *mark = o->status == END_DONE && (o->merged || !o->commits) ? "done"
                       : o->status == END_DONE                             ? "left out"
                                               : end_status_name(o->status);

    exec_id_format(o->id, id);
    clock_format_span(o->ended_ms - o->started_ms, span);
    output_line(cli->out, "- %s %s: %s (%s, %u commit%s)%s%s", id, u->title, mark, span, o->commits,
                o->commits == 1 ? "" : "s", o->reason[0] ? ": " : "", o->reason);
    print_claim(cli, o, o->unit_first);
    if (strcmp(mark, "done") != 0)
        output_line(cli->out, "  try again: kelp retry %s", id);
}

static void print_landing(struct cli *cli, const struct tree *t)
{
    if (t->landed)
        output_line(cli->out, "Landed on %s at %.12s.", t->landed_on, t->landed_head);
    else if (t->land_reason)
        output_line(cli->out, "%s: %s.", t->land_refused ? "Not landed" : "Nothing landed",
                    t->land_reason);
    for (size_t i = 0; i < t->land_blocking.count; i++)
        output_line(cli->out, "  in the way: %s", t->land_blocking.at[i]);
    if (t->land_refused)
        output_line(cli->out, "  when it is out of the way: kelp land ORG_%u", t->request.number);
    if (t->pushed)
        output_line(cli->out, "Pushed to %s.", t->remote);
    else if (t->push_refused && t->push_reason)
        output_line(cli->out, "Not pushed: %s.", t->push_reason);
}

static void summary_print(struct cli *cli, const struct tree *t, const char *run_dir)
{
    char id[EXEC_ID_TEXT_MAX], span[32];
    AUTO_TEXT spent = {0};

    exec_id_format(t->orchs.at[0].id, id);
    clock_format_span(t->ended_ms - t->started_ms, span);
    output_line(cli->out, "%s: %s in %s", id, run_status_name(t->status), span);
    if (t->failure[0])
        output_line(cli->out, "It could not go on: %s.", t->failure);
    for (size_t i = 0; i < t->orchs.count; i++)
        if (t->orchs.at[i].kind == ORCH_CHILD)
            print_child(cli, t, &t->orchs.at[i]);
    for (uint32_t i = 0; t->orchs.at[0].unit_count && i < t->units.count; i++) {
        output_line(cli->out, "- %s: %s%s%s", t->units.at[i].title,
                    end_status_name(t->units.at[i].status), t->units.at[i].reason[0] ? ": " : "",
                    t->units.at[i].reason);
        print_claim(cli, &t->orchs.at[0], i);
    }
    print_landing(cli, t);
    if (spent_text(t, &spent))
        output_line(cli->out, "Used: %s.", text_get(&spent));
    if (t->dirty && !t->request.base_worktree)
        output_line(cli->out,
                    "Your uncommitted changes are as they were; the backup has them too "
                    "(kelp restore %s).",
                    id);
    output_line(cli->out, "%s/report.md", run_dir);
    output_line(cli->out, "%s/report.html", run_dir);
    output_line(cli->out, "%s/report.json", run_dir);
}

void summary_show(struct cli *cli, const struct tree *t, const char *run_dir, bool json)
{
    AUTO_FREE char *path = os_path(run_dir, "report.json");
    json_auto_t *line = json_pack("{s:i, s:s, s:s, s:o}", "version", 1, "event", "report", "status",
                                  run_status_name(t->status), "path", json_text_or_null(path));

    if (json)
        output_json_line(cli, line);
    else
        summary_print(cli, t, run_dir);
}
