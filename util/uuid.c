/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs after RFC 4122: bytes in the order in which they are written. */
#include "qemu/osdep.h"
#include "qemu/guest-random.h"
#include "qemu/uuid.h"

QemuUUID qemu_uuid;
bool qemu_uuid_set;

/* Version 4 (RFC 4122, 4.4): all random but the version and the variant. */
void qemu_uuid_generate(QemuUUID *out)
{
    qemu_guest_getrandom_nofail(out->data, sizeof(out->data));
    out->data[6] = (out->data[6] & 0x0f) | 0x40;
    out->data[8] = (out->data[8] & 0x3f) | 0x80;
}

int qemu_uuid_is_null(const QemuUUID *uu)
{
    static const QemuUUID null_uuid;

    return qemu_uuid_is_equal(uu, &null_uuid);
}

int qemu_uuid_is_equal(const QemuUUID *lhv, const QemuUUID *rhv)
{
    return memcmp(lhv->data, rhv->data, sizeof(lhv->data)) == 0;
}

/* A '-' stands in front of these bytes. */
static bool dash_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void qemu_uuid_unparse(const QemuUUID *uuid, char *out)
{
    for (int i = 0; i < 16; i++) {
        out += sprintf(out, "%s%02x", dash_before(i) ? "-" : "", uuid->data[i]);
    }
}

char *qemu_uuid_unparse_strdup(const QemuUUID *uuid)
{
    char *text = g_malloc(UUID_STR_LEN);

    qemu_uuid_unparse(uuid, text);
    return text;
}

int qemu_uuid_parse(const char *text, QemuUUID *uuid)
{
    QemuUUID parsed;

    for (int i = 0; i < 16; i++) {
        if (dash_before(i) && *text++ != '-') {
            return -1;
        }
        if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1])) {
            return -1;
        }
        parsed.data[i] = g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]);
        text += 2;
    }
    if (*text) {
        return -1;
    }
    *uuid = parsed;
    return 0;
}

QemuUUID qemu_uuid_bswap(QemuUUID uuid)
{
    bswap32s(&uuid.fields.time_low);
    bswap16s(&uuid.fields.time_mid);
    bswap16s(&uuid.fields.time_high_and_version);
    return uuid;
}

uint32_t qemu_uuid_hash(const void *uuid)
{
    const QemuUUID *u = uuid;
    uint32_t hash = 0;

    for (int i = 0; i < 16; i++) {
        hash = hash * 31 + u->data[i];
    }
    return hash;
}
