/* SPDX-License-Identifier: Apache-2.0 */
#include "tried.h"

#include <stddef.h>

/* `journal`: tried only where a play has one, on a disk that fails. */
struct row {
    const char *what;
    size_t at;
    bool journal;
};

#define ROW(what, member)                                 \
    {                                                     \
        what, offsetof(struct play_counts, member), false \
    }
#define DISK(what, member)                               \
    {                                                    \
        what, offsetof(struct play_counts, member), true \
    }

static const struct row rows[] = {
    ROW("the_engine_dies_before_it_writes_the_journal", crashes[CRASH_BEFORE_COMMIT]),
    DISK("the_engine_dies_while_it_writes_the_journal", crashes[CRASH_IN_COMMIT]),
    ROW("the_engine_dies_when_the_journal_is_written", crashes[CRASH_AFTER_COMMIT]),
    ROW("the_engine_dies_between_two_effects", crashes[CRASH_AMONG_EFFECTS]),
    ROW("the_engine_dies_after_the_last_effect", crashes[CRASH_AFTER_EFFECTS]),
    ROW("the_machine_goes_down", accidents[ACCIDENT_REBOOT]),
    ROW("the_keeper_dies", accidents[ACCIDENT_KEEPER]),
    ROW("an_effect_happened_and_its_outcome_is_lost", untold),
    ROW("an_effect_is_cut_short_and_did_not_happen", undone),
    ROW("an_effect_outlives_the_engine_that_asked_for_it", adopted),
    ROW("an_outcome_is_told_twice", accidents[ACCIDENT_TWICE]),
    ROW("an_outcome_is_told_late_after_others", accidents[ACCIDENT_LATE]),
    ROW("an_old_outcome_is_told_otherwise", accidents[ACCIDENT_STALE]),
    ROW("what_is_known_is_told_again", repeats),
    ROW("the_engine_is_slow", accidents[ACCIDENT_LAG]),
    ROW("an_agent_fails", troubles[SIM_FAILING]),
    ROW("an_agent_crashes_or_writes_nonsense", troubles[SIM_FLAKY]),
    ROW("an_agent_is_slow", troubles[SIM_SLOW]),
    ROW("an_agent_hangs", troubles[SIM_HANGING]),
    ROW("an_agent_lies", troubles[SIM_LYING]),
    ROW("an_agent_flaps", troubles[SIM_FLAPPING]),
    ROW("a_provider_limits_the_rate", troubles[SIM_RATES]),
    ROW("a_storm_of_rate_limits", troubles[SIM_STORMS]),
    ROW("a_quota_is_used_up_or_a_key_refused", troubles[SIM_QUOTAS]),
    ROW("a_command_of_the_plan_fails", troubles[SIM_CHECKS]),
    ROW("git_fails", troubles[SIM_WORKERS]),
    ROW("the_user_or_the_remote_says_no", troubles[SIM_REFUSALS]),
    ROW("the_clock_is_set", accidents[ACCIDENT_LEAP]),
    ROW("the_machine_sleeps", accidents[ACCIDENT_SLEEP]),
    ROW("the_machine_bears_fewer_agents_or_more_again", accidents[ACCIDENT_PRESSURE]),
    ROW("there_is_no_space_for_the_journal", accidents[ACCIDENT_FULL]),
    ROW("a_write_of_the_journal_fails_and_is_there", accidents[ACCIDENT_UNTOLD]),
    DISK("the_disk_loses_what_was_not_synced", strikes[DISK_POWER]),
    DISK("the_disk_stops_between_two_writes", strikes[DISK_KILL]),
    DISK("the_disk_is_full", strikes[DISK_FULL]),
    DISK("the_disk_fails_once", strikes[DISK_BROKEN]),
    ROW("somebody_lets_what_runs_end_and_leaves", accidents[ACCIDENT_DRAIN]),
    ROW("somebody_stops_what_runs_and_leaves", accidents[ACCIDENT_STOP]),
    ROW("somebody_cancels_the_run", accidents[ACCIDENT_FINAL]),
    ROW("a_run_is_resumed", resumes),
    ROW("a_child_is_tried_again", accidents[ACCIDENT_RETRY]),
    ROW("a_run_is_landed_by_hand", accidents[ACCIDENT_LAND]),
    ROW("the_clones_of_a_run_are_removed_by_gc", accidents[ACCIDENT_COLLECT]),
    ROW("an_agent_asks_for_a_child", accidents[ACCIDENT_CHILD]),
    ROW("an_attempt_reaches_its_time_limit", stops[STOP_TIME_LIMIT]),
    ROW("an_attempt_is_silent_for_too_long", stops[STOP_STALLED]),
    ROW("an_attempt_uses_more_than_its_budget", stops[STOP_OVERDRAWN]),
    ROW("an_attempt_uses_more_of_the_machine_than_it_may", errors[ERROR_LIMIT]),
    ROW("a_run_reaches_its_limits", over_limits),
    ROW("branches_conflict", conflicts),
    ROW("a_check_fails_on_the_result", bad_results),
    ROW("a_result_lands", landed),
    ROW("a_landing_is_refused", land_refused),
    ROW("a_result_is_pushed", pushed),
    ROW("a_push_is_refused", push_refused),
    ROW("a_clone_goes_that_has_what_nothing_else_has", bundles),
    ROW("a_retry_moves_a_branch_from_what_it_had", moves),
};

_Static_assert(COUNT_OF(rows) <= TRIED_MAX, "there is room for all of them");

size_t tried_list(const struct play_counts *counts, bool journal, struct tried *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const uint64_t *times = (const uint64_t *)(const void *)((const char *)counts + rows[i].at);
        if (journal || !rows[i].journal)
            ret[count++] = (struct tried){rows[i].what, *times};
    }
    return count;
}
