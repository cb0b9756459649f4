// Shows openapi.json: every operation with its right, parameters, examples and a curl line. Builds nodes, never markup,
// so no text of the description can become code. Loads nothing but the description.
'use strict';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function node(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

// Lines of a paragraph are one text; an empty line begins the next.
function flowing(text) {
  return text.trim().replace(/([^\n])\n(?!\n)/g, '$1 ');
}

function resolve(document_, value) {
  for (let depth = 0; value && value.$ref && depth < 16; ++depth) {
    value = value.$ref.slice(2).split('/').reduce((at, key) => at && at[key.replace(/~1/g, '/')], document_);
  }
  return value || {};
}

function typeOf(document_, schema) {
  const named = schema && schema.$ref ? schema.$ref.split('/').pop() : '';
  const full = resolve(document_, schema);
  if (full.enum) return full.enum.map(String).join(' · ');
  if (full.type === 'array') return 'list of ' + typeOf(document_, full.items || {});
  const type = Array.isArray(full.type) ? full.type.filter((one) => one !== 'null').join(' or ') : full.type;
  const limits = [];
  if (full.minimum !== undefined || full.maximum !== undefined)
    limits.push(`${full.minimum ?? '…'}–${full.maximum ?? '…'}`);
  if (full.maxLength !== undefined) limits.push(`at most ${full.maxLength}`);
  if (full.default !== undefined) limits.push(`default ${full.default}`);
  return [named || type || 'any', limits.join(', ')].filter(Boolean).join(', ');
}

function table(titles, rows) {
  return node('table', {}, node('thead', {}, node('tr', {}, ...titles.map((title) => node('th', {}, title)))),
    node('tbody', {}, ...rows.map((row) => node('tr', {}, ...row.map((cell) => node('td', {}, cell))))));
}

function examplesOf(media) {
  if (media.example !== undefined) return [['', media.example]];
  return Object.entries(media.examples || {}).map(([name, example]) => [name.replace(/_/g, ' '), example.value]);
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function fields(document_, schema) {
  const full = resolve(document_, schema);
  const required = new Set(full.required || []);
  const rows = Object.entries(full.properties || {}).map(([name, property]) => [
    node('code', {}, name + (required.has(name) ? ' *' : '')), typeOf(document_, property),
    resolve(document_, property).description || '']);
  return rows.length ? table(['field', 'type', ''], rows) : null;
}

function quoted(text) {
  return "'" + text.replace(/'/g, "'\\''") + "'";
}

function curlOf(document_, method, path, operation, parameters) {
  let target = path;
  for (const parameter of parameters.filter((one) => one.in === 'path')) {
    target = target.replace(`{${parameter.name}}`, parameter.name.toUpperCase());
  }
  const needed = parameters.filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=…`).join('&');
  const parts = ['curl'];
  if (method === 'delete' || method === 'put' || method === 'patch') parts.push('-X ' + method.toUpperCase());
  const content = resolve(document_, operation.requestBody).content || {};
  if (method === 'post' && !Object.keys(content).length) parts.push('-X POST');
  if (!(operation.security && operation.security.length === 0)) parts.push('-H "Authorization: Bearer $TOKEN"');
  const kind = Object.keys(content)[0];
  if (kind === 'multipart/form-data') {
    parts.push("-F 'file=@photo.jpg'");
  } else if (kind) {
    const [first] = examplesOf(content[kind]);
    parts.push(`-H 'Content-Type: ${kind === '*/*' ? 'application/json' : kind}'`);
    const body = first ? (typeof first[1] === 'string' ? first[1] : JSON.stringify(first[1])) : '{}';
    parts.push('--data ' + quoted(body));
  }
  parts.push(quoted(location.origin + target + (needed ? '?' + needed : '')));
  return parts.join(' \\\n  ');
}

function bodyOf(document_, title, content) {
  const out = [];
  for (const [type, media] of Object.entries(content || {})) {
    out.push(node('h4', {}, `${title} · ${type}`));
    const list = fields(document_, media.schema);
    if (list) out.push(list);
    for (const [name, value] of examplesOf(media)) {
      if (name) out.push(node('div', {class: 'soft'}, name));
      out.push(node('pre', {}, shown(value)));
    }
  }
  return out;
}

function copyButton(text) {
  const button = node('button', {type: 'button'}, 'Copy');
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(text).then(() => { button.textContent = 'Copied'; });
  });
  return button;
}

function operationSection(document_, path, method, item) {
  const operation = item[method];
  const parameters = [...(item.parameters || []), ...(operation.parameters || [])]
    .map((one) => resolve(document_, one));
  const section = node('section', {id: operation.operationId});
  section.append(
    node('h3', {}, node('span', {class: 'method ' + method.toUpperCase()}, method.toUpperCase()), ' ' + path),
    node('div', {}, operation.summary || '', ' ', node('span', {class: 'right', title: 'the right it takes'},
      operation['x-right'] || '')));
  if (operation.description) section.append(node('div', {class: 'text soft'}, flowing(operation.description)));
  if (parameters.length) {
    section.append(node('h4', {}, 'Parameters'), table(['name', 'in', 'type', ''], parameters.map((one) => [
      node('code', {}, one.name + (one.required ? ' *' : '')), one.in, typeOf(document_, one.schema),
      one.description || ''])));
  }
  const request = resolve(document_, operation.requestBody);
  section.append(...bodyOf(document_, 'Request', request.content));
  const curl = curlOf(document_, method, path, operation, parameters);
  section.append(node('h4', {}, 'Try it ', copyButton(curl)), node('pre', {}, curl));
  const plain = [];
  for (const [status, given] of Object.entries(operation.responses || {})) {
    const response = resolve(document_, given);
    const isError = status === 'default' || status >= '400';
    if (isError) {
      const [first] = Object.values(response.content || {}).flatMap(examplesOf);
      plain.push([node('code', {}, status), node('code', {}, (first && first[1] && first[1].code) || ''),
        response.description || '']);
    } else {
      section.append(...bodyOf(document_, `Answer ${status}: ${response.description || ''}`, response.content));
      if (!response.content) section.append(node('h4', {}, `Answer ${status}: ${response.description || ''}`));
    }
  }
  if (plain.length) section.append(node('h4', {}, 'Errors'), table(['status', 'code', ''], plain));
  section.dataset.words = [method, path, operation.summary, operation['x-right'], operation.operationId]
    .join(' ').toLowerCase();
  return section;
}

function show(document_) {
  const index = document.getElementById('index');
  const main = document.getElementById('operations');
  main.replaceChildren(node('div', {class: 'text'}, flowing(document_.info.description)),
    node('p', {}, node('a', {href: '/docs/openapi.json'}, 'openapi.json'), ' · ',
      node('a', {href: '/api/v1/openapi.yaml'}, 'openapi.yaml')));
  const byTag = new Map((document_.tags || []).map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(document_.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const tag = (item[method].tags || ['other'])[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push([path, method, item]);
    }
  }
  const links = [];
  for (const [tag, operations] of byTag) {
    if (!operations.length) continue;
    index.append(node('h2', {}, tag));
    const about = (document_.tags || []).find((one) => one.name === tag);
    main.append(node('h2', {}, tag), node('p', {class: 'soft'}, (about && about.description) || ''));
    for (const [path, method, item] of operations) {
      const section = operationSection(document_, path, method, item);
      const link = node('a', {href: '#' + section.id, title: item[method].summary || ''},
        node('span', {class: 'method ' + method.toUpperCase()}, method.toUpperCase()),
        path.replace('/api/v1', ''));
      index.append(link);
      main.append(section);
      links.push([link, section]);
    }
  }
  document.getElementById('filter').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const [link, section] of links) {
      const fits = words.every((word) => section.dataset.words.includes(word));
      link.hidden = section.hidden = !fits;
    }
  });
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch('/docs/openapi.json')
  .then((response) => response.json())
  .then(show)
  .catch((error) => { document.getElementById('wait').textContent = 'The description cannot be read: ' + error; });
