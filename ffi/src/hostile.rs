//! A test of the way in: panics are caught and poison, and memory errors are answers.

#![allow(clippy::multiple_unsafe_ops_per_block)]

use crate::entry::{self, Handle, Poison};
use crate::status::{Code, Code::*, sansh_status_text};
use crate::types::sansh_status;
use core::ffi::CStr;

#[derive(Default)]
struct Fragile {
    value: u32,
    entered: u32,
    poison: Poison,
}

impl Handle for Fragile {
    fn poison(&self) -> &Poison {
        &self.poison
    }

    fn entered(&mut self) {
        self.entered += 1;
    }
}

unsafe extern "C" fn add(fragile: *mut Fragile, n: u32) -> sansh_status {
    enter!(mut fragile;; {
        assert!(n < 100, "a bug");
        fragile.value += n;
        Ok(())
    })
}

unsafe extern "C" fn value(fragile: *const Fragile) -> u32 {
    enter!(look fragile;; {
        assert!(fragile.value < 50, "a bug in a look");
        Ok(fragile.value)
    } else |_code| u32::MAX)
}

unsafe extern "C" fn free(fragile: *mut Fragile) {
    enter!(free fragile)
}

/// A payload that panics when it is dropped.
struct Spiteful;

impl Drop for Spiteful {
    fn drop(&mut self) {
        panic!("again");
    }
}

#[test]
fn a_panic_poisons_its_handle_and_only_free_works() {
    let one = entry::give(Fragile::default()).unwrap();
    let other = entry::give(Fragile::default()).unwrap();
    // SAFETY: both handles are from `give`, are used by this thread alone, and are freed last.
    unsafe {
        assert_eq!(add(one, 1), 0);
        assert_eq!(value(one), 1);
        assert_eq!(add(one, 100), SANSH_E_POISONED as i32);
        assert_eq!(add(one, 1), SANSH_E_POISONED as i32);
        assert_eq!(value(one), u32::MAX);
        assert_eq!((*one).entered, 2, "a poisoned handle is not entered");
        assert_eq!(add(other, 60), 0, "the other handle is well");
        assert_eq!(value(other), u32::MAX);
        assert_eq!(add(other, 1), SANSH_E_POISONED as i32, "a panic in a look poisons too");
        assert_eq!(add(core::ptr::null_mut(), 1), SANSH_E_NULL as i32);
        free(one);
        free(other);
        free(core::ptr::null_mut());
    }
    assert_eq!(entry::alone::<()>(|| std::panic::panic_any(Spiteful)), Err(SANSH_E_POISONED));
}

#[test]
fn what_c_passes_is_checked_before_it_is_used() {
    let bytes = [1_u8, 2, 3];
    // SAFETY: what is not refused points to `bytes`.
    unsafe {
        assert_eq!(entry::bytes(bytes.as_ptr(), 3), Ok(&bytes[..]));
        assert_eq!(entry::bytes(core::ptr::null(), 0), Ok(&[][..]));
        assert_eq!(entry::bytes(core::ptr::null(), 1), Err(SANSH_E_NULL));
        assert_eq!(entry::bytes(bytes.as_ptr(), usize::MAX), Err(SANSH_E_RANGE));
        assert_eq!(entry::text(core::ptr::null()), Err(SANSH_E_NULL));
        assert_eq!(entry::text(c"\xff".as_ptr()), Err(SANSH_E_TEXT));
        assert!(entry::room(core::ptr::null_mut(), 1).is_err());
        assert!(entry::room(bytes.as_ptr().cast_mut(), usize::MAX).is_err());
        assert!(entry::out::<u64>(core::ptr::null_mut(), 0).is_err());
    }
}

#[test]
fn every_status_has_a_text_and_key_files_have_the_texts_of_the_core() {
    let text = |status: sansh_status| {
        // SAFETY: the function gives a NUL-terminated text that lives for ever.
        unsafe { CStr::from_ptr(sansh_status_text(status)) }.to_str().unwrap()
    };
    assert_eq!(text(1), "unknown status");
    assert_eq!(text(i32::MIN), "unknown status");
    for status in (-31..=0).chain(-119..=-101).chain(-221..=-201).chain(-307..=-301) {
        assert!(text(status).len() > 3 && text(status) != "unknown status", "{status}");
    }
    use ssh::signer::BadKeyFile::*;
    for error in [NotAKey, Public, TooLong, Base64, Damaged, KeyCount, CheckNumbers, Padding, Mismatch, KeyType] {
        assert_eq!(text(Code::from(error) as i32), error.to_string());
    }
}
