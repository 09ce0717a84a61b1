/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/dimension.h"

#include "base/memory.h"

#include <criterion/criterion.h>

Test(dimension, names)
{
    static const struct {
        const char *phrase;
        int dimension; /* -1: none */
    } cases[] = {
        {"documentation", DIMENSION_DOCUMENTATION},
        {"The Docs", DIMENSION_DOCUMENTATION},
        {"documentation quality", DIMENSION_DOCUMENTATION},
        {"code quality", DIMENSION_CODE_QUALITY},
        {"Code-Quality", DIMENSION_CODE_QUALITY},
        {"code", DIMENSION_CODE_QUALITY},
        {"quality", DIMENSION_CODE_QUALITY},
        {"test coverage", DIMENSION_TESTS},
        {"coverage", DIMENSION_TESTS},
        {"unit tests", DIMENSION_TESTS},
        {"security audit", DIMENSION_SECURITY},
        {"vulnerabilities", DIMENSION_SECURITY},
        {"Performance", DIMENSION_PERFORMANCE},
        {"dependency management", DIMENSION_DEPENDENCIES},
        {"deps.", DIMENSION_DEPENDENCIES},
        {"dependency security", -1},
        {"code coverage", -1},
        {"accessibility", -1},
        {"security of the login", -1},
        {"the", -1},
        {"", -1},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum dimension got = DIMENSION_COUNT;
        bool found = dimension_match(cases[i].phrase, &got);
        cr_expect_eq(found ? (int)got : -1, cases[i].dimension, "%s", cases[i].phrase);
    }
}

Test(dimension, requests)
{
    enum { DOCS = 1, QUALITY = 2, TESTS = 4, SECURITY = 8, ALL = 63 };
    static const struct {
        const char *text;
        unsigned dimensions; /* 0: none */
    } cases[] = {
        {"Analyze this repository", ALL},
        {"please run a full audit of the whole repo", ALL},
        {"Review the security of this project", SECURITY},
        {"audit security and tests", SECURITY | TESTS},
        {"Check docs, tests & code quality", DOCS | TESTS | QUALITY},
        {"check, docs", DOCS},
        {"audit", 0},
        {"audit it", 0},
        {"audit docs and the login", 0},
        {"audit the login, docs", 0},
        {"audit docs tests", 0},
        {"fix security", 0},
        {"security", 0},
        {"", 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned got = 0;
        cr_expect_eq(dimension_request(cases[i].text, &got), cases[i].dimensions != 0, "%s",
                     cases[i].text);
        cr_expect_eq(got, cases[i].dimensions, "%s", cases[i].text);
    }
}
