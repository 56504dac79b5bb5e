/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a line to the arguments of a command, by the command's rows.
 * The arguments come out in the shape of QMP's, so that most rows need no code.
 */
#include "qemu/osdep.h"
#include "hmp.h"
#include "qapi/json.h"
#include "qapi/keyval.h"
#include "qemu/cutils.h"

typedef struct Parser {
    const HmpArg *rows;
    const HmpArg *next;     /* the next one that its place announces */
    const char *text;       /* what is left of the line */
    JsonObject *args;
} Parser;

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t");
}

/* ---- words ---- */

static bool unescape(char code, GString *word, Error **errp)
{
    static const char codes[] = "nr\\'\"";
    static const char meant[] = "\n\r\\'\"";
    const char *at = code ? strchr(codes, code) : NULL;

    if (!at) {
        error_setg(errp, "unsupported escape code: '\\%c'", code ?: ' ');
        return false;
    }
    g_string_append_c(word, meant[at - codes]);
    return true;
}

static char *quoted_word(const char **text, Error **errp)
{
    g_autoptr(GString) word = g_string_new(NULL);
    const char *p = *text + 1;

    for (; *p && *p != '"'; p++) {
        if (*p != '\\') {
            g_string_append_c(word, *p);
        } else if (!unescape(*++p, word, errp)) {
            return NULL;
        }
    }
    if (!*p) {
        error_setg(errp, "unterminated string: '\"' is missing");
        return NULL;
    }
    *text = p + 1;
    return g_string_free(g_steal_pointer(&word), FALSE);
}

/* NULL at the end of the line or with @errp set; *text moves behind it. */
static char *next_word(const char **text, Error **errp)
{
    const char *start = skip_spaces(*text);
    size_t len = strcspn(start, " \t");

    *text = start;
    if (*start == '"') {
        return quoted_word(text, errp);
    }
    *text = start + len;
    return len ? g_strndup(start, len) : NULL;
}

/* ---- values ---- */

static bool put_int(Parser *p, const HmpArg *row, Error **errp)
{
    g_autofree char *word = next_word(&p->text, errp);
    uint64_t value;

    if (!word) {
        return false;
    }
    if (qemu_strtou64(word, NULL, 0, &value) < 0 && qemu_strtosz(word, NULL, &value) < 0) {
        error_setg(errp, "'%s' is not a number: write 4096, 0x1000 or 4K", word);
        return false;
    }
    json_object_set_member(p->args, row->name, qapi_json_uint64_new(value));
    return true;
}

static bool put_word(Parser *p, const HmpArg *row, Error **errp)
{
    g_autofree char *word = next_word(&p->text, errp);

    if (word) {
        json_object_set_string_member(p->args, row->name, word);
    }
    return word != NULL;
}

static bool put_line(Parser *p, const HmpArg *row, Error **errp)
{
    g_autofree char *line = g_strchomp(g_strdup(p->text));

    json_object_set_string_member(p->args, row->name, line);
    p->text += strlen(p->text);
    return true;
}

static bool put_switch(Parser *p, const HmpArg *row, Error **errp)
{
    json_object_set_boolean_member(p->args, row->name, true);
    return true;
}

/* JSON has spaces where it likes, so it is the rest of the line. */
static bool put_options(Parser *p, const HmpArg *row, Error **errp)
{
    bool json = *p->text == '{';
    g_autofree char *word = json ? g_strdup(p->text) : next_word(&p->text, errp);
    g_autoptr(JsonObject) more = NULL;
    bool help = false;

    if (!word) {
        return false;
    }
    if (json) {
        p->text += strlen(p->text);
    }
    more = keyval_or_json_parse(word, row->implied, row->type == HMP_NESTED ? KEYVAL_NESTED :
                                KEYVAL_FLAT, &help, errp);
    if (!more) {
        return false;
    }
    keyval_merge(p->args, more);
    if (help) {
        json_object_set_boolean_member(p->args, "help", true);
    }
    return true;
}

static bool put_format(Parser *p, const HmpArg *row, Error **errp)
{
    g_autoptr(JsonObject) format = json_object_new();
    const char *c = p->text + 1;
    char name[2] = "";

    if (g_ascii_isdigit(*c)) {
        json_object_set_int_member(format, "count", strtol(c, (char **)&c, 10));
    }
    for (; *c && *c != ' ' && *c != '\t'; c++) {
        name[0] = *c;
        if (strchr("bhwg", *c)) {
            json_object_set_int_member(format, "size", 1 << (strchr("bhwg", *c) - "bhwg"));
        } else if (strchr("xduoc", *c)) {
            json_object_set_string_member(format, "format", name);
        } else {
            error_setg(errp, "invalid char in format: '%c'", *c);
            return false;
        }
    }
    p->text = c;
    json_object_set_object_member(p->args, row->name, g_steal_pointer(&format));
    return true;
}

static const struct {
    bool (*put)(Parser *p, const HmpArg *row, Error **errp);
    const char *expected;
} types[] = {
    [HMP_WORD] = { put_word, "string" },
    [HMP_LINE] = { put_line, "string" },
    [HMP_INT] = { put_int, "number" },
    [HMP_SWITCH] = { put_switch, "option" },
    [HMP_OPTIONS] = { put_options, "option list" },
    [HMP_NESTED] = { put_options, "option list" },
    [HMP_FORMAT] = { put_format, "format" },
};

/* ---- rows ---- */

static const HmpArg *skip_options(const HmpArg *row)
{
    while (row->name && row->option) {
        row++;
    }
    return row;
}

static const HmpArg *find_option(const Parser *p, const char *word, size_t len)
{
    for (const HmpArg *row = p->rows; row->name; row++) {
        if (row->option && strlen(row->option) == len && !memcmp(row->option, word, len)) {
            return row;
        }
    }
    return NULL;
}

static bool has_options(const Parser *p)
{
    for (const HmpArg *row = p->rows; row->name; row++) {
        if (row->option) {
            return true;
        }
    }
    return false;
}

static bool put(Parser *p, const HmpArg *row, Error **errp)
{
    ERRP_GUARD();

    if (types[row->type].put(p, row, errp)) {
        return true;
    }
    if (!*errp) {
        error_setg(errp, "%s expected", types[row->type].expected);
    }
    return false;
}

static bool parse_one(Parser *p, Error **errp)
{
    size_t len = strcspn(p->text, " \t");
    const HmpArg *row = find_option(p, p->text, len);

    if (row) {
        p->text = skip_spaces(p->text + len);
        return put(p, row, errp);
    }
    if (*p->text == '-' && has_options(p)) {
        error_setg(errp, "unsupported option %.*s", (int)len, p->text);
        return false;
    }
    if (p->next->name && p->next->type == HMP_FORMAT && *p->text != '/') {
        p->next = skip_options(p->next + 1);
    }
    if (!p->next->name) {
        error_setg(errp, "extraneous characters at the end of line");
        return false;
    }
    row = p->next;
    p->next = skip_options(row + 1);
    return put(p, row, errp);
}

static bool check_rest(const Parser *p, Error **errp)
{
    for (const HmpArg *row = p->next; row->name; row = skip_options(row + 1)) {
        if (!row->optional && row->type != HMP_FORMAT) {
            error_setg(errp, "%s expected", types[row->type].expected);
            return false;
        }
    }
    return true;
}

JsonObject *hmp_parse_args(const HmpArg *rows, const char *text, Error **errp)
{
    static const HmpArg no_rows[] = { { NULL } };
    g_autoptr(JsonObject) args = json_object_new();
    Parser p = { .rows = rows ?: no_rows, .text = text, .args = args };

    p.next = skip_options(p.rows);
    while (*(p.text = skip_spaces(p.text))) {
        if (!parse_one(&p, errp)) {
            return NULL;
        }
    }
    return check_rest(&p, errp) ? g_steal_pointer(&args) : NULL;
}
