"""The tests' own reading of printer languages: it finds what a printer would obey, wherever that stands."""

from tests.printer_streams import (
    Command,
    escpos_commands,
    escpos_picture,
    escpos_shape,
    zpl_commands,
    zpl_shape,
    zpl_texts,
)


def test_every_command_of_zpl_is_found_within_data_too() -> None:
    stream = b"^XA^FO1,2^A0N,30,30^FH_^FDone^XZ~JA two_5E^FS\n^XZ"

    names = [command.name for command in zpl_commands(stream)]

    assert names == [b"^XA", b"^FO", b"^A", b"^FH", b"^FD", b"^XZ", b"~JA", b"^FS", b"^XZ"]


def test_control_characters_and_what_stands_before_zpl_are_found() -> None:
    assert zpl_commands(b"hello^XA^FDa\x05\nb^FS\n") == [
        Command(b"", b"hello"),
        Command(b"^XA"),
        Command(b"^FD", b"a\x05\nb"),
        Command(b"\x05"),
        Command(b"\n"),
        Command(b"^FS"),
    ]


def test_a_text_is_one_in_letters_struck_twice_or_as_dots() -> None:
    once = b"^FO1,2^A0N,30,30^FH_^FDa^FS\n"
    twice = once + once.replace(b"^FO1", b"^FO2")
    dots = b"^FO9,9^GFA,2,2,1,FFFF^FS\n"

    assert zpl_shape(once) == zpl_shape(twice) == zpl_shape(dots) == ["^FO", "text", "^FS"]
    assert zpl_shape(once + once.replace(b"^FO1", b"^FO3")) == ["^FO", "text", "^FS"] * 2


def test_the_parameters_of_a_command_belong_to_the_shape_of_a_label() -> None:
    assert zpl_shape(b"^XA^PQ1^XZ") != zpl_shape(b"^XA^PQ2^XZ")
    assert zpl_shape(b"^FO1,1^GB9,9,1^FS") != zpl_shape(b"^FO1,1^GB9,9,2^FS")


def test_any_symbol_is_one_and_its_data_reads_back() -> None:
    bars = b"^FO1,2^BY2^BCN,80,N,N,N,N^FH_^FD>:A_5E_C3_A9^FS"
    qr = b"^FO7,7^BQN,2,3^FH_^FDMA,B^FS"

    assert zpl_shape(bars) == zpl_shape(qr) == ["^FO", "symbol", "^FD", "^FS"]
    assert zpl_texts(bars + qr) == [">:A^é", "MA,B"]


def test_the_data_of_a_picture_is_no_command_unless_it_is_one_in_real_time() -> None:
    picture = b"\x1dv0\x00\x02\x00\x02\x00"

    assert [c.name for c in escpos_commands(b"\x1b@" + picture + b"\x1b@\x1dV" + b"\x1dV\x01")] == [
        b"\x1b@",
        b"\x1dv0",
        b"\x1dV",
    ]
    assert [c.name for c in escpos_commands(picture + b"\x10\x14\x01\x00" + b"\x1dV\x01")] == [
        b"\x1dv0",
        b"\x10\x14",
        b"\x1dV",
    ]


def test_text_and_unknown_commands_of_escpos_are_found() -> None:
    assert escpos_shape(b"\x1b@hi\n\x1bp\x00\x19\xfa\x1d(H\x06\x0000ABCD\x1dV\x42\x00") == [
        (b"\x1b@", b""),
        (b"", b"hi"),
        (b"\n", b""),
        (b"\x1bp", b"\x00\x19\xfa"),
        (b"\x1d(H", b"\x06\x0000ABCD"),
        (b"\x1dV", b"\x42\x00"),
    ]


def test_the_bands_of_a_label_are_one_picture() -> None:
    band = b"\x1dv0\x00\x01\x00\x01\x00"

    picture = escpos_picture(b"\x1b@" + band + b"\xf0" + band + b"\x0f" + b"\x1dV\x01")

    assert picture.size == (8, 2)
    assert list(picture.tobytes()) == [0] * 4 + [255] * 8 + [0] * 4
