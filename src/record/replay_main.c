/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-replay DIR [--real-time]: stands in for the program of an agent when a run is replayed. DIR
 * holds one recorded attempt (record/collect.h). It changes what the agent had changed, prints what
 * it had printed, leaves its result and ends as it had ended.
 *
 * The change comes first: where it does not apply nothing is printed, so that no reader takes the
 * attempt for a success.
 */
#include "base/json.h"
#include "base/os.h"
#include "process/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PLAY_MAX_BYTES = 64 * 1024,
    FILE_MAX_BYTES = 1024 * 1024 * 1024,
    DURATION_MAX_MS = 24 * 60 * 60 * 1000,
    APPLY_LIMIT_MS = 10 * 60 * 1000,
    EXIT_NOT_PLAYED = 70,
};

struct play {
    const char *dir;
    int exit_code, signal;
    bool hangs;
    int64_t duration_ms; /* 0: not in real time */
};

static int read_play(struct play *p, bool real_time, struct fault *f)
{
    AUTO_FREE char *path = os_path(p->dir, "play.json");
    json_t *facts = NULL;

    int r = json_read_file(path, PLAY_MAX_BYTES, &facts, f);
    if (r < 0)
        return r;
    int64_t duration = json_get_int(facts, "duration_ms", 0);
    p->exit_code = (int)(json_get_int(facts, "exit", 0) & 0xff);
    p->signal = (int)(json_get_int(facts, "signal", 0) & 0x7f);
    if (json_get_int(facts, "exit", 0) < 0 && !p->signal)
        p->signal = SIGKILL; /* nobody saw how it ended */
    p->hangs = json_get_bool(facts, "hangs", false);
    p->duration_ms = !real_time || duration < 0   ? 0
                     : duration > DURATION_MAX_MS ? DURATION_MAX_MS
                                                  : duration;
    json_decref(facts);
    return 0;
}

/* Through git, which leaves a tree that the change does not fit as it is, and writes neither
 * outside the folder nor through a link. Nobody's configuration has a say. */
static int apply_change(const struct play *p, struct fault *f)
{
    AUTO_FREE char *patch = os_path(p->dir, "change.patch");
    const char *const argv[] = {"git",   "-c",       "core.autocrlf=false",
                                "apply", "--binary", "--whitespace=nowarn",
                                patch,   NULL};
    AUTO_RUN_RESULT result = {0};

    if (!os_exists(patch))
        return 0;
    if (setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1) < 0 ||
        setenv("GIT_CONFIG_NOSYSTEM", "1", 1) < 0)
        return fault_system(f, errno, "cannot set up the environment of git");
    const struct run_spec spec = {.argv = argv, .limit_ms = APPLY_LIMIT_MS};
    int r = run_command(&spec, &result, f);
    if (r == 0)
        r = run_check(&spec, &result, FAULT_GIT, f);
    return r < 0 ? fault_wrap(f, "the recorded change does not apply here") : 0;
}

static void wait_ms(int64_t ms)
{
    struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};

    while (ms > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

/* Line by line over the time that the attempt took, where that is wanted. */
static int print_lines(const struct text *stream, int fd, int64_t duration_ms, struct fault *f)
{
    const char *at = text_get(stream), *end = at + stream->length;
    int64_t lines = 1;
    int r = 0;

    for (const char *c = at; c < end; c++)
        lines += *c == '\n';
    while (r == 0 && at < end) {
        const char *line = duration_ms ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        size_t length = line ? (size_t)(line + 1 - at) : (size_t)(end - at);
        wait_ms(duration_ms / lines);
        r = os_write_all(fd, at, length);
        at += length;
    }
    return r < 0 ? fault_system(f, -r, "cannot print") : 0;
}

static int print(const struct play *p, const char *file, int fd, int64_t duration_ms,
                 struct fault *f)
{
    AUTO_FREE char *path = os_path(p->dir, file);
    AUTO_TEXT stream = {0};

    if (!os_exists(path)) {
        wait_ms(duration_ms);
        return 0;
    }
    int r = os_read_file(path, FILE_MAX_BYTES, &stream, f);
    return r < 0 ? r : print_lines(&stream, fd, duration_ms, f);
}

static int leave_result(const struct play *p, struct fault *f)
{
    AUTO_FREE char *path = os_path(p->dir, "result.json");
    const char *to = getenv("KELP_RESULT");
    AUTO_TEXT result = {0};

    if (!to || !os_exists(path))
        return 0;
    int r = os_read_file(path, FILE_MAX_BYTES, &result, f);
    return r < 0 ? r : os_write_file(to, text_get(&result), result.length, 0600, f);
}

/* As it ended, by itself or not: one that was stopped because it hung waits to be stopped. */
static int end(const struct play *p)
{
    while (p->hangs)
        (void)pause();
    if (p->signal) {
        (void)signal(p->signal, SIG_DFL);
        (void)raise(p->signal);
        (void)raise(SIGKILL); /* a signal that ends nothing was no recorded end */
    }
    return p->exit_code;
}

int main(int argc, char **argv)
{
    struct play p = {.dir = argc > 1 ? argv[1] : ""};
    bool real_time = argc > 2 && strcmp(argv[2], "--real-time") == 0;
    AUTO_FAULT f = {0};

    int r = read_play(&p, real_time, &f);
    if (r == 0)
        r = apply_change(&p, &f);
    if (r == 0)
        r = print(&p, "stderr", STDERR_FILENO, 0, &f);
    if (r == 0)
        r = print(&p, "stdout", STDOUT_FILENO, p.duration_ms, &f);
    if (r == 0)
        r = leave_result(&p, &f);
    if (r == 0)
        return end(&p);
    AUTO_FREE char *why = fault_text(&f);
    (void)fprintf(stderr, "kelp-replay: %s\n", why);
    return EXIT_NOT_PLAYED;
}
