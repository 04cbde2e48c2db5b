//! What may be spent, and what has been: of a caller, a workflow or the site, in USD per day or month.
//!
//! Answers are counted once they have ended, by their known prices: requests that run at once can go beyond a budget by what
//! they cost, and what has no known price is counted as an answer and not as money. It outlives a reload, and a restart where
//! a file is configured. Times are passed in.

mod file;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearthgate_rules::policy::BudgetState;

use crate::clock;
use crate::config::{self, Budget, Period};
use crate::metrics::Cost;

/// Whom an answer is charged to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charge {
    /// The caller's name.
    pub caller: String,
    /// The workflow.
    pub workflow: Option<String>,
}

/// What has been spent of each budget.
pub struct Budgets {
    accounts: Mutex<Vec<Account>>,
    file: Option<PathBuf>,
    /// Whether something was spent that the file does not hold.
    changed: AtomicBool,
}

/// A budget and what has been spent of it.
#[derive(Debug, Clone, PartialEq)]
struct Account {
    budget: Budget,
    /// In which period, as the file writes it.
    since: String,
    spent_usd: f64,
    /// Answers without a known cost.
    unpriced: u64,
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// What may be spent in a period.
    pub usd: f64,
    /// What has been spent in this one.
    pub spent_usd: f64,
    /// Answers in it without a known cost.
    pub unpriced: u64,
    /// How much is left.
    pub state: BudgetState,
}

impl Account {
    fn new(budget: &Budget, unix_seconds: u64) -> Self {
        Self { since: period(budget.per, unix_seconds), budget: budget.clone(), spent_usd: 0.0, unpriced: 0 }
    }

    fn pays(&self, charge: &Charge) -> bool {
        let own =
            |wanted: &Option<String>, given: Option<&str>| wanted.is_none() || wanted.as_deref() == given;
        own(&self.budget.caller, Some(&charge.caller))
            && own(&self.budget.workflow, charge.workflow.as_deref())
    }

    /// Begins anew where the period is another.
    fn turn(&mut self, unix_seconds: u64) {
        let since = period(self.budget.per, unix_seconds);
        if since != self.since {
            *self = Self { since, spent_usd: 0.0, unpriced: 0, budget: self.budget.clone() };
        }
    }

    fn state(&self) -> BudgetState {
        let left = self.budget.usd - self.spent_usd;
        if left <= 0.0 {
            BudgetState::Exhausted
        } else if left < self.budget.low * self.budget.usd {
            BudgetState::Low
        } else {
            BudgetState::Ample
        }
    }
}

impl Budgets {
    /// Those of a configuration, with what the file knows of them.
    ///
    /// # Errors
    /// When there is a file, and it cannot be read: going on could spend a budget twice.
    pub fn open(config: &config::Budgets, unix_seconds: u64) -> Result<Self, String> {
        let budgets =
            Self { accounts: Mutex::default(), file: config.file.clone(), changed: AtomicBool::new(false) };
        let written = config.file.as_deref().map(file::read).transpose()?.unwrap_or_default();
        *budgets.lock() = accounts(&config.list, unix_seconds, |account| {
            let known =
                written.iter().find(|row| row.name == account.budget.name && row.since == account.since);
            known.map(|row| (row.spent_usd, row.unpriced))
        });
        Ok(budgets)
    }

    /// Takes over a new configuration: what has been spent of a budget of the same name and period stays spent.
    pub fn configure(&self, config: &config::Budgets, unix_seconds: u64) {
        let mut before = self.lock();
        let kept = std::mem::take(&mut *before);
        *before = accounts(&config.list, unix_seconds, |account| {
            let own =
                |kept: &&Account| kept.budget.name == account.budget.name && kept.since == account.since;
            kept.iter().find(own).map(|kept| (kept.spent_usd, kept.unpriced))
        });
        self.changed.store(true, Ordering::Release);
    }

    /// The file in which it is kept.
    #[must_use]
    pub fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }

    /// How much is left for whoever this is charged to: of several budgets, what is left of the tightest.
    pub fn state(&self, charge: &Charge, unix_seconds: u64) -> BudgetState {
        let mut accounts = self.lock();
        let own = accounts.iter_mut().filter(|account| account.pays(charge));
        let states = own.map(|account| {
            account.turn(unix_seconds);
            account.state()
        });
        states.max().unwrap_or_default()
    }

    /// Counts what an answer cost.
    pub fn spend(&self, charge: &Charge, cost: Cost, unix_seconds: u64) {
        for account in self.lock().iter_mut().filter(|account| account.pays(charge)) {
            account.turn(unix_seconds);
            match cost {
                Cost::Usd(usd) => account.spent_usd += usd.max(0.0),
                Cost::NoPrice | Cost::NoUsage => account.unpriced = account.unpriced.saturating_add(1),
            }
            self.changed.store(true, Ordering::Release);
        }
    }

    /// How each budget stands.
    pub fn standing(&self, unix_seconds: u64) -> Vec<Standing> {
        let mut accounts = self.lock();
        let standing = accounts.iter_mut().map(|account| {
            account.turn(unix_seconds);
            Standing {
                name: account.budget.name.clone(),
                usd: account.budget.usd,
                spent_usd: account.spent_usd,
                unpriced: account.unpriced,
                state: account.state(),
            }
        });
        standing.collect()
    }

    /// Writes the file, where there is one and something has changed. It blocks.
    ///
    /// # Errors
    /// When it cannot be written; it is tried again the next time.
    pub fn save(&self) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        if !self.changed.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let rows = self.lock().iter().map(file::Row::of).collect();
        file::write(path, rows).inspect_err(|_| self.changed.store(true, Ordering::Release))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Account>> {
        // A panic while the lock was held left sums that are still sums.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accounts(
    budgets: &[Budget],
    unix_seconds: u64,
    spent: impl Fn(&Account) -> Option<(f64, u64)>,
) -> Vec<Account> {
    let account = |budget: &Budget| {
        let account = Account::new(budget, unix_seconds);
        let (spent_usd, unpriced) = spent(&account).unwrap_or_default();
        Account { spent_usd, unpriced, ..account }
    };
    budgets.iter().map(account).collect()
}

/// The day or the month of a time, in UTC: `2026-11-23`, `2026-11`.
fn period(per: Period, unix_seconds: u64) -> String {
    let (year, month, day) = clock::civil(unix_seconds / 86_400);
    match per {
        Period::Day => format!("{year:04}-{month:02}-{day:02}"),
        Period::Month => format!("{year:04}-{month:02}"),
    }
}

#[cfg(test)]
mod tests;
