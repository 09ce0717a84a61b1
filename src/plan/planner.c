/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/planner.h"

#include "base/text.h"
#include "base/vector.h"
#include "plan/jobs.h"
#include "plan/link.h"
#include "plan/subtask.h"
#include "plan/words.h"

#include <math.h>
#include <string.h>

enum {
    TITLE_BYTES = 80,
    FINDINGS_A_TENTH = 20,
    FINDINGS_AN_AGENT = 25,
    GROWTH_MAX = 3,
    RECIPE_MINUTES = 15, /* of a recipe that says none */
};

struct planner {
    const struct task *task;
    const struct planner_context *context;
    struct arena *arena;
    struct fault *fault;
    struct scope scope;
    VECTOR(struct plan_subtask)
    subtasks; /* as many as items, and in their order, if there are items */
    VECTOR(const char *) notes;
    unsigned dimensions; /* that have a subtask, as bits */
};

double planner_minutes(double recipe_minutes, unsigned findings)
{
    double growth = 1 + 0.1 * floor((double)findings / FINDINGS_A_TENTH);

    return round(recipe_minutes * (growth < GROWTH_MAX ? growth : GROWTH_MAX) * 10) / 10;
}

unsigned planner_agents(unsigned recipe_count, unsigned findings)
{
    unsigned needed = findings / FINDINGS_AN_AGENT + (findings % FINDINGS_AN_AGENT != 0);

    if (!needed)
        needed = 1;
    return needed < recipe_count ? needed : recipe_count;
}

static bool has_agent(const struct planner *p)
{
    const struct plan *request = p->context->request;
    const char *agent = request ? request->settings.agent : "";

    return *agent && strcmp(agent, "command") != 0;
}

static int fail(struct planner *p, enum fault_code code, const struct task_item *item,
                const char *hint, const char *message)
{
    static const struct plan_place start = {1, 1};
    const struct plan_place *at = item ? &item->place : &start;
    int r = fault_set(p->fault, code, "%s", message);

    fault_hint(p->fault, "%s", hint);
    fault_place(p->fault, "task", at->line, at->column);
    return r;
}

/* Sizes a recipe's subtask by what wave 0 found, and says so. */
static void size_dimension(struct planner *p, enum dimension dimension,
                           struct plan_subtask *subtask)
{
    const char *name = dimension_name(dimension);
    unsigned agents = 0;

    if (subtask->minutes <= 0)
        subtask->minutes = RECIPE_MINUTES;
    for (size_t i = 0; i < subtask->step_count; i++) {
        struct plan_step *step = &subtask->steps[i];
        if (p->context->findings)
            step->count = planner_agents(step->count, p->context->findings[dimension]);
        agents += step->count;
    }
    if (!p->context->findings) {
        vector_push(&p->notes,
                    arena_format(p->arena, "%s: %u agents and %g minutes, as its recipe says", name,
                                 agents, subtask->minutes));
        return;
    }
    unsigned findings = p->context->findings[dimension];
    subtask->minutes = planner_minutes(subtask->minutes, findings);
    vector_push(&p->notes,
                arena_format(p->arena, "%s: %u agents and %g minutes for %u finding%s", name,
                             agents, subtask->minutes, findings, findings == 1 ? "" : "s"));
}

static int add_dimension(struct planner *p, enum dimension dimension, const struct task_item *item)
{
    const char *name = dimension_name(dimension);
    const char *folder = p->context->recipes ? p->context->recipes : ".";
    const char *path = arena_format(p->arena, "%s/dimensions/%s.yaml", folder, name);
    struct plan_subtask subtask;

    if (p->dimensions & 1u << dimension) {
        AUTO_FREE char *message = text_format("the dimension '%s' is named twice", name);
        return fail(p, FAULT_PLAN, item, "name each dimension once", message);
    }
    int r = subtask_read_file(path, &p->scope, p->arena, &subtask, p->fault);

    if (r < 0) {
        fault_hint(p->fault, "kelp's recipes are missing or damaged; install kelp again");
        return fault_wrap(p->fault, "the recipe of '%s'", name);
    }
    p->dimensions |= 1u << dimension;
    subtask.id = name;
    size_dimension(p, dimension, &subtask);
    vector_push(&p->subtasks, subtask);
    return 0;
}

static int add_dimensions(struct planner *p, unsigned bits)
{
    for (unsigned d = 0; d < DIMENSION_COUNT; d++) {
        int r = bits & 1u << d ? add_dimension(p, (enum dimension)d, NULL) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static void set_steps(struct planner *p, struct plan_subtask *subtask, const struct job_kind *kind)
{
    struct arena *a = p->arena;
    struct plan_step *steps = arena_array(a, kind->step_count, sizeof *steps);

    subtask->waves = arena_array(a, kind->step_count, sizeof *subtask->waves);
    for (size_t i = 0; i < kind->step_count; i++) {
        const struct job_step *from = &kind->steps[i];
        const size_t before = i - 1;
        subtask->waves[i].title = "";
        steps[i] = (struct plan_step){.id = from->id,
                                      .title = from->role,
                                      .role = from->role,
                                      .prompt = from->prompt,
                                      .run = "",
                                      .count = 1,
                                      .for_each = {.source = "", .batch = 1},
                                      .needs = arena_copy(a, &before, sizeof before),
                                      .need_count = i > 0,
                                      .level = (unsigned)i + 1,
                                      .writes_given = from->reads_only,
                                      .settings = p->scope.settings,
                                      .place = subtask->place};
    }
    subtask->steps = steps;
    subtask->step_count = subtask->wave_count = kind->step_count;
}

/* What the other entries and the text around them say, for an agent that sees one entry. */
static const char *context_of(struct planner *p)
{
    const struct task *task = p->task;

    if (task->count < 2 && !*task->rest)
        return "";
    return arena_format(p->arena, "This is one of %zu jobs of a task. The task says: %s%s%s",
                        task->count, task->lead, *task->rest ? "\n" : "", task->rest);
}

static int add_job(struct planner *p, const struct task_item *item, const char *mission,
                   const struct job_kind *kind)
{
    struct plan_subtask subtask = {.context = context_of(p),
                                   .mission = mission,
                                   .minutes = kind->minutes,
                                   .for_each = {.source = "", .batch = 1},
                                   .setup = "",
                                   .settings = p->scope.settings};

    subtask.title = words_first_line(p->arena, mission, TITLE_BYTES);
    if (!has_agent(p)) {
        AUTO_FREE char *message = text_format("no embedded agent can do '%s'", subtask.title);
        return fail(p, FAULT_ENVIRONMENT, item,
                    "name an agent program, such as --agent claude, or write a plan file with "
                    "'run' steps",
                    message);
    }
    if (item)
        subtask.place = item->place;
    set_steps(p, &subtask, kind);
    vector_push(&p->subtasks, subtask);
    vector_push(&p->notes,
                arena_format(p->arena, "'%s' is taken for %s: %zu steps, %g minutes", subtask.title,
                             kind->name, kind->step_count, kind->minutes));
    return 0;
}

/* An entry is a dimension where it is the name of one and an analysis is asked for, by the text
 * before the list or by the entry itself. */
static int add_item(struct planner *p, const struct task_item *item)
{
    bool analysis = dimension_analysis(p->task->lead);
    enum dimension dimension;
    unsigned bits = 0;

    if (analysis && dimension_match(item->text, &dimension))
        return add_dimension(p, dimension, item);
    if (dimension_request(item->text, &bits) && (bits & (bits - 1)) == 0)
        return add_dimension(p, (enum dimension)__builtin_ctz(bits), item);
    if (p->task->form != TASK_DIMENSIONS)
        return add_job(p, item, item->text, job_kind_of(item->text, p->task->lead));
    const char *mission = arena_format(p->arena, "%s: %s", p->task->lead, item->text);
    return add_job(p, item, mission,
                   analysis ? job_kind_analysis() : job_kind_of(p->task->lead, item->text));
}

static int add_whole(struct planner *p)
{
    const struct task *task = p->task;
    unsigned bits = 0;

    if (dimension_request(task->text, &bits))
        return add_dimensions(p, bits);
    return add_job(p, NULL, task->text, job_kind_of(task->text, ""));
}

/* "across 6 dimensions" names the embedded six; any other number names none. */
static int add_announced(struct planner *p)
{
    if (p->task->dimensions == DIMENSION_COUNT && dimension_analysis(p->task->lead))
        return add_dimensions(p, (1u << DIMENSION_COUNT) - 1);
    return fail(p, FAULT_PLAN, NULL,
                "write them out: across documentation, code quality, tests, ...",
                "the task does not name its dimensions");
}

static int add_all(struct planner *p)
{
    const struct task *task = p->task;

    if (!task->count)
        return task->form == TASK_DIMENSIONS ? add_announced(p) : add_whole(p);
    for (size_t i = 0; i < task->count; i++) {
        int r = add_item(p, &task->items[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int finish(struct planner *p, struct planner_result *ret)
{
    struct arena *a = p->arena;
    struct plan *plan = ARENA_NEW(a, struct plan);
    struct reader r = {.arena = a, .file = "task", .fault = p->fault};
    size_t n = p->subtasks.count;
    const struct node **none = arena_array(a, n, sizeof *none);

    if (p->context->request)
        *plan = *p->context->request;
    plan->version = 1;
    plan->task = arena_string(a, p->task->text);
    plan->file = plan->setup = "";
    plan->agents = plan->agents ? plan->agents : p->task->agents;
    plan->subtasks = arena_copy(a, p->subtasks.at, n * sizeof *plan->subtasks);
    plan->subtask_count = n;
    plan->settings = p->scope.settings;
    int code = link_subtasks(&r, plan, none);
    if (code < 0)
        return code;
    for (size_t i = 0; i < p->task->count; i++) {
        const struct task_item *item = &p->task->items[i];
        plan->subtasks[i].depends_on =
            arena_copy(a, item->depends_on, item->depends_count * sizeof *item->depends_on);
        plan->subtasks[i].depends_count = item->depends_count;
    }
    ret->plan = plan;
    ret->notes.at = arena_copy(a, p->notes.at, p->notes.count * sizeof *p->notes.at);
    ret->notes.count = p->notes.count;
    return 0;
}

int planner_plan(const struct task *task, const struct planner_context *context, struct arena *a,
                 struct planner_result *ret, struct fault *f)
{
    struct planner p = {
        .task = task, .context = context, .arena = a, .fault = f, .scope = scope_default()};

    if (context->request)
        p.scope.settings = context->request->settings;
    if (!has_agent(&p))
        p.scope.settings.agent = "";
    int r = add_all(&p);
    if (r == 0)
        r = finish(&p, ret);
    vector_free(&p.subtasks);
    vector_free(&p.notes);
    return r;
}
