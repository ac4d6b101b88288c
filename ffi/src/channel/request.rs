//! Channel requests.
//!
//! # Channels: requests
//!
//! Every built-in request has its call; the peer gets SANSH_EVENT_REQUEST. Those that want an answer have a `sent`.

use super::sent;
use crate::conn::sansh_conn;
use crate::event::channel::{sansh_mode, sansh_size};
use crate::status::Code::*;
use crate::types::{sansh_channel, sansh_sent, sansh_status};
use core::ffi::c_char;
use ssh::channel::{Modes, Request};

/// The most terminal modes: each opcode once.
const MODES_MAX: usize = 159;

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

/// Asks for a terminal: `term` as in TERM, its size, and its modes; NULL and 0 is no mode. SANSH_E_ARGUMENT (an opcode that is
/// not 1 to 159), SANSH_E_LIMIT (more than 159 modes); else as sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_pty(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    term: *const c_char,
    size: *const sansh_size,
    modes: *const sansh_mode,
    modes_len: usize,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(term), one(size), list(modes, modes_len), out_or_none(sent); {
        let mut coded = [(0, 0); MODES_MAX];
        let coded = coded.get_mut(..modes.len()).ok_or(SANSH_E_LIMIT)?;
        for (place, mode) in coded.iter_mut().zip(modes) {
            let opcode = u8::try_from(mode.opcode).ok().filter(|code| (1..160).contains(code));
            *place = (opcode.ok_or(SANSH_E_ARGUMENT)?, mode.argument);
        }
        sent!(sent, conn.request(channel, Request::Pty { term, size: size.into(), modes: Modes::of(coded) }))
    })
}

/// Says that the size of the terminal changed. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_window_change(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    size: *const sansh_size,
) -> sansh_status {
    enter!(mut conn; one(size); {
        conn.request(channel, Request::WindowChange(size.into())).map(drop)
    })
}

/// Sends a signal to what runs: its name without SIG, `TERM`. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_signal(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    name: *const c_char,
) -> sansh_status {
    enter!(mut conn; raw(name); {
        conn.request(channel, Request::Signal { name }).map(drop)
    })
}

/// Sends a break (RFC 4335) of so many milliseconds; 0 leaves the length to the server. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_break(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    milliseconds: u32,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; out_or_none(sent); {
        sent!(sent, conn.request(channel, Request::Break { milliseconds }))
    })
}

/// Offers the X11 display: the server may open channels of SANSH_OPEN_X11 then; one, if `single_connection` is not 0. Pass a
/// cookie made up for this session, in hexadecimal digits, and check it in what comes: never the display's own. As
/// sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_x11(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    single_connection: i32,
    protocol: *const c_char,
    cookie: *const c_char,
    screen: u32,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(protocol), raw(cookie), out_or_none(sent); {
        sent!(sent, conn.request(channel, Request::X11 { single_connection: single_connection != 0, protocol, cookie, screen }))
    })
}

/// Offers the agent: the server may open channels of SANSH_OPEN_AUTH_AGENT then. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_auth_agent(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; out_or_none(sent); {
        sent!(sent, conn.request(channel, Request::AuthAgent))
    })
}

/// Says that no more data is read from this channel. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_end_of_write(conn: *mut sansh_conn, channel: sansh_channel) -> sansh_status {
    enter!(mut conn;; {
        conn.request(channel, Request::EndOfWrite).map(drop)
    })
}

/// Server: says whether the client may do flow control (XON/XOFF) by itself. No answer is asked for. As sansh_request_shell().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_request_xon_xoff(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    client_can_do: i32,
) -> sansh_status {
    enter!(mut conn;; {
        conn.request(channel, Request::XonXoff { client_can_do: client_can_do != 0 }).map(drop)
    })
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
