/* SPDX-License-Identifier: Apache-2.0 */
/* What git says on -z, and what a backup's record holds: any bytes are read or refused. The first
 * byte picks the reader. A path of any bytes that is quoted for git is a line of its own. */
#include "git/backup_record.h"
#include "git/diffstat.h"
#include "git/inspect.h"
#include "git/scan.h"

#include <string.h>

static void read_changes(const struct text *out)
{
    AUTO_CHANGES changes = {0};

    changes_parse(out, &changes);
    for (size_t i = 0; i < changes.count; i++)
        if (!changes.at[i].path)
            bug("a change without a path");
}

static void read_diffstat(const struct text *out)
{
    AUTO_DIFFSTAT d = {0};

    diffstat_parse(out, &d);
    if (d.insertions < 0 || d.deletions < 0)
        bug("fewer than no lines");
}

static void read_index(const struct text *out)
{
    AUTO_SCAN scan = {0};
    AUTO_FAULT f = {0};

    if (scan_parse_index(out, &scan.index, &f) < 0)
        return;
    for (size_t i = 0; i < scan.index.count; i++)
        if (scan.index.at[i].stage < 0 || scan.index.at[i].stage > 3)
            bug("a stage that there is not");
}

static void read_record(const struct text *out)
{
    AUTO_BACKUP_RECORD record = {0};
    AUTO_FAULT f = {0};

    (void)!backup_record_parse(out, &record, &f); /* whether it is one does not matter */
}

static void read_objects(const struct text *out)
{
    struct record_objects from = {0}, to = {0};
    AUTO_CHANGES changes = {0};
    AUTO_FAULT f = {0};

    if (record_objects_parse(out, &from, &f) == 0 && record_objects_parse(out, &to, &f) == 0) {
        odd_changes(&from, &to, &changes);
        if (changes.count)
            bug("a list differs from itself");
    }
    record_objects_free(&from);
    record_objects_free(&to);
}

static void read_reason(const struct text *out)
{
    AUTO_FREE char *reason = git_reason(out);

    if (strchr(reason, '\n'))
        bug("a reason of two lines");
}

static void read_status(const struct text *out)
{
    AUTO_REPO_INFO info = {0};

    repo_status_read(out, &info);
    if (info.ahead < 0)
        bug("fewer than no commits ahead");
}

static void quote(const struct text *out)
{
    AUTO_TEXT line = {0};

    path_quote_line(&line, text_get(out));
    if (strchr(line.data, '\n') != line.data + line.length - 1)
        bug("a path of two lines");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const struct text *out) = {
        read_changes, read_diffstat, read_index, read_record,
        read_objects, read_reason,   quote,      read_status};
    AUTO_TEXT out = {0};

    if (!size)
        return 0;
    text_add_n(&out, (const char *)data + 1, size - 1);
    readers[data[0] % COUNT_OF(readers)](&out);
    return 0;
}
