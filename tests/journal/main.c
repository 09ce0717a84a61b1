/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-cuts: what becomes of journals when disks, machines and programs fail.
 *
 *     kelp-cuts [--seeds N] [--step N] [--figures FILE]
 *     kelp-cuts --seed N        one big script with one failure, to look at
 */
#include "base/json.h"
#include "base/os.h"
#include "cuts.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct arguments {
    int64_t seeds, step, seed;
    const char *figures;
};

static bool parse(int argc, char **argv, struct arguments *ret)
{
    static const struct option options[] = {{"seeds", required_argument, NULL, 'n'},
                                            {"step", required_argument, NULL, 's'},
                                            {"seed", required_argument, NULL, '1'},
                                            {"figures", required_argument, NULL, 'f'},
                                            {0}};
    bool fine = true;

    *ret = (struct arguments){.seeds = 20, .step = 31, .seed = -1};
    for (int c; fine && (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case 'n':
            fine = text_to_int64(optarg, 0, INT32_MAX, &ret->seeds);
            break;
        case 's':
            fine = text_to_int64(optarg, 1, INT32_MAX, &ret->step);
            break;
        case '1':
            fine = text_to_int64(optarg, 0, INT64_MAX, &ret->seed);
            break;
        case 'f':
            ret->figures = optarg;
            break;
        default:
            fine = false;
        }
    return fine && optind == argc;
}

/* Nothing here has to be durable: in memory where that can be had. */
static char *make_folder(void)
{
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    char *path = text_format("%s/kelp-cuts-XXXXXX", parent ? parent : "/tmp");

    if (!mkdtemp(path))
        bug("no folder for the journals");
    return path;
}

static int write_figures(const char *path, const struct figures *f, double seconds)
{
    const char *commit = getenv("KELP_COMMIT");
    json_auto_t *json = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:s}", "part", "journal",
        "command", "make journal", "cut points tried", (json_int_t)f->cuts,
        "events committed before them", (json_int_t)f->events_committed,
        "events lost that were committed", (json_int_t)f->events_lost, "cuts with a wrong outcome",
        (json_int_t)f->cuts_failed, "bytes flipped", (json_int_t)f->flips,
        "flips said to be damage", (json_int_t)f->flips_seen, "flips that changed nothing",
        (json_int_t)f->flips_harmless, "flips that hid the last turn of a log",
        (json_int_t)f->flips_cut, "rescues tried", (json_int_t)f->rescues,
        "rescues with a wrong outcome", (json_int_t)f->rescues_failed, "seconds", seconds, "commit",
        commit ? commit : "");

    if (json && json_dump_file(json, path, JSON_INDENT(2)) == 0)
        return 0;
    printf("not ok: cannot write '%s'\n", path);
    return 1;
}

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* always there */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void search(const struct arguments *a, const char *dir, struct figures *f)
{
    AUTO_FREE char *run = os_path(dir, "ORG_1001");

    if (a->seed >= 0) {
        cut_once(run, (uint64_t)a->seed, f);
        return;
    }
    cut_everywhere(run, f);
    for (int64_t seed = 1; seed <= a->seeds; seed++)
        cut_once(run, (uint64_t)seed, f);
    flip_everywhere(dir, (uint32_t)a->step, f);
}

int main(int argc, char **argv)
{
    struct arguments a;
    struct figures f = {0};
    AUTO_FAULT fault = {0};

    if (!parse(argc, argv, &a)) {
        (void)fprintf(stderr, "usage: kelp-cuts [--seeds N] [--step N] [--figures FILE] | "
                              "--seed N\n");
        return 2;
    }
    AUTO_FREE char *dir = make_folder();
    double start = now();
    search(&a, dir, &f);
    double seconds = now() - start;
    uint64_t failed = f.cuts_failed + f.flips_failed + f.rescues_failed;
    printf("%llu cuts after %llu committed events; %llu flips, of which %llu were said, %llu "
           "changed nothing and %llu hid the last turn of a log; %llu rescues; %.1f s\n",
           (unsigned long long)f.cuts, (unsigned long long)f.events_committed,
           (unsigned long long)f.flips, (unsigned long long)f.flips_seen,
           (unsigned long long)f.flips_harmless, (unsigned long long)f.flips_cut,
           (unsigned long long)f.rescues, seconds);
    printf("%llu passed, %llu failed\n",
           (unsigned long long)(f.cuts + f.flips + f.rescues - failed), (unsigned long long)failed);
    (void)!os_remove_tree(dir, &fault);
    int status = a.figures ? write_figures(a.figures, &f, seconds) : 0;
    return failed ? 1 : status;
}
