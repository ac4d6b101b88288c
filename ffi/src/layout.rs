//! A test: C sees every number of the header as the library was compiled with it.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Build, header_path};
use std::fs;

/// Everything that stands in the header as a number, by name, as the library was compiled with it.
fn layout() -> Vec<(String, u64)> {
    use crate::answer::certificate::*;
    use crate::channel::tun::*;
    use crate::event::{admission::*, channel::*, closed::*, global::*, keys::*, kind::*, login::*, next::*};
    use crate::{
        agent_client::*, agent_server::*, authorized::*, config::*, conn::*, files::*, key::*, key_files::*,
        library::*, look::*, public::*, status::*, types::*,
    };
    use core::mem::{offset_of, size_of};
    let mut all = Vec::new();
    macro_rules! structs {
        ($($name:ident { $($field:ident),* })*) => { $(
            all.push((format!("sizeof({})", stringify!($name)), size_of::<$name>() as u64));
            all.push((format!("SANSH_ALIGNOF({})", stringify!($name)), align_of::<$name>() as u64));
            $(all.push((
                format!("offsetof({}, {})", stringify!($name), stringify!($field)),
                offset_of!($name, $field) as u64,
            ));)*
        )* };
    }
    structs! {
        sansh_bytes { ptr, len }
        sansh_space { ptr, len }
        sansh_event_host_key { blob, type_name, is_certificate, exchange_hash, signature }
        sansh_event_sign { purpose, algorithm, key, message }
        sansh_event_key_query { user, key }
        sansh_event_login_needed { methods, partial }
        sansh_prompt { text, echo }
        sansh_event_prompts { name, instruction, prompts, prompts_len }
        sansh_event_password_expired { prompt }
        sansh_event_banner { text }
        sansh_security_key { present, flags, counter }
        sansh_step { method, algorithm, key, host, host_user, security_key }
        sansh_event_login {
            method, host_bound, user, password, new_password, algorithm, key, security_key, answered, responses,
            responses_len, name, fields, steps, steps_len
        }
        sansh_restrictions {
            conflict, forced, force_command, verify_required, no_touch_required, x11_forwarding, agent_forwarding,
            port_forwarding, pty, user_rc
        }
        sansh_event_ready { method, user, key, steps, steps_len, restrictions }
        sansh_size { columns, rows, width, height }
        sansh_mode { opcode, argument }
        sansh_event_open { kind, port, originator_port, name, address, originator, body, layer, unit }
        sansh_event_opened { data }
        sansh_event_refused { reason, text }
        sansh_event_data { stream, bytes }
        sansh_event_request {
            kind, status, core_dumped, name, text, value, body, size, modes, modes_len, milliseconds, client_can_do,
            single_connection, screen
        }
        sansh_event_replied { to, ok, data }
        sansh_event_global { kind, port, name, address, body, keys, keys_len }
        sansh_event_closed { reason, blame, code, state, text, words }
        sansh_event_content {
            host_key, login_needed, sign, banner, ready, key_query, login, open, opened, refused, data, request,
            replied, global, closed, prompts, password_expired, reserved
        }
        sansh_event { kind, reserved, ask, channel, u }
        sansh_check { size, certificate, at, name, source, authorities, authorities_len, revoked, revoked_len }
        sansh_certificate {
            kind, principals, serial, valid_after, valid_before, type_name, key_id, authority, reserved
        }
        sansh_agent_key { blob, comment }
        sansh_agent_identities_answer { keys, count }
        sansh_agent_signature_answer { blob }
        sansh_agent_extension_answer { name, body }
        sansh_agent_content { identities, signature, extension, reserved }
        sansh_agent_answer { kind, reserved, u }
        sansh_agent_question { key, user, is_remote, reserved }
        sansh_status {} sansh_time {} sansh_ask {} sansh_channel {} sansh_sent {}
    }
    macro_rules! constants {
        ($($name:ident)*) => { $(all.push((stringify!($name).to_owned(), $name as u64));)* };
    }
    constants! {
        SANSH_VERSION_MAJOR SANSH_VERSION_MINOR SANSH_VERSION_PATCH SANSH_NEVER SANSH_SEED_LEN SANSH_TOUCHED
        SANSH_VERIFIED SANSH_TUN_ANY SANSH_TUN_HEAD SANSH_TUN_INET SANSH_TUN_INET6 SANSH_SIGNATURE_ROOM
        SANSH_KEY_EFFORT_MAX SANSH_FINGERPRINT_ROOM SANSH_CERTIFICATE_KEY_ROOM
    }
    macro_rules! enumerators {
        ($($type:ident { $($name:ident)* })*) => {
            $($(all.push((stringify!($name).to_owned(), $type::$name as i64 as u64));)*)*
        };
    }
    enumerators! {
        sansh_code {
            SANSH_OK SANSH_E_NULL SANSH_E_POISONED SANSH_E_ARGUMENT SANSH_E_RANGE SANSH_E_ORDER SANSH_E_ROLE
            SANSH_E_STALE SANSH_E_CLOSED SANSH_E_FULL SANSH_E_WINDOW SANSH_E_REKEYING SANSH_E_LIMIT SANSH_E_TOO_LONG
            SANSH_E_MEMORY SANSH_E_BUSY SANSH_E_ALGORITHM SANSH_E_KEY SANSH_E_TEXT SANSH_E_BAD_LIMIT
            SANSH_E_NO_HOST_KEY SANSH_E_RANDOM SANSH_E_SPACE SANSH_E_OTHER SANSH_E_NOT_FOUND SANSH_E_RESTRICTED
            SANSH_E_HOST_UNKNOWN SANSH_E_HOST_CHANGED SANSH_E_HOST_REVOKED SANSH_E_UNFIT SANSH_E_PROOF SANSH_E_FRAME
            SANSH_E_FILE_NOT_A_KEY SANSH_E_FILE_PUBLIC SANSH_E_FILE_FORMAT SANSH_E_FILE_ENCRYPTED
            SANSH_E_FILE_TOO_LONG SANSH_E_FILE_FRAME SANSH_E_FILE_BASE64 SANSH_E_FILE_DAMAGED SANSH_E_FILE_KEY_COUNT
            SANSH_E_FILE_CHECK_NUMBERS SANSH_E_FILE_PADDING SANSH_E_FILE_MISMATCH SANSH_E_FILE_KEY_TYPE
            SANSH_E_FILE_LINE SANSH_E_FILE_WRONG_PASSPHRASE SANSH_E_FILE_COST SANSH_E_FILE_UNSUPPORTED
            SANSH_E_FILE_PASSPHRASE SANSH_E_FILE_REVOCATIONS SANSH_E_CERT_TOO_LONG SANSH_E_CERT_TYPE SANSH_E_CERT_FORM
            SANSH_E_CERT_AUTHORITY SANSH_E_CERT_AUTHORITY_REVOKED SANSH_E_CERT_AUTHORITY_ALGORITHM
            SANSH_E_CERT_SIGNATURE SANSH_E_CERT_UNTOUCHED SANSH_E_CERT_KEY SANSH_E_CERT_KEY_REVOKED
            SANSH_E_CERT_REVOKED SANSH_E_CERT_KIND SANSH_E_CERT_NOT_YET SANSH_E_CERT_EXPIRED SANSH_E_CERT_NOBODY
            SANSH_E_CERT_NAME SANSH_E_CERT_OPTION SANSH_E_CERT_OPTION_VALUE SANSH_E_CERT_SOURCE_UNKNOWN
            SANSH_E_CERT_SOURCE SANSH_E_CERT_CRYPTO SANSH_E_KEY_UNSUPPORTED SANSH_E_KEY_FAULT SANSH_E_KEY_OTHER
            SANSH_E_REVOKED SANSH_E_EXPIRED SANSH_E_ELSEWHERE SANSH_E_AGENT
        }
        sansh_provider { SANSH_PROVIDER_DEFAULT SANSH_PROVIDER_RUSTCRYPTO SANSH_PROVIDER_AWS_LC }
        sansh_list { SANSH_LIST_KEX SANSH_LIST_CIPHERS SANSH_LIST_MACS SANSH_LIST_SIGNATURES }
        sansh_role { SANSH_CLIENT SANSH_SERVER }
        sansh_limit {
            SANSH_LIMIT_HANDSHAKE_RECEIVE SANSH_LIMIT_HANDSHAKE_TRANSMIT SANSH_LIMIT_RECEIVE SANSH_LIMIT_TRANSMIT
            SANSH_LIMIT_PACKET SANSH_LIMIT_SEND_PACKET SANSH_LIMIT_CHANNELS SANSH_LIMIT_CREDIT SANSH_LIMIT_REPLIES
            SANSH_LIMIT_PENDING SANSH_LIMIT_FORWARDS SANSH_LIMIT_ATTEMPTS SANSH_LIMIT_PROBES SANSH_LIMIT_AUTH_MESSAGES
            SANSH_LIMIT_LOGIN SANSH_LIMIT_BANNERS SANSH_LIMIT_LINES SANSH_LIMIT_LINE_BYTES SANSH_LIMIT_BEFORE_LOGIN
            SANSH_LIMIT_TRACE
        }
        sansh_buffers { SANSH_BUFFERS_RELEASE SANSH_BUFFERS_KEEP }
        sansh_want { SANSH_READ SANSH_WRITE }
        sansh_stream { SANSH_MAIN SANSH_STDERR }
        sansh_event_kind {
            SANSH_EVENT_NONE SANSH_EVENT_HOST_KEY SANSH_EVENT_LOGIN_NEEDED SANSH_EVENT_SIGN SANSH_EVENT_BANNER
            SANSH_EVENT_READY SANSH_EVENT_ROOM SANSH_EVENT_KEY_QUERY SANSH_EVENT_LOGIN SANSH_EVENT_REQUESTED
            SANSH_EVENT_OPENED SANSH_EVENT_REFUSED SANSH_EVENT_WRITABLE SANSH_EVENT_DATA SANSH_EVENT_REQUEST
            SANSH_EVENT_REPLIED SANSH_EVENT_EOF SANSH_EVENT_CHANNEL_CLOSED SANSH_EVENT_GLOBAL
            SANSH_EVENT_GLOBAL_REPLIED SANSH_EVENT_CLOSED SANSH_EVENT_PROMPTS SANSH_EVENT_PASSWORD_EXPIRED
        }
        sansh_purpose {
            SANSH_PURPOSE_OTHER SANSH_PURPOSE_KEY_EXCHANGE SANSH_PURPOSE_LOGIN SANSH_PURPOSE_HOST_BASED
            SANSH_PURPOSE_HOST_KEY_PROOF
        }
        sansh_method {
            SANSH_METHOD_OTHER SANSH_METHOD_NONE SANSH_METHOD_PASSWORD SANSH_METHOD_PUBLIC_KEY
            SANSH_METHOD_NEW_PASSWORD SANSH_METHOD_INTERACTIVE SANSH_METHOD_HOST_BASED
        }
        sansh_conflict {
            SANSH_CONFLICT_NONE SANSH_CONFLICT_FORCE_COMMAND SANSH_CONFLICT_SOURCE_ADDRESS SANSH_CONFLICT_OTHER
        }
        sansh_open_kind {
            SANSH_OPEN_OTHER SANSH_OPEN_SESSION SANSH_OPEN_DIRECT_TCPIP SANSH_OPEN_FORWARDED_TCPIP
            SANSH_OPEN_DIRECT_STREAMLOCAL SANSH_OPEN_FORWARDED_STREAMLOCAL SANSH_OPEN_X11 SANSH_OPEN_AUTH_AGENT
            SANSH_OPEN_TUN
        }
        sansh_request_kind {
            SANSH_REQUEST_OTHER SANSH_REQUEST_SHELL SANSH_REQUEST_EXEC SANSH_REQUEST_SUBSYSTEM SANSH_REQUEST_ENV
            SANSH_REQUEST_EXIT_STATUS SANSH_REQUEST_EXIT_SIGNAL SANSH_REQUEST_PTY SANSH_REQUEST_WINDOW_CHANGE
            SANSH_REQUEST_SIGNAL SANSH_REQUEST_XON_XOFF SANSH_REQUEST_BREAK SANSH_REQUEST_END_OF_WRITE
            SANSH_REQUEST_X11 SANSH_REQUEST_AUTH_AGENT
        }
        sansh_refusal {
            SANSH_REFUSAL_PROHIBITED SANSH_REFUSAL_CONNECT_FAILED SANSH_REFUSAL_UNKNOWN_TYPE
            SANSH_REFUSAL_RESOURCE_SHORTAGE
        }
        sansh_global_kind {
            SANSH_GLOBAL_OTHER SANSH_GLOBAL_TCPIP_FORWARD SANSH_GLOBAL_CANCEL_TCPIP_FORWARD
            SANSH_GLOBAL_STREAMLOCAL_FORWARD SANSH_GLOBAL_CANCEL_STREAMLOCAL_FORWARD SANSH_GLOBAL_NO_MORE_SESSIONS
            SANSH_GLOBAL_HOST_KEYS SANSH_GLOBAL_HOST_KEYS_PROVE
        }
        sansh_blame {
            SANSH_BLAME_OTHER SANSH_BLAME_PEER SANSH_BLAME_NOBODY SANSH_BLAME_APPLICATION SANSH_BLAME_CRYPTO
            SANSH_BLAME_MEMORY SANSH_BLAME_BUG
        }
        sansh_reason {
            SANSH_REASON_OTHER SANSH_REASON_IDENT SANSH_REASON_PACKET_LENGTH SANSH_REASON_PADDING
            SANSH_REASON_INTEGRITY SANSH_REASON_MALFORMED SANSH_REASON_UNEXPECTED SANSH_REASON_NOT_STRICT
            SANSH_REASON_SEQUENCE_WRAPPED SANSH_REASON_REKEY_BEFORE_LOGIN SANSH_REASON_NOTHING_IN_COMMON
            SANSH_REASON_BAD_KEX_VALUE SANSH_REASON_HOST_KEY_KIND SANSH_REASON_HOST_KEY_SIGNATURE
            SANSH_REASON_HOST_KEY_REJECTED SANSH_REASON_SIGNATURE_DECLINED SANSH_REASON_SERVICE
            SANSH_REASON_TOO_MANY_ATTEMPTS SANSH_REASON_USER_CHANGED SANSH_REASON_GAVE_UP SANSH_REASON_UNIMPLEMENTED
            SANSH_REASON_UNKNOWN_CHANNEL SANSH_REASON_WINDOW_EXCEEDED SANSH_REASON_WINDOW_OVERFLOW
            SANSH_REASON_AFTER_EOF SANSH_REASON_UNSOLICITED_REPLY SANSH_REASON_FLOOD SANSH_REASON_TIMEOUT
            SANSH_REASON_DISCONNECTED SANSH_REASON_EOF SANSH_REASON_APPLICATION SANSH_REASON_MISUSE
            SANSH_REASON_CRYPTO SANSH_REASON_MEMORY SANSH_REASON_BUG SANSH_REASON_TRIVIAL_LOGIN
            SANSH_REASON_COMPRESSION
        }
        sansh_certificate_kind { SANSH_CERTIFICATE_USER SANSH_CERTIFICATE_HOST }
        sansh_tun_layer { SANSH_TUN_LAYER_3 SANSH_TUN_LAYER_2 }
        sansh_negotiated {
            SANSH_NEGOTIATED_KEX SANSH_NEGOTIATED_HOST_KEY SANSH_NEGOTIATED_CIPHER_CLIENT_TO_SERVER
            SANSH_NEGOTIATED_CIPHER_SERVER_TO_CLIENT SANSH_NEGOTIATED_MAC_CLIENT_TO_SERVER
            SANSH_NEGOTIATED_MAC_SERVER_TO_CLIENT SANSH_NEGOTIATED_COMPRESSION_CLIENT_TO_SERVER
            SANSH_NEGOTIATED_COMPRESSION_SERVER_TO_CLIENT
        }
        sansh_count {
            SANSH_COUNT_BYTES_IN SANSH_COUNT_BYTES_OUT SANSH_COUNT_PACKETS_IN SANSH_COUNT_PACKETS_OUT
            SANSH_COUNT_EXCHANGES SANSH_COUNT_WINDOW_STALLS SANSH_COUNT_MOVED SANSH_COUNT_WINDOW_GROWN
            SANSH_COUNT_ROUND_TRIP
        }
        sansh_key_kind { SANSH_KEY_ED25519 SANSH_KEY_ECDSA SANSH_KEY_RSA SANSH_KEY_MLDSA44_ED25519 }
        sansh_key_format {
            SANSH_KEY_FORMAT_OPENSSH SANSH_KEY_FORMAT_PKCS8 SANSH_KEY_FORMAT_PKCS1 SANSH_KEY_FORMAT_SEC1
            SANSH_KEY_FORMAT_PUTTY2 SANSH_KEY_FORMAT_PUTTY3
        }
        sansh_file { SANSH_FILE_KNOWN_HOSTS SANSH_FILE_AUTHORIZED_KEYS SANSH_FILE_KEYS SANSH_FILE_PRINCIPALS }
        sansh_may {
            SANSH_MAY_FORWARD_AGENT SANSH_MAY_FORWARD_PORTS SANSH_MAY_FORWARD_X11 SANSH_MAY_HAVE_PTY SANSH_MAY_RUN_RC
            SANSH_MAY_NOT_TOUCH SANSH_MAY_NOT_VERIFY SANSH_MAY_TUNNEL
        }
        sansh_authorized_text {
            SANSH_AUTHORIZED_COMMENT SANSH_AUTHORIZED_COMMAND SANSH_AUTHORIZED_FROM SANSH_AUTHORIZED_PRINCIPALS
            SANSH_AUTHORIZED_ENVIRONMENT
        }
        sansh_agent_kind {
            SANSH_AGENT_NONE SANSH_AGENT_IDENTITIES SANSH_AGENT_SIGNATURE SANSH_AGENT_DONE SANSH_AGENT_REFUSED
            SANSH_AGENT_EXTENSION SANSH_AGENT_EXTENSION_FAILED
        }
    }
    all
}

/// The names of all that has a number in the header, so that nothing is forgotten in [`layout`].
fn names_in(header: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside: Option<(bool, String)> = None;
    let code: Vec<&str> = header.lines().filter(|line| !line.trim_start().starts_with(['/', '*'])).collect();
    for line in code {
        if let Some(rest) = line.strip_prefix("#define SANSH_") {
            if let Some((name, _)) = rest.split_once(' ') {
                names.push(format!("SANSH_{name}"));
            }
        } else if let Some(rest) = line.strip_prefix("typedef ") {
            let mut words = rest.split(' ');
            let (what, name) = (words.next().unwrap(), words.next().unwrap().trim_end_matches(';'));
            match what {
                "struct" | "union" if rest.ends_with('{') => {
                    names.push(format!("sizeof({name})"));
                    names.push(format!("SANSH_ALIGNOF({name})"));
                    inside = Some((true, name.to_owned()));
                }
                "struct" | "union" => {}
                "enum" => inside = Some((false, String::new())),
                _ => {
                    names.push(format!("sizeof({name})"));
                    names.push(format!("SANSH_ALIGNOF({name})"));
                }
            }
        } else if line.starts_with('}') {
            inside = None;
        } else if let Some((is_struct, name)) = &inside {
            let line = line.trim();
            if *is_struct && line.ends_with(';') {
                let field = line.rsplit([' ', '*']).next().unwrap().trim_end_matches(';');
                names.push(format!("offsetof({name}, {})", field.split('[').next().unwrap()));
            } else if let Some((enumerator, _)) = line.split_once(" = ") {
                names.push(enumerator.to_owned());
            }
        }
    }
    names
}

#[test]
fn c_and_the_library_agree_on_every_number() {
    let layout = layout();
    let header = fs::read_to_string(header_path()).unwrap();
    let (mut ours, mut theirs): (Vec<_>, _) =
        (layout.iter().map(|(name, _)| name.clone()).collect(), names_in(&header));
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs, "what this test compares is what the header has");

    let mut source = String::from(
        "#include \"sansh.h\"\n#include <stdio.h>\n#include <stddef.h>\n\
         #ifdef __cplusplus\n#define SANSH_ALIGNOF(type) alignof(type)\n#else\n\
         #define SANSH_ALIGNOF(type) offsetof(struct { char c; type t; }, t)\n#endif\n\
         #define SHOW(value) printf(\"%s %llu\\n\", #value, (unsigned long long)(value))\nint main(void) {\n",
    );
    for (name, _) in &layout {
        source.push_str(&format!("    SHOW({name});\n"));
    }
    source.push_str("    printf(\"%s %u\\n\", sansh_version(), (unsigned)sansh_version_number());\n    return 0;\n}\n");
    let mut expected: String = layout.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
    expected.push_str("0.1.0 256\n");
    let build = Build::new("layout");
    for (compiler, standard, extension) in
        [("cc", "c99", "c"), ("cc", "c11", "c"), ("c++", "c++11", "cc"), ("c++", "c++17", "cc"), ("c++", "c++20", "cc")]
    {
        let file = build.write(&format!("layout-{standard}.{extension}"), &source);
        let program = build.program(compiler, &[&format!("-std={standard}")], &file);
        let shown = build.run_program(&program, &[]);
        for (got, wanted) in shown.lines().zip(expected.lines()) {
            // The preprocessor shows macros by their value.
            let (got, wanted) = (got.rsplit(' ').next(), wanted.rsplit(' ').next());
            assert_eq!(got, wanted, "{standard}: {shown}");
        }
        assert_eq!(shown.lines().count(), expected.lines().count());
    }
}
