/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;
static char *commits[4];

/* 1 and 2 conflict in f1; 3 touches another part of f1; 4 is alone. */
static const char *const work[] = {"sed -i 's/^1$/one/' src/f1.c",
                                   "sed -i 's/^1$/uno/' src/f1.c && echo t >two",
                                   "sed -i 's/^20$/twenty/' src/f1.c", "echo four >four"};

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
    for (size_t i = 0; i < COUNT_OF(work); i++) {
        AUTO_FREE char *name = text_format("ORG_4729.%zu", i + 1);
        json_auto_t *copied = do_copy(&p, name);
        sh(str(copied, "path"), "%s", work[i]);
        commits[i] = settle_and_fetch(&p, name);
    }
}

static void end(void)
{
    for (size_t i = 0; i < COUNT_OF(work); i++)
        free(commits[i]);
    place_end(&p);
}

TestSuite(merge, .init = begin, .fini = end, .timeout = 120);

/* Branches by number, 0 ends the list. */
static json_t *branches(const int *numbers)
{
    json_t *list = json_array();

    for (; *numbers; numbers++) {
        AUTO_FREE char *id = text_format("ORG_4729.%d", *numbers);
        AUTO_FREE char *title = text_format("Bug %d", *numbers);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", id, "title", title, "commit",
                                              commits[*numbers - 1]));
    }
    return list;
}

static json_t *merge(const int *numbers, const char *key)
{
    AUTO_FREE char *path = clone_path(&p, "run");

    return op("merge", "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "repo", p.repo, "run",
              "ORG_4729", "path", path, "base", p.base, "branch", "kelp/ORG_4729", "onto", p.base,
              "branches", branches(numbers), "identity_key", key);
}

Test(merge, consolidate_names_the_pairs_that_conflict)
{
    json_auto_t *answer = op("consolidate", "{s:s, s:s, s:o}", "repo", p.repo, "base", p.base,
                             "branches", branches((int[]){1, 2, 3, 4, 0}));
    const json_t *pairs = json_object_get(answer, "pairs");
    const json_t *pair = json_array_get(pairs, 0);

    cr_assert_eq(json_array_size(pairs), 1);
    cr_expect_str_eq(str(pair, "a"), "ORG_4729.1");
    cr_expect_str_eq(str(pair, "b"), "ORG_4729.2");
    cr_expect(json_has(json_object_get(pair, "paths"), "src/f1.c"));
    cr_expect(json_has(json_object_get(json_object_get(answer, "files"), "ORG_4729.2"), "two"));
}

Test(merge, consolidate_sees_a_file_against_a_folder)
{
    AUTO_FREE char *a = sh_out(p.repo, "git checkout -q -b a && echo x >thing && git add thing && "
                                       "git commit -qm a && git rev-parse HEAD");
    AUTO_FREE char *b = sh_out(p.repo, "git checkout -q -b b main && mkdir thing && "
                                       "echo x >thing/y && git add thing && git commit -qm b && "
                                       "git rev-parse HEAD");
    json_auto_t *answer =
        op("consolidate", "{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}]}", "repo", p.repo, "base", p.base,
           "branches", "id", "ORG_4729.1", "commit", a, "id", "ORG_4729.2", "commit", b);

    cr_expect_eq(json_array_size(json_object_get(answer, "pairs")), 1);
}

Test(merge, goes_on_where_a_killed_one_left_its_lock)
{
    sh(p.repo, "mkdir -p .git/refs/heads/kelp && : >.git/refs/heads/kelp/ORG_4729.lock");
    json_auto_t *answer = merge((int[]){1, 0}, "key-1");

    cr_expect_eq(json_array_size(json_object_get(answer, "merged")), 1);
    sh(p.repo, "git rev-parse -q --verify kelp/ORG_4729 && "
               "test ! -e .git/refs/heads/kelp/ORG_4729.lock");
}

Test(merge, goes_in_order_leaves_conflicts_out_and_touches_no_working_tree)
{
    sh(p.repo, "echo dirty >>src/f1.c && git checkout -q -b elsewhere");
    AUTO_FREE char *before = listing(p.repo);
    json_auto_t *answer = merge((int[]){1, 2, 3, 4, 0}, "key-1");
    AUTO_FREE char *after = listing(p.repo);
    const json_t *conflict = json_array_get(json_object_get(answer, "conflicts"), 0);

    cr_expect_str_eq(after, before);
    cr_expect_eq(json_array_size(json_object_get(answer, "merged")), 3);
    cr_expect_str_eq(str(conflict, "id"), "ORG_4729.2");
    cr_expect(json_has(json_object_get(conflict, "paths"), "src/f1.c"));
    cr_expect_eq(json_get_int(answer, "commits", -1), 6);
    cr_expect_eq(json_get_int(answer, "files", -1), 2);
    AUTO_FREE char *log = text_format("Merge ORG_4729.4: Bug 4\nMerge ORG_4729.3: Bug 3\n"
                                      "Merge ORG_4729.1: Bug 1\n%s",
                                      str(answer, "commit"));
    AUTO_FREE char *shown = text_format("%s\none\ntwenty\nfour", str(answer, "commit"));
    expect_word(sh_out(p.repo, "git log --first-parent --format=%%s -3 kelp/ORG_4729 && "
                               "git rev-parse kelp/ORG_4729"),
                log);
    AUTO_FREE char *run = clone_path(&p, "run");
    expect_word(sh_out(run, "git rev-parse HEAD && sed -n '1p;20p' src/f1.c && cat four && "
                            "git status --porcelain"),
                shown);
}

Test(merge, a_repeat_finds_what_is_done_and_goes_on_from_there)
{
    json_auto_t *part = merge((int[]){1, 3, 0}, "key-1");
    json_auto_t *whole = merge((int[]){1, 2, 3, 4, 0}, "key-1");
    json_auto_t *again = merge((int[]){1, 2, 3, 4, 0}, "key-1");

    cr_expect(json_equal(whole, again));
    expect_word(sh_out(p.repo, "git rev-parse %s^1", str(whole, "commit")), str(part, "commit"));
}

Test(merge, another_command_starts_anew)
{
    json_decref(merge((int[]){1, 0}, "key-1"));
    json_auto_t *two = merge((int[]){2, 4, 0}, "key-2");

    cr_expect_eq(json_array_size(json_object_get(two, "merged")), 2);
    cr_expect_eq(json_array_size(json_object_get(two, "conflicts")), 0);
    AUTO_FREE char *run = clone_path(&p, "run");
    expect_word(sh_out(run, "head -1 src/f1.c"), "uno");
}

Test(merge, refuses_to_move_a_branch_that_is_checked_out)
{
    json_auto_t *one = merge((int[]){1, 0}, "key-1");
    sh(p.repo, "git worktree add -q ../wt kelp/ORG_4729");
    AUTO_FREE char *run = clone_path(&p, "run");
    AUTO_FREE char *why =
        op_fault("merge", FAULT_REFUSED, "{s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "repo", p.repo,
                 "path", run, "base", p.base, "branch", "kelp/ORG_4729", "onto", p.base, "branches",
                 branches((int[]){2, 0}), "identity_key", "key-2");

    cr_expect(strstr(why, "checked out") != NULL, "%s", why);
    expect_word(sh_out(p.repo, "git rev-parse kelp/ORG_4729"), str(one, "commit"));
}

Test(merge, nothing_to_merge_is_the_start)
{
    json_auto_t *answer = merge((int[]){0}, "key-1");

    cr_expect_str_eq(str(answer, "commit"), p.base);
    cr_expect_eq(json_get_int(answer, "commits", -1), 0);
}

Test(merge, diffstat_of_the_result)
{
    json_decref(merge((int[]){1, 4, 0}, "key-1"));
    json_auto_t *d =
        op("diffstat", "{s:s, s:s, s:s}", "repo", p.repo, "from", p.base, "to", "kelp/ORG_4729");
    const json_t *first = json_array_get(json_object_get(d, "changed"), 0);

    cr_expect_eq(json_get_int(d, "files", -1), 2);
    cr_expect_eq(json_get_int(d, "insertions", -1), 2);
    cr_expect_eq(json_get_int(d, "deletions", -1), 1);
    cr_expect_str_eq(str(first, "path"), "four");
}

Test(merge, fetch_checks_objects_and_repeats)
{
    AUTO_FREE char *path = clone_path(&p, "ORG_4729.4");
    for (size_t i = 0; i < 2; i++) {
        json_auto_t *answer = op("fetch", "{s:s, s:s, s:s, s:s}", "repo", p.repo, "path", path,
                                 "commit", commits[3], "ref", "refs/heads/kelp/ORG_4729.4");
        cr_expect_str_eq(str(answer, "commit"), commits[3]);
    }
    AUTO_FREE char *bad = sh_out(path, "printf 'tree %%s\\nauthor x\\n\\nbad\\n' "
                                       "$(git rev-parse HEAD^{tree}) | "
                                       "git hash-object -t commit -w --stdin --literally");
    free(op_fault("fetch", FAULT_GIT, "{s:s, s:s, s:s, s:s}", "repo", p.repo, "path", path,
                  "commit", bad, "ref", "refs/heads/kelp/bad"));
    cr_expect_neq(sh_status(p.repo, "git rev-parse -q --verify refs/heads/kelp/bad"), 0);
}
