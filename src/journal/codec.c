/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/codec.h"

#include "journal/checksum.h"
#include "journal/plan_record.h"

#include <string.h>

static const char *const claim_words[] = {
    [CLAIM_NONE] = "none",
    [CLAIM_OK] = "ok",
    [CLAIM_FAILED] = "failed",
    [CLAIM_BLOCKED] = "blocked",
};
static const char *const pattern_words[] = {
    [PATTERN_AUTO] = "auto",
    [PATTERN_META] = "meta",
    [PATTERN_WAVES] = "waves",
};

static const char *const way_words[] = {
    [SESSION_FRESH] = "fresh",
    [SESSION_RESUMED] = "resumed",
    [SESSION_HANDOVER] = "handover",
};

static const struct field branch_fields[] = {
    FIELD(struct branch_outcome, orch),
    FIELD(struct branch_outcome, merged),
    FIELD(struct branch_outcome, paths),
};
static const struct record branch_record = RECORD(struct branch_outcome, branch_fields);

static const struct field pair_fields[] = {
    FIELD(struct branch_pair, a),
    FIELD(struct branch_pair, b),
    FIELD(struct branch_pair, paths),
};
static const struct record pair_record = RECORD(struct branch_pair, pair_fields);

static const struct field counts_fields[] = {
    FIELD(struct token_counts, input),
    FIELD(struct token_counts, cached),
    FIELD(struct token_counts, output),
    FIELD(struct token_counts, reasoning),
};
static const struct record counts_record = RECORD(struct token_counts, counts_fields);

static const struct field outcome_fields[] = {
    FIELD(struct outcome, exit_code),
    FIELD(struct outcome, signal),
    FIELD(struct outcome, message),
    FIELD_OF_WORDS(struct outcome, claim, claim_words),
    FIELD(struct outcome, summary),
    FIELD(struct outcome, metrics),
    FIELD(struct outcome, follow_up),
    FIELD(struct outcome, findings),
    FIELD(struct outcome, worked),
    FIELD(struct outcome, cpu_us),
    FIELD(struct outcome, max_rss_kib),
    FIELD(struct outcome, tokens),
    FIELD_OF_OBJECT(struct outcome, counts, &counts_record),
    FIELD(struct outcome, usd),
    FIELD(struct outcome, retry_after_ms),
    FIELD(struct outcome, model),
    FIELD(struct outcome, session),
    FIELD_OF_WORDS(struct outcome, session_way, way_words),
    FIELD(struct outcome, context_tokens),
    FIELD(struct outcome, context_window),
    FIELD(struct outcome, tool_calls),
    FIELD(struct outcome, commit),
    FIELD(struct outcome, reference),
    FIELD(struct outcome, yes),
    FIELD(struct outcome, skipped),
    FIELD(struct outcome, commits),
    FIELD(struct outcome, files),
    FIELD(struct outcome, insertions),
    FIELD(struct outcome, deletions),
    FIELD(struct outcome, paths),
    FIELD_OF_OBJECTS(struct outcome, branches, branch_count, &branch_record),
    FIELD_OF_OBJECTS(struct outcome, pairs, pair_count, &pair_record),
    FIELD(struct outcome, measures),
    FIELD_OF_POINTER(struct outcome, plan, &plan_record),
    FIELD(struct outcome, notes),
};
const struct record outcome_record = RECORD(struct outcome, outcome_fields);

static const struct field machine_fields[] = {
    FIELD(struct scale_machine, cores),
    FIELD(struct scale_machine, memory_bytes),
    FIELD(struct scale_machine, descriptors),
    FIELD(struct scale_machine, processes),
};
static const struct record machine_record = RECORD(struct scale_machine, machine_fields);

static const struct field settings_fields[] = {
    FIELD(struct run_settings, slots),
    FIELD(struct run_settings, slots_asked),
    FIELD(struct run_settings, retry_min),
    FIELD(struct run_settings, retry_share),
    FIELD(struct run_settings, min_subtasks),
    FIELD(struct run_settings, min_steps),
    FIELD(struct run_settings, min_minutes),
    FIELD(struct run_settings, min_speedup),
    FIELD(struct run_settings, coordination_minutes),
    FIELD_OF_WORDS(struct run_settings, pattern, pattern_words),
    FIELD(struct run_settings, default_stall_minutes),
    FIELD_OF_OBJECT(struct run_settings, machine, &machine_record),
};
static const struct record settings_record = RECORD(struct run_settings, settings_fields);

static const char *const kind_words[] = {[WORK_COMMAND] = "command", [WORK_MODEL] = "model"};

static const struct field entry_fields[] = {
    FIELD(struct history_entry, role),
    FIELD_OF_WORDS(struct history_entry, kind, kind_words),
    FIELD(struct history_entry, minutes),
    FIELD(struct history_entry, count),
};
static const struct record entry_record = RECORD(struct history_entry, entry_fields);

static const struct field history_fields[] = {
    FIELD_OF_OBJECTS(struct history, at, count, &entry_record),
    FIELD(struct history, overhead_s),
};
static const struct record history_record = RECORD(struct history, history_fields);

static const struct field request_fields[] = {
    FIELD(struct run_request, number),
    FIELD_OF_POINTER(struct run_request, plan, &plan_record),
    FIELD(struct run_request, planned),
    FIELD(struct run_request, planner),
    FIELD(struct run_request, replay),
    FIELD(struct run_request, base_worktree),
    FIELD(struct run_request, leave_large),
    FIELD(struct run_request, in_repository),
    FIELD(struct run_request, head),
    FIELD(struct run_request, branch),
    FIELD(struct run_request, upstream),
    FIELD(struct run_request, remote),
    FIELD(struct run_request, ahead),
    FIELD_OF_OBJECT(struct run_request, settings, &settings_record),
    FIELD_OF_POINTER(struct run_request, history, &history_record),
};
const struct record request_record = RECORD(struct run_request, request_fields);

static const char *const level_words[] = {
    [INTERRUPT_DRAIN] = "drain",
    [INTERRUPT_STOP] = "stop",
    [INTERRUPT_FINAL] = "final",
};

static const char *const cause_words[] = {
#define CAUSE_WORD(name, word, sentence) [ADMISSION_##name] = word,
    ADMISSION_CAUSES(CAUSE_WORD)
#undef CAUSE_WORD
};

static const struct field admission_fields[] = {
    FIELD(struct admission_level, limit),
    FIELD_OF_WORDS(struct admission_level, cause, cause_words),
};
static const struct record admission_record = RECORD(struct admission_level, admission_fields);

/* What an event of a kind has. */
static const struct {
    bool job, timer, child, level, request, outcome, admission;
} parts[EVENT_KIND_COUNT] = {
    [EVENT_RUN_REQUESTED] = {.request = true},
    [EVENT_JOB_STARTED] = {.job = true},
    [EVENT_JOB_ENDED] = {.job = true, .outcome = true},
    [EVENT_TIMER] = {.timer = true},
    [EVENT_STALLED] = {.job = true},
    [EVENT_OVERDRAWN] = {.job = true, .outcome = true},
    [EVENT_INTERRUPTED] = {.level = true},
    [EVENT_RETRY_REQUESTED] = {.child = true},
    [EVENT_CHILD_REQUESTED] = {.child = true, .outcome = true},
    [EVENT_ADMISSION] = {.admission = true},
};

static char *body_text(json_t *object)
{
    char *s = json_object_size(object) ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    return s;
}

void event_encode(const struct event *e, struct event_row *ret, char **ret_body)
{
    enum attempt_error error = parts[e->kind].outcome && e->outcome ? e->outcome->error : 0;
    char *body = NULL;

    *ret = (struct event_row){
        .at_ms = e->at_ms,
        .kind = event_kind_name(e->kind),
        .job = parts[e->kind].job ? (int64_t)e->job : -1,
        .timer = parts[e->kind].timer ? (int64_t)e->timer : -1,
        .child = parts[e->kind].child ? (int64_t)e->child : -1,
    };
    if (parts[e->kind].level)
        ret->code = level_words[e->level];
    if (error != ERROR_NONE)
        ret->code = attempt_error_name(error);
    if (parts[e->kind].request && e->request)
        body = body_text(event_record_write(&request_record, e->request));
    if (parts[e->kind].outcome && e->outcome)
        body = body_text(event_record_write(&outcome_record, e->outcome));
    if (parts[e->kind].admission)
        body = body_text(event_record_write(&admission_record, &e->admission));
    ret->body = body;
    ret->body_length = body ? strlen(body) : 0;
    *ret_body = body;
}

static int parse_kind(const char *word, enum event_kind *ret, struct fault *f)
{
    for (unsigned i = 0; i < EVENT_KIND_COUNT; i++) {
        if (strcmp(event_kind_name(i), word) == 0) {
            *ret = i;
            return 0;
        }
    }
    return fault_set(f, FAULT_NEWER, "events of the kind '%s' are not known", word);
}

static int parse_level(const char *word, enum interrupt_level *ret, struct fault *f)
{
    for (unsigned i = INTERRUPT_DRAIN; word && i <= INTERRUPT_FINAL; i++) {
        if (strcmp(level_words[i], word) == 0) {
            *ret = i;
            return 0;
        }
    }
    return fault_set(f, FAULT_CORRUPT, "an interruption has no level");
}

static int parse_number(int64_t value, bool wanted, const char *name, uint32_t *ret,
                        struct fault *f)
{
    if (!wanted && value < 0)
        return 0;
    if (!wanted || value < 0 || value > UINT32_MAX)
        return fault_set(f, FAULT_CORRUPT, "the column '%s' does not fit the kind", name);
    *ret = (uint32_t)value;
    return 0;
}

static int parse_numbers(const struct event_row *row, struct event *e, struct fault *f)
{
    int r = parse_number(row->job, parts[e->kind].job, "job", &e->job, f);

    if (r == 0)
        r = parse_number(row->timer, parts[e->kind].timer, "timer", &e->timer, f);
    return r < 0 ? r : parse_number(row->child, parts[e->kind].child, "child", &e->child, f);
}

/* A plan outlives its event, and so does everything else that came with it. */
static struct arena *memory_for(const struct decode_memory *memory, const json_t *body)
{
    return json_object_get(body, "plan") ? memory->plan : memory->event;
}

static int parse_request(const json_t *body, const struct decode_memory *memory, struct event *e,
                         struct fault *f)
{
    struct run_request *request = ARENA_NEW(memory->event, struct run_request);

    e->request = request;
    int r = event_record_read(&request_record, body, memory_for(memory, body), request, f);
    if (r == 0 && !request->plan)
        return fault_set(f, FAULT_CORRUPT, "a run is requested without a plan");
    return r;
}

static int parse_outcome(const char *code, const json_t *body, const struct decode_memory *memory,
                         struct event *e, struct fault *f)
{
    struct outcome *outcome = ARENA_NEW(memory->event, struct outcome);

    e->outcome = outcome;
    if (code && !attempt_error_parse(code, &outcome->error))
        return fault_set(f, FAULT_NEWER, "the error '%s' is not known", code);
    if (!body)
        return 0;
    return event_record_read(&outcome_record, body, memory_for(memory, body), outcome, f);
}

/* Nothing is bounded where there is no body. */
static int parse_admission(const json_t *body, const struct decode_memory *memory, struct event *e,
                           struct fault *f)
{
    return body ? event_record_read(&admission_record, body, memory->event, &e->admission, f) : 0;
}

static int parse_body(const struct event_row *row, json_t **ret, struct fault *f)
{
    json_error_t error;

    if (!row->body)
        return 0;
    *ret = json_loadb(row->body, row->body_length, 0, &error);
    return *ret ? 0 : fault_set(f, FAULT_CORRUPT, "the body is not JSON: %s", error.text);
}

int event_decode(const struct event_row *row, const struct decode_memory *memory, struct event *ret,
                 struct fault *f)
{
    json_auto_t *body = NULL;
    struct event e = {.at_ms = row->at_ms};

    int r = parse_kind(row->kind, &e.kind, f);
    if (r == 0)
        r = parse_numbers(row, &e, f);
    if (r == 0)
        r = parse_body(row, &body, f);
    if (r == 0 && parts[e.kind].level)
        r = parse_level(row->code, &e.level, f);
    if (r == 0 && parts[e.kind].request)
        r = parse_request(body, memory, &e, f);
    if (r == 0 && parts[e.kind].outcome)
        r = parse_outcome(row->code, body, memory, &e, f);
    if (r == 0 && parts[e.kind].admission)
        r = parse_admission(body, memory, &e, f);
    if (r == 0)
        *ret = e;
    return r;
}

static uint32_t add_number(uint32_t sum, int64_t value)
{
    unsigned char bytes[8];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
    return checksum_add(sum, bytes, sizeof bytes);
}

/* The length goes first, so that no two rows are the same bytes; -1 is NULL. */
static uint32_t add_text(uint32_t sum, const char *s, size_t length)
{
    sum = add_number(sum, s ? (int64_t)length : -1);
    return s ? checksum_add(sum, s, length) : sum;
}

uint32_t event_row_checksum(uint32_t before, const struct event_row *row)
{
    const int64_t numbers[] = {row->seq, row->at_ms, row->job, row->timer, row->child};
    uint32_t sum = before;

    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        sum = add_number(sum, numbers[i]);
    sum = add_text(sum, row->kind, strlen(row->kind));
    sum = add_text(sum, row->code, row->code ? strlen(row->code) : 0);
    return add_text(sum, row->body, row->body_length);
}
