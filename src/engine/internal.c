/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that need no process: planning without a model, asking the user, writing the report. */
#include "engine/engine_priv.h"

static int do_plan(struct engine *e, struct outcome *o, struct fault *f)
{
    int r = context_findings(e, f);

    if (r < 0)
        return r;
    return e->options.hooks.planner(e->options.hooks.ctx, e->tree, &e->plans, o, f);
}

static int do_confirm(struct engine *e, struct outcome *o, struct fault *f)
{
    int r = e->options.hooks.confirm(e->options.hooks.ctx, e->tree, f);

    o->yes = r > 0;
    return r < 0 ? r : 0;
}

static int do_report(struct engine *e, struct outcome *o, struct fault *f)
{
    (void)o;
    return e->options.hooks.report(e->options.hooks.ctx, e->tree, f);
}

static int (*const jobs[JOB_KIND_COUNT])(struct engine *, struct outcome *, struct fault *) = {
    [JOB_PLAN] = do_plan,
    [JOB_CONFIRM] = do_confirm,
    [JOB_REPORT] = do_report,
};

void internal_job(struct engine *e, uint32_t job)
{
    struct outcome outcome = {.exit_code = 0};
    AUTO_FAULT f = {0};
    int r = jobs[e->tree->jobs.at[job].kind](e, &outcome, &f);

    if (r < 0)
        engine_fail_job(e, job, &f);
    else
        engine_end_job(e, job, outcome);
}
