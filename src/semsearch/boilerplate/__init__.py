"""Site boilerplate: what recurs over a site's articles and is not news is kept out of passages."""

from semsearch.boilerplate.counting import BoilerplateCounter
from semsearch.boilerplate.cutting import Boilerplate, Cut, Recurring, spans_without

__all__ = ["Boilerplate", "BoilerplateCounter", "Cut", "Recurring", "spans_without"]
