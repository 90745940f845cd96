/* SPDX-License-Identifier: Apache-2.0 */
/* What two processes on two processors can do at best on this machine: exchange a cache line, use a kernel
 * socket, or use a ring in shared memory written in C. See README.md for the tests. */
#include "common.h"
#include "forward.h"
#include "histogram.h"
#include "options.h"
#include "process.h"
#include "ring.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define MAX_CHECKS 100000u
#define BATCH 64u
#define STOP_WORD 0xffffffffu

enum via { VIA_RING, VIA_SOCKET };

/* Role of a message. It travels as the MCTP type byte in a ring, and as the first byte over a socket. */
enum kind { KIND_CHECK = 0x7c, KIND_DATA = 0x7d, KIND_STOP = 0x7e };

struct shared {
    struct side side[2]; /* [0] belongs to A, [1] to B */
    _Alignas(128) _Atomic uint32_t ping;
    _Alignas(128) _Atomic uint32_t pong;
    /* What B found; A reads it after B has ended. */
    _Alignas(128) uint64_t messages, elapsed_ns, cpu_ns;
    _Alignas(128) uint8_t data[];
};

struct link {
    int fd;
    struct ring_tx tx;
    struct ring_rx rx;
};

static struct shared *shm;
static struct hist hist, single;
/* The slack lets every check message differ from its neighbours by starting at another offset. */
static uint8_t pattern[MAX_SIZE + 256], out[MAX_SIZE], in[MAX_SIZE];

static uint64_t cpu_ns(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

ALWAYS_INLINE void link_send(struct link *l, enum via via, uint8_t kind)
{
    if (via == VIA_RING) {
        ring_send(&l->tx, kind, out, opt.size);
        return;
    }
    out[0] = kind;
    if (send(l->fd, out, opt.size, MSG_NOSIGNAL) != (ssize_t)opt.size)
        die(EXIT_RUNTIME, "ipc: send: %s", strerror(errno));
}

ALWAYS_INLINE uint8_t link_receive(struct link *l, enum via via)
{
    if (via == VIA_RING) {
        uint32_t size;
        uint8_t kind = ring_receive(&l->rx, in, sizeof in, &size);
        if (size != opt.size)
            die(EXIT_CORRUPT, "ipc: a message has the wrong size");
        return kind;
    }
    ssize_t n = recv(l->fd, in, sizeof in, 0);
    if (n != (ssize_t)opt.size)
        die(n < 0 ? EXIT_RUNTIME : EXIT_CORRUPT, "ipc: recv: %s", n < 0 ? strerror(errno) : "wrong size");
    return in[0];
}

/* Before timing, enough messages with known content to pass the end of the ring, and to warm everything up. */
static uint32_t check_count(enum via via)
{
    uint32_t n = via == VIA_RING ? 2 * (opt.ring / ring_packet_bytes(opt.size)) + 2 : 0;
    return n < 1000 ? 1000 : n < MAX_CHECKS ? n : MAX_CHECKS;
}

static void check_fill(uint32_t i)
{
    memcpy(out, pattern + (i & 255), opt.size);
}

static void check_content(enum via via, uint32_t i)
{
    uint32_t skip = via == VIA_SOCKET; /* that byte carries the kind */
    if (memcmp(in + skip, pattern + (i & 255) + skip, opt.size - skip) != 0)
        die(EXIT_CORRUPT, "ipc: message content differs");
}

ALWAYS_INLINE void stream_b(struct link *l, enum via via)
{
    uint32_t i = 0;
    while (link_receive(l, via) == KIND_CHECK)
        check_content(via, i++);
    /* Time runs from the arrival of the first message to that of the stop message, which is as large. */
    uint64_t cpu = cpu_ns(), start = now_ns(), n = 0;
    uint8_t kind;
    do {
        kind = link_receive(l, via);
        CLOBBER(in);
        n++;
    } while (kind != KIND_STOP);
    shm->elapsed_ns = now_ns() - start;
    shm->cpu_ns = cpu_ns() - cpu;
    shm->messages = n;
    link_send(l, via, KIND_STOP); /* the acknowledgement */
}

ALWAYS_INLINE uint64_t stream_a(struct link *l, enum via via)
{
    for (uint32_t i = 0; i < check_count(via); i++) {
        check_fill(i);
        link_send(l, via, KIND_CHECK);
    }
    uint64_t cpu = cpu_ns(), start = now_ns(), limit = (uint64_t)(opt.seconds * 1e9);
    do {
        for (unsigned i = 0; i < BATCH; i++) {
            CLOBBER(out);
            link_send(l, via, KIND_DATA);
        }
    } while (now_ns() - start < limit);
    link_send(l, via, KIND_STOP);
    if (link_receive(l, via) != KIND_STOP)
        die(EXIT_CORRUPT, "ipc: the acknowledgement is wrong");
    return cpu_ns() - cpu;
}

ALWAYS_INLINE void rtt_b(struct link *l, enum via via)
{
    uint64_t cpu = 0;
    for (uint8_t kind = KIND_CHECK, last = KIND_CHECK; kind != KIND_STOP; last = kind) {
        kind = link_receive(l, via);
        if (kind == KIND_CHECK)
            memcpy(out, in, opt.size); /* so that A can tell whether both ways kept the content */
        else if (last == KIND_CHECK)
            cpu = cpu_ns();
        if (kind == KIND_STOP)
            shm->cpu_ns = cpu_ns() - cpu;
        link_send(l, via, kind);
    }
}

ALWAYS_INLINE uint64_t rtt_a(struct link *l, enum via via)
{
    for (uint32_t i = 0; i < check_count(via); i++) {
        check_fill(i);
        link_send(l, via, KIND_CHECK);
        link_receive(l, via);
        check_content(via, i);
    }
    uint64_t cpu = cpu_ns(), begin = now_ns(), limit = (uint64_t)(opt.seconds * 1e9), start, end;
    do {
        start = now_ns();
        link_send(l, via, KIND_DATA);
        link_receive(l, via);
        end = now_ns();
        hist_add(&hist, end - start);
    } while (end - begin < limit);
    link_send(l, via, KIND_STOP);
    link_receive(l, via);
    return cpu_ns() - cpu;
}

static void cacheline_b(void)
{
    for (uint32_t seen = 0; seen != STOP_WORD;) {
        uint32_t v;
        while ((v = atomic_load_explicit(&shm->ping, memory_order_acquire)) == seen)
            cpu_relax();
        seen = v;
        atomic_store_explicit(&shm->pong, v, memory_order_release);
    }
}

ALWAYS_INLINE void cacheline_trip(uint32_t n)
{
    atomic_store_explicit(&shm->ping, n, memory_order_release);
    while (atomic_load_explicit(&shm->pong, memory_order_acquire) != n)
        cpu_relax();
}

static void cacheline_a(void)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < 10000; i++)
        cacheline_trip(++n);
    /* Half the time in batches, whose clock readings do not disturb; half trip by trip, for the tail. */
    uint64_t begin = now_ns(), limit = (uint64_t)(opt.seconds * 0.5e9), start, end;
    do {
        start = now_ns();
        for (unsigned i = 0; i < BATCH; i++)
            cacheline_trip(++n);
        end = now_ns();
        hist_add(&hist, end - start);
    } while (end - begin < limit);
    begin = end;
    do {
        start = now_ns();
        cacheline_trip(++n);
        end = now_ns();
        hist_add(&single, end - start);
    } while (end - begin < limit);
    cacheline_trip(STOP_WORD);
}

static void run_memcpy(void)
{
    size_t aligned = ((size_t)opt.size + 63) & ~(size_t)63;
    uint8_t *a = aligned_alloc(64, aligned), *b = aligned_alloc(64, aligned);
    if (!a || !b)
        die(EXIT_RUNTIME, "ipc: out of memory");
    fill_pattern(a, opt.size);
    uint64_t count = 0, per = 0, limit = (uint64_t)(opt.seconds * 1e9), start = now_ns(), elapsed;
    do {
        memcpy(b, a, opt.size);
        CLOBBER(b);
        per++;
        elapsed = now_ns() - start;
    } while (elapsed < 20000000u);
    per = per / 20 + 1; /* about a millisecond between clock readings */
    start = now_ns();
    do {
        for (uint64_t i = 0; i < per; i++) {
            CLOBBER(a);
            memcpy(b, a, opt.size);
            CLOBBER(b);
        }
        count += per;
        elapsed = now_ns() - start;
    } while (elapsed < limit);
    if (memcmp(a, b, opt.size) != 0)
        die(EXIT_CORRUPT, "ipc: the copy differs");
    double ns = (double)elapsed / (double)count;
    printf("{\"test\":\"memcpy\",\"size\":%u,\"ns_per_copy\":%.2f,\"bytes_per_s\":%.0f}\n", opt.size, ns,
           opt.size * 1e9 / ns);
    free(a);
    free(b);
}

static void report_cacheline(void)
{
    printf("{\"test\":\"cacheline\",\"size\":0,");
    hist_print("rtt_ns", &hist, BATCH);
    printf(",\"samples\":%llu,\"trips_per_sample\":%u,", (unsigned long long)hist.count, BATCH);
    hist_print("single_rtt_ns", &single, 1);
    printf(",\"single_samples\":%llu}\n", (unsigned long long)single.count);
}

static void report_stream(uint64_t cpu)
{
    double rate = (double)shm->messages * 1e9 / (double)shm->elapsed_ns;
    printf("{\"test\":\"%s\",\"size\":%u,\"messages_per_s\":%.0f,\"bytes_per_s\":%.0f,\"cpu_ns_per_message\":%.1f,"
           "\"messages\":%llu}\n",
           opt.test, opt.size, rate, rate * opt.size, (double)(cpu + shm->cpu_ns) / (double)shm->messages,
           (unsigned long long)shm->messages);
}

/* Each trip is two messages. */
static void report_rtt(uint64_t cpu)
{
    printf("{\"test\":\"%s\",\"size\":%u,", opt.test, opt.size);
    hist_print("rtt_ns", &hist, 1);
    printf(",\"samples\":%llu,\"cpu_ns_per_message\":%.1f}\n", (unsigned long long)hist.count,
           (double)(cpu + shm->cpu_ns) / (2.0 * (double)hist.count));
}

/* The default buffers hold few large messages; below that they stay as a program would find them. */
static void raise_buffer(int fd, int option)
{
    int value = 0, want = (int)opt.size * 4;
    socklen_t length = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 && value < want)
        setsockopt(fd, SOL_SOCKET, option, &want, sizeof want);
}

static void open_links(struct link *a, struct link *b)
{
    size_t stride = ((size_t)opt.ring + 127) & ~(size_t)127;
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE;
    shm = mmap(NULL, sizeof *shm + 2 * stride, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (shm == MAP_FAILED)
        die(EXIT_MISSING, "ipc: cannot map shared memory: %s", strerror(errno));
    struct link *link[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct side *own = &shm->side[i], *peer = &shm->side[1 - i];
        side_open(own);
        uint8_t *to = shm->data + (size_t)i * stride, *from = shm->data + (size_t)(1 - i) * stride;
        link[i]->tx = (struct ring_tx){.own = own, .peer = peer, .data = to, .length = opt.ring};
        link[i]->rx = (struct ring_rx){.own = own, .peer = peer, .data = from, .length = opt.ring};
    }
    int fd[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
        die(EXIT_MISSING, "ipc: cannot create a SOCK_SEQPACKET pair: %s", strerror(errno));
    for (int i = 0; i < 2; i++) {
        link[i]->fd = fd[i];
        raise_buffer(fd[i], SO_SNDBUF);
        raise_buffer(fd[i], SO_RCVBUF);
    }
}

/* B's part. The calls are spelt out so that each is compiled for its transport, without a run-time choice. */
static void run_b(struct link *l, bool ring, bool stream)
{
    if (strcmp(opt.test, "cacheline") == 0)
        cacheline_b();
    else if (ring && stream)
        stream_b(l, VIA_RING);
    else if (ring)
        rtt_b(l, VIA_RING);
    else if (stream)
        stream_b(l, VIA_SOCKET);
    else
        rtt_b(l, VIA_SOCKET);
}

static uint64_t run_a(struct link *l, bool ring, bool stream)
{
    if (strcmp(opt.test, "cacheline") == 0)
        return cacheline_a(), 0;
    if (ring)
        return stream ? stream_a(l, VIA_RING) : rtt_a(l, VIA_RING);
    return stream ? stream_a(l, VIA_SOCKET) : rtt_a(l, VIA_SOCKET);
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    bool alone = strcmp(opt.test, "memcpy") == 0;
    choose_processors(&opt.cpu_a, &opt.cpu_b, !alone);
    pin(opt.cpu_a);
    if (alone) {
        bound_run(opt.seconds);
        run_memcpy();
        return fflush(stdout) == 0 ? 0 : EXIT_RUNTIME;
    }
    if (strncmp(opt.test, "forward", 7) == 0) {
        run_forward();
        return fflush(stdout) == 0 ? 0 : EXIT_RUNTIME;
    }
    fill_pattern(pattern, sizeof pattern);
    memcpy(out, pattern, sizeof out);
    bool stream = strstr(opt.test, "_stream") != NULL, ring = strncmp(opt.test, "cring", 5) == 0;
    struct link a, b;
    open_links(&a, &b);
    if (start_child(opt.cpu_b, opt.seconds)) {
        close(a.fd);
        run_b(&b, ring, stream);
        _exit(0);
    }
    close(b.fd);
    uint64_t cpu = run_a(&a, ring, stream);
    wait_child();
    if (stream)
        report_stream(cpu);
    else if (ring || strncmp(opt.test, "seqpacket", 9) == 0)
        report_rtt(cpu);
    else
        report_cacheline();
    return fflush(stdout) == 0 ? 0 : EXIT_RUNTIME;
}
