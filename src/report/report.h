/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of a run. report_build makes report.json from the tree, which knows nothing but the
 * journal; everything that people read is made from that JSON, so that an old report.json can be
 * shown again.
 *
 * Facts and claims are kept apart: what an agent says about its work is in `claim`, `summary`,
 * `metrics`, `findings` and `follow_up` of the agent, and in what is added up from them (`metrics`,
 * `findings`); everything else kelp observed itself. What was measured is in `timing`; what is
 * computed by a model of the run is in `decision.estimate` and `replay`.
 *
 * Keys are only ever added. `version` says when that was not possible.
 */
#ifndef KELP_REPORT_REPORT_H
#define KELP_REPORT_REPORT_H

#include "base/json.h"
#include "core/tree.h"

enum { REPORT_VERSION = 1 };

/* What the events do not tell. Right when zeroed. */
struct report_facts {
    const char *run_dir; /* the results that agents wrote are read from there; NULL: without */
    const char *root;    /* the user's working tree; NULL: not said */
    int64_t now_ms;      /* when the report is made; 0: when the run ended */
};

/* Works for a run that has ended and for one that has not. New reference. */
json_t *report_build(const struct tree *t, const struct report_facts *facts);

/* The report of one orchestrator and its cleanup, in the form of the whole. FAULT_NOT_FOUND if the
 * report has no such orchestrator. New reference. */
int report_child(const json_t *report, const char *exec_id, json_t **ret,
                 struct fault *f) MUST_CHECK;

/* Each makes a text of a report, or of a child's. The caller frees. */
char *report_markdown(const json_t *report); /* fit for a pull request */
char *report_html(const json_t *report);     /* one file that needs no other */
char *report_junit(const json_t *report);    /* JUnit XML: agents and checks */
char *report_json(const json_t *report);     /* indented, in the order of the keys */

/* Writes report.json, report.md and report.html in the run's folder, each whole or not at all. */
int report_write(const char *run_dir, const json_t *report, struct fault *f) MUST_CHECK;

#endif
