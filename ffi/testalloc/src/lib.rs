//! The allocator of the memory tests. It counts what is live under each *meter*, remembers the peak, and can make the
//! n-th allocation fail. It stands beside the C interface because an allocator cannot be written without `unsafe`.
//!
//! Only what is allocated inside [`watch`] is counted, on the thread that asks: tests run beside each other, and the test's
//! own memory does not matter. A connection takes and gives memory only inside its own calls, so a meter that is watched
//! during exactly those calls is the connection's heap.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::alloc::System;

/// How many meters a thread has.
pub const METERS: usize = 8;

/// What a meter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Bytes that are allocated now. Rust's count as asked for; those of C (feature `malloc`) as the C library rounds them.
    pub live: isize,
    /// The most that was allocated at one time since [`reset`].
    pub peak: isize,
    /// Allocations since [`reset`], reallocations included.
    pub count: usize,
    /// The largest single allocation since [`reset`].
    pub largest: usize,
    /// Which allocation to fail, counted from 1 since [`reset`]; 0: none.
    fail: usize,
    /// Whether the chosen allocation was reached.
    pub failed: bool,
}

const EMPTY: Meter = Meter { live: 0, peak: 0, count: 0, largest: 0, fail: 0, failed: false };

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(usize::MAX) };
    static IN_RUST: Cell<bool> = const { Cell::new(false) };
    static TABLE: [Cell<Meter>; METERS] = const { [const { Cell::new(EMPTY) }; METERS] };
}

/// Runs `f` with its allocations counted under `meter`.
pub fn watch<T>(meter: usize, f: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace(meter);
    let restore = Restore(before);
    let result = f();
    drop(restore);
    result
}

struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// What `meter` shows.
#[must_use]
pub fn read(meter: usize) -> Meter {
    TABLE.with(|table| table[meter].get())
}

/// Sets `meter` back to nothing.
pub fn reset(meter: usize) {
    TABLE.with(|table| table[meter].set(EMPTY));
}

/// Makes the `n`-th allocation under `meter` from now on fail, once; 0: none.
pub fn fail_nth(meter: usize, n: usize) {
    TABLE.with(|table| {
        let mut now = table[meter].get();
        now.fail = if n == 0 { 0 } else { now.count + n };
        now.failed = false;
        table[meter].set(now);
    });
}

/// Counts an allocation of `new` bytes in place of `old`; says whether it may be made.
fn may(old: usize, new: usize) -> bool {
    change(|meter| {
        meter.count += 1;
        if meter.fail != 0 && meter.count == meter.fail {
            meter.failed = true;
            return false;
        }
        meter.largest = meter.largest.max(new);
        meter.live += signed(new) - signed(old);
        meter.peak = meter.peak.max(meter.live);
        true
    })
}

/// Takes back what [`may`] counted: the system said no, or the memory was freed.
fn gone(bytes: usize, instead: usize) {
    change(|meter| {
        meter.live += signed(instead) - signed(bytes);
        true
    });
}

fn signed(n: usize) -> isize {
    isize::try_from(n).unwrap_or(isize::MAX)
}

fn change(f: impl FnOnce(&mut Meter) -> bool) -> bool {
    // A thread that is about to end has no meters any more.
    let Ok(current) = CURRENT.try_with(Cell::get) else { return true };
    TABLE
        .try_with(|table| match table.get(current) {
            Some(cell) => {
                let mut meter = cell.get();
                let answer = f(&mut meter);
                cell.set(meter);
                answer
            }
            None => true,
        })
        .unwrap_or(true)
}

/// The allocator: `#[global_allocator] static ALLOCATOR: Counting = Counting;`
#[derive(Debug)]
pub struct Counting;

fn in_rust<T>(f: impl FnOnce() -> T) -> T {
    let before = IN_RUST.try_with(|flag| flag.replace(true)).unwrap_or(true);
    let result = f();
    let _ = IN_RUST.try_with(|flag| flag.set(before));
    result
}

// SAFETY: every call is `System`'s, with the arguments it was given, or returns null, which means "no memory".
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !may(0, layout.size()) {
            return core::ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        let place = in_rust(|| unsafe { System.alloc(layout) });
        if place.is_null() {
            gone(layout.size(), 0);
        }
        place
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !may(0, layout.size()) {
            return core::ptr::null_mut();
        }
        // SAFETY: as above.
        let place = in_rust(|| unsafe { System.alloc_zeroed(layout) });
        if place.is_null() {
            gone(layout.size(), 0);
        }
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        gone(layout.size(), 0);
        // SAFETY: the caller's promise about `place` and `layout` is passed on.
        in_rust(|| unsafe { System.dealloc(place, layout) });
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !may(layout.size(), size) {
            return core::ptr::null_mut();
        }
        // SAFETY: as above.
        let new = in_rust(|| unsafe { System.realloc(place, layout, size) });
        if new.is_null() {
            gone(size, layout.size());
        }
        new
    }
}

#[cfg(all(feature = "malloc", target_os = "linux", target_env = "gnu"))]
mod malloc;
