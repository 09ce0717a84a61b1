/* SPDX-License-Identifier: Apache-2.0 */
/* What a command left behind becomes an outcome: the exit status is a fact, the result file a
 * claim. */
#include "engine/redo.h"

#include "base/escape.h"
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RESULT_MAX_BYTES = 16 * 1024 * 1024,
    ITEMS_MAX_BYTES = 64 * 1024 * 1024,
    LAST_LINE_WINDOW = 8 * 1024,
    LAST_LINE_MAX = 400,
    SUMMARY_MAX = 4000,
};

const char *result_last_line(const char *path, struct arena *a)
{
    char buffer[LAST_LINE_WINDOW];
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return "";
    off_t at = st.st_size > LAST_LINE_WINDOW ? st.st_size - LAST_LINE_WINDOW : 0;
    ssize_t n = pread(fd, buffer, sizeof buffer, at);
    if (n <= 0)
        return "";
    const char *end = buffer + n;
    while (end > buffer && strchr(" \t\r\n", end[-1]))
        end--;
    const char *start = end;
    while (start > buffer && start[-1] != '\n' && end - start < LAST_LINE_MAX)
        start--;
    json_auto_t *clean = json_lossy_string(start, (size_t)(end - start));
    return arena_string(a, json_string_value(clean));
}

static const char *how_it_ended(const struct keeper_event *ev, struct arena *a)
{
    if (ev->kind == KEEPER_START_FAILED)
        return arena_format(a, "could not start: %s: %s", ev->error_step, strerror(ev->error));
    if (ev->bound) {
        AUTO_FREE char *excess = bound_excess(ev->bound, ev->bound_most);
        return arena_format(a, "stopped: %s (`%s` of one attempt)", excess, bound_key(ev->bound));
    }
    if (ev->lost)
        return "its end was not seen: the machine or its keeper died";
    if (ev->signal)
        return arena_format(a, "ended by signal %d (%s)", ev->signal, strsignal(ev->signal));
    return arena_format(a, "exit status %d", ev->exit_code);
}

const char *result_trouble(const char *dir, const struct keeper_event *ev, struct arena *a)
{
    static const char *const files[] = {"stderr", "stdout"};
    const char *how = how_it_ended(ev, a);

    for (size_t i = 0; ev->kind == KEEPER_ENDED && !ev->bound && i < COUNT_OF(files); i++) {
        AUTO_FREE char *path = os_path(dir, files[i]);
        const char *line = result_last_line(path, a);
        if (line[0])
            return arena_format(a, "%s: %s", how, line);
    }
    return how;
}

static const char *keep_lossy(struct arena *a, const char *s, size_t most)
{
    size_t length = s ? strlen(s) : 0;

    if (length > most)
        length = most - (most - text_utf8_valid(s, most));
    return arena_string_n(a, s ? s : "", length);
}

static struct metrics read_metrics(const json_t *object, struct arena *a)
{
    size_t count = json_object_size(object), n = 0;
    struct metric *list = arena_array(a, count, sizeof *list);
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)object, key, value)
        if (json_is_number(value))
            list[n++] = (struct metric){arena_string(a, key), json_number_value(value)};
    return (struct metrics){list, n};
}

static struct strings read_strings(const json_t *array, struct arena *a)
{
    struct strings list = {arena_array(a, json_array_size(array), sizeof *list.at), 0};
    size_t i;
    json_t *value;

    json_array_foreach (array, i, value)
        if (json_is_string(value))
            list.at[list.count++] = keep_lossy(a, json_string_value(value), SUMMARY_MAX);
    return list;
}

static const struct {
    const char *word;
    enum claim claim;
} claims[] = {{"ok", CLAIM_OK}, {"failed", CLAIM_FAILED}, {"blocked", CLAIM_BLOCKED}};

int result_read_claims(const json_t *result, const char *path, struct arena *a, struct outcome *ret,
                       struct fault *f)
{
    const json_t *status = json_object_get(result, "status");

    if (!json_is_object(result)) {
        int r = fault_set(f, FAULT_FORMAT, "the result is not a JSON object");
        fault_place(f, path, 1, 1);
        return r;
    }
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        if (json_is_string(status) && strcmp(json_string_value(status), claims[i].word) == 0)
            ret->claim = claims[i].claim;
    if (status && ret->claim == CLAIM_NONE) {
        int r = fault_set(f, FAULT_FORMAT, "`status` is none of ok, failed, blocked");
        fault_place(f, path, 1, 1);
        return r;
    }
    ret->summary = keep_lossy(a, json_get_string(result, "summary", ""), SUMMARY_MAX);
    ret->metrics = read_metrics(json_object_get(result, "metrics"), a);
    ret->follow_up = read_strings(json_object_get(result, "follow_up"), a);
    ret->findings = (uint32_t)json_array_size(json_object_get(result, "findings"));
    return 0;
}

void result_read_file(struct engine *e, uint32_t job, const char *dir, struct arena *a,
                      struct outcome *ret)
{
    AUTO_FREE char *path = os_path(dir, "result.json");
    AUTO_FAULT f = {0};
    json_t *result = NULL;
    struct stat st;

    if (lstat(path, &st) < 0) {
        (void)fault_system(&f, errno, "cannot look at '%s'", path);
        (void)redo_stops(e, job, &f); /* else there is none */
        return;
    }
    int r = S_ISREG(st.st_mode) ? json_read_file(path, RESULT_MAX_BYTES, &result, &f)
                                : fault_set(&f, FAULT_FORMAT, "'%s' is not a file", path);
    if (r == 0)
        r = result_read_claims(result, path, a, ret, &f);
    json_decref(result);
    if (r < 0 && redo_stops(e, job, &f))
        return;
    if (r < 0 && ret->error == ERROR_LIMIT)
        return; /* that it was ended explains what it left */
    if (r < 0) {
        AUTO_FREE char *text = fault_text(&f);
        if (ret->error == ERROR_NONE)
            ret->error = ERROR_MALFORMED;
        ret->message = arena_format(a,
                                    "%s (a result reads {\"status\": \"ok\", \"summary\": "
                                    "\"...\"})",
                                    text);
        return;
    }
    context_result(e, job, path);
}

static void read_items(struct engine *e, uint32_t job, const char *dir, struct arena *a,
                       struct outcome *ret)
{
    AUTO_FREE char *path = os_path(dir, "stdout");
    AUTO_TEXT out = {0};
    AUTO_FAULT f = {0};
    VECTOR(const char *) items = {0};

    if (os_read_file(path, ITEMS_MAX_BYTES, &out, &f) < 0) {
        if (redo_stops(e, job, &f))
            return;
        ret->error = ERROR_FAILED;
        ret->message = arena_string(a, f.message);
        return;
    }
    char separator = memchr(text_get(&out), '\0', out.length) ? '\0' : '\n';
    for (size_t at = 0; at < out.length;) {
        const char *start = out.data + at;
        const char *end = memchr(start, separator, out.length - at);
        size_t length = end ? (size_t)(end - start) : out.length - at;
        if (length)
            vector_push(&items, arena_string_n(a, start, length));
        at += length + 1;
    }
    ret->paths.at = arena_copy(a, items.at, items.count * sizeof *items.at);
    ret->paths.count = items.count;
    vector_free(&items);
}

static enum attempt_error error_of(const struct keeper_event *ev)
{
    if (ev->kind == KEEPER_START_FAILED)
        return ERROR_FAILED;
    if (ev->bound)
        return ERROR_LIMIT;
    if (ev->lost || ev->signal)
        return ERROR_CRASH;
    return ev->exit_code ? ERROR_FAILED : ERROR_NONE;
}

void result_read_facts(struct engine *e, uint32_t job, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret)
{
    AUTO_FREE char *dir = path_attempt(e, job);

    *ret = (struct outcome){.error = error_of(ev),
                            .exit_code = ev->kind == KEEPER_ENDED ? ev->exit_code : -1,
                            .signal = ev->signal,
                            .cpu_us = ev->user_us + ev->system_us,
                            .max_rss_kib = ev->max_rss_kib};
    if (ret->error != ERROR_NONE)
        ret->message = result_trouble(dir, ev, a);
}

void result_read(struct engine *e, uint32_t job, const struct keeper_event *ev, struct arena *a,
                 struct outcome *ret)
{
    enum job_kind kind = e->tree->jobs.at[job].kind;
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *out = os_path(dir, "stdout");

    result_read_facts(e, job, ev, a, ret);
    ret->worked = true;
    if (ev->kind != KEEPER_ENDED)
        return;
    if (kind == JOB_AGENT) {
        result_read_file(e, job, dir, a, ret);
        if (ret->claim == CLAIM_NONE && !ret->summary)
            ret->summary = result_last_line(out, a);
        if (ret->error == ERROR_NONE && ret->claim >= CLAIM_FAILED)
            ret->message = ret->summary;
    } else if (kind == JOB_EXPAND && ret->error == ERROR_NONE) {
        read_items(e, job, dir, a, ret);
    }
}
