/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/repo.h"

#include "sim/dice.h"

#include "core/job.h"

#include <string.h>

static size_t content_place(const struct content *c, uint32_t job)
{
    size_t low = 0, high = c->jobs.count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->jobs.at[middle] < job)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool content_has(const struct content *c, uint32_t job)
{
    size_t i = content_place(c, job);

    return i < c->jobs.count && c->jobs.at[i] == job;
}

static void content_add(struct content *c, uint32_t job)
{
    size_t i = content_place(c, job);

    if (i < c->jobs.count && c->jobs.at[i] == job)
        return;
    vector_push(&c->jobs, job);
    memmove(&c->jobs.at[i + 1], &c->jobs.at[i], (c->jobs.count - 1 - i) * sizeof *c->jobs.at);
    c->jobs.at[i] = job;
}

static void content_join(struct content *c, const struct content *other)
{
    for (size_t i = 0; i < other->jobs.count; i++)
        content_add(c, other->jobs.at[i]);
}

static void content_set(struct content *c, const struct content *from)
{
    c->jobs.count = 0;
    content_join(c, from);
}

bool content_holds(const struct content *all, const struct content *part)
{
    for (size_t i = 0; i < part->jobs.count; i++)
        if (!content_has(all, part->jobs.at[i]))
            return false;
    return true;
}

const struct content *repo_commit(const struct repo *r, const char *name)
{
    static const struct content nothing;

    for (size_t i = r->commits.count; i-- > 0;)
        if (strcmp(r->commits.at[i].name, name) == 0)
            return &r->commits.at[i].content;
    return &nothing;
}

static const char *name_of(struct repo *r, const struct content *c)
{
    struct repo_commit made = {0};
    uint64_t hash = 0;

    if (!c->jobs.count)
        return "base";
    for (size_t i = 0; i < c->jobs.count; i++)
        hash = dice_mix(hash, c->jobs.at[i]);
    made.name = arena_format(r->arena, "c%zu-%08x", c->jobs.count, (unsigned)(hash >> 32));
    if (!repo_commit(r, made.name)->jobs.count) {
        content_join(&made.content, c);
        vector_push(&r->commits, made);
    }
    return made.name;
}

static bool copy_same(struct copy_id a, struct copy_id b)
{
    return a.orch == b.orch && a.agent == b.agent && a.generation == b.generation;
}

struct repo_copy *repo_find(struct repo *r, struct copy_id id)
{
    if (id.orch >= r->copies.count)
        return NULL;
    struct repo_copies *of = &r->copies.at[id.orch];
    for (size_t i = of->list.count; i-- > 0;)
        if (of->list.at[i].exists && copy_same(of->list.at[i].id, id))
            return &of->list.at[i];
    return NULL;
}

static struct copy_id clone_of(struct copy_id id)
{
    return (struct copy_id){.orch = id.orch, .agent = AGENT_NONE, .generation = id.generation};
}

static struct content *fetched(struct repo *r, uint32_t orch)
{
    while (r->fetched.count <= orch)
        vector_push(&r->fetched, (struct content){0});
    return &r->fetched.at[orch];
}

const struct content *repo_fetched(const struct repo *r, uint32_t orch)
{
    static const struct content nothing;

    return orch < r->fetched.count ? &r->fetched.at[orch] : &nothing;
}

bool repo_was_fetched(const struct repo *r, uint32_t orch)
{
    const struct repo_copies *of = orch < r->copies.count ? &r->copies.at[orch] : NULL;

    for (size_t i = of ? of->list.count : 0; i-- > 0;) {
        const struct repo_copy *c = &of->list.at[i];
        if (c->id.agent == AGENT_NONE)
            return !c->exists || content_holds(repo_fetched(r, orch), &c->committed);
    }
    return true;
}

void repo_make(struct repo *r, struct copy_id id, const char *commit)
{
    struct repo_copy made = {.id = id, .exists = true};
    const struct repo_copy *from = NULL;

    if (repo_find(r, id))
        return;
    if (id.agent != AGENT_NONE)
        from = repo_find(r, clone_of(id));
    else
        content_set(&made.committed, repo_commit(r, commit));
    if (from)
        content_set(&made.committed, &from->committed);
    while (r->copies.count <= id.orch)
        vector_push(&r->copies, (struct repo_copies){0});
    vector_push(&r->copies.at[id.orch].list, made);
}

void repo_work(struct repo *r, struct copy_id id, uint32_t job)
{
    struct repo_copy *c = repo_find(r, id);

    if (c)
        content_add(&c->loose, job);
}

void repo_reset(struct repo *r, struct copy_id id)
{
    struct repo_copy *c = repo_find(r, id);

    if (c)
        c->loose.jobs.count = 0;
}

const char *repo_head(struct repo *r, struct copy_id id)
{
    const struct repo_copy *c = repo_find(r, id);

    return c ? name_of(r, &c->committed) : "";
}

const char *repo_settle(struct repo *r, struct copy_id id)
{
    struct repo_copy *c = repo_find(r, id);

    if (!c)
        return "";
    content_join(&c->committed, &c->loose);
    c->loose.jobs.count = 0;
    return name_of(r, &c->committed);
}

const char *repo_join(struct repo *r, struct copy_id from, struct copy_id into)
{
    struct repo_copy *a = repo_find(r, from), *b = repo_find(r, into);

    if (!a || !b)
        return "";
    content_join(&b->committed, &a->committed);
    return name_of(r, &b->committed);
}

static void count_lost(struct repo *r, const struct content *gone)
{
    for (size_t i = 0; i < gone->jobs.count; i++)
        r->lost += !repo_has_work(r, gone->jobs.at[i]);
}

const char *repo_fetch(struct repo *r, struct copy_id id)
{
    const struct repo_copy *c = repo_find(r, clone_of(id));
    struct content *branch = fetched(r, id.orch), before = {0};

    if (!c)
        return "";
    content_set(&before, branch);
    content_set(branch, &c->committed);
    if (!content_holds(branch, &before)) {
        r->moves++;
        if (r->bug != REPO_NO_EARLIER)
            content_join(&r->earlier, &before);
        count_lost(r, &before);
    }
    vector_free(&before.jobs);
    return name_of(r, &c->committed);
}

const char *repo_merge(struct repo *r, const char *onto, const uint32_t *orchs, size_t count)
{
    struct content all = {0};

    content_join(&all, repo_commit(r, onto));
    for (size_t i = 0; i < count; i++)
        content_join(&all, fetched(r, orchs[i]));
    const char *name = name_of(r, &all);
    vector_free(&all.jobs);
    return name;
}

bool repo_knows(const struct repo *r, const char *commit)
{
    const struct content *c = repo_commit(r, commit);

    for (size_t i = 0; i < c->jobs.count; i++) {
        bool here = false;
        for (size_t k = 0; !here && k < r->fetched.count; k++)
            here = content_has(&r->fetched.at[k], c->jobs.at[i]);
        if (!here)
            return false;
    }
    return true;
}

void repo_land(struct repo *r, const char *commit)
{
    content_join(&r->landed, repo_commit(r, commit));
}

void repo_push(struct repo *r)
{
    content_set(&r->pushed, &r->landed);
}

/* Whether a branch, or another ref, of the user's repository has it. */
static bool at_home(const struct repo *r, uint32_t job)
{
    if (content_has(&r->landed, job) || content_has(&r->earlier, job))
        return true;
    for (size_t i = 0; i < r->fetched.count; i++)
        if (content_has(&r->fetched.at[i], job))
            return true;
    return false;
}

bool repo_has_work(const struct repo *r, uint32_t job)
{
    if (at_home(r, job) || content_has(&r->pushed, job) || content_has(&r->bundled, job))
        return true;
    for (size_t i = 0; i < r->copies.count; i++) {
        const struct repo_copies *of = &r->copies.at[i];
        for (size_t k = 0; k < of->list.count; k++)
            if (of->list.at[k].exists && content_has(&of->list.at[k].committed, job))
                return true;
    }
    return false;
}

static void copy_free(struct repo_copy *c)
{
    vector_free(&c->committed.jobs);
    vector_free(&c->loose.jobs);
    c->exists = false;
}

static void take_away(struct repo *r, struct repo_copy *c)
{
    struct content gone = c->committed;

    c->committed = (struct content){0};
    copy_free(c);
    count_lost(r, &gone);
    vector_free(&gone.jobs);
}

void repo_remove(struct repo *r, struct copy_id id)
{
    struct repo_copy *c = repo_find(r, id);

    if (c)
        take_away(r, c);
}

/* What nobody committed becomes a commit first. */
static void bundle(struct repo *r, struct repo_copy *c)
{
    bool needed = false;

    content_join(&c->committed, &c->loose);
    for (size_t i = 0; i < c->committed.jobs.count; i++) {
        if (at_home(r, c->committed.jobs.at[i]))
            continue;
        needed = true;
        if (r->bug != REPO_NO_BUNDLES)
            content_add(&r->bundled, c->committed.jobs.at[i]);
    }
    r->bundles += needed;
}

static bool is_among(const struct copy_id *list, size_t count, struct copy_id id)
{
    for (size_t i = 0; i < count; i++)
        if (copy_same(list[i], id))
            return true;
    return false;
}

void repo_discard(struct repo *r, const struct copy_id *keep, size_t count)
{
    for (size_t i = 0; i < r->copies.count; i++)
        for (size_t k = 0; k < r->copies.at[i].list.count; k++) {
            struct repo_copy *c = &r->copies.at[i].list.at[k];
            if (!c->exists || is_among(keep, count, c->id))
                continue;
            bundle(r, c);
            take_away(r, c);
        }
}

static void free_copies(struct repo *r)
{
    for (size_t i = 0; i < r->copies.count; i++) {
        for (size_t k = 0; k < r->copies.at[i].list.count; k++)
            copy_free(&r->copies.at[i].list.at[k]);
        vector_free(&r->copies.at[i].list);
    }
    vector_free(&r->copies);
}

void repo_free(struct repo *r)
{
    free_copies(r);
    for (size_t i = 0; i < r->fetched.count; i++)
        vector_free(&r->fetched.at[i].jobs);
    vector_free(&r->fetched);
    for (size_t i = 0; i < r->commits.count; i++)
        vector_free(&r->commits.at[i].content.jobs);
    vector_free(&r->commits);
    vector_free(&r->landed.jobs);
    vector_free(&r->pushed.jobs);
    vector_free(&r->earlier.jobs);
    vector_free(&r->bundled.jobs);
}
