/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/tape.h"

#include "sim/dice.h"

static const char *string_copy(struct arena *arena, const char *s)
{
    return s ? arena_string(arena, s) : NULL;
}

static struct strings strings_copy(struct arena *arena, struct strings list)
{
    struct strings copy = {.at = arena_array(arena, list.count, sizeof(char *)),
                           .count = list.count};

    for (size_t i = 0; i < list.count; i++)
        copy.at[i] = arena_string(arena, list.at[i]);
    return copy;
}

static struct metrics metrics_copy(struct arena *arena, struct metrics list)
{
    struct metric *at = arena_array(arena, list.count, sizeof *at);

    for (size_t i = 0; i < list.count; i++)
        at[i] = (struct metric){.name = arena_string(arena, list.at[i].name),
                                .value = list.at[i].value};
    return (struct metrics){.at = at, .count = list.count};
}

static void copy_branches(struct arena *arena, struct outcome *o)
{
    struct branch_outcome *branches = arena_array(arena, o->branch_count, sizeof *branches);
    struct branch_pair *pairs = arena_array(arena, o->pair_count, sizeof *pairs);

    for (size_t i = 0; i < o->branch_count; i++) {
        branches[i] = o->branches[i];
        branches[i].paths = strings_copy(arena, o->branches[i].paths);
    }
    for (size_t i = 0; i < o->pair_count; i++) {
        pairs[i] = o->pairs[i];
        pairs[i].paths = strings_copy(arena, o->pairs[i].paths);
    }
    o->branches = branches;
    o->pairs = pairs;
}

struct outcome *outcome_copy(struct arena *arena, const struct outcome *from)
{
    struct outcome *o = arena_copy(arena, from, sizeof *from);

    o->message = string_copy(arena, o->message);
    o->summary = string_copy(arena, o->summary);
    o->commit = string_copy(arena, o->commit);
    o->reference = string_copy(arena, o->reference);
    o->metrics = metrics_copy(arena, o->metrics);
    o->measures = metrics_copy(arena, o->measures);
    o->follow_up = strings_copy(arena, o->follow_up);
    o->paths = strings_copy(arena, o->paths);
    o->notes = strings_copy(arena, o->notes);
    copy_branches(arena, o);
    return o;
}

uint64_t commands_hash(const struct command *commands, size_t count)
{
    uint64_t hash = count;

    for (size_t i = 0; i < count; i++) {
        hash = dice_mix(hash, commands[i].kind);
        hash = dice_mix(hash, (uint64_t)commands[i].job << 32 | commands[i].timer);
        hash = dice_mix(hash, (uint64_t)commands[i].at_ms);
    }
    return hash;
}

void tape_commit(struct tape *h, const struct event *e, uint64_t answer)
{
    struct event kept = *e;

    if (e->outcome)
        kept.outcome = outcome_copy(&h->arena, e->outcome);
    if (e->request)
        kept.request = arena_copy(&h->arena, e->request, sizeof *e->request);
    vector_push(&h->events, kept);
    vector_push(&h->answers, answer);
}

struct tree *tape_replay(const struct tape *h, size_t *ret_differs)
{
    struct tree *t = tree_new();
    struct commands dropped = {0};

    *ret_differs = h->events.count;
    for (size_t i = 0; i < h->events.count; i++) {
        dropped.list.count = 0;
        tree_apply(t, &h->events.at[i], &dropped);
        if (i < *ret_differs &&
            commands_hash(dropped.list.at, dropped.list.count) != h->answers.at[i])
            *ret_differs = i;
    }
    vector_free(&dropped.list);
    return t;
}

void tape_free(struct tape *h)
{
    vector_free(&h->events);
    vector_free(&h->answers);
    arena_free(&h->arena);
}
