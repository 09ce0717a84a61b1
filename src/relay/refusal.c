/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/refusal.h"

enum { LISTED_MAX = 16 }; /* of the allowed places, in an answer */

static const struct {
    int status;
    const char *phrase, *reason;
} refusals[] = {
    [REFUSAL_NOT_LISTED] = {403, "Not allowed by kelp", "it is not among the allowed hosts"},
    [REFUSAL_INSIDE] = {403, "Not allowed by kelp",
                        "its name leads to an address of this machine or of a private network"},
    [REFUSAL_UNKNOWN] = {502, "Unknown host", "its name has no address"},
    [REFUSAL_UNRESOLVED] = {504, "No answer of the name servers",
                            "the name servers have not answered in a minute"},
    [REFUSAL_UNREACHABLE] = {504, "Unreachable", "none of its addresses answers"},
    [REFUSAL_BAD] = {400, "Bad request", "a request is not HTTP/1.1"},
    [REFUSAL_TOO_LONG] = {431, "Head too long", "the head of a request is too long"},
    [REFUSAL_NO_PROXY] = {400, "A proxy is asked",
                          "a proxy is asked by CONNECT HOST:PORT, or by METHOD http://HOST/..."},
};

void refusal_add_reason(enum refusal refusal, const struct refusal_words *words, struct text *t)
{
    if (words->place) {
        place_add_text(words->place, t);
        text_add(t, ": ");
    }
    text_add(t, refusals[refusal].reason);
    if (words->error && (refusal == REFUSAL_UNKNOWN || refusal == REFUSAL_UNREACHABLE))
        text_printf(t, " (%s)", words->error);
}

static void add_list(const place_list *places, struct text *t)
{
    for (size_t i = 0; i < places->count && i < LISTED_MAX; i++) {
        text_add(t, i ? ", " : "");
        place_add_text(&places->at[i], t);
    }
    if (!places->count)
        text_add(t, "none");
    else if (places->count > LISTED_MAX)
        text_add(t, ", ...");
}

void refusal_add_answer(enum refusal refusal, const struct refusal_words *words, struct text *t)
{
    AUTO_TEXT body = {0};

    text_add(&body, "kelp: ");
    refusal_add_reason(refusal, words, &body);
    text_add(&body, "\n");
    if (refusals[refusal].status == 403) {
        text_add(&body, "The network of this agent is limited to: ");
        add_list(words->places, &body);
        text_add(&body, ".\nGo on without it. If the task can't be done so, say that the plan's "
                        "'sandbox: { hosts: [...] }' has to name this host and port.\n");
    }
    text_printf(t, "HTTP/1.1 %d %s\r\n", refusals[refusal].status, refusals[refusal].phrase);
    text_printf(t, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n",
                body.length);
    text_add(t, "Connection: close\r\n\r\n");
    text_add_n(t, body.data, body.length);
}
