/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Config space and BARs of one PCI function, and the list of all functions. */
#include "tool.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t slowest_ns;

static void sysfs_path(char *path, size_t size, const char *bdf, const char *name)
{
    snprintf(path, size, "/sys/bus/pci/devices/%s/%s", bdf, name);
}

static FILE *sysfs_file(const char *bdf, const char *name)
{
    char path[256];
    FILE *f;

    sysfs_path(path, sizeof(path), bdf, name);
    f = fopen(path, "r");
    if (!f) {
        fail("%s: %m", path);
    }
    return f;
}

static uint64_t sysfs_number(const char *bdf, const char *name)
{
    FILE *f = sysfs_file(bdf, name);
    char text[64] = "";

    if (!fgets(text, sizeof(text), f)) {
        fail("%s: empty", name);
    }
    fclose(f);
    return strtoull(text, NULL, 0);
}

static void bar_sizes(Device *dev)
{
    FILE *f = sysfs_file(dev->bdf, "resource");
    unsigned long long first, last, flags;

    for (int i = 0; i < 6; i++) {
        if (fscanf(f, "%llx %llx %llx", &first, &last, &flags) != 3) {
            fail("%s: resource file has no line %d", dev->bdf, i);
        }
        dev->bar_size[i] = flags ? last - first + 1 : 0;
    }
    fclose(f);
}

/* A bound driver has enabled the device already, and the kernel says busy. */
static void enable(const char *bdf)
{
    char path[256];
    int fd;

    sysfs_path(path, sizeof(path), bdf, "driver");
    if (access(path, F_OK)) {
        sysfs_path(path, sizeof(path), bdf, "enable");
        fd = open(path, O_WRONLY);
        if (fd < 0 || write(fd, "1", 1) != 1) {
            fail("%s: %m", path);
        }
        close(fd);
    }
}

void device_open(Device *dev, const char *bdf, Via via)
{
    char path[256];

    *dev = (Device) { .bdf = bdf, .via = via, .container = -1, .group = -1, .vfio = -1,
                      .next_iova = 0x1000000 };
    bar_sizes(dev);
    if (via == VIA_VFIO) {
        vfio_open(dev);
    } else {
        sysfs_path(path, sizeof(path), bdf, "config");
        dev->config_fd = open(path, O_RDWR);
        if (dev->config_fd < 0) {
            fail("%s: %m", path);
        }
        enable(bdf);
    }
    config_enable(dev);
}

/* --- config space --- */

uint64_t config_read(Device *dev, unsigned offset, unsigned width)
{
    uint64_t value = 0;

    if (pread(dev->config_fd, &value, width, dev->config_base + offset) != width) {
        fail("config read of %u bytes at 0x%x: %m", width, offset);
    }
    return value;
}

void config_write(Device *dev, unsigned offset, unsigned width, uint64_t value)
{
    if (pwrite(dev->config_fd, &value, width, dev->config_base + offset) != width) {
        fail("config write of %u bytes at 0x%x: %m", width, offset);
    }
}

unsigned config_capability(Device *dev, uint8_t id)
{
    unsigned at = config_read(dev, 0x34, 1) & ~3u;

    for (int hops = 0; at >= 0x40 && hops < 48; hops++) {
        if (config_read(dev, at, 1) == id) {
            return at;
        }
        at = config_read(dev, at + 1, 1) & ~3u;
    }
    return 0;
}

void config_enable(Device *dev)
{
    config_write(dev, 4, 2, config_read(dev, 4, 2) | 7);
}

/* --- BARs --- */

void bar_map(Device *dev, unsigned bar)
{
    char path[256], name[16];
    void *map;
    int fd;

    if (bar > 5 || !dev->bar_size[bar]) {
        fail("%s has no BAR %u", dev->bdf, bar);
    }
    if (dev->via == VIA_VFIO) {
        vfio_bar(dev, bar);
        return;
    }
    snprintf(name, sizeof(name), "resource%u", bar);
    sysfs_path(path, sizeof(path), dev->bdf, name);
    fd = open(path, O_RDWR | O_SYNC);
    map = fd < 0 ? MAP_FAILED : mmap(NULL, dev->bar_size[bar], PROT_READ | PROT_WRITE,
                                     MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        fail("%s: %m", path);
    }
    dev->bar[bar] = map;
}

static volatile uint8_t *bar_at(Device *dev, unsigned bar, uint64_t offset, unsigned width)
{
    if (bar > 5 || !dev->bar[bar]) {
        bar_map(dev, bar);
    }
    if (offset >= dev->bar_size[bar] || dev->bar_size[bar] - offset < width) {
        fail("offset 0x%llx lies outside BAR %u", (unsigned long long)offset, bar);
    }
    return dev->bar[bar] + offset;
}

static void note_time(uint64_t begun)
{
    uint64_t took = now_ns() - begun;

    slowest_ns = took > slowest_ns ? took : slowest_ns;
}

uint64_t bar_slowest(void)
{
    return slowest_ns;
}

uint64_t bar_read(Device *dev, unsigned bar, uint64_t offset, unsigned width)
{
    volatile uint8_t *at = bar_at(dev, bar, offset, width);
    uint64_t begun = now_ns();
    uint64_t value;

    switch (width) {
    case 1:
        value = *at;
        break;
    case 2:
        value = *(volatile uint16_t *)at;
        break;
    case 4:
        value = *(volatile uint32_t *)at;
        break;
    default:
        value = *(volatile uint64_t *)at;
        break;
    }
    note_time(begun);
    return value;
}

void bar_write(Device *dev, unsigned bar, uint64_t offset, unsigned width, uint64_t value)
{
    volatile uint8_t *at = bar_at(dev, bar, offset, width);
    uint64_t begun = now_ns();

    switch (width) {
    case 1:
        *at = value;
        break;
    case 2:
        *(volatile uint16_t *)at = value;
        break;
    case 4:
        *(volatile uint32_t *)at = value;
        break;
    default:
        *(volatile uint64_t *)at = value;
        break;
    }
    note_time(begun);
}

/* --- the list --- */

static void list_one(const char *bdf)
{
    FILE *f = sysfs_file(bdf, "resource");
    unsigned long long first, last, flags;

    printf("%s %04x:%04x class=%06x", bdf, (unsigned)sysfs_number(bdf, "vendor"),
           (unsigned)sysfs_number(bdf, "device"), (unsigned)sysfs_number(bdf, "class"));
    for (int i = 0; i < 6; i++) {
        if (fscanf(f, "%llx %llx %llx", &first, &last, &flags) == 3 && flags) {
            printf(" bar%d=%llx+%llx/%s%s%s", i, first, last - first + 1,
                   flags & 0x100 ? "io" : "mem", flags & 0x100000 ? "64" : "",
                   flags & 0x2000 ? "p" : "");
        }
    }
    fclose(f);
    printf("\n");
}

void device_list(void)
{
    struct dirent **names;
    int count = scandir("/sys/bus/pci/devices", &names, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            list_one(names[i]->d_name);
        }
    }
}
