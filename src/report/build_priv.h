/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files that make report.json:
 *
 *     build.c         the run           build_orch.c      orchestrators, agents, attempts
 *     build_timing.c  times             build_next.c      what to do next
 *     build_findings.c  what agents found, from their result files
 *     build_usage.c   tokens, money, sessions
 */
#ifndef KELP_REPORT_BUILD_PRIV_H
#define KELP_REPORT_BUILD_PRIV_H

#include "base/vector.h"
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

/* What attempts of models used. */
struct usage {
    int64_t tokens;
    struct token_counts counts;
    double usd;
    bool unknown; /* the price of some of it is */
};

/* What the attempts of one driver come to. */
struct driver_sums {
    const char *name;
    size_t agents, attempts;
    int64_t busy_ms, cpu_us;
    struct usage usage;
};

struct driver_list {
    VECTOR(struct driver_sums) of;
};

/* build_usage.c */
void usage_add(struct usage *u, const struct attempt *x);
/* Sets `tokens`, `token_counts`, `cost_usd` and `cost_at_least_usd`: the latter where the price of
 * a part is not known. */
void put_usage(json_t *object, const struct usage *u);
/* The planner counts as the root's. */
void drivers_add_orch(const struct build *b, const struct orch *o, struct driver_list *list);
json_t *drivers_json(const struct driver_list *list);
/* How the sessions of all attempts began. */
json_t *sessions_json(const struct tree *t);
/* The instances of an orchestrator that models drove: how they were used again, and how full their
 * context is. */
json_t *instances_json(const struct tree *t, const struct orch *o);

/* A list of attempts. Those that did not come to a start tell only why. */
json_t *build_attempts(const struct attempt *first);

/* build_timing.c: sets `timing` and `replay`. */
void build_timing(struct build *b);

/* build_next.c */
json_t *build_follow_up(struct build *b);

/* build_findings.c */
json_t *build_findings(struct build *b);

#endif
