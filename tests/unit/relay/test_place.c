/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/place.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

static struct place read_one(const char *word)
{
    struct place place;

    cr_assert(place_read(word, strlen(word), &place), "%s", word);
    return place;
}

static union place_address address(const char *word)
{
    union place_address a = {.any.sa_family = AF_INET};

    if (inet_pton(AF_INET, word, &a.v4.sin_addr) == 1)
        return a;
    a.any.sa_family = AF_INET6;
    cr_assert_eq(inet_pton(AF_INET6, word, &a.v6.sin6_addr), 1, "%s", word);
    return a;
}

Test(place, hosts_and_ports_are_read)
{
    static const struct {
        const char *word, *host;
        unsigned port;
        int family;
    } cases[] = {
        {"example.org:443", "example.org", 443, AF_UNSPEC},
        {"EXAMPLE.org.:80", "example.org", 80, AF_UNSPEC},
        {"example.org", "example.org", 0, AF_UNSPEC},
        {"127.0.0.1:8080", "127.0.0.1", 8080, AF_INET},
        {"[::1]:8080", "::1", 8080, AF_INET6},
        {"[FE80::1]", "fe80::1", 0, AF_INET6},
        {"127.1:80", "127.1", 80, AF_UNSPEC}, /* a name that no list has */
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place place = read_one(cases[i].word);
        cr_expect_str_eq(place.host, cases[i].host);
        cr_expect_eq(place.port, cases[i].port, "%s", cases[i].word);
        cr_expect_eq(place.literal.any.sa_family, cases[i].family, "%s", cases[i].word);
    }
}

Test(place, what_is_no_host_is_refused)
{
    static const char *const cases[] = {
        "",         ":80",          ".",      "a b:80",       "a:",        "a:0",
        "a:65536",  "a:-1",         "a:+80",  "a:80x",        "user@a:80", "a/b",
        "[::1",     "[::1]80",      "[a]:80", "[1.2.3.4]:80", "::1",       "[fe80::1%eth0]:80",
        "a:000080", "ä.example:80", "a..:80", "a..b:80",      ".a:80",
    };
    struct place place;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_not(place_read(cases[i], strlen(cases[i]), &place), "%s", cases[i]);
    cr_expect_not(place_read("a\0b", 3, &place));
}

Test(place, a_list_has_what_was_added)
{
    place_list list = {0};
    AUTO_FAULT f = {0};
    AUTO_TEXT text = {0};

    cr_assert_eq(place_add(&list, "Example.org:443", true, &f), 0);
    cr_assert_eq(place_add(&list, "[::1]:8080", false, &f), 0);
    const struct {
        const char *word;
        const struct place *found;
    } cases[] = {
        {"example.org:443", &list.at[0]}, {"EXAMPLE.ORG.:443", &list.at[0]},
        {"example.org:80", NULL},         {"www.example.org:443", NULL},
        {"[0:0::1]:8080", &list.at[1]},   {"127.0.0.1:8080", NULL},
        {"localhost:8080", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place asked = read_one(cases[i].word);
        cr_expect_eq(place_find(&list, &asked), cases[i].found, "%s", cases[i].word);
    }
    place_add_text(&list.at[0], &text);
    place_add_text(&list.at[1], &text);
    cr_expect_str_eq(text_get(&text), "example.org:443[::1]:8080");
    cr_expect_eq(place_add(&list, "example.org", false, &f), -FAULT_USAGE);
    vector_free(&list);
}

Test(place, a_list_has_an_end)
{
    place_list list = {0};
    AUTO_FAULT f = {0};

    for (int i = 0; i < PLACES_MAX; i++)
        cr_assert_eq(place_add(&list, "a:1", false, &f), 0);
    cr_expect_eq(place_add(&list, "a:1", false, &f), -FAULT_LIMIT);
    vector_free(&list);
}

/* What each kind of place lets a name lead to. */
Test(place, names_lead_only_where_they_may)
{
    enum { PUBLIC = 1, OWN = 2, LOCALHOST = 4 };
    static const struct {
        const char *address;
        int admitted;
    } cases[] = {
        {"93.184.216.34", PUBLIC | OWN},
        {"2606:2800:220:1::1", PUBLIC | OWN},
        {"10.1.2.3", OWN},
        {"172.31.255.255", OWN},
        {"172.32.0.1", PUBLIC | OWN},
        {"192.168.0.1", OWN},
        {"100.127.0.1", OWN},
        {"fd00::1", OWN},
        {"::ffff:10.0.0.1", OWN},
        {"64:ff9b::10.0.0.1", OWN},
        {"64:ff9b::8.8.8.8", PUBLIC | OWN},
        {"2002:0a00:0001::1", OWN},
        {"127.0.0.1", LOCALHOST},
        {"127.255.0.1", LOCALHOST},
        {"::1", LOCALHOST},
        {"::ffff:127.0.0.1", LOCALHOST},
        {"::", 0},
        {"0.0.0.0", 0},
        {"169.254.169.254", 0},
        {"::ffff:169.254.169.254", 0},
        {"fe80::1", 0},
        {"224.0.0.1", 0},
        {"255.255.255.255", 0},
        {"ff02::1", 0},
    };
    const struct place own = read_one("example.org:443");
    const struct place localhost = read_one("localhost:443");
    struct place public = own;

    public.public = true;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        union place_address a = address(cases[i].address);
        int admitted = (place_admits(&public, &a) ? PUBLIC : 0) |
                       (place_admits(&own, &a) ? OWN : 0) |
                       (place_admits(&localhost, &a) ? LOCALHOST : 0);
        cr_expect_eq(admitted, cases[i].admitted, "%s: %d", cases[i].address, admitted);
    }
}

Test(place, an_address_leads_to_itself)
{
    const struct place metadata = read_one("169.254.169.254:80");
    union place_address same = address("169.254.169.254"), other = address("93.184.216.34");

    cr_expect(place_admits(&metadata, &same));
    cr_expect_not(place_admits(&metadata, &other));
}

Test(place, the_machine_itself_is_known)
{
    static const struct {
        const char *word;
        bool local;
    } cases[] = {{"localhost:1", true}, {"app.localhost:1", true}, {"127.9.9.9:1", true},
                 {"[::1]:1", true},     {"10.0.0.1:1", false},     {"notlocalhost:1", false},
                 {"0.0.0.0:1", false}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place place = read_one(cases[i].word);
        cr_expect_eq(place_is_local(&place), cases[i].local, "%s", cases[i].word);
    }
}
