//! Whose memory it is: every call on a connection is made inside [`watch`], with the number of its endpoint.
//!
//! The counting itself is the test allocator's; in a binary that does not install it, nothing is counted.

pub use sansh_testalloc::{Meter, watch};
