//! The record of a login on a server: the user, the accepted steps, and behind them the step being judged.
//!
//! It is kept in one slot of `Limits.login` bytes, and what does not fit is not accepted. [`Identity`](super::Identity) reads
//! it. What a step stands for, its restrictions too, is in the key or certificate that is recorded with it, so that nothing on
//! the way to `Ready` can drop it.

use crate::connection::error::Error;
use crate::crypto::SecurityKey;
use crate::wire::{Appending, Counter, Sink, put_string};
use alloc::vec::Vec;

/// A step, as it is put on record.
#[derive(Clone, Copy)]
pub(crate) struct Judging<'a> {
    pub(crate) method: &'a str,
    pub(crate) algorithm: &'a str,
    pub(crate) key: &'a [u8],
    pub(crate) detail: Detail<'a>,
}

/// What else is known of a step.
#[derive(Clone, Copy)]
pub(crate) enum Detail<'a> {
    Nothing,
    SecurityKey(SecurityKey),
    /// Host name and user name of a `hostbased` login.
    Host(&'a [u8], &'a [u8]),
}

impl Detail<'_> {
    fn write(&self, sink: &mut dyn Sink) {
        match self {
            Detail::Nothing => {}
            Detail::SecurityKey(SecurityKey { flags, counter }) => {
                sink.put(&[*flags]);
                sink.put(&counter.to_be_bytes());
            }
            Detail::Host(host, user) => {
                put_string(sink, host);
                put_string(sink, user);
            }
        }
    }
}

impl Judging<'_> {
    fn write(&self, sink: &mut dyn Sink) {
        for string in [self.method.as_bytes(), self.algorithm.as_bytes(), self.key] {
            put_string(sink, string);
        }
        let mut counter = Counter::default();
        self.detail.write(&mut counter);
        sink.put(&u32::try_from(counter.0).unwrap_or(u32::MAX).to_be_bytes());
        self.detail.write(sink);
    }

    /// Puts the step behind what is on record. False if it does not fit.
    pub(crate) fn record(&self, login: &mut Vec<u8>, capacity: usize) -> Result<bool, Error> {
        append(login, capacity, &|sink| self.write(sink))
    }
}

/// Begins a record. False if the name does not fit.
pub(crate) fn begin(login: &mut Vec<u8>, capacity: usize, user: &[u8]) -> Result<bool, Error> {
    login.clear();
    append(login, capacity, &|sink| put_string(sink, user))
}

fn append(login: &mut Vec<u8>, capacity: usize, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
    if login.capacity() < capacity {
        login.try_reserve_exact(capacity.saturating_sub(login.len())).map_err(|_| Error::OutOfMemory)?;
    }
    let mut counter = Counter::default();
    write(&mut counter);
    if login.len().saturating_add(counter.0) > capacity {
        return Ok(false);
    }
    write(&mut Appending(login));
    Ok(true)
}
