//! The text files around SSH: who is trusted, who may come in, how a program is set up. Text in, answers out.
//!
//! Nothing here opens a file, asks a person or decides. The application reads the text, asks its question when the
//! connection lends it a key, and does what the answer means to it. Lines that cannot be read are never guessed at:
//! they count as absent, and are named by line number so that somebody can be told.
//!
//! * [`known_hosts`]: is this the host's key?
//! * [`authorized_keys`]: may this key come in, and under which options?
//! * [`AuthorizedPrincipals`] and [`TrustedKeys`]: the same for certificates.
//! * [`krl`]: what is revoked: revocation lists, and keys one a line.
//! * [`config`]: the syntax that `ssh_config` and `sshd_config` share, and readers of their values.
//! * [`pattern`]: `*`, `?`, `!` and lists of them, for all; [`network`]: lists of addresses.
//!
//! All parsers take time in proportion to the text and take any bytes: text that is not UTF-8 ends the line in front of
//! the word where it stands.

mod authorities;
pub mod authorized_keys;
pub mod config;
pub mod known_hosts;
pub mod krl;
mod lines;
pub mod network;
pub mod pattern;
mod principals;
mod trusted_keys;

pub use lines::{BadLine, Why};
pub use principals::{AuthorizedPrincipals, PrincipalEntry};
pub use trusted_keys::TrustedKeys;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};
    use crate::keys::{PublicKey, ed25519_blob};
    use core::time::Duration;
    use pattern::Case;
    use std::format;
    use std::time::Instant;
    use std::vec::Vec;

    /// Everything that a parser can be asked about a text.
    fn ask_everything(text: &[u8]) -> usize {
        let blob = ed25519_blob(&[7; 32]);
        let known = known_hosts::KnownHosts::new(text);
        let keys = authorized_keys::AuthorizedKeys::new(text);
        let mut said = usize::from(known.check("a.b", 2222, &blob) == known_hosts::Known::Match);
        said += known.malformed().count() + keys.malformed().count();
        said += keys.find_all(&blob).map(|entry| entry.options().count()).sum::<usize>();
        said += keys.entries().filter(|entry| entry.permissions().may_open("a.b", 80)).count();
        said += AuthorizedPrincipals::new(text).entries().count() + TrustedKeys::new(text).malformed().count();
        said += known_hosts::remove(text, "a.b", 2222).changed;
        said += known_hosts::hash_names(text, &mut Random::new(&Seed::new([8; 32]))).changed;
        said += known_hosts::replace(text, "a.b", 2222, PublicKey::new(&blob), PublicKey::new(&blob)).unwrap().changed;
        for mut reading in [
            config::Reading::client(config::ClientFacts::new("a.b")),
            config::Reading::server(Some(Default::default())),
        ] {
            for directive in config::directives("f", text).flatten() {
                said += usize::from(reading.take(&directive).is_ok());
            }
            said += reading.settings().all().count();
        }
        for directive in config::directives("f", text).flatten() {
            said += directive.arguments().len();
            for argument in directive.arguments() {
                let read = [
                    argument.yes_no().is_ok(),
                    argument.size().is_ok(),
                    argument.time().is_ok(),
                    argument.port().is_ok(),
                    argument.address().is_ok(),
                    config::value::listen(argument.text()).is_some(),
                    config::AlgorithmList::parse(argument.text())
                        .is_some_and(|list| list.apply(&["a"], &["a"]).is_ok()),
                    config::tokens::expand(argument.text(), &[('h', "a.b")]).is_ok(),
                    network::address_list(argument.text(), "10.1.2.3".parse().ok()).is_ok(),
                    pattern::comma_list(argument.text(), "a.b", Case::Fold).is_match(),
                ];
                said += read.iter().filter(|good| **good).count();
            }
        }
        said
    }

    #[test]
    fn no_text_makes_a_parser_panic() {
        let key = PublicKey::new(&ed25519_blob(&[7; 32])).line("").unwrap();
        let pieces: [&[u8]; 32] = [
            key.as_bytes(),
            b"\n",
            b" ",
            b"\t",
            b"\"",
            b"\\",
            b"'",
            b",",
            b"=",
            b"*",
            b"?",
            b"!",
            b"|1|",
            b"|",
            b"@revoked",
            b"@cert-authority",
            b"#",
            b"[a.b]:2222",
            b"a.b",
            b"command",
            b"ssh-ed25519",
            b"AAAA",
            b"\xff",
            b"1h30m",
            b"64K",
            b"\xc3\xbc",
            b"Match ",
            b"Host ",
            b"all",
            b"from=\"10.0.0.0/8\"",
            b"IdentityFile ",
            b"%h",
        ];
        let mut random = Random::new(&Seed::new([9; 32]));
        let mut said = 0;
        for _ in 0..5000 {
            let mut text = Vec::new();
            for _ in 0..random.number() % 24 {
                text.extend_from_slice(pieces[random.number() as usize % pieces.len()]);
            }
            said += ask_everything(&text);
        }
        assert!(said > 5000, "{said}: the texts are read at all");
    }

    /// A line of 100 kB takes milliseconds; work that grew with its square would take minutes.
    #[test]
    fn the_work_grows_with_the_text_only() {
        let key = PublicKey::new(&ed25519_blob(&[7; 32])).line("").unwrap();
        for piece in [
            "\"",
            "\\\"",
            "a,",
            "*a",
            "a ",
            "a=\"b\",",
            "'",
            "\\",
            "|1|",
            "\n",
            "[",
            "x\n",
            "9",
            "9h",
            "!*,",
            "\"a\" ",
            "%h",
            "environment=\"A=b\",",
            "1.2.3.4/32,",
            "SendEnv a\n",
            "Match host a\n",
            "permitopen=\"a:1\",",
        ] {
            let long = piece.repeat(100_000 / piece.len());
            for text in [long.clone(), format!("a {long}"), format!("{long} {key}"), format!("{key} {long}")] {
                let start = Instant::now();
                ask_everything(text.as_bytes());
                assert!(start.elapsed() < Duration::from_secs(5), "{piece} {}", text.len());
            }
        }
    }
}
