/*
 * sansh: SSH-2 as a pure state machine. The C interface.
 *
 * This file is generated from ffi/; do not edit it.
 *
 * What it is. A sansh_conn takes the bytes that came from the network and gives the bytes that are to go, asks what has to
 * be decided, and carries channels. It opens no socket, reads no clock, starts no thread, calls nothing back, and never
 * holds a private key of a connection. ffi/examples/client.c and server.c are complete programs.
 *
 * Ownership. Every handle (sansh_config, sansh_conn, sansh_key, sansh_backlog) comes from a ..._new(), ..._read() or
 * ..._generate() call and goes by its own ..._free(), which takes NULL too. A configuration may be freed while connections
 * use it. A freed pointer must not be used again: that, and pointers that never were valid, are the only mistakes that are
 * not answered with a status. Arguments are copied or used up within the call. What a call lends is never freed by you.
 *
 * Three lifetimes, each ended by its own call:
 *   - the space of sansh_recv_buf() until sansh_received();
 *   - the bytes of sansh_transmit_buf() until sansh_transmitted();
 *   - all that an event points to until the next sansh_next_event(), over every other call.
 * The place of sansh_send_buf() is shorter lived: it ends with any next call on the connection that is not a look.
 * Buffers move only where SANSH_BUFFERS_RELEASE says so, never within a loan. Everything ends with sansh_conn_free().
 *
 * Looks. A call that takes a `const` handle is a look: it changes nothing.
 *
 * Threads. A connection, a backlog and a configuration that is still being set up belong to one thread at a time. A
 * configuration that is set up may be used by any number of threads at once, a key too. There are no globals.
 *
 * Statuses. sansh_status is 0 or negative; each function says which ones it gives and what to do next. After an error
 * nothing has changed, unless the function says otherwise. New ones may be added: treat an unknown one as an error.
 *
 * Questions. An event with an `ask` wants an answer: by the sansh_answer_...() call of that event, now, or later after
 * sansh_later(). What is neither answered nor kept when sansh_next_event() is called again is refused. So ignoring an
 * event that you do not know is always safe.
 *
 * NULL. Every handle and every pointer to a result may not be NULL, unless its function says so; SANSH_E_NULL answers.
 * Pointers to bytes may be NULL if their length is 0. Calls that lend say NULL and 0 instead of a status.
 *
 * Panics. An internal error is caught at this border and never unwinds into C. The handle is poisoned: every later call on
 * it says SANSH_E_POISONED, and only ..._free() works.
 *
 * Texts. `const char *` is NUL-terminated UTF-8. sansh_bytes does not end with a NUL. What a peer sent is untrusted: it may
 * hold control characters, and is not always UTF-8.
 *
 * Time. sansh_time is nanoseconds on any clock that never goes back. Each connection sticks to one.
 *
 * Versions. Programs linked to libsansh.so.0 run with every later 0.x: functions, numbers and members of sansh_event are
 * added, and none changes or goes. Each function says since which version it is there.
 */

#ifndef SANSH_H
#define SANSH_H

#include <stddef.h>
#include <stdint.h>

/**
 * Version of this header: its first number. Programs linked to libsansh.so.0 keep running with a later minor version.
 */
#define SANSH_VERSION_MAJOR 0

/**
 * Its second number.
 */
#define SANSH_VERSION_MINOR 1

/**
 * Its third number.
 */
#define SANSH_VERSION_PATCH 0

/**
 * What sansh_next_timeout() says when no time is waited for.
 */
#define SANSH_NEVER 18446744073709551615ull

/**
 * Length of a seed.
 */
#define SANSH_SEED_LEN 32

/**
 * Room that is enough for a signature of sansh_key_sign().
 */
#define SANSH_SIGNATURE_ROOM 2112

/**
 * Room that is enough for the text of sansh_fingerprint(), with its NUL.
 */
#define SANSH_FINGERPRINT_ROOM 64

/**
 * What an event is. Later versions have more: ignore those that you do not know.
 */
typedef enum sansh_event_kind {
    /**
     * There is none now.
     */
    SANSH_EVENT_NONE = 0,
    /**
     * Client: the server proved that it holds this key; is it the server's? `u.host_key`. Answer with
     * sansh_answer_trust(); unanswered, the connection ends. The same key at a later key exchange is not asked about.
     */
    SANSH_EVENT_HOST_KEY = 1,
    /**
     * Client: a credential is needed. `u.login_needed`. Answer with one of sansh_answer_login_...(); unanswered, the
     * connection ends.
     */
    SANSH_EVENT_LOGIN_NEEDED = 2,
    /**
     * A signature by a private key is needed, of a host key at each key exchange or of a user key at a login. `u.sign`.
     * Answer with sansh_answer_signature(). Unanswered, a server's connection ends; a client is asked for another
     * credential.
     */
    SANSH_EVENT_SIGN = 3,
    /**
     * Client: text for people from a server that has not let the user in yet. `u.banner`. Untrusted.
     */
    SANSH_EVENT_BANNER = 4,
    /**
     * The user is in. `u.ready`.
     */
    SANSH_EVENT_READY = 5,
    /**
     * There is room again for a request, channel opening, global request or banner that SANSH_E_FULL or
     * SANSH_E_REKEYING refused.
     */
    SANSH_EVENT_ROOM = 6,
    /**
     * Server: would this key do for a login? Nobody has proved to hold it. `u.key_query`. Answer with
     * sansh_answer_key_query(); unanswered, it is no.
     */
    SANSH_EVENT_KEY_QUERY = 7,
    /**
     * Server: somebody wants in. `u.login`. Answer with one of sansh_answer_admission_...(); unanswered, it is no.
     */
    SANSH_EVENT_LOGIN = 8,
    /**
     * The peer wants to open this channel. `u.open`. Answer with sansh_answer_opening_accept() or ..._refuse();
     * unanswered, it is refused.
     */
    SANSH_EVENT_REQUESTED = 9,
    /**
     * The peer accepted the opening of this channel. `u.opened`.
     */
    SANSH_EVENT_OPENED = 10,
    /**
     * The peer refused it. `u.refused`. The channel is stale now.
     */
    SANSH_EVENT_REFUSED = 11,
    /**
     * A sansh_send_buf() that was refused on this channel with SANSH_E_FULL, SANSH_E_WINDOW or SANSH_E_REKEYING is worth
     * repeating.
     */
    SANSH_EVENT_WRITABLE = 12,
    /**
     * Data. `u.data`. Nothing keeps it but you; what you have used you may sansh_grant() again.
     */
    SANSH_EVENT_DATA = 13,
    /**
     * The peer requests something on this channel. `u.request`. If `ask` is not 0, answer with
     * sansh_answer_permission(); unanswered, it is refused.
     */
    SANSH_EVENT_REQUEST = 14,
    /**
     * The answer to a request of ours on this channel. `u.replied`.
     */
    SANSH_EVENT_REPLIED = 15,
    /**
     * The peer sends no more data on this channel.
     */
    SANSH_EVENT_EOF = 16,
    /**
     * Both sides are done with this channel. It is stale now.
     */
    SANSH_EVENT_CHANNEL_CLOSED = 17,
    /**
     * The peer requests something of the connection as a whole. `u.global`. If `ask` is not 0, answer with one of
     * sansh_answer_global_...(); unanswered, it is refused.
     */
    SANSH_EVENT_GLOBAL = 18,
    /**
     * The answer to a global request of ours. `u.replied`.
     */
    SANSH_EVENT_GLOBAL_REPLIED = 19,
    /**
     * The end. `u.closed`. No event follows. Send what is left in sansh_transmit_buf(), then free the connection.
     */
    SANSH_EVENT_CLOSED = 20,
} sansh_event_kind;

/**
 * What a signature is for.
 */
typedef enum sansh_purpose {
    /**
     * Something newer than this header.
     */
    SANSH_PURPOSE_OTHER = 0,
    /**
     * A host key signs a key exchange.
     */
    SANSH_PURPOSE_KEY_EXCHANGE = 1,
    /**
     * A user's key signs a login.
     */
    SANSH_PURPOSE_LOGIN = 2,
} sansh_purpose;

/**
 * By what a user wants in.
 */
typedef enum sansh_method {
    /**
     * A method of sansh_config_other_methods(), by name and raw fields.
     */
    SANSH_METHOD_OTHER = 0,
    /**
     * Nothing. Accept only where nobody needs a proof.
     */
    SANSH_METHOD_NONE = 1,
    /**
     * A password.
     */
    SANSH_METHOD_PASSWORD = 2,
    /**
     * A public key, whose signature was verified.
     */
    SANSH_METHOD_PUBLIC_KEY = 3,
} sansh_method;

/**
 * Channel types.
 */
typedef enum sansh_open_kind {
    /**
     * Any other, by name and raw body.
     */
    SANSH_OPEN_OTHER = 0,
    /**
     * `session`.
     */
    SANSH_OPEN_SESSION = 1,
    /**
     * `direct-tcpip`.
     */
    SANSH_OPEN_DIRECT_TCPIP = 2,
    /**
     * `forwarded-tcpip`.
     */
    SANSH_OPEN_FORWARDED_TCPIP = 3,
    /**
     * `direct-streamlocal@openssh.com`.
     */
    SANSH_OPEN_DIRECT_STREAMLOCAL = 4,
} sansh_open_kind;

/**
 * Channel requests.
 */
typedef enum sansh_request_kind {
    /**
     * Any other, by name and raw body.
     */
    SANSH_REQUEST_OTHER = 0,
    /**
     * `shell`.
     */
    SANSH_REQUEST_SHELL = 1,
    /**
     * `exec`.
     */
    SANSH_REQUEST_EXEC = 2,
    /**
     * `subsystem`.
     */
    SANSH_REQUEST_SUBSYSTEM = 3,
    /**
     * `env`.
     */
    SANSH_REQUEST_ENV = 4,
    /**
     * `exit-status`.
     */
    SANSH_REQUEST_EXIT_STATUS = 5,
    /**
     * `exit-signal`.
     */
    SANSH_REQUEST_EXIT_SIGNAL = 6,
} sansh_request_kind;

/**
 * Global requests.
 */
typedef enum sansh_global_kind {
    /**
     * Any other, by name and raw body.
     */
    SANSH_GLOBAL_OTHER = 0,
    /**
     * `tcpip-forward`.
     */
    SANSH_GLOBAL_TCPIP_FORWARD = 1,
    /**
     * `cancel-tcpip-forward`.
     */
    SANSH_GLOBAL_CANCEL_TCPIP_FORWARD = 2,
} sansh_global_kind;

/**
 * Why a channel is refused (RFC 4254, section 5.1). Other numbers are allowed.
 */
typedef enum sansh_refusal {
    /**
     * Administratively prohibited.
     */
    SANSH_REFUSAL_PROHIBITED = 1,
    /**
     * Connect failed.
     */
    SANSH_REFUSAL_CONNECT_FAILED = 2,
    /**
     * Unknown channel type.
     */
    SANSH_REFUSAL_UNKNOWN_TYPE = 3,
    /**
     * Resource shortage.
     */
    SANSH_REFUSAL_RESOURCE_SHORTAGE = 4,
} sansh_refusal;

/**
 * Who is to blame for the end.
 */
typedef enum sansh_blame {
    /**
     * Somebody newer than this header.
     */
    SANSH_BLAME_OTHER = 0,
    /**
     * The peer broke a rule.
     */
    SANSH_BLAME_PEER = 1,
    /**
     * Both kept the rules and have nothing in common, or the network or the time ran out.
     */
    SANSH_BLAME_NOBODY = 2,
    /**
     * This side's application decided it, or called wrongly.
     */
    SANSH_BLAME_APPLICATION = 3,
    /**
     * The cryptographic backend failed.
     */
    SANSH_BLAME_CRYPTO = 4,
    /**
     * There was no memory.
     */
    SANSH_BLAME_MEMORY = 5,
    /**
     * sansh did. Please report it.
     */
    SANSH_BLAME_BUG = 6,
} sansh_blame;

/**
 * What ended the connection. The event's text says more.
 */
typedef enum sansh_reason {
    /**
     * Something newer than this header.
     */
    SANSH_REASON_OTHER = 0,
    /**
     * The peer's identification.
     */
    SANSH_REASON_IDENT = 1,
    /**
     * A packet's length.
     */
    SANSH_REASON_PACKET_LENGTH = 2,
    /**
     * A packet's padding.
     */
    SANSH_REASON_PADDING = 3,
    /**
     * A packet's MAC or tag does not fit.
     */
    SANSH_REASON_INTEGRITY = 4,
    /**
     * A message cannot be read.
     */
    SANSH_REASON_MALFORMED = 5,
    /**
     * A message that may not come in this state.
     */
    SANSH_REASON_UNEXPECTED = 6,
    /**
     * Strict key exchange: the peer's KEXINIT was not its first packet.
     */
    SANSH_REASON_NOT_STRICT = 7,
    /**
     * The peer's packet counter wrapped.
     */
    SANSH_REASON_SEQUENCE_WRAPPED = 8,
    /**
     * A key exchange before login, more often than once.
     */
    SANSH_REASON_REKEY_BEFORE_LOGIN = 9,
    /**
     * No algorithm in common.
     */
    SANSH_REASON_NOTHING_IN_COMMON = 10,
    /**
     * The peer's public value must be refused.
     */
    SANSH_REASON_BAD_KEX_VALUE = 11,
    /**
     * The server's key is not of the negotiated kind.
     */
    SANSH_REASON_HOST_KEY_KIND = 12,
    /**
     * The server's signature does not verify.
     */
    SANSH_REASON_HOST_KEY_SIGNATURE = 13,
    /**
     * The application rejected the server's key, or did not answer.
     */
    SANSH_REASON_HOST_KEY_REJECTED = 14,
    /**
     * The application declined to sign, or did not answer.
     */
    SANSH_REASON_SIGNATURE_DECLINED = 15,
    /**
     * Another service than the login was asked for.
     */
    SANSH_REASON_SERVICE = 16,
    /**
     * Too many login attempts.
     */
    SANSH_REASON_TOO_MANY_ATTEMPTS = 17,
    /**
     * The user changed after a partial success.
     */
    SANSH_REASON_USER_CHANGED = 18,
    /**
     * The application has no further credential.
     */
    SANSH_REASON_GAVE_UP = 19,
    /**
     * The peer does not implement a message that matters.
     */
    SANSH_REASON_UNIMPLEMENTED = 20,
    /**
     * A message for a channel that is not there.
     */
    SANSH_REASON_UNKNOWN_CHANNEL = 21,
    /**
     * More data than was granted.
     */
    SANSH_REASON_WINDOW_EXCEEDED = 22,
    /**
     * A window above 2^32-1.
     */
    SANSH_REASON_WINDOW_OVERFLOW = 23,
    /**
     * Data after EOF.
     */
    SANSH_REASON_AFTER_EOF = 24,
    /**
     * A reply to no request.
     */
    SANSH_REASON_UNSOLICITED_REPLY = 25,
    /**
     * More of the same than is remembered.
     */
    SANSH_REASON_FLOOD = 26,
    /**
     * A deadline passed.
     */
    SANSH_REASON_TIMEOUT = 27,
    /**
     * The peer said DISCONNECT; `code` is its reason.
     */
    SANSH_REASON_DISCONNECTED = 28,
    /**
     * The network's end of input came first.
     */
    SANSH_REASON_EOF = 29,
    /**
     * sansh_disconnect(); `code` is what it was given.
     */
    SANSH_REASON_APPLICATION = 30,
    /**
     * A call that breaks its contract.
     */
    SANSH_REASON_MISUSE = 31,
    /**
     * The cryptographic backend failed.
     */
    SANSH_REASON_CRYPTO = 32,
    /**
     * An allocation failed.
     */
    SANSH_REASON_MEMORY = 33,
    /**
     * An internal error.
     */
    SANSH_REASON_BUG = 34,
} sansh_reason;

/**
 * Sets of algorithms, by who computes them.
 */
typedef enum sansh_provider {
    /**
     * The fastest that the library was built with.
     */
    SANSH_PROVIDER_DEFAULT = 0,
    /**
     * Pure Rust. Always there. With the same seeds and the same input it computes the same bytes.
     */
    SANSH_PROVIDER_RUSTCRYPTO = 1,
    /**
     * aws-lc, where the library was built with it. Draws its own key shares from the operating system.
     */
    SANSH_PROVIDER_AWS_LC = 2,
} sansh_provider;

/**
 * Lists of algorithms.
 */
typedef enum sansh_list {
    /**
     * Key exchange methods.
     */
    SANSH_LIST_KEX = 0,
    /**
     * Ciphers.
     */
    SANSH_LIST_CIPHERS = 1,
    /**
     * MACs, for ciphers that need one.
     */
    SANSH_LIST_MACS = 2,
    /**
     * Signature algorithms, of host keys and user keys.
     */
    SANSH_LIST_SIGNATURES = 3,
} sansh_list;

/**
 * What sansh_wants() says: flags.
 */
typedef enum sansh_want {
    /**
     * It can take bytes: POLLIN.
     */
    SANSH_READ = 1,
    /**
     * It has bytes to send: POLLOUT.
     */
    SANSH_WRITE = 2,
} sansh_want;

/**
 * The data streams of a channel.
 */
typedef enum sansh_stream {
    /**
     * CHANNEL_DATA.
     */
    SANSH_MAIN = 0,
    /**
     * CHANNEL_EXTENDED_DATA of type 1: standard error, server to client.
     */
    SANSH_STDERR = 1,
} sansh_stream;

/**
 * Which end of a connection.
 */
typedef enum sansh_role {
    /**
     * The side that connects.
     */
    SANSH_CLIENT = 0,
    /**
     * The side that is connected to.
     */
    SANSH_SERVER = 1,
} sansh_role;

/**
 * The bounds of a connection.
 */
typedef enum sansh_limit {
    /**
     * Receive buffer before login, in bytes.
     */
    SANSH_LIMIT_HANDSHAKE_RECEIVE = 0,
    /**
     * Transmit buffer before login, in bytes.
     */
    SANSH_LIMIT_HANDSHAKE_TRANSMIT = 1,
    /**
     * Receive buffer after login, in bytes. Larger means fewer reads.
     */
    SANSH_LIMIT_RECEIVE = 2,
    /**
     * Transmit buffer after login, in bytes.
     */
    SANSH_LIMIT_TRANSMIT = 3,
    /**
     * The largest packet accepted. RFC 4253, section 6.1 asks for 35,000.
     */
    SANSH_LIMIT_PACKET = 4,
    /**
     * The most data bytes put into one packet, whatever the peer allows.
     */
    SANSH_LIMIT_SEND_PACKET = 5,
    /**
     * Channels at one time: open, half-open and closing ones all count. At most 16,384.
     */
    SANSH_LIMIT_CHANNELS = 6,
    /**
     * Bytes of window promised over all channels.
     */
    SANSH_LIMIT_CREDIT = 7,
    /**
     * Unanswered requests of the peer, per channel and for global ones; further ones are refused. At most 32.
     */
    SANSH_LIMIT_REPLIES = 8,
    /**
     * Our own requests waiting for an answer, per channel and for global ones.
     */
    SANSH_LIMIT_PENDING = 9,
    /**
     * Remote forwardings asked for at one time.
     */
    SANSH_LIMIT_FORWARDS = 10,
    /**
     * Failed login attempts before the connection ends.
     */
    SANSH_LIMIT_ATTEMPTS = 11,
    /**
     * Public keys asked about without a signature.
     */
    SANSH_LIMIT_PROBES = 12,
    /**
     * Login messages in all.
     */
    SANSH_LIMIT_AUTH_MESSAGES = 13,
    /**
     * Bytes of one login kept while it is decided.
     */
    SANSH_LIMIT_LOGIN = 14,
    /**
     * Banners shown to a client, in all.
     */
    SANSH_LIMIT_BANNERS = 15,
    /**
     * Lines a server may send before its identification.
     */
    SANSH_LIMIT_LINES = 16,
    /**
     * Bytes of all those lines.
     */
    SANSH_LIMIT_LINE_BYTES = 17,
    /**
     * Bytes received before login, in all.
     */
    SANSH_LIMIT_BEFORE_LOGIN = 18,
    /**
     * Bytes of decoded messages kept for sansh_trace(); 0, the default, turns it off.
     */
    SANSH_LIMIT_TRACE = 19,
} sansh_limit;

/**
 * When buffers are held.
 */
typedef enum sansh_buffers {
    /**
     * Taken when first needed and given back by sansh_handle_timeout() after a second without traffic. The default.
     */
    SANSH_BUFFERS_RELEASE = 0,
    /**
     * Taken at the beginning, in full size, and kept at one address for life.
     */
    SANSH_BUFFERS_KEEP = 1,
} sansh_buffers;

/**
 * Values of sansh_status.
 */
typedef enum sansh_code {
    /**
     * Done.
     */
    SANSH_OK = 0,
    /**
     * A pointer that must not be NULL is. Nothing changed.
     */
    SANSH_E_NULL = -1,
    /**
     * A panic was caught, in this call or an earlier one, and the handle cannot be trusted any more. Free it. Please
     * report it.
     */
    SANSH_E_POISONED = -2,
    /**
     * A number that is none of those listed for this argument. Nothing changed.
     */
    SANSH_E_ARGUMENT = -3,
    /**
     * More bytes than were lent. Nothing changed: repeat the call with what is true.
     */
    SANSH_E_RANGE = -4,
    /**
     * sansh_send() without sansh_send_buf() right before it. Nothing was sent: start again with sansh_send_buf().
     */
    SANSH_E_ORDER = -5,
    /**
     * A call of the other role. Nothing changed.
     */
    SANSH_E_ROLE = -6,
    /**
     * The channel or ask is not there any more, or is another connection's, or asks something else. Nothing changed.
     */
    SANSH_E_STALE = -7,
    /**
     * The channel is not open yet, or was finished or closed from this side; or the connection has ended or has no
     * login yet. Nothing changed.
     */
    SANSH_E_CLOSED = -8,
    /**
     * No room now. Wait for SANSH_EVENT_WRITABLE (sansh_send_buf()) or SANSH_EVENT_ROOM (all else); for an answer,
     * keep the ask with sansh_later() and repeat it after the next events; for sansh_backlog_push(), nothing was kept.
     */
    SANSH_E_FULL = -9,
    /**
     * The peer's window is used up. Wait for SANSH_EVENT_WRITABLE.
     */
    SANSH_E_WINDOW = -10,
    /**
     * A key exchange runs. Wait for SANSH_EVENT_WRITABLE (sansh_send_buf()) or SANSH_EVENT_ROOM (all else).
     */
    SANSH_E_REKEYING = -11,
    /**
     * As many requests, channels or forwardings are open as the limits allow. Wait until some are answered or closed.
     */
    SANSH_E_LIMIT = -12,
    /**
     * Longer than a packet may be, or than the limits allow.
     */
    SANSH_E_TOO_LONG = -13,
    /**
     * Out of memory.
     */
    SANSH_E_MEMORY = -14,
    /**
     * Connections use this configuration; it can change no more. Make another one.
     */
    SANSH_E_BUSY = -15,
    /**
     * The list is empty or names an algorithm that this provider does not have. Nothing changed.
     */
    SANSH_E_ALGORITHM = -16,
    /**
     * No signature algorithm of this provider takes such a key.
     */
    SANSH_E_KEY = -17,
    /**
     * The text is not UTF-8, or has a character or a length that is not allowed there.
     */
    SANSH_E_TEXT = -18,
    /**
     * The limits do not fit together, or a limit is below what the protocol needs, or above what can be counted.
     */
    SANSH_E_BAD_LIMIT = -19,
    /**
     * A server needs a host key: sansh_config_host_key().
     */
    SANSH_E_NO_HOST_KEY = -20,
    /**
     * The operating system gave no random bytes. Try later, or pass a seed.
     */
    SANSH_E_RANDOM = -21,
    /**
     * The room is too small; the length says how much is needed.
     */
    SANSH_E_SPACE = -22,
    /**
     * Not this time: see the function.
     */
    SANSH_E_OTHER = -23,
    /**
     * The key is in no line of the text.
     */
    SANSH_E_NOT_FOUND = -24,
    /**
     * The key stands only in lines with options that the caller does not enforce.
     */
    SANSH_E_RESTRICTED = -25,
    /**
     * Nothing is known about the host.
     */
    SANSH_E_HOST_UNKNOWN = -26,
    /**
     * The host is known with other keys: somebody may stand in between.
     */
    SANSH_E_HOST_CHANGED = -27,
    /**
     * The key is marked as revoked for the host.
     */
    SANSH_E_HOST_REVOKED = -28,
    /**
     * Not a private key file.
     */
    SANSH_E_FILE_NOT_A_KEY = -101,
    /**
     * A public key, where a private one is needed.
     */
    SANSH_E_FILE_PUBLIC = -102,
    /**
     * A private key in another file format.
     */
    SANSH_E_FILE_FORMAT = -103,
    /**
     * A private key that needs a passphrase.
     */
    SANSH_E_FILE_ENCRYPTED = -104,
    /**
     * Longer than any key file.
     */
    SANSH_E_FILE_TOO_LONG = -105,
    /**
     * The key file's end marker is missing, or text follows it.
     */
    SANSH_E_FILE_FRAME = -106,
    /**
     * The key file's text is not base64.
     */
    SANSH_E_FILE_BASE64 = -107,
    /**
     * The key file is damaged.
     */
    SANSH_E_FILE_DAMAGED = -108,
    /**
     * The key file holds several keys, or none.
     */
    SANSH_E_FILE_KEY_COUNT = -109,
    /**
     * The key file's check numbers differ.
     */
    SANSH_E_FILE_CHECK_NUMBERS = -110,
    /**
     * The key file's padding is wrong.
     */
    SANSH_E_FILE_PADDING = -111,
    /**
     * The key file's public and private half differ.
     */
    SANSH_E_FILE_MISMATCH = -112,
    /**
     * A private key of a type that cannot sign here.
     */
    SANSH_E_FILE_KEY_TYPE = -113,
    /**
     * Not a public key line.
     */
    SANSH_E_FILE_LINE = -114,
} sansh_code;

/**
 * What was negotiated.
 */
typedef enum sansh_negotiated {
    /**
     * Key exchange method.
     */
    SANSH_NEGOTIATED_KEX = 0,
    /**
     * Host key algorithm.
     */
    SANSH_NEGOTIATED_HOST_KEY = 1,
    /**
     * Cipher of what the client sends.
     */
    SANSH_NEGOTIATED_CIPHER_CLIENT_TO_SERVER = 2,
    /**
     * Cipher of what the server sends.
     */
    SANSH_NEGOTIATED_CIPHER_SERVER_TO_CLIENT = 3,
    /**
     * MAC of what the client sends; empty if the cipher needs none.
     */
    SANSH_NEGOTIATED_MAC_CLIENT_TO_SERVER = 4,
    /**
     * MAC of what the server sends; empty if the cipher needs none.
     */
    SANSH_NEGOTIATED_MAC_SERVER_TO_CLIENT = 5,
} sansh_negotiated;

/**
 * What is counted.
 */
typedef enum sansh_count {
    /**
     * Bytes handed in by sansh_received().
     */
    SANSH_COUNT_BYTES_IN = 0,
    /**
     * Bytes sealed for sending.
     */
    SANSH_COUNT_BYTES_OUT = 1,
    /**
     * Packets opened.
     */
    SANSH_COUNT_PACKETS_IN = 2,
    /**
     * Packets sealed.
     */
    SANSH_COUNT_PACKETS_OUT = 3,
    /**
     * Key exchanges completed, the first one included.
     */
    SANSH_COUNT_EXCHANGES = 4,
    /**
     * sansh_send_buf() calls that met an empty window.
     */
    SANSH_COUNT_WINDOW_STALLS = 5,
    /**
     * Bytes of partial packets moved within the receive buffer.
     */
    SANSH_COUNT_MOVED = 6,
} sansh_count;

/**
 * Received data that waits for its sink: a pipe that is full, a slow disk. It belongs to no connection and to one thread
 * at a time. What SANSH_EVENT_DATA brings and the sink does not take is pushed here; what leaves is granted again. With
 * a limit no smaller than the channel's window, it is never full.
 */
typedef struct sansh_backlog sansh_backlog;

/**
 * What is decided before a connection begins. One configuration serves any number of connections, on any threads; each
 * of them keeps it alive, so that it may be freed at any time. Once a connection uses it, it changes no more.
 *
 * A new one is complete: all algorithms of its provider, default limits, a new key exchange after 1 GiB (or what the
 * cipher allows) or an hour. A server also needs sansh_config_host_key().
 */
typedef struct sansh_config sansh_config;

/**
 * One SSH connection, as a state machine. It belongs to one thread at a time. It does nothing by itself; each turn:
 *
 * 1. sansh_recv_buf(), a read from the network, sansh_received();
 * 2. sansh_next_event() until it says SANSH_EVENT_NONE;
 * 3. a write of sansh_transmit_buf(), sansh_transmitted(); and, if something was written, 2 again;
 * 4. poll(2) as sansh_wants() says, until sansh_next_timeout(); then sansh_handle_timeout().
 */
typedef struct sansh_conn sansh_conn;

/**
 * A private key in memory, wiped when it is freed. Nothing changes it: any number of threads may use it at once.
 */
typedef struct sansh_key sansh_key;

/**
 * What a call says: 0 (`SANSH_OK`), or a negative `SANSH_E_...`. New ones may be added; sansh_status_text() explains all.
 */
typedef int32_t sansh_status;

/**
 * Borrowed bytes, which are not to be written and do not end with a NUL. `ptr` may be NULL if `len` is 0.
 */
typedef struct sansh_bytes {
    /**
     * The first byte.
     */
    const uint8_t *ptr;
    /**
     * How many.
     */
    size_t len;
} sansh_bytes;

/**
 * Nanoseconds on any monotonic clock that the application owns: `clock_gettime(CLOCK_MONOTONIC)`, for one.
 */
typedef uint64_t sansh_time;

/**
 * Borrowed room for bytes. `len` is 0 if there is none now.
 */
typedef struct sansh_space {
    /**
     * The first byte.
     */
    uint8_t *ptr;
    /**
     * How many.
     */
    size_t len;
} sansh_space;

/**
 * The right to answer one question, once, on the connection whose event brought it. 0 is none.
 */
typedef uint64_t sansh_ask;

/**
 * A channel of one connection. A closed one, or another connection's, is refused by every call. 0 is none.
 */
typedef uint64_t sansh_channel;

/**
 * Of SANSH_EVENT_HOST_KEY.
 */
typedef struct sansh_event_host_key {
    /**
     * The key or certificate, as it travels.
     */
    struct sansh_bytes blob;
    /**
     * Its type name; empty if it has none.
     */
    struct sansh_bytes type_name;
} sansh_event_host_key;

/**
 * Of SANSH_EVENT_LOGIN_NEEDED.
 */
typedef struct sansh_event_login_needed {
    /**
     * Methods that can continue, comma-separated; `ptr` is NULL before the first refusal.
     */
    struct sansh_bytes methods;
    /**
     * 1 if the last attempt was right and more is needed.
     */
    int32_t partial;
} sansh_event_login_needed;

/**
 * Of SANSH_EVENT_SIGN.
 */
typedef struct sansh_event_sign {
    /**
     * What for: SANSH_PURPOSE_....
     */
    int32_t purpose;
    /**
     * Signature algorithm.
     */
    struct sansh_bytes algorithm;
    /**
     * The public half, as it travels.
     */
    struct sansh_bytes key;
    /**
     * What to sign.
     */
    struct sansh_bytes message;
} sansh_event_sign;

/**
 * Of SANSH_EVENT_BANNER.
 */
typedef struct sansh_event_banner {
    /**
     * Text for people. Untrusted: it may hold control characters.
     */
    struct sansh_bytes text;
} sansh_event_banner;

/**
 * Of SANSH_EVENT_READY.
 */
typedef struct sansh_event_ready {
    /**
     * The method of the last step.
     */
    struct sansh_bytes method;
    /**
     * Server: who it is. Empty on a client, which knows.
     */
    struct sansh_bytes user;
    /**
     * Server: the public key of the last step, as it travels; empty for other methods.
     */
    struct sansh_bytes key;
    /**
     * Server: how many steps it took.
     */
    size_t steps;
} sansh_event_ready;

/**
 * Of SANSH_EVENT_KEY_QUERY.
 */
typedef struct sansh_event_key_query {
    /**
     * User name. Untrusted.
     */
    struct sansh_bytes user;
    /**
     * The key, as it travels.
     */
    struct sansh_bytes key;
} sansh_event_key_query;

/**
 * Of SANSH_EVENT_LOGIN. What does not belong to the method is empty.
 */
typedef struct sansh_event_login {
    /**
     * By what: SANSH_METHOD_....
     */
    int32_t method;
    /**
     * User name. Untrusted until admitted.
     */
    struct sansh_bytes user;
    /**
     * SANSH_METHOD_PASSWORD: the password. Wiped when the event ends.
     */
    struct sansh_bytes password;
    /**
     * SANSH_METHOD_PUBLIC_KEY: the signature algorithm.
     */
    struct sansh_bytes algorithm;
    /**
     * SANSH_METHOD_PUBLIC_KEY: the key, as it travels.
     */
    struct sansh_bytes key;
    /**
     * SANSH_METHOD_OTHER: the method's name.
     */
    struct sansh_bytes name;
    /**
     * SANSH_METHOD_OTHER: what follows the name.
     */
    struct sansh_bytes fields;
    /**
     * How many steps of this user were accepted partially before.
     */
    size_t steps;
} sansh_event_login;

/**
 * Of SANSH_EVENT_REQUESTED. What does not belong to the type is empty.
 */
typedef struct sansh_event_open {
    /**
     * What for: SANSH_OPEN_....
     */
    int32_t kind;
    /**
     * SANSH_OPEN_DIRECT_TCPIP: port to connect to. SANSH_OPEN_FORWARDED_TCPIP: port that was connected to.
     */
    uint32_t port;
    /**
     * SANSH_OPEN_DIRECT_TCPIP and SANSH_OPEN_FORWARDED_TCPIP: port the connection comes from.
     */
    uint32_t originator_port;
    /**
     * The channel type's name.
     */
    struct sansh_bytes name;
    /**
     * SANSH_OPEN_DIRECT_TCPIP: host to connect to. SANSH_OPEN_FORWARDED_TCPIP: address that was connected to.
     * SANSH_OPEN_DIRECT_STREAMLOCAL: path of the socket.
     */
    struct sansh_bytes address;
    /**
     * SANSH_OPEN_DIRECT_TCPIP and SANSH_OPEN_FORWARDED_TCPIP: address the connection comes from.
     */
    struct sansh_bytes originator;
    /**
     * SANSH_OPEN_OTHER: the type's own fields.
     */
    struct sansh_bytes body;
} sansh_event_open;

/**
 * Of SANSH_EVENT_OPENED.
 */
typedef struct sansh_event_opened {
    /**
     * The confirmation's own fields.
     */
    struct sansh_bytes data;
} sansh_event_opened;

/**
 * Of SANSH_EVENT_REFUSED.
 */
typedef struct sansh_event_refused {
    /**
     * SANSH_REFUSAL_..., or another number.
     */
    uint32_t reason;
    /**
     * Text for people. Untrusted: it may hold control characters.
     */
    struct sansh_bytes text;
} sansh_event_refused;

/**
 * Of SANSH_EVENT_DATA.
 */
typedef struct sansh_event_data {
    /**
     * SANSH_MAIN or SANSH_STDERR.
     */
    int32_t stream;
    /**
     * Exactly what one packet carried.
     */
    struct sansh_bytes bytes;
} sansh_event_data;

/**
 * Of SANSH_EVENT_REQUEST. What does not belong to the request is empty.
 */
typedef struct sansh_event_request {
    /**
     * What: SANSH_REQUEST_....
     */
    int32_t kind;
    /**
     * SANSH_REQUEST_EXIT_STATUS: the status.
     */
    uint32_t status;
    /**
     * SANSH_REQUEST_EXIT_SIGNAL: 1 if a core was dumped.
     */
    int32_t core_dumped;
    /**
     * The request's name on the wire.
     */
    struct sansh_bytes name;
    /**
     * SANSH_REQUEST_EXEC: the command line. SANSH_REQUEST_SUBSYSTEM: its name. SANSH_REQUEST_ENV: the variable.
     * SANSH_REQUEST_EXIT_SIGNAL: the signal's name without SIG.
     */
    struct sansh_bytes text;
    /**
     * SANSH_REQUEST_ENV: the value. SANSH_REQUEST_EXIT_SIGNAL: text for people.
     */
    struct sansh_bytes value;
    /**
     * SANSH_REQUEST_OTHER: the request's own fields.
     */
    struct sansh_bytes body;
} sansh_event_request;

/**
 * The number of a request of ours, found again in the event that brings its answer.
 */
typedef uint32_t sansh_sent;

/**
 * Of SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
 */
typedef struct sansh_event_replied {
    /**
     * To which request.
     */
    sansh_sent to;
    /**
     * 1 if it was granted.
     */
    int32_t ok;
    /**
     * SANSH_EVENT_GLOBAL_REPLIED: the answer's own fields.
     */
    struct sansh_bytes data;
} sansh_event_replied;

/**
 * Of SANSH_EVENT_GLOBAL. What does not belong to the request is empty.
 */
typedef struct sansh_event_global {
    /**
     * What: SANSH_GLOBAL_....
     */
    int32_t kind;
    /**
     * SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: port.
     */
    uint32_t port;
    /**
     * The request's name on the wire.
     */
    struct sansh_bytes name;
    /**
     * SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: address.
     */
    struct sansh_bytes address;
    /**
     * SANSH_GLOBAL_OTHER: the request's own fields.
     */
    struct sansh_bytes body;
} sansh_event_global;

/**
 * Of SANSH_EVENT_CLOSED.
 */
typedef struct sansh_event_closed {
    /**
     * What happened: SANSH_REASON_....
     */
    int32_t reason;
    /**
     * Who is to blame: SANSH_BLAME_....
     */
    int32_t blame;
    /**
     * The DISCONNECT's reason code (RFC 4250, section 4.2.2): the one sent, or the peer's own for
     * SANSH_REASON_DISCONNECTED. 0 if there is none.
     */
    uint32_t code;
    /**
     * In which state: `login`, `open`, and so on.
     */
    struct sansh_bytes state;
    /**
     * All of it in words, for people: what, in which state, both sides' offers, what the peer says. Without control
     * characters, cut at 1,000 bytes.
     */
    struct sansh_bytes text;
    /**
     * The peer's own words, if it sent a DISCONNECT. Untrusted: they may hold control characters.
     */
    struct sansh_bytes words;
} sansh_event_closed;

/**
 * What an event carries; `kind` says which member counts.
 */
typedef union sansh_event_content {
    /**
     * SANSH_EVENT_HOST_KEY.
     */
    struct sansh_event_host_key host_key;
    /**
     * SANSH_EVENT_LOGIN_NEEDED.
     */
    struct sansh_event_login_needed login_needed;
    /**
     * SANSH_EVENT_SIGN.
     */
    struct sansh_event_sign sign;
    /**
     * SANSH_EVENT_BANNER.
     */
    struct sansh_event_banner banner;
    /**
     * SANSH_EVENT_READY.
     */
    struct sansh_event_ready ready;
    /**
     * SANSH_EVENT_KEY_QUERY.
     */
    struct sansh_event_key_query key_query;
    /**
     * SANSH_EVENT_LOGIN.
     */
    struct sansh_event_login login;
    /**
     * SANSH_EVENT_REQUESTED.
     */
    struct sansh_event_open open;
    /**
     * SANSH_EVENT_OPENED.
     */
    struct sansh_event_opened opened;
    /**
     * SANSH_EVENT_REFUSED.
     */
    struct sansh_event_refused refused;
    /**
     * SANSH_EVENT_DATA.
     */
    struct sansh_event_data data;
    /**
     * SANSH_EVENT_REQUEST.
     */
    struct sansh_event_request request;
    /**
     * SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
     */
    struct sansh_event_replied replied;
    /**
     * SANSH_EVENT_GLOBAL.
     */
    struct sansh_event_global global;
    /**
     * SANSH_EVENT_CLOSED.
     */
    struct sansh_event_closed closed;
    /**
     * Room for members to come: the size of an event never changes.
     */
    uint64_t reserved[29];
} sansh_event_content;

/**
 * An event. All that it points to is lent until the next sansh_next_event(), over every other call but
 * sansh_conn_free(). Its size is 256 bytes and stays so.
 */
typedef struct sansh_event {
    /**
     * SANSH_EVENT_....
     */
    int32_t kind;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The question that the event asks, or 0.
     */
    sansh_ask ask;
    /**
     * The channel that it is about, or 0.
     */
    sansh_channel channel;
    /**
     * What it carries.
     */
    union sansh_event_content u;
} sansh_event;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * What a status means, for people: a NUL-terminated text that lives for ever. Of an unknown one, a text that says so.
 *
 * Since 0.1.
 */
const char *sansh_status_text(sansh_status status);

/**
 * The library's version as a text: `0.1.0`. NUL-terminated, lives for ever.
 *
 * Since 0.1.
 */
const char *sansh_version(void);

/**
 * The library's version as a number: major * 65536 + minor * 256 + patch. Compare it with the header's own,
 * SANSH_VERSION_MAJOR and so on, to see whether a program runs with the library that it was compiled for.
 *
 * Since 0.1.
 */
uint32_t sansh_version_number(void);

/**
 * The name of algorithm number `index` of a list (SANSH_LIST_...), in the order in which a provider (SANSH_PROVIDER_...)
 * offers them. Lives for ever. `len` is 0 behind the last one, and for a provider that this library does not have.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_algorithm_name(int32_t provider,
                                        int32_t list,
                                        size_t index);

/**
 * A configuration for a role (SANSH_CLIENT, SANSH_SERVER) over a provider (SANSH_PROVIDER_...), at `*config`. Free it with
 * sansh_config_free(). If it fails, `*config` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_ARGUMENT (a role or provider that this library does not have), SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_config_new(int32_t role,
                              int32_t provider,
                              struct sansh_config **config);

/**
 * Frees the handle. Connections that use the configuration go on using it. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_config_free(struct sansh_config *config);

/**
 * The key exchange methods to offer: comma-separated, first preference first, as in KexAlgorithms of ssh_config(5).
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ALGORITHM, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_kex(struct sansh_config *config, const char *list);

/**
 * The ciphers to offer, for both directions. As sansh_config_kex().
 *
 * Since 0.1.
 */
sansh_status sansh_config_ciphers(struct sansh_config *config, const char *list);

/**
 * The MACs to offer, for both directions. As sansh_config_kex().
 *
 * Since 0.1.
 */
sansh_status sansh_config_macs(struct sansh_config *config, const char *list);

/**
 * The signature algorithms taken: of host keys on a client, of user keys on a server. As sansh_config_kex().
 *
 * Since 0.1.
 */
sansh_status sansh_config_signatures(struct sansh_config *config, const char *list);

/**
 * Sets one limit (SANSH_LIMIT_...).
 *
 * Limits depend on each other. SANSH_E_BAD_LIMIT says that those set so far do not fit together yet: the value is kept,
 * and all take effect together as soon as they do. Until then sansh_conn_new() refuses the configuration.
 * SANSH_E_NULL, SANSH_E_ARGUMENT (no such limit, or a value above 2^32-1), SANSH_E_BUSY: nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_limit(struct sansh_config *config, int32_t limit, uint64_t value);

/**
 * The value of a limit as it was set last. 0 for a limit that does not exist.
 *
 * Since 0.1.
 */
uint64_t sansh_config_limit_value(const struct sansh_config *config, int32_t limit);

/**
 * The heap of one connection at its worst, in bytes, with the limits in force. 0 if `config` is NULL.
 *
 * Since 0.1.
 */
size_t sansh_config_bytes(const struct sansh_config *config);

/**
 * When buffers are held: SANSH_BUFFERS_RELEASE or SANSH_BUFFERS_KEEP.
 *
 * SANSH_E_NULL, SANSH_E_ARGUMENT, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_buffers(struct sansh_config *config, int32_t buffers);

/**
 * What stands behind `SSH-2.0-` in the identification: a software version, then perhaps a blank and comments.
 *
 * SANSH_E_NULL, SANSH_E_TEXT (more than 200 bytes, a control character, or a `-` in the version), SANSH_E_BUSY,
 * SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_software(struct sansh_config *config, const char *software);

/**
 * Start a new key exchange after so many bytes in one direction, whatever the cipher would allow. At least 16384 count.
 *
 * SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_rekey_bytes(struct sansh_config *config, uint64_t n);

/**
 * Start a new key exchange after so many packets in one direction; at most 2^31. As sansh_config_rekey_bytes().
 *
 * Since 0.1.
 */
sansh_status sansh_config_rekey_packets(struct sansh_config *config, uint64_t n);

/**
 * Start a new key exchange after so many nanoseconds; at least a second. As sansh_config_rekey_bytes().
 *
 * Since 0.1.
 */
sansh_status sansh_config_rekey_time(struct sansh_config *config, sansh_time time);

/**
 * Ask the peer for a sign of life after `interval` nanoseconds without a packet; end the connection after `misses`
 * unanswered ones. Off by default.
 *
 * SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_keepalive(struct sansh_config *config, sansh_time interval, uint32_t misses);

/**
 * How long, in nanoseconds, everything up to the login may take. Two minutes by default.
 *
 * SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_login_time(struct sansh_config *config, sansh_time time);

/**
 * How long, in nanoseconds, one key exchange may take. One minute by default. As sansh_config_login_time().
 *
 * Since 0.1.
 */
sansh_status sansh_config_kex_time(struct sansh_config *config, sansh_time time);

/**
 * Channel types beside the built-in ones that come as SANSH_EVENT_REQUESTED, comma-separated. Others are refused
 * without an event.
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_channel_types(struct sansh_config *config, const char *names);

/**
 * Channel requests beside the built-in ones that come as SANSH_EVENT_REQUEST. As sansh_config_channel_types().
 *
 * Since 0.1.
 */
sansh_status sansh_config_requests(struct sansh_config *config, const char *names);

/**
 * Global requests beside the built-in ones that come as SANSH_EVENT_GLOBAL. As sansh_config_channel_types().
 *
 * Since 0.1.
 */
sansh_status sansh_config_globals(struct sansh_config *config, const char *names);

/**
 * Server: adds a public host key, as the blob of RFC 4253, section 6.6 (sansh_key_public_blob(), for one). Its private
 * half stays outside: SANSH_EVENT_SIGN asks for signatures.
 *
 * SANSH_E_NULL, SANSH_E_KEY, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_host_key(struct sansh_config *config, const uint8_t *blob, size_t blob_len);

/**
 * Server: the login methods named to a client, comma-separated, unless an answer names others. By default
 * `publickey,password`.
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_methods(struct sansh_config *config, const char *names);

/**
 * Server: login methods beside the built-in ones that come as SANSH_EVENT_LOGIN, by name and raw fields.
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_other_methods(struct sansh_config *config, const char *names);

/**
 * A connection of the configuration's role, at `*conn`. It has its identification to send at once. `seed` is
 * SANSH_SEED_LEN secret bytes, fresh for this connection (a seed used twice breaks its keys), and is copied; NULL takes
 * them from the operating system. Free the connection with sansh_conn_free(). If it fails, `*conn` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_NO_HOST_KEY, SANSH_E_BAD_LIMIT, SANSH_E_RANDOM, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_conn_new(const struct sansh_config *config,
                            const uint8_t *seed,
                            sansh_time now,
                            struct sansh_conn **conn);

/**
 * Frees a connection in any state, and all that it lent. Nothing is sent: for a polite end call sansh_disconnect() and
 * send what sansh_transmit_buf() has then. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_conn_free(struct sansh_conn *conn);

/**
 * What the network is to be asked for: SANSH_READ and SANSH_WRITE, or'ed. 0 for NULL and for a poisoned connection.
 *
 * Since 0.1.
 */
int32_t sansh_wants(const struct sansh_conn *conn);

/**
 * Where received bytes go. Lent until sansh_received(); called again before, it gives the same. `len` is 0 while the connection can take nothing, which
 * sansh_wants() says too, and for NULL and a poisoned connection: then do not read, since read(2) would say 0, which
 * means the end.
 *
 * Since 0.1.
 */
struct sansh_space sansh_recv_buf(struct sansh_conn *conn);

/**
 * `n` bytes were put at the front of what sansh_recv_buf() lent; the loan ends. 0 only ends the loan. Events follow.
 *
 * SANSH_E_NULL, SANSH_E_RANGE (more than was lent: the loan goes on), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_received(struct sansh_conn *conn, size_t n, sansh_time now);

/**
 * The network says that nothing follows: read(2) said 0, or failed. Events follow.
 *
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_received_eof(struct sansh_conn *conn, sansh_time now);

/**
 * Sealed packets, ready for one write(2). Lent until sansh_transmitted(); other calls may put more behind them. `len` is
 * 0 if there is nothing to send, and for NULL and a poisoned connection.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_transmit_buf(const struct sansh_conn *conn);

/**
 * The first `n` bytes of sansh_transmit_buf() are on their way; the loan ends. Events may follow: there is room now.
 *
 * SANSH_E_NULL, SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_transmitted(struct sansh_conn *conn, size_t n);

/**
 * The next event, at `*event`; says its kind (SANSH_EVENT_...), SANSH_EVENT_NONE (0) if there is none now, or a negative
 * status. Ignore kinds that you do not know: later versions have more.
 *
 * All that the previous event lent ends here. A question that it asked, and that was neither answered nor kept with
 * sansh_later(), is refused.
 *
 * SANSH_E_NULL, SANSH_E_POISONED: free the connection.
 *
 * Since 0.1.
 */
int32_t sansh_next_event(struct sansh_conn *conn,
                         struct sansh_event *event);

/**
 * Keeps the question of the last event beyond the next sansh_next_event(): it is answered any time later, in any order,
 * while other traffic flows. It then stays open until it is answered or the connection ends.
 *
 * SANSH_E_NULL, SANSH_E_STALE (not the question of the last event, or answered already), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_later(struct sansh_conn *conn, sansh_ask ask);

/**
 * A place inside the next packet of a channel, at `*space`, for data of a stream (SANSH_MAIN; from a server
 * SANSH_STDERR too). It may be as small as one byte: the peer's window decides; never write beyond `space->len`. Write to
 * its front, then call sansh_send(). Lent until any next call on this connection that is not a look; sansh_send() then
 * says whether it still held. If it fails, `*space` is empty.
 *
 * SANSH_E_FULL, SANSH_E_WINDOW, SANSH_E_REKEYING: wait for SANSH_EVENT_WRITABLE of this channel, then repeat.
 * SANSH_E_STALE, SANSH_E_CLOSED: nothing more can be sent. SANSH_E_NULL, SANSH_E_ARGUMENT (no such stream),
 * SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_send_buf(struct sansh_conn *conn,
                            sansh_channel channel,
                            int32_t stream,
                            struct sansh_space *space);

/**
 * Seals the first `n` bytes of what sansh_send_buf() lent as one packet, in place. 0 sends nothing and ends the loan.
 *
 * SANSH_E_ORDER: since sansh_send_buf() for this channel, another call was made that is not a look; nothing was sent,
 * start again with sansh_send_buf(). SANSH_E_RANGE (more than was lent: nothing was sent, and the loan goes on),
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_send(struct sansh_conn *conn, sansh_channel channel, size_t n);

/**
 * When sansh_handle_timeout() is due; SANSH_NEVER if no time is waited for. A time that has passed already means that
 * there is something to do at once. 0 for NULL and for a poisoned connection.
 *
 * Since 0.1.
 */
sansh_time sansh_next_timeout(const struct sansh_conn *conn);

/**
 * It is this late now. May be called at any time. Events may follow.
 *
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_handle_timeout(struct sansh_conn *conn, sansh_time now);

/**
 * Starts a new key exchange as soon as one may start: after login, when none runs.
 *
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_rekey(struct sansh_conn *conn);

/**
 * Ends the connection with a reason code of RFC 4250, section 4.2.2 (11: by application) and a text for people, cut at
 * 256 bytes; NULL is none. SANSH_EVENT_CLOSED follows. What is sealed already still goes: write sansh_transmit_buf()
 * until it is empty.
 *
 * SANSH_E_NULL, SANSH_E_TEXT (not UTF-8), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_disconnect(struct sansh_conn *conn, uint32_t code, const char *text);

/**
 * Server: sends a text for people (RFC 4252, section 5.4): after SANSH_EVENT_KEY_QUERY or SANSH_EVENT_LOGIN came, before
 * the login is accepted.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_CLOSED (not now), SANSH_E_TOO_LONG, SANSH_E_TEXT,
 * SANSH_E_ROLE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_banner(struct sansh_conn *conn,
                          const char *text);

/**
 * Answers SANSH_EVENT_HOST_KEY: 0 rejects the key and ends the connection, anything else accepts it.
 *
 * All sansh_answer_...() say SANSH_E_STALE if the ask was answered already, asks something else, is another connection's,
 * or the connection went on without it: forget it. SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_trust(struct sansh_conn *conn,
                                sansh_ask ask,
                                int32_t accept);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with no credential, which also asks for the methods there are.
 *
 * SANSH_E_TOO_LONG (longer than the limits allow: answer with something else), SANSH_E_TEXT (not UTF-8), SANSH_E_FULL
 * (keep the ask with sansh_later() and answer after the next events), SANSH_E_ROLE, SANSH_E_STALE, SANSH_E_NULL,
 * SANSH_E_POISONED. The texts are copied.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_none(struct sansh_conn *conn, sansh_ask ask, const char *user);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this password. As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_password(struct sansh_conn *conn,
                                         sansh_ask ask,
                                         const char *user,
                                         const char *password);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this public key, as it travels, and this signature algorithm
 * (`ssh-ed25519`). If `probe` is not 0, the server is asked first whether the key would do. SANSH_EVENT_SIGN then asks
 * for the signature. As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_public_key(struct sansh_conn *conn,
                                           sansh_ask ask,
                                           const char *user,
                                           const char *algorithm,
                                           const uint8_t *key,
                                           size_t key_len,
                                           int32_t probe);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with any other method, by name and what follows the name in the message.
 * As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_other(struct sansh_conn *conn,
                                      sansh_ask ask,
                                      const char *user,
                                      const char *method,
                                      const uint8_t *fields,
                                      size_t fields_len);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: there is nothing left to try. The connection ends. As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_give_up(struct sansh_conn *conn, sansh_ask ask);

/**
 * Answers SANSH_EVENT_SIGN with the blob of RFC 4253, section 6.6: `string algorithm, string signature`, as
 * sansh_key_sign() makes it. It is copied. NULL and 0 decline.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events); else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_signature(struct sansh_conn *conn,
                                    sansh_ask ask,
                                    const uint8_t *signature,
                                    size_t signature_len);

/**
 * Answers SANSH_EVENT_KEY_QUERY: 0 is no, anything else says that the key would do. It grants nothing.
 * As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_key_query(struct sansh_conn *conn, sansh_ask ask, int32_t yes);

/**
 * Answers SANSH_EVENT_LOGIN: the user is in. SANSH_EVENT_READY follows.
 *
 * SANSH_E_ROLE, SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events); else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_accept(struct sansh_conn *conn, sansh_ask ask);

/**
 * Answers SANSH_EVENT_LOGIN: this was right, and more is needed. `methods` are those that can continue, comma-separated;
 * NULL takes those of the configuration. As sansh_answer_admission_accept(), and SANSH_E_TEXT.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_partial(struct sansh_conn *conn,
                                            sansh_ask ask,
                                            const char *methods);

/**
 * Answers SANSH_EVENT_LOGIN: no. `methods` as in sansh_answer_admission_partial().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_deny(struct sansh_conn *conn, sansh_ask ask, const char *methods);

/**
 * Answers SANSH_EVENT_REQUESTED: the channel is open, and the peer may send `window` bytes before the first
 * sansh_grant(). `data` are the confirmation's own fields: NULL and 0 for all built-in types; they are copied.
 *
 * SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events), SANSH_E_TOO_LONG; else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_opening_accept(struct sansh_conn *conn,
                                         sansh_ask ask,
                                         uint32_t window,
                                         const uint8_t *data,
                                         size_t data_len);

/**
 * Answers SANSH_EVENT_REQUESTED: the channel is refused, with a reason (SANSH_REFUSAL_..., or another number) and a text
 * for people; NULL is none. As sansh_answer_opening_accept().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_opening_refuse(struct sansh_conn *conn,
                                         sansh_ask ask,
                                         uint32_t reason,
                                         const char *text);

/**
 * Answers SANSH_EVENT_REQUEST: 0 refuses it, anything else grants it. As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_permission(struct sansh_conn *conn, sansh_ask ask, int32_t yes);

/**
 * Answers SANSH_EVENT_GLOBAL: 0 refuses it, anything else grants it. As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global(struct sansh_conn *conn, sansh_ask ask, int32_t yes);

/**
 * Answers SANSH_EVENT_GLOBAL: granted, with the port that was bound (SANSH_GLOBAL_TCPIP_FORWARD with port 0).
 *
 * SANSH_E_FULL (during a key exchange or behind an unanswered global request: keep the ask with sansh_later() and
 * answer after the next events); else as sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global_port(struct sansh_conn *conn, sansh_ask ask, uint32_t port);

/**
 * Answers SANSH_EVENT_GLOBAL: granted, with any bytes; they are copied. As sansh_answer_global_port(), and
 * SANSH_E_TOO_LONG.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global_data(struct sansh_conn *conn, sansh_ask ask, const uint8_t *data, size_t data_len);

/**
 * Opens a session channel, at `*channel`, on which the peer may send `window` bytes before the first sansh_grant().
 * SANSH_EVENT_OPENED or SANSH_EVENT_REFUSED follows; send requests and data only then.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: close a channel first. SANSH_E_CLOSED (no
 * login yet, or the end), SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED: `*channel`
 * is 0 then. Texts and bodies are copied.
 *
 * Since 0.1.
 */
sansh_status sansh_open_session(struct sansh_conn *conn, uint32_t window, sansh_channel *channel);

/**
 * Opens a channel to a TCP host and port as the server sees them, on behalf of an originator: an address and port that
 * the server may log. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_direct_tcpip(struct sansh_conn *conn,
                                     const char *host,
                                     uint32_t port,
                                     const char *originator,
                                     uint32_t originator_port,
                                     uint32_t window,
                                     sansh_channel *channel);

/**
 * Opens a channel for a connection that came to a forwarding which the client asked for: the address and port that were
 * connected to, and where the connection comes from. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_forwarded_tcpip(struct sansh_conn *conn,
                                        const char *address,
                                        uint32_t port,
                                        const char *originator,
                                        uint32_t originator_port,
                                        uint32_t window,
                                        sansh_channel *channel);

/**
 * Opens a channel to a Unix socket as the server sees it. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_direct_streamlocal(struct sansh_conn *conn,
                                           const char *path,
                                           uint32_t window,
                                           sansh_channel *channel);

/**
 * Opens a channel of any type, by name and the type's own fields. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_other(struct sansh_conn *conn,
                              const char *kind,
                              const uint8_t *body,
                              size_t body_len,
                              uint32_t window,
                              sansh_channel *channel);

/**
 * Asks for the user's shell. The answer is a SANSH_EVENT_REPLIED with the number at `*sent`; `sent` may be NULL.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM, then repeat. SANSH_E_LIMIT: wait for an answer.
 * SANSH_E_STALE, SANSH_E_CLOSED, SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED. Texts and bodies are
 * copied.
 *
 * Since 0.1.
 */
sansh_status sansh_request_shell(struct sansh_conn *conn, sansh_channel channel, sansh_sent *sent);

/**
 * Asks for a command. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exec(struct sansh_conn *conn, sansh_channel channel, const char *command, sansh_sent *sent);

/**
 * Asks for a subsystem. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_subsystem(struct sansh_conn *conn,
                                     sansh_channel channel,
                                     const char *name,
                                     sansh_sent *sent);

/**
 * Sets an environment variable for what is started next. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_env(struct sansh_conn *conn, sansh_channel channel, const char *name, const char *value);

/**
 * Server: says how a command ended. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exit_status(struct sansh_conn *conn, sansh_channel channel, uint32_t status);

/**
 * Server: says which signal ended a command (its name without SIG), whether a core was dumped, and a text for people;
 * NULL is none. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exit_signal(struct sansh_conn *conn,
                                       sansh_channel channel,
                                       const char *signal,
                                       int32_t core_dumped,
                                       const char *message);

/**
 * Sends any channel request, by name and the request's own fields. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_other(struct sansh_conn *conn,
                                 sansh_channel channel,
                                 const char *name,
                                 int32_t want_reply,
                                 const uint8_t *body,
                                 size_t body_len,
                                 sansh_sent *sent);

/**
 * Client: asks the server to listen on an address and port; port 0 lets it choose, and the answer's data then is the
 * port as a uint32. The answer is a SANSH_EVENT_GLOBAL_REPLIED with the number at `*sent`; `sent` may be NULL.
 * Connections come as SANSH_EVENT_REQUESTED.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: wait for an answer, or cancel a forwarding.
 * SANSH_E_CLOSED, SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED. Texts and bodies are copied.
 *
 * Since 0.1.
 */
sansh_status sansh_global_tcpip_forward(struct sansh_conn *conn, const char *address, uint32_t port, sansh_sent *sent);

/**
 * Client: ends such a forwarding. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_cancel_tcpip_forward(struct sansh_conn *conn,
                                               const char *address,
                                               uint32_t port,
                                               sansh_sent *sent);

/**
 * Sends any global request, by name and the request's own fields. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_other(struct sansh_conn *conn,
                                const char *name,
                                int32_t want_reply,
                                const uint8_t *body,
                                size_t body_len,
                                sansh_sent *sent);

/**
 * Lets the peer send `n` bytes more on this channel: as many as you have taken out of SANSH_EVENT_DATA for good. It is
 * sent when it is worth a packet.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_grant(struct sansh_conn *conn, sansh_channel channel, uint32_t n);

/**
 * Says that no more data follows on this channel from this side. The peer's still comes.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_finish(struct sansh_conn *conn, sansh_channel channel);

/**
 * Closes the channel. No event of it follows but SANSH_EVENT_CHANNEL_CLOSED.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_close(struct sansh_conn *conn, sansh_channel channel);

/**
 * The peer's identification without CR LF; empty before it came. Untrusted. Lent until the connection is freed.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_peer_identification(const struct sansh_conn *conn);

/**
 * A name (SANSH_NEGOTIATED_...) of what the last key exchange negotiated. Lives for ever. Empty before the first one.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_algorithm(const struct sansh_conn *conn, int32_t which);

/**
 * 1 if strict key exchange is in force, 0 if not or not known yet.
 *
 * Since 0.1.
 */
int32_t sansh_is_strict(const struct sansh_conn *conn);

/**
 * The session identifier: the exchange hash of the first key exchange. Empty before it. Lent until the connection is
 * freed.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_session_id(const struct sansh_conn *conn);

/**
 * A counter (SANSH_COUNT_...). 0 for one that does not exist.
 *
 * Since 0.1.
 */
uint64_t sansh_counter(const struct sansh_conn *conn, int32_t which);

/**
 * The messages that went by, in words, one a line, in UTF-8, if SANSH_LIMIT_TRACE is set. Lent until the next call on
 * this connection that is not a look.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_trace(const struct sansh_conn *conn);

/**
 * The first `n` bytes of sansh_trace() are dealt with.
 *
 * SANSH_E_RANGE (more than there are, or not at the end of a character: nothing changed), SANSH_E_NULL,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_traced(struct sansh_conn *conn, size_t n);

/**
 * An empty backlog of `limit` bytes, all of them reserved now, at `*backlog`. Free it with sansh_backlog_free(). If it
 * fails, `*backlog` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_backlog_new(size_t limit, struct sansh_backlog **backlog);

/**
 * Frees a backlog with all that is in it. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_backlog_free(struct sansh_backlog *backlog);

/**
 * Keeps a copy of all these bytes behind those that wait.
 *
 * SANSH_E_FULL (none of them was kept), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_backlog_push(struct sansh_backlog *backlog, const uint8_t *bytes, size_t bytes_len);

/**
 * The first bytes that wait, as many as stand in one piece; empty only if none waits. Lent until the next
 * sansh_backlog_push(), sansh_backlog_done() or sansh_backlog_free().
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_backlog_front(const struct sansh_backlog *backlog);

/**
 * How many bytes wait.
 *
 * Since 0.1.
 */
size_t sansh_backlog_len(const struct sansh_backlog *backlog);

/**
 * The sink took the first `n` bytes. Says at `*grant` how much to sansh_grant() for them; `grant` may be NULL.
 *
 * SANSH_E_RANGE (more than wait: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_backlog_done(struct sansh_backlog *backlog, size_t n, uint32_t *grant);

/**
 * Reads the text of a private key file in OpenSSH's format (openssh-key-v1) without a passphrase, and gives the key at
 * `*key`. Free it with sansh_key_free(). The text is not kept: wipe your copy. If it fails, `*key` is NULL.
 *
 * SANSH_E_FILE_... (sansh_status_text() says what to do about it), SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_read(const uint8_t *text, size_t text_len, struct sansh_key **key);

/**
 * Makes a new ed25519 key, at `*key`. Free it with sansh_key_free(). `seed` is SANSH_SEED_LEN secret bytes; NULL takes
 * them from the operating system. If it fails, `*key` is NULL.
 *
 * SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_generate(const uint8_t *seed, struct sansh_key **key);

/**
 * Wipes and frees a key. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_key_free(struct sansh_key *key);

/**
 * The public half, as it travels (RFC 4253, section 6.6). Lent until the key is freed.
 *
 * Since 0.1.
 */
struct sansh_bytes sansh_key_public_blob(const struct sansh_key *key);

/**
 * The best signature algorithm of this key: `ssh-ed25519`. NUL-terminated, lives for ever. NULL for NULL.
 *
 * Since 0.1.
 */
const char *sansh_key_algorithm(const struct sansh_key *key);

/**
 * Signs a message, as SANSH_EVENT_SIGN asks for it: copies the blob of RFC 4253, section 6.6 to `signature`, a room of
 * `room` bytes, and its length to `*len`. SANSH_SIGNATURE_ROOM is enough.
 *
 * SANSH_E_ALGORITHM (the key makes no signatures of this algorithm), SANSH_E_SPACE (nothing was copied, `*len` says how
 * much is needed), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_sign(const struct sansh_key *key,
                            const uint8_t *algorithm,
                            size_t algorithm_len,
                            const uint8_t *message,
                            size_t message_len,
                            uint8_t *signature,
                            size_t room,
                            size_t *len);

/**
 * Copies the text of a private key file in OpenSSH's format, without a passphrase and without a NUL behind it, to
 * `text`, a room of `room` bytes, and its length to `*len`. Store it so that nobody else can read it (mode 0600), and
 * wipe the room.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_write(const struct sansh_key *key, uint8_t *text, size_t room, size_t *len);

/**
 * Copies the fingerprint of a public key, as it travels, to `text`, a room of `room` bytes: `SHA256:...` with a NUL behind
 * it, as `ssh-keygen -l` shows it. SANSH_FINGERPRINT_ROOM is enough.
 *
 * SANSH_E_SPACE (nothing was copied), SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_fingerprint(const uint8_t *blob,
                               size_t blob_len,
                               char *text,
                               size_t room);

/**
 * Copies the line of a public key, `type base64 comment` as it stands in a `.pub` file, without a newline or NUL behind
 * it, to `text`, a room of `room` bytes, and its length to `*len`. `comment` may be NULL.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT (the comment is not UTF-8 or has a
 * control character), SANSH_E_FILE_LINE (the blob has no type name), SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_public_line(const uint8_t *blob,
                               size_t blob_len,
                               const char *comment,
                               uint8_t *text,
                               size_t room,
                               size_t *len);

/**
 * Reads such a line, and copies the key, as it travels, to `blob`, a room of `room` bytes, and its length to `*len`.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_FILE_LINE, SANSH_E_TEXT, SANSH_E_NULL,
 * SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_public_blob(const uint8_t *line, size_t line_len, uint8_t *blob, size_t room, size_t *len);

/**
 * Is a key in the text of an authorized_keys file (one line, or many)? SANSH_OK says yes, and at `*line` in which line,
 * from 1; `line` may be NULL.
 *
 * Options in front of a key restrict it, so only lines count whose options the caller enforces: `enforced` names them,
 * comma-separated, in lower case; NULL is none. Their values: sansh_authorized_keys_option(). Lines that cannot be read
 * and lines of certificate authorities count as absent.
 *
 * SANSH_E_NOT_FOUND, SANSH_E_RESTRICTED (the key stands there, but only with options that are not enforced: do not let
 * it in), SANSH_E_TEXT, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_keys_find(const uint8_t *text,
                                        size_t text_len,
                                        const uint8_t *blob,
                                        size_t blob_len,
                                        const char *enforced,
                                        size_t *line);

/**
 * Copies the value of option `name` (in lower case), the `index`-th of this name from 0, in line `line` of the text of an
 * authorized_keys file to `value`, a room of `room` bytes, and its length to `*len`. No NUL stands behind it. An option
 * without a value gives an empty one.
 *
 * SANSH_E_NOT_FOUND (no such line, or no such option there), SANSH_E_SPACE (nothing was copied, `*len` says how much is
 * needed), SANSH_E_TEXT, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_keys_option(const uint8_t *text,
                                          size_t text_len,
                                          size_t line,
                                          const char *name,
                                          size_t index,
                                          uint8_t *value,
                                          size_t room,
                                          size_t *len);

/**
 * Is a key, as SANSH_EVENT_HOST_KEY brings it, the one that the text of a known_hosts file names for `host` at `port`?
 * SANSH_OK says yes, and nothing else does.
 *
 * SANSH_E_HOST_UNKNOWN: nothing is known about the host; a person may be asked. SANSH_E_HOST_CHANGED: the host is known
 * with other keys; `*line` is the first line that says so, from 1 (`line` may be NULL); reject the key.
 * SANSH_E_HOST_REVOKED: reject the key. SANSH_E_TEXT, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_check(const uint8_t *text,
                                     size_t text_len,
                                     const char *host,
                                     uint16_t port,
                                     const uint8_t *blob,
                                     size_t blob_len,
                                     size_t *line);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SANSH_H */
