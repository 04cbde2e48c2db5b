//! Writes docs/comparison.md: our detectors next to presidio-analyzer and detect-secrets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hearthgate_leak::comparison::{Ours, page};
use hearthgate_leak::corpus::Corpus;
use hearthgate_leak::judge::Judge;
use hearthgate_leak::options::{repository_file, today};
use hearthgate_leak::outside::lines;

const USAGE: &str = "\
leak-comparison --python FILE [--also FILE]… [--out FILE]

  --python FILE   a Python that has tests/leak/others/requirements.txt
  --also FILE     other people's texts too (JSON lines)
  --out FILE      where the page goes; docs/comparison.md unless said otherwise
";

fn main() -> ExitCode {
    match act(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn act(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut python, mut also, mut out) = (None, Vec::new(), repository_file("docs/comparison.md"));
    while let Some(name) = arguments.next() {
        let value =
            PathBuf::from(arguments.next().ok_or_else(|| format!("`{name}` needs a value\n\n{USAGE}"))?);
        match name.as_str() {
            "--python" => python = Some(value),
            "--also" => also.push(value),
            "--out" => out = value,
            _ => return Err(format!("unknown argument `{name}`\n\n{USAGE}")),
        }
    }
    let python = python.ok_or_else(|| format!("`--python` is missing\n\n{USAGE}"))?;
    let corpus = Corpus::load(&Corpus::folder()).map_err(|error| error.to_string())?;
    let judge = |without: &[&str]| Judge::shipped_without(without).map_err(|error| error.to_string());
    let ours = Ours { patterns: judge(&["matters"])?, whole: judge(&[])? };
    let also =
        also.iter().map(|file| Ok((name_of(file), lines(file)?))).collect::<Result<Vec<_>, String>>()?;
    let figures = page(&corpus, &ours, &python, &also)?;
    let files: String = also.iter().map(|(name, _)| format!(" --also {name}")).collect();
    let head = format!(
        "# Next to others\n\nOur detectors and two that many use, on the same texts in one run. Written by a program: do \
         not edit.\n\n- Date: {}\n- Command: `cargo run --release -p hearthgate-leak --bin leak-comparison -- --python \
         PYTHON{files}`, where PYTHON has `tests/leak/others/requirements.txt`\n- Corpus: SHA-256 `{}`\n",
        today(),
        corpus.digest
    );
    fs::write(out, head + &figures).map_err(|error| error.to_string())
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
