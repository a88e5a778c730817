// What this tab remembers of the room, so that reloading it loses nothing. Another tab is another visitor.

const PLACE = `pynetdb chat ${location.pathname}`
const MAX_WORDS = 500

export const memory = { name: "", here: false, session: "", last: "", words: [] }
try {
  Object.assign(memory, JSON.parse(sessionStorage.getItem(PLACE) ?? "{}"))
} catch { /* What cannot be read is not remembered. */ }

let timer = null

function write() {
  clearTimeout(timer)
  timer = null
  memory.words.splice(0, memory.words.length - MAX_WORDS)
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(memory))
  } catch { /* No room, or not allowed: then a reload begins anew. */ }
}

// Keeps what has changed, with other changes that are soon to come.
export function remember(changes = {}) {
  Object.assign(memory, changes)
  timer ??= setTimeout(write, 250)
}

addEventListener("pagehide", () => { if (timer !== null) write() })
