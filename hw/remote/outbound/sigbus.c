/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SIGBUS handler and the copy that it protects; see sigbus.h.
 *
 * Window records are never freed, only reused: the handler may look at a
 * record while another thread retires it, and must find memory there. A record
 * is published by storing its size last and retired by storing zero first.
 */
#include "qemu/osdep.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "outbound/sigbus.h"

static SigbusWindow *windows;
static SigbusWindow *free_windows;      /* under windows_lock, like the links */
static pthread_mutex_t windows_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction previous;
static __thread sigjmp_buf *volatile copy_escape;

static SigbusWindow *window_of(uintptr_t addr)
{
    SigbusWindow *w;

    for (w = __atomic_load_n(&windows, __ATOMIC_ACQUIRE); w; w = w->next) {
        size_t size = __atomic_load_n(&w->size, __ATOMIC_ACQUIRE);

        if (size && addr - __atomic_load_n(&w->base, __ATOMIC_RELAXED) < size) {
            return w;
        }
    }
    return NULL;
}

static bool replace_tail(uintptr_t addr)
{
    SigbusWindow *w = window_of(addr);
    uintptr_t first;

    if (!w) {
        return false;
    }
    first = addr - (addr - w->base) % w->page;
    __atomic_store_n(&w->torn, true, __ATOMIC_RELAXED);
    return mmap((void *)first, w->base + w->size - first, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == (void *)first;
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    sigjmp_buf *escape = copy_escape;

    if (info->si_code == BUS_ADRERR) {
        if (escape) {
            copy_escape = NULL;
            /* As a return from here would do; sigsetjmp() saves no mask. */
            pthread_sigmask(SIG_SETMASK, &((ucontext_t *)context)->uc_sigmask, NULL);
            siglongjmp(*escape, 1);
        }
        if (replace_tail((uintptr_t)info->si_addr)) {
            return;
        }
    }
    /* Not ours: the old disposition, at the same instruction. */
    sigaction(sig, &previous, NULL);
}

void sigbus_init(void)
{
    struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };
    static gsize once;

    if (g_once_init_enter(&once)) {
        sigemptyset(&action.sa_mask);
        sigaction(SIGBUS, &action, &previous);
        g_once_init_leave(&once, 1);
    }
}

SigbusWindow *sigbus_window_add(void *base, size_t size, size_t page)
{
    SigbusWindow *w;

    pthread_mutex_lock(&windows_lock);
    w = free_windows;
    if (w) {
        free_windows = w->next_free;
    } else {
        w = g_new0(SigbusWindow, 1);
        w->next = windows;
        __atomic_store_n(&windows, w, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&w->base, (uintptr_t)base, __ATOMIC_RELAXED);
    w->page = page;             /* read by those who use the window only */
    __atomic_store_n(&w->torn, false, __ATOMIC_RELAXED);
    __atomic_store_n(&w->size, size, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&windows_lock);
    return w;
}

void sigbus_window_remove(SigbusWindow *w)
{
    if (!w) {
        return;
    }
    pthread_mutex_lock(&windows_lock);
    __atomic_store_n(&w->size, 0, __ATOMIC_RELEASE);
    w->next_free = free_windows;
    free_windows = w;
    pthread_mutex_unlock(&windows_lock);
}

#define COPY_ONE(type) \
    __atomic_store_n((type *)dst, __atomic_load_n((const type *)src, __ATOMIC_RELAXED), \
                     __ATOMIC_RELAXED)

static void copy_bytes(void *dst, const void *src, size_t len)
{
    bool aligned = !(((uintptr_t)dst | (uintptr_t)src) & (len - 1));

    switch (aligned ? len : 0) {
    case 1: COPY_ONE(uint8_t); break;
    case 2: COPY_ONE(uint16_t); break;
    case 4: COPY_ONE(uint32_t); break;
    case 8: COPY_ONE(uint64_t); break;
    default: memmove(dst, src, len); break;     /* a device may copy client memory onto itself */
    }
}

bool client_memory_copy(void *dst, const void *src, size_t len)
{
    sigjmp_buf escape;

    if (sigsetjmp(escape, 0)) {
        return false;
    }
    copy_escape = &escape;
    /* The compiler may not move the copy out of the protected span. */
    __asm__ volatile("" ::: "memory");
    copy_bytes(dst, src, len);
    __asm__ volatile("" ::: "memory");
    copy_escape = NULL;
    return true;
}
