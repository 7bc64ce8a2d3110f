"""The formulas of the technical annex, and what their letters mean.

Kept short enough for a telephone: a formula too long for one line is several. Square roots are written as
powers: without a font for mathematics, as on most telephones, a browser leaves the root sign out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from barometre.i18n import lazy_gettext as _l
from barometre.results.mathml import write_formula

FORMULAS: dict[str, tuple[str, ...]] = {
    "design": (r"d_q = \frac{N_q}{n_q}",),
    "raking": (
        r"w_c = d_q \prod_v F_{v,k(c)}",
        r"\sum_{c \in k} n_c w_c = N_k",
    ),
    "unknown": (r"N_\mathrm{NR} = N_q \frac{n_\mathrm{NR}}{n_q}",),
    "poststrata": (r"w_c = d_q \frac{N_c}{\sum_{i \in c} d_i}",),
    "bounded": (
        r"w_c = d_q g(u), \quad u = x_c^\top \lambda",
        r"g = \frac{L(U-1) + U(1-L) e^{Au}}{(U-1) + (1-L) e^{Au}}",
        r"A = \frac{U-L}{(1-L)(U-1)}",
    ),
    "share": (r"p = \frac{\sum_c w_c x_c}{\sum_c w_c m_c}",),
    "kish": (
        r"n_\mathrm{eff} = \frac{(\sum_c w_c m_c)^2}{\sum_c w_c^2 m_c}",
        r"\mathrm{deff} = \frac{m}{n_\mathrm{eff}}",
    ),
    "wilson": (
        r"a = p + \frac{z^2}{2 n_\mathrm{eff}}",
        r"b = z {(\frac{p(1-p)}{n_\mathrm{eff}} + \frac{z^2}{4 n_\mathrm{eff}^2})}^{1/2}",
        r"\ell = \frac{a - b}{1 + z^2 / n_\mathrm{eff}} \quad u = \frac{a + b}{1 + z^2 / n_\mathrm{eff}}",
    ),
    "fpc": (r"n_\mathrm{eff}^\prime = \frac{n_\mathrm{eff}}{1 - n / N}",),
    "linearised": (
        r"z_i = \frac{b_i (y_i - p)}{\hat{N}}",
        r"S_c = \frac{x_c - p m_c}{\hat{N}}",
        r"T_c = \frac{x_c (1 - 2p) + p^2 m_c}{\hat{N}^2}",
        r"E_c = S_c - n_c X_c^\top B",
        r"Q_c = T_c - 2 X_c^\top B S_c + n_c (X_c^\top B)^2",
        r"K_q = \sum_{c \in q} w_c^2 Q_c - \frac{1}{n_q} (\sum_{c \in q} w_c E_c)^2",
        r"V = \sum_q (1 - f_q) \frac{n_q}{n_q - 1} K_q",
    ),
    "effect": (r"\mathrm{deff}_V = \frac{V}{p(1-p) / (m-1)}",),
    "korn": (r"n^* = \frac{p(1-p)}{V} (\frac{t_{n-1}}{t_\mathrm{df}})^2",),
    "clopper": (
        r"\ell = B_{0{,}025}(x, n - x + 1)",
        r"u = B_{0{,}975}(x + 1, n - x)",
    ),
    "jeffreys": (
        r"\ell = B_{0{,}025}(x + 0{,}5, n - x + 0{,}5)",
        r"u = B_{0{,}975}(x + 0{,}5, n - x + 0{,}5)",
    ),
    "logit": (r"\log \frac{p}{1-p} \pm t_\mathrm{df} \frac{V^{1/2}}{p(1-p)}",),
    "manski": (r"[ \frac{x}{m + s}, \frac{x + s}{m + s} ]",),
    "feasible": (r"m_0 \le m \le m_1 \quad {\lfloor \frac{100 x}{m} + 0{,}5 \rfloor} = P",),
    "envelope": (r"[ \min_{F} \ell_\delta, \max_{F} u_\delta ]",),
    "newcombe": (
        r"\delta = p_2 - p_1",
        r"\ell_\delta = \delta - [ {(p_2 - \ell_2)}^2 + {(u_1 - p_1)}^2 ]^{1/2}",
        r"u_\delta = \delta + [ {(u_2 - p_2)}^2 + {(p_1 - \ell_1)}^2 ]^{1/2}",
    ),
    "miettinen": (
        r"\bar{p} = \frac{n_1 p_1 + n_2 p_2}{n_1 + n_2}",
        r"V_0 = \bar{p} (1 - \bar{p}) (\frac{1}{n_1} + \frac{1}{n_2}) \frac{n_1 + n_2}{n_1 + n_2 - 1}",
        r"P = 2 \Phi(- |p_2 - p_1| / V_0^{1/2})",
    ),
    "fisher": (r"P = \sum_{h(k) \le h(x)} h(k)",),
    "holm": (r"P_{(i)}^\prime = \max_{j \le i} \min(1, (k - j + 1) P_{(j)})",),
    "discovery": (r"P_{(i)}^\prime = \min_{j \ge i} \frac{k}{j} P_{(j)}",),
    "precision": (
        r"n_0 = \frac{z^2 p (1-p)}{h^2} \mathrm{deff}",
        r"n = \lceil \frac{n_0}{1 + (n_0 - 1) / N} \rceil",
    ),
    "power": (
        r"s_0^2 = \bar{p} (1 - \bar{p}) (\frac{1}{n_1} + \frac{1}{n_2})",
        r"s_1^2 = \frac{p_1 (1-p_1)}{n_1} + \frac{p_2 (1-p_2)}{n_2}",
        r"\Phi{(\frac{|\delta| - z s_0}{s_1})} + \Phi{(\frac{-|\delta| - z s_0}{s_1})}",
    ),
    "band": (r"k = \lceil \frac{100 \times 5}{m} \rceil",),
}

#: letter → how it is written, what it is
SYMBOLS: dict[str, tuple[str, Any]] = {
    "q": ("q", _l("un quartier")),
    "c": ("c", _l("une case : un quartier, une classe d’âge, et le sexe s’il est redressé")),
    "N_q": ("N_q", _l("habitants du quartier")),
    "n_q": ("n_q", _l("entretiens du quartier")),
    "n_c": ("n_c", _l("entretiens de la case")),
    "N_k": ("N_k", _l("habitants de la classe k dans le quartier")),
    "N_c": ("N_c", _l("habitants de la case")),
    "d": ("d_q", _l("poids de départ, le même pour tout le quartier")),
    "w": ("w_c", _l("poids d’un entretien de la case")),
    "F": ("F_{v,k}", _l("facteur de la classe k de la variable v, trouvé en répétant le calcul")),
    "NR": (r"N_\mathrm{NR}", _l("part de la population donnée aux entretiens sans âge ou sans sexe")),
    "bounds": ("L, U", _l("bornes du rapport entre poids final et poids de départ")),
    "lambda": (r"\lambda", _l("multiplicateurs, trouvés par la méthode de Newton")),
    "X": ("X_c", _l("indicatrices des classes sur lesquelles on redresse")),
    "m_c": ("m_c", _l("réponses exprimées dans la case (la base)")),
    "x_c": ("x_c", _l("réponses favorables dans la case")),
    "p": ("p", _l("part estimée, de 0 à 1")),
    "m": ("m", _l("base : nombre de réponses exprimées, sans poids")),
    "neff": (r"n_\mathrm{eff}", _l("base efficace")),
    "deff": (r"\mathrm{deff}", _l("effet de plan : ce que coûtent les poids inégaux")),
    "z": ("z", _l("quantile de la loi normale, 1,96 pour un niveau de 95 %%")),
    "limits": (r"\ell, u", _l("limites basse et haute")),
    "n": ("n", _l("entretiens")),
    "N": ("N", _l("habitants")),
    "y": ("b_i, y_i", _l("1 si la personne est dans la base, 1 si sa réponse est favorable, sinon 0")),
    "Nhat": (r"\hat{N}", _l("somme des poids sur la base")),
    "B": ("B", _l("coefficients des moindres carrés, calculés sur les cases")),
    "f": ("f_q", _l("taux de sondage du quartier si l’option est choisie, sinon 0")),
    "V": ("V", _l("variance estimée")),
    "t": (r"t_\mathrm{df}", _l("quantile de Student ; df : entretiens moins nombre de quartiers")),
    "beta": (r"B_\alpha(a, b)", _l("quantile de la loi bêta")),
    "s": ("s", _l("personnes sans avis ou qui n’ont pas voulu répondre")),
    "P": ("P", _l("pourcentage imprimé")),
    "pair": ("(x, m)", _l("réponses favorables et base possibles derrière ce pourcentage")),
    "range": ("m_0, m_1", _l("plus petite et plus grande base possibles")),
    "change": (r"\delta", _l("écart entre les deux enquêtes")),
    "two": (r"p_1, p_2", _l("part à la première et à la seconde enquête")),
    "sizes": (r"n_1, n_2", _l("base de la première enquête, base efficace de la seconde")),
    "Phi": (r"\Phi", _l("fonction de répartition de la loi normale")),
    "pvalue": ("P", _l("probabilité d’un écart au moins aussi grand si rien n’avait changé")),
    "h_k": ("h(k)", _l("probabilité hypergéométrique du tableau k")),
    "k": ("k", _l("nombre de comparaisons de la famille")),
    "rank": ("P_{(i)}", _l("la i-ième plus petite probabilité de la famille")),
    "adjusted": (r"P_{(i)}^\prime", _l("la même, corrigée")),
    "h": ("h", _l("demi-largeur voulue")),
    "percent": ("k", _l("limite affichée, en pour cent")),
}


def show_formula(name: str) -> list[Markup]:
    """The lines of one formula."""
    return [write_formula(line, block=True) for line in FORMULAS[name]]


def list_symbols(names: Iterable[str]) -> list[tuple[Markup, str]]:
    """Letters and what they mean, in the language of this request."""
    return [(write_formula(SYMBOLS[name][0]), str(SYMBOLS[name][1])) for name in names]
