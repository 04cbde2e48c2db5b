//! The command line of `leak-certificate`.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::corpus::Corpus;

/// How it is used.
pub const USAGE: &str = "\
leak-certificate [OPTION…]

  --out FILE           where the certificate goes; docs/leak-certificate.md unless said otherwise
  --dry-run            write no file, print the short table only
  --update-baseline    accept the misses of the sample as they are: writes tests/leak/baseline.json
  --misses PREFIX      print misses of the open half: «plain», «tempting/logs», «evasive/base64», …;
                       «escaped/base64»: those that are held back when plain
  --without PACK       leave a pack of the shipped policy out, such as `matters`; writes no certificate; may be given again
  --sample             judge only what the test judges; writes no certificate
  --also FILE          judge other people's texts too (JSON lines); may be given again
  --corpus DIR         another corpus
  --import DIR         copy a corpus from DIR into the repository's, secrets concealed, and stop
  --threads N          how many cores to use; all unless said otherwise
  --date YYYY-MM-DD    the date to print; today unless said otherwise
";

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the certificate goes.
    pub out: PathBuf,
    /// Write nothing.
    pub dry_run: bool,
    /// Write the baseline.
    pub update_baseline: bool,
    /// Print the misses of groups that begin so.
    pub misses: Option<String>,
    /// Packs that are left out.
    pub without: Vec<String>,
    /// Judge the sample only.
    pub sample: bool,
    /// Other people's texts.
    pub also: Vec<PathBuf>,
    /// The corpus's folder.
    pub corpus: PathBuf,
    /// Copy a corpus from here.
    pub import: Option<PathBuf>,
    /// How many threads judge.
    pub threads: usize,
    /// The date to print.
    pub date: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            out: repository_file("docs/leak-certificate.md"),
            dry_run: false,
            update_baseline: false,
            misses: None,
            without: Vec::new(),
            sample: false,
            also: Vec::new(),
            corpus: Corpus::folder(),
            import: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            date: None,
        }
    }
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// An argument that is not known, or lacks its value.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{name}` needs a value"));
            match name.as_str() {
                "--out" => options.out = value()?.into(),
                "--dry-run" => options.dry_run = true,
                "--update-baseline" => options.update_baseline = true,
                "--misses" => options.misses = Some(value()?),
                "--without" => options.without.push(value()?),
                "--sample" => options.sample = true,
                "--also" => options.also.push(value()?.into()),
                "--corpus" => options.corpus = value()?.into(),
                "--import" => options.import = Some(value()?.into()),
                "--threads" => {
                    options.threads =
                        value()?.parse().map_err(|_| "`--threads` needs a number".to_owned())?;
                }
                "--date" => options.date = Some(value()?),
                other => return Err(format!("unknown argument `{other}`")),
            }
        }
        Ok(options)
    }
}

/// Where the accepted misses lie.
#[must_use]
pub fn baseline_file() -> PathBuf {
    repository_file("tests/leak/baseline.json")
}

/// A file of the repository.
#[must_use]
pub fn repository_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The day, in UTC. Howard Hinnant, «chrono-compatible low-level date algorithms», `civil_from_days`.
#[expect(clippy::disallowed_methods, reason = "the certificate bears its date")]
#[must_use]
pub fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = since.as_secs() / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
