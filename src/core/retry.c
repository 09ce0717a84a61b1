/* SPDX-License-Identifier: Apache-2.0 */
#include "core/retry.h"

enum treatment { FINAL, IF_WRITTEN, RETRIED, PAUSES, STOPS };

static const struct rule {
    enum treatment treatment;
    bool backs_off;
    const char *why; /* where the answer does not depend on anything else */
} rules[ATTEMPT_ERROR_COUNT] = {
    [ERROR_NONE] = {FINAL, false, "it succeeded"},
    [ERROR_RATE_LIMIT] = {PAUSES, true, "the provider limits the rate"},
    [ERROR_AUTH] = {STOPS, false, "the provider does not accept the credentials"},
    [ERROR_QUOTA] = {STOPS, false, "the provider's quota is used up"},
    [ERROR_TRANSIENT] = {RETRIED, true, "a transient error"},
    [ERROR_REFUSED] = {FINAL, false, "a refusal is final"},
    [ERROR_CONTEXT_FULL] = {IF_WRITTEN, false, "a full context"},
    [ERROR_TIMEOUT] = {RETRIED, false, "a time-out"},
    [ERROR_CRASH] = {RETRIED, false, "a crash"},
    [ERROR_MALFORMED] = {RETRIED, false, "a malformed result"},
    [ERROR_CANCELLED] = {FINAL, false, "it was cancelled"},
    [ERROR_FAILED] = {IF_WRITTEN, false, "a failure"},
    [ERROR_BLOCKED] = {FINAL, false, "it can't go on"},
    [ERROR_LIMIT] = {RETRIED, false, "it used more than it may"},
};

int64_t retry_backoff_ms(unsigned n, double jitter)
{
    int64_t ms = RETRY_BASE_MS;

    for (; n > 1 && ms < RETRY_CAP_MS; n--)
        ms *= 2;
    if (ms > RETRY_CAP_MS)
        ms = RETRY_CAP_MS;
    return ms - (int64_t)((double)ms / 2 * jitter);
}

unsigned retry_allowed(int retries, enum plan_isolation isolation)
{
    if (retries != RETRIES_DEFAULT)
        return (unsigned)retries;
    return isolation == ISOLATION_NONE ? 0 : 1;
}

static void pause_provider(const struct retry_input *input, struct retry_answer *ret)
{
    int64_t said = input->retry_after_ms;

    ret->action = RETRY_PAUSE_PROVIDER;
    ret->delay_ms = said > 0 ? said : retry_backoff_ms(input->pauses + 1, input->jitter);
}

static void retry_agent(const struct retry_input *input, const struct rule *rule,
                        struct retry_answer *ret)
{
    if (rule->treatment == IF_WRITTEN && input->retries == RETRIES_DEFAULT) {
        ret->why = "a failure is final unless `retries` is written";
    } else if (input->attempt > retry_allowed(input->retries, input->isolation)) {
        ret->why = "no retries are left for this agent";
    } else if (!input->budget_left) {
        ret->why = "the run's budget of retries is used up";
    } else {
        ret->action = RETRY_AFTER;
        ret->uses_budget = true;
        ret->delay_ms = rule->backs_off ? retry_backoff_ms(input->attempt, input->jitter) : 0;
    }
}

void retry_decide(const struct retry_input *input, struct retry_answer *ret)
{
    const struct rule *rule = &rules[input->error];

    *ret = (struct retry_answer){.action = RETRY_NO, .why = rule->why};
    if (rule->treatment == PAUSES)
        pause_provider(input, ret);
    else if (rule->treatment == STOPS)
        ret->action = RETRY_STOP_PROVIDER;
    else if (rule->treatment != FINAL)
        retry_agent(input, rule, ret);
}

/* The finaliser of SplitMix64 spreads neighbouring identities over the whole range. */
double retry_jitter(uint64_t identity)
{
    uint64_t x = identity + UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return (double)(x >> 11) / (double)(UINT64_C(1) << 53);
}

size_t retry_budget(size_t agents, double share, size_t at_least)
{
    size_t part = (size_t)((double)agents * share);

    return part > at_least ? part : at_least;
}
