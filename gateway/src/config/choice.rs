//! What decides among the targets that a request may go to: wishes, workflows, budgets, and how long a conversation stays.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use hearthgate_rules::judge::Caller;
use hearthgate_rules::label::{Label, Labels};
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::{Effort, Zone};

use super::Key;
use super::check::Check;
use super::error::ConfigError;
use super::file::{BudgetFile, BudgetsFile, ChoiceFile, WorkflowFile};

/// The most budgets: each is looked at for each request, and has a line in the file.
const BUDGETS_MAX: usize = 256;

/// The most USD that a budget or a request may have.
const USD_MAX: f64 = 1e9;

/// The longest time to an answer's beginning that can be wished for: an hour.
const LATENCY_MS_MAX: u64 = 60 * 60 * 1000;

/// Under which share of a budget it is low, where none is named.
const LOW: f64 = 0.2;

/// What is wished of an answer. It orders the targets that a request may go to, and takes none away.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wish {
    /// From the request's head to the answer's beginning.
    pub latency: Option<Duration>,
    /// What the request may cost.
    pub cost_usd: Option<f64>,
}

impl Wish {
    /// The tighter of two, each for itself.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let costs = [self.cost_usd, other.cost_usd].into_iter().flatten();
        Self {
            latency: [self.latency, other.latency].into_iter().flatten().min(),
            cost_usd: costs.min_by(f64::total_cmp),
        }
    }
}

/// What decides among the targets that a request may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// How long a conversation stays with the target of its turn before; 0: not at all.
    pub stay: Duration,
    /// Whether an upstream's target of which no price is known keeps to any cost that is wished.
    pub unknown_prices_pass: bool,
}

/// What is known of a workflow. All of it tightens, or is a wish.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// What a header or a key calls it.
    pub name: String,
    /// At least this label.
    pub label: Option<Label>,
    /// At most this zone.
    pub zone: Option<Zone>,
    /// How long the model should think, where the request does not say.
    pub effort: Option<Effort>,
    /// What it wishes of each answer.
    pub wish: Wish,
}

/// Tightens a caller by what is known of the workflow that a request names, and of the one that its key names where the
/// request names another, so that no header gets it out of that; what they wish. An effort counts where the request asks for none.
pub fn in_workflows(caller: &mut Caller, of_key: Option<&str>, known: &[Workflow]) -> Wish {
    let named = caller.workflow.clone();
    let other = of_key.filter(|name| named.as_deref() != Some(name));
    caller.key_workflow = other.map(str::to_owned);
    let of_name = |name: &str| known.iter().find(|workflow| workflow.name == name);
    named.as_deref().into_iter().chain(other).filter_map(of_name).fold(Wish::default(), |wish, workflow| {
        caller.label = caller.label.max(workflow.label);
        caller.zone = [caller.zone, workflow.zone].into_iter().flatten().min();
        caller.effort = caller.effort.or(workflow.effort);
        wish.with(workflow.wish)
    })
}

/// What may be spent, and where it is written down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Budgets {
    /// The file; none: a restart begins anew.
    pub file: Option<PathBuf>,
    /// Each for itself; the tightest counts.
    pub list: Vec<Budget>,
}

/// What a caller, a workflow or the site may spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Its name, in metrics and in the file.
    pub name: String,
    /// Whose it is; everybody's, where none is named.
    pub caller: Option<String>,
    /// Which workflow's it is; any, where none is named.
    pub workflow: Option<String>,
    /// USD in each period.
    pub usd: f64,
    /// When it begins anew.
    pub per: Period,
    /// Under which share that is left it is low.
    pub low: f64,
}

/// When a budget begins anew, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// At midnight.
    Day,
    /// On the first of the month.
    Month,
}

impl Period {
    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// The `[choice]` section.
pub fn choice(check: &Check<'_>, raw: &ChoiceFile) -> Result<Choice, ConfigError> {
    const DAY: u64 = 24 * 60;
    let minutes: u64 = check.number("choice.stay_minutes", raw.stay_minutes.unwrap_or(30), 0..=DAY)?;
    Ok(Choice {
        stay: Duration::from_secs(minutes * 60),
        unknown_prices_pass: raw.unknown_prices_pass.unwrap_or(false),
    })
}

/// What a key or a workflow wishes.
pub fn wish(
    check: &Check<'_>,
    section: &str,
    latency_max_ms: Option<u64>,
    cost_max_usd: Option<f64>,
) -> Result<Wish, ConfigError> {
    let key = format!("{section}.latency_max_ms");
    let latency = check.optional(&key, latency_max_ms, 1..=LATENCY_MS_MAX)?.map(Duration::from_millis);
    let cost = cost_max_usd.map(|usd| self::usd(check, &format!("{section}.cost_max_usd"), usd));
    Ok(Wish { latency, cost_usd: cost.transpose()? })
}

/// The `[[workflow]]` list.
pub fn workflows(
    check: &Check<'_>,
    raw: &[WorkflowFile],
    labels: &Labels,
) -> Result<Vec<Workflow>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut workflows = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let section = format!("workflow[{index}]");
        let at = |key: &str| format!("{section}.{key}");
        check.once(&at("name"), &raw.name, &mut names)?;
        let name = check.words(&at("name"), Some(&raw.name))?.unwrap_or_default();
        let label = raw.label.as_ref().map(|name| {
            labels.named(name).map_err(|error| check.source.fault(&at("label"), error.to_string()))
        });
        workflows.push(Workflow {
            name,
            label: label.transpose()?,
            zone: raw.zone.as_ref().map(|zone| check.word(&at("zone"), zone)).transpose()?,
            effort: raw.effort.as_ref().map(|effort| check.word(&at("effort"), effort)).transpose()?,
            wish: wish(check, &section, raw.latency_max_ms, raw.cost_max_usd)?,
        });
    }
    Ok(workflows)
}

/// The `[budgets]` section and the `[[budget]]` list.
pub fn budgets(
    check: &Check<'_>,
    section: &BudgetsFile,
    raw: &[BudgetFile],
    keys: &[Key],
) -> Result<Budgets, ConfigError> {
    if raw.len() > BUDGETS_MAX {
        return check.fault("budget", format!("has {} entries; {BUDGETS_MAX} is the most", raw.len()));
    }
    let mut names = BTreeSet::new();
    let mut budgets = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let at = |key: &str| format!("budget[{index}].{key}");
        check.once(&at("name"), &raw.name, &mut names)?;
        let known = |caller: &&String| keys.is_empty() || keys.iter().any(|key| key.name == **caller);
        if let Some(caller) = raw.caller.as_ref().filter(|caller| !known(caller)) {
            let mend = did_you_mean(caller, keys.iter().map(|key| key.name.as_str()));
            return check.fault(&at("caller"), format!("no `[[key]]` is called `{caller}`{mend}"));
        }
        let low = raw.low.unwrap_or(LOW);
        if !(0.0..1.0).contains(&low) {
            return check
                .fault(&at("low"), format!("{low} is out of bounds; write a share from 0 to below 1"));
        }
        budgets.push(Budget {
            name: check.name(&at("name"), &raw.name)?,
            caller: raw.caller.clone(),
            workflow: check.words(&at("workflow"), raw.workflow.as_ref())?,
            usd: usd(check, &at("usd"), raw.usd)?,
            per: match raw.per.as_str() {
                "day" => Period::Day,
                "month" => Period::Month,
                other => {
                    return check
                        .fault(&at("per"), format!("unknown period `{other}`; it is `day` or `month`"));
                }
            },
            low,
        });
    }
    let file = section.file.as_ref().map(|file| check.source.path("budgets.file", file)).transpose()?;
    Ok(Budgets { file, list: budgets })
}

fn usd(check: &Check<'_>, key: &str, usd: f64) -> Result<f64, ConfigError> {
    if usd > 0.0 && usd <= USD_MAX {
        Ok(usd)
    } else {
        check.fault(key, format!("{usd} is out of bounds; write USD above 0 and at most {USD_MAX}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_workflow_does_not_lead_out_of_the_keys_own() {
        let labels = Labels::default();
        let confidential = labels.named("confidential").ok();
        let wish = |ms| Wish { latency: Some(Duration::from_millis(ms)), cost_usd: None };
        let workflow = |name: &str, label, zone, effort, wish| Workflow {
            name: name.to_owned(),
            label,
            zone,
            effort,
            wish,
        };
        let known = [
            workflow("claims", confidential, Some(Zone::Device), Some(Effort::Deliberate), wish(900)),
            workflow("other", None, Some(Zone::Premises), Some(Effort::Quick), wish(300)),
        ];
        let tightened = |named: Option<&str>, of_key: Option<&str>| {
            let mut caller = Caller { workflow: named.map(str::to_owned), ..Caller::default() };
            let wish = in_workflows(&mut caller, of_key, &known);
            (caller.label, caller.zone, caller.effort, wish.latency.map(|within| within.as_millis()))
        };
        let claims = (confidential, Some(Zone::Device), Some(Effort::Deliberate), Some(900));
        assert_eq!(tightened(Some("claims"), Some("claims")), claims);
        assert_eq!(tightened(Some("unknown"), Some("claims")), claims);
        let both = (confidential, Some(Zone::Device), Some(Effort::Quick), Some(300));
        assert_eq!(tightened(Some("other"), Some("claims")), both);
        assert_eq!(
            tightened(Some("other"), None),
            (None, Some(Zone::Premises), Some(Effort::Quick), Some(300))
        );
        assert_eq!(tightened(None, None), (None, None, None, None));
    }
}
