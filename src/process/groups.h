/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One control group (cgroup v2) an attempt, where this user may make them: nothing that an attempt
 * starts leaves it, whatever it does with sessions and parents. Only the membership is used, no
 * controller, so the hierarchy of a hybrid system serves too. Groups are used again when
 * they are empty, unless they were killed. Functions return 0 or -errno.
 */
#ifndef KELP_PROCESS_GROUPS_H
#define KELP_PROCESS_GROUPS_H

#include "base/memory.h"
#include "base/vector.h"
#include "process/proc.h"

#include <stdbool.h>
#include <stdint.h>

struct groups {
    char *path;  /* the folder that holds the groups; owned; NULL: there are none */
    int base_fd; /* of it */
    uint32_t made;
    VECTOR(uint32_t) free; /* made and empty */
};

/* The folder of the caller's own group, below which it may make others; caller frees. */
int groups_home(char **ret_path) MUST_CHECK;
/* The same in the hierarchy of a controller of cgroup v1, such as "memory"; NULL: that of v2. */
int groups_home_of(const char *controller, char **ret_path) MUST_CHECK;
/* The same from what /proc/PID/cgroup and /proc/PID/mountinfo say. Both are cut up; NULL is empty.
 */
int groups_parse_home(char *cgroup, char *mountinfo, const char *controller,
                      char **ret_path) MUST_CHECK;
/* Makes the folder `name` there. */
int groups_open(struct groups *ret_groups, const char *name);
/* The same of a folder that exists, of any hierarchy. */
int groups_open_at(struct groups *ret_groups, const char *path);
/* Removes all that is empty. */
void groups_close(struct groups *groups);

/* An empty group; *ret_fd is its folder and the caller's to close. */
int groups_take(struct groups *groups, uint32_t *ret_number, int *ret_fd) MUST_CHECK;
void groups_give_back(struct groups *groups, uint32_t number);
/* Instead of giving it back once it was killed: some kernels (6.18 for one) kill whatever is
 * started into such a group later, too. */
void groups_remove(struct groups *groups, uint32_t number);
/* Is there a process in it that is not dead? On a doubt, yes. */
bool groups_populated(const struct groups *groups, uint32_t number);
/* Appends its processes, and those of groups that were made below it. */
void groups_processes(const struct groups *groups, uint32_t number, struct proc_list *list);
void groups_kill(const struct groups *groups, uint32_t number);
/* The folder of a group; caller frees. */
char *groups_folder(const struct groups *groups, uint32_t number) __attribute__((returns_nonnull));
/* Writes to a file of a group. */
int groups_write(const char *folder, const char *file, const char *value) MUST_CHECK;

/* The same for a whole folder by its path, when its keeper is dead. */
void groups_processes_below(const char *path, struct proc_list *list);
void groups_kill_below(const char *path);
void groups_remove_below(const char *path);

#endif
