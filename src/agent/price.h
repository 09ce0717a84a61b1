/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens cost. An unknown price is unknown, never 0. */
#ifndef KELP_AGENT_PRICE_H
#define KELP_AGENT_PRICE_H

#include "core/event.h"
#include "plan/config.h"

/*
 * USD of `used` by `model` (NULL and "": not known). The user's table wins, by the whole name, else
 * by the longest row with `*` that fits; else `said`, which is what the program itself says; below
 * 0: unknown.
 */
double price_usd(const struct config_prices *prices, const char *model,
                 const struct token_counts *used, double said);
/* A sentence where the table is over a year older than `now_ms`, else "". In the arena. */
const char *price_warning(const struct config_prices *prices, int64_t now_ms, struct arena *a);

#endif
