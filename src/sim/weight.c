/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/weight.h"

#include "core/tree.h"

#include <malloc.h>

enum { STEPS = 3 };

struct scales {
    struct tree *tree;
    struct commands commands; /* to be carried out, from `next` on */
    size_t next;
    uint64_t events;
};

size_t weight_allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static void make_steps(struct plan_subtask *s, struct arena *arena)
{
    s->step_count = s->wave_count = STEPS;
    s->steps = arena_array(arena, STEPS, sizeof *s->steps);
    s->waves = arena_array(arena, STEPS, sizeof *s->waves);
    for (size_t i = 0; i < STEPS; i++) {
        size_t *needs = arena_array(arena, 1, sizeof *needs);
        needs[0] = i - 1;
        s->waves[i].title = "";
        s->steps[i] = (struct plan_step){.id = arena_format(arena, "step%zu", i),
                                         .title = "",
                                         .role = "Worker",
                                         .prompt = s->settings.agent[0] ? "do it" : "",
                                         .run = s->settings.agent[0] ? "" : "true",
                                         .count = 1,
                                         .for_each = {.source = ""},
                                         .minutes = 5,
                                         .needs = needs,
                                         .need_count = i > 0,
                                         .level = (unsigned)i + 1,
                                         .settings = s->settings};
    }
}

struct plan *weight_plan(uint32_t children, const char *agent, struct arena *arena)
{
    struct plan *p = ARENA_NEW(arena, struct plan);
    struct plan_subtask *s = ARENA_NEW(arena, struct plan_subtask);
    const char **items = arena_array(arena, children, sizeof *items);

    for (uint32_t i = 0; i < children; i++)
        items[i] = arena_format(arena, "service-%u", i);
    *p = (struct plan){.version = 1,
                       .task = "deploy",
                       .file = "",
                       .setup = "",
                       .research_given = true,
                       .subtasks = s,
                       .subtask_count = 1};
    p->settings = (struct plan_settings){.agent = agent,
                                         .model = "",
                                         .base_url = "",
                                         .retries = RETRIES_DEFAULT,
                                         .stall_minutes = -1};
    *s = (struct plan_subtask){.id = "deploy",
                               .title = "Deploy",
                               .context = "",
                               .mission = "",
                               .setup = "",
                               .settings = p->settings};
    s->for_each = (struct plan_fan){
        .kind = FAN_LIST, .source = "", .items = {.at = items, .count = children}};
    make_steps(s, arena);
    return p;
}

static void apply(struct scales *s, struct event e)
{
    tree_apply(s->tree, &e, &s->commands);
    s->events++;
}

static void carry_out(struct scales *s)
{
    static const struct outcome fine = {.yes = true, .claim = CLAIM_OK, .worked = true};
    struct command c = s->commands.list.at[s->next++];

    if (c.kind != COMMAND_START)
        return;
    apply(s, (struct event){.kind = EVENT_JOB_STARTED, .job = c.job});
    apply(s, (struct event){.kind = EVENT_JOB_ENDED, .job = c.job, .outcome = &fine});
    /* What was carried out is dropped now and then, so that it weighs nothing. */
    if (s->next == s->commands.list.count)
        s->next = s->commands.list.count = 0;
}

void weight_measure(uint32_t children, uint32_t slots, struct weight *ret)
{
    struct scales s = {.tree = NULL};
    struct arena arena = {0};
    struct run_request request = {.number = 1,
                                  .plan = weight_plan(children, "", &arena),
                                  .planned = true,
                                  .head = "",
                                  .branch = "",
                                  .settings = {.slots = slots, .pattern = PATTERN_META}};
    size_t before = weight_allocated();

    *ret = (struct weight){.children = children};
    s.tree = tree_new();
    apply(&s, (struct event){.kind = EVENT_RUN_REQUESTED, .request = &request});
    while (s.next < s.commands.list.count && s.tree->phase < RUN_EXECUTE)
        carry_out(&s);
    ret->bytes_per_child =
        (double)(weight_allocated() - before - s.commands.list.capacity * sizeof(struct command)) /
        children;
    ret->running = s.tree->running;
    while (s.next < s.commands.list.count)
        carry_out(&s);
    for (size_t i = 0; i < s.tree->orchs.count; i++)
        ret->done +=
            s.tree->orchs.at[i].kind == ORCH_CHILD && s.tree->orchs.at[i].status == END_DONE;
    ret->events = s.events;
    tree_free(s.tree);
    vector_free(&s.commands.list);
    arena_free(&arena);
}
