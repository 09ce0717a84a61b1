/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/plan_gen.h"

#include "sim/dice.h"

#include <string.h>

/* What a plan is being drawn with: dice of the present subtask, the bounds, where it is kept. */
struct pen {
    struct dice dice;
    const struct shape *shape;
    struct arena *arena;
};

/* Dice of their own for each part of the plan. */
enum {
    PART_PLAN,
    PART_SETTINGS,
    PART_RESEARCH,
    PART_HISTORY,
    PART_PLACE,
    PART_PLANNER,
    PART_SUBTASK = 1000,
    PART_REQUEST = 1000000,
    PART_LIMITS = 2000000
};

static struct pen pen_for(const struct shape *shape, struct arena *arena, uint64_t part)
{
    struct pen pen = {.shape = shape, .arena = arena};

    dice_seed(&pen.dice, dice_mix(shape->seed, part));
    return pen;
}

static struct strings some_words(struct pen *pen, const char *stem, uint32_t count)
{
    struct strings list = {.at = arena_array(pen->arena, count, sizeof(char *)), .count = count};

    for (uint32_t i = 0; i < count; i++)
        list.at[i] = arena_format(pen->arena, "%s%u", stem, i);
    return list;
}

/* Few enough folders for subtasks to meet in one now and then. */
static struct strings some_paths(struct pen *pen)
{
    static const char *const globs[] = {"src/**", "docs/**", "src/a/**", "*.md",  "tests/*.c",
                                        "one/**", "two/**",  "three/**", "x/y/*", "Makefile"};
    uint32_t count = dice_below(&pen->dice, 3);
    struct strings list = {.at = arena_array(pen->arena, count + 1, sizeof(char *)),
                           .count = count};

    for (uint32_t i = 0; i < count; i++)
        list.at[i] = globs[dice_below(&pen->dice, COUNT_OF(globs))];
    return list;
}

static struct strings own_path(struct pen *pen, const struct plan_subtask *s)
{
    struct strings list = {.at = arena_array(pen->arena, 1, sizeof(char *)), .count = 1};

    list.at[0] =
        arena_format(pen->arena, s->for_each.kind == FAN_NONE ? "%s/**" : "%s/{{item}}/**", s->id);
    return list;
}

static struct plan_commands some_commands(struct pen *pen, const char *word, double chance)
{
    uint32_t count = dice_chance(&pen->dice, chance) ? dice_between(&pen->dice, 1, 3) : 0;
    struct plan_command *at = arena_array(pen->arena, count + 1, sizeof *at);

    for (uint32_t i = 0; i < count; i++)
        at[i].run = arena_format(pen->arena, "%s %u", word, i);
    return (struct plan_commands){.at = at, .count = count};
}

static struct plan_fan some_fan(struct pen *pen, double chance)
{
    static const enum plan_fan_kind kinds[] = {FAN_LIST, FAN_GLOB, FAN_COMMAND};
    struct plan_fan fan = {.source = ""};

    if (!dice_chance(&pen->dice, chance))
        return fan;
    fan.kind = kinds[dice_below(&pen->dice, COUNT_OF(kinds))];
    uint32_t items = dice_below(&pen->dice, pen->shape->agents * 2 + 1);
    if (fan.kind == FAN_LIST)
        fan.items = some_words(pen, "item", items);
    else
        fan.source = fan.kind == FAN_GLOB ? "*.md" : "git ls-files";
    fan.batch = dice_below(&pen->dice, 3);
    return fan;
}

static void draw_limits(struct pen *pen, struct plan_limits *limits)
{
    if (!shape_has(pen->shape, SIM_LIMITS))
        return;
    if (dice_chance(&pen->dice, 0.3))
        limits->agent_minutes = dice_between(&pen->dice, 1, 40);
    if (dice_chance(&pen->dice, 0.1))
        limits->minutes = dice_between(&pen->dice, 2, 120);
    if (dice_chance(&pen->dice, 0.1))
        limits->tokens = dice_between(&pen->dice, 1000, 200000);
    if (dice_chance(&pen->dice, 0.1))
        limits->usd = 0.01 * dice_between(&pen->dice, 1, 500);
}

static struct plan_settings some_settings(struct pen *pen)
{
    static const enum plan_schedule schedules[] = {SCHEDULE_DEFAULT, SCHEDULE_DEFAULT,
                                                   SCHEDULE_WAVE, SCHEDULE_FLOW};
    struct plan_settings s = {
        .agent = "command", .model = "", .base_url = "", .retries = RETRIES_DEFAULT};

    s.isolation = dice_chance(&pen->dice, 0.15) ? ISOLATION_NONE : ISOLATION_CLONE;
    s.schedule = schedules[dice_below(&pen->dice, COUNT_OF(schedules))];
    s.stall_minutes = dice_chance(&pen->dice, 0.2) ? (double)dice_below(&pen->dice, 8) : -1;
    if (dice_chance(&pen->dice, 0.3))
        s.retries = (int)dice_below(&pen->dice, 4);
    draw_limits(pen, &s.limits);
    return s;
}

/* The nearest wins: a step has its subtask's settings but for what it says itself. */
static struct plan_settings settings_below(struct pen *pen, struct plan_settings s)
{
    if (dice_chance(&pen->dice, 0.1))
        s.retries = (int)dice_below(&pen->dice, 3);
    if (dice_chance(&pen->dice, 0.05))
        s.isolation = s.isolation == ISOLATION_NONE ? ISOLATION_CLONE : ISOLATION_NONE;
    if (dice_chance(&pen->dice, 0.1))
        s.stall_minutes = dice_below(&pen->dice, 6);
    if (dice_chance(&pen->dice, 0.4))
        s.agent = dice_chance(&pen->dice, 0.5) ? "claude" : "codex";
    return s;
}

static const char *const roles[] = {"Analyst", "Fixer", "Tester", "Writer"};

static void draw_step(struct pen *pen, struct plan_step *step, uint32_t index,
                      struct plan_settings settings)
{
    struct dice *d = &pen->dice;

    *step = (struct plan_step){.settings = settings_below(pen, settings), .level = 1};
    step->id = arena_format(pen->arena, "step%u", index);
    step->title = step->id;
    step->role = roles[dice_below(d, COUNT_OF(roles))];
    bool command = strcmp(step->settings.agent, "command") == 0;
    step->prompt = command ? "" : "do it";
    step->run = command ? "make it" : "";
    step->count = dice_chance(d, 0.3) ? dice_between(d, 1, pen->shape->agents) : 1;
    step->for_each = some_fan(pen, 0.15);
    step->minutes = dice_chance(d, 0.6) ? dice_between(d, 1, 20) : 0;
    step->writes_given = dice_chance(d, 0.5);
    if (step->writes_given)
        step->writes = some_paths(pen);
}

/* A wave each for `count` steps, one to three steps a wave. */
static void draw_waves(struct pen *pen, struct plan_subtask *s)
{
    unsigned wave = 0;

    for (size_t i = 0; i < s->step_count;) {
        uint32_t width = dice_between(&pen->dice, 1, 3);
        wave++;
        for (; width && i < s->step_count; width--)
            s->steps[i++].level = wave;
    }
    s->wave_count = wave;
    s->explicit_waves = true;
}

static void draw_needs(struct pen *pen, struct plan_subtask *s)
{
    double density = dice_unit(&pen->dice) * 0.6;

    for (size_t i = 1; i < s->step_count; i++) {
        struct plan_step *step = &s->steps[i];
        size_t *needs = arena_array(pen->arena, i, sizeof *needs);
        for (size_t j = 0; j < i; j++) {
            if (!dice_chance(&pen->dice, density))
                continue;
            needs[step->need_count++] = j;
            if (step->level <= s->steps[j].level)
                step->level = s->steps[j].level + 1;
        }
        step->needs = needs;
    }
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].level > s->wave_count)
            s->wave_count = s->steps[i].level;
}

static void draw_steps(struct pen *pen, struct plan_subtask *s)
{
    s->step_count = dice_between(&pen->dice, 1, pen->shape->steps);
    s->steps = arena_array(pen->arena, s->step_count, sizeof *s->steps);
    for (uint32_t i = 0; i < s->step_count; i++)
        draw_step(pen, &s->steps[i], i, s->settings);
    if (dice_chance(&pen->dice, 0.5))
        draw_waves(pen, s);
    else
        draw_needs(pen, s);
    s->waves = arena_array(pen->arena, s->wave_count, sizeof *s->waves);
    for (size_t i = 0; i < s->wave_count; i++) {
        s->waves[i].title = "";
        if (s->explicit_waves && dice_chance(&pen->dice, 0.2))
            s->waves[i].allow_failures = dice_between(&pen->dice, 1, 2);
    }
}

/* Agents that may use so much and no more. */
static void draw_own_limits(const struct pen *of, struct plan_subtask *s, uint64_t name)
{
    struct pen pen = pen_for(of->shape, of->arena, PART_LIMITS + name);

    if (!shape_has(of->shape, SIM_LIMITS) || !dice_chance(&pen.dice, 0.3))
        return;
    for (size_t i = 0; i < s->step_count; i++) {
        struct plan_limits *limits = &s->steps[i].settings.limits;
        if (dice_chance(&pen.dice, 0.3))
            limits->tokens = dice_between(&pen.dice, 1000, 60000);
        if (dice_chance(&pen.dice, 0.2))
            limits->usd = 0.01 * dice_between(&pen.dice, 1, 150);
    }
}

/* `apart`: it writes where no other subtask does. */
static void draw_subtask(struct pen *pen, struct plan_subtask *s, uint64_t name, bool apart)
{
    struct dice *d = &pen->dice;

    *s = (struct plan_subtask){.context = "", .setup = ""};
    s->id = arena_format(pen->arena, "part%llu", (unsigned long long)name);
    s->title = s->id;
    s->mission = "mend it";
    s->settings = some_settings(pen);
    s->minutes = dice_chance(d, 0.7) ? dice_between(d, 8, 40) : 0;
    s->for_each = some_fan(pen, 0.1);
    s->writes_given = dice_chance(d, 0.3);
    if (s->writes_given)
        s->writes = apart ? own_path(pen, s) : some_paths(pen);
    s->setup = dice_chance(d, 0.2) ? "npm ci" : "";
    s->success = some_commands(pen, "test", 0.4);
    s->on_failure = some_commands(pen, "undo", 0.4);
    s->cleanup = some_commands(pen, "clean", 0.4);
    draw_steps(pen, s);
    draw_own_limits(pen, s, name);
    for (size_t i = 0; apart && i < s->step_count; i++)
        if (s->steps[i].writes.count)
            s->steps[i].writes = own_path(pen, s);
}

/* Some subtasks wait for one before them, which rules children out. */
static void draw_depends(struct pen *pen, struct plan *p)
{
    for (size_t i = 1; i < p->subtask_count; i++) {
        if (!dice_chance(&pen->dice, 0.4))
            continue;
        size_t *on = arena_array(pen->arena, 1, sizeof *on);
        on[0] = dice_below(&pen->dice, (uint32_t)i);
        p->subtasks[i].depends_on = on;
        p->subtasks[i].depends_count = 1;
    }
}

static void draw_research(const struct shape *shape, struct arena *arena, struct plan *p)
{
    struct pen pen = pen_for(shape, arena, PART_RESEARCH);

    p->research_given = dice_chance(&pen.dice, 0.6);
    p->research_count = p->research_given ? dice_below(&pen.dice, 4) : 0;
    p->research = arena_array(arena, p->research_count + 1, sizeof *p->research);
    for (uint32_t i = 0; i < p->research_count; i++) {
        draw_step(&pen, &p->research[i], i, p->settings);
        p->research[i].level = 0;
        p->research[i].for_each = (struct plan_fan){.source = ""};
    }
}

static void draw_top(const struct shape *shape, struct arena *arena, struct plan *p)
{
    static const enum plan_land lands[] = {LAND_MERGE, LAND_MERGE, LAND_BRANCH, LAND_NONE};
    static const enum plan_push pushes[] = {PUSH_AUTO, PUSH_AUTO, PUSH_ALWAYS, PUSH_NEVER};
    struct pen pen = pen_for(shape, arena, PART_PLAN);
    struct pen place = pen_for(shape, arena, PART_PLACE);

    p->version = 1;
    p->task = "mend everything";
    p->file = "";
    p->settings = some_settings(&pen);
    p->settings.isolation = dice_chance(&place.dice, 0.1) ? ISOLATION_NONE : ISOLATION_CLONE;
    p->cleanup = some_commands(&pen, "sweep", 0.4);
    p->setup = dice_chance(&pen.dice, 0.2) ? "make prepare" : "";
    p->land = lands[dice_below(&pen.dice, COUNT_OF(lands))];
    p->push = pushes[dice_below(&pen.dice, COUNT_OF(pushes))];
    draw_research(shape, arena, p);
}

static void draw_subtasks(const struct shape *shape, struct arena *arena, struct plan *p)
{
    struct pen count = pen_for(shape, arena, PART_SUBTASK - 1);
    uint32_t wanted = dice_between(&count.dice, 1, 8);
    bool apart = dice_chance(&count.dice, 0.7);

    /* One world in twenty is wide. */
    if (dice_chance(&count.dice, 0.05))
        wanted *= 5;
    if (wanted > shape->children)
        wanted = shape->children;
    p->subtask_count = wanted;
    p->subtasks = arena_array(arena, p->subtask_count + 1, sizeof *p->subtasks);
    for (uint32_t i = 0; i < p->subtask_count; i++) {
        struct pen pen = pen_for(shape, arena, PART_SUBTASK + i);
        draw_subtask(&pen, &p->subtasks[i], i, apart);
    }
    if (!apart || dice_chance(&count.dice, 0.1))
        draw_depends(&count, p);
}

static void draw_run_settings(const struct shape *shape, struct run_settings *s)
{
    static const enum pattern_choice patterns[] = {PATTERN_AUTO, PATTERN_META, PATTERN_META,
                                                   PATTERN_META, PATTERN_WAVES};
    struct dice d;

    dice_seed(&d, dice_mix(shape->seed, PART_SETTINGS));
    s->slots = dice_below(&d, 9);
    s->slots_asked = dice_chance(&d, 0.5) ? s->slots : 0;
    s->retry_min = dice_chance(&d, 0.3) ? dice_below(&d, 3) : 10;
    s->retry_share = 0.1;
    s->min_subtasks = 2;
    s->min_steps = 3;
    s->min_minutes = 10;
    s->min_speedup = 2;
    s->coordination_minutes = 0.001;
    s->pattern = patterns[dice_below(&d, COUNT_OF(patterns))];
    s->default_stall_minutes = 5;
}

/* What earlier runs took: of some roles much, of some little, of some nothing is known. */
static const struct history *draw_history(const struct shape *shape, struct arena *arena)
{
    struct pen pen = pen_for(shape, arena, PART_HISTORY);
    struct history *h = ARENA_NEW(arena, struct history);

    if (!dice_chance(&pen.dice, 0.6))
        return NULL;
    for (size_t i = 0; i < 2 * COUNT_OF(roles); i++)
        if (dice_chance(&pen.dice, 0.6))
            history_note(h, arena, roles[i / 2], i % 2 ? WORK_MODEL : WORK_COMMAND,
                         0.1 * dice_below(&pen.dice, 600));
    return h;
}

void plan_gen_case(const struct shape *shape, struct arena *arena, struct sim_case *ret)
{
    struct plan *whole = ARENA_NEW(arena, struct plan);
    struct plan *intake = ARENA_NEW(arena, struct plan);
    struct pen pen = pen_for(shape, arena, PART_PLAN + 100);

    draw_top(shape, arena, whole);
    *intake = *whole;
    draw_subtasks(shape, arena, whole);

    bool planned = dice_chance(&pen.dice, 0.7);
    ret->whole = whole;
    ret->request = (struct run_request){
        .number = dice_between(&pen.dice, 1, 99999),
        .plan = planned ? whole : intake,
        .planned = planned,
        .base_worktree = dice_chance(&pen.dice, 0.1),
        .in_repository = dice_chance(&pen.dice, 0.95),
        .head = dice_chance(&pen.dice, 0.95) ? "head" : "",
        .branch = dice_chance(&pen.dice, 0.9) ? "main" : "",
        .history = draw_history(shape, arena),
    };
    draw_run_settings(shape, &ret->request.settings);
    struct pen planner = pen_for(shape, arena, PART_PLANNER);
    bool asked = !planned && dice_chance(&planner.dice, 0.6);
    ret->request.planner = !asked ? "" : dice_chance(&planner.dice, 0.5) ? "claude" : "codex";
}

const struct plan *plan_gen_request(const struct shape *shape, uint32_t nth, struct arena *arena)
{
    struct pen pen = pen_for(shape, arena, PART_REQUEST + nth);
    struct plan *p = ARENA_NEW(arena, struct plan);

    draw_top(shape, arena, p);
    p->research_count = 0;
    p->subtask_count = dice_between(&pen.dice, 1, 2);
    p->subtasks = arena_array(arena, p->subtask_count, sizeof *p->subtasks);
    for (uint32_t i = 0; i < p->subtask_count; i++)
        draw_subtask(&pen, &p->subtasks[i], PART_REQUEST + nth * 10 + i, true);
    return p;
}
