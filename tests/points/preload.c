/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded into kelp, kelp-keeper and kelp-worker by LD_PRELOAD; other programs are left alone.
 *
 *     KELP_POINT_STATE   a file of one page, which the processes of a run share
 *     KELP_POINT_TRACE   a file that gets a line for each call: PROGRAM WORK CALL FRAMES OBJECT
 *     KELP_POINT         the point to be hit, see target.h
 */
#include "preload.h"
#include "target.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef long function(long a, long b, long c, long d, long e, long f);

/* The allocator's own names: finding a function by name may allocate. */
function __libc_malloc, __libc_calloc, __libc_realloc;

enum { MEMORY_SITES_MAX = 1 << 14 };

static const struct {
    enum point_object object;
    enum point_failure failure;
} rows[POINT_CALL_COUNT] = {
#define CALL_ROW(name, object, failure) [CALL_##name] = {OBJECT_##object, FAILURE_##failure},
    POINT_CALLS(CALL_ROW)
#undef CALL_ROW
};

/* A preload library has no owner that could hand its state down. */
static struct {
    function *next[POINT_CALL_COUNT];
    struct program_text text;
    struct target target;
    struct point_state *state;
    char program[32], work[32];
    const char *trace; /* NULL: nothing is recorded */
    uint64_t memory_sites[MEMORY_SITES_MAX];
    bool on;
} own;

/* Calls that this library makes itself go straight through. */
static __thread bool inside;

static function *next_of(enum point_call call)
{
    if (!own.next[call])
        own.next[call] = (function *)dlsym(RTLD_NEXT, point_call_name(call));
    return own.next[call];
}

static long make_call(enum point_call call, const struct point_arguments *a)
{
    return next_of(call)(a->at[0], a->at[1], a->at[2], a->at[3], a->at[4], a->at[5]);
}

static void name_object(enum point_call call, const struct point_arguments *a, char *ret,
                        size_t size)
{
    char link[64];
    ssize_t length;

    ret[0] = '\0';
    switch (rows[call].object) {
    case OBJECT_OTHER:
        if (call == CALL_syscall)
            (void)snprintf(ret, size, "syscall-%ld", a->at[0]);
        return;
    case OBJECT_PATH:
    case OBJECT_PATH_AT: {
        const char *path = (const char *)a->at[rows[call].object == OBJECT_PATH_AT];
        (void)snprintf(ret, size, "%s", path ? path : "");
        return;
    }
    case OBJECT_FD:
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", (int)a->at[0]);
        length = readlink(link, ret, size - 1);
        ret[length > 0 ? length : 0] = '\0';
        return;
    }
}

static void record(enum point_call call, const struct frames *frames, const char *object)
{
    char line[1024];
    int length =
        snprintf(line, sizeof line, "%s %s %s ", own.program, own.work, point_call_name(call));

    for (size_t i = 0; i < frames->count; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%s%llx", i ? "," : "",
                           (unsigned long long)frames->at[i]);
    length += snprintf(line + length, sizeof line - (size_t)length, " %.400s", object);
    for (char *c = line; *c; c++)
        if (*c == '\n')
            *c = '?';
    line[length++] = '\n';
    /* A descriptor that was kept could be closed by the program, and then be one of its own. */
    int fd = open(own.trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    (void)!write(fd, line, (size_t)length);
    (void)close(fd);
}

static bool is_word(const char *wanted, const char *word)
{
    return strcmp(wanted, "*") == 0 || strcmp(wanted, word) == 0;
}

/* True for the one call that is to be hit. */
static bool is_due(enum point_call call, const struct point_arguments *a)
{
    const struct target *t = &own.target;
    struct frames frames;
    char object[512];

    if (t->act == ACT_NONE || !t->calls[call] || atomic_load(&own.state->fired) ||
        !is_word(t->program, own.program) || !is_word(t->work, own.work))
        return false;
    if (strcmp(t->object, "*") != 0) {
        name_object(call, a, object, sizeof object);
        if (!strstr(object, t->object))
            return false;
    }
    frames_walk(&own.text, &frames);
    if (!frames.count || !target_calls_from(t, &frames) ||
        atomic_fetch_add(&own.state->hits, 1) + 1 != t->nth)
        return false;
    atomic_store(&own.state->fired, 1);
    return true;
}

static void kill_one(int pid)
{
    if (pid > 0)
        (void)make_call(CALL_kill, &(struct point_arguments){{pid, SIGKILL}});
}

static void kill_victims(void)
{
    const char *victims = own.target.victims;

    if (strchr(victims, 'k'))
        kill_one(atomic_load(&own.state->keeper));
    if (strchr(victims, 'e'))
        kill_one(atomic_load(&own.state->engine));
    if (strchr(victims, 's'))
        kill_one(getpid());
}

static long failed(enum point_call call, int error)
{
    errno = error;
    switch (rows[call].failure) {
    case FAILURE_MINUS_ONE:
        return -1;
    case FAILURE_NOTHING:
        return 0;
    case FAILURE_CODE:
        return error;
    }
    return -1;
}

/* What a write of so many bytes answers, which all others answer with nothing to complain of. */
static long pretended(enum point_call call, const struct point_arguments *a)
{
    return call == CALL_write || call == CALL_pwrite64 ? a->at[2] : 0;
}

static long act(enum point_call call, const struct point_arguments *a)
{
    long answer = 0;

    switch (own.target.act) {
    case ACT_NONE:
        return make_call(call, a);
    case ACT_LIE:
        return pretended(call, a);
    case ACT_FAIL:
        /* The kernel gives a descriptor back whatever close answers. */
        if (call == CALL_close)
            (void)make_call(call, a);
        return failed(call, own.target.error);
    case ACT_BEFORE:
        kill_victims();
        return make_call(call, a);
    case ACT_AFTER:
        answer = make_call(call, a);
        kill_victims();
        return answer;
    }
    return answer;
}

static bool is_memory(enum point_call call)
{
    return call == CALL_malloc || call == CALL_calloc || call == CALL_realloc;
}

/* Only the process that waits for events is the keeper; its children share its memory a while. */
static void note_keeper(enum point_call call)
{
    if (call == CALL_epoll_wait && strcmp(own.program, "kelp-keeper") == 0)
        atomic_store(&own.state->keeper, getpid());
}

/* Memory is asked for too often to tell of each time. */
static bool is_known(enum point_call call, const struct frames *frames)
{
    uint64_t hash = 14695981039346656037ULL + (uint64_t)call;

    if (!is_memory(call))
        return false;
    for (size_t i = 0; i < frames->count; i++)
        hash = (hash ^ frames->at[i]) * 1099511628211ULL;
    for (size_t i = 0; i < MEMORY_SITES_MAX; i++) {
        uint64_t *slot = &own.memory_sites[(hash + i) % MEMORY_SITES_MAX];
        if (*slot == hash)
            return true;
        if (!*slot) {
            *slot = hash;
            return false;
        }
    }
    return true;
}

static void trace(enum point_call call, const struct point_arguments *a)
{
    struct frames frames;
    char object[512];

    frames_walk(&own.text, &frames);
    if (!frames.count || is_known(call, &frames))
        return;
    name_object(call, a, object, sizeof object);
    record(call, &frames, object);
}

long point_pass(enum point_call call, const struct point_arguments *a)
{
    bool due = false;

    if (!own.on || inside)
        return make_call(call, a);
    int error = errno;
    inside = true;
    note_keeper(call);
    if (own.trace)
        trace(call, a);
    due = is_due(call, a);
    inside = false;
    errno = error;
    return due ? act(call, a) : make_call(call, a);
}

/* The programs start others by an instruction of their own, which nobody can stand in front of.
 * Where the kernel does not know it they go by clone() of the C library. */
static void refuse_clone3(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        abort();
}

static struct point_state *map_state(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *page = mmap(NULL, sizeof(struct point_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    (void)close(fd);
    return page == MAP_FAILED ? NULL : page;
}

static bool is_ours(const char *program)
{
    static const char *const programs[] = {"kelp", "kelp-keeper", "kelp-worker"};

    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (strcmp(program, programs[i]) == 0)
            return true;
    return false;
}

static void begin(int argc, char **argv)
{
    const char *state = getenv("KELP_POINT_STATE"), *point = getenv("KELP_POINT");

    (void)snprintf(own.program, sizeof own.program, "%s", program_invocation_short_name);
    if (!state || !is_ours(own.program))
        return;
    /* The keeper is given a path. */
    (void)snprintf(own.work, sizeof own.work, "%s", argc > 1 && argv[1][0] != '/' ? argv[1] : "-");
    own.state = map_state(state);
    if (!own.state || (point && !target_parse(point, &own.target)))
        abort();
    own.text = program_text_find();
    own.trace = getenv("KELP_POINT_TRACE");
    if (strcmp(own.program, "kelp") == 0)
        atomic_store(&own.state->engine, getpid());
    refuse_clone3();
    own.on = true;
}

__attribute__((constructor)) static void start(int argc, char **argv)
{
    inside = true;
    own.next[CALL_malloc] = __libc_malloc;
    own.next[CALL_calloc] = __libc_calloc;
    own.next[CALL_realloc] = __libc_realloc;
    for (int i = 0; i < POINT_CALL_COUNT; i++)
        (void)next_of((enum point_call)i);
    begin(argc, argv);
    inside = false;
}
