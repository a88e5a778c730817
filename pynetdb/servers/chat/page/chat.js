// The room in a browser. Lines come as server-sent events, commands go as POST; both are those of
// the protocol that chat-client speaks.

import { Connection } from "./connection.js"
import { membersIn, parse, readHistory, table } from "./grammar.js"
import { memory, remember } from "./memory.js"
import { restore, show, showMembers } from "./words.js"

const element = id => document.getElementById(id)
const members = new Set(), encoder = new TextEncoder()
let me = "", recipient = "", coming = false, refused = ""

function keep(word) {
  show(word)
  memory.words.push(word)
  remember()
}

const notice = text => keep({ kind: "notice", text })
const now = () => Math.floor(Date.now() / 1000)

function update() {
  const names = [...members].sort((a, b) => a.localeCompare(b))
  showMembers(names, me, address)
  const others = members.size - 1
  element("state").textContent = `${me}, with ${others || "no"} other${others === 1 ? "" : "s"} here`
}

// What is written next is for `name` alone, or with "" for everybody.
function address(name) {
  recipient = name
  const place = element("to")
  place.replaceChildren()
  if (name) {
    const words = document.createElement("span"), back = document.createElement("button")
    words.textContent = `Only ${name} will read what you send. `
    back.type = "button"
    back.textContent = "Write to all again"
    back.onclick = () => address("")
    place.append(words, back)
  }
  element("text").placeholder = name ? `Message to ${name} alone` : "Message to all, or /help"
  element("text").focus()
}

function problem(text) {
  element("problem").textContent = text
  document.body.classList.toggle("undelivered", text !== "")
}

// Which parts are there: the door, or the room. What was said stays in sight at the door too.
function place(inside) {
  for (const id of ["say", "leave", "others"]) element(id).hidden = !inside
  element("join").hidden = inside
  element("room").hidden = !inside && memory.words.length === 0
}

function entered() {
  connection.entered()
  place(true)
  remember({ name: me, here: true })
  notice(coming ? "You are connected again" : "You have joined")
  // What could not go before can go now, if its author still wants it to.
  problem(element("text").value && element("problem").textContent
    ? "You are connected again: your message is still here, and can be sent now." : "")
  coming = false
  element("refusal").textContent = ""
  element("text").focus()
}

function notify(text) {
  const names = membersIn(text)
  names?.forEach(name => members.add(name))
  if (names) update()
  // What the box says, or will in a moment, is not said twice.
  const told = text === refused || element("text").readOnly && text.startsWith(table.server.nobody)
  if (!told) notice(text)
}

function whispered(sender, text) {
  if (!connection.joined) {
    element("refusal").textContent = text
    // Whoever else speaks at the door, such as the room while its broker is away, asks for patience.
    if (sender === table.server.name) connection.deny()
  } else if (sender === table.server.history) {
    const [who, words] = readHistory(text)
    keep({ kind: "message", sender: who, text: words, mine: who === me })
  } else if (sender.startsWith("*")) notify(text)
  else {
    members.add(sender)
    keep({ kind: "private", sender, to: me, text, time: now() })
    update()
  }
}

function heard(lines, last) {
  for (let at = 0; at < lines.length; at++) {
    const [, word, name] = lines[at].match(/^(\S*) ?(.*)$/)
    if (word === "NEW") {
      members.add(name)
      if (name === me && !connection.joined) entered()
      else notice(`${name} has joined`)
      update()
    } else if (word === "LEFT") {
      members.delete(name)
      notice(`${name} has left`)
      update()
    } else if (word === "MESSAGE") {
      members.add(name)
      keep({ kind: "message", sender: name, text: lines[++at] ?? "", time: now(), mine: name === me })
      update()
    } else if (word === "PRIVATE") whispered(name, lines[++at] ?? "")
    else if (word === "GOODBYE") connection.end("You have left")
  }
  if (last) remember({ last })
}

const connection = new Connection({
  session: session => remember({ session }),
  lines: heard,
  members: names => {
    members.clear()
    for (const name of names) members.add(name)
    if (connection.joined) update()
  },
  missed: count => notice(`${count} lines were said meanwhile that nobody keeps any more`),
  lost: () => {
    coming = true
    members.clear()
    showMembers([], me, address)
    element("state").textContent = "The connection is lost; trying to come back"
    notice("The connection is lost")
  },
  refused: () => {
    element("refusal").textContent ||= "The server does not answer"
    remember({ here: false })
    place(false)
    element("state").textContent = "Not connected"
    element("name").focus()
  },
  over: why => {
    members.clear()
    remember({ here: false, session: "" })
    address("")
    notice(why)
    place(false)
    element("state").textContent = why
    element("name").focus()
  },
})

function come(again) {
  coming = again
  element("refusal").textContent = ""
  connection.join(() => ({ name: me, session: memory.session, last: memory.last }))
}

element("join").onsubmit = event => {
  event.preventDefault()
  me = element("name").value.trim().normalize("NFC")
  come(false)
}

// Does what a line means; returns why it could not be done, "" if it was.
async function obey(line) {
  const parsed = parse(line)
  if (!parsed) return recipient ? whisper(recipient, line) : say(`MESSAGE ${line}\n`)
  if (parsed.meaning === "private") return whisper(parsed.to, parsed.text)
  if (parsed.meaning === "unclear") return parsed.help
  if (parsed.meaning === "quit") return quit()
  if (parsed.meaning === "help") notice(table.help.join("\n"))
  else notice(`${table.server.here}${[...members].join(", ")}`)
  return ""
}

async function whisper(to, text) {
  const why = await say(`PRIVATE ${to}\n${text}\n`)
  if (!why) keep({ kind: "private", sender: me, to, text, time: now(), mine: true })
  return why
}

async function say(command) {
  if (encoder.encode(command).length > table.max_line + 1) return "it is too long for one message"
  if (!connection.joined) return "there is no connection just now"
  return connection.post(memory.session, command)
}

async function quit() {
  if (await say("QUIT\n")) connection.end("You have left")
  return ""
}

element("say").onsubmit = async event => {
  event.preventDefault()
  const box = element("text"), line = box.value.trim()
  if (!line || box.readOnly) return
  box.readOnly = true
  refused = ""
  const why = await obey(line)
  box.readOnly = false
  if (why) {
    refused = why
    problem(`Not delivered: ${why}. Your message is still here.`)
    box.focus()
  } else {
    problem("")
    box.value = ""
  }
}

element("text").onkeydown = event => { if (event.key === "Escape" && recipient) address("") }
element("leave").onclick = quit

restore(memory.words)
element("name").value = me = memory.name
place(false)
if (memory.here && me) {
  element("state").textContent = "Coming back"
  come(true)
}
