/* Certificates, made by ssh-keygen: a host's that is trusted by its authority, and users' that are checked.
 * certificates FOLDER TIME */
#include "pair.h"

static const char *folder;
static uint64_t now;

static size_t slurp(const char *name, uint8_t *room, size_t size) {
    char path[4096];
    FILE *file;
    size_t len;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK((file = fopen(path, "rb")) != NULL);
    len = fread(room, 1, size, file);
    fclose(file);
    return len;
}

static sansh_bytes public_half(const char *name, uint8_t *room, size_t size) {
    uint8_t text[16384];
    size_t len = slurp(name, text, sizeof text);
    sansh_bytes blob;
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r')) len--;
    OK(sansh_public_blob(text, len, room, size, &blob.len));
    blob.ptr = room;
    return blob;
}

static sansh_key *private_half(const char *name) {
    uint8_t text[16384];
    sansh_key *key;
    OK(sansh_key_read(text, slurp(name, text, sizeof text), &key));
    return key;
}

static sansh_check against(sansh_bytes certificate, const char *name, const sansh_bytes *authorities, size_t len) {
    sansh_check check;
    memset(&check, 0, sizeof check);
    check.size = sizeof check;
    check.certificate = certificate;
    check.at = now;
    check.name = text_bytes(name);
    check.authorities = authorities;
    check.authorities_len = len;
    return check;
}

static uint8_t ca_room[1024], other_room[1024], user_room[8192], host_room[8192];
static sansh_bytes authorities[2], user_certificate;

/* Every check that can fail, each with its status; none of them answers. */
static void refusals(const sansh_conn *conn) {
    static const uint8_t long_one[8193];
    uint8_t room[8192], copy[8192];
    sansh_check check, good = against(user_certificate, "me", authorities, 2);
    sansh_bytes bad = user_certificate;
    const int32_t user = SANSH_CERTIFICATE_USER, host = SANSH_CERTIFICATE_HOST;
    OK(sansh_certificate_check(conn, &good, user));
    IS(sansh_certificate_check(conn, &good, host), SANSH_E_CERT_KIND);
    IS(sansh_certificate_check(conn, &good, 0), SANSH_E_ARGUMENT);
    IS(sansh_certificate_check(conn, &good, 3), SANSH_E_ARGUMENT);
    IS(sansh_certificate_check(conn, NULL, user), SANSH_E_NULL);
    check = good, check.size = 8;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_ARGUMENT);
    check = good, check.size = sizeof check + 8;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_ARGUMENT);
    check = good, check.authorities = NULL;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_NULL);
    check = good, check.authorities_len = 0;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_AUTHORITY);
    check = good, check.authorities_len = 1; /* the first one has signed nothing */
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_AUTHORITY);
    check = good, check.name = text_bytes("you");
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_NAME);
    check = good, check.name = text_bytes("");
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_NAME);
    check = good, check.at = 1000;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_NOT_YET);
    check = good, check.at = now + 3600 * 24 * 365;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_EXPIRED);
    check = good, check.revoked = &authorities[1], check.revoked_len = 1;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_AUTHORITY_REVOKED);
    check.revoked = &user_certificate;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_REVOKED);
    sansh_key *key = private_half("user");
    sansh_bytes plain = sansh_key_public_blob(key);
    check.revoked = &plain;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_KEY_REVOKED);
    check = good, check.certificate = plain;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_TYPE);
    sansh_key_free(key);
    bad.len--;
    check.certificate = bad;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_FORM);
    memcpy(copy, user_certificate.ptr, user_certificate.len);
    copy[user_certificate.len - 1] ^= 1;
    bad.ptr = copy;
    bad.len = user_certificate.len;
    check.certificate = bad;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_SIGNATURE);
    bad.len = (size_t)-1;
    check.certificate = bad;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_RANGE);
    bad.ptr = long_one;
    bad.len = sizeof long_one;
    check.certificate = bad;
    IS(sansh_certificate_check(conn, &check, user), SANSH_E_CERT_TOO_LONG);

    /* From some addresses only, and with a command of its own. */
    good = against(public_half("bound-cert.pub", room, sizeof room), "me", authorities, 2);
    IS(sansh_certificate_check(conn, &good, user), SANSH_E_CERT_SOURCE_UNKNOWN);
    good.source = "192.0.2.7";
    OK(sansh_certificate_check(conn, &good, user));
    good.source = "::ffff:192.0.2.7";
    OK(sansh_certificate_check(conn, &good, user));
    good.source = "fe80::1%eth0";
    IS(sansh_certificate_check(conn, &good, user), SANSH_E_CERT_SOURCE);
    good.source = "192.0.2.1.7";
    IS(sansh_certificate_check(conn, &good, user), SANSH_E_ARGUMENT);
    good.source = "";
    IS(sansh_certificate_check(conn, &good, user), SANSH_E_ARGUMENT);
    good.source = "\xff";
    IS(sansh_certificate_check(conn, &good, user), SANSH_E_TEXT);
}

/* A host certificate, a user's certificate as the first factor, and one with a forced command as the second. */
static void server_side(pair *p, sansh_event *e) {
    sansh_check check;
    sansh_conn *c = p->server.conn;
    if (e->kind == SANSH_EVENT_KEY_QUERY) {
        check = against(e->u.key_query.key, "me", authorities, 2);
        OK(sansh_answer_key_query(c, e->ask, sansh_certificate_check(c, &check, SANSH_CERTIFICATE_USER) == SANSH_OK));
    } else if (e->kind == SANSH_EVENT_LOGIN && p->state++ == 0) {
        CHECK(e->u.login.method == SANSH_METHOD_PUBLIC_KEY && alike(e->u.login.key, user_certificate));
        /* No way leads past the check. */
        IS(sansh_answer_admission_accept(c, e->ask), SANSH_E_UNFIT);
        IS(sansh_answer_admission_partial(c, e->ask, NULL), SANSH_E_UNFIT);
        check = against(e->u.login.key, "you", authorities, 2);
        IS(sansh_answer_admission_accept_certificate(c, e->ask, &check), SANSH_E_CERT_NAME);
        IS(sansh_answer_admission_partial_certificate(c, e->ask, &check, NULL), SANSH_E_CERT_NAME);
        IS(sansh_answer_admission_accept_certificate(c, e->ask, NULL), SANSH_E_NULL);
        check = against(public_half("host-cert.pub", host_room, sizeof host_room), "host.example", authorities, 2);
        IS(sansh_answer_admission_accept_certificate(c, e->ask, &check), SANSH_E_UNFIT); /* another one */
        check = against(e->u.login.key, "me", authorities, 2);
        IS(sansh_answer_admission_accept_certificate(c, e->ask + 1, &check), SANSH_E_STALE);
        OK(sansh_answer_admission_partial_certificate(c, e->ask, &check, "publickey"));
        IS(sansh_answer_admission_partial_certificate(c, e->ask, &check, "publickey"), SANSH_E_STALE);
    } else if (e->kind == SANSH_EVENT_LOGIN) {
        CHECK(e->u.login.steps_len == 1 && alike(e->u.login.steps[0].key, user_certificate));
        check = against(e->u.login.key, "me", authorities, 2);
        check.source = "192.0.2.7";
        OK(sansh_answer_admission_accept_certificate(c, e->ask, &check));
    } else if (e->kind == SANSH_EVENT_READY) {
        const sansh_restrictions *it = &e->u.ready.restrictions;
        CHECK(e->u.ready.steps_len == 2 && it->conflict == SANSH_CONFLICT_NONE);
        /* What one of them forces is forced, what one of them does not permit is not permitted. */
        CHECK(it->forced == 1 && equal(it->force_command, "uptime"));
        CHECK(it->pty == 0 && it->x11_forwarding == 0 && it->port_forwarding == 1 && it->agent_forwarding == 1);
        CHECK(it->verify_required == 0);
    }
}

static void client_side(pair *p, sansh_event *e) {
    sansh_conn *c = p->client.conn;
    sansh_check check;
    uint8_t room[8192];
    sansh_bytes certificate;
    sansh_key *key;
    switch (e->kind) {
    case SANSH_EVENT_HOST_KEY:
        CHECK(e->u.host_key.is_certificate == 1 && e->u.host_key.exchange_hash.len >= 32);
        CHECK(alike(e->u.host_key.exchange_hash, sansh_session_id(c)) || sansh_session_id(c).len == 0);
        CHECK(e->u.host_key.signature.len > 64);
        check = against(e->u.host_key.blob, "other.example", authorities, 2);
        IS(sansh_answer_trust_certificate(c, e->ask, &check), SANSH_E_CERT_NAME);
        IS(sansh_answer_trust_certificate(c, e->ask, NULL), SANSH_E_NULL);
        check = against(user_certificate, "me", authorities, 2);
        IS(sansh_answer_trust_certificate(c, e->ask, &check), SANSH_E_CERT_KIND);
        check = against(public_half("twin-cert.pub", room, sizeof room), "host.example", authorities, 2);
        IS(sansh_answer_trust_certificate(c, e->ask, &check), SANSH_E_UNFIT); /* good, but not the one that is asked about */
        check = against(e->u.host_key.blob, "host.example", authorities, 2);
        OK(sansh_answer_trust_certificate(c, e->ask, &check));
        IS(sansh_answer_trust_certificate(c, e->ask, &check), SANSH_E_STALE);
        break;
    case SANSH_EVENT_LOGIN_NEEDED:
        certificate = e->u.login_needed.partial ? public_half("bound-cert.pub", room, sizeof room) : user_certificate;
        OK(sansh_answer_login_public_key(c, e->ask, "me", NULL, certificate.ptr, certificate.len, !e->u.login_needed.partial));
        break;
    case SANSH_EVENT_SIGN:
        CHECK(equal(e->u.sign.algorithm, "ssh-ed25519"));
        key = private_half(alike(e->u.sign.key, user_certificate) ? "user" : "bound");
        sign(&p->client, key, e);
        sansh_key_free(key);
        break;
    default: break;
    }
}

/* An authority that nobody trusts: the connection ends. */
static void distrusts(pair *p, sansh_event *e) {
    sansh_check check;
    if (e->kind == SANSH_EVENT_HOST_KEY) {
        check = against(e->u.host_key.blob, "host.example", authorities, 1);
        IS(sansh_answer_trust_certificate(p->client.conn, e->ask, &check), SANSH_E_CERT_AUTHORITY);
    } else if (e->kind == SANSH_EVENT_CLOSED) {
        CHECK(e->u.closed.reason == SANSH_REASON_HOST_KEY_REJECTED);
        p->state = 9;
    }
}

static void nobody(pair *p, sansh_event *e) {
    (void)p;
    CHECK(e->kind != SANSH_EVENT_LOGIN);
}

static pair *certified(void) {
    sansh_config *server, *client;
    sansh_bytes blob = public_half("host-cert.pub", host_room, sizeof host_room);
    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &server));
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &client));
    OK(sansh_config_host_key(server, blob.ptr, blob.len));
    OK(sansh_config_signatures(client, "ssh-ed25519-cert-v01@openssh.com"));
    pair *p = pair_new(client, server);
    sansh_config_free(server);
    sansh_config_free(client);
    sansh_key_free(p->host_key);
    p->host_key = private_half("host");
    p->own_trust = 1;
    return p;
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    folder = argv[1];
    now = strtoull(argv[2], NULL, 10);
    authorities[0] = public_half("other.pub", other_room, sizeof other_room);
    authorities[1] = public_half("ca.pub", ca_room, sizeof ca_room);
    user_certificate = public_half("user-cert.pub", user_room, sizeof user_room);

    pair *p = certified();
    refusals(p->client.conn);
    CHECK(pair_log_in_by(p, server_side, client_side) && p->state == 2);
    pair_free(p);

    p = certified();
    while (p->state == 0) (void)pair_log_in_by(p, nobody, distrusts);
    pair_free(p);
    return 0;
}
