/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/text.h"

#include <string.h>

#define COMMAND_DECLARE(name) extern const struct command_row command_##name##_row;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#define COMMAND_POINTER(name) &command_##name##_row,
const struct command_row *const command_rows[] = {COMMANDS(COMMAND_POINTER)};
#undef COMMAND_POINTER
const size_t command_count = COUNT_OF(command_rows);

const struct command_row *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(command_rows[i]->syntax.command, name) == 0)
            return command_rows[i];
    }
    return NULL;
}

int command_find_or_guess(const char *name, const struct command_row **ret, struct fault *f)
{
    const struct command_row *row = command_find(name);
    const char *names[COUNT_OF(command_rows)];

    if (row) {
        *ret = row;
        return 0;
    }
    for (size_t i = 0; i < command_count; i++)
        names[i] = command_rows[i]->syntax.command;
    const char *near = text_nearest(name, names, command_count);
    int r = fault_set(f, FAULT_USAGE, "unknown command '%s'", name);
    if (near)
        fault_hint(f, "did you mean '%s'?", near);
    else
        fault_hint(f, "'kelp help' lists the commands");
    return r;
}

bool command_may_exit(const struct command_row *row, enum exit_status status)
{
    static const struct {
        enum exit_status status;
        enum exit_set set;
    } sets[] = {
        {EXIT_DONE, EXITS_PRINT},        {EXIT_NOTHING, EXITS_NOTHING},
        {EXIT_USAGE, EXITS_PRINT},       {EXIT_PARTLY, EXITS_PARTLY},
        {EXIT_ENVIRONMENT, EXITS_PRINT}, {EXIT_INTERRUPTED, EXITS_INTERRUPTED},
    };

    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        if (sets[i].status == status)
            return row->exits & sets[i].set;
    }
    return false;
}

enum exit_status command_exit_of(enum fault_code code)
{
    static const enum exit_status statuses[] = {
        [FAULT_NONE] = EXIT_DONE,
        [FAULT_USAGE] = EXIT_USAGE,
        [FAULT_PLAN] = EXIT_USAGE,
        [FAULT_SYSTEM] = EXIT_ENVIRONMENT,
        [FAULT_ENVIRONMENT] = EXIT_ENVIRONMENT,
        [FAULT_CORRUPT] = EXIT_NOTHING,
        [FAULT_BUSY] = EXIT_NOTHING,
        [FAULT_NOT_FOUND] = EXIT_USAGE,
        [FAULT_LIMIT] = EXIT_USAGE,
        [FAULT_REFUSED] = EXIT_USAGE,
        [FAULT_GIT] = EXIT_NOTHING,
        [FAULT_FORMAT] = EXIT_USAGE,
        [FAULT_NEWER] = EXIT_ENVIRONMENT,
    };

    return (size_t)code < COUNT_OF(statuses) ? statuses[code] : EXIT_NOTHING;
}
