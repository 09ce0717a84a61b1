/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent asks the engine for: it is refused in words, or nothing in it is less contained
 * than the agent itself. */
#include "engine/grant.h"

#include <stdint.h>
#include <string.h>

static const char *const hosts[] = {"a.example:443", "b.example:443"};
static const char *const places[] = {"~/.cache/thing", "/data"};

static const struct plan_settings own = {
    .base_url = "http://127.0.0.1:1",
    .sandbox = {.network = NETWORK_ENDPOINT,
                .hosts = {(const char **)hosts, COUNT_OF(hosts)},
                .read = {(const char **)places, COUNT_OF(places)},
                .write = {(const char **)places, COUNT_OF(places)}},
    .limits = {.memory_bytes = 32 << 20, .processes = 20},
};

static bool within(const struct strings *list, const char *const *of, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(list->at[i], of[k]) != 0)
            k++;
        if (k == count)
            return false;
    }
    return true;
}

static void check_settings(const struct plan_settings *s)
{
    const struct plan_sandbox *box = &s->sandbox;

    if (box->off || s->isolation != ISOLATION_CLONE || box->network == NETWORK_ALL)
        bug("out of the sandbox");
    if (!within(&box->read, places, COUNT_OF(places)) ||
        !within(&box->write, places, COUNT_OF(places)))
        bug("a place more");
    if (box->network == NETWORK_ENDPOINT &&
        (!within(&box->hosts, hosts, COUNT_OF(hosts)) ||
         (*s->base_url && strcmp(s->base_url, own.base_url) != 0)))
        bug("an endpoint more");
    if (s->limits.memory_bytes < 1 || s->limits.memory_bytes > own.limits.memory_bytes ||
        s->limits.processes < 1 || s->limits.processes > own.limits.processes)
        bug("a wider limit");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA arena = {0};
    AUTO_TEXT request = {0};
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;

    text_add_n(&request, (const char *)data, size);
    if (grant_read(&request, &own, &arena, &plan, &f) < 0) {
        if (!f.message)
            bug("refused without a word");
        return 0;
    }
    for (size_t i = 0; i < plan->subtask_count; i++) {
        check_settings(&plan->subtasks[i].settings);
        for (size_t k = 0; k < plan->subtasks[i].step_count; k++)
            check_settings(&plan->subtasks[i].steps[k].settings);
    }
    return 0;
}
