// The line to the room: server-sent events in, POSTs out, and back by itself when it breaks.

const FIRST_PAUSE = 500, LONGEST_PAUSE = 10_000, PATIENCE = 10_000

// A signal that ends what takes longer than so many milliseconds.
function within(milliseconds) {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), milliseconds)
  return controller.signal
}

// `on` holds what is called: session(key), lines(lines, last), members(names), missed(count), lost(), refused(),
// over(why).
export class Connection {
  constructor(on) {
    this.on = on
    this.source = null
    this.joined = false
    this.wanted = this.broken = this.denied = false
    this.pause = FIRST_PAUSE
    this.timer = null
    addEventListener("online", () => this.hurry())
    addEventListener("offline", () => this.check())
    // A page that goes hears no more; one that is brought back as it was comes back to the room too.
    addEventListener("beforeunload", () => this.close())
    addEventListener("pagehide", () => this.close())
    addEventListener("pageshow", event => { if (event.persisted) this.hurry() })
    // A telephone that slept has perhaps lost the line without being told.
    addEventListener("visibilitychange", () => { if (!document.hidden) this.joined ? this.check() : this.hurry() })
  }

  // Joins as `who()` says: name, and if there was one before the session and the last line that was heard.
  join(who) {
    this.who = who
    this.wanted = true
    this.joined = this.broken = this.denied = false
    this.pause = FIRST_PAUSE
    this.open()
  }

  open() {
    this.close()
    const { name, session, last } = this.who()
    const asked = new URLSearchParams({ name, ...(session && { session }), ...(last && { last }) })
    const source = this.source = new EventSource(`events?${asked}`)
    const current = handle => event => { if (source === this.source) handle(event) }
    const lines = event => event.data.split("\n")
    source.addEventListener("session", current(event => this.on.session(event.data)))
    source.addEventListener("members", current(event => this.on.members(lines(event))))
    source.addEventListener("missed", current(event => this.on.missed(Number(event.data))))
    source.addEventListener("replaced", current(() => this.end("You are here in another window now")))
    source.onmessage = current(event => this.on.lines(lines(event), event.lastEventId))
    source.onerror = current(() => this.joined ? this.lose() : this.failed())
  }

  // We are in: from here on the line is worth being mended.
  entered() {
    this.joined = true
    this.pause = FIRST_PAUSE
  }

  // The room does not let us in, which trying again will not change.
  deny() {
    this.denied = true
  }

  lose() {
    this.close()
    this.joined = false
    this.broken = true
    this.on.lost()
    this.retry()
  }

  failed() {
    this.close()
    if (this.broken && !this.denied) this.retry()
    else { this.wanted = false; this.on.refused() }
  }

  retry() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.again(), this.pause)
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE)
  }

  hurry() {
    if (this.wanted && !this.source) {
      clearTimeout(this.timer)
      this.again()
    }
  }

  // An address that is answered with "no" is one of a room that is over: its next one has another.
  async again() {
    const status = await this.probe()
    if (!this.wanted || this.source) return
    if (status === 0 || status >= 500 || status === 429) this.retry()
    else if (status >= 400) this.end("This room is over: ask for its new address")
    else this.open()
  }

  async probe() {
    try {
      const reply = await fetch("", { method: "HEAD", cache: "no-store", signal: within(PATIENCE) })
      return reply.status
    } catch { return 0 }
  }

  async check() {
    if (this.joined && await this.probe() !== 200 && this.joined) this.lose()
  }

  close() {
    clearTimeout(this.timer)
    this.source?.close()
    this.source = null
  }

  // Stops coming back.
  end(why) {
    this.close()
    this.wanted = this.joined = this.broken = false
    this.on.over(why)
  }

  // Says commands; returns "" once the server has them, else why it has not.
  async post(session, command) {
    const end = Date.now() + PATIENCE
    for (;;) {
      try {
        const left = within(Math.max(end - Date.now(), 1))
        const reply = await fetch(`say?session=${encodeURIComponent(session)}`, { method: "POST", body: command, signal: left })
        if (reply.ok) return ""
        if (reply.status === 409) return (await reply.text()).trim()
        if (reply.status !== 429) { this.check(); return "the server does not know this visit any more" }
      } catch {
        this.check()
        return "the server does not answer"
      }
      // The room's limit for everybody: our words wait at our own end.
      if (Date.now() + 500 > end) return "too much was said at once"
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
}
