/* SPDX-License-Identifier: Apache-2.0 */
#include "model/turns.h"

#include "model/fit.h"
#include "model/schema.h"
#include "model/session.h"

#include <string.h>

enum { CONTINUED_MAX = 5 };

static const char go_on[] =
    "Your answer was cut off at its length limit. Go on exactly where it stopped, without "
    "repeating anything.";
static const char call_smaller[] =
    "Your last tool call was cut off at the length limit of an answer and was not carried out. Do "
    "it in several smaller steps.";

static const char said_nothing[] =
    "You said nothing. Go on with the task; when it is done, say what you did.";

enum next { NEXT_ASK, NEXT_DONE, NEXT_FAILED };

/* The work under way. */
struct turns {
    struct endpoint *endpoint;
    const struct toolbox *box;
    const struct turns_options *options;
    struct emit *emit;
    struct conversation conversation;
    json_t *tools;
    struct fit fit;
    char id[128];       /* of the session */
    int64_t used;       /* tokens */
    struct text said;   /* the last word, put together where it was cut */
    json_t *answer;     /* that fits the schema */
    unsigned continued; /* how often in a row an answer was cut */
    bool reminded;      /* it said nothing, and was asked to */
    bool corrected;     /* an answer that did not fit the schema went back once */
};

static enum next fail(struct turns *t, enum attempt_error error, const char *message)
{
    emit_error(t->emit, error, message, 0);
    return NEXT_FAILED;
}

static enum next fail_with(struct turns *t, const struct fault *f)
{
    return fail(t, ERROR_FAILED, f->message);
}

static int keep(struct turns *t, struct fault *f)
{
    if (!t->options->session_dir)
        return 0;
    return session_save(t->options->session_dir, t->id, &t->conversation, f);
}

/* Loads what there is to go on with and puts the prompt behind it. Kept at once: what follows may
 * fail, and is then gone on with from here. */
static int begin(struct turns *t, struct fault *f)
{
    const struct turns_options *o = t->options;
    int r = 0;

    if (o->resume && !o->session_dir)
        r = fault_set(f, FAULT_USAGE, "there is no session folder to resume '%s' from", o->resume);
    else if (o->resume)
        r = session_load(o->session_dir, o->resume, &t->conversation, f);
    if (r < 0)
        return r;
    if (o->resume)
        (void)snprintf(t->id, sizeof t->id, "%s", o->resume); /* it was short enough to be one */
    else
        session_new_id(t->id);
    conversation_add_user(&t->conversation, o->prompt);
    emit_start(t->emit, o->session_dir ? t->id : NULL, o->model, o->window);
    return keep(t, f);
}

static void on_text(void *context, const char *text)
{
    struct turns *t = context;

    if (text)
        emit_text(t->emit, text);
    else
        emit_thinking(t->emit);
}

/* Asks; when the window is full, with less and less of the conversation. */
static int ask(struct turns *t, struct answer *answer, struct trouble *trouble)
{
    const struct turns_options *o = t->options;
    const struct ask question = {
        .model = o->model,
        .instructions = o->instructions,
        .conversation = &t->conversation,
        .tools = t->tools,
        .schema = o->schema,
        .answer_tokens = o->answer_tokens,
    };
    int r;

    fit_before(&t->fit, &t->conversation);
    do {
        emit_message(t->emit);
        fit_asked(&t->fit, &t->conversation);
        r = endpoint_ask(t->endpoint, &question, answer, trouble);
    } while (r < 0 && trouble->error == ERROR_CONTEXT_FULL &&
             fit_overflowed(&t->fit, &t->conversation, text_get(&trouble->message)));
    return r;
}

static void count(struct turns *t, const struct answer *a)
{
    int64_t context = a->used.input + a->used.cached + a->used.output;

    if (!a->counted) {
        t->used += fit_guess(&t->fit);
        return;
    }
    t->used += context;
    fit_answered(&t->fit, a->used.input + a->used.cached);
    emit_usage(t->emit, &a->used, context);
}

/* The calls of the last message of the conversation, one after the other. */
static void carry_out(struct turns *t)
{
    size_t at = t->conversation.messages.count - 1;

    for (size_t i = 0; i < t->conversation.messages.at[at].calls.count; i++) {
        /* Adding a result may move the messages, but not what they own. */
        struct call call = t->conversation.messages.at[at].calls.at[i];
        struct tool_outcome outcome;
        emit_tool(t->emit, call.id, call.name, tools_detail(&call));
        tools_call(t->box, &call, &outcome);
        emit_tool_result(t->emit, call.id, outcome.ok, outcome.denied);
        conversation_add_result(&t->conversation, call.id, text_get(&outcome.text), !outcome.ok);
        text_free(&outcome.text);
    }
}

/* Nothing tells whether the last call of an answer that was cut is whole: without arguments it
 * would be a call of its own. */
static bool drop_cut_call(struct answer *a)
{
    if (a->stop != STOP_LENGTH || !a->parts.count)
        return false;
    text_clear(&a->parts.at[a->parts.count - 1].name);
    return true;
}

static enum next go_on_with_cut(struct turns *t, bool call_dropped)
{
    if (++t->continued > CONTINUED_MAX)
        return fail(t, ERROR_FAILED, "its answers were cut at their length limit again and again");
    conversation_add_user(&t->conversation, call_dropped ? call_smaller : go_on);
    return NEXT_ASK;
}

/* Small models end without a word now and then, in the middle of their work. */
static enum next remind(struct turns *t)
{
    t->reminded = true;
    conversation_add_user(&t->conversation, said_nothing);
    return NEXT_ASK;
}

static enum next finish(struct turns *t)
{
    AUTO_FAULT f = {0};

    if (!t->said.length && !t->reminded)
        return remind(t);
    if (!t->options->schema)
        return NEXT_DONE;
    int r = schema_find_answer(text_get(&t->said), &t->answer, &f);
    if (r == 0)
        r = schema_check(t->options->schema, t->answer, &f);
    if (r == 0)
        return NEXT_DONE;
    json_decref(t->answer);
    t->answer = NULL;
    if (t->corrected) {
        AUTO_FREE char *why = text_format("the answer does not fit its schema: %s", f.message);
        return fail(t, ERROR_MALFORMED, why);
    }
    t->corrected = true;
    AUTO_FREE char *again = text_format(
        "Your answer does not fit its JSON schema: %s. Answer once more, with nothing but the "
        "JSON object.",
        f.message);
    conversation_add_user(&t->conversation, again);
    text_clear(&t->said);
    return NEXT_ASK;
}

static enum next take(struct turns *t, struct answer *a)
{
    bool cut = a->stop == STOP_LENGTH;
    bool refused = a->stop == STOP_REFUSED;
    bool dropped = drop_cut_call(a);
    struct message m;

    answer_take(a, &m);
    size_t calls = m.calls.count;
    text_add(&t->said, m.text);
    if (refused) {
        enum next next = fail(t, ERROR_REFUSED, *m.text ? m.text : "the model refused to answer");
        message_free(&m);
        return next;
    }
    conversation_add(&t->conversation, &m);
    if (calls) {
        carry_out(t);
        text_clear(&t->said);
    }
    if (cut && (dropped || !calls))
        return go_on_with_cut(t, dropped);
    t->continued = 0;
    return calls ? NEXT_ASK : finish(t);
}

static enum next turn(struct turns *t)
{
    struct answer answer = {.on_text = on_text, .context = t};
    struct trouble trouble = {0};
    enum next next = NEXT_FAILED;

    int r = ask(t, &answer, &trouble);
    if (r == 0) {
        count(t, &answer);
        next = take(t, &answer);
    } else {
        emit_error(t->emit, trouble.error, text_get(&trouble.message), trouble.retry_after_ms);
    }
    answer_free(&answer);
    trouble_free(&trouble);
    return next;
}

static enum next loop(struct turns *t)
{
    enum next next = NEXT_ASK;
    AUTO_FAULT f = {0};

    for (int64_t n = 0; next == NEXT_ASK; n++) {
        if (n == t->options->max_turns)
            return fail(t, ERROR_FAILED, "it came to no end within its number of turns");
        if (t->options->max_tokens && t->used >= t->options->max_tokens)
            return fail(t, ERROR_FAILED, "it came to no end within its number of tokens");
        next = turn(t);
        if (next != NEXT_FAILED && keep(t, &f) < 0)
            return fail_with(t, &f);
        if (t->emit->broken)
            return NEXT_FAILED;
    }
    return next;
}

static bool end(struct turns *t, enum next next)
{
    bool ok = next == NEXT_DONE;

    emit_end(t->emit, ok, text_get(&t->said), t->answer);
    conversation_free(&t->conversation);
    json_decref(t->tools);
    json_decref(t->answer);
    text_free(&t->said);
    return ok;
}

bool turns_run(struct endpoint *endpoint, const struct toolbox *box,
               const struct turns_options *options, struct emit *emit)
{
    struct turns t = {
        .endpoint = endpoint,
        .box = box,
        .options = options,
        .emit = emit,
        .tools = tools_describe(box),
    };
    AUTO_FAULT f = {0};

    fit_init(&t.fit, options, t.tools);
    if (begin(&t, &f) < 0)
        return end(&t, fail_with(&t, &f));
    return end(&t, loop(&t));
}
