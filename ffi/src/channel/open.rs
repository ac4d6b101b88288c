//! Opening channels.
//!
//! # Channels: opening
//!
//! Every built-in type has its call, in the direction that the protocol has for it; the peer gets SANSH_EVENT_REQUESTED.

use super::tun::{self, SANSH_TUN_ANY};
use crate::conn::sansh_conn;
use crate::types::{sansh_channel, sansh_status};
use core::ffi::c_char;
use ssh::channel::Open;

const NONE: sansh_channel = 0;

/// Opens a session channel, at `*channel`, on which the peer may send `window` bytes before the first sansh_grant(); with
/// sansh_flow() right behind, the window grows with the line. SANSH_EVENT_OPENED or SANSH_EVENT_REFUSED follows; send
/// requests and data only then.
///
/// SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: close a channel first. SANSH_E_CLOSED (no
/// login yet, the end, or a session behind sansh_global_no_more_sessions()), SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED: `*channel`
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

/// Server: opens a channel for a connection that came to a Unix socket which the client asked for
/// (SANSH_GLOBAL_STREAMLOCAL_FORWARD). As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_forwarded_streamlocal(
    conn: *mut sansh_conn,
    path: *const c_char,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), raw(path); {
        *channel = conn.open(Open::ForwardedStreamlocal { path }, window)?;
        Ok(())
    })
}

/// Server: opens a channel for a program that wants to the X11 display of the client, which has asked for it
/// (SANSH_REQUEST_X11). A client that has not refuses it by itself. The originator is an address and port that the client
/// may log. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_x11(
    conn: *mut sansh_conn,
    originator: *const c_char,
    originator_port: u32,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE), raw(originator); {
        *channel = conn.open(Open::X11 { originator, originator_port }, window)?;
        Ok(())
    })
}

/// Server: opens a channel to the client's agent, which the client has offered (SANSH_REQUEST_AUTH_AGENT). A client that has
/// not refuses it by itself. As sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_auth_agent(
    conn: *mut sansh_conn,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE); {
        *channel = conn.open(Open::AuthAgent, window)?;
        Ok(())
    })
}

/// Client: opens a tunnel. `layer` is SANSH_TUN_LAYER_…; `unit` the number of the server's interface, SANSH_TUN_ANY leaves
/// it to the server. Each packet of data is one frame: sansh_tun_head(), sansh_tun_read(). SANSH_E_ARGUMENT (no such layer);
/// else as sansh_open_session().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_open_tun(
    conn: *mut sansh_conn,
    layer: i32,
    unit: u32,
    window: u32,
    channel: *mut sansh_channel,
) -> sansh_status {
    enter!(mut conn; out(channel, NONE); {
        let layer = tun::layer(layer)?;
        let unit = (unit != SANSH_TUN_ANY).then_some(unit);
        *channel = conn.open(Open::Tun { layer, unit }, window)?;
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
