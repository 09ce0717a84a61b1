/* SPDX-License-Identifier: Apache-2.0 */
/* A recording, read: what a run needs that replays it. A recording is a foreign file: everything
 * in it is checked, and its plan is read like any plan file. */
#ifndef KELP_RECORD_RECORDING_H
#define KELP_RECORD_RECORDING_H

#include "base/arena.h"
#include "base/json.h"
#include "core/event.h"

/* Plain data; end with recording_free. */
struct recording {
    struct text file;      /* the whole of it */
    const char *name;      /* of the file */
    json_t *manifest;      /* owned */
    const json_t *outline; /* in the manifest */
    const char *run;       /* "ORG_1001" */
    const char *base;      /* a full object name */
    bool ended;            /* else it was stopped or failed on the way */
    size_t attempts;
    struct run_request request; /* with its plan; what is of a repository is empty */
};

/* FAULT_CORRUPT, FAULT_NEWER, FAULT_PLAN, FAULT_LIMIT; strings live in the arena. */
int recording_read(const char *path, struct arena *a, struct recording *ret,
                   struct fault *f) MUST_CHECK;
/* The same of a text in memory, which is taken over; `name` is the file as faults show it. */
int recording_parse(struct text *file, const char *name, struct arena *a, struct recording *ret,
                    struct fault *f) MUST_CHECK;
void recording_free(struct recording *r);
#define AUTO_RECORDING __attribute__((cleanup(recording_free))) struct recording

/* Makes the folder `dir` with what the engine and kelp-replay want (engine/replay.h), and
 * recording.json. */
int recording_unpack(const struct recording *r, const char *dir, bool real_time,
                     struct fault *f) MUST_CHECK;
/* The base, as a bundle at `path`; FAULT_NOT_FOUND if it is not in the recording. */
int recording_bundle(const struct recording *r, const char *path, struct fault *f) MUST_CHECK;
/* How often the recorded run had stopped because a provider would not serve it: the replay is taken
 * up again as often. */
unsigned recording_stops(const struct recording *r);

#endif
