/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inside.h"

#include "base/json.h"
#include "base/os.h"
#include "plan/write.h"
#include "process/address.h"
#include "process/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANCESTORS_MAX = 4096, ANSWER_MAX_BYTES = 64 * 1024, ANSWER_LIMIT_MS = 30 * 1000 };

static bool is_keeper(pid_t pid)
{
    AUTO_FREE char *path = text_format("/proc/%d/comm", (int)pid);
    AUTO_TEXT name = {0};
    AUTO_FAULT gone = {0};

    return os_read_file(path, 64, &name, &gone) == 0 &&
           strcmp(text_get(&name), "kelp-keeper\n") == 0;
}

bool inside_agent(void)
{
    pid_t pid = getppid();
    struct proc_stat stat;

    for (int i = 0; pid > 1 && i < ANCESTORS_MAX; i++) {
        if (is_keeper(pid))
            return true;
        if (proc_stat_read(pid, &stat) < 0)
            return false;
        pid = stat.parent;
    }
    return false;
}

static int no_engine(struct fault *f)
{
    int r = fault_set(f, FAULT_REFUSED, "an agent can't start a run of its own");

    fault_hint(f, "agents of the root may ask for a child while the research wave runs; "
                  "the engine of this run does not listen");
    return r;
}

static int connect_engine(int *ret_fd, struct fault *f)
{
    const char *path = getenv("KELP_SOCKET");
    const char *slash = path ? strrchr(path, '/') : NULL;

    if (!slash || slash == path)
        return no_engine(f);
    AUTO_FREE char *folder = mem_string_n(path, (size_t)(slash - path));
    AUTO_FAULT why = {0};
    return address_connect(folder, slash + 1, ret_fd, &why) < 0 ? no_engine(f) : 0;
}

static int receive(int fd, struct text *answer, struct fault *f)
{
    char buffer[4096];

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, ANSWER_LIMIT_MS) <= 0)
            return fault_set(f, FAULT_BUSY, "the engine does not answer");
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return fault_system(f, errno, "cannot read the engine's answer");
        if (n == 0 || answer->length > ANSWER_MAX_BYTES)
            return 0;
        text_add_n(answer, buffer, (size_t)n);
    }
}

static int exchange(const char *request, json_t **ret, struct fault *f)
{
    AUTO_CLOSE fd = -1;
    AUTO_TEXT answer = {0};

    int r = connect_engine(&fd, f);
    if (r < 0)
        return r;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return fault_system(f, errno, "cannot use the engine's socket");
    int error = os_write_all(fd, request, strlen(request));
    if (error < 0 || shutdown(fd, SHUT_WR) < 0)
        return fault_system(f, error < 0 ? -error : errno, "cannot ask the engine");
    r = receive(fd, &answer, f);
    return r < 0 ? r : json_parse(text_get(&answer), answer.length, "answer", ret, f);
}

int inside_request_child(const struct plan *plan, char **ret_run, struct fault *f)
{
    json_auto_t *request = json_pack("{s:o}", "plan", plan_to_json(plan));
    json_auto_t *answer = NULL;
    AUTO_FREE char *line = json_text(request, 0);

    int r = exchange(line, &answer, f);
    if (r < 0)
        return r;
    const char *refused = json_get_string(answer, "refused", NULL);
    if (refused) {
        r = fault_set(f, FAULT_REFUSED, "%s", refused);
        const char *hint = json_get_string(answer, "hint", NULL);
        if (hint)
            fault_hint(f, "%s", hint);
        return r;
    }
    *ret_run = mem_string(json_get_string(answer, "run", ""));
    return 0;
}
