"""Which encoding fits is found, for text of many languages."""

import pytest

from pynetdb.rows.encodings import EncodingGuess

SAMPLES = {
    "cp1252": "name,ort\nJosé,Málaga\nMüller,Köln\n“quoted”,it’s\n",
    "cp1251": "имя,город\nАнна,Москва\nПривет,мир\n",
    "mac_roman": "name\nJosé Müller\nà côté de Émile\n",
    "shift_jis": "名前,都市\n山田太郎,東京都\nひらがな,カタカナ\n",
    "gb18030": "名字,城市\n张三,北京\n李四,上海\n",
    "euc_kr": "이름,도시\n김철수,서울\n박영희,부산\n",
    "big5": "名字,城市\n許功蓋,臺北\n我們一起學習\n",
    "utf-16-le": "name,city\nAnn,Köln\n",
    "utf-16-be": "name,city\nAnn,Köln\n",
}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Bäcker Müller\nGläubiger\n", "cp1252"), ("naïve café\n", "cp1252"), ("名字,城市\n", "gb18030")],
)
def test_a_few_letters(text: str, encoding: str) -> None:
    guess = EncodingGuess(text.encode(encoding))
    guess.feed(text.encode(encoding), final=True)
    assert guess.best() == encoding


@pytest.mark.parametrize("encoding", SAMPLES)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_samples(encoding: str, size: int) -> None:
    data = SAMPLES[encoding].encode(encoding)
    guess = EncodingGuess(data)
    for at in range(0, len(data), size):
        guess.feed(data[at : at + size])
    guess.feed(b"", final=True)
    found = guess.best()
    assert found is not None and data.decode(found) == SAMPLES[encoding]


@pytest.mark.parametrize(
    "text",
    [
        "Buchungstag;Empfänger;Betrag\n02.01.2026;Müller;-12,50\n",
        "Empfänger\n",
        "Straße;Größe\n",
        "größer;grün\nMärz;für Jürgen\n",
        "Réunion,Français,élève\n",
        "Año;Español;corazón\n",
        "smörgåsbord;räksmörgås\n",
        "Åse,Øystein,Bjørn\n",
        "São Paulo;Ação;coração\n",
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_a_few_accents_are_no_ideographs(text: str, size: int) -> None:
    data = text.encode("latin-1")
    guess = EncodingGuess(data)
    for at in range(0, len(data), size):
        guess.feed(data[at : at + size])
    guess.feed(b"", final=True)
    assert guess.best() == "cp1252"


def guess_of(data: bytes) -> list[str]:
    guess = EncodingGuess(data)
    guess.feed(data, final=True)
    return guess.candidates()


@pytest.mark.parametrize(
    "text", ["5 µm\n", "não;NÃO;Não\n", "São\n", "n°;width (µm)\n1;20\n", "m²\n", "café"]
)
def test_a_character_or_two_are_no_ideographs(text: str) -> None:
    assert guess_of(text.encode("cp1252")) == ["cp1252"]


def test_a_word_that_could_be_an_ideograph() -> None:
    assert guess_of("Wałęsa\n".encode("cp1250")) == ["cp1250"]


def test_what_is_no_text_is_in_no_encoding() -> None:
    for data in (bytes(1000), bytes(range(32)) * 9, b"PNG\0\0\0\1\0\2\0\3\xff" * 9, b"a\0\0\0\0b" * 50):
        assert guess_of(data) == [] and EncodingGuess(data).best() is None
    # One of them in much text is a mistake in it.
    assert guess_of(b"id;name\0\n" + b"1;Jos\xe9\n" * 9) == ["cp1252"]


def test_no_more_of_a_long_text_is_looked_at_than_shows_what_it_is() -> None:
    line = "1;Müller;Köln\n".encode("cp1252")
    guess = EncodingGuess(line)
    for _ in range(30):
        guess.feed(line * 10_000)
    # But all of it has to be in the encoding.
    assert guess.candidates() == ["cp1252"]
    guess.feed(b"\x81\n", final=True)
    assert "cp1252" not in guess.candidates()


def test_marks() -> None:
    guess = EncodingGuess("\ufeffa".encode("utf-16-le"))
    guess.feed("\ufeffa".encode("utf-16-le"))
    assert guess.best() == "utf-16"
    nothing = EncodingGuess(b"\xff\xfea")
    nothing.feed(b"\xff\xfea", final=True)
    assert nothing.best() is None
