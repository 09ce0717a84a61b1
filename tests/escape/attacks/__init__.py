# SPDX-License-Identifier: Apache-2.0
"""The attacks, one file a kind. To add one, write a function with @attack; it is found by itself."""
import importlib
import pkgutil

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
