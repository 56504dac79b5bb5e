/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x and xp: bytes of an address space, in lines of 16 (of 8 for single bytes). */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"
#include "qemu/bswap.h"
#include "qapi/qmp-registry.h"

#define MAX_BYTES (64 * 1024)

typedef struct Dump {
    uint64_t addr;
    unsigned size;          /* of an item: 1, 2, 4 or 8 */
    char format;
    const uint8_t *data;
    size_t len;
} Dump;

static uint64_t item_at(const Dump *d, size_t at)
{
    switch (d->size) {
    case 1:
        return d->data[at];
    case 2:
        return lduw_le_p(d->data + at);
    case 4:
        return (uint32_t)ldl_le_p(d->data + at);
    default:
        return ldq_le_p(d->data + at);
    }
}

static int64_t sign_extend(uint64_t value, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return (int64_t)(value << shift) >> shift;
}

static void add_char(GString *out, uint8_t c)
{
    static const char plain[] = "\n\r\t'\\";
    static const char codes[] = "nrt'\\";
    const char *at = c ? strchr(plain, c) : NULL;

    if (at) {
        g_string_append_printf(out, "'\\%c'", codes[at - plain]);
    } else if (c >= 0x20 && c < 0x7f) {
        g_string_append_printf(out, "'%c'", c);
    } else {
        g_string_append_printf(out, "'\\x%02x'", c);
    }
}

/* Columns of the widest number of that many bytes. */
static int octal_digits(unsigned size)
{
    return (8 * size + 2) / 3;
}

static int decimal_digits(unsigned size)
{
    static const int digits[] = { [1] = 3, [2] = 5, [4] = 10, [8] = 20 };

    return digits[size];
}

static void add_item(GString *out, const Dump *d, size_t at)
{
    uint64_t value = item_at(d, at);

    g_string_append_c(out, ' ');
    switch (d->format) {
    case 'o':
        g_string_append_printf(out, "0%0*" PRIo64, octal_digits(d->size), value);
        break;
    case 'u':
        g_string_append_printf(out, "%*" PRIu64, decimal_digits(d->size), value);
        break;
    case 'd':
        g_string_append_printf(out, "%*" PRId64, decimal_digits(d->size) + 1,
                               sign_extend(value, d->size));
        break;
    case 'c':
        add_char(out, value);
        break;
    default:
        g_string_append_printf(out, "0x%0*" PRIx64, 2 * (int)d->size, value);
        break;
    }
}

static void print_dump(Monitor *mon, const Dump *d)
{
    size_t per_line = d->size == 1 ? 8 : 16;

    for (size_t at = 0; at < d->len; at += per_line) {
        g_autoptr(GString) line = g_string_new(NULL);

        for (size_t i = at; i < d->len && i < at + per_line; i += d->size) {
            add_item(line, d, i);
        }
        monitor_printf(mon, "%016" PRIx64 ":%s\n", d->addr + at, line->str);
    }
}

static bool read_format(JsonObject *args, Dump *d, size_t *len, Error **errp)
{
    g_autoptr(JsonObject) none = json_object_new();
    JsonObject *format = json_object_has_member(args, "fmt") ?
                         json_object_get_object_member(args, "fmt") : none;
    int64_t count = json_object_get_int_member_with_default(format, "count", 1);

    d->format = *json_object_get_string_member_with_default(format, "format", "x");
    d->size = json_object_get_int_member_with_default(format, "size", d->format == 'c' ? 1 : 4);
    if (count < 1 || count > MAX_BYTES / d->size) {
        error_setg(errp, "count %" PRId64 " is out of range: at most %d bytes can be read at once",
                   count, MAX_BYTES);
        return false;
    }
    *len = count * d->size;
    return true;
}

static JsonNode *read_memory(JsonObject *args, size_t len, Error **errp)
{
    g_autoptr(JsonObject) request = json_object_new();

    json_object_set_member(request, "space", json_object_dup_member(args, "space"));
    json_object_set_member(request, "address", json_object_dup_member(args, "addr"));
    json_object_set_int_member(request, "size", len);
    return qmp_call("x-read-memory", request, errp);
}

void hmp_examine(Monitor *mon, JsonObject *args, Error **errp)
{
    Dump d = { .addr = json_number(args, "addr") };
    g_autoptr(JsonNode) answer = NULL;
    g_autofree uint8_t *data = NULL;
    size_t len, got;

    if (!read_format(args, &d, &len, errp)) {
        return;
    }
    answer = read_memory(args, len, errp);
    if (!answer) {
        return;
    }
    data = g_base64_decode(json_text(json_node_get_object(answer), "data"), &got);
    d.data = data;
    d.len = MIN(len, got);
    print_dump(mon, &d);
}
