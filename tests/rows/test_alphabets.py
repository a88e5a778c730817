"""Which encodings the words of a text are likely in: one where that is sure, else the right one among others."""

import pytest

from pynetdb.rows.alphabets import WordGuess

TEXTS = {
    "cp1252": [
        "Buchungstag;Empfänger\n02.01.2026;Müller & Söhne;Straße 5\n",
        "prénom,ville\nHélène,Besançon\nFrançois,Saint-Étienne\nAgnès,Nîmes\n",
        "nombre;año\nJosé Muñoz;Málaga\nÍñigo;Cádiz\n",
        "nome;cidade\nJoão;São Paulo\nConceição;Brasília\nLuís;Maringá\n",
        "perché;più;così;però;è;città;università;lunedì\n",
        "Bjørn;Søren;Ærø;Håkon;Gøril\n",
        "Åke;Östersund;räksmörgås;Västerås\n",
        "þetta;það;við;ég;sjálfur;hún;mín;Ísafjörður\n",
        "name,ort\nJosé,Málaga\nMüller,Köln\n“quoted”,it’s 5 €\n",
    ],
    "mac_roman": ["name\nJosé Müller\nà côté de Émile\n"],
    "cp850": ["Name;Straße\nMüller;Gärtnerstraße\nGröß;Köln\nKäthe;Lübeck\n"],
    "cp1250": [
        "jméno;příjmení;město\nJiří;Novák;Kutná Hora\nZdeněk;Svěrák;Hradec Králové\nLukáš;Řehoř;Děčín\n",
        "Wałęsa\n",
        "Zażółć gęślą jaźń\nŁódź;Kraków;Wrocław;Częstochowa\n",
        "Čačić;Đorđević;Žužić;Šimić;Šibenik;Požega\n",
        "Bucureşti;Iaşi;Timişoara;Constanţa;Braşov;Galaţi\n",
    ],
    "iso8859-2": ["Příliš žluťoučký kůň úpěl ďábelské ódy\n"],
    "cp1251": [
        "имя,город\nАнна,Москва\nПривет,мир\n",
        "Україна;Київ;Львів;Харків;Чернігів\n",
        "София;Пловдив;Варна;Бургас;Русе\n",
        "МОСКВА;САНКТ-ПЕТЕРБУРГ;НОВОСИБИРСК;КАЗАНЬ\n",
    ],
    "koi8-r": ["имя,город\nАнна,Москва\nПривет,мир\n", "МОСКВА;САНКТ-ПЕТЕРБУРГ;НОВОСИБИРСК;КАЗАНЬ\n"],
    "cp866": ["имя,город\nАнна,Москва\nПривет,мир\n"],
    "cp1253": ["όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n"],
    "cp1255": ["שם,עיר\nדוד,ירושלים\nשרה,תל אביב\nמשה,חיפה\n"],
    "cp1256": ["الاسم,المدينة\nمحمد,القاهرة\nفاطمة,بغداد\n"],
    "cp1254": ["Işık;Yıldız;Çağlar;Öztürk;Gülşen;İzmir;Eskişehir;Şanlıurfa\n"],
    "cp874": ["กรุงเทพมหานคร;เชียงใหม่;ภูเก็ต\n"],
}
ONE_OF_SEVERAL = {
    "cp1250": [
        "Dvořák;Plzeň;Třebíč\n",
        "Brno;České Budějovice;Ústí nad Labem\n",
        "Győr;Erdős;Szűcs\n",
    ],
    "koi8-r": ["Москва\n"],
    "cp1255": ["שלום עולם\n"],
    "cp1257": ["Vilnius;Šiauliai;Panevėžys;Klaipėda;Kėdainiai\n", "Rīga;Liepāja;Jūrmala;Rēzekne;Jēkabpils\n"],
    "mac_roman": ["Köln;München\n"],
}


def guess_of(data: bytes, size: int = 1 << 16) -> list[str]:
    guess = WordGuess()
    for at in range(0, len(data), size):
        guess.feed(data[at : at + size])
    guess.feed(b"", final=True)
    return [reading.encoding for reading in guess.best()]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in TEXTS.items() for text in texts]
)
def test_what_is_sure(encoding: str, text: str, size: int) -> None:
    assert guess_of(text.encode(encoding), size) == [encoding]


@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in ONE_OF_SEVERAL.items() for text in texts]
)
def test_what_is_not_sure(encoding: str, text: str) -> None:
    found = guess_of(text.encode(encoding))
    assert len(found) > 1 and encoding in found[:3]


LETTERS = [chr(code) for code in range(0xC0, 0x100) if code not in (0xD7, 0xF7)]


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_of_western_europe_is_in_its_usual_encoding(letter: str) -> None:
    small = "ab{}cd\n{}\nab{}\n{}bc\n" if letter.islower() else "{}\n{}bc\nAB{}CD\nAB{}\n"
    for pattern in small.splitlines():
        assert guess_of(f"1;{pattern.format(letter)};x".encode("cp1252")) == ["cp1252"]


@pytest.mark.parametrize("mark", "€£§°²³½µ’‘“”–—…«»¿¡")
def test_a_mark_is_in_its_usual_encoding(mark: str) -> None:
    for text in (f"x {mark} y", f"5{mark}", mark):
        assert guess_of(text.encode("cp1252")) == ["cp1252"]


def test_a_word_counts_once_and_a_byte_anywhere() -> None:
    words = "não;Não;NÃO\n" * 1000
    assert guess_of(words.encode("cp1252")) == ["cp1252"]
    many = "".join(f"M{'aeiou'[number % 5]}{chr(97 + number % 26)}é{number}\n" for number in range(50_000))
    assert guess_of(many.encode("cp1252") + b"\x81") != ["cp1252"]


def test_nothing_beyond_ascii() -> None:
    assert guess_of(b"id;name\n1;x\n")[0] == "cp1252"
