/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/disk_usage.h"

#include "base/memory.h"

#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

int64_t disk_usage(const char *path)
{
    AUTO_FREE char *copy = mem_string(path);
    char *const paths[] = {copy, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    int64_t bytes = 0;

    if (!walk)
        return 0;
    while ((entry = fts_read(walk)) != NULL)
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_F || entry->fts_info == FTS_SL ||
            entry->fts_info == FTS_SLNONE || entry->fts_info == FTS_DEFAULT)
            bytes += (int64_t)entry->fts_statp->st_blocks * 512;
    (void)fts_close(walk); /* only read from */
    return bytes;
}

void disk_usage_format(int64_t bytes, char ret[DISK_USAGE_TEXT])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes / 1024;
    size_t unit = 0;

    while (amount >= 1000 && unit + 1 < COUNT_OF(units)) {
        amount /= 1024;
        unit++;
    }
    (void)snprintf(ret, DISK_USAGE_TEXT, amount < 10 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
}

bool disk_usage_is_much(const char *path, int64_t bytes)
{
    const int64_t least = (int64_t)1 << 30;
    struct statvfs disk;

    if (bytes < least)
        return false;
    return statvfs(path, &disk) != 0 ||
           (uint64_t)bytes > (uint64_t)disk.f_bavail * disk.f_frsize / 10;
}
