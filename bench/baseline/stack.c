/* SPDX-License-Identifier: Apache-2.0 */
/* Cost of an MCTP core in C: send, packetise, carry over a loopback ring, reassemble, deliver.
 * It keeps every duty of a complete stack on that path (locks, route, tags, checks, socket table, three
 * copies) and nothing else, so that a comparison against it is about the language and the runtime. */
#include "common.h"
#include "histogram.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#define MAX_MESSAGE 65536u /* type byte included */
#define BASELINE_UNIT 64u
#define RING_BYTES 131072u /* power of two; 65536 bytes at unit 64 need 1024 * 72 = 73728 */
#define CONTEXTS 16u
#define MAX_CASES 32

#define EID_A 8u
#define EID_B 9u
#define TYPE_VENDOR 0x7eu

#define F_SOM 0x80u
#define F_EOM 0x40u
#define F_TO 0x08u

struct route {
    bool used;
    bool local;
    uint32_t mtu;
};

struct context {
    bool busy;
    uint8_t sequence; /* of the next packet */
    uint16_t key;
    uint32_t unit; /* payload size of the first packet */
    uint32_t used;
    uint8_t data[MAX_MESSAGE];
};

struct socket {
    bool bound;
    uint8_t *buffer;
    uint32_t capacity;
    uint32_t received;
    uint64_t messages;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct route routes[256];
static struct socket sockets[256];
static uint8_t tag_mask[256], tag_next[256];
static uint8_t next_sequence;
static int16_t context_of[256 * 16]; /* (source, TO, tag) -> context, or -1 */
static struct context contexts[CONTEXTS];
static uint8_t ring[RING_BYTES];
static uint32_t ring_head, ring_tail; /* free running; the difference is the fill */
static uint64_t drops;
static struct hist hist;
static uint8_t user_out[MAX_MESSAGE], user_in[MAX_MESSAGE];

static void ring_put(uint32_t at, const void *from, uint32_t n)
{
    uint32_t start = at & (RING_BYTES - 1), first = RING_BYTES - start;
    if (first > n)
        first = n;
    memcpy(ring + start, from, first);
    if (n > first)
        memcpy(ring, (const uint8_t *)from + first, n - first);
}

static void ring_get(uint32_t at, void *to, uint32_t n)
{
    uint32_t start = at & (RING_BYTES - 1), first = RING_BYTES - start;
    if (first > n)
        first = n;
    memcpy(to, ring + start, first);
    if (n > first)
        memcpy((uint8_t *)to + first, ring, n - first);
}

/* Records start on 4 bytes, so a word never passes the end and one plain store or load does. */
static uint8_t *ring_word(uint32_t at)
{
    return ring + (at & (RING_BYTES - 1));
}

static bool eid_assignable(uint32_t eid)
{
    return eid >= 8 && eid <= 254;
}

/* Round robin rather than lowest free: a late answer should not meet a fresh request with its tag. */
static int tag_alloc(uint8_t peer)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned tag = (tag_next[peer] + i) & 7;
        if (tag_mask[peer] & (1u << tag))
            continue;
        tag_mask[peer] |= (uint8_t)(1u << tag);
        tag_next[peer] = (uint8_t)((tag + 1) & 7);
        return (int)tag;
    }
    return -1;
}

/* One packet into the ring: length word, MCTP header, payload (the first payload begins with the type). */
static void ring_packet(const uint8_t header[4], int type, const uint8_t *body, uint32_t n)
{
    uint32_t payload = n + (type >= 0), at = ring_head;
    memcpy(ring_word(at), &payload, 4);
    memcpy(ring_word(at + 4), header, 4);
    at += 8;
    if (type >= 0)
        *ring_word(at++) = (uint8_t)type;
    ring_put(at, body, n);
    ring_head += 8 + ((payload + 3) & ~3u);
}

/* Never inlined: a library call is what an application would make. Returns 0, or a negative errno. */
__attribute__((noinline)) static int mctp_send(uint32_t src, uint32_t dst, uint8_t type, const uint8_t *body,
                                               uint32_t n)
{
    if (!eid_assignable(src) || !eid_assignable(dst) || n > MAX_MESSAGE - 1)
        return -EINVAL;
    int result = 0;
    pthread_mutex_lock(&lock);
    const struct route *route = &routes[dst];
    if (!route->used || !routes[src].local) {
        result = -EHOSTUNREACH;
        goto out;
    }
    uint32_t mtu = route->mtu, packets = (n + 1 + mtu - 1) / mtu;
    if ((uint64_t)packets * (8 + ((mtu + 3) & ~3u)) > RING_BYTES - (ring_head - ring_tail)) {
        result = -ENOBUFS;
        goto out;
    }
    int tag = tag_alloc((uint8_t)dst);
    if (tag < 0) {
        result = -EBUSY;
        goto out;
    }
    uint32_t done = 0;
    for (uint32_t i = 0; i < packets; i++) {
        uint32_t room = i == 0 ? mtu - 1 : mtu, part = n - done < room ? n - done : room;
        uint8_t flags = (uint8_t)((i == 0 ? F_SOM : 0u) | (i + 1 == packets ? F_EOM : 0u));
        uint8_t last = (uint8_t)(flags | (next_sequence << 4) | F_TO | (unsigned)tag);
        const uint8_t header[4] = {1, (uint8_t)dst, (uint8_t)src, last};
        next_sequence = (next_sequence + 1) & 3;
        ring_packet(header, i == 0 ? type : -1, body + done, part);
        done += part;
    }
out:
    pthread_mutex_unlock(&lock);
    return result;
}

static void context_drop(struct context *c)
{
    context_of[c->key] = -1;
    c->busy = false;
}

static struct context *context_start(uint16_t key)
{
    for (unsigned i = 0; i < CONTEXTS; i++) {
        struct context *c = &contexts[i];
        if (c->busy)
            continue;
        c->busy = true;
        c->key = key;
        c->used = 0;
        context_of[key] = (int16_t)i;
        return c;
    }
    return NULL;
}

static bool deliver(struct context *c, uint8_t dst, uint8_t flags)
{
    bool ok = false;
    struct socket *s = &sockets[c->data[0] & 0x7f];
    uint32_t n = c->used - 1;
    if (s->bound && n <= s->capacity) {
        memcpy(s->buffer, c->data + 1, n);
        s->received = n;
        s->messages++;
        ok = true;
    }
    if (flags & F_TO)
        tag_mask[dst] &= (uint8_t)~(1u << (flags & 7));
    context_drop(c);
    return ok;
}

/* Takes one packet whose payload begins at `at`. True when it completed a message. */
static bool input(const uint8_t h[4], uint32_t at, uint32_t payload)
{
    uint8_t flags = h[3];
    if ((h[0] & 0x0f) != 1 || !routes[h[1]].local || !eid_assignable(h[2]) || payload == 0 || payload > MAX_MESSAGE)
        goto drop;
    uint16_t key = (uint16_t)(h[2] << 4 | (flags & 0x0f));
    struct context *c = context_of[key] < 0 ? NULL : &contexts[context_of[key]];
    uint8_t sequence = (flags >> 4) & 3;
    if (flags & F_SOM) {
        if (c)
            context_drop(c); /* a new start replaces what was running */
        c = context_start(key);
        if (!c)
            goto drop;
        c->unit = payload;
    } else {
        if (!c)
            goto drop;
        bool last = flags & F_EOM;
        if (sequence != c->sequence || payload > c->unit || (!last && payload != c->unit) ||
            payload > MAX_MESSAGE - c->used) {
            context_drop(c);
            goto drop;
        }
    }
    if (!(flags & F_EOM) && payload < BASELINE_UNIT) {
        context_drop(c);
        goto drop;
    }
    c->sequence = (sequence + 1) & 3;
    ring_get(at, c->data + c->used, payload);
    c->used += payload;
    if (!(flags & F_EOM))
        return false;
    return deliver(c, h[1], flags);
drop:
    drops++;
    return false;
}

/* Drains the ring until one message is complete. Returns its size without the type byte, or -EAGAIN. */
__attribute__((noinline)) static int mctp_receive(uint8_t type)
{
    int result = -EAGAIN;
    pthread_mutex_lock(&lock);
    while (ring_tail != ring_head && result < 0) {
        uint32_t payload;
        uint8_t header[4];
        memcpy(&payload, ring_word(ring_tail), 4);
        memcpy(header, ring_word(ring_tail + 4), 4);
        if (input(header, ring_tail + 8, payload))
            result = (int)sockets[type].received;
        ring_tail += 8 + ((payload + 3) & ~3u);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static void exchange(uint32_t body)
{
    /* Without this the compiler would make copies of the two functions for just these constants. */
    uint32_t src = EID_A, dst = EID_B, type = TYPE_VENDOR;
    __asm__ volatile("" : "+r"(src), "+r"(dst), "+r"(type));
    if (mctp_send(src, dst, (uint8_t)type, user_out, body) != 0 || mctp_receive((uint8_t)type) != (int)body)
        die(EXIT_CORRUPT, "stack: a message was not delivered (%llu packets dropped)", (unsigned long long)drops);
    CLOBBER(user_in);
}

static void run_case(uint32_t mtu, uint32_t message, double seconds, bool first)
{
    uint32_t body = message - 1, packets = (message + mtu - 1) / mtu;
    routes[EID_B].mtu = mtu;
    memset(user_in, 0, sizeof user_in);
    exchange(body);
    if (memcmp(user_in, user_out, body) != 0)
        die(EXIT_CORRUPT, "stack: mtu %u, message %u: content differs", mtu, message);

    /* Warm-up, which also finds how many messages fill about a millisecond between clock readings. */
    uint64_t start = now_ns(), warm = 0, elapsed, count = 0, last = 0;
    do {
        exchange(body);
        warm++;
        elapsed = now_ns() - start;
    } while (elapsed < 50000000u);
    uint64_t batch = warm / 50 + 1;

    uint64_t before = sockets[TYPE_VENDOR].messages, limit = (uint64_t)(seconds * 1e9);
    memset(&hist, 0, sizeof hist);
    start = now_ns();
    do {
        for (uint64_t i = 0; i < batch; i++)
            exchange(body);
        count += batch;
        elapsed = now_ns() - start;
        hist_add(&hist, elapsed - last);
        last = elapsed;
    } while (elapsed < limit);
    if (sockets[TYPE_VENDOR].messages - before != count || drops != 0)
        die(EXIT_CORRUPT, "stack: mtu %u, message %u: messages were lost", mtu, message);
    double ns = (double)elapsed / (double)count;
    printf("%s{\"mtu\":%u,\"message\":%u,\"packets\":%u,\"ns_per_message\":%.2f,\"ns_per_packet\":%.2f,"
           "\"bytes_per_s\":%.0f,\"median_ns_per_message\":%.2f}",
           first ? "" : ",", mtu, message, packets, ns, ns / packets, message * 1e9 / ns,
           hist_quantile(&hist, 0.5) / (double)batch);
}

/* glibc takes a mutex without an atomic operation while a process has one thread. A stack that needs locks
 * has several, so one extra thread sleeps through the run. */
static void *sleeper(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void usage(void)
{
    die(EXIT_USAGE, "usage: stack_baseline [--seconds S] [--pairs MTU:MESSAGE[,MTU:MESSAGE...]]\n"
                    "       MTU is the payload unit, 64 to 65536; MESSAGE counts its type byte, 1 to 65536");
}

int main(int argc, char **argv)
{
    double seconds = 0.5;
    char defaults[] = "64:64,64:4096,4096:4096,64:65000,32768:65000", *pairs = defaults;
    uint32_t mtu[MAX_CASES], message[MAX_CASES];
    int cases = 0;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 >= argc)
            usage();
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = parse_seconds(argv[i + 1]);
        else if (strcmp(argv[i], "--pairs") == 0)
            pairs = argv[i + 1];
        else
            usage();
    }
    for (char *save, *p = strtok_r(pairs, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
        char *colon = strchr(p, ':');
        if (!colon || cases == MAX_CASES)
            usage();
        *colon = '\0';
        mtu[cases] = (uint32_t)parse_uint("--pairs: MTU", p, BASELINE_UNIT, MAX_MESSAGE);
        message[cases++] = (uint32_t)parse_uint("--pairs: MESSAGE", colon + 1, 1, MAX_MESSAGE);
    }
    if (cases == 0)
        usage();

    pthread_t thread;
    if (pthread_create(&thread, NULL, sleeper, NULL) != 0)
        die(EXIT_MISSING, "stack: cannot create a thread");
    memset(context_of, 0xff, sizeof context_of);
    routes[EID_A] = (struct route){.used = true, .local = true, .mtu = BASELINE_UNIT};
    routes[EID_B] = (struct route){.used = true, .local = true, .mtu = BASELINE_UNIT};
    sockets[TYPE_VENDOR] = (struct socket){.bound = true, .buffer = user_in, .capacity = sizeof user_in};
    fill_pattern(user_out, sizeof user_out);

    printf("{\"cases\":[");
    for (int i = 0; i < cases; i++)
        run_case(mtu[i], message[i], seconds, i == 0);
    printf("]}\n");
    return fflush(stdout) == 0 ? 0 : EXIT_RUNTIME;
}
