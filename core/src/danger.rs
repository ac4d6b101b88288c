//! For those who test SSH implementations: any packet in any state, and a look at the gate. Never for applications.
//!
//! Nothing here is checked against the protocol: that is what it is for.

pub use crate::transport::admit::{Admit, Method, Phase, Step, admit};

use crate::connection::{Connection, Role};

/// Seals `payload` with the keys in force, whatever the state, and queues it. False: there was no room.
pub fn send_payload<R: Role>(connection: &mut Connection<R>, payload: &[u8]) -> bool {
    connection.machine_mut().core.transport.send_raw(payload)
}

/// Where the connection is, as [`admit`] sees it.
pub fn phase<R: Role>(connection: &Connection<R>) -> Phase {
    connection.machine_ref().core.phase()
}
