/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/record.h"

#include <string.h>

struct reader {
    struct arena *arena;
    struct fault *fault;
};

/* Each writer returns NULL for the zero of its type; each reader gets what is not left out. */
typedef json_t *write_function(const struct field *field, const void *base);
typedef int read_function(struct reader *in, const struct field *field, const json_t *value,
                          void *base);

static int wrong(struct reader *in, const struct field *field, const char *wanted)
{
    return fault_set(in->fault, FAULT_CORRUPT, "'%s' is not %s", field->name, wanted);
}

static const void *at(const struct field *field, const void *base)
{
    return (const char *)base + field->offset;
}

static void *to(const struct field *field, void *base)
{
    return (char *)base + field->offset;
}

static size_t count_at(const struct field *field, const void *base)
{
    return *(const size_t *)(const void *)((const char *)base + field->count_offset);
}

static void set_count(const struct field *field, void *base, size_t count)
{
    *(size_t *)(void *)((char *)base + field->count_offset) = count;
}

static json_t *write_bool(const struct field *field, const void *base)
{
    return *(const bool *)at(field, base) ? json_true() : NULL;
}

static int read_bool(struct reader *in, const struct field *field, const json_t *value, void *base)
{
    if (!json_is_boolean(value))
        return wrong(in, field, "true or false");
    *(bool *)to(field, base) = json_is_true(value);
    return 0;
}

static json_t *write_int64(const struct field *field, const void *base)
{
    int64_t value = *(const int64_t *)at(field, base);

    return value ? json_integer(value) : NULL;
}

static int read_number(struct reader *in, const struct field *field, const json_t *value,
                       const int64_t range[2], int64_t *ret)
{
    if (!json_is_integer(value) || json_integer_value(value) < range[0] ||
        json_integer_value(value) > range[1])
        return wrong(in, field, "a whole number in its range");
    *ret = json_integer_value(value);
    return 0;
}

static int read_int64(struct reader *in, const struct field *field, const json_t *value, void *base)
{
    return read_number(in, field, value, (const int64_t[]){INT64_MIN, INT64_MAX}, to(field, base));
}

static json_t *write_int32(const struct field *field, const void *base)
{
    int32_t value = *(const int32_t *)at(field, base);

    return value ? json_integer(value) : NULL;
}

static int read_int32(struct reader *in, const struct field *field, const json_t *value, void *base)
{
    int64_t number = 0;
    int r = read_number(in, field, value, (const int64_t[]){INT32_MIN, INT32_MAX}, &number);

    if (r == 0)
        *(int32_t *)to(field, base) = (int32_t)number;
    return r;
}

static json_t *write_uint32(const struct field *field, const void *base)
{
    uint32_t value = *(const uint32_t *)at(field, base);

    return value ? json_integer(value) : NULL;
}

static int read_uint32(struct reader *in, const struct field *field, const json_t *value,
                       void *base)
{
    int64_t number = 0;
    int r = read_number(in, field, value, (const int64_t[]){0, UINT32_MAX}, &number);

    if (r == 0)
        *(uint32_t *)to(field, base) = (uint32_t)number;
    return r;
}

static json_t *write_double(const struct field *field, const void *base)
{
    double value = *(const double *)at(field, base);

    return value < 0 || value > 0 ? json_real(value) : NULL; /* NULL too when it is not finite */
}

static int read_double(struct reader *in, const struct field *field, const json_t *value,
                       void *base)
{
    if (!json_is_number(value))
        return wrong(in, field, "a number");
    *(double *)to(field, base) = json_number_value(value);
    return 0;
}

static json_t *text_to_json(const char *s)
{
    size_t length = strlen(s);
    AUTO_TEXT hex = {0};

    if (text_utf8_valid(s, length) == length)
        return json_stringn_nocheck(s, length);
    for (const char *p = s; *p; p++)
        text_printf(&hex, "%02x", (unsigned char)*p);
    return json_pack("{s:s#}", "hex", hex.data, (int)hex.length);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static const char *text_from_hex(struct arena *arena, const char *hex, size_t length)
{
    char *s = arena_alloc(arena, length / 2 + 1);

    if (length % 2)
        return NULL;
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0 || high + low == 0)
            return NULL;
        s[i] = (char)(high << 4 | low);
    }
    s[length / 2] = '\0';
    return s;
}

/* NULL when the value is neither a string nor the hexadecimal form of one. */
static const char *text_from_json(struct arena *arena, const json_t *value)
{
    const json_t *hex = json_object_get(value, "hex");

    if (json_is_string(value))
        return arena_string_n(arena, json_string_value(value), json_string_length(value));
    if (!json_is_string(hex))
        return NULL;
    return text_from_hex(arena, json_string_value(hex), json_string_length(hex));
}

static json_t *write_string(const struct field *field, const void *base)
{
    const char *s = *(const char *const *)at(field, base);

    return s ? text_to_json(s) : NULL;
}

static json_t *write_text(const struct field *field, const void *base)
{
    const char *s = *(const char *const *)at(field, base);

    return *s ? text_to_json(s) : NULL;
}

static int read_string(struct reader *in, const struct field *field, const json_t *value,
                       void *base)
{
    const char *s = text_from_json(in->arena, value);

    if (!s)
        return wrong(in, field, "a string");
    *(const char **)to(field, base) = s;
    return 0;
}

static json_t *write_strings(const struct field *field, const void *base)
{
    const struct strings *list = at(field, base);
    json_t *array = list->count ? json_array() : NULL;

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, text_to_json(list->at[i]));
    return array;
}

static int read_strings(struct reader *in, const struct field *field, const json_t *value,
                        void *base)
{
    struct strings *list = to(field, base);
    size_t count = json_array_size(value);

    if (!json_is_array(value))
        return wrong(in, field, "a list of strings");
    list->at = arena_array(in->arena, count, sizeof *list->at);
    for (; list->count < count; list->count++) {
        list->at[list->count] = text_from_json(in->arena, json_array_get(value, list->count));
        if (!list->at[list->count])
            return wrong(in, field, "a list of strings");
    }
    return 0;
}

static json_t *write_metrics(const struct field *field, const void *base)
{
    const struct metrics *list = at(field, base);
    json_t *array = list->count ? json_array() : NULL;

    for (size_t i = 0; i < list->count; i++) {
        json_t *value = json_real(list->at[i].value);
        json_array_append_new(array, json_pack("[o,o]", text_to_json(list->at[i].name),
                                               value ? value : json_integer(0)));
    }
    return array;
}

static int read_metrics(struct reader *in, const struct field *field, const json_t *value,
                        void *base)
{
    struct metrics *list = to(field, base);
    size_t count = json_array_size(value);

    if (!json_is_array(value))
        return wrong(in, field, "a list of metrics");
    struct metric *metrics = arena_array(in->arena, count, sizeof *metrics);
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(value, i), *number = json_array_get(pair, 1);
        metrics[i].name = text_from_json(in->arena, json_array_get(pair, 0));
        metrics[i].value = json_number_value(number);
        if (!metrics[i].name || !json_is_number(number))
            return wrong(in, field, "a list of metrics");
    }
    *list = (struct metrics){.at = metrics, .count = count};
    return 0;
}

static json_t *write_indexes(const struct field *field, const void *base)
{
    const size_t *list = *(const size_t *const *)at(field, base);
    size_t count = count_at(field, base);
    json_t *array = count ? json_array() : NULL;

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_integer((json_int_t)list[i]));
    return array;
}

static int read_indexes(struct reader *in, const struct field *field, const json_t *value,
                        void *base)
{
    size_t count = json_array_size(value);
    size_t *list = arena_array(in->arena, count, sizeof *list);

    if (!json_is_array(value))
        return wrong(in, field, "a list of numbers");
    for (size_t i = 0; i < count; i++) {
        int64_t number = 0;
        const int64_t range[] = {0, UINT32_MAX};
        int r = read_number(in, field, json_array_get(value, i), range, &number);
        if (r < 0)
            return r;
        list[i] = (size_t)number;
    }
    *(const size_t **)to(field, base) = list;
    set_count(field, base, count);
    return 0;
}

static json_t *write_word(const struct field *field, const void *base)
{
    unsigned value = *(const unsigned *)at(field, base);

    if (value >= field->word_count)
        bug("'%s' is %u, which has no word", field->name, value);
    return value ? json_string_nocheck(field->words[value]) : NULL;
}

static int read_word(struct reader *in, const struct field *field, const json_t *value, void *base)
{
    const char *word = json_string_value(value);

    if (!word)
        return wrong(in, field, "a word");
    for (unsigned i = 0; i < field->word_count; i++) {
        if (strcmp(field->words[i], word) == 0) {
            *(unsigned *)to(field, base) = i;
            return 0;
        }
    }
    return fault_set(in->fault, FAULT_NEWER, "'%s' has the unknown word '%s'", field->name, word);
}

static int read_fields(struct reader *in, const struct record *record, const json_t *json,
                       void *base);

static json_t *write_object(const struct field *field, const void *base)
{
    json_t *object = event_record_write(field->record, at(field, base));

    if (json_object_size(object))
        return object;
    json_decref(object);
    return NULL;
}

static int read_object(struct reader *in, const struct field *field, const json_t *value,
                       void *base)
{
    if (!json_is_object(value))
        return wrong(in, field, "an object");
    return read_fields(in, field->record, value, to(field, base));
}

static json_t *write_pointer(const struct field *field, const void *base)
{
    const void *target = *(const void *const *)at(field, base);

    return target ? event_record_write(field->record, target) : NULL;
}

static int read_pointer(struct reader *in, const struct field *field, const json_t *value,
                        void *base)
{
    if (!json_is_object(value))
        return wrong(in, field, "an object");
    void *target = arena_array(in->arena, 1, field->record->bytes);
    *(void **)to(field, base) = target;
    return read_fields(in, field->record, value, target);
}

static json_t *write_objects(const struct field *field, const void *base)
{
    const char *list = *(const char *const *)at(field, base);
    size_t count = count_at(field, base);
    json_t *array = count ? json_array() : NULL;

    for (size_t i = 0; i < count; i++, list += field->record->bytes)
        json_array_append_new(array, event_record_write(field->record, list));
    return array;
}

static int read_objects(struct reader *in, const struct field *field, const json_t *value,
                        void *base)
{
    size_t count = json_array_size(value);
    char *list = arena_array(in->arena, count, field->record->bytes);

    if (!json_is_array(value))
        return wrong(in, field, "a list of objects");
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(value, i);
        if (!json_is_object(object))
            return wrong(in, field, "a list of objects");
        int r = read_fields(in, field->record, object, list + i * field->record->bytes);
        if (r < 0)
            return r;
    }
    *(void **)to(field, base) = list;
    set_count(field, base, count);
    return 0;
}

static const struct {
    write_function *write;
    read_function *read;
} types[FIELD_TYPE_COUNT] = {
    [FIELD_BOOL] = {write_bool, read_bool},
    [FIELD_INT32] = {write_int32, read_int32},
    [FIELD_UINT32] = {write_uint32, read_uint32},
    [FIELD_INT64] = {write_int64, read_int64},
    [FIELD_UINT64] = {write_int64, read_int64},
    [FIELD_DOUBLE] = {write_double, read_double},
    [FIELD_STRING] = {write_string, read_string},
    [FIELD_TEXT] = {write_text, read_string},
    [FIELD_STRINGS] = {write_strings, read_strings},
    [FIELD_METRICS] = {write_metrics, read_metrics},
    [FIELD_INDEXES] = {write_indexes, read_indexes},
    [FIELD_WORD] = {write_word, read_word},
    [FIELD_OBJECT] = {write_object, read_object},
    [FIELD_POINTER] = {write_pointer, read_pointer},
    [FIELD_OBJECTS] = {write_objects, read_objects},
};

json_t *event_record_write(const struct record *record, const void *from)
{
    json_t *object = json_object();

    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        json_t *value = types[field->type].write(field, from);
        if (value)
            json_object_set_new_nocheck(object, field->name, value);
    }
    return object;
}

static const struct field *find_field(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcmp(record->fields[i].name, name) == 0)
            return &record->fields[i];
    return NULL;
}

/* Text fields are never NULL, whether they were written or not. */
static void fill_texts(const struct record *record, void *base)
{
    for (size_t i = 0; i < record->count; i++)
        if (record->fields[i].type == FIELD_TEXT)
            *(const char **)to(&record->fields[i], base) = "";
        else if (record->fields[i].type == FIELD_OBJECT)
            fill_texts(record->fields[i].record, to(&record->fields[i], base));
}

static int read_fields(struct reader *in, const struct record *record, const json_t *json,
                       void *base)
{
    const char *name;
    json_t *value;

    fill_texts(record, base);
    json_object_foreach ((json_t *)json, name, value) {
        const struct field *field = find_field(record, name);
        if (!field)
            return fault_set(in->fault, FAULT_NEWER, "the field '%s' is not known", name);
        int r = types[field->type].read(in, field, value, base);
        if (r < 0)
            return r;
    }
    return 0;
}

int event_record_read(const struct record *record, const json_t *json, struct arena *arena,
                      void *into, struct fault *f)
{
    struct reader in = {.arena = arena, .fault = f};

    if (!json_is_object(json))
        return fault_set(f, FAULT_CORRUPT, "not an object");
    return read_fields(&in, record, json, into);
}
