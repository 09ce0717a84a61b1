/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/start.h"

#include "engine/hidden.h"
#include "engine/limits.h"
#include "engine/replay.h"
#include "process/spawn.h"

#include <string.h>

enum { ENVIRONMENT_OWN_MAX = 24 };

const char *start_user_value(const struct engine *e, const char *name)
{
    return spawn_environment_get(e->options.environ, name);
}

static bool may_be_boxed(const struct start *s)
{
    return s->e->options.sandbox && s->e->options.contain && !s->settings->sandbox.off &&
           s->settings->isolation == ISOLATION_CLONE && s->e->tree->request.in_repository;
}

void start_init(struct start *s, struct engine *e, uint32_t job, struct arena *a)
{
    const struct job *j = &e->tree->jobs.at[job];
    const struct orch *o = &e->tree->orchs.at[j->orch];
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *work = path_work(e, j);
    AUTO_FREE char *id = job_identity(e, job);

    *s = (struct start){.e = e,
                        .j = j,
                        .a = a,
                        .dir = arena_string(a, dir),
                        .work = arena_string(a, work),
                        .id = arena_string(a, id),
                        .settings = tree_job_settings(e->tree, j)};
    if (j->agent != AGENT_NONE)
        s->step = tree_agent_step(e->tree, o, &o->work->agents.at[j->agent]);
    else if (j->kind == JOB_AGENT)
        bug("job %u is of no agent", job);
    s->driven = agent_is_driven(e, job);
    s->boxed = may_be_boxed(s);
    s->relayed =
        s->boxed && s->settings->sandbox.network == NETWORK_ENDPOINT && !replay_is_on(s->e);
    environment_init(e);
}

static const char *home_path(const struct start *s, const char *path)
{
    return hidden_expand(s->e->options.environ, path, s->a);
}

static const char *folder_above(const struct start *s, const char *path)
{
    const char *slash = strrchr(path, '/');

    return arena_string_n(s->a, path, slash ? (size_t)(slash - path) : 0);
}

enum { VIEWS_OF_OTHERS = 6 };

/* Other runs, and what other attempts of this one printed, were told and keep. Copies of the
 * repository are seen: they share git's objects. */
static void hide_others(const struct start *s, struct sandbox_view ret[VIEWS_OF_OTHERS])
{
    const char *run = s->e->options.run_dir;
    AUTO_FREE char *home = path_home(s->e, s->j);
    const struct sandbox_view views[VIEWS_OF_OTHERS] = {
        {folder_above(s, run), false},
        {run, true},
        {arena_format(s->a, "%s/attempts", run), false},
        {s->dir, true},
        {arena_format(s->a, "%s/homes", run), false},
        {arena_string(s->a, home), true},
    };

    memcpy(ret, views, sizeof views);
}

static int choose_views(const struct start *s, const struct start_more *more, struct sandbox *box,
                        struct fault *f)
{
    const char *own[] = {s->e->options.repo, s->e->options.run_dir};
    const struct hidden_query query = {
        .driver = more->driver,
        .launch = more->launch,
        .roster = s->e->options.roster,
        .asked = &s->settings->sandbox,
        .environ = s->e->options.environ,
        .needed = {own, COUNT_OF(own)},
        .spare = VIEWS_OF_OTHERS,
    };
    struct sandbox_view *views;
    size_t count;

    int r = hidden_views(&query, s->a, &views, &count, f);
    if (r < 0)
        return r;
    hide_others(s, views + count);
    box->views = views;
    box->view_count = count + VIEWS_OF_OTHERS;
    return 0;
}

static int sandbox_of(const struct start *s, const struct start_more *more,
                      const struct sandbox **ret, struct fault *f)
{
    const struct strings *asked = &s->settings->sandbox.write;
    struct sandbox *box = ARENA_NEW(s->a, struct sandbox);
    const char **paths = arena_array(s->a, asked->count + more->writable.count + 3, sizeof *paths);
    size_t n = 0;

    if (!s->read_only)
        paths[n++] = s->work;
    paths[n++] = s->dir;
    paths[n++] = arena_format(s->a, "%s/cache", s->e->options.run_dir);
    for (size_t i = 0; i < asked->count; i++)
        paths[n++] = home_path(s, asked->at[i]);
    for (size_t i = 0; i < more->writable.count; i++)
        paths[n++] = home_path(s, more->writable.at[i]);
    box->writable = paths;
    box->writable_count = n;
    if (s->settings->sandbox.network == NETWORK_NONE)
        box->network = SANDBOX_NETWORK_NONE;
    if (s->relayed)
        box->network = SANDBOX_NETWORK_RELAYED;
    *ret = box;
    return choose_views(s, more, box, f);
}

/* An environment in the making: a later entry takes the place of an earlier one of its name. */
struct entries {
    const char **at;
    size_t count;
};

static void put(struct entries *all, const char *entry)
{
    size_t length = strcspn(entry, "=") + 1;

    for (size_t i = 0; i < all->count; i++)
        if (strncmp(all->at[i], entry, length) == 0) {
            all->at[i] = entry;
            return;
        }
    all->at[all->count++] = entry;
}

static void put_all(struct entries *all, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(all, list[i]);
}

static void put_own(const struct start *s, struct entries *all)
{
    const struct tree *t = s->e->tree;
    const struct orch *o = &t->orchs.at[s->j->orch];
    char id[EXEC_ID_TEXT_MAX], run[EXEC_ID_TEXT_MAX], name[16] = "";
    unsigned wave = 0;

    exec_id_format(o->id, id);
    exec_id_format(t->orchs.at[0].id, run);
    if (s->j->agent != AGENT_NONE) {
        tree_agent_name(&o->work->agents.at[s->j->agent], name);
        wave = o->work->agents.at[s->j->agent].wave;
    }
    put(all, arena_format(s->a, "KELP_RUN=%s", run));
    put(all, arena_format(s->a, "KELP_EXEC_ID=%s", id));
    put(all, arena_format(s->a, "KELP_DEPTH=%u", o->id.depth));
    put(all, arena_format(s->a, "KELP_WAVE=%u", wave));
    put(all, arena_format(s->a, "KELP_INSTANCE=%s", name));
    put(all, arena_format(s->a, "KELP_ROLE=%s", s->step ? s->step->role : ""));
    put(all, arena_format(s->a, "KELP_ATTEMPT=%u", s->j->attempt));
    put(all, arena_format(s->a, "KELP_ITEM=%s", variables_item(s->e, s->j, s->a)));
    put(all, arena_format(s->a, "KELP_RESULT=%s/result.json", s->dir));
    put(all, arena_format(s->a, "KELP_CONTEXT=%s/context", s->e->options.run_dir));
    put(all, arena_format(s->a, "KELP_SOCKET=%s/engine.sock", s->e->options.run_dir));
    put(all, arena_format(s->a, "KELP_RECIPES=%s", s->e->options.recipes));
    put(all, arena_format(s->a, "TMPDIR=%s/tmp", s->dir));
}

static const char *const *environment(const struct start *s, const struct strings *set)
{
    const struct strings *cache = &s->e->cache_env;
    size_t most = s->e->base_env_count + ENVIRONMENT_OWN_MAX + cache->count + set->count;
    struct entries all = {arena_array(s->a, most + 1, sizeof *all.at), 0};

    put_all(&all, (const char *const *)s->e->base_env, s->e->base_env_count);
    if (s->boxed)
        put_all(&all, cache->at, cache->count);
    put_all(&all, set->at, set->count);
    put_own(s, &all);
    return all.at;
}

int start_fill(struct start *s, const struct start_more *more, struct keeper_spec *spec,
               struct fault *f)
{
    *spec = (struct keeper_spec){.id = s->id,
                                 .envp = environment(s, &more->set),
                                 .cwd = s->work,
                                 .make_dir = arena_format(s->a, "%s/tmp", s->dir),
                                 .stdin_path = more->stdin_path,
                                 .stdout_path = arena_format(s->a, "%s/stdout", s->dir),
                                 .stderr_path = arena_format(s->a, "%s/stderr", s->dir),
                                 .output_max_bytes = s->e->options.output_max_bytes,
                                 .bounds = limits_of_start(s->settings, s->driven)};
    return s->boxed ? sandbox_of(s, more, &spec->sandbox, f) : 0;
}
