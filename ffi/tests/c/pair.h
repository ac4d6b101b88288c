/* A client and a server in one program: what both write is carried over by hand. For tests. */
#ifndef PAIR_H
#define PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sansh.h"

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

#define IS(call, status)                                                                                        \
    do {                                                                                                        \
        sansh_status got_ = (call);                                                                             \
        if (got_ != (status)) {                                                                                 \
            fprintf(stderr, "%s:%d: %s: %s (%d)\n", __FILE__, __LINE__, #call, sansh_status_text(got_), (int)got_); \
            exit(1);                                                                                            \
        }                                                                                                       \
    } while (0)

#define OK(call) IS(call, SANSH_OK)

typedef struct {
    sansh_conn *conn;
    sansh_time now;
    int seen; /* an event that was found while the other side was asked for one */
    sansh_event event;
} side;

typedef struct {
    side client, server;
    sansh_key *host_key, *user_key;
    int own_trust; /* the test answers SANSH_EVENT_HOST_KEY itself */
    int state;     /* how far a test has come */
} pair;

static inline int equal(sansh_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && (bytes.len == 0 || memcmp(bytes.ptr, text, bytes.len) == 0);
}

/* Carries what `from` has to say to `to`; says whether there was anything. */
static inline int carry(side *from, side *to) {
    int moved = 0;
    for (;;) {
        sansh_bytes bytes = sansh_transmit_buf(from->conn);
        if (bytes.len == 0 || !(sansh_wants(to->conn) & SANSH_READ)) return moved;
        CHECK(sansh_wants(from->conn) & SANSH_WRITE);
        sansh_space space = sansh_recv_buf(to->conn);
        size_t n = bytes.len < space.len ? bytes.len : space.len;
        if (n == 0) return moved;
        memcpy(space.ptr, bytes.ptr, n);
        OK(sansh_received(to->conn, n, to->now));
        OK(sansh_transmitted(from->conn, n));
        moved = 1;
        return moved;
    }
}

/* Lets a side look at what came, up to its next event. */
static inline void step(side *who) {
    if (who->seen == 0) {
        who->seen = sansh_next_event(who->conn, &who->event);
        CHECK(who->seen >= 0);
        CHECK(who->seen == who->event.kind);
    }
}

/* The next event of `who`, with traffic both ways until one comes; 0 if nothing moves any more. */
static inline int next(pair *p, side *who, sansh_event *e) {
    for (;;) {
        step(who);
        if (who->seen > 0) {
            int kind = who->seen;
            *e = who->event;
            who->seen = 0;
            return kind;
        }
        step(who == &p->client ? &p->server : &p->client);
        int moved = carry(&p->client, &p->server);
        moved |= carry(&p->server, &p->client);
        if (!moved) {
            memset(e, 0, sizeof *e);
            return 0;
        }
    }
}

static inline void sign(side *who, sansh_key *key, const sansh_event *e) {
    uint8_t signature[SANSH_SIGNATURE_ROOM];
    size_t len;
    OK(sansh_key_sign(key, e->u.sign.algorithm.ptr, e->u.sign.algorithm.len, e->u.sign.message.ptr,
                      e->u.sign.message.len, signature, sizeof signature, &len));
    OK(sansh_answer_signature(who->conn, e->ask, signature, len));
}

/* Both ends, before anything was said. */
static inline pair *pair_new(sansh_config *client, sansh_config *server) {
    static uint8_t fresh = 10; /* seeds are fixed, so that runs repeat, and never used twice */
    uint8_t seed[SANSH_SEED_LEN] = {7};
    pair *p = (pair *)calloc(1, sizeof *p);
    sansh_config *own_client = NULL, *own_server = NULL;
    CHECK(p);
    OK(sansh_key_generate(seed, &p->host_key));
    seed[0] = 8;
    OK(sansh_key_generate(seed, &p->user_key));
    if (!client) {
        OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &own_client));
        client = own_client;
    }
    if (!server) {
        OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &own_server));
        server = own_server;
    }
    sansh_bytes blob = sansh_key_public_blob(p->host_key);
    OK(sansh_config_host_key(server, blob.ptr, blob.len));
    seed[0] = fresh++;
    OK(sansh_conn_new(client, seed, 1, &p->client.conn));
    seed[0] = fresh++;
    OK(sansh_conn_new(server, seed, 1, &p->server.conn));
    p->client.now = p->server.now = 1;
    sansh_config_free(own_client);
    sansh_config_free(own_server);
    return p;
}

static inline void pair_free(pair *p) {
    sansh_conn_free(p->client.conn);
    sansh_conn_free(p->server.conn);
    sansh_key_free(p->host_key);
    sansh_key_free(p->user_key);
    free(p);
}

/* Both log in by the password `secret`; every other question is left for the test. */
static inline void pair_log_in(pair *p) {
    int client_in = 0, server_in = 0;
    sansh_event e;
    for (int turns = 0; turns < 1000 && !(client_in && server_in); turns++) {
        switch (next(p, &p->server, &e)) {
        case SANSH_EVENT_SIGN: sign(&p->server, p->host_key, &e); break;
        case SANSH_EVENT_LOGIN:
            CHECK(e.u.login.method == SANSH_METHOD_PASSWORD && equal(e.u.login.password, "secret"));
            OK(sansh_answer_admission_accept(p->server.conn, e.ask));
            break;
        case SANSH_EVENT_READY: server_in = 1; break;
        default: break;
        }
        switch (next(p, &p->client, &e)) {
        case SANSH_EVENT_HOST_KEY: OK(sansh_answer_trust(p->client.conn, e.ask, 1)); break;
        case SANSH_EVENT_LOGIN_NEEDED: OK(sansh_answer_login_password(p->client.conn, e.ask, "me", "secret")); break;
        case SANSH_EVENT_READY: client_in = 1; break;
        default: break;
        }
    }
    CHECK(client_in && server_in);
}

typedef void handler(pair *p, sansh_event *e);

/* A login that a test leads: it is told of what is not the same in every login. 1 if both ends are in, 0 if one ended. */
static inline int pair_log_in_by(pair *p, handler *server, handler *client) {
    int client_in = 0, server_in = 0;
    sansh_event e;
    for (int turns = 0; turns < 1000 && !(client_in && server_in); turns++) {
        int kind = next(p, &p->server, &e);
        if (kind == SANSH_EVENT_SIGN && e.u.sign.purpose == SANSH_PURPOSE_KEY_EXCHANGE) sign(&p->server, p->host_key, &e);
        else if (kind) server(p, &e);
        if (kind == SANSH_EVENT_READY) server_in = 1;
        if (kind == SANSH_EVENT_CLOSED) return 0;
        kind = next(p, &p->client, &e);
        if (kind == SANSH_EVENT_HOST_KEY && !p->own_trust) OK(sansh_answer_trust(p->client.conn, e.ask, 1));
        else if (kind) client(p, &e);
        if (kind == SANSH_EVENT_READY) client_in = 1;
        if (kind == SANSH_EVENT_CLOSED) return 0;
    }
    CHECK(client_in && server_in);
    return 1;
}

static inline int alike(sansh_bytes a, sansh_bytes b) { return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len)); }

static inline sansh_bytes text_bytes(const char *text) {
    sansh_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = strlen(text);
    return bytes;
}

/* A session that is open on both sides. */
static inline void pair_session(pair *p, uint32_t window, sansh_channel *here, sansh_channel *there) {
    sansh_event e;
    OK(sansh_open_session(p->client.conn, window, here));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_SESSION);
    OK(sansh_answer_opening_accept(p->server.conn, e.ask, window, NULL, 0));
    *there = e.channel;
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_OPENED && e.channel == *here);
}

#endif
