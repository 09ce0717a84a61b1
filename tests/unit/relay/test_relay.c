/* SPDX-License-Identifier: Apache-2.0 */
/* A whole relay around a real agent, which is this test's own code or a shell. */
#include "relay/relay.h"

#include "relay/flow.h"
#include "relay/resolver.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_of(const char *script, enum cage_way way)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    place_list places = {0};
    sigset_t mask;
    AUTO_FAULT f = {0};

    (void)sigprocmask(SIG_SETMASK, NULL, &mask);
    const struct cage_options o = {.argv = argv, .places = &places, .way = way, .mask = &mask};
    int status = relay_run(&o, &f);
    cr_assert_geq(status, 0, "%s", f.message);
    return status;
}

Test(relay, the_end_is_the_agents)
{
    cr_expect_eq(status_of("exit 7", CAGE_BEST), 7 << 8);
    cr_expect_eq(status_of("kill -USR1 $$", CAGE_BEST), SIGUSR1);
}

Test(relay, the_agent_knows_its_proxy)
{
    static const char script[] =
        "for v in \"$HTTPS_PROXY\" \"$https_proxy\" \"$HTTP_PROXY\" \"$http_proxy\" "
        "\"$ALL_PROXY\" \"$all_proxy\"; do case $v in http://127.0.0.1:[1-9]*) ;; *) exit 1;; "
        "esac; done; [ \"$NODE_USE_ENV_PROXY\" = 1 ] && [ \"$NO_PROXY\" = \"$no_proxy\" ]";

    cr_expect_eq(status_of(script, CAGE_BEST), 0);
}

Test(relay, a_program_that_is_not_there_is_told)
{
    const char *const argv[] = {"/no/such/program", NULL};
    place_list places = {0};
    sigset_t mask;
    AUTO_FAULT f = {0};

    (void)sigemptyset(&mask);
    const struct cage_options o = {.argv = argv, .places = &places, .mask = &mask};
    cr_expect_eq(relay_run(&o, &f), -FAULT_NOT_FOUND);
    cr_expect_str_eq(f.message, "there is no program '/no/such/program'");
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

/* What goes in comes out, its end behind it, whatever fits at a time. */
Test(relay, a_flow_passes_all_of_it_and_the_end)
{
    struct flow *flow = MEM_NEW(struct flow);
    char sent[8], got[16];
    int from[2], to[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, from), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, to), 0);
    cr_expect_eq(flow_in(flow, from[1]), 0); /* nothing is there yet */
    memcpy(sent, "12345678", sizeof sent);
    cr_assert_eq(write(from[0], sent, sizeof sent), sizeof sent);
    (void)close(from[0]);
    cr_expect_eq(flow_in(flow, from[1]), 1);
    cr_expect(flow_wants_out(flow));
    cr_expect_eq(flow_in(flow, from[1]), 1);
    cr_expect(flow->ended);
    cr_expect_not(flow_wants_in(flow));
    cr_expect_eq(flow_out(flow, to[0]), 1);
    cr_expect(flow->shut);
    cr_expect_not(flow_wants_out(flow));
    cr_expect_eq(read(to[1], got, sizeof got), sizeof sent);
    cr_expect_eq(memcmp(got, sent, sizeof sent), 0);
    cr_expect_eq(read(to[1], got, sizeof got), 0);
    free(flow);
}

Test(relay, a_name_is_looked_up_in_a_thread)
{
    static place_list places; /* the thread outlives the test */
    struct resolver *resolver;
    struct resolver_answer answer;
    AUTO_FAULT f = {0};

    cr_assert_eq(place_add(&places, "127.0.0.1:81", false, &f), 0);
    cr_assert_eq(place_add(&places, "no-such-host.invalid:82", false, &f), 0);
    cr_assert_eq(resolver_open(&places, &resolver, &f), 0);
    cr_expect_not(resolver_take(resolver, &answer));
    for (uint32_t i = 0; i < 2; i++) {
        struct pollfd waiting = {resolver_fd(resolver), POLLIN, 0};
        resolver_ask(resolver, i);
        cr_assert_eq(poll(&waiting, 1, 60 * 1000), 1);
        cr_assert(resolver_take(resolver, &answer));
        cr_expect_eq(answer.place, i);
        cr_expect_eq(answer.count, i == 0);
        cr_expect_eq(answer.error == NULL, i == 0);
    }
    resolver_look_up(&places.at[0], &answer);
    cr_expect_eq(ntohs(answer.at[0].v4.sin_port), 81);
}
