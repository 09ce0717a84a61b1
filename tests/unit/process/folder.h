/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, removed with what is in it. */
#ifndef KELP_TEST_PROCESS_FOLDER_H
#define KELP_TEST_PROCESS_FOLDER_H

#include <stdbool.h>

/* Absolute; end with folder_remove, which frees it. */
char *folder_make(void);
void folder_remove(char *folder);
/* "FOLDER/name"; lives until the test ends. */
const char *folder_path(const char *folder, const char *name);
/* The file's text; lives until the test ends. "" if there is none. */
const char *folder_read(const char *folder, const char *name);
void folder_write(const char *folder, const char *name, const char *text);

#endif
