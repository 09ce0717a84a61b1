/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/link.h"

#include "base/text.h"
#include "core/graph.h"
#include "plan/names.h"

#include <string.h>

enum { SLUG_BYTES = 40, CYCLE_SHOWN = 20 };

/* What each of n things waits for. */
struct waits {
    const size_t *at;
    size_t count;
};

/* Edges lead from what is waited for to what waits. The caller frees. */
static struct graph *graph_of(const struct waits *waits, size_t n)
{
    struct graph *graph = graph_new(n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < waits[i].count; k++)
            (void)graph_add(graph, waits[i].at[k], i);
    return graph;
}

/* A circle, if there is one, as "auth -> session -> auth" from its first member in the file,
 * each before what it waits for; *ret_first is that member. Else NULL. */
static const char *circle(struct reader *r, const struct graph *graph, const char *const *names,
                          size_t *ret_first)
{
    AUTO_FREE size_t *path = mem_resize(NULL, graph_size(graph) + 1, sizeof *path);
    AUTO_TEXT text = {0};
    size_t length, first = 0;

    if (!graph_cycle(graph, path, &length))
        return NULL;
    size_t n = length - 1; /* the first stands at the end again */
    for (size_t i = 0; i < n; i++)
        first = path[i] < path[first] ? i : first;
    for (size_t i = 0; i < n && i < CYCLE_SHOWN; i++)
        text_printf(&text, "%s -> ", names[path[(first + n - i) % n]]);
    if (n > CYCLE_SHOWN)
        text_printf(&text, "(%zu more) -> ", n - CYCLE_SHOWN);
    text_add(&text, names[path[first]]);
    *ret_first = path[first];
    return arena_string(r->arena, text_get(&text));
}

struct resolver {
    struct reader *reader;
    const char *what; /* the key, for messages */
    int (*find)(struct reader *r, const struct node *ref, const void *context, size_t *ret);
    const void *context;
    size_t *stamp; /* [position]: 1 + the owner that named it last */
};

/* The same name twice is one wait. */
static int resolve(const struct resolver *v, size_t owner, const struct node *refs,
                   struct waits *ret)
{
    const struct node *const one[] = {refs};
    bool list = refs->kind == NODE_SEQUENCE;
    const struct node *const *items = list ? (const struct node *const *)refs->items : one;
    size_t count = list ? refs->count : 1, n = 0;
    size_t *at = arena_array(v->reader->arena, count, sizeof *at);

    for (size_t i = 0; i < count; i++) {
        const char *word;
        int code = field_read_text(v->reader, v->what, items[i], &word);
        if (code == 0)
            code = v->find(v->reader, items[i], v->context, &at[n]);
        if (code < 0)
            return code;
        if (v->stamp[at[n]] == owner + 1)
            continue;
        v->stamp[at[n++]] = owner + 1;
    }
    *ret = (struct waits){at, n};
    return 0;
}

struct step_names {
    struct names ids;
    const struct step_list *list;
};

static int find_step(struct reader *r, const struct node *ref, const void *context, size_t *ret)
{
    const struct step_names *names = context;

    if (names_find(&names->ids, ref->text, ret))
        return 0;
    const char **ids = arena_array(r->arena, names->list->count, sizeof *ids);
    for (size_t i = 0; i < names->list->count; i++)
        ids[i] = names->list->at[i].step.id;
    return reader_fail(r, ref, reader_suggest(r, ref->text, ids, names->list->count),
                       "'needs' names the unknown step %s", node_describe(ref, r->arena));
}

static int take_step_ids(struct reader *r, struct step_names *names)
{
    for (size_t i = 0; i < names->list->count; i++) {
        const struct plan_step *step = &names->list->at[i].step;
        size_t holder;
        if (names_add(&names->ids, step->id, i, &holder))
            continue;
        const struct node at = {.place = step->place};
        return reader_fail(r, &at, "ids are unique in a subtask",
                           "the id '%s' is taken by the step in line %u", step->id,
                           names->list->at[holder].step.place.line);
    }
    return 0;
}

static int resolve_needs(struct reader *r, struct step_list *list, struct waits *waits)
{
    struct step_names names = {.list = list};
    size_t *stamp = arena_array(r->arena, list->count, sizeof *stamp);
    const struct resolver v = {r, "needs", find_step, &names, stamp};
    int code = take_step_ids(r, &names);

    for (size_t i = 0; code == 0 && i < list->count; i++) {
        struct step_entry *entry = &list->at[i];
        if (entry->needs)
            code = resolve(&v, i, entry->needs, &waits[i]);
        entry->step.needs = waits[i].at;
        entry->step.need_count = waits[i].count;
    }
    names_free(&names.ids);
    return code;
}

static int check_steps(struct reader *r, const struct step_list *list, const struct graph *graph)
{
    const char **names = arena_array(r->arena, list->count, sizeof *names);
    size_t first;

    for (size_t i = 0; i < list->count; i++)
        names[i] = list->at[i].step.id;
    const char *path = circle(r, graph, names, &first);
    return path ? reader_fail(r, list->at[first].needs, "take one of these needs out",
                              "'needs' go in a circle: %s", path)
                : 0;
}

static void set_levels(struct step_list *list, const struct graph *graph, unsigned *ret_levels)
{
    AUTO_FREE unsigned *levels = mem_resize(NULL, list->count + 1, sizeof *levels);

    graph_levels(graph, levels);
    *ret_levels = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct plan_step *step = &list->at[i].step;
        if (!step->level)
            step->level = levels[i];
        if (step->level > *ret_levels)
            *ret_levels = step->level;
    }
}

int link_steps(struct reader *r, struct step_list *list, unsigned *ret_levels)
{
    struct waits *waits = arena_array(r->arena, list->count, sizeof *waits);
    int code = resolve_needs(r, list, waits);

    if (code < 0)
        return code;
    AUTO_GRAPH *graph = graph_of(waits, list->count);
    code = check_steps(r, list, graph);
    if (code == 0)
        set_levels(list, graph, ret_levels);
    return code;
}

/* Letters and digits in lower case, "-" for the rest; "subtask" if there are none. */
static const char *slug(struct arena *a, const char *title)
{
    char out[SLUG_BYTES + 1];
    size_t n = 0;

    for (const char *p = title; *p && n < SLUG_BYTES; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word)
            out[n++] = c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    return n ? arena_string_n(a, out, n) : "subtask";
}

struct subtask_names {
    struct names ids, titles;
    bool *shared; /* [position]: another subtask has the title too */
    const struct plan *plan;
};

static int take_written_ids(struct reader *r, struct subtask_names *names)
{
    for (size_t i = 0; i < names->plan->subtask_count; i++) {
        const struct plan_subtask *subtask = &names->plan->subtasks[i];
        size_t holder;
        if (!subtask->id || names_add(&names->ids, subtask->id, i, &holder))
            continue;
        const struct node at = {.place = subtask->place};
        return reader_fail(r, &at, "ids are unique in a plan",
                           "the id '%s' is taken by the subtask in line %u", subtask->id,
                           names->plan->subtasks[holder].place.line);
    }
    return 0;
}

/* A second "Fix bug" becomes "fix-bug-2". Counting for each word keeps this linear. */
static void derive_ids(struct reader *r, struct subtask_names *names)
{
    size_t n = names->plan->subtask_count;
    size_t *last = arena_array(r->arena, n, sizeof *last);
    AUTO_NAMES words = {0};

    for (size_t i = 0; i < n; i++) {
        struct plan_subtask *subtask = &names->plan->subtasks[i];
        if (subtask->id)
            continue;
        const char *word = slug(r->arena, subtask->title), *id = word;
        size_t first = i;
        if (names_add(&words, word, i, &first)) /* else `first` has the count */
            last[first] = 1;
        while (!names_add(&names->ids, id, i, NULL))
            id = arena_format(r->arena, "%s-%zu", word, ++last[first]);
        subtask->id = id;
    }
}

static void take_titles(struct reader *r, struct subtask_names *names)
{
    names->shared = arena_array(r->arena, names->plan->subtask_count, sizeof *names->shared);
    for (size_t i = 0; i < names->plan->subtask_count; i++) {
        size_t holder;
        if (!names_add(&names->titles, names->plan->subtasks[i].title, i, &holder))
            names->shared[holder] = true;
    }
}

static int unknown_subtask(struct reader *r, const struct subtask_names *names,
                           const struct node *ref)
{
    size_t n = names->plan->subtask_count;
    const char **words = arena_array(r->arena, 2 * n, sizeof *words);

    for (size_t i = 0; i < n; i++) {
        words[i] = names->plan->subtasks[i].id;
        words[n + i] = names->plan->subtasks[i].title;
    }
    /* With nothing near, the ids are enough to choose from. */
    size_t shown = text_nearest(ref->text, words, 2 * n) ? 2 * n : n;
    return reader_fail(r, ref, reader_suggest(r, ref->text, words, shown),
                       "'depends_on' names the unknown subtask %s", node_describe(ref, r->arena));
}

static int find_subtask(struct reader *r, const struct node *ref, const void *context, size_t *ret)
{
    const struct subtask_names *names = context;

    if (names_find(&names->ids, ref->text, ret))
        return 0;
    if (!names_find(&names->titles, ref->text, ret))
        return unknown_subtask(r, names, ref);
    if (names->shared[*ret])
        return reader_fail(r, ref, "give them ids and name one of these",
                           "'depends_on' names the title %s, which several subtasks have",
                           node_describe(ref, r->arena));
    return 0;
}

static int check_subtasks(struct reader *r, const struct plan *plan, const struct waits *waits,
                          const struct node *const *depends)
{
    AUTO_GRAPH *graph = graph_of(waits, plan->subtask_count);
    const char **ids = arena_array(r->arena, plan->subtask_count, sizeof *ids);
    size_t first;

    for (size_t i = 0; i < plan->subtask_count; i++)
        ids[i] = plan->subtasks[i].id;
    const char *path = circle(r, graph, ids, &first);
    return path ? reader_fail(r, depends[first], "take one of these dependencies out",
                              "'depends_on' goes in a circle: %s", path)
                : 0;
}

static int resolve_dependencies(struct reader *r, struct subtask_names *names, struct plan *plan,
                                const struct node *const *depends, struct waits *waits)
{
    size_t *stamp = arena_array(r->arena, plan->subtask_count, sizeof *stamp);
    const struct resolver v = {r, "depends_on", find_subtask, names, stamp};
    int code = take_written_ids(r, names);

    if (code < 0)
        return code;
    derive_ids(r, names);
    take_titles(r, names);
    for (size_t i = 0; code == 0 && i < plan->subtask_count; i++) {
        if (depends[i])
            code = resolve(&v, i, depends[i], &waits[i]);
        plan->subtasks[i].depends_on = waits[i].at;
        plan->subtasks[i].depends_count = waits[i].count;
    }
    return code;
}

int link_subtasks(struct reader *r, struct plan *plan, const struct node *const *depends)
{
    struct subtask_names names = {.plan = plan};
    struct waits *waits = arena_array(r->arena, plan->subtask_count, sizeof *waits);
    int code = resolve_dependencies(r, &names, plan, depends, waits);

    names_free(&names.ids);
    names_free(&names.titles);
    return code < 0 ? code : check_subtasks(r, plan, waits, depends);
}
