/* SPDX-License-Identifier: Apache-2.0 */
/* Plans, and the configuration, which is read by the same tables. A plan that is read is written,
 * and what was written is the same plan; a text that is not read is refused with a place and a
 * hint. */
#include "plan/config.h"
#include "plan/write.h"
#include "plan/yaml.h"

static void check_fault(const struct fault *f)
{
    if (!f->message || !f->hint || !f->file || !f->line || !f->column)
        bug("a fault without a place or a hint: %s", f->message);
}

static void check_round_trip(const struct plan *plan, struct arena *a)
{
    AUTO_FAULT f = {0};
    json_auto_t *first = plan_to_json(plan);
    struct plan *again;

    if (plan_from_json(first, "again", a, &again, &f) < 0)
        bug("what was written is not read: %s", f.message);
    json_auto_t *second = plan_to_json(again);
    if (!json_equal(first, second))
        bug("a plan changed on its way");
}

/* libfyaml 0.7.12 itself loses a buffer for a scalar of some forty quotes and more. The unit tests
 * run without this, so that leaks of ours are seen there. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT plan_fault = {0}, config_fault = {0};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    struct config config;
    struct plan *plan;

    if (plan_read_yaml(&(struct source){text, size, "plan"}, &a, &plan, &plan_fault) == 0)
        check_round_trip(plan, &a);
    else
        check_fault(&plan_fault);
    if (config_parse(&(struct source){text, size, "config"}, &a, &config, &config_fault) < 0)
        check_fault(&config_fault);
    return 0;
}
