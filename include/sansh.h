/*
 * sansh: SSH-2 as a pure state machine. The C interface.
 *
 * This file is generated from ffi/; do not edit it.
 *
 * What it is. A sansh_conn takes the bytes that came from the network and gives the bytes that are to go, asks what has to
 * be decided, and carries channels. It opens no socket, reads no clock, starts no thread, calls nothing back, and never
 * holds a private key of a connection. ffi/examples/client.c and server.c are complete programs.
 *
 * Ownership. Every handle (sansh_config, sansh_conn, sansh_key, sansh_backlog, sansh_authorities, sansh_authorized,
 * sansh_agent, sansh_agent_session, sansh_keyring) comes from the call that gives it (..._new(), ..._read(), ..._generate(),
 * ..._of_...(), ..._next(), ..._with_...()) and goes by its own ..._free(), which takes NULL too. A configuration may be freed while connections
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
 * configuration that is set up may be used by any number of threads at once, a key and a sansh_authorized too. There are no globals.
 *
 * Statuses. sansh_status is 0 or negative; each function says which ones it gives and what to do next. After an error
 * nothing has changed, unless the function says otherwise. New ones may be added: treat an unknown one as an error.
 *
 * Questions. An event with an `ask` wants an answer: by the sansh_answer_...() call of that event, now, or later after
 * sansh_later(). What is neither answered nor kept when sansh_next_event() is called again is refused. So ignoring an
 * event that you do not know is always safe.
 *
 * NULL. Every handle and every pointer to a result may not be NULL, unless its function says so; SANSH_E_NULL answers.
 * Pointers to bytes and arrays may be NULL if their length is 0; so are empty arrays that an event lends. Calls that lend
 * say NULL and 0 instead of a status.
 *
 * Panics. An internal error is caught at this border and never unwinds into C. The handle is poisoned: every later call on
 * it says SANSH_E_POISONED, and only ..._free() works.
 *
 * Texts. `const char *` is NUL-terminated UTF-8. sansh_bytes does not end with a NUL. What a peer sent is untrusted: it may
 * hold control characters, and is not always UTF-8.
 *
 * Time. sansh_time is nanoseconds on any clock that never goes back. Each connection sticks to one.
 *
 * Sections. Each subject is a section of this file under a heading of its own: types, statuses, configurations,
 * connections, events, answers, channels, looks, and then what helps around a connection.
 *
 * Versions. Programs linked to libsansh.so.0 run with every later 0.x: functions, numbers and members of sansh_event are
 * added, and none changes or goes. Each function says since which version it is there. A struct that you fill in and that may
 * grow begins with its `size`.
 */

#ifndef SANSH_H
#define SANSH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------------------------------------
 * Types
 *
 * Numbers, handles and borrowed bytes.
 */

/**
 * What a call says: 0 (`SANSH_OK`), or a negative `SANSH_E_...`. New ones may be added; sansh_status_text() explains all.
 */
typedef int32_t sansh_status;

/**
 * Nanoseconds on any monotonic clock that the application owns: `clock_gettime(CLOCK_MONOTONIC)`, for one.
 */
typedef uint64_t sansh_time;

/**
 * The right to answer one question, once, on the connection whose event brought it. 0 is none.
 */
typedef uint64_t sansh_ask;

/**
 * A channel of one connection. A closed one, or another connection's, is refused by every call. 0 is none.
 */
typedef uint64_t sansh_channel;

/**
 * The number of a request of ours, found again in the event that brings its answer.
 */
typedef uint32_t sansh_sent;

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

/* --------------------------------------------------------------------------------------------------------------------
 * Statuses
 *
 * What calls say.
 */

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
     * sansh_send() without sansh_send_buf() or sansh_send_buf_for() right before it. Nothing was sent: start again with sansh_send_buf().
     */
    SANSH_E_ORDER = -5,
    /**
     * A call of the other role, or SANSH_STDERR from a client. Nothing changed.
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
     * The answer does not fit the question: see the function. The question stays open.
     */
    SANSH_E_UNFIT = -29,
    /**
     * Not every key is proved: learn none of them.
     */
    SANSH_E_PROOF = -30,
    /**
     * Not one frame of a tunnel. Drop it.
     */
    SANSH_E_FRAME = -31,
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
    /**
     * The passphrase is another one, or the key file is damaged.
     */
    SANSH_E_FILE_WRONG_PASSPHRASE = -115,
    /**
     * Turning the passphrase into a key would take more time or memory than any honest key file needs.
     */
    SANSH_E_FILE_COST = -116,
    /**
     * The format of the key file is right, but it uses something that is not known here.
     */
    SANSH_E_FILE_UNSUPPORTED = -117,
    /**
     * This format is not encrypted here, or the effort of its passphrase is out of range.
     */
    SANSH_E_FILE_PASSPHRASE = -118,
    /**
     * The file of revoked keys is damaged or not understood to its end: nobody may come in.
     */
    SANSH_E_FILE_REVOCATIONS = -119,
    /**
     * The certificate is longer than any that is read.
     */
    SANSH_E_CERT_TOO_LONG = -201,
    /**
     * Not a certificate, or of a type that is not known here.
     */
    SANSH_E_CERT_TYPE = -202,
    /**
     * The certificate is not well-formed.
     */
    SANSH_E_CERT_FORM = -203,
    /**
     * No authority that is trusted here signed it.
     */
    SANSH_E_CERT_AUTHORITY = -204,
    /**
     * The authority's key is revoked.
     */
    SANSH_E_CERT_AUTHORITY_REVOKED = -205,
    /**
     * The authority signed by an algorithm that is not taken here.
     */
    SANSH_E_CERT_AUTHORITY_ALGORITHM = -206,
    /**
     * The authority's signature does not verify.
     */
    SANSH_E_CERT_SIGNATURE = -207,
    /**
     * The authority's key is a security key that nobody touched when it signed.
     */
    SANSH_E_CERT_UNTOUCHED = -208,
    /**
     * The certified key is not valid, or of an algorithm that is not taken here.
     */
    SANSH_E_CERT_KEY = -209,
    /**
     * The certified key is revoked.
     */
    SANSH_E_CERT_KEY_REVOKED = -210,
    /**
     * The certificate is revoked.
     */
    SANSH_E_CERT_REVOKED = -211,
    /**
     * A user's certificate where a host's is due, or the other way round.
     */
    SANSH_E_CERT_KIND = -212,
    /**
     * It begins to be valid later.
     */
    SANSH_E_CERT_NOT_YET = -213,
    /**
     * It is not valid any more.
     */
    SANSH_E_CERT_EXPIRED = -214,
    /**
     * It names nobody.
     */
    SANSH_E_CERT_NOBODY = -215,
    /**
     * It names others.
     */
    SANSH_E_CERT_NAME = -216,
    /**
     * It has a critical option that is not known here, or any at all if it is a host's.
     */
    SANSH_E_CERT_OPTION = -217,
    /**
     * The value of an option cannot be read.
     */
    SANSH_E_CERT_OPTION_VALUE = -218,
    /**
     * It is good from some addresses only, and it was not said where the peer comes from.
     */
    SANSH_E_CERT_SOURCE_UNKNOWN = -219,
    /**
     * It is not good from this address.
     */
    SANSH_E_CERT_SOURCE = -220,
    /**
     * The cryptographic backend failed.
     */
    SANSH_E_CERT_CRYPTO = -221,
    /**
     * This library does not make such keys, or this key does not sign here.
     */
    SANSH_E_KEY_UNSUPPORTED = -301,
    /**
     * A signature did not verify and was thrown away.
     */
    SANSH_E_KEY_FAULT = -302,
    /**
     * The certificate is for another key.
     */
    SANSH_E_KEY_OTHER = -303,
    /**
     * The key or certificate is revoked.
     */
    SANSH_E_REVOKED = -304,
    /**
     * The time of the line is over.
     */
    SANSH_E_EXPIRED = -305,
    /**
     * The line does not name where the visitor comes from.
     */
    SANSH_E_ELSEWHERE = -306,
    /**
     * What came is no message of the agent protocol, or no answer to what was asked. Close the connection.
     */
    SANSH_E_AGENT = -307,
} sansh_code;

/**
 * What a status means, for people: a NUL-terminated text that lives for ever. Of an unknown one, a text that says so.
 *
 * Since 0.1.
 */
const char *sansh_status_text(sansh_status status);

/* --------------------------------------------------------------------------------------------------------------------
 * The library
 *
 * Its version, and the algorithms that it has.
 */

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
sansh_bytes sansh_algorithm_name(int32_t provider,
                                 int32_t list,
                                 size_t index);

/* --------------------------------------------------------------------------------------------------------------------
 * Configurations
 *
 * What is decided before a connection begins. Every call but the looks is for the time before the first connection uses it.
 */

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
 * What is decided before a connection begins. One configuration serves any number of connections, on any threads; each
 * of them keeps it alive, so that it may be freed at any time. Once a connection uses it, it changes no more.
 *
 * A new one is complete: all algorithms of its provider, default limits, a new key exchange after 1 GiB (or what the
 * cipher allows) or an hour. A server also needs sansh_config_host_key().
 */
typedef struct sansh_config sansh_config;

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
 * Server: adds a public host key, as the blob of RFC 4253, section 6.6 (sansh_key_public_blob(), for one), or a host
 * certificate. Its private half stays outside: SANSH_EVENT_SIGN asks for signatures. It is offered under every signature
 * algorithm of the configuration that takes it: an RSA key under two.
 *
 * SANSH_E_NULL, SANSH_E_KEY, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_host_key(struct sansh_config *config,
                                   const uint8_t *blob,
                                   size_t blob_len);

/**
 * Whether `zlib@openssh.com` is offered, before `none`; not by default. Nothing is compressed before the login. It costs about
 * half a MiB a connection, which sansh_config_bytes() counts then.
 *
 * SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_compression(struct sansh_config *config,
                                      int32_t offered);

/**
 * Server: whether a security key has to be touched to log in; yes by default. If `required` is 0, SANSH_EVENT_LOGIN says what
 * the key said, and you decide.
 *
 * SANSH_E_NULL, SANSH_E_ROLE, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_touch(struct sansh_config *config,
                                int32_t required);

/**
 * Client: whether a login that proved nothing is taken: `none`, or a `keyboard-interactive` that asked nothing. Yes by
 * default. A server that lets everybody in may afterwards ask for a password in a way that looks like this machine's own: who
 * shows prompts to people passes 0, and the connection ends with SANSH_REASON_TRIVIAL_LOGIN then.
 *
 * SANSH_E_NULL, SANSH_E_ROLE, SANSH_E_BUSY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_trivial_logins(struct sansh_config *config,
                                         int32_t taken);

/**
 * Server: the login methods named to a client, comma-separated, unless an answer names others. By default
 * `publickey,password`; name `keyboard-interactive` and `hostbased` here to have them tried. This is only what clients are told:
 * any built-in method may still come, behind a partial success too. Look at `method` and `steps` before you accept.
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_methods(struct sansh_config *config,
                                  const char *names);

/**
 * Server: login methods beside the built-in ones that come as SANSH_EVENT_LOGIN, by name and raw fields.
 *
 * SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
 *
 * Since 0.1.
 */
sansh_status sansh_config_other_methods(struct sansh_config *config, const char *names);

/* --------------------------------------------------------------------------------------------------------------------
 * Connections
 *
 * The pairs that move all bytes from the network and to it, and time. The events of a connection, the answers to them, and its
 * channels have sections of their own.
 */

/**
 * What sansh_next_timeout() says when no time is waited for.
 */
#define SANSH_NEVER 18446744073709551615ull

/**
 * Length of a seed.
 */
#define SANSH_SEED_LEN 32

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
 * One SSH connection, as a state machine. It belongs to one thread at a time. It does nothing by itself; each turn:
 *
 * 1. sansh_recv_buf(), a read from the network, sansh_received();
 * 2. sansh_next_event() until it says SANSH_EVENT_NONE;
 * 3. a write of sansh_transmit_buf(), sansh_transmitted(); and, if something was written, 2 again;
 * 4. poll(2) as sansh_wants() says, until sansh_next_timeout(); then sansh_handle_timeout().
 */
typedef struct sansh_conn sansh_conn;

/**
 * A connection of the configuration's role, at `*conn`. It has its identification to send at once. `seed` is
 * SANSH_SEED_LEN secret bytes, fresh for this connection (a seed used twice breaks its keys), and is copied; NULL takes
 * them from the operating system. Free the connection with sansh_conn_free(). If it fails, `*conn` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_NO_HOST_KEY, SANSH_E_BAD_LIMIT, SANSH_E_RANDOM, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_conn_new(const sansh_config *config, const uint8_t *seed, sansh_time now, struct sansh_conn **conn);

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
sansh_space sansh_recv_buf(struct sansh_conn *conn);

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
sansh_bytes sansh_transmit_buf(const struct sansh_conn *conn);

/**
 * The first `n` bytes of sansh_transmit_buf() are on their way; the loan ends. Events may follow: there is room now.
 *
 * SANSH_E_NULL, SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_transmitted(struct sansh_conn *conn, size_t n);

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

/* --------------------------------------------------------------------------------------------------------------------
 * Events
 *
 * What there is to be told, by kind. What each kind carries follows, subject by subject, and then the event itself.
 */

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
     * sansh_answer_trust() or, a certificate, with sansh_answer_trust_certificate(); unanswered, the connection ends. The
     * same key at a later key exchange is not asked about.
     */
    SANSH_EVENT_HOST_KEY = 1,
    /**
     * Client: a credential is needed. `u.login_needed`. Answer with one of sansh_answer_login_...(); unanswered, the
     * connection ends.
     */
    SANSH_EVENT_LOGIN_NEEDED = 2,
    /**
     * A signature by a private key is needed: `u.sign.purpose` says what for. `u.sign`. Answer with
     * sansh_answer_signature(). Unanswered, a server's connection ends, or the proof of a host key is refused; a client is
     * asked for another credential.
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
    /**
     * Client: the server asks questions, as `keyboard-interactive` does. `u.prompts`. Answer with sansh_answer_prompts();
     * unanswered, they are refused and another credential is asked for.
     */
    SANSH_EVENT_PROMPTS = 21,
    /**
     * Client: the password was right, has expired, and the server wants a new one. `u.password_expired`. Answer with
     * sansh_answer_new_password(); unanswered, another credential is asked for.
     */
    SANSH_EVENT_PASSWORD_EXPIRED = 22,
} sansh_event_kind;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: keys
 *
 * A key that is to be trusted, one that is to sign, and one that somebody asks about. A key travels as the blob of RFC 4253,
 * section 6.6: `string type, ...`. A certificate stands wherever a key may.
 */

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
    /**
     * A client host's key signs a login by `hostbased`.
     */
    SANSH_PURPOSE_HOST_BASED = 3,
    /**
     * A server's host key proves that the server holds it, as the client asked (SANSH_GLOBAL_HOST_KEYS_PROVE).
     */
    SANSH_PURPOSE_HOST_KEY_PROOF = 4,
} sansh_purpose;

/**
 * Of SANSH_EVENT_HOST_KEY.
 */
typedef struct sansh_event_host_key {
    /**
     * The key or certificate, as it travels.
     */
    sansh_bytes blob;
    /**
     * Its type name; empty if it has none.
     */
    sansh_bytes type_name;
    /**
     * 1 if it is a certificate that can be read: then sansh_answer_trust_certificate() checks and answers.
     */
    int32_t is_certificate;
    /**
     * What the key has signed: the exchange hash. With the signature, it is what `session-bind@openssh.com` tells an agent.
     */
    sansh_bytes exchange_hash;
    /**
     * The signature, as it travels. It was verified.
     */
    sansh_bytes signature;
} sansh_event_host_key;

/**
 * Of SANSH_EVENT_SIGN.
 */
typedef struct sansh_event_sign {
    /**
     * What for: SANSH_PURPOSE_....
     */
    int32_t purpose;
    /**
     * Signature algorithm, as the signature names it: a key's, where a certificate was offered.
     */
    sansh_bytes algorithm;
    /**
     * The public half, or its certificate, as it travels.
     */
    sansh_bytes key;
    /**
     * What to sign.
     */
    sansh_bytes message;
} sansh_event_sign;

/**
 * Of SANSH_EVENT_KEY_QUERY.
 */
typedef struct sansh_event_key_query {
    /**
     * User name. Untrusted.
     */
    sansh_bytes user;
    /**
     * The key or certificate, as it travels. sansh_certificate_check() checks a certificate.
     */
    sansh_bytes key;
} sansh_event_key_query;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: logging in (client)
 *
 * A credential is asked for until one is enough: right after the server was trusted, after each refusal, and after a step
 * that was right but not all. Everything that the server says here is untrusted.
 */

/**
 * Of SANSH_EVENT_LOGIN_NEEDED.
 */
typedef struct sansh_event_login_needed {
    /**
     * Methods that can continue, comma-separated; `ptr` is NULL as long as the server has refused nothing. That is not
     * always the first time: after a signature that was declined it is asked again. Remember what was tried.
     */
    sansh_bytes methods;
    /**
     * 1 if the last attempt was right and more is needed.
     */
    int32_t partial;
} sansh_event_login_needed;

/**
 * One question of `keyboard-interactive`.
 */
typedef struct sansh_prompt {
    /**
     * Text for people. A server's is untrusted.
     */
    sansh_bytes text;
    /**
     * 1 if the answer may be seen while it is typed.
     */
    int32_t echo;
} sansh_prompt;

/**
 * Of SANSH_EVENT_PROMPTS.
 */
typedef struct sansh_event_prompts {
    /**
     * Title.
     */
    sansh_bytes name;
    /**
     * Text for people.
     */
    sansh_bytes instruction;
    /**
     * The questions, at most 16. NULL if there is none, which still wants an answer: of none.
     */
    const struct sansh_prompt *prompts;
    /**
     * How many.
     */
    size_t prompts_len;
} sansh_event_prompts;

/**
 * Of SANSH_EVENT_PASSWORD_EXPIRED.
 */
typedef struct sansh_event_password_expired {
    /**
     * Text for people. Untrusted: it may hold control characters.
     */
    sansh_bytes prompt;
} sansh_event_password_expired;

/**
 * Of SANSH_EVENT_BANNER.
 */
typedef struct sansh_event_banner {
    /**
     * Text for people. Untrusted: it may hold control characters.
     */
    sansh_bytes text;
} sansh_event_banner;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: letting in (server)
 *
 * SANSH_EVENT_LOGIN asks about one step of a login, SANSH_EVENT_READY says who came in by which steps, and what their
 * certificates still permit. The restrictions are the server's to keep.
 */

/**
 * Flag of a security key: somebody touched it.
 */
#define SANSH_TOUCHED 1

/**
 * Flag of a security key: somebody showed a PIN or a finger.
 */
#define SANSH_VERIFIED 4

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
    /**
     * The new password that was asked for, and the old one. Whether the old one is right is still to be seen.
     */
    SANSH_METHOD_NEW_PASSWORD = 4,
    /**
     * `keyboard-interactive`: to begin with without answers, and then with one for each question asked.
     */
    SANSH_METHOD_INTERACTIVE = 5,
    /**
     * `hostbased`: the signature by the client host's key was verified. Whether that key is that host's, and whether its
     * word on the user counts, is still to be seen.
     */
    SANSH_METHOD_HOST_BASED = 6,
} sansh_method;

/**
 * What two certificates of one login cannot both have.
 */
typedef enum sansh_conflict {
    /**
     * There is no conflict.
     */
    SANSH_CONFLICT_NONE = 0,
    /**
     * Each forces another command.
     */
    SANSH_CONFLICT_FORCE_COMMAND = 1,
    /**
     * They have more lists of source addresses than can be kept.
     */
    SANSH_CONFLICT_SOURCE_ADDRESS = 2,
    /**
     * Something newer than this header, or options that cannot be read.
     */
    SANSH_CONFLICT_OTHER = 3,
} sansh_conflict;

/**
 * What a security key said beside signing.
 */
typedef struct sansh_security_key {
    /**
     * 1 if the key is one; else the rest is 0.
     */
    int32_t present;
    /**
     * SANSH_TOUCHED, SANSH_VERIFIED, or'ed; other bits may be there.
     */
    uint32_t flags;
    /**
     * The key's count of its signatures.
     */
    uint32_t counter;
} sansh_security_key;

/**
 * One step of a login that was accepted. What does not belong to the method is empty.
 */
typedef struct sansh_step {
    /**
     * Method name: `publickey` also where the signature covers the host key.
     */
    sansh_bytes method;
    /**
     * `publickey` and `hostbased`: the signature algorithm.
     */
    sansh_bytes algorithm;
    /**
     * `publickey` and `hostbased`: the key or certificate, as it travels. A certificate was checked.
     */
    sansh_bytes key;
    /**
     * `hostbased`: the client host's name, as the client said it.
     */
    sansh_bytes host;
    /**
     * `hostbased`: the user's name on that host, as the client said it.
     */
    sansh_bytes host_user;
    /**
     * `publickey`: what a security key said.
     */
    struct sansh_security_key security_key;
} sansh_step;

/**
 * Of SANSH_EVENT_LOGIN. What does not belong to the method is empty.
 */
typedef struct sansh_event_login {
    /**
     * By what: SANSH_METHOD_....
     */
    int32_t method;
    /**
     * SANSH_METHOD_PUBLIC_KEY: 1 if the signature covers this server's host key too.
     */
    int32_t host_bound;
    /**
     * User name. Untrusted until admitted.
     */
    sansh_bytes user;
    /**
     * SANSH_METHOD_PASSWORD: the password. SANSH_METHOD_NEW_PASSWORD: the one that has expired. Wiped when the event ends.
     */
    sansh_bytes password;
    /**
     * SANSH_METHOD_NEW_PASSWORD: the one that is to take its place. Wiped when the event ends.
     */
    sansh_bytes new_password;
    /**
     * SANSH_METHOD_PUBLIC_KEY, SANSH_METHOD_HOST_BASED: the signature algorithm.
     */
    sansh_bytes algorithm;
    /**
     * SANSH_METHOD_PUBLIC_KEY, SANSH_METHOD_HOST_BASED: the key or certificate, as it travels. A certificate takes
     * sansh_answer_admission_accept_certificate() or ..._partial_certificate().
     */
    sansh_bytes key;
    /**
     * SANSH_METHOD_PUBLIC_KEY: what a security key said.
     */
    struct sansh_security_key security_key;
    /**
     * SANSH_METHOD_INTERACTIVE: 1 if these are answers; 0 if the method begins.
     */
    int32_t answered;
    /**
     * SANSH_METHOD_INTERACTIVE: one answer for each question asked. NULL if there is none. Wiped when the event ends.
     */
    const sansh_bytes *responses;
    /**
     * How many.
     */
    size_t responses_len;
    /**
     * SANSH_METHOD_HOST_BASED: the client host's name, as the client says it. SANSH_METHOD_OTHER: the method's name.
     * SANSH_METHOD_INTERACTIVE, where it begins: hints of the client, comma-separated.
     */
    sansh_bytes name;
    /**
     * SANSH_METHOD_HOST_BASED: the user's name on that host, as the client says it. SANSH_METHOD_OTHER: what follows the
     * name.
     */
    sansh_bytes fields;
    /**
     * The steps of this user that were accepted partially before. NULL if there is none. Whether the same method counts
     * twice is for you to say.
     */
    const struct sansh_step *steps;
    /**
     * How many.
     */
    size_t steps_len;
} sansh_event_login;

/**
 * What the certificates of all steps of a login together still permit. Without a certificate: everything. A flag is 1 or 0.
 */
typedef struct sansh_restrictions {
    /**
     * Not SANSH_CONFLICT_NONE: nothing can satisfy all of them. Nothing is permitted then: run nothing, disconnect.
     */
    int32_t conflict;
    /**
     * 1 if `force_command` runs instead of every shell, command and subsystem that is asked for.
     */
    int32_t forced;
    /**
     * That command.
     */
    sansh_bytes force_command;
    /**
     * A security key's signature is good only with SANSH_VERIFIED. The core has seen to it.
     */
    int32_t verify_required;
    /**
     * A security key's signature is good without SANSH_TOUCHED.
     */
    int32_t no_touch_required;
    /**
     * Forwarding of X11 is permitted.
     */
    int32_t x11_forwarding;
    /**
     * Forwarding of an agent is permitted.
     */
    int32_t agent_forwarding;
    /**
     * Forwarding of ports and sockets is permitted.
     */
    int32_t port_forwarding;
    /**
     * A terminal is permitted.
     */
    int32_t pty;
    /**
     * The user's `~/.ssh/rc` may be run.
     */
    int32_t user_rc;
} sansh_restrictions;

/**
 * Of SANSH_EVENT_READY.
 */
typedef struct sansh_event_ready {
    /**
     * The method of the last step. Client: `none`, and a `keyboard-interactive` that asked nothing, prove nothing; see
     * sansh_config_trivial_logins().
     */
    sansh_bytes method;
    /**
     * Server: who it is. Empty on a client, which knows.
     */
    sansh_bytes user;
    /**
     * Server: the public key or certificate of the last step, as it travels; empty for other methods.
     */
    sansh_bytes key;
    /**
     * Server: all steps, in order. NULL on a client.
     */
    const struct sansh_step *steps;
    /**
     * How many.
     */
    size_t steps_len;
    /**
     * Server: what their certificates still permit.
     */
    struct sansh_restrictions restrictions;
} sansh_event_ready;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: channels
 *
 * A channel is asked for (SANSH_EVENT_REQUESTED) or comes into being (SANSH_EVENT_OPENED); then data and requests follow
 * until it is closed. `channel` of the event says which one it is.
 */

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
    /**
     * `forwarded-streamlocal@openssh.com`.
     */
    SANSH_OPEN_FORWARDED_STREAMLOCAL = 5,
    /**
     * `x11`.
     */
    SANSH_OPEN_X11 = 6,
    /**
     * `auth-agent@openssh.com`.
     */
    SANSH_OPEN_AUTH_AGENT = 7,
    /**
     * `tun@openssh.com`.
     */
    SANSH_OPEN_TUN = 8,
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
    /**
     * `pty-req`.
     */
    SANSH_REQUEST_PTY = 7,
    /**
     * `window-change`.
     */
    SANSH_REQUEST_WINDOW_CHANGE = 8,
    /**
     * `signal`.
     */
    SANSH_REQUEST_SIGNAL = 9,
    /**
     * `xon-xoff`.
     */
    SANSH_REQUEST_XON_XOFF = 10,
    /**
     * `break`.
     */
    SANSH_REQUEST_BREAK = 11,
    /**
     * `eow@openssh.com`: the sender reads no more data.
     */
    SANSH_REQUEST_END_OF_WRITE = 12,
    /**
     * `x11-req`.
     */
    SANSH_REQUEST_X11 = 13,
    /**
     * `auth-agent-req@openssh.com`.
     */
    SANSH_REQUEST_AUTH_AGENT = 14,
} sansh_request_kind;

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
 * Dimensions of a terminal. What is 0 says nothing; characters come before pixels.
 */
typedef struct sansh_size {
    /**
     * Width in characters.
     */
    uint32_t columns;
    /**
     * Height in rows.
     */
    uint32_t rows;
    /**
     * Width in pixels.
     */
    uint32_t width;
    /**
     * Height in pixels.
     */
    uint32_t height;
} sansh_size;

/**
 * One terminal mode (RFC 4254, section 8).
 */
typedef struct sansh_mode {
    /**
     * Which: 1 to 159. 3 is VERASE, 53 ECHO.
     */
    uint32_t opcode;
    /**
     * Its argument.
     */
    uint32_t argument;
} sansh_mode;

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
     * SANSH_OPEN_DIRECT_TCPIP, SANSH_OPEN_FORWARDED_TCPIP and SANSH_OPEN_X11: port the connection comes from.
     */
    uint32_t originator_port;
    /**
     * The channel type's name.
     */
    sansh_bytes name;
    /**
     * SANSH_OPEN_DIRECT_TCPIP: host to connect to. SANSH_OPEN_FORWARDED_TCPIP: address that was connected to.
     * SANSH_OPEN_DIRECT_STREAMLOCAL and SANSH_OPEN_FORWARDED_STREAMLOCAL: path of the socket.
     */
    sansh_bytes address;
    /**
     * SANSH_OPEN_DIRECT_TCPIP, SANSH_OPEN_FORWARDED_TCPIP and SANSH_OPEN_X11: address the connection comes from.
     */
    sansh_bytes originator;
    /**
     * SANSH_OPEN_OTHER: the type's own fields.
     */
    sansh_bytes body;
    /**
     * SANSH_OPEN_TUN: SANSH_TUN_LAYER_....
     */
    int32_t layer;
    /**
     * SANSH_OPEN_TUN: number of the interface; SANSH_TUN_ANY leaves it to you.
     */
    uint32_t unit;
} sansh_event_open;

/**
 * Of SANSH_EVENT_OPENED.
 */
typedef struct sansh_event_opened {
    /**
     * The confirmation's own fields.
     */
    sansh_bytes data;
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
    sansh_bytes text;
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
     * Exactly what one packet carried. Of a SANSH_OPEN_TUN, one frame: sansh_tun_read().
     */
    sansh_bytes bytes;
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
    sansh_bytes name;
    /**
     * SANSH_REQUEST_EXEC: the command line. SANSH_REQUEST_SUBSYSTEM: its name. SANSH_REQUEST_ENV: the variable.
     * SANSH_REQUEST_EXIT_SIGNAL and SANSH_REQUEST_SIGNAL: the signal's name without SIG. SANSH_REQUEST_PTY: TERM.
     * SANSH_REQUEST_X11: the authentication protocol, `MIT-MAGIC-COOKIE-1`.
     */
    sansh_bytes text;
    /**
     * SANSH_REQUEST_ENV: the value. SANSH_REQUEST_EXIT_SIGNAL: text for people. SANSH_REQUEST_X11: the cookie, in
     * hexadecimal digits.
     */
    sansh_bytes value;
    /**
     * SANSH_REQUEST_OTHER: the request's own fields.
     */
    sansh_bytes body;
    /**
     * SANSH_REQUEST_PTY and SANSH_REQUEST_WINDOW_CHANGE: the size of the terminal.
     */
    struct sansh_size size;
    /**
     * SANSH_REQUEST_PTY: terminal modes, each opcode once. NULL if there is none.
     */
    const struct sansh_mode *modes;
    /**
     * How many.
     */
    size_t modes_len;
    /**
     * SANSH_REQUEST_BREAK: 0 leaves the length to you.
     */
    uint32_t milliseconds;
    /**
     * SANSH_REQUEST_XON_XOFF: 1 if the client may do flow control by itself.
     */
    int32_t client_can_do;
    /**
     * SANSH_REQUEST_X11: 1 if only one connection is to be forwarded.
     */
    int32_t single_connection;
    /**
     * SANSH_REQUEST_X11: screen number.
     */
    uint32_t screen;
} sansh_event_request;

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
    sansh_bytes data;
} sansh_event_replied;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: global requests
 *
 * Requests of the connection as a whole: forwardings, and the server's host keys.
 */

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
    /**
     * `streamlocal-forward@openssh.com`.
     */
    SANSH_GLOBAL_STREAMLOCAL_FORWARD = 3,
    /**
     * `cancel-streamlocal-forward@openssh.com`.
     */
    SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD = 4,
    /**
     * `no-more-sessions@openssh.com`. Every further session is refused by itself.
     */
    SANSH_GLOBAL_NO_MORE_SESSIONS = 5,
    /**
     * `hostkeys-00@openssh.com`: all host keys of the server. They prove nothing: sansh_global_host_keys_prove().
     */
    SANSH_GLOBAL_HOST_KEYS = 6,
    /**
     * `hostkeys-prove-00@openssh.com`. A server answers by itself: it asks for each signature by SANSH_EVENT_SIGN.
     */
    SANSH_GLOBAL_HOST_KEYS_PROVE = 7,
} sansh_global_kind;

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
    sansh_bytes name;
    /**
     * SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: address. SANSH_GLOBAL_STREAMLOCAL_FORWARD and
     * SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD: path of the socket.
     */
    sansh_bytes address;
    /**
     * SANSH_GLOBAL_OTHER: the request's own fields.
     */
    sansh_bytes body;
    /**
     * SANSH_GLOBAL_HOST_KEYS: the keys, as they travel; those beyond the 64th are left out. NULL if there is none.
     */
    const sansh_bytes *keys;
    /**
     * How many.
     */
    size_t keys_len;
} sansh_event_global;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: the end
 *
 * What ended a connection, and who is to blame. `text` of the event has all of it in words.
 */

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
    /**
     * The server let a login in that proved nothing: see sansh_config_trivial_logins().
     */
    SANSH_REASON_TRIVIAL_LOGIN = 35,
    /**
     * A compressed stream cannot be read, or says more than a packet may.
     */
    SANSH_REASON_COMPRESSION = 36,
} sansh_reason;

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
    sansh_bytes state;
    /**
     * All of it in words, for people: what, in which state, both sides' offers, what the peer says. Without control
     * characters, cut at 1,000 bytes.
     */
    sansh_bytes text;
    /**
     * The peer's own words, if it sent a DISCONNECT. Untrusted: they may hold control characters.
     */
    sansh_bytes words;
} sansh_event_closed;

/* --------------------------------------------------------------------------------------------------------------------
 * Events: the event
 *
 * A tag, and what it carries. sansh_next_event() is called until it says SANSH_EVENT_NONE, each turn.
 */

/**
 * What an event carries; `kind` says which member counts.
 */
typedef union sansh_event_content {
    /**
     * SANSH_EVENT_HOST_KEY.
     */
    sansh_event_host_key host_key;
    /**
     * SANSH_EVENT_LOGIN_NEEDED.
     */
    sansh_event_login_needed login_needed;
    /**
     * SANSH_EVENT_SIGN.
     */
    sansh_event_sign sign;
    /**
     * SANSH_EVENT_BANNER.
     */
    sansh_event_banner banner;
    /**
     * SANSH_EVENT_READY.
     */
    sansh_event_ready ready;
    /**
     * SANSH_EVENT_KEY_QUERY.
     */
    sansh_event_key_query key_query;
    /**
     * SANSH_EVENT_LOGIN.
     */
    sansh_event_login login;
    /**
     * SANSH_EVENT_REQUESTED.
     */
    sansh_event_open open;
    /**
     * SANSH_EVENT_OPENED.
     */
    sansh_event_opened opened;
    /**
     * SANSH_EVENT_REFUSED.
     */
    sansh_event_refused refused;
    /**
     * SANSH_EVENT_DATA.
     */
    sansh_event_data data;
    /**
     * SANSH_EVENT_REQUEST.
     */
    sansh_event_request request;
    /**
     * SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
     */
    sansh_event_replied replied;
    /**
     * SANSH_EVENT_GLOBAL.
     */
    sansh_event_global global;
    /**
     * SANSH_EVENT_CLOSED.
     */
    sansh_event_closed closed;
    /**
     * SANSH_EVENT_PROMPTS.
     */
    sansh_event_prompts prompts;
    /**
     * SANSH_EVENT_PASSWORD_EXPIRED.
     */
    sansh_event_password_expired password_expired;
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

/**
 * The next event, at `*event`; says its kind (SANSH_EVENT_...), SANSH_EVENT_NONE (0) if there is none now, or a negative
 * status. Ignore kinds that you do not know: later versions have more.
 *
 * All that the previous event lent ends here. A question that it asked, and that was neither answered nor kept with
 * sansh_later(), is refused.
 *
 * SANSH_E_MEMORY (there was none for an array that the event lends: the event is lost, and what it asked is refused),
 * SANSH_E_NULL, SANSH_E_POISONED: free the connection.
 *
 * Since 0.1.
 */
int32_t sansh_next_event(sansh_conn *conn,
                         struct sansh_event *event);

/**
 * Keeps the question of the last event beyond the next sansh_next_event(): it is answered any time later, in any order,
 * while other traffic flows. It then stays open until it is answered or the connection ends.
 *
 * SANSH_E_NULL, SANSH_E_STALE (not the question of the last event, or answered already), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_later(sansh_conn *conn, sansh_ask ask);

/* --------------------------------------------------------------------------------------------------------------------
 * Answers: keys
 */

/**
 * Answers SANSH_EVENT_HOST_KEY: 0 rejects the key and ends the connection, anything else accepts it. To accept a
 * certificate so is to say that you know its plain key or the very certificate: what it says about names, times and
 * authorities counts for nothing then. sansh_answer_trust_certificate() makes it count.
 *
 * All sansh_answer_...() say SANSH_E_STALE if the ask was answered already, asks something else, is another connection's,
 * or the connection went on without it: forget it. SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_trust(sansh_conn *conn,
                                sansh_ask ask,
                                int32_t accept);

/**
 * Answers SANSH_EVENT_SIGN with the blob of RFC 4253, section 6.6: `string algorithm, string signature`, as
 * sansh_key_sign() makes it. It is copied. NULL and 0 decline.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events); else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_signature(sansh_conn *conn, sansh_ask ask, const uint8_t *signature, size_t signature_len);

/**
 * Answers SANSH_EVENT_KEY_QUERY: 0 is no, anything else says that the key would do. It grants nothing.
 * As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_key_query(sansh_conn *conn, sansh_ask ask, int32_t yes);

/* --------------------------------------------------------------------------------------------------------------------
 * Answers: logging in (client)
 *
 * One attempt for each SANSH_EVENT_LOGIN_NEEDED. Questions of the server in the midst of one have answers of their own.
 */

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with no credential, which also asks for the methods there are.
 *
 * SANSH_E_TOO_LONG (longer than the limits allow: answer with something else), SANSH_E_TEXT (not UTF-8), SANSH_E_FULL
 * (keep the ask with sansh_later() and answer after the next events), SANSH_E_ROLE, SANSH_E_STALE, SANSH_E_NULL,
 * SANSH_E_POISONED. The texts are copied.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_none(sansh_conn *conn, sansh_ask ask, const char *user);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this password. As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_password(sansh_conn *conn, sansh_ask ask, const char *user, const char *password);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with this public key or certificate, as it travels, and this signature
 * algorithm (`ssh-ed25519`). NULL takes the first one of the provider that the key can have and that the server has said
 * it takes (RFC 8308), which matters to RSA keys. If `probe` is not 0, the server is asked first whether the key would
 * do. SANSH_EVENT_SIGN then asks for the signature. A key that nobody can use is refused by the server. As
 * sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_public_key(sansh_conn *conn,
                                           sansh_ask ask,
                                           const char *user,
                                           const char *algorithm,
                                           const uint8_t *key,
                                           size_t key_len,
                                           int32_t probe);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with `keyboard-interactive`. `submethods` are hints for the server,
 * comma-separated; NULL is none. SANSH_EVENT_PROMPTS brings the questions. As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_interactive(sansh_conn *conn, sansh_ask ask, const char *user, const char *submethods);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with `hostbased`: the client host's public key or certificate, its name
 * (fully qualified), and the user's name on it. SANSH_EVENT_SIGN then asks for the client host's signature. As
 * sansh_answer_login_public_key().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_host_based(sansh_conn *conn,
                                           sansh_ask ask,
                                           const char *user,
                                           const char *algorithm,
                                           const uint8_t *key,
                                           size_t key_len,
                                           const char *host,
                                           const char *host_user);

/**
 * Answers SANSH_EVENT_LOGIN_NEEDED: try `user` with any other method, by name and what follows the name in the message.
 * As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_login_other(sansh_conn *conn,
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
sansh_status sansh_answer_login_give_up(sansh_conn *conn, sansh_ask ask);

/**
 * Answers SANSH_EVENT_PROMPTS: one answer for each question, in order. They are copied, and the copy is wiped. NULL and 0
 * refuse the questions, or answer none where none was asked.
 *
 * SANSH_E_UNFIT (not as many as there were questions: answer again), SANSH_E_TEXT (not UTF-8), SANSH_E_TOO_LONG,
 * SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events), SANSH_E_ROLE; else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_prompts(sansh_conn *conn,
                                  sansh_ask ask,
                                  const sansh_bytes *answers,
                                  size_t answers_len);

/**
 * Answers SANSH_EVENT_PASSWORD_EXPIRED: the new password. It is copied, and the copy is wiped. NULL keeps the old one, and
 * another credential is asked for. As sansh_answer_login_none().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_new_password(sansh_conn *conn,
                                       sansh_ask ask,
                                       const char *password);

/* --------------------------------------------------------------------------------------------------------------------
 * Answers: letting in (server)
 */

/**
 * Answers SANSH_EVENT_LOGIN: the user is in. SANSH_EVENT_READY follows.
 *
 * SANSH_E_UNFIT (it is a certificate: sansh_answer_admission_accept_certificate()), SANSH_E_ROLE, SANSH_E_FULL (keep the
 * ask with sansh_later() and answer after the next events); else as sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_accept(sansh_conn *conn,
                                           sansh_ask ask);

/**
 * Answers SANSH_EVENT_LOGIN: this was right, and more is needed. `methods` are those that can continue, comma-separated;
 * NULL takes those of the configuration. As sansh_answer_admission_accept(), and SANSH_E_TEXT, SANSH_E_TOO_LONG.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_partial(sansh_conn *conn,
                                            sansh_ask ask,
                                            const char *methods);

/**
 * Answers SANSH_EVENT_LOGIN: no. `methods` as in sansh_answer_admission_partial().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_deny(sansh_conn *conn, sansh_ask ask, const char *methods);

/**
 * Answers SANSH_EVENT_LOGIN of SANSH_METHOD_INTERACTIVE: these questions (`prompts`, at most 16), with a title and a text
 * for people; NULL is an empty one. They are copied. The next SANSH_EVENT_LOGIN brings the answers. It can be asked again
 * then, 16 times at most.
 *
 * SANSH_E_UNFIT (another method, or asked too often: answer with something else), SANSH_E_LIMIT (more than 16),
 * SANSH_E_TOO_LONG; else as sansh_answer_admission_accept().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_prompt(sansh_conn *conn,
                                           sansh_ask ask,
                                           const char *name,
                                           const char *instruction,
                                           const sansh_prompt *prompts,
                                           size_t prompts_len);

/**
 * Answers SANSH_EVENT_LOGIN of SANSH_METHOD_PASSWORD: the password is right and has expired. `prompt` is a text for people
 * that asks for a new one. SANSH_METHOD_NEW_PASSWORD brings it. SANSH_E_UNFIT (another method), SANSH_E_TOO_LONG,
 * SANSH_E_TEXT; else as sansh_answer_admission_accept().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_change_password(sansh_conn *conn,
                                                    sansh_ask ask,
                                                    const char *prompt);

/* --------------------------------------------------------------------------------------------------------------------
 * Answers: certificates
 *
 * A certificate becomes trust only by a check of all it says: who signed it, for whom, from when to when, from where. The
 * calls here check and answer in one, so that nothing can get lost in between. Why a certificate is refused is a status of
 * its own, SANSH_E_CERT_...; the question stays open then, to be answered otherwise.
 */

/**
 * What a certificate is for.
 */
typedef enum sansh_certificate_kind {
    /**
     * Its principals are user names.
     */
    SANSH_CERTIFICATE_USER = 1,
    /**
     * Its principals are host names and addresses.
     */
    SANSH_CERTIFICATE_HOST = 2,
} sansh_certificate_kind;

/**
 * What a certificate is checked against. Set it to zero, then `size`, then all that you have: what is missing refuses more,
 * never less; only an empty `revoked` revokes nothing.
 */
typedef struct sansh_check {
    /**
     * `sizeof(sansh_check)`: later versions are longer.
     */
    size_t size;
    /**
     * The certificate: `blob` or `key` of the event that asks, or a copy of it if the event is over.
     */
    sansh_bytes certificate;
    /**
     * The time now, in seconds since 1970, as time(3) gives it.
     */
    uint64_t at;
    /**
     * The name that it has to speak for: of a host's, the name or address as you were asked to reach it, without a port; of a
     * user's, the user's name, or the principal that you want to see for the user; for `hostbased`, the client host's name.
     */
    sansh_bytes name;
    /**
     * Where the peer comes from, as inet_ntop(3) writes it. NULL if that is not known: then a certificate that is good from
     * some addresses only is refused.
     */
    const char *source;
    /**
     * The public keys, as they travel, that may sign certificates for the decision at hand.
     */
    const sansh_bytes *authorities;
    /**
     * How many.
     */
    size_t authorities_len;
    /**
     * What is revoked: keys of authorities, certified keys, or whole certificates, as they travel.
     */
    const sansh_bytes *revoked;
    /**
     * How many.
     */
    size_t revoked_len;
} sansh_check;

/**
 * Checks a certificate, and decides nothing: for SANSH_EVENT_KEY_QUERY, for one. `kind` is SANSH_CERTIFICATE_.... The
 * algorithms are those of the connection's provider. SANSH_OK says that it passes every check.
 *
 * SANSH_E_CERT_... (why it does not), SANSH_E_ARGUMENT (no such kind, a `size` that is not this version's, no time in `at`, or a `source` that
 * is no address), SANSH_E_RANGE, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_certificate_check(const sansh_conn *conn,
                                     const struct sansh_check *check,
                                     int32_t kind);

/**
 * Answers SANSH_EVENT_HOST_KEY whose key is a certificate: checks it as a host's, and accepts it if it passes.
 *
 * As sansh_certificate_check(); any status but SANSH_OK leaves the question open: answer it with sansh_answer_trust(), or
 * leave it, which rejects the key. SANSH_E_UNFIT (another certificate than the one that is asked about), and as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_trust_certificate(sansh_conn *conn,
                                            sansh_ask ask,
                                            const struct sansh_check *check);

/**
 * Answers SANSH_EVENT_LOGIN whose key is a certificate: checks it, a user's for SANSH_METHOD_PUBLIC_KEY and a host's for
 * SANSH_METHOD_HOST_BASED, and lets the user in if it passes. What it restricts comes with SANSH_EVENT_READY.
 *
 * As sansh_certificate_check(); any status but SANSH_OK leaves the question open: sansh_answer_admission_deny(), for one.
 * SANSH_E_UNFIT (another certificate than the one that is asked about, or of the other kind), and as
 * sansh_answer_admission_accept().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_accept_certificate(sansh_conn *conn,
                                                       sansh_ask ask,
                                                       const struct sansh_check *check);

/**
 * Answers SANSH_EVENT_LOGIN whose key is a certificate: if it passes the check, it was right, and more is needed. `methods` as
 * in sansh_answer_admission_partial(). As sansh_answer_admission_accept_certificate().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_admission_partial_certificate(sansh_conn *conn,
                                                        sansh_ask ask,
                                                        const struct sansh_check *check,
                                                        const char *methods);

/* --------------------------------------------------------------------------------------------------------------------
 * Answers: channels and global requests
 */

/**
 * Answers SANSH_EVENT_REQUESTED: the channel is open, and the peer may send `window` bytes before the first
 * sansh_grant(). `data` are the confirmation's own fields: NULL and 0 for all built-in types; they are copied.
 * sansh_flow() lets the window grow.
 *
 * SANSH_E_FULL (keep the ask with sansh_later() and answer after the next events), SANSH_E_TOO_LONG; else as
 * sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_opening_accept(sansh_conn *conn,
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
sansh_status sansh_answer_opening_refuse(sansh_conn *conn,
                                         sansh_ask ask,
                                         uint32_t reason,
                                         const char *text);

/**
 * Answers SANSH_EVENT_REQUEST: 0 refuses it, anything else grants it. As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_permission(sansh_conn *conn, sansh_ask ask, int32_t yes);

/**
 * Answers SANSH_EVENT_GLOBAL: 0 refuses it, anything else grants it. As sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global(sansh_conn *conn, sansh_ask ask, int32_t yes);

/**
 * Answers SANSH_EVENT_GLOBAL: granted, with the port that was bound (SANSH_GLOBAL_TCPIP_FORWARD with port 0).
 *
 * SANSH_E_FULL (during a key exchange or behind an unanswered global request: keep the ask with sansh_later() and
 * answer after the next events); else as sansh_answer_trust().
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global_port(sansh_conn *conn, sansh_ask ask, uint32_t port);

/**
 * Answers SANSH_EVENT_GLOBAL: granted, with any bytes; they are copied. As sansh_answer_global_port(), and
 * SANSH_E_TOO_LONG.
 *
 * Since 0.1.
 */
sansh_status sansh_answer_global_data(sansh_conn *conn, sansh_ask ask, const uint8_t *data, size_t data_len);

/* --------------------------------------------------------------------------------------------------------------------
 * Channels: opening
 *
 * Every built-in type has its call, in the direction that the protocol has for it; the peer gets SANSH_EVENT_REQUESTED.
 */

/**
 * Opens a session channel, at `*channel`, on which the peer may send `window` bytes before the first sansh_grant(); with
 * sansh_flow() right behind, the window grows with the line. SANSH_EVENT_OPENED or SANSH_EVENT_REFUSED follows; send
 * requests and data only then.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM. SANSH_E_LIMIT: close a channel first. SANSH_E_CLOSED (no
 * login yet, the end, or a session behind sansh_global_no_more_sessions()), SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED: `*channel`
 * is 0 then. Texts and bodies are copied.
 *
 * Since 0.1.
 */
sansh_status sansh_open_session(sansh_conn *conn,
                                uint32_t window,
                                sansh_channel *channel);

/**
 * Opens a channel to a TCP host and port as the server sees them, on behalf of an originator: an address and port that
 * the server may log. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_direct_tcpip(sansh_conn *conn,
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
sansh_status sansh_open_forwarded_tcpip(sansh_conn *conn,
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
sansh_status sansh_open_direct_streamlocal(sansh_conn *conn, const char *path, uint32_t window, sansh_channel *channel);

/**
 * Server: opens a channel for a connection that came to a Unix socket which the client asked for
 * (SANSH_GLOBAL_STREAMLOCAL_FORWARD). As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_forwarded_streamlocal(sansh_conn *conn,
                                              const char *path,
                                              uint32_t window,
                                              sansh_channel *channel);

/**
 * Server: opens a channel for a program that wants to the X11 display of the client, which has asked for it
 * (SANSH_REQUEST_X11). A client that has not refuses it by itself. The originator is an address and port that the client
 * may log. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_x11(sansh_conn *conn,
                            const char *originator,
                            uint32_t originator_port,
                            uint32_t window,
                            sansh_channel *channel);

/**
 * Server: opens a channel to the client's agent, which the client has offered (SANSH_REQUEST_AUTH_AGENT). A client that has
 * not refuses it by itself. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_auth_agent(sansh_conn *conn,
                                   uint32_t window,
                                   sansh_channel *channel);

/**
 * Client: opens a tunnel. `layer` is SANSH_TUN_LAYER_...; `unit` the number of the server's interface, SANSH_TUN_ANY leaves
 * it to the server. Each packet of data is one frame: sansh_tun_head(), sansh_tun_read(). SANSH_E_ARGUMENT (no such layer);
 * else as sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_tun(sansh_conn *conn,
                            int32_t layer,
                            uint32_t unit,
                            uint32_t window,
                            sansh_channel *channel);

/**
 * Opens a channel of any type, by name and the type's own fields. As sansh_open_session().
 *
 * Since 0.1.
 */
sansh_status sansh_open_other(sansh_conn *conn,
                              const char *kind,
                              const uint8_t *body,
                              size_t body_len,
                              uint32_t window,
                              sansh_channel *channel);

/* --------------------------------------------------------------------------------------------------------------------
 * Channels: data
 *
 * What is sent is written where it travels: sansh_send_buf(), then sansh_send(). What is received comes by SANSH_EVENT_DATA,
 * as much as this side has granted.
 */

/**
 * A place inside the next packet of a channel, at `*space`, for data of a stream (SANSH_MAIN; from a server
 * SANSH_STDERR too). It may be as small as one byte: the peer's window decides; never write beyond `space->len`. Write to
 * its front, then call sansh_send(). Lent until any next call on this connection that is not a look; sansh_send() then
 * says whether it still held. If it fails, `*space` is empty.
 *
 * SANSH_E_FULL, SANSH_E_WINDOW, SANSH_E_REKEYING: wait for SANSH_EVENT_WRITABLE of this channel, then repeat.
 * SANSH_E_STALE, SANSH_E_CLOSED: nothing more can be sent. SANSH_E_ARGUMENT (no such stream), SANSH_E_ROLE
 * (SANSH_STDERR from a client), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_send_buf(sansh_conn *conn,
                            sansh_channel channel,
                            int32_t stream,
                            sansh_space *space);

/**
 * As sansh_send_buf(), for at least `n` bytes in one packet: for protocols whose packets are messages, as a tunnel's are.
 * SANSH_E_TOO_LONG (more than one packet to this peer ever carries); else as sansh_send_buf().
 *
 * Since 0.1.
 */
sansh_status sansh_send_buf_for(sansh_conn *conn,
                                sansh_channel channel,
                                int32_t stream,
                                size_t n,
                                sansh_space *space);

/**
 * Seals the first `n` bytes of what sansh_send_buf() lent as one packet, in place. 0 sends nothing and ends the loan.
 *
 * SANSH_E_ORDER: since sansh_send_buf() for this channel, another call was made that is not a look; nothing was sent,
 * start again with sansh_send_buf(). SANSH_E_RANGE (more than was lent: nothing was sent, and the loan goes on),
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_send(sansh_conn *conn, sansh_channel channel, size_t n);

/**
 * Lets the peer send `n` bytes more on this channel: as many as you have taken out of SANSH_EVENT_DATA for good. It is
 * sent when it is worth a packet. What would pass SANSH_LIMIT_CREDIT, over all channels, does not count: it is not kept for
 * later, so grant no more than what came. On a channel that the peer asked for, what is granted before the answer does not
 * count either: the answer says the window.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_grant(sansh_conn *conn,
                         sansh_channel channel,
                         uint32_t n);

/**
 * How the credit of this channel is handled from now on, beyond sansh_grant().
 *
 * If `ceiling` is not 0, the window grows up to so many bytes, as far as the line has use for it (bandwidth x delay) and
 * SANSH_LIMIT_CREDIT has room; call it right after sansh_open_...() or sansh_answer_opening_accept(), whose `window` is where
 * it begins. If `grants` is not 0, data is granted back by itself as soon as its event is over: for a program that takes
 * everything at once. One that keeps anything grants by itself, or there is no bound to what it keeps.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_flow(sansh_conn *conn,
                        sansh_channel channel,
                        uint32_t ceiling,
                        int32_t grants);

/**
 * Says that no more data follows on this channel from this side. The peer's still comes.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_finish(sansh_conn *conn, sansh_channel channel);

/**
 * Closes the channel. No event of it follows but SANSH_EVENT_CHANNEL_CLOSED.
 *
 * SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_close(sansh_conn *conn, sansh_channel channel);

/* --------------------------------------------------------------------------------------------------------------------
 * Channels: requests
 *
 * Every built-in request has its call; the peer gets SANSH_EVENT_REQUEST. Those that want an answer have a `sent`.
 */

/**
 * Asks for the user's shell. The answer is a SANSH_EVENT_REPLIED with the number at `*sent`; `sent` may be NULL.
 *
 * SANSH_E_FULL, SANSH_E_REKEYING: wait for SANSH_EVENT_ROOM, then repeat. SANSH_E_LIMIT: wait for an answer.
 * SANSH_E_STALE, SANSH_E_CLOSED, SANSH_E_TOO_LONG, SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED. Texts and bodies are
 * copied.
 *
 * Since 0.1.
 */
sansh_status sansh_request_shell(sansh_conn *conn, sansh_channel channel, sansh_sent *sent);

/**
 * Asks for a command. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exec(sansh_conn *conn, sansh_channel channel, const char *command, sansh_sent *sent);

/**
 * Asks for a subsystem. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_subsystem(sansh_conn *conn, sansh_channel channel, const char *name, sansh_sent *sent);

/**
 * Sets an environment variable for what is started next. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_env(sansh_conn *conn, sansh_channel channel, const char *name, const char *value);

/**
 * Asks for a terminal: `term` as in TERM, its size, and its modes; NULL and 0 is no mode. SANSH_E_ARGUMENT (an opcode that is
 * not 1 to 159), SANSH_E_LIMIT (more than 159 modes); else as sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_pty(sansh_conn *conn,
                               sansh_channel channel,
                               const char *term,
                               const sansh_size *size,
                               const sansh_mode *modes,
                               size_t modes_len,
                               sansh_sent *sent);

/**
 * Says that the size of the terminal changed. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_window_change(sansh_conn *conn, sansh_channel channel, const sansh_size *size);

/**
 * Sends a signal to what runs: its name without SIG, `TERM`. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_signal(sansh_conn *conn, sansh_channel channel, const char *name);

/**
 * Sends a break (RFC 4335) of so many milliseconds; 0 leaves the length to the server. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_break(sansh_conn *conn, sansh_channel channel, uint32_t milliseconds, sansh_sent *sent);

/**
 * Offers the X11 display: the server may open channels of SANSH_OPEN_X11 then; one, if `single_connection` is not 0. Pass a
 * cookie made up for this session, in hexadecimal digits, and check it in what comes: never the display's own. As
 * sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_x11(sansh_conn *conn,
                               sansh_channel channel,
                               int32_t single_connection,
                               const char *protocol,
                               const char *cookie,
                               uint32_t screen,
                               sansh_sent *sent);

/**
 * Offers the agent: the server may open channels of SANSH_OPEN_AUTH_AGENT then. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_auth_agent(sansh_conn *conn, sansh_channel channel, sansh_sent *sent);

/**
 * Says that no more data is read from this channel. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_end_of_write(sansh_conn *conn, sansh_channel channel);

/**
 * Server: says whether the client may do flow control (XON/XOFF) by itself. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_xon_xoff(sansh_conn *conn,
                                    sansh_channel channel,
                                    int32_t client_can_do);

/**
 * Server: says how a command ended. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exit_status(sansh_conn *conn, sansh_channel channel, uint32_t status);

/**
 * Server: says which signal ended a command (its name without SIG), whether a core was dumped, and a text for people;
 * NULL is none. No answer is asked for. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_exit_signal(sansh_conn *conn,
                                       sansh_channel channel,
                                       const char *signal,
                                       int32_t core_dumped,
                                       const char *message);

/**
 * Sends any channel request, by name and the request's own fields. As sansh_request_shell().
 *
 * Since 0.1.
 */
sansh_status sansh_request_other(sansh_conn *conn,
                                 sansh_channel channel,
                                 const char *name,
                                 int32_t want_reply,
                                 const uint8_t *body,
                                 size_t body_len,
                                 sansh_sent *sent);

/* --------------------------------------------------------------------------------------------------------------------
 * Global requests
 *
 * Requests of the connection as a whole: forwardings from the server's side, and the server's host keys.
 */

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
sansh_status sansh_global_tcpip_forward(sansh_conn *conn, const char *address, uint32_t port, sansh_sent *sent);

/**
 * Client: ends such a forwarding. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_cancel_tcpip_forward(sansh_conn *conn, const char *address, uint32_t port, sansh_sent *sent);

/**
 * Client: asks the server to listen on a Unix socket. Connections come as SANSH_EVENT_REQUESTED of
 * SANSH_OPEN_FORWARDED_STREAMLOCAL. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_streamlocal_forward(sansh_conn *conn, const char *path, sansh_sent *sent);

/**
 * Client: ends such a forwarding. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_cancel_streamlocal_forward(sansh_conn *conn, const char *path, sansh_sent *sent);

/**
 * Client: tells the server that no further session will be opened; this side refuses to, and so does the server. No answer
 * is asked for. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_no_more_sessions(sansh_conn *conn);

/**
 * Server: tells the client all host keys, `keys` as they travel. No answer is asked for; the client may ask for proofs, which
 * come as SANSH_EVENT_SIGN. As sansh_global_tcpip_forward(), and SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_global_host_keys(sansh_conn *conn,
                                    const sansh_bytes *keys,
                                    size_t keys_len);

/**
 * Client: asks the server to prove that it holds these keys (SANSH_GLOBAL_HOST_KEYS told them). The answer's data are for
 * sansh_host_key_proofs_check(). At most 16 at a time are proved. As sansh_global_host_keys().
 *
 * Since 0.1.
 */
sansh_status sansh_global_host_keys_prove(sansh_conn *conn,
                                          const sansh_bytes *keys,
                                          size_t keys_len,
                                          sansh_sent *sent);

/**
 * Client: checks the answer's data, `proofs`, to sansh_global_host_keys_prove() with the same keys in the same order.
 * SANSH_OK says that every one of them is proved, and may be stored for this server.
 *
 * SANSH_E_PROOF (any of them is not: store none), SANSH_E_CLOSED (no key exchange yet), SANSH_E_RANGE, SANSH_E_NULL,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_host_key_proofs_check(const sansh_conn *conn,
                                         const sansh_bytes *keys,
                                         size_t keys_len,
                                         const uint8_t *proofs,
                                         size_t proofs_len);

/**
 * Sends any global request, by name and the request's own fields. As sansh_global_tcpip_forward().
 *
 * Since 0.1.
 */
sansh_status sansh_global_other(sansh_conn *conn,
                                const char *name,
                                int32_t want_reply,
                                const uint8_t *body,
                                size_t body_len,
                                sansh_sent *sent);

/* --------------------------------------------------------------------------------------------------------------------
 * Channels: tunnels
 *
 * One packet of data on a SANSH_OPEN_TUN channel is one frame: a head and an IP packet or Ethernet frame, never merged with
 * another and never split. To send one: sansh_send_buf_for() with SANSH_TUN_HEAD bytes more than the packet has,
 * sansh_tun_head(), the packet behind it, sansh_send().
 */

/**
 * An interface whose number is not said.
 */
#define SANSH_TUN_ANY 2147483647

/**
 * The most bytes that stand in front of a packet.
 */
#define SANSH_TUN_HEAD 8

/**
 * Address family, as it travels: IPv4.
 */
#define SANSH_TUN_INET 2

/**
 * Address family, as it travels: IPv6.
 */
#define SANSH_TUN_INET6 24

/**
 * What is tunnelled.
 */
typedef enum sansh_tun_layer {
    /**
     * IP packets.
     */
    SANSH_TUN_LAYER_3 = 1,
    /**
     * Ethernet frames.
     */
    SANSH_TUN_LAYER_2 = 2,
} sansh_tun_layer;

/**
 * Writes what stands in front of a packet of `packet_len` bytes to the front of `space`, a room of `space_len` bytes, and at
 * `*head` how many bytes that is: the packet goes behind it, and `*head + packet_len` to sansh_send(). `layer` is
 * SANSH_TUN_LAYER_...; `family` (SANSH_TUN_INET, SANSH_TUN_INET6) counts at layer 3 alone.
 *
 * SANSH_E_SPACE (no room for both: nothing was written, `*head` is 0), SANSH_E_ARGUMENT (no such layer), SANSH_E_RANGE,
 * SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_tun_head(int32_t layer,
                            uint32_t family,
                            size_t packet_len,
                            uint8_t *space,
                            size_t space_len,
                            size_t *head);

/**
 * Reads one frame, the bytes of one SANSH_EVENT_DATA: at `*packet` the packet, which points into them, and at `*family` the
 * address family as it travels (0 at layer 2; `family` may be NULL).
 *
 * SANSH_E_FRAME (its length is not that of the bytes, or it is cut short: drop it), SANSH_E_ARGUMENT (no such layer),
 * SANSH_E_NULL: `*packet` is empty then.
 *
 * Since 0.1.
 */
sansh_status sansh_tun_read(int32_t layer,
                            const uint8_t *data,
                            size_t data_len,
                            uint32_t *family,
                            sansh_bytes *packet);

/* --------------------------------------------------------------------------------------------------------------------
 * Looks
 *
 * What can be seen of a connection. These calls change nothing.
 */

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
    /**
     * Compression of what the client sends: `none`, or `zlib@openssh.com` (behind the login).
     */
    SANSH_NEGOTIATED_COMPRESSION_CLIENT_TO_SERVER = 6,
    /**
     * Compression of what the server sends.
     */
    SANSH_NEGOTIATED_COMPRESSION_SERVER_TO_CLIENT = 7,
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
     * sansh_send_buf() calls that met an empty window, or one too small.
     */
    SANSH_COUNT_WINDOW_STALLS = 5,
    /**
     * Bytes of partial packets moved within the receive buffer.
     */
    SANSH_COUNT_MOVED = 6,
    /**
     * Bytes by which windows were grown (sansh_flow()).
     */
    SANSH_COUNT_WINDOW_GROWN = 7,
    /**
     * The shortest round trip seen, in nanoseconds; 0 before the first.
     */
    SANSH_COUNT_ROUND_TRIP = 8,
} sansh_count;

/**
 * The peer's identification without CR LF; empty before it came. Untrusted. Lent until the connection is freed.
 *
 * Since 0.1.
 */
sansh_bytes sansh_peer_identification(const sansh_conn *conn);

/**
 * A name (SANSH_NEGOTIATED_...) of what the last key exchange negotiated. Lives for ever. Empty before the first one.
 *
 * Since 0.1.
 */
sansh_bytes sansh_algorithm(const sansh_conn *conn, int32_t which);

/**
 * 1 if strict key exchange is in force, 0 if not or not known yet.
 *
 * Since 0.1.
 */
int32_t sansh_is_strict(const sansh_conn *conn);

/**
 * Client: 1 if the server takes this signature algorithm in a login, as its `server-sig-algs` says (RFC 8308, section 3.1),
 * and for all as long as it has said nothing; else 0. Also 0 on a server and for NULL.
 *
 * Since 0.1.
 */
int32_t sansh_server_takes(const sansh_conn *conn,
                           const char *algorithm);

/**
 * The session identifier: the exchange hash of the first key exchange. Empty before it. Lent until the connection is
 * freed.
 *
 * Since 0.1.
 */
sansh_bytes sansh_session_id(const sansh_conn *conn);

/**
 * A counter (SANSH_COUNT_...). 0 for one that does not exist.
 *
 * Since 0.1.
 */
uint64_t sansh_counter(const sansh_conn *conn, int32_t which);

/**
 * The messages that went by, in words, one a line, in UTF-8, if SANSH_LIMIT_TRACE is set. Lent until the next call on
 * this connection that is not a look.
 *
 * Since 0.1.
 */
sansh_bytes sansh_trace(const sansh_conn *conn);

/**
 * The first `n` bytes of sansh_trace() are dealt with.
 *
 * SANSH_E_RANGE (more than there are, or not at the end of a character: nothing changed), SANSH_E_NULL,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_traced(sansh_conn *conn, size_t n);

/* --------------------------------------------------------------------------------------------------------------------
 * Backlogs
 *
 * For sinks that take less than they are given.
 */

/**
 * Received data that waits for its sink: a pipe that is full, a slow disk. It belongs to no connection and to one thread
 * at a time. What SANSH_EVENT_DATA brings and the sink does not take is pushed here; what leaves is granted again. With
 * a limit no smaller than the channel's window, it is never full.
 */
typedef struct sansh_backlog sansh_backlog;

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
sansh_bytes sansh_backlog_front(const struct sansh_backlog *backlog);

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

/* --------------------------------------------------------------------------------------------------------------------
 * Keys
 *
 * For programs that just have a key. A connection never holds a private key: it asks for signatures with
 * SANSH_EVENT_SIGN, and a key here, an agent or a hardware module answers it on one path. Where keys come from and go
 * to is in the section on key files.
 */

/**
 * Room that is enough for a signature of sansh_key_sign(), by keys of every type and length.
 */
#define SANSH_SIGNATURE_ROOM 4096

/**
 * The types of keys that are made here.
 */
typedef enum sansh_key_kind {
    /**
     * `ssh-ed25519`. Its length is always 256 bits.
     */
    SANSH_KEY_ED25519 = 0,
    /**
     * `ecdsa-sha2-nistp...`, of 256, 384 or 521 bits. The usual length is 256.
     */
    SANSH_KEY_ECDSA = 1,
    /**
     * `ssh-rsa`, of 2048, 3072, 4096 or 8192 bits. The usual length is 3072. Only where the library was built with
     * aws-lc, which draws from its own random numbers.
     */
    SANSH_KEY_RSA = 2,
    /**
     * `ssh-mldsa44-ed25519@openssh.com`, where the library was built with it. It has no length to choose.
     */
    SANSH_KEY_MLDSA44_ED25519 = 3,
} sansh_key_kind;

/**
 * A private key in memory, with its comment and its certificate if it has one. Wiped when it is freed. Nothing changes
 * it: any number of threads may use it at once.
 */
typedef struct sansh_key sansh_key;

/**
 * Makes a new Ed25519 key, at `*key`. Free it with sansh_key_free(). `seed` is SANSH_SEED_LEN secret bytes; NULL takes
 * them from the operating system. If it fails, `*key` is NULL.
 *
 * SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_generate(const uint8_t *seed, struct sansh_key **key);

/**
 * As sansh_key_generate(), a key of `kind` (SANSH_KEY_...) and of `bits` bits; 0 is the usual length.
 *
 * SANSH_E_ARGUMENT (no such kind, or a length that it does not have), SANSH_E_KEY_UNSUPPORTED (this library was built
 * without it: make the key with `ssh-keygen`), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_generate_kind(int32_t kind, uint32_t bits, const uint8_t *seed, struct sansh_key **key);

/**
 * Wipes and frees a key. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_key_free(struct sansh_key *key);

/**
 * The public half, as it travels (RFC 4253, section 6.6): the certificate if the key has one, else the plain key. Lent
 * until the key is freed.
 *
 * Since 0.1.
 */
sansh_bytes sansh_key_public_blob(const struct sansh_key *key);

/**
 * The plain public key, whether there is a certificate or not. Lent until the key is freed.
 *
 * Since 0.1.
 */
sansh_bytes sansh_key_plain_blob(const struct sansh_key *key);

/**
 * The comment: a name for people, part of the key file, UTF-8. Lent until the key is freed.
 *
 * Since 0.1.
 */
sansh_bytes sansh_key_comment(const struct sansh_key *key);

/**
 * The best signature algorithm of this key, for sansh_answer_login_public_key(): `ssh-ed25519`, `rsa-sha2-512`; of a
 * key with a certificate, `ssh-ed25519-cert-v01@openssh.com`. NUL-terminated, lives for ever. NULL if the key does not
 * sign here (it is a security key's, or RSA in a library without aws-lc), and for NULL.
 *
 * Since 0.1.
 */
const char *sansh_key_algorithm(const struct sansh_key *key);

/**
 * The signature algorithm number `index` of this key, from 0, best first. An RSA key has several: a client takes the
 * first that the server accepts, a server offers all. NUL-terminated, lives for ever. NULL behind the last one, and
 * for NULL.
 *
 * Since 0.1.
 */
const char *sansh_key_algorithm_at(const struct sansh_key *key, size_t index);

/**
 * Signs a message, as SANSH_EVENT_SIGN asks for it: copies the blob of RFC 4253, section 6.6 to `signature`, a room of
 * `room` bytes, and its length to `*len`. SANSH_SIGNATURE_ROOM is enough. `algorithm` may be a certificate's, as the
 * event says it; the signature then bears the plain name.
 *
 * SANSH_E_ALGORITHM (the key makes no signatures of this algorithm: sansh_key_algorithm_at()), SANSH_E_KEY_UNSUPPORTED
 * (the key does not sign here: take an agent), SANSH_E_KEY_FAULT (the signature did not verify and was thrown away:
 * this machine computes wrongly), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT,
 * SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
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
 * A copy of a key that has this certificate, at `*certified`: from then on its public blob is the certificate, and its
 * algorithms are the certificate's. `key` stays as it is: free each of the two with sansh_key_free(). Only whose certificate it is is checked;
 * whether it is good for anything, the other side decides. If it fails, `*certified` is NULL.
 *
 * SANSH_E_CERT_TYPE (not a certificate), SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_KEY_OTHER (it is for
 * another key), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_with_certificate(const struct sansh_key *key,
                                        const uint8_t *blob,
                                        size_t blob_len,
                                        struct sansh_key **certified);

/**
 * A copy of a key with another comment, at `*named`. Control characters become blanks. `key` stays as it is, and both
 * are freed. If it fails, `*named` is NULL.
 *
 * SANSH_E_TEXT (not UTF-8), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_with_comment(const struct sansh_key *key, const char *comment, struct sansh_key **named);

/* --------------------------------------------------------------------------------------------------------------------
 * Key files
 *
 * All formats that people have are read: OpenSSH's, PKCS#8, PKCS#1 and SEC1 as OpenSSL writes them, PuTTY's PPK 2 and
 * 3, encrypted or not. Read a file with sansh_key_read(); if it says SANSH_E_FILE_ENCRYPTED, ask for the passphrase
 * and call sansh_key_read_encrypted(). Nothing here opens a file. A file is no longer than 64 KiB. What turning its
 * passphrase into a key may cost is bounded to about ten seconds and 256 MiB, whatever the file asks for:
 * SANSH_E_FILE_COST.
 */

/**
 * The largest effort of a passphrase.
 */
#define SANSH_KEY_EFFORT_MAX 1024

/**
 * Formats of key files that are written.
 */
typedef enum sansh_key_format {
    /**
     * OpenSSH's (openssh-key-v1): keys of all types. Encrypted with AES-256.
     */
    SANSH_KEY_FORMAT_OPENSSH = 0,
    /**
     * PKCS#8 (RFC 5958), as OpenSSL writes it: Ed25519, ECDSA and RSA. Encrypted with AES-256.
     */
    SANSH_KEY_FORMAT_PKCS8 = 1,
    /**
     * PKCS#1 (RFC 8017): RSA, never encrypted.
     */
    SANSH_KEY_FORMAT_PKCS1 = 2,
    /**
     * SEC1 (RFC 5915): ECDSA, never encrypted.
     */
    SANSH_KEY_FORMAT_SEC1 = 3,
    /**
     * PuTTY's PPK 2, for PuTTY before 0.75: Ed25519, ECDSA and RSA. Never encrypted here, where its key derivation is
     * none.
     */
    SANSH_KEY_FORMAT_PUTTY2 = 4,
    /**
     * PuTTY's PPK 3: Ed25519, ECDSA and RSA. Encrypted with Argon2id and AES-256.
     */
    SANSH_KEY_FORMAT_PUTTY3 = 5,
} sansh_key_format;

/**
 * Reads the text of a private key file of any format that needs no passphrase, and gives the key at `*key`. Free it
 * with sansh_key_free(). The text is not kept: wipe your copy. If it fails, `*key` is NULL.
 *
 * SANSH_E_FILE_ENCRYPTED (call sansh_key_read_encrypted()), any other SANSH_E_FILE_... (sansh_status_text() says what to
 * do about it), SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_read(const uint8_t *text,
                            size_t text_len,
                            sansh_key **key);

/**
 * As sansh_key_read(), with a passphrase, which a file that is not encrypted does not need and which is then not
 * looked at. It may take seconds: the file says how long. Neither the text nor the passphrase is kept: wipe both.
 *
 * SANSH_E_FILE_WRONG_PASSPHRASE (or the file is damaged, which cannot be told from it: ask again), SANSH_E_FILE_COST,
 * SANSH_E_FILE_UNSUPPORTED (the format is right, but its cipher or key derivation is none that is known), any other
 * SANSH_E_FILE_..., SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_key_read_encrypted(const uint8_t *text,
                                      size_t text_len,
                                      const uint8_t *passphrase,
                                      size_t passphrase_len,
                                      sansh_key **key);

/**
 * Copies the text of a private key file in OpenSSH's format, without a passphrase and without a NUL behind it, to
 * `text`, a room of `room` bytes, and its length to `*len`. A certificate is no part of it: it goes into a file of its
 * own. Store the text so that nobody else can read it (mode 0600), and wipe the room.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_write(const sansh_key *key, uint8_t *text, size_t room, size_t *len);

/**
 * As sansh_key_write(), in `format` (SANSH_KEY_FORMAT_...) and encrypted with a passphrase; one of length 0 is none.
 * `effort` says how hard each guess is, from 1 to SANSH_KEY_EFFORT_MAX: the rounds of `ssh-keygen -a`; 0 is the usual
 * effort, a tenth of a second. Each call with a passphrase takes that time, so give it room enough at once: 16 KiB.
 *
 * SANSH_E_FILE_KEY_TYPE (the format has no place for keys of this type: take OpenSSH's), SANSH_E_FILE_PASSPHRASE (the
 * format is not encrypted here, or the effort is out of range), SANSH_E_ARGUMENT (no such format), SANSH_E_SPACE
 * (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_key_write_as(const sansh_key *key,
                                int32_t format,
                                const uint8_t *passphrase,
                                size_t passphrase_len,
                                uint32_t effort,
                                uint8_t *text,
                                size_t room,
                                size_t *len);

/* --------------------------------------------------------------------------------------------------------------------
 * Public keys
 *
 * What may be shown to anybody: fingerprints, key lines, and the fields of certificates. A blob is a public key as it
 * travels (RFC 4253, section 6.6). Nothing here trusts: whether a certificate is good for a decision, the checks of
 * the section on certificates say.
 */

/**
 * Room that is enough for the text of sansh_fingerprint(), with its NUL.
 */
#define SANSH_FINGERPRINT_ROOM 64

/**
 * Room that is enough for the key of sansh_certificate_key().
 */
#define SANSH_CERTIFICATE_KEY_ROOM 2112

/**
 * What a certificate says. Whoever sent it may have written it: nothing of this is checked. All that it points to is
 * the blob that was looked at, and lives as long.
 */
typedef struct sansh_certificate {
    /**
     * SANSH_CERTIFICATE_USER or SANSH_CERTIFICATE_HOST.
     */
    int32_t kind;
    /**
     * How many names it speaks for: sansh_certificate_principal().
     */
    uint32_t principals;
    /**
     * A number that its authority gave it.
     */
    uint64_t serial;
    /**
     * From when it is valid, in seconds since 1970.
     */
    uint64_t valid_after;
    /**
     * From when it is not valid any more; UINT64_MAX is never.
     */
    uint64_t valid_before;
    /**
     * `ssh-ed25519-cert-v01@openssh.com`.
     */
    sansh_bytes type_name;
    /**
     * A name that its authority gave it, for logs.
     */
    sansh_bytes key_id;
    /**
     * The public key of the authority that signed it.
     */
    sansh_bytes authority;
    /**
     * 0. Later versions may use it.
     */
    uint64_t reserved[8];
} sansh_certificate;

/**
 * Copies the fingerprint of a public key to `text`, a room of `room` bytes: `SHA256:...` with a NUL behind it, as
 * `ssh-keygen -l` shows it. SANSH_FINGERPRINT_ROOM is enough.
 *
 * SANSH_E_SPACE (nothing was copied), SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_fingerprint(const uint8_t *blob, size_t blob_len, char *text, size_t room);

/**
 * Copies the line of a public key, `type base64 comment` as it stands in a `.pub` file, without a newline or NUL
 * behind it, to `text`, a room of `room` bytes, and its length to `*len`. `comment` may be NULL.
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
 * Lines of certificates (`...-cert.pub`) are read as well.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_FILE_LINE, SANSH_E_TEXT, SANSH_E_NULL,
 * SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_public_blob(const uint8_t *line, size_t line_len, uint8_t *blob, size_t room, size_t *len);

/**
 * The type of a public key or certificate, as its blob names it: `ssh-ed25519`. Lent as long as the blob lives. `len`
 * is 0 if the blob has no type name.
 *
 * Since 0.1.
 */
sansh_bytes sansh_public_type(const uint8_t *blob, size_t blob_len);

/**
 * Looks at a certificate: `*out` says what is in it. If it fails, `*out` is all 0.
 *
 * SANSH_E_CERT_TYPE (not a certificate: most keys are none), SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_certificate_look(const uint8_t *blob, size_t blob_len, struct sansh_certificate *out);

/**
 * The name number `index`, from 0, that a certificate speaks for: a user's name, or of a host's certificate a name, an
 * address or a pattern. It may hold any bytes but NUL. Lent as long as the blob lives. `len` is 0 behind the last one.
 *
 * Since 0.1.
 */
sansh_bytes sansh_certificate_principal(const uint8_t *blob, size_t blob_len, size_t index);

/**
 * The option number `index`, from 0, of a certificate: its name at `*name` and its value, in the option's own format,
 * at `*value`. The critical ones (`force-command`, `source-address`) come first; `*critical` says whether this is one.
 * The others are extensions (`permit-pty`). Lent as long as the blob lives.
 *
 * SANSH_E_NOT_FOUND (behind the last one), SANSH_E_CERT_TYPE, SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_certificate_option(const uint8_t *blob,
                                      size_t blob_len,
                                      size_t index,
                                      sansh_bytes *name,
                                      sansh_bytes *value,
                                      int32_t *critical);

/**
 * Copies the plain public key of a certificate to `key`, a room of `room` bytes, and its length to `*len`.
 * SANSH_CERTIFICATE_KEY_ROOM is enough.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_CERT_TYPE, SANSH_E_CERT_TOO_LONG,
 * SANSH_E_CERT_FORM, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_certificate_key(const uint8_t *blob, size_t blob_len, uint8_t *key, size_t room, size_t *len);

/* --------------------------------------------------------------------------------------------------------------------
 * Files of lines
 *
 * In the files that follow, a line that cannot be read is never guessed at: it counts as absent. Somebody should be
 * told, for it may have been meant to forbid something.
 */

/**
 * The files of lines.
 */
typedef enum sansh_file {
    /**
     * known_hosts.
     */
    SANSH_FILE_KNOWN_HOSTS = 0,
    /**
     * authorized_keys.
     */
    SANSH_FILE_AUTHORIZED_KEYS = 1,
    /**
     * Keys, one a line: `TrustedUserCAKeys`.
     */
    SANSH_FILE_KEYS = 2,
    /**
     * Names, one a line: `AuthorizedPrincipalsFile`.
     */
    SANSH_FILE_PRINCIPALS = 3,
} sansh_file;

/**
 * The first line behind line `behind` (0 for all) that cannot be read in the text of a `file` (SANSH_FILE_...): its
 * number, from 1, is at `*line`. What is wrong with it is copied to `why`, a room of `room` bytes, as a text for
 * people without a NUL behind it, and its length to `*len`; 200 bytes are enough. To find all of them, repeat the call
 * with `behind` at `*line`.
 *
 * SANSH_E_NOT_FOUND (no further one), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed),
 * SANSH_E_ARGUMENT (no such file), SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_bad_line(int32_t file,
                            const uint8_t *text,
                            size_t text_len,
                            size_t behind,
                            size_t *line,
                            uint8_t *why,
                            size_t room,
                            size_t *len);

/* --------------------------------------------------------------------------------------------------------------------
 * Known hosts
 *
 * The text of a known_hosts file says which keys a host has, who may sign certificates for it, and what is revoked
 * (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Nothing here opens a file, and the text of several may be put behind each
 * other. The calls that change lines give the new text; store it in a new file and rename(2) that over the old one.
 *
 * For SANSH_EVENT_HOST_KEY: a plain key is answered by what sansh_known_hosts_check() says, a certificate by a check
 * against the lists of sansh_authorities_of_host(), which are what the `authorities` and `revoked` of a sansh_check
 * take.
 */

/**
 * Public keys out of a file, as two lists: those that may sign certificates, and those that are revoked.
 */
typedef struct sansh_authorities sansh_authorities;

/**
 * Is a key, as SANSH_EVENT_HOST_KEY brings it, the one that the text of a known_hosts file names for `host` at `port`?
 * SANSH_OK says yes, and nothing else does.
 *
 * SANSH_E_HOST_UNKNOWN: nothing is known about the host; a person may be asked. SANSH_E_HOST_CHANGED: the host is
 * known with other keys; `*line` is the first line that says so, from 1 (`line` may be NULL); reject the key.
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

/**
 * Copies the types of the keys that `host` at `port` is known by, comma-separated (`ssh-ed25519,ssh-rsa`) and without
 * a NUL behind them, to `types`, a room of `room` bytes, and their length to `*len`; 0 if the host is not known. A
 * client that prefers their algorithms (sansh_config_signatures()) is shown a key that it knows.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_types(const uint8_t *text,
                                     size_t text_len,
                                     const char *host,
                                     uint16_t port,
                                     uint8_t *types,
                                     size_t room,
                                     size_t *len);

/**
 * Copies the line that makes `blob` the key of `host` at `port`, with its newline and without a NUL behind it, to
 * `line`, a room of `room` bytes, and its length to `*len`. Append it to the file, which must have ended with a
 * newline. With `hashed` not 0, the name is hidden (`HashKnownHosts yes`).
 *
 * SANSH_E_TEXT (the host is empty, too long, or has blanks, commas, brackets or pattern characters), SANSH_E_FILE_LINE
 * (the blob has no type name), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM,
 * SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_line(const char *host,
                                    uint16_t port,
                                    const uint8_t *blob,
                                    size_t blob_len,
                                    int32_t hashed,
                                    uint8_t *line,
                                    size_t room,
                                    size_t *len);

/**
 * Takes out every line with a key of `host` at `port`, whatever other names it has, as `ssh-keygen -R` does. Lines
 * with a marker (`@revoked`, `@cert-authority`) stay, and so does every other byte. The new text is copied to
 * `edited`, a room of `room` bytes, and its length to `*len`; `text_len` bytes are enough. `*changed` is how many
 * lines went; it may be NULL.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_remove(const uint8_t *text,
                                      size_t text_len,
                                      const char *host,
                                      uint16_t port,
                                      uint8_t *edited,
                                      size_t room,
                                      size_t *len,
                                      size_t *changed);

/**
 * Puts the key `new_blob` in the place of `old_blob` on every line that has it as a key of `host` at `port`, for all
 * names on the line: for a server that proved a new key over the old one. Lines with a marker stay. Otherwise as
 * sansh_known_hosts_remove().
 *
 * SANSH_E_FILE_LINE (the new blob has no type name), SANSH_E_SPACE (nothing was copied, `*len` says how much is
 * needed), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_replace(const uint8_t *text,
                                       size_t text_len,
                                       const char *host,
                                       uint16_t port,
                                       const uint8_t *old_blob,
                                       size_t old_blob_len,
                                       const uint8_t *new_blob,
                                       size_t new_blob_len,
                                       uint8_t *edited,
                                       size_t room,
                                       size_t *len,
                                       size_t *changed);

/**
 * Hides the names of every line that has plain ones only, each name on a line of its own, as `ssh-keygen -H` does.
 * Lines with patterns or a marker stay. Otherwise as sansh_known_hosts_remove(), but the new text is longer than the
 * old one: call it with no room first. Repeated, it takes as much room.
 *
 * SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_known_hosts_hash(const uint8_t *text,
                                    size_t text_len,
                                    uint8_t *edited,
                                    size_t room,
                                    size_t *len,
                                    size_t *changed);

/**
 * Whose certificates `host` at `port` may show, and which keys are revoked for it, by the text of a known_hosts file:
 * at `*authorities`. Free it with sansh_authorities_free(). An authority that is revoked is not among the trusted
 * ones. If it fails, `*authorities` is NULL.
 *
 * SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_authorities_of_host(const uint8_t *text,
                                       size_t text_len,
                                       const char *host,
                                       uint16_t port,
                                       struct sansh_authorities **authorities);

/**
 * The keys of a file with one a line, such as a server's `TrustedUserCAKeys` (sshd_config(5)), as trusted ones, at
 * `*authorities`. Lines that are not just a key count as absent: sansh_bad_line(). Free it with
 * sansh_authorities_free(). If it fails, `*authorities` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_authorities_of_users(const uint8_t *text, size_t text_len, struct sansh_authorities **authorities);

/**
 * Frees the lists. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_authorities_free(struct sansh_authorities *authorities);

/**
 * The keys that may sign certificates: an array of `*count` blobs, NULL if there is none, for the `authorities` of a
 * sansh_check. If there is none, no certificate is good, and a client need not ask for any. Lent until the lists are
 * freed.
 *
 * Since 0.1.
 */
const sansh_bytes *sansh_authorities_trusted(const struct sansh_authorities *authorities, size_t *count);

/**
 * The keys that are revoked: an array of `*count` blobs, NULL if there is none, for the `revoked` of a sansh_check.
 * Lent until the lists are freed.
 *
 * Since 0.1.
 */
const sansh_bytes *sansh_authorities_revoked(const struct sansh_authorities *authorities, size_t *count);

/* --------------------------------------------------------------------------------------------------------------------
 * Authorized keys
 *
 * May this key come in, and what may it do? (sshd(8), AUTHORIZED_KEYS FILE FORMAT). A server with few options asks
 * sansh_authorized_keys_find(), which names those that it enforces. A server that enforces all goes through the lines
 * of a key with sansh_authorized_next(), takes the first one whose sansh_authorized_admits() says SANSH_OK, keeps it
 * with the connection, and asks it before each thing that it grants:
 *
 *     size_t line = 0;
 *     sansh_authorized *by = NULL;
 *     while (sansh_authorized_next(text, len, key, key_len, 0, line, &by) == SANSH_OK) {
 *         if (sansh_authorized_admits(by, "192.0.2.7", NULL, time(NULL), 0) == SANSH_OK) break;
 *         line = sansh_authorized_line(by);
 *         sansh_authorized_free(by);
 *         by = NULL;
 *     }
 *
 * Lines that cannot be read, or that have an option that is not known, count as absent: sansh_bad_line().
 */

/**
 * What may be granted.
 */
typedef enum sansh_may {
    /**
     * Forwarding the agent.
     */
    SANSH_MAY_FORWARD_AGENT = 0,
    /**
     * Forwarding ports at all; which, say sansh_authorized_may_open() and sansh_authorized_may_listen().
     */
    SANSH_MAY_FORWARD_PORTS = 1,
    /**
     * Forwarding X11.
     */
    SANSH_MAY_FORWARD_X11 = 2,
    /**
     * A terminal.
     */
    SANSH_MAY_HAVE_PTY = 3,
    /**
     * Running ~/.ssh/rc.
     */
    SANSH_MAY_RUN_RC = 4,
    /**
     * A security key's signature counts though nobody touched the key.
     */
    SANSH_MAY_NOT_TOUCH = 5,
    /**
     * A security key's signature counts though the key did not verify its user (a PIN, a finger).
     */
    SANSH_MAY_NOT_VERIFY = 6,
    /**
     * A tunnel device: sansh_authorized_tunnel().
     */
    SANSH_MAY_TUNNEL = 7,
} sansh_may;

/**
 * What stands in a line.
 */
typedef enum sansh_authorized_text {
    /**
     * The comment behind the key, or the name in a file of principals.
     */
    SANSH_AUTHORIZED_COMMENT = 0,
    /**
     * `command`: run it, whatever the client asks for.
     */
    SANSH_AUTHORIZED_COMMAND = 1,
    /**
     * `from`: sansh_authorized_admits() compares it.
     */
    SANSH_AUTHORIZED_FROM = 2,
    /**
     * `principals`: sansh_authorized_accepts() compares it.
     */
    SANSH_AUTHORIZED_PRINCIPALS = 3,
    /**
     * `environment`: `NAME=value`, each name once. sshd sets them only with `PermitUserEnvironment`.
     */
    SANSH_AUTHORIZED_ENVIRONMENT = 4,
} sansh_authorized_text;

/**
 * A line of such a file that was found, with what its options permit. It keeps a copy of the line. Nothing changes it:
 * any number of threads may use it at once.
 */
typedef struct sansh_authorized sansh_authorized;

/**
 * Is a key in the text of an authorized_keys file (one line, or many)? SANSH_OK says yes, and at `*line` in which
 * line, from 1; `line` may be NULL.
 *
 * Options in front of a key restrict it, so only lines count whose options the caller enforces: `enforced` names them,
 * comma-separated, in lower case; NULL is none. Their values: sansh_authorized_keys_option(). Lines that cannot be
 * read and lines of certificate authorities count as absent.
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
 * Copies the value of option `name` (in lower case), the `index`-th of this name from 0, in line `line` of the text of
 * an authorized_keys file to `value`, a room of `room` bytes, and its length to `*len`. No NUL stands behind it. An
 * option without a value gives an empty one.
 *
 * SANSH_E_NOT_FOUND (no such line, or no such option there), SANSH_E_SPACE (nothing was copied, `*len` says how much
 * is needed), SANSH_E_TEXT, SANSH_E_NULL.
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
 * The next line behind line `behind` (0 for the first one) of an authorized_keys file that has this key, at
 * `*authorized`; its number is sansh_authorized_line(). Free it with sansh_authorized_free(). With `authority` 0,
 * lines that let the key itself in; else those that make it an authority (`cert-authority`): `blob` is then a
 * certificate's `authority`, and the certificate's own restrictions count beside the line's. If it fails,
 * `*authorized` is NULL.
 *
 * SANSH_E_NOT_FOUND (no further one: the key does not come in), SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_next(const uint8_t *text,
                                   size_t text_len,
                                   const uint8_t *blob,
                                   size_t blob_len,
                                   int32_t authority,
                                   size_t behind,
                                   struct sansh_authorized **authorized);

/**
 * As sansh_authorized_next(), for a file of principals (`AuthorizedPrincipalsFile` in sshd_config(5)): the next line
 * with this name, compared byte for byte. Whose certificates count, is said elsewhere: sansh_authorities_of_users().
 *
 * SANSH_E_NOT_FOUND (no further one), SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_principal(const uint8_t *text,
                                        size_t text_len,
                                        const uint8_t *name,
                                        size_t name_len,
                                        size_t behind,
                                        struct sansh_authorized **authorized);

/**
 * Frees a line. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_authorized_free(struct sansh_authorized *authorized);

/**
 * Does the line let this visitor in, who has shown its key? Ask before the key is accepted. `address` is where the
 * connection comes from, as inet_ntop(3) writes it; `host` is the name of that address if it was looked up and looked
 * back; either may be NULL, and then no `from` that needs it lets anybody in. `now` is in seconds since 1970;
 * `east_of_utc` is how many seconds the server's clocks are ahead of UTC, for times without a zone.
 *
 * SANSH_OK says yes, and nothing else does. SANSH_E_EXPIRED (its time is over), SANSH_E_ELSEWHERE (it does not name
 * where the visitor comes from), SANSH_E_ARGUMENT (`address` is none), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED:
 * the next line may still let it in.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_admits(const struct sansh_authorized *authorized,
                                     const char *address,
                                     const char *host,
                                     uint64_t now,
                                     int32_t east_of_utc);

/**
 * May `what` (SANSH_MAY_...) be granted? 1 for yes; 0 for no, for a number that is none of these, and for NULL.
 *
 * Since 0.1.
 */
int32_t sansh_authorized_may(const struct sansh_authorized *authorized, int32_t what);

/**
 * May a connection to `host` at `port` be forwarded (`port-forwarding`, `permitopen`)? 1 for yes, 0 for no and for
 * NULL.
 *
 * Since 0.1.
 */
int32_t sansh_authorized_may_open(const struct sansh_authorized *authorized,
                                  const uint8_t *host,
                                  size_t host_len,
                                  uint16_t port);

/**
 * May the server listen on `host` at `port` for the client (`port-forwarding`, `permitlisten`)? 1 for yes, 0 for no
 * and for NULL.
 *
 * Since 0.1.
 */
int32_t sansh_authorized_may_listen(const struct sansh_authorized *authorized,
                                    const uint8_t *host,
                                    size_t host_len,
                                    uint16_t port);

/**
 * Does a certificate of this line's authority come in that has the principal `name`, where `user` is who it asks to
 * be: by the line's `principals`, or without them by the user's own name? 1 for yes, 0 for no and for NULL. The `name`
 * of a sansh_check is then this principal.
 *
 * Since 0.1.
 */
int32_t sansh_authorized_accepts(const struct sansh_authorized *authorized,
                                 const uint8_t *name,
                                 size_t name_len,
                                 const uint8_t *user,
                                 size_t user_len);

/**
 * A text of the line: `which` is SANSH_AUTHORIZED_..., `index` is 0 but for those that may stand several times. UTF-8.
 * Lent until the line is freed. `ptr` is NULL if there is none; an empty text has a `ptr`.
 *
 * Since 0.1.
 */
sansh_bytes sansh_authorized_value(const struct sansh_authorized *authorized, int32_t which, size_t index);

/**
 * The number of the tunnel device (`tunnel`), at `*number`; -1 is any.
 *
 * SANSH_E_NOT_FOUND (the line names none), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_authorized_tunnel(const struct sansh_authorized *authorized, int64_t *number);

/**
 * The line's number, from 1. 0 for NULL.
 *
 * Since 0.1.
 */
size_t sansh_authorized_line(const struct sansh_authorized *authorized);

/* --------------------------------------------------------------------------------------------------------------------
 * Revocation
 *
 * A server's `RevokedKeys` and a client's `RevokedHostKeys` name a file of either kind: a key revocation list (KRL, as
 * `ssh-keygen -k` makes it), or public keys, one a line. Ask it about each key and each certificate that would be
 * accepted. A file that is not understood to its last byte is an error and lets nobody in, for whoever revoked a key
 * must not be ignored.
 */

/**
 * Is a key or certificate revoked by the bytes of such a file? SANSH_OK says no, and nothing else does. A certificate
 * is revoked with its own key, with its authority's, by its serial number and by its key id. Takes time in proportion
 * to the file.
 *
 * SANSH_E_REVOKED: reject it. SANSH_E_FILE_REVOCATIONS (the file is damaged, or of a newer kind): reject it, and mend
 * the file. SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_revoked_check(const uint8_t *file, size_t file_len, const uint8_t *blob, size_t blob_len);

/**
 * What a key revocation list says of itself: at `*version` the number that its maker counts up, at `*generated` when
 * it was made, in seconds since 1970, and at `*comment` words of its maker, lent as long as the file's bytes live.
 *
 * SANSH_E_FILE_REVOCATIONS (it is no list, or none that is understood), SANSH_E_NULL.
 *
 * Since 0.1.
 */
sansh_status sansh_revoked_look(const uint8_t *file,
                                size_t file_len,
                                uint64_t *version,
                                uint64_t *generated,
                                sansh_bytes *comment);

/* --------------------------------------------------------------------------------------------------------------------
 * Agents: asking
 *
 * What an SSH client and `ssh-add` do with an agent, over the bytes of a socket, a pipe or a channel that somebody
 * else moves (draft-ietf-sshm-ssh-agent). Each call puts a request behind the others; sansh_agent_next() brings the
 * answers in the same order:
 *
 *     sansh_agent_identities(agent);
 *     ... write sansh_agent_transmit_buf() to the socket, sansh_agent_transmitted(); read n bytes into buf ...
 *     for (size_t at = 0, taken; at < n; at += taken) {
 *         sansh_agent_answer a;
 *         if (sansh_agent_next(agent, buf + at, n - at, &taken, &a) != SANSH_OK) ... close the socket ...
 *         if (a.kind == SANSH_AGENT_IDENTITIES) ... a.u.identities.keys[0 .. a.u.identities.count] ...
 *     }
 *
 * For SANSH_EVENT_SIGN: sansh_later(), sansh_agent_sign() with the event's algorithm, key and message, and
 * sansh_answer_signature() with what SANSH_AGENT_SIGNATURE brings. Nothing that an agent sends is believed: a
 * signature is by the algorithm that was asked for, or the connection to the agent fails.
 */

/**
 * What an answer is. Later versions have more.
 */
typedef enum sansh_agent_kind {
    /**
     * There is none yet: all bytes were taken.
     */
    SANSH_AGENT_NONE = 0,
    /**
     * To sansh_agent_identities(). `u.identities`.
     */
    SANSH_AGENT_IDENTITIES = 1,
    /**
     * To sansh_agent_sign(). `u.signature`.
     */
    SANSH_AGENT_SIGNATURE = 2,
    /**
     * It is done.
     */
    SANSH_AGENT_DONE = 3,
    /**
     * The agent does not, or does not know how.
     */
    SANSH_AGENT_REFUSED = 4,
    /**
     * To sansh_agent_extension(). `u.extension`.
     */
    SANSH_AGENT_EXTENSION = 5,
    /**
     * The agent knows the extension, and it failed.
     */
    SANSH_AGENT_EXTENSION_FAILED = 6,
} sansh_agent_kind;

/**
 * A connection to an agent. One thread at a time. What it keeps is wiped when it is freed.
 */
typedef struct sansh_agent sansh_agent;

/**
 * A key that an agent has.
 */
typedef struct sansh_agent_key {
    /**
     * The public key or certificate, as it travels.
     */
    sansh_bytes blob;
    /**
     * A name for people. It is nobody's promise, and may hold any bytes.
     */
    sansh_bytes comment;
} sansh_agent_key;

/**
 * SANSH_AGENT_IDENTITIES.
 */
typedef struct sansh_agent_identities_answer {
    /**
     * The keys.
     */
    const struct sansh_agent_key *keys;
    /**
     * How many.
     */
    size_t count;
} sansh_agent_identities_answer;

/**
 * SANSH_AGENT_SIGNATURE.
 */
typedef struct sansh_agent_signature_answer {
    /**
     * For sansh_answer_signature().
     */
    sansh_bytes blob;
} sansh_agent_signature_answer;

/**
 * SANSH_AGENT_EXTENSION.
 */
typedef struct sansh_agent_extension_answer {
    /**
     * The name in the request.
     */
    sansh_bytes name;
    /**
     * What the name says it is.
     */
    sansh_bytes body;
} sansh_agent_extension_answer;

/**
 * What an answer carries; `kind` says which member counts.
 */
typedef union sansh_agent_content {
    /**
     * SANSH_AGENT_IDENTITIES.
     */
    struct sansh_agent_identities_answer identities;
    /**
     * SANSH_AGENT_SIGNATURE.
     */
    struct sansh_agent_signature_answer signature;
    /**
     * SANSH_AGENT_EXTENSION.
     */
    struct sansh_agent_extension_answer extension;
    /**
     * Room for later versions.
     */
    uint64_t reserved[8];
} sansh_agent_content;

/**
 * An answer of an agent. All that it points to is lent until the next sansh_agent_next() or sansh_agent_free().
 */
typedef struct sansh_agent_answer {
    /**
     * SANSH_AGENT_....
     */
    int32_t kind;
    /**
     * 0.
     */
    int32_t reserved;
    /**
     * What it carries.
     */
    union sansh_agent_content u;
} sansh_agent_answer;

/**
 * A new connection to an agent, at `*agent`. Free it with sansh_agent_free(). If it fails, `*agent` is NULL.
 *
 * SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_new(struct sansh_agent **agent);

/**
 * Wipes and frees it. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_agent_free(struct sansh_agent *agent);

/**
 * Asks for the list of keys. Answer: SANSH_AGENT_IDENTITIES, or SANSH_AGENT_REFUSED.
 *
 * SANSH_E_FULL (64 requests wait for their answers: repeat it after some came), SANSH_E_CLOSED (the connection has
 * failed: sansh_agent_next() said so), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_identities(struct sansh_agent *agent);

/**
 * Asks for a signature of `message` by a key or certificate of the list and by `algorithm`, as SANSH_EVENT_SIGN names
 * all three. Answer: SANSH_AGENT_SIGNATURE, or SANSH_AGENT_REFUSED.
 *
 * SANSH_E_ALGORITHM (no agent is asked for it: `ssh-rsa`, whose SHA-1 is broken), SANSH_E_TOO_LONG (the message is
 * longer than agents take), SANSH_E_TEXT, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY,
 * SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_sign(struct sansh_agent *agent,
                              const uint8_t *algorithm,
                              size_t algorithm_len,
                              const uint8_t *blob,
                              size_t blob_len,
                              const uint8_t *message,
                              size_t message_len);

/**
 * Gives a private key, with its comment and its certificate, to the agent. It forgets the key after `lifetime`
 * seconds, 0 for never; with `confirm` not 0, it asks its user at each use. Answer: SANSH_AGENT_DONE, or
 * SANSH_AGENT_REFUSED: then it does not have the key. Do not give it again with fewer constraints. The bytes of
 * sansh_agent_transmit_buf() are secret now.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED (`agent` or `key`).
 *
 * Since 0.1.
 */
sansh_status sansh_agent_add(struct sansh_agent *agent, const sansh_key *key, uint32_t lifetime, int32_t confirm);

/**
 * Has the agent forget a key or certificate. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED: it did not have it.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_remove(struct sansh_agent *agent, const uint8_t *blob, size_t blob_len);

/**
 * Has the agent forget all keys. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
 *
 * SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_remove_all(struct sansh_agent *agent);

/**
 * Has the agent use the keys of a token, by an `id` that only the agent understands (a path to a library is a program
 * to be run), with the token's PIN, or nothing. `lifetime` and `confirm` are those of sansh_agent_add(), for each key.
 * Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_add_token(struct sansh_agent *agent,
                                   const uint8_t *id,
                                   size_t id_len,
                                   const uint8_t *pin,
                                   size_t pin_len,
                                   uint32_t lifetime,
                                   int32_t confirm);

/**
 * Has the agent forget the keys of a token. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_remove_token(struct sansh_agent *agent,
                                      const uint8_t *id,
                                      size_t id_len,
                                      const uint8_t *pin,
                                      size_t pin_len);

/**
 * Locks the agent with a passphrase: it signs nothing until sansh_agent_unlock(). Answer: SANSH_AGENT_DONE, or
 * SANSH_AGENT_REFUSED.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_lock(struct sansh_agent *agent, const uint8_t *passphrase, size_t passphrase_len);

/**
 * Unlocks the agent. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED: the passphrase is another one.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_unlock(struct sansh_agent *agent, const uint8_t *passphrase, size_t passphrase_len);

/**
 * Asks anything else by name; `query` asks which extensions there are. Answer: SANSH_AGENT_EXTENSION,
 * SANSH_AGENT_DONE, SANSH_AGENT_EXTENSION_FAILED, or SANSH_AGENT_REFUSED: the agent does not know it.
 *
 * SANSH_E_TOO_LONG (a name has 64 bytes at most), SANSH_E_TEXT, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL,
 * SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_extension(struct sansh_agent *agent, const char *name, const uint8_t *body, size_t body_len);

/**
 * Binds this connection to the agent to an SSH session, before a login by a key of the agent or before the agent is
 * forwarded there (`session-bind@openssh.com`): what keys that are restricted to destinations need. `host_key`,
 * `session_id` and `signature` are the session's: the server's key, the exchange hash of the first key exchange, and
 * the key's signature over it. `forwarding` is 1 if the agent is forwarded, 0 for a login. Answer: SANSH_AGENT_DONE;
 * with SANSH_AGENT_REFUSED or SANSH_AGENT_EXTENSION_FAILED, go on without such keys.
 *
 * SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_session_bind(struct sansh_agent *agent,
                                      const uint8_t *host_key,
                                      size_t host_key_len,
                                      const uint8_t *session_id,
                                      size_t session_id_len,
                                      const uint8_t *signature,
                                      size_t signature_len,
                                      int32_t forwarding);

/**
 * How many answers are yet to come. 0 for NULL.
 *
 * Since 0.1.
 */
size_t sansh_agent_pending(const struct sansh_agent *agent);

/**
 * What is to be written to the agent. Lent until sansh_agent_transmitted() or the next request.
 *
 * Since 0.1.
 */
sansh_bytes sansh_agent_transmit_buf(const struct sansh_agent *agent);

/**
 * The first `n` bytes of it were written; they are wiped.
 *
 * SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_transmitted(struct sansh_agent *agent, size_t n);

/**
 * Takes bytes that came from the agent, as many as `*taken` says, until an answer is whole, which is at `*answer`.
 * Call it again with the rest; SANSH_AGENT_NONE says that all were taken. What the last answer pointed to is gone.
 *
 * SANSH_E_AGENT (what came is no answer to what was asked: close the connection to the agent; every later call says so
 * too), SANSH_E_NULL, SANSH_E_MEMORY (close it too), SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_next(struct sansh_agent *agent,
                              const uint8_t *bytes,
                              size_t bytes_len,
                              size_t *taken,
                              struct sansh_agent_answer *answer);

/* --------------------------------------------------------------------------------------------------------------------
 * Agents: answering
 *
 * A sansh_keyring holds private keys and answers clients by itself: it lists, signs, adds and removes keys, keeps
 * lifetimes, destinations and the lock. One keyring serves any number of connections, each with its
 * sansh_agent_session. It asks one thing: whether a key that was added to be confirmed may sign now.
 *
 *     for (size_t at = 0, taken; at < n; at += taken) {
 *         int32_t confirm;
 *         if (sansh_keyring_serve(ring, session, buf + at, n - at, now, time(NULL), &taken, &confirm) != SANSH_OK)
 *             ... close the connection ...
 *         if (confirm) sansh_keyring_confirm(ring, session, ask_the_user(session), now, time(NULL));
 *         ... write sansh_agent_session_transmit_buf(), sansh_agent_session_transmitted() ...
 *     }
 *
 * The protocol has no security of its own: who can write to an agent can use its keys. Keep the socket in a folder
 * that nobody else can open.
 */

/**
 * One connection of a client to an agent. One thread at a time.
 */
typedef struct sansh_agent_session sansh_agent_session;

/**
 * An agent's keys. One thread at a time. They are wiped when it is freed.
 */
typedef struct sansh_keyring sansh_keyring;

/**
 * What the user of an agent is asked: may this key sign?
 */
typedef struct sansh_agent_question {
    /**
     * The public key or certificate, as it travels.
     */
    sansh_bytes key;
    /**
     * For a login by this name, if it is one, else `ptr` is NULL. The name is whatever the client says: untrusted.
     */
    sansh_bytes user;
    /**
     * 1 if the request came through an SSH session, from another machine.
     */
    int32_t is_remote;
    /**
     * 0.
     */
    int32_t reserved;
} sansh_agent_question;

/**
 * An empty keyring, at `*keyring`. Free it with sansh_keyring_free(). The algorithms of `provider` (SANSH_PROVIDER_...)
 * verify the sessions that clients bind. `seed` is SANSH_SEED_LEN secret bytes; NULL takes them from the operating
 * system. If it fails, `*keyring` is NULL.
 *
 * SANSH_E_ARGUMENT (this library has no such provider), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_new(int32_t provider, const uint8_t *seed, struct sansh_keyring **keyring);

/**
 * Wipes and frees a keyring. Its sessions are freed by their own calls, before or after. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_keyring_free(struct sansh_keyring *keyring);

/**
 * Takes a copy of a key, with its comment and certificate. The keyring forgets it `lifetime` seconds after `now`, 0
 * for never; with `confirm` not 0, the user is asked at each use. If it is there already, its constraints are
 * replaced.
 *
 * SANSH_E_KEY_UNSUPPORTED (the key does not sign here), SANSH_E_FULL (there is no room for it in a list of keys),
 * SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED (`keyring` or `key`).
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_add(struct sansh_keyring *keyring,
                               const sansh_key *key,
                               uint32_t lifetime,
                               int32_t confirm,
                               sansh_time now);

/**
 * Forgets a key or certificate.
 *
 * SANSH_E_NOT_FOUND (it was not there), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_remove(struct sansh_keyring *keyring, const uint8_t *blob, size_t blob_len);

/**
 * Forgets all keys.
 *
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_remove_all(struct sansh_keyring *keyring);

/**
 * The key number `index`, from 0: its blob at `*blob` and its comment, which may hold any bytes, at `*comment`,
 * whatever its constraints. Lent until the next call that takes the keyring and is not a look.
 *
 * SANSH_E_NOT_FOUND (behind the last one), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_key(const struct sansh_keyring *keyring,
                               size_t index,
                               sansh_bytes *blob,
                               sansh_bytes *comment);

/**
 * 1 if a client locked it, 0 if not and for NULL.
 *
 * Since 0.1.
 */
int32_t sansh_keyring_is_locked(const struct sansh_keyring *keyring);

/**
 * When the time of the next key is over: call sansh_keyring_expire() then. SANSH_NEVER if there is none, and for NULL.
 *
 * Since 0.1.
 */
sansh_time sansh_keyring_next_timeout(const struct sansh_keyring *keyring);

/**
 * Forgets and wipes the keys whose time is over. sansh_keyring_serve() does so too.
 *
 * SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_expire(struct sansh_keyring *keyring, sansh_time now);

/**
 * Takes bytes that came from a client, as many as `*taken` says, and answers what is asked in them, up to the first
 * question for the user: then `*confirm` is 1. Ask (sansh_agent_session_question()), call sansh_keyring_confirm(), and
 * call this again with the rest. If it leaves bytes and there is no question, its answers have to be transmitted
 * first. `now` is of the clock of sansh_keyring_add(); `at` is the time in seconds since 1970, against which host
 * certificates are checked.
 *
 * SANSH_E_AGENT (what came is no stream of messages: close the connection), SANSH_E_NULL, SANSH_E_MEMORY (close it
 * too), SANSH_E_POISONED (`keyring` or `session`).
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_serve(struct sansh_keyring *keyring,
                                 struct sansh_agent_session *session,
                                 const uint8_t *bytes,
                                 size_t bytes_len,
                                 sansh_time now,
                                 uint64_t at,
                                 size_t *taken,
                                 int32_t *confirm);

/**
 * What the user said to the session's question: `yes` is not 0, or 0. Everything else is looked at anew: the key may
 * be gone by now, or locked. A session without a question is left as it is.
 *
 * SANSH_E_NULL, SANSH_E_POISONED (`keyring` or `session`).
 *
 * Since 0.1.
 */
sansh_status sansh_keyring_confirm(struct sansh_keyring *keyring,
                                   struct sansh_agent_session *session,
                                   int32_t yes,
                                   sansh_time now,
                                   uint64_t at);

/**
 * A new connection of a client, at `*session`. Free it with sansh_agent_session_free(). If it fails, `*session` is
 * NULL.
 *
 * SANSH_E_NULL, SANSH_E_MEMORY.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_session_new(struct sansh_agent_session **session);

/**
 * Frees a session. NULL is allowed.
 *
 * Since 0.1.
 */
void sansh_agent_session_free(struct sansh_agent_session *session);

/**
 * What the user is to be asked, at `*question`, while sansh_keyring_serve() says so. Lent until
 * sansh_keyring_confirm().
 *
 * SANSH_E_NOT_FOUND (there is no question), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_session_question(const struct sansh_agent_session *session,
                                          struct sansh_agent_question *question);

/**
 * What is to be written to the client. Lent until sansh_agent_session_transmitted(), sansh_keyring_serve() or
 * sansh_keyring_confirm().
 *
 * Since 0.1.
 */
sansh_bytes sansh_agent_session_transmit_buf(const struct sansh_agent_session *session);

/**
 * The first `n` bytes of it were written.
 *
 * SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
 *
 * Since 0.1.
 */
sansh_status sansh_agent_session_transmitted(struct sansh_agent_session *session, size_t n);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  /* SANSH_H */
