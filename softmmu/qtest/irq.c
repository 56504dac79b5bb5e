/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of interrupt lines' changes; see irq.h. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/lockable.h"
#include "irq.h"

#define MAX_BYTES (256 * 1024)

static struct {
    QemuMutex lock;
    GString *text;
    bool lost;
    QEMUBH *ready;
} queue = { .lock = QEMU_MUTEX_INITIALIZER };

void qtest_irq_event(int n, bool level)
{
    QEMU_LOCK_GUARD(&queue.lock);

    if (!queue.text) {
        return;
    }
    if (queue.text->len > MAX_BYTES) {
        queue.lost = true;
    } else {
        g_string_append_printf(queue.text, "IRQ %s %d\n", level ? "raise" : "lower", n);
    }
    qemu_bh_schedule(queue.ready);
}

bool qtest_irq_collect(GString *out)
{
    bool lost;
    QEMU_LOCK_GUARD(&queue.lock);

    g_string_append_len(out, queue.text->str, queue.text->len);
    g_string_truncate(queue.text, 0);
    lost = queue.lost;
    queue.lost = false;
    return !lost;
}

void qtest_irq_init(void (*ready)(void *opaque), void *opaque)
{
    QEMU_LOCK_GUARD(&queue.lock);

    queue.text = g_string_new(NULL);
    queue.ready = aio_bh_new(aio_context_main(), ready, opaque);
}

void qtest_irq_cleanup(void)
{
    QEMU_LOCK_GUARD(&queue.lock);

    if (queue.text) {
        g_string_free(queue.text, TRUE);
        queue.text = NULL;
        g_clear_pointer(&queue.ready, qemu_bh_delete);
    }
}
