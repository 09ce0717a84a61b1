/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/task.h"

#include "base/text.h"
#include "plan/task_priv.h"
#include "plan/words.h"

#include <stdarg.h>
#include <string.h>

enum { AGENTS_MAX = 1000 * 1000 * 1000 };

struct plan_place task_place(struct task_scan *scan, size_t offset)
{
    return source_place(scan->s, offset, &scan->cursor);
}

int task_fail(struct task_scan *scan, size_t offset, const char *hint, const char *format, ...)
{
    struct plan_place at = task_place(scan, offset);
    va_list args;

    va_start(args, format);
    AUTO_FREE char *message = text_vformat(format, args);
    va_end(args);
    int r = fault_set(scan->fault, FAULT_PLAN, "%s", message);
    fault_hint(scan->fault, "%s", hint);
    fault_place(scan->fault, "task", at.line, at.column);
    return r;
}

bool task_says_parallel(const char *s, size_t start, size_t end)
{
    static const char *const words[] = {"parallel",       "independent",  "independently",
                                        "simultaneously", "simultaneous", "concurrently"};
    static const char *const negations[] = {"not", "non", "never", "no"};
    struct word before = {start, start}, second = before, w;

    for (w = word_next(s, start); w.start < w.end && w.end <= end; w = word_next(s, w.end)) {
        bool denied = word_index(s, before, negations, COUNT_OF(negations)) >= 0 ||
                      (word_is(s, before, "in") &&
                       word_index(s, second, negations, COUNT_OF(negations)) >= 0);
        if (word_index(s, w, words, COUNT_OF(words)) >= 0 && !denied)
            return true;
        second = before;
        before = w;
    }
    return false;
}

struct count_phrase {
    struct word number;
    size_t end; /* behind "agents" */
    int64_t count;
    bool parallel;
};

/* "using 50 agents", "with up to 12 agents", "8 parallel agents", beginning at the word w. */
static bool match_count(const char *s, struct word w, struct count_phrase *ret)
{
    static const char *const openings[] = {"using", "with"};
    static const char *const agents[] = {"agents", "agent"};
    bool opened = word_index(s, w, openings, COUNT_OF(openings)) >= 0;
    struct word before = w;

    if (opened)
        w = word_next(s, w.end);
    if (opened && word_is(s, w, "up") && word_is(s, word_next(s, w.end), "to")) {
        before = word_next(s, w.end);
        w = word_next(s, before.end);
    }
    if (!word_number(s, w, &ret->count) || (opened && !words_touch(s, before, w)))
        return false;
    ret->number = w;
    before = w;
    w = word_next(s, w.end);
    ret->parallel = word_is(s, w, "parallel") && words_touch(s, before, w);
    if (ret->parallel) {
        before = w;
        w = word_next(s, w.end);
    }
    ret->end = w.end;
    return (opened || ret->parallel) && words_touch(s, before, w) &&
           word_index(s, w, agents, COUNT_OF(agents)) >= 0;
}

static int take_count(struct task_scan *scan, const struct count_phrase *phrase, size_t start)
{
    struct task *task = scan->task;

    if (phrase->count < 1 || phrase->count > AGENTS_MAX)
        return task_fail(scan, phrase->number.start, "name 1 agent or more, or leave it out",
                         "'%.*s' agents can't work",
                         (int)(phrase->number.end - phrase->number.start),
                         scan->s + phrase->number.start);
    if (task->agents && task->agents != (unsigned)phrase->count)
        return task_fail(scan, phrase->number.start, "name the number of agents once",
                         "the task asks for %u agents and for %lld", task->agents,
                         (long long)phrase->count);
    task->agents = (unsigned)phrase->count;
    scan->parallel_agents |= phrase->parallel;
    words_cut(scan->s, start, phrase->end);
    return 0;
}

static int take_counts(struct task_scan *scan)
{
    for (struct word w = word_next(scan->s, scan->from); w.start < w.end;
         w = word_next(scan->s, w.end)) {
        struct count_phrase phrase;
        if (!match_count(scan->s, w, &phrase))
            continue;
        int r = take_count(scan, &phrase, w.start);
        if (r < 0)
            return r;
        w.end = phrase.end;
    }
    return 0;
}

static int take_tag(struct task_scan *scan)
{
    int n = exec_id_tag(scan->s, &scan->task->tag, scan->fault);

    if (n < 0) {
        fault_place(scan->fault, "task", 1, 1);
        return n;
    }
    scan->task->tagged = n > 0;
    scan->from = (size_t)n;
    return 0;
}

static int check_text(struct task_scan *scan)
{
    size_t valid = text_utf8_valid(scan->s, scan->length);

    if (valid < scan->length)
        return task_fail(scan, valid, "write the task as UTF-8", "not valid UTF-8");
    if (scan->length > TASK_BYTES_MAX)
        return task_fail(scan, 0,
                         "put long work into a plan file, or into files that the task "
                         "names",
                         "the task is longer than 1 MiB");
    for (size_t i = 0; i < scan->length; i++)
        if (scan->s[i] == WORDS_HOLE)
            scan->s[i] = ' ';
    return 0;
}

static int parse(struct task_scan *scan)
{
    struct task *task = scan->task;
    struct task_pieces pieces = {0};
    int r = take_counts(scan);

    if (r < 0)
        return r;
    task->text = words_copy(scan->arena, scan->s, scan->from, scan->length);
    if (!*task->text)
        return task_fail(scan, scan->from, "say what is to be done", "the task is empty");
    task->parallel = scan->parallel_agents || task_says_parallel(scan->s, scan->from, scan->length);
    pieces.start = pieces.end = scan->length;
    r = task_find_pieces(scan, &pieces);
    if (r == 0) {
        task->lead = words_copy(scan->arena, scan->s, scan->from, pieces.start);
        task->rest = words_copy(scan->arena, scan->s, pieces.end, scan->length);
        r = task_link_items(scan, &pieces);
    }
    vector_free(&pieces.list);
    return r;
}

int task_parse(const char *text, struct arena *a, struct task *ret, struct fault *f)
{
    struct task task = {.text = "", .lead = "", .rest = ""};
    struct task_scan scan = {
        .s = arena_string(a, text), .length = strlen(text), .arena = a, .fault = f, .task = &task};
    int r = check_text(&scan);

    if (r == 0)
        r = take_tag(&scan);
    if (r == 0)
        r = parse(&scan);
    if (r == 0)
        *ret = task;
    return r;
}
