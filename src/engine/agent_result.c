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

static int redact_all(const struct agent_call *c, struct fault *f)
{
    static const char *const names[] = {"stdout", "stderr", "result.json"};
    struct strings values = agent_call_secrets(c);
    struct redact r;
    size_t found = 0, in_all = 0;
    int status = 0;

    redact_init(&r, &values, c->start.a);
    for (size_t i = 0; status == 0 && i < COUNT_OF(names); i++) {
        AUTO_FREE char *path = os_path(c->start.dir, names[i]);
        status = redact_file(&r, path, &found, f);
        in_all += found;
    }
    in_all += homes_redact(c->home, &r);
    if (in_all)
        log_write(c->start.e->options.log, LOG_LEVEL_WARNING,
                  "%zu secrets were overwritten in what '%s' left", in_all, c->start.id);
    return status;
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
static void read_stream(const struct agent_call *c, uint32_t job, const struct keeper_event *ev,
                        struct outcome *ret)
{
    const struct driver *d = c->entry->driver;
    const struct outcome facts = *ret;
    AUTO_FREE char *out = os_path(c->start.dir, "stdout");
    AUTO_FREE char *err = os_path(c->start.dir, "stderr");
    AUTO_READING r;

    reading_begin(&r, d->reader, d->config);
    (void)stream_feed(&r, out, 0, UINT64_MAX);
    reading_end(&r, &(struct reading_exit){.exit_code = ev->exit_code,
                                           .signal = ev->signal,
                                           .lost = ev->lost,
                                           .stderr_tail = tail_of(err, c->start.a)});
    ret->error = ERROR_NONE;
    ret->message = NULL;
    reading_outcome(&r, &c->session.use, c->start.a, ret);
    ret->session_way = c->session.way;
    set_price(c, ret);
    if (ret->error == ERROR_NONE)
        ret->error = facts.error;
    if (ret->error != ERROR_NONE && (!ret->message || !ret->message[0]))
        ret->message = facts.message;
    if (c->start.j->kind == JOB_PLANNER)
        planner_read(c, job, &r, ret);
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

static int prepare_to_read(struct agent_call *c, struct engine *e, uint32_t job, struct arena *a,
                           struct fault *f)
{
    int r = agent_call_init(c, e, job, a, f);

    if (r == 0)
        r = agent_call_choose(c, f);
    if (r == 0)
        r = agent_call_prepare(c, f);
    return r < 0 ? r : redact_all(c, f);
}

void agent_result_read(struct engine *e, uint32_t job, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret)
{
    AUTO_FAULT f = {0};
    struct agent_call c;
    int r = ev->kind == KEEPER_ENDED ? prepare_to_read(&c, e, job, a, &f) : 0;

    if (r < 0) {
        AUTO_FREE char *text = fault_text(&f);
        *ret = (struct outcome){.error = ERROR_FAILED, .exit_code = -1, .usd = -1};
        ret->message = arena_string(a, text);
        return;
    }
    result_read_facts(e, job, ev, a, ret);
    ret->usd = -1;
    if (ev->kind != KEEPER_ENDED)
        return;
    read_stream(&c, job, ev, ret);
    if (c.start.j->kind == JOB_AGENT)
        read_claim(e, job, &c, ret);
}
