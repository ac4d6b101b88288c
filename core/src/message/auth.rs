//! Messages of user authentication (RFC 4252, RFC 4256).

use super::{Prompts, Responses, Rest, Secret, Text, messages};
use crate::wire::{Malformed, NameList, Reader};

messages! {
    /// RFC 4252, section 5.
    /// "All authentication requests MUST use the following message format" (RFC 4252, section 5).
    UserauthRequest<'a> = 50 {
        /// User name: bytes; whether they are a name is the application's to say.
        user: &'a [u8],
        /// Service to start afterwards.
        service: &'a [u8],
        /// Method name.
        method: Text<'a>,
        /// The method's own fields.
        fields: MethodFields<'a>,
    }
    /// RFC 4252, section 5.1.
    UserauthFailure<'a> = 51 {
        /// Methods that can continue.
        methods: NameList<'a>,
        /// The request succeeded and more is needed.
        partial: bool,
    }
    /// RFC 4252, section 5.1.
    UserauthSuccess<'a> = 52 {}
    /// RFC 4252, section 5.4.
    UserauthBanner<'a> = 53 {
        /// Text for people. Untrusted.
        text: &'a [u8],
        /// RFC 3066 language tag.
        language: &'a [u8],
    }
    /// RFC 4252, section 7: number 60 while a public-key query is open.
    UserauthPkOk<'a> = 60 {
        /// Algorithm of the query.
        algorithm: Text<'a>,
        /// Key blob of the query.
        key: &'a [u8],
    }
    /// RFC 4252, section 8: number 60 while a password is judged.
    UserauthPasswdChangereq<'a> = 60 {
        /// Text for people. Untrusted.
        prompt: &'a [u8],
        /// RFC 3066 language tag.
        language: &'a [u8],
    }
    /// RFC 4256, section 3.2: number 60 while `keyboard-interactive` runs.
    UserauthInfoRequest<'a> = 60 {
        /// Title for people. Untrusted.
        name: &'a [u8],
        /// Text for people. Untrusted.
        instruction: &'a [u8],
        /// RFC 3066 language tag.
        language: &'a [u8],
        /// Questions, and whether the answers may be shown.
        prompts: Prompts<'a>,
    }
    /// RFC 4256, section 3.4: number 61 while `keyboard-interactive` runs.
    UserauthInfoResponse<'a> = 61 {
        /// One answer for each prompt.
        responses: Responses<'a>,
    }
}

/// What follows the method name: unread bytes that never show themselves, since a password may be among them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MethodFields<'a>(pub &'a [u8]);

impl core::fmt::Debug for MethodFields<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("…")
    }
}

impl<'a> super::Field<'a> for MethodFields<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Rest::read(reader).map(|rest| MethodFields(rest.0))
    }
    fn write(&self, sink: &mut dyn crate::wire::Sink) {
        sink.put(self.0);
    }
    fn is_shown(&self) -> bool {
        !self.0.is_empty()
    }
    fn show(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        out.write_str("…")
    }
}

/// The fields of a `publickey` request (RFC 4252, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyOffer<'a> {
    /// Signature algorithm.
    pub algorithm: &'a str,
    /// Public key or certificate.
    pub key: &'a [u8],
    /// The signature; `None` asks whether the key would do.
    pub signature: Option<&'a [u8]>,
}

impl<'a> PublicKeyOffer<'a> {
    /// Reads the fields behind the method name.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(fields: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(fields);
        let signed = reader.boolean()?;
        let algorithm = core::str::from_utf8(reader.string()?).map_err(|_| Malformed::Value)?;
        let key = reader.string()?;
        let signature = if signed { Some(reader.string()?) } else { None };
        reader.end()?;
        Ok(PublicKeyOffer { algorithm, key, signature })
    }
}

/// The fields of a `publickey-hostbound-v00@openssh.com` request (OpenSSH PROTOCOL, section 3.1): those of `publickey`, and
/// the server's host key in front of the signature.
pub(crate) fn parse_hostbound(fields: &[u8]) -> Result<(PublicKeyOffer<'_>, &[u8]), Malformed> {
    let mut reader = Reader::new(fields);
    let signed = reader.boolean()?;
    let algorithm = core::str::from_utf8(reader.string()?).map_err(|_| Malformed::Value)?;
    let key = reader.string()?;
    let host_key = reader.string()?;
    let signature = if signed { Some(reader.string()?) } else { None };
    reader.end()?;
    Ok((PublicKeyOffer { algorithm, key, signature }, host_key))
}

/// The fields of a `hostbased` request (RFC 4252, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostBasedOffer<'a> {
    /// Signature algorithm.
    pub algorithm: &'a str,
    /// The client host's public key or certificate.
    pub key: &'a [u8],
    /// The client host's name, as the client says it.
    pub host: &'a [u8],
    /// The user's name on the client host, as the client says it.
    pub user: &'a [u8],
    /// The signature by the client host's key.
    pub signature: &'a [u8],
}

impl<'a> HostBasedOffer<'a> {
    /// Reads the fields behind the method name.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(fields: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(fields);
        let algorithm = core::str::from_utf8(reader.string()?).map_err(|_| Malformed::Value)?;
        let (key, host, user) = (reader.string()?, reader.string()?, reader.string()?);
        let offer = HostBasedOffer { algorithm, key, host, user, signature: reader.string()? };
        reader.end()?;
        Ok(offer)
    }
}

/// The fields of a `keyboard-interactive` request (RFC 4256, section 3.1): the submethods.
pub(crate) fn parse_interactive(fields: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(fields);
    // "This language tag is deprecated and SHOULD be the empty string."
    reader.string()?;
    let submethods = reader.string()?;
    reader.end()?;
    Ok(submethods)
}

/// The fields of a `password` request (RFC 4252, section 8): the password, and the new one if it is to be changed.
pub(crate) fn parse_password(fields: &[u8]) -> Result<(Secret<'_>, Option<Secret<'_>>), Malformed> {
    let mut reader = Reader::new(fields);
    let change = reader.boolean()?;
    let password = Secret(reader.string()?);
    let new = if change { Some(Secret(reader.string()?)) } else { None };
    reader.end()?;
    Ok((password, new))
}
