/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper's file of records as a crash, or anybody, may have left it. Read by an engine and taken
 * over by a new keeper it holds the same; what the keeper adds then is found behind it. */
#include "process/ledger.h"

#include "base/os.h"

#include <stdlib.h>
#include <unistd.h>

static void count(void *ctx, const struct record *record)
{
    (void)record;
    ++*(unsigned *)ctx;
}

static char *folder(void)
{
    char *dir = text_format("/dev/shm/fuzz-ledger-%d", (int)getpid());
    AUTO_FAULT f = {0};

    if (os_make_dirs(dir, 0700, &f) < 0)
        bug("%s", f.message);
    return dir;
}

static void add_one(const char *dir, unsigned known)
{
    const struct record record = {.kind = RECORD_BEGIN, .event = {.id = "ORG_1001/a1", .at_ms = 1}};
    struct ledger ledger = {.fd = -1};
    AUTO_FAULT f = {0};
    unsigned loaded = 0, again = 0;

    if (ledger_open(dir, &ledger, &f) < 0 || ledger_load(&ledger, count, &loaded, &f) < 0)
        bug("what an engine reads a keeper does not: %s", f.message);
    ledger_add(&ledger, &record);
    if (ledger_flush(&ledger, &f) < 0)
        bug("%s", f.message);
    ledger_close(&ledger);
    if (ledger_read(dir, count, &again, &f) < 0)
        bug("%s", f.message);
    if (loaded != known || again != known + 1)
        bug("%u records, loaded %u, then %u", known, loaded, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *dir = folder();
    AUTO_FREE char *path = os_path(dir, LEDGER_NAME);
    AUTO_FAULT f = {0}, gone = {0};
    unsigned known = 0;

    if (os_write_file(path, (const char *)data, size, 0600, &f) < 0)
        bug("%s", f.message);
    if (ledger_read(dir, count, &known, &f) == 0)
        add_one(dir, known);
    else if (f.code != FAULT_CORRUPT && f.code != FAULT_NEWER)
        bug("refused for another reason: %s", f.message);
    return os_remove_tree(dir, &gone) < 0; /* 0, or the fuzzer says so */
}
