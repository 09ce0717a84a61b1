/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agents ask of the engine over KELP_SOCKET: one JSON object in, one out, and the connection
 * ends.
 *
 *     {"plan": {...}}  ->  {"ok": true, "run": "ORG_1001"} or {"refused": "...", "hint": "..."}
 *
 * Who asks is not what they say: the kernel names the process behind the socket, and its ancestors
 * lead to the attempt that the keeper started. The tree alone decides what that one may start, and
 * nothing that it starts is less contained than it is itself.
 */
#include "engine/engine_priv.h"

#include "base/os.h"
#include "engine/grant.h"
#include "process/address.h"
#include "process/peer.h"
#include "process/proc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Who holds connections open without a word must not use up the engine's descriptors. */
enum { REQUEST_MAX_BYTES = 16 * 1024 * 1024, ANCESTORS_MAX = 4096, REQUESTS_OPEN_MAX = 64 };

struct request {
    struct peer peer;
    uv_pipe_t pipe;
    uv_write_t write;
    struct engine *e;
    struct text in;
    char *answer;
};

static void request_closed(uv_handle_t *handle)
{
    struct request *q = handle->data;

    q->e->requests_open--;
    peer_close(&q->peer);
    text_free(&q->in);
    free(q->answer);
    free(q);
}

static void answered(uv_write_t *write, int status)
{
    struct request *q = write->data;

    (void)status;
    uv_close((uv_handle_t *)&q->pipe, request_closed);
}

static void answer(struct request *q, json_t *value)
{
    q->answer = json_text(value, 0);
    uv_buf_t buffer = uv_buf_init(q->answer, (unsigned)strlen(q->answer));

    json_decref(value);
    q->write.data = q;
    if (uv_write(&q->write, (uv_stream_t *)&q->pipe, &buffer, 1, answered) < 0)
        uv_close((uv_handle_t *)&q->pipe, request_closed);
}

static void refuse(struct request *q, const char *why, const char *hint)
{
    answer(q, json_pack("{s:o, s:o}", "refused", json_text_or_null(why), "hint",
                        json_text_or_null(hint)));
}

/* A process and those above it. */
struct line_of_descent {
    struct proc_list ancestors;
    const struct engine *e;
    uint32_t job;
};

static void match_attempt(void *ctx, const struct keeper_event *ev)
{
    struct line_of_descent *line = ctx;
    struct proc_id id = {ev->pid, ev->start_ticks};
    uint32_t job = job_of_identity(ev->id);

    if (ev->kind == KEEPER_STARTED && job < line->e->tree->jobs.count &&
        line->e->tree->jobs.at[job].state != JOB_ENDED && proc_list_has(&line->ancestors, id))
        line->job = job;
}

/* The running attempt that a process belongs to, by the keeper's own records; JOB_NONE for one that
 * belongs to none, or is gone. It is asked so rarely that nothing is kept for it. */
static uint32_t job_of_peer(const struct engine *e, const struct peer *peer)
{
    struct line_of_descent line = {.e = e, .job = JOB_NONE};
    uint64_t youngest = UINT64_MAX;
    AUTO_FAULT f = {0};
    struct proc_stat stat;
    pid_t pid = peer->pid;

    for (int i = 0; pid > 1 && i < ANCESTORS_MAX && proc_stat_read(pid, &stat) == 0; i++) {
        if (stat.start_ticks > youngest)
            break; /* a parent that is younger has the number of one that is gone */
        youngest = stat.start_ticks;
        vector_push(&line.ancestors, (struct proc_id){pid, stat.start_ticks});
        pid = stat.parent;
    }
    if (keeper_records_read(e->options.run_dir, match_attempt, &line, &f) < 0)
        log_write(e->options.log, LOG_LEVEL_WARNING, "records of the keeper: %s", f.message);
    vector_free(&line.ancestors);
    return peer_lives(peer) ? line.job : JOB_NONE;
}

/* Whether the agent of this job may have a child, by its depth and the phase of the run. */
static const char *why_not(const struct engine *e, uint32_t job, char depth_text[96])
{
    if (job == JOB_NONE)
        return "the process belongs to no running agent of this run";
    const struct orch *o = &e->tree->orchs.at[e->tree->jobs.at[job].orch];
    if (o->id.depth > 0) {
        (void)snprintf(depth_text, 96, "an agent at depth %u can't start an orchestrator",
                       o->id.depth);
        return depth_text;
    }
    if (e->tree->phase != RUN_RESEARCH)
        return "the root takes new children only until it has decided, in its research wave";
    return NULL;
}

static void serve(struct request *q)
{
    struct engine *e = q->e;
    uint32_t job = job_of_peer(e, &q->peer);
    char depth_text[96];
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;
    const char *why = why_not(e, job, depth_text);

    if (why) {
        refuse(q, why, "its work is direct commands; the engine keeps the tree");
        return;
    }
    const struct plan_settings *own = tree_job_settings(e->tree, &e->tree->jobs.at[job]);
    if (grant_read(&q->in, own, &e->plans, &plan, &f) < 0) {
        AUTO_FREE char *text = fault_text(&f);
        refuse(q, text, f.hint);
        return;
    }
    struct outcome *o = ARENA_NEW(engine_arena(e), struct outcome);
    o->plan = plan;
    engine_queue(e, (struct event){.kind = EVENT_CHILD_REQUESTED,
                                   .child = e->tree->jobs.at[job].orch,
                                   .outcome = o});
    char run[EXEC_ID_TEXT_MAX];
    exec_id_format(e->tree->orchs.at[0].id, run);
    answer(q, json_pack("{s:b, s:s}", "ok", 1, "run", run));
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)handle;
    *ret = uv_buf_init(mem_alloc(suggested), (unsigned)suggested);
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct request *q = stream->data;

    if (n > 0)
        text_add_n(&q->in, buffer->base, (size_t)n);
    free(buffer->base);
    if (n == UV_EOF) {
        (void)uv_read_stop(stream);
        serve(q);
    } else if (n < 0 || q->in.length > REQUEST_MAX_BYTES) {
        uv_close((uv_handle_t *)&q->pipe, request_closed);
    }
}

/* Who asks is found out at once, and then only has to live. */
static void meet(struct request *q)
{
    uv_os_fd_t fd;

    /* Who can't be told is nobody, and is answered why it gets nothing. */
    if (uv_fileno((const uv_handle_t *)&q->pipe, &fd) == 0)
        (void)!peer_open(fd, &q->peer);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct engine *e = server->data;
    struct request *q;

    if (status < 0)
        return;
    q = MEM_NEW(struct request);
    q->e = e;
    q->peer.pidfd = -1;
    e->requests_open++;
    q->pipe.data = q;
    (void)uv_pipe_init(&e->loop, &q->pipe, 0);
    if (uv_accept(server, (uv_stream_t *)&q->pipe) < 0 || e->requests_open > REQUESTS_OPEN_MAX ||
        uv_read_start((uv_stream_t *)&q->pipe, give_room, on_bytes) < 0) {
        uv_close((uv_handle_t *)&q->pipe, request_closed);
        return;
    }
    meet(q);
}

enum { REQUESTS_WAITING_MAX = 64 };

int requests_open(struct engine *e, struct fault *f)
{
    int fd;
    int r = address_listen(e->options.run_dir, ADDRESS_ENGINE, &fd, f);

    if (r < 0)
        return r;
    (void)uv_pipe_init(&e->loop, &e->requests, 0);
    e->requests.data = e;
    r = uv_pipe_open(&e->requests, fd);
    if (r == 0)
        r = uv_listen((uv_stream_t *)&e->requests, REQUESTS_WAITING_MAX, on_connection);
    return r < 0 ? fault_set(f, FAULT_SYSTEM, "cannot listen for agents: %s", uv_strerror(r)) : 0;
}

void requests_end(struct engine *e, uv_handle_t *pipe)
{
    uv_close(pipe, pipe == (uv_handle_t *)&e->requests ? NULL : request_closed);
}

void requests_close(struct engine *e)
{
    address_remove(e->options.run_dir, ADDRESS_ENGINE);
}
