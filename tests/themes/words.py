# ruff: noqa: E501 - a paragraph a string
"""What the pages of the themes say in four languages: the story, and the clutter around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One story with all that a site puts around it; ``clutter`` is by the place where it stands."""

    language: str
    title: str
    story: tuple[str, ...]
    clutter: dict[str, str]

    def __getitem__(self, place: str) -> str:
        return self.clutter[place]


def _clutter(lines: str) -> dict[str, str]:
    return dict(line.strip().split(": ", 1) for line in lines.strip().splitlines())


PAGES = (
    Page(
        "en",
        "Harbour bridge to close for two years of repairs",
        (
            "The old bridge over the harbour will close to cars in May for two years, the town council decided "
            "on Tuesday evening after a debate of four hours.",
            "Engineers found cracks in eleven of its forty steel girders last autumn. Lorries have been turned "
            "away since then, and buses cross at walking pace.",
            "“Nobody wants this, and nobody can put it off any longer,” said Mayor Ilse Brandt. She expects the "
            "works to cost nineteen million crowns, of which the state pays half.",
            "Shopkeepers on the south bank fear for their trade. One of them, the baker Tom Arkwright, handed over "
            "a petition with three thousand names before the vote.",
            "A ferry will carry people and bicycles every ten minutes from six in the morning until midnight. "
            "Drivers have to go round by the motorway, which adds twenty minutes to most journeys.",
            "The council will look for a builder before Christmas. If the winter is mild, the first girders could "
            "be lifted out in February.",
        ),
        _clutter(
            """
            skip: Skip to content
            menu: Home Politics Business Sport Culture Weather
            cookie: We use cookies to give you the best experience on our website
            cookie_button: Accept all cookies
            byline: By Anna Lindqvist
            time: Published March 3, 2026 at 14:05
            reading: 4 min read
            share: Share this article
            networks: Facebook Twitter WhatsApp LinkedIn
            caption: The bridge on a morning in winter. Photo: Jonas Peel / Gazette
            advert: Advertisement
            read_more: Read more: Harbour ferry to get a second boat
            newsletter: Sign up for our daily newsletter
            newsletter_text: The most important stories of the coast in your inbox every morning
            related: Related articles
            related_1: Crane falls into the dock and blocks the quay
            related_2: New lighthouse keeper sought for the island
            tags: Tags harbour traffic council
            author_box: Anna Lindqvist has written about towns and traffic for the Gazette since 2011
            comments: Leave a comment
            comment: At last somebody does something about this rusty heap
            popular: Most read
            popular_1: Goat found on roof of parish church
            previous: Previous article School choir wins prize
            footer: All rights reserved Imprint Privacy Contact
            """
        ),
    ),
    Page(
        "de",
        "Hafenbrücke wird für zwei Jahre gesperrt",
        (
            "Die alte Brücke über den Hafen wird im Mai für zwei Jahre gesperrt. Das hat der Gemeinderat am "
            "Dienstagabend nach vierstündiger Debatte beschlossen.",
            "Ingenieure hatten im Herbst Risse in elf der vierzig Stahlträger gefunden. Seither dürfen Lastwagen "
            "nicht mehr hinüber, Busse fahren im Schritttempo.",
            "„Das will niemand, und niemand kann es länger aufschieben“, sagte Bürgermeisterin Ilse Brandt. Sie "
            "rechnet mit Kosten von neunzehn Millionen Kronen, die Hälfte zahlt das Land.",
            "Händler am Südufer fürchten um ihr Geschäft. Der Bäcker Thomas Achleitner übergab vor der Abstimmung "
            "dreitausend Unterschriften.",
            "Eine Fähre soll von sechs Uhr morgens bis Mitternacht alle zehn Minuten Menschen und Fahrräder "
            "übersetzen. Autofahrer müssen über die Autobahn, was meist zwanzig Minuten länger dauert.",
            "Noch vor Weihnachten will der Rat eine Baufirma suchen. Bei mildem Winter könnten die ersten Träger "
            "im Februar herausgehoben werden.",
        ),
        _clutter(
            """
            skip: Zum Inhalt springen
            menu: Startseite Politik Wirtschaft Sport Kultur Wetter
            cookie: Diese Website verwendet Cookies, um Ihren Besuch angenehmer zu machen
            cookie_button: Alle Cookies akzeptieren
            byline: Von Anna Lindner
            time: Veröffentlicht am 3. März 2026 um 14:05 Uhr
            reading: Lesezeit: 4 Minuten
            share: Artikel teilen
            networks: Facebook Twitter WhatsApp LinkedIn
            caption: Die Brücke an einem Wintermorgen. (Foto: Jonas Pohl)
            advert: Anzeige
            read_more: Lesen Sie auch: Hafenfähre bekommt ein zweites Boot
            newsletter: Newsletter abonnieren
            newsletter_text: Das Wichtigste von der Küste jeden Morgen in Ihrem Postfach
            related: Mehr zum Thema
            related_1: Kran stürzt ins Dock und versperrt den Kai
            related_2: Neuer Leuchtturmwärter für die Insel gesucht
            tags: Schlagworte Hafen Verkehr Gemeinderat
            author_box: Anna Lindner schreibt seit 2011 für die Zeitung über Städte und Verkehr
            comments: Kommentar schreiben
            comment: Endlich tut jemand etwas gegen diesen rostigen Haufen
            popular: Meistgelesen
            popular_1: Ziege auf dem Dach der Pfarrkirche gefunden
            previous: Voriger Artikel Schulchor gewinnt Preis
            footer: Alle Rechte vorbehalten Impressum Datenschutz Kontakt
            """
        ),
    ),
    Page(
        "fr",
        "Le pont du port fermé deux ans pour travaux",
        (
            "Le vieux pont du port sera fermé aux voitures en mai pour deux ans, a décidé mardi soir le conseil "
            "municipal après quatre heures de débat.",
            "Des ingénieurs avaient trouvé l’automne dernier des fissures dans onze de ses quarante poutres "
            "d’acier. Depuis, les camions sont refoulés et les bus traversent au pas.",
            "« Personne ne le veut et personne ne peut plus attendre », a déclaré la maire Ilse Brandt. Elle estime "
            "le coût à dix-neuf millions de couronnes, dont l’État paie la moitié.",
            "Les commerçants de la rive sud craignent pour leurs affaires. Le boulanger Thomas Arnaud a remis avant "
            "le vote une pétition de trois mille noms.",
            "Un bac transportera piétons et vélos toutes les dix minutes, de six heures du matin à minuit. Les "
            "automobilistes devront passer par l’autoroute, soit vingt minutes de plus.",
            "Le conseil cherchera une entreprise avant Noël. Si l’hiver est doux, les premières poutres pourraient "
            "être enlevées en février.",
        ),
        _clutter(
            """
            skip: Aller au contenu
            menu: Accueil Politique Économie Sport Culture Météo
            cookie: Ce site utilise des cookies pour améliorer votre visite
            cookie_button: Tout accepter
            byline: Par Anne Lindon
            time: Publié le 3 mars 2026 à 14h05
            reading: Temps de lecture : 4 min
            share: Partager cet article
            networks: Facebook Twitter WhatsApp LinkedIn
            caption: Le pont un matin d’hiver. © Jean Pol/AFP
            advert: Publicité
            read_more: À lire aussi : Un second bateau pour le bac du port
            newsletter: Abonnez-vous à notre newsletter
            newsletter_text: L’essentiel de la côte chaque matin dans votre boîte
            related: Sur le même sujet
            related_1: Une grue tombe dans le bassin et bloque le quai
            related_2: On cherche un gardien pour le phare de l’île
            tags: Mots-clés port circulation conseil
            author_box: Anne Lindon écrit depuis 2011 sur les villes et la circulation pour le journal
            comments: Laisser un commentaire
            comment: Enfin quelqu’un s’occupe de ce tas de rouille
            popular: Les plus lus
            popular_1: Une chèvre trouvée sur le toit de l’église
            previous: Article précédent La chorale de l’école gagne un prix
            footer: Tous droits réservés Mentions légales Confidentialité Contact
            """
        ),
    ),
    Page(
        "es",
        "El puente del puerto cerrará dos años por obras",
        (
            "El viejo puente del puerto cerrará en mayo a los coches durante dos años, decidió el martes por la "
            "noche el ayuntamiento tras cuatro horas de debate.",
            "Los ingenieros hallaron el otoño pasado grietas en once de sus cuarenta vigas de acero. Desde entonces "
            "los camiones no pasan y los autobuses cruzan muy despacio.",
            "«Nadie quiere esto y nadie puede aplazarlo más», dijo la alcaldesa Ilse Brandt. Calcula que las obras "
            "costarán diecinueve millones de coronas, la mitad a cargo del Estado.",
            "Los comerciantes de la orilla sur temen por su negocio. El panadero Tomás Arcos entregó antes de la "
            "votación una petición con tres mil firmas.",
            "Un transbordador llevará personas y bicicletas cada diez minutos, de seis de la mañana a medianoche. "
            "Los conductores tendrán que ir por la autopista, veinte minutos más.",
            "El ayuntamiento buscará una empresa antes de Navidad. Si el invierno es suave, las primeras vigas "
            "podrían retirarse en febrero.",
        ),
        _clutter(
            """
            skip: Saltar al contenido
            menu: Inicio Política Economía Deportes Cultura Tiempo
            cookie: Este sitio utiliza cookies para mejorar su visita
            cookie_button: Aceptar todas las cookies
            byline: Por Ana Linares
            time: Publicado el 3 de marzo de 2026 a las 14:05
            reading: Tiempo de lectura: 4 min
            share: Compartir este artículo
            networks: Facebook Twitter WhatsApp LinkedIn
            caption: El puente una mañana de invierno. Juan Polo/EFE
            advert: Publicidad
            read_more: Lea también: El transbordador tendrá un segundo barco
            newsletter: Suscríbete a nuestro boletín
            newsletter_text: Lo esencial de la costa cada mañana en tu correo
            related: Noticias relacionadas
            related_1: Una grúa cae al muelle y bloquea el paso
            related_2: Se busca farero para la isla
            tags: Etiquetas puerto tráfico ayuntamiento
            author_box: Ana Linares escribe desde 2011 sobre ciudades y tráfico en el diario
            comments: Deja un comentario
            comment: Por fin alguien hace algo con este montón de óxido
            popular: Lo más leído
            popular_1: Hallan una cabra en el tejado de la iglesia
            previous: Artículo anterior El coro de la escuela gana un premio
            footer: Todos los derechos reservados Aviso legal Privacidad Contacto
            """
        ),
    ),
)

# The same places in words that no rule knows; "{}" differs from page to page.
UNFAMILIAR = _clutter(
    """
    byline: Anna Lindqvist for the Gazette
    time: Tuesday afternoon edition
    share: Tell your friends
    caption: {} seen from the quay, in a picture by our reader
    advert: Our partners
    read_more: You will want to know this too: {}
    newsletter: Never be the last to know
    newsletter_text: The most important stories of the coast, every morning before breakfast
    related: Keep going
    related_1: {} and what came of it
    related_2: What we know about {}
    """
)
