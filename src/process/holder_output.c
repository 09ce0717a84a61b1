/* SPDX-License-Identifier: Apache-2.0 */
#include "process/holder_priv.h"

enum { ROUND_MIN_MS = 100, ATTEMPTS_PER_MS = 4 };

void holder_bound_output(struct holder *h UNUSED, struct attempt *attempt)
{
    attempt->end.dropped_bytes = 0;
    for (size_t i = 0; i < COUNT_OF(attempt->outputs); i++) {
        struct output *output = &attempt->outputs[i];
        (void)output_keep_bound(output, attempt->output_max_bytes); /* then it is not kept */
        attempt->end.dropped_bytes += output->gap_end - output->gap_start;
    }
}

static void visit(void *ctx, struct attempt *attempt)
{
    if (attempt->output_max_bytes)
        holder_bound_output(ctx, attempt);
}

/* Two files of an attempt take some microseconds to look at; this keeps a round's share of the
 * time at about two in a hundred, however many there are. */
void holder_bound_later(struct holder *h)
{
    int64_t pause = (int64_t)(h->bounded / ATTEMPTS_PER_MS);

    if (h->bounded && !h->output_at.place)
        deadline_set(&h->deadlines, &h->output_at,
                     h->now_ms + (pause > ROUND_MIN_MS ? pause : ROUND_MIN_MS));
}

void holder_bound_outputs(struct holder *h)
{
    registry_each(&h->registry, visit, h);
    holder_bound_later(h);
}
