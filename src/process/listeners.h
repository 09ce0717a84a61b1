/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At which paths programs of this machine listen, by /proc/net/unix: those of this network
 * namespace. The kernel tells a path as it was bound: it may be a link, be gone, belong to another
 * mount namespace, and hold any byte but NUL. Relative ones are left out, and so are those below
 * /proc, which mean something else to whoever reads them.
 */
#ifndef KELP_PROCESS_LISTENERS_H
#define KELP_PROCESS_LISTENERS_H

#include "base/memory.h"

/* A path lives until the call returns; one may come more than once. */
typedef void listener_fn(void *ctx, const char *path);

/* Returns 0 or -errno. */
int listeners_each(listener_fn *visit, void *ctx) MUST_CHECK;

/* The same for the text of that file, which is cut up. */
void listeners_parse(char *text, listener_fn *visit, void *ctx);

#endif
