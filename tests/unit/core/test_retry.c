/* SPDX-License-Identifier: Apache-2.0 */
#include "core/retry.h"

#include "base/memory.h"

#include <criterion/criterion.h>
#include <string.h>

#define NO RETRY_NO, 0
#define NOW RETRY_AFTER, 0
#define STOP RETRY_STOP_PROVIDER, 0

static const struct {
    const char *name;
    struct retry_input input;
    enum retry_action action;
    int64_t delay_ms;
    const char *why;
} cases[] = {
    {"success", {ERROR_NONE, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NO, "succeeded"},
    {"transient",
     {ERROR_TRANSIENT, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0},
     RETRY_AFTER,
     10000,
     "transient"},
    {"transient, third", {ERROR_TRANSIENT, 3, 0, 5, 0, 10, 0, 0}, RETRY_AFTER, 40000, "transient"},
    {"transient, jitter",
     {ERROR_TRANSIENT, 1, 0, 5, 0, 10, 0, 0.5},
     RETRY_AFTER,
     7500,
     "transient"},
    {"time-out", {ERROR_TIMEOUT, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NOW, "time-out"},
    {"crash", {ERROR_CRASH, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NOW, "crash"},
    {"limit", {ERROR_LIMIT, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NOW, "used more"},
    {"malformed", {ERROR_MALFORMED, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NOW, "malformed"},
    {"one retry is the default",
     {ERROR_CRASH, 2, 0, RETRIES_DEFAULT, 0, 10, 0, 0},
     NO,
     "no retries are left"},
    {"as many as written", {ERROR_CRASH, 3, 0, 3, 0, 10, 0, 0}, NOW, "crash"},
    {"and no more", {ERROR_CRASH, 4, 0, 3, 0, 10, 0, 0}, NO, "no retries are left"},
    {"none is written", {ERROR_CRASH, 1, 0, 0, 0, 10, 0, 0}, NO, "no retries are left"},
    {"in place",
     {ERROR_CRASH, 1, 0, RETRIES_DEFAULT, ISOLATION_NONE, 10, 0, 0},
     NO,
     "no retries are left"},
    {"in place, written", {ERROR_CRASH, 1, 0, 1, ISOLATION_NONE, 10, 0, 0}, NOW, "crash"},
    {"a failure is final",
     {ERROR_FAILED, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0},
     NO,
     "unless `retries`"},
    {"unless written", {ERROR_FAILED, 1, 0, 1, 0, 10, 0, 0}, NOW, "failure"},
    {"context", {ERROR_CONTEXT_FULL, 1, 0, RETRIES_DEFAULT, 0, 10, 0, 0}, NO, "unless `retries`"},
    {"context, written", {ERROR_CONTEXT_FULL, 1, 0, 1, 0, 10, 0, 0}, NOW, "full context"},
    {"refused", {ERROR_REFUSED, 1, 0, 5, 0, 10, 0, 0}, NO, "refusal"},
    {"blocked", {ERROR_BLOCKED, 1, 0, 5, 0, 10, 0, 0}, NO, "can't go on"},
    {"cancelled", {ERROR_CANCELLED, 1, 0, 5, 0, 10, 0, 0}, NO, "cancelled"},
    {"budget", {ERROR_CRASH, 1, 0, RETRIES_DEFAULT, 0, 0, 0, 0}, NO, "the run's budget"},
    {"auth", {ERROR_AUTH, 1, 0, 5, 0, 10, 0, 0}, STOP, "credentials"},
    {"quota", {ERROR_QUOTA, 1, 0, 5, 0, 10, 0, 0}, STOP, "quota"},
    {"rate limit", {ERROR_RATE_LIMIT, 9, 0, 0, 0, 0, 0, 0}, RETRY_PAUSE_PROVIDER, 10000, "rate"},
    {"rate limit, again",
     {ERROR_RATE_LIMIT, 1, 2, 0, 0, 0, 0, 0},
     RETRY_PAUSE_PROVIDER,
     40000,
     "rate"},
    {"the server said",
     {ERROR_RATE_LIMIT, 1, 2, 0, 0, 0, 61000, 1},
     RETRY_PAUSE_PROVIDER,
     61000,
     "rate"},
};

Test(retry, follows_the_error)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct retry_answer answer;
        retry_decide(&cases[i].input, &answer);
        cr_expect_eq(answer.action, cases[i].action, "%s: %s", cases[i].name, answer.why);
        cr_expect_eq(answer.delay_ms, cases[i].delay_ms, "%s: %lld ms", cases[i].name,
                     (long long)answer.delay_ms);
        cr_expect(strstr(answer.why, cases[i].why), "%s: %s", cases[i].name, answer.why);
        cr_expect_eq(answer.uses_budget, answer.action == RETRY_AFTER);
    }
}

Test(retry, each_error_has_a_reason)
{
    for (int i = 0; i < ATTEMPT_ERROR_COUNT; i++) {
        struct retry_input input = {.error = (enum attempt_error)i, .attempt = 1};
        struct retry_answer answer;
        retry_decide(&input, &answer);
        cr_expect_not_null(answer.why, "%s", attempt_error_name((enum attempt_error)i));
    }
}

Test(retry, waits_twice_as_long_up_to_five_minutes)
{
    static const int64_t expected[] = {10000, 20000, 40000, 80000, 160000, 300000, 300000};

    for (unsigned n = 1; n <= COUNT_OF(expected); n++) {
        cr_expect_eq(retry_backoff_ms(n, 0), expected[n - 1]);
        cr_expect_eq(retry_backoff_ms(n, 1), expected[n - 1] / 2);
    }
    cr_expect_eq(retry_backoff_ms(UINT32_MAX, 0), 300000);
}

Test(retry, jitter_is_spread_and_repeatable)
{
    unsigned buckets[10] = {0};

    for (uint64_t i = 0; i < 1000; i++) {
        double jitter = retry_jitter(i);
        cr_assert(jitter >= 0 && jitter < 1);
        cr_assert_eq(jitter, retry_jitter(i));
        buckets[(int)(jitter * 10)]++;
    }
    for (int i = 0; i < 10; i++)
        cr_expect(buckets[i] > 60 && buckets[i] < 140, "%u", buckets[i]);
}

Test(retry, the_budget_is_a_tenth_and_at_least_ten)
{
    cr_expect_eq(retry_budget(0, 0.1, 10), 10);
    cr_expect_eq(retry_budget(100, 0.1, 10), 10);
    cr_expect_eq(retry_budget(1000, 0.1, 10), 100);
    cr_expect_eq(retry_budget(1000, 0.25, 10), 250);
    cr_expect_eq(retry_budget(19, 0.1, 0), 1, "rounded down");
}
