/* SPDX-License-Identifier: Apache-2.0 */
#include "acp/dialogue.h"

#include "acp/dialogue_priv.h"
#include "agent/reading.h"

#include <string.h>

enum { PROTOCOL_VERSION = 1, AUTH_REQUIRED = -32000, METHOD_UNKNOWN = -32601 };

static const char *const methods[] = {
#define DIALOGUE_METHOD(name, method) method,
    DIALOGUE_STEPS(DIALOGUE_METHOD)};

const char *dialogue_method(enum dialogue_step step)
{
    return methods[step];
}

static void put_line(struct text *t, json_t *value)
{
    AUTO_FREE char *line = json_text(value, 0);

    text_add(t, line);
    text_add_char(t, '\n');
    json_decref(value);
}

void dialogue_tell(struct dialogue *d, json_t *event)
{
    put_line(&d->events, event);
}

static void ask(struct dialogue *d, enum dialogue_step step, const char *method, json_t *params)
{
    d->step = step;
    put_line(&d->out, json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", (int)step, "method",
                                method, "params", params));
}

static void answer(struct dialogue *d, const json_t *id, const char *key, json_t *value)
{
    put_line(&d->out,
             json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", json_share(id), key, value));
}

void dialogue_fails(struct dialogue *d, enum attempt_error error, const char *message)
{
    dialogue_tell(d, json_pack("{s:s, s:s, s:s, s:I}", "type", "error", "error",
                               attempt_error_name(error), "message", message, "retry_after_ms",
                               (json_int_t)reading_retry_after_ms(message)));
    dialogue_tell(d, json_pack("{s:s, s:s}", "type", "end", "status", "failed"));
    d->step = DIALOGUE_OVER;
    d->failed = true;
}

/* Agents put the telling part of an error into its data, or into its message. */
static void fails_by(struct dialogue *d, const json_t *error)
{
    static const char *const places[] = {"data.message", "data.details", "data.error.message"};
    AUTO_TEXT message = {0};
    int64_t code = json_get_int(error, "code", 0);
    const json_t *data = json_object_get(error, "data");

    text_add(&message, json_get_string(error, "message", "an error without a message"));
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (*json_at_string(error, places[i], ""))
            text_printf(&message, ": %s", json_at_string(error, places[i], ""));
    if (json_is_string(data))
        text_printf(&message, ": %s", json_string_value(data));
    bool http = code >= 400 && code < 600;
    enum attempt_error meaning = reading_classify(http ? (int)code : 0, text_get(&message));
    if (meaning == ERROR_FAILED && code == AUTH_REQUIRED)
        meaning = ERROR_AUTH;
    dialogue_fails(d, meaning, text_get(&message));
}

static void ask_session(struct dialogue *d)
{
    const struct dialogue_options *o = d->options;
    json_t *params = json_pack("{s:s, s:[]}", "cwd", o->cwd, "mcpServers");

    if (*o->session)
        json_object_set_new(params, "sessionId", json_string(o->session));
    ask(d, DIALOGUE_SESSION, *o->session ? "session/load" : "session/new", params);
}

static void ask_prompt(struct dialogue *d)
{
    ask(d, DIALOGUE_PROMPT, "session/prompt",
        json_pack("{s:s, s:[{s:s, s:o}]}", "sessionId", d->session, "prompt", "type", "text",
                  "text", json_lossy_string(d->options->prompt, strlen(d->options->prompt))));
}

/* What of a session can be set: in a list of its own, or as one of the options that newer agents
 * have in one list. */
struct setting {
    enum dialogue_step step;
    const char *what; /* and the id of the option */
    const char *list, *id, *current;
    const char *method, *param;
};

static const struct setting mode_setting = {
    DIALOGUE_MODE, "mode", "availableModes", "id", "currentModeId", "session/set_mode", "modeId"};
static const struct setting model_setting = {DIALOGUE_MODEL, "model",          "availableModels",
                                             "modelId",      "currentModelId", "session/set_model",
                                             "modelId"};

/* By id, by name, or by what follows the last '#' or '/' of the id. */
static bool is_choice(const json_t *one, const char *id, const char *wanted)
{
    size_t length = strlen(id), end = strlen(wanted);

    if (strcmp(id, wanted) == 0 || strcmp(json_get_string(one, "name", ""), wanted) == 0)
        return true;
    return length > end && strcmp(id + length - end, wanted) == 0 &&
           strchr("#/", id[length - end - 1]);
}

static const char *find_choice(const json_t *list, const char *id_key, const char *wanted)
{
    size_t i;
    json_t *one;

    json_array_foreach (list, i, one) {
        const char *id = json_get_string(one, id_key, "");
        if (is_choice(one, id, wanted))
            return id;
    }
    return NULL;
}

static const json_t *find_option(const struct dialogue *d, const char *id)
{
    size_t i;
    json_t *one;

    json_array_foreach (d->config, i, one)
        if (strcmp(json_get_string(one, "id", ""), id) == 0)
            return one;
    return NULL;
}

static void no_choice(struct dialogue *d, const char *what, const json_t *list, const char *id_key,
                      const char *wanted)
{
    AUTO_TEXT message = {0};
    size_t i;
    json_t *one;

    text_printf(&message, "the agent has no %s '%s'", what, wanted);
    json_array_foreach (list, i, one)
        text_printf(&message, "%s%s", i ? ", " : "; it has ", json_get_string(one, id_key, "?"));
    dialogue_fails(d, ERROR_FAILED, text_get(&message));
}

/* False: it is as it is wanted. True: it was asked for, or the conversation is over. */
static bool choose(struct dialogue *d, const struct setting *s, const json_t *own,
                   const char *wanted)
{
    const json_t *option = json_is_object(own) ? NULL : find_option(d, s->what);
    const json_t *list =
        option ? json_object_get(option, "options") : json_object_get(own, s->list);
    const char *current =
        option ? json_get_string(option, "currentValue", "") : json_get_string(own, s->current, "");
    const char *id_key = option ? "value" : s->id;
    const char *id = *wanted ? find_choice(list, id_key, wanted) : NULL;

    if (!id && s->step == DIALOGUE_MODEL && d->options->any_model)
        id = wanted;
    if (!*wanted || (id && strcmp(id, current) == 0))
        return false;
    if (!id)
        no_choice(d, s->what, list, id_key, wanted);
    else if (option)
        ask(d, s->step, "session/set_config_option",
            json_pack("{s:s, s:s, s:s}", "sessionId", d->session, "configId", s->what, "value",
                      id));
    else
        ask(d, s->step, s->method, json_pack("{s:s, s:s}", "sessionId", d->session, s->param, id));
    return true;
}

static void choose_model(struct dialogue *d)
{
    if (!choose(d, &model_setting, d->models, d->options->model))
        ask_prompt(d);
}

static void choose_mode(struct dialogue *d)
{
    if (!choose(d, &mode_setting, d->modes, d->options->mode))
        choose_model(d);
}

static void initialized(struct dialogue *d, const json_t *result)
{
    int64_t version = json_get_int(result, "protocolVersion", 0);
    AUTO_FREE char *message = text_format("the agent speaks version %lld of ACP, not %d",
                                          (long long)version, PROTOCOL_VERSION);

    if (version != PROTOCOL_VERSION)
        dialogue_fails(d, ERROR_FAILED, message);
    else if (*d->options->session && !json_at_bool(result, "agentCapabilities.loadSession", false))
        dialogue_fails(d, ERROR_FAILED, "the agent can't go on with an earlier session");
    else
        ask_session(d);
}

/* The model's name where the agent tells it: in one list or the other. */
static const char *current_model(const struct dialogue *d)
{
    const json_t *option = find_option(d, "model");

    return option ? json_get_string(option, "currentValue", "")
                  : json_get_string(d->models, "currentModelId", "");
}

static void session_is_there(struct dialogue *d, const json_t *result)
{
    const char *id = json_get_string(result, "sessionId", d->options->session);

    if (!*id) {
        dialogue_fails(d, ERROR_FAILED, "the agent gave its session no id");
        return;
    }
    d->session = mem_string(id);
    d->modes = json_incref(json_object_get(result, "modes"));
    d->models = json_incref(json_object_get(result, "models"));
    d->config = json_incref(json_object_get(result, "configOptions"));
    dialogue_tell(d, json_pack("{s:s, s:i, s:s, s:s}", "type", "start", "version", 1, "session",
                               d->session, "model", current_model(d)));
    choose_mode(d);
}

static const struct {
    const char *reason;
    enum attempt_error error;
    const char *message;
} stops[] = {
    {"end_turn", ERROR_NONE, NULL},
    {"refusal", ERROR_REFUSED, "the model refused"},
    {"max_tokens", ERROR_FAILED, "its answer was cut off at the model's limit"},
    {"max_turn_requests", ERROR_FAILED, "it reached the agent's limit of requests"},
};

static void prompt_is_answered(struct dialogue *d, const json_t *result)
{
    const char *reason = json_get_string(result, "stopReason", "");
    AUTO_FREE char *unknown = text_format("it stopped for the reason '%s'", reason);

    dialogue_count_all(d, result);
    if (d->cancelled) {
        dialogue_fails(d, ERROR_CANCELLED, "it was told to stop");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        if (strcmp(stops[i].reason, reason) != 0)
            continue;
        if (stops[i].error != ERROR_NONE) {
            dialogue_fails(d, stops[i].error, stops[i].message);
            return;
        }
        dialogue_tell(d, json_pack("{s:s, s:s}", "type", "end", "status", "ok"));
        d->step = DIALOGUE_OVER;
        return;
    }
    dialogue_fails(d, ERROR_FAILED, unknown);
}

static void mode_is_set(struct dialogue *d, const json_t *result)
{
    (void)result; /* it is empty */
    choose_model(d);
}

static void model_is_set(struct dialogue *d, const json_t *result)
{
    (void)result; /* it is empty */
    ask_prompt(d);
}

static void (*const answers[])(struct dialogue *d, const json_t *result) = {
    [DIALOGUE_INITIALIZE] = initialized,    [DIALOGUE_SESSION] = session_is_there,
    [DIALOGUE_MODE] = mode_is_set,          [DIALOGUE_MODEL] = model_is_set,
    [DIALOGUE_PROMPT] = prompt_is_answered,
};

static void take_answer(struct dialogue *d, const json_t *frame)
{
    const json_t *error = json_object_get(frame, "error");

    if (json_get_int(frame, "id", -1) != (int64_t)d->step)
        return;
    if (error && !json_is_null(error)) {
        if (d->cancelled)
            dialogue_fails(d, ERROR_CANCELLED, "it was told to stop");
        else
            fails_by(d, error);
        return;
    }
    answers[d->step](d, json_object_get(frame, "result"));
}

static const char *option_of_kind(const json_t *options, const char *kind)
{
    size_t i;
    json_t *one;

    json_array_foreach (options, i, one)
        if (strcmp(json_get_string(one, "kind", ""), kind) == 0)
            return json_get_string(one, "optionId", NULL);
    return NULL;
}

static void take_permission(struct dialogue *d, const json_t *id, const json_t *params)
{
    static const char *const kinds[2][2] = {{"allow_once", "allow_always"},
                                            {"reject_once", "reject_always"}};
    const json_t *options = json_object_get(params, "options");
    bool refuse = d->options->read_only;
    const char *option = NULL;

    for (size_t i = 0; !option && !d->cancelled && i < COUNT_OF(kinds[refuse]); i++)
        option = option_of_kind(options, kinds[refuse][i]);
    dialogue_asked(d, json_object_get(params, "toolCall"), refuse || !option);
    if (option)
        answer(d, id, "result",
               json_pack("{s:{s:s, s:s}}", "outcome", "outcome", "selected", "optionId", option));
    else
        answer(d, id, "result", json_pack("{s:{s:s}}", "outcome", "outcome", "cancelled"));
}

static void take_request(struct dialogue *d, const json_t *id, const char *method,
                         const json_t *params)
{
    if (strcmp(method, "session/request_permission") == 0)
        take_permission(d, id, params);
    else
        answer(d, id, "error",
               json_pack("{s:i, s:s}", "code", METHOD_UNKNOWN, "message", "method not found"));
}

void dialogue_take(struct dialogue *d, const json_t *frame)
{
    const char *method = json_get_string(frame, "method", NULL);
    const json_t *id = json_object_get(frame, "id");
    const json_t *params = json_object_get(frame, "params");

    if (d->step == DIALOGUE_OVER)
        return;
    if (d->out.length > DIALOGUE_OUT_MAX)
        dialogue_fails(d, ERROR_FAILED, "the agent asks on and does not read the answers");
    else if (!method)
        take_answer(d, frame);
    else if (id && !json_is_null(id))
        take_request(d, id, method, params);
    /* While a session is loaded, its history comes as updates. */
    else if (strcmp(method, "session/update") == 0 && d->step == DIALOGUE_PROMPT)
        dialogue_update(d, json_object_get(params, "update"));
}

void dialogue_begin(struct dialogue *d, const struct dialogue_options *options)
{
    *d = (struct dialogue){.options = options, .usd = -1};
    ask(d, DIALOGUE_INITIALIZE, "initialize",
        json_pack("{s:i, s:{s:{s:b, s:b}, s:b}, s:{s:s, s:s}}", "protocolVersion", PROTOCOL_VERSION,
                  "clientCapabilities", "fs", "readTextFile", 0, "writeTextFile", 0, "terminal", 0,
                  "clientInfo", "name", "kelp", "version", KELP_VERSION));
}

void dialogue_cancel(struct dialogue *d)
{
    if (d->step == DIALOGUE_OVER || d->cancelled)
        return;
    d->cancelled = true;
    if (d->step != DIALOGUE_PROMPT) {
        dialogue_fails(d, ERROR_CANCELLED, "it was told to stop");
        return;
    }
    put_line(&d->out, json_pack("{s:s, s:s, s:{s:s}}", "jsonrpc", "2.0", "method", "session/cancel",
                                "params", "sessionId", d->session));
}

void dialogue_late(struct dialogue *d, const char *after)
{
    AUTO_FREE char *message =
        text_format("the agent did not answer %s within %s", methods[d->step], after);

    if (d->step == DIALOGUE_OVER)
        return;
    if (d->cancelled)
        dialogue_fails(d, ERROR_CANCELLED, "it was told to stop, and did not answer");
    else
        dialogue_fails(d, ERROR_TIMEOUT, message);
}

void dialogue_free(struct dialogue *d)
{
    text_free(&d->out);
    text_free(&d->events);
    free(d->session);
    json_decref(d->modes);
    json_decref(d->models);
    json_decref(d->config);
    for (size_t i = 0; i < d->calls.count; i++)
        free(d->calls.at[i].id);
    free(d->calls.at);
    *d = (struct dialogue){.step = DIALOGUE_OVER};
}
