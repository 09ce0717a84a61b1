/* SPDX-License-Identifier: Apache-2.0 */
#include "git/git.h"

#include "base/vector.h"
#include "process/run.h"

#include <string.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 30 };

typedef VECTOR(char *) words;

struct setting {
    const char *key, *value;
};

/* What each trust adds to the configuration, above every file. A collection in the background
 * would be ended with the worker that began it, and leave its locks behind. */
static const struct setting plain_settings[] = {
    {"gc.auto", "0"},
    {"maintenance.auto", "false"},
};

static const struct setting quiet_settings[] = {
    {"core.hooksPath", "/dev/null"},
    {"core.fsmonitor", "false"},
    {"gc.auto", "0"},
    {"maintenance.auto", "false"},
};

static const struct setting own_settings[] = {
    {"core.hooksPath", "/dev/null"},
    {"core.fsmonitor", "false"},
    {"core.attributesFile", "/dev/null"},
    {"core.untrackedCache", "false"},
    {"core.splitIndex", "false"},
    {"core.sparseCheckout", "false"},
    {"core.logAllRefUpdates", "true"},
    {"core.editor", "false"},
    {"commit.gpgSign", "false"},
    {"tag.gpgSign", "false"},
    {"diff.ignoreSubmodules", "dirty"},
    {"submodule.recurse", "false"},
    {"fetch.recurseSubmodules", "false"},
    {"protocol.file.allow", "always"},
    {"gc.auto", "0"},
    {"maintenance.auto", "false"},
    {"safe.directory", "*"},
};

static const struct {
    const struct setting *at;
    size_t count;
} settings_of[] = {
    [GIT_QUIET] = {quiet_settings, COUNT_OF(quiet_settings)},
    [GIT_PLAIN] = {plain_settings, COUNT_OF(plain_settings)},
    [GIT_OWN] = {own_settings, COUNT_OF(own_settings)},
};

/* Variables that would point git at another repository (`git rev-parse --local-env-vars`), or
 * make it talk to the terminal. GIT_CONFIG_PARAMETERS and _COUNT are the user's own settings. */
static const char *const dropped[] = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
    "GIT_CONFIG=",
    "GIT_OBJECT_DIRECTORY=",
    "GIT_DIR=",
    "GIT_WORK_TREE=",
    "GIT_IMPLICIT_WORK_TREE=",
    "GIT_GRAFT_FILE=",
    "GIT_INDEX_FILE=",
    "GIT_NO_REPLACE_OBJECTS=",
    "GIT_REPLACE_REF_BASE=",
    "GIT_PREFIX=",
    "GIT_SHALLOW_FILE=",
    "GIT_COMMON_DIR=",
    "GIT_NAMESPACE=",
    "GIT_QUARANTINE_PATH=",
    "GIT_LITERAL_PATHSPECS=",
    "GIT_GLOB_PATHSPECS=",
    "GIT_NOGLOB_PATHSPECS=",
    "GIT_ICASE_PATHSPECS=",
    "GIT_REFLOG_ACTION=",
    "GIT_INTERNAL_SUPER_PREFIX=",
    "GIT_TERMINAL_PROMPT=",
    "GIT_PAGER=",
    "PAGER=",
    "GIT_OPTIONAL_LOCKS=",
    "GIT_EXTERNAL_DIFF=",
    "GIT_CEILING_DIRECTORIES=",
};

/* All that git sees of the caller's environment inside a clone. */
static const char *const kept[] = {"PATH=", "TMPDIR=", "LD_LIBRARY_PATH=", "GIT_EXEC_PATH="};

static bool starts_with_any(const char *s, const char *const *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_starts(s, prefixes[i]))
            return true;
    return false;
}

static bool is_inherited(enum git_trust trust, const char *variable)
{
    if (trust == GIT_OWN)
        return starts_with_any(variable, kept, COUNT_OF(kept));
    if (starts_with_any(variable, dropped, COUNT_OF(dropped)))
        return false;
    /* Kelp reads what git says in the C locale only; the user's own hooks keep theirs. */
    return trust == GIT_PLAIN ||
           !(text_starts(variable, "LC_ALL=") || text_starts(variable, "LANGUAGE="));
}

static void put(words *env, const char *key, const char *value)
{
    if (value)
        vector_push(env, text_format("%s=%s", key, value));
}

static void put_settings(words *env, enum git_trust trust)
{
    int64_t first = 0;
    const char *count = trust == GIT_OWN ? NULL : getenv("GIT_CONFIG_COUNT");

    if (!count || !text_to_int64(count, 0, 10000, &first))
        first = 0;
    for (size_t i = 0; i < settings_of[trust].count; i++) {
        long long n = (long long)first + (long long)i;
        vector_push(env, text_format("GIT_CONFIG_KEY_%lld=%s", n, settings_of[trust].at[i].key));
        vector_push(env,
                    text_format("GIT_CONFIG_VALUE_%lld=%s", n, settings_of[trust].at[i].value));
    }
    vector_push(env, text_format("GIT_CONFIG_COUNT=%lld",
                                 (long long)first + (long long)settings_of[trust].count));
}

static void put_own(words *env)
{
    put(env, "GIT_CONFIG_NOSYSTEM", "1");
    put(env, "GIT_CONFIG_SYSTEM", "/dev/null");
    put(env, "GIT_CONFIG_GLOBAL", "/dev/null");
    put(env, "GIT_ATTR_NOSYSTEM", "1");
    put(env, "GIT_NO_REPLACE_OBJECTS", "1");
}

static void build_env(const struct git *g, words *env)
{
    for (char **v = environ; *v; v++)
        if (is_inherited(g->trust, *v) && !text_starts(*v, "GIT_CONFIG_COUNT="))
            vector_push(env, mem_string(*v));
    put_settings(env, g->trust);
    if (g->trust == GIT_OWN)
        put_own(env);
    if (g->trust != GIT_PLAIN)
        put(env, "LC_ALL", "C");
    if (g->trust == GIT_QUIET)
        put(env, "GIT_OPTIONAL_LOCKS", "0");
    put(env, "GIT_TERMINAL_PROMPT", "0");
    put(env, "GIT_PAGER", "cat");
    put(env, "GIT_DIR", g->git_dir);
    put(env, "GIT_WORK_TREE", g->work_tree);
    put(env, "GIT_INDEX_FILE", g->index);
    put(env, "GIT_REFLOG_ACTION", g->reflog);
    if (g->who) {
        put(env, "GIT_AUTHOR_NAME", g->who->name);
        put(env, "GIT_AUTHOR_EMAIL", g->who->email);
        put(env, "GIT_COMMITTER_NAME", g->who->name);
        put(env, "GIT_COMMITTER_EMAIL", g->who->email);
    }
    vector_push(env, NULL);
}

static void free_words(words *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    vector_free(list);
}

/* `result` is the caller's to free. */
static int run_git(const struct git *g, const struct git_call *call, struct run_result *result,
                   struct fault *f)
{
    static const struct text nothing = {0};
    const struct text *input = call->input ? call->input : &nothing;
    VECTOR(const char *) argv = {0};
    words env = {0};

    vector_push(&argv, "git");
    for (const char *const *a = call->args; *a; a++)
        vector_push(&argv, *a);
    vector_push(&argv, NULL);
    build_env(g, &env);
    struct run_spec spec = {
        .argv = argv.at,
        .envp = (const char *const *)env.at,
        .cwd = g->cwd         ? g->cwd
               : g->work_tree ? g->work_tree
                              : g->git_dir,
        .input = input->length ? input->data : NULL,
        .input_bytes = input->length,
        .limit_ms = g->limit_ms ? g->limit_ms : GIT_LIMIT_MS,
        .stdout_max_bytes = OUTPUT_MAX,
    };
    int r = run_command(&spec, result, f);
    free_words(&env);
    vector_free(&argv);
    if (r == -FAULT_NOT_FOUND) {
        f->code = FAULT_ENVIRONMENT;
        fault_hint(f, "install git 2.39 or newer");
        return -FAULT_ENVIRONMENT;
    }
    return r;
}

/* The command's own name: settings may stand before it. */
static const char *verb_of(const struct git_call *call)
{
    const char *const *word = call->args;

    while (strcmp(word[0], "-c") == 0 && word[1] && word[2])
        word += 2;
    return word[0];
}

int git_exit(const struct git *g, const struct git_call *call, struct fault *f)
{
    AUTO_RUN_RESULT result = {0};

    int r = run_git(g, call, &result, f);
    if (r < 0)
        return r;
    if (result.timed_out)
        return fault_set(f, FAULT_LIMIT, "'git %s' took longer than its time limit", verb_of(call));
    if (result.signal)
        return fault_set(f, FAULT_GIT, "'git %s' was ended by signal %d", verb_of(call),
                         result.signal);
    if (result.truncated && result.out.length >= OUTPUT_MAX)
        return fault_set(f, FAULT_LIMIT, "'git %s' said too much", verb_of(call));
    if (call->out)
        text_add_n(call->out, text_get(&result.out), result.out.length);
    if (call->err)
        text_add_n(call->err, text_get(&result.err), result.err.length);
    return result.exit_code;
}

enum { LISTED_MAX = 3 };

/* A line, and the names that git lists below it, each after a tab. */
static char *line_with_names(const char *line)
{
    struct text out = {0};
    size_t length = strcspn(line, "\n");

    text_add_n(&out, line, length && line[length - 1] == '.' ? length - 1 : length);
    line += length + (line[length] == '\n');
    for (unsigned n = 0; *line == '\t'; n++) {
        length = strcspn(line, "\n");
        if (n < LISTED_MAX)
            text_printf(&out, "%s '%.*s'", n ? "," : "", (int)length - 1, line + 1);
        else if (n == LISTED_MAX)
            text_add(&out, " ...");
        line += length + (line[length] == '\n');
    }
    return text_take(&out);
}

char *git_reason(const struct text *err)
{
    static const char *const marks[] = {"fatal: ", "error: "};
    const char *said = text_get(err);

    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        const char *at = strstr(said, marks[i]);
        if (at)
            return line_with_names(at + strlen(marks[i]));
    }
    size_t end = err->length;
    while (end && said[end - 1] == '\n')
        end--;
    size_t start = end;
    while (start && said[start - 1] != '\n')
        start--;
    return mem_string_n(said + start, end - start);
}

int git_call(const struct git *g, const struct git_call *call, struct fault *f)
{
    AUTO_TEXT err = {0};
    struct git_call heard = *call;

    if (!heard.err)
        heard.err = &err;
    int status = git_exit(g, &heard, f);
    if (status <= 0)
        return status;
    AUTO_FREE char *why = git_reason(heard.err);
    (void)fault_set(f, FAULT_GIT, "'git %s' failed with %d: %s", verb_of(call), status, why);
    /* Git's words in the C locale, and in most others too. */
    if (strstr(text_get(heard.err), "promisor remote"))
        fault_hint(f,
                   "the repository is a partial clone, and what it left out can't be had from its "
                   "remote: see that 'git fetch' works, or give the remote a url that does with "
                   "'git remote set-url', and do this again");
    return -FAULT_GIT;
}

int git_run(const struct git *g, const char *const *args, struct text *out, struct fault *f)
{
    return git_call(g, &(struct git_call){.args = args, .out = out}, f);
}

int git_feed(const struct git *g, const char *const *args, const struct text *input,
             struct text *out, struct fault *f)
{
    return git_call(g, &(struct git_call){.args = args, .input = input, .out = out}, f);
}

static char *take_line(struct text *out)
{
    if (out->length && out->data[out->length - 1] == '\n')
        out->data[--out->length] = '\0';
    return text_take(out);
}

int git_word(const struct git *g, const char *const *args, char **ret, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(g, args, &out, f);
    if (r == 0)
        *ret = take_line(&out);
    return r;
}

int git_commit_or_null(const struct git *g, const char *name, char **ret, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_FREE char *peeled = text_format("%s^{commit}", name);

    int status = git_exit(g,
                          &(struct git_call){.args = GIT_ARGS("rev-parse", "--verify", "-q",
                                                              "--end-of-options", peeled),
                                             .out = &out},
                          f);
    if (status < 0)
        return status;
    *ret = status == 0 ? take_line(&out) : NULL;
    return 0;
}

int git_commit_of(const struct git *g, const char *name, char **ret, struct fault *f)
{
    char *found = NULL;

    int r = git_commit_or_null(g, name, &found, f);
    if (r == 0 && !found)
        return fault_set(f, FAULT_NOT_FOUND, "there is no commit '%s'", name);
    if (r == 0)
        *ret = found;
    return r;
}

int git_head_branch(const struct git *g, char **ret, struct fault *f)
{
    static const char heads[] = "refs/heads/";
    AUTO_TEXT out = {0};
    struct git_call call = {.args = GIT_ARGS("symbolic-ref", "-q", "HEAD"), .out = &out};

    int status = git_exit(g, &call, f);
    if (status < 0)
        return status;
    AUTO_FREE char *ref = take_line(&out);
    *ret = status == 0 && text_starts(ref, heads) ? mem_string(ref + strlen(heads)) : NULL;
    return 0;
}

int git_tree_of(const struct git *g, const char *commit, char **ret, struct fault *f)
{
    AUTO_FREE char *name = text_format("%s^{tree}", commit);

    return git_word(g, GIT_ARGS("rev-parse", "--verify", "--end-of-options", name), ret, f);
}

int git_is_ancestor(const struct git *g, const char *a, const char *b, struct fault *f)
{
    if (strcmp(a, b) == 0)
        return 1;
    int status =
        git_exit(g, &(struct git_call){.args = GIT_ARGS("merge-base", "--is-ancestor", a, b)}, f);

    if (status < 0)
        return status;
    if (status > 1)
        return fault_set(f, FAULT_GIT, "cannot compare commits '%s' and '%s'", a, b);
    return status == 0;
}

int git_config_value(const struct git *g, const char *const *args, char **ret, struct fault *f)
{
    AUTO_TEXT out = {0};
    VECTOR(const char *) argv = {0};

    vector_push(&argv, "config");
    for (; *args; args++)
        vector_push(&argv, *args);
    vector_push(&argv, NULL);
    int status = git_exit(g, &(struct git_call){.args = argv.at, .out = &out}, f);
    vector_free(&argv);
    if (status < 0)
        return status;
    *ret = status == 0 ? take_line(&out) : NULL;
    return 0;
}

/* "Name <email> 1700000000 +0000" */
static bool split_ident(const char *line, struct identity *ret)
{
    const char *open = strchr(line, '<');
    const char *close = open ? strchr(open, '>') : NULL;

    if (!close || open == line || close == open + 1)
        return false;
    size_t name = (size_t)(open - line);
    while (name && line[name - 1] == ' ')
        name--;
    if (!name)
        return false;
    ret->name = mem_string_n(line, name);
    ret->email = mem_string_n(open + 1, (size_t)(close - open - 1));
    return true;
}

int identity_read(const struct git *user, struct identity *ret, struct fault *f)
{
    AUTO_TEXT out = {0};

    /* Without useConfigOnly git makes an address up from the machine's name. */
    int status = git_exit(user,
                          &(struct git_call){.args = GIT_ARGS("-c", "user.useConfigOnly=true",
                                                              "var", "GIT_AUTHOR_IDENT"),
                                             .out = &out},
                          f);
    if (status < 0)
        return status;
    *ret = (struct identity){0};
    if (status == 0 && split_ident(text_get(&out), ret))
        return 0;
    *ret = (struct identity){mem_string("kelp"), mem_string("kelp@localhost"), true};
    return 0;
}

void identity_free(struct identity *who)
{
    free(who->name);
    free(who->email);
    *who = (struct identity){0};
}

bool git_is_oid(const char *s)
{
    size_t n = strlen(s);

    return (n == 40 || n == GIT_OID_MAX) && strspn(s, "0123456789abcdef") == n;
}
