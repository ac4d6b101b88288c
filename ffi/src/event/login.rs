//! What events say to a client that logs in.
//!
//! # Events: logging in (client)
//!
//! A credential is asked for until one is enough: right after the server was trusted, after each refusal, and after a step
//! that was right but not all. Everything that the server says here is untrusted.

use super::kind::sansh_event_kind::*;
use super::lists::Lists;
use super::next::sansh_event;
use super::set;
use crate::status::Code;
use crate::types::sansh_bytes;
use ssh::message::Prompts;
use ssh::wire::NameList;

/// Of SANSH_EVENT_LOGIN_NEEDED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_login_needed {
    /// Methods that can continue, comma-separated; `ptr` is NULL as long as the server has refused nothing. That is not
    /// always the first time: after a signature that was declined it is asked again. Remember what was tried.
    pub methods: sansh_bytes,
    /// 1 if the last attempt was right and more is needed.
    pub partial: i32,
}

/// One question of `keyboard-interactive`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_prompt {
    /// Text for people. A server's is untrusted.
    pub text: sansh_bytes,
    /// 1 if the answer may be seen while it is typed.
    pub echo: i32,
}

/// Of SANSH_EVENT_PROMPTS.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_prompts {
    /// Title.
    pub name: sansh_bytes,
    /// Text for people.
    pub instruction: sansh_bytes,
    /// The questions, at most 16. NULL if there is none, which still wants an answer: of none.
    pub prompts: *const sansh_prompt,
    /// How many.
    pub prompts_len: usize,
}

/// Of SANSH_EVENT_PASSWORD_EXPIRED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_password_expired {
    /// Text for people. Untrusted: it may hold control characters.
    pub prompt: sansh_bytes,
}

/// Of SANSH_EVENT_BANNER.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_banner {
    /// Text for people. Untrusted: it may hold control characters.
    pub text: sansh_bytes,
}

pub(super) fn needed(methods: Option<NameList<'_>>, partial: bool, event: &mut sansh_event) {
    let methods = methods.map_or(sansh_bytes::NONE, |list| list.as_str().into());
    let content = sansh_event_login_needed { methods, partial: partial.into() };
    set!(event, SANSH_EVENT_LOGIN_NEEDED, login_needed: content);
}

pub(super) fn prompts(
    name: &[u8],
    instruction: &[u8],
    prompts: Prompts<'_>,
    event: &mut sansh_event,
    lists: &mut Lists,
) -> Result<(), Code> {
    let items = prompts.iter().map(|prompt| sansh_prompt { text: prompt.text.into(), echo: prompt.echo.into() });
    let (prompts, prompts_len) = lists.prompts.fill(prompts.len(), items)?;
    let content = sansh_event_prompts { name: name.into(), instruction: instruction.into(), prompts, prompts_len };
    set!(event, SANSH_EVENT_PROMPTS, prompts: content);
    Ok(())
}

pub(super) fn password_expired(prompt: &[u8], event: &mut sansh_event) {
    let content = sansh_event_password_expired { prompt: prompt.into() };
    set!(event, SANSH_EVENT_PASSWORD_EXPIRED, password_expired: content);
}

pub(super) fn banner(text: &[u8], event: &mut sansh_event) {
    set!(event, SANSH_EVENT_BANNER, banner: sansh_event_banner { text: text.into() });
}
