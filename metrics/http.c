/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP for one page (RFC 9112). The connection ends after the answer, so
 * nothing of the header fields or of a body matters, and none is looked at.
 * A line may end in LF alone.
 */
#include "qemu/osdep.h"
#include "metrics/http.h"

#define PAGE "/metrics"

/* First byte behind the empty line; NULL: not there yet. */
static const char *end_of_head(const char *bytes, size_t len)
{
    const char *end = bytes + len;

    for (const char *p = bytes; (p = memchr(p, '\n', end - p)); ) {
        p++;
        if (p < end && *p == '\r') {
            p++;
        }
        if (p < end && *p == '\n') {
            return p + 1;
        }
    }
    return NULL;
}

/* Methods are letters: what does not begin so will never be a request. */
static bool may_begin_request(const char *bytes)
{
    return g_ascii_isupper(bytes[0]);
}

static bool printable(const char *line)
{
    for (; *line; line++) {
        if (!g_ascii_isgraph(*line) && *line != ' ') {
            return false;
        }
    }
    return true;
}

/* "/metrics", "/metrics?x", "http://host/metrics". */
static bool is_page(const char *target)
{
    const char *path = target;

    if (g_ascii_strncasecmp(target, "http://", 7) == 0) {
        path = strchr(target + 7, '/') ?: "/";
    }
    return g_str_has_prefix(path, PAGE) && (!path[strlen(PAGE)] || path[strlen(PAGE)] == '?');
}

static unsigned judge_line(const char *line, MetricsHttpRequest *req)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 4);

    if (!printable(line) || g_strv_length(words) != 3 || !*words[1] ||
        !g_str_has_prefix(words[2], "HTTP/")) {
        return 400;
    }
    if (!g_str_equal(words[2], "HTTP/1.1") && !g_str_equal(words[2], "HTTP/1.0")) {
        return 505;
    }
    req->head_only = g_str_equal(words[0], "HEAD");
    if (!req->head_only && !g_str_equal(words[0], "GET")) {
        return 405;
    }
    return is_page(words[1]) ? 200 : 404;
}

/* Without its end; NULL when it holds a NUL byte. */
static char *first_line(const char *bytes, const char *end)
{
    const char *eol = memchr(bytes, '\n', end - bytes);
    size_t len = eol - bytes;

    if (len && bytes[len - 1] == '\r') {
        len--;
    }
    return memchr(bytes, '\0', len) ? NULL : g_strndup(bytes, len);
}

bool metrics_http_parse(const char *bytes, size_t len, MetricsHttpRequest *req)
{
    g_autofree char *line = NULL;
    const char *end;

    *req = (MetricsHttpRequest) { .status = 400 };
    if (!len) {
        return false;
    }
    if (!may_begin_request(bytes)) {
        return true;
    }
    end = end_of_head(bytes, len);
    if (!end) {
        req->status = 431;
        return len >= METRICS_HTTP_HEAD_MAX;
    }
    line = first_line(bytes, end);
    if (line) {
        req->status = judge_line(line, req);
    }
    return true;
}

static const char *reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } reasons[] = {
        { 200, "OK" }, { 400, "Bad Request" }, { 404, "Not Found" },
        { 405, "Method Not Allowed" }, { 431, "Request Header Fields Too Large" },
        { 505, "HTTP Version Not Supported" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "Error";
}

GString *metrics_http_answer(const MetricsHttpRequest *req, const char *content_type,
                             const GString *body)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GString) excuse = g_string_new(NULL);

    if (req->status != 200) {
        g_string_printf(excuse, "%s: GET " PAGE " is all there is\n", reason(req->status));
        content_type = "text/plain; charset=utf-8";
        body = excuse;
    }
    g_string_printf(out, "HTTP/1.1 %u %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n"
                    "Connection: close\r\n\r\n", req->status, reason(req->status),
                    req->status == 405 ? "Allow: GET, HEAD\r\n" : "", content_type, body->len);
    if (!req->head_only) {
        g_string_append_len(out, body->str, body->len);
    }
    return out;
}
