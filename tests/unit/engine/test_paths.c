/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <criterion/criterion.h>

static const char plan[] = "version: 1\n"
                           "task: two\n"
                           "research: []\n"
                           "subtasks:\n"
                           "  - title: one\n"
                           "    waves:\n"
                           "      - agents: [ { role: A, run: x }, { role: B, run: y } ]\n"
                           "      - agents: [ { role: C, run: z } ]\n"
                           "  - title: two\n"
                           "    isolation: none\n"
                           "    steps: [ { id: a, role: A, run: x } ]\n";

static struct world w;

static void setup(void)
{
    world_begin(&w, plan, NULL);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(paths, .init = setup, .fini = teardown);

/* The first agent of the child with this number. */
static uint32_t agent_of_child(uint32_t child)
{
    for (;;) {
        uint32_t job = world_until(&w, JOB_AGENT);
        if (w.e.tree->jobs.at[job].orch == child)
            return job;
        world_end_job(&w, job, (struct outcome){.usd = -1, .worked = true});
    }
}

Test(paths, an_attempt_has_a_name_that_leads_back_to_its_job)
{
    uint32_t job = agent_of_child(1);
    AUTO_FREE char *id = job_identity(&w.e, job);
    AUTO_FREE char *wanted = text_format("ORG_4729.1/w1.I1.a1.j%u", job);

    cr_expect_str_eq(id, wanted);
    cr_expect_eq(job_of_identity(id), job);
    AUTO_FREE char *dir = text_format("RUN/attempts/%s", wanted);
    cr_expect_str_eq(world_short(&w, path_attempt(&w.e, job)), dir);
}

Test(paths, another_try_has_an_identity_of_its_own_and_the_same_folder)
{
    uint32_t job = world_until(&w, JOB_COPY);
    AUTO_FREE char *name = job_name(&w.e, job);
    AUTO_FREE char *before = path_attempt(&w.e, job);

    while (w.e.tries.count <= job)
        vector_push(&w.e.tries, (struct tries){0});
    w.e.tries.at[job].count = 2;
    AUTO_FREE char *id = job_identity(&w.e, job);
    AUTO_FREE char *wanted = text_format("again2/%s", name);
    AUTO_FREE char *after = path_attempt(&w.e, job);
    cr_expect_str_eq(id, wanted);
    cr_expect_eq(job_of_identity(id), job);
    cr_expect_str_eq(after, before);
    vector_free(&w.e.tries);
}

Test(paths, other_work_is_named_by_its_kind)
{
    uint32_t job = world_until(&w, JOB_COPY);
    AUTO_FREE char *id = job_identity(&w.e, job);
    AUTO_FREE char *wanted = text_format("ORG_4729.1/copy.j%u", job);

    cr_expect_str_eq(id, wanted);
}

Test(paths, what_is_no_identity_names_no_job)
{
    static const char *const wrong[] = {
        "",     "ORG_4729/w1.I1.a1", "ORG_4729/w1.I1.a1.j", "a.j-1", "a.j1x",
        "a.k1", "a.j99999999999999", "a.j4294967295",
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        cr_expect_eq(job_of_identity(wrong[i]), JOB_NONE, "'%s'", wrong[i]);
    cr_expect_eq(job_of_identity("a.j4294967294"), 4294967294u);
}

Test(paths, agents_that_write_side_by_side_have_copies_of_their_own)
{
    uint32_t job = agent_of_child(1);
    const struct job *j = &w.e.tree->jobs.at[job];

    cr_expect_str_eq(world_short(&w, path_work(&w.e, j)), "RUN/clones/ORG_4729.1-agent1");
    cr_expect_str_eq(world_short(&w, path_clone(&w.e, j->orch)), "RUN/clones/ORG_4729.1");
    cr_expect_str_eq(world_short(&w, branch_name(&w.e, j->orch)), "kelp/ORG_4729.1");
}

Test(paths, without_isolation_the_work_is_in_place)
{
    uint32_t job = agent_of_child(2);

    cr_expect_str_eq(world_short(&w, path_work(&w.e, &w.e.tree->jobs.at[job])), "/repo");
}
