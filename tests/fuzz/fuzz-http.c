/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP that a metrics page needs. The request lies in memory of its exact
 * size, so that a byte read too far is seen; in pieces it is judged as in one.
 */
#include "qemu/osdep.h"
#include "metrics/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len = MIN(size, METRICS_HTTP_HEAD_MAX);
    g_autofree char *text = g_memdup2(data, len);
    g_autoptr(GString) body = g_string_new("page\n");
    MetricsHttpRequest whole, piece;
    GString *answer;

    if (!metrics_http_parse(text, len, &whole)) {
        g_assert(len < METRICS_HTTP_HEAD_MAX);
        return 0;
    }
    for (size_t n = 1; n < len; n += 1 + n / 4) {
        if (metrics_http_parse(text, n, &piece)) {
            g_assert(piece.status == whole.status && piece.head_only == whole.head_only);
        }
    }
    answer = metrics_http_answer(&whole, "text/plain", body);
    g_assert(g_str_has_prefix(answer->str, "HTTP/1.1 "));
    g_string_free(answer, TRUE);
    return 0;
}
