/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/follow.h"

#include "engine/agent.h"
#include "engine/redact.h"
#include "engine/stream.h"

#include <string.h>

enum {
    FOLLOWED_MAX = 4096,          /* agents at once: memory, and watches of the system */
    READ_INTERVAL_MS = 200,       /* between two readings of what grew */
    PIECE_MAX_BYTES = 256 * 1024, /* of one file at a time */
    TURN_MAX_BYTES = 4 * 1024 * 1024,
};

struct followed {
    uv_fs_event_t watch; /* data: this struct */
    struct engine *e;
    uint32_t job;
    char *path;
    uint64_t at; /* what stands before it was read */
    bool grown;  /* it is in the list of those to be read */
    struct followed *next_grown;
    struct reading reading;
    struct session_use before;
    struct redact redact;
    struct arena arena;
    struct text told; /* the activity that was told last */
    bool told_limited;
    int64_t told_tokens; /* beyond its reservation, that the tree was told of last */
};

static int64_t tokens_so_far(const struct followed *w)
{
    const struct token_counts *now = &w->reading.used, *then = &w->before.tokens;
    int64_t all = now->input + now->cached + now->output;

    if (w->reading.cumulative)
        all -= then->input + then->cached + then->output;
    return all > 0 ? all : 0;
}

static void tell(struct followed *w)
{
    const struct engine_hooks *hooks = &w->e->options.hooks;
    const struct reading *r = &w->reading;
    AUTO_TEXT now = {0};

    if (!hooks->activity)
        return;
    text_add(&now, text_get(r->limited && r->message.length ? &r->message : &r->activity));
    if (now.length)
        (void)redact_bytes(&w->redact, now.data, now.length);
    if (r->limited == w->told_limited && strcmp(text_get(&now), text_get(&w->told)) == 0)
        return;
    const struct activity a = {
        .text = text_get(&now), .tokens = tokens_so_far(w), .limited = r->limited};
    hooks->activity(hooks->ctx, w->e->tree, w->job, &a);
    w->told_limited = r->limited;
    text_clear(&w->told);
    text_add(&w->told, text_get(&now));
}

/* Each figure is told once; what the tree makes of it shows in the limit. A recording has had its
 * limits. */
static void watch_budget(struct followed *w)
{
    const struct tree *t = w->e->tree;
    const struct job *j = &t->jobs.at[w->job];
    int64_t limit = tree_token_limit(t, j), used = tokens_so_far(w);

    if (!limit || used <= limit || used <= w->told_tokens || j->state != JOB_RUNNING ||
        t->request.replay[0])
        return;
    w->told_tokens = used;
    struct outcome *o = ARENA_NEW(engine_arena(w->e), struct outcome);
    o->tokens = used;
    engine_queue(w->e, (struct event){.kind = EVENT_OVERDRAWN, .job = w->job, .outcome = o});
}

bool follow_read(struct engine *e)
{
    struct followed *list = e->grown;
    uint64_t left = TURN_MAX_BYTES;

    e->grown = NULL;
    while (list) {
        struct followed *w = list;
        list = w->next_grown;
        uint64_t most = left < PIECE_MAX_BYTES ? left : PIECE_MAX_BYTES;
        uint64_t before = w->at;
        w->at = stream_feed(&w->reading, w->path, w->at, most);
        left -= w->at - before < left ? w->at - before : left;
        w->grown = w->at - before >= most;
        if (w->grown) {
            w->next_grown = e->grown;
            e->grown = w;
        }
        if (w->at == before)
            continue;
        tell(w);
        watch_budget(w);
    }
    return e->grown != NULL;
}

static void on_timer(uv_timer_t *timer)
{
    if (follow_read(timer->data))
        (void)uv_timer_start(timer, on_timer, READ_INTERVAL_MS, 0);
}

static void note_grown(struct followed *w)
{
    struct engine *e = w->e;

    if (w->grown)
        return;
    w->grown = true;
    w->next_grown = e->grown;
    e->grown = w;
    if (!uv_is_active((uv_handle_t *)&e->follow_timer))
        (void)uv_timer_start(&e->follow_timer, on_timer, READ_INTERVAL_MS, 0);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
    (void)name;
    (void)events;
    if (status == 0)
        note_grown(watch->data);
}

static void closed(uv_handle_t *handle)
{
    struct followed *w = handle->data;

    reading_free(&w->reading);
    text_free(&w->told);
    arena_free(&w->arena);
    free(w->path);
    free(w);
}

void follow_close(uv_handle_t *handle)
{
    struct followed *w = handle->data;
    struct engine *e = w->e;

    for (struct followed **at = &e->grown; *at; at = &(*at)->next_grown)
        if (*at == w) {
            *at = w->next_grown;
            break;
        }
    e->followed.at[w->job] = NULL;
    e->followed_count--;
    uv_close(handle, closed);
}

/* Without it, nothing is shown of that agent. */
static int prepare(struct followed *w, struct fault *f)
{
    struct agent_call c;
    int r = agent_call_init(&c, w->e, w->job, &w->arena, f);

    if (r == 0)
        r = agent_call_choose(&c, f);
    if (r == 0)
        r = agent_call_prepare(&c, f);
    if (r < 0)
        return r;
    struct strings secrets = agent_call_secrets(&c);
    redact_init(&w->redact, &secrets, &w->arena);
    w->before = c.session.use;
    w->path = text_format("%s/stdout", c.start.dir);
    reading_begin(&w->reading, c.entry->driver->reader, c.entry->driver->config);
    w->reading.work = c.start.work;
    return 0;
}

static void drop(struct followed *w)
{
    arena_free(&w->arena);
    free(w);
}

void follow_begin(struct engine *e, uint32_t job)
{
    AUTO_FAULT f = {0};

    while (e->followed.count <= job)
        vector_push(&e->followed, NULL);
    if (!e->options.hooks.activity || !agent_is_driven(e, job) || e->followed.at[job] ||
        e->followed_count >= FOLLOWED_MAX)
        return;
    struct followed *w = MEM_NEW(struct followed);
    w->e = e;
    w->job = job;
    if (prepare(w, &f) < 0) {
        log_write(e->options.log, LOG_LEVEL_WARNING, "cannot follow job %u: %s", job, f.message);
        drop(w);
        return;
    }
    (void)uv_fs_event_init(&e->loop, &w->watch);
    w->watch.data = w;
    e->followed.at[job] = w;
    e->followed_count++;
    int r = uv_fs_event_start(&w->watch, on_change, w->path, 0);
    if (r < 0)
        log_write(e->options.log, LOG_LEVEL_WARNING, "cannot follow '%s': %s", w->path,
                  uv_strerror(r));
    note_grown(w); /* what it printed before it was watched */
}

void follow_end(struct engine *e, uint32_t job)
{
    if (job < e->followed.count && e->followed.at[job])
        follow_close((uv_handle_t *)&e->followed.at[job]->watch);
}
