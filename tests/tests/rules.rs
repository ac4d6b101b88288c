//! The rules of the RFCs, sentence by sentence (`tests/requirements`), and what went wrong in other implementations, row by
//! row (`tests/VULNERABILITIES.md`).
//!
//! The peers here obey nobody: [`sansh_testkit::raw`] without cryptography, [`keyed`] with it, and [`between`], who stands
//! in the middle. Memory is counted, so that what a peer says can be held against what it costs.

#[path = "rules/between.rs"]
mod between;
#[path = "rules/hand.rs"]
mod hand;
#[path = "rules/keyed.rs"]
mod keyed;
#[path = "rules/requirements/mod.rs"]
mod requirements;
#[path = "rules/vulnerabilities/mod.rs"]
mod vulnerabilities;

#[global_allocator]
static ALLOCATOR: sansh_testalloc::Counting = sansh_testalloc::Counting;
