/* SPDX-License-Identifier: Apache-2.0 */
#include "record/outline.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(outline);

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(json_parse(text, strlen(text), "test", &value, &f), 0, "%s", f.message);
    return value;
}

static const char report[] =
    "{\"status\": \"done\", \"tokens\": 15, \"cost_usd\": 0.5, \"started_ms\": 1,"
    " \"decision\": {\"pattern\": \"meta\"}, \"orchestrators\": [{\"exec_id\": \"ORG_1001.2\","
    " \"kind\": \"child\", \"retried\": 0, \"status\": \"done\", \"waves\": [{\"index\": 1, "
    "\"agents\": ["
    "  {\"role\": \"A\", \"driver\": \"claude\", \"summary\": \"said\", \"status\": \"done\","
    "   \"attempts\": [{\"error\": \"cancelled\", \"tokens\": 7}, "
    "{\"error\": \"rate_limit\", \"tokens\": 3}, {\"n\": 3, \"cost_usd\": 0.25}]},"
    "  {\"role\": \"B\", \"driver\": \"command\", \"summary\": \"took 3 s\", \"attempts\": []}]}],"
    " \"checks\": [{\"run\": \"make\", \"passed\": true, \"exit\": 0}]}]}";

/* The report with one text replaced by another. */
static json_t *changed(const char *from, const char *to)
{
    AUTO_TEXT text = {0};
    const char *at = strstr(report, from);

    cr_assert_not_null(at, "%s", from);
    text_add_n(&text, report, (size_t)(at - report));
    text_printf(&text, "%s%s", to, at + strlen(from));
    return parse(text_get(&text));
}

Test(outline, has_what_two_runs_have_in_common)
{
    json_auto_t *from = parse(report);
    json_auto_t *o = outline_of(from, "abc");

    cr_expect_str_eq(json_at_string(o, "tree", ""), "abc");
    cr_expect_str_eq(json_at_string(o, "pattern", ""), "meta");
    cr_expect_str_eq(json_at_string(o, "orchestrators.0.id", ""), "2");
    cr_expect_str_eq(json_at_string(o, "orchestrators.0.waves.0.agents.0.summary", ""), "said");
    cr_expect_str_eq(json_at_string(o, "orchestrators.0.waves.0.agents.0.attempts.0", ""),
                     "rate_limit");
    cr_expect_str_eq(json_at_string(o, "orchestrators.0.waves.0.agents.0.attempts.1", ""), "ok");
    cr_expect_null(json_at(o, "orchestrators.0.waves.0.agents.0.attempts.2"));
    cr_expect_null(json_at(o, "orchestrators.0.waves.0.agents.1.summary"));
    cr_expect(json_at_bool(o, "orchestrators.0.checks.0.passed", false));
    cr_expect_null(json_at(o, "started_ms"));
}

static const struct {
    const char *from, *to;
    const char *where; /* NULL: it makes no difference */
} changes[] = {
    {"\"started_ms\": 1", "\"started_ms\": 2", NULL},
    {"ORG_1001.2", "ORG_2001.2", NULL},
    {"took 3 s", "took 4 s", NULL},
    {"{\"error\": \"cancelled\", \"tokens\": 7}, ", "", NULL},
    {"\"retried\": 0", "\"retried\": 1", NULL},
    {"\"tokens\": 3", "\"tokens\": 4", "orchestrators 1: waves 1: agents 1: tokens"},
    {"0.25", "0.26", "orchestrators 1: waves 1: agents 1: cost_usd"},
    {"0.25", "0.2500001", NULL},
    {"0.25", "null", "orchestrators 1: waves 1: agents 1: cost_usd"},
    {"meta", "waves", "pattern"},
    {"ORG_1001.2", "ORG_2001.3", "orchestrators 1: id"},
    {"\"said\"", "\"other\"", "orchestrators 1: waves 1: agents 1: summary"},
    {"rate_limit", "crash", "orchestrators 1: waves 1: agents 1: attempts 1"},
    {"{\"n\": 3, ", "{\"error\": \"crash\", ", "orchestrators 1: waves 1: agents 1: attempts 2"},
    {"0.25}", "0.25}, {}", "orchestrators 1: waves 1: agents 1: attempts 3"},
    {"\"passed\": true", "\"passed\": false", "orchestrators 1: checks 1: passed"},
};

Test(outline, differences_are_named)
{
    json_auto_t *first = parse(report);
    json_auto_t *recorded = outline_of(first, "abc");

    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        json_auto_t *second = changed(changes[i].from, changes[i].to);
        json_auto_t *replayed = outline_of(second, "abc");
        json_auto_t *found = outline_compare(recorded, replayed);
        cr_assert_eq(json_array_size(found), changes[i].where != NULL, "%s", changes[i].to);
        if (changes[i].where)
            cr_expect_str_eq(json_at_string(found, "0.where", ""), changes[i].where);
    }
}

/* What nobody can replay is not held against the replay. */
Test(outline, all_that_was_spent_is_compared_where_all_is_recorded)
{
    static const char whole[] =
        "{\"status\": \"done\", \"tokens\": 15, \"cost_usd\": 0.5, \"orchestrators\": "
        "[{\"retried\": 0, \"waves\": []}]}";
    json_auto_t *all = parse(whole);
    json_auto_t *part = parse(report);
    json_auto_t *of_all = outline_of(all, "");
    json_auto_t *of_part = outline_of(part, "");

    cr_expect_eq(json_at_int(of_all, "tokens", -1), 15);
    cr_expect_eq(json_at_number(of_all, "cost_usd", -1), 0.5);
    cr_expect_null(json_at(of_part, "tokens"), "an attempt was interrupted");
}

Test(outline, totals_are_not_compared_where_the_replay_alone_was_interrupted)
{
    json_auto_t *recorded = parse("{\"status\": \"done\", \"tokens\": 1, \"cost_usd\": 0.5}");
    json_auto_t *replayed = parse("{\"status\": \"done\"}");
    json_auto_t *other = parse("{\"status\": \"done\", \"tokens\": 2, \"cost_usd\": null}");
    json_auto_t *found = outline_compare(recorded, replayed);
    json_auto_t *of_other = outline_compare(recorded, other);

    cr_expect_eq(json_array_size(found), 0);
    cr_expect_eq(json_array_size(of_other), 2);
}

Test(outline, another_tree_is_a_difference)
{
    json_auto_t *from = parse(report);
    json_auto_t *a = outline_of(from, "abc");
    json_auto_t *b = outline_of(from, "def");
    json_auto_t *found = outline_compare(a, b);

    cr_assert_eq(json_array_size(found), 1);
    cr_expect_str_eq(json_at_string(found, "0.recorded", ""), "abc");
    cr_expect_str_eq(json_at_string(found, "0.replayed", ""), "def");
}

Test(outline, what_an_older_kelp_did_not_record_is_not_compared)
{
    json_auto_t *recorded = parse("{\"status\": \"done\"}");
    json_auto_t *replayed = parse("{\"status\": \"done\", \"new\": 2}");
    json_auto_t *found = outline_compare(recorded, replayed);
    json_auto_t *back = outline_compare(replayed, recorded);

    cr_expect_eq(json_array_size(found), 0);
    cr_expect_eq(json_array_size(back), 1);
}
