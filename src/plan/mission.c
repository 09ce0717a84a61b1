/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/mission.h"

#include "core/exec_id.h"
#include "plan/link.h"
#include "plan/markdown.h"
#include "plan/words.h"

#include <string.h>
#include <strings.h>

enum { AGENTS_MAX = 1000 * 1000, TITLE_BYTES = 80, TITLES_SHOWN = 3 };

#define SECTIONS(X)       \
    X(CONTEXT, "Context") \
    X(MISSION, "Mission") \
    X(TASKS, "Tasks")     \
    X(CRITERIA, "Success Criteria")

enum section {
#define SECTION_ENUM(name, word) SECTION_##name,
    SECTIONS(SECTION_ENUM)
#undef SECTION_ENUM
        SECTION_COUNT, /* any other */
};

static const char *const section_names[] = {
#define SECTION_NAME(name, word) word,
    SECTIONS(SECTION_NAME)
#undef SECTION_NAME
};

struct range {
    bool found;
    size_t heading;    /* offset of its heading */
    size_t start, end; /* of its content */
};

struct mission {
    const struct source *source; /* the whole file, for places */
    const char *text;            /* behind the tag */
    struct arena *arena;
    struct fault *fault;
    struct markdown outline;
    struct range sections[SECTION_COUNT];
    struct text others; /* sections of other names */
    struct source_cursor cursor;
};

static int fail(struct mission *m, size_t offset, const char *hint, const char *message)
{
    int r = source_fail(m->source, (size_t)(m->text - m->source->text) + offset, message, m->fault);

    fault_hint(m->fault, "%s", hint);
    return r;
}

static struct plan_place place(struct mission *m, size_t offset)
{
    return source_place(m->source->text, (size_t)(m->text - m->source->text) + offset, &m->cursor);
}

static enum section section_of(const char *heading)
{
    enum section section = 0;

    while (section < SECTION_COUNT && strcasecmp(heading, section_names[section]) != 0)
        section++;
    return section;
}

/* The content of a heading goes on to the next of its level or above. */
static size_t content_end(const struct mission *m, size_t heading)
{
    const struct markdown *o = &m->outline;
    unsigned level = o->headings[heading].level;

    for (size_t i = heading + 1; i < o->heading_count; i++)
        if (o->headings[i].level <= level || section_of(o->headings[i].text) != SECTION_COUNT)
            return o->headings[i].start;
    return strlen(m->text);
}

static int take_section(struct mission *m, size_t index, enum section section)
{
    const struct markdown_heading *heading = &m->outline.headings[index];

    if (m->sections[section].found) {
        AUTO_FREE char *message = text_format("a second section '%s'", section_names[section]);
        return fail(m, heading->start, "write it once", message);
    }
    m->sections[section] =
        (struct range){true, heading->start, heading->end, content_end(m, index)};
    return 0;
}

/* Sections of other names are context, heading included. */
static int take_other(struct mission *m, size_t index)
{
    const struct markdown_heading *heading = &m->outline.headings[index];
    const char *near = text_nearest(heading->text, section_names, SECTION_COUNT);

    if (near) {
        AUTO_FREE char *message = text_format("unknown section '%s'", heading->text);
        AUTO_FREE char *hint = text_format("did you mean '## %s'?", near);
        return fail(m, heading->start, hint, message);
    }
    text_add(&m->others, words_copy(m->arena, m->text, heading->start, content_end(m, index)));
    text_add(&m->others, "\n\n");
    return 0;
}

/* The first heading is the title; deeper headings inside a section belong to it. */
static int take_headings(struct mission *m, const char **ret_title)
{
    const struct markdown *o = &m->outline;
    size_t inside = 0;

    for (size_t i = 0; i < o->heading_count; i++) {
        enum section section = section_of(o->headings[i].text);
        int r = 0;
        if (section != SECTION_COUNT)
            r = take_section(m, i, section);
        else if (i == 0)
            *ret_title = o->headings[i].text;
        else if (o->headings[i].start >= inside)
            r = take_other(m, i);
        if (r < 0)
            return r;
        if ((i || section != SECTION_COUNT) && content_end(m, i) > inside)
            inside = content_end(m, i);
    }
    return 0;
}

/* Cuts "(10 agents)" out of the text. False if it has none. */
static bool cut_count(char *text, int64_t *ret)
{
    for (struct word w = word_next(text, 0); w.start < w.end; w = word_next(text, w.end)) {
        struct word next = word_next(text, w.end);
        bool agents = word_is(text, next, "agents") || word_is(text, next, "agent");
        if (!agents || !w.start || text[w.start - 1] != '(' || text[next.end] != ')' ||
            !words_touch(text, w, next) || !word_number(text, w, ret))
            continue;
        words_cut(text, w.start - 1, next.end + 1);
        return true;
    }
    return false;
}

static int take_count(struct mission *m, const struct markdown_item *item, char *text,
                      unsigned *ret)
{
    int64_t number = 1;

    if (cut_count(text, &number) && (number < 1 || number > AGENTS_MAX))
        return fail(m, item->start, "give a task 1 to 1000000 agents, or leave the number out",
                    "a number of agents that can't work");
    *ret = (unsigned)number;
    return 0;
}

/* Without marks and count. */
static const char *title_of(struct mission *m, const struct markdown_item *item)
{
    char *text = arena_string(m->arena, item->code ? item->code : item->text);
    int64_t number;

    if (!item->code)
        (void)cut_count(text, &number);
    text = words_copy(m->arena, text, 0, strlen(text));
    return words_first_line(m->arena, text, TITLE_BYTES);
}

/* A mission is no template: what looks like a variable is text. */
static const char *literal(struct arena *a, const char *text)
{
    AUTO_TEXT t = {0};

    for (const char *p = text; *p; p++) {
        bool open = p[0] == '{' && p[1] == '{';
        text_add(&t, open ? "{{{{" : (char[]){*p, '\0'});
        p += open;
    }
    return arena_string(a, text_get(&t));
}

/* Behind "1. " or "- ". */
static size_t behind_mark(const char *text, size_t at)
{
    at += strspn(text + at, " \t");
    size_t digits = strspn(text + at, "0123456789");
    at += digits ? digits + 1 : strspn(text + at, "-*+");
    return at + strspn(text + at, " \t");
}

static int read_task(struct mission *m, const struct markdown_item *item, struct plan_step *step)
{
    size_t start = behind_mark(m->text, item->start);
    char *text = words_copy(m->arena, m->text, start, item->end);

    *step = (struct plan_step){.prompt = "",
                               .run = "",
                               .role = "",
                               .count = 1,
                               .for_each = {.source = "", .batch = 1},
                               .settings = scope_default().settings,
                               .place = place(m, start)};
    int r = take_count(m, item, text, &step->count);
    if (r < 0)
        return r;
    text = words_copy(m->arena, text, 0, strlen(text));
    if (item->start == item->end || !*text)
        return fail(m, item->start, "say what is to be done, or take the entry out",
                    "an empty task");
    step->title = step->role = title_of(m, item);
    if (!item->code) {
        step->prompt = literal(m->arena, words_dedent(m->arena, text, start - item->start));
        return 0;
    }
    step->run = literal(m->arena, item->code);
    step->settings.agent = "command";
    return 0;
}

static const struct markdown_item *items_in(const struct mission *m, enum section section,
                                            size_t *ret_count)
{
    const struct range *range = &m->sections[section];
    const struct markdown_item *items = m->outline.items;
    size_t first = 0, n = m->outline.item_count;

    while (first < n && items[first].start < range->start)
        first++;
    *ret_count = 0;
    while (range->found && first + *ret_count < n && items[first + *ret_count].start < range->end)
        (*ret_count)++;
    return items + first;
}

/* Numbered tasks are waves one after the other; bullets are the agents of one wave. */
static void add_waves(struct mission *m, bool ordered, struct plan_subtask *subtask)
{
    unsigned position = 0;

    subtask->explicit_waves = true;
    subtask->wave_count = ordered ? subtask->step_count : 1;
    subtask->waves = arena_array(m->arena, subtask->wave_count, sizeof *subtask->waves);
    for (size_t i = 0; i < subtask->wave_count; i++)
        subtask->waves[i].title = ordered ? subtask->steps[i].title : "";
    for (size_t i = 0; i < subtask->step_count; i++) {
        unsigned wave = ordered ? (unsigned)i + 1 : 1;
        position = ordered ? 1 : position + 1;
        subtask->steps[i].level = wave;
        subtask->steps[i].id = arena_format(m->arena, "w%u.%u", wave, position);
    }
}

static int read_tasks(struct mission *m, struct plan_subtask *subtask)
{
    size_t n;
    const struct markdown_item *items = items_in(m, SECTION_TASKS, &n);

    if (!n)
        return fail(m, m->sections[SECTION_TASKS].heading,
                    "list them under '## Tasks', one numbered line each",
                    "a mission without tasks");
    subtask->steps = arena_array(m->arena, n, sizeof *subtask->steps);
    subtask->step_count = n;
    for (size_t i = 0; i < n; i++) {
        int r = read_task(m, &items[i], &subtask->steps[i]);
        if (r < 0)
            return r;
    }
    add_waves(m, items[0].ordered, subtask);
    return 0;
}

static void read_criteria(struct mission *m, struct plan_subtask *subtask)
{
    size_t n;
    const struct markdown_item *items = items_in(m, SECTION_CRITERIA, &n);
    struct plan_command *checks = arena_array(m->arena, n, sizeof *checks);

    subtask->criteria.at = arena_array(m->arena, n, sizeof *subtask->criteria.at);
    subtask->success.at = checks;
    for (size_t i = 0; i < n; i++) {
        if (items[i].code && *items[i].code)
            checks[subtask->success.count++] =
                (struct plan_command){literal(m->arena, items[i].code), place(m, items[i].start)};
        else if (*items[i].text)
            subtask->criteria.at[subtask->criteria.count++] = items[i].text;
    }
}

static const char *content(struct mission *m, enum section section)
{
    const struct range *range = &m->sections[section];

    return range->found ? words_copy(m->arena, m->text, range->start, range->end) : "";
}

static int fill(struct mission *m, struct plan_subtask *subtask)
{
    const char *title = NULL;
    int r = take_headings(m, &title);

    if (r < 0)
        return r;
    if (!title)
        return fail(m, 0, "begin with '# Title'", "a mission without a title");
    const char *context =
        arena_format(m->arena, "%s\n\n%s", content(m, SECTION_CONTEXT), text_get(&m->others));
    *subtask = (struct plan_subtask){.title = title,
                                     .context = words_copy(m->arena, context, 0, strlen(context)),
                                     .mission = content(m, SECTION_MISSION),
                                     .for_each = {.source = "", .batch = 1},
                                     .setup = "",
                                     .settings = scope_default().settings,
                                     .place = place(m, 0)};
    if (!*subtask->mission)
        subtask->mission = title;
    r = read_tasks(m, subtask);
    if (r == 0)
        read_criteria(m, subtask);
    return r;
}

int mission_parse(const struct source *source, struct arena *a, struct plan_subtask *ret,
                  struct fault *f)
{
    struct exec_id tag;
    int r = source_check(source, MISSION_BYTES_MAX, f);

    if (r < 0)
        return r;
    r = exec_id_tag(source->text, &tag, f);
    if (r < 0) {
        fault_place(f, source->name, 1, 1);
        return r;
    }
    struct mission m = {.source = source, .text = source->text + r, .arena = a, .fault = f};
    markdown_outline(m.text, source->length - (size_t)r, a, &m.outline);
    r = fill(&m, ret);
    text_free(&m.others);
    return r;
}

static int read_file(const char *path, struct arena *a, struct plan_subtask *ret, struct fault *f)
{
    AUTO_TEXT text = {0};
    int r = source_read(path, MISSION_BYTES_MAX, &text, f);
    const struct source source = {text_get(&text), text.length, path};

    return r < 0 ? r : mission_parse(&source, a, ret, f);
}

static const char *task_of(const struct plan *plan, struct arena *a)
{
    AUTO_TEXT t = {0};
    size_t n = plan->subtask_count;

    for (size_t i = 0; i < n && i < TITLES_SHOWN; i++)
        text_printf(&t, "%s%s", i ? "; " : "", plan->subtasks[i].title);
    if (n > TITLES_SHOWN)
        text_printf(&t, "; and %zu more", n - TITLES_SHOWN);
    return arena_string(a, text_get(&t));
}

int plan_read_missions(const char *const *paths, size_t count, struct arena *a, struct plan **ret,
                       struct fault *f)
{
    struct plan *plan = ARENA_NEW(a, struct plan);
    struct reader r = {.arena = a, .file = "", .fault = f};
    const struct node **none = arena_array(a, count, sizeof *none);

    if (!count)
        bug("no mission files");
    *plan = (struct plan){.version = 1,
                          .file = count == 1 ? arena_string(a, paths[0]) : "",
                          .setup = "",
                          .settings = scope_default().settings,
                          .subtasks = arena_array(a, count, sizeof *plan->subtasks),
                          .subtask_count = count};
    for (size_t i = 0; i < count; i++) {
        int code = read_file(paths[i], a, &plan->subtasks[i], f);
        if (code < 0)
            return code;
    }
    plan->task = task_of(plan, a);
    *ret = plan;
    return link_subtasks(&r, plan, none);
}
