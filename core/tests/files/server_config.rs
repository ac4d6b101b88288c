//! `sshd -T`, which is where Debian and others put it.

use super::{Folder, lines, output, read, shown};
use sansh::files::config::{Reading, ServerFacts, Settings};

const SSHD: &str = "/usr/sbin/sshd";

/// A folder with a host key, without which `sshd` does not read further.
fn folder() -> (Folder, String) {
    let folder = Folder::new();
    let key = folder.path("host_key");
    output("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &key]).expect("a host key");
    (folder, key)
}

fn ours(folder: &Folder, text: &str, facts: Option<ServerFacts<'_>>) -> Result<Settings, String> {
    let mut reading = Reading::server(facts);
    read(&mut reading, folder, text)?;
    Ok(reading.settings())
}

fn theirs((folder, key): &(Folder, String), text: &str, connection: &str) -> Option<String> {
    let path = folder.write("sshd_config", text.as_bytes());
    let arguments = ["-T", "-h", key, "-f", &path, "-C", connection];
    output(SSHD, &arguments[..if connection.is_empty() { 5 } else { 7 }])
}

#[test]
fn values_are_those_of_sshd() {
    let folder = folder();
    let group = output("id", &["-gn", "root"]).expect("a group");
    let groups = [group.trim()];
    let root = || {
        let mut facts = ServerFacts::default();
        (facts.user, facts.groups) = (Some("root"), &groups);
        (facts.host, facts.local_port) = (Some("client.lab"), Some(2222));
        facts.address = "10.1.2.3".parse().ok();
        facts.local_address = "192.0.2.1".parse().ok();
        facts
    };
    let connection = "user=root,host=client.lab,addr=10.1.2.3,laddr=192.0.2.1,lport=2222";
    folder.0.write("inc-a", b"Match User root\nMaxSessions 3\nMatch User x\nMaxAuthTries 1\n");
    let include = format!("Include {}\nMaxAuthTries 4\nMaxSessions 5", folder.0.path("inc-a"));
    let in_match =
        |criteria: &str| format!("MaxAuthTries 1\nMatch {criteria}\nMaxAuthTries 2\nMatch All\nMaxAuthTries 3");
    let cases = [
        ("port", "Port 22\nPort 2222".to_owned()),
        ("maxauthtries", "MaxAuthTries 1\nMaxAuthTries 2".to_owned()),
        ("maxauthtries", in_match("User root")),
        ("maxauthtries", in_match("User ROOT")),
        ("maxauthtries", in_match("User r*,!root")),
        ("maxauthtries", in_match("User=root")),
        ("maxauthtries", in_match("Group root,wheel")),
        ("maxauthtries", in_match("Group *,!root")),
        ("maxauthtries", in_match("Host *.LAB")),
        ("maxauthtries", in_match("Host *,!client.lab")),
        ("maxauthtries", in_match("Address 10.0.0.0/8")),
        ("maxauthtries", in_match("Address 10.0.0.0/8,!10.1.0.0/16")),
        ("maxauthtries", in_match("Address 10.1.2.?")),
        ("maxauthtries", in_match("Address 2001:db8::/32")),
        ("maxauthtries", in_match("LocalAddress 192.0.2.0/24")),
        ("maxauthtries", in_match("LocalPort 2222")),
        ("maxauthtries", in_match("LocalPort 22")),
        ("maxauthtries", in_match("User root Host *.lab Address *")),
        ("maxauthtries", in_match("User root Host *.org")),
        ("maxauthtries", in_match("all")),
        ("maxauthtries", include.clone()),
        ("maxsessions", include),
        ("allowusers", "AllowUsers a b\nAllowUsers c".to_owned()),
        ("acceptenv", "AcceptEnv A B\nAcceptEnv C".to_owned()),
        ("permitrootlogin", "PermitRootLogin forced-commands-only".to_owned()),
        ("permittty", "PermitTTY no".to_owned()),
        ("gatewayports", "GatewayPorts clientspecified".to_owned()),
        ("allowtcpforwarding", "AllowTcpForwarding local".to_owned()),
        ("authorizedkeysfile", "AuthorizedKeysFile a \"b\"".to_owned()),
        ("trustedusercakeys", "TrustedUserCAKeys /x/ca".to_owned()),
        ("authorizedprincipalsfile", "AuthorizedPrincipalsFile /x/%u".to_owned()),
        ("permitopen", "PermitOpen a:80 [::1]:*".to_owned()),
        ("rekeylimit", "RekeyLimit 1048576 60".to_owned()),
        ("clientaliveinterval", "ClientAliveInterval 5m".to_owned()),
        ("logingracetime", "LoginGraceTime 1m30s".to_owned()),
        ("loglevel", "LogLevel VERBOSE".to_owned()),
        ("banner", "Banner /x/banner".to_owned()),
        ("ciphers", "Ciphers aes128-ctr".to_owned()),
        ("forcecommand", "ForceCommand echo \"a b\" # c".to_owned()),
        ("subsystem", "Subsystem sftp /x/sftp -f \"a b\"".to_owned()),
        ("setenv", "SetEnv A=1".to_owned()),
        ("maxstartups", "MaxStartups 10:30:100".to_owned()),
        ("kbdinteractiveauthentication", "ChallengeResponseAuthentication no".to_owned()),
        ("disableforwarding", "DisableForwarding yes".to_owned()),
    ];
    for (keyword, text) in &cases {
        // Without -C it takes a connection about which nothing is known.
        for (facts, connection) in [(ServerFacts::default(), ""), (root(), connection)] {
            let facts = Some(facts);
            if connection.is_empty() && text.contains("LocalPort") {
                // There it insists on a port.
                continue;
            }
            let theirs = self::theirs(&folder, text, connection).unwrap_or_else(|| panic!("sshd cannot read {text}"));
            let ours = ours(&folder.0, text, facts).unwrap_or_else(|error| panic!("{text}: {error}"));
            let ours = match *keyword {
                // A command line is shown as it stands there, and times and lists of names in one way.
                "forcecommand" => vec![ours.first(keyword).expect("a value").rest().to_owned()],
                "clientaliveinterval" | "logingracetime" => {
                    let time = ours.first(keyword).and_then(|time| time.time()).flatten().expect("a time");
                    vec![time.as_secs().to_string()]
                }
                "allowusers" | "acceptenv" => {
                    shown(&ours, keyword).iter().flat_map(|line| line.split(' ')).map(String::from).collect()
                }
                _ => shown(&ours, keyword),
            };
            assert_eq!(ours, lines(&theirs, keyword), "{text}: {keyword} {connection}");
        }
    }
}

#[test]
fn what_sshd_refuses_is_refused() {
    let folder = folder();
    for text in [
        "Colour red",
        "Port",
        "Port x",
        "Port 22 23",
        "PermitRootLogin maybe",
        "PermitTTY true",
        "Match",
        "Match User",
        "Match Colour red",
        "Match all User root",
        "Match Address 10.0.0.1/8",
        "Match Address 10.0.0.0/33",
        "Match LocalPort x",
        "Match User root\nPort 22",
        "Match User root\nHostKey x",
        "Host a",
        "RekeyLimit 1",
        "LoginGraceTime 1y",
        "LogLevel LOUD",
        "AllowUsers",
        "SetEnv A",
        "IgnoreUnknown x",
        "UseDNS perhaps",
        "AllowTcpForwarding sometimes",
        "Banner",
        "Subsystem sftp",
    ] {
        assert_eq!(theirs(&folder, text, ""), None, "{text}");
        assert!(ours(&folder.0, text, None).is_err(), "{text}");
    }
}
