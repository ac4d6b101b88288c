//! Cryptography that fails, or that must not be used.

use crate::hand::{error, message};
use core::cell::Cell;
use sansh::crypto::null::Null;
use sansh::crypto::{
    Alignment, Cipher, CryptoError, CryptoRng, Digest, DirectionKeys, Hash, KexClient, KexMethod, Mac, Open, Provider,
    Seal, SecretEncoding, SharedSecret, SignatureAlgorithm, try_box,
};
use sansh::error::Error;
use sansh_testkit::raw::{NULL_KEY, NULL_SIGNATURE, Raw};

thread_local! {
    /// Which call of the provider fails, and how many there were.
    static FAILS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Fails if it is this call's turn.
fn turn() -> Result<(), CryptoError> {
    let (fails, calls) = FAILS.get();
    FAILS.set((fails, calls + 1));
    if calls + 1 == fails { Err(CryptoError::Failed) } else { Ok(()) }
}

/// The null provider, any one call of which may fail.
#[derive(Clone, Copy, Debug)]
struct Failing;

impl Provider for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }
    fn kex(&self) -> &'static [&'static dyn KexMethod] {
        &[&Failing]
    }
    fn ciphers(&self) -> &'static [&'static dyn Cipher] {
        &[&Failing]
    }
    fn macs(&self) -> &'static [&'static dyn Mac] {
        &[]
    }
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
        Null.signatures()
    }
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
        turn()?;
        Null.digest(hash)
    }
    fn state_bytes(&self) -> usize {
        Null.state_bytes()
    }
}

impl KexMethod for Failing {
    fn name(&self) -> &'static str {
        "null"
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::String
    }
    fn public_len(&self) -> usize {
        Null.kex()[0].public_len()
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        turn()?;
        let (length, client) = Null.kex()[0].start(random, public)?;
        Ok((length, try_box(FailingClient(client))?))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        turn()?;
        Null.kex()[0].respond(random, theirs, public, secret)
    }
}

struct FailingClient(Box<dyn KexClient>);

impl KexClient for FailingClient {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        turn()?;
        self.0.finish(theirs, secret)
    }
}

impl Cipher for Failing {
    fn name(&self) -> &'static str {
        "null"
    }
    fn key_len(&self) -> usize {
        0
    }
    fn iv_len(&self) -> usize {
        0
    }
    fn aead(&self) -> bool {
        true
    }
    fn bytes_per_key(&self) -> u64 {
        u64::MAX
    }
    fn seal(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError> {
        turn()?;
        Ok(try_box(FailingSeal(Null.ciphers()[0].seal(keys, mac)?))?)
    }
    fn open(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError> {
        turn()?;
        Null.ciphers()[0].open(keys, mac)
    }
}

struct FailingSeal(Box<dyn Seal>);

impl Seal for FailingSeal {
    fn alignment(&self) -> Alignment {
        self.0.alignment()
    }
    fn tag_len(&self) -> usize {
        self.0.tag_len()
    }
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        turn()?;
        self.0.seal(sequence, packet)
    }
}

/// CVE-2025-5372, CVE-2023-6918, CVE-2025-5987: whatever call of a backend fails, the derivation of keys, a hash, the setup
/// of a cipher or its use, the connection ends; nothing goes on with half a key.
#[test]
fn a_backend_that_fails_ends_the_connection() {
    let mut ends = Vec::new();
    for server in [true, false] {
        for fails in 1..100 {
            FAILS.set((fails, 0));
            let end = if server {
                let mut raw = Raw::server(|config| {
                    *config = sansh::config::Config::new(&Failing);
                    config.host_key(NULL_KEY).expect("a host key");
                });
                raw.to_service(true);
                raw.send(&message(5, &[&sansh_testkit::raw::strings(&[b"ssh-userauth"])]));
                (error(&raw), raw.app.is_ready())
            } else {
                let mut raw = Raw::client(|config| *config = sansh::config::Config::new(&Failing));
                raw.to_service(true);
                raw.send(&message(6, &[&sansh_testkit::raw::strings(&[b"ssh-userauth"])]));
                (error(&raw), raw.app.is_ready())
            };
            let (_, calls) = FAILS.get();
            if calls < fails {
                assert_eq!(end, (None, false), "nothing failed");
                ends.push(fails - 1);
                break;
            }
            assert_eq!(end, (Some(Error::Crypto), false), "server {server}, call {fails}");
        }
    }
    println!("{ends:?} calls, each failed once");
    assert!(ends.len() == 2 && ends.iter().all(|calls| *calls >= 5), "{ends:?}");
}

/// RUSTSEC-2024-0344, RUSTSEC-2023-0071, RUSTSEC-2022-0093: crates with these advisories are not built in: no crate `rsa`, and
/// newer ones of the other two.
#[test]
fn crates_with_known_leaks_are_not_built_in() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    let lock = std::fs::read_to_string(lock).expect("Cargo.lock");
    let mut found = 0;
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            line.map_or("", |value| value.trim_matches('"'))
        };
        let (name, version) = (field("name"), field("version"));
        let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        assert_ne!(name, "rsa", "RUSTSEC-2023-0071");
        // The fixes came with 4.1.3 and 2.0.0.
        if name == "curve25519-dalek" {
            assert!(major >= 5 || version.starts_with("4.1.") && version != "4.1.2", "{name} {version}");
            found += 1;
        }
        if name == "ed25519-dalek" {
            assert!(major >= 2, "{name} {version}");
            found += 1;
        }
    }
    assert!(found >= 2, "the lock file was read");
}

/// CVE-2023-2283, CVE-2025-26465, CVE-2006-5794: the verdict on a signature is the verifier's word and nothing else: an error
/// on the way to it is a refusal.
#[test]
fn an_error_is_no_verdict() {
    /// A row whose verifier fails in one way or another.
    #[derive(Debug)]
    struct Row(CryptoError);
    impl SignatureAlgorithm for Row {
        fn name(&self) -> &'static str {
            "null"
        }
        fn key_type(&self) -> &'static str {
            "null"
        }
        fn verify(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<sansh::crypto::Verified, CryptoError> {
            Err(self.0)
        }
        fn accepts(&self, _: &[u8]) -> bool {
            true
        }
    }
    #[derive(Debug)]
    struct Rows(&'static [&'static dyn SignatureAlgorithm]);
    impl Provider for Rows {
        fn name(&self) -> &'static str {
            "rows"
        }
        fn kex(&self) -> &'static [&'static dyn KexMethod] {
            Null.kex()
        }
        fn ciphers(&self) -> &'static [&'static dyn Cipher] {
            Null.ciphers()
        }
        fn macs(&self) -> &'static [&'static dyn Mac] {
            Null.macs()
        }
        fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
            self.0
        }
        fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
            Null.digest(hash)
        }
        fn state_bytes(&self) -> usize {
            Null.state_bytes()
        }
    }
    static ROWS: [Rows; 5] = [
        Rows(&[&Row(CryptoError::BadSignature)]),
        Rows(&[&Row(CryptoError::OutOfMemory)]),
        Rows(&[&Row(CryptoError::Failed)]),
        Rows(&[&Row(CryptoError::BadValue)]),
        Rows(&[&Row(CryptoError::BadTag)]),
    ];
    for rows in &ROWS {
        let mut raw = Raw::client(|config| *config = sansh::config::Config::new(rows));
        raw.to_kex(true);
        raw.reply(NULL_KEY);
        assert!(raw.app.end.is_some(), "{rows:?}");
        let host_key = raw.app.saw(|seen| matches!(seen, sansh_testkit::told::Seen::HostKey { .. }));
        assert!(!host_key && !raw.heard(21), "{rows:?}: {:?}", raw.said);

        let mut raw = Raw::server(|config| {
            *config = sansh::config::Config::new(rows);
            config.host_key(NULL_KEY).expect("a host key");
        });
        raw.to_auth();
        let fields = crate::hand::public_key_fields(b"null", NULL_KEY, Some(NULL_SIGNATURE));
        raw.send(&crate::hand::login(b"user", b"ssh-connection", b"publickey", &fields));
        assert!(!raw.heard(52) && !raw.app.is_ready(), "{rows:?}");
        assert!(!raw.app.saw(|seen| matches!(seen, sansh_testkit::told::Seen::Login { .. })), "{rows:?}");
    }
}

/// CVE-2022-29245, GHSA-72p8-v4hg-v45p: every ephemeral key comes from the one generator that the application seeds: equal
/// seeds make equal values, other seeds others, in every method; and there is no other generator to fall back on.
#[test]
fn ephemeral_keys_come_from_the_seed() {
    use crate::keyed::{Keyed, Suite};
    use sansh_testkit::pair::RUSTCRYPTO;
    for method in RUSTCRYPTO.kex().iter().filter(|row| row.shape() == sansh::crypto::KexShape::InitReply) {
        let value = |seed: u8| {
            let mut random = sansh::crypto::Random::new(&sansh::crypto::Seed::new([seed; 32]));
            let mut public = vec![0; method.public_len()];
            let (length, _) = method.start(&mut random, &mut public).expect("a value");
            public[..length].to_vec()
        };
        let (first, again, other) = (value(1), value(1), value(2));
        assert_eq!(first, again, "{}", method.name());
        assert!(first != other && !first.iter().all(|byte| *byte == 0), "{}", method.name());
    }
    // And a server's.
    let reply = |strict| {
        let mut keyed = Keyed::new(strict, |_| {});
        keyed.begin(Suite::both("curve25519-sha256", "aes256-gcm@openssh.com", ""));
        keyed.said.iter().find(|said| said[0] == 31).expect("a REPLY").clone()
    };
    let (one, two) = (reply(true), reply(true));
    assert_eq!(one, two, "the same seed");
}
