//! Pulls a model: asks the hub what it is, makes sure of the room, brings it, compares its digest, and puts it in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use hearthgate_engines::gguf;
use http::Uri;

use super::catalogue::Entry;
use super::client::{Client, Fault};
use super::digest;
use super::download::{Download, Halt};
use super::known::{Known, Untold};
use super::manifest::{self, ManifestFile};
use super::parts::Parts;
use super::progress::{Progress, size};
use super::{Checked, HubError, HubSource, Manifest, Store, space};
use crate::audit::utc;
use crate::{clock, config};

/// How often a file is begun anew because it changed, or came wrong, within one pull.
const ANEW_MAX: u32 = 1;

/// What is to be pulled.
pub struct Pull<'a> {
    /// From where, and to where.
    pub hub: &'a config::Hub,
    /// Which model.
    pub source: HubSource,
    /// What this program knows of it.
    pub entry: Option<&'a Entry>,
    /// It has to be the file that this program knows; else what the hub has will do.
    pub as_known: bool,
    /// The hub is not to be asked.
    pub offline: bool,
    /// Who waits.
    pub progress: Arc<dyn Progress>,
}

/// How a pull has ended well.
pub enum Pulled {
    /// It was brought.
    New(Manifest),
    /// It was there, whole and as the hub has it.
    There(Manifest),
    /// It was there and whole; the hub could not be asked for a newer one.
    Unasked(Manifest),
    /// Its files had been put in their place by hand.
    Placed(Manifest),
}

/// What stands where a file belongs.
enum Stands {
    /// The file itself.
    Sound(ManifestFile),
    /// All its bytes, to be put in place.
    Brought(ManifestFile),
}

impl Stands {
    fn file(&self) -> ManifestFile {
        match self {
            Self::Sound(file) | Self::Brought(file) => file.clone(),
        }
    }
}

/// Pulls a model. What has come stays where it does not succeed, or is dropped: the next time goes on from there.
///
/// # Errors
/// Why not, with the mend.
pub async fn pull(pull: Pull<'_>) -> Result<Pulled, HubError> {
    let store = Store::new(pull.hub)?;
    let place = store.place(&pull.source);
    fs::create_dir_all(&place).map_err(HubError::io(&place))?;
    let _lock = store.lock(&pull.source, &*pull.progress).await?;
    // Whoever had the lock before may have removed it.
    fs::create_dir_all(&place).map_err(HubError::io(&place))?;
    let puller = Puller { client: Arc::new(Client::new(pull.hub)), place, pull };
    let ended = puller.run().await;
    puller.pull.progress.end();
    if ended.is_err() {
        // An empty folder would only puzzle.
        let _in_use = fs::remove_dir(&puller.place);
    }
    ended
}

pub(super) struct Puller<'a> {
    pub(super) pull: Pull<'a>,
    pub(super) client: Arc<Client>,
    place: PathBuf,
}

impl Puller<'_> {
    async fn run(&self) -> Result<Pulled, HubError> {
        // One that cannot be read is written anew.
        let before = Manifest::read(&self.place).ok().flatten();
        let mut known = match self.ask_all().await {
            Ok(known) => known,
            Err(Untold::Refused(error)) => return Err(error),
            Err(Untold::Unreachable(why)) => return self.without_hub(before, why).await,
        };
        self.room(&known)?;
        let mut stands = Vec::new();
        let count = known.len();
        for (index, known) in known.iter_mut().enumerate() {
            stands.push(self.one(known, before.as_ref(), (index + 1, count)).await?);
        }
        self.settle(&known, &stands, before)
    }

    /// The hub's address of a file.
    pub(super) fn url(&self, file: &str, revision: &str) -> Result<Uri, HubError> {
        let endpoint = self.pull.hub.endpoint.to_string();
        let text = format!(
            "{}/{}/resolve/{}/{file}",
            endpoint.trim_end_matches('/'),
            self.pull.source.repository(),
            segment(revision)
        );
        text.parse().map_err(|_| HubError::Refused(format!("`{text}` is no address")))
    }

    /// That the disk has room for what is lacking.
    fn room(&self, known: &[Known]) -> Result<(), HubError> {
        let lacking = known.iter().map(|known| {
            let target = self.target(known);
            let there = fs::metadata(&target).is_ok_and(|facts| facts.len() == known.identity.bytes);
            let done = if there { known.identity.bytes } else { Parts::left(&target, &known.identity) };
            known.identity.bytes.saturating_sub(done)
        });
        let lacking_bytes = lacking.fold(0_u64, u64::saturating_add);
        let keep_bytes = self.pull.hub.keep_free_bytes;
        let needed_bytes = lacking_bytes.saturating_add(keep_bytes);
        let free = space::free(&self.place).filter(|_| lacking_bytes > 0);
        match free.filter(|free_bytes| *free_bytes < needed_bytes) {
            Some(free_bytes) => {
                Err(HubError::Space { folder: self.place.clone(), free_bytes, needed_bytes, keep_bytes })
            }
            None => Ok(()),
        }
    }

    /// Makes sure of one file: it stands there already, or is brought.
    async fn one(
        &self,
        known: &mut Known,
        before: Option<&Manifest>,
        (number, of): (usize, usize),
    ) -> Result<Stands, HubError> {
        let target = self.target(known);
        let name = HubSource::file_name(&known.file).to_owned();
        // Where the hub names no digest, what was pulled before has to be what it was then.
        let remembered = before.and_then(|before| before.files.iter().find(|file| file.name == name));
        let promised = known.identity.sha256.clone().or_else(|| Some(remembered?.sha256.clone()));
        let bytes = known.identity.bytes;
        if fs::metadata(&target).is_ok_and(|facts| facts.len() == bytes) {
            let found = self.digest(&target, &format!("checking {name}"), bytes).await?;
            if promised.as_ref().is_none_or(|promised| *promised == found) {
                let file = ManifestFile { name, bytes, sha256: found, checked_against: known.by };
                return Ok(Stands::Sound(file));
            }
            self.pull
                .progress
                .note(&format!("`{}` is not what it should be; it is pulled anew", target.display()));
        }
        let what = if of > 1 { format!("{name} [{number}/{of}]") } else { name.clone() };
        let mut anew = 0;
        loop {
            let resumed = match self.bring(known, &target, &what).await? {
                Some(resumed) => resumed,
                None if anew < ANEW_MAX => {
                    anew += 1;
                    let asked = self.ask(&known.file, self.pull.source.revision()).await;
                    *known = asked.map_err(|untold| match untold {
                        Untold::Refused(error) => error,
                        Untold::Unreachable(why) => HubError::Refused(format!("{why}; try again later")),
                    })?;
                    continue;
                }
                None => {
                    let why = format!("`{name}` has changed on the hub while it was pulled, more than once");
                    return Err(HubError::Untrustworthy(format!("{why}; try again later")));
                }
            };
            let (part, bytes) = (part_of(&target), known.identity.bytes);
            let found = self.digest(&part, &format!("checking {what}"), bytes).await?;
            let wrong = known.identity.sha256.as_ref().filter(|promised| **promised != found);
            let Some(promised) = wrong else {
                let file = ManifestFile { name, bytes, sha256: found, checked_against: known.by };
                return Ok(Stands::Brought(file));
            };
            Parts::open(&target, &known.identity, 1)?.discard()?;
            // What an earlier pull left may have been damaged since: once more, from the beginning.
            if resumed && anew < ANEW_MAX {
                anew += 1;
                self.pull.progress.note(&format!("`{name}` came out wrong; it is pulled anew"));
                continue;
            }
            let by = if known.by == Checked::Catalogue { "this program's catalogue" } else { "the hub" };
            let mend =
                "try again, and if it stays so, do not trust this hub or what stands between".to_owned();
            return Err(HubError::Digest { name, found, promised: promised.clone(), by, mend });
        }
    }

    /// Brings all bytes of a file; says whether some were left by an earlier pull. None where the file has changed, and
    /// what there was of it is thrown away.
    async fn bring(&self, known: &Known, target: &Path, what: &str) -> Result<Option<bool>, HubError> {
        let parts = Parts::open(target, &known.identity, self.pull.hub.connections)?;
        let resumed = parts.resumed() > 0;
        if resumed {
            let note = format!("going on with {what}: {} are there", size(parts.resumed()));
            self.pull.progress.note(&note);
        }
        self.pull.progress.begin(what, parts.bytes(), parts.done());
        let download = Arc::new(Download {
            client: Arc::clone(&self.client),
            url: self.url(&known.file, &known.revision)?,
            linked_etag: known.linked_etag.clone(),
            host_etags: Mutex::new(known.host_etags.clone()),
            parts,
            whole_only: AtomicBool::new(false),
            retries: self.pull.hub.retries,
            progress: Arc::clone(&self.pull.progress),
            before_bytes: 0,
        });
        let mut ended = download.run().await;
        if matches!(ended, Err(Halt::WholeOnly)) {
            self.pull
                .progress
                .note("its server sends no parts; it is pulled in one piece, and cannot be gone on with");
            download.parts.begin(1)?;
            download.whole_only.store(true, std::sync::atomic::Ordering::Relaxed);
            ended = download.run().await;
        }
        self.pull.progress.end();
        let (kept_bytes, bytes) = (download.parts.done(), download.parts.bytes());
        match ended {
            Ok(()) => Ok(Some(resumed)),
            Err(Halt::Changed) => {
                self.pull.progress.note(&format!("{what} has changed on the hub; it is pulled anew"));
                download.parts.begin(self.pull.hub.connections)?;
                Ok(None)
            }
            Err(Halt::WholeOnly) => Err(HubError::Untrustworthy(format!(
                "the server of {what} sends other bytes than it is asked for"
            ))),
            Err(Halt::Untrue(why)) => {
                Err(HubError::Untrustworthy(format!("{why}: nothing of it is to be trusted")))
            }
            Err(Halt::Fault(Fault::Status { status, code, by_hub: true, .. }))
                if status.is_client_error() =>
            {
                Err(HubError::Refused(self.refusal(&known.file, &known.revision, status, &code)))
            }
            Err(Halt::Fault(Fault::Unusable(why))) => Err(HubError::Refused(why)),
            Err(Halt::Fault(fault)) => Err(HubError::Broken { why: fault.words(), kept_bytes, bytes }),
            Err(Halt::Disk(error)) => Err(error),
        }
    }

    /// Puts everything in its place, the manifest last.
    fn settle(
        &self,
        known: &[Known],
        stands: &[Stands],
        before: Option<Manifest>,
    ) -> Result<Pulled, HubError> {
        let brought = stands.iter().any(|stands| matches!(stands, Stands::Brought(_)));
        let mut manifest = self.manifest(
            known.first().map(|known| known.revision.clone()).unwrap_or_default(),
            stands.iter().map(Stands::file).collect(),
        );
        if !brought
            && let Some(before) = before
            && before.files == manifest.files
            && before.revision == manifest.revision
        {
            return Ok(Pulled::There(before));
        }
        // While files are put in place of others, there is no manifest, so that no mixture counts as a model.
        let old = self.place.join(manifest::NAME);
        if brought && old.exists() {
            fs::remove_file(&old).map_err(HubError::io(&old))?;
        }
        for stands in stands {
            if let Stands::Brought(file) = stands {
                Parts::install(&self.place.join(&file.name))?;
            }
        }
        manifest.licence = manifest.licence.or_else(|| self.licence(&manifest.files));
        manifest.write(&self.place)?;
        Ok(if brought { Pulled::New(manifest) } else { Pulled::There(manifest) })
    }

    /// What is to be done where the hub cannot be asked: what is there, or was put there by hand, will do.
    async fn without_hub(&self, before: Option<Manifest>, why: String) -> Result<Pulled, HubError> {
        let files = self.pull.source.files();
        let names: Vec<_> = files.iter().map(|file| HubSource::file_name(file).to_owned()).collect();
        if !names.iter().all(|name| self.place.join(name).is_file()) {
            let revision = self.pull.source.revision();
            let lines = files.iter().zip(&names).map(|(file, name)| {
                let url = self.url(file, revision).map(|url| url.to_string()).unwrap_or_default();
                format!("  {url}\n  as {}", self.place.join(name).display())
            });
            return Err(HubError::Offline { why, place: lines.collect::<Vec<_>>().join("\n") });
        }
        let promised = |name: &str| -> Option<(String, Checked)> {
            if let Some(before) = &before {
                let file = before.files.iter().find(|file| file.name == name)?;
                return Some((file.sha256.clone(), file.checked_against));
            }
            let entry = self.pull.entry.filter(|_| names.len() == 1)?;
            Some((entry.sha256.clone()?, Checked::Catalogue))
        };
        let mut found = Vec::new();
        for name in &names {
            let path = self.place.join(name);
            let bytes = fs::metadata(&path).map_err(HubError::io(&path))?.len();
            let sha256 = self.digest(&path, &format!("checking {name}"), bytes).await?;
            let (wanted, checked_against) =
                promised(name).unwrap_or_else(|| (sha256.clone(), Checked::Nothing));
            if wanted != sha256 {
                let what = format!("its SHA-256 is {sha256}, and should be {wanted}");
                return Err(Store::new(self.pull.hub)?.damaged(&self.pull.source, path, what));
            }
            found.push(ManifestFile { name: name.clone(), bytes, sha256, checked_against });
        }
        if let Some(before) = before {
            self.pull.progress.note(&why);
            return Ok(Pulled::Unasked(before));
        }
        let mut manifest = self.manifest(self.pull.source.revision().to_owned(), found);
        manifest.licence = manifest.licence.or_else(|| self.licence(&manifest.files));
        manifest.write(&self.place)?;
        Ok(Pulled::Placed(manifest))
    }

    fn manifest(&self, revision: String, files: Vec<ManifestFile>) -> Manifest {
        Manifest {
            source: self.pull.source.to_string(),
            revision,
            licence: self.pull.entry.map(|entry| entry.licence.clone()),
            pulled_at: utc(clock::unix_micros()),
            files,
        }
    }

    /// What the model's own file says of its licence.
    fn licence(&self, files: &[ManifestFile]) -> Option<String> {
        let header = gguf::check_file(&self.place.join(&files.first()?.name)).ok()?;
        header.facts().licence
    }

    async fn digest(&self, path: &Path, what: &str, bytes: u64) -> Result<String, HubError> {
        self.pull.progress.begin(what, bytes, 0);
        let (owned, progress) = (path.to_owned(), Arc::clone(&self.pull.progress));
        // Reading gigabytes takes a while, and whoever interrupts it should not have to wait.
        let read = tokio::task::spawn_blocking(move || {
            let mut done = 0;
            digest::of_file(&owned, |count| {
                done += count;
                progress.reach(done);
            })
        });
        let found = read.await.unwrap_or_else(|_| Err(std::io::ErrorKind::Interrupted.into()));
        self.pull.progress.end();
        found.map_err(HubError::io(path))
    }

    fn target(&self, known: &Known) -> PathBuf {
        self.place.join(HubSource::file_name(&known.file))
    }
}

/// A revision as one segment of an address.
pub(super) fn segment(revision: &str) -> String {
    revision.replace('/', "%2F")
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}
