/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/consult.h"

#include "agent/brief.h"
#include "agent/price.h"
#include "agent/prompt.h"
#include "base/os.h"
#include "cli/drivers.h"
#include "engine/ask.h"
#include "git/snapshot.h"
#include "journal/runs.h"
#include "plan/answer.h"
#include "plan/role.h"
#include "process/ending.h"
#include "process/sandbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT_MS = 15 * 60 * 1000, SCHEMA_BYTES_MAX = 1024 * 1024 };

struct consult {
    const struct session *session;
    const struct intake *in;
    struct arena *arena;
    struct roster roster;
    const struct roster_entry *agent;
    struct prompt_folders folders;
    struct prompt_values values;
    char *top;  /* of the throw-away copy; owned */
    char *work; /* the copy; owned */
    struct planner_result made;
    struct token_counts used;
    double usd; /* below 0: unknown */
};

static int load(struct consult *c, struct fault *f)
{
    const struct plan_settings *s = &c->in->request.plan->settings;
    int r = drivers_load(c->session, c->arena, &c->roster, f);

    if (r == 0)
        r = drivers_need(&c->roster, s, f);
    if (r == 0)
        c->agent = roster_find(&c->roster, s->agent);
    return r;
}

/* What the files of roles are wrong in was said by the intake. */
static int fill_values(struct consult *c, struct fault *f)
{
    const struct run_request *q = &c->in->request;
    struct prompt_values *v = &c->values;
    AUTO_FREE char *path = os_path(c->session->recipes, "prompts/plan.schema.json");
    AUTO_TEXT schema = {0};
    struct roles roles = {0};
    char id[EXEC_ID_TEXT_MAX];
    uint32_t number;

    int r = runs_peek(c->session->root, &number, f);
    if (r == 0)
        r = os_read_file(path, SCHEMA_BYTES_MAX, &schema, f);
    if (r == 0)
        r = roles_load(c->session->root, c->arena, &roles, f);
    if (r < 0)
        return r;
    exec_id_format(exec_id_root(number), id);
    v->exec_id = arena_string(c->arena, id);
    v->task = q->plan->task;
    v->agents = q->plan->agents ? arena_format(c->arena, "%u", q->plan->agents) : "";
    v->drivers = brief_drivers(&c->roster, c->arena);
    v->roles = brief_roles(&roles, c->arena);
    v->history = brief_history(q->history, c->arena);
    v->schema = arena_string(c->arena, text_get(&schema));
    return 0;
}

static int make_copy(struct consult *c, struct fault *f)
{
    const char *parent = getenv("TMPDIR");
    char *top = text_format("%s/kelp-plan-XXXXXX", parent && *parent ? parent : "/tmp");
    struct snapshot_result result = {0};

    if (!mkdtemp(top)) {
        int error = errno;
        int r = fault_system(f, error, "cannot make the folder '%s'", top);
        free(top);
        return r;
    }
    c->top = top;
    c->work = os_path(top, "work");
    const struct snapshot_spec spec = {.repo = c->session->root, .path = c->work};
    int r = snapshot_make(&spec, &result, f);
    free(result.commit);
    return r;
}

static void add_use(struct consult *c, const struct reading *r)
{
    const char *model = r->model ? r->model : c->in->request.plan->settings.model;
    double usd = price_usd(&c->in->config.prices, model, &r->used, r->usd);

    c->used.input += r->used.input;
    c->used.cached += r->used.cached;
    c->used.output += r->used.output;
    c->usd = c->usd < 0 || usd < 0 ? -1 : c->usd + usd;
}

static int ask(struct consult *c, const char *prompt, struct reading *reading, struct fault *f)
{
    const struct plan *request = c->in->request.plan;
    const struct ask q = {.agent = c->agent,
                          .roster = &c->roster,
                          .own = config_driver_find(&c->in->config, c->agent->driver->name),
                          .settings = &request->settings,
                          .prompt = prompt,
                          .schema = c->agent->driver->can & DRIVER_SCHEMA ? c->values.schema : NULL,
                          .work = c->work,
                          .environ = (const char *const *)environ,
                          .limit_ms = LIMIT_MS,
                          .sandbox = sandbox_landlock_version() > 0};
    int r = ask_agent(&q, reading, f);

    if (r < 0)
        return r;
    add_use(c, reading);
    if (reading->error == ERROR_NONE)
        return 0;
    return fault_set(f, FAULT_ENVIRONMENT, "%s: %s: %s", c->agent->driver->name,
                     attempt_error_name(reading->error), text_get(&reading->message));
}

/* *ret_shown is the answer as the fault counts its lines. */
static int find_answer(struct consult *c, const struct reading *reading, const char **ret_shown,
                       struct fault *f)
{
    *ret_shown = arena_string(c->arena, text_get(&reading->text));
    if (!reading->answer)
        return answer_find(*ret_shown, strlen(*ret_shown), c->arena, ret_shown, f);
    *ret_shown = answer_layout(reading->answer, c->arena);
    return 0;
}

static int read_answer(struct consult *c, const struct reading *reading, struct fault *f)
{
    const struct answer_context context = {.request = c->in->request.plan,
                                           .drivers = brief_names(&c->roster, c->arena),
                                           .history = c->in->request.history,
                                           .config = &c->in->config};
    int r = find_answer(c, reading, &c->values.answer, f);

    return r < 0 ? r : plan_answer_read(c->values.answer, &context, c->arena, &c->made, f);
}

/* One question and its answer. A fault in `wrong` is one that a correction may mend. */
static int try_prompt(struct consult *c, const char *prompt, struct fault *wrong, struct fault *f)
{
    AUTO_READING reading = {0};
    int r = ask(c, prompt, &reading, f);

    if (r < 0 || read_answer(c, &reading, wrong) == 0)
        return r;
    AUTO_FREE char *text = fault_text(wrong);
    const char *hint = wrong->hint ? wrong->hint : "";
    c->values.request = prompt;
    c->values.error = arena_format(c->arena, "%s\n%s", text, hint);
    return 0;
}

static int correct(struct consult *c, struct fault *f)
{
    AUTO_TEXT prompt = {0};
    AUTO_FAULT wrong = {0};

    int r = prompt_render(&c->folders, "correction", &c->values, &prompt, f);
    if (r == 0)
        r = try_prompt(c, text_get(&prompt), &wrong, f);
    if (r < 0 || !wrong.code)
        return r;
    (void)fault_move(f, &wrong);
    return fault_wrap(f, "two answers of '%s' are no plans, the last", c->agent->driver->name);
}

static void add_cost(struct consult *c)
{
    struct strings *notes = &c->made.notes;
    int64_t tokens = c->used.input + c->used.cached + c->used.output;
    const char **all = arena_array(c->arena, notes->count + 1, sizeof *all);
    AUTO_TEXT usd = {0};

    if (c->usd < 0)
        text_add(&usd, "cost unknown");
    else
        text_add_usd(&usd, c->usd);
    all[0] = arena_format(c->arena, "planned by %s: %lld tokens, %s", c->agent->driver->name,
                          (long long)tokens, text_get(&usd));
    for (size_t i = 0; i < notes->count; i++)
        all[i + 1] = notes->at[i];
    *notes = (struct strings){all, notes->count + 1};
}

static int make_plan(struct consult *c, struct fault *f)
{
    AUTO_TEXT prompt = {0};
    AUTO_FAULT wrong = {0};

    int r = prompt_render(&c->folders, "planner", &c->values, &prompt, f);
    if (r == 0)
        r = try_prompt(c, text_get(&prompt), &wrong, f);
    if (r == 0 && wrong.code)
        r = correct(c, f);
    if (r == 0)
        add_cost(c);
    return r;
}

int consult_planner(const struct session *s, const struct intake *in, struct arena *arena,
                    struct planner_result *ret, struct fault *f)
{
    AUTO_FREE char *user = prompt_user_folder();
    struct consult c = {
        .session = s, .in = in, .arena = arena, .folders = {s->root, user, s->recipes}};
    AUTO_FAULT left = {0};
    sigset_t before;

    ending_hold(&before); /* the copy is to be removed before it ends */
    int r = load(&c, f);
    if (r == 0)
        r = fill_values(&c, f);
    if (r == 0)
        r = make_copy(&c, f);
    if (r == 0)
        r = make_plan(&c, f);
    if (c.top && os_remove_tree(c.top, &left) < 0 && r == 0)
        r = fault_move(f, &left);
    ending_release(&before);
    if (r == 0)
        *ret = c.made;
    free(c.top);
    free(c.work);
    return r;
}
