//! The rows: what the providers have, and how a configuration is cut down to one of them.

use sansh::crypto::{Provider, SignatureAlgorithm};
use sansh::{Config, Role};

use super::logins;

/// A table of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Exchange,
    Rekey,
    Cipher,
    HostKey,
    HostCertificate,
    UserKey,
    UserCertificate,
    Login,
}

impl Subject {
    pub(crate) const ALL: [Subject; 8] = [
        Subject::Exchange,
        Subject::Rekey,
        Subject::Cipher,
        Subject::HostKey,
        Subject::HostCertificate,
        Subject::UserKey,
        Subject::UserCertificate,
        Subject::Login,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Subject::Exchange => "Key exchange",
            Subject::Rekey => "Re-exchange",
            Subject::Cipher => "Cipher and MAC",
            Subject::HostKey => "Host keys",
            Subject::HostCertificate => "Host certificates",
            Subject::UserKey => "User keys",
            Subject::UserCertificate => "User certificates",
            Subject::Login => "Login methods",
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) subject: Subject,
    pub(crate) name: String,
}

/// Between a cipher and its MAC.
const WITH: &str = " + ";
/// The rows of [`Subject::Rekey`].
pub(crate) const BY_SANSH: &str = "started by sansh";
pub(crate) const BY_PEER: &str = "started by the peer";

impl Row {
    fn new(subject: Subject, name: impl Into<String>) -> Row {
        Row { subject, name: name.into() }
    }

    /// A cipher's name, and its MAC's unless it is an AEAD.
    pub(crate) fn suite(&self) -> (&str, &str) {
        self.name.split_once(WITH).unwrap_or((&self.name, ""))
    }

    /// Every row that one of the providers has, in the order in which it is offered.
    pub(crate) fn all() -> Vec<Row> {
        let mut rows = Vec::new();
        for provider in [aws_lc(), rust_crypto()] {
            for row in Row::of(provider) {
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        rows.sort_by_key(|row| row.subject);
        rows
    }

    /// The rows of one provider.
    pub(crate) fn of(provider: &dyn Provider) -> Vec<Row> {
        let mut rows: Vec<Row> = [BY_SANSH, BY_PEER].map(|name| Row::new(Subject::Rekey, name)).into();
        rows.extend(provider.kex().iter().map(|row| Row::new(Subject::Exchange, row.name())));
        for cipher in provider.ciphers() {
            if cipher.aead() {
                rows.push(Row::new(Subject::Cipher, cipher.name()));
            } else {
                let pair = |mac| Row::new(Subject::Cipher, format!("{}{WITH}{mac}", cipher.name()));
                rows.extend(provider.macs().iter().map(|mac| pair(mac.name())));
            }
        }
        for signature in provider.signatures() {
            let (host, user) = match signature.certified() {
                None => (Subject::HostKey, Subject::UserKey),
                Some(_) => (Subject::HostCertificate, Subject::UserCertificate),
            };
            if signature.for_hosts() {
                rows.push(Row::new(host, signature.name()));
            }
            rows.push(Row::new(user, signature.name()));
        }
        rows.extend(logins::METHODS.iter().map(|method| Row::new(Subject::Login, method.name)));
        rows
    }

    /// Cuts a configuration down to this row. Host keys of a server have to be in it already.
    pub(crate) fn choose<R: Role>(&self, config: &mut Config<R>) {
        match self.subject {
            Subject::Exchange => drop(config.kex(&self.name).expect("a row of the provider")),
            Subject::Cipher => {
                let (cipher, mac) = self.suite();
                config.ciphers(cipher).expect("a row of the provider");
                if !mac.is_empty() {
                    config.macs(mac).expect("a row of the provider");
                }
            }
            _ => {}
        }
    }
}

/// The signature algorithm of a row.
pub(crate) fn signature(provider: &dyn Provider, name: &str) -> &'static dyn SignatureAlgorithm {
    *provider.signatures().iter().find(|row| row.name() == name).expect("a row of the provider")
}

/// All of a provider's signature algorithms, as a list for [`Config::signatures`].
pub(crate) fn signatures(provider: &dyn Provider) -> String {
    provider.signatures().iter().map(|row| row.name()).collect::<Vec<_>>().join(",")
}

pub(crate) fn aws_lc() -> &'static dyn Provider {
    &sansh::crypto::aws_lc::AwsLc
}

pub(crate) fn rust_crypto() -> &'static dyn Provider {
    &sansh::crypto::rustcrypto::RustCrypto
}
