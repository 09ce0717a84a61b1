/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network.h"

#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>

static struct world w;
static uint32_t job;

static void setup(void)
{
    job = sample_begin(&w);
    w.e.options.relay = "/bin/relay";
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(network, .init = setup, .fini = teardown);

Test(network, an_url_names_a_place)
{
    static const char *const cases[][2] = {
        {"https://example.org", "example.org:443"},
        {"http://example.org/v1", "example.org:80"},
        {"http://127.0.0.1:8080/v1?x", "127.0.0.1:8080"},
        {"https://user:word@example.org:8443/", "example.org:8443"},
        {"http://[::1]/v1", "[::1]:80"},
        {"http://[::1]:81#x", "[::1]:81"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(network_place(cases[i][0], &w.arena), cases[i][1]);
    cr_expect_null(network_place("ftp://example.org", &w.arena));
    cr_expect_null(network_place("http://", &w.arena));
}

/* The words of a command line with spaces between. */
static const char *line(const struct network *n, bool relayed)
{
    static const char *host = "git.example:443";
    static const char *const argv[] = {"agent", "-x", NULL};
    struct start s;
    AUTO_TEXT all = {0};

    start_init(&s, &w.e, job, &w.arena);
    struct plan_settings settings = *s.settings;
    settings.sandbox.hosts = (struct strings){&host, 1};
    s.settings = &settings;
    s.relayed = relayed;
    const char *const *words = network_argv(&s, n, argv);
    for (size_t i = 0; words[i]; i++)
        text_printf(&all, "%s%s", i ? " " : "", words[i]);
    return arena_string(&w.arena, text_get(&all));
}

Test(network, a_relay_is_told_where_its_agent_may_go)
{
    static const char *const endpoints[] = {"api.example:443", NULL};
    const char *set[] = {"A_BASE_URL=https://a.example/v1",
                         "B_BASE_URL=",
                         "C_URL=http://c",
                         "OPENAI_API_BASE=http://d.example:82",
                         "OPENAI_HOST=https://e.example",
                         "SOME_HOST=https://f.example",
                         "HOST=https://g.example"};
    const struct network own = {.endpoints = endpoints};
    const struct network given = {
        .endpoints = endpoints, .base_url = "http://b:81", .environment = {set, COUNT_OF(set)}};

    cr_expect_str_eq(line(&own, false), "agent -x");
    cr_expect_str_eq(line(&own, true),
                     "/bin/relay --public api.example:443 --allow git.example:443 -- agent -x");
    cr_expect_str_eq(line(&given, true), "/bin/relay --allow b:81 --allow a.example:443 "
                                         "--allow d.example:82 --allow e.example:443 "
                                         "--allow git.example:443 -- agent -x");
}

Test(network, an_agent_with_nowhere_to_go_does_not_start)
{
    struct start s;
    AUTO_FAULT f = {0};

    start_init(&s, &w.e, job, &w.arena);
    cr_expect_eq(network_check(&s, &(struct network){.base_url = ""}, "own", &f), 0);
    s.relayed = true;
    cr_expect_eq(network_check(&s, &(struct network){.base_url = "http://b"}, "own", &f), 0);
    cr_expect_eq(network_check(&s, &(struct network){.base_url = ""}, "own", &f),
                 -FAULT_ENVIRONMENT);
    cr_expect_str_eq(f.message, "the endpoint of the agent 'own' is not known");
}
