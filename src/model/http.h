/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request at a time to an HTTP server, its answer handed on as it comes. There are three time
 * limits and one repetition: a connection that breaks before the answer has begun is made once
 * more. Whatever else goes wrong is told, and the caller's caller decides.
 *
 * Redirections are not followed: the key would go with them.
 */
#ifndef KELP_MODEL_HTTP_H
#define KELP_MODEL_HTTP_H

#include "base/fault.h"
#include "base/text.h"

struct http;

/* Plain data. */
struct http_reply {
    int status;             /* 0: none came */
    bool stream;            /* the content is said to be a stream of events */
    int64_t retry_after_ms; /* that the server asks for; 0: it does not */
    size_t bytes;           /* of the content so far */
};

/* Takes a part of the content; `reply` has what the header said. False ends the request. */
typedef bool (*http_take)(void *context, const struct http_reply *reply, const char *bytes,
                          size_t length);

/* Plain data, all borrowed. */
struct http_request {
    const char *url;            /* http or https */
    const char *const *headers; /* "Name: value"; NULL-terminated */
    const char *body;
    size_t body_bytes;
    http_take take; /* gets the content of the answer, with `context` */
    void *context;
    int64_t connect_s; /* limits in seconds, none of them 0: until there is a connection, */
    int64_t stall_s;   /* without a byte, */
    int64_t limit_s;   /* for all of it */
};

/* Notes what a line of an answer's head says, if it is of interest. The line need not end. */
void http_read_header(struct http_reply *reply, const char *line, size_t length);

/* The library's global part is set up here, so this comes before there are threads. */
struct http *http_new(void);
void http_free(struct http *http);

/* Whether its host is this machine, by name or address. */
bool http_is_local(const char *url);

/*
 * 0 once the content has come to its end, whatever the status; or when `take` ended it. A fault is
 * FAULT_BUSY where the trouble may pass (no connection, a connection that broke, too slow) and
 * FAULT_ENVIRONMENT where it will not (a bad address, a certificate). `ret` is always filled.
 */
int http_post(struct http *http, const struct http_request *request, struct http_reply *ret,
              struct fault *f) MUST_CHECK;

#endif
