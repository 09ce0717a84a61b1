/* SPDX-License-Identifier: Apache-2.0 */
/* A layer over the way to files that SQLite had before: reading, locks and shared memory go
 * through untouched; what changes a file passes `strike` first. */
#include "sim/disk.h"

#include "base/os.h"
#include "sim/disk_file.h"

#include <sqlite3.h>
#include <string.h>

struct disk {
    sqlite3_vfs vfs, *below;
    struct disk_files files;
    struct dice dice;
    uint64_t operations, planned;
    enum disk_strike plan, struck;
};

/* What SQLite has for an open file. The file of the layer below follows in the same memory. */
struct handle {
    sqlite3_file base;
    struct disk *disk;
    struct disk_file *file; /* NULL: a temporary one, which nothing outlives */
    sqlite3_file *below;
};

static struct handle *handle_of(sqlite3_file *file)
{
    return (struct handle *)file;
}

static bool is_cut(const struct disk *d)
{
    return d->struck == DISK_POWER || d->struck == DISK_KILL;
}

/* Counts an operation. Returns what it has to fail with, or SQLITE_OK. */
static int strike(struct disk *d, int failure)
{
    d->operations += !is_cut(d);
    if (d->plan != DISK_SOUND && d->operations == d->planned && d->struck == DISK_SOUND)
        d->struck = d->plan;
    else if (d->struck == DISK_BROKEN)
        return SQLITE_OK;
    switch (d->struck) {
    case DISK_POWER:
    case DISK_KILL:
    case DISK_BROKEN:
        return failure;
    case DISK_FULL:
        return failure == SQLITE_IOERR_WRITE ? SQLITE_FULL : SQLITE_OK;
    case DISK_SOUND:
    case DISK_STRIKE_COUNT:
        break;
    }
    return SQLITE_OK;
}

static int file_close(sqlite3_file *file)
{
    struct handle *h = handle_of(file);

    if (h->file)
        disk_file_close(h->file);
    return h->below->pMethods->xClose(h->below);
}

static int file_read(sqlite3_file *file, void *to, int length, sqlite3_int64 at)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xRead(below, to, length, at);
}

/* The write that power is lost in may be on the disk in part, like those before it. */
static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    struct handle *h = handle_of(file);
    bool before = is_cut(h->disk);
    int result = h->file ? strike(h->disk, SQLITE_IOERR_WRITE) : SQLITE_OK;

    if (h->file && (result == SQLITE_OK || (!before && h->disk->struck == DISK_POWER)))
        disk_file_write(h->file, (uint64_t)at, bytes, (size_t)length);
    return result ? result : h->below->pMethods->xWrite(h->below, bytes, length, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 length)
{
    struct handle *h = handle_of(file);
    int result = h->file ? strike(h->disk, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;

    if (h->file && result == SQLITE_OK)
        disk_file_resize(h->file, (uint64_t)length);
    return result ? result : h->below->pMethods->xTruncate(h->below, length);
}

/* The disk is in memory: nothing is synced below. */
static int file_sync(sqlite3_file *file, int flags UNUSED)
{
    struct handle *h = handle_of(file);
    int result = h->file ? strike(h->disk, SQLITE_IOERR_FSYNC) : SQLITE_OK;

    if (h->file && result == SQLITE_OK)
        disk_file_sync(&h->disk->files, h->file);
    return result;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xFileSize(below, ret);
}

static int file_lock(sqlite3_file *file, int level)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xLock(below, level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xUnlock(below, level);
}

static int file_check_lock(sqlite3_file *file, int *ret)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xCheckReservedLock(below, ret);
}

/* A hint of a file's future size is not followed: it would be a truncation that nobody counts. */
static int file_control(sqlite3_file *file, int what, void *argument)
{
    sqlite3_file *below = handle_of(file)->below;

    if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE)
        return SQLITE_OK;
    return below->pMethods->xFileControl(below, what, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xSectorSize(below);
}

static int file_characteristics(sqlite3_file *file)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xDeviceCharacteristics(below);
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xShmMap(below, region, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *below = handle_of(file)->below;

    return below->pMethods->xShmLock(below, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *below = handle_of(file)->below;

    below->pMethods->xShmBarrier(below);
}

static int file_shm_unmap(sqlite3_file *file, int delete)
{
    struct handle *h = handle_of(file);

    return h->below->pMethods->xShmUnmap(h->below, delete &&!is_cut(h->disk));
}

/* Version 2: without memory-mapped reading and writing. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    struct disk *d = vfs->pAppData;
    struct handle *h = handle_of(file);
    bool there = path && os_exists(path);

    *h = (struct handle){.disk = d, .below = (sqlite3_file *)(h + 1)};
    if (is_cut(d) && !there)
        return SQLITE_CANTOPEN;
    int result = d->below->xOpen(d->below, path, h->below, flags, ret_flags);
    if (result != SQLITE_OK)
        return result;
    if (path && !(flags & SQLITE_OPEN_DELETEONCLOSE))
        h->file = disk_file_open(&d->files, path, !there);
    h->base.pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    struct disk *d = vfs->pAppData;
    int result = strike(d, SQLITE_IOERR_DELETE);

    if (result != SQLITE_OK)
        return result;
    result = d->below->xDelete(d->below, path, 0);
    if (result == SQLITE_OK)
        disk_file_remove(&d->files, path, sync_folder);
    return result;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
    const struct disk *d = vfs->pAppData;

    return d->below->xAccess(d->below, path, flags, ret);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *ret)
{
    const struct disk *d = vfs->pAppData;

    return d->below->xFullPathname(d->below, path, size, ret);
}

struct disk *disk_new(uint64_t seed)
{
    struct disk *d = MEM_NEW(struct disk);

    d->below = sqlite3_vfs_find("unix");
    if (!d->below)
        bug("SQLite has no way to files");
    dice_seed(&d->dice, seed);
    d->vfs = *d->below; /* time, randomness and the like stay its own */
    d->vfs.pNext = NULL;
    d->vfs.zName = "kelp-disk";
    d->vfs.pAppData = d;
    d->vfs.szOsFile = (int)sizeof(struct handle) + d->below->szOsFile;
    d->vfs.xOpen = vfs_open;
    d->vfs.xDelete = vfs_delete;
    d->vfs.xAccess = vfs_access;
    d->vfs.xFullPathname = vfs_full_path;
    if (sqlite3_vfs_register(&d->vfs, 1) != SQLITE_OK)
        bug("SQLite does not take the disk");
    return d;
}

void disk_free(struct disk *d)
{
    if (!d)
        return;
    (void)sqlite3_vfs_unregister(&d->vfs); /* it is there, and that's all it can complain of */
    (void)sqlite3_vfs_register(d->below, 1);
    disk_files_forget(&d->files);
    free(d);
}

void disk_plan(struct disk *d, uint64_t operation, enum disk_strike what)
{
    d->planned = operation;
    d->plan = what;
}

uint64_t disk_operations(const struct disk *d)
{
    return d->operations;
}

enum disk_strike disk_struck(const struct disk *d)
{
    return d->struck;
}

void disk_cut(struct disk *d, enum disk_strike what)
{
    d->struck = what;
}

void disk_restore(struct disk *d)
{
    if (d->struck == DISK_POWER)
        disk_files_survive(&d->files, &d->dice);
    d->plan = d->struck = DISK_SOUND;
}
