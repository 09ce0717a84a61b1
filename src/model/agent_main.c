/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-agent: kelp's own agent, over an endpoint of the user's. It reads what it is asked from its
 * words or from standard input and prints the kelp protocol; its exit status is 0 if the model came
 * to its end, 1 if not, 2 for wrong usage.
 */
#include "agent/model.h"
#include "agent/prompt.h"
#include "base/install.h"
#include "base/json.h"
#include "base/os.h"
#include "model/leave.h"
#include "model/settings.h"
#include "model/turns.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { PROMPT_MAX = 16 * 1024 * 1024, EXIT_FAILS = 1, EXIT_USAGE = 2 };

/* Whatever is sent has to be UTF-8, paths too. */
static char *clean(const char *s)
{
    json_auto_t *valid = json_lossy_string(s, strlen(s));

    return mem_string(json_string_value(valid));
}

/* What the model is told before the task; a file that users can replace. */
static int instructions(const struct toolbox *box, const json_t *schema, struct text *ret,
                        struct fault *f)
{
    AUTO_FREE char *user = prompt_user_folder();
    AUTO_FREE char *folder = clean(box->inside->root);
    AUTO_FREE char *result = box->read_only || !box->result_path ? NULL : clean(box->result_path);
    AUTO_FREE char *schema_text = schema ? json_text(schema, 2) : NULL;
    AUTO_FREE char *recipes = NULL;
    const struct prompt_values values = {
        .folder = folder, .result_file = result, .schema = schema_text};

    int r = install_data("recipes", &recipes, f);
    if (r < 0)
        return r;
    const struct prompt_folders folders = {
        .repository = box->inside->root, .user = user, .recipes = recipes};
    return prompt_render(&folders, "model", &values, ret, f);
}

static int read_prompt(const struct settings *s, struct text *ret, struct fault *f)
{
    if (s->prompt) {
        text_add(ret, s->prompt);
        return 0;
    }
    char chunk[64 * 1024];
    ssize_t n;
    while ((n = TEMP_FAILURE_RETRY(read(STDIN_FILENO, chunk, sizeof chunk))) > 0 &&
           ret->length <= PROMPT_MAX)
        text_add_n(ret, chunk, (size_t)n);
    if (n < 0)
        return fault_system(f, errno, "cannot read the prompt from standard input");
    if (!ret->length || ret->length > PROMPT_MAX)
        return fault_set(f, FAULT_USAGE, "the prompt is %s", ret->length ? "too long" : "empty");
    return 0;
}

/* The task, put together from the settings. */
struct work {
    struct inside inside, context;
    struct text instructions, prompt;
    json_t *schema;
};

static void work_free(struct work *w)
{
    inside_fini(&w->inside);
    inside_fini(&w->context);
    text_free(&w->instructions);
    text_free(&w->prompt);
    json_decref(w->schema);
}

static int prepare(const struct settings *s, struct toolbox *box, struct work *w, struct fault *f)
{
    int r = inside_init(&w->inside, s->work, f);

    box->inside = &w->inside;
    if (r == 0 && s->context_dir && os_is_dir(s->context_dir)) {
        r = inside_init(&w->context, s->context_dir, f);
        box->context = &w->context;
    }
    if (r == 0 && s->schema)
        r = json_read_file(s->schema, PROMPT_MAX, &w->schema, f);
    if (r == 0)
        r = instructions(box, w->schema, &w->instructions, f);
    return r < 0 ? r : read_prompt(s, &w->prompt, f);
}

static int fails(struct emit *emit, const struct fault *f)
{
    AUTO_FREE char *message = fault_text(f);

    (void)fprintf(stderr, "kelp-agent: %s\n", message); /* the event says it, too */
    if (f->hint)
        (void)fprintf(stderr, "hint: %s\n", f->hint);
    emit_error(emit, ERROR_FAILED, message, 0);
    emit_end(emit, false, "", NULL);
    return f->code == FAULT_USAGE ? EXIT_USAGE : EXIT_FAILS;
}

static bool run(const struct settings *s, const struct work *w, const struct toolbox *box,
                struct emit *emit)
{
    struct endpoint endpoint = {
        .api = s->api,
        .guessed = s->guessed,
        .base = mem_string(s->base_url),
        .chat_key = s->chat_key ? mem_string(s->chat_key) : NULL,
        .messages_key = s->messages_key ? mem_string(s->messages_key) : NULL,
        .http = http_new(),
        .stall_s = s->stall_s,
        .limit_s = s->ask_limit_s,
    };
    const struct turns_options options = {
        .model = s->model,
        .instructions = text_get(&w->instructions),
        .prompt = text_get(&w->prompt),
        .session_dir = s->session_dir,
        .resume = s->resume,
        .schema = w->schema,
        .window = s->window,
        .answer_tokens = s->answer_tokens,
        .max_turns = s->max_turns,
        .max_tokens = s->max_tokens,
    };

    bool ok = turns_run(&endpoint, box, &options, emit);
    endpoint_fini(&endpoint);
    return ok;
}

int main(int argc, char **argv)
{
    struct emit emit = {.out = stdout};
    struct work work = {.inside = {.fd = -1}, .context = {.fd = -1}};
    AUTO_SETTINGS settings = {0};
    AUTO_FAULT f = {0};

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("kelp-agent %s\n", KELP_VERSION) < 0;
    json_use_memory();
    /* A reader that has gone shows where it is written to. */
    (void)signal(SIGPIPE, SIG_IGN);
    leave_with_children();
    int r = settings_read(argc, argv, &settings, &f);
    struct toolbox box = {.result_path = settings.result_path, .read_only = settings.read_only};
    if (r == 0)
        r = prepare(&settings, &box, &work, &f);
    int status = r < 0 ? fails(&emit, &f) : !run(&settings, &work, &box, &emit);
    work_free(&work);
    return status;
}
