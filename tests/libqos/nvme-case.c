/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "nvme-case.h"

typedef struct Case {
    const QosBusOps *bus;
    QosDriver driver;
    const QNCase *row;
} Case;

static const QNRig one_file = { .disk = { { QN_MEDIUM_FILE } } };

static void run(gconstpointer opaque)
{
    const Case *c = opaque;
    QosDevice *d = qos_device_new(c->bus, &c->driver);
    QNvme *n = qn_of(d);

    if (!c->row->raw) {
        qn_start(n);
    }
    c->row->run(n);
    g_assert_true(qos_alive(d));
    qos_device_free(d);
}

/* GLib frees only the data of cases that it runs, and -p leaves some out. */
static void add(GPtrArray *all, const QosBusOps *bus, const QNCase *row)
{
    g_autofree char *path = g_strdup_printf("/nvme/%s/%s", bus->name, row->name);
    Case *c = g_new(Case, 1);

    *c = (Case) { bus, qos_nvme, row };
    c->driver.rig = row->rig ?: &one_file;
    c->driver.server = row->rig ? row->rig->server : NULL;
    g_ptr_array_add(all, c);
    g_test_add_data_func(path, c, run);
}

int qn_cases_run(int argc, char **argv, const QNCase *cases)
{
    static const QosBusOps *const buses[] = { &qos_bus_vfio_user, &qos_bus_qtest };
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

    g_test_init(&argc, &argv, NULL);
    for (unsigned b = 0; b < G_N_ELEMENTS(buses); b++) {
        for (const QNCase *row = cases; row->name; row++) {
            if ((buses[b]->can & row->needs) == row->needs && (!row->slow || g_test_slow())) {
                add(all, buses[b], row);
            }
        }
    }
    return g_test_run();
}

/* --- what cases look at --- */

void qn_assert_memory(QNvme *n, uint64_t iova, const void *data, size_t len)
{
    g_autofree uint8_t *there = g_malloc(len);

    if (len) {                  /* g_malloc() gives no memory for none */
        qos_mem_read(n->d, iova, there, len);
        g_assert_cmpmem(there, len, data, len);
    }
}

void qn_assert_filled(QNvme *n, uint64_t iova, uint8_t value, size_t len)
{
    g_autofree uint8_t *data = g_malloc(len);

    memset(data, value, len);
    qn_assert_memory(n, iova, data, len);
}

void qn_assert_works(QNvme *n)
{
    static unsigned seed;
    uint64_t mark = n->next, iova = qn_alloc(n, QN_PAGE);
    uint8_t data[QN_PAGE];

    qn_pattern(data, sizeof(data), ++seed);
    qos_mem_write(n->d, iova, data, sizeof(data));
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 8, 8, iova, QN_PAGE), ==, QN_OK);
    qos_mem_set(n->d, iova, 0xee, QN_PAGE);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 8, 8, iova, QN_PAGE), ==, QN_OK);
    qn_assert_memory(n, iova, data, sizeof(data));
    qn_rewind(n, mark);
}

void qn_ask_event(QNvme *n)
{
    QNSqe cmd = { .opcode = QN_ASYNC_EVENT };

    qn_submit(n, &n->admin, &cmd);
}

uint32_t qn_take_event(QNvme *n)
{
    QNCqe cqe = { 0 };

    g_assert_true(qn_wait(n, &n->admin_cq, &cqe, QN_SECONDS));
    g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
    return cqe.dw0;
}
