//! Certificates: the check, and the answers that take one.
//!
//! # Answers: certificates
//!
//! A certificate becomes trust only by a check of all it says: who signed it, for whom, from when to when, from where. The
//! calls here check and answer in one, so that nothing can get lost in between. Why a certificate is refused is a status of
//! its own, SANSH_E_CERT_...; the question stays open then, to be answered otherwise.

use crate::conn::sansh_conn;
use crate::entry::{self, Blobs};
use crate::status::{Code, Code::*};
use crate::types::{sansh_ask, sansh_bytes, sansh_status};
use core::ffi::c_char;
use core::net::IpAddr;
use ssh::UnixTime;
use ssh::ask::{HostKey, Trust, Verdict};
use ssh::crypto::Provider;
use ssh::keys::{Authorities, CertError, Certificate, CertificateKind, Check, Checked, PublicKey};

/// What a certificate is for.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_certificate_kind {
    /// Its principals are user names.
    SANSH_CERTIFICATE_USER = 1,
    /// Its principals are host names and addresses.
    SANSH_CERTIFICATE_HOST = 2,
}

/// What a certificate is checked against. Set it to zero, then `size`, then all that you have: what is missing refuses more,
/// never less; only an empty `revoked` revokes nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_check {
    /// `sizeof(sansh_check)`: later versions are longer.
    pub size: usize,
    /// The certificate: `blob` or `key` of the event that asks, or a copy of it if the event is over.
    pub certificate: sansh_bytes,
    /// The time now, in seconds since 1970, as time(3) gives it.
    pub at: u64,
    /// The name that it has to speak for: of a host's, the name or address as you were asked to reach it, without a port; of a
    /// user's, the user's name, or the principal that you want to see for the user; for `hostbased`, the client host's name.
    pub name: sansh_bytes,
    /// Where the peer comes from, as inet_ntop(3) writes it. NULL if that is not known: then a certificate that is good from
    /// some addresses only is refused.
    pub source: *const c_char,
    /// The public keys, as they travel, that may sign certificates for the decision at hand.
    pub authorities: *const sansh_bytes,
    /// How many.
    pub authorities_len: usize,
    /// What is revoked: keys of authorities, certified keys, or whole certificates, as they travel.
    pub revoked: *const sansh_bytes,
    /// How many.
    pub revoked_len: usize,
}

/// Checks a certificate, and decides nothing: for SANSH_EVENT_KEY_QUERY, for one. `kind` is SANSH_CERTIFICATE_…. The
/// algorithms are those of the connection's provider. SANSH_OK says that it passes every check.
///
/// SANSH_E_CERT_… (why it does not), SANSH_E_ARGUMENT (no such kind, a `size` that is not this version's, no time in `at`, or a `source` that
/// is no address), SANSH_E_RANGE, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_certificate_check(
    conn: *const sansh_conn,
    check: *const sansh_check,
    kind: i32,
) -> sansh_status {
    enter!(look conn; check(check); {
        let kind = match kind {
            n if n == sansh_certificate_kind::SANSH_CERTIFICATE_USER as i32 => CertificateKind::User,
            n if n == sansh_certificate_kind::SANSH_CERTIFICATE_HOST as i32 => CertificateKind::Host,
            _ => return Err(SANSH_E_ARGUMENT),
        };
        check.run(Some(kind), conn.provider, |_| Ok(()))
    })
}

/// Answers SANSH_EVENT_HOST_KEY whose key is a certificate: checks it as a host's, and accepts it if it passes.
///
/// As sansh_certificate_check(); any status but SANSH_OK leaves the question open: answer it with sansh_answer_trust(), or
/// leave it, which rejects the key. SANSH_E_UNFIT (another certificate than the one that is asked about), and as
/// sansh_answer_trust().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_trust_certificate(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    check: *const sansh_check,
) -> sansh_status {
    enter!(mut conn; check(check); {
        let provider = conn.provider;
        check.run(Some(CertificateKind::Host), provider, |checked| {
            conn.answer::<HostKey>(ask, Trust::Certificate(checked))
        })
    })
}

/// Answers SANSH_EVENT_LOGIN whose key is a certificate: checks it, a user's for SANSH_METHOD_PUBLIC_KEY and a host's for
/// SANSH_METHOD_HOST_BASED, and lets the user in if it passes. What it restricts comes with SANSH_EVENT_READY.
///
/// As sansh_certificate_check(); any status but SANSH_OK leaves the question open: sansh_answer_admission_deny(), for one.
/// SANSH_E_UNFIT (another certificate than the one that is asked about, or of the other kind), and as
/// sansh_answer_admission_accept().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_accept_certificate(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    check: *const sansh_check,
) -> sansh_status {
    enter!(mut conn; check(check); {
        let provider = conn.provider;
        check.run(None, provider, |checked| conn.admit(ask, Verdict::AcceptCertificate(checked)))
    })
}

/// Answers SANSH_EVENT_LOGIN whose key is a certificate: if it passes the check, it was right, and more is needed. `methods` as
/// in sansh_answer_admission_partial(). As sansh_answer_admission_accept_certificate().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_answer_admission_partial_certificate(
    conn: *mut sansh_conn,
    ask: sansh_ask,
    check: *const sansh_check,
    methods: *const c_char,
) -> sansh_status {
    enter!(mut conn; check(check), text_or_none(methods); {
        let provider = conn.provider;
        check.run(None, provider, |checked| {
            conn.admit(ask, Verdict::PartialCertificate { checked, go_on: methods })
        })
    })
}

/// A [`sansh_check`], converted.
#[derive(Debug)]
pub(crate) struct Against<'a> {
    certificate: &'a [u8],
    at: UnixTime,
    name: &'a [u8],
    source: Option<IpAddr>,
    authorities: Blobs<'a>,
    revoked: Blobs<'a>,
}

impl<'a> Against<'a> {
    /// # Safety
    /// `ptr` is NULL or points to a `sansh_check`, or to its `size` if that says otherwise; what it points to is readable and
    /// nobody writes it during the call.
    pub(crate) unsafe fn new(ptr: *const sansh_check) -> Result<Self, Code> {
        // SAFETY: `size` stands first, and is there by this function's own condition.
        let size = unsafe { ptr.cast::<usize>().as_ref() }.ok_or(SANSH_E_NULL)?;
        if *size != size_of::<sansh_check>() {
            return Err(SANSH_E_ARGUMENT);
        }
        // SAFETY: it is there as a whole, as `size` says.
        let given = unsafe { ptr.read() };
        let source = match given.source.is_null() {
            true => None,
            // SAFETY: not NULL, and the header asks for a NUL-terminated text.
            false => Some(address(unsafe { entry::text(given.source) }?)?),
        };
        // Without a time nothing is valid: 1970 would be before every expiry.
        if given.at == 0 {
            return Err(SANSH_E_ARGUMENT);
        }
        Ok(Against {
            // SAFETY: this function's own condition.
            certificate: unsafe { entry::bytes(given.certificate.ptr, given.certificate.len) }?,
            at: UnixTime(given.at),
            // SAFETY: this function's own condition.
            name: unsafe { entry::bytes(given.name.ptr, given.name.len) }?,
            source,
            // SAFETY: this function's own condition.
            authorities: unsafe { Blobs::new(given.authorities, given.authorities_len) }?,
            // SAFETY: this function's own condition.
            revoked: unsafe { Blobs::new(given.revoked, given.revoked_len) }?,
        })
    }

    /// Checks, and goes on with what passed. Without a kind, the certificate's own counts, and the core sees to it.
    fn run<T>(
        &self,
        kind: Option<CertificateKind>,
        provider: &'static dyn Provider,
        then: impl FnOnce(Checked<'_>) -> Result<T, Code>,
    ) -> Result<T, Code> {
        if self.certificate.len() > Certificate::MAX {
            return Err(CertError::TooLong.into());
        }
        // A copy: what an event lends lies in the connection, which an answer changes.
        let mut blob = Vec::new();
        blob.try_reserve_exact(self.certificate.len()).map_err(|_| SANSH_E_MEMORY)?;
        blob.extend_from_slice(self.certificate);
        let certificate = Certificate::parse(&blob)?;
        let check = match kind.unwrap_or(certificate.kind()) {
            CertificateKind::User => Check::user(self.name, self.at, self, provider),
            CertificateKind::Host => Check::host(self.name, self.at, self, provider),
        };
        let check = match self.source {
            Some(source) => check.coming_from(source),
            None => check,
        };
        then(certificate.check(check)?)
    }
}

impl Authorities for Against<'_> {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.authorities.iter().any(|blob| blob == ca.blob())
    }

    fn revoked(&self, key: PublicKey<'_>) -> bool {
        self.revoked.iter().any(|blob| blob == key.blob())
    }
}

/// An address as getnameinfo(3) or inet_ntop(3) writes it: the interface of a link-local one does not count.
fn address(text: &str) -> Result<IpAddr, Code> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse().map_err(|_| SANSH_E_ARGUMENT)
}
