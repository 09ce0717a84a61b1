/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include <string.h>

static const char *make_text(struct arena *arena, unsigned seed)
{
    /* Every third is not UTF-8, every third has what JSON must escape. */
    switch (seed % 3) {
    case 0:
        return arena_format(arena, "text %u", seed);
    case 1:
        return arena_format(arena, "bytes \xff\x80 %u", seed);
    default:
        return arena_format(arena, "\"quoted\"\n\x01\\ %u \u00e9", seed);
    }
}

static void fill_strings(struct arena *arena, unsigned *seed, struct strings *list)
{
    list->count = 2 + *seed % 2;
    list->at = arena_array(arena, list->count, sizeof *list->at);
    for (size_t i = 0; i < list->count; i++)
        list->at[i] = make_text(arena, (*seed)++);
}

static void fill_metrics(struct arena *arena, unsigned *seed, struct metrics *list)
{
    struct metric *metrics = arena_array(arena, 3, sizeof *metrics);

    for (size_t i = 0; i < 3; i++)
        metrics[i] = (struct metric){make_text(arena, (*seed)++), (*seed)++ / 7.0 - 3};
    metrics[2].name = metrics[0].name;
    *list = (struct metrics){metrics, 3};
}

static void *fill_many(const struct record *record, struct arena *arena, unsigned *seed,
                       size_t count)
{
    char *list = arena_array(arena, count, record->bytes);

    for (size_t i = 0; i < count; i++)
        fill_record(record, arena, seed, list + i * record->bytes);
    return list;
}

static size_t *fill_indexes(struct arena *arena, unsigned *seed, size_t count)
{
    size_t *list = arena_array(arena, count, sizeof *list);

    for (size_t i = 0; i < count; i++)
        list[i] = (*seed)++;
    return list;
}

static void fill_field(const struct field *field, struct arena *arena, unsigned *seed, char *base)
{
    void *at = base + field->offset;
    unsigned n = ++*seed;

    switch (field->type) {
    case FIELD_BOOL:
        *(bool *)at = true;
        break;
    case FIELD_INT32:
        *(int32_t *)at = n % 2 ? -(int32_t)n : INT32_MAX - (int32_t)n;
        break;
    case FIELD_UINT32:
        *(uint32_t *)at = n % 2 ? n : UINT32_MAX - n;
        break;
    case FIELD_INT64:
        *(int64_t *)at = n % 2 ? INT64_MIN + n : INT64_MAX - n;
        break;
    case FIELD_UINT64:
        *(uint64_t *)at = n % 2 ? n : UINT64_MAX - n;
        break;
    case FIELD_DOUBLE:
        *(double *)at = n % 2 ? -(n / 3.0) : n * 1e-9;
        break;
    case FIELD_STRING:
    case FIELD_TEXT:
        *(const char **)at = make_text(arena, n);
        break;
    case FIELD_STRINGS:
        fill_strings(arena, seed, at);
        break;
    case FIELD_METRICS:
        fill_metrics(arena, seed, at);
        break;
    case FIELD_INDEXES:
        *(size_t **)at = fill_indexes(arena, seed, 3);
        *(size_t *)(base + field->count_offset) = 3;
        break;
    case FIELD_WORD:
        *(unsigned *)at = 1 + n % (unsigned)(field->word_count - 1);
        break;
    case FIELD_OBJECT:
        fill_record(field->record, arena, seed, at);
        break;
    case FIELD_POINTER:
        *(void **)at = fill_many(field->record, arena, seed, 1);
        break;
    case FIELD_OBJECTS:
        *(void **)at = fill_many(field->record, arena, seed, 2);
        *(size_t *)(base + field->count_offset) = 2;
        break;
    case FIELD_TYPE_COUNT:
        bug("a field without a type");
    }
}

void fill_record(const struct record *record, struct arena *arena, unsigned *seed, void *to)
{
    for (size_t i = 0; i < record->count; i++)
        fill_field(&record->fields[i], arena, seed, to);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_strings(const struct strings *a, const struct strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_text(a->at[i], b->at[i]))
            return false;
    return true;
}

static bool same_metrics(const struct metrics *a, const struct metrics *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_text(a->at[i].name, b->at[i].name) ||
            memcmp(&a->at[i].value, &b->at[i].value, sizeof(double)) != 0)
            return false;
    return true;
}

static const char *many_differ(const struct field *field, size_t count, const char *a,
                               const char *b)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i * field->record->bytes;
        const char *name = differs(field->record, a + at, b + at);
        if (name)
            return name;
    }
    return NULL;
}

static const char *pointers_differ(const struct field *field, const char *a, const char *b)
{
    const void *x = *(const void *const *)(a + field->offset);
    const void *y = *(const void *const *)(b + field->offset);
    bool counted = field->type == FIELD_INDEXES || field->type == FIELD_OBJECTS;
    size_t count = counted ? *(const size_t *)(a + field->count_offset) : 1;

    if (counted && count != *(const size_t *)(b + field->count_offset))
        return field->name;
    if (field->type == FIELD_STRING || field->type == FIELD_TEXT)
        return same_text(x, y) ? NULL : field->name;
    if (field->type == FIELD_POINTER && (!x || !y))
        return x == y ? NULL : field->name;
    if (field->type != FIELD_INDEXES)
        return many_differ(field, count, x, y);
    return !count || memcmp(x, y, count * sizeof(size_t)) == 0 ? NULL : field->name;
}

static const char *field_differs(const struct field *field, const char *a, const char *b)
{
    static const size_t sizes[FIELD_TYPE_COUNT] = {
        [FIELD_BOOL] = sizeof(bool),      [FIELD_INT32] = sizeof(int32_t),
        [FIELD_UINT32] = sizeof(int32_t), [FIELD_INT64] = sizeof(int64_t),
        [FIELD_UINT64] = sizeof(int64_t), [FIELD_DOUBLE] = sizeof(double),
        [FIELD_WORD] = sizeof(unsigned),
    };
    const void *x = a + field->offset, *y = b + field->offset;
    bool same;

    if (sizes[field->type])
        same = memcmp(x, y, sizes[field->type]) == 0;
    else if (field->type == FIELD_STRINGS)
        same = same_strings(x, y);
    else if (field->type == FIELD_METRICS)
        same = same_metrics(x, y);
    else if (field->type == FIELD_OBJECT)
        return differs(field->record, x, y);
    else
        return pointers_differ(field, a, b);
    return same ? NULL : field->name;
}

const char *differs(const struct record *record, const void *a, const void *b)
{
    for (size_t i = 0; i < record->count; i++) {
        const char *name = field_differs(&record->fields[i], a, b);
        if (name)
            return name;
    }
    return NULL;
}

static size_t field_bytes(const struct field *field)
{
    static const size_t bytes[FIELD_TYPE_COUNT] = {
        [FIELD_BOOL] = sizeof(bool),
        [FIELD_INT32] = sizeof(int32_t),
        [FIELD_UINT32] = sizeof(uint32_t),
        [FIELD_INT64] = sizeof(int64_t),
        [FIELD_UINT64] = sizeof(uint64_t),
        [FIELD_DOUBLE] = sizeof(double),
        [FIELD_STRING] = sizeof(char *),
        [FIELD_TEXT] = sizeof(char *),
        [FIELD_STRINGS] = sizeof(struct strings),
        [FIELD_METRICS] = sizeof(struct metrics),
        [FIELD_INDEXES] = sizeof(size_t *),
        [FIELD_WORD] = sizeof(unsigned),
        [FIELD_POINTER] = sizeof(void *),
        [FIELD_OBJECTS] = sizeof(void *),
    };

    return field->type == FIELD_OBJECT ? field->record->bytes : bytes[field->type];
}

static void mark(char *covered, size_t offset, size_t bytes)
{
    memset(covered + offset, 1, bytes);
}

size_t uncovered(const struct record *record)
{
    AUTO_FREE char *covered = mem_zero(record->bytes);
    size_t longest = 0, gap = 0;

    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        mark(covered, field->offset, field_bytes(field));
        if (field->type == FIELD_INDEXES || field->type == FIELD_OBJECTS)
            mark(covered, field->count_offset, sizeof(size_t));
        if (field->record && uncovered(field->record))
            return uncovered(field->record);
    }
    for (size_t i = 0; i < record->bytes; i++) {
        gap = covered[i] ? 0 : gap + 1;
        longest = gap > longest ? gap : longest;
    }
    return longest < sizeof(void *) ? 0 : longest;
}
