/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc says about processes. A pid alone can come to mean another process at any moment,
 * so a process is known by its pid and its start time, in clock ticks since boot (field 22 of
 * /proc/PID/stat). Functions return 0 or -errno: a process that is gone is no fault.
 */
#ifndef KELP_PROCESS_PROC_H
#define KELP_PROCESS_PROC_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_id {
    pid_t pid;
    uint64_t start_ticks;
};

/* Works with the vector_ macros. */
struct proc_list {
    struct proc_id *at;
    size_t count;
    size_t capacity;
};

struct proc_stat {
    char state;
    bool dead; /* no thread of it runs any more */
    pid_t parent;
    pid_t group;
    pid_t session;
    uint64_t start_ticks;
    uint64_t own_ticks; /* CPU time that it has used itself */
    uint64_t cpu_ticks; /* the same, and that of the children it waited for */
};

enum { PROC_BOOT_ID_BYTES = 37 };

/* Of the line that /proc/PID/stat has, which is cut up; -EIO where it is none. */
int proc_stat_parse(char *buffer, struct proc_stat *ret);
int proc_stat_read(pid_t pid, struct proc_stat *ret);
/* Is this very process there and not dead? */
bool proc_alive(struct proc_id id);
/* For deadlines and measuring: microseconds that never step. */
int64_t proc_now_us(void);
/* CPU time that the calling thread has used, in microseconds. */
int64_t proc_cpu_us(void);
/* Ticks since boot, on the scale of start times. */
uint64_t proc_ticks_now(void);
/* Appends all children of all threads of `pid`, dead ones too, with 0 for their start times. */
int proc_children(pid_t pid, struct proc_list *list);
/* Appends those of `pid`, theirs, and so on, without dead ones; not `pid` itself. */
void proc_descendants(pid_t pid, struct proc_list *list);
/* Appends every process of the machine that can be seen. */
int proc_all(struct proc_list *list);
/* Sends to this very process, never to one that has taken over its pid. */
int proc_signal(struct proc_id id, int signal_number);
/* The value of `name` in the environment that `pid` was started with; caller frees, NULL if there
 * is none or it can't be read. */
char *proc_environ(pid_t pid, const char *name);
/* What a process has given up for good, it and all that it starts. */
struct proc_bonds {
    bool no_new_privileges;
    int64_t filters; /* of system calls; 0 also where the kernel (before Linux 5.9) does not say */
};
int proc_bonds_read(pid_t pid, struct proc_bonds *ret);
/* Identifies the present boot of the machine; "" where the kernel does not say. */
void proc_boot_id(char ret_id[PROC_BOOT_ID_BYTES]);
bool proc_list_has(const struct proc_list *list, struct proc_id id);

#endif
