//! How numbers are made, from the rules of their registers.

/// Digits that look drawn at random and are the same each time (Knuth's MMIX generator).
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn digits(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.below(10) as u32).collect()
    }

    fn from(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    fn letter(&mut self, of: &str) -> char {
        char::from(of.as_bytes()[self.below(of.len() as u64) as usize])
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

pub struct Maker {
    pub name: &'static str,
    pub kind: &'static str,
    pub make: fn(&mut Rng) -> String,
    /// Written forms that need a word.
    pub masks: &'static [&'static str],
    /// Written forms that need none.
    pub alone: &'static [&'static str],
    pub sentences: &'static [&'static str],
    /// Whether its last digit follows from the others.
    pub checked: bool,
}

fn text(digits: &[u32]) -> String {
    digits.iter().map(ToString::to_string).collect()
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|char| char.to_digit(10)).collect()
}

fn sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn cross(number: u32) -> u32 {
    number / 10 + number % 10
}

/// Luhn's check digit of a body.
fn luhn(body: &[u32]) -> u32 {
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { cross(digit * 2) } else { *digit })
        .sum();
    (10 - sum % 10) % 10
}

fn with_luhn(head: &str, rng: &mut Rng, count: usize) -> String {
    let mut body = digits(head);
    body.extend(rng.digits(count));
    let check = luhn(&body);
    format!("{}{check}", text(&body))
}

/// The first body whose check can be one digit.
fn until(rng: &mut Rng, make: impl Fn(&mut Rng) -> Option<String>) -> String {
    loop {
        if let Some(number) = make(rng) {
            return number;
        }
    }
}

/// A body with a check digit; none where it would be ten.
fn checked(body: &[u32], check: u32) -> Option<String> {
    (check < 10).then(|| format!("{}{check}", text(body)))
}

fn nhs(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let mut body = vec![4];
        body.extend(rng.digits(8));
        checked(&body, (11 - sum(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11)
    })
}

fn nino(rng: &mut Rng) -> String {
    format!(
        "{}{}{:06}{}",
        rng.letter("ABCEGHJ"),
        rng.letter("ACEHLMPRSWX"),
        203_000 + rng.below(700_000),
        rng.letter("ABCD")
    )
}

fn steuer_id(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let mut order: Vec<u32> = (0..10).collect();
        for at in (1..10).rev() {
            order.swap(at, rng.below(at as u64 + 1) as usize);
        }
        // One digit is missing and another stands twice.
        order[9] = order[rng.below(8) as usize];
        let mut product = 10;
        for digit in &order {
            let rest = (digit + product) % 10;
            product = if rest == 0 { 10 } else { rest } * 2 % 11;
        }
        (order[0] != 0).then(|| format!("{}{}", text(&order), (11 - product) % 10))
    })
}

fn date(rng: &mut Rng) -> (u64, u64, u64) {
    (rng.from(1, 28), rng.from(1, 12), rng.from(40, 99))
}

fn rentenversicherung(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    let letter = rng.letter("ABCDEFGHKLMNRSTW");
    let head = format!("{:02}{day:02}{month:02}{year:02}", rng.from(10, 80));
    let serial = format!("{:02}", rng.below(90));
    let all = digits(&format!("{head}{:02}{serial}", u32::from(letter) - 64));
    let check: u32 = all
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| cross(digit * weight))
        .sum();
    format!("{head}{letter}{serial}{}", check % 10)
}

fn krankenversicherung(rng: &mut Rng) -> String {
    let letter = rng.letter("BDEFGHKLMNRSTW");
    let body = text(&rng.digits(8));
    let all = digits(&format!("{:02}{body}", u32::from(letter) - 64));
    let check: u32 = all.iter().enumerate().map(|(at, digit)| cross(digit * (1 + at as u32 % 2))).sum();
    format!("{letter}{body}{}", check % 10)
}

fn svnr(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let (day, month, year) = date(rng);
        let serial = rng.from(101, 989);
        let date = format!("{day:02}{month:02}{year:02}");
        let check =
            (sum(&digits(&serial.to_string()), &[3, 7, 9]) + sum(&digits(&date), &[5, 8, 4, 2, 1, 6])) % 11;
        (check < 10).then(|| format!("{serial}{check}{date}"))
    })
}

fn ahv(rng: &mut Rng) -> String {
    let mut body = digits("756");
    body.extend(rng.digits(9));
    let odd = sum(&body, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    format!("{}{}", text(&body), (10 - odd % 10) % 10)
}

fn nir(rng: &mut Rng) -> String {
    let (_, month, year) = date(rng);
    let body = format!(
        "{}{year:02}{month:02}{:02}{:03}{:03}",
        rng.from(1, 2),
        rng.from(21, 95),
        rng.from(1, 500),
        rng.from(1, 900)
    );
    format!("{body}{:02}", 97 - body.parse::<u64>().unwrap() % 97)
}

fn nir_corsica(rng: &mut Rng) -> String {
    let (_, month, year) = date(rng);
    let sex = rng.from(1, 2);
    let rest = format!("{:03}{:03}", rng.from(1, 360), rng.from(1, 900));
    let as_number: u64 = format!("{sex}{year:02}{month:02}19{rest}").parse().unwrap();
    format!("{sex}{year:02}{month:02}2A{rest}{:02}", 97 - as_number % 97)
}

fn belgian(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    let body = format!("{year:02}{month:02}{day:02}{:03}", rng.from(1, 997));
    format!("{body}{:02}", 97 - body.parse::<u64>().unwrap() % 97)
}

fn bsn(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let mut body = vec![rng.from(1, 7) as u32];
        body.extend(rng.digits(7));
        checked(&body, sum(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11)
    })
}

const DNI: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni(rng: &mut Rng) -> String {
    let number = rng.from(30_000_000, 79_999_999);
    format!("{number}{}", char::from(DNI[(number % 23) as usize]))
}

fn nie(rng: &mut Rng) -> String {
    let (first, number) = (rng.below(3), rng.below(10_000_000));
    let letter = char::from(DNI[((first * 10_000_000 + number) % 23) as usize]);
    format!("{}{number:07}{letter}", ["X", "Y", "Z"][first as usize])
}

fn codice_fiscale(rng: &mut Rng) -> String {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
        14, 16, 10, 22, 25, 24, 23,
    ];
    let (day, _, year) = date(rng);
    let body = format!(
        "{}{}{year:02}{}{:02}{}{:03}",
        rng.one_of(&["RSS", "BNC", "VRD", "MRN"]),
        rng.one_of(&["MRA", "LCU", "NNA", "PLA"]),
        rng.letter("ABCDEHLMPRST"),
        day + 40 * rng.below(2),
        rng.letter("ABDFHL"),
        rng.from(100, 900)
    );
    let sum: u32 = body
        .chars()
        .enumerate()
        .map(|(at, char)| {
            let value = char.to_digit(36).unwrap();
            // Digits and letters count alike from zero in even places.
            if at % 2 == 0 {
                ODD[value as usize]
            } else if value > 9 {
                value - 10
            } else {
                value
            }
        })
        .sum();
    format!("{body}{}", char::from(b'A' + (sum % 26) as u8))
}

fn pesel(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    let body = format!("{year:02}{month:02}{day:02}{:04}", rng.below(10_000));
    let check = sum(&digits(&body), &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    format!("{body}{}", (10 - check % 10) % 10)
}

fn nip(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let mut body = digits("52");
        body.extend(rng.digits(7));
        checked(&body, sum(&body, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11)
    })
}

fn regon(rng: &mut Rng) -> String {
    let body = rng.digits(8);
    let check = sum(&body, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10;
    format!("{}{check}", text(&body))
}

fn portuguese(rng: &mut Rng) -> String {
    let mut body = digits("2");
    body.extend(rng.digits(7));
    let rest = sum(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    format!("{}{}", text(&body), if rest < 2 { 0 } else { 11 - rest })
}

fn cpf(rng: &mut Rng) -> String {
    let mut body = rng.digits(9);
    for first in [10, 11] {
        let weights: Vec<u32> = (2..=first).rev().collect();
        let rest = sum(&body, &weights) % 11;
        body.push(if rest < 2 { 0 } else { 11 - rest });
    }
    text(&body)
}

fn cnpj(rng: &mut Rng) -> String {
    let mut body = rng.digits(8);
    body.extend([0, 0, 0, 1]);
    for weights in [&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2][..], &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]] {
        let rest = sum(&body, weights) % 11;
        body.push(if rest < 2 { 0 } else { 11 - rest });
    }
    text(&body)
}

/// Verhoeff's check, by its tables.
fn aadhaar(rng: &mut Rng) -> String {
    const D: [&str; 10] = [
        "0123456789",
        "1234067895",
        "2340178956",
        "3401289567",
        "4012395678",
        "5987604321",
        "6598710432",
        "7659821043",
        "8765932104",
        "9876543210",
    ];
    const P: [&str; 8] = [
        "0123456789",
        "1576283094",
        "5803796142",
        "8916043527",
        "9453126870",
        "4286573901",
        "2793806415",
        "7046913258",
    ];
    let cell = |table: &[&str], row: usize, column: usize| (table[row].as_bytes()[column] - b'0') as usize;
    let mut body = vec![rng.from(3, 9) as u32];
    body.extend(rng.digits(10));
    // Groups that could be years are told by their words alone.
    for at in [0, 4, 8] {
        body[at] = if body[at] < 3 { 7 } else { body[at] };
    }
    let check = body
        .iter()
        .rev()
        .enumerate()
        .fold(0, |check, (at, digit)| cell(&D, check, cell(&P, (at + 1) % 8, *digit as usize)));
    let inverse = (0..10).find(|digit| cell(&D, check, *digit) == 0).unwrap();
    format!("{}{inverse}", text(&body))
}

fn pan(rng: &mut Rng) -> String {
    format!(
        "{}{}{}P{}{:04}{}",
        rng.letter("ABCD"),
        rng.letter("KLMN"),
        rng.letter("PQRS"),
        rng.letter("GKSV"),
        2071 + rng.below(7000),
        rng.letter("HJKL")
    )
}

fn chinese(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    let body = format!(
        "{}{:04}19{year}{month:02}{day:02}{:03}",
        rng.one_of(&["11", "31", "44", "51"]),
        rng.from(101, 999),
        rng.from(1, 999)
    );
    let rest = sum(&digits(&body), &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    format!("{body}{}", char::from(b"10X98765432"[rest as usize]))
}

fn my_number(rng: &mut Rng) -> String {
    let body = rng.digits(11);
    let rest = sum(&body, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    format!("{}{}", text(&body), if rest < 2 { 0 } else { 11 - rest })
}

fn korean(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    format!("{year}{month:02}{day:02}{}{:06}", rng.from(1, 2), 203_000 + rng.below(700_000))
}

fn kimlik(rng: &mut Rng) -> String {
    let mut body = vec![rng.from(1, 9) as u32];
    body.extend(rng.digits(8));
    let odd: u32 = body.iter().step_by(2).sum();
    let even: u32 = body.iter().skip(1).step_by(2).sum();
    body.push((odd * 7 + 100 - even) % 10);
    body.push(body.iter().sum::<u32>() % 10);
    text(&body)
}

fn tfn(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let body = rng.digits(8);
        // Ten times the last digit is minus it, mod 11.
        checked(&body, sum(&body, &[1, 4, 3, 7, 5, 8, 6, 9]) % 11)
    })
}

fn medicare(rng: &mut Rng) -> String {
    let mut body = vec![rng.from(2, 6) as u32];
    body.extend(rng.digits(7));
    let check = sum(&body, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10;
    format!("{}{check}1", text(&body))
}

fn personnummer(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    with_luhn(&format!("{year}{month:02}{day:02}"), rng, 3)
}

/// One that does not end like a time of day, which needs a word.
fn personnummer_alone(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    with_luhn(&format!("{year}{month:02}{day:02}{}", rng.from(3, 9)), rng, 2)
}

fn fodselsnummer(rng: &mut Rng) -> String {
    until(rng, |rng| {
        let (day, month, year) = date(rng);
        let body = digits(&format!("{day:02}{month:02}{year:02}{:03}", rng.below(500)));
        let first = (11 - sum(&body, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
        let body = digits(&checked(&body, first)?);
        checked(&body, (11 - sum(&body, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11)
    })
}

fn cpr(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    format!("{day:02}{month:02}{year:02}{:04}", rng.from(2500, 9999))
}

fn hetu(rng: &mut Rng) -> String {
    let (day, month, year) = date(rng);
    let (date, serial) = (format!("{day:02}{month:02}{year:02}"), rng.from(2, 899));
    let rest = format!("{date}{serial:03}").parse::<usize>().unwrap() % 31;
    format!("{date}{serial:03}{}", char::from(b"0123456789ABCDEFHJKLMNPRSTUVWXY"[rest]))
}

fn pps(rng: &mut Rng) -> String {
    let body = rng.digits(7);
    let rest = sum(&body, &[8, 7, 6, 5, 4, 3, 2]) % 23;
    format!("{}{}", text(&body), char::from(b"WABCDEFGHIJKLMNOPQRSTUV"[rest as usize]))
}

fn itin(rng: &mut Rng) -> String {
    format!("9{:02}{:02}{:04}", rng.below(100), rng.from(70, 88), rng.below(10_000))
}

fn npi(rng: &mut Rng) -> String {
    let number = with_luhn(&format!("80840{}", rng.from(1, 2)), rng, 8);
    number[5..].to_owned()
}

fn dea(rng: &mut Rng) -> String {
    let body = rng.digits(6);
    let check = body[0] + body[2] + body[4] + 2 * (body[1] + body[3] + body[5]);
    format!("{}{}{}{}", rng.letter("ABFM"), rng.letter("GHKW"), text(&body), check % 10)
}

fn routing(rng: &mut Rng) -> String {
    let mut body = digits(rng.one_of(&["01", "03", "12", "26", "32"]));
    body.extend(rng.digits(6));
    let check = (10 - sum(&body, &[3, 7, 1, 3, 7, 1, 3, 7]) % 10) % 10;
    format!("{}{check}", text(&body))
}

fn mbi(rng: &mut Rng) -> String {
    format!(
        "{}{}{}{}-TE7-MK{:02}",
        rng.from(1, 9),
        rng.letter("ACDEF"),
        rng.letter("0123ACDE"),
        rng.below(10),
        rng.below(100)
    )
    .replace('-', "")
}

/// The check at the ninth place (49 CFR 565.15).
fn vin(rng: &mut Rng) -> String {
    let body = format!(
        "{}{}{:06}",
        rng.one_of(&["1HGCM826", "5YJ3E1EA", "JH4KA765"]),
        rng.letter("ABCDEFGH").to_string() + "A",
        rng.below(1_000_000)
    );
    let value = |char: char| match char {
        'A' | 'J' => 1,
        'B' | 'K' | 'S' => 2,
        'C' | 'L' | 'T' => 3,
        'D' | 'M' | 'U' => 4,
        'E' | 'N' | 'V' => 5,
        'F' | 'W' => 6,
        'G' | 'P' | 'X' => 7,
        'H' | 'Y' => 8,
        'R' | 'Z' => 9,
        digit => digit.to_digit(10).unwrap(),
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let rest = body.chars().zip(weights).map(|(char, weight)| value(char) * weight).sum::<u32>() % 11;
    format!("{}{}{}", &body[..8], char::from(b"0123456789X"[rest as usize]), &body[8..])
}

macro_rules! makers {
    ($($name:literal $kind:literal $make:expr, $checked:literal, [$($mask:literal),*], [$($alone:literal),*], [$($sentence:literal),+ $(,)?];)*) => {
        pub const MAKERS: &[Maker] = &[$(Maker {
            name: $name, kind: $kind, make: $make, checked: $checked, masks: &[$($mask),*], alone: &[$($alone),*], sentences: &[$($sentence),+],
        }),*];
    };
}

makers! {
    "uk-nhs" "health-id" nhs, true, ["##########", "### ### ####", "###-###-####"], [],
        ["Her NHS number is {}.", "NHS No: {}", "{} is my NHS number", "Look up patient {} (NHS) please"];
    "uk-nino" "national-id" nino, false, [], ["#########", "## ## ## ## #", "## ###### #"],
        ["My National Insurance number is {}.", "NINO: {}"];
    "ie-pps" "national-id" pps, false, ["########"], [], ["Her PPS number is {}.", "PPSN: {}"];
    "de-steuer-id" "national-id" steuer_id, true, ["###########"], ["## ### ### ###"],
        ["Meine Steuer-ID lautet {}.", "Steueridentifikationsnummer: {}", "IdNr. {}", "{} ist meine Steuer-Identifikationsnummer"];
    "de-rentenversicherung" "national-id" rentenversicherung, true, [], ["############", "## ###### # ###"],
        ["Meine Rentenversicherungsnummer ist {}.", "SV-Nummer: {}"];
    "de-krankenversicherung" "health-id" krankenversicherung, true, ["##########"], [],
        ["Krankenversichertennummer {}", "Auf der Gesundheitskarte steht {}."];
    "at-svnr" "national-id" svnr, false, ["##########"], ["#### ######"], ["Meine Sozialversicherungsnummer ist {}.", "SVNR: {}"];
    "ch-ahv" "national-id" ahv, true, [], ["#############", "###.####.####.##", "### #### #### ##"],
        ["Meine AHV-Nummer ist {}.", "Numéro AVS : {}", "Numero AVS {}"];
    "fr-nir" "national-id" nir, true, ["############# ##"], ["###############", "# ## ## ## ### ### ##"],
        ["Mon numéro de sécurité sociale est le {}.", "NIR : {}", "n° de sécu {}"];
    "fr-nir-corsica" "national-id" nir_corsica, true, [], ["###############", "# ## ## ## ### ### ##"],
        ["Mon numéro de sécurité sociale est le {}."];
    "fr-siren" "company-id" |rng| with_luhn("5", rng, 7), true, ["#########", "### ### ###"], [], ["Notre SIREN est {}.", "SIREN : {}"];
    "be-national-number" "national-id" belgian, true, ["###########"], ["##.##.##-###.##"],
        ["Mijn rijksregisternummer is {}.", "Mon numéro de registre national est {}.", "INSZ {}"];
    "nl-bsn" "national-id" bsn, true, ["#########", "####.##.###"], [], ["Mijn BSN is {}.", "Burgerservicenummer: {}", "sofinummer {}"];
    "es-dni" "national-id" dni, false, ["######## #"], ["#########", "########-#", "##.###.###-#"], ["Mi DNI es {}.", "NIF: {}", "Documento nacional de identidad n.º {}"];
    "es-nie" "national-id" nie, false, [], ["#########", "#-#######-#"], ["Su NIE es {}.", "número de identidad de extranjero {}"];
    "it-codice-fiscale" "national-id" codice_fiscale, false, [], ["################", "### ### ##### #####"],
        ["Il mio codice fiscale è {}.", "C.F.: {}"];
    "it-partita-iva" "company-id" |rng| with_luhn("0", rng, 9), true, ["###########"], [], ["La nostra partita IVA è {}.", "P. IVA {}"];
    "pt-nif" "national-id" portuguese, true, ["#########", "### ### ###"], [], ["O meu NIF é {}.", "Número de contribuinte: {}"];
    "tr-kimlik" "national-id" kimlik, true, ["###########"], [], ["TC kimlik numaram {}.", "T.C. Kimlik No: {}", "TCKN {}"];
    "pl-pesel" "national-id" pesel, true, ["###########"], [], ["Mój PESEL to {}.", "Numer PESEL: {}"];
    "pl-nip" "company-id" nip, true, ["##########"], ["###-###-##-##"], ["Nasz NIP to {}.", "NIP: {}"];
    "pl-regon" "company-id" regon, true, ["#########"], [], ["REGON: {}"];
    "br-cpf" "national-id" cpf, true, ["###########"], ["###.###.###-##", "#########-##"], ["Meu CPF é {}.", "CPF nº {}"];
    "br-cnpj" "company-id" cnpj, true, ["##############"], ["##.###.###/####-##"], ["O CNPJ da empresa é {}."];
    "in-aadhaar" "national-id" aadhaar, true, ["############"], ["#### #### ####"], ["My Aadhaar number is {}.", "मेरा आधार नंबर {} है।"];
    "in-pan" "national-id" pan, false, [], ["##########"], ["My PAN is {}.", "मेरा पैन {} है"];
    "cn-resident-id" "national-id" chinese, false, ["###### ######## ####"], ["##################"],
        ["我的身份证号码是{}。", "身份证：{}", "My resident ID is {}."];
    "jp-my-number" "national-id" my_number, true, ["############", "#### #### ####", "####-####-####"], [],
        ["私のマイナンバーは{}です。", "個人番号：{}", "My Number: {}"];
    "kr-rrn" "national-id" korean, false, ["#############"], ["######-#######"], ["주민등록번호는 {}입니다.", "주민번호: {}"];
    "se-personnummer" "national-id" personnummer, true, ["##########", "######-####"], [], ["Mitt personnummer är {}.", "Personnr: {}"];
    "se-personnummer-alone" "national-id" personnummer_alone, true, [], ["######-####"], ["Mitt personnummer är {}."];
    "no-fodselsnummer" "national-id" fodselsnummer, true, ["###########"], ["###### #####"], ["Fødselsnummeret mitt er {}.", "Fnr: {}"];
    "dk-cpr" "national-id" cpr, false, ["######-####", "##########"], [], ["Mit CPR-nummer er {}.", "CPR: {}"];
    "fi-hetu" "national-id" hetu, false, [], ["######-####", "######A####"], ["Henkilötunnukseni on {}.", "HETU: {}"];
    "us-itin" "national-id" itin, false, ["#########"], ["###-##-####"], ["My ITIN is {}.", "Individual Taxpayer Identification Number {}"];
    "us-ein" "company-id" |rng| format!("47{:07}", 203_000 + rng.below(9_000_000)), false, ["##-#######", "#########"], [],
        ["Our EIN is {}.", "Employer Identification Number: {}"];
    "us-npi" "health-id" npi, true, ["##########"], [], ["The provider's NPI is {}.", "NPI: {}"];
    "us-dea" "health-id" dea, true, ["#########"], [], ["DEA number {}", "Prescriber DEA# {}"];
    "us-medicare" "health-id" mbi, false, [], ["###########", "####-###-####"], ["Her Medicare number is {}."];
    "us-routing" "bank-account" routing, true, ["#########"], [], ["Routing number {}", "ABA: {}"];
    "ca-sin" "national-id" |rng| with_luhn("5", rng, 7), true, ["#########", "### ### ###"], ["###-###-###"],
        ["My SIN is {}.", "Social Insurance Number: {}", "Mon numéro d'assurance sociale est {}."];
    "au-tfn" "national-id" tfn, true, ["#########", "### ### ###"], [], ["My TFN is {}.", "Tax File Number: {}"];
    "au-medicare" "health-id" medicare, false, ["##########"], ["#### ##### #"], ["My Medicare card is {}."];
    "passport" "national-id" |rng| format!("C{}", 20_300_000 + rng.below(70_000_000)), false, ["#########"], [],
        ["My passport number is {}.", "Reisepass-Nr. {}", "Passeport n° {}", "Número de pasaporte: {}", "Passaporto n. {}", "护照号码：{}", "여권번호 {}", "паспорт {}", "パスポート番号は{}"];
    "driving-licence" "national-id" |rng| format!("D{:07}", 203_000 + rng.below(9_000_000)), false, ["########"], [],
        ["My driver's license number is {}.", "Driving licence: {}", "Führerschein {}", "Permis de conduire n° {}", "Prawo jazdy nr {}"];
    "account" "bank-account" |rng| format!("{}", 20_300_000 + rng.below(70_000_000)), false, ["########"], [],
        ["Account number {}", "Kontonummer: {}", "Número de cuenta: {}", "Rekeningnummer {}", "银行账号{}"];
    "vin" "vehicle-id" vin, false, [], ["#################"], ["The VIN is {}.", "Fahrgestellnummer: {}"];
    "plate" "vehicle-id" |rng| format!("{}{}{:02}{}", rng.letter("ABCK"), rng.letter("KLMN"), rng.from(10, 74), rng.one_of(&["XKD", "RTY", "PLW"])), false,
        ["#######", "#### ###"], [], ["Licence plate {}", "The number plate was {}."];
    "plate-german" "vehicle-id" |rng| format!("{}{}{}", rng.letter("BMKF"), rng.one_of(&["XK", "RT"]), 1203 + rng.below(8000)), false,
        ["#-## ####"], [], ["Das Kennzeichen ist {}."];
    "imei" "device-id" |rng| with_luhn("35", rng, 12), true, ["###############"], ["##-######-######-#"], ["The phone's IMEI is {}."];
}
