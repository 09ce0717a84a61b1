/* SPDX-License-Identifier: Apache-2.0 */
#include "process/holder_priv.h"

#include "base/os.h"
#include "process/marker.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything that one start needs; released by release(). */
struct preparation {
    struct spawn spawn;
    char *program;
    int group_fd; /* -1: none */
    int64_t group;
    struct sandbox_jail jail;
    struct bound_hold hold;
    struct rlimit files;
};

struct repeat {
    struct holder *holder;
    const char *id;
    bool found;
};

static void repeat_record(void *ctx, const struct record *record)
{
    struct repeat *repeat = ctx;

    if (!record->event.id || strcmp(record->event.id, repeat->id) != 0)
        return;
    repeat->found = true;
    if (record_is_event(record->kind))
        link_add_aside(repeat->holder, record);
}

/* An identity is used once. Was it? Then what is on file is reported again. */
static bool repeated(struct holder *h, const char *id)
{
    struct repeat repeat = {.holder = h, .id = id};
    AUTO_FAULT fault = {0};

    if (!registry_find(&h->registry, id) && !registry_maybe_past(&h->registry, id))
        return false;
    if (ledger_read(h->options.run_dir, repeat_record, &repeat, &fault) < 0)
        return true; /* not known is no reason to start it again */
    return repeat.found || registry_find(&h->registry, id);
}

static struct record failure(const struct holder *h, const char *id, enum spawn_step step,
                             int error)
{
    return (struct record){
        .kind = RECORD_FAILED,
        .step = step,
        .event = {.id = id, .at_ms = h->now_ms, .error = error},
    };
}

void holder_start(struct holder *h, struct request *request)
{
    const char *id = request->spec.id;

    if (repeated(h, id))
        return;
    size_t owed_bytes = record_owed_bytes(id);
    int r = ledger_reserve(&h->ledger, h->owed_bytes + owed_bytes);
    if (r < 0) {
        struct record failed = failure(h, id, SPAWN_STEP_RECORD, -r);
        link_add_aside(h, &failed);
        return;
    }
    h->owed_bytes += owed_bytes;
    struct record begin = {.kind = RECORD_BEGIN, .event = {.id = id, .at_ms = h->now_ms}};
    ledger_add(&h->ledger, &begin);
    struct attempt *attempt = attempt_new(id);
    attempt->watch.ready = holder_attempt_ready;
    registry_add(&h->registry, attempt);
    vector_push(&h->begun, (struct begun){attempt, request});
}

static int make_folder(const char *path)
{
    AUTO_FAULT fault = {0};

    if (!path || mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT)
        return -errno;
    return os_make_dirs(path, 0700, &fault) < 0 ? -fault.sys_errno : 0;
}

static bool is_fifo(const char *path)
{
    struct stat st;

    return path && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Who opens a FIFO for both neither waits for the other side nor sees it go. */
static struct spawn_stream input_of(const char *path)
{
    return (struct spawn_stream){.path = path, .flags = is_fifo(path) ? O_RDWR : O_RDONLY};
}

static struct spawn_stream output_of(const char *path, int fd)
{
    int access = is_fifo(path) ? O_RDWR : O_WRONLY;

    return (struct spawn_stream){.path = path, .flags = access | O_CREAT | O_APPEND, .fd = fd};
}

/* Where groups cannot be had the attempt is contained by sessions and parents. */
static void take_group(struct holder *h, struct preparation *p)
{
    uint32_t number;

    if (h->options.no_cgroup || groups_take(&h->groups, &number, &p->group_fd) < 0)
        return;
    p->group = number;
    p->spawn.group_fd = p->group_fd;
}

_Static_assert((int)SPAWN_JOINS_MAX == (int)FENCE_PART_COUNT, "a group for each part");

static rlim_t least(rlim_t limit, uint64_t most)
{
    return most && most < limit ? most : limit;
}

/* Of open files it has as many as the keeper had at first, and may raise that up to its bound. */
static void take_bounds(struct holder *h, const struct bounds *bounds, struct preparation *p)
{
    AUTO_FREE char *own =
        p->group == ATTEMPT_NO_GROUP ? NULL : groups_folder(&h->groups, (uint32_t)p->group);
    uint64_t files = bounds->of[BOUND_OPEN_FILES];

    p->files = (struct rlimit){least(h->files.rlim_cur, files), least(h->files.rlim_max, files)};
    p->spawn.files = &p->files;
    p->spawn.file_bytes = bounds->of[BOUND_FILE_SIZE];
    bound_groups_take(&h->bound_groups, own, bounds, &p->hold);
    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        p->spawn.joins[i] =
            p->hold.joined[i] ? arena_format(&h->turn, "%s/cgroup.procs", p->hold.path[i]) : NULL;
}

/* The ruleset must be open in the child, and all descriptors below it are copied: it lies low. */
static int start_sandbox(struct holder *h, const struct sandbox *sandbox, struct preparation *p)
{
    if (!sandbox)
        return 0;
    int r = sandbox_prepare(sandbox, &p->jail);
    if (r == 0 && dup3(p->jail.ruleset_fd, h->jail_fd, O_CLOEXEC) < 0)
        r = -errno;
    sandbox_finish(&p->jail);
    if (r < 0)
        return r;
    p->jail.ruleset_fd = h->jail_fd;
    p->jail.no_spaces = h->no_spaces;
    p->spawn.jail = &p->jail;
    return 0;
}

/* 0, or -errno and the step that failed. */
static int prepare(struct holder *h, const struct keeper_spec *spec, struct preparation *p,
                   enum spawn_step *ret_step)
{
    int r = make_folder(spec->make_dir);

    *ret_step = SPAWN_STEP_FOLDER;
    if (r == 0) {
        *ret_step = SPAWN_STEP_PROGRAM;
        r = spawn_find_program(spec->argv[0], spec->envp, &p->program);
    }
    if (r == 0) {
        *ret_step = SPAWN_STEP_SANDBOX;
        r = start_sandbox(h, spec->sandbox, p);
    }
    if (r < 0)
        return r;
    take_group(h, p);
    take_bounds(h, &spec->bounds, p);
    p->spawn.program = p->program;
    p->spawn.argv = spec->argv;
    p->spawn.envp = marker_add(spec->envp, spec->id, h->mark, &h->turn);
    p->spawn.cwd = spec->cwd ? spec->cwd : "/";
    p->spawn.streams[0] = input_of(spec->stdin_path);
    p->spawn.streams[1] = output_of(spec->stdout_path, 1);
    p->spawn.streams[2] = output_of(spec->stderr_path, 2);
    p->spawn.expendable = true;
    p->spawn.method = h->options.method;
    p->spawn.signals_plain = true;
    return 0;
}

static void release(struct holder *h, struct preparation *p, bool started)
{
    if (!started)
        bound_groups_give_back(&h->bound_groups, &p->hold, false);
    if (!started && p->group != ATTEMPT_NO_GROUP)
        groups_give_back(&h->groups, (uint32_t)p->group);
    os_close_pointer(&p->group_fd);
    free(p->program);
}

static void keep_outputs(struct holder *h, struct attempt *attempt, const struct keeper_spec *spec)
{
    if (!spec->output_max_bytes)
        return;
    attempt->output_max_bytes = spec->output_max_bytes;
    if (spec->stdout_path)
        attempt->outputs[0].path = mem_string(spec->stdout_path);
    if (spec->stderr_path &&
        !(spec->stdout_path && strcmp(spec->stdout_path, spec->stderr_path) == 0))
        attempt->outputs[1].path = mem_string(spec->stderr_path);
    h->bounded++;
    holder_bound_later(h);
}

static void drop_pidfd(struct attempt *attempt)
{
    os_close_pointer(&attempt->pidfd);
    attempt->pidfd = -1;
}

static void note_started(struct holder *h, struct attempt *attempt, const struct spawned *spawned)
{
    attempt->pid = attempt->session = spawned->pid;
    attempt->pidfd = spawned->pidfd;
    attempt->end.pid = spawned->pid;
    attempt->end.start_ticks = spawned->start_ticks;
    registry_add_pid(&h->registry, attempt);
    /* Without a pidfd, or without room to watch it, SIGCHLD tells. */
    if (attempt->pidfd >= 0 && holder_watch(h, attempt->pidfd, EPOLLIN, &attempt->watch) < 0)
        drop_pidfd(attempt);
    h->has_pidfds = h->has_pidfds && attempt->pidfd >= 0;
    h->groupless += attempt->group == ATTEMPT_NO_GROUP;
    struct record started = {
        .kind = RECORD_STARTED,
        .event = {.id = attempt->id,
                  .at_ms = clock_now_ms(&h->clock),
                  .pid = spawned->pid,
                  .start_ticks = spawned->start_ticks},
    };
    ledger_add(&h->ledger, &started);
}

static void fail(struct holder *h, struct attempt *attempt, enum spawn_step step, int error)
{
    struct record failed = failure(h, attempt->id, step, error);

    ledger_add(&h->ledger, &failed);
    (void)holder_step(h, attempt, ATTEMPT_ON_FAILED);
}

/* Some systems let groups be made that processes may not be put into. */
static bool refused_group(const struct preparation *p, int r, enum spawn_step step)
{
    return p->group != ATTEMPT_NO_GROUP && r != -EAGAIN && r != -ENOMEM && r != -EMFILE &&
           (step == SPAWN_STEP_PROCESS || step == SPAWN_STEP_JOIN);
}

/* Some systems let groups be made that can't be entered: then the keeper looks. */
static int without_bound_groups(struct holder *h, struct preparation *p, struct spawned *ret)
{
    bound_groups_give_back(&h->bound_groups, &p->hold, true);
    h->bound_groups.v1_refused = true;
    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        p->spawn.joins[i] = NULL;
    return spawn_process(&p->spawn, ret);
}

static int spawn_prepared(struct holder *h, struct preparation *p, struct spawned *ret)
{
    int r = spawn_process(&p->spawn, ret);

    if (r < 0 && ret->step == SPAWN_STEP_BOUND)
        r = without_bound_groups(h, p, ret);
    if (r == 0 || !refused_group(p, r, ret->step))
        return r;
    groups_give_back(&h->groups, (uint32_t)p->group);
    bound_groups_leave_own(&p->hold);
    p->group = ATTEMPT_NO_GROUP;
    p->spawn.group_fd = 0;
    r = spawn_process(&p->spawn, ret);
    h->options.no_cgroup = h->options.no_cgroup || r == 0; /* it was the group */
    return r;
}

static void start(struct holder *h, struct attempt *attempt, const struct keeper_spec *spec)
{
    struct preparation p = {.group_fd = -1, .group = ATTEMPT_NO_GROUP};
    struct spawned spawned = {.pidfd = -1};
    enum spawn_step step;

    int r = prepare(h, spec, &p, &step);
    if (r == 0) {
        r = spawn_prepared(h, &p, &spawned);
        step = spawned.step;
    }
    if (r == 0) {
        attempt->group = p.group;
        note_started(h, attempt, &spawned);
        keep_outputs(h, attempt, spec);
        holder_bounds_begin(h, attempt, &spec->bounds, &p.hold);
        (void)holder_step(h, attempt, ATTEMPT_ON_SPAWNED);
    } else {
        fail(h, attempt, step, -r);
    }
    release(h, &p, r == 0);
}

void holder_start_begun(struct holder *h)
{
    bool on_file = h->begun.count == 0 || holder_flush(h);

    for (size_t i = 0; i < h->begun.count; i++) {
        struct begun *begun = &h->begun.at[i];
        if (on_file)
            start(h, begun->attempt, &begun->request->spec);
        else
            fail(h, begun->attempt, SPAWN_STEP_RECORD, EIO);
    }
    h->begun.count = 0;
}
