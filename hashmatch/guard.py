"""Guard: what an import must not do unless somebody says that it may."""

from __future__ import annotations

from .claims import Standing
from .differences import Difference
from .records import ListSettings

SHARE = 0.30
"""Of the claims that stand: more than this withdrawn, or added or changed, is too large."""

FEW = 100
"""Adding or changing this many claims is never too large."""


def objections(before: ListSettings | None, after: ListSettings, standing: Standing, change: Difference) -> list[str]:
    """What speaks against an import, one clause each; nothing against a list's first one."""
    if before is None:
        return []
    name, stands = after.name, standing.stands
    reasons = settings_objections(before, after)
    if change.withdrawn > SHARE * stands:
        reasons.append(f"it would withdraw {change.withdrawn} of the {stands} claims of {name}")
    altered = change.added + change.changed
    if altered > SHARE * stands and altered > FEW:
        reasons.append(f"it would add or change {altered} claims where {name} holds {stands}")
    return reasons


def settings_objections(before: ListSettings, after: ListSettings) -> list[str]:
    """What speaks against a change of settings."""
    reasons = []
    if after.role is not before.role:
        reasons.append(f"the role of {after.name} would change from {before.role} to {after.role}")
    if before.mode is not None and after.mode is not before.mode:
        reasons.append(f"the mode of {after.name} would change from {before.mode} to {after.mode}")
    if after.share_level.strictness < before.share_level.strictness:
        reasons.append(f"the share level of {after.name} would fall from {before.share_level} to {after.share_level}")
    return reasons
