/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds a driver_launch piece by piece.
 *
 *     struct launch l = {.q = request, .arena = arena};
 *     launch_arg, launch_set, launch_link ... in any order
 *     launch_finish(&l, ret_launch)          frees what was only needed for building
 *
 * What is handed in is copied to the arena.
 */
#ifndef KELP_AGENT_LAUNCH_H
#define KELP_AGENT_LAUNCH_H

#include "agent/driver.h"
#include "base/vector.h"

#include <stdbool.h>

typedef VECTOR(const char *) launch_words;

/* Zeroed but for its first two fields. */
struct launch {
    const struct driver_request *q;
    struct arena *arena;
    launch_words argv, set, pass, secrets, writable, readable;
    VECTOR(struct driver_file) files;
};

void launch_arg(struct launch *l, const char *word);
/* "--model NAME", unless the value is "". */
void launch_option(struct launch *l, const char *option, const char *value);
/* NULL-terminated, as the lists below. */
void launch_args(struct launch *l, const char *const *words);
void launch_set(struct launch *l, const char *name, const char *value);
void launch_set_all(struct launch *l, const char *const *assignments); /* "NAME=value" */
void launch_pass(struct launch *l, const char *const *names);
/* They pass, and their values are secrets. */
void launch_pass_secrets(struct launch *l, const char *const *names);
/* What of the user's keys it sees. */
void launch_read(struct launch *l, const char *const *paths);
void launch_file(struct launch *l, const char *path, const char *content);
/* For each name that is there in `from`, a link of that name in `to`. */
void launch_links(struct launch *l, const char *to, const char *from, const char *const *names);
/* The same, and the program may write what is behind the links: tokens that it renews. */
void launch_login_links(struct launch *l, const char *to, const char *from,
                        const char *const *names);
void launch_finish(struct launch *l, struct driver_launch *ret);

/* The value of a variable of the user's, or NULL if it is not set or "". */
const char *launch_variable(const struct launch *l, const char *name);
/* The user's folder that `variable` names, or else `below` the user's home; "": there is none. In
 * the arena. */
const char *launch_user_dir(struct launch *l, const char *variable, const char *below);
/* The base URL of the request without slashes and `version` at its end, for a program that adds the
 * version of the API by itself: one URL is then right for all drivers. In the arena. */
const char *launch_url_without(struct launch *l, const char *version);
/* A path below the driver's private home; in the arena. */
const char *launch_home(struct launch *l, const char *below);

#endif
