/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do next, most pressing first: entries of {text, command, from}. `command` is exact or
 * null; `from` is "kelp", or the execution ID of the agent that says so (a claim).
 */
#include "report/build_priv.h"

#include "base/escape.h"

#include <string.h>

enum { CHILDREN_NAMED = 10, CLAIMS_MAX = 200 };

struct steps {
    const struct build *b;
    json_t *list;
    char run[EXEC_ID_TEXT_MAX];
};

/* Takes both strings; `command` may be NULL. */
static void add(struct steps *s, const char *from, char *text, char *command)
{
    json_t *j = json_object();

    put_text(j, "text", text);
    put_text(j, "command", command);
    put_text(j, "from", from);
    json_array_append_new(s->list, j);
    free(text);
    free(command);
}

static void go_on(struct steps *s)
{
    if (s->b->t->phase != RUN_ENDED && s->b->t->phase != RUN_REPORT)
        add(s, "kelp", mem_string("The run has not ended; if no engine works on it, take it up"),
            text_format("kelp resume %s", s->run));
}

/* What has to be mended before a run that stopped by itself can go on. */
static void frozen(struct steps *s)
{
    const struct tree *t = s->b->t;

    for (size_t i = 0; t->stuck && i < t->providers.count; i++) {
        const struct provider *p = &t->providers.at[i];
        size_t waiting = tree_provider_waiting(t, i);
        if (p->frozen && waiting)
            add(s, "kelp",
                text_format("Mend what %s said: %s; %zu %s for it", p->name,
                            p->trouble[0] ? p->trouble : "it does not serve", waiting,
                            waiting == 1 ? "waits" : "wait"),
                NULL);
    }
}

static void failed_run(struct steps *s)
{
    const struct tree *t = s->b->t;

    if (t->failure[0])
        add(s, "kelp", text_format("Put right what stopped the run: %s", t->failure), NULL);
    if (t->over_limit)
        add(s, "kelp",
            mem_string("A limit of the run was reached; raise it under `limits` in the plan, or "
                       "retry what is left"),
            NULL);
}

static bool can_retry(const struct orch *o)
{
    return o->kind == ORCH_CHILD && !o->merged && o->state == ORCH_STATE_ENDED &&
           o->status != END_DONE;
}

static void retries(struct steps *s)
{
    const struct tree *t = s->b->t;
    size_t more = 0, named = 0;

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        char id[EXEC_ID_TEXT_MAX];
        if (!can_retry(o))
            continue;
        exec_id_format(o->id, id);
        if (named++ < CHILDREN_NAMED)
            add(s, "kelp",
                text_format("Do '%s' (%s) again, alone, when its cause is gone",
                            t->units.at[o->unit_first].title, end_status_name(o->status)),
                text_format("kelp retry %s", id));
        else
            more++;
    }
    if (more)
        add(s, "kelp", text_format("%zu more subtasks can be retried in the same way", more), NULL);
}

static void left_out(struct steps *s)
{
    const struct tree *t = s->b->t;

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        char id[EXEC_ID_TEXT_MAX];
        if (o->kind != ORCH_CHILD || o->status != END_DONE || !o->commits || o->merged)
            continue;
        exec_id_format(o->id, id);
        add(s, "kelp",
            text_format("'%s' is done but not part of the result (%s): merge it by hand",
                        t->units.at[o->unit_first].title,
                        o->reason[0] ? o->reason : "its branch was not merged"),
            text_format("git merge kelp/%s", id));
    }
}

static char *blocking_text(const struct tree *t)
{
    AUTO_TEXT text = {0};

    text_printf(&text, "The result did not land: %s",
                t->land_reason ? t->land_reason : "the working tree was in the way");
    for (size_t i = 0; i < t->land_blocking.count && i < CHILDREN_NAMED; i++)
        text_printf(&text, "%s%s", i ? ", " : " (", t->land_blocking.at[i]);
    if (t->land_blocking.count > CHILDREN_NAMED)
        text_printf(&text, " and %zu more", t->land_blocking.count - CHILDREN_NAMED);
    if (t->land_blocking.count)
        text_add_char(&text, ')');
    return text_take(&text);
}

static void landing(struct steps *s)
{
    const struct tree *t = s->b->t;
    bool changed = t->commit[0] && strcmp(t->commit, t->base) != 0;

    if (t->land_refused)
        add(s, "kelp", blocking_text(t), text_format("kelp land %s", s->run));
    else if (changed && !t->landed && t->status != RUN_STATUS_NONE)
        add(s, "kelp",
            text_format("The result is on the branch kelp/%s: look at it, then land it", s->run),
            text_format("kelp land %s", s->run));
}

static void pushing(struct steps *s)
{
    const struct tree *t = s->b->t;
    const char *remote = t->remote[0] ? t->remote : t->request.remote;
    AUTO_TEXT command = {0};

    if (!t->landed || t->pushed || !remote[0] || !t->landed_on[0])
        return;
    text_add(&command, "git push ");
    text_add_quoted(&command, remote);
    text_add_char(&command, ' ');
    text_add_quoted(&command, t->landed_on);
    add(s, "kelp",
        text_format("Push the result: %s", t->push_reason ? t->push_reason : "it was not pushed"),
        text_take(&command));
}

/* What the user had not committed is no part of the result, but it is safe. */
static void dirty(struct steps *s)
{
    const struct tree *t = s->b->t;

    if (t->dirty && t->backup[0] && t->status == RUN_STATUS_FAILED)
        add(s, "kelp",
            mem_string("The working tree as it was at the start, uncommitted changes included, is "
                       "backed up"),
            text_format("kelp restore %s", s->run));
}

static void claims_of(struct steps *s, const struct orch *o)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        const struct agent_result *r = o->work->agents.at[i].result;
        for (size_t k = 0; r && k < r->follow_up.count; k++)
            if (json_array_size(s->list) < CLAIMS_MAX)
                add(s, id, mem_string(r->follow_up.at[k]), NULL);
    }
}

json_t *build_follow_up(struct build *b)
{
    struct steps s = {.b = b, .list = json_array()};

    exec_id_format(b->t->orchs.at[0].id, s.run);
    frozen(&s);
    go_on(&s);
    failed_run(&s);
    landing(&s);
    pushing(&s);
    retries(&s);
    left_out(&s);
    dirty(&s);
    for (size_t i = 0; i < b->t->orchs.count; i++)
        claims_of(&s, &b->t->orchs.at[i]);
    return s.list;
}
