// What a script finds around it: the input as the server's own (Java) maps and lists, the globals that the server has,
// and `run`, which evaluates a script and writes its result as text. See javascript.py.
(function (shared, evaluate) {
  const G = globalThis
  const { keys, values, entries, fromEntries, assign, getOwnPropertyNames, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object
  const { defineProperty, freeze, setPrototypeOf, create, is } = Object
  const { ownKeys, apply, construct } = Reflect
  const { parse, stringify } = JSON
  const isArray = Array.isArray, isInteger = Number.isInteger, isView = ArrayBuffer.isView
  const { slice, indexOf, isWellFormed } = String.prototype
  const tagOf = Object.prototype.toString, boxed = [String, Number, Boolean], Maps = Map, View = DataView
  const Big = BigInt, fits64 = BigInt.asIntN, ErrorType = Error, Wrong = TypeError
  const LONG = '\u0001long', OBJECT = '\u0001object'

  const ownNames = new WeakMap()       // functions that stand for the server's own → their names
  const replace = (holder, name, f) => (typeof f === 'function' && !ownNames.has(f) && ownNames.set(f, name), defineProperty(holder, name, { value: f, writable: true, configurable: true }))
  const fail = message => { const e = new Wrong(message); madeByScript.add(e); return e }
  const unavailable = name => fail(name + ' is not available here')

  const madeByScript = new WeakSet()   // errors made by `new Error(…)`: they have no place in the script
  const rawOf = new WeakMap()          // proxy → the map behind it
  const proxyOf = new WeakMap()        // map → its proxy
  const scriptOwn = new WeakSet()      // values that the script put into a map
  const longs = new WeakMap()          // a whole number beyond 2^53 → its digits
  const views = new WeakMap()          // keySet(), values(), entrySet() → their elements
  const shownAs = new WeakMap()        // these and entries → what writes them in a result
  let plusMakesText = false, keepsObjects = false

  // -- the input: maps ----------------------------------------------------------------------------------------------
  const mapMethodNames = ('clear clone compute computeIfAbsent computeIfPresent containsKey containsValue entrySet equals ' +
    'firstEntry forEach get getOrDefault hashCode isEmpty keySet lastEntry merge pollFirstEntry pollLastEntry put putAll ' +
    'putFirst putIfAbsent putLast remove replace replaceAll reversed sequencedEntrySet sequencedKeySet sequencedValues size ' +
    'toString values').split(' ')
  const listMethodNames = ('add addAll addFirst addLast clear clone contains containsAll ensureCapacity equals forEach get ' +
    'getFirst getLast hashCode indexOf isEmpty iterator lastIndexOf listIterator parallelStream remove removeAll removeFirst ' +
    'removeIf removeLast replaceAll retainAll reversed set size sort spliterator stream subList toArray toString trimToSize').split(' ')

  // -- Java's methods: they win over JavaScript's of the same name, and take just so many arguments ------------------
  const listClass = 'java.util.ArrayList', mapClass = 'java.util.LinkedHashMap'
  const listArity = {
    __proto__: null, add: '1-2', addAll: '1-2', addFirst: 1, addLast: 1, contains: 1, containsAll: 1, ensureCapacity: 1, equals: 1, forEach: 1, get: 1,
    indexOf: 1, lastIndexOf: 1, listIterator: '0-1', remove: 1, removeAll: 1, removeIf: 1, replaceAll: 1, retainAll: 1, set: 2, sort: 1,
    subList: 2, toArray: '0-1'
  }
  const mapArity = {
    __proto__: null, compute: 2, computeIfAbsent: 2, computeIfPresent: 2, containsKey: 1, containsValue: 1, equals: 1, forEach: 1, get: 1, getOrDefault: 2,
    merge: 3, put: 2, putAll: 1, putFirst: 2, putIfAbsent: 2, putLast: 2, remove: '1-2', replace: '2-3', replaceAll: 1
  }
  const takesMany = { __proto__: null, addAll: 'Collection', containsAll: 'Collection', putAll: 'Map', removeAll: 'Collection', retainAll: 'Collection' }
  // The last argument of these is code: the interface that it stands for, and that one's method.
  const codeOf = {
    __proto__: null, sort: ['Comparator', 'compare'], 'list.forEach': ['function.Consumer', 'accept'], 'map.forEach': ['function.BiConsumer', 'accept'],
    removeIf: ['function.Predicate', 'test'], 'list.replaceAll': ['function.UnaryOperator', 'apply'],
    'map.replaceAll': ['function.BiFunction', 'apply'], compute: ['function.BiFunction', 'apply'], merge: ['function.BiFunction', 'apply'],
    computeIfAbsent: ['function.Function', 'apply'], computeIfPresent: ['function.BiFunction', 'apply']
  }
  function failure(message) { const e = new ErrorType(message); defineProperty(e, 'name', { value: '' }); madeByScript.add(e); return e }
  function shown(v) {
    const javaOf = { string: 'com.oracle.truffle.api.strings.TruffleString', boolean: 'java.lang.Boolean' }[typeof v] ??
      (isInteger(v) && (v | 0) === v && !is(v, -0) ? 'java.lang.Integer' : 'java.lang.Double')
    let digits = is(v, -0) ? '-0.0' : '' + v
    if (typeof v === 'number' && isInteger(v) && v >= 1e7 && javaOf.endsWith('Double')) digits = v.toExponential().replace(/^(\d)e/, '$1.0e').replace('e+', 'E')
    return `'${digits}'(language: Java, type: ${javaOf})`
  }
  const cannotTake = (v, type, where) => new Wrong(`${where} failed due to: Cannot convert ${shown(v)} to Java type 'java.util.${type}': Unsupported target type.`)
  function checkCode(f, [type, method], where) {
    if (f === null || f === undefined) {
      if (method === 'compare') return
      throw failure('null')
    }
    if (typeof f !== 'object') throw cannotTake(f, type, where)
    throw failure(`Unsupported operation identifier '${method}' and  object '{}'(language: JavaScript, type: Object). Identifier is not executable or instantiable.`)
  }
  function javaMethod(className, name, arity, body) {
    const [least, most = least] = String(arity).split('-').map(Number)
    const where = that => that === G ? `execute on ${className}.${name}` : `invokeMember (${name}) on ${className}`
    const code = codeOf[name] ?? codeOf[(className === listClass ? 'list.' : 'map.') + name]
    const many = takesMany[name]
    const f = function (...given) {
      const n = given.length
      if (n < least || n > most) throw new Wrong(`${where(this)} failed due to: Arity error - expected: ${arity} actual: ${n}`)
      if (code !== undefined && typeof given[n - 1] !== 'function') checkCode(given[n - 1], code, where(this))
      if (many !== undefined && (typeof given[n - 1] !== 'object' || given[n - 1] === null)) throw cannotTake(given[n - 1], many, where(this))
      const result = apply(body, this, given)
      return result === undefined ? null : result
    }
    defineProperty(f, 'name', { value: '' })
    ownNames.set(f, '')
    return f
  }

  function read(map, key) { return hasOwn(map, key) ? wrap(map[key]) : null }
  function write(map, key, value) {
    if (value !== null && (typeof value === 'object' || typeof value === 'function')) scriptOwn.add(value)
    defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  }
  function put(map, key, value) { const old = read(map, key); write(map, key, value); return old }
  function take(map, key) { const old = read(map, key); delete map[key]; return old }
  function entry(map, key) {
    const made = { getKey: () => key, getValue: () => read(map, key), setValue: v => put(map, key, v), toString: () => key + '=' + javaText(map[key]) }
    shownAs.set(made, () => list([key, read(map, key)]))
    return made
  }
  function view(elements, names = inKeys) {
    const v = create(viewMethods)
    views.set(v, elements)
    shownAs.set(v, () => methodsText(names))
    return v
  }
  function iterator(elements) {
    let at = 0
    return { hasNext: () => at < elements.length, next: () => elements[at++], forEachRemaining: f => { while (at < elements.length) f(elements[at++]) }, remove: () => { throw unavailable('remove') } }
  }
  const viewMethods = {
    size() { return views.get(this).length }, isEmpty() { return !views.get(this).length },
    contains(v) { return views.get(this).some(e => same(e, v)) }, toArray() { return [...views.get(this)] },
    iterator() { return iterator(views.get(this)) }, forEach(f) { for (const e of views.get(this)) f(e) },
    toString() { return javaText(views.get(this)) }, [Symbol.iterator]() { return views.get(this)[Symbol.iterator]() }
  }
  for (const key of ownKeys(viewMethods)) defineProperty(viewMethods, key, { enumerable: false })
  const inKeys = 'add addAll addFirst addLast clear contains containsAll equals forEach getFirst getLast hashCode isEmpty iterator parallelStream remove removeAll removeFirst removeIf removeLast retainAll reversed size spliterator stream toArray toString'.split(' ')
  const inValues = inKeys.filter(name => name !== 'equals' && name !== 'hashCode')
  const all = map => keys(map).map(key => read(map, key))
  const self = that => rawOf.get(that)
  const mapMethods = {
    __proto__: null,
    size() { return keys(self(this)).length }, isEmpty() { return !keys(self(this)).length },
    get(k) { return read(self(this), k) }, getOrDefault(k, d) { return hasOwn(self(this), k) ? read(self(this), k) : d },
    containsKey(k) { return hasOwn(self(this), k) }, containsValue(v) { return all(self(this)).some(e => same(e, v)) },
    put(k, v) { return put(self(this), k, v) },
    remove(k, ...v) { const map = self(this); return v.length ? hasOwn(map, k) && same(read(map, k), v[0]) && (delete map[k], true) : take(map, k) },
    putFirst(k, v) { const map = self(this), old = take(map, k), rest = { ...map }; for (const r of keys(map)) delete map[r]; write(map, k, v); assign(map, rest); return old },
    putLast(k, v) { const old = take(self(this), k); write(self(this), k, v); return old },
    pollFirstEntry() { const map = self(this), k = keys(map)[0]; return k === undefined ? null : entry({ [k]: take(map, k) }, k) },
    pollLastEntry() { const map = self(this), k = keys(map).at(-1); return k === undefined ? null : entry({ [k]: take(map, k) }, k) },
    sequencedKeySet() { return this.keySet() }, sequencedValues() { return this.values() }, sequencedEntrySet() { return this.entrySet() },
    reversed() { const map = self(this), made = {}; for (const k of keys(map).reverse()) made[k] = map[k]; return wrap(made) },
    putIfAbsent(k, v) { const old = read(self(this), k); if (old === null) write(self(this), k, v); return old },
    putAll(m) { const from = rawOf.get(m) ?? m; for (const k of keys(from)) write(self(this), k, from[k]) },
    replace(k, v, ...w) {
      const map = self(this)
      if (w.length) return hasOwn(map, k) && same(read(map, k), v) && (write(map, k, w[0]), true)
      return hasOwn(map, k) ? put(map, k, v) : null
    },
    clear() { for (const k of keys(self(this))) delete self(this)[k] },
    keySet() { return view(keys(self(this))) }, values() { return view(all(self(this)), inValues) },
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
  for (const name of mapMethodNames)
    mapMethods[name] = javaMethod(mapClass, name, mapArity[name] ?? 0, mapMethods[name] ?? function () { throw unavailable(name) })
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
  const { splice, push, indexOf: nativeIndexOf } = Array.prototype
  const asList = elements => setPrototypeOf(elements, listMethods)
  const isIndex = v => typeof v === 'number' && isInteger(v)
  const removeWhere = (list, leaves) => {
    const kept = [...list].filter(e => !leaves(e)), changed = kept.length !== list.length
    if (changed) { list.length = 0; apply(push, list, kept) }
    return changed
  }
  const listBodies = {
    __proto__: null,
    size() { return this.length }, isEmpty() { return !this.length }, get(i) { return at(this, i) },
    getFirst() { return at(this, 0) }, getLast() { return at(this, this.length - 1) },
    contains(v) { return placeOf(this, v) >= 0 }, containsAll(l) { return [...l].every(v => placeOf(this, v) >= 0) },
    indexOf(v) { return placeOf(this, v) }, lastIndexOf(v) { return this.findLastIndex(e => same(e, v)) },
    add(...given) { if (given.length === 1) { this.push(given[0]); return true } apply(splice, this, [given[0], 0, given[1]]) },
    addAll(...given) { const more = [...given[given.length - 1]]; apply(splice, this, [given.length > 1 ? given[0] : this.length, 0, ...more]); return more.length > 0 },
    set(i, v) { const old = at(this, i); this[i] = v; return old },
    remove(v) {
      if (isIndex(v)) { const old = at(this, v); apply(splice, this, [v, 1]); return old }
      const place = placeOf(this, v)
      if (place >= 0) apply(splice, this, [place, 1])
      return place >= 0
    },
    removeIf(f) { return removeWhere(this, e => f(e)) }, removeAll(l) { return removeWhere(this, e => [...l].some(v => same(e, v))) },
    retainAll(l) { return removeWhere(this, e => ![...l].some(v => same(e, v))) },
    replaceAll(f) { for (let i = 0; i < this.length; i++) this[i] = f(this[i]) },
    forEach(f) { for (let i = 0; i < this.length; i++) f(this[i]) },
    sort(f) { sortInPlace(this, f) },
    clear() { this.length = 0 }, subList(a, b) { return asList([...this].slice(a, b)) }, toArray() { return [...this] },
    clone() { return asList([...this]) }, reversed() { return asList([...this].reverse()) }, ensureCapacity() { }, trimToSize() { },
    iterator() { return iterator(this) }, equals(o) { return same(this, o) }, hashCode() { return hash(this) }, toString() { return javaText(this) },
    addFirst(v) { this.unshift(v) }, addLast(v) { this.push(v) }, removeFirst() { at(this, 0); return this.shift() }, removeLast() { at(this, this.length - 1); return this.pop() }
  }
  for (const name of listMethodNames)
    replace(listMethods, name, javaMethod(listClass, name, listArity[name] ?? 0, listBodies[name] ?? function () { throw unavailable(name) }))
  function placeOf(list, v) {
    if (v === null || typeof v !== 'object') return apply(nativeIndexOf, list, [v])
    for (let i = 0; i < list.length; i++) if (same(list[i], v)) return i
    return -1
  }

  // Java's own sort: it takes a number without a fraction from the comparator, and asks in this order.
  function sortInPlace(list, f) {
    const order = f === null || f === undefined ? natural : (a, b) => whole(f(a, b))
    const from = [...list], n = from.length
    if (n > 31) from.sort(order)
    else if (n > 1) {
      let sorted = 1
      if (order(from[sorted++], from[0]) < 0) {
        while (sorted < n && order(from[sorted], from[sorted - 1]) < 0) sorted++
        const run = from.slice(0, sorted).reverse()
        for (let i = 0; i < sorted; i++) from[i] = run[i]
      } else while (sorted < n && order(from[sorted], from[sorted - 1]) >= 0) sorted++
      for (; sorted < n; sorted++) {
        const pivot = from[sorted]
        let left = 0, right = sorted
        while (left < right) { const middle = (left + right) >>> 1; if (order(pivot, from[middle]) < 0) right = middle; else left = middle + 1 }
        for (let i = sorted; i > left; i--) from[i] = from[i - 1]
        from[left] = pivot
      }
    }
    for (let i = 0; i < n; i++) list[i] = from[i]
  }
  function whole(v) {
    if (typeof v === 'number' && (v | 0) === v && !is(v, -0)) return v
    if (v === null || v === undefined) throw failure(`Cannot convert null value '${v}'(language: JavaScript, type: ${v}) to Java type 'int'.`)
    throw failure(`Cannot convert ${shown(v)} to Java type 'int': Invalid or lossy primitive coercion.`)
  }
  function javaType(v) {
    if (typeof v === 'number') return 'java.lang.' + (!isInteger(v) ? 'Double' : (v | 0) === v ? 'Integer' : 'Long')
    return longs.has(v) ? 'java.lang.Long' : typeof v === 'string' ? 'java.lang.String' : typeof v === 'boolean' ? 'java.lang.Boolean' : isArray(v) ? listClass : mapClass
  }
  function natural(a, b) {
    if (a === null || a === undefined || b === null || b === undefined) throw failure('Cannot compare null')
    const type = javaType(b), wanted = typeof a === 'object' && !longs.has(a) ? 'java.lang.Comparable' : javaType(a)
    if (type !== wanted) throw failure(`class ${type} cannot be cast to class ${wanted} (${type} and ${wanted} are in module java.base of loader 'bootstrap')`)
    if (longs.has(a)) { a = Big(longs.get(a)); b = Big(longs.get(b)) }
    return a < b ? -1 : a > b ? 1 : 0
  }
  defineProperty(listMethods, Symbol.toPrimitive, { value() { return javaText(this) } })
  function at(list, i) {
    if (!(i >= 0 && i < list.length)) throw failure(`Index ${i} out of bounds for length ${list.length}`)
    return list[i]
  }
  const isList = v => isArray(v) && getPrototypeOf(v) === listMethods

  replace(listMethods, 'constructor', Array)

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
      made = serverValue(value[OBJECT])
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
  const workflowStatuses = ['RUNNING', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'TERMINATED', 'PAUSED']

  function workflowStatus(name) {
    const ordinal = workflowStatuses.indexOf(name)
    return serverObject(name, {
      name: () => name, ordinal: () => ordinal,
      isTerminal: () => ordinal > 0 && ordinal < 5, isSuccessful: () => ordinal === 1 || ordinal === 5
    }, statusMethods)
  }
  function serverValue([place, shown, fields]) {
    let known = objectByPlace.get(place)
    if (known === undefined) objectByPlace.set(place, known = fields === null ? workflowStatus(shown) : execution(shown, fields))
    return known
  }
  function execution(shown, fields) {
    const status = workflowStatus(fields.status)
    const tasks = setPrototypeOf((fields.tasks ?? []).map(t => serverObject(t.taskId, getters(t))), listMethods)
    const definition = serverObject('', getters(fields.workflowDefinition ?? {}))
    return serverObject(shown, {
      getFailedReferenceTaskNames: () => wrap([]), getFailedTaskNames: () => wrap([]), ...getters(fields), getStatus: () => status,
      getTasks: () => tasks, getWorkflowDefinition: () => definition, hasParent: () => 'parentWorkflowId' in fields,
      getTaskByRefName: name => tasks.findLast(t => t.getReferenceTaskName() === name) ?? null,
      toShortString: () => shown.slice(0, shown.lastIndexOf('.'))
    }, executionMethods)
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
  const ofInput = v => typeof v === 'object' && v !== null && (rawOf.has(v) || isList(v) || longs.has(v))
  const sorted = v => isArray(v) ? v.map(sorted) : v !== null && typeof v === 'object' ? fromEntries(keys(v).sort().map(k => [k, sorted(v[k])])) : v
  function same(a, b) { return a === b || (ofInput(a) && ofInput(b) && stringify(sorted(parse(text(a)))) === stringify(sorted(parse(text(b))))) }
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
  const bigMethodNames = ('abs add and andNot bitCount bitLength byteValue byteValueExact clearBit compareTo divide divideAndRemainder ' +
    'doubleValue equals flipBit floatValue gcd getLowestSetBit hashCode intValue intValueExact isProbablePrime longValue ' +
    'longValueExact max min mod modInverse modPow multiply negate nextProbablePrime not or parallelMultiply pow remainder setBit shiftLeft ' +
    'shiftRight shortValue shortValueExact signum sqrt sqrtAndRemainder subtract testBit toByteArray toString xor').split(' ')
  const methodsText = names => '{' + names.map(name => '"' + name + '":{}').join(',') + '}'
  // A number beyond 64 bits is an object of Java, and all that is seen of one in a result is the methods.
  const longText = digits => keepsObjects || digits.length < 19 || fits64(64, Big(digits)) === Big(digits) ? digits : methodsText(bigMethodNames)
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
    if (longs.has(v)) return longText(longs.get(v))
    const map = rawOf.get(v)
    if (map === undefined) {
      if (isArray(v) || (isView(v) && !(v instanceof View))) return list(v)
      const special = shownAs.get(v)
      if (special !== undefined) return special()
      for (const type of boxed) if (v instanceof type && typeof v.valueOf() !== 'object') return text(v.valueOf())
      if (v instanceof Maps) {
        let out = ''
        for (const [k, e] of apply(Maps.prototype.entries, v, [])) out += (out ? ',' : '') + stringify(javaText(k)) + ':' + text(e)
        return '{' + out + '}'
      }
      if (apply(tagOf, v, []) === '[object Arguments]') return list(v)
    } else if (hasOwn(map, LONG)) {
      return longText(map[LONG])
    }
    const from = map ?? v
    if (hasOwn(from, LONG)) return longText(from[LONG])
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
  const isJava = o => rawOf.has(o) || isList(o)   // not a JavaScript object: cannot be frozen, and is said to be
  for (const name of ['freeze', 'seal', 'preventExtensions']) {
    const own = Object[name]
    replace(Object, name, function (o) { return isJava(o) ? o : own(o) })
  }
  for (const [name, ofJava] of [['isFrozen', true], ['isSealed', true], ['isExtensible', false]]) {
    const own = Object[name]
    replace(Object, name, function (o) { return isJava(o) ? ofJava : own(o) })
  }
  for (const name of ['defineProperty', 'defineProperties']) {
    const own = Object[name]
    replace(Object, name, function (o, ...more) { if (rawOf.has(o)) throw fail(`Object.${name} called on non-object`); return own(o, ...more) })
  }
  const functionText = Function.prototype.toString
  replace(Function.prototype, 'toString', function toString() {
    const name = ownNames.get(this)
    if (name !== undefined) return `function ${name}() { [native code] }`
    return apply(functionText, this, []).replace(/\{\s+\[native code\]\s+\}$/, '{ [native code] }')
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
