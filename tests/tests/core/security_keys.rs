//! Logins by security key: what the key says beside signing is checked, told and recorded.

use super::token;
use sansh::crypto::SecurityKey;
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Builder, Pair};
use sansh_testkit::told::{By, Detail, Means, Reply, Seen};

fn login(builder: Builder, flags: u8, signs: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Pair {
    let mut pair = builder.build();
    pair.client.app.manner(move |seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            assert_eq!(algorithm, token::NAME);
            Some(Answer::Now(Reply::Signature(Some(signs(message)))))
        }
        _ => None,
    });
    let with = Means::PublicKey { algorithm: String::new(), key: token::blob(3), probe: flags & 1 == 0 };
    pair.client.app.attempt("user", with);
    pair.run();
    pair
}

fn by_flags(builder: Builder, flags: u8) -> Pair {
    login(builder, flags, move |message| token::sign(3, flags, 77, message))
}

fn untouched_will_do() -> Builder {
    Pair::builder().server(|config| {
        config.touch(false);
    })
}

#[test]
fn what_the_key_says_is_told_and_recorded() {
    for (builder, flags) in [
        (Pair::builder(), token::PRESENT),
        (Pair::builder(), token::PRESENT | token::VERIFIED),
        (untouched_will_do(), 0),
        (untouched_will_do(), token::VERIFIED),
    ] {
        let pair = by_flags(builder, flags);
        let said = Some(SecurityKey { flags, counter: 77 });
        let told = pair.server.app.details.iter().find_map(|detail| match detail {
            Detail::Login { key: Some((security_key, _)), .. } => Some(*security_key),
            _ => None,
        });
        assert_eq!(told, Some(said), "{}", pair.dump());
        let by = By::PublicKey { algorithm: token::NAME.into(), key: token::blob(3) };
        assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { by: b, .. } if *b == by)));
        let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
        assert_eq!((steps[0].security_key, steps.len()), (said, 1));
    }
}

/// CVE-2026-39831: a key that nobody touched lets nobody in, unless the configuration says so.
#[test]
fn a_key_that_nobody_touched_never_reaches_the_application() {
    for flags in [0, token::VERIFIED, 0xfe] {
        let pair = by_flags(Pair::builder(), flags);
        assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), "flags {flags:#x}");
        assert!(!pair.server.app.is_ready());
    }
}

/// The flags are signed: to claim a touch afterwards is a forgery.
#[test]
fn flags_and_counter_are_part_of_what_is_signed() {
    for (at, what) in [(5, "the flags"), (1, "the counter")] {
        let pair = login(Pair::builder(), 1, move |message| {
            let mut signature = token::sign(3, token::VERIFIED, 77, message);
            let place = signature.len() - at;
            signature[place] ^= token::PRESENT;
            signature
        });
        assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), "{what}");
    }
}
