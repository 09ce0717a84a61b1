/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite file of a journal: opening it in either mode, its checks, its schema and how that
 * changes from version to version. Only src/journal includes this.
 */
#ifndef KELP_JOURNAL_STORE_H
#define KELP_JOURNAL_STORE_H

#include "base/fault.h"
#include "journal/codec.h"

#include <sqlite3.h>
#include <stdbool.h>

enum { STORE_SCHEMA_VERSION = 1 };

/* A zeroed store is closed. */
struct store {
    sqlite3 *db;
    char *path;
};

/* The columns of store_select_events, in order. */
enum store_column {
    COLUMN_SEQ,
    COLUMN_AT_MS,
    COLUMN_KIND,
    COLUMN_JOB,
    COLUMN_TIMER,
    COLUMN_CHILD,
    COLUMN_CODE,
    COLUMN_BODY,
    COLUMN_CRC
};

/* Removes the file at `path`, if it is there, and what SQLite keeps beside it. */
int store_remove(const char *path, struct fault *f) MUST_CHECK;
/* Makes the file at `path`, which must not be there, whole or not at all. */
int store_create(const char *path, struct fault *f) MUST_CHECK;
/*
 * Opens and checks the file at `path`. For writing, an older schema is brought up to date, and the
 * pages are checked if the last writer did not close. For reading, nothing is changed: of an older
 * schema a copy in memory is brought up to date.
 */
int store_open(const char *path, bool writes, struct store *ret, struct fault *f) MUST_CHECK;
void store_close(struct store *s);

int store_exec(struct store *s, const char *sql, struct fault *f) MUST_CHECK;
/* The first column of the first row; no row leaves `*ret` alone. */
int store_number(struct store *s, const char *sql, int64_t *ret, struct fault *f) MUST_CHECK;
int store_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct fault *f) MUST_CHECK;
/* What the last call on `s->db` failed of, as a fault that begins with `what`. */
int store_fault(const struct store *s, const char *what, struct fault *f);
/* Adds what to do about a damaged journal. Returns minus the code. */
int store_corrupt_hint(const char *path, struct fault *f);

extern const char store_insert_event[];
extern const char store_select_events[]; /* those after ?1 */
/* The row that `select` stands on; its strings live until the next step. */
void store_row(sqlite3_stmt *select, struct event_row *ret, uint32_t *ret_checksum);

#endif
