/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reading.h"

#include <criterion/criterion.h>

static const struct {
    int status;
    const char *message;
    enum attempt_error error;
} cases[] = {
    /* By status alone. */
    {400, "", ERROR_FAILED},
    {401, "", ERROR_AUTH},
    {402, NULL, ERROR_QUOTA},
    {403, "", ERROR_AUTH},
    {404, "no such model", ERROR_FAILED},
    {408, "", ERROR_TRANSIENT},
    {413, "", ERROR_CONTEXT_FULL},
    {429, "", ERROR_RATE_LIMIT},
    {500, "", ERROR_TRANSIENT},
    {503, "", ERROR_TRANSIENT},
    {529, "", ERROR_RATE_LIMIT},
    {599, "", ERROR_TRANSIENT},
    {600, "", ERROR_FAILED},
    /* By a status that the message has. */
    {0, "unexpected status 401 Unauthorized: x", ERROR_AUTH},
    {0, "exceeded retry limit, last status: 429 Too Many Requests", ERROR_RATE_LIMIT},
    {0, "[API Error: {\"error\":{\"code\":500,\"message\":\"x\"}}]", ERROR_TRANSIENT},
    {0, "API Error: 529 {\"type\":\"error\"}", ERROR_RATE_LIMIT},
    {0, "Request failed with status code 503", ERROR_TRANSIENT},
    {0, "status 4012 of the build", ERROR_FAILED},
    {0, "line 401 is wrong", ERROR_FAILED},
    /* Words that say more than the status. */
    {429, "You exceeded your current quota, please check your plan", ERROR_QUOTA},
    {429, "{\"error\":{\"type\":\"insufficient_quota\"}}", ERROR_QUOTA},
    {400, "Your credit balance is too low to access the API", ERROR_QUOTA},
    {400, "prompt is too long: 210000 tokens > 200000 maximum", ERROR_CONTEXT_FULL},
    {400, "This model's maximum context length is 128000 tokens", ERROR_CONTEXT_FULL},
    {400, "The input token count (1100000) exceeds the maximum number", ERROR_CONTEXT_FULL},
    {400, "the request exceeds the available context size", ERROR_CONTEXT_FULL},
    {400, "API key not valid. Please pass a valid API key.", ERROR_AUTH},
    {500, "Overloaded", ERROR_RATE_LIMIT},
    {400, "rejected by the content management policy", ERROR_REFUSED},
    /* Words alone. */
    {0, "Invalid API key \xC2\xB7 Fix external API key", ERROR_AUTH},
    {0, "Not logged in \xC2\xB7 Please run /login", ERROR_AUTH},
    {0, "Missing environment variable: `OPENAI_API_KEY`.", ERROR_AUTH},
    {0, "Claude AI usage limit reached|1763900000", ERROR_QUOTA},
    {0, "You've hit your usage limit. Try again in 3 days 4 hours", ERROR_QUOTA},
    {0, "Selected model is at capacity. Please try a different model.", ERROR_RATE_LIMIT},
    {0, "We're currently experiencing high demand", ERROR_TRANSIENT},
    {0, "RESOURCE_EXHAUSTED", ERROR_RATE_LIMIT},
    {0, "Reconnecting... 2/5", ERROR_TRANSIENT},
    {0, "read ECONNRESET", ERROR_TRANSIENT},
    {0, "TypeError: fetch failed", ERROR_TRANSIENT},
    {0, "stream disconnected before completion", ERROR_TRANSIENT},
    {0, "Codex ran out of room in the model's context window.", ERROR_CONTEXT_FULL},
    {0, "violates our Usage Policy", ERROR_REFUSED},
    {0, "it broke", ERROR_FAILED},
    {0, "", ERROR_FAILED},
    {0, NULL, ERROR_FAILED},
    /* A quota that is back soon is a rate limit. */
    {429, "You exceeded your current quota. Please retry in 38.2s.", ERROR_RATE_LIMIT},
    {429, "You exceeded your current quota. Please retry in 20h5m.", ERROR_QUOTA},
};

Test(classify, status_and_words)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum attempt_error found = reading_classify(cases[i].status, cases[i].message);
        cr_expect_eq(found, cases[i].error, "%d '%s': %s", cases[i].status,
                     cases[i].message ? cases[i].message : "NULL", attempt_error_name(found));
    }
}

Test(classify, when_to_try_again)
{
    static const struct {
        const char *message;
        int64_t ms;
    } waits[] = {
        {"Please try again in 1.5s.", 1500},
        {"try again in 20 seconds", 20000},
        {"Rate limit reached. Try again in 6ms. Or not.", 6},
        {"try again in 6m0s", 360000},
        {"Please retry in 38.21s.", 38210},
        {"retry after 20 seconds", 20000},
        {"Retry-After: 7", 7000},
        {"\"retryDelay\": \"34s\"", 34000},
        {"Try again in 3 days 4 hours 5 minutes.", ((3 * 24 + 4) * 60 + 5) * INT64_C(60000)},
        {"try again in 2 h, 15 min", 135 * INT64_C(60000)},
        {"try again in 5.", 5000},
        {"try again in a moment", 0},
        {"try again later", 0},
        {"try again in 99999999999999999999 days", 366 * INT64_C(86400000)},
        {"try again in ...", 0},
        {"try again in 1..5s", 0},
        {"", 0},
        {NULL, 0},
    };

    for (size_t i = 0; i < COUNT_OF(waits); i++)
        cr_expect_eq(reading_retry_after_ms(waits[i].message), waits[i].ms, "'%s': %jd",
                     waits[i].message, (intmax_t)reading_retry_after_ms(waits[i].message));
}
