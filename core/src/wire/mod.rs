//! RFC 4251, section 5: bytes to values and back.
//!
//! No state and no policy live here. Reading borrows from the input and never allocates: a length that a peer sent can
//! only ever take bytes that are already there. Writing goes to a [`Sink`]: a slice, a counter or a hash.

mod mpint;
mod name_list;
mod read;
mod write;

pub use mpint::minimal_magnitude;
pub use name_list::NameList;
pub use read::{Malformed, Reader};
pub(crate) use write::Appending;
pub use write::{Counter, Sink, SliceSink, put_mpint, put_string};
