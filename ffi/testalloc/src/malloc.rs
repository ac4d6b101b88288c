//! malloc(3) and its kin, put in front of the C library's: what C code linked into the test takes is counted, too.
//!
//! The C library keeps its own entry points under `__libc_` names for exactly this. What Rust's `System` takes passes
//! through uncounted here, since [`Counting`](super::Counting) has counted it already.

use super::{IN_RUST, gone, may};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(place: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
    fn __libc_free(place: *mut c_void);
    fn malloc_usable_size(place: *mut c_void) -> usize;
}

const ENOMEM: c_int = 12;
const EINVAL: c_int = 22;

fn counted() -> bool {
    !IN_RUST.try_with(Cell::get).unwrap_or(true)
}

/// Counts what `take` gives, or has it refused.
fn take(old: usize, size: usize, take: impl FnOnce() -> *mut c_void) -> *mut c_void {
    if !counted() {
        return take();
    }
    if !may(old, size) {
        return null_mut();
    }
    let place = take();
    // SAFETY: the C library gave `place`; it takes null, too.
    let usable = unsafe { malloc_usable_size(place) };
    gone(size, if place.is_null() { old } else { usable });
    if !place.is_null() {
        may_have_grown();
    }
    place
}

/// Rounding up may have made a new peak.
fn may_have_grown() {
    super::change(|meter| {
        meter.peak = meter.peak.max(meter.live);
        true
    });
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: any size may be asked for.
    take(0, size, || unsafe { __libc_malloc(size) })
}

#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: as above; the C library checks the product.
    take(0, count.saturating_mul(size), || unsafe { __libc_calloc(count, size) })
}

/// # Safety
/// As realloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(place: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise about `place` is passed on.
    unsafe { take(malloc_usable_size(place), size, || __libc_realloc(place, size)) }
}

#[unsafe(no_mangle)]
extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
    // SAFETY: the C library rounds an alignment that is no power of two.
    take(0, size, || unsafe { __libc_memalign(alignment, size) })
}

#[unsafe(no_mangle)]
extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    memalign(alignment, size)
}

/// # Safety
/// As posix_memalign(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(out: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
        return EINVAL;
    }
    let place = memalign(alignment, size);
    if place.is_null() {
        return ENOMEM;
    }
    // SAFETY: the caller gives a place to write to.
    unsafe { *out = place };
    0
}

/// # Safety
/// As free(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn free(place: *mut c_void) {
    if counted() && !place.is_null() {
        // SAFETY: the caller's promise about `place` is passed on.
        gone(unsafe { malloc_usable_size(place) }, 0);
    }
    // SAFETY: as above.
    unsafe { __libc_free(place) };
}
