/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/admission.h"

bool admission_text(const struct tree *t, struct text *out)
{
    size_t waiting = tree_admission_waiting(t);

    if (!waiting)
        return false;
    text_printf(out, "%s: %u of %zu agents run; waiting",
                admission_cause_sentence(t->admission.now.cause), t->running, t->running + waiting);
    return true;
}

json_t *admission_json(const struct tree *t)
{
    const struct admission_level *now = &t->admission.now;

    if (!now->limit)
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:I}", "cause", admission_cause_name(now->cause), "limit",
                     (json_int_t)now->limit, "running", (json_int_t)t->running, "waiting",
                     (json_int_t)tree_admission_waiting(t));
}
