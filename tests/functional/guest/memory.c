/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that a device may reach: a huge page, by physical address or IOVA. */
#include "tool.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE (2u << 20)
#define EDU_LIMIT (1ull << 28)
#define PAGES 8

static uint64_t physical(void *host)
{
    uint64_t entry = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)host / 4096 * 8) != 8 || !(entry >> 63)) {
        fail("/proc/self/pagemap knows nothing of %p", host);
    }
    close(fd);
    return (entry & ((1ull << 55) - 1)) * 4096;
}

static void *huge_page(void)
{
    void *host = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);

    if (host == MAP_FAILED) {
        fail("no huge page: %m");
    }
    memset(host, 0, HUGE);
    return host;
}

Buffer buffer_new(Device *dev, size_t size)
{
    Buffer b = { .size = size };

    if (size > HUGE) {
        fail("a buffer has at most 2 MiB");
    }
    if (dev->via == VIA_VFIO) {
        b.host = huge_page();
        b.dma = vfio_map(dev, b.host, HUGE);
        return b;
    }
    for (int i = 0; i < PAGES; i++) {
        b.host = huge_page();
        b.dma = physical(b.host);
        if (b.dma < EDU_LIMIT) {
            return b;
        }
    }
    fail("no huge page below 256 MiB");
}
