/* SPDX-License-Identifier: Apache-2.0 */
/* From the pieces of a list to items with dependencies. */
#include "base/text.h"
#include "core/graph.h"
#include "plan/task_priv.h"
#include "plan/words.h"

#include <string.h>
#include <strings.h>

/* What the annotations of one item said. */
struct notes {
    bool independent;
    bool given;           /* [depends on ...] */
    VECTOR(size_t) needs; /* indexes of items */
};

struct links {
    struct task_scan *scan;
    const struct task_pieces *pieces;
    bool by_number; /* the written numbers rise, so that "#2" is the item with the number 2 */
};

static bool numbers_rise(const struct task_pieces *pieces)
{
    for (size_t i = 0; i < pieces->list.count; i++)
        if (!pieces->list.at[i].number ||
            (i && pieces->list.at[i].number <= pieces->list.at[i - 1].number))
            return false;
    return true;
}

static unsigned number_of(const struct links *l, size_t item)
{
    return l->by_number ? l->pieces->list.at[item].number : (unsigned)item + 1;
}

/* The numbers rise, so that the item can be searched for by halves. */
static bool find_number(const struct links *l, unsigned number, size_t *ret)
{
    size_t low = 0, high = l->pieces->list.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_of(l, middle) < number)
            low = middle + 1;
        else
            high = middle;
    }
    *ret = low;
    return low < l->pieces->list.count && number_of(l, low) == number;
}

static void add_need(struct notes *notes, size_t item)
{
    for (size_t i = 0; i < notes->needs.count; i++)
        if (notes->needs.at[i] == item)
            return;
    vector_push(&notes->needs, item);
}

/* "#1, #3 and 4" between `at` and `end`. */
static int read_numbers(const struct links *l, size_t at, size_t end, struct notes *notes)
{
    static const char digits[] = "0123456789";
    const char *s = l->scan->s;

    for (at += strcspn(s + at, digits); at < end; at += strcspn(s + at, digits)) {
        size_t n = strspn(s + at, digits), item = 0;
        AUTO_FREE char *word = mem_string_n(s + at, n);
        int64_t number = 0;
        if (!text_to_int64(word, 0, 1000000, &number) || !find_number(l, (unsigned)number, &item))
            return task_fail(l->scan, at, "name the number of another entry of the list",
                             "'#%s' is no entry of this list", word);
        add_need(notes, item);
        at += n;
    }
    if (!notes->needs.count)
        return task_fail(l->scan, end, "write it as [depends on #2]",
                         "an annotation that names no entry");
    notes->given = true;
    return 0;
}

/* Reads and cuts the annotation s[open..close], if it is one. */
static int read_annotation(const struct links *l, size_t open, size_t close, struct notes *notes)
{
    static const char depends[] = "depends on", after[] = "after ", independent[] = "independent]";
    char *s = l->scan->s;
    const char *inside = s + open + 1;
    int r = 0;

    if (strncasecmp(inside, independent, strlen(independent)) == 0)
        notes->independent = true;
    else if (strncasecmp(inside, depends, strlen(depends)) == 0)
        r = read_numbers(l, open + 1 + strlen(depends), close, notes);
    else if (strncasecmp(inside, after, strlen(after)) == 0 && strchr(inside, '#') &&
             strchr(inside, '#') < s + close)
        r = read_numbers(l, open + 1 + strlen(after), close, notes);
    else
        return 0;
    if (r == 0)
        words_cut(s, open, close + 1);
    return r;
}

static int read_notes(const struct links *l, const struct task_piece *piece, struct notes *notes)
{
    const char *s = l->scan->s;

    for (size_t i = piece->start; i < piece->end; i++) {
        size_t close = i + (s[i] == '[' ? strcspn(s + i, "]\n") : 0);
        if (s[i] != '[' || s[close] != ']')
            continue;
        int r = read_annotation(l, i, close, notes);
        if (r < 0)
            return r;
    }
    if (notes->independent && notes->given)
        return task_fail(l->scan, piece->start, "keep one of the two",
                         "an entry that is independent and depends on another");
    return 0;
}

static int fill_item(const struct links *l, size_t i, bool sequence)
{
    const struct task_piece *piece = &l->pieces->list.at[i];
    struct task_item *item = &l->scan->task->items[i];
    struct notes notes = {0};
    int r = read_notes(l, piece, &notes);

    if (r == 0 && sequence && i && !notes.given && !notes.independent)
        vector_push(&notes.needs, i - 1);
    item->number = number_of(l, i);
    item->place = task_place(l->scan, piece->start);
    item->text = words_dedent(l->scan->arena,
                              words_copy(l->scan->arena, l->scan->s, piece->start, piece->end),
                              piece->indent);
    item->depends_count = notes.needs.count;
    item->depends_on = arena_copy(l->scan->arena, notes.needs.count ? notes.needs.at : &i,
                                  notes.needs.count * sizeof *notes.needs.at);
    vector_free(&notes.needs);
    if (r == 0 && !*item->text)
        return task_fail(l->scan, piece->start, "say what is to be done, or take the entry out",
                         "entry %u of the list is empty", item->number);
    return r;
}

static int check_circle(struct task_scan *scan)
{
    const struct task *task = scan->task;
    AUTO_GRAPH *graph = graph_new(task->count);
    size_t *path = arena_array(scan->arena, task->count + 1, sizeof *path), length;

    for (size_t i = 0; i < task->count; i++)
        for (size_t k = 0; k < task->items[i].depends_count; k++)
            (void)graph_add(graph, i, task->items[i].depends_on[k]);
    if (!graph_cycle(graph, path, &length))
        return 0;
    AUTO_TEXT text = {0};
    for (size_t i = 0; i < length; i++)
        text_printf(&text, "%s#%u", i ? " -> " : "", task->items[path[i]].number);
    int r = fault_set(scan->fault, FAULT_PLAN, "the list depends on itself: %s", text_get(&text));
    fault_hint(scan->fault, "mark the entry that can go first as [independent]");
    const struct plan_place at = task->items[path[0]].place;
    fault_place(scan->fault, "task", at.line, at.column);
    return r;
}

int task_link_items(struct task_scan *scan, const struct task_pieces *pieces)
{
    struct task *task = scan->task;
    const struct links l = {scan, pieces, numbers_rise(pieces)};
    bool lines = task->form == TASK_BULLETS || task->form == TASK_NUMBERED;

    /* Words inside the entries of a list speak of the entry, not of the list. */
    if (lines)
        task->parallel = scan->parallel_agents ||
                         task_says_parallel(scan->s, scan->from, pieces->start) ||
                         task_says_parallel(scan->s, pieces->end, scan->length);
    task->count = pieces->list.count;
    task->items = arena_array(scan->arena, task->count, sizeof *task->items);
    for (size_t i = 0; i < task->count; i++) {
        int r = fill_item(&l, i, task->form == TASK_NUMBERED && !task->parallel);
        if (r < 0)
            return r;
    }
    return check_circle(scan);
}
