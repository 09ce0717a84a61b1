/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/accident.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[ACCIDENT_KIND_COUNT] = {
#define ACCIDENT_WORD(name, word) [ACCIDENT_##name] = word,
    ACCIDENT_KINDS(ACCIDENT_WORD)
#undef ACCIDENT_WORD
};

const char *accident_kind_name(enum accident_kind kind)
{
    return words[kind];
}

static int compare(const void *left, const void *right)
{
    const struct accident *a = left, *b = right;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->at == b->at ? 0 : a->at < b->at ? -1 : 1;
}

void script_sort(struct script *s)
{
    size_t kept = 0;

    if (s->list.count)
        qsort(s->list.at, s->list.count, sizeof *s->list.at, compare);
    for (size_t i = 0; i < s->list.count; i++)
        if (!kept || compare(&s->list.at[kept - 1], &s->list.at[i]) != 0)
            s->list.at[kept++] = s->list.at[i];
    s->list.count = kept;
}

void script_copy(const struct script *from, struct script *ret)
{
    *ret = (struct script){0};
    for (size_t i = 0; i < from->list.count; i++)
        vector_push(&ret->list, from->list.at[i]);
}

void script_free(struct script *s)
{
    vector_free(&s->list);
}

static const struct accident *script_find(const struct script *s, const struct accident *like)
{
    return s->list.count ? bsearch(like, s->list.at, s->list.count, sizeof *like, compare) : NULL;
}

bool accident_due(const struct accidents *all, bool rolled, struct accident *a)
{
    const struct accident *told = all->script ? script_find(all->script, a) : NULL;

    if (!told && all->forced && compare(all->forced, a) == 0)
        told = all->forced;
    if (told)
        a->amount = told->amount;
    return told || (rolled && !all->script);
}

bool accident_happens(struct accidents *all, bool rolled, struct accident *a)
{
    bool due = accident_due(all, rolled, a);

    if (due)
        vector_push(&all->happened.list, *a);
    return due;
}

bool accident_next(const struct accidents *all, bool rolled, uint64_t from, struct accident *a)
{
    const struct accident *f = all->forced;

    for (size_t i = 0; all->script && i < all->script->list.count; i++) {
        const struct accident *told = &all->script->list.at[i];
        if (told->kind != a->kind || told->at < from)
            continue;
        *a = *told;
        return true;
    }
    if (f && f->kind == a->kind && f->at >= from) {
        *a = *f;
        return true;
    }
    return rolled && !all->script;
}

void script_write(const struct script *s, struct text *out)
{
    if (!s->list.count)
        text_add(out, "none");
    for (size_t i = 0; i < s->list.count; i++) {
        const struct accident *a = &s->list.at[i];
        text_printf(out, "%s%s@%llu", i ? "," : "", words[a->kind], (unsigned long long)a->at);
        if (a->amount)
            text_printf(out, ":%lld", (long long)a->amount);
    }
}

static bool parse_kind(const char *word, size_t length, enum accident_kind *ret)
{
    for (int i = 0; i < ACCIDENT_KIND_COUNT; i++) {
        if (strlen(words[i]) == length && strncmp(words[i], word, length) == 0) {
            *ret = (enum accident_kind)i;
            return true;
        }
    }
    return false;
}

/* Places are hashes, too, which are wider than text_to_int64 reads. */
static bool parse_place(const char *digits, char **ret_end, uint64_t *ret)
{
    *ret = 0;
    *ret_end = (char *)digits;
    for (; **ret_end >= '0' && **ret_end <= '9'; ++*ret_end)
        *ret = *ret * 10 + (uint64_t)(**ret_end - '0');
    return *ret_end > digits;
}

static bool parse_one(const char *item, struct accident *ret)
{
    const char *at = strchr(item, '@');
    char *end;

    *ret = (struct accident){0};
    if (!at || !parse_kind(item, (size_t)(at - item), &ret->kind) ||
        !parse_place(at + 1, &end, &ret->at))
        return false;
    if (*end == ':')
        return text_to_int64(end + 1, INT64_MIN, INT64_MAX, &ret->amount);
    return *end == '\0';
}

bool script_parse(const char *list, struct script *ret)
{
    *ret = (struct script){0};
    if (strcmp(list, "none") == 0)
        return true;
    for (;;) {
        size_t length = strcspn(list, ",");
        AUTO_FREE char *item = mem_string_n(list, length);
        struct accident a;
        if (!parse_one(item, &a))
            return false;
        vector_push(&ret->list, a);
        if (!list[length])
            break;
        list += length + 1;
    }
    script_sort(ret);
    return true;
}
