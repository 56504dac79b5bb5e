/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of guest-tool, one row for each; see tool.h. */
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void fail(const char *format, ...)
{
    va_list ap;
    int error = errno;

    va_start(ap, format);
    printf("FAIL: ");
    errno = error;
    vprintf(format, ap);
    printf("\n");
    va_end(ap);
    exit(1);
}

uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);

    if (*end || end == text) {
        fail("'%s' is no number", text);
    }
    return value;
}

uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void write_file(const char *value, const char *format, ...)
{
    char path[256];
    va_list ap;
    int fd;

    va_start(ap, format);
    vsnprintf(path, sizeof(path), format, ap);
    va_end(ap);
    fd = open(path, O_WRONLY);
    if (fd < 0 || write(fd, value, strlen(value)) < 0) {
        fail("%s: %m", path);
    }
    close(fd);
}

static int list(int argc, char **argv)
{
    device_list();
    return 0;
}

static int bar_get(int argc, char **argv)
{
    Device dev;

    device_open(&dev, argv[0], VIA_SYSFS);
    printf("value=0x%llx\n", (unsigned long long)bar_read(&dev, number(argv[1]), number(argv[2]),
                                                          number(argv[3])));
    return 0;
}

static int bar_set(int argc, char **argv)
{
    Device dev;

    device_open(&dev, argv[0], VIA_SYSFS);
    bar_write(&dev, number(argv[1]), number(argv[2]), number(argv[3]), number(argv[4]));
    return 0;
}

static int config_get(int argc, char **argv)
{
    Device dev;

    device_open(&dev, argv[0], VIA_SYSFS);
    printf("value=0x%llx\n",
           (unsigned long long)config_read(&dev, number(argv[1]), number(argv[2])));
    return 0;
}

static int config_set(int argc, char **argv)
{
    Device dev;

    device_open(&dev, argv[0], VIA_SYSFS);
    config_write(&dev, number(argv[1]), number(argv[2]), number(argv[3]));
    return 0;
}

/* Reads one register for some time; what matters is the slowest read. */
static int latency(int argc, char **argv)
{
    Device dev;
    uint64_t count = 0, begun, end;

    device_open(&dev, argv[0], VIA_SYSFS);
    begun = now_ns();
    end = begun + number(argv[3]) * 1000000;
    do {
        bar_read(&dev, number(argv[1]), number(argv[2]), 4);
        count++;
    } while (now_ns() < end);
    printf("reads=%llu\nmean_us=%llu\nslowest_us=%llu\n", (unsigned long long)count,
           (unsigned long long)((now_ns() - begun) / count / 1000),
           (unsigned long long)bar_slowest() / 1000);
    return 0;
}

static const struct {
    const char *name;
    int least;
    int (*run)(int argc, char **argv);
    const char *usage;
} verbs[] = {
    { "list", 0, list, "" },
    { "read", 4, bar_get, "BDF BAR OFFSET WIDTH" },
    { "write", 5, bar_set, "BDF BAR OFFSET WIDTH VALUE" },
    { "config-read", 3, config_get, "BDF OFFSET WIDTH" },
    { "config-write", 4, config_set, "BDF OFFSET WIDTH VALUE" },
    { "latency", 4, latency, "BDF BAR OFFSET MILLISECONDS" },
    { "edu-registers", 1, edu_registers, "BDF" },
    { "edu-interrupt", 3, edu_interrupt, "BDF uio|intx|msi|msi-raw ROUNDS" },
    { "edu-dma", 4, edu_dma, "BDF none|uio|intx|msi|msi-raw BYTES ROUNDS [vfio]" },
    { "engine-check", 2, engine_check, "BDF none|uio|intx|msix|msix-raw [vfio]" },
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (argc > 1 && !strcmp(argv[1], verbs[i].name)) {
            if (argc - 2 < verbs[i].least) {
                fail("usage: %s %s", verbs[i].name, verbs[i].usage);
            }
            return verbs[i].run(argc - 2, argv + 2);
        }
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        printf("guest-tool %s %s\n", verbs[i].name, verbs[i].usage);
    }
    return 2;
}
