/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/yaml.h"

#include "base/text.h"
#include "plan/write.h"

#include <criterion/criterion.h>
#include <string.h>

static struct plan *read_ok(struct arena *a, const char *text)
{
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;
    int r = plan_read_yaml(&(struct source){text, strlen(text), "kelp.yaml"}, a, &plan, &f);

    if (r < 0) {
        AUTO_FREE char *message = fault_text(&f);
        cr_assert_fail("%s", message);
    }
    return plan;
}

static const char full[] =
    "version: 1\n"
    "task: Fix 7 bugs in parallel\n"
    "agent: claude\n"
    "agents: 50\n"
    "research:\n"
    "  - role: Documentation locator\n"
    "    prompt: Find the documents\n"
    "  - role: Count\n"
    "    run: git ls-files '*.md' | wc -l\n"
    "subtasks:\n"
    "  - title: Documentation quality\n"
    "    id: docs\n"
    "    minutes: 20.5\n"
    "    depends_on: []\n"
    "    writes: [\"docs/**\", \"*.md\"]\n"
    "    mission: Consolidate duplicate documentation\n"
    "    waves:\n"
    "      - title: Identify duplicates\n"
    "        allow_failures: 2\n"
    "        agents:\n"
    "          - role: Locator\n"
    "            count: 10\n"
    "            prompt: Look\n"
    "            minutes: 5\n"
    "      - title: Consolidate\n"
    "        model: opus\n"
    "        base_url: http://127.0.0.1:1/v1\n"
    "        agents:\n"
    "          - role: Consolidator\n"
    "            for_each: { run: \"git ls-files '*.md'\", batch: auto }\n"
    "            prompt: \"Consolidate {{item}} using {{waves.1.summary}}\"\n"
    "    success:\n"
    "      - run: test \"$(git ls-files '*.md' | wc -l)\" -lt 90\n"
    "    on_failure:\n"
    "      - ./rollback.sh\n"
    "    cleanup:\n"
    "      - run: rm -rf build\n"
    "    retries: 1\n"
    "  - title: Migration\n"
    "    limits: { agent_minutes: 3, memory: 1.5GiB, processes: off }\n"
    "    depends_on: [Documentation quality]\n"
    "    steps:\n"
    "      - { id: schema, role: Database, prompt: Write the schema }\n"
    "      - { id: runner, role: Backend, needs: [schema], run: make runner }\n"
    "cleanup:\n"
    "  - run: find . -name '*.tmp' -delete\n"
    "schedule: flow\n"
    "isolation: clone\n"
    "sandbox: { write: [\"~/.cache/thing\"], network: none }\n"
    "setup: npm ci\n"
    "land: branch\n"
    "push: never\n"
    "environment: [NPM_TOKEN]\n"
    "limits: { minutes: 60, tokens: 2000000, usd: 5.00, agent_minutes: 20,\n"
    "          memory: 512 MiB, processes: 300, open_files: 1024, file_size: 2GiB }\n";

Test(yaml, reads_every_key)
{
    AUTO_ARENA a = {0};
    const struct plan *p = read_ok(&a, full);
    const struct plan_subtask *docs = &p->subtasks[0], *migration = &p->subtasks[1];

    cr_assert_str_eq(p->task, "Fix 7 bugs in parallel");
    cr_assert_str_eq(p->file, "kelp.yaml");
    cr_assert_eq(p->agents, 50);
    cr_assert(p->research_given);
    cr_assert_eq(p->research_count, 2);
    cr_assert_str_eq(p->research[1].settings.agent, "command");
    cr_assert_str_eq(p->research[0].settings.agent, "claude");
    cr_assert_eq(p->land, LAND_BRANCH);
    cr_assert_eq(p->push, PUSH_NEVER);
    cr_assert_str_eq(p->environment.at[0], "NPM_TOKEN");
    cr_assert_eq(docs->minutes, 20.5);
    cr_assert(docs->writes_given);
    cr_assert_eq(docs->writes.count, 2);
    cr_assert_eq(docs->wave_count, 2);
    cr_assert_eq(docs->waves[0].allow_failures, 2);
    cr_assert_eq(docs->steps[0].count, 10);
    cr_assert_str_eq(docs->steps[0].id, "w1.1");
    cr_assert_eq(docs->steps[1].level, 2);
    cr_assert_eq(docs->steps[1].for_each.kind, FAN_COMMAND);
    cr_assert_eq(docs->steps[1].for_each.batch, 0);
    cr_assert_str_eq(docs->steps[1].settings.model, "opus");
    cr_assert_str_eq(docs->steps[0].settings.model, "");
    cr_assert_str_eq(docs->steps[1].settings.base_url, "http://127.0.0.1:1/v1");
    cr_assert_str_eq(docs->steps[0].settings.base_url, "");
    cr_assert_str_eq(docs->on_failure.at[0].run, "./rollback.sh");
    cr_assert_eq(docs->steps[1].settings.retries, 1);
    cr_assert_eq(migration->depends_on[0], 0);
    cr_assert_str_eq(migration->id, "migration");
    cr_assert_str_eq(migration->setup, "npm ci");
    cr_assert_eq(migration->wave_count, 2);
    cr_assert_eq(migration->steps[1].level, 2);
    cr_assert_eq(migration->steps[1].needs[0], 0);
    cr_assert_str_eq(migration->steps[1].settings.agent, "command");
}

Test(yaml, the_nearest_setting_wins_key_by_key)
{
    AUTO_ARENA a = {0};
    const struct plan *p = read_ok(&a, full);
    const struct plan_settings *docs = &p->subtasks[0].steps[0].settings;
    const struct plan_settings *migration = &p->subtasks[1].steps[0].settings;

    cr_assert_eq(docs->limits.agent_minutes, 20);
    cr_assert_eq(migration->limits.agent_minutes, 3);
    cr_assert_eq(migration->limits.minutes, 60);
    cr_assert_eq(migration->limits.tokens, 2000000);
    cr_assert_eq(docs->limits.memory_bytes, 512 << 20);
    cr_assert_eq(docs->limits.processes, 300);
    cr_assert_eq(migration->limits.memory_bytes, INT64_C(3) << 29);
    cr_assert_eq(migration->limits.processes, LIMIT_OFF);
    cr_assert_eq(migration->limits.open_files, 1024);
    cr_assert_eq(migration->limits.file_bytes, INT64_C(2) << 30);
    cr_assert_eq(migration->sandbox.network, NETWORK_NONE);
    cr_assert_eq(migration->retries, RETRIES_DEFAULT);
    cr_assert_eq(migration->schedule, SCHEDULE_FLOW);
}

static void round_trip(const char *text)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *again = NULL;
    json_auto_t *first = plan_to_json(read_ok(&a, text));
    AUTO_FREE char *written = json_dumps(first, JSON_INDENT(1));

    cr_assert_eq(plan_from_json(first, "journal", &a, &again, &f), 0, "%s", f.message);
    json_auto_t *second = plan_to_json(again);
    cr_assert(json_equal(first, second), "%s", written);
    json_auto_t *third = plan_to_json(read_ok(&a, written));
    cr_assert(json_equal(first, third), "%s", written);
}

Test(yaml, round_trip_through_json)
{
    round_trip(full);
    round_trip("setup: a\nisolation: none\nsandbox: {write: [/a, ~/b], read: [~/.ssh], network: "
               "endpoint, hosts: "
               "[\"example.org:443\", \"[::1]:80\"]}\nsubtasks:\n"
               "  - {title: A, setup: b, sandbox: {write: [/a, /c], read: []}, isolation: clone,\n"
               "     for_each: {glob: '*/', batch: 3}, steps: [{id: x, run: a}, {run: b, needs: "
               "[x, x]}]}\n"
               "  - {title: B, sandbox: off, steps: [{run: a, sandbox: {network: endpoint}}]}\n");
    round_trip("sandbox: off\nstall: off\nsubtasks:\n"
               "  - {title: A, sandbox: {}, for_each: [x, y], steps: [{run: a, writes: []}]}\n"
               "  - {title: A, stall: 2.5, waves: [{agents: [{run: b, role: R}, {run: c}]}]}\n");
}

Test(yaml, derived_ids_do_not_collide)
{
    AUTO_ARENA a = {0};
    const struct plan *p = read_ok(&a, "subtasks:\n"
                                       "  - {title: Fix bug, steps: [{run: a}]}\n"
                                       "  - {title: Fix bug!, steps: [{run: a}]}\n"
                                       "  - {title: x, id: fix-bug-2, steps: [{run: a}]}\n"
                                       "  - {title: Fix  Bug, steps: [{run: a}]}\n"
                                       "  - {title: 'Ü', steps: [{run: a}, {run: b}]}\n");

    cr_assert_str_eq(p->subtasks[0].id, "fix-bug");
    cr_assert_str_eq(p->subtasks[1].id, "fix-bug-3");
    cr_assert_str_eq(p->subtasks[3].id, "fix-bug-4");
    cr_assert_str_eq(p->subtasks[4].id, "subtask");
    cr_assert_str_eq(p->subtasks[4].steps[1].id, "s2");
    cr_assert_str_eq(p->task, "kelp");
}

#define ONE(work) "subtasks:\n  - title: A\n    " work "\n"

static const struct {
    const char *text, *message, *hint;
} faults[] = {
    {"", "kelp.yaml:1:1: the plan is empty", "write at least 'task' and 'subtasks'"},
    {"# nothing\n", "kelp.yaml:1:1: the plan is empty", "write at least 'task' and 'subtasks'"},
    {"---\n", "kelp.yaml:1:1: the plan is empty", "write at least 'task' and 'subtasks'"},
    {"\xef\xbb\xbftask: ~\n", "kelp.yaml:1:1: 'task' has no value",
     "give it a value, or take the key out"},
    {"subtasks: [,]\n", "kelp.yaml:1:12: flow sequence with invalid comma in the beginning",
     "this is not valid YAML; check the indentation, quotes and brackets here"},
    {"- a\n", "kelp.yaml:1:1: a plan must be a mapping, not a list",
     "write it as 'key: value' lines"},
    {"task: x\n", "kelp.yaml:1:1: a plan without subtasks", "list the jobs under 'subtasks'"},
    {"task: x\nsubtasks: []\n", "kelp.yaml:2:11: 'subtasks' is an empty list",
     "say what is to be done"},
    {"task: x\nsubtasks: 3\n", "kelp.yaml:2:11: 'subtasks' must be a list, not '3'",
     "write one '- ' line for each entry"},
    {"task: x\nsubtask: []\n", "kelp.yaml:2:1: unknown key 'subtask' in a plan",
     "did you mean 'subtasks'?"},
    {"task: x\nqqqqqqqqqq: []\n", "kelp.yaml:2:1: unknown key 'qqqqqqqqqq' in a plan",
     "known here: version, task, agents, research, subtasks, cleanup, setup, land, push, "
     "environment, agent, model, base_url, role, isolation, schedule, sandbox, retries, stall, "
     "limits"},
    {"task: x\ntask: y\n", "kelp.yaml:2:1: 'task' is written twice in a plan", "keep one of them"},
    {"task:\nsubtasks: []", "kelp.yaml:1:1: 'task' has no value",
     "give it a value, or take the key out"},
    {"task: '  '\n", "kelp.yaml:1:7: 'task' is empty", "give it a value, or take the key out"},
    {"task: [x]\n", "kelp.yaml:1:7: 'task' must be a text, not a list", "put the text in quotes"},
    {"version: 2\n", "kelp.yaml:1:10: version 2 of plans is newer than this kelp",
     "install a newer kelp, or write 'version: 1'"},
    {"agents: 0\n", "kelp.yaml:1:9: 'agents' can't be '0'",
     "write a whole number from 1 to 1000000000"},
    {"agents: -3\n", "kelp.yaml:1:9: 'agents' can't be '-3'",
     "write a whole number from 1 to 1000000000"},
    {"agents: '3'\n", "kelp.yaml:1:9: 'agents' can't be '3'",
     "write a whole number from 1 to 1000000000"},
    {"land: mergee\n", "kelp.yaml:1:7: 'land' can't be 'mergee'", "did you mean 'merge'?"},
    {"push: 7\n", "kelp.yaml:1:7: 'push' can't be '7'", "known here: auto, always, never"},
    {"limits: {usd: 0}\n", "kelp.yaml:1:15: 'usd' can't be '0'",
     "write a number above 0 and up to 1e+09"},
    {"limits: {minute: 1}\n", "kelp.yaml:1:10: unknown key 'minute' in limits",
     "did you mean 'minutes'?"},
    {"limits: {memory: 512MB}\n", "kelp.yaml:1:18: 'memory' can't be '512MB'",
     "write a size of at least 16 MiB, such as 512MiB or 4GiB, or 'off'"},
    {"limits: {memory: 15MiB}\n", "kelp.yaml:1:18: 'memory' can't be '15MiB'",
     "write a size of at least 16 MiB, such as 512MiB or 4GiB, or 'off'"},
    {"limits: {memory: [1GiB]}\n", "kelp.yaml:1:18: 'memory' can't be a list",
     "write a size of at least 16 MiB, such as 512MiB or 4GiB, or 'off'"},
    {"limits:\n  file_size: 1\n", "kelp.yaml:2:14: 'file_size' can't be '1'",
     "write a size of at least 64 KiB, such as 512MiB or 4GiB, or 'off'"},
    {"limits: {processes: 0}\n", "kelp.yaml:1:21: 'processes' can't be '0'",
     "write a whole number from 1 to 4194304"},
    {"limits: {open_files: 15}\n", "kelp.yaml:1:22: 'open_files' can't be '15'",
     "write a whole number from 16 to 1073741824"},
    {"sandbox: on\n", "kelp.yaml:1:10: 'sandbox' can't be 'on'",
     "write 'off', or a mapping with 'write', 'read', 'network' and 'hosts'"},
    {"sandbox: {read: [~/.ssh, keys]}\n", "kelp.yaml:1:26: 'keys' is not a whole path",
     "write it from the root, or from your home: ~/.cache/thing"},
    {"sandbox: {hosts: [example.org]}\n", "kelp.yaml:1:19: 'example.org' is not HOST:PORT",
     "write each with its port: example.org:443"},
    {"sandbox: {hosts: ['a:80', '[::1:80']}\n", "kelp.yaml:1:27: '[::1:80' is not HOST:PORT",
     "write each with its port: example.org:443"},
    {"environment: [A=B]\n", "kelp.yaml:1:15: 'A=B' is not the name of an environment variable",
     "list names only, such as NPM_TOKEN; their values are kelp's own"},
    {"<<: {task: x}\n", "kelp.yaml:1:1: unknown key '<<' in a plan",
     "YAML 1.2 has no merge keys; settings written on the plan or the subtask are inherited by "
     "what is below"},
    {"? [a, b]\n: c\n", "kelp.yaml:1:3: a list as a key of a plan", "a key is a word"},
    {"task: *x\n", "kelp.yaml:1:7: unknown alias 'x'",
     "an alias repeats an anchor, written &name, that has ended before it; quote a text that "
     "begins with *"},
    {"subtasks: &x [*x]\n", "kelp.yaml:1:15: unknown alias 'x'",
     "an alias repeats an anchor, written &name, that has ended before it; quote a text that "
     "begins with *"},
    {"task: x\n---\ntask: y\n", "kelp.yaml:2:1: a second document begins here",
     "keep one document to a file"},
    {"task: \"a\\0b\"\n", "kelp.yaml:1:7: text with a NUL character",
     "take the \\0 out of the string"},
    {"task: 'x\n", "kelp.yaml:1:8: single-quoted scalar without closing quote",
     "this is not valid YAML; check the indentation, quotes and brackets here"},
    {"a:\n\t- b\n", "kelp.yaml:2:1: tab character may not be used as indentation",
     "this is not valid YAML; check the indentation, quotes and brackets here"},
    {"task: \xff\n", "kelp.yaml:1:7: not valid UTF-8", "save the file as UTF-8"},
    {"task: é\n\n  \xc3(\n", "kelp.yaml:3:3: not valid UTF-8", "save the file as UTF-8"},
    {"subtasks:\n  - steps: [{run: a}]\n", "kelp.yaml:2:5: a subtask without a title",
     "write 'title: ...'"},
    {ONE("mission: x"), "kelp.yaml:2:5: the subtask 'A' has neither 'waves' nor 'steps'",
     "list what is to be done under 'waves' or 'steps'"},
    {ONE("steps: [{run: a}]\n    waves: [{agents: [{run: a}]}]"),
     "kelp.yaml:2:5: the subtask 'A' has both 'waves' and 'steps'",
     "keep 'waves' for a barrier after each, or 'steps' for an order by needs"},
    {ONE("steps: []"), "kelp.yaml:3:12: 'steps' is an empty list", "say what is to be done"},
    {ONE("waves: []"), "kelp.yaml:3:12: 'waves' is an empty list", "say what is to be done"},
    {ONE("waves: [{title: x}]"), "kelp.yaml:3:13: wave 1 has no 'agents'",
     "list what it starts under 'agents'"},
    {ONE("waves: [{agents: []}]"), "kelp.yaml:3:22: wave 1 has no agents",
     "list what it starts, or take the wave out"},
    {ONE("waves: [{agents: [{run: a, needs: [b]}]}]"),
     "kelp.yaml:3:39: 'needs' is for the entries of 'steps'",
     "use 'steps' where the order follows from needs"},
    {ONE("steps: [{id: a}]"), "kelp.yaml:3:13: neither 'prompt' nor 'run'",
     "write 'prompt: ...' for an agent, 'run: ...' for a command"},
    {ONE("steps: [{run: a, prompt: b}]"), "kelp.yaml:3:13: both 'prompt' and 'run'",
     "keep one: a prompt is for an agent program, run is a command"},
    {ONE("steps: [{agent: command, prompt: b}]"),
     "kelp.yaml:3:38: 'prompt' under 'agent: command', which takes none",
     "name an agent program, such as 'agent: claude', or use 'run'"},
    {ONE("steps: [{run: a, count: 0}]"), "kelp.yaml:3:29: 'count' can't be '0'",
     "write a whole number from 1 to 1000000"},
    {ONE("steps: [{run: a, count: 2, for_each: [x]}]"),
     "kelp.yaml:3:29: both 'count' and 'for_each'",
     "for_each makes as many agents as there are items; say how many items each gets with "
     "'batch'"},
    {ONE("steps: [{run: a, for_each: []}]"), "kelp.yaml:3:32: 'for_each' is an empty list",
     "name the items, or take the key out"},
    {ONE("steps: [{run: a, for_each: {glob: '*', run: b}}]"),
     "kelp.yaml:3:32: for_each needs exactly one source of items",
     "keep one of 'items', 'glob' and 'run'"},
    {ONE("steps: [{run: a, for_each: {glob: '*', batch: 0}}]"),
     "kelp.yaml:3:51: 'batch' can't be '0'", "write a whole number from 1 to 1000000"},
    {ONE("steps: [{run: a, for_each: {items: x}}]"),
     "kelp.yaml:3:40: 'for_each' must be a list, not 'x'", "write one '- ' line for each entry"},
    {ONE("steps: [{run: a, for_each: {items: [[x]]}}]"),
     "kelp.yaml:3:41: 'for_each' must be a text, not a list", "put the text in quotes"},
    {ONE("waves: [{agents: x}]"), "kelp.yaml:3:22: 'agents' must be a list, not 'x'",
     "write one '- ' line for each entry"},
    {ONE("waves: [x]"), "kelp.yaml:3:13: a wave must be a mapping, not 'x'",
     "write it as 'key: value' lines"},
    {ONE("steps: [{run: a, id: [x]}]"), "kelp.yaml:3:26: 'id' must be a text, not a list",
     "put the text in quotes"},
    {ONE("steps: [{run: a, for_each: x}]"), "kelp.yaml:3:32: 'for_each' can't be 'x'",
     "write a list, { glob: ... } or { run: ... }"},
    {ONE("steps: [{run: a, writes: [../x]}]"),
     "kelp.yaml:3:31: '../x' in 'writes' is outside the repository",
     "name paths relative to the repository's root, such as 'docs/**'"},
    {ONE("steps: [{run: a, writes: /etc}]"),
     "kelp.yaml:3:30: '/etc' in 'writes' is outside the repository",
     "name paths relative to the repository's root, such as 'docs/**'"},
    {ONE("steps: [{run: a, id: 'a b'}]"), "kelp.yaml:3:26: 'id' can't be 'a b'",
     "use up to 100 letters, digits, '_', '.' and '-'"},
    {ONE("minutes: soon"), "kelp.yaml:3:14: 'minutes' can't be 'soon'",
     "write a number above 0 and up to 1e+06"},
    {ONE("minutes: -1"), "kelp.yaml:3:14: 'minutes' can't be '-1'",
     "write a number above 0 and up to 1e+06"},
    {ONE("success: [{}]"), "kelp.yaml:3:15: an entry of 'success' has no 'run'",
     "write { run: COMMAND }"},
    {ONE("cleanup: make"), "kelp.yaml:3:14: 'cleanup' must be a list, not 'make'",
     "write one '- ' line for each entry"},
    {ONE("steps:\n      - {id: a, run: x}\n      - {id: a, run: y}"),
     "kelp.yaml:5:9: the id 'a' is taken by the step in line 4", "ids are unique in a subtask"},
    {ONE("steps:\n      - {id: auth, run: x}\n      - {run: y, needs: [auht]}"),
     "kelp.yaml:5:26: 'needs' names the unknown step 'auht'", "did you mean 'auth'?"},
    {ONE("steps:\n"
         "      - {id: x, run: x, needs: auth}\n"
         "      - {id: auth, run: x, needs: [session]}\n"
         "      - {id: session, run: y, needs: [auth]}"),
     "kelp.yaml:5:35: 'needs' go in a circle: auth -> session -> auth",
     "take one of these needs out"},
    {ONE("steps: [{id: a, run: x, needs: a}]"), "kelp.yaml:3:36: 'needs' go in a circle: a -> a",
     "take one of these needs out"},
    {"subtasks:\n  - {id: a, title: x, steps: [{run: a}]}\n"
     "  - {id: a, title: y, steps: [{run: a}]}\n",
     "kelp.yaml:3:5: the id 'a' is taken by the subtask in line 2", "ids are unique in a plan"},
    {"subtasks:\n  - {id: a, title: x, depends_on: [b], steps: [{run: a}]}\n",
     "kelp.yaml:2:36: 'depends_on' names the unknown subtask 'b'", "did you mean 'a'?"},
    {"subtasks:\n  - {title: Long name, steps: [{run: a}]}\n"
     "  - {title: y, depends_on: [Long nam], steps: [{run: a}]}\n",
     "kelp.yaml:3:29: 'depends_on' names the unknown subtask 'Long nam'",
     "did you mean 'Long name'?"},
    {"subtasks:\n  - {title: x, steps: [{run: a}]}\n  - {title: x, steps: [{run: a}]}\n"
     "  - {title: y, depends_on: [X], steps: [{run: a}]}\n",
     "kelp.yaml:4:29: 'depends_on' names the unknown subtask 'X'", "did you mean 'x'?"},
    {"subtasks:\n  - {title: x y, steps: [{run: a}]}\n  - {title: x y, steps: [{run: a}]}\n"
     "  - {title: y, depends_on: [x y], steps: [{run: a}]}\n",
     "kelp.yaml:4:29: 'depends_on' names the title 'x y', which several subtasks have",
     "give them ids and name one of these"},
    {"subtasks:\n  - {id: a, title: x, depends_on: [b], steps: [{run: a}]}\n"
     "  - {id: b, title: y, depends_on: x, steps: [{run: a}]}\n",
     "kelp.yaml:2:35: 'depends_on' goes in a circle: a -> b -> a",
     "take one of these dependencies out"},
};

Test(yaml, every_fault_has_a_place_and_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan = NULL;
        int r = plan_read_yaml(
            &(struct source){faults[i].text, strlen(faults[i].text), "kelp.yaml"}, &a, &plan, &f);
        cr_expect(r < 0, "accepted: %s", faults[i].text);
        if (r == 0)
            continue;
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, faults[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", faults[i].hint);
        cr_expect_null(plan);
    }
}

static void refused(const char *text, size_t length, enum fault_code code, const char *message)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;

    cr_assert_eq(plan_read_yaml(&(struct source){text, length, "p"}, &a, &plan, &f), -(int)code);
    AUTO_FREE char *got = fault_text(&f);
    cr_expect_str_eq(got, message);
    cr_expect_not_null(f.hint);
}

Test(yaml, bounds)
{
    AUTO_TEXT t = {0};

    refused("task: a\0b\n", 10, FAULT_PLAN, "p:1:8: a NUL byte");
    for (size_t i = 0; i < 100000; i++)
        text_add_char(&t, '[');
    refused(t.data, t.length, FAULT_LIMIT, "p:1:65: nested more than 64 levels deep");
    text_clear(&t);
    for (size_t i = 0; i < 1000; i++)
        text_add(&t, "- ");
    refused(t.data, t.length, FAULT_LIMIT, "p:1:129: nested more than 64 levels deep");
    text_clear(&t);
    text_add(&t, "a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c < 'k'; c++) {
        text_printf(&t, "%c: &%c [", c, c);
        for (int i = 0; i < 10; i++)
            text_printf(&t, "*%c,", c - 1);
        text_add(&t, "]\n");
    }
    refused(t.data, t.length, FAULT_LIMIT, "p:6:7: more than 4000000 values, aliases written out");
    text_clear(&t);
    for (int i = 0; i < 1001; i++)
        text_printf(&t, "- &a%d x\n", i);
    refused(t.data, t.length, FAULT_LIMIT, "p:1001:10: more than 1000 anchors");
    text_clear(&t);
    while (t.length <= 16 * 1024 * 1024)
        text_add(&t, "# a comment that goes on and on\n");
    refused(t.data, t.length, FAULT_LIMIT, "p:1:1: larger than 16 MiB");
}

Test(yaml, aliases_repeat_what_they_name)
{
    AUTO_ARENA a = {0};
    const struct plan *p = read_ok(&a, "subtasks:\n"
                                       "  - {title: x, steps: &work [{run: a}, {run: b}]}\n"
                                       "  - {title: y, steps: *work}\n");

    cr_assert_eq(p->subtasks[1].step_count, 2);
    cr_assert_str_eq(p->subtasks[1].steps[1].run, "b");
}

Test(yaml, long_lists_of_names_are_shortened)
{
    AUTO_TEXT t = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *plan;

    text_add(&t, "subtasks: [{title: x, steps: [\n");
    for (int i = 0; i < 50; i++)
        text_printf(&t, "{id: step-%d, run: a},\n", i);
    text_add(&t, "{run: a, needs: nothing-like-it}]}]\n");
    cr_assert_eq(plan_read_yaml(&(struct source){t.data, t.length, "p"}, &a, &plan, &f),
                 -FAULT_PLAN);
    cr_assert(text_ends(f.hint, ", step-39 and 11 more"), "%s", f.hint);
}

Test(yaml, brackets_may_close_at_the_margin)
{
    AUTO_ARENA a = {0};

    cr_assert_eq(
        read_ok(&a, "subtasks: [\n{title: x,\nsteps: [\n{run: a}\n]\n}\n]\n")->subtask_count, 1);
}

Test(yaml, long_circles_are_shortened)
{
    AUTO_TEXT t = {0};

    text_add(&t, "subtasks: [{title: x, steps: [\n");
    for (int i = 0; i < 1000; i++)
        text_printf(&t, "{id: s%d, run: a, needs: s%d},\n", i, (i + 1) % 1000);
    text_add(&t, "]}]\n");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *plan;
    cr_assert_eq(plan_read_yaml(&(struct source){t.data, t.length, "p"}, &a, &plan, &f),
                 -FAULT_PLAN);
    cr_assert(text_ends(f.message, "s18 -> s19 -> (980 more) -> s0"), "%s", f.message);
}
