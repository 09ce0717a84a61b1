/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ask.h"

#include "base/os.h"
#include "engine/agent_files.h"
#include "engine/engine_priv.h"
#include "engine/hidden.h"
#include "process/ending.h"
#include "process/run.h"
#include "process/sandbox.h"
#include "process/spawn.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct asking {
    const struct ask *q;
    struct arena arena;
    char *top; /* of what is removed in the end; owned */
    struct driver_request request;
    struct driver_launch launch;
};

static const char *get_variable(void *context, const char *name)
{
    const struct asking *k = context;

    return spawn_environment_get(k->q->environ, name);
}

static int make_folders(struct asking *k, struct fault *f)
{
    static const char *const names[] = {"home", "attempt/tmp", "work"};
    const char *parent = spawn_environment_get(k->q->environ, "TMPDIR");
    char *top = text_format("%s/kelp-ask-XXXXXX", parent && *parent ? parent : "/tmp");

    if (!mkdtemp(top)) {
        int error = errno;
        int r = fault_system(f, error, "cannot make the folder '%s'", top);
        free(top);
        return r;
    }
    k->top = top;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_FREE char *path = os_path(top, names[i]);
        int r = os_make_dirs(path, 0700, f);
        if (r < 0)
            return r;
    }
    return 0;
}

static int prepare(struct asking *k, struct fault *f)
{
    const struct ask *q = k->q;
    const struct driver *d = q->agent->driver;
    const char *home = spawn_environment_get(q->environ, "HOME");
    struct arena *a = &k->arena;

    k->request = (struct driver_request){
        .program = q->agent->program,
        .model = q->settings->model,
        .base_url = q->settings->base_url,
        .prompt = q->prompt,
        .prompt_file = arena_format(a, "%s/attempt/prompt.md", k->top),
        .dir = arena_format(a, "%s/attempt", k->top),
        .home = arena_format(a, "%s/home", k->top),
        .work = q->work ? q->work : arena_format(a, "%s/work", k->top),
        .user_home = home ? home : "",
        .session = "",
        .schema = q->schema ? q->schema : "",
        .read_only = true,
        .root = geteuid() == 0,
        .environment = {get_variable, k},
    };
    return d->prepare(d, &k->request, a, &k->launch, f);
}

static int make_files(const struct asking *k, struct fault *f)
{
    const struct driver_request *q = &k->request;
    const struct driver_file prompt = {.path = q->prompt_file, .content = q->prompt};
    int r = agent_file_make(&prompt, q->home, q->dir, f);

    for (size_t i = 0; r == 0 && i < k->launch.file_count; i++)
        r = agent_file_make(&k->launch.files[i], q->home, q->dir, f);
    return r;
}

typedef VECTOR(const char *) words;

/* What is there already stays: programs do not agree on which of two of a name counts. */
static void add_entry(words *all, const char *entry)
{
    size_t name = strcspn(entry, "=") + 1;

    for (size_t i = 0; i < all->count; i++)
        if (strncmp(all->at[i], entry, name) == 0)
            return;
    vector_push(all, entry);
}

static void add_passing(struct asking *k, const struct strings *names, words *all)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *value = spawn_environment_get(k->q->environ, names->at[i]);
        if (value && !environment_is_marker(names->at[i]))
            add_entry(all, arena_format(&k->arena, "%s=%s", names->at[i], value));
    }
}

/* What the driver sets, then what of the user's passes. */
static void fill_environment(struct asking *k, words *all)
{
    for (size_t i = 0; i < k->launch.set.count; i++)
        vector_push(all, k->launch.set.at[i]);
    vector_push(all, arena_format(&k->arena, "TMPDIR=%s/tmp", k->request.dir));
    /* Some fail where they can't write there. */
    add_entry(all, arena_format(&k->arena, "XDG_CACHE_HOME=%s/.cache", k->request.home));
    for (const char *const *at = k->q->environ; *at; at++)
        if (environment_is_passed(*at))
            add_entry(all, *at);
    add_passing(k, &k->launch.pass, all);
    if (k->q->own)
        add_passing(k, &k->q->own->environment, all);
    vector_push(all, NULL);
}

static void fill_arguments(const struct asking *k, words *all)
{
    const struct config_driver *own = k->q->own;

    for (const char *const *at = k->launch.argv; *at; at++)
        vector_push(all, *at);
    for (size_t i = 0; own && i < own->args.count; i++)
        vector_push(all, own->args.at[i]);
    vector_push(all, NULL);
}

static int read_result(const struct asking *k, const struct run_result *result, struct reading *ret,
                       struct fault *f)
{
    const struct driver *d = k->q->agent->driver;

    if (result->ended_with_us)
        return fault_set(f, FAULT_REFUSED, "'%s' was stopped by a signal", d->name);
    if (result->timed_out) {
        int r = fault_set(f, FAULT_LIMIT, "'%s' did not answer within %lld s", d->name,
                          (long long)(k->q->limit_ms ? k->q->limit_ms / 1000 : 60));
        fault_hint(f, "try it by itself: %s", k->request.program);
        return r;
    }
    reading_begin(ret, d->reader, d->config);
    reading_feed(ret, text_get(&result->out), result->out.length);
    reading_end(ret, &(struct reading_exit){.exit_code = result->exit_code,
                                            .signal = result->signal,
                                            .stderr_tail = text_get(&result->err)});
    return 0;
}

/* Where it may write. */
static void fill_writable(const struct asking *k, words *all)
{
    vector_push(all, k->top);
    vector_push(all, k->request.work);
    for (size_t i = 0; i < k->launch.writable.count; i++)
        vector_push(all, k->launch.writable.at[i]);
}

/* What is to be run but for its arguments and environment. */
static struct run_spec spec_of(const struct asking *k, const struct sandbox *box)
{
    return (struct run_spec){.cwd = k->request.work,
                             .input = k->launch.prompt_on_stdin ? k->request.prompt : NULL,
                             .limit_ms = k->q->limit_ms,
                             .ends_with_us = true,
                             .sandbox = k->q->sandbox ? box : NULL};
}

/* Where it may write, and what it does not see. */
static int fill_box(struct asking *k, const words *writable, struct sandbox *box, struct fault *f)
{
    const char *own[] = {k->top, k->request.work};
    const struct hidden_query query = {
        .driver = k->q->agent->driver,
        .launch = &k->launch,
        .roster = k->q->roster,
        .asked = &k->q->settings->sandbox,
        .environ = k->q->environ,
        .needed = {own, COUNT_OF(own)},
    };
    struct sandbox_view *views;

    *box = (struct sandbox){.writable = writable->at, .writable_count = writable->count};
    int r = hidden_views(&query, &k->arena, &views, &box->view_count, f);
    if (r == 0)
        box->views = views;
    return r;
}

static int run(struct asking *k, struct reading *ret, struct fault *f)
{
    words argv = {0}, envp = {0}, writable = {0};
    AUTO_RUN_RESULT result = {0};
    struct sandbox box;

    fill_arguments(k, &argv);
    fill_environment(k, &envp);
    fill_writable(k, &writable);
    int r = fill_box(k, &writable, &box, f);
    struct run_spec spec = spec_of(k, &box);
    spec.argv = argv.at;
    spec.envp = envp.at;
    if (r == 0)
        r = run_command(&spec, &result, f);
    if (r == 0)
        r = read_result(k, &result, ret, f);
    vector_free(&argv);
    vector_free(&envp);
    vector_free(&writable);
    return r;
}

int ask_agent(const struct ask *q, struct reading *ret, struct fault *f)
{
    struct asking k = {.q = q};
    AUTO_FAULT left = {0};
    sigset_t before;

    ending_hold(&before);
    int r = make_folders(&k, f);
    if (r == 0)
        r = prepare(&k, f);
    if (r == 0)
        r = make_files(&k, f);
    if (r == 0)
        r = run(&k, ret, f);
    if (k.top && os_remove_tree(k.top, &left) < 0 && r == 0) {
        reading_free(ret);
        r = fault_move(f, &left);
    }
    ending_release(&before);
    free(k.top);
    arena_free(&k.arena);
    return r;
}
