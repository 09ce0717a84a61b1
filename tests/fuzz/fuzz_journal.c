/* SPDX-License-Identifier: Apache-2.0 */
/* Damage to a journal: the first byte says to which of its files, and whether its engine was
 * killed; then four bytes each are a place and what is there now. Only what was written is handed
 * out, and a rescue makes a whole journal of it. */
#include "base/os.h"
#include "journal/journal.h"
#include "journal/rescue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS = 40, EDIT = 4, KILLED = 4 };

static const char *const files[] = {"journal.db", "journal.db-seal", "journal.db-wal"};

static void must(int r, const struct fault *f)
{
    if (r < 0)
        bug("%s", f->message);
}

static struct journal *make(const char *dir)
{
    AUTO_FAULT f = {0};
    struct journal *j = NULL;

    must(journal_create(dir, &j, &f), &f);
    for (uint32_t n = 1; n <= EVENTS; n++) {
        const struct event e = {.kind = EVENT_TIMER, .timer = n};
        must(journal_append(j, &e, &f), &f);
        if (n % 10 == 0)
            must(journal_commit(j, &f), &f);
    }
    return j;
}

static void copy_files(const char *from, const char *to)
{
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_FREE char *source = os_path(from, files[i]);
        AUTO_FREE char *target = os_path(to, files[i]);
        AUTO_TEXT bytes = {0};
        AUTO_FAULT f = {0};
        if (!os_exists(source))
            continue;
        must(os_read_file(source, 1 << 24, &bytes, &f), &f);
        must(os_write_file(target, text_get(&bytes), bytes.length, 0600, &f), &f);
    }
}

static void edit(const char *path, const uint8_t *data, size_t size)
{
    AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return;
    for (; size >= EDIT; data += EDIT, size -= EDIT) {
        off_t at = ((off_t)data[0] << 16 | (off_t)data[1] << 8 | data[2]) % (st.st_size + 1);
        if (at == st.st_size ? ftruncate(fd, st.st_size / 2) < 0 : pwrite(fd, data + 3, 1, at) != 1)
            bug("cannot change '%s'", path);
    }
}

static int expect(void *context, const struct event *e)
{
    uint32_t *seen = context;

    if (e->kind != EVENT_TIMER || e->timer != ++*seen)
        bug("event %u was never written", *seen);
    return 0;
}

static uint32_t read_all(const char *dir, int *ret_result)
{
    AUTO_FAULT f = {0};
    AUTO_ARENA plans = {0};
    struct journal *j = NULL;
    uint32_t seen = 0;

    int r = journal_open(dir, JOURNAL_READ, &j, &f);
    if (r == 0)
        r = journal_replay(j, &plans, expect, &seen, &f);
    journal_close(j);
    *ret_result = r;
    return seen;
}

static void check(const char *dir)
{
    AUTO_FAULT damage = {0}, f = {0};
    struct rescue rescue = {0};
    int64_t events = 0;
    int result;

    uint32_t before = read_all(dir, &result);
    int r = journal_check(dir, &events, &damage);
    int rescued = journal_rescue(dir, &rescue, &f);
    if (r == 0 && (rescued < 0 || rescue.damaged))
        bug("a whole journal was rescued: %s", f.message ? f.message : rescue.damaged);
    if (r == -FAULT_CORRUPT && (rescued < 0 || !rescue.damaged))
        bug("what is damaged (%s) was not rescued: %s", damage.message, f.message ? f.message : "");
    if (rescued == 0 && (read_all(dir, &result) != rescue.saved || result < 0))
        bug("a rescue made a journal that is not whole");
    if (rescued == 0 && rescue.saved < before)
        bug("a rescue lost events that could be read");
    rescue_free(&rescue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* In memory, where that can be had: all that takes time here is waiting for disks. */
    AUTO_FREE char *parent = text_format("%s/kelp-fuzz-journal-XXXXXX",
                                         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    AUTO_FAULT f = {0};

    if (size < 1)
        return 0;
    if (!mkdtemp(parent))
        bug("no folder");
    AUTO_FREE char *live = os_path(parent, "live");
    AUTO_FREE char *dir = os_path(parent, "ORG_1001");
    AUTO_FREE char *file = os_path(dir, files[(data[0] & 3) % COUNT_OF(files)]);
    must(os_make_dirs(live, 0700, &f), &f);
    must(os_make_dirs(dir, 0700, &f), &f);
    struct journal *j = make(live);
    if (data[0] & KILLED)
        copy_files(live, dir);
    journal_close(j);
    if (!(data[0] & KILLED))
        copy_files(live, dir);
    edit(file, data + 1, size - 1);
    check(dir);
    must(os_remove_tree(parent, &f), &f);
    return 0;
}
