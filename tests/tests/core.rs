//! sansh against itself, in memory: one file per behaviour.

#[path = "core/admission.rs"]
mod admission;
#[path = "core/channels.rs"]
mod channels;
#[path = "core/disconnects.rs"]
mod disconnects;
#[path = "core/fairness.rs"]
mod fairness;
#[path = "core/forwarding.rs"]
mod forwarding;
#[path = "core/fragmentation.rs"]
mod fragmentation;
#[path = "core/handles.rs"]
mod handles;
#[path = "core/handshake.rs"]
mod handshake;
#[path = "core/keepalive.rs"]
mod keepalive;
#[path = "core/login.rs"]
mod login;
#[path = "core/names.rs"]
mod names;
#[path = "core/network.rs"]
mod network;
#[path = "core/rekey.rs"]
mod rekey;
#[path = "core/rekey_under_load.rs"]
mod rekey_under_load;
#[path = "core/stalls.rs"]
mod stalls;
