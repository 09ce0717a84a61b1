/* SPDX-License-Identifier: Apache-2.0 */
/* From the words and options of `run` and `plan` to a request: shared, so that both see the same.
 */
#ifndef KELP_CLI_INTAKE_H
#define KELP_CLI_INTAKE_H

#include "cli/options.h"
#include "cli/session.h"
#include "core/event.h"
#include "plan/config.h"

extern const char *const intake_patterns[],
    *const intake_bases[], *const intake_lands[], *const intake_pushes[], *const intake_planners[];

#define INTAKE_OPTIONS                                                                        \
    {.name = "agents",                                                                        \
     .kind = OPTION_INT,                                                                      \
     .value = "N",                                                                            \
     .min = 1,                                                                                \
     .max = 1000000,                                                                          \
     .help = "how many agents may run at once"},                                              \
        {.name = "agent",                                                                     \
         .kind = OPTION_TEXT,                                                                 \
         .value = "NAME",                                                                     \
         .help = "the program that does what a prompt asks for"},                             \
        {.name = "model", .kind = OPTION_TEXT, .value = "NAME", .help = "the model it uses"}, \
        {.name = "base-url",                                                                  \
         .kind = OPTION_TEXT,                                                                 \
         .value = "URL",                                                                      \
         .help = "the endpoint of the model, such as http://127.0.0.1:8080/v1"},              \
        {.name = "planner",                                                                   \
         .kind = OPTION_CHOICE,                                                               \
         .value = "WHO",                                                                      \
         .choices = intake_planners,                                                          \
         .help = "who plans free text: the agent's model, or kelp's embedded planner"},       \
        {.name = "pattern",                                                                   \
         .kind = OPTION_CHOICE,                                                               \
         .value = "PATTERN",                                                                  \
         .choices = intake_patterns,                                                          \
         .help = "override size and benefit in the decision"},                                \
        {.name = "base",                                                                      \
         .kind = OPTION_CHOICE,                                                               \
         .value = "BASE",                                                                     \
         .choices = intake_bases,                                                             \
         .help = "start from HEAD, or from the working tree as it is"},                       \
        {.name = "land",                                                                      \
         .kind = OPTION_CHOICE,                                                               \
         .value = "HOW",                                                                      \
         .choices = intake_lands,                                                             \
         .help = "what happens to your branch, whatever the plan says"},                      \
    {                                                                                         \
        .name = "push", .kind = OPTION_CHOICE, .value = "WHEN", .choices = intake_pushes,     \
        .help = "when the result is pushed, whatever the plan says"                           \
    }

/* Plain data in the arena. request.number is 0. */
struct intake {
    struct run_request request;
    struct config config;
    struct strings warnings;
};

/* Reads task, plan or missions, and everything about the machine and the repository that the
 * request needs. Touches nothing. */
int intake_read(const struct session *s, const struct option_values *values, struct arena *arena,
                struct intake *ret, struct fault *f) MUST_CHECK;

/* Whether the task begins with an ID tag, well formed or not. */
bool intake_is_tagged(const struct option_values *values);
/* The subtasks that an agent asks for, from the same words. A tag of a depth that can't have
 * children is refused here. */
int intake_child(const struct option_values *values, struct arena *arena, struct plan **ret,
                 struct fault *f) MUST_CHECK;

#endif
