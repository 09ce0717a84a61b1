/* SPDX-License-Identifier: Apache-2.0 */
/* The two searches, and what they count. */
#ifndef KELP_TESTS_JOURNAL_CUTS_H
#define KELP_TESTS_JOURNAL_CUTS_H

#include <stdbool.h>
#include <stdint.h>

struct figures {
    uint64_t cuts;             /* points at which a disk or a program failed */
    uint64_t events_committed; /* before them */
    uint64_t events_lost;      /* of these, after a cut */
    uint64_t cuts_failed;      /* after which something was wrong */
    uint64_t flips;            /* bytes changed */
    uint64_t flips_seen;       /* that were said to be damage */
    uint64_t flips_harmless;   /* all events were there and nothing was said */
    uint64_t flips_cut;        /* the end of a log that was never closed went unsaid */
    uint64_t flips_failed;
    uint64_t rescues, rescues_failed;
};

/* Every operation of a small script, with each kind of failure; POWER with some seeds each. */
void cut_everywhere(const char *dir, struct figures *f);
/* One point of one script, both from the seed; says what it is where it fails. */
void cut_once(const char *dir, uint64_t seed, struct figures *f);

/* One bit of each `step`-th byte of every file of a journal at rest, and of one whose engine was
 * killed. */
void flip_everywhere(const char *dir, uint32_t step, struct figures *f);

#endif
