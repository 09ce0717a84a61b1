/* SPDX-License-Identifier: Apache-2.0 */
#include "process/probe.h"

#include "base/call_numbers.h"
#include "base/install.h"
#include "base/os.h"
#include "base/text.h"
#include "process/bound_groups.h"
#include "process/fence.h"
#include "process/groups.h"
#include "process/proc.h"
#include "process/sandbox.h"
#include "process/sandbox_filter.h"
#include "process/sandbox_space.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KEEPER_OWN_FILES = 64, /* descriptors of a keeper that are no attempt's, with room to spare */
    FILES_GOOD = 4096,
    PIDS_GOOD = 32768,
    LANDLOCK_TRUNCATE = 3, /* from this version on no file outside can be emptied */
    LANDLOCK_SCOPE = 6,    /* and from this one on, no process outside can be signalled */
};

static void say(struct probe_row *row, enum probe_state state, char *value)
{
    row->state = state;
    row->value = value;
}

/* Runs a program that does nothing. -errno if it could not be started, else as waitpid has it. */
static int try_program(const char *const *argv, enum spawn_method method, int group_fd,
                       const struct sandbox_jail *jail, struct spawned *ret)
{
    const char *const envp[] = {NULL};
    int status = 0;
    struct spawn spawn = {
        .program = argv[0],
        .argv = argv,
        .envp = envp,
        .streams = {{.path = "/dev/null", .flags = O_RDWR},
                    {.path = "/dev/null", .flags = O_RDWR},
                    {.path = "/dev/null", .flags = O_RDWR}},
        .group_fd = group_fd,
        .jail = jail,
        .method = method,
    };

    int r = spawn_process(&spawn, ret);
    if (r < 0)
        return r;
    (void)TEMP_FAILURE_RETRY(waitpid(ret->pid, &status, 0)); /* it ends by itself at once */
    if (ret->pidfd >= 0)
        (void)close(ret->pidfd);
    return status;
}

static int try_spawn(enum spawn_method method, int group_fd, const struct sandbox_jail *jail,
                     struct spawned *ret)
{
    static const char *const argv[] = {"/bin/sh", "-c", ":", NULL};
    int r = try_program(argv, method, group_fd, jail, ret);

    return r < 0 ? r : 0;
}

/* Both rows need a control group to try with. */
static void probe_groups(struct probe_row *containment, struct probe_row *group_kill)
{
    AUTO_FREE char *name = text_format("kelp-probe-%d", (int)getpid());
    struct groups groups;
    struct spawned spawned;
    uint32_t number;
    int fd;

    int r = groups_open(&groups, name);
    if (r == 0)
        r = groups_take(&groups, &number, &fd);
    if (r != 0) {
        say(containment, PROBE_FALLBACK,
            text_format("sessions, parents and a marker; no control groups: %s", strerror(-r)));
        say(group_kill, PROBE_MISSING, mem_string("no"));
        groups_close(&groups);
        return;
    }
    bool kill = faccessat(fd, "cgroup.kill", W_OK, 0) == 0;
    r = try_spawn(SPAWN_AUTO, fd, NULL, &spawned);
    if (r == 0)
        say(containment, PROBE_GOOD,
            text_format("control groups below %.*s", (int)(strrchr(groups.path, '/') - groups.path),
                        groups.path));
    else
        say(containment, PROBE_FALLBACK,
            text_format("sessions, parents and a marker; a control group cannot be joined: %s",
                        strerror(-r)));
    say(group_kill, kill ? PROBE_GOOD : PROBE_FALLBACK,
        mem_string(kill ? "cgroup.kill" : "one process after the other"));
    (void)close(fd);
    groups_close(&groups);
}

/* What the fence of a run would hold, and what the groups of one attempt in it. */
struct kept {
    bool run[FENCE_PART_COUNT], attempt[FENCE_PART_COUNT];
};

static void try_attempt(const struct groups *groups, const struct fence *fence, struct kept *ret)
{
    struct groups own = *groups;
    struct bound_groups all = {0};
    struct bound_hold hold;
    struct bounds bounds;
    AUTO_FREE char *folder = NULL;
    uint32_t number;
    int fd;

    bounds_of_machine(&bounds);
    bound_groups_open(&all, groups, fence);
    if (own.path && groups_take(&own, &number, &fd) == 0) {
        (void)close(fd);
        folder = groups_folder(&own, number);
    }
    bound_groups_take(&all, folder, &bounds, &hold);
    ret->attempt[FENCE_MEMORY] = bound_hold_keeps(&hold, BOUND_MEMORY);
    ret->attempt[FENCE_PROCESSES] = bound_hold_keeps(&hold, BOUND_PROCESSES);
    bound_groups_give_back(&all, &hold, true);
    bound_groups_close(&all);
    vector_free(&own.free);
}

static void try_fence(struct kept *ret)
{
    AUTO_FREE char *name = text_format("kelp-probe-%d", (int)getpid());
    struct groups groups = {.base_fd = -1};
    struct fence fence = {0};
    struct fence_limits limits;

    (void)groups_open(&groups, name); /* without them there may be others */
    fence_limits_of_machine(&limits);
    fence_open(&fence, &groups, name, strlen(name), &limits);
    memcpy(ret->run, fence.holds, sizeof ret->run);
    try_attempt(&groups, &fence, ret);
    fence_close(&fence);
    groups_close(&groups);
}

/* "memory, pids"; "" for none. Caller frees. */
static char *parts_of(const bool held[FENCE_PART_COUNT])
{
    struct text parts = {0};

    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        if (held[i])
            text_printf(&parts, "%s%s", parts.length ? ", " : "",
                        fence_part_name((enum fence_part)i));
    return text_take(&parts);
}

static bool all_of(const bool held[FENCE_PART_COUNT])
{
    return held[FENCE_MEMORY] && held[FENCE_PROCESSES];
}

static void probe_fence(struct probe_row *run, struct probe_row *attempt)
{
    static const char none[] = "no control groups with 'memory' and 'pids'";
    struct kept kept = {{false}};

    try_fence(&kept);
    AUTO_FREE char *of_run = parts_of(kept.run);
    AUTO_FREE char *of_attempt = parts_of(kept.attempt);
    say(run, all_of(kept.run) ? PROBE_GOOD : PROBE_MISSING, mem_string(*of_run ? of_run : none));
    if (all_of(kept.attempt))
        say(attempt, PROBE_GOOD, text_format("control groups: %s", of_attempt));
    else
        say(attempt, PROBE_FALLBACK,
            text_format("measured four times a second%s%s", *of_attempt ? "; kept: " : "",
                        of_attempt));
}

bool probe_can_bound(void)
{
    struct kept kept = {{false}};

    try_fence(&kept);
    return all_of(kept.attempt);
}

static void probe_spawn(struct probe_row *row)
{
    struct spawned spawned;

    int r = try_spawn(SPAWN_AUTO, 0, NULL, &spawned);
    if (r < 0)
        say(row, PROBE_MISSING,
            text_format("cannot %s: %s", spawn_step_words(spawned.step), strerror(-r)));
    else
        say(row, spawned.method <= SPAWN_CLONE ? PROBE_GOOD : PROBE_FALLBACK,
            mem_string(spawn_method_name(spawned.method)));
}

static void probe_pidfd(struct probe_row *row)
{
    AUTO_CLOSE fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    say(row, fd >= 0 ? PROBE_GOOD : PROBE_FALLBACK, mem_string(fd >= 0 ? "yes" : "SIGCHLD"));
}

static void probe_subreaper(struct probe_row *row)
{
    int is_one;
    bool can = prctl(PR_GET_CHILD_SUBREAPER, &is_one, 0, 0, 0) == 0;

    say(row, can ? PROBE_GOOD : PROBE_MISSING, mem_string(can ? "yes" : "no"));
}

static void probe_sandbox(struct probe_row *row, struct probe_row *network, struct probe_row *calls)
{
    int version = sandbox_landlock_version();
    struct sandbox none = {.network = SANDBOX_NETWORK_NONE};
    struct sandbox_jail jail;
    struct spawned spawned;

    int r = sandbox_prepare(&none, &jail);
    if (r == 0) {
        r = try_spawn(SPAWN_AUTO, 0, &jail, &spawned);
        sandbox_finish(&jail);
    }
    const char *lacks = version < LANDLOCK_TRUNCATE ? ", without truncation and signals"
                        : version < LANDLOCK_SCOPE  ? ", without signals"
                                                    : "";
    if (version == 0)
        say(row, PROBE_MISSING, mem_string("the kernel has no Landlock"));
    else
        say(row, *lacks ? PROBE_FALLBACK : PROBE_GOOD,
            text_format("Landlock, version %d%s", version, lacks));
    bool shuts = r == 0 && sandbox_filter_is_known();
    say(calls, shuts ? PROBE_GOOD : PROBE_MISSING,
        shuts    ? mem_string("yes")
        : r == 0 ? mem_string("no: not for this processor")
                 : text_format("no: %s", strerror(-r)));
    say(network, r == 0 ? PROBE_GOOD : PROBE_MISSING,
        r == 0 ? mem_string("yes") : text_format("no: %s", strerror(-r)));
}

static bool can_hide(const char *dir, enum sandbox_need needs)
{
    const struct sandbox_view view = {dir, true};
    struct sandbox box = {.views = &view, .view_count = 1};
    struct sandbox_jail jail;
    struct spawned spawned;

    if (sandbox_prepare(&box, &jail) < 0)
        return false;
    jail.needs = needs;
    jail.no_spaces = !sandbox_space_works();
    bool can = try_spawn(SPAWN_AUTO, 0, &jail, &spawned) == 0;
    sandbox_finish(&jail);
    return can;
}

bool probe_can_hide(void)
{
    return can_hide("/dev", SANDBOX_NEEDS_VIEW);
}

static void probe_private(struct probe_row *row, struct probe_row *outside, const char *dir)
{
    bool hides = can_hide(dir, SANDBOX_NEEDS_VIEW);
    bool closes = hides && can_hide(dir, SANDBOX_NEEDS_ALL);

    say(row, hides ? PROBE_GOOD : PROBE_MISSING,
        mem_string(hides ? "in a mount namespace" : "no: this user gets no mount namespace"));
    say(outside, closes ? PROBE_GOOD : PROBE_MISSING,
        mem_string(closes  ? "in namespaces of mounts and objects"
                   : hides ? "no: the kernel is older than Linux 5.12"
                           : "no: this user gets no mount namespace"));
}

/* kelp-relay in front of a program that does nothing, as in front of an attempt. */
static bool try_relay(const char *relay, const struct sandbox_jail *jail, const char *way)
{
    const char *const argv[] = {relay, "--by", way, "--", "/bin/sh", "-c", ":", NULL};
    struct spawned spawned;

    return try_program(argv, SPAWN_AUTO, 0, jail, &spawned) == 0;
}

static void probe_endpoint(struct probe_row *row)
{
    AUTO_FREE char *relay = NULL;
    AUTO_FAULT f = {0};
    struct sandbox box = {.network = SANDBOX_NETWORK_RELAYED};
    struct sandbox_jail jail;

    if (install_program("kelp-relay", &relay, &f) < 0 || sandbox_prepare(&box, &jail) < 0) {
        say(row, PROBE_MISSING, mem_string("the kernel has no Landlock"));
        return;
    }
    jail.no_spaces = !sandbox_space_works();
    if (!jail.no_spaces && try_relay(relay, &jail, "namespace"))
        say(row, PROBE_GOOD, mem_string("in a network namespace"));
    else if (try_relay(relay, &jail, "ports"))
        say(row, PROBE_FALLBACK, mem_string("by port numbers, whatever the address; no servers"));
    else
        say(row, PROBE_MISSING, mem_string("no: neither namespaces nor Landlock, version 4"));
    sandbox_finish(&jail);
}

bool probe_can_relay(void)
{
    struct probe_row row = {.state = PROBE_MISSING};

    probe_endpoint(&row);
    free(row.value);
    return row.state != PROBE_MISSING;
}

size_t probe_attempts_max(void)
{
    struct rlimit limit;

    (void)getrlimit(RLIMIT_NOFILE, &limit); /* fails only for an unknown limit */
    return limit.rlim_max > KEEPER_OWN_FILES ? (size_t)limit.rlim_max - KEEPER_OWN_FILES : 0;
}

static void probe_files(struct probe_row *row)
{
    size_t attempts = probe_attempts_max();

    say(row, attempts >= FILES_GOOD ? PROBE_GOOD : PROBE_FALLBACK,
        text_format("%zu attempts at once", attempts));
}

static void probe_pids(struct probe_row *row)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};

    if (os_read_file("/proc/sys/kernel/pid_max", 64, &text, &fault) < 0) {
        say(row, PROBE_MISSING, mem_string("unknown"));
        return;
    }
    text.data[strcspn(text.data, "\n")] = '\0';
    int64_t most = 0;
    bool known = text_to_int64(text.data, 1, INT64_MAX, &most);
    say(row, known && most >= PIDS_GOOD ? PROBE_GOOD : PROBE_FALLBACK, mem_string(text.data));
}

static void probe_pressure(struct probe_row *row)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};
    bool can = os_read_file("/proc/pressure/cpu", 4096, &text, &fault) == 0;

    say(row, can ? PROBE_GOOD : PROBE_MISSING, mem_string(can ? "yes" : "no"));
}

static void probe_output_bound(const char *dir, struct probe_row *row)
{
    AUTO_CLOSE fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int error = 0;

    if (fd < 0 || write(fd, "x", 1) != 1 ||
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) < 0)
        error = errno;
    say(row, error ? PROBE_MISSING : PROBE_GOOD,
        error ? text_format("no: %s", strerror(error)) : mem_string("yes"));
}

void probe_machine(const char *dir, struct probe_row ret_rows[PROBE_COUNT])
{
    static const struct probe_row fresh[PROBE_COUNT] = {
#define PROBE_ROW(name, word, sentence) [PROBE_##name] = {word, sentence, PROBE_MISSING, NULL},
        PROBES(PROBE_ROW)
#undef PROBE_ROW
    };

    memcpy(ret_rows, fresh, sizeof fresh);
    probe_groups(&ret_rows[PROBE_CONTAINMENT], &ret_rows[PROBE_GROUP_KILL]);
    probe_private(&ret_rows[PROBE_PRIVATE], &ret_rows[PROBE_OUTSIDE], dir);
    probe_fence(&ret_rows[PROBE_FENCE], &ret_rows[PROBE_BOUNDS]);
    probe_spawn(&ret_rows[PROBE_SPAWN]);
    probe_pidfd(&ret_rows[PROBE_PIDFD]);
    probe_subreaper(&ret_rows[PROBE_SUBREAPER]);
    probe_sandbox(&ret_rows[PROBE_SANDBOX], &ret_rows[PROBE_NETWORK], &ret_rows[PROBE_CALLS]);
    probe_endpoint(&ret_rows[PROBE_ENDPOINT]);
    probe_files(&ret_rows[PROBE_FILES]);
    probe_pids(&ret_rows[PROBE_PIDS]);
    probe_pressure(&ret_rows[PROBE_PRESSURE]);
    probe_output_bound(dir, &ret_rows[PROBE_OUTPUT_BOUND]);
}

void probe_free(struct probe_row rows[PROBE_COUNT])
{
    for (size_t i = 0; i < PROBE_COUNT; i++) {
        free(rows[i].value);
        rows[i].value = NULL;
    }
}

const char *probe_state_name(enum probe_state state)
{
    static const char *const words[] = {
        [PROBE_GOOD] = "good", [PROBE_FALLBACK] = "fallback", [PROBE_MISSING] = "missing"};

    return words[state];
}
