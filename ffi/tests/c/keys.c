/*
 * Private keys, their files and their certificates.
 *
 *   keys FOLDER
 *
 * FOLDER has what ssh-keygen, openssl and puttygen made; what is written there, ssh-keygen and puttygen read afterwards.
 */
#include "folder.h"

#define TEXT(text) ((const uint8_t *)(text)), (sizeof(text) - 1)

static int has_rsa(void) { return sansh_algorithm_name(SANSH_PROVIDER_AWS_LC, SANSH_LIST_SIGNATURES, 0).len > 0; }

/* Every file of the list is read to the key that the other program says is in it. */
static void files_of_others(void) {
    char file[64], passphrase[64];
    FILE *list = opened("list", "r");
    int count = 0;
    while (fscanf(list, "%63s %63s", file, passphrase) == 2) {
        char public_file[80];
        snprintf(public_file, sizeof public_file, "%s.pub", file);
        content text = read_file(file), blob = read_public(public_file);
        sansh_key *key;
        if (passphrase[0] == '-') {
            OK(sansh_key_read(text.ptr, text.len, &key));
            sansh_key_free(key);
            /* A passphrase that is not needed is not looked at. */
            OK(sansh_key_read_encrypted(text.ptr, text.len, TEXT("x"), &key));
        } else {
            IS(sansh_key_read(text.ptr, text.len, &key), SANSH_E_FILE_ENCRYPTED);
            CHECK(key == NULL);
            IS(sansh_key_read_encrypted(text.ptr, text.len, TEXT("another one"), &key), SANSH_E_FILE_WRONG_PASSPHRASE);
            CHECK(key == NULL);
            OK(sansh_key_read_encrypted(text.ptr, text.len, (const uint8_t *)passphrase, strlen(passphrase), &key));
        }
        if (!same(sansh_key_public_blob(key), blob.ptr, blob.len)) {
            fprintf(stderr, "%s is read as another key\n", file);
            exit(1);
        }
        CHECK(same(sansh_key_plain_blob(key), blob.ptr, blob.len));
        sansh_key_free(key);
        free(text.ptr);
        free(blob.ptr);
        count++;
    }
    fclose(list);
    CHECK(count >= 8);
}

static void bad_files(void) {
    sansh_key *key;
    content good = read_file("ed25519"), public_line = read_file("ed25519.pub");
    IS(sansh_key_read(public_line.ptr, public_line.len, &key), SANSH_E_FILE_PUBLIC);
    IS(sansh_key_read(TEXT("hello\n"), &key), SANSH_E_FILE_NOT_A_KEY);
    IS(sansh_key_read(good.ptr, good.len / 2, &key), SANSH_E_FILE_FRAME);
    IS(sansh_key_read(good.ptr, good.len, NULL), SANSH_E_NULL);
    IS(sansh_key_read_encrypted(NULL, 1, NULL, 0, &key), SANSH_E_NULL);
    IS(sansh_key_read_encrypted(good.ptr, good.len, NULL, 1, &key), SANSH_E_NULL);
    IS(sansh_key_read_encrypted(good.ptr, good.len, NULL, 0, NULL), SANSH_E_NULL);
    /* A rounds field that asks for hours. */
    content costly = read_file("costly");
    IS(sansh_key_read_encrypted(costly.ptr, costly.len, TEXT("x"), &key), SANSH_E_FILE_COST);
    content unknown = read_file("unknown_cipher");
    IS(sansh_key_read_encrypted(unknown.ptr, unknown.len, TEXT("x"), &key), SANSH_E_FILE_UNSUPPORTED);
    CHECK(key == NULL);
    free(good.ptr);
    free(public_line.ptr);
    free(costly.ptr);
    free(unknown.ptr);
}

static void write_out(const sansh_key *key, const char *name, int format, const char *passphrase, uint32_t effort) {
    uint8_t text[16384], public_line[8192];
    char public_file[80];
    size_t len;
    OK(sansh_key_write_as(key, format, (const uint8_t *)passphrase, strlen(passphrase), effort, text, sizeof text, &len));
    CHECK(len < sizeof text);
    write_file(name, text, len);
    sansh_key *again;
    OK(sansh_key_read_encrypted(text, len, (const uint8_t *)passphrase, strlen(passphrase), &again));
    sansh_bytes blob = sansh_key_plain_blob(key);
    CHECK(same(sansh_key_plain_blob(again), blob.ptr, blob.len));
    sansh_key_free(again);
    OK(sansh_public_line(blob.ptr, blob.len, NULL, public_line, sizeof public_line, &len));
    snprintf(public_file, sizeof public_file, "%s.pub", name);
    write_file(public_file, public_line, len);
}

/* The longest signatures there are, of a kind that a library may be built without. Few programs read its files. */
static void post_quantum(void) {
    static const char name[] = "ssh-mldsa44-ed25519@openssh.com";
    uint8_t text[16384], signature[SANSH_SIGNATURE_ROOM];
    size_t len;
    sansh_key *key, *again;
    sansh_status status = sansh_key_generate_kind(SANSH_KEY_MLDSA44_ED25519, 0, NULL, &key);
    if (status != SANSH_OK) {
        IS(status, SANSH_E_KEY_UNSUPPORTED);
        CHECK(key == NULL);
        return;
    }
    CHECK(!strcmp(sansh_key_algorithm(key), name) && sansh_key_algorithm_at(key, 1) == NULL);
    OK(sansh_key_sign(key, TEXT(name), TEXT("message"), signature, sizeof signature, &len));
    CHECK(len > 2420 + 64);
    OK(sansh_key_write_as(key, SANSH_KEY_FORMAT_OPENSSH, TEXT("sesame"), 1, text, sizeof text, &len));
    OK(sansh_key_read_encrypted(text, len, TEXT("sesame"), &again));
    sansh_bytes blob = sansh_key_public_blob(key);
    CHECK(same(sansh_key_public_blob(again), blob.ptr, blob.len));
    IS(sansh_key_write_as(key, SANSH_KEY_FORMAT_PKCS8, NULL, 0, 0, text, sizeof text, &len), SANSH_E_FILE_KEY_TYPE);
    sansh_key_free(again);
    sansh_key_free(key);
}

/* Keys of every kind, their algorithms and signatures, and files that other programs read. */
static void generated(void) {
    static const struct {
        int kind;
        uint32_t bits;
        const char *name, *algorithms[3];
    } kinds[] = {
        {SANSH_KEY_ED25519, 0, "ed25519", {"ssh-ed25519", NULL, NULL}},
        {SANSH_KEY_ECDSA, 0, "ecdsa256", {"ecdsa-sha2-nistp256", NULL, NULL}},
        {SANSH_KEY_ECDSA, 384, "ecdsa384", {"ecdsa-sha2-nistp384", NULL, NULL}},
        {SANSH_KEY_ECDSA, 521, "ecdsa521", {"ecdsa-sha2-nistp521", NULL, NULL}},
        {SANSH_KEY_RSA, 2048, "rsa2048", {"rsa-sha2-512", "rsa-sha2-256", NULL}},
    };
    uint8_t seed[SANSH_SEED_LEN] = {1}, signature[SANSH_SIGNATURE_ROOM];
    size_t len;
    sansh_key *key, *again, *named;
    for (size_t at = 0; at < sizeof kinds / sizeof *kinds; at++) {
        char name[64];
        if (kinds[at].kind == SANSH_KEY_RSA && !has_rsa()) {
            IS(sansh_key_generate_kind(kinds[at].kind, kinds[at].bits, NULL, &key), SANSH_E_KEY_UNSUPPORTED);
            continue;
        }
        OK(sansh_key_generate_kind(kinds[at].kind, kinds[at].bits, NULL, &key));
        CHECK(!strcmp(sansh_key_algorithm(key), kinds[at].algorithms[0]));
        size_t count = 0;
        for (const char *algorithm; (algorithm = sansh_key_algorithm_at(key, count)) != NULL; count++) {
            CHECK(!strcmp(algorithm, kinds[at].algorithms[count]));
            OK(sansh_key_sign(key, (const uint8_t *)algorithm, strlen(algorithm), TEXT("message"), signature,
                              sizeof signature, &len));
            CHECK(signature[3] == strlen(algorithm) && !memcmp(signature + 4, algorithm, strlen(algorithm)));
        }
        CHECK(kinds[at].algorithms[count] == NULL);
        OK(sansh_key_with_comment(key, "made\nin C", &named));
        CHECK(equal(sansh_key_comment(named), "made in C") && sansh_key_comment(key).len == 0);
        sansh_key_free(key);
        snprintf(name, sizeof name, "out-%s-openssh", kinds[at].name);
        write_out(named, name, SANSH_KEY_FORMAT_OPENSSH, "", 0);
        snprintf(name, sizeof name, "out-%s-encrypted", kinds[at].name);
        write_out(named, name, SANSH_KEY_FORMAT_OPENSSH, "sesame", 4);
        snprintf(name, sizeof name, "out-%s-pkcs8", kinds[at].name);
        write_out(named, name, SANSH_KEY_FORMAT_PKCS8, "sesame", 1);
        snprintf(name, sizeof name, "out-%s-putty3", kinds[at].name);
        write_out(named, name, SANSH_KEY_FORMAT_PUTTY3, "sesame", 1);
        snprintf(name, sizeof name, "out-%s-putty2", kinds[at].name);
        write_out(named, name, SANSH_KEY_FORMAT_PUTTY2, "", 0);
        if (kinds[at].kind == SANSH_KEY_ECDSA) {
            snprintf(name, sizeof name, "out-%s-sec1", kinds[at].name);
            write_out(named, name, SANSH_KEY_FORMAT_SEC1, "", 0);
        }
        if (kinds[at].kind == SANSH_KEY_RSA) {
            snprintf(name, sizeof name, "out-%s-pkcs1", kinds[at].name);
            write_out(named, name, SANSH_KEY_FORMAT_PKCS1, "", 0);
        }
        sansh_key_free(named);
    }

    post_quantum();

    /* With the same seed, the same key. */
    OK(sansh_key_generate_kind(SANSH_KEY_ED25519, 256, seed, &key));
    OK(sansh_key_generate(seed, &again));
    sansh_bytes blob = sansh_key_public_blob(again);
    CHECK(same(sansh_key_public_blob(key), blob.ptr, blob.len));
    CHECK(equal(sansh_public_type(blob.ptr, blob.len), "ssh-ed25519"));
    CHECK(sansh_public_type(blob.ptr, 3).len == 0);
    sansh_key_free(again);

    /* What cannot be. */
    uint8_t room[16];
    IS(sansh_key_generate_kind(99, 0, NULL, &again), SANSH_E_ARGUMENT);
    IS(sansh_key_generate_kind(SANSH_KEY_ECDSA, 255, NULL, &again), SANSH_E_ARGUMENT);
    IS(sansh_key_generate_kind(SANSH_KEY_RSA, 1024, NULL, &again), SANSH_E_ARGUMENT);
    IS(sansh_key_generate_kind(SANSH_KEY_MLDSA44_ED25519, 44, NULL, &again), SANSH_E_ARGUMENT);
    CHECK(again == NULL);
    IS(sansh_key_generate_kind(SANSH_KEY_ED25519, 0, NULL, NULL), SANSH_E_NULL);
    IS(sansh_key_write_as(key, SANSH_KEY_FORMAT_PKCS1, NULL, 0, 0, room, sizeof room, &len), SANSH_E_FILE_KEY_TYPE);
    IS(sansh_key_write_as(key, SANSH_KEY_FORMAT_PUTTY2, TEXT("x"), 0, room, sizeof room, &len), SANSH_E_FILE_PASSPHRASE);
    IS(sansh_key_write_as(key, SANSH_KEY_FORMAT_OPENSSH, TEXT("x"), SANSH_KEY_EFFORT_MAX + 1, room, sizeof room, &len),
       SANSH_E_FILE_PASSPHRASE);
    IS(sansh_key_write_as(key, 6, NULL, 0, 0, room, sizeof room, &len), SANSH_E_ARGUMENT);
    IS(sansh_key_write_as(key, SANSH_KEY_FORMAT_PKCS8, NULL, 0, 0, room, sizeof room, &len), SANSH_E_SPACE);
    CHECK(len > sizeof room);
    IS(sansh_key_with_comment(key, "\xff", &again), SANSH_E_TEXT);
    IS(sansh_key_with_comment(key, NULL, &again), SANSH_E_NULL);
    sansh_key_free(key);
}

/* A certificate by ssh-keygen: what it says, and a key that shows it. */
static void certificates(void) {
    content blob = read_public("user-cert.pub"), plain = read_public("user.pub"), ca = read_public("ca.pub");
    sansh_key *key = read_key("user"), *other = read_key("ed25519"), *certified, *renamed;
    sansh_certificate c;
    OK(sansh_certificate_look(blob.ptr, blob.len, &c));
    CHECK(c.kind == SANSH_CERTIFICATE_USER && c.serial == 77 && c.principals == 2);
    CHECK(c.valid_after == 1704067200 && c.valid_before == 1893456000);
    CHECK(equal(c.key_id, "an id") && equal(c.type_name, "ssh-ed25519-cert-v01@openssh.com"));
    CHECK(same(c.authority, ca.ptr, ca.len));
    CHECK(equal(sansh_certificate_principal(blob.ptr, blob.len, 0), "alice"));
    CHECK(equal(sansh_certificate_principal(blob.ptr, blob.len, 1), "bob"));
    CHECK(sansh_certificate_principal(blob.ptr, blob.len, 2).ptr == NULL);
    sansh_bytes name, value;
    int32_t critical;
    OK(sansh_certificate_option(blob.ptr, blob.len, 0, &name, &value, &critical));
    CHECK(equal(name, "force-command") && critical == 1 && value.len == 4 + 4 && !memcmp(value.ptr, "\0\0\0\4date", 8));
    int pty = 0;
    size_t index = 1;
    for (; sansh_certificate_option(blob.ptr, blob.len, index, &name, &value, &critical) == SANSH_OK; index++) {
        CHECK(critical == 0 && value.len == 0);
        pty |= equal(name, "permit-pty");
    }
    CHECK(pty && index == 5); /* without permit-X11-forwarding */
    IS(sansh_certificate_option(blob.ptr, blob.len, index, &name, &value, &critical), SANSH_E_NOT_FOUND);

    uint8_t room[SANSH_CERTIFICATE_KEY_ROOM];
    size_t len;
    OK(sansh_certificate_key(blob.ptr, blob.len, room, sizeof room, &len));
    CHECK(len == plain.len && !memcmp(room, plain.ptr, len));
    IS(sansh_certificate_key(blob.ptr, blob.len, room, 7, &len), SANSH_E_SPACE);
    CHECK(len == plain.len);

    IS(sansh_certificate_look(plain.ptr, plain.len, &c), SANSH_E_CERT_TYPE);
    CHECK(c.kind == 0 && c.key_id.ptr == NULL);
    IS(sansh_certificate_look(blob.ptr, blob.len - 1, &c), SANSH_E_CERT_FORM);
    IS(sansh_certificate_look(blob.ptr, blob.len, NULL), SANSH_E_NULL);
    IS(sansh_certificate_option(blob.ptr, blob.len, 0, NULL, &value, &critical), SANSH_E_NULL);

    OK(sansh_key_with_certificate(key, blob.ptr, blob.len, &certified));
    CHECK(same(sansh_key_public_blob(certified), blob.ptr, blob.len));
    CHECK(same(sansh_key_plain_blob(certified), plain.ptr, plain.len));
    CHECK(same(sansh_key_public_blob(key), plain.ptr, plain.len));
    CHECK(!strcmp(sansh_key_algorithm(certified), "ssh-ed25519-cert-v01@openssh.com"));
    OK(sansh_key_with_comment(certified, "renamed", &renamed));
    CHECK(same(sansh_key_public_blob(renamed), blob.ptr, blob.len) && equal(sansh_key_comment(renamed), "renamed"));
    /* The signature bears the plain name, whichever of the two is asked for. */
    uint8_t signature[SANSH_SIGNATURE_ROOM], again[SANSH_SIGNATURE_ROOM];
    OK(sansh_key_sign(certified, TEXT("ssh-ed25519-cert-v01@openssh.com"), TEXT("m"), signature, sizeof signature, &len));
    OK(sansh_key_sign(key, TEXT("ssh-ed25519"), TEXT("m"), again, sizeof again, &len));
    CHECK(!memcmp(signature, again, len) && !memcmp(signature + 4, "ssh-ed25519\0", 12));
    sansh_key_free(renamed);
    sansh_key_free(certified);
    IS(sansh_key_with_certificate(other, blob.ptr, blob.len, &certified), SANSH_E_KEY_OTHER);
    IS(sansh_key_with_certificate(key, plain.ptr, plain.len, &certified), SANSH_E_CERT_TYPE);
    CHECK(certified == NULL);
    sansh_key_free(key);
    sansh_key_free(other);
    free(blob.ptr);
    free(plain.ptr);
    free(ca.ptr);
}

static void without_a_key(void) {
    sansh_key *out;
    uint8_t room[8];
    size_t len;
    CHECK(sansh_key_plain_blob(NULL).ptr == NULL && sansh_key_comment(NULL).ptr == NULL);
    CHECK(sansh_key_algorithm_at(NULL, 0) == NULL);
    IS(sansh_key_write_as(NULL, 0, NULL, 0, 0, room, sizeof room, &len), SANSH_E_NULL);
    IS(sansh_key_with_certificate(NULL, room, 1, &out), SANSH_E_NULL);
    IS(sansh_key_with_comment(NULL, "x", &out), SANSH_E_NULL);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    folder = argv[1];
    files_of_others();
    bad_files();
    generated();
    certificates();
    without_a_key();
    return 0;
}
