/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of stdin and stdout, and their terminal.
 *
 * The signal handlers call only what is safe there: tcsetattr(), tcgetpgrp()
 * and sigaction(). A signal that somebody handles or ignores already is left
 * alone. What ends the process orderly (SIGTERM, ctrl-c) needs no handler.
 */
#include "qemu/osdep.h"
#include "io/stdio.h"
#include "qapi/error.h"

#include <termios.h>

static bool claimed;
static bool is_raw;             /* changes before and after the handlers are there */
static struct termios found, raw;

bool io_stdio_claim(Error **errp)
{
    if (claimed) {
        error_setg(errp, "stdio is used by another monitor or character device: give"
                   " this one a socket");
        return false;
    }
    claimed = true;
    return true;
}

static bool in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void restore(void)
{
    if (is_raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &found);
    }
}

static void set_handler(int sig, void (*fn)(int sig), int flags)
{
    struct sigaction action = { .sa_handler = fn, .sa_flags = flags };

    sigemptyset(&action.sa_mask);
    sigaction(sig, &action, NULL);
}

/* A handler is gone while it runs (SA_RESETHAND): the signal then does its own. */
static void end(int sig)
{
    restore();
    raise(sig);
}

static void stop(int sig);

static void continued(int sig)
{
    if (is_raw && in_foreground()) {
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    set_handler(SIGTSTP, stop, SA_RESETHAND | SA_NODEFER | SA_RESTART);
}

/* The kernel does not stop a job that no shell could continue: then it goes on at once. */
static void stop(int sig)
{
    restore();
    raise(sig);
    continued(SIGCONT);
}

static bool is_free(int sig)
{
    struct sigaction action;

    return sigaction(sig, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

static void set_handlers(void)
{
    static const int ends[] = { SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE };

    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        if (is_free(ends[i])) {
            set_handler(ends[i], end, SA_RESETHAND | SA_NODEFER);
        }
    }
    if (is_free(SIGTSTP) && is_free(SIGCONT)) {
        set_handler(SIGTSTP, stop, SA_RESETHAND | SA_NODEFER | SA_RESTART);
        set_handler(SIGCONT, continued, SA_RESTART);
    }
}

void io_stdio_set_raw(void)
{
    static bool prepared;

    if (!isatty(STDIN_FILENO) || !in_foreground() || tcgetattr(STDIN_FILENO, &found) < 0) {
        return;
    }
    raw = found;
    raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    is_raw = true;
    if (!prepared) {
        prepared = true;
        set_handlers();
        atexit(restore);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void io_stdio_release(void)
{
    restore();
    is_raw = false;
    claimed = false;
}
