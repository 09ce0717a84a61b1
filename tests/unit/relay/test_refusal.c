/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/refusal.h"

#include <criterion/criterion.h>
#include <string.h>

static place_list list_of(unsigned count)
{
    place_list list = {0};
    AUTO_FAULT f = {0};

    for (unsigned i = 0; i < count; i++) {
        AUTO_FREE char *word = text_format("host%u.example:443", i);
        cr_assert_eq(place_add(&list, word, false, &f), 0);
    }
    return list;
}

/* The body is as long as its field says, and names what is asked for and what there is. */
Test(refusal, a_host_that_is_not_listed_is_told_the_list)
{
    place_list list = list_of(2);
    struct place asked;
    AUTO_TEXT t = {0};

    cr_assert(place_read("example.org:80", 14, &asked));
    refusal_add_answer(REFUSAL_NOT_LISTED, &(struct refusal_words){&asked, &list, NULL}, &t);
    cr_expect(text_starts(t.data, "HTTP/1.1 403 "));
    const char *body = strstr(t.data, "\r\n\r\n") + 4;
    AUTO_FREE char *length = text_format("Content-Length: %zu\r\n", strlen(body));
    cr_expect_not_null(strstr(t.data, length));
    cr_expect_not_null(strstr(body, "example.org:80: it is not among the allowed hosts\n"));
    cr_expect_not_null(strstr(body, "limited to: host0.example:443, host1.example:443.\n"));
    vector_free(&list);
}

Test(refusal, a_long_list_is_cut)
{
    place_list list = list_of(PLACES_MAX);
    AUTO_TEXT t = {0};

    refusal_add_answer(REFUSAL_INSIDE, &(struct refusal_words){&list.at[0], &list, NULL}, &t);
    cr_expect_not_null(strstr(t.data, "host15.example:443, ...."));
    cr_expect_null(strstr(t.data, "host16."));
    cr_expect_lt(t.length, 16U * 1024);
    vector_free(&list);
}

Test(refusal, each_has_its_status_and_reason)
{
    static const struct {
        enum refusal refusal;
        const char *status, *reason;
    } cases[] = {
        {REFUSAL_UNKNOWN, "HTTP/1.1 502 ", "a:1: its name has no address (no such name)"},
        {REFUSAL_UNREACHABLE, "HTTP/1.1 504 ", "a:1: none of its addresses answers (no such name)"},
        {REFUSAL_UNRESOLVED, "HTTP/1.1 504 ",
         "a:1: the name servers have not answered in a minute"},
        {REFUSAL_BAD, "HTTP/1.1 400 ", "a:1: a request is not HTTP/1.1"},
        {REFUSAL_TOO_LONG, "HTTP/1.1 431 ", "a:1: the head of a request is too long"},
    };
    place_list list = {0};
    struct place asked;

    cr_assert(place_read("a:1", 3, &asked));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct refusal_words words = {&asked, &list, "no such name"};
        AUTO_TEXT answer = {0}, reason = {0};
        refusal_add_answer(cases[i].refusal, &words, &answer);
        refusal_add_reason(cases[i].refusal, &words, &reason);
        cr_expect(text_starts(answer.data, cases[i].status), "%s", answer.data);
        cr_expect_str_eq(reason.data, cases[i].reason);
        cr_expect_null(strstr(answer.data, "limited to"));
    }
}
