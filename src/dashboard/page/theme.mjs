// Light, dark, or as the system has it; remembered in this browser.

import { byId, setText } from './dom.mjs';

const THEMES = ['automatic', 'light', 'dark'];
const STORED = 'headroom-theme';

function storedTheme() {
  try {
    return THEMES.includes(localStorage.getItem(STORED)) ? localStorage.getItem(STORED) : 'automatic';
  } catch {
    return 'automatic';
  }
}

export function setUpTheme(changed) {
  let theme = storedTheme();
  const show = () => {
    if (theme === 'automatic') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    setText(byId('theme'), `Theme: ${theme}`);
  };
  show();
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem(STORED, theme);
    } catch {
      // It holds until the page is left.
    }
    show();
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
