/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/price.h"

#include "base/text.h"

#include <string.h>

static const int64_t year_ms = (int64_t)365 * 24 * 3600 * 1000;

/* How much of the name a row has; 0: it is for another model. A whole name beats every pattern. */
static size_t fits(const char *row, const char *model)
{
    size_t length = strlen(row);

    if (strcmp(row, model) == 0)
        return length + 2;
    if (length && row[length - 1] == '*' && strncmp(row, model, length - 1) == 0)
        return length;
    return 0;
}

static const struct config_price *find(const struct config_prices *prices, const char *model)
{
    const struct config_price *found = NULL;
    size_t best = 0;

    for (size_t i = 0; i < prices->count; i++) {
        size_t score = fits(prices->at[i].model, model);
        if (score > best) {
            best = score;
            found = &prices->at[i];
        }
    }
    return found;
}

double price_usd(const struct config_prices *prices, const char *model,
                 const struct token_counts *used, double said)
{
    const struct config_price *p = model && *model ? find(prices, model) : NULL;

    if (!p)
        return said >= 0 ? said : -1;
    return ((double)used->input * p->input + (double)used->cached * p->cached +
            (double)used->output * p->output) /
           1e6;
}

const char *price_warning(const struct config_prices *prices, int64_t now_ms, struct arena *a)
{
    if (!*prices->date || now_ms - prices->date_ms <= year_ms)
        return "";
    return arena_format(a,
                        "the prices in the configuration are of %s, over a year ago; what a run "
                        "costs may be wrong",
                        prices->date);
}
