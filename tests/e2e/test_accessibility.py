"""No page breaks a rule of WCAG 2.1, levels A and AA, that axe-core can check."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import CALM, PAGES, PHONE, open_at, settle

pytestmark = [pytest.mark.browser, pytest.mark.engine]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
DESK = {"width": 1366, "height": 768}
FORM = {"train": "train?run=new"}
# A script of the page gives them their roles, on a busy machine after the page stands still.
UNMENDED = "[data-testid=stSidebarNav] :is(ul, li):not([role])"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule(lab, browser, scheme, viewport):
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    found = []
    for address in PAGES:
        page = context.new_page()
        open_at(page, f"{lab.url}/{FORM.get(address, address)}")
        settle(page)
        expect(page.locator(UNMENDED)).to_have_count(0, timeout=CALM)
        for rule in Axe().run(page, options=RULES).response["violations"]:
            found += [(address, rule["id"], node["html"][:200]) for node in rule["nodes"]]
        page.close()
    context.close()
    assert found == []
