"""What happens inside the broker, in one step each: the Lua scripts of a room that several servers share.

Their keys are, below `{pynetdb:ROOM}:`,

- `log`, a stream: all that is heard, in the one order. Nobody hears anything that is not in it.
- `servers`, a hash: each server's lease, the moment in milliseconds of the broker's clock until which it is
  taken to be alive (negative: when it ended, or was found dead), and how often it has entered. `*heard` is
  when any of them was heard last, and before `*grace` nobody is found dead.
- `names`, a hash: skeleton -> server, member, name folded, name; with newlines between them.
- `seq`, a hash: server -> the number of its last batch, and which lines of it were refused.

What is heard is written first: where the broker refuses that, nothing else has changed.

Arguments are the server, its lease in milliseconds, how long the keys live without any server (0: for ever),
how many entries the log keeps, how often the server has entered, then those of the script. A reply's first
word is `ok`, `taken` or `like`; `reaped` for a server that was found dead, whose names are not its own any
more; `unknown` for one that the broker knows nothing of, because it is new or the broker has lost its memory;
`stale` for what a server said in an earlier conversation, and the network has delivered only now.
"""

KEYS = ("log", "servers", "names", "seq")

_BEGIN = """
local log, servers, names, seqs = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local server, lease, ttl, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local entered = tonumber(ARGV[5])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function append(...)
  return redis.call('XADD', log, 'MAXLEN', '~', most, '*', ...)
end

local function keep()
  if ttl > 0 then
    for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
  end
end

local function read(mark)
  local lease, times = string.match(mark, '^(%S+) ?(%d*)$')
  return tonumber(lease), tonumber(times) or 0
end

local function state()
  local mark = redis.call('HGET', servers, server)
  if not mark then return 'unknown' end
  local until_then, times = read(mark)
  if until_then < 0 then return 'reaped' end
  if times > entered then return 'stale' end
  if times < entered then return 'unknown' end
end

local function split(held)
  return string.match(held, '^([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n(.*)$')
end

local function renew()
  local heard = tonumber(redis.call('HGET', servers, '*heard') or now)
  if now - heard > lease / 2 then
    -- Nobody was heard for so long: it was the broker that could not be reached. All have a lease's time.
    redis.call('HSET', servers, '*grace', string.format('%.0f', now + lease))
  end
  redis.call('HSET', servers, server, string.format('%.0f %d', now + lease, entered))
  redis.call('HSET', servers, '*heard', string.format('%.0f', now))
  keep()
end

local function expel(dead)
  local all = redis.call('HGETALL', names)
  local left = {}
  for i = 1, #all, 2 do
    local owner, member, _, name = split(all[i + 1])
    if dead[owner] then left[#left + 1] = {tonumber(member) or 0, all[i], owner .. '/' .. member, name} end
  end
  table.sort(left, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[3] < b[3]) end)
  for _, who in ipairs(left) do
    append('LEFT', who[4], 'of', who[3])
    redis.call('HDEL', names, who[2])
  end
end

local function reap()
  if now < tonumber(redis.call('HGET', servers, '*grace') or 0) then return end
  local all, dead, any = redis.call('HGETALL', servers), {}, false
  for i = 1, #all, 2 do
    local mark = read(all[i + 1])
    if string.sub(all[i], 1, 1) == '*' then
      -- No server's.
    elseif mark >= 0 and mark < now then
      dead[all[i]] = true
      any = true
    elseif mark < 0 and now + mark > 86400000 then
      redis.call('HDEL', servers, all[i])
    end
  end
  if not any then return end
  -- A broker that has just started could not be told by anybody that they live.
  local told, info = pcall(redis.call, 'INFO', 'server')
  local uptime = told and tonumber(string.match(info, 'uptime_in_seconds:(%d+)'))
  if uptime and uptime * 1000 < lease + 1000 then return end
  for id, _ in pairs(dead) do
    redis.call('HSET', servers, id, string.format('%.0f', -now))
    redis.call('HDEL', seqs, id)
  end
  expel(dead)
end
"""

ENTER = (
    _BEGIN
    + """
-- Arguments: how many names follow that are ours, each as skeleton and value; then those that may be ours.
-- Reply: the log's last entry, who was found to have the name of one of ours, and all names.
local wrong = state()
if wrong == 'reaped' or wrong == 'stale' then return {wrong} end
renew()
reap()
local ours, lost = {}, {}
local count = tonumber(ARGV[6])
for i = 7, #ARGV, 2 do
  local skeleton, value = ARGV[i], ARGV[i + 1]
  local held = redis.call('HGET', names, skeleton)
  if held == value then
    ours[skeleton] = true
  elseif (i - 7) / 2 < count then
    if held and split(held) ~= server then
      lost[#lost + 1] = value
    else
      redis.call('HSET', names, skeleton, value)
      ours[skeleton] = true
    end
  end
end
local all, values = redis.call('HGETALL', names), {}
for i = 1, #all, 2 do
  if split(all[i + 1]) == server and not ours[all[i]] then
    -- The broker remembers somebody who has left since it last wrote its memory down.
    redis.call('HDEL', names, all[i])
  else
    values[#values + 1] = all[i + 1]
  end
end
keep()
local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
return {'ok', last[1] and last[1][1] or '0-0', lost, values}
"""
)

JOIN = (
    _BEGIN
    + """
-- Arguments: skeleton, value, folded name, name, member.
local wrong = state()
if wrong then return {wrong} end
renew()
reap()
local held = redis.call('HGET', names, ARGV[6])
if held == ARGV[7] then return {'ok'} end
if held then
  local _, _, folded, name = split(held)
  return {folded == ARGV[8] and 'taken' or 'like', name}
end
append('NEW', ARGV[9], 'of', server .. '/' .. ARGV[10])
redis.call('HSET', names, ARGV[6], ARGV[7])
keep()
return {'ok'}
"""
)

SAY = (
    _BEGIN
    + """
-- Arguments: the batch's number; then for each line its kind, its words, the member, and of a private one
-- the recipient's skeleton and folded name. Reply: which lines were refused, from 0.
local wrong = state()
if wrong then return {wrong} end
renew()
local number = tonumber(ARGV[6])
local done, told = string.match(redis.call('HGET', seqs, server) or '', '^(%d+) (.*)$')
if done and tonumber(done) >= number then return {'ok', told} end
local refused = {}
local i, line = 7, 0
while i <= #ARGV do
  local kind, words, of = ARGV[i], ARGV[i + 1], server .. '/' .. ARGV[i + 2]
  if kind == 'PRIVATE' then
    local held = redis.call('HGET', names, ARGV[i + 3])
    local owner, member, folded = nil, nil, nil
    if held then owner, member, folded = split(held) end
    if folded == ARGV[i + 4] then
      append(kind, words, 'of', of, 'to', owner .. '/' .. member)
    else
      refused[#refused + 1] = string.format('%d', line)
    end
    i = i + 5
  else
    append(kind, words, 'of', of)
    i = i + 3
  end
  line = line + 1
end
told = table.concat(refused, ' ')
redis.call('HSET', seqs, server, ARGV[6] .. ' ' .. told)
keep()
return {'ok', told}
"""
)

LEAVE = (
    _BEGIN
    + """
-- Arguments: skeleton and value of each who leaves; `*` in their place, and everybody of this server leaves,
-- and then the server.
local wrong = state()
if ARGV[6] == '*' then
  if wrong == 'stale' then return {wrong} end
  if not wrong then
    expel({[server] = true})
    keep()
  end
  -- Marked, not forgotten: what it said before may still be on its way.
  redis.call('HSET', servers, server, string.format('%.0f', -now))
  redis.call('HDEL', seqs, server)
  return {'ok'}
end
if wrong then return {wrong} end
renew()
for i = 6, #ARGV, 2 do
  -- Nobody but the owner: after our time somebody else may have the name.
  if redis.call('HGET', names, ARGV[i]) == ARGV[i + 1] then
    local _, member, _, name = split(ARGV[i + 1])
    append('LEFT', name, 'of', server .. '/' .. member)
    redis.call('HDEL', names, ARGV[i])
  end
end
keep()
return {'ok'}
"""
)

BEAT = (
    _BEGIN
    + """
local wrong = state()
if wrong then return {wrong} end
renew()
reap()
return {'ok'}
"""
)

SCRIPTS = {"enter": ENTER, "join": JOIN, "say": SAY, "leave": LEAVE, "beat": BEAT}
