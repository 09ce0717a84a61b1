/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/jobs.h"

#include "plan/words.h"

#include <string.h>

static const struct job_step bug_steps[] = {
    {"analyse", "Analyst",
     "Find the cause of the problem that the mission describes. Prove it with a failing test or a "
     "command, and report the files and lines. Change nothing.",
     true},
    {"fix", "Developer", "Fix the cause that the analysis found, and nothing else.", false},
    {"test", "Tester",
     "Add a test that fails without the fix, if there is none. Run the project's tests and repair "
     "what they show.",
     false},
};

static const struct job_step feature_steps[] = {
    {"design", "Architect",
     "Work out how this code can do what the mission asks: which files and functions change, and "
     "how it is tested. Report that. Change nothing.",
     true},
    {"implement", "Developer", "Implement the mission as it was designed.", false},
    {"test", "Tester", "Test what was implemented, run the project's tests, repair what they show.",
     false},
    {"document", "Writer",
     "Document what was implemented where this project documents such things.", false},
};

static const struct job_step analysis_steps[] = {
    {"survey", "Surveyor",
     "List the places that the analysis in the mission has to look at. Change nothing.", true},
    {"examine", "Analyst",
     "Look at each of these places. Note what is wrong, with file, line and reason. Change "
     "nothing.",
     true},
    {"report", "Reporter",
     "Check each finding again, drop what does not hold, and report the rest, the worst first. "
     "Change nothing.",
     true},
};

static const struct job_step small_steps[] = {
    {"do", "Developer", "Do what the mission asks, and nothing else.", false},
};

static const struct job_step change_steps[] = {
    {"prepare", "Analyst",
     "Find what has to change for the mission, and report the files and lines. Change nothing.",
     true},
    {"change", "Developer", "Do what the mission asks, as it was prepared, and nothing else.",
     false},
    {"check", "Tester", "Check the change, run the project's tests, repair what they show.", false},
};

static const char *const small_words[] = {"typo", "typos", "minor", "trivial", "whitespace", NULL};
static const char *const bug_words[] = {"fix",    "fixes",      "bug",   "bugs",  "bugfix",
                                        "repair", "resolve",    "debug", "crash", "crashes",
                                        "leak",   "regression", NULL};
static const char *const feature_words[] = {"implement", "add",   "build",     "create",  "feature",
                                            "features",  "write", "introduce", "support", NULL};
static const char *const analysis_words[] = {"analyze",  "analyse",  "audit",       "review",
                                             "assess",   "inspect",  "investigate", "examine",
                                             "evaluate", "research", "scan",        NULL};
static const char *const change_words[] = {NULL};

#define STEPS(list) list, COUNT_OF(list)
static const struct job_kind kinds[] = {
    {"a small change", small_words, 5, STEPS(small_steps)},
    {"a bug", bug_words, 15, STEPS(bug_steps)},
    {"a feature", feature_words, 30, STEPS(feature_steps)},
    {"an analysis", analysis_words, 15, STEPS(analysis_steps)},
    {"a change", change_words, 15, STEPS(change_steps)},
};
enum { KIND_SMALL = 0, KIND_ANALYSIS = 3, KIND_CHANGE = 4 };

static bool tells(const struct job_kind *kind, const char *text, struct word w)
{
    for (const char *const *word = kind->words; *word; word++)
        if (word_is(text, w, *word))
            return true;
    return false;
}

/* "Fix a typo" is small although "fix" stands first: small words are looked for in all of it. */
static const struct job_kind *first_kind(const char *text)
{
    const struct job_kind *found = NULL;

    for (struct word w = word_next(text, 0); w.start < w.end; w = word_next(text, w.end)) {
        if (tells(&kinds[KIND_SMALL], text, w))
            return &kinds[KIND_SMALL];
        for (size_t i = 0; !found && i < COUNT_OF(kinds); i++)
            if (tells(&kinds[i], text, w))
                found = &kinds[i];
    }
    return found;
}

const struct job_kind *job_kind_of(const char *job, const char *lead)
{
    const struct job_kind *kind = first_kind(job);

    if (!kind)
        kind = first_kind(lead);
    return kind ? kind : &kinds[KIND_CHANGE];
}

const struct job_kind *job_kind_analysis(void)
{
    return &kinds[KIND_ANALYSIS];
}
