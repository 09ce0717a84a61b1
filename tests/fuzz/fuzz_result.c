/* SPDX-License-Identifier: Apache-2.0 */
/* The result file of an agent: it is refused with a place, or becomes an outcome that the journal
 * can keep. */
#include "engine/engine_priv.h"
#include "journal/codec.h"

#include <string.h>

static void check_kept(const struct outcome *o)
{
    const struct event e = {.kind = EVENT_JOB_ENDED, .job = 1, .outcome = o};
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *memory = NULL;
    const struct decode_memory kept = {.event = &arena, .plan = &arena};
    struct event_row row;
    struct event back;

    event_encode(&e, &row, &memory);
    if (event_decode(&row, &kept, &back, &f) < 0)
        bug("an outcome that the journal can't keep: %s", f.message);
    if (back.outcome->claim != o->claim || strcmp(back.outcome->summary, o->summary) != 0 ||
        back.outcome->metrics.count != o->metrics.count ||
        back.outcome->follow_up.count != o->follow_up.count)
        bug("an outcome changed on its way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *result = NULL;
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    struct outcome outcome = {.message = ""};

    if (json_parse((const char *)data, size, "result.json", &result, &f) < 0)
        return 0;
    if (result_read_claims(result, "result.json", &arena, &outcome, &f) == 0)
        check_kept(&outcome);
    else if (f.line < 1)
        bug("refused without a place: %s", f.message);
    return 0;
}
