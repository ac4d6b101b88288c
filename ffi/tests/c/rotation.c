/* Host keys: the server tells another one, the client has it proved before it believes it. */
#include "pair.h"

int main(void) {
    sansh_config *server;
    sansh_key *second;
    sansh_event e;
    sansh_sent sent;
    uint8_t seed[SANSH_SEED_LEN] = {99};
    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &server));
    pair *p = pair_new(NULL, server);
    sansh_config_free(server);
    OK(sansh_key_generate(seed, &second));
    sansh_bytes own = sansh_key_public_blob(p->host_key), other = sansh_key_public_blob(second);
    sansh_bytes told[70], asked[1], swapped[2];
    asked[0] = own;
    swapped[0] = other;
    swapped[1] = own;
    for (int i = 0; i < 70; i++) told[i] = own;
    told[1] = other;

    IS(sansh_host_key_proofs_check(p->client.conn, asked, 1, NULL, 0), SANSH_E_CLOSED); /* no session identifier yet */
    IS(sansh_global_host_keys(p->server.conn, told, 2), SANSH_E_CLOSED);
    pair_log_in(p);

    OK(sansh_global_host_keys(p->server.conn, told, 2));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL && e.u.global.kind == SANSH_GLOBAL_HOST_KEYS && e.ask == 0);
    CHECK(e.u.global.keys_len == 2 && alike(e.u.global.keys[0], own) && alike(e.u.global.keys[1], other));
    OK(sansh_global_host_keys(p->server.conn, told, 70));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL && e.u.global.keys_len == 64); /* as many as are told */
    OK(sansh_global_host_keys(p->server.conn, NULL, 0));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL && e.u.global.keys_len == 0 && e.u.global.keys == NULL);
    IS(sansh_global_host_keys(p->server.conn, NULL, 1), SANSH_E_NULL);

    /* A proof. */
    OK(sansh_global_host_keys_prove(p->client.conn, asked, 1, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_SIGN && e.u.sign.purpose == SANSH_PURPOSE_HOST_KEY_PROOF);
    CHECK(alike(e.u.sign.key, own));
    sign(&p->server, p->host_key, &e);
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 1);
    sansh_bytes proofs = e.u.replied.data;
    OK(sansh_host_key_proofs_check(p->client.conn, asked, 1, proofs.ptr, proofs.len));
    IS(sansh_host_key_proofs_check(p->client.conn, &other, 1, proofs.ptr, proofs.len), SANSH_E_PROOF);
    IS(sansh_host_key_proofs_check(p->client.conn, swapped, 2, proofs.ptr, proofs.len), SANSH_E_PROOF);
    IS(sansh_host_key_proofs_check(p->client.conn, NULL, 0, proofs.ptr, proofs.len), SANSH_E_PROOF);
    IS(sansh_host_key_proofs_check(p->client.conn, asked, 1, proofs.ptr, proofs.len - 1), SANSH_E_PROOF);
    IS(sansh_host_key_proofs_check(p->client.conn, asked, 1, NULL, 5), SANSH_E_NULL);

    /* A key that the server does not hold is refused, and one whose signature is declined. */
    OK(sansh_global_host_keys_prove(p->client.conn, &other, 1, &sent));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 0);
    OK(sansh_global_host_keys_prove(p->client.conn, asked, 1, &sent));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_SIGN);
    OK(sansh_answer_signature(p->server.conn, e.ask, NULL, 0));
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_GLOBAL_REPLIED && e.u.replied.to == sent && e.u.replied.ok == 0);

    sansh_key_free(second);
    pair_free(p);
    return 0;
}
