//! What can be seen of a connection. These calls change nothing.
//!
//! # Looks
//!
//! What can be seen of a connection. These calls change nothing.

use crate::conn::{Role, sansh_conn};
use crate::status::Code::*;
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;

/// What was negotiated.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_negotiated {
    /// Key exchange method.
    SANSH_NEGOTIATED_KEX = 0,
    /// Host key algorithm.
    SANSH_NEGOTIATED_HOST_KEY = 1,
    /// Cipher of what the client sends.
    SANSH_NEGOTIATED_CIPHER_CLIENT_TO_SERVER = 2,
    /// Cipher of what the server sends.
    SANSH_NEGOTIATED_CIPHER_SERVER_TO_CLIENT = 3,
    /// MAC of what the client sends; empty if the cipher needs none.
    SANSH_NEGOTIATED_MAC_CLIENT_TO_SERVER = 4,
    /// MAC of what the server sends; empty if the cipher needs none.
    SANSH_NEGOTIATED_MAC_SERVER_TO_CLIENT = 5,
    /// Compression of what the client sends: `none`, or `zlib@openssh.com` (behind the login).
    SANSH_NEGOTIATED_COMPRESSION_CLIENT_TO_SERVER = 6,
    /// Compression of what the server sends.
    SANSH_NEGOTIATED_COMPRESSION_SERVER_TO_CLIENT = 7,
}

/// What is counted.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_count {
    /// Bytes handed in by sansh_received().
    SANSH_COUNT_BYTES_IN = 0,
    /// Bytes sealed for sending.
    SANSH_COUNT_BYTES_OUT = 1,
    /// Packets opened.
    SANSH_COUNT_PACKETS_IN = 2,
    /// Packets sealed.
    SANSH_COUNT_PACKETS_OUT = 3,
    /// Key exchanges completed, the first one included.
    SANSH_COUNT_EXCHANGES = 4,
    /// sansh_send_buf() calls that met an empty window, or one too small.
    SANSH_COUNT_WINDOW_STALLS = 5,
    /// Bytes of partial packets moved within the receive buffer.
    SANSH_COUNT_MOVED = 6,
    /// Bytes by which windows were grown (sansh_flow()).
    SANSH_COUNT_WINDOW_GROWN = 7,
    /// The shortest round trip seen, in nanoseconds; 0 before the first.
    SANSH_COUNT_ROUND_TRIP = 8,
}

/// The peer's identification without CR LF; empty before it came. Untrusted. Lent until the connection is freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_peer_identification(conn: *const sansh_conn) -> sansh_bytes {
    enter!(look conn;; { Ok(on!(&conn.of, |c| c.peer().identification).into()) } else |_code| sansh_bytes::NONE)
}

/// A name (SANSH_NEGOTIATED_…) of what the last key exchange negotiated. Lives for ever. Empty before the first one.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_algorithm(conn: *const sansh_conn, which: i32) -> sansh_bytes {
    use sansh_negotiated::*;
    enter!(look conn;; {
        let algorithms = on!(&conn.of, |c| c.algorithms()).ok_or(SANSH_E_CLOSED)?;
        Ok(sansh_bytes::from(match which {
            n if n == SANSH_NEGOTIATED_KEX as i32 => algorithms.kex,
            n if n == SANSH_NEGOTIATED_HOST_KEY as i32 => algorithms.host_key,
            n if n == SANSH_NEGOTIATED_CIPHER_CLIENT_TO_SERVER as i32 => algorithms.client_to_server.0,
            n if n == SANSH_NEGOTIATED_CIPHER_SERVER_TO_CLIENT as i32 => algorithms.server_to_client.0,
            n if n == SANSH_NEGOTIATED_MAC_CLIENT_TO_SERVER as i32 => algorithms.client_to_server.1,
            n if n == SANSH_NEGOTIATED_MAC_SERVER_TO_CLIENT as i32 => algorithms.server_to_client.1,
            n if n == SANSH_NEGOTIATED_COMPRESSION_CLIENT_TO_SERVER as i32 => algorithms.compression.0,
            n if n == SANSH_NEGOTIATED_COMPRESSION_SERVER_TO_CLIENT as i32 => algorithms.compression.1,
            _ => return Err(SANSH_E_ARGUMENT),
        }))
    } else |_code| sansh_bytes::NONE)
}

/// 1 if strict key exchange is in force, 0 if not or not known yet.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_is_strict(conn: *const sansh_conn) -> i32 {
    enter!(look conn;; { Ok(on!(&conn.of, |c| c.algorithms()).map_or(0, |all| all.strict.into())) } else |_code| 0)
}

/// Client: 1 if the server takes this signature algorithm in a login, as its `server-sig-algs` says (RFC 8308, section 3.1),
/// and for all as long as it has said nothing; else 0. Also 0 on a server and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_server_takes(conn: *const sansh_conn, algorithm: *const c_char) -> i32 {
    enter!(look conn; text(algorithm); {
        match &conn.of {
            Role::Client(c) => Ok(c.server_takes(algorithm).into()),
            Role::Server(_) => Err(SANSH_E_ROLE),
        }
    } else |_code| 0)
}

/// The session identifier: the exchange hash of the first key exchange. Empty before it. Lent until the connection is
/// freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_session_id(conn: *const sansh_conn) -> sansh_bytes {
    enter!(look conn;; {
        Ok(on!(&conn.of, |c| c.session_id()).map_or(sansh_bytes::NONE, Into::into))
    } else |_code| sansh_bytes::NONE)
}

/// A counter (SANSH_COUNT_…). 0 for one that does not exist.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_counter(conn: *const sansh_conn, which: i32) -> u64 {
    use sansh_count::*;
    enter!(look conn;; {
        let counters = on!(&conn.of, |c| c.counters());
        Ok(match which {
            n if n == SANSH_COUNT_BYTES_IN as i32 => counters.bytes_in,
            n if n == SANSH_COUNT_BYTES_OUT as i32 => counters.bytes_out,
            n if n == SANSH_COUNT_PACKETS_IN as i32 => counters.packets_in,
            n if n == SANSH_COUNT_PACKETS_OUT as i32 => counters.packets_out,
            n if n == SANSH_COUNT_EXCHANGES as i32 => counters.exchanges,
            n if n == SANSH_COUNT_WINDOW_STALLS as i32 => counters.window_stalls,
            n if n == SANSH_COUNT_MOVED as i32 => counters.moved,
            n if n == SANSH_COUNT_WINDOW_GROWN as i32 => counters.window_grown,
            n if n == SANSH_COUNT_ROUND_TRIP as i32 => counters.round_trip,
            _ => 0,
        })
    } else |_code| 0)
}

/// The messages that went by, in words, one a line, in UTF-8, if SANSH_LIMIT_TRACE is set. Lent until the next call on
/// this connection that is not a look.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_trace(conn: *const sansh_conn) -> sansh_bytes {
    enter!(look conn;; { Ok(on!(&conn.of, |c| c.trace()).into()) } else |_code| sansh_bytes::NONE)
}

/// The first `n` bytes of sansh_trace() are dealt with.
///
/// SANSH_E_RANGE (more than there are, or not at the end of a character: nothing changed), SANSH_E_NULL,
/// SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_traced(conn: *mut sansh_conn, n: usize) -> sansh_status {
    enter!(mut conn;; {
        if !on!(&conn.of, |c| c.trace()).is_char_boundary(n) {
            return Err(SANSH_E_RANGE);
        }
        on!(&mut conn.of, |c| c.traced(n));
        Ok(())
    })
}
