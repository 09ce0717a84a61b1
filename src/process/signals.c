/* SPDX-License-Identifier: Apache-2.0 */
#include "process/signals.h"

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's form has other fields on each machine; the default action is all zeros on all. */
enum { KERNEL_ACTION_WORDS = 8 };

/* It runs on stacks that the address sanitizer does not know. */
__attribute__((no_sanitize_address)) void signal_reset(int s)
{
    static const uint64_t plain[KERNEL_ACTION_WORDS];

    (void)syscall(SYS_rt_sigaction, s, plain, NULL, (size_t)(NSIG - 1) / 8);
}
