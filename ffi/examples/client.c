/*
 * client: runs a command or a subsystem on an SSH server, over libsansh and poll(2).
 *
 *   client [-p port] [-l user] [-i keyfile] [-s] [-k known_hosts | -A] host command|subsystem
 *
 *   -s  the last word names a subsystem
 *   -k  the server's key must stand in this file
 *   -A  accept any key and print its fingerprint: for a first look, and for tests
 *
 * Standard input, output and error are carried; the exit status is the command's, or 255 for an error of our own.
 *
 *   cc client.c -lsansh -o client
 *
 * The library does no I/O. Everything that touches the world stands here, in one loop:
 *
 *   socket --read--> sansh_recv_buf        sansh_next_event --> event() --> output backlogs --write--> stdout, stderr
 *   socket <-write-- sansh_transmit_buf    sansh_send_buf  <--read-- stdin
 *
 * Nobody waits for anybody: a slow stdout fills its backlog, which is as large as the channel's window, and as long as
 * nothing leaves it nothing is granted, so that the server stops sending.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sansh.h"

enum { WINDOW = 1 << 20 };

#ifndef PIPE_BUF
#define PIPE_BUF _POSIX_PIPE_BUF
#endif

/* One of our outputs: what comes from the server waits here until its descriptor takes it. */
struct output {
    int fd;
    int broken; /* nobody reads it any more */
    sansh_backlog *backlog;
};

struct client {
    /* what the command line says */
    const char *host, *user, *what, *known_hosts;
    unsigned port;
    int subsystem, accept_any;

    sansh_key *key;
    sansh_conn *conn;
    sansh_channel channel;
    int key_tried;
    int running;     /* the command or subsystem has been granted */
    int in_open;     /* stdin may still have data */
    int may_send;    /* sansh_send_buf did not refuse */
    int in_ready;    /* poll(2) said that stdin can be read */
    int channel_over;
    int bye;         /* our DISCONNECT is on its way */
    int over;
    int status;      /* exit status */
    struct output out, err;
};

static int fail(const char *what, const char *why) {
    fprintf(stderr, "client: %s: %s\n", what, why);
    return 255;
}

static sansh_time now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (sansh_time)t.tv_sec * 1000000000u + (sansh_time)t.tv_nsec;
}

/* Bytes of a peer, for people: control characters must not reach a terminal. */
static void print_text(FILE *to, sansh_bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        int printable = text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f;
        putc(printable || text.ptr[i] == '\n' ? text.ptr[i] : '?', to);
    }
}

/* The whole of a file, to be freed; NULL with errno. */
static uint8_t *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    uint8_t *text = NULL;
    size_t room = 0, n = 0;
    if (!file) return NULL;
    for (;;) {
        if (n == room) {
            uint8_t *larger = realloc(text, room += 65536);
            if (!larger) break;
            text = larger;
        }
        size_t more = fread(text + n, 1, room - n, file);
        if (more == 0) break;
        n += more;
    }
    if (ferror(file) || n == room) {
        free(text);
        text = NULL;
    }
    fclose(file);
    *len = n;
    return text;
}

static int set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* ---- decisions ---- */

static int trusted(struct client *c, const struct sansh_event_host_key *key) {
    char fingerprint[SANSH_FINGERPRINT_ROOM] = "";
    sansh_fingerprint(key->blob.ptr, key->blob.len, fingerprint, sizeof fingerprint);
    if (c->accept_any) {
        fprintf(stderr, "client: the host key is %s\n", fingerprint);
        return 1;
    }
    size_t len, line = 0;
    uint8_t *text = read_file(c->known_hosts, &len);
    if (!text) {
        fail(c->known_hosts, strerror(errno));
        return 0;
    }
    sansh_status status =
        sansh_known_hosts_check(text, len, c->host, (uint16_t)c->port, key->blob.ptr, key->blob.len, &line);
    free(text);
    if (status == SANSH_OK) return 1;
    fprintf(stderr, "client: %s: host key %s: %s", c->known_hosts, fingerprint, sansh_status_text(status));
    if (line) fprintf(stderr, " (line %lu)", (unsigned long)line);
    fprintf(stderr, "\n");
    return 0;
}

static void log_in(struct client *c, const sansh_event *e) {
    sansh_bytes blob = sansh_key_public_blob(c->key);
    if (c->key && !c->key_tried) {
        c->key_tried = 1;
        sansh_answer_login_public_key(c->conn, e->ask, c->user, sansh_key_algorithm(c->key), blob.ptr, blob.len, 0);
    } else if (!c->key && !e->u.login_needed.methods.ptr) {
        sansh_answer_login_none(c->conn, e->ask, c->user);
    } else {
        fprintf(stderr, "client: %s is not let in; the server takes: ", c->user);
        print_text(stderr, e->u.login_needed.methods);
        fprintf(stderr, "\n");
        sansh_answer_login_give_up(c->conn, e->ask);
    }
}

static void sign(struct client *c, const sansh_event *e) {
    uint8_t signature[SANSH_SIGNATURE_ROOM];
    size_t len;
    const struct sansh_event_sign *s = &e->u.sign;
    sansh_status status = sansh_key_sign(c->key, s->algorithm.ptr, s->algorithm.len, s->message.ptr, s->message.len,
                                         signature, sizeof signature, &len);
    if (status != SANSH_OK) len = 0; /* declines */
    sansh_answer_signature(c->conn, e->ask, signature, len);
}

/* Data from the server. The backlog has room: it is as large as the window, and only what left it is granted again. */
static int carry(struct client *c, struct output *to, sansh_bytes bytes) {
    if (to->broken) return sansh_grant(c->conn, c->channel, (uint32_t)bytes.len) == SANSH_OK ? 0 : -1;
    return sansh_backlog_push(to->backlog, bytes.ptr, bytes.len) == SANSH_OK ? 0 : -1;
}

static void event(struct client *c, int kind, const sansh_event *e) {
    sansh_status status = SANSH_OK;
    switch (kind) {
    case SANSH_EVENT_HOST_KEY:
        status = sansh_answer_trust(c->conn, e->ask, trusted(c, &e->u.host_key));
        break;
    case SANSH_EVENT_LOGIN_NEEDED:
        log_in(c, e);
        break;
    case SANSH_EVENT_SIGN:
        sign(c, e);
        break;
    case SANSH_EVENT_BANNER:
        print_text(stderr, e->u.banner.text);
        break;
    case SANSH_EVENT_READY:
        status = sansh_open_session(c->conn, WINDOW, &c->channel);
        break;
    case SANSH_EVENT_OPENED:
        /* With this little traffic there is room for the request; a busy program would repeat it on ROOM. */
        status = c->subsystem ? sansh_request_subsystem(c->conn, c->channel, c->what, NULL)
                              : sansh_request_exec(c->conn, c->channel, c->what, NULL);
        break;
    case SANSH_EVENT_REFUSED:
        fprintf(stderr, "client: the server opens no session: ");
        print_text(stderr, e->u.refused.text);
        fprintf(stderr, "\n");
        c->status = 255;
        sansh_disconnect(c->conn, 11, NULL);
        break;
    case SANSH_EVENT_REPLIED:
        if (e->u.replied.ok) {
            c->running = c->may_send = 1;
        } else {
            c->status = fail(c->what, "refused by the server");
            sansh_disconnect(c->conn, 11, NULL);
        }
        break;
    case SANSH_EVENT_WRITABLE:
        c->may_send = 1;
        break;
    case SANSH_EVENT_DATA:
        if (carry(c, e->u.data.stream == SANSH_STDERR ? &c->err : &c->out, e->u.data.bytes) < 0) {
            c->status = fail("data", "more than was granted");
            sansh_disconnect(c->conn, 11, NULL);
        }
        break;
    case SANSH_EVENT_REQUEST:
        if (e->u.request.kind == SANSH_REQUEST_EXIT_STATUS) c->status = (int)(e->u.request.status & 0xff);
        if (e->u.request.kind == SANSH_REQUEST_EXIT_SIGNAL) {
            fprintf(stderr, "client: ended by signal ");
            print_text(stderr, e->u.request.text);
            fprintf(stderr, "\n");
            c->status = 255;
        }
        break;
    case SANSH_EVENT_CHANNEL_CLOSED:
        /* The outputs may still hold something: the connection ends in finish(). */
        c->channel_over = 1;
        break;
    case SANSH_EVENT_CLOSED:
        c->over = 1;
        if (e->u.closed.reason != SANSH_REASON_APPLICATION) {
            fprintf(stderr, "client: %s: ", c->host);
            print_text(stderr, e->u.closed.text);
            fprintf(stderr, "\n");
            c->status = 255;
        }
        break;
    default: /* a later version's; ignoring is safe */
        break;
    }
    if (status != SANSH_OK) {
        c->status = fail(c->host, sansh_status_text(status));
        sansh_disconnect(c->conn, 11, NULL);
    }
}

/* ---- the turn ---- */

/* Standard input straight into the next packet. */
static void send_input(struct client *c) {
    while (c->running && c->in_open && c->in_ready && c->may_send && !c->channel_over) {
        sansh_space space;
        if (sansh_send_buf(c->conn, c->channel, SANSH_MAIN, &space) != SANSH_OK) {
            c->may_send = 0; /* WRITABLE says when */
            return;
        }
        ssize_t n = read(0, space.ptr, space.len);
        if (n > 0) {
            sansh_send(c->conn, c->channel, (size_t)n);
            c->in_ready = 0; /* ask poll(2) again: a pipe that blocks must not stop us */
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            c->in_ready = 0;
        } else {
            c->in_open = 0;
            sansh_finish(c->conn, c->channel);
        }
    }
}

/*
 * What waits for stdout or stderr. What left is granted, so that as much may come. The descriptors are shared with others
 * and stay as they are, blocking: after POLLOUT, a pipe takes PIPE_BUF bytes without blocking.
 */
static void drain(struct client *c, struct output *to) {
    for (int rounds = 0; rounds < 64; rounds++) {
        sansh_bytes front = sansh_backlog_front(to->backlog);
        struct pollfd one = {to->fd, POLLOUT, 0};
        ssize_t n = (ssize_t)front.len;
        if (front.len == 0 || (!to->broken && poll(&one, 1, 0) <= 0)) return;
        if (!to->broken) n = write(to->fd, front.ptr, front.len < PIPE_BUF ? front.len : PIPE_BUF);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) {
            to->broken = 1;
            n = (ssize_t)front.len;
        }
        uint32_t grant = 0;
        sansh_backlog_done(to->backlog, (size_t)n, &grant);
        sansh_grant(c->conn, c->channel, grant); /* stale after the channel's end: then nobody needs it */
    }
}

static void receive(struct client *c, int fd) {
    sansh_space space = sansh_recv_buf(c->conn);
    if (space.len == 0) return;
    ssize_t n = read(fd, space.ptr, space.len);
    if (n > 0) {
        sansh_received(c->conn, (size_t)n, now());
    } else {
        sansh_received(c->conn, 0, now());
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) sansh_received_eof(c->conn, now());
    }
}

static void transmit(struct client *c, int fd) {
    sansh_bytes bytes = sansh_transmit_buf(c->conn);
    if (bytes.len == 0) return;
    ssize_t n = write(fd, bytes.ptr, bytes.len);
    if (n >= 0) {
        sansh_transmitted(c->conn, (size_t)n);
    } else if (errno != EAGAIN && errno != EINTR) {
        sansh_received_eof(c->conn, now());
        /* Nothing can go any more, and nothing must wait for it. */
        sansh_transmitted(c->conn, sansh_transmit_buf(c->conn).len);
    }
}

/* Milliseconds until the connection's next deadline, rounded up; -1 for ever. */
static int patience(sansh_conn *conn) {
    sansh_time at = sansh_next_timeout(conn), t = now();
    if (at == SANSH_NEVER) return -1;
    if (at <= t) return 0;
    sansh_time ms = (at - t + 999999) / 1000000;
    return ms > 60000 ? 60000 : (int)ms;
}

static int run(struct client *c, int fd) {
    while (!c->over || sansh_transmit_buf(c->conn).len) {
        struct pollfd set[4];
        int wants = sansh_wants(c->conn);
        int out = sansh_backlog_len(c->out.backlog) > 0, err = sansh_backlog_len(c->err.backlog) > 0;
        int in = c->running && c->in_open && c->may_send && !c->channel_over;
        set[0].events = (short)((wants & SANSH_READ ? POLLIN : 0) | (wants & SANSH_WRITE ? POLLOUT : 0));
        set[0].fd = set[0].events ? fd : -1;
        set[1].fd = in ? 0 : -1;
        set[1].events = POLLIN;
        set[2].fd = out ? c->out.fd : -1;
        set[2].events = POLLOUT;
        set[3].fd = err ? c->err.fd : -1;
        set[3].events = POLLOUT;
        for (int i = 0; i < 4; i++) set[i].revents = 0;
        int ready = poll(set, 4, c->over ? 2000 : patience(c->conn));
        if (ready < 0 && errno != EINTR) return fail("poll", strerror(errno));
        if (ready == 0 && c->over) break; /* a server that does not read our last words need not */

        sansh_handle_timeout(c->conn, now());
        if (set[0].revents & (POLLIN | POLLHUP | POLLERR)) receive(c, fd);
        if (set[1].revents) c->in_ready = 1;
        if (set[2].revents) drain(c, &c->out);
        if (set[3].revents) drain(c, &c->err);

        /* Events make output and output makes room for events: go on until neither has anything to do. */
        sansh_event e;
        int kind, moved;
        do {
            moved = 0;
            while ((kind = sansh_next_event(c->conn, &e)) > 0) event(c, kind, &e);
            if (kind < 0) return fail("libsansh", sansh_status_text(kind));
            send_input(c);
            /* The end, once everything that came has been written. */
            if (c->channel_over && !c->bye && !sansh_backlog_len(c->out.backlog) &&
                !sansh_backlog_len(c->err.backlog)) {
                sansh_disconnect(c->conn, 11, "bye");
                c->bye = moved = 1;
            }
            size_t before = sansh_transmit_buf(c->conn).len;
            transmit(c, fd);
            if (sansh_transmit_buf(c->conn).len < before) moved = 1;
        } while (moved);
    }
    /* The connection is over; what still waits for our outputs goes, and now it may block. */
    struct output *outputs[2] = {&c->out, &c->err};
    for (int i = 0; i < 2; i++) {
        while (sansh_backlog_len(outputs[i]->backlog) > 0) {
            struct pollfd one = {outputs[i]->fd, POLLOUT, 0};
            if (poll(&one, 1, -1) > 0) drain(c, outputs[i]);
        }
    }
    return c->status;
}

/* ---- setting up ---- */

static int dial(const char *host, unsigned port) {
    struct addrinfo hints, *all, *one;
    char service[16];
    int fd = -1, yes = 1;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    snprintf(service, sizeof service, "%u", port);
    int error = getaddrinfo(host, service, &hints, &all);
    if (error) {
        fail(host, gai_strerror(error));
        return -1;
    }
    for (one = all; one && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) < 0) {
            int cause = errno;
            close(fd);
            errno = cause;
            fd = -1;
        }
    }
    freeaddrinfo(all);
    if (fd < 0) {
        fail(host, strerror(errno));
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static int load_key(struct client *c, const char *path) {
    size_t len;
    uint8_t *text = read_file(path, &len);
    if (!text) return fail(path, strerror(errno));
    sansh_status status = sansh_key_read(text, len, &c->key);
    memset(text, 0, len);
    free(text);
    return status == SANSH_OK ? 0 : fail(path, sansh_status_text(status));
}

static int usage(void) {
    fprintf(stderr, "usage: client [-p port] [-l user] [-i keyfile] [-s] [-k known_hosts | -A] host command|subsystem\n");
    return 255;
}

static int start(struct client *c) {
    sansh_config *config;
    sansh_status status = sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &config);
    if (status == SANSH_OK) status = sansh_config_keepalive(config, 30000000000u, 3);
    if (status == SANSH_OK) status = sansh_conn_new(config, NULL, now(), &c->conn);
    sansh_config_free(config); /* the connection keeps what it needs */
    if (status == SANSH_OK) status = sansh_backlog_new(WINDOW, &c->out.backlog);
    if (status == SANSH_OK) status = sansh_backlog_new(WINDOW, &c->err.backlog);
    return status == SANSH_OK ? 0 : fail("start", sansh_status_text(status));
}

int main(int argc, char **argv) {
    struct client c;
    const char *keyfile = NULL;
    int option, result;
    memset(&c, 0, sizeof c);
    c.port = 22;
    c.status = 255; /* unless the server says how it ended */
    c.in_open = 1;
    c.out.fd = 1;
    c.err.fd = 2;
    while ((option = getopt(argc, argv, "p:l:i:sk:A")) != -1) {
        switch (option) {
        case 'p': {
            char *end;
            unsigned long port = strtoul(optarg, &end, 10);
            if (*end || port == 0 || port > 65535) return fail("-p", "a port is a number from 1 to 65535");
            c.port = (unsigned)port;
            break;
        }
        case 'l': c.user = optarg; break;
        case 'i': keyfile = optarg; break;
        case 's': c.subsystem = 1; break;
        case 'k': c.known_hosts = optarg; break;
        case 'A': c.accept_any = 1; break;
        default: return usage();
        }
    }
    if (argc - optind != 2) return usage();
    if (!c.known_hosts == !c.accept_any) return fail("-k known_hosts or -A", "one of the two says which host keys are good");
    c.host = argv[optind];
    c.what = argv[optind + 1];
    if (!c.user) {
        struct passwd *me = getpwuid(getuid());
        if (!me) return fail("-l", "who are you?");
        c.user = me->pw_name;
    }
    signal(SIGPIPE, SIG_IGN); /* write(2) says it too */

    result = keyfile ? load_key(&c, keyfile) : 0;
    if (result == 0) result = start(&c);
    if (result == 0) {
        int fd = dial(c.host, c.port);
        result = fd < 0 || set_nonblocking(fd) < 0 ? 255 : run(&c, fd);
        if (fd >= 0) close(fd);
    }
    sansh_conn_free(c.conn);
    sansh_key_free(c.key);
    sansh_backlog_free(c.out.backlog);
    sansh_backlog_free(c.err.backlog);
    return result;
}
