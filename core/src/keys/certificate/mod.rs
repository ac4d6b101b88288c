//! OpenSSH certificates: a public key, what it may be used for, and an authority's signature over both
//! (draft-ietf-sshm-cert-01).
//!
//! [`Certificate`] is the blob with its fields found, and no more: nothing in it is believed. [`Certificate::check`] is
//! the only way from there to [`Checked`], the proof that a host or a user may be let in by it. An application checks a
//! certificate when an event shows it one; the connection itself only verifies that the peer holds the certified key.
//!
//! * `blob`: finding the fields. * `option`: the two lists of options. * `principal`: whose certificate it is.
//! * `source`: lists of addresses. * `plain`: the certified key. * `check`: every test, in order. * `error`: what failed.

mod blob;
mod check;
mod error;
mod option;
mod plain;
mod principal;
pub(super) mod source;

pub use blob::{Certificate, CertificateKind};
pub use check::{Authorities, Check, Checked};
pub use error::CertError;
pub use option::{CertificateOption, CertificateOptions};
pub use plain::PlainKey;
pub use principal::Principals;
