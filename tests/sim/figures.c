/* SPDX-License-Identifier: Apache-2.0 */
#include "figures.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { MUTANT_SEEDS = 600 };

static void put(json_t *object, const char *key, uint64_t value)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)value));
}

static bool dump(json_t *object, const char *path)
{
    bool fine = json_dump_file(object, path, JSON_INDENT(2)) == 0;

    if (!fine)
        fprintf(stderr, "cannot write '%s'\n", path);
    json_decref(object);
    return fine;
}

static void put_crashes(json_t *object, const struct play_counts *c)
{
    static const char *const places[CRASH_PLACE_COUNT] = {
        [CRASH_BEFORE_COMMIT] = "crashes_before_a_commit",
        [CRASH_IN_COMMIT] = "crashes_in_a_commit",
        [CRASH_AFTER_COMMIT] = "crashes_after_a_commit",
        [CRASH_AMONG_EFFECTS] = "crashes_among_effects"};
    static const char *const strikes[DISK_STRIKE_COUNT] = {[DISK_POWER] = "disk_power_losses",
                                                           [DISK_KILL] = "disk_kills",
                                                           [DISK_FULL] = "disk_full",
                                                           [DISK_BROKEN] = "disk_errors"};

    for (int i = 0; i < CRASH_PLACE_COUNT; i++)
        put(object, places[i], c->crashes[i]);
    for (int i = DISK_SOUND + 1; i < DISK_STRIKE_COUNT; i++)
        put(object, strikes[i], c->strikes[i]);
}

bool figures_write(const char *path, const struct search_result *r, double seconds)
{
    json_t *object = json_object();

    put(object, "seeds", r->passed + r->failed);
    put(object, "seeds_failed", r->failed);
    put(object, "plays", r->plays);
    put(object, "events", r->events);
    put(object, "commits", r->counts.commits);
    put_crashes(object, &r->counts);
    for (int i = 0; i < ACCIDENT_KIND_COUNT; i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "accidents_%s", accident_kind_name((enum accident_kind)i));
        put(object, key, r->counts.accidents[i]);
    }
    (void)json_object_set_new(object, "seconds", json_real(seconds));
    (void)json_object_set_new(object, "seeds_per_second",
                              json_real((double)(r->passed + r->failed) / seconds));
    return dump(object, path);
}

bool figures_write_mutants(const char *path, size_t planted, size_t found)
{
    json_t *object = json_object();

    put(object, "mutants_planted", planted);
    put(object, "mutants_found", found);
    return dump(object, path);
}

bool mutants_find_one(const struct mutant *mutant)
{
    for (uint64_t seed = 1; seed <= MUTANT_SEEDS; seed++) {
        struct play_options o = {.shape = shape_usual(seed),
                                 .crash_chance = seed % 2 ? 0 : 0.02,
                                 .journal = mutant->engine == MUTANT_FORGETS_COMMIT,
                                 .mutant = mutant};
        struct play_result result;
        play(&o, &result);
        bool hit = result.broken && strcmp(result.broken, mutant->caught_by) == 0;
        play_result_free(&result);
        if (hit)
            return true;
    }
    return false;
}
