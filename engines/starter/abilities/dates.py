"""Dates and times: `dates` (weekdays, months, leap years, formats, ages, spans, clock times).

Every answer is computed, calendar dates by `datetime`. A thought counts step by step where a person would
count on the fingers, and otherwise shows the sum.

Held out: wordings (by `choose`) and contents (an eighth of all pairs of start and step, dates, years and
times, by hash). Days in a month and the neighbours of a day or month are facts: there only wordings are.
"""

import random
from calendar import isleap, monthrange
from datetime import date, timedelta

from .arithmetic import SHORT, capital, draw, last_number, plural, pose, say, surface
from .common import Example, choose

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
PEOPLE = "Anna Mia Lena Sara Emma Nora Lucy Grace Tom Ben Max Paul Leo Sam Jack Peter John Adam Omar Felix".split()

# --- weekdays and months ------------------------------------------------------------------------

SHIFT = {
    ("day", "after"): [
        "What day is {n} days after {d}?",
        "Which day comes {n} days after {d}?",
        "{n} days after {d}?",
        "Which weekday is {n} days after {d}?",
        "Today is {d}. What day is it in {n} days?",
        "If today is {d}, what day is it in {n} days?",
        "what day is it {n} days after {d}",
        "It is {d}. Which day will it be in {n} days?",
        "{d} plus {n} days is which day?",
        "From {d}, go {n} days forward. Which day is it?",
        "Tell me the day {n} days after {d}.",
        "We meet {n} days after {d}. On which day is that?",
        "The parcel was sent on {d} and took {n} days. On which day did it arrive?",
        "What day of the week comes {n} days later than {d}?",
        "Count {n} days on from {d}.",
        "In {n} days from {d}, what day is it?",
    ],
    ("day", "before"): [
        "What day is {n} days before {d}?",
        "Which day was {n} days before {d}?",
        "{n} days before {d}?",
        "Which weekday is {n} days before {d}?",
        "Today is {d}. What day was it {n} days ago?",
        "If today is {d}, what day was it {n} days ago?",
        "what day was it {n} days before {d}",
        "It is {d}. Which day was it {n} days ago?",
        "{d} minus {n} days is which day?",
        "From {d}, go {n} days back. Which day is it?",
        "Tell me the day {n} days before {d}.",
        "We met {n} days before {d}. On which day was that?",
        "The letter came on {d} after {n} days. On which day was it sent?",
        "What day of the week comes {n} days earlier than {d}?",
        "Count {n} days back from {d}.",
        "Which day is {n} days earlier than {d}?",
    ],
    ("month", "after"): [
        "What month is {n} months after {d}?",
        "Which month comes {n} months after {d}?",
        "{n} months after {d}?",
        "It is {d}. Which month is it in {n} months?",
        "If it is {d} now, what month is it in {n} months?",
        "what month is {n} months after {d}",
        "{d} plus {n} months is which month?",
        "From {d}, go {n} months forward. Which month is it?",
        "Tell me the month {n} months after {d}.",
        "A contract begins in {d} and ends {n} months later. In which month?",
        "Count {n} months on from {d}.",
        "In {n} months from {d}, what month is it?",
    ],
    ("month", "before"): [
        "What month is {n} months before {d}?",
        "Which month was {n} months before {d}?",
        "{n} months before {d}?",
        "It is {d}. Which month was it {n} months ago?",
        "If it is {d} now, what month was it {n} months ago?",
        "what month is {n} months before {d}",
        "{d} minus {n} months is which month?",
        "From {d}, go {n} months back. Which month is it?",
        "Tell me the month {n} months before {d}.",
        "Something ended in {d} after {n} months. In which month did it begin?",
        "Count {n} months back from {d}.",
        "Which month is {n} months earlier than {d}?",
    ],
}
SHIFT_TEMPLATES = [(kind, way, text) for (kind, way), texts in SHIFT.items() for text in texts]
NEIGHBOUR = {
    ("day", 1): ["Which day comes after {d}?", "What day is after {d}?", "day after {d}", "What is the day after {d}?", "Today is {d}. What is tomorrow?",
                 "If today is {d}, what day is tomorrow?", "Which day follows {d}?", "What comes after {d}?", "It is {d} today. Which day is tomorrow?", "{d} is followed by which day?"],
    ("day", -1): ["Which day comes before {d}?", "What day is before {d}?", "day before {d}", "What is the day before {d}?", "Today is {d}. What was yesterday?",
                  "If today is {d}, what day was yesterday?", "What comes right before {d}?", "It is {d} today. Which day was yesterday?", "Which day precedes {d}?", "{d} comes after which day?"],
    ("day", 2): ["Today is {d}. What day is the day after tomorrow?", "If today is {d}, what day is the day after tomorrow?", "It is {d}. Which day is the day after tomorrow?",
                 "Tomorrow's tomorrow: which day, if today is {d}?"],
    ("day", -2): ["Today is {d}. What day was the day before yesterday?", "If today is {d}, what day was the day before yesterday?",
                  "It is {d}. Which day was the day before yesterday?"],
    ("month", 1): ["Which month comes after {d}?", "What month is after {d}?", "month after {d}", "What is the month after {d}?", "Which month follows {d}?",
                   "It is {d}. What is next month?", "If this month is {d}, what is the next one?", "What comes after {d}?", "{d} is followed by which month?", "Name the month after {d}."],
    ("month", -1): ["Which month comes before {d}?", "What month is before {d}?", "month before {d}", "What is the month before {d}?", "It is {d}. What was last month?",
                    "If this month is {d}, what was the last one?", "What comes right before {d}?", "Which month precedes {d}?", "{d} comes after which month?", "Name the month before {d}."],
}  # fmt: skip
NEIGHBOUR_TEMPLATES = [(kind, n, text) for (kind, n), texts in NEIGHBOUR.items() for text in texts]


def shift(rng: random.Random, held: bool) -> Example:
    kind, way, template = choose(rng, SHIFT_TEMPLATES, held)
    cycle = DAYS if kind == "day" else MONTHS

    def sample(rng: random.Random) -> tuple:
        top = 7 if kind == "month" or rng.random() < 0.6 else 30
        return kind, way, rng.randrange(len(cycle)), rng.randint(2, top)

    _, _, start, n = draw(rng, held, sample)
    step = 1 if way == "after" else -1
    result = cycle[(start + step * n) % len(cycle)]
    lines, few = [], n
    if kind == "day" and n >= 7:
        few = n % 7
        lines.append(f"{n} = 7 × {n // 7}" + (f" + {few}" if few else ""))
    lines.append(cycle[start])
    lines += [f"{i} {cycle[(start + step * i) % len(cycle)]}" for i in range(1, few + 1)]
    shown = say(n) if n <= 12 and rng.random() < 0.3 else str(n)
    question = capital(template.format(n=shown, d=cycle[start]))
    sentence = f"{plural(n, kind)} {way} {cycle[start]} is {result}."
    accept = (result, f"re:.*\\bis (a )?{result.lower()}\\b.*")
    return pose(rng, held, question, sentence, result + ".", "\n".join(lines), accept, SHORT)


def neighbour(rng: random.Random, held: bool) -> Example:
    kind, n, template = choose(rng, NEIGHBOUR_TEMPLATES, held)
    cycle = DAYS if kind == "day" else MONTHS
    start = rng.randrange(len(cycle))
    result = cycle[(start + n) % len(cycle)]
    if abs(n) == 2:
        sentence = f"The day {'after tomorrow is' if n > 0 else 'before yesterday was'} {result}."
        thought = f"{cycle[start]}\n1 {cycle[(start + n // 2) % 7]}\n2 {result}"
    elif "tomorrow" in template or "yesterday" in template:
        sentence, thought = (f"Tomorrow is {result}." if n > 0 else f"Yesterday was {result}."), ""
    else:
        sentence, thought = f"{result} comes {'after' if n > 0 else 'before'} {cycle[start]}.", ""
    accept = (result, f"re:^(.*\\b(is|was) )?{result.lower()}\\b.*")
    return pose(rng, held, capital(template.format(d=cycle[start])), sentence, result + ".", thought, accept, SHORT)


DAYS_IN = [
    "How many days does {m} have?",
    "How many days are in {m}?",
    "How many days has {m}?",
    "days in {m}",
    "Number of days in {m}?",
    "How long is {m} in days?",
    "Tell me how many days {m} has.",
    "{m} has how many days?",
    "What is the number of days in {m}?",
    "{m}: how many days?",
    "how many days are there in {m}",
    "Is it 28, 29, 30 or 31 days in {m}?",
    "Do you know how many days there are in {m}?",
    "What is the last day of {m}, as a number?",
]


def days_in_month(rng: random.Random, held: bool) -> Example:
    if rng.random() < 0.3:
        year = draw(rng, held, lambda rng: ("february", rng.randint(1980, 2060)))[1]
        days = monthrange(year, 2)[1]
        question = choose(rng, DAYS_IN, held).format(m=f"February {year}")
        thought = leap_work(year) + f"\nFebruary has {days} days"
        return pose(rng, held, capital(question), f"February {year} has {days} days.", str(days), thought, (last_number(days),))
    at = rng.randrange(12)
    question = capital(choose(rng, DAYS_IN, held).format(m=MONTHS[at]))
    days = monthrange(2023, at + 1)[1]
    if at == 1:
        sentence = "February has 28 days, in a leap year 29."
        return Example([("user", surface(rng, question))], sentence, "", ("re:.*\\b28\\b.*",))
    return pose(rng, held, question, f"{MONTHS[at]} has {days} days.", str(days), "", (last_number(days),))


LEAP = [
    "Is {y} a leap year?",
    "Was {y} a leap year?",
    "is {y} a leap year",
    "{y}: leap year or not?",
    "Tell me whether {y} is a leap year.",
    "Does {y} have 366 days?",
    "Does February {y} have 29 days?",
    "Is there a 29 February in {y}?",
    "leap year {y}?",
    "Is the year {y} a leap year?",
    "Can you check if {y} is a leap year?",
    "I wonder if {y} is a leap year.",
    "Would {y} be a leap year?",
    "Yes or no: {y} is a leap year.",
]


def leap_work(year: int) -> str:
    if year % 100 == 0:
        century = year // 100
        rest = century % 4
        return f"{year} ends in 00\n{century} = 4 × {century // 4}" + (f" + {rest}\nno leap year" if rest else "\nleap year")
    last = year % 100
    rest = last % 4
    return f"{last} = 4 × {last // 4}" + (f" + {rest}\nno leap year" if rest else "\nleap year")


def leap_year(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int]:
        year = rng.randint(1880, 2100)
        roll = rng.random()
        return "leap", year // 4 * 4 if roll < 0.35 else rng.choice([1800, 1900, 2000, 2100, 2200, 2400]) if roll < 0.45 else year

    year = draw(rng, held, sample)[1]
    leap = isleap(year)
    question = choose(rng, LEAP, held).format(y=year)
    answer = f"Yes, {year} is a leap year." if leap else f"No, {year} is not a leap year."
    return Example([("user", surface(rng, question))], answer, leap_work(year), (f"re:^{'yes' if leap else 'no'}\\b.*",))


# --- formats ------------------------------------------------------------------------------------

# The format, how it is written, and the ways to ask for it.
FORMATS = {
    "iso": ["as YYYY-MM-DD", "in the form YYYY-MM-DD", "in ISO format", "as an ISO date", "like 2024-01-31", "with the year first, like 2024-01-31"],
    "long": ["in words, like 31 January 2024", "as day, month and year, like 31 January 2024", "like 31 January 2024", "with the month as a word, like 31 January 2024"],
    "american": ["like January 31, 2024", "in the American way, like January 31, 2024", "with the month first, like January 31, 2024"],
    "dotted": ["as DD.MM.YYYY", "in the form DD.MM.YYYY", "with dots, like 31.01.2024", "like 31.01.2024"],
    "slashed": ["as DD/MM/YYYY", "in the form DD/MM/YYYY", "with slashes, day first, like 31/01/2024"],
}  # fmt: skip
REFORMAT = [
    "Write {d} {f}.",
    "Write the date {d} {f}.",
    "Reformat {d} {f}.",
    "Format {d} {f}",
    "Convert {d}: {f}",
    "Give me {d} {f}.",
    "How do I write {d} {f}?",
    "Put the date {d} {f}.",
    "{d} {f}",
    "Please write {d} {f}.",
    "Can you write {d} {f}?",
    "Rewrite the date {d} {f}.",
    "I need {d} {f}.",
    "The date is {d}. Write it {f}.",
    "Here is a date: {d}. Please give it {f}.",
    "Show {d} {f}.",
    "Turn the date {d} around: {f}.",
    "Express {d} {f}.",
    "What is {d} {f}?",
    "Change the date {d} so that it is {f}.",
]
PART_OF = {
    "year": ["What is the year in {d}?", "Which year is {d}?", "Give me the year of {d}.", "year of {d}?", "In which year is {d}?", "From {d}, tell me only the year."],
    "month": ["What is the month in {d}?", "Which month is {d}?", "Give me the month of {d}.", "month of {d}?", "In which month is {d}?", "From {d}, tell me the month by name."],
    "day": ["What is the day of the month in {d}?", "Which day of the month is {d}?", "Give me the day number of {d}.", "day of month in {d}?", "From {d}, tell me only the day of the month."],
}  # fmt: skip
PART_TEMPLATES = [(part, text) for part, texts in PART_OF.items() for text in texts]


def form(day: date, how: str) -> str:
    month = MONTHS[day.month - 1]
    return {
        "iso": day.isoformat(),
        "long": f"{day.day} {month} {day.year}",
        "american": f"{month} {day.day}, {day.year}",
        "dotted": f"{day.day:02d}.{day.month:02d}.{day.year}",
        "slashed": f"{day.day:02d}/{day.month:02d}/{day.year}",
    }[how]


def any_date(rng: random.Random) -> date:
    return date(rng.randint(1950, 2040), 1, 1) + timedelta(days=rng.randrange(365))


def held_date(rng: random.Random, held: bool) -> date:
    return date.fromisoformat(draw(rng, held, lambda rng: (any_date(rng).isoformat(),))[0])


def parts(day: date) -> str:
    return f"day {day.day}, month {day.month:02d} {MONTHS[day.month - 1]}, year {day.year}"


def reformat(rng: random.Random, held: bool) -> Example:
    day = held_date(rng, held)
    # Dates with slashes are only written, never read: nobody can tell which number is the month.
    source, target = rng.sample(list(FORMATS), 2)
    while source == "slashed":
        source, target = rng.sample(list(FORMATS), 2)
    question = choose(rng, REFORMAT, held).format(d=form(day, source), f=rng.choice(FORMATS[target]))
    answer = form(day, target)
    # Lower case would change the pattern that is asked for, so nothing is done to this text.
    return Example([("user", capital(question))], answer, parts(day), (f"re:.*{answer.lower()}.*",))


def part_of_date(rng: random.Random, held: bool) -> Example:
    day = held_date(rng, held)
    part, template = choose(rng, PART_TEMPLATES, held)
    shown = form(day, rng.choice(["iso", "long", "american", "dotted"] if part != "month" else ["iso", "dotted", "iso", "long"]))
    value = {"year": str(day.year), "month": MONTHS[day.month - 1], "day": str(day.day)}[part]
    sentence = {"year": f"The year is {value}.", "month": f"The month is {value}.", "day": f"The day is {value}."}[part]
    asks = SHORT if part == "month" else None
    return pose(rng, held, template.format(d=shown), sentence, value, parts(day), (f"re:.*\\b{value.lower()}\\b.*",), asks)


# --- ages and spans -----------------------------------------------------------------------------

AGE = [
    "{N} was born in {b}. How old is {N} in {y}?",
    "{N} was born in {b}. How old does {N} turn in {y}?",
    "Born in {b}, how old is {N} in {y}?",
    "{N}'s year of birth is {b}. What age is that in {y}?",
    "How old is {N} in {y} if born in {b}?",
    "What age does {N} reach in {y}, born in {b}?",
    "How old will {N} be in {y}, having been born in {b}?",
    "The year is {y}. {N} was born in {b}. How old is that?",
    "{N}, born {b}: age in {y}?",
    "If {N} was born in {b}, how old is {N} at the end of {y}?",
    "Tell me the age of {N} in {y}. {N} was born in {b}.",
    "In {y}, how old is {N}, who was born in {b}?",
    "Work out the age of {N} in {y}, year of birth {b}.",
    "Someone called {N} was born in {b}. Age in {y}?",
]
BORN = [
    "{N} turns {a} in {y}. In which year was {N} born?",
    "In {y}, {N} turns {a}. When was {N} born?",
    "{N} is {a} in {y}. What is the year of birth?",
    "If {N} turns {a} in {y}, in which year was {N} born?",
    "Year of birth of {N}, who turns {a} in {y}?",
    "What year was {N} born, turning {a} in {y}?",
    "{N} celebrates birthday number {a} in {y}. Born in which year?",
    "Tell me the year of birth: {N} turns {a} in {y}.",
    "When was {N} born, if {N} turns {a} in {y}?",
    "{N} will be {a} in {y}. In what year was {N} born?",
]


def years_between(first: int, last: int) -> str:
    """Counted over the turn of the century, as one does in the head."""
    if first < 2000 < last:
        before, after = 2000 - first, last - 2000
        return f"{first} to 2000: {before}\n2000 to {last}: {after}\n{before} + {after} = {last - first}"
    return f"{last} - {first} = {last - first}"


def age(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int]:
        year = rng.randint(1990, 2040)
        return "age", rng.randint(max(1930, year - 90), year - 3), year

    _, born, year = draw(rng, held, sample)
    name = rng.choice(PEOPLE)
    years = year - born
    if rng.random() < 0.75:
        question = choose(rng, AGE, held).format(N=name, b=born, y=year)
        sentence = f"{name} turns {years} in {year}."
        accept = (f"{years} years", f"re:^(.*[^0-9])?{years}\\b.*")
        return pose(rng, held, question, sentence, str(years), years_between(born, year), accept)
    question = choose(rng, BORN, held).format(N=name, a=years, y=year)
    thought = f"{year} - {years} = {born}"
    if born < 2000 < year:
        thought = f"{year} - {year - 2000} = 2000\n{years} - {year - 2000} = {2000 - born}\n2000 - {2000 - born} = {born}"
    return pose(rng, held, question, f"{name} was born in {born}.", str(born), thought, (last_number(born),))


BETWEEN = [
    "How many days are there between {a} and {b}?",
    "How many days is it from {a} to {b}?",
    "days from {a} to {b}",
    "How many days are between {a} and {b}?",
    "From {a} to {b}, how many days?",
    "{a} to {b}: how many days?",
    "Count the days from {a} to {b}.",
    "It is {a}. How many days until {b}?",
    "How many days lie between {a} and {b}?",
    "Today is {a}. The party is on {b}. How many days are left?",
    "How long is it from {a} until {b}, in days?",
    "Tell me how many days pass from {a} to {b}.",
    "I leave on {a} and return on {b}. After how many days?",
    "What is the number of days from {a} to {b}?",
]
DATE_PLUS = [
    "What date is {n} days after {a}?",
    "Which date comes {n} days after {a}?",
    "{n} days after {a}",
    "{a} plus {n} days",
    "It is {a}. What is the date in {n} days?",
    "If today is {a}, what is the date in {n} days?",
    "Add {n} days to {a}.",
    "Tell me the date {n} days after {a}.",
    "The order of {a} arrives after {n} days. On which date?",
    "what is the date {n} days from {a}",
    "Count {n} days on from {a}. Which date is it?",
    "A bill of {a} is due in {n} days. On which date?",
    "From {a}, go {n} days forward. What is the date?",
    "I start on {a} and finish {n} days later. On which date?",
]


def short_date(rng: random.Random, day: int, month: int) -> str:
    name = MONTHS[month - 1]
    return rng.choice([f"{day} {name}", f"{day} {name}", f"{name} {day}"])


def span(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int, int]:
        month = rng.randint(1, 12)
        first, last = sorted(rng.sample(range(1, monthrange(2023, month)[1] + 1), 2))
        return "span", month, first, last

    _, month, first, last = draw(rng, held, sample)
    a, b = short_date(rng, first, month), short_date(rng, last, month)
    question = choose(rng, BETWEEN, held).format(a=a, b=b)
    days = last - first
    sentence = f"It is {plural(days, 'day')}." if days == 1 else f"It is {days} days."
    return pose(rng, held, capital(question), sentence, str(days), f"{last} - {first} = {days}", (plural(days, "day"), last_number(days)))


def date_plus(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int, int]:
        month = rng.choice([m for m in range(1, 13) if m != 2])
        return "plus", month, rng.randint(1, monthrange(2023, month)[1]), rng.randint(2, 20)

    _, month, day, n = draw(rng, held, sample)
    length = monthrange(2023, month)[1]
    total = day + n
    lines = [f"{MONTHS[month - 1]} has {length} days", f"{day} + {n} = {total}"]
    if total > length:
        lines.append(f"{total} - {length} = {total - length}")
        total, month_after = total - length, month % 12 + 1
    else:
        month_after = month
    result = f"{total} {MONTHS[month_after - 1]}"
    lines.append(result)
    question = choose(rng, DATE_PLUS, held).format(n=n, a=short_date(rng, day, month))
    accept = (f"{MONTHS[month_after - 1]} {total}", f"re:.*\\b{result.lower()}\\b.*")
    return pose(rng, held, capital(question), f"It is {result}.", result + ".", "\n".join(lines), accept, SHORT)


# --- clock --------------------------------------------------------------------------------------

LATER = [
    "What time is it {n} after {t}?",
    "{t} plus {n}",
    "It is {t}. What time is it in {n}?",
    "If it is {t} now, what time is it in {n}?",
    "Add {n} to {t}.",
    "A film starts at {t} and lasts {n}. When does it end?",
    "The train leaves at {t} and takes {n}. When does it arrive?",
    "what time is {n} after {t}",
    "{n} after {t}?",
    "A meeting begins at {t} and takes {n}. At what time is it over?",
    "I leave at {t} and need {n}. When am I there?",
    "Tell me the time {n} after {t}.",
    "The cake goes into the oven at {t} for {n}. When is it ready?",
    "From {t}, {n} later: what time?",
]
EARLIER = [
    "What time is it {n} before {t}?",
    "{t} minus {n}",
    "It is {t}. What time was it {n} ago?",
    "If it is {t} now, what time was it {n} ago?",
    "Take {n} from {t}.",
    "A film ended at {t} and lasted {n}. When did it start?",
    "The train arrives at {t} after {n}. When did it leave?",
    "what time is {n} before {t}",
    "{n} before {t}?",
    "I must be there at {t} and need {n}. When do I leave?",
    "Tell me the time {n} before {t}.",
    "The meeting is at {t}. I want to be there {n} early. At what time?",
]
HOW_LONG = [
    "How long is it from {a} to {b}?",
    "How much time is between {a} and {b}?",
    "{a} to {b}: how long?",
    "From {a} until {b}, how long is that?",
    "A meeting goes from {a} to {b}. How long does it last?",
    "The train leaves at {a} and arrives at {b}. How long does it take?",
    "A film starts at {a} and ends at {b}. How long is it?",
    "time from {a} to {b}",
    "How many hours and minutes from {a} to {b}?",
    "I worked from {a} to {b}. How long was that?",
    "It is {a}. How long is it until {b}?",
    "What is the time between {a} and {b}?",
    "The shop is open from {a} to {b}. How long is that?",
    "Tell me how long it is from {a} to {b}.",
]
TO_TWELVE = [
    "Write {t} in 12-hour format.",
    "What is {t} in am/pm?",
    "{t} in am/pm",
    "Convert {t} to 12-hour time.",
    "How do I say {t} with am or pm?",
    "{t} on a 12-hour clock?",
    "Change {t} to am/pm.",
    "Give me {t} with am or pm.",
    "What is {t} on a 12-hour clock?",
    "Turn {t} into 12-hour time.",
    "Please write {t} with am or pm.",
    "My watch has 12 hours. What does it show at {t}, am or pm?",
]
TO_TWENTY_FOUR = [
    "Write {t} in 24-hour format.",
    "What is {t} in 24-hour time?",
    "{t} in 24 hour time",
    "Convert {t} to 24-hour time.",
    "How is {t} written on a 24-hour clock?",
    "{t} on a 24-hour clock?",
    "Change {t} to the 24-hour format.",
    "Give me {t} in 24-hour time.",
    "What is {t} on a 24-hour clock?",
    "Turn {t} into 24-hour time.",
    "Please write {t} without am or pm.",
    "My clock has 24 hours. What does it show at {t}?",
]


def clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, [plural(hours, "hour") if hours else "", plural(rest, "minute") if rest else ""]))


def add_time(rng: random.Random, held: bool) -> Example:
    back = rng.random() < 0.35

    def sample(rng: random.Random) -> tuple[str, int, int]:
        n = rng.choice([*range(5, 60, 5), rng.randint(1, 59), 60, 75, 90, 105, 120, 135, 150])
        start = rng.randint(n, 23 * 60) if back else rng.randint(5 * 60, 24 * 60 - 1 - n)
        start = start // 5 * 5 if rng.random() < 0.6 else start
        return "before" if back else "after", max(start, n) if back else start, n

    _, start, n = draw(rng, held, sample)
    hours, rest = divmod(n, 60)
    hour, minute = divmod(start, 60)
    lines = []
    if hours:
        moved = hour + (-hours if back else hours)
        lines.append(f"hours: {hour} {'-' if back else '+'} {hours} = {moved}")
        hour = moved
    if rest:
        if back:
            work = f"{minute} - {rest} = {minute - rest}" if minute >= rest else f"{minute} + 60 - {rest} = {minute + 60 - rest}, hour {hour} - 1 = {hour - 1}"
        else:
            total = minute + rest
            work = f"{minute} + {rest} = {total}" + (f", {total} - 60 = {total - 60}, hour {hour} + 1 = {hour + 1}" if total >= 60 else "")
        lines.append(f"minutes: {work}")
    result = start - n if back else start + n
    lines.append(clock(result))
    shown = rng.choice([duration(n), duration(n), f"{n} minutes", f"{n} min"])
    if hours and rest:
        shown = rng.choice([f"{plural(hours, 'hour')} and {plural(rest, 'minute')}", f"{n} minutes"])
        if shown.startswith(str(n)):
            lines.insert(0, f"{n} = {hours * 60} + {rest}")
    elif shown.startswith(str(n)) and hours:
        lines.insert(0, f"{n} minutes = {plural(hours, 'hour')}")
    question = choose(rng, EARLIER if back else LATER, held).format(t=clock(start), n=shown if n > 1 else "1 minute")
    answer = clock(result)
    accept = (f"re:^(.*[^0-9:])?0?{answer}[^0-9:]*$",)
    return pose(rng, held, capital(question), f"It is {answer}.", answer, "\n".join(lines), accept, SHORT)


def time_between(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int]:
        start = rng.randint(5 * 12, 20 * 12) * 5
        return "long", start, min(start + rng.randint(1, 36) * 5, 24 * 60 - 5)

    _, start, end = draw(rng, held, sample)
    lines, at, total = [], start, []
    full = (start // 60 + 1) * 60
    if start % 60 and full <= end:
        lines.append(f"{clock(start)} to {clock(full)}: {full - start} min")
        total.append(full - start)
        at = full
    hours = (end - at) // 60
    if hours:
        lines.append(f"{clock(at)} to {clock(at + 60 * hours)}: {hours} h")
        at += 60 * hours
    if end > at:
        lines.append(f"{clock(at)} to {clock(end)}: {end - at} min")
        total.append(end - at)
    if len(total) == 2:
        lines.append(f"{total[0]} + {total[1]} = {sum(total)} min")
        if sum(total) >= 60:
            lines.append(f"{sum(total)} min = 1 h {sum(total) - 60} min")
    answer = duration(end - start)
    if len(lines) > 1:
        lines.append(answer)
    question = choose(rng, HOW_LONG, held).format(a=clock(start), b=clock(end))
    accept = (answer.replace("hour ", "hour and ").replace("hours ", "hours and "), f"{end - start} minutes")
    return pose(rng, held, capital(question), f"It is {answer}.", capital(answer) + ".", "\n".join(lines), (answer, *accept), SHORT)


def twelve_hours(rng: random.Random, held: bool) -> Example:
    _, at = draw(rng, held, lambda rng: ("clock", rng.randrange(24 * 12) * 5 if rng.random() < 0.7 else rng.randrange(24 * 60)))
    hour, minute = divmod(at, 60)
    half = "am" if hour < 12 else "pm"
    twelve = f"{(hour - 1) % 12 + 1}:{minute:02d} {half}"
    if rng.random() < 0.5:
        shown = rng.choice([clock(at), f"{hour:02d}:{minute:02d}"])
        question = choose(rng, TO_TWELVE, held).format(t=shown)
        work = f"{hour} - 12 = {hour - 12}, pm" if hour > 12 else "12 is noon, pm" if hour == 12 else f"{hour} is before 12, am" if hour else "0 is midnight, 12 am"
        sentence, bare = f"{clock(at)} is {twelve}.", twelve
    else:
        shown = rng.choice([twelve, twelve.replace(" ", ""), twelve.replace("am", "a.m.").replace("pm", "p.m.")])
        question = choose(rng, TO_TWENTY_FOUR, held).format(t=shown)
        first = (hour - 1) % 12 + 1
        work = f"pm: {first} + 12 = {hour}" if hour > 12 else "12 pm is noon" if hour == 12 else f"am: {first} stays" if hour else "12 am is 0"
        sentence, bare = f"{twelve} is {clock(at)}.", clock(at)
    accept = (f"re:^(.*\\bis )?0?{bare}\\b.*",)
    return pose(rng, held, question, sentence, bare, work, accept, SHORT)


def make_dates(rng: random.Random, held: bool) -> Example:
    kinds = [shift, neighbour, days_in_month, leap_year, reformat, part_of_date, age, span, date_plus, add_time, time_between, twelve_hours]
    return rng.choices(kinds, [13, 10, 6, 5, 13, 6, 9, 7, 8, 11, 6, 6])[0](rng, held)


ABILITIES = {"dates": make_dates}
