/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kelp did, for whoever has to find out why. One line an entry, into one file;
 * never the place for results. A zeroed struct log writes nothing.
 */
#ifndef KELP_BASE_LOG_H
#define KELP_BASE_LOG_H

#include "base/clock.h"

#include <stdio.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log {
    FILE *stream; /* not owned; NULL is silence */
    enum log_level level;
    struct clock *clock; /* not owned; NULL leaves the time out */
};

/* The message is escaped (base/escape.h), so that no entry can forge another. */
void log_write(struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
