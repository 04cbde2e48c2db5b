//! What `calibrate --json` prints: one object, whose shape `docs/calibration.md` tells. Members are added, never changed.

use serde_json::{Map, Value, json};

use super::ask::Asked;
use super::{Arguments, Wanted};
use crate::calibrate::curve::{Chosen, Curve, Point};
use crate::calibrate::isotonic::Pool;
use crate::calibrate::left_out::LeftOut;

/// A choice of thresholds, and what it was chosen from.
pub(super) struct Told<'a> {
    pub wanted: &'a Wanted,
    pub curve: &'a Curve,
    pub chosen: Chosen,
    pub point: &'a Point,
    pub left_out: Option<LeftOut>,
    pub section: &'a str,
}

impl Told<'_> {
    pub(super) fn to_json(&self, arguments: &Arguments, prompts: usize, asked: Option<&Asked>) -> Value {
        let Wanted { option, value, requests, .. } = *self.wanted;
        let mut target =
            Map::from_iter([("option".to_owned(), json!(option)), ("value".to_owned(), json!(value))]);
        target.extend(requests.map(|count| ("requests_per_month".to_owned(), json!(count))));
        let curve: Vec<_> = self.curve.points.iter().map(|point| self.point(point)).collect();
        json!({
            "prompts": prompts,
            "target": target,
            "met": self.chosen.met,
            "chosen": self.point(self.point),
            "left_out": self.left_out.map(left_out),
            "resamples": arguments.resamples,
            "seed": arguments.seed,
            "all_local_quality": rounded(self.curve.local),
            "all_cloud_quality": rounded(self.curve.cloud),
            "curve": curve,
            "section": self.section,
            "asked": asked.map(Asked::to_json),
        })
    }

    fn point(&self, point: &Point) -> Value {
        let (low, high) = self.curve.quality_within(point);
        json!({
            "moderate": decimal(point.moderate),
            "hard": decimal(point.hard),
            "cloud_share": rounded(point.share),
            "quality": rounded(point.quality),
            "quality_interval95": [rounded(low), rounded(high)],
            "recovered": point.recovered.map(rounded),
            "usd_per_thousand": point.cost_usd.map(rounded),
        })
    }
}

fn left_out(told: LeftOut) -> Value {
    json!({
        "draws": told.draws,
        "hard_interval95": told.hard.map(|(low, high)| [rounded(low), rounded(high)]),
        "cloud_share": rounded(told.share),
        "quality": rounded(told.quality),
        "all_cloud_quality": rounded(told.cloud),
        "met": rounded(told.met),
    })
}

/// How often a model fails, and how sure that is.
pub(super) fn table(
    model: &str,
    prompts: usize,
    pools: &[Pool],
    section: &str,
    asked: Option<&Asked>,
) -> Value {
    let points: Vec<_> = pools.iter().map(|pool| [decimal(pool.score), decimal(pool.chance)]).collect();
    let pool = |pool: &Pool| {
        let (low, high) = pool.within;
        json!({
            "from": decimal(pool.from),
            "to": decimal(pool.to),
            "score": decimal(pool.score),
            "prompts": rounded(pool.prompts),
            "failed": rounded(pool.failed),
            "chance": decimal(pool.chance),
            "interval95": [rounded(low), rounded(high)],
        })
    };
    json!({
        "prompts": prompts,
        "model": model,
        "calibration": points,
        "pools": pools.iter().map(pool).collect::<Vec<_>>(),
        "section": section,
        "asked": asked.map(Asked::to_json),
    })
}

fn rounded(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    // No minus before a nought.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// As its decimals say it, not as the nearest longer number does.
fn decimal(value: f32) -> Option<f64> {
    value.to_string().parse().ok()
}
