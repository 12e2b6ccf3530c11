import pytest

from relay.signed.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("45m", 2_700), ("24h", 86_400), ("7d", 604_800), ("30d", 2_592_000), ("007s", 7)],
)
def test_a_number_and_its_unit_are_seconds(text: str, seconds: int) -> None:
    assert seconds == parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "24", "h", "24H", "1.5h", "-1h", "+1h", " 1h", "1h\n", "1h30m", "1 h", "1w", "1_0s", "٣h", "²d"]
)
def test_any_other_form_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(ValueError, match='as in "90s", "45m", "24h" or "7d"'):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "000d", "31d", "721h", "2592001s", "9" * 5_000 + "s"])
def test_nothing_and_more_than_thirty_days_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 second to 30 days"):
        parse_duration(text)
