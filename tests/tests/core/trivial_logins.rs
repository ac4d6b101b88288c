//! CVE-2021-36367, CVE-2021-36369: a server that lets everybody in may go on to ask for a password in a way that looks
//! like the client's own. Who shows prompts to people can refuse to be let in for nothing.

use sansh::error::Error;
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Builder, Pair};
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{By, Means, Reply, Seen};

fn interactive() -> Means {
    Means::Interactive { submethods: String::new() }
}

fn ask(prompts: &[(&str, bool)]) -> Reply {
    let prompts = prompts.iter().map(|(text, echo)| ((*text).into(), *echo)).collect();
    Reply::Ask { name: String::new(), instruction: String::new(), prompts }
}

fn careful() -> Builder {
    Pair::builder().client(|config| {
        config.trivial_logins(false);
    })
}

/// A login at a server that admits everybody, after `prompts` if there are any.
fn login(builder: Builder, with: Means, prompts: Option<&'static [(&'static str, bool)]>) -> Pair {
    let mut pair = builder.build();
    pair.server.app.manner(move |seen| match (seen, prompts) {
        (Seen::Login { by: By::Interactive { responses: None, .. }, .. }, Some(prompts)) => {
            Some(Answer::Now(ask(prompts)))
        }
        (Seen::Login { .. }, _) => Some(Answer::Now(Reply::Admit)),
        _ => None,
    });
    pair.client.app.attempt("user", with);
    pair.run();
    pair
}

/// CVE-2021-36367 (`keyboard-interactive` that asks nothing), CVE-2021-36369 (`none`).
#[test]
fn a_login_that_proved_nothing_is_refused_where_the_configuration_says_so() {
    for (with, prompts) in [(Means::None, None), (interactive(), None), (interactive(), Some(&[][..]))] {
        let pair = login(careful(), with.clone(), prompts);
        assert_eq!(pair.client.app.ended().error, Error::TrivialLogin, "{with:?}");
        assert!(!pair.client.app.is_ready());
    }
}

#[test]
fn by_default_it_is_taken_and_the_method_is_told() {
    for (with, prompts, method) in [
        (Means::None, None, "none"),
        (interactive(), None, "keyboard-interactive"),
        (interactive(), Some(&[][..]), "keyboard-interactive"),
    ] {
        let pair = login(Pair::builder(), with, prompts);
        assert!(pair.client.app.saw(|seen| *seen == Seen::Ready { how: method.into() }), "{}", pair.dump());
    }
}

#[test]
fn whatever_proves_something_is_taken_by_both() {
    for builder in [careful, Pair::builder] {
        let pair = login(builder(), Means::Password("right".into()), None);
        assert!(pair.client.app.is_ready());
        let pair = login(builder(), interactive(), Some(&[("?", false)]));
        assert!(pair.client.app.is_ready());
        for probe in [false, true] {
            let mut pair = builder().build();
            pair.client.app.public_key("user", 7, probe);
            pair.run();
            assert!(pair.client.app.is_ready());
        }
    }
}

#[test]
fn what_was_proved_in_one_attempt_proves_nothing_in_the_next() {
    let mut pair = careful().build();
    pair.server.app.manner(|seen| match seen {
        Seen::Login { by: By::None, .. } => Some(Answer::Now(Reply::Admit)),
        _ => None,
    });
    pair.client.app.password("user", "wrong");
    pair.client.app.attempt("user", Means::None);
    pair.run();
    assert_eq!(pair.client.app.ended().error, Error::TrivialLogin);

    // And the other way round: to ask for the methods first does no harm.
    let mut pair = careful().build();
    pair.client.app.attempt("user", Means::None);
    pair.client.app.password("user", "right");
    pair.run();
    assert!(pair.client.app.is_ready());
}

/// A question whether a key would do is no request that can succeed: "the server MUST respond to this message with
/// either SSH_MSG_USERAUTH_FAILURE or with" PK_OK (RFC 4252, section 7).
#[test]
fn success_is_no_answer_to_a_question() {
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    let key = sansh_testkit::raw::NULL_KEY.to_vec();
    raw.app.attempt("user", Means::PublicKey { algorithm: "null".into(), key, probe: true });
    raw.to_auth();
    raw.send(&[52]);
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 52 });

    // Nor to questions that are not answered yet.
    let mut raw = Raw::client(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::Prompts { .. }).then_some(Answer::Keep));
    raw.app.attempts.clear();
    raw.app.attempt("user", interactive());
    raw.to_auth();
    let question = [&[60], &strings(&[b"", b"", b""])[..], &[0, 0, 0, 1], &strings(&[b"?"])[..], &[0]].concat();
    raw.send(&question);
    raw.send(&[52]);
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 52 });
}
