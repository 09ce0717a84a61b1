/* SPDX-License-Identifier: Apache-2.0 */
#include "report/build_priv.h"

#include <math.h>

void put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_text_or_null(text));
}

void put_strings(json_t *object, const char *key, const struct strings *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text_or_null(list->at[i]));
    json_object_set_new(object, key, array);
}

void put_int(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

void put_bool(json_t *object, const char *key, bool value)
{
    json_object_set_new(object, key, json_boolean(value));
}

void put_rounded(json_t *object, const char *key, double value)
{
    json_t *number = json_real(round(value * 1000) / 1000);

    json_object_set_new(object, key, number ? number : json_null());
}

void put_time(json_t *object, const char *key, int64_t ms)
{
    json_object_set_new(object, key, ms ? json_integer(ms) : json_null());
}

static bool is_whole(double value)
{
    return value == floor(value) && fabs(value) < 1e15;
}

/* A count is shown as one, whatever the agent wrote it as. */
static json_t *metric_value(double value)
{
    return is_whole(value) ? json_integer((json_int_t)value) : json_real(value);
}

void put_metrics(json_t *object, const char *key, const struct metrics *list)
{
    json_t *metrics = json_object();

    for (size_t i = 0; i < list->count; i++) {
        json_t *name = json_text_or_null(list->at[i].name);
        json_object_set_new(metrics, json_string_value(name), metric_value(list->at[i].value));
        json_decref(name);
    }
    json_object_set_new(object, key, metrics);
}

void put_exec_id(json_t *object, const char *key, struct exec_id id)
{
    char text[EXEC_ID_TEXT_MAX];

    exec_id_format(id, text);
    put_text(object, key, text);
}

void put_cost(json_t *object, const char *key, double usd, bool unknown)
{
    json_object_set_new(object, key, unknown ? json_null() : json_real(round(usd * 1e6) / 1e6));
}
