/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session.h"

#include <math.h>
#include <string.h>

static bool got_to_work(const struct attempt *x)
{
    return x->worked || x->tool_calls || x->tokens;
}

/* What the last attempt goes on with: the last before it that has a session and got to work. Its
 * provider may have turned others away since, with a new session or none. */
static const struct attempt *left_off(const struct agent *a)
{
    const struct attempt *found = NULL;

    for (const struct attempt *x = a->first_attempt; x && x != a->last_attempt; x = x->next)
        if (x->session[0] && got_to_work(x))
            found = x;
    return found;
}

/* Nothing but attempts that came to nothing stand before the last. */
static bool is_first(const struct agent *a)
{
    for (const struct attempt *x = a->first_attempt; x && x != a->last_attempt; x = x->next)
        if (got_to_work(x))
            return false;
    return true;
}

void session_add_use(const struct attempt *first, const char *session, struct session_use *use)
{
    for (const struct attempt *x = first; x; x = x->next) {
        if (strcmp(x->session, session) != 0)
            continue;
        use->tokens.input += x->counts.input;
        use->tokens.cached += x->counts.cached;
        use->tokens.output += x->counts.output;
        use->tokens.reasoning += x->counts.reasoning;
        use->usd = use->usd < 0 || (x->usd < 0 && x->tokens) ? -1 : use->usd + fmax(x->usd, 0);
    }
}

static struct session_use use_of(const struct work *w, const char *session)
{
    struct session_use use = {0};

    for (size_t i = 0; i < w->agents.count; i++)
        session_add_use(w->agents.at[i].first_attempt, session, &use);
    return use;
}

static void resume(const struct work *w, const struct attempt *x, struct session_choice *ret)
{
    ret->way = SESSION_RESUMED;
    ret->session = x->session;
    ret->use = use_of(w, x->session);
}

/* Of the same instance, role and driver, and over. Research has instances of its own. */
static bool is_earlier(const struct tree *t, const struct orch *o, const struct agent *a,
                       const struct agent *other)
{
    if (other == a || other->state != AGENT_STATE_ENDED || !other->last_attempt ||
        other->instance != a->instance || !other->wave != !a->wave)
        return false;
    const struct plan_step *mine = tree_agent_step(t, o, a), *its = tree_agent_step(t, o, other);
    return !plan_step_is_command(its) && strcmp(mine->role, its->role) == 0 &&
           strcmp(mine->settings.agent, its->settings.agent) == 0;
}

/* Those that ended at the same moment stand in their own order. */
static size_t earlier_agents(const struct tree *t, const struct orch *o, const struct agent *a,
                             uint32_t *list)
{
    const struct work *w = o->work;
    size_t count = 0;

    for (uint32_t i = 0; i < w->agents.count; i++) {
        if (!is_earlier(t, o, a, &w->agents.at[i]))
            continue;
        size_t at = count++;
        for (; at && w->agents.at[list[at - 1]].ended_ms > w->agents.at[i].ended_ms; at--)
            list[at] = list[at - 1];
        list[at] = i;
    }
    return count;
}

static bool fits(const struct attempt *x, int64_t prompt_tokens)
{
    int64_t window = x->context_window > 0 ? x->context_window : SESSION_WINDOW_OTHERWISE;

    /* What an agent says that it holds may be any number. */
    return x->context_tokens <= window / 100 * SESSION_FULL_PERCENT - prompt_tokens;
}

/* Both in the clone of their orchestrator, say. A copy of its own is no other agent's. */
static bool same_folder(const struct agent *a, const struct agent *b)
{
    bool a_in_clone = a->place == PLACE_CLONE || a->place == PLACE_SHARED;
    bool b_in_clone = b->place == PLACE_CLONE || b->place == PLACE_SHARED;

    return a->place != PLACE_OWN && (a->place == b->place || (a_in_clone && b_in_clone));
}

void session_choose(const struct tree *t, uint32_t orch, uint32_t agent,
                    const struct session_need *need, struct arena *arena,
                    struct session_choice *ret)
{
    const struct orch *o = &t->orchs.at[orch];
    const struct agent *a = &o->work->agents.at[agent];
    const struct attempt *before = left_off(a);

    *ret = (struct session_choice){.session = ""};
    if (before && a->last_attempt->continues) {
        resume(o->work, before, ret);
        ret->continues = true;
        return;
    }
    if (!is_first(a))
        return;
    uint32_t *list = arena_array(arena, o->work->agents.count, sizeof *list);
    size_t count = earlier_agents(t, o, a, list);
    const struct agent *earlier = count ? &o->work->agents.at[list[count - 1]] : NULL;
    const struct attempt *last = earlier ? earlier->last_attempt : NULL;
    if (!last || last->error != ERROR_NONE || !last->session[0])
        return;
    if (fits(last, need->prompt_tokens) && (!need->in_place || same_folder(a, earlier))) {
        resume(o->work, last, ret);
        return;
    }
    ret->way = SESSION_HANDOVER;
    ret->agents = list;
    ret->agent_count = count;
}
