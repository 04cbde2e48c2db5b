"""Pulling fields out of short texts: e-mails, orders, invitations, ads, log lines, notes.

A field's value is copied exactly. Asked for one field: the bare value; for several: lines "Name: …" or JSON.
A field that the text does not have: "No … is given.", "none" in lines, null in JSON.

About a tenth of the requests come as an application sends them: the task as system turn, the text as the user's.

Held out (an eighth each, by `choose`): the text schemes, the wordings of the request, and the values (names, towns,
firms, products by themselves; numbers, dates and amounts by their hash).
"""

import json
import random
import re

from .common import Example, choose, is_held

FIRST = """Aaron Abigail Ada Adam Aiko Aisha Akira Alan Albert Alexei Alice Alma Amara Amelia Amina Amir Ana Anders Andrea
Andrew Angela Anika Anita Anna Anton Antonio Anya Ari Arjun Arthur Asha Astrid Ava Ayesha Barbara Beatriz Ben Bianca Boris
Brandon Brenda Brian Bruno Camila Carla Carlos Carmen Caroline Catherine Cecilia Charles Chen Chloe Chris Clara Claire
Connor Cynthia Daniel Daria David Deborah Deepak Delia Dennis Diana Diego Dimitri Dmitry Dominic Donna Dora Dylan Edith
Eduardo Edward Elena Eleni Elias Elif Elise Eliza Ella Ellen Elsa Emil Emily Emma Enzo Eric Erik Esra Esther Ethan Eva
Evelyn Fatima Felix Fernando Fiona Flora Florence Frances Francesca Frank Freya Gabriel Gemma George Gina Giulia Grace
Greta Gustav Hana Hanna Harold Harriet Harry Hassan Hector Heidi Helen Henrik Henry Hiroshi Hugo Ian Ibrahim Ida Igor
Imani Ines Ingrid Irene Iris Isaac Isabel Ivan Jack Jacob Jamal James Jan Jana Jane Jasmine Javier Jean Jenny Jin Joanna
Joel Johan John Jonas Jorge Joseph Josh Juan Judith Julia Julian Juliet Jun Kai Karen Karim Karl Katarina Keiko Keith Kenji
Kevin Khalid Kim Kofi Kwame Lara Larry Laszlo Laura Layla Leah Lena Leo Leon Leila Liam Lily Lin Linda Linh Lisa Lorenzo
Louis Lucas Lucia Luis Luka Luna Lydia Magnus Maja Malik Manuel Marco Margaret Maria Marie Mark Marta Martin Mateo Matilda
Max Maya Mei Mia Michael Miguel Mila Milan Mina Miriam Mohamed Mona Monica Nadia Naomi Natalia Nathan Neil Nia Nicole Niko
Nils Nina Noah Noor Nora Olga Oliver Olivia Omar Oscar Otto Pablo Paola Patricia Paul Paula Pedro Peter Petra Philip Pierre
Priya Quentin Rachel Rafael Rahul Raj Ravi Rebecca Renata Rico Rita Robert Rosa Rose Ruth Ryan Sabine Sakura Sally Samir
Samuel Sandra Sara Sean Selma Sergei Shira Silvia Simon Sofia Sonia Stefan Stella Steven Sunita Susan Sven Tamar Tanya Tara
Teresa Theo Thomas Tim Tomas Uma Ursula Valentina Vera Victor Vikram Vincent Viola Walter Wanda Wei William Xavier Yara Yasmin
Yuki Yusuf Zara Zoe""".split()

LAST = """Abbott Abe Adams Adler Ahmed Aguilar Ali Allen Almeida Alvarez Andersen Anderson Arai Archer Baker Banerjee Barnes
Bauer Becker Bell Bennett Berg Bergman Bianchi Bishop Black Blake Blanc Bose Bowen Brandt Brooks Brown Bruno Burke Burns
Butler Campbell Cannon Cardoso Carlson Carter Castillo Castro Chan Chang Chavez Chen Cheng Cho Choi Christensen Clark
Cohen Cole Collins Conti Cooper Costa Cox Craig Crawford Cruz Cunningham Dahl Das Davies Davis Delgado Demir Desai Diaz
Diallo Dixon Douglas Dubois Duncan Dunn Eaton Edwards Ekström Eliasson Ellis Engel Eriksen Esposito Evans Farah Faure
Fernandez Ferrari Ferreira Fischer Fisher Fletcher Flores Fontaine Ford Foster Fowler Fox Franco Fraser Fuchs Fujita
Gallo Garcia Gardner Garnier George Ghosh Gibson Gill Goldberg Gomez Gonzalez Gordon Graham Grant Gray Greco Green Griffin
Gruber Gupta Guzman Haas Haddad Hall Hamilton Hansen Harper Harris Hart Hassan Hayashi Hayes Henry Hernandez Herrera Hill
Hoang Hoffman Holm Holt Horvat Howard Huang Huber Hughes Hunt Hussein Ibrahim Ito Ivanov Jackson Jain James Jansen Jensen
Jimenez Johansson Johnson Jones Jordan Joshi Kane Kang Kaplan Kapoor Kato Kaya Keller Kelly Khan Kim King Klein Koch Kovac
Kowalski Kramer Kruger Kumar Lambert Lang Larsen Laurent Lee Lehmann Lewis Li Lim Lind Liu Lopez Lund Ma Mancini Marino
Marsh Martin Martinez Mason Mendes Mendoza Meyer Miller Mills Mitchell Moore Moreau Morgan Mori Morris Moser Müller Murphy
Murray Nagy Nakamura Nash Nelson Neumann Nguyen Nielsen Nilsen Novak Nunez Nyberg Okafor Okoye Oliveira Olsen Olson Ortega
Osei Owens Palmer Papadakis Park Parker Patel Pavlov Pearson Pereira Perez Perry Persson Petrov Pham Phillips Pinto Popov
Porter Powell Price Quinn Ramirez Ramos Rao Reed Reyes Ribeiro Ricci Richards Rivera Roberts Robinson Romano Rossi Roth
Rubin Russo Ryan Saito Salazar Sanchez Santos Sato Schmidt Schneider Schwarz Scott Sharma Shaw Silva Simon Singh Smith
Soares Sokolov Soto Steele Stein Stone Suzuki Svensson Tanaka Taylor Thompson Torres Tran Turner Vargas Vega Virtanen
Vogel Volkov Wagner Walker Wang Ward Watson Weber Weiss West White Wilson Winter Wolf Wong Wood Wright Wu Yamada Yang
Yilmaz Young Zhang Zhao Ziegler Zimmer""".split()

PLACES = """Oslo|Lisbon|Dublin|Vienna|Prague|Boston|Denver|Austin|Seattle|Toronto|Leeds|Bristol|York|Lyon|Nice|Porto|Malmo|
Bergen|Graz|Basel|Bonn|Ghent|Turin|Milan|Krakow|Riga|Tampere|Kyoto|Osaka|Busan|Perth|Auckland|Nairobi|Accra|Lima|Quito|
Room 4|Room 12|Room 21|Room 105|Room B2|the main hall|the town hall|the library|the school gym|the city park|the north gate|
the Blue Cafe|the Green Door|the Old Mill|the Riverside Hotel|the Lake House|the Corner Bakery|the Grand Theater|
Cafe Luna|Cafe Mozart|Hotel Astoria|Hotel Bristol|Villa Rosa|Studio 5|Hall C|Gate 14|Platform 3|Pier 7|
12 Hill Street|8 Oak Avenue|45 Station Road|3 Park Lane|27 Mill Road|90 King Street|16 Rose Street|71 Lake Drive|5 Church Lane|
34 Garden Street|the second floor|the roof terrace|the training center|the museum|the harbor office|the sports club|
Building 9|the east wing|the community center|the music school|the market square""".replace("\n", "").split("|")

COMPANIES = """Acme Tools|Blue Harbor|Bright Lamp Co|Cedar Bank|City Bikes|Clear Water Ltd|Cloud Nine Travel|Copper Fox|
Delta Print|Dune Software|Eagle Post|East Wind Energy|Evergreen Foods|Fair Mile|Fern and Sons|Five Star Cleaning|Frost Dairy|
Garden World|Golden Gate Books|Granite Works|Green Leaf|Happy Paws|Harbor Freight|High Peak|Home Nest|Iron Bridge|Ivy League Shoes|
Juniper Labs|Kite Media|Lake View Dental|Lemon Tree|Lighthouse Insurance|Little Italy|Maple Motors|Meadow Farm|Metro Gas|
Moonlight Hotel|Nordic Home|North Star|Oak Furniture|Ocean Air|Olive Garden Shop|Orbit Phones|Paper Plane|Pine Valley|
Pixel House|Quick Fix|Quiet Room|Red Brick|River Bank|Rocket Mail|Rose Clinic|Royal Tea|Sand and Sea|Silver Line|
Sky Tours|Small World Toys|Snow Peak|Sun Power|Tall Trees|Top Shelf|Tulip Market|Urban Garden|Valley Water|Velvet Sofa|
West End Theater|White Owl|Wild Berry|Wind and Wave|Zen Studio""".replace("\n", "").split("|")

PRODUCTS = """desk lamp|office chair|coffee machine|water bottle|running shoes|winter coat|rain jacket|wool scarf|phone case|
laptop stand|wireless mouse|keyboard|headphones|radio|alarm clock|wall clock|tea pot|frying pan|knife set|cutting board|toaster|
blender|electric kettle|vacuum cleaner|ironing board|bath towel|blanket|pillow|mattress|bookshelf|sofa|dining table|garden hose|
lawn mower|flower pot|bird house|tent|sleeping bag|backpack|suitcase|camping stove|bicycle|bike helmet|skateboard|yoga mat|
tennis racket|football|chess set|puzzle|toy train|doll house|guitar|violin|camera|tripod|printer|monitor|tablet|smart watch|
power bank|light bulb|tool box|hammer|drill|ladder|paint brush|notebook|fountain pen|calendar|dog bed|cat tree|
fish tank|mirror|rug|curtains|door mat|umbrella|sunglasses|leather wallet|handbag|silver ring""".replace("\n", "").split("|")

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DOMAINS = """example.com example.org example.net mail.example.com post.example.org shop.example.com office.example.net
acme.example blue.example cedar.example north.example river.example""".split()

# Each field: the names by which it is asked for (the first one is used in answers), and the key in JSON.
FIELDS: dict[str, list[str]] = {
    "name": ["name", "person's name", "full name"],
    "email": ["e-mail address", "email", "email address", "e-mail"],
    "phone": ["phone number", "telephone number", "phone"],
    "date": ["date", "day"],
    "time": ["time", "hour"],
    "place": ["place", "location", "venue"],
    "amount": ["amount", "price", "sum"],
    "order": ["order number", "order id", "order no"],
    "product": ["product", "item", "article"],
    "company": ["company", "company name", "firm"],
}
LABELS = {"name": "Name", "email": "E-mail", "phone": "Phone", "date": "Date", "time": "Time", "place": "Place",
          "amount": "Amount", "order": "Order", "product": "Product", "company": "Company"}  # fmt: skip


def value(rng: random.Random, field: str, held: bool, values: dict[str, str]) -> str:
    if field == "name":
        last = choose(rng, LAST, held)
        return choose(rng, FIRST, held) + (f" {last}" if rng.random() < 0.8 else "")
    stock = {"place": PLACES, "company": COMPANIES, "product": PRODUCTS}.get(field)
    if stock:
        return choose(rng, stock, held)
    while True:
        drawn = generated(rng, field, values, held)
        if is_held((field, drawn)) == held:
            return drawn


def generated(rng: random.Random, field: str, values: dict[str, str], held: bool) -> str:
    if field == "email":
        first, last = rng.choice(FIRST).lower(), rng.choice(LAST[:40]).lower()
        if "name" in values and rng.random() < 0.6:
            first, *rest = values["name"].lower().split()
            last = rest[0] if rest else last
        last = last.replace("ö", "o").replace("ü", "u")
        form = rng.choice(["{f}.{l}", "{f}", "{f}{n}", "{f}_{l}", "{l}", "{i}.{l}", "info", "sales", "{f}.{l}{n}"])
        local = form.format(f=first, l=last, i=first[0], n=rng.randint(1, 99))
        return f"{local}@{rng.choice(DOMAINS)}"
    if field == "phone":
        form = rng.choice(["555-01##", "555-####", "+1 555 01##", "(555) 555-01##", "+44 20 7946 0###", "020 7946 0###",
                           "0## 555 ####", "+49 30 55501##", "555 0### ##", "555.01##"])  # fmt: skip
        return re.sub("#", lambda _: str(rng.randint(0, 9)), form)
    if field == "date":
        day, month, year = rng.randint(1, 28), rng.choice(MONTHS), rng.randint(2019, 2029)
        form = rng.choice(["{d} {m}", "{m} {d}", "{m} {d}", "{d} {m} {y}", "{m} {d}, {y}", "{w}", "{w}, {d} {m}", "{w}, {m} {d}",
                           "{y}-{n:02}-{d:02}", "{d}/{n}/{y}", "{n:02}/{d:02}/{y}"])  # fmt: skip
        return form.format(d=day, m=month, y=year, n=MONTHS.index(month) + 1, w=rng.choice(DAYS))
    if field == "time":
        hour, minute = rng.randint(1, 12), rng.choice([0, 0, 5, 10, 15, 20, 30, 30, 40, 45, 50])
        form = rng.choice(["{h}:{m:02}", "{g}:{m:02}", "{g:02}:{m:02}", "{h} pm", "{h} am", "{h}:{m:02} pm", "{h}:{m:02} am", "{h} o'clock"])
        return form.format(h=hour, g=rng.randint(7, 22), m=minute)
    if field == "amount":
        whole, cents = rng.choice([rng.randint(2, 99), rng.randint(100, 999), rng.randint(2, 40) * 25]), rng.randint(0, 99)
        form = rng.choice(["${a}", "${a}.{c:02}", "${a}.{c:02}", "€{a}", "€{a}.{c:02}", "£{a}", "£{a}.{c:02}", "{a} dollars",
                           "{a} euros", "{a}.{c:02} EUR", "{a} USD", "{a} francs"])  # fmt: skip
        return form.format(a=whole, c=cents)
    form = rng.choice(["#####", "######", "#-####", "A-####", "B####", "HG-####", "####-##", "R##-###", "X#####", "ORD-####", "K##-##"])
    return re.sub("#", lambda _: str(rng.randint(0, 9)), form)


# ---- the texts ------------------------------------------------------------------------

SCHEMES = [
    # e-mails and letters
    "Hello, my name is {name}. You can reach me at {email} or {phone}.",
    "Dear team, please send the {product} to {place}. Regards, {name}",
    "Hi, I am {name} from {company}. Could we meet on {date} at {time}?",
    "Hello, I ordered a {product} on {date}, but it has not arrived. The order number is {order}. {name}",
    "Dear Sir or Madam, I would like to return the {product} from order {order}. Please write to {email}.",
    "Hi all, the meeting is moved to {date} at {time} in {place}. {name}",
    "Dear {name}, thank you for your payment of {amount}. Best wishes, {company}",
    "Dear {name}, your order {order} was sent on {date}.",
    "Hello {name}, your {product} is ready. You can collect it at {place} until {time}.",
    "From: {email}\nSubject: Invoice\nPlease pay {amount} by {date}.",
    "From: {name} <{email}>\nDate: {date}\nCan you call me at {phone}?",
    "To: {email}\nYour table is booked for {date} at {time}. {company}",
    "Hi {name}, call me back on {phone} after {time}, please.",
    "Please forward this to {name} at {company}; the address is {email}.",
    "Thanks for your help last week. You still owe me {amount}. {name}",
    "Good morning, this is {company}. Your appointment is on {date} at {time}. To cancel, call {phone}.",
    # orders and invoices
    "Order {order}: 1 {product}, {amount}. Ship to {name}, {place}.",
    "Order {order} from {date}: {product} for {amount}.",
    "Invoice from {company}. Total: {amount}. Due: {date}. Questions: {email}",
    "Receipt: {product}, {amount}, paid on {date}.",
    "{company} confirms order {order} ({product}). Delivery: {date}.",
    "Order no. {order}, customer {name}, phone {phone}, total {amount}.",
    "{name} bought a {product} for {amount} at {company}.",
    "{name} paid {amount} to {company} on {date}.",
    "The {product} costs {amount} and can be ordered at {email}.",
    "We shipped the {product} to {name} on {date}. Reference: {order}.",
    "Refund of {amount} for order {order} was approved by {name}.",
    # invitations and notes
    "You are invited to my birthday party on {date} at {time} in {place}! {name}",
    "Dinner at {place}, {date}, {time}. Please tell {name} if you come.",
    "{company} invites you to the opening of our new shop on {date}. Where: {place}. When: {time}.",
    "Concert with {name} on {date}, {time}, {place}. Tickets: {amount}.",
    "Reminder: dentist on {date} at {time}. Phone: {phone}",
    "Note: {name} called at {time} and wants a call back on {phone}.",
    "Note to self: buy a {product} before {date}, not more than {amount}.",
    "Meet {name}: {place}, {time}.",
    "Picnic in {place} this {date}. Bring {amount} for the drinks.",
    "Yoga class with {name}, {date} at {time}, {place}.",
    "The train to {place} leaves at {time}. The ticket costs {amount}.",
    "{name} will arrive in {place} on {date} at {time}.",
    # ads
    "For sale: {product}, like new, {amount}. Call {phone}.",
    "Selling a {product} for {amount}. Pick up in {place}. Write to {email}.",
    "Lost: a {product} near {place}. If you find it, call {name} on {phone}.",
    "Found on {date}: a {product}. The owner can write to {email}.",
    "Room for rent in {place}, {amount} a month. Contact {name}, {phone}.",
    "{company} is looking for a driver in {place}. Apply by {date}: {email}",
    "Big sale at {company}! Every {product} now only {amount}, until {date}.",
    "Guitar lessons by {name}, {amount} an hour, {phone}.",
    "Wanted: used {product}. I pay up to {amount}. {email}",
    # log lines and forms
    "{date} {time} INFO login by {email}",
    "{date} {time} order={order} total={amount} status=paid",
    "[{time}] user {name} opened ticket for {product}",
    "{time} WARN payment of {amount} failed for {email}",
    "name={name}; phone={phone}; city={place}",
    "Name: {name}\nE-mail: {email}\nPhone: {phone}",
    "Customer: {name} | Company: {company} | Order: {order}",
    "Visitor {name} ({company}) checked in at {time} on {date}.",
    "Delivery {order} for {company}, {place}, left the depot at {time}.",
    "Booking: {name}, {date}, {time}, deposit {amount}.",
    "Contact: {name}, {company}, {email}, {phone}",
    "Event: book fair / Place: {place} / Date: {date} / Entry: {amount}",
]  # fmt: skip

ONE_FIELD = [
    "What is the {f}?", "what is the {f}", "Extract the {f}.", "Give me the {f}.", "Find the {f}.", "{f}?", "Which {f} is given?",
    "Which {f} is mentioned?", "Please extract the {f}.", "Copy the {f} from the text.", "Tell me the {f}.", "the {f} please",
    "Can you find the {f}?", "What {f} does the text give?", "Return only the {f}.", "Pull out the {f}.", "Get the {f} from this text.",
    "Read the text and give the {f}.", "I need the {f}.", "What's the {f}?", "Which {f} do you see here?", "Look for the {f}.",
    "Show me the {f}.", "Pick out the {f}.", "Is there a {f}? If so, which?", "State the {f}.", "Please tell me the {f} in this message.",
    "Search the text for the {f}.", "extract {f}", "Write down the {f}.", "Could you give me the {f}, please?", "Answer with the {f} only.",
]
# What a person asks instead of naming the field; true of any text that has it, or does not.
PLAIN_QUESTIONS: dict[str, list[str]] = {
    "name": ["Who is named in the text?", "Which person is named?", "who is it about?", "Whose name is in the text?", "What is the person called?"],
    "email": ["Where can I write an e-mail to?", "Which e-mail address is in the text?", "what address do I mail to?", "Which address should I email?"],
    "phone": ["Which number can I call?", "What number should I call?", "which number do I dial?", "What is the number to call?"],
    "date": ["On which day is it?", "When is it, which date?", "which day?", "What day is mentioned?", "Which day does it name?"],
    "time": ["At what time?", "What time is mentioned?", "at which time is it?", "What time is it about?", "Which clock time is named?"],
    "place": ["Where is it?", "Which place is mentioned?", "where?", "What location does it name?", "Where does it say?"],
    "amount": ["How much is it?", "How much money is it about?", "how much?", "What does it cost?", "Which sum of money is named?"],
    "order": ["Which order is it about?", "What is the number of the order?", "order number?", "Which order number is named?"],
    "product": ["Which thing is it about?", "What product is mentioned?", "which item is it?", "What article is named?"],
    "company": ["Which company is named?", "What firm is it?", "which company?", "Which business is mentioned?"],
}
TEXT_FRAMES = [
    "{q}\n{x}", "{q}\n\n{x}", "{x}\n{q}", "{x}\n\n{q}", "{q} Text: {x}", "Text: {x}\n{q}", 'Text: "{x}"\n{q}', '{q} "{x}"',
    "{q}\n---\n{x}\n---", "Message: {x}\nQuestion: {q}", "Read this: {x}\n{q}", "Here is a text: {x} {q}", "Here is a message:\n{x}\n\n{q}",
    "{q}\nMessage: {x}", "Q: {q}\nText: {x}\nA:", "I got this message: {x}\n{q}", "From this text: {x}\n{q}", "Look at this: {x}\n{q}",
    "Context: {x}\nQ: {q}", "<text>{x}</text>\n{q}", "Document:\n{x}\nTask: {q}", "Task: {q}\nInput: {x}", "This came in today: {x}\n{q}",
    "{q} Here is the text:\n{x}",
]
SYSTEM_FRAMES = [
    "{q}", "You read messages. {q}", "You extract data from texts. Task: {q}", "The user sends a text. {q}", "For each message: {q}", "Task: {q}", "You are an extraction service. {q}", "Instruction: {q}", "Read the user's text. {q}",
    "{q} The text comes from the user.", "You get one text at a time. {q}", "{q} Copy values exactly.", "You process mail for an office. {q}",
]  # fmt: skip
SEVERAL = [
    "Extract {fs}.", "Give me {fs}.", "Find {fs}.", "List {fs}.", "Extract these fields: {fs}.", "Extract {fs}, one per line.", "Pull out {fs}.",
    "Which {fs} are given?", "Write {fs} on separate lines.", "Please extract {fs}.", "Get {fs} from this text.", "I need {fs}, line by line.",
    "Fill in: {fs}.", "Fields: {fs}", "Copy {fs} from the text, one line each.", "Return {fs} as lines.", "What are {fs}?", "extract {fs}",
    "Can you list {fs}?", "Note down {fs}.", "Read out {fs} from the text.", "Show {fs}, each on its own line.", "Tell me {fs}.",
]
AS_JSON = [
    "Return a JSON object with the keys {ks}.", "Extract {ks} as JSON.", "Give me JSON with {ks}.", "Answer as JSON with the keys {ks}.",
    "Turn this into JSON with the keys {ks}.", "Make a JSON object with {ks}.", "Output JSON: {ks}.", "Extract these as JSON: {ks}",
    "Fill a JSON object with the fields {ks}.", "Parse the text into JSON. Keys: {ks}", "JSON with keys {ks}, please.", "Convert to JSON ({ks}).",
    "As a JSON object, give {ks}.", "Write {ks} as a JSON object.", "I want JSON with these keys: {ks}.", "Please respond in JSON with {ks}.",
    "Extract the fields {ks} in JSON format.", "json please: {ks}", "Return only JSON with the keys {ks}.", "Produce JSON having the keys {ks}.",
]


def placeholders(scheme: str) -> list[str]:
    return re.findall(r"{(\w+)}", scheme)


def joined(rng: random.Random, items: list[str]) -> str:
    if rng.random() < 0.4:
        return ", ".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def make_extraction(rng: random.Random, held: bool) -> Example:
    scheme = choose(rng, SCHEMES, held)
    values: dict[str, str] = {}
    for field in placeholders(scheme):
        values[field] = value(rng, field, held, values)
    text = scheme.format(**values)
    absent = [field for field in FIELDS if field not in values]
    given = "Given: " + ", ".join(FIELDS[field][0] for field in values) + "."
    form = rng.random()
    if form < 0.55:
        return one_field(rng, held, text, values, absent, given)
    if form < 0.72:
        return several(rng, held, text, values, absent, given)
    return as_json(rng, held, text, values, absent, given)


def framed(rng: random.Random, held: bool, text: str, question: str) -> list[tuple[str, str]]:
    if rng.random() < 0.1:  # an application's way: the task in the system turn
        return [("system", choose(rng, SYSTEM_FRAMES, held).replace("{q}", question)), ("user", text)]
    return [("user", choose(rng, TEXT_FRAMES, held).replace("{q}", question[:1].upper() + question[1:] if rng.random() < 0.8 else question)
             .replace("{x}", text))]  # fmt: skip


def one_field(rng: random.Random, held: bool, text: str, values: dict[str, str], absent: list[str], given: str) -> Example:
    field = rng.choice(absent) if rng.random() < 0.2 else rng.choice(list(values))
    if rng.random() < 0.25:
        question = choose(rng, PLAIN_QUESTIONS[field], held)
    else:
        label = FIELDS[field][0] if rng.random() < 0.6 else rng.choice(FIELDS[field])
        question = choose(rng, ONE_FIELD, held).replace("{f}", label)
        question = question.replace("a e-mail", "an e-mail").replace("a email", "an email").replace("a order", "an order")
        question = question.replace("a item", "an item").replace("a article", "an article").replace("a amount", "an amount").replace("a hour", "an hour")
    turns = framed(rng, held, text, question)
    wanted = f"{given} Wanted: {FIELDS[field][0]}."
    if field in absent:
        return Example(turns, f"No {FIELDS[field][0]} is given.", f"{wanted} It is missing.", ("re:(?i)^(no |none|not given|there is no)",))
    accept = (f"re:(?i)^the .{{3,25}} is {re.escape(values[field])}\\W*$",)
    return Example(turns, values[field], wanted, accept)


def wanted_fields(rng: random.Random, values: dict[str, str], absent: list[str]) -> list[str]:
    present = list(values)
    wanted = rng.sample(present, rng.randint(min(2, len(present)), len(present)))
    if rng.random() < 0.25:
        wanted.insert(rng.randint(0, len(wanted)), rng.choice(absent))
    if rng.random() < 0.5:
        wanted.sort(key=lambda field: list(FIELDS).index(field))
    return wanted


def several(rng: random.Random, held: bool, text: str, values: dict[str, str], absent: list[str], given: str) -> Example:
    wanted = wanted_fields(rng, values, absent)
    names = [FIELDS[field][0] for field in wanted]
    if rng.random() < 0.6:
        names = [f"the {name}" for name in names]
    question = choose(rng, SEVERAL, held).replace("{fs}", joined(rng, names)).replace("Which the ", "Which ")
    lines = [f"{LABELS[field]}: {values.get(field, 'none')}" for field in wanted]
    missing = [FIELDS[field][0] for field in wanted if field in absent]
    thought = given + (f" Missing: {', '.join(missing)}." if missing else " All are there.")
    return Example(framed(rng, held, text, question), "\n".join(lines), thought)


def as_json(rng: random.Random, held: bool, text: str, values: dict[str, str], absent: list[str], given: str) -> Example:
    wanted = wanted_fields(rng, values, absent)
    keys = [f'"{field}"' for field in wanted] if rng.random() < 0.3 else wanted
    question = choose(rng, AS_JSON, held).replace("{ks}", joined(rng, keys))
    missing = [field for field in wanted if field in absent]
    thought = given + (f" Missing, so null: {', '.join(missing)}." if missing else " All are there.")
    answer = json.dumps({field: values.get(field) for field in wanted}, ensure_ascii=False)
    return Example(framed(rng, held, text, question), answer, thought)


ABILITIES = {"extraction": make_extraction}
