/* SPDX-License-Identifier: Apache-2.0 */
/* The six dimensions that have embedded agents, and how a text names them. */
#ifndef KELP_PLAN_DIMENSION_H
#define KELP_PLAN_DIMENSION_H

#include <stdbool.h>

/* The word is the name of the recipe's file and of the id. */
#define DIMENSIONS(X)                 \
    X(DOCUMENTATION, "documentation") \
    X(CODE_QUALITY, "code-quality")   \
    X(TESTS, "tests")                 \
    X(SECURITY, "security")           \
    X(PERFORMANCE, "performance")     \
    X(DEPENDENCIES, "dependencies")

enum dimension {
#define DIMENSION_ENUM(name, word) DIMENSION_##name,
    DIMENSIONS(DIMENSION_ENUM)
#undef DIMENSION_ENUM
        DIMENSION_COUNT
};

const char *dimension_name(enum dimension dimension);
/* A phrase that names one dimension and nothing else ("Code quality", "the tests", "security
 * audit"); synonyms, plurals and either case are accepted. */
bool dimension_match(const char *phrase, enum dimension *ret);
/* Does the text ask for an analysis? Its first word says so: analyze, audit, review, ... */
bool dimension_analysis(const char *text);
/* "Audit security and tests", "Analyze this repository": an analysis of dimensions, or of the
 * repository as a whole (all six), and nothing else. Sets *ret, one bit for each dimension. */
bool dimension_request(const char *text, unsigned *ret);

#endif
