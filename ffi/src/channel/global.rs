//! Global requests.
//!
//! # Global requests
//!
//! Requests of the connection as a whole: forwardings from the server's side, and the server's host keys.

use super::sent;
use crate::conn::sansh_conn;
use crate::status::Code::*;
use crate::types::{sansh_bytes, sansh_sent, sansh_status};
use core::ffi::c_char;
use ssh::channel::{Global, KeyList};
use ssh::keys::{HostKeyProofs, PublicKey};

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

/// Client: asks the server to listen on a Unix socket. Connections come as SANSH_EVENT_REQUESTED of
/// SANSH_OPEN_FORWARDED_STREAMLOCAL. As sansh_global_tcpip_forward().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_streamlocal_forward(
    conn: *mut sansh_conn,
    path: *const c_char,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(path), out_or_none(sent); {
        sent!(sent, conn.global(Global::StreamlocalForward { path }))
    })
}

/// Client: ends such a forwarding. As sansh_global_tcpip_forward().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_cancel_streamlocal_forward(
    conn: *mut sansh_conn,
    path: *const c_char,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; raw(path), out_or_none(sent); {
        sent!(sent, conn.global(Global::CancelStreamlocalForward { path }))
    })
}

/// Client: tells the server that no further session will be opened; this side refuses to, and so does the server. No answer
/// is asked for. As sansh_global_tcpip_forward().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_no_more_sessions(conn: *mut sansh_conn) -> sansh_status {
    enter!(mut conn;; {
        conn.global(Global::NoMoreSessions).map(drop)
    })
}

/// Server: tells the client all host keys, `keys` as they travel. No answer is asked for; the client may ask for proofs, which
/// come as SANSH_EVENT_SIGN. As sansh_global_tcpip_forward(), and SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_host_keys(
    conn: *mut sansh_conn,
    keys: *const sansh_bytes,
    keys_len: usize,
) -> sansh_status {
    enter!(mut conn; blobs(keys, keys_len); {
        conn.global(Global::HostKeys { keys: KeyList::of(&keys.to_vec()?) }).map(drop)
    })
}

/// Client: asks the server to prove that it holds these keys (SANSH_GLOBAL_HOST_KEYS told them). The answer's data are for
/// sansh_host_key_proofs_check(). At most 16 at a time are proved. As sansh_global_host_keys().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_global_host_keys_prove(
    conn: *mut sansh_conn,
    keys: *const sansh_bytes,
    keys_len: usize,
    sent: *mut sansh_sent,
) -> sansh_status {
    enter!(mut conn; blobs(keys, keys_len), out_or_none(sent); {
        sent!(sent, conn.global(Global::HostKeysProve { keys: KeyList::of(&keys.to_vec()?) }))
    })
}

/// Client: checks the answer's data, `proofs`, to sansh_global_host_keys_prove() with the same keys in the same order.
/// SANSH_OK says that every one of them is proved, and may be stored for this server.
///
/// SANSH_E_PROOF (any of them is not: store none), SANSH_E_CLOSED (no key exchange yet), SANSH_E_RANGE, SANSH_E_NULL,
/// SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_host_key_proofs_check(
    conn: *const sansh_conn,
    keys: *const sansh_bytes,
    keys_len: usize,
    proofs: *const u8,
    proofs_len: usize,
) -> sansh_status {
    enter!(look conn; blobs(keys, keys_len), bytes(proofs, proofs_len); {
        let session = on!(&conn.of, |c| c.session_id()).ok_or(SANSH_E_CLOSED)?;
        let keys = keys.iter().map(PublicKey::new);
        match HostKeyProofs::new(proofs).prove(keys, session, conn.provider) {
            true => Ok(()),
            false => Err(SANSH_E_PROOF),
        }
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
