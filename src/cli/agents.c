/* SPDX-License-Identifier: Apache-2.0 */
/* kelp agents: the drivers there are, what can be had of each here, and the roles of the
 * repository. */
#include "agent/find.h"
#include "agent/prompt.h"
#include "base/vector.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "engine/ask.h"
#include "plan/role.h"
#include "process/sandbox.h"

#include <string.h>
#include <unistd.h>

enum { CHECK_LIMIT_MS = 60 * 1000 };

/* One driver. "command" has no entry: it is kelp itself. */
struct row {
    const char *name, *what;
    const struct roster_entry *entry; /* NULL: none */
    struct found found;
    const char *answer; /* of --check: "ok", else why not; NULL: not asked */
};

struct listing {
    struct session session;
    struct arena arena;
    struct roster roster;
    struct config config;
    struct roles roles;
    VECTOR(struct row) rows;
    VECTOR(const char *) broken; /* "FILE:LINE:COL: message" */
};

static const struct {
    enum driver_ability ability;
    const char *word;
} abilities[] = {
    {DRIVER_SESSIONS, "sessions"}, {DRIVER_TOKENS, "tokens"},   {DRIVER_COST, "cost"},
    {DRIVER_SCHEMA, "schema"},     {DRIVER_SANDBOX, "sandbox"},
};

static const char *abilities_text(const struct row *row, struct arena *a)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; row->entry && i < COUNT_OF(abilities); i++)
        if (row->entry->driver->can & abilities[i].ability)
            text_printf(&out, "%s%s", out.length ? ", " : "", abilities[i].word);
    return arena_string(a, out.length ? text_get(&out) : "-");
}

/* As a plan would have them that only names the agent. */
static struct plan_settings settings_of(const struct listing *l, const char *name)
{
    bool own = strcmp(name, l->config.agent) == 0;
    struct plan_settings settings = {.agent = name,
                                     .model = own ? l->config.model : "",
                                     .base_url = own ? l->config.base_url : ""};

    config_fill_settings(&l->config, &settings);
    return settings;
}

/* One tiny question; this spends tokens. */
static const char *ask_for_answer(struct listing *l, const struct row *row)
{
    const struct plan_settings settings = settings_of(l, row->name);
    AUTO_FAULT f = {0};
    AUTO_READING reading = {0};

    const struct ask q = {.agent = row->entry,
                          .roster = &l->roster,
                          .own = config_driver_find(&l->config, row->name),
                          .settings = &settings,
                          .prompt = "Answer with the single word: ok\n",
                          .environ = (const char *const *)environ,
                          .limit_ms = CHECK_LIMIT_MS,
                          .sandbox = sandbox_landlock_version() > 0};
    if (ask_agent(&q, &reading, &f) < 0)
        return arena_string(&l->arena, f.message);
    if (reading.error == ERROR_NONE)
        return "ok";
    return arena_format(&l->arena, "%s: %s", attempt_error_name(reading.error),
                        text_get(&reading.message));
}

/* Some drivers share a program, whose start takes a second. NULL: it is to be asked. */
static const char *known_version(const struct listing *l, const struct roster_entry *e)
{
    for (size_t i = 0; e->program && i < l->rows.count; i++) {
        const struct row *row = &l->rows.at[i];
        if (row->entry && row->entry->program && strcmp(row->entry->program, e->program) == 0 &&
            *row->found.version)
            return row->found.version;
    }
    return NULL;
}

/* Whether the user asks for it: by its name, or for all by naming none. */
static bool is_wanted(const struct option_values *values, const char *name)
{
    size_t count;
    const char *const *words = option_words(values, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return !count;
}

static int check_names(const struct listing *l, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    const struct roster_entry *ignored;

    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], "command") != 0 && !roster_find(&l->roster, words[i]))
            return roster_need(&l->roster, words[i], &ignored, f);
    return 0;
}

static void find_all(struct listing *l, const struct option_values *values)
{
    bool check = option_flag(values, "check");

    if (is_wanted(values, "command"))
        vector_push(&l->rows, (struct row){.name = "command",
                                           .what = "any program or shell command; `run:` in a plan",
                                           .found = {.version = "", .why = ""}});
    for (size_t i = 0; i < l->roster.count; i++) {
        const struct roster_entry *e = &l->roster.at[i];
        if (!is_wanted(values, e->driver->name))
            continue;
        struct row row = {.name = l->roster.names[i], .what = e->driver->what, .entry = e};
        find_agent(e, known_version(l, e), &l->arena, &row.found);
        /* An endpoint of the user's own may need no key. */
        if (row.found.state == FIND_NOT_CONFIGURED && *settings_of(l, row.name).base_url) {
            row.found.state = FIND_READY;
            row.found.why = "";
        }
        if (check && row.found.state == FIND_READY)
            row.answer = ask_for_answer(l, &row);
        vector_push(&l->rows, row);
    }
}

static void add_all_broken(struct listing *l, const struct strings *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        vector_push(&l->broken, faults->at[i]);
}

static void find_broken(struct listing *l)
{
    AUTO_FREE char *user = prompt_user_folder();
    const struct prompt_folders folders = {l->session.root, user, l->session.recipes};
    AUTO_FAULT f = {0};

    add_all_broken(l, &l->roles.faults);
    add_all_broken(l, &l->roster.faults);
    if (prompt_check(&folders, &f) == 0)
        return;
    AUTO_FREE char *text = fault_text(&f);
    vector_push(&l->broken, arena_string(&l->arena, text));
}

static const char *state_text(const struct row *row, struct arena *a)
{
    const char *words = find_state_words(row->found.state);

    if (row->answer)
        return strcmp(row->answer, "ok") == 0 ? "answers"
                                              : arena_format(a, "does not answer: %s", row->answer);
    return *row->found.why ? arena_format(a, "%s: %s", words, row->found.why) : words;
}

static bool is_good(const struct row *row)
{
    return row->found.state == FIND_READY && (!row->answer || strcmp(row->answer, "ok") == 0);
}

static json_t *abilities_json(const struct row *row)
{
    json_t *list = json_array();

    for (size_t i = 0; row->entry && i < COUNT_OF(abilities); i++)
        if (row->entry->driver->can & abilities[i].ability)
            json_array_append_new(list, json_string(abilities[i].word));
    return list;
}

/* NULL-terminated; NULL has none. */
static json_t *words_json(const char *const *words)
{
    json_t *list = json_array();

    for (; words && *words; words++)
        json_array_append_new(list, json_text_or_null(*words));
    return list;
}

static json_t *driver_json(const struct row *row)
{
    const struct roster_entry *e = row->entry;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "endpoints", words_json(e ? e->driver->endpoints : NULL), "keeps",
                     words_json(e ? e->driver->keeps : NULL), "name", json_text_or_null(row->name),
                     "description", json_text_or_null(row->what), "program",
                     json_text_or_null(e ? e->program : NULL), "version",
                     json_text_or_null(*row->found.version ? row->found.version : NULL), "state",
                     find_state_words(row->found.state), "why",
                     json_text_or_null(*row->found.why ? row->found.why : NULL), "configured_by",
                     json_text_or_null(e ? e->configured : NULL), "can", abilities_json(row),
                     "answer", json_text_or_null(row->answer), "file",
                     json_text_or_null(e ? e->file : NULL), "tried",
                     json_text_or_null(e && *e->tried ? e->tried : NULL));
}

static json_t *role_json(const struct role *role)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", json_text_or_null(role->name),
                     "description", json_text_or_null(role->description), "model",
                     json_text_or_null(role->model), "driver",
                     json_text_or_null(*role->driver ? role->driver : NULL), "file",
                     json_text_or_null(role->file));
}

static json_t *listing_json(const struct listing *l)
{
    json_t *drivers = json_array(), *roles = json_array(), *broken = json_array();

    for (size_t i = 0; i < l->rows.count; i++)
        json_array_append_new(drivers, driver_json(&l->rows.at[i]));
    for (size_t i = 0; i < l->roles.count; i++)
        json_array_append_new(roles, role_json(&l->roles.at[i]));
    for (size_t i = 0; i < l->broken.count; i++)
        json_array_append_new(broken, json_text_or_null(l->broken.at[i]));
    return json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "drivers", drivers, "roles", roles,
                     "broken", broken);
}

static void print_drivers(struct cli *cli, struct listing *l)
{
    static const struct table_column columns[] = {{.title = "DRIVER"},
                                                  {.title = "PROGRAM"},
                                                  {.title = "VERSION"},
                                                  {.title = "CAN"},
                                                  {.title = "STATE"}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < l->rows.count; i++) {
        const struct row *row = &l->rows.at[i];
        const char *program = row->entry ? row->entry->program : "/bin/sh";
        table_add(table, STYLE_PLAIN, "%s", row->name);
        table_add(table, STYLE_PLAIN, "%s", program ? program : "-");
        table_add(table, STYLE_PLAIN, "%s", *row->found.version ? row->found.version : "-");
        table_add(table, STYLE_PLAIN, "%s", abilities_text(row, &l->arena));
        table_add(table, is_good(row) ? STYLE_GOOD : STYLE_DIM, "%s", state_text(row, &l->arena));
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

static const char *words_text(const char *const *words, struct arena *a)
{
    const char *text = words && *words ? *words : "-";

    for (; words && *words && words[1]; words++)
        text = arena_format(a, "%s, %s", text, words[1]);
    return text;
}

/* What the sandbox makes of each driver. */
static void print_profiles(struct cli *cli, struct listing *l)
{
    static const struct table_column columns[] = {
        {.title = "DRIVER"}, {.title = "ENDPOINTS"}, {.title = "KEEPS"}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < l->rows.count; i++) {
        const struct row *row = &l->rows.at[i];
        const struct roster_entry *e = row->entry;
        table_add(table, STYLE_PLAIN, "%s", row->name);
        table_add(table, STYLE_PLAIN, "%s", words_text(e ? e->driver->endpoints : NULL, &l->arena));
        table_add(table, STYLE_PLAIN, "%s", words_text(e ? e->driver->keeps : NULL, &l->arena));
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

static void print_roles(struct cli *cli, const struct roles *roles)
{
    static const struct table_column columns[] = {
        {.title = "ROLE"}, {.title = "DESCRIPTION", .most_cells = 60}, {.title = "FILE"}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < roles->count; i++) {
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].name);
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].description);
        table_add(table, STYLE_PLAIN, "%s", roles->at[i].file);
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

static void print_listing(struct cli *cli, struct listing *l, const struct option_values *values)
{
    size_t named;

    (void)option_words(values, &named);
    if (option_flag(values, "json")) {
        json_auto_t *value = listing_json(l);
        output_json(cli, value);
        return;
    }
    print_drivers(cli, l);
    if (named)
        print_profiles(cli, l);
    print_roles(cli, &l->roles);
    for (size_t i = 0; i < l->broken.count; i++)
        output_line(cli->err, "%s", l->broken.at[i]);
}

static void listing_free(struct listing *l)
{
    vector_free(&l->rows);
    vector_free(&l->broken);
    arena_free(&l->arena);
    session_close(&l->session);
}

static int command_agents(struct cli *cli, const struct option_values *values, struct fault *f)
{
    __attribute__((cleanup(listing_free))) struct listing l = {.rows = {0}};

    int r = session_open(&l.session, f);
    if (r == 0)
        r = config_read(NULL, &l.arena, &l.config, f);
    if (r == 0)
        r = drivers_load(&l.session, &l.arena, &l.roster, f);
    if (r == 0)
        r = roles_load(l.session.root, &l.arena, &l.roles, f);
    if (r == 0)
        r = check_names(&l, values, f);
    if (r < 0)
        return r;
    find_all(&l, values);
    find_broken(&l);
    print_listing(cli, &l, values);
    return EXIT_DONE;
}

static const struct option_row rows[] = {
    {.name = "check", .help = "ask each agent that is ready for one word; this spends tokens"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_agents_row = {
    .syntax = {.command = "agents",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[NAME...]",
               .words_max = OPTION_WORDS_ANY},
    .help = "list what can be driven, and the roles of this repository",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT,
    .run = command_agents,
};
