/* A caller that does everything wrong, short of pointers that are no pointers: a status each time, and nothing changes. */
#include "pair.h"

#define NONE(bytes) CHECK((bytes).len == 0)

static void null_handles(void) {
    const uint8_t *b = (const uint8_t *)"x";
    sansh_event e;
    sansh_space space;
    sansh_channel channel = 5;
    sansh_sent sent = 5;
    uint8_t room[8];
    size_t len;
    uint32_t grant;

    /* Every function that takes a handle. */
    IS(sansh_config_kex(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_ciphers(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_macs(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_signatures(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_limit(NULL, 0, 0), SANSH_E_NULL);
    CHECK(sansh_config_limit_value(NULL, 0) == 0);
    CHECK(sansh_config_bytes(NULL) == 0);
    IS(sansh_config_buffers(NULL, 0), SANSH_E_NULL);
    IS(sansh_config_software(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_rekey_bytes(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_rekey_packets(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_rekey_time(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_keepalive(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_config_login_time(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_kex_time(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_channel_types(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_requests(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_globals(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_host_key(NULL, b, 1), SANSH_E_NULL);
    IS(sansh_config_methods(NULL, "x"), SANSH_E_NULL);
    IS(sansh_config_other_methods(NULL, "x"), SANSH_E_NULL);
    CHECK(sansh_wants(NULL) == 0);
    NONE(sansh_recv_buf(NULL));
    IS(sansh_received(NULL, 0, 0), SANSH_E_NULL);
    IS(sansh_received_eof(NULL, 0), SANSH_E_NULL);
    NONE(sansh_transmit_buf(NULL));
    IS(sansh_transmitted(NULL, 0), SANSH_E_NULL);
    IS(sansh_next_event(NULL, &e), SANSH_E_NULL);
    IS(sansh_later(NULL, 1), SANSH_E_NULL);
    IS(sansh_send_buf(NULL, 1, 0, &space), SANSH_E_NULL);
    IS(sansh_send(NULL, 1, 1), SANSH_E_NULL);
    CHECK(sansh_next_timeout(NULL) == 0);
    IS(sansh_handle_timeout(NULL, 0), SANSH_E_NULL);
    IS(sansh_rekey(NULL), SANSH_E_NULL);
    IS(sansh_disconnect(NULL, 11, "x"), SANSH_E_NULL);
    IS(sansh_banner(NULL, "x"), SANSH_E_NULL);
    IS(sansh_answer_trust(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_answer_login_none(NULL, 1, "x"), SANSH_E_NULL);
    IS(sansh_answer_login_password(NULL, 1, "x", "x"), SANSH_E_NULL);
    IS(sansh_answer_login_public_key(NULL, 1, "x", "x", b, 1, 0), SANSH_E_NULL);
    IS(sansh_answer_login_other(NULL, 1, "x", "x", b, 1), SANSH_E_NULL);
    IS(sansh_answer_login_give_up(NULL, 1), SANSH_E_NULL);
    IS(sansh_answer_signature(NULL, 1, b, 1), SANSH_E_NULL);
    IS(sansh_answer_key_query(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_answer_admission_accept(NULL, 1), SANSH_E_NULL);
    IS(sansh_answer_admission_partial(NULL, 1, NULL), SANSH_E_NULL);
    IS(sansh_answer_admission_deny(NULL, 1, NULL), SANSH_E_NULL);
    IS(sansh_answer_opening_accept(NULL, 1, 1, NULL, 0), SANSH_E_NULL);
    IS(sansh_answer_opening_refuse(NULL, 1, 1, NULL), SANSH_E_NULL);
    IS(sansh_answer_permission(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_answer_global(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_answer_global_port(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_answer_global_data(NULL, 1, b, 1), SANSH_E_NULL);
    IS(sansh_open_session(NULL, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_direct_tcpip(NULL, "x", 1, "x", 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_forwarded_tcpip(NULL, "x", 1, "x", 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_direct_streamlocal(NULL, "x", 1, &channel), SANSH_E_NULL);
    IS(sansh_open_other(NULL, "x", b, 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_request_shell(NULL, 1, &sent), SANSH_E_NULL);
    IS(sansh_request_exec(NULL, 1, "x", &sent), SANSH_E_NULL);
    IS(sansh_request_subsystem(NULL, 1, "x", &sent), SANSH_E_NULL);
    IS(sansh_request_env(NULL, 1, "x", "x"), SANSH_E_NULL);
    IS(sansh_request_exit_status(NULL, 1, 0), SANSH_E_NULL);
    IS(sansh_request_exit_signal(NULL, 1, "x", 0, NULL), SANSH_E_NULL);
    IS(sansh_request_other(NULL, 1, "x", 1, b, 1, &sent), SANSH_E_NULL);
    IS(sansh_global_tcpip_forward(NULL, "x", 1, &sent), SANSH_E_NULL);
    IS(sansh_global_cancel_tcpip_forward(NULL, "x", 1, &sent), SANSH_E_NULL);
    IS(sansh_global_other(NULL, "x", 1, b, 1, &sent), SANSH_E_NULL);
    IS(sansh_grant(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_finish(NULL, 1), SANSH_E_NULL);
    IS(sansh_close(NULL, 1), SANSH_E_NULL);
    NONE(sansh_peer_identification(NULL));
    NONE(sansh_algorithm(NULL, 0));
    CHECK(sansh_is_strict(NULL) == 0);
    NONE(sansh_session_id(NULL));
    CHECK(sansh_counter(NULL, 0) == 0);
    NONE(sansh_trace(NULL));
    IS(sansh_traced(NULL, 0), SANSH_E_NULL);
    IS(sansh_backlog_push(NULL, b, 1), SANSH_E_NULL);
    NONE(sansh_backlog_front(NULL));
    CHECK(sansh_backlog_len(NULL) == 0);
    IS(sansh_backlog_done(NULL, 0, &grant), SANSH_E_NULL);
    NONE(sansh_key_public_blob(NULL));
    CHECK(sansh_key_algorithm(NULL) == NULL);
    IS(sansh_key_sign(NULL, b, 1, b, 1, room, sizeof room, &len), SANSH_E_NULL);
    IS(sansh_key_write(NULL, room, sizeof room, &len), SANSH_E_NULL);
    sansh_config_free(NULL);
    sansh_conn_free(NULL);
    sansh_key_free(NULL);
    sansh_backlog_free(NULL);
}

static void null_arguments(pair *p) {
    sansh_config *config;
    sansh_key *key;
    sansh_backlog *backlog;
    uint8_t room[8];
    char line[8];
    size_t len;
    sansh_conn *c = p->client.conn;
    IS(sansh_config_new(SANSH_CLIENT, 0, NULL), SANSH_E_NULL);
    OK(sansh_config_new(SANSH_SERVER, 0, &config));
    IS(sansh_conn_new(config, NULL, 0, NULL), SANSH_E_NULL);
    IS(sansh_conn_new(NULL, NULL, 0, &c), SANSH_E_NULL);
    CHECK(c == p->client.conn); /* never looked at */
    IS(sansh_conn_new(config, NULL, 0, &c), SANSH_E_NO_HOST_KEY);
    CHECK(c == NULL);
    c = p->client.conn;
    IS(sansh_config_kex(config, NULL), SANSH_E_NULL);
    IS(sansh_config_host_key(config, NULL, 1), SANSH_E_NULL);
    IS(sansh_config_methods(config, NULL), SANSH_E_NULL);
    sansh_config_free(config);
    IS(sansh_next_event(c, NULL), SANSH_E_NULL);
    IS(sansh_send_buf(c, 1, 0, NULL), SANSH_E_NULL);
    IS(sansh_open_session(c, 1, NULL), SANSH_E_NULL);
    IS(sansh_banner(p->server.conn, NULL), SANSH_E_NULL);
    IS(sansh_answer_signature(c, 1, NULL, 1), SANSH_E_NULL);
    IS(sansh_answer_login_none(c, 1, NULL), SANSH_E_NULL);
    IS(sansh_answer_login_password(c, 1, "x", NULL), SANSH_E_NULL);
    IS(sansh_request_exec(c, 1, NULL, NULL), SANSH_E_NULL);
    IS(sansh_backlog_new(1, NULL), SANSH_E_NULL);
    OK(sansh_backlog_new(1, &backlog));
    IS(sansh_backlog_push(backlog, NULL, 1), SANSH_E_NULL);
    OK(sansh_backlog_push(backlog, NULL, 0));
    IS(sansh_backlog_push(backlog, (const uint8_t *)"xy", 2), SANSH_E_FULL);
    OK(sansh_backlog_push(backlog, (const uint8_t *)"x", 1));
    IS(sansh_backlog_done(backlog, 2, NULL), SANSH_E_RANGE);
    CHECK(sansh_backlog_len(backlog) == 1);
    OK(sansh_backlog_done(backlog, 1, NULL));
    sansh_backlog_free(backlog);
    IS(sansh_backlog_new((size_t)-1, &backlog), SANSH_E_MEMORY);
    CHECK(backlog == NULL);
    IS(sansh_key_read(NULL, 1, &key), SANSH_E_NULL);
    CHECK(key == NULL);
    IS(sansh_key_read((const uint8_t *)"x", 1, NULL), SANSH_E_NULL);
    IS(sansh_key_read((const uint8_t *)"x", 1, &key), SANSH_E_FILE_NOT_A_KEY);
    IS(sansh_key_read((const uint8_t *)"x", (size_t)-1, &key), SANSH_E_RANGE);
    IS(sansh_key_generate(NULL, NULL), SANSH_E_NULL);
    IS(sansh_key_sign(p->user_key, (const uint8_t *)"ssh-ed25519", 11, NULL, 0, room, sizeof room, NULL), SANSH_E_NULL);
    IS(sansh_key_sign(p->user_key, (const uint8_t *)"ssh-ed25519", 11, NULL, 0, NULL, 9, &len), SANSH_E_NULL);
    IS(sansh_key_sign(p->user_key, (const uint8_t *)"ssh-ed25519", 11, NULL, 0, room, sizeof room, &len), SANSH_E_SPACE);
    CHECK(len == 83);
    IS(sansh_key_sign(p->user_key, (const uint8_t *)"rsa-sha2-256", 12, NULL, 0, room, sizeof room, &len),
       SANSH_E_ALGORITHM);
    IS(sansh_fingerprint(NULL, 1, line, sizeof line), SANSH_E_NULL);
    IS(sansh_fingerprint((const uint8_t *)"x", 1, NULL, 9), SANSH_E_NULL);
    IS(sansh_public_line((const uint8_t *)"x", 1, NULL, room, sizeof room, &len), SANSH_E_FILE_LINE);
    IS(sansh_authorized_keys_find(NULL, 1, room, 1, NULL, NULL), SANSH_E_NULL);
    IS(sansh_known_hosts_check((const uint8_t *)"x", 1, NULL, 22, room, 1, NULL), SANSH_E_NULL);
    IS(sansh_known_hosts_check((const uint8_t *)"x", 1, "\xff", 22, room, 1, NULL), SANSH_E_TEXT);
}

static void configurations(void) {
    sansh_config *config;
    sansh_conn *conn, *second;
    IS(sansh_config_new(2, 0, &config), SANSH_E_ARGUMENT);
    CHECK(config == NULL);
    IS(sansh_config_new(0, 77, &config), SANSH_E_ARGUMENT);
    OK(sansh_config_new(SANSH_CLIENT, 0, &config));
    IS(sansh_config_kex(config, ""), SANSH_E_ALGORITHM);
    IS(sansh_config_ciphers(config, "3des-cbc"), SANSH_E_ALGORITHM);
    IS(sansh_config_ciphers(config, "\xff"), SANSH_E_TEXT);
    IS(sansh_config_software(config, "with-dash"), SANSH_E_TEXT);
    IS(sansh_config_buffers(config, 2), SANSH_E_ARGUMENT);
    IS(sansh_config_host_key(config, (const uint8_t *)"x", 1), SANSH_E_ROLE);
    IS(sansh_config_methods(config, "password"), SANSH_E_ROLE);
    IS(sansh_config_limit(config, -1, 1), SANSH_E_ARGUMENT);
    IS(sansh_config_limit(config, SANSH_LIMIT_CHANNELS, (uint64_t)1 << 32), SANSH_E_ARGUMENT);
    CHECK(sansh_config_limit_value(config, -1) == 0);
    CHECK(sansh_config_bytes(config) > 100000);

    /* Limits that do not fit together yet. */
    IS(sansh_config_limit(config, SANSH_LIMIT_PACKET, 100000), SANSH_E_BAD_LIMIT);
    CHECK(sansh_config_limit_value(config, SANSH_LIMIT_PACKET) == 100000);
    IS(sansh_conn_new(config, NULL, 0, &conn), SANSH_E_BAD_LIMIT);
    CHECK(conn == NULL);
    OK(sansh_config_limit(config, SANSH_LIMIT_HANDSHAKE_RECEIVE, 102000));
    OK(sansh_conn_new(config, NULL, 0, &conn));

    /* In use: it changes no more, and may go. */
    IS(sansh_config_limit(config, SANSH_LIMIT_CHANNELS, 4), SANSH_E_BUSY);
    CHECK(sansh_config_limit_value(config, SANSH_LIMIT_CHANNELS) == 256);
    IS(sansh_config_keepalive(config, 1, 1), SANSH_E_BUSY);
    OK(sansh_conn_new(config, NULL, 0, &second));
    sansh_conn_free(conn);
    IS(sansh_config_kex_time(config, 1), SANSH_E_BUSY);
    sansh_config_free(config);
    CHECK(sansh_transmit_buf(second).len > 0);
    sansh_conn_free(second);
}

static void too_much(pair *p) {
    sansh_conn *c = p->client.conn;
    size_t out = sansh_transmit_buf(c).len;
    IS(sansh_transmitted(c, out + 1), SANSH_E_RANGE);
    CHECK(sansh_transmit_buf(c).len == out);
    IS(sansh_received(c, 1, 1), SANSH_E_RANGE); /* nothing was lent */
    sansh_space space = sansh_recv_buf(c);
    CHECK(space.len > 0);
    IS(sansh_received(c, space.len + 1, 1), SANSH_E_RANGE);
    sansh_space again = sansh_recv_buf(c);
    CHECK(again.ptr == space.ptr && again.len == space.len);
    OK(sansh_handle_timeout(c, 60000000000u)); /* an idle connection gives its buffers back, but none that is lent */
    space.ptr[space.len - 1] = 'x';
    OK(sansh_received(c, 0, 1)); /* the loan went on until here */
    IS(sansh_received(c, 1, 1), SANSH_E_RANGE);
    IS(sansh_traced(c, 1), SANSH_E_RANGE);
}

/* Asks: stale, guessed, of another kind, of another connection, answered twice. */
static void asks(pair *p, pair *twin) {
    sansh_event e, f;
    int kind;
    while ((kind = next(p, &p->server, &e)) != SANSH_EVENT_SIGN) CHECK(kind);
    while ((kind = next(twin, &twin->server, &f)) != SANSH_EVENT_SIGN) CHECK(kind);
    sansh_conn *s = p->server.conn;
    IS(sansh_answer_signature(s, 0, NULL, 0), SANSH_E_STALE);
    IS(sansh_answer_signature(s, e.ask + 1, NULL, 0), SANSH_E_STALE);
    IS(sansh_answer_signature(s, ~(sansh_ask)0, NULL, 0), SANSH_E_STALE);
    IS(sansh_answer_signature(s, f.ask, NULL, 0), SANSH_E_STALE);
    IS(sansh_later(s, f.ask), SANSH_E_STALE);
    IS(sansh_answer_trust(s, e.ask, 1), SANSH_E_STALE);
    IS(sansh_answer_key_query(s, e.ask, 1), SANSH_E_STALE);
    IS(sansh_answer_admission_accept(s, e.ask), SANSH_E_STALE);
    IS(sansh_answer_permission(s, e.ask, 1), SANSH_E_STALE);
    IS(sansh_answer_opening_accept(s, e.ask, 1, NULL, 0), SANSH_E_STALE);
    IS(sansh_answer_global(s, e.ask, 1), SANSH_E_STALE);
    IS(sansh_answer_login_none(s, e.ask, "x"), SANSH_E_ROLE);
    sign(&p->server, p->host_key, &e);
    IS(sansh_answer_signature(s, e.ask, NULL, 0), SANSH_E_STALE);
    IS(sansh_later(s, e.ask), SANSH_E_STALE);

    sansh_conn *c = p->client.conn;
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_HOST_KEY);
    IS(sansh_answer_admission_accept(c, e.ask), SANSH_E_ROLE);
    IS(sansh_banner(c, "x"), SANSH_E_ROLE);
    IS(sansh_answer_login_none(c, e.ask, "x"), SANSH_E_STALE);
    OK(sansh_later(c, e.ask));
    OK(sansh_answer_trust(c, e.ask, 1));
    IS(sansh_answer_trust(c, e.ask, 0), SANSH_E_STALE);
}

/* Channels: guessed, another connection's, not open yet, closed. */
static void channels(pair *p, pair *twin) {
    sansh_channel here, there, other;
    sansh_space space;
    sansh_event e;
    sansh_conn *c = p->client.conn;
    OK(sansh_open_session(c, 1000, &here));
    OK(sansh_open_session(twin->client.conn, 1000, &other));
    IS(sansh_send_buf(c, here, SANSH_MAIN, &space), SANSH_E_CLOSED); /* not yet */
    IS(sansh_request_exec(c, here, "x", NULL), SANSH_E_CLOSED);
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED);
    there = e.channel;
    OK(sansh_answer_opening_accept(p->server.conn, e.ask, 1000, NULL, 0));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_OPENED);
    sansh_channel wrong[] = {0, here + 1, ~here, ~(sansh_channel)0, other, (sansh_channel)1 << 40};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        IS(sansh_send_buf(c, wrong[i], SANSH_MAIN, &space), SANSH_E_STALE);
        CHECK(space.ptr == NULL && space.len == 0);
        IS(sansh_send(c, wrong[i], 1), SANSH_E_ORDER);
        IS(sansh_grant(c, wrong[i], 1), SANSH_E_STALE);
        IS(sansh_finish(c, wrong[i]), SANSH_E_STALE);
        IS(sansh_close(c, wrong[i]), SANSH_E_STALE);
        IS(sansh_request_shell(c, wrong[i], NULL), SANSH_E_STALE);
    }
    IS(sansh_send_buf(c, here, 2, &space), SANSH_E_ARGUMENT);
    IS(sansh_send_buf(c, here, -1, &space), SANSH_E_ARGUMENT);

    /* Order. */
    IS(sansh_send(c, here, 1), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    CHECK(space.len == 1000);
    memset(space.ptr, 'a', space.len);
    IS(sansh_send(c, here, space.len + 1), SANSH_E_RANGE); /* the loan goes on */
    IS(sansh_send(c, there ^ 1, 1), SANSH_E_ORDER);        /* and ends here */
    IS(sansh_send(c, here, 1), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    (void)sansh_wants(c); /* looks do not end it */
    (void)sansh_transmit_buf(c);
    (void)sansh_counter(c, 0);
    memset(space.ptr, 'b', 3);
    OK(sansh_send(c, here, 3));
    IS(sansh_send(c, here, 3), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    OK(sansh_grant(c, here, 0)); /* ends it */
    IS(sansh_send(c, here, 3), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    CHECK(sansh_next_event(c, &e) == SANSH_EVENT_NONE); /* ends it */
    IS(sansh_send(c, here, 3), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    OK(sansh_transmitted(c, 0)); /* ends it */
    IS(sansh_send(c, here, 3), SANSH_E_ORDER);
    OK(sansh_send_buf(c, here, SANSH_MAIN, &space));
    OK(sansh_send(c, here, 0)); /* sends nothing, ends it */
    IS(sansh_send(c, here, 3), SANSH_E_ORDER);
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_DATA);
    CHECK(equal(e.u.data.bytes, "bbb"));
    CHECK(next(p, &p->server, &e) == 0); /* that was all */

    OK(sansh_finish(c, here));
    IS(sansh_send_buf(c, here, SANSH_MAIN, &space), SANSH_E_CLOSED);
    OK(sansh_close(c, here));
    IS(sansh_send_buf(c, here, SANSH_MAIN, &space), SANSH_E_CLOSED);
}

/* After the end every call says so, and nothing is sent. */
static void after_the_end(pair *p) {
    sansh_conn *c = p->client.conn;
    sansh_channel channel = 9;
    sansh_space space;
    sansh_event e;
    int kind;
    OK(sansh_disconnect(c, 11, NULL));
    while ((kind = sansh_next_event(c, &e)) != SANSH_EVENT_CLOSED) CHECK(kind > 0);
    for (int i = 0; i < 3; i++) {
        CHECK(sansh_next_event(c, &e) == SANSH_EVENT_NONE);
        IS(sansh_open_session(c, 1, &channel), SANSH_E_CLOSED);
        CHECK(channel == 0);
        CHECK(sansh_send_buf(c, 1, 0, &space) < 0);
        IS(sansh_send(c, 1, 1), SANSH_E_ORDER);
        IS(sansh_global_other(c, "x@example.com", 1, NULL, 0, NULL), SANSH_E_CLOSED);
        IS(sansh_answer_trust(c, 1, 1), SANSH_E_STALE);
        IS(sansh_later(c, 1), SANSH_E_STALE);
        OK(sansh_rekey(c));
        OK(sansh_disconnect(c, 2, "again"));
        OK(sansh_received_eof(c, 2));
        OK(sansh_handle_timeout(c, 2));
        space = sansh_recv_buf(c);
        IS(sansh_received(c, space.len + 1, 2), SANSH_E_RANGE);
        OK(sansh_received(c, space.len, 2)); /* rubbish, if anything */
        OK(sansh_transmitted(c, sansh_transmit_buf(c).len));
        CHECK(sansh_transmit_buf(c).len == 0);
    }
    /* Before the beginning it is much the same. */
    c = p->server.conn;
    IS(sansh_open_session(c, 1, &channel), SANSH_E_CLOSED);
}

int main(void) {
    pair *p = pair_new(NULL, NULL), *twin = pair_new(NULL, NULL);
    null_handles();
    null_arguments(p);
    configurations();
    too_much(p);
    asks(p, twin);
    pair_free(p);
    pair_free(twin);

    p = pair_new(NULL, NULL);
    twin = pair_new(NULL, NULL);
    pair_log_in(p);
    pair_log_in(twin);
    channels(p, twin);
    pair_free(p);
    pair_free(twin);

    p = pair_new(NULL, NULL);
    after_the_end(p);
    pair_free(p);
    return 0;
}
