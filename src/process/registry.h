/* SPDX-License-Identifier: Apache-2.0 */
/* The attempts of a keeper: those that are not over by identity and by the pid of their main
 * process, and of the others that there was one of that name. */
#ifndef KELP_PROCESS_REGISTRY_H
#define KELP_PROCESS_REGISTRY_H

#include "process/attempt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty. */
struct registry {
    struct attempt **by_id, **by_pid; /* chained hash tables of `slots` each */
    size_t slots;
    size_t count;   /* attempts that are not over */
    uint64_t *past; /* hashes of identities; open addressing, 0 is an empty slot */
    size_t past_slots, past_count;
};

/* Owns the attempt from here on. There must be none of its identity. */
void registry_add(struct registry *registry, struct attempt *attempt);
/* To be called once its pid is known; it stays findable by it until it is removed. */
void registry_add_pid(struct registry *registry, struct attempt *attempt);
/* Takes it out, notes its identity as past, and hands it back to the caller. */
void registry_remove(struct registry *registry, struct attempt *attempt);
struct attempt *registry_find(const struct registry *registry, const char *id);
/* By the pid that its main process has, or had. */
struct attempt *registry_find_pid(const struct registry *registry, pid_t pid);

void registry_add_past(struct registry *registry, const char *id);
/* False: certainly not. True: very likely (a 64-bit hash is all that is kept). */
bool registry_maybe_past(const struct registry *registry, const char *id);

/* Calls `visit` for each that is not over; it may not add or remove. */
void registry_each(const struct registry *registry,
                   void (*visit)(void *ctx, struct attempt *attempt), void *ctx);
void registry_free(struct registry *registry);

#endif
