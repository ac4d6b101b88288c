//! RFC 4256: questions and answers.

use crate::hand::{error, login, message, numbers};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::apps::{Answer, App};
use sansh_testkit::raw::{Raw, password, strings};
use sansh_testkit::told::{Attempt, By, Means, Reply, Seen, Unsettled};

/// The request that begins it.
fn begin() -> Vec<u8> {
    login(b"user", b"ssh-connection", b"keyboard-interactive", &strings(&[b"", b"pam"]))
}

/// INFO_RESPONSE with so many answers as it says.
fn responses(count: u32, answers: &[&[u8]]) -> Vec<u8> {
    message(61, &[&numbers(&[count]), &strings(answers)])
}

/// A server that asks these questions, and lets in whoever answers them all with "right".
fn asking(texts: &'static [&'static str]) -> Raw<Server> {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(move |seen| match seen {
        Seen::Login { by: By::Interactive { responses: None, .. }, .. } => Some(Answer::Now(Reply::Ask {
            name: "name".into(),
            instruction: String::new(),
            prompts: texts.iter().map(|text| ((*text).into(), false)).collect(),
        })),
        Seen::Login { by: By::Interactive { responses: Some(said), .. }, .. } => {
            let right = said.iter().all(|answer| answer == b"right");
            Some(Answer::Now(if right { Reply::Admit } else { Reply::Deny(String::new()) }))
        }
        _ => None,
    });
    raw.to_auth();
    raw.take();
    raw
}

/// A client that has begun it.
fn asked() -> Raw<Client> {
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    let with = Means::Interactive { submethods: String::new() };
    raw.app.attempts.push_back(Attempt { user: "user".into(), with });
    raw.to_auth();
    raw.take();
    raw
}

/// "The server MUST reply with an SSH_MSG_USERAUTH_SUCCESS, SSH_MSG_USERAUTH_FAILURE, or SSH_MSG_USERAUTH_INFO_REQUEST
/// message." (RFC 4256, section 3.1) "After receiving the response, the server MUST send either an SSH_MSG_USERAUTH_SUCCESS,
/// SSH_MSG_USERAUTH_FAILURE, or another SSH_MSG_USERAUTH_INFO_REQUEST message." (RFC 4256, section 3.4)
#[test]
fn a_server_answers_with_one_of_three() {
    let mut raw = asking(&["one", "two"]);
    raw.send(&begin());
    let expected = message(
        60,
        &[&strings(&[b"name", b"", b""]), &numbers(&[2]), &strings(&[b"one"]), &[0], &strings(&[b"two"]), &[0]],
    );
    let said = raw.take();
    assert_eq!(said.first(), Some(&expected));
    assert_eq!(said.len(), 1);
    raw.send(&responses(2, &[b"right", b"wrong"]));
    assert_eq!(raw.take().iter().map(|said| said[0]).collect::<Vec<_>>(), [51]);
    raw.send(&begin());
    assert_eq!(raw.take(), [expected]);
    raw.send(&responses(2, &[b"right", b"right"]));
    assert_eq!(raw.take(), [[52]]);
    // At once, without a question; and one question behind another.
    for (reply, number) in [(Reply::Admit, 52), (Reply::Deny(String::new()), 51)] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| Answer::Now(reply.clone())));
        raw.to_auth();
        raw.take();
        raw.send(&begin());
        assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<_>>(), [number]);
    }
    let mut raw = Raw::server(|_| {});
    let ask = Reply::Ask { name: String::new(), instruction: String::new(), prompts: vec![("more".into(), true)] };
    raw.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| Answer::Now(ask.clone())));
    raw.to_auth();
    raw.take();
    raw.send(&begin());
    for _ in 0..3 {
        assert_eq!(raw.take().iter().map(|said| said[0]).collect::<Vec<_>>(), [60]);
        raw.send(&responses(1, &[b"again"]));
    }
}

/// "The server MUST NOT send another SSH_MSG_USERAUTH_INFO_REQUEST before it has received the answer from the client." (RFC
/// 4256, section 3) "the server MUST NOT ever have more than one SSH_MSG_USERAUTH_INFO_REQUEST message outstanding." (RFC
/// 4256, section 3.2)
#[test]
fn one_set_of_questions_is_open() {
    let mut raw = asking(&["one"]);
    raw.send(&begin());
    assert_eq!(raw.take().len(), 1);
    raw.wait(sansh::SECOND);
    raw.send(&message(2, &[]));
    raw.pump();
    assert!(raw.said.is_empty());
    // Two answers to one set: the second is nobody's.
    let both = [responses(1, &[b"wrong"]), responses(1, &[b"right"])];
    let bytes: Vec<u8> = both.iter().flat_map(|payload| sansh_testkit::raw::packet(payload, true)).collect();
    raw.send_bytes(&bytes);
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 61 }));
    assert!(raw.heard(51) && !raw.app.is_ready());
}

/// "The prompt field(s) MUST NOT be empty strings." (RFC 4256, section 3.2): a program that asks nothing in particular is
/// told so.
#[test]
fn a_question_says_something() {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
    raw.to_auth();
    raw.take();
    raw.send(&begin());
    let question = raw.app.kept.pop_front().expect("a question");
    let prompts = vec![("Password: ".into(), false), (String::new(), false)];
    let ask = Reply::Ask { name: String::new(), instruction: String::new(), prompts };
    let refused = question.answer(&mut raw.conn, &ask, App::<Server>::meter(&raw.app));
    assert!(matches!(refused, Err(Unsettled::Unfit(_))), "{refused:?}");
    raw.pump();
    assert!(!raw.heard(60));
}

/// "If the num-responses field does not match the num-prompts field in the request message, the server MUST send a failure
/// message." (RFC 4256, section 3.4)
#[test]
fn answers_are_as_many_as_questions() {
    for answers in [&[][..], &[b"right".as_slice()], &[b"right", b"right", b"right"]] {
        let mut raw = asking(&["one", "two"]);
        raw.send(&begin());
        raw.take();
        raw.send(&responses(u32::try_from(answers.len()).expect("few"), answers));
        assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<_>>(), [51], "{}", answers.len());
        assert!(!raw.app.is_ready() && error(&raw).is_none());
        let heard = |seen: &Seen| matches!(seen, Seen::Login { by: By::Interactive { responses: Some(_), .. }, .. });
        assert!(!raw.app.saw(heard), "nobody hears them");
    }
    // A count of its own is no message at all.
    for (count, answers) in [(3, &[b"right".as_slice(), b"right"][..]), (u32::MAX, &[]), (1, &[b"right", b"right"])] {
        let mut raw = asking(&["one", "two"]);
        raw.send(&begin());
        raw.send(&responses(count, answers));
        assert!(matches!(error(&raw), Some(Error::Malformed { number: 61, .. })), "{:?}", error(&raw));
    }
}

/// "the client MAY at any time continue with a new SSH_MSG_USERAUTH_REQUEST message, in which case the server MUST abandon
/// the previous authentication attempt and continue with the new one." (RFC 4252, section 5) "A SSH_MSG_USERAUTH_FAILURE
/// message MUST NOT be sent for an aborted method." (RFC 4252, section 5.1)
#[test]
fn a_new_request_takes_the_place_of_the_questions() {
    for (secret, answer) in [("right", 52), ("wrong", 51)] {
        let mut raw = asking(&["one"]);
        raw.send(&begin());
        raw.take();
        raw.send(&password("user", secret));
        assert_eq!(
            raw.take().iter().map(|said| said[0]).collect::<Vec<_>>(),
            [answer],
            "one answer, to the new request"
        );
        if answer == 51 {
            // The old questions are gone.
            raw.send(&responses(1, &[b"right"]));
            assert_eq!(error(&raw), Some(Error::Unexpected { number: 61 }));
            assert!(!raw.app.is_ready());
        }
    }
}

/// "The server may send as many requests as are necessary to authenticate the client; the client MUST be prepared to handle
/// multiple exchanges." "The name and instruction fields MAY be empty strings; the client MUST be prepared to handle this
/// correctly." (RFC 4256, section 3.2) "After obtaining the requested information from the user, the client MUST respond
/// with an SSH_MSG_USERAUTH_INFO_RESPONSE message." "the client MUST send a response message with a `0' num-responses field to
/// complete the exchange." "The responses MUST be ordered as the prompts were ordered. That is, response[n] MUST be the
/// answer to prompt[n]." (RFC 4256, section 3.4) "Clients MUST also accept empty responses from the user and pass them on as
/// empty strings." (RFC 4256, section 3.3) "it MUST convert the responses to ISO-10646 UTF-8 before transmitting." (RFC 4256,
/// section 3.4)
#[test]
fn a_client_answers_in_order() {
    type Round = (&'static [u8], &'static [u8], &'static [(&'static str, &'static str)]);
    let rounds: [Round; 5] = [
        (b"Login", b"Two\nlines\r\nand more", &[("Password: ", "pässwörd"), ("Token: ", "123")]),
        (b"", b"", &[("?", "")]),
        (b"", b"", &[]),
        (b"", b"once more", &[("1", "a"), ("2", ""), ("3", "c")]),
        (b"", b"", &[]),
    ];
    let mut raw = asked();
    raw.app.manner(|seen| match seen {
        Seen::Prompts { prompts, .. } => {
            let of = |text: &[u8]| match text {
                b"Password: " => "pässwörd",
                b"Token: " => "123",
                b"1" => "a",
                b"3" => "c",
                _ => "",
            };
            Some(Answer::Now(Reply::Answers(prompts.iter().map(|(text, _)| of(text).into()).collect())))
        }
        _ => None,
    });
    for (n, (name, instruction, prompts)) in rounds.into_iter().enumerate() {
        let body: Vec<u8> =
            prompts.iter().flat_map(|(text, _)| [strings(&[text.as_bytes()]), vec![1]].concat()).collect();
        let count = u32::try_from(prompts.len()).expect("few");
        raw.send(&message(60, &[&strings(&[name, instruction, b""]), &numbers(&[count]), &body]));
        let answers: Vec<&[u8]> = prompts.iter().map(|(_, answer)| answer.as_bytes()).collect();
        assert_eq!(raw.take(), [responses(count, &answers)], "round {n}: {:?}", raw.app.end);
        let whole = |seen: &&Seen| {
            matches!(seen, Seen::Prompts { name: n, instruction: i, prompts: p }
                if n == name && i == instruction && p.len() == prompts.len())
        };
        assert!(raw.app.count(whole) > 0, "it is given as it came");
    }
    raw.send(&message(52, &[]));
    assert!(raw.app.is_ready());
}

/// The request itself: submethods are the application's, and without them "Otherwise, it MUST send the empty string." (RFC
/// 4256, section 3.1)
#[test]
fn a_request_names_submethods_or_none() {
    for submethods in ["", "pam,bsdauth"] {
        let mut raw = Raw::client(|_| {});
        raw.app.attempts.clear();
        let with = Means::Interactive { submethods: submethods.into() };
        raw.app.attempts.push_back(Attempt { user: "user".into(), with });
        raw.to_auth();
        let fields = strings(&[b"", submethods.as_bytes()]);
        assert_eq!(raw.said.last(), Some(&login(b"user", b"ssh-connection", b"keyboard-interactive", &fields)));
    }
}

/// CVE-2026-48107, GHSA-g9g7-5cgw-6v28: a count of prompts that no message holds, more prompts than anybody would answer, and
/// questions without end: the connection ends, and nothing is allocated by the count.
#[test]
fn questions_are_bounded() {
    for count in [1, 1000, 0x0100_0000, u32::MAX] {
        let mut raw = asked();
        sansh_testalloc::reset(0);
        raw.send(&message(60, &[&strings(&[b"", b"", b""]), &numbers(&[count])]));
        assert!(matches!(error(&raw), Some(Error::Malformed { number: 60, .. })), "{count}: {:?}", error(&raw));
        assert!(sansh_testalloc::read(0).peak <= 1024, "{}", sansh_testalloc::read(0).peak);
    }
    for (count, heard) in [(16, true), (17, false), (1000, false)] {
        let mut raw = asked();
        let body = [strings(&[b"?"]), vec![0]].concat().repeat(count as usize);
        raw.send(&message(60, &[&strings(&[b"", b"", b""]), &numbers(&[count]), &body]));
        assert_eq!(raw.heard(61), heard, "{count}");
        assert_eq!(error(&raw), (!heard).then_some(Error::Flood), "{count}");
    }
    let mut raw = asked();
    let mut rounds = 0;
    while raw.app.end.is_none() {
        raw.send(&message(60, &[&strings(&[b"", b"", b""]), &numbers(&[0])]));
        rounds += 1;
        assert!(rounds < 1000, "no end");
    }
    assert_eq!((error(&raw), rounds), (Some(Error::Flood), 17));
}

/// CVE-2026-42189, CVE-2002-0639, CVE-2002-0640: a count of answers that no message holds, or that overflows where it is
/// multiplied: the connection ends before anybody is asked, and nothing is allocated.
#[test]
fn a_count_of_answers_promises_nothing() {
    for count in [2, 0x1000_0000, 0x2000_0001, 0x4000_0000, 0x8000_0000, u32::MAX] {
        for answers in [&[][..], &[b"right".as_slice()]] {
            let mut raw = asking(&["one"]);
            raw.send(&begin());
            sansh_testalloc::reset(0);
            raw.send(&responses(count, answers));
            assert!(matches!(error(&raw), Some(Error::Malformed { number: 61, .. })), "{count}: {:?}", error(&raw));
            assert!(sansh_testalloc::read(0).peak <= 1024, "{}", sansh_testalloc::read(0).peak);
            assert!(!raw.app.is_ready());
        }
    }
}

/// CVE-2015-5600: a method that is asked for again and again, or names its submethods a thousand times, gives no attempt
/// beyond the limit.
#[test]
fn a_repeated_submethod_is_no_new_attempt() {
    let mut raw = asking(&["Password: "]);
    let submethods = "pam,".repeat(1000) + "pam";
    let request = login(b"user", b"ssh-connection", b"keyboard-interactive", &strings(&[b"", submethods.as_bytes()]));
    let mut answers = 0;
    while raw.app.end.is_none() {
        raw.send(&request);
        if raw.app.end.is_none() {
            raw.send(&responses(1, &[b"guess"]));
            answers += 1;
        }
        assert!(answers < 1000, "no end");
    }
    assert_eq!(error(&raw), Some(Error::TooManyAttempts));
    assert!(answers <= 20, "{answers}");
    let heard = |seen: &&Seen| matches!(seen, Seen::Login { by: By::Interactive { responses: Some(_), .. }, .. });
    assert!(raw.app.count(heard) <= 20);
    // Questions that are left without an answer are failed attempts, too.
    let mut raw = asking(&["Password: "]);
    let mut sent = 0;
    while raw.app.end.is_none() {
        raw.send(&request);
        sent += 1;
        assert!(sent < 1000, "no end");
    }
    assert_eq!((error(&raw), sent), (Some(Error::TooManyAttempts), 21));
}
