//! The decision table, for a person to read.
//!
//! Every line comes from [`Case::outcome`], the same walk over the routes that requests take, so the table
//! cannot say other than what happens.

mod layout;

use std::collections::BTreeMap;

use self::layout::Layout;
use super::{Asked, Atom, BudgetState, Condition, Confidence, Health, Policy};
use crate::decide::Choose;
use crate::difficulty::Band;
use crate::inspect::{KindId, OpaqueKind};
use crate::label::Label;
use crate::prove::{Case, finding_in_words, near_in_words};
use crate::target::Zone;

/// What is decided per label and band, and for every other thing that a route asks; what gives a label.
#[must_use]
pub fn table(policy: &Policy) -> String {
    let mut out = String::from("where requests go\n");
    let plain = rows(policy, &Case::default());
    out.push_str(&decisions(&grouped(policy, &plain)));
    for (title, case) in circumstances(policy) {
        let rows = rows(policy, &case);
        let differs = rows.into_iter().filter(|row| !plain.contains(row)).collect::<Vec<_>>();
        if !differs.is_empty() {
            out.push_str(&format!("\nexcept with {title}\n"));
            out.push_str(&decisions(&grouped(policy, &differs)));
        }
    }
    let fastest = policy.routes().iter().filter(|route| route.choose == Choose::Fastest);
    let fastest: Vec<_> = fastest.map(|route| route.name.as_str()).collect();
    if !fastest.is_empty() {
        out.push_str(&format!("\nthe fastest of their targets goes first: {}\n", fastest.join(", ")));
    }
    if let Some(probe) = policy.probe() {
        out.push_str(&format!(
            "\nnear where a band begins ({} to either side), {} is asked how sure it is of its answer, by {}: sure is the lower \
             band, unsure the upper\n",
            probe.grey,
            probe.target.name(),
            probe.method.in_words()
        ));
    }
    out.push_str(&verified(policy));
    if !policy.tighter_ceilings().is_empty() {
        out.push_str("\ntighter ceilings\n");
        out.push_str(&tighter(policy));
    }
    out.push_str("\nwhat gives a label\n");
    out.push_str(&labels(policy));
    if !policy.allowed().is_empty() {
        out.push_str("\nwhat is not searched\n");
        out.push_str(&allowed(policy));
    }
    if !policy.alias.is_empty() {
        out.push_str("\nother names for models\n");
        out.push_str(&aliases(policy));
    }
    out
}

/// Which answers of the device are verified, and who is asked where they are not sure.
fn verified(policy: &Policy) -> String {
    let verifying = policy.routes.iter().filter_map(|route| Some((route, route.verify?)));
    let lines = verifying.filter_map(|(route, verify)| {
        let names = |beyond: bool| {
            let own = route.targets.iter().filter(|target| (target.zone() > Zone::Device) == beyond);
            own.map(|target| target.name()).collect::<Vec<_>>().join(", ")
        };
        let (home, further) = (names(false), names(true));
        let line = format!(
            "\nby route {}, what {home} answers is verified\n  where {verify},\n  {further} is asked, as far as the label may \
             reach; not for streams, open loops of tools,\n  models asked for by name, whoever wishes for a quick answer, or where the \
             budget is spent\n",
            route.name
        );
        (!home.is_empty() && !further.is_empty()).then_some(line)
    });
    lines.collect()
}

/// What happens to one label in one band.
#[derive(Clone, PartialEq)]
struct Row {
    label: Label,
    band: Band,
    end: End,
}

#[derive(Clone, PartialEq)]
struct End {
    ceiling: Zone,
    route: String,
    targets: Vec<String>,
    effort: &'static str,
}

fn rows(policy: &Policy, case: &Case) -> Vec<Row> {
    let labels = policy.labels().all().filter(|label| *label >= policy.unlabelled());
    let cases = labels.flat_map(|label| Band::ALL.map(|band| Case { raise: label, band, ..case.clone() }));
    cases.filter_map(|case| row(policy, &case)).collect()
}

/// None where the case has a higher label than the one that it was raised to.
fn row(policy: &Policy, case: &Case) -> Option<Row> {
    let outcome = case.outcome(policy);
    let targets = match &outcome.targets {
        Ok(targets) => targets.iter().map(|target| target.name().to_owned()).collect(),
        Err(refusal) => vec![format!("refused: {}", refusal.code())],
    };
    let end = End {
        ceiling: outcome.ceiling,
        route: outcome.route.unwrap_or_else(|| "-".to_owned()),
        targets,
        effort: outcome.effort.map_or("-", |effort| effort.as_str()),
    };
    (outcome.label == case.raise).then_some(Row { label: case.raise, band: case.band, end })
}

/// Rows of one label that end alike are one, and so are labels whose rows are alike.
fn grouped(policy: &Policy, rows: &[Row]) -> Vec<(String, String, End)> {
    type Ends = Vec<(Vec<Band>, End)>;
    let mut by_label: Vec<(Vec<Label>, Ends)> = Vec::new();
    for label in policy.labels().all() {
        let mut ends: Ends = Vec::new();
        for row in rows.iter().filter(|row| row.label == label) {
            match ends.iter_mut().find(|(_, end)| *end == row.end) {
                Some((bands, _)) => bands.push(row.band),
                None => ends.push((vec![row.band], row.end.clone())),
            }
        }
        if ends.is_empty() {
            continue;
        }
        match by_label.last_mut().filter(|(_, last)| *last == ends) {
            Some((labels, _)) => labels.push(label),
            None => by_label.push((vec![label], ends)),
        }
    }
    let mut lines = Vec::new();
    for (labels, ends) in by_label {
        let names: Vec<_> = labels.iter().map(|label| policy.labels().name(*label)).collect();
        let mut names = names.join(", ");
        for (bands, end) in ends {
            let bands = if bands.len() == Band::ALL.len() {
                "any".to_owned()
            } else {
                bands.iter().map(|band| band.as_str()).collect::<Vec<_>>().join(", ")
            };
            lines.push((std::mem::take(&mut names), bands, end));
        }
    }
    lines
}

fn decisions(lines: &[(String, String, End)]) -> String {
    let mut layout = Layout::new(["label", "band", "may reach", "route", "effort", "targets, in order"]);
    for (labels, bands, end) in lines {
        let ceiling = end.ceiling.as_str().to_owned();
        let effort = end.effort.to_owned();
        layout.row([
            labels.clone(),
            bands.clone(),
            ceiling,
            end.route.clone(),
            effort,
            end.targets.join(", "),
        ]);
    }
    layout.to_string()
}

/// For each route that asks for more than label and band, and each tighter ceiling: a case with what it asks for.
fn circumstances(policy: &Policy) -> Vec<(String, Case)> {
    let mut found: Vec<(String, Case)> = Vec::new();
    let routes = policy.routes.iter().map(|route| &route.when);
    for when in policy.tighter_ceilings().iter().map(|tighter| &tighter.when).chain(routes) {
        let mut case = Case::default();
        let mut words = Vec::new();
        for clause in when.clauses() {
            if clause.iter().any(|literal| case.holds(&literal.atom, None) == literal.holds) {
                continue;
            }
            let Some(first) = clause.iter().find(|literal| literal.holds) else { continue };
            if apply(&first.atom, &mut case) {
                words.push(clause_in_words(policy, clause));
            }
        }
        if !words.is_empty() && found.iter().all(|(_, known)| *known != case) {
            found.push((words.join(" and "), case));
        }
    }
    found
}

/// Makes a predicate hold; says no for label and band, which the rows vary.
fn apply(atom: &Atom, case: &mut Case) -> bool {
    match atom {
        Atom::Label(_) | Atom::LabelMin(_) | Atom::Band(_) => return false,
        Atom::Finding { kind, count, confidence } => find(case, *kind, *count, *confidence),
        Atom::Near(near) => {
            near.kinds.iter().for_each(|(kind, least)| find(case, *kind, 1, *least));
            case.near.insert(near.clone());
        }
        Atom::Opaque(kind) => {
            case.opaque.insert(*kind);
        }
        Atom::Tenant(tenant) => case.tenant = Some(tenant.clone()),
        Atom::Workflow(workflow) => case.workflow = Some(workflow.clone()),
        Atom::Model(model) => case.model.clone_from(model),
        Atom::Code => case.code = true,
        Atom::Dialect(dialect) => case.dialect = *dialect,
        Atom::Budget(budget) => case.budget = *budget,
        Atom::Health(target, Health::Down) => {
            case.down.insert(target.clone());
        }
        Atom::Health(_, Health::Up) => {}
    }
    true
}

fn find(case: &mut Case, kind: KindId, count: u32, least: Confidence) {
    let known = case.counts.entry(kind).or_insert(0);
    *known = (*known).max(count);
    if least > Confidence::ANY {
        let sure = case.sure.entry((kind, least)).or_insert(0);
        *sure = (*sure).max(count);
    }
}

/// Who may reach less than their labels may.
fn tighter(policy: &Policy) -> String {
    let mut layout = Layout::new(["label", "may reach", "for"]);
    for tighter in policy.tighter_ceilings() {
        let whom = condition_in_words(policy, &tighter.when);
        for label in policy.labels().all() {
            if let Some(zone) = tighter.zone(label) {
                let zone = zone.min(policy.outermost()).as_str().to_owned();
                layout.row([policy.labels().name(label).to_owned(), zone, whom.clone()]);
            }
        }
    }
    layout.to_string()
}

/// What is not searched.
fn allowed(policy: &Policy) -> String {
    let mut layout = Layout::new(["text", "where"]);
    for name in policy.allowed() {
        let place = "a whole string of a system or developer message, known by its SHA-256".to_owned();
        layout.row([name.clone(), place]);
    }
    layout.to_string()
}

fn labels(policy: &Policy) -> String {
    let mut layout = Layout::new(["label", "by", "when"]);
    for label in policy.labels().all().rev() {
        let name = policy.labels().name(label).to_owned();
        for rule in policy.rules.iter().filter(|rule| rule.label == label) {
            let when = condition_in_words(policy, &rule.when);
            layout.row([name.clone(), format!("rule {}", rule.name), when]);
        }
        let opaque = OpaqueKind::ALL.into_iter().filter(|kind| policy.opaque_label(*kind) == label);
        let opaque: Vec<_> = opaque.map(OpaqueKind::as_str).collect();
        if !opaque.is_empty() {
            layout.row([name.clone(), "what cannot be read".to_owned(), opaque.join(", ")]);
        }
        if policy.unlabelled == label {
            layout.row([name, "nothing else".to_owned(), "always".to_owned()]);
        }
    }
    layout.to_string()
}

fn aliases(policy: &Policy) -> String {
    // Of `*`, after the names that stand for something themselves.
    let by_name: BTreeMap<_, _> =
        policy.alias.iter().map(|(name, asked)| ((name == "*", name), asked)).collect();
    let mut layout = Layout::new(["asked for", "tried first"]);
    for ((any, name), asked) in by_name {
        let meant = match asked {
            Asked::Auto => "as the routes say".to_owned(),
            Asked::Targets(targets) => {
                targets.iter().map(|target| target.name()).collect::<Vec<_>>().join(", ")
            }
        };
        layout.row([if any { "any other name".to_owned() } else { name.clone() }, meant]);
    }
    layout.to_string()
}

/// A condition, for a person.
pub(crate) fn condition_in_words(policy: &Policy, condition: &Condition) -> String {
    let clauses: Vec<_> = condition.clauses().iter().map(|clause| clause_in_words(policy, clause)).collect();
    if clauses.is_empty() { "always".to_owned() } else { clauses.join(" and ") }
}

fn clause_in_words(policy: &Policy, clause: &[super::Literal]) -> String {
    let words = clause.iter().map(|literal| {
        let words = atom_in_words(policy, &literal.atom);
        if literal.holds { words } else { format!("no {words}") }
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn atom_in_words(policy: &Policy, atom: &Atom) -> String {
    match atom {
        Atom::Finding { kind, count: 1, confidence } => finding_in_words(policy, *kind, *confidence),
        Atom::Finding { kind, count, confidence } => {
            format!("{count} {}", finding_in_words(policy, *kind, *confidence))
        }
        Atom::Near(near) => near_in_words(policy, near),
        Atom::Opaque(kind) => format!("opaque:{}", kind.as_str()),
        Atom::Label(label) => format!("label {}", policy.labels().name(*label)),
        Atom::LabelMin(label) => format!("label {} or above", policy.labels().name(*label)),
        Atom::Band(band) => format!("band {}", band.as_str()),
        Atom::Code => "code".to_owned(),
        Atom::Tenant(tenant) => format!("tenant {tenant}"),
        Atom::Workflow(workflow) => format!("workflow {workflow}"),
        Atom::Model(model) => format!("model {model}"),
        Atom::Dialect(dialect) => format!("dialect {}", dialect.as_str()),
        Atom::Budget(BudgetState::Ample) => "budget left".to_owned(),
        Atom::Budget(state) => format!("budget {}", state.as_str()),
        Atom::Health(target, health) => format!("{target} {}", health.as_str()),
    }
}
