/* Everything that the interface has, used as it is meant to be, between two ends in one program. */
#include "pair.h"

enum { WINDOW = 100000 };

/* A login by public key, with a probe, a banner, a first failure and a partial success. */
static void logins(void) {
    sansh_config *server, *client;
    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_RUSTCRYPTO, &server));
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_RUSTCRYPTO, &client));
    OK(sansh_config_limit(client, SANSH_LIMIT_TRACE, 65536));
    OK(sansh_config_software(client, "test_1.0 of C"));
    pair *p = pair_new(client, server);
    int state = 0;
    sansh_event e;
    for (int turns = 0; turns < 1000 && state != (4 | 8 | 16); turns++) {
        switch (next(p, &p->server, &e)) {
        case SANSH_EVENT_SIGN:
            CHECK(e.u.sign.purpose == SANSH_PURPOSE_KEY_EXCHANGE);
            sign(&p->server, p->host_key, &e);
            break;
        case SANSH_EVENT_KEY_QUERY: {
            sansh_bytes blob = sansh_key_public_blob(p->user_key);
            CHECK(state == 1 && equal(e.u.key_query.user, "me"));
            CHECK(e.u.key_query.key.len == blob.len && !memcmp(e.u.key_query.key.ptr, blob.ptr, blob.len));
            OK(sansh_banner(p->server.conn, "welcome"));
            OK(sansh_answer_key_query(p->server.conn, e.ask, 1));
            state = 2;
            break;
        }
        case SANSH_EVENT_LOGIN:
            if (e.u.login.method == SANSH_METHOD_NONE) {
                CHECK(state == 0);
                OK(sansh_answer_admission_deny(p->server.conn, e.ask, NULL));
                state = 1;
            } else if (e.u.login.method == SANSH_METHOD_PUBLIC_KEY) {
                CHECK(equal(e.u.login.algorithm, "ssh-ed25519") && e.u.login.steps_len == 0);
                OK(sansh_answer_admission_partial(p->server.conn, e.ask, "password"));
                state = 3;
            } else {
                CHECK(e.u.login.method == SANSH_METHOD_PASSWORD && e.u.login.steps_len == 1 && state == 3);
                /* Answered later, over other calls. */
                OK(sansh_later(p->server.conn, e.ask));
                sansh_ask ask = e.ask;
                CHECK(sansh_next_event(p->server.conn, &e) == SANSH_EVENT_NONE);
                OK(sansh_answer_admission_accept(p->server.conn, ask));
                IS(sansh_answer_admission_accept(p->server.conn, ask), SANSH_E_STALE);
                state = 4;
            }
            break;
        case SANSH_EVENT_READY:
            CHECK(state >= 4 && e.u.ready.steps_len == 2 && equal(e.u.ready.user, "me"));
            CHECK(equal(e.u.ready.method, "password"));
            state |= 8;
            break;
        default: break;
        }
        switch (next(p, &p->client, &e)) {
        case SANSH_EVENT_HOST_KEY: {
            sansh_bytes blob = sansh_key_public_blob(p->host_key);
            CHECK(equal(e.u.host_key.type_name, "ssh-ed25519"));
            CHECK(e.u.host_key.blob.len == blob.len && !memcmp(e.u.host_key.blob.ptr, blob.ptr, blob.len));
            OK(sansh_answer_trust(p->client.conn, e.ask, 1));
            break;
        }
        case SANSH_EVENT_LOGIN_NEEDED: {
            sansh_bytes blob = sansh_key_public_blob(p->user_key);
            if (!e.u.login_needed.methods.ptr) {
                OK(sansh_answer_login_none(p->client.conn, e.ask, "me"));
            } else if (!e.u.login_needed.partial) {
                CHECK(equal(e.u.login_needed.methods, "publickey,password"));
                OK(sansh_answer_login_public_key(p->client.conn, e.ask, "me", sansh_key_algorithm(p->user_key),
                                                 blob.ptr, blob.len, 1));
            } else {
                CHECK(equal(e.u.login_needed.methods, "password"));
                OK(sansh_answer_login_password(p->client.conn, e.ask, "me", "secret"));
            }
            break;
        }
        case SANSH_EVENT_SIGN:
            CHECK(e.u.sign.purpose == SANSH_PURPOSE_LOGIN);
            sign(&p->client, p->user_key, &e);
            break;
        case SANSH_EVENT_BANNER: CHECK(equal(e.u.banner.text, "welcome")); break;
        case SANSH_EVENT_READY:
            CHECK(state >= 4 && equal(e.u.ready.method, "password"));
            state |= 16;
            break;
        default: break;
        }
    }
    CHECK(state == (4 | 8 | 16));

    /* What can be seen. */
    CHECK(equal(sansh_peer_identification(p->server.conn), "SSH-2.0-test_1.0 of C"));
    CHECK(sansh_session_id(p->client.conn).len == 32);
    CHECK(!memcmp(sansh_session_id(p->client.conn).ptr, sansh_session_id(p->server.conn).ptr, 32));
    CHECK(sansh_is_strict(p->client.conn) == 1);
    sansh_bytes kex = sansh_algorithm(p->client.conn, SANSH_NEGOTIATED_KEX);
    sansh_bytes first = sansh_algorithm_name(SANSH_PROVIDER_RUSTCRYPTO, SANSH_LIST_KEX, 0);
    CHECK(kex.len == first.len && !memcmp(kex.ptr, first.ptr, kex.len));
    CHECK(equal(sansh_algorithm(p->client.conn, SANSH_NEGOTIATED_HOST_KEY), "ssh-ed25519"));
    CHECK(sansh_algorithm(p->client.conn, SANSH_NEGOTIATED_CIPHER_CLIENT_TO_SERVER).len > 0);
    CHECK(sansh_algorithm(p->client.conn, 99).len == 0);
    CHECK(sansh_counter(p->client.conn, SANSH_COUNT_EXCHANGES) == 1);
    CHECK(sansh_counter(p->client.conn, SANSH_COUNT_PACKETS_IN) > 5);
    CHECK(sansh_counter(p->client.conn, SANSH_COUNT_BYTES_OUT) > 1000);
    CHECK(sansh_counter(p->client.conn, 99) == 0);
    sansh_bytes trace = sansh_trace(p->client.conn);
    CHECK(trace.len > 100 && trace.ptr[trace.len - 1] == '\n');
    IS(sansh_traced(p->client.conn, trace.len + 1), SANSH_E_RANGE);
    OK(sansh_traced(p->client.conn, trace.len));
    CHECK(sansh_trace(p->client.conn).len == 0);

    /* Both configurations outlive neither their handles nor their connections. */
    sansh_config_free(client);
    sansh_config_free(server);
    pair_free(p);
}

static sansh_channel accept_channel(pair *p, int kind, const char *address) {
    sansh_event e;
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED);
    CHECK(e.u.open.kind == kind);
    CHECK(equal(e.u.open.address, address));
    OK(sansh_answer_opening_accept(p->server.conn, e.ask, WINDOW, NULL, 0));
    return e.channel;
}

static void opened(pair *p, sansh_channel channel) {
    sansh_event e;
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_OPENED);
    CHECK(e.channel == channel);
}

static void channels(void) {
    sansh_config *server, *client;
    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &server));
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &client));
    OK(sansh_config_channel_types(server, "talk@example.com"));
    OK(sansh_config_requests(server, "nod@example.com"));
    OK(sansh_config_globals(server, "count@example.com"));
    pair *p = pair_new(client, server);
    sansh_config_free(client);
    sansh_config_free(server);
    sansh_event e;
    sansh_channel here, there;
    sansh_sent sent, sent2;
    pair_log_in(p);

    /* A session: environment, subsystem, data both ways, exit status, end. */
    OK(sansh_open_session(p->client.conn, WINDOW, &here));
    there = accept_channel(p, SANSH_OPEN_SESSION, "");
    opened(p, here);
    OK(sansh_request_env(p->client.conn, here, "LANG", "C"));
    OK(sansh_request_subsystem(p->client.conn, here, "echo", &sent));
    OK(sansh_request_other(p->client.conn, here, "nod@example.com", 1, (const uint8_t *)"xy", 2, &sent2));
    CHECK(sent != sent2);
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_ENV && e.ask == 0);
    CHECK(equal(e.u.request.text, "LANG") && equal(e.u.request.value, "C") && equal(e.u.request.name, "env"));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_SUBSYSTEM);
    CHECK(equal(e.u.request.text, "echo") && e.channel == there);
    OK(sansh_answer_permission(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_OTHER);
    CHECK(equal(e.u.request.name, "nod@example.com") && equal(e.u.request.body, "xy"));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 1);
    CHECK(next(p, &p->server, &e) == 0); /* unanswered: refused */
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REPLIED && e.u.replied.to == sent2 && e.u.replied.ok == 0);

    sansh_space space;
    OK(sansh_send_buf(p->client.conn, here, SANSH_MAIN, &space));
    CHECK(space.len >= 5);
    memcpy(space.ptr, "hello", 5);
    OK(sansh_send(p->client.conn, here, 5));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_DATA && equal(e.u.data.bytes, "hello"));
    CHECK(e.u.data.stream == SANSH_MAIN && e.channel == there);
    OK(sansh_grant(p->server.conn, there, 5));
    OK(sansh_send_buf(p->server.conn, there, SANSH_STDERR, &space));
    memcpy(space.ptr, "oops", 4);
    OK(sansh_send(p->server.conn, there, 4));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_DATA && equal(e.u.data.bytes, "oops"));
    CHECK(e.u.data.stream == SANSH_STDERR);

    /* The window is used up, and granted again through a backlog. */
    sansh_backlog *backlog;
    OK(sansh_backlog_new(WINDOW, &backlog));
    size_t total = 0, came = 0;
    sansh_status status = SANSH_OK;
    for (int i = 0; i < 10000 && total < 500000; i++) {
        status = sansh_send_buf(p->client.conn, here, SANSH_MAIN, &space);
        if (status == SANSH_OK) {
            size_t n = space.len < 30000 ? space.len : 30000;
            for (size_t j = 0; j < n; j++) space.ptr[j] = (uint8_t)((total + j) % 251);
            OK(sansh_send(p->client.conn, here, n));
            total += n;
            continue;
        }
        CHECK(status == SANSH_E_WINDOW || status == SANSH_E_FULL);
        int kind;
        while ((kind = next(p, &p->server, &e)) == SANSH_EVENT_DATA) {
            OK(sansh_backlog_push(backlog, e.u.data.bytes.ptr, e.u.data.bytes.len));
        }
        CHECK(kind == 0);
        while (sansh_backlog_len(backlog)) {
            sansh_bytes front = sansh_backlog_front(backlog);
            size_t n = front.len < 777 ? front.len : 777;
            uint32_t grant;
            for (size_t j = 0; j < n; j++) CHECK(front.ptr[j] == (uint8_t)((came + j) % 251));
            came += n;
            OK(sansh_backlog_done(backlog, n, &grant));
            CHECK(grant == n);
            OK(sansh_grant(p->server.conn, there, grant));
        }
        while ((kind = next(p, &p->client, &e)) > 0) CHECK(kind == SANSH_EVENT_WRITABLE && e.channel == here);
    }
    CHECK(total >= 500000 && sansh_counter(p->client.conn, SANSH_COUNT_WINDOW_STALLS) > 0);
    while (next(p, &p->server, &e) == SANSH_EVENT_DATA) came += e.u.data.bytes.len;
    CHECK(came == total);
    sansh_backlog_free(backlog);

    OK(sansh_finish(p->client.conn, here));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_EOF && e.channel == there);
    OK(sansh_request_exit_status(p->server.conn, there, 7));
    OK(sansh_request_exit_signal(p->server.conn, there, "TERM", 1, "ended"));
    OK(sansh_close(p->server.conn, there));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_EXIT_STATUS);
    CHECK(e.u.request.status == 7);
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_EXIT_SIGNAL);
    CHECK(equal(e.u.request.text, "TERM") && e.u.request.core_dumped == 1 && equal(e.u.request.value, "ended"));
    int kind;
    while ((kind = next(p, &p->client, &e)) == SANSH_EVENT_EOF || kind == SANSH_EVENT_WRITABLE) {}
    CHECK(kind == SANSH_EVENT_CHANNEL_CLOSED && e.channel == here);
    while ((kind = next(p, &p->server, &e)) == SANSH_EVENT_WRITABLE) {}
    CHECK(kind == SANSH_EVENT_CHANNEL_CLOSED && e.channel == there);
    IS(sansh_grant(p->client.conn, here, 1), SANSH_E_STALE);
    IS(sansh_send_buf(p->client.conn, here, SANSH_MAIN, &space), SANSH_E_STALE);
    CHECK(space.ptr == NULL && space.len == 0);

    /* Other channel types. */
    OK(sansh_open_direct_tcpip(p->client.conn, "service", 80, "127.0.0.1", 5000, WINDOW, &here));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_DIRECT_TCPIP);
    CHECK(equal(e.u.open.address, "service") && e.u.open.port == 80 && equal(e.u.open.originator, "127.0.0.1"));
    CHECK(e.u.open.originator_port == 5000 && equal(e.u.open.name, "direct-tcpip"));
    OK(sansh_answer_opening_refuse(p->server.conn, e.ask, SANSH_REFUSAL_CONNECT_FAILED, "not there"));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REFUSED && e.channel == here);
    CHECK(e.u.refused.reason == SANSH_REFUSAL_CONNECT_FAILED && equal(e.u.refused.text, "not there"));
    OK(sansh_open_direct_streamlocal(p->client.conn, "/run/service", WINDOW, &here));
    accept_channel(p, SANSH_OPEN_DIRECT_STREAMLOCAL, "/run/service");
    opened(p, here);
    OK(sansh_close(p->client.conn, here));
    OK(sansh_open_other(p->client.conn, "talk@example.com", (const uint8_t *)"body", 4, WINDOW, &here));
    while ((kind = next(p, &p->server, &e)) == SANSH_EVENT_CHANNEL_CLOSED || kind == SANSH_EVENT_EOF) {}
    CHECK(kind == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_OTHER);
    CHECK(equal(e.u.open.name, "talk@example.com") && equal(e.u.open.body, "body"));
    OK(sansh_later(p->server.conn, e.ask));
    sansh_ask ask = e.ask;
    while ((kind = next(p, &p->server, &e)) == SANSH_EVENT_CHANNEL_CLOSED) {}
    CHECK(kind == 0);
    OK(sansh_answer_opening_accept(p->server.conn, ask, WINDOW, (const uint8_t *)"fine", 4));
    while ((kind = next(p, &p->client, &e)) == SANSH_EVENT_CHANNEL_CLOSED) {}
    CHECK(kind == SANSH_EVENT_OPENED && equal(e.u.opened.data, "fine") && e.channel == here);

    /* Global requests, and a channel of the server's. */
    OK(sansh_global_tcpip_forward(p->client.conn, "localhost", 0, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_TCPIP_FORWARD);
    CHECK(equal(e.u.global.address, "localhost") && e.u.global.port == 0);
    OK(sansh_answer_global_port(p->server.conn, e.ask, 4000));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 1);
    CHECK(e.u.replied.data.len == 4 && e.u.replied.data.ptr[2] == 4000 / 256 && e.u.replied.data.ptr[3] == 4000 % 256);
    OK(sansh_open_forwarded_tcpip(p->server.conn, "localhost", 4000, "10.0.0.1", 99, WINDOW, &there));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_FORWARDED_TCPIP);
    CHECK(e.u.open.port == 4000 && equal(e.u.open.originator, "10.0.0.1"));
    OK(sansh_answer_opening_accept(p->client.conn, e.ask, WINDOW, NULL, 0));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_OPENED && e.channel == there);
    OK(sansh_global_cancel_tcpip_forward(p->client.conn, "localhost", 4000, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_CANCEL_TCPIP_FORWARD);
    OK(sansh_answer_global(p->server.conn, e.ask, 1));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.ok == 1);
    OK(sansh_global_other(p->client.conn, "count@example.com", 1, (const uint8_t *)"1", 1, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_OTHER);
    CHECK(equal(e.u.global.name, "count@example.com") && equal(e.u.global.body, "1"));
    OK(sansh_answer_global_data(p->server.conn, e.ask, (const uint8_t *)"23", 2));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && equal(e.u.replied.data, "23"));

    /* A new key exchange. */
    OK(sansh_rekey(p->client.conn));
    for (int i = 0; i < 10; i++) {
        if (next(p, &p->server, &e) == SANSH_EVENT_SIGN) sign(&p->server, p->host_key, &e);
        (void)next(p, &p->client, &e);
    }
    CHECK(sansh_counter(p->client.conn, SANSH_COUNT_EXCHANGES) == 2);
    CHECK(sansh_counter(p->server.conn, SANSH_COUNT_EXCHANGES) == 2);

    /* The end. */
    OK(sansh_disconnect(p->client.conn, 11, "that is all"));
    while ((kind = next(p, &p->client, &e)) > 0 && kind != SANSH_EVENT_CLOSED) {}
    CHECK(kind == SANSH_EVENT_CLOSED && e.u.closed.reason == SANSH_REASON_APPLICATION && e.u.closed.code == 11);
    CHECK(e.u.closed.blame == SANSH_BLAME_APPLICATION && e.u.closed.text.len > 10);
    while ((kind = next(p, &p->server, &e)) > 0 && kind != SANSH_EVENT_CLOSED) {}
    CHECK(kind == SANSH_EVENT_CLOSED && e.u.closed.reason == SANSH_REASON_DISCONNECTED && e.u.closed.code == 11);
    CHECK(equal(e.u.closed.words, "that is all") && e.u.closed.state.len > 0);
    CHECK(sansh_next_event(p->server.conn, &e) == SANSH_EVENT_NONE);
    pair_free(p);
}

/* Nothing in common: the text says what each side offered. */
static void offers(void) {
    sansh_config *server, *client;
    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &server));
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &client));
    OK(sansh_config_ciphers(client, "aes256-gcm@openssh.com"));
    OK(sansh_config_ciphers(server, "aes128-gcm@openssh.com"));
    pair *p = pair_new(client, server);
    sansh_config_free(client);
    sansh_config_free(server);
    sansh_event e;
    int kind;
    while ((kind = next(p, &p->client, &e)) > 0 && kind != SANSH_EVENT_CLOSED) {}
    CHECK(kind == SANSH_EVENT_CLOSED);
    if (e.u.closed.reason == SANSH_REASON_DISCONNECTED) { /* the server saw it first */
        while ((kind = next(p, &p->server, &e)) > 0 && kind != SANSH_EVENT_CLOSED) {}
        CHECK(kind == SANSH_EVENT_CLOSED);
    }
    CHECK(e.u.closed.reason == SANSH_REASON_NOTHING_IN_COMMON && e.u.closed.blame == SANSH_BLAME_NOBODY);
    char text[1001];
    memcpy(text, e.u.closed.text.ptr, e.u.closed.text.len);
    text[e.u.closed.text.len] = 0;
    CHECK(strstr(text, "aes256-gcm@openssh.com") && strstr(text, "aes128-gcm@openssh.com"));
    pair_free(p);
}

/* Time: the login's deadline passes. */
static void deadline(void) {
    sansh_config *client;
    sansh_event e;
    sansh_conn *conn;
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &client));
    OK(sansh_config_login_time(client, 1000));
    OK(sansh_conn_new(client, NULL, 5000, &conn));
    sansh_config_free(client);
    CHECK(sansh_next_timeout(conn) == 6000);
    OK(sansh_handle_timeout(conn, 5999));
    CHECK(sansh_next_event(conn, &e) == SANSH_EVENT_NONE);
    OK(sansh_handle_timeout(conn, 6000));
    CHECK(sansh_next_event(conn, &e) == SANSH_EVENT_CLOSED && e.u.closed.reason == SANSH_REASON_TIMEOUT);
    sansh_conn_free(conn);
}

/* Keys and files: text in, answers out. */
static void keys(void) {
    sansh_key *key, *again;
    uint8_t text[4096], blob[200];
    char fingerprint[SANSH_FINGERPRINT_ROOM], file[8192];
    size_t len, blob_len, line = 0;
    OK(sansh_key_generate(NULL, &key));
    IS(sansh_key_write(key, NULL, 0, &len), SANSH_E_SPACE);
    CHECK(len > 100 && len < sizeof text);
    OK(sansh_key_write(key, text, sizeof text, &len));
    OK(sansh_key_read(text, len, &again));
    sansh_bytes own = sansh_key_public_blob(key), other = sansh_key_public_blob(again);
    CHECK(own.len == other.len && !memcmp(own.ptr, other.ptr, own.len));
    sansh_key_free(again);
    CHECK(!strcmp(sansh_key_algorithm(key), "ssh-ed25519"));
    OK(sansh_fingerprint(own.ptr, own.len, fingerprint, sizeof fingerprint));
    CHECK(strlen(fingerprint) == 50 && !strncmp(fingerprint, "SHA256:", 7));
    IS(sansh_fingerprint(own.ptr, own.len, fingerprint, 50), SANSH_E_SPACE);

    OK(sansh_public_line(own.ptr, own.len, "me@here", text, sizeof text, &len));
    OK(sansh_public_blob(text, len, blob, sizeof blob, &blob_len));
    CHECK(blob_len == own.len && !memcmp(blob, own.ptr, own.len));
    IS(sansh_public_blob(text, 20, blob, sizeof blob, &blob_len), SANSH_E_FILE_LINE);
    IS(sansh_public_line(own.ptr, own.len, "a\nb", text, sizeof text, &len), SANSH_E_TEXT);
    OK(sansh_public_line(own.ptr, own.len, NULL, text, sizeof text, &len));

    snprintf(file, sizeof file, "# comment\nno-pty,command=\"say \\\"hi\\\"\" %.*s\n", (int)len, (const char *)text);
    const uint8_t *keys = (const uint8_t *)file;
    IS(sansh_authorized_keys_find(keys, strlen(file), own.ptr, own.len, NULL, &line), SANSH_E_RESTRICTED);
    IS(sansh_authorized_keys_find(keys, strlen(file), own.ptr, own.len, "no-pty", &line), SANSH_E_RESTRICTED);
    OK(sansh_authorized_keys_find(keys, strlen(file), own.ptr, own.len, "command,no-pty", &line));
    CHECK(line == 2);
    uint8_t value[100];
    size_t value_len;
    OK(sansh_authorized_keys_option(keys, strlen(file), 2, "command", 0, value, sizeof value, &value_len));
    CHECK(value_len == 8 && !memcmp(value, "say \"hi\"", 8));
    OK(sansh_authorized_keys_option(keys, strlen(file), 2, "no-pty", 0, value, sizeof value, &value_len));
    CHECK(value_len == 0);
    IS(sansh_authorized_keys_option(keys, strlen(file), 2, "from", 0, value, sizeof value, &value_len), SANSH_E_NOT_FOUND);
    IS(sansh_authorized_keys_option(keys, strlen(file), 1, "from", 0, value, sizeof value, &value_len), SANSH_E_NOT_FOUND);
    IS(sansh_authorized_keys_find(keys, 10, own.ptr, own.len, NULL, NULL), SANSH_E_NOT_FOUND);

    snprintf(file, sizeof file, "[host]:2222 %.*s\n@revoked bad %.*s\n", (int)len, (const char *)text, (int)len,
             (const char *)text);
    OK(sansh_known_hosts_check(keys, strlen(file), "host", 2222, own.ptr, own.len, NULL));
    IS(sansh_known_hosts_check(keys, strlen(file), "host", 22, own.ptr, own.len, NULL), SANSH_E_HOST_UNKNOWN);
    IS(sansh_known_hosts_check(keys, strlen(file), "host", 2222, own.ptr, own.len - 1, &line), SANSH_E_HOST_CHANGED);
    CHECK(line == 1);
    IS(sansh_known_hosts_check(keys, strlen(file), "bad", 22, own.ptr, own.len, NULL), SANSH_E_HOST_REVOKED);
    sansh_key_free(key);
}

static void library(void) {
    size_t n = 0;
    CHECK(sansh_version_number() == (SANSH_VERSION_MAJOR << 16 | SANSH_VERSION_MINOR << 8 | SANSH_VERSION_PATCH));
    CHECK(!strcmp(sansh_version(), "0.1.0"));
    while (sansh_algorithm_name(SANSH_PROVIDER_DEFAULT, SANSH_LIST_CIPHERS, n).len) n++;
    CHECK(n >= 4);
    CHECK(sansh_algorithm_name(SANSH_PROVIDER_DEFAULT, 9, 0).len == 0);
    CHECK(sansh_algorithm_name(9, SANSH_LIST_CIPHERS, 0).len == 0);
}

int main(void) {
    library();
    keys();
    deadline();
    logins();
    channels();
    offers();
    return 0;
}
