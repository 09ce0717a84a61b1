/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds in which something broke once, each with what was wrong. */
#include "sim/play.h"

#include <criterion/criterion.h>

#define FAULT(name) (1u << SIM_##name)

/* Those of the time when these worlds were found: a later fault would make other worlds of them. */
enum { NOWHERE = -1, FAULTS_THEN = (FAULT(JUMPS) << 1) - 1 };

static const struct {
    const char *was;
    struct shape shape; /* children, steps, agents and faults 0: the usual ones */
    int64_t crash_at;   /* crash point; NOWHERE: none */
    double crash_chance;
} worlds[] = {
    {"a child that was left out of the result counted as done, and lost its clone, where its "
     "subtask works in place and a step of it in a clone",
     {.seed = 13470},
     652,
     0},
    {"as above, a smaller one",
     {.seed = 13470,
      .children = 3,
      .steps = 4,
      .agents = 1,
      .faults = FAULT(LIMITS) | FAULT(CRASHES) | FAULT(REBOOTS)},
     263,
     0},
    {"the checks of a result that was given up were held against the one that was kept",
     {.seed = 10206},
     12,
     0},
    {"as above, a smaller one",
     {.seed = 10206,
      .children = 4,
      .steps = 5,
      .agents = 1,
      .faults = FAULT(CHECKS) | FAULT(REQUESTS) | FAULT(CRASHES)},
     NOWHERE,
     0.1},
    {"a run did not end", {.seed = 11706}, NOWHERE, 0.1},
    {"agents shared a copy and one of them wrote",
     {.seed = 1, .children = 1, .steps = 6, .agents = 4, .faults = FAULT(LIMITS)},
     NOWHERE,
     0},
    {"the clone of a failed life of a child was discarded, because the copy for its next life "
     "failed "
     "and it was done without one",
     {.seed = 69,
      .children = 3,
      .steps = 1,
      .agents = 1,
      .faults = FAULT(WORKERS) | FAULT(REQUESTS)},
     NOWHERE,
     0},
    {"the same for the clone of the root's cleanup, whose branch had not been fetched",
     {.seed = 200404},
     NOWHERE,
     0},
    {"a check of what had been merged before failed on a later result, and after `kelp land` its "
     "subtask was done as if nothing had been said",
     {.seed = 216,
      .children = 3,
      .steps = 2,
      .agents = 2,
      .faults = FAULT(CHECKS) | FAULT(REFUSALS) | FAULT(LIMITS) | FAULT(REQUESTS) | FAULT(CRASHES) |
                FAULT(JUMPS)},
     183,
     0},
    {"as above, but only the copy that the check was to run in had failed",
     {.seed = 637,
      .children = 2,
      .steps = 1,
      .agents = 3,
      .faults = FAULT(CHECKS) | FAULT(LIMITS) | FAULT(REQUESTS) | FAULT(REPEATS) | FAULT(CRASHES)},
     13,
     0},
};

static struct shape whole(struct shape part)
{
    struct shape shape = shape_usual(part.seed);

    shape.faults = FAULTS_THEN;
    return part.children ? part : shape;
}

Test(regressions, what_broke_once_holds)
{
    for (size_t i = 0; i < COUNT_OF(worlds); i++) {
        const struct accident crash = {ACCIDENT_CRASH, (uint64_t)worlds[i].crash_at, 0};
        struct play_options o = {.shape = whole(worlds[i].shape),
                                 .forced = worlds[i].crash_at == NOWHERE ? NULL : &crash,
                                 .crash_chance = worlds[i].crash_chance};
        struct play_result r;
        play(&o, &r);
        cr_expect_null(r.broken, "%s: %s, %s", worlds[i].was, r.broken, r.why);
        play_result_free(&r);
    }
}

/* Those that a list of accidents repeats. */
static const struct {
    const char *was;
    struct shape shape;
    const char *script;
} histories[] = {
    {"git died when it had committed what the root's cleanup changed: that was not part of the "
     "result, and its clone was discarded",
     {.seed = 33, .children = 1, .steps = 1, .agents = 1, .faults = FAULT(LIMITS) | FAULT(LOST)},
     "trouble@4130130235160293566"},
    {"the same for what an agent left, where its child was done without it",
     {.seed = 1648, .children = 2, .steps = 1, .agents = 1, .faults = FAULT(LIMITS) | FAULT(LOST)},
     "trouble@4369575470065354134"},
    {"as above, in another child",
     {.seed = 9263, .children = 2, .steps = 2, .agents = 1, .faults = FAULT(LIMITS) | FAULT(LOST)},
     "trouble@4369575470065354134"},
    {"as above, in a run that has more to do",
     {.seed = 4330, .children = 3, .steps = 1, .agents = 1, .faults = FAULT(LIMITS) | FAULT(LOST)},
     "trouble@12599718053042104249"},
    {"an agent that waited for its budget was kept in the common queue when others had taken the "
     "room of its provider, and the next event moved it, whatever that said",
     {.seed = 83907,
      .children = 4,
      .steps = 3,
      .agents = 2,
      .faults = FAULT(HANGING) | FAULT(LIMITS) | FAULT(STORMS) | FAULT(FLAPPING)},
     "pause@1:965676,pause@2:1885369,sleep@29:3902740,full@8,full@20,full@31,twice@37:16188,"
     "late@51:19320,stale@4:2,stale@8:2,stale@20:9,stale@21:4,stale@31:10,lag@17:1163,"
     "lag@18:1560,child@24,trouble@8073154235639205764,trouble@12821337279399892199,"
     "trouble@16400464740341087066"},
    {"as above, where a retry took the room",
     {.seed = 48944,
      .children = 5,
      .steps = 6,
      .agents = 4,
      .faults = FAULT(HANGING) | FAULT(CHECKS) | FAULT(LIMITS) | FAULT(STORMS) | FAULT(FLAPPING)},
     "crash@43,crash@219,pause@1:1916686,pause@2:2838943,pause@5:1600910,leap@6:6544681,"
     "full@85,untold@7,untold@38,untold@91,twice@80:88393,twice@106:1009,late@4:50341,"
     "late@11:50311,late@12:55289,late@19:16402,late@39:4409,late@71:73239,late@72:72085,"
     "late@86:36922,late@94:83524,stale@31:7,stale@36:1,stale@69:13,lag@1:1219,lag@11:906,"
     "lag@28:1142,lag@90:740,child@45:45,trouble@12528632192616928347,"
     "trouble@14829530760722219355,trouble@16324906361326010994,trouble@16400464740341087066,"
     "trouble@17802988937747799396"},
    {"a pause that was not over when the run ended was waited for for ever once a child was tried "
     "again and its provider froze",
     {.seed = 76,
      .children = 3,
      .steps = 2,
      .agents = 2,
      .faults = FAULT(QUOTAS) | FAULT(CHECKS) | FAULT(LIMITS) | FAULT(STORMS)},
     "final@39,retry@0:1,trouble@1519677473472627596,trouble@9140267481597706953,"
     "trouble@11250391660891437854,trouble@17294249446840851590"},
    {"a rate limit that came while the run was being cancelled was forgotten when a child was "
     "tried "
     "again",
     {.seed = 53046,
      .children = 1,
      .steps = 2,
      .agents = 2,
      .faults = FAULT(LIMITS) | FAULT(STORMS) | FAULT(SLOW)},
     "crash@3,pause@2:2106576,leap@1:-2423986,full@32,retry@0:1,"
     "trouble@2750302528035246633,trouble@3386222143039327177,"
     "trouble@6778546395616420114"},
};

Test(regressions, histories_that_broke_once_hold)
{
    for (size_t i = 0; i < COUNT_OF(histories); i++) {
        struct script script;
        cr_assert(script_parse(histories[i].script, &script));
        struct play_options o = {.shape = histories[i].shape, .script = &script};
        struct play_result r;
        play(&o, &r);
        cr_expect_null(r.broken, "%s: %s, %s", histories[i].was, r.broken, r.why);
        cr_expect_eq(r.happened.list.count, script.list.count, "%s: it is another world by now",
                     histories[i].was);
        play_result_free(&r);
        script_free(&script);
    }
}

/* What keeps work when a copy goes, or a branch is moved, is needed in each of these: with the bug
 * planted it is lost. */
static const struct {
    const char *was, *bug;
    struct shape shape;
    const char *script;
} rescues[] = {
    {"what on_failure changed was not settled, and its child was tried again",
     "a clone is discarded unseen",
     {.seed = 16009,
      .children = 1,
      .steps = 1,
      .agents = 1,
      .faults = FAULT(LIMITS) | FAULT(LOST) | FAULT(FLAPPING)},
     "stop@4,retry@1:2,retry@2:1,land@0,trouble@2750302528035246633,trouble@16213785985127763905"},
    {"the branch of a child could not be brought home, and it was tried again",
     "a clone is discarded unseen",
     {.seed = 35580,
      .children = 2,
      .steps = 1,
      .agents = 4,
      .faults = FAULT(WORKERS) | FAULT(LIMITS) | FAULT(LYING)},
     "retry@0:2,retry@2:1,retry@3:4,land@1,trouble@3386222143039327177,"
     "trouble@3659781775970569805,trouble@8983631199367569022"},
    {"what the cleanup of a child changed was not settled, and it was tried again",
     "a clone is discarded unseen",
     {.seed = 51450,
      .children = 1,
      .steps = 1,
      .agents = 1,
      .faults = FAULT(RATES) | FAULT(LIMITS) | FAULT(LOST)},
     "retry@1:1,land@0,trouble@12908081033889613651,trouble@16213785985127763905"},
    {"the copy of an agent that failed, beside one that was done",
     "a clone is discarded unseen",
     {.seed = 76583,
      .children = 1,
      .steps = 2,
      .agents = 1,
      .faults = FAULT(FAILING) | FAULT(LIMITS)},
     "trouble@2750302528035246633"},
    {"the first clone of a child went because its branch had all of it, and a third life moved "
     "that",
     "a retry overwrites a branch",
     {.seed = 385,
      .children = 1,
      .steps = 1,
      .agents = 1,
      .faults = FAULT(WORKERS) | FAULT(LIMITS) | FAULT(LOST)},
     "retry@0:1,retry@3:1,land@1,land@2,trouble@7638906837517063985,"
     "trouble@12620458762931233095"},
    {"as above, with checks that fail",
     "a retry overwrites a branch",
     {.seed = 122, .children = 1, .steps = 1, .agents = 1, .faults = FAULT(CHECKS) | FAULT(LOST)},
     "retry@0:1,retry@1:1,retry@2:1,trouble@2482498372521968136,trouble@7638906837517063985,"
     "trouble@15773823988871682994"},
};

Test(regressions, work_is_kept_when_its_copy_goes)
{
    for (size_t i = 0; i < COUNT_OF(rescues); i++) {
        struct script script;
        cr_assert(script_parse(rescues[i].script, &script));
        struct play_options o = {.shape = rescues[i].shape, .script = &script};
        struct play_result sound, struck;
        play(&o, &sound);
        o.mutant = mutant_find(rescues[i].bug);
        play(&o, &struck);
        cr_expect_null(sound.broken, "%s: %s, %s", rescues[i].was, sound.broken, sound.why);
        cr_expect_str_eq(struck.broken ? struck.broken : "nothing", "work_not_lost", "%s",
                         rescues[i].was);
        play_result_free(&sound);
        play_result_free(&struck);
        script_free(&script);
    }
}
