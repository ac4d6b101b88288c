//! For those who test SSH implementations: any packet in any state, a look at the gate, and the key log. Never for applications.
//!
//! Nothing here is checked against the protocol: that is what it is for.

pub use crate::transport::admit::{Admit, Method, Phase, Step, admit};

use crate::connection::{Connection, Role};
use core::fmt;

/// Seals `payload` with the keys in force, whatever the state, and queues it. False: there was no room.
pub fn send_payload<R: Role>(connection: &mut Connection<R>, payload: &[u8]) -> bool {
    connection.machine_mut().core.transport.send_raw(payload)
}

/// Where the connection is, as [`admit`] sees it.
pub fn phase<R: Role>(connection: &Connection<R>) -> Phase {
    connection.machine_ref().core.phase()
}

/// Keeps the shared secret of each key exchange from now on, for [`key_log`]. WHOEVER READS IT READS THE CONNECTION.
pub fn keep_key_log<R: Role>(connection: &mut Connection<R>) {
    connection.machine_mut().core.transport.key_log.on = true;
}

/// Writes the line of the last key exchange in the form that Wireshark reads from its `ssh.keylog_file`, once for each
/// exchange. Says whether there was one. Look after every `received`: a further exchange takes the line's place.
///
/// # Errors
/// Only those of `out`.
pub fn key_log<R: Role>(connection: &mut Connection<R>, out: &mut dyn fmt::Write) -> Result<bool, fmt::Error> {
    connection.machine_mut().core.transport.key_log.take(out)
}
