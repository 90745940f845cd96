/* SPDX-License-Identifier: Apache-2.0 */
/* What a forwarder over kernel sockets does: A receives from one socket and sends to another, a message at a time; B fills the first and empties the second. */
#ifndef BUSBAR_BASELINE_FORWARD_H
#define BUSBAR_BASELINE_FORWARD_H

#include "common.h"
#include "options.h"
#include "process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define FORWARD_BURST 32
#define FORWARD_STOP 1 /* bytes of the message that ends the run; all others are longer */

struct forward_result {
    uint64_t messages, elapsed_ns;
    _Atomic uint32_t done;
};

static void forward_buffer(int fd)
{
    int bytes = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static void forward_unix_pair(int fd[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
        die(EXIT_MISSING, "ipc: cannot create a SOCK_SEQPACKET pair: %s", strerror(errno));
}

/* Two UDP sockets of the loopback interface, each connected to the other. */
static void forward_udp_pair(int fd[2])
{
    struct sockaddr_in name[2];
    for (int i = 0; i < 2; i++) {
        socklen_t length = sizeof name[i];
        name[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd[i] < 0 || bind(fd[i], (struct sockaddr *)&name[i], sizeof name[i]) != 0 ||
            getsockname(fd[i], (struct sockaddr *)&name[i], &length) != 0)
            die(EXIT_MISSING, "ipc: cannot create a UDP socket: %s", strerror(errno));
    }
    for (int i = 0; i < 2; i++)
        if (connect(fd[i], (struct sockaddr *)&name[1 - i], sizeof name[i]) != 0)
            die(EXIT_MISSING, "ipc: cannot connect a UDP socket: %s", strerror(errno));
}

/* A: the forwarder, as one would write it. */
static void forward_bridge(int from, int to, struct forward_result *result)
{
    /* A run ends with a word, which UDP may lose: so look now and then whether B has ended. */
    struct timeval patience = {.tv_usec = 200000};
    setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    static uint8_t buffer[MAX_SIZE];
    for (;;) {
        ssize_t length = recv(from, buffer, sizeof buffer, 0);
        if (length == FORWARD_STOP || (length < 0 && result->done))
            return;
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (length <= 0)
            die(EXIT_RUNTIME, "ipc: forward: recv: %s", strerror(errno));
        if (send(to, buffer, (size_t)length, MSG_NOSIGNAL) != length)
            die(EXIT_RUNTIME, "ipc: forward: send: %s", strerror(errno));
    }
}

static bool forward_would_block(ssize_t result)
{
    if (result >= 0)
        return false;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
        return true;
    die(EXIT_RUNTIME, "ipc: forward: %s", strerror(errno));
}

/* B: generator and sink in one loop, which never sleeps. Counted at the sink, from the first message to the last. */
static void forward_ends(int to, int from, struct forward_result *result)
{
    static uint8_t out_bytes[MAX_SIZE], in_bytes[MAX_SIZE];
    uint64_t first = 0, last = 0, messages = 0, now = now_ns();
    uint64_t end = now + (uint64_t)(opt.seconds * 1e9);
    memset(out_bytes, 0x5a, sizeof out_bytes);
    /* A busy machine may not have let A run in all that time; the alarm bounds the wait. */
    while (now < end || last == first) {
        for (int i = 0; i < FORWARD_BURST; i++)
            if (forward_would_block(send(to, out_bytes, opt.size, MSG_DONTWAIT | MSG_NOSIGNAL)))
                break;
        now = now_ns();
        for (;;) {
            ssize_t length = recv(from, in_bytes, sizeof in_bytes, MSG_DONTWAIT);
            if (forward_would_block(length))
                break;
            if (length != (ssize_t)opt.size || in_bytes[length - 1] != 0x5a)
                die(EXIT_CORRUPT, "ipc: forward: a message was damaged");
            last = now;
            if (messages++ == 0)
                first = now;
        }
    }
    /* A may be waiting for room in the sink, and UDP may lose the word: so it is said several times while the sink is emptied. */
    struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 50; i++) {
        while (recv(from, in_bytes, sizeof in_bytes, MSG_DONTWAIT) > 0)
            ;
        if (send(to, out_bytes, FORWARD_STOP, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != ENOBUFS)
            break;
        nanosleep(&pause, NULL);
    }
    result->messages = messages;
    result->elapsed_ns = last - first;
    result->done = 1;
}

static void run_forward(void)
{
    int in_pair[2], out_pair[2];
    bool udp = strcmp(opt.test, "forward_udp") == 0;
    if (opt.size <= FORWARD_STOP)
        die(EXIT_USAGE, "--size: this test takes 2 to %u", MAX_SIZE);
    struct forward_result *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (result == MAP_FAILED)
        die(EXIT_MISSING, "ipc: cannot map shared memory: %s", strerror(errno));
    (udp ? forward_udp_pair : forward_unix_pair)(in_pair);
    (udp ? forward_udp_pair : forward_unix_pair)(out_pair);
    for (int i = 0; i < 2; i++) {
        forward_buffer(in_pair[i]);
        forward_buffer(out_pair[i]);
    }
    if (start_child(opt.cpu_b, opt.seconds)) {
        forward_ends(in_pair[0], out_pair[1], result);
        _exit(0);
    }
    forward_bridge(in_pair[1], out_pair[0], result);
    wait_child();
    if (result->messages < 2 || result->elapsed_ns == 0)
        die(EXIT_RUNTIME, "ipc: forward: nothing came through");
    printf("{\"test\":\"%s\",\"size\":%u,\"messages\":%llu,\"messages_per_s\":%.0f,\"ns_per_message\":%.1f}\n", opt.test, opt.size,
           (unsigned long long)result->messages, (double)(result->messages - 1) * 1e9 / (double)result->elapsed_ns,
           (double)result->elapsed_ns / (double)(result->messages - 1));
}

#endif
