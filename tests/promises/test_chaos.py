"""A short slice of every proof that `make chaos` runs at length."""

import pytest

from bench.figure import Bound, Figure
from chaos.__main__ import PROOFS, main
from chaos.proof import Proof, held, named


@pytest.mark.timeout(300)
@pytest.mark.parametrize("proof", PROOFS, ids=named)
def test_the_promise_holds_in_a_short_slice_of_its_trouble(proof: Proof) -> None:
    assert proof.run(short=True)


def test_a_figure_beyond_its_bound_breaks_its_proof() -> None:
    lost = Figure(name="lost", value=1, bound=Bound.EXACTLY, limit=0)
    with pytest.raises(AssertionError, match="short"):
        held([lost])


def test_a_proof_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--short", "hope"])
    assert "no proof called hope" in capsys.readouterr().err
