/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include "model/schema.h"
#include "model/trim.h"

#include <string.h>

static const struct tool *const tools[] = {
    &tool_list, &tool_read, &tool_search, &tool_write, &tool_edit, &tool_run, &tool_result,
};

static bool is_there(const struct toolbox *box, const struct tool *tool)
{
    if (tool == &tool_result && !box->result_path)
        return false;
    return !(box->read_only && tool->changes);
}

static json_t *parameters_of(const struct tool *tool)
{
    json_t *parameters = json_loads(tool->parameters, 0, NULL);

    if (!parameters)
        bug("the parameters of '%s' are no JSON", tool->name);
    return parameters;
}

json_t *tools_describe(const struct toolbox *box)
{
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT_OF(tools); i++)
        if (is_there(box, tools[i]))
            json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", tools[i]->name,
                                                  "description", tools[i]->description,
                                                  "parameters", parameters_of(tools[i])));
    return list;
}

struct inside *tools_readable(const struct toolbox *box, const char *path)
{
    return box->context && inside_below(box->context, path) ? box->context : box->inside;
}

static const struct tool *find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(tools); i++)
        if (strcmp(tools[i]->name, name) == 0)
            return tools[i];
    return NULL;
}

const char *tools_detail(const struct call *call)
{
    const struct tool *tool = find(call->name);

    return tool && tool->shown ? json_get_string(call->arguments, tool->shown, "") : "";
}

static int run(const struct toolbox *box, const struct call *call, struct text *ret,
               struct fault *f)
{
    const struct tool *tool = find(call->name);

    if (!tool || !is_there(box, tool))
        return fault_set(f, FAULT_NOT_FOUND, "there is no tool '%s'", call->name);
    if (!call->arguments)
        return fault_set(f, FAULT_FORMAT, "the arguments are not a JSON object");
    json_auto_t *parameters = parameters_of(tool);
    int r = schema_check(parameters, call->arguments, f);
    return r < 0 ? fault_wrap(f, "arguments") : tool->run(box, call->arguments, ret, f);
}

void tools_call(const struct toolbox *box, const struct call *call, struct tool_outcome *ret)
{
    AUTO_FAULT f = {0};

    *ret = (struct tool_outcome){0};
    int r = run(box, call, &ret->text, &f);
    ret->ok = r == 0;
    ret->denied = r == -FAULT_REFUSED;
    if (r < 0) {
        text_clear(&ret->text);
        text_printf(&ret->text, "error: %s", f.message);
    }
    trim_middle(&ret->text, TOOL_RESULT_MAX);
}
