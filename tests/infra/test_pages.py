"""The pages of Azure and of releases, held against their subjects."""

import json
import re

from tests.infra.bicep import rules
from tests.infra.steps import ROOT, workflow

AZURE = (ROOT / "docs" / "azure.md").read_text("utf-8")
RELEASING = (ROOT / "docs" / "releasing.md").read_text("utf-8")
ROLES = {
    "blobDataOwner": "Storage Blob Data Owner",
    "tableDataContributor": "Storage Table Data Contributor",
    "secretsUser": "Key Vault Secrets User",
    "metricsPublisher": "Monitoring Metrics Publisher",
}


def rows(page: str, head: str) -> list[list[str]]:
    """Return the cells of a table by the beginning of its head."""
    table = page.partition(f"| {head} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_the_page_names_the_roles_of_the_app_and_no_more() -> None:
    assigned = {ROLES[role] for person, role, _ in rules.ASSIGNED if person == "identityPrincipalId"}
    assert assigned == {role for role, *_ in rows(AZURE, "role of the app's identity")}


def test_each_value_of_the_page_is_one_that_azd_hands_on() -> None:
    given = (ROOT / "infra" / "main.parameters.json").read_text("utf-8")
    named = {name for cell, *_ in rows(AZURE, "name | for") for name in re.findall(r"`(\w+)`", cell)}
    handed = set(re.findall(r"\$\{(RELAY_\w+)", given))
    secret = {name for name in handed if rules.SECRET.fullmatch(name)}
    assert handed - secret == named
    assert all(f"`{name}`" in AZURE for name in secret - {"RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS"})


def test_the_defaults_of_the_page_are_those_of_azd() -> None:
    parameters = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"]
    shown = {name.strip("`"): default for name, _, default in rows(AZURE, "name | for") if default.isdigit()}
    assert {f"${{{name}={default}}}" for name, default in shown.items()} <= {
        each["value"] for each in parameters.values()
    }


def test_each_variable_of_the_deploy_workflow_is_on_the_page() -> None:
    used = re.findall(r"vars\.(\w+)", (ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8"))
    assert set(used) == {name for name in used if f"`{name}`" in AZURE}


def test_the_page_of_releases_tells_of_each_job_in_order() -> None:
    assert [f"`{job}`" for job in workflow("release.yml")["jobs"]] == [job for job, _ in rows(RELEASING, "job | does")]


def test_until_there_is_a_release_everything_is_installed_from_a_commit() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs" / "examples").glob("*.yml"), ROOT / "README.md"]
    texts = {page.name: page.read_text("utf-8") for page in pages}
    assert "There is no release yet" in RELEASING
    assert {} == {
        name: text for name, text in texts.items() if re.search(r"approval-relay(\[\w+\])?==|relay@v\d", text)
    }
    pinned = {name for name, text in texts.items() if re.search(r"approval-relay(/verify)?@[0-9a-f]{40}", text)}
    assert {"ask.yml", "release.yml", "workflows.md"} <= pinned
