/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network.h"

#include "base/vector.h"

#include <string.h>

struct words {
    const struct start *s;
    VECTOR(const char *) list;
};

const char *network_place(const char *url, struct arena *a)
{
    bool tls = text_starts(url, "https://");

    if (!tls && !text_starts(url, "http://"))
        return NULL;
    const char *host = strstr(url, "://") + 3;
    size_t length = strcspn(host, "/?#");
    const char *user = memrchr(host, '@', length);
    if (user) {
        length -= (size_t)(user + 1 - host);
        host = user + 1;
    }
    const char *bracket = memchr(host, ']', length);
    const char *colon = memrchr(host, ':', length);
    if (!length)
        return NULL;
    if (colon && colon > (bracket ? bracket : host))
        return arena_string_n(a, host, length);
    return arena_format(a, "%.*s:%s", (int)length, host, tls ? "443" : "80");
}

static void add(struct words *w, const char *option, const char *place)
{
    for (size_t i = 1; i < w->list.count; i++)
        if (strcmp(w->list.at[i], place) == 0)
            return;
    vector_push(&w->list, option);
    vector_push(&w->list, place);
}

static bool add_url(struct words *w, const char *url)
{
    const char *place = network_place(url, w->s->a);

    if (place)
        add(w, "--allow", place);
    return place != NULL;
}

/* ANTHROPIC_BASE_URL, Aider's OPENAI_API_BASE and Goose's variables. */
static bool names_endpoint(const char *name, size_t length)
{
    static const char *const ends[] = {"BASE_URL", "API_BASE", "OPENAI_HOST", "ANTHROPIC_HOST"};

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        size_t end = strlen(ends[i]);
        if (length >= end && memcmp(name + length - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

static bool add_variables(struct words *w, const struct strings *environment)
{
    bool any = false;

    for (size_t i = 0; i < environment->count; i++) {
        const char *value = strchr(environment->at[i], '=');
        size_t length = (size_t)(value - environment->at[i]);
        if (names_endpoint(environment->at[i], length))
            any |= add_url(w, value + 1);
    }
    return any;
}

static void add_places(struct words *w, const struct network *n)
{
    const struct strings *hosts = &w->s->settings->sandbox.hosts;
    bool given = n->base_url && add_url(w, n->base_url);

    given |= add_variables(w, &n->environment);
    for (size_t i = 0; !given && n->endpoints && n->endpoints[i]; i++)
        add(w, "--public", n->endpoints[i]);
    for (size_t i = 0; i < hosts->count; i++)
        add(w, "--allow", hosts->at[i]);
}

static void add_program(struct words *w, const char *const *argv)
{
    vector_push(&w->list, "--");
    for (; *argv; argv++)
        vector_push(&w->list, *argv);
    vector_push(&w->list, NULL);
}

const char *const *network_argv(const struct start *s, const struct network *n,
                                const char *const *argv)
{
    const char *relay = s->e->options.relay;
    struct words w = {.s = s};

    if (!s->relayed)
        return argv;
    vector_push(&w.list, relay ? relay : "kelp-relay");
    add_places(&w, n);
    add_program(&w, argv);
    const char *const *all = arena_copy(s->a, w.list.at, w.list.count * sizeof *w.list.at);
    vector_free(&w.list);
    return all;
}

int network_check(const struct start *s, const struct network *n, const char *agent,
                  struct fault *f)
{
    struct words w = {.s = s};

    if (s->relayed)
        add_places(&w, n);
    bool nowhere = s->relayed && w.list.count == 0;
    vector_free(&w.list);
    if (!nowhere)
        return 0;
    int r = fault_set(f, FAULT_ENVIRONMENT, "the endpoint of the agent '%s' is not known", agent);
    fault_hint(f,
               "name it in the plan: `sandbox: { network: endpoint, hosts: [example.org:443] }`");
    return r;
}
