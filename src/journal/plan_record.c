/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/plan_record.h"

static const char *const isolation_words[] = {
    [ISOLATION_CLONE] = "clone",
    [ISOLATION_NONE] = "none",
};
static const char *const schedule_words[] = {
    [SCHEDULE_DEFAULT] = "default",
    [SCHEDULE_WAVE] = "wave",
    [SCHEDULE_FLOW] = "flow",
};
static const char *const land_words[] = {
    [LAND_MERGE] = "merge",
    [LAND_BRANCH] = "branch",
    [LAND_NONE] = "none",
};
static const char *const push_words[] = {
    [PUSH_AUTO] = "auto",
    [PUSH_ALWAYS] = "always",
    [PUSH_NEVER] = "never",
};
static const char *const network_words[] = {
    [NETWORK_ALL] = "all",
    [NETWORK_ENDPOINT] = "endpoint",
    [NETWORK_NONE] = "none",
};
static const char *const fan_words[] = {
    [FAN_NONE] = "none",
    [FAN_LIST] = "list",
    [FAN_GLOB] = "glob",
    [FAN_COMMAND] = "command",
};

static const struct field place_fields[] = {
    FIELD(struct plan_place, line),
    FIELD(struct plan_place, column),
};
static const struct record place_record = RECORD(struct plan_place, place_fields);

static const struct field fan_fields[] = {
    FIELD_OF_WORDS(struct plan_fan, kind, fan_words),
    FIELD(struct plan_fan, items),
    FIELD(struct plan_fan, source),
    FIELD(struct plan_fan, batch),
};
static const struct record fan_record = RECORD(struct plan_fan, fan_fields);

static const struct field limits_fields[] = {
    FIELD(struct plan_limits, minutes),      FIELD(struct plan_limits, agent_minutes),
    FIELD(struct plan_limits, usd),          FIELD(struct plan_limits, tokens),
    FIELD(struct plan_limits, memory_bytes), FIELD(struct plan_limits, processes),
    FIELD(struct plan_limits, open_files),   FIELD(struct plan_limits, file_bytes),
};
static const struct record limits_record = RECORD(struct plan_limits, limits_fields);

static const struct field sandbox_fields[] = {
    FIELD(struct plan_sandbox, off),   FIELD_OF_WORDS(struct plan_sandbox, network, network_words),
    FIELD(struct plan_sandbox, hosts), FIELD(struct plan_sandbox, read),
    FIELD(struct plan_sandbox, write),
};
static const struct record sandbox_record = RECORD(struct plan_sandbox, sandbox_fields);

static const struct field settings_fields[] = {
    FIELD_OF_TEXT(struct plan_settings, agent),
    FIELD_OF_TEXT(struct plan_settings, model),
    FIELD_OF_TEXT(struct plan_settings, base_url),
    FIELD_OF_WORDS(struct plan_settings, isolation, isolation_words),
    FIELD_OF_WORDS(struct plan_settings, schedule, schedule_words),
    FIELD_OF_OBJECT(struct plan_settings, sandbox, &sandbox_record),
    FIELD(struct plan_settings, retries),
    FIELD(struct plan_settings, stall_minutes),
    FIELD_OF_OBJECT(struct plan_settings, limits, &limits_record),
};
static const struct record settings_record = RECORD(struct plan_settings, settings_fields);

static const struct field step_fields[] = {
    FIELD_OF_TEXT(struct plan_step, id),
    FIELD_OF_TEXT(struct plan_step, title),
    FIELD_OF_TEXT(struct plan_step, role),
    FIELD_OF_TEXT(struct plan_step, prompt),
    FIELD_OF_TEXT(struct plan_step, run),
    FIELD(struct plan_step, count),
    FIELD_OF_OBJECT(struct plan_step, for_each, &fan_record),
    FIELD(struct plan_step, minutes),
    FIELD_OF_INDEXES(struct plan_step, needs, need_count),
    FIELD(struct plan_step, level),
    FIELD(struct plan_step, writes_given),
    FIELD(struct plan_step, writes),
    FIELD_OF_OBJECT(struct plan_step, settings, &settings_record),
    FIELD_OF_OBJECT(struct plan_step, place, &place_record),
};
static const struct record step_record = RECORD(struct plan_step, step_fields);

static const struct field wave_fields[] = {
    FIELD_OF_TEXT(struct plan_wave, title),
    FIELD(struct plan_wave, allow_failures),
};
static const struct record wave_record = RECORD(struct plan_wave, wave_fields);

static const struct field command_fields[] = {
    FIELD_OF_TEXT(struct plan_command, run),
    FIELD_OF_OBJECT(struct plan_command, place, &place_record),
};
static const struct record command_record = RECORD(struct plan_command, command_fields);

static const struct field commands_fields[] = {
    FIELD_OF_OBJECTS(struct plan_commands, at, count, &command_record),
};
static const struct record commands_record = RECORD(struct plan_commands, commands_fields);

static const struct field subtask_fields[] = {
    FIELD_OF_TEXT(struct plan_subtask, id),
    FIELD_OF_TEXT(struct plan_subtask, title),
    FIELD_OF_TEXT(struct plan_subtask, context),
    FIELD_OF_TEXT(struct plan_subtask, mission),
    FIELD(struct plan_subtask, criteria),
    FIELD(struct plan_subtask, minutes),
    FIELD_OF_INDEXES(struct plan_subtask, depends_on, depends_count),
    FIELD(struct plan_subtask, writes_given),
    FIELD(struct plan_subtask, writes),
    FIELD_OF_OBJECT(struct plan_subtask, for_each, &fan_record),
    FIELD(struct plan_subtask, explicit_waves),
    FIELD_OF_OBJECTS(struct plan_subtask, waves, wave_count, &wave_record),
    FIELD_OF_OBJECTS(struct plan_subtask, steps, step_count, &step_record),
    FIELD_OF_OBJECT(struct plan_subtask, success, &commands_record),
    FIELD_OF_OBJECT(struct plan_subtask, on_failure, &commands_record),
    FIELD_OF_OBJECT(struct plan_subtask, cleanup, &commands_record),
    FIELD_OF_TEXT(struct plan_subtask, setup),
    FIELD_OF_OBJECT(struct plan_subtask, settings, &settings_record),
    FIELD_OF_OBJECT(struct plan_subtask, place, &place_record),
};
static const struct record subtask_record = RECORD(struct plan_subtask, subtask_fields);

static const struct field plan_fields[] = {
    FIELD(struct plan, version),
    FIELD_OF_TEXT(struct plan, task),
    FIELD_OF_TEXT(struct plan, file),
    FIELD(struct plan, agents),
    FIELD(struct plan, research_given),
    FIELD_OF_OBJECTS(struct plan, research, research_count, &step_record),
    FIELD_OF_OBJECTS(struct plan, subtasks, subtask_count, &subtask_record),
    FIELD_OF_OBJECT(struct plan, cleanup, &commands_record),
    FIELD_OF_TEXT(struct plan, setup),
    FIELD_OF_WORDS(struct plan, land, land_words),
    FIELD_OF_WORDS(struct plan, push, push_words),
    FIELD_OF_OBJECT(struct plan, settings, &settings_record),
    FIELD(struct plan, environment),
};
const struct record plan_record = RECORD(struct plan, plan_fields);
