// What was said, as the page shows it. What people say only ever becomes text and links, never HTML.

const element = id => document.getElementById(id)
const scroller = element("words"), list = scroller.querySelector("ol")
const MAX_SHOWN = 2000
// Seconds after which the same person's next line is a group of its own.
const GROUP = 300
const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi

function hue(name) {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360
  return `hue-${Math.floor(hash / 60)}`
}

function make(tag, text, name) {
  const made = document.createElement(tag)
  made.textContent = text
  if (name) made.className = name
  return made
}

// A sentence's own punctuation is no part of the address before it; nor is a bracket that was open before it.
function trimmed(address) {
  let end = address.length
  while (end && (/[.,;:!?*_]/.test(address[end - 1])
      || (address[end - 1] === ")" && address.slice(0, end).split(")").length > address.slice(0, end).split("(").length)
      || (address[end - 1] === "]" && !address.slice(0, end).includes("[")))) end--
  return address.slice(0, end)
}

function isAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol)
  } catch { return false }
}

function linked(text) {
  const said = document.createElement("span")
  said.className = "said"
  said.dir = "auto"
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0])
    if (!isAddress(address)) continue
    const link = make("a", address)
    link.href = address
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    said.append(text.slice(at, match.index), link)
    at = match.index + address.length
  }
  said.append(text.slice(at))
  return said
}

let last = null, atEnd = true

function toEnd() {
  if (atEnd) scroller.scrollTop = scroller.scrollHeight
}

// Who reads on at the end stays there, whatever else grows; who has scrolled back is left where that is.
scroller.onscroll = () => { atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60 }
new ResizeObserver(toEnd).observe(scroller)

// Shows one line: its `kind` is message, private or notice; `sender`, `to` and `time` (seconds) where it has them.
export function show(word) {
  const { kind, sender, to, text, time, mine } = word
  const item = document.createElement("li")
  const again = kind !== "notice" && last !== null && last.kind === kind && last.sender === sender
    && last.to === to && (time ?? 0) - (last.time ?? 0) < GROUP
  item.className = [kind, mine ? "mine" : "", again ? "again" : ""].filter(Boolean).join(" ")
  if (kind !== "notice") {
    const who = mine ? "You" : sender, whom = kind !== "private" ? "" : mine ? ` to ${to} alone` : " to you alone"
    // Who cannot see which bubbles belong together hears of each whose it is.
    if (again) item.append(make("span", `${who}${whom}: `, "unseen"))
    else if (!mine || whom) {
      const head = make("b", mine ? who : sender, mine ? "" : hue(sender))
      if (whom) head.append(make("i", whom))
      item.append(head)
    } else item.append(make("span", "You: ", "unseen"))
  }
  item.append(linked(text))
  if (kind !== "notice") {
    item.append(make("time", time
      ? new Date(time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : "earlier"))
  }
  list.append(item)
  while (list.children.length > MAX_SHOWN) list.firstChild.remove()
  toEnd()
  last = word
}

// Shows what was said before, of which nobody is told aloud.
export function restore(words) {
  scroller.setAttribute("aria-live", "off")
  words.forEach(show)
  requestAnimationFrame(() => scroller.setAttribute("aria-live", "polite"))
}

// Shows who is here; `choose` is called with the name that is tapped.
// Who is still here keeps its place in the document, and so the focus, if somebody is about to choose it.
export function showMembers(names, me, choose) {
  element("tap").hidden = names.length < 2
  const list = element("members"), wanted = new Set(names.map(name => memberKey(name, me)))
  for (const item of [...list.children]) if (!wanted.has(item.dataset.key)) item.remove()
  let next = list.firstElementChild
  for (const name of names) {
    if (next?.dataset.key === memberKey(name, me)) next = next.nextElementSibling
    else list.insertBefore(makeMember(name, me, choose), next)
  }
}

const memberKey = (name, me) => `${name === me ? "me" : "other"} ${name}`

function makeMember(name, me, choose) {
  const item = document.createElement("li")
  item.dataset.key = memberKey(name, me)
  if (name === me) {
    item.append(make("span", `${name} (you)`, hue(name)))
    return item
  }
  const button = make("button", name, hue(name))
  button.type = "button"
  button.title = `Write to ${name} alone`
  button.setAttribute("aria-label", `${name}: write to ${name} alone`)
  button.onclick = () => choose(name)
  item.append(button)
  return item
}
