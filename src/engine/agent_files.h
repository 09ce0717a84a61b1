/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KELP_ENGINE_AGENT_FILES_H
#define KELP_ENGINE_AGENT_FILES_H

#include "agent/driver.h"

/*
 * Makes one file of a driver, with its folders: mode 0600, put in place whole, over what was there;
 * or a symbolic link. Nothing is synced: a machine that dies takes the attempt with it.
 * FAULT_USAGE: the path lies neither below `home` nor below `dir`; FAULT_SYSTEM: among other things
 * a link where a folder should be.
 */
int agent_file_make(const struct driver_file *file, const char *home, const char *dir,
                    struct fault *f) MUST_CHECK;

#endif
