/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/replay.h"

#include "base/install.h"
#include "base/os.h"

#include <string.h>

enum { PLAY_MAX_BYTES = 64 * 1024, STALL_MS = 2000 };

static const struct attempt *attempts_of(const struct tree *t, const struct job *j)
{
    if (j->agent == AGENT_NONE)
        return t->planner.first_attempt;
    return t->orchs.at[j->orch].work->agents.at[j->agent].first_attempt;
}

static unsigned ordinal_of(const struct tree *t, uint32_t job)
{
    unsigned n = 1;

    for (const struct attempt *x = attempts_of(t, &t->jobs.at[job]); x && x->job != job;
         x = x->next)
        n += x->error != ERROR_CANCELLED;
    return n;
}

char *replay_key(const struct tree *t, uint32_t job)
{
    const struct job *j = &t->jobs.at[job];
    const struct orch *o = &t->orchs.at[j->orch];
    char id[EXEC_ID_TEXT_MAX];

    if (j->agent == AGENT_NONE)
        return text_format("planner-t%u", ordinal_of(t, job));
    exec_id_format(o->id, id);
    const char *below = strchr(id, '.');
    return text_format("%s-w%u-a%u-t%u", below ? below + 1 : "root",
                       o->work->agents.at[j->agent].wave, j->agent + 1, ordinal_of(t, job));
}

bool replay_is_on(const struct engine *e)
{
    return e->tree->request.replay && e->tree->request.replay[0];
}

/* What is written in a play.json below the recording; an empty object where there is none. */
static json_t *read_play(const struct engine *e, const char *name)
{
    AUTO_FREE char *path =
        text_format("%s/%s/%s", e->options.run_dir, e->tree->request.replay, name);
    AUTO_FAULT ignored = {0};
    json_t *play = NULL;

    if (json_read_file(path, PLAY_MAX_BYTES, &play, &ignored) < 0)
        return json_object();
    return play;
}

char *replay_base(const struct engine *e)
{
    if (!replay_is_on(e))
        return NULL;
    json_auto_t *play = read_play(e, "play.json");
    const char *base = json_get_string(play, "base", NULL);
    return base ? mem_string(base) : NULL;
}

static bool in_real_time(const struct engine *e)
{
    json_auto_t *play = read_play(e, "play.json");

    return json_get_bool(play, "real_time", false);
}

static bool recording_ended(const struct engine *e)
{
    json_auto_t *play = read_play(e, "play.json");

    return json_get_bool(play, "ended", true);
}

/* The folder of what is recorded of an attempt; the caller frees. */
static char *attempt_dir(const struct engine *e, const char *key)
{
    return text_format("%s/%s/attempts/%s", e->options.run_dir, e->tree->request.replay, key);
}

int replay_argv(const struct engine *e, uint32_t job, struct arena *a, const char *const **ret,
                struct fault *f)
{
    AUTO_FREE char *key = replay_key(e->tree, job);
    AUTO_FREE char *dir = attempt_dir(e, key);
    AUTO_FREE char *program = NULL;

    if (!os_is_dir(dir))
        return fault_set(f, FAULT_NOT_FOUND, "the recording has no attempt '%s'", key);
    int r = install_program("kelp-replay", &program, f);
    if (r < 0)
        return r;
    const char **argv = arena_array(a, 4, sizeof *argv);
    argv[0] = arena_string(a, program);
    argv[1] = arena_string(a, dir);
    argv[2] = in_real_time(e) ? "--real-time" : NULL;
    *ret = argv;
    return 0;
}

static size_t place_of(const struct engine *e, uint32_t job)
{
    size_t i = 0;

    while (i < e->held_back.count && e->held_back.at[i] != job)
        i++;
    return i;
}

bool replay_is_held_back(const struct engine *e, uint32_t job)
{
    return place_of(e, job) < e->held_back.count;
}

bool replay_holds_back(struct engine *e, uint32_t job)
{
    if (!replay_is_on(e) || recording_ended(e))
        return false;
    AUTO_FREE char *key = replay_key(e->tree, job);
    AUTO_FREE char *dir = attempt_dir(e, key);
    if (os_is_dir(dir))
        return false;
    if (!replay_is_held_back(e, job))
        vector_push(&e->held_back, job);
    return true;
}

void replay_let_go(struct engine *e, uint32_t job)
{
    size_t i = place_of(e, job);

    if (i < e->held_back.count)
        e->held_back.at[i] = e->held_back.at[--e->held_back.count];
}

/* Somebody has another attempt before it, or a provider that goes on. */
static bool attempts_are_due(const struct tree *t)
{
    bool due = false;

    for (size_t i = 0; i < t->timers.count && !due; i++) {
        const struct timer *timer = &t->timers.at[i];
        due = !timer->over && (timer->kind == TIMER_BACKOFF || timer->kind == TIMER_PROVIDER);
    }
    return due;
}

void replay_check_over(struct engine *e)
{
    if (!e->held_back.count || e->next.events.count || e->tree->interrupt == INTERRUPT_STOP ||
        e->tree->outstanding > e->held_back.count || attempts_are_due(e->tree))
        return;
    e->played = true;
    engine_queue(e, (struct event){.kind = EVENT_INTERRUPTED, .level = INTERRUPT_STOP});
}

int64_t replay_wait_ms(const struct engine *e, uint32_t timer, int64_t left_ms)
{
    enum timer_kind kind = e->tree->timers.at[timer].kind;

    if (!replay_is_on(e) || (kind != TIMER_BACKOFF && kind != TIMER_PROVIDER) || in_real_time(e))
        return left_ms;
    return 0;
}

int64_t replay_stall_ms(const struct engine *e, uint32_t job, int64_t limit_ms)
{
    if (!replay_is_on(e) || limit_ms <= STALL_MS)
        return limit_ms;
    AUTO_FREE char *key = replay_key(e->tree, job);
    AUTO_FREE char *name = text_format("attempts/%s/play.json", key);
    json_auto_t *play = read_play(e, name);
    return json_get_bool(play, "hangs", false) && !in_real_time(e) ? STALL_MS : limit_ms;
}
