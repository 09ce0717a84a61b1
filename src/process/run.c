/* SPDX-License-Identifier: Apache-2.0 */
#include "process/run.h"

#include "base/os.h"
#include "process/ending.h"
#include "process/proc.h"
#include "process/sandbox.h"
#include "process/sandbox_space.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LIMIT_DEFAULT_MS = 60 * 1000,
    OUT_DEFAULT_BYTES = 16 << 20,
    ERR_DEFAULT_BYTES = 64 * 1024,
    CHUNK_BYTES = 64 * 1024,
    CHUNKS_PER_TURN = 16,       /* a flood must not hide that the time is over */
    KILLED_LIMIT_MS = 5 * 1000, /* until what was killed is given up as not to be killed */
    WAIT_MAX_MS = 60 * 1000,
    BLIND_WAIT_MS = 20, /* without a pidfd the end is looked for this often */
};

/* One end of a pipe, and what goes through it. */
struct channel {
    int fd; /* ours; -1: done */
    struct text *text;
    size_t max_bytes;
};

struct running {
    const struct run_spec *spec;
    struct run_result *result;
    struct channel out, err;
    int input_fd;  /* -1: all given */
    int ending_fd; /* -1: no signal of ours ends it, or one has */
    size_t input_bytes, input_done;
    struct spawned child;
    int64_t limit_us;
    int error; /* errno of a pipe that failed; 0: none has */
};

void run_result_free(struct run_result *result)
{
    text_free(&result->out);
    text_free(&result->err);
    *result = (struct run_result){0};
}

static void close_fd(int *fd)
{
    os_close_pointer(fd);
    *fd = -1;
}

/* Above the standard numbers, so that setting up one stream of the child cannot hit another's. */
static int lift(int *fd)
{
    if (*fd > 2)
        return 0;
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    if (lifted < 0)
        return -errno;
    (void)close(*fd);
    *fd = lifted;
    return 0;
}

/* `ours` is the one of the two that does not wait. */
static int make_pipe(int *ret_read, int *ret_write, const int *ours)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    *ret_read = ends[0];
    *ret_write = ends[1];
    int r = lift(ret_read);
    if (r == 0)
        r = lift(ret_write);
    if (r == 0 && fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
        r = -errno;
    return r;
}

static bool has_input(const struct run_spec *spec)
{
    return spec->input != NULL;
}

/* The child's ends, closed once it has them. */
struct ends {
    int in, out, err;
};

static int make_pipes(struct running *run, struct ends *ends)
{
    int r = make_pipe(&run->out.fd, &ends->out, &run->out.fd);

    if (r == 0)
        r = make_pipe(&run->err.fd, &ends->err, &run->err.fd);
    if (r == 0 && has_input(run->spec))
        r = make_pipe(&ends->in, &run->input_fd, &run->input_fd);
    return r;
}

static int spawn_it(struct running *run, const struct ends *ends, const char *program)
{
    const struct run_spec *spec = run->spec;
    struct sandbox_jail jail;
    struct spawn spawn = {
        .program = program,
        .argv = spec->argv,
        .envp = spec->envp ? spec->envp : (const char *const *)environ,
        .cwd = spec->cwd,
        .streams = {{.path = has_input(spec) ? NULL : "/dev/null", .fd = ends->in},
                    {.fd = ends->out},
                    {.fd = ends->err}},
        .jail = spec->sandbox ? &jail : NULL,
    };

    if (!spec->sandbox)
        return spawn_process(&spawn, &run->child);
    run->child.step = SPAWN_STEP_SANDBOX;
    int r = sandbox_prepare(spec->sandbox, &jail);
    if (r == 0) {
        jail.no_spaces = spec->sandbox->view_count && !sandbox_space_works();
        r = spawn_process(&spawn, &run->child);
    }
    sandbox_finish(&jail);
    return r;
}

static int start(struct running *run, struct fault *f)
{
    const char *name = run->spec->argv[0];
    const char *const *envp = run->spec->envp ? run->spec->envp : (const char *const *)environ;
    AUTO_FREE char *program = NULL;
    struct ends ends = {-1, -1, -1};

    int r = spawn_find_program(name, envp, &program);
    if (r == -ENOENT)
        return fault_set(f, FAULT_NOT_FOUND, "there is no program '%s'", name);
    if (r < 0)
        return fault_system(f, -r, "cannot use program '%s'", name);
    r = make_pipes(run, &ends);
    if (r == 0)
        r = spawn_it(run, &ends, program);
    close_fd(&ends.in);
    close_fd(&ends.out);
    close_fd(&ends.err);
    if (r == -ENOENT && run->child.step == SPAWN_STEP_EXEC)
        return fault_set(f, FAULT_NOT_FOUND, "there is no program '%s'", name);
    if (r < 0)
        return fault_system(f, -r, "cannot run '%s': cannot %s", name,
                            spawn_step_words(run->child.step));
    return 0;
}

static void kill_group(const struct running *run)
{
    (void)kill(-run->child.pid, SIGKILL); /* its group is gone with its last process */
}

/* Kills it before its end, and gives it a little time to be gone. */
static void cut_short(struct running *run)
{
    kill_group(run);
    run->limit_us = proc_now_us() + INT64_C(1000) * KILLED_LIMIT_MS;
}

/* A pipe that fails must not look like the end of what is said: half of it would be taken for all.
 */
static void lose_pipe(struct running *run, int *fd, int error)
{
    close_fd(fd);
    if (!run->error)
        cut_short(run);
    run->error = error;
}

static void take(struct running *run, struct channel *channel)
{
    char chunk[CHUNK_BYTES];

    for (int i = 0; i < CHUNKS_PER_TURN && channel->fd >= 0; i++) {
        ssize_t n = read(channel->fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0) {
            lose_pipe(run, &channel->fd, errno);
            return;
        }
        if (n == 0) {
            close_fd(&channel->fd);
            return;
        }
        size_t room = channel->max_bytes - channel->text->length;
        run->result->truncated |= (size_t)n > room;
        text_add_n(channel->text, chunk, (size_t)n < room ? (size_t)n : room);
    }
}

/* A reader that has gone away shows as EPIPE; the signal is blocked meanwhile. */
static void give(struct running *run)
{
    ssize_t n = write(run->input_fd, run->spec->input + run->input_done,
                      run->input_bytes - run->input_done);

    if (n > 0)
        run->input_done += (size_t)n;
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EPIPE)
        lose_pipe(run, &run->input_fd, errno);
    else if ((n < 0 && errno == EPIPE) || run->input_done == run->input_bytes)
        close_fd(&run->input_fd);
}

static bool reap(struct running *run)
{
    int status;

    if (TEMP_FAILURE_RETRY(waitpid(run->child.pid, &status, WNOHANG)) != run->child.pid)
        return false;
    run->result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run->result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return true;
}

static void wait_for_something(const struct running *run, int64_t left_us)
{
    struct pollfd fds[] = {
        {.fd = run->out.fd, .events = POLLIN},    {.fd = run->err.fd, .events = POLLIN},
        {.fd = run->input_fd, .events = POLLOUT}, {.fd = run->child.pidfd, .events = POLLIN},
        {.fd = run->ending_fd, .events = POLLIN},
    };
    int64_t most_ms = run->child.pidfd < 0 ? BLIND_WAIT_MS : WAIT_MAX_MS;
    int64_t left_ms = left_us / 1000 + 1;

    /* A failure looks like nothing ready. */
    (void)poll(fds, COUNT_OF(fds), (int)(left_ms < most_ms ? left_ms : most_ms));
}

/* False if it was killed and is not to be got rid of. */
static bool judge_time(struct running *run)
{
    bool killed = run->result->timed_out || run->result->ended_with_us;

    if (run->ending_fd >= 0 && ending_is_due()) {
        close_fd(&run->ending_fd); /* it stays readable, and there would be no waiting */
        run->result->ended_with_us = true;
        cut_short(run);
    } else if (run->limit_us - proc_now_us() <= 0) {
        if (killed)
            return false;
        run->result->timed_out = true;
        cut_short(run);
    }
    return true;
}

/* Passes data on until the program has ended; kills it when its time is over. */
static void attend(struct running *run)
{
    while (!reap(run) && judge_time(run)) {
        wait_for_something(run, run->limit_us - proc_now_us());
        take(run, &run->out);
        take(run, &run->err);
        if (run->input_fd >= 0)
            give(run);
    }
}

static void finish(struct running *run)
{
    kill_group(run);
    take(run, &run->out); /* what it had written before its end */
    take(run, &run->err);
    close_fd(&run->out.fd);
    close_fd(&run->err.fd);
    close_fd(&run->input_fd);
    close_fd(&run->ending_fd);
    close_fd(&run->child.pidfd);
}

/* Writing to a program that has ended must not end this one: the signal is held back for this
 * thread, and one that came meanwhile is taken away. */
static void hold_pipe_signal(sigset_t *ret_old)
{
    sigset_t pipe_signal;

    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, ret_old);
}

static void release_pipe_signal(const sigset_t *old)
{
    const struct timespec at_once = {0};
    sigset_t pipe_signal;

    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    if (!sigismember(old, SIGPIPE))
        (void)sigtimedwait(&pipe_signal, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, old, NULL);
}

static size_t or_default(size_t value, size_t standard)
{
    return value ? value : standard;
}

int run_command(const struct run_spec *spec, struct run_result *ret, struct fault *f)
{
    struct run_result result = {0};
    struct running run = {
        .spec = spec,
        .result = &result,
        .out = {-1, &result.out, or_default(spec->stdout_max_bytes, OUT_DEFAULT_BYTES)},
        .err = {-1, &result.err, or_default(spec->stderr_max_bytes, ERR_DEFAULT_BYTES)},
        .input_fd = -1,
        .ending_fd = -1,
        .child = {.pid = -1, .pidfd = -1},
    };
    sigset_t old;

    result.exit_code = -1;
    if (has_input(spec))
        run.input_bytes = or_default(spec->input_bytes, strlen(spec->input));
    int64_t limit_ms = spec->limit_ms > 0 ? spec->limit_ms : LIMIT_DEFAULT_MS;
    run.limit_us = proc_now_us() + 1000 * limit_ms;
    hold_pipe_signal(&old);
    int r = start(&run, f);
    if (r == 0) {
        if (spec->ends_with_us)
            run.ending_fd = ending_descriptor();
        attend(&run);
        finish(&run);
        if (run.error) {
            r = fault_system(f, run.error, "cannot talk to '%s'", spec->argv[0]);
            run_result_free(&result);
        } else {
            *ret = result;
        }
    } else {
        close_fd(&run.out.fd);
        close_fd(&run.err.fd);
        close_fd(&run.input_fd);
    }
    release_pipe_signal(&old);
    return r;
}

/* The last line that is not empty. */
static const char *last_line(const struct text *text, int *ret_length)
{
    const char *start = text_get(text), *end = start + text->length;

    while (end > start && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
        end--;
    const char *line = end;
    while (line > start && line[-1] != '\n')
        line--;
    *ret_length = (int)(end - line);
    return line;
}

int run_check(const struct run_spec *spec, const struct run_result *result, enum fault_code code,
              struct fault *f)
{
    int length;
    const char *line = last_line(&result->err, &length);
    const char *name = spec->argv[0];
    const char *colon = length ? ": " : "";

    if (result->timed_out)
        return fault_set(f, code, "'%s' took longer than it may", name);
    if (result->signal)
        return fault_set(f, code, "'%s' was ended by signal %d%s%.*s", name, result->signal, colon,
                         length, line);
    if (result->exit_code)
        return fault_set(f, code, "'%s' ended with %d%s%.*s", name, result->exit_code, colon,
                         length, line);
    return 0;
}
