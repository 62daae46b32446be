"""Which operations, parameters and keywords of the contract were exercised, counted by tracecov.

A keyword is exercised in full when a value that keeps it and one that breaks it were both sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracecov import CoverageMap, HttpInteraction, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemathesis.engine.recorder import ScenarioRecorder

Json = Any


class Coverage:
    """Counts what was sent. `counts` of several processes are added with `add`."""

    def __init__(self, document: Mapping[str, Json], *, base_path: str) -> None:
        self._map = CoverageMap.from_dict(dict(document), base_path=base_path)

    def count(self, recorder: ScenarioRecorder) -> None:
        """Take in the calls of a scenario. A method that the path does not have exercises nothing."""
        batches: dict[tuple[str, str], list[HttpInteraction]] = {}
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            if interaction.response is None or case.method.upper() != case.operation.method.upper():
                continue
            sent, came = interaction.request, interaction.response
            batches.setdefault((case.method, case.operation.full_path), []).append(
                HttpInteraction(
                    request=HttpRequest(
                        method=case.method,
                        url=sent.uri,
                        body=sent.body,
                        headers={name: values[0] for name, values in sent.headers.items()},
                    ),
                    response=HttpResponse(
                        status_code=came.status_code,
                        elapsed=came.elapsed,
                        body=came.content,
                        headers={name: values[0] for name, values in came.headers.items()},
                    ),
                    timestamp=0.0,
                )
            )
        for (method, path), batch in batches.items():
            self._map.record_schemathesis_interactions(method, path, batch, events=False)

    def counts(self) -> bytes:
        return self._map.export_counts()

    def add(self, counts: bytes) -> None:
        self._map.merge_counts(counts)

    def summary(self) -> dict[str, Json]:
        """For the report: `{operations, parameters, keywords}`, each with `hit`, `total`, `percent`
        and what was `missed`, by name; keywords also say how many were `partly` exercised.
        """
        report = self._map.build_json_report()
        told = report["summary"]
        missed = list(_missed(report["operations"]))
        operations = [name for kind, name in missed if kind == "operation"]
        parameters = [name for kind, name in missed if kind == "parameter"]
        return {
            "operations": _hit(told["operations"]["total"], operations),
            "parameters": _hit(told["parameters"]["total"], parameters),
            "keywords": {
                **_hit(told["keywords"]["total"], [name for kind, name in missed if kind == "keyword"]),
                "partly": told["keywords"]["partial"],
                "partly_missed": [name for kind, name in missed if kind == "partly"],
            },
            "responses": {"hit": told["responses"]["covered"], "total": told["responses"]["total"]},
        }


def _hit(total: int, missed: list[str]) -> dict[str, Json]:
    hit = total - len(missed)
    return {
        "hit": hit,
        "total": total,
        "percent": round(100 * hit / total, 1) if total else 100.0,
        "missed": missed,
    }


def _missed(operations: list[Json]) -> Iterator[tuple[str, str]]:
    """What was never exercised, as (kind, name); keywords with one side missing are "partly"."""
    for operation in operations:
        name = operation["operation_id"]
        if not operation["hits"]:
            yield "operation", name
        for parameter in operation.get("parameters", ()):
            of = f"{name}: {parameter['location']} {parameter.get('name', '')}".rstrip()
            if not parameter["hits"]:
                yield "parameter", of
            for keyword in parameter.get("keywords", ()):
                where = f"{of} {keyword['schema_path']}"
                if keyword["state"] == "miss":
                    yield "keyword", where
                elif keyword["state"] == "partial":
                    side = "no value that breaks it" if keyword.get("valid") else "no value that keeps it"
                    yield "partly", f"{where} ({side})"
