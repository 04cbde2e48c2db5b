//! A text turned round, and a text in rot13.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::mapped::Mapped;
use super::runs;

/// Frequent words that a text must hold in disguise before it is read so.
pub(super) const WORDS_MIN: u32 = 2;

/// Up to this length a text is read so in any case, for what proves itself.
const ALWAYS_MAX: usize = 4 * 1024;

/// Frequent words backwards, and the ends of addresses, of English, German, French, Spanish, Portuguese, Italian,
/// Dutch, Polish and Turkish; none is a word of any of these languages.
pub(in crate::inspect) const REVERSED: [&str; 92] = [
    "eht", "ym", "siht", "htiw", "rof", "eman", "tneitap", "drowssap", "liame", "sserdda", "rebmun", "drac",
    "moc", "gro", "morf", "uoy", "evah", "ruoy", "esaelp", "tnuocca", "taht", "tahw", "tuoba", "etirw",
    "ekam", "eerht", "dnu", "hci", "thcin", "ettib", "hcan", "renie", "niem", "eniem", "nenie", "iewz",
    "ierd", "iebad", "rebah", "ruop", "snad", "tnemmoc", "iouq", "xued", "erttel", "siuped", "zehc", "ceva",
    "siort", "arap", "omoc", "oreiuq", "ognet", "atrac", "edsed", "erbmon", "erdam", "olpmeje", "ertne",
    "ahnim", "evercse", "oreuq", "emon", "ovon", "alled", "emoc", "asoc", "ehcrep", "arettel", "onos",
    "otseuq", "njim", "roov", "tein", "tfeeh", "njiz", "revo", "raah", "rednoz", "neeg", "tsej", "zsipan",
    "ezsorp", "oget", "nlm", "ukor", "nici", "ralo", "karalo", "nuslo", "rivec", "royid",
];

/// Frequent words in rot13, of the same languages; none is a word itself.
pub(in crate::inspect) const ROTATED: [&str; 72] = [
    "gur", "naq", "sbe", "zl", "lbhe", "jvgu", "anzr", "cnffjbeq", "rznvy", "nqqerff", "ahzore", "pneq",
    "pbz", "cyrnfr", "cngvrag", "gung", "guvf", "sebz", "unir", "vf", "jung", "nobhg", "jevgr", "znxr",
    "haq", "qre", "qvr", "vpu", "qnf", "vfg", "avpug", "ovggr", "rvar", "rvare", "orv", "cbhe", "yrf", "rfg",
    "nirp", "qnaf", "pbzzrag", "qrhk", "yrgger", "cnen", "pbzb", "dhvreb", "gratb", "pnegn", "qrfqr",
    "abzoer", "zvaun", "fbh", "rfperir", "dhreb", "hzn", "qryyn", "pbfn", "crepur", "fbab", "zvwa", "ibbe",
    "avrg", "urrsg", "zbrg", "wrfg", "ancvfm", "cebfmr", "avr", "qyn", "vpva", "byna", "qvyrxpr",
];

/// What stands in texts of other scripts that are turned round, and in no other: frequent words backwards, and
/// letters at the beginning of a word that can only end one.
const BEYOND_ASCII: [&str; 72] = [
    // Russian
    " отч ",
    " отэ ",
    " ялд ",
    " ишипан",
    " умечоп",
    " онжом",
    " ыботч ",
    " яанм",
    " меч ",
    " икслор",
    // Arabic
    " يف ",
    " ىلع ",
    " ىلإ ",
    " اذه ",
    " ة",
    " ى",
    // Hindi
    " ा",
    " ी",
    " े",
    " ो",
    " ि",
    " ं",
    " ै",
    " ु",
    " ू",
    " ्",
    // Korean
    "요세주",
    "다니습",
    "다니합",
    "다니입",
    "다니됩",
    "줘해",
    "줘써",
    " 서에",
    " 를",
    " 는",
    // Japanese
    "いさだく",
    "たしま",
    "すまし",
    "すまり",
    "すまき",
    "んせま",
    "とこる",
    "うよし",
    "すでの",
    "すでん",
    // Chinese
    "么什",
    "么怎",
    "样怎",
    "么这",
    "个一",
    "个这",
    "个那",
    "们我",
    "们他",
    "以可",
    "为因",
    "道知",
    "候时",
    "题问",
    "司公",
    "生医",
    "院医",
    "话电",
    "师老",
    "请申",
    "麼什",
    "們我",
    "個一",
    "個這",
    "話電",
    "吗以",
];

static TURNED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(BEYOND_ASCII).ok());

/// Signs, beside its words of Latin letters, that a text is turned round.
pub(super) fn signs(text: &str) -> u32 {
    // A sentence ends with its mark.
    let opening = u32::from(text.starts_with(['?', '!', '。', '！', '？', '।', '؟']));
    if !other_script(text) {
        return opening;
    }
    let found = |words: &AhoCorasick| words.find_iter(text).take(WORDS_MIN as usize).count();
    opening + TURNED.as_ref().map_or(0, found).try_into().unwrap_or(WORDS_MIN)
}

/// Whether there are letters in a text that are not Latin: Greek's and Cyrillic's neighbours up to Hangul, without
/// the marks and symbols that stand in Latin texts too.
pub(super) fn other_script(text: &str) -> bool {
    runs::any_byte(text.as_bytes(), |byte| matches!(byte, 0xD0..=0xE1 | 0xE3..=0xED))
}

/// What in a text could prove itself when it is read otherwise, where the text is short enough to try.
#[derive(Clone, Copy, Default)]
pub(super) struct Worth {
    /// From its end.
    pub(super) turned: bool,
    /// By rot13, which leaves digits as they are: it takes letters beside them.
    pub(super) rotated: bool,
}

/// Begins and ends the lines around a private key.
static ARMOUR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("---"));

/// What is worth reading otherwise.
pub(super) fn worth(text: &str) -> Worth {
    const DIGITS_MIN: u32 = 7;
    const WORD_MIN: u32 = 16;
    if text.len() > ALWAYS_MAX {
        return Worth::default();
    }
    let bytes = text.as_bytes();
    let crowded = runs::crowded(bytes, DIGITS_MIN);
    let (mut beside, mut long) = (false, ARMOUR.find(bytes).is_some());
    let classes = |bytes| [runs::letters(bytes), runs::digits(bytes)];
    runs::each_block(bytes, classes, |base, [letters, digits]| {
        beside |= runs::within((letters & (digits >> 1)) | (digits & (letters >> 1))) != 0;
        let mut words = if long { 0 } else { runs::within(runs::long(letters | digits, WORD_MIN)) };
        while words != 0 {
            let start = base + words.trailing_zeros() as usize;
            words &= words - 1;
            let word = bytes.get(start..start + WORD_MIN as usize).unwrap_or_default();
            let any = |fits: fn(&u8) -> bool| word.iter().any(fits);
            long |= any(u8::is_ascii_digit) || any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
        }
    });
    Worth {
        turned: long || crowded || memchr::memchr(b'@', bytes).is_some(),
        rotated: long || crowded && beside,
    }
}

/// The text with its numbers turned round where they stand, so that what is said of them still stands before them;
/// none where there is none.
pub(super) fn numbers(text: &str) -> Option<Mapped> {
    const DIGITS_MIN: usize = 7;
    let bytes = text.as_bytes();
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut view: Option<Mapped> = None;
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        if !is_part(bytes.get(at)) {
            at += 1;
            continue;
        }
        let (start, mut end, mut digits) = (at, at, 0);
        // Groups that have a digit, with one mark between.
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let group = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let of_group = rest.iter().take(group).filter(|byte| byte.is_ascii_digit()).count();
            at += group;
            if of_group == 0 {
                break;
            }
            digits += of_group;
            end = at;
            let parted = matches!(bytes.get(at), Some(b' ' | b'-' | b'.' | b'/'));
            if !parted || !is_part(bytes.get(at + 1)) {
                break;
            }
            at += 1;
        }
        // What begins like a number of a telephone stands the right way round.
        let forward = bytes.get(start.wrapping_sub(1)) == Some(&b'+');
        if digits >= DIGITS_MIN && !forward {
            end += usize::from(bytes.get(end) == Some(&b'+'));
            let view = view.get_or_insert_with(|| Mapped::with_capacity(text.len()));
            view.copy(text.get(copied..start).unwrap_or_default(), copied);
            view.turn(text.get(start..end).unwrap_or_default(), start);
            copied = end;
            at = at.max(end);
        }
    }
    let mut view = view?;
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// The text from its last character to its first.
pub(super) fn reversed(text: &str) -> Mapped {
    let mut view = Mapped::with_capacity(text.len());
    view.turn(text, 0);
    view
}

/// Says that what follows is shown from right to left, character by character.
const OVERRIDE: char = '\u{202E}';

/// What ends an override, beside the end of its line.
const ENDS: [char; 6] = ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\n'];

/// The text with each stretch under an override as it is shown; none where there is none.
pub(super) fn overridden(text: &str) -> Option<Mapped> {
    let mut next = text.find(OVERRIDE)?;
    let mut view = Mapped::with_capacity(text.len());
    let mut copied = 0;
    loop {
        let from = next + OVERRIDE.len_utf8();
        let rest = text.get(from..).unwrap_or_default();
        let to = from + rest.find(ENDS).unwrap_or(rest.len());
        view.copy(text.get(copied..next).unwrap_or_default(), copied);
        view.turn(text.get(from..to).unwrap_or_default(), from);
        copied = to;
        let rest = text.get(to..).unwrap_or_default();
        let Some(further) = rest.find(OVERRIDE) else { break };
        next = to + further;
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// The text with its ASCII letters turned by thirteen places.
pub(super) fn rotated(text: &str) -> Mapped {
    let turn = |byte: u8| match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        _ => byte,
    };
    let mut view = Mapped::default();
    // Only ASCII changes, and to ASCII.
    view.copy(&String::from_utf8(text.bytes().map(turn).collect()).unwrap_or_default(), 0);
    view
}
