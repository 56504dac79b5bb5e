/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus over vfio-user: a server of our own for each device, one client.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "qos.h"
#include "vfio-user/client.h"

#define MAX_LENT 64
#define MAX_MAPPED 4

typedef struct Lent {
    uint64_t iova;
    size_t size;
    VfuMemory *memory;
} Lent;

typedef struct Mapped {
    void *base;
    size_t length;
} Mapped;

struct QosBus {
    char *dir, *socket, *monitor;
    pid_t server;
    VfuClient *c;
    QTestState *qmp;            /* NULL until somebody wants it */
    Mapped mapped[MAX_MAPPED];
    unsigned nr_mapped;
    Lent lent[MAX_LENT];
    unsigned nr_lent;
    int eventfd[QOS_VECTORS];   /* the first is of all kinds */
};

static uint32_t irq_index(QosIrq irq)
{
    static const uint32_t index[] = { VFU_IRQ_INTX, VFU_IRQ_MSI, VFU_IRQ_MSIX };

    return index[irq];
}

/* --- life --- */

static char **command_line(QosDevice *d)
{
    const char *program = g_getenv("VFU_SERVER");
    g_autofree char *device = qos_arguments(d), *line = NULL, *quoted = NULL;
    g_autoptr(GError) err = NULL;
    char **words = NULL;

    if (!program) {
        g_error("VFU_SERVER is not set: it names the server program");
    }
    quoted = g_shell_quote(program);
    line = g_strdup_printf("%s -machine x-remote -nodefaults -display none %s"
                           " -object vfio-user-server,id=s0,type=unix,device=d0,path=%s%s"
                           " -qmp unix:%s,server=on,wait=off", quoted, device, d->bus->socket,
                           d->driver->server ?: "", d->bus->monitor);
    if (!g_shell_parse_argv(line, NULL, &words, &err)) {
        g_error("%s: %s", line, err->message);
    }
    return words;
}

static void start_server(QosDevice *d)
{
    QosBus *bus = d->bus;
    g_auto(GStrv) words = NULL;

    bus->dir = g_dir_make_tmp("libqos-XXXXXX", NULL);
    bus->socket = g_build_filename(bus->dir, "d0.sock", NULL);
    bus->monitor = g_build_filename(bus->dir, "qmp", NULL);
    words = command_line(d);
    bus->server = fork();
    if (bus->server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* The TAP stream is the test's own. */
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execv(words[0], words);
        _exit(127);
    }
}

static void connect_to_server(QosBus *bus)
{
    for (int tries = 0; !bus->c; tries++) {
        Error *err = NULL;

        bus->c = vfu_client_open(bus->socket, NULL, &err);
        if (err && (tries == 1000 || waitpid(bus->server, NULL, WNOHANG) == bus->server)) {
            g_error("no server: %s", error_get_pretty(err));
        }
        error_free(err);
        if (!bus->c) {
            g_usleep(10 * 1000);
        }
    }
}

static void vfu_bus_start(QosDevice *d)
{
    d->bus = g_new0(QosBus, 1);
    for (unsigned i = 0; i < QOS_VECTORS; i++) {
        d->bus->eventfd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    start_server(d);
    connect_to_server(d->bus);
}

static void end_server(QosBus *bus)
{
    int status;

    kill(bus->server, SIGTERM);
    waitpid(bus->server, &status, 0);
    /* A sanitizer's finding or a crash in the server is a failure of the test. */
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void remove_files(QosBus *bus)
{
    unlink(bus->socket);
    unlink(bus->monitor);
    rmdir(bus->dir);
    g_free(bus->socket);
    g_free(bus->monitor);
    g_free(bus->dir);
}

static void vfu_bus_end(QosDevice *d)
{
    QosBus *bus = d->bus;

    vfu_client_free(bus->c);
    end_server(bus);
    qtest_detach(bus->qmp);
    for (unsigned i = 0; i < bus->nr_mapped; i++) {
        munmap(bus->mapped[i].base, bus->mapped[i].length);
    }
    for (unsigned i = 0; i < bus->nr_lent; i++) {
        vfu_memory_free(bus->lent[i].memory);
    }
    for (unsigned i = 0; i < QOS_VECTORS; i++) {
        close(bus->eventfd[i]);
    }
    remove_files(bus);
    g_free(bus);
}

/* --- accesses --- */

static uint64_t vfu_bus_read(QosDevice *d, unsigned region, uint64_t offset, unsigned width)
{
    uint64_t value = 0;

    g_assert_cmpint(vfu_client_read(d->bus->c, region, offset, &value, width), ==, 0);
    return GUINT64_FROM_LE(value);
}

static void vfu_bus_write(QosDevice *d, unsigned region, uint64_t offset, unsigned width,
                          uint64_t value)
{
    g_assert_cmpint(vfu_client_writen(d->bus->c, region, offset, width, value), ==, 0);
}

static uint64_t vfu_bus_region_size(QosDevice *d, unsigned bar)
{
    VfuClientRegion r;
    uint64_t size;

    g_assert_cmpint(vfu_client_get_region(d->bus->c, bar, &r), ==, 0);
    size = r.size;
    vfu_client_region_clear(&r);
    return size;
}

static void vfu_bus_reset(QosDevice *d)
{
    g_assert_cmpint(vfu_client_reset(d->bus->c), ==, 0);
}

static bool vfu_bus_alive(QosDevice *d)
{
    VfuDeviceInfo info;

    return vfu_client_get_info(d->bus->c, &info) == 0 && vfu_client_alive(d->bus->c);
}

/* --- memory --- */

static void vfu_bus_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how)
{
    VfuMemory *m = vfu_memory_new(size, &error_abort);

    g_assert_cmpuint(d->bus->nr_lent, <, MAX_LENT);
    d->bus->lent[d->bus->nr_lent++] = (Lent) { iova, size, m };
    g_assert_cmpint(vfu_client_dma_map(d->bus->c, m, 0, iova, size, 3, how == QOS_SHARED), ==,
                    0);
}

static void vfu_bus_take_back(QosDevice *d, uint64_t iova, size_t size)
{
    g_assert_cmpint(vfu_client_dma_unmap(d->bus->c, iova, size, NULL), ==, 0);
}

static uint8_t *find_lent(QosBus *bus, uint64_t iova, size_t size)
{
    /* What was lent last at a place is there now. */
    for (unsigned i = bus->nr_lent; i-- > 0;) {
        const Lent *l = &bus->lent[i];

        if (iova >= l->iova && iova - l->iova <= l->size && size <= l->size - (iova - l->iova)) {
            return (uint8_t *)vfu_memory_data(l->memory) + (iova - l->iova);
        }
    }
    g_error("0x%" PRIx64 " is not lent", iova);
}

static void vfu_bus_mem_read(QosDevice *d, uint64_t iova, void *data, size_t size)
{
    memcpy(data, find_lent(d->bus, iova, size), size);
}

static void vfu_bus_mem_write(QosDevice *d, uint64_t iova, const void *data, size_t size)
{
    memcpy(find_lent(d->bus, iova, size), data, size);
}

static void vfu_bus_serve(QosDevice *d, double seconds)
{
    g_assert_cmpint(vfu_client_serve(d->bus->c, seconds * 1e9), ==, 0);
}

static double vfu_bus_now(QosDevice *d)
{
    return g_get_monotonic_time() / 1e6;
}

/* --- interrupts --- */

static void vfu_bus_irq_bind(QosDevice *d, QosIrq irq, bool on)
{
    int fd = on ? d->bus->eventfd[0] : -1;

    g_assert_cmpint(vfu_client_irq_bind(d->bus->c, irq_index(irq), 0, 1, &fd), ==, 0);
}

static void vfu_bus_irq_unmask(QosDevice *d)
{
    g_assert_cmpint(vfu_client_irq_unmask(d->bus->c, VFU_IRQ_INTX, 0, 1), ==, 0);
}

static void vfu_bus_vector_bind(QosDevice *d, unsigned vector, bool on)
{
    int fd = on ? d->bus->eventfd[vector] : -1;

    g_assert_cmpint(vfu_client_irq_bind(d->bus->c, VFU_IRQ_MSIX, vector, 1, &fd), ==, 0);
}

static unsigned vfu_bus_vector_count(QosDevice *d, unsigned vector)
{
    uint64_t count;

    return read(d->bus->eventfd[vector], &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static unsigned vfu_bus_irq_count(QosDevice *d)
{
    return vfu_bus_vector_count(d, 0);
}

/* --- more --- */

static void *vfu_bus_map(QosDevice *d, unsigned bar, uint64_t offset, uint64_t size)
{
    Mapped *m = &d->bus->mapped[d->bus->nr_mapped];
    VfuClientRegion r;
    void *at = NULL;

    g_assert_cmpuint(d->bus->nr_mapped, <, MAX_MAPPED);
    g_assert_cmpint(vfu_client_get_region(d->bus->c, bar, &r), ==, 0);
    if (r.fd >= 0) {
        at = vfu_client_region_map(&r, offset, size, &m->base, &m->length);
    }
    d->bus->nr_mapped += at != NULL;
    vfu_client_region_clear(&r);
    return at;
}

static QTestState *vfu_bus_qmp(QosDevice *d)
{
    if (!d->bus->qmp) {
        d->bus->qmp = qtest_attach(d->bus->server, d->bus->monitor);
    }
    return d->bus->qmp;
}

static pid_t vfu_bus_pid(QosDevice *d)
{
    return d->bus->server;
}

const QosBusOps qos_bus_vfio_user = {
    .name = "vfio-user",
    .can = QOS_CAN_TAKE_BACK | QOS_CAN_MESSAGES | QOS_CAN_RESET | QOS_CAN_MAP,
    .start = vfu_bus_start, .end = vfu_bus_end,
    .read = vfu_bus_read, .write = vfu_bus_write, .region_size = vfu_bus_region_size,
    .reset = vfu_bus_reset, .alive = vfu_bus_alive,
    .lend = vfu_bus_lend, .take_back = vfu_bus_take_back,
    .mem_read = vfu_bus_mem_read, .mem_write = vfu_bus_mem_write,
    .irq_bind = vfu_bus_irq_bind, .irq_unmask = vfu_bus_irq_unmask,
    .irq_count = vfu_bus_irq_count, .vector_bind = vfu_bus_vector_bind,
    .vector_count = vfu_bus_vector_count, .map = vfu_bus_map, .qmp = vfu_bus_qmp,
    .pid = vfu_bus_pid, .serve = vfu_bus_serve, .now = vfu_bus_now,
};
