/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands. To add one: a file src/cli/NAME.c that defines `const struct command_row
 * command_NAME_row`, a line in COMMANDS, and a manual page man/kelp-NAME.1.scd.
 */
#ifndef KELP_CLI_COMMANDS_H
#define KELP_CLI_COMMANDS_H

#include "cli/options.h"

/* In the order of the overview. */
/* clang-format off */
#define COMMANDS(X) \
    X(run) \
    X(plan) \
    X(simulate) \
    X(resume) \
    X(retry) \
    X(cancel) \
    X(status) \
    X(ls) \
    X(logs) \
    X(diff) \
    X(report) \
    X(record) \
    X(replay) \
    X(land) \
    X(restore) \
    X(gc) \
    X(init) \
    X(agent) \
    X(agents) \
    X(doctor) \
    X(help)
/* clang-format on */

/* Headings of the overview. */
#define COMMAND_GROUPS(X)             \
    X(RUN, "Run")                     \
    X(LOOK, "Look")                   \
    X(KEEP, "Bring home, bring back") \
    X(SETUP, "Set up")

enum command_group {
#define COMMAND_GROUP_ENUM(name, title) COMMAND_GROUP_##name,
    COMMAND_GROUPS(COMMAND_GROUP_ENUM)
#undef COMMAND_GROUP_ENUM
        COMMAND_GROUP_COUNT
};

/* Exit statuses: stable, scripts rely on them. */
#define EXIT_STATUSES(X)                                                                         \
    X(DONE, 0, "Done.")                                                                          \
    X(NOTHING, 1, "Nothing was done.")                                                           \
    X(USAGE, 2, "Wrong usage, a plan that is wrong, or an ID that is malformed or unknown.")     \
    X(PARTLY, 3, "Partly done: the report says what is missing.")                                \
    X(ENVIRONMENT, 4, "The environment: not a repository, no git, no agent, no room, no quota.") \
    X(INTERRUPTED, 130, "Interrupted.")

enum exit_status {
#define EXIT_STATUS_ENUM(name, number, help) EXIT_##name = number,
    EXIT_STATUSES(EXIT_STATUS_ENUM)
#undef EXIT_STATUS_ENUM
};

/* Which statuses a command may end with. */
enum exit_set {
    EXITS_PRINT = 1 << 0,       /* 0, 2, 4: it only shows something */
    EXITS_NOTHING = 1 << 1,     /* 1 as well */
    EXITS_PARTLY = 1 << 2,      /* 3 as well */
    EXITS_INTERRUPTED = 1 << 3, /* 130 as well */
    EXITS_RUN = EXITS_PRINT | EXITS_NOTHING | EXITS_PARTLY | EXITS_INTERRUPTED,
};

struct cli;

/* Plain data. `run` returns an exit status, or minus a fault code with the fault filled. */
struct command_row {
    struct option_syntax syntax; /* syntax.command is the name */
    const char *help;            /* one sentence, lower case, no full stop */
    enum command_group group;
    enum exit_set exits;
    int (*run)(struct cli *cli, const struct option_values *values, struct fault *f);
};

extern const struct command_row *const command_rows[];
extern const size_t command_count;

/* NULL if there is none of this name. */
const struct command_row *command_find(const char *name);
/* As command_find; FAULT_USAGE suggests the nearest. */
int command_find_or_guess(const char *name, const struct command_row **ret,
                          struct fault *f) MUST_CHECK;
bool command_may_exit(const struct command_row *row, enum exit_status status);
/* What a fault that ended a command means to the shell. */
enum exit_status command_exit_of(enum fault_code code);

#endif
