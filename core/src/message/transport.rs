//! Messages of the transport layer (RFC 4253, section 11; RFC 8308; OpenSSH PROTOCOL, section 1.8).

use super::{Rest, Text, messages};

messages! {
    /// RFC 4253, section 11.1.
    Disconnect<'a> = 1 {
        /// Reason code (RFC 4250, section 4.2).
        reason: u32,
        /// Text for people. Untrusted.
        description: &'a [u8],
        /// RFC 3066 language tag.
        language: &'a [u8],
    }
    /// RFC 4253, section 11.2.
    Ignore<'a> = 2 {
        /// Anything: it need not even be a string.
        data: Rest<'a>,
    }
    /// RFC 4253, section 11.4.
    Unimplemented<'a> = 3 {
        /// Packet sequence number of the rejected message.
        sequence: u32,
    }
    /// RFC 4253, section 11.3.
    Debug<'a> = 4 {
        /// `always_display`, message and language tag, unread.
        data: Rest<'a>,
    }
    /// RFC 4253, section 10.
    ServiceRequest<'a> = 5 {
        /// Service name.
        service: &'a [u8],
    }
    /// RFC 4253, section 10.
    ServiceAccept<'a> = 6 {
        /// Service name.
        service: &'a [u8],
    }
    /// RFC 8308, section 2.3. The entries are read one by one, so that their count can promise nothing.
    ExtInfo<'a> = 7 {
        /// `nr-extensions`.
        count: u32,
        /// Pairs of name and value.
        entries: Rest<'a>,
    }
    /// OpenSSH PROTOCOL, section 1.8: `ping@openssh.com`.
    Ping<'a> = 192 {
        /// Comes back as it is.
        data: &'a [u8],
    }
    /// OpenSSH PROTOCOL, section 1.8.
    Pong<'a> = 193 {
        /// What the PING said.
        data: &'a [u8],
    }
}

impl<'a> ExtInfo<'a> {
    /// The extensions: at most `count`, and no more than there are bytes.
    pub fn extensions(&self) -> impl Iterator<Item = Result<(Text<'a>, &'a [u8]), crate::wire::Malformed>> + use<'a> {
        let mut reader = crate::wire::Reader::new(self.entries.0);
        let mut left = self.count;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let entry = (|| {
                let name = core::str::from_utf8(reader.string()?).unwrap_or("");
                Ok((Text(name), reader.string()?))
            })();
            if entry.is_err() {
                left = 0;
            }
            Some(entry)
        })
    }
}
