//! The backlog: for sinks that take less than they are given.
//!
//! # Backlogs
//!
//! For sinks that take less than they are given.

use crate::entry::{self, Handle, Poison};
use crate::status::Code::*;
use crate::types::{sansh_bytes, sansh_status};
use ssh::backlog::Backlog;

/// Received data that waits for its sink: a pipe that is full, a slow disk. It belongs to no connection and to one thread
/// at a time. What SANSH_EVENT_DATA brings and the sink does not take is pushed here; what leaves is granted again. With
/// a limit no smaller than the channel's window, it is never full.
pub struct sansh_backlog {
    inner: Backlog,
    poison: Poison,
}

impl Handle for sansh_backlog {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_backlog {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_backlog")
    }
}

const NO_BACKLOG: *mut sansh_backlog = core::ptr::null_mut();

/// An empty backlog of `limit` bytes, all of them reserved now, at `*backlog`. Free it with sansh_backlog_free(). If it
/// fails, `*backlog` is NULL.
///
/// SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_new(limit: usize, backlog: *mut *mut sansh_backlog) -> sansh_status {
    enter!(alone; out(backlog, NO_BACKLOG); {
        let inner = Backlog::new(limit).map_err(|_| SANSH_E_MEMORY)?;
        *backlog = entry::give(sansh_backlog { inner, poison: Poison::default() })?;
        Ok(())
    })
}

/// Frees a backlog with all that is in it. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_free(backlog: *mut sansh_backlog) {
    enter!(free backlog)
}

/// Keeps a copy of all these bytes behind those that wait.
///
/// SANSH_E_FULL (none of them was kept), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_push(
    backlog: *mut sansh_backlog,
    bytes: *const u8,
    bytes_len: usize,
) -> sansh_status {
    enter!(mut backlog; bytes(bytes, bytes_len); { backlog.inner.push(bytes).map_err(|_| SANSH_E_FULL) })
}

/// The first bytes that wait, as many as stand in one piece; empty only if none waits. Lent until the next
/// sansh_backlog_push(), sansh_backlog_done() or sansh_backlog_free().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_front(backlog: *const sansh_backlog) -> sansh_bytes {
    enter!(look backlog;; { Ok(backlog.inner.front().into()) } else |_code| sansh_bytes::NONE)
}

/// How many bytes wait.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_len(backlog: *const sansh_backlog) -> usize {
    enter!(look backlog;; { Ok(backlog.inner.len()) } else |_code| 0)
}

/// The sink took the first `n` bytes. Says at `*grant` how much to sansh_grant() for them; `grant` may be NULL.
///
/// SANSH_E_RANGE (more than wait: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_backlog_done(backlog: *mut sansh_backlog, n: usize, grant: *mut u32) -> sansh_status {
    enter!(mut backlog; out_or_none(grant); {
        if n > backlog.inner.len() || u32::try_from(n).is_err() {
            return Err(SANSH_E_RANGE);
        }
        let granted = backlog.inner.done(n);
        if let Some(place) = grant {
            *place = granted;
        }
        Ok(())
    })
}
