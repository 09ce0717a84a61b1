/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/shape.h"

#include <string.h>

static const char *const words[SIM_FAULT_COUNT] = {
#define SIM_FAULT_WORD(name, word) [SIM_##name] = word,
    SIM_FAULTS(SIM_FAULT_WORD)
#undef SIM_FAULT_WORD
};

struct shape shape_usual(uint64_t seed)
{
    return (struct shape){
        .seed = seed, .children = 8, .steps = 6, .agents = 4, .faults = SIM_FAULTS_ALL};
}

struct shape shape_mixed(uint64_t seed)
{
    struct shape shape = shape_usual(seed);

    if (seed % 4 == 0)
        return shape;
    shape.children = 4;
    shape.steps = 3;
    shape.agents = 2;
    return shape;
}

struct shape shape_small(uint64_t seed)
{
    return (struct shape){
        .seed = seed, .children = 3, .steps = 2, .agents = 2, .faults = SIM_FAULTS_ALL};
}

bool shape_has(const struct shape *s, enum sim_fault fault)
{
    return s->faults & (1u << fault);
}

const char *sim_fault_name(enum sim_fault fault)
{
    return words[fault];
}

bool sim_fault_parse(const char *word, enum sim_fault *ret)
{
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret = (enum sim_fault)i;
            return true;
        }
    }
    return false;
}
