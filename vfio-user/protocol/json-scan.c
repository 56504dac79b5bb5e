/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the bytes, no recursion, no allocation. Each helper takes the
 * rest of the text and returns what follows its token, or NULL.
 */
#include "qemu/osdep.h"
#include "json-scan.h"

static const char *scan_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) {
            return NULL;
        }
        if (*p == '\\') {
            p++;
        }
    }
    return p < end ? p + 1 : NULL;
}

static const char *scan_digits(const char *p, const char *end)
{
    const char *first = p;

    while (p < end && g_ascii_isdigit(*p)) {
        p++;
    }
    return p > first ? p : NULL;
}

/* JSON's own form: no leading zero, digits on both sides of the point. */
static const char *scan_number(const char *p, const char *end)
{
    p += *p == '-';
    if (end - p >= 2 && p[0] == '0' && g_ascii_isdigit(p[1])) {
        return NULL;
    }
    p = scan_digits(p, end);
    if (p && p < end && *p == '.') {
        p = scan_digits(p + 1, end);
    }
    if (p && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = scan_digits(p, end);
    }
    return p && p < end && (g_ascii_isalnum(*p) || *p == '.') ? NULL : p;
}

static const char *scan_word(const char *p, const char *end)
{
    static const char *const words[] = { "true", "false", "null" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t len = strlen(words[i]);

        if ((size_t)(end - p) >= len && memcmp(p, words[i], len) == 0) {
            p += len;
            return p < end && g_ascii_isalnum(*p) ? NULL : p;
        }
    }
    return NULL;
}

static const char *scan_token(const char *p, const char *end, int *depth)
{
    switch (*p) {
    case '"':
        return scan_string(p, end);
    case '{':
    case '[':
        return ++*depth > VFU_JSON_DEPTH_MAX ? NULL : p + 1;
    case '}':
    case ']':
        return --*depth < 0 ? NULL : p + 1;
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ':':
        return p + 1;
    case '-':
    case '0' ... '9':
        return scan_number(p, end);
    default:
        return scan_word(p, end);
    }
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && strchr(" \t\n\r", *p)) {
        p++;
    }
    return p;
}

bool vfu_json_scan(const char *text, size_t len)
{
    const char *end = text + len;
    const char *p = skip_space(text, end);
    int depth = 0;

    if (!g_utf8_validate(text, len, NULL) || p == end || *p != '{') {
        return false;
    }
    do {
        p = scan_token(p, end, &depth);
    } while (p && p < end && depth > 0);
    return p && depth == 0 && skip_space(p, end) == end;
}
