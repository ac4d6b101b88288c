/* A caller that does everything wrong with logins, certificates, tunnels and host keys: a status each time, and nothing
 * changes. */
#include "pair.h"

static void null_handles(void) {
    const uint8_t *b = (const uint8_t *)"x";
    sansh_check check;
    sansh_prompt prompt;
    sansh_mode mode = {1, 1};
    sansh_size size = {1, 1, 1, 1};
    sansh_bytes bytes = text_bytes("x");
    sansh_channel channel = 5;
    sansh_sent sent;
    sansh_space space;
    memset(&check, 0, sizeof check);
    memset(&prompt, 0, sizeof prompt);
    IS(sansh_config_touch(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_compression(NULL, 1), SANSH_E_NULL);
    IS(sansh_config_trivial_logins(NULL, 1), SANSH_E_NULL);
    IS(sansh_send_buf_for(NULL, 1, 0, 1, &space), SANSH_E_NULL);
    IS(sansh_flow(NULL, 1, 1, 1), SANSH_E_NULL);
    IS(sansh_certificate_check(NULL, &check, 1), SANSH_E_NULL);
    IS(sansh_answer_trust_certificate(NULL, 1, &check), SANSH_E_NULL);
    IS(sansh_answer_admission_accept_certificate(NULL, 1, &check), SANSH_E_NULL);
    IS(sansh_answer_admission_partial_certificate(NULL, 1, &check, NULL), SANSH_E_NULL);
    IS(sansh_answer_admission_prompt(NULL, 1, NULL, NULL, &prompt, 1), SANSH_E_NULL);
    IS(sansh_answer_admission_change_password(NULL, 1, "x"), SANSH_E_NULL);
    IS(sansh_answer_login_interactive(NULL, 1, "x", NULL), SANSH_E_NULL);
    IS(sansh_answer_login_host_based(NULL, 1, "x", NULL, b, 1, "x", "x"), SANSH_E_NULL);
    IS(sansh_answer_prompts(NULL, 1, &bytes, 1), SANSH_E_NULL);
    IS(sansh_answer_new_password(NULL, 1, "x"), SANSH_E_NULL);
    IS(sansh_open_forwarded_streamlocal(NULL, "x", 1, &channel), SANSH_E_NULL);
    IS(sansh_open_x11(NULL, "x", 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_auth_agent(NULL, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_tun(NULL, 1, 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_request_pty(NULL, 1, "x", &size, &mode, 1, &sent), SANSH_E_NULL);
    IS(sansh_request_window_change(NULL, 1, &size), SANSH_E_NULL);
    IS(sansh_request_signal(NULL, 1, "x"), SANSH_E_NULL);
    IS(sansh_request_break(NULL, 1, 1, &sent), SANSH_E_NULL);
    IS(sansh_request_x11(NULL, 1, 1, "x", "x", 1, &sent), SANSH_E_NULL);
    IS(sansh_request_auth_agent(NULL, 1, &sent), SANSH_E_NULL);
    IS(sansh_request_end_of_write(NULL, 1), SANSH_E_NULL);
    IS(sansh_request_xon_xoff(NULL, 1, 1), SANSH_E_NULL);
    IS(sansh_global_streamlocal_forward(NULL, "x", &sent), SANSH_E_NULL);
    IS(sansh_global_cancel_streamlocal_forward(NULL, "x", &sent), SANSH_E_NULL);
    IS(sansh_global_no_more_sessions(NULL), SANSH_E_NULL);
    IS(sansh_global_host_keys(NULL, &bytes, 1), SANSH_E_NULL);
    IS(sansh_global_host_keys_prove(NULL, &bytes, 1, &sent), SANSH_E_NULL);
    IS(sansh_host_key_proofs_check(NULL, &bytes, 1, b, 1), SANSH_E_NULL);
    CHECK(sansh_server_takes(NULL, "x") == 0);
}

/* Arrays that are none. */
static void arrays(pair *p) {
    sansh_conn *c = p->client.conn, *s = p->server.conn;
    sansh_bytes nowhere[2], long_one;
    sansh_prompt prompt;
    sansh_sent sent;
    nowhere[0] = text_bytes("x");
    nowhere[1].ptr = NULL;
    nowhere[1].len = 1;
    long_one.ptr = (const uint8_t *)"x";
    long_one.len = (size_t)-1;
    prompt.text = nowhere[1];
    prompt.echo = 0;
    IS(sansh_answer_prompts(c, 1, nowhere, 2), SANSH_E_NULL);
    IS(sansh_answer_prompts(c, 1, nowhere, (size_t)-1), SANSH_E_RANGE);
    IS(sansh_answer_prompts(c, 1, &long_one, 1), SANSH_E_RANGE);
    IS(sansh_answer_admission_prompt(s, 1, NULL, NULL, &prompt, 1), SANSH_E_NULL);
    IS(sansh_answer_admission_prompt(s, 1, NULL, NULL, &prompt, (size_t)-1), SANSH_E_RANGE);
    IS(sansh_answer_admission_prompt(s, 1, "\xff", NULL, NULL, 0), SANSH_E_TEXT);
    IS(sansh_global_host_keys(s, nowhere, 2), SANSH_E_NULL);
    IS(sansh_global_host_keys_prove(c, &long_one, 1, &sent), SANSH_E_RANGE);
    IS(sansh_host_key_proofs_check(c, nowhere, 2, NULL, 0), SANSH_E_NULL);
    IS(sansh_request_window_change(c, 1, NULL), SANSH_E_NULL);
    CHECK(sansh_server_takes(c, NULL) == 0);
    CHECK(sansh_server_takes(c, "\xff") == 0);
}

/* Asks of the wrong role, and of the wrong kind. */
static void asks(pair *p) {
    sansh_conn *c = p->client.conn, *s = p->server.conn;
    sansh_event e;
    int kind;
    sansh_check check;
    sansh_bytes answer = text_bytes("x");
    memset(&check, 0, sizeof check);
    while ((kind = next(p, &p->server, &e)) != SANSH_EVENT_SIGN) CHECK(kind);
    IS(sansh_answer_prompts(s, e.ask, &answer, 1), SANSH_E_ROLE);
    IS(sansh_answer_new_password(s, e.ask, "x"), SANSH_E_ROLE);
    IS(sansh_answer_login_interactive(s, e.ask, "x", NULL), SANSH_E_ROLE);
    IS(sansh_answer_login_host_based(s, e.ask, "x", NULL, NULL, 0, "x", "x"), SANSH_E_ROLE);
    IS(sansh_answer_admission_prompt(s, e.ask, NULL, NULL, NULL, 0), SANSH_E_STALE);
    IS(sansh_answer_admission_change_password(s, e.ask, "x"), SANSH_E_STALE);
    IS(sansh_answer_admission_accept_certificate(s, e.ask, &check), SANSH_E_ARGUMENT); /* no size */
    check.size = sizeof check;
    IS(sansh_answer_admission_accept_certificate(s, e.ask, &check), SANSH_E_ARGUMENT); /* no time */
    check.at = 1;
    IS(sansh_answer_admission_accept_certificate(s, e.ask, &check), SANSH_E_CERT_FORM); /* no certificate */
    sign(&p->server, p->host_key, &e);
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_HOST_KEY);
    CHECK(e.u.host_key.is_certificate == 0 && e.u.host_key.exchange_hash.len > 0 && e.u.host_key.signature.len == 83);
    IS(sansh_answer_admission_prompt(c, e.ask, NULL, NULL, NULL, 0), SANSH_E_ROLE);
    IS(sansh_answer_admission_change_password(c, e.ask, "x"), SANSH_E_ROLE);
    IS(sansh_answer_prompts(c, e.ask, &answer, 1), SANSH_E_STALE);
    IS(sansh_answer_new_password(c, e.ask, NULL), SANSH_E_STALE);
    check.certificate = e.u.host_key.blob;
    IS(sansh_answer_trust_certificate(c, e.ask, &check), SANSH_E_CERT_TYPE); /* a plain key */
    OK(sansh_answer_trust(c, e.ask, 1));
}

/* Channels that are none. */
static void channels(pair *p) {
    sansh_size size = {80, 24, 0, 0};
    sansh_channel channel;
    sansh_conn *c = p->client.conn;
    IS(sansh_open_tun(c, SANSH_TUN_LAYER_3, 0, 1, &channel), SANSH_E_CLOSED);
    CHECK(channel == 0);
    IS(sansh_open_x11(p->server.conn, "x", 1, 1, &channel), SANSH_E_CLOSED);
    IS(sansh_open_x11(p->server.conn, NULL, 1, 1, &channel), SANSH_E_NULL);
    IS(sansh_open_auth_agent(p->server.conn, 1, NULL), SANSH_E_NULL);
    IS(sansh_request_pty(c, 77, "x", &size, NULL, 0, NULL), SANSH_E_STALE);
    IS(sansh_request_signal(c, 77, NULL), SANSH_E_NULL);
    IS(sansh_request_signal(c, 77, "INT"), SANSH_E_STALE);
    IS(sansh_request_end_of_write(c, 77), SANSH_E_STALE);
    IS(sansh_flow(c, 77, 1, 1), SANSH_E_STALE);
    IS(sansh_global_no_more_sessions(c), SANSH_E_CLOSED);
    IS(sansh_global_streamlocal_forward(c, "x", NULL), SANSH_E_CLOSED);
}

int main(void) {
    pair *p = pair_new(NULL, NULL);
    null_handles();
    arrays(p);
    channels(p);
    asks(p);
    pair_free(p);
    return 0;
}
