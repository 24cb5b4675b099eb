// Runs before the first paint: what the person chose for the frame. Then: menus, drawer, copy buttons, times. No page depends on it for its data.
(() => {
  const root = document.documentElement;
  const cookie = (name) => document.cookie.split('; ').find((pair) => pair.startsWith(name + '='))?.split('=')[1];
  const remember = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`; };
  if (cookie('looper-nav') === 'narrow') root.dataset.nav = 'narrow';

  function theme(name) {
    root.dataset.theme = name;
    remember('looper-theme', name);
    document.dispatchEvent(new CustomEvent('looper-theme'));
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new CustomEvent('looper-theme')));

  function drawer(open) {
    if (open) root.dataset.drawer = 'open'; else delete root.dataset.drawer;
    document.querySelector('[data-act="open-navigation"]')?.setAttribute('aria-expanded', String(open));
    if (open) document.querySelector('#navigation a')?.focus();
  }

  function download(name, text, type = 'text/csv') {
    const address = text.startsWith('data:') ? text : URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    const link = Object.assign(document.createElement('a'), { href: address, download: name.replace(/[\\/:*?"<>|]/g, ' ').trim() });
    document.body.append(link); link.click(); link.remove();
    if (address !== text) setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
  // To a field, or into a group of fields; what is folded away around it is opened first.
  function seek(element) {
    if (!element) return;
    for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    const controls = 'input:not([type="hidden"]), select, textarea, button';
    const control = element.matches(controls) ? element : element.querySelector(controls) ?? element;
    if (control === element && !element.matches(controls)) element.tabIndex = -1;
    control.focus();
  }
  // To the first thing that is wrong in a part of the page.
  function seekFault(part) {
    const fault = document.querySelector(part)?.querySelector('[aria-invalid="true"], .field-error');
    seek(fault?.matches('.field-error') ? fault.closest('.field') ?? fault : fault);
  }
  // To the heading of a page that was opened, but not out of a field: what is typed would go nowhere.
  function seekHeading() {
    if (document.activeElement?.matches('main input, main select, main textarea')) return;
    const heading = document.querySelector('h1');
    if (!heading) return;
    if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  window.looper = { download, seekFault, seekHeading, seek: (id) => seek(document.getElementById(id)) };

  // Charts are elements of their own; their script is loaded by the first one on a page. Those far below what is seen wait until nothing else is to be done.
  const whenIdle = (work) => window.requestIdleCallback?.(work, { timeout: 3000 }) ?? setTimeout(work, 300);
  const charts = () => import('/js/chart.js');
  async function save(figure, format) {
    const image = await (await charts()).picture(figure.querySelector('looper-chart'), format);
    download(`${figure.dataset.name}.${format}`, image);
  }
  customElements.define('looper-chart', class extends HTMLElement {
    static observedAttributes = ['data-figure'];
    #size = new ResizeObserver(() => this.#soon());
    #again = () => this.#soon();
    #due = 0;
    connectedCallback() { this.#size.observe(this); document.addEventListener('looper-theme', this.#again); this.#soon(); }
    disconnectedCallback() { this.#size.disconnect(); document.removeEventListener('looper-theme', this.#again); charts().then((chart) => chart.clear(this)); }
    attributeChangedCallback() { this.#soon(); }
    #soon() {
      cancelAnimationFrame(this.#due);
      this.#due = requestAnimationFrame(() => {
        if (this.getBoundingClientRect().top < 2 * innerHeight) this.#draw(); else whenIdle(() => this.#draw());
      });
    }
    async #draw() { if (this.isConnected && this.clientWidth > 0) (await charts()).draw(this); }
  });
  document.addEventListener('change', async (e) => {
    if (e.target.matches?.('input[data-series]')) (await charts()).draw(e.target.closest('figure').querySelector('looper-chart'));
  });

  async function copy(button, own) {
    const text = own ?? button.dataset.copy ?? button.closest('figure')?.querySelector('code')?.textContent ?? '';
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement('textarea'), { value: text });
      document.body.append(area); area.select(); document.execCommand('copy'); area.remove();
    }
    const label = button.querySelector('[data-copy-label]') ?? button;
    const before = label.textContent;
    label.textContent = 'Copied';
    setTimeout(() => { label.textContent = before; }, 1500);
  }

  // A picture that the server laid out as SVG, twice as fine as the screen, or as fine as a canvas may be.
  async function portrait(button) {
    const label = button.querySelector('[data-copy-label]') ?? button;
    const before = label.textContent;
    try {
      const answer = await fetch(button.dataset.source);
      if (!answer.ok) throw new Error(`${answer.status} from ${button.dataset.source}`);
      const address = URL.createObjectURL(new Blob([await answer.text()], { type: 'image/svg+xml' }));
      const image = Object.assign(new Image(), { src: address });
      await image.decode();
      const fine = Math.min(2, 8000 / image.height);
      const canvas = Object.assign(document.createElement('canvas'), { width: Math.round(fine * image.width), height: Math.round(fine * image.height) });
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(address);
      download(button.dataset.name, canvas.toDataURL('image/png'));
    } catch {
      label.textContent = 'The picture could not be drawn';
      setTimeout(() => { label.textContent = before; }, 4000);
    }
  }

  const acts = {
    'skip': (e) => { e.preventDefault(); document.getElementById('content')?.focus(); document.getElementById('content')?.scrollIntoView(); },
    'open-navigation': () => drawer(root.dataset.drawer !== 'open'),
    'close-navigation': () => drawer(false),
    'fold-navigation': () => {
      const narrow = root.dataset.nav !== 'narrow';
      if (narrow) root.dataset.nav = 'narrow'; else delete root.dataset.nav;
      remember('looper-nav', narrow ? 'narrow' : 'wide');
      window.dispatchEvent(new Event('resize'));
    },
    'copy': (e, at) => copy(at),
    'report-png': (e, at) => portrait(at),
    'reload': () => location.reload(),
    'shortcuts': () => document.getElementById('shortcuts')?.showModal(),
    'close-dialog': (e, at) => at.closest('dialog').close(),
    'sign-out': async () => { await fetch('/api/sign-out', { method: 'POST' }); location.assign('/sign-in'); },
    'focus-field': (e, at) => { e.preventDefault(); seek(document.getElementById(at.dataset.field)); },
    'chart-table': (e, at) => {
      const figure = at.closest('figure');
      const table = figure.dataset.view !== 'table';
      figure.dataset.view = table ? 'table' : 'picture';
      at.setAttribute('aria-pressed', String(table));
      if (!table) window.dispatchEvent(new Event('resize'));
    },
    'chart-csv': (e, at) => {
      const figure = at.closest('figure');
      const cell = (text) => { // as the server writes files: a number stays one, and what a spreadsheet would take for a formula is text
        const number = text.replace('−', '-');
        const own = /^[-+]?(\d[\d,]*(\.\d+)?|\.\d+)(e[-+]?\d+)?%?$/i.test(number) ? number : /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
        return /[",\r\n]/.test(own) ? `"${own.replaceAll('"', '""')}"` : own;
      };
      const rows = [...figure.querySelectorAll('table tr')].map((row) => [...row.cells].map((one) => cell(one.textContent.trim())).join(','));
      download(`${figure.dataset.name}.csv`, rows.join('\r\n') + '\r\n');
    },
    'chart-png': (e, at) => save(at.closest('figure'), 'png'),
    'chart-svg': (e, at) => save(at.closest('figure'), 'svg'),
    'chart-link': (e, at) => copy(at, `${location.href.split('#')[0]}#${at.closest('figure').id}`),
    'show-password': (e, at) => {
      const field = document.getElementById(at.dataset.for);
      field.type = field.type === 'password' ? 'text' : 'password';
      at.textContent = field.type === 'password' ? 'Show password' : 'Hide password';
    },
  };
  document.addEventListener('click', (e) => {
    const at = e.target.closest?.('[data-act]');
    if (at) acts[at.dataset.act]?.(e, at);
    const choice = e.target.closest?.('[data-theme-choice]');
    if (choice) theme(choice.dataset.themeChoice);
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      if (!menu.contains(e.target) || e.target.closest('.menu-list a, .menu-list button')) menu.open = false;
    }
  });
  // Keys for those who like them; silent while typing, and switched off by a box in their list.
  let waiting = '';
  const places = { h: '/', d: '/decision-points', e: '/experiments', s: '/studies', m: '/models', j: '/jobs' };
  const press = (selector, within = document) => { const found = within.querySelector(selector); found?.click(); return Boolean(found); };
  // The main button of where one is: an open dialog, else the form that is being filled in, else the page.
  function main(at) {
    const dialog = [...document.querySelectorAll('dialog[open], [role="dialog"]')].at(-1);
    const own = dialog ?? [at.closest('form')].find((form) => form?.querySelector('.button.primary'));
    const field = at.closest('input, select, textarea');
    field?.blur(); // what is being typed goes first, and only once
    const found = own ? press('.button.primary:not(:disabled)', own) : press('form .button.primary:not(:disabled), .page-actions .button.primary:not(:disabled)');
    field?.focus({ preventScroll: true });
    return found;
  }
  function tab(step) {
    const all = [...document.querySelectorAll('.tabs a')];
    all[all.findIndex((one) => one.hasAttribute('aria-current')) + step]?.click();
  }
  function shortcut(e) {
    if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') return main(e.target);
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea, [contenteditable]') || document.querySelector('dialog[open], [role="dialog"]') || cookie('looper-keys') === 'off') return false;
    if (waiting === 'g') { waiting = ''; return places[e.key] ? press(`#navigation a[href="${places[e.key]}"]`) : false; }
    switch (e.key) {
      case '/': document.getElementById('search')?.focus(); return true;
      case '?': acts.shortcuts(); return true;
      case 'g': waiting = 'g'; setTimeout(() => { waiting = ''; }, 1500); return false;
      case 'n': return press('[data-key="n"]');
      case 't': return press('figure.chart:hover [data-act="chart-table"], figure.chart:focus-within [data-act="chart-table"]') || press('figure.chart [data-act="chart-table"]');
      case '[': tab(-1); return true;
      case ']': tab(1); return true;
      default: return false;
    }
  }
  document.addEventListener('change', (e) => { if (e.target.id === 'keys-on') remember('looper-keys', e.target.checked ? 'on' : 'off'); });
  document.addEventListener('keydown', (e) => {
    if (shortcut(e)) e.preventDefault();
    if (e.key !== 'Escape') return;
    for (const menu of document.querySelectorAll('details[data-menu][open]')) { menu.open = false; menu.querySelector('summary')?.focus(); }
    if (root.dataset.drawer) { drawer(false); document.querySelector('[data-act="open-navigation"]')?.focus(); }
  });

  // Times: the server writes UTC, the browser its own zone.
  const zone = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const parts = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  function write(time) {
    const at = new Date(time.dateTime);
    const age = (Date.now() - at) / 1000;
    const [unit, size] = parts.find(([, seconds]) => Math.abs(age) >= seconds) ?? ['s', 1];
    const text = time.dataset.moment === 'time' ? zone.format(at).replace(',', '')
      : Math.abs(age) < 5 ? 'just now' : age < 0 ? `in ${Math.floor(-age / size)} ${unit}` : `${Math.floor(age / size)} ${unit} ago`;
    if (time.firstChild?.nodeType === Node.TEXT_NODE) { if (time.firstChild.data !== text) time.firstChild.data = text; }
  }
  const all = () => document.querySelectorAll('time[data-moment]').forEach(write);
  // A secret that came behind the # sign: into its field, and out of the address bar.
  function fromFragment() {
    const field = document.querySelector('input[data-from-fragment]');
    if (!field || location.hash.length < 2) return;
    field.value = location.hash.slice(1);
    history.replaceState(null, '', location.pathname + location.search);
  }
  addEventListener('hashchange', fromFragment);

  document.addEventListener('DOMContentLoaded', () => {
    fromFragment();
    all();
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === 'attributes') { write(change.target); continue; }
        for (const node of change.addedNodes) {
          if (node.nodeType !== Node.ELEMENT_NODE) continue;
          if (node.matches('time[data-moment]')) write(node);
          node.querySelectorAll('time[data-moment]').forEach(write);
        }
      }
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['datetime'] });
    setInterval(all, 10000);
  });
})();
