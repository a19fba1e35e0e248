"""Fixed texts on which a converted model is calibrated and compared with its original.

Written for this; ordinary news prose of many kinds, some of it in other languages. To change a text
is to change the vectors of 8-bit models: raise ``RECIPE`` in ``quantize.py`` then.
"""

from __future__ import annotations

PARAGRAPHS: tuple[str, ...] = (
    "The city council voted 9-4 on Tuesday night to close two of its six swimming pools by the end of "
    "the year, a step that officials say will save $1.3 million. Parents packed the chamber for nearly "
    "five hours. “My daughter learned to swim there, and so did I,” said Maria Okafor, who has lived on "
    "the east side since 1988. The mayor promised buses to the remaining pools.",
    "Shares of the chipmaker fell 11.4% in early trading after it cut its forecast for the third "
    "quarter, blaming weak demand for phones in Asia. Analysts had expected revenue of $6.2bn; the "
    "company now sees between $5.4bn and $5.6bn. Rivals slipped too. The central bank's decision to "
    "leave interest rates unchanged did little to calm investors.",
    "A magnitude 6.8 earthquake struck off the coast shortly before dawn, shaking buildings in the "
    "capital and cutting power to 240,000 homes. Rescue workers dug through the rubble of a collapsed "
    "school gym with their hands. At least 17 people were hurt, the health ministry said; a tsunami "
    "warning was lifted two hours later.",
    "The striker scored twice in stoppage time as United came from behind to beat their rivals 3-2 and "
    "move four points clear at the top of the table. The visitors had led through a penalty that the "
    "video referee took almost six minutes to confirm. “I have no words,” the manager told reporters.",
    "Researchers have found traces of water ice in a crater near the south pole of the moon, according "
    "to a study published in a journal on Thursday. The team used radar data from an orbiter launched "
    "in 2009. If confirmed, the deposit could supply future crews with drinking water and rocket fuel.",
    "The Supreme Court agreed to hear a challenge to a state law that requires voters to show photo "
    "identification at the polls. Civil rights groups argue that the law burdens older and poorer "
    "citizens; its sponsors say it protects elections against fraud. Arguments are expected in the "
    "autumn, with a ruling likely by June.",
    "Preheat the oven to 220C. Toss the carrots with olive oil, cumin seeds, a pinch of salt and two "
    "crushed cloves of garlic, then roast for 25 minutes, until the edges darken. Meanwhile, whisk the "
    "yoghurt with lemon juice. Serves four as a side dish, or two as a light supper with flatbread.",
    "In her new novel the author returns to the fishing village of her first book, forty years on. The "
    "boats are gone, the cannery has become a hotel, and the narrator's sister will not answer the "
    "door. It is a quiet, funny and unsparing book about who gets to leave; the last chapter is the "
    "best thing she has written.",
    "Foreign ministers of the two countries met for the first time since the border clashes, but left "
    "without a joint statement. Diplomats said the talks covered prisoners, fishing rights and a "
    "hotline between the armed forces. Fourteen soldiers died in the fighting in March, each side "
    "accusing the other of firing first.",
    "Doctors warned on Monday that hospitals could run short of beds within weeks if flu cases keep "
    "rising at the present rate. Admissions have doubled since the start of the month, mostly among "
    "people over 65 and children under five. The agency urged those at risk to be vaccinated, and asked "
    "visitors to wear masks.",
    "The band announced a farewell tour of 32 dates in Europe and North America, beginning in Lisbon "
    "next May. Tickets go on sale on Friday at 10 a.m. The singer, 71, said that the decision had been "
    "hard but that his knees had made it for him. A box set with unreleased recordings from 1979 "
    "follows in the spring.",
    "Firefighters contained about 40 percent of the wildfire by Sunday evening, helped by lower winds "
    "and a little rain. More than 9,000 people remain under evacuation orders in three counties. "
    "Investigators are looking at a fallen power line as a possible cause; the utility declined to "
    "comment.",
    "The government will ban the sale of new petrol and diesel vans from 2035, the transport secretary "
    "confirmed, five years later than campaigners had hoped. Small firms will get grants of up to "
    "£5,000 toward an electric model. The opposition called the plan “a photograph, not a policy”.",
    "Police arrested a 34-year-old man in connection with a series of burglaries in the old town. "
    "Officers recovered jewellery, three laptops and a violin that had been reported stolen in August. "
    "He is due to appear in court on Wednesday. Anyone with information is asked to call the station.",
    "Teachers in the state's largest district returned to class after an eleven-day strike. The "
    "agreement gives them a raise of 7 percent over three years and puts a nurse in each school. Union "
    "members approved it by a wide margin, though some said that it did too little about the size of "
    "classes.",
    "Why do some storms grow so quickly? Warm water is part of the answer, but not all of it. Winds "
    "high in the atmosphere can tear a young hurricane apart before it matures. Forecasters now feed "
    "measurements from drones into their models, and the error in a three-day track has halved since "
    "2000.",
    "El Gobierno presentó este martes un plan de vivienda que prevé la construcción de 20.000 pisos de "
    "alquiler social en cinco años. La oposición lo considera insuficiente y reclama una rebaja de "
    "impuestos.",
    "Die Bahn hat sich mit der Gewerkschaft auf einen neuen Tarifvertrag geeinigt; der für Freitag "
    "angekündigte Streik ist abgesagt. Die Löhne steigen in zwei Schritten um insgesamt 8,5 Prozent.",
    "Le président a reçu lundi les représentants des agriculteurs, qui bloquaient depuis une semaine "
    "plusieurs autoroutes autour de la capitale. Une nouvelle réunion est prévue jeudi.",
    "Учёные сообщили об открытии нового вида рыб в глубоководной впадине. По их словам, он живёт на "
    "глубине более восьми тысяч метров.",
    "市政府周三宣布,将在未来三年内新建四条公交专用道,并对地铁票价进行调整。专家认为此举有助于缓解交通拥堵。",
    "أعلنت وزارة الصحة اليوم عن حملة تطعيم جديدة تشمل جميع المدارس في العاصمة، وتبدأ الأسبوع المقبل.",
)

QUERIES: tuple[str, ...] = (
    "court rules on voting rights",
    "earthquake",
    "who won the match between United and their rivals",
    "Teacher strike ends after deal on pay",
    "interest rates central bank",
    "How to roast carrots?",
    "new president climate policy 2035",
    "flu vaccine hospital beds shortage warning",
)


def sample_texts() -> list[str]:
    """Queries, headlines, single paragraphs and texts as long as any window, in a fixed order."""
    count = len(PARAGRAPHS)
    long = [
        "\n\n".join(PARAGRAPHS[(first + step) % count] for step in range(5)) for first in range(0, count, 2)
    ]
    headlines = [paragraph.split(",")[0][:70] for paragraph in PARAGRAPHS[::3]]
    return [*QUERIES, *headlines, *PARAGRAPHS, *long]
