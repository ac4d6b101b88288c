//! What events say about global requests.
//!
//! # Events: global requests
//!
//! Requests of the connection as a whole: forwardings, and the server's host keys.

use super::channel::sansh_event_replied;
use super::kind::sansh_event_kind::*;
use super::lists::{BYTES_MAX, Lists};
use super::next::sansh_event;
use super::set;
use crate::status::Code;
use crate::types::sansh_bytes;
use ssh::channel::{Global, Sent};
use ssh::event::global::Event;

/// Global requests.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_global_kind {
    /// Any other, by name and raw body.
    SANSH_GLOBAL_OTHER = 0,
    /// `tcpip-forward`.
    SANSH_GLOBAL_TCPIP_FORWARD = 1,
    /// `cancel-tcpip-forward`.
    SANSH_GLOBAL_CANCEL_TCPIP_FORWARD = 2,
    /// `streamlocal-forward@openssh.com`.
    SANSH_GLOBAL_STREAMLOCAL_FORWARD = 3,
    /// `cancel-streamlocal-forward@openssh.com`.
    SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD = 4,
    /// `no-more-sessions@openssh.com`. Every further session is refused by itself.
    SANSH_GLOBAL_NO_MORE_SESSIONS = 5,
    /// `hostkeys-00@openssh.com`: all host keys of the server. They prove nothing: sansh_global_host_keys_prove().
    SANSH_GLOBAL_HOST_KEYS = 6,
    /// `hostkeys-prove-00@openssh.com`. A server answers by itself: it asks for each signature by SANSH_EVENT_SIGN.
    SANSH_GLOBAL_HOST_KEYS_PROVE = 7,
}

/// Of SANSH_EVENT_GLOBAL. What does not belong to the request is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_global {
    /// What: SANSH_GLOBAL_….
    pub kind: i32,
    /// SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: port.
    pub port: u32,
    /// The request's name on the wire.
    pub name: sansh_bytes,
    /// SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: address. SANSH_GLOBAL_STREAMLOCAL_FORWARD and
    /// SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD: path of the socket.
    pub address: sansh_bytes,
    /// SANSH_GLOBAL_OTHER: the request's own fields.
    pub body: sansh_bytes,
    /// SANSH_GLOBAL_HOST_KEYS: the keys, as they travel; those beyond the 64th are left out. NULL if there is none.
    pub keys: *const sansh_bytes,
    /// How many.
    pub keys_len: usize,
}

pub(super) fn happened(happened: Event<'_>, event: &mut sansh_event, lists: &mut Lists) -> Result<(), Code> {
    match happened {
        Event::Requested { request, ask } => {
            event.ask = ask.as_ref().map_or(0, |ask| ask.raw());
            set!(event, SANSH_EVENT_GLOBAL, global: self::request(&request, lists)?);
        }
        Event::Replied { to: Sent(to), ok, data } => {
            let content = sansh_event_replied { to, ok: ok.into(), data: data.into() };
            set!(event, SANSH_EVENT_GLOBAL_REPLIED, replied: content);
        }
        _ => {}
    }
    Ok(())
}

fn request(request: &Global<'_>, lists: &mut Lists) -> Result<sansh_event_global, Code> {
    use sansh_global_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_global {
        kind: SANSH_GLOBAL_OTHER as i32,
        port: 0,
        name: request.name().into(),
        address: none,
        body: none,
        keys: core::ptr::null(),
        keys_len: 0,
    };
    let kind = match *request {
        Global::TcpipForward { address, port } => {
            (content.address, content.port) = (address.into(), port);
            SANSH_GLOBAL_TCPIP_FORWARD
        }
        Global::CancelTcpipForward { address, port } => {
            (content.address, content.port) = (address.into(), port);
            SANSH_GLOBAL_CANCEL_TCPIP_FORWARD
        }
        Global::StreamlocalForward { path } => {
            content.address = path.into();
            SANSH_GLOBAL_STREAMLOCAL_FORWARD
        }
        Global::CancelStreamlocalForward { path } => {
            content.address = path.into();
            SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD
        }
        Global::NoMoreSessions => SANSH_GLOBAL_NO_MORE_SESSIONS,
        Global::HostKeys { keys } | Global::HostKeysProve { keys } => {
            let most = keys.iter().count().min(BYTES_MAX);
            (content.keys, content.keys_len) = lists.bytes.fill(most, keys.iter().map(|key| key.blob().into()))?;
            if matches!(request, Global::HostKeys { .. }) {
                SANSH_GLOBAL_HOST_KEYS
            } else {
                SANSH_GLOBAL_HOST_KEYS_PROVE
            }
        }
        Global::Other { body, .. } => {
            content.body = body.into();
            SANSH_GLOBAL_OTHER
        }
        _ => SANSH_GLOBAL_OTHER,
    };
    content.kind = kind as i32;
    Ok(content)
}
