"""Holds resources against the types that Microsoft publishes for their API versions.

bicep_types.json is cut from https://github.com/Azure/bicep-types-az (MIT) to the types that infra/ uses. A type is one
of `{"is": "str" | "int" | "bool" | "any"}`, `{"lit": TEXT}`, `{"one": [TYPE, ...]}`, `{"arr": TYPE}`, `{"obj": {NAME:
[FLAGS, TYPE]}, "more": TYPE}` and `{"by": NAME, "base": ..., "of": {VALUE: TYPE}}`; a flag of 1 is required, of 2
read-only.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tree_sitter import Node

from tests.infra.bicep.syntax import BicepFile, Resource, children, literal, properties, text

TYPES: Final[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "bicep_types.json").read_text("utf-8"))
REQUIRED, READ_ONLY = 1, 2
KEYWORDS: Final = {"scope", "parent", "dependsOn"}  # of Bicep itself
GIVEN_BY_BICEP: Final = {"id", "type", "apiVersion"}
LITERALS: Final = {"string": "str", "number": "int", "boolean": "bool", "object": "object", "array": "array"}
PARAMETERS: Final = {"string": "str", "int": "int", "bool": "bool", "object": "object", "array": "array"}


class Checker:
    """Compares the values of one file; `compared` counts them."""

    def __init__(self, file: BicepFile) -> None:
        self._file = file
        self.compared = 0

    def check(self) -> None:
        """Note the mistakes in each resource that the file makes."""
        for resource in self._file.resources.values():
            if (found := TYPES.get(resource.kind)) is None:
                self._file.note(resource.node, f"no such type: {resource.kind}")
            elif not resource.existing and resource.body is not None:
                self._resource(resource, found)

    def _resource(self, resource: Resource, type_: dict[str, Any]) -> None:
        have = {name: each for name, each in properties(resource.body).items() if name not in KEYWORDS}
        if "by" in type_:
            name = literal(have.get(type_["by"])) or ""
            if name not in type_["of"]:
                if name != "onedeploy":  # the published types do not know it
                    self._file.note(resource.node, f"{resource.kind}: {name!r} is none of {sorted(type_['of'])}")
                return
            type_ = {"obj": {**type_["base"], **type_["of"][name]["obj"]}}
        known = {name: each for name, each in type_["obj"].items() if name not in GIVEN_BY_BICEP}
        self._object(resource.node, have, {"obj": known}, resource.kind.partition("@")[0], partial=False)

    def _value(self, node: Node, type_: dict[str, Any], path: str, *, partial: bool = False) -> None:
        self.compared += 1
        if node.type == "parenthesized_expression":
            self._value(node.named_children[0], type_, path, partial=partial)
        elif node.type == "ternary_expression":
            for each in node.named_children[1:]:
                self._value(each, type_, path, partial=partial)
        elif node.type == "call_expression" and text(node.named_children[0]) == "union":
            for each in children(node.named_children[1], "object"):
                self._value(each, type_, path, partial=True)
        elif "one" in type_ or "lit" in type_:
            self._enumeration(node, type_, path)
        elif "arr" in type_:
            self._array(node, type_["arr"], path)
        elif "obj" in type_ or "by" in type_:
            self._any_object(node, type_, path, partial=partial)
        elif type_.get("is") != "any":
            self._primitive(node, type_["is"], path)

    def _enumeration(self, node: Node, type_: dict[str, Any], path: str) -> None:
        known = [each["lit"] for each in type_.get("one", [type_]) if "lit" in each]
        value = literal(node)
        # An open enum takes other texts too; in these files each of them is a mistake.
        if known and value is not None and value not in known:
            self._file.note(node, f"{path} is {value!r}; known: {', '.join(known[:8])}")
        if self._kind(node) in {"int", "bool", "object", "array"}:
            self._file.note(node, f"{path} must be a text")

    def _array(self, node: Node, item: dict[str, Any], path: str) -> None:
        if node.type == "array":
            for each in node.named_children:
                if each.type != "comment":
                    self._value(each, item, f"{path}[]")
        elif self._kind(node) not in {"", "array"}:
            self._file.note(node, f"{path} must be an array")

    def _any_object(self, node: Node, type_: dict[str, Any], path: str, *, partial: bool) -> None:
        if node.type != "object":
            if self._kind(node) not in {"", "object"}:
                self._file.note(node, f"{path} must be an object")
            return
        have = properties(node)
        if "by" in type_:
            value = literal(have.get(type_["by"])) or ""
            if value not in type_["of"]:
                self._file.note(node, f"{path}: {type_['by']} {value!r} is none of {sorted(type_['of'])}")
                return
            type_ = {"obj": {**type_["base"], **type_["of"][value].get("obj", {})}}
        self._object(node, have, type_, path, partial=partial)

    def _object(self, node: Node, have: Mapping[str, Node], type_: dict[str, Any], path: str, *, partial: bool) -> None:
        for name, value in have.items():
            if name in type_["obj"]:
                flags, expected = type_["obj"][name]
                if flags & READ_ONLY:
                    self._file.note(value, f"{path}.{name} is read-only")
                self._value(value, expected, f"{path}.{name}")
            elif "more" in type_:
                self._value(value, type_["more"], f"{path}.{name}")
            else:
                self._file.note(value, f"{path} has no property {name}")
        for name, (flags, _) in type_["obj"].items():
            if flags & REQUIRED and not flags & READ_ONLY and name not in have and not partial:
                self._file.note(node, f"{path} lacks {name}")

    def _primitive(self, node: Node, expected: str, path: str) -> None:
        if self._kind(node) not in {"", expected}:
            self._file.note(node, f"{path} must be {expected}")

    def _kind(self, node: Node) -> str:
        """Return the kind of a literal, a parameter, or a resource's id; empty for another expression."""
        if node.type == "identifier" and (parameter := self._file.parameters.get(text(node))):
            return PARAMETERS.get(parameter.type, "")
        if node.type == "member_expression" and re.fullmatch(r"\w+\.(id|name)", text(node)):
            return "str" if text(node).partition(".")[0] in self._file.resources else ""
        return LITERALS.get(node.type, "")
