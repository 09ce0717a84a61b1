/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a conversation fits into the model's window. Nobody but the endpoint can count its
 * tokens, so the bytes of a token are learnt from what it counted last. Where the window is not
 * known, its overflow tells.
 */
#ifndef KELP_MODEL_FIT_H
#define KELP_MODEL_FIT_H

#include "model/conversation.h"

/* Plain data. */
struct fit {
    int64_t window;  /* tokens; 0: not known */
    int64_t answer;  /* tokens that an answer may need, */
    int64_t reserve; /* and what is kept for it of the window */
    size_t overhead; /* bytes of what is sent beside the conversation */
    size_t asked;    /* bytes of the last request */
    double bytes_per_token;
    unsigned overflows; /* in a row */
};

struct turns_options;

void fit_init(struct fit *fit, const struct turns_options *options, const json_t *tools);
/* Trims what surely does not fit. */
void fit_before(struct fit *fit, struct conversation *c);
/* What is asked with, and how many tokens the endpoint counted of it. */
void fit_asked(struct fit *fit, const struct conversation *c);
void fit_answered(struct fit *fit, int64_t tokens);
/* The window is full: trims a good part, and learns how large it is where the endpoint's message
 * says so. False if nothing more can go. */
bool fit_overflowed(struct fit *fit, struct conversation *c, const char *message);
/* About how many tokens the last request was. */
int64_t fit_guess(const struct fit *fit);

#endif
