/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An endpoint that is asked: which kind it is, how it is reached, and what it cannot do, as far as
 * its refusals have taught. One question is one request, but for two things that are no retries: an
 * endpoint that refuses a part that can be left out is asked again without, and one whose kind was
 * guessed and does not know the path is asked in the other way.
 */
#ifndef KELP_MODEL_ENDPOINT_H
#define KELP_MODEL_ENDPOINT_H

#include "core/status.h"
#include "model/api.h"
#include "model/http.h"

enum { ENDPOINT_CONTENT_MAX = 64 * 1024 * 1024 }; /* bytes of one answer */

/* Why there is no answer; plain data. */
struct trouble {
    enum attempt_error error;
    int status; /* of HTTP; 0: none came */
    struct text message;
    int64_t retry_after_ms; /* 0: not told */
};

/* Plain data; strings are owned. */
struct endpoint {
    const struct api *api;
    bool guessed; /* nothing but the address told which kind it is */
    char *base;
    char *chat_key, *messages_key; /* by kind; NULL: none */
    unsigned without;
    struct http *http;
    int64_t stall_s, limit_s;
};

/* The kind that an address tells. *ret_sure: it is told by its words, not for want of any. */
const struct api *endpoint_kind(const char *url, bool *ret_sure);
/* Where to post. An address that ends in the path of the kind is taken as it stands; the version
 * is added where the address has none. The caller frees. */
char *endpoint_url(const char *base, const struct api *api);

/* 0 with a whole answer, or minus 1 with `trouble` filled; the answer then holds what had come. */
int endpoint_ask(struct endpoint *e, const struct ask *ask, struct answer *answer,
                 struct trouble *trouble) MUST_CHECK;
void endpoint_fini(struct endpoint *e);
void trouble_free(struct trouble *t);

#endif
