/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs a run into a recording (record/container.h):
 *
 *     recording.json             of which run, the request, the base, an outline of its report
 *     plan.json                  the plan as a plan file
 *     attempts/KEY/play.json     how an attempt ended, and how long it took
 *     attempts/KEY/stdout, stderr, result.json
 *     attempts/KEY/change.patch  what the agent changed, with its last attempt
 *     base.bundle                the commit that the run began from, if it is asked for
 *
 * Only attempts of programs that a model drives are in it, the planner's too: a plan's commands,
 * checks and setup are run again for real. KEY is as engine/replay.h has it.
 */
#ifndef KELP_RECORD_COLLECT_H
#define KELP_RECORD_COLLECT_H

#include "base/json.h"
#include "core/tree.h"
#include "engine/redact.h"

enum {
    COLLECT_STREAM_MAX = 16 * 1024 * 1024, /* of each output; beyond it the middle goes */
    COLLECT_RESULT_MAX = 16 * 1024 * 1024, /* a longer result file is left out */
};

#define RECORDING_MANIFEST "recording.json"
#define RECORDING_PLAN "plan.json"
#define RECORDING_BASE "base.bundle"

/* Borrowed. */
struct collect {
    const struct tree *tree; /* nobody works on it */
    const char *root;        /* the user's working tree */
    const char *run_dir;
    const json_t *report;        /* report_build of the tree */
    const struct redact *redact; /* its finds are overwritten in everything that is packed */
    bool with_base;
};

struct collected {
    size_t attempts;
    size_t cut;             /* streams whose middle is not in it */
    size_t secrets;         /* that were overwritten */
    size_t changed_secrets; /* of these, in changes: they will not be replayed as they were */
};

/* FAULT_REFUSED: the run came to no plan or began from no commit. FAULT_NOT_FOUND: what an attempt
 * printed, or a commit, is gone. */
int collect_run(const struct collect *what, const char *path, struct collected *ret,
                struct fault *f) MUST_CHECK;
/* The tree of the run's result; "" where there is none. The caller frees. */
int collect_result_tree(const struct tree *t, const char *root, char **ret,
                        struct fault *f) MUST_CHECK;

#endif
