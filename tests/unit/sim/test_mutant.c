/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/mutant.h"
#include "sim/play.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

enum { SEEDS = 600 };

/* Whether some world, with crashes or without, breaks the invariant that the mutant names. */
static bool found(const struct mutant *mutant)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct play_options o = {.shape = shape_usual(seed),
                                 .crash_chance = seed % 2 ? 0 : 0.02,
                                 .journal = mutant->engine == MUTANT_FORGETS_COMMIT,
                                 .mutant = mutant};
        struct play_result result;
        play(&o, &result);
        bool hit = result.broken && strcmp(result.broken, mutant->caught_by) == 0;
        play_result_free(&result);
        if (hit)
            return true;
    }
    return false;
}

static void free_numbers(struct criterion_test_params *params)
{
    cr_free(params->params);
}

/* By number: a test's process has addresses of its own. */
ParameterizedTestParameters(mutant, is_found)
{
    size_t *numbers = cr_malloc(mutant_count * sizeof *numbers);

    for (size_t i = 0; i < mutant_count; i++)
        numbers[i] = i;
    return cr_make_param_array(size_t, numbers, mutant_count, free_numbers);
}

ParameterizedTest(const size_t *number, mutant, is_found)
{
    const struct mutant *mutant = &mutants[*number];

    cr_assert(found(mutant), "'%s' is not found by %s", mutant->name, mutant->caught_by);
}

Test(mutant, each_invariant_has_one)
{
    for (size_t i = 0; i < invariant_count; i++) {
        bool any = false;
        for (size_t k = 0; k < mutant_count; k++)
            any |= strcmp(mutants[k].caught_by, invariants[i].name) == 0;
        cr_expect(any, "nothing shows that %s can fail", invariants[i].name);
    }
}
