/* SPDX-License-Identifier: Apache-2.0 */
#include "process/request.h"

#include "process/pack.h"

/* NULL-terminated, or NULL for an array that is NULL. */
static void strings_pack(struct text *t, const char *const *strings)
{
    size_t count = 0;

    while (strings && strings[count])
        count++;
    pack_u32(t, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        pack_string(t, strings[i]);
}

static const char *const *strings_unpack(struct unpack *u, struct arena *arena, size_t *ret_count)
{
    uint32_t count = unpack_u32(u);

    /* Each takes five bytes or more, so what is left bounds what an array may take of memory. */
    if (count > u->left / 5)
        u->bad = true;
    if (u->bad)
        count = 0;
    const char **strings = arena_array(arena, (size_t)count + 1, sizeof *strings);
    for (uint32_t i = 0; i < count; i++)
        strings[i] = unpack_string(u, REQUEST_MAX_BYTES);
    if (ret_count)
        *ret_count = count;
    return strings;
}

static void bounds_pack(struct text *t, const struct bounds *bounds)
{
    for (unsigned i = BOUND_NONE + 1; i < BOUND_COUNT; i++)
        pack_u64(t, bounds->of[i]);
    pack_u8(t, bounds->sparing);
}

static void bounds_unpack(struct unpack *u, struct bounds *bounds)
{
    for (unsigned i = BOUND_NONE + 1; i < BOUND_COUNT; i++)
        bounds->of[i] = unpack_u64(u);
    bounds->sparing = unpack_u8(u) != 0;
}

static void sandbox_pack(struct text *t, const struct sandbox *sandbox)
{
    pack_u8(t, sandbox != NULL);
    if (!sandbox)
        return;
    pack_u8(t, (uint8_t)sandbox->network);
    pack_u32(t, (uint32_t)sandbox->writable_count);
    for (size_t i = 0; i < sandbox->writable_count; i++)
        pack_string(t, sandbox->writable[i]);
    pack_u8(t, (uint8_t)sandbox->view_count);
    for (size_t i = 0; i < sandbox->view_count; i++) {
        pack_u8(t, sandbox->views[i].show);
        pack_string(t, sandbox->views[i].path);
    }
}

static void views_unpack(struct unpack *u, struct arena *arena, struct sandbox *box)
{
    uint8_t count = unpack_u8(u);

    if (count > SANDBOX_VIEWS_MAX) {
        u->bad = true;
        return;
    }
    struct sandbox_view *views = arena_array(arena, count, sizeof *views);
    for (uint8_t i = 0; i < count; i++) {
        views[i].show = unpack_u8(u) != 0;
        views[i].path = unpack_string(u, REQUEST_PATH_MAX);
    }
    box->views = views;
    box->view_count = count;
}

static void sandbox_unpack(struct unpack *u, struct arena *arena, struct request *r)
{
    if (!unpack_u8(u))
        return;
    uint8_t network = unpack_u8(u);
    if (network > SANDBOX_NETWORK_RELAYED)
        u->bad = true;
    r->sandbox.network = network;
    r->sandbox.writable = strings_unpack(u, arena, &r->sandbox.writable_count);
    views_unpack(u, arena, &r->sandbox);
    r->spec.sandbox = &r->sandbox;
}

static void hello_pack(struct text *t, const struct request *r)
{
    pack_u32(t, r->version);
}

static void hello_unpack(struct unpack *u, struct arena *arena UNUSED, struct request *r)
{
    r->version = unpack_u32(u);
}

static void start_pack(struct text *t, const struct request *r)
{
    const struct keeper_spec *s = &r->spec;

    pack_string(t, s->id);
    strings_pack(t, s->argv);
    strings_pack(t, s->envp);
    pack_string_or_null(t, s->cwd);
    pack_string_or_null(t, s->make_dir);
    pack_string_or_null(t, s->stdin_path);
    pack_string_or_null(t, s->stdout_path);
    pack_string_or_null(t, s->stderr_path);
    pack_u64(t, s->output_max_bytes);
    bounds_pack(t, &s->bounds);
    sandbox_pack(t, s->sandbox);
}

static void start_unpack(struct unpack *u, struct arena *arena, struct request *r)
{
    struct keeper_spec *s = &r->spec;
    size_t words;

    s->id = unpack_string(u, KEEPER_ID_MAX);
    s->argv = strings_unpack(u, arena, &words);
    s->envp = strings_unpack(u, arena, NULL);
    s->cwd = unpack_string_or_null(u, REQUEST_PATH_MAX);
    s->make_dir = unpack_string_or_null(u, REQUEST_PATH_MAX);
    s->stdin_path = unpack_string_or_null(u, REQUEST_PATH_MAX);
    s->stdout_path = unpack_string_or_null(u, REQUEST_PATH_MAX);
    s->stderr_path = unpack_string_or_null(u, REQUEST_PATH_MAX);
    s->output_max_bytes = unpack_u64(u);
    bounds_unpack(u, &s->bounds);
    sandbox_unpack(u, arena, r);
    if (words == 0 || !*s->id)
        u->bad = true;
}

static void stop_pack(struct text *t, const struct request *r)
{
    pack_string(t, r->id);
    pack_i64(t, r->grace_ms);
}

static void stop_unpack(struct unpack *u, struct arena *arena UNUSED, struct request *r)
{
    r->id = unpack_string(u, KEEPER_ID_MAX);
    r->grace_ms = unpack_i64_in(u, 0, REQUEST_GRACE_MAX_MS);
}

static void leave_pack(struct text *t UNUSED, const struct request *r UNUSED)
{
}

static void leave_unpack(struct unpack *u UNUSED, struct arena *arena UNUSED,
                         struct request *r UNUSED)
{
}

static const struct {
    void (*pack)(struct text *t, const struct request *r);
    void (*unpack)(struct unpack *u, struct arena *arena, struct request *r);
} kinds[] = {
    [REQUEST_HELLO] = {hello_pack, hello_unpack},
    [REQUEST_START] = {start_pack, start_unpack},
    [REQUEST_STOP] = {stop_pack, stop_unpack},
    [REQUEST_LEAVE] = {leave_pack, leave_unpack},
};

void request_add(struct text *t, const struct request *request)
{
    size_t start = t->length;

    pack_u32(t, 0);
    pack_u8(t, (uint8_t)request->kind);
    kinds[request->kind].pack(t, request);
    pack_u32_at(t, start, (uint32_t)(t->length - start - REQUEST_HEAD_BYTES));
}

int request_read(const char *data, size_t length, struct arena *arena, struct request *ret)
{
    struct unpack u = {.at = data, .left = length};
    uint32_t bytes = unpack_u32(&u);

    if (u.bad)
        return 0;
    if (bytes == 0 || bytes > REQUEST_MAX_BYTES)
        return -FAULT_FORMAT;
    if (bytes > u.left)
        return 0;
    u.left = bytes;
    unsigned kind = unpack_u8(&u);
    if (kind == REQUEST_NONE || kind >= COUNT_OF(kinds))
        return -FAULT_FORMAT;
    *ret = (struct request){.kind = (enum request_kind)kind};
    kinds[kind].unpack(&u, arena, ret);
    return unpack_done(&u) ? (int)(bytes + REQUEST_HEAD_BYTES) : -FAULT_FORMAT;
}
