//! What the hub tells of a model's files before any of them is brought, or why it does not.

use http::{Method, StatusCode};

use super::client::{Ask, Fault};
use super::digest::is_sha256;
use super::parts::Identity;
use super::pull::{Puller, segment};
use super::{Checked, HubError};
use crate::cloud::backoff;

/// Attempts at a hub that cannot be reached at all, before that is said.
const UNREACHABLE_RETRIES_MAX: u32 = 2;
/// A file, as the hub tells of it.
pub(super) struct Known {
    /// Its path within the repository.
    pub(super) file: String,
    pub(super) identity: Identity,
    /// Who says the digest.
    pub(super) by: Checked,
    /// The commit, or the revision where the hub does not say.
    pub(super) revision: String,
    pub(super) linked_etag: Option<String>,
    pub(super) host_etags: Vec<(String, String)>,
}

/// Why the hub does not tell of a file.
pub(super) enum Untold {
    Unreachable(String),
    Refused(HubError),
}

impl Puller<'_> {
    /// What the hub tells of every file, those after the first at the commit of the first.
    pub(super) async fn ask_all(&self) -> Result<Vec<Known>, Untold> {
        if self.pull.offline {
            return Err(Untold::Unreachable(
                "the hub is not asked (`--offline`, or HF_HUB_OFFLINE is set)".to_owned(),
            ));
        }
        let mut all: Vec<Known> = Vec::new();
        for file in self.pull.source.files() {
            let revision = match all.first() {
                Some(first) => first.revision.clone(),
                None => self.pull.source.revision().to_owned(),
            };
            all.push(self.ask(&file, &revision).await?);
        }
        Ok(all)
    }

    pub(super) async fn ask(&self, file: &str, revision: &str) -> Result<Known, Untold> {
        let url = self.url(file, revision).map_err(Untold::Refused)?;
        let ask = Ask { method: Method::HEAD, url, range: None, etags: Vec::new() };
        let mut attempt = 0;
        let answer = loop {
            let fault = match self.client.ask(&ask).await {
                Ok(answer) => break answer,
                Err(fault) => fault,
            };
            let most = match fault {
                Fault::Unreachable(_) => UNREACHABLE_RETRIES_MAX.min(self.pull.hub.retries),
                _ => self.pull.hub.retries,
            };
            let wait = Some(()).filter(|()| attempt < most && fault.retryable());
            match wait.and_then(|()| backoff::wait(attempt, fault.retry_after(), backoff::random())) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(self.untold(file, revision, fault)),
            }
            attempt += 1;
        };
        let said = answer.described();
        let refused = |why: String| Untold::Refused(HubError::Untrustworthy(why));
        let Some(bytes) = said.bytes.filter(|bytes| *bytes > 0) else {
            return Err(refused(format!("the hub does not say how large `{file}` is")));
        };
        let by_hub = said.etag.clone().filter(|etag| is_sha256(etag));
        let mut promised = self.pull.entry.filter(|_| self.pull.source.files().len() == 1);
        if let Some(entry) = promised {
            let other_digest =
                entry.sha256.as_ref().zip(by_hub.as_ref()).is_some_and(|(ours, theirs)| ours != theirs);
            let other_size = entry.bytes.filter(|_| entry.sha256.is_some()).is_some_and(|ours| ours != bytes);
            if (other_digest || other_size) && !self.pull.as_known {
                let note = "the hub has another file than the one in this program's catalogue, and that is what is pulled";
                self.pull.progress.note(note);
                promised = None;
            } else if other_digest || other_size {
                return Err(refused(format!(
                    "the hub has another file under `{}` than the one in this program's catalogue ({} bytes, SHA-256 {}); \
                     to take what the hub has, run `hearthgate models pull {}`",
                    entry.name,
                    entry.bytes.unwrap_or_default(),
                    entry.sha256.as_deref().unwrap_or("unknown"),
                    self.pull.source
                )));
            }
        }
        let by_catalogue = promised.and_then(|entry| entry.sha256.clone());
        let by = match (&by_catalogue, &by_hub) {
            (Some(_), _) => Checked::Catalogue,
            (None, Some(_)) => Checked::Hub,
            (None, None) => Checked::Nothing,
        };
        let own = answer.etag().filter(|_| answer.status.is_success());
        Ok(Known {
            file: file.to_owned(),
            identity: Identity { bytes, sha256: by_catalogue.or(by_hub), etag: said.etag },
            by,
            revision: said.commit.unwrap_or_else(|| revision.to_owned()),
            linked_etag: answer.said.etag.clone(),
            host_etags: own.map(|etag| (answer.host.clone(), etag)).into_iter().collect(),
        })
    }

    fn untold(&self, file: &str, revision: &str, fault: Fault) -> Untold {
        match fault {
            Fault::Unreachable(why) => Untold::Unreachable(why),
            Fault::Status { status, code, by_hub: true, .. } => {
                Untold::Refused(HubError::Refused(self.refusal(file, revision, status, &code)))
            }
            Fault::Broken(_) | Fault::Unusable(_) | Fault::Status { .. } => {
                Untold::Refused(HubError::Refused(format!("{}; try again later", fault.words())))
            }
        }
    }

    /// A hub's refusal in plain words, with the mend. The hub's own words for it are those of Hugging Face.
    pub(super) fn refusal(&self, file: &str, revision: &str, status: StatusCode, code: &str) -> String {
        let repository = self.pull.source.repository();
        let endpoint = self.pull.hub.endpoint.to_string();
        let hub = endpoint.trim_end_matches('/');
        match (status.as_u16(), code, self.client.has_token()) {
            (_, "GatedRepo", false) => format!(
                "`{repository}` is gated: accept its licence on {hub}/{repository}, make a token on {hub}/settings/tokens, \
                 and set HF_TOKEN"
            ),
            (_, "GatedRepo", true) => format!(
                "`{repository}` is gated, and the owner of the token may not read it yet: accept its licence on \
                 {hub}/{repository} with the account of the token"
            ),
            (404, "RevisionNotFound", _) => {
                format!("`{repository}` has no revision `{revision}`: look at {hub}/{repository}/tree/main")
            }
            (404, "EntryNotFound", _) => format!(
                "`{repository}` has no file `{file}` at revision `{revision}`: its files are listed on \
                 {hub}/{repository}/tree/{}",
                segment(revision)
            ),
            (404, ..) | (401, "RepoNotFound", _) | (401, _, false) => format!(
                "`{repository}` has no such file, is not there, or is private: look at its spelling, {hub}/{repository}; \
                 for a private one set HF_TOKEN"
            ),
            (401, _, true) => format!(
                "the hub does not take the token: make a new one on {hub}/settings/tokens and set HF_TOKEN, or unset it \
                 for what everybody may read"
            ),
            (403, _, _) => format!(
                "the hub does not let this be read ({}): the token lacks the right to read `{repository}`, or its licence is \
                 not accepted on {hub}/{repository}",
                status.as_u16()
            ),
            _ => format!("the hub answers with status {}; try again later", status.as_u16()),
        }
    }
}
