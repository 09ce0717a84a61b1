/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers by configuration: from a driver file and a request to what is started. */
#include "agent/custom.h"

#include "agent/custom_priv.h"
#include "agent/driver.h"
#include "base/os.h"
#include "base/vector.h"

#include <string.h>

/* name, where it comes from */
#define VARIABLES(X)                        \
    X(base_url, q->base_url)                \
    X(dir, q->dir)                          \
    X(home, q->home)                        \
    X(model, q->model)                      \
    X(prompt, q->prompt)                    \
    X(prompt_file, q->prompt_file)          \
    X(read_only, q->read_only ? "yes" : "") \
    X(root, q->root ? "yes" : "")           \
    X(schema, q->schema)                    \
    X(schema_file, p->schema_file)          \
    X(session, q->session)                  \
    X(user_home, q->user_home)              \
    X(work, q->work)

#define VARIABLE_NAME(name, value) #name,
const char *const custom_variables[] = {VARIABLES(VARIABLE_NAME)};
const size_t custom_variable_count = COUNT_OF(custom_variables);

/* One preparation. */
struct prepare {
    const struct custom *c;
    const struct driver_request *q;
    struct arena *a;
    const char *schema_file; /* "" without a schema */
    struct driver_launch *launch;
    struct fault *fault;
};

static const char *variable(void *context, const char *name)
{
    const struct prepare *p = context;
    const struct driver_request *q = p->q;
#define VARIABLE_VALUE(name, value) value,
    const char *const values[] = {VARIABLES(VARIABLE_VALUE)};

    for (size_t i = 0; i < COUNT_OF(values); i++)
        if (strcmp(custom_variables[i], name) == 0)
            return values[i];
    return NULL;
}

static int expand(struct prepare *p, const char *text, const char **ret)
{
    const struct template_values values = {.lookup = variable,
                                           .context = p,
                                           .names = custom_variables,
                                           .count = custom_variable_count};
    AUTO_TEXT out = {0};
    int r = template_expand(text, &values, &out, p->fault);

    if (r < 0)
        return fault_wrap(p->fault, "the driver '%s'", p->c->name);
    *ret = arena_string(p->a, text_get(&out));
    return 0;
}

bool custom_uses(const struct custom_args *args, const char *variable)
{
    for (size_t i = 0; i < args->count; i++)
        for (size_t k = 0; k < args->at[i].words.count; k++)
            if (template_uses(args->at[i].words.at[k], variable))
                return true;
    return false;
}

static bool holds(struct prepare *p, const struct custom_words *words)
{
    return (!words->when || *variable(p, words->when)) &&
           (!words->unless || !*variable(p, words->unless));
}

typedef VECTOR(const char *) word_list;

static int add_word(struct prepare *p, const char *template, word_list *argv)
{
    const char *word;
    int r = expand(p, template, &word);

    if (r == 0 && strlen(word) > CUSTOM_ARGUMENT_MAX) {
        r = fault_set(p->fault, FAULT_LIMIT,
                      "the driver '%s' gives the prompt as an argument, which may have %d bytes; "
                      "this one has %zu",
                      p->c->name, CUSTOM_ARGUMENT_MAX, strlen(word));
        fault_hint(p->fault, "write 'prompt: stdin' or 'prompt: file' in '%s'", p->c->file);
    }
    if (r == 0)
        vector_push(argv, word);
    return r;
}

static int add_args(struct prepare *p, word_list *argv)
{
    bool again = *p->q->session && p->c->resume.count;
    const struct custom_args *args = again ? &p->c->resume : &p->c->args;
    int r = 0;

    for (size_t i = 0; i < args->count; i++)
        for (size_t k = 0; r == 0 && holds(p, &args->at[i]) && k < args->at[i].words.count; k++)
            r = add_word(p, args->at[i].words.at[k], argv);
    return r;
}

static void add_option(word_list *argv, const char *option, const char *value)
{
    if (!*value)
        return;
    vector_push(argv, option);
    vector_push(argv, value);
}

static bool any_uses(const struct custom *c, const char *variable)
{
    return custom_uses(&c->args, variable) || custom_uses(&c->resume, variable);
}

/* Does the program get the model without the bridge? */
static bool takes_model(const struct custom *c)
{
    for (size_t i = 0; i < c->set.count; i++)
        if (template_uses(c->set.at[i].value, "model"))
            return true;
    return any_uses(c, "model");
}

static void add_bridge(const struct prepare *p, word_list *argv)
{
    const struct custom *c = p->c;
    const char *mode = p->q->read_only ? c->read_only_mode : c->mode;

    vector_push(argv, c->bridge);
    add_option(argv, "--cwd", p->q->work);
    add_option(argv, "--model", takes_model(c) ? "" : p->q->model);
    if (c->any_model)
        vector_push(argv, "--any-model");
    add_option(argv, "--session", p->q->session);
    add_option(argv, "--mode", mode);
    add_option(argv, "--usage", c->usage);
    if (p->q->read_only)
        vector_push(argv, "--read-only");
    vector_push(argv, "--");
}

static int make_argv(struct prepare *p)
{
    word_list argv = {0};

    if (p->c->output == CUSTOM_ACP)
        add_bridge(p, &argv);
    vector_push(&argv, p->q->program);
    int r = add_args(p, &argv);
    vector_push(&argv, NULL);
    p->launch->argv = arena_copy(p->a, argv.at, argv.count * sizeof *argv.at);
    vector_free(&argv);
    return r;
}

/* Is a variable that it uses empty? */
static bool lacks(struct prepare *p, const char *template)
{
    for (size_t i = 0; i < custom_variable_count; i++)
        if (template_uses(template, custom_variables[i]) && !*variable(p, custom_variables[i]))
            return true;
    return false;
}

static struct strings join(struct prepare *p, const struct strings *a, const struct strings *b)
{
    struct strings all = {arena_array(p->a, a->count + b->count, sizeof *all.at), 0};

    for (size_t i = 0; i < a->count; i++)
        all.at[all.count++] = a->at[i];
    for (size_t i = 0; i < b->count; i++)
        all.at[all.count++] = b->at[i];
    return all;
}

/* What comes later in `set` wins over what is before it. */
static int make_environment(struct prepare *p)
{
    const struct custom *c = p->c;
    struct driver_launch *launch = p->launch;
    const char **set = arena_array(p->a, c->home.count + c->set.count, sizeof *set);
    size_t n = 0;

    for (size_t i = 0; i < c->home.count; i++)
        set[n++] = arena_format(p->a, "%s=%s", c->home.at[i], p->q->home);
    for (size_t i = 0; i < c->set.count; i++) {
        const char *value;
        if (lacks(p, c->set.at[i].value))
            continue;
        int r = expand(p, c->set.at[i].value, &value);
        if (r < 0)
            return r;
        set[n++] = arena_format(p->a, "%s=%s", c->set.at[i].name, value);
    }
    const struct strings own_set = {set, n};
    struct strings own_pass = join(p, &c->pass, &c->secrets);
    launch->set = join(p, &launch->set, &own_set);
    launch->pass = join(p, &launch->pass, &own_pass);
    launch->secrets = join(p, &launch->secrets, &c->secrets);
    return 0;
}

/* A link into the user's home is made only where it leads somewhere: the program would else make
 * the file there. */
static int add_file(struct prepare *p, const struct custom_file *file, struct driver_file *list,
                    size_t *n)
{
    struct driver_file made = {0};
    int r = expand(p, file->path, &made.path);

    if (r == 0 && file->content)
        r = expand(p, file->content, &made.content);
    if (r == 0 && file->link) {
        AUTO_FREE char *target = os_path(p->q->user_home, file->link + 2);
        if (!*p->q->user_home || !os_exists(target))
            return 0;
        made.target = arena_string(p->a, target);
    }
    if (r == 0)
        list[(*n)++] = made;
    return r;
}

static int make_files(struct prepare *p)
{
    const struct driver_launch *before = p->launch;
    size_t most = before->file_count + p->c->files.count + 1, n = 0;
    struct driver_file *list = arena_array(p->a, most, sizeof *list);
    int r = 0;

    for (; n < before->file_count; n++)
        list[n] = before->files[n];
    if (*p->schema_file)
        list[n++] = (struct driver_file){.path = p->schema_file, .content = p->q->schema};
    for (size_t i = 0; r == 0 && i < p->c->files.count; i++)
        r = add_file(p, &p->c->files.at[i], list, &n);
    p->launch->files = list;
    p->launch->file_count = n;
    return r;
}

static int make_writable(struct prepare *p)
{
    const struct strings *paths = &p->c->writable;
    const char **list = arena_array(p->a, paths->count, sizeof *list);
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < paths->count; i++)
        if (!lacks(p, paths->at[i]))
            r = expand(p, paths->at[i], &list[n++]);
    const struct strings own = {list, n};
    p->launch->writable = join(p, &p->launch->writable, &own);
    return r;
}

static int prepare(const struct driver *d, const struct driver_request *q, struct arena *a,
                   struct driver_launch *ret, struct fault *f)
{
    const struct custom *c = d->config;
    struct driver_launch launch = {0};
    struct prepare p = {.c = c, .q = q, .a = a, .launch = &launch, .fault = f, .schema_file = ""};

    if (*q->schema && any_uses(c, "schema_file"))
        p.schema_file = arena_format(a, "%s/schema.json", q->dir);
    int r = c->like ? c->like->prepare(c->like, q, a, &launch, f) : 0;
    launch.prompt_on_stdin = c->prompt == CUSTOM_PROMPT_STDIN;
    if (r == 0)
        r = make_argv(&p);
    if (r == 0)
        r = make_environment(&p);
    if (r == 0)
        r = make_files(&p);
    if (r == 0)
        r = make_writable(&p);
    if (r == 0)
        *ret = launch;
    return r;
}

static const char *const *words_of(const struct strings *list, const char *otherwise,
                                   struct arena *a)
{
    const char **words = arena_array(a, list->count + 2, sizeof *words);

    words[0] = otherwise;
    for (size_t i = 0; i < list->count; i++)
        words[i] = list->at[i];
    return words;
}

/* Its own, or else those of the driver that it is like. */
static const char *const *own_or(const struct strings *list, const char *const *likes,
                                 struct arena *a)
{
    if (!list->count)
        return likes;
    const char **words = arena_array(a, list->count + 1, sizeof *words);
    memcpy(words, list->at, list->count * sizeof *words);
    return words;
}

static const struct stream_reader *reader_of(enum custom_output output)
{
    switch (output) {
    case CUSTOM_TEXT:
        return &custom_text_reader;
    case CUSTOM_JSONL:
        return &custom_jsonl_reader;
    case CUSTOM_KELP:
    case CUSTOM_ACP:
        return &custom_kelp_reader;
    }
    bug("output %d of a driver", (int)output);
}

const struct driver *custom_driver(const struct custom *custom, struct arena *a)
{
    const struct driver *like = custom->like;
    struct driver *d = ARENA_NEW(a, struct driver);

    *d = (struct driver){
        .name = custom->name,
        .what = custom->what,
        .can = custom->can,
        .program = custom->program,
        .version_argv = words_of(&custom->version, "--version", a),
        .install_hint = custom->install,
        .configured_by = words_of(&custom->configured_by, NULL, a),
        .endpoints = own_or(&custom->endpoints, like ? like->endpoints : NULL, a),
        .keeps = own_or(&custom->keeps, like ? like->keeps : NULL, a),
        .prepare = prepare,
        .reader = reader_of(custom->output),
        .config = custom,
    };
    return d;
}
