/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/place.h"

#include <arpa/inet.h>
#include <string.h>

enum address_class { ADDRESS_PUBLIC, ADDRESS_PRIVATE, ADDRESS_LOOPBACK, ADDRESS_SPECIAL };

static const struct {
    uint32_t prefix;
    unsigned bits;
    enum address_class class;
} ranges4[] = {
    {0x00000000, 8, ADDRESS_SPECIAL},  /* 0.0.0.0/8 */
    {0x0a000000, 8, ADDRESS_PRIVATE},  /* 10.0.0.0/8 */
    {0x646464c8, 32, ADDRESS_SPECIAL}, /* 100.100.100.200: a cloud's metadata */
    {0x64400000, 10, ADDRESS_PRIVATE}, /* 100.64.0.0/10 */
    {0x7f000000, 8, ADDRESS_LOOPBACK}, /* 127.0.0.0/8 */
    {0xa9fe0000, 16, ADDRESS_SPECIAL}, /* 169.254.0.0/16: link-local, the clouds' metadata */
    {0xac100000, 12, ADDRESS_PRIVATE}, /* 172.16.0.0/12 */
    {0xc0000000, 24, ADDRESS_PRIVATE}, /* 192.0.0.0/24 */
    {0xc0a80000, 16, ADDRESS_PRIVATE}, /* 192.168.0.0/16 */
    {0xc6120000, 15, ADDRESS_PRIVATE}, /* 198.18.0.0/15 */
    {0xe0000000, 3, ADDRESS_SPECIAL},  /* multicast, reserved, broadcast */
};

static const struct {
    unsigned char prefix[4];
    unsigned bits;
    enum address_class class;
} ranges6[] = {
    {{0xfd, 0x00, 0x0e, 0xc2}, 32, ADDRESS_SPECIAL}, /* fd00:ec2::/32: a cloud's metadata */
    {{0xfc}, 7, ADDRESS_PRIVATE},                    /* fc00::/7 */
    {{0xfe, 0x80}, 10, ADDRESS_SPECIAL},             /* fe80::/10 */
    {{0xfe, 0xc0}, 10, ADDRESS_PRIVATE},             /* fec0::/10 */
    {{0xff}, 8, ADDRESS_SPECIAL},                    /* multicast */
};

/* Prefixes behind which an IPv4 address stands: what it is decides. */
static const struct {
    unsigned char prefix[12];
    unsigned length, at;
} embeddings[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12}, /* ::ffff:0:0/96 */
    {{0, 0x64, 0xff, 0x9b}, 12, 12},                      /* 64:ff9b::/96 */
    {{0x20, 0x02}, 2, 2},                                 /* 2002::/16 */
    {{0}, 12, 12},                                        /* ::/96, with :: and ::1 */
};

static enum address_class class_of4(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(ranges4); i++)
        if ((address ^ ranges4[i].prefix) >> (32 - ranges4[i].bits) == 0)
            return ranges4[i].class;
    return ADDRESS_PUBLIC;
}

static bool has_prefix(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    return memcmp(address, prefix, whole) == 0 &&
           (!rest || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

static enum address_class class_of6(const struct in6_addr *address)
{
    const unsigned char *bytes = address->s6_addr;
    uint32_t inner;

    if (IN6_IS_ADDR_LOOPBACK(address))
        return ADDRESS_LOOPBACK;
    for (size_t i = 0; i < COUNT_OF(embeddings); i++) {
        if (memcmp(bytes, embeddings[i].prefix, embeddings[i].length) != 0)
            continue;
        memcpy(&inner, bytes + embeddings[i].at, sizeof inner);
        return class_of4(ntohl(inner));
    }
    for (size_t i = 0; i < COUNT_OF(ranges6); i++)
        if (has_prefix(bytes, ranges6[i].prefix, ranges6[i].bits))
            return ranges6[i].class;
    return ADDRESS_PUBLIC;
}

static enum address_class class_of(const union place_address *address)
{
    return address->any.sa_family == AF_INET ? class_of4(ntohl(address->v4.sin_addr.s_addr))
                                             : class_of6(&address->v6.sin6_addr);
}

static bool is_literal(const struct place *place)
{
    return place->literal.any.sa_family != AF_UNSPEC;
}

static bool is_localhost(const struct place *place)
{
    return strcmp(place->host, "localhost") == 0 || text_ends(place->host, ".localhost");
}

static void read_literal(struct place *place)
{
    place->literal = (union place_address){.any.sa_family = AF_UNSPEC};
    if (inet_pton(AF_INET, place->host, &place->literal.v4.sin_addr) == 1)
        place->literal.v4.sin_family = AF_INET;
    else if (inet_pton(AF_INET6, place->host, &place->literal.v6.sin6_addr) == 1)
        place->literal.v6.sin6_family = AF_INET6;
}

static bool read_host(const char *s, size_t length, bool bracketed, struct place *ret)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    static const char address[] = "abcdef0123456789:.";

    if (!bracketed && length && s[length - 1] == '.')
        length--;
    if (!length || length > PLACE_HOST_MAX)
        return false;
    /* No part of a name is empty: what is cut off once would be cut off again. */
    if (s[0] == '.' || s[length - 1] == '.' || memmem(s, length, "..", 2))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = s[i];
        ret->host[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret->host[length] = '\0';
    /* A NUL inside would end the span before the host does. */
    return strspn(ret->host, bracketed ? address : name) == length;
}

static bool read_port(const char *s, size_t length, uint16_t *ret)
{
    char digits[6] = "";
    int64_t port;

    if (!length || length >= sizeof digits)
        return false;
    memcpy(digits, s, length);
    if (strspn(digits, "0123456789") != length || !text_to_int64(digits, 1, UINT16_MAX, &port))
        return false;
    *ret = (uint16_t)port;
    return true;
}

bool place_read(const char *s, size_t length, struct place *ret)
{
    bool bracketed = length && *s == '[';
    const char *end = s + length;
    const char *stop = memchr(s, bracketed ? ']' : ':', length);
    const char *host = s + bracketed;

    if (bracketed && !stop)
        return false;
    const char *host_end = stop ? stop : end;
    const char *colon = bracketed ? stop + 1 : host_end;
    *ret = (struct place){.port = 0};
    if (!read_host(host, (size_t)(host_end - host), bracketed, ret))
        return false;
    if (colon < end &&
        (*colon != ':' || !read_port(colon + 1, (size_t)(end - colon - 1), &ret->port)))
        return false;
    read_literal(ret);
    return !bracketed || ret->literal.any.sa_family == AF_INET6;
}

int place_add(place_list *list, const char *word, bool public, struct fault *f)
{
    struct place place;

    if (!place_read(word, strlen(word), &place) || !place.port)
        return fault_set(f, FAULT_USAGE, "'%s' is not HOST:PORT", word);
    if (list->count == PLACES_MAX)
        return fault_set(f, FAULT_LIMIT, "more than %d hosts", PLACES_MAX);
    place.public = public;
    vector_push(list, place);
    return 0;
}

static bool same_address(const union place_address *a, const union place_address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    return a->any.sa_family == AF_INET
               ? a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr
               : memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

static bool same_host(const struct place *a, const struct place *b)
{
    if (is_literal(a) || is_literal(b))
        return same_address(&a->literal, &b->literal);
    return strcmp(a->host, b->host) == 0;
}

const struct place *place_find(const place_list *list, const struct place *asked)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].port == asked->port && same_host(&list->at[i], asked))
            return &list->at[i];
    return NULL;
}

bool place_admits(const struct place *place, const union place_address *address)
{
    enum address_class class = class_of(address);

    if (is_literal(place))
        return same_address(&place->literal, address);
    if (is_localhost(place))
        return class == ADDRESS_LOOPBACK;
    return class == ADDRESS_PUBLIC || (class == ADDRESS_PRIVATE && !place->public);
}

void place_set_port(union place_address *address, uint16_t port)
{
    if (address->any.sa_family == AF_INET)
        address->v4.sin_port = htons(port);
    else
        address->v6.sin6_port = htons(port);
}

bool place_is_local(const struct place *place)
{
    return is_literal(place) ? class_of(&place->literal) == ADDRESS_LOOPBACK : is_localhost(place);
}

void place_add_text(const struct place *place, struct text *t)
{
    bool brackets = place->literal.any.sa_family == AF_INET6;

    text_printf(t, brackets ? "[%s]:%u" : "%s:%u", place->host, place->port);
}
