"""A page as PDF, by WeasyPrint (``pyremediate[pdf]``), which lays out the same HTML for paper."""

from __future__ import annotations

from pyremediate.errors import UsageError


def render(html: str) -> bytes:
    """The PDF of a self-contained page. Raises ``UsageError`` that says what to install when WeasyPrint cannot be used."""
    try:
        from weasyprint import HTML
    except ImportError:
        raise UsageError("PDF is made by WeasyPrint, which is not installed; pip install 'pyremediate[pdf]'") from None
    except OSError as error:  # its Python is there, and the C library that it draws text with is not
        mend = "apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        raise UsageError(f"WeasyPrint cannot be used: {str(error).splitlines()[0]}; {mend}") from None
    made: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_ua=False)
    return made


def _nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    """A page holds everything that it needs."""
    raise ValueError(f"{url}: a page loads nothing")
