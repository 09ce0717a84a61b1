/* SPDX-License-Identifier: Apache-2.0 */
#include "figures.h"
#include "tried.h"

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

static void put_tried(json_t *object, const struct play_counts *c, bool journal)
{
    struct tried tried[TRIED_MAX];
    size_t count = tried_list(c, journal, tried);

    for (size_t i = 0; i < count; i++) {
        AUTO_FREE char *key = text_format("tried_%s", tried[i].what);
        put(object, key, tried[i].times);
    }
}

bool figures_write(const char *path, const struct search_result *r, bool journal, double seconds)
{
    json_t *object = json_object();
    uint64_t seeds = r->passed + r->failed;

    put(object, "seeds", seeds);
    put(object, "seeds_failed", r->failed);
    put(object, "plays", r->plays);
    put(object, "events", r->events);
    put(object, "commits", r->counts.commits);
    put_tried(object, &r->counts, journal);
    (void)json_object_set_new(object, "seconds", json_real(seconds));
    (void)json_object_set_new(object, "seeds_per_second", json_real((double)seeds / seconds));
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
