/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hidden.h"

#include "base/text.h"
#include "base/vector.h"
#include "process/listeners.h"
#include "process/spawn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    /* Sockets of what runs for the user or for the machine, whether it listens now or not. */
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

/* Views that are left for what is to be shown again. */
enum { LISTENERS_END = SANDBOX_VIEWS_MAX - 64 };

typedef VECTOR(const char *) paths;

struct sight {
    const struct hidden_query *q;
    struct arena *a;
    paths wanted;      /* is to be seen */
    size_t kept_count; /* the first of them, below which nothing is hidden */
    size_t used_count; /* the first of them, below which sockets are seen */
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
static const char *real_path(struct sight *s, const char *path)
{
    AUTO_FREE char *real = path && *path == '/' ? realpath(path, NULL) : NULL;

    return real ? arena_string(s->a, real) : NULL;
}

static bool is_below(const char *path, const char *above)
{
    size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above);

    return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* By its name, and by where that leads. */
static void want(struct sight *s, const char *path)
{
    const char *name = hidden_expand(s->q->environ, path, s->a);
    const char *real = real_path(s, name);

    if (!real)
        return;
    vector_push(&s->wanted, real);
    if (strcmp(name, real) != 0)
        vector_push(&s->wanted, name);
}

static void want_list(struct sight *s, const struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        want(s, list->at[i]);
}

/* Version managers make a folder of links in /run for each shell. */
static void want_programs(struct sight *s)
{
    const char *list = spawn_environment_get(s->q->environ, "PATH");

    for (size_t length; list && *list; list += length + (list[length] == ':')) {
        length = strcspn(list, ":");
        want(s, arena_string_n(s->a, list, length));
    }
}

static void want_all(struct sight *s)
{
    const struct driver_launch *launch = s->q->launch;
    const char *const *own = s->q->driver ? s->q->driver->keeps : NULL;

    for (; own && *own; own++)
        want(s, *own);
    want_list(s, &s->q->asked->read);
    want_list(s, &s->q->asked->write);
    for (size_t i = 0; launch && i < launch->file_count; i++)
        if (launch->files[i].target)
            want(s, launch->files[i].target);
    if (launch)
        want_list(s, &launch->readable);
    s->kept_count = s->wanted.count;
    if (launch)
        want_list(s, &launch->writable);
    want_list(s, &s->q->needed);
    for (size_t i = 0; i < COUNT_OF(harmless); i++)
        want(s, harmless[i]);
    s->used_count = s->wanted.count;
    want_programs(s);
}

/* Below one of the first `count` that are to be seen. */
static bool is_wanted(const struct sight *s, const char *path, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_below(path, s->wanted.at[i]))
            return true;
    return false;
}

static void hide(struct sight *s, const char *path)
{
    const char *real = real_path(s, hidden_expand(s->q->environ, path, s->a));

    if (real && !is_wanted(s, real, s->kept_count))
        vector_push(&s->views, ((struct sandbox_view){real, false}));
}

static bool is_hidden(const struct sight *s, const char *path)
{
    for (size_t i = 0; i < s->views.count; i++)
        if (is_below(path, s->views.at[i].path))
            return true;
    return false;
}

static bool may_connect(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && access(path, W_OK) == 0;
}

/* Of what it works with it sees the sockets, too. */
static void hide_listener(void *ctx, const char *path)
{
    struct sight *s = ctx;
    const char *real = real_path(s, path);

    if (real && s->views.count + s->q->spare < LISTENERS_END && may_connect(real) &&
        !is_wanted(s, real, s->used_count) && !is_hidden(s, real))
        vector_push(&s->views, ((struct sandbox_view){real, false}));
}

static void hide_all(struct sight *s)
{
    const struct roster *roster = s->q->roster;

    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        hide(s, secrets[i]);
    hide(s, arena_format(s->a, "/tmp/tmux-%u", (unsigned)getuid()));
    for (size_t i = 0; roster && i < roster->count; i++) {
        const struct driver *other = roster->at[i].driver;
        for (const char *const *at = other->keeps; at && *at; at++)
            hide(s, *at);
    }
    (void)!listeners_each(hide_listener, s); /* where the kernel does not tell, nobody is known */
}

/* It counts only below something that is hidden. */
static void show(struct sight *s, const char *path, size_t hidden_count)
{
    for (size_t i = 0; i < hidden_count; i++)
        if (strcmp(path, s->views.at[i].path) != 0 && is_below(path, s->views.at[i].path)) {
            vector_push(&s->views, ((struct sandbox_view){path, true}));
            return;
        }
}

static void show_all(struct sight *s)
{
    size_t hidden_count = s->views.count;

    for (size_t i = 0; i < s->wanted.count; i++)
        show(s, s->wanted.at[i], hidden_count);
}

/* What lies below comes behind what is above it. */
static int by_depth(const void *a, const void *b)
{
    const struct sandbox_view *left = a, *right = b;
    size_t l = strlen(left->path), r = strlen(right->path);

    return l != r ? (l > r) - (l < r) : strcmp(left->path, right->path);
}

static int take(struct sight *s, struct sandbox_view **ret, size_t *ret_count, struct fault *f)
{
    size_t count = s->views.count, spare = s->q->spare;

    if (count + spare > SANDBOX_VIEWS_MAX) {
        int r = fault_set(f, FAULT_LIMIT, "%zu paths are to be hidden or shown, %zu can be", count,
                          SANDBOX_VIEWS_MAX - spare);
        fault_hint(f, "name fewer and wider paths in sandbox.read, or fewer folders in the PATH");
        return r;
    }
    *ret = arena_array(s->a, count + spare, sizeof **ret);
    if (count) {
        qsort(s->views.at, count, sizeof *s->views.at, by_depth);
        memcpy(*ret, s->views.at, count * sizeof **ret);
    }
    *ret_count = count;
    return 0;
}

int hidden_views(const struct hidden_query *q, struct arena *a, struct sandbox_view **ret,
                 size_t *ret_count, struct fault *f)
{
    struct sight s = {.q = q, .a = a};

    want_all(&s);
    hide_all(&s);
    show_all(&s);
    int r = take(&s, ret, ret_count, f);
    vector_free(&s.wanted);
    vector_free(&s.views);
    return r;
}
