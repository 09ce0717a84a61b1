/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/spent.h"

#include <inttypes.h>

bool spent_text(const struct tree *t, struct text *out)
{
    if (!t->tokens)
        return false;
    text_printf(out, "%" PRId64 " token%s, ", t->tokens, t->tokens == 1 ? "" : "s");
    if (!t->usd_unknown)
        text_add_usd(out, t->usd);
    else
        text_add(out, "cost unknown");
    if (t->usd_unknown && t->usd > 0) {
        text_add(out, ", at least ");
        text_add_usd(out, t->usd);
    }
    return true;
}
