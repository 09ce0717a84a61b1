/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fit.h"

#include "model/trim.h"
#include "model/turns.h"

#include <string.h>

enum {
    RESERVE_TOKENS = 8192,
    OVERFLOWS_MAX = 8,
    LEAST_BYTES = 1000,
    WINDOW_LEAST = 512,
    WINDOW_MOST = 100 * 1000 * 1000,
};

static const double bytes_per_token = 3.5, bytes_least = 1, bytes_most = 8;
static const double window_used = 0.95;    /* the endpoint's templates take some */
static const double overflow_keeps = 0.65; /* of what was too much */

/* What stands before the size of the window in a message about it. */
static const char *const before_size[] = {
    "context length is ", "context size (", "context length of ", "context window of ", "tokens > ",
};

static void set_window(struct fit *fit, int64_t tokens)
{
    fit->window = tokens;
    fit->reserve = fit->answer < tokens / 4 ? fit->answer : tokens / 4;
}

void fit_init(struct fit *fit, const struct turns_options *options, const json_t *tools)
{
    AUTO_FREE char *described = json_text(tools, 0);

    *fit = (struct fit){
        .answer = options->answer_tokens ? options->answer_tokens : RESERVE_TOKENS,
        .overhead = strlen(described) + strlen(options->instructions),
        .bytes_per_token = bytes_per_token,
    };
    set_window(fit, options->window);
}

void fit_before(struct fit *fit, struct conversation *c)
{
    double tokens = (double)fit->window * window_used - (double)fit->reserve;
    double bytes = tokens * fit->bytes_per_token - (double)fit->overhead;

    if (fit->window)
        (void)trim_to(c, bytes > LEAST_BYTES ? (size_t)bytes : LEAST_BYTES);
}

void fit_asked(struct fit *fit, const struct conversation *c)
{
    fit->asked = conversation_bytes(c) + fit->overhead;
}

void fit_answered(struct fit *fit, int64_t tokens)
{
    double each = tokens > 0 ? (double)fit->asked / (double)tokens : fit->bytes_per_token;

    fit->overflows = 0;
    if (each >= bytes_least && each <= bytes_most)
        fit->bytes_per_token = each;
}

/* A window that is told larger than the one that is known is another one. */
static void learn(struct fit *fit, const char *message)
{
    for (size_t i = 0; i < COUNT_OF(before_size); i++) {
        const char *at = strcasestr(message, before_size[i]);
        const char *digits = at ? at + strlen(before_size[i]) : "";
        AUTO_FREE char *number = mem_string_n(digits, strspn(digits, "0123456789"));
        int64_t tokens;
        if (text_to_int64(number, WINDOW_LEAST, WINDOW_MOST, &tokens) &&
            (!fit->window || tokens < fit->window))
            set_window(fit, tokens);
    }
}

bool fit_overflowed(struct fit *fit, struct conversation *c, const char *message)
{
    learn(fit, message);
    if (fit->overflows++ >= OVERFLOWS_MAX)
        return false;
    return trim_to(c, (size_t)((double)conversation_bytes(c) * overflow_keeps));
}

int64_t fit_guess(const struct fit *fit)
{
    return (int64_t)((double)fit->asked / fit->bytes_per_token);
}
