/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/providers.h"

#include "base/clock.h"
#include "base/escape.h"

#include <string.h>

static void add_waiting(struct text *out, const struct tree *t, size_t i)
{
    size_t n = tree_provider_waiting(t, i);

    if (n == 1 && t->planner.waits)
        text_add(out, "the planner waits");
    else
        text_printf(out, "%zu agent%s wait%s", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
}

static void add_trouble(struct text *out, const struct provider *p)
{
    if (p->trouble[0])
        escape_add_line(out, p->trouble, strlen(p->trouble));
    else
        text_add(out, "it does not serve");
}

/* In whole seconds, while it counts down. */
static void add_left(struct text *out, int64_t left_ms)
{
    char span[32];

    if (left_ms <= 0) {
        text_add(out, "0 s");
    } else if (left_ms < 60000) {
        text_printf(out, "%lld s", (long long)((left_ms + 999) / 1000));
    } else {
        clock_format_span(left_ms, span);
        text_add(out, span);
    }
}

bool provider_text(const struct tree *t, size_t i, int64_t now_ms, struct text *out)
{
    const struct provider *p = &t->providers.at[i];

    if (!p->frozen && !p->paused_until_ms)
        return false;
    escape_add_line(out, p->name, strlen(p->name));
    if (p->frozen) {
        text_add(out, ": frozen: ");
        add_trouble(out, p);
        text_add(out, "; ");
        add_waiting(out, t, i);
        return true;
    }
    text_add(out, ": rate limited");
    if (tree_provider_waiting(t, i)) {
        text_add(out, ", ");
        add_waiting(out, t, i);
    } else {
        text_add(out, " for");
    }
    text_add_char(out, ' ');
    add_left(out, p->paused_until_ms - now_ms);
    return true;
}

void providers_stuck_text(const struct tree *t, struct text *out)
{
    char id[EXEC_ID_TEXT_MAX];

    size_t told = 0;

    exec_id_format(t->orchs.at[0].id, id);
    for (size_t i = 0; i < t->providers.count; i++) {
        if (!t->providers.at[i].frozen || !tree_provider_waiting(t, i))
            continue;
        text_add(out, told++ ? "\n" : "");
        escape_add_line(out, t->providers.at[i].name, strlen(t->providers.at[i].name));
        text_add(out, ": ");
        add_trouble(out, &t->providers.at[i]);
        text_add(out, "; ");
        add_waiting(out, t, i);
        text_printf(out, "; mend it and: kelp resume %s", id);
    }
}

json_t *provider_json(const struct tree *t, size_t i)
{
    const struct provider *p = &t->providers.at[i];
    const char *state = p->frozen ? "frozen" : p->paused_until_ms ? "paused" : "serves";
    json_t *until = p->paused_until_ms ? json_integer(p->paused_until_ms) : json_null();
    bool serves = !p->frozen && !p->paused_until_ms;
    json_t *trouble = json_text_or_null(serves || !p->trouble[0] ? NULL : p->trouble);

    return json_pack("{s:o, s:s, s:o, s:I, s:o}", "provider", json_text_or_null(p->name), "state",
                     state, "until_ms", until, "waiting", (json_int_t)tree_provider_waiting(t, i),
                     "message", trouble);
}

bool provider_watch_changed(struct provider_watch *w, const struct tree *t, size_t i)
{
    const struct provider *p = &t->providers.at[i];
    int64_t now = p->frozen ? INT64_MAX : p->paused_until_ms;

    while (w->known.count <= i)
        vector_push(&w->known, 0);
    bool changed = w->known.at[i] != now;
    w->known.at[i] = now;
    return changed;
}

void provider_watch_free(struct provider_watch *w)
{
    vector_free(&w->known);
}
