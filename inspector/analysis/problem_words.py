"""A problem's sentences, made to stand in the state sentence: whole, ended, and without what the lead says."""

from inspector.engine.control import Problem


def sentence(text: str) -> str:
    """`text` on one line, ended by a full stop; empty stays empty."""
    line = " ".join(text.split())
    return line if not line or line.endswith((".", "?", "…")) else f"{line}."


def cause(problem: Problem, lead: str = "") -> str:
    """Why it happened, or what happened where no cause is known; with the service's code in brackets."""
    text = sentence(problem.why) or sentence(problem.what)
    if text == lead:
        text = ""
    code = f"HTTP {problem.code}" if problem.code.isdigit() else problem.code
    if code and problem.code.removeprefix("PSYNC_") not in text:
        return f"{text.removesuffix('.')} ({code})." if text else f"The service answers {code}."
    return text


def advice(problem: Problem, lead: str = "") -> str:
    """What happened, why and what next, without the part that `lead` says already."""
    what = sentence(problem.what)
    parts = ("" if what == lead or not problem.why else what, cause(problem, lead), sentence(problem.next_step))
    return join(*parts)


def join(*sentences: str) -> str:
    """Sentences one after the other, empty ones left out."""
    return " ".join(part for part in sentences if part)
