/* SPDX-License-Identifier: Apache-2.0 */
/* What a run has spent so far, in one line. */
#ifndef KELP_UI_SPENT_H
#define KELP_UI_SPENT_H

#include "core/tree.h"

/* "36000 tokens, 0.5 USD"; "36000 tokens, cost unknown, at least 0.5 USD" where the price of some
 * of them is. Adds nothing and returns false if no tokens were used. */
bool spent_text(const struct tree *t, struct text *out);

#endif
