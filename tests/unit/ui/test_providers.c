/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/providers.h"

#include <criterion/criterion.h>

enum { NOW = 1000000 };

/* A tree with one provider that `waiting` orchestrators wait for: they have not begun, so that
 * they need no plan. */
static struct tree *with_provider(struct provider p, unsigned waiting)
{
    struct tree *t = tree_new();

    vector_push(&t->orchs, (struct orch){.id = exec_id_root(7), .state = ORCH_STATE_WORKING});
    for (unsigned i = 0; i < waiting; i++) {
        vector_push(&t->orchs, (struct orch){.state = ORCH_STATE_WAITING});
        vector_push(&p.parked, ((struct ready){.orch = i + 1, .agent = AGENT_NONE}));
    }
    t->request.planner = "claude";
    vector_push(&t->providers, p);
    return t;
}

Test(providers, say_what_stands_in_the_way)
{
    static const struct {
        struct provider p;
        unsigned waiting;
        bool planner;
        const char *text; /* NULL: nothing does */
    } cases[] = {
        {{.name = "claude", .trouble = ""}, 0, false, NULL},
        {{.name = "claude", .trouble = "slow down", .paused_until_ms = NOW + 37001},
         12,
         false,
         "claude: rate limited, 12 agents wait 38 s"},
        {{.name = "claude", .trouble = "", .paused_until_ms = NOW + 1000},
         1,
         false,
         "claude: rate limited, 1 agent waits 1 s"},
        {{.name = "claude", .trouble = "", .paused_until_ms = NOW - 5},
         0,
         false,
         "claude: rate limited for 0 s"},
        {{.name = "claude", .trouble = "", .paused_until_ms = NOW + 5000},
         0,
         true,
         "claude: rate limited, the planner waits 5 s"},
        {{.name = "claude", .trouble = "invalid \033[1mkey", .frozen = true},
         5,
         false,
         "claude: frozen: invalid \\x1b[1mkey; 5 agents wait"},
        {{.name = "claude", .trouble = "", .frozen = true},
         2,
         false,
         "claude: frozen: it does not serve; 2 agents wait"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT got = {0};
        struct tree *t = with_provider(cases[i].p, cases[i].waiting);
        t->planner.waits = cases[i].planner;
        cr_expect_eq(provider_text(t, 0, NOW, &got), cases[i].text != NULL, "case %zu", i);
        cr_expect_str_eq(text_get(&got), cases[i].text ? cases[i].text : "", "case %zu", i);
        tree_free(t);
    }
}

Test(providers, say_what_to_do_when_a_run_is_stuck)
{
    AUTO_TEXT got = {0};
    struct tree *t =
        with_provider((struct provider){.name = "claude", .trouble = "no", .frozen = true}, 5);

    providers_stuck_text(t, &got);
    cr_expect_str_eq(text_get(&got),
                     "claude: no; 5 agents wait; mend it and: kelp resume ORG_0007");
    tree_free(t);
}

Test(providers, a_change_is_told_once)
{
    struct provider_watch w = {0};
    struct tree *t = with_provider((struct provider){.name = "claude", .trouble = ""}, 0);
    struct provider *p = &t->providers.at[0];

    cr_expect_not(provider_watch_changed(&w, t, 0), "it served from the beginning");
    p->paused_until_ms = NOW;
    cr_expect(provider_watch_changed(&w, t, 0));
    cr_expect_not(provider_watch_changed(&w, t, 0));
    p->paused_until_ms = NOW + 1;
    cr_expect(provider_watch_changed(&w, t, 0), "a longer pause");
    p->frozen = true;
    cr_expect(provider_watch_changed(&w, t, 0));
    p->frozen = false;
    p->paused_until_ms = 0;
    cr_expect(provider_watch_changed(&w, t, 0), "it serves again");
    provider_watch_free(&w);
    tree_free(t);
}
