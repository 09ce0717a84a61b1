/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal-grow RUN_DIR EVENTS
 *
 * Goes on with the journal of a run that stands still, until it has so many events: every agent
 * that the tree asks for is answered at once, with success. What it asked for last stays
 * unanswered, so that there is something to resume.
 */
#include "base/clock.h"
#include "core/tree.h"
#include "journal/journal.h"

#include <inttypes.h>
#include <stdio.h>

enum { EVENTS_PER_COMMIT = 64 };

struct growing {
    struct journal *journal;
    struct tree *tree;
    struct commands commands; /* to be answered, from `next` on */
    size_t next;
    struct clock clock;
};

static int replay(void *ctx, const struct event *event)
{
    struct growing *g = ctx;

    tree_apply(g->tree, event, &g->commands);
    g->commands.list.count = 0;
    return 0;
}

static int add(struct growing *g, struct event event, struct fault *f)
{
    event.at_ms = clock_now_ms(&g->clock);
    int r = journal_append(g->journal, &event, f);
    if (r < 0)
        return r;
    tree_apply(g->tree, &event, &g->commands);
    return journal_count(g->journal) % EVENTS_PER_COMMIT == 0 ? journal_commit(g->journal, f) : 0;
}

static int answer(struct growing *g, struct command c, struct fault *f)
{
    static const struct outcome fine = {.worked = true, .cpu_us = 700, .max_rss_kib = 1600};

    if (c.kind != COMMAND_START || g->tree->jobs.at[c.job].kind != JOB_AGENT)
        return 0;
    int r = add(g, (struct event){.kind = EVENT_JOB_STARTED, .job = c.job}, f);
    if (r == 0)
        r = add(g, (struct event){.kind = EVENT_JOB_ENDED, .job = c.job, .outcome = &fine}, f);
    return r;
}

static int grow(struct growing *g, int64_t events, struct fault *f)
{
    int r = add(g, (struct event){.kind = EVENT_RESUMED}, f);

    while (r == 0 && journal_count(g->journal) < events && g->next < g->commands.list.count)
        r = answer(g, g->commands.list.at[g->next++], f);
    return r == 0 ? journal_commit(g->journal, f) : r;
}

int main(int argc, char **argv)
{
    struct growing g = {.next = 0};
    AUTO_ARENA plans = {0};
    AUTO_FAULT f = {0};
    int64_t events;

    if (argc != 3 || !text_to_int64(argv[2], 1, 100000000, &events)) {
        (void)fprintf(stderr, "usage: journal-grow RUN_DIR EVENTS\n");
        return 2;
    }
    g.tree = tree_new();
    clock_real_init(&g.clock);
    int r = journal_open(argv[1], JOURNAL_WRITE, &g.journal, &f);
    if (r == 0)
        r = journal_replay(g.journal, &plans, replay, &g, &f);
    if (r == 0)
        r = grow(&g, events, &f);
    if (r < 0)
        (void)fprintf(stderr, "journal-grow: %s\n", f.message);
    else
        (void)printf("%" PRId64 "\n", journal_count(g.journal));
    journal_close(g.journal);
    tree_free(g.tree);
    vector_free(&g.commands.list);
    return r < 0;
}
