"""Holds the modules of a deployment against each other: files, parameters, their types, outputs."""

import re
from collections.abc import Mapping

from tests.infra.bicep.syntax import BicepFile, Module, text


def check_modules(files: Mapping[str, BicepFile]) -> None:
    """Note in each file the mistakes in the modules that it deploys."""
    for file in files.values():
        for name, module in file.modules.items():
            if (other := files.get(module.path)) is None:
                file.note(module.node, f"no such file: {module.path}")
                continue
            _check_parameters(file, module, other)
            for output in re.findall(rf"\b{name}\.outputs\.(\w+)", text(file.root)):
                if output not in other.outputs:
                    file.note(module.node, f"{module.path} has no output {output}")
    deployed = {module.path for file in files.values() for module in file.modules.values()}
    for name in set(files) - deployed - {"main.bicep"}:
        files[name].note(files[name].root, "no other file deploys it")


def _check_parameters(file: BicepFile, module: Module, other: BicepFile) -> None:
    for name, parameter in other.parameters.items():
        if name not in module.parameters and not parameter.has_default:
            file.note(module.node, f"{module.path} needs the parameter {name}")
    for name, node in module.parameters.items():
        if (wanted := other.parameters.get(name)) is None:
            file.note(node, f"{module.path} has no parameter {name}")
        elif handed := file.parameters.get(text(node)):
            if handed.type != wanted.type:
                file.note(node, f"{module.path} takes {name} as {wanted.type}, not {handed.type}")
            if handed.secure and not wanted.secure:
                file.note(node, f"{module.path} does not keep {name} secret")
