/* SPDX-License-Identifier: Apache-2.0 */
/* child-weight CHILDREN SLOTS: what a child that waits weighs, as a line of JSON. */
#include "base/text.h"
#include "sim/weight.h"

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int64_t children, slots;
    struct weight weight;

    if (argc != 3 || !text_to_int64(argv[1], 1, 10000000, &children) ||
        !text_to_int64(argv[2], 0, 10000000, &slots)) {
        (void)fprintf(stderr, "usage: child-weight CHILDREN SLOTS\n");
        return 2;
    }
    weight_measure((uint32_t)children, (uint32_t)slots, &weight);
    (void)printf("{\"children\": %u, \"done\": %u, \"bytes_per_child\": %.1f, \"events\": %" PRIu64
                 "}\n",
                 weight.children, weight.done, weight.bytes_per_child, weight.events);
    return weight.done == weight.children ? 0 : 1;
}
