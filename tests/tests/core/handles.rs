//! A handle belongs to one connection and one question: everywhere else it is refused, and nothing changes.

use sansh::channel::{Channel, Request, Stream};
use sansh::{Connection, Role, SendError, Stale};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Pair, other_global};
use sansh_testkit::told::{Attempt, Means, Opens, Question, Reply, Seen, Unsettled};

/// A pair whose client or server holds one question of this kind back.
fn held(seed: u64, kind: &'static str) -> Pair {
    let mut pair = Pair::builder().seed(seed).names("tube@test", "ask@test", "tell@test").build();
    let keep = move |seen: &Seen| {
        let this = match seen {
            Seen::HostKey { .. } => "HostKey",
            Seen::LoginNeeded { .. } => "Credential",
            Seen::Sign { purpose: sansh::event::Purpose::Login, .. } => "SignatureOfUser",
            Seen::Sign { .. } => "SignatureOfHost",
            Seen::KeyQuery { .. } => "KeyQuery",
            Seen::Login { .. } => "Admission",
            Seen::Requested { .. } => "Opening",
            Seen::Request { asked: true, .. } => "Permission",
            Seen::Global { asked: true, .. } => "Globally",
            _ => return None,
        };
        (this == kind).then_some(Answer::Keep)
    };
    pair.client.app.manner(keep);
    pair.server.app.manner(keep);
    pair.client.app.public_key("user", 7, true);
    pair.run();
    if pair.client.app.is_ready() && pair.server.app.is_ready() {
        let channel = pair.open(&Opens::Other { kind: "tube@test".into(), body: Vec::new() });
        if pair.client.app.open.contains(&channel) {
            pair.client.app.other(channel, "ask@test", true);
            pair.client.app.global(other_global("tell@test", true, b""));
            pair.run();
        }
    }
    assert_eq!(pair.client.app.kept.len() + pair.server.app.kept.len(), 1, "{kind}: {}", pair.dump());
    pair
}

fn refused_everywhere<R: Role>(conn: &mut Connection<R>, raw: u64, meter: usize) {
    for yes in [true, false] {
        for question in Question::all_from_raw(raw) {
            let reply = question.some_reply(yes);
            let what = format!("{question:?} with {reply:?}");
            assert_eq!(question.answer(conn, &reply, meter), Err(Unsettled::Stale), "{what}");
        }
    }
}

const KINDS: [&str; 9] = [
    "HostKey",
    "Credential",
    "SignatureOfUser",
    "SignatureOfHost",
    "KeyQuery",
    "Admission",
    "Opening",
    "Permission",
    "Globally",
];

#[test]
fn every_ask_of_one_connection_is_refused_by_another_with_an_equal_history() {
    for kind in KINDS {
        let mut first = held(1, kind);
        let mut second = held(2, kind);
        let at_server = !first.server.app.kept.is_empty();
        assert_eq!(at_server, !second.server.app.kept.is_empty());
        let foreign = if at_server { first.server.app.kept.pop_front() } else { first.client.app.kept.pop_front() };
        let foreign = foreign.expect("held").into_raw();
        if at_server {
            refused_everywhere(&mut second.server.conn, foreign, 1);
            refused_everywhere(&mut second.client.conn, foreign, 0);
        } else {
            refused_everywhere(&mut second.client.conn, foreign, 0);
            refused_everywhere(&mut second.server.conn, foreign, 1);
        }
        // The second's own question is as good as ever, as its own kind and no other; and good once.
        let question = if at_server { second.server.app.kept.pop_front() } else { second.client.app.kept.pop_front() };
        let question = question.expect("held");
        let again = Question::all_from_raw(foreign);
        assert!(!again.contains(&question), "{kind}: two connections made the same handle");
        let no = match (&question, kind) {
            (Question::Credential(_), _) => {
                Reply::Try(Attempt { user: "user".into(), with: Means::Password("right".into()) })
            }
            (question, _) => question.some_reply(false),
        };
        let answer = |pair: &mut Pair, question: Question| {
            if at_server {
                question.answer(&mut pair.server.conn, &no, 1)
            } else {
                question.answer(&mut pair.client.conn, &no, 0)
            }
        };
        let kinds = core::mem::discriminant(&question);
        let raw = question.into_raw();
        let mut own = None;
        for other in Question::all_from_raw(raw) {
            if core::mem::discriminant(&other) == kinds {
                own = Some(other);
                continue;
            }
            let reply = other.some_reply(true);
            let what = format!("{kind} as {other:?}");
            let result = if at_server {
                other.answer(&mut second.server.conn, &reply, 1)
            } else {
                other.answer(&mut second.client.conn, &reply, 0)
            };
            assert_eq!(result, Err(Unsettled::Stale), "{what}");
        }
        assert_eq!(answer(&mut second, own.expect("its own kind")), Ok(()), "{kind}: its own answer is taken");
        let own = Question::all_from_raw(raw).into_iter().find(|other| core::mem::discriminant(other) == kinds);
        assert_eq!(answer(&mut second, own.expect("its own kind")), Err(Unsettled::Stale), "{kind}: answered twice");
        second.settle();
    }
}

#[test]
fn an_ask_of_the_client_is_refused_by_its_own_server() {
    for kind in KINDS {
        let mut pair = held(3, kind);
        if let Some(question) = pair.client.app.kept.pop_front() {
            refused_everywhere(&mut pair.server.conn, question.into_raw(), 1);
        } else if let Some(question) = pair.server.app.kept.pop_front() {
            refused_everywhere(&mut pair.client.conn, question.into_raw(), 0);
        }
    }
}

fn refused_channel<R: Role>(conn: &mut Connection<R>, channel: Channel) {
    assert_eq!(conn.writer(channel, Stream::Main).err(), Some(SendError::Stale));
    assert_eq!(conn.request(channel, Request::ExitStatus(0)), Err(SendError::Stale));
    assert_eq!(conn.grant(channel, 1), Err(Stale));
    assert_eq!(conn.finish(channel), Err(Stale));
    assert_eq!(conn.close(channel), Err(Stale));
}

#[test]
fn every_channel_of_one_connection_is_refused_by_another_with_an_equal_history() {
    let mut pairs = [Pair::builder().seed(1).logged_in(), Pair::builder().seed(2).logged_in()];
    let mut handles = Vec::new();
    for pair in &mut pairs {
        let all: Vec<(Channel, Channel)> = (0..5).map(|_| pair.session()).collect();
        handles.push(all);
    }
    for (mine, theirs) in handles[0].iter().copied() {
        refused_channel(&mut pairs[1].client.conn, mine);
        refused_channel(&mut pairs[1].server.conn, theirs);
        // Nor is the one side's handle good on the other.
        refused_channel(&mut pairs[0].server.conn, mine);
        refused_channel(&mut pairs[0].client.conn, theirs);
    }
    for (pair, handles) in pairs.iter_mut().zip(&handles) {
        pair.run();
        for (mine, theirs) in handles {
            pair.client.app.send(*mine, b"alive");
            pair.run();
            assert_eq!(pair.server.app.received(*theirs, Stream::Main), b"alive");
        }
    }
}

#[test]
fn a_closed_channel_stays_stale_when_its_slot_is_used_again() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.conn.close(mine).expect("open");
    pair.run();
    let (again, theirs_again) = pair.session();
    assert_ne!((mine, theirs), (again, theirs_again));
    refused_channel(&mut pair.client.conn, mine);
    refused_channel(&mut pair.server.conn, theirs);
    pair.client.app.send(again, b"hello");
    pair.run();
    assert_eq!(pair.server.app.received(theirs_again, Stream::Main), b"hello");
}

#[test]
fn an_ask_does_not_survive_what_it_asks_about() {
    // A request of a channel that is closed meanwhile; a login of a connection that has ended.
    let mut pair = held(5, "Permission");
    let channel = pair.server.app.asked_for();
    pair.server.conn.close(channel).expect("open");
    pair.client.app.act(pair.client.app.open.iter().copied().next().expect("one"), sansh_testkit::apps::Act::Close);
    pair.settle();
    let question = pair.server.app.kept.pop_front().expect("held");
    assert_eq!(question.answer(&mut pair.server.conn, &Reply::Permit(true), 1), Err(Unsettled::Stale));

    let mut pair = held(5, "Admission");
    pair.server.conn.disconnect(sansh::Disconnect::default());
    pair.settle();
    let question = pair.server.app.kept.pop_front().expect("held");
    assert_eq!(question.answer(&mut pair.server.conn, &Reply::Admit, 1), Err(Unsettled::Stale));
    assert!(!pair.server.app.is_ready());
}

#[test]
fn random_numbers_are_no_handles() {
    let mut pair = held(6, "Opening");
    let mut dice = sansh_testkit::dice::Dice::new(6);
    for _ in 0..20_000 {
        refused_everywhere(&mut pair.server.conn, dice.number(), 1);
        let _ = pair.server.conn.grant(Channel::from_raw(dice.number()), 1).expect_err("no such channel");
    }
}
