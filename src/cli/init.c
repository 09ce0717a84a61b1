/* SPDX-License-Identifier: Apache-2.0 */
/* kelp init: a first plan to change. */
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

#include <string.h>

static const char file_name[] = "kelp.yaml";

static const char starter[] =
    "# A plan for kelp. `kelp plan kelp.yaml` shows what it would do, `kelp run kelp.yaml` does "
    "it.\n"
    "# kelp-plan(5) describes every key.\n"
    "version: 1\n"
    "task: Two jobs that do not depend on each other\n"
    "subtasks:\n"
    "  - title: First job\n"
    "    minutes: 15\n"
    "    writes: [\"one.txt\"]\n"
    "    waves:\n"
    "      - title: Look\n"
    "        agents:\n"
    "          - { role: Analyst, run: \"git ls-files | wc -l\" }\n"
    "      - title: Do\n"
    "        agents:\n"
    "          - { role: Developer, run: \"echo {{waves.1.summary}} files > one.txt\" }\n"
    "      - title: Test\n"
    "        agents:\n"
    "          - { role: Tester, run: \"test -s one.txt\" }\n"
    "    success:\n"
    "      - run: grep -q files one.txt\n"
    "  - title: Second job\n"
    "    minutes: 15\n"
    "    writes: [\"two.txt\"]\n"
    "    steps:\n"
    "      - { id: look, role: Analyst, run: \"git log --oneline | wc -l\" }\n"
    "      - { id: do, role: Developer, needs: [look], run: \"echo {{steps.look.summary}} commits "
    "> two.txt\" }\n"
    "      - { id: test, role: Tester, needs: [do], run: \"test -s two.txt\" }\n"
    "    success:\n"
    "      - run: grep -q commits two.txt\n"
    "push: never\n";

static int command_init(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION s = {0};

    int r = session_open(&s, f);
    if (r < 0)
        return r;
    AUTO_FREE char *path = os_path(s.root, file_name);
    if (os_exists(path)) {
        r = fault_set(f, FAULT_REFUSED, "'%s' is there already", path);
        fault_hint(f, "`kelp plan %s` shows what it would do", file_name);
        return r;
    }
    r = os_write_file(path, starter, strlen(starter), 0644, f);
    if (r < 0)
        return r;
    if (option_flag(values, "json")) {
        json_auto_t *value = json_pack("{s:i, s:o}", "version", 1, "file", json_text_or_null(path));
        output_json(cli, value);
    } else {
        output_line(cli->out, "%s", path);
        output_line(cli->err, "look at it, then: kelp plan %s", file_name);
    }
    return EXIT_DONE;
}

static const struct option_row rows[] = {{.name = "json", .help = "print JSON"}};

const struct command_row command_init_row = {
    .syntax = {.command = "init", .rows = rows, .count = COUNT_OF(rows)},
    .help = "write a first plan, kelp.yaml, into this repository",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT,
    .run = command_init,
};
