/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/play_priv.h"

enum { DAWN_MS = 1000000, DOWNTIME_MS = 3600000, CLOCK_LEAP_MS = 7200000 };

void play_break(struct play *p, const char *invariant, const char *format, ...)
{
    va_list args;

    if (p->ret->broken)
        return;
    va_start(args, format);
    p->ret->broken = invariant;
    p->ret->why = text_vformat(format, args);
    va_end(args);
    play_trace(p, "BROKEN %s: %s", invariant, p->ret->why);
    if (p->options->trace && p->tree)
        tree_dump(p->tree, p->options->trace);
}

/* A mutant's tree is told of another plan than was meant: a copy, steps included. */
static struct plan *plan_copy(struct arena *arena, const struct plan *from)
{
    struct plan *p = arena_copy(arena, from, sizeof *from);

    p->research = arena_copy(arena, from->research, from->research_count * sizeof *p->research);
    p->subtasks = arena_copy(arena, from->subtasks, from->subtask_count * sizeof *p->subtasks);
    for (size_t i = 0; i < p->subtask_count; i++) {
        struct plan_subtask *s = &p->subtasks[i];
        s->steps = arena_copy(arena, s->steps, s->step_count * sizeof *s->steps);
        s->waves = arena_copy(arena, s->waves, s->wave_count * sizeof *s->waves);
    }
    return p;
}

static void set_scene(struct play *p)
{
    const struct play_options *o = p->options;
    struct search_fates *fates = &p->own_fates;

    dice_seed(&p->dice, dice_mix(o->shape.seed, 0x706c6179));
    p->accidents = (struct accidents){.script = o->script, .forced = o->forced};
    search_fates_init(fates, &o->shape);
    fates->accidents = &p->accidents;
    if (o->scene)
        p->scene = *o->scene;
    else
        plan_gen_case(&o->shape, &p->arena, &p->scene);
    p->request = p->scene.request;
    const struct plan *whole = p->scene.whole;
    if (o->mutant && o->mutant->request) {
        struct plan *told = plan_copy(&p->arena, whole);
        o->mutant->request(&p->request, told);
        p->request.planned = true;
        p->request.plan = whole = told;
    }
    world_init(&p->world, &o->shape, o->fates ? o->fates : &fates->source, whole);
    p->world.now_ms = DAWN_MS;
    user_init(p);
}

static bool reboot(struct play *p, bool rolled)
{
    struct accident a = {.kind = ACCIDENT_REBOOT, .at = p->lives};

    if (!accident_happens(&p->accidents, rolled, &a))
        return false;
    play_trace(p, "REBOOT");
    world_reboot(&p->world, play_was_done, p);
    return true;
}

static void leap(struct play *p, bool rolled)
{
    struct accident a = {.kind = ACCIDENT_LEAP, .at = p->lives};

    if (rolled)
        a.amount = (int64_t)dice_below(&p->dice, 2 * CLOCK_LEAP_MS) - CLOCK_LEAP_MS;
    if (accident_happens(&p->accidents, rolled, &a))
        p->clock_offset_ms += a.amount;
}

static void pause(struct play *p, bool rolled)
{
    struct accident a = {.kind = ACCIDENT_PAUSE, .at = p->lives};

    if (rolled)
        a.amount = dice_below(&p->dice, DOWNTIME_MS);
    if (accident_happens(&p->accidents, rolled, &a))
        world_advance(&p->world, p->world.now_ms + a.amount);
}

static bool lost_power(const struct play *p)
{
    return p->storage && disk_struck(storage_disk(p->storage)) == DISK_POWER;
}

static void leave(struct play *p)
{
    play_end_life(p);
    play_close_journal(p, DISK_SOUND);
}

/* Time passes without an engine; it may have been the machine that went down. */
static enum life live_on(struct play *p, bool crashed)
{
    play_end_life(p);
    bool down = crashed && dice_chance(&p->dice, 0.2 * p->own_fates.odds[SIM_REBOOTS]);
    if (crashed)
        down = reboot(p, down || lost_power(p));
    play_close_journal(p, !crashed ? DISK_SOUND : down ? DISK_POWER : DISK_KILL);
    leap(p, dice_chance(&p->dice, 0.3 * p->own_fates.odds[SIM_JUMPS]));
    pause(p, dice_chance(&p->dice, 0.5));
    if (!crashed)
        user_resumes(p);
    p->ret->counts.resumes++;
    return play_begin_life(p, &(struct event){.kind = EVENT_RESUMED});
}

/* The run has ended: is all well, and does anybody want more of it? */
static bool taken_up_again(struct play *p, enum life *ret)
{
    AUTO_TEXT why = {0};
    struct event wish;
    struct sight sight = {.world = &p->world,
                          .tree = p->tree,
                          .request = &p->scene.request,
                          .plan = p->scene.whole,
                          .rounds = 1 + p->asked,
                          .tokens_before = p->tokens_before,
                          .usd_before = p->usd_before};
    const struct invariant *broken =
        p->options->unchecked ? NULL : invariants_check_end(&sight, &why);

    p->ends++;
    if (broken)
        play_break(p, broken->name, "at the end: %s", text_get(&why));
    else
        user_collects(p);
    if (broken || !user_asks_more(p, p->tree, &wish))
        return false;
    p->tokens_before = p->tree->tokens;
    p->usd_before = p->tree->usd;
    leave(p);
    *ret = play_begin_life(p, &wish);
    /* What the tree refuses leaves the run as it was. */
    if (*ret == LIFE_GOES_ON && p->tree->phase == RUN_ENDED)
        *ret = LIFE_RUN_ENDED;
    return true;
}

static void set_journal(struct play *p)
{
    AUTO_FAULT f = {0};

    if (p->options->journal && storage_new(p->options->shape.seed, &p->storage, &f) < 0)
        play_break(p, INVARIANT_JOURNAL, "%s", f.message);
}

static void play_out(struct play *p)
{
    enum life life =
        play_begin_life(p, &(struct event){.kind = EVENT_RUN_REQUESTED, .request = &p->request});

    while (!p->ret->broken) {
        switch (life) {
        case LIFE_GOES_ON:
            life = play_turn(p);
            break;
        case LIFE_CRASHED:
            life = live_on(p, true);
            break;
        case LIFE_FAILED:
        case LIFE_LEFT:
            life = live_on(p, false);
            break;
        case LIFE_RUN_ENDED:
            if (!taken_up_again(p, &life))
                return;
            break;
        }
    }
}

/* Hands the tree out, and sees whether the journal gives it once more. */
static void last_look(struct play *p)
{
    p->ret->orchs = (uint32_t)p->tree->orchs.count;
    play_count_end(p);
    if (p->options->at_end)
        p->options->at_end(p->options->context, p->tree, &p->world);
    if (p->options->unchecked)
        return;
    leave(p);
    (void)play_begin_life(p, &(struct event){.kind = EVENT_RESUMED});
}

static void play_free(struct play *p)
{
    storage_free(p->storage);
    text_free(&p->before.text);
    vector_free(&p->turn);
    vector_free(&p->answers);
    vector_free(&p->commands.list);
    text_free(&p->expected.text);
    agenda_free(&p->inbox);
    world_free(&p->world);
    tape_free(&p->tape);
    arena_free(&p->arena);
}

void play(const struct play_options *options, struct play_result *ret)
{
    struct play p = {.options = options, .ret = ret};

    *ret = (struct play_result){0};
    set_scene(&p);
    set_journal(&p);
    play_out(&p);
    if (!ret->broken)
        last_look(&p);
    leave(&p); /* the disk may strike once more */
    ret->events = p.tape.events.count + p.unkept;
    ret->crash_points = p.points;
    ret->turns = p.turns;
    ret->ends = p.ends;
    if (p.storage)
        ret->disk_operations = disk_operations(storage_disk(p.storage));
    play_count_accidents(&p);
    script_sort(&p.accidents.happened);
    ret->happened = p.accidents.happened;
    ret->makespan_ms = p.world.now_ms - DAWN_MS;
    play_free(&p);
}

void play_result_free(struct play_result *r)
{
    free(r->why);
    r->why = NULL;
    script_free(&r->happened);
}
