"""The jobs of the release workflow: what each may do, needs and waits for; and the tags that start it."""

from typing import Any

from tests.infra.steps import ROOT, workflow


def jobs() -> dict[str, Any]:
    found = workflow("release.yml")["jobs"]
    assert isinstance(found, dict)
    return found


def test_a_job_that_runs_code_of_others_can_sign_and_publish_nothing() -> None:
    assert {"contents": "read"} == jobs()["build"]["permissions"]


def test_each_job_has_what_it_needs_and_waits_for_what_comes_before() -> None:
    signing = {"id-token": "write", "attestations": "write"}
    assert {
        "attest": ("build", signing),
        "image": ("build", {"contents": "read", "packages": "write"} | signing),
        "pypi": (["attest", "image"], {"id-token": "write"}),
        "release": ("pypi", {"contents": "write"}),
    } == {name: (job["needs"], job["permissions"]) for name, job in jobs().items() if name != "build"}


def test_all_that_is_released_is_attested() -> None:
    attested = [step["with"] for job in jobs().values() for step in job["steps"] if "attest" in step.get("uses", "")]
    assert ["dist/*"] == [each["subject-path"] for each in attested if "subject-path" in each]
    assert ["${{ steps.push.outputs.digest }}"] == [
        each["subject-digest"] for each in attested if "subject-digest" in each
    ]


def test_pypi_is_published_to_from_its_environment_without_a_stored_credential() -> None:
    job = jobs()["pypi"]
    assert "pypi" == job["environment"]
    assert [{"packages-dir": "distributions/"}] == [
        step["with"] for step in job["steps"] if "pypa/" in step.get("uses", "")
    ]
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")


def test_a_release_is_made_of_tags_of_three_numbers_alone() -> None:
    assert {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}} == workflow("release.yml")["on"]
