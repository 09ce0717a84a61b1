/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper-load COUNT SLOTS [name=value...] -- PROGRAM [ARG...]
 *
 * Runs PROGRAM COUNT times through a keeper, SLOTS at once, and prints what it took as a line of
 * JSON. With `hold=1` it stops them all once all are alive, which shows the cost of many that live
 * at once; `exits=N` ends N of them before that by SIGTERM, one a millisecond. Others: outputs=1
 * (a folder and two files each), groups=0, sandbox=1, method=clone3|clone|fork|waitpid.
 */
#include "process/keeper.h"

#include "base/os.h"
#include "base/vector.h"
#include "process/proc.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WAIT_MS = 60 * 1000 };

struct load {
    struct keeper *keeper;
    char *dir;
    const char *const *argv;
    int64_t count, slots, hold, exits, outputs, groups, sandbox;
    enum spawn_method method;
    int64_t asked, started, failed, ended;
    int64_t child_us;
    VECTOR(pid_t) pids; /* in the order in which they started */
};

static void die(const struct fault *f)
{
    (void)fprintf(stderr, "keeper-load: %s\n", f->message);
    exit(1);
}

static void ask(struct load *load)
{
    static const char *const envp[] = {"PATH=/usr/bin:/bin", "HOME=/", "LANG=C.UTF-8", NULL};
    AUTO_FAULT fault = {0};
    AUTO_FREE char *id = text_format("ORG_1.1/w1.I%" PRId64 ".a1", load->asked);
    AUTO_FREE char *dir = text_format("%s/%" PRId64, load->dir, load->asked);
    AUTO_FREE char *out = os_path(dir, "stdout");
    AUTO_FREE char *err = os_path(dir, "stderr");
    const char *writable[] = {load->dir};
    struct sandbox sandbox = {writable, 1, false};
    struct keeper_spec spec = {.id = id, .argv = load->argv, .envp = envp};

    if (load->outputs) {
        spec.make_dir = dir;
        spec.stdout_path = out;
        spec.stderr_path = err;
        spec.output_max_bytes = 64 << 20;
    }
    if (load->sandbox)
        spec.sandbox = &sandbox;
    load->asked++;
    if (keeper_start(load->keeper, &spec, &fault) < 0)
        die(&fault);
}

static void hear(void *ctx, const struct keeper_event *event)
{
    struct load *load = ctx;

    if (event->kind == KEEPER_STARTED) {
        load->started++;
        vector_push(&load->pids, event->pid);
        return;
    }
    load->failed += event->kind == KEEPER_START_FAILED;
    load->ended++;
    load->child_us += event->user_us + event->system_us;
    if (load->asked < load->count)
        ask(load);
}

static void wait_and_pump(struct load *load, int wait_ms)
{
    AUTO_FAULT fault = {0};
    short events = (short)(POLLIN | (keeper_wants_write(load->keeper) ? POLLOUT : 0));
    struct pollfd ready = {.fd = keeper_fd(load->keeper), .events = events};

    (void)poll(&ready, 1, wait_ms);
    if (keeper_pump(load->keeper, hear, load, &fault) < 0)
        die(&fault);
}

static double seconds_since(int64_t start_us)
{
    return (double)(proc_now_us() - start_us) / 1e6;
}

/* CPU time of the keeper itself. */
static double cpu_s(const struct load *load)
{
    AUTO_FREE char *path = text_format("/proc/%d/schedstat", (int)keeper_pid(load->keeper));
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};

    if (os_read_file(path, 256, &text, &fault) < 0)
        die(&fault);
    return strtod(text_get(&text), NULL) / 1e9;
}

static void stop_all(struct load *load)
{
    AUTO_FAULT fault = {0};

    for (int64_t i = 0; i < load->count; i++) {
        AUTO_FREE char *id = text_format("ORG_1.1/w1.I%" PRId64 ".a1", i);
        if (keeper_stop(load->keeper, id, 1000, &fault) < 0)
            die(&fault);
    }
}

/* One a millisecond, so that the keeper hears of them one by one. */
static void end_some(struct load *load)
{
    double before = cpu_s(load);

    for (int64_t i = 0; i < load->exits; i++) {
        (void)kill(load->pids.at[i], SIGTERM);
        wait_and_pump(load, 1);
    }
    while (load->ended < load->exits)
        wait_and_pump(load, WAIT_MS);
    (void)printf("\"exit_cpu_us\": %.1f, ",
                 (cpu_s(load) - before) * 1e6 / (double)(load->exits ? load->exits : 1));
}

static void hold(struct load *load, int64_t start_us)
{
    while (load->started + load->failed < load->count)
        wait_and_pump(load, WAIT_MS);
    (void)printf("\"alive_s\": %.3f, \"alive_cpu_s\": %.3f, ", seconds_since(start_us),
                 cpu_s(load));
    end_some(load);
    stop_all(load);
}

static void run(struct load *load)
{
    int64_t start_us = proc_now_us();
    struct rusage usage;

    while (load->asked < load->slots && load->asked < load->count)
        ask(load);
    if (load->hold)
        hold(load, start_us);
    while (load->ended < load->count)
        wait_and_pump(load, WAIT_MS);
    (void)getrusage(RUSAGE_SELF, &usage);
    double self = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    (void)printf("\"wall_s\": %.3f, \"keeper_cpu_s\": %.3f, \"own_cpu_s\": %.3f, "
                 "\"children_cpu_s\": %.3f, \"not_started\": %" PRId64 "}\n",
                 seconds_since(start_us), cpu_s(load), self, (double)load->child_us / 1e6,
                 load->failed);
}

static bool read_word(struct load *load, const char *word)
{
    const struct {
        const char *name;
        int64_t *value;
        int64_t most;
    } names[] = {{"hold=", &load->hold, 1},
                 {"exits=", &load->exits, load->count},
                 {"outputs=", &load->outputs, 1},
                 {"groups=", &load->groups, 1},
                 {"sandbox=", &load->sandbox, 1}};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (text_starts(word, names[i].name))
            return text_to_int64(word + strlen(names[i].name), 0, names[i].most, names[i].value);
    }
    return text_starts(word, "method=") &&
           spawn_method_parse(word + strlen("method="), &load->method);
}

static bool read_words(struct load *load, int argc, char **argv)
{
    int at = 3;

    if (argc < 5 || !text_to_int64(argv[1], 1, 1000000, &load->count) ||
        !text_to_int64(argv[2], 1, 1000000, &load->slots))
        return false;
    while (at < argc && strcmp(argv[at], "--") != 0) {
        if (!read_word(load, argv[at++]))
            return false;
    }
    load->argv = (const char *const *)argv + at + 1;
    return at + 1 < argc;
}

int main(int argc, char **argv)
{
    struct load load = {.groups = 1};
    AUTO_FAULT fault = {0};
    char dir[] = "/tmp/keeper-load-XXXXXX";

    if (!read_words(&load, argc, argv)) {
        (void)fprintf(stderr, "usage: keeper-load COUNT SLOTS [name=value...] -- PROGRAM...\n");
        return 2;
    }
    load.dir = mkdtemp(dir);
    if (load.hold)
        load.slots = load.count;
    struct keeper_options options = {
        .program = getenv("KELP_KEEPER"), .no_cgroup = !load.groups, .method = load.method};
    if (!load.dir || keeper_open(load.dir, &options, &load.keeper, &fault) < 0)
        die(&fault);
    (void)printf("{");
    run(&load);
    if (keeper_dismiss(load.keeper, &fault) < 0)
        die(&fault);
    while (keeper_pump(load.keeper, NULL, NULL, &fault) >= 0)
        ;
    keeper_close(load.keeper);
    vector_free(&load.pids);
    fault_clear(&fault);
    return os_remove_tree(load.dir, &fault) < 0;
}
