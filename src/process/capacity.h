/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left on this machine for one more agent, from /proc, the control groups (of both
 * versions) and the file system. It is read anew at each look, which takes well under a
 * millisecond. What cannot be read is unknown and bounds nothing.
 */
#ifndef KELP_PROCESS_CAPACITY_H
#define KELP_PROCESS_CAPACITY_H

#include "core/admission.h"

#include <sys/types.h>

/* Whose limits count. Right when zeroed. */
struct capacity_whose {
    pid_t keeper;    /* the process that holds a descriptor for each agent; 0: not known yet */
    const char *dir; /* on the file system of what agents leave; NULL: none */
};

void capacity_read(const struct capacity_whose *whose, struct machine_reading *ret);

/* Tightens what is known by the control group `folder` and those above it, of the hierarchy of a
 * controller of cgroup v1, "memory" or "pids"; NULL: of v2. */
void capacity_read_groups(const char *folder, const char *controller, struct machine_reading *ret);

/* "some avg10=1.25 avg60=..." of a pressure file (accounting/psi.rst of the kernel) in thousandths;
 * 0 for what is not understood. */
uint32_t capacity_parse_stall(const char *text);
/* The number behind a word at the start of a line: "MemTotal:  12345 kB" of /proc/meminfo,
 * "inactive_file 4096" of memory.stat; 0 if it is not there. */
uint64_t capacity_parse_field(const char *text, const char *word);

#endif
