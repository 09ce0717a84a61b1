/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-worker OP SPEC.json RESULT.json
 *
 * Exit status: 0 with an answer in RESULT.json, 1 with a fault there, 2 when it was called wrongly
 * or RESULT.json could not be written.
 */
#include "base/json.h"
#include "git/worker.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* No lock and no program is waited for longer; the attempt's own limit is usually nearer. */
enum { SPEC_MAX = 64 * 1024 * 1024, LIFE_SECONDS = 60 * 60 };

static void complain(const struct fault *f)
{
    AUTO_FREE char *text = fault_text(f);

    (void)fprintf(stderr, "kelp-worker: %s\n", text);
    if (f->hint)
        (void)fprintf(stderr, "hint: %s\n", f->hint);
}

static int work(const char *op, const char *spec_path, json_t **ret, struct fault *f)
{
    json_auto_t *spec = NULL;

    int r = json_read_file(spec_path, SPEC_MAX, &spec, f);
    return r < 0 ? r : worker_run(op, spec, ret, f);
}

int main(int argc, char **argv)
{
    AUTO_FAULT fault = {0}, write_fault = {0};
    json_auto_t *answer = NULL;

    if (argc != 4) {
        (void)fputs("usage: kelp-worker OP SPEC.json RESULT.json\n", stderr);
        return WORKER_NO_ANSWER;
    }
    json_use_memory();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(LIFE_SECONDS);
    int status = work(argv[1], argv[2], &answer, &fault) < 0;
    if (status) {
        complain(&fault);
        answer = worker_fault(&fault);
    }
    if (json_write_file(argv[3], answer, &write_fault) < 0) {
        complain(&write_fault);
        return WORKER_NO_ANSWER;
    }
    return status;
}
