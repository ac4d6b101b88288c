/* examples/short.c with what it leaves out. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../../examples/short.c"

static int anybody(sansh_bytes key) { return key.len > 0; }

/* short port user keyfile command */
int main(int argc, char **argv) {
    static uint8_t text[65536];
    struct sockaddr_in to = {0};
    sansh_config *config;
    sansh_conn *conn;
    sansh_key *key;
    int fd = socket(AF_INET, SOCK_STREAM, 0), status;
    FILE *file = argc == 5 ? fopen(argv[3], "rb") : NULL;
    to.sin_family = AF_INET;
    to.sin_port = htons((uint16_t)atoi(argv[1]));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!file || sansh_key_read(text, fread(text, 1, sizeof text, file), &key) != SANSH_OK) return 1;
    fclose(file);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) return 2;
    if (sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &config) != SANSH_OK) return 3;
    if (sansh_conn_new(config, NULL, 0, &conn) != SANSH_OK) return 4;
    status = run(fd, conn, argv[2], key, anybody, argv[4]);
    sansh_conn_free(conn);
    sansh_config_free(config);
    sansh_key_free(key);
    close(fd);
    return status;
}
