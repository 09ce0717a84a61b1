/* SPDX-License-Identifier: Apache-2.0 */
#include "record/recording.h"

#include "base/os.h"
#include "core/exec_id.h"
#include "git/git.h"
#include "journal/codec.h"
#include "plan/yaml.h"
#include "record/collect.h"
#include "record/container.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS "attempts/"

enum {
    MANIFEST_VERSION_MAX = 1,
    MANIFEST_BYTES_MAX = 256 * 1024 * 1024,
    SLOTS_MAX = 1000000,
    MINUTES_MAX = 1000000
};

struct contents {
    struct container_piece manifest, plan;
    size_t attempts;
    struct arena *a;
};

/* A piece's name is gone when the next one is read. */
static int sort_piece(void *context, const struct container_piece *piece, struct fault *f)
{
    struct contents *c = context;

    (void)f;
    if (strcmp(piece->name, RECORDING_MANIFEST) == 0)
        c->manifest = *piece;
    else if (strcmp(piece->name, RECORDING_PLAN) == 0)
        c->plan = *piece;
    c->attempts += text_starts(piece->name, ATTEMPTS) && text_ends(piece->name, "/play.json");
    return 0;
}

static int lacks(const struct recording *r, const char *what, struct fault *f)
{
    return fault_set(f, FAULT_CORRUPT, "'%s' lacks what a recording has: %s", r->name, what);
}

static int read_plan(struct recording *r, const struct contents *c, struct plan **ret,
                     struct fault *f)
{
    AUTO_TEXT text = {0};

    if (!c->plan.data)
        return lacks(r, RECORDING_PLAN, f);
    text_add_n(&text, c->plan.data, c->plan.length);
    const struct source source = {text_get(&text), text.length, RECORDING_PLAN};
    return plan_read_yaml(&source, c->a, ret, f);
}

static bool in_range(double number, double max)
{
    return number >= 0 && number <= max;
}

static bool history_is_sensible(const struct history *h)
{
    bool good = !h || in_range(h->overhead_s, MINUTES_MAX);

    for (size_t i = 0; h && i < h->count; i++)
        good &= h->at[i].role && in_range(h->at[i].minutes, MINUTES_MAX);
    return good;
}

/* The journal of a run has what kelp itself put there; these may be anybody's. */
static int check_numbers(const struct recording *r, struct fault *f)
{
    const struct run_settings *s = &r->request.settings;
    bool good =
        s->slots <= SLOTS_MAX && s->slots_asked <= SLOTS_MAX && in_range(s->retry_share, 1) &&
        in_range(s->min_minutes, MINUTES_MAX) && in_range(s->min_speedup, MINUTES_MAX) &&
        in_range(s->coordination_minutes, MINUTES_MAX) &&
        in_range(s->default_stall_minutes, MINUTES_MAX) && history_is_sensible(r->request.history);

    return good ? 0 : lacks(r, "sensible settings of the run", f);
}

static int read_request(struct recording *r, const struct contents *c, struct fault *f)
{
    const json_t *request = json_object_get(r->manifest, "request");
    struct plan *plan = NULL;

    int status = event_record_read(&request_record, request, c->a, &r->request, f);
    if (status == 0)
        status = read_plan(r, c, &plan, f);
    if (status < 0)
        return status;
    if (!r->request.planned) {
        plan->subtasks = NULL;
        plan->subtask_count = 0;
    }
    r->request.plan = plan;
    r->request.replay = r->request.head = r->request.branch = "";
    r->request.upstream = r->request.remote = "";
    r->request.planner = r->request.planner ? r->request.planner : "";
    return check_numbers(r, f);
}

static int read_manifest(struct recording *r, const struct contents *c, struct fault *f)
{
    AUTO_FAULT ignored = {0};
    struct exec_id id;

    if (!c->manifest.data)
        return lacks(r, RECORDING_MANIFEST, f);
    if (c->manifest.length > MANIFEST_BYTES_MAX)
        return fault_set(f, FAULT_LIMIT, "the %s of '%s' is larger than %d MiB", RECORDING_MANIFEST,
                         r->name, MANIFEST_BYTES_MAX >> 20);
    int status =
        json_parse(c->manifest.data, c->manifest.length, RECORDING_MANIFEST, &r->manifest, f);
    if (status < 0)
        return status;
    if (json_get_int(r->manifest, "version", 1) > MANIFEST_VERSION_MAX)
        return fault_set(f, FAULT_NEWER, "'%s' was recorded by a newer kelp (%s)", r->name,
                         json_get_string(r->manifest, "kelp", "?"));
    r->run = json_get_string(r->manifest, "run", "");
    r->base = json_get_string(r->manifest, "base", "");
    r->ended = json_get_bool(r->manifest, "ended", false);
    r->outline = json_object_get(r->manifest, "outline");
    r->attempts = c->attempts;
    if (exec_id_parse(r->run, &id, &ignored) < 0 || id.depth)
        return lacks(r, "the name of the run", f);
    if (!git_is_oid(r->base))
        return lacks(r, "the commit that it began from", f);
    if (!json_is_object(r->outline))
        return lacks(r, "an outline of what the run did", f);
    if (!json_is_object(json_object_get(r->manifest, "request")))
        return lacks(r, "the request of the run", f);
    return 0;
}

int recording_parse(struct text *file, const char *name, struct arena *a, struct recording *ret,
                    struct fault *f)
{
    struct contents c = {.a = a};

    *ret = (struct recording){.name = arena_string(a, name), .file = *file};
    *file = (struct text){0};
    int r = container_read(&ret->file, ret->name, sort_piece, &c, f);
    if (r == 0)
        r = read_manifest(ret, &c, f);
    return r < 0 ? r : read_request(ret, &c, f);
}

int recording_read(const char *path, struct arena *a, struct recording *ret, struct fault *f)
{
    AUTO_TEXT file = {0};

    *ret = (struct recording){0};
    int r = os_read_file(path, CONTAINER_BYTES_MAX, &file, f);
    return r < 0 ? r : recording_parse(&file, path, a, ret, f);
}

void recording_free(struct recording *r)
{
    text_free(&r->file);
    json_decref(r->manifest);
    *r = (struct recording){0};
}

struct unpacking {
    const char *dir;
    const char *only; /* the one piece that is wanted, and where it goes; NULL: what is played */
    const char *to;
    size_t count;
};

/* The folder is new and nobody else's, so that what is in the way is a piece of this recording:
 * the same name twice, or a folder of the same name. */
static int write_piece(const char *path, const struct container_piece *piece, struct fault *f)
{
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EEXIST || errno == EISDIR))
        return fault_set(f, FAULT_CORRUPT, "the recording has '%s' twice", piece->name);
    if (fd < 0)
        return fault_system(f, errno, "cannot make '%s'", path);
    int r = os_write_all(fd, piece->data, piece->length);
    return r < 0 ? fault_system(f, -r, "cannot write '%s'", path) : 0;
}

/* "attempts/KEY/FILE", the manifest; all else is passed over. */
static bool is_played(const char *name)
{
    const char *slash = text_starts(name, ATTEMPTS) ? strchr(name + strlen(ATTEMPTS), '/') : NULL;

    return strcmp(name, RECORDING_MANIFEST) == 0 || (slash && !strchr(slash + 1, '/'));
}

static int unpack_piece(void *context, const struct container_piece *piece, struct fault *f)
{
    struct unpacking *u = context;

    if (u->only) {
        if (strcmp(piece->name, u->only) != 0)
            return 0;
        u->count++;
        return write_piece(u->to, piece, f);
    }
    if (!is_played(piece->name))
        return 0;
    AUTO_FREE char *path = os_path(u->dir, piece->name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    int r = os_make_dirs(path, 0700, f);
    *slash = '/';
    return r < 0 ? r : write_piece(path, piece, f);
}

int recording_unpack(const struct recording *r, const char *dir, bool real_time, struct fault *f)
{
    AUTO_FREE char *play_path = os_path(dir, "play.json");
    struct unpacking u = {.dir = dir};
    json_auto_t *play =
        json_pack("{s:s, s:b, s:b}", "base", r->base, "real_time", real_time, "ended", r->ended);

    int status = os_make_dirs(dir, 0700, f);
    if (status == 0)
        status = container_read(&r->file, r->name, unpack_piece, &u, f);
    return status < 0 ? status : json_write_file(play_path, play, f);
}

int recording_bundle(const struct recording *r, const char *path, struct fault *f)
{
    struct unpacking u = {.only = RECORDING_BASE, .to = path};
    int status = container_read(&r->file, r->name, unpack_piece, &u, f);

    if (status == 0 && !u.count)
        status =
            fault_set(f, FAULT_NOT_FOUND, "'%s' does not hold the commit '%s'", r->name, r->base);
    return status;
}

static unsigned sum_of(const json_t *object, const char *key, unsigned (*count)(const json_t *))
{
    const json_t *list = json_object_get(object, key);
    unsigned sum = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        sum += count(json_array_get(list, i));
    return sum;
}

static unsigned is_stop(const json_t *attempt)
{
    const char *word = json_is_string(attempt) ? json_string_value(attempt) : "";

    return strcmp(word, "auth") == 0 || strcmp(word, "quota") == 0;
}

static unsigned stops_of_agent(const json_t *agent)
{
    return sum_of(agent, "attempts", is_stop);
}

static unsigned stops_of_wave(const json_t *wave)
{
    return sum_of(wave, "agents", stops_of_agent);
}

static unsigned stops_of_orch(const json_t *orch)
{
    return sum_of(orch, "waves", stops_of_wave);
}

unsigned recording_stops(const struct recording *r)
{
    return sum_of(r->outline, "orchestrators", stops_of_orch);
}
