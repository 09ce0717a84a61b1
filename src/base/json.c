/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/os.h"

#include <ctype.h>
#include <string.h>

void json_use_memory(void)
{
    json_set_alloc_funcs(mem_alloc, free);
}

/* Offset of the bracket that nests too deep, or `length`. */
static size_t find_too_deep(const char *data, size_t length)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < length; i++) {
        if (quoted && data[i] == '\\')
            i++;
        else if (data[i] == '"')
            quoted = !quoted;
        else if (!quoted && (data[i] == '[' || data[i] == '{') && ++depth > JSON_DEPTH_MAX)
            return i;
        else if (!quoted && (data[i] == ']' || data[i] == '}') && depth)
            depth--;
    }
    return length;
}

static int refuse_nesting(const char *data, size_t offset, const char *name, struct fault *f)
{
    unsigned line = 1, column = 1;

    for (size_t i = 0; i < offset; i++) {
        column = data[i] == '\n' ? 1 : column + 1;
        line += data[i] == '\n';
    }
    int r =
        fault_set(f, FAULT_FORMAT, "not valid JSON: nested deeper than %d levels", JSON_DEPTH_MAX);
    fault_place(f, name, line, column);
    return r;
}

int json_parse(const char *data, size_t length, const char *name, json_t **ret, struct fault *f)
{
    json_error_t error;
    size_t too_deep = find_too_deep(data, length);

    if (too_deep < length)
        return refuse_nesting(data, too_deep, name, f);
    json_t *value = json_loadb(data, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        int r = fault_set(f, FAULT_FORMAT, "not valid JSON: %s", error.text);
        fault_place(f, name, error.line > 0 ? (unsigned)error.line : 1,
                    error.column > 0 ? (unsigned)error.column : 1);
        return r;
    }
    *ret = value;
    return 0;
}

/* The code of an escape \uXXXX at s[0..length), or -1. */
static int unicode_escape(const char *s, size_t length)
{
    int code = 0;

    if (length < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = s[i] ? strchr(digits, tolower((unsigned char)s[i])) : NULL;
        if (!at)
            return -1;
        code = code * 16 + (int)(at - digits);
    }
    return code;
}

static bool is_high_surrogate(int code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low_surrogate(int code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

/* Adds the escape at s[0..length), mended; its length. */
static size_t mend_escape(const char *s, size_t length, struct text *out)
{
    int code = unicode_escape(s, length);
    size_t taken = code >= 0 ? 6 : length < 2 ? 1 : 2;

    if (is_high_surrogate(code) && is_low_surrogate(unicode_escape(s + 6, length - 6)))
        taken = 12;
    else if (code == 0 || is_high_surrogate(code) || is_low_surrogate(code)) {
        text_add(out, "\\ufffd");
        return taken;
    }
    text_add_n(out, s, taken);
    return taken;
}

static void mend(const char *s, size_t length, struct text *out)
{
    while (length) {
        uint32_t point;
        size_t taken = text_utf8_next(s, length, &point);
        if (*s == '\\') {
            taken = mend_escape(s, length, out);
        } else if (taken) {
            text_add_n(out, s, taken);
        } else {
            text_add(out, "\xEF\xBF\xBD");
            taken = 1;
        }
        s += taken;
        length -= taken;
    }
}

int json_parse_lossy(const char *data, size_t length, const char *name, json_t **ret,
                     struct fault *f)
{
    AUTO_FAULT first = {0};
    AUTO_TEXT mended = {0};

    if (json_parse(data, length, name, ret, &first) == 0)
        return 0;
    mend(data, length, &mended);
    if (mended.length == length && (!length || memcmp(mended.data, data, length) == 0))
        return fault_move(f, &first);
    return json_parse(text_get(&mended), mended.length, name, ret, f);
}

int json_read_file(const char *path, size_t max_bytes, json_t **ret, struct fault *f)
{
    AUTO_TEXT text = {0};
    int r = os_read_file(path, max_bytes, &text, f);

    return r < 0 ? r : json_parse(text_get(&text), text.length, path, ret, f);
}

char *json_text(const json_t *value, size_t indent)
{
    char *s = json_dumps(value, JSON_SORT_KEYS | JSON_ENCODE_ANY |
                                    (indent ? JSON_INDENT(indent) : JSON_COMPACT));

    if (!s)
        bug("JSON value that cannot be written");
    return s;
}

int json_write_file(const char *path, const json_t *value, struct fault *f)
{
    AUTO_FREE char *s = json_text(value, 2);
    AUTO_TEXT line = {0};

    text_add(&line, s);
    text_add_char(&line, '\n');
    return os_write_file(path, line.data, line.length, 0644, f);
}

const char *json_get_string(const json_t *object, const char *key, const char *otherwise)
{
    const char *s = json_string_value(json_object_get(object, key));

    return s ? s : otherwise;
}

int64_t json_get_int(const json_t *object, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

double json_get_number(const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

bool json_get_bool(const json_t *object, const char *key, bool otherwise)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

/* An index is decimal digits and nothing else. */
static const json_t *array_step(const json_t *array, const char *index, size_t length)
{
    size_t n = 0;

    if (!length || length > 9 || strspn(index, "0123456789") < length)
        return NULL;
    for (size_t i = 0; i < length; i++)
        n = n * 10 + (size_t)(index[i] - '0');
    return json_array_get(array, n);
}

const json_t *json_at(const json_t *value, const char *path)
{
    while (value && *path) {
        size_t length = strcspn(path, ".");
        value = json_is_array(value) ? array_step(value, path, length)
                                     : json_object_getn(value, path, length);
        path += length + (path[length] == '.');
    }
    return value;
}

const char *json_at_string(const json_t *value, const char *path, const char *otherwise)
{
    const char *s = json_string_value(json_at(value, path));

    return s ? s : otherwise;
}

int64_t json_at_int(const json_t *value, const char *path, int64_t otherwise)
{
    const json_t *found = json_at(value, path);

    return json_is_integer(found) ? json_integer_value(found) : otherwise;
}

double json_at_number(const json_t *value, const char *path, double otherwise)
{
    const json_t *found = json_at(value, path);

    return json_is_number(found) ? json_number_value(found) : otherwise;
}

bool json_at_bool(const json_t *value, const char *path, bool otherwise)
{
    const json_t *found = json_at(value, path);

    return json_is_boolean(found) ? json_is_true(found) : otherwise;
}

json_t *json_share(const json_t *value)
{
    return json_incref((json_t *)value); /* the count alone changes */
}

json_t *json_lossy_string(const char *s, size_t length)
{
    AUTO_TEXT clean = {0};

    while (length) {
        size_t valid = text_utf8_valid(s, length);
        for (size_t i = 0; i < valid; i++)
            text_add_char(&clean, s[i] ? s[i] : ' ');
        if (valid < length) {
            text_add(&clean, "\xEF\xBF\xBD");
            valid++;
        }
        s += valid;
        length -= valid;
    }
    return json_stringn(text_get(&clean), clean.length);
}

json_t *json_text_or_null(const char *s)
{
    return s ? json_lossy_string(s, strlen(s)) : json_null();
}
