/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include "core/intern.h"

struct instance {
    size_t role;
    size_t stamp; /* counts takings: older entries of the lists below are stale */
    bool taken;
};

/* An instance that was free when its stamp was this. */
struct idle {
    unsigned instance;
    size_t stamp;
};

struct idle_list {
    VECTOR(struct idle) list;
};

struct pool {
    unsigned size;
    struct intern roles;
    VECTOR(struct instance) instances;     /* [instance - 1] */
    VECTOR(struct idle_list) idle_by_role; /* [role]: the last is the most recent */
    VECTOR(struct idle) idle;              /* the first is the oldest */
    size_t oldest;                         /* entries of `idle` before it are used up */
    size_t taken, reused;
};

struct pool *pool_new(unsigned size)
{
    struct pool *pool = MEM_NEW(struct pool);

    pool->size = size;
    return pool;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->idle_by_role.count; i++)
        vector_free(&pool->idle_by_role.at[i].list);
    vector_free(&pool->idle_by_role);
    vector_free(&pool->instances);
    vector_free(&pool->idle);
    intern_free(&pool->roles);
    free(pool);
}

static size_t role_number(struct pool *pool, const char *role)
{
    size_t number = intern_add(&pool->roles, role);

    if (number == pool->idle_by_role.count)
        vector_push(&pool->idle_by_role, (struct idle_list){{0}});
    return number;
}

static bool is_stale(const struct pool *pool, struct idle entry)
{
    return pool->instances.at[entry.instance - 1].stamp != entry.stamp;
}

static void hand_out(struct pool *pool, unsigned instance, size_t role)
{
    struct instance *in = &pool->instances.at[instance - 1];

    in->role = role;
    in->taken = true;
    in->stamp++;
    pool->taken++;
}

static unsigned take_same(struct pool *pool, size_t role)
{
    struct idle_list *idle = &pool->idle_by_role.at[role];

    while (idle->list.count) {
        struct idle entry = idle->list.at[--idle->list.count];
        if (is_stale(pool, entry))
            continue;
        hand_out(pool, entry.instance, role);
        pool->reused++;
        return entry.instance;
    }
    return 0;
}

/* The instance that has been free longest, or 0. */
static unsigned oldest_idle(struct pool *pool)
{
    while (pool->oldest < pool->idle.count) {
        struct idle entry = pool->idle.at[pool->oldest++];
        if (!is_stale(pool, entry))
            return entry.instance;
    }
    pool->oldest = pool->idle.count = 0;
    return 0;
}

unsigned pool_take_same(struct pool *pool, const char *role)
{
    return take_same(pool, role_number(pool, role));
}

unsigned pool_take(struct pool *pool, const char *role, bool *ret_reused)
{
    size_t number = role_number(pool, role);
    unsigned instance = take_same(pool, number);

    *ret_reused = instance != 0;
    if (instance)
        return instance;
    if (pool->instances.count >= pool->size)
        instance = oldest_idle(pool);
    if (!instance) {
        vector_push(&pool->instances, (struct instance){0});
        instance = (unsigned)pool->instances.count;
    }
    hand_out(pool, instance, number);
    return instance;
}

void pool_release(struct pool *pool, unsigned instance)
{
    if (instance == 0 || instance > pool->instances.count)
        bug("there is no instance %u", instance);
    struct instance *in = &pool->instances.at[instance - 1];
    struct idle entry = {.instance = instance, .stamp = in->stamp};

    if (!in->taken)
        bug("instance %u is not taken", instance);
    in->taken = false;
    vector_push(&pool->idle_by_role.at[in->role].list, entry);
    vector_push(&pool->idle, entry);
}

unsigned pool_count(const struct pool *pool)
{
    return (unsigned)pool->instances.count;
}

size_t pool_taken(const struct pool *pool)
{
    return pool->taken;
}

size_t pool_reused(const struct pool *pool)
{
    return pool->reused;
}
