/* A session with a terminal: size, modes, signals, breaks; and what may come back only if it was asked for: X11, the agent. */
#include "pair.h"

enum { WINDOW = 10000 };

static void terminal(pair *p) {
    sansh_channel here, there;
    sansh_event e;
    sansh_sent sent;
    sansh_size size = {80, 24, 640, 480}, changed = {132, 50, 0, 0};
    sansh_mode modes[160] = {{3, 127}, {53, 1}, {129, 38400}, {53, 0}};
    for (int i = 4; i < 160; i++) modes[i] = modes[0];
    pair_session(p, WINDOW, &here, &there);

    /* Refused before anything goes. */
    IS(sansh_request_pty(p->client.conn, here, "xterm", NULL, modes, 1, &sent), SANSH_E_NULL);
    IS(sansh_request_pty(p->client.conn, here, "xterm", &size, modes, 160, &sent), SANSH_E_LIMIT);
    IS(sansh_request_pty(p->client.conn, here, "xterm", &size, NULL, 1, &sent), SANSH_E_NULL);
    modes[0].opcode = 160;
    IS(sansh_request_pty(p->client.conn, here, "xterm", &size, modes, 1, &sent), SANSH_E_ARGUMENT);
    modes[0].opcode = 0;
    IS(sansh_request_pty(p->client.conn, here, "xterm", &size, modes, 1, &sent), SANSH_E_ARGUMENT);
    modes[0].opcode = 3 + 256;
    IS(sansh_request_pty(p->client.conn, here, "xterm", &size, modes, 1, &sent), SANSH_E_ARGUMENT);
    modes[0].opcode = 3;

    OK(sansh_request_pty(p->client.conn, here, "xterm", &size, modes, 4, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_PTY && e.channel == there);
    CHECK(equal(e.u.request.text, "xterm") && equal(e.u.request.name, "pty-req"));
    CHECK(e.u.request.size.columns == 80 && e.u.request.size.rows == 24);
    CHECK(e.u.request.size.width == 640 && e.u.request.size.height == 480);
    /* Each opcode once, with its last argument. */
    CHECK(e.u.request.modes_len == 3);
    CHECK(e.u.request.modes[0].opcode == 3 && e.u.request.modes[0].argument == 127);
    CHECK(e.u.request.modes[1].opcode == 53 && e.u.request.modes[1].argument == 0);
    CHECK(e.u.request.modes[2].opcode == 129 && e.u.request.modes[2].argument == 38400);
    OK(sansh_answer_permission(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 1);
    OK(sansh_request_pty(p->client.conn, here, "", &size, NULL, 0, NULL));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.modes == NULL && e.u.request.modes_len == 0);
    OK(sansh_answer_permission(p->server.conn, e.ask, 0));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.ok == 0);

    OK(sansh_request_window_change(p->client.conn, here, &changed));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_WINDOW_CHANGE);
    CHECK(e.ask == 0 && e.u.request.size.columns == 132 && e.u.request.size.rows == 50 && e.u.request.size.width == 0);
    OK(sansh_request_signal(p->client.conn, here, "INT"));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_SIGNAL);
    CHECK(e.ask == 0 && equal(e.u.request.text, "INT"));
    OK(sansh_request_break(p->client.conn, here, 500, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_BREAK);
    CHECK(e.u.request.milliseconds == 500);
    OK(sansh_answer_permission(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.to == sent);
    OK(sansh_request_xon_xoff(p->server.conn, there, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_XON_XOFF);
    CHECK(e.ask == 0 && e.u.request.client_can_do == 1);
    OK(sansh_request_end_of_write(p->server.conn, there));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_END_OF_WRITE && e.ask == 0);
}

/* X11 and the agent: refused by the client itself unless it has asked, and then as often as it said. */
static void callbacks(pair *p) {
    sansh_channel here, there, back;
    sansh_event e;
    pair_session(p, WINDOW, &here, &there);
    OK(sansh_open_x11(p->server.conn, "10.0.0.1", 6000, WINDOW, &back));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && e.channel == back);
    OK(sansh_open_auth_agent(p->server.conn, WINDOW, &back));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && e.channel == back);
    CHECK(next(p, &p->client, &e) == 0); /* it heard of nothing */

    OK(sansh_request_x11(p->client.conn, here, 1, "MIT-MAGIC-COOKIE-1", "00112233445566778899aabbccddeeff", 3, NULL));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_X11);
    CHECK(e.u.request.single_connection == 1 && e.u.request.screen == 3);
    CHECK(equal(e.u.request.text, "MIT-MAGIC-COOKIE-1") && e.u.request.value.len == 32);
    OK(sansh_answer_permission(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.ok == 1);
    OK(sansh_open_x11(p->server.conn, "10.0.0.1", 6000, WINDOW, &back));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_X11);
    CHECK(equal(e.u.open.originator, "10.0.0.1") && e.u.open.originator_port == 6000);
    OK(sansh_answer_opening_accept(p->client.conn, e.ask, WINDOW, NULL, 0));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_OPENED && e.channel == back);
    OK(sansh_open_x11(p->server.conn, "10.0.0.1", 6000, WINDOW, &back)); /* a second one was not asked for */
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && e.channel == back);

    OK(sansh_request_auth_agent(p->client.conn, here, NULL));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_AUTH_AGENT);
    OK(sansh_answer_permission(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.ok == 1);
    OK(sansh_open_auth_agent(p->server.conn, WINDOW, &back));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_AUTH_AGENT);
    OK(sansh_answer_opening_refuse(p->client.conn, e.ask, SANSH_REFUSAL_PROHIBITED, "not now"));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REFUSED && equal(e.u.refused.text, "not now"));
}

int main(void) {
    pair *p = pair_new(NULL, NULL);
    pair_log_in(p);
    terminal(p);
    callbacks(p);
    pair_free(p);
    return 0;
}
