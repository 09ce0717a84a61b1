/* SPDX-License-Identifier: Apache-2.0 */
#include "process/keeper_launch.h"

#include "base/os.h"
#include "process/run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "kelp-keeper"

enum { START_LIMIT_DEFAULT_MS = 20 * 1000, LEAVE_AFTER_DEFAULT_MS = 10 * 1000 };

int64_t keeper_start_limit_ms(const struct keeper_options *o)
{
    return o->start_limit_ms > 0 ? o->start_limit_ms : START_LIMIT_DEFAULT_MS;
}

static int find_program(char **ret_path, struct fault *f)
{
    static const char *const places[] = {"/" PROGRAM, "/../libexec/kelp/" PROGRAM};
    AUTO_FREE char *dir = NULL;

    int r = os_program_dir(&dir, f);
    if (r < 0)
        return r;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        char *path = text_format("%s%s", dir, places[i]);
        if (access(path, X_OK) == 0) {
            *ret_path = path;
            return 0;
        }
        free(path);
    }
    r = fault_set(f, FAULT_ENVIRONMENT, "cannot find the program '" PROGRAM "'");
    fault_hint(f, "it belongs beside kelp or into ../libexec/kelp of its folder '%s'", dir);
    return r;
}

/* What the program says goes into the fault; its exit status is the fault's code. */
static int failed(const struct run_result *result, const char *program, struct fault *f)
{
    enum fault_code code = FAULT_ENVIRONMENT;

    if (result->exit_code > 0 && result->exit_code <= FAULT_NEWER)
        code = (enum fault_code)result->exit_code;
    size_t length = strcspn(text_get(&result->err), "\n");
    return fault_set(f, code, "cannot start '%s': %.*s", program, (int)length,
                     length ? text_get(&result->err) : "it ended without a word");
}

int keeper_launch(const char *run_dir, const struct keeper_options *o, struct fault *f)
{
    AUTO_FREE char *program = o->program ? mem_string(o->program) : NULL;
    AUTO_RUN_RESULT result = {0};
    int64_t leave_ms = o->leave_after_ms > 0 ? o->leave_after_ms : LEAVE_AFTER_DEFAULT_MS;
    AUTO_FREE char *leave = text_format("%" PRId64, leave_ms);

    int r = program ? 0 : find_program(&program, f);
    if (r < 0)
        return r;
    const char *const argv[] = {
        program, run_dir, leave, spawn_method_name(o->method), o->no_cgroup ? "no-cgroup" : NULL,
        NULL,
    };
    struct run_spec spec = {.argv = argv, .limit_ms = keeper_start_limit_ms(o)};
    r = run_command(&spec, &result, f);
    if (r < 0)
        return fault_wrap(f, "cannot start the keeper");
    return result.exit_code == 0 ? 0 : failed(&result, program, f);
}
