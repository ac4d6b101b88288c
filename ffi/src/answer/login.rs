//! Answers of a client that logs in.
//!
//! # Answers: logging in (client)
//!
//! One attempt for each SANSH_EVENT_LOGIN_NEEDED. Questions of the server in the midst of one have answers of their own.

use crate::conn::sansh_conn;
use crate::status::Code::*;
use crate::types::{sansh_ask, sansh_bytes, sansh_status};
use core::ffi::c_char;
use ssh::ask::{Answers, Login, NewPassword, With};

/// The most questions that are asked at one time.
pub(super) const PROMPTS_MAX: usize = 16;

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with no credential, which also asks for the methods there are.
///
/// SANSH_E_TOO_LONG (longer than the limits allow: answer with something else), SANSH_E_TEXT (not UTF-8), SANSH_E_FULL
/// (keep the ask with sansh_later() and answer after the next events), SANSH_E_ROLE, SANSH_E_STALE, SANSH_E_NULL,
/// SANSH_E_POISONED. The texts are copied.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_none(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
) -> sansh_status {
    enter!(mut conn; text(user); { conn.log_in(ask, Login::Try { user, with: With::None }) })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this password. As sansh_answer_login_none().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_password(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
    password: *const c_char,
) -> sansh_status {
    enter!(mut conn; text(user), text(password); {
        conn.log_in(ask, Login::Try { user, with: With::Password(password) })
    })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this public key or certificate, as it travels, and this signature
/// algorithm (`ssh-ed25519`). NULL takes the first one of the provider that the key can have and that the server has said
/// it takes (RFC 8308), which matters to RSA keys. If `probe` is not 0, the server is asked first whether the key would
/// do. SANSH_EVENT_SIGN then asks for the signature. A key that nobody can use is refused by the server. As
/// sansh_answer_login_none().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_public_key(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
    algorithm: *const c_char,
    key: *const u8,
    key_len: usize,
    probe: i32,
) -> sansh_status {
    enter!(mut conn; text(user), text_or_none(algorithm), bytes(key, key_len); {
        conn.log_in(ask, Login::Try { user, with: With::PublicKey { algorithm, key, probe: probe != 0 } })
    })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with `keyboard-interactive`. `submethods` are hints for the server,
/// comma-separated; NULL is none. SANSH_EVENT_PROMPTS brings the questions. As sansh_answer_login_none().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_interactive(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
    submethods: *const c_char,
) -> sansh_status {
    enter!(mut conn; text(user), text_or_none(submethods); {
        conn.log_in(ask, Login::Try { user, with: With::Interactive { submethods } })
    })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with `hostbased`: the client host's public key or certificate, its name
/// (fully qualified), and the user's name on it. SANSH_EVENT_SIGN then asks for the client host's signature. As
/// sansh_answer_login_public_key().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_host_based(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
    algorithm: *const c_char,
    key: *const u8,
    key_len: usize,
    host: *const c_char,
    host_user: *const c_char,
) -> sansh_status {
    enter!(mut conn; text(user), text_or_none(algorithm), bytes(key, key_len), text(host), text(host_user); {
        conn.log_in(ask, Login::Try { user, with: With::HostBased { algorithm, key, host, user: host_user } })
    })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with any other method, by name and what follows the name in the message.
/// As sansh_answer_login_none().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_other(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    user: *const c_char,
    method: *const c_char,
    fields: *const u8,
    fields_len: usize,
) -> sansh_status {
    enter!(mut conn; text(user), text(method), bytes(fields, fields_len); {
        conn.log_in(ask, Login::Try { user, with: With::Other { method, fields } })
    })
}

/// Answers SANSH_EVENT_LOGIN_NEEDED: there is nothing left to try. The connection ends. As sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_login_give_up(conn: *mut sansh_conn, ask: sansh_ask) -> sansh_status {
    enter!(mut conn;; { conn.log_in(ask, Login::GiveUp) })
}

/// Answers SANSH_EVENT_PROMPTS: one answer for each question, in order. They are copied, and the copy is wiped. NULL and 0
/// refuse the questions, or answer none where none was asked.
///
/// SANSH_E_UNFIT (not as many as there were questions: answer again), SANSH_E_TEXT (not UTF-8), SANSH_E_TOO_LONG,
/// SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events), SANSH_E_ROLE; else as
/// sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_prompts(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    answers: *const sansh_bytes,
    answers_len: usize,
) -> sansh_status {
    enter!(mut conn; blobs(answers, answers_len); {
        let mut texts = [""; PROMPTS_MAX];
        let texts = texts.get_mut(..answers.len()).ok_or(SANSH_E_UNFIT)?;
        for (text, answer) in texts.iter_mut().zip(answers.iter()) {
            *text = core::str::from_utf8(answer).map_err(|_| SANSH_E_TEXT)?;
        }
        conn.tell::<Answers>(ask, texts)
    })
}

/// Answers SANSH_EVENT_PASSWORD_EXPIRED: the new password. It is copied, and the copy is wiped. NULL keeps the old one, and
/// another credential is asked for. As sansh_answer_login_none().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_new_password(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    password: *const c_char,
) -> sansh_status {
    enter!(mut conn; optional(password); { conn.tell::<NewPassword>(ask, password) })
}
