/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/grant.h"

#include "base/json.h"
#include "engine/limits.h"
#include "plan/yaml.h"

#include <string.h>

static bool has(const struct strings *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], word) == 0)
            return true;
    return false;
}

static bool has_more(const struct strings *own, const struct strings *asked)
{
    for (size_t i = 0; i < asked->count; i++)
        if (!has(own, asked->at[i]))
            return true;
    return false;
}

/* Of an agent that is kept to some places. */
static const char *reaches_more(const struct plan_settings *own, const struct plan_settings *asked)
{
    const struct strings *hosts = &asked->sandbox.hosts;

    if (own->sandbox.network != NETWORK_ENDPOINT || asked->sandbox.network != NETWORK_ENDPOINT)
        return NULL;
    for (size_t i = 0; i < hosts->count; i++)
        if (!has(&own->sandbox.hosts, hosts->at[i]))
            return "sandbox.hosts";
    if (*asked->base_url && strcmp(asked->base_url, own->base_url) != 0)
        return "base_url";
    return NULL;
}

static bool uncontained(const struct plan_settings *s)
{
    return s->sandbox.off || s->isolation == ISOLATION_NONE;
}

/* What of `asked` goes beyond `own`, in the words of a plan; NULL: nothing. */
static const char *excess(const struct plan_settings *own, const struct plan_settings *asked)
{
    if (uncontained(own))
        return NULL;
    if (asked->sandbox.off)
        return "sandbox: off";
    if (asked->isolation == ISOLATION_NONE)
        return "isolation: none";
    if (asked->sandbox.network < own->sandbox.network)
        return "sandbox.network";
    if (has_more(&own->sandbox.read, &asked->sandbox.read))
        return "sandbox.read";
    if (has_more(&own->sandbox.write, &asked->sandbox.write))
        return "sandbox.write";
    if (limits_excess(own, asked))
        return limits_excess(own, asked);
    return reaches_more(own, asked);
}

static int refuse(const char *title, const char *what, struct fault *f)
{
    int r = fault_set(f, FAULT_REFUSED, "'%s' asks for `%s`, which its agent does not have itself",
                      title, what);

    fault_hint(f, "only the plan of the run can give more");
    return r;
}

int grant_check(const struct plan_settings *own, const struct plan *asked, struct fault *f)
{
    for (size_t i = 0; i < asked->subtask_count; i++) {
        const struct plan_subtask *t = &asked->subtasks[i];
        const char *what = excess(own, &t->settings);
        for (size_t k = 0; !what && k < t->step_count; k++)
            what = excess(own, &t->steps[k].settings);
        if (what)
            return refuse(t->title, what, f);
    }
    return 0;
}

int grant_read(const struct text *request, const struct plan_settings *own, struct arena *a,
               struct plan **ret, struct fault *f)
{
    static const char name[] = "request";
    json_auto_t *in = NULL;

    int r = json_parse(text_get(request), request->length, name, &in, f);
    if (r == 0)
        r = plan_from_json(json_object_get(in, "plan"), name, a, ret, f);
    return r < 0 ? r : grant_check(own, *ret, f);
}
