/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The QMP commands about character devices. Main context. */
#include "qemu/osdep.h"
#include "internal.h"
#include "qapi/qapi-commands-char.h"
#include "ringbuf.h"

/* ---- queries ---- */

static void add_info(Chardev *chr, void *opaque)
{
    ChardevInfoList ***tail = opaque;
    ChardevInfo *info = g_new0(ChardevInfo, 1);
    CharBackend *be = qatomic_read(&chr->be);

    info->label = g_strdup(chr->label);
    info->filename = g_strdup(chr->filename);
    info->frontend_open = be && be->fe_is_open;
    QAPI_LIST_APPEND(*tail, info);
}

ChardevInfoList *qmp_query_chardev(Error **errp)
{
    ChardevInfoList *list = NULL, **tail = &list;

    chardev_foreach(add_info, &tail);
    return list;
}

ChardevBackendInfoList *qmp_query_chardev_backends(Error **errp)
{
    ChardevBackendInfoList *list = NULL, **tail = &list;
    GList *names = chardev_backend_names();

    for (GList *l = names; l; l = l->next) {
        ChardevBackendInfo *info = g_new0(ChardevBackendInfo, 1);

        info->name = g_strdup(l->data);
        QAPI_LIST_APPEND(tail, info);
    }
    g_list_free_full(names, g_free);
    return list;
}

/* ---- coming and going ---- */

/* On the command line wait=on holds up the start; here it would hold up every monitor. */
static bool check_wait(const ChardevBackend *backend, Error **errp)
{
    const ChardevSocket *sock = backend->u.socket.data;

    if (backend->type == CHARDEV_BACKEND_KIND_SOCKET && sock->has_wait && sock->wait) {
        error_setg(errp, "a command does not wait for a client: leave 'wait' out, and look at"
                   " query-chardev");
        return false;
    }
    return true;
}

static Chardev *make(const char *id, ChardevBackend *backend, Error **errp)
{
    ChardevClass *cc = chardev_class_by_name(ChardevBackendKind_str(backend->type), errp);

    return cc && check_wait(backend, errp) ?
           qemu_chardev_new(id, object_class_get_name(OBJECT_CLASS(cc)), backend, NULL, errp) :
           NULL;
}

static ChardevReturn *result_of(const Chardev *chr)
{
    ChardevReturn *ret = g_new0(ChardevReturn, 1);

    if (g_str_has_prefix(chr->filename, "pty:")) {
        ret->pty = g_strdup(chr->filename + strlen("pty:"));
    }
    return ret;
}

ChardevReturn *qmp_chardev_add(const char *id, ChardevBackend *backend, Error **errp)
{
    Chardev *chr = make(id, backend, errp);

    return chr ? result_of(chr) : NULL;
}

void qmp_chardev_remove(const char *id, Error **errp)
{
    Chardev *chr = chardev_find(id, errp);

    if (!chr) {
        return;
    }
    if (chardev_is_busy(chr)) {
        error_setg(errp, "Chardev '%s' is busy", id);
        return;
    }
    chardev_move(chr, aio_context_main());
    object_unparent(OBJECT(chr));
}

ChardevReturn *qmp_chardev_change(const char *id, ChardevBackend *backend, Error **errp)
{
    g_autoptr(Object) fresh = NULL;
    Chardev *old = chardev_find(id, errp);

    if (!old) {
        return NULL;
    }
    fresh = (Object *)make(NULL, backend, errp);
    if (!fresh || !chardev_replace(old, CHARDEV(fresh), errp)) {
        return NULL;
    }
    return result_of(CHARDEV(fresh));
}

static void send_break(Chardev *chr)
{
    g_auto(ChardevVisit) G_GNUC_UNUSED visit = chardev_visit_begin(chr);

    qemu_chr_be_event(chr, CHR_EVENT_BREAK);
}

void qmp_chardev_send_break(const char *id, Error **errp)
{
    Chardev *chr = chardev_find(id, errp);

    if (chr) {
        send_break(chr);
    }
}

/* ---- ring buffers ---- */

static ChardevRing *find_ring(const char *id, Error **errp)
{
    Chardev *chr = chardev_find(id, errp);
    Object *ring = chr ? object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RINGBUF) : NULL;

    if (chr && !ring) {
        error_setg(errp, "%s is not a ringbuf device", id);
    }
    return (ChardevRing *)ring;
}

static uint8_t *decode(const char *data, bool base64, gsize *len, Error **errp)
{
    g_autofree char *again = NULL;
    uint8_t *bytes;

    if (!base64) {
        *len = strlen(data);
        return (uint8_t *)g_strdup(data);
    }
    /* GLib skips what is not base64; only what comes out the same again was some. */
    bytes = g_base64_decode(data, len);
    again = g_base64_encode(bytes, *len);
    if (strcmp(again, data)) {
        error_setg(errp, "Parameter 'data' is not base64");
        g_clear_pointer(&bytes, g_free);
    }
    return bytes;
}

void qmp_ringbuf_write(const char *device, const char *data, bool has_format, DataFormat format,
                       Error **errp)
{
    ChardevRing *ring = find_ring(device, errp);
    g_auto(ChardevVisit) G_GNUC_UNUSED visit = chardev_visit_begin((Chardev *)ring);
    g_autofree uint8_t *bytes = NULL;
    gsize len;

    if (ring) {
        bytes = decode(data, has_format && format == DATA_FORMAT_BASE64, &len, errp);
    }
    if (bytes) {
        chardev_ringbuf_put(ring, bytes, len);
    }
}

char *qmp_ringbuf_read(const char *device, int64_t size, bool has_format, DataFormat format,
                       Error **errp)
{
    ChardevRing *ring = find_ring(device, errp);
    g_auto(ChardevVisit) G_GNUC_UNUSED visit = chardev_visit_begin((Chardev *)ring);
    g_autoptr(GByteArray) bytes = NULL;

    if (!ring) {
        return NULL;
    }
    if (size <= 0) {
        error_setg(errp, "size must be greater than zero");
        return NULL;
    }
    bytes = chardev_ringbuf_take(ring, size);
    if (has_format && format == DATA_FORMAT_BASE64) {
        return g_base64_encode(bytes->data, bytes->len);
    }
    return bytes->len ? g_utf8_make_valid((char *)bytes->data, bytes->len) : g_strdup("");
}
