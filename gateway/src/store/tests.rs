//! Content is sealed, found again, cut, changed, swapped and erased.

use std::fs;
use std::time::Duration;

use hearthgate_rules::label::Labels;
use proptest::prelude::*;
use tempfile::TempDir;

use super::folder::{Bounds, Folder};
use super::*;

const HOUR: u64 = 60 * 60 * 1_000_000;
const NOW: u64 = 1_700_000_000_000_000;

struct Place {
    folder: TempDir,
    key: PrivateKey,
}

impl Place {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), key: PrivateKey::generate().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state/store")
    }

    fn config(&self) -> Config {
        Config {
            enabled: true,
            public_key: self.key.public(),
            folder: self.path(),
            keep: Duration::from_secs(24 * 60 * 60),
            bytes: 1 << 20,
            zone: Zone::Device,
            label: Label::LOWEST,
        }
    }

    fn open(&self) -> ContentStore {
        ContentStore::open(&self.config(), None).unwrap()
    }

    fn read(&self, id: &str) -> Result<String, String> {
        let content = read(&self.path(), id, &self.key).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(content).unwrap())
    }

    fn pieces(&self) -> Vec<PathBuf> {
        folder::pieces(&self.path()).unwrap().into_iter().map(|piece| piece.path).collect()
    }

    fn bytes(&self) -> u64 {
        self.pieces().iter().map(|piece| fs::metadata(piece).unwrap().len()).sum()
    }
}

#[test]
fn what_is_kept_is_sealed_and_found_again() {
    let place = Place::new();
    let store = place.open();
    for (id, content) in [("req-1", "first words"), ("req-11", "second words"), ("req-2", "")] {
        store.write(id, content.as_bytes(), NOW).unwrap();
    }
    assert_eq!(place.read("req-1").unwrap(), "first words");
    assert_eq!(place.read("req-11").unwrap(), "second words");
    assert_eq!(place.read("req-2").unwrap(), "");
    assert!(place.read("req-").unwrap_err().contains("holds no content of `req-`"));
    let [piece] = &place.pieces()[..] else { panic!("{:?}", place.pieces()) };
    let text = fs::read_to_string(piece).unwrap();
    assert!(!text.contains("words") && text.lines().count() == 3);
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let keys: Vec<_> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["v", "id", "at", "key", "enc", "sealed"]);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(piece).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// The same content is sealed anew each time: equal requests cannot be told from what is stored of them.
#[test]
fn equal_contents_look_different() {
    let key = PrivateKey::generate().unwrap().public();
    let lines = [(); 2].map(|()| line::seal(&key, "req-1", NOW, b"words").unwrap());
    assert_ne!(lines[0], lines[1]);
}

/// Sealed by some lines of Python after RFC 9180, which the HPKE of the package `cryptography` agrees with.
#[test]
fn others_seal_and_open_the_same() {
    let line = "{\"v\":1,\"id\":\"req-00000000000000070000002a\",\"at\":1700000000000000,\"key\":\"aaa8fff703b50b22\",\
        \"enc\":\"8i/N73R/yfGFDeEhSSzvsd36tkr+Fn35699M6kQ4zH0=\",\"sealed\":\"Ao2hLcdInA4XHDWVIysG4XrS0o59F69yE2zUptAtNVo=\"}\n";
    let digits: String = (1..=32).map(|byte| format!("{byte:02x}")).collect();
    let key = PrivateKey::parse(&format!("# a key\n\n  store-private-{digits}\n").into()).unwrap();
    let public = "store-public-07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c";
    assert_eq!(key.public().to_string(), public);
    assert!(line::is_of(line.as_bytes(), "req-00000000000000070000002a"));
    assert_eq!(line::open(line.as_bytes(), &key).unwrap(), br#"{"model":"auto"}"#);
}

#[test]
fn another_key_opens_nothing_and_is_named() {
    let place = Place::new();
    place.open().write("req-1", b"words", NOW).unwrap();
    let other = PrivateKey::generate().unwrap();
    let error = read(&place.path(), "req-1", &other).unwrap_err().to_string();
    assert!(error.contains(&place.key.public().name()) && error.contains(&other.public().name()), "{error}");
    // Nor where somebody has written its name there.
    let piece = &place.pieces()[0];
    let text = fs::read_to_string(piece).unwrap();
    fs::write(piece, text.replace(&place.key.public().name(), &other.public().name())).unwrap();
    assert!(matches!(read(&place.path(), "req-1", &other), Err(StoreError::Changed)));
}

#[test]
fn a_record_that_is_cut_is_refused_wherever_it_is_cut() {
    let place = Place::new();
    place.open().write("req-1", b"words", NOW).unwrap();
    let piece = &place.pieces()[0];
    let whole = fs::read(piece).unwrap();
    for length in 0..whole.len() {
        fs::write(piece, &whole[..length]).unwrap();
        let error = place.read("req-1").unwrap_err();
        let said = if length < line_head() { "holds no content" } else { "cut short" };
        assert!(error.contains(said), "{length}: {error}");
    }
    // What is written after a crash stands in a piece of its own.
    fs::write(piece, &whole[..whole.len() - 9]).unwrap();
    place.open().write("req-2", b"more", NOW + 1).unwrap();
    assert_eq!(place.read("req-2").unwrap(), "more");
}

fn line_head() -> usize {
    r#"{"v":1,"id":"req-1""#.len()
}

#[test]
fn contents_cannot_be_swapped() {
    let place = Place::new();
    let store = place.open();
    store.write("req-1", b"one", NOW).unwrap();
    store.write("req-2", b"two", NOW).unwrap();
    let piece = &place.pieces()[0];
    let text = fs::read_to_string(piece).unwrap();
    let swapped = text.replace("req-1", "req-0").replace("req-2", "req-1").replace("req-0", "req-2");
    fs::write(piece, swapped).unwrap();
    for id in ["req-1", "req-2"] {
        assert!(place.read(id).unwrap_err().contains("was changed, or belongs to another request"));
    }
    fs::write(piece, text.replace(&NOW.to_string(), &(NOW + 1).to_string())).unwrap();
    assert!(place.read("req-1").unwrap_err().contains("was changed"));
    // A forged line beside it does not hide the true one.
    fs::write(piece, format!("{}{text}", text.replace("req-2", "req-1"))).unwrap();
    assert_eq!(place.read("req-1").unwrap(), "one");
}

proptest! {
    #[test]
    fn any_changed_byte_is_refused(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let key = PrivateKey::generate().unwrap();
        let mut line = line::seal(&key.public(), "req-1", NOW, b"some words").unwrap();
        let at = at.index(line.len());
        line[at] ^= flip;
        prop_assert!(line::open(&line, &key).is_err());
    }
}

#[test]
fn no_more_bytes_are_kept_than_may_be() {
    let place = Place::new();
    let mut folder = Folder::open(&place.path()).unwrap();
    let bounds = Bounds { keep: Duration::from_secs(86_400), bytes: 20_000 };
    let line = [b'x'; 499];
    for number in 0..200 {
        folder.append(&line, NOW + number, &bounds).unwrap();
        let kept = place.bytes();
        assert!(kept <= bounds.bytes && kept == folder.bytes());
        assert!(number < 40 || kept > bounds.bytes * 3 / 4, "no more is lost than there has to be: {kept}");
    }
    // One that takes nearly all of it takes the others' room, one that is longer than all leaves it alone.
    folder.append(&[b'y'; 19_999], NOW + 300, &bounds).unwrap();
    assert_eq!((place.bytes(), place.pieces().len()), (19_999, 1));
    let error = folder.append(&[b'y'; 20_001], NOW + 301, &bounds).unwrap_err();
    assert!(matches!(error, StoreError::TooLong { bytes: 20_001, most: 20_000 }), "{error}");
    assert_eq!(place.bytes(), 19_999);
    // A reload may give it less.
    folder.erase(NOW + 302, &Bounds { bytes: 10_000, ..bounds }).unwrap();
    assert_eq!((place.bytes(), folder.bytes()), (0, 0));
    folder.append(&line, NOW + 303, &bounds).unwrap();
    assert_eq!(place.bytes(), 499);
}

#[test]
fn nothing_is_kept_beyond_its_time() {
    let place = Place::new();
    let mut folder = Folder::open(&place.path()).unwrap();
    let bounds = Bounds { keep: Duration::from_secs(86_400), bytes: 1 << 20 };
    let times: Vec<u64> = (0..48).map(|half| NOW + half * HOUR / 2).collect();
    for at in &times {
        folder.append(format!("{at}\n").as_bytes(), *at, &bounds).unwrap();
    }
    assert_eq!(place.pieces().len(), 24, "a piece an hour");
    for hours in 0..60 {
        let now = NOW + hours * HOUR;
        folder.erase(now, &bounds).unwrap();
        let kept: String = place.pieces().iter().map(|piece| fs::read_to_string(piece).unwrap()).collect();
        for at in &times {
            let age = now.saturating_sub(*at);
            let is_kept = kept.contains(&at.to_string());
            assert!(!is_kept || age < 24 * HOUR, "{age} too old");
            assert!(is_kept || age >= 22 * HOUR, "{age} erased");
        }
    }
    assert_eq!(folder.bytes(), 0);
    // What comes then begins anew; what is over its time is erased by whatever is written, too.
    folder.append(b"a\n", NOW + 60 * HOUR, &bounds).unwrap();
    folder.append(b"b\n", NOW + 90 * HOUR, &bounds).unwrap();
    assert_eq!(fs::read(&place.pieces()[0]).unwrap(), b"b\n");
    // A clock that was set back lets nothing live longer.
    folder.append(b"c\n", NOW + 80 * HOUR, &bounds).unwrap();
    folder.erase(NOW + 104 * HOUR, &bounds).unwrap();
    let kept: Vec<_> = place.pieces().iter().map(|piece| fs::read(piece).unwrap()).collect();
    assert_eq!(kept, [b"b\n"]);
}

#[test]
fn lines_may_come_a_little_out_of_their_order() {
    let place = Place::new();
    let mut folder = Folder::open(&place.path()).unwrap();
    let bounds = Bounds { keep: Duration::from_secs(86_400), bytes: 1 << 20 };
    for at in [NOW + 3, NOW, NOW + 3, NOW + 1] {
        folder.append(b"x\n", at, &bounds).unwrap();
    }
    assert_eq!(place.pieces().len(), 1);
    folder.erase(NOW + 86_400_000_000, &bounds).unwrap();
    assert_eq!(place.bytes(), 0);
}

#[test]
fn what_somebody_removes_is_begun_anew() {
    let place = Place::new();
    let store = place.open();
    store.write("req-1", b"one", NOW).unwrap();
    fs::remove_file(&place.pieces()[0]).unwrap();
    store.write("req-2", b"two", NOW + 1).unwrap();
    assert!(place.read("req-1").is_err());
    assert_eq!(place.read("req-2").unwrap(), "two");
    assert_eq!(store.bytes(), place.bytes());
}

#[test]
fn a_restart_goes_on_with_what_is_there() {
    let place = Place::new();
    place.open().write("req-1", b"one", NOW).unwrap();
    let store = place.open();
    store.write("req-2", b"two", NOW).unwrap();
    assert_eq!((place.read("req-1").unwrap(), place.read("req-2").unwrap()), ("one".into(), "two".into()));
    assert_eq!(store.bytes(), place.bytes());
    let error = ContentStore::open(&place.config(), None).err().unwrap().to_string();
    assert!(error.contains("another process"), "{error}");
    // A reload keeps the folder, under new bounds; other files in it are left alone.
    fs::write(place.path().join("notes.txt"), "mine").unwrap();
    let config = Config { keep: Duration::from_secs(60), ..place.config() };
    let reloaded = ContentStore::open(&config, Some(&store)).unwrap();
    reloaded.erase();
    assert_eq!((store.bytes(), place.bytes()), (0, 0));
    assert_eq!(fs::read(place.path().join("notes.txt")).unwrap(), b"mine");
}

#[test]
fn only_what_was_chosen_is_kept() {
    let place = Place::new();
    let labels = Labels::default();
    let label = |name: &str| labels.named(name).unwrap();
    let with = |config: Config| ContentStore { config, ..place.open() };
    let store = with(Config { label: label("internal"), ..place.config() });
    for (name, zone, taken) in [
        ("public", Zone::Device, true),
        ("internal", Zone::Device, true),
        ("confidential", Zone::Device, false),
        ("restricted", Zone::Device, false),
        ("public", Zone::Premises, false),
        ("public", Zone::Cloud, false),
    ] {
        assert_eq!(store.takes(label(name), zone), taken, "{name} {zone:?}");
    }
    drop(store);
    let wide = with(Config { label: label("restricted"), zone: Zone::Cloud, ..place.config() });
    assert!(wide.takes(label("restricted"), Zone::Cloud));
    drop(wide);
    let off = with(Config { enabled: false, ..place.config() });
    assert!(!off.takes(label("public"), Zone::Device));
}

#[test]
fn a_key_is_told_from_what_is_none() {
    let key = PrivateKey::generate().unwrap();
    let public = key.public().to_string();
    assert_eq!(PublicKey::parse(&public).unwrap().to_string(), public);
    let written = secrecy::ExposeSecret::expose_secret(&key.written()).to_owned();
    assert!(PrivateKey::parse(&written.clone().into()).is_ok());
    // A point of small order: everybody could open what is sealed for it.
    let weak = format!("store-public-{:064}", 0);
    for text in [&written, &public[..public.len() - 1], &public.replace("store", "stroe"), &weak, ""] {
        let error = PublicKey::parse(text).map(|_| ()).unwrap_err().to_string();
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    for text in ["", "# nothing but words", &public] {
        let error = PrivateKey::parse(&text.to_owned().into()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("not a private key"), "{error}");
    }
}
