/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include "journal/checksum.h"
#include "journal/codec.h"
#include "journal/plan_record.h"

#include <criterion/criterion.h>
#include <string.h>

/* Encodes and decodes; the plan's memory is apart, so that a mix-up is a use after free. */
static struct event round_trip(const struct event *e, struct arena *event, struct arena *plan)
{
    AUTO_FREE char *body = NULL;
    AUTO_FAULT f = {0};
    struct event_row row;
    struct event back;
    const struct decode_memory memory = {.event = event, .plan = plan};

    event_encode(e, &row, &body);
    cr_assert_eq(event_decode(&row, &memory, &back, &f), 0, "%s", f.message);
    cr_assert_eq(back.kind, e->kind);
    cr_assert_eq(back.at_ms, e->at_ms);
    return back;
}

Test(codec, outcome_keeps_every_field)
{
    for (unsigned seed = 1; seed < 20; seed++) {
        AUTO_ARENA a = {0}, event = {0}, plan = {0};
        struct outcome outcome = {.error = seed % ATTEMPT_ERROR_COUNT};
        unsigned counter = seed;
        fill_record(&outcome_record, &a, &counter, &outcome);
        const struct event e = {
            .kind = EVENT_JOB_ENDED, .at_ms = INT64_MAX - seed, .job = seed, .outcome = &outcome};
        struct event back = round_trip(&e, &event, &plan);
        cr_assert_eq(back.job, seed);
        cr_assert_eq(back.outcome->error, outcome.error);
        cr_assert_null(differs(&outcome_record, &outcome, back.outcome), "'%s' was lost",
                       differs(&outcome_record, &outcome, back.outcome));
    }
}

Test(codec, request_keeps_every_field)
{
    AUTO_ARENA a = {0}, event = {0}, plan = {0};
    struct run_request request = {0};
    unsigned counter = 5;

    fill_record(&request_record, &a, &counter, &request);
    const struct event e = {.kind = EVENT_RUN_REQUESTED, .at_ms = 1, .request = &request};
    struct event back = round_trip(&e, &event, &plan);
    cr_assert_null(differs(&request_record, &request, back.request));
    cr_assert_null(back.outcome);
}

Test(codec, admission_keeps_its_level)
{
    static const struct admission_level levels[] = {
        {12, ADMISSION_MEMORY}, {1, ADMISSION_DISK}, {0}};

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        AUTO_ARENA event = {0}, plan = {0};
        const struct event e = {.kind = EVENT_ADMISSION, .at_ms = 1, .admission = levels[i]};
        struct event back = round_trip(&e, &event, &plan);
        cr_assert_eq(back.admission.limit, levels[i].limit);
        cr_assert_eq(back.admission.cause, levels[i].cause);
    }
}

Test(codec, a_plan_outlives_its_event)
{
    AUTO_ARENA a = {0}, plans = {0};
    struct arena event = {0};
    struct plan plan = {0};
    unsigned counter = 1;

    fill_record(&plan_record, &a, &counter, &plan);
    const struct outcome outcome = {.plan = &plan};
    const struct event e = {.kind = EVENT_JOB_ENDED, .outcome = &outcome};
    struct event back = round_trip(&e, &event, &plans);
    const struct plan *kept = back.outcome->plan;
    arena_free(&event);
    cr_assert_null(differs(&plan_record, &plan, kept));
}

Test(codec, no_field_is_forgotten_in_a_table)
{
    static const struct {
        const char *name;
        const struct record *record;
    } cases[] = {
        {"outcome", &outcome_record},
        {"request", &request_record},
        {"plan", &plan_record},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_assert_eq(uncovered(cases[i].record), 0, "%s", cases[i].name);
}

Test(codec, plain_events_cost_nothing)
{
    const struct outcome plain = {0};
    const struct event cases[] = {
        {.kind = EVENT_JOB_STARTED, .at_ms = 5, .job = 7},
        {.kind = EVENT_JOB_ENDED, .at_ms = 5, .job = 7, .outcome = &plain},
        {.kind = EVENT_RESUMED, .at_ms = 5},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *body = NULL;
        struct event_row row;
        event_encode(&cases[i], &row, &body);
        cr_assert_null(row.body);
        cr_assert_null(row.code);
        cr_assert_lt(row.timer, 0);
        cr_assert_lt(row.child, 0);
    }
}

Test(codec, every_kind_comes_back)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        AUTO_ARENA a = {0}, event = {0}, plan = {0};
        unsigned counter = kind;
        struct run_request request = {0};
        fill_record(&request_record, &a, &counter, &request);
        request.head = "";
        request.branch = NULL;
        const struct outcome outcome = {.usd = -1, .message = ""};
        const struct event e = {
            .kind = kind,
            .at_ms = 1,
            .job = UINT32_MAX,
            .timer = 3,
            .child = 4,
            .level = INTERRUPT_STOP,
            .request = &request,
            .outcome = &outcome,
        };
        struct event back = round_trip(&e, &event, &plan);
        bool overdrawn = kind == EVENT_OVERDRAWN;
        bool job = kind == EVENT_JOB_STARTED || kind == EVENT_JOB_ENDED || kind == EVENT_STALLED ||
                   overdrawn;
        bool child = kind == EVENT_RETRY_REQUESTED || kind == EVENT_CHILD_REQUESTED;
        bool ended = kind == EVENT_JOB_ENDED || kind == EVENT_CHILD_REQUESTED || overdrawn;
        cr_assert_eq(back.job, job ? UINT32_MAX : 0);
        cr_assert_eq(back.timer, kind == EVENT_TIMER ? 3 : 0);
        cr_assert_eq(back.child, child ? 4 : 0);
        cr_assert_eq(back.level, kind == EVENT_INTERRUPTED ? INTERRUPT_STOP : 0);
        cr_assert_eq(back.request != NULL, kind == EVENT_RUN_REQUESTED);
        cr_assert_eq(back.outcome != NULL, ended);
        if (back.request)
            cr_assert(back.request->head && !back.request->branch, "NULL and \"\" differ");
        if (ended)
            cr_assert(back.outcome->usd < 0 && back.outcome->message[0] == '\0');
    }
}

Test(codec, bad_rows_are_refused)
{
    static const struct {
        struct event_row row;
        enum fault_code code;
        const char *message;
    } cases[] = {
        {{.kind = "job_exploded", .job = -1, .timer = -1, .child = -1},
         FAULT_NEWER,
         "events of the kind 'job_exploded' are not known"},
        {{.kind = "job_started", .job = -1, .timer = -1, .child = -1},
         FAULT_CORRUPT,
         "the column 'job' does not fit the kind"},
        {{.kind = "job_started", .job = 1, .timer = 2, .child = -1},
         FAULT_CORRUPT,
         "the column 'timer' does not fit the kind"},
        {{.kind = "job_started", .job = 4294967296, .timer = -1, .child = -1},
         FAULT_CORRUPT,
         "the column 'job' does not fit the kind"},
        {{.kind = "interrupted", .job = -1, .timer = -1, .child = -1},
         FAULT_CORRUPT,
         "an interruption has no level"},
        {{.kind = "run_requested", .job = -1, .timer = -1, .child = -1},
         FAULT_CORRUPT,
         "not an object"},
        {{.kind = "run_requested", .job = -1, .timer = -1, .child = -1, .body = "{}"},
         FAULT_CORRUPT,
         "a run is requested without a plan"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .code = "melted"},
         FAULT_NEWER,
         "the error 'melted' is not known"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .body = "{\"exit_code\":"},
         FAULT_CORRUPT,
         "the body is not JSON: string or '}' expected near end of file"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .body = "{\"exit_code\":1.5}"},
         FAULT_CORRUPT,
         "'exit_code' is not a whole number in its range"},
        {{.kind = "job_ended",
          .job = 1,
          .timer = -1,
          .child = -1,
          .body = "{\"exit_code\":3000000000}"},
         FAULT_CORRUPT,
         "'exit_code' is not a whole number in its range"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .body = "{\"mood\":1}"},
         FAULT_NEWER,
         "the field 'mood' is not known"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .body = "{\"claim\":\"maybe\"}"},
         FAULT_NEWER,
         "'claim' has the unknown word 'maybe'"},
        {{.kind = "job_ended",
          .job = 1,
          .timer = -1,
          .child = -1,
          .body = "{\"summary\":{\"hex\":\"6100\"}}"},
         FAULT_CORRUPT,
         "'summary' is not a string"},
        {{.kind = "job_ended", .job = 1, .timer = -1, .child = -1, .body = "{\"branches\":[3]}"},
         FAULT_CORRUPT,
         "'branches' is not a list of objects"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA arena = {0};
        AUTO_FAULT f = {0};
        struct event_row row = cases[i].row;
        struct event e;
        const struct decode_memory memory = {.event = &arena, .plan = &arena};
        row.body_length = row.body ? strlen(row.body) : 0;
        cr_assert_eq(event_decode(&row, &memory, &e, &f), -(int)cases[i].code, "case %zu: %s", i,
                     f.message);
        if (!strstr(cases[i].message, "not JSON"))
            cr_assert_str_eq(f.message, cases[i].message);
    }
}

Test(codec, checksum_is_crc32c)
{
    /* The check value of the CRC catalogue, and a vector of RFC 3720, B.4. */
    static const unsigned char zeros[32] = {0};

    cr_assert_eq(checksum_add(0, "123456789", 9), 0xE3069283);
    cr_assert_eq(checksum_add(0, zeros, sizeof zeros), 0x8A9136AA);
    cr_assert_eq(checksum_add(checksum_add(0, "1234", 4), "56789", 5), 0xE3069283);
}

Test(codec, checksum_sees_every_column)
{
    const struct event_row row = {.seq = 3,
                                  .at_ms = 4,
                                  .kind = "job_ended",
                                  .job = 5,
                                  .timer = -1,
                                  .child = -1,
                                  .code = "failed",
                                  .body = "{}",
                                  .body_length = 2};
    struct event_row changed[9];

    for (size_t i = 0; i < COUNT_OF(changed); i++)
        changed[i] = row;
    changed[0].seq = 4;
    changed[1].at_ms = 5;
    changed[2].kind = "job_endee";
    changed[3].job = -1;
    changed[4].timer = 0;
    changed[5].child = 0;
    changed[6].code = NULL;
    changed[7].body = "{]";
    changed[8].body = NULL;
    for (size_t i = 0; i < COUNT_OF(changed); i++)
        cr_assert_neq(event_row_checksum(0, &row), event_row_checksum(0, &changed[i]), "case %zu",
                      i);
}

/* What journals of before do not have reads as nothing, and as "" where a text is never NULL. */
Test(codec, rows_of_before_are_read)
{
    static const char ended[] = "{\"worked\":true,\"tokens\":5,\"usd\":-1.0,\"summary\":\"done\"}";
    static const char requested[] = "{\"number\":7,\"planned\":true,\"plan\":{\"version\":1,"
                                    "\"settings\":{\"agent\":\"claude\"}}}";
    const struct event_row rows[] = {
        {.kind = "job_ended",
         .job = 3,
         .timer = -1,
         .child = -1,
         .body = ended,
         .body_length = sizeof ended - 1},
        {.kind = "run_requested",
         .job = -1,
         .timer = -1,
         .child = -1,
         .body = requested,
         .body_length = sizeof requested - 1},
    };
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    const struct decode_memory memory = {.event = &arena, .plan = &arena};
    struct event e;

    cr_assert_eq(event_decode(&rows[0], &memory, &e, &f), 0, "%s", f.message);
    cr_expect_eq(e.outcome->tokens, 5);
    cr_expect_eq(e.outcome->counts.input, 0);
    cr_expect_eq(e.outcome->session_way, SESSION_FRESH);
    cr_expect_null(e.outcome->session);
    cr_assert_eq(event_decode(&rows[1], &memory, &e, &f), 0, "%s", f.message);
    cr_expect_null(e.request->planner);
    cr_expect_str_eq(e.request->plan->settings.base_url, "");
}
