/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scale.h"

#include "base/text.h"

static const struct footprint {
    const char *noun;
    uint64_t memory_mib;
    uint64_t processes;
} footprints[] = {
    [WORK_COMMAND] = {"commands", 8, 4},
    [WORK_MODEL] = {"model agents", 300, 16},
};

enum { MIB = 1024 * 1024, DESCRIPTORS_KEPT = 256 };

/* The bound that binds, and its words. */
struct bound {
    uint64_t slots;
    const char *what; /* NULL: nothing is known */
    uint64_t have, each;
};

static void tighten(struct bound *bound, const char *what, uint64_t have, uint64_t each)
{
    if (have / each < bound->slots)
        *bound = (struct bound){.slots = have / each, .what = what, .have = have, .each = each};
}

static struct bound find_bound(const struct scale_machine *machine, enum work_kind kind)
{
    const struct footprint *each = &footprints[kind];
    struct bound bound = {.slots = SCALE_SLOTS_MAX};
    uint64_t descriptors = machine->descriptors;

    if (machine->memory_bytes)
        tighten(&bound, "MiB of memory", machine->memory_bytes / MIB, each->memory_mib);
    if (descriptors)
        tighten(&bound, "descriptors",
                descriptors > DESCRIPTORS_KEPT ? descriptors - DESCRIPTORS_KEPT : 0, 1);
    if (machine->processes)
        tighten(&bound, "processes", machine->processes, each->processes);
    if (bound.slots == 0)
        bound.slots = 1;
    return bound;
}

size_t scale_slots(const struct scale_machine *machine, enum work_kind kind)
{
    return (size_t)find_bound(machine, kind).slots;
}

const char *scale_slots_why(const struct scale_machine *machine, enum work_kind kind,
                            struct arena *arena)
{
    struct bound bound = find_bound(machine, kind);

    if (!bound.what)
        return "nothing that was measured bounds it";
    return arena_format(arena, "%llu %s at %llu for each agent", (unsigned long long)bound.have,
                        bound.what, (unsigned long long)bound.each);
}

const char *scale_warning(const struct scale_machine *machine, enum work_kind kind, size_t wanted,
                          struct arena *arena)
{
    size_t slots = scale_slots(machine, kind);

    if (wanted <= slots)
        return "";
    return arena_format(
        arena, "%zu agents were asked for; this machine holds about %zu %s at once (%s)", wanted,
        slots, footprints[kind].noun, scale_slots_why(machine, kind, arena));
}

static size_t cap_of(const struct scale_input *input)
{
    size_t cores = input->machine.cores ? input->machine.cores : 1;

    if (input->kind == WORK_COMMAND)
        return cores * SCALE_CORE_FACTOR;
    return scale_slots(&input->machine, input->kind);
}

static double overhead_of(const struct scale_input *input)
{
    return input->overhead_s > 0 ? input->overhead_s : SCALE_OVERHEAD_S;
}

static double minutes_with(const struct scale_input *input, size_t agents)
{
    size_t batch = input->items / agents + (input->items % agents != 0);

    return (double)batch * input->minutes_per_item + (double)agents * overhead_of(input) / 60;
}

/* The number of agents with the least time, up to `most`. */
static size_t best_of(const struct scale_input *input, size_t most)
{
    size_t best = 1;

    for (size_t k = 2; k <= most; k++)
        if (minutes_with(input, k) < minutes_with(input, best))
            best = k;
    return best;
}

static const char *explain(const struct scale_input *input, const struct scale_choice *choice,
                           size_t cap, struct arena *arena)
{
    const char *capped = "";

    if (choice->agents == cap && cap < input->items)
        capped = input->kind == WORK_COMMAND
                     ? arena_format(arena, "; commands are capped at %d for each core",
                                    SCALE_CORE_FACTOR)
                     : arena_format(arena, "; the machine holds no more at once (%s)",
                                    scale_slots_why(&input->machine, input->kind, arena));
    return arena_format(arena,
                        "%zu agents for %zu items, %zu each: at %.3g min an item and %.3g s an "
                        "agent that takes %.3g min, and no other number less%s",
                        choice->agents, input->items, choice->batch, input->minutes_per_item,
                        overhead_of(input), minutes_with(input, choice->agents), capped);
}

void scale_choose(const struct scale_input *input, struct arena *arena, struct scale_choice *ret)
{
    size_t cap = cap_of(input);
    size_t most = cap < input->items ? cap : input->items;

    *ret = (struct scale_choice){.batch = 1, .how = "there are no items", .warning = ""};
    if (!input->items)
        return;
    if (input->user) {
        ret->agents = input->user < input->items ? input->user : input->items;
        ret->how = arena_format(arena, "%zu agents, as asked for, for %zu items", ret->agents,
                                input->items);
        ret->warning = scale_warning(&input->machine, input->kind, ret->agents, arena);
    } else {
        ret->agents = best_of(input, most);
    }
    ret->batch = input->items / ret->agents + (input->items % ret->agents != 0);
    if (!input->user)
        ret->how = explain(input, ret, cap, arena);
}
