//! Model files that are broken, cut short or something else: refused, and the process lives.

use std::path::Path;
use std::process::Command;

use hearthgate_engines::gguf;
use hearthgate_engines::tiny::{self, TinySpec};
use hearthgate_engines::{Engine as _, EngineError, LocalConfig, LocalEngine};

use super::support::{ask, config, file, read};

/// Names the folder of models for the child.
const FOLDER: &str = "HEARTHGATE_TEST_MODELS";

fn model() -> Vec<u8> {
    tiny::generate(&TinySpec { layers: 1, ..TinySpec::default() })
}

fn check(bytes: &[u8]) -> Result<gguf::Header, gguf::GgufError> {
    gguf::check(bytes, bytes.len() as u64)
}

fn refusal(bytes: &[u8]) -> String {
    let (_folder, path) = file(bytes);
    match LocalEngine::open(&path, &LocalConfig::default()) {
        Err(EngineError::ModelUnreadable { path: named, reason }) => {
            assert_eq!(named, path);
            reason
        }
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

/// The same numbers on every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    }
}

#[test]
fn foreign_files_are_named_for_what_they_are() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"GG", "short"),
        (b"PK\x03\x04 and more of an archive", "zip"),
        (b"\x89PNG\r\n\x1a\n and more", "image"),
        (b"version https://git-lfs.github.com/spec/v1", "LFS"),
        (b"<!doctype html><title>404</title>", "web page"),
        (b"just some text", "not `GGUF`"),
        (b"GGUF\x01\0\0\0\0\0\0\0\0\0\0\0", "version 1"),
        (b"GGUF\0\0\0\x03\0\0\0\0\0\0\0\0", "big-endian"),
        (b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "no tensors"),
        (b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\0\0\0\0\0\0\0\0", "claims"),
    ] {
        let reason = refusal(bytes);
        assert!(reason.contains(word), "`{reason}` does not say `{word}`");
    }
    let missing = LocalEngine::open(Path::new("/nowhere/model.gguf"), &config()).err().unwrap();
    assert!(missing.to_string().contains("/nowhere/model.gguf"), "{missing}");
    let folder = LocalEngine::open(Path::new("/"), &config()).err().unwrap();
    assert!(folder.to_string().contains("plain file"), "{folder}");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = model();
    assert!(check(&whole).is_ok());
    let mut cuts: Vec<usize> = (0..whole.len()).step_by(whole.len() / 500).collect();
    cuts.extend([0, 1, 3, 4, 8, 23, 24, whole.len() - 33]);
    for cut in cuts {
        assert!(check(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn no_flipped_byte_makes_the_check_panic_and_most_are_found() {
    let whole = model();
    let header = header_len(&whole);
    let mut pick = numbers(1);
    let mut refused = 0;
    for _ in 0..600 {
        let mut broken = whole.clone();
        for _ in 0..=pick(3) {
            let at = pick(header);
            broken[at] ^= 1 << pick(8);
        }
        refused += usize::from(check(&broken).is_err());
    }
    assert!(refused > 150, "{refused} of 600");
}

/// Models that the check lets through go to llama.cpp, in a child, so that an abort shows as a failure.
#[test]
fn what_the_check_lets_through_does_not_end_the_process() {
    let whole = model();
    let header = header_len(&whole);
    let folder = tempfile::tempdir().unwrap();
    let mut pick = numbers(2);
    let mut kept = 0;
    for _ in 0..2000 {
        let mut broken = whole.clone();
        match pick(4) {
            0 => broken[pick(header)] = 0xff,
            1 => broken[pick(header)] = 0,
            2 => broken[pick(header)] ^= 1 << pick(8),
            _ => {
                let at = header + pick(whole.len() - header);
                let end = (at + 64).min(whole.len());
                broken[at..end].fill(0xff);
            }
        }
        if check(&broken).is_ok() && broken != whole {
            std::fs::write(folder.path().join(format!("{kept:04}.gguf")), &broken).unwrap();
            kept += 1;
            if kept == 250 {
                break;
            }
        }
    }
    assert!(kept >= 200, "only {kept} to try");
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "engine::corrupt::child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .env("OMP_WAIT_POLICY", "passive")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{:?} after {:?}", out.status, said.lines().last());
    assert!(said.contains(&format!("tried {kept}")), "{said}");
}

/// Not a test of its own: with a folder named, opens every model in it and asks it something.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut tried = 0;
    for path in paths {
        println!("trying {}", path.display());
        let engine = LocalEngine::open(&path, &LocalConfig { slots: 1, ..config() });
        if let Ok(engine) = &engine
            && let Ok(generation) = engine.generate(ask("hello you", 1))
        {
            let _ = runtime.block_on(read(generation));
        }
        tried += 1;
    }
    println!("tried {tried}");
}

/// Where the tensors' data begins: after the name of the last tensor and its entry.
fn header_len(bytes: &[u8]) -> usize {
    let last = b"output.weight";
    let at = bytes.windows(last.len()).rposition(|window| window == last).unwrap();
    at + last.len() + 4 + 16 + 4 + 8
}

#[tokio::test]
async fn a_file_that_is_cut_off_while_it_runs_changes_nothing() {
    let (_folder, path) = file(&model());
    let engine = LocalEngine::open(&path, &config()).unwrap();
    let before = read(engine.generate(ask("hello", 3)).unwrap()).await.unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(64).unwrap();
    let after = read(engine.generate(ask("hello", 3)).unwrap()).await.unwrap();
    assert_eq!(after.content, before.content);
}

#[cfg(target_os = "linux")]
#[test]
fn what_does_not_fit_the_memory_is_refused_with_figures() {
    let spec = TinySpec { context: 1 << 21, ..TinySpec::default() };
    let (_folder, path) = file(&tiny::generate(&spec));
    let huge = LocalConfig { slots: 64, context_tokens: 1 << 21, ..config() };
    let refused = LocalEngine::open(&path, &huge).err().unwrap().to_string();
    assert!(refused.contains("MB") && refused.contains("context_tokens"), "{refused}");
}
