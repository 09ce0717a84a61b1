/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML as CI systems read it: a test suite for each orchestrator, in it a test case for each
 * agent and each check. An agent that is not done has failed; one that was skipped is skipped.
 */
#include "report/report.h"

#include "base/escape.h"
#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

struct counts {
    size_t tests, failures, skipped;
};

enum verdict { PASSED, FAILED, SKIPPED };

static enum verdict agent_verdict(const json_t *agent)
{
    const char *status = view_text(agent, "status");

    if (strcmp(status, "done") == 0)
        return PASSED;
    return strcmp(status, "skipped") == 0 || !status[0] ? SKIPPED : FAILED;
}

static enum verdict check_verdict(const json_t *check)
{
    return json_get_bool(check, "passed", false) ? PASSED : FAILED;
}

static void count(struct counts *c, enum verdict v)
{
    c->tests++;
    c->failures += v == FAILED;
    c->skipped += v == SKIPPED;
}

static struct counts count_orch(const json_t *orch)
{
    struct counts c = {0};
    const json_t *wave, *part;
    size_t i, k;

    json_array_foreach (view_array(orch, "waves"), i, wave)
        json_array_foreach (view_array(wave, "agents"), k, part)
            count(&c, agent_verdict(part));
    json_array_foreach (view_array(orch, "checks"), i, part)
        count(&c, check_verdict(part));
    return c;
}

static void add_counts(struct text *t, const struct counts *c)
{
    text_printf(t, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", c->tests,
                c->failures, c->skipped);
}

static void open_case(struct text *t, const json_t *orch, const char *name, double seconds)
{
    text_add(t, "    <testcase classname=\"");
    markup_add_line(t, view_text(orch, "exec_id"));
    text_add(t, "\" name=\"");
    markup_add_line(t, name);
    text_printf(t, "\" time=\"%.3f\"", seconds);
}

static void close_case(struct text *t, enum verdict v, const char *type, const char *message)
{
    if (v == PASSED) {
        text_add(t, "/>\n");
        return;
    }
    text_printf(t, ">\n      <%s", v == FAILED ? "failure type=\"" : "skipped");
    if (v == FAILED) {
        markup_add_line(t, type);
        text_add_char(t, '"');
    }
    text_add(t, " message=\"");
    markup_add_line(t, message);
    text_add(t, "\"/>\n    </testcase>\n");
}

static void add_agent(struct text *t, const json_t *orch, const json_t *wave, const json_t *agent)
{
    const char *status = view_text(agent, "status");
    AUTO_TEXT trouble = {0};
    AUTO_FREE char *name = text_format("wave %d, %s %s", (int)view_count(wave, "index"),
                                       view_text(agent, "instance"), view_text(agent, "role"));

    words_trouble(&trouble, agent);
    open_case(t, orch, name, json_get_number(agent, "busy_s", 0));
    close_case(t, agent_verdict(agent), status, trouble.length ? trouble.data : status);
}

static void add_check(struct text *t, const json_t *orch, const json_t *check)
{
    AUTO_TEXT how = {0};
    AUTO_FREE char *name = text_format(
        "check%s: %s", json_get_bool(check, "final", false) ? " on the merged result" : "",
        view_text(check, "run"));

    words_check(&how, check);
    open_case(t, orch, name, 0);
    close_case(t, check_verdict(check), "check", text_get(&how));
}

static void add_property(struct text *t, const char *name, const char *value)
{
    text_printf(t, "      <property name=\"%s\" value=\"", name);
    markup_add_line(t, value);
    text_add(t, "\"/>\n");
}

/* What models used; a suite without them has no properties. */
static void add_properties(struct text *t, const json_t *orch)
{
    AUTO_FREE char *tokens = text_format("%" PRId64, view_count(orch, "tokens"));
    AUTO_TEXT cost = {0};

    if (!view_count(orch, "tokens"))
        return;
    words_cost(&cost, orch);
    text_add(t, "    <properties>\n");
    add_property(t, "tokens", tokens);
    add_property(t, "cost", text_get(&cost));
    text_add(t, "    </properties>\n");
}

static void add_orch(struct text *t, const json_t *orch)
{
    struct counts c = count_orch(orch);
    const json_t *wave, *part;
    int64_t span = view_span(orch);
    size_t i, k;

    if (!c.tests)
        return;
    text_add(t, "  <testsuite name=\"");
    markup_add_line(t, view_text(orch, "exec_id"));
    text_add_char(t, ' ');
    markup_add_line(t, view_text(orch, "title"));
    text_add_char(t, '"');
    add_counts(t, &c);
    text_printf(t, " time=\"%.3f\">\n", span < 0 ? 0 : (double)span / 1000);
    add_properties(t, orch);
    json_array_foreach (view_array(orch, "waves"), i, wave)
        json_array_foreach (view_array(wave, "agents"), k, part)
            add_agent(t, orch, wave, part);
    json_array_foreach (view_array(orch, "checks"), i, part)
        add_check(t, orch, part);
    text_add(t, "  </testsuite>\n");
}

char *report_junit(const json_t *report)
{
    struct text t = {0};
    struct counts all = {0};
    const json_t *orch;
    size_t i;

    json_array_foreach (view_array(report, "orchestrators"), i, orch) {
        struct counts c = count_orch(orch);
        all.tests += c.tests;
        all.failures += c.failures;
        all.skipped += c.skipped;
    }
    text_add(&t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
    markup_add_line(&t, view_text(report, "task"));
    text_add_char(&t, '"');
    add_counts(&t, &all);
    text_printf(&t, " time=\"%.3f\">\n",
                json_get_number(json_object_get(report, "timing"), "makespan_s", 0));
    json_array_foreach (view_array(report, "orchestrators"), i, orch)
        add_orch(&t, orch);
    text_add(&t, "</testsuites>\n");
    return text_take(&t);
}
