//! What the tests of sansh share. Nothing here is part of the library.
//!
//! [`pair`] puts a client and a server of sansh face to face over a network ([`net`]) as hostile as a test wants it, on a
//! clock ([`clock`]) that only the test moves; [`apps`] are the programs around them. [`peers`] are real SSH programs.
#![forbid(unsafe_code)]

pub mod alloc;
pub mod apps;
pub mod clock;
pub mod dice;
pub mod driver;
pub mod net;
pub mod pair;
pub mod peers;
pub mod raw;
pub mod told;
