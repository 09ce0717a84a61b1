/* SPDX-License-Identifier: Apache-2.0 */
/* kelp simulate: how long a run will probably take, from many runs in virtual time. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/table.h"
#include "sim/forecast.h"

enum { PARTS_SHOWN = 10 };

static json_t *range_json(const struct forecast_range *r)
{
    return json_pack("{s:f, s:f, s:f}", "p10", r->p10, "p50", r->p50, "p90", r->p90);
}

static json_t *parts_json(const struct forecast *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->part_count; i++) {
        const struct forecast_part *p = &f->parts[i];
        json_array_append_new(list,
                              json_pack("{s:i, s:o, s:o, s:f, s:f}", "number", (int)p->number,
                                        "title", json_text_or_null(p->title), "minutes",
                                        range_json(&p->minutes), "last", p->last, "done", p->done));
    }
    return list;
}

static void print_json(struct cli *cli, const struct forecast *f, const struct forecast_options *o)
{
    json_auto_t *value =
        json_pack("{s:i, s:i, s:s, s:b, s:o, s:o, s:o, s:o, s:f, s:o, s:{s:f, s:f, s:f}}",
                  "version", 1, "trials", (int)f->trials, "pattern", f->children ? "meta" : "waves",
                  "unknown", (int)f->unknown, "makespan_minutes", range_json(&f->makespan_minutes),
                  "attempts", range_json(&f->attempts), "failures", range_json(&f->failures),
                  "slots", range_json(&f->slots), "done", f->done, "parts", parts_json(f),
                  "assumed", "spread", o->spread, "failing", o->failing, "flaky", o->flaky);

    output_json(cli, value);
}

static void add_range(struct table *t, const char *name, const struct forecast_range *r,
                      const char *unit)
{
    const double values[] = {r->p10, r->p50, r->p90};

    table_add(t, STYLE_PLAIN, "%s", name);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        table_add(t, i == 1 ? STYLE_BOLD : STYLE_PLAIN, unit[0] ? "%.1f%s" : "%.0f%s", values[i],
                  unit);
}

static void print_ranges(struct cli *cli, const struct forecast *f)
{
    static const struct table_column columns[] = {{.title = ""},
                                                  {.title = "1 IN 10", .right = true},
                                                  {.title = "MEDIAN", .right = true},
                                                  {.title = "9 IN 10", .right = true}};
    struct table *t = table_new(columns, COUNT_OF(columns));

    add_range(t, "takes at most", &f->makespan_minutes, " min");
    add_range(t, "attempts of agents", &f->attempts, "");
    add_range(t, f->children ? "children not done" : "subtasks not done", &f->failures, "");
    add_range(t, "agents at a time", &f->slots, "");
    table_print(t, cli->out, cli->out_color);
    table_free(t);
}

static int by_last(const void *a, const void *b)
{
    const struct forecast_part *x = a, *y = b;

    if (x->last < y->last || x->last > y->last)
        return x->last < y->last ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Those that most often end last: where minutes are to be won. */
static void print_parts(struct cli *cli, struct arena *arena, const struct forecast *f)
{
    static const struct table_column columns[] = {
        {.title = "", .right = true},          {.title = "SUBTASK", .most_cells = 50},
        {.title = "MEDIAN", .right = true},    {.title = "9 IN 10", .right = true},
        {.title = "ENDS LAST", .right = true}, {.title = "DONE", .right = true}};
    struct forecast_part *sorted = arena_copy(arena, f->parts, f->part_count * sizeof *sorted);
    size_t shown = f->part_count < PARTS_SHOWN ? f->part_count : PARTS_SHOWN;
    struct table *t = table_new(columns, COUNT_OF(columns));

    qsort(sorted, f->part_count, sizeof *sorted, by_last);
    for (size_t i = 0; i < shown; i++) {
        const struct forecast_part *p = &sorted[i];
        table_add(t, STYLE_PLAIN, f->children ? ".%u" : "%u", p->number);
        table_add(t, STYLE_PLAIN, "%s", p->title);
        table_add(t, STYLE_PLAIN, "%.1f min", p->minutes.p50);
        table_add(t, STYLE_PLAIN, "%.1f min", p->minutes.p90);
        table_add(t, STYLE_PLAIN, "%.0f %%", p->last * 100);
        table_add(t, p->done < 1 ? STYLE_WARNING : STYLE_PLAIN, "%.0f %%", p->done * 100);
    }
    table_print(t, cli->out, cli->out_color);
    table_free(t);
    if (shown < f->part_count)
        output_line(cli->out, "and %zu more", f->part_count - shown);
}

static void print_text(struct cli *cli, struct arena *arena, const struct forecast *f)
{
    output_line(cli->out, "%s, %zu of them, run %u times in virtual time",
                f->children ? "child orchestrators" : "subtasks in waves", f->part_count,
                f->trials);
    print_ranges(cli, f);
    output_line(cli->out, "all of it is done in %.0f %% of the runs", f->done * 100);
    print_parts(cli, arena, f);
    if (f->unknown)
        output_line(cli->err, "kelp simulate: a for_each was counted as one item; "
                              "--expand runs its command");
}

static int command_simulate(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_PLANNING p = {0};
    struct forecast forecast;

    int r = planning_make(cli, "simulate", values, &p, f);
    if (r < 0)
        return r;
    const struct fan_known known = {.subtasks = p.expanded};
    struct run_request request = p.in.request;
    struct forecast_options options = {.request = &request,
                                       .known = p.expanded ? &known : NULL,
                                       .seed = (uint64_t)option_int(values, "seed"),
                                       .trials = (uint32_t)option_int(values, "trials"),
                                       .spread = option_number(values, "spread"),
                                       .failing = option_number(values, "failing") / 100,
                                       .flaky = option_number(values, "flaky") / 100};
    request.plan = p.plan;
    request.planned = true;
    forecast_run(&options, &p.arena, &forecast);
    if (option_flag(values, "json"))
        print_json(cli, &forecast, &options);
    else
        print_text(cli, &p.arena, &forecast);
    return EXIT_DONE;
}

static const struct option_row rows[] = {
    INTAKE_OPTIONS,
    {.name = "trials",
     .kind = OPTION_INT,
     .value = "N",
     .min = 1,
     .max = 100000,
     .help = "how many runs to play; 400, and fewer for very large plans, where it is not given"},
    {.name = "spread",
     .kind = OPTION_NUMBER,
     .value = "SIGMA",
     .min = 0.001,
     .max = 3,
     .otherwise = "0.5",
     .help = "how much durations vary: sigma of their logarithm"},
    {.name = "failing",
     .kind = OPTION_NUMBER,
     .value = "PERCENT",
     .max = 100,
     .otherwise = "0",
     .help = "attempts that fail for good"},
    {.name = "flaky",
     .kind = OPTION_NUMBER,
     .value = "PERCENT",
     .max = 100,
     .otherwise = "0",
     .help = "attempts that fail and may be tried again"},
    {.name = "seed",
     .kind = OPTION_INT,
     .value = "N",
     .max = 9007199254740992.0,
     .otherwise = "1",
     .help = "the same seed gives the same forecast"},
    {.name = "expand", .help = "run the commands of for_each, to know how many items there are"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_simulate_row = {
    .syntax = {.command = "simulate",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "TASK | PLAN.yaml | MISSION.md...",
               .words_min = 1,
               .words_max = OPTION_WORDS_ANY},
    .help = "forecast the time, the agents and the failures of a run",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_PRINT,
    .run = command_simulate,
};
