/* SPDX-License-Identifier: Apache-2.0 */
#include "acp/bridge.h"

#include "base/clock.h"
#include "base/os.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ANSWER_MS = 60 * 1000,
    GRACE_MS = 2 * 1000,
    LINE_MAX_BYTES = 16 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
};

extern char **environ;

/* How far the agent's end has come. */
enum ending { ENDING_NOT, ENDING_CLOSED, ENDING_TERM, ENDING_KILL };

struct bridge {
    const struct bridge_options *options;
    struct dialogue dialogue;
    struct clock clock;
    pid_t pid; /* -1 when it was reaped */
    int pidfd;
    int to_agent, from_agent; /* -1 when closed */
    int signals;
    struct text line;
    bool skipping; /* the rest of a line that is too long */
    enum dialogue_step step;
    int64_t deadline_ms; /* 0: none */
    enum ending ending;
    bool gone;     /* nothing more comes from the agent */
    int exit_code; /* of an agent that left the conversation; what it said is on standard error */
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a pipe: nothing can fail that matters here */
    *fd = -1;
}

static int open_signals(struct bridge *b, struct fault *f)
{
    sigset_t set;

    (void)sigemptyset(&set); /* of the four calls none can fail with these arguments */
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return b->signals < 0 ? fault_system(f, errno, "cannot listen to signals") : 0;
}

static int start(struct bridge *b, const int in[2], const int out[2], struct fault *f)
{
    const char *const *envp = (const char *const *)environ;
    const char *name = b->options->argv[0];
    AUTO_FREE char *program = NULL;
    struct spawned spawned;
    int r = spawn_find_program(name, envp, &program);

    if (r < 0)
        return fault_system(f, -r, "cannot find the agent '%s'", name);
    const struct spawn spawn = {
        .program = program,
        .argv = b->options->argv,
        .envp = envp,
        .cwd = b->options->dialogue.cwd,
        .streams = {{.fd = in[0]}, {.fd = out[1]}, {.fd = STDERR_FILENO}},
    };
    r = spawn_process(&spawn, &spawned);
    if (r < 0)
        return fault_system(f, -r, "cannot %s '%s'", spawn_step_words(spawned.step), name);
    b->pid = spawned.pid;
    b->pidfd = spawned.pidfd;
    return 0;
}

static int start_agent(struct bridge *b, struct fault *f)
{
    int in[2], out[2] = {-1, -1};

    if (pipe2(in, O_CLOEXEC) < 0)
        return fault_system(f, errno, "cannot make a pipe");
    int r = pipe2(out, O_CLOEXEC) < 0 ? fault_system(f, errno, "cannot make a pipe")
                                      : start(b, in, out, f);
    close_end(&in[0]);
    close_end(&out[1]);
    b->to_agent = in[1];
    b->from_agent = out[0];
    if (r == 0 && (fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0))
        r = fault_system(f, errno, "cannot prepare the pipes of the agent");
    return r;
}

static void take_line(struct bridge *b)
{
    AUTO_FAULT ignored = {0};
    json_t *frame = NULL;

    /* What is no JSON object is a log line that went to the wrong place. */
    if (!b->skipping &&
        json_parse_lossy(text_get(&b->line), b->line.length, "frame", &frame, &ignored) == 0 &&
        json_is_object(frame))
        dialogue_take(&b->dialogue, frame);
    json_decref(frame);
    b->skipping = false;
    text_clear(&b->line);
}

static void take_bytes(struct bridge *b, const char *bytes, size_t length)
{
    while (length) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        if (b->line.length + part > LINE_MAX_BYTES) {
            b->skipping = true;
            text_clear(&b->line);
        } else if (!b->skipping) {
            text_add_n(&b->line, bytes, part);
        }
        if (end)
            take_line(b);
        part += end != NULL;
        bytes += part;
        length -= part;
    }
}

static void read_agent(struct bridge *b)
{
    char buffer[READ_BYTES];
    ssize_t n = read(b->from_agent, buffer, sizeof buffer);

    if (n > 0) {
        take_bytes(b, buffer, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_end(&b->from_agent);
        b->gone = true;
    }
}

static void write_agent(struct bridge *b)
{
    struct text *out = &b->dialogue.out;
    ssize_t n = write(b->to_agent, text_get(out), out->length);

    if (n > 0) {
        memmove(out->data, out->data + n, out->length - (size_t)n + 1);
        out->length -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        close_end(&b->to_agent); /* what it said before it went is still read */
        text_clear(out);
    }
}

/* What was understood is printed at once: somebody may be watching. */
static int print_events(struct bridge *b, struct fault *f)
{
    struct text *events = &b->dialogue.events;
    int r = os_write_all(STDOUT_FILENO, text_get(events), events->length);

    text_clear(events);
    return r < 0 ? fault_system(f, -r, "cannot write to standard output") : 0;
}

/* Others may hold its standard output open, and write to it for ever; what it has said itself is
 * there by now. */
static void read_rest(struct bridge *b)
{
    char buffer[READ_BYTES];
    int left = 0;
    ssize_t n;

    if (b->from_agent >= 0 && ioctl(b->from_agent, FIONREAD, &left) < 0)
        left = 0;
    while (left > 0 && (n = read(b->from_agent, buffer, sizeof buffer)) > 0) {
        take_bytes(b, buffer, (size_t)n);
        left -= (int)n;
    }
    close_end(&b->from_agent);
    b->gone = true;
}

static void reap(struct bridge *b)
{
    int status;

    if (b->pid < 0 || waitpid(b->pid, &status, WNOHANG) != b->pid)
        return;
    b->pid = -1;
    close_end(&b->pidfd);
    read_rest(b);
    if (b->dialogue.step == DIALOGUE_OVER)
        return;
    b->exit_code = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
    if (WIFSIGNALED(status))
        (void)fprintf(stderr, "kelp-acp: the agent was ended by signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 0)
        (void)fprintf(stderr, "kelp-acp: the agent ended before it answered\n");
}

static int64_t grace(const struct bridge *b)
{
    return b->options->grace_ms ? b->options->grace_ms : GRACE_MS;
}

static void arm(struct bridge *b, int64_t after_ms)
{
    b->deadline_ms = clock_now_ms(&b->clock) + after_ms;
}

/* The next step of the agent's end; the caller knows that the one before was not enough. */
static void end_agent(struct bridge *b)
{
    b->ending++;
    if (b->ending == ENDING_CLOSED)
        close_end(&b->to_agent);
    else if (b->pid > 0)
        (void)kill(-b->pid, b->ending == ENDING_TERM ? SIGTERM : SIGKILL); /* it may be gone */
    arm(b, grace(b));
}

static void take_signal(struct bridge *b)
{
    struct signalfd_siginfo info;

    while (read(b->signals, &info, sizeof info) == (ssize_t)sizeof info)
        dialogue_cancel(&b->dialogue);
    if (b->dialogue.step != DIALOGUE_OVER)
        arm(b, grace(b));
}

/* Each question has its time; the prompt's is the attempt's. */
static void watch_step(struct bridge *b)
{
    int64_t answer_ms = b->options->answer_ms ? b->options->answer_ms : ANSWER_MS;

    if (b->step == b->dialogue.step)
        return;
    b->step = b->dialogue.step;
    if (b->step == DIALOGUE_PROMPT)
        b->deadline_ms = 0;
    else if (b->step != DIALOGUE_OVER)
        arm(b, answer_ms);
}

/* The conversation is over, or the agent left it. */
static bool is_over(const struct bridge *b)
{
    return b->dialogue.step == DIALOGUE_OVER || b->gone;
}

static void deadline_has_come(struct bridge *b)
{
    char after[32];

    if (b->ending != ENDING_NOT) {
        end_agent(b);
        return;
    }
    if (is_over(b) || b->dialogue.step != b->step) /* the answer came after all */
        return;
    clock_format_span(b->options->answer_ms ? b->options->answer_ms : ANSWER_MS, after);
    dialogue_late(&b->dialogue, after);
}

static int timeout(struct bridge *b)
{
    if (!b->deadline_ms)
        return -1;
    int64_t left = b->deadline_ms - clock_now_ms(&b->clock);
    return left < 0 ? 0 : (int)left;
}

enum { POLL_SIGNALS, POLL_FROM, POLL_TO, POLL_PID, POLL_COUNT };

static void take_ready(struct bridge *b, const struct pollfd fds[POLL_COUNT])
{
    if (fds[POLL_SIGNALS].revents)
        take_signal(b);
    if (fds[POLL_FROM].revents)
        read_agent(b);
    if (fds[POLL_TO].revents)
        write_agent(b);
    if (fds[POLL_PID].revents)
        reap(b);
}

/* An agent that talks without end is late, too: there is always something to read from it. */
static void turn(struct bridge *b)
{
    struct pollfd fds[POLL_COUNT] = {
        [POLL_SIGNALS] = {b->signals, POLLIN, 0},
        [POLL_FROM] = {b->from_agent, POLLIN, 0},
        [POLL_TO] = {b->dialogue.out.length ? b->to_agent : -1, POLLOUT, 0},
        [POLL_PID] = {b->pidfd, POLLIN, 0},
    };
    int wait_ms = timeout(b);
    int n = poll(fds, POLL_COUNT, wait_ms);

    if (n > 0)
        take_ready(b, fds);
    if (n == 0 || wait_ms == 0)
        deadline_has_come(b);
}

static int talk(struct bridge *b, struct fault *f)
{
    int r = 0;

    while (r == 0 && !is_over(b)) {
        watch_step(b);
        turn(b);
        r = print_events(b, f);
    }
    end_agent(b);
    while (b->pid > 0 && b->ending <= ENDING_KILL) {
        turn(b);
        if (b->pidfd < 0)
            reap(b); /* a system without pidfd */
    }
    return r;
}

int bridge_run(const struct bridge_options *options, struct fault *f)
{
    struct bridge b = {.options = options,
                       .pid = -1,
                       .pidfd = -1,
                       .to_agent = -1,
                       .from_agent = -1,
                       .signals = -1};

    clock_real_init(&b.clock);
    dialogue_begin(&b.dialogue, &options->dialogue);
    int r = open_signals(&b, f);
    if (r == 0)
        r = start_agent(&b, f);
    if (r == 0)
        r = talk(&b, f);
    if (r == 0)
        r = b.dialogue.failed ? 1 : b.exit_code;
    close_end(&b.to_agent);
    close_end(&b.from_agent);
    close_end(&b.pidfd);
    close_end(&b.signals);
    text_free(&b.line);
    dialogue_free(&b.dialogue);
    return r;
}
