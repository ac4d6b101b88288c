/*
 * server: an SSH server over libsansh and poll(2) that offers one subsystem, `echo`, and nothing else.
 *
 *   server -p port -h hostkeyfile -a authorized_keys [-b address]
 *
 *   -p  0 lets the system choose; the port is printed, as `port N`
 *   -a  whoever holds a key that stands here without options may come in, under any name
 *   -b  where to listen; 127.0.0.1 by default
 *
 * It serves many connections in one loop and one thread. SIGTERM and SIGINT end it.
 *
 *   cc server.c -lsansh -o server
 *
 * A login that is wrong is answered a second later, to slow down those who guess: the question is kept with sansh_later()
 * and answered by the clock, while all others are served.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sansh.h"

#define SECOND 1000000000u

enum { CONNECTIONS = 128, CHANNELS = 16, WINDOW = 256 * 1024 };

struct channel {
    sansh_channel id; /* 0: free */
    sansh_backlog *backlog;
    int started;
    int eof;    /* the client sends no more */
    int ending; /* steps of our end that are done: exit status, EOF and CLOSE */
};

struct connection {
    int fd; /* -1: free */
    sansh_conn *conn;
    struct channel channels[CHANNELS];
    sansh_ask denied;    /* a login that is to be denied at */
    sansh_time denied_at;
    int over;
    sansh_time over_at;  /* when its last words must be gone */
};

static struct connection all[CONNECTIONS];
static const char *authorized_keys;
static sansh_key *host_key;
static int signal_pipe[2];

static int fail(const char *what, const char *why) {
    fprintf(stderr, "server: %s: %s\n", what, why);
    return 1;
}

static sansh_time now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (sansh_time)t.tv_sec * SECOND + (sansh_time)t.tv_nsec;
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

/* The file is read anew each time: whoever is struck out is out. */
static int authorized(sansh_bytes key) {
    size_t len;
    uint8_t *text = read_file(authorized_keys, &len);
    if (!text) {
        fail(authorized_keys, strerror(errno));
        return 0;
    }
    sansh_status status = sansh_authorized_keys_find(text, len, key.ptr, key.len, NULL, NULL);
    free(text);
    return status == SANSH_OK;
}

static void log_in(struct connection *c, const sansh_event *e) {
    const struct sansh_event_login *login = &e->u.login;
    if (login->method == SANSH_METHOD_PUBLIC_KEY && authorized(login->key)) {
        sansh_answer_admission_accept(c->conn, e->ask);
    } else if (login->method == SANSH_METHOD_NONE) {
        /* Every client begins with it, to learn the methods. */
        sansh_answer_admission_deny(c->conn, e->ask, NULL);
    } else if (sansh_later(c->conn, e->ask) == SANSH_OK) {
        c->denied = e->ask;
        c->denied_at = now() + SECOND;
    }
}

static void sign(struct connection *c, const sansh_event *e) {
    uint8_t signature[SANSH_SIGNATURE_ROOM];
    size_t len;
    const struct sansh_event_sign *s = &e->u.sign;
    sansh_status status = sansh_key_sign(host_key, s->algorithm.ptr, s->algorithm.len, s->message.ptr, s->message.len,
                                         signature, sizeof signature, &len);
    if (status != SANSH_OK) len = 0; /* declines */
    sansh_answer_signature(c->conn, e->ask, signature, len);
}

static int is(sansh_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

/* ---- channels ---- */

static struct channel *find(struct connection *c, sansh_channel id) {
    for (int i = 0; i < CHANNELS; i++) {
        if (c->channels[i].id == id) return &c->channels[i];
    }
    return NULL;
}

static void forget(struct channel *ch) {
    sansh_backlog_free(ch->backlog);
    memset(ch, 0, sizeof *ch);
}

static void requested(struct connection *c, const sansh_event *e) {
    struct channel *ch = find(c, 0);
    if (e->u.open.kind != SANSH_OPEN_SESSION) {
        sansh_answer_opening_refuse(c->conn, e->ask, SANSH_REFUSAL_PROHIBITED, "sessions only");
    } else if (!ch || sansh_backlog_new(WINDOW, &ch->backlog) != SANSH_OK) {
        sansh_answer_opening_refuse(c->conn, e->ask, SANSH_REFUSAL_RESOURCE_SHORTAGE, "too many channels");
    } else if (sansh_answer_opening_accept(c->conn, e->ask, WINDOW, NULL, 0) == SANSH_OK) {
        ch->id = e->channel;
    } else {
        forget(ch); /* unanswered, it is refused */
    }
}

/* Sends what waits, as far as it goes; whatever refuses now is worth repeating when WRITABLE comes. */
static void pump(struct connection *c, struct channel *ch) {
    while (ch->started && sansh_backlog_len(ch->backlog) > 0) {
        sansh_space space;
        if (sansh_send_buf(c->conn, ch->id, SANSH_MAIN, &space) != SANSH_OK) return;
        sansh_bytes front = sansh_backlog_front(ch->backlog);
        size_t n = front.len < space.len ? front.len : space.len;
        memcpy(space.ptr, front.ptr, n);
        if (sansh_send(c->conn, ch->id, n) != SANSH_OK) return;
        uint32_t grant = 0;
        sansh_backlog_done(ch->backlog, n, &grant);
        sansh_grant(c->conn, ch->id, grant);
    }
    if (!ch->eof || ch->ending > 1) return;
    if (ch->ending == 0) {
        sansh_status status = ch->started ? sansh_request_exit_status(c->conn, ch->id, 0) : SANSH_OK;
        if (status == SANSH_E_FULL || status == SANSH_E_REKEYING) return;
        ch->ending = 1;
    }
    sansh_finish(c->conn, ch->id);
    sansh_close(c->conn, ch->id);
    ch->ending = 2;
}

/* ---- events ---- */

static void event(struct connection *c, int kind, const sansh_event *e) {
    struct channel *ch = e->channel ? find(c, e->channel) : NULL;
    switch (kind) {
    case SANSH_EVENT_SIGN:
        sign(c, e);
        break;
    case SANSH_EVENT_KEY_QUERY:
        sansh_answer_key_query(c->conn, e->ask, authorized(e->u.key_query.key));
        break;
    case SANSH_EVENT_LOGIN:
        log_in(c, e);
        break;
    case SANSH_EVENT_REQUESTED:
        requested(c, e);
        break;
    case SANSH_EVENT_REQUEST:
        if (ch && !ch->started && e->u.request.kind == SANSH_REQUEST_SUBSYSTEM && is(e->u.request.text, "echo")) {
            ch->started = sansh_answer_permission(c->conn, e->ask, 1) == SANSH_OK;
        } /* everything else is refused by not being answered */
        break;
    case SANSH_EVENT_DATA:
        /* The backlog is as large as the window, so this cannot fail; if it does, something is wrong. */
        if (ch && sansh_backlog_push(ch->backlog, e->u.data.bytes.ptr, e->u.data.bytes.len) == SANSH_OK) pump(c, ch);
        else sansh_close(c->conn, e->channel);
        break;
    case SANSH_EVENT_WRITABLE:
        if (ch) pump(c, ch);
        break;
    case SANSH_EVENT_EOF:
        if (ch) {
            ch->eof = 1;
            pump(c, ch);
        }
        break;
    case SANSH_EVENT_CHANNEL_CLOSED:
        if (ch) forget(ch);
        break;
    case SANSH_EVENT_CLOSED:
        c->over = 1;
        c->over_at = now() + 2 * (sansh_time)SECOND;
        if (e->u.closed.blame != SANSH_BLAME_NOBODY) {
            fprintf(stderr, "server: %.*s\n", (int)e->u.closed.text.len, (const char *)e->u.closed.text.ptr);
        }
        break;
    default: /* not for us, or a later version's; ignoring is safe, and refuses what is asked */
        break;
    }
}

/* ---- the turn of one connection ---- */

static void hang_up(struct connection *c) {
    close(c->fd);
    sansh_conn_free(c->conn);
    for (int i = 0; i < CHANNELS; i++) forget(&c->channels[i]);
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

static void receive(struct connection *c) {
    sansh_space space = sansh_recv_buf(c->conn);
    if (space.len == 0) return;
    ssize_t n = read(c->fd, space.ptr, space.len);
    if (n > 0) {
        sansh_received(c->conn, (size_t)n, now());
    } else {
        sansh_received(c->conn, 0, now());
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) sansh_received_eof(c->conn, now());
    }
}

/* Says whether bytes left. */
static int transmit(struct connection *c) {
    sansh_bytes bytes = sansh_transmit_buf(c->conn);
    if (bytes.len == 0) return 0;
    ssize_t n = write(c->fd, bytes.ptr, bytes.len);
    if (n >= 0) {
        sansh_transmitted(c->conn, (size_t)n);
        return n > 0;
    }
    if (errno != EAGAIN && errno != EINTR) {
        /* Nothing can go any more, and nothing must wait for it. */
        sansh_received_eof(c->conn, now());
        sansh_transmitted(c->conn, sansh_transmit_buf(c->conn).len);
        return 1;
    }
    return 0;
}

static void turn(struct connection *c, short ready) {
    sansh_event e;
    int kind;
    sansh_handle_timeout(c->conn, now());
    if (c->denied && now() >= c->denied_at) {
        sansh_answer_admission_deny(c->conn, c->denied, NULL);
        c->denied = 0;
    }
    if (ready & (POLLIN | POLLHUP | POLLERR)) receive(c);
    do {
        while ((kind = sansh_next_event(c->conn, &e)) > 0) event(c, kind, &e);
        if (kind < 0) {
            fail("libsansh", sansh_status_text(kind));
            hang_up(c);
            return;
        }
    } while (transmit(c)); /* what left made room, and room makes events */
    if (c->over && (sansh_transmit_buf(c->conn).len == 0 || now() >= c->over_at)) hang_up(c);
}

/* When this connection needs a turn even if nothing comes. */
static sansh_time due(const struct connection *c) {
    sansh_time at = sansh_next_timeout(c->conn);
    if (c->denied && c->denied_at < at) at = c->denied_at;
    if (c->over && c->over_at < at) at = c->over_at;
    return at;
}

/* ---- the loop ---- */

static void welcome(int listener, const sansh_config *config) {
    int yes = 1, fd = accept(listener, NULL, NULL);
    if (fd < 0) return;
    for (int i = 0; i < CONNECTIONS; i++) {
        if (all[i].fd >= 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        sansh_status status = set_nonblocking(fd) < 0 ? SANSH_E_OTHER : sansh_conn_new(config, NULL, now(), &all[i].conn);
        if (status != SANSH_OK) {
            fail("a connection", sansh_status_text(status));
            break;
        }
        all[i].fd = fd;
        turn(&all[i], 0);
        return;
    }
    close(fd);
}

static int serve(int listener, const sansh_config *config) {
    for (;;) {
        static struct pollfd set[CONNECTIONS + 2];
        sansh_time at = SANSH_NEVER;
        int free_places = 0, patience;
        for (int i = 0; i < CONNECTIONS; i++) {
            set[i].fd = -1;
            set[i].events = set[i].revents = 0;
            if (all[i].fd < 0) {
                free_places++;
                continue;
            }
            int wants = sansh_wants(all[i].conn);
            set[i].events = (short)((wants & SANSH_READ ? POLLIN : 0) | (wants & SANSH_WRITE ? POLLOUT : 0));
            if (set[i].events) set[i].fd = all[i].fd;
            if (due(&all[i]) < at) at = due(&all[i]);
        }
        set[CONNECTIONS].fd = free_places ? listener : -1;
        set[CONNECTIONS].events = POLLIN;
        set[CONNECTIONS + 1].fd = signal_pipe[0];
        set[CONNECTIONS + 1].events = POLLIN;
        patience = -1;
        if (at != SANSH_NEVER) {
            sansh_time t = now(), ms = at <= t ? 0 : (at - t + 999999) / 1000000;
            patience = ms > 60000 ? 60000 : (int)ms;
        }
        if (poll(set, CONNECTIONS + 2, patience) < 0) {
            if (errno == EINTR) continue;
            return fail("poll", strerror(errno));
        }
        if (set[CONNECTIONS + 1].revents) return 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            if (all[i].fd >= 0 && (set[i].revents || due(&all[i]) <= now())) turn(&all[i], set[i].revents);
        }
        if (set[CONNECTIONS].revents) welcome(listener, config);
    }
}

/* ---- setting up ---- */

static int listen_at(const char *address, unsigned port) {
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) {
        fail(address, "not an IPv4 address");
        if (fd >= 0) close(fd);
        return -1;
    }
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0 || set_nonblocking(fd) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
        fail(address, strerror(errno));
        if (fd >= 0) close(fd);
        return -1;
    }
    printf("port %u\n", (unsigned)ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static int load_key(const char *path) {
    size_t len;
    uint8_t *text = read_file(path, &len);
    if (!text) return fail(path, strerror(errno));
    sansh_status status = sansh_key_read(text, len, &host_key);
    memset(text, 0, len);
    free(text);
    return status == SANSH_OK ? 0 : fail(path, sansh_status_text(status));
}

static int configure(sansh_config **config) {
    sansh_bytes blob = sansh_key_public_blob(host_key);
    sansh_status status = sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, config);
    if (status == SANSH_OK) status = sansh_config_host_key(*config, blob.ptr, blob.len);
    if (status == SANSH_OK) status = sansh_config_methods(*config, "publickey");
    if (status == SANSH_OK) status = sansh_config_limit(*config, SANSH_LIMIT_CHANNELS, CHANNELS);
    if (status == SANSH_OK) status = sansh_config_login_time(*config, 30 * (sansh_time)SECOND);
    if (status == SANSH_OK) status = sansh_config_keepalive(*config, 60 * (sansh_time)SECOND, 3);
    return status == SANSH_OK ? 0 : fail("configuration", sansh_status_text(status));
}

static void stop(int number) {
    (void)number;
    ssize_t ignored = write(signal_pipe[1], "", 1);
    (void)ignored;
}

static int usage(void) {
    fprintf(stderr, "usage: server -p port -h hostkeyfile -a authorized_keys [-b address]\n");
    return 1;
}

int main(int argc, char **argv) {
    const char *address = "127.0.0.1", *keyfile = NULL;
    long port = -1;
    int option, result = 1;
    while ((option = getopt(argc, argv, "p:h:a:b:")) != -1) {
        switch (option) {
        case 'p': {
            char *end;
            port = strtol(optarg, &end, 10);
            if (*end || end == optarg || port < 0 || port > 65535) return fail("-p", "a port is a number from 0 to 65535");
            break;
        }
        case 'h': keyfile = optarg; break;
        case 'a': authorized_keys = optarg; break;
        case 'b': address = optarg; break;
        default: return usage();
        }
    }
    if (port < 0 || !keyfile || !authorized_keys || optind != argc) return usage();
    if (pipe(signal_pipe) < 0) return fail("pipe", strerror(errno));
    signal(SIGPIPE, SIG_IGN); /* write(2) says it too */
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    for (int i = 0; i < CONNECTIONS; i++) all[i].fd = -1;

    sansh_config *config = NULL;
    if (load_key(keyfile) == 0 && configure(&config) == 0) {
        int listener = listen_at(address, (unsigned)port);
        if (listener >= 0) {
            result = serve(listener, config);
            close(listener);
        }
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        if (all[i].fd >= 0) hang_up(&all[i]);
    }
    sansh_config_free(config);
    sansh_key_free(host_key);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
    return result;
}
