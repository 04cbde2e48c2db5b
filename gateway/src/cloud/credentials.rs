//! Keys of AWS that change: in a file, or printed by a command. They are looked for again beside the workers, before they expire.
//!
//! A key goes nowhere: not into a log, not into an error. What a command prints is read and forgotten, what it says of its faults
//! is not read. INVARIANT: after they have expired nothing is signed with them.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use hearthgate_rules::json::Document;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::config::AwsKeys;
use crate::{clock, log};

/// How often it is looked whether other keys are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long before keys expire a command is run again; where they are given for less than twice that, halfway.
const AHEAD: Duration = Duration::from_secs(300);

/// How long a command may take, and how long it is left alone at least.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(5);

/// The longest file, or print, of keys.
const BYTES_MAX: u64 = 64 << 10;

/// The keys of one place, as they are now.
pub struct Keys {
    from: AwsKeys,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    credentials: Option<Credentials>,
    /// When a command is run again; never for keys that do not expire.
    due: Option<SystemTime>,
    /// The file when it was read.
    seen: Option<(u64, Option<SystemTime>)>,
    /// Whether the log has said that there are none.
    told: bool,
}

impl Keys {
    /// Gets them, and has them looked for from now on where they may change.
    ///
    /// # Errors
    /// When there is no such file, section or command. That a command fails is no such fault: it may do better next time.
    pub fn of(from: &AwsKeys) -> Result<Arc<Self>, String> {
        let keys = Arc::new(Self { from: from.clone(), held: Mutex::default() });
        if let AwsKeys::Given { access_key_id, secret_access_key, session_token } = from {
            let token = session_token.as_ref().map(|token| token.expose_secret().to_owned());
            let secret = secret_access_key.expose_secret();
            keys.lock().credentials =
                Some(Credentials::new(access_key_id, secret, token, None, "configuration"));
            return Ok(keys);
        }
        match keys.look() {
            Err(Trouble::Configured(reason)) => return Err(reason),
            Err(Trouble::Passing(reason)) => keys.tell(&reason),
            Ok(()) => {}
        }
        let watched = Arc::downgrade(&keys);
        let watching = thread::Builder::new().name("aws-keys".to_owned()).spawn(move || watch(&watched));
        watching.map_err(|_| "there is no thread to look for keys of AWS".to_owned())?;
        Ok(keys)
    }

    /// Those that can be signed with at this time.
    pub fn at(&self, unix_micros: u64) -> Option<Credentials> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(unix_micros);
        let credentials = self.lock().credentials.clone()?;
        credentials.expiry().is_none_or(|expiry| now < expiry).then_some(credentials)
    }

    fn look(&self) -> Result<(), Trouble> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(clock::unix_micros());
        match &self.from {
            AwsKeys::Given { .. } => Ok(()),
            AwsKeys::File { path, profile } => self.look_into(path, profile),
            AwsKeys::Process(command) => {
                let before = self.lock();
                let is_due = before.credentials.is_none() || before.due.is_some_and(|due| due <= now);
                drop(before);
                if !is_due {
                    return Ok(());
                }
                let printed = run(command);
                let credentials = printed.and_then(|printed| of_print(&printed));
                let mut held = self.lock();
                match credentials {
                    Ok(credentials) => {
                        held.due = credentials.expiry().map(|expiry| due(now, expiry));
                        *held = Held { credentials: Some(credentials), due: held.due, ..Held::default() };
                        Ok(())
                    }
                    Err(trouble) => {
                        held.due = Some(now + PAUSE);
                        Err(trouble)
                    }
                }
            }
        }
    }

    fn look_into(&self, path: &Path, profile: &str) -> Result<(), Trouble> {
        let unreadable =
            |_| Trouble::Configured(format!("`aws_credentials_file`: `{}` cannot be read", path.display()));
        let facts = fs::metadata(path).map_err(unreadable)?;
        let seen = (facts.len(), facts.modified().ok());
        if self.lock().seen == Some(seen) {
            return Ok(());
        }
        let mut text = Zeroizing::new(String::new());
        let file = fs::File::open(path).map_err(unreadable)?;
        file.take(BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
        let credentials = of_file(&text, profile).ok_or_else(|| {
            let what = "`aws_access_key_id` and `aws_secret_access_key`";
            Trouble::Configured(format!(
                "`aws_profile`: `{}` has no section `{profile}` with {what}",
                path.display()
            ))
        })?;
        *self.lock() = Held { credentials: Some(credentials), seen: Some(seen), ..Held::default() };
        Ok(())
    }

    /// Says once that there are no others, until there are.
    fn tell(&self, reason: &str) {
        if !std::mem::replace(&mut self.lock().told, true) {
            log::warn(&format!("keys of AWS: {reason}; those that there are hold until they expire"));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there are no other keys.
enum Trouble {
    /// What is configured cannot be.
    Configured(String),
    /// It may be otherwise next time.
    Passing(String),
}

/// Looks for other keys as long as somebody signs with them.
fn watch(keys: &Weak<Keys>) {
    loop {
        thread::sleep(LOOK_EVERY);
        let Some(keys) = keys.upgrade() else { return };
        if let Err(Trouble::Configured(reason) | Trouble::Passing(reason)) = keys.look() {
            keys.tell(&reason);
        }
    }
}

fn due(now: SystemTime, expiry: SystemTime) -> SystemTime {
    let left = expiry.duration_since(now).unwrap_or_default();
    (expiry - AHEAD.min(left / 2)).max(now + PAUSE)
}

/// What a command prints. It is run as it is written, without a shell.
fn run(command: &[String]) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let named = || PathBuf::from(command.first().map(String::as_str).unwrap_or_default());
    let mut own = Command::new(named());
    own.args(command.iter().skip(1)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = own.spawn().map_err(|error| {
        let named = named();
        Trouble::Configured(format!("`aws_credential_process`: `{}` cannot be run: {error}", named.display()))
    })?;
    let passing = |what: &str| Trouble::Passing(format!("the command `{}` {what}", named().display()));
    let from = clock::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if clock::now().saturating_duration_since(from) < COMMAND_TIME_MAX => {
                thread::sleep(Duration::from_millis(20))
            }
            // One that prints more than a pipe holds never ends either.
            _ => {
                let _gone = child.kill();
                let _ended = child.wait();
                return Err(passing("did not end in time"));
            }
        }
    };
    if !status.success() {
        return Err(passing("failed"));
    }
    let mut printed = Zeroizing::new(Vec::new());
    let read = child.stdout.take().map(|out| out.take(BYTES_MAX).read_to_end(&mut printed));
    match read {
        Some(Ok(_)) => Ok(printed),
        _ => Err(passing("printed nothing that could be read")),
    }
}

/// What a command prints by the contract that AWS's tools have for it
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>).
fn of_print(printed: &[u8]) -> Result<Credentials, Trouble> {
    let none = || Trouble::Passing("the command printed no keys of version 1".to_owned());
    let printed = Document::parse(printed).map_err(|_| none())?;
    let told = printed.root();
    let text = |name: &str| told.str(name).filter(|text| !text.is_empty());
    let version = told.get("Version").and_then(hearthgate_rules::json::Value::as_number) == Some("1");
    let (Some(id), Some(secret), true) = (text("AccessKeyId"), text("SecretAccessKey"), version) else {
        return Err(none());
    };
    let expiry = match text("Expiration") {
        Some(time) => {
            Some(moment(time).ok_or_else(|| Trouble::Passing("the command printed no time".to_owned()))?)
        }
        None => None,
    };
    Ok(Credentials::new(id, secret, text("SessionToken").map(str::to_owned), expiry, "process"))
}

/// A section of a file as AWS's tools write it (<https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>). Some write when
/// keys of a session expire.
fn of_file(text: &str, profile: &str) -> Option<Credentials> {
    let mut within = false;
    let mut told: HashMap<String, &str> = HashMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let name = name.trim();
            within = name.strip_prefix("profile ").unwrap_or(name).trim() == profile;
        } else if let (true, Some((name, value))) = (within, line.split_once('=')) {
            told.insert(name.trim().to_ascii_lowercase(), value.trim());
        }
    }
    let value = |name: &str| told.get(name).copied().filter(|value| !value.is_empty());
    let (id, secret) = (value("aws_access_key_id")?, value("aws_secret_access_key")?);
    let token = value("aws_session_token").or_else(|| value("aws_security_token"));
    let expiry = ["aws_expiration", "expiration", "x_security_token_expires"].into_iter().find_map(value);
    // A time that cannot be read is over.
    let expiry = expiry.map(|time| moment(time).unwrap_or(SystemTime::UNIX_EPOCH));
    Some(Credentials::new(id, secret, token.map(str::to_owned), expiry, "file"))
}

/// A time as RFC 3339 writes it, to the second.
fn moment(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(end);
    let mut parts = time.split('.').next()?.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let ahead = match zone.split_at(1) {
        ("Z" | "z", "") => 0,
        (sign, offset) => {
            let (hours, minutes) = offset.split_once(':')?;
            let minutes = i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?);
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let date = (1..=12).contains(&month) && (1..=31).contains(&day) && (1970..=9999).contains(&year);
    let time = (0..=23).contains(&hour) && (0..=59).contains(&minute) && (0..=60).contains(&second);
    if !(date && time && (-1440..=1440).contains(&ahead)) {
        return None;
    }
    // Days of the civil calendar, counted from a year that begins in March (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + hour * 3_600 + (minute - ahead) * 60 + second;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        moment(text)
            .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
            .map(|since| since.as_secs())
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T00:00:00Z"), Some(951_782_400));
        assert_eq!(seconds("2024-02-29T23:59:59.123Z"), Some(1_709_251_199));
        assert_eq!(seconds("2024-03-01T01:59:59+02:00"), Some(1_709_251_199));
        assert_eq!(seconds("2024-02-29 15:59:59-08:00"), Some(1_709_251_199));
        for none in ["", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T00:00:00", "x-y-zT0:0:0Z"] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }

    #[test]
    fn a_file_has_a_section_for_each_profile() {
        let file = "# of ours\n[default]\naws_access_key_id = A\naws_secret_access_key=s=1\n\n[profile other]\n; more\n\
                    AWS_ACCESS_KEY_ID = B\naws_secret_access_key = s2\naws_session_token = t\nx_security_token_expires = 2024-02-29T23:59:59Z\n\
                    [half]\naws_access_key_id = C\n";
        let of = |profile| {
            of_file(file, profile)
                .map(|keys| (keys.access_key_id().to_owned(), keys.secret_access_key().to_owned()))
        };
        assert_eq!(of("default"), Some(("A".to_owned(), "s=1".to_owned())));
        let other = of_file(file, "other").expect("a profile");
        assert_eq!(
            (other.access_key_id(), other.session_token(), other.expiry().is_some()),
            ("B", Some("t"), true)
        );
        assert!(of("half").is_none() && of("none").is_none());
    }

    #[test]
    fn what_a_command_prints_is_used_until_it_expires() {
        let command = |print: &str| {
            AwsKeys::Process(["sh", "-c", &format!("echo '{print}'")].map(str::to_owned).to_vec())
        };
        let keys = Keys::of(&command(
            r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2024-02-29T23:59:59Z"}"#,
        ));
        let keys = keys.expect("a command");
        let before = 1_709_251_198_000_000;
        assert_eq!(keys.at(before).expect("keys").session_token(), Some("t"));
        assert!(keys.at(before + 1_000_000).is_none(), "they have expired");
        for broken in ["x", "{}", r#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"}"#] {
            assert!(Keys::of(&command(broken)).expect("a command").at(before).is_none(), "{broken}");
        }
        let none = AwsKeys::Process(vec!["/no/such/command-anywhere".to_owned()]);
        assert!(Keys::of(&none).is_err_and(|reason| reason.contains("/no/such/command-anywhere")));
    }

    #[test]
    fn a_command_is_run_again_in_good_time() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(due(at(1_000), at(4_600)), at(4_300));
        assert_eq!(due(at(1_000), at(1_100)), at(1_050));
        assert_eq!(due(at(1_000), at(900)), at(1_005));
    }
}
