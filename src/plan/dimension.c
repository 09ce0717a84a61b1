/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/dimension.h"

#include "plan/words.h"

#include <string.h>

enum { ALL_DIMENSIONS = (1 << DIMENSION_COUNT) - 1 };

/* What a word means in the name of a dimension. A weak word counts where no strong one stands:
 * "test quality" is about tests, "code quality" about quality. */
enum meaning { MEANS_NOTHING, MEANS_FILLER, MEANS_REPOSITORY, MEANS_WEAK, MEANS_STRONG };

struct meaning_row {
    const char *word;
    enum meaning meaning;
    enum dimension dimension;
};

static const struct meaning_row meanings[] = {
    {"documentation", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"documentations", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"docs", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"doc", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"documents", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"readme", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"readmes", MEANS_STRONG, DIMENSION_DOCUMENTATION},
    {"code-quality", MEANS_STRONG, DIMENSION_CODE_QUALITY},
    {"maintainability", MEANS_STRONG, DIMENSION_CODE_QUALITY},
    {"complexity", MEANS_STRONG, DIMENSION_CODE_QUALITY},
    {"quality", MEANS_WEAK, DIMENSION_CODE_QUALITY},
    {"code", MEANS_WEAK, DIMENSION_CODE_QUALITY},
    {"tests", MEANS_STRONG, DIMENSION_TESTS},
    {"test", MEANS_STRONG, DIMENSION_TESTS},
    {"testing", MEANS_STRONG, DIMENSION_TESTS},
    {"coverage", MEANS_WEAK, DIMENSION_TESTS},
    {"security", MEANS_STRONG, DIMENSION_SECURITY},
    {"vulnerability", MEANS_STRONG, DIMENSION_SECURITY},
    {"vulnerabilities", MEANS_STRONG, DIMENSION_SECURITY},
    {"secrets", MEANS_STRONG, DIMENSION_SECURITY},
    {"performance", MEANS_STRONG, DIMENSION_PERFORMANCE},
    {"speed", MEANS_STRONG, DIMENSION_PERFORMANCE},
    {"perf", MEANS_STRONG, DIMENSION_PERFORMANCE},
    {"bottleneck", MEANS_STRONG, DIMENSION_PERFORMANCE},
    {"bottlenecks", MEANS_STRONG, DIMENSION_PERFORMANCE},
    {"dependencies", MEANS_STRONG, DIMENSION_DEPENDENCIES},
    {"dependency", MEANS_STRONG, DIMENSION_DEPENDENCIES},
    {"deps", MEANS_STRONG, DIMENSION_DEPENDENCIES},
    {"packages", MEANS_STRONG, DIMENSION_DEPENDENCIES},
    {"repository", MEANS_REPOSITORY, 0},
    {"repo", MEANS_REPOSITORY, 0},
    {"codebase", MEANS_REPOSITORY, 0},
    {"project", MEANS_REPOSITORY, 0},
    {"the", MEANS_FILLER, 0},
    {"this", MEANS_FILLER, 0},
    {"our", MEANS_FILLER, 0},
    {"my", MEANS_FILLER, 0},
    {"its", MEANS_FILLER, 0},
    {"all", MEANS_FILLER, 0},
    {"whole", MEANS_FILLER, 0},
    {"entire", MEANS_FILLER, 0},
    {"of", MEANS_FILLER, 0},
    {"for", MEANS_FILLER, 0},
    {"in", MEANS_FILLER, 0},
    {"unit", MEANS_FILLER, 0},
    {"analysis", MEANS_FILLER, 0},
    {"audit", MEANS_FILLER, 0},
    {"review", MEANS_FILLER, 0},
    {"check", MEANS_FILLER, 0},
    {"scan", MEANS_FILLER, 0},
    {"issues", MEANS_FILLER, 0},
    {"problems", MEANS_FILLER, 0},
    {"management", MEANS_FILLER, 0},
};

const char *dimension_name(enum dimension dimension)
{
    static const char *const names[] = {
#define DIMENSION_NAME(name, word) [DIMENSION_##name] = word,
        DIMENSIONS(DIMENSION_NAME)
#undef DIMENSION_NAME
    };

    return names[dimension];
}

static const struct meaning_row *meaning_of(const char *s, struct word w)
{
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (word_is(s, w, meanings[i].word))
            return &meanings[i];
    return NULL;
}

/* What the words of a phrase said together. */
struct phrase {
    unsigned strong, weak; /* dimensions, as bits */
    bool repository, other;
};

static void add_word(struct phrase *phrase, const struct meaning_row *row)
{
    if (!row)
        phrase->other = true;
    else if (row->meaning == MEANS_STRONG)
        phrase->strong |= 1u << row->dimension;
    else if (row->meaning == MEANS_WEAK)
        phrase->weak |= 1u << row->dimension;
    else if (row->meaning == MEANS_REPOSITORY)
        phrase->repository = true;
}

/* One dimension, or none: two names without an "and" between them are something else. */
static bool phrase_dimension(const struct phrase *phrase, unsigned *ret)
{
    unsigned bits = phrase->strong ? phrase->strong : phrase->weak;

    if (phrase->other || !bits || (bits & (bits - 1)))
        return false;
    *ret |= bits;
    return true;
}

bool dimension_match(const char *phrase, enum dimension *ret)
{
    struct phrase words = {0};
    unsigned bits = 0;

    for (struct word w = word_next(phrase, 0); w.start < w.end; w = word_next(phrase, w.end))
        add_word(&words, meaning_of(phrase, w));
    if (!phrase_dimension(&words, &bits))
        return false;
    *ret = (enum dimension)__builtin_ctz(bits);
    return true;
}

/* The word that asks for an analysis, at the start of the text; empty if there is none. */
static struct word analysis_word(const char *text)
{
    static const char *const polite[] = {"please", "now", "first", "run",  "do",
                                         "a",      "an",  "the",   "full", "complete"};
    static const char *const verbs[] = {"analyze", "analyse",  "audit",     "review",   "check",
                                        "assess",  "inspect",  "examine",   "scan",     "evaluate",
                                        "survey",  "analysis", "analyzing", "analysing"};
    struct word w = word_next(text, 0);

    while (w.start < w.end && word_index(text, w, polite, COUNT_OF(polite)) >= 0)
        w = word_next(text, w.end);
    if (word_index(text, w, verbs, COUNT_OF(verbs)) >= 0)
        return w;
    return (struct word){0, 0};
}

bool dimension_analysis(const char *text)
{
    return analysis_word(text).end > 0;
}

/* A phrase has ended: it is a dimension, or speaks of the repository only. */
static bool end_phrase(struct phrase *phrase, unsigned *dimensions, bool *repository)
{
    bool just_filler = !phrase->strong && !phrase->weak && !phrase->other;

    *repository |= phrase->repository;
    bool known = just_filler || phrase_dimension(phrase, dimensions);
    *phrase = (struct phrase){0};
    return known;
}

bool dimension_request(const char *text, unsigned *ret)
{
    struct word verb = analysis_word(text), before = verb;
    struct phrase phrase = {0};
    unsigned dimensions = 0;
    bool repository = false;

    if (!verb.end)
        return false;
    for (struct word w = word_next(text, verb.end); w.start < w.end; w = word_next(text, w.end)) {
        bool joins = word_is(text, w, "and") || word_is(text, w, "&");
        bool comma = memchr(text + before.end, ',', w.start - before.end) != NULL;
        if ((joins || comma) && !end_phrase(&phrase, &dimensions, &repository))
            return false;
        if (!joins)
            add_word(&phrase, meaning_of(text, w));
        before = w;
    }
    if (!end_phrase(&phrase, &dimensions, &repository) || (!dimensions && !repository))
        return false;
    *ret = dimensions ? dimensions : ALL_DIMENSIONS;
    return true;
}
