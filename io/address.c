/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing of channel addresses. */
#include "qemu/osdep.h"
#include "io/address.h"

#include <netinet/in.h>
#include <sys/un.h>

/* One byte of sun_path is the terminating NUL. */
#define UNIX_PATH_MAX_LEN (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

static bool parse_unix(const char *path, IOAddress *addr, Error **errp)
{
    if (!*path) {
        error_setg(errp, "the path of the UNIX socket is missing: write unix:PATH");
        return false;
    }
    if (strlen(path) > UNIX_PATH_MAX_LEN) {
        error_setg(errp, "UNIX socket path '%s' is too long: %zu bytes, at most %zu are"
                   " possible; choose a shorter folder", path, strlen(path),
                   UNIX_PATH_MAX_LEN);
        return false;
    }
    addr->kind = IO_ADDRESS_UNIX;
    addr->path = g_strdup(path);
    return true;
}

static bool parse_host(const char *host, IOAddress *addr, Error **errp)
{
    addr->ipv6 = !strcmp(host, "::1") || !strcmp(host, "[::1]");
    if (addr->ipv6 || !strcmp(host, "127.0.0.1") || !strcmp(host, "localhost")) {
        return true;
    }
    error_setg(errp, "'%s' is not a loopback address: whoever connects has full control,"
               " so use 127.0.0.1, localhost or ::1 and forward the port", host);
    return false;
}

static bool parse_tcp(const char *text, IOAddress *addr, Error **errp)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon ? g_strndup(text, colon - text) : NULL;
    guint64 port;

    if (!colon) {
        error_setg(errp, "the port is missing in 'tcp:%s': write tcp:HOST:PORT", text);
        return false;
    }
    if (!g_ascii_string_to_unsigned(colon + 1, 10, 0, UINT16_MAX, &port, NULL)) {
        error_setg(errp, "'%s' is not a port: give a number from 0 to 65535", colon + 1);
        return false;
    }
    if (!parse_host(host, addr, errp)) {
        return false;
    }
    addr->kind = IO_ADDRESS_TCP;
    addr->port = port;
    return true;
}

bool io_address_parse(const char *text, IOAddress *addr, Error **errp)
{
    *addr = (IOAddress) { 0 };
    if (g_str_has_prefix(text, "unix:")) {
        return parse_unix(text + 5, addr, errp);
    }
    if (g_str_has_prefix(text, "tcp:")) {
        return parse_tcp(text + 4, addr, errp);
    }
    if (!strcmp(text, "stdio")) {
        addr->kind = IO_ADDRESS_STDIO;
        return true;
    }
    error_setg(errp, "'%s' is not an address: use unix:PATH, tcp:127.0.0.1:PORT or stdio",
               text);
    return false;
}

void io_address_clear(IOAddress *addr)
{
    g_free(addr->path);
    *addr = (IOAddress) { 0 };
}

char *io_address_format(const IOAddress *addr)
{
    switch (addr->kind) {
    case IO_ADDRESS_UNIX:
        return g_strdup_printf("unix:%s", addr->path);
    case IO_ADDRESS_TCP:
        return g_strdup_printf("tcp:%s:%u", addr->ipv6 ? "[::1]" : "127.0.0.1", addr->port);
    case IO_ADDRESS_STDIO:
        return g_strdup("stdio");
    default:
        return g_strdup("none");
    }
}

static socklen_t unix_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_un *un = (struct sockaddr_un *)ss;

    un->sun_family = AF_UNIX;
    g_strlcpy(un->sun_path, addr->path, sizeof(un->sun_path));
    return sizeof(*un);
}

static socklen_t tcp6_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(addr->port);
    in6->sin6_addr = in6addr_loopback;
    return sizeof(*in6);
}

static socklen_t tcp4_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in *in = (struct sockaddr_in *)ss;

    in->sin_family = AF_INET;
    in->sin_port = htons(addr->port);
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(*in);
}

socklen_t io_address_to_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    memset(ss, 0, sizeof(*ss));
    if (addr->kind == IO_ADDRESS_UNIX) {
        return unix_sockaddr(addr, ss);
    }
    g_assert(addr->kind == IO_ADDRESS_TCP);
    return addr->ipv6 ? tcp6_sockaddr(addr, ss) : tcp4_sockaddr(addr, ss);
}
