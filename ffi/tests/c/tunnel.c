/* A tunnel: one frame in one packet, at both layers. */
#include "pair.h"

enum { WINDOW = 100000 };

static void frames(pair *p, int layer, uint32_t unit) {
    sansh_channel here, there;
    sansh_event e;
    sansh_space space;
    sansh_bytes packet;
    size_t head;
    uint32_t family = 7, expected = layer == SANSH_TUN_LAYER_3 ? SANSH_TUN_INET6 : 0;
    OK(sansh_open_tun(p->client.conn, layer, unit, WINDOW, &here));
    CHECK(next(p, &p->server, &e) == SANSH_EVENT_REQUESTED && e.u.open.kind == SANSH_OPEN_TUN);
    CHECK(e.u.open.layer == layer && e.u.open.unit == unit);
    OK(sansh_answer_opening_accept(p->server.conn, e.ask, WINDOW, NULL, 0));
    there = e.channel;
    CHECK(next(p, &p->client, &e) == SANSH_EVENT_OPENED && e.channel == here);
    for (size_t length = 0; length < 4000; length = length * 3 + 1) {
        OK(sansh_send_buf_for(p->client.conn, here, SANSH_MAIN, length + SANSH_TUN_HEAD, &space));
        CHECK(space.len >= length + SANSH_TUN_HEAD);
        OK(sansh_tun_head(layer, SANSH_TUN_INET6, length, space.ptr, space.len, &head));
        CHECK(head == (size_t)(layer == SANSH_TUN_LAYER_3 ? 8 : 4));
        memset(space.ptr + head, (int)(length & 0xff), length);
        OK(sansh_send(p->client.conn, here, head + length));
    }
    for (size_t length = 0; length < 4000; length = length * 3 + 1) {
        CHECK(next(p, &p->server, &e) == SANSH_EVENT_DATA && e.channel == there);
        OK(sansh_tun_read(layer, e.u.data.bytes.ptr, e.u.data.bytes.len, &family, &packet));
        CHECK(family == expected && packet.len == length);
        for (size_t i = 0; i < length; i++) CHECK(packet.ptr[i] == (uint8_t)length);
        IS(sansh_tun_read(layer, e.u.data.bytes.ptr, e.u.data.bytes.len - 1, NULL, &packet), SANSH_E_FRAME);
        CHECK(packet.ptr == NULL && packet.len == 0);
    }

    /* What is no room, and no packet. */
    IS(sansh_send_buf_for(p->client.conn, here, SANSH_MAIN, 1 << 20, &space), SANSH_E_TOO_LONG);
    CHECK(space.ptr == NULL && space.len == 0);
    IS(sansh_send_buf_for(p->client.conn, here, SANSH_STDERR, 1, &space), SANSH_E_ROLE);
    IS(sansh_send_buf(p->client.conn, here, SANSH_STDERR, &space), SANSH_E_ROLE);
    IS(sansh_send_buf_for(p->client.conn, here, 9, 1, &space), SANSH_E_ARGUMENT);
    OK(sansh_close(p->client.conn, here));
    while (next(p, &p->client, &e) > 0 && e.kind != SANSH_EVENT_CHANNEL_CLOSED) {}
    while (next(p, &p->server, &e) > 0) CHECK(e.kind != SANSH_EVENT_CLOSED);
}

static void helpers(void) {
    uint8_t room[16];
    size_t head = 5;
    uint32_t family;
    sansh_bytes packet;
    IS(sansh_tun_head(3, 0, 0, room, sizeof room, &head), SANSH_E_ARGUMENT);
    CHECK(head == 0);
    IS(sansh_tun_head(SANSH_TUN_LAYER_3, 0, 9, room, sizeof room, &head), SANSH_E_SPACE);
    CHECK(head == 0);
    IS(sansh_tun_head(SANSH_TUN_LAYER_3, 0, (size_t)-1, room, sizeof room, &head), SANSH_E_SPACE);
    IS(sansh_tun_head(SANSH_TUN_LAYER_3, 0, 1, NULL, 16, &head), SANSH_E_NULL);
    IS(sansh_tun_head(SANSH_TUN_LAYER_3, 0, 1, room, sizeof room, NULL), SANSH_E_NULL);
    OK(sansh_tun_head(SANSH_TUN_LAYER_3, SANSH_TUN_INET, 8, room, sizeof room, &head));
    CHECK(head == 8 && !memcmp(room, "\0\0\0\x0c\0\0\0\2", 8));
    OK(sansh_tun_read(SANSH_TUN_LAYER_3, room, 16, &family, &packet));
    CHECK(family == SANSH_TUN_INET && packet.ptr == room + 8 && packet.len == 8);
    IS(sansh_tun_read(0, room, 16, &family, &packet), SANSH_E_ARGUMENT);
    IS(sansh_tun_read(SANSH_TUN_LAYER_3, NULL, 16, &family, &packet), SANSH_E_NULL);
    IS(sansh_tun_read(SANSH_TUN_LAYER_3, room, 16, &family, NULL), SANSH_E_NULL);
}

int main(void) {
    sansh_channel channel;
    pair *p = pair_new(NULL, NULL);
    helpers();
    pair_log_in(p);
    IS(sansh_open_tun(p->client.conn, 0, 0, WINDOW, &channel), SANSH_E_ARGUMENT);
    frames(p, SANSH_TUN_LAYER_3, SANSH_TUN_ANY);
    frames(p, SANSH_TUN_LAYER_2, 3);
    pair_free(p);
    return 0;
}
