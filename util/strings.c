/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded copies and prefixes of strings, hex dumps, small encodings. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"

void pstrcpy(char *buf, int buf_size, const char *str)
{
    if (buf_size > 0) {
        g_strlcpy(buf, str, buf_size);
    }
}

char *pstrcat(char *buf, int buf_size, const char *s)
{
    if (buf_size > 0) {
        g_strlcat(buf, s, buf_size);
    }
    return buf;
}

void strpadcpy(char *buf, int buf_size, const char *str, char pad)
{
    int len = qemu_strnlen(str, buf_size);

    memcpy(buf, str, len);
    memset(buf + len, pad, buf_size - len);
}

static int prefix_end(const char *str, size_t len, const char **ptr, bool found)
{
    if (found && ptr) {
        *ptr = str + len;
    }
    return found;
}

int strstart(const char *str, const char *val, const char **ptr)
{
    size_t len = strlen(val);

    return prefix_end(str, len, ptr, strncmp(str, val, len) == 0);
}

int stristart(const char *str, const char *val, const char **ptr)
{
    size_t len = strlen(val);

    return prefix_end(str, len, ptr, g_ascii_strncasecmp(str, val, len) == 0);
}

int qemu_strnlen(const char *s, int max_len)
{
    return max_len > 0 ? strnlen(s, max_len) : 0;
}

char *qemu_strsep(char **input, const char *delim)
{
    return strsep(input, delim);
}

const char *qemu_strchrnul(const char *s, int c)
{
    return strchrnul(s, c);
}

int qemu_pstrcmp0(const char **str1, const char **str2)
{
    return g_strcmp0(*str1, *str2);
}

time_t mktimegm(struct tm *tm)
{
    struct tm copy = *tm;

    return timegm(&copy);
}

bool buffer_is_zero(const void *buf, size_t len)
{
    const char *p = buf;

    /* A buffer whose first byte is 0 and that equals itself shifted by one is all 0. */
    return !len || (!p[0] && !memcmp(p, p + 1, len - 1));
}

/* ---- hex ---- */

void qemu_hexdump_line(char *line, const void *bufptr, size_t len)
{
    const uint8_t *bytes = bufptr;
    char *at = line;

    for (size_t i = 0; i < QEMU_HEXDUMP_LINE_BYTES; i++) {
        if (i && i % 4 == 0) {
            *at++ = ' ';
        }
        at += i < len ? sprintf(at, " %02x", bytes[i]) : sprintf(at, "   ");
    }
    at += sprintf(at, "  ");
    for (size_t i = 0; i < len; i++) {
        *at++ = g_ascii_isprint(bytes[i]) ? bytes[i] : '.';
    }
    *at = '\0';
}

void qemu_hexdump(FILE *fp, const char *prefix, const void *bufptr, size_t size)
{
    char line[QEMU_HEXDUMP_LINE_LEN + 1];

    for (size_t at = 0; at < size; at += QEMU_HEXDUMP_LINE_BYTES) {
        qemu_hexdump_line(line, (const uint8_t *)bufptr + at,
                          MIN(size - at, (size_t)QEMU_HEXDUMP_LINE_BYTES));
        fprintf(fp, "%s: %04zx:%s\n", prefix, at, line);
    }
}

/* ---- ULEB128 of up to 14 bits ---- */

int uleb128_encode_small(uint8_t *out, uint32_t n)
{
    g_assert(n <= 0x3fff);
    if (n < 0x80) {
        out[0] = n;
        return 1;
    }
    out[0] = 0x80 | (n & 0x7f);
    out[1] = n >> 7;
    return 2;
}

int uleb128_decode_small(const uint8_t *in, uint32_t *n)
{
    if (!(in[0] & 0x80)) {
        *n = in[0];
        return 1;
    }
    if (in[1] & 0x80) {
        return -1;
    }
    *n = (in[0] & 0x7f) | in[1] << 7;
    return 2;
}

char *qemu_now_iso8601(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");

    return g_strdup_printf("%s.%06dZ", seconds, g_date_time_get_microsecond(now));
}
