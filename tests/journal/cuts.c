/* SPDX-License-Identifier: Apache-2.0 */
#include "cuts.h"

#include "base/os.h"
#include "script.h"
#include "sim/dice.h"
#include "sim/disk.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum { POWER_SEEDS = 4, SMALL_TURNS = 20 };

struct point {
    struct script script;
    uint64_t seed, operation, again; /* `again`: a second cut while the first is mended; 0: none */
    enum disk_strike strike;
};

static void fresh_folder(const char *dir)
{
    AUTO_FAULT f = {0};

    if (os_remove_tree(dir, &f) < 0 || mkdir(dir, 0755) < 0)
        bug("no folder at '%s': %s", dir, f.message ? f.message : "");
}

/* The next engine is cut off, too, while it puts things in order. */
static void cut_again(struct disk *d, const struct point *p, const char *dir)
{
    struct found ignored;

    disk_plan(d, disk_operations(d) + p->again, DISK_POWER);
    const struct progress any = {.created = true};
    char why[256];
    (void)script_check(&p->script, dir, &any, why);
    script_read(&p->script, dir, true, &ignored);
    disk_restore(d);
}

/* Wrong events are lost ones. */
static uint64_t count_lost(const char *dir, const struct point *p, const struct progress *progress)
{
    struct found found;

    script_read(&p->script, dir, true, &found);
    int64_t right = found.wrong ? 0 : found.events;
    return right < progress->committed ? (uint64_t)(progress->committed - right) : 0;
}

/* Returns how many operations the script took. */
static uint64_t try(const char *dir, const struct point *p, struct figures *f)
{
    struct disk *d = disk_new(p->seed);
    struct progress progress;
    char why[256] = "";

    fresh_folder(dir);
    disk_plan(d, p->operation, p->strike);
    script_run(&p->script, dir, &progress);
    uint64_t operations = disk_operations(d);
    bool struck = disk_struck(d) != DISK_SOUND;
    disk_restore(d);
    if (p->again)
        cut_again(d, p, dir);
    int64_t events = script_check(&p->script, dir, &progress, why);
    disk_free(d);
    f->cuts += struck;
    f->events_committed += struck ? (uint64_t)progress.committed : 0;
    if (events < 0) {
        f->cuts_failed++;
        f->events_lost += count_lost(dir, p, &progress);
        printf("not ok: script %" PRIu64 " of %u turns, strike %d at %" PRIu64 " then %" PRIu64
               ", dice %" PRIu64 ": %s\n",
               p->script.seed, p->script.turns, (int)p->strike, p->operation, p->again, p->seed,
               why);
    }
    return operations;
}

void cut_everywhere(const char *dir, struct figures *f)
{
    struct point p = {.script = {.seed = 1, .turns = SMALL_TURNS}};
    uint64_t operations = try(dir, &p, f);

    for (p.operation = 1; p.operation <= operations; p.operation++)
        for (p.strike = DISK_POWER; p.strike < DISK_STRIKE_COUNT; p.strike++)
            for (p.seed = 0; p.seed < (p.strike == DISK_POWER ? POWER_SEEDS : 1); p.seed++) {
                p.again = p.seed % 2 ? 1 + p.operation % 24 : 0;
                (void)try(dir, &p, f);
            }
}

void cut_once(const char *dir, uint64_t seed, struct figures *f)
{
    struct dice dice;

    dice_seed(&dice, seed);
    struct point p = {.seed = seed, .script = {.seed = seed, .turns = dice_between(&dice, 5, 400)}};
    uint64_t operations = 8 * (uint64_t)p.script.turns + 40; /* about as many as it takes */
    p.operation = 1 + dice_below(&dice, (uint32_t)operations);
    p.strike = dice_below(&dice, 2) ? DISK_POWER : dice_between(&dice, DISK_KILL, DISK_BROKEN);
    p.again = dice_below(&dice, 3) ? 0 : dice_between(&dice, 1, 40);
    (void)try(dir, &p, f);
}
