/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static int64_t fixed_time(struct clock *clock)
{
    (void)clock;
    return 1795346252000;
}

/* What two entries, one of each level, leave behind; the caller frees. */
static char *written(enum log_level most, struct clock *clock)
{
    char *data = NULL;
    size_t length = 0;
    struct log log = {.stream = open_memstream(&data, &length), .level = most, .clock = clock};

    log_write(&log, LOG_LEVEL_ERROR, "bad %d", 1);
    log_write(&log, LOG_LEVEL_INFO, "fine %d", 2);
    fclose(log.stream);
    return data;
}

Test(log, writes_up_to_its_level)
{
    char *errors = written(LOG_LEVEL_ERROR, NULL);
    char *all = written(LOG_LEVEL_DEBUG, NULL);

    cr_assert_str_eq(errors, "error bad 1\n");
    cr_assert_str_eq(all, "error bad 1\ninfo fine 2\n");
    free(errors);
    free(all);
}

Test(log, begins_with_the_time)
{
    struct clock clock = {.now_ms = fixed_time};
    char *line = written(LOG_LEVEL_ERROR, &clock);

    cr_assert_str_eq(line, "2026-11-22T11:17:32Z error bad 1\n");
    free(line);
}

Test(log, no_entry_can_forge_another)
{
    char *data = NULL;
    size_t length = 0;
    struct log log = {.stream = open_memstream(&data, &length), .level = LOG_LEVEL_DEBUG};

    log_write(&log, LOG_LEVEL_WARNING, "agent said '%s'", "x\nerror forged\033[2J");
    log_write(&log, LOG_LEVEL_DEBUG, "next");
    fclose(log.stream);
    cr_assert_str_eq(data, "warning agent said 'x\\nerror forged\\x1b[2J'\ndebug next\n");
    free(data);
}

Test(log, a_zeroed_log_is_silent)
{
    struct log log = {0};

    log_write(&log, LOG_LEVEL_ERROR, "nobody hears %s", "this");
}
