/* SPDX-License-Identifier: Apache-2.0 */
/* `network: endpoint`: kelp-relay around an attempt's program, and which places it lets through. */
#ifndef KELP_ENGINE_NETWORK_H
#define KELP_ENGINE_NETWORK_H

#include "engine/start.h"

/* Whom an agent has to reach. Right when zeroed: nobody but the plan's `hosts`. */
struct network {
    const char *base_url;         /* of its model; NULL or "": the program's own */
    struct strings environment;   /* "NAME=value": base URLs among them count */
    const char *const *endpoints; /* the program's own, NULL-terminated; NULL: not known. They count
                                   * where no base URL is given */
};

/* The command line to start: `argv` itself unless the attempt is relayed. In the arena. */
const char *const *network_argv(const struct start *s, const struct network *n,
                                const char *const *argv);
/* An agent that is relayed has somewhere to go. */
int network_check(const struct start *s, const struct network *n, const char *agent,
                  struct fault *f) MUST_CHECK;
/* "HOST:PORT" of an http or https URL, in the arena; NULL: it is none. */
const char *network_place(const char *url, struct arena *a);

#endif
