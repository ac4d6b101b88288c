//! The C ABI of sansh. `include/sansh.h` is generated from this crate and is its documentation.
//!
//! Thin on purpose: each function converts its arguments, makes one call on the core, and converts the answer.
//!
//! ```text
//! C --> extern "C" fn --> enter! (NULL? poisoned? panic?) --> ssh::Connection --> status, or a lent pointer
//! ```
//!
//! * `entry` has the one macro through which every function goes, and all conversions of what C passes.
//! * `types`, `status` and the files of `event` are what stands in the header beside functions.
//! * The other modules are the functions, in the order of the header. `event`, `answer` and `channel` have a file for each
//!   subject, which is a section of the header: its heading is what stands behind `//! #` in the file's own documentation.
//!
//! `unsafe` stands in this crate alone.

#![allow(non_camel_case_types)]

#[macro_use]
mod entry;

pub mod types;

pub mod status;

pub mod library;

pub mod config;

#[macro_use]
pub mod conn;

pub mod event;

pub mod answer;

pub mod channel;

pub mod look;

pub mod backlog;

pub mod key;

pub mod key_files;

pub mod public;

pub mod files;

pub mod hosts;

pub mod authorized;

pub mod revocation;

pub mod agent_client;

pub mod agent_server;

#[cfg(test)]
mod layout;

#[cfg(test)]
mod hostile;
