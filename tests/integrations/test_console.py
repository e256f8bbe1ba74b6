import io
import re

import pytest

from integrations import console
from service.ports import Channel, Outcome, Unavailable
from tests.fakes import Clock
from tests.integrations.channel_contract import NOW, ChannelContract, Received, a_message


class TestConsole(ChannelContract):
    @pytest.fixture
    def paper(self) -> io.StringIO:
        return io.StringIO()

    @pytest.fixture
    def channel(self, paper: io.StringIO) -> Channel:
        return console.Console(Clock(), paper)

    @pytest.fixture
    def received(self, paper: io.StringIO) -> Received:
        def read() -> list[str]:
            pages = re.split(r"^(?=\d\d:\d\d  )", paper.getvalue(), flags=re.MULTILINE)
            return [re.sub(r"^ {7}", "", page, flags=re.MULTILINE) for page in pages if page.strip()]

        return read

    @pytest.fixture
    def broken(self) -> Channel:
        closed = io.StringIO()
        closed.close()
        return console.Console(Clock(), closed)

    def test_a_page_reads_well(self, channel: Channel, paper: io.StringIO) -> None:
        channel.send(a_message())
        lines = paper.getvalue().splitlines()
        assert re.fullmatch(r"\d\d:\d\d  After your tempo run: 16 min", lines[0])
        assert lines[1] == f"       {a_message().body}"
        assert lines[-1] == ""
        assert not any(line != line.rstrip() for line in lines)

    def test_a_console_that_knows_few_letters_shows_the_others_as_question_marks(self) -> None:
        page = io.BytesIO()
        stream = io.TextIOWrapper(page, encoding="ascii")
        console.Console(Clock(), stream).send(a_message())
        assert b"16 min" in page.getvalue()

    def test_without_a_stream_it_prints_to_the_standard_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        console.channel(clock=Clock()).send(a_message())
        assert a_message().title in capsys.readouterr().out

    def test_a_reader_that_went_away_is_a_passing_fault(self) -> None:
        class Pipe(io.StringIO):
            def write(self, _text: str) -> int:
                raise BrokenPipeError

        with pytest.raises(Unavailable) as caught:
            console.Console(Clock(), Pipe()).send(a_message())
        assert not caught.value.perhaps_done

    def test_paper_cannot_be_asked(self, channel: Channel) -> None:
        channel.send(a_message())
        assert channel.reconcile(a_message(), NOW) is Outcome.UNKNOWN
