/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as a row of the journal and back. What an event seldom has lies in a JSON body, so that
 * a JOB_STARTED, or a JOB_ENDED that has nothing to tell, is a handful of bytes.
 */
#ifndef KELP_JOURNAL_CODEC_H
#define KELP_JOURNAL_CODEC_H

#include "base/fault.h"
#include "core/event.h"
#include "journal/record.h"

/* Plain data; everything is borrowed. A number below 0 and a NULL pointer are an SQL NULL. */
struct event_row {
    int64_t seq; /* 1.. without gaps */
    int64_t at_ms;
    const char *kind; /* event_kind_name */
    int64_t job, timer, child;
    const char *code; /* the error of an outcome, or the level of an interruption */
    const char *body; /* the request, the outcome or the level, as a JSON object */
    size_t body_length;
};

/* What is decoded lives in one of these; a plan must outlive the event that brings it. */
struct decode_memory {
    struct arena *event;
    struct arena *plan;
};

/* Fills all of `ret` but seq; `*ret_body` is what its body points to, or NULL: the caller frees it.
 * Fields of the event that do not belong to its kind are left out. */
void event_encode(const struct event *e, struct event_row *ret, char **ret_body);

/*
 * An event whose kind has an outcome gets one, all zero where there was nothing to tell; a request
 * has its plan. Fails with FAULT_CORRUPT, or with FAULT_NEWER where a word or a field is of a later
 * version.
 */
int event_decode(const struct event_row *row, const struct decode_memory *memory, struct event *ret,
                 struct fault *f) MUST_CHECK;

/* The fields of a body. An outcome's `error` is not among them: it has a column. */
extern const struct record outcome_record, request_record;

/*
 * CRC-32C (RFC 3720, appendix B.4) of everything in the row, its number included, and of the rows
 * before it: `before` is the checksum of the last of these, 0 for the first row. So a row that is
 * whole but of another journal, or of another time, does not fit.
 */
uint32_t event_row_checksum(uint32_t before, const struct event_row *row);

#endif
