//! sansh against itself, in memory: one file per behaviour.

#[path = "core/admission.rs"]
mod admission;
#[path = "core/authority.rs"]
mod authority;
#[path = "core/callbacks.rs"]
mod callbacks;
#[path = "core/certificates.rs"]
mod certificates;
#[path = "core/channels.rs"]
mod channels;
#[path = "core/compression.rs"]
mod compression;
#[path = "core/disconnects.rs"]
mod disconnects;
#[path = "core/fairness.rs"]
mod fairness;
#[path = "core/flow.rs"]
mod flow;
#[path = "core/forged.rs"]
mod forged;
#[path = "core/forwarding.rs"]
mod forwarding;
#[path = "core/fragmentation.rs"]
mod fragmentation;
#[path = "core/group_exchange.rs"]
mod group_exchange;
#[path = "core/handles.rs"]
mod handles;
#[path = "core/handshake.rs"]
mod handshake;
#[path = "core/hostbased.rs"]
mod hostbased;
#[path = "core/hostbound.rs"]
mod hostbound;
#[path = "core/keepalive.rs"]
mod keepalive;
#[path = "core/keyboard_interactive.rs"]
mod keyboard_interactive;
#[path = "core/login.rs"]
mod login;
#[path = "core/multi_factor.rs"]
mod multi_factor;
#[path = "core/names.rs"]
mod names;
#[path = "core/network.rs"]
mod network;
#[path = "core/no_more_sessions.rs"]
mod no_more_sessions;
#[path = "core/password_change.rs"]
mod password_change;
#[path = "core/rekey.rs"]
mod rekey;
#[path = "core/rekey_under_load.rs"]
mod rekey_under_load;
#[path = "core/rotation.rs"]
mod rotation;
#[cfg(feature = "aws_lc")]
#[path = "core/rsa_choice.rs"]
mod rsa_choice;
#[path = "core/security_keys.rs"]
mod security_keys;
#[path = "core/stalls.rs"]
mod stalls;
#[path = "core/streamlocal.rs"]
mod streamlocal;
#[path = "core/token.rs"]
mod token;
#[path = "core/trivial_logins.rs"]
mod trivial_logins;
#[path = "core/tun.rs"]
mod tun;
#[path = "core/typed_requests.rs"]
mod typed_requests;
