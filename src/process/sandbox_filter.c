/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#ifdef OWN_ARCHITECTURE

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
/* Skips the next instruction unless the loaded field is `value`. */
#define IF_IS(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define ERROR(number) (SECCOMP_RET_ERRNO | ((number)&SECCOMP_RET_DATA))

/* The numbers of x32, which share the architecture's name, start here; elsewhere none are so high.
 */
enum { FOREIGN_NUMBERS = 0x40000000 };

static const struct sock_filter program[] = {
    FIELD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
    ANSWER(ERROR(ENOSYS)),
    FIELD(nr),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_NUMBERS, 0, 1),
    ANSWER(ERROR(ENOSYS)),
    IF_IS(SYS_io_uring_setup),
    ANSWER(ERROR(ENOSYS)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    FIELD(args[0]), /* the low half on these little-endian machines; the kernel reads an int */
    IF_IS(AF_UNIX),
    ANSWER(SECCOMP_RET_ALLOW),
    IF_IS(AF_NETLINK),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(ERROR(EACCES)),
};

__attribute__((no_sanitize_address)) int sandbox_filter_network(void)
{
    struct sock_fprog all = {.len = COUNT_OF(program), .filter = (struct sock_filter *)program};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) < 0 ? errno : 0;
}

#else

int sandbox_filter_network(void)
{
    return EOPNOTSUPP;
}

#endif
