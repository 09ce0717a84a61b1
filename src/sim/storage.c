/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/storage.h"

#include "base/os.h"
#include "journal/journal.h"
#include "sim/tape.h"

#include <errno.h>
#include <stdlib.h>

struct storage {
    char *dir;
    struct disk *disk;
    struct journal *journal; /* NULL: closed */
};

static const char *temporary_folder(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && *dir ? dir : "/tmp";
}

int storage_new(uint64_t seed, struct storage **ret, struct fault *f)
{
    AUTO_FREE char *dir = text_format("%s/kelp-sim-XXXXXX", temporary_folder());

    if (!mkdtemp(dir))
        return fault_system(f, errno, "cannot make '%s'", dir);
    struct storage *s = MEM_NEW(struct storage);
    s->dir = dir;
    dir = NULL;
    s->disk = disk_new(seed);
    *ret = s;
    return 0;
}

struct disk *storage_disk(struct storage *s)
{
    return s->disk;
}

/* What a row says follows from its event; the journal itself holds each against its checksum. */
static int take_sum(void *context, const struct event *e)
{
    struct event_sums *sums = context;

    size_t count = sums->list.count;
    uint32_t sum = tape_sum(count ? sums->list.at[count - 1] : 0, e, (int64_t)count + 1);

    vector_push(&sums->list, sum);
    return 0;
}

int storage_open(struct storage *s, struct event_sums *ret, struct fault *f)
{
    AUTO_FREE char *path = os_path(s->dir, "journal.db");
    AUTO_ARENA plans = {0};

    if (!os_exists(path))
        return journal_create(s->dir, &s->journal, f);
    int r = journal_open(s->dir, JOURNAL_WRITE, &s->journal, f);
    return r < 0 ? r : journal_replay(s->journal, &plans, take_sum, ret, f);
}

int storage_append(struct storage *s, const struct event *e, struct fault *f)
{
    return journal_append(s->journal, e, f);
}

int storage_commit(struct storage *s, struct fault *f)
{
    return journal_commit(s->journal, f);
}

enum disk_strike storage_end(struct storage *s, enum disk_strike how)
{
    enum disk_strike struck;

    if (how != DISK_SOUND && disk_struck(s->disk) == DISK_SOUND)
        disk_cut(s->disk, how);
    journal_close(s->journal);
    s->journal = NULL;
    struck = disk_struck(s->disk);
    disk_restore(s->disk);
    return struck;
}

void storage_free(struct storage *s)
{
    AUTO_FAULT ignored = {0};

    if (!s)
        return;
    journal_close(s->journal);
    disk_free(s->disk);
    /* A temporary folder: there is nobody to tell that it is still there. */
    if (os_remove_tree(s->dir, &ignored) < 0)
        fault_clear(&ignored);
    free(s->dir);
    free(s);
}
