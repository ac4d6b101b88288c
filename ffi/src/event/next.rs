//! The event as C holds it, and the call that brings the next one.
//!
//! # Events: the event
//!
//! A tag, and what it carries. sansh_next_event() is called until it says SANSH_EVENT_NONE, each turn.

use super::admission::{sansh_event_login, sansh_event_ready};
use super::channel::{
    sansh_event_data, sansh_event_open, sansh_event_opened, sansh_event_refused, sansh_event_replied,
    sansh_event_request,
};
use super::closed::sansh_event_closed;
use super::global::sansh_event_global;
use super::keys::{sansh_event_host_key, sansh_event_key_query, sansh_event_sign};
use super::kind::sansh_event_kind;
use super::login::{sansh_event_banner, sansh_event_login_needed, sansh_event_password_expired, sansh_event_prompts};
use crate::conn::{Role, sansh_conn};
use crate::status::Code::*;
use crate::types::{sansh_ask, sansh_channel, sansh_status};

/// What an event carries; `kind` says which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union sansh_event_content {
    /// SANSH_EVENT_HOST_KEY.
    pub host_key: sansh_event_host_key,
    /// SANSH_EVENT_LOGIN_NEEDED.
    pub login_needed: sansh_event_login_needed,
    /// SANSH_EVENT_SIGN.
    pub sign: sansh_event_sign,
    /// SANSH_EVENT_BANNER.
    pub banner: sansh_event_banner,
    /// SANSH_EVENT_READY.
    pub ready: sansh_event_ready,
    /// SANSH_EVENT_KEY_QUERY.
    pub key_query: sansh_event_key_query,
    /// SANSH_EVENT_LOGIN.
    pub login: sansh_event_login,
    /// SANSH_EVENT_REQUESTED.
    pub open: sansh_event_open,
    /// SANSH_EVENT_OPENED.
    pub opened: sansh_event_opened,
    /// SANSH_EVENT_REFUSED.
    pub refused: sansh_event_refused,
    /// SANSH_EVENT_DATA.
    pub data: sansh_event_data,
    /// SANSH_EVENT_REQUEST.
    pub request: sansh_event_request,
    /// SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
    pub replied: sansh_event_replied,
    /// SANSH_EVENT_GLOBAL.
    pub global: sansh_event_global,
    /// SANSH_EVENT_CLOSED.
    pub closed: sansh_event_closed,
    /// SANSH_EVENT_PROMPTS.
    pub prompts: sansh_event_prompts,
    /// SANSH_EVENT_PASSWORD_EXPIRED.
    pub password_expired: sansh_event_password_expired,
    /// Room for members to come: the size of an event never changes.
    pub reserved: [u64; 29],
}

/// An event. All that it points to is lent until the next sansh_next_event(), over every other call but
/// sansh_conn_free(). Its size is 256 bytes and stays so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sansh_event {
    /// SANSH_EVENT_….
    pub kind: i32,
    /// 0.
    pub reserved: u32,
    /// The question that the event asks, or 0.
    pub ask: sansh_ask,
    /// The channel that it is about, or 0.
    pub channel: sansh_channel,
    /// What it carries.
    pub u: sansh_event_content,
}

const _: () = assert!(size_of::<sansh_event>() == 256);

impl core::fmt::Debug for sansh_event_content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_event_content")
    }
}

impl core::fmt::Debug for sansh_event {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "sansh_event({})", self.kind)
    }
}

impl sansh_event {
    pub(crate) const fn new(kind: sansh_event_kind) -> Self {
        sansh_event { kind: kind as i32, reserved: 0, ask: 0, channel: 0, u: sansh_event_content { reserved: [0; 29] } }
    }
}

/// The next event, at `*event`; says its kind (SANSH_EVENT_…), SANSH_EVENT_NONE (0) if there is none now, or a negative
/// status. Ignore kinds that you do not know: later versions have more.
///
/// All that the previous event lent ends here. A question that it asked, and that was neither answered nor kept with
/// sansh_later(), is refused.
///
/// SANSH_E_MEMORY (there was none for an array that the event lends: the event is lost, and what it asked is refused),
/// SANSH_E_NULL, SANSH_E_POISONED: free the connection.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_next_event(conn: *mut sansh_conn, event: *mut sansh_event) -> i32 {
    enter!(mut conn; out(event, NO_EVENT); {
        let shelf = &mut conn.shelf;
        // An event that is newer than this file stays SANSH_EVENT_NONE here, and the next one is looked at.
        match &mut conn.of {
            Role::Client(c) => {
                while event.kind == 0
                    && let Some(happened) = c.next_event()
                {
                    super::client(happened, event, shelf)?;
                }
            }
            Role::Server(c) => {
                while event.kind == 0
                    && let Some(happened) = c.next_event()
                {
                    super::server(happened, event, shelf)?;
                }
            }
        }
        Ok(event.kind)
    } else |code| code as i32)
}

const NO_EVENT: sansh_event = sansh_event::new(sansh_event_kind::SANSH_EVENT_NONE);

/// Keeps the question of the last event beyond the next sansh_next_event(): it is answered any time later, in any order,
/// while other traffic flows. It then stays open until it is answered or the connection ends.
///
/// SANSH_E_NULL, SANSH_E_STALE (not the question of the last event, or answered already), SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_later(conn: *mut sansh_conn, ask: sansh_ask) -> sansh_status {
    enter!(mut conn;; {
        let kept = on!(&mut conn.of, |c| c.keep(ask));
        if kept { Ok(()) } else { Err(SANSH_E_STALE) }
    })
}
