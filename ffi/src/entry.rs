//! The way in: what every function of the ABI goes through.
//!
//! ```text
//! enter! { mut conn; text(user), bytes(key, key_len), out(channel); { body } else |code| fallback }
//!          |   |      |                                             |              what the caller gets for an error
//!          |   |      |                                             runs with the converted arguments
//!          |   |      each argument that C passed, checked and converted
//!          |   the handle, NULL-checked; a poisoned one goes no further
//!          mut, look (does not change it) or free
//! ```
//!
//! Without `else`, the function returns a status. A panic in the body is caught here and poisons the handle.

use crate::status::{Code, Code::*};
use crate::types::sansh_bytes;
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicBool, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Set by a panic and never cleared: what the handle holds may be half changed.
#[derive(Debug, Default)]
pub(crate) struct Poison(AtomicBool);

/// Something that C holds by pointer.
pub(crate) trait Handle {
    fn poison(&self) -> &Poison;
    /// A call that may change it begins.
    fn entered(&mut self) {}
}

/// A handle that C passed.
///
/// # Safety
/// `handle` is NULL, or came from this library, was not freed, and is used by this thread alone.
pub(crate) unsafe fn handle_mut<'a, H>(handle: *mut H) -> Option<&'a mut H> {
    // SAFETY: NULL, or valid and unshared by this function's own condition.
    unsafe { handle.as_mut() }
}

/// A handle that C passed for a look.
///
/// # Safety
/// `handle` is NULL, or came from this library, was not freed, and no other thread changes it.
pub(crate) unsafe fn handle_ref<'a, H>(handle: *const H) -> Option<&'a H> {
    // SAFETY: NULL, or valid and unchanged by this function's own condition.
    unsafe { handle.as_ref() }
}

/// What the header says about threads: a connection may move between them, what is set up may be shared.
const _: () = {
    const fn moves<T: Send>() {}
    const fn is_shared<T: Sync>() {}
    moves::<crate::conn::sansh_conn>();
    moves::<crate::backlog::sansh_backlog>();
    moves::<crate::config::sansh_config>();
    is_shared::<crate::config::sansh_config>();
    moves::<crate::key::sansh_key>();
    is_shared::<crate::key::sansh_key>();
};

/// A call that may change its handle.
pub(crate) fn change<H: Handle, T>(
    handle: Option<&mut H>,
    run: impl FnOnce(&mut H) -> Result<T, Code>,
) -> Result<T, Code> {
    let handle = handle.ok_or(SANSH_E_NULL)?;
    if handle.poison().0.load(Ordering::Relaxed) {
        return Err(SANSH_E_POISONED);
    }
    handle.entered();
    caught(|| run(handle)).unwrap_or_else(|| {
        handle.poison().0.store(true, Ordering::Relaxed);
        Err(SANSH_E_POISONED)
    })
}

/// A call that only looks at its handle.
pub(crate) fn look<H: Handle, T>(handle: Option<&H>, run: impl FnOnce(&H) -> Result<T, Code>) -> Result<T, Code> {
    let handle = handle.ok_or(SANSH_E_NULL)?;
    if handle.poison().0.load(Ordering::Relaxed) {
        return Err(SANSH_E_POISONED);
    }
    caught(|| run(handle)).unwrap_or_else(|| {
        handle.poison().0.store(true, Ordering::Relaxed);
        Err(SANSH_E_POISONED)
    })
}

/// For calls without a handle: nothing stays behind that a panic could have half changed.
pub(crate) fn alone<T>(run: impl FnOnce() -> Result<T, Code>) -> Result<T, Code> {
    caught(run).unwrap_or(Err(SANSH_E_POISONED))
}

/// Frees what [`give`] gave. A poisoned handle too; a panic on the way leaks the rest.
///
/// # Safety
/// `handle` is NULL, or came from [`give`] as this type and was not freed.
pub(crate) unsafe fn take_back<H>(handle: *mut H) {
    if !handle.is_null() {
        // SAFETY: it came from `Box::into_raw` in `give`, and nobody else has it by this function's own condition.
        let owned = unsafe { Box::from_raw(handle) };
        let _ = caught(|| drop(owned));
    }
}

fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // Dropping a payload can panic again.
            core::mem::forget(payload);
            None
        }
    }
}

/// Puts a value where C can hold it. No memory is an answer, not an abort.
pub(crate) fn give<T>(value: T) -> Result<*mut T, Code> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the layout is not empty, by the assertion above.
    let place = unsafe { std::alloc::alloc(core::alloc::Layout::new::<T>()) }.cast::<T>();
    if place.is_null() {
        return Err(SANSH_E_MEMORY);
    }
    // SAFETY: fresh memory of T's own layout, as `Box::from_raw` in `take_back` wants it too.
    unsafe { place.write(value) };
    Ok(place)
}

/// The bytes that C passed as pointer and length.
///
/// # Safety
/// `ptr` is NULL or points to `len` bytes that nobody writes during the call.
pub(crate) unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> Result<&'a [u8], Code> {
    match (ptr.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(SANSH_E_NULL),
        (false, len) if isize::try_from(len).is_err() => Err(SANSH_E_RANGE),
        // SAFETY: not NULL, not longer than a slice may be, and readable by this function's own condition.
        (false, len) => Ok(unsafe { core::slice::from_raw_parts(ptr, len) }),
    }
}

/// The room that C passed as pointer and length. NULL and 0 ask how much is needed.
///
/// # Safety
/// `ptr` is NULL or points to `len` bytes that nobody else uses during the call.
pub(crate) unsafe fn room<'a>(ptr: *mut u8, len: usize) -> Result<&'a mut [core::mem::MaybeUninit<u8>], Code> {
    match (ptr.is_null(), len) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(SANSH_E_NULL),
        (false, len) if isize::try_from(len).is_err() => Err(SANSH_E_RANGE),
        // SAFETY: not NULL, not longer than a slice may be, and ours by this function's own condition; it may be
        // uninitialized.
        (false, len) => Ok(unsafe { core::slice::from_raw_parts_mut(ptr.cast(), len) }),
    }
}

/// Copies `bytes` to `room` and says how many they are; if they do not fit, says only that.
pub(crate) fn fill(room: &mut [core::mem::MaybeUninit<u8>], len: &mut usize, bytes: &[u8]) -> Result<(), Code> {
    *len = bytes.len();
    let place = room.get_mut(..bytes.len()).ok_or(SANSH_E_SPACE)?;
    place.write_copy_of_slice(bytes);
    Ok(())
}

/// The bytes of a text that C passed with a NUL behind it.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text that nobody writes during the call.
pub(crate) unsafe fn raw_text<'a>(ptr: *const c_char) -> Result<&'a [u8], Code> {
    if ptr.is_null() {
        return Err(SANSH_E_NULL);
    }
    // SAFETY: not NULL, and NUL-terminated by this function's own condition.
    Ok(unsafe { CStr::from_ptr(ptr) }.to_bytes())
}

/// As [`raw_text`], and UTF-8.
///
/// # Safety
/// As [`raw_text`].
pub(crate) unsafe fn text<'a>(ptr: *const c_char) -> Result<&'a str, Code> {
    // SAFETY: the same condition.
    let bytes = unsafe { raw_text(ptr) }?;
    core::str::from_utf8(bytes).map_err(|_| SANSH_E_TEXT)
}

/// A seed, or none.
///
/// # Safety
/// `ptr` is NULL or points to 32 bytes that nobody writes during the call.
pub(crate) unsafe fn seed<'a>(ptr: *const u8) -> Option<&'a [u8; 32]> {
    // SAFETY: NULL, or 32 readable bytes by this function's own condition; bytes have no alignment.
    unsafe { ptr.cast::<[u8; 32]>().as_ref() }
}

/// What C passed as an array.
///
/// # Safety
/// `ptr` is NULL or points to `len` values, aligned and initialized, that nobody writes during the call.
pub(crate) unsafe fn list<'a, T: Copy>(ptr: *const T, len: usize) -> Result<&'a [T], Code> {
    match (ptr.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(SANSH_E_NULL),
        (false, len) if len.checked_mul(size_of::<T>()).is_none_or(|all| isize::try_from(all).is_err()) => {
            Err(SANSH_E_RANGE)
        }
        // SAFETY: not NULL, not longer than a slice may be, and readable by this function's own condition.
        (false, len) => Ok(unsafe { core::slice::from_raw_parts(ptr, len) }),
    }
}

/// Byte strings that C passed as an array, each of them checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blobs<'a>(&'a [sansh_bytes]);

impl<'a> Blobs<'a> {
    /// # Safety
    /// As [`list`], and each element as [`bytes`].
    pub(crate) unsafe fn new(ptr: *const sansh_bytes, len: usize) -> Result<Self, Code> {
        // SAFETY: the same condition.
        let list = unsafe { list(ptr, len) }?;
        for item in list {
            // SAFETY: the same condition.
            unsafe { bytes(item.ptr, item.len) }?;
        }
        Ok(Blobs(list))
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        // SAFETY: `new` has checked each of them, and they stay readable during the call by its own condition.
        self.0.iter().map(|item| unsafe { bytes(item.ptr, item.len) }.unwrap_or_default())
    }

    /// As the core wants a list. What is copied are pointers and lengths.
    pub(crate) fn to_vec(self) -> Result<Vec<&'a [u8]>, Code> {
        let mut all = Vec::new();
        all.try_reserve_exact(self.len()).map_err(|_| SANSH_E_MEMORY)?;
        all.extend(self.iter());
        Ok(all)
    }
}

/// Where C wants a result.
///
/// # Safety
/// `ptr` is NULL or points to a place for a `T`, aligned, that nobody else uses during the call.
pub(crate) unsafe fn out<'a, T: Copy>(ptr: *mut T, initial: T) -> Result<&'a mut T, Code> {
    if ptr.is_null() {
        return Err(SANSH_E_NULL);
    }
    // SAFETY: not NULL, and a place for a T by this function's own condition. The write makes it initialized.
    unsafe { ptr.write(initial) };
    // SAFETY: the same place, initialized now, and unshared by this function's own condition.
    Ok(unsafe { &mut *ptr })
}

/// Converts one argument within [`enter!`]. The functions it calls say what C has to hold to; the header's first page
/// asks that of the caller.
macro_rules! argument {
    (bytes $ptr:ident $len:ident) => {
        // SAFETY: the header asks for NULL or a pointer to so many readable bytes.
        let $ptr = unsafe { $crate::entry::bytes($ptr, $len) }?;
    };
    (room $ptr:ident $len:ident $used:ident) => {
        // SAFETY: the header asks for a place for the length.
        let $used = unsafe { $crate::entry::out($used, 0) }?;
        // SAFETY: the header asks for NULL or a pointer to so many writable bytes.
        let $ptr = unsafe { $crate::entry::room($ptr, $len) }?;
    };
    (text $ptr:ident) => {
        // SAFETY: the header asks for NULL or a NUL-terminated text.
        let $ptr = unsafe { $crate::entry::text($ptr) }?;
    };
    (text_or_none $ptr:ident) => {
        let $ptr = match $ptr.is_null() {
            true => "",
            // SAFETY: not NULL, and the header asks for a NUL-terminated text.
            false => unsafe { $crate::entry::text($ptr) }?,
        };
    };
    (optional $ptr:ident) => {
        let $ptr = match $ptr.is_null() {
            true => None,
            // SAFETY: not NULL, and the header asks for a NUL-terminated text.
            false => Some(unsafe { $crate::entry::text($ptr) }?),
        };
    };
    (one $ptr:ident) => {
        // SAFETY: the header asks for NULL or a pointer to a readable value.
        let $ptr = *unsafe { $ptr.as_ref() }.ok_or($crate::status::Code::SANSH_E_NULL)?;
    };
    (list $ptr:ident $len:ident) => {
        // SAFETY: the header asks for NULL or a pointer to so many readable values.
        let $ptr = unsafe { $crate::entry::list($ptr, $len) }?;
    };
    (blobs $ptr:ident $len:ident) => {
        // SAFETY: the header asks for NULL or a pointer to so many readable byte strings.
        let $ptr = unsafe { $crate::entry::Blobs::new($ptr, $len) }?;
    };
    (prompts $ptr:ident $len:ident) => {
        // SAFETY: the header asks for NULL or a pointer to so many readable questions.
        let $ptr = unsafe { $crate::answer::admission::Prompts::new($ptr, $len) }?;
    };
    (check $ptr:ident) => {
        // SAFETY: the header asks for NULL or a pointer to a sansh_check whose own pointers are readable.
        let $ptr = unsafe { $crate::answer::certificate::Against::new($ptr) }?;
    };
    (seed $ptr:ident) => {
        // SAFETY: the header asks for NULL or a pointer to 32 readable bytes.
        let $ptr = unsafe { $crate::entry::seed($ptr) };
    };
    (raw $ptr:ident) => {
        // SAFETY: the header asks for NULL or a NUL-terminated text.
        let $ptr = unsafe { $crate::entry::raw_text($ptr) }?;
    };
    (out $ptr:ident $initial:ident) => {
        // SAFETY: the header asks for NULL or a pointer to a place for the result.
        let $ptr = unsafe { $crate::entry::out($ptr, $initial) }?;
    };
    (out_or_none $ptr:ident) => {
        let $ptr = match $ptr.is_null() {
            true => None,
            // SAFETY: not NULL, and the header asks for a pointer to a place for the result.
            false => Some(unsafe { $crate::entry::out($ptr, 0) }?),
        };
    };
}

/// The one way in: see the module.
macro_rules! enter {
    (free $handle:ident) => {
        // SAFETY: the header asks for NULL or a handle of this type that was not freed.
        unsafe { $crate::entry::take_back($handle) }
    };
    ($how:ident $($handle:ident)?; $($kind:ident($($arg:ident),+)),*; $body:block) => {
        match enter!(@ $how $($handle)?; $($kind($($arg),+)),*; $body) {
            Ok(()) => $crate::status::Code::SANSH_OK as $crate::types::sansh_status,
            Err(code) => code as $crate::types::sansh_status,
        }
    };
    ($how:ident $($handle:ident)?; $($kind:ident($($arg:ident),+)),*; $body:block else |$code:ident| $fallback:expr) => {
        enter!(@ $how $($handle)?; $($kind($($arg),+)),*; $body).unwrap_or_else(|$code| $fallback)
    };
    (@ mut $handle:ident; $($kind:ident($($arg:ident),+)),*; $body:block) => {{
        // SAFETY: the header asks for NULL or a handle of this type that was not freed and that no other thread uses.
        let handle = unsafe { $crate::entry::handle_mut($handle) };
        $crate::entry::change(handle, |$handle| {
            $(argument!($kind $($arg)+);)*
            $body
        })
    }};
    (@ look $handle:ident; $($kind:ident($($arg:ident),+)),*; $body:block) => {{
        // SAFETY: the header asks for NULL or a handle of this type that was not freed and that no other thread changes.
        let handle = unsafe { $crate::entry::handle_ref($handle) };
        $crate::entry::look(handle, |$handle| {
            $(argument!($kind $($arg)+);)*
            $body
        })
    }};
    (@ alone; $($kind:ident($($arg:ident),+)),*; $body:block) => {
        $crate::entry::alone(|| {
            $(argument!($kind $($arg)+);)*
            $body
        })
    };
}
