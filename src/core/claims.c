/* SPDX-License-Identifier: Apache-2.0 */
#include "core/claims.h"

#include "base/vector.h"

#include <stdint.h>
#include <string.h>

/* All claims of one glob: sorted[first..first + count), by owner. */
struct group {
    const char *head; /* into the glob */
    size_t head_length;
    size_t first, count;
    size_t low, second; /* the two lowest owners; SIZE_MAX */
};

struct groups {
    VECTOR(struct group) list;
    VECTOR(size_t) open; /* those whose head is the beginning of the present one's */
};

static int compare_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_claims(const void *left, const void *right)
{
    const struct glob_claim *a = left;
    const struct glob_claim *b = right;
    size_t a_length, b_length;
    const char *a_head = glob_head(a->glob, &a_length);
    const char *b_head = glob_head(b->glob, &b_length);
    int order = compare_text(a_head, a_length, b_head, b_length);

    if (!order)
        order = strcmp(a->glob, b->glob);
    return order ? order : (a->owner > b->owner) - (a->owner < b->owner);
}

static void find_groups(struct groups *g, struct glob_claim *claims, size_t count)
{
    qsort(claims, count, sizeof *claims, compare_claims);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(claims[i].glob, claims[i - 1].glob) != 0) {
            struct group fresh = {.first = i, .low = claims[i].owner, .second = SIZE_MAX};
            fresh.head = glob_head(claims[i].glob, &fresh.head_length);
            vector_push(&g->list, fresh);
        }
        struct group *group = &g->list.at[g->list.count - 1];
        if (claims[i].owner != group->low && group->second == SIZE_MAX)
            group->second = claims[i].owner;
        group->count++;
    }
}

/* Heads sort behind their beginnings, so those that begin group `i` are on the stack. */
static void open_group(struct groups *g, size_t i)
{
    const struct group *group = &g->list.at[i];

    while (g->open.count) {
        const struct group *top = &g->list.at[g->open.at[g->open.count - 1]];
        if (top->head_length <= group->head_length &&
            memcmp(top->head, group->head, top->head_length) == 0)
            break;
        g->open.count--;
    }
    vector_push(&g->open, i);
}

static void groups_free(struct groups *g)
{
    vector_free(&g->list);
    vector_free(&g->open);
}

static bool is_lower(size_t a, size_t b, const struct glob_claim_pair *than)
{
    return a < than->a.owner || (a == than->a.owner && b < than->b.owner);
}

/* The lowest pair of different owners, one of each group: it is among the two lowest of each. */
static struct glob_claim_pair lowest_pair(const struct glob_claim *claims, const struct group *g,
                                          const struct group *h)
{
    const size_t of_g[] = {g->low, g->second};
    const size_t of_h[] = {h->low, h->second};
    struct glob_claim_pair best = {.a.owner = SIZE_MAX, .b.owner = SIZE_MAX};

    for (int i = 0; i < 4; i++) {
        struct glob_claim a = {.glob = claims[g->first].glob, .owner = of_g[i / 2]};
        struct glob_claim b = {.glob = claims[h->first].glob, .owner = of_h[i % 2]};
        if (a.owner < b.owner && is_lower(a.owner, b.owner, &best))
            best = (struct glob_claim_pair){a, b};
        if (b.owner < a.owner && is_lower(b.owner, a.owner, &best))
            best = (struct glob_claim_pair){b, a};
    }
    return best;
}

bool claims_meet(struct glob_claim *claims, size_t count, struct glob_claim_pair *ret)
{
    __attribute__((cleanup(groups_free))) struct groups g = {0};
    struct glob_claim_pair best = {.a.owner = SIZE_MAX, .b.owner = SIZE_MAX};

    find_groups(&g, claims, count);
    for (size_t i = 0; i < g.list.count; i++) {
        open_group(&g, i);
        for (size_t k = 0; k < g.open.count; k++) {
            const struct group *other = &g.list.at[g.open.at[k]];
            struct glob_claim_pair pair = lowest_pair(claims, other, &g.list.at[i]);
            if (is_lower(pair.a.owner, pair.b.owner, &best) && pair.b.owner != SIZE_MAX &&
                globs_overlap(pair.a.glob, pair.b.glob))
                best = pair;
        }
    }
    if (best.b.owner == SIZE_MAX)
        return false;
    *ret = best;
    return true;
}

/* Walks the owners of both groups in order and joins neighbours. Owners within one group are
 * joined by its own chain, so that only a change from one group to the other counts. */
static void join_groups(const struct glob_claim *claims, const struct group *g,
                        const struct group *h, void (*pair)(void *, size_t, size_t), void *context)
{
    size_t i = 0, k = 0, last = SIZE_MAX;
    bool in_g = false;

    while (i < g->count || k < h->count) {
        bool from_g = k == h->count ||
                      (i < g->count && claims[g->first + i].owner <= claims[h->first + k].owner);
        size_t owner = from_g ? claims[g->first + i++].owner : claims[h->first + k++].owner;
        if (last != SIZE_MAX && last != owner && (g == h || from_g != in_g))
            pair(context, last, owner);
        last = owner;
        in_g = from_g;
    }
}

void claims_order(struct glob_claim *claims, size_t count,
                  void (*pair)(void *context, size_t before, size_t after), void *context)
{
    __attribute__((cleanup(groups_free))) struct groups g = {0};

    find_groups(&g, claims, count);
    for (size_t i = 0; i < g.list.count; i++) {
        const struct group *group = &g.list.at[i];
        open_group(&g, i);
        for (size_t k = 0; k < g.open.count; k++) {
            const struct group *other = &g.list.at[g.open.at[k]];
            if (globs_overlap(claims[other->first].glob, claims[group->first].glob))
                join_groups(claims, other, group, pair, context);
        }
    }
}
