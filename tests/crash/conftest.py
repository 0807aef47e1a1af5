"""Each scenario is swept once, in a process that has done nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .scenarios import SCENARIOS, Scenario
from .tracing import Point

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Swept:
    """What was left after each death."""

    scenario: Scenario
    points: list[Point]
    untraced: list[Any]
    old: dict[str, Any]
    new: dict[str, Any]
    last: dict[str, Any]
    deaths: list[dict[str, Any]]

    def where(self, death: dict[str, Any]) -> str:
        return f"{death['moment']} {death['number']}: {self.points[death['number']]}"


@pytest.fixture(scope="package", params=sorted(SCENARIOS))
def swept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    folder = tmp_path_factory.mktemp("sweep")
    run = subprocess.run(
        [sys.executable, "-m", "tests.crash.sweep", request.param, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result = json.loads((folder / "result.json").read_text("utf-8"))
    assert all(death["found"] for death in result["deaths"]), run.stderr
    points = [Point(**point) for point in result.pop("points")]
    return Swept(SCENARIOS[request.param], points, **result)
