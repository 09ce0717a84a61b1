/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/launch.h"

#include "base/os.h"

#include <string.h>

static void add(struct launch *l, launch_words *list, const char *word)
{
    vector_push(list, arena_string(l->arena, word));
}

void launch_arg(struct launch *l, const char *word)
{
    add(l, &l->argv, word);
}

void launch_option(struct launch *l, const char *option, const char *value)
{
    if (!*value)
        return;
    add(l, &l->argv, option);
    add(l, &l->argv, value);
}

void launch_args(struct launch *l, const char *const *words)
{
    for (; *words; words++)
        add(l, &l->argv, *words);
}

void launch_set(struct launch *l, const char *name, const char *value)
{
    vector_push(&l->set, arena_format(l->arena, "%s=%s", name, value));
}

void launch_set_all(struct launch *l, const char *const *assignments)
{
    for (; *assignments; assignments++)
        add(l, &l->set, *assignments);
}

void launch_pass(struct launch *l, const char *const *names)
{
    for (; *names; names++)
        add(l, &l->pass, *names);
}

void launch_pass_secrets(struct launch *l, const char *const *names)
{
    launch_pass(l, names);
    for (; *names; names++)
        add(l, &l->secrets, *names);
}

void launch_read(struct launch *l, const char *const *paths)
{
    for (; *paths; paths++)
        add(l, &l->readable, *paths);
}

void launch_file(struct launch *l, const char *path, const char *content)
{
    struct driver_file file = {.path = arena_string(l->arena, path),
                               .content = arena_string(l->arena, content)};

    vector_push(&l->files, file);
}

static void link_names(struct launch *l, const char *to, const char *from, const char *const *names,
                       bool writable)
{
    for (; *from && *names; names++) {
        const char *target = arena_format(l->arena, "%s/%s", from, *names);
        struct driver_file file = {.path = arena_format(l->arena, "%s/%s", to, *names),
                                   .target = target};
        if (!os_exists(target))
            continue;
        vector_push(&l->files, file);
        if (writable)
            vector_push(&l->writable, target);
    }
}

void launch_links(struct launch *l, const char *to, const char *from, const char *const *names)
{
    link_names(l, to, from, names, false);
}

void launch_login_links(struct launch *l, const char *to, const char *from,
                        const char *const *names)
{
    link_names(l, to, from, names, true);
}

/* To the arena, with a NULL behind it. */
static struct strings take_words(struct launch *l, launch_words *words)
{
    struct strings taken = {.at = arena_array(l->arena, words->count + 1, sizeof *taken.at),
                            .count = words->count};

    if (words->count)
        memcpy(taken.at, words->at, words->count * sizeof *taken.at);
    vector_free(words);
    return taken;
}

void launch_finish(struct launch *l, struct driver_launch *ret)
{
    ret->argv = take_words(l, &l->argv).at;
    ret->set = take_words(l, &l->set);
    ret->pass = take_words(l, &l->pass);
    ret->secrets = take_words(l, &l->secrets);
    ret->writable = take_words(l, &l->writable);
    ret->readable = take_words(l, &l->readable);
    ret->file_count = l->files.count;
    ret->files = arena_copy(l->arena, l->files.at, l->files.count * sizeof *l->files.at);
    vector_free(&l->files);
}

const char *launch_variable(const struct launch *l, const char *name)
{
    const struct driver_lookup *from = &l->q->environment;
    const char *value = from->get ? from->get(from->context, name) : NULL;

    return value && *value ? value : NULL;
}

const char *launch_user_dir(struct launch *l, const char *variable, const char *below)
{
    const char *dir = launch_variable(l, variable);

    if (dir)
        return arena_string(l->arena, dir);
    return *l->q->user_home ? arena_format(l->arena, "%s/%s", l->q->user_home, below) : "";
}

const char *launch_url_without(struct launch *l, const char *version)
{
    char *url = arena_string(l->arena, l->q->base_url);
    size_t length = strlen(url);

    while (length && url[length - 1] == '/')
        url[--length] = '\0';
    if (text_ends(url, version))
        url[length - strlen(version)] = '\0';
    return url;
}

const char *launch_home(struct launch *l, const char *below)
{
    return arena_format(l->arena, "%s/%s", l->q->home, below);
}
