/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine failed is carried out again, and nothing of it is journalled: the job goes on,
 * as it does after a crash of the engine. That is harmless for what the git worker does and for
 * commands that prepare or judge, and for everything that did not even start. Each try has an
 * identity of its own with the keeper, which reports what is on file to every new engine: so the
 * tries of before are passed over, and the next one is new.
 */
#include "engine/redo.h"

#include "base/json.h"
#include "base/os.h"
#include "git/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* In one life of the engine. What lasts longer than these is for a person to mend. */
enum { TRIES_MAX = 4, ANSWER_MAX_BYTES = 1024 * 1024 };

static const int machine_errors[] = {EAGAIN, EDQUOT, EINTR, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC};

/* Of a machine that is short of something or interrupted a call: the same may succeed later. */
static bool is_of_machine(int error)
{
    for (size_t i = 0; i < COUNT_OF(machine_errors); i++)
        if (machine_errors[i] == error)
            return true;
    return false;
}

/* What puts in order after an agent, or is an agent, may have effects that a second time repeats.
 */
static bool is_repeatable(enum job_kind kind)
{
    if (job_kind_way(kind) == JOB_WAY_WORKER)
        return true;
    return kind == JOB_SETUP || kind == JOB_CHECK || kind == JOB_EXPAND ||
           kind == JOB_VERIFY_SETUP || kind == JOB_FINAL_CHECK;
}

/* The worker names the error that it ran into; 0: there is none that the machine is to blame for.
 */
static int answered_error(struct engine *e, uint32_t job, char **ret_message)
{
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *path = os_path(dir, "result.json");
    json_auto_t *answer = NULL;
    AUTO_FAULT f = {0};

    if (!os_exists(path) || json_read_file(path, ANSWER_MAX_BYTES, &answer, &f) < 0)
        return 0;
    const json_t *fault = json_object_get(answer, "fault");
    int64_t error = json_get_int(fault, "errno", 0);
    if (error <= 0 || error > INT32_MAX || !is_of_machine((int)error))
        return 0;
    *ret_message = mem_string(json_get_string(fault, "message", ""));
    return (int)error;
}

char *redo_why(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    enum job_kind kind = e->tree->jobs.at[job].kind;
    bool worker = job_kind_way(kind) == JOB_WAY_WORKER;
    char *message = NULL;

    if (ev->kind == KEEPER_START_FAILED && is_of_machine(ev->error))
        return text_format("could not start: %s: %s", ev->error_step, strerror(ev->error));
    /* One that was told to stop has done as it was told. */
    if (ev->kind != KEEPER_ENDED || !is_repeatable(kind) || e->tree->jobs.at[job].stop != STOP_NO)
        return NULL;
    if (ev->lost)
        return mem_string("its end was not seen: its keeper died");
    if (worker && ev->signal)
        return text_format("ended by signal %d (%s)", ev->signal, strsignal(ev->signal));
    if (worker && ev->exit_code == WORKER_NO_ANSWER)
        return mem_string("it could not write its answer");
    if (worker && ev->exit_code)
        (void)answered_error(e, job, &message);
    return message;
}

static struct tries *tries_of(struct engine *e, uint32_t job)
{
    while (e->tries.count <= job)
        vector_push(&e->tries, (struct tries){0});
    return &e->tries.at[job];
}

static void stop(struct engine *e, uint32_t job, const char *trouble)
{
    AUTO_FAULT f = {0};

    (void)fault_set(&f, FAULT_SYSTEM, "cannot carry out '%s': %s",
                    job_kind_name(e->tree->jobs.at[job].kind), trouble);
    fault_hint(&f, "nothing is lost; mend that, then `kelp resume`");
    engine_give_up(e, &f);
}

bool redo_stops(struct engine *e, uint32_t job, const struct fault *f)
{
    if (f->code != FAULT_SYSTEM || !is_of_machine(f->sys_errno))
        return false;
    stop(e, job, f->message);
    return true;
}

bool redo_job(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    struct tries *tries = tries_of(e, job);

    if (e->tree->jobs.at[job].stop != STOP_NO)
        return false;
    AUTO_FREE char *trouble = redo_why(e, job, ev);
    if (!trouble)
        return false;
    tries->fresh += ev->at_ms >= e->opened_ms;
    if (tries->fresh >= TRIES_MAX) {
        /* A worker that crashes each time is not for a person to mend: it ends as failed. */
        if (!ev->signal)
            stop(e, job, trouble);
        return !ev->signal;
    }
    AUTO_FREE char *id = job_identity(e, job);
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *answer = os_path(dir, "result.json");
    log_write(e->options.log, LOG_LEVEL_WARNING, "'%s' is carried out again: %s", id, trouble);
    /* What it had answered is no answer of the next try. */
    (void)unlink(answer);
    tries->count++;
    launch_again(e, job);
    return true;
}
