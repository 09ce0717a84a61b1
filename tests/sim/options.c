/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: kelp-sim [--seeds N] [--first S] [--jobs N] [--every-point] [--shrink] [--seen]\n"
    "       kelp-sim --seed S [--small] [--children N] [--steps N] [--agents N]\n"
    "                [--without FAULT,... | --only FAULT,...] [--crash-chance P]\n"
    "                [--force KIND@PLACE[:AMOUNT] | --script KIND@PLACE[:AMOUNT],... | none]\n"
    "                [--verbose] [--shrink]\n"
    "       kelp-sim --children N --slots N\n"
    "       kelp-sim --soak HOURS\n"
    "       kelp-sim --mutants [--figures FILE]   plants every bug and counts those that are "
    "found\n"
    "the first two with --journal: a real journal on a disk that fails\n"
    "the first with --figures FILE: what was tried, as JSON\n"
    "the first two with [--mutant NAME]: a planted bug that has to be found\n";

/* How an option is read. `value` is NULL for one without; false: it is not valid. */
struct row {
    const char *name;
    bool has_value;
    bool (*read)(struct arguments *a, size_t at, const char *value);
    size_t at; /* in struct arguments, what is set; 0: the reader knows */
};

static void *member(struct arguments *a, size_t at)
{
    return (char *)a + at;
}

static bool read_flag(struct arguments *a, size_t at, const char *value UNUSED)
{
    *(bool *)member(a, at) = true;
    return true;
}

static bool read_word(struct arguments *a, size_t at, const char *value)
{
    *(const char **)member(a, at) = value;
    return true;
}

static bool read_share(struct arguments *a, size_t at, const char *value)
{
    return text_to_double(value, member(a, at));
}

static bool read_number(struct arguments *a, size_t at, const char *value)
{
    int64_t n;
    bool fine = text_to_int64(value, 0, UINT32_MAX, &n);

    if (fine)
        *(uint32_t *)member(a, at) = (uint32_t)n;
    return fine;
}

static bool read_long_number(struct arguments *a, size_t at, const char *value)
{
    int64_t n;
    bool fine = text_to_int64(value, 0, INT64_MAX, &n);

    if (fine)
        *(uint64_t *)member(a, at) = (uint64_t)n;
    return fine;
}

static bool read_journal(struct arguments *a, size_t at UNUSED, const char *value UNUSED)
{
    a->search.journal = a->one.journal = true;
    return true;
}

static bool read_small(struct arguments *a, size_t at UNUSED, const char *value UNUSED)
{
    a->one.shape = shape_small(a->one.shape.seed);
    return true;
}

/* What is said of the world follows it. */
static bool read_seed(struct arguments *a, size_t at, const char *value)
{
    a->single = true;
    bool fine = read_long_number(a, at, value);
    a->one.shape = shape_usual(a->one.shape.seed);
    return fine;
}

static bool parse_faults(const char *list, uint32_t *ret)
{
    *ret = 0;
    if (strcmp(list, "none") == 0)
        return true;
    while (*list) {
        size_t length = strcspn(list, ",");
        AUTO_FREE char *word = mem_string_n(list, length);
        enum sim_fault fault;
        if (!sim_fault_parse(word, &fault))
            return false;
        *ret |= 1u << fault;
        list += length + (list[length] == ',');
    }
    return true;
}

static bool read_only(struct arguments *a, size_t at UNUSED, const char *value)
{
    return parse_faults(value, &a->one.shape.faults);
}

static bool read_without(struct arguments *a, size_t at UNUSED, const char *value)
{
    uint32_t faults;
    bool fine = parse_faults(value, &faults);

    if (fine)
        a->one.shape.faults &= ~faults;
    return fine;
}

static bool read_script(struct arguments *a, size_t at UNUSED, const char *value)
{
    script_free(&a->one.script);
    a->one.scripted = true;
    return script_parse(value, &a->one.script);
}

static bool read_forced(struct arguments *a, size_t at UNUSED, const char *value)
{
    struct script script;
    bool fine = script_parse(value, &script) && script.list.count == 1;

    if (fine)
        a->one.accident = script.list.at[0];
    a->one.forced = fine;
    script_free(&script);
    return fine;
}

static bool read_mutant(struct arguments *a, size_t at UNUSED, const char *value)
{
    a->search.mutant = a->one.mutant = mutant_find(value);
    return a->one.mutant;
}

#define AT(member) offsetof(struct arguments, member)

static const struct row rows[] = {
    {"seeds", true, read_long_number, AT(search.seeds)},
    {"first", true, read_long_number, AT(search.first)},
    {"jobs", true, read_number, AT(search.threads)},
    {"every-point", false, read_flag, AT(search.every_point)},
    {"journal", false, read_journal, 0},
    {"figures", true, read_word, AT(figures)},
    {"mutants", false, read_flag, AT(mutants)},
    {"shrink", false, read_flag, AT(shrink)},
    {"seen", false, read_flag, AT(seen)},
    {"seed", true, read_seed, AT(one.shape.seed)},
    {"small", false, read_small, 0},
    {"children", true, read_number, AT(one.shape.children)},
    {"steps", true, read_number, AT(one.shape.steps)},
    {"agents", true, read_number, AT(one.shape.agents)},
    {"without", true, read_without, 0},
    {"only", true, read_only, 0},
    {"force", true, read_forced, 0},
    {"script", true, read_script, 0},
    {"crash-chance", true, read_share, AT(one.crash_chance)},
    {"slots", true, read_number, AT(slots)},
    {"soak", true, read_number, AT(soak_hours)},
    {"mutant", true, read_mutant, 0},
    {"verbose", false, read_flag, AT(verbose)},
};

static bool read_all(int argc, char **argv, struct arguments *a)
{
    struct option known[COUNT_OF(rows) + 1] = {0};
    int index;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        known[i] = (struct option){.name = rows[i].name,
                                   .has_arg = rows[i].has_value ? required_argument : no_argument};
    for (int id; (id = getopt_long(argc, argv, "", known, &index)) != -1;)
        if (id == '?' || !rows[index].read(a, rows[index].at, optarg))
            return false;
    return optind == argc;
}

bool options_read(int argc, char **argv, struct arguments *ret)
{
    *ret = (struct arguments){.program = argv[0],
                              .search = {.first = 1, .seeds = 200, .threads = 1},
                              .one = {.shape = shape_usual(1)}};
    bool fine = read_all(argc, argv, ret);

    if (!fine)
        (void)fputs(usage, stderr); /* there is nobody else to tell */
    return fine;
}

void options_free(struct arguments *a)
{
    script_free(&a->one.script);
}
