/* SPDX-License-Identifier: Apache-2.0 */
#include "process/record.h"

#include "process/pack.h"
#include "process/spawn.h"

#include <limits.h>
#include <string.h>

enum { PATH_BYTES_MAX = 4096, PID_LIMIT = 1 << 30 };

/* CRC-32 as in ISO 3309, four bits at a time. */
static uint32_t check_sum(const char *data, size_t length)
{
    static const uint32_t nibbles[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t sum = 0xFFFFFFFF;

    for (size_t i = 0; i < length; i++) {
        sum ^= (unsigned char)data[i];
        sum = (sum >> 4) ^ nibbles[sum & 15];
        sum = (sum >> 4) ^ nibbles[sum & 15];
    }
    return ~sum;
}

static void session_pack(struct text *t, const struct record *r)
{
    pack_u32(t, r->version);
    pack_i64(t, r->event.pid);
    pack_u64(t, r->event.start_ticks);
    pack_string(t, r->boot_id);
    pack_string(t, r->mark);
    pack_string(t, r->groups);
}

static void session_unpack(struct unpack *u, struct record *r)
{
    r->version = unpack_u32(u);
    r->event.pid = (pid_t)unpack_i64_in(u, 0, PID_LIMIT);
    r->event.start_ticks = unpack_u64(u);
    r->boot_id = unpack_string(u, PROC_BOOT_ID_BYTES - 1);
    r->mark = unpack_string(u, RECORD_MARK_BYTES - 1);
    r->groups = unpack_string(u, PATH_BYTES_MAX);
}

static void nothing_pack(struct text *t UNUSED, const struct record *r UNUSED)
{
}

static void nothing_unpack(struct unpack *u UNUSED, struct record *r UNUSED)
{
}

static void started_pack(struct text *t, const struct record *r)
{
    pack_i64(t, r->event.pid);
    pack_u64(t, r->event.start_ticks);
}

static void started_unpack(struct unpack *u, struct record *r)
{
    r->event.kind = KEEPER_STARTED;
    r->event.pid = (pid_t)unpack_i64_in(u, 1, PID_LIMIT);
    r->event.start_ticks = unpack_u64(u);
}

static void failed_pack(struct text *t, const struct record *r)
{
    pack_i64(t, r->event.error);
    pack_u32(t, r->step);
}

static void failed_unpack(struct unpack *u, struct record *r)
{
    r->event.kind = KEEPER_START_FAILED;
    r->event.error = (int)unpack_i64_in(u, 0, INT_MAX);
    r->step = unpack_u32(u);
    r->event.error_step = spawn_step_words(r->step);
}

static void ended_pack(struct text *t, const struct record *r)
{
    const struct keeper_event *e = &r->event;

    pack_i64(t, e->pid);
    pack_u64(t, e->start_ticks);
    pack_i64(t, e->exit_code);
    pack_i64(t, e->signal);
    pack_u8(t, e->lost);
    pack_i64(t, e->user_us);
    pack_i64(t, e->system_us);
    pack_i64(t, e->max_rss_kib);
    pack_u32(t, e->survivors);
    pack_u32(t, e->unkillable);
    pack_u64(t, e->dropped_bytes);
    if (!e->bound)
        return; /* as in version 1 */
    pack_u8(t, (uint8_t)e->bound);
    pack_u64(t, e->bound_most);
}

static void ended_unpack(struct unpack *u, struct record *r)
{
    struct keeper_event *e = &r->event;

    e->kind = KEEPER_ENDED;
    e->pid = (pid_t)unpack_i64_in(u, 0, PID_LIMIT);
    e->start_ticks = unpack_u64(u);
    e->exit_code = (int)unpack_i64_in(u, -1, 255);
    e->signal = (int)unpack_i64_in(u, 0, 255);
    e->lost = unpack_u8(u) != 0;
    e->user_us = unpack_i64_in(u, 0, INT64_MAX);
    e->system_us = unpack_i64_in(u, 0, INT64_MAX);
    e->max_rss_kib = unpack_i64_in(u, 0, INT64_MAX);
    e->survivors = unpack_u32(u);
    e->unkillable = unpack_u32(u);
    e->dropped_bytes = unpack_u64(u);
    if (u->bad || !u->left)
        return;
    uint8_t bound = unpack_u8(u);
    e->bound_most = unpack_u64(u);
    if (bound == BOUND_NONE || bound >= BOUND_COUNT)
        u->bad = true;
    else
        e->bound = bound;
}

static const struct {
    bool named;    /* it has an attempt's identity */
    bool is_event; /* it is reported to the engine */
    void (*pack)(struct text *t, const struct record *r);
    void (*unpack)(struct unpack *u, struct record *r);
} kinds[] = {
    [RECORD_SESSION] = {false, false, session_pack, session_unpack},
    [RECORD_BEGIN] = {true, false, nothing_pack, nothing_unpack},
    [RECORD_STARTED] = {true, true, started_pack, started_unpack},
    [RECORD_FAILED] = {true, true, failed_pack, failed_unpack},
    [RECORD_ENDED] = {true, true, ended_pack, ended_unpack},
    [RECORD_BUSY] = {false, false, nothing_pack, nothing_unpack},
    [RECORD_CONFINED] = {false, false, nothing_pack, nothing_unpack},
};

bool record_is_event(enum record_kind kind)
{
    return (unsigned)kind < COUNT_OF(kinds) && kinds[kind].is_event;
}

void record_seal(struct text *t, size_t start)
{
    size_t body = t->length - start - RECORD_HEAD_BYTES;

    pack_u32_at(t, start, (uint32_t)body);
    pack_u32_at(t, start + 4, check_sum(t->data + start + RECORD_HEAD_BYTES, body));
}

void record_add(struct text *t, const struct record *record)
{
    size_t start = t->length;

    pack_u32(t, 0);
    pack_u32(t, 0);
    pack_u8(t, (uint8_t)record->kind);
    pack_i64(t, record->event.at_ms);
    if (kinds[record->kind].named)
        pack_string(t, record->event.id);
    kinds[record->kind].pack(t, record);
    record_seal(t, start);
}

size_t record_owed_bytes(const char *id)
{
    enum { BEGIN_BYTES = 22, STARTED_BYTES = 38, ENDED_BYTES = 104 };

    return BEGIN_BYTES + STARTED_BYTES + ENDED_BYTES + 3 * strlen(id);
}

static int body_read(struct unpack *u, struct record *ret)
{
    unsigned kind = unpack_u8(u);

    if (kind == RECORD_NONE || kind >= COUNT_OF(kinds))
        return u->bad || kind == RECORD_NONE ? -FAULT_CORRUPT : -FAULT_NEWER;
    *ret = (struct record){.kind = (enum record_kind)kind};
    ret->event.at_ms = unpack_i64(u);
    if (kinds[kind].named)
        ret->event.id = unpack_string(u, KEEPER_ID_MAX);
    kinds[kind].unpack(u, ret);
    if (kind == RECORD_SESSION && ret->version > RECORD_VERSION)
        return -FAULT_NEWER;
    return unpack_done(u) ? 0 : -FAULT_CORRUPT;
}

int record_read(const char *data, size_t length, struct record *ret)
{
    struct unpack u = {.at = data, .left = length};
    uint32_t bytes = unpack_u32(&u);
    uint32_t sum = unpack_u32(&u);

    if (u.bad)
        return 0;
    if (bytes == 0 || bytes > RECORD_MAX_BYTES)
        return -FAULT_CORRUPT;
    if (bytes > u.left)
        return 0;
    u.left = bytes;
    if (check_sum(u.at, bytes) != sum)
        return -FAULT_CORRUPT;
    int r = body_read(&u, ret);
    return r < 0 ? r : (int)(bytes + RECORD_HEAD_BYTES);
}
