//! Reading and judging requests so that none holds up the others.
//!
//! Both are bounded in bytes and steps and never ask the time, so that a decision does not depend on load. What
//! is short, or need not be read, is done where it came in. What is long is done on a thread beside the event
//! loop, under a watchdog: when its time is up the request is taken for one of the highest label. A thread cannot
//! be stopped, so the room for long ones is bounded, and one that never ends keeps its place; whoever waits for
//! room waits under the watchdog too.

use std::sync::Arc;

use bytes::Bytes;
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::judge::{Caller, Judged, JudgingFault};
use hearthgate_rules::memory::Memory as _;
use hearthgate_rules::policy::Policy;

use crate::app::Site;
use crate::memory::Recollection;
use crate::respond::Fault;
use crate::worker::Worker;

/// Bodies up to this many bytes are judged on the event loop: some milliseconds at most, where going to another
/// thread and back costs a twentieth of one.
const JUDGED_HERE_BYTES_MAX: usize = 8 << 10;

/// The same where the tagger is not asked: the costliest known text takes patterns a fifth of the time.
const JUDGED_HERE_WITHOUT_TAGGER_BYTES_MAX: usize = 40 << 10;

/// Bodies up to this many bytes are parsed on the event loop, which takes a thousandth of judging them.
const READ_HERE_BYTES_MAX: usize = 512 << 10;

/// Reads a body as a request.
///
/// # Errors
/// When it is none.
pub async fn read(dialect: Dialect, body: Bytes) -> Result<ChatRequest, Fault> {
    let read = if body.len() <= READ_HERE_BYTES_MAX {
        ChatRequest::read(dialect, body)
    } else {
        let reading = tokio::task::spawn_blocking(move || ChatRequest::read(dialect, body));
        reading.await.map_err(|_| Fault::Internal)?
    };
    read.map_err(Fault::Request)
}

/// Judges a request, with what is remembered of its caller, which comes back. Whatever goes wrong gives the highest
/// label, and is counted.
pub async fn judge(
    worker: &Worker,
    site: &Site,
    request: ChatRequest,
    caller: Caller,
    memory: Recollection,
) -> (Judged, Recollection) {
    let policy = &site.config.policy;
    let here_max = if !policy.reads_texts() && memory.heads().is_none() {
        READ_HERE_BYTES_MAX
    } else if !policy.asks_tagger() {
        JUDGED_HERE_WITHOUT_TAGGER_BYTES_MAX
    } else {
        JUDGED_HERE_BYTES_MAX
    };
    let (judged, memory) = if request.document().source_bytes() <= here_max {
        (judge_here(policy, request, caller, &memory), memory)
    } else {
        Box::pin(judge_beside(worker, site, request, caller, memory)).await
    };
    if let Some(fault) = judged.verdict().fault() {
        worker.app.metrics.judging_failure(fault);
    }
    (judged, memory)
}

async fn judge_beside(
    worker: &Worker,
    site: &Site,
    request: ChatRequest,
    caller: Caller,
    memory: Recollection,
) -> (Judged, Recollection) {
    let policy = &site.config.policy;
    let asked = memory.clone();
    let judging = async {
        let memory = asked;
        let room = Arc::clone(&worker.judging_room).acquire_owned().await;
        let (policy, request, caller) = (Arc::clone(policy), request.clone(), caller.clone());
        let judging = tokio::task::spawn_blocking(move || {
            let judged = judge_here(&policy, request, caller, &memory);
            drop(room);
            (judged, memory)
        });
        judging.await
    };
    match tokio::time::timeout(site.config.server.judge_timeout, judging).await {
        Ok(Ok(judged)) => judged,
        Ok(Err(_)) => (policy.give_up(JudgingFault::Panic, request, caller), memory),
        Err(_) => (policy.give_up(JudgingFault::Timeout, request, caller), memory),
    }
}

#[cfg(not(feature = "scripted"))]
fn judge_here(policy: &Arc<Policy>, request: ChatRequest, caller: Caller, memory: &Recollection) -> Judged {
    policy.judge_remembering(request, caller, memory)
}

#[cfg(feature = "scripted")]
fn judge_here(policy: &Arc<Policy>, request: ChatRequest, caller: Caller, memory: &Recollection) -> Judged {
    policy.judge_after(scripted::fail_as_told, request, caller, memory)
}

/// Faults on demand, for tests.
#[cfg(feature = "scripted")]
mod scripted {
    use super::ChatRequest;

    /// What the member `judging` of a body asks for: `panic`, with the request's text in its message; `stall`,
    /// which never ends; or a file, which is made empty and waited for until something stands in it.
    pub(super) fn fail_as_told(request: &ChatRequest) {
        match request.body().str("judging") {
            Some("panic") => {
                let text: Vec<_> = request.messages().filter_map(|message| message.str("content")).collect();
                #[expect(clippy::panic, reason = "this is the fault that a test asks for")]
                {
                    panic!("a detector fails at {}", text.concat())
                }
            }
            Some("stall") => loop {
                std::thread::park();
            },
            Some(file) if !file.is_empty() => {
                // Once: whoever is judged anew is not held again.
                let begun = std::fs::File::create_new(file).is_ok();
                while begun && std::fs::metadata(file).is_ok_and(|file| file.len() == 0) {
                    std::thread::yield_now();
                }
            }
            _ => {}
        }
    }
}
