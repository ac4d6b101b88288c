/*
 * Whom the files trust: known_hosts, authorized_keys, principals, revocation lists.
 *
 *   hosts FOLDER
 *
 * FOLDER has keys and certificates that ssh-keygen made; the known_hosts files written there, it reads afterwards.
 */
#include "folder.h"

#define TEXT(text) ((const uint8_t *)(text)), (sizeof(text) - 1)

enum { ROOM = 1 << 16 };
static uint8_t room[ROOM];
static size_t len;

/* Puts a known_hosts line for a key behind `text`. */
static void add(content *text, const char *host, uint16_t port, content key, int hashed) {
    OK(sansh_known_hosts_line(host, port, key.ptr, key.len, hashed, room, ROOM, &len));
    CHECK(room[len - 1] == '\n');
    memcpy(text->ptr + text->len, room, len);
    text->len += len;
}

static void known_hosts(void) {
    content first = read_public("ed25519.pub"), second = read_public("user.pub"), ca = read_public("ca.pub");
    content text = {(uint8_t *)malloc(ROOM), 0};
    size_t line, changed;
    CHECK(text.ptr);
    IS(sansh_known_hosts_check(NULL, 0, "a.lab", 22, first.ptr, first.len, &line), SANSH_E_HOST_UNKNOWN);
    add(&text, "A.lab", 22, first, 0);
    add(&text, "b.lab", 2222, first, 1);
    write_file("known_hosts", text.ptr, text.len);
    OK(sansh_known_hosts_check(text.ptr, text.len, "a.lab", 22, first.ptr, first.len, NULL));
    OK(sansh_known_hosts_check(text.ptr, text.len, "b.lab", 2222, first.ptr, first.len, &line));
    IS(sansh_known_hosts_check(text.ptr, text.len, "b.lab", 22, first.ptr, first.len, &line), SANSH_E_HOST_UNKNOWN);
    IS(sansh_known_hosts_check(text.ptr, text.len, "b.lab", 2222, second.ptr, second.len, &line), SANSH_E_HOST_CHANGED);
    CHECK(line == 2);
    OK(sansh_known_hosts_types(text.ptr, text.len, "a.lab", 22, room, ROOM, &len));
    CHECK(len == 11 && !memcmp(room, "ssh-ed25519", 11));
    OK(sansh_known_hosts_types(text.ptr, text.len, "c.lab", 22, room, ROOM, &len));
    CHECK(len == 0);
    IS(sansh_known_hosts_types(text.ptr, text.len, "a.lab", 22, room, 3, &len), SANSH_E_SPACE);
    IS(sansh_known_hosts_line("a b", 22, first.ptr, first.len, 0, room, ROOM, &len), SANSH_E_TEXT);
    IS(sansh_known_hosts_line("a", 22, TEXT("x"), 0, room, ROOM, &len), SANSH_E_FILE_LINE);
    IS(sansh_known_hosts_line(NULL, 22, first.ptr, first.len, 0, room, ROOM, &len), SANSH_E_NULL);

    /* Another key, then no key, then hidden names. */
    IS(sansh_known_hosts_replace(text.ptr, text.len, "b.lab", 2222, first.ptr, first.len, second.ptr, second.len, room,
                                 0, &len, &changed),
       SANSH_E_SPACE);
    CHECK(changed == 1);
    OK(sansh_known_hosts_replace(text.ptr, text.len, "b.lab", 2222, first.ptr, first.len, second.ptr, second.len, room,
                                 ROOM, &len, &changed));
    CHECK(changed == 1);
    OK(sansh_known_hosts_check(room, len, "b.lab", 2222, second.ptr, second.len, NULL));
    OK(sansh_known_hosts_check(room, len, "a.lab", 22, first.ptr, first.len, NULL));
    write_file("known_hosts_replaced", room, len);
    IS(sansh_known_hosts_replace(text.ptr, text.len, "b.lab", 2222, first.ptr, first.len, TEXT("x"), room, ROOM, &len,
                                 NULL),
       SANSH_E_FILE_LINE);
    OK(sansh_known_hosts_remove(text.ptr, text.len, "a.lab", 22, room, ROOM, &len, &changed));
    CHECK(changed == 1 && len < text.len);
    IS(sansh_known_hosts_check(room, len, "a.lab", 22, first.ptr, first.len, NULL), SANSH_E_HOST_UNKNOWN);
    OK(sansh_known_hosts_remove(text.ptr, text.len, "c.lab", 22, room, ROOM, &len, NULL));
    CHECK(len == text.len && !memcmp(room, text.ptr, len));
    OK(sansh_known_hosts_hash(text.ptr, text.len, room, ROOM, &len, &changed));
    CHECK(changed == 1 && !memcmp(room, "|1|", 3));
    OK(sansh_known_hosts_check(room, len, "a.lab", 22, first.ptr, first.len, NULL));
    write_file("known_hosts_hashed", room, len);

    /* What ssh-keygen wrote. */
    content theirs = read_file("theirs");
    OK(sansh_known_hosts_check(theirs.ptr, theirs.len, "hidden.lab", 22, first.ptr, first.len, NULL));
    IS(sansh_known_hosts_check(theirs.ptr, theirs.len, "open.lab", 22, first.ptr, first.len, NULL), SANSH_E_HOST_UNKNOWN);
    free(theirs.ptr);

    /* Bad lines. */
    content bad = {(uint8_t *)malloc(ROOM), 0};
    CHECK(bad.ptr);
    bad.len = (size_t)snprintf((char *)bad.ptr, ROOM, "# a comment\na.lab ssh-ed25519 AAAA\n\n@oops b.lab ssh-ed25519 AAAA\n");
    OK(sansh_bad_line(SANSH_FILE_KNOWN_HOSTS, bad.ptr, bad.len, 0, &line, room, ROOM, &len));
    CHECK(line == 2 && len > 8 && !memcmp(room, "line 2: ", 8));
    OK(sansh_bad_line(SANSH_FILE_KNOWN_HOSTS, bad.ptr, bad.len, line, &line, room, ROOM, &len));
    CHECK(line == 4);
    IS(sansh_bad_line(SANSH_FILE_KNOWN_HOSTS, bad.ptr, bad.len, line, &line, room, ROOM, &len), SANSH_E_NOT_FOUND);
    OK(sansh_bad_line(SANSH_FILE_AUTHORIZED_KEYS, bad.ptr, bad.len, 0, &line, room, ROOM, &len));
    OK(sansh_bad_line(SANSH_FILE_KEYS, bad.ptr, bad.len, 2, &line, room, ROOM, &len));
    CHECK(line == 4);
    OK(sansh_bad_line(SANSH_FILE_PRINCIPALS, bad.ptr, bad.len, 0, &line, room, ROOM, &len));
    IS(sansh_bad_line(9, bad.ptr, bad.len, 0, &line, room, ROOM, &len), SANSH_E_ARGUMENT);
    IS(sansh_bad_line(SANSH_FILE_KNOWN_HOSTS, bad.ptr, bad.len, 0, NULL, room, ROOM, &len), SANSH_E_NULL);
    free(bad.ptr);
    free(text.ptr);
    free(first.ptr);
    free(second.ptr);
    free(ca.ptr);
}

/* A host's certificate against the authorities that the file names for it. */
static void authorities(void) {
    content text = {(uint8_t *)malloc(ROOM), 0}, ca_line = read_file("ca.pub"), certificate = read_public("host-cert.pub");
    content ca = read_public("ca.pub"), other = read_public("ed25519.pub"), other_line = read_file("ed25519.pub");
    CHECK(text.ptr);
    text.len = (size_t)snprintf((char *)text.ptr, ROOM,
                                "@cert-authority *.lab,!bad.lab %.*s@revoked *.lab %.*sa.lab %.*s", (int)ca_line.len,
                                (char *)ca_line.ptr, (int)other_line.len, (char *)other_line.ptr, (int)other_line.len,
                                (char *)other_line.ptr);
    sansh_config *config;
    sansh_conn *conn;
    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &config));
    OK(sansh_conn_new(config, NULL, 0, &conn));
    sansh_config_free(config);

    sansh_authorities *a;
    OK(sansh_authorities_of_host(text.ptr, text.len, "a.lab", 22, &a));
    sansh_check check;
    memset(&check, 0, sizeof check);
    check.size = sizeof check;
    check.certificate.ptr = certificate.ptr;
    check.certificate.len = certificate.len;
    check.at = 1800000000;
    check.name.ptr = (const uint8_t *)"a.lab";
    check.name.len = 5;
    check.authorities = sansh_authorities_trusted(a, &check.authorities_len);
    check.revoked = sansh_authorities_revoked(a, &check.revoked_len);
    CHECK(check.authorities_len == 1 && same(check.authorities[0], ca.ptr, ca.len));
    CHECK(check.revoked_len == 1 && same(check.revoked[0], other.ptr, other.len));
    OK(sansh_certificate_check(conn, &check, SANSH_CERTIFICATE_HOST));
    check.at = 1900000000;
    IS(sansh_certificate_check(conn, &check, SANSH_CERTIFICATE_HOST), SANSH_E_CERT_EXPIRED);
    check.at = 1800000000;
    sansh_authorities_free(a);

    OK(sansh_authorities_of_host(text.ptr, text.len, "bad.lab", 22, &a));
    check.authorities = sansh_authorities_trusted(a, &check.authorities_len);
    check.revoked = sansh_authorities_revoked(a, &check.revoked_len);
    CHECK(check.authorities_len == 0);
    IS(sansh_certificate_check(conn, &check, SANSH_CERTIFICATE_HOST), SANSH_E_CERT_AUTHORITY);
    sansh_authorities_free(a);

    /* An authority that is revoked is none. */
    text.len += (size_t)snprintf((char *)text.ptr + text.len, ROOM - text.len, "@revoked a.lab %.*s", (int)ca_line.len,
                                 (char *)ca_line.ptr);
    OK(sansh_authorities_of_host(text.ptr, text.len, "a.lab", 22, &a));
    size_t count;
    sansh_authorities_trusted(a, &count);
    CHECK(count == 0);
    sansh_authorities_revoked(a, &count);
    CHECK(count == 2);
    sansh_authorities_free(a);

    OK(sansh_authorities_of_users(ca_line.ptr, ca_line.len, &a));
    const sansh_bytes *keys = sansh_authorities_trusted(a, &count);
    CHECK(count == 1 && same(keys[0], ca.ptr, ca.len));
    CHECK(sansh_authorities_trusted(a, NULL) == NULL);
    sansh_authorities_free(a);
    IS(sansh_authorities_of_users(NULL, 1, &a), SANSH_E_NULL);
    IS(sansh_authorities_of_users(NULL, 0, NULL), SANSH_E_NULL);
    IS(sansh_authorities_of_host(text.ptr, text.len, NULL, 22, &a), SANSH_E_NULL);
    CHECK(a == NULL);
    CHECK(sansh_authorities_trusted(NULL, &count) == NULL);
    CHECK(sansh_authorities_revoked(NULL, &count) == NULL);
    sansh_authorities_free(NULL);
    sansh_conn_free(conn);
    free(text.ptr);
    free(ca_line.ptr);
    free(certificate.ptr);
    free(ca.ptr);
    free(other.ptr);
    free(other_line.ptr);
}

static void authorized_keys(void) {
    content text = {(uint8_t *)malloc(ROOM), 0}, key_line = read_file("ed25519.pub"), ca_line = read_file("ca.pub");
    content key = read_public("ed25519.pub"), ca = read_public("ca.pub"), other = read_public("user.pub");
    CHECK(text.ptr);
    text.len = (size_t)snprintf(
        (char *)text.ptr, ROOM,
        "# who may come\n"
        "expiry-time=\"20200101Z\" %.*s"
        "restrict,port-forwarding,pty,command=\"say \\\"hi\\\"\",from=\"10.0.0.0/8,!10.1.0.0/16\","
        "environment=\"A=1\",environment=\"B=2\",permitopen=\"db.lab:5432\",permitlisten=\"8080\",tunnel=\"3\" %.*s"
        "unheard-of %.*s"
        "cert-authority,principals=\"admin,ops\" %.*s",
        (int)key_line.len, (char *)key_line.ptr, (int)key_line.len, (char *)key_line.ptr, (int)key_line.len,
        (char *)key_line.ptr, (int)ca_line.len, (char *)ca_line.ptr);
    sansh_authorized *by;
    size_t line = 0;
    OK(sansh_authorized_next(text.ptr, text.len, key.ptr, key.len, 0, line, &by));
    line = sansh_authorized_line(by);
    CHECK(line == 2);
    IS(sansh_authorized_admits(by, "10.2.0.1", NULL, 1800000000, 0), SANSH_E_EXPIRED);
    OK(sansh_authorized_admits(by, "10.2.0.1", NULL, 1500000000, 0));
    CHECK(sansh_authorized_may(by, SANSH_MAY_FORWARD_AGENT) == 1 && sansh_authorized_may(by, SANSH_MAY_TUNNEL) == 0);
    CHECK(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMAND, 0).ptr == NULL);
    int64_t tunnel;
    IS(sansh_authorized_tunnel(by, &tunnel), SANSH_E_NOT_FOUND);
    sansh_authorized_free(by);

    OK(sansh_authorized_next(text.ptr, text.len, key.ptr, key.len, 0, line, &by));
    line = sansh_authorized_line(by);
    CHECK(line == 3);
    memset(room, 0, ROOM); /* it keeps a copy of its line, as it will be seen when the text goes */
    OK(sansh_authorized_admits(by, "10.2.0.1", NULL, 1800000000, 0));
    IS(sansh_authorized_admits(by, "10.1.0.1", NULL, 1800000000, 0), SANSH_E_ELSEWHERE);
    IS(sansh_authorized_admits(by, NULL, "a.lab", 1800000000, 0), SANSH_E_ELSEWHERE);
    IS(sansh_authorized_admits(by, "somewhere", NULL, 1800000000, 0), SANSH_E_ARGUMENT);
    static const int expected[] = {0, 1, 0, 1, 0, 0, 1, 1};
    for (int what = 0; what < 8; what++) {
        CHECK(sansh_authorized_may(by, what) == expected[what]);
    }
    CHECK(sansh_authorized_may(by, 8) == 0);
    CHECK(sansh_authorized_may_open(by, TEXT("db.lab"), 5432) == 1);
    CHECK(sansh_authorized_may_open(by, TEXT("db.lab"), 5433) == 0);
    CHECK(sansh_authorized_may_open(by, TEXT("\xff"), 5432) == 0);
    CHECK(sansh_authorized_may_listen(by, TEXT("localhost"), 8080) == 1);
    CHECK(sansh_authorized_may_listen(by, TEXT("localhost"), 80) == 0);
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMAND, 0), "say \"hi\""));
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_FROM, 0), "10.0.0.0/8,!10.1.0.0/16"));
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_ENVIRONMENT, 0), "A=1"));
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_ENVIRONMENT, 1), "B=2"));
    CHECK(sansh_authorized_value(by, SANSH_AUTHORIZED_ENVIRONMENT, 2).ptr == NULL);
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMENT, 0), "a comment"));
    CHECK(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMAND, 1).ptr == NULL);
    CHECK(sansh_authorized_value(by, 99, 0).ptr == NULL);
    OK(sansh_authorized_tunnel(by, &tunnel));
    CHECK(tunnel == 3);
    sansh_authorized_free(by);

    /* The line with an option that nobody knows is not there, and the authority is no key. */
    IS(sansh_authorized_next(text.ptr, text.len, key.ptr, key.len, 0, line, &by), SANSH_E_NOT_FOUND);
    CHECK(by == NULL);
    IS(sansh_authorized_next(text.ptr, text.len, ca.ptr, ca.len, 0, 0, &by), SANSH_E_NOT_FOUND);
    IS(sansh_authorized_next(text.ptr, text.len, other.ptr, other.len, 0, 0, &by), SANSH_E_NOT_FOUND);
    OK(sansh_authorized_next(text.ptr, text.len, ca.ptr, ca.len, 1, 0, &by));
    CHECK(sansh_authorized_line(by) == 5);
    CHECK(sansh_authorized_accepts(by, TEXT("ops"), TEXT("root")) == 1);
    CHECK(sansh_authorized_accepts(by, TEXT("root"), TEXT("root")) == 0);
    CHECK(sansh_authorized_accepts(by, TEXT("admin,ops"), TEXT("root")) == 0);
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_PRINCIPALS, 0), "admin,ops"));
    sansh_authorized_free(by);

    /* The older calls say the same. */
    OK(sansh_authorized_keys_find(text.ptr, text.len, key.ptr, key.len, "expiry-time", &line));
    CHECK(line == 2);
    IS(sansh_authorized_keys_find(text.ptr, text.len, key.ptr, key.len, NULL, &line), SANSH_E_RESTRICTED);
    OK(sansh_authorized_keys_option(text.ptr, text.len, 3, "environment", 1, room, ROOM, &len));
    CHECK(len == 3 && !memcmp(room, "B=2", 3));

    static const char principals[] = "# names\nalice\ncommand=\"date\",no-pty bob\nfrom=\"::1\" alice # later\n";
    OK(sansh_authorized_principal(TEXT(principals), TEXT("bob"), 0, &by));
    CHECK(sansh_authorized_line(by) == 3 && sansh_authorized_may(by, SANSH_MAY_HAVE_PTY) == 0);
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMAND, 0), "date"));
    CHECK(equal(sansh_authorized_value(by, SANSH_AUTHORIZED_COMMENT, 0), "bob"));
    sansh_authorized_free(by);
    OK(sansh_authorized_principal(TEXT(principals), TEXT("alice"), 2, &by));
    CHECK(sansh_authorized_line(by) == 4);
    OK(sansh_authorized_admits(by, "::1", NULL, 0, 0));
    IS(sansh_authorized_admits(by, "::2", NULL, 0, 0), SANSH_E_ELSEWHERE);
    sansh_authorized_free(by);
    IS(sansh_authorized_principal(TEXT(principals), TEXT("carol"), 0, &by), SANSH_E_NOT_FOUND);

    /* NULL. */
    IS(sansh_authorized_next(NULL, 1, key.ptr, key.len, 0, 0, &by), SANSH_E_NULL);
    IS(sansh_authorized_next(NULL, 0, key.ptr, key.len, 0, 0, NULL), SANSH_E_NULL);
    IS(sansh_authorized_principal(NULL, 0, NULL, 1, 0, &by), SANSH_E_NULL);
    IS(sansh_authorized_admits(NULL, "::1", NULL, 0, 0), SANSH_E_NULL);
    IS(sansh_authorized_tunnel(NULL, &tunnel), SANSH_E_NULL);
    CHECK(sansh_authorized_may(NULL, 0) == 0);
    CHECK(sansh_authorized_may_open(NULL, TEXT("a"), 1) == 0);
    CHECK(sansh_authorized_may_listen(NULL, TEXT("a"), 1) == 0);
    CHECK(sansh_authorized_accepts(NULL, TEXT("a"), TEXT("a")) == 0);
    CHECK(sansh_authorized_value(NULL, 0, 0).ptr == NULL);
    CHECK(sansh_authorized_line(NULL) == 0);
    sansh_authorized_free(NULL);
    free(text.ptr);
    free(key_line.ptr);
    free(ca_line.ptr);
    free(key.ptr);
    free(ca.ptr);
    free(other.ptr);
}

/* Lists by ssh-keygen -k: `user` by its key, and certificates by their serial number. */
static void revocations(void) {
    content krl = read_file("krl"), user = read_public("user.pub"), other = read_public("ed25519.pub");
    content certificate = read_public("host-cert.pub"), lines = read_file("user.pub");
    IS(sansh_revoked_check(krl.ptr, krl.len, user.ptr, user.len), SANSH_E_REVOKED);
    OK(sansh_revoked_check(krl.ptr, krl.len, other.ptr, other.len));
    IS(sansh_revoked_check(krl.ptr, krl.len, certificate.ptr, certificate.len), SANSH_E_REVOKED);
    IS(sansh_revoked_check(lines.ptr, lines.len, user.ptr, user.len), SANSH_E_REVOKED);
    OK(sansh_revoked_check(lines.ptr, lines.len, other.ptr, other.len));
    OK(sansh_revoked_check(NULL, 0, other.ptr, other.len));
    IS(sansh_revoked_check(krl.ptr, krl.len - 1, other.ptr, other.len), SANSH_E_FILE_REVOCATIONS);
    IS(sansh_revoked_check(TEXT("oops\n"), other.ptr, other.len), SANSH_E_FILE_REVOCATIONS);
    IS(sansh_revoked_check(NULL, 1, other.ptr, other.len), SANSH_E_NULL);
    uint64_t version, generated;
    sansh_bytes comment;
    OK(sansh_revoked_look(krl.ptr, krl.len, &version, &generated, &comment));
    CHECK(version == 42 && generated > 1700000000);
    IS(sansh_revoked_look(lines.ptr, lines.len, &version, &generated, &comment), SANSH_E_FILE_REVOCATIONS);
    CHECK(version == 0);
    IS(sansh_revoked_look(krl.ptr, krl.len, NULL, &generated, &comment), SANSH_E_NULL);
    free(krl.ptr);
    free(user.ptr);
    free(other.ptr);
    free(certificate.ptr);
    free(lines.ptr);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    folder = argv[1];
    known_hosts();
    authorities();
    authorized_keys();
    revocations();
    return 0;
}
