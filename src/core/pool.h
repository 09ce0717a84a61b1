/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool of one orchestrator: instances I1..In, each with the role it had last. An agent
 * gets the free instance that had its role most recently; else one that was never used,
 * while there are fewer than the pool's size; else the free one that has been idle longest
 * takes the role; else the pool grows. Every step costs O(1), amortised.
 */
#ifndef KELP_CORE_POOL_H
#define KELP_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* `size`: how many instances it may make before it gives one another role. */
struct pool *pool_new(unsigned size);
void pool_free(struct pool *pool);
/* Instance 1.. for an agent with this role (copied). *ret_reused: it had the role before. */
unsigned pool_take(struct pool *pool, const char *role, bool *ret_reused);
/* As pool_take, but 0 if no free instance has the role. */
unsigned pool_take_same(struct pool *pool, const char *role);
/* The instance must have been taken. */
void pool_release(struct pool *pool, unsigned instance);
/* Instances made so far. */
unsigned pool_count(const struct pool *pool);
/* Agents placed, and those of them that found their role, since the start. */
size_t pool_taken(const struct pool *pool);
size_t pool_reused(const struct pool *pool);

#endif
