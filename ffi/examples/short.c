/* The interface in forty lines: answers a server's questions and prints what one command says. See client.c for more. */
#include <stdio.h>
#include <unistd.h>

#include "sansh.h"

/* Over a connected, blocking socket; `trusted` judges the host key. Returns the command's exit status, or 255. */
int run(int fd, sansh_conn *c, const char *user, const sansh_key *key, int (*trusted)(sansh_bytes), const char *command) {
    uint8_t signature[SANSH_SIGNATURE_ROOM];
    sansh_bytes own = sansh_key_public_blob(key), out;
    sansh_channel channel;
    sansh_event e;
    size_t len = 0;
    int kind, status = 255;
    for (;;) {
        while ((kind = sansh_next_event(c, &e)) > 0) {
            if (kind == SANSH_EVENT_HOST_KEY) sansh_answer_trust(c, e.ask, trusted(e.u.host_key.blob));
            if (kind == SANSH_EVENT_LOGIN_NEEDED && !e.u.login_needed.methods.ptr) /* refused once, it gives up */
                sansh_answer_login_public_key(c, e.ask, user, sansh_key_algorithm(key), own.ptr, own.len, 0);
            if (kind == SANSH_EVENT_SIGN) {
                sansh_key_sign(key, e.u.sign.algorithm.ptr, e.u.sign.algorithm.len, e.u.sign.message.ptr,
                               e.u.sign.message.len, signature, sizeof signature, &len);
                sansh_answer_signature(c, e.ask, signature, len);
            }
            if (kind == SANSH_EVENT_READY) sansh_open_session(c, 1 << 20, &channel);
            if (kind == SANSH_EVENT_OPENED) sansh_request_exec(c, e.channel, command, NULL);
            if (kind == SANSH_EVENT_DATA) {
                fwrite(e.u.data.bytes.ptr, 1, e.u.data.bytes.len, e.u.data.stream == SANSH_MAIN ? stdout : stderr);
                sansh_grant(c, e.channel, (uint32_t)e.u.data.bytes.len);
            }
            if (kind == SANSH_EVENT_REQUEST && e.u.request.kind == SANSH_REQUEST_EXIT_STATUS)
                status = (int)e.u.request.status;
            if (kind == SANSH_EVENT_CHANNEL_CLOSED) sansh_disconnect(c, 11, "done");
            if (kind == SANSH_EVENT_CLOSED) return status;
        }
        if (kind < 0) return 255;
        if ((out = sansh_transmit_buf(c)).len) { /* what is to go goes first */
            ssize_t n = write(fd, out.ptr, out.len);
            if (n < 0) return 255;
            sansh_transmitted(c, (size_t)n);
        } else { /* then wait for the peer; a program with a clock calls sansh_handle_timeout() too */
            sansh_space in = sansh_recv_buf(c);
            ssize_t n = read(fd, in.ptr, in.len);
            if (n > 0) sansh_received(c, (size_t)n, 0);
            else sansh_received_eof(c, 0);
        }
    }
}
