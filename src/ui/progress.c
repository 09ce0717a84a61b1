/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/progress.h"

#include "base/cells.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/vector.h"
#include "ui/admission.h"
#include "ui/providers.h"
#include "ui/spent.h"

#include <string.h>
#include <sys/ioctl.h>

enum { DRAW_EVERY_MS = 100, ROWS_OTHERWISE = 24, COLUMNS_OTHERWISE = 80 };

/* What a running attempt does. */
struct doing {
    uint32_t job;
    char *text;
};

struct progress {
    struct progress_options o;
    size_t drawn; /* lines on the screen that are ours */
    int64_t drawn_ms;
    enum run_phase phase;
    VECTOR(uint8_t) told; /* [orchestrator]: its end was told; for logs */
    VECTOR(struct doing) doings;
    struct provider_watch providers; /* for logs */
    uint32_t told_limit;             /* of what the machine bears; 0: none; for logs */
    struct text screen;
};

struct progress *progress_new(const struct progress_options *options)
{
    struct progress *p = MEM_NEW(struct progress);

    p->o = *options;
    return p;
}

void progress_free(struct progress *p)
{
    if (!p)
        return;
    progress_clear(p);
    vector_free(&p->told);
    for (size_t i = 0; i < p->doings.count; i++)
        free(p->doings.at[i].text);
    vector_free(&p->doings);
    provider_watch_free(&p->providers);
    text_free(&p->screen);
    free(p);
}

static void put_out(struct progress *p)
{
    (void)fwrite(p->screen.data, 1, p->screen.length, p->o.stream); /* it is only progress */
    (void)fflush(p->o.stream);
    text_clear(&p->screen);
}

void progress_clear(struct progress *p)
{
    if (!p->drawn)
        return;
    text_printf(&p->screen, "\033[%zuA\033[J", p->drawn);
    p->drawn = 0;
    put_out(p);
}

static const char *const colors[END_STATUS_COUNT] = {
    [END_NONE] = "",           [END_DONE] = "\033[32m",    [END_UNVERIFIED] = "\033[33m",
    [END_FAILED] = "\033[31m", [END_TIMEOUT] = "\033[31m", [END_REFUSED] = "\033[31m",
    [END_QUOTA] = "\033[33m",  [END_BLOCKED] = "\033[33m", [END_CANCELLED] = "\033[33m",
    [END_SKIPPED] = "\033[2m",
};

static const char *mark_of(enum end_status status, bool running)
{
    if (status == END_DONE)
        return "\xE2\x9C\x93";
    if (status != END_NONE)
        return "\xE2\x9C\x97";
    return running ? "\xE2\x97\x8F" : "\xE2\x97\x8B";
}

struct counts {
    size_t agents, ended, running, failed;
    uint32_t wave; /* the lowest that has not ended */
};

static struct counts count_agents(const struct orch *o)
{
    struct counts c = {0};

    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        c.agents++;
        c.ended += a->state == AGENT_STATE_ENDED;
        c.running += a->holds_slot;
        c.failed += a->state == AGENT_STATE_ENDED && a->status != END_DONE;
        if (a->state != AGENT_STATE_ENDED && (!c.wave || a->wave < c.wave))
            c.wave = a->wave;
    }
    return c;
}

struct screen_size {
    size_t rows, columns;
};

static struct screen_size size_of(const struct progress *p)
{
    struct winsize w;

    if (ioctl(fileno(p->o.stream), TIOCGWINSZ, &w) < 0 || !w.ws_row || !w.ws_col)
        return (struct screen_size){ROWS_OTHERWISE, COLUMNS_OTHERWISE};
    return (struct screen_size){w.ws_row, w.ws_col};
}

/* One line, cut to the width of the screen, coloured by how it ended. */
static void add_line(struct progress *p, struct screen_size size, enum end_status status,
                     const char *line)
{
    bool color = p->o.color && colors[status][0];

    if (color)
        text_add(&p->screen, colors[status]);
    (void)cells_add_cut(&p->screen, line, size.columns - 1);
    text_add(&p->screen, color ? "\033[0m\033[K\n" : "\033[K\n");
    p->drawn++;
}

static void describe_state(struct text *line, const struct orch *o, const struct counts *c)
{
    if (o->state == ORCH_STATE_ENDED)
        text_add(line, end_status_name(o->status));
    else if (o->state == ORCH_STATE_WORKING && o->work && c->wave)
        text_printf(line, "wave %u of %u, %zu of %zu agents", c->wave, o->work->waves, c->ended,
                    c->agents);
    else
        text_add(line, orch_state_name(o->state));
}

static const char *doing_of(const struct progress *p, uint32_t job)
{
    for (size_t i = 0; i < p->doings.count; i++)
        if (p->doings.at[i].job == job)
            return p->doings.at[i].text;
    return "";
}

static void add_doing(const struct progress *p, const struct agent *a, struct text *line)
{
    const char *doing = a->state == AGENT_STATE_RUNNING ? doing_of(p, a->job) : "";

    if (!doing[0])
        return;
    text_add(line, ", ");
    escape_add_line(line, doing, strlen(doing));
}

/* Of the first of its agents that says what it does. */
static void add_child_doing(const struct progress *p, const struct orch *o, struct text *line)
{
    size_t before = line->length;

    for (size_t i = 0; o->work && i < o->work->agents.count && line->length == before; i++)
        add_doing(p, &o->work->agents.at[i], line);
}

static void draw_child(struct progress *p, const struct tree *t, const struct orch *o,
                       struct screen_size size, int64_t now_ms)
{
    AUTO_TEXT line = {0};
    struct counts c = count_agents(o);
    char id[EXEC_ID_TEXT_MAX], span[32];
    const char *title = o->kind == ORCH_CHILD ? t->units.at[o->unit_first].title : "cleanup";

    exec_id_format(o->id, id);
    text_printf(&line, "%s %s ", mark_of(o->status, o->state != ORCH_STATE_WAITING), id);
    escape_add_line(&line, title, strlen(title));
    text_add(&line, ": ");
    describe_state(&line, o, &c);
    if (o->started_ms) {
        clock_format_span((o->ended_ms ? o->ended_ms : now_ms) - o->started_ms, span);
        text_printf(&line, ", %s", span);
    }
    if (o->reason[0]) {
        text_add(&line, ": ");
        escape_add_line(&line, o->reason, strlen(o->reason));
    }
    add_child_doing(p, o, &line);
    add_line(p, size, o->status, text_get(&line));
}

static void draw_agent(struct progress *p, const struct tree *t, const struct orch *o,
                       const struct agent *a, struct screen_size size)
{
    AUTO_TEXT line = {0};
    const char *role = tree_agent_step(t, o, a)->role;
    char name[16];

    tree_agent_name(a, name);
    text_printf(&line, "%s wave %u %s ", mark_of(a->status, a->holds_slot), a->wave, name);
    escape_add_line(&line, role, strlen(role));
    text_printf(&line, ": %s",
                a->state == AGENT_STATE_ENDED ? end_status_name(a->status)
                                              : agent_state_name(a->state));
    add_doing(p, a, &line);
    if (a->result && a->result->summary[0]) {
        text_add(&line, ", ");
        escape_add_line(&line, a->result->summary, strlen(a->result->summary));
    }
    add_line(p, size, a->status, text_get(&line));
}

/* What needs eyes comes first when not all fits: what failed, then what runs, then the rest. */
static int rank(const struct orch *o)
{
    if (o->state == ORCH_STATE_ENDED)
        return o->status == END_DONE ? 3 : 0;
    return o->state == ORCH_STATE_WAITING ? 2 : 1;
}

static void draw_children(struct progress *p, const struct tree *t, struct screen_size size,
                          int64_t now_ms)
{
    size_t children = 0, room = size.rows > 6 ? size.rows - 4 : 2, shown = 0;
    size_t by_rank[4] = {0}, worst_shown = 0;

    for (size_t i = 1; i < t->orchs.count; i++)
        if (t->orchs.at[i].kind == ORCH_CHILD || i == t->root_cleanup) {
            children++;
            by_rank[rank(&t->orchs.at[i])]++;
        }
    for (size_t sum = 0; worst_shown < 4 && sum + by_rank[worst_shown] <= room; worst_shown++)
        sum += by_rank[worst_shown];
    for (size_t i = 1; i < t->orchs.count && shown < room; i++) {
        const struct orch *o = &t->orchs.at[i];
        if ((o->kind == ORCH_CHILD || i == t->root_cleanup) && (size_t)rank(o) <= worst_shown) {
            draw_child(p, t, o, size, now_ms);
            shown++;
        }
    }
    if (shown < children) {
        AUTO_TEXT line = {0};
        text_printf(&line, "  and %zu more: %zu done, %zu waiting", children - shown, by_rank[3],
                    by_rank[2]);
        add_line(p, size, END_NONE, text_get(&line));
    }
}

static void draw_root_agents(struct progress *p, const struct tree *t, struct screen_size size)
{
    const struct orch *root = &t->orchs.at[0];
    size_t room = size.rows > 6 ? size.rows - 4 : 2;
    size_t count = root->work ? root->work->agents.count : 0;
    bool research = t->phase == RUN_RESEARCH;

    for (size_t i = 0; i < count && room; i++) {
        const struct agent *a = &root->work->agents.at[i];
        if ((a->wave == 0) != research || (!research && a->state == AGENT_STATE_WAITING))
            continue;
        draw_agent(p, t, root, a, size);
        room--;
    }
}

static void draw_head(struct progress *p, const struct tree *t, struct screen_size size,
                      int64_t now_ms)
{
    AUTO_TEXT line = {0};
    char id[EXEC_ID_TEXT_MAX], span[32];
    size_t done = 0;

    for (size_t i = 0; i < t->orchs.count; i++)
        done += t->orchs.at[i].kind == ORCH_CHILD && t->orchs.at[i].state == ORCH_STATE_ENDED;
    exec_id_format(t->orchs.at[0].id, id);
    clock_format_span(now_ms - t->started_ms, span);
    text_printf(&line, "%s %s, %s, Depth: 0 / 2", id, run_phase_name(t->phase), span);
    if (t->decision.pattern == PATTERN_META && t->units.count)
        text_printf(&line, ", %zu of %zu children ended", done, t->units.count);
    text_printf(&line, ", %u agent%s at work", t->running, t->running == 1 ? "" : "s");
    if (t->tokens) {
        text_add(&line, ", ");
        (void)spent_text(t, &line);
    }
    if (t->interrupt && !t->stuck)
        text_add(&line, t->interrupt == INTERRUPT_STOP ? ", stopping"
                                                       : ", nothing new starts (once more stops)");
    add_line(p, size, END_NONE, text_get(&line));
}

static void draw_admission(struct progress *p, const struct tree *t, struct screen_size size)
{
    AUTO_TEXT line = {0};

    if (admission_text(t, &line))
        add_line(p, size, END_BLOCKED, text_get(&line));
}

static void draw_providers(struct progress *p, const struct tree *t, struct screen_size size,
                           int64_t now_ms)
{
    for (size_t i = 0; i < t->providers.count; i++) {
        AUTO_TEXT line = {0};
        if (provider_text(t, i, now_ms, &line))
            add_line(p, size, END_BLOCKED, text_get(&line));
    }
}

static void draw(struct progress *p, const struct tree *t, int64_t now_ms)
{
    struct screen_size size = size_of(p);
    size_t before = p->drawn;

    if (before)
        text_printf(&p->screen, "\033[%zuA", before);
    p->drawn = 0;
    draw_head(p, t, size, now_ms);
    draw_admission(p, t, size);
    draw_providers(p, t, size, now_ms);
    if (t->phase == RUN_RESEARCH || (t->units.count && t->decision.pattern == PATTERN_WAVES))
        draw_root_agents(p, t, size);
    else
        draw_children(p, t, size, now_ms);
    text_add(&p->screen, "\033[J");
    p->drawn_ms = now_ms;
    put_out(p);
}

static void log_phase(struct progress *p, const struct tree *t)
{
    char span[32];

    clock_format_span(t->now_ms - t->started_ms, span);
    text_printf(&p->screen, "[%s] %s", span, run_phase_name(t->phase));
    if (t->phase == RUN_EXECUTE && t->decision.pattern == PATTERN_META)
        text_printf(&p->screen, ": Wave 1: spawn %zu child orchestrators", t->units.count);
    text_add_char(&p->screen, '\n');
    put_out(p);
}

static void log_end(struct progress *p, const struct tree *t, const struct orch *o)
{
    char id[EXEC_ID_TEXT_MAX], span[32];
    const char *title = o->kind == ORCH_CHILD ? t->units.at[o->unit_first].title : "cleanup";

    exec_id_format(o->id, id);
    clock_format_span(t->now_ms - t->started_ms, span);
    text_printf(&p->screen, "[%s] %s ", span, id);
    escape_add_line(&p->screen, title, strlen(title));
    text_printf(&p->screen, ": %s", end_status_name(o->status));
    if (o->reason[0]) {
        text_add(&p->screen, ": ");
        escape_add_line(&p->screen, o->reason, strlen(o->reason));
    }
    text_add_char(&p->screen, '\n');
    put_out(p);
}

static void log_providers(struct progress *p, const struct tree *t)
{
    char span[32];

    clock_format_span(t->now_ms - t->started_ms, span);
    for (size_t i = 0; i < t->providers.count; i++) {
        AUTO_TEXT line = {0};
        if (!provider_watch_changed(&p->providers, t, i))
            continue;
        if (!provider_text(t, i, t->now_ms, &line)) {
            escape_add_line(&line, t->providers.at[i].name, strlen(t->providers.at[i].name));
            text_add(&line, ": goes on");
        }
        text_printf(&p->screen, "[%s] %s\n", span, text_get(&line));
        put_out(p);
    }
}

/* Once for each level: while it holds, each event brings other numbers. */
static void log_admission(struct progress *p, const struct tree *t)
{
    uint32_t limit = t->admission.now.limit;
    AUTO_TEXT line = {0};
    char span[32];

    if (limit == p->told_limit)
        return;
    if (!limit)
        text_add(&line, "the machine bears all agents again");
    else if (!admission_text(t, &line))
        return;
    p->told_limit = limit;
    clock_format_span(t->now_ms - t->started_ms, span);
    text_printf(&p->screen, "[%s] %s\n", span, text_get(&line));
    put_out(p);
}

static void log_orch(struct progress *p, const struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];
    bool over = o->state == ORCH_STATE_ENDED;

    if (over && !p->told.at[orch] && (o->kind == ORCH_CHILD || o->status != END_DONE))
        log_end(p, t, o);
    p->told.at[orch] = over;
}

/* With the end of a job only its orchestrator and the one above can have ended; anything else may
 * have ended many. */
static void log_event(struct progress *p, const struct tree *t, const struct event *e)
{
    bool whole = e->kind != EVENT_JOB_ENDED || t->phase != p->phase;

    if (e->kind == EVENT_INTERRUPTED) {
        text_printf(&p->screen, "interrupted: %s\n",
                    t->interrupt == INTERRUPT_DRAIN ? "nothing new starts, what runs may end"
                                                    : "what runs is stopped");
        put_out(p);
    }
    if (t->phase != p->phase) {
        p->phase = t->phase;
        log_phase(p, t);
    }
    log_admission(p, t);
    log_providers(p, t);
    while (p->told.count < t->orchs.count)
        vector_push(&p->told, 0);
    for (uint32_t i = 1; whole && i < t->orchs.count; i++)
        log_orch(p, t, i);
    if (whole)
        return;
    uint32_t orch = t->jobs.at[e->job].orch;
    log_orch(p, t, orch);
    if (t->orchs.at[orch].parent != ORCH_NONE)
        log_orch(p, t, t->orchs.at[orch].parent);
}

void progress_event(struct progress *p, const struct tree *t, const struct event *e)
{
    if (!p->o.terminal) {
        if (e->kind != EVENT_JOB_STARTED)
            log_event(p, t, e);
    } else if (e->at_ms - p->drawn_ms >= DRAW_EVERY_MS && t->orchs.count) {
        draw(p, t, e->at_ms);
    }
}

/* What ended does nothing any more, and its place is taken. */
static struct doing *doing_at(struct progress *p, const struct tree *t, uint32_t job)
{
    struct doing *ended = NULL;

    for (size_t i = 0; i < p->doings.count; i++) {
        if (p->doings.at[i].job == job)
            return &p->doings.at[i];
        if (t->jobs.at[p->doings.at[i].job].state == JOB_ENDED)
            ended = &p->doings.at[i];
    }
    if (ended)
        return ended;
    vector_push(&p->doings, (struct doing){.job = job});
    return &p->doings.at[p->doings.count - 1];
}

void progress_activity(struct progress *p, const struct tree *t, uint32_t job, const char *text)
{
    if (!p->o.terminal)
        return;
    struct doing *d = doing_at(p, t, job);
    free(d->text);
    *d = (struct doing){.job = job, .text = mem_string(text)};
}

void progress_tick(struct progress *p, const struct tree *t, int64_t now_ms)
{
    if (p->o.terminal && now_ms - p->drawn_ms >= DRAW_EVERY_MS && t->orchs.count &&
        t->phase != RUN_ENDED)
        draw(p, t, now_ms);
}
