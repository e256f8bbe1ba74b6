from integrations.fit.messages import Message
from integrations.fit.strap import beats

# 8 s by the strap's own clock when the watch's said 1000.5.
ANCHOR: Message = {"timestamp": 1000, "fractional_timestamp": 0.5, "event_timestamp": 8.0, "filtered_bpm": 120}


def packed(*ticks: int) -> tuple[int, ...]:
    whole = sum((tick % 4096) << (12 * place) for place, tick in enumerate(ticks))
    return tuple(whole.to_bytes(len(ticks) * 12 // 8, "little"))


def test_beats_count_on_from_the_message_that_knows_the_time() -> None:
    short: Message = {"event_timestamp_12": packed(9 * 1024, 10 * 1024), "filtered_bpm": (121, 122)}
    times, rates = beats([ANCHOR, short])
    assert times.tolist() == [1000.5, 1001.5, 1002.5]
    assert rates.tolist() == [120, 121, 122]


def test_twelve_bits_turn_over_every_four_seconds() -> None:
    short: Message = {
        "event_timestamp_12": packed(11 * 1024, 14 * 1024, 17 * 1024, 20 * 1024),
        "filtered_bpm": (1, 2, 3, 4),
    }
    times, _ = beats([ANCHOR, short])
    assert times.tolist() == [1000.5, 1003.5, 1006.5, 1009.5, 1012.5]


def test_a_message_may_set_the_straps_clock_alone() -> None:
    times, _ = beats([ANCHOR, {"event_timestamp": 100.0, "filtered_bpm": 130}])
    assert times.tolist() == [1000.5, 1092.5]


def test_beats_without_a_rate_or_before_the_time_is_known_are_left_out() -> None:
    early: Message = {"event_timestamp_12": packed(1024, 2048), "filtered_bpm": (100, 101)}
    silent: Message = {"event_timestamp_12": packed(9 * 1024, 10 * 1024), "filtered_bpm": (None, 0)}
    times, rates = beats([early, ANCHOR, silent])
    assert (times.tolist(), rates.tolist()) == ([1000.5], [120])


def test_no_messages_no_beats() -> None:
    times, rates = beats([])
    assert (len(times), len(rates)) == (0, 0)
