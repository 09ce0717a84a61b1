/* SPDX-License-Identifier: Apache-2.0 */
/* An agent that a model drives, as something that the keeper can start. */
#include "engine/agent.h"

#include "base/os.h"
#include "engine/agent_files.h"
#include "engine/network.h"
#include "engine/replay.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *get_variable(void *context, const char *name)
{
    return start_user_value(context, name);
}

bool agent_is_driven(const struct engine *e, uint32_t job)
{
    const struct job *j = &e->tree->jobs.at[job];
    const struct orch *o = &e->tree->orchs.at[j->orch];

    if (j->kind != JOB_AGENT)
        return j->kind == JOB_PLANNER;
    return !plan_step_is_command(tree_agent_step(e->tree, o, &o->work->agents.at[j->agent]));
}

/* What holds for the program; the planner may be another than what the prompts go to. */
static struct plan_settings settings_of(const struct agent_call *c)
{
    const struct tree *t = c->start.e->tree;
    struct plan_settings own = *c->start.settings;

    if (c->start.j->kind == JOB_PLANNER && strcmp(own.agent, t->request.planner) != 0) {
        own = (struct plan_settings){.agent = t->request.planner, .model = "", .base_url = ""};
        if (c->start.e->options.config)
            config_fill_settings(c->start.e->options.config, &own);
    }
    if (!own.base_url)
        own.base_url = "";
    return own;
}

/* A replay needs how its output is read, and not its program. */
static int find_driver(struct agent_call *c, const char *name, struct fault *f)
{
    const struct roster *roster = c->start.e->options.roster;

    if (replay_is_on(c->start.e))
        c->entry = roster_find(roster, name);
    return c->entry ? 0 : roster_need(roster, name, &c->entry, f);
}

int agent_call_init(struct agent_call *c, struct engine *e, uint32_t job, struct arena *a,
                    struct fault *f)
{
    AUTO_FREE char *home = path_home(e, &e->tree->jobs.at[job]);
    const char *user_home = start_user_value(e, "HOME");

    *c = (struct agent_call){.home = arena_string(a, home)};
    c->session.session = "";
    start_init(&c->start, e, job, a);
    c->start.read_only = c->start.j->kind == JOB_PLANNER;
    struct plan_settings settings = settings_of(c);
    int r = find_driver(c, settings.agent, f);
    if (r < 0)
        return r;
    c->prompt_file = arena_format(a, "%s/prompt.md", c->start.dir);
    c->request = (struct driver_request){.program = c->entry->program,
                                         .model = settings.model,
                                         .base_url = settings.base_url,
                                         .prompt = "",
                                         .prompt_file = c->prompt_file,
                                         .dir = c->start.dir,
                                         .home = c->home,
                                         .work = c->start.work,
                                         .user_home = user_home ? user_home : "",
                                         .session = "",
                                         .schema = "",
                                         .read_only = c->start.read_only,
                                         .root = geteuid() == 0,
                                         .environment = {get_variable, e}};
    return 0;
}

int agent_call_prepare(struct agent_call *c, struct fault *f)
{
    const struct driver *d = c->entry->driver;
    const struct engine *e = c->start.e;

    if (replay_is_on(e))
        return replay_argv(e, (uint32_t)(c->start.j - e->tree->jobs.at), c->start.a,
                           &c->launch.argv, f);
    return d->prepare(d, &c->request, c->start.a, &c->launch, f);
}

struct strings agent_call_secrets(const struct agent_call *c)
{
    const struct strings *names = &c->launch.secrets;
    struct strings values = {arena_array(c->start.a, names->count + 1, sizeof *values.at), 0};

    for (size_t i = 0; i < names->count; i++) {
        const char *value = start_user_value(c->start.e, names->at[i]);
        if (value)
            values.at[values.count++] = value;
    }
    return values;
}

/* A start is repeated after a crash, perhaps while the agent runs: what it was given stays as it
 * was. The prompt is put in place last and whole, and says that the rest is there. Only a machine
 * that died leaves it empty. */
static bool is_prepared(const struct agent_call *c)
{
    struct stat st;

    return lstat(c->prompt_file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static int make_files(const struct agent_call *c, struct fault *f)
{
    const struct driver_file prompt = {.path = c->prompt_file, .content = c->request.prompt};
    int r = 0;

    for (size_t i = 0; r == 0 && i < c->launch.file_count; i++)
        r = agent_file_make(&c->launch.files[i], c->home, c->start.dir, f);
    return r < 0 ? r : agent_file_make(&prompt, c->home, c->start.dir, f);
}

/* What the user's configuration adds to this driver; zeroed: nothing. */
static struct config_driver configured(const struct agent_call *c)
{
    const struct config *config = c->start.e->options.config;
    const struct config_driver *d =
        config ? config_driver_find(config, c->entry->driver->name) : NULL;

    if (replay_is_on(c->start.e))
        d = NULL;
    return d ? *d : (struct config_driver){.name = ""};
}

static void add_passing(const struct agent_call *c, const struct strings *names,
                        struct strings *all)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *value = start_user_value(c->start.e, names->at[i]);
        if (value && !environment_is_marker(names->at[i]))
            all->at[all->count++] = arena_format(c->start.a, "%s=%s", names->at[i], value);
    }
}

/* What passes from the user's, then what the driver sets. */
static struct strings environment_of(const struct agent_call *c)
{
    const struct driver_launch *l = &c->launch;
    const struct config_driver own = configured(c);
    size_t most = l->pass.count + own.environment.count + l->set.count;
    struct strings all = {arena_array(c->start.a, most + 1, sizeof *all.at), 0};

    add_passing(c, &l->pass, &all);
    add_passing(c, &own.environment, &all);
    for (size_t i = 0; i < l->set.count; i++)
        all.at[all.count++] = l->set.at[i];
    return all;
}

/* The driver's, and behind it what the user's configuration adds. */
static const char *const *argv_of(const struct agent_call *c)
{
    const struct config_driver own = configured(c);
    size_t n = 0;

    if (!own.args.count)
        return c->launch.argv;
    while (c->launch.argv[n])
        n++;
    const char **argv = arena_array(c->start.a, n + own.args.count + 1, sizeof *argv);
    memcpy(argv, c->launch.argv, n * sizeof *argv);
    memcpy(argv + n, own.args.at, own.args.count * sizeof *argv);
    return argv;
}

static struct strings writable_of(const struct agent_call *c)
{
    const struct strings *more = &c->launch.writable;
    struct strings all = {arena_array(c->start.a, more->count + 1, sizeof *all.at), 0};

    all.at[all.count++] = c->home;
    for (size_t i = 0; i < more->count; i++)
        all.at[all.count++] = more->at[i];
    return all;
}

int agent_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
               struct fault *f)
{
    struct agent_call c;

    int r = agent_call_init(&c, e, job, a, f);
    if (r == 0)
        r = agent_call_choose(&c, f);
    if (r == 0)
        r = agent_call_prompt(&c, f);
    if (r == 0)
        r = os_make_dirs(c.home, 0700, f);
    if (r == 0)
        r = os_make_dirs(c.start.dir, 0700, f);
    if (r == 0)
        r = agent_call_prepare(&c, f);
    if (r == 0 && !is_prepared(&c))
        r = make_files(&c, f);
    if (r < 0)
        return r;
    const struct network network = {.base_url = c.request.base_url,
                                    .environment = environment_of(&c),
                                    .endpoints = c.entry->driver->endpoints};
    r = network_check(&c.start, &network, c.entry->driver->name, f);
    if (r < 0)
        return r;
    const struct start_more more = {.set = network.environment,
                                    .writable = writable_of(&c),
                                    .driver = c.entry->driver,
                                    .launch = &c.launch,
                                    .stdin_path = c.launch.prompt_on_stdin ? c.prompt_file : NULL};
    r = start_fill(&c.start, &more, spec, f);
    if (r < 0)
        return r;
    spec->argv = network_argv(&c.start, &network, argv_of(&c));
    return 0;
}
