/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/tape.h"

#include "journal/codec.h"
#include "sim/dice.h"

uint64_t commands_hash(const struct command *commands, size_t count)
{
    uint64_t hash = count;

    for (size_t i = 0; i < count; i++) {
        hash = dice_mix(hash, commands[i].kind);
        hash = dice_mix(hash, (uint64_t)commands[i].job << 32 | commands[i].timer);
        hash = dice_mix(hash, (uint64_t)commands[i].at_ms);
    }
    return hash;
}

static void encode(const struct event *e, int64_t seq, struct event_row *row, char **ret_body)
{
    event_encode(e, row, ret_body);
    row->seq = seq;
}

uint32_t tape_sum(uint32_t before, const struct event *e, int64_t seq)
{
    AUTO_FREE char *body = NULL;
    struct event_row row;

    encode(e, seq, &row, &body);
    return event_row_checksum(before, &row);
}

int tape_commit(struct tape *h, const struct event *e, uint64_t answer, struct fault *f)
{
    const struct decode_memory memory = {.event = &h->arena, .plan = &h->arena};
    AUTO_FREE char *body = NULL;
    struct event_row row;
    struct event kept;

    encode(e, (int64_t)h->events.count + 1, &row, &body);
    int r = event_decode(&row, &memory, &kept, f);
    if (r < 0)
        return r;
    vector_push(&h->events, kept);
    vector_push(&h->answers, answer);
    uint32_t before = h->sums.count ? h->sums.at[h->sums.count - 1] : 0;
    uint32_t sum = event_row_checksum(before, &row);
    vector_push(&h->sums, sum);
    return 0;
}

void tape_cut(struct tape *h, size_t count)
{
    h->events.count = h->answers.count = h->sums.count = count;
}

struct tree *tape_replay(const struct tape *h, size_t *ret_differs)
{
    struct tree *t = tree_new();
    struct commands dropped = {0};

    *ret_differs = h->events.count;
    for (size_t i = 0; i < h->events.count; i++) {
        dropped.list.count = 0;
        tree_apply(t, &h->events.at[i], &dropped);
        if (i < *ret_differs &&
            commands_hash(dropped.list.at, dropped.list.count) != h->answers.at[i])
            *ret_differs = i;
    }
    vector_free(&dropped.list);
    return t;
}

void tape_free(struct tape *h)
{
    vector_free(&h->events);
    vector_free(&h->answers);
    vector_free(&h->sums);
    arena_free(&h->arena);
}
