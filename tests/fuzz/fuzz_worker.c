/* SPDX-License-Identifier: Apache-2.0 */
/* What kelp-worker answers. The first byte is the kind of job, the rest the answer as JSON:
 * whatever that says becomes an outcome that the journal keeps as it is. */
#include "engine/engine_priv.h"
#include "journal/codec.h"
#include "plan/yaml.h"

#include <string.h>

static const enum job_kind kinds[] = {JOB_BACKUP,  JOB_COPY,  JOB_SETTLE,      JOB_JOIN,
                                      JOB_MEASURE, JOB_FETCH, JOB_CONSOLIDATE, JOB_MERGE,
                                      JOB_LAND,    JOB_PUSH};

static const char plan_text[] =
    "{\"task\":\"Fix it\",\"subtasks\":[{\"title\":\"A\",\"steps\":[{\"run\":\"true\"}]}]}";

/* An engine that has just been asked for a run, made once: nothing here changes it. */
static const struct engine *asked_engine(void)
{
    static struct engine e;
    AUTO_FAULT f = {0};
    json_auto_t *json = NULL;
    struct plan *plan = NULL;

    if (e.tree)
        return &e;
    if (json_parse(plan_text, strlen(plan_text), "plan", &json, &f) < 0 ||
        plan_from_json(json, "plan", &e.plans, &plan, &f) < 0)
        bug("%s", f.message);
    const struct run_request request = {.number = 1001,
                                        .plan = plan,
                                        .planned = true,
                                        .planner = "",
                                        .in_repository = true,
                                        .head = "",
                                        .branch = "main",
                                        .upstream = "",
                                        .remote = "",
                                        .settings = {.slots = 2}};
    e.tree = tree_new();
    tree_apply(e.tree, &(struct event){.kind = EVENT_RUN_REQUESTED, .request = &request},
               &e.commands);
    return &e;
}

static uint32_t encode(const struct outcome *o, struct event_row *ret, char **ret_body)
{
    const struct event e = {.kind = EVENT_JOB_ENDED, .job = 1, .outcome = o};

    event_encode(&e, ret, ret_body);
    return event_row_checksum(0, ret);
}

static void check_kept(const struct outcome *o)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *first = NULL, *second = NULL;
    const struct decode_memory kept = {.event = &arena, .plan = &arena};
    struct event_row row, again;
    struct event back;
    uint32_t sum = encode(o, &row, &first);

    if (event_decode(&row, &kept, &back, &f) < 0)
        bug("an outcome that the journal can't keep: %s", f.message);
    if (encode(back.outcome, &again, &second) != sum)
        bug("an outcome changed on its way: %s", first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    json_auto_t *answer = NULL;
    struct outcome outcome = {.usd = -1};

    if (!size || json_parse((const char *)data + 1, size - 1, "result.json", &answer, &f) < 0)
        return 0;
    const struct job job = {.kind = (uint8_t)kinds[data[0] % COUNT_OF(kinds)], .agent = AGENT_NONE};
    git_answer_read(asked_engine(), &job, answer, &arena, &outcome);
    check_kept(&outcome);
    return 0;
}
