//! Critical options and extensions: pairs of a name and a value (draft-ietf-sshm-cert-01, section 2.2).

use super::CertError;
use super::blob::text;
use crate::wire::{Malformed, Reader};
use core::fmt;

/// One option.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CertificateOption<'a> {
    /// `force-command`, `permit-pty`.
    pub name: &'a [u8],
    /// Empty, or the option's own format.
    pub value: &'a [u8],
}

impl<'a> CertificateOption<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(CertificateOption { name: reader.string()?, value: reader.string()? })
    }

    /// The value of a flag is the empty string.
    pub(in crate::keys) fn flag(&self) -> Result<bool, CertError> {
        if self.value.is_empty() { Ok(true) } else { Err(CertError::BadOption) }
    }

    /// The value of a text is a string in the string.
    pub(in crate::keys) fn text(&self) -> Result<&'a [u8], CertError> {
        let mut reader = Reader::new(self.value);
        let value = reader.string().map_err(|_| CertError::BadOption)?;
        reader.end().map_err(|_| CertError::BadOption)?;
        text(value).map_err(|_| CertError::BadOption)
    }
}

impl fmt::Debug for CertificateOption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name.escape_ascii(), self.value.escape_ascii())
    }
}

/// Options, sorted by name and each there once. Iterates over them.
#[derive(Clone, Copy, Debug)]
pub struct CertificateOptions<'a> {
    rest: Reader<'a>,
}

impl<'a> CertificateOptions<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        CertificateOptions { rest: Reader::new(bytes) }
    }

    /// Whether they can all be read and are in order.
    pub(super) fn check(&self) -> Result<(), CertError> {
        let mut reader = self.rest;
        let mut before: Option<&[u8]> = None;
        while reader.remaining() > 0 {
            let name = text(CertificateOption::read(&mut reader)?.name)?;
            // "Key/value pairs MUST be ordered lexically by key name" (draft-ietf-sshm-cert-01, section 2.2). So no name
            // is there twice, and nobody can read the first one where another reads the last.
            if before.is_some_and(|before| before >= name) {
                return Err(CertError::Options);
            }
            before = Some(name);
        }
        Ok(())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.remaining() == 0
    }
}

impl<'a> Iterator for CertificateOptions<'a> {
    type Item = CertificateOption<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        CertificateOption::read(&mut self.rest).ok()
    }
}
