//! Answers: one call for each question, typed.

use crate::conn::{Role, sansh_conn};
use crate::status::{Code, Code::*};
use crate::types::{sansh_ask, sansh_status};
use core::ffi::c_char;
use ssh::ask::{
    Accept, Admission, Ask, Credential, Globally, Granted, HostKey, KeyQuery, Login, Opening, Permission, Question,
    Refusal, Signature, Trust, Unanswered, Verdict, With,
};

impl<Q: Question> From<Unanswered<Q>> for Code {
    fn from(error: Unanswered<Q>) -> Self {
        match error {
            Unanswered::Stale => SANSH_E_STALE,
            // The number stays good, and C still has it.
            Unanswered::NoRoom(_) => SANSH_E_FULL,
            Unanswered::TooLong(_) => SANSH_E_TOO_LONG,
            _ => SANSH_E_OTHER,
        }
    }
}

impl sansh_conn {
    /// Answers either role's question.
    fn answer<Q: Question>(&mut self, ask: sansh_ask, reply: Q::Reply<'_>) -> Result<(), Code> {
        Ok(on!(&mut self.of, |c| c.answer::<Q>(Ask::from_raw(ask), reply))?)
    }

    /// Answers a client's question.
    fn log_in(&mut self, ask: sansh_ask, login: Login<'_>) -> Result<(), Code> {
        match &mut self.of {
            Role::Client(c) => Ok(c.answer::<Credential>(Ask::from_raw(ask), login)?),
            Role::Server(_) => Err(SANSH_E_ROLE),
        }
    }

    /// Answers a server's question.
    fn admit(&mut self, ask: sansh_ask, verdict: Verdict<'_>) -> Result<(), Code> {
        match &mut self.of {
            Role::Client(_) => Err(SANSH_E_ROLE),
            Role::Server(c) => Ok(c.answer::<Admission>(Ask::from_raw(ask), verdict)?),
        }
    }
}

/// Answers SANSH_EVENT_HOST_KEY: 0 rejects the key and ends the connection, anything else accepts it.
///
/// All sansh_answer_…() say SANSH_E_STALE if the ask was answered already, asks something else, is another connection's,
/// or the connection went on without it: forget it. SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_trust(conn: *mut sansh_conn, ask: sansh_ask, accept: i32) -> sansh_status {
    enter!(mut conn;; { conn.answer::<HostKey>(ask, Trust::from(accept != 0)) })
}

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

/// Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this public key, as it travels, and this signature algorithm
/// (`ssh-ed25519`). If `probe` is not 0, the server is asked first whether the key would do. SANSH_EVENT_SIGN then asks
/// for the signature. As sansh_answer_login_none().
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
    enter!(mut conn; text(user), text(algorithm), bytes(key, key_len); {
        conn.log_in(ask, Login::Try { user, with: With::PublicKey { algorithm, key, probe: probe != 0 } })
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

/// Answers SANSH_EVENT_LOGIN: the user is in. SANSH_EVENT_READY follows.
///
/// SANSH_E_ROLE, SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events); else as
/// sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_accept(conn: *mut sansh_conn, ask: sansh_ask) -> sansh_status {
    enter!(mut conn;; { conn.admit(ask, Verdict::Accept) })
}

/// Answers SANSH_EVENT_LOGIN: this was right, and more is needed. `methods` are those that can continue, comma-separated;
/// NULL takes those of the configuration. As sansh_answer_admission_accept(), and SANSH_E_TEXT.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_partial(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    methods: *const c_char,
) -> sansh_status {
    enter!(mut conn; text_or_none(methods); { conn.admit(ask, Verdict::Partial { go_on: methods }) })
}

/// Answers SANSH_EVENT_LOGIN: no. `methods` as in sansh_answer_admission_partial().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_deny(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    methods: *const c_char,
) -> sansh_status {
    enter!(mut conn; text_or_none(methods); { conn.admit(ask, Verdict::Deny { go_on: methods }) })
}

/// Answers SANSH_EVENT_REQUESTED: the channel is open, and the peer may send `window` bytes before the first
/// sansh_grant(). `data` are the confirmation's own fields: NULL and 0 for all built-in types; they are copied.
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
