/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests, good and bad, and the answers to them. */
#include "qemu/osdep.h"
#include "metrics/http.h"

typedef struct Row {
    const char *request;
    unsigned status;            /* 0: more is needed */
} Row;

static const Row rows[] = {
    { "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200 },
    { "GET /metrics HTTP/1.0\r\n\r\n", 200 },
    { "GET /metrics HTTP/1.0\n\n", 200 },
    { "GET /metrics HTTP/1.0\n\r\n", 200 },
    { "GET /metrics?name[]=x HTTP/1.1\r\n\r\n", 200 },
    { "GET http://localhost/metrics HTTP/1.1\r\n\r\n", 200 },
    { "HEAD /metrics HTTP/1.1\r\n\r\n", 200 },
    { "GET /metrics HTTP/1.1\r\n\r\nbehind it", 200 },
    { "GET / HTTP/1.1\r\n\r\n", 404 },
    { "GET http://localhost HTTP/1.1\r\n\r\n", 404 },
    { "GET /metricsx HTTP/1.1\r\n\r\n", 404 },
    { "GET /metrics/.. HTTP/1.1\r\n\r\n", 404 },
    { "POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405 },
    { "DELETE /metrics HTTP/1.1\r\n\r\n", 405 },
    { "PRI * HTTP/2.0\r\n\r\n", 505 },
    { "GET /metrics HTTP/3\r\n\r\n", 505 },
    { "GET /metrics\r\n\r\n", 400 },
    { "GET\r\n\r\n", 400 },
    { "GET  HTTP/1.1\r\n\r\n", 400 },
    { "GET /metrics HTTP/1.1 x\r\n\r\n", 400 },
    { "GET /met\trics HTTP/1.1\r\n\r\n", 400 },
    { "GET /\x01 HTTP/1.1\r\n\r\n", 400 },
    { "GET /\xc3\xa4 HTTP/1.1\r\n\r\n", 400 },
    { "\r\n\r\n", 400 },
    { "{\"execute\":\"qmp_capabilities\"}", 400 },
    { "\x16\x03\x01", 400 },
    { "", 0 },
    { "G", 0 },
    { "GET /metrics HTTP/1.1\r\n", 0 },
    { "GET /metrics HTTP/1.1\r\nHost: x\r\n", 0 },
    { "GET /metrics HTTP/1.1\r\nHost: x\r\n\r", 0 },
};

static void test_rows(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        MetricsHttpRequest req;
        bool complete = metrics_http_parse(rows[i].request, strlen(rows[i].request), &req);

        g_test_message("%s", rows[i].request);
        g_assert_cmpint(complete, ==, rows[i].status != 0);
        if (complete) {
            g_assert_cmpuint(req.status, ==, rows[i].status);
        }
    }
}

/* Byte by byte: complete at the same byte, with the same result. */
static void test_pieces(void)
{
    const char *text = rows[0].request;
    MetricsHttpRequest req;

    for (size_t len = 0; len < strlen(text); len++) {
        g_assert_false(metrics_http_parse(text, len, &req));
    }
    g_assert_true(metrics_http_parse(text, strlen(text), &req));
    g_assert_cmpuint(req.status, ==, 200);
}

static void test_nul(void)
{
    static const char text[] = "GET /metrics\0 HTTP/1.1\r\n\r\n";
    MetricsHttpRequest req;

    g_assert_true(metrics_http_parse(text, sizeof(text) - 1, &req));
    g_assert_cmpuint(req.status, ==, 400);
}

static void test_long(void)
{
    g_autoptr(GString) text = g_string_new("GET /metrics HTTP/1.1\r\nX: ");
    MetricsHttpRequest req;

    while (text->len < METRICS_HTTP_HEAD_MAX - 1) {
        g_string_append_c(text, 'a');
    }
    g_assert_false(metrics_http_parse(text->str, text->len, &req));
    g_string_append_c(text, 'a');
    g_assert_true(metrics_http_parse(text->str, text->len, &req));
    g_assert_cmpuint(req.status, ==, 431);
}

/* Exactly as long as it may be, no byte of it readable behind the end. */
static void test_no_byte_further(void)
{
    g_autofree char *text = g_memdup2("GET /metrics HTTP/1.1\n", 22);
    MetricsHttpRequest req;

    g_assert_false(metrics_http_parse(text, 22, &req));
}

static void test_random(void)
{
    static const char alphabet[] = "GETHAD /metrics.1\r\n\r\n:\0\xff";
    MetricsHttpRequest req;

    for (unsigned i = 0; i < 50000; i++) {
        size_t len = g_test_rand_int_range(0, 64);
        g_autofree char *text = g_malloc(len + 1);

        for (size_t k = 0; k < len; k++) {
            text[k] = alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)];
        }
        if (metrics_http_parse(text, len, &req)) {
            g_assert_cmpuint(req.status, >=, 200);
        }
    }
}

static char *answer(const char *request, const char *body)
{
    g_autoptr(GString) text = g_string_new(body);
    MetricsHttpRequest req;

    g_assert_true(metrics_http_parse(request, strlen(request), &req));
    return g_string_free(metrics_http_answer(&req, "text/x", text), FALSE);
}

static void test_answers(void)
{
    g_autofree char *get = answer("GET /metrics HTTP/1.1\n\n", "abc\n");
    g_autofree char *head = answer("HEAD /metrics HTTP/1.1\n\n", "abc\n");
    g_autofree char *post = answer("POST /metrics HTTP/1.1\n\n", "secret");

    g_assert_cmpstr(get, ==, "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 4\r\n"
                    "Connection: close\r\n\r\nabc\n");
    g_assert_cmpstr(head, ==, "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 4\r\n"
                    "Connection: close\r\n\r\n");
    g_assert_true(g_str_has_prefix(post, "HTTP/1.1 405 Method Not Allowed\r\n"
                                   "Allow: GET, HEAD\r\n"));
    g_assert_null(strstr(post, "secret"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/http/rows", test_rows);
    g_test_add_func("/metrics/http/pieces", test_pieces);
    g_test_add_func("/metrics/http/nul", test_nul);
    g_test_add_func("/metrics/http/long", test_long);
    g_test_add_func("/metrics/http/no-byte-further", test_no_byte_further);
    g_test_add_func("/metrics/http/random", test_random);
    g_test_add_func("/metrics/http/answers", test_answers);
    return g_test_run();
}
