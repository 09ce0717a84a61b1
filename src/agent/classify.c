/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers and programs say when something is wrong, in tables. Some words are exact whatever
 * the HTTP status is: an exhausted balance comes as 400, 402, 403 or 429. Then the status decides,
 * and then the words that are too general to overrule a status.
 */
#include "agent/reading.h"

#include <ctype.h>
#include <string.h>

/* A quota that is back within this time is a rate limit: waiting helps. */
static const int64_t quota_wait_min_ms = 3600 * (int64_t)1000;

struct phrase {
    const char *words; /* matched without regard to case */
    enum attempt_error error;
};

static const struct phrase exact[] = {
    {"context_length_exceeded", ERROR_CONTEXT_FULL},
    {"context length", ERROR_CONTEXT_FULL},
    {"context window", ERROR_CONTEXT_FULL},
    {"exceed_context_size", ERROR_CONTEXT_FULL},
    {"available context size", ERROR_CONTEXT_FULL},
    {"room in the model's context", ERROR_CONTEXT_FULL},
    {"prompt is too long", ERROR_CONTEXT_FULL},
    {"prompt too long", ERROR_CONTEXT_FULL},
    {"prompt_too_long", ERROR_CONTEXT_FULL},
    {"input is too long", ERROR_CONTEXT_FULL},
    {"input token count", ERROR_CONTEXT_FULL},
    {"maximum number of tokens allowed", ERROR_CONTEXT_FULL},
    {"reduce the length of the messages", ERROR_CONTEXT_FULL},
    {"insufficient_quota", ERROR_QUOTA},
    {"exceeded your current quota", ERROR_QUOTA},
    {"exhausted your daily quota", ERROR_QUOTA},
    {"quota exceeded", ERROR_QUOTA},
    {"credit balance", ERROR_QUOTA},
    {"insufficient credits", ERROR_QUOTA},
    {"insufficient balance", ERROR_QUOTA},
    {"out of credits", ERROR_QUOTA},
    {"usage limit", ERROR_QUOTA},
    {"usage_limit", ERROR_QUOTA},
    {"spending limit", ERROR_QUOTA},
    {"spend limit", ERROR_QUOTA},
    {"weekly limit", ERROR_QUOTA},
    {"5-hour limit", ERROR_QUOTA},
    {"session limit reached", ERROR_QUOTA},
    {"hit your limit", ERROR_QUOTA},
    {"payment required", ERROR_QUOTA},
    {"billing_error", ERROR_QUOTA},
    {"billing hard limit", ERROR_QUOTA},
    {"content_filter", ERROR_REFUSED},
    {"content policy", ERROR_REFUSED},
    {"content management policy", ERROR_REFUSED},
    {"usage policy", ERROR_REFUSED},
    {"prohibited_content", ERROR_REFUSED},
    {"safety reasons", ERROR_REFUSED},
    {"flagged for possible", ERROR_REFUSED},
    {"invalid api key", ERROR_AUTH},
    {"invalid_api_key", ERROR_AUTH},
    {"invalid x-api-key", ERROR_AUTH},
    {"incorrect api key", ERROR_AUTH},
    {"api key not valid", ERROR_AUTH},
    {"api_key_invalid", ERROR_AUTH},
    {"api key not found", ERROR_AUTH},
    {"api key is missing", ERROR_AUTH},
    {"missing api key", ERROR_AUTH},
    {"no api key", ERROR_AUTH},
    {"authentication_error", ERROR_AUTH},
    {"authentication_failed", ERROR_AUTH},
    {"not logged in", ERROR_AUTH},
    {"please run /login", ERROR_AUTH},
    {"missing environment variable", ERROR_AUTH},
    {"set an auth method", ERROR_AUTH},
    {"must specify the gemini_api_key", ERROR_AUTH},
    {"refresh token", ERROR_AUTH},
    {"token has expired", ERROR_AUTH},
    {"token has been revoked", ERROR_AUTH},
    {"overloaded", ERROR_RATE_LIMIT},
    {"at capacity", ERROR_RATE_LIMIT},
};

static const struct {
    int status;
    enum attempt_error error;
} statuses[] = {
    {401, ERROR_AUTH},       {402, ERROR_QUOTA},        {403, ERROR_AUTH},
    {407, ERROR_AUTH},       {408, ERROR_TRANSIENT},    {409, ERROR_TRANSIENT},
    {425, ERROR_TRANSIENT},  {413, ERROR_CONTEXT_FULL}, {429, ERROR_RATE_LIMIT},
    {529, ERROR_RATE_LIMIT},
};

static const struct phrase general[] = {
    {"rate limit", ERROR_RATE_LIMIT},
    {"rate_limit", ERROR_RATE_LIMIT},
    {"rate-limit", ERROR_RATE_LIMIT},
    {"ratelimit", ERROR_RATE_LIMIT},
    {"too many requests", ERROR_RATE_LIMIT},
    {"resource_exhausted", ERROR_RATE_LIMIT},
    {"resource has been exhausted", ERROR_RATE_LIMIT},
    {"tokens per min", ERROR_RATE_LIMIT},
    {"requests per min", ERROR_RATE_LIMIT},
    {"unauthorized", ERROR_AUTH},
    {"unauthenticated", ERROR_AUTH},
    {"permission_denied", ERROR_AUTH},
    {"permission_error", ERROR_AUTH},
    {"high demand", ERROR_TRANSIENT},
    {"server error", ERROR_TRANSIENT},
    {"server_error", ERROR_TRANSIENT},
    {"bad gateway", ERROR_TRANSIENT},
    {"gateway timeout", ERROR_TRANSIENT},
    {"service unavailable", ERROR_TRANSIENT},
    {"temporarily unavailable", ERROR_TRANSIENT},
    {"reconnecting", ERROR_TRANSIENT},
    {"stream disconnected", ERROR_TRANSIENT},
    {"stream closed", ERROR_TRANSIENT},
    {"stream error", ERROR_TRANSIENT},
    {"premature close", ERROR_TRANSIENT},
    {"connection reset", ERROR_TRANSIENT},
    {"connection refused", ERROR_TRANSIENT},
    {"connection error", ERROR_TRANSIENT},
    {"connection closed", ERROR_TRANSIENT},
    {"connection failed", ERROR_TRANSIENT},
    {"unable to connect", ERROR_TRANSIENT},
    {"cannot connect", ERROR_TRANSIENT},
    {"error sending request", ERROR_TRANSIENT},
    {"socket hang up", ERROR_TRANSIENT},
    {"fetch failed", ERROR_TRANSIENT},
    {"network error", ERROR_TRANSIENT},
    {"broken pipe", ERROR_TRANSIENT},
    {"econnreset", ERROR_TRANSIENT},
    {"econnrefused", ERROR_TRANSIENT},
    {"etimedout", ERROR_TRANSIENT},
    {"epipe", ERROR_TRANSIENT},
    {"eai_again", ERROR_TRANSIENT},
    {"enotfound", ERROR_TRANSIENT},
    {"timed out", ERROR_TRANSIENT},
    {"request timeout", ERROR_TRANSIENT},
};

/* What stands before an HTTP status in a message. */
static const char *const before_status[] = {
    "status ", "status: ",  "status code ", "status code: ", "api error: ", "api error (",
    "http ",   "http/1.1 ", "\"code\":",    "\"code\": ",    "\"status\":",
};

/* What stands before a time to wait; a number and a unit follow. */
static const char *const before_wait[] = {
    "try again in ", "retry after ", "retry-after: ",     "retry in ",          "retrying in ",
    "reset after ",  "resets in ",   "\"retrydelay\":\"", "\"retrydelay\": \"",
};

static const struct {
    const char *name;
    double ms;
} units[] = {
    /* The longer name first where one begins as another does. */
    {"ms", 1},  {"milli", 1},  {"mo", 30 * 86400e3}, {"m", 60e3},
    {"s", 1e3}, {"h", 3600e3}, {"d", 86400e3},       {"w", 7 * 86400e3},
};

static enum attempt_error find_phrase(const struct phrase *rows, size_t count, const char *message)
{
    for (size_t i = 0; i < count; i++)
        if (strcasestr(message, rows[i].words))
            return rows[i].error;
    return ERROR_FAILED;
}

static enum attempt_error by_status(int status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].error;
    return status >= 500 && status <= 599 ? ERROR_TRANSIENT : ERROR_FAILED;
}

/* Three digits from 400 to 599 that no further digit follows, or 0. */
static int status_at(const char *s)
{
    for (int i = 0; i < 3; i++)
        if (!isdigit((unsigned char)s[i]))
            return 0;
    if (isdigit((unsigned char)s[3]) || (s[0] != '4' && s[0] != '5'))
        return 0;
    return (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
}

static int status_in(const char *message)
{
    for (size_t i = 0; i < COUNT_OF(before_status); i++) {
        const char *found = strcasestr(message, before_status[i]);
        int status = found ? status_at(found + strlen(before_status[i])) : 0;
        if (status)
            return status;
    }
    return 0;
}

enum attempt_error reading_classify(int status, const char *message)
{
    const char *words = message ? message : "";
    enum attempt_error error = find_phrase(exact, COUNT_OF(exact), words);

    if (error == ERROR_FAILED)
        error = by_status(status ? status : status_in(words));
    if (error == ERROR_FAILED)
        error = find_phrase(general, COUNT_OF(general), words);
    if (error == ERROR_QUOTA) {
        int64_t wait = reading_retry_after_ms(words);
        if (wait > 0 && wait < quota_wait_min_ms)
            error = ERROR_RATE_LIMIT;
    }
    return error;
}

/* "1.5s", "20 seconds", "2h 15m", "3 days 4 hours"; without a unit they are seconds. 0: none. */
static double duration_at(const char *s)
{
    double sum = 0;

    while (isdigit((unsigned char)*s)) {
        AUTO_TEXT number = {0};
        double value = 0, unit = 1e3;
        size_t length = strspn(s, "0123456789.");
        text_add_n(&number, s, length);
        while (number.length && number.data[number.length - 1] == '.') /* of a full stop */
            text_cut(&number, number.length - 1);
        if (!text_to_double(text_get(&number), &value))
            return sum;
        s += length + strspn(s + length, " ");
        for (size_t i = 0; i < COUNT_OF(units); i++)
            if (strncasecmp(s, units[i].name, strlen(units[i].name)) == 0) {
                unit = units[i].ms;
                break;
            }
        sum += value * unit;
        s += strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        s += strspn(s, " ,");
    }
    return sum;
}

int64_t reading_retry_after_ms(const char *message)
{
    static const double most = 366 * 86400e3;

    if (!message)
        return 0;
    for (size_t i = 0; i < COUNT_OF(before_wait); i++) {
        const char *found = strcasestr(message, before_wait[i]);
        double ms = found ? duration_at(found + strlen(before_wait[i])) : 0;
        if (ms > 0)
            return (int64_t)(ms < most ? ms : most);
    }
    return 0;
}
