/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for process/run.c until that lands; then this file goes. */
#include "process/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void drain(struct pollfd *p, struct text *t, size_t max, bool *truncated)
{
    char buffer[65536];
    ssize_t n = read(p->fd, buffer, sizeof buffer);

    if (n <= 0 && !(n < 0 && errno == EINTR)) {
        p->fd = -1;
        return;
    }
    if (n > 0 && t->length + (size_t)n > max)
        *truncated = true;
    else if (n > 0)
        text_add_n(t, buffer, (size_t)n);
}

int run_command(const struct run_spec *spec, struct run_result *ret, struct fault *f)
{
    int in[2], out[2], err[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    size_t input_length = spec->input ? (spec->input_bytes ? spec->input_bytes : strlen(spec->input)) : 0;
    size_t sent = 0, max = spec->stdout_max_bytes ? spec->stdout_max_bytes : (size_t)16 << 20;
    int64_t end = now_ms() + (spec->limit_ms ? spec->limit_ms : 60000);

    signal(SIGPIPE, SIG_IGN);
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return fault_system(f, errno, "cannot make a pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    sigset_t def;
    sigemptyset(&def);
    sigaddset(&def, SIGPIPE);
    posix_spawnattr_setsigdefault(&attr, &def);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    if (spec->cwd)
        posix_spawn_file_actions_addchdir_np(&actions, spec->cwd);
    int e = posix_spawnp(&pid, spec->argv[0], &actions, &attr, (char *const *)spec->argv,
                         spec->envp ? (char *const *)spec->envp : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    if (e) {
        close(in[1]);
        close(out[0]);
        close(err[0]);
        return fault_set(f, e == ENOENT ? FAULT_NOT_FOUND : FAULT_SYSTEM, "cannot start '%s': %s",
                         spec->argv[0], strerror(e));
    }
    *ret = (struct run_result){0};
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    struct pollfd p[3] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}, {in[1], POLLOUT, 0}};
    if (!input_length)
        p[2].fd = -1, close(in[1]);
    while (p[0].fd >= 0 || p[1].fd >= 0 || p[2].fd >= 0) {
        int64_t left = end - now_ms();
        if (left <= 0) {
            ret->timed_out = true;
            kill(pid, SIGKILL);
            break;
        }
        if (poll(p, 3, (int)left) < 0 && errno != EINTR)
            break;
        if (p[2].fd >= 0 && p[2].revents) {
            ssize_t n = write(in[1], spec->input + sent, input_length - sent);
            if (n > 0)
                sent += (size_t)n;
            if (sent == input_length || (n < 0 && errno != EAGAIN && errno != EINTR))
                p[2].fd = -1, close(in[1]);
        }
        if (p[0].fd >= 0 && p[0].revents)
            drain(&p[0], &ret->out, max, &ret->truncated);
        if (p[1].fd >= 0 && p[1].revents)
            drain(&p[1], &ret->err, 65536, &ret->truncated);
    }
    close(out[0]);
    close(err[0]);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    ret->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ret->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

void run_result_free(struct run_result *result)
{
    text_free(&result->out);
    text_free(&result->err);
}

int run_check(const struct run_spec *spec, const struct run_result *result, enum fault_code code,
              struct fault *f)
{
    if (result->exit_code == 0)
        return 0;
    return fault_set(f, code, "'%s' failed (%d): %s", spec->argv[0], result->exit_code,
                     text_get(&result->err));
}
