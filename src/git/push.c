/* SPDX-License-Identifier: Apache-2.0 */
#include "git/push.h"

#include "git/git.h"

#include <string.h>

/* Why `spec` needs no try; NULL: it does. The caller frees. */
static char *skip_reason(const struct push_spec *spec)
{
    if (spec->mode == PUSH_NEVER)
        return mem_string("push is 'never'");
    if (!spec->remote)
        return mem_string("there is no remote");
    if (spec->mode == PUSH_ALWAYS)
        return NULL;
    if (!spec->upstream)
        return text_format("the branch '%s' has no upstream", spec->branch);
    if (spec->start_ahead > 0)
        return text_format("the branch '%s' was already %lld commits ahead of '%s' at the start",
                           spec->branch, (long long)spec->start_ahead, spec->upstream);
    return NULL;
}

/* The remote's name of the branch: what the user configured, else the upstream's name, else the
 * branch's own. */
static int find_ref(const struct push_spec *spec, char **ret, struct fault *f)
{
    struct git user = {.cwd = spec->repo};
    AUTO_FREE char *key = text_format("branch.%s.merge", spec->branch);
    AUTO_FREE char *prefix = text_format("%s/", spec->remote);

    int r = git_config_value(&user, GIT_ARGS("--get", key), ret, f);
    if (r < 0 || *ret)
        return r;
    const char *name = spec->upstream && text_starts(spec->upstream, prefix)
                           ? spec->upstream + strlen(prefix)
                           : spec->branch;
    *ret = text_format("refs/heads/%s", name);
    return 0;
}

static char *shown_command(const struct push_spec *spec, const char *ref)
{
    struct text t = {0};
    AUTO_FREE char *what = text_format("%s:%s", spec->commit, ref);

    text_add(&t, "git push ");
    text_add_quoted(&t, spec->remote);
    text_add_char(&t, ' ');
    text_add_quoted(&t, what);
    return text_take(&t);
}

/* Does the remote hold the commit on that branch already? No answer counts as no: the push that
 * follows says why. */
static int remote_has(const struct push_spec *spec, const char *ref, struct fault *f)
{
    struct git user = {.cwd = spec->repo, .limit_ms = spec->limit_ms};
    AUTO_TEXT out = {0};
    AUTO_FREE char *there = NULL, *oid = NULL;
    AUTO_FAULT late = {0};

    int status = git_exit(
        &user,
        &(struct git_call){.args = GIT_ARGS("ls-remote", "--", spec->remote, ref), .out = &out},
        &late);
    if (status == -FAULT_LIMIT || status > 0)
        return 0;
    if (status < 0)
        return fault_move(f, &late);
    oid = mem_string_n(text_get(&out), strcspn(text_get(&out), "\t"));
    if (!git_is_oid(oid))
        return 0;
    int r = git_commit_or_null(&user, oid, &there, f);
    return r < 0 || !there ? r : git_is_ancestor(&user, spec->commit, there, f);
}

enum { REASON_LINES = 4 };

/* What there is to read in a line of git's answer. Of the line about the branch
 * ("!<tab>from:to<tab> [rejected] (why)") only the end; nothing of progress and hints. */
static const char *said(const char *line, size_t length, size_t *ret_length)
{
    static const char *const noise[] = {"hint:", "To ", "Done", "error: failed to push"};
    const char *start = line, *end = line + length;

    for (size_t i = 0; i < COUNT_OF(noise); i++)
        if (text_starts(line, noise[i]))
            start = end;
    if (text_starts(line, "!\t"))
        for (const char *p = line; p < end; p++)
            start = *p == '\t' ? p + 1 : start;
    if (text_starts(line, "remote:"))
        start = line + strlen("remote:");
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    *ret_length = (size_t)(end - start);
    return start;
}

/* One line that a person reads; of a long sermon the beginning. */
static char *why_refused(const struct text *out, const struct text *err)
{
    const struct text *both[] = {out, err};
    struct text why = {0};
    unsigned lines = 0;

    for (size_t i = 0; i < COUNT_OF(both); i++) {
        for (const char *line = text_get(both[i]); *line;) {
            size_t all = strcspn(line, "\n"), n;
            const char *start = said(line, all, &n);
            if (n && lines++ < REASON_LINES) {
                text_add(&why, why.length ? "; " : "");
                text_add_n(&why, start, n);
            }
            line += all + (line[all] == '\n');
        }
    }
    if (lines > REASON_LINES)
        text_add(&why, " ...");
    return text_take(&why);
}

static int push_now(const struct push_spec *spec, struct push_result *result, struct fault *f)
{
    struct git user = {.trust = GIT_PLAIN, .cwd = spec->repo, .limit_ms = spec->limit_ms};
    AUTO_FREE char *what = text_format("%s:%s", spec->commit, result->ref);
    AUTO_TEXT out = {0}, err = {0};
    AUTO_FAULT late = {0};

    int status = git_exit(
        &user,
        &(struct git_call){.args = GIT_ARGS("push", "--porcelain", "--", spec->remote, what),
                           .out = &out,
                           .err = &err},
        &late);
    if (status == -FAULT_LIMIT) {
        result->refused_why = mem_string("the remote did not answer within the time limit");
        return 0;
    }
    if (status < 0)
        return fault_move(f, &late);
    result->pushed = status == 0;
    if (status > 0)
        result->refused_why = why_refused(&out, &err);
    return 0;
}

int push_branch(const struct push_spec *spec, struct push_result *ret, struct fault *f)
{
    __attribute__((cleanup(push_result_free))) struct push_result result = {
        .skipped_why = skip_reason(spec),
        .remote = spec->remote ? mem_string(spec->remote) : NULL,
    };
    int r = 0;

    if (spec->remote) {
        r = find_ref(spec, &result.ref, f);
        if (r < 0)
            return r;
        result.command = shown_command(spec, result.ref);
    }
    if (!result.skipped_why) {
        r = remote_has(spec, result.ref, f);
        result.pushed = r > 0;
        if (r == 0)
            r = push_now(spec, &result, f);
    }
    if (r < 0)
        return r;
    *ret = result;
    result = (struct push_result){0};
    return 0;
}

void push_result_free(struct push_result *result)
{
    free(result->skipped_why);
    free(result->refused_why);
    free(result->remote);
    free(result->ref);
    free(result->command);
    *result = (struct push_result){0};
}
