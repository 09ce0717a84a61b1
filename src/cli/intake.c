/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/intake.h"

#include "agent/price.h"
#include "agent/prompt.h"
#include "base/clock.h"
#include "base/install.h"
#include "base/os.h"
#include "cli/containment.h"
#include "cli/drivers.h"
#include "cli/machine.h"
#include "core/decide.h"
#include "plan/config.h"
#include "plan/defaults.h"
#include "plan/history_file.h"
#include "plan/kind.h"
#include "plan/mission.h"
#include "plan/planner.h"
#include "plan/role.h"
#include "plan/yaml.h"
#include "process/probe.h"
#include "process/sandbox.h"

#include <string.h>

const char *const intake_patterns[] = {"auto", "meta", "waves", NULL};
const char *const intake_bases[] = {"head", "worktree", NULL};
const char *const intake_lands[] = {"merge", "branch", "none", NULL};
const char *const intake_pushes[] = {"auto", "always", "never", NULL};
const char *const intake_planners[] = {"auto", "embedded", "model", NULL};

struct intake_reader {
    const struct session *s;
    const struct option_values *values;
    struct arena *arena;
    struct intake *in;
    struct roles roles; /* none where there is no session */
    struct plan *plan;
};

static void warn(struct intake_reader *r, const char *warning)
{
    struct strings *list = &r->in->warnings;
    const char **more = arena_array(r->arena, list->count + 1, sizeof *more);

    if (!warning[0])
        return;
    if (list->count)
        memcpy(more, list->at, list->count * sizeof *more);
    more[list->count] = warning;
    *list = (struct strings){more, list->count + 1};
}

/* The default research is a plan file of its own, whose subtasks nobody looks at. */
static int add_research(struct intake_reader *r, struct fault *f)
{
    AUTO_FREE char *path = os_path(r->s->recipes, "research.yaml");
    struct plan *recipes = NULL;

    if (r->plan->research_given || !os_exists(path))
        return 0;
    int status = plan_read_file(path, r->arena, &recipes, f);
    if (status < 0)
        return status;
    r->plan->research = recipes->research;
    r->plan->research_count = recipes->research_count;
    for (size_t i = 0; i < r->plan->research_count; i++)
        r->plan->research[i].settings.isolation = r->plan->settings.isolation;
    return 0;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    if (a && *a)
        return a;
    return b && *b ? b : c;
}

/* Whether the embedded agents can't do all of it. */
static bool needs_agent(struct intake_reader *r, const struct task *task)
{
    const struct planner_context none = {.recipes = r->s->recipes};
    struct planner_result ignored;
    AUTO_FAULT f = {0};

    return planner_plan(task, &none, r->arena, &ignored, &f) == -FAULT_ENVIRONMENT;
}

/* Where nobody said which agent a free text is for, it is the first that is there and configured.
 */
static int find_agent(struct intake_reader *r, const char **ret, struct fault *f)
{
    struct roster roster;
    int status = drivers_load(r->s, r->arena, &roster, f);
    const char *name = status == 0 ? drivers_default(&roster) : NULL;

    if (!name)
        return status;
    *ret = name;
    warn(r, arena_format(r->arena,
                         "no agent is named: '%s' was found and is used (--agent chooses another)",
                         name));
    return 0;
}

static int read_task(struct intake_reader *r, const char *text, struct fault *f)
{
    const struct config *c = &r->in->config;
    const char *agent = option_text(r->values, "agent");
    bool same = !agent || strcmp(agent, c->agent) == 0; /* models go with agents */
    const char *found = "command";
    struct task task;
    int status = task_parse(text, r->arena, &task, f);

    if (status == 0 && !agent && !*c->agent && r->s && needs_agent(r, &task))
        status = find_agent(r, &found, f);
    if (status < 0)
        return status;
    r->plan = ARENA_NEW(r->arena, struct plan);
    r->plan->version = 1;
    r->plan->task = arena_string(r->arena, text);
    r->plan->file = r->plan->setup = "";
    r->plan->agents = task.agents;
    r->plan->settings = (struct plan_settings){
        .agent = first_of(agent, c->agent, found),
        .model = first_of(option_text(r->values, "model"), same ? c->model : "", ""),
        .base_url = first_of(option_text(r->values, "base-url"), same ? c->base_url : "", ""),
        .retries = RETRIES_DEFAULT,
        .stall_minutes = -1};
    config_fill_settings(c, &r->plan->settings);
    r->in->request.planned = false;
    return 0;
}

/* The words as one text; the caller frees. */
static char *task_text(const struct option_values *values)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    struct text task = {0};

    for (size_t i = 0; i < count; i++)
        text_printf(&task, "%s%s", i ? " " : "", words[i]);
    return text_take(&task);
}

/* What a plan leaves open: first the command line says it, whose agent also wins over the plan's
 * own default, then the files of roles, then the configuration. */
static void apply_defaults(struct intake_reader *r)
{
    const struct config *c = &r->in->config;
    const char *agent = option_text(r->values, "agent");
    const struct plan_defaults said = {.agent = first_of(agent, r->plan->settings.agent, c->agent),
                                       .model = option_text(r->values, "model"),
                                       .base_url = option_text(r->values, "base-url"),
                                       .agent_wins = agent != NULL,
                                       .land_given = c->land_given,
                                       .push_given = c->push_given,
                                       .land = c->land,
                                       .push = c->push};
    const struct plan_defaults configured = {
        .agent = c->agent, .model = c->model, .base_url = c->base_url};

    r->in->request.planned = true;
    plan_apply_defaults(r->plan, &said, r->arena);
    roles_fill_models(&r->roles, r->plan);
    plan_apply_defaults(r->plan, &configured, r->arena);
    config_fill_plan(c, r->plan);
}

/* What no agent could do is said before there is a run; the plan itself is made after research. */
static int check_task(struct intake_reader *r, struct fault *f)
{
    struct planner_result ignored;
    struct task task;

    int status = task_parse(r->plan->task, r->arena, &task, f);
    if (status == 0)
        status = planner_plan(
            &task, &(struct planner_context){.request = r->plan, .recipes = r->s->recipes},
            r->arena, &ignored, f);
    return status;
}

static int read_words(struct intake_reader *r, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(r->values, &count);
    AUTO_FREE char *task = task_text(r->values);
    enum plan_file_kind kind = plan_file_kind(words[0]);
    int status;

    if (kind == PLAN_FILE_MISSION)
        status = plan_read_missions(words, count, r->arena, &r->plan, f);
    else if (kind == PLAN_FILE_YAML && count == 1)
        status = plan_read_file(words[0], r->arena, &r->plan, f);
    else
        return read_task(r, task, f);
    if (status == 0)
        apply_defaults(r);
    return status;
}

static int choice(const struct option_values *values, const char *name, const char *const *words,
                  int otherwise)
{
    const char *word = option_text(values, name);

    for (int i = 0; word && words[i]; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return otherwise;
}

/* The command line wins over the plan, and the plan over the configuration, which speaks where a
 * free text says nothing. */
static void apply_options(struct intake_reader *r)
{
    struct run_settings *s = &r->in->request.settings;
    const struct config *c = &r->in->config;
    int64_t agents = option_int(r->values, "agents");

    if (agents)
        r->plan->agents = (unsigned)agents;
    else if (!r->plan->agents)
        r->plan->agents = c->agents;
    if (!r->plan->land_given && c->land_given)
        r->plan->land = c->land;
    if (!r->plan->push_given && c->push_given)
        r->plan->push = c->push;
    r->plan->land = (enum plan_land)choice(r->values, "land", intake_lands, (int)r->plan->land);
    r->plan->push = (enum plan_push)choice(r->values, "push", intake_pushes, (int)r->plan->push);
    s->pattern = (enum pattern_choice)choice(r->values, "pattern", intake_patterns, PATTERN_AUTO);
    r->in->request.base_worktree = choice(r->values, "base", intake_bases, 0) == 1;
}

static enum work_kind kind_of(const struct plan *p)
{
    return strcmp(p->settings.agent, "command") == 0 ? WORK_COMMAND : WORK_MODEL;
}

static void choose_slots(struct intake_reader *r)
{
    struct run_settings *s = &r->in->request.settings;

    machine_read(&s->machine);
    s->slots_asked = r->plan->agents;
    s->slots =
        r->plan->agents ? r->plan->agents : (uint32_t)scale_slots(&s->machine, kind_of(r->plan));
    if (r->plan->agents)
        warn(r, scale_warning(&s->machine, kind_of(r->plan), r->plan->agents, r->arena));
}

/* Both lists: what passes is part of the run, so that a resumed one passes the same. */
static void add_environment(struct intake_reader *r)
{
    const struct strings *more = &r->in->config.environment;
    struct strings *list = &r->plan->environment;
    const char **all = arena_array(r->arena, list->count + more->count, sizeof *all);

    if (list->count)
        memcpy(all, list->at, list->count * sizeof *all);
    if (more->count)
        memcpy(all + list->count, more->at, more->count * sizeof *all);
    *list = (struct strings){all, list->count + more->count};
}

static void apply_config(struct intake_reader *r)
{
    struct run_settings *s = &r->in->request.settings;
    const struct config *c = &r->in->config;

    add_environment(r);
    s->retry_share = c->retry_percent / 100.0;
    s->retry_min = c->retry_min;
    s->default_stall_minutes = c->stall_minutes;
    s->coordination_minutes = c->coordination_minutes;
    s->min_subtasks = c->min_subtasks;
    s->min_steps = c->min_steps;
    s->min_minutes = c->min_minutes;
    s->min_speedup = c->min_speedup;
}

/* Estimates do without a history that can't be read. */
static void read_history(struct intake_reader *r)
{
    struct history *history = ARENA_NEW(r->arena, struct history);
    AUTO_FAULT f = {0};

    if (history_file_read(r->s->root, r->arena, history, &f) < 0)
        warn(r, arena_format(r->arena, "durations of earlier runs are not used: %s", f.message));
    else
        r->in->request.history = history;
}

static void describe_repository(struct intake_reader *r)
{
    const struct repo_info *info = &r->s->repo;
    struct run_request *q = &r->in->request;

    q->in_repository = true;
    q->head = info->head ? info->head : "";
    q->branch = info->branch ? info->branch : "";
    q->upstream = info->upstream ? info->upstream : "";
    q->remote = info->remote ? info->remote : "";
    q->ahead = info->ahead;
    if (info->dirty && !q->base_worktree)
        warn(r, "there are uncommitted changes: they are in the backup, not in what agents start "
                "from (`--base worktree` starts from them)");
}

/* Journals and reports are UTF-8, and a landing goes by the branch's name. */
static int refuse_branch(const char *branch, struct fault *f)
{
    if (!branch || text_utf8_valid(branch, strlen(branch)) == strlen(branch))
        return 0;
    int r = fault_set(f, FAULT_ENVIRONMENT, "the branch '%s' has a name that is not UTF-8", branch);
    fault_hint(f, "rename it (`git branch -m NAME`), or switch to another branch");
    return r;
}

static int refuse_state(const struct session *s, struct fault *f)
{
    if (s->repo.inside_clone) {
        int r = fault_set(f, FAULT_REFUSED, "'%s' is one of kelp's own clones", s->root);
        fault_hint(f, "an agent can't start a run of its own");
        return r;
    }
    if (s->repo.state != REPO_CLEAN && s->repo.state != REPO_BISECT) {
        int r = fault_set(f, FAULT_ENVIRONMENT, "a %s is under way in '%s'",
                          repo_state_name(s->repo.state), s->root);
        fault_hint(f, "finish or abort it first (`git status` says how)");
        return r;
    }
    int r = refuse_branch(s->repo.branch, f);
    return r < 0 ? r : repo_check_refs(s->root, f);
}

/* A file that is broken is told, whether or not the plan needs it. */
static int read_roles(struct intake_reader *r, struct fault *f)
{
    int status = roles_load(r->s->root, r->arena, &r->roles, f);

    for (size_t i = 0; i < r->roles.faults.count; i++)
        warn(r, arena_format(r->arena, "a role is left out: %s", r->roles.faults.at[i]));
    return status;
}

static bool has_model(const struct plan_settings *s)
{
    return *s->agent && strcmp(s->agent, "command") != 0;
}

/* Who plans free text: see docs/planner.md. */
static int choose_planner(struct intake_reader *r, struct fault *f)
{
    const struct plan_settings *s = &r->plan->settings;
    int word = choice(r->values, "planner", intake_planners, (int)r->in->config.planner);
    bool model = word == PLANNER_MODEL || (word == PLANNER_AUTO && has_model(s));

    r->in->request.planner = "";
    if (r->in->request.planned || !model)
        return 0;
    if (!has_model(s)) {
        int status = fault_set(f, FAULT_ENVIRONMENT, "no agent is configured that could plan");
        fault_hint(f, "name one, such as --agent claude, or use --planner embedded");
        return status;
    }
    r->in->request.planner = s->agent;
    return 0;
}

static bool has_prompts(const struct plan_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!plan_step_is_command(&steps[i]))
            return true;
    return false;
}

/* The user's own templates are read before there is a run, which could only fail by them. */
static int check_prompts(struct intake_reader *r, struct fault *f)
{
    const struct plan *p = r->plan;
    AUTO_FREE char *user = prompt_user_folder();
    const struct prompt_folders folders = {r->s->root, user, r->s->recipes};
    bool needed = has_prompts(p->research, p->research_count) ||
                  (!r->in->request.planned && has_model(&p->settings));

    for (size_t i = 0; !needed && i < p->subtask_count; i++)
        needed = has_prompts(p->subtasks[i].steps, p->subtasks[i].step_count);
    return needed ? prompt_check(&folders, f) : 0;
}

static void check_prices(struct intake_reader *r)
{
    struct clock clock;

    clock_real_init(&clock);
    warn(r, price_warning(&r->in->config.prices, clock_now_ms(&clock), r->arena));
}

static int read_request(struct intake_reader *r, struct fault *f)
{
    int status = config_read(NULL, r->arena, &r->in->config, f);

    if (status == 0)
        status = read_roles(r, f);
    if (status == 0)
        status = read_words(r, f);
    if (status == 0)
        status = choose_planner(r, f);
    if (status == 0 && !r->in->request.planned && !*r->in->request.planner)
        status = check_task(r, f);
    if (status == 0)
        status = add_research(r, f);
    return status != 0 ? status : check_prompts(r, f);
}

int intake_read(const struct session *s, const struct option_values *values, struct arena *arena,
                struct intake *ret, struct fault *f)
{
    struct intake_reader r = {.s = s, .values = values, .arena = arena, .in = ret};

    int status = refuse_state(s, f);
    if (status == 0)
        status = read_request(&r, f);
    if (status != 0)
        return status;
    apply_options(&r);
    apply_config(&r);
    choose_slots(&r);
    describe_repository(&r);
    read_history(&r);
    check_prices(&r);
    warn(&r, containment_warning(r.plan, sandbox_landlock_version() > 0, arena));
    if (sandbox_landlock_version() > 0) {
        warn(&r, containment_network_warning(r.plan, probe_can_relay, arena));
        warn(&r, containment_view_warning(r.plan, probe_can_hide, arena));
    }
    warn(&r, containment_limits_warning(r.plan, probe_can_bound, arena));
    ret->request.plan = r.plan;
    return 0;
}

bool intake_is_tagged(const struct option_values *values)
{
    AUTO_FREE char *task = task_text(values);
    AUTO_FAULT malformed = {0};
    struct exec_id id;

    return exec_id_tag(task, &id, &malformed) != 0;
}

static int refuse_depth(const struct task *task, struct fault *f)
{
    char id[EXEC_ID_TEXT_MAX];

    if (!task->tagged || task->tag.depth == 0)
        return 0;
    exec_id_format(task->tag, id);
    int r = fault_set(f, FAULT_REFUSED, "'%s' is at depth %u and can't start an orchestrator", id,
                      task->tag.depth);
    fault_hint(f, "only the root has children; below it the work is direct commands");
    return r;
}

static int plan_child_text(struct intake_reader *r, struct fault *f)
{
    AUTO_FREE char *recipes = NULL;
    struct planner_result result;
    struct task task;

    int status = task_parse(r->plan->task, r->arena, &task, f);
    if (status == 0)
        status = refuse_depth(&task, f);
    if (status == 0)
        status = install_data("recipes", &recipes, f);
    if (status == 0)
        status =
            planner_plan(&task, &(struct planner_context){.request = r->plan, .recipes = recipes},
                         r->arena, &result, f);
    if (status == 0)
        r->plan = result.plan;
    return status;
}

int intake_child(const struct option_values *values, struct arena *arena, struct plan **ret,
                 struct fault *f)
{
    struct intake in = {0};
    struct intake_reader r = {.values = values, .arena = arena, .in = &in};

    int status = config_read(NULL, arena, &in.config, f);
    if (status == 0)
        status = read_words(&r, f);
    if (status == 0 && !in.request.planned)
        status = plan_child_text(&r, f);
    if (status == 0)
        *ret = r.plan;
    return status;
}
