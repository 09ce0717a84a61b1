/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/request.h"

#include <criterion/criterion.h>
#include <string.h>

static enum request_state state_of(const char *text)
{
    struct request request;

    return request_read(text, strlen(text), &request);
}

static struct request whole(const char *text)
{
    struct request request;

    cr_assert_eq(request_read(text, strlen(text), &request), REQUEST_WHOLE, "%s", text);
    return request;
}

Test(request, a_tunnel_is_asked_for)
{
    static const char text[] = "CONNECT Example.org:443 HTTP/1.1\r\nHost: other\r\n\r\nearly";
    struct request q = whole(text);

    cr_expect(q.tunnel);
    cr_expect_str_eq(q.place.host, "example.org");
    cr_expect_eq(q.place.port, 443);
    cr_expect_str_eq(text + q.length, "early");
    cr_expect_eq(whole("CONNECT [::1]:8080 HTTP/1.0\r\n\r\n").place.port, 8080);
}

/* The server gets its own name, whatever the client said it was. */
Test(request, an_absolute_address_becomes_a_path)
{
    static const struct {
        const char *asked, *forwarded;
    } cases[] = {
        {"GET http://example.org/a?b#c HTTP/1.1\r\nHost: other\r\nAccept: */*\r\n\r\n",
         "GET /a?b HTTP/1.1\r\nHost: example.org:80\r\nConnection: close\r\nAccept: */*\r\n\r\n"},
        {"POST HTTP://Example.org:8080 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
         "POST / HTTP/1.1\r\nHost: example.org:8080\r\nConnection: close\r\nContent-Length: "
         "2\r\n\r\n"},
        {"GET http://[::1]:81?q HTTP/1.0\r\nproxy-connection: keep-alive\r\n"
         "Proxy-Authorization: Basic x\r\nconnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
         "GET /?q HTTP/1.0\r\nHost: [::1]:81\r\nConnection: close\r\n\r\n"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT head = {0};
        struct request q = whole(cases[i].asked);
        cr_expect_not(q.tunnel);
        request_forward(cases[i].asked, &q, &head);
        cr_expect_str_eq(text_get(&head), cases[i].forwarded);
    }
}

Test(request, what_is_not_plain_is_refused)
{
    static const struct {
        const char *text;
        enum request_state state;
    } cases[] = {
        {"", REQUEST_PARTIAL},
        {"GET http://a/ HTTP/1.1\r\nHost: a\r\n", REQUEST_PARTIAL},
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", REQUEST_NO_PROXY},
        {"GET https://a/ HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"GET http://user@a/ HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"GET http:///path HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"GET http://a:x/ HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"CONNECT a HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"CONNECT http://a:1/ HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"CONNECT a:443/ HTTP/1.1\r\n\r\n", REQUEST_NO_PROXY},
        {"GET http://a/\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/2.0\r\n\r\n", REQUEST_BAD},
        {"GET  http://a/ HTTP/1.1\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1 \r\n\r\n", REQUEST_BAD},
        {"GET http://a/ x HTTP/1.1\r\n\r\n", REQUEST_BAD},
        {"G(T http://a/ HTTP/1.1\r\n\r\n", REQUEST_BAD},
        {"\r\nGET http://a/ HTTP/1.1\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\nHost: a\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\rHost: a\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\r\nno colon\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\r\nHost : a\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n", REQUEST_BAD},
        {"GET http://a/ HTTP/1.1\r\nA: \033[2J\r\n\r\n", REQUEST_BAD},
        {"\x16\x03\x01\x02\r\n\r\n", REQUEST_BAD},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(state_of(cases[i].text), cases[i].state, "%s: %d", cases[i].text,
                     state_of(cases[i].text));
    cr_expect_eq(request_read("GET http://a/ HTTP/1.1\r\nA: \0\r\n\r\n", 32, &(struct request){0}),
                 REQUEST_BAD);
}

Test(request, a_head_has_a_bound)
{
    AUTO_TEXT text = {0};

    text_add(&text, "GET http://a/ HTTP/1.1\r\nA: ");
    while (text.length < REQUEST_HEAD_MAX - 1)
        text_add_char(&text, 'x');
    cr_expect_eq(state_of(text_get(&text)), REQUEST_PARTIAL);
    text_add_char(&text, 'x');
    cr_expect_eq(state_of(text_get(&text)), REQUEST_TOO_LONG);
    text_add(&text, "\r\n\r\n");
    cr_expect_eq(state_of(text_get(&text)), REQUEST_TOO_LONG);
}
