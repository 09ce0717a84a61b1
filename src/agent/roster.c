/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/roster.h"

#include "agent/custom.h"
#include "base/install.h"
#include "base/os.h"
#include "base/vector.h"
#include "process/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

struct loader {
    const struct roster_options *options;
    struct arena *arena;
    VECTOR(struct roster_entry) entries;
    VECTOR(const char *) faults;
};

const char *lookup_get(struct driver_lookup lookup, const char *name)
{
    const char *value = lookup.get ? lookup.get(lookup.context, name) : NULL;

    return value && *value ? value : NULL;
}

static char *companion(const char *name)
{
    AUTO_FAULT f = {0};
    char *path = NULL;

    return install_program(name, &path, &f) < 0 ? NULL : path;
}

/* Links stay as they are: a shim of a version manager knows by its name what it is to run. */
static char *in_path(struct driver_lookup environment, const char *name)
{
    const char *path = lookup_get(environment, "PATH");
    AUTO_FREE char *variable = text_format("PATH=%s", path ? path : "");
    const char *const envp[] = {variable, NULL};
    AUTO_FREE char *here = NULL;
    char *found = NULL;

    if ((!path && !strchr(name, '/')) || spawn_find_program(name, envp, &found) < 0)
        return NULL;
    if (found[0] != '/' && (here = getcwd(NULL, 0))) {
        char *absolute = os_path(here, found);
        free(found);
        found = absolute;
    }
    if (found[0] == '/' && access(found, X_OK) == 0)
        return found;
    free(found);
    return NULL;
}

static void find_program(struct loader *l, struct roster_entry *e)
{
    const struct driver *d = e->driver;
    bool own = text_starts(d->program, "kelp-");
    AUTO_FREE char *path =
        own ? companion(d->program) : in_path(l->options->environment, d->program);

    if (path)
        e->program = arena_string(l->arena, path);
    else if (own)
        e->trouble = arena_format(l->arena, "'%s' is not beside kelp", d->program);
    else
        e->trouble = arena_format(l->arena,
                                  strchr(d->program, '/') ? "there is no program '%s'"
                                                          : "'%s' is not in the PATH",
                                  d->program);
}

static void find_configuration(struct loader *l, struct roster_entry *e)
{
    const char *home = lookup_get(l->options->environment, "HOME");

    for (const char *const *at = e->driver->configured_by; at && *at && !e->configured; at++) {
        if (!text_starts(*at, "~/")) {
            if (lookup_get(l->options->environment, *at))
                e->configured = *at;
            continue;
        }
        AUTO_FREE char *path = os_path(home ? home : "", *at + 2);
        if (home && os_exists(path))
            e->configured = *at;
    }
}

static void add(struct loader *l, struct roster_entry e)
{
    find_program(l, &e);
    find_configuration(l, &e);
    for (size_t i = 0; i < l->entries.count; i++)
        if (strcmp(l->entries.at[i].driver->name, e.driver->name) == 0) {
            l->entries.at[i] = e;
            return;
        }
    vector_push(&l->entries, e);
}

static void add_broken(struct loader *l, const struct fault *f)
{
    AUTO_FREE char *message = fault_text(f);

    vector_push(&l->faults, arena_string(l->arena, message));
}

static int read_custom(struct loader *l, const char *path, struct custom *ret, struct fault *f)
{
    AUTO_TEXT text = {0};
    int r = os_read_file(path, CUSTOM_BYTES_MAX, &text, f);
    const struct source source = {text_get(&text), text.length, path};

    return r < 0 ? r : custom_parse(&source, l->arena, ret, f);
}

/* What only the roster knows: other drivers and other programs. */
static int complete(struct loader *l, struct custom *custom, const char **ret_trouble,
                    struct fault *f)
{
    custom->like = custom->like_name ? driver_builtin_find(custom->like_name) : NULL;
    if (custom->like_name && !custom->like) {
        int r = fault_set(f, FAULT_PLAN, "'like' names '%s', which is not compiled in",
                          custom->like_name);
        fault_place(f, custom->file, 1, 1);
        return r;
    }
    if (custom->output != CUSTOM_ACP)
        return 0;
    AUTO_FREE char *bridge = companion("kelp-acp");
    custom->bridge = arena_string(l->arena, bridge ? bridge : "");
    *ret_trouble = bridge ? NULL : "'kelp-acp' is not beside kelp";
    return 0;
}

static void load_file(struct loader *l, const char *path)
{
    struct custom *custom = ARENA_NEW(l->arena, struct custom);
    struct roster_entry e = {0};
    AUTO_FAULT f = {0};

    if (read_custom(l, path, custom, &f) < 0 || complete(l, custom, &e.trouble, &f) < 0) {
        add_broken(l, &f);
        return;
    }
    e.tried = custom->tried;
    e.file = custom->file;
    e.driver = custom_driver(custom, l->arena);
    add(l, e);
}

static int load_folder(struct loader *l, const char *parent, struct fault *f)
{
    if (!parent)
        return 0;
    AUTO_FREE char *folder = os_path(parent, "drivers");
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);

    if (n < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : fault_system(f, errno, "cannot read the folder '%s'", folder);
    for (int i = 0; i < n; i++) {
        AUTO_FREE char *path = os_path(folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && text_ends(path, ".yaml"))
            load_file(l, path);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static void hand_over(struct loader *l, struct roster *ret)
{
    const char **names = arena_array(l->arena, l->entries.count + 1, sizeof *names);

    for (size_t i = 0; i < l->entries.count; i++)
        names[i] = l->entries.at[i].driver->name;
    *ret = (struct roster){
        .at = arena_copy(l->arena, l->entries.at, l->entries.count * sizeof *l->entries.at),
        .count = l->entries.count,
        .names = names,
        .faults = {arena_copy(l->arena, l->faults.at, l->faults.count * sizeof *l->faults.at),
                   l->faults.count},
    };
}

int roster_load(const struct roster_options *options, struct arena *a, struct roster *ret,
                struct fault *f)
{
    struct loader l = {.options = options, .arena = a};

    for (size_t i = 0; driver_builtin(i); i++)
        add(&l, (struct roster_entry){.driver = driver_builtin(i), .tried = ""});
    int r = load_folder(&l, options->recipes, f);
    if (r == 0)
        r = load_folder(&l, options->config, f);
    if (r == 0)
        hand_over(&l, ret);
    vector_free(&l.entries);
    vector_free(&l.faults);
    return r;
}

const struct roster_entry *roster_find(const struct roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->count; i++)
        if (strcmp(roster->names[i], name) == 0)
            return &roster->at[i];
    return NULL;
}

int roster_need(const struct roster *roster, const char *name, const struct roster_entry **ret,
                struct fault *f)
{
    const struct roster_entry *e = roster_find(roster, name);

    if (e && !e->trouble) {
        *ret = e;
        return 0;
    }
    if (e) {
        int r = fault_set(f, FAULT_ENVIRONMENT, "the agent '%s' can't be started: %s", name,
                          e->trouble);
        if (e->driver->install_hint)
            fault_hint(f, "install it: %s", e->driver->install_hint);
        return r;
    }
    const char *near = text_nearest(name, roster->names, roster->count);
    int r = fault_set(f, FAULT_ENVIRONMENT, "there is no agent '%s'", name);
    if (near)
        fault_hint(f, "did you mean '%s'?", near);
    else if (roster->faults.count)
        fault_hint(f, "a driver file is broken: %s", roster->faults.at[0]);
    else
        fault_hint(f, "`kelp agents` lists them");
    return r;
}
