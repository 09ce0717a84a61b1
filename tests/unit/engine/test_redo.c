/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/redo.h"
#include "world.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct world w;

static void begin(void)
{
    static const char plan[] = "version: 1\n"
                               "task: t\n"
                               "research: []\n"
                               "subtasks:\n"
                               "  - title: one\n"
                               "    steps: [ { id: a, role: A, run: 'true' } ]\n"
                               "    success: [ { run: 'true' } ]\n";

    world_begin(&w, plan, NULL);
}

static void end(void)
{
    world_end(&w);
}

TestSuite(redo, .init = begin, .fini = end, .timeout = 60);

static const struct {
    const char *name;
    enum job_kind kind;
    struct keeper_event ended;
    const char *answer, *why; /* NULL: not carried out again */
} cases[] = {
    {"a worker whose keeper died",
     JOB_COPY,
     {.kind = KEEPER_ENDED, .lost = true, .exit_code = -1},
     NULL,
     "its end was not seen"},
    {"a worker that was killed",
     JOB_COPY,
     {.kind = KEEPER_ENDED, .signal = 9, .exit_code = -1},
     NULL,
     "ended by signal 9"},
    {"a worker on a full disk",
     JOB_COPY,
     {.kind = KEEPER_ENDED, .exit_code = 1},
     "{\"fault\": {\"code\": \"system\", \"errno\": 28, \"message\": \"no room\"}}",
     "no room"},
    {"a worker that may not",
     JOB_COPY,
     {.kind = KEEPER_ENDED, .exit_code = 1},
     "{\"fault\": {\"code\": \"system\", \"errno\": 13, \"message\": \"may not\"}}",
     NULL},
    {"a worker that failed",
     JOB_COPY,
     {.kind = KEEPER_ENDED, .exit_code = 1},
     "{\"fault\": {\"code\": \"git\", \"errno\": 0, \"message\": \"no\"}}",
     NULL},
    {"a worker that did its work", JOB_COPY, {.kind = KEEPER_ENDED}, "{}", NULL},
    {"an agent whose keeper died",
     JOB_AGENT,
     {.kind = KEEPER_ENDED, .lost = true, .exit_code = -1},
     NULL,
     NULL},
    {"an agent that did not start",
     JOB_AGENT,
     {.kind = KEEPER_START_FAILED, .error = EAGAIN, .error_step = "make the process"},
     NULL,
     "could not start: make the process"},
    {"an agent that is not there",
     JOB_AGENT,
     {.kind = KEEPER_START_FAILED, .error = ENOENT, .error_step = "start the program"},
     NULL,
     NULL},
    {"a check whose keeper died",
     JOB_CHECK,
     {.kind = KEEPER_ENDED, .lost = true, .exit_code = -1},
     NULL,
     "its end was not seen"},
    {"a check that was killed",
     JOB_CHECK,
     {.kind = KEEPER_ENDED, .signal = 9, .exit_code = -1},
     NULL,
     NULL},
};

Test(redo, of_what_the_machine_failed)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        end();
        begin();
        uint32_t job = world_until(&w, cases[i].kind);
        AUTO_FREE char *name = job_name(&w.e, job);
        AUTO_FREE char *file = text_format("attempts/%s/result.json", name);
        if (cases[i].answer)
            (void)world_write(&w, file, cases[i].answer, strlen(cases[i].answer));
        AUTO_FREE char *why = redo_why(&w.e, job, &cases[i].ended);
        cr_expect_eq(why != NULL, cases[i].why != NULL, "%s: %s", cases[i].name, why);
        cr_expect(!why || !cases[i].why || strstr(why, cases[i].why), "%s: %s", cases[i].name, why);
    }
}
