"""Numbers and JSON as the native core has them; that it does so is shown by the differential tests in tests/interop."""

import pytest

from inspector.store.core_json import as_core_reads, as_core_writes, double


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-0", -0.0),
        ("1.2345678901234567", 1.2345678901234568),
        ("123456789012345.67", 123456789012345.69),
        ("12345678901234567890123", 1.2345678901234568e22),
        ("0.000000000000000000000000000001", 9.999999999999999e-31),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        ("0e999999999", 0.0),
        ("-3.3333333e-16", -3.3333333000000003e-16),
    ],
)
def test_a_double_is_the_one_that_the_core_reads(text: str, value: float) -> None:
    assert repr(double(text)) == repr(value)


@pytest.mark.parametrize("text", ["1e400", "-1e309", "1" + "0" * 400])
def test_a_number_that_no_double_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        double(text)


def test_integers_beyond_64_bits_become_doubles_and_fields_stand_in_order_of_name() -> None:
    text = '{"b":18446744073709551616,"a":[18446744073709551615,-9223372036854775809,-0],"é":"1e5"}'
    assert as_core_writes(as_core_reads(text)) == (
        '{"a":[18446744073709551615,-9.223372036854776e+18,-0.0],"b":1.8446744073709552e+19,"é":"1e5"}'
    )


def test_exponents_have_their_sign() -> None:
    assert as_core_writes({"a": 1e16, "b": 1e-7, "c": 0.00001, "d": '"1e5'}) == (
        '{"a":1e+16,"b":1e-7,"c":0.00001,"d":"\\"1e5"}'
    )
