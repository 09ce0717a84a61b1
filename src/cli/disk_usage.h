/* SPDX-License-Identifier: Apache-2.0 */
/* What kelp's files take of the disk. */
#ifndef KELP_CLI_DISK_USAGE_H
#define KELP_CLI_DISK_USAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { DISK_USAGE_TEXT = 24 };

/* Bytes of disk that the file or folder takes, links not followed; 0 for what is not there. What
 * can't be listed is not counted. */
int64_t disk_usage(const char *path);
/* "1.5 GiB", with a unit that leaves at most four digits. */
void disk_usage_format(int64_t bytes, char ret[DISK_USAGE_TEXT]);
/* Whether so much is worth a warning: more than a GiB, and more than a tenth of what is free where
 * `path` is. */
bool disk_usage_is_much(const char *path, int64_t bytes);

#endif
