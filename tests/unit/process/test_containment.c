/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt starts ends with it, whatever it does to get away; with control groups and
 * without, and by every way of making a process.
 */
#include "folder.h"
#include "hold.h"

#include "base/text.h"
#include "process/spawn_method.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Each script leaves processes behind, which write their numbers to `pids`, and waits for that. */
#define WRITE "echo $$ >> pids; "
#define LIVE WRITE "exec sleep 1000"
#define AWAIT(n) \
    "while [ \"$(wc -l < pids 2>/dev/null || echo 0)\" -lt " #n " ]; do sleep 0.01; done; "

struct escape {
    const char *name;
    const char *script;
    size_t processes;
};

static const struct escape escapes[] = {
    {"a background process", "sh -c '" LIVE "' & " AWAIT(1), 1},
    {"a session of its own", "setsid sh -c '" LIVE "' & " AWAIT(1), 1},
    {"a double fork", "(setsid sh -c 'sh -c \"" WRITE "sleep 1000\" & exit' &) ; " AWAIT(1), 1},
    {"TERM and HUP ignored",
     "setsid sh -c 'trap \"\" TERM HUP INT; " WRITE "while :; do sleep 1000; done' & " AWAIT(1), 1},
    {"closed outputs", "setsid sh -c '" LIVE "' <&- >&- 2>&- & " AWAIT(1), 1},
    {"kept descriptors", "exec 7>kept; sh -c '" LIVE "' & " AWAIT(1), 1},
    {"stopped", "sh -c '" WRITE "kill -STOP $$' & " AWAIT(1), 1},
    {"a cleaned environment", "env -i sh -c '" LIVE "' & " AWAIT(1), 1},
    {"a storm",
     "i=0; while [ $i -lt 50 ]; do setsid sh -c '" LIVE "' & i=$((i+1)); done; " AWAIT(50), 50},
    {"a tree",
     "sh -c 'setsid sh -c \"setsid sh -c \\\"echo \\$\\$ >> pids; exec sleep 1000\\\" & "
     "echo \\$\\$ >> pids; exec sleep 1000\" & " LIVE "' & " AWAIT(3),
     3},
};

static const struct keeper_options kinds[] = {
    {.no_cgroup = false},         {.no_cgroup = true},
    {.method = SPAWN_CLONE},      {.method = SPAWN_FORK, .no_cgroup = true},
    {.method = SPAWN_FORK_PLAIN}, {.method = SPAWN_FORK_PLAIN, .no_cgroup = true},
};

static void try_escape(struct hold *hold, const struct escape *escape, const char *kind)
{
    AUTO_FREE char *script = text_format("rm -f pids; %s exit 9", escape->script);

    hold_start(hold, escape->name, script);
    struct keeper_event ended = hold_await(hold, escape->name, KEEPER_ENDED);
    cr_expect_eq(ended.exit_code, 9, "%s, %s: exit %d", escape->name, kind, ended.exit_code);
    hold_await_lines(hold, "pids", escape->processes);
    cr_expect_eq(hold_alive(hold, "pids"), 0, "%s, %s", escape->name, kind);
    cr_expect_geq(ended.survivors, escape->processes, "%s, %s: %u survivors", escape->name, kind,
                  ended.survivors);
    cr_expect_eq(ended.unkillable, 0);
}

static void try_stop(struct hold *hold, const struct escape *escape, const char *kind)
{
    AUTO_FREE char *id = text_format("stop %s", escape->name);
    AUTO_FREE char *script = text_format(
        "rm -f pids; trap '' TERM; %s echo > ready; while :; do sleep 1000; done", escape->script);

    (void)unlink(folder_path(hold->folder, "ready"));
    hold_start(hold, id, script);
    hold_await_lines(hold, "ready", 1);
    hold_stop(hold, id, 20);
    struct keeper_event ended = hold_await(hold, id, KEEPER_ENDED);
    cr_expect_eq(ended.signal, SIGKILL, "%s, %s: signal %d", id, kind, ended.signal);
    cr_expect_eq(hold_alive(hold, "pids"), 0, "%s, %s", id, kind);
}

ParameterizedTestParameters(containment, nothing_escapes)
{
    return cr_make_param_array(struct keeper_options, (struct keeper_options *)(uintptr_t)kinds,
                               COUNT_OF(kinds));
}

ParameterizedTest(struct keeper_options *options, containment, nothing_escapes)
{
    struct hold hold;
    AUTO_FREE char *kind = text_format("%s%s", spawn_method_name(options->method),
                                       options->no_cgroup ? " without control groups" : "");

    hold_open(&hold, options);
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        try_escape(&hold, &escapes[i], kind);
        try_stop(&hold, &escapes[i], kind);
    }
    hold_close(&hold);
}

/* TERM reaches everything, also what is stopped, and who ends in the grace is not killed. */
Test(containment, a_stop_asks_before_it_kills)
{
    static const bool without[] = {false, true};

    for (size_t i = 0; i < COUNT_OF(without); i++) {
        struct hold hold;
        hold_open(&hold, &(struct keeper_options){.no_cgroup = without[i]});
        hold_start(&hold, "a",
                   "setsid sh -c 'trap \"echo child >> said; exit\" TERM; echo > ready;"
                   " while :; do sleep 0.01; done' & "
                   "trap 'wait; echo main >> said; exit 5' TERM; while :; do sleep 0.01; done");
        hold_await_lines(&hold, "ready", 1);
        hold_stop(&hold, "a", 30000);
        struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);
        cr_expect_eq(ended.exit_code, 5);
        cr_expect_eq(ended.survivors, 0);
        cr_expect_str_eq(folder_read(hold.folder, "said"), "child\nmain\n");
        hold_close(&hold);
    }
}

/* The main process goes at once; what it has started has the rest of the grace to clean up. */
Test(containment, the_grace_is_for_the_whole_tree)
{
    static const bool without[] = {false, true};

    for (size_t i = 0; i < COUNT_OF(without); i++) {
        struct hold hold;
        hold_open(&hold, &(struct keeper_options){.no_cgroup = without[i]});
        hold_start(
            &hold, "a",
            "setsid sh -c 'trap \"while [ ! -e go ]; do sleep 0.01; done; echo clean >> said;"
            " exit\" TERM; echo > ready; while :; do sleep 0.01; done' & exec sleep 1000");
        hold_await_lines(&hold, "ready", 1);
        hold_stop(&hold, "a", 30000);
        hold_start(&hold, "b", "exit 0");
        (void)hold_await(&hold, "b", KEEPER_ENDED);
        cr_expect_eq(hold_seen(&hold, "a", KEEPER_ENDED), 0);
        folder_write(hold.folder, "go", "");
        struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);
        cr_expect_eq(ended.signal, SIGTERM);
        cr_expect_eq(ended.survivors, 0);
        cr_expect_str_eq(folder_read(hold.folder, "said"), "clean\n");
        hold_close(&hold);
    }
}

Test(containment, a_second_stop_shortens_the_grace)
{
    struct hold hold;

    hold_open(&hold, NULL);
    hold_start(&hold, "a", "trap '' TERM; echo > ready; while :; do sleep 1000; done");
    hold_await_lines(&hold, "ready", 1);
    hold_stop(&hold, "a", 3600 * 1000);
    hold_stop(&hold, "a", 0);
    cr_expect_eq(hold_await(&hold, "a", KEEPER_ENDED).signal, SIGKILL);
    hold_close(&hold);
}

/* Attempts do not touch each other. */
Test(containment, an_end_leaves_the_others_alone)
{
    static const bool without[] = {false, true};

    for (size_t i = 0; i < COUNT_OF(without); i++) {
        struct hold hold;
        hold_open(&hold, &(struct keeper_options){.no_cgroup = without[i]});
        hold_start(&hold, "stays", "setsid sh -c '" LIVE "' & " AWAIT(1) "exec sleep 1000");
        hold_await_lines(&hold, "pids", 1);
        hold_start(&hold, "goes", "setsid sleep 1000 & exit 0");
        cr_expect_eq(hold_await(&hold, "goes", KEEPER_ENDED).exit_code, 0);
        cr_expect_eq(hold_alive(&hold, "pids"), 1);
        cr_expect_eq(hold_seen(&hold, "stays", KEEPER_ENDED), 0);
        hold_close(&hold);
    }
}

/* Session left, parents dead, environment cleaned: without a control group nobody can say whose it
 * is. It still does not outlive the last attempt. */
Test(containment, what_nobody_knows_goes_with_the_last_attempt)
{
    struct hold hold;

    hold_open(&hold, &(struct keeper_options){.no_cgroup = true});
    hold_start(&hold, "last", "echo > ready; while [ ! -e go ]; do sleep 0.01; done");
    hold_await_lines(&hold, "ready", 1);
    hold_start(&hold, "a", "(env -i setsid sh -c '(" LIVE ") & exit' &); " AWAIT(1) "exit 0");
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    folder_write(hold.folder, "go", "");
    (void)hold_await(&hold, "last", KEEPER_ENDED);
    hold_await_none_alive(&hold, "pids");
    hold_close(&hold);
}
