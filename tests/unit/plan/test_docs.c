/* SPDX-License-Identifier: Apache-2.0 */
/* The documentation names every key and every variable, and its examples are read. */
#include "base/os.h"
#include "core/variables.h"
#include "plan/config.h"
#include "plan/mission.h"
#include "plan/yaml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void read_doc(const char *name, struct text *ret)
{
    const char *source = getenv("KELP_TEST_SOURCE");
    AUTO_FREE char *path = text_format("%s/docs/%s", source ? source : ".", name);
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 1024 * 1024, ret, &f), 0, "%s", f.message);
}

/* The keys of a level, as the hint of an unknown key lists them. */
static void expect_keys(const char *doc, const char *prefix, const struct fault *f)
{
    static const char known[] = "known here: ";
    const char *key = f->hint;

    cr_assert(key && text_starts(key, known), "%s", key);
    for (key += strlen(known); *key; key += strspn(key, ", ")) {
        size_t n = strcspn(key, ",");
        AUTO_FREE char *mark = text_format("`%s%.*s`", prefix, (int)n, key);
        cr_expect(strstr(doc, mark), "%s is not documented", mark);
        key += n;
    }
}

Test(docs, plan_keys)
{
    static const char *const levels[] = {
        "zzzzzzzzzzzz: 1",
        "subtasks: [{zzzzzzzzzzzz: 1}]",
        "subtasks: [{title: x, steps: [{zzzzzzzzzzzz: 1}]}]",
        "subtasks: [{title: x, waves: [{zzzzzzzzzzzz: 1}]}]",
        "subtasks: [{title: x, for_each: {zzzzzzzzzzzz: 1}, steps: [{run: x}]}]",
        "limits: {zzzzzzzzzzzz: 1}",
        "sandbox: {zzzzzzzzzzzz: 1}",
    };
    AUTO_TEXT doc = {0};

    read_doc("plan.md", &doc);
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan;
        const struct source source = {levels[i], strlen(levels[i]), "p"};
        cr_assert_eq(plan_read_yaml(&source, &a, &plan, &f), -FAULT_PLAN);
        expect_keys(doc.data, "", &f);
    }
}

Test(docs, configuration_keys)
{
    static const struct {
        const char *text, *prefix;
    } levels[] = {{"thresholds: {zzzzzzzzzzzz: 1}", "thresholds."},
                  {"retry: {zzzzzzzzzzzz: 1}", "retry."},
                  {"drivers: {x: {zzzzzzzzzzzz: 1}}", "drivers.NAME."},
                  {"prices: {zzzzzzzzzzzz: 1}", "prices."},
                  {"prices: {models: {x: {zzzzzzzzzzzz: 1}}}", "prices.models.NAME."}};
    static const char *const plain[] = {
        "agent",       "model", "agents", "stall_minutes", "coordination_minutes",
        "environment", "land",  "push",   "base_url",      "planner"};
    AUTO_TEXT doc = {0};

    read_doc("configuration.md", &doc);
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        AUTO_FREE char *mark = text_format("`%s`", plain[i]);
        cr_expect(strstr(doc.data, mark), "%s is not documented", mark);
    }
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct config config;
        const struct source source = {levels[i].text, strlen(levels[i].text), "c"};
        cr_assert_eq(config_parse(&source, &a, &config, &f), -FAULT_PLAN);
        expect_keys(doc.data, levels[i].prefix, &f);
    }
}

Test(docs, variables)
{
    static const char *const names[] = {
#define NAME(name, use) #name,
        VARIABLES(NAME)
#undef NAME
    };
    AUTO_TEXT doc = {0};

    read_doc("plan.md", &doc);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_FREE char *mark = text_format("`%s`", names[i]);
        cr_expect(strstr(doc.data, mark), "%s is not documented", mark);
    }
}

/* The first block of a language; the caller frees. */
static char *block(const char *doc, const char *language)
{
    AUTO_FREE char *open = text_format("```%s\n", language);
    const char *start = strstr(doc, open);

    cr_assert_not_null(start, "no block of %s", language);
    start += strlen(open);
    return mem_string_n(start, (size_t)(strstr(start, "```") - start));
}

Test(docs, the_example_of_a_configuration_is_read)
{
    AUTO_FREE char *path = text_format("%s/examples/config.yaml", getenv("KELP_TEST_SOURCE"));
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct config config;

    cr_assert_eq(config_read(path, &a, &config, &f), 0, "%s", f.message);
    cr_expect_eq(config.drivers.count, 2);
    cr_expect_eq(config.prices.count, 2);
}

Test(docs, examples_are_read)
{
    AUTO_TEXT doc = {0}, configuration = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *plan;
    struct plan_subtask subtask;
    struct config config;

    read_doc("plan.md", &doc);
    read_doc("configuration.md", &configuration);
    AUTO_FREE char *yaml = block(doc.data, "yaml"), *mission = block(doc.data, "markdown");
    AUTO_FREE char *settings = block(configuration.data, "yaml");
    cr_expect_eq(plan_read_yaml(&(struct source){yaml, strlen(yaml), "p"}, &a, &plan, &f), 0, "%s",
                 f.message);
    cr_expect_eq(mission_parse(&(struct source){mission, strlen(mission), "m"}, &a, &subtask, &f),
                 0, "%s", f.message);
    cr_expect_eq(config_parse(&(struct source){settings, strlen(settings), "c"}, &a, &config, &f),
                 0, "%s", f.message);
}
