// Sends documents with one of the JavaScript clients and prints, as one JSON object,
// what the client said: node client.mjs '{"client":"es9","node":URL,...}'.
const job = JSON.parse(process.argv[2])
const { client: name, node, auth, index, from, to } = job

const { Client } = await import(name)
const options = { node, auth, ...job.options }
const client = new Client(options)

const said = { acked: [], failed: {}, fatal: [], stats: null, answers: [] }
const idOf = n => `${name}-${String(n).padStart(6, '0')}`
const sourceOf = n => ({
  '@timestamp': `2026-02-03T09:00:00.${String(n % 1000).padStart(3, '0')}Z`,
  client: name, n, message: 'the quick brown fox jumps over the lazy dog, and then some'
})

// pace keeps to so many documents a second.
const begun = Date.now()
async function pace (n) {
  const due = job.rate ? begun + (n - from) * 1000 / job.rate : 0
  if (due > Date.now()) await new Promise(resolve => setTimeout(resolve, due - Date.now()))
}

function note (items) {
  for (const item of items) {
    const result = Object.values(item)[0]
    if (result.status === 200 || result.status === 201) said.acked.push(result._id)
    else said.failed[result._id] = `${result.status} ${result.error?.type}`
  }
}

function failed (error) {
  said.fatal.push(`${error.name} ${error.statusCode ?? error.meta?.statusCode ?? ''} ${error.message}`.slice(0, 300))
}

const modes = {
  // client.bulk with so many documents a request. A user's loop: what throws is lost.
  async bulk () {
    const size = job.batch ?? 500
    for (let first = from; first < to; first += size) {
      const operations = []
      await pace(first)
      for (let n = first; n < Math.min(first + size, to); n++) {
        operations.push(job.ownIndex ? { index: { _id: idOf(n) } } : { create: { _index: index, _id: idOf(n) } }, sourceOf(n))
      }
      const request = name === 'os3' ? { body: operations } : { operations }
      if (job.ownIndex) request.index = index
      try {
        const answer = await client.bulk(request)
        const body = name === 'os3' ? answer.body : answer
        note(body.items)
      } catch (error) {
        failed(error)
        for (let n = first; n < Math.min(first + size, to); n++) said.failed[idOf(n)] = error.name
      }
    }
  },

  // helpers.bulk, which tries items again by itself.
  async helper () {
    async function * documents () {
      for (let n = from; n < to; n++) {
        if (n % 100 === 0) await pace(n)
        yield { n }
      }
    }
    const helper = client.helpers.bulk({
      datasource: documents(),
      flushBytes: 200000,
      concurrency: 4,
      refreshOnCompletion: job.refresh ?? false,
      onDocument: ({ n }) => [{ create: { _index: index, _id: idOf(n) } }, sourceOf(n)],
      onSuccess: ({ result }) => note([result]),
      onDrop: ({ document, status, error }) => { said.failed[idOf(document.n)] = `${status} ${error?.type}` },
      ...job.helper
    })
    try {
      said.stats = await helper
    } catch (error) {
      failed(error)
    }
  },

  // Single calls: what each of them answers or throws.
  async calls () {
    for (const [method, params] of job.calls) {
      const at = method.split('.')
      const of = at.slice(0, -1).reduce((o, part) => o[part], client)
      try {
        const answer = await of[at.at(-1)](params)
        said.answers.push({ ok: name === 'os3' ? answer.body : answer })
      } catch (error) {
        const body = error.meta?.body ?? error.body
        said.answers.push({ error: error.name, status: error.statusCode ?? error.meta?.statusCode, type: body?.error?.type, message: error.message.slice(0, 200) })
      }
    }
  }
}

await modes[job.mode]()
await client.close()
console.log(JSON.stringify(said))
