// What a script finds around it: the input as the server's own (Java) maps and lists, the globals that the server has,
// and `run`, which evaluates a script and writes its result as text. See javascript.py.
(function (shared, evaluate) {
  const G = globalThis
  const { keys, values, entries, assign, getOwnPropertyNames, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object
  const { defineProperty, freeze, setPrototypeOf, create, is } = Object
  const { ownKeys, apply, construct } = Reflect
  const { parse, stringify } = JSON
  const isArray = Array.isArray, isInteger = Number.isInteger, isView = ArrayBuffer.isView
  const { slice, indexOf, isWellFormed } = String.prototype
  const tagOf = Object.prototype.toString, boxed = [String, Number, Boolean], Maps = Map, View = DataView
  const Big = BigInt, fits64 = BigInt.asIntN, ErrorType = Error, Wrong = TypeError
  const LONG = '\u0001long', OBJECT = '\u0001object'

  const replace = (holder, name, f) => defineProperty(holder, name, { value: f, writable: true, configurable: true })
  const fail = message => { const e = new Wrong(message); madeByScript.add(e); return e }
  const unavailable = name => fail(name + ' is not available here')

  const madeByScript = new WeakSet()   // errors made by `new Error(…)`: they have no place in the script
  const rawOf = new WeakMap()          // proxy → the map behind it
  const proxyOf = new WeakMap()        // map → its proxy
  const scriptOwn = new WeakSet()      // values that the script put into a map
  const longs = new WeakMap()          // a whole number beyond 2^53 → its digits
  const views = new WeakMap()          // keySet(), values(), entrySet() → their elements
  let plusMakesText = false, keepsObjects = false

  // -- the input: maps ----------------------------------------------------------------------------------------------
  const mapMethodNames = ('clear clone compute computeIfAbsent computeIfPresent containsKey containsValue entrySet equals ' +
    'firstEntry forEach get getOrDefault hashCode isEmpty keySet lastEntry merge pollFirstEntry pollLastEntry put putAll ' +
    'putFirst putIfAbsent putLast remove replace replaceAll reversed sequencedEntrySet sequencedKeySet sequencedValues size ' +
    'toString values').split(' ')
  const listMethodNames = ('add addAll addFirst addLast clear clone contains containsAll ensureCapacity equals forEach get ' +
    'getFirst getLast hashCode indexOf isEmpty iterator lastIndexOf listIterator parallelStream remove removeAll removeFirst ' +
    'removeIf removeLast replaceAll retainAll reversed set size sort spliterator stream subList toArray toString trimToSize').split(' ')

  function read(map, key) { return hasOwn(map, key) ? wrap(map[key]) : null }
  function write(map, key, value) {
    if (value !== null && (typeof value === 'object' || typeof value === 'function')) scriptOwn.add(value)
    defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  }
  function put(map, key, value) { const old = read(map, key); write(map, key, value); return old }
  function take(map, key) { const old = read(map, key); delete map[key]; return old }
  function entry(map, key) {
    return { getKey: () => key, getValue: () => read(map, key), setValue: v => put(map, key, v), toString: () => key + '=' + javaText(map[key]) }
  }
  function view(elements) {
    const v = create(viewMethods)
    views.set(v, elements)
    return v
  }
  function iterator(elements) {
    let at = 0
    return { hasNext: () => at < elements.length, next: () => elements[at++] }
  }
  const viewMethods = {
    size() { return views.get(this).length }, isEmpty() { return !views.get(this).length },
    contains(v) { return views.get(this).some(e => same(e, v)) }, toArray() { return [...views.get(this)] },
    iterator() { return iterator(views.get(this)) }, forEach(f) { for (const e of views.get(this)) f(e) },
    toString() { return javaText(views.get(this)) }, [Symbol.iterator]() { return views.get(this)[Symbol.iterator]() }
  }
  for (const key of ownKeys(viewMethods)) defineProperty(viewMethods, key, { enumerable: false })
  const all = map => keys(map).map(key => read(map, key))
  const self = that => rawOf.get(that)
  const mapMethods = {
    __proto__: null,
    size() { return keys(self(this)).length }, isEmpty() { return !keys(self(this)).length },
    get(k) { return read(self(this), k) }, getOrDefault(k, d) { return hasOwn(self(this), k) ? read(self(this), k) : d },
    containsKey(k) { return hasOwn(self(this), k) }, containsValue(v) { return all(self(this)).some(e => same(e, v)) },
    put(k, v) { return put(self(this), k, v) }, remove(k) { return take(self(this), k) },
    putIfAbsent(k, v) { const old = read(self(this), k); if (old === null) write(self(this), k, v); return old },
    putAll(m) { const from = rawOf.get(m) ?? m; for (const k of keys(from)) write(self(this), k, from[k]) },
    replace(k, v) { return hasOwn(self(this), k) ? put(self(this), k, v) : null },
    clear() { for (const k of keys(self(this))) delete self(this)[k] },
    keySet() { return view(keys(self(this))) }, values() { return view(all(self(this))) },
    entrySet() { const map = self(this); return view(keys(map).map(k => entry(map, k))) },
    forEach(f) { const map = self(this); for (const k of keys(map)) f(k, read(map, k)) },
    merge(k, v, f) { const old = read(self(this), k), now = old === null ? v : f(old, v); write(self(this), k, now); return now },
    compute(k, f) { const now = f(k, read(self(this), k)); write(self(this), k, now); return now },
    computeIfAbsent(k, f) { const old = read(self(this), k); if (old !== null) return old; const now = f(k); write(self(this), k, now); return now },
    computeIfPresent(k, f) { const old = read(self(this), k); if (old === null) return null; const now = f(k, old); write(self(this), k, now); return now },
    replaceAll(f) { const map = self(this); for (const k of keys(map)) write(map, k, f(k, read(map, k))) },
    firstEntry() { const map = self(this), k = keys(map)[0]; return k === undefined ? null : entry(map, k) },
    lastEntry() { const map = self(this), k = keys(map).at(-1); return k === undefined ? null : entry(map, k) },
    clone() { return wrap({ ...self(this) }) }, equals(o) { return same(this, o) },
    hashCode() { return hash(self(this)) }, toString() { return javaText(self(this)) },
    // Not the map's own, yet there: what JavaScript lends to any map.
    has(k) { return hasOwn(self(this), k) }, set(k, v) { write(self(this), k, v); return this }, delete(k) { const had = hasOwn(self(this), k); delete self(this)[k]; return had },
    keys() { return keys(self(this))[Symbol.iterator]() }, entries() { return pairs(self(this)) }, hasOwnProperty() { return false },
    toJSON() { return {} }
  }
  for (const name of mapMethodNames) mapMethods[name] ??= function () { throw unavailable(name) }
  function pairs(map) { return keys(map).map(k => [k, read(map, k)])[Symbol.iterator]() }
  const handler = {
    __proto__: null,
    get(map, key) {
      if (typeof key === 'string') {
        if (hasOwn(map, key)) return wrap(map[key])
        return key in mapMethods ? mapMethods[key] : key === '__proto__' ? null : key === 'constructor' ? Maps : undefined
      }
      if (key === Symbol.iterator) return () => pairs(map)
      if (key === Symbol.toPrimitive) return () => javaText(map)
      return undefined
    },
    set(map, key, value) { write(map, key, value); return true },
    deleteProperty(map, key) { delete map[key]; return true },
    has(map, key) { return mapMethodNames.includes(key) },
    getOwnPropertyDescriptor(map, key) {
      return hasOwn(map, key) ? { value: wrap(map[key]), writable: true, enumerable: true, configurable: true } : undefined
    },
    defineProperty() { return false },
    getPrototypeOf() { return Maps.prototype }
  }

  // -- the input: lists and long numbers ----------------------------------------------------------------------------
  const listMethods = create(Array.prototype)
  for (const [name, f] of entries({
    size() { return this.length }, isEmpty() { return !this.length }, get(i) { return at(this, i) },
    getFirst() { return at(this, 0) }, getLast() { return at(this, this.length - 1) },
    contains(v) { return this.some(e => same(e, v)) }, containsAll(l) { return [...l].every(v => this.some(e => same(e, v))) },
    add(v, w) { if (w === undefined) { this.push(v); return true } this.splice(v, 0, w) }, addAll(l) { this.push(...l); return true },
    set(i, v) { const old = at(this, i); this[i] = v; return old }, remove(i) { return this.splice(i, 1)[0] },
    clear() { this.length = 0 }, subList(a, b) { return this.slice(a, b) }, toArray() { return [...this] },
    iterator() { return iterator(this) }, equals(o) { return same(this, o) }, hashCode() { return hash(this) },
    toString() { return javaText(this) }, [Symbol.toPrimitive]() { return javaText(this) },
    addFirst(v) { this.unshift(v) }, addLast(v) { this.push(v) }, removeFirst() { return this.shift() }, removeLast() { return this.pop() }
  })) defineProperty(listMethods, name, { value: f, writable: true, configurable: true })
  defineProperty(listMethods, Symbol.toPrimitive, { value() { return javaText(this) } })
  function at(list, i) {
    if (!(i >= 0 && i < list.length)) throw fail(`Index ${i} out of bounds for length ${list.length}`)
    return list[i]
  }
  const isList = v => isArray(v) && getPrototypeOf(v) === listMethods

  replace(listMethods, 'constructor', Array)
  for (const name of listMethodNames) if (!(name in listMethods)) replace(listMethods, name, function () { throw unavailable(name) })

  function Long(digits) { longs.set(this, digits) }
  Long.prototype = create(Number.prototype)
  for (const [name, f] of entries({
    valueOf() { return Number(longs.get(this)) }, toString(...a) { return a.length ? Big(longs.get(this)).toString(...a) : longs.get(this) },
    toFixed(...a) { return Number(longs.get(this)).toFixed(...a) }, toJSON() { throw fail('Do not know how to serialize a BigInt') }
  })) defineProperty(Long.prototype, name, { value: f })
  defineProperty(Long.prototype, Symbol.toPrimitive, {
    value(hint) { return hint === 'string' || (hint === 'default' && plusMakesText) ? longs.get(this) : Number(longs.get(this)) }
  })
  const longByDigits = new Map()

  function wrap(value) {
    if (value === null || typeof value !== 'object' || scriptOwn.has(value)) return value
    if (isArray(value)) {
      if (getPrototypeOf(value) !== listMethods) {
        setPrototypeOf(value, listMethods)
        for (let i = 0; i < value.length; i++) {
          const element = value[i]
          if (element === null || typeof element !== 'object') continue
          if (isArray(element) || hasOwn(element, LONG) || hasOwn(element, OBJECT)) value[i] = wrap(element)
          else rawOf.set(value[i] = new Proxy(element, handler), element)   // nothing else leads to it, so nobody asks for its proxy
        }
      }
      return value
    }
    if (rawOf.has(value) || longs.has(value)) return value
    const known = proxyOf.get(value)
    if (known !== undefined) return known
    let made
    if (hasOwn(value, LONG)) {
      made = longByDigits.get(value[LONG])
      if (made === undefined) longByDigits.set(value[LONG], made = new Long(value[LONG]))
    } else if (hasOwn(value, OBJECT)) {
      made = execution(value[OBJECT])
    } else {
      rawOf.set(made = new Proxy(value, handler), value)
    }
    proxyOf.set(value, made)
    return made
  }

  // -- the input: objects of the server, of which a script sees no fields, but the methods ---------------------------
  const executionMethods = ('equals toString hashCode setPriority getPriority toShortString setInput getInput getStatus getEvent ' +
    'setStatus setVariables getTasks setFailedReferenceTaskNames getEndTime getCorrelationId ' +
    'getExternalInputPayloadStoragePath getTaskToDomain setWorkflowId setReasonForIncompletion addOutput ' +
    'getWorkflowId getReRunFromWorkflowId toWorkflow setEvent getOutput setCorrelationId setTaskToDomain ' +
    'getReasonForIncompletion getTaskByRefName setUpdatedTime setEndTime getCreateTime getWorkflowName ' +
    'internalizeInput getExternalOutputPayloadStoragePath internalizeOutput getWorkflowDefinition setOutput ' +
    'setExternalInputPayloadStoragePath addInput setExternalOutputPayloadStoragePath getLastRetriedTime ' +
    'getOwnerApp setWorkflowDefinition setFailedTaskId setCreateTime setLastRetriedTime hasParent ' +
    'getParentWorkflowTaskId getParentWorkflowId setFailedTaskNames getFailedReferenceTaskNames ' +
    'getFailedTaskNames getFailedTaskId getWorkflowVersion setTasks setParentWorkflowId setParentWorkflowTaskId ' +
    'setOwnerApp setUpdatedBy getVariables getRawInput getRawOutput externalizeInput externalizeOutput ' +
    'setCreatedBy getCreatedBy setReRunFromWorkflowId setPreviousStatus getUpdatedTime getPreviousStatus ' +
    'setRawInput setRawOutput getUpdatedBy').split(' ')
  const statusMethods = 'isSuccessful isTerminal name equals toString hashCode compareTo describeConstable getDeclaringClass ordinal'.split(' ')
  const objectByPlace = new Map()      // the same object stands in several places

  function serverObject(shown, methods, names = [...keys(methods), 'equals', 'toString', 'hashCode']) {
    const made = {}
    const known = { equals: o => o === made, toString: () => shown, hashCode: () => hash(shown), ...methods }
    for (const name of names) made[name] = known[name] ?? (name.startsWith('get') ? () => null : () => { throw unavailable(name) })
    scriptOwn.add(made)
    return freeze(made)
  }
  function getters(fields) {
    const made = {}
    for (const name of keys(fields)) made['get' + name[0].toUpperCase() + name.slice(1)] = () => wrap(fields[name])
    if (fields.status !== undefined) {
      const status = serverObject(fields.status, { name: () => fields.status }, statusMethods)
      made.getStatus = () => status
    }
    return made
  }
  function execution([place, shown, fields]) {
    const known = objectByPlace.get(place)
    if (known !== undefined) return known
    const tasks = setPrototypeOf((fields.tasks ?? []).map(t => serverObject(t.taskId, getters(t))), listMethods)
    const definition = serverObject('', getters(fields.workflowDefinition ?? {}))
    const made = serverObject(shown, {
      getFailedReferenceTaskNames: () => wrap([]), getFailedTaskNames: () => wrap([]), ...getters(fields),
      getTasks: () => tasks, getWorkflowDefinition: () => definition, hasParent: () => 'parentWorkflowId' in fields,
      getTaskByRefName: name => tasks.findLast(t => t.getReferenceTaskName() === name) ?? null,
      toShortString: () => shown.slice(0, shown.lastIndexOf('.'))
    }, executionMethods)
    objectByPlace.set(place, made)
    return made
  }

  // -- Java's views of values ---------------------------------------------------------------------------------------
  function javaText(v) {
    if (v === null || v === undefined) return 'null'
    if (typeof v !== 'object') return typeof v === 'function' ? 'function' : String(v)
    const map = rawOf.get(v) ?? v
    if (isArray(map)) {
      let text = '['
      for (let i = 0; i < map.length; i++) text += (i ? ', ' : '') + javaText(map[i])
      return text + ']'
    }
    if (longs.has(map)) return longs.get(map)
    if (hasOwn(map, LONG)) return map[LONG]
    if (hasOwn(map, OBJECT)) return map[OBJECT][1]
    if (scriptOwn.has(map) || views.has(map) || typeof map.getKey === 'function') return String(map)
    return '{' + keys(map).map(k => k + '=' + javaText(map[k])).join(', ') + '}'
  }
  function same(a, b) { return a === b || (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && text(a) === text(b)) }
  function hash(v) {
    if (typeof v === 'string') { let h = 0; for (let i = 0; i < v.length; i++) h = h * 31 + v.charCodeAt(i) | 0; return h }
    if (typeof v === 'boolean') return v ? 1231 : 1237
    if (typeof v === 'number') return v | 0
    if (v === null || v === undefined) return 0
    const map = rawOf.get(v) ?? v
    if (isArray(map)) return map.reduce((h, e) => (h * 31 | 0) + hash(e) | 0, 1)
    return keys(map).reduce((h, k) => h + (hash(k) ^ hash(map[k])) | 0, 0)
  }

  // -- results as JSON ----------------------------------------------------------------------------------------------
  function number(v) {
    if (v !== v) return '"NaN"'
    if (!isFinite(v)) return v > 0 ? '"Infinity"' : '"-Infinity"'
    if (v === 0) return is(v, -0) ? '-0.0' : '0'
    if (!isInteger(v) || (v < 9007199254740992 && v > -9007199254740992)) return '' + v
    return v >= -9223372036854775808 && v < 9223372036854775808 ? Big(v).toString() : v.toExponential()
  }
  function text(v) {
    switch (typeof v) {
      case 'string': return stringify(v)
      case 'number': return number(v)
      case 'boolean': return v ? 'true' : 'false'
      case 'undefined': return 'null'
      case 'symbol': return '{}'
      case 'bigint':
        if (fits64(64, v) === v) return v.toString()
        return Big(Number.MAX_VALUE) >= v && Big(-Number.MAX_VALUE) <= v && Big(Number(v)) === v ? Number(v).toExponential() : '{}'
    }
    if (v === null) return 'null'
    if (longs.has(v)) return longs.get(v)
    const map = rawOf.get(v)
    if (map === undefined) {
      if (isArray(v) || (isView(v) && !(v instanceof View))) return list(v)
      for (const type of boxed) if (v instanceof type && typeof v.valueOf() !== 'object') return text(v.valueOf())
      if (v instanceof Maps) {
        let out = ''
        for (const [k, e] of apply(Maps.prototype.entries, v, [])) out += (out ? ',' : '') + stringify(javaText(k)) + ':' + text(e)
        return '{' + out + '}'
      }
      if (apply(tagOf, v, []) === '[object Arguments]') return list(v)
    } else if (hasOwn(map, LONG)) {
      return map[LONG]
    }
    const from = map ?? v
    if (hasOwn(from, LONG)) return from[LONG]
    if (hasOwn(from, OBJECT)) return keepsObjects ? '{' + stringify(OBJECT) + ':' + from[OBJECT][0] + '}' : text(wrap(from))
    let out = ''
    for (const k of keys(from)) out += (out ? ',' : '') + stringify(k) + ':' + text(from[k])
    return '{' + out + '}'
  }
  function list(v) {
    let out = ''
    for (let i = 0; i < v.length; i++) out += (i ? ',' : '') + text(v[i])
    return '[' + out + ']'
  }

  // -- the globals as the server's scripts find them ----------------------------------------------------------------
  const javaKeys = o => rawOf.has(o) ? mapMethodNames : isList(o) ? [...keys(o), ...listMethodNames] : null
  replace(Object, 'keys', function (o) { return javaKeys(o)?.slice() ?? keys(o) })
  replace(Object, 'values', function (o) { return javaKeys(o)?.map(k => o[k]) ?? values(o) })
  replace(Object, 'entries', function (o) { return javaKeys(o)?.map(k => [k, mapMethods[k] ?? o[k]]) ?? entries(o) })
  replace(Object, 'getOwnPropertyNames', function (o) { return javaKeys(o)?.slice() ?? getOwnPropertyNames(o) })
  replace(Object, 'hasOwn', function (o, k) { return rawOf.has(o) ? false : hasOwn(o, k) })
  replace(Reflect, 'ownKeys', function (o) { return javaKeys(o)?.slice() ?? ownKeys(o) })
  replace(Object, 'assign', function (target, ...sources) {
    for (const s of sources) {
      if (rawOf.has(s)) for (const k of mapMethodNames) target[k] = mapMethods[k]
      else assign(target, s)
    }
    return target
  })
  const hasOwnProperty = Object.prototype.hasOwnProperty
  replace(Object.prototype, 'hasOwnProperty', function (k) { return rawOf.has(this) ? false : apply(hasOwnProperty, this, [k]) })
  replace(JSON, 'parse', function (source, reviver) {
    try {
      return parse(source, reviver)
    } catch (e) {
      const where = /<input>:(\d+):(\d+)/.exec(e.stack)
      if (!where || e.name !== 'SyntaxError') throw e
      const lines = String(source).split('\n')
      let at = Number(where[2]) - 1
      for (let i = 0; i < Number(where[1]) - 1; i++) at += lines[i].length + 1
      const whole = String(source)
      const wrong = new SyntaxError(at >= whole.length ? 'Unexpected end of JSON input' : `Unexpected token ${whole[at]} in JSON at position ${at}`)
      madeByScript.add(wrong)
      throw wrong
    }
  })
  replace(Number.prototype, 'toLocaleString', function () {
    const [whole, part] = String(Math.round(Math.abs(this) * 1000) / 1000).split('.')
    return (this < 0 ? '-' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part ? '.' + part : '')
  })
  for (const name of ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError']) {
    const type = G[name]
    const mark = e => { madeByScript.add(e); return e }
    const marked = new Proxy(type, { apply: (t, that, a) => mark(apply(t, that, a)), construct: (t, a, target) => mark(construct(t, a, target)) })
    replace(type.prototype, 'constructor', marked)
    replace(G, name, marked)
  }
  const exactBig = new Proxy(BigInt, { apply: (t, that, a) => longs.has(a[0]) ? Big(longs.get(a[0])) : apply(t, that, a) })
  replace(BigInt.prototype, 'constructor', exactBig)
  replace(G, 'BigInt', exactBig)
  replace(G, 'Intl', {})
  for (const name of ['performance', 'navigator', 'queueMicrotask', 'gc', 'DOMException', 'btoa', 'atob', 'console', 'print', 'scriptArgs', 'structuredClone'])
    delete G[name]
  G.$ = undefined

  // -- isolation: in the shared realm nothing that outlives a script can be changed ----------------------------------
  function lock() {
    const seen = new Set([G])
    const softened = new Set([Object.prototype, Function.prototype, Error.prototype, ...['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError'].map(n => G[n].prototype), Date.prototype])
    const queue = [function* () {}, async function () {}, async function* () {}, [].values(), new Map().keys(), new Set().keys(), ''[Symbol.iterator](),
      'a'.matchAll(/a/g), (function* () {})(), Int8Array, listMethods, mapMethods, viewMethods, handler, Long.prototype]
    for (const key of ownKeys(G)) if (key !== '$') queue.push(G[key])
    while (queue.length) {
      const o = queue.pop()
      if (o === null || (typeof o !== 'object' && typeof o !== 'function') || seen.has(o)) continue
      seen.add(o)
      queue.push(getPrototypeOf(o))
      for (const key of ownKeys(o)) {
        const d = getOwnPropertyDescriptor(o, key)
        queue.push(d.value, d.get, d.set)
        if (softened.has(o) && d.configurable && 'value' in d) soften(o, key, d.value)
      }
      freeze(o)
    }
    for (const key of ownKeys(G)) if (key !== '$') {
      const d = getOwnPropertyDescriptor(G, key)
      if (d.configurable) defineProperty(G, key, { configurable: false, ...('value' in d ? { writable: false } : {}) })
    }
  }
  // A frozen property may not be shadowed by plain assignment (`e.name = 'Mine'`): these stay assignable in what inherits.
  function soften(holder, key, value) {
    defineProperty(holder, key, {
      get() { return value },
      set(v) { if (this !== holder) defineProperty(this, key, { value: v, writable: true, enumerable: true, configurable: true }) },
      configurable: false
    })
  }
  if (shared) lock()
  const globalCount = ownKeys(G).length
  const globalNames = new Set(ownKeys(G))

  function forget() {
    G.$ = undefined
    plusMakesText = false
    longByDigits.clear()
    objectByPlace.clear()
    const now = ownKeys(G)
    if (now.length !== globalCount) for (const key of now) if (!globalNames.has(key)) delete G[key]
  }
  function describe(e) {
    if (!(e instanceof ErrorType)) {
      let shown = 'null'
      try { shown = e !== null && typeof e === 'object' ? (rawOf.has(e) || isArray(e) ? String(e) : 'Error') : String(e) } catch { shown = 'Error' }
      return 't' + stringify([shown])
    }
    let name = 'Error', message = ''
    try { name = String(e.name); message = String(e.message) } catch { }
    return 'e' + stringify([name, message, String(e.stack), madeByScript.has(e)])
  }

  // Whether the engine can give a text away as it is: not with halves of characters, nor beyond a zero.
  const goesOut = text => apply(isWellFormed, text, []) && apply(indexOf, text, ['\0']) < 0

  // Answers 's' + text, 'j' + JSON, 'e' + [name, message, stack, made by the script] or 't' + [thrown value as text];
  // with `keepInput` another line feed and the input as it is afterwards.
  return function run(source, input, keepInput, plusIsText) {
    const bindings = parse(input)
    let out
    try {
      G.$ = wrap(bindings)
      plusMakesText = plusIsText
      const value = evaluate(source)
      out = typeof value === 'string' && goesOut(value) ? 's' + value : 'j' + text(value)
    } catch (e) {
      out = describe(e)
    }
    if (keepInput) {
      keepsObjects = true
      out = text(wrap(bindings)) + '\n' + out
      keepsObjects = false
    }
    forget()
    return apply(slice, out, [0])   // a string glued together from parts cannot leave the engine
  }
})
