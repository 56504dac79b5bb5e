/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command costs in the controller and the block layer, without a transport:
 * 4 KiB reads from a null-co node, in mapped memory of the rig, found by the poller's
 * look. bench-nvme-commands [depth [read-zeroes [seconds]]]. Not a test.
 */
#include "qemu/osdep.h"
#include "exec/shared-io.h"
#include "nvme-rig.h"

enum { ENTRIES = 256, PER_LOOK = 1000 };

static void submit(NvmeRig *rig, unsigned depth, uint64_t data)
{
    volatile uint32_t *page = memory_region_shared_io_ptr(&nvme_rig_ctrl(rig)->doorbell_region);
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, 8, 0, 0);

    for (unsigned i = 0; i < depth; i++) {
        cmd.dptr[0] = data + i * 4096;
        nvme_rig_put(rig, &rig->io, cmd);
    }
    page[2] = rig->io.tail;
}

static unsigned reap(NvmeRig *rig)
{
    volatile uint32_t *page = memory_region_shared_io_ptr(&nvme_rig_ctrl(rig)->doorbell_region);
    NvmeCqe *ring = nvme_rig_at(rig, rig->io.cq);
    unsigned count = 0;

    while ((ring[rig->io.head].status & 1) == rig->io.phase) {
        g_assert_cmpuint(nvme_cqe_status(ring[rig->io.head]), ==, 0);
        rig->io.head = (rig->io.head + 1) % ENTRIES;
        rig->io.phase ^= rig->io.head == 0;
        count++;
    }
    page[3] = rig->io.head;
    return count;
}

/* Of this thread: the machine may be busy with other things. */
static int64_t cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

int main(int argc, char **argv)
{
    unsigned depth = argc > 1 ? atoi(argv[1]) : 32;
    bool zeroes = argc > 2 && atoi(argv[2]);
    double seconds = argc > 3 ? atof(argv[3]) : 1;
    NvmeRig *rig;
    uint64_t data, done = 0;
    int64_t start, in_client, now;

    nvme_rig_setup(&argc, &argv);
    nvme_rig_add_node(zeroes ? "{'driver': 'null-co', 'node-name': 'n0', 'size': 1073741824,"
                               " 'read-zeroes': true}"
                             : "{'driver': 'null-co', 'node-name': 'n0', 'size': 1073741824}");
    rig = nvme_rig_new_on("n0", "mmap-doorbells=on");
    nvme_rig_start(rig, ENTRIES);
    data = nvme_rig_alloc(rig, depth * 4096);
    start = cpu_ns();
    do {
        for (unsigned i = 0; i < PER_LOOK; i++) {
            submit(rig, depth, data);
            aio_poll(qemu_get_aio_context(), false);
            done += reap(rig);
        }
        now = cpu_ns();
    } while (now - start < seconds * 1e9);
    for (unsigned i = 0; i < PER_LOOK * 10; i++) {
        submit(rig, depth, data);
        rig->io.head = rig->io.tail;
    }
    in_client = (cpu_ns() - now) / (PER_LOOK * 10 * depth);
    printf("depth %u read-zeroes %d: %.1f ns a command, of which %" PRId64 " in the client\n",
           depth, zeroes, (double)(now - start) / done, in_client);
    fflush(stdout);
    _exit(0);
}
