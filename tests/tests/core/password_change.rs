//! RFC 4252, section 8: a password that has expired, and the new one.

use sansh::Server;
use sansh::error::Error;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::pair::Pair;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{By, Detail, Means, Reply, Seen, Stepped};

fn is_login(seen: &Seen) -> bool {
    matches!(seen, Seen::Login { .. })
}

fn logins(pair: &Pair) -> Vec<By> {
    let login = |seen: &Seen| if let Seen::Login { by, .. } = seen { Some(by.clone()) } else { None };
    pair.server.app.seen.iter().filter_map(login).collect()
}

fn change(old: &str, new: &str) -> By {
    By::NewPassword { old: old.into(), new: new.into() }
}

/// The password `old` has expired; what is said to a new one is `verdict`.
fn expired(verdict: impl Fn(&[u8]) -> Reply + 'static) -> impl FnMut(&Seen) -> Option<Reply> {
    move |seen| match seen {
        Seen::Login { by: By::Password(password), .. } if password == b"old" => {
            Some(Reply::ChangePassword("too old".into()))
        }
        Seen::Login { by: By::NewPassword { new, .. }, .. } => Some(verdict(new)),
        _ => None,
    }
}

#[test]
fn an_expired_password_is_changed_and_lets_in() {
    for prompt in [Prompt::Now, Prompt::Later] {
        let mut pair = Pair::builder().trace(60_000).build();
        (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
        let mut verdict = expired(|_| Reply::Admit);
        pair.server.app.manner(move |seen| {
            let reply = verdict(seen)?;
            Some(if prompt == Prompt::Now { Answer::Now(reply) } else { Answer::Later(reply) })
        });
        pair.client.app.password("user", "old");
        pair.run();
        assert!(pair.client.app.saw(|seen| *seen == Seen::PasswordExpired { prompt: b"too old".to_vec() }));
        assert_eq!(logins(&pair), [By::Password(b"old".to_vec()), change("old", "newer")]);
        assert!(pair.client.app.saw(|seen| *seen == Seen::Ready { how: "password".into() }));
        let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
        assert_eq!(*steps, [Stepped::bare("password")]);
        for log in [&pair.client.log, &pair.server.log] {
            assert!(log.contains("USERAUTH_PASSWD_CHANGEREQ("), "{log}");
            assert!(!log.contains("\"old\"") && !log.contains("newer"), "a password stands in the trace: {log}");
        }
    }
}

/// "Partial success: the password has been changed, but more authentications are needed."
#[test]
fn a_changed_password_may_be_one_step_of_two() {
    let mut pair = Pair::builder().build();
    let mut verdict = expired(|_| Reply::Partial("publickey".into()));
    pair.server.app.manner(move |seen| verdict(seen).map(Answer::Now));
    pair.client.app.password("user", "old");
    pair.client.app.public_key("user", 7, false);
    pair.run();
    assert!(pair.client.app.is_ready(), "{}", pair.dump());
    let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
    assert_eq!(steps.iter().map(|step| step.method.as_str()).collect::<Vec<_>>(), ["password", "publickey"]);
}

#[test]
fn a_change_that_is_denied_is_followed_by_another_credential() {
    let mut pair = Pair::builder().build();
    let mut verdict = expired(|_| Reply::Deny("password".into()));
    pair.server.app.manner(move |seen| verdict(seen).map(Answer::Now));
    pair.client.app.password("user", "old");
    pair.client.app.password("user", "right");
    pair.run();
    let needed = Seen::LoginNeeded { methods: Some("password".into()), partial: false };
    assert!(pair.client.app.saw(|seen| *seen == needed));
    assert!(pair.client.app.is_ready());
}

/// "SSH_MSG_USERAUTH_PASSWD_CHANGEREQ: The password was not changed because the new password was not acceptable": the
/// old one is still the old one.
#[test]
fn a_new_password_that_will_not_do_is_asked_for_again() {
    let mut pair = Pair::builder().build();
    let mut verdict = expired(|new| match new {
        b"good enough" => Reply::Admit,
        _ => Reply::ChangePassword("too simple".into()),
    });
    pair.server.app.manner(move |seen| verdict(seen).map(Answer::Now));
    pair.client.app.manner(|seen| match seen {
        Seen::PasswordExpired { prompt } if prompt == b"too simple" => {
            Some(Answer::Now(Reply::NewPassword(Some("good enough".into()))))
        }
        _ => None,
    });
    pair.client.app.password("user", "old");
    pair.run();
    assert_eq!(logins(&pair), [By::Password(b"old".to_vec()), change("old", "newer"), change("old", "good enough")]);
    assert!(pair.client.app.is_ready());
}

#[test]
fn who_keeps_the_old_password_tries_something_else() {
    for answer in [Answer::Now(Reply::NewPassword(None)), Answer::Later(Reply::NewPassword(None)), Answer::Ignore] {
        let mut pair = Pair::builder().build();
        let mut verdict = expired(|_| panic!("nobody changed a password"));
        pair.server.app.manner(move |seen| verdict(seen).map(Answer::Now));
        pair.client.app.manner(move |seen| matches!(seen, Seen::PasswordExpired { .. }).then(|| answer.clone()));
        pair.client.app.password("user", "old");
        pair.client.app.public_key("user", 7, true);
        pair.run();
        assert!(pair.client.app.saw(|seen| *seen == Seen::Ready { how: "publickey".into() }), "{}", pair.dump());
    }
}

// ---- Byte for byte.

fn password(user: &str, old: &str, new: Option<&str>) -> Vec<u8> {
    let mut bytes = [&[50], &strings(&[user.as_bytes(), b"ssh-connection", b"password"])[..]].concat();
    bytes.push(u8::from(new.is_some()));
    bytes.extend(strings(&[old.as_bytes()]));
    bytes.extend(new.map(|new| strings(&[new.as_bytes()])).unwrap_or_default());
    bytes
}

fn server() -> Raw<Server> {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| match seen {
        Seen::Login { by: By::Password(password), .. } if password == b"old" => {
            Some(Answer::Now(Reply::ChangePassword("too old".into())))
        }
        Seen::Login { by: By::NewPassword { .. }, .. } => Some(Answer::Now(Reply::Admit)),
        _ => None,
    });
    raw.to_auth();
    raw.take();
    raw
}

/// CVE-2012-5975: a change that nobody asked for, with an old password that is blank, is let in by nobody: the
/// application, which would say yes, never hears of it.
#[test]
fn a_change_that_nobody_asked_for_fails_unseen() {
    for old in ["", "old", "right"] {
        let mut raw = server();
        raw.send(&password("user", old, Some("new")));
        assert!(raw.heard(51) && !raw.heard(52));
        assert!(!raw.app.saw(is_login) && !raw.app.is_ready());
    }
}

#[test]
fn a_change_that_was_asked_for_reaches_the_application_with_whatever_old_password() {
    let mut raw = server();
    raw.send(&password("user", "old", None));
    let said = raw.take();
    assert_eq!(said, [[&[60], &strings(&[b"too old", b""])[..]].concat()]);
    raw.send(&password("user", "", Some("new")));
    assert!(raw.app.saw(|seen| matches!(seen, Seen::Login { by, .. } if *by == change("", "new"))));
    assert!(raw.app.is_ready());
}

/// CVE-2012-5975: being asked once lets change once, and the same user alone.
#[test]
fn what_was_asked_is_forgotten_with_the_next_request() {
    for between in [password("user", "wrong", None), password("other", "wrong", None)] {
        let mut raw = server();
        raw.send(&password("user", "old", None));
        raw.send(&between);
        raw.take();
        raw.send(&password("user", "old", Some("new")));
        assert!(raw.heard(51) && !raw.app.is_ready());
        assert_eq!(raw.app.count(|seen| is_login(seen)), 2);
    }
    let mut raw = server();
    raw.send(&password("user", "old", None));
    raw.take();
    raw.send(&password("other", "old", Some("new")));
    assert!(raw.heard(51) && !raw.app.is_ready(), "another user was not asked");
}

#[test]
fn what_no_client_may_be_asked_ends_the_connection() {
    let change_request = [&[60], &strings(&[b"too old", b""])[..]].concat();
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    raw.app.attempt("user", Means::None);
    raw.to_auth();
    raw.send(&change_request);
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 60 });
    assert!(!raw.app.saw(|seen| matches!(seen, Seen::PasswordExpired { .. })));
}
