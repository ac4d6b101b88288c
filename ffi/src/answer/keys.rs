//! Answers about keys.
//!
//! # Answers: keys

use crate::conn::sansh_conn;
use crate::types::{sansh_ask, sansh_status};
use ssh::ask::{HostKey, KeyQuery, Signature, Trust};

/// Answers SANSH_EVENT_HOST_KEY: 0 rejects the key and ends the connection, anything else accepts it. To accept a
/// certificate so is to say that you know its plain key or the very certificate: what it says about names, times and
/// authorities counts for nothing then. sansh_answer_trust_certificate() makes it count.
///
/// All sansh_answer_…() say SANSH_E_STALE if the ask was answered already, asks something else, is another connection's,
/// or the connection went on without it: forget it. SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_trust(conn: *mut sansh_conn, ask: sansh_ask, accept: i32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<HostKey>(ask, Trust::from(accept != 0)) })
}

/// Answers SANSH_EVENT_SIGN with the blob of RFC 4253, section 6.6: `string algorithm, string signature`, as
/// sansh_key_sign() makes it. It is copied. NULL and 0 decline.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events); else as
/// sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_signature(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    signature: *const u8,
    signature_len: usize,
) -> sansh_status {
    enter!(mut conn; bytes(signature, signature_len); {
        let signature = if signature.is_empty() { None } else { Some(signature) };
        conn.answer::<Signature>(ask, signature)
    })
}

/// Answers SANSH_EVENT_KEY_QUERY: 0 is no, anything else says that the key would do. It grants nothing.
/// As sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_key_query(conn: *mut sansh_conn, ask: sansh_ask, yes: i32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<KeyQuery>(ask, yes != 0) })
}
