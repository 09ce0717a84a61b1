/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/price.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct config_price rows[] = {
    {"opus-5", 10, 1, 50},
    {"opus*", 5, 0.5, 25},
    {"opus-4*", 4, 0.4, 20},
    {"local", 0, 0, 0},
};
static const struct config_prices table = {"2026-01-01", 1767225600000, rows, COUNT_OF(rows)};

static const struct {
    const char *model;
    double said, usd;
} prices[] = {
    {"opus-5", 99, 10 + 0.5 + 12.5},   /* the table wins over the program */
    {"opus-5-x", -1, 5 + 0.25 + 6.25}, /* a pattern */
    {"opus-4-1", -1, 4 + 0.2 + 5},     /* the longest of them */
    {"local", -1, 0},                  /* known to cost nothing */
    {"other", 0.25, 0.25},             /* the program says */
    {"other", -1, -1},                 /* unknown */
    {"other", -7, -1},
    {NULL, -1, -1},
    {"", 2, 2},
};

Test(price, of_tokens)
{
    const struct token_counts used = {
        .input = 1000000, .cached = 500000, .output = 250000, .reasoning = 100000};

    for (size_t i = 0; i < COUNT_OF(prices); i++)
        cr_expect_float_eq(price_usd(&table, prices[i].model, &used, prices[i].said), prices[i].usd,
                           1e-9, "row %zu", i);
}

Test(price, a_table_grows_old)
{
    const int64_t day = (int64_t)24 * 3600 * 1000;
    const struct config_prices none = {.date = ""};
    AUTO_ARENA a = {0};

    cr_expect_str_eq(price_warning(&table, table.date_ms + 365 * day, &a), "");
    cr_expect_not_null(strstr(price_warning(&table, table.date_ms + 366 * day, &a), "2026-01-01"));
    cr_expect_str_eq(price_warning(&none, table.date_ms, &a), "");
}
