//! Private keys in every file format, and in an agent's messages: any bytes are read or refused, and what is read is
//! written and read again.

use crate::crypto::{Random, Seed};
use crate::keys::{SignatureBlob, encode};
use crate::signer::{FileFormat, KeyKind, PrivateKey, Protection};
use crate::wire::Reader;
use alloc::string::String;
use alloc::vec::Vec;

const FORMATS: [(&str, FileFormat); 6] = [
    ("openssh", FileFormat::OpenSsh),
    ("pkcs8", FileFormat::Pkcs8),
    ("pkcs1", FileFormat::Pkcs1),
    ("sec1", FileFormat::Sec1),
    ("ppk2", FileFormat::Putty2),
    ("ppk3", FileFormat::Putty3),
];
const LABELS: [&str; 5] =
    ["OPENSSH PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];
const SECRET: Option<&[u8]> = Some(b"secret");

/// A private key file, the bytes inside one, or the fields that an agent is given.
pub fn private_keys(data: &[u8]) {
    for passphrase in [None, SECRET] {
        if let Ok(key) = PrivateKey::read_cheap(data, passphrase) {
            check(&key);
        }
    }
    for label in LABELS {
        if let Ok(key) = PrivateKey::read_cheap(armoured(label, data).as_bytes(), SECRET) {
            check(&key);
        }
    }
    let mut fields = Reader::new(data);
    if let Ok(key) = PrivateKey::read_fields(&mut fields) {
        check(&key);
        let written = encode::written(|sink| key.write_agent_fields(sink)).unwrap();
        let again = PrivateKey::read_fields(&mut Reader::new(&written)).unwrap();
        assert_eq!(key.public_blob(), again.public_blob());
    }
}

/// Every format that has a place for the key keeps it, and what it signs is a signature.
fn check(key: &PrivateKey) {
    let random = &mut Random::new(&Seed::new([6; 32]));
    for (name, format) in FORMATS {
        if let Ok(text) = key.write(format, Protection::Plain, random) {
            let again = PrivateKey::read(text.as_str(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(again.plain_blob(), key.plain_blob(), "{name}");
            assert!(again.comment() == key.comment() || again.comment().is_empty(), "{name}");
        }
    }
    for algorithm in key.algorithms() {
        assert!(SignatureBlob::parse(&key.sign(algorithm, b"message").unwrap()).is_ok());
    }
}

fn armoured(label: &str, bytes: &[u8]) -> String {
    let mut text = alloc::format!("-----BEGIN {label}-----\n");
    encode::push_base64(&mut text, bytes).unwrap();
    text.push_str(&alloc::format!("\n-----END {label}-----\n"));
    text
}

/// An RSA key of nobody, in PKCS#1: there is no making one here.
const RSA: &str = "\
    MIIEowIBAAKCAQEAqn3IdwQS689SDyvVLzeagoCRSyEUl2312l31O/bExE0WA84WZnVMYRhehGks0DL+zQXJLaxiWjQZ3gw/l26Q\
    szHB3LkxZgkBlLoyxSjF+PnTNC1U0F33C02A3t+6UeXxoqZX1FUj7vAwNWu4VzXje4uoe3HBR+jX+2ZM/MwJZPyh7u2Z31YBoJ8R\
    7D0dP3NEMjcVkOxpnaaYq3QMUkKDYgMU6AWzxy/mc2Z6qnKiaDEHaxmNhXH0BqM7669yTmEkUuVh1JB85Paan44fo4gozVTQLkSC\
    UAspvcNI4h52LuSnTaUt3GlquKRjWcpHoSrwQfPn2mxYSImgYkfb871ziQIDAQABAoIBAA6XRLaA1AC35cE0ImLP2qqUB7s7Ccja\
    6YlGdMQsvpLBOSLaupqKq958aCxjVuk7kAhqWBkPUXyATH1vJWsXlI0tczapZ8OgfjDlDY7HikfgU5W50nIhtJCUUbThR1AWgotF\
    uqsKnVBn4GxV+3kFPOJ4JZNo/R5jHEbg7rJM4PnyLArp1REfRqYxWRyRJPN/DR+R9Ee+IO6O4mvpDtk4T1p0gaMY6RciGqEPTA2l\
    rCS8K9u2O90PWde0BAtbXM6+0oVaBaTOyRzzounP4PgotVnBYjgod36n2BVeT7/6vsbmekfpZ+/F4jdyoQcJAE7aqFVtMR68rpiA\
    QMsFrKOI+oECgYEA6agd7r2XWDIURD/iQ9aEl9M8nIskNlIvbJdDW1iZHVfaImRUBZkm92aBo64xnidHM89LBd4ZSq8AeZj89daU\
    7b0WcGc7kxxhA5qgcPA2uK0gJgMTNJsFYwddZbheBRnySQ8JgfHtTvQN1wb+Wr/qRa4BpdZ2EVjUOP4rk7+XVckCgYEAustjDO90\
    EZ/tkoMvRVOGkVJvOQ5vfygCYlin1JkqTWokYPoiqTbS3n9QEqHBqNLR0Gs/9ezT9YGt7ihSbE4wLpb4ZgS1ttLgeS65XNxjgDGb\
    mihU1029aOgP9YVnLNmwyEc54ILlFng5GGTqYFcjeBTgCGT8NPeuIhqXsXsnD8ECgYEA3lKemIlBNiQAcKgwjMfSxfuyUml6fU1Z\
    3oNXDdWRawAqiEraP7FoCEM62xlmEMvizgNRqTWY7xzw4MKW/vu8HTGr5ivz3ZhFHv7D5nJKPxJL4p9OaOGQEJfzYFQ68bOse6OZ\
    MlGVsWg6uvzmjEbLjJ1y5+7VzM+ursP5hs3oGzECgYA/mMmjeM9SxNmU/XcVqmdxiNh3W5PYfh25sCeL+Y3uh4nVPrSYWiMXP89a\
    WJpfyU9IH4vKRhSwTLOUF0RgvYooApyV11qq4Uct2xufIyX5Wmp45Oxl1YD8e64bUI0dNwy6U43AA7DNoqcFyC4IGQLpemoAUamQ\
    uxcdY2JsOdrFwQKBgBSnyY2JwApUELeOmEqf54fppQFTG8tzo24lo7r5FdmBVZ6EBkELk2fVIE23pVto1ExBFLqVkh0QI1oWz35L\
    kYFL4MQei45QNpDgShOGYEzQqzw2EUZzyzqB6eUtXjY9XzdoUrPdFD+9ZYXeMQo9LjqkTlT1edBbb37ZemRrXDfm";

/// One file of each type and format.
pub(super) fn seeds(seed: &mut dyn FnMut(&str, Vec<u8>)) {
    let random = &mut Random::new(&Seed::new([3; 32]));
    let rsa = encode::from_base64(RSA).unwrap();
    let rsa = PrivateKey::read(&armoured("RSA PRIVATE KEY", &rsa), None).unwrap();
    let made = [("ed25519", KeyKind::Ed25519), ("p256", KeyKind::EcdsaP256), ("p521", KeyKind::EcdsaP521)];
    let mut keys: Vec<_> =
        made.into_iter().map(|(name, kind)| (name, PrivateKey::generate(kind, random).unwrap())).collect();
    keys.push(("rsa", rsa));
    for (kind, key) in keys {
        let key = key.with_comment("a comment");
        for (name, format) in FORMATS {
            if let Ok(text) = key.write(format, Protection::Plain, random) {
                seed(&alloc::format!("{kind}-{name}"), text.as_bytes().to_vec());
            }
            let protection = Protection::Passphrase { passphrase: b"secret", effort: 1 };
            if kind == "ed25519"
                && let Ok(text) = key.write(format, protection, random)
            {
                seed(&alloc::format!("{kind}-{name}-encrypted"), text.as_bytes().to_vec());
            }
        }
        seed(&alloc::format!("{kind}-fields"), encode::written(|sink| key.write_agent_fields(sink)).unwrap());
    }
    seed("security-key-fields", security_key());
    seed("traditional", TRADITIONAL.as_bytes().to_vec());
}

/// What an agent is given of a security key.
fn security_key() -> Vec<u8> {
    use crate::wire::put_string;
    encode::written(|sink| {
        put_string(sink, b"sk-ssh-ed25519@openssh.com");
        put_string(sink, &[7; 32]);
        put_string(sink, b"ssh:");
        sink.put(&[1]);
        put_string(sink, b"handle");
        put_string(sink, b"");
    })
    .unwrap()
}

/// Encrypted in OpenSSL's old way with the passphrase `secret`, after the curve's parameters.
const TRADITIONAL: &str = "\
-----BEGIN EC PARAMETERS-----\n\
BggqhkjOPQMBBw==\n\
-----END EC PARAMETERS-----\n\
-----BEGIN EC PRIVATE KEY-----\n\
Proc-Type: 4,ENCRYPTED\n\
DEK-Info: AES-128-CBC,1FC0EA39D4DBD615C51DA2FC216B3480\n\
\n\
tRUldzVqiC1A03/1D/8gjOM+PT5Hp2WPuDFrMtCevJmHoIKeU28VUTtX7P8TIzXe\n\
H9Epxtvn8IFmBKBFgxJesXgrYFpREowbDuXK4Q3y4Z5V3/Qw3/Ly8ptokqOIYGO+\n\
c7A9yEqFril+EFZe9xdzH2JYxrgL0ZI2ZpEiLK8NXsw=\n\
-----END EC PRIVATE KEY-----\n";
