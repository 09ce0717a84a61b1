/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/config.h"

#include "base/os.h"
#include "plan/config_maps.h"
#include "plan/settings.h"

#include <stdlib.h>
#include <string.h>

enum { AGENTS_MAX = 1000 * 1000 * 1000 };

static const struct field_range count_range = {1, AGENTS_MAX};
static const struct field_range retries_range = {0, AGENTS_MAX};
static const struct field_range minutes_range = {0, 1000 * 1000};
static const struct field_range percent_range = {0, 100};
static const struct field_range speedup_range = {0, 1000};

#define AT(member) offsetof(struct config, member)

static const struct field threshold_rows[] = {
    {"min_subtasks", field_count, AT(min_subtasks), &count_range},
    {"min_steps", field_count, AT(min_steps), &count_range},
    {"min_minutes", field_number, AT(min_minutes), &minutes_range},
    {"min_speedup", field_number, AT(min_speedup), &speedup_range},
};
static const struct field_table threshold_fields = {"thresholds", threshold_rows,
                                                    COUNT_OF(threshold_rows)};

static const struct field retry_rows[] = {
    {"budget_percent", field_number, AT(retry_percent), &percent_range},
    {"budget_min", field_count, AT(retry_min), &retries_range},
};
static const struct field_table retry_fields = {"retry", retry_rows, COUNT_OF(retry_rows)};

/* A mapping inside the configuration whose keys are fields of the same struct. */
static int read_group(struct reader *r, const struct field *field, const struct node *value,
                      void *config)
{
    return fields_read(r, value, field->rule, config);
}

static int read_land(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    struct config *config = slot;

    config->land_given = true;
    return field_choice(r, field, value, &config->land);
}

static int read_push(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    struct config *config = slot;

    config->push_given = true;
    return field_choice(r, field, value, &config->push);
}

static const struct field_word planner_list[] = {
    {"auto", PLANNER_AUTO}, {"embedded", PLANNER_EMBEDDED}, {"model", PLANNER_MODEL}};
static const struct field_words planner_words = {planner_list, COUNT_OF(planner_list)};

static const struct field_word admission_list[] = {{"auto", ADMIT_AUTO}, {"all", ADMIT_ALL}};
static const struct field_words admission_words = {admission_list, COUNT_OF(admission_list)};

static const struct field config_rows[] = {
    {"agent", field_name, AT(agent), NULL},
    {"model", field_text, AT(model), NULL},
    {"base_url", field_url, AT(base_url), NULL},
    {"planner", field_choice, AT(planner), &planner_words},
    {"agents", field_count, AT(agents), &count_range},
    {"admission", field_choice, AT(admission), &admission_words},
    {"thresholds", read_group, 0, &threshold_fields},
    {"retry", read_group, 0, &retry_fields},
    {"stall_minutes", field_number, AT(stall_minutes), &minutes_range},
    {"coordination_minutes", field_number, AT(coordination_minutes), &minutes_range},
    {"environment", field_environment, AT(environment), NULL},
    {"land", read_land, 0, &land_words},
    {"push", read_push, 0, &push_words},
    {"drivers", field_drivers, AT(drivers), NULL},
    {"prices", field_prices, AT(prices), NULL},
};
static const struct field_table config_fields = {"the configuration", config_rows,
                                                 COUNT_OF(config_rows)};

struct config config_default(void)
{
    return (struct config){
        .agent = "",
        .model = "",
        .base_url = "",
        .prices = {.date = ""},
        .min_subtasks = 2,
        .min_steps = 3,
        .min_minutes = 10,
        .min_speedup = 2,
        .retry_percent = 10,
        .retry_min = 10,
        .stall_minutes = 5,
    };
}

int config_parse(const struct source *source, struct arena *a, struct config *ret, struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct node *root = NULL;
    struct reader r = {.arena = a, .file = source->name, .fault = f};
    struct config config = config_default();
    int code = node_read_yaml(source, &nodes, &root, f);

    if (code == 0 && root)
        code = fields_read(&r, root, &config_fields, &config);
    if (code == 0)
        *ret = config;
    return code;
}

const struct config_driver *config_driver_find(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->drivers.count; i++)
        if (strcmp(c->drivers.at[i].name, name) == 0)
            return &c->drivers.at[i];
    return NULL;
}

void config_fill_settings(const struct config *c, struct plan_settings *settings)
{
    const struct config_driver *d = config_driver_find(c, settings->agent);

    if (d && !*settings->model)
        settings->model = d->model;
    if (d && !*settings->base_url)
        settings->base_url = d->base_url;
}

static void fill_steps(const struct config *c, struct plan_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        config_fill_settings(c, &steps[i].settings);
}

void config_fill_plan(const struct config *c, struct plan *plan)
{
    config_fill_settings(c, &plan->settings);
    fill_steps(c, plan->research, plan->research_count);
    for (size_t i = 0; i < plan->subtask_count; i++) {
        config_fill_settings(c, &plan->subtasks[i].settings);
        fill_steps(c, plan->subtasks[i].steps, plan->subtasks[i].step_count);
    }
}

char *config_path(void)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    /* The base directory specification ignores paths that are not absolute. */
    if (base && base[0] == '/')
        return os_path(base, "kelp/config.yaml");
    return home && *home ? os_path(home, ".config/kelp/config.yaml") : NULL;
}

int config_read(const char *path, struct arena *a, struct config *ret, struct fault *f)
{
    AUTO_FREE char *own = path ? NULL : config_path();
    AUTO_TEXT text = {0};

    if (!path && (!own || !os_exists(own))) {
        *ret = config_default();
        return 0;
    }
    if (!path)
        path = own;
    int r = os_read_file(path, NODE_BYTES_MAX, &text, f);
    const struct source source = {text_get(&text), text.length, path};
    return r < 0 ? r : config_parse(&source, a, ret, f);
}
