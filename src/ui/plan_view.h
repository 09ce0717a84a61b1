/* SPDX-License-Identifier: Apache-2.0 */
/* The decision with its reasons and the structure of the waves, for people and for scripts. */
#ifndef KELP_UI_PLAN_VIEW_H
#define KELP_UI_PLAN_VIEW_H

#include "base/json.h"
#include "core/decide.h"
#include "core/exec_id.h"
#include "core/outline.h"

/* Borrowed; right when zeroed but for plan and decision. */
struct plan_view {
    uint32_t number; /* of the run that it is or would be */
    const struct plan *plan;
    const struct decision *decision;
    struct outline_options outline;
    struct strings notes; /* of the planner */
    bool symbols;         /* the terminal shows more than ASCII */
};

/* Lines, escaped for a terminal. Of many children the first ones and their number. */
void plan_view_text(const struct plan_view *view, struct text *out);
/* The keys of `kelp plan --json`. New reference. */
json_t *plan_view_json(const struct plan_view *view);

#endif
