/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/request.h"

#include <string.h>
#include <strings.h>

/* Of client and proxy alone (RFC 9110, 7.6.1), and what is told anew. */
static const char *const left_out[] = {
    "Connection",       "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
    "Proxy-Connection", "TE",   "Upgrade",
};

/* A piece of the head. */
struct span {
    const char *at;
    size_t length;
};

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.length > 0;
}

static bool same_word(struct span s, const char *word)
{
    return s.length == strlen(word) && strncasecmp(s.at, word, s.length) == 0;
}

/* Takes what is in front of the first `c`, and drops both; all of it if there is none. */
static struct span take_until(struct span *rest, char c)
{
    const char *end = memchr(rest->at, c, rest->length);
    struct span piece = {rest->at, end ? (size_t)(end - rest->at) : rest->length};
    size_t taken = piece.length + (end != NULL);

    rest->at += taken;
    rest->length -= taken;
    return piece;
}

/* Takes a line, whose end is CR LF, which the head was found to have. */
static struct span take_line(struct span *rest)
{
    struct span line = take_until(rest, '\n');

    line.length--;
    return line;
}

/* A line feed only behind a carriage return and the reverse, and no other control characters. */
static bool is_clean(struct span head)
{
    for (size_t i = 0; i < head.length; i++) {
        unsigned char c = (unsigned char)head.at[i];
        if (c == '\r'   ? i + 1 == head.length || head.at[i + 1] != '\n'
            : c == '\n' ? !i || head.at[i - 1] != '\r'
                        : (c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool fields_are_good(struct span rest)
{
    while (rest.length > 2) {
        struct span line = take_line(&rest);
        struct span name = take_until(&line, ':');
        if (name.at + name.length == line.at || !is_token(name))
            return false;
    }
    return true;
}

/* "http://HOST[:PORT]" in front of a path; false if it is something else. */
static bool read_absolute(struct span *target, struct place *ret)
{
    static const char scheme[] = "http://";
    size_t skip = sizeof scheme - 1, end = skip;

    if (target->length < skip || strncasecmp(target->at, scheme, skip) != 0)
        return false;
    while (end < target->length && !memchr("/?#", target->at[end], 3))
        end++;
    if (!place_read(target->at + skip, end - skip, ret))
        return false;
    if (!ret->port)
        ret->port = 80;
    target->at += end;
    target->length -= end;
    return true;
}

/* "METHOD TARGET HTTP/1.x" */
struct first_line {
    struct span method, target, version;
};

static bool read_first_line(struct span *head, struct first_line *ret)
{
    struct span line = take_line(head);

    ret->method = take_until(&line, ' ');
    ret->target = take_until(&line, ' ');
    ret->version = line;
    return is_token(ret->method) && ret->target.length > 0 &&
           (same_word(line, "HTTP/1.1") || same_word(line, "HTTP/1.0"));
}

enum request_state request_read(const char *data, size_t length, struct request *ret)
{
    const char *end = memmem(data, length, "\r\n\r\n", 4);
    struct span head = {data, end ? (size_t)(end - data) + 4 : length};
    struct request request = {.length = head.length};
    struct first_line first;

    if (head.length > REQUEST_HEAD_MAX || (!end && head.length == REQUEST_HEAD_MAX))
        return REQUEST_TOO_LONG;
    if (!end)
        return REQUEST_PARTIAL;
    if (!is_clean(head) || !read_first_line(&head, &first) || !fields_are_good(head))
        return REQUEST_BAD;
    request.tunnel = same_word(first.method, "CONNECT");
    if (request.tunnel ? !place_read(first.target.at, first.target.length, &request.place) ||
                             !request.place.port
                       : !read_absolute(&first.target, &request.place))
        return REQUEST_NO_PROXY;
    *ret = request;
    return REQUEST_WHOLE;
}

static bool is_left_out(struct span line)
{
    struct span name = take_until(&line, ':');

    for (size_t i = 0; i < COUNT_OF(left_out); i++)
        if (same_word(name, left_out[i]))
            return true;
    return false;
}

static void add_span(struct text *t, struct span s)
{
    text_add_n(t, s.at, s.length);
}

static void add_fields(struct span rest, struct text *ret)
{
    while (rest.length > 2) {
        struct span line = take_line(&rest);
        if (is_left_out(line))
            continue;
        add_span(ret, line);
        text_add(ret, "\r\n");
    }
}

void request_forward(const char *data, const struct request *request, struct text *ret)
{
    struct span head = {data, request->length};
    struct place place;
    struct first_line first;

    if (!read_first_line(&head, &first) || !read_absolute(&first.target, &place))
        bug("a request that was read does not read");
    add_span(ret, first.method);
    text_add(ret, first.target.length && *first.target.at == '/' ? " " : " /");
    add_span(ret, take_until(&first.target, '#'));
    text_add_char(ret, ' ');
    add_span(ret, first.version);
    text_add(ret, "\r\nHost: ");
    place_add_text(&place, ret);
    text_add(ret, "\r\nConnection: close\r\n");
    add_fields(head, ret);
    text_add(ret, "\r\n");
}
