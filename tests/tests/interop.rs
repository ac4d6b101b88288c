//! sansh and real OpenSSH programs, in both roles: one file per behaviour.
//!
//! [`client`] is a sansh client for tests, [`server`] a sansh server, [`flow`] what both do with channels.

#[path = "interop/algorithms.rs"]
mod algorithms;
#[path = "interop/alive.rs"]
mod alive;
#[path = "interop/channels.rs"]
mod channels;
#[path = "interop/client.rs"]
mod client;
#[path = "interop/compression.rs"]
mod compression;
#[path = "interop/flow.rs"]
mod flow;
#[path = "interop/forwarding.rs"]
mod forwarding;
#[path = "interop/key_log.rs"]
mod key_log;
#[path = "interop/login.rs"]
mod login;
#[path = "interop/rekey.rs"]
mod rekey;
#[path = "interop/server.rs"]
mod server;
#[path = "interop/session.rs"]
mod session;
