// What a user types and what it means: the server's own table, which chat-client reads as well.

export const table = await (await fetch("grammar.json")).json()
const rules = table.rules.map(rule => ({ ...rule, regex: new RegExp(`^(?:${rule.pattern})$`, "is") }))

// Returns what a line means; null if it is for everybody.
export function parse(line) {
  for (const rule of rules) {
    const match = rule.regex.exec(line)
    if (match) return { meaning: rule.meaning, help: rule.help, to: match[1]?.trim(), text: match[2] }
  }
  return null
}

// Returns the names in the server's line of who is here; null for any other line of its.
export function membersIn(text) {
  const { here } = table.server
  return text.startsWith(here) ? text.slice(here.length).split(", ").filter(name => name && !name.includes(" ")) : null
}

// Returns who said a line of the history, and what. A name holds no blank, so the first ": " is its end.
export function readHistory(text) {
  const end = text.indexOf(": ")
  return end < 0 ? ["", text] : [text.slice(0, end), text.slice(end + 2)]
}
