//! The library itself: its version, and the algorithms that it has.
//!
//! # The library
//!
//! Its version, and the algorithms that it has.

use crate::status::Code::SANSH_E_ARGUMENT;
use crate::types::sansh_bytes;
use core::ffi::c_char;
use ssh::crypto::Provider;

/// Version of this header: its first number. Programs linked to libsansh.so.0 keep running with a later minor version.
pub const SANSH_VERSION_MAJOR: i32 = 0;
/// Its second number.
pub const SANSH_VERSION_MINOR: i32 = 1;
/// Its third number.
pub const SANSH_VERSION_PATCH: i32 = 0;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
/// The digits of a version number of the package.
const fn number(text: &str) -> i32 {
    match i32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => -1,
    }
}
const _: () = assert!(number(env!("CARGO_PKG_VERSION_MAJOR")) == SANSH_VERSION_MAJOR);
const _: () = assert!(number(env!("CARGO_PKG_VERSION_MINOR")) == SANSH_VERSION_MINOR);
const _: () = assert!(number(env!("CARGO_PKG_VERSION_PATCH")) == SANSH_VERSION_PATCH);

/// Sets of algorithms, by who computes them.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_provider {
    /// The fastest that the library was built with.
    SANSH_PROVIDER_DEFAULT = 0,
    /// Pure Rust. Always there. With the same seeds and the same input it computes the same bytes.
    SANSH_PROVIDER_RUSTCRYPTO = 1,
    /// aws-lc, where the library was built with it. Draws its own key shares from the operating system.
    SANSH_PROVIDER_AWS_LC = 2,
}

/// Lists of algorithms.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_list {
    /// Key exchange methods.
    SANSH_LIST_KEX = 0,
    /// Ciphers.
    SANSH_LIST_CIPHERS = 1,
    /// MACs, for ciphers that need one.
    SANSH_LIST_MACS = 2,
    /// Signature algorithms, of host keys and user keys.
    SANSH_LIST_SIGNATURES = 3,
}

pub(crate) fn provider(number: i32) -> Option<&'static dyn Provider> {
    use sansh_provider::*;
    const DEFAULT: i32 = SANSH_PROVIDER_DEFAULT as i32;
    const RUSTCRYPTO: i32 = SANSH_PROVIDER_RUSTCRYPTO as i32;
    #[cfg(feature = "aws_lc")]
    const AWS_LC: i32 = SANSH_PROVIDER_AWS_LC as i32;
    match number {
        #[cfg(feature = "aws_lc")]
        DEFAULT | AWS_LC => Some(&ssh::crypto::aws_lc::AwsLc),
        #[cfg(not(feature = "aws_lc"))]
        DEFAULT => Some(&ssh::crypto::rustcrypto::RustCrypto),
        RUSTCRYPTO => Some(&ssh::crypto::rustcrypto::RustCrypto),
        _ => None,
    }
}

/// The library's version as a text: `0.1.0`. NUL-terminated, lives for ever.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn sansh_version() -> *const c_char {
    enter!(alone;; { Ok(VERSION.as_ptr().cast()) } else |_code| c"".as_ptr())
}

/// The library's version as a number: major * 65536 + minor * 256 + patch. Compare it with the header's own,
/// SANSH_VERSION_MAJOR and so on, to see whether a program runs with the library that it was compiled for.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn sansh_version_number() -> u32 {
    enter!(alone;; {
        let [major, minor, patch] = [SANSH_VERSION_MAJOR, SANSH_VERSION_MINOR, SANSH_VERSION_PATCH].map(|n| n as u32);
        Ok(major << 16 | minor << 8 | patch)
    } else |_code| 0)
}

/// The name of algorithm number `index` of a list (SANSH_LIST_…), in the order in which a provider (SANSH_PROVIDER_…)
/// offers them. Lives for ever. `len` is 0 behind the last one, and for a provider that this library does not have.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn sansh_algorithm_name(provider: i32, list: i32, index: usize) -> sansh_bytes {
    use sansh_list::*;
    enter!(alone;; {
        let provider = self::provider(provider).ok_or(SANSH_E_ARGUMENT)?;
        let name = match list {
            n if n == SANSH_LIST_KEX as i32 => provider.kex().get(index).map(|row| row.name()),
            n if n == SANSH_LIST_CIPHERS as i32 => provider.ciphers().get(index).map(|row| row.name()),
            n if n == SANSH_LIST_MACS as i32 => provider.macs().get(index).map(|row| row.name()),
            n if n == SANSH_LIST_SIGNATURES as i32 => provider.signatures().get(index).map(|row| row.name()),
            _ => None,
        };
        name.map(Into::into).ok_or(SANSH_E_ARGUMENT)
    } else |_code| sansh_bytes::NONE)
}
