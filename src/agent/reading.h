/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent program said in its output, understood: the same few facts whichever program it
 * was. A driver's reader fills it line by line; reading_outcome() makes of it what the tree is
 * told.
 *
 *     reading_begin -> reading_feed(bytes as they come)* -> reading_end -> reading_free
 *
 * Bytes may be cut anywhere. A line longer than READING_LINE_MAX is passed over and counted. Lines
 * and events that a reader does not know are passed over: programs add some with every release. A
 * stream that ends without its final event is a crash, however nice the exit status was.
 */
#ifndef KELP_AGENT_READING_H
#define KELP_AGENT_READING_H

#include "base/json.h"
#include "base/text.h"
#include "core/event.h"

enum {
    READING_LINE_MAX = 16 * 1024 * 1024, /* bytes; embedded files make lines long */
    READING_TEXT_MAX = 256 * 1024,       /* of the last message; its end is cut */
    READING_SESSION_MAX = 256,
    READING_ACTIVITY_MAX = 120, /* bytes of what it is doing, for a line of display */
};

struct stream_reader;

/* Plain data; written by readers only. */
struct reading {
    const struct stream_reader *reader;
    const void *config;       /* of the reader: what reading_begin got, borrowed */
    struct text text;         /* the last message of the agent: its answer */
    struct text activity;     /* what it is doing: "Edit src/main.c"; one line */
    char *session;            /* to be resumed by; NULL: none was told */
    char *model;              /* that answered; NULL: not told */
    json_t *answer;           /* the structured answer: as the program has it, or else the last
                                 message if it is one JSON object and no more; NULL */
    struct token_counts used; /* of this stream, as the program counts; see `before` */
    double usd;               /* as the program says; below 0: it does not */
    bool cumulative;          /* `used` and `usd` count from the session's beginning */
    bool cumulative_usd;      /* the same for `usd` alone */
    int64_t context_tokens;   /* in the window at the last request; 0: not told */
    int64_t context_window;   /* 0: not told */
    uint32_t tool_calls;      /* that were carried out */
    uint32_t denied;          /* that were refused for want of permission */
    bool spoke;               /* text of the agent was seen */
    bool final;               /* the final event was there */
    bool limited;             /* the program waits for its provider just now */
    enum attempt_error limit; /* what it waits for, while `limited` */
    enum attempt_error error; /* ERROR_NONE until something says otherwise */
    struct text message;      /* why, for people; one line */
    int64_t retry_after_ms;   /* 0: not told */
    const char *work;         /* paths below it are shown from there; set after reading_begin by
                                 whoever knows it, and theirs; may be NULL */
    uint32_t long_lines;      /* passed over */
    void *state;              /* of the reader, from its `begin`: one block of memory;
                                 reading_free frees it */
    struct text line;         /* begun and not ended */
    bool skipping;            /* the rest of a line that is too long */
};

/* How a program ended; facts of the keeper. */
struct reading_exit {
    int exit_code;           /* -1: a signal, or not known */
    int signal;              /* 0: none */
    bool lost;               /* nobody saw the end */
    const char *stderr_tail; /* the end of what it printed there; never NULL */
};

/* How the output of one program is read; one const struct each. */
struct stream_reader {
    /* May be NULL; makes `state`. */
    void (*begin)(struct reading *r, const void *config);
    /* One JSON object of a line of its own. */
    void (*event)(struct reading *r, const json_t *event);
    /* A line that is no JSON object; NULL: they mean nothing. Not terminated by NUL. */
    void (*plain)(struct reading *r, const char *line, size_t length);
    /* After the last line: sets error, message and final from exit and standard error. */
    void (*end)(struct reading *r, const struct reading_exit *exit);
};

void reading_begin(struct reading *r, const struct stream_reader *reader, const void *config);
void reading_feed(struct reading *r, const char *bytes, size_t length);
/* Reads what is left of a last line without an end, and asks the reader. Without a final event the
 * last wait for the provider or else standard error says why; if they do not, it is
 * ERROR_CRASH. */
void reading_end(struct reading *r, const struct reading_exit *exit);
/* Also of a reading that was not ended. */
void reading_free(struct reading *r);
#define AUTO_READING __attribute__((cleanup(reading_free))) struct reading

/* For readers. Strings are copied. */
void reading_set(char **slot, const char *value); /* NULL and "" are passed over */
/* An ID becomes a word of a command line: one that would be an option there, or is no plain word of
 * at most READING_SESSION_MAX bytes, is passed over. */
void reading_session(struct reading *r, const char *id);
void reading_say(struct reading *r, const char *text);      /* replaces the last message */
void reading_say_more(struct reading *r, const char *text); /* appends to it */
void reading_does(struct reading *r, const char *tool, const char *detail); /* detail may be NULL */
/* The same with the detail taken from the input of a tool call: its file, command, pattern ... */
void reading_calls(struct reading *r, const char *tool, const json_t *input);
void reading_called(struct reading *r, bool denied); /* a call of a tool is over, or was refused */
/* The path as it is shown: without `work` in front of it. */
const char *reading_below_work(const struct reading *r, const char *path);
/* The first error stays, unless it was ERROR_FAILED and the new one is more exact. */
void reading_fails(struct reading *r, enum attempt_error error, const char *message);
/* The same, classified by what a provider or a program said; `status` as in reading_classify. */
void reading_fails_by(struct reading *r, int status, const char *message);
/* It waits for its provider, to try again in `delay_ms` (0: not told) until it says or does
 * something. */
void reading_waits(struct reading *r, int status, const char *message, int64_t delay_ms);
void reading_goes_on(struct reading *r); /* it waits no more; saying and doing tell so, too */
/* A count at a path of the event: 0 if it is missing, no number or below 0, and bounded so that
 * sums cannot overflow. */
int64_t reading_count(const json_t *event, const char *path);
void reading_costs(struct reading *r, double usd); /* adds; below 0 adds nothing */
void tokens_add(struct token_counts *sum, const struct token_counts *more);
void tokens_take(struct token_counts *sum, const struct token_counts *less); /* that was added */
/* For `end`: a program that ended by itself with another exit status than 0 has failed, whatever
 * its last event said. */
void reading_exits(struct reading *r, const struct reading_exit *exit);

/* From the last line of a log that says something, or "". */
const char *reading_last_line(const char *log);

/* What a reader does with one kind of event. */
struct reading_event {
    const char *type;
    void (*take)(struct reading *r, const json_t *event);
};

/* Takes the event by the row of its type; one that has no row is passed over. */
void reading_take(struct reading *r, const json_t *event, const char *type,
                  const struct reading_event *rows, size_t count);

/*
 * What an HTTP status and a message of a provider mean; `status` 0: none was told, the words
 * decide. ERROR_FAILED if nothing fits. One table for all readers.
 */
enum attempt_error reading_classify(int status, const char *message);
/* "try again in 1.5s", "retry after 20 seconds" in milliseconds; 0: says nothing. */
int64_t reading_retry_after_ms(const char *message);

/* Adds what was understood to `o`, which has the keeper's facts: error, message, summary (if it has
 * none), tokens, usd, session, context. `before` is what earlier attempts of the same session had
 * used (zeroed: it is a new one) and is taken off where the program counts from its beginning.
 * Strings are copied to the arena. */
void reading_outcome(const struct reading *r, const struct session_use *before, struct arena *a,
                     struct outcome *o);

#endif
