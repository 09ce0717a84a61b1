/* SPDX-License-Identifier: Apache-2.0 */
#include "process/registry.h"

#include "base/memory.h"

#include <string.h>

enum { SLOTS_FIRST = 64 };

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash_id(const char *id)
{
    uint64_t hash = 0xCBF29CE484222325;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 0x100000001B3;
    return hash ? hash : 1;
}

static size_t slot_of_pid(const struct registry *registry, pid_t pid)
{
    return (size_t)pid * 0x9E3779B97F4A7C15U >> 20 & (registry->slots - 1);
}

static size_t slot_of_id(const struct registry *registry, const char *id)
{
    return hash_id(id) & (registry->slots - 1);
}

static void link_id(struct registry *registry, struct attempt *attempt)
{
    struct attempt **slot = &registry->by_id[slot_of_id(registry, attempt->id)];

    attempt->next_by_id = *slot;
    *slot = attempt;
}

static void link_pid(struct registry *registry, struct attempt *attempt)
{
    struct attempt **slot = &registry->by_pid[slot_of_pid(registry, attempt->session)];

    attempt->next_by_pid = *slot;
    *slot = attempt;
}

static void grow(struct registry *registry)
{
    struct registry old = *registry;

    registry->slots = old.slots ? old.slots * 2 : SLOTS_FIRST;
    registry->by_id = mem_zero(registry->slots * sizeof *registry->by_id);
    registry->by_pid = mem_zero(registry->slots * sizeof *registry->by_pid);
    for (size_t i = 0; i < old.slots; i++) {
        for (struct attempt *a = old.by_id[i], *next; a; a = next) {
            next = a->next_by_id;
            link_id(registry, a);
            if (a->session)
                link_pid(registry, a);
        }
    }
    free(old.by_id);
    free(old.by_pid);
}

void registry_add(struct registry *registry, struct attempt *attempt)
{
    if (registry->count >= registry->slots)
        grow(registry);
    link_id(registry, attempt);
    registry->count++;
}

void registry_add_pid(struct registry *registry, struct attempt *attempt)
{
    link_pid(registry, attempt);
}

void registry_remove(struct registry *registry, struct attempt *attempt)
{
    struct attempt **at = &registry->by_id[slot_of_id(registry, attempt->id)];

    while (*at != attempt)
        at = &(*at)->next_by_id;
    *at = attempt->next_by_id;
    if (attempt->session) {
        at = &registry->by_pid[slot_of_pid(registry, attempt->session)];
        while (*at != attempt)
            at = &(*at)->next_by_pid;
        *at = attempt->next_by_pid;
    }
    registry->count--;
    registry_add_past(registry, attempt->id);
}

struct attempt *registry_find(const struct registry *registry, const char *id)
{
    struct attempt *a = registry->slots ? registry->by_id[slot_of_id(registry, id)] : NULL;

    while (a && strcmp(a->id, id) != 0)
        a = a->next_by_id;
    return a;
}

struct attempt *registry_find_pid(const struct registry *registry, pid_t pid)
{
    struct attempt *a = registry->slots ? registry->by_pid[slot_of_pid(registry, pid)] : NULL;

    while (a && a->session != pid)
        a = a->next_by_pid;
    return a;
}

/* The slot that holds `hash`, or the empty one where it belongs. */
static uint64_t *past_slot(uint64_t *past, size_t slots, uint64_t hash)
{
    size_t i = hash & (slots - 1);

    while (past[i] && past[i] != hash)
        i = (i + 1) & (slots - 1);
    return &past[i];
}

static void grow_past(struct registry *registry)
{
    size_t slots = registry->past_slots ? registry->past_slots * 2 : SLOTS_FIRST;
    uint64_t *past = mem_zero(slots * sizeof *past);

    for (size_t i = 0; i < registry->past_slots; i++) {
        if (registry->past[i])
            *past_slot(past, slots, registry->past[i]) = registry->past[i];
    }
    free(registry->past);
    registry->past = past;
    registry->past_slots = slots;
}

void registry_add_past(struct registry *registry, const char *id)
{
    if (registry->past_count * 2 >= registry->past_slots)
        grow_past(registry);
    uint64_t *slot = past_slot(registry->past, registry->past_slots, hash_id(id));
    registry->past_count += *slot == 0;
    *slot = hash_id(id);
}

bool registry_maybe_past(const struct registry *registry, const char *id)
{
    return registry->past_slots &&
           *past_slot(registry->past, registry->past_slots, hash_id(id)) != 0;
}

void registry_each(const struct registry *registry,
                   void (*visit)(void *ctx, struct attempt *attempt), void *ctx)
{
    for (size_t i = 0; i < registry->slots; i++) {
        for (struct attempt *a = registry->by_id[i], *next; a; a = next) {
            next = a->next_by_id;
            visit(ctx, a);
        }
    }
}

static void free_one(void *ctx UNUSED, struct attempt *attempt)
{
    attempt_free(attempt);
}

void registry_free(struct registry *registry)
{
    registry_each(registry, free_one, NULL);
    free(registry->by_id);
    free(registry->by_pid);
    free(registry->past);
    *registry = (struct registry){0};
}
