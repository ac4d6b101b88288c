//! THE table: every message number sansh knows, who may send it, and how it is read and shown.
//!
//! Admission ([`transport::admit`](crate::transport)) and the notation ([`trace`](crate::trace)) are functions over it.
//! Numbers 30 to 49 and 60 to 79 mean different things in different methods: their rows name the [`Context`].

use super::*;

/// The layer a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// RFC 4253: 1 to 49; and OpenSSH's 192 and 193.
    Transport,
    /// RFC 4252: 50 to 79.
    Auth,
    /// RFC 4254: 80 to 127.
    Connection,
}

/// Who may send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The client only.
    Client,
    /// The server only.
    Server,
    /// Either side.
    Both,
}

/// In which method a method-specific number has this meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// One meaning, always.
    Always,
    /// A key exchange of one INIT and one REPLY.
    InitReply,
    /// A key exchange whose group is agreed on first (RFC 4419).
    GroupExchange,
    /// The `publickey` method.
    PublicKey,
    /// The `password` method.
    Password,
    /// The `keyboard-interactive` method.
    Interactive,
}

/// One message.
#[derive(Clone, Copy)]
pub struct Row {
    /// Message number.
    pub number: u8,
    /// Name without `SSH_MSG_`.
    pub name: &'static str,
    /// Layer.
    pub layer: Layer,
    /// Sender.
    pub from: From,
    /// Method.
    pub context: Context,
    /// Shows the fields of a payload in the notation, or says why it cannot be read.
    pub show: fn(&[u8], &mut dyn fmt::Write) -> Result<fmt::Result, Malformed>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?} {:?} {:?}", self.number, self.name, self.layer, self.from, self.context)
    }
}

macro_rules! table {
    ($($message:ident $name:literal $layer:ident $from:ident $context:ident)*) => {
        /// Every message, in order of its number.
        pub static TABLE: &[Row] = &[$(Row {
            number: <$message<'static> as Message<'static>>::NUMBER,
            name: $name,
            layer: Layer::$layer,
            from: From::$from,
            context: Context::$context,
            show: |payload, out| $message::parse(payload).map(|message| message.show(out)),
        }),*];
    };
}

table! {
    Disconnect              "DISCONNECT"                Transport  Both   Always
    Ignore                  "IGNORE"                    Transport  Both   Always
    Unimplemented           "UNIMPLEMENTED"             Transport  Both   Always
    Debug                   "DEBUG"                     Transport  Both   Always
    ServiceRequest          "SERVICE_REQUEST"           Transport  Client Always
    ServiceAccept           "SERVICE_ACCEPT"            Transport  Server Always
    ExtInfo                 "EXT_INFO"                  Transport  Both   Always
    KexInit                 "KEXINIT"                   Transport  Both   Always
    NewKeys                 "NEWKEYS"                   Transport  Both   Always
    KexEcdhInit             "KEX_ECDH_INIT"             Transport  Client InitReply
    KexEcdhReply            "KEX_ECDH_REPLY"            Transport  Server InitReply
    KexDhGexGroup           "KEX_DH_GEX_GROUP"          Transport  Server GroupExchange
    KexDhGexInit            "KEX_DH_GEX_INIT"           Transport  Client GroupExchange
    KexDhGexReply           "KEX_DH_GEX_REPLY"          Transport  Server GroupExchange
    KexDhGexRequest         "KEX_DH_GEX_REQUEST"        Transport  Client GroupExchange
    UserauthRequest         "USERAUTH_REQUEST"          Auth       Client Always
    UserauthFailure         "USERAUTH_FAILURE"          Auth       Server Always
    UserauthSuccess         "USERAUTH_SUCCESS"          Auth       Server Always
    UserauthBanner          "USERAUTH_BANNER"           Auth       Server Always
    UserauthPkOk            "USERAUTH_PK_OK"            Auth       Server PublicKey
    UserauthPasswdChangereq "USERAUTH_PASSWD_CHANGEREQ" Auth       Server Password
    UserauthInfoRequest     "USERAUTH_INFO_REQUEST"     Auth       Server Interactive
    UserauthInfoResponse    "USERAUTH_INFO_RESPONSE"    Auth       Client Interactive
    GlobalRequest           "GLOBAL_REQUEST"            Connection Both   Always
    RequestSuccess          "REQUEST_SUCCESS"           Connection Both   Always
    RequestFailure          "REQUEST_FAILURE"           Connection Both   Always
    ChannelOpen             "CHANNEL_OPEN"              Connection Both   Always
    ChannelOpenConfirmation "CHANNEL_OPEN_CONFIRMATION" Connection Both   Always
    ChannelOpenFailure      "CHANNEL_OPEN_FAILURE"      Connection Both   Always
    ChannelWindowAdjust     "CHANNEL_WINDOW_ADJUST"     Connection Both   Always
    ChannelData             "CHANNEL_DATA"              Connection Both   Always
    ChannelExtendedData     "CHANNEL_EXTENDED_DATA"     Connection Both   Always
    ChannelEof              "CHANNEL_EOF"               Connection Both   Always
    ChannelClose            "CHANNEL_CLOSE"             Connection Both   Always
    ChannelRequest          "CHANNEL_REQUEST"           Connection Both   Always
    ChannelSuccess          "CHANNEL_SUCCESS"           Connection Both   Always
    ChannelFailure          "CHANNEL_FAILURE"           Connection Both   Always
    Ping                    "PING"                      Transport  Both   Always
    Pong                    "PONG"                      Transport  Both   Always
}

/// The row of a number in a context; a number with one meaning is found in every context.
#[must_use]
pub fn row(number: u8, context: Context) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.number == number && (row.context == Context::Always || row.context == context))
}
