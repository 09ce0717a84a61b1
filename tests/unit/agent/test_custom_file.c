/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ability.h"
#include "agent/custom.h"
#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>

static int parse(const char *text, struct arena *a, struct custom *ret, struct fault *f)
{
    return custom_parse(&(struct source){text, strlen(text), "d.yaml"}, a, ret, f);
}

Test(custom_file, every_key)
{
    static const char text[] =
        "name: mine\nwhat: of my own\nprogram: prog\nversion: [version, --short]\n"
        "install: make install\ntried: 1.2\nconfigured_by: [MY_KEY, ~/.mine]\n"
        "keeps: [~/.mine, $MINE_HOME, /opt/mine]\n"
        "can: [sessions, cost, schema, sandbox, tokens]\n"
        "args: [run, {when: model, args: [-m, '{{model}}']}, {unless: root, args: --as-root}]\n"
        "resume: [go-on, '{{session}}']\n"
        "prompt: stdin\noutput: jsonl\nhome: [HOME, XDG_DATA_HOME]\n"
        "environment: {pass: [A], secrets: [B], set: {C: '{{base_url}}'}}\n"
        "files: [{path: '{{home}}/x', content: text}, {path: '{{dir}}/y', link: ~/.y}]\n"
        "writable: '{{user_home}}/.mine'\n"
        "usage: {input_has_cached: yes, output_lacks_reasoning: true, cumulative: no}\n"
        "events:\n"
        "  - when: {type: [a, b], x.y: '*'}\n    text: [m.t, 'm.l[].t']\n    fails: auth\n"
        "  - final: yes\n    total: true\n    input: u.i\n    answer: o\n"
        "exit_codes: {3: auth, 4: ok}\n"
        "errors: [{text: 'Error:'}, {log: quota, error: quota}]\n";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct custom c;

    cr_assert_eq(parse(text, &a, &c, &f), 0, "%s", f.message);
    cr_expect_str_eq(c.name, "mine");
    cr_expect_str_eq(c.what, "of my own");
    cr_expect_str_eq(c.program, "prog");
    cr_expect_str_eq(c.version.at[1], "--short");
    cr_expect_str_eq(c.install, "make install");
    cr_expect_str_eq(c.tried, "1.2");
    cr_expect_str_eq(c.configured_by.at[1], "~/.mine");
    cr_assert_eq(c.keeps.count, 3);
    cr_expect_str_eq(c.keeps.at[1], "$MINE_HOME");
    cr_expect_eq(c.can,
                 DRIVER_SESSIONS | DRIVER_COST | DRIVER_SCHEMA | DRIVER_SANDBOX | DRIVER_TOKENS);
    cr_assert_eq(c.args.count, 3);
    cr_expect_null(c.args.at[0].when);
    cr_expect_str_eq(c.args.at[1].when, "model");
    cr_expect_str_eq(c.args.at[1].words.at[1], "{{model}}");
    cr_expect_str_eq(c.args.at[2].unless, "root");
    cr_expect_eq(c.resume.count, 2);
    cr_expect_eq(c.prompt, CUSTOM_PROMPT_STDIN);
    cr_expect_eq(c.output, CUSTOM_JSONL);
    cr_expect_str_eq(c.home.at[1], "XDG_DATA_HOME");
    cr_expect_str_eq(c.pass.at[0], "A");
    cr_expect_str_eq(c.secrets.at[0], "B");
    cr_expect_str_eq(c.set.at[0].name, "C");
    cr_expect_str_eq(c.set.at[0].value, "{{base_url}}");
    cr_assert_eq(c.files.count, 2);
    cr_expect_str_eq(c.files.at[1].link, "~/.y");
    cr_expect_eq(c.writable.count, 1);
    cr_expect(c.input_has_cached && c.output_lacks_reasoning && !c.cumulative);
    cr_assert_eq(c.rules.count, 2);
    cr_expect_eq(c.rules.at[0].when.count, 2);
    cr_expect_str_eq(c.rules.at[0].when.at[0].words.at[1], "b");
    cr_expect_eq(c.rules.at[0].text.count, 2);
    cr_expect_eq(c.rules.at[0].fails, ERROR_AUTH);
    cr_expect(c.rules.at[1].final && c.rules.at[1].total && !c.rules.at[0].final);
    cr_expect_eq(c.rules.at[1].answer.count, 1);
    cr_assert_eq(c.exits.count, 2);
    cr_expect_eq(c.exits.at[0].error, ERROR_AUTH);
    cr_expect_eq(c.exits.at[1].error, ERROR_NONE);
    cr_expect_eq(c.exits.at[1].code, 4);
    cr_assert_eq(c.patterns.count, 2);
    cr_expect_eq(c.patterns.at[0].error, ERROR_NONE);
    cr_expect_eq(c.patterns.at[1].error, ERROR_QUOTA);
}

Test(custom_file, least)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct custom c;

    cr_assert_eq(parse("{name: x, program: y, tried: no}", &a, &c, &f), 0, "%s", f.message);
    cr_expect_eq(c.prompt, CUSTOM_PROMPT_STDIN);
    cr_expect_eq(c.output, CUSTOM_TEXT);
    cr_expect_str_eq(c.tried, "");
    cr_expect_str_eq(c.what, "");
}

#define HEAD "name: x\nprogram: y\n"

static const struct {
    const char *text, *message, *hint;
} broken[] = {
    {"", "d.yaml:1:1: the file is empty", NULL},
    {"- x\n", "d.yaml:1:1: a driver must be a mapping, not a list", NULL},
    {"program: y\n", "d.yaml:1:1: a driver needs 'name'", NULL},
    {"name: x\nprogram: y\nkeeps: [~/.x, .y]\n", "d.yaml:3:15: '.y' is not a place in 'keeps'",
     "write it from the user's home: ~/.thing, or $VARIABLE"},
    {"name: x\nprogram: y\nkeeps: ~/\n", "d.yaml:3:8: '~/' is not a place in 'keeps'",
     "write it from the user's home: ~/.thing, or $VARIABLE"},
    {"name: x\nprogram: y\nkeeps: /\n", "d.yaml:3:8: '/' is not a place in 'keeps'",
     "write it from the user's home: ~/.thing, or $VARIABLE"},
    {"name: y\n", "d.yaml:1:1: a driver needs 'program'", NULL},
    {HEAD "outptu: text\n", "d.yaml:3:1: unknown key 'outptu' in a driver",
     "did you mean 'output'?"},
    {HEAD "output: xml\n", "d.yaml:3:9: 'output' can't be 'xml'", NULL},
    {HEAD "args: [a, '{{modle}}']\n", "d.yaml:3:11: unknown variable '{{modle}}'",
     "did you mean {{model}}?"},
    {HEAD "args: [{when: modle, args: [x]}]\n", "d.yaml:3:15: there is no variable 'modle'",
     "did you mean 'model'?"},
    {HEAD "args: x\n", "d.yaml:3:7: 'args' must be a list, not 'x'", NULL},
    {HEAD "prompt: argument\n", "d.yaml:1:1: no word of 'args' holds the prompt", NULL},
    {HEAD "prompt: file\n", "d.yaml:1:1: no word of 'args' names the file of the prompt", NULL},
    {HEAD "prompt: argument\nargs: ['{{prompt}}']\nresume: ['{{session}}']\n",
     "d.yaml:1:1: no word of 'resume' holds the prompt", NULL},
    {HEAD "args: ['{{prompt}}']\n", "d.yaml:1:1: the prompt is given twice", NULL},
    {HEAD "output: jsonl\n", "d.yaml:1:1: JSON lines without 'events'", NULL},
    {HEAD "events: [{final: yes}]\n", "d.yaml:1:1: 'events' without JSON lines", NULL},
    {HEAD "output: jsonl\nevents: [{text: a}]\n", "d.yaml:1:1: no event is the final one", NULL},
    {HEAD "output: jsonl\nevents: [{text: 'a['}]\n",
     "d.yaml:4:17: 'a[' is no place in an event: a '[' without its ']'", NULL},
    {HEAD "output: jsonl\nevents: [{txet: a}]\n", "d.yaml:4:11: unknown key 'txet' in an event",
     "did you mean 'text'?"},
    {HEAD "output: jsonl\nevents: [{text: [a, b, c, d, e]}]\n",
     "d.yaml:4:17: 'text' has more than 4 places", NULL},
    {HEAD "output: jsonl\nevents: [{when: x}]\n", "d.yaml:4:17: 'when' must be a mapping", NULL},
    {HEAD "exit_codes: {x: auth}\n", "d.yaml:3:14: 'exit_codes' can't be 'x'", NULL},
    {HEAD "exit_codes: {300: auth}\n", "d.yaml:3:14: 'exit_codes' can't be '300'", NULL},
    {HEAD "exit_codes: {3: atuh}\n", "d.yaml:3:17: 'exit_codes' can't be 'atuh'",
     "did you mean 'auth'?"},
    {HEAD "exit_codes: [3]\n", "d.yaml:3:13: 'exit_codes' must be a mapping", NULL},
    {HEAD "environment: {set: {A-B: x}}\n",
     "d.yaml:3:21: 'A-B' is not the name of an environment variable", NULL},
    {HEAD "environment: {set: x}\n", "d.yaml:3:20: 'set' must be a mapping", NULL},
    {HEAD "files: [{path: /etc/x, content: y}]\n",
     "d.yaml:3:16: '/etc/x' is not in a folder of the attempt", NULL},
    {HEAD "files: [{path: '{{home}}/../x', content: y}]\n",
     "d.yaml:3:16: '{{home}}/../x' is not in a folder of the attempt", NULL},
    {HEAD "files: [{path: '{{home}}/x'}]\n",
     "d.yaml:3:9: a file needs 'path', and 'content' or 'link'", NULL},
    {HEAD "files: [{path: '{{home}}/x', link: /etc/x}]\n",
     "d.yaml:3:36: '/etc/x' is not below the user's home", NULL},
    {HEAD "errors: [{error: auth}]\n", "d.yaml:3:10: an error needs one of 'text', 'has' and 'log'",
     NULL},
    {HEAD "can: [fly]\n", "d.yaml:3:7: 'can' can't be 'fly'", NULL},
    {HEAD "can: cost\n", "d.yaml:3:6: 'can' must be a list, not 'cost'", NULL},
    {HEAD "output: acp\nacp: {usage: all}\n", "d.yaml:4:14: 'usage' can't be 'all'", NULL},
    {HEAD "output: acp\nprompt: file\nargs: ['{{prompt_file}}']\n",
     "d.yaml:1:1: ACP carries the prompt itself", NULL},
};

Test(custom_file, refuses_with_a_place)
{
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct custom c;

        cr_assert_eq(parse(broken[i].text, &a, &c, &f), -FAULT_PLAN, "%s", broken[i].text);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, broken[i].message, "%s\n%s", broken[i].text, message);
        if (broken[i].hint)
            cr_expect_str_eq(f.hint, broken[i].hint, "%s", f.hint);
    }
}

static void read_doc(struct text *ret)
{
    AUTO_FREE char *path = text_format("%s/docs/drivers.md", getenv("KELP_TEST_SOURCE"));
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 1024 * 1024, ret, &f), 0, "%s", f.message);
}

/* Each key that a level has, as the hint of an unknown one lists them, is named. */
Test(custom_file, every_key_is_documented)
{
    static const char *const levels[] = {
        HEAD "zzzzzzzzzzzz: 1",
        HEAD "environment: {zzzzzzzzzzzz: 1}",
        HEAD "usage: {zzzzzzzzzzzz: 1}",
        HEAD "acp: {zzzzzzzzzzzz: 1}",
        HEAD "files: [{zzzzzzzzzzzz: 1}]",
        HEAD "errors: [{zzzzzzzzzzzz: 1}]",
        HEAD "events: [{zzzzzzzzzzzz: 1}]",
        HEAD "args: [{zzzzzzzzzzzz: 1}]",
        HEAD "exit_codes: {1: zzzzzzzzzzzz}",
        HEAD "can: [zzzzzzzzzzzz]",
    };
    static const char known[] = "known here: ";
    AUTO_TEXT doc = {0};

    read_doc(&doc);
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct custom c;
        cr_assert_eq(parse(levels[i], &a, &c, &f), -FAULT_PLAN);
        cr_assert(text_starts(f.hint, known), "%s", f.hint);
        for (const char *key = f.hint + strlen(known); *key; key += strspn(key, ", ")) {
            size_t n = strcspn(key, ",");
            AUTO_FREE char *mark = text_format("`%.*s", (int)n, key);
            cr_expect(strstr(text_get(&doc), mark), "%s is not documented", mark);
            key += n;
        }
    }
}

/* The examples are whole driver files. */
Test(custom_file, examples_of_the_documentation)
{
    static const char begin[] = "```yaml\n";
    AUTO_TEXT doc = {0};
    size_t count = 0;

    read_doc(&doc);
    for (const char *at = text_get(&doc); (at = strstr(at, begin)); count++) {
        at += strlen(begin);
        AUTO_FREE char *text = mem_string_n(at, (size_t)(strstr(at, "```") - at));
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct custom c;
        cr_expect_eq(parse(text, &a, &c, &f), 0, "%s: %s", text, f.message);
    }
    cr_expect_eq(count, 2);
}
