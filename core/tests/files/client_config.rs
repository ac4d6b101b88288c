//! `ssh -G`.

use super::{Folder, lines, output, read, shown};
use sansh::files::config::{ClientFacts, Reading, Settings};

/// The name of who runs the test.
fn me() -> String {
    output("id", &["-un"]).expect("a name").trim().to_owned()
}

fn ours(folder: &Folder, text: &str, host: &str) -> Result<Settings, String> {
    let me = me();
    let mut facts = ClientFacts::new(host);
    (facts.user, facts.local_user) = (Some(me.as_str()), Some(me.as_str()));
    let mut first = Reading::client(facts);
    read(&mut first, folder, text)?;
    if !first.wants_second() {
        return Ok(first.settings());
    }
    let settings = first.settings();
    let name = settings.first("hostname").map_or(host.to_owned(), |name| name.text().replace("%h", host));
    (facts.host, facts.last) = (&name, true);
    let mut second = Reading::client(facts).with(settings);
    read(&mut second, folder, text)?;
    Ok(second.settings())
}

fn theirs(folder: &Folder, text: &str, host: &str) -> Option<String> {
    let path = folder.write("ssh_config", text.as_bytes());
    output("ssh", &["-G", "-F", &path, host])
}

/// Keyword, text, and whether the value is set at all: then both programs say the same one.
#[test]
fn values_are_those_of_ssh() {
    let folder = Folder::new();
    folder.write("inc-a", b"Host h\nUser included\nHost other\nPort 1\n");
    folder.write("inc-b", b"Port 2\n");
    let include = folder.path("inc-");
    let cases = [
        ("port", "Port 22\nPort 23"),
        ("port", "Host x\nPort 1\nHost h\nPort 2\nHost *\nPort 3"),
        ("port", "Host ?\nPort 7"),
        ("port", "Host * !h\nPort 7\nHost *\nPort 8"),
        ("port", "Host !x *\nPort 9"),
        ("port", "Host !h\nPort 7\nMatch all\nPort 8"),
        ("port", "Match host h\nPort 7"),
        ("port", "Match host H\nPort 7"),
        ("port", "Match host x,h*\nPort 7"),
        ("port", "Match host *,!h\nPort 7\nMatch host *\nPort 8"),
        ("port", "Match !host x\nPort 7"),
        ("port", "Hostname %h.lab\nMatch host h.lab\nPort 7"),
        ("port", "Hostname %h.lab\nMatch originalhost h\nPort 7"),
        ("port", "Hostname %h.lab\nMatch host h\nPort 7\nHost *\nPort 8"),
        ("port", "Match user bob\nPort 7\nMatch user *\nPort 8"),
        ("port", "User bob\nMatch user bob\nPort 7"),
        ("port", "User bob\nMatch user b*,!bob\nPort 7\nMatch all\nPort 8"),
        ("port", "Match localuser *\nPort 7"),
        ("port", "Match localuser nobody-here\nPort 7\nMatch all\nPort 8"),
        ("port", "Match host h user * localuser *\nPort 7"),
        ("port", "Match final\nPort 7\nMatch all\nPort 8"),
        ("port", "Match final\nPort 7"),
        ("port", "Match !final host h\nPort 7"),
        ("port", "Hostname h.lab\nMatch final host h.lab\nPort 7"),
        ("port", "Hostname h.lab\nMatch final originalhost h\nPort 7"),
        ("port", "Hostname h.lab\nMatch final all\nHost h.lab\nPort 7"),
        ("port", "match HOST h\nPORT=7"),
        ("port", "Match host=h\nPort = 7"),
        ("port", "Match canonical\nPort 7\nMatch all\nPort 8"),
        ("port", "Match host x exec \"exit 0\"\nPort 7\nMatch all\nPort 8"),
        ("user", "User \"a b\""),
        ("hostname", "Hostname h.lab"),
        ("identityfile", "IdentityFile a\nIdentityFile b\nIdentityFile a"),
        ("sendenv", "SendEnv A"),
        ("setenv", "SetEnv A=1"),
        ("setenv", "SetEnv A=1\nSetEnv B=2"),
        ("rekeylimit", "RekeyLimit 1073741824 3600"),
        ("serveraliveinterval", "ServerAliveInterval 5"),
        ("serveralivecountmax", "ServerAliveCountMax 7"),
        ("stricthostkeychecking", "StrictHostKeyChecking accept-new"),
        ("stricthostkeychecking", "StrictHostKeyChecking ask"),
        ("batchmode", "BatchMode yes\nBatchMode no"),
        ("loglevel", "LogLevel DEBUG3"),
        ("requesttty", "RequestTTY force"),
        ("sessiontype", "SessionType subsystem"),
        ("addressfamily", "AddressFamily inet6"),
        ("userknownhostsfile", "UserKnownHostsFile a \"b\" 'c'"),
        ("globalknownhostsfile", "GlobalKnownHostsFile a b"),
        ("hostkeyalias", "HostKeyAlias \"x y\"'z'"),
        ("preferredauthentications", "PreferredAuthentications publickey,password"),
        ("controlmaster", "ControlMaster auto"),
        ("ciphers", "Ciphers aes256-ctr,aes128-ctr"),
        ("macs", "MACs hmac-sha2-256"),
        ("kexalgorithms", "KexAlgorithms curve25519-sha256"),
        ("streamlocalbindunlink", "StreamLocalBindUnlink yes"),
        ("canonicalizemaxdots", "CanonicalizeMaxDots 3"),
        ("canonicaldomains", "CanonicalDomains a.lab b.lab"),
        ("numberofpasswordprompts", "NumberOfPasswordPrompts 1"),
        ("pubkeyauthentication", "DSAAuthentication no"),
        ("kbdinteractiveauthentication", "ChallengeResponseAuthentication no"),
        ("port", "IgnoreUnknown x*\nXyz a b\nPort 7"),
        ("port", "CompressionLevel 3\nProtocol 2\nPort 7"),
        ("port", &format!("Include {include}*\nPort 3")),
        ("user", &format!("Include {include}*\nPort 3")),
        ("port", &format!("Host x\nInclude {include}*\nHost *\nPort 3")),
        ("port", &format!("Include {include}a\nPort 3")),
        ("user", &format!("Match host h\nInclude {include}a {include}b\n")),
    ];
    for (keyword, text) in cases {
        let theirs = theirs(&folder, text, "h").unwrap_or_else(|| panic!("ssh cannot read {text}"));
        let ours = ours(&folder, text, "h").unwrap_or_else(|error| panic!("{text}: {error}"));
        // Which of its words for yes and no it shows depends on the keyword.
        let word = |text: String| match text.as_str() {
            "true" => "yes".to_owned(),
            "false" => "no".to_owned(),
            _ => text,
        };
        let theirs: Vec<String> = lines(&theirs, keyword).into_iter().map(word).collect();
        let ours = shown(&ours, keyword);
        // What nobody set has a default there and nothing here.
        let unset = || -> Vec<String> {
            let defaults = self::theirs(&folder, "", "h").expect("an empty file");
            lines(&defaults, keyword).into_iter().map(word).collect()
        };
        assert!(ours == theirs || ours.is_empty() && theirs == unset(), "{text}: {keyword}: {ours:?} {theirs:?}");
    }
}

#[test]
fn what_ssh_refuses_is_refused() {
    let folder = Folder::new();
    for text in [
        "Colour red",
        "Port",
        "Port x",
        "Port 65536",
        "Port 1 2",
        "User",
        "User \"a",
        "BatchMode maybe",
        "StrictHostKeyChecking perhaps",
        "Match",
        "Match host",
        "Match colour red",
        "Match all host h",
        "Host",
        "RekeyLimit 1",
        "RekeyLimit x",
        "LogLevel LOUD",
        "ServerAliveInterval x",
        "SetEnv A",
        "ConnectTimeout 1y",
        "Ciphers",
        "AddressFamily inet5",
        "StreamLocalBindMask 888",
        "Colour red\nIgnoreUnknown Colour",
        "Host x\nPort x",
        "Tunnel maybe",
    ] {
        assert_eq!(theirs(&folder, text, "h"), None, "{text}");
        assert!(ours(&folder, text, "h").is_err(), "{text}");
    }
}

/// `+`, `-` and `^` change the lists as they do there, whatever is built in.
#[test]
fn lists_change_the_defaults_as_in_ssh() {
    let folder = Folder::new();
    let all = output("ssh", &["-Q", "cipher"]).expect("ciphers");
    let all: Vec<&str> = all.lines().collect();
    let defaults = lines(&theirs(&folder, "", "h").expect("the defaults"), "ciphers").join("");
    let defaults: Vec<&str> = defaults.split(',').collect();
    for list in ["+aes256-cbc", "-aes*", "^aes256-ctr,aes128-ctr", "aes128-ctr", "+aes128-ctr", "-3des-cbc"] {
        let text = format!("Ciphers {list}");
        let ours = ours(&folder, &text, "h").expect("a good line");
        let ours = ours.first("ciphers").and_then(|list| list.algorithms()).expect("a list");
        let theirs = lines(&theirs(&folder, &text, "h").expect("a good line"), "ciphers");
        assert_eq!(ours.apply(&defaults, &all).expect("known names").join(","), theirs.join(""), "{list}");
    }
}
