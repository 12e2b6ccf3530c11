"""A Bicep file as its declarations, and the names in it that nothing declares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

PARSER: Final = Parser(Language(tree_sitter_bicep.language()))
DECLARATIONS: Final = {f"{kind}_declaration" for kind in ("parameter", "variable", "output", "resource", "module")}
FUNCTIONS: Final = {
    *("base64ToString", "concat", "contains", "empty", "filter", "guid", "join", "map", "string", "subscription"),
    *("subscriptionResourceId", "tenant", "toLower", "toObject", "union", "uniqueString"),
}
DECORATORS: Final = {
    *("allowed", "description", "maxLength", "maxValue", "metadata", "minLength", "minValue", "onlyIfNotExists"),
    "secure",
}


def text(node: Node) -> str:
    return (node.text or b"").decode()


def literal(node: Node | None) -> str | None:
    """Return the text of a string without interpolation, or None."""
    if node is None or node.type != "string" or any(each.type == "interpolation" for each in node.named_children):
        return None
    return "".join(text(each) for each in node.named_children)


def children(node: Node, kind: str) -> list[Node]:
    return [each for each in node.named_children if each.type == kind]


def properties(node: Node | None) -> dict[str, Node]:
    """Return the values of an object by their names; computed names and nested resources are left out."""
    found = {}
    for each in children(node, "object_property") if node else ():
        if len(each.named_children) > 1:
            name, value = each.named_children[:2]
            if (key := literal(name) if name.type == "string" else text(name)) is not None:
                found[key] = value
    return found


def body(node: Node) -> Node | None:
    """Return the object of a declaration, behind its condition and its loop."""
    for each in node.named_children:
        if each.type == "object":
            return each
        if each.type in {"if_statement", "for_statement"} and (found := body(each)):
            return found
    return None


def below(node: Node) -> Iterator[Node]:
    yield node
    for each in node.children:
        yield from below(each)


@dataclass(frozen=True)
class Parameter:
    """A parameter: the name of its type, whether it may be left out, and whether it is secure."""

    node: Node
    type: str
    has_default: bool
    secure: bool


@dataclass(frozen=True)
class Resource:
    """A resource: its type with the API version, and its object."""

    node: Node
    kind: str
    existing: bool
    body: Node | None
    decorators: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """Another file that is deployed by this one."""

    node: Node
    path: str
    parameters: Mapping[str, Node]


@dataclass
class BicepFile:
    """A parsed file. `findings` holds its mistakes, each with its line."""

    name: str
    source: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Node] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    outputs: dict[str, Node] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = PARSER.parse(self.source.encode()).root_node
        if self.root.has_error:
            self.note(self.root, "does not parse")
        self._declare(self.root, "")
        used = {name for each in self.root.named_children for name in self._names(each, frozenset())}
        for name, node in {**{name: each.node for name, each in self.parameters.items()}, **self.variables}.items():
            if name not in used:
                self.note(node, f"{name} is never used")

    def note(self, node: Node, finding: str) -> None:
        """Keep a finding, unless the line before says that the compiler's own is known."""
        row = node.start_point[0]
        if not row or "#disable-next-line" not in self.source.splitlines()[row - 1]:
            self.findings.append(f"{self.name}:{row + 1}: {finding}")

    def _declare(self, parent: Node, outer: str, decorators: tuple[str, ...] = ()) -> None:
        for node in parent.named_children:
            if node.type == "decorators":
                decorators = tuple(text(each).removeprefix("@").partition("(")[0] for each in node.named_children)
                for unknown in set(decorators) - DECORATORS:
                    self.note(node, f"unknown decorator {unknown}")
                continue
            if node.type == "object_property":
                self._declare(node, outer, decorators)
            elif node.type in DECLARATIONS:
                self._declare_one(node, outer, decorators)
            if node.type != "comment":
                decorators = ()

    def _declare_one(self, node: Node, outer: str, decorators: tuple[str, ...]) -> None:
        name = text(children(node, "identifier")[0])
        others = {*self.parameters, *self.variables, *self.resources, *self.modules}
        if name in (self.outputs if node.type == "output_declaration" else others):
            self.note(node, f"{name} is declared twice")
        if node.type == "parameter_declaration":
            type_ = text(children(node, "type")[0])
            has_default = any(each.type == "=" for each in node.children)
            self.parameters[name] = Parameter(node, type_, has_default, "secure" in decorators)
        elif node.type == "variable_declaration":
            self.variables[name] = node
        elif node.type == "output_declaration":
            self.outputs[name] = node
        elif node.type == "module_declaration":
            path = literal(children(node, "string")[0]) or ""
            self.modules[name] = Module(node, path, properties(properties(body(node)).get("params")))
        else:
            self._declare_resource(node, name, outer, decorators)

    def _declare_resource(self, node: Node, name: str, outer: str, decorators: tuple[str, ...]) -> None:
        kind = literal(children(node, "string")[0]) or ""
        if outer:
            type_, _, version = outer.partition("@")
            kind = f"{type_}/{kind}@{version}"
        existing = any(each.type == "existing" for each in node.children)
        inner = body(node)
        self.resources[name] = Resource(node, kind, existing, inner, decorators)
        if inner:
            self._declare(inner, kind)

    def _names(self, node: Node, local: frozenset[str]) -> Iterator[str]:
        """Yield each declared name that is used; note those that are declared nowhere."""
        kids = node.named_children
        if node.type in {"for_statement", "lambda_expression"}:
            local |= {text(children(node, "identifier")[0])}
        elif node.type == "object_property" and len(kids) > 1 and kids[0].type == "identifier":
            kids = kids[1:]
        elif node.type in DECLARATIONS:
            kids = [each for each in kids[1:] if each.type != "type"]
        elif node.type == "call_expression" and kids[0].type == "identifier":
            if text(kids[0]) not in FUNCTIONS | DECORATORS:
                self.note(node, f"unknown function {text(kids[0])}")
            kids = kids[1:]
        elif node.type == "identifier":
            if (name := text(node)) in {*self.parameters, *self.variables, *self.resources, *self.modules}:
                yield name
            elif name not in local:
                self.note(node, f"unknown name {name}")
        for each in kids:
            yield from self._names(each, local)
