/*
 * Agents, from both sides.
 *
 *   agent FOLDER ask SOCKET     asks the ssh-agent behind the socket
 *   agent FOLDER pair           asks an agent in the same program
 *   agent FOLDER serve SOCKET   is an agent, for ssh-add and ssh-keygen, until it is killed
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "folder.h"

#define TEXT(text) ((const uint8_t *)(text)), (sizeof(text) - 1)

enum { SECOND = 1000000000 };

/* The other end: a socket, or a keyring with one connection. */
static int peer = -1;
static sansh_keyring *ring;
static sansh_agent_session *session;
static sansh_time now = 5;
static int user_says = 1, questions;

static int connected(const char *path, int listening) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    CHECK(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    if (listening) {
        CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    } else {
        CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    }
    return fd;
}

/* Gives the keyring what came from a client, and asks the user. */
static void serve(const uint8_t *bytes, size_t n) {
    size_t at = 0, taken;
    int32_t confirm;
    do {
        OK(sansh_keyring_serve(ring, session, bytes + at, n - at, now, 1800000000, &taken, &confirm));
        at += taken;
        if (confirm) {
            sansh_agent_question q;
            OK(sansh_agent_session_question(session, &q));
            CHECK(q.key.len > 0 && q.user.ptr == NULL && q.is_remote == 0);
            questions++;
            OK(sansh_keyring_confirm(ring, session, user_says, now, 1800000000));
        }
    } while (at < n || confirm);
}

/* What came from the agent and was not taken yet. */
static uint8_t input[1 << 16];
static size_t input_at, input_end;

/* The next answer, which must be of this kind. */
static sansh_agent_answer answer(sansh_agent *agent, int kind) {
    sansh_agent_answer a;
    size_t taken;
    for (;;) {
        OK(sansh_agent_next(agent, input + input_at, input_end - input_at, &taken, &a));
        input_at += taken;
        if (a.kind != SANSH_AGENT_NONE) break;
        CHECK(input_at == input_end);
        input_at = 0;
        sansh_bytes out = sansh_agent_transmit_buf(agent);
        if (ring) {
            if (out.len) serve(out.ptr, out.len);
            OK(sansh_agent_transmitted(agent, out.len));
            sansh_bytes in = sansh_agent_session_transmit_buf(session);
            CHECK(in.len > 0);
            input_end = in.len < 7 ? in.len : 7; /* in small pieces */
            memcpy(input, in.ptr, input_end);
            OK(sansh_agent_session_transmitted(session, input_end));
        } else {
            if (out.len) CHECK(write(peer, out.ptr, out.len) == (ssize_t)out.len);
            OK(sansh_agent_transmitted(agent, out.len));
            ssize_t got = read(peer, input, sizeof input);
            CHECK(got > 0);
            input_end = (size_t)got;
        }
    }
    if (a.kind != kind) fprintf(stderr, "answer %d instead of %d\n", (int)a.kind, kind);
    CHECK(a.kind == kind);
    return a;
}

static int listed(sansh_agent *agent, sansh_bytes blob, const char *comment) {
    OK(sansh_agent_identities(agent));
    sansh_agent_answer a = answer(agent, SANSH_AGENT_IDENTITIES);
    for (size_t at = 0; at < a.u.identities.count; at++) {
        const sansh_agent_key *key = &a.u.identities.keys[at];
        if (same(key->blob, blob.ptr, blob.len)) {
            CHECK(equal(key->comment, comment));
            return (int)a.u.identities.count;
        }
    }
    return -(int)a.u.identities.count;
}

/* The agent's signature is the one that the key makes here, byte for byte, where it is the same each time. */
static void signs(sansh_agent *agent, const sansh_key *key, const char *algorithm, int repeats) {
    uint8_t own[SANSH_SIGNATURE_ROOM];
    size_t len;
    sansh_bytes blob = sansh_key_public_blob(key);
    OK(sansh_agent_sign(agent, (const uint8_t *)algorithm, strlen(algorithm), blob.ptr, blob.len, TEXT("a message")));
    sansh_agent_answer a = answer(agent, SANSH_AGENT_SIGNATURE);
    OK(sansh_key_sign(key, (const uint8_t *)algorithm, strlen(algorithm), TEXT("a message"), own, sizeof own, &len));
    CHECK(!repeats || same(a.u.signature.blob, own, len));
}

static void ask(void) {
    sansh_agent *agent;
    OK(sansh_agent_new(&agent));
    sansh_key *key = read_key("ed25519"), *rsa = read_key("rsa"), *ecdsa = read_key("ecdsa"), *certified;
    content certificate = read_public("user-cert.pub");
    sansh_key *user = read_key("user");
    OK(sansh_key_with_certificate(user, certificate.ptr, certificate.len, &certified));
    int has_rsa = sansh_key_algorithm(rsa) != NULL;
    sansh_bytes blob = sansh_key_public_blob(key);
    CHECK(listed(agent, blob, "") == 0);
    OK(sansh_agent_add(agent, key, 0, 0));
    OK(sansh_agent_add(agent, ecdsa, 3600, 0));
    OK(sansh_agent_add(agent, certified, 0, 0));
    CHECK(sansh_agent_pending(agent) == 3);
    answer(agent, SANSH_AGENT_DONE);
    answer(agent, SANSH_AGENT_DONE);
    answer(agent, SANSH_AGENT_DONE);
    CHECK(sansh_agent_pending(agent) == 0);
    CHECK(listed(agent, blob, "a comment") == 3);
    sansh_bytes certified_blob = sansh_key_public_blob(certified);
    CHECK(listed(agent, certified_blob, "a comment") == 3);
    signs(agent, key, "ssh-ed25519", 1);
    signs(agent, ecdsa, "ecdsa-sha2-nistp384", 0);
    signs(agent, certified, "ssh-ed25519-cert-v01@openssh.com", 1);
    if (has_rsa) {
        OK(sansh_agent_add(agent, rsa, 0, 0));
        answer(agent, SANSH_AGENT_DONE);
        signs(agent, rsa, "rsa-sha2-256", 1);
        signs(agent, rsa, "rsa-sha2-512", 1);
    }
    blob = sansh_key_public_blob(rsa);
    IS(sansh_agent_sign(agent, TEXT("ssh-rsa"), blob.ptr, blob.len, TEXT("x")), SANSH_E_ALGORITHM);
    IS(sansh_agent_sign(agent, TEXT("\xff"), blob.ptr, blob.len, TEXT("x")), SANSH_E_TEXT);
    blob = sansh_key_public_blob(key);

    /* Locked, it lists nothing and signs nothing. */
    OK(sansh_agent_lock(agent, TEXT("sesame")));
    answer(agent, SANSH_AGENT_DONE);
    CHECK(listed(agent, blob, "") == 0);
    OK(sansh_agent_sign(agent, TEXT("ssh-ed25519"), blob.ptr, blob.len, TEXT("x")));
    answer(agent, SANSH_AGENT_REFUSED);
    if (ring) CHECK(sansh_keyring_is_locked(ring) == 1);
    OK(sansh_agent_unlock(agent, TEXT("sesame")));
    answer(agent, SANSH_AGENT_DONE);
    CHECK(listed(agent, blob, "a comment") == 3 + has_rsa);

    /* Bound to a session by a host key's signature. */
    uint8_t signature[SANSH_SIGNATURE_ROOM], id[32] = {9};
    size_t len;
    sansh_bytes host = sansh_key_public_blob(ecdsa);
    OK(sansh_key_sign(ecdsa, TEXT("ecdsa-sha2-nistp384"), id, sizeof id, signature, sizeof signature, &len));
    OK(sansh_agent_session_bind(agent, host.ptr, host.len, id, sizeof id, signature, len, 0));
    answer(agent, SANSH_AGENT_DONE);
    signature[len - 1] ^= 1;
    id[0] = 8;
    OK(sansh_agent_session_bind(agent, host.ptr, host.len, id, sizeof id, signature, len, 0));
    sansh_bytes out = sansh_agent_transmit_buf(agent);
    CHECK(out.len > 0);
    answer(agent, ring ? SANSH_AGENT_EXTENSION_FAILED : SANSH_AGENT_REFUSED);
    OK(sansh_agent_extension(agent, "unheard-of@example.com", TEXT("x")));
    answer(agent, SANSH_AGENT_REFUSED);
    if (ring) {
        OK(sansh_agent_extension(agent, "query", NULL, 0));
        sansh_agent_answer a = answer(agent, SANSH_AGENT_EXTENSION);
        CHECK(equal(a.u.extension.name, "query") && a.u.extension.body.len > 9);
    }
    OK(sansh_agent_add_token(agent, TEXT("/no/such/library.so"), TEXT("1234"), 1, 1));
    answer(agent, SANSH_AGENT_REFUSED);
    OK(sansh_agent_remove_token(agent, TEXT("/no/such/library.so"), NULL, 0));
    answer(agent, SANSH_AGENT_REFUSED);
    IS(sansh_agent_extension(agent, "a-name-that-is-longer-than-the-sixty-four-bytes-that-a-name-may-have", NULL, 0),
       SANSH_E_TOO_LONG);

    OK(sansh_agent_remove(agent, blob.ptr, blob.len));
    answer(agent, SANSH_AGENT_DONE);
    OK(sansh_agent_remove(agent, blob.ptr, blob.len));
    answer(agent, SANSH_AGENT_REFUSED);
    CHECK(listed(agent, blob, "") == -(2 + has_rsa));
    OK(sansh_agent_remove_all(agent));
    answer(agent, SANSH_AGENT_DONE);
    CHECK(listed(agent, blob, "") == 0);

    /* More requests than may wait; more bytes than were lent; rubbish, after which it stays closed. */
    sansh_status status = SANSH_OK;
    int sent = 0;
    while ((status = sansh_agent_identities(agent)) == SANSH_OK) sent++;
    CHECK(status == SANSH_E_FULL && sent == 64);
    out = sansh_agent_transmit_buf(agent);
    IS(sansh_agent_transmitted(agent, out.len + 1), SANSH_E_RANGE);
    sansh_agent_answer a;
    size_t taken;
    IS(sansh_agent_next(agent, TEXT("\0\0\0\2\1\1\1"), &taken, &a), SANSH_E_AGENT);
    CHECK(a.kind == SANSH_AGENT_NONE);
    IS(sansh_agent_next(agent, TEXT("x"), &taken, &a), SANSH_E_AGENT);
    IS(sansh_agent_identities(agent), SANSH_E_CLOSED);
    sansh_agent_free(agent);
    sansh_key_free(key);
    sansh_key_free(rsa);
    sansh_key_free(ecdsa);
    sansh_key_free(user);
    sansh_key_free(certified);
    free(certificate.ptr);
}

/* What a keyring does beside. */
static void keyring(void) {
    uint8_t seed[SANSH_SEED_LEN] = {3};
    OK(sansh_keyring_new(SANSH_PROVIDER_DEFAULT, seed, &ring));
    OK(sansh_agent_session_new(&session));
    ask();

    sansh_key *key = read_key("ed25519");
    sansh_bytes own = sansh_key_public_blob(key), blob, comment;
    sansh_agent *agent;
    sansh_agent_question q;
    OK(sansh_agent_new(&agent));
    sansh_agent_session_free(session);
    OK(sansh_agent_session_new(&session));
    IS(sansh_agent_session_question(session, &q), SANSH_E_NOT_FOUND);
    OK(sansh_keyring_add(ring, key, 10, 1, now));
    OK(sansh_keyring_key(ring, 0, &blob, &comment));
    CHECK(same(blob, own.ptr, own.len) && equal(comment, "a comment"));
    IS(sansh_keyring_key(ring, 1, &blob, &comment), SANSH_E_NOT_FOUND);
    CHECK(blob.ptr == NULL);

    /* The user is asked at each use. */
    questions = 0;
    signs(agent, key, "ssh-ed25519", 1);
    CHECK(questions == 1);
    user_says = 0;
    OK(sansh_agent_sign(agent, TEXT("ssh-ed25519"), own.ptr, own.len, TEXT("x")));
    answer(agent, SANSH_AGENT_REFUSED);
    CHECK(questions == 2);

    /* Its time ends. */
    CHECK(sansh_keyring_next_timeout(ring) == now + 10 * (sansh_time)SECOND);
    OK(sansh_keyring_expire(ring, now + 9 * (sansh_time)SECOND));
    OK(sansh_keyring_key(ring, 0, &blob, &comment));
    OK(sansh_keyring_expire(ring, now + 10 * (sansh_time)SECOND));
    IS(sansh_keyring_key(ring, 0, &blob, &comment), SANSH_E_NOT_FOUND);
    CHECK(sansh_keyring_next_timeout(ring) == SANSH_NEVER);

    OK(sansh_keyring_add(ring, key, 0, 0, now));
    OK(sansh_keyring_remove(ring, own.ptr, own.len));
    IS(sansh_keyring_remove(ring, own.ptr, own.len), SANSH_E_NOT_FOUND);
    OK(sansh_keyring_add(ring, key, 0, 0, now));
    OK(sansh_keyring_remove_all(ring));
    IS(sansh_keyring_key(ring, 0, &blob, &comment), SANSH_E_NOT_FOUND);
    IS(sansh_keyring_add(ring, NULL, 0, 0, now), SANSH_E_NULL);
    size_t taken;
    int32_t confirm;
    IS(sansh_keyring_serve(ring, NULL, TEXT("x"), now, 0, &taken, &confirm), SANSH_E_NULL);
    IS(sansh_keyring_confirm(ring, NULL, 1, now, 0), SANSH_E_NULL);
    OK(sansh_keyring_confirm(ring, session, 1, now, 0));
    IS(sansh_agent_session_transmitted(session, 1), SANSH_E_RANGE);
    IS(sansh_keyring_serve(ring, session, TEXT("\xff\xff\xff\xff"), now, 0, &taken, &confirm), SANSH_E_AGENT);
    sansh_keyring *none;
    IS(sansh_keyring_new(77, NULL, &none), SANSH_E_ARGUMENT);
    CHECK(none == NULL);
    sansh_keyring_free(ring);
    sansh_agent_session_free(session);
    sansh_agent_free(agent);
    sansh_key_free(key);
}

static void without_handles(void) {
    uint8_t b[1] = {0};
    size_t taken;
    int32_t confirm;
    sansh_agent_answer a;
    sansh_agent_question q;
    sansh_bytes blob;
    IS(sansh_agent_new(NULL), SANSH_E_NULL);
    IS(sansh_agent_identities(NULL), SANSH_E_NULL);
    IS(sansh_agent_sign(NULL, b, 1, b, 1, b, 1), SANSH_E_NULL);
    IS(sansh_agent_add(NULL, NULL, 0, 0), SANSH_E_NULL);
    IS(sansh_agent_remove(NULL, b, 1), SANSH_E_NULL);
    IS(sansh_agent_remove_all(NULL), SANSH_E_NULL);
    IS(sansh_agent_add_token(NULL, b, 1, b, 1, 0, 0), SANSH_E_NULL);
    IS(sansh_agent_remove_token(NULL, b, 1, b, 1), SANSH_E_NULL);
    IS(sansh_agent_lock(NULL, b, 1), SANSH_E_NULL);
    IS(sansh_agent_unlock(NULL, b, 1), SANSH_E_NULL);
    IS(sansh_agent_extension(NULL, "x", b, 1), SANSH_E_NULL);
    IS(sansh_agent_session_bind(NULL, b, 1, b, 1, b, 1, 0), SANSH_E_NULL);
    CHECK(sansh_agent_pending(NULL) == 0);
    CHECK(sansh_agent_transmit_buf(NULL).ptr == NULL);
    IS(sansh_agent_transmitted(NULL, 0), SANSH_E_NULL);
    IS(sansh_agent_next(NULL, b, 1, &taken, &a), SANSH_E_NULL);
    sansh_agent_free(NULL);
    IS(sansh_keyring_new(0, NULL, NULL), SANSH_E_NULL);
    IS(sansh_keyring_add(NULL, NULL, 0, 0, 0), SANSH_E_NULL);
    IS(sansh_keyring_remove(NULL, b, 1), SANSH_E_NULL);
    IS(sansh_keyring_remove_all(NULL), SANSH_E_NULL);
    IS(sansh_keyring_key(NULL, 0, &blob, &blob), SANSH_E_NULL);
    CHECK(sansh_keyring_is_locked(NULL) == 0);
    CHECK(sansh_keyring_next_timeout(NULL) == SANSH_NEVER);
    IS(sansh_keyring_expire(NULL, 0), SANSH_E_NULL);
    IS(sansh_keyring_serve(NULL, NULL, b, 1, 0, 0, &taken, &confirm), SANSH_E_NULL);
    IS(sansh_keyring_confirm(NULL, NULL, 1, 0, 0), SANSH_E_NULL);
    sansh_keyring_free(NULL);
    IS(sansh_agent_session_new(NULL), SANSH_E_NULL);
    IS(sansh_agent_session_question(NULL, &q), SANSH_E_NULL);
    CHECK(sansh_agent_session_transmit_buf(NULL).ptr == NULL);
    IS(sansh_agent_session_transmitted(NULL, 0), SANSH_E_NULL);
    sansh_agent_session_free(NULL);
}

static volatile sig_atomic_t ended;

static void end(int number) {
    (void)number;
    ended = 1;
}

/* One client after the other. */
static void be_an_agent(const char *path) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = end; /* without SA_RESTART: accept() ends */
    sigaction(SIGTERM, &action, NULL);
    OK(sansh_keyring_new(SANSH_PROVIDER_DEFAULT, NULL, &ring));
    int listener = connected(path, 1);
    printf("ready\n");
    fflush(stdout);
    while (!ended) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        struct timespec clock;
        clock_gettime(CLOCK_MONOTONIC, &clock);
        now = (sansh_time)clock.tv_sec * SECOND;
        OK(sansh_agent_session_new(&session));
        for (ssize_t n; (n = read(client, input, sizeof input)) > 0;) {
            serve(input, (size_t)n);
            sansh_bytes out = sansh_agent_session_transmit_buf(session);
            CHECK(write(client, out.ptr, out.len) == (ssize_t)out.len);
            OK(sansh_agent_session_transmitted(session, out.len));
        }
        sansh_agent_session_free(session);
        close(client);
    }
    sansh_keyring_free(ring);
    close(listener);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    folder = argv[1];
    if (!strcmp(argv[2], "ask") && argc == 4) {
        peer = connected(argv[3], 0);
        ask();
        close(peer);
    } else if (!strcmp(argv[2], "pair")) {
        keyring();
        without_handles();
    } else if (!strcmp(argv[2], "serve") && argc == 4) {
        be_an_agent(argv[3]);
    } else {
        return 2;
    }
    return 0;
}
