/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agents found. The journal has the numbers; the findings themselves lie in the result files
 * that the engine keeps in the run's folder. They are claims.
 *
 * A later wave may check, order or condense what an earlier one found: of the findings that name
 * the same `dimension`, those of the last wave that looked at it count, and those of the research
 * wave only where nobody looked later. Findings without a dimension all count. The same `id` is
 * shown once.
 */
#include "report/build_priv.h"

#include "base/os.h"
#include "base/vector.h"

#include <string.h>

enum { RESULT_MAX_BYTES = 16 * 1024 * 1024, FINDINGS_MAX = 5000, TEXT_MAX = 2000 };

struct source {
    json_t *result;        /* owned */
    const char *dimension; /* "" for none; borrowed from the result */
    const struct orch *orch;
    const struct agent *agent;
};

struct collection {
    struct build *b;
    VECTOR(struct source) sources;
    json_t *list;
    json_t *seen;  /* id -> true */
    json_t *last;  /* orchestrator and dimension -> wave */
    json_t *later; /* dimension -> true */
};

/* The caller frees. */
static char *source_key(const struct source *s)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(s->orch->id, id);
    return text_format("%s %s", id, s->dimension);
}

static json_t *read_result(const struct build *b, uint32_t orch, uint32_t agent)
{
    char name[TREE_RESULT_NAME_MAX];
    AUTO_FAULT unreadable = {0};
    json_t *result = NULL;

    tree_result_name(b->t, orch, agent, name);
    AUTO_FREE char *path = text_format("%s/context/results/%s", b->facts->run_dir, name);
    /* What is not there any more is not shown; the agent's entry still says how many there were. */
    if (os_exists(path) && json_read_file(path, RESULT_MAX_BYTES, &result, &unreadable) < 0)
        return NULL;
    return result;
}

static void add_sources(struct collection *c)
{
    const struct tree *t = c->b->t;

    for (uint32_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        for (uint32_t k = 0; o->work && k < o->work->agents.count; k++) {
            const struct agent *a = &o->work->agents.at[k];
            json_t *result = a->result ? read_result(c->b, i, k) : NULL;
            if (!result)
                continue;
            const char *dimension = json_get_string(result, "dimension", "");
            vector_push(&c->sources, (struct source){result, dimension, o, a});
        }
    }
}

/* Who looked at a dimension last: by orchestrator the wave, and whether it was only research. */
static void note_source(struct collection *c, const struct source *s)
{
    AUTO_FREE char *key = source_key(s);

    if (!s->dimension[0])
        return;
    if (json_get_int(c->last, key, 0) <= s->agent->wave)
        json_object_set_new(c->last, key, json_integer(s->agent->wave));
    if (s->agent->wave)
        json_object_set_new(c->later, s->dimension, json_true());
}

static bool counts(const struct collection *c, const struct source *s)
{
    AUTO_FREE char *key = source_key(s);

    if (!s->dimension[0])
        return true;
    if (!s->agent->wave && json_object_get(c->later, s->dimension))
        return false;
    return json_get_int(c->last, key, 0) == s->agent->wave;
}

static bool is_new(struct collection *c, const char *id)
{
    if (!id)
        return true;
    if (json_object_get(c->seen, id))
        return false;
    json_object_set_new(c->seen, id, json_true());
    return true;
}

/* A copy of a string of a finding, bounded; null for anything else. */
static json_t *bounded(const json_t *finding, const char *key)
{
    const json_t *value = json_object_get(finding, key);
    size_t length = json_string_length(value);

    if (!json_is_string(value))
        return json_null();
    if (length > TEXT_MAX)
        length = text_utf8_valid(json_string_value(value), TEXT_MAX);
    return json_stringn(json_string_value(value), length);
}

static void add_finding(struct collection *c, const struct source *s, const json_t *finding)
{
    static const char *const texts[] = {"id",    "dimension", "severity", "file",
                                        "title", "reason",    "tool"};
    json_t *j;
    char name[16];

    if (!json_is_object(finding) || json_array_size(c->list) >= FINDINGS_MAX ||
        !is_new(c, json_get_string(finding, "id", NULL)))
        return;
    j = json_object();
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_object_set_new(j, texts[i], bounded(finding, texts[i]));
    put_int(j, "line", json_get_int(finding, "line", 0));
    put_exec_id(j, "exec_id", s->orch->id);
    put_int(j, "wave", s->agent->wave);
    tree_agent_name(s->agent, name);
    put_text(j, "instance", name);
    put_text(j, "role", tree_agent_step(c->b->t, s->orch, s->agent)->role);
    json_array_append_new(c->list, j);
}

json_t *build_findings(struct build *b)
{
    struct collection c = {.b = b,
                           .list = json_array(),
                           .seen = json_object(),
                           .last = json_object(),
                           .later = json_object()};
    size_t k;
    const json_t *finding;

    if (b->facts->run_dir)
        add_sources(&c);
    for (size_t i = 0; i < c.sources.count; i++)
        note_source(&c, &c.sources.at[i]);
    for (size_t i = 0; i < c.sources.count; i++) {
        const struct source *s = &c.sources.at[i];
        if (!counts(&c, s))
            continue;
        json_array_foreach (json_object_get(s->result, "findings"), k, finding)
            add_finding(&c, s, finding);
    }
    for (size_t i = 0; i < c.sources.count; i++)
        json_decref(c.sources.at[i].result);
    vector_free(&c.sources);
    json_decref(c.seen);
    json_decref(c.last);
    json_decref(c.later);
    return c.list;
}
