//! Answers about channels and global requests.
//!
//! # Answers: channels and global requests

use crate::conn::sansh_conn;
use crate::types::{sansh_ask, sansh_status};
use core::ffi::c_char;
use ssh::ask::{Accept, Globally, Granted, Opening, Permission, Refusal};

/// Answers SANSH_EVENT_REQUESTED: the channel is open, and the peer may send `window` bytes before the first
/// sansh_grant(). `data` are the confirmation's own fields: NULL and 0 for all built-in types; they are copied.
/// sansh_flow() lets the window grow.
///
/// SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events), SANSH_E_TOO_LONG; else as
/// sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_opening_accept(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    window: u32,
    data: *const u8,
    data_len: usize,
) -> sansh_status {
    enter!(mut conn; bytes(data, data_len); { conn.answer::<Opening>(ask, Ok(Accept { window, data })) })
}

/// Answers SANSH_EVENT_REQUESTED: the channel is refused, with a reason (SANSH_REFUSAL_…, or another number) and a text
/// for people; NULL is none. As sansh_answer_opening_accept().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_opening_refuse(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    reason: u32,
    text: *const c_char,
) -> sansh_status {
    enter!(mut conn; text_or_none(text); {
        conn.answer::<Opening>(ask, Err(Refusal { reason, text: text.as_bytes() }))
    })
}

/// Answers SANSH_EVENT_REQUEST: 0 refuses it, anything else grants it. As sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_permission(conn: *mut sansh_conn, ask: sansh_ask, yes: i32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<Permission>(ask, yes != 0) })
}

/// Answers SANSH_EVENT_GLOBAL: 0 refuses it, anything else grants it. As sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_global(conn: *mut sansh_conn, ask: sansh_ask, yes: i32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<Globally>(ask, if yes != 0 { Granted::Yes } else { Granted::No }) })
}

/// Answers SANSH_EVENT_GLOBAL: granted, with the port that was bound (SANSH_GLOBAL_TCPIP_FORWARD with port 0).
///
/// SANSH_E_FULL (during a key exchange or behind an unanswered global request: keep the ask with sansh_later() and
/// answer after the next events); else as sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_global_port(conn: *mut sansh_conn, ask: sansh_ask, port: u32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<Globally>(ask, Granted::Port(port)) })
}

/// Answers SANSH_EVENT_GLOBAL: granted, with any bytes; they are copied. As sansh_answer_global_port(), and
/// SANSH_E_TOO_LONG.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_global_data(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    data: *const u8,
    data_len: usize,
) -> sansh_status {
    enter!(mut conn; bytes(data, data_len); { conn.answer::<Globally>(ask, Granted::Data(data)) })
}
