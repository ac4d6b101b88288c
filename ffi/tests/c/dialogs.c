/* Logins that are a dialog: questions and answers, an expired password, hostbased, more than one factor. */
#include "pair.h"

/* keyboard-interactive: two questions, then none at all. */
static void asks(pair *p, sansh_event *e) {
    sansh_prompt prompts[17];
    if (e->kind == SANSH_EVENT_READY) {
        CHECK(e->u.ready.steps_len == 1 && equal(e->u.ready.steps[0].method, "keyboard-interactive"));
        CHECK(e->u.ready.steps[0].key.len == 0 && e->u.ready.steps[0].security_key.present == 0);
        CHECK(e->u.ready.restrictions.conflict == SANSH_CONFLICT_NONE && e->u.ready.restrictions.pty == 1);
        CHECK(e->u.ready.restrictions.forced == 0 && e->u.ready.restrictions.port_forwarding == 1);
        return;
    }
    if (e->kind != SANSH_EVENT_LOGIN) return;
    CHECK(e->u.login.method == SANSH_METHOD_INTERACTIVE);
    prompts[0].text = text_bytes("Password: ");
    prompts[0].echo = 0;
    prompts[1].text = text_bytes("Code: ");
    prompts[1].echo = 1;
    for (int i = 2; i < 17; i++) prompts[i] = prompts[1];
    switch (p->state++) {
    case 0:
        CHECK(!e->u.login.answered && e->u.login.responses == NULL && equal(e->u.login.name, "pam,otp"));
        IS(sansh_answer_admission_prompt(p->server.conn, e->ask, NULL, NULL, prompts, 17), SANSH_E_LIMIT);
        IS(sansh_answer_admission_prompt(p->server.conn, e->ask, NULL, NULL, NULL, 1), SANSH_E_NULL);
        IS(sansh_answer_admission_change_password(p->server.conn, e->ask, "no"), SANSH_E_UNFIT);
        OK(sansh_answer_admission_prompt(p->server.conn, e->ask, "Title", "Two questions.", prompts, 2));
        break;
    case 1:
        CHECK(e->u.login.answered && e->u.login.responses_len == 2);
        CHECK(equal(e->u.login.responses[0], "secret") && equal(e->u.login.responses[1], ""));
        OK(sansh_answer_admission_prompt(p->server.conn, e->ask, NULL, "Well done.", NULL, 0));
        break;
    default:
        CHECK(e->u.login.answered && e->u.login.responses_len == 0);
        OK(sansh_answer_admission_accept(p->server.conn, e->ask));
    }
}

static void answers(pair *p, sansh_event *e) {
    sansh_bytes wrong, own[17];
    for (int i = 0; i < 17; i++) own[i] = text_bytes("");
    own[0] = text_bytes("secret");
    wrong = text_bytes("\xff");
    if (e->kind == SANSH_EVENT_LOGIN_NEEDED) {
        OK(sansh_answer_login_interactive(p->client.conn, e->ask, "me", "pam,otp"));
    } else if (e->kind == SANSH_EVENT_PROMPTS && e->u.prompts.prompts_len == 2) {
        CHECK(equal(e->u.prompts.name, "Title") && equal(e->u.prompts.instruction, "Two questions."));
        CHECK(equal(e->u.prompts.prompts[0].text, "Password: ") && e->u.prompts.prompts[0].echo == 0);
        CHECK(equal(e->u.prompts.prompts[1].text, "Code: ") && e->u.prompts.prompts[1].echo == 1);
        IS(sansh_answer_prompts(p->client.conn, e->ask, own, 1), SANSH_E_UNFIT);
        IS(sansh_answer_prompts(p->client.conn, e->ask, own, 3), SANSH_E_UNFIT);
        IS(sansh_answer_prompts(p->client.conn, e->ask, own, 17), SANSH_E_UNFIT);
        IS(sansh_answer_prompts(p->client.conn, e->ask, &wrong, 1), SANSH_E_TEXT);
        IS(sansh_answer_prompts(p->client.conn, e->ask, NULL, 2), SANSH_E_NULL);
        IS(sansh_answer_new_password(p->client.conn, e->ask, "x"), SANSH_E_STALE);
        OK(sansh_answer_prompts(p->client.conn, e->ask, own, 2));
        IS(sansh_answer_prompts(p->client.conn, e->ask, own, 2), SANSH_E_STALE);
    } else if (e->kind == SANSH_EVENT_PROMPTS) {
        CHECK(e->u.prompts.prompts == NULL && e->u.prompts.prompts_len == 0);
        CHECK(equal(e->u.prompts.instruction, "Well done."));
        OK(sansh_answer_prompts(p->client.conn, e->ask, NULL, 0));
    }
}

/* The password has expired: the first answer is none, the second one a new password. */
static void expires(pair *p, sansh_event *e) {
    if (e->kind != SANSH_EVENT_LOGIN) return;
    if (e->u.login.method == SANSH_METHOD_PASSWORD) {
        CHECK(equal(e->u.login.password, "old"));
        IS(sansh_answer_admission_prompt(p->server.conn, e->ask, NULL, NULL, NULL, 0), SANSH_E_UNFIT);
        OK(sansh_answer_admission_change_password(p->server.conn, e->ask, "Too old. A new one?"));
    } else {
        CHECK(e->u.login.method == SANSH_METHOD_NEW_PASSWORD && p->state == 2);
        CHECK(equal(e->u.login.password, "old") && equal(e->u.login.new_password, "new"));
        OK(sansh_answer_admission_accept(p->server.conn, e->ask));
    }
}

static void changes(pair *p, sansh_event *e) {
    if (e->kind == SANSH_EVENT_LOGIN_NEEDED) {
        OK(sansh_answer_login_password(p->client.conn, e->ask, "me", "old"));
    } else if (e->kind == SANSH_EVENT_PASSWORD_EXPIRED) {
        CHECK(equal(e->u.password_expired.prompt, "Too old. A new one?"));
        IS(sansh_answer_new_password(p->client.conn, e->ask, "\xff"), SANSH_E_TEXT);
        OK(sansh_answer_new_password(p->client.conn, e->ask, p->state++ ? "new" : NULL));
    }
}

/* The client's host speaks for its user. */
static void believes(pair *p, sansh_event *e) {
    if (e->kind == SANSH_EVENT_LOGIN) {
        CHECK(e->u.login.method == SANSH_METHOD_HOST_BASED && equal(e->u.login.user, "me"));
        CHECK(equal(e->u.login.name, "desk.example") && equal(e->u.login.fields, "mine"));
        CHECK(alike(e->u.login.key, sansh_key_public_blob(p->user_key)) && equal(e->u.login.algorithm, "ssh-ed25519"));
        OK(sansh_answer_admission_accept(p->server.conn, e->ask));
    } else if (e->kind == SANSH_EVENT_READY) {
        const struct sansh_step *step = e->u.ready.steps;
        CHECK(e->u.ready.steps_len == 1 && equal(step->method, "hostbased"));
        CHECK(equal(step->host, "desk.example") && equal(step->host_user, "mine"));
        CHECK(alike(step->key, sansh_key_public_blob(p->user_key)));
        p->state |= 2;
    }
}

static void by_host(pair *p, sansh_event *e) {
    sansh_bytes blob = sansh_key_public_blob(p->user_key);
    if (e->kind == SANSH_EVENT_LOGIN_NEEDED) {
        IS(sansh_answer_login_host_based(p->client.conn, e->ask, "me", NULL, blob.ptr, blob.len, NULL, "mine"),
           SANSH_E_NULL);
        OK(sansh_answer_login_host_based(p->client.conn, e->ask, "me", NULL, blob.ptr, blob.len, "desk.example",
                                         "mine"));
    } else if (e->kind == SANSH_EVENT_SIGN) {
        CHECK(e->u.sign.purpose == SANSH_PURPOSE_HOST_BASED);
        sign(&p->client, p->user_key, e);
        p->state |= 1;
    }
}

/* A key, and then a password. */
static void wants_two(pair *p, sansh_event *e) {
    sansh_bytes blob = sansh_key_public_blob(p->user_key);
    if (e->kind == SANSH_EVENT_LOGIN && p->state++ == 0) {
        CHECK(e->u.login.method == SANSH_METHOD_PUBLIC_KEY && e->u.login.steps == NULL && e->u.login.steps_len == 0);
        CHECK(e->u.login.security_key.present == 0);
        OK(sansh_answer_admission_partial(p->server.conn, e->ask, "password"));
    } else if (e->kind == SANSH_EVENT_LOGIN) {
        CHECK(e->u.login.method == SANSH_METHOD_PASSWORD && e->u.login.steps_len == 1);
        CHECK(equal(e->u.login.steps[0].method, "publickey") && alike(e->u.login.steps[0].key, blob));
        OK(sansh_answer_admission_accept(p->server.conn, e->ask));
    } else if (e->kind == SANSH_EVENT_READY) {
        CHECK(e->u.ready.steps_len == 2 && equal(e->u.ready.method, "password") && e->u.ready.key.len == 0);
        CHECK(equal(e->u.ready.steps[0].algorithm, "ssh-ed25519") && alike(e->u.ready.steps[0].key, blob));
        CHECK(equal(e->u.ready.steps[1].method, "password") && e->u.ready.steps[1].algorithm.len == 0);
    }
}

static void gives_two(pair *p, sansh_event *e) {
    sansh_bytes blob = sansh_key_public_blob(p->user_key);
    if (e->kind == SANSH_EVENT_LOGIN_NEEDED && e->u.login_needed.partial) {
        CHECK(sansh_server_takes(p->client.conn, "ssh-ed25519") == 1);
        CHECK(sansh_server_takes(p->client.conn, "ssh-dss") == 0);
        CHECK(sansh_server_takes(p->server.conn, "ssh-ed25519") == 0);
        OK(sansh_answer_login_password(p->client.conn, e->ask, "me", "secret"));
    } else if (e->kind == SANSH_EVENT_LOGIN_NEEDED) {
        OK(sansh_answer_login_public_key(p->client.conn, e->ask, "me", NULL, blob.ptr, blob.len, 0));
    } else if (e->kind == SANSH_EVENT_SIGN) {
        CHECK(e->u.sign.purpose == SANSH_PURPOSE_LOGIN && equal(e->u.sign.algorithm, "ssh-ed25519"));
        sign(&p->client, p->user_key, e);
    }
}

/* CVE-2021-36367: a login that proved nothing is refused where prompts are shown to people. */
static void lets_everybody_in(pair *p, sansh_event *e) {
    if (e->kind == SANSH_EVENT_LOGIN) OK(sansh_answer_admission_accept(p->server.conn, e->ask));
}

static void proves_nothing(pair *p, sansh_event *e) {
    if (e->kind == SANSH_EVENT_LOGIN_NEEDED) OK(sansh_answer_login_none(p->client.conn, e->ask, "me"));
    if (e->kind == SANSH_EVENT_CLOSED) {
        CHECK(e->u.closed.reason == SANSH_REASON_TRIVIAL_LOGIN);
        p->state = 1;
    }
}

int main(void) {
    sansh_config *server, *client;
    pair *p = pair_new(NULL, NULL);
    CHECK(pair_log_in_by(p, asks, answers) && p->state == 3);
    pair_free(p);

    p = pair_new(NULL, NULL);
    CHECK(pair_log_in_by(p, expires, changes) && p->state == 2);
    pair_free(p);

    p = pair_new(NULL, NULL);
    CHECK(pair_log_in_by(p, believes, by_host) && p->state == 3);
    pair_free(p);

    OK(sansh_config_new(SANSH_SERVER, SANSH_PROVIDER_DEFAULT, &server));
    OK(sansh_config_touch(server, 0));
    IS(sansh_config_trivial_logins(server, 0), SANSH_E_ROLE);
    p = pair_new(NULL, server);
    IS(sansh_config_touch(server, 1), SANSH_E_BUSY);
    sansh_config_free(server);
    CHECK(pair_log_in_by(p, wants_two, gives_two) && p->state == 2);
    pair_free(p);

    OK(sansh_config_new(SANSH_CLIENT, SANSH_PROVIDER_DEFAULT, &client));
    OK(sansh_config_trivial_logins(client, 0));
    IS(sansh_config_touch(client, 0), SANSH_E_ROLE);
    p = pair_new(client, NULL);
    sansh_config_free(client);
    while (p->state == 0) (void)pair_log_in_by(p, lets_everybody_in, proves_nothing);
    pair_free(p);
    return 0;
}
