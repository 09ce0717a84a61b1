/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scale.h"

#include <criterion/criterion.h>
#include <string.h>

#define GIB (UINT64_C(1) << 30)

static const struct {
    const char *name;
    struct scale_machine machine;
    enum work_kind kind;
    size_t slots;
    const char *why;
} slots[] = {
    {"nothing is known", {0}, WORK_COMMAND, SCALE_SLOTS_MAX, "nothing that was measured"},
    {"memory", {2, 4 * GIB, 20000, 90000}, WORK_COMMAND, 512, "4096 MiB of memory at 8"},
    {"descriptors", {2, 24 * GIB, 1024, 90000}, WORK_COMMAND, 768, "768 descriptors at 1"},
    {"processes", {2, 24 * GIB, 20000, 2000}, WORK_COMMAND, 500, "2000 processes at 4"},
    {"model agents are larger", {2, 4 * GIB, 20000, 90000}, WORK_MODEL, 13, "at 300"},
    {"a hundred on a small machine", {1, 1 * GIB, 1024, 4000}, WORK_COMMAND, 128, "memory"},
    {"at least one", {1, 1000, 20000, 90000}, WORK_MODEL, 1, "0 MiB of memory"},
    {"few descriptors", {1, GIB, 100, 90000}, WORK_COMMAND, 1, "0 descriptors"},
    {"one process", {1, GIB, 20000, 1}, WORK_COMMAND, 1, "1 processes at 4"},
};

Test(scale, slots_are_bounded_by_what_was_measured)
{
    for (size_t i = 0; i < COUNT_OF(slots); i++) {
        AUTO_ARENA arena = {0};
        cr_expect_eq(scale_slots(&slots[i].machine, slots[i].kind), slots[i].slots, "%s: %zu",
                     slots[i].name, scale_slots(&slots[i].machine, slots[i].kind));
        const char *why = scale_slots_why(&slots[i].machine, slots[i].kind, &arena);
        cr_expect(strstr(why, slots[i].why), "%s: %s", slots[i].name, why);
    }
}

Test(scale, a_warning_names_the_capacity)
{
    AUTO_ARENA arena = {0};
    struct scale_machine machine = {2, 4 * GIB, 20000, 90000};

    cr_assert_str_eq(scale_warning(&machine, WORK_COMMAND, 512, &arena), "");
    const char *warning = scale_warning(&machine, WORK_COMMAND, 5000, &arena);
    cr_assert(strstr(warning, "5000"), "%s", warning);
    cr_assert(strstr(warning, "512 commands"), "%s", warning);
    cr_assert(strstr(warning, "4096 MiB"), "%s", warning);
}

static const struct {
    const char *name;
    struct scale_input input;
    size_t agents, batch;
    const char *how;
} choices[] = {
    {"no items", {.items = 0, .minutes_per_item = 5}, 0, 1, "no items"},
    {"one item", {.items = 1, .minutes_per_item = 5}, 1, 1, "1 agents for 1 items"},
    {"long items: one agent each",
     {.items = 90, .minutes_per_item = 5, .kind = WORK_MODEL},
     90,
     1,
     "90 agents for 90 items"},
    {"short items: 6 s each, 0.3 s an agent",
     {.items = 90, .minutes_per_item = 0.01, .kind = WORK_MODEL},
     13,
     7,
     "13 agents"},
    {"no time at all: one agent", {.items = 90, .kind = WORK_MODEL}, 1, 90, "1 agents"},
    {"a dear start",
     {.items = 90, .minutes_per_item = 1, .kind = WORK_MODEL, .overhead_s = 60},
     9,
     10,
     "60 s an agent"},
    {"commands are capped by cores",
     {.items = 90, .minutes_per_item = 1, .kind = WORK_COMMAND, .machine = {.cores = 4}},
     8,
     12,
     "capped at 2 for each core"},
    {"as many commands as the cap is no cap",
     {.items = 8, .minutes_per_item = 1, .kind = WORK_COMMAND, .machine = {.cores = 4}},
     8,
     1,
     "no other number less"},
    {"an unknown machine has one core",
     {.items = 90, .minutes_per_item = 1, .kind = WORK_COMMAND},
     2,
     45,
     "capped"},
    {"models are capped by memory",
     {.items = 90, .minutes_per_item = 5, .kind = WORK_MODEL, .machine = {.memory_bytes = 3 * GIB}},
     10,
     9,
     "no more at once (3072 MiB"},
    {"the user's number",
     {.items = 90, .minutes_per_item = 1, .kind = WORK_COMMAND, .user = 50},
     50,
     2,
     "as asked for"},
    {"not more agents than items",
     {.items = 9, .minutes_per_item = 1, .user = 50},
     9,
     1,
     "9 agents, as asked for"},
};

Test(scale, takes_the_number_with_the_least_time)
{
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        AUTO_ARENA arena = {0};
        struct scale_choice choice;
        scale_choose(&choices[i].input, &arena, &choice);
        cr_expect_eq(choice.agents, choices[i].agents, "%s: %zu agents", choices[i].name,
                     choice.agents);
        cr_expect_eq(choice.batch, choices[i].batch, "%s: batch %zu", choices[i].name,
                     choice.batch);
        cr_expect(strstr(choice.how, choices[i].how), "%s: %s", choices[i].name, choice.how);
        cr_expect_str_eq(choice.warning, "");
        cr_expect_eq(strstr(choice.how, "capped") || strstr(choice.how, "no more at once"),
                     strstr(choices[i].name, "capped") || strstr(choices[i].how, "capped"),
                     "%s: %s", choices[i].name, choice.how);
    }
}

Test(scale, an_absurd_wish_is_honoured_with_a_warning)
{
    AUTO_ARENA arena = {0};
    struct scale_choice choice;
    struct scale_input input = {.items = 5000,
                                .minutes_per_item = 1,
                                .kind = WORK_MODEL,
                                .machine = {.memory_bytes = 3 * GIB},
                                .user = 5000};

    scale_choose(&input, &arena, &choice);
    cr_assert_eq(choice.agents, 5000);
    cr_assert(strstr(choice.warning, "about 10 model agents"), "%s", choice.warning);
}
