/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hidden.h"

#include "base/text.h"
#include "base/vector.h"
#include "process/spawn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Left out is what holds settings as well as keys (~/.npmrc), without which builds fail. */
static const char *const secrets[] = {
    "~/.ssh",
    "~/.gnupg",
    "~/.netrc",
    "~/.git-credentials",
    "~/.config/git/credentials",
    "~/.config/gh",
    "~/.config/hub",
    "~/.config/glab-cli",
    "~/.aws",
    "~/.azure",
    "~/.config/gcloud",
    "~/.config/doctl",
    "~/.config/rclone",
    "~/.config/sops",
    "~/.config/op",
    "~/.kube",
    "~/.docker/config.json",
    "~/.docker/contexts",
    "~/.docker/desktop",
    "~/.docker/run",
    "~/.config/containers/auth.json",
    "~/.terraform.d/credentials.tfrc.json",
    "~/.vault-token",
    "~/.pypirc",
    "~/.cargo/credentials",
    "~/.cargo/credentials.toml",
    "~/.gem/credentials",
    "~/.password-store",
    "~/.local/share/keyrings",
    "~/.local/share/kwalletd",
    "~/.mozilla",
    "~/.thunderbird",
    "~/.config/google-chrome",
    "~/.config/chromium",
    "~/.config/BraveSoftware",
    "~/.config/microsoft-edge",
    "~/.config/kelp",
    "~/.Xauthority",
    "~/.bash_history",
    "~/.zsh_history",
    "~/.local/share/fish/fish_history",
    /* Sockets of what runs for the user or for the machine. */
    "/run",
    "/tmp/.X11-unix",
    "$SSH_AUTH_SOCK",
};

/* Of /run what names are resolved with, and where some systems keep their programs. */
static const char *const harmless[] = {
    "/run/systemd/resolve", "/run/nscd",
    "/run/resolvconf",      "/run/NetworkManager/resolv.conf",
    "/run/current-system",  "/run/opengl-driver",
};

typedef VECTOR(const char *) paths;

struct sight {
    const struct hidden_query *q;
    struct arena *a;
    paths shown; /* as the kernel knows them */
    VECTOR(struct sandbox_view) views;
};

const char *hidden_expand(const char *const *envp, const char *path, struct arena *a)
{
    const char *home = spawn_environment_get(envp, "HOME");

    if (*path == '$')
        path = spawn_environment_get(envp, path + 1);
    if (!home || !path || *path != '~' || (path[1] && path[1] != '/'))
        return path;
    return arena_format(a, "%s%s", home, path + 1);
}

/* Without links; NULL: it is not there. */
static const char *real_path(struct sight *p, const char *path)
{
    const char *expanded = hidden_expand(p->q->environ, path, p->a);
    AUTO_FREE char *real = expanded && *expanded == '/' ? realpath(expanded, NULL) : NULL;

    return real ? arena_string(p->a, real) : NULL;
}

static bool is_below(const char *path, const char *above)
{
    size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above);

    return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void hide(struct sight *p, const char *path)
{
    const char *real = real_path(p, path);

    if (!real)
        return;
    for (size_t i = 0; i < p->shown.count; i++)
        if (is_below(real, p->shown.at[i]))
            return;
    vector_push(&p->views, ((struct sandbox_view){real, false}));
}

static void hide_all(struct sight *p)
{
    const struct roster *roster = p->q->roster;

    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        hide(p, secrets[i]);
    hide(p, arena_format(p->a, "/tmp/tmux-%u", (unsigned)getuid()));
    for (size_t i = 0; roster && i < roster->count; i++) {
        const struct driver *other = roster->at[i].driver;
        for (const char *const *at = other->keeps; at && *at; at++)
            if (!p->q->driver || !driver_keeps(p->q->driver, *at))
                hide(p, *at);
    }
}

/* A path to show counts only below one that is hidden. */
static void show_if_hidden(struct sight *p, const char *path, size_t hidden_count)
{
    for (size_t i = 0; i < hidden_count; i++)
        if (strcmp(path, p->views.at[i].path) != 0 && is_below(path, p->views.at[i].path)) {
            vector_push(&p->views, ((struct sandbox_view){path, true}));
            return;
        }
}

/* By its name and by where that leads. */
static void show(struct sight *p, const char *path, size_t hidden_count)
{
    const char *real = real_path(p, path);

    if (!real)
        return;
    path = hidden_expand(p->q->environ, path, p->a);
    show_if_hidden(p, real, hidden_count);
    if (strcmp(path, real) != 0)
        show_if_hidden(p, path, hidden_count);
}

/* Version managers make a folder of links in /run for each shell. */
static void show_programs(struct sight *p, size_t hidden_count)
{
    const char *list = spawn_environment_get(p->q->environ, "PATH");

    for (size_t length; list && *list; list += length + (list[length] == ':')) {
        length = strcspn(list, ":");
        show(p, arena_string_n(p->a, list, length), hidden_count);
    }
}

static void show_all(struct sight *p)
{
    size_t hidden_count = p->views.count;

    for (size_t i = 0; i < COUNT_OF(harmless); i++)
        show(p, harmless[i], hidden_count);
    for (size_t i = 0; i < p->q->shown.count; i++)
        show(p, p->q->shown.at[i], hidden_count);
    for (size_t i = 0; i < p->q->needed.count; i++)
        show(p, p->q->needed.at[i], hidden_count);
    show_programs(p, hidden_count);
}

/* What lies below comes behind what is above it. */
static int by_depth(const void *a, const void *b)
{
    const struct sandbox_view *left = a, *right = b;
    size_t l = strlen(left->path), r = strlen(right->path);

    return l != r ? (l > r) - (l < r) : strcmp(left->path, right->path);
}

static int take(struct sight *p, size_t spare, struct sandbox_view **ret, size_t *ret_count,
                struct fault *f)
{
    size_t count = p->views.count;

    if (count + spare > SANDBOX_VIEWS_MAX) {
        int r = fault_set(f, FAULT_LIMIT, "%zu paths are to be hidden or shown, %zu can be", count,
                          SANDBOX_VIEWS_MAX - spare);
        fault_hint(f, "name fewer and wider paths in sandbox.read, or fewer folders in the PATH");
        return r;
    }
    *ret = arena_array(p->a, count + spare, sizeof **ret);
    if (count) {
        qsort(p->views.at, count, sizeof *p->views.at, by_depth);
        memcpy(*ret, p->views.at, count * sizeof **ret);
    }
    *ret_count = count;
    return 0;
}

int hidden_views(const struct hidden_query *q, size_t spare, struct arena *a,
                 struct sandbox_view **ret, size_t *ret_count, struct fault *f)
{
    struct sight p = {.q = q, .a = a};

    for (size_t i = 0; i < q->shown.count; i++) {
        const char *real = real_path(&p, q->shown.at[i]);
        if (real)
            vector_push(&p.shown, real);
    }
    hide_all(&p);
    show_all(&p);
    int r = take(&p, spare, ret, ret_count, f);
    vector_free(&p.shown);
    vector_free(&p.views);
    return r;
}
