//! The command line of `leak-certificate`.

use std::path::PathBuf;

use crate::corpus::Corpus;

/// How it is used.
pub const USAGE: &str = "\
leak-certificate [OPTION…]

  --out FILE           where the certificate goes; docs/leak-certificate.md unless said otherwise
  --dry-run            write no file, print the short table only
  --update-baseline    accept the misses of the sample as they are: writes tests/leak/baseline.json
  --misses PREFIX      print misses of the open half: «plain», «tempting/logs», «evasive/base64», …;
                       «escaped/base64»: those that are held back when plain
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

fn repository_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
