/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files that make report.json:
 *
 *     build.c         the run           build_orch.c      orchestrators, agents, attempts
 *     build_timing.c  times             build_next.c      what to do next
 *     build_findings.c  what agents found, from their result files
 */
#ifndef KELP_REPORT_BUILD_PRIV_H
#define KELP_REPORT_BUILD_PRIV_H

#include "core/totals.h"
#include "report/report.h"

struct build {
    const struct tree *t;
    const struct report_facts *facts;
    int64_t now_ms; /* when what has not ended is taken to end */
    struct arena arena;
    json_t *report;
};

/* Setters that take any text, and numbers of a readable length. NULL becomes JSON null. */
void put_text(json_t *object, const char *key, const char *text);
void put_strings(json_t *object, const char *key, const struct strings *list);
void put_int(json_t *object, const char *key, int64_t value);
void put_bool(json_t *object, const char *key, bool value);
/* To thousandths: of seconds, minutes, shares. */
void put_rounded(json_t *object, const char *key, double value);
/* Milliseconds since 1970, or null for 0. */
void put_time(json_t *object, const char *key, int64_t ms);
void put_metrics(json_t *object, const char *key, const struct metrics *list);
void put_exec_id(json_t *object, const char *key, struct exec_id id);
/* Null where the price of something is not known. */
void put_cost(json_t *object, const char *key, double usd, bool unknown);

/* build_orch.c */
json_t *build_orchestrators(struct build *b);
/* Done, and no commits that did not make it into the result. */
bool build_is_delivered(const struct tree *t, uint32_t unit);
/* The orchestrator that works on a unit. */
const struct orch *build_unit_orch(const struct tree *t, uint32_t unit);
/* Milliseconds of an attempt, until now if it has not ended. */
int64_t build_attempt_ms(const struct build *b, const struct attempt *a);

/* build_timing.c: sets `timing` and `replay`. */
void build_timing(struct build *b);

/* build_next.c */
json_t *build_follow_up(struct build *b);

/* build_findings.c */
json_t *build_findings(struct build *b);

#endif
