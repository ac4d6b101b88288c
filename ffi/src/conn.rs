//! Connections: the four pairs that move all bytes, and time.
//!
//! # Connections
//!
//! The pairs that move all bytes from the network and to it, and time. The events of a connection, the answers to them, and its
//! channels have sections of their own.

use crate::config::{self, sansh_config};
use crate::entry::{self, Handle, Poison};
use crate::event::Shelf;
use crate::status::Code::*;
use crate::types::{sansh_bytes, sansh_channel, sansh_space, sansh_status, sansh_time};
use ssh::channel::Stream;
use ssh::crypto::{Provider, Seed};
use ssh::{Client, Connection, Instant, Server, Shared};

/// One SSH connection, as a state machine. It belongs to one thread at a time. It does nothing by itself; each turn:
///
/// 1. sansh_recv_buf(), a read from the network, sansh_received();
/// 2. sansh_next_event() until it says SANSH_EVENT_NONE;
/// 3. a write of sansh_transmit_buf(), sansh_transmitted(); and, if something was written, 2 again;
/// 4. poll(2) as sansh_wants() says, until sansh_next_timeout(); then sansh_handle_timeout().
pub struct sansh_conn {
    pub(crate) of: Role,
    poison: Poison,
    /// What sansh_recv_buf() lent and sansh_received() has not taken back.
    lent: Loan,
    /// What sansh_send_buf() lent, if that was the last call that could move it.
    pub(crate) place: Option<Place>,
    /// That of the call before this one.
    pub(crate) before: Option<Place>,
    /// What the last event lends beside what the core lends.
    pub(crate) shelf: Shelf,
    /// The configuration's.
    pub(crate) provider: &'static dyn Provider,
}

pub(crate) enum Role {
    Client(Connection<Client>),
    Server(Connection<Server>),
}

/// The free end of the receive buffer while C may write there: the core neither moves nor frees it before `received`.
struct Loan(sansh_space);

impl Loan {
    const NONE: Loan = Loan(sansh_space::NONE);
}

// SAFETY: the pointer is never followed here. It goes to C together with the connection that owns the buffer, and both
// belong to one thread at a time.
unsafe impl Send for Loan {}

/// A place inside the next packet. It is found again by its channel and stream, and known by its address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) channel: sansh_channel,
    pub(crate) stream: Stream,
    /// How many bytes it was asked for.
    pub(crate) least: usize,
    pub(crate) address: usize,
    pub(crate) len: usize,
}

impl Handle for sansh_conn {
    fn poison(&self) -> &Poison {
        &self.poison
    }

    fn entered(&mut self) {
        self.before = self.place.take();
    }
}

impl core::fmt::Debug for sansh_conn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_conn")
    }
}

/// The same call on the connection of either role.
macro_rules! on {
    ($handle:expr, |$conn:ident| $call:expr) => {
        match $handle {
            $crate::conn::Role::Client($conn) => $call,
            $crate::conn::Role::Server($conn) => $call,
        }
    };
}

/// What sansh_wants() says: flags.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_want {
    /// It can take bytes: POLLIN.
    SANSH_READ = 1,
    /// It has bytes to send: POLLOUT.
    SANSH_WRITE = 2,
}

/// The data streams of a channel.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_stream {
    /// CHANNEL_DATA.
    SANSH_MAIN = 0,
    /// CHANNEL_EXTENDED_DATA of type 1: standard error, server to client.
    SANSH_STDERR = 1,
}

/// What sansh_next_timeout() says when no time is waited for.
pub const SANSH_NEVER: u64 = 0xffff_ffff_ffff_ffff;

/// Length of a seed.
pub const SANSH_SEED_LEN: usize = 32;

const NO_CONN: *mut sansh_conn = core::ptr::null_mut();

/// A connection of the configuration's role, at `*conn`. It has its identification to send at once. `seed` is
/// SANSH_SEED_LEN secret bytes, fresh for this connection (a seed used twice breaks its keys), and is copied; NULL takes
/// them from the operating system. Free the connection with sansh_conn_free(). If it fails, `*conn` is NULL.
///
/// SANSH_E_NULL, SANSH_E_NO_HOST_KEY, SANSH_E_BAD_LIMIT, SANSH_E_RANDOM, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_conn_new(
    config: *const sansh_config,
    seed: *const u8,
    now: sansh_time,
    conn: *mut *mut sansh_conn,
) -> sansh_status {
    enter!(look config; out(conn, NO_CONN), seed(seed); {
        if !config.is_whole() {
            return Err(SANSH_E_BAD_LIMIT);
        }
        let seed = match seed {
            Some(seed) => Seed::new(*seed),
            None => Seed::os().map_err(|_| SANSH_E_RANDOM)?,
        };
        let now = Instant(now);
        let of = match &config.of {
            config::Role::Client(config) => Role::Client(Connection::new(Shared::clone(config), seed, now)?),
            config::Role::Server(config) => Role::Server(Connection::new(Shared::clone(config), seed, now)?),
        };
        let provider = config.provider;
        *conn = entry::give(sansh_conn {
            of,
            poison: Poison::default(),
            lent: Loan::NONE,
            place: None,
            before: None,
            shelf: Shelf::default(),
            provider,
        })?;
        Ok(())
    })
}

/// Frees a connection in any state, and all that it lent. Nothing is sent: for a polite end call sansh_disconnect() and
/// send what sansh_transmit_buf() has then. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_conn_free(conn: *mut sansh_conn) {
    enter!(free conn)
}

/// What the network is to be asked for: SANSH_READ and SANSH_WRITE, or'ed. 0 for NULL and for a poisoned connection.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_wants(conn: *const sansh_conn) -> i32 {
    enter!(look conn;; {
        let wants = on!(&conn.of, |c| c.wants());
        let read = if wants.read { sansh_want::SANSH_READ as i32 } else { 0 };
        let write = if wants.write { sansh_want::SANSH_WRITE as i32 } else { 0 };
        Ok(read | write)
    } else |_code| 0)
}

/// Where received bytes go. Lent until sansh_received(); called again before, it gives the same. `len` is 0 while the connection can take nothing, which
/// sansh_wants() says too, and for NULL and a poisoned connection: then do not read, since read(2) would say 0, which
/// means the end.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_recv_buf(conn: *mut sansh_conn) -> sansh_space {
    enter!(mut conn;; {
        if conn.lent.0.len == 0 {
            conn.lent = Loan(sansh_space::from(on!(&mut conn.of, |c| c.recv_buf())));
        }
        Ok(conn.lent.0)
    } else |_code| sansh_space::NONE)
}

/// `n` bytes were put at the front of what sansh_recv_buf() lent; the loan ends. 0 only ends the loan. Events follow.
///
/// SANSH_E_NULL, SANSH_E_RANGE (more than was lent: the loan goes on), SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_received(conn: *mut sansh_conn, n: usize, now: sansh_time) -> sansh_status {
    enter!(mut conn;; {
        if n > conn.lent.0.len {
            return Err(SANSH_E_RANGE);
        }
        conn.lent = Loan::NONE;
        on!(&mut conn.of, |c| c.received(n, Instant(now)));
        Ok(())
    })
}

/// The network says that nothing follows: read(2) said 0, or failed. Events follow.
///
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_received_eof(conn: *mut sansh_conn, now: sansh_time) -> sansh_status {
    enter!(mut conn;; {
        conn.lent = Loan::NONE;
        on!(&mut conn.of, |c| c.received_eof(Instant(now)));
        Ok(())
    })
}

/// Sealed packets, ready for one write(2). Lent until sansh_transmitted(); other calls may put more behind them. `len` is
/// 0 if there is nothing to send, and for NULL and a poisoned connection.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_transmit_buf(conn: *const sansh_conn) -> sansh_bytes {
    enter!(look conn;; { Ok(on!(&conn.of, |c| c.transmit_buf()).into()) } else |_code| sansh_bytes::NONE)
}

/// The first `n` bytes of sansh_transmit_buf() are on their way; the loan ends. Events may follow: there is room now.
///
/// SANSH_E_NULL, SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_transmitted(conn: *mut sansh_conn, n: usize) -> sansh_status {
    enter!(mut conn;; {
        if n > on!(&conn.of, |c| c.transmit_buf()).len() {
            return Err(SANSH_E_RANGE);
        }
        on!(&mut conn.of, |c| c.transmitted(n));
        Ok(())
    })
}

/// When sansh_handle_timeout() is due; SANSH_NEVER if no time is waited for. A time that has passed already means that
/// there is something to do at once. 0 for NULL and for a poisoned connection.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_next_timeout(conn: *const sansh_conn) -> sansh_time {
    enter!(look conn;; {
        Ok(on!(&conn.of, |c| c.next_timeout()).map_or(SANSH_NEVER, |at| at.0))
    } else |_code| 0)
}

/// It is this late now. May be called at any time. Events may follow.
///
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_handle_timeout(conn: *mut sansh_conn, now: sansh_time) -> sansh_status {
    enter!(mut conn;; {
        on!(&mut conn.of, |c| c.handle_timeout(Instant(now)));
        Ok(())
    })
}

/// Starts a new key exchange as soon as one may start: after login, when none runs.
///
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_rekey(conn: *mut sansh_conn) -> sansh_status {
    enter!(mut conn;; {
        on!(&mut conn.of, |c| c.rekey());
        Ok(())
    })
}

/// Ends the connection with a reason code of RFC 4250, section 4.2.2 (11: by application) and a text for people, cut at
/// 256 bytes; NULL is none. SANSH_EVENT_CLOSED follows. What is sealed already still goes: write sansh_transmit_buf()
/// until it is empty.
///
/// SANSH_E_NULL, SANSH_E_TEXT (not UTF-8), SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_disconnect(
    conn: *mut sansh_conn,
    code: u32,
    text: *const core::ffi::c_char,
) -> sansh_status {
    enter!(mut conn; text_or_none(text); {
        on!(&mut conn.of, |c| c.disconnect(ssh::Disconnect { code, text }));
        Ok(())
    })
}

/// Server: sends a text for people (RFC 4252, section 5.4): after SANSH_EVENT_KEY_QUERY or SANSH_EVENT_LOGIN came, before
/// the login is accepted.
///
/// SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_CLOSED (not now), SANSH_E_TOO_LONG, SANSH_E_TEXT,
/// SANSH_E_ROLE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_banner(conn: *mut sansh_conn, text: *const core::ffi::c_char) -> sansh_status {
    enter!(mut conn; text(text); {
        match &mut conn.of {
            Role::Client(_) => Err(SANSH_E_ROLE),
            Role::Server(c) => Ok(c.banner(text)?),
        }
    })
}
