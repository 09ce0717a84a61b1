/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_filter.h"

#include "base/call_numbers.h"
#include "process/own_stack.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#ifdef OWN_ARCHITECTURE

#define ALLOW SECCOMP_RET_ALLOW
#define ERROR(number) (SECCOMP_RET_ERRNO | ((number)&SECCOMP_RET_DATA))

/* The numbers of x32, which share the architecture's name, start here; elsewhere none are so high.
 */
enum { FOREIGN_NUMBERS = 0x40000000, TESTS_MAX = 3, TYPE_MASK = 0xf, WHOLE = -1 };

/* Holds if (argument & mask) == value: of its low half, as the kernel reads an int. */
struct test {
    uint32_t argument, mask, value;
};

/* The first rule whose tests all hold gives the answer; a call without one is allowed. */
struct rule {
    uint32_t call;
    struct test tests[TESTS_MAX]; /* those with a mask */
    uint32_t answer;
};

#define FAMILY(name)               \
    {                              \
        0, (uint32_t)WHOLE, (name) \
    }
#define TYPE(name)           \
    {                        \
        1, TYPE_MASK, (name) \
    }
#define PROTOCOL(name)             \
    {                              \
        2, (uint32_t)WHOLE, (name) \
    }
#define FAST_OPEN(argument)                    \
    {                                          \
        (argument), MSG_FASTOPEN, MSG_FASTOPEN \
    }

#define NO_RING                                  \
    {                                            \
        SYS_io_uring_setup, {{0}}, ERROR(ENOSYS) \
    }
#define ROUTES                                                           \
    {                                                                    \
        SYS_socket, {FAMILY(AF_NETLINK), PROTOCOL(NETLINK_ROUTE)}, ALLOW \
    }
#define NO_OTHER_SOCKETS                 \
    {                                    \
        SYS_socket, {{0}}, ERROR(EACCES) \
    }
/* Of a pair only those for datagrams can be connected anew, to somebody's path; of a raw one the
 * kernel makes one for datagrams. */
#define NO_LOOSE_PAIRS                                   \
    {SYS_socketpair, {TYPE(SOCK_DGRAM)}, ERROR(EACCES)}, \
    {                                                    \
        SYS_socketpair, {TYPE(SOCK_RAW)}, ERROR(EACCES)  \
    }
#define TCP_OF(family)                                                                \
    {SYS_socket, {FAMILY(family), TYPE(SOCK_STREAM), PROTOCOL(IPPROTO_IP)}, ALLOW},   \
    {                                                                                 \
        SYS_socket, {FAMILY(family), TYPE(SOCK_STREAM), PROTOCOL(IPPROTO_TCP)}, ALLOW \
    }

static const struct rule none_rules[] = {NO_RING, ROUTES, NO_OTHER_SOCKETS, NO_LOOSE_PAIRS};

static const struct rule internet_rules[] = {
    NO_RING,
    ROUTES,
    {SYS_socket, {FAMILY(AF_INET)}, ALLOW},
    {SYS_socket, {FAMILY(AF_INET6)}, ALLOW},
    NO_OTHER_SOCKETS,
    NO_LOOSE_PAIRS,
};

/* Landlock sees connect(), and neither MPTCP nor what connects by sending. */
static const struct rule tcp_rules[] = {
    NO_RING,
    ROUTES,
    TCP_OF(AF_INET),
    TCP_OF(AF_INET6),
    NO_OTHER_SOCKETS,
    NO_LOOSE_PAIRS,
    {SYS_sendto, {FAST_OPEN(3)}, ERROR(EOPNOTSUPP)},
    {SYS_sendmsg, {FAST_OPEN(2)}, ERROR(EOPNOTSUPP)},
    {SYS_sendmmsg, {FAST_OPEN(3)}, ERROR(EOPNOTSUPP)},
};

enum { IOCTL_LINUX_CONSOLE = 0x541c };

#define SHUT(name)                      \
    {                                   \
        SYS_##name, {{0}}, ERROR(EPERM) \
    }
/* Neither Landlock nor a namespace keeps a process from changing the limits of its user's others;
 * its own it has by the number 0. */
#define ONLY_OWN_LIMITS                                \
    {SYS_prlimit64, {{0, (uint32_t)WHOLE, 0}}, ALLOW}, \
    {                                                  \
        SYS_prlimit64, {{0}}, ERROR(EPERM)             \
    }
#define NO_INPUT(request)                                          \
    {                                                              \
        SYS_ioctl, {{1, (uint32_t)WHOLE, (request)}}, ERROR(EPERM) \
    }

static const struct rule door_rules[] = {
    NO_RING,
    SHUT(mount),
    SHUT(umount2),
    SHUT(pivot_root),
    SHUT(open_tree),
    SHUT(move_mount),
    SHUT(fsopen),
    SHUT(fsconfig),
    SHUT(fsmount),
    SHUT(fspick),
    SHUT(mount_setattr),
    SHUT(setns),
    SHUT(init_module),
    SHUT(finit_module),
    SHUT(delete_module),
    SHUT(kexec_load),
    SHUT(reboot),
    SHUT(swapon),
    SHUT(swapoff),
    SHUT(acct),
    SHUT(quotactl),
    SHUT(settimeofday),
    SHUT(clock_settime),
    SHUT(sethostname),
    SHUT(setdomainname),
    SHUT(syslog),
    SHUT(bpf),
    SHUT(perf_event_open),
    SHUT(add_key),
    SHUT(request_key),
    SHUT(keyctl),
    SHUT(userfaultfd),
    SHUT(open_by_handle_at),
    SHUT(vhangup),
    ONLY_OWN_LIMITS,
#ifdef SYS_kexec_file_load
    SHUT(kexec_file_load),
#endif
#ifdef __x86_64__
    SHUT(iopl),
    SHUT(ioperm),
#endif
    NO_INPUT(TIOCSTI),
    NO_INPUT(IOCTL_LINUX_CONSOLE),
};

static const struct rules {
    const struct rule *at;
    size_t count;
} rules_of[] = {
    [SANDBOX_SOCKETS_NONE] = {none_rules, COUNT_OF(none_rules)},
    [SANDBOX_SOCKETS_INTERNET] = {internet_rules, COUNT_OF(internet_rules)},
    [SANDBOX_SOCKETS_TCP] = {tcp_rules, COUNT_OF(tcp_rules)},
};
static const struct rules doors = {door_rules, COUNT_OF(door_rules)};

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset)))
#define ANSWER(value) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (value)))
#define JUMP(how, value, yes, no) \
    ((struct sock_filter)BPF_JUMP(BPF_JMP | (how) | BPF_K, (value), (yes), (no)))
#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))

enum {
    TEST_LENGTH = 3,
    RULE_LENGTH_MAX = 3 + TESTS_MAX * TEST_LENGTH,
    PROGRAM_MAX = 8 + RULE_LENGTH_MAX * COUNT_OF(door_rules),
};
_Static_assert(COUNT_OF(tcp_rules) <= COUNT_OF(door_rules), "the longest list bounds a program");

/* The low half comes first on these little-endian machines. */
static uint32_t argument_offset(uint32_t argument)
{
    return FIELD(args) + argument * (uint32_t)sizeof(uint64_t);
}

ON_OWN_STACK static size_t add_rule(struct sock_filter *p, const struct rule *rule)
{
    size_t tests = 0, n = 0;

    while (tests < TESTS_MAX && rule->tests[tests].mask)
        tests++;
    p[n++] = LOAD(FIELD(nr));
    p[n++] = JUMP(BPF_JEQ, rule->call, 0, (uint8_t)(tests * TEST_LENGTH + 1));
    for (size_t i = 0; i < tests; i++) {
        p[n++] = LOAD(argument_offset(rule->tests[i].argument));
        p[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->tests[i].mask);
        p[n++] =
            JUMP(BPF_JEQ, rule->tests[i].value, 0, (uint8_t)((tests - i - 1) * TEST_LENGTH + 1));
    }
    p[n++] = ANSWER(rule->answer);
    return n;
}

ON_OWN_STACK static int install(const struct rules *rules)
{
    struct sock_filter p[PROGRAM_MAX];
    size_t n = 0;

    p[n++] = LOAD(FIELD(arch));
    p[n++] = JUMP(BPF_JEQ, OWN_ARCHITECTURE, 1, 0);
    p[n++] = ANSWER(ERROR(ENOSYS));
    p[n++] = LOAD(FIELD(nr));
    p[n++] = JUMP(BPF_JGE, FOREIGN_NUMBERS, 0, 1);
    p[n++] = ANSWER(ERROR(ENOSYS));
    for (size_t i = 0; i < rules->count; i++)
        n += add_rule(p + n, &rules->at[i]);
    p[n++] = ANSWER(ALLOW);
    struct sock_fprog all = {.len = (unsigned short)n, .filter = p};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) < 0 ? errno : 0;
}

ON_OWN_STACK int sandbox_filter_sockets(enum sandbox_sockets sockets)
{
    return install(&rules_of[sockets]);
}

ON_OWN_STACK int sandbox_filter_doors(void)
{
    return install(&doors);
}

bool sandbox_filter_is_known(void)
{
    return true;
}

#else

bool sandbox_filter_is_known(void)
{
    return false;
}

int sandbox_filter_doors(void)
{
    return 0; /* Landlock and the rights that are gone have to do */
}

int sandbox_filter_sockets(enum sandbox_sockets sockets UNUSED)
{
    return EOPNOTSUPP;
}

#endif
