"""Nothing is cut off on any page, from a small phone to a wide screen."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Lab, settle, start_lab, stop_lab

pytestmark = [pytest.mark.browser, pytest.mark.engine]

WIDTHS = (1920, 1440, 1366, 1280, 1024, 768, 400, 320)
PAGES = (
    "",
    "try",
    "data",
    "train",
    "sweeps",
    "overtime",
    "runs",
    "evaluate?run=shipped-catalogue",
    "evaluate?run=shipped-catalogue&section=Matrix",
    "predictions?run=shipped-catalogue",
    "inside?model=shipped-catalogue",
    "take",
    "lessons",
)

# Faults of the page as it is now, each in a line. What may be scrolled sideways: the body of a
# table and a row of tabs, from the second column on.
_FAULTS = r"""() => {
  const faults = new Set();
  const controls = 'button, a[data-testid^=stPageLink], input, textarea, summary, table, iframe, ' +
    '[role=slider], [role=tab], [role=radio], [data-baseweb=select], ' +
    '[data-testid=stDataFrame], [data-testid=stVegaLiteChart], .js-plotly-plot, ' +
    '[data-testid=stImage] img';
  const name = e => `<${e.tagName.toLowerCase()}> ` + (e.getAttribute('aria-label') ||
    e.innerText || e.closest('[class*=st-key-]')?.className.match(/st-key-\S+/)?.[0] ||
    e.className || '').toString().replace(/\s+/g, ' ').slice(0, 60);
  const sidebar = document.querySelector('[data-testid=stSidebar]');
  const folded = sidebar && sidebar.getBoundingClientRect().right <= 1;
  const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    !e.closest('[inert], [aria-hidden=true]') && !(folded && sidebar.contains(e)) &&
    (e.tagName === 'SUMMARY' || !e.closest('details:not([open])'));
  const across = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
  const down = (inner, outer) => inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const win = {left: 0, right: innerWidth};
  // Where it is cut off, if anywhere.
  const cut = e => {
    const box = e.getBoundingClientRect();
    let high = true;
    for (let a = e.parentElement; a && a !== document.body; a = a.parentElement) {
      const style = getComputedStyle(a), sides = a.getBoundingClientRect();
      // Input elements that only screen readers meet.
      if (sides.width <= 2 || style.clipPath !== 'none') return '';
      // A row of tabs may be longer than the page, a table wider.
      if (a.matches('[role=tablist], [data-testid=stDataFrame]')) return cut(a);
      if (style.overflowX !== 'visible' && !across(box, sides))
        return `is cut at ${box.left | 0} to ${box.right | 0} px by its surroundings, ` +
          `${sides.left | 0} to ${sides.right | 0} px`;
      if (['hidden', 'clip'].includes(style.overflowY) && high && !down(box, sides))
        return `is cut at its height of ${box.height | 0} px`;
      if (['auto', 'scroll'].includes(style.overflowY)) high = false;
    }
    return across(box, win) ? '' : `lies at ${box.left | 0} to ${box.right | 0} px`;
  };
  const covered = e => {
    if (e.closest('[role=tablist], [data-testid=stDataFrame]')) return '';
    e.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
    const box = e.getBoundingClientRect();
    const y = Math.max(1, Math.min(innerHeight - 1, (box.top + box.bottom) / 2));
    const hit = document.elementFromPoint((box.left + box.right) / 2, y);
    const own = '[data-testid=stElementContainer]';
    if (!hit || e.contains(hit) || hit.contains(e)) return '';
    return e.closest(own) && hit.closest(own) === e.closest(own) ? '' : `is covered by ${name(hit)}`;
  };
  for (const e of document.querySelectorAll(controls)) {
    const box = e.getBoundingClientRect();
    if (box.width < 3 || box.height < 3 || e.type === 'file' || !seen(e)) continue;
    const fault = cut(e) || covered(e);
    if (fault) faults.add(`${name(e)} ${fault}`);
  }
  for (const e of document.querySelectorAll('body *')) {
    if (e.clientWidth === 0 || e.scrollWidth <= e.clientWidth + 1) continue;
    const style = getComputedStyle(e);
    if (style.textOverflow === 'ellipsis' && style.overflowX !== 'visible' && seen(e))
      faults.add(`${name(e)} shows ${e.clientWidth} of ${e.scrollWidth} px of its text`);
  }
  const main = document.querySelector('[data-testid=stMain]');
  if (main.scrollWidth > main.clientWidth + 1) faults.add('the page scrolls sideways');
  return [...faults];
}"""
