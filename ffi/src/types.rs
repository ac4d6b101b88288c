//! The plain types that go through the boundary.
//!
//! # Types
//!
//! Numbers, handles and borrowed bytes.

/// What a call says: 0 (`SANSH_OK`), or a negative `SANSH_E_…`. New ones may be added; sansh_status_text() explains all.
pub type sansh_status = i32;

/// Nanoseconds on any monotonic clock that the application owns: `clock_gettime(CLOCK_MONOTONIC)`, for one.
pub type sansh_time = u64;

/// The right to answer one question, once, on the connection whose event brought it. 0 is none.
pub type sansh_ask = u64;

/// A channel of one connection. A closed one, or another connection's, is refused by every call. 0 is none.
pub type sansh_channel = u64;

/// The number of a request of ours, found again in the event that brings its answer.
pub type sansh_sent = u32;

/// Borrowed bytes, which are not to be written and do not end with a NUL. `ptr` may be NULL if `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

/// Borrowed room for bytes. `len` is 0 if there is none now.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_space {
    /// The first byte.
    pub ptr: *mut u8,
    /// How many.
    pub len: usize,
}

impl sansh_bytes {
    pub(crate) const NONE: sansh_bytes = sansh_bytes { ptr: core::ptr::null(), len: 0 };
}

impl sansh_space {
    pub(crate) const NONE: sansh_space = sansh_space { ptr: core::ptr::null_mut(), len: 0 };
}

impl From<&[u8]> for sansh_bytes {
    fn from(bytes: &[u8]) -> Self {
        sansh_bytes { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}

impl From<&str> for sansh_bytes {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<&mut [u8]> for sansh_space {
    fn from(space: &mut [u8]) -> Self {
        match space.len() {
            0 => sansh_space::NONE,
            len => sansh_space { ptr: space.as_mut_ptr(), len },
        }
    }
}
