/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which a text lists its jobs. docs/planner.md says them in words. */
#include "base/text.h"
#include "plan/task_priv.h"
#include "plan/words.h"

#include <string.h>

enum { PHRASE_WORDS_MAX = 8 };

enum mark_kind { MARK_NONE, MARK_BULLET, MARK_NUMBER };

/* What a line begins with. */
struct mark {
    enum mark_kind kind;
    size_t indent;  /* of the mark */
    size_t content; /* offset of the text behind it */
    unsigned number;
};

static size_t line_end(const char *s, size_t at)
{
    return at + strcspn(s + at, "\n");
}

static size_t next_line(const char *s, size_t at)
{
    at = line_end(s, at);
    return s[at] ? at + 1 : at;
}

static bool blank(const char *s, size_t at)
{
    at += strspn(s + at, " \t\r");
    return s[at] == '\n' || !s[at];
}

/* The end of the first line from `at` on that has text in it and an empty one below it. */
static size_t paragraph_end(const char *s, size_t at)
{
    at += strspn(s + at, " \t\r\n");
    while (s[at] && !(s[at] == '\n' && blank(s, at + 1)))
        at++;
    return at;
}

/* "3." "3)" "(3)"; the length with the white space behind it, or 0. */
static size_t number_mark(const char *s, unsigned *ret)
{
    size_t n = s[0] == '(', digits = 0;
    unsigned number = 0;

    for (; s[n + digits] >= '0' && s[n + digits] <= '9' && digits < 6; digits++)
        number = number * 10 + (unsigned)(s[n + digits] - '0');
    char close = s[n + digits];
    if (!digits || !(close == ')' || (close == '.' && s[0] != '(')))
        return 0;
    *ret = number;
    n += digits + 1;
    size_t space = strspn(s + n, " \t");
    return space ? n + space : 0;
}

/* "- ", "* ", "+ ", a bullet character, each also with a check box. */
static size_t bullet_mark(const char *s)
{
    static const char *const marks[] = {"-", "*", "+", "\u2022", "\u2013"};
    static const char *const boxes[] = {"[ ]", "[x]", "[X]"};
    size_t n = 0;

    for (size_t i = 0; !n && i < COUNT_OF(marks); i++)
        if (text_starts(s, marks[i]))
            n = strlen(marks[i]);
    size_t space = n ? strspn(s + n, " \t") : 0;
    if (!space)
        return 0;
    n += space;
    for (size_t i = 0; i < COUNT_OF(boxes); i++)
        if (text_starts(s + n, boxes[i]))
            return n + strlen(boxes[i]) + strspn(s + n + strlen(boxes[i]), " \t");
    return n;
}

static struct mark mark_of(const char *s, size_t at)
{
    struct mark mark = {.indent = strspn(s + at, " \t")};
    const char *p = s + at + mark.indent;
    size_t n = number_mark(p, &mark.number);

    if (n)
        mark.kind = MARK_NUMBER;
    else if ((n = bullet_mark(p)))
        mark.kind = MARK_BULLET;
    mark.content = at + mark.indent + n;
    return mark;
}

static bool fence(const char *s, size_t at)
{
    at += strspn(s + at, " \t");
    return text_starts(s + at, "```") || text_starts(s + at, "~~~");
}

struct line_list {
    struct mark first;
    bool fenced, gap; /* inside a code block; behind an empty line */
};

/* Takes one line into the list. False where the list has ended. */
static bool take_line(struct task_scan *scan, struct task_pieces *p, struct line_list *l, size_t at)
{
    struct mark mark = mark_of(scan->s, at);
    bool outer = mark.indent <= l->first.indent + 1;

    l->fenced ^= fence(scan->s, at);
    if (!l->fenced && mark.kind != MARK_NONE && outer) {
        vector_push(&p->list, (struct task_piece){mark.content, line_end(scan->s, at),
                                                  mark.content - at, mark.number});
    } else if (blank(scan->s, at)) {
        l->gap = true;
        return true;
    } else if (l->gap && outer && !l->fenced) {
        return false;
    } else {
        p->list.at[p->list.count - 1].end = line_end(scan->s, at);
    }
    l->gap = false;
    p->end = next_line(scan->s, at);
    return true;
}

/* Lines with marks. Deeper marks and the lines below a mark belong to its job; the list ends
 * where a line stands at the margin behind an empty one. */
static void find_lines(struct task_scan *scan, struct task_pieces *p)
{
    struct line_list l = {0};
    size_t at = scan->from;
    bool fenced = false;

    for (; scan->s[at]; at = next_line(scan->s, at)) {
        fenced ^= fence(scan->s, at);
        l.first = mark_of(scan->s, at);
        if (!fenced && l.first.kind != MARK_NONE)
            break;
    }
    if (!scan->s[at])
        return;
    p->start = at;
    while (scan->s[at] && take_line(scan, p, &l, at))
        at = next_line(scan->s, at);
    scan->task->form = l.first.kind == MARK_NUMBER ? TASK_NUMBERED : TASK_BULLETS;
}

/* "version 1. Then ..." is no list: a first "1." stands at the start or behind punctuation. */
static bool may_start_list(const struct task_scan *scan, size_t at)
{
    if (scan->s[at + strspn(scan->s + at, "(0123456789")] == ')')
        return true;
    while (at > scan->from && strchr(" \t\r\n\x01", scan->s[at - 1]))
        at--;
    return at == scan->from || strchr(":;,.!?", scan->s[at - 1]);
}

/* "1) a 2) b" in running text: 1, 2, 3 ... each behind white space, two or more of them. */
static void find_inline(struct task_scan *scan, struct task_pieces *p)
{
    const char *s = scan->s;

    for (size_t i = scan->from; s[i]; i++) {
        unsigned number;
        bool edge = i == scan->from || strchr(" \t\n:;,", s[i - 1]);
        size_t n = edge ? number_mark(s + i, &number) : 0;
        if (!n || number != p->list.count + 1 || (number == 1 && !may_start_list(scan, i)))
            continue;
        if (p->list.count)
            p->list.at[p->list.count - 1].end = i;
        else
            p->start = i;
        vector_push(&p->list, (struct task_piece){i + n, scan->length, 0, number});
        i += n - 1;
    }
    if (p->list.count < 2) {
        p->list.count = 0;
        return;
    }
    struct task_piece *last = &p->list.at[p->list.count - 1];
    p->end = last->end = paragraph_end(s, last->start);
    scan->task->form = TASK_NUMBERED;
}

static void trim(const char *s, struct task_piece *piece)
{
    while (piece->start < piece->end && strchr(" \t\r\n,;\x01", s[piece->start]))
        piece->start++;
    while (piece->end > piece->start && strchr(" \t\r\n,;.\x01", s[piece->end - 1]))
        piece->end--;
}

/* True if the piece began with an "and". */
static bool add_piece(struct task_scan *scan, struct task_pieces *p, size_t start, size_t end)
{
    static const char *const joins[] = {"and", "or", "&"};
    struct task_piece piece = {.start = start, .end = end};

    trim(scan->s, &piece);
    struct word first = {piece.start, piece.start + strcspn(scan->s + piece.start, " \t\n")};
    bool joined = first.end < piece.end && word_index(scan->s, first, joins, COUNT_OF(joins)) >= 0;
    if (joined)
        piece.start = first.end;
    trim(scan->s, &piece);
    if (piece.start < piece.end)
        vector_push(&p->list, piece);
    return joined;
}

/* "b and c" at the end of a list are two. */
static void split_last(struct task_scan *scan, struct task_pieces *p)
{
    struct task_piece last = p->list.at[--p->list.count];
    size_t start = last.start;

    for (struct word w = word_next(scan->s, start); w.start < w.end && w.end < last.end;
         w = word_next(scan->s, w.end)) {
        if (!word_is(scan->s, w, "and") && !word_is(scan->s, w, "&"))
            continue;
        (void)add_piece(scan, p, start, w.start);
        start = w.end;
    }
    (void)add_piece(scan, p, start, last.end);
}

/* Pieces between the separators; with `joined`, "and" in the last one separates too, unless that
 * began with it: "a, b, and search and replace". */
static void split(struct task_scan *scan, struct task_pieces *p, const char *separators,
                  bool joined)
{
    size_t start = p->start;

    for (size_t i = p->start; i < p->end; i++) {
        if (strchr(separators, scan->s[i])) {
            (void)add_piece(scan, p, start, i);
            start = i + 1;
        }
    }
    if (!add_piece(scan, p, start, p->end) && joined && p->list.count)
        split_last(scan, p);
}

static unsigned small_number(const char *s, struct word w)
{
    static const char *const words[] = {"zero",  "one",   "two",  "three", "four",   "five",  "six",
                                        "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    int named = word_index(s, w, words, COUNT_OF(words));
    unsigned number = 0;

    if (named >= 0)
        return (unsigned)named;
    if (w.end - w.start > 4)
        return 0;
    for (size_t i = w.start; i < w.end; i++) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(s[i] - '0');
    }
    return number;
}

/* The end of the sentence: a full stop before white space, or the end of a line that does not end
 * in a comma. */
static size_t sentence_end(const char *s, size_t at)
{
    for (; s[at]; at++) {
        if (s[at] == '\n' && s[at - 1] != ',')
            break;
        if (s[at] == '.' && (!s[at + 1] || strchr(" \t\n\r", s[at + 1])))
            break;
    }
    return at;
}

/* "a, b and c in parallel": how they are worked on is no part of the last name. */
static void cut_adverbs(struct task_scan *scan, size_t start, size_t end)
{
    static const char *const adverbs[] = {"parallel", "simultaneously", "independently",
                                          "concurrently"};
    struct word before = {start, start};

    for (struct word w = word_next(scan->s, start); w.start < w.end && w.end <= end;
         w = word_next(scan->s, w.end)) {
        if (word_index(scan->s, w, adverbs, COUNT_OF(adverbs)) >= 0)
            words_cut(scan->s, word_is(scan->s, before, "in") ? before.start : w.start, w.end);
        before = w;
    }
}

/* What stands between "across" and the names: "all", "these", "6", "dimensions", ":". */
static size_t skip_announcement(struct task_scan *scan, size_t at, bool *ret_named)
{
    static const char *const fillers[] = {"all", "these", "the", "following", "its", "our"};
    static const char *const nouns[] = {"dimensions", "dimension", "areas", "aspects"};
    const char *s = scan->s;

    for (struct word w = word_next(s, at);; w = word_next(s, w.end)) {
        unsigned number = small_number(s, w);
        bool noun = word_index(s, w, nouns, COUNT_OF(nouns)) >= 0;
        if (!noun && !number && word_index(s, w, fillers, COUNT_OF(fillers)) < 0)
            break;
        *ret_named |= noun;
        if (number)
            scan->task->dimensions = number;
        at = w.end;
    }
    return at + strspn(s + at, ": \t\x01");
}

/* "across a, b and c". One name alone is a dimension only where the word is said. */
static int find_dimensions(struct task_scan *scan, struct task_pieces *p)
{
    struct word w = word_next(scan->s, scan->from);
    bool named = false;

    while (w.start < w.end && !word_is(scan->s, w, "across"))
        w = word_next(scan->s, w.end);
    if (w.start == w.end)
        return 0;
    p->start = skip_announcement(scan, w.end, &named);
    p->end = sentence_end(scan->s, p->start);
    cut_adverbs(scan, p->start, p->end);
    split(scan, p, ",;", true);
    unsigned announced = scan->task->dimensions;
    if (named && p->list.count && announced && announced != p->list.count)
        return task_fail(scan, p->start, "name them all, or leave the number out",
                         "%u dimensions are announced and %zu are named", announced, p->list.count);
    if (p->list.count)
        scan->task->dimensions = 0;
    if (named || p->list.count >= 2) {
        scan->task->form = TASK_DIMENSIONS;
        p->start = w.start;
        return 0;
    }
    scan->task->dimensions = 0;
    p->list.count = 0;
    return 0;
}

static bool short_pieces(const char *s, const struct task_pieces *p)
{
    for (size_t i = 0; i < p->list.count; i++) {
        struct word w = {p->list.at[i].start, p->list.at[i].start};
        for (unsigned n = 0; w.end < p->list.at[i].end; n++) {
            if (n == PHRASE_WORDS_MAX)
                return false;
            w = word_next(s, w.end);
            if (w.start == w.end)
                break;
        }
    }
    return true;
}

/* Behind the first colon that white space follows, to the paragraph's end: pieces between
 * semicolons; where the text says that they are parallel, also lines or short phrases between
 * commas. */
static void find_colon(struct task_scan *scan, struct task_pieces *p)
{
    const char *s = scan->s;
    size_t at = scan->from;

    while (s[at] && !(s[at] == ':' && s[at + 1] && strchr(" \t\r\n", s[at + 1])))
        at++;
    if (!s[at])
        return;
    p->start = at + 1;
    p->end = paragraph_end(s, p->start);
    split(scan, p, ";", false);
    if (p->list.count < 2 && scan->task->parallel) {
        p->list.count = 0;
        bool lines = blank(s, p->start);
        split(scan, p, lines ? "\n" : ",", !lines);
        if (!lines && !short_pieces(s, p))
            p->list.count = 0;
    }
    if (p->list.count >= 2)
        scan->task->form = TASK_LIST;
    else
        p->list.count = 0;
}

int task_find_pieces(struct task_scan *scan, struct task_pieces *ret)
{
    find_lines(scan, ret);
    if (!ret->list.count)
        find_inline(scan, ret);
    if (!ret->list.count) {
        int r = find_dimensions(scan, ret);
        if (r < 0)
            return r;
    }
    if (!ret->list.count && scan->task->form == TASK_SINGLE)
        find_colon(scan, ret);
    if (!ret->list.count && scan->task->form == TASK_SINGLE)
        ret->start = ret->end = scan->length;
    return 0;
}
