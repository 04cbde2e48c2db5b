"""Short rewrites of one sentence, and one-line messages for a purpose.

Made from grammar tables, so that an answer is right by construction.

Held out (an eighth each): the wordings and the frames by `choose`; the sentences by hash of what they say (subject,
verb, object and rest), for all changes alike, so that a held sentence is seen in no tense and no person.
"""

import random
import re

from .common import Example, choose, is_held
from .extraction import FIRST
from .lists import FRAMES, THEMES, fill, frame, typo

# ---- grammar --------------------------------------------------------------------------

# base, past, participle and the objects that fit it (plain nouns; "-" before the list: it takes no object)
VERBS: list[tuple[str, str, str, list[str]]] = [
    (base, past, participle, objects.split())
    for base, past, participle, objects in (
        line.strip().split("|")
        for line in """wash|washed|washed|car shirt cup dog window plate
        paint|painted|painted|fence wall house door picture boat
        clean|cleaned|cleaned|kitchen room desk window car floor
        open|opened|opened|door window box letter shop gate
        close|closed|closed|door window box shop gate book
        repair|repaired|repaired|bicycle car clock radio roof chair
        carry|carried|carried|bag box chair basket table suitcase
        bake|baked|baked|cake bread pie cookie
        cook|cooked|cooked|soup dinner egg meal fish
        watch|watched|watched|film game bird show
        visit|visited|visited|museum castle doctor teacher zoo village
        call|called|called|doctor friend plumber waiter taxi
        help|helped|helped|neighbor friend teacher child farmer
        move|moved|moved|table chair car sofa box
        use|used|used|computer phone hammer map knife
        follow|followed|followed|guide road dog map teacher
        plant|planted|planted|tree rose flower bush
        pull|pulled|pulled|rope cart sled boat
        push|pushed|pushed|cart button door bicycle
        cut|cut|cut|bread cake paper rope
        write|wrote|written|letter book report song note
        read|read|read|book letter newspaper story note
        eat|ate|eaten|apple sandwich cake soup banana
        drink|drank|drunk|water milk juice coffee
        buy|bought|bought|ticket coat lamp car book
        sell|sold|sold|house car boat ticket lamp
        find|found|found|key coin ring wallet map
        lose|lost|lost|key wallet game ticket glove
        make|made|made|plan table cake list kite
        take|took|taken|photo bus train bag umbrella
        bring|brought|brought|cake book chair friend map
        build|built|built|house bridge boat tower wall
        break|broke|broken|cup vase window chair plate
        see|saw|seen|film bird bus star fox
        drive|drove|driven|truck bus taxi tractor
        draw|drew|drawn|picture map cat horse
        sing|sang|sung|song
        send|sent|sent|letter parcel card message
        catch|caught|caught|ball fish train mouse
        hide|hid|hidden|key present letter coin
        teach|taught|taught|class student child
        feed|fed|fed|cat dog horse baby bird
        choose|chose|chosen|book gift color seat
        forget|forgot|forgotten|key name umbrella ticket
        keep|kept|kept|secret letter ring dog
        throw|threw|thrown|ball stone stick
        ride|rode|ridden|horse bicycle camel pony
        wear|wore|worn|hat coat dress scarf
        steal|stole|stolen|ring purse bicycle painting
        grow|grew|grown|tree carrot flower rose""".splitlines()
    )
]
WALKS: list[tuple[str, str]] = [  # without an object
    tuple(pair.split("|"))  # type: ignore[misc]
    for pair in """walk|walked run|ran sleep|slept work|worked sing|sang swim|swam wait|waited play|played laugh|laughed study|studied dance|danced
    talk|talked sit|sat stand|stood rest|rested travel|traveled jump|jumped cry|cried smile|smiled fall|fell""".split()
]
PLACE_TAILS = """in the park|at home|in the garden|at school|in the kitchen|at the station|near the river|in the city|behind the house|on the beach|in the office|
by the lake|at the market|in the village|on the bridge""".replace("\n", "").split("|")
PERSONS = "teacher farmer doctor child neighbor student baker driver nurse girl boy woman man cook gardener artist singer pilot waiter guest".split()
RELATIONS = "brother sister mother father uncle aunt friend neighbor teacher doctor cousin boss".split()
MASS = {"bread", "soup", "dinner", "water", "milk", "juice", "coffee", "paper"}
IRREGULAR = {"child": "children", "woman": "women", "man": "men", "mouse": "mice", "fish": "fish", "knife": "knives", "shelf": "shelves", "leaf": "leaves",
             "wolf": "wolves", "foot": "feet", "tooth": "teeth", "goose": "geese", "sheep": "sheep", "deer": "deer", "scarf": "scarves", "person": "people",
             "ox": "oxen", "loaf": "loaves", "wife": "wives", "potato": "potatoes", "tomato": "tomatoes", "hero": "heroes"}  # fmt: skip
FIXED_PLURAL = {"jeans", "pajamas", "scissors", "shorts", "chips", "squash", "salmon", "trout", "moose", "bison", "shark", "celery", "corn", "garlic", "chard", "kale", "parsley",
                "okra", "fennel", "spinach", "broccoli", "buffalo", "currant", "cloth", "asparagus", "chalk", "soap", "paint", "glue", "paper", "wire"}  # fmt: skip


def s_form(word: str) -> str:
    """The plural of a noun, and as well the third person of a verb."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word in ("go", "do") else "s")


def plural(noun: str) -> str:
    return IRREGULAR.get(noun) or s_form(noun)


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" and not noun.startswith(("uni", "use")) else "a ") + noun


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# A sentence by its parts: subject, verb (base, past, participle), object with article or "", tail or "".
Parts = tuple[str, tuple[str, str, str], str, str]


def parts(rng: random.Random, held: bool, objects: bool | None = None, subject: str = "") -> Parts:
    """A sentence on the wanted side; `objects`: with an object (True), without (False), either (None)."""
    while True:
        who = subject or rng.choice(["the {p}", "the {p}", "the {p}", "my {m}", "{n}", "{n}", "she", "he", "they", "we", "I", "you"])
        who = who.replace("{p}", rng.choice(PERSONS)).replace("{n}", rng.choice(FIRST)).replace("{m}", rng.choice(RELATIONS))
        tail = rng.choice(PLACE_TAILS) if rng.random() < 0.4 else ""
        if objects or (objects is None and rng.random() < 0.75):
            base, past, participle, things = rng.choice(VERBS)
            noun = rng.choice(things)
            thing = f"the {noun}" if noun in MASS else rng.choice([f"the {noun}", f"the {noun}", article(noun)])
        else:
            (base, past), participle, thing = rng.choice(WALKS), "", ""
            tail = tail or rng.choice(PLACE_TAILS)
        if base == past and not third(who):
            continue  # "I cut": its tense cannot be told
        if thing and who.endswith(" " + thing.split()[-1]):
            continue
        if is_held((who, base, thing, tail)) == held:
            return who, (base, past, participle), thing, tail


def third(subject: str) -> bool:
    return subject not in ("I", "you", "we", "they")


def finite(subject: str, verb: tuple[str, str, str], tense: str) -> str:
    base, past, _ = verb
    return {"past": past, "future": f"will {base}", "present": s_form(base) if third(subject) else base}[tense]


def said(p: Parts, tense: str) -> str:
    subject, verb, thing, tail = p
    return sentence(subject, finite(subject, verb, tense), thing, tail)


def sentence(*words: str) -> str:
    return capital(" ".join(word for word in words if word)) + "."


def asked(p: Parts, tense: str) -> str:
    subject, (base, _, _), thing, tail = p
    do = {"past": "did", "future": "will", "present": "does" if third(subject) else "do"}[tense]
    return sentence(do, subject, base, thing, tail)[:-1] + "?"


def denied(p: Parts, tense: str) -> str:
    subject, (base, _, _), thing, tail = p
    do = {"past": "did", "future": "will", "present": "does" if third(subject) else "do"}[tense]
    return sentence(subject, do, "not", base, thing, tail)


def framed(rng: random.Random, held: bool, instructions: list[str], content: str, **values: str) -> list[tuple[str, str]]:
    """As `lists.frame`, for a content that is a whole sentence: no second mark after it."""
    template = choose(rng, instructions, held)
    slip = not held and rng.random() < 0.03
    text = fill(typo(rng, template) if slip else template, values)
    if "{x}" not in template:
        text = choose(rng, SENTENCE_FRAMES, held).replace("{i}", text).replace("{I}", capital(text))
    if rng.random() < 0.12:
        content = f'"{content}"'
    return [("user", text.replace("{x}", content))]


SENTENCE_FRAMES = [template for template in FRAMES if "{x}." not in template and "{x} -" not in template and "{x}:" not in template] + [
    "{x} {I}.", "{x} Please {i}.", "{x} Can you {i}?", "Sentence: {x}\n{I}.", "{I}.\nSentence: {x}", 'The sentence is: "{x}" {I}.',
]  # fmt: skip
PRESENT_OR = ["present", "past", "future"]

PAST = [
    "put this in the past tense", "rewrite this in the past tense", "change this to the past", "turn this into past tense", "past tense", "say this in the past", "make it past tense",
    "write this as if it happened yesterday", "convert to past tense", "use the past tense", "What is the past tense of this? {x}", "How do you say this in the past? {x}",
    "Past tense, please: {x}", "rewrite the sentence in the simple past", "transform this into the past", "Imagine this happened last week. Rewrite: {x}",
]  # fmt: skip
FUTURE = [
    "put this in the future tense", "rewrite this in the future tense", "change this to the future", "turn this into future tense", "future tense", "say this in the future", "make it future tense",
    "write this with will", "convert to future tense", "use the future tense", "What is the future tense of this? {x}", "How do you say this in the future? {x}", "Future tense, please: {x}",
    "rewrite the sentence with will", "transform this into the future", "Say that it will happen: {x}",
]  # fmt: skip
PRESENT = [
    "put this in the present tense", "rewrite this in the present tense", "change this to the present", "turn this into present tense", "present tense", "say this in the present",
    "make it present tense", "convert to present tense", "use the present tense", "What is the present tense of this? {x}", "How do you say this in the present? {x}", "Present tense, please: {x}",
    "transform this into the present", "rewrite the sentence in the simple present",
]  # fmt: skip
NEGATE = [
    "make this negative", "negate this sentence", "turn this into a negative sentence", "say the opposite with not", "add not to this sentence", "write the negation", "put this in the negative",
    "rewrite this with not", "deny this", "change this to a negative sentence", "What is the negation of this? {x}", "How do you negate this? {x}", "make the sentence negative",
    "Negative form: {x}", "form the negative",
]  # fmt: skip
QUESTION = [
    "turn this into a question", "make this a question", "rewrite this as a question", "change this statement to a question", "ask this as a yes or no question", "form a question from this",
    "make a question out of this sentence", "convert to a question", "put this as a question", "What is the question form of this? {x}", "How do you ask this? {x}", "Question form: {x}",
    "write it as a yes/no question", "turn the statement into a question", "As a question, please: {x}",
]  # fmt: skip
PASSIVE = [
    "put this in the passive voice", "rewrite this in the passive", "change this to passive voice", "turn this into the passive", "passive voice", "make this passive", "convert to passive voice",
    "use the passive voice", "write this in passive form", "What is the passive of this? {x}", "Passive, please: {x}", "How do you say this in the passive? {x}", "transform this into a passive sentence",
]  # fmt: skip
ACTIVE = [
    "put this in the active voice", "rewrite this in the active voice", "change this to active voice", "turn this into the active", "active voice", "make this active", "convert to active voice",
    "use the active voice", "write this in active form", "What is the active form of this? {x}", "Active, please: {x}", "How do you say this in the active voice? {x}", "transform this into an active sentence",
]  # fmt: skip
THIRD = [
    "rewrite this in the third person ({w})", "change I to {w}", "change this to the third person, use {w}", "put this in the third person with {w}", "use {w} instead of I", "say this about another person: {w}",
    "replace I by {w} and fix the verb", "rewrite this with {w} as the subject", "make {w} the subject", "change the first person to {w}", "What is this with {w} instead of I? {x}",
    "turn this into third person, {w}", "write this from the view of a narrator, use {w}", "Third person ({w}): {x}",
]  # fmt: skip
PLURAL = [
    "give the plural", "write the plural", "make this plural", "turn this into the plural", "change this to the plural", "put this in the plural", "What is the plural of {x}?", "plural of {x}?", "What is the plural form of {x}?",
    "How do you say more than one {x}?", "One {x}, two ...?", "pluralize {x}", "form the plural of {x}", "What do you call several of these: {x}?", "one {x}, many what?", "tell me the plural of {x}",
    "give me the plural form of {x}", "plural: {x}", "write {x} in the plural",
]  # fmt: skip

TASKS_BY_TENSE = {"past": PAST, "future": FUTURE, "present": PRESENT}


def make_tense(rng: random.Random, held: bool) -> Example:
    p = parts(rng, held)
    before, after = rng.sample(PRESENT_OR, 2)
    if before == "future" and after == "present" and rng.random() < 0.5:
        after = "past"
    thought = f"{finite(p[0], p[1], before)} -> {finite(p[0], p[1], after)}"
    return Example(framed(rng, held, TASKS_BY_TENSE[after], said(p, before)), said(p, after), thought)


def make_negation(rng: random.Random, held: bool) -> Example:
    p, tense = parts(rng, held), rng.choice(PRESENT_OR)
    short = {"past": "didn't", "future": "won't", "present": "doesn't" if third(p[0]) else "don't"}[tense]
    answer = denied(p, tense)
    accept = (re.sub(r"\b(did|will|does|do) not\b", short, answer, count=1),)
    thought = f"{finite(p[0], p[1], tense)} -> {re.search(r'(did|will|does|do) not', answer)[0]} {p[1][0]}"
    return Example(framed(rng, held, NEGATE, said(p, tense)), answer, thought, accept)


def make_question(rng: random.Random, held: bool) -> Example:
    p, tense = parts(rng, held), rng.choice(PRESENT_OR)
    answer = asked(p, tense)
    thought = f"{finite(p[0], p[1], tense)} -> {answer.split()[0].lower()} ... {p[1][0]}"
    return Example(framed(rng, held, QUESTION, said(p, tense)), answer, thought)


def make_voice(rng: random.Random, held: bool) -> Example:
    subject = rng.choice(["the {p}", "the {p}", "my {m}", "{n}"])
    who, verb, thing, tail = parts(rng, held, objects=True, subject=subject)
    tense = rng.choice(["past", "past", "present", "future"])
    be = {"past": "was", "present": "is", "future": "will be"}[tense]
    active = said((who, verb, thing, ""), tense)
    passive = sentence(thing, be, verb[2], "by", who)
    thought = f"doer: {who}; verb: {finite(who, verb, tense)}, {be} {verb[2]}; object: {thing}"
    if rng.random() < 0.6:
        return Example(framed(rng, held, PASSIVE, active), passive, thought)
    return Example(framed(rng, held, ACTIVE, passive), active, thought)


def make_person(rng: random.Random, held: bool) -> Example:
    p, tense = parts(rng, held, subject="I"), rng.choice(["present", "present", "past", "future"])
    who = rng.choice(["he", "she", "they", choose(rng, FIRST, held)])
    after = (who, *p[1:])
    thought = f"I -> {who}; {finite('I', p[1], tense)} -> {finite(who, p[1], tense)}"
    return Example(framed(rng, held, THIRD, said(p, tense), w=who), said(after, tense), thought)


PLURAL_NOUNS = sorted(
    {noun for theme, nouns in THEMES.items() if theme not in ("qualities", "colors", "food", "nature") for noun in nouns if noun not in FIXED_PLURAL}
    | {"child", "woman", "man", "foot", "tooth", "person", "leaf", "wife", "city", "baby", "story", "hero", "wish", "class", "day"}
)


def make_plural(rng: random.Random, held: bool) -> Example:
    noun = choose(rng, PLURAL_NOUNS, held)
    return Example([("user", frame(rng, held, PLURAL, noun))], plural(noun), "", (f"re:(?i)\\b{plural(noun)}\\W*$",))


BE = {"past": "was", "future": "will be", "present": "is"}
BE_SUBJECTS = ["the {o}", "the {o}", "the {p}", "my {m}", "{n}", "she", "he", "it", "they", "we", "I", "you", "this {o}", "my {o}"]
FOR_PEOPLE = "angry brave busy calm careful clever cold cool curious early famous fast friendly funny glad good happy honest hungry kind late lazy lucky polite poor proud quick quiet ready rich sad shy slow strong tall tired weak young old".split()
FOR_THINGS = "bright cheap clean clear cold dark dry empty fair famous full good great heavy huge large light little long narrow neat new old open plain rare round safe sharp short simple small soft strange strong sweet tall thick thin tidy tiny warm wet wide".split()


BE_NOUNS = sorted(set(THEMES["things"]) - {"chalk", "soap", "glue", "paint", "paper", "wire", "scissors", "letter", "saw"})


def be(subject: str, tense: str) -> str:
    if tense == "future" or third(subject):
        return BE[tense]
    return {"past": "was" if subject == "I" else "were", "present": "am" if subject == "I" else "are"}[tense]


def make_being(rng: random.Random, held: bool) -> Example:
    """"The lamp is new.": its tenses, its negation, its question."""
    while True:
        subject = rng.choice(BE_SUBJECTS)
        quality = rng.choice(FOR_THINGS if "{o}" in subject or subject == "it" else FOR_PEOPLE)
        subject = fill(subject, {"o": rng.choice(BE_NOUNS), "p": rng.choice(PERSONS), "m": rng.choice(RELATIONS), "n": rng.choice(FIRST)})
        if is_held((subject, quality)) == held:
            break
    kind, tense = rng.choice(["tense", "negation", "question"]), rng.choice(PRESENT_OR)
    first, *more = be(subject, tense).split()
    given = sentence(subject, be(subject, tense), quality)
    if kind == "negation":
        return Example(framed(rng, held, NEGATE, given), sentence(subject, first, "not", *more, quality), f"{first} -> {first} not")
    if kind == "question":
        return Example(framed(rng, held, QUESTION, given), sentence(first, subject, *more, quality)[:-1] + "?", f"{first} goes first")
    after = rng.choice([other for other in PRESENT_OR if other != tense])
    thought = f"{be(subject, tense)} -> {be(subject, after)}"
    return Example(framed(rng, held, TASKS_BY_TENSE[after], given), sentence(subject, be(subject, after), quality), thought)


# ---- correction -----------------------------------------------------------------------

FIX_CAPITALS = [
    "fix the capital letters", "correct the capitals", "fix the capitalization", "put capital letters where they belong", "write this with correct capital letters", "capitalize this sentence correctly",
    "correct the upper and lower case", "fix the caps", "use proper capital letters and a period", "make the capitalization right", "What is this with correct capitals? {x}", "add the missing capital letters",
    "repair the capitals in this sentence",
]  # fmt: skip
FIX_TYPO = [
    "fix the typo", "correct the spelling", "fix the spelling mistake", "correct this sentence", "there is a typo, correct it", "fix the misspelled word", "correct the mistake", "proofread this", "repair the spelling",
    "find and fix the typo", "correct the typing error", "write this without the typo", "What is the correct spelling of this sentence? {x}", "spell this correctly", "Spell check: {x}", "Correct: {x}",
]  # fmt: skip


def misspelled(rng: random.Random, word: str) -> str:
    """A slip of the fingers inside the word: swapped, doubled or lost letter."""
    while True:
        at = rng.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        wrong = rng.choice([swapped, swapped, word[:at] + word[at] + word[at:], word[:at] + word[at + 1 :]])
        if wrong != word and wrong not in KNOWN_WORDS:
            return wrong


KNOWN_WORDS = {word for words in THEMES.values() for word in words} | {form for verb in VERBS for form in verb[:3]} | {form for pair in WALKS for form in pair}
KNOWN_WORDS |= {plural(word) for word in KNOWN_WORDS} | set(PERSONS) | {noun for verb in VERBS for noun in verb[3]}
CAPITAL_FORMS = ["my friend {n} lives in {c}.", "{n} and {m} met in {c} on {d}.", "on {d} {n} goes to {c}.", "i think {n} is from {c}.", "{n} was born in {o}.", "we fly to {c} in {o}.",
                 "{n} speaks {l} and i speak {k}.", "i saw {n} on {d}.", "does {n} know {m}?", "in {o} i will visit {c}.", "my teacher, {n}, likes {c}.", "is {c} far from {b}?"]  # fmt: skip
TOWNS = "Paris London Tokyo Berlin Rome Madrid Cairo Oslo Vienna Lisbon Dublin Boston Prague Athens Zurich Lima Seoul Delhi".split()
WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
YEAR = "January February March April June July August September October November December".split()
TONGUES = "English German French Spanish Italian Dutch Polish Greek".split()


def make_capitals(rng: random.Random, held: bool) -> Example:
    form = choose(rng, CAPITAL_FORMS, held)
    (n, m), (c, b), (first, second) = rng.sample(FIRST, 2), rng.sample(TOWNS, 2), rng.sample(TONGUES, 2)
    while is_held((n, c)) != held:
        n, c = rng.choice([name for name in FIRST if name != m]), rng.choice([town for town in TOWNS if town != b])
    text = fill(form, {"n": n, "m": m, "c": c, "b": b, "d": rng.choice(WEEK), "o": rng.choice(YEAR), "l": first, "k": second})
    answer = capital(re.sub(r"\bi\b", "I", text))
    given = answer.upper() if rng.random() < 0.25 else answer.lower()
    return Example(framed(rng, held, FIX_CAPITALS, given), answer, exact=True)


def make_typo(rng: random.Random, held: bool) -> Example:
    answer = said(parts(rng, held), rng.choice(PRESENT_OR))
    words = answer.rstrip(".").split(" ")
    at = rng.choice([i for i, word in enumerate(words) if len(word) >= 3 and word.islower()])
    right = words[at]
    words[at] = misspelled(rng, right)
    return Example(framed(rng, held, FIX_TYPO, " ".join(words) + "."), answer, f"{words[at]} -> {right}")


# ---- manner ---------------------------------------------------------------------------

POLITE = [
    "make this more polite", "say this politely", "rewrite this politely", "make this sound friendlier", "turn this into a polite request", "put this more politely", "polite version", "make this polite", "be more polite",
    "How can I say this politely? {x}", "How do I ask this nicely? {x}", "What is a polite way to say this? {x}", "say it nicely", "soften this", "rewrite this as a polite question", "Politer, please: {x}",
    "write this in a kinder tone", "make this less rude",
]  # fmt: skip
SHORTER = [
    "make this shorter", "shorten this", "say this in fewer words", "cut the filler words", "make this concise", "rewrite this more briefly", "say it shorter", "trim this sentence", "remove the unnecessary words",
    "Can you say this more briefly? {x}", "shorter version", "be brief", "Shorter, please: {x}", "condense this", "put this in fewer words", "compress this sentence", "keep only what matters",
]  # fmt: skip
REQUESTS = [  # a rude command from verb and object; both kept in the answer
    "{b} {o}!", "{b} {o}.", "{b} {o} now.", "{b} {o}, will you!", "Why don't you {b0} {o}!", "Hey, {b0} {o}!", "{b} {o}, I said.", "You should {b0} {o}.", "{b} {o} at once!", "I want you to {b0} {o}.", "You must {b0} {o}.", "You have to {b0} {o} now.", "{b} {o}, hurry up!", "Just {b0} {o} already.", "I need you to {b0} {o}, fast.", "Go and {b0} {o}!",
]  # fmt: skip
DEEDS = """be quiet|wait here|come here|sit down|stand up|call me tomorrow|tell me the time|leave me alone|send me the report|bring me a glass of water|give me the key|show me the way|stop talking|
turn off the music|turn on the light|pass me the salt|move over|hurry up|listen to me|answer my question|fix this today|write to me soon|let me in|hand me the pen|clean up this mess|lend me your book|
pick me up at nine|sign this form|pay the bill|come back later|explain this again|speak louder|close the window|open the door|send the file again|check these numbers|help me with this|take out the garbage|
make me a sandwich|read this for me|get me a chair|tell me your name|look at this|slow down|try again|keep it short|finish the work by Friday|reply to my mail|print ten copies|book a room for me""".replace("\n", "").split("|")
PADDED = [  # words that can go
    "I just wanted to tell you that {s}.", "As a matter of fact, {s}.", "It is important to note that {s}.", "What I would like to say is that {s}.", "The thing is that {s}, to be honest.", "Basically, {s}, you know.",
    "In my personal opinion, I think that {s}.", "It should be mentioned here that {s}.", "At the end of the day, {s}.", "Let me take a moment to say that {s}.", "Needless to say, {s}.", "I am writing to let you know that {s}.",
    "To be completely honest with you, {s}.", "Due to the fact that you asked, I can say that {s}.", "For what it is worth, {s}.", "As everybody probably knows by now, {s}.",
]  # fmt: skip


def make_polite(rng: random.Random, held: bool) -> Example:
    _, (base, _, _), thing, _ = parts(rng, held, objects=True, subject="you")
    thing = "the " + thing.split(" ", 1)[1]
    if rng.random() < 0.5:
        base, thing = choose(rng, DEEDS, held).split(" ", 1)
    given = fill(choose(rng, REQUESTS, held), {"b": capital(base), "b0": base, "o": thing})
    answer = f"Could you please {base} {thing}?"
    return Example(framed(rng, held, POLITE, given), answer, "", (f"re:(?i)^(could|would|can) you .*{base} {thing}.*\\?$", f"re:(?i)^please {base} {thing}"))


def make_shorter(rng: random.Random, held: bool) -> Example:
    p = parts(rng, held)
    plain = said(p, rng.choice(["past", "present", "future"]))
    inner = plain[:-1] if p[0] == "I" or p[0] in FIRST else plain[0].lower() + plain[1:-1]
    return Example(framed(rng, held, SHORTER, fill(choose(rng, PADDED, held), {"s": inner})), plain)


GREET = [
    "Write a formal greeting for a letter to {w}.", "How do I begin a formal letter to {w}?", "formal greeting for {w}", "Give me a formal salutation for {w}.", "How should I open an e-mail to {w}?", "Write the first line of a letter to {w}.",
    "Start a formal e-mail to {w}.", "What greeting do I use in a letter to {w}?", "Greet {w} formally in writing.", "I am writing to {w}. How do I begin?", "Formal opening for a letter to {w}, please.", "How do I address {w} in a formal e-mail?",
    "salutation for {w}?",
]  # fmt: skip
CLOSE = [
    "Write a formal closing for a letter from {w}.", "How do I end a formal letter? My name is {w}.", "formal closing, signed {w}", "Give me a formal ending for an e-mail from {w}.", "Close a formal letter as {w}.", "End a business e-mail, name: {w}.",
    "What is a formal way to sign a letter as {w}?", "Write the last lines of a letter from {w}.", "Finish a formal e-mail for {w}.", "I am {w}. How do I close a formal letter?", "closing lines for {w}, formal", "Sign off formally as {w}.",
]  # fmt: skip
LAST_SHORT = "Adams Baker Cohen Davis Evans Fischer Garcia Haddad Ito Jones Kim Lopez Meyer Novak Okafor Patel Quinn Rossi Silva Tanaka Vogel Walker Young Zhang Brown Chen Moreau Singh".split()


def make_letter(rng: random.Random, held: bool) -> Example:
    last = choose(rng, LAST_SHORT, held)
    if rng.random() < 0.5:
        who = rng.choice(["Mr. ", "Ms. ", "Mrs. ", "Dr. ", "Professor "]) + last
        return Example([("user", choose(rng, GREET, held).replace("{w}", who))], f"Dear {who},")
    who = f"{choose(rng, FIRST, held)} {last}"
    return Example([("user", choose(rng, CLOSE, held).replace("{w}", who))], f"Yours sincerely,\n{who}", "", (f"re:(?i)^(kind|best) regards,\\s{who}",))


NOTE_FOR = {  # kind: what it is asked as, and its purposes as nouns or deeds
    "thank": ["thank-you", "thank you note", "word of thanks"],
    "sorry": ["apology", "note to say sorry", "word of apology"],
    "remind": ["reminder", "short reminder", "friendly reminder"],
}
THANKS = """the gift|the flowers|your help|the dinner|the ride|the book|your advice|the birthday card|your visit|the invitation|your time|the quick answer|the tickets|the cake|
your support|the photos|the good news|your patience|the concert|the coffee|the warm welcome|the job interview|your hard work|the lovely evening""".replace("\n", "").split("|")
SORRY = """being late|missing the meeting|forgetting your birthday|the noise|the mistake|the delay|breaking the vase|losing the key|the late reply|the wrong order|
the misunderstanding|canceling the dinner|the confusion|spilling the coffee|not calling back|the mess|missing your call|the bad service|sending the wrong file|waking you up""".replace("\n", "").split("|")
REMIND = """the meeting on {d}|the dentist on {d}|the rent|the homework for {d}|the party on {d}|the library books|the exam on {d}|the deadline on {d}|the team lunch on {d}|the tax form|
the concert on {d}|the dinner on {d}|the invoice|the phone call with {n}|the birthday of {n}|the vote on {d}|the garbage|the report for {n}|the training on {d}|the interview on {d}""".replace("\n", "").split("|")
NOTE_FRAMES = [
    "Write a one-line {k} for {w}.", "Write a short {k} for {w}.", "one-line {k} for {w}", "I need a {k} for {w}.", "Give me a one-sentence {k} for {w}.", "Can you write a {k} for {w}?", "Please write a {k} for {w}, one sentence.",
    "A {k} for {w}, please.", "Draft a {k} for {w}.", "Compose a one-line {k}. Purpose: {w}.", "Help me with a {k} for {w}.", "write a {k}: {w}", "Make a {k} of one line. It is for {w}.", "Could you draft a short {k} for {w}?",
    "Text me a {k} for {w}.",
]  # fmt: skip


def make_note(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(list(NOTE_FOR))
    purpose = choose(rng, {"thank": THANKS, "sorry": SORRY, "remind": REMIND}[kind], held)
    purpose = fill(purpose, {"d": rng.choice(WEEK), "n": choose(rng, FIRST, held)})
    asked_as = rng.choice(NOTE_FOR[kind])
    user = fill(choose(rng, NOTE_FRAMES, held), {"k": asked_as, "w": purpose})
    user = re.sub(r"\b([Aa]) (?=[aeiou])(?!one)", r"\1n ", user.replace("short short", "short"))
    answer = {"thank": f"Thank you very much for {purpose}!", "sorry": f"I am very sorry for {purpose}.", "remind": f"A friendly reminder: please do not forget {purpose}."}[kind]
    key = {"thank": "thank", "sorry": "sorry|apolog", "remind": "remind|forget|remember"}[kind]
    return Example([("user", user)], answer, "", (f"re:(?is)(?=.*({key})).*{re.escape(purpose)}",))


SUBJECT = [
    "write a subject line for this mail", "give this e-mail a subject line", "What is a good subject for this mail? {x}", "suggest a subject line", "subject line", "make a subject line for this message", "find a subject for this e-mail",
    "What subject line fits this mail? {x}", "Subject for this mail? {x}", "Mail: {x}\nSubject:", "write a short subject for this e-mail", "title this mail", "Which subject should this e-mail have? {x}", "propose a subject line for this",
]  # fmt: skip
MAILS = [  # two sentences and the subject that they make; {a} an event, {d} a day, {n} a name, {o} a thing
    ("The {a} is moved to {d}. Please change your calendar.", "{A} moved to {d}"), ("Our {a} on {d} is canceled. I am sorry for the short notice.", "{A} on {d} canceled"),
    ("You are invited to the {a} on {d}. Please tell me if you can come.", "Invitation to the {a} on {d}"), ("Please send me the {o} by {d}. I need it for my work.", "Please send the {o} by {d}"),
    ("I lost my {o} in the office. Has anybody seen it?", "Lost {o}"), ("I found a {o} in the kitchen. Whose is it?", "Found: {o}"), ("The {o} that I ordered is broken. Please send a new one.", "Broken {o}"),
    ("The {a} on {d} is in another room. Please go to room nine.", "New room for the {a} on {d}"), ("I will be away from {d} on. {n} will answer your questions.", "Away from {d}"), ("I am ill and cannot come on {d}. {n} will take my place.", "Ill on {d}"),
    ("{n} starts in our team on {d}. Please give a warm welcome.", "Welcome, {n}"), ("{n} has a birthday on {d}. Let us buy a cake.", "Birthday of {n} on {d}"), ("The {a} starts at nine on {d}. Do not be late.", "{A} on {d} at nine"),
    ("We need more people for the {a} on {d}. Who can help?", "Help needed for the {a} on {d}"), ("I have a question about the {o}. How does it work?", "Question about the {o}"), ("I want to sell my {o}. It is almost new.", "{O} for sale"),
    ("Thank you for the {o}. I like it a lot.", "Thank you for the {o}"), ("The price of the {o} goes up on {d}. Order before that.", "New price of the {o} from {d}"),
]  # fmt: skip
EVENTS = "meeting|party|lunch|training|concert|workshop|picnic|interview|lesson|presentation|dinner|football game|book club|team day".split("|")
SUMMARY = [
    "summarize this in one sentence", "sum this up in one sentence", "give a one-sentence summary", "summarize", "write a one-line summary", "say this in one sentence", "What is the main point? {x}", "shorten this to one sentence",
    "Summary, please: {x}", "make a short summary", "What happened, in one sentence? {x}", "TL;DR: {x}", "give the gist", "tell me briefly what this says", "Text: {x}\nSummary:", "condense this text into one sentence", "summarise this briefly",
]  # fmt: skip
STORIES = [  # two or three sentences and what they come to
    ("{n} wanted to buy a {o}. The shop was closed. {n} went home without it.", "{n} could not buy a {o} because the shop was closed."),
    ("{n} lost a {o} on {d}. The next day {m} found it in the park.", "{m} found the {o} that {n} had lost."),
    ("The {a} was planned for {d}. It rained all day. So it was canceled.", "The {a} on {d} was canceled because of rain."),
    ("{n} studied every evening. The exam was hard. {n} passed it.", "{n} studied a lot and passed the hard exam."),
    ("{n} and {m} played chess. The game took three hours. In the end {n} won.", "{n} won a long chess game against {m}."),
    ("{n} missed the bus. There was no taxi. {n} walked to {c}.", "{n} missed the bus and walked to {c}."),
    ("The old {o} broke on {d}. {n} bought a new one.", "{n} bought a new {o} because the old one broke."),
    ("{n} moved from {c} to {b}. The new flat is bigger and cheaper.", "{n} moved from {c} to a bigger and cheaper flat in {b}."),
    ("{m} was ill on {d}. {n} cooked soup and brought it over.", "{n} brought soup to {m}, who was ill."),
    ("The train to {c} was two hours late. {n} missed the {a}.", "{n} missed the {a} because the train to {c} was late."),
    ("{n} forgot the {o} at home. {m} had two and gave one away.", "{m} gave {n}, who had forgotten it, a {o}."),
    ("{n} found a dog in the street. Nobody came for it. Now it lives with {n}.", "{n} took in a dog from the street."),
    ("{n} works in {c}. {m} works in {b}. They meet every {d} at the station.", "{n} and {m} work in different cities and meet every {d}."),
    ("The {a} began at nine. {n} came at ten. The best part was over.", "{n} came too late for the best part of the {a}."),
    ("{n} saved money for a year. Then {n} bought a {o}.", "{n} saved for a year to buy a {o}."),
    ("{n} wrote a book about {c}. Many people bought it on the first day.", "The book by {n} about {c} sold well at once."),
]  # fmt: skip
SOLD = [noun for noun in THEMES["things"] if noun not in FIXED_PLURAL and noun[0] not in "aeiou"]


def story(rng: random.Random, held: bool, forms: list[tuple[str, str]]) -> tuple[str, str]:
    before, after = choose(rng, forms, held)
    n = m = choose(rng, FIRST, held)
    while m == n:
        m = choose(rng, FIRST, held)
    c, b = rng.sample(TOWNS, 2)
    thing, event = rng.choice(SOLD), rng.choice(EVENTS)
    values = {"n": n, "m": m, "c": c, "b": b, "o": thing, "O": capital(thing), "a": event, "A": capital(event), "d": rng.choice(WEEK)}
    return tuple(re.sub(r"\ba (?=[aeiou])", "an ", fill(text, values)) for text in (before, after))  # type: ignore[return-value]


def make_subject(rng: random.Random, held: bool) -> Example:
    text, subject = story(rng, held, MAILS)
    return Example(framed(rng, held, SUBJECT, text), subject, "", (f"re:(?i)^(subject: )?{re.escape(subject)}\\W*$",))


def make_summary(rng: random.Random, held: bool) -> Example:
    text, short = story(rng, held, STORIES)
    return Example(framed(rng, held, SUMMARY, text), short)


TASKS = [
    (make_tense, 6), (make_being, 5), (make_negation, 3), (make_question, 3), (make_voice, 3), (make_person, 3), (make_plural, 3), (make_capitals, 2), (make_typo, 3), (make_polite, 3), (make_shorter, 2),
    (make_letter, 1), (make_note, 2), (make_subject, 2), (make_summary, 2),
]  # fmt: skip


def make_rewrites(rng: random.Random, held: bool) -> Example:
    makers, weights = zip(*TASKS)
    return rng.choices(makers, weights)[0](rng, held)


ABILITIES = {"rewrites": make_rewrites}
