//! RFC 4256: questions and answers, in rounds, and what becomes of those that do not fit.

use sansh::error::{Error, code};
use sansh::{Client, Server};
use sansh_testkit::apps::{Actor, Answer, Prompt};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::Pair;
use sansh_testkit::raw::{Raw, password, strings};
use sansh_testkit::told::{By, Detail, Means, Reply, Seen, Stepped, Unsettled};

fn ask(prompts: &[(&str, bool)]) -> Reply {
    let prompts = prompts.iter().map(|(text, echo)| ((*text).into(), *echo)).collect();
    Reply::Ask { name: "Title".into(), instruction: "Do this.".into(), prompts }
}

fn interactive() -> Means {
    Means::Interactive { submethods: "totp".into() }
}

/// The answers of each login that the server heard of; `None` where it began.
fn heard(pair: &Pair) -> Vec<Option<Vec<Vec<u8>>>> {
    let login = |seen: &Seen| match seen {
        Seen::Login { by: By::Interactive { responses, .. }, .. } => Some(responses.clone()),
        _ => None,
    };
    pair.server.app.seen.iter().filter_map(login).collect()
}

fn is_login(seen: &Seen) -> bool {
    matches!(seen, Seen::Login { .. })
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Two questions, then one, then in.
fn two_rounds(seen: &Seen) -> Option<Reply> {
    let Seen::Login { by: By::Interactive { responses, .. }, .. } = seen else { return None };
    Some(match responses {
        None => ask(&[("Password: ", false), ("Colour? ", true)]),
        Some(answers) if *answers == texts(&["sesame", "red"]) => ask(&[("Code: ", false)]),
        Some(answers) if *answers == texts(&["123456"]) => Reply::Admit,
        Some(_) => Reply::Deny(String::new()),
    })
}

fn answers(seen: &Seen) -> Option<Reply> {
    let Seen::Prompts { prompts, .. } = seen else { return None };
    let answer = |(text, _): &(Vec<u8>, bool)| match text.as_slice() {
        b"Password: " => "sesame".into(),
        b"Colour? " => "red".into(),
        _ => "123456".into(),
    };
    Some(Reply::Answers(prompts.iter().map(answer).collect()))
}

fn when(prompt: Prompt, reply: Reply) -> Answer {
    if prompt == Prompt::Now { Answer::Now(reply) } else { Answer::Later(reply) }
}

#[test]
fn questions_come_in_rounds_and_their_answers_in_order() {
    for prompt in [Prompt::Now, Prompt::Later] {
        for weather in [Weather::default(), Weather::one_byte(), Weather::random()] {
            let mut pair = Pair::builder().weather(weather).trace(60_000).build();
            (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
            pair.server.app.manner(move |seen| two_rounds(seen).map(|reply| when(prompt, reply)));
            pair.client.app.manner(move |seen| answers(seen).map(|reply| when(prompt, reply)));
            pair.client.app.attempt("user", interactive());
            pair.run();
            assert_eq!(heard(&pair), [None, Some(texts(&["sesame", "red"])), Some(texts(&["123456"]))]);
            let asked = |prompts: &[(&str, bool)]| Seen::Prompts {
                name: b"Title".to_vec(),
                instruction: b"Do this.".to_vec(),
                prompts: prompts.iter().map(|(text, echo)| (text.as_bytes().to_vec(), *echo)).collect(),
            };
            let questions: Vec<_> =
                pair.client.app.seen.iter().filter(|seen| matches!(seen, Seen::Prompts { .. })).collect();
            assert_eq!(questions, [&asked(&[("Password: ", false), ("Colour? ", true)]), &asked(&[("Code: ", false)])]);
            let ready = Seen::Ready { how: "keyboard-interactive".into() };
            assert!(pair.client.app.saw(|seen| *seen == ready), "{}", pair.dump());
            let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
            assert_eq!(*steps, [Stepped::bare("keyboard-interactive")]);
            for log in [&pair.client.log, &pair.server.log] {
                assert!(log.contains("USERAUTH_INFO_RESPONSE("), "{log}");
                assert!(!log.contains("sesame") && !log.contains("123456"), "answers stand in the trace: {log}");
            }
        }
    }
}

#[test]
fn the_submethods_reach_the_server() {
    let mut pair = Pair::builder().build();
    pair.client.app.attempt("user", interactive());
    pair.run();
    let by = By::Interactive { submethods: b"totp".to_vec(), responses: None };
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { by: b, .. } if *b == by)), "{}", pair.dump());
}

/// "In the case that the server sends a `0' num-prompts field in the request message, the client MUST send a response
/// message with a `0' num-responses field to complete the exchange" (RFC 4256, section 3.4).
#[test]
fn no_question_at_all_still_wants_an_empty_answer() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| match seen {
        Seen::Login { by: By::Interactive { responses: None, .. }, .. } => Some(Answer::Now(ask(&[]))),
        Seen::Login { .. } => Some(Answer::Now(Reply::Admit)),
        _ => None,
    });
    pair.client.app.attempt("user", interactive());
    pair.run();
    assert_eq!(heard(&pair), [None, Some(Vec::new())]);
    assert!(pair.client.app.is_ready() && pair.server.app.is_ready());
}

fn held_back() -> Pair {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
    pair.client.app.manner(|seen| matches!(seen, Seen::Prompts { .. }).then_some(Answer::Keep));
    pair.client.app.attempt("user", interactive());
    pair.run();
    pair
}

#[test]
fn sixteen_questions_are_the_most_and_sixteen_rounds() {
    let mut pair = held_back();
    for round in 0..16 {
        let question = pair.server.app.kept.pop_front().expect("a login");
        let Err(Unsettled::Unfit(question)) = question.answer(&mut pair.server.conn, &ask(&[("?", true); 17]), 1)
        else {
            panic!("17 questions were taken in round {round}")
        };
        question.answer(&mut pair.server.conn, &ask(&[("?", true); 16]), 1).expect("16 are in order");
        pair.run();
        pair.client.answer(&Reply::Answers(vec!["a".into(); 16]));
        pair.run();
    }
    let question = pair.server.app.kept.pop_front().expect("a login");
    let Err(Unsettled::Unfit(question)) = question.answer(&mut pair.server.conn, &ask(&[("?", true)]), 1) else {
        panic!("a 17th round was taken")
    };
    question.answer(&mut pair.server.conn, &Reply::Admit, 1).expect("the question is still good");
    pair.run();
    assert!(pair.client.app.is_ready());
}

#[test]
fn answers_that_do_not_fit_the_questions_come_back() {
    let mut pair = held_back();
    pair.server.answer(&ask(&[("a", true), ("b", true)]));
    pair.run();
    let mut question = pair.client.app.kept.pop_front().expect("the questions");
    for count in [1, 3, 17] {
        let reply = Reply::Answers(vec!["x".into(); count]);
        let Err(Unsettled::Unfit(back)) = question.answer(&mut pair.client.conn, &reply, 0) else {
            panic!("{count} answers to two questions")
        };
        question = back;
    }
    let reply = Reply::Answers(vec!["1".into(), "2".into()]);
    question.answer(&mut pair.client.conn, &reply, 0).expect("the question is still good");
    pair.run();
    assert_eq!(heard(&pair), [None, Some(texts(&["1", "2"]))]);
}

#[test]
fn questions_and_new_passwords_are_for_their_own_methods() {
    let change = Reply::ChangePassword("new, please".into());
    let question = ask(&[("?", true)]);
    type Begin = fn(&mut Actor);
    let cases: [(Begin, Vec<Reply>); 4] = [
        (|app| app.password("user", "right"), vec![question.clone()]),
        (|app| app.attempt("user", interactive()), vec![change.clone()]),
        (|app| app.attempt("user", Means::None), vec![question.clone(), change.clone()]),
        (|app| app.public_key("user", 7, false), vec![question, change]),
    ];
    for (begin, unfit) in cases {
        let mut pair = Pair::builder().build();
        pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
        begin(&mut pair.client.app);
        pair.run();
        let mut question = pair.server.app.kept.pop_front().expect("a login");
        for reply in unfit {
            let Err(Unsettled::Unfit(back)) = question.answer(&mut pair.server.conn, &reply, 1) else {
                panic!("{reply:?} was taken: {}", pair.dump())
            };
            question = back;
        }
        question.answer(&mut pair.server.conn, &Reply::Admit, 1).expect("the question is still good");
        pair.run();
        assert!(pair.client.app.is_ready(), "{}", pair.dump());
    }
}

#[test]
fn a_client_that_does_not_answer_is_asked_for_another_credential() {
    for answer in [Answer::Ignore, Answer::Now(Reply::Answers(Vec::new())), Answer::Later(Reply::Answers(Vec::new()))] {
        let mut pair = Pair::builder().build();
        pair.server.app.manner(|seen| two_rounds(seen).map(Answer::Now));
        pair.client.app.manner(move |seen| matches!(seen, Seen::Prompts { .. }).then(|| answer.clone()));
        pair.client.app.attempt("user", interactive());
        pair.client.app.password("user", "right");
        pair.run();
        assert_eq!(heard(&pair), [None], "no answers reached the application");
        assert!(pair.client.app.saw(|seen| *seen == Seen::Ready { how: "password".into() }), "{}", pair.dump());
    }
}

// ---- Byte for byte.

fn request() -> Vec<u8> {
    let fields = strings([&b"user"[..], b"ssh-connection", b"keyboard-interactive", b"", b""].as_slice());
    [&[50], &fields[..]].concat()
}

fn response(answers: &[&[u8]]) -> Vec<u8> {
    [&[61][..], &u32::try_from(answers.len()).expect("few").to_be_bytes(), &strings(answers)].concat()
}

fn asking_server() -> Raw<Server> {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| match seen {
        Seen::Login { by: By::Interactive { responses: None, .. }, .. } => {
            Some(Answer::Now(ask(&[("one", false), ("two", true)])))
        }
        _ => None,
    });
    raw.to_auth();
    raw.take();
    raw.send(&request());
    raw
}

#[test]
fn what_is_asked_is_what_the_rfc_says() {
    let mut raw = asking_server();
    let mut expected = [&[60], &strings(&[b"Title", b"Do this.", b""])[..], &2_u32.to_be_bytes()].concat();
    expected.extend([&strings(&[b"one"])[..], &[0], &strings(&[b"two"])[..], &[1]].concat());
    assert_eq!(raw.take(), [expected]);
}

/// "If the num-responses field does not match the num-prompts field in the request message, the server MUST send a
/// failure message" (RFC 4256, section 3.4).
#[test]
fn a_wrong_number_of_answers_fails_unseen() {
    for count in [0, 1, 3, 17] {
        let mut raw = asking_server();
        raw.take();
        raw.send(&response(&vec![&b"answer"[..]; count]));
        assert!(raw.heard(51) && raw.take().len() == 1, "{count}");
        assert_eq!(raw.app.count(|seen| is_login(seen)), 1, "nobody hears of {count} answers");
        // Behind the failure no questions are open: another answer has nothing to answer.
        raw.send(&response(&[b"1", b"2"]));
        assert_eq!(raw.app.ended().error, Error::Unexpected { number: 61 });
    }
}

#[test]
fn an_answer_longer_than_any_password_fails_unseen() {
    for (length, reaches) in [(1024, true), (1025, false)] {
        let mut raw = asking_server();
        raw.take();
        raw.send(&response(&[b"1", &vec![b'x'; length]]));
        assert_eq!(raw.app.count(|seen| is_login(seen)), if reaches { 2 } else { 1 });
        assert!(raw.heard(51));
    }
}

/// "the client MAY at any time continue with a new SSH_MSG_USERAUTH_REQUEST message, in which case the server MUST
/// abandon the previous authentication attempt and continue with the new one" (RFC 4252, section 5).
#[test]
fn another_request_takes_the_place_of_the_answers_without_a_failure() {
    let mut raw = asking_server();
    raw.take();
    raw.send(&password("user", "right"));
    assert!(raw.app.is_ready());
    assert!(!raw.heard(51) && raw.heard(52));

    // And the questions are forgotten with the attempt.
    let mut raw = asking_server();
    raw.send(&password("user", "wrong"));
    raw.take();
    raw.send(&response(&[b"1", b"2"]));
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 61 });
}

/// Each question may call somebody's telephone: leaving it unanswered is a failed attempt, and those are bounded.
#[test]
fn questions_that_nobody_answers_count_as_failed() {
    let mut raw = asking_server();
    let mut asked = 1;
    while raw.app.end.is_none() && asked < 100 {
        raw.send(&request());
        asked += 1;
    }
    assert_eq!((raw.app.ended().error, asked), (Error::TooManyAttempts, 21), "20 attempts fail");
}

#[test]
fn answers_that_nobody_asked_for_end_the_connection() {
    let mut raw = Raw::server(|_| {});
    raw.to_auth();
    raw.send(&response(&[]));
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 61 });
    assert_eq!(raw.disconnect_code(), Some(code::PROTOCOL_ERROR));

    // While the application still thinks, they stay unread; behind its FAILURE nothing is open.
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
    raw.to_auth();
    raw.send(&request());
    raw.send(&response(&[]));
    assert_eq!(raw.app.count(|seen| is_login(seen)), 1);
    let question = raw.app.kept.pop_front().expect("the login");
    question.answer(&mut raw.conn, &Reply::Deny(String::new()), 0).expect("open");
    raw.pump();
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 61 });
}

fn info_request(prompts: u32) -> Vec<u8> {
    let mut bytes = [&[60], &strings(&[b"", b"", b""])[..], &prompts.to_be_bytes()].concat();
    for _ in 0..prompts {
        bytes.extend([&strings(&[b"?"])[..], &[0]].concat());
    }
    bytes
}

fn asked_client() -> Raw<Client> {
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    raw.app.attempt("user", interactive());
    raw.to_auth();
    raw.take();
    raw
}

#[test]
fn a_server_that_asks_too_much_or_too_often_is_left() {
    let mut raw = asked_client();
    raw.send(&info_request(17));
    assert_eq!(raw.app.ended().error, Error::Flood);

    let mut raw = asked_client();
    for round in 0..16 {
        raw.send(&info_request(16));
        let said = raw.take();
        assert_eq!(said.len(), 1, "round {round}");
        assert_eq!(said[0], response(&[&b"answer"[..]; 16]), "the answers go byte for byte as the RFC says");
    }
    raw.send(&info_request(0));
    assert_eq!(raw.app.ended().error, Error::Flood, "the 17th round");
}

#[test]
fn a_count_of_questions_promises_nothing() {
    for count in [1, 16, u32::MAX] {
        let mut raw = asked_client();
        raw.send(&[&[60], &strings(&[b"", b"", b""])[..], &count.to_be_bytes()].concat());
        assert!(matches!(raw.app.ended().error, Error::Malformed { number: 60, .. }), "{:?}", raw.app.ended());
    }
}

#[test]
fn questions_outside_the_method_end_the_connection() {
    // A password's 60 is another message, and none's is none.
    for with in [Means::None, Means::Password("right".into())] {
        let mut raw = Raw::client(|_| {});
        raw.app.attempts.clear();
        raw.app.attempt("user", with);
        raw.to_auth();
        raw.send(&info_request(1));
        let ended = raw.app.ended().error;
        assert!(matches!(ended, Error::Unexpected { number: 60 } | Error::Malformed { number: 60, .. }), "{ended:?}");
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Prompts { .. })));
    }
}

#[test]
fn answers_are_wiped_from_the_receive_buffer() {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| match seen {
        Seen::Login { by: By::Interactive { responses: None, .. }, .. } => Some(Answer::Now(ask(&[("?", false)]))),
        Seen::Login { .. } => Some(Answer::Now(Reply::Deny(String::new()))),
        _ => None,
    });
    raw.to_auth();
    let shows = |raw: &mut Raw<Server>, text: &[u8]| raw.conn.recv_buf().windows(text.len()).any(|part| part == text);
    raw.send(&request());
    assert!(shows(&mut raw, b"keyboard-interactive"), "what is no secret stays where it was");
    raw.send(&response(&[b"sesame-open-yourself"]));
    assert_eq!(raw.app.count(|seen| is_login(seen)), 2);
    assert!(!shows(&mut raw, b"sesame"));
    // Nor do those that nobody hears of stay.
    raw.send(&request());
    raw.send(&response(&[b"sesame-open-yourself", b"once more"]));
    assert_eq!(raw.app.count(|seen| is_login(seen)), 3);
    assert!(!shows(&mut raw, b"sesame"));
}
