//! What the application does with channels and global requests.

use crate::conn::sansh_conn;
use crate::status::Code;
use crate::types::{sansh_channel, sansh_sent, sansh_status};
use core::ffi::c_char;
use ssh::Window;
use ssh::channel::{Channel, Global, Open, Request};

const NONE: sansh_channel = 0;

impl sansh_conn {
    fn open(&mut self, open: Open<'_>, window: u32) -> Result<sansh_channel, Code> {
        Ok(on!(&mut self.of, |c| c.open(open, Window::Fixed(window)))?.into_raw())
    }

    fn request(&mut self, channel: sansh_channel, request: Request<'_>) -> Result<sansh_sent, Code> {
        Ok(on!(&mut self.of, |c| c.request(Channel::from_raw(channel), request))?.0)
    }

    fn global(&mut self, request: Global<'_>) -> Result<sansh_sent, Code> {
        Ok(on!(&mut self.of, |c| c.global(request))?.0)
    }
}

/// Opens a session channel, at `*channel`, on which the peer may send `window` bytes before the first sansh_grant().
/// SANSH_EVENT_OPENED or SANSH_EVENT_REFUSED follows; send requests and data only then.
///
/// SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: close a channel first. SANSH_E_CLOSED (no
/// login yet, or the end), SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED: `*channel`
/// is 0 then. Texts and bodies are copied.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_session(
    conn: *mut sansh_conn,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE); { *channel = conn.open(Open::Session, window)?; Ok(()) })
}

/// Opens a channel to a TCP host and port as the server sees them, on behalf of an originator: an address and port that
/// the server may log. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_direct_tcpip(
    conn: *mut sansh_conn,
    host: *const c_char,
    port: u32,
    originator: *const c_char,
    originator_port: u32,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), raw(host), raw(originator); {
        *channel = conn.open(Open::DirectTcpip { host, port, originator, originator_port }, window)?;
        Ok(())
    })
}

/// Opens a channel for a connection that came to a forwarding which the client asked for: the address and port that were
/// connected to, and where the connection comes from. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_forwarded_tcpip(
    conn: *mut sansh_conn,
    address: *const c_char,
    port: u32,
    originator: *const c_char,
    originator_port: u32,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), raw(address), raw(originator); {
        *channel = conn.open(Open::ForwardedTcpip { address, port, originator, originator_port }, window)?;
        Ok(())
    })
}

/// Opens a channel to a Unix socket as the server sees it. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_direct_streamlocal(
    conn: *mut sansh_conn,
    path: *const c_char,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), raw(path); {
        *channel = conn.open(Open::DirectStreamlocal { path }, window)?;
        Ok(())
    })
}

/// Opens a channel of any type, by name and the type's own fields. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_other(
    conn: *mut sansh_conn,
    kind: *const c_char,
    body: *const u8,
    body_len: usize,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), text(kind), bytes(body, body_len); {
        *channel = conn.open(Open::Other { kind, body }, window)?;
        Ok(())
    })
}

/// Gives the number of a request to C, if C wants it.
macro_rules! sent {
    ($sent:ident, $call:expr) => {{
        let number = $call?;
        if let Some(place) = $sent {
            *place = number;
        }
        Ok(())
    }};
}

/// Asks for the user's shell. The answer is a SANSH_EVENT_REPLIED with the number at `*sent`; `sent` may be NULL.
///
/// SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM, then repeat. SANSH_E_LIMIT: wait for an answer.
/// SANSH_E_STALE, SANSH_E_CLOSED, SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED. Texts and bodies are
/// copied.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_shell(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; out_or_none(sent); { sent!(sent, conn.request(channel, Request::Shell)) })
}

/// Asks for a command. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_exec(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    command: *const c_char,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(command), out_or_none(sent); { sent!(sent, conn.request(channel, Request::Exec { command })) })
}

/// Asks for a subsystem. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_subsystem(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    name: *const c_char,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(name), out_or_none(sent); { sent!(sent, conn.request(channel, Request::Subsystem { name })) })
}

/// Sets an environment variable for what is started next. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_env(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    name: *const c_char,
    value: *const c_char,
) -> sansh_status {
    enter!(mut conn; raw(name), raw(value); { conn.request(channel, Request::Env { name, value }).map(drop) })
}

/// Server: says how a command ended. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_exit_status(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    status: u32,
) -> sansh_status {
    enter!(mut conn;; { conn.request(channel, Request::ExitStatus(status)).map(drop) })
}

/// Server: says which signal ended a command (its name without SIG), whether a core was dumped, and a text for people;
/// NULL is none. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_exit_signal(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    signal: *const c_char,
    core_dumped: i32,
    message: *const c_char,
) -> sansh_status {
    enter!(mut conn; raw(signal), text_or_none(message); {
        let (core_dumped, message) = (core_dumped != 0, message.as_bytes());
        conn.request(channel, Request::ExitSignal { signal, core_dumped, message }).map(drop)
    })
}

/// Sends any channel request, by name and the request's own fields. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_other(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    name: *const c_char,
    want_reply: i32,
    body: *const u8,
    body_len: usize,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; text(name), bytes(body, body_len), out_or_none(sent); {
        sent!(sent, conn.request(channel, Request::Other { name, want_reply: want_reply != 0, body }))
    })
}

/// Client: asks the server to listen on an address and port; port 0 lets it choose, and the answer's data then is the
/// port as a uint32. The answer is a SANSH_EVENT_GLOBAL_REPLIED with the number at `*sent`; `sent` may be NULL.
/// Connections come as SANSH_EVENT_REQUESTED.
///
/// SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: wait for an answer, or cancel a forwarding.
/// SANSH_E_CLOSED, SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED. Texts and bodies are copied.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_tcpip_forward(
    conn: *mut sansh_conn,
    address: *const c_char,
    port: u32,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(address), out_or_none(sent); {
        sent!(sent, conn.global(Global::TcpipForward { address, port }))
    })
}

/// Client: ends such a forwarding. As sansh_global_tcpip_forward().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_cancel_tcpip_forward(
    conn: *mut sansh_conn,
    address: *const c_char,
    port: u32,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(address), out_or_none(sent); {
        sent!(sent, conn.global(Global::CancelTcpipForward { address, port }))
    })
}

/// Sends any global request, by name and the request's own fields. As sansh_global_tcpip_forward().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_other(
    conn: *mut sansh_conn,
    name: *const c_char,
    want_reply: i32,
    body: *const u8,
    body_len: usize,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; text(name), bytes(body, body_len), out_or_none(sent); {
        sent!(sent, conn.global(Global::Other { name, want_reply: want_reply != 0, body }))
    })
}

/// Lets the peer send `n` bytes more on this channel: as many as you have taken out of SANSH_EVENT_DATA for good. It is
/// sent when it is worth a packet.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_grant(conn: *mut sansh_conn, channel: sansh_channel, n: u32) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.grant(Channel::from_raw(channel), n))?) })
}

/// Says that no more data follows on this channel from this side. The peer's still comes.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_finish(conn: *mut sansh_conn, channel: sansh_channel) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.finish(Channel::from_raw(channel)))?) })
}

/// Closes the channel. No event of it follows but SANSH_EVENT_CHANNEL_CLOSED.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_close(conn: *mut sansh_conn, channel: sansh_channel) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.close(Channel::from_raw(channel)))?) })
}
