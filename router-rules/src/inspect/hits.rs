//! What the patterns find in one view of one text, before it is put back in its place.

use super::{BUILTIN_KINDS, KindId};

/// A stretch of a view.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Hit {
    pub(super) kind: KindId,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) confidence: f32,
}

/// Hits, no more than there is room for.
#[derive(Default)]
pub(super) struct Hits {
    found: Vec<Hit>,
    room: usize,
    full: bool,
    /// Bytes that a site's own patterns may still read.
    allowance: usize,
    /// Bytes that they have read.
    spent: usize,
}

impl Hits {
    pub(super) fn with_room(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    pub(super) fn push(&mut self, kind: KindId, start: usize, end: usize, confidence: f32) {
        if self.found.len() < self.room {
            self.found.push(Hit { kind, start, end, confidence });
        } else {
            self.full = true;
        }
    }

    /// Whether one had to be left out.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Lets a site's own patterns read so many bytes, and begins to count them.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
        self.spent = 0;
    }

    /// Counts bytes that a site's own pattern reads; beyond what it may, nothing more is looked for.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(bytes);
        self.full |= self.spent > self.allowance;
    }

    /// Takes what has been read otherwise off what a site's own patterns may read.
    pub(super) fn narrow(&mut self, bytes: usize) {
        self.allowance = self.allowance.saturating_sub(bytes);
    }

    /// Bytes that a site's own patterns have read.
    pub(super) fn spent(&self) -> usize {
        self.spent
    }

    pub(super) fn take(&mut self) -> Vec<Hit> {
        std::mem::take(&mut self.found)
    }

    /// Changes or drops those that were added from the `from`th on.
    pub(super) fn revise(&mut self, from: usize, keep: impl Fn(&mut Hit) -> bool) {
        let mut added = self.found.split_off(from.min(self.found.len()));
        added.retain_mut(|hit| keep(hit));
        self.found.append(&mut added);
    }

    /// Those that were added from the `from`th on.
    pub(super) fn since(&self, from: usize) -> &[Hit] {
        self.found.get(from..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }
}

macro_rules! builtin {
    ($($name:ident = $index:literal),* $(,)?) => {
        $(pub(super) const $name: KindId = KindId($index);)*
    };
}

builtin! {
    EMAIL = 0, PHONE = 1, CARD = 2, IBAN = 3, SSN = 4, IP = 5, PRIVATE_KEY = 6, API_KEY = 7, JWT = 8,
    PASSWORD = 9, PERSON = 10, HEALTH = 11, NATIONAL_ID = 12, HEALTH_ID = 13, BANK_ACCOUNT = 14, COMPANY_ID = 15,
    VEHICLE_ID = 16, DEVICE_ID = 17, SECRET = 18, INTERNAL_HOST = 19, BIRTH_DATE = 20, ADDRESS = 21, GEO = 22,
    WALLET = 23, SEED_PHRASE = 24, PRIVATE_HEALTH = 25, PRIVATE_HR = 26, PRIVATE_LEGAL = 27, PRIVATE_FINANCE = 28,
    PRIVATE_MINOR = 29, PRIVATE_CUSTOMER = 30, PRIVATE_CONTACT = 31, PRIVATE_PERSONAL = 32, PRIVATE_BUSINESS = 33,
    CARD_CODE = 34, CARD_TRACK = 35, SPECIAL_CATEGORY = 36, CRIMINAL_RECORD = 37, PRIVILEGED = 38, SOURCE_HEADER = 39,
}

/// A name by itself: no finding, and no kind of any policy.
pub(super) const NAMED: KindId = KindId(u16::MAX);

/// The product's own kinds that a policy asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted(u64);

impl Wanted {
    pub(super) fn new(names: &std::collections::BTreeSet<String>) -> Self {
        let bits = BUILTIN_KINDS.iter().zip(0..).filter(|(name, _)| names.contains(**name));
        Self(bits.fold(0, |mask, (_, bit)| mask | 1 << bit))
    }

    pub(super) fn has(self, kind: KindId) -> bool {
        self.0.checked_shr(u32::from(kind.0)).is_some_and(|mask| mask & 1 == 1)
    }

    pub(super) fn none(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::Kinds;

    #[test]
    fn the_constants_name_the_kinds_of_their_rank() {
        let kinds = Kinds::builtin();
        let named = |name| kinds.named(name).unwrap();
        assert_eq!([EMAIL, PHONE, CARD, IBAN], ["email", "phone", "card", "iban"].map(named));
        assert_eq!([SSN, IP, PRIVATE_KEY, API_KEY], ["us-ssn", "ip", "private-key", "api-key"].map(named));
        assert_eq!([JWT, PASSWORD, PERSON, HEALTH], ["jwt", "password", "person", "health"].map(named));
        let numbers = [NATIONAL_ID, HEALTH_ID, BANK_ACCOUNT, COMPANY_ID, VEHICLE_ID, DEVICE_ID];
        let names = ["national-id", "health-id", "bank-account", "company-id", "vehicle-id", "device-id"];
        assert_eq!(numbers, names.map(named));
        assert_eq!([SECRET, INTERNAL_HOST, BIRTH_DATE], ["secret", "internal-host", "birth-date"].map(named));
        assert_eq!([ADDRESS, GEO, WALLET], ["address", "geo", "wallet"].map(named));
        assert_eq!(
            [SEED_PHRASE, PRIVATE_HEALTH, PRIVATE_BUSINESS],
            ["seed-phrase", "private-health", "private-business"].map(named)
        );
        assert_eq!(
            [CARD_CODE, CARD_TRACK, SPECIAL_CATEGORY, CRIMINAL_RECORD, PRIVILEGED, SOURCE_HEADER],
            ["card-code", "card-track", "special-category", "criminal-record", "privileged", "source-header"]
                .map(named)
        );
    }
}
