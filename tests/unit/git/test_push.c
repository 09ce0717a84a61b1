/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;
static char *head;

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
    sh(p.repo, "echo x >x && git add x && git commit -qm x");
    head = sh_out(p.repo, "git rev-parse HEAD");
}

static void end(void)
{
    free(head);
    place_end(&p);
}

TestSuite(push, .init = begin, .fini = end, .timeout = 120);

static json_t *push_it(const char *mode, const char *remote, int ahead, const char *upstream)
{
    return op("push", "{s:s, s:s, s:s?, s:s, s:i, s:s?, s:s}", "repo", p.repo, "mode", mode,
              "remote", remote, "branch", "main", "start_ahead", ahead, "upstream", upstream,
              "commit", head);
}

static void expect_remote(const char *commit)
{
    expect_word(sh_out(p.root, "git -C remote rev-parse main"), commit);
}

Test(push, to_the_upstream_and_a_repeat_is_harmless)
{
    json_auto_t *one = push_it("auto", "origin", 0, "origin/main");
    json_auto_t *two = push_it("auto", "origin", 0, "origin/main");

    cr_expect(json_get_bool(one, "pushed", false));
    cr_expect_str_eq(str(one, "ref"), "refs/heads/main");
    cr_expect(json_equal(one, two));
    expect_remote(head);
}

static const struct {
    const char *mode, *remote;
    int ahead;
    const char *upstream, *why;
} skipped[] = {
    {"never", "origin", 0, "origin/main", "'never'"},
    {"auto", NULL, 0, NULL, "no remote"},
    {"always", NULL, 0, NULL, "no remote"},
    {"auto", "origin", 0, NULL, "no upstream"},
    {"auto", "origin", 2, "origin/main", "already 2 commits ahead"},
};

Test(push, is_left_out_where_it_would_publish_what_nobody_asked_for)
{
    for (size_t i = 0; i < COUNT_OF(skipped); i++) {
        json_auto_t *answer =
            push_it(skipped[i].mode, skipped[i].remote, skipped[i].ahead, skipped[i].upstream);
        cr_expect(!json_get_bool(answer, "pushed", true));
        cr_expect(strstr(str(answer, "skipped_why"), skipped[i].why) != NULL, "%s",
                  str(answer, "skipped_why"));
        cr_expect(json_is_null(json_object_get(answer, "refused_why")));
    }
    expect_remote(p.base);
}

Test(push, always_needs_no_upstream)
{
    json_auto_t *answer = push_it("always", "origin", 3, NULL);

    cr_expect(json_get_bool(answer, "pushed", false));
    expect_remote(head);
}

Test(push, refused_by_a_hook_says_what_the_hook_said)
{
    sh(p.root, "printf '#!/bin/sh\\necho no pushes on Sunday >&2\\nexit 1\\n' "
               ">remote/hooks/pre-receive && chmod 755 remote/hooks/pre-receive");
    json_auto_t *answer = push_it("auto", "origin", 0, "origin/main");

    cr_expect(!json_get_bool(answer, "pushed", true));
    cr_expect_str_eq(str(answer, "refused_why"),
                     "[remote rejected] (pre-receive hook declined); no pushes on Sunday");
    AUTO_FREE char *command = text_format("git push origin %s:refs/heads/main", head);
    cr_expect_str_eq(str(answer, "command"), command);
    expect_remote(p.base);
    sh(p.root, "rm remote/hooks/pre-receive");
    sh(p.repo, "%s", str(answer, "command"));
    expect_remote(head);
}

Test(push, never_overwrites_what_others_pushed)
{
    sh(p.root, "git clone -q remote other && cd other && git commit -q --allow-empty -m other && "
               "git push -q");
    AUTO_FREE char *others = sh_out(p.root, "git -C remote rev-parse main");
    json_auto_t *answer = push_it("auto", "origin", 0, "origin/main");

    cr_expect(!json_get_bool(answer, "pushed", true));
    cr_expect(strstr(str(answer, "refused_why"), "rejected") != NULL, "%s",
              str(answer, "refused_why"));
    expect_remote(others);
}

Test(push, to_a_remote_that_is_gone_is_refused)
{
    sh(p.repo, "git remote set-url origin ../nowhere");
    json_auto_t *answer = push_it("auto", "origin", 0, "origin/main");

    cr_expect(!json_get_bool(answer, "pushed", true));
    cr_expect(*str(answer, "refused_why"));
}
