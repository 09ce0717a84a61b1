/* SPDX-License-Identifier: Apache-2.0 */
/* kelp agents: the drivers there are, and the roles that this repository defines. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "plan/role.h"

/* What kelp can drive. */
static const struct {
    const char *name, *what;
} drivers[] = {
    {"command", "any program or shell command; `run:` in a plan"},
};

static json_t *agents_json(const struct roles *roles)
{
    json_t *driver_list = json_array(), *role_list = json_array(), *faults = json_array();

    for (size_t i = 0; i < COUNT_OF(drivers); i++)
        json_array_append_new(driver_list, json_pack("{s:s, s:s}", "name", drivers[i].name,
                                                     "description", drivers[i].what));
    for (size_t i = 0; i < roles->count; i++)
        json_array_append_new(role_list,
                              json_pack("{s:o, s:o, s:o, s:o}", "name",
                                        json_text_or_null(roles->at[i].name), "description",
                                        json_text_or_null(roles->at[i].description), "model",
                                        json_text_or_null(roles->at[i].model), "file",
                                        json_text_or_null(roles->at[i].file)));
    for (size_t i = 0; i < roles->faults.count; i++)
        json_array_append_new(faults, json_text_or_null(roles->faults.at[i]));
    return json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "drivers", driver_list, "roles",
                     role_list, "broken", faults);
}

static void print_agents(struct cli *cli, const struct roles *roles)
{
    static const struct table_column driver_columns[] = {{.title = "DRIVER"}, {.title = "WHAT"}};
    static const struct table_column role_columns[] = {
        {.title = "ROLE"}, {.title = "DESCRIPTION", .most_cells = 60}, {.title = "FILE"}};
    struct table *table = table_new(driver_columns, COUNT_OF(driver_columns));

    for (size_t i = 0; i < COUNT_OF(drivers); i++) {
        table_add(table, STYLE_PLAIN, "%s", drivers[i].name);
        table_add(table, STYLE_PLAIN, "%s", drivers[i].what);
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
    table = table_new(role_columns, COUNT_OF(role_columns));
    for (size_t i = 0; i < roles->count; i++) {
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].name);
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].description);
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].file);
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
    for (size_t i = 0; i < roles->faults.count; i++)
        output_line(cli->err, "%s", roles->faults.at[i]);
}

static int command_agents(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION s = {0};
    AUTO_ARENA arena = {0};
    struct roles roles = {0};

    int r = session_open(&s, f);
    if (r == 0)
        r = roles_load(s.root, &arena, &roles, f);
    if (r < 0)
        return r;
    if (option_flag(values, "json")) {
        json_auto_t *value = agents_json(&roles);
        output_json(cli, value);
    } else {
        print_agents(cli, &roles);
    }
    return EXIT_DONE;
}

static const struct option_row rows[] = {{.name = "json", .help = "print JSON"}};

const struct command_row command_agents_row = {
    .syntax = {.command = "agents", .rows = rows, .count = COUNT_OF(rows)},
    .help = "list what can be driven, and the roles of this repository",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT,
    .run = command_agents,
};
