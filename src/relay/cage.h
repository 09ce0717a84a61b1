/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the agent where it reaches nobody but its relay. Best is a network namespace with nothing
 * in it but a loopback interface of its own: servers and tests of the agent's work there, and it
 * finds the relay, and each allowed place that is on this machine, at a port of that loopback.
 * Where the machine gives no namespaces, Landlock lets it connect to these ports alone and be no
 * server; since Landlock knows ports and not addresses, whoever listens on just these ports is then
 * reachable elsewhere too. Where it can do neither, nothing is started.
 *
 * In both ways the agent makes only the sockets of sandbox_filter_sockets, signals and traces
 * nobody outside, and dies with its relay.
 */
#ifndef KELP_RELAY_CAGE_H
#define KELP_RELAY_CAGE_H

#include "relay/place.h"

#include <signal.h>
#include <sys/types.h>

enum cage_way { CAGE_BEST, CAGE_NAMESPACE, CAGE_PORTS };

struct cage_options {
    const char *const *argv; /* NULL-terminated; argv[0] has a slash, or is looked up in the PATH */
    const place_list *places;
    enum cage_way way;
    const sigset_t *mask; /* of blocked signals that the agent has */
};

enum { CAGE_LISTENERS_MAX = 1 + 2 * PLACES_MAX };

/* A socket on which the relay is to accept. */
struct cage_listener {
    int fd;    /* does not block */
    int place; /* of the list, that all of its connections are for; -1: the proxy */
};

/* Plain data. The descriptors are the caller's. */
struct cage {
    pid_t pid;
    int pidfd;
    struct cage_listener listeners[CAGE_LISTENERS_MAX];
    unsigned count;
};

/* Returns when the program runs. FAULT_NOT_FOUND: there is none; FAULT_ENVIRONMENT: the machine
 * cannot keep it in. */
int cage_start(const struct cage_options *options, struct cage *ret, struct fault *f) MUST_CHECK;

#endif
