/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt may do to the machine, kept by the kernel (Landlock, and for the network also a
 * seccomp filter) without any privilege: it reads everything that its user can read, writes
 * only below named paths and to the harmless devices, and signals, traces and reaches through
 * abstract sockets only its own processes. It can't be taken off again, and all descendants are in
 * it. Root keeps its rights over files, not those over other processes, devices and the kernel.
 *
 * Of other attempts' files it sees what it is meant to see, where the machine gives it a mount
 * namespace (sandbox_view.h); there, what it may not write is also read-only in all that Landlock
 * has no right for (sandbox_outside.h). Reading files is not kept in otherwise. Landlock can only
 * allow, and an allowed folder is allowed with all that is below it: to leave out one folder,
 * everything beside each of the folders above it would have to be allowed one by one. These rules
 * hold on to the files that are there at the start, so that a configuration file in the home folder
 * that somebody replaces meanwhile, as programs do to save it, could not be read any more by what
 * runs.
 */
#ifndef KELP_PROCESS_SANDBOX_H
#define KELP_PROCESS_SANDBOX_H

#include "base/fault.h"
#include "process/sandbox_outside.h"
#include "process/sandbox_view.h"

#include <stddef.h>
#include <stdint.h>

enum sandbox_network {
    SANDBOX_NETWORK_ALL,
    SANDBOX_NETWORK_NONE,    /* no sockets that reach anybody: see sandbox_filter_sockets */
    SANDBOX_NETWORK_RELAYED, /* all, and by kelp-relay less for what that starts */
};

/* Plain data. */
struct sandbox {
    const char *const *writable; /* absolute paths of files or folders; what does not exist when
                                  * the attempt starts is passed over; at most
                                  * SANDBOX_WRITABLE_MAX */
    size_t writable_count;
    enum sandbox_network network;
    const struct sandbox_view *views; /* what is hidden, and shown again; at most
                                       * SANDBOX_VIEWS_MAX */
    size_t view_count;
};

enum sandbox_need {
    SANDBOX_NEEDS_NOTHING, /* what the machine does not give is left out */
    SANDBOX_NEEDS_VIEW,    /* what is to be hidden is hidden */
    SANDBOX_NEEDS_ALL,     /* and the rest is closed: see sandbox_outside_close */
};

/* Made ready for one start: what the child enters. Plain data. */
struct sandbox_jail {
    int ruleset_fd;           /* of Landlock */
    uint64_t rights;          /* over files, that it knows */
    const struct sandbox *of; /* has to outlive it */
    bool no_spaces;           /* user namespaces do not work here: see sandbox_space_works */
    enum sandbox_need needs;  /* to enter fails without it (probes) */
};

/*
 * Returns 0, or -errno: -EOPNOTSUPP when the kernel cannot keep the writes in at all, -ENOTDIR
 * and the like when a path cannot be opened. *ret_jail is to be ended with sandbox_finish
 * either way.
 */
int sandbox_prepare(const struct sandbox *sandbox, struct sandbox_jail *ret_jail) MUST_CHECK;
void sandbox_finish(struct sandbox_jail *jail);

/* For a child just before exec: async-signal-safe. Returns 0 or errno. */
int sandbox_enter(const struct sandbox_jail *jail) MUST_CHECK;

/* Root's rights that lead out of a sandbox are gone from the next exec on. Async-signal-safe. */
void sandbox_drop_rights(void);

/* The version of Landlock that the kernel has; 0: none. */
int sandbox_landlock_version(void);

#endif
