/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/config_maps.h"

#include "base/text.h"
#include "plan/settings.h"

#include <string.h>
#include <time.h>

/* The rows of a mapping from names to mappings of one kind. */
struct named {
    const struct field_table *fields;
    size_t size; /* of a row; its first member is the name */
};

static int need_map(struct reader *r, const char *what, const struct node *value)
{
    if (value->kind == NODE_MAPPING)
        return 0;
    return reader_fail(r, value, "write a line 'NAME: { ... }' for each",
                       "'%s' must be a mapping, not %s", what, node_describe(value, r->arena));
}

static int read_name(struct reader *r, const char *what, const struct node *map, size_t at,
                     const char **ret)
{
    const struct node *key = map->items[at];
    int code = field_read_text(r, what, key, ret);

    for (size_t i = 0; code == 0 && i < at; i += 2)
        if (map->items[i]->kind == NODE_SCALAR && strcmp(map->items[i]->text, *ret) == 0)
            return reader_fail(r, key, "keep one of them", "'%s' is written twice in '%s'", *ret,
                               what);
    return code;
}

/* Fills rows that the caller has prepared. */
static int read_rows(struct reader *r, const char *what, const struct node *map,
                     const struct named *named, void *rows)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < map->count; i += 2) {
        void *row = (char *)rows + i / 2 * named->size;
        code = read_name(r, what, map, i, row);
        if (code == 0)
            code = fields_read(r, map->items[i + 1], named->fields, row);
    }
    return code;
}

#define AT(member) offsetof(struct config_driver, member)
static const struct field driver_rows[] = {
    {"program", field_text, AT(program), NULL},
    {"args", field_strings, AT(args), NULL},
    {"model", field_text, AT(model), NULL},
    {"base_url", field_url, AT(base_url), NULL},
    {"environment", field_environment, AT(environment), NULL},
};
#undef AT
static const struct field_table driver_fields = {"a driver", driver_rows, COUNT_OF(driver_rows)};

int field_drivers(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    static const struct named named = {&driver_fields, sizeof(struct config_driver)};
    struct config_drivers *drivers = slot;
    int code = need_map(r, field->key, value);

    if (code < 0)
        return code;
    struct config_driver *rows = arena_array(r->arena, value->count / 2 + 1, sizeof *rows);
    for (size_t i = 0; i < value->count / 2; i++)
        rows[i] = (struct config_driver){.program = "", .model = "", .base_url = ""};
    *drivers = (struct config_drivers){rows, value->count / 2};
    return read_rows(r, field->key, value, &named, rows);
}

/* A price of 0 is one: of what runs on the user's own machine. */
static int read_usd(struct reader *r, const struct field *field, const struct node *value,
                    void *slot)
{
    double number;

    if (value->kind == NODE_SCALAR && value->plain && text_to_double(value->text, &number) &&
        number >= 0 && number <= 1e6) {
        *(double *)slot = number;
        return 0;
    }
    return reader_fail(r, value, "write USD for a million tokens, such as 2.50", "'%s' can't be %s",
                       field->key, node_describe(value, r->arena));
}

#define AT(member) offsetof(struct config_price, member)
static const struct field price_rows[] = {
    {"input", read_usd, AT(input), NULL},
    {"cached", read_usd, AT(cached), NULL},
    {"output", read_usd, AT(output), NULL},
};
#undef AT
static const struct field_table price_fields = {"a price", price_rows, COUNT_OF(price_rows)};

static int read_models(struct reader *r, const struct field *field, const struct node *value,
                       void *slot)
{
    static const struct named named = {&price_fields, sizeof(struct config_price)};
    struct config_prices *prices = slot;
    int code = need_map(r, field->key, value);

    if (code < 0)
        return code;
    struct config_price *rows = arena_array(r->arena, value->count / 2 + 1, sizeof *rows);
    for (size_t i = 0; i < value->count / 2; i++)
        rows[i] = (struct config_price){.input = -1, .cached = -1, .output = -1};
    code = read_rows(r, field->key, value, &named, rows);
    for (size_t i = 0; code == 0 && i < value->count / 2; i++) {
        if (rows[i].input < 0 || rows[i].output < 0)
            return reader_fail(r, value->items[2 * i], "write { input: 2.50, output: 10 }",
                               "the price of '%s' has no 'input' or no 'output'", rows[i].model);
        if (rows[i].cached < 0)
            rows[i].cached = rows[i].input;
    }
    prices->at = rows;
    prices->count = value->count / 2;
    return code;
}

static int read_date(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    struct config_prices *prices = slot;
    struct tm day = {0};
    char again[16];

    if (value->kind == NODE_SCALAR) {
        const char *end = strptime(value->text, "%Y-%m-%d", &day);
        time_t at = end && !*end ? timegm(&day) : -1;
        /* timegm moves the 30th of February to March. */
        if (at > 0 && strftime(again, sizeof again, "%Y-%m-%d", &day) &&
            strcmp(again, value->text) == 0) {
            prices->date = arena_string(r->arena, value->text);
            prices->date_ms = (int64_t)at * 1000;
            return 0;
        }
    }
    return reader_fail(r, value, "write the day when the prices held: 2026-11-01",
                       "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

static const struct field prices_rows[] = {
    {"date", read_date, 0, NULL},
    {"models", read_models, 0, NULL},
};
static const struct field_table prices_fields = {"prices", prices_rows, COUNT_OF(prices_rows)};

int field_prices(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    struct config_prices *prices = slot;
    int code = fields_read(r, value, &prices_fields, prices);

    if (code == 0 && !*prices->date)
        return reader_fail(r, value, "write the day when they held: date: 2026-11-01",
                           "'%s' without a date", field->key);
    return code;
}
