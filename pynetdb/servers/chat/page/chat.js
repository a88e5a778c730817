// The room in a browser. Lines come as server-sent events, commands go as POST; both are those of
// the protocol that chat-client speaks. What people say only ever becomes text, never HTML.

const element = id => document.getElementById(id)
const words = element("words"), members = new Set()
let events = null, session = "", me = "", recipient = null

const colour = name => {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360
  return `hue-${Math.floor(hash / 30)}`
}

function show(kind, sender, text) {
  const atEnd = words.scrollHeight - words.scrollTop - words.clientHeight < 60
  const item = document.createElement("li")
  item.className = kind + (sender === me ? " mine" : "")
  if (sender) {
    const who = document.createElement("b")
    who.textContent = sender
    who.className = colour(sender)
    item.append(who)
  }
  const said = document.createElement("span")
  said.textContent = text
  said.dir = "auto"
  const time = document.createElement("time")
  time.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
  item.append(said, time)
  words.append(item)
  while (words.children.length > 2000) words.firstChild.remove()
  if (atEnd) words.scrollTop = words.scrollHeight
}

function showMembers() {
  element("members").replaceChildren(...[...members].sort((a, b) => a.localeCompare(b)).map(name => {
    const item = document.createElement("li"), button = document.createElement("button")
    button.textContent = name === me ? `${name} (you)` : name
    button.className = colour(name)
    button.disabled = name === me
    button.title = name === me ? "" : `Say something to ${name} alone`
    button.onclick = () => address(name)
    item.append(button)
    return item
  }))
  const others = members.size - 1
  element("state").textContent = `${me}, with ${others} other${others === 1 ? "" : "s"} seen here`
}

function address(name) {
  recipient = name
  element("to").hidden = !name
  element("to").querySelector("b").textContent = name ? `to ${name} alone` : ""
  element("text").focus()
}

function joined(name) {
  if (!me) return
  if (element("room").hidden) {
    for (const id of ["room", "say", "leave"]) element(id).hidden = false
    element("join").hidden = true
    element("text").focus()
  }
  members.add(name)
  show("notice", "", name === me ? "You have joined" : `${name} has joined`)
  showMembers()
}

function heard(lines) {
  for (let at = 0; at < lines.length; at++) {
    const [, word, name] = lines[at].match(/^(\S*) ?(.*)$/)
    if (word === "NEW") joined(name)
    else if (word === "LEFT") {
      members.delete(name)
      show("notice", "", `${name} has left`)
      showMembers()
    } else if (word === "MESSAGE") {
      members.add(name)
      show("message", name, lines[++at] ?? "")
      showMembers()
    } else if (word === "PRIVATE") {
      const text = lines[++at] ?? ""
      if (!element("join").hidden) element("refusal").textContent = text
      else if (name.startsWith("*")) show("notice", "", text)
      else { members.add(name); show("private", name, text); showMembers() }
    } else if (word === "GOODBYE") leave("You have left")
  }
}

function leave(why) {
  events?.close()
  events = null
  session = me = ""
  members.clear()
  address(null)
  for (const id of ["say", "leave"]) element(id).hidden = true
  element("join").hidden = false
  element("state").textContent = why
  show("notice", "", why)
}

async function send(command) {
  for (let tries = 0; tries < 20; tries++) {
    const reply = await fetch(`say?session=${encodeURIComponent(session)}`, { method: "POST", body: command })
    if (reply.status !== 429) return reply.ok
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  return false
}

element("join").onsubmit = event => {
  event.preventDefault()
  element("refusal").textContent = ""
  words.replaceChildren()
  me = element("name").value.trim().normalize("NFC")
  // What an attempt before this one still has to say is not about this one.
  events?.close()
  const source = events = new EventSource(`events?name=${encodeURIComponent(me)}`)
  source.addEventListener("session", event => { if (source === events) session = event.data })
  source.onmessage = event => { if (source === events) heard(event.data.split("\n")) }
  source.onerror = () => {
    if (source !== events) return
    // The stream ends where the server refused the name, or is gone: nobody comes back unasked.
    if (!element("say").hidden) leave("The server is gone")
    else { source.close(); events = null; element("refusal").textContent ||= "The server does not answer" }
  }
}

element("say").onsubmit = async event => {
  event.preventDefault()
  const text = element("text").value.trim(), to = recipient
  if (!text) return
  element("text").value = ""
  const sent = await send(to ? `PRIVATE ${to}\n${text}\n` : `MESSAGE ${text}\n`)
  if (!sent) { show("notice", "", "That was not delivered"); element("text").value ||= text }
  else if (to) show("private", me, `to ${to}: ${text}`)
}

element("leave").onclick = () => send("QUIT\n")
element("to").querySelector("button").onclick = () => address(null)
