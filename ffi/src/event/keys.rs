//! What events say about keys.
//!
//! # Events: keys
//!
//! A key that is to be trusted, one that is to sign, and one that somebody asks about. A key travels as the blob of RFC 4253,
//! section 6.6: `string type, ...`. A certificate stands wherever a key may.

use super::kind::sansh_event_kind::*;
use super::next::sansh_event;
use super::set;
use crate::types::sansh_bytes;
use ssh::event::{Purpose, client};
use ssh::keys::{Certificate, PublicKey};

/// What a signature is for.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_purpose {
    /// Something newer than this header.
    SANSH_PURPOSE_OTHER = 0,
    /// A host key signs a key exchange.
    SANSH_PURPOSE_KEY_EXCHANGE = 1,
    /// A user's key signs a login.
    SANSH_PURPOSE_LOGIN = 2,
    /// A client host's key signs a login by `hostbased`.
    SANSH_PURPOSE_HOST_BASED = 3,
    /// A server's host key proves that the server holds it, as the client asked (SANSH_GLOBAL_HOST_KEYS_PROVE).
    SANSH_PURPOSE_HOST_KEY_PROOF = 4,
}

/// Of SANSH_EVENT_HOST_KEY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_host_key {
    /// The key or certificate, as it travels.
    pub blob: sansh_bytes,
    /// Its type name; empty if it has none.
    pub type_name: sansh_bytes,
    /// 1 if it is a certificate that can be read: then sansh_answer_trust_certificate() checks and answers.
    pub is_certificate: i32,
    /// What the key has signed: the exchange hash. With the signature, it is what `session-bind@openssh.com` tells an agent.
    pub exchange_hash: sansh_bytes,
    /// The signature, as it travels. It was verified.
    pub signature: sansh_bytes,
}

/// Of SANSH_EVENT_SIGN.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_sign {
    /// What for: SANSH_PURPOSE_….
    pub purpose: i32,
    /// Signature algorithm, as the signature names it: a key's, where a certificate was offered.
    pub algorithm: sansh_bytes,
    /// The public half, or its certificate, as it travels.
    pub key: sansh_bytes,
    /// What to sign.
    pub message: sansh_bytes,
}

/// Of SANSH_EVENT_KEY_QUERY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_key_query {
    /// User name. Untrusted.
    pub user: sansh_bytes,
    /// The key or certificate, as it travels. sansh_certificate_check() checks a certificate.
    pub key: sansh_bytes,
}

pub(super) fn host_key(key: PublicKey<'_>, exchange: client::Exchange<'_>, event: &mut sansh_event) {
    let content = sansh_event_host_key {
        blob: key.blob().into(),
        type_name: key.key_type().into(),
        is_certificate: Certificate::parse(key.blob()).is_ok().into(),
        exchange_hash: exchange.hash.into(),
        signature: exchange.signature.into(),
    };
    set!(event, SANSH_EVENT_HOST_KEY, host_key: content);
}

pub(super) fn sign(purpose: Purpose, algorithm: &str, key: PublicKey<'_>, message: &[u8], event: &mut sansh_event) {
    use sansh_purpose::*;
    let purpose = match purpose {
        Purpose::KeyExchange => SANSH_PURPOSE_KEY_EXCHANGE,
        Purpose::Login => SANSH_PURPOSE_LOGIN,
        Purpose::HostBased => SANSH_PURPOSE_HOST_BASED,
        Purpose::HostKeyProof => SANSH_PURPOSE_HOST_KEY_PROOF,
        _ => SANSH_PURPOSE_OTHER,
    };
    let content = sansh_event_sign {
        purpose: purpose as i32,
        algorithm: algorithm.into(),
        key: key.blob().into(),
        message: message.into(),
    };
    set!(event, SANSH_EVENT_SIGN, sign: content);
}

pub(super) fn key_query(user: &[u8], key: PublicKey<'_>, event: &mut sansh_event) {
    let content = sansh_event_key_query { user: user.into(), key: key.blob().into() };
    set!(event, SANSH_EVENT_KEY_QUERY, key_query: content);
}
