"""The encoding of a text that is no Unicode, told by the letters that its languages have.

A byte means another letter in each encoding. Of each encoding the text is decoded, and the letters
beyond ASCII are held against those that a language of this encoding uses: a letter of the language
counts for it, any other sign against it. The encoding with the most wins, the one named first here
where several have as many. Words of a table are too few for the statistics of running text.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

__all__ = ["NAMES", "legacy_encoding"]

_PUNCTUATION = "€–—‘’“”„…"
_SIGNS = "£°²³µ§•«»·×±½¼©®№"
_WESTERN = "äöüßéèêëàâçîïôûùœñáíóúãõåøæìòÿðþ"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžľĺŕôäöőüűăâîşţđ"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_THAI = "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E5A))))


@dataclass(frozen=True)
class _Charset:
    """An encoding, as Python calls it and as people do, and the letters of one of its languages.

    Attributes
    ----------
    encoding, name : str
    letters : str
        In lower case; the capitals belong to them.
    weight : float
        What such a letter counts: less where many languages are taken together.
    """

    encoding: str
    name: str
    letters: str
    weight: float = 1.0


_CHARSETS = (
    _Charset("cp1252", "Windows-1252", "äöüß"),
    _Charset("cp1252", "Windows-1252", "éèêëàâçîïôûùüœ"),
    _Charset("cp1252", "Windows-1252", "ñáéíóúü¿¡ºª"),
    _Charset("cp1252", "Windows-1252", "ãõçáéíóúâêôàº"),
    _Charset("cp1252", "Windows-1252", "àèéìòù"),
    _Charset("cp1252", "Windows-1252", "åäöøæéü"),
    _Charset("cp1252", "Windows-1252", _WESTERN, 0.8),
    _Charset("cp1250", "Windows-1250", "ąćęłńóśźż"),
    _Charset("cp1250", "Windows-1250", "áčďéěíňóřšťúůýž"),
    _Charset("cp1250", "Windows-1250", "áäčďéíĺľňóôŕšťúýž"),
    _Charset("cp1250", "Windows-1250", "áéíóöőúüű"),
    _Charset("cp1250", "Windows-1250", "čćđšž"),
    _Charset("cp1250", "Windows-1250", "ăâîşţ"),
    _Charset("cp1250", "Windows-1250", _CENTRAL, 0.8),
    _Charset("iso8859_2", "Latin-2", "ąćęłńóśźż"),
    _Charset("iso8859_2", "Latin-2", "áčďéěíňóřšťúůýž"),
    _Charset("iso8859_2", "Latin-2", _CENTRAL, 0.8),
    _Charset("cp1251", "Windows-1251", _CYRILLIC),
    _Charset("cp1251", "Windows-1251", _CYRILLIC + "іїєґўљњћђџј", 0.95),
    _Charset("koi8_r", "KOI8-R", _CYRILLIC),
    _Charset("cp1254", "Windows-1254", "ğışİçöüâ"),
    _Charset("cp1253", "Windows-1253", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ"),
    _Charset("cp1256", "Windows-1256", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگک"),
    _Charset("cp874", "Windows-874", _THAI),
    _Charset("cp850", "DOS (code page 850)", "äöüßéèêàâçñáíóú", 0.9),
    _Charset("mac_roman", "Mac Roman", "äöüßéèêàâçñáíóú", 0.9),
    _Charset("cp866", "DOS (code page 866)", _CYRILLIC, 0.95),
)


@dataclass(frozen=True)
class _Ideographs:
    """An encoding of one or two bytes a sign, and where its usual signs are.

    Attributes
    ----------
    encoding, name : str
    usual : tuple of (int, int)
        Ranges of the first of two bytes, both ends included.
    frequent : str
        Signs that tables have more often than chance: they count twice.
    """

    encoding: str
    name: str
    usual: tuple[tuple[int, int], ...]
    frequent: str


_IDEOGRAPHS = (
    _Ideographs(
        "cp932",
        "Shift-JIS",
        ((0x82, 0x83), (0x88, 0x97)),
        "東京都大阪府県市区町村名前年月日齢男女性別価格山田中本木川上下高小北南西",
    ),
    _Ideographs(
        "euc_jp",
        "EUC-JP",
        ((0xA4, 0xA5), (0xB0, 0xCF)),
        "東京都大阪府県市区町村名前年月日齢男女性別価格山田中本木川上下高小北南西",
    ),
    _Ideographs(
        "cp949",
        "EUC-KR",
        ((0xB0, 0xC8),),
        "이의다은는가을에하고서울부산대구인천광주시도군김박최정강조윤장임남여성나름수영민지",
    ),
    _Ideographs(
        "gb18030",
        "GB18030",
        ((0xB0, 0xD7),),
        "的一是不了人在有中大上国年月日姓名男女性别市省区县城北京海广州深圳价格龄张王李刘陈杨",
    ),
    _Ideographs(
        "big5",
        "Big5",
        ((0xA4, 0xC6),),
        "的一是不了人在有中大上國年月日姓名男女性別市省區縣城臺北京高雄價格齡張王李劉陳楊新竹",
    ),
)

NAMES = {row.encoding: row.name for row in (*_CHARSETS, *_IDEOGRAPHS)} | {
    "utf-8": "UTF-8", "latin-1": "Latin-1", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32", "utf-32-be": "UTF-32"}  # fmt: skip
"""What people call the encodings."""

_SAMPLE = 1 << 14  # bytes of lines with a letter beyond ASCII: more do not change a decision


def legacy_encoding(data: bytes) -> str:
    r"""Return the encoding of a text that is not UTF-8, as Python calls it; Latin-1 if none fits.

    Examples
    --------
    >>> legacy_encoding("Łódź\nŻory".encode("cp1250"))
    'cp1250'
    """
    lines = [line for line in data.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    best, best_score = "latin-1", float("-inf")
    for encoding, score in _scores(sample):
        if score > best_score:
            best, best_score = encoding, score
    return best


def _scores(sample: bytes) -> list[tuple[str, float]]:
    beyond = sum(byte > 0x7F for byte in sample) or 1
    scores: list[tuple[str, float]] = []
    texts = {row.encoding: _decoded(sample, row.encoding) for row in _CHARSETS}
    breaks = {encoding: _breaks(text) for encoding, text in texts.items() if text is not None}
    for row in _CHARSETS:
        text = texts[row.encoding]
        if text is not None:
            score = _letters_score(text, row) - 1.5 * breaks[row.encoding]
            scores.append((row.encoding, score / beyond))
    for ideographs in _IDEOGRAPHS:
        text = _decoded(sample, ideographs.encoding)
        if text is not None:
            scores.append((ideographs.encoding, _ideographs_score(text, ideographs) / beyond))
    return scores


def _decoded(sample: bytes, encoding: str) -> str | None:
    """Return the text, None if it is not one in this encoding; the last line may be cut off."""
    for part in (sample, sample.rpartition(b"\n")[0]):
        try:
            return part.decode(encoding) if part else None
        except UnicodeDecodeError:
            continue
    return None


def _letters_score(text: str, row: _Charset) -> float:
    score = 0.0
    for sign, count in Counter(text).items():
        if sign < "\x80":
            continue
        if sign.lower() in row.letters or sign in row.letters:
            score += row.weight * count
        elif sign in _PUNCTUATION:
            score += count
        elif sign in _SIGNS:
            score += 0.5 * count
        else:
            score -= (1.0 if sign.isalpha() or sign == "\xa0" else 2.0) * count
    return score


def _breaks(text: str) -> int:
    """Return how often a word goes on as no word does.

    With a sign that is no letter, a capital behind a small letter, or a letter of another script.
    """
    count = 0
    for one, two, three in zip(text, text[1:], text[2:] + " ", strict=False):
        if one < "\x80" and two < "\x80":
            continue
        if not two.isalpha() and two >= "\x80" and two not in "’–—·":
            count += one.isalpha() and three.isalpha()
        elif one.isalpha() and two.isalpha():
            count += (one.islower() and two.isupper()) or _script(one) != _script(two)
    return count


def _script(letter: str) -> int:
    """Return a number of the script: Latin, Greek, Cyrillic, Arabic, Thai."""
    return sum(letter >= first for first in "\u0370\u0400\u0600\u0e00")


def _ideographs_score(text: str, row: _Ideographs) -> float:
    # An ideograph behind a Latin letter is more likely a letter of another encoding.
    score = -2.0 * sum(
        one < "\x80" <= two and one.isalpha() for one, two in itertools.pairwise(text)
    )
    for sign, count in Counter(text).items():
        if sign < "\x80":
            continue
        code = sign.encode(row.encoding)
        usual = len(code) == 2 and any(low <= code[0] <= high for low, high in row.usual)
        weight = 1.5 if sign in row.frequent else 0.9 if usual else -1.0
        score += weight * len(code) * count
    return score
