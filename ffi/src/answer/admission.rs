//! Answers of a server that lets somebody in.
//!
//! # Answers: letting in (server)

use super::login::PROMPTS_MAX;
use crate::conn::sansh_conn;
use crate::entry;
use crate::event::login::sansh_prompt;
use crate::status::{Code, Code::*};
use crate::types::{sansh_ask, sansh_status};
use core::ffi::c_char;
use ssh::ask::Verdict;
use ssh::message::Prompt;

/// Answers SANSH_EVENT_LOGIN: the user is in. SANSH_EVENT_READY follows.
///
/// SANSH_E_UNFIT (it is a certificate: sansh_answer_admission_accept_certificate()), SANSH_E_ROLE, SANSH_E_FULL (keep the
/// ask with sansh_later() and answer after the next events); else as sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_accept(conn: *mut sansh_conn, ask: sansh_ask) -> sansh_status {
    enter!(mut conn;; { conn.admit(ask, Verdict::Accept) })
}

/// Answers SANSH_EVENT_LOGIN: this was right, and more is needed. `methods` are those that can continue, comma-separated;
/// NULL takes those of the configuration. As sansh_answer_admission_accept(), and SANSH_E_TEXT, SANSH_E_TOO_LONG.
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

/// Answers SANSH_EVENT_LOGIN of SANSH_METHOD_INTERACTIVE: these questions (`prompts`, at most 16), with a title and a text
/// for people; NULL is an empty one. They are copied. The next SANSH_EVENT_LOGIN brings the answers. It can be asked again
/// then, 16 times at most.
///
/// SANSH_E_UNFIT (another method, or asked too often: answer with something else), SANSH_E_LIMIT (more than 16),
/// SANSH_E_TOO_LONG; else as sansh_answer_admission_accept().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_prompt(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    name: *const c_char,
    instruction: *const c_char,
    prompts: *const sansh_prompt,
    prompts_len: usize,
) -> sansh_status {
    enter!(mut conn; text_or_none(name), text_or_none(instruction), prompts(prompts, prompts_len); {
        conn.admit(ask, Verdict::Prompt { name, instruction, prompts: prompts.as_slice() })
    })
}

/// Answers SANSH_EVENT_LOGIN of SANSH_METHOD_PASSWORD: the password is right and has expired. `prompt` is a text for people
/// that asks for a new one. SANSH_METHOD_NEW_PASSWORD brings it. SANSH_E_UNFIT (another method), SANSH_E_TOO_LONG,
/// SANSH_E_TEXT; else as sansh_answer_admission_accept().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_change_password(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    prompt: *const c_char,
) -> sansh_status {
    enter!(mut conn; text(prompt); { conn.admit(ask, Verdict::ChangePassword { prompt }) })
}

/// Questions that C passed.
#[derive(Debug)]
pub(crate) struct Prompts<'a> {
    list: [Prompt<'a>; PROMPTS_MAX],
    len: usize,
}

impl<'a> Prompts<'a> {
    /// # Safety
    /// `ptr` is NULL or points to `len` questions whose texts are readable, and that nobody writes during the call.
    pub(crate) unsafe fn new(ptr: *const sansh_prompt, len: usize) -> Result<Self, Code> {
        // SAFETY: the same condition.
        let given = unsafe { entry::list(ptr, len) }?;
        let mut list = [Prompt { text: b"", echo: false }; PROMPTS_MAX];
        let places = list.get_mut(..len).ok_or(SANSH_E_LIMIT)?;
        for (place, prompt) in places.iter_mut().zip(given) {
            // SAFETY: the same condition.
            place.text = unsafe { entry::bytes(prompt.text.ptr, prompt.text.len) }?;
            place.echo = prompt.echo != 0;
        }
        Ok(Prompts { list, len })
    }

    pub(crate) fn as_slice(&self) -> &[Prompt<'a>] {
        self.list.get(..self.len).unwrap_or_default()
    }
}
