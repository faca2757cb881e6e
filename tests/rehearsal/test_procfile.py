"""What a Procfile says is what runs."""

import os
import sys
from pathlib import Path

from rehearsal import dyno, procfile
from rehearsal.procfile import PREFIX, Formation
from rehearsal.source import ROOT


def test_the_lines_of_a_procfile_are_read_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# none\nrelease: a --b\nweb: c: d\n\n")
    assert procfile.read(tmp_path) == {"release": "a --b", "web": "c: d"}


async def test_each_line_is_a_process_with_its_port_and_ends_by_sigterm(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text(
        'web: sh -c "echo $PORT $DYNO; exec sleep 60"\nworker: sh -c "echo $PORT; exec sleep 60"\n'
    )
    dynos = Formation(tmp_path, ["web", "worker"], {"PATH": os.environ["PATH"], "PORT": "5000"})
    await dynos.start(by_heroku=False)
    await dynos.until(lambda: len(dynos.lines) == 2)
    await dynos.end()
    assert sorted(dynos.lines) == [("web", "5000 web.1"), ("worker", "5100")]
    assert dynos.codes == {"web": -15, "worker": -15}


def test_the_prefix_of_heroku_local_is_taken_off() -> None:
    for said in ('10:19:18 AM web.1   |  {"a": 1}', '[OKAY] 10:19:18 web.1 | {"a": 1}'):
        found = PREFIX.match(said)
        assert found
        assert (found[1], said[found.end() :]) == ("web", '{"a": 1}')


def test_a_dyno_has_the_forms_defaults_a_key_of_its_own_and_nothing_of_this_machine() -> None:
    config = dyno.form(ROOT)
    assert len(config["SECRET_KEY"]) == 64
    assert config["SECRET_KEY"] != dyno.form(ROOT)["SECRET_KEY"]
    environ = dyno.environ(Path(sys.prefix), {"LOCALE": "fr"}, 5000)
    assert environ.keys() <= {
        *dyno.KEPT,
        "PATH",
        "DYNO",
        "LANG",
        "PYTHONUNBUFFERED",
        "LOCALE",
        "PORT",
    }
