/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs an agent behind a proxy that lets it through to its places and nowhere else. The relay is
 * part of the attempt: standard streams, exit status and the signal that ended it are the agent's,
 * and it ends when the agent does.
 *
 * One loop over the listeners, the links, the resolver and the agent's end; see link.h for what may
 * take how long. It keeps at most 256 links and lets others wait to be accepted. Refusals are lines
 * on standard error, no more than twenty in ten seconds.
 */
#ifndef KELP_RELAY_RELAY_H
#define KELP_RELAY_RELAY_H

#include "relay/cage.h"

/* Returns the agent's status as of waitpid(2), or minus a code: it did not start, or the relay
 * could not go on and has killed it. Signals have to be blocked. */
int relay_run(const struct cage_options *options, struct fault *f) MUST_CHECK;

#endif
