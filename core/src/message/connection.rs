//! Messages of the connection protocol (RFC 4254).

use super::{Rest, Text, messages};

messages! {
    /// RFC 4254, section 4.
    GlobalRequest<'a> = 80 {
        /// Request name.
        name: Text<'a>,
        /// Whether an answer is due.
        want_reply: bool,
        /// The request's own fields.
        body: Rest<'a>,
    }
    /// RFC 4254, section 4.
    RequestSuccess<'a> = 81 {
        /// The request's own answer.
        body: Rest<'a>,
    }
    /// RFC 4254, section 4.
    RequestFailure<'a> = 82 {}
    /// RFC 4254, section 5.1.
    ChannelOpen<'a> = 90 {
        /// Channel type.
        kind: Text<'a>,
        /// The opener's channel number.
        sender: u32,
        /// Bytes the opener will take.
        window: u32,
        /// Largest data packet the opener will take.
        max_packet: u32,
        /// The type's own fields.
        body: Rest<'a>,
    }
    /// RFC 4254, section 5.1.
    ChannelOpenConfirmation<'a> = 91 {
        /// The opener's number.
        recipient: u32,
        /// The accepting side's number.
        sender: u32,
        /// Bytes the accepting side will take.
        window: u32,
        /// Largest data packet it will take.
        max_packet: u32,
        /// The type's own fields.
        body: Rest<'a>,
    }
    /// RFC 4254, section 5.1.
    ChannelOpenFailure<'a> = 92 {
        /// The opener's number.
        recipient: u32,
        /// Reason code (RFC 4250, section 4.3).
        reason: u32,
        /// Text for people. Untrusted.
        description: &'a [u8],
        /// RFC 3066 language tag.
        language: &'a [u8],
    }
    /// RFC 4254, section 5.2.
    ChannelWindowAdjust<'a> = 93 {
        /// The receiver's number.
        recipient: u32,
        /// Bytes to add.
        add: u32,
    }
    /// RFC 4254, section 5.2.
    ChannelData<'a> = 94 {
        /// The receiver's number.
        recipient: u32,
        /// The data.
        data: &'a [u8],
    }
    /// RFC 4254, section 5.2.
    ChannelExtendedData<'a> = 95 {
        /// The receiver's number.
        recipient: u32,
        /// 1 is stderr.
        kind: u32,
        /// The data.
        data: &'a [u8],
    }
    /// RFC 4254, section 5.3.
    ChannelEof<'a> = 96 {
        /// The receiver's number.
        recipient: u32,
    }
    /// RFC 4254, section 5.3.
    ChannelClose<'a> = 97 {
        /// The receiver's number.
        recipient: u32,
    }
    /// RFC 4254, section 5.4.
    ChannelRequest<'a> = 98 {
        /// The receiver's number.
        recipient: u32,
        /// Request name.
        name: Text<'a>,
        /// Whether an answer is due.
        want_reply: bool,
        /// The request's own fields.
        body: Rest<'a>,
    }
    /// RFC 4254, section 5.4.
    ChannelSuccess<'a> = 99 {
        /// The receiver's number.
        recipient: u32,
    }
    /// RFC 4254, section 5.4.
    ChannelFailure<'a> = 100 {
        /// The receiver's number.
        recipient: u32,
    }
}
