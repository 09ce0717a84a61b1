/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine does to a journal in its life, made up from a seed: turns of events of all sizes,
 * ends and new beginnings in between, and somebody who reads meanwhile. */
#ifndef KELP_TESTS_JOURNAL_SCRIPT_H
#define KELP_TESTS_JOURNAL_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

struct script {
    uint64_t seed;
    uint32_t turns;
    bool killed; /* the last engine does not close the journal (the process must end) */
};

/* How far it came. */
struct progress {
    bool created;
    int64_t committed; /* events whose commit returned 0 */
    int64_t offered;   /* and those of the turn that was under way */
};

/* Ends early where a call fails. */
void script_run(const struct script *script, const char *dir, struct progress *ret);

/* Opens the journal to read, then to write, and compares. Returns how many events it has, or, with
 * what is wrong in `why`, -1. */
int64_t script_check(const struct script *script, const char *dir, const struct progress *progress,
                     char why[256]);

/* What a reader finds before the end or the fault. */
struct found {
    int64_t events; /* all of them right */
    bool wrong;     /* one was handed out that is not what was written */
    bool damaged;   /* it was said that the journal is damaged */
    bool other;     /* it failed for another reason; `message` has it */
    char message[256];
};
void script_read(const struct script *script, const char *dir, bool whole, struct found *ret);
/* How many turns come after the one that ends with this event; -1 if none ends there. */
int64_t script_turns_after(const struct script *script, int64_t event);

#endif
