/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ringbuf (memory is its old name): keeps the last bytes of output for
 * ringbuf-read; ringbuf-write puts bytes where output goes.
 */
#include "qemu/osdep.h"
#include "ringbuf.h"

#define DEFAULT_SIZE 65536
#define MAX_SIZE (64 * 1024 * 1024)

static const ChardevOption ringbuf_options[] = {
    { "size", "number", "bytes that are kept: a power of two, 65536 by default" },
    CHARDEV_COMMON_OPTIONS,
    { NULL }
};

static bool ringbuf_parse(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevRingbuf *ring = g_new0(ChardevRingbuf, 1);

    backend->u.ringbuf.data = ring;
    return chardev_opt_int(opts, "size", 1, MAX_SIZE, &ring->has_size, &ring->size, errp);
}

static void ringbuf_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    ChardevRing *ring = CHARDEV_RINGBUF(chr);
    const ChardevRingbuf *opts = backend->u.ringbuf.data;
    int64_t size = opts->has_size ? opts->size : DEFAULT_SIZE;

    if (size < 1 || size > MAX_SIZE || (size & (size - 1))) {
        error_setg(errp, "size of ringbuf chardev must be power of two, at most %d", MAX_SIZE);
        return;
    }
    ring->size = size;
    ring->data = g_malloc(size);
}

static int ringbuf_write(Chardev *chr, const uint8_t *buf, int len)
{
    chardev_ringbuf_put(CHARDEV_RINGBUF(chr), buf, len);
    return len;
}

void chardev_ringbuf_put(ChardevRing *ring, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ring->data[ring->end++ & (ring->size - 1)] = buf[i];
    }
    if (ring->end - ring->begin > ring->size) {
        ring->begin = ring->end - ring->size;
    }
}

GByteArray *chardev_ringbuf_take(ChardevRing *ring, size_t max)
{
    GByteArray *bytes = g_byte_array_new();

    while (ring->begin != ring->end && bytes->len < max) {
        g_byte_array_append(bytes, &ring->data[ring->begin++ & (ring->size - 1)], 1);
    }
    return bytes;
}

static void ringbuf_finalize(Object *obj)
{
    g_free(CHARDEV_RINGBUF(obj)->data);
}

static void ringbuf_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->options = ringbuf_options;
    cc->parse = ringbuf_parse;
    cc->open = ringbuf_open;
    cc->chr_write = ringbuf_write;
}

static const TypeInfo ringbuf_types[] = {
    {
        .name = TYPE_CHARDEV_RINGBUF,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(ChardevRing),
        .instance_finalize = ringbuf_finalize,
        .class_init = ringbuf_class_init,
    },
    { .name = TYPE_CHARDEV_MEMORY, .parent = TYPE_CHARDEV_RINGBUF },
};
DEFINE_TYPES(ringbuf_types)
