/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's side of the keeper: the process of its own that holds a run's attempts, so that the
 * engine's death harms no agent and every exit status is the true one.
 *
 * Order of calls: keeper_open, then any of start, stop and dismiss, and keeper_pump whenever
 * keeper_fd is readable (or writable, while keeper_wants_write), then keeper_close. Nothing
 * here blocks but keeper_open and keeper_sweep, which have time limits of their own.
 *
 * What has happened is in the file `keeper.log` of the run's folder. It is written before it is
 * reported and survives the death of the engine and of the keeper. It is not synced: after the
 * machine itself died its end may be missing, so an attempt that the journal ordered and that no
 * record names is lost too, and is not to be started again under the same identity
 * (keeper_sweep says whether the machine was restarted).
 */
#ifndef KELP_PROCESS_KEEPER_H
#define KELP_PROCESS_KEEPER_H

#include "base/fault.h"
#include "process/bounds.h"
#include "process/sandbox.h"
#include "process/spawn_method.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct keeper; /* the engine's connection; opaque */

enum { KEEPER_ID_MAX = 255 };

/* Right when zeroed. */
struct keeper_options {
    const char *program;      /* the kelp-keeper to start; NULL finds it (see keeper_open) */
    int64_t leave_after_ms;   /* without child and engine it stays this long; 0: 10 s */
    int64_t start_limit_ms;   /* how long keeper_open may take; 0: 20 s */
    enum spawn_method method; /* SPAWN_AUTO, or one that is forced on (tests) */
    bool no_cgroup;           /* contain by sessions, parents and the marker only */
};

/*
 * What to start. Plain data, only read by keeper_start; right when zeroed where optional. Paths
 * are absolute. The environment gets two variables more: KELP_ATTEMPT_ID and KELP_KEEPER_MARK,
 * by which what an attempt leaves behind is known.
 */
struct keeper_spec {
    const char *id;          /* unique in the run, e.g. "ORG_4729.1/w1.I1.a1"; <= 255 bytes */
    const char *const *argv; /* argv[0] has a slash, or is looked up in the PATH of envp */
    const char *const *envp; /* NULL: empty but for the two */
    const char *cwd;         /* NULL: "/" */
    const char *make_dir;    /* a folder made first, with its parents, mode 0700; NULL: none */
    const char *stdin_path;  /* NULL: /dev/null. The attempt opens a FIFO for reading and writing,
                              * so that it sees no end of file when a writer goes away */
    const char *stdout_path; /* appended to, made with mode 0600; NULL: /dev/null */
    const char *stderr_path; /* the same; may be the path of stdout */
    const struct sandbox *sandbox; /* NULL: processes are contained, and nothing else */
    uint64_t output_max_bytes;     /* of each file; 0: no bound. See process/output.h */
    struct bounds bounds;
};

enum keeper_event_kind {
    KEEPER_STARTED,      /* the program runs: exec has succeeded */
    KEEPER_START_FAILED, /* nothing of it ran; nothing more follows */
    KEEPER_ENDED,        /* it is over, and so is all that it had started */
};

/* Plain data. The strings live until the callback returns. */
struct keeper_event {
    enum keeper_event_kind kind;
    const char *id;
    int64_t at_ms; /* since 1970, UTC; of ENDED: when the main process was reaped */
    pid_t pid;
    uint64_t start_ticks; /* field 22 of /proc/PID/stat; with pid, one process of this boot */
    int exit_code;        /* ENDED: 0..255, or -1 if a signal ended it or `lost` */
    int signal;           /* ENDED: the signal that ended the main process, or 0 */
    bool lost;            /* ENDED: nobody saw the end, the keeper or the machine died first */
    int64_t user_us;      /* ENDED: CPU time of the main process and those it waited for */
    int64_t system_us;
    int64_t max_rss_kib;    /* ENDED: the largest resident size of one of them */
    unsigned survivors;     /* ENDED: processes that it left behind and that were killed */
    unsigned unkillable;    /* ENDED: of these, still there when the wait for them was given up */
    uint64_t dropped_bytes; /* ENDED: cut out of the middle of its output, both files */
    enum bound bound;       /* ENDED: the bound that it ran into and that ended it, or NONE */
    uint64_t bound_most;    /* ENDED: what it had of that */
    int error;              /* START_FAILED: errno */
    const char *error_step; /* START_FAILED: which step, e.g. "enter the folder"; else NULL */
};

/* May call keeper_start and keeper_stop, not keeper_close. */
typedef void keeper_event_fn(void *ctx, const struct keeper_event *event);

/*
 * Connects to the keeper of the run in `run_dir` (an existing folder), or starts one. Every
 * attempt on file is then reported again, in the order in which it happened, before anything
 * new. A keeper that had died is replaced, after keeper_sweep's work was done.
 *
 * The program is `o->program`, else "kelp-keeper" in the folder of the running program, else
 * in ../libexec/kelp of it. FAULT_BUSY: another engine is connected. FAULT_REFUSED: the keeper
 * runs, and outside of the sandbox that the caller is in. `o` may be NULL.
 */
int keeper_open(const char *run_dir, const struct keeper_options *o, struct keeper **ret_keeper,
                struct fault *f) MUST_CHECK;

/* Queues a start. An identity that is on file is not started again: its events are repeated.
 * FAULT_USAGE: the spec is not right; FAULT_LIMIT: argv and envp are over 4 MiB. */
int keeper_start(struct keeper *k, const struct keeper_spec *spec, struct fault *f) MUST_CHECK;

/* Queues the end of an attempt: TERM and CONT to all that it started, `grace_ms` later KILL to
 * what is left. Its ENDED says when that is done. A second call can only shorten the grace.
 * An identity that does not run (any more) is passed over. */
int keeper_stop(struct keeper *k, const char *id, int64_t grace_ms, struct fault *f) MUST_CHECK;

/* Queues the wish that the keeper leaves as soon as it has no child, without its usual wait. */
int keeper_dismiss(struct keeper *k, struct fault *f) MUST_CHECK;

int keeper_fd(const struct keeper *k);
bool keeper_wants_write(const struct keeper *k);
/* The keeper's own process; 0 until its first record was read. */
pid_t keeper_pid(const struct keeper *k);

/* Sends what is queued and reads what is there, without waiting. Returns the number of events,
 * or a fault when the keeper is gone, after the events that it had still sent. */
int keeper_pump(struct keeper *k, keeper_event_fn *on_event, void *ctx, struct fault *f) MUST_CHECK;

/* Detaches; the keeper and its attempts go on. What was queued and not sent is dropped. */
void keeper_close(struct keeper *k);

/* Reports what is on file, without a keeper and next to a living one. Returns the number of
 * events; no file is no events. A torn end is passed over. */
int keeper_records_read(const char *run_dir, keeper_event_fn *on_event, void *ctx,
                        struct fault *f) MUST_CHECK;

struct keeper_swept {
    unsigned lost;       /* attempts whose end was not on file */
    unsigned ended;      /* processes of attempts that were found running and killed */
    unsigned unkillable; /* of these, still there at the end of the wait */
    bool rebooted;       /* the last keeper was of an earlier boot of the machine */
};

/*
 * For a keeper that died: finds and kills what still runs of its attempts (by control group, pid
 * with start time, session, parents and marker), and records ENDED with `lost` for each attempt
 * with no end on file, which `on_event` (NULL: nobody) hears of. FAULT_BUSY: the keeper lives.
 */
int keeper_sweep(const char *run_dir, keeper_event_fn *on_event, void *ctx,
                 struct keeper_swept *ret_swept, struct fault *f) MUST_CHECK;

#endif
