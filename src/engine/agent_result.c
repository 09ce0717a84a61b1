/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent that a model drove left behind becomes an outcome. Secrets go first, so that
 * nothing that is read here, and nothing that is kept, has one. Then the stream says what was
 * observed and how it ended, and the result file, where there is one, what is claimed.
 */
#include "agent/price.h"
#include "engine/agent.h"
#include "engine/homes.h"
#include "engine/stream.h"

#include "base/os.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STDERR_TAIL_BYTES = 16 * 1024 };

static int redact_all(struct agent_ending *x)
{
    static const char *const names[] = {"stdout", "stderr", "result.json"};
    size_t found = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(names); i++) {
        AUTO_FREE char *path = os_path(x->call.start.dir, names[i]);
        r = redact_file(&x->redact, path, &found, &x->fault);
        x->secrets += found;
    }
    x->secrets += homes_redact(x->call.home, &x->redact);
    return r;
}

static const char *tail_of(const char *path, struct arena *a)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    char *tail = arena_array(a, STDERR_TAIL_BYTES + 1, 1);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "";
    off_t at = st.st_size > STDERR_TAIL_BYTES ? st.st_size - STDERR_TAIL_BYTES : 0;
    ssize_t n = pread(fd, tail, STDERR_TAIL_BYTES, at);
    for (ssize_t i = 0; i < n; i++)
        if (!tail[i])
            tail[i] = ' ';
    return tail;
}

static void set_price(const struct agent_call *c, struct outcome *ret)
{
    const struct config *config = c->start.e->options.config;
    const char *model = ret->model ? ret->model : c->request.model;

    if (config)
        ret->usd = price_usd(&config->prices, model, &ret->counts, ret->usd);
}

/* The exit status alone says too little: the reader gets it, and says what it means. */
static void read_stream(struct agent_ending *x)
{
    const struct agent_call *c = &x->call;
    AUTO_FREE char *out = os_path(c->start.dir, "stdout");
    AUTO_FREE char *err = os_path(c->start.dir, "stderr");

    (void)stream_feed(&x->reading, out, 0, UINT64_MAX);
    reading_end(&x->reading, &(struct reading_exit){.exit_code = x->event.exit_code,
                                                    .signal = x->event.signal,
                                                    .lost = x->event.lost,
                                                    .stderr_tail = tail_of(err, c->start.a)});
}

void agent_ending_work(struct agent_ending *x)
{
    x->failed = redact_all(x) < 0;
    if (!x->failed)
        read_stream(x);
}

static void judge_stream(struct agent_ending *x, struct outcome *ret)
{
    const struct agent_call *c = &x->call;
    const struct outcome facts = *ret;

    ret->error = ERROR_NONE;
    ret->message = NULL;
    reading_outcome(&x->reading, &c->session.use, c->start.a, ret);
    ret->session_way = c->session.way;
    set_price(c, ret);
    if (ret->error == ERROR_NONE || facts.error == ERROR_LIMIT)
        ret->error = facts.error;
    if (facts.error == ERROR_LIMIT)
        ret->message = facts.message;
    if (ret->error != ERROR_NONE && (!ret->message || !ret->message[0]))
        ret->message = facts.message;
    if (c->start.j->kind == JOB_PLANNER)
        planner_read(c, x->job, &x->reading, ret);
}

/* The last message stands in for a summary only where no result file has one. */
static void read_claim(struct engine *e, uint32_t job, const struct agent_call *c,
                       struct outcome *ret)
{
    const char *said = ret->summary;

    ret->summary = NULL;
    result_read_file(e, job, c->start.dir, c->start.a, ret);
    if (!ret->summary || !ret->summary[0])
        ret->summary = said;
    if (ret->error == ERROR_NONE && ret->claim >= CLAIM_FAILED)
        ret->message = ret->summary;
}

void agent_ending_begin(struct agent_ending *x, struct engine *e, uint32_t job,
                        const struct keeper_event *ev)
{
    struct agent_call *c = &x->call;

    *x = (struct agent_ending){.job = job, .event = *ev};
    x->event.id = arena_string(&x->arena, ev->id ? ev->id : "");
    int r = agent_call_init(c, e, job, &x->arena, &x->fault);
    if (r == 0)
        r = agent_call_choose(c, &x->fault);
    if (r == 0)
        r = agent_call_prepare(c, &x->fault);
    x->failed = r < 0;
    if (x->failed)
        return;
    struct strings values = agent_call_secrets(c);
    redact_init(&x->redact, &values, &x->arena);
    reading_begin(&x->reading, c->entry->driver->reader, c->entry->driver->config);
}

static void tell_fault(const struct agent_ending *x, struct arena *a, struct outcome *ret)
{
    AUTO_FREE char *text = fault_text(&x->fault);

    *ret = (struct outcome){.error = ERROR_FAILED, .exit_code = -1, .usd = -1};
    ret->message = arena_string(a, text);
}

void agent_ending_finish(struct agent_ending *x, struct engine *e, struct arena *a,
                         struct outcome *ret)
{
    struct agent_call *c = &x->call;

    if (x->secrets)
        log_write(e->options.log, LOG_LEVEL_WARNING,
                  "%zu secrets were overwritten in what '%s' left", x->secrets, c->start.id);
    if (x->failed) {
        tell_fault(x, a, ret);
        return;
    }
    c->start.a = a; /* what is told outlives the ending */
    result_read_facts(e, x->job, &x->event, a, ret);
    ret->usd = -1;
    judge_stream(x, ret);
    if (c->start.j->kind == JOB_AGENT)
        read_claim(e, x->job, c, ret);
}

void agent_ending_free(struct agent_ending *x)
{
    reading_free(&x->reading);
    fault_clear(&x->fault);
    arena_free(&x->arena);
}

void agent_result_read(struct engine *e, uint32_t job, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret)
{
    struct agent_ending x;

    if (ev->kind != KEEPER_ENDED) {
        result_read_facts(e, job, ev, a, ret);
        ret->usd = -1;
        return;
    }
    agent_ending_begin(&x, e, job, ev);
    if (!x.failed)
        agent_ending_work(&x);
    agent_ending_finish(&x, e, a, ret);
    agent_ending_free(&x);
}
