/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Hidden from the compiler, which would refuse to build what these tests do. */
static volatile size_t huge = SIZE_MAX / 2;

Test(memory, allocates_even_nothing)
{
    AUTO_FREE void *nothing = mem_alloc(0);
    AUTO_FREE unsigned char *zeroed = mem_zero(64);

    cr_assert_not_null(nothing);
    for (size_t i = 0; i < 64; i++)
        cr_assert_eq(zeroed[i], 0);
}

Test(memory, copies_strings)
{
    AUTO_FREE char *whole = mem_string("kelp");
    AUTO_FREE char *part = mem_string_n("kelp\0forest", 11);
    AUTO_FREE char *empty = mem_string_n(NULL, 0);

    cr_assert_str_eq(whole, "kelp");
    cr_assert_arr_eq(part, "kelp\0forest", 12);
    cr_assert_str_eq(empty, "");
}

Test(memory, resizing_keeps_the_content)
{
    AUTO_FREE int *numbers = mem_resize(NULL, 2, sizeof *numbers);

    numbers[0] = 7;
    numbers[1] = 8;
    numbers = mem_resize(numbers, 1000, sizeof *numbers);
    cr_assert_eq(numbers[0], 7);
    cr_assert_eq(numbers[1], 8);
    numbers = mem_resize(numbers, 0, sizeof *numbers);
    cr_assert_not_null(numbers);
}

Test(memory, handed_over_is_not_freed)
{
    char *kept;
    {
        AUTO_FREE char *local = mem_string("mine");
        kept = local;
        local = NULL;
    }
    cr_assert_str_eq(kept, "mine");
    free(kept);
}

Test(memory, alloc_stops_when_exhausted, .signal = SIGABRT)
{
    free(mem_alloc(huge));
}

Test(memory, zero_stops_when_exhausted, .signal = SIGABRT)
{
    free(mem_zero(huge));
}

Test(memory, resize_stops_when_exhausted, .signal = SIGABRT)
{
    free(mem_resize(NULL, huge, 1));
}

Test(memory, resize_stops_on_overflow, .signal = SIGABRT)
{
    free(mem_resize(NULL, huge, 16));
}

Test(memory, a_bug_says_where)
{
    char said[256] = "";
    int ends[2], status;

    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        bug_at("tree.c", 12, "wave %d is %s", 3, "gone");
    }
    close(ends[1]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    cr_assert_gt(read(ends[0], said, sizeof said - 1), 0);
    cr_assert_str_eq(said, "kelp: bug at tree.c:12: wave 3 is gone\n");
    close(ends[0]);
}
