/* SPDX-License-Identifier: Apache-2.0 */
#include "process/capacity.h"

#include "folder.h"

#include <sys/stat.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
    const char *text;
    uint32_t permille;
} stalls[] = {
    {"some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=9.00 avg60=0.00", 0},
    {"some avg10=12.53 avg60=3.10 avg300=0.00 total=81\n", 125},
    {"some avg10=100.00 avg60=0.00", 1000},
    {"some avg10=100.01 avg60=0.00", 0},
    {"some avg10=", 0},
    {"some avg10=much", 0},
    {"some avg10=-1", 0},
    {"", 0},
};

Test(capacity, reads_the_pressure)
{
    for (size_t i = 0; i < sizeof stalls / sizeof stalls[0]; i++)
        cr_expect_eq(capacity_parse_stall(stalls[i].text), stalls[i].permille, "%s",
                     stalls[i].text);
}

Test(capacity, reads_a_field_and_no_other)
{
    static const char text[] =
        "MemTotal:       64 kB\nNotMemFree:  7 kB\nMemFree:\t 12 kB\nLast: x\n";

    cr_expect_eq(capacity_parse_field(text, "MemTotal:"), 64);
    cr_expect_eq(capacity_parse_field(text, "MemFree:"), 12);
    cr_expect_eq(capacity_parse_field(text, "Mem"), 0, "a part of a word");
    cr_expect_eq(capacity_parse_field(text, "Last:"), 0, "no number");
    cr_expect_eq(capacity_parse_field("", "MemFree:"), 0);
}

Test(capacity, everything_of_this_machine_is_known)
{
    struct machine_reading r;

    capacity_read(&(struct capacity_whose){.keeper = getpid(), .dir = "/"}, &r);
    for (enum admission_cause c = ADMISSION_NONE + 1; c < ADMISSION_CAUSE_COUNT; c++) {
        if (c == ADMISSION_DESCRIPTORS) /* the limit may be none */
            continue;
        cr_expect_gt(r.of[c].total, 0, "%s", admission_cause_name(c));
        cr_expect_leq(r.of[c].left, r.of[c].total, "%s", admission_cause_name(c));
    }
    cr_expect_gt(r.of[ADMISSION_MEMORY].left, 0);
    cr_expect_eq(r.of[ADMISSION_NONE].total, 0);
}

Test(capacity, each_open_file_is_counted)
{
    enum { MORE = 20, LIMIT = 256 };
    const struct capacity_whose whose = {.keeper = getpid()};
    struct machine_reading before, after;

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){LIMIT, LIMIT}), 0);
    capacity_read(&whose, &before);
    for (int i = 0; i < MORE; i++)
        cr_assert_geq(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
    capacity_read(&whose, &after);
    cr_expect_eq(before.of[ADMISSION_DESCRIPTORS].total, LIMIT);
    cr_expect_eq(before.of[ADMISSION_DESCRIPTORS].left - after.of[ADMISSION_DESCRIPTORS].left,
                 MORE);
}

Test(capacity, a_folder_that_is_not_there_bounds_nothing)
{
    struct machine_reading r;

    capacity_read(&(struct capacity_whose){.dir = "/nowhere/at/all"}, &r);
    cr_expect_eq(r.of[ADMISSION_DISK].total, 0);
}

/* Folders with files stand in for two groups, one in the other. */
struct nest {
    char *outer;
    const char *inner;
};

static struct nest nest_make(void)
{
    char *outer = folder_make();
    struct nest nest = {outer, folder_path(outer, "inner")};

    cr_assert_eq(mkdir(nest.inner, 0700), 0);
    folder_write(nest.outer, "cgroup.procs", "");
    folder_write(nest.inner, "cgroup.procs", "1\n");
    return nest;
}

static struct machine_reading machine_of(uint64_t memory, uint64_t processes)
{
    return (struct machine_reading){
        .of = {
            [ADMISSION_MEMORY] = {memory, memory}, [ADMISSION_PROCESSES] = {processes, processes}}};
}

static void expect_part(const struct machine_reading *r, enum admission_cause part, uint64_t left,
                        uint64_t total)
{
    cr_expect_eq(r->of[part].left, left, "%s: %ju left", admission_cause_name(part),
                 (uintmax_t)r->of[part].left);
    cr_expect_eq(r->of[part].total, total, "%s: %ju in all", admission_cause_name(part),
                 (uintmax_t)r->of[part].total);
}

Test(capacity, groups_of_version_2)
{
    struct nest nest = nest_make();
    struct machine_reading r = machine_of(1 << 30, 10000);

    folder_write(nest.inner, "memory.max", "max\n");
    folder_write(nest.inner, "memory.current", "1\n");
    folder_write(nest.inner, "pids.max", "500\n");
    folder_write(nest.inner, "pids.current", "100\n");
    folder_write(nest.outer, "memory.max", "1000000\n");
    folder_write(nest.outer, "memory.current", "900000\n");
    folder_write(nest.outer, "memory.stat",
                 "anon 1\ninactive_file 300000\ntotal_inactive_file 7\n");
    folder_write(nest.outer, "pids.max", "max\n");
    folder_write(nest.outer, "pids.current", "101\n");
    capacity_read_groups(nest.inner, NULL, &r);
    expect_part(&r, ADMISSION_MEMORY, 400000, 1000000);
    expect_part(&r, ADMISSION_PROCESSES, 400, 500);
    folder_remove(nest.outer);
}

Test(capacity, groups_of_version_1)
{
    struct nest nest = nest_make();
    struct machine_reading r = machine_of(1 << 30, 10000);

    folder_write(nest.inner, "memory.limit_in_bytes", "9223372036854771712\n");
    folder_write(nest.inner, "memory.usage_in_bytes", "5\n");
    folder_write(nest.outer, "memory.limit_in_bytes", "1000000\n");
    folder_write(nest.outer, "memory.usage_in_bytes", "900000\n");
    folder_write(nest.outer, "memory.stat", "inactive_file 7\ntotal_inactive_file 300000\n");
    folder_write(nest.inner, "pids.max", "10\n");
    folder_write(nest.inner, "pids.current", "20\n");
    capacity_read_groups(nest.inner, "memory", &r);
    expect_part(&r, ADMISSION_MEMORY, 400000, 1000000);
    expect_part(&r, ADMISSION_PROCESSES, 10000, 10000);
    capacity_read_groups(nest.inner, "pids", &r);
    expect_part(&r, ADMISSION_PROCESSES, 0, 10);
    folder_remove(nest.outer);
}

Test(capacity, what_is_no_group_bounds_nothing)
{
    char *folder = folder_make();
    struct machine_reading r = machine_of(1 << 30, 10000);

    folder_write(folder, "memory.max", "1000000\n");
    folder_write(folder, "memory.current", "1\n");
    capacity_read_groups(folder, NULL, &r);
    expect_part(&r, ADMISSION_MEMORY, 1 << 30, 1 << 30);
    folder_write(folder, "cgroup.procs", "");
    folder_write(folder, "memory.current", "much\n");
    capacity_read_groups(folder, NULL, &r);
    expect_part(&r, ADMISSION_MEMORY, 1 << 30, 1 << 30);
    folder_remove(folder);
}
