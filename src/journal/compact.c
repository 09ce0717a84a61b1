/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/compact.h"

#include "base/os.h"
#include "journal/store.h"

enum { PAGE = 4096, LEAST_PAGES = 64, PART = 4 };

static int count_free(struct store *s, int64_t *ret_pages, struct fault *f)
{
    int64_t pages = 0, unused = 0;

    int r = store_number(s, "PRAGMA page_count", &pages, f);
    if (r == 0)
        r = store_number(s, "PRAGMA freelist_count", &unused, f);
    if (r == 0)
        *ret_pages = unused >= LEAST_PAGES && unused * PART >= pages ? unused : 0;
    return r;
}

/* It goes to the log first, as long as the seal says that the log does not count; so the seal may
 * only go after it. */
static int write_anew(struct store *s, struct fault *f)
{
    int r = store_exec(s, "VACUUM", f);

    if (r == 0)
        r = store_unseal(s, f);
    return r < 0 ? r : store_settle(s, f);
}

int journal_compact(const char *run_dir, bool dry, int64_t *ret_bytes, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "journal.db");
    struct store s = {0};
    int64_t pages = 0;

    int r = store_open(path, dry ? STORE_READ : STORE_WRITE, &s, f);
    if (r == 0)
        r = count_free(&s, &pages, f);
    if (r == 0 && pages && !dry)
        r = write_anew(&s, f);
    store_close(&s);
    if (r == 0)
        *ret_bytes = pages * PAGE;
    return r;
}
