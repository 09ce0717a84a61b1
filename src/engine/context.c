/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that agents may read: findings of the research wave, results of those before them. */
#include "engine/engine_priv.h"

#include "base/os.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { RESULT_MAX_BYTES = 16 * 1024 * 1024 };

static char *result_path(const struct engine *e, uint32_t orch, uint32_t agent)
{
    char name[TREE_RESULT_NAME_MAX];

    tree_result_name(e->tree, orch, agent, name);
    return text_format("%s/context/results/%s", e->options.run_dir, name);
}

/* A link costs no copy, and the one who wrote the file has ended. */
void context_result(struct engine *e, uint32_t job, const char *result_file)
{
    const struct job *j = &e->tree->jobs.at[job];
    AUTO_FREE char *path = result_path(e, j->orch, j->agent);

    (void)unlink(path); /* of an earlier attempt; if it stays, the link below says so */
    if (link(result_file, path) < 0)
        log_write(e->options.log, LOG_LEVEL_WARNING, "cannot keep '%s' as '%s'", result_file, path);
}

static void add_findings(json_t *all, const char *path, const char *role)
{
    AUTO_FAULT ignored = {0};
    json_t *result = NULL;
    size_t i;
    json_t *finding;

    if (!os_exists(path) || json_read_file(path, RESULT_MAX_BYTES, &result, &ignored) < 0)
        return;
    json_array_foreach (json_object_get(result, "findings"), i, finding) {
        if (json_is_object(finding) && !json_object_get(finding, "role"))
            json_object_set_new(finding, "role", json_text_or_null(role));
        json_array_append(all, finding);
    }
    json_decref(result);
}

int context_findings(struct engine *e, struct fault *f)
{
    const struct orch *root = &e->tree->orchs.at[0];
    AUTO_FREE char *path = path_in_run(e, "context/findings.json");
    json_auto_t *all = json_array();

    for (uint32_t i = 0; root->work && i < root->work->agents.count; i++) {
        const struct agent *a = &root->work->agents.at[i];
        if (a->wave)
            continue;
        AUTO_FREE char *result = result_path(e, 0, i);
        add_findings(all, result, tree_agent_step(e->tree, root, a)->role);
    }
    return json_write_file(path, all, f);
}
