/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/field.h"

#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 64, NAME_BYTES_MAX = 100, SUGGEST_MAX = 40 };

int reader_fail(struct reader *r, const struct node *at, const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    AUTO_FREE char *message = text_vformat(format, args);
    va_end(args);
    int code = fault_set(r->fault, FAULT_PLAN, "%s", message);
    fault_hint(r->fault, "%s", hint);
    fault_place(r->fault, r->file, at->place.line, at->place.column);
    return code;
}

const char *reader_suggest(struct reader *r, const char *word, const char *const *words,
                           size_t count)
{
    const char *near = text_nearest(word, words, count);

    if (near)
        return arena_format(r->arena, "did you mean '%s'?", near);
    AUTO_TEXT all = {0};
    text_add(&all, "known here: ");
    for (size_t i = 0; i < count && i < SUGGEST_MAX; i++)
        text_printf(&all, "%s%s", i ? ", " : "", words[i]);
    if (count > SUGGEST_MAX)
        text_printf(&all, " and %zu more", count - SUGGEST_MAX);
    return arena_string(r->arena, text_get(&all));
}

/* The rows of a table and of those that it adds to, in one list. */
struct rows {
    const char *what;
    bool open;
    const struct field *at[FIELDS_MAX];
    bool seen[FIELDS_MAX];
    size_t count;
};

static void gather(const struct field_table *table, struct rows *rows)
{
    *rows = (struct rows){.what = table->what, .open = table->open};
    for (const struct field_table *t = table; t; t = t->also) {
        for (size_t i = 0; i < t->count; i++) {
            if (rows->count == FIELDS_MAX)
                bug("more than %d keys in %s", FIELDS_MAX, table->what);
            rows->at[rows->count++] = &t->fields[i];
        }
    }
}

static int unknown_key(struct reader *r, const struct node *key, const struct rows *rows)
{
    const char *names[FIELDS_MAX];

    if (strcmp(key->text, "<<") == 0)
        return reader_fail(r, key,
                           "YAML 1.2 has no merge keys; settings written on the plan or "
                           "the subtask are inherited by what is below",
                           "unknown key '<<' in %s", rows->what);
    for (size_t i = 0; i < rows->count; i++)
        names[i] = rows->at[i]->key;
    return reader_fail(r, key, reader_suggest(r, key->text, names, rows->count),
                       "unknown key %s in %s", node_describe(key, r->arena), rows->what);
}

static int read_pair(struct reader *r, struct rows *rows, struct node *const *pair, void *target)
{
    const struct node *key = pair[0];
    size_t i = 0;

    if (key->kind != NODE_SCALAR)
        return reader_fail(r, key, "a key is a word", "%s as a key of %s",
                           node_describe(key, r->arena), rows->what);
    while (i < rows->count && strcmp(rows->at[i]->key, key->text) != 0)
        i++;
    if (i == rows->count)
        return rows->open ? 0 : unknown_key(r, key, rows);
    if (rows->seen[i])
        return reader_fail(r, key, "keep one of them", "'%s' is written twice in %s", key->text,
                           rows->what);
    rows->seen[i] = true;
    if (node_is_null(pair[1]))
        return reader_fail(r, key, "give it a value, or take the key out", "'%s' has no value",
                           key->text);
    const struct field *row = rows->at[i];
    return row->read(r, row, pair[1], (char *)target + row->offset);
}

int fields_read(struct reader *r, const struct node *map, const struct field_table *table,
                void *target)
{
    struct rows rows;

    if (map->kind != NODE_MAPPING)
        return reader_fail(r, map, "write it as 'key: value' lines", "%s must be a mapping, not %s",
                           table->what, node_describe(map, r->arena));
    gather(table, &rows);
    for (size_t i = 0; i < map->count; i += 2) {
        int code = read_pair(r, &rows, map->items + i, target);
        if (code < 0)
            return code;
    }
    return 0;
}

int field_need_list(struct reader *r, const char *what, const struct node *value)
{
    if (value->kind == NODE_SEQUENCE)
        return 0;
    return reader_fail(r, value, "write one '- ' line for each entry",
                       "'%s' must be a list, not %s", what, node_describe(value, r->arena));
}

int field_read_text(struct reader *r, const char *what, const struct node *value, const char **ret)
{
    if (value->kind != NODE_SCALAR || node_is_null(value))
        return reader_fail(r, value, "put the text in quotes", "'%s' must be a text, not %s", what,
                           node_describe(value, r->arena));
    if (!value->text[strspn(value->text, " \t\r\n")])
        return reader_fail(r, value, "give it a value, or take the key out", "'%s' is empty", what);
    *ret = arena_string(r->arena, value->text);
    return 0;
}

int field_text(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    return field_read_text(r, field->key, value, slot);
}

int field_name(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_.-";
    const char *text = "";
    int code = field_read_text(r, field->key, value, &text);

    if (code < 0)
        return code;
    if (text[strspn(text, allowed)] || strlen(text) > NAME_BYTES_MAX)
        return reader_fail(r, value, "use up to 100 letters, digits, '_', '.' and '-'",
                           "'%s' can't be %s", field->key, node_describe(value, r->arena));
    *(const char **)slot = text;
    return 0;
}

static int whole_number(struct reader *r, const struct field *field, const struct node *value,
                        int64_t *ret)
{
    const struct field_range *range = field->rule;
    int64_t min = (int64_t)range->min, max = (int64_t)range->max;

    if (value->kind == NODE_SCALAR && value->plain && text_to_int64(value->text, min, max, ret))
        return 0;
    return reader_fail(r, value,
                       arena_format(r->arena, "write a whole number from %lld to %lld",
                                    (long long)min, (long long)max),
                       "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

int field_count(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    int64_t number = 0;
    int code = whole_number(r, field, value, &number);

    if (code == 0)
        *(unsigned *)slot = (unsigned)number;
    return code;
}

int field_int(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    int64_t number = 0;
    int code = whole_number(r, field, value, &number);

    if (code == 0)
        *(int *)slot = (int)number;
    return code;
}

int field_int64(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    return whole_number(r, field, value, slot);
}

int field_number(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    const struct field_range *range = field->rule;
    double number;

    if (value->kind == NODE_SCALAR && value->plain && text_to_double(value->text, &number) &&
        number > range->min && number <= range->max) {
        *(double *)slot = number;
        return 0;
    }
    return reader_fail(
        r, value,
        arena_format(r->arena, "write a number above %g and up to %g", range->min, range->max),
        "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

int field_choice(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    const struct field_words *rule = field->rule;
    const char *names[FIELDS_MAX];
    size_t n = rule->count < FIELDS_MAX ? rule->count : FIELDS_MAX;

    _Static_assert(sizeof(enum plan_land) == sizeof(int), "choices are written as int");
    for (size_t i = 0; i < n; i++) {
        names[i] = rule->words[i].word;
        if (value->kind == NODE_SCALAR && strcmp(value->text, names[i]) == 0) {
            *(int *)slot = rule->words[i].value;
            return 0;
        }
    }
    return reader_fail(r, value,
                       reader_suggest(r, value->kind == NODE_SCALAR ? value->text : "", names, n),
                       "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

int field_read_strings(struct reader *r, const char *what, const struct node *value,
                       struct strings *ret)
{
    const struct node *const one[] = {value};
    const struct node *const *items = one;
    size_t count = 1;

    if (value->kind == NODE_SEQUENCE) {
        items = (const struct node *const *)value->items;
        count = value->count;
    }
    ret->at = arena_array(r->arena, count, sizeof *ret->at);
    ret->count = 0;
    for (size_t i = 0; i < count; i++) {
        int code = field_read_text(r, what, items[i], &ret->at[i]);
        if (code < 0)
            return code;
        ret->count++;
    }
    return 0;
}

int field_strings(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    return field_read_strings(r, field->key, value, slot);
}

int field_node(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    (void)r;
    (void)field;
    *(const struct node **)slot = value;
    return 0;
}
