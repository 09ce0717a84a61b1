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

enum { STORE_SCHEMA_VERSION = 2, STORE_APPLICATION_ID = 0x6B656C70 /* "kelp" */ };

/* A zeroed store is closed. */
struct store {
    sqlite3 *db;
    char *path;
    bool writes;
    bool sealed; /* for a writer: nothing was committed since; see journal/seal.h */
};

enum store_mode { STORE_WRITE, STORE_READ, STORE_CHECK };

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
/* Where there is no file to copy, none is made. */
int store_copy_file(const char *from, const char *to, struct fault *f) MUST_CHECK;
/* Makes the file at `path`, which must not be there, whole or not at all. */
int store_create(const char *path, struct fault *f) MUST_CHECK;
/*
 * Opens and checks the file at `path`. For writing, an older schema is brought up to date, what a
 * writer that died left is checked and brought into the file, and a log that is not the journal's
 * is put aside. For reading, nothing is changed: of an older schema a copy in memory is brought up
 * to date. To check is to read, and all pages are looked at; of a sealed file nothing is left
 * beside it.
 */
int store_open(const char *path, enum store_mode mode, struct store *ret,
               struct fault *f) MUST_CHECK;
void store_close(struct store *s);
/* The file alone, with SQLite's flags, as kelp uses SQLite, and without a look at what it is. After
 * a fault it is to be closed, too. */
int store_open_file(const char *path, int flags, struct store *ret, struct fault *f) MUST_CHECK;
int store_check_pages(struct store *s, struct fault *f) MUST_CHECK;

/* A writer without an open transaction: brings the log into the file and seals that, unless a
 * reader is in the way. */
int store_settle(struct store *s, struct fault *f) MUST_CHECK;
/* Due after the first commit, before anybody relies on it. */
int store_unseal(struct store *s, struct fault *f) MUST_CHECK;

int store_exec(struct store *s, const char *sql, struct fault *f) MUST_CHECK;
/* The first column of the first row; no row leaves `*ret` alone. */
int store_number(struct store *s, const char *sql, int64_t *ret, struct fault *f) MUST_CHECK;
int store_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct fault *f) MUST_CHECK;
/* What the last call on `s->db` failed of, as a fault that begins with `what`. */
int store_fault(const struct store *s, const char *what, struct fault *f);
/* Makes a new, a renamed or a removed name in the folder of `path` durable. */
int store_sync_folder(const char *path, struct fault *f) MUST_CHECK;
/* Adds what to do about a damaged journal. Returns minus the code. */
int store_corrupt_hint(const char *path, struct fault *f);

extern const char store_insert_event[];
extern const char store_select_events[]; /* those after ?1 */
/* The row that `select` stands on; its strings live until the next step. */
void store_row(sqlite3_stmt *select, struct event_row *ret, uint32_t *ret_checksum);

#endif
