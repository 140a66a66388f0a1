// The table of findings: filter, sort, search, open. Text reaches the page as text nodes only.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const root = document.documentElement;
  let lang = root.dataset.lang,
    theme = 'auto',
    page = 0,
    sort = 'severity',
    down = true,
    shown = [];
  const PAGE = 50,
    PRINT = 300;
  const open = new Set();
  const filter = {
    severity: '',
    verdict: '',
    rule: '',
    detector: '',
    shop: '',
    kind: '',
    day: '',
    campaign: '',
    text: '',
    aside: false,
  };
  const $ = id => document.getElementById(id);
  const t = key => W[lang][key];
  const loc = value =>
    value && typeof value === 'object' && !Array.isArray(value) && ('zh' in value || 'en' in value)
      ? value[lang] || value.zh || value.en || ''
      : value;
  const el = (tag, cls, ...kids) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    for (const k of kids) if (k !== null && k !== undefined) e.append(k);
    return e;
  };
  const svg = (box, ...rects) => {
    const ns = 'http://www.w3.org/2000/svg',
      s = document.createElementNS(ns, 'svg');
    s.setAttribute('viewBox', box);
    s.setAttribute('preserveAspectRatio', 'none');
    s.setAttribute('aria-hidden', 'true');
    for (const [x, y, w, h, cls] of rects) {
      const r = document.createElementNS(ns, 'rect');
      for (const [k, v] of Object.entries({ x, y, width: w, height: h, class: cls })) r.setAttribute(k, v);
      s.append(r);
    }
    return s;
  };
  const rule = id =>
    Object.hasOwn(data.rules, id) ? data.rules[id] : { name: { zh: '', en: '' }, message: { zh: '', en: '' } };
  const aside = f => Boolean(f.sup) || f.score < 0.5;
  for (const f of data.findings)
    f.hay = [
      f.rule,
      rule(f.rule).name.zh,
      rule(f.rule).name.en,
      f.owner,
      f.record,
      f.shop,
      f.head,
      f.text.join(''),
      f.fp,
      f.file,
      JSON.stringify(f.ev),
    ]
      .join('\u0001')
      .toLowerCase();

  const matches = f =>
    (filter.aside || !aside(f)) &&
    (filter.severity === '' || f.sev === Number(filter.severity)) &&
    (filter.verdict === '' || f.ver === Number(filter.verdict)) &&
    (!filter.rule || f.rule === filter.rule) &&
    (!filter.detector || f.det === filter.detector) &&
    (!filter.shop || (f.shop || '') === filter.shop) &&
    (!filter.kind || f.kind === filter.kind) &&
    (!filter.day || (f.day || '').startsWith(filter.day)) &&
    (!filter.campaign || String(f.camp) === filter.campaign) &&
    (!filter.text ||
      filter.text
        .toLowerCase()
        .split(/\s+/)
        .every(w => f.hay.includes(w)));
  const KEY = {
    severity: f => f.sev,
    rule: f => f.rule,
    record: f => f.owner,
    score: f => f.score,
    verdict: f => f.ver,
    content: f => f.text.join(''),
  };
  function apply() {
    const key = KEY[sort],
      sign = down ? -1 : 1;
    shown = data.findings.map((f, i) => [f, i]).filter(([f]) => matches(f));
    shown.sort(([a, i], [b, j]) => {
      const x = key(a),
        y = key(b);
      return x < y ? -sign : x > y ? sign : sort === 'severity' && a.score !== b.score ? b.score - a.score : i - j;
    });
    const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
    page = Math.min(page, last);
    $('reset').hidden = !Object.entries(filter).some(([k, v]) => k !== 'aside' && v);
    draw(page * PAGE, PAGE);
  }
  function draw(from, count) {
    const body = $('rows');
    body.replaceChildren();
    for (const [f, i] of shown.slice(from, from + count)) {
      body.append(row(f, i));
      if (open.has(i)) body.append(detail(f));
    }
    if (!shown.length) {
      const td = el('td', 'none', t('nothing'));
      td.colSpan = 6;
      body.append(el('tr', '', td));
    }
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    $('count').textContent = `${shown.length} ${t('of')} ${data.findings.length} ${t('shown')}`;
    $('pageno').textContent = `${page + 1} / ${pages}`;
    $('prev').disabled = page === 0;
    $('next').disabled = page >= pages - 1;
    $('prev').textContent = t('prev');
    $('next').textContent = t('next');
    for (const th of document.querySelectorAll('th[data-sort]')) {
      th.querySelector('button').textContent = t(th.dataset.sort);
      th.setAttribute('aria-sort', th.dataset.sort === sort ? (down ? 'descending' : 'ascending') : 'none');
    }
  }
  const text = (f, cls) => {
    const e = el('span', cls);
    e.append(f.text[0]);
    if (f.text[1]) e.append(el('mark', '', f.text[1]));
    e.append(f.text[2]);
    return e;
  };
  const verdict = v => el('span', 'verdict', svg('0 0 8 8', [0, 0, 8, 8, 'v' + v]), VER[lang][v]);
  function row(f, i) {
    const toggle = el('button', 'toggle', open.has(i) ? '▾' : '▸');
    toggle.setAttribute('aria-expanded', String(open.has(i)));
    toggle.setAttribute('aria-label', f.rule);
    const tr = el(
      'tr',
      'item' + (open.has(i) ? ' open' : '') + (aside(f) ? ' off' : ''),
      el('td', 'lead', toggle, el('span', 'pill p' + f.sev, SEV[lang][f.sev])),
      el('td', '', el('code', '', f.rule), el('span', 'sub', rule(f.rule).name[lang])),
      el('td', '', el('span', 'text', f.record), el('span', 'sub text', f.shop ? t('shop') + ' ' + f.shop : '')),
      el('td', '', text(f, 'text clip')),
      el('td', '', f.score.toFixed(2)),
      el('td', '', verdict(f.ver)),
    );
    tr.dataset.i = i;
    return tr;
  }
  function pair(dl, key, value) {
    if (value === null || value === undefined || value === '') return;
    dl.append(el('dt', '', key), el('dd', '', value));
  }
  const word = (table, value) =>
    typeof value === 'string' && Object.hasOwn(table, value) ? table[value][lang === 'zh' ? 0 : 1] : named(value);
  const keyed = key => word(EVIDENCE.keys, key);
  const moment = (key, value) =>
    ['from', 'to', 'at'].includes(key) && typeof value === 'number' && value > 1e8 && value < 1e11
      ? new Date(value * 1000).toISOString().slice(0, 16).replace('T', ' ')
      : named(value);
  const named = value => {
    value = loc(value);
    if (Array.isArray(value)) return value.map(named).join(lang === 'zh' ? '、' : ', ');
    if (value && typeof value === 'object')
      return Object.entries(value)
        .map(([k, v]) => `${keyed(k)} ${moment(k, v)}`)
        .join(' · ');
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    if (typeof value === 'number') return String(Math.round(value * 1e4) / 1e4);
    return String(value);
  };
  function detail(f) {
    const r = rule(f.rule),
      left = el('div'),
      right = el('div');
    if (f.rec_kind === 'image' || f.ref !== undefined) left.append(pictures(f));
    // Beside a picture stands its owner's headline, which is no text of the field 'images'.
    const field = f.rec_kind === 'image' ? undefined : f.field;
    const label = (lang === 'zh' && Object.hasOwn(FIELD, field) && FIELD[field]) || field || KIND[lang][f.kind];
    left.append(el('div', 'full', el('span', 'sub', label), text(f, 'text')));
    const advice = loc(f.ev.rewrite) || (r.rewrite && r.rewrite[lang]);
    if (advice) left.append(el('p', 'advice', el('b', '', t('rewrite')), advice));
    if (f.said) right.append(el('p', 'msg', el('b', '', f.said[lang])));
    if (r.message[lang]) right.append(el('p', 'msg', r.message[lang]));
    if (f.sup) right.append(el('p', 'none', t('aside_for') + ': ' + f.sup));
    else if (f.score < 0.5) right.append(el('p', 'none', t('low')));
    if (f.copied) left.append(copied(f.copied));
    if (Array.isArray(f.ev.ledger)) right.append(ledger(f.ev.ledger));
    const [without, met] = [tables(f.ev.counterfactual), tables(f.ev.ring && f.ev.ring.meetings)];
    if (without.length) right.append(counterfactual(f.score, without));
    const crowd = f.ev.composition;
    const told = crowd && typeof crowd === 'object' && crowd.rows && typeof crowd.rows === 'object';
    if (told) left.append(composition(crowd, f.reads));
    else if (f.reads) left.append(el('p', 'none', f.reads[lang]));
    if (met.length) left.append(meetings(f.ev.ring, met));
    const dl = el('dl');
    pair(dl, t('clause'), loc(f.ev.clause) || (r.clause && r.clause[lang]));
    for (const [k, told] of Object.entries(f.ev)) {
      // A cap on a family limits what speaks for the suspicion; nothing speaks against it there.
      const v =
        k === 'speaks_against' && Array.isArray(told)
          ? [...new Set(told)].filter(x => x !== 'family_cap' && x !== 'one_family')
          : told;
      if (
        ['ledger', 'clause', 'rewrite', 'signals'].includes(k) ||
        (k === 'composition' && f.reads) ||
        (k === 'copies' && f.copied) ||
        (k === 'counterfactual' && without.length) ||
        (k === 'ring' && met.length) ||
        v === null ||
        v === '' ||
        (Array.isArray(v) && !v.length)
      )
        continue;
      const list = table =>
        []
          .concat(v)
          .map(x => word(table, x))
          .join(lang === 'zh' ? '、' : ', ');
      if (k === 'brief') {
        right.append(el('p', 'none', keyed('brief')));
        continue;
      }
      const zh = lang === 'zh' && typeof v === 'string';
      let plain = named(v);
      if (k === 'review' && v && typeof v === 'object')
        plain = named(Object.fromEntries(REVIEW.filter(key => v[key] !== undefined && v[key] !== null).map(key => [key, v[key]])));
      if (zh && k === 'transform') {
        const said = edit => EDITS.reduce((text, [form, words]) => text.replace(form, words), edit);
        plain = v.split(', ').map(said).join('、');
      } else if (zh && ['category', 'target', 'match'].includes(k) && Object.hasOwn(VALUES, v)) plain = VALUES[v];
      pair(
        dl,
        keyed(k),
        k === 'families' && Array.isArray(v)
          ? list(FAMILIES)
          : k === 'speaks_against'
            ? list(SIGNALS)
            : k === 'disguise'
              ? list(EVIDENCE.disguise)
              : Object.hasOwn(EVIDENCE.values, k)
                ? list(EVIDENCE.values[k])
                : plain,
      );
    }
    if (f.camp) {
      const link = el('a', '', `${t('campaign')} ${f.camp}`);
      link.href = `#campaign-${f.camp}`;
      pair(dl, t('group'), link);
    }
    if (f.mem.length)
      pair(dl, t('members'), f.mem.join(' ') + (f.mem_total > f.mem.length ? ` ${t('more')} (${f.mem_total})` : ''));
    pair(dl, t('listing'), f.listing);
    pair(dl, t('price'), f.price);
    pair(dl, t('rating'), f.rating);
    pair(dl, t('day'), f.day);
    if (f.copies > 1) pair(dl, t('copies'), String(f.copies));
    pair(dl, t('detector'), f.det);
    pair(dl, t('where'), `${f.file}${f.sheet ? ' [' + f.sheet + ']' : ''}:${f.line}`);
    if (r.source && r.source.title) pair(dl, t('rule_source'), `${r.source.title} (${r.source.as_of})`);
    pair(dl, t('fingerprint'), el('code', '', f.fp));
    pair(dl, t('open_case'), el('code', '', f.open));
    right.append(dl);
    const td = el('td', '', el('div', 'cols', left, right));
    td.colSpan = 6;
    return el('tr', 'detail', td);
  }
  function pictures(f) {
    const pic = (index, missing, caption) => {
      const box = el('div', 'box');
      if (index !== undefined && data.pictures[index]) {
        const img = el('img');
        img.src = data.pictures[index];
        img.alt = caption;
        box.append(img);
      } else box.append(missing);
      return el('figure', '', box, el('figcaption', '', caption));
    };
    const more = f.laid === undefined ? [] : [pic(f.laid, '', t('laid'))];
    const reference = `${t('reference')}${f.ev.gallery_item ? ' · ' + named(f.ev.gallery_item) : ''}`;
    const beside = f.ref === undefined && !f.ev.gallery_item ? [] : [pic(f.ref, t('noref'), reference)];
    return el(
      'div',
      more.length ? 'pics three' : 'pics',
      pic(f.outlined === undefined ? f.img : f.outlined, f.img_note ? f.img_note[lang] : t('nopic'), `${t('suspect')} · ${f.record}`),
      ...beside,
      ...more,
    );
  }
  function ledger(entries) {
    const without = entries.some(e => typeof e.without === 'number'),
      max = Math.max(...entries.map(e => Math.abs(Number(e.contribution) || 0)), 1e-9),
      box = el('div', without ? 'ledger four' : 'ledger');
    if (without) box.append(el('span'), el('span'), el('span', 'sub', t('adds')), el('span', 'sub', t('score_without')));
    const low = entries.some(e => e.contribution < 0),
      zero = low ? 50 : 0,
      scale = (low ? 50 : 100) / max;
    for (const e of entries) {
      const c = Number(e.contribution) || 0,
        w = Math.abs(c) * scale;
      box.append(
        el('span', '', word(SIGNALS, e.signal ?? ''), el('span', 'sub', e.family ? word(FAMILIES, e.family) : '')),
        svg('0 0 100 10', [0, 0, 100, 10, 'track'], [c < 0 ? zero - w : zero, 0, w, 10, c < 0 ? 'minus' : 'plus']),
        el('span', 'mono', (c >= 0 ? '+' : '−') + Math.abs(c).toFixed(2)),
      );
      if (without) box.append(el('span', 'mono', typeof e.without === 'number' ? e.without.toFixed(2) : ''));
    }
    return el('div', '', el('h3', '', t('ledger')), box);
  }
  const tables = list => (Array.isArray(list) ? list : []).filter(e => e && typeof e === 'object' && !Array.isArray(e));
  // Which family the suspicion stands or falls with: the score without each, and the line at one half.
  function counterfactual(score, entries) {
    const box = el('div', 'ledger'),
      add = (name, s) =>
        box.append(
          el('span', '', name),
          svg(
            '0 0 100 10',
            [0, 0, 100, 10, 'track'],
            [0, 0, Math.min(Math.max(s, 0), 1) * 100, 10, s < 0.5 ? 'minus' : 'plus'],
            [49.75, 0, 0.5, 10, 'half'],
          ),
          el('span', 'mono', s.toFixed(2)),
        );
    add(t('with_all'), score);
    for (const e of entries)
      add(`${t('without')}${word(FAMILIES, e.without ?? '?')}`, Number(e.score) || 0);
    return el('div', '', el('h3', '', t('counterfactual')), box);
  }
  function copied(copies) {
    const list = el('ul', 'copied');
    for (const c of copies) {
      const li = el('li', '', el('b', 'text', c.record));
      if (typeof c.percent === 'number') li.append(` ${t('shares')} ${Math.round(c.percent)}%`);
      for (const words of c.words) li.append(' ', el('mark', 'text', words));
      if (c.more) li.append(el('span', 'sub', `${c.more} ${t('more_spans')}`));
      const side = (name, parts) =>
        li.append(el('span', 'beside', el('span', 'sub', t(name)), el('span', 'text', parts[0], el('mark', '', parts[1]), parts[2])));
      if (c.own) side('own', c.own);
      if (c.other) side('other', c.other);
      list.append(li);
    }
    return el('div', '', el('h3', '', t('copied')), list);
  }
  // What the others of the window are like, beside what is usual.
  function composition(crowd, reads) {
    const table = el('table', 'plain composition'),
      cells = (tag, values) => table.append(el('tr', '', ...values.map((v, i) => el(tag, i ? 'num' : '', v))));
    const amount = v => (v >= 10 ? v.toFixed(0) : v.toFixed(v >= 1 ? 1 : 2)),
      chance = p => (p < 1e-5 ? '< 0.00001' : p.toFixed(p < 0.001 ? 5 : 3)),
      percent = v => `${Math.round(v * 100)} %`;
    cells('th', [t('trait'), t('observed'), t('usual'), t('by_chance')]);
    for (const [of, row] of Object.entries(crowd.rows)) {
      if (!Array.isArray(row) || row.length < 4 || row.some(v => typeof v !== 'number')) continue;
      const [observed, known, expected, p] = row,
        rank = of.endsWith('_rank');
      cells('td', [
        word(EVIDENCE.values.composition, of),
        rank ? percent(observed) : `${observed} / ${known}`,
        rank ? percent(expected) : amount(expected),
        chance(p),
      ]);
    }
    const title = `${keyed('composition')}${lang === 'zh' ? '（' : ' ('}${crowd.others} ${keyed('others')}${lang === 'zh' ? '）' : ')'}`;
    return el('div', '', el('h3', '', title), table, reads ? el('p', 'advice', reads[lang]) : null);
  }
  function meetings(ring, entries) {
    const table = el('table', 'plain'),
      cells = (tag, values) => table.append(el('tr', '', ...values.map(v => el(tag, '', v ?? ''))));
    cells(
      'th',
      ['account', 'listing', 'at', 'stars'].map(keyed),
    );
    for (const e of entries) cells('td', [named(e.account ?? ''), named(e.listing ?? ''), moment('at', e.at ?? ''), named(e.stars ?? '')]);
    const said = ['agreed', 'met', 'chance']
      .filter(k => typeof ring[k] === 'number')
      .map(k => `${keyed(k)} ${k === 'chance' ? ring[k].toPrecision(2) : named(ring[k])}`);
    return el('div', '', el('h3', '', keyed('ring')), el('p', 'none', said.join(' · ')), table);
  }
  function options(id, values) {
    const select = $(id),
      keep = filter[id.slice(2)];
    select.replaceChildren(
      ...[['', `${t(id.slice(2))}: ${t('all')}`], ...values].map(([v, label]) => {
        const o = el('option', '', label);
        o.value = v;
        return o;
      }),
    );
    select.value = keep;
    select.setAttribute('aria-label', t(id.slice(2)));
  }
  function words() {
    const uniq = key => [...new Set(data.findings.map(key))].filter(Boolean).sort();
    options(
      'f-severity',
      [4, 3, 2, 1, 0].map(s => [String(s), SEV[lang][s]]),
    );
    options(
      'f-verdict',
      [2, 1, 0].map(v => [String(v), VER[lang][v]]),
    );
    options(
      'f-rule',
      uniq(f => f.rule).map(r => [r, `${r} ${rule(r).name[lang]}`]),
    );
    options(
      'f-detector',
      uniq(f => f.det).map(d => [d, d]),
    );
    options(
      'f-shop',
      uniq(f => f.shop)
        .slice(0, 2000)
        .map(s => [s, s]),
    );
    options(
      'f-kind',
      uniq(f => f.kind).map(k => [k, KIND[lang][k]]),
    );
    $('f-text').placeholder = t('search');
    $('f-text').setAttribute('aria-label', t('search'));
    $('reset').textContent = t('reset') + (filter.day ? ' · ' + filter.day : '') + (filter.campaign ? ` · ${t('campaign')} ${filter.campaign}` : '');
    $('aside-label').textContent = t('aside');
    $('theme').textContent = t('theme')[theme];
    root.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.title = document.body.dataset[lang === 'zh' ? 'titleZh' : 'titleEn'];
  }
  const refresh = () => {
    words();
    apply();
  };
  document.addEventListener('click', event => {
    const jump = event.target.closest('[data-filter]');
    if (jump) {
      const [key, ...rest] = jump.dataset.filter.split(':');
      filter[key] = rest.join(':');
      page = 0;
      refresh();
      $('findings').scrollIntoView({ behavior: 'smooth' });
      return;
    }
    const link = event.target.closest('a[href^="#"]');
    if (link && follow(link.getAttribute('href'))) {
      event.preventDefault();
      page = 0;
      refresh();
      $('findings').scrollIntoView({ behavior: 'smooth' });
      return;
    }
    const item = event.target.closest('tr.item');
    if (item && !String(getSelection())) {
      const i = Number(item.dataset.i);
      open.has(i) ? open.delete(i) : open.add(i);
      draw(page * PAGE, PAGE);
      const again = document.querySelector(`tr.item[data-i="${i}"] .toggle`);
      if (event.target.closest('.toggle') && again) again.focus();
    }
  });
  for (const key of ['severity', 'verdict', 'rule', 'detector', 'shop', 'kind'])
    $('f-' + key).addEventListener('change', e => {
      filter[key] = e.target.value;
      page = 0;
      apply();
    });
  let timer;
  $('f-text').addEventListener('input', e => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      filter.text = e.target.value.trim();
      page = 0;
      apply();
    }, 120);
  });
  $('f-aside').addEventListener('change', e => {
    filter.aside = e.target.checked;
    page = 0;
    apply();
  });
  $('reset').addEventListener('click', () => {
    Object.assign(filter, { severity: '', verdict: '', rule: '', detector: '', shop: '', kind: '', day: '', campaign: '', text: '' });
    $('f-text').value = '';
    page = 0;
    refresh();
  });
  for (const th of document.querySelectorAll('th[data-sort]'))
    th.querySelector('button').addEventListener('click', () => {
      if (sort === th.dataset.sort) down = !down;
      else {
        sort = th.dataset.sort;
        down = ['severity', 'score', 'verdict'].includes(sort);
      }
      apply();
    });
  $('prev').addEventListener('click', () => {
    page--;
    draw(page * PAGE, PAGE);
  });
  $('next').addEventListener('click', () => {
    page++;
    draw(page * PAGE, PAGE);
  });
  $('lang').addEventListener('click', () => {
    lang = lang === 'zh' ? 'en' : 'zh';
    root.dataset.lang = lang;
    refresh();
  });
  $('theme').addEventListener('click', () => {
    theme = { auto: 'light', light: 'dark', dark: 'auto' }[theme];
    if (theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = theme;
    words();
  });
  $('print').addEventListener('click', () => print());
  addEventListener('beforeprint', () => draw(0, PRINT));
  addEventListener('afterprint', () => draw(page * PAGE, PAGE));
  // '#<fingerprint>' opens one finding, for links from elsewhere and from a campaign.
  function follow(target) {
    const print = /^#([0-9a-f]{32})$/.exec(target);
    if (!print) return false;
    $('reset').click();
    filter.aside = true;
    filter.text = print[1];
    $('f-text').value = print[1];
    $('f-aside').checked = true;
    data.findings.forEach((f, i) => {
      if (f.fp === print[1]) open.add(i);
    });
    return true;
  }
  follow(location.hash);
  const first = /^#open-(\d+)$/.exec(location.hash);
  if (first) for (let i = 0; i < Number(first[1]); i++) open.add(i);
  refresh();
})();
