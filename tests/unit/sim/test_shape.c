/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/shape.h"

#include <criterion/criterion.h>

Test(shape, faults_have_names)
{
    struct shape s = shape_usual(5);

    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        enum sim_fault fault;
        cr_assert(sim_fault_parse(sim_fault_name((enum sim_fault)i), &fault));
        cr_expect_eq((int)fault, i);
        cr_expect(shape_has(&s, fault));
    }
    s.faults = 0;
    cr_expect_not(shape_has(&s, SIM_CRASHES));
}

Test(shape, unknown_faults_are_refused)
{
    enum sim_fault fault = SIM_JUMPS;

    cr_expect_not(sim_fault_parse("weather", &fault));
    cr_expect_eq(fault, SIM_JUMPS);
}
