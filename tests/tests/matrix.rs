//! The interop matrix: every algorithm, key type, certificate and login method against every peer, in both roles.
//!
//! One test per column of `INTEROP.md` ([`matrix::table`]): it meets its peer once per row, and compares what came of
//! it with the column that is committed. `SANSH_BLESS=1` writes the column instead. A cell is a pass, or blank with its
//! reason: never a pass without a connection that did all that a row asks.
//!
//! ```text
//!  rows (the providers' lists) x columns --meet--> client.rs or server.rs, and a peer --> cells --> table.rs
//! ```

/// A module of its own, so that `tests/run matrix` finds all of it.
mod matrix {
    mod authenticator;
    mod cells;
    mod client;
    mod clients;
    mod keys;
    mod link;
    mod logins;
    mod reasons;
    mod rows;
    mod server;
    mod servers;
    mod table;
}
