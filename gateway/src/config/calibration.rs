//! How often models of this process fail, by how hard the demand is: what the catalogue knows, and above it what the site
//! says under its `[[model]]`.

use std::sync::Arc;

use hearthgate_rules::difficulty::Calibration;

use super::check::Check;
use super::error::ConfigError;
use super::file::ModelFile;
use super::{Calibrated, Model, ModelSource};
use crate::hub::catalogue;

/// The tables that are known, in the order of the models.
///
/// # Errors
/// When one under a `[[model]]` is none, or stands under a model that answers no chats.
pub fn calibrations(
    check: &Check<'_>,
    raw: &[ModelFile],
    models: &[Model],
) -> Result<Vec<Calibrated>, ConfigError> {
    let mut known = Vec::new();
    for (index, (raw, model)) in raw.iter().zip(models).enumerate() {
        let key = format!("model[{index}].calibration");
        let target = format!("device/{}", model.name);
        match &raw.calibration {
            Some(_) if model.embeddings => {
                return check
                    .fault(&key, "a model that embeds texts answers nothing hard; leave the key out");
            }
            // The site wants the score to count, whatever the catalogue knows.
            Some(points) if points.is_empty() => {}
            Some(points) => {
                let points = points.iter().map(|[score, chance]| (single(*score), single(*chance))).collect();
                let table = Calibration::new(points).or_else(|error| check.fault(&key, error.to_string()))?;
                known.push(Calibrated { target, calibration: Arc::new(table), source: None });
            }
            None => known.extend(of_catalogue(model).map(|(calibration, source)| Calibrated {
                target,
                calibration,
                source: Some(source),
            })),
        }
    }
    Ok(known)
}

/// What the catalogue knows of the very file that the model is of.
fn of_catalogue(model: &Model) -> Option<(Arc<Calibration>, String)> {
    let ModelSource::Hub(source) = &model.source else { return None };
    let measured = catalogue::find(&source.to_string())?.calibration.as_ref()?;
    Some((Arc::new(measured.table().ok()?), measured.source.clone()))
}

/// Scores are told in single precision.
#[expect(clippy::cast_possible_truncation, reason = "a score has no more digits than that")]
fn single(number: f64) -> f32 {
    number as f32
}
