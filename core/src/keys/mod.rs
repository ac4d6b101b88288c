//! Public keys, fingerprints and signatures as bytes: what may be shown to anybody.
//!
//! Nothing here verifies, signs or trusts. Verification is a row of a [`Provider`](crate::crypto::Provider), signing is
//! the application's (or `signer`'s), and trust is the application's (or `files`'). The connection lends a
//! [`PublicKey`] in its events; `signer` and `files` build on the same type.
//!
//! A type of key is a name and the fields behind it. To build the blob of a further type is to write one function
//! beside [`ed25519_blob`]; everything else here works on any type.
//!
//! A [`Certificate`] is read here as well, and [checked](Certificate::check) against what the application trusts.

mod certificate;
pub(crate) mod encode;
mod fingerprint;
pub(crate) mod line;
mod public;
mod restrictions;
pub(crate) mod rotation;
mod signature;

pub use certificate::{
    Authorities, CertError, Certificate, CertificateKind, CertificateOption, CertificateOptions, Check, Checked,
    PlainKey, Principals,
};
pub use encode::OutOfMemory;
pub use fingerprint::{BadFingerprint, Fingerprint};
pub use line::{BadKeyLine, PublicKeyLine};
pub use public::{ED25519, ED25519_BLOB_LEN, PublicKey, ed25519_blob};
pub use restrictions::{Conflict, Restrictions};
pub use rotation::HostKeyProofs;
pub use signature::SignatureBlob;
