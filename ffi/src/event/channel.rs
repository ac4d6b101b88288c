//! What events say about channels.
//!
//! # Events: channels
//!
//! A channel is asked for (SANSH_EVENT_REQUESTED) or comes into being (SANSH_EVENT_OPENED); then data and requests follow
//! until it is closed. `channel` of the event says which one it is.

use super::kind::sansh_event_kind::*;
use super::lists::{Lists, MODES_MAX};
use super::next::sansh_event;
use super::set;
use crate::channel::tun;
use crate::conn::sansh_stream;
use crate::status::Code;
use crate::types::{sansh_bytes, sansh_sent};
use ssh::ask::Refusal;
use ssh::channel::{Channel, Modes, Open, Request, Sent, Size, Stream};
use ssh::event::channel::Event;

/// Channel types.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_open_kind {
    /// Any other, by name and raw body.
    SANSH_OPEN_OTHER = 0,
    /// `session`.
    SANSH_OPEN_SESSION = 1,
    /// `direct-tcpip`.
    SANSH_OPEN_DIRECT_TCPIP = 2,
    /// `forwarded-tcpip`.
    SANSH_OPEN_FORWARDED_TCPIP = 3,
    /// `direct-streamlocal@openssh.com`.
    SANSH_OPEN_DIRECT_STREAMLOCAL = 4,
    /// `forwarded-streamlocal@openssh.com`.
    SANSH_OPEN_FORWARDED_STREAMLOCAL = 5,
    /// `x11`.
    SANSH_OPEN_X11 = 6,
    /// `auth-agent@openssh.com`.
    SANSH_OPEN_AUTH_AGENT = 7,
    /// `tun@openssh.com`.
    SANSH_OPEN_TUN = 8,
}

/// Channel requests.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_request_kind {
    /// Any other, by name and raw body.
    SANSH_REQUEST_OTHER = 0,
    /// `shell`.
    SANSH_REQUEST_SHELL = 1,
    /// `exec`.
    SANSH_REQUEST_EXEC = 2,
    /// `subsystem`.
    SANSH_REQUEST_SUBSYSTEM = 3,
    /// `env`.
    SANSH_REQUEST_ENV = 4,
    /// `exit-status`.
    SANSH_REQUEST_EXIT_STATUS = 5,
    /// `exit-signal`.
    SANSH_REQUEST_EXIT_SIGNAL = 6,
    /// `pty-req`.
    SANSH_REQUEST_PTY = 7,
    /// `window-change`.
    SANSH_REQUEST_WINDOW_CHANGE = 8,
    /// `signal`.
    SANSH_REQUEST_SIGNAL = 9,
    /// `xon-xoff`.
    SANSH_REQUEST_XON_XOFF = 10,
    /// `break`.
    SANSH_REQUEST_BREAK = 11,
    /// `eow@openssh.com`: the sender reads no more data.
    SANSH_REQUEST_END_OF_WRITE = 12,
    /// `x11-req`.
    SANSH_REQUEST_X11 = 13,
    /// `auth-agent-req@openssh.com`.
    SANSH_REQUEST_AUTH_AGENT = 14,
}

/// Why a channel is refused (RFC 4254, section 5.1). Other numbers are allowed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_refusal {
    /// Administratively prohibited.
    SANSH_REFUSAL_PROHIBITED = 1,
    /// Connect failed.
    SANSH_REFUSAL_CONNECT_FAILED = 2,
    /// Unknown channel type.
    SANSH_REFUSAL_UNKNOWN_TYPE = 3,
    /// Resource shortage.
    SANSH_REFUSAL_RESOURCE_SHORTAGE = 4,
}

/// Dimensions of a terminal. What is 0 says nothing; characters come before pixels.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_size {
    /// Width in characters.
    pub columns: u32,
    /// Height in rows.
    pub rows: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// One terminal mode (RFC 4254, section 8).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_mode {
    /// Which: 1 to 159. 3 is VERASE, 53 ECHO.
    pub opcode: u32,
    /// Its argument.
    pub argument: u32,
}

/// Of SANSH_EVENT_REQUESTED. What does not belong to the type is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_open {
    /// What for: SANSH_OPEN_….
    pub kind: i32,
    /// SANSH_OPEN_DIRECT_TCPIP: port to connect to. SANSH_OPEN_FORWARDED_TCPIP: port that was connected to.
    pub port: u32,
    /// SANSH_OPEN_DIRECT_TCPIP, SANSH_OPEN_FORWARDED_TCPIP and SANSH_OPEN_X11: port the connection comes from.
    pub originator_port: u32,
    /// The channel type's name.
    pub name: sansh_bytes,
    /// SANSH_OPEN_DIRECT_TCPIP: host to connect to. SANSH_OPEN_FORWARDED_TCPIP: address that was connected to.
    /// SANSH_OPEN_DIRECT_STREAMLOCAL and SANSH_OPEN_FORWARDED_STREAMLOCAL: path of the socket.
    pub address: sansh_bytes,
    /// SANSH_OPEN_DIRECT_TCPIP, SANSH_OPEN_FORWARDED_TCPIP and SANSH_OPEN_X11: address the connection comes from.
    pub originator: sansh_bytes,
    /// SANSH_OPEN_OTHER: the type's own fields.
    pub body: sansh_bytes,
    /// SANSH_OPEN_TUN: SANSH_TUN_LAYER_….
    pub layer: i32,
    /// SANSH_OPEN_TUN: number of the interface; SANSH_TUN_ANY leaves it to you.
    pub unit: u32,
}

/// Of SANSH_EVENT_OPENED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_opened {
    /// The confirmation's own fields.
    pub data: sansh_bytes,
}

/// Of SANSH_EVENT_REFUSED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_refused {
    /// SANSH_REFUSAL_…, or another number.
    pub reason: u32,
    /// Text for people. Untrusted: it may hold control characters.
    pub text: sansh_bytes,
}

/// Of SANSH_EVENT_DATA.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_data {
    /// SANSH_MAIN or SANSH_STDERR.
    pub stream: i32,
    /// Exactly what one packet carried. Of a SANSH_OPEN_TUN, one frame: sansh_tun_read().
    pub bytes: sansh_bytes,
}

/// Of SANSH_EVENT_REQUEST. What does not belong to the request is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_request {
    /// What: SANSH_REQUEST_….
    pub kind: i32,
    /// SANSH_REQUEST_EXIT_STATUS: the status.
    pub status: u32,
    /// SANSH_REQUEST_EXIT_SIGNAL: 1 if a core was dumped.
    pub core_dumped: i32,
    /// The request's name on the wire.
    pub name: sansh_bytes,
    /// SANSH_REQUEST_EXEC: the command line. SANSH_REQUEST_SUBSYSTEM: its name. SANSH_REQUEST_ENV: the variable.
    /// SANSH_REQUEST_EXIT_SIGNAL and SANSH_REQUEST_SIGNAL: the signal's name without SIG. SANSH_REQUEST_PTY: TERM.
    /// SANSH_REQUEST_X11: the authentication protocol, `MIT-MAGIC-COOKIE-1`.
    pub text: sansh_bytes,
    /// SANSH_REQUEST_ENV: the value. SANSH_REQUEST_EXIT_SIGNAL: text for people. SANSH_REQUEST_X11: the cookie, in
    /// hexadecimal digits.
    pub value: sansh_bytes,
    /// SANSH_REQUEST_OTHER: the request's own fields.
    pub body: sansh_bytes,
    /// SANSH_REQUEST_PTY and SANSH_REQUEST_WINDOW_CHANGE: the size of the terminal.
    pub size: sansh_size,
    /// SANSH_REQUEST_PTY: terminal modes, each opcode once. NULL if there is none.
    pub modes: *const sansh_mode,
    /// How many.
    pub modes_len: usize,
    /// SANSH_REQUEST_BREAK: 0 leaves the length to you.
    pub milliseconds: u32,
    /// SANSH_REQUEST_XON_XOFF: 1 if the client may do flow control by itself.
    pub client_can_do: i32,
    /// SANSH_REQUEST_X11: 1 if only one connection is to be forwarded.
    pub single_connection: i32,
    /// SANSH_REQUEST_X11: screen number.
    pub screen: u32,
}

/// Of SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_replied {
    /// To which request.
    pub to: sansh_sent,
    /// 1 if it was granted.
    pub ok: i32,
    /// SANSH_EVENT_GLOBAL_REPLIED: the answer's own fields.
    pub data: sansh_bytes,
}

pub(super) fn happened(
    channel: Channel,
    happened: Event<'_>,
    event: &mut sansh_event,
    lists: &mut Lists,
) -> Result<(), Code> {
    event.channel = channel.into_raw();
    match happened {
        Event::Requested { open, ask } => {
            event.ask = ask.raw();
            set!(event, SANSH_EVENT_REQUESTED, open: self::open(&open));
        }
        Event::Opened { data } => set!(event, SANSH_EVENT_OPENED, opened: sansh_event_opened { data: data.into() }),
        Event::Refused(Refusal { reason, text }) => {
            set!(event, SANSH_EVENT_REFUSED, refused: sansh_event_refused { reason, text: text.into() });
        }
        Event::Writable => set!(event, SANSH_EVENT_WRITABLE,),
        Event::Data { stream, bytes } => {
            let stream = match stream {
                Stream::Stderr => sansh_stream::SANSH_STDERR,
                _ => sansh_stream::SANSH_MAIN,
            };
            let content = sansh_event_data { stream: stream as i32, bytes: bytes.into() };
            set!(event, SANSH_EVENT_DATA, data: content);
        }
        Event::Request { request, ask } => {
            event.ask = ask.as_ref().map_or(0, |ask| ask.raw());
            set!(event, SANSH_EVENT_REQUEST, request: self::request(&request, lists)?);
        }
        Event::Replied { to: Sent(to), ok } => {
            let content = sansh_event_replied { to, ok: ok.into(), data: sansh_bytes::NONE };
            set!(event, SANSH_EVENT_REPLIED, replied: content);
        }
        Event::Eof => set!(event, SANSH_EVENT_EOF,),
        Event::Closed => set!(event, SANSH_EVENT_CHANNEL_CLOSED,),
        _ => {}
    }
    Ok(())
}

fn open(open: &Open<'_>) -> sansh_event_open {
    use sansh_open_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_open {
        kind: SANSH_OPEN_OTHER as i32,
        port: 0,
        originator_port: 0,
        name: open.kind().into(),
        address: none,
        originator: none,
        body: none,
        layer: 0,
        unit: 0,
    };
    match *open {
        Open::Session => content.kind = SANSH_OPEN_SESSION as i32,
        Open::DirectTcpip { host, port, originator, originator_port } => {
            content.kind = SANSH_OPEN_DIRECT_TCPIP as i32;
            (content.address, content.port) = (host.into(), port);
            (content.originator, content.originator_port) = (originator.into(), originator_port);
        }
        Open::ForwardedTcpip { address, port, originator, originator_port } => {
            content.kind = SANSH_OPEN_FORWARDED_TCPIP as i32;
            (content.address, content.port) = (address.into(), port);
            (content.originator, content.originator_port) = (originator.into(), originator_port);
        }
        Open::DirectStreamlocal { path } => {
            content.kind = SANSH_OPEN_DIRECT_STREAMLOCAL as i32;
            content.address = path.into();
        }
        Open::ForwardedStreamlocal { path } => {
            content.kind = SANSH_OPEN_FORWARDED_STREAMLOCAL as i32;
            content.address = path.into();
        }
        Open::X11 { originator, originator_port } => {
            content.kind = SANSH_OPEN_X11 as i32;
            (content.originator, content.originator_port) = (originator.into(), originator_port);
        }
        Open::AuthAgent => content.kind = SANSH_OPEN_AUTH_AGENT as i32,
        Open::Tun { layer, unit } => {
            content.kind = SANSH_OPEN_TUN as i32;
            (content.layer, content.unit) = (layer as i32, unit.unwrap_or(tun::SANSH_TUN_ANY));
        }
        Open::Other { body, .. } => content.body = body.into(),
        _ => {}
    }
    content
}

fn request(request: &Request<'_>, lists: &mut Lists) -> Result<sansh_event_request, Code> {
    use sansh_request_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_request {
        kind: SANSH_REQUEST_OTHER as i32,
        status: 0,
        core_dumped: 0,
        name: request.name().into(),
        text: none,
        value: none,
        body: none,
        size: Size::default().into(),
        modes: core::ptr::null(),
        modes_len: 0,
        milliseconds: 0,
        client_can_do: 0,
        single_connection: 0,
        screen: 0,
    };
    let kind = match *request {
        Request::Shell => SANSH_REQUEST_SHELL,
        Request::Exec { command } => {
            content.text = command.into();
            SANSH_REQUEST_EXEC
        }
        Request::Subsystem { name } => {
            content.text = name.into();
            SANSH_REQUEST_SUBSYSTEM
        }
        Request::Env { name, value } => {
            (content.text, content.value) = (name.into(), value.into());
            SANSH_REQUEST_ENV
        }
        Request::Pty { term, size, modes } => {
            (content.text, content.size) = (term.into(), size.into());
            (content.modes, content.modes_len) = self::modes(modes, lists)?;
            SANSH_REQUEST_PTY
        }
        Request::WindowChange(size) => {
            content.size = size.into();
            SANSH_REQUEST_WINDOW_CHANGE
        }
        Request::Signal { name } => {
            content.text = name.into();
            SANSH_REQUEST_SIGNAL
        }
        Request::XonXoff { client_can_do } => {
            content.client_can_do = client_can_do.into();
            SANSH_REQUEST_XON_XOFF
        }
        Request::Break { milliseconds } => {
            content.milliseconds = milliseconds;
            SANSH_REQUEST_BREAK
        }
        Request::EndOfWrite => SANSH_REQUEST_END_OF_WRITE,
        Request::X11 { single_connection, protocol, cookie, screen } => {
            (content.text, content.value) = (protocol.into(), cookie.into());
            (content.single_connection, content.screen) = (single_connection.into(), screen);
            SANSH_REQUEST_X11
        }
        Request::AuthAgent => SANSH_REQUEST_AUTH_AGENT,
        Request::ExitStatus(status) => {
            content.status = status;
            SANSH_REQUEST_EXIT_STATUS
        }
        Request::ExitSignal { signal, core_dumped, message } => {
            (content.text, content.value) = (signal.into(), message.into());
            content.core_dumped = core_dumped.into();
            SANSH_REQUEST_EXIT_SIGNAL
        }
        Request::Other { body, .. } => {
            content.body = body.into();
            SANSH_REQUEST_OTHER
        }
        _ => SANSH_REQUEST_OTHER,
    };
    content.kind = kind as i32;
    Ok(content)
}

/// Each opcode once, where it stands first; "of several, the last" argument counts.
fn modes(modes: Modes<'_>, lists: &mut Lists) -> Result<(*const sansh_mode, usize), Code> {
    let (mut order, mut count) = ([0_u8; MODES_MAX], 0);
    let mut arguments = [None; 256];
    for (opcode, argument) in modes.iter() {
        if arguments[usize::from(opcode)].replace(argument).is_none()
            && let Some(place) = order.get_mut(count)
        {
            *place = opcode;
            count += 1;
        }
    }
    let items = order[..count].iter().map(|opcode| sansh_mode {
        opcode: u32::from(*opcode),
        argument: arguments[usize::from(*opcode)].unwrap_or(0),
    });
    lists.modes.fill(count, items)
}

impl From<Size> for sansh_size {
    fn from(size: Size) -> Self {
        sansh_size { columns: size.columns, rows: size.rows, width: size.width, height: size.height }
    }
}

impl From<sansh_size> for Size {
    fn from(size: sansh_size) -> Self {
        Size { columns: size.columns, rows: size.rows, width: size.width, height: size.height }
    }
}
