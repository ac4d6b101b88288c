/* Unix sockets forwarded from the server's side, the last of the sessions, and windows that are granted back by themselves. */
#include "pair.h"

enum { WINDOW = 40000 };

static void sockets(pair *p) {
    sansh_channel there, back;
    sansh_event e;
    sansh_sent sent;
    OK(sansh_open_forwarded_streamlocal(p->server.conn, "/run/s", WINDOW, &back));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && e.channel == back); /* not asked for */
    OK(sansh_global_streamlocal_forward(p->client.conn, "/run/s", &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_STREAMLOCAL_FORWARD);
    CHECK(equal(e.u.global.address, "/run/s") && e.u.global.keys == NULL);
    OK(sansh_answer_global(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 1);
    OK(sansh_open_forwarded_streamlocal(p->server.conn, "/run/s", WINDOW, &back));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_FORWARDED_STREAMLOCAL);
    CHECK(equal(e.u.open.address, "/run/s"));
    there = e.channel;
    OK(sansh_answer_opening_accept(p->client.conn, e.ask, WINDOW, NULL, 0));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_OPENED && e.channel == back && there != 0);
    OK(sansh_global_cancel_streamlocal_forward(p->client.conn, "/run/s", &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD);
    OK(sansh_answer_global(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent);
    OK(sansh_open_forwarded_streamlocal(p->server.conn, "/run/s", WINDOW, &back));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && e.channel == back);
}

/* Ten windows' worth of data, and nobody calls sansh_grant(). */
static void flow(pair *p) {
    sansh_channel here, there;
    sansh_event e;
    sansh_space space;
    size_t total = 0, came = 0;
    pair_session(p, WINDOW, &here, &there);
    IS(sansh_flow(p->server.conn, here ^ ((sansh_channel)1 << 50), 0, 1), SANSH_E_STALE);
    OK(sansh_flow(p->server.conn, there, 4 * WINDOW, 1));
    for (int i = 0; i < 10000 && total < 10 * WINDOW; i++) {
        if (sansh_send_buf(p->client.conn, here, SANSH_MAIN, &space) == SANSH_OK) {
            memset(space.ptr, 'x', space.len);
            OK(sansh_send(p->client.conn, here, space.len));
            total += space.len;
            continue;
        }
        while (next(p, &p->server, &e) == SANSH_EVENT_DATA) came += e.u.data.bytes.len;
        while (next(p, &p->client, &e) > 0) CHECK(e.kind == SANSH_EVENT_WRITABLE);
    }
    while (next(p, &p->server, &e) == SANSH_EVENT_DATA) came += e.u.data.bytes.len;
    CHECK(total >= 10 * WINDOW && came == total);
    (void)sansh_counter(p->server.conn, SANSH_COUNT_WINDOW_GROWN);
    (void)sansh_counter(p->server.conn, SANSH_COUNT_ROUND_TRIP);
}

static void no_more(pair *p) {
    sansh_channel channel;
    sansh_event e;
    OK(sansh_global_no_more_sessions(p->client.conn));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_NO_MORE_SESSIONS && !e.ask);
    IS(sansh_open_session(p->client.conn, WINDOW, &channel), SANSH_E_CLOSED);
    OK(sansh_open_direct_streamlocal(p->client.conn, "/run/t", WINDOW, &channel)); /* all else goes on */
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED);
}

int main(void) {
    pair *p = pair_new(NULL, NULL);
    pair_log_in(p);
    sockets(p);
    flow(p);
    no_more(p);
    pair_free(p);
    return 0;
}
