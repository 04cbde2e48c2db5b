"""Templates and lexicons to labelled texts, by seed.

    python generate.py --developers DIR --split held-out --per-template 3 > held_out.jsonl

A text is made of regions (a template filled in, a line of instruction, a developers' row); each is private, clean
or not judged. Entities are marked in private regions only: a name in a maths problem is no finding.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import unicodedata
from pathlib import Path

LANGUAGES = "en de fr es pt it nl pl tr ru zh ja ko ar hi".split()
LANGUAGE_CLASSES = LANGUAGES + ["other", "code"]
TOPICS = "health hr legal finance minor customer contact personal business".split()
KINDS = ["person", "address", "organisation"]
MARKS = {"P": 0, "A": 1, "O": 2}
# What a slot holds: the network learns to tell these apart too, though nobody asks it afterwards.
SENSES = {
    "given": 1, "surname": 1, "full": 1, "P": 1, "address": 2, "A": 2, "street": 2, "city": 2, "org": 3, "employer": 3, "O": 3,
    "condition": 4, "drug": 4, "procedure": 4, "therapist_role": 5, "hr_event": 6, "legal_event": 7, "finance_item": 8,
    "relation": 9, "job": 10, "school_item": 11, "public_person": 12, "place_public": 13, "topic": 14, "product": 14,
    "money": 15, "date": 15, "age": 15, "num": 15, "phone": 16, "email": 16, "id": 16,
}
DATA = Path(__file__).parent / "data"

# What the clean domains say about topics; those that are not here say nothing.
CLEAN_TOPICS = {
    "health_general": "health", "legal_general": "legal", "finance_general": "finance", "hr_general": "hr",
    "code": "", "logs": "", "general": "", "travel": "", "cooking": "", "chat": "", "data": "",
}


def held_out(name, of):
    """Whether something is never trained on: one in `of`, by the hash of its name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % of == 0


class Region:
    """A stretch of text with one judgement: private is 1, 0 or None (not judged)."""

    __slots__ = ("private", "domain", "template", "weight", "tagged")

    def __init__(self, private, domain="", template="", weight=1.0, tagged=True):
        self.private, self.domain, self.template, self.weight = private, domain, template, weight
        # Whether its names are known.
        self.tagged = tagged


PLAIN = Region(0, "", "", 1.0)
UNJUDGED = Region(None)


class Document:
    """Pieces of text, each with an entity (index into KINDS, or None), its number, and its region."""

    def __init__(self, language):
        self.language, self.pieces = language, []

    def add(self, text, region, entity=None, number=0, sense=0):
        if text:
            self.pieces.append([text, entity, number, region, sense])
        return self

    def extend(self, other):
        self.pieces += other.pieces
        return self

    def map(self, change):
        for piece in self.pieces:
            piece[0] = change(piece[0])
        return self

    def text(self):
        return "".join(piece[0] for piece in self.pieces)

    def entities(self):
        """(start, end, kind); neighbours of one number are one entity."""
        out, at, last = [], 0, None
        for text, entity, number, *_ in self.pieces:
            if entity is not None and text.strip():
                if last == (entity, number):
                    out[-1][1] = at + len(text)
                else:
                    out.append([at, at + len(text), entity])
                last = (entity, number)
            elif text.strip():
                last = None
            at += len(text)
        return out

    def senses(self):
        """(end, sense)"""
        out, at = [], 0
        for piece in self.pieces:
            at += len(piece[0])
            out.append((at, piece[4]))
        return out

    def regions(self):
        """(start, end, region)"""
        out, at = [], 0
        for text, _, _, region, _ in self.pieces:
            if out and out[-1][2] is region:
                out[-1][1] = at + len(text)
            else:
                out.append([at, at + len(text), region])
            at += len(text)
        return out


class Lexicon:
    """A language's words; those kept for evaluation are never used in training."""

    def __init__(self, language, training):
        path = DATA / f"{language}.lexicon.json"
        self.language, self.words = language, json.loads(path.read_text(encoding="utf-8"))
        self.training = training
        # Other lexicons in the same script: names and addresses travel.
        self.names, self.abroad = {}, []
        for kind in ("given", "surname", "street", "city"):
            self.words[kind] = self._part(self.words.get(kind) or ["A"])
            self.names[kind] = Chain(self.words[kind])

    def _part(self, words):
        if not self.training:
            return words
        return [word for word in words if not held_out(word, 8)] or words

    def pick(self, rng, kind):
        words = self.words.get(kind) or self.words.get({"employer": "org"}.get(kind, kind)) or [kind]
        return rng.choice(words)

    def name(self, rng, kind):
        """A name from the list, or one that only looks like it."""
        die = rng.random()
        if die < 0.3 and self.language in ("zh", "ko") and kind == "given":
            one, two = self.pick(rng, kind), self.pick(rng, kind)
            return one[0] + two[-1] if len(one) == len(two) == 2 else one
        if die < 0.3 and self.language not in ("zh", "ja", "ko"):
            return self.names[kind].make(rng)
        if die < 0.38 and self.language in LATIN and self.abroad:
            return rng.choice(self.abroad).pick(rng, kind)
        return self.pick(rng, kind)


class Chain:
    """Makes words that look like those of a list: a Markov chain over three characters."""

    def __init__(self, words):
        self.words, self.next = words, {}
        for word in words:
            edged = "\2\2\2" + word + "\3"
            for at in range(3, len(edged)):
                self.next.setdefault(edged[at - 3:at], []).append(edged[at])

    def make(self, rng):
        for _ in range(8):
            out = "\2\2\2"
            while len(out) < 40 and out[-1] != "\3":
                out += rng.choice(self.next.get(out[-3:], ["\3"]))
            word = out[3:].rstrip("\3")
            if 3 <= len(word) <= 30:
                return word
        return rng.choice(self.words)


def pattern(rng, shape):
    """Fills `#` with digits and `?` with letters."""
    out, first = [], True
    for char in shape:
        if char == "#":
            out.append(str(rng.randint(1 if first else 0, 9)))
            first = False
        elif char == "?":
            out.append(rng.choice("ABCDEFGHJKLMNPRSTUVWXY"))
        else:
            out.append(char)
            first = not char.isdigit()
    return "".join(out)


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
}
MONEY = {
    "en": ["£#,###", "$##,###", "$###", "£##.##", "#,### dollars", "###k"],
    "de": ["#.### €", "###,## Euro", "## Euro", "##.### EUR"], "fr": ["# ### €", "### euros", "##,## €"],
    "es": ["#.### €", "### euros", "##.### pesos"], "pt": ["R$ #.###,##", "### euros", "#.### reais"],
    "it": ["#.### €", "### euro"], "nl": ["€ #.###", "€ ###,##", "### euro"],
    "pl": ["#### zł", "## ### zł", "### złotych"], "tr": ["#.### TL", "##.### lira", "₺###"],
    "ru": ["## ### руб.", "### рублей", "### тысяч рублей"], "zh": ["####元", "#万元", "¥###"],
    "ja": ["##万円", "###,###円", "¥####"], "ko": ["##만 원", "#,###,###원", "###원"],
    "ar": ["#### ريال", "### درهم", "##### جنيه"], "hi": ["₹##,###", "#### रुपये", "## हज़ार रुपये"],
}
PHONE = {
    "en": ["07### ######", "+44 20 #### ####", "(###) ###-####", "+1 ### ### ####"],
    "de": ["01## #######", "+49 ## #######", "0### / #####"], "fr": ["06 ## ## ## ##", "+33 6 ## ## ## ##"],
    "es": ["6## ### ###", "+34 6## ## ## ##"], "pt": ["(##) 9####-####", "+351 9## ### ###", "9## ### ###"],
    "it": ["3## #######", "+39 3## ### ####"], "nl": ["06-########", "+31 6 ########", "0##-#######"],
    "pl": ["### ### ###", "+48 ### ### ###"], "tr": ["05## ### ## ##", "+90 5## ### ## ##"],
    "ru": ["+7 (9##) ###-##-##", "8 9## ### ## ##"], "zh": ["13#########", "0##-########"],
    "ja": ["090-####-####", "03-####-####"], "ko": ["010-####-####", "02-###-####"],
    "ar": ["05# ### ####", "+966 5# ### ####", "010########"], "hi": ["98### #####", "+91 9#########"],
}
ADDRESS = {
    "en": ["{n} {street}, {city} {postcode}", "{n} {street}, {city}", "Flat {n}, {n} {street}, {city}, {postcode}"],
    "fr": ["{n} {street}, {postcode} {city}", "{n}, {street} {postcode} {city}"],
    "es": ["{street} {n}, {postcode} {city}", "{street}, {n}, 3º B, {postcode} {city}"],
    "pt": ["{street}, {n}, {postcode} {city}", "{street}, {n} - {city}"],
    "ru": ["{postcode}, г. {city}, {street}, д. {n}, кв. {n}", "{city}, {street}, {n}"],
    "zh": ["{city}{street}{n}号", "{city}{street}{n}号{n}室"],
    "ja": ["〒{postcode} {city}{street}{n}-{n}", "{city}{street}{n}-{n}-{n}"],
    "ko": ["{city} {street} {n}", "{city} {street} {n}, {n}호"],
    "ar": ["{street}، مبنى {n}، {city}", "{n} {street}، {city} {postcode}"],
    "hi": ["{n}, {street}, {city} - {postcode}", "मकान नं. {n}, {street}, {city}"],
    "tr": ["{street} No: {n}, {city}", "{street} No:{n} D:{n} {postcode} {city}"],
    "pl": ["{street} {n}, {postcode} {city}", "{street} {n}/{n}, {postcode} {city}"],
}
VOWELS = set("aeiouyаеёиоуыэюяاويaeiıou")
LATIN = set("en de fr es pt it nl pl tr".split())
FAMILY_FIRST = {"zh", "ja", "ko"}
# A name is written in one way, whatever its part in the sentence.
UNINFLECTED = {"en", "de", "fr", "es", "pt", "it", "nl", "zh", "ja", "ko"}


def full_name(rng, lexicon, given, surname):
    if lexicon.language in FAMILY_FIRST:
        return surname + (" " if lexicon.language == "ja" and rng.random() < 0.4 else "") + given
    if lexicon.language in ("ru", "pl", "de", "hi") and rng.random() < 0.06:
        return f"{surname} {given}"
    return f"{given} {surname}"


def address(rng, lexicon):
    if lexicon.language in LATIN and lexicon.abroad and rng.random() < (0.3 if lexicon.language == "en" else 0.08):
        lexicon = rng.choice(lexicon.abroad)
    shapes = lexicon.words.get("address_formats") or lexicon.words.get("address_patterns")
    shape = rng.choice(shapes or ADDRESS.get(lexicon.language) or ["{street} {n}, {postcode} {city}"])
    house = lambda _: str(rng.randint(1, 19) if rng.random() < 0.4 else rng.randint(20, 240))
    shape = re.sub(r"\{(n|number)\}", house, shape)
    shape = pattern(rng, shape)
    postcode = pattern(rng, lexicon.pick(rng, "postcode_patterns"))
    street = lexicon.name(rng, "street") if rng.random() < 0.3 else lexicon.pick(rng, "street")
    return shape.replace("{street}", street).replace("{postcode}", postcode).replace("{city}", lexicon.pick(rng, "city"))


def date(rng, lexicon):
    shapes, day, month, year = lexicon.words.get("date_patterns"), rng.randint(1, 28), rng.randint(1, 12), rng.randint(1950, 2026)
    if shapes and rng.random() < 0.6:
        return pattern(rng, rng.choice(shapes))
    if lexicon.language in MONTHS and rng.random() < 0.5:
        name = MONTHS[lexicon.language].split()[month - 1]
        joint = {"es": " de ", "pt": " de ", "de": ". "}.get(lexicon.language, " ")
        return f"{day}{joint}{name}" + (f" {year}" if rng.random() < 0.5 else "")
    if lexicon.language in FAMILY_FIRST and rng.random() < 0.7:
        marks = {"zh": "年月日", "ja": "年月日", "ko": "년월일"}[lexicon.language]
        gap = " " if lexicon.language == "ko" else ""
        return f"{year}{marks[0]}{gap}{month}{marks[1]}{gap}{day}{marks[2]}"
    return rng.choice([f"{day:02}.{month:02}.{year}", f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day}.{month}."])


HOSTS = ["mailpost.example", "postbox.org", "gmx.net", "webmail.example", "inbox.com", "mail.example.org", "fastbox.net"]


def email(rng, lexicon):
    plain = lambda text: re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", text).lower()) or rng.choice(["user", "info", "kim", "ali", "m.k"])
    given, surname = plain(lexicon.pick(rng, "given")), plain(lexicon.pick(rng, "surname"))
    local = rng.choice([f"{given}.{surname}", f"{given[0]}{surname}", f"{given}{rng.randint(1, 99)}"])
    return f"{local}@{rng.choice(HOSTS)}"


SLOT = re.compile(r"\{([a-z_]+)(?::(\d+))?\}|\[\[([PAO])\|(.*?)\]\]", re.DOTALL)
ENTITY_SLOTS = {"given": 0, "surname": 0, "full": 0, "address": 1, "org": 2}


def fill(rng, lexicon, template, region):
    """A template with its slots filled in."""
    document, people, at, number = Document(lexicon.language), {}, 0, rng.randint(1, 1 << 30)
    text, marked = template["text"], region.private == 1
    # A finished text may be private in one sentence alone.
    finished = template["id"][3:5] == "pt"
    if lexicon.training and len(text) > 160 and not finished and rng.random() < 0.3:
        text = without_a_sentence(rng, text)

    def person(which):
        key = which or f"new{rng.random()}"
        if key not in people:
            people[key] = lexicon.name(rng, "given"), lexicon.name(rng, "surname")
        return people[key]

    for found in SLOT.finditer(text):
        document.add(text[at:found.start()], region)
        at = found.end()
        number += 1
        slot, which, mark, inner = found.groups()
        if mark:
            if mark == "P" and lexicon.training and lexicon.language in UNINFLECTED and rng.random() < 0.4:
                inner = other_name(rng, lexicon, inner)
            document.add(inner, region, MARKS[mark] if marked else None, number, SENSES[mark])
            continue
        kind = ENTITY_SLOTS.get(slot) if marked else None
        document.add(value(rng, lexicon, slot, which, person), region, kind, number, SENSES.get(slot, 0))
    return document.add(text[at:], region)


def other_name(rng, lexicon, name):
    """Somebody else's name in the place of one of one or two words."""
    words = name.split(" ")
    if lexicon.language in FAMILY_FIRST:
        return full_name(rng, lexicon, lexicon.name(rng, "given"), lexicon.name(rng, "surname")) if len(name) in (3, 4) and len(words) == 1 else name
    if not all(word[:1].isupper() and word.replace("-", "").isalpha() for word in words) or len(words) > 2:
        return name
    given, surname = lexicon.name(rng, "given"), lexicon.name(rng, "surname")
    return f"{given} {surname}" if len(words) == 2 else rng.choice([given, given, surname])


def without_a_sentence(rng, text):
    """Leaves one sentence out, for variety."""
    parts = re.split(r"(?<=[.!?。！？।])\s+|(?<=[。！？])|(?<=\n)", text)
    if len(parts) < 3:
        return text
    gone = rng.randrange(len(parts))
    joint = "" if re.search(r"[。！？]", text) else " "
    return joint.join(part for at, part in enumerate(parts) if at != gone)


def value(rng, lexicon, slot, which, person):
    if slot in ("given", "surname", "full"):
        # An unnumbered slot is the first person, as a rule: given and surname apart are one and the same.
        given, surname = person(which or "1")
        return {"given": given, "surname": surname}.get(slot) or full_name(rng, lexicon, given, surname)
    words = lexicon.words
    if slot == "address":
        return address(rng, lexicon)
    if slot == "email":
        return email(rng, lexicon)
    if slot == "date":
        return date(rng, lexicon)
    if slot == "money":
        return pattern(rng, rng.choice(words.get("money_patterns") or MONEY[lexicon.language]))
    if slot == "phone":
        return pattern(rng, rng.choice(words.get("phone_patterns") or PHONE[lexicon.language]))
    if slot == "age":
        return str(rng.randint(3, 92) if rng.random() < 0.7 else rng.randint(18, 60))
    if slot == "num":
        return str(rng.choice([rng.randint(1, 12), rng.randint(1, 99), rng.randint(100, 9999)]))
    if slot == "id":
        shapes = words.get("id_patterns") or ["########", "??-#####", "#########", "?#######", "###-##-####", "?? ## ## ## ?"]
        return pattern(rng, rng.choice(shapes))
    return lexicon.pick(rng, slot)


# Noise

def strip_marks(text):
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def no_punctuation(text):
    return re.sub(r"(?<!\d)[.,;:!?«»„“”\"'()…]+(?!\d)", "", text)


def typos(rng, share):
    def change(text):
        def word(found):
            letters = found.group()
            if len(letters) < 4 or rng.random() > share:
                return letters
            at = rng.randrange(1, len(letters) - 1)
            kind = rng.randrange(3)
            if kind == 0:
                return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2:] if at + 1 < len(letters) else letters
            return letters[:at] + letters[at + 1:] if kind == 1 else letters[:at] + letters[at] + letters[at:]
        return re.sub(r"[^\W\d_]+", word, text)
    return change


def noise(rng, document):
    """Changes how a text is written, not what it says."""
    die = rng.random()
    if die < 0.05:
        document.map(str.lower)
    elif die < 0.065:
        document.map(str.upper)
    elif die < 0.10:
        document.map(no_punctuation)
    elif die < 0.13:
        document.map(lambda text: no_punctuation(text).lower())
    elif die < 0.16 and document.language in "de fr es pt it pl tr nl".split():
        document.map(strip_marks)
    elif die < 0.22:
        document.map(typos(rng, 0.06))
    elif die < 0.24:
        document.map(lambda text: text.replace("\n", " "))
    return document


class Source:
    """Everything that texts are made from, for one split."""

    def __init__(self, training, developers=None, languages=None, seed=0, corpus=None):
        self.training, self.rng = training, random.Random(seed)
        self.templates, self.lexicons = {}, {}
        for language in LANGUAGES:
            path = DATA / f"{language}.jsonl"
            if not path.exists() or not (DATA / f"{language}.lexicon.json").exists() or (languages and language not in languages):
                continue
            self.lexicons[language] = Lexicon(language, training)
            files = [file for form in ("", ".more*", ".texts*") for file in sorted(DATA.glob(f"{language}{form}.jsonl"))]
            rows = [json.loads(line) for file in files
                    for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
            # Made-up keys are stored with a mark within, so that nobody takes them for real ones.
            for row in rows:
                row["text"] = row["text"].replace("\u205e", "")
            # Those with x or y in their number are near to one another in all languages: trained on, never measured with.
            rows = [row for row in rows if (held_out(row["id"], 5) and row["id"][3:5] not in ("cx", "cy", "px")) != training]
            if not {"private", "clean"} <= {row["class"] for row in rows}:
                continue
            self.templates[language] = {name: [row for row in rows if row["class"] == name] for name in ("private", "clean")}
        self.slotted = {language: {name: [row for row in rows if row["id"][4:5] != "t"] for name, rows in classes.items()}
                        for language, classes in self.templates.items()}
        for lexicon in self.lexicons.values():
            lexicon.abroad = [other for name, other in self.lexicons.items() if name in LATIN and other is not lexicon]
        self.instructions = json.loads((DATA / "instructions.json").read_text(encoding="utf-8"))
        others = [json.loads(line) for line in (DATA / "other.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
        # Texts are held out, and whole languages.
        self.others = [row for row in others if (held_out(row["text"], 5) or held_out(row["lang"], 6)) != training]
        self.developers = Developers(developers, training) if developers else None
        self.corpus = Corpus(corpus) if corpus and training else None
        self.project = project_chunks(training)

    def region(self, template):
        return Region(1 if template["class"] == "private" else 0, template["domain"], template["id"])

    def one(self, language, name):
        """One template of a class, filled in."""
        # Slots bring names and places that nobody wrote down; what is written out is far more numerous, and goes without.
        rows = self.slotted[language][name] if self.rng.random() < 0.4 else self.templates[language][name]
        template = self.rng.choice(rows or self.templates[language][name])
        return fill(self.rng, self.lexicons[language], template, self.region(template))

    def instruction(self, language):
        if self.rng.random() < 0.12:
            language = self.rng.choice(LANGUAGES)
        return self.rng.choice(self.instructions[language]), language

    def compose(self, language):
        """A text as a user sends it."""
        rng, die = self.rng, self.rng.random()
        if die < 0.30:
            return noise(rng, self.one(language, "private"))
        if die < 0.58:
            return noise(rng, self.one(language, "clean"))
        if die < 0.70:
            return self.instructed(language, rng.choice(["private", "clean", "clean"]))
        if die < 0.80:
            return self.joined(language, ["clean"] * rng.randint(2, 5))
        if die < 0.92:
            return self.joined(language, rng.sample(["private"] + ["clean"] * 5, k=6)[: rng.randint(2, 6)])
        return self.wrapped(language)

    def instructed(self, language, name):
        rng, body = self.rng, noise(self.rng, self.one(language, name))
        line, _ = self.instruction(language)
        joint = rng.choice(["\n\n", "\n", " ", ":\n", "\n\n\"\"\"\n"])
        document = Document(language)
        if rng.random() < 0.7:
            return document.add(line + joint, PLAIN).extend(body)
        return document.extend(body).add("\n\n" + line, PLAIN)

    def joined(self, language, names):
        rng, document = self.rng, Document(language)
        joint = rng.choice(["\n\n", "\n", " ", "\n---\n", "\n\n"])
        for at, name in enumerate(names):
            if at:
                document.add(joint, PLAIN)
            document.extend(noise(rng, self.one(language, name)))
        return document

    def wrapped(self, language):
        """In JSON, quoted, in a list, in a fence."""
        rng, name = self.rng, self.rng.choice(["private", "clean"])
        body, kind = self.one(language, name), self.rng.randrange(6)
        document = Document(language)
        if kind == 0:
            key = rng.choice(["text", "note", "content", "message", "description", "body", "comment", "input"])
            body.map(lambda text: json.dumps(text, ensure_ascii=False)[1:-1])
            return document.add(f'{{"id": {rng.randint(1, 9999)}, "{key}": "', PLAIN).extend(body).add('"}', PLAIN)
        if kind == 1:
            body.map(lambda text: text.replace("\n", "\n> "))
            return document.add("> ", PLAIN).extend(body)
        if kind == 2:
            return document.add("```\n", PLAIN).extend(body).add("\n```", PLAIN)
        if kind == 3:
            for at in range(rng.randint(2, 4)):
                document.add(f"{at + 1}. ", PLAIN).extend(self.one(language, name)).add("\n", PLAIN)
            return document
        if kind == 4 and self.project:
            code = self.code()
            order = [code, body] if rng.random() < 0.5 else [body, code]
            return document.extend(order[0]).add("\n\n", PLAIN).extend(order[1])
        return document.add(rng.choice(["user: ", "User: ", "Q: ", "[1] ", "- ", "* ", "Subject: ", "RE: "]), PLAIN).extend(body)

    def code(self):
        return Document("code").add(self.rng.choice(self.project), Region(0, "code", "project"))

    def other(self):
        """A text in a language without a detector: nothing is said about what it holds."""
        if self.rng.random() < 0.35:
            return self.invented()
        rng, first = self.rng, self.rng.choice(self.others)
        lines = [first["text"]]
        if rng.random() < 0.5:
            lines += [row["text"] for row in rng.sample(self.others, k=min(40, len(self.others))) if row["lang"] == first["lang"]]
        text = " ".join(lines)
        words = text.split(" ")
        if rng.random() < 0.5 and len(words) > 6:
            start = rng.randrange(len(words) - 5)
            text = " ".join(words[start:start + rng.randint(5, 24)])
        if rng.random() < 0.15:
            text = text.lower()
        return Document("other").add(text, UNJUDGED)

    def invented(self):
        """A language that nobody speaks: a known one with its letters exchanged, vowels for vowels."""
        rng, language = self.rng, self.rng.choice([name for name in self.templates if name not in ("zh", "ja", "ko")])
        document = self.one(language, rng.choice(["clean", "private"]))
        letters = sorted({char for char in document.text().lower() if char.isalpha()})
        vowels = [char for char in letters if unicodedata.normalize("NFD", char)[0] in VOWELS]
        table = {}
        for group in (vowels, [char for char in letters if char not in vowels]):
            moved = rng.sample(group, k=max(2, len(group) * rng.randint(5, 10) // 10) if len(group) > 2 else len(group))
            table.update(zip(moved, moved[1:] + moved[:1]))
        table.update({low.upper(): high.upper() for low, high in table.items() if len(low.upper()) == len(high.upper()) == 1})
        document.map(lambda text: text.translate(str.maketrans(table)))
        for piece in document.pieces:
            piece[1], piece[3], piece[4] = None, UNJUDGED, 0
        document.language = "other"
        return document

    def developer(self):
        return self.developers.one(self.rng)

    def document(self):
        """Any text."""
        die = self.rng.random()
        if self.corpus and self.rng.random() < 0.2:
            return self.corpus.one(self.rng)
        if self.developers and die < 0.2:
            return self.developer()
        if die < 0.24 and self.project:
            return self.code()
        if die < 0.31 and self.others:
            return self.other()
        return self.compose(self.rng.choice(list(self.templates)))


def project_chunks(training):
    """Stretches of the project's own source and documents: code, configuration and technical English."""
    root, chunks = Path(__file__).parents[2], []
    for file in sorted(root.rglob("*")):
        if file.suffix not in (".rs", ".toml", ".sh", ".yaml", ".yml", ".md", ".py") or not file.is_file():
            continue
        inside = file.relative_to(root)
        if inside.parts[0] in ("target", ".git", "tests") or "tagger" in inside.parts or "terms" in inside.parts or "detect" in inside.parts:
            continue
        if held_out(str(inside), 5) == training:
            continue
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for at in range(0, len(lines), 25):
            chunk = "\n".join(lines[at:at + 25]).strip()
            # Test fixtures quote private matters on purpose.
            if len(chunk) > 80 and not re.search(r"diabet|patient|hiv|salary|@example|\bssn\b", chunk, re.I):
                chunks.append(chunk)
    return chunks


def is_open(name):
    """Whether a text of the leak corpus belongs to the half that developers may read: `Half::of` in `tests/leak`."""
    mask = (1 << 64) - 1
    state = int.from_bytes(hashlib.sha256(b"half\0" + name.encode() + b"\0").digest()[:8], "big") + 0x9E3779B97F4A7C15 & mask
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
    state = (state ^ state >> 27) * 0x94D049BB133111EB & mask
    return (state ^ state >> 31) % 2 == 0


class Corpus:
    """The open half of the leak corpus, whose sealed half stays unread."""

    DOMAINS = {
        "person_health": "health", "person_hr": "hr", "person_legal": "legal", "person_finance": "finance", "minor": "minor",
        "customer": "customer", "contact": "contact", "personal": "personal", "business": "business", "location": "contact",
    }

    def __init__(self, folder):
        self.rows = {}
        for side, name in (("private", "kind"), ("clean", "category")):
            for path in sorted((Path(folder) / side).glob("*.jsonl")):
                for line in path.read_text(encoding="utf-8").splitlines():
                    row = json.loads(line)
                    # Numbers and keys alone are the patterns' to find.
                    if is_open(row["id"]) and (side == "clean" or row[name] in self.DOMAINS):
                        self.rows.setdefault((path.stem, side), []).append((row["id"], row[name], row["text"].replace("\u205e", "")))

    def one(self, rng):
        language, side = rng.choice(LANGUAGES), "private" if rng.random() < 0.45 else "clean"
        document = self.row(rng, language, side)
        if rng.random() < 0.15:
            for _ in range(rng.randint(1, 3)):
                document.add(rng.choice(["\n\n", "\n", " "]), PLAIN).extend(self.row(rng, language, "clean"))
        return noise(rng, document)

    def row(self, rng, language, side):
        name, kind, text = rng.choice(self.rows[language, side])
        if side == "private":
            return Document(language).add(text, Region(1, self.DOMAINS[kind], name, 1.0, tagged=False))
        return Document(language).add(text, Region(0, "code" if kind == "code" else kind, name))


class Developers:
    """The developers' rows, read from a folder and never committed."""

    def __init__(self, folder, training):
        folder = Path(folder)
        read = lambda name: [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()] if (folder / name).exists() else []
        judged = json.loads((Path(__file__).parent / "synth_templates.json").read_text())["templates"]
        judged = {row["template"]: row for row in judged}
        self.difficulty = [row for row in read("difficulty_dev.jsonl") if held_out(row["id"].rsplit("-", 1)[0], 2) != training]
        self.synth = [row for row in read("synth_dev.jsonl") if judged[row["template"]]["held_out"] != training]
        self.judged = judged
        # By text, not by id: some texts stand there several times.
        self.pupa = [row for row in read("pupa_dev.jsonl") if held_out(row["text"], 3) != training]

    def one(self, rng):
        die = rng.random()
        if die < 0.35:
            return noise(rng, self.difficulty_row(rng.choice(self.difficulty)))
        if die < 0.65:
            return noise(rng, self.synth_row(rng.choice(self.synth)))
        return self.pupa_row(rng.choice(self.pupa))

    def difficulty_row(self, row):
        return Document("en").add(row["prompt"], Region(0, "exercise", row["id"]))

    def synth_row(self, row):
        context = self.judged[row["template"]]["context"]
        region = Region({"private": 1, "public": 0}.get(context), "customer" if context == "private" else "", f"synth-{row['template']}", 0.7)
        document, at, text = Document("en"), 0, row["text"]
        kinds = {"PERSON": 0, "STREET_ADDRESS": 1, "ORGANIZATION": 2} if context == "private" else {}
        for number, span in enumerate(sorted(row["spans"], key=lambda span: span["start"])):
            if span["start"] < at:
                continue
            document.add(text[at:span["start"]], region)
            document.add(text[span["start"]:span["end"]], region, kinds.get(span["kind"]), number)
            at = span["end"]
        return document.add(text[at:], region)

    def pupa_row(self, row):
        """Private where a unit is a person's full name, an e-mail address or a number; else not judged."""
        text, found = row["text"], []
        for unit in row["units"]:
            name = is_full_name(unit, text)
            place = text.lower().find(unit.lower())
            if place >= 0 and (name or re.search(r"@|\d{5}", unit)):
                found.append((place, place + len(unit), name))
        # What stands around them is private; of the rest nobody knows.
        stretches = []
        for start, end, _ in sorted(found):
            start, end = text.rfind(" ", 0, max(start - 70, 0)) + 1, (text.find(" ", end + 70) + 1 or len(text))
            if stretches and start <= stretches[-1][1]:
                stretches[-1][1] = max(end, stretches[-1][1])
            else:
                stretches.append([start, end])
        document, at, names = Document("unknown"), 0, sorted((start, end) for start, end, name in found if name)
        for start, end in stretches:
            document.add(text[at:start], UNJUDGED)
            region, at = Region(1, "", row["id"], 0.7), start
            for number, (first, last) in enumerate(names):
                if first >= at and last <= end:
                    document.add(text[at:first], region).add(text[first:last], region, 0, number, SENSES["P"])
                    at = last
            document.add(text[at:end], region)
            at = end
        return document.add(text[at:], UNJUDGED)


def is_full_name(unit, text):
    words = unit.split()
    if not 2 <= len(words) <= 4 or any(not word.isalpha() for word in words):
        return False
    place = text.lower().find(unit.lower())
    return place >= 0 and all(word[:1].isupper() for word in text[place:place + len(unit)].split())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--developers")
    arguments.add_argument("--split", choices=["train", "held-out"], default="held-out")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--per-template", type=int, default=2)
    options = arguments.parse_args()
    source = Source(options.split == "train", options.developers, seed=options.seed)
    write = lambda row: sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    for language, classes in source.templates.items():
        for name, templates in classes.items():
            for template in templates:
                for count in range(options.per_template):
                    document = fill(source.rng, source.lexicons[language], template, source.region(template))
                    entities = [{"kind": KINDS[kind], "start": start, "end": end} for start, end, kind in document.entities()]
                    write({"id": f"{template['id']}.{count}", "set": "templates", "language": language, "class": name,
                           "domain": template["domain"], "text": document.text(), "entities": entities})
        for name, names, change in (("long", ["clean", "private", "clean", "clean"], False), ("long", ["clean"] * 4, False), ("noisy", ["private"], True), ("noisy", ["clean"], True)):
            for count in range(40):
                order = source.rng.sample(names, k=len(names))
                document = source.joined(language, order)
                if change:
                    document.map(source.rng.choice([str.lower, no_punctuation, typos(source.rng, 0.12), strip_marks]))
                judged = "private" if "private" in names else "clean"
                write({"id": f"{name}-{language}-{count}", "set": name, "language": language, "class": judged, "domain": "", "text": document.text(), "entities": []})
    for row in source.others:
        write({"id": "other", "set": "other", "language": row["lang"], "class": "unknown", "domain": "", "text": row["text"], "entities": []})
    for at, chunk in enumerate(source.project):
        write({"id": f"project-{at}", "set": "project", "language": "code", "class": "clean", "domain": "code", "text": chunk, "entities": []})
    if source.developers:
        for row in source.developers.difficulty:
            write({"id": row["id"], "set": "difficulty", "language": "en", "class": "clean", "domain": "", "text": row["prompt"], "entities": []})
        for row in source.developers.synth:
            judged = source.developers.judged[row["template"]]["context"]
            write({"id": row["id"], "set": "synth", "language": "en", "class": judged, "domain": str(row["template"]), "text": row["text"], "entities": []})
        for row in source.developers.pupa:
            own = any(piece[3].private == 1 for piece in source.developers.pupa_row(row).pieces)
            write({"id": row["id"], "set": "pupa", "language": "en", "class": "private" if own else "units", "domain": row["category"], "text": row["text"], "entities": [], "units": len(row["units"])})


if __name__ == "__main__":
    main()
